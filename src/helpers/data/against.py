"""Items that run against the others of their scale: most likely worded the other way round."""

from __future__ import annotations

import numpy as np
import pandas as pd

FEWEST, ITEMS = 20, 3
"""Answers of each pair of items, and items, from which something can be told."""
AGAINST = 0.2
"""Size of a negative correlation from which an item seems to run against the others."""


def running_against(numbers: pd.DataFrame) -> dict[str, float]:
    """Return the items that run against most others, with their correlation with the mean of the rest.

    Parameters
    ----------
    numbers : pandas.DataFrame
        Answers, one column per item of a scale; missing where there is none.

    Returns
    -------
    dict of str to float
        Item to its correlation with the mean of the others, those that run against them turned round. Empty where
        fewer than ``ITEMS`` items vary, or a pair of them has fewer than ``FEWEST`` answers in common.

    Notes
    -----
    The first eigenvector of the correlations tells which items go together; those with the sign of the minority run
    against the others. One is named if its correlation lies below -0.2 and below -3 / sqrt(n), which chance alone
    reaches in about one of 700 unrelated items.
    """
    values = numbers.to_numpy(float, na_value=np.nan)
    known = [column[~np.isnan(column)] for column in values.T]
    varied = numbers.loc[:, [bool(len(column)) and column.min() < column.max() for column in known]].astype("float64")
    if varied.shape[1] < ITEMS:
        return {}
    together = varied.corr(min_periods=FEWEST).to_numpy()
    if np.isnan(together).any() or (together > 0).all():  # where all go together, the first eigenvector has one sign
        return {}
    weights = np.linalg.eigh(together)[1][:, -1]
    odd = np.sign(weights) != np.sign(np.sign(weights).sum() or weights.sum())
    turned = varied * np.where(odd, -1, 1)
    found = {}
    for name in varied.columns[odd]:
        correlation = float(varied[name].corr(turned.drop(columns=name).mean(axis=1)))
        if correlation < -max(AGAINST, 3 / np.sqrt(varied[name].notna().sum())):
            found[str(name)] = correlation
    return found
