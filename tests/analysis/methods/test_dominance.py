import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import dominance
from helpers.analysis.methods.counts import NOT_COMPUTABLE

NAMES = ["listening", "trust", "candour"]


def answers(effects=(0.6, 0.3, 0.0), size=432, clusters=36, shared=0.7, seed=1):
    random = np.random.default_rng(seed)
    values = random.normal(size=(size, len(effects))) + shared * random.normal(size=(size, 1))
    frame = pd.DataFrame(values, columns=[*NAMES, *(f"other_{i}" for i in range(3, len(effects)))][: len(effects)])
    frame["again"] = values @ np.asarray(effects) + random.normal(size=size)
    return frame.assign(cluster_id=np.arange(size) % clusters, respondent_id=range(size))


def correlations(frame, columns):
    return frame[columns].corr().to_numpy()[None]


# published and independent values ----------------------------------------------------------------------------


def test_general_dominance_is_domirs(mtcars):
    # domir, lm(mpg ~ am + cyl + carb, mtcars): am .2156848, cyl .4173094, carb .1783081; R2 .8113023
    weights = dominance.general_dominance(correlations(mtcars, ["am", "cyl", "carb", "mpg"]))[0]
    assert weights.tolist() == pytest.approx([0.2156848, 0.4173094, 0.1783081], abs=5e-8)
    assert weights.sum() == pytest.approx(0.8113023, abs=5e-8)


def test_general_dominance_is_the_mean_over_all_orderings(mtcars):
    from itertools import permutations

    columns = ["am", "cyl", "carb", "wt"]
    found = dominance.general_dominance(correlations(mtcars, [*columns, "mpg"]))[0]
    matrix = correlations(mtcars, [*columns, "mpg"])[0]

    def explained(chosen):
        if not chosen:
            return 0.0
        inside = matrix[np.ix_(chosen, chosen)]
        return matrix[-1, chosen] @ np.linalg.solve(inside, matrix[chosen, -1])

    orders = list(permutations(range(4)))
    mean = [
        np.mean([explained(list(o[: o.index(i) + 1])) - explained(list(o[: o.index(i)])) for o in orders])
        for i in range(4)
    ]
    assert found.tolist() == pytest.approx(mean)


def test_relative_weights_of_two_predictors_are_general_dominance(mtcars):
    # for two predictors the two methods are the same (Johnson, 2000)
    matrix = correlations(mtcars, ["wt", "hp", "mpg"])
    assert dominance.relative_weights(matrix)[0].tolist() == pytest.approx(
        dominance.general_dominance(matrix)[0].tolist()
    )


def test_relative_weights_add_up_to_r_squared(mtcars):
    columns = ["am", "cyl", "carb", "wt", "hp", "mpg"]
    matrix = correlations(mtcars, columns)[0]
    weights = dominance.relative_weights(matrix[None])[0]
    assert weights.sum() == pytest.approx(matrix[-1, :-1] @ np.linalg.solve(matrix[:-1, :-1], matrix[:-1, -1]))


def test_orderings_come_near_the_exact_weights(mtcars):
    matrix = correlations(mtcars, ["am", "cyl", "carb", "wt", "hp", "mpg"])
    added = dominance._by_orderings(matrix, seed=1)[:, 0]
    error = added.std(axis=0, ddof=1) / np.sqrt(len(added))
    exact = dominance.general_dominance(matrix)[0]
    assert (np.abs(added.mean(axis=0) - exact) < 4 * error).all()


# ranking -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("method", ["general dominance", "relative weights"])
def test_the_order_of_planted_effects_is_found(method):
    found = dominance.importance(answers(), "again", NAMES, method=method, bootstrap=400)
    assert found["predictor"].tolist() == NAMES
    assert found["rank"].tolist() == [1, 2, 3]
    assert found["share"].sum() == pytest.approx(100)
    assert (found["low"] <= found["estimate"]).all() and (found["estimate"] <= found["high"]).all()
    assert found["tied_with_next"].tolist()[0] is False
    assert set(found["clusters"]) == {36}


def test_a_weight_is_compared_with_that_of_a_random_predictor():
    found = dominance.importance(answers(shared=0), "again", NAMES, bootstrap=400).set_index("predictor")
    assert found["beats_random"].to_dict() == {"listening": True, "trust": True, "candour": False}
    assert found.loc["candour", "above_random_low"] <= 0 <= found.loc["candour", "above_random_high"]


def test_equal_effects_are_tied():
    found = dominance.importance(answers((0.4, 0.4, 0.4)), "again", NAMES, bootstrap=400)
    assert found["tied_with_next"].tolist()[:2] == [True, True]


def test_the_same_seed_gives_the_same_ranking():
    frame = answers()
    one, two = (dominance.importance(frame, "again", NAMES, bootstrap=300, seed=5) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


def test_many_predictors_are_sampled_with_stated_error():
    effects = np.linspace(0, 0.4, 13)
    frame = answers(effects)
    names = [name for name in frame if name not in ("again", "cluster_id", "respondent_id")]
    found = dominance.importance(frame, "again", names, bootstrap=200)
    assert (found["sampling_error"] > 0).all()
    assert found["sampling_error"].max() < 0.02
    matrix = correlations(frame, [*names, "again"])[0]
    explained = matrix[-1, :-1] @ np.linalg.solve(matrix[:-1, :-1], matrix[:-1, -1])
    assert found["estimate"].sum() == pytest.approx(explained)


# what cannot be ranked ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (answers(size=40), "fewer than 45 respondents"),
        (answers(clusters=19), "fewer than 20 clusters"),
        (answers().assign(trust=4.0), NOT_COMPUTABLE),
        (answers().assign(trust=lambda f: f["listening"]), "cannot be told apart"),
        (answers().assign(again=np.nan), "fewer than 45 respondents"),
    ],
)
def test_no_ranking_on_too_little(frame, said):
    found = dominance.importance(frame, "again", NAMES, bootstrap=200)
    assert found["note"].str.startswith("cannot tell").all()
    assert found["note"].str.contains(said).all()
    assert found[["estimate", "low", "high", "rank", "beats_random", "tied_with_next"]].isna().all(axis=None)


def test_the_privacy_floor_is_the_callers():
    found = dominance.importance(answers(), "again", NAMES, bootstrap=200, minimum_model_n=500)
    assert found["note"].str.contains("fewer than 500 respondents").all()


@pytest.mark.parametrize("predictors", [[], ["trust"]])
def test_fewer_than_two_predictors_have_no_ranking(predictors):
    found = dominance.importance(answers(), "again", predictors)
    assert found["predictor"].tolist() == predictors
    assert found["note"].str.contains("fewer than 2 predictors").all()
    assert list(found) == list(dominance.importance(answers(), "again", NAMES, minimum_model_n=500))


@pytest.mark.parametrize("options", [{"method": "beta"}, {"confidence": 2}, {"bootstrap": 10}])
def test_wrong_arguments_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        dominance.importance(**{"frame": answers(), "outcome": "again", "predictors": NAMES} | options)


def test_what_counts_most_is_a_set_that_holds_ties():
    clear = dominance.importance(answers((0.9, 0.1, 0.0), seed=2), "again", NAMES).set_index("predictor")
    tied = dominance.importance(answers((0.5, 0.5, 0.0), seed=2), "again", NAMES).set_index("predictor")
    assert clear.index[clear["highest"]].tolist() == ["listening"]
    assert set(tied.index[tied["highest"]]) >= {"listening", "trust"} and not tied.loc["candour", "highest"]
