import numpy as np
import pytest
from statsmodels.multivariate.factor import Factor

from helpers.analysis.methods.factor import HEYWOOD, one_factor


def draws(loadings, size, count=1, seed=0):
    random = np.random.default_rng(seed)
    loadings = np.asarray(loadings)
    common = random.normal(size=(count, size, 1))
    unique = random.normal(size=(count, size, len(loadings)))
    return common * loadings + unique * np.sqrt(1 - loadings**2)


def covariances(samples):
    return np.stack([np.cov(sample.T) for sample in samples])


def test_agrees_with_statsmodels_one_sample_at_a_time():
    samples = draws([0.4, 0.5, 0.6, 0.7, 0.8], 300, count=5)
    loadings, unique = one_factor(covariances(samples))
    for sample, found, rest in zip(samples, loadings, unique):
        deviations = sample.std(axis=0, ddof=1)
        expected = Factor(sample, 1, method="ml").fit()
        np.testing.assert_allclose(np.abs(expected.loadings[:, 0]), found / deviations, atol=2e-5)
        np.testing.assert_allclose(expected.uniqueness, rest / deviations**2, atol=2e-5)


def test_agrees_with_r(attitude):
    # factanal(attitude, 1, control = list(opt = list(factr = 1)))
    loadings, unique = one_factor(attitude.cov().to_numpy()[None])
    published = [0.8524773617, 0.9022410810, 0.5927055591, 0.7306966681, 0.7649943302, 0.2460927700, 0.3778453027]
    np.testing.assert_allclose(loadings[0] / attitude.std(), published, atol=1e-6)
    np.testing.assert_allclose(unique[0] / attitude.var(), 1 - np.square(published), atol=1e-6)


def test_recovers_what_was_planted():
    planted = np.array([0.3, 0.5, 0.7, 0.9, 0.6])
    loadings, unique = one_factor(covariances(draws(planted, 20_000, count=20, seed=4)))
    np.testing.assert_allclose(loadings.mean(axis=0), planted, atol=0.01)
    np.testing.assert_allclose(unique.mean(axis=0), 1 - planted**2, atol=0.01)


def test_the_start_does_not_change_the_end():
    matrices = covariances(draws([0.5, 0.6, 0.7, 0.4], 100, count=50, seed=2))
    far = one_factor(matrices, start=np.array([0.9, 0.1, 0.2, 0.9]))[0]
    np.testing.assert_allclose(one_factor(matrices)[0], far, atol=1e-5)


def test_the_fit_follows_the_units():
    matrix = covariances(draws([0.5, 0.6, 0.7], 200))
    units = np.array([1.0, 10, 1000])
    loadings, unique = one_factor(matrix)
    scaled_loadings, scaled_unique = one_factor(matrix * units[:, None] * units)
    np.testing.assert_allclose(scaled_loadings, loadings * units)
    np.testing.assert_allclose(scaled_unique, unique * units**2)


def test_a_heywood_case_stays_at_its_bound():
    # r13 r23 / r12 > 1 asks for a negative unique variance
    matrix = np.array([[1, 0.3, 0.8], [0.3, 1, 0.6], [0.8, 0.6, 1.0]])
    loadings, unique = one_factor(matrix[None])
    assert unique[0, 2] == pytest.approx(HEYWOOD)
    assert np.isfinite(loadings).all()


def test_what_is_not_a_covariance_matrix_is_missing_and_leaves_the_others_alone():
    good = np.array([[1, 0.3, 0.4], [0.3, 1, 0.5], [0.4, 0.5, 1]])
    singular, empty = np.ones((3, 3)), np.full((3, 3), np.nan)
    loadings, unique = one_factor(np.stack([singular, good, empty]))
    assert np.isnan(loadings).all(axis=1).tolist() == [True, False, True]
    np.testing.assert_allclose(np.outer(loadings[1], loadings[1]) + np.diag(unique[1]), good, atol=1e-6)
