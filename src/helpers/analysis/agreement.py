"""Can this be averaged by group? Agreement within groups and reliability of their means.

Assumptions: groups, and people within a group, answer independently of each other.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis import clustered, jackknife, scales
from helpers.analysis.counts import by_group, cannot_tell, groups, people
from helpers.data import Codebook

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
        One row per answer, such as :func:`helpers.analysis.scales.scores` gives.
    group : str
        Column of the groups whose means are to be used, such as ``rated_id`` or ``department``.
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

    def describe(part: pd.DataFrame) -> list[dict]:
        used = part.dropna(subset=[value, group])
        found = intraclass(used[value], used[group])
        shared = {"groups": found.groups, "group_size": found.size, **people(used)}
        shared |= {"observations": found.observations, "method": METHOD_ICC}
        return [{"coefficient": name, **values, **shared} for name, values in _icc_rows(found, confidence).items()]

    return by_group(scores, by, describe)


def _icc_rows(found: Intraclass, confidence: float) -> dict[str, dict[str, object]]:
    """Both coefficients with their limits."""
    reason = ""
    if found.groups < 2:
        reason = "fewer than 2 groups answered"
    elif np.isnan(found.within):
        reason = "no group has two answers"
    elif found.within <= 0 or np.isnan(found.one):
        reason = "answers do not vary within groups"
    if reason:
        absent = dict.fromkeys(("estimate", "low", "high", "p_value"), np.nan) | {"note": cannot_tell(reason)}
        return {"ICC(1)": absent, "ICC(2)": dict(absent)}
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
    responses: pd.DataFrame,
    codebook: Codebook,
    group: str,
    side: str,
    short_form: bool | None = None,
    missing: str = "listwise",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how far the members of each group agree: r_wg (one item), r_wg(j) (several) and AD.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave, not reverse-scored.
    codebook : Codebook
        Dimensions and items.
    group : str
        Column of the groups, such as ``department``.
    side : str
        Whose answers.
    short_form : bool, optional
        As for :func:`helpers.analysis.scales.reliability`.
    missing : {"listwise", "available"}
        Use only rows that answered every item of the dimension (the default, as version 2.7 of R's ``multilevel``
        does), or for each item whoever answered it.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per dimension, group and coefficient (``r_wg``, ``r_wg slight skew``, ``AD``): dimension, side, the
        column ``group``, coefficient, items, estimate, low, high (r_wg: 0 to 1; AD: points), averaging
        (``supported``: r_wg at least .70, AD at most a sixth of the number of answers; else ``not supported``),
        respondents, rated (where known), clusters, observations, method, note.

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
    rows = []
    for dimension, items, answers in scales.item_sets(responses, codebook, side, short_form):
        if dimension == scales.WHOLE:
            continue
        ranges = {(codebook.item(item).low, codebook.item(item).high) for item in items}
        used = answers.dropna(subset=items, how="any" if missing == "listwise" else "all")
        for labels, part in groups(used.dropna(subset=[group]), [group]):
            shared = {"dimension": dimension, "side": side, **labels}
            counts = {**people(part), "observations": len(part)}
            for name, values in _within(part, items, ranges, confidence).items():
                note = values.pop("note")
                rows.append({**shared, "coefficient": name, "items": len(items), **values, **counts})
                rows[-1] |= {"method": f"{METHOD_WITHIN}; {missing}", "note": note}
    return pd.DataFrame(rows)


def _within(part: pd.DataFrame, items: list[str], ranges: set, confidence: float) -> dict[str, dict[str, object]]:
    names = ("r_wg", "r_wg slight skew", "AD")
    low, high = next(iter(ranges))
    clusters = part["cluster_id"].unique()
    reason = ""
    if len(ranges) > 1:
        reason = "the items differ in range"
    elif len(part) < 2:
        reason = "one answer"
    elif len(clusters) < 2:
        reason = clustered.FEW_CLUSTERS
    if reason:
        absent = {"estimate": np.nan, "low": np.nan, "high": np.nan, "averaging": ""}
        return {name: absent | {"note": cannot_tell(reason)} for name in names}
    points, counts = _counts(part[items].to_numpy(float), pd.factorize(part["cluster_id"])[0])
    found = {}
    for name in names:
        spread, turn = _spread(name, len(items), low, high)
        point, *rest = spread(points, counts)
        replicates = np.array(rest)
        values = {"estimate": turn(point), "low": np.nan, "high": np.nan, "note": ""}
        if point > 0 and np.isfinite(replicates).all() and (replicates > 0).all():
            limits = jackknife.interval(point, replicates, confidence, np.log, np.exp)
            values["low"], values["high"] = sorted(turn(limit) for limit in limits)
            if name == "AD":  # answers at both ends in equal number
                values["high"] = min(values["high"], (high - low) / 2)
        else:
            values |= {"estimate": np.nan, "note": cannot_tell("too few different answers for an interval")}
        good = values["estimate"] <= (high - low + 1) / 6 if name == "AD" else values["estimate"] >= ENOUGH_AGREEMENT
        supported = "supported" if good else "not supported"
        found[name] = values | {"averaging": "" if np.isnan(values["estimate"]) else supported}
    return found


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


def _spread(name: str, items: int, low: float, high: float):
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


def shrout_fleiss(ratings: pd.DataFrame, target: str, rater: str, value: str, confidence: float = 0.95) -> pd.DataFrame:
    """Compute the six intraclass correlations of targets that were all rated by the same raters.

    Parameters
    ----------
    ratings : pandas.DataFrame
        One row per rating.
    target, rater, value : str
        Columns: what was rated, by whom, how. Targets that not every rater rated are left out.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per coefficient: coefficient (``ICC(1,1)`` raters differ by target; ``ICC(2,1)`` raters are a sample;
        ``ICC(3,1)`` these raters only; ``ICC(1,k)`` to ``ICC(3,k)`` the same for the mean of the k raters), estimate,
        low, high, p_value (of no difference between targets), respondents (raters), rated (targets), clusters
        (targets), observations, method, note.

    References
    ----------
    Shrout, P. E. & Fleiss, J. L. (1979). Intraclass correlations: uses in assessing rater reliability.
    *Psychological Bulletin*, 86, 420-428.

    McGraw, K. O. & Wong, S. P. (1996). Forming inferences about some intraclass correlation coefficients.
    *Psychological Methods*, 1, 30-46.
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    table = ratings.dropna(subset=[target, rater, value]).pivot_table(value, target, rater, "mean").dropna()
    targets, raters = table.shape
    names = [f"ICC({form},{size})" for size in ("1", "k") for form in (1, 2, 3)]
    reason = ""
    if targets < 2 or raters < 2:
        reason = "fewer than 2 targets were rated by the same 2 raters"
    elif np.ptp(table.to_numpy() - table.to_numpy().mean(axis=0)) == 0:
        reason = "the targets do not differ"
    if reason:
        absent = dict.fromkeys(("estimate", "low", "high", "p_value"), np.nan)
        values, note = {name: absent for name in names}, cannot_tell(reason)
    else:
        values, note = _six(table.to_numpy(float), confidence), ""
    shared = {"respondents": raters, "rated": targets, "clusters": targets, "observations": targets * raters}
    return pd.DataFrame(
        [
            {"coefficient": name, **values[name], **shared, "method": "two-way analysis of variance", "note": note}
            for name in names
        ]
    )


