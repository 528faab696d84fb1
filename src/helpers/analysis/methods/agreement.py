"""Can this be averaged by group? Agreement within groups and reliability of their means.

Assumptions: groups, and people within a group, answer independently of each other.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods import clustered, jackknife
from helpers.analysis.methods.counts import NOT_COMPUTABLE, by_group, cannot_tell, numeric, people, require
from helpers.analysis.methods.people import QUESTION, SHEET
from helpers.columns import ALIKE
from helpers.rounding import snapped

METHOD_ICC = "one-way analysis of variance, F interval; group size k0 = (N - sum of n squared / N) / (G - 1)"
METHOD_WITHIN = "delete-one-cluster jackknife on log(within-group variance), t"
#: r_wg from which a group's answers are commonly averaged (James, Demaree & Wolf, 1984; LeBreton & Senter, 2008).
ENOUGH_AGREEMENT = 0.70
#: Shares of five answers when people lean to the favourable end (James, Demaree & Wolf, 1984; LeBreton & Senter, 2008,
#: table 2), or to the middle of the scale.
NULLS = {
    "uniform": (0.2, 0.2, 0.2, 0.2, 0.2),
    "slight skew": (0.05, 0.15, 0.20, 0.35, 0.25),
    "moderate skew": (0.0, 0.10, 0.15, 0.40, 0.35),
    "triangular": (1 / 9, 2 / 9, 3 / 9, 2 / 9, 1 / 9),
}
#: Coefficients of :func:`within_group`; r_wg alone is against uniform answers.
COEFFICIENTS = ("r_wg", *(f"r_wg {null}" for null in NULLS if null != "uniform"), "AD")
#: Groups formed at random with which a group is compared, and the share of them that may agree as closely.
DRAWS, CHANCE = 999, 0.05
#: Rows of which whole random orders are kept, for all groups alike.
_FEW_ROWS = 2000
#: Reason for which agreement beyond chance cannot be judged.
ONE_GROUP = "there is one group only, so no others to form groups at random from"


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
        estimate, low, high (no unit), p_value (of no difference between groups, F), groups, group_size (the k of both
        coefficients: effective, k0 of :func:`intraclass`), respondents, rated (where known), clusters, observations,
        method, note.

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

    Examples
    --------
    >>> frame = pd.DataFrame({"team": list("aabbcc"), "score": [4, 5, 2, 3, 4, 4]})
    >>> found = group_reliability(frame.assign(cluster_id=frame["team"]), "team", "score", by=[])
    >>> found[["coefficient", "estimate", "group_size"]].round(2).values.tolist()
    [['ICC(1)', 0.73, 2.0], ['ICC(2)', 0.85, 2.0]]
    """
    require(scores, [value, *filter(None, [group]), *by])
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


