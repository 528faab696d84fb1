import importlib.util
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import clustered, ordinal
from helpers.analysis.methods.counts import NOT_COMPUTABLE

PREDICTORS = ["n_yellow_25", "n_red_25", "position", "country", "level", "result"]
SIZES = np.array([3, 4, 5, 6, 7, 8, 9, 9, 10, 10, 11, 12, 12, 13, 14, 15, 17, 20] * 2)
CLUSTERS = np.repeat(np.arange(36), SIZES)


@pytest.fixture(scope="module")
def soccer():
    folder = Path(importlib.util.find_spec("peopleanalyticsdata").submodule_search_locations[0])
    frame = pd.read_csv(folder / "data" / "soccer.csv", dtype={"level": str}, keep_default_na=False)
    frame["discipline"] = pd.Categorical(frame["discipline"], ["None", "Yellow", "Red"], ordered=True)
    return frame.assign(cluster_id=range(len(frame)))


def answers(effects=(0.8, 0.4, 0.0), icc=0.1, seed=1, at_top=0.0, cuts=(-1.0, 0.5, 2.0)):
    """Ordered answers of managers of 36 HR partners; ``at_top`` adds to the first effect at the highest cut only."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(len(CLUSTERS), 3)) + 0.5 * random.normal(size=(len(CLUSTERS), 1))
    between = random.normal(size=36)[CLUSTERS] * np.sqrt(icc * 3.29)
    linear = values @ effects + between
    noise = random.logistic(size=len(CLUSTERS))
    outcome = 1 + sum((linear + noise > cut).astype(int) for cut in cuts)
    outcome[(linear + at_top * values[:, 0] + noise <= cuts[-1]) & (outcome == len(cuts) + 1)] = len(cuts)
    frame = pd.DataFrame(values, columns=["listening", "trust", "candour"])
    return frame.assign(again=outcome, cluster_id=CLUSTERS, respondent_id=range(len(CLUSTERS)))


NAMES = ["listening", "trust", "candour"]


# published and independent values ----------------------------------------------------------------------------


def test_proportional_odds_are_those_of_the_handbook(soccer):
    # Handbook of Regression Modeling in People Analytics, chapter 7; MASS::polr and ordinal::clm agree
    found = ordinal.proportional_odds(soccer, "discipline", PREDICTORS).set_index("term")
    expected = {
        "n_yellow_25": 0.32236030,
        "n_red_25": 0.38324333,
        "position[M]": 0.19684667,
        "position[S]": -0.68533702,
        "country[Germany]": 0.13297174,
        "level[2]": 0.09096629,
        "result[L]": 0.48303230,
        "result[W]": -0.73947293,
        "threshold None|Yellow": 2.5085078,
        "threshold Yellow|Red": 3.9257213,
    }
    assert found["coefficient"].to_dict() == pytest.approx(expected, abs=1e-5)
    assert found.loc["n_yellow_25", "estimate"] == pytest.approx(np.exp(0.3223603))
    # standard error of polr, .0331 for independent rows
    width = np.log(found.loc["n_yellow_25", "high"] / found.loc["n_yellow_25", "low"])
    assert width == pytest.approx(2 * 1.96 * 0.03308, rel=0.3)


def test_our_own_fit_is_that_of_statsmodels(soccer):
    prepared = ordinal.prepare(soccer, "discipline", PREDICTORS)
    ours = ordinal.newton(prepared.design, prepared.outcome, 3)
    theirs = ordinal.ordered_model(prepared)
    assert ours.coefficients.tolist() == pytest.approx(theirs.coefficients.tolist(), abs=1e-5)
    assert ours.thresholds.tolist() == pytest.approx(theirs.thresholds.tolist(), abs=1e-5)
    # logLik(MASS::polr(...))
    assert ours.likelihood == pytest.approx(-1722.266969, abs=1e-5)


def test_dominance_is_the_mean_over_orderings_of_clms_fits(soccer):
    # ordinal::clm of every subset, McFadden's R2 averaged over the six orderings
    found = ordinal.dominance(soccer, "discipline", ["n_yellow_25", "n_red_25", "position"]).set_index("predictor")
    expected = {"n_yellow_25": 0.0272869913, "n_red_25": 0.0265572351, "position": 0.0151631916}
    assert found["estimate"].to_dict() == pytest.approx(expected, abs=1e-8)
    assert found["r_squared"].iloc[0] == pytest.approx(sum(expected.values()), abs=1e-8)
    assert ((found["low"] < found["estimate"]) & (found["estimate"] < found["high"])).all()


def test_parallel_lines_are_judged_as_by_brant(soccer):
    # Brant (1990) by hand in R: glm of "above the cut" at both cuts, W = d' (I1 + I2 - C - C')^-1 d, p of chi-squared
    brant = {"n_yellow_25": 0.6246, "n_red_25": 0.1759, "position": 0.0077, "country": 0.8477, "level": 0.7198}
    brant |= {"result": 0.3998, "all predictors": 0.0776}
    found = ordinal.parallel_lines(soccer, "discipline", PREDICTORS).set_index("predictor")
    assert found["degrees_of_freedom"].to_dict() == dict(zip(["all predictors", *PREDICTORS], [8, 1, 1, 2, 1, 1, 2]))
    assert found.loc["position", "verdict"] == "does not hold"
    # the jackknife in 200 groups takes the place of the covariance for independent rows
    assert found["p_value"].to_dict() == pytest.approx(brant, abs=0.06)


def test_two_ordered_answers_are_a_logistic_regression():
    frame = answers(icc=0.3).assign(again=lambda f: (f["again"] > 2).astype(int))
    ordered = ordinal.proportional_odds(frame, "again", NAMES).set_index("term").loc[NAMES]
    binary = clustered.logit("again ~ listening + trust + candour", frame, "cluster_id").set_index("term").loc[NAMES]
    columns = ["estimate", "low", "high", "p_value"]
    np.testing.assert_allclose(ordered[columns].to_numpy(float), binary[columns].to_numpy(float), rtol=1e-5)


def test_errors_of_odds_ratios_are_those_of_clusters_left_out():
    # many equal clusters: both variances are then nearly unbiased
    random = np.random.default_rng(3)
    cluster = np.repeat(np.arange(150), 8)
    values = random.normal(size=(1200, 2)) + random.normal(size=(150, 1))[cluster]
    linear = values @ [0.5, 0.2] + 0.7 * random.normal(size=150)[cluster] + random.logistic(size=1200)
    frame = pd.DataFrame(values, columns=["x", "y"]).assign(cluster_id=cluster, respondent_id=range(1200))
    frame["again"] = np.searchsorted([-1.0, 0.5, 2.0], linear)
    found = ordinal.proportional_odds(frame, "again", ["x", "y"])
    fits = [ordinal.newton(rows[["x", "y"]].to_numpy(), rows["again"].to_numpy(), 4)
            for rows in (frame[frame["cluster_id"] != each] for each in range(150))]  # fmt: skip
    left_out = np.array([np.concatenate([fit.coefficients, fit.thresholds]) for fit in fits])
    error = np.sqrt(149 / 150 * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    low, high = found["low"].to_numpy(copy=True), found["high"].to_numpy(copy=True)
    low[:2], high[:2] = np.log(low[:2]), np.log(high[:2])
    np.testing.assert_allclose((high - low) / 2 / 1.98, error, rtol=0.05)


def test_an_answer_that_one_cluster_gave_has_no_threshold():
    frame = answers()
    frame.loc[frame["cluster_id"] == 3, "again"] = 5
    found = ordinal.proportional_odds(frame, "again", NAMES).set_index("term")
    assert found.loc["threshold 4|5", "note"] == "cannot tell: fewer than 2 clusters bear on this"
    assert found.loc[NAMES, "estimate"].notna().all()


def test_leaving_out_clusters_gives_what_fits_to_the_end_give():
    frame = answers(icc=0.3)

    def fitted(rows, names):
        return ordinal.newton(rows[names].to_numpy(), rows["again"].to_numpy() - 1, 4)

    rest = [frame[frame["cluster_id"] != cluster] for cluster in range(36)]

    def part_of_trust(rows):
        """Average of what trust adds alone and to listening."""
        sets = [[], ["trust"], ["listening"], ["listening", "trust"]]
        null, alone, other, both = [fitted(rows, names).likelihood for names in sets]
        return ((1 - alone / null) + (1 - both / null) - (1 - other / null)) / 2

    found = ordinal.dominance(frame, "again", ["listening", "trust"]).set_index("predictor").loc["trust"]
    parts = np.array([part_of_trust(rows) for rows in rest])
    half = 2.0301079 * np.sqrt(35 / 36 * ((parts - parts.mean()) ** 2).sum())
    assert found["estimate"] == pytest.approx(part_of_trust(frame), abs=1e-9)
    assert found["high"] == pytest.approx(part_of_trust(frame) + half, abs=1e-6)


# recovery and calibration ------------------------------------------------------------------------------------


def test_odds_ratios_are_recovered_at_36_clusters():
    covered, ranks = [], []
    for seed in range(40):
        # without differences between clusters, conditional and marginal odds ratios are the same
        found = ordinal.proportional_odds(answers(icc=0, seed=seed), "again", NAMES).iloc[:3]
        truth = np.exp([0.8, 0.4, 0.0])
        covered.append((found["low"] <= truth) & (truth <= found["high"]))
        ranks.append(found["p_value"].iloc[2] < 0.05)
    assert 0.89 < np.mean(covered) < 0.99
    assert np.mean(ranks) < 0.15


@pytest.mark.slow
def test_parallel_lines_are_rejected_as_seldom_as_promised():
    rejected = [
        ordinal.parallel_lines(answers(seed=seed), "again", NAMES)["p_value"].iloc[0] < 0.05 for seed in range(40)
    ]
    # 5 % of 40 is 2; 8 or more would happen in 0.1 % of runs
    assert sum(rejected) <= 7


def test_lines_that_are_not_parallel_are_found():
    found = ordinal.parallel_lines(answers(at_top=3.0, cuts=(-1.0, 0.5)), "again", NAMES).set_index("predictor")
    assert found.loc["all predictors", "verdict"] == "does not hold"
    assert found.loc["listening", "verdict"] == "does not hold"


def test_dominance_finds_the_planted_order():
    found = ordinal.dominance(answers(), "again", NAMES)
    assert found["predictor"].tolist() == NAMES
    assert found["share"].sum() == pytest.approx(100)


# what cannot be told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (answers()[:40], "fewer than 45 respondents"),
        (answers().iloc[:0], "fewer than 45 respondents"),
        (answers()[lambda f: f["cluster_id"] < 19], "fewer than 20 clusters"),
        (answers().assign(again=3), NOT_COMPUTABLE),
        (answers().assign(trust=1.0), NOT_COMPUTABLE),
        (answers().assign(trust=lambda f: f["listening"]), "cannot be told apart"),
        (answers().assign(listening=lambda f: (f["again"] > 2).astype(float)), "no finite value"),
    ],
)
def test_too_little_is_said(frame, said):
    for estimate in (ordinal.proportional_odds, ordinal.dominance, ordinal.parallel_lines):
        found = estimate(frame, "again", NAMES)
        assert found["note"].str.startswith("cannot tell").all() and found["note"].str.contains(said).all()
        value = "statistic" if "statistic" in found else "estimate"
        assert found[value].isna().all()


def test_without_answers_and_predictors_there_are_no_odds_but_their_columns():
    nothing = pd.DataFrame({"outcome": [], "cluster_id": []})
    found = ordinal.proportional_odds(nothing, "outcome", [])
    assert found.empty and {"term", "kind", "estimate", "low", "high", "p_value", "clusters", "note"} <= {*found}


def test_two_answers_have_no_lines_to_compare():
    found = ordinal.parallel_lines(
        answers(cuts=(0.0,)).assign(again=lambda f: f["again"].clip(upper=2)), "again", NAMES
    )
    assert set(found["note"]) == {"cannot tell: an outcome with two answers has one cut"}


def test_text_without_an_order_is_refused():
    with pytest.raises(ValueError, match="expected numbers or an ordered categorical"):
        ordinal.proportional_odds(answers().assign(again="often"), "again", NAMES)


def test_the_privacy_floor_is_the_callers():
    found = ordinal.dominance(answers(), "again", NAMES, minimum_model_n=1000)
    assert set(found["note"]) == {"cannot tell: fewer than 1000 respondents for 3 terms"}


def test_dominance_ranks_two_to_six_predictors():
    with pytest.raises(ValueError, match="expected 6 at most"):
        ordinal.dominance(answers(), "again", [f"p{i}" for i in range(7)])
    alone = ordinal.dominance(answers(), "again", ["listening"])
    assert alone.empty and list(alone) == list(ordinal.dominance(answers(), "again", NAMES))
