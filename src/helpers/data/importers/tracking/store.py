"""Put what an applicant-tracking system holds into the tables requisitions and hiring_events of a study."""

from __future__ import annotations

import datetime
from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from ...identities import PSEUDONYM, pseudonym
from ...problems import input_error
from ...query import identifier, query, quoted, write_csv
from ...read import each_text
from ...study import Study
from ...tables import EVENTS, TABLES, lookup, repeated
from ...writing import Writer, as_written
from ..export import texts
from ..history import Change, next_entry, written
from ..study_files import table_file, with_tables
from .log import TrackingLog

SOURCE, SINCE = "_source", "_since"
"""Columns beside those of the tables: where a row comes from, and the moment an event cannot lie before."""
PERSON_COLUMNS = ("hiring_manager_id", "recruiter_id", "actor_id")
LONG = 60
"""Days between the last record and the day of the study from which the records seem to end earlier."""
KEYS = {"requisitions": ["requisition_id"], "hiring_events": ["requisition_id", "candidate_id", "event"]}
WAITS = (
    ("cv_sent", "cv_reviewed"),
    ("interview_scheduled", "interview_held"),
    ("interview_held", "feedback_given"),
    ("offer_extended", "offer_accepted"),
    ("offer_extended", "offer_declined"),
    ("applied", "offer_accepted"),
)
"""Start and end of the waits whose ends are looked at for lying before their starts."""


def need_key(study: Study) -> str:
    """Return the key of the study's keyed hashes.

    Parameters
    ----------
    study : Study
        The study.

    Returns
    -------
    str
        The key.

    Raises
    ------
    InputError
        When the study has none: ids of candidates are never written as they are.
    """
    key = study.identities.key
    if key is None:
        found = "the study names no key, and ids of candidates are only kept as keyed hashes"
        fix = (
            "Take the # away from the line pseudonyms: {key_env: HR_PARTNERSHIP_KEY} of study.yaml, or add it, and set "
            "that variable to a secret of 16 characters or more, such as one that a password manager makes up: "
            "export HR_PARTNERSHIP_KEY=… (PowerShell: $env:HR_PARTNERSHIP_KEY='…'). Keep it, and use the same one in "
            "every import of the study: with another key the same people would come out as others"
        )
        raise input_error("study.yaml", found, fix=fix, column="pseudonyms")
    return key


def store(
    requisitions: pd.DataFrame, events: pd.DataFrame, study: Study, path: Path, format: str, log: TrackingLog
) -> None:
    """Add requisitions and events to a study, or renew those that are there.

    Parameters
    ----------
    requisitions, events : pandas.DataFrame
        Columns of the tables, times as local times in the study's time zone; ``_source`` names where a row comes
        from, ``_since`` of an event the moment it cannot lie before.
    study : Study
        The study.
    path : pathlib.Path
        The export, for the log of imports.
    format : str
        Source of the ids, for identities.csv; those of ``applicant_tracking`` hold as well.
    log : TrackingLog
        Takes what was left out and what changed.

    Raises
    ------
    InputError
        When nothing can be taken, or the tables cannot be added to.

    Notes
    -----
    A requisition renews the row of its id. Of the candidates an import holds, and of the requisition itself, the
    events of the kinds it holds replace the earlier ones; all else stays.
    """
    key = need_key(study)
    targets = {name: table_file(study, name) for name in KEYS}
    limits = study.settings.limits
    old = {name: texts(path, limits) if path.is_file() else pd.DataFrame() for name, path in targets.items()}
    requisitions = _requisitions(requisitions, study, log)
    # What one system never exports, another may hold: each opening says where it comes from.
    requisitions["source"] = requisitions["source"].fillna(format)
    known = [*requisitions["requisition_id"], *old["requisitions"].get("requisition_id", [])]
    events = _events(events, requisitions, known, study, log)
    if requisitions.empty and events.empty:
        raise input_error(log.file, "nothing in it can be taken", fix=_why(log))
    for table in (requisitions, events):
        for name in PERSON_COLUMNS:
            if name in table:
                table[name] = _persons(table[name], study, format, key)
    events["candidate_id"] = each_text(
        events["candidate_id"],
        lambda id: id if PSEUDONYM.fullmatch(id) else pseudonym(f"{format} candidate {id}", key),
    )
    _say_ends(requisitions, events, study, log)
    log.events = {event: int(n) for event, n in events["event"].value_counts().reindex(EVENTS).dropna().items()}
    new = {"requisitions": _written(requisitions), "hiring_events": _written(events)}
    gone = {name: _renewed(name, old[name], new[name]) for name in new}
    merged = {name: _merged(name, old[name], new[name], gone[name], log) for name in new}
    settings = with_tables(study, {name: path.name for name, path in targets.items()})
    if settings:
        absent = [name for name in targets if name not in study.tables]
        log.notes.append(f"study.yaml now names {' and '.join(absent)}.")
    log.notes.append(f"Next: partnership check {study.folder}")
    files: dict[Path, Writer] = {study.folder / "study.yaml": as_written(settings)} if settings else {}
    changes = {
        name: Change(targets[name], old[name], gone[name], partial(write_csv, table)) for name, table in merged.items()
    }
    entry = next_entry(study, format, path, mapping=log.mapping)
    entry.identity, entry.text = "the opening, and in it the candidate and the kind of event", log.text()
    written(study, entry, changes, files)


