"""Whether what is published of one question leaves open how many gave which answer.

Mean, standard deviation and the shares at both ends return the whole distribution of up to about 30 answers, and with
it what single people said to anyone who knows a few of them. So the number of distributions that a row allows is
counted, and what is published of few answers leaves at least two.

Notes
-----
A distribution is how many of n people gave each answer, :math:`(k_1, \\dots, k_m)` with :math:`\\sum_v k_v = n`.
What is published depends on three of its sums: :math:`S = \\sum v k_v`, :math:`Q = \\sum v^2 k_v` and the number F of
favourable answers. They are additive, so the distributions with each (count, S, Q) are counted once for the favourable
and once for the other answers, capped at two, and the two tables are put together. That takes milliseconds, where
listing all distributions (635 million for 29 answers from 0 to 10) could not be done.

The attacker is given more than a reader has: the exact n, and the knowledge that the interval is that of n independent
answers, mean ± t s / √n. He also knows this rule, and from a value that is missing concludes that it would have left
one distribution. So wherever a value would be left out of a single distribution only, it is left out of another one.

References
----------
Brown, N. J. L. & Heathers, J. A. J. (2017). The GRIM test. *Social Psychological and Personality Science*, 8(4),
363–369 (what a mean tells of whole answers).
"""

from __future__ import annotations

import functools
import math
from collections.abc import Callable, Hashable, Mapping
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
from scipy import stats

from helpers.rounding import rounded

Value = TypeVar("Value", bound=Hashable)
#: Most answers of which distributions are counted; from 30 on more may be told.
MOST_ANSWERS = 29
#: Steps to which a share of few answers is rounded, in per cent.
SHARE_STEP = 5
#: Decimal places of a mean, and of its interval, of few answers.
DECIMALS = 1


@dataclass(frozen=True)
class Scale:
    """An answer scale of whole numbers.

    Attributes
    ----------
    low, high : int
        Lowest and highest answer.
    favourable_from : int
        From this answer on an answer counts as favourable.
    """

    low: int
    high: int
    favourable_from: int


def share_to_step(share: float) -> float:
    """Round a share to the steps in which it is published of few answers.

    Parameters
    ----------
    share : float
        Per cent.

    Returns
    -------
    float
        A multiple of 5 per cent.

    Examples
    --------
    >>> share_to_step(62.5), share_to_step(61)
    (65.0, 60.0)
    """
    return SHARE_STEP * rounded(share / SHARE_STEP)


class Told(NamedTuple):
    """What may be published of few answers to one question."""

    mean: bool
    interval: bool
    favourable: bool


def tellable(
    scale: Scale, count: int, mean: float, interval: tuple[float, float] | None = None, confidence: float = 0.95
) -> Callable[[float], Told]:
    """Decide what may be published of few answers to one question: first the share goes, then the interval, then all.

    Parameters
    ----------
    scale : Scale
        The possible answers.
    count : int
        Number of answers, 1 to 29.
    mean : float
        As it would be published, one decimal.
    interval : tuple of float, optional
        Ends of the interval of the mean as they would be published, one decimal.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    callable
        Takes the share of favourable answers as it would be published (per cent, in steps of 5; NaN where there is
        none), and returns what may be published. At least two distributions of answers remain.

    Raises
    ------
    ValueError
        The number of answers is not from 1 to 29.

    Examples
    --------
    Five answers from 1 to 5 with the mean 4.8 are 5, 5, 5, 5 and 4.

    >>> tellable(Scale(1, 5, 4), 5, 4.8)(100).mean, tellable(Scale(1, 5, 4), 5, 4.6)(100).mean
    (False, True)
    """
    means = _means(scale, count)
    if mean not in means or mean in _kept_back(means):
        return lambda favourable: Told(False, False, False)
    intervals = _intervals(scale, count, mean, confidence)
    if interval not in intervals:  # of answers in clusters, whose interval tells less of the distribution
        kept = None
    elif interval in _kept_back(intervals):
        return lambda favourable: Told(True, False, False)
    else:
        kept = interval

    def with_share(favourable: float) -> Told:
        if math.isnan(favourable):
            return Told(True, True, False)
        shares = _shares(scale, count, mean, kept, confidence)
        return Told(True, True, favourable in shares and favourable not in _kept_back(shares))

    return with_share


def _kept_back(ways: Mapping[Value, int]) -> set[Value]:
    """Return the values that are not published, by how many distributions each leaves: none, or two at least."""
    single = {value for value, count in ways.items() if count < 2}
    others = [value for value in ways if value not in single]
    return single | {others[0]} if len(single) == 1 and others else single