def icc(frame: pd.DataFrame, group: str, value: str = "", confidence: float = 0.95) -> pd.DataFrame:
    """Estimate ICC(1) and ICC(2) of the columns of any frame: the researcher's way in.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per member of a group.
    group : str
        Column that names the group.
    value : str
        Column of the answers; empty: every numeric column.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per column and coefficient: value (name of the column), coefficient, and the columns of
        :func:`group_reliability` from estimate on.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers, or confidence is not between 0 and 1.

    Notes
    -----
    See :func:`group_reliability`.

    References
    ----------
    Shrout, P. E. & Fleiss, J. L. (1979). Intraclass correlations: Uses in assessing rater reliability. *Psychological
    Bulletin*, 86, 420-428. (The example is their table 2.)

    Examples
    --------
    >>> import pandas as pd
    >>> ratings = [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7]
    >>> frame = pd.DataFrame({"target": [i // 4 for i in range(24)], "rating": ratings})
    >>> icc(frame, "target")[["coefficient", "estimate", "low", "high", "group_size"]].round(2).values.tolist()
    [['ICC(1)', 0.17, -0.13, 0.72, 4.0], ['ICC(2)', 0.44, -0.88, 0.91, 4.0]]
    """
    require(frame, [group, *([value] if value else [])])
    numbers = numeric(frame, [value] if value else [], [group])
    parts = [
        group_reliability(frame.assign(cluster_id=frame[group]), group, name, by=[], confidence=confidence)
        for name in numbers
    ]
    return pd.concat([part.assign(value=name)[["value", *part]] for name, part in zip(numbers, parts)])


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
    null : {"uniform", "slight skew", "moderate skew", "triangular"}
        Every answer as likely as any other, leaning to the favourable end, or to the middle of the scale.

    Returns
    -------
    float
        In squared points. Uniform: (A^2 - 1) / 12 for A answers. Triangular: shares 1, 2, 3, 2, 1 of five answers, and
        so on. Skew: the five-answer distributions of James, Demaree and Wolf (1.34 and .90 for five answers), stretched
        over A answers by their cumulative shares.

    Raises
    ------
    ValueError
        If ``null`` is none of these.

    References
    ----------
    James, L. R., Demaree, R. G. & Wolf, G. (1984). Estimating within-group interrater reliability with and without
    response bias. *Journal of Applied Psychology*, 69, 85-98.

    LeBreton & Senter (2008), as for :func:`within_group`, table 2.

    Examples
    --------
    >>> [round(expected_variance(1, 5, null), 2) for null in NULLS]
    [2.0, 1.34, 0.9, 1.33]
    """
    answers = round(high - low) + 1
    points = np.arange(answers)
    if null == "uniform":
        return (answers**2 - 1) / 12
    if null == "triangular":
        shares = 1.0 + np.minimum(points, points[::-1])
        shares /= shares.sum()
    elif null in NULLS:
        shares = np.diff(np.interp(np.arange(answers + 1) / answers, np.arange(6) / 5, np.cumsum([0, *NULLS[null]])))
    else:
        raise ValueError(f"null is {null!r}; expected one of: {', '.join(NULLS)}")
    return float(shares @ points**2 - (shares @ points) ** 2)


def within_group(
    answers: pd.DataFrame,
    items: Sequence[str],
    ranges: Sequence[tuple[float, float]],
    group: str,
    missing: str = "listwise",
    confidence: float = 0.95,
    draws: int = DRAWS,
    coefficients: Sequence[str] = COEFFICIENTS,
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
    draws : int
        Groups formed at random, with which each group is compared; 0: none, and averaging follows from the estimate.
    coefficients : sequence of str
        Which of the coefficients below.

    Returns
    -------
    pandas.DataFrame
        One row per group and coefficient (``r_wg``, against uniform answers; ``r_wg slight skew``, ``r_wg moderate
        skew``, ``r_wg triangular``; ``AD``): the column ``group``, coefficient, items (count), estimate, low, high
        (r_wg: 0 to 1; AD: points), random (what 95 of 100 groups of the same size, formed at random from all rows, do
        not exceed; of AD, do not fall below), p_value (share of such groups that agree as closely), averaging
        (``supported``: r_wg at least .70 or AD at most a sixth of the number of answers, and p_value at most .05;
        ``not supported``; ``cannot tell``: enough agreement, but no other group to compare with), respondents, rated
        (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If ``missing`` or ``confidence`` is not as above.

    Notes
    -----
    With s2 the mean of the item variances within the group and e2 the variance of random answers, r = 1 - s2/e2 (at
    least 0) and r_wg(j) = J r / (J r + 1 - r) for J items. AD is the mean absolute deviation from the item mean,
    averaged over items. r_wg measures agreement, not reliability; people who all answer "agree" agree.

    Most people answer near the favourable end of a scale, so that any handful of them, put together by chance, agrees
    better than uniform answers do. A group is therefore also held to random group resampling: 999 groups of its size
    are drawn without replacement from the rows of all groups, and p_value = (1 + those whose spread is no larger) /
    1,000. It is the same for every null, as all of them rest on the same spread. Assumption: under the null, people
    belong to groups by chance.

    References
    ----------
    James, Demaree & Wolf (1984), as for :func:`expected_variance`.

    Bliese, P. D. & Halverson, R. R. (1996). Individual and nomothetic models of job stress: An examination of work
    hours, cohesion, and well-being. *Journal of Applied Social Psychology*, 26, 1171-1189. (Random group resampling.)

    Burke, M. J. & Dunlap, W. P. (2002). Estimating interrater agreement with the average deviation index.
    *Organizational Research Methods*, 5, 159-172.

    LeBreton, J. M. & Senter, J. L. (2008). Answers to 20 questions about interrater reliability and interrater
    agreement. *Organizational Research Methods*, 11, 815-852.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"team": list("aaaaaabbbbbb"), "fair": [4, 5, 4, 5, 4, 4, 1, 5, 2, 1, 3, 5]})
    >>> found = within_group(answers.assign(cluster_id=range(12)), ["fair"], [(1, 5)], "team")
    >>> found.query("coefficient == 'r_wg'")[["team", "estimate", "p_value", "averaging"]].round(2).values.tolist()
    [['a', 0.87, 0.02, 'supported'], ['b', 0.0, 0.92, 'not supported']]
    """
    require(answers, [*items, group])
    if missing not in ("listwise", "available"):
        raise ValueError(f"missing is {missing!r}; expected 'listwise' or 'available'")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    items = list(items)
    used = answers.dropna(subset=items, how="any" if missing == "listwise" else "all").dropna(subset=[group])
    sizes = used[group].value_counts().to_numpy()
    pool = _Pool(used[items].to_numpy(float), sizes, draws)
    needed = {*items, group, "cluster_id", *SHEET, *QUESTION}  # the rest would be copied for every group
    used = used[[name for name in used if name in needed]]

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        shared = {**people(part, additive=False), "observations": len(part), "method": f"{METHOD_WITHIN}; {missing}"}
        found = _within(part, items, {*ranges}, pool, confidence, coefficients)
        return [{"coefficient": name, "items": len(items), **values, **shared} for name, values in found.items()]

    return by_group(used, [group], describe)


