"""The files of a study that an import writes: the table that grows, and study.yaml with further tables."""

from __future__ import annotations

from pathlib import Path

from ..problems import input_error
from ..read import Source
from ..study import Study
from ..yaml_files import read_text, with_entries


def table_file(study: Study, name: str) -> Path:
    """Return the file that holds a table, or will.

    Parameters
    ----------
    study : Study
        The study.
    name : str
        Name of the table.

    Returns
    -------
    pathlib.Path
        Path of a csv file.

    Raises
    ------
    InputError
        When the table is something else.
    """
    source = study.tables.get(name)
    if source is None:
        return study.folder / f"{name}.csv"
    if source != Source(path=source.path) or not source.is_text:
        found = f"the {name} table is not a plain csv file, so nothing can be added to it"
        fix = f"Change tables.{name} to {name}.csv, and keep the earlier rows there"
        raise input_error("study.yaml", found, fix=fix, column=f"tables.{name}")
    return study.folder / source.file


def with_tables(study: Study, files: dict[str, str]) -> str:
    """Return study.yaml with tables added to it.

    Parameters
    ----------
    study : Study
        The study.
    files : dict of str to str
        Table to the name of its file.

    Returns
    -------
    str
        The text, every other letter of it kept; empty when every table is named already.

    Raises
    ------
    InputError
        When the file is written in a way that nothing can be added to.
    """
    absent = {name: file for name, file in files.items() if name not in study.tables}
    if not absent:
        return ""
    content = with_entries(read_text(study.folder / "study.yaml"), "tables", absent)
    if content is None:
        fix = f"Add {' and '.join(f'{name}: {file}' for name, file in absent.items())} under tables:"
        raise input_error("study.yaml", "the tables cannot be added to the file", fix=fix)
    return content
