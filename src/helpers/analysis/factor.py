"""One-factor maximum likelihood, for many covariance matrices at once."""

from __future__ import annotations

import numpy as np

#: Smallest share of an item's variance that may be unique to it. An estimate at this bound is a Heywood case.
HEYWOOD = 0.005
_STEPS = 100
_TOLERANCE = 1e-8


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
        loadings[usable], unique[usable] = _fit(correlations[usable], start)
    return loadings * scale, unique * scale**2


def _fit(correlations: np.ndarray, start: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
    if start is None:
        loadings = np.einsum("bij->bi", correlations) / np.sqrt(correlations.sum(axis=(1, 2)))[:, None]
    else:
        loadings = np.tile(start, (len(correlations), 1))
    parameters = np.hstack([loadings, np.maximum(1 - loadings**2, 0.1)])
    value = _discrepancy(correlations, parameters)
    open_rows = np.arange(len(correlations))
    for _ in range(_STEPS):
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
