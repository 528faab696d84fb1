"""Many comparisons: what is left when all are allowed for, and how wide intervals of those selected must be."""

from __future__ import annotations

import pandas as pd
from statsmodels.stats.multitest import multipletests

from helpers.rounding import snapped


def adjusted(p_values: pd.Series) -> pd.Series:
    """Adjust p-values for the number of comparisons that an exhibit makes.

    Parameters
    ----------
    p_values : pandas.Series
        One p-value per comparison; missing where nothing could be tested.

    Returns
    -------
    pandas.Series
        Adjusted p-values, same index; missing stays missing and does not count as a comparison.

    Notes
    -----
    Benjamini & Hochberg's step-up: p(i) becomes min over j >= i of m p(j) / j. Calling what falls below .05
    different, at most 5 % of the calls are expected to be false. Assumes independent or positively dependent tests.

    References
    ----------
    Benjamini, Y. & Hochberg, Y. (1995). Controlling the false discovery rate. *Journal of the Royal Statistical
    Society, Series B*, 57, 289-300.

    Examples
    --------
    >>> import pandas as pd
    >>> adjusted(pd.Series([0.01, 0.04, None])).tolist()
    [0.02, 0.04, nan]
    """
    result = p_values.astype(float).copy()
    tested = result.notna()
    if tested.any():
        result[tested] = multipletests(result[tested], method="fdr_bh")[1]
    return result


def confidence_of_selected(confidence: float, selected: int, tested: int) -> float:
    """Return the level at which intervals of selected differences hold the truth as often as they say.

    Parameters
    ----------
    confidence : float
        Share of the selected intervals that shall hold the truth, between 0 and 1.
    selected : int
        How many were selected, at most ``tested``.
    tested : int
        How many there were to select from.

    Returns
    -------
    float
        Level of each interval, at least ``confidence``; where nothing was selected, ``confidence``.

    Notes
    -----
    1 - R (1 - c) / m for R selected of m: the false coverage rate, which is the expected share of intervals of
    selected differences that miss, is then at most 1 - c (Benjamini & Yekutieli 2005, Definition 1). An interval of
    a difference that Benjamini & Hochberg's step-up rejects at 1 - c leaves out zero. Assumes independent or positively
    dependent estimates.

    References
    ----------
    Benjamini, Y. & Yekutieli, D. (2005). False discovery rate-adjusted multiple confidence intervals for selected
    parameters. *Journal of the American Statistical Association*, 100, 71-81.

    Examples
    --------
    >>> confidence_of_selected(0.95, selected=2, tested=10)
    0.99
    """
    return snapped(1 - selected * (1 - confidence) / tested) if selected else confidence
