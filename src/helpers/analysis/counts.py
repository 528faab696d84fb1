"""Count the people behind a result, and say in words what cannot be estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence

import pandas as pd

#: How every note begins that explains an absent value.
CANNOT_TELL = "cannot tell: "


def cannot_tell(reason: str) -> str:
    """Word the note of a value that is absent for ``reason``."""
    return CANNOT_TELL + reason


def people(frame: pd.DataFrame, cluster: str = "cluster_id") -> dict[str, int]:
    """Count the distinct people and clusters behind the rows of a frame.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows that enter an estimate. ``respondent_id`` and ``rated_id`` are used where they exist.
    cluster : str
        Column that names the cluster of each row.

    Returns
    -------
    dict
        ``respondents`` (distinct respondents; rows, when no column names them), ``rated`` (distinct people rated;
        only when the frame has such a column that is not empty throughout) and ``clusters``.
    """
    named = "respondent_id" in frame
    found = {"respondents": int(frame["respondent_id"].nunique()) if named else len(frame)}
    if "rated_id" in frame and (rated := int(frame["rated_id"].nunique())):
        found["rated"] = rated
    found["clusters"] = int(frame[cluster].nunique()) if cluster in frame else len(frame)
    return found


def groups(frame: pd.DataFrame, by: Sequence[str]) -> Iterator[tuple[dict[str, object], pd.DataFrame]]:
    """Walk through the groups of a frame in order of first appearance, missing labels as a group of their own.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows to be divided.
    by : sequence of str
        Columns that form the groups; none of them means one group with every row.

    Yields
    ------
    tuple
        The labels of the group by column, and its rows.
    """
    if not by:
        yield {}, frame
        return
    for labels, part in frame.groupby(list(by), sort=False, observed=True, dropna=False):
        yield dict(zip(by, labels)), part


def by_group(
    frame: pd.DataFrame, by: Sequence[str], describe: Callable[[pd.DataFrame], Iterable[dict[str, object]]]
) -> pd.DataFrame:
    """Put the result rows of every group into one table.

    Parameters
    ----------
    frame : pandas.DataFrame
        The rows to be divided.
    by : sequence of str
        Columns that form the groups; none of them means one group with every row.
    describe : callable
        Takes the rows of a group, which may be none, and returns its result rows, each with method and note.

    Returns
    -------
    pandas.DataFrame
        The columns of ``by``, the rest, and method and note at the end; with those columns but no rows where there
        is no group.
    """
    rows = [{**labels, **row} for labels, part in groups(frame, by) for row in describe(part)]
    table = pd.DataFrame(rows or [{**dict.fromkeys(by), **row} for row in describe(frame)])
    table = table[[name for name in table if name not in ("method", "note")] + ["method", "note"]]
    return table if rows else table.iloc[:0]
