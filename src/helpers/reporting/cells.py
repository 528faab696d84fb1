"""The cells of a table as a reader sees them: an estimate and its interval in one, ``0.42 (0.31 to 0.53)``.

Files for machines (CSV, Excel, results.json) keep estimate and ends in columns of their own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from helpers.columns import end_of
from helpers.published import Column

_BARE = "–"
#: The space within an interval and before it, at which no line breaks.
INTERVAL_SPACE = "\u00a0"
#: Where nothing tells whose interval it is, one that stands alone is called so.
_ALONE = "interval"
#: The ends within which a value must lie whatever is not known, which have intervals of their own.
_BOUNDS = ("lower", "upper")


@dataclass(frozen=True)
class Cells:
    """What a reader sees of a table: its columns, and its rows as printed."""

    columns: list[Column]
    rows: list[list[str]]

    @property
    def headings(self) -> list[str]:
        """What stands above the columns."""
        return [column.heading for column in self.columns]

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers, set flush right."""
        return [column.is_number for column in self.columns]


def joined(columns: Sequence[Column], texts: Sequence[Sequence[str]]) -> Cells:
    """Put every interval beside its estimate.

    Parameters
    ----------
    columns : sequence of Column
        As published; the ends of an interval are called ``low`` and ``high``, with the name of their estimate before
        them where there are several, and stand behind it.
    texts : sequence of sequence of str
        The cells as printed.

    Returns
    -------
    Cells
        Fewer columns: ends that stand behind another kind of number have one of their own.
    """
    spans = list(_spans(columns))
    rows = [[_cell([row[place] for place in span], _kind(span)) for span in spans] for row in texts]
    return Cells([_column([columns[place] for place in span], _kind(span)) for span in spans], rows)


def _spans(columns: Sequence[Column]) -> Iterator[list[int]]:
    """Yield the places of columns that are shown in one."""
    place, names = 0, [column.name for column in columns]
    while place < len(columns):
        span = [place]
        if tuple(names[place : place + 2]) == _BOUNDS:
            span.append(place + 1)
        ends = span[-1] + 1
        if _is_pair(columns, place):
            span = [place, place + 1]
        elif _is_pair(columns, ends) and columns[ends].type == columns[place].type:
            span += [ends, ends + 1]
        yield span
        place += len(span)


def _is_pair(columns: Sequence[Column], place: int) -> bool:
    names = [column.name for column in columns[place : place + 2]]
    return len(names) == 2 and end_of(names[0]) == "low" and names[1] == names[0].removesuffix("low") + "high"


def _kind(span: Sequence[int]) -> str:
    """Say what a span holds: one column, an estimate with its interval, a pair of ends, bounds with theirs."""
    if len(span) == 2:
        return "pair"
    return {1: "one", 3: "estimate", 4: "bounds"}[len(span)]


def _column(span: Sequence[Column], kind: str) -> Column:
    first = span[0]
    if kind == "one":
        return first
    interval = span[-2].label.removesuffix(" from") + " interval" if span[-2].label.endswith(" from") else _ALONE
    if kind == "estimate":
        return first.model_copy(update={"label": f"{first.label} ({interval})"})
    if kind == "bounds":
        return first.model_copy(update={"label": f"Bounds ({interval})"})
    label = "Bounds" if first.name == _BOUNDS[0] else interval[:1].upper() + interval[1:]
    return first.model_copy(update={"label": label})


def _cell(texts: Sequence[str], kind: str) -> str:
    if kind == "one":
        return texts[0]
    if kind == "pair":
        return _between(texts[0], texts[1])
    value = texts[0] if kind == "estimate" else _between(texts[0], texts[1])
    interval = _between(texts[-2], texts[-1])
    return value if interval in (_BARE, value) else f"{value}{INTERVAL_SPACE}({interval})"


def _between(low: str, high: str) -> str:
    """Write the ends of an interval; where neither is a number, what stands in their place, once."""
    is_number = any(letter.isdigit() for letter in low + high)
    return f"{low.removesuffix(' %')}{INTERVAL_SPACE}to{INTERVAL_SPACE}{high}" if is_number or low != high else low
