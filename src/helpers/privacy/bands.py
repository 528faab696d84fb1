"""Numbers of people in words: bands below 30, "100 or more" where even a large number would tell who did not answer."""

from __future__ import annotations

import re
from collections.abc import Iterator

#: From this number of people on a number may be told exactly.
EXACT_FROM = 30
#: First and last number of each band.
BANDS = ((0, 4), (5, 9), (10, 19), (20, 29))


def band(count: int) -> str:
    """Return the band of a number below 30.

    Parameters
    ----------
    count : int
        From 0 to 29.

    Returns
    -------
    str
        "0–4", "5–9", "10–19" or "20–29".

    Raises
    ------
    ValueError
        The number lies in no band.

    Examples
    --------
    >>> band(12)
    '10–19'
    """
    for low, high in BANDS:
        if low <= count <= high:
            return f"{low}–{high}"
    raise ValueError(f"{count} lies in no band; bands end below {EXACT_FROM}")


def or_more(most: int) -> str:
    """Return the highest round number that does not exceed a number, as a lower bound in words.

    Parameters
    ----------
    most : int
        What the round number may not exceed, 1 or more.

    Returns
    -------
    str
        One of 1, 2, 3, 5, 10, 20, 30, 50, 100 …, "or more".

    Examples
    --------
    >>> or_more(47), or_more(997)
    ('30 or more', '500 or more')
    """
    if most < 1:
        raise ValueError(f"{most} has no round number below it; expected 1 or more")
    return f"{max(step for step in _steps(most) if step <= most)} or more"


def _steps(most: int) -> Iterator[int]:
    """Walk through the round numbers up to a number."""
    unit = 1
    while unit <= most:
        yield from (unit, 2 * unit, 3 * unit, 5 * unit)
        unit *= 10


def at_least(count: int | float | str | None) -> int:
    """Return the smallest number of people that a published count allows.

    Parameters
    ----------
    count : int, float, str or None
        A number, the words that stand for one, or nothing.

    Returns
    -------
    int
        The number, the lower end of the band, or 0.

    Examples
    --------
    >>> at_least("10–19"), at_least("30 or more"), at_least(41), at_least(None)
    (10, 30, 41, 0)
    """
    if isinstance(count, str):
        found = re.match(r"\d+", count)
        return int(found[0]) if found else 0
    return int(count) if count is not None and count == count else 0
