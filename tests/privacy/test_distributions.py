"""What is told of few answers to one question leaves at least two distributions of answers, whoever reads it."""

from __future__ import annotations

import itertools
import math
from collections import Counter
from collections.abc import Iterator

import numpy as np
import pytest

from helpers.privacy.distributions import Scale, interval_of, share_to_step, tellable
from helpers.rounding import rounded

FIVE, SEVEN = Scale(1, 5, 4), Scale(1, 7, 6)
Published = tuple[float | None, tuple[float, float] | None, float | None]


def distributions(count: int, answers: int) -> Iterator[list[int]]:
    """Walk through all ways in which so many people may have given each answer."""
    for bars in itertools.combinations(range(count + answers - 1), answers - 1):
        ends = (-1, *bars, count + answers - 1)
        yield [high - low - 1 for low, high in itertools.pairwise(ends)]


def exact(scale: Scale, ways: list[int], confidence: float = 0.95) -> tuple[float, tuple[float, float], float]:
    """Return mean, interval and share of favourable answers to the decimals of few answers."""
    values = range(scale.low, scale.high + 1)
    count = sum(ways)
    total = sum(value * often for value, often in zip(values, ways, strict=True))
    squares = sum(value**2 * often for value, often in zip(values, ways, strict=True))
    chosen = sum(often for value, often in zip(values, ways, strict=True) if value >= scale.favourable_from)
    low, high = interval_of(count, total, squares, confidence)
    return rounded(total / count, 1), (rounded(low, 1), rounded(high, 1)), share_to_step(100 * chosen / count)


def published(scale: Scale, ways: list[int]) -> Published:
    """Return what is told of these answers; nothing where it would give them away."""
    mean, interval, share = exact(scale, ways)
    told = tellable(scale, sum(ways), mean, interval)(share)
    return (
        mean if told.mean else None,
        interval if told.interval else None,
        share if told.favourable else None,
    )


def test_exact_figures_give_all_answers_back():
    # what a table of questions used to show: mean and standard deviation to two decimals, shares at both ends
    values = np.arange(1, 6)
    for count in (5, 8, 12):
        ways = np.array(list(distributions(count, 5)))
        means = ways @ values / count
        spread = np.sqrt(np.maximum(ways @ values**2 - count * means**2, 0) / (count - 1))
        told = np.c_[means.round(2), spread.round(2), (100 * ways[:, [0, 4]] / count).round()]
        assert len(np.unique(told, axis=0)) == len(ways)


@pytest.mark.parametrize("count", range(5, 11))
def test_at_least_two_distributions_remain_also_to_who_knows_the_rule(count):
    # What is left out is a part of what is told: who sees a mean without its share knows why it has none.
    assert min(Counter(published(FIVE, ways) for ways in distributions(count, 5)).values()) >= 2


@pytest.mark.parametrize("count", range(11, 30))
def test_at_least_two_distributions_remain_of_more_answers_near_the_ends_of_the_scale(count):
    # A mean that is told divides the distributions, so that those of one mean may be looked at by themselves.
    by_mean: dict[float, list[list[int]]] = {1.2: [], 4.8: []}
    for ways in distributions(count, 5):
        if (mean := rounded(np.dot(ways, range(1, 6)) / count, 1)) in by_mean:
            by_mean[mean].append(ways)
    for all_ways in by_mean.values():
        assert min(Counter(published(FIVE, ways) for ways in all_ways).values()) >= 2


@pytest.mark.slow
@pytest.mark.parametrize(("scale", "count"), [(FIVE, 20), (SEVEN, 9)])
def test_at_least_two_distributions_remain_of_all_there_are(scale, count):
    told = Counter(published(scale, ways) for ways in distributions(count, scale.high - scale.low + 1))
    assert min(told.values()) >= 2


@pytest.mark.parametrize("scale", [FIVE, SEVEN, Scale(0, 10, 8), Scale(-2, 2, 1)])
@pytest.mark.parametrize("count", [5, 10, 20, 29])
def test_a_mean_that_is_left_out_is_one_of_several(scale, count):
    # at the ends of the scale the mean says what everybody answered, or everybody but one
    spans = scale.high - scale.low
    left_out = []
    for total in range(spans * count + 1):
        mean = rounded(scale.low + total / count, 1)
        if not tellable(scale, count, mean)(math.nan).mean:
            left_out.append(total)
    assert len(left_out) != 1


def test_at_least_two_distributions_remain_on_a_longer_scale():
    assert min(Counter(published(SEVEN, ways) for ways in distributions(5, 7)).values()) >= 2


def test_more_answers_than_twenty_nine_are_refused():
    with pytest.raises(ValueError, match="30 answers; distributions are counted of 1 to 29"):
        tellable(FIVE, 30, 3.0)
