"""Correlations behind ordered answers: closed forms, the likelihood itself, and planted models."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import optimize, stats

from helpers.analysis.methods import polychoric

PATTERN = np.kron(np.eye(3), np.ones((3, 1))).astype(bool)
LOADINGS = np.tile([0.8, 0.7, 0.6], 3)


def answers(size, cuts=(-1.5, -1, -0.5, 0.5), related=0.5, seed=1):
    between = np.where(np.eye(3), 1, related)
    table = np.where(PATTERN, LOADINGS[:, None], 0.0)
    correlation = table @ between @ table.T
    np.fill_diagonal(correlation, 1)
    latent = np.random.default_rng(seed).multivariate_normal(np.zeros(9), correlation, size)
    return np.searchsorted(cuts, latent).astype(float), correlation


@pytest.mark.parametrize("alike", [3, 5, 6, 7])
def test_halves_have_a_closed_form(alike):
    # both cut at the median: P(both above) = 1/4 + arcsin(r) / (2 pi) (Sheppard 1899)
    rows = [[1, 1]] * alike + [[1, 0]] * (10 - alike) + [[0, 1]] * (10 - alike) + [[0, 0]] * alike
    found = polychoric.polychoric(pd.DataFrame(rows, columns=["a", "b"]))
    assert found.loc["a", "b"] == pytest.approx(np.sin(2 * np.pi * (alike / 20 - 0.25)), abs=1e-6)


def test_the_estimate_is_where_the_likelihood_is_largest():
    given, _ = answers(400)
    found = polychoric.estimates(given[:, :2]).correlations[0, 1]
    table = pd.crosstab(given[:, 0], given[:, 1]).to_numpy()
    cuts = [np.r_[-9, stats.norm.ppf(np.cumsum(table.sum(axis=side))[:-1] / 400), 9] for side in (1, 0)]

    def loss(r):
        normal = stats.multivariate_normal([0, 0], [[1, r], [r, 1]])
        corners = np.array([[normal.cdf([h, k]) for k in cuts[1]] for h in cuts[0]])
        return -(table * np.log(np.maximum(np.diff(np.diff(corners, axis=0), axis=1), 1e-12))).sum()

    best = optimize.minimize_scalar(loss, bounds=(0, 0.95), method="bounded", options={"xatol": 1e-5})
    assert found == pytest.approx(best.x, abs=2e-3)


def test_planted_correlations_and_loadings_are_recovered():
    given, truth = answers(20000)
    found = polychoric.estimates(given)
    assert np.abs(found.correlations - truth).max() < 0.03
    plain = np.corrcoef(given.T)
    assert np.abs(plain - truth).max() > 0.05, "counting answers as numbers makes correlations smaller"
    model = polychoric.factor_model(found, PATTERN)
    assert model.converged
    assert model.loadings[PATTERN] == pytest.approx(LOADINGS, abs=0.02)
    assert model.factors[np.triu_indices(3, 1)] == pytest.approx([0.5] * 3, abs=0.03)
    assert model.srmr < 0.01


def test_correlations_and_loadings_are_those_of_r():
    # lavaan 0.6.14: d <- lapply(HolzingerSwineford1939[paste0("x", 1:9)], function(x)
    #   cut(x, quantile(x, c(0, .1, .35, .7, .9, 1)), include.lowest = TRUE, labels = FALSE));
    # lavCor(d, ordered = names(d)), by psych::polychoric; cfa(three factors, d, ordered, estimator = "DWLS")
    tests = pd.read_csv(Path(__file__).parents[1] / "reference" / "holzinger_swineford.csv")
    coded = [np.searchsorted(tests[f"x{i}"].quantile([0.1, 0.35, 0.7, 0.9]), tests[f"x{i}"]) for i in range(1, 10)]
    found = polychoric.estimates(np.column_stack(coded).astype(float))
    assert found.correlations[[0, 0, 1], [1, 2, 2]] == pytest.approx([0.292486, 0.490328, 0.351180], abs=5e-5)
    model = polychoric.factor_model(found, PATTERN)
    # lavaan weighs by the variance that unknown thresholds add; this model does not quite fit, so that weights matter
    expected = [0.855, 0.426, 0.581, 0.848, 0.856, 0.866, 0.529, 0.678, 0.787]
    assert model.loadings[PATTERN] == pytest.approx(expected, abs=0.04)
    assert model.factors[np.triu_indices(3, 1)] == pytest.approx([0.428, 0.439, 0.285], abs=0.015)
    assert model.srmr == pytest.approx(0.063, abs=0.001)


def test_information_is_that_of_many_studies():
    found = [polychoric.estimates(answers(300, seed=seed)[0][:, :2]) for seed in range(200)]
    spread = np.std([one.correlations[0, 1] for one in found])
    assert spread == pytest.approx(np.mean([one.information[0, 1] for one in found]) ** -0.5, rel=0.2)


def test_one_model_for_everything_leaves_more_than_the_right_one():
    found = polychoric.estimates(answers(1000, related=0.2)[0])
    right, wrong = (polychoric.factor_model(found, pattern).srmr for pattern in (PATTERN, np.ones((9, 1), bool)))
    assert right < 0.03 < 0.08 < wrong


def test_little_and_wrong_input_is_said():
    given, _ = answers(50)
    given[:, 2] = 3.0
    found = polychoric.estimates(given).correlations
    assert np.isnan(found[2]).all() and np.isfinite(found[0, 1])
    perfect = polychoric.estimates(np.column_stack([given[:, 0], given[:, 0]])).correlations[0, 1]
    assert perfect > 0.99
    assert polychoric.polychoric(pd.DataFrame({"a": [1.0, 2, 1]})).shape == (1, 1)
    assert np.isnan(polychoric.estimates(given[:0, :2]).correlations[0, 1])
    with pytest.raises(ValueError, match="no column x; it has a"):
        polychoric.polychoric(pd.DataFrame({"a": [1, 2]}), ["a", "x"])
    with pytest.raises(ValueError, match="one row for every item"):
        polychoric.factor_model(polychoric.estimates(answers(50)[0]), np.ones((9, 2), bool))
