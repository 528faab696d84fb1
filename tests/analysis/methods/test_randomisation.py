import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods import clustered
from helpers.analysis.methods.randomisation import randomisation_test


def teams(sizes=(5, 8, 12, 9, 10, 11, 7, 6), treated=(0, 2, 5, 7), effect=0.0, seed=4):
    """Managers of teams, half of which were drawn."""
    random = np.random.default_rng(seed)
    team = np.repeat(np.arange(len(sizes)), sizes)
    frame = pd.DataFrame({"team": team, "treated": np.isin(team, treated) * 1, "department": team % 2})
    frame["baseline"] = random.normal(size=len(team))
    level = random.normal(0, 0.3, len(sizes))[team]
    frame["score"] = effect * frame["treated"] + 0.6 * frame["baseline"] + level + random.normal(size=len(team))
    return frame


def result(frame, formula="score ~ treated + baseline", **options):
    return randomisation_test(smf.ols(formula, frame), "treated", "team", **options).iloc[0]


# another implementation: every draw fitted anew ---------------------------------------------------------------------


def statistic(frame, drawn, tau, others=("baseline",)):
    design = np.column_stack([np.ones(len(frame)), frame["team"].isin(drawn), *(frame[name] for name in others)])
    fit = clustered.least_squares(design, frame["score"] - tau * frame["treated"], frame["team"])
    return abs(fit.coefficients[1, 0]) / fit.standard_errors[1, 0]


def p_by_hand(frame, ways, tau=0.0, **others):
    own = statistic(frame, set(frame.loc[frame["treated"] == 1, "team"]), tau, **others)
    return np.mean([statistic(frame, drawn, tau, **others) >= own * (1 - 1e-9) for drawn in ways])


def test_p_is_the_share_of_draws_that_show_as_much():
    frame = teams(effect=0.5)
    ways = [set(each) for each in itertools.combinations(range(8), 4)]
    found = result(frame)
    assert found["draws"] == len(ways) == 70
    assert found["p_value"] == pytest.approx(p_by_hand(frame, ways))
    # each limit is the last effect that is compatible with the draws
    for end, step in (("low", -1e-4), ("high", 1e-4)):
        assert p_by_hand(frame, ways, found[end] + step) <= 0.05 < p_by_hand(frame, ways, found[end] - step)


def test_lots_are_drawn_again_within_their_strata():
    frame = teams(treated=(0, 2, 1, 3))  # two of the four even teams, two of the odd ones
    ways = [{*a, *b} for a in itertools.combinations((0, 2, 4, 6), 2) for b in itertools.combinations((1, 3, 5, 7), 2)]
    found = result(frame, "score ~ treated + baseline + C(department)", strata="department", confidence=0.9)
    assert found["draws"] == len(ways) == 36
    assert found["p_value"] == pytest.approx(p_by_hand(frame, ways, others=("baseline", "department")))


def test_a_sample_of_draws_comes_close_to_all_of_them():
    frame = teams(sizes=[6] * 14, treated=range(7), effect=0.2)
    whole, sampled = result(frame), result(frame, draws=1999)
    assert whole["draws"] == 3432
    more = result(teams(sizes=[6] * 16, treated=range(8), effect=0.2), draws=999)
    assert more["draws"] == 1000 and more["smallest_p"] == 2 / 12870
    assert whole["p_value"] == sampled["p_value"]  # up to 5,000 ways are never sampled
    again = result(teams(sizes=[6] * 16, treated=range(8), effect=0.2), draws=999, seed=1)
    assert again["p_value"] == pytest.approx(more["p_value"], abs=0.05)
    assert (again["low"], again["high"]) == pytest.approx((more["low"], more["high"]), abs=0.1)


# what a lot cannot tell ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("clusters", "drawn", "smallest", "words"),
    [(4, 2, 1 / 3, "fewer than 3 clusters"), (6, 3, 0.10, "no p-value below 0.10"),
     (12, 2, 1 / 66, "fewer than 3 clusters"), (7, 3, 1 / 35, ""), (8, 4, 2 / 70, "")],
)  # fmt: skip
def test_small_lots_describe_only(clusters, drawn, smallest, words):
    found = result(teams(sizes=[6] * clusters, treated=range(drawn)))
    assert found["smallest_p"] == pytest.approx(smallest)
    assert np.isfinite(found["estimate"])  # the description stays
    assert (words in found["note"] and np.isnan(found["low"])) if words else np.isfinite(found["low"])


def test_edges():
    frame = teams()
    assert "not distinguishable" in result(frame.assign(treated=1))["note"]
    assert result(frame.assign(score=3.0))["note"] == "cannot tell: everybody answered alike"
    nobody = randomisation_test(smf.ols("score ~ treated", frame.head(1)), "treated", "team").iloc[0]
    assert nobody["note"].startswith("cannot tell") and np.isnan(nobody["estimate"])
    ties = result(frame.assign(score=frame["score"].round()))
    assert ties["low"] <= ties["estimate"] <= ties["high"]


@pytest.mark.parametrize(
    ("change", "formula", "words"),
    [
        ({"treated": lambda rows: np.arange(len(rows)) % 2}, "score ~ treated", "differs within a cluster"),
        ({"treated": lambda rows: rows["team"]}, "score ~ treated", "other values than 0 and 1"),
        ({"department": lambda rows: np.arange(len(rows)) % 2}, "score ~ treated", "department differs within"),
        ({}, "score ~ baseline", "no formula has the term treated"),
    ],
)
def test_what_is_no_lot_is_refused(change, formula, words):
    with pytest.raises(ValueError, match=words):
        result(teams().assign(**change), formula, strata="department")
    with pytest.raises(TypeError, match="least squares without weights"):
        randomisation_test(smf.wls("score ~ treated", teams(), weights=teams()["team"] + 1), "treated", "team")
