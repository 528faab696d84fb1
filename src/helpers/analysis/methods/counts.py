"""Count the people behind a result, and say in words what cannot be estimated."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import pandas as pd

from .people import People, distinct

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
    clusters = distinct(frame[cluster]) if cluster in frame else len(frame)
    named = "respondent_id" in frame
    found: dict[str, Any] = {"respondents": distinct(frame["respondent_id"]) if named else clusters}
    if "rated_id" in frame and (rated := distinct(frame["rated_id"])):
        found["rated"] = rated
    who = People(frame, "respondent_id" if named else cluster, value=value, additive=additive)
    return found | {"clusters": clusters, "people": who}


def require(frame: pd.DataFrame, names: Iterable[str]) -> None:
    """Refuse a frame that lacks columns.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    names : iterable of str
        Columns that it needs.

    Raises
    ------
    ValueError
        Names the absent columns, and those there are.

    Examples
    --------
    >>> import pandas as pd
    >>> require(pd.DataFrame({"trust": [4]}), ["trust", "team"])
    Traceback (most recent call last):
        ...
    ValueError: the frame has no column team; it has trust
    """
    if absent := [name for name in dict.fromkeys(names) if name not in frame]:
        raise ValueError(f"the frame has no column {', '.join(absent)}; it has {', '.join(map(str, frame.columns))}")


def numeric(frame: pd.DataFrame, names: Sequence[str] = (), leaving: Sequence[str] = ()) -> list[str]:
    """Choose the columns of a frame that hold numbers.

    Parameters
    ----------
    frame : pandas.DataFrame
        The frame.
    names : sequence of str
        Columns that have to hold numbers; none: all that do.
    leaving : sequence of str
        Columns that are not meant, where no names are given.

    Returns
    -------
    list of str
        Their names.

    Raises
    ------
    ValueError
        If a column named is absent or holds something else, or there is none.

    Examples
    --------
    >>> import pandas as pd
    >>> numeric(pd.DataFrame({"team": [1, 2], "trust": [4, 5], "site": ["A", "B"]}), leaving=["team"])
    ['trust']
    """
    require(frame, names)
    chosen = list(names) or [name for name in frame if name not in leaving and _holds_numbers(frame[name])]
    if other := [name for name in chosen if not _holds_numbers(frame[name])]:
        raise ValueError(f"the column {', '.join(other)} does not hold numbers")
    if not chosen:
        raise ValueError(f"the frame has no column of numbers beside {', '.join(leaving)}")
    return chosen


def _holds_numbers(column: pd.Series) -> bool:
    return pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column)


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
    if rows := rows_of_groups(frame, by, describe):
        return as_table(rows)
    empty = as_table([{**dict.fromkeys(by), **row} for row in describe(frame)]).iloc[:0]
    return empty.astype({name: frame[name].dtype for name in by})


def rows_of_groups(
    frame: pd.DataFrame, by: Sequence[str], describe: Callable[[pd.DataFrame], Iterable[dict[str, object]]]
) -> list[dict[str, object]]:
    """Return the result rows of every group, as :func:`by_group`, which puts them into one table, takes them."""
    return [{**labels, **row} for labels, part in groups(frame, by) for row in describe(part)]


def as_table(rows: Sequence[dict[str, object]]) -> pd.DataFrame:
    """Put result rows into one table, with method and note at the end."""
    table = pd.DataFrame(rows)
    return table[[name for name in table if name not in ("method", "note")] + ["method", "note"]]


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
