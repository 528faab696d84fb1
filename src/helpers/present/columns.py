"""How a column of a published table is labelled, rounded and worded."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass

import pandas as pd

MINUS = "−"  # typographic minus, so that negative numbers are not broken at a hyphen


@dataclass(frozen=True)
class Column:
    """One column of a published table.

    Attributes
    ----------
    label : str
        What stands at the head of the column.
    type : {"text", "number", "integer", "percent", "date"}
        How its values are printed.
    decimals : int
        Decimal places shown and stored.
    unit : str
        Unit in words, for instance "points (1–5)" or "days".
    limits : tuple of float, optional
        Ends of the answer scale. A value at an end tells what everyone answered and is hidden.
    least : float
        Smallest value printed as it is; below it stands "< least" (p-values).
    """

    label: str
    type: str = "text"
    decimals: int = 0
    unit: str = ""
    limits: tuple[float, float] | None = None
    least: float = 0.0

    def rounded(self, value: object) -> object:
        """Return the value as it is stored: rounded, plain Python, ``None`` when missing."""
        if value is None or (not isinstance(value, str | list | tuple) and pd.isna(value)):
            return None
        if self.type in ("number", "percent"):
            # Adding zero turns −0.0 into 0.0.
            return round(float(value), self.decimals) + 0.0 if math.isfinite(float(value)) else None
        if self.type == "integer":
            return int(value)
        if isinstance(value, datetime.date | pd.Timestamp):
            return value.isoformat()[:10]
        return str(value)

    def printed(self, value: object) -> str:
        """Return the value as it is read: thousands grouped, sign and per cent written out; "–" when missing."""
        value = self.rounded(value)
        if value is None:
            return "–"
        if self.least and 0 <= value < self.least:
            return f"< {self.least:g}"
        if self.type in ("number", "percent"):
            shown = f"{value:,.{self.decimals}f}".replace("-", MINUS).replace(",", " ")
            return shown + (" %" if self.type == "percent" else "")
        if self.type == "integer":
            return f"{value:,d}".replace(",", " ").replace("-", MINUS)
        return str(value)

    def description(self, name: str) -> dict[str, object]:
        """Return what reports need to know of the column, as plain data."""
        return {
            "name": name,
            "label": self.label,
            "type": self.type,
            "decimals": self.decimals,
            "unit": self.unit,
        }


def text(label: str) -> Column:
    """Words."""
    return Column(label)


def number(label: str, decimals: int = 2, unit: str = "") -> Column:
    """Any number with decimals."""
    return Column(label, "number", decimals, unit)


def count(label: str, unit: str = "") -> Column:
    """A whole number of things or people."""
    return Column(label, "integer", 0, unit)


def percent(label: str, decimals: int = 0, *, of_answers: bool = True) -> Column:
    """A share in per cent. Shares of answers are hidden at 0 and 100, where they tell each person's answer."""
    return Column(label, "percent", decimals, limits=(0.0, 100.0) if of_answers else None)


def score(label: str, low: float, high: float, decimals: int = 2) -> Column:
    """A mean on an answer scale from ``low`` to ``high``."""
    return Column(label, "number", decimals, f"points ({low:g}–{high:g})", (low, high))


def days(label: str, decimals: int = 1) -> Column:
    """A duration in days."""
    return Column(label, "number", decimals, "days")


def probability(label: str) -> Column:
    """A p-value; below .001 it is printed as "< 0.001"."""
    return Column(label, "number", 3, least=0.001)
