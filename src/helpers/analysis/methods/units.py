"""Estimates with their intervals in the units that readers see."""

from __future__ import annotations

import numpy as np
import pandas as pd

NUMBERS = ("estimate", "low", "high")


def per_cent(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn shares (0 to 1) into per cent.

    Parameters
    ----------
    frame : pandas.DataFrame
        With ``estimate``, ``low`` and ``high``, or without rows.

    Returns
    -------
    pandas.DataFrame
        A copy; other columns stay.

    Examples
    --------
    >>> per_cent(pd.DataFrame({"estimate": [0.5], "low": [0.25], "high": [0.75]}))
       estimate   low  high
    0      50.0  25.0  75.0
    """
    return frame.assign(**{name: 100 * frame[name] for name in NUMBERS if name in frame})


def ratios(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn logarithms of ratios into ratios: 0 into 1, log 2 into 2; see :func:`per_cent`."""
    return frame.assign(**{name: np.exp(frame[name]) for name in NUMBERS if name in frame})


def per_cent_more(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn logarithms of ratios into differences in per cent; see :func:`per_cent`.

    Examples
    --------
    >>> per_cent_more(pd.DataFrame({"estimate": [0.0], "low": [-np.log(2)], "high": [np.log(2)]})).round()
       estimate   low   high
    0       0.0 -50.0  100.0
    """
    return frame.assign(**{name: 100 * (np.exp(frame[name]) - 1) for name in NUMBERS if name in frame})


def hours(frame: pd.DataFrame) -> pd.DataFrame:
    """Turn days into hours; see :func:`per_cent`."""
    return frame.assign(**{name: 24 * frame[name] for name in NUMBERS if name in frame})
