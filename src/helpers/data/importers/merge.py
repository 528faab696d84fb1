"""The survey table as a file: add the rows of an import, keep the others, and count what changed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..problems import input_error
from ..study import Study
from ..tables import TABLES
from ..writing import as_written, put
from .export import PARTNER, texts
from .log import ImportLog
from .study_files import with_tables

KEY = ("respondent_id", *PARTNER, "wave")


def merge(new: pd.DataFrame, target: Path, study: Study, log: ImportLog) -> None:
    """Merge new rows with those that are there and put the whole file in place at once.

    Parameters
    ----------
    new : pandas.DataFrame
        Rows of the survey table as texts.
    target : pathlib.Path
        The file.
    study : Study
        The study it belongs to.
    log : ImportLog
        Takes what was added, changed, unchanged and kept.
    """
    old = texts(target, study.settings.limits) if target.is_file() else pd.DataFrame()
    log.added = len(new)
    if len(old):
        before, now = (_keys(rows, old, new) for rows in (old, new))
        again = before.isin(now)
        if not all("wave" in rows and rows["wave"].notna().all() for rows in (old, new)) and not again.all():
            found = "there are answers already, and without waves they cannot be told apart"
            raise input_error(target.name, found, fix="Name the wave with --wave; earlier rows need their wave too")
        log.kept = int((~again).sum())
        log.added = int((~now.isin(before)).sum())
        log.unchanged = _same(old[again], before[again], new, now)
        log.changed = len(new) - log.added - log.unchanged
        old = old[~again]
    merged = pd.concat([old, new], ignore_index=True) if len(old) else new
    known = [*TABLES["survey"].columns, *merged.columns]
    merged = merged[sorted(merged.columns, key=known.index)]
    settings = with_tables(study, {"survey": target.name})
    files = {target: lambda path: merged.to_csv(path, index=False, lineterminator="\n", encoding="utf-8")}
    put(files | ({study.folder / "study.yaml": as_written(settings)} if settings else {}), study.folder)
    if settings:
        log.notes.append("study.yaml now names the survey table.")
    log.notes.append(f"Next: partnership check {study.folder}")


def _keys(rows: pd.DataFrame, *both: pd.DataFrame) -> pd.MultiIndex:
    key = [name for name in KEY if any(name in each for each in both)]
    return pd.MultiIndex.from_frame(rows.reindex(columns=key).astype("str").fillna(""))


def _same(old: pd.DataFrame, before: pd.MultiIndex, new: pd.DataFrame, now: pd.MultiIndex) -> int:
    """Return how many new rows say, cell by cell, what the old row of the same key says."""
    columns = [*dict.fromkeys([*old, *new])]
    was, told = (rows.reindex(columns=columns).astype("str").fillna("") for rows in (old, new))
    was, told = was.set_axis(before, axis=0), told.set_axis(now, axis=0)
    told = told[now.isin(before) & ~now.duplicated()]
    was = was[~before.duplicated()].reindex(told.index)
    return int((was.to_numpy() == told.to_numpy()).all(axis=1).sum())
