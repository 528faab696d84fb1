"""Can this be averaged by group? Agreement within groups and reliability of their means.

Assumptions: groups, and people within a group, answer independently of each other.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods import clustered, jackknife
from helpers.analysis.methods.counts import NOT_COMPUTABLE, by_group, cannot_tell, people
from helpers.columns import ALIKE
from helpers.rounding import snapped

METHOD_ICC = "one-way analysis of variance, F interval"
METHOD_WITHIN = "delete-one-cluster jackknife on log(within-group variance), t"
#: r_wg from which a group's answers are commonly averaged (James, Demaree & Wolf, 1984; LeBreton & Senter, 2008).
ENOUGH_AGREEMENT = 0.70
#: Shares of five answers when people lean slightly to the favourable end (James, Demaree & Wolf, 1984, table 2).
SLIGHT_SKEW = (0.05, 0.15, 0.20, 0.35, 0.25)


class Intraclass(NamedTuple):
    """One-way analysis of variance of groups that may differ in size.

    Attributes
    ----------
    one, two : float
        ICC(1) and ICC(2); missing where groups or repeated answers are absent.
    between, within : float
        Mean squares.
    size : float
        Effective group size k0 = (N - sum n_g^2 / N) / (G - 1).
    groups, observations : int
        Groups with an answer, and answers.
    """

    one: float
    two: float
    between: float
    within: float
    size: float
    groups: int
    observations: int


def intraclass(values: pd.Series, group: pd.Series) -> Intraclass:
    """Compute ICC(1) and ICC(2) by analysis of variance.

    Parameters
    ----------
    values : pandas.Series
        Answers; missing ones are left out.
    group : pandas.Series
        Group of each answer.

    Returns
    -------
    Intraclass
        See there.

    Notes
    -----
    ICC(1) = (MSB - MSW) / (MSB + (k0 - 1) MSW); ICC(2) = (MSB - MSW) / MSB, the reliability of the mean of a group of
    k0. For groups of unequal size k0 keeps ICC(1) unbiased, where the average group size does not.

    References
    ----------
    Bliese, P. D. (2000). Within-group agreement, non-independence, and reliability. In Klein & Kozlowski (Eds.),
    *Multilevel Theory, Research, and Methods in Organizations* (pp. 349-381). Jossey-Bass.

    Donner, A. (1986). A review of inference procedures for the intraclass correlation coefficient in the one-way
    random effects model. *International Statistical Review*, 54, 67-82.

    Examples
    --------
    >>> import pandas as pd
    >>> found = intraclass(pd.Series([4, 5, 2, 3, 4, 4]), pd.Series(["a", "a", "b", "b", "c", "c"]))
    >>> [round(float(number), 2) for number in found[:2]]
    [0.73, 0.85]
    """
    known = (values.notna() & group.notna()).to_numpy()
    numbers, codes = values[known].to_numpy(float), pd.factorize(group[known])[0]
    sizes = np.bincount(codes)
    count, observations = len(sizes), len(numbers)
    if count < 2 or observations <= count:
        return Intraclass(np.nan, np.nan, np.nan, np.nan, np.nan, count, observations)
    means = np.bincount(codes, numbers) / sizes
    between = np.sum(sizes * (means - numbers.mean()) ** 2) / (count - 1)
    within = np.sum((numbers - means[codes]) ** 2) / (observations - count)
    size = (observations - np.sum(sizes**2) / observations) / (count - 1)
    total = between + (size - 1) * within
    one = (between - within) / total if total > 0 else np.nan
    two = (between - within) / between if between > 0 else np.nan
    return Intraclass(one, two, between, within, size, count, observations)


def group_reliability(
    scores: pd.DataFrame,
    group: str,
    value: str = "score_100",
    by: Sequence[str] = ("side", "dimension"),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how alike members of a group answer, and how reliably groups are told apart by their means.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer, with ``cluster_id``.
    group : str
        Column of the groups whose means are to be used, such as ``rated_id`` or ``department``; empty: there are none.
    value : str
        Column that is averaged.
    by : sequence of str
        Columns for which the coefficients are computed separately.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per combination of ``by`` and coefficient: the columns of ``by``, coefficient (``ICC(1)``, ``ICC(2)``),
        estimate, low, high (no unit), p_value (of no difference between groups, F), groups, group_size (effective),
        respondents, rated (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If confidence is not between 0 and 1.

    Notes
    -----
    With F = MSB / MSW and quantiles Fl, Fu of its distribution, the limits of ICC(1) are
    (F/Fu - 1) / (F/Fu + k0 - 1) and (F/Fl - 1) / (F/Fl + k0 - 1); those of ICC(2) are 1 - Fu/F and 1 - Fl/F. Exact for
    normal answers in groups of equal size. Estimates below zero are shown as they are: chance moves them there.

    References
    ----------
    See :func:`intraclass`.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")

    if not group:
        scores, group = scores.iloc[:0], value

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        used = part.dropna(subset=[value, group])
        found = intraclass(used[value], used[group])
        shared = {"groups": found.groups, "group_size": found.size, **people(used, additive=False)}
        shared |= {"observations": found.observations}
        coefficients = _icc_rows(found, confidence)
        return [{"coefficient": name, **row, **shared, "method": METHOD_ICC} for name, row in coefficients.items()]

    return by_group(scores, by, describe)


def _icc_rows(found: Intraclass, confidence: float) -> dict[str, dict[str, object]]:
    """Both coefficients with their limits."""
    reason = ""
    if found.groups < 2:
        reason = "fewer than 2 groups answered"
    elif np.isnan(found.within):
        reason = "no group has two answers"
    elif found.within <= 0 or np.isnan(found.one):
        reason = NOT_COMPUTABLE
    if reason:
        absent = {"estimate": np.nan, "low": np.nan, "high": np.nan, "p_value": np.nan, "note": cannot_tell(reason)}
        return {"ICC(1)": {**absent}, "ICC(2)": {**absent}}
    ratio, degrees = found.between / found.within, (found.groups - 1, found.observations - found.groups)
    tails = stats.f.ppf([0.5 + confidence / 2, 0.5 - confidence / 2], *degrees)
    p_value = stats.f.sf(ratio, *degrees)
    one = (ratio / tails - 1) / (ratio / tails + found.size - 1)
    unreliable = "below zero: the means do not tell the groups apart" if found.two < 0 else ""
    two = 1 - tails / ratio if ratio > 0 else np.array([np.nan, np.nan])
    return {
        "ICC(1)": {"estimate": found.one, "low": one[0], "high": one[1], "p_value": p_value, "note": ""},
        "ICC(2)": {"estimate": found.two, "low": two[0], "high": two[1], "p_value": p_value, "note": unreliable},
    }


def expected_variance(low: float, high: float, null: str = "uniform") -> float:
    """Variance of an item if people answered at random.

    Parameters
    ----------
    low, high : float
        Ends of the item's range; answers are whole numbers.
    null : {"uniform", "slight skew"}
        Every answer as likely as any other, or leaning slightly to the favourable end.

    Returns
    -------
    float
        In squared points. Uniform: (A^2 - 1) / 12 for A answers. Slight skew: the five-answer distribution of James,
        Demaree and Wolf (1.34 for five answers), stretched over A answers by its cumulative shares.

    Raises
    ------
    ValueError
        If ``null`` is neither.

    References
    ----------
    James, L. R., Demaree, R. G. & Wolf, G. (1984). Estimating within-group interrater reliability with and without
    response bias. *Journal of Applied Psychology*, 69, 85-98.
    """
    answers = round(high - low) + 1
    if null == "uniform":
        return (answers**2 - 1) / 12
    if null == "slight skew":
        ends = np.interp(np.arange(answers + 1) / answers, np.arange(6) / 5, np.cumsum([0, *SLIGHT_SKEW]))
        shares, points = np.diff(ends), np.arange(answers)
        return float(shares @ points**2 - (shares @ points) ** 2)
    raise ValueError(f"null is {null!r}; expected 'uniform' or 'slight skew'")


def within_group(
    answers: pd.DataFrame,
    items: Sequence[str],
    ranges: Sequence[tuple[float, float]],
    group: str,
    missing: str = "listwise",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how far the members of each group agree: r_wg (one item), r_wg(j) (several) and AD.

    Parameters
    ----------
    answers : pandas.DataFrame
        One row per rater and person rated, with ``cluster_id``, ``group`` and one column per item, reverse-scored.
    items : sequence of str
        Columns of the items.
    ranges : sequence of tuple of float
        Lowest and highest possible answer of each item; whole numbers, the same for all items.
    group : str
        Column of the groups, such as ``department``.
    missing : {"listwise", "available"}
        Use only rows that answered every item (the default, as version 2.7 of R's ``multilevel`` does), or for each
        item whoever answered it.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and coefficient (``r_wg``, ``r_wg slight skew``, ``AD``): the column ``group``, coefficient,
        items (count), estimate, low, high (r_wg: 0 to 1; AD: points), averaging (``supported``: r_wg at least .70, AD
        at most a sixth of the number of answers; else ``not supported``), respondents, rated (where known), clusters,
        observations, method, note.

    Raises
    ------
    ValueError
        If ``missing`` or ``confidence`` is not as above.

    Notes
    -----
    With s2 the mean of the item variances within the group and e2 the variance of random answers, r = 1 - s2/e2 (at
    least 0) and r_wg(j) = J r / (J r + 1 - r) for J items. AD is the mean absolute deviation from the item mean,
    averaged over items. r_wg measures agreement, not reliability; people who all answer "agree" agree.

    References
    ----------
    James, Demaree & Wolf (1984), as for :func:`expected_variance`.

    Burke, M. J. & Dunlap, W. P. (2002). Estimating interrater agreement with the average deviation index.
    *Organizational Research Methods*, 5, 159-172.

    LeBreton, J. M. & Senter, J. L. (2008). Answers to 20 questions about interrater reliability and interrater
    agreement. *Organizational Research Methods*, 11, 815-852.
    """
    if missing not in ("listwise", "available"):
        raise ValueError(f"missing is {missing!r}; expected 'listwise' or 'available'")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    items = list(items)
    used = answers.dropna(subset=items, how="any" if missing == "listwise" else "all")

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        shared = {**people(part, additive=False), "observations": len(part), "method": f"{METHOD_WITHIN}; {missing}"}
        found = _within(part, items, {*ranges}, confidence)
        return [{"coefficient": name, "items": len(items), **values, **shared} for name, values in found.items()]

    return by_group(used.dropna(subset=[group]), [group], describe)


