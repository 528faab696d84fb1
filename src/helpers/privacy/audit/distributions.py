"""Whether what is published of an item leaves more than one way in which its people can have answered."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

import numpy as np

from . import readings
from .canon import RESULTS, Canon, Table
from .readings import Span
from .verdict import Leak

#: Above so many people many distributions fit whatever is printed, and listing them all takes long.
MOST_PEOPLE = 29
#: Answers to more steps than this have too many distributions to list, and more than one that fits.
MOST_STEPS = 5


def leaks(canon: Canon) -> Iterator[Leak]:
    """Yield items of which only one distribution of answers fits what is printed.

    Parameters
    ----------
    canon : Canon
        What a report publishes.

    Yields
    ------
    Leak
        One per table.

    Notes
    -----
    All distributions of n answers over the steps of the scale are listed, ``(n + 4 choose 4)`` for five steps, and
    those kept that round to the printed mean, standard deviation, lowest, highest and favourable share.
    """
    for table in readings.shared(canon):
        for values, texts in table.records():
            ends = readings.ends(canon, table, "mean" if "mean" in table.names else "estimate")
            people = _people(canon, table, values, texts)
            if ends is None or people is None or ends[1] - ends[0] + 1 > MOST_STEPS or "question" not in table.names:
                continue
            if people.high <= MOST_PEOPLE and _fitting(table, values, texts, people, ends) == 1:
                sentence = "What is printed of one question fits a single distribution of answers: everybody's is told."
                yield Leak(RESULTS, table.place, "a whole distribution", sentence)
                break


def _people(canon: Canon, table: Table, values: dict[str, object], texts: dict[str, str]) -> Span | None:
    """Return how many people a row is of; where it does not say, how many of its side answered in all."""
    if "respondents" in values:
        return readings.people(values["respondents"], texts["respondents"])
    side = readings.side_of(canon, table, texts)
    counts = [
        counted
        for other in canon.tables
        if other.id in ("answers", "dimension-means")
        for one, words in other.records()
        if words.get("side") == side and (counted := readings.people(one.get("respondents"))) is not None
    ]
    return max(counts, key=lambda counted: counted.low, default=None)


def _fitting(
    table: Table, values: dict[str, object], texts: dict[str, str], people: Span, ends: tuple[float, float]
) -> int:
    """Count the distributions that fit a row, over all numbers of people it may be of."""
    steps = np.arange(int(ends[0]), int(ends[1]) + 1)
    fitting = 0
    for size in range(max(1, int(people.low)), int(people.high) + 1):
        counts = _compositions(size, len(steps))
        mean = counts @ steps / size
        square = counts @ steps**2 - size * mean**2
        told = {
            "mean": mean,
            "estimate": mean,
            "standard_deviation": np.sqrt(np.maximum(square, 0) / max(size - 1, 1)),
            "floor": 100 * counts[:, 0] / size,
            "ceiling": 100 * counts[:, -1] / size,
            "favourable": 100 * counts[:, -2:].sum(axis=1) / size,
        }
        fits = np.ones(len(counts), dtype=bool)
        for name, found in told.items():
            value = values.get(name)
            if isinstance(value, int | float):
                span = readings.rounded(table, name, value, texts[name])
                fits &= (found >= span.low) & (found <= span.high)
        fitting += int(fits.sum())
    return fitting


@lru_cache(maxsize=512)
def _compositions(people: int, steps: int) -> np.ndarray:
    """Return every way in which people spread over the steps of a scale, one per row."""
    if steps == 1:
        return np.array([[people]])
    parts = [
        np.column_stack([np.full(len(rest), first), rest])
        for first in range(people + 1)
        for rest in [_compositions(people - first, steps - 1)]
    ]
    return np.vstack(parts)
