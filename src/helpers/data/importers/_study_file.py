"""The files of a study that an import writes: study.yaml with further tables, and whole files at once."""

from __future__ import annotations

import re
from pathlib import Path

import yaml

from ..problems import input_error
from ..read import Source
from ..study import Settings, Study
from ..yaml_files import read_text


def table_file(study: Study, name: str) -> Path:
    """Return the file that holds a table, or will.

    Parameters
    ----------
    study
        The study.
    name
        Name of the table.

    Returns
    -------
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
    return study.folder / source.path


def with_tables(study: Study, files: dict[str, str]) -> str:
    """Return study.yaml with tables added to it.

    Parameters
    ----------
    study
        The study.
    files
        Table to the name of its file.

    Returns
    -------
    The text, its comments kept; empty when every table is named already.

    Raises
    ------
    InputError
        When the file is written in a way that a line cannot be added to.
    """
    absent = [name for name in files if name not in study.tables]
    if not absent:
        return ""
    content = read_text(study.folder / "study.yaml")
    lines = [f"{name}: {files[name]}" for name in absent]
    flow = re.search(r"^tables:[ ]*\{[ ]*", content, re.MULTILINE)
    block = re.search(r"^tables:[^\n{]*\n(?=(?:[ ]*(?:#[^\n]*)?\n)*([ ]*))", content, re.MULTILINE)
    if flow:
        comma = "" if content[flow.end() :].startswith("}") else ", "
        content = f"{content[: flow.end()]}{', '.join(lines)}{comma}{content[flow.end() :]}"
    elif block:
        added = "".join(f"{block[1] or '  '}{line}\n" for line in lines)
        content = f"{content[: block.end()]}{added}{content[block.end() :]}"
    try:
        named = Settings.model_validate(yaml.safe_load(content)).tables
    except (yaml.YAMLError, ValueError):
        named = None
    if named is None or any(getattr(named, name) is None for name in absent):
        fix = f"Add {' and '.join(lines)} under tables:"
        raise input_error("study.yaml", "the tables cannot be added to the file", fix=fix)
    return content


def replace(path: Path, text: str) -> None:
    """Write a text file beside its place, then put it there at once."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)
