"""Correlations of what lies behind ordered answers, and a factor model of them.

A five-point answer is taken for a normal variable that was cut at thresholds. Its correlation with another is that of
the two normal variables, which is larger than the correlation of the answers where these are few or skewed.

Assumptions: the variables behind two answers are bivariate normal; people are independent.

References
----------
Olsson, U. (1979). Maximum likelihood estimation of the polychoric correlation coefficient. *Psychometrika*, 44,
443-460.

Drezner, Z. & Wesolowsky, G. O. (1990). On the computation of the bivariate normal integral. *Journal of Statistical
Computation and Simulation*, 35, 101-107.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, stats

from helpers.analysis.methods.counts import numeric

_FAR, _EDGE = 8.0, 0.999
_NODES, _WEIGHTS = np.polynomial.legendre.leggauss(24)
_STEPS = 60


def polychoric(frame: pd.DataFrame, items: Sequence[str] = ()) -> pd.DataFrame:
    """Estimate the polychoric correlations of ordered answers.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person; rows with a gap in any item are left out.
    items : sequence of str
        Columns of the items, ordered numbers; none: every numeric column.

    Returns
    -------
    pandas.DataFrame
        Items x items, -1 to 1; missing where an item has one answer only.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers.

    Notes
    -----
    Two steps: thresholds from the shares of each item's answers, then the correlation of each pair by maximum
    likelihood (Fisher scoring). The probability of a cell follows from Plackett's integral of the bivariate normal
    density over the correlation. Empty cells need no correction, as shares are never divided by.

    References
    ----------
    Olsson (1979) and Drezner & Wesolowsky (1990), as for the module.

    Examples
    --------
    >>> frame = pd.DataFrame({"a": [0, 0, 0, 1, 1, 1, 0, 1], "b": [0, 0, 0, 1, 1, 1, 1, 0]})
    >>> polychoric(frame).round(3).values.tolist()
    [[1.0, 0.707], [0.707, 1.0]]
    """
    chosen = numeric(frame, list(items))
    return pd.DataFrame(estimates(frame[chosen].dropna().to_numpy(float)).correlations, chosen, chosen)


class Estimates(NamedTuple):
    """Polychoric correlations with what they are known by.

    Attributes
    ----------
    correlations : numpy.ndarray
        Items x items.
    information : numpy.ndarray
        Items x items: Fisher information of each correlation, thresholds taken as known.
    """

    correlations: np.ndarray
    information: np.ndarray


def estimates(answers: np.ndarray) -> Estimates:
    """Estimate polychoric correlations of complete answers.

    Parameters
    ----------
    answers : numpy.ndarray
        People x items, nothing missing.

    Returns
    -------
    Estimates
        See there; see :func:`polychoric` for notes.
    """
    items = answers.shape[1]
    codes = [np.unique(column, return_inverse=True) for column in answers.T]
    most = max((len(levels) for levels, _ in codes), default=1)
    cuts = np.full((items, most + 1), _FAR)
    for item, (levels, code) in enumerate(codes):
        shares = np.cumsum(np.bincount(code, minlength=len(levels))) / max(len(code), 1)
        cuts[item, 0] = -_FAR
        cuts[item, 1 : len(levels)] = stats.norm.ppf(shares[:-1])
    first, second = np.triu_indices(items, 1)
    tables = np.zeros((len(first), most, most))
    for pair, (one, other) in enumerate(zip(first, second)):
        place = codes[one][1] * most + codes[other][1]
        tables[pair] = np.bincount(place, minlength=most * most).reshape(most, most)
    found, known = _fitted(tables, cuts[first], cuts[second])
    flat = np.array([len(levels) < 2 for levels, _ in codes])
    correlations, information = np.eye(items), np.zeros((items, items))
    correlations[first, second] = correlations[second, first] = found
    information[first, second] = information[second, first] = known
    correlations[flat], correlations[:, flat] = np.nan, np.nan
    return Estimates(correlations, information)


def _fitted(tables: np.ndarray, above: np.ndarray, beside: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Correlation of every table by Fisher scoring, and its information."""
    value = np.zeros(len(tables))
    total = tables.sum(axis=(1, 2))
    information = np.ones(len(tables))
    for _ in range(_STEPS if len(tables) else 0):
        chance, slope = _cells(above, beside, value)
        chance = np.maximum(chance, 1e-12)
        score = (tables / chance * slope).sum(axis=(1, 2))
        information = total * (slope * slope / chance).sum(axis=(1, 2))
        step = np.clip(score / np.maximum(information, 1e-12), -0.3, 0.3)
        moved = np.clip(value + step, -_EDGE, _EDGE)
        done = np.abs(moved - value).max() < 1e-8
        value = moved
        if done:
            break
    return value, information


