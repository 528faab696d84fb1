"""Count the people behind a result, and say in words what cannot be estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from .people import People

#: How every note begins that explains an absent value.
CANNOT_TELL = "cannot tell: "
#: The reason where any truer one would tell what people answered.
NOT_COMPUTABLE = "the answers do not allow the computation"


def cannot_tell(reason: str) -> str:
    """Word the note of a value that is absent.

    Parameters
    ----------
    reason : str
        Why it is absent.

    Returns
    -------
    str
        The reason after the words by which such notes are known.

    Examples
    --------
    >>> cannot_tell("no answers")
    'cannot tell: no answers'
    """
    return CANNOT_TELL + reason


def people(
    frame: pd.DataFrame, cluster: str = "cluster_id", *, value: str = "", additive: bool = True
) -> dict[str, Any]:
    """Count the distinct people and clusters behind the rows of a frame, and keep who they are.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows that enter an estimate. ``respondent_id`` and ``rated_id`` are used where they exist.
    cluster : str
        Column that names the cluster of each row.
    value, additive
        What is estimated, and whether it is a mean, a share, a count or a sum; see :class:`.people.People`.

    Returns
    -------
    dict
        ``respondents`` (distinct respondents; where no column names them, clusters, since rows may be many of one
        person and privacy goes by this number), ``rated`` (distinct people rated;
        only when the frame has such a column that is not empty throughout), ``clusters`` and ``people`` (a
        :class:`.people.People`, by which disclosure control compares this result with others; never shown).

    Examples
    --------
    >>> import pandas as pd
    >>> people(pd.DataFrame({"respondent_id": ["a", "a", "b"], "rated_id": ["x", "y", "x"], "cluster_id": [1, 1, 2]}))
    {'respondents': 2, 'rated': 2, 'clusters': 2, 'people': <2 people>}
    """
    clusters = int(frame[cluster].nunique()) if cluster in frame else len(frame)
    named = "respondent_id" in frame
    found: dict[str, Any] = {"respondents": int(frame["respondent_id"].nunique()) if named else clusters}
    if "rated_id" in frame and (rated := int(frame["rated_id"].nunique())):
        found["rated"] = rated
    who = People(frame, "respondent_id" if named else cluster, value=value, additive=additive)
    return found | {"clusters": clusters, "people": who}


def because(frame: pd.DataFrame, sentence: str) -> pd.DataFrame:
    """Attach to a table what readers are told where it has no rows.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table.
    sentence : str
        Why there may be no rows.

    Returns
    -------
    pandas.DataFrame
        A copy whose ``attrs["absent"]`` holds the sentence.
    """
    found = frame.copy(deep=False)
    found.attrs["absent"] = sentence
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


def told(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a table of estimates, or none of its rows when nothing in it could be estimated.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table with the column ``estimate``.

    Returns
    -------
    pandas.DataFrame
        The table, or its columns without rows; :func:`why` says why.
    """
    return frame if "estimate" in frame and frame["estimate"].notna().any() else frame[:0]


def why(frame: pd.DataFrame) -> str:
    """Say why a table of estimates holds none.

    Parameters
    ----------
    frame : pandas.DataFrame
        A table with the column ``note``.

    Returns
    -------
    str
        What its first note says after "cannot tell:"; empty when nothing is missing.
    """
    notes = [str(note) for note in frame.get("note", []) if str(note).startswith(CANNOT_TELL)]
    return notes[0].removeprefix(CANNOT_TELL).strip() if notes else ""
