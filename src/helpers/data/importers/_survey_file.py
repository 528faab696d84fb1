"""The survey table as a file: add the rows of an import, keep the others, and count what changed."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from ..problems import input_error
from ..study import Study
from ..tables import TABLES
from ._study_file import replace, with_tables
from .base import PARTNER, ImportReport, texts

KEY = ("respondent_id", *PARTNER, "wave")


def merge(new: pd.DataFrame, target: Path, study: Study, report: ImportReport) -> None:
    """Merge new rows with those that are there and put the whole file in place at once.

    Parameters
    ----------
    new
        Rows of the survey table as texts.
    target
        The file.
    study
        The study it belongs to.
    report
        Takes what was added, changed, unchanged and kept.
    """
    old = texts(target) if target.is_file() else pd.DataFrame()
    report.added = len(new)
    if len(old):
        before, now = (_keys(rows, old, new) for rows in (old, new))
        again = before.isin(now)
        if not all("wave" in rows and rows["wave"].notna().all() for rows in (old, new)) and not again.all():
            found = "there are answers already, and without waves they cannot be told apart"
            raise input_error(target.name, found, fix="Name the wave with --wave; earlier rows need their wave too")
        report.kept = int((~again).sum())
        report.added = int((~now.isin(before)).sum())
        report.unchanged = _same(old[again], before[again], new, now)
        report.changed = len(new) - report.added - report.unchanged
        old = old[~again]
    merged = pd.concat([old, new], ignore_index=True) if len(old) else new
    known = [*TABLES["survey"].columns, *merged.columns]
    merged = merged[sorted(merged.columns, key=known.index)]
    settings = with_tables(study, {"survey": target.name})
    replace(target, merged.to_csv(index=False, lineterminator="\n"))
    if settings:
        replace(study.folder / "study.yaml", settings)
        report.notes.append("study.yaml now names the survey table.")
    report.notes.append(f"Next: partnership check {study.folder}")


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
