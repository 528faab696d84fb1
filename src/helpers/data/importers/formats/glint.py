"""Viva Glint: CSV export of raw survey responses, item blocks first.

Layout: one header row, its columns in either order. Every item has a block: its text, then the text with _COMMENT,
_COMMENT_TOPICS and _SENSITIVE_COMMENT_FLAG behind it. After the blocks come First Name, Last Name, Email, Status, the
employee id under the name the client gave it, Manager ID (of the respondent's own superior), Survey Cycle Completion
Date and Survey Cycle Sent Date, as day-month-year with the time or with the year first, then attributes. Names,
Status and the sent date are options of the export. Answers are numbers from 1.

Source: the files and the documentation of Microsoft's vivaglint package, 0.1.1 (checked 2026-11-22). Not checked:
further suffixes of a block; columns such as _TIMESTAMP and _RESPONDED_AT are left out as well. Comments belong to the
rating they stand beside and are left out unless the mapping leads them to an item for comments.
"""

from __future__ import annotations

import re
from pathlib import Path

from ...limits import Limits
from ...problems import input_error
from ..export import PERSONAL, SKIP, Export, decimal_sign, grid, how_read, unique
from ..names import simplified

COMMENT = "_COMMENT"
BESIDE = re.compile(
    r"(.+)_(COMMENT_TOPICS|SENSITIVE_COMMENT_FLAG|COMMENT_LANGUAGE\w*|\w*TIMESTAMP|RESPONDED_AT)", re.DOTALL
)
MEANINGS = {
    "first name": PERSONAL,
    "last name": PERSONAL,
    "email": PERSONAL,
    "status": SKIP,
    "manager id": SKIP,
    "survey cycle title": SKIP,
    "survey cycle completion date": "submitted_at",
    "survey cycle sent date": SKIP,
    "survey cycle creation date": SKIP,
}
EMPLOYEE = {"employeeid", "employeenumber", "exid", "workernumber", "workerid", "personnelnumber"}
COMPLETED = "survey cycle completion date"


def read(path: Path, limits: Limits) -> Export:
    """Read a Viva Glint export.

    Parameters
    ----------
    path : pathlib.Path
        The csv file.
    limits : Limits
        How large the file may be.

    Returns
    -------
    Export
        All rows; those without a completion date are flagged as unfinished.

    Raises
    ------
    InputError
        When no column tells when a response was completed.
    """
    found = grid(path, limits)
    names = unique(" ".join(name.split()) or "no name" for name in found.frame.loc[1].fillna(""))
    frame = found.frame.iloc[1:].set_axis(names, axis=1)
    lower = [name.lower() for name in names]
    if COMPLETED not in lower:
        raise input_error(
            path.name,
            f"there is no column {COMPLETED}",
            "the columns of Viva Glint's export of raw responses, with the dates of the survey cycle",
            "Export the raw survey responses again; or use the format wide",
            table="survey",
            rows=(1,),
        )
    meanings = {name: MEANINGS[key] for name, key in zip(names, lower) if key in MEANINGS}
    # The employee id goes by the name the client gave it; where Status is exported, it stands behind that.
    behind = names[lower.index("status") + 1 : lower.index("status") + 2] if "status" in lower else []
    employee = next((name for name, key in zip(names, lower) if simplified(key) in EMPLOYEE), *behind or [""])
    meanings |= {employee: "respondent_id"} if employee else {}
    meanings |= {name: SKIP for name in names if (match := BESIDE.fullmatch(name)) and match[1] in names}
    beside = {name for name in names if name.endswith(COMMENT) and name.removesuffix(COMMENT) in names}
    questions = {name: "" if name in beside else name for name in names}
    completed = frame[names[lower.index(COMPLETED)]]
    return Export(
        frame,
        questions,
        meanings,
        prefer=[employee] if employee else [],
        flags={"unfinished": list(frame.index[completed.isna()])},
        dates="day-first",
        decimal=decimal_sign(found.delimiter),
        missing=(),
        told=how_read(found),
    )
