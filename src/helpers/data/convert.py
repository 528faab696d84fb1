"""Turn the texts of a column into values; what cannot be read for certain is reported, never guessed."""

from __future__ import annotations

import datetime
import math
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from .alike import folded
from .dates_in_words import CENTURY, plainly
from .problems import Problem, shown
from .read import Source, arrow_texts, as_text
from .tables import KINDS, Variable

NUMBER = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?", re.ASCII)
DECIMAL_COMMA = re.compile(r"[+-]?\d+,\d+", re.ASCII)
THOUSANDS = re.compile(r"[+-]?[1-9]\d{0,2}([.,]\d{3})+", re.ASCII)
NO_NUMBER = {"na", "n/a", "#n/a", "nan", "null", "none"}
YES_NO = {"yes": True, "y": True, "true": True, "1": True, "no": False, "n": False, "false": False, "0": False}

_TIME = r"(?:,?[T ]\s*(\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d{1,9}))?)?\s*([AaPp][Mm])?\s*(Z|UTC|[+-]\d{2}:?\d{2})?)?"
_ZONE_OF_DAY = r"(?:Z|[+-]\d{2}:\d{2})?"  # XML writes a day as 2026-01-05-08:00: it stays that day
YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})" + _ZONE_OF_DAY + _TIME, re.ASCII)
YEAR_LAST = re.compile(r"(\d{1,2})[-/.](\d{1,2})[-/.](\d{4}|(?<=[/.])\d{2})" + _TIME, re.ASCII)
LOCAL = r"^\d{4}-\d{2}-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?)?$"
INSTANT = r"^\d{4}-\d{2}-\d{2}[T ]\d{2}:\d{2}(:\d{2}(\.\d{1,6})?)?(Z|[+-](0\d|1[0-4]):?[0-5]\d)$"
YEARS = range(1900, 2201)
Order = Literal["day-first", "month-first"]


