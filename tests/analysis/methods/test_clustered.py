import numpy as np
import pandas as pd
import pytest
from scipy import stats

from helpers.analysis.methods import clustered
from helpers.columns import ALIKE

# clubSandwich 0.5.8, R 4.2.2:
#   d <- read.csv("clustered_answers.csv")
#   coef_test(lm(y ~ side*tenure + dept + level, d), vcov = "CR2", cluster = d$cluster)
PUBLISHED = {
    "Intercept": (3.147110925, 0.156668905, 20.8817941, 3.89145049e-15),
    "side[T.manager]": (-0.235280638, 0.155839352, 27.4806754, 0.142517098),
    "tenure": (0.025340062, 0.011687198, 17.4504216, 0.0442375242),
    "dept[T.B]": (0.151686756, 0.232002318, 18.9049096, 0.521104865),
    "dept[T.C]": (0.151084429, 0.186245020, 12.8055612, 0.432063072),
    "level[T.middle]": (0.027671297, 0.102407980, 27.7970062, 0.788997507),
    "level[T.senior]": (0.091069258, 0.114967928, 27.1176984, 0.435161429),
    "side[T.manager]:tenure": (-0.010045710, 0.018139438, 22.5759822, 0.585156414),
}
# the same with lm(..., weights = w)
PUBLISHED_WEIGHTED = {
    "Intercept": (3.223744966, 0.169908920, 20.2304770, 2.32946394e-14),
    "side[T.manager]": (-0.380491007, 0.155152760, 24.5687034, 0.0216547792),
    "tenure": (0.022102160, 0.012712765, 11.8716019, 0.107948471),
    "dept[T.B]": (0.174450979, 0.242384275, 18.4402064, 0.480715336),
    "dept[T.C]": (0.123201309, 0.200131040, 11.4574752, 0.550189445),
    "level[T.middle]": (0.027979005, 0.120174858, 26.4317119, 0.817695328),
    "level[T.senior]": (0.040156923, 0.110696289, 26.3792373, 0.719669754),
    "side[T.manager]:tenure": (-0.005118688, 0.018658066, 17.1825634, 0.787092968),
}
FIGURES = ["estimate", "standard_error", "degrees_of_freedom", "p_value"]


@pytest.mark.parametrize(("weights", "published"), [(None, PUBLISHED), ("w", PUBLISHED_WEIGHTED)])
def test_regression_agrees_with_clubsandwich(clustered_answers, weights, published):
    found = clustered.regression("y ~ side * tenure + dept + level", clustered_answers, "cluster", weights)
    expected = np.array([published[term] for term in found["term"]])
    np.testing.assert_allclose(found[FIGURES[:2]], expected[:, :2], atol=2e-9)
    np.testing.assert_allclose(found[FIGURES[2:]], expected[:, 2:], rtol=1e-7)
    assert set(found["clusters"]) == {36}
    assert set(found["observations"]) == {362}


@pytest.mark.parametrize(
    ("formula", "weights", "published"),
    [
        # coef_test(lm(mpg ~ wt + hp, mtcars), vcov = "CR2", cluster = mtcars$carb), two clusters of one car
        ("mpg ~ wt + hp", None, [[37.227270116, 2.807192996, 2.2126704], [-3.877830742, 1.025229356, 2.2475878]]),
        ("mpg ~ wt + hp", "qsec", [[37.414184793, 2.791088037, 2.1821787], [-3.892890506, 0.996816111, 2.2721516]]),
        ("mpg ~ am", None, [[17.147368421, 1.655155517, 2.5482389], [7.244939271, 1.475537094, 3.0466659]]),
        ("mpg ~ 1", None, [[20.090625, 2.289107218, 2.9656582]]),
        ("mpg ~ 1", "qsec", [[20.335361370, 2.304188473, 2.8518535]]),
    ],
)
def test_very_few_clusters_agree_with_clubsandwich_and_are_called_rough(mtcars, formula, weights, published):
    found = clustered.regression(formula, mtcars, "carb", weights)
    np.testing.assert_allclose(found[FIGURES[:3]].head(len(published)), published, rtol=1e-7)
    assert set(found["note"]) == {clustered.ROUGH}


def test_the_total_variance_is_the_sum_over_pairs(clustered_answers):
    design = np.column_stack([np.ones(362), clustered_answers["tenure"], clustered_answers["side"] == "hr"]).astype(
        float
    )
    for weights in (None, clustered_answers["w"].to_numpy()):
        fit = clustered.least_squares(design, clustered_answers["y"], clustered_answers["cluster"], weights)
        rows, overlap = fit.working.basis, fit.working.overlap
        expected = sum(overlap(s, s, t, t) + overlap(s, t, t, s) for s in rows for t in rows)
        assert fit.working.total_variance(rows) == pytest.approx(expected)