class _Pool:
    """All rows, from which groups are formed at random."""

    def __init__(self, answers: np.ndarray, sizes: np.ndarray, draws: int) -> None:
        self.answers, self.sizes, self.draws = answers, sizes, draws
        self._known: dict[tuple[bool, int], np.ndarray] = {}

    def spreads(self, absolute: bool, size: int) -> np.ndarray:
        """Spread (mean variance, or mean absolute deviation) of groups of a size formed at random; none of one group.

        Notes
        -----
        Items that fewer than two people of a random group answered do not enter its mean.
        """
        if len(self.sizes) < 2 or not self.draws:
            return np.array([])
        if (absolute, size) not in self._known:
            rows = len(self.answers)
            drawn = _orders(rows, rows if rows <= _FEW_ROWS else int(self.sizes.max()), self.draws)[:, :size]
            each = [_random_spread(item.take(drawn), absolute) for item in self.answers.T]
            spreads = np.array(each)
            self._known[absolute, size] = _item_mean(spreads.T, np.isfinite(spreads.T))
        return self._known[absolute, size]


@functools.lru_cache(maxsize=4)
def _orders(rows: int, most: int, draws: int) -> np.ndarray:
    """Rows in random order, the first of them; draws x most, the same in every run."""
    random = np.random.default_rng(draws)
    if most == rows:
        return random.permuted(np.tile(np.arange(rows, dtype=np.int32), (draws, 1)), axis=1)
    return np.array([random.permutation(rows)[:most] for _ in range(draws)], dtype=np.int32)


