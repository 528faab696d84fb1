"""Qualtrics: CSV, TSV or XLSX export with three header rows, or SPSS (.sav); choice text or numeric values.

Layout of CSV, TSV and XLSX: row 1 names of the columns (export tags, which may stand twice), row 2 texts of the
questions, row 3 ``{"ImportId": ...}`` as JSON with the time zone of the dates; then one row per response: StartDate,
EndDate, Status, IPAddress, Progress, Duration (in seconds), Finished, RecordedDate, ResponseId, RecipientLastName,
RecipientFirstName, RecipientEmail, ExternalReference, LocationLatitude, LocationLongitude, DistributionChannel,
UserLanguage, the questions, and embedded data last. A statement of a matrix is headed "question - statement". Status
is a word or a sum of flags (1 preview, 2 test, 4 imported, 8 spam, 16 offline). Questions in a loop carry the number
of the loop in front of their tag and of their ImportId: ``1_Q3`` and ``1_QID3``. Seen but unanswered questions may be
exported as -99 and, with several answers, as -999. Q_BallotBoxStuffing and Q_DuplicateRespondent flag repeats.

Layout of older CSV files: row 1 V1, V2, … and the tags of the questions, row 2 what these hold, and the texts.

Layout of SPSS: the same columns as variables, question texts as variable labels, choices as value labels; answers are
taken by their label, so that recoded values do no harm. Data in numbers only cannot tell a recoding that stays inside
the range of the scale, unless the survey's definition (.qsf) lies beside them: then it says what each code is called.

Source: Qualtrics Support, "Understanding Your Dataset"; loop ImportIds, flags and -99 from exports and scripts
published by users (checked 2026-11-22). Not checked: how SPSS files name looped variables, as names cannot begin
with a digit there; ``1_Q3``, ``_1_Q3`` and ``@1_Q3`` are understood.
"""

from __future__ import annotations

import ast
import dataclasses
import json
import re
from contextlib import suppress
from pathlib import Path

import pandas as pd

from ...limits import Limits
from ...problems import InputError, input_error
from ...read import as_texts, cell_text
from ..definitions import labels_beside, plain
from ..export import LOOP, PARTNER, PERSONAL, RESPONSE, SKIP, Export, decimal_sign, grid, how_read, table, unique

MEANINGS = {
    "startDate": SKIP,
    "endDate": "submitted_at",
    "recordedDate": "submitted_at",
    "status": SKIP,
    "progress": SKIP,
    "duration": "seconds",
    "finished": SKIP,
    "_recordId": RESPONSE,
    "externalDataReference": "respondent_id",
    "ipAddress": PERSONAL,
    "recipientLastName": PERSONAL,
    "recipientFirstName": PERSONAL,
    "recipientEmail": PERSONAL,
    "locationLatitude": PERSONAL,
    "locationLongitude": PERSONAL,
    "distributionChannel": SKIP,
    "userLanguage": SKIP,
}
VARIABLES = {  # variable of an SPSS file, in lower case and without signs: its ImportId
    "startdate": "startDate",
    "enddate": "endDate",
    "recordeddate": "recordedDate",
    "durationinseconds": "duration",
    "responseid": "_recordId",
    "externalreference": "externalDataReference",
    "externaldatareference": "externalDataReference",
} | {name.lower(): name for name in MEANINGS}
FLAGS = {1: "preview", 2: "test", 8: "spam"}
REPEATS = ("Q_BallotBoxStuffing", "Q_DuplicateRespondent")
NO_ANSWERS = re.compile(r".*(_DO(_.*)?|_NPS_GROUP|_First Click|_Last Click|_Page Submit|_Click Count)", re.IGNORECASE)
IN_LOOP = re.compile(r"[@_]{0,2}([1-9]\d{0,2})_(.+)", re.ASCII)
OF_LOOP = re.compile(rf"({'|'.join(PARTNER)})[_ ]?([1-9]\d{{0,2}})", re.ASCII | re.IGNORECASE)
QUESTION = re.compile(r"QID\d+", re.ASCII)
OF_RESPONSE = re.compile(r"V\d+|Location\w+", re.ASCII)
MISSING = ("-99", "-999")


