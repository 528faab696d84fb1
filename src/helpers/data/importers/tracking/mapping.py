"""The mapping of an export of tables: what becomes of the columns and words of each file, and whether it fits."""

from __future__ import annotations

from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import Field

from ...problems import Problem, did_you_mean, shown
from ...tables import EVENTS, TABLES
from ...yaml_files import Declared
from ..answers import UNSURE
from ..export import PERSONAL, SKIP
from .headers import DECIDED, OUTCOME, RENEWED

OF_OPENING = ("intake_held", "brief_received", "shortlist_sent", "reopened", "cancelled")
"""Events of a requisition, not of a candidate."""
PARTS = ("actor_id", "due_at")
COLUMNS = list(dict.fromkeys([*TABLES["requisitions"].columns, *TABLES["hiring_events"].columns]))
FURTHER = (OUTCOME, DECIDED, RENEWED)
TARGETS = [*COLUMNS, *EVENTS, *(f"{event}.{part}" for event in EVENTS for part in PARTS), *FURTHER, SKIP, PERSONAL]
TIMES = ("opened_at", "approved_at", "closed_at", "at", "due_at", DECIDED, RENEWED)
FROM_ELSEWHERE = ("requisition_id", "candidate_id")
"""What a file may take from another, in which its rows are looked up."""
ENDED = ("offer_declined", "candidate_rejected", "candidate_withdrawn")


class MappedFile(Declared):
    """What becomes of the columns of one file.

    Parameters
    ----------
    columns : dict of str to str
        Column to a column of requisitions or hiring_events; to an event, whose time it holds; to
        ``<event>.actor_id`` or ``<event>.due_at``; to ``outcome``, a word for how it ended for the candidate, and
        ``decided_at``, the time of that; to ``updated_at``, which tells the versions of a row apart; to ``skip`` or
        ``personal``. Several columns may hold times of one event.
    events : dict of str to str, optional
        Word in the column ``event`` to an event or ``skip``.
    outcomes : dict of str to str, optional
        Word in the column ``outcome`` to an event or ``skip``.
    reasons : dict of str to {"filled", "cancelled", "on_hold", "open"}, optional
        Word in the column ``close_reason`` to filled, cancelled, on_hold or open.
    looked_up : dict of str to str, optional
        Column to ``file.column``: there, the row is found that tells the opening, and the candidate, of a row here.
    timezone : str, optional
        Time zone of times without an offset; default: the study's.
    dates : {"day-first", "month-first"}, optional
        ``day-first`` or ``month-first``.
    """

    columns: dict[str, str]
    events: dict[str, str] = Field(default_factory=dict)
    outcomes: dict[str, str] = Field(default_factory=dict)
    reasons: dict[str, Literal["filled", "cancelled", "on_hold", "open"]] = Field(default_factory=dict)
    looked_up: dict[str, str] = Field(default_factory=dict)
    timezone: str | None = None
    dates: Literal["day-first", "month-first"] | None = None

    @property
    def empty(self) -> bool:
        """Tell whether nothing of the file is used."""
        return not set(self.columns.values()) - {SKIP, PERSONAL}

    def column(self, target: str) -> str | None:
        """Return the first column that leads to a target."""
        return next((column for column, given in self.columns.items() if given == target), None)


class TrackingMapping(Declared):
    """What becomes of the files of an export, by their names without ending."""

    files: dict[str, MappedFile]


def check(
    frame: pd.DataFrame, mapping: MappedFile, path: Path, place: Path, named: dict[Path, MappedFile]
) -> list[Problem]:
    """Return what is wrong with the mapping of one file.

    Parameters
    ----------
    frame : pandas.DataFrame
        The file.
    mapping : MappedFile
        What becomes of it.
    path, place : pathlib.Path
        The file, and the mapping file.
    named : dict of pathlib.Path to MappedFile
        The mapping of every file of the export.

    Returns
    -------
    list of Problem
        Every mistake; none where it fits.
    """
    problems = []

    def wrong(found: str, fix: str = "", column: str = "", expected: str = "") -> None:
        problems.append(Problem("error", place.name, f"{path.stem}: {found}", expected, fix, "", column))

    for column, target in mapping.columns.items():
        if target == UNSURE:
            wrong(f"{UNSURE}: the line is not settled", "Write what the column holds, or skip", f"columns.{column}")
        elif target not in TARGETS:
            expected = "a column of requisitions or hiring_events, an event, skip or personal"
            wrong(shown(target), did_you_mean(target, TARGETS), f"columns.{column}", expected)
        elif column not in frame and target not in (SKIP, PERSONAL):
            fix = did_you_mean(column, list(frame)) or "Remove the line"
            wrong(f"{path.name} has no such column", fix, f"columns.{column}")
    for column in frame:
        if column not in mapping.columns:
            wrong(f"nothing is said about column {shown(column)}", f"Add {column}: skip, or what it holds")
    used = [target for target in mapping.columns.values() if target not in (SKIP, PERSONAL, UNSURE, *EVENTS)]
    for target in dict.fromkeys(target for target in used if used.count(target) > 1):
        wrong(f"{target} is the target of several columns", "Keep one; set the others to skip")
    for part, words in (("events", mapping.events), ("outcomes", mapping.outcomes)):
        for word, event in words.items():
            if event == UNSURE:
                wrong(f"{UNSURE}: the line is not settled", "Write an event, or skip", f"{part}.{word}")
            elif event not in (*EVENTS, SKIP):
                wrong(shown(event), did_you_mean(event, EVENTS), f"{part}.{word}", f"one of {', '.join(EVENTS)}, skip")
    others = {other.stem: other for other in named}
    for column, where in mapping.looked_up.items():
        stem, _, key = where.rpartition(".")
        if column not in frame:
            wrong(f"{path.name} has no such column", did_you_mean(column, list(frame)), f"looked_up.{column}")
        elif stem not in others or key not in named[others[stem]].columns:
            wrong(shown(where), "", f"looked_up.{column}", "a file of the export and a column of it, such as jobs.id")
    if mapping.timezone:
        try:
            ZoneInfo(mapping.timezone)
        except (KeyError, ValueError, OSError):
            wrong(f"there is no time zone {shown(mapping.timezone)}", "Write one such as Europe/Zurich", "timezone")
    if not mapping.empty and UNSURE not in mapping.columns.values():
        for doubt, fix in doubts(mapping):
            wrong(doubt, fix)
    return problems


def doubts(mapping: MappedFile) -> list[tuple[str, str]]:
    """Return what is missing for requisitions or events.

    Parameters
    ----------
    mapping : MappedFile
        What becomes of a file.

    Returns
    -------
    list of tuple of str
        What is missing, and its remedy.
    """
    targets = set(mapping.columns.values())
    found = []
    if "requisition_id" not in targets and not mapping.looked_up:
        fix = (
            "Say which column names the opening; where another file tells it, write looked_up: "
            "{application_id: applications.application_id}"
        )
        found.append(("no column becomes requisition_id", fix))
    if "event" in targets and "at" not in targets:
        found.append(("nothing tells when the events happened", "Say which column becomes at"))
    if "at" in targets and "event" not in targets:
        found.append(("nothing tells what happened", "Say which column becomes event"))
    if DECIDED in targets and OUTCOME not in targets:
        found.append(("nothing tells how it was decided", f"Say which column becomes {OUTCOME}, or skip {DECIDED}"))
    if not targets & {"event", "opened_at", DECIDED, *EVENTS, *FROM_ELSEWHERE}:
        fix = "Map opened_at for requisitions, or event and at, or columns to events"
        found.append(("the columns make neither requisitions nor events", fix))
    return found
