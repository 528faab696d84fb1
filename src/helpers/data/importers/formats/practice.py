"""What was typed from the sheets of a practice: the capture workbook of its kit, or csv with one row a person.

Layout: the sheets Session (one row each), People (one row a person) and Promises (one row each) as
``partnership playbook kit`` writes them, headings by name or as the sheets print them; or a csv file with the columns
of People, and session_id, practice and date in every row; or a csv file of promises. Source: this project's own
``helpers.playbooks.kit.workbook`` (checked 2026-11-28).
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from ...problems import input_error
from ...study import Study
from ...yaml_files import Declared, load
from ..capture import sheets
from ..capture.records import records
from ..capture.store import store
from ..capture.words import Reader, order_of
from ..tracking.log import TrackingLog


class PracticeMapping(Declared):
    """What a file means by headings and words of its own; written by hand, where an import asks for it.

    Parameters
    ----------
    columns : dict of str to str, optional
        Heading to a column of the workbook, a field, or ``skip``.
    words : dict of str to str, optional
        Word to the word it stands for: ``{ja: yes, Rollentausch: role_swap}``.
    dates : {"day-first", "month-first"}, optional
        Order of dates with slashes.
    """

    columns: dict[str, str] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)
    dates: Literal["day-first", "month-first"] | None = None


def bring(path: Path, study: Study, mapping: Path | None = None) -> TrackingLog:
    """Bring a filled-in workbook or csv file into the tables of practices.

    Parameters
    ----------
    path : pathlib.Path
        The file.
    study : Study
        The study; knows people, pairs and practices.
    mapping : pathlib.Path, optional
        What headings and words of the file mean; default: ``mappings/practice.yaml`` in the study, if there is one.

    Returns
    -------
    TrackingLog
        What was taken, what was read otherwise than it stands there, what was left out, and what changed.

    Raises
    ------
    InputError
        With everything that could not be read or does not fit, by sheet, row and heading; nothing is written then.
    """
    if not path.is_file():
        raise input_error(path.name, f"there is no file {path}")
    place = mapping or study.folder / "mappings" / "practice.yaml"
    told = load(PracticeMapping, place) if mapping or place.is_file() else PracticeMapping()
    typed = sheets.read(path, study.practices, told.columns, study.settings.limits)
    texts = [text for sheet in typed.sheets.values() for row in sheet.rows for text in row.cells.values()]
    reader = Reader(told.dates or order_of(texts), told.words)
    made = records(typed, study, reader)
    log = TrackingLog(path.name, place if place.is_file() else None)
    log.read = {f"rows of {sheet.name}": len(sheet.rows) for sheet in typed.sheets.values()}
    log.left_out = typed.left_out
    log.notes += [*typed.notes, *reader.told(), *made.notes]
    store(made, study, log)
    log.notes.append(f"Next: partnership check {study.folder}")
    return log
