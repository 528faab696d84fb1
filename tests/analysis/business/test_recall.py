"""Who can say the message: people from counts of places, what is told of them, and where nothing can be."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from helpers.analysis.business import recall
from helpers.analysis.methods import clustered
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.data import Study

BEFORE, LATER = "Before it was told", "30 days later"


def study_of(*rows: tuple) -> SimpleNamespace:
    """A study with the table recall: audience, place, round, asked, recalled."""
    table = pd.DataFrame(rows, columns=["audience", "place", "round", "asked", "recalled"])
    return SimpleNamespace(has="recall".__eq__, table=lambda name: table)


def shares_of(*rows: tuple) -> pd.DataFrame:
    asked = recall.asked(study_of(*rows))
    found = recall.as_told(clustered.proportion(asked, "recalled", "asked_in", by=["audience", "round"]))
    return found.set_index(["audience", "round"])


def test_one_row_stands_for_each_person_asked_in_order_of_time():
    rows = recall.asked(study_of(("employee", "A", "day_30", 4, 3), ("employee", "B", "before", 2, 0)))
    assert rows["round"].tolist() == [BEFORE] * 2 + [LATER] * 4
    assert rows["recalled"].tolist() == [0, 0, 1, 1, 1, 0]
    assert rows["respondent_id"].is_unique and rows["asked_in"].tolist() == ["B"] * 2 + ["A"] * 4


def test_places_are_clusters_only_where_an_audience_was_asked_in_several():
    several = [("employee", place, "before", 10, 3) for place in "AB"]
    rows = recall.asked(study_of(*several, ("employee", None, "before", 3, 1), ("customer", "A", "before", 6, 2)))
    clusters = rows.groupby("audience")["asked_in"].nunique()
    assert clusters.to_dict() == {"Customers": 6, "Employees": 2 + 3}


def test_of_one_place_the_interval_is_that_of_wilson_with_t_for_single_people():
    row = shares_of(("customer", "Shop", "day_30", 40, 10)).loc[("Customers", LATER)]
    t = stats.t.ppf(0.975, 39)
    size = 0.25 * 0.75 / (0.25 * 0.75 / 39)  # as the variance of a mean of 40 is estimated
    middle, half = 0.25 + t**2 / (2 * size), t * np.sqrt(0.25 * 0.75 / size + t**2 / (4 * size**2))
    expected = [100 * (middle + sign * half) / (1 + t**2 / size) for sign in (-1, 1)]
    assert row["estimate"] == pytest.approx(25) and row["respondents"] == 40
    assert row[["low", "high"]].tolist() == pytest.approx(expected, rel=1e-6)


def test_the_change_over_places_is_the_paired_t_test_of_their_shares():
    counts = {"A": (1, 5), "B": (2, 4), "C": (0, 6), "D": (3, 4)}
    rows = [("employee", place, round, 10, said) for place, both in counts.items()
            for round, said in zip(("before", "day_30"), both)]  # fmt: skip
    both = recall.twice(recall.asked(study_of(*rows)))
    found = few_clusters(smf.ols("recalled ~ later", both), cluster="asked_in", term="later").iloc[0]
    gains = [(later - before) / 10 for before, later in counts.values()]
    paired = stats.ttest_1samp(gains, 0)
    assert found["estimate"] == pytest.approx(np.mean(gains)) and found["p_value"] == pytest.approx(paired.pvalue)
    assert found[["low", "high"]].tolist() == pytest.approx([*paired.confidence_interval()])


@pytest.mark.parametrize(("said", "share"), [(0, 0), (10, 100)])
def test_everybody_or_nobody_is_told_with_a_wide_interval(said, share):
    found = shares_of(*[("employee", place, "before", 10, said) for place in "ABCD"])
    row = found.loc[("Employees", BEFORE)]
    assert row["estimate"] == share and row["note"] == recall.EACH_PLACE
    assert row["high"] - row["low"] > 50, "four places count as four answers"


def test_nothing_was_recorded_and_nobody_was_asked():
    nobody = recall.asked(SimpleNamespace(has=lambda name: False))
    assert nobody.empty and nobody.attrs["absent"] == recall.NOT_ASKED
    assert recall.twice(nobody).attrs["absent"] == recall.NOT_ASKED and recall.latest(nobody).empty
    assert recall.asked(study_of(("employee", "A", "before", 0, 0))).empty, "none asked is no share of zero"
    assert recall.asked(study_of(("employee", "A", "before", 5, np.nan))).empty, "what is not recorded is not zero"


def test_an_audience_that_was_asked_once_is_not_compared_and_the_last_round_counts():
    rows = recall.asked(study_of(
        ("employee", "A", "before", 6, 1), ("employee", "A", "day_30", 6, 4), ("employee", "A", "day_90", 6, 2),
        ("customer", "A", "day_30", 6, 2), ("candidate", "A", "before", 6, 2),
    ))  # fmt: skip
    both = recall.twice(rows)
    assert set(both["audience"]) == {"Employees"} and both.groupby("later")["recalled"].sum().tolist() == [1, 2]
    last = recall.latest(rows).groupby("audience")["round"].unique().str[0]
    assert last.to_dict() == {"Candidates": BEFORE, "Customers": LATER, "Employees": "90 days later"}
    alone = recall.twice(rows[rows["audience"] == "Customers"])
    assert alone.empty and alone.attrs["absent"] == recall.NOT_COMPARED


def test_intervals_hold_the_truth_where_places_differ():
    """Twelve places of twelve people, as in the sample study: 95 % intervals in 400 draws, within the 99 % band."""
    random, held, null = np.random.default_rng(20261130), [], []
    nodes, weights = np.polynomial.hermite_e.hermegauss(40)
    truth = weights @ stats.norm.cdf(-0.9 + 0.35 * nodes) / weights.sum()
    for _ in range(400):
        level = stats.norm.cdf(-0.9 + random.normal(0, 0.35, 12))
        rows = [("employee", str(place), round, 12, random.binomial(12, p)) for place, p in enumerate(level)
                for round in ("before", "day_30")]  # fmt: skip
        asked = recall.asked(study_of(*rows))
        before = asked[asked["round"] == BEFORE]
        share = clustered.proportion(before, "recalled", "asked_in").iloc[0]
        held.append(share["low"] <= truth <= share["high"])
        model = smf.ols("recalled ~ later", recall.twice(asked))
        null.append(few_clusters(model, cluster="asked_in", term="later").iloc[0]["p_value"] < 0.05)
    band = stats.binom.ppf([0.005, 0.995], 400, 0.95) / 400
    assert band[0] <= np.mean(held) <= 0.99, "Wilson with t errs on the wide side, if at all"
    least, most = stats.binom.ppf([0.005, 0.995], 400, 0.05) / 400
    assert least <= np.mean(null) <= most


def test_the_sample_is_read_whole():
    study = Study.load("data/sample")
    rows = recall.asked(study)
    assert len(rows) == study.table("recall")["asked"].sum()
    assert set(recall.twice(rows)["audience"]) == {"Customers", "Employees"}
