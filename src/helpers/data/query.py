"""SQL over data frames and files, for tables of millions of rows; nothing else on the disk or the net is in reach."""

from __future__ import annotations

import atexit
import errno
import os
from collections.abc import Iterable, Mapping
from functools import cache
from pathlib import Path

import duckdb
import pandas as pd


def query(
    sql: str, values: Mapping[str, object] | None = None, *, files: Iterable[Path] = (), **tables: pd.DataFrame
) -> pd.DataFrame:
    """Run a query in DuckDB.

    Parameters
    ----------
    sql : str
        The query, or a statement that writes a file. Names of columns stand in it by ``identifier``, texts and paths
        by ``quoted``.
    values : mapping of str to object, optional
        What its parameters such as ``$until`` stand for.
    files : iterable of pathlib.Path, optional
        The files that it reads or writes; every other one is closed to it.
    **tables : pandas.DataFrame
        Data frames by the name they go by in the query.

    Returns
    -------
    pandas.DataFrame
        The rows found, in the order of the query; none for a statement.

    Raises
    ------
    duckdb.Error
        When the query cannot be run.
    OSError
        When the disk is full.
    """
    files = tuple(files)
    with closed_database(files) if files else _without_files().cursor() as connection:  # a cursor has its own views
        for name, table in tables.items():
            connection.register(name, table)
        try:
            found = connection.sql(sql, params=dict(values or {}))
            # Arrow hands texts over without copying them one by one.
            return pd.DataFrame() if found is None else found.to_arrow_table().to_pandas()
        except duckdb.IOException as error:
            if os.strerror(errno.ENOSPC) not in str(error):
                raise
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), *map(str, files[:1])) from error


def closed_database(files: Iterable[Path] = ()) -> duckdb.DuckDBPyConnection:
    """Return a connection to a new database in memory that reaches no file but the ones named, for good.

    Parameters
    ----------
    files : iterable of pathlib.Path, optional
        Files it may read and write.

    Returns
    -------
    duckdb.DuckDBPyConnection
        To be closed by the caller. Other files, the net, extensions, variables of Python and its own settings are out
        of reach, whatever a query says.
    """
    connection = duckdb.connect()
    connection.execute(f"SET allowed_paths = [{', '.join(map(quoted, files))}]")
    # In Jupyter the bar is off, and cannot be set without a package for it.
    bar = connection.execute("SELECT current_setting('enable_progress_bar')").fetchall()[0][0]
    for setting in (
        *(["enable_progress_bar = false"] if bar else []),
        "python_enable_replacements = false",
        "enable_external_access = false",
        "lock_configuration = true",
    ):
        connection.execute(f"SET {setting}")
    return connection


@cache
def _without_files() -> duckdb.DuckDBPyConnection:
    """Return the database of all queries without files; to start one for each would take longer than most queries."""
    connection = closed_database()
    atexit.register(connection.close)
    return connection


def quoted(text: object) -> str:
    """Return a text, such as a path, as a query writes it."""
    return "'" + str(text).replace("'", "''") + "'"


def identifier(name: object) -> str:
    """Return the name of a column as a query writes it, whatever signs it holds."""
    return '"' + str(name).replace('"', '""') + '"'


def write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table as a csv file in UTF-8, its header first.

    Parameters
    ----------
    table : pandas.DataFrame
        The table; missing values become empty cells.
    path : pathlib.Path
        The file, made or written over.
    """
    names = [str(name) for name in table]
    # In SQL, names of columns are alike whatever their case, and none is empty: such a header would come out changed.
    if len({name.casefold() for name in names} - {""}) < len(names) or any("\0" in name for name in names):
        table.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")
    else:
        query(f"COPY written TO {quoted(path)} (FORMAT csv, HEADER)", files=[path], written=table)
