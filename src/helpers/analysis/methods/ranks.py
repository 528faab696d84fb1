"""Which of several items could be lowest or highest, as far as the data can tell.

The lowest of several means is partly chance, and its own interval does not say how much. A set of ranks does: it holds
every item that no other lies below (above) with certainty, so ties stay in it. All differences of two items are looked
at together, with the covariance that they have because the same people rate all items.

Notes
-----
With estimates t and a matrix R whose R'R is their covariance, the difference of items i and j has the standard error
s_ij = ||R_i - R_j||. Item i lies below j if t_i - t_j < -q_ij s_ij, with q_ij the quantile of t on the degrees of
freedom of that difference at the level 1 - (1 - confidence) / m of m pairs (Bonferroni). Lowest is what no item lies
below. The distribution of the largest difference (max-t) would give hardly smaller sets: 3.16 instead of 3.26 standard
errors with 10 independent items. With few clusters, from which the correlations of so many differences are not known,
it would be too sure of itself.

An item of which little is known may be told from none. Then whatever has a lower estimate than an item that could be
lowest could be it, too: nothing is named lowest beside something lower that is not, and a larger set is as sure.

With probability ``confidence`` all items that are truly lowest are in the set, whatever ties there are, and those truly
highest in the other, both at once. Assumptions: estimates are near normal, clusters independent.

References
----------
Hsu, J. C. (1981). Simultaneous confidence intervals for all distances from the "best". *Annals of Statistics*, 9,
1026-1034.

Mogstad, M., Romano, J. P., Shaikh, A. M. & Wilhelm, D. (2024). Inference for ranks with applications to mobility across
neighbourhoods and academic achievement across countries. *Review of Economic Studies*, 91, 476-518.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from scipy import stats

from helpers.rounding import snapped_all

#: Level of a set of ranks: what is called lowest is as sure as a difference that is called strong.
CONFIDENCE = 0.995
#: Relative size below which a standard error counts as zero.
_ZERO = 1e-9


def sets(
    estimates: np.ndarray, root: np.ndarray, degrees: np.ndarray | float = np.inf, confidence: float = CONFIDENCE
) -> tuple[np.ndarray, np.ndarray]:
    """Say of each item whether it could be lowest, and whether it could be highest.

    Parameters
    ----------
    estimates : numpy.ndarray
        One per item, all in one unit.
    root : numpy.ndarray
        Any number of rows x items, with root'root the covariance of the estimates: contributions of clusters;
        sqrt((G - 1) / G) times what leaving out each of G clusters changes; resamples less their mean, divided by the
        root of their number.
    degrees : numpy.ndarray or float
        Degrees of freedom of the difference of each two items (items x items), or of all.
    confidence : float
        With which all that are truly lowest, and highest, are found among those named, between 0 and 1.

    Returns
    -------
    tuple of numpy.ndarray
        Two booleans per item: could be lowest, could be highest. Two items whose difference has no standard error are
        not told apart.

    Examples
    --------
    >>> import numpy as np
    >>> lowest, highest = sets(np.array([3.0, 3.1, 4.0]), np.diag([0.1, 0.1, 0.1]))
    >>> lowest.tolist(), highest.tolist()
    ([True, True, False], [False, False, True])
    """
    size = len(estimates)
    pairs = list(combinations(range(size), 2))
    below = np.zeros((size, size), dtype=bool)
    if pairs:
        first, second = np.array(pairs).T
        difference = estimates[first] - estimates[second]
        if len(root) > size:  # the same differences have the same length in R of root = QR
            root = np.asarray(np.linalg.qr(root, mode="r"))
        error = np.linalg.norm(root[:, first] - root[:, second], axis=0)
        free = np.broadcast_to(np.asarray(degrees, float), (size, size))[first, second]
        known = (error > _ZERO * max(float(np.abs(estimates).max()), 1e-300)) & (free >= 1)
        critical = stats.t.isf((1 - confidence) / len(pairs) / 2, np.where(known, free, 1.0))
        apart = known & (np.abs(difference) > critical * error)
        lower, higher = np.where(difference < 0, (first, second), (second, first))
        below[lower[apart], higher[apart]] = True
    lowest, highest = np.asarray(~below.any(axis=0)), np.asarray(~below.any(axis=1))
    return _closed(lowest, estimates), _closed(highest, -estimates)


def _closed(could: np.ndarray, estimates: np.ndarray) -> np.ndarray:
    """Add to the items that could be lowest whatever has a lower estimate than one of them."""
    return np.asarray(could | (estimates <= np.max(estimates[could], initial=-np.inf)))


def of_means(
    frame: pd.DataFrame,
    value: str,
    item: str = "dimension",
    by: Sequence[str] = (),
    cluster: str = "cluster_id",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Say which items could have the lowest or the highest mean, where the same people rate several.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per person and item.
    value : str
        Column of the values, in one unit for all items.
    item : str
        Column that names the item.
    by : sequence of str
        Columns within which items are compared, such as the side.
    cluster : str
        Column of the cluster. Rows in which it or the value is missing are left out.
    confidence : float
        See :func:`sets`.

    Returns
    -------
    pandas.DataFrame
        One row per item: the columns of ``by``, ``item``, lowest, highest (whether it could be that). Without two items
        or two clusters there is no row.

    Notes
    -----
    See the module. Means of all items are one regression, ``value ~ 0 + item``, with the covariance CR2 by cluster and
    Satterthwaite degrees of freedom for every difference (:mod:`helpers.analysis.methods.clustered`).

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({
    ...     "dimension": ["trust"] * 6 + ["candour"] * 6,
    ...     "cluster_id": [1, 2, 3, 4, 5, 6] * 2,
    ...     "score": [4.0, 4.1, 3.9, 4.2, 4.0, 4.1, 2.0, 2.2, 1.9, 2.1, 2.1, 2.0],
    ... })
    >>> of_means(answers, "score")
      dimension  lowest  highest
    0     trust   False     True
    1   candour    True    False
    """
    used = frame.dropna(subset=[value, cluster, item, *by])
    grouped = used.groupby(list(by), sort=False) if by else [((), used)]
    found = [
        _of_means(part, value, item, cluster, confidence).assign(
            **dict(zip(by, key if isinstance(key, tuple) else (key,)))
        )
        for key, part in grouped
    ]
    columns = [*by, item, "lowest", "highest"]
    return pd.concat(found, ignore_index=True)[columns] if found else pd.DataFrame(columns=columns)