def _within(
    part: pd.DataFrame, items: list[str], ranges: set[tuple[float, float]], confidence: float
) -> dict[str, dict[str, float | str]]:
    names = ("r_wg", "r_wg slight skew", "AD")
    clusters = part["cluster_id"].unique()
    reason = ""
    if len(ranges) > 1:
        reason = "the items differ in range"
    elif len(part) < 2:
        reason = "one answer"
    elif len(clusters) < 2:
        reason = clustered.FEW_CLUSTERS
    if reason:
        return {name: _row(np.nan, np.nan, np.nan, "", cannot_tell(reason)) for name in names}
    ((low, high),) = ranges
    points, counts = _counts(part[items].to_numpy(float), pd.factorize(part["cluster_id"])[0])
    found = {}
    for name in names:
        spread, turn = _spread(name, len(items), low, high)
        point, *rest = spread(points, counts)
        replicates = np.array(rest)
        if not (point > 0 and np.isfinite(replicates).all() and (replicates > 0).all()):
            found[name] = _row(np.nan, np.nan, np.nan, "", cannot_tell(ALIKE))
            continue
        estimate = turn(point)
        lower, upper = sorted(
            turn(limit) for limit in jackknife.interval(point, replicates, confidence, np.log, np.exp)
        )
        if name == "AD":  # answers at both ends in equal number
            upper = min(upper, (high - low) / 2)
        exact = snapped(estimate)
        good = exact <= snapped((high - low + 1) / 6) if name == "AD" else exact >= ENOUGH_AGREEMENT
        found[name] = _row(estimate, lower, upper, "supported" if good else "not supported", "")
    return found