def _cells(above: np.ndarray, beside: np.ndarray, value: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Probability of every cell and its derivative by the correlation; tables x answers x answers."""
    h, k = above[:, :, None], beside[:, None, :]
    inner = (np.abs(h) < _FAR) & (np.abs(k) < _FAR)
    at = value[:, None, None]
    area = stats.norm.cdf(h) * stats.norm.cdf(k)
    for node, weight in zip(_NODES, _WEIGHTS):
        area = area + np.where(inner, at / 2 * weight * _density(h, k, at * (node + 1) / 2), 0.0)
    slope = np.where(inner, _density(h, k, at), 0.0)
    return _differences(area), _differences(slope)


def _density(h: np.ndarray, k: np.ndarray, at: np.ndarray) -> np.ndarray:
    left = 1 - at * at
    return np.exp(-(h * h - 2 * at * h * k + k * k) / (2 * left)) / (2 * np.pi * np.sqrt(left))


def _differences(corners: np.ndarray) -> np.ndarray:
    return np.diff(np.diff(corners, axis=1), axis=2)


class FactorModel(NamedTuple):
    """A factor model of correlations.

    Attributes
    ----------
    loadings : numpy.ndarray
        Items x factors, in standard deviations.
    factors : numpy.ndarray
        Correlations of the factors.
    srmr : float
        Root mean square of what is left of the correlations.
    converged : bool
        Whether a minimum was found.
    """

    loadings: np.ndarray
    factors: np.ndarray
    srmr: float
    converged: bool


def factor_model(found: Estimates, pattern: np.ndarray) -> FactorModel:
    """Fit a confirmatory factor model to polychoric correlations by diagonally weighted least squares.

    Parameters
    ----------
    found : Estimates
        What :func:`estimates` returned, nothing missing.
    pattern : numpy.ndarray
        Items x factors; True where a loading is free. Each item loads on one factor.

    Returns
    -------
    FactorModel
        See there.

    Notes
    -----
    Minimises the squared differences of correlations, each weighted by its information. Without a chi-square: it would
    take the covariances of all correlations, which few people do not tell.

    References
    ----------
    Muthen, B. (1984). A general structural equation model with dichotomous, ordered categorical, and continuous latent
    variable indicators. *Psychometrika*, 49, 115-132.
    """
    pattern = np.asarray(pattern, bool)
    if (pattern.sum(axis=1) != 1).any() or len(pattern) != len(found.correlations):
        raise ValueError("the pattern needs one row for every item, with one factor each")
    own, factors = pattern.argmax(axis=1), pattern.shape[1]
    rows, columns = np.triu_indices(len(pattern), 1)
    pairs = np.triu_indices(factors, 1)
    weight = found.information[rows, columns] / found.information[rows, columns].mean()
    target = found.correlations[rows, columns]

    def unpacked(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        related = np.eye(factors)
        related[pairs] = related.T[pairs] = values[len(pattern) :]
        return values[: len(pattern)], related

    def distance(values: np.ndarray) -> tuple[float, np.ndarray]:
        loadings, related = unpacked(values)
        between = related[own[rows], own[columns]]
        left = loadings[rows] * loadings[columns] * between - target
        pull = 2 * weight * left
        slope = np.zeros(len(values))
        np.add.at(slope, rows, pull * loadings[columns] * between)
        np.add.at(slope, columns, pull * loadings[rows] * between)
        by_pair = np.zeros((factors, factors))
        np.add.at(by_pair, (own[rows], own[columns]), pull * loadings[rows] * loadings[columns])
        slope[len(pattern) :] = (by_pair + by_pair.T)[pairs]
        return float(weight @ (left * left)), slope

    start = np.concatenate([np.full(len(pattern), 0.7), np.full(len(pairs[0]), 0.4)])
    best = optimize.minimize(distance, start, jac=True, method="L-BFGS-B", bounds=[(-1, 1)] * len(start))
    loadings, related = unpacked(best.x)
    left = loadings[rows] * loadings[columns] * related[own[rows], own[columns]] - target
    srmr = float(np.sqrt((left @ left) / (len(pattern) * (len(pattern) + 1) / 2)))
    return FactorModel(np.where(pattern, loadings[:, None], 0.0), related, srmr, bool(best.success))
