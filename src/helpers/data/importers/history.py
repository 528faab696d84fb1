"""The log of a study's imports: what each brought, which rows it replaced, and how to take the last one back."""

from __future__ import annotations

import datetime
import hashlib
import json
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from pydantic import BaseModel, ConfigDict, ValidationError

from ..lock import locked
from ..problems import input_error
from ..query import write_csv
from ..study import Study
from ..tables import TABLES
from ..writing import Writer, as_written, put
from .export import texts
from .log import FOLDER

ROW = "_row"
"""Column that says where in the table a replaced row stood, counted from 0."""


class Table(BaseModel):
    """What an import did to one table: enough to take it back.

    Parameters
    ----------
    file : str
        The table's file, from the study's folder.
    columns : list of str
        Its columns before the import.
    kept : int
        Rows that stayed; they stand first, in their order.
    replaced : int
        Rows that went; they lie in a file beside the entry.
    after : str
        Digest of the file after the import: whoever changes the file by hand keeps their changes.
    """

    model_config = ConfigDict(extra="forbid")
    file: str
    columns: list[str]
    kept: int
    replaced: int
    after: str = ""


class Entry(BaseModel):
    """One import.

    Parameters
    ----------
    number : int
        Place in the order of the imports, from 1.
    format, file, digest : str
        Format, name of the export, and digest of its content.
    wave : str or None
        The wave that the command named.
    mapping : str
        Name of the mapping file, where there is one.
    imported_at : str
        When, with the offset of the machine's time zone.
    identity : str
        What made two rows the same.
    tables : dict of str to Table
        What became of the tables.
    ledger : list of dict
        The lines of the answers ledger: item, column, answer, called, count, number, ground.
    text : str
        The log as it was printed.
    undone : bool
        It was taken back.
    """

    model_config = ConfigDict(extra="forbid")
    number: int
    format: str
    file: str
    digest: str
    wave: str | None = None
    mapping: str = ""
    imported_at: str = ""
    identity: str = ""
    tables: dict[str, Table] = {}
    ledger: list[dict[str, str | int | None]] = []
    text: str = ""
    undone: bool = False

    @property
    def name(self) -> str:
        """Name of its files, without their endings."""
        return f"{self.number:04d}"


@dataclass
class Change:
    """How an import changes one table: which rows stay, which go, and what stands in the end."""

    path: Path
    old: pd.DataFrame
    goes: pd.Series
    write: Writer


def entries(study: Study) -> list[Entry]:
    """Return the imports of a study that stand, in their order.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    list of Entry
        Without those that were taken back.
    """
    return [entry for entry in _all(study) if not entry.undone]


def rows_of(study: Study, entry: Entry) -> pd.DataFrame:
    """Return which rows of the survey table an import wrote, as it wrote their ids, and of which response each is."""
    path = study.folder / FOLDER / f"{entry.name}-rows.csv"
    return texts(path, study.settings.limits) if path.is_file() else pd.DataFrame()


def next_entry(study: Study, format: str, path: Path, wave: str | None = None, mapping: Path | None = None) -> Entry:
    """Return the entry of an import that begins."""
    number = max((entry.number for entry in _all(study)), default=0) + 1
    at = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    named = mapping.name if mapping else ""
    return Entry(
        number=number, format=format, file=path.name, digest=digest(path), wave=wave, mapping=named, imported_at=at
    )


def digest(path: Path) -> str:
    """Return what tells the content of a file, or of a folder of files, from any other."""
    found = hashlib.sha256()
    for part in [path] if path.is_file() else sorted(p for p in path.rglob("*") if p.is_file()):
        found.update(b"" if part == path else part.name.encode())
        with part.open("rb") as file:
            while block := file.read(1 << 20):
                found.update(block)
    return found.hexdigest()


def written(
    study: Study, entry: Entry, changes: dict[str, Change], files: dict[Path, Writer], rows: pd.DataFrame | None = None
) -> None:
    """Put changed tables, further files and the entry of the import in their places, all or none.

    Parameters
    ----------
    study : Study
        The study.
    entry : Entry
        The entry; takes what became of the tables.
    changes : dict of str to Change
        Table to its change.
    files : dict of pathlib.Path to Writer
        Further files, such as study.yaml and the mapping.
    rows : pandas.DataFrame, optional
        Which row of the survey table is of which response.
    """
    folder = study.folder / FOLDER
    folder.mkdir(exist_ok=True)
    parts: dict[Path, Writer] = {}
    for name, change in changes.items():
        gone = change.old[change.goes.to_numpy(bool)] if len(change.old) else change.old
        entry.tables[name] = Table(
            file=change.path.relative_to(study.folder).as_posix()
            if change.path.is_relative_to(study.folder)
            else str(change.path),
            columns=list(change.old), kept=len(change.old) - len(gone), replaced=len(gone),
        )  # fmt: skip
        parts[change.path] = _and_digest(change.write, entry.tables[name])
        if len(gone):
            places = gone.assign(**{ROW: change.goes.to_numpy().nonzero()[0]})
            parts[folder / f"{entry.name}-{name}-replaced.csv"] = _csv(places)
    if rows is not None:
        parts[folder / f"{entry.name}-rows.csv"] = _csv(rows)
    for path in files:
        path.parent.mkdir(parents=True, exist_ok=True)
    place = folder / f"{entry.name}.json"  # last: it tells what the tables came out as
    put(parts | files | {place: lambda path: as_written(_json(entry))(path)}, study.folder)


