"""SQL over data frames and files, for tables of millions of rows."""

from __future__ import annotations

from collections.abc import Mapping

import duckdb
import pandas as pd


def query(sql: str, values: Mapping[str, object] | None = None, **tables: pd.DataFrame) -> pd.DataFrame:
    """Run a query in DuckDB.

    Parameters
    ----------
    sql
        The query, or a statement that writes a file.
    values
        What its parameters such as ``$until`` stand for.
    **tables
        Data frames by the name they go by in the query.

    Returns
    -------
    The rows found, in the order of the query; none for a statement.

    Raises
    ------
    duckdb.Error
        When the query cannot be run.
    """
    with duckdb.default_connection().cursor() as connection:  # its own views, without starting a database anew
        connection.execute("SET enable_progress_bar = false")
        for name, table in tables.items():
            connection.register(name, table)
        found = connection.sql(sql, params=dict(values or {}))
        # Arrow hands texts over without copying them one by one.
        return pd.DataFrame() if found is None else found.to_arrow_table().to_pandas()


def quoted(text: object) -> str:
    """Return a text, such as a path, as a query writes it."""
    return "'" + str(text).replace("'", "''") + "'"
