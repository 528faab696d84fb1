"""Qualtrics: CSV or TSV export with three header rows, choice text or numeric values.

Layout: row 1 names of the columns, row 2 texts of the questions, row 3 ``{"ImportId": ...}`` as JSON with the time
zone of the dates; then one row per response: StartDate, EndDate, Status, IPAddress, Progress, Duration (in seconds),
Finished, RecordedDate, ResponseId, RecipientLastName, RecipientFirstName, RecipientEmail, ExternalReference,
LocationLatitude, LocationLongitude, DistributionChannel, UserLanguage, the questions, and embedded data last.
A statement of a matrix is headed "question - statement". Status is a word or a sum of flags (1 preview, 2 test,
4 imported, 8 spam, 16 offline). Source: Qualtrics Support, "Understanding Your Dataset" (checked 2026-11-22).
"""

from __future__ import annotations

import html
import json
import re
from pathlib import Path

from ..problems import input_error
from .base import PERSONAL, SKIP, Export, texts

MEANINGS = {
    "startDate": SKIP,
    "endDate": "submitted_at",
    "recordedDate": "submitted_at",
    "status": SKIP,
    "progress": SKIP,
    "duration": SKIP,
    "finished": SKIP,
    "_recordId": "respondent_id",
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
FLAGS = {1: "preview", 2: "test", 8: "spam"}
NO_ANSWERS = re.compile(r".*(_DO(_.*)?|_NPS_GROUP|_First Click|_Last Click|_Page Submit|_Click Count)", re.IGNORECASE)


def read(path: Path) -> Export:
    """Read a Qualtrics export.

    Parameters
    ----------
    path
        The csv or tsv file as Qualtrics wrote it.

    Returns
    -------
    Responses that are finished and real, with the reasons why others were skipped.

    Raises
    ------
    InputError
        When the three header rows are not there.
    """
    frame = texts(path)
    imports = _imports(frame, path)
    questions = {name: _plain(text) for name, text in frame.loc[2].fillna("").items()} if 2 in frame.index else {}
    responses = frame.drop(index=[2, 3])
    meanings = {
        name: MEANINGS[found["ImportId"]] for name, found in imports.items() if found.get("ImportId") in MEANINGS
    }
    meanings |= {name: SKIP for name in frame if NO_ANSWERS.fullmatch(name)}
    ids = {found.get("ImportId"): name for name, found in imports.items()}
    zones = {str(found["timeZone"]) for found in imports.values() if found.get("timeZone")}
    skipped, unfinished = {}, []
    for row, status in responses[ids["status"]].fillna("").items() if "status" in ids else ():
        if reason := _reason(status):
            skipped.setdefault(reason, []).append(row)
    if "finished" in ids:
        values = responses[ids["finished"]].fillna("").str.lower()
        unfinished = list(responses.index[values.isin(["false", "0", "no"])])
    zone = {"Z": "UTC"}.get(*zones, *zones) if len(zones) == 1 else None
    # The later date of the two is the one on which Qualtrics stored the response.
    prefer = [ids[name] for name in ("externalDataReference", "_recordId", "recordedDate", "endDate") if name in ids]
    return Export(responses, questions, meanings, prefer, skipped, unfinished, zone)


def _imports(frame, path: Path) -> dict[str, dict]:
    found = {}
    for name, cell in frame.loc[3].fillna("").items() if 3 in frame.index else ():
        try:
            content = json.loads(cell)
        except (ValueError, RecursionError):
            content = None
        if isinstance(content, dict) and isinstance(content.get("ImportId"), str):
            found[name] = content
    if not found:
        raise input_error(
            path.name,
            "the ImportId entries of a Qualtrics export are not here",
            "three header rows: names, questions and ImportId",
            "Export again as CSV from Data & Analysis and do not change the file; or use the format wide",
            table="survey",
            rows=(3,),
        )
    return found


def _reason(status: str) -> str:
    """Return why a response is not a real one, or an empty string."""
    if status.isascii() and status.isdigit():
        return next((word for flag, word in FLAGS.items() if int(status[:6]) & flag), "")
    return next((word for word in FLAGS.values() if word in status.lower()), "")


def _plain(text: str) -> str:
    """Return a question's text without HTML."""
    return " ".join(html.unescape(re.sub(r"<[^<>]*>", " ", text)).split())
