"""Rows of published tables of which a chapter may speak, and how findings on them are called."""

from __future__ import annotations

import re
from collections.abc import Sequence

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


def together(tables: Sequence[pd.DataFrame]) -> pd.DataFrame:
    """Return the rows of several published tables as one, for findings on all of them; name their exhibits by column.

    Parameters
    ----------
    tables : sequence of pandas.DataFrame
        What :meth:`helpers.present.Show.table` returned; those without rows are left out.

    Returns
    -------
    pandas.DataFrame
        The rows, with the exhibit of the first as theirs; without tables, no row.
    """
    tables = [table for table in tables if len(table)]
    if not tables:
        return pd.DataFrame(columns=["estimate"])
    found = pd.concat([pd.DataFrame(table).assign() for table in tables], ignore_index=True)
    found.attrs = {"exhibit": tables[0].attrs.get("exhibit", "")}
    return found


def named(rows: pd.DataFrame, names: str) -> pd.DataFrame:
    """Name each row by what it is about, the same in every run and wave, so that actions find their finding again.

    Parameters
    ----------
    rows : pandas.DataFrame
        Rows on which findings are told.
    names : str
        Columns that tell them apart, separated by blanks.

    Returns
    -------
    pandas.DataFrame
        The rows with ``called``: the columns' words in small letters, joined by hyphens.

    Examples
    --------
    >>> rows = pd.DataFrame({"attribute": "department", "compared": ["R&D", "Sales"], "dimension": "trust"})
    >>> named(rows, "attribute compared dimension")["called"].tolist()
    ['department-r_d-trust', 'department-sales-trust']
    """
    if rows.empty:  # a study without attributes has no such columns
        return rows.assign(called=pd.Series(dtype=object))
    words = [rows[name].astype("str").map(_as_name) for name in names.split()]
    called = pd.Series(["-".join(parts) for parts in zip(*words, strict=True)], index=rows.index, dtype=object)
    again = called.groupby(called).cumcount()
    found = rows.assign(called=called.where(again == 0, called + "_" + (again + 1).astype("str")))
    found.attrs = rows.attrs
    return found


def _as_name(words: str) -> str:
    return re.sub(r"\W+", "_", words.casefold()).strip("_") or "none"
