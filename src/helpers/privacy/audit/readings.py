"""How to read published cells: counts of people, rounding, scales, keys."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .canon import Canon, Table

#: Columns that count people.
PEOPLE = (
    "respondents", "respondents_hr", "respondents_manager", "respondents_first", "respondents_second", "answered",
)  # fmt: skip
#: Numbers that say something of the people behind a row rather than how many there are or where it stands.
_BESIDE = {
    *PEOPLE, "clusters", "rated", "items", "sheets", "rank", "day", "time", "x", "y", "observations", "groups",
    "before", "rows", "columns", "filled", "duplicates", "errors", "warnings", "below_minimum", "share_hidden",
    "judged", "numerator_degrees", "partnerships", "invited", "asked",
}  # fmt: skip
HIDDEN = re.compile(r"hidden|not shown|protects a small group|fewer than", re.IGNORECASE)
#: What a table says whose rows about single questions are told less exactly, and how exactly those are.
_COARSE = re.compile(r"told to one decimal and in steps of 5 per cent", re.IGNORECASE)
_TENTH, _STEP = 0.05, 5.0
#: A mean of few people is narrowed when it is known to less than this share of its scale: one point of five.
NARROW = 0.25


@dataclass(frozen=True)
class Span:
    """An interval in which a published number lies, the ends included."""

    low: float
    high: float

    @property
    def width(self) -> float:
        """Its length."""
        return self.high - self.low


def people(cell: Any, words: str = "") -> Span | None:
    """Return how many people a cell speaks of: a number, or a band such as "10–19"; ``None`` where it says nothing."""
    if isinstance(cell, int | float) and not isinstance(cell, bool):
        return Span(cell, cell)
    numbers = [int(number) for number in re.findall(r"\d+", str(cell or words))]
    if not numbers or HIDDEN.search(str(cell or words)):
        return None
    return Span(numbers[0], numbers[-1] if len(numbers) > 1 else float("inf"))


def rounded(table: Table, name: str, value: float, words: str = "") -> Span:
    """Return where a rounded number may lie before it was rounded, ties included.

    Parameters
    ----------
    table : Table
        Its table, whose columns say how many decimals are printed and whose note may say that answers of few people to
        single questions are told to one decimal of the answer scale and in steps of 5 per cent.
    name : str
        Its column.
    value : float
        The number.
    words : str
        The same as printed, where fewer decimals may be shown than the column has.

    Returns
    -------
    Span
        In the unit of the column.
    """
    column = table.column(name)
    decimals = int(column.get("decimals", 0))
    if printed := re.search(r"\d(?:\.(\d+))?", words):
        decimals = min(decimals, len(printed.group(1) or ""))
    half = 0.5 * 10**-decimals
    if _COARSE.search(table.note):
        is_hundred = "0–100" in f"{column.get('label', '')}{column.get('unit', '')}"
        half = max(half, _STEP / 2 if column.get("type") == "percent" else _TENTH * 25 + 0.5 if is_hundred else _TENTH)
    return Span(value - half - 1e-9, value + half + 1e-9)


def says_something(table: Table, values: dict[str, Any]) -> bool:
    """Tell whether a row publishes a number beside its counts and keys."""
    return any(
        isinstance(values.get(name), int | float)
        and column.get("type") in ("number", "percent", "integer")
        and name not in _BESIDE
        for name, column in zip(table.names, table.columns)
    )


def is_rate(table: Table) -> bool:
    """Tell whether a table says what share of those invited answered."""
    counted, share = (str(table.column(name).get("label", "")).lower() for name in ("respondents", "estimate"))
    return "invited" in counted or share.startswith("response rate")


def asked_and_answered(
    table: Table, values: dict[str, Any], texts: dict[str, str]
) -> tuple[Span | None, Span | None, Span | None]:
    """Return how many were invited, how many answered, and in what share, as far as a row of rates says so."""
    counted = people(values.get("respondents"), texts.get("respondents", ""))
    if "invited" in table.names:
        asked, answered = people(values.get("invited"), texts.get("invited", "")), counted
    elif "invited" in str(table.column("respondents").get("label", "")).lower():
        asked, answered = counted, people(values.get("answered"), texts.get("answered", ""))
    else:
        asked, answered = None, counted
    rate = values.get("estimate")
    return asked, answered, rounded(table, "estimate", rate) if isinstance(rate, int | float) else None


def ends(canon: Canon, table: Table, name: str) -> tuple[float, float] | None:
    """Return the ends of the scale on which a mean stands; ``None`` for what is no mean of answers."""
    column = table.column(name)
    words = f"{column.get('label', '')} {column.get('unit', '')}"
    if found := re.search(r"(\d+)[–-](\d+)", words):
        return float(found.group(1)), float(found.group(2))
    is_mean = re.match(r"(plain )?mean|ours", words, re.IGNORECASE) and name in ("estimate", "plain", "mean")
    is_score = name != "estimate" or "points" in words
    return canon.scale if is_mean and is_score else None


def side_of(canon: Canon, table: Table, texts: dict[str, str]) -> str:
    """Return whose answers a row is about: its column, else whom the table's title begins with, else the only side."""
    if "side" in texts:
        return texts["side"]
    known = canon.labels.get("side", [])
    begun = [side for side in known if table.title.startswith(f"{side}:")]
    return begun[0] if begun else known[0] if len(known) == 1 else ""


def wave_of(table: Table, texts: dict[str, str]) -> str:
    """Return the wave of a row: its column, else what the title ends with after its last comma."""
    return texts.get("wave") or (table.title.rpartition(", ")[2] if ", " in table.title else "")


def key(canon: Canon, table: Table, texts: dict[str, str]) -> tuple[str, str, str]:
    """Return side, wave and what was measured; a wave that the report knows, since titles end with other words, too."""
    wave = wave_of(table, texts)
    measure = texts.get("dimension") or texts.get("item") or texts.get("question") or ""
    return side_of(canon, table, texts), wave if wave in canon.labels.get("wave", []) else "", measure


def share(span: Span, ends: tuple[float, float]) -> Span:
    """Return an interval as shares of its scale."""
    low, high = ends
    return Span((span.low - low) / (high - low), (span.high - low) / (high - low))


def shared(canon: Canon) -> Iterator[Table]:
    """Yield the tables that more than one person may read: those about groups."""
    yield from (table for table in canon.tables if not table.audience)
