"""Many comparisons in one exhibit: what is left when all are allowed for."""

from __future__ import annotations

import pandas as pd
from statsmodels.stats.multitest import multipletests


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
    """
    result = p_values.astype(float).copy()
    tested = result.notna()
    if tested.any():
        result[tested] = multipletests(result[tested], method="fdr_bh")[1]
    return result
