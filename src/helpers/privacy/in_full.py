"""Which figures of models the files of a report hold in full, with their standard errors and degrees of freedom.

Tables print two or three decimals; whoever pools studies needs more. A number with many digits is a check on whoever
guesses what people answered, and enough of them leave one guess only. Six digits of an estimate, six of its error and
two for the degrees of freedom are therefore told where all of these hold:

1. It is a coefficient: a term of a model, a correlation. Means, shares, counts and sums stay as printed, and so does
   what sets a group of people apart from the others, which is the difference of two means.
2. It rests on :data:`FEWEST` people or more, on either side where two sets of people are compared, and is no single
   question told to one decimal.
3. Its interval is told, and is that of the estimate and error that the file would hold: a standard error on another
   scale than the estimate, or of an interval that was widened, is of no use to anybody.
4. Together, what one chapter tells in full of the same answers has at most one digit for every
   :data:`PEOPLE_PER_DIGIT` people. An answer to one question of five steps holds .7 of a digit, so that more than half
   of what was answered stays open.

Degrees of freedom are whole numbers: their decimals would tell how many answered about each HR partner.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Literal

import numpy as np
import pandas as pd
from scipy import stats

from helpers.published import InFull

from .precision import COUNTED, FEW

#: Fewest people behind a figure that is told in full.
FEWEST = 100
#: People for each digit that a chapter tells in full of the same answers.
PEOPLE_PER_DIGIT = 3
#: Digits of estimate and error each, and of all that a row tells.
DIGITS = 6
OF_A_ROW = 2 * DIGITS + 2
_NEEDED = ("estimate", "low", "high", "standard_error", "degrees_of_freedom")
#: Columns that count the people on either side of a comparison.
_SIDES = ("respondents_treated", "respondents_others", "respondents_first", "respondents_second")


def in_full(
    frame: pd.DataFrame, confidence: float, groups: Mapping[str, Collection[str]], spent: dict[str, int]
) -> list[InFull]:
    """Return what may be told in full of the rows of a table.

    Parameters
    ----------
    frame : pandas.DataFrame
        Protected rows, told as exactly as they may be printed.
    confidence : float
        Level of the intervals, between 0 and 1.
    groups : mapping of str to collection of str
        The attributes of the study, and what their groups are called.
    spent : dict of str to int
        Digits that the chapter has told so far, by the dimension they are about, empty where that is several or none;
        what is told here is added.

    Returns
    -------
    list of InFull
        Of each row that may be told so, in order. Rows about the same dimension are told together or not at all.
    """
    if not {*_NEEDED, "respondents", "people"} <= set(frame) or set(groups) & set(frame):
        return []
    counts = [frame.get(f"{COUNTED}respondents", frame["respondents"])]
    counts += [frame[name] for name in _SIDES if name in frame]
    fewest = np.array([_numbers(each) for each in counts]).min(axis=0)
    numbers = np.column_stack([_numbers(frame[name]) for name in _NEEDED])
    single = frame[FEW].fillna(False).astype(bool) if FEW in frame else pd.Series(False, frame.index)
    told: dict[str, list[tuple[float, InFull]]] = {}
    for place, row in enumerate(frame.to_dict("records")):
        behind = row["people"]
        if not fewest[place] >= FEWEST or single.iloc[place] or getattr(behind, "additive", True):
            continue
        if _names_a_group(row, groups) or not (found := _figures(place, numbers[place], confidence)):
            continue
        told.setdefault(behind.dimension, []).append((fewest[place], found))
    kept = []
    for about, rows in told.items():
        digits = OF_A_ROW * len(rows) + (spent.get("", 0) + spent.get(about, 0) if about else sum(spent.values()))
        if digits * PEOPLE_PER_DIGIT <= min(people for people, _ in rows):
            spent[about] = spent.get(about, 0) + OF_A_ROW * len(rows)
            kept += [found for _, found in rows]
    return sorted(kept, key=lambda found: found.row)


def _names_a_group(row: Mapping[Any, Any], groups: Mapping[str, Collection[str]]) -> bool:
    """Tell whether a row sets a group apart: by its name, or as the term "department: Sales" or "x[T.Sales]"."""
    labels = {label for each in groups.values() for label in each}
    words = [value for value in row.values() if isinstance(value, str)]
    term = str(row.get("term", ""))
    return ": " in term or any("[T." in word or word in labels or word.partition(":")[0] in groups for word in words)


def _numbers(column: pd.Series) -> np.ndarray:
    """Return a column as decimals: missing where it holds words or nothing."""
    return pd.to_numeric(column, errors="coerce").to_numpy(float, na_value=np.nan)


def _figures(place: int, numbers: np.ndarray, confidence: float) -> InFull | None:
    """Return the figures of a row, where the interval is that of estimate and error."""
    if not np.isfinite(numbers).all():
        return None
    estimate, low, high, error, degrees = map(float, numbers)
    if not (error > 0 and round(degrees) >= 1):
        return None
    half = float(stats.t.ppf(0.5 + confidence / 2, degrees)) * error
    scales: dict[Literal["plain", "ratio"], tuple[float, float]] = {"plain": (estimate - low, high - estimate)}
    if low > 0:
        scales["ratio"] = (np.log(estimate / low), np.log(high / estimate))
    for scale, widths in scales.items():
        if np.allclose(widths, half, rtol=1e-6, atol=1e-9):
            figures = {"estimate": _short(estimate), "standard_error": _short(error)}
            return InFull(row=place, **figures, degrees_of_freedom=round(degrees), scale=scale)
    return None


def _short(value: float) -> float:
    return float(f"{value:.{DIGITS}g}")
