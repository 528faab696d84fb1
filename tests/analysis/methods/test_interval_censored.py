"""Turnbull's estimate: published figures, Kaplan-Meier where all is known to the day, and its edges."""

import math

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import jackknife, survival
from helpers.analysis.methods.interval_censored import turnbull

#: Months until the breast retracts, 46 patients treated by radiotherapy alone: the last visit at which it had not, and
#: the first at which it had (0: never seen). Finkelstein, D. M. & Wolfe, R. A. (1985). A semiparametric model for
#: regression analysis of interval-censored failure time data. Biometrics, 41, 933-945; as R's interval::bcos.
RADIOTHERAPY = """
0-5 0-7 0-8 4-11 5-11 5-12 6-10 7-14 7-16 11-15 11-18 15-0 17-0 17-25 17-25 18-0 19-26 19-35 22-0 24-0 24-0 25-37 26-40
27-34 32-0 33-0 34-0 36-0 36-0 36-44 36-48 37-0 37-0 37-0 37-44 38-0 40-0 45-0
46-0 46-0 46-0 46-0 46-0 46-0 46-0 46-0
"""
#: R: icfit(Surv(left, right, type = "interval2") ~ 1, data = subset(bcos, treatment == "Rad")); interval 1.1
PUBLISHED = {5: 0.0463, 7: 0.0334, 8: 0.0887, 12: 0.0708, 25: 0.0926, 34: 0.0818, 40: 0.1209}


def cosmesis():
    windows = [tuple(map(float, word.split("-"))) for word in RADIOTHERAPY.split()]
    frame = pd.DataFrame(windows, columns=["after", "by"]).replace({"by": {0.0: math.inf}})
    return frame.assign(cluster_id=range(len(frame)))


def test_breast_cosmesis_as_published():
    assert len(cosmesis()) == 46
    found = turnbull(cosmesis(), "after", "by", at=list(PUBLISHED))
    steps = -np.diff(np.r_[1.0, found["estimate"]])
    assert steps == pytest.approx(list(PUBLISHED.values()), abs=6e-5)
    assert found["estimate"].iloc[-1] == pytest.approx(0.4656, abs=1e-4)
    assert found["windows"].unique() == [21]


def test_ends_known_to_the_day_give_kaplan_meier():
    rows = pd.DataFrame({"days": [3, 5, 5, 8, 9, 12, 14, 14, 20, 21], "done": [1, 1, 0, 1, 0, 1, 1, 1, 0, 1]})
    rows["cluster_id"] = list("aabbccddee")
    rows["by"] = rows["days"].where(rows["done"] == 1, math.inf)
    at = [2, 3, 5, 8, 13, 14, 20]
    plain = survival.kaplan_meier(rows, "days", "done", cluster="cluster_id", at=at)
    found = turnbull(rows, "days", "by", at=at)
    assert found["estimate"].tolist() == pytest.approx(plain["estimate"].tolist(), abs=1e-6)


def test_no_other_shares_are_likelier():
    """The estimate is the maximum: where a share lies, its mean derivative is 1; elsewhere it is not above."""
    from helpers.analysis.methods.interval_censored import _Places

    places = _Places(cosmesis()[["after", "by"]].to_numpy())
    counts = places.counts(np.zeros(46, int), 1)
    (shares,) = places.shares(counts)
    derivative = counts[0] @ (places.held / (places.held @ shares)[:, None]) / 46
    assert derivative[shares > 1e-6] == pytest.approx(1.0, abs=1e-4)
    assert (derivative <= 1 + 1e-4).all()


def test_leaving_out_all_clusters_at_once_is_leaving_out_each():
    """The interval is the jackknife of the estimates from the rows that are left, each computed alone."""
    rows = cosmesis().assign(cluster_id=np.arange(46) % 6, band=np.arange(46) % 2)
    found = turnbull(rows, "after", "by", at=[20.0, 30.0], strata="band")
    parts = [rows[rows["cluster_id"] != code] for code in range(6)]
    left = np.array([turnbull(part, "after", "by", at=[20.0, 30.0], strata="band")["estimate"] for part in parts])
    for place in (0, 1):
        forward = lambda values: np.log(-np.log(values))  # noqa: E731
        backward = lambda values: np.exp(-np.exp(values))  # noqa: E731
        ends = jackknife.interval(found["estimate"][place], left[:, place], 0.95, forward, backward)
        # where more than one set of shares is likeliest between two ends, each start of the search may find another
        assert found.loc[place, ["low", "high"]].tolist() == pytest.approx(ends, abs=2e-3)


