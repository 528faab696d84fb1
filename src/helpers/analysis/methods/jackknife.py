"""Intervals from leaving out one cluster at a time.

With few clusters the jackknife on a scale where the estimate is near normal holds its level better than bootstrap
percentiles, needs no random numbers and no more fits than there are clusters.

It sees no more than the fits that are left: where a term rests on one cluster alone, the fit without that cluster says
nothing of the term, and an interval from the others would be too narrow. :func:`lost_terms` finds such terms.

References
----------
Shao, J. & Tu, D. (1995). *The Jackknife and Bootstrap*. Springer. Section 2.1.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from scipy import stats

Transform = Callable[[np.ndarray], np.ndarray]

#: Why a term has no interval that the rest could tell without one cluster only.
HINGES = "it hinges on one cluster: without it, nothing tells this term"
#: Relative size below which what is left of a direction counts as nothing.
_ZERO = 1e-9


def standard_error(replicates: np.ndarray) -> np.ndarray:
    """Standard error from estimates with one group left out each.

    Parameters
    ----------
    replicates : numpy.ndarray
        Groups first; any further axes are estimated separately.

    Returns
    -------
    numpy.ndarray
        sqrt((G - 1) / G sum (t_g - mean t)^2).

    Examples
    --------
    >>> import numpy as np
    >>> round(float(standard_error(np.array([3.1, 2.9, 3.3, 3.0]))), 3)
    0.256
    """
    size = len(replicates)
    return np.sqrt((size - 1) / size * np.sum((replicates - replicates.mean(axis=0)) ** 2, axis=0))


def interval(
    point: float, replicates: np.ndarray, confidence: float, forward: Transform, backward: Transform
) -> tuple[float, float]:
    """Interval of an estimate, computed on a transformed scale with t on groups - 1 degrees of freedom.

    Parameters
    ----------
    point : float
        The estimate from everything.
    replicates : numpy.ndarray
        The estimate with each group left out.
    confidence : float
        Confidence level, between 0 and 1.
    forward, backward : callable
        Transformation to the scale on which the interval is symmetric, and back.

    Returns
    -------
    tuple of float
        Lower and upper limit.

    Examples
    --------
    >>> import numpy as np
    >>> low, high = interval(0.7, np.array([0.68, 0.73, 0.66, 0.74]), 0.95, np.arctanh, np.tanh)
    >>> round(low, 2), round(high, 2)
    (0.46, 0.84)
    """
    half = stats.t.ppf(0.5 + confidence / 2, len(replicates) - 1) * standard_error(forward(replicates))
    limits = backward(forward(np.array(point)) + np.array([-half, half]))
    return float(min(limits)), float(max(limits))


def lost_terms(design: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Find the terms that the remaining rows cannot tell once a cluster is left out.

    Parameters
    ----------
    design : numpy.ndarray
        Rows x terms, of full column rank, with the constant where the model has one.
    cluster : numpy.ndarray
        Code of each row's cluster, 0 to clusters - 1.

    Returns
    -------
    numpy.ndarray
        Clusters x terms: whether the term is lost without the cluster.

    Notes
    -----
    The directions in which the design without cluster g does not vary are the null space of X'X - X_g'X_g. A term is
    lost if it takes part in one of them. The same rule decides in
    :func:`helpers.analysis.methods.clustered.least_squares` that only one cluster bears on a term.

    Examples
    --------
    >>> import numpy as np
    >>> constant, treated = np.ones(6), np.array([1, 1, 0, 0, 0, 0])
    >>> lost_terms(np.column_stack([constant, treated]), np.array([0, 0, 1, 1, 2, 2])).tolist()
    [[False, True], [False, False], [False, False]]
    """
    scaled = design / np.maximum(np.linalg.norm(design, axis=0), np.finfo(float).tiny)
    parts = np.array([own.T @ own for own in (scaled[cluster == code] for code in range(cluster.max(initial=-1) + 1))])
    values, vectors = np.linalg.eigh(parts.sum(axis=0) - parts)
    nothing = values < _ZERO * values[:, -1:]
    return (np.abs(vectors) * nothing[:, None, :] > 1e-6).any(axis=2)