def _row(estimate: float, low: float, high: float, averaging: str, note: str) -> dict[str, float | str]:
    return {"estimate": estimate, "low": low, "high": high, "averaging": averaging, "note": note}


def _counts(answers: np.ndarray, cluster: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The answers given, and how often each item got each: from everybody, then with each cluster left out."""
    points, codes = np.unique(answers, return_inverse=True)
    codes, given = codes.reshape(answers.shape), ~np.isnan(answers)
    points = points[~np.isnan(points)]
    shape = (cluster.max() + 1, answers.shape[1], len(points))
    place = (cluster[:, None] * shape[1] + np.arange(shape[1])) * shape[2] + codes
    own = np.bincount(place[given], minlength=np.prod(shape)).reshape(shape)
    whole = own.sum(axis=0)
    return points, np.concatenate([whole[None], whole - own])


def _spread(
    name: str, items: int, low: float, high: float
) -> tuple[Callable[[np.ndarray, np.ndarray], np.ndarray], Callable[[float], float]]:
    """The spread a coefficient rests on, by answers given and their counts, and how the coefficient follows from it."""
    if name == "AD":
        return _absolute_deviation, float
    random = expected_variance(low, high, "slight skew" if "skew" in name else "uniform")

    def coefficient(variance: float) -> float:
        agreed = max(0.0, 1 - variance / random)
        return items * agreed / (items * agreed + 1 - agreed)

    return _variance, coefficient


def _absolute_deviation(points: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean over the items of the mean distance from the item's mean."""
    size = counts.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = np.abs(points - (counts @ points / size)[:, :, None])
        return _item_mean(np.sum(counts * distance, axis=2) / size, size > 0)


def _variance(points: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """Mean of the variances of the items that two or more answered."""
    size = counts.sum(axis=2)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = points - (counts @ points / size)[:, :, None]
        return _item_mean(np.sum(counts * distance**2, axis=2) / (size - 1), size > 1)


def _item_mean(values: np.ndarray, known: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(known, values, 0).sum(axis=1) / known.sum(axis=1)