@dataclass
class Converter:
    """Turns columns of one table into values and keeps what it could not read.

    Parameters
    ----------
    file, table : str
        For messages.
    source : Source
        What study.yaml declares about the writing of numbers and dates.
    delimiter : str
        Of the text file.
    timezone : zoneinfo.ZoneInfo
        Times with an offset are told in this time zone; times without one are taken as local.
    """

    file: str
    table: str
    source: Source
    delimiter: str
    timezone: ZoneInfo
    problems: list[Problem] = field(default_factory=list)

    def column(self, values: pd.Series, column: Variable, labels: dict | None = None) -> pd.Series:
        """Return a column in the type of its kind; cells that cannot be read are missing and reported."""
        kind = column.kind
        numeric, dated = pd.api.types.is_numeric_dtype(values), pd.api.types.is_datetime64_any_dtype(values)
        if kind in ("id", "text", "choice", "yes/no", "period"):
            if labels:
                values = values.map(lambda value: labels.get(value, value), na_action="ignore")
            values = values if values.dtype == "str" else as_text(values)
        elif dated and kind in ("date", "time", "month"):
            return self._whole_dates(values, kind)
        elif numeric and kind in ("number", "whole number"):
            values = values.astype("float64")
            return values.mask(values.isin([float(code) for code in self.source.missing if NUMBER.fullmatch(code)]))
        elif values.dtype != "str":
            values = as_text(values)
        if self.source.missing:
            values = values.mask(values.isin(self.source.missing))
        if kind in ("id", "text"):
            return values
        if kind in ("date", "time"):
            times = iso_times(values, self.timezone)
            rest = values.mask(times.notna())
            return self._whole_dates(times.fillna(self._each(rest, column)) if rest.notna().any() else times, kind)
        return self._each(values, column)

    def _each(self, values: pd.Series, column: Variable) -> pd.Series:
        """Return the values of texts, each distinct text read once; report those that cannot be read."""
        kind, (dtype, _) = column.kind, KINDS[column.kind]
        codes, distinct = pd.factorize(values)
        texts = [str(text) for text in distinct]
        read: dict[str, Callable[[list[str], Variable], tuple[Sequence[Any], str]]] = {
            "yes/no": self._yes_no, "choice": self._choice, "period": self._period, "month": self._months,
            "number": self._numbers, "whole number": self._numbers, "date": self._dates, "time": self._dates,
        }  # fmt: skip
        results, fix = read[kind](texts, column)
        unread = np.array([*(result is None for result in results), False])
        if unread.any():
            bad = [shown(text) for text, result in zip(texts, results) if result is None]
            found = ", ".join(bad[:3]) + (f" and {len(bad) - 3} other values" if len(bad) > 3 else "")
            rows = tuple(int(row) for row in values.index[unread[codes]])
            problem = Problem("error", self.file, found, column.expected, fix, self.table, column.name, rows)
            self.problems.append(problem)
        usable = [None if result is None or result != result else result for result in results]
        values = pd.Series([*usable, None], dtype=dtype).take(codes).set_axis(values.index)  # code -1: the last
        return self._whole_dates(values, kind) if dtype.startswith("datetime") else values

    def _numbers(self, texts: list[str], column: Variable) -> tuple[list[float | None], str]:
        texts = [text.replace("\u2212", "-") for text in texts]  # the typographic minus sign
        sign, fix = self.source.decimal, ""
        commas = [text for text in texts if DECIMAL_COMMA.fullmatch(text)]
        dots = [text for text in texts if "." in text]
        if sign is None and commas and not dots and not all(map(THOUSANDS.fullmatch, commas)):
            sign = ","
            found = f"numbers such as {shown(commas[0])} were read with a decimal comma"
            self._warn(column, found, 'Declare decimal: "," in study.yaml')
        if commas and sign != ",":
            fix = 'If the comma is a decimal sign, declare decimal: "," in study.yaml; write no thousands separators'
        unsure = set()
        if self.source.decimal is None and self.delimiter == ";" and dots and all(map(THOUSANDS.fullmatch, dots)):
            unsure = set(dots)
            fix = 'Tell whether the point is a decimal sign: declare decimal: "." or "," in study.yaml'
        if sign == ",":
            unsure = set(dots)
            fix = "With a decimal comma, numbers hold no point; write no thousands separators" if dots else fix
        return [None if text in unsure else number(text, sign or ".") for text in texts], fix

    def _yes_no(self, texts: list[str], column: Variable) -> tuple[list[bool | None], str]:
        return [YES_NO.get(text.lower()) for text in texts], ""

    def _choice(self, texts: list[str], column: Variable) -> tuple[list[str], str]:
        return [re.sub(r"[\s-]+", "_", folded(text)) for text in texts], ""

    def _period(self, texts: list[str], column: Variable) -> tuple[list[str], str]:
        return [re.sub(r"^(\d{4})[ ]?([QH]\d)$", r"\1-\2", text.upper()) for text in texts], ""

    def _months(self, texts: list[str], column: Variable) -> tuple[list, str]:
        return self._dates([f"{t}-01" if re.fullmatch(r"\d{4}-\d{2}", t, re.ASCII) else t for t in texts], column)

    def _dates(self, texts: list[str], column: Variable) -> tuple[list, str]:
        order, fix = self.source.dates, "Write dates as 2026-06-30"
        told, example, both = order_told(texts)
        if example and order is None:
            if told:
                order = told
                self._warn(
                    column,
                    f"dates such as {shown(example)} were read {order}",
                    f"Declare dates: {order} in study.yaml",
                )
            else:
                fix = (
                    "Day and month stand in both orders; write dates as 2026-06-30"
                    if both
                    else "Tell which number is the day: declare dates: day-first or dates: month-first in study.yaml"
                )
        elif any(re.fullmatch(r"\d{5}(\.\d+)?", text, re.ASCII) for text in texts):
            fix = "A number of days is how Excel stores a date: format the column as a date and export again"
        return [moment(text, order, self.timezone) for text in texts], fix

    def _whole_dates(self, values: pd.Series, kind: str) -> pd.Series:
        if values.dt.tz is not None:
            values = values.dt.tz_convert(self.timezone).dt.tz_localize(None)
        values = values.astype("datetime64[us]")
        if kind == "month":
            return values.dt.to_period("M").dt.to_timestamp().astype("datetime64[us]")
        return values.dt.normalize() if kind == "date" else values

    def _warn(self, column: Variable, found: str, fix: str) -> None:
        self.problems.append(Problem("warning", self.file, found, "", fix, self.table, column.name))


def number(text: str, decimal: str = ".") -> float | None:
    """Return the number that a text certainly means.

    Parameters
    ----------
    text : str
        ASCII digits, with at most one decimal sign and an exponent.
    decimal : str, optional
        ``.`` or ``,``.

    Returns
    -------
    float or None
        The number; NaN for words such as ``NA``; None for all else: thousands separators, infinities, words.
    """
    if text.lower() in NO_NUMBER:
        return math.nan
    text = text.replace(",", ".") if decimal == "," else text
    value = float(text) if NUMBER.fullmatch(text) else math.inf
    return value if math.isfinite(value) else None