def test_logistic_regression_agrees_with_clubsandwich(clustered_answers):
    # d$z <- d$y > 3.5; coef_test(glm(z ~ side + tenure + dept + level, binomial, d), vcov = "CR2", cluster = d$cluster)
    # clubSandwich takes another of the matrix roots that fulfil the CR2 condition: equal to 4 digits, not to 9
    published = {
        "Intercept": (-0.556395472, 0.285170101, 20.173100582),
        "side[T.manager]": (-0.391676555, 0.248148382, 27.770503133),
        "tenure": (0.036754294, 0.023363468, 22.075993658),
        "dept[T.B]": (0.175106783, 0.460929391, 19.086858872),
        "dept[T.C]": (0.178748931, 0.358167350, 13.014750309),
        "level[T.middle]": (-0.235764571, 0.247713931, 27.877917148),
        "level[T.senior]": (0.153257415, 0.217238843, 27.110835609),
    }
    answers = clustered_answers.assign(z=clustered_answers["y"] > 3.5)
    found = clustered.logit("z ~ side + tenure + dept + level", answers, "cluster")
    expected = np.array([published[term] for term in found["term"]])
    np.testing.assert_allclose(found["log_odds"], expected[:, 0], atol=2e-9)
    np.testing.assert_allclose(found[["standard_error", "degrees_of_freedom"]], expected[:, 1:], rtol=5e-4)
    np.testing.assert_allclose(found["estimate"], np.exp(expected[:, 0]), rtol=1e-8)


def test_a_mean_is_the_regression_on_a_constant(mtcars):
    by_gear = clustered.mean(mtcars, "mpg", "carb", by=["am"], weights="qsec")
    for row in by_gear.itertuples():
        alone = clustered.regression("mpg ~ 1", mtcars[mtcars["am"] == row.am], "carb", "qsec").iloc[0]
        assert row.estimate == pytest.approx(alone["estimate"])
        assert (row.low, row.high) == pytest.approx((alone["low"], alone["high"]))


def test_a_difference_is_the_slope_on_an_indicator(mtcars):
    found = clustered.difference(mtcars, "mpg", "am", 0, 1, "carb").iloc[0]
    assert found["estimate"] == pytest.approx(7.244939271)
    assert found["standard_error"] == pytest.approx(1.475537094)
    assert (found["mean_first"], found["mean_second"]) == pytest.approx((17.147368421, 24.392307692))
    assert (found["respondents_first"], found["respondents_second"]) == (19, 13)


def test_a_cluster_per_respondent_gives_students_interval():
    answers = pd.DataFrame({"value": [1.0, 2, 2, 3, 5, 4, 4], "cluster_id": range(7)})
    found = clustered.mean(answers, "value").iloc[0]
    low, high = stats.t.interval(0.95, 6, answers["value"].mean(), stats.sem(answers["value"]))
    assert (found["low"], found["high"]) == pytest.approx((low, high))
    assert found["degrees_of_freedom"] == pytest.approx(6)


def test_confidence_is_the_callers():
    answers = pd.DataFrame({"value": [1.0, 2, 2, 3, 5, 4, 4], "cluster_id": range(7)})
    wide, narrow = (clustered.mean(answers, "value", confidence=level).iloc[0] for level in (0.99, 0.5))
    assert wide["low"] < narrow["low"] < narrow["high"] < wide["high"]


def test_people_are_counted_once():
    answers = pd.DataFrame(
        {
            "value": [1.0, 2, 3, 4, np.nan],
            "respondent_id": ["a", "a", "b", "c", "d"],
            "rated_id": ["x", "y", "x", "x", "z"],
            "cluster_id": ["a", "a", "b", "c", "d"],
        }
    )
    found = clustered.mean(answers, "value").iloc[0]
    assert found[["respondents", "rated", "clusters", "observations"]].tolist() == [3, 2, 3, 4]


def test_thousands_of_clusters_of_one():
    random = np.random.default_rng(1)
    answers = pd.DataFrame({"value": random.normal(size=8000), "x": random.normal(size=8000), "who": range(8000)})
    found = clustered.regression("value ~ x", answers, "who").set_index("term")
    assert found.loc["Intercept", "standard_error"] == pytest.approx(1 / np.sqrt(8000), rel=0.05)
    assert found.loc["x", "degrees_of_freedom"] > 1000


# mean of a mixed model ---------------------------------------------------------------------------------------