def read(path: Path, limits: Limits) -> Export:
    """Read a Qualtrics export.

    Parameters
    ----------
    path : pathlib.Path
        The csv, tsv, xlsx or sav file as Qualtrics wrote it.
    limits : Limits
        How large the file may be.

    Returns
    -------
    Export
        All responses; previews, tests, spam, repeats and unfinished ones are flagged.

    Raises
    ------
    InputError
        When the three header rows, or the variables of a response, are not there.
    """
    if path.suffix.lower() in (".sav", ".zsav"):
        return _spss(path, limits)
    found = grid(path, limits)
    frame = found.frame
    if _two_headers(frame):
        return dataclasses.replace(_legacy(frame, decimal_sign(found.delimiter)), told=how_read(found))
    if len(frame) < 3 or list(frame.index[:3]) != [1, 2, 3]:
        raise _no_header(path)
    frame.columns = unique(" ".join(str(name or "no name").split()) for name in frame.loc[1].fillna(""))
    imports = _imports(frame, path)
    questions = {name: plain(text) for name, text in frame.loc[2].fillna("").items()}
    responses = frame.iloc[3:]
    ids = {of["ImportId"]: name for name, of in imports.items()}
    zones = {str(found["timeZone"]) for found in imports.values() if found.get("timeZone")}
    zone = {"Z": "UTC"}.get(*zones, *zones) if len(zones) == 1 else None
    looped = {name: match for name, of in imports.items() if (match := IN_LOOP.fullmatch(of.get("ImportId", "")))}
    loops = _loops(responses, [name for name in looped if IN_LOOP.fullmatch(name)])
    labels, notes = _definition(path, imports, loops, limits)
    export = _export(responses, questions, ids, loops, zone, decimal_sign(found.delimiter), labels)
    return dataclasses.replace(export, notes=notes, told=how_read(found))


def headed(rows: pd.DataFrame) -> bool:
    """Tell whether the first rows below the names of columns are headers of Qualtrics, in an older layout or today's.

    Parameters
    ----------
    rows : pandas.DataFrame
        What stands below row 1, as texts.
    """
    for _, row in rows.head(2).iterrows():
        texts = row.dropna().str.lower()
        if {"responseid", "finished"} <= set(texts) or texts.str.contains('"importid"', regex=False).any():
            return True
    return False


def _definition(
    path: Path, imports: dict[str, dict], loops: dict[str, dict[str, str]], limits: Limits
) -> tuple[dict[str, dict[str, str]], list[str]]:
    """Return what a definition that lies beside the export calls the codes of its columns, and a note on it."""
    asked = {name: match[0] for name, of in imports.items() if (match := QUESTION.search(of["ImportId"]))}
    told, file = labels_beside(path.parent, ".qsf", set(asked.values()), limits, lambda question: question.id)
    labels = {name: told[question] for name, question in asked.items() if told.get(question)}
    labels |= {loop: labels[c] for loop, columns in loops.items() if (c := next(iter(columns.values()))) in labels}
    return labels, [f"What codes are called was read from {file}, which lies beside the export."] if file else []


def _two_headers(frame: pd.DataFrame) -> bool:
    """Tell whether row 2 names what the columns about a response hold, and no row of ImportId follows."""
    if list(frame.index[:2]) != [1, 2] or not {"responseid", "finished"} <= set(frame.loc[2].fillna("").str.lower()):
        return False
    return 3 not in frame.index or not frame.loc[3].fillna("").str.contains("ImportId", regex=False).any()


def _legacy(frame: pd.DataFrame, decimal: str) -> Export:
    """Read an export of two header rows: V1, V2, … with their names below, then the questions with their texts."""
    frame.columns = unique(" ".join(str(name or "no name").split()) for name in frame.loc[1].fillna(""))
    texts = frame.loc[2].fillna("")
    keys = {name: re.sub(r"[\W_]+", "", text).lower() for name, text in texts.items()}
    ids = {VARIABLES[key]: name for name, key in keys.items() if key in VARIABLES and OF_RESPONSE.fullmatch(name)}
    questions = {name: plain(text) for name, text in texts.items()}
    questions = {name: re.sub(r"^(.*?\S)-(\S.*)$", r"\1 - \2", text) for name, text in questions.items()}
    export = _export(frame.iloc[2:], questions, ids, {}, None, decimal)
    skip = {name: SKIP for name in frame if OF_RESPONSE.fullmatch(name) and name not in export.meanings}
    personal = {name: PERSONAL for name, key in keys.items() if key in ("name", "emailaddress", "locationaccuracy")}
    return dataclasses.replace(export, meanings=skip | personal | export.meanings)