def iso_times(values: pd.Series, timezone: ZoneInfo) -> pd.Series:
    """Return the moments of the texts that are plainly written as ISO 8601, all at once.

    Parameters
    ----------
    values : pandas.Series
        Texts, with or without time and offset.
    timezone : zoneinfo.ZoneInfo
        Moments with an offset are told in this time zone.

    Returns
    -------
    pandas.Series
        Local times without a time zone; missing where a text is written otherwise: :func:`moment` reads these.
    """
    texts = arrow_texts(values)
    found = pd.Series(pd.NaT, index=range(len(texts)), dtype="datetime64[us]")
    try:
        for pattern, zone in ((LOCAL, None), (INSTANT, "UTC")):
            fits = pc.fill_null(pc.match_substring_regex(texts, pattern), False)
            if pc.any(fits).as_py():
                told = pc.cast(pc.if_else(fits, texts, None), pa.timestamp("us", zone)).to_pandas()
                found = found.fillna(told.dt.tz_convert(timezone).dt.tz_localize(None) if zone else told)
                texts = pc.if_else(fits, None, texts)
    except pa.ArrowInvalid:  # a day or an hour that does not exist: each is looked at by itself
        found[:] = pd.NaT
    return found.where(found.dt.year.isin(YEARS)).set_axis(values.index)


def order_told(texts: Iterable[str]) -> tuple[Order | None, str, bool]:
    """Return the order of day and month that dates tell.

    Parameters
    ----------
    texts : iterable of str
        Dates; those that begin with the year, or name the month, tell nothing.

    Returns
    -------
    tuple of str, str and bool
        ``day-first``, ``month-first``, or None where that is open; a date whose order matters, empty where there is
        none; and whether the dates stand in both orders.
    """
    dates = {text: (int(match[1]), int(match[2])) for text in texts if (match := YEAR_LAST.fullmatch(plainly(text)))}
    first, second = (any(pair[place] > 12 for pair in dates.values()) for place in (0, 1))
    alike = all(day == month for day, month in dates.values())  # 05/05/2026 is one day in either order
    order: Order | None = "day-first" if first or alike else "month-first" if second else None
    return None if first and second else order, next(iter(dates), ""), first and second


def dated(values: pd.Series) -> pd.Series:
    """Tell which texts are written as a date or a time, whatever the order of day and month."""
    plain = values.map({text: plainly(text) for text in values.dropna().unique()}).astype("str")
    return (plain.str.fullmatch(YEAR_FIRST) | plain.str.fullmatch(YEAR_LAST)).fillna(False).astype(bool)


def moment(text: str, order: str | None, timezone: ZoneInfo) -> datetime.datetime | float | None:
    """Return the moment that a text certainly means.

    Parameters
    ----------
    text : str
        Year first, or year last when the order is known, or with the month in words; a time and an offset may follow.
    order : str or None
        ``day-first``, ``month-first`` or None.
    timezone : zoneinfo.ZoneInfo
        Moments with an offset are told in this time zone.

    Returns
    -------
    datetime.datetime or float or None
        Local time without a time zone; NaN for words such as ``NA``; None for all else.
    """
    if text.lower() in NO_NUMBER:
        return math.nan
    text = plainly(text)
    match = YEAR_FIRST.fullmatch(text)
    if match:
        year, month, day = map(int, match.groups()[:3])
    elif order and (match := YEAR_LAST.fullmatch(text)):
        day, month, year = map(int, match.groups()[:3])
        day, month = (month, day) if order == "month-first" else (day, month)
        year += CENTURY if year < 100 else 0
    else:
        return None
    hour, minute, second, fraction, half, offset = match.groups()[3:]
    hour = int(hour or 0)
    if half and not 1 <= hour <= 12:
        return None
    hour = hour % 12 + 12 * (half.lower() == "pm") if half else hour
    micro = int((fraction or "0")[:6].ljust(6, "0"))
    try:
        found = datetime.datetime(year, month, day, hour, int(minute or 0), int(second or 0), micro)
        if offset:
            shift = "+00:00" if offset in ("Z", "UTC") else offset
            found = found.replace(tzinfo=datetime.datetime.strptime(shift, "%z").tzinfo)
            found = found.astimezone(timezone).replace(tzinfo=None)
    except (ValueError, OverflowError):
        return None
    return found if found.year in YEARS else None
