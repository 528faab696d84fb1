"""Put what was typed into the tables of a study, if nothing in it contradicts what is there."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import pandas as pd

from ... import check
from ...problems import InputError, Problem, errors
from ...read import Raw, Source
from ...study import Study
from ...tables import TABLES
from ...writing import as_written, put
from ..export import texts
from ..study_files import table_file, with_tables
from ..tracking.log import TrackingLog
from .records import BROUGHT, OF_MESSAGES, Records

KEYS = {
    "practice_sessions": ("session_id",),
    "practice_log": ("session_id", "person_id"),
    "practice_answers": ("session_id", "person_id", "of_pair", "field"),
    "commitments": ("commitment_id",),
    "messages": ("message_id", "coder_id"),
    "recall": ("asked_on", "audience", "place", "round"),
}
"""What makes a row the same as a stored one. The pair is a part of an answer's key only where it answers as one."""
AROUND = ("people", "partnerships", "units", "practice_draws")


def store(made: Records, study: Study, log: TrackingLog) -> None:
    """Check the rows, merge them with those that are there, and put all files in place at once.

    Parameters
    ----------
    made : Records
        What was typed.
    study : Study
        Where it goes.
    log : TrackingLog
        Takes what was added, changed, taken out and kept.

    Raises
    ------
    InputError
        With every mistake, by the rows of the file; nothing is written then.
    """
    # What other sources fill too stays as it is, unless this file holds something of it.
    brought = [name for name in BROUGHT if name not in OF_MESSAGES or made.tables[name]]
    new = {name: made.frame(name) for name in brought}
    found = [*made.problems, *_contradictions(new, study, made.labels)]
    if found:
        raise InputError(found)
    merged = {}
    for name, rows in new.items():
        target = table_file(study, name)
        old = (
            texts(target, study.settings.limits)
            if target.is_file()
            else pd.DataFrame(columns=list(TABLES[name].columns))
        )
        merged[name] = _merged(name, old, rows, made, log)
    lines = {name: rows.set_axis(range(2, len(rows) + 2)) for name, rows in merged.items()}
    found = _contradictions(lines, study, {name: table_file(study, name).name for name in merged})
    if found:
        raise InputError(found)
    wanted = [name for name in brought if len(merged[name]) or name in study.tables]
    settings = with_tables(study, {name: f"{name}.csv" for name in wanted})
    files = {table_file(study, name): as_written(_csv(merged[name])) for name in wanted}
    put(files | ({study.folder / "study.yaml": as_written(settings)} if settings else {}), study.folder)
    if settings:
        log.notes.append("study.yaml now names the tables of practices.")


def _csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False, lineterminator="\n")


def _contradictions(tables: Mapping[str, pd.DataFrame], study: Study, labels: Mapping[str, str]) -> list[Problem]:
    """Return the errors of rows as the checks of a study find them, told of the places that the labels name."""
    sources = {name: Source(path=f"{name}.csv") for name in tables}
    named = study.settings.tables.model_copy(update=sources)  # type: ignore[attr-defined]  # made when it is loaded
    settings = study.settings.model_copy(update={"tables": named})
    trial = Study(study.folder, settings, study.codebook)
    frames, problems = {}, []
    for name, rows in tables.items():
        frames[name], told = trial.interpreted(name, Raw(rows))
        problems += told
    around = {name: study.prepared(name)[0] for name in AROUND if study.has(name)}
    if not len(frames["practice_log"]) and study.has("practice_log"):  # promises alone, of a session that is there
        stored = [name for name in ("practice_sessions", "practice_log") if study.has(name)]
        around |= {name: study.prepared(name)[0] for name in stored}
    problems += check.tables({**frames, **around}, settings, study.codebook, study.practices, problems)
    brought = [problem for problem in errors(problems) if problem.table in tables and problem.table not in around]
    return [replace(problem, file=labels[problem.table]) for problem in brought]


def _merged(name: str, old: pd.DataFrame, new: pd.DataFrame, made: Records, log: TrackingLog) -> pd.DataFrame:
    """Return stored and new rows; a new row replaces the stored one of its key, a no takes out what was stored."""
    gone = _withdrawn(name, old, made)
    old = _parted(old, made)
    before, now = _keys(name, old), _keys(name, new)
    again = before.isin(now)
    columns = list(dict.fromkeys([*TABLES[name].columns, *old]))
    kept = old.reindex(columns=columns)[~again & ~gone]
    rows = new.reset_index(drop=True).reindex(columns=columns)
    was, told = _by_key(old.reindex(columns=columns), before), _by_key(rows, now)
    stored = [key for key in told if key in was]
    for key in stored:  # a cell that is blank now keeps what was typed before
        told[key] = {column: told[key][column] or was[key][column] for column in columns}
    changed = sum(told[key] != was[key] for key in stored)
    added, out = len(told) - len(stored), int((gone & ~again).sum())
    log.tables[name] = (
        f"{added} added, {changed} changed, {len(stored) - changed} unchanged, {len(kept)} that this file does not "
        f"hold kept{f', {out} of people who said no taken out' if out else ''}"
    )
    filled = pd.DataFrame([told[key] for key in now], columns=columns, dtype=object)
    return pd.concat([kept.fillna(""), filled], ignore_index=True).map(lambda text: text or None).astype("str")


def _keys(name: str, rows: pd.DataFrame) -> pd.MultiIndex:
    if name == "practice_answers":
        rows = rows.assign(of_pair=rows["partnership_id"].where(rows["person_id"].isna()))
    return pd.MultiIndex.from_frame(rows[list(KEYS[name])].astype("str").fillna(""))


def _by_key(rows: pd.DataFrame, keys: pd.MultiIndex) -> dict[tuple, dict[str, str]]:
    return dict(zip(keys, rows.astype("str").fillna("").to_dict("records")))


def _about(old: pd.DataFrame, column: str, who: set[tuple[str, str]]) -> pd.Series:
    named = [one in who for one in zip(old["session_id"], old[column])] if column in old else [False] * len(old)
    return pd.Series(named, index=old.index, dtype=bool)


def _withdrawn(name: str, old: pd.DataFrame, made: Records) -> pd.Series:
    """Tell which stored rows are about people who have said no since, or about both of a pair of which one has."""
    if name in ("practice_sessions", *OF_MESSAGES):
        return pd.Series(False, index=old.index)
    both = _about(old, "partnership_id", made.parted)
    return _about(old, "person_id", made.refused) | (both & old["person_id"].isna() if "person_id" in old else both)


def _parted(old: pd.DataFrame, made: Records) -> pd.DataFrame:
    """Return stored rows without the pairs of which one has said no since."""
    if "partnership_id" not in old:
        return old
    pairs = old["partnership_id"].mask(_about(old, "partnership_id", made.parted))
    return old.assign(partnership_id=pairs)
