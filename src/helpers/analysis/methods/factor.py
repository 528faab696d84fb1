"""Factor analysis: maximum likelihood fits, rotation, what chance alone would give, and likeness of loadings."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import linalg, stats
from statsmodels.multivariate.factor import Factor
from statsmodels.multivariate.factor_rotation import promax, rotate_factors

from helpers.analysis.methods import agreement
from helpers.rounding import rounded

#: Smallest share of an item's variance that may be unique to it. An estimate at this bound is a Heywood case.
HEYWOOD = 0.005
#: Congruence from which two factors count as equal, and as similar (Lorenzo-Seva & ten Berge, 2006).
EQUAL, SIMILAR = 0.95, 0.85

_ONE_FACTOR_STEPS, _NEWTON_STEPS = 100, 200
_TOLERANCE = 1e-8
_POWER = 4  # of the varimax loadings, in promax


def one_factor(covariances: np.ndarray, start: np.ndarray | None = None) -> tuple[np.ndarray, np.ndarray]:
    """Fit S = l l' + diag(u) by maximum likelihood to each of a stack of covariance matrices.

    Parameters
    ----------
    covariances : numpy.ndarray
        Matrices x items x items, positive definite, three items or more.
    start : numpy.ndarray, optional
        Loadings to begin with, in standard deviations of the items; speeds up fits of similar matrices.

    Returns
    -------
    tuple of numpy.ndarray
        Loadings and unique variances, matrices x items, in the units of the items. Loadings add up to a positive
        sum. Rows are missing where the fit did not converge or the matrix is not positive definite.

    Notes
    -----
    Minimises log|E| + tr(S E^-1), E = l l' + diag(u), by Fisher scoring with step halving. Unique variances are
    kept at or above 0.5 % of the item's variance, as in R's ``factanal``.

    References
    ----------
    Joreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis. *Psychometrika*, 32, 443-482.
    """
    scale = np.sqrt(np.einsum("bii->bi", covariances))
    with np.errstate(invalid="ignore", divide="ignore"):
        correlations = covariances / (scale[:, :, None] * scale[:, None, :])
    usable = np.isfinite(correlations).all(axis=(1, 2))
    usable[usable] = np.linalg.eigvalsh(correlations[usable])[:, 0] > 1e-8
    loadings, unique = np.full(scale.shape, np.nan), np.full(scale.shape, np.nan)
    if usable.any():
        loadings[usable], unique[usable] = _scored(correlations[usable], start)
    return loadings * scale, unique * scale**2


def _scored(correlations: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    if start is None:
        loadings = np.einsum("bij->bi", correlations) / np.sqrt(correlations.sum(axis=(1, 2)))[:, None]
    else:
        loadings = np.tile(start, (len(correlations), 1))
    parameters = np.hstack([loadings, np.maximum(1 - loadings**2, 0.1)])
    value = _discrepancy(correlations, parameters)
    open_rows = np.arange(len(correlations))
    for _ in range(_ONE_FACTOR_STEPS):
        gradient, information = _derivatives(correlations[open_rows], parameters[open_rows])
        step = _step(parameters[open_rows], gradient, information)
        better, reached = _line_search(correlations[open_rows], parameters[open_rows], step, value[open_rows])
        gain = value[open_rows] - reached
        parameters[open_rows], value[open_rows] = better, reached
        moving = (gain > _TOLERANCE * 1e-4) & (np.abs(step).max(axis=1) > _TOLERANCE)
        open_rows = open_rows[moving]
        if not len(open_rows):
            break
    parameters[open_rows] = np.nan
    items = correlations.shape[1]
    loadings, unique = parameters[:, :items], parameters[:, items:]
    sign = np.where(loadings.sum(axis=1) < 0, -1.0, 1.0)
    return loadings * sign[:, None], unique


def _inverse(parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Inverse of l l' + diag(u), and the log of its determinant, without inverting a matrix."""
    loadings, unique = np.split(parameters, 2, axis=1)
    ratio = loadings / unique
    one_plus = 1 + (loadings * ratio).sum(axis=1)
    inverse = -ratio[:, :, None] * ratio[:, None, :] / one_plus[:, None, None]
    np.einsum("bii->bi", inverse)[...] += 1 / unique
    return inverse, np.log(unique).sum(axis=1) + np.log(one_plus)


