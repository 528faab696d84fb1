"""Rows of a published table of which a chapter may speak: those that hide nothing."""

from __future__ import annotations

import pandas as pd


def all_shown(rows: pd.DataFrame, groups: pd.DataFrame, by: str = "dimension") -> pd.DataFrame:
    """Return the rows that summarise groups of which none is hidden; others would tell of hidden ones.

    Parameters
    ----------
    rows : pandas.DataFrame
        Statistics over all groups, such as an F test, with the column ``by``.
    groups : pandas.DataFrame
        The published table of the groups, with ``by`` and ``estimate``.
    by : str
        Column that says what both are about.

    Returns
    -------
    pandas.DataFrame
        Rows of ``rows``, in their order.
    """
    if by not in groups:
        return rows[:0]
    hidden = set(groups.loc[groups["estimate"].isna(), by])
    return rows[rows[by].isin(set(groups[by]) - hidden)]
