"""One rule for rounding and for thresholds, so that the last bit of a sum never shows.

Processors add in different orders, and the results differ in the last bits. Means of answers are full of exact ties:
62.5 comes out as 62.49999999999999 on one machine and as 62.5 on the next, and would be printed as 62 or as 63. Every
number is therefore first snapped to ten significant digits, far more than any survey carries and far fewer than a
processor does. Then ties are rounded away from zero, and thresholds are compared.
"""

from __future__ import annotations

import math
from decimal import ROUND_HALF_UP, Decimal
from typing import TypeVar

import numpy as np
import pandas as pd

Numbers = TypeVar("Numbers", float, np.ndarray, pd.Series)
#: Significant digits that are kept.
DIGITS = 10
#: A difference smaller than this share of the larger of its two parts is none.
NO_DIFFERENCE = 1e-12


def snapped(value: float) -> float:
    """Return a number with ten significant digits.

    Parameters
    ----------
    value : float
        Any number; missing and infinite ones come back as they are.

    Returns
    -------
    float
        The nearest number that ten digits can write.

    Examples
    --------
    >>> snapped(62.49999999999999)
    62.5
    """
    if value is pd.NA or not math.isfinite(value):
        return value
    return float(f"{value:.{DIGITS}g}")


def snapped_all(values: pd.Series) -> pd.Series:
    """Return a column with :func:`snapped` decimals; a column of anything else comes back as it is.

    Parameters
    ----------
    values : pandas.Series
        Any column.

    Returns
    -------
    pandas.Series
        Of the same type and index.
    """
    if not pd.api.types.is_float_dtype(values.dtype):
        return values
    return pd.Series([snapped(value) for value in values], index=values.index, name=values.name, dtype=values.dtype)


def rounded(value: float, decimals: int = 0) -> float:
    """Round a number the way people do: to the nearest, ties away from zero, after :func:`snapped`.

    Parameters
    ----------
    value : float
        A finite number.
    decimals : int
        Decimal places kept.

    Returns
    -------
    float
        Never a negative zero.

    Examples
    --------
    >>> rounded(62.49999999999999), rounded(0.285, 2), rounded(-0.001, 2)
    (63.0, 0.29, 0.0)
    """
    exact = Decimal(f"{float(value):.{DIGITS}g}")
    if exact.adjusted() >= DIGITS:  # a whole number already
        return float(exact)
    return float(exact.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)) + 0.0


def difference(first: Numbers, second: Numbers) -> Numbers:
    """Return ``first`` less ``second``; zero where they differ by less than 1e-12 of the larger.

    Parameters
    ----------
    first, second : float, numpy.ndarray or pandas.Series
        The two parts, in the same unit.

    Returns
    -------
    float, numpy.ndarray or pandas.Series
        Their difference in that unit, of the kind that was given.

    Examples
    --------
    >>> float(difference(0.1 + 0.2, 0.3))
    0.0
    """
    between = first - second
    return between * (abs(between) >= NO_DIFFERENCE * np.maximum(abs(first), abs(second))) + 0.0


def frame(table: pd.DataFrame) -> pd.DataFrame:
    """Return the table with every column of decimals snapped.

    Parameters
    ----------
    table : pandas.DataFrame
        Any table.

    Returns
    -------
    pandas.DataFrame
        A copy.
    """
    decimals = [name for name, kind in table.dtypes.items() if pd.api.types.is_float_dtype(kind)]
    table = table.copy()
    for name in decimals:
        table[name] = snapped_all(table[name])
    return table