def _requisitions(table: pd.DataFrame, study: Study, log: TrackingLog) -> pd.DataFrame:
    table = _complete(table, "requisitions")
    twice = table.duplicated("requisition_id") & table["requisition_id"].notna()
    if twice.any():  # a report repeats its requisition in the row of every application
        table = table[~repeated(table[list(TABLES["requisitions"].columns)])]
        told = table.groupby("requisition_id")[["hiring_manager_id", "opened_at"]].nunique()
        if (unlike := int((told > 1).any(axis=1).sum())) > 0:
            words = "Requisitions whose rows name several hiring managers or openings, of which the first is taken"
            log.notes.append(f"{words}: {unlike}.")
        ends = table.groupby("requisition_id")[["closed_at", "close_reason"]].nunique(dropna=False)
        if (unlike := int((ends > 1).any(axis=1).sum())) > 0:
            log.notes.append(
                f"Requisitions whose rows do not tell one closing, of which the first that is told is taken: {unlike}. "
                "A column of when each row was written (updated_at in the mapping) would tell the last state."
            )
        table = table.groupby("requisition_id", sort=False, as_index=False, dropna=False).first()
        table = _complete(table, "requisitions")
    end = _end(study)
    after = f"after as_of, {study.as_of}"
    closed = table["closed_at"] >= end
    if closed.any():
        log.notes.append(f"Still open on {study.as_of}, though closed later: {int(closed.sum())} requisitions.")
        table["closed_at"], table["close_reason"] = table["closed_at"].mask(closed), table["close_reason"].mask(closed)
    early = (table["approved_at"] < table["opened_at"]) | (table["approved_at"] >= end)
    if early.any():
        table["approved_at"] = table["approved_at"].mask(early)
        log.notes.append(f"Approval left empty, before the opening or {after}: {int(early.sum())} requisitions.")
    if (nameless := int((table["requisition_id"].notna() & table["hiring_manager_id"].isna()).sum())) > 0:
        log.notes.append(f"Openings without a hiring manager, which count among the openings only: {nameless}.")
    for reason, gone in (
        ("requisition without an id", lambda t: t["requisition_id"].isna()),
        ("requisition without a time of opening", lambda t: t["opened_at"].isna()),
        (f"requisition opened {after}", lambda t: t["opened_at"] >= end),
        ("requisition closed before it was opened", lambda t: t["closed_at"] < t["opened_at"]),
    ):
        table = _without(table, gone(table), reason, log)
    return table


def _events(
    table: pd.DataFrame, requisitions: pd.DataFrame, known: list[str], study: Study, log: TrackingLog
) -> pd.DataFrame:
    table = _complete(table, "hiring_events")
    opened = lookup(table["requisition_id"], requisitions, "requisition_id", "opened_at").dt.normalize()
    gone = {
        "event of a requisition that was not taken": ~table["requisition_id"].isin(known),
        "event without a time": table["at"].isna(),
        f"event after as_of, {study.as_of}": table["at"] >= _end(study),
        "event before its requisition was opened": table["at"] < opened,
    }
    for reason, rows in gone.items():
        table = _without(table, rows.reindex(table.index), reason, log)
    columns = list(TABLES["hiring_events"].columns)
    again = repeated(table[columns])
    if again.any():
        log.notes.append(f"The same event recorded several times, taken once: {int(again.sum())}.")
    table = table[~again].copy()
    _backwards(table, log)
    return table


def _say_ends(requisitions: pd.DataFrame, events: pd.DataFrame, study: Study, log: TrackingLog) -> None:
    """Note records that end long before the day of the study, or a day that has not come: ages are counted to it."""
    told = [requisitions["opened_at"], requisitions["closed_at"], events["at"]]
    last = max((times.max() for times in told if times.notna().any()), default=pd.NaT)
    if last < _end(study) - pd.Timedelta(days=LONG):
        log.notes.append(
            f"The last record is of {last:%Y-%m-%d}, and as_of is {study.as_of}: what is open is followed to as_of. If "
            "the export ends earlier, set as_of in study.yaml to its day."
        )
    if study.as_of > datetime.date.today():
        log.notes.append(f"as_of, {study.as_of}, has not come yet: set it to the day of the export.")