@functools.lru_cache(maxsize=256)
def _means(scale: Scale, count: int) -> dict[float, int]:
    """Count the distributions by their mean, up to two of each."""
    if not 1 <= count <= MOST_ANSWERS:
        raise ValueError(f"{count} answers; distributions are counted of 1 to {MOST_ANSWERS}")
    found: dict[float, int] = {}
    for total in range((scale.high - scale.low) * count + 1):
        mean = rounded(scale.low + total / count, DECIMALS)
        ways = int(_table(0, scale.high - scale.low)[count, total].sum())
        found[mean] = min(found.get(mean, 0) + ways, 2)
    return found


@functools.lru_cache(maxsize=4096)
def _intervals(scale: Scale, count: int, mean: float, confidence: float) -> dict[tuple[float, float], int]:
    """Count the distributions with a mean by the interval they would have, up to two of each."""
    found: dict[tuple[float, float], int] = {}
    for total in _totals(scale, count, mean):
        ways = _table(0, scale.high - scale.low)[count, total]
        for square in np.flatnonzero(ways).tolist():
            ends = _ends(scale, count, total, square, confidence)
            found[ends] = min(found.get(ends, 0) + int(ways[square]), 2)
    return dict(sorted(found.items()))


@functools.lru_cache(maxsize=4096)
def _shares(
    scale: Scale, count: int, mean: float, interval: tuple[float, float] | None, confidence: float
) -> dict[float, int]:
    """Count the distributions with a mean and an interval by their share of favourable answers, up to two of each."""
    found: dict[float, int] = {}
    for total in _totals(scale, count, mean):
        squares = np.flatnonzero(_table(0, scale.high - scale.low)[count, total])
        allowed = np.zeros(count * (scale.high - scale.low) ** 2 + 1, bool)
        for square in squares.tolist():
            allowed[square] = interval is None or _ends(scale, count, total, square, confidence) == interval
        for chosen in range(count + 1):
            if ways := _ways(scale, count, chosen, total, allowed):
                share = share_to_step(100 * chosen / count)
                found[share] = min(found.get(share, 0) + ways, 2)
    return dict(sorted(found.items()))


def _totals(scale: Scale, count: int, mean: float) -> list[int]:
    """Return the sums, of answers counted from the lowest, that have this mean."""
    totals = range((scale.high - scale.low) * count + 1)
    return [total for total in totals if rounded(scale.low + total / count, DECIMALS) == mean]


@functools.lru_cache(maxsize=65536)
def _ends(scale: Scale, count: int, total: int, square: int, confidence: float) -> tuple[float, float]:
    """Return the interval as it would be published; sums are of answers counted from the lowest."""
    low, high = interval_of(count, total, square, confidence)
    return rounded(scale.low + low, DECIMALS), rounded(scale.low + high, DECIMALS)


def interval_of(count: int, total: float, squares: float, confidence: float) -> tuple[float, float]:
    """Return the interval of the mean of independent answers.

    Parameters
    ----------
    count : int
        Number of answers.
    total, squares : float
        Their sum, and the sum of their squares.
    confidence : float
        Level of the interval, between 0 and 1.

    Returns
    -------
    tuple of float
        Both ends; both are the mean of a single answer.
    """
    within = max(squares - total**2 / count, 0.0)
    half = _quantile(count, confidence) * math.sqrt(within / (count - 1) / count) if count > 1 else 0.0
    return total / count - half, total / count + half


@functools.lru_cache(maxsize=512)
def _quantile(count: int, confidence: float) -> float:
    return float(stats.t.ppf(0.5 + confidence / 2, count - 1))


def _ways(scale: Scale, count: int, chosen: int, total: int, squares: np.ndarray) -> int:
    """Count the distributions with so many favourable answers, the sum, and an allowed sum of squares, up to two."""
    cut, most = scale.favourable_from - scale.low, scale.high - scale.low
    above, below = _table(cut, most)[chosen], _table(0, cut - 1)[count - chosen]
    found = 0
    for sum_above, square_above in np.argwhere(above):
        sum_below = total - sum_above
        if not 0 <= sum_below < len(below):
            continue
        line = below[sum_below, : max(len(squares) - square_above, 0)]
        fits = squares[square_above : square_above + len(line)]
        found += int(above[sum_above, square_above]) * int(line[: len(fits)][fits].sum())
        if found >= 2:
            return 2
    return found


@functools.lru_cache(maxsize=16)
def _table(low: int, high: int) -> np.ndarray:
    """Count distributions over the answers low to high: number of answers x their sum x the sum of their squares.

    Capped at two, for no more is asked.
    """
    size = MOST_ANSWERS + 1
    table = np.zeros((size, high * MOST_ANSWERS + 1, high**2 * MOST_ANSWERS + 1), np.uint8)
    table[0, 0, 0] = 1
    for value in range(low, high + 1):
        for count in range(1, size):
            before = table[count - 1, : table.shape[1] - value, : table.shape[2] - value**2]
            table[count, value:, value**2 :] += before
            np.minimum(table[count], 2, out=table[count])
    return table