def _six(x: np.ndarray, confidence: float) -> dict[str, dict[str, float]]:
    """Formulas of Shrout and Fleiss (1979), pages 423 to 426."""
    n, k = x.shape
    rows, columns, total = x.mean(axis=1), x.mean(axis=0), x.mean()
    between = k * np.sum((rows - total) ** 2) / (n - 1)
    raters = n * np.sum((columns - total) ** 2) / (k - 1)
    error = np.sum((x - rows[:, None] - columns + total) ** 2) / ((n - 1) * (k - 1))
    within = np.sum((x - rows[:, None]) ** 2) / (n * (k - 1))
    tail = 0.5 + confidence / 2

    def fixed(residual: float, degrees: int) -> tuple:
        ratio = between / residual if residual > 0 else np.inf
        lower = ratio / stats.f.ppf(tail, n - 1, degrees)
        upper = ratio * stats.f.ppf(tail, degrees, n - 1)
        p_value = stats.f.sf(ratio, n - 1, degrees)
        single = [1.0 if np.isinf(f) else (f - 1) / (f + k - 1) for f in (ratio, lower, upper)]
        average = [1 - 1 / f for f in (ratio, lower, upper)]
        return (*single, p_value), (*average, p_value)

    one, one_mean = fixed(within, n * (k - 1))
    three, three_mean = fixed(error, (n - 1) * (k - 1))
    two = (between - error) / (between + (k - 1) * error + k * (raters - error) / n)
    two_mean = (between - error) / (between + (raters - error) / n)
    a, b = k * two / (n * (1 - two)) if two < 1 else np.inf, 1 + k * two * (n - 1) / (n * (1 - two)) if two < 1 else 1
    if two < 1:
        degrees = (a * raters + b * error) ** 2 / ((a * raters) ** 2 / (k - 1) + (b * error) ** 2 / ((n - 1) * (k - 1)))
        f_low, f_high = stats.f.ppf(tail, n - 1, degrees), stats.f.ppf(tail, degrees, n - 1)
        mixed = k * raters + (k * n - k - n) * error
        low = n * (between - f_low * error) / (f_low * mixed + n * between)
        high = n * (f_high * between - error) / (mixed + n * f_high * between)
    else:
        low = high = 1.0
    average = [k * limit / (1 + (k - 1) * limit) for limit in (low, high)]
    found = {
        "ICC(1,1)": one,
        "ICC(2,1)": (two, low, high, three[3]),
        "ICC(3,1)": three,
        "ICC(1,k)": one_mean,
        "ICC(2,k)": (two_mean, *average, three[3]),
        "ICC(3,k)": three_mean,
    }
    return {name: dict(zip(("estimate", "low", "high", "p_value"), figures)) for name, figures in found.items()}
