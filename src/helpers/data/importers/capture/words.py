"""What a typed cell certainly means: hours with units, days, numbers, ticks; everything else is asked back."""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from ...alike import folded
from ...convert import YEAR_LAST, YES_NO, Order, moment
from ...practices import CaptureField, same_word
from ...problems import Problem, rows_in_words, shown

TICKS = {"x": True, "✓": True, "✔": True, "☒": True, "☑": True, "☐": False}
HOURS = re.compile(
    r"(\d{1,4}(?:[.,]\d{1,2})?)\s*(h|hr|hrs|hour|hours|std|m|min|mins|minute|minutes)?\.?", re.IGNORECASE
)
DOTTED = re.compile(r"\d{1,2}\.\s?\d{1,2}\.\s?\d{4}", re.ASCII)
SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{4}", re.ASCII)


def minutes(text: str) -> str | None:
    """Return whole minutes; None where the text is no span of time, or no whole number of them.

    Examples
    --------
    >>> minutes("245"), minutes("245 min"), minutes("4,5 h"), minutes("four"), minutes("0,01 h")
    ('245', '245', '270', None, None)
    """
    match = HOURS.fullmatch(text.strip())
    if not match:
        return None
    number = float(match[1].replace(",", ".")) * (1 if (match[2] or "m").lower().startswith("m") else 60)
    return f"{number:.0f}" if abs(number - round(number)) < 1e-6 else None


def hours(text: str) -> str | None:
    """Return hours as a number with a decimal point; None where the text is no span of time.

    Examples
    --------
    >>> hours("8h"), hours("7,5"), hours("90 min"), hours("all day")
    ('8', '7.5', '1.5', None)
    """
    match = HOURS.fullmatch(text.strip())
    if not match:
        return None
    number = float(match[1].replace(",", "."))
    in_minutes = (match[2] or "h").lower().startswith("m")
    return f"{number / 60 if in_minutes else number:.4f}".rstrip("0").rstrip(".")


def whole(text: str) -> str | None:
    """Return a count; None where the text is none."""
    match = re.fullmatch(r"(\d{1,6})([.,]0+)?", text.strip(), re.ASCII)
    return str(int(match[1])) if match else None


def yes_no(text: str) -> str | None:
    """Return yes or no of a word or a tick; None where it is neither."""
    answer = YES_NO.get(folded(text), TICKS.get(folded(text)))
    return None if answer is None else "yes" if answer else "no"


def order_of(texts: Iterable[str]) -> Order | None:
    """Return how dates with slashes are written, where one of them tells and none contradicts it."""
    pairs = [(int(match[1]), int(match[2])) for text in texts if (match := SLASHED.fullmatch(text.strip()))]
    day, month = (any(pair[place] > 12 for pair in pairs) for place in (0, 1))
    return None if day == month else "day-first" if day else "month-first"


def day(text: str, order: Order | None) -> str | None:
    """Return a date as 2026-06-30; None where the text does not say for certain which day it is.

    Parameters
    ----------
    text : str
        Year first; or with points, which are written day first wherever they are; or with the month as a
        word; or with slashes, if the order is known.
    order : {"day-first", "month-first"} or None
        Order of dates with slashes.

    Examples
    --------
    >>> day("12.05.2026", None), day("5/12/2026", None), day("12 May 2026", None), day("12 May", None)
    ('2026-05-12', None, '2026-05-12', None)
    """
    text = " ".join(text.split())
    if DOTTED.fullmatch(text):
        text, order = text.replace(" ", ""), "day-first"
    found = moment(text, order if YEAR_LAST.fullmatch(text) else None, ZoneInfo("UTC"))
    return f"{found:%Y-%m-%d}" if isinstance(found, datetime.datetime) else None


def one_of(text: str, allowed: Iterable[str]) -> str | None:
    """Return the allowed word that a text spells, whatever its case, blanks and hyphens."""
    return next((word for word in allowed if same_word(word) == same_word(text)), None)


@dataclass
class Reader:
    """Reads cells, and keeps what it could not read and what it read otherwise than it stands there.

    Parameters
    ----------
    order : {"day-first", "month-first"} or None
        Order of dates with slashes.
    words : mapping of str to str
        Typed word to the word it stands for, where somebody said so.
    """

    order: Order | None
    words: Mapping[str, str]
    problems: dict[tuple[str, str, str, str, str], list[int]] = field(default_factory=dict)
    readings: dict[tuple[str, str, str, str], list[int]] = field(default_factory=dict)

    def cell(
        self, kind: str | CaptureField, text: object, label: str, heading: str, row: int, allowed: Iterable[str] = ()
    ) -> str:
        """Return the value of a cell as tables hold it; empty for an empty cell and for one that cannot be read.

        Parameters
        ----------
        kind : str or CaptureField
            ``id``, ``text``, ``hours``, ``minutes``, ``whole``, ``yes/no``, ``date``, ``choice``, or a declared field.
        text : object
            The text of the cell, or something missing.
        label, heading : str
            Sheet and heading, for messages.
        row : int
            Its row.
        allowed : iterable of str, optional
            Words of a choice.
        """
        if not isinstance(text, str):
            return ""
        given = {same_word(typed): meant for typed, meant in self.words.items()}.get(same_word(text), text)
        value, expected, fix = self._read(kind, given, list(allowed))
        if value is None:
            self.problems.setdefault((label, heading, shown(text), expected, fix), []).append(row)
            return ""
        # A day that a spreadsheet stores as a moment, and 3.0 for 3, are the same thing written by a program.
        if value != text and not text.startswith(f"{value} 00:00"):
            self.readings.setdefault((label, heading, text, value), []).append(row)
        return value

    def _read(self, kind: str | CaptureField, text: str, allowed: list[str]) -> tuple[str | None, str, str]:
        if isinstance(kind, CaptureField):
            if kind.type == "date":
                return self._read("date", text, allowed)
            value = yes_no(text) if kind.type == "yes_no" else kind.read(text)
            return value, kind.expected, ""
        if kind == "date":
            found = day(text, self.order)
            slashed = found is None and SLASHED.fullmatch(text.strip())
            fix = "Write it as 2026-06-30, or say dates: day-first or month-first in mappings/practice.yaml"
            return found, "a date, such as 2026-06-30", fix if slashed else ""
        if kind == "hours":
            found = hours(text)
            if found is not None and float(found) > 24:
                return None, "hours from 0 to 24", f'If these are minutes, write "{text.strip()} min"'
            return found, "hours, such as 7.5 or 450 min", ""
        if kind == "minutes":
            return minutes(text), "whole minutes, such as 240 or 4 h", ""
        if kind == "whole":
            return whole(text), "a whole number", ""
        if kind == "yes/no":
            return yes_no(text), "yes or no", ""
        if kind == "choice":
            return one_of(text, allowed), f"one of {', '.join(allowed)}", ""
        return text, "text", ""

    def told(self) -> list[str]:
        """Return a sentence about everything that was read otherwise than it stands there."""
        return [
            f"{label}, {heading}: {shown(text)} read as {shown(value)} ({rows_in_words(tuple(rows))})."
            for (label, heading, text, value), rows in self.readings.items()
        ]

    def unread(self) -> list[Problem]:
        """Return an error for everything that could not be read."""
        return [
            Problem("error", label, f"{found} cannot be read", expected, fix, "practice", heading, tuple(rows))
            for (label, heading, found, expected, fix), rows in self.problems.items()
        ]