def _backwards(table: pd.DataFrame, log: TrackingLog) -> None:
    """Note the events that lie before what they end."""
    starts = dict.fromkeys(start for start, _ in WAITS)
    firsts = ", ".join(f'min("at") FILTER (event = {quoted(start)}) AS {identifier(start)}' for start in starts)
    early = " OR ".join(f'(event = {quoted(end)} AND "at" < {identifier(start)})' for start, end in WAITS)
    found = query(
        f"""
        WITH starts AS (SELECT requisition_id, candidate_id, {firsts} FROM events GROUP BY ALL)
        SELECT event, "at", {SINCE}, {SOURCE}, {", ".join(map(identifier, starts))}
        FROM events JOIN starts ON events.requisition_id = starts.requisition_id
            AND events.candidate_id IS NOT DISTINCT FROM starts.candidate_id
        WHERE {early} OR (event = 'feedback_given' AND "at" < {SINCE})
        ORDER BY place
        """,
        events=table.assign(place=range(len(table))),
    )
    for start, end in WAITS:
        ends = found[found["event"] == end]
        wrong = ends["at"] < ends[start]
        if end == "feedback_given":
            wrong |= ends["at"] < ends[SINCE]
        if wrong.any():
            log.backwards[f"{end} before {start}"] = list(ends.loc[wrong, SOURCE])


def _persons(ids: pd.Series, study: Study, format: str, key: str) -> pd.Series:
    persons = study.identities.persons
    known = persons.get("applicant_tracking", {}) | persons.get(format, {})
    return each_text(ids, lambda id: pseudonym(known.get(id, id), key))


def _complete(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return a table with every declared column in its type."""
    table = table.copy()
    for column in TABLES[name].columns.values():
        dtype = "datetime64[us]" if column.kind == "time" else "str"
        given = table[column.name] if column.name in table else pd.Series(None, index=table.index, dtype=dtype)
        table[column.name] = given.astype(dtype)
    table[SOURCE] = (table[SOURCE] if SOURCE in table else pd.Series("", index=table.index)).astype("str")
    since = table[SINCE] if SINCE in table else pd.Series(pd.NaT, index=table.index)
    table[SINCE] = since.astype("datetime64[us]")
    return table[[*TABLES[name].columns, SOURCE, SINCE]].reset_index(drop=True)


def _without(table: pd.DataFrame, gone: pd.Series, reason: str, log: TrackingLog) -> pd.DataFrame:
    if not gone.any():
        return table
    log.skip(reason, list(table.loc[gone, SOURCE]))
    return table[~gone]


def _end(study: Study) -> pd.Timestamp:
    return pd.Timestamp(study.as_of) + pd.Timedelta(days=1)


def _why(log: TrackingLog) -> str:
    reasons = "; ".join(f"{reason}: {len(sources)}" for reason, sources in log.skipped.items())
    unread = f"Left out: {', '.join(log.left_out)}" if log.left_out else ""
    told = ". ".join(filter(None, [f"Skipped, {reasons}" if reasons else "", unread]))
    return told or "Look whether it is the right export"


def _written(table: pd.DataFrame) -> pd.DataFrame:
    """Return a table as the texts of its file."""
    table = table.drop(columns=[SOURCE, SINCE])
    for name in table:
        if table[name].dtype != "str":
            seconds = pc.cast(pa.array(table[name], from_pandas=True), pa.timestamp("s"), safe=False)
            table[name] = pc.cast(seconds, pa.large_string()).to_pandas().astype("str").set_axis(table.index)
    return table


def _renewed(name: str, old: pd.DataFrame, new: pd.DataFrame) -> pd.Series:
    """Tell which rows that are there an import renews."""
    if old.empty:
        return pd.Series(False, index=old.index)
    old = old.reindex(columns=[*dict.fromkeys([*TABLES[name].columns, *old])])
    if name == "requisitions":
        return old["requisition_id"].isin(new["requisition_id"])
    return _among(old, new, KEYS[name][:2]) & old["event"].isin(new["event"].unique())


def _merged(name: str, old: pd.DataFrame, new: pd.DataFrame, again: pd.Series, log: TrackingLog) -> pd.DataFrame:
    if old.empty:
        log.tables[name] = f"{len(new)} rows added"
        return new
    old = old.reindex(columns=[*dict.fromkeys([*TABLES[name].columns, *old])])
    same = int(_among(new, old[again], list(new)).sum())
    if name == "requisitions":
        added = int((~new["requisition_id"].isin(old["requisition_id"])).sum())
        words = f"{added} rows added, {len(new) - added - same} changed"
    else:
        words = f"{len(new) - same} rows added, {max(int(again.sum()) - same, 0)} replaced"
    log.tables[name] = f"{words}, {same} unchanged, {int((~again).sum())} that this import does not hold kept"
    further = [column for column in old if column not in new]
    if further and name == "requisitions":
        kept = old[again].drop_duplicates("requisition_id")
        new = new.merge(kept[["requisition_id", *further]], on="requisition_id", how="left")
    return pd.concat([old[~again], new], ignore_index=True)


def _among(rows: pd.DataFrame, others: pd.DataFrame, columns: list[str]) -> np.ndarray:
    """Tell which rows say in some columns what any of the others says there."""
    named = ", ".join(map(identifier, columns))
    given = rows[columns].fillna("").assign(place=range(len(rows)))
    found = query(
        f"SELECT place FROM given SEMI JOIN others USING ({named})", given=given, others=others[columns].fillna("")
    )
    return np.isin(given["place"], found["place"])
