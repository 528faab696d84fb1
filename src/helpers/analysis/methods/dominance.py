"""What matters most: how much of the explained differences in an outcome goes with each predictor.

Predictors overlap, so no coefficient says how much each contributes. Both methods here divide R-squared between
them: general dominance by averaging what a predictor adds to every set of the others, relative weights by way of
uncorrelated stand-ins. Association, not cause.

Intervals come from a bootstrap of whole clusters. Since no weight can be negative, a weight is compared with that of a
random predictor added to the model, never with zero, and ties are judged by the interval of the difference.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from math import comb

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods import ranks
from helpers.analysis.methods.counts import NOT_COMPUTABLE, cannot_tell, people, require

#: Most predictors (with the random one) for which every set of the others is tried.
EXACT_UP_TO = 12
#: Orderings drawn beyond that.
ORDERINGS = 200
RESPONDENTS_PER_PREDICTOR = 15
FEWEST_CLUSTERS = 20
#: Columns that answer yes or no; missing where nothing could be estimated.
ANSWERS = ("beats_random", "tied_with_next", "lowest", "highest")
_CHUNK = 500


def general_dominance(correlations: np.ndarray, seed: int = 0) -> np.ndarray:
    """Divide R-squared by general dominance.

    Parameters
    ----------
    correlations : numpy.ndarray
        Matrices x (predictors + 1) x (predictors + 1), the outcome last.
    seed : int
        For the orderings drawn with more than 12 predictors.

    Returns
    -------
    numpy.ndarray
        Matrices x predictors; each row adds up to R-squared. Missing where a matrix is singular.

    Notes
    -----
    A predictor's weight is the mean, over the number of other predictors, of the mean of what it adds to R-squared of
    all sets of that many others: its Shapley value. Beyond 12 predictors the mean is over 200 random orderings; the
    error of that stands in :func:`importance`.

    References
    ----------
    Azen, R. & Budescu, D. V. (2003). The dominance analysis approach for comparing predictors in multiple
    regression. *Psychological Methods*, 8, 129-148.

    Examples
    --------
    >>> correlations = np.array([[1.0, 0.3, 0.5], [0.3, 1.0, 0.4], [0.5, 0.4, 1.0]])
    >>> general_dominance(correlations[None]).round(3).tolist()
    [[0.204, 0.114]]
    """
    predictors = correlations.shape[1] - 1
    if predictors > EXACT_UP_TO:
        return _by_orderings(correlations, seed).mean(axis=0)
    return (dominance_coefficients(predictors) @ _explained(correlations)).T


def dominance_coefficients(predictors: int) -> np.ndarray:
    """Tell how often what each set of predictors explains enters each predictor's general dominance.

    Parameters
    ----------
    predictors : int
        Number of predictors.

    Returns
    -------
    numpy.ndarray
        Predictors x sets (bit i of the column: predictor i is in the set). Times what the sets explain, it gives the
        weights.
    """
    sets = np.arange(2**predictors)
    sizes = np.array([mask.bit_count() for mask in sets.tolist()])
    weights = np.empty((predictors, len(sets)))
    for predictor in range(predictors):
        holds = (sets >> predictor) & 1
        others = sizes - holds
        share = np.array([1 / (predictors * comb(predictors - 1, size)) if size < predictors else 0 for size in others])
        weights[predictor] = np.where(holds, share, -share)
    return weights


def _explained(correlations: np.ndarray) -> np.ndarray:
    """R-squared of every set of predictors (bit i of the row: predictor i is in it), by sweeping them out in turn."""
    predictors = correlations.shape[1] - 1
    explained = np.zeros((2**predictors, len(correlations)))

    def visit(residual: np.ndarray, first: int, mask: int) -> None:
        # residual: covariances of the predictors from `first` on, and of the outcome, given the set
        for offset in range(residual.shape[1] - 1):
            pivot, column = residual[:, offset, offset], residual[:, offset + 1 :, offset]
            with np.errstate(divide="ignore", invalid="ignore"):
                swept = column[:, :, None] * (column / pivot[:, None])[:, None, :]
            rest = residual[:, offset + 1 :, offset + 1 :] - swept
            extended = mask | 1 << (first + offset)
            explained[extended] = 1 - rest[:, -1, -1]
            visit(rest, first + offset + 1, extended)

    visit(correlations, 0, 0)
    return explained


def _by_orderings(correlations: np.ndarray, seed: int) -> np.ndarray:
    """What each predictor adds in each of many random orderings: the last row of a Cholesky factor, squared."""
    predictors = correlations.shape[1] - 1
    random = np.random.default_rng(seed)
    added = np.empty((ORDERINGS, len(correlations), predictors))
    for number in range(ORDERINGS):
        order = np.append(random.permutation(predictors), predictors)
        factor = np.linalg.cholesky(correlations[:, order[:, None], order])
        added[number][:, order[:-1]] = factor[:, -1, :-1] ** 2
    return added


def relative_weights(correlations: np.ndarray) -> np.ndarray:
    """Divide R-squared by relative weights.

    Parameters
    ----------
    correlations : numpy.ndarray
        Matrices x (predictors + 1) x (predictors + 1), the outcome last.

    Returns
    -------
    numpy.ndarray
        Matrices x predictors; each row adds up to R-squared.

    Notes
    -----
    With L the symmetric square root of the predictors' correlations, weights are (L * L) b^2, b = L^-1 r.

    References
    ----------
    Johnson, J. W. (2000). A heuristic method for estimating the relative weight of predictor variables in multiple
    regression. *Multivariate Behavioral Research*, 35, 1-19.
    """
    values, vectors = np.linalg.eigh(correlations[:, :-1, :-1])
    root = np.sqrt(np.maximum(values, 0))
    loading = (vectors * root[:, None, :]) @ np.swapaxes(vectors, 1, 2)
    with np.errstate(divide="ignore", invalid="ignore"):
        projected = np.einsum("bji,bj->bi", vectors, correlations[:, :-1, -1]) / root
    slopes = np.einsum("bij,bj->bi", vectors, projected)
    return np.einsum("bij,bj->bi", loading**2, slopes**2)


def importance(
    frame: pd.DataFrame,
    outcome: str,
    predictors: Sequence[str],
    cluster: str = "cluster_id",
    method: str = "general dominance",
    confidence: float = 0.95,
    bootstrap: int = 2000,
    seed: int = 0,
    minimum_model_n: int = 20,
) -> pd.DataFrame:
    """Rank predictors by their share of the explained variance.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer. Rows with anything missing are left out.
    outcome : str
        Column to explain.
    predictors : sequence of str
        Columns that may explain it; of fewer than two nothing is told.
    cluster : str
        Column that names the cluster.
    method : {"general dominance", "relative weights"}
        How R-squared is divided.
    confidence : float
        Confidence level, between 0 and 1.
    bootstrap : int
        Number of bootstrap samples of clusters, 200 or more.
    seed : int
        Seed of the bootstrap and of the random predictor.
    minimum_model_n : int
        Fewest respondents for whom a ranking may be published.

    Returns
    -------
    pandas.DataFrame
        One row per predictor, most important first: predictor, estimate (share of the outcome's variance, 0 to 1), low,
        high, share (per cent of R-squared), rank, correlation (with the outcome), above_random, above_random_low,
        above_random_high (estimate less the weight of a random predictor, in the model that holds it), beats_random
        (whether that interval lies above 0), tied_with_next (whether the interval of the difference from the next
        holds 0), lowest, highest (whether it could be that, by :func:`helpers.analysis.methods.ranks.sets` of the
        bootstrap samples; all four are missing where nothing could be estimated), r_squared, sampling_error (standard
        error from drawing orderings; 0 up to 12 predictors), respondents, rated (where known), clusters, observations,
        method, note.

    Raises
    ------
    ValueError
        If an argument is not as above.

    Notes
    -----
    No ranking below ``minimum_model_n`` respondents (confidentiality), 15 respondents per predictor, or 20 clusters.
    Intervals are the estimate +- t (clusters - 1) times the bootstrap standard error, which holds 93 to 95 % of true
    weights with 36 unequal clusters; percentiles hold 92 to 95 %, and never a weight of zero.

    References
    ----------
    Tonidandel, S., LeBreton, J. M. & Johnson, J. W. (2009). Determining the statistical significance of relative
    weights. *Psychological Methods*, 14, 387-399.

    Examples
    --------
    >>> random = np.random.default_rng(1)
    >>> team = np.repeat(range(30), 8)
    >>> frame = pd.DataFrame({"cluster_id": team, "respondent_id": range(240), "trust": random.normal(size=240)})
    >>> frame["tenure"] = random.normal(size=240)
    >>> frame["stay"] = frame["trust"] + random.normal(size=240)
    >>> found = importance(frame, "stay", ["trust", "tenure"], bootstrap=200)
    >>> found[["predictor", "estimate", "low", "high"]].round(1).values.tolist()
    [['trust', 0.3, 0.2, 0.4], ['tenure', 0.0, 0.0, 0.0]]
    """
    require(frame, [outcome, *predictors, cluster])
    predictors = list(predictors)
    divide = {"general dominance": general_dominance, "relative weights": relative_weights}
    if method not in divide:
        raise ValueError(f"method is {method!r}; expected one of: {', '.join(divide)}")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    if bootstrap < 200:
        raise ValueError(f"bootstrap is {bootstrap}; expected 200 samples or more")
    used = frame.dropna(subset=[outcome, cluster, *predictors])
    if reason := _floors(used, predictors, outcome, cluster, minimum_model_n):
        return _nothing(used, predictors, cluster, method, reason)
    random = np.random.default_rng(seed)
    sums = _cluster_sums(used, [*predictors, outcome], cluster, random)
    clusters = len(sums)
    counts = random.multinomial(clusters, np.full(clusters, 1 / clusters), size=bootstrap).astype(float)
    drawn = [_weights(counts[i : i + _CHUNK], sums, divide[method]) for i in range(0, bootstrap, _CHUNK)]
    weights, excess = (np.concatenate(part) for part in zip(*drawn))
    (point,), (over,) = _weights(np.ones((1, clusters)), sums, divide[method])
    sound = np.isfinite(weights).all(axis=1) & np.isfinite(excess).all(axis=1)
    if not np.isfinite(point).all() or sound.mean() < 0.95:
        return _nothing(used, predictors, cluster, method, "predictors cannot be told apart in these data")
    correlations = _correlations(np.ones((1, clusters)), sums)[:, 1:, 1:]
    error = np.zeros(len(predictors))
    if method == "general dominance" and len(predictors) > EXACT_UP_TO:
        error = _by_orderings(correlations, 0)[:, 0].std(axis=0, ddof=1) / np.sqrt(ORDERINGS)
    half = _half_width(weights[sound], confidence, clusters)
    over_half = _half_width(excess[sound], confidence, clusters)
    order = np.argsort(-point, kind="stable")
    tied = {
        i: point[i] - point[j] <= _half_width(weights[sound, i] - weights[sound, j], confidence, clusters)
        for i, j in pairwise(order)
    }
    counted = people(used, cluster, additive=False)
    root = (weights[sound] - weights[sound].mean(axis=0)) / np.sqrt(sound.sum())
    lowest, highest = ranks.sets(point, root, clusters - 1)
    rows = [
        {
            "predictor": predictors[i],
            "estimate": point[i],
            "low": max(0.0, point[i] - half[i]),
            "high": point[i] + half[i],
            "share": 100 * point[i] / point.sum() if point.sum() > 0 else np.nan,
            "rank": rank,
            "correlation": correlations[0, i, -1],
            "above_random": over[i],
            "above_random_low": over[i] - over_half[i],
            "above_random_high": over[i] + over_half[i],
            "beats_random": bool(over[i] > over_half[i]),
            "tied_with_next": bool(tied.get(i, False)),
            "lowest": bool(lowest[i]),
            "highest": bool(highest[i]),
            "r_squared": point.sum(),
            "sampling_error": error[i],
            **counted,
            "observations": len(used),
            "method": f"{method}, cluster bootstrap ({bootstrap})",
            "note": "",
        }
        for rank, i in enumerate(order, start=1)
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(ANSWERS, "boolean"))


def _floors(used: pd.DataFrame, predictors: list[str], outcome: str, cluster: str, minimum: int) -> str:
    if len(predictors) < 2:
        return "fewer than 2 predictors"
    counts = people(used, cluster)
    needed = max(minimum, RESPONDENTS_PER_PREDICTOR * len(predictors))
    if counts["respondents"] < needed:
        return f"fewer than {needed} respondents for {len(predictors)} predictors"
    if counts["clusters"] < FEWEST_CLUSTERS:
        return f"fewer than {FEWEST_CLUSTERS} clusters answered"
    constant = [name for name in [outcome, *predictors] if used[name].nunique() < 2]
    return NOT_COMPUTABLE if constant else ""


def _nothing(used: pd.DataFrame, predictors: list[str], cluster: str, method: str, reason: str) -> pd.DataFrame:
    numbers = ["estimate", "low", "high", "share", "rank", "correlation", "above_random", "above_random_low"]
    numbers += ["above_random_high", "r_squared", "sampling_error"]
    rows = [
        {"predictor": name, **dict.fromkeys(numbers, np.nan), **dict.fromkeys(ANSWERS, pd.NA)}
        | {
            **people(used, cluster, additive=False),
            "observations": len(used),
            "method": method,
            "note": cannot_tell(reason),
        }
        for name in predictors or [""]
    ]
    table = pd.DataFrame(rows).astype(dict.fromkeys(ANSWERS, "boolean"))
    return table if predictors else table.iloc[:0]


def _cluster_sums(used: pd.DataFrame, columns: list[str], cluster: str, random: np.random.Generator) -> np.ndarray:
    """Cross-products of (1, random predictor, predictors, outcome) per cluster; columns standardised."""
    values = used[columns].to_numpy(float)
    values = (values - values.mean(axis=0)) / values.std(axis=0)
    codes = pd.factorize(used[cluster])[0]
    table = np.column_stack([np.ones(len(values)), random.normal(size=len(values)), values])
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(codes[order]) > 0])
    table = table[order]
    return np.stack([np.add.reduceat(table[:, [i]] * table, starts, axis=0) for i in range(table.shape[1])], axis=1)


def _correlations(counts: np.ndarray, sums: np.ndarray) -> np.ndarray:
    """Correlations of random predictor, predictors and outcome in each sample of clusters."""
    total = np.tensordot(counts, sums, axes=1)
    size, first = total[:, 0, 0], total[:, 0, 1:]
    covariance = (
        total[:, 1:, 1:] / size[:, None, None] - first[:, :, None] * first[:, None, :] / size[:, None, None] ** 2
    )
    spread = np.sqrt(np.einsum("bii->bi", covariance))
    with np.errstate(divide="ignore", invalid="ignore"):
        return covariance / (spread[:, :, None] * spread[:, None, :])


def _weights(
    counts: np.ndarray, sums: np.ndarray, divide: Callable[[np.ndarray], np.ndarray]
) -> tuple[np.ndarray, np.ndarray]:
    """Weights of the predictors, and by how much they exceed a random one's, in each sample of clusters."""
    correlations = _correlations(counts, sums)
    with_random = divide(correlations)
    return divide(correlations[:, 1:, 1:]), with_random[:, 1:] - with_random[:, :1]


def _half_width(draws: np.ndarray, confidence: float, clusters: int) -> np.ndarray:
    """Half the width of an interval from bootstrap draws.

    Resampling G clusters understates the variance by (G - 1) / G, which is put right.
    """
    error = draws.std(axis=0, ddof=1) * np.sqrt(clusters / (clusters - 1))
    return stats.t.ppf(0.5 + confidence / 2, clusters - 1) * error