def _random_spread(drawn: np.ndarray, absolute: bool) -> np.ndarray:
    """Spread of one item in every random group; missing where fewer than two answered."""
    known = ~np.isnan(drawn)
    if known.all():
        apart = drawn - drawn.mean(axis=1, keepdims=True)
        if absolute:
            return np.abs(apart).mean(axis=1)
        return np.einsum("ij,ij->i", apart, apart) / (drawn.shape[1] - 1)
    count = known.sum(axis=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = np.where(known, drawn - (np.nansum(drawn, axis=1) / count)[:, None], 0.0)
        if absolute:
            return np.where(count > 0, np.abs(apart).sum(axis=1) / count, np.nan)
        return np.where(count > 1, (apart * apart).sum(axis=1) / (count - 1), np.nan)


def _within(
    part: pd.DataFrame, items: list[str], ranges: set[tuple[float, float]], pool: _Pool, confidence: float,
    coefficients: Sequence[str],
) -> dict[str, dict[str, float | str]]:  # fmt: skip
    clusters = part["cluster_id"].unique()
    reason = ""
    if len(ranges) > 1:
        reason = "the items differ in range"
    elif len(part) < 2:
        reason = "one answer"
    elif len(clusters) < 2:
        reason = clustered.FEW_CLUSTERS
    if reason:
        return {name: _row(np.nan, np.nan, np.nan, np.nan, np.nan, "", cannot_tell(reason)) for name in coefficients}
    ((low, high),) = ranges
    points, counts = _counts(part[items].to_numpy(float), pd.factorize(part["cluster_id"])[0])
    ways = {name == "AD": _absolute_deviation if name == "AD" else _variance for name in coefficients}
    spreads = {absolute: way(points, counts) for absolute, way in ways.items()}
    found = {}
    for name in coefficients:
        absolute, turn = name == "AD", _turn(name, len(items), low, high)
        point, *rest = spreads[absolute]
        replicates = np.array(rest)
        if not (point > 0 and np.isfinite(replicates).all() and (replicates > 0).all()):
            found[name] = _row(np.nan, np.nan, np.nan, np.nan, np.nan, "", cannot_tell(ALIKE))
            continue
        estimate = turn(point)
        lower, upper = sorted(
            turn(limit) for limit in jackknife.interval(point, replicates, confidence, np.log, np.exp)
        )
        if absolute:  # answers at both ends in equal number
            upper = min(upper, (high - low) / 2)
        exact = snapped(estimate)
        good = exact <= snapped((high - low + 1) / 6) if absolute else exact >= ENOUGH_AGREEMENT
        random = pool.spreads(absolute, len(part))
        random = random[np.isfinite(random)]
        edge, p_value, note = np.nan, np.nan, ONE_GROUP if good and pool.draws else ""
        if len(random):
            edge = turn(float(np.quantile(random, CHANCE)))
            p_value, note = (1 + np.sum(random <= point * (1 + 1e-9))) / (1 + len(random)), ""
        verdict = "cannot tell" if good and pool.draws and np.isnan(p_value) else "not supported"
        verdict = "supported" if good and (not pool.draws or p_value <= CHANCE) else verdict
        found[name] = _row(estimate, lower, upper, edge, p_value, verdict, note)
    return found


def _turn(name: str, items: int, low: float, high: float) -> Callable[[float], float]:
    """How a coefficient follows from the spread that it rests on."""
    if name == "AD":
        return float
    random = expected_variance(low, high, name.removeprefix("r_wg").strip() or "uniform")

    def coefficient(variance: float) -> float:
        agreed = max(0.0, 1 - variance / random)
        return items * agreed / (items * agreed + 1 - agreed)

    return coefficient


def _row(
    estimate: float, low: float, high: float, random: float, p_value: float, averaging: str, note: str
) -> dict[str, float | str]:
    found: dict[str, float | str] = {"estimate": estimate, "low": low, "high": high, "random": random}
    return found | {"p_value": p_value, "averaging": averaging, "note": note}


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
