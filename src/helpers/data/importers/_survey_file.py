"""The survey table as a file: add the rows of an import, keep the others, and count what changed."""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd
import yaml

from ..problems import input_error
from ..read import Source
from ..study import Settings, Study
from ..tables import TABLES
from ..yaml_files import read_text
from .base import PARTNER, ImportReport, texts

KEY = ("respondent_id", *PARTNER, "wave")


def survey_file(study: Study) -> Path:
    """Return the file that holds the survey table, or will.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    Path of a csv file.

    Raises
    ------
    InputError
        When the survey table is something else.
    """
    source = study.tables.get("survey")
    if source is None:
        return study.folder / "survey.csv"
    if source != Source(path=source.path) or not source.is_text:
        raise input_error(
            "study.yaml",
            "the survey table is not a plain csv file, so nothing can be added to it",
            fix="Change tables.survey to survey.csv, and keep the earlier answers there",
            column="tables.survey",
        )
    return study.folder / source.path


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
    settings = _with_survey(study, target)
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


def _with_survey(study: Study, target: Path) -> str:
    """Return study.yaml with the survey table added, its comments kept; empty when it names one already."""
    if "survey" in study.tables:
        return ""
    place = study.folder / "study.yaml"
    text = read_text(place)
    line = f"survey: {target.name}"
    if re.search(r"^tables:\s*\{", text, re.MULTILINE):
        text = re.sub(
            r"^(tables:\s*\{)\s*(\}?)", lambda m: m[1] + line + (m[2] or ", "), text, count=1, flags=re.MULTILINE
        )
    else:
        indent = re.search(r"^tables:[^\n]*\n(?:\s*(?:#[^\n]*)?\n)*([ ]*)", text, re.MULTILINE)
        text = re.sub(
            r"^(tables:[^\n]*\n)",
            lambda m: f"{m[1]}{(indent and indent[1]) or '  '}{line}\n",
            text,
            count=1,
            flags=re.MULTILINE,
        )
    try:
        Settings.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError):
        raise input_error(
            "study.yaml", "the survey table cannot be added to the file", fix=f"Add {line} under tables:"
        ) from None
    return text


def replace(path: Path, text: str) -> None:
    """Write a text file beside its place, then put it there at once."""
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)