def test_steps_are_those_of_plain_self_consistency():
    """Turnbull (1976) by hand: mass on every gap between ends, shared out again until it stays (a plain EM)."""
    windows = cosmesis()[["after", "by"]].to_numpy()
    ends = np.unique(windows[np.isfinite(windows)])
    begins, until = np.r_[0.0, ends], np.r_[ends, np.inf]
    inside = (begins >= windows[:, :1]) & (until <= windows[:, 1:])
    mass = np.full(len(begins), 1 / len(begins))
    for _ in range(20_000):
        each = inside * mass
        mass = (each / each.sum(axis=1, keepdims=True)).mean(axis=0)
    at = [8.0, 12.0, 25.0, 34.0, 40.0]
    by_hand = [mass[begins >= day].sum() for day in at]
    found = turnbull(cosmesis(), "after", "by", at=at)["estimate"]
    assert found.tolist() == pytest.approx(by_hand, abs=2e-4)


def test_a_window_is_neither_of_its_ends():
    """Ten promises are done on day 10 or 40, and five ended between: no end of the window is right."""
    exact = pd.DataFrame({"after": [10.0] * 5 + [40.0] * 5, "by": [10.0] * 5 + [40.0] * 5})
    window = pd.DataFrame({"after": [5.0] * 5, "by": [45.0] * 5})
    rows = pd.concat([exact, window], ignore_index=True).assign(cluster_id=list("abcde") * 3)
    found = turnbull(rows, "after", "by", at=[20])
    assert found["estimate"].item() == pytest.approx(0.5)


def test_strata_fill_a_window_as_their_own_and_not_as_all():
    """Short plans are done by day 30 and long ones on day 58; a window of a long plan is filled like long ones."""
    rows = pd.DataFrame({"after": [20.0] * 9 + [58.0] * 5 + [0.0] * 4, "by": [20.0] * 9 + [58.0] * 5 + [60.0] * 4})
    rows = rows.assign(plan=[30] * 9 + [60] * 9, cluster_id=list("abc") * 6)
    apart, pooled = (turnbull(rows, "after", "by", at=[30], strata=name)["estimate"].item() for name in ("plan", None))
    assert apart == pytest.approx(0.5)
    assert pooled == pytest.approx(5 / 14, abs=1e-4)


@pytest.mark.parametrize(
    ("rows", "note"),
    [
        (pd.DataFrame(columns=["after", "by", "cluster_id"]), "cannot tell: there is nothing to wait for"),
        (pd.DataFrame({"after": [3.0], "by": [3.0], "cluster_id": "a"}), "cannot tell: fewer than 2 clusters"),
        (pd.DataFrame({"after": [1.0, 2.0], "by": [2.0, 2.5], "cluster_id": list("ab")}),
         "cannot tell: nothing was watched for longer than 2.5"),
    ],
    ids=["nobody", "one", "nothing that long"],
)  # fmt: skip
def test_what_cannot_be_estimated_is_said(rows, note):
    found = turnbull(rows, "after", "by", at=[3])
    assert found["note"].tolist() == [note]
    assert found[["estimate", "low", "high"]].isna().all(axis=None)


def test_everybody_at_once_has_no_interval():
    rows = pd.DataFrame({"after": [4.0] * 6, "by": [4.0] * 6, "cluster_id": list("aabbcc")})
    found = turnbull(rows, "after", "by", at=[3, 4])
    assert found["estimate"].tolist() == [1.0, 0.0]
    assert found[["low", "high"]].isna().all(axis=None)


def test_a_window_that_ends_before_it_begins_is_refused():
    with pytest.raises(ValueError, match="end by lies before its beginning after"):
        turnbull(pd.DataFrame({"after": [3.0], "by": [2.0], "cluster_id": "a"}), "after", "by", at=[1])