def test_the_mixed_mean_agrees_with_lme4_and_clubsandwich(clustered_answers):
    # m <- lme4::lmer(y ~ 1 + (1 | cluster), d); coef_test(m, vcovCR(m, type = "CR2"), test = "Satterthwaite")
    found = clustered.mixed_mean(clustered_answers, "y", "cluster").iloc[0]
    assert found["estimate"] == pytest.approx(3.3232738661518, abs=1e-7)
    assert found["standard_error"] == pytest.approx(0.0832848819918, abs=1e-8)
    assert found["degrees_of_freedom"] == pytest.approx(33.7976362537284, abs=1e-5)
    # as.data.frame(VarCorr(m))
    alike = clustered.random_intercept(clustered_answers["y"].to_numpy(), clustered_answers["cluster"].to_numpy())
    assert alike == pytest.approx(0.163630180548 / (0.163630180548 + 0.724284312768), abs=1e-6)


def test_one_large_cluster_does_not_dominate_the_mixed_mean():
    clusters = np.repeat(np.arange(21), [200, *[5] * 20])
    values = np.where(clusters == 0, 10.0, 0.0) + np.random.default_rng(1).normal(size=len(clusters))
    frame = pd.DataFrame({"value": values, "cluster_id": clusters})
    assert clustered.mean(frame, "value")["estimate"][0] > 6
    assert clustered.mixed_mean(frame, "value")["estimate"][0] < 1


@pytest.mark.parametrize("clusters", [range(6), [0, 0, 1, 1, 2, 2]], ids=["one each", "negative likeness"])
def test_where_clusters_are_not_alike_the_mixed_mean_is_the_plain_one(clusters):
    frame = pd.DataFrame({"value": [1.0, 9.0, 2.0, 8.0, 1.5, 8.5], "cluster_id": clusters})
    columns = ["estimate", "standard_error", "degrees_of_freedom", "low", "high"]
    plain, mixed = (estimate(frame, "value")[columns] for estimate in (clustered.mean, clustered.mixed_mean))
    pd.testing.assert_frame_equal(plain, mixed)


def test_where_clusters_agree_within_the_mixed_mean_is_that_of_the_clusters():
    frame = pd.DataFrame({"value": [1.0, 1, 1, 1, 2, 2, 6], "cluster_id": [0, 0, 0, 0, 1, 1, 2]})
    assert clustered.mixed_mean(frame, "value")["estimate"][0] == pytest.approx(3, abs=0.01)


@pytest.mark.parametrize(
    ("values", "clusters", "said"),
    [([], [], "no answers"), ([1.0], [0], "fewer than 2 clusters"), ([3.0, 3.0, 3.0], [0, 0, 1], "alike")],
)
def test_a_mixed_mean_that_cannot_be_estimated_says_so(values, clusters, said):
    found = clustered.mixed_mean(pd.DataFrame({"value": values, "cluster_id": clusters}), "value").iloc[0]
    assert found["note"].startswith("cannot tell") and said in found["note"]
    assert np.isnan(found["estimate"])


def test_quasi_demeaned_rows_give_generalised_least_squares():
    random = np.random.default_rng(2)
    group = np.repeat(np.arange(8), [1, 2, 3, 4, 5, 6, 7, 8])
    design, outcome = np.column_stack([np.ones(36), random.normal(size=36)]), random.normal(size=36)
    covariance = np.where(group[:, None] == group, 0.3, 0.0) + 0.7 * np.eye(36)
    inverse = np.linalg.inv(covariance)
    expected = np.linalg.solve(design.T @ inverse @ design, design.T @ inverse @ outcome)
    table = clustered.quasi_demeaned(np.column_stack([design, outcome]), group, 0.3)
    np.testing.assert_allclose(np.linalg.lstsq(table[:, :2], table[:, 2], rcond=None)[0], expected)


# what cannot be estimated ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "clusters", "said"),
    [
        ([np.nan, np.nan], [1, 2], "no answers"),
        ([3.0], [1], "fewer than 2 clusters"),
        ([3.0, 4, 5], [1, 1, 1], "fewer than 2 clusters"),
        ([3.0, 3, 3], [1, 2, 3], ALIKE),
    ],
)
def test_a_mean_that_cannot_be_estimated_says_so(values, clusters, said):
    found = clustered.mean(pd.DataFrame({"value": values, "cluster_id": clusters}), "value").iloc[0]
    assert found[["estimate", "low", "high"]].isna().all()
    assert found["note"].startswith("cannot tell: ")
    assert said in found["note"]


def test_groups_keep_their_order_and_missing_labels():
    answers = pd.DataFrame(
        {"value": [1.0, 2, 3, 4, 5, 6], "unit": ["b", "b", "a", "a", None, None], "cluster_id": range(6)}
    )
    found = clustered.mean(answers, "value", by=["unit"])
    assert found["unit"].tolist()[:2] == ["b", "a"]
    assert found["unit"].isna().tolist() == [False, False, True]


def test_a_term_that_one_cluster_bears_on_is_not_estimated():
    random = np.random.default_rng(3)
    answers = pd.DataFrame({"y": random.normal(size=60), "x": random.normal(size=60), "c": np.repeat(range(6), 10)})
    answers["alone"] = (answers["c"] == 2).astype(float)
    found = clustered.regression("y ~ alone + x", answers, "c").set_index("term")
    assert "fewer than 2 clusters" in found.loc["alone", "note"]
    assert np.isnan(found.loc["alone", "estimate"])
    assert found.loc["x", "note"] == ""