def _spss(path: Path, limits: Limits) -> Export:
    raw = table(path, limits)
    ids = {VARIABLES[key]: name for name in raw.frame if (key := re.sub(r"[\W_]+", "", name).lower()) in VARIABLES}
    if not {"_recordId", "status", "finished"} & set(ids):
        raise input_error(
            path.name,
            "no variable ResponseId, Status or Finished: this is no export of Qualtrics",
            fix="Export again as SPSS from Data & Analysis; or use the format wide",
            table="survey",
        )
    labels, loose = {}, raw.labels
    for name in raw.frame:
        if name in loose and name not in ids.values():
            labels[name] = {cell_text(code): plain(str(label)) for code, label in loose[name].items()}
    responses = as_texts(raw)
    questions = {name: plain(label) for name, label in raw.questions.items()}
    loops = _loops(responses, [name for name in responses if IN_LOOP.fullmatch(name)])
    first = {loop: next(iter(columns.values())) for loop, columns in loops.items()}
    labels |= {loop: labels[column] for loop, column in first.items() if column in labels}
    return _export(responses, questions, ids, loops, None, ".", labels)


def _export(
    responses: pd.DataFrame,
    questions: dict[str, str],
    ids: dict[str, str],
    loops: dict[str, dict[str, str]],
    zone: str | None,
    decimal: str,
    labels: dict[str, dict[str, str]] | None = None,
) -> Export:
    meanings = {name: MEANINGS[i] for i, name in ids.items() if i in MEANINGS}
    meanings |= {name: SKIP for name in responses if NO_ANSWERS.fullmatch(name) or name.startswith("Q_")}
    for loop, columns in loops.items():
        questions[loop] = questions.get(next(iter(columns.values())), "")
        tag = loop.removeprefix(LOOP).lower()
        if tag in PARTNER:
            meanings[loop] = tag
    # The later date of the two is the one on which Qualtrics stored the response.
    prefer = [ids[name] for name in ("externalDataReference", "_recordId", "recordedDate", "endDate") if name in ids]
    return Export(
        responses,
        questions,
        meanings,
        prefer,
        _flags(responses, ids),
        zone,
        decimal=decimal,
        missing=MISSING,
        loops=loops,
        labels=labels or {},
        response=[ids["_recordId"]] if "_recordId" in ids else [],
        unique="_recordId" in ids,
    )


def _flags(responses: pd.DataFrame, ids: dict[str, str]) -> dict[str, list[int]]:
    """Return why which rows may not count."""
    flags: dict[str, list[int]] = {}
    for row, status in responses[ids["status"]].fillna("").items() if "status" in ids else ():
        if reason := _reason(status):
            flags.setdefault(reason, []).append(row)
    if "finished" in ids:
        values = responses[ids["finished"]].fillna("").str.lower()
        flags["unfinished"] = list(responses.index[values.isin(["false", "0", "no"])])
    for name in REPEATS:
        if name in responses:
            values = responses[name].fillna("").str.lower()
            flags.setdefault("repeat", []).extend(responses.index[values.isin(["true", "1", "yes"])])
    return flags


def _loops(responses: pd.DataFrame, looped: list[str]) -> dict[str, dict[str, str]]:
    """Return the columns of each loop, and of embedded data with the number of a loop at its end."""
    loops: dict[str, dict[str, str]] = {}
    for name in looped:
        if match := IN_LOOP.fullmatch(name):
            loops.setdefault(LOOP + match[2], {})[match[1]] = name
    numbers = {number for columns in loops.values() for number in columns}
    for name in responses:
        match = OF_LOOP.fullmatch(name)
        if match and match[2] in numbers:
            loops.setdefault(LOOP + match[1].lower(), {}).setdefault(match[2], name)
    return loops


def _imports(frame: pd.DataFrame, path: Path) -> dict[str, dict]:
    found = {}
    for name, cell in frame.loc[3].fillna("").items():
        content = None
        for read_cell in (json.loads, ast.literal_eval):  # exports that passed through a script hold single quotes
            with suppress(ValueError, SyntaxError, RecursionError, MemoryError, TypeError):
                content = read_cell(cell) if content is None else content
        if isinstance(content, dict) and isinstance(content.get("ImportId"), str):
            found[name] = content
    if not found:
        raise _no_header(path)
    return found


def _no_header(path: Path) -> InputError:
    return input_error(
        path.name,
        "the ImportId entries of a Qualtrics export are not here",
        "three header rows: names, questions and ImportId",
        "Export again as CSV from Data & Analysis and do not change the file; or use the format wide",
        table="survey",
        rows=(3,),
    )


def _reason(status: str) -> str:
    """Return why a response is not a real one, or an empty string."""
    if status.isascii() and status.isdigit():
        return next((word for flag, word in FLAGS.items() if int(status[:6]) & flag), "")
    return next((word for word in FLAGS.values() if word in status.lower()), "")