def undo(path: str | Path) -> str:
    """Take back the last import of a study: its tables are as they were before.

    Parameters
    ----------
    path : str or pathlib.Path
        Folder of the study.

    Returns
    -------
    str
        What was done, for a terminal. Mapping files stay.

    Raises
    ------
    InputError
        When there is no import to take back, or a table was changed since.
    """
    folder = Study.load(path).folder
    with locked(folder, "partnership import", alone=True):
        study = Study.load(folder)
        standing = entries(study)
        if not standing:
            raise input_error(FOLDER, "there is no import to undo", fix="Only imports that the log names can be undone")
        entry = standing[-1]
        files: dict[Path, Writer] = {}
        said = []
        for name, change in entry.tables.items():
            table = folder / change.file
            if not table.is_file() or digest(table) != change.after:
                found = f"{change.file} was changed after the import of {entry.file} (number {entry.number})"
                fix = (
                    "Put the file back as the import left it; or take the rows out by hand: "
                    f"{FOLDER}/{entry.name}-rows.csv names them"
                )
                raise input_error(change.file, found, "the file as the import left it", fix)
            before = _before(study, entry, name, texts(table, study.settings.limits))
            files[table] = _csv(before)
            said.append(f"{name}: {len(before)} rows again, as before.")
        done = entry.model_copy(update={"undone": True})
        put(files | {folder / FOLDER / f"{entry.name}.json": as_written(_json(done))}, folder)
        for beside in (folder / FOLDER).glob(f"{entry.name}-*.csv"):
            beside.unlink()
    return "\n".join([f"Undone: import {entry.number} of {entry.file} ({entry.format}).", *said])


def told(study: Study) -> str:
    """Return the imports of a study as text for a terminal."""
    lines = [
        f"{entry.number}. {entry.imported_at[:16].replace('T', ' ')} {entry.format} {entry.file}"
        f"{f' as wave {entry.wave}' if entry.wave else ''}"
        for entry in entries(study)
    ]
    return "\n".join(lines) or "Nothing has been imported yet."


def _before(study: Study, entry: Entry, name: str, after: pd.DataFrame) -> pd.DataFrame:
    change = entry.tables[name]
    if not change.columns:  # there was no such file; study.yaml names it now
        return pd.DataFrame(columns=list(TABLES[name].columns))
    kept = after.iloc[: change.kept].reindex(columns=change.columns).reset_index(drop=True)
    if not change.replaced:
        return kept
    gone = texts(study.folder / FOLDER / f"{entry.name}-{name}-replaced.csv", study.settings.limits)
    places = gone.pop(ROW).astype(int).to_numpy()
    gone = gone.reindex(columns=change.columns)
    free = [place for place in range(len(kept) + len(gone)) if place not in set(places)]
    return pd.concat([kept.set_axis(free), gone.set_axis(places)]).sort_index().reset_index(drop=True)


def _all(study: Study) -> list[Entry]:
    found = []
    for path in sorted((study.folder / FOLDER).glob("[0-9]*.json")):
        try:
            found.append(Entry.model_validate_json(path.read_text(encoding="utf-8")))
        except (ValidationError, UnicodeDecodeError):
            fix = f"Put it back as it was; without it, {path.stem} and the imports before it cannot be undone"
            raise input_error(f"{FOLDER}/{path.name}", "this is no entry of the log of imports", fix=fix) from None
    return sorted(found, key=lambda entry: entry.number)


def _and_digest(write: Writer, table: Table) -> Writer:
    def both(path: Path) -> None:
        write(path)
        table.after = digest(path)

    return both


def _csv(frame: pd.DataFrame) -> Writer:
    return partial(write_csv, frame)


def _json(entry: Entry) -> str:
    return json.dumps(entry.model_dump(), indent=1, ensure_ascii=False) + "\n"