def _of_means(part: pd.DataFrame, value: str, item: str, cluster: str, confidence: float) -> pd.DataFrame:
    codes, names = pd.factorize(part[item])
    if len(names) < 2 or part[cluster].nunique() < 2 or len(part) <= len(names):
        return pd.DataFrame({item: [], "lowest": [], "highest": []})
    means, contributions, degrees = _fitted(codes, part[value].to_numpy(float), part[cluster].to_numpy())
    lowest, highest = sets(snapped_all(pd.Series(means)).to_numpy(), contributions, degrees, confidence)
    return pd.DataFrame({item: names, "lowest": lowest, "highest": highest})


def _fitted(codes: np.ndarray, values: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Fit ``value ~ 0 + item``: means, what clusters contribute to each (CR2), degrees of freedom of all differences.

    Each row is of one item, so that every matrix of :func:`.clustered.least_squares` is diagonal here: with h the share
    of an item's rows that a cluster has, the cluster's correction is a = (1 - h)^(-1/2).
    """
    groups, _ = pd.factorize(cluster)
    shape = (groups.max() + 1, codes.max() + 1)
    cells = groups * shape[1] + codes
    total = np.bincount(codes)
    means = np.bincount(codes, values) / total
    held = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape) / total
    left = np.bincount(cells, values - means[codes], shape[0] * shape[1]).reshape(shape)
    alone = held > 1 - 1e-9
    correction = np.where(alone, 0.0, 1 / np.sqrt(np.where(alone, 1.0, 1 - held)))
    own, shared = held * correction**2 / total, held * correction / np.sqrt(total)
    # products of the clusters' weights: own on the diagonal, less shared shared' everywhere
    expected = own.sum(axis=0) - (shared**2).sum(axis=0)
    squares, crossed, together = own.T @ own, own.T @ shared**2, (shared.T @ shared) ** 2
    pair = [_of_pairs(np.diag(each)) for each in (squares, crossed, together)]
    spread = pair[0] + 2 * squares - 2 * (pair[1] + crossed + crossed.T) + pair[2] + 2 * together
    with np.errstate(divide="ignore", invalid="ignore"):  # of an item beside itself
        degrees = _of_pairs(expected) ** 2 / spread
    known = np.asarray(~alone.any(axis=0))
    return means, left * correction / total, np.where(known[:, None] & known, degrees, 0.0)


def _of_pairs(each: np.ndarray) -> np.ndarray:
    """Return the sum of every two items."""
    return np.asarray(each[:, None] + each[None, :])


def of_left_out(
    items: Sequence[object],
    point: np.ndarray,
    left_out: np.ndarray,
    item: str = "dimension",
    confidence: float = CONFIDENCE,
) -> pd.DataFrame:
    """Say which items could be lowest or highest, from what leaving out one cluster at a time makes of all of them.

    Parameters
    ----------
    items : sequence
        What is ranked.
    point, left_out : numpy.ndarray
        Estimates of all items; the same without each cluster (clusters x items). On a scale on which estimates are near
        normal: Fisher's z of correlations.
    item : str
        What the column of the items is called.
    confidence : float
        See :func:`sets`.

    Returns
    -------
    pandas.DataFrame
        One row per item: ``item``, lowest, highest (whether it could be that). What could not be estimated, with
        everything or without one of the clusters, could be either.

    Notes
    -----
    The delete-one jackknife's covariance of all estimates: their clusters are the same, so that it knows what goes
    with what. t on clusters - 1 degrees of freedom.

    Examples
    --------
    >>> import numpy as np
    >>> left_out = np.array([[0.10, 0.11, 0.5], [0.12, 0.10, 0.52], [0.11, 0.12, 0.48], [0.11, 0.11, 0.5]])
    >>> of_left_out(["a", "b", "c"], np.array([0.11, 0.11, 0.5]), left_out, confidence=0.95).values.tolist()
    [['a', True, False], ['b', True, False], ['c', False, True]]
    """
    known = np.isfinite(point) & np.isfinite(left_out).all(axis=0)
    lowest, highest = np.ones(len(items), bool), np.ones(len(items), bool)
    clusters = len(left_out)
    if clusters > 1 and known.sum() > 1:
        apart = left_out[:, known] - left_out[:, known].mean(axis=0)
        root = np.sqrt((clusters - 1) / clusters) * apart
        lowest[known], highest[known] = sets(
            snapped_all(pd.Series(point[known])).to_numpy(), root, clusters - 1, confidence
        )
    return pd.DataFrame({item: pd.Index(items), "lowest": lowest, "highest": highest})


def of_intervals(table: pd.DataFrame, level: float = 0.95, confidence: float = CONFIDENCE) -> pd.DataFrame:
    """Say which rows could be lowest or highest, from their intervals alone.

    Parameters
    ----------
    table : pandas.DataFrame
        ``estimate``, ``low``, ``high``, in one unit; ``clusters``, where they are known. Rows without an estimate are
        told apart from none.
    level : float
        Level of the intervals, between 0 and 1.
    confidence : float
        See :func:`sets`.

    Returns
    -------
    pandas.DataFrame
        The table with lowest and highest: whether it could be that.

    Notes
    -----
    For estimates whose covariance nobody knows, such as shares of variance. Each of k intervals is taken to the level
    1 - (1 - confidence) / k by the ratio of the t quantiles (clusters - 1 degrees of freedom), so that all hold
    together (Bonferroni), whatever goes with what; an item lies below another where their intervals do not meet. That
    is valid for any dependence, and cautious: with a known covariance fewer items would stay in the set.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"estimate": [0.1, 0.2, 0.9], "low": [0.0, 0.1, 0.8], "high": [0.2, 0.3, 1.0]})
    >>> of_intervals(table)[["lowest", "highest"]].to_numpy().tolist()
    [[True, False], [True, False], [False, True]]
    """
    numbers = table[["estimate", "low", "high"]].apply(pd.to_numeric, errors="coerce").to_numpy(float)
    estimate, low, high = numbers.T
    degrees = pd.to_numeric(table["clusters"], errors="coerce").to_numpy(float) - 1 if "clusters" in table else np.inf
    degrees = np.where(np.nan_to_num(degrees, nan=1.0) >= 1, np.nan_to_num(degrees, nan=1.0), 1.0)
    each = 1 - (1 - confidence) / max(len(table), 1)
    wider = stats.t.ppf(0.5 + each / 2, degrees) / stats.t.ppf(0.5 + level / 2, degrees)
    low, high = estimate - wider * (estimate - low), estimate + wider * (high - estimate)
    below = high[:, None] < low[None, :]  # a missing end is below nothing, and above nothing
    lowest, highest = ~below.any(axis=0), ~below.any(axis=1)
    known = np.isfinite(estimate)
    lowest[known], highest[known] = (
        _closed(could[known], way * estimate[known]) for could, way in ((lowest, 1), (highest, -1))
    )
    return table.assign(lowest=lowest, highest=highest)