def test_terms_that_cannot_be_told_apart_say_so(mtcars):
    cars = mtcars.assign(double=2 * mtcars["wt"])
    found = clustered.regression("mpg ~ wt + double", cars, "carb").set_index("term")
    assert found.loc["double", "note"].startswith("cannot tell: not distinguishable")
    assert found.loc["wt", "note"] in ("", clustered.ROUGH)


def test_a_perfect_fit_has_no_interval(mtcars):
    cars = mtcars.assign(mpg=3 * mtcars["wt"])
    assert clustered.regression("mpg ~ wt", cars, "carb")["note"].str.startswith("cannot tell").all()


def test_as_many_terms_as_observations():
    frame = pd.DataFrame({"y": [1.0, 2], "x": [0.0, 1], "c": [1, 2]})
    assert clustered.regression("y ~ x", frame, "c")["note"].str.contains("as many terms").all()


def test_missing_values_of_any_kind_are_left_out(mtcars):
    cars = mtcars.assign(wt=mtcars["wt"].astype("Float64"), mpg=mtcars["mpg"].where(mtcars.index > 1))
    cars.loc[5, "wt"] = pd.NA
    found = clustered.regression("mpg ~ wt", cars, "carb")
    assert set(found["observations"]) == {29}


@pytest.mark.parametrize(("first", "second", "said"), [(0, 9, "no answers for 9"), (9, 1, "no answers for 9")])
def test_a_difference_with_an_empty_side_says_which(mtcars, first, second, said):
    assert said in clustered.difference(mtcars, "mpg", "am", first, second, "carb").iloc[0]["note"]


def test_a_logit_of_one_cluster_or_of_numbers_is_refused_in_words(mtcars):
    assert clustered.logit("am ~ wt", mtcars.assign(c=1), "c")["note"].str.contains("fewer than 2 clusters").all()
    with pytest.raises(ValueError, match="yes-or-no"):
        clustered.logit("carb ~ wt", mtcars, "cyl")


# shares ------------------------------------------------------------------------------------------------------


def test_wilson_interval_is_the_published_one():
    # Newcombe (1998), Statistics in Medicine 17, 857, table I: 81 of 263, 15 of 148, 0 of 20, 1 of 29
    z = stats.norm.ppf(0.975)
    published = {
        (81, 263): (0.2553, 0.3662),
        (15, 148): (0.0624, 0.1605),
        (0, 20): (0, 0.1611),
        (1, 29): (0.0061, 0.1718),
    }
    for (count, size), limits in published.items():
        assert clustered.wilson_interval(count / size, size, z) == pytest.approx(limits, abs=5e-5)


def test_a_clustered_share_has_fewer_effective_answers():
    random = np.random.default_rng(5)
    clusters = np.repeat(range(30), 12)
    alike = pd.DataFrame({"value": (random.random(30) < 0.7)[clusters].astype(float), "cluster_id": clusters})
    found = clustered.proportion(alike, "value").iloc[0]
    assert found["effective_size"] == pytest.approx(29, rel=0.05)
    independent = clustered.proportion(alike.assign(cluster_id=range(360)), "value").iloc[0]
    assert independent["effective_size"] == pytest.approx(359, rel=0.01)
    assert found["high"] - found["low"] > 3 * (independent["high"] - independent["low"])


@pytest.mark.parametrize("value", [0.0, 1.0])
def test_a_unanimous_share_keeps_an_honest_interval(value):
    answers = pd.DataFrame({"value": [value] * 40, "cluster_id": np.repeat(range(10), 4)})
    found = clustered.proportion(answers, "value").iloc[0]
    assert found["estimate"] == value
    assert found["effective_size"] == 10
    assert 0.2 < found["high"] - found["low"] < 0.4
    assert 0 <= found["low"] <= found["high"] <= 1


def test_a_share_outside_zero_to_one_is_refused():
    with pytest.raises(ValueError, match="outside 0 to 1"):
        clustered.proportion(pd.DataFrame({"value": [0.5, 3], "cluster_id": [1, 2]}), "value")


# wrong use ---------------------------------------------------------------------------------------------------


def test_wrong_arguments_are_named(mtcars):
    with pytest.raises(ValueError, match="no column cyll"):
        clustered.mean(mtcars, "mpg", "cyll")
    with pytest.raises(ValueError, match="between 0 and 1"):
        clustered.mean(mtcars, "mpg", "carb", confidence=95)
    with pytest.raises(ValueError, match="positive"):
        clustered.mean(mtcars, "mpg", "carb", weights="am")
