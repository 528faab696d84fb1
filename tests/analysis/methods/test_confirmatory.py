"""Confirmatory factor analysis against lavaan's published figures, and on data made by known models."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import confirmatory

TESTS = pd.read_csv(Path(__file__).parents[1] / "reference" / "holzinger_swineford.csv")
ITEMS = [f"x{i}" for i in range(1, 10)]
#: visual =~ x1 + x2 + x3; textual =~ x4 + x5 + x6; speed =~ x7 + x8 + x9
PATTERN = np.kron(np.eye(3), np.ones((3, 1))).astype(bool)
EVERYBODY = [confirmatory.moments(TESTS[ITEMS].to_numpy())]
SCHOOLS = [
    confirmatory.moments(TESTS.loc[TESTS["school"] == name, ITEMS].to_numpy()) for name in ("Pasteur", "Grant-White")
]


def test_one_group_is_lavaan_s():
    # summary(cfa(HS.model, data = HolzingerSwineford1939), fit.measures = TRUE, standardized = TRUE) (Rosseel 2012)
    found = confirmatory.fit(EVERYBODY, PATTERN)
    assert found.converged and not found.improper
    assert (found.statistic, found.degrees_of_freedom) == (pytest.approx(85.306, abs=0.002), 24)
    assert (found.cfi, found.tli) == pytest.approx((0.931, 0.896), abs=0.0006)
    errors = (found.rmsea, found.rmsea_low, found.rmsea_high)
    assert errors == pytest.approx((0.092, 0.071, 0.114), abs=0.0006)
    loadings = found.standardised()[PATTERN]
    assert loadings == pytest.approx([0.772, 0.424, 0.581, 0.852, 0.855, 0.838, 0.570, 0.723, 0.665], abs=0.0006)
    assert found.factor_covariances[0][np.triu_indices(3, 1)] == pytest.approx([0.459, 0.471, 0.283], abs=0.0006)


def test_srmr_is_lavaan_s():
    # without a mean structure .065: means are met exactly, and lavaan then divides by p (p + 1) / 2
    assert confirmatory.fit(EVERYBODY, PATTERN).srmr * np.sqrt(54 / 45) == pytest.approx(0.065, abs=0.0006)


@pytest.mark.parametrize(
    ("level", "statistic", "degrees", "cfi", "rmsea"),
    [
        ("configural", 115.851, 48, 0.923, 0.097),
        ("metric", 124.044, 54, 0.921, 0.093),
        ("scalar", 164.103, 60, 0.882, 0.107),
    ],
)
def test_several_groups_are_lavaan_s(level, statistic, degrees, cfi, rmsea):
    # measurementInvariance(HS.model, data = HolzingerSwineford1939, group = "school"), as in lavaan's tutorial
    found = confirmatory.fit(SCHOOLS, PATTERN, level)
    assert found.converged
    assert (found.statistic, found.degrees_of_freedom) == (pytest.approx(statistic, abs=0.002), degrees)
    assert (found.cfi, found.rmsea) == pytest.approx((cfi, rmsea), abs=0.0006)


def test_releasing_items_is_lavaan_s():
    # lavaan 0.6.14: cfa("v =~ x2 + x1 + x3\n t =~ x4 + x5 + x6\n s =~ x8 + x7 + x9", HolzingerSwineford1939,
    #   group = "school", group.equal = c("loadings", "intercepts"),
    #   group.partial = c("v =~ x3", "x3 ~ 1", "s =~ x7", "x7 ~ 1"))
    found = confirmatory.fit(SCHOOLS, PATTERN, "scalar", released=[2, 6])
    assert (found.statistic, found.degrees_of_freedom) == (pytest.approx(128.768, abs=0.002), 56)
    assert (found.cfi, found.rmsea) == pytest.approx((0.918, 0.093), abs=0.0006)
    assert found.loadings[0][0] == pytest.approx(found.loadings[1][0])
    assert found.intercepts[0][2] != pytest.approx(found.intercepts[1][2])


#: Correlations of nine ability tests of 213 people (Thurstone & Thurstone 1941), as in R's psych::Thurstone.
BELOW = """
.828
.776 .779
.439 .493 .460
.432 .464 .425 .674
.447 .489 .443 .590 .541
.447 .432 .401 .381 .402 .288
.541 .537 .534 .350 .367 .320 .555
.380 .358 .359 .424 .446 .325 .598 .452"""
ABILITIES = np.eye(9)
ABILITIES[np.tril_indices(9, -1)] = np.array(BELOW.split(), float)
ABILITIES = [confirmatory.Moments(213, np.zeros(9), ABILITIES + np.tril(ABILITIES, -1).T)]
GENERAL = np.column_stack([np.ones(9, bool), PATTERN])


def test_a_second_order_model_is_lavaan_s():
    # lavaan 0.6.14, psych 2.2.9, names of Thurstone x1 to x9: cfa("v =~ x1 + x2 + x3\n w =~ x4 + x5 + x6\n
    #   r =~ x7 + x8 + x9\n g =~ v + w + r", sample.cov = Thurstone, sample.nobs = 213, std.lv = TRUE);
    #   omega_h = sum(l * rep(b, each = 3))^2 / sum(fitted correlations)
    found = confirmatory.fit(ABILITIES, PATTERN, second_order=True)
    assert found.converged and not found.improper
    assert (found.statistic, found.degrees_of_freedom) == (pytest.approx(38.376, abs=0.002), 24)
    assert (found.cfi, found.tli, found.rmsea) == pytest.approx((0.987, 0.980, 0.053), abs=0.0006)
    assert found.srmr * np.sqrt(54 / 45) == pytest.approx(0.044, abs=0.0006)
    assert found.above == pytest.approx([0.82207529, 0.78179981, 0.81501410], abs=1e-5)
    assert confirmatory.omega_hierarchical(found)[0] == pytest.approx(0.7858566, abs=1e-5)


def test_a_bifactor_model_is_lavaan_s():
    # the same with "g =~ x1 + ... + x9" in place of "g =~ v + w + r", and orthogonal = TRUE
    found = confirmatory.fit(ABILITIES, GENERAL, orthogonal=True)
    assert (found.statistic, found.degrees_of_freedom) == (pytest.approx(24.331, abs=0.002), 18)
    assert (found.cfi, found.tli, found.rmsea) == pytest.approx((0.994, 0.988, 0.041), abs=0.0006)
    assert confirmatory.omega_hierarchical(found)[0] == pytest.approx(0.79200842, abs=1e-5)


def test_behind_three_factors_a_further_one_is_another_way_to_write_their_correlations():
    # lavaan 0.6.14: cfa("visual =~ ...\n textual =~ ...\n speed =~ ...\n g =~ visual + textual + speed", std.lv = TRUE)
    found = confirmatory.fit(EVERYBODY, PATTERN, second_order=True)
    assert found.statistic == pytest.approx(confirmatory.fit(EVERYBODY, PATTERN).statistic, abs=1e-4)
    assert found.above == pytest.approx([0.873, 0.525, 0.539], abs=0.0006)
    assert np.outer(found.above, found.above)[np.triu_indices(3, 1)] == pytest.approx([0.459, 0.471, 0.283], abs=6e-4)


def test_slopes_agree_with_differences():
    layout = confirmatory._Layout(2, PATTERN, 2, {4}, False)
    share = np.array([156, 145]) / 301
    values = layout.start(SCHOOLS) + 0.05 * np.random.default_rng(1).normal(size=layout.count)
    _, slope = confirmatory._discrepancy(values, layout, SCHOOLS, share)
    steps = 1e-6 * np.eye(layout.count)
    ends = [[confirmatory._discrepancy(values + s * h, layout, SCHOOLS, share)[0] for s in (1, -1)] for h in steps]
    np.testing.assert_allclose(slope, np.diff(ends, axis=1)[:, 0] / -2e-6, rtol=1e-4, atol=1e-5)
    layout = confirmatory._Layout(1, PATTERN, 0, set(), False, second_order=True)
    values = layout.start(EVERYBODY) + 0.05 * np.random.default_rng(1).normal(size=layout.count)
    _, slope = confirmatory._discrepancy(values, layout, EVERYBODY, np.ones(1))
    steps = 1e-6 * np.eye(layout.count)
    ends = [
        [confirmatory._discrepancy(values + s * h, layout, EVERYBODY, np.ones(1))[0] for s in (1, -1)] for h in steps
    ]
    np.testing.assert_allclose(slope, np.diff(ends, axis=1)[:, 0] / -2e-6, rtol=1e-4, atol=1e-5)


def test_one_factor_is_refused_by_data_of_ten_that_correlate():
    # ten dimensions correlated .58: parallel analysis finds one factor; the fit of one factor says otherwise
    random = np.random.default_rng(3)
    factors = random.multivariate_normal(np.zeros(10), 0.58 + 0.42 * np.eye(10), 285)
    answers = 0.8 * np.repeat(factors, 3, axis=1) + 0.6 * random.normal(size=(285, 30))
    group = [confirmatory.moments(answers)]
    one = confirmatory.fit(group, np.ones((30, 1)))
    ten = confirmatory.fit(group, np.kron(np.eye(10), np.ones((3, 1))))
    assert one.cfi < 0.85 and one.rmsea > 0.1
    assert ten.cfi > 0.97 and ten.p_value > 0.001


def test_models_of_a_general_factor_give_omega_hierarchical():
    # general loadings .6, specific .5: omega_h = (9 x .6)^2 / (29.16 + 3 x 2.25 + 9 x .39)
    random = np.random.default_rng(4)
    general, specific = random.normal(size=(4000, 1)), random.normal(size=(4000, 3))
    answers = 0.6 * general + 0.5 * np.repeat(specific, 3, axis=1) + np.sqrt(0.39) * random.normal(size=(4000, 9))
    for pattern, kind in ((GENERAL, {"orthogonal": True}), (PATTERN, {"second_order": True})):
        found = confirmatory.fit([confirmatory.moments(answers)], pattern, **kind)
        assert confirmatory.omega_hierarchical(found) == pytest.approx((29.16 / 39.42, 35.91 / 39.42), abs=0.03)


def test_a_factor_that_is_nothing_but_the_one_behind_all_is_improper():
    # of factors that correlate .9, .8 and .5 the first would have to correlate above 1 with the one behind all
    between = np.array([[1, 0.9, 0.8], [0.9, 1, 0.5], [0.8, 0.5, 1]])
    implied = 0.64 * PATTERN @ between @ PATTERN.T + 0.36 * np.eye(9)
    found = confirmatory.fit([confirmatory.Moments(400, np.zeros(9), implied)], PATTERN, second_order=True)
    assert found.improper and np.abs(found.above).max() == 1


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="level"):
        confirmatory.fit(EVERYBODY, PATTERN, "strict")
    with pytest.raises(ValueError, match="one row for every item"):
        confirmatory.fit(EVERYBODY, PATTERN[:8])
    for groups, pattern in ((SCHOOLS, PATTERN), (EVERYBODY, PATTERN[:, :2])):
        with pytest.raises(ValueError, match="second-order model takes one group, and three factors"):
            confirmatory.fit(groups, pattern, second_order=True)


ANSWERS = [TESTS.loc[TESTS["school"] == name, ITEMS].to_numpy() for name in ("Pasteur", "Grant-White")]
PUPILS = [np.arange(len(part)) + 1000 * place for place, part in enumerate(ANSWERS)]


def test_items_that_differ_between_schools_are_those_that_lavaan_frees():
    # lavTestScore(cfa(HS.model, group = "school", group.equal = c("loadings", "intercepts"))): x3 and x7 stand out
    found = confirmatory.item_tests(ANSWERS, PUPILS, PATTERN)
    assert set(np.argsort([test.statistic for test in found])[-2:]) == {2, 6}
    assert max(found[place].p_value for place in (2, 6)) < 0.001
    scalar = confirmatory.fit(SCHOOLS, PATTERN, "scalar")
    for place, test in enumerate(found):
        freed = confirmatory.fit(SCHOOLS, PATTERN, "scalar", released=[place])
        # score and likelihood ratio tests of the same two parameters
        assert test.independent[2] == pytest.approx(scalar.statistic - freed.statistic, rel=0.2, abs=0.3)
        apart = freed.intercepts[1][place] - freed.intercepts[0][place]
        spread = np.sqrt(sum(len(part) * np.var(part[:, place]) for part in ANSWERS) / 301)
        if abs(test.intercept) > 0.2:
            assert test.intercept * spread == pytest.approx(apart, rel=0.35)


def test_the_information_is_that_of_the_likelihood():
    # the slope of the discrepancy, differentiated once more, against the expected information of the score tests
    standard, _, _ = confirmatory._standard(SCHOOLS)
    layout = confirmatory._Layout(2, PATTERN, 2, set(), False)
    best = confirmatory._smallest(layout, standard, layout.start(standard))
    shares = confirmatory._shares(standard)
    curve = [
        confirmatory._discrepancy(best.x + step, layout, standard, shares)[1]
        - confirmatory._discrepancy(best.x - step, layout, standard, shares)[1]
        for step in 1e-5 * np.eye(layout.count)
    ]
    observed = 301 / 2 * np.array(curve) / 2e-5
    expected = np.zeros_like(observed)
    for group, part in enumerate(standard):
        found = layout.matrices(best.x, group)
        by_mean, by_covariance = confirmatory._slopes(found, layout.places[group], layout.count, None)
        by_mean, by_covariance = by_mean[: layout.count], by_covariance[: layout.count]
        inverse = np.linalg.inv(confirmatory._implied(found)[1])
        turned = np.einsum("aij,jk,bkl,li->ab", by_covariance, inverse, by_covariance, inverse)
        expected += part.size * (by_mean @ inverse @ by_mean.T + turned / 2)
    assert np.diag(observed) == pytest.approx(np.diag(expected), rel=0.1)


def test_answers_that_are_alike_within_clusters_are_no_difference_of_items():
    random = np.random.default_rng(4)
    called, naive = [], []
    for _ in range(60):
        cluster = np.repeat(np.arange(24), 10)
        groups = []
        for _ in range(2):
            factor = random.normal(size=(len(cluster), 1))
            shared = np.sqrt(0.3) * random.normal(size=(24, 4))[cluster]
            groups.append(0.7 * factor + shared + np.sqrt(0.4) * random.normal(size=(len(cluster), 4)))
        test = confirmatory.item_tests(groups, [cluster, cluster], np.ones((4, 1), bool))[0]
        called.append(test.p_value < 0.05)
        naive.append(test.independent[2] > 5.991)
    assert np.mean(called) <= 0.12 < np.mean(naive)


def test_items_are_only_tested_in_two_groups_and_on_one_factor():
    for answers, pattern in ((ANSWERS[:1], PATTERN), (ANSWERS, np.ones((9, 2), bool))):
        with pytest.raises(ValueError, match="two groups, and items that load on one factor"):
            confirmatory.item_tests(answers, PUPILS[: len(answers)], pattern)
    alone = confirmatory.item_tests(ANSWERS, [np.zeros(len(part)) for part in ANSWERS], PATTERN)
    assert np.isnan([test.p_value for test in alone]).all(), "one cluster"