def _discrepancy(correlations: np.ndarray, parameters: np.ndarray) -> np.ndarray:
    inverse, determinant = _inverse(parameters)
    return determinant + np.einsum("bij,bij->b", correlations, inverse)


def _derivatives(correlations: np.ndarray, parameters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Gradient and expected second derivatives of the discrepancy."""
    loadings = np.split(parameters, 2, axis=1)[0]
    inverse, _ = _inverse(parameters)
    residual = inverse - inverse @ correlations @ inverse
    projected = np.einsum("bij,bj->bi", inverse, loadings)
    gradient = np.hstack([2 * np.einsum("bij,bj->bi", residual, loadings), np.einsum("bii->bi", residual)])
    strength = (loadings * projected).sum(axis=1)[:, None, None]
    loading = 2 * (strength * inverse + projected[:, :, None] * projected[:, None, :])
    mixed = 2 * inverse * projected[:, None, :]
    top = np.concatenate([loading, mixed], axis=2)
    bottom = np.concatenate([mixed.swapaxes(1, 2), inverse**2], axis=2)
    return gradient, np.concatenate([top, bottom], axis=1)


def _step(parameters: np.ndarray, gradient: np.ndarray, information: np.ndarray) -> np.ndarray:
    """Scoring step; unique variances at their bound that would go below it stay where they are."""
    items = parameters.shape[1] // 2
    fixed = np.zeros(parameters.shape, bool)
    fixed[:, items:] = (parameters[:, items:] <= HEYWOOD * (1 + 1e-9)) & (gradient[:, items:] > 0)
    free = ~fixed
    information = information * free[:, :, None] * free[:, None, :]
    diagonal = np.einsum("bii->bi", information)
    diagonal += np.where(fixed, 1.0, 1e-10)
    return -np.linalg.solve(information, (gradient * free)[:, :, None])[:, :, 0]


def _line_search(
    correlations: np.ndarray, parameters: np.ndarray, step: np.ndarray, value: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Take the step, halved as often as needed not to get worse."""
    items = parameters.shape[1] // 2
    best, best_value = parameters.copy(), value.copy()
    waiting, length = np.arange(len(parameters)), 1.0
    for _ in range(25):
        trial = parameters[waiting] + length * step[waiting]
        trial[:, items:] = np.maximum(trial[:, items:], HEYWOOD)
        reached = _discrepancy(correlations[waiting], trial)
        better = reached <= value[waiting]
        best[waiting[better]], best_value[waiting[better]] = trial[better], reached[better]
        waiting, length = waiting[~better], length / 2
        if not len(waiting):
            break
    return best, best_value


class Fit(NamedTuple):
    """A maximum likelihood solution before rotation.

    Attributes
    ----------
    loadings : numpy.ndarray
        Items x factors, unrelated factors, in standard deviations of the items.
    unique : numpy.ndarray
        Unique variance of each item, 0 to 1.
    """

    loadings: np.ndarray
    unique: np.ndarray


def fit(correlations: np.ndarray, factors: int) -> Fit | None:
    """Fit factors to one correlation matrix by maximum likelihood.

    Parameters
    ----------
    correlations : numpy.ndarray
        Items x items.
    factors : int
        Number of factors, 1 or more.

    Returns
    -------
    Fit or None
        The solution of statsmodels' ``Factor``; None where it did not converge.
    """
    start = fit_from(correlations, factors, np.clip(1 / np.diag(np.linalg.inv(correlations)), 0.05, 0.95))
    if start is None:
        return None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # what they warn of is looked at below
        found = Factor(corr=correlations, n_factor=factors, method="ml", nobs=len(correlations)).fit(start=tuple(start))
    converged = found.mle_retvals.success or np.abs(found.mle_retvals.jac).max() < 1e-4
    return Fit(found.loadings, found.uniqueness) if converged and np.isfinite(found.loadings).all() else None


def fit_from(correlations: np.ndarray, factors: int, unique: np.ndarray) -> Fit | None:
    """Fit factors by Newton steps from unique variances near the solution: for many similar matrices.

    Parameters
    ----------
    correlations : numpy.ndarray
        Items x items.
    factors : int
        Number of factors, 1 or more.
    unique : numpy.ndarray
        Unique variances to begin with, 0 to 1.

    Returns
    -------
    Fit or None
        The solution; None where it did not converge.

    Notes
    -----
    With g and w the values and vectors of the correlations divided by the unique variances, and sums over all but the
    largest values, sum (g - log g - 1) is minimised over the logs of the unique variances: gradient
    sum (1 - g) w_i^2, second derivatives about (sum w_i w_j)^2.

    References
    ----------
    Joreskog, K. G. (1967). Some contributions to maximum likelihood factor analysis. *Psychometrika*, 32, 443-482.
    """
    items = len(correlations)

    def looked_at(point: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
        scale = np.exp(-point / 2)
        values, vectors = np.linalg.eigh(correlations * np.outer(scale, scale))
        small = np.maximum(values[: items - factors], 1e-12)
        return np.sum(small - np.log(small) - 1), values, vectors

    point = np.log(np.maximum(unique, HEYWOOD))
    value, values, vectors = looked_at(point)
    for _ in range(_NEWTON_STEPS):
        rest = vectors[:, : items - factors]
        gradient = rest**2 @ (1 - values[: items - factors])
        free = (point > np.log(HEYWOOD) + 1e-12) | (gradient < 0)
        if np.abs(gradient[free]).max(initial=0) < 1e-7:
            scale, strength = np.exp(point / 2), np.sqrt(np.maximum(values[items - factors :] - 1, 0))
            loadings = scale[:, None] * vectors[:, items - factors :] * strength
            return Fit(loadings[:, ::-1], np.exp(point))
        step = np.zeros(items)
        step[free] = -np.linalg.lstsq((rest @ rest.T)[np.ix_(free, free)] ** 2, gradient[free], rcond=None)[0]
        length = min(1.0, 2 / np.abs(step).max())
        while length > 1e-6:
            trial = np.maximum(point + length * step, np.log(HEYWOOD))
            reached, values, vectors = looked_at(trial)
            if reached <= value + 1e-14:
                break
            length /= 2
        else:
            return None
        point, value = trial, reached
    return None


def rotate(loadings: np.ndarray, rotation: str) -> tuple[np.ndarray, np.ndarray]:
    """Rotate loadings to simple structure.

    Parameters
    ----------
    loadings : numpy.ndarray
        Items x factors, unrelated factors.
    rotation : {"oblimin", "promax", "varimax"}
        Oblimin with gamma 0 (quartimin); promax with power 4; varimax keeps factors unrelated. Without Kaiser's
        normalisation.

    Returns
    -------
    tuple of numpy.ndarray
        Pattern (items x factors; factors ordered by the sum of their squared loadings, signs such that most of a
        factor's loadings are positive), and correlations of the factors.

    References
    ----------
    Browne, M. W. (2001). An overview of analytic rotation in exploratory factor analysis. *Multivariate Behavioral
    Research*, 36, 111-150.
    """
    pattern, related = rotate_from(loadings, rotation, np.eye(loadings.shape[1]))
    order = np.argsort(-(pattern**2).sum(axis=0), kind="stable")
    sign = np.where(pattern.sum(axis=0) < 0, -1.0, 1.0)
    return (pattern * sign)[:, order], (related * np.outer(sign, sign))[np.ix_(order, order)]


def rotate_from(loadings: np.ndarray, rotation: str, begin: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Rotate loadings by a search that begins at a given turn; factors keep the order and sign they have there.

    Parameters
    ----------
    loadings : numpy.ndarray
        Items x factors, unrelated factors.
    rotation : {"oblimin", "promax", "varimax"}
        See :func:`rotate`.
    begin : numpy.ndarray
        Turn to begin with, factors x factors.

    Returns
    -------
    tuple of numpy.ndarray
        Pattern (items x factors) and correlations of the factors.
    """
    if len(begin) == 1:
        turn = np.eye(1)
    elif rotation == "promax":
        # promax begins with varimax, which finds its way from loadings near simple structure at once
        orthogonal = linalg.polar(begin)[0]
        turn = orthogonal @ promax(loadings @ orthogonal, _POWER + 1)[1]
    else:
        turn = rotate_factors(loadings, {"oblimin": "quartimin", "varimax": "varimax"}[rotation], T=begin)[1]
    return loadings @ np.linalg.inv(turn).T, turn.T @ turn


def unrelated_eigenvalues(used: pd.DataFrame, items: Sequence[str], draws: int, seed: int) -> np.ndarray:
    """Draw the eigenvalues of items that are unrelated to each other, but as alike within clusters as the real ones.

    Parameters
    ----------
    used : pandas.DataFrame
        Rows that answered every item, with the column ``cluster_id``.
    items : sequence of str
        Columns of the items.
    draws : int
        Number of draws.
    seed : int
        Seed.

    Returns
    -------
    numpy.ndarray
        Draws x items, largest first.

    Notes
    -----
    For normal items the products within clusters follow a Wishart distribution with rows - clusters degrees of
    freedom, independent of the cluster means; so neither needs single rows to be drawn.
    """
    random = np.random.default_rng(seed)
    codes = pd.factorize(used["cluster_id"])[0]
    sizes, count = np.bincount(codes), len(items)
    alike = np.array([agreement.intraclass(used[item], used["cluster_id"]).one for item in items])
    alike = np.clip(np.nan_to_num(alike), 0, 0.99)
    if not alike.any():
        products = _wishart(random, len(used) - 1, count, draws)
    else:
        scale = np.sqrt(1 - alike)
        products = _wishart(random, len(used) - len(sizes), count, draws) * np.outer(scale, scale)
        deviation = np.sqrt(alike + (1 - alike) / sizes[:, None])
        for draw in range(draws):
            means = random.normal(size=deviation.shape) * deviation
            means -= sizes @ means / sizes.sum()
            products[draw] += (means * sizes[:, None]).T @ means
    spread = np.sqrt(np.einsum("bii->bi", products))
    return np.linalg.eigvalsh(products / (spread[:, :, None] * spread[:, None, :]))[:, ::-1]


def percentile(drawn: np.ndarray, percent: float) -> np.ndarray:
    """Find the value that one more draw exceeds with a given chance (Weibull's plotting position).

    Parameters
    ----------
    drawn : numpy.ndarray
        Draws x columns.
    percent : float
        Percentile, 0 to 100: one more draw exceeds the value with a chance of 100 - ``percent`` per cent.

    Returns
    -------
    numpy.ndarray
        One value per column.
    """
    return np.percentile(drawn, percent, axis=0, method="weibull")


def _wishart(random: np.random.Generator, degrees: int, items: int, draws: int) -> np.ndarray:
    """Cross-products of independent standard normal items."""
    if degrees >= items:
        return stats.wishart.rvs(degrees, np.eye(items), size=draws, random_state=random)
    values = random.normal(size=(draws, degrees, items))
    return values.swapaxes(1, 2) @ values


def congruence(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Compute Tucker's congruence of every pair of factors.

    Parameters
    ----------
    first, second : numpy.ndarray
        Loadings, items x factors, of the same items.

    Returns
    -------
    numpy.ndarray
        Factors of ``first`` x factors of ``second``, -1 to 1.

    Notes
    -----
    sum of x y / sqrt(sum of x^2 sum of y^2): a correlation about zero.

    References
    ----------
    Tucker, L. R. (1951). *A Method for Synthesis of Factor Analysis Studies*. Educational Testing Service.

    Examples
    --------
    >>> congruence(np.array([[0.8], [0.7], [0.6]]), np.array([[0.7], [0.8], [0.5]])).round(3).tolist()
    [[0.99]]
    """
    return first.T @ second / np.sqrt(np.outer((first**2).sum(axis=0), (second**2).sum(axis=0)))


def congruence_words(value: float) -> str:
    """Say what a congruence means.

    Parameters
    ----------
    value : float
        Tucker's congruence.

    Returns
    -------
    str
        ``equal`` from .95, ``similar`` from .85, else ``differ``.

    References
    ----------
    Lorenzo-Seva, U. & ten Berge, J. M. F. (2006). Tucker's congruence coefficient as a meaningful index of factor
    similarity. *Methodology*, 2, 57-64.
    """
    # .945 is .95 as the authors print it
    printed = rounded(value, 2) if np.isfinite(value) else value
    return "equal" if printed >= EQUAL else "similar" if printed >= SIMILAR else "differ"
