"""Tables whose columns a mapping file explains: one row per requisition, per candidate, or per event."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Literal
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import Field

from ...problems import InputError, Problem, did_you_mean, input_error, shown
from ...read import each_text
from ...study import Study
from ...tables import EVENTS, PERSONAL_NAME, TABLES
from ...writing import as_written, put
from ...yaml_files import Declared, load, scalar
from ..export import PERSONAL, SKIP
from ..names import EMAIL, printable, simplified
from . import records
from .log import TrackingLog
from .store import SINCE, SOURCE

OF_OPENING = ("intake_held", "brief_received", "shortlist_sent", "reopened", "cancelled")
"""Events of a requisition, not of a candidate."""
PARTS = ("actor_id", "due_at")
COLUMNS = list(dict.fromkeys([*TABLES["requisitions"].columns, *TABLES["hiring_events"].columns]))
TARGETS = [*COLUMNS, *EVENTS, *(f"{event}.{part}" for event in EVENTS for part in PARTS), SKIP, PERSONAL]
TIMES = ("opened_at", "approved_at", "closed_at", "at", "due_at")
CLOSE_REASONS = {
    "filled": "filled", "hired": "filled", "closed_filled": "filled", "cancelled": "cancelled",
    "canceled": "cancelled", "not_filled": "cancelled", "on_hold": "on_hold", "hold": "on_hold",
    "open": "", "active": "", "published": "", "draft": "",
}  # fmt: skip
"""Words for how a requisition stands, to a close_reason; empty: it is open."""

NAMES: dict[str, str] = {
    "requisition_id": "job id, req id, requisition number, job requisition, job requisition id, job req id, "
    "posting id, posting, job posting id, requisition, opening id",
    "candidate_id": "application id, opportunity id, job application id, applicant id, candidate number",
    "hiring_manager_id": "hiring manager, hiring managers, hiring manager employee id, manager id, hiringmanager",
    "recruiter_id": "recruiter, recruiters, primary recruiter, recruiter employee id, owner, posting owner",
    "department": "job department, departments, team, categories department, categories team, cost center, "
    "supervisory organization",
    "location": "office, offices, job location, primary location, location name, categories location",
    "level": "job level, seniority, grade, job profile level, management level",
    "opened_at": "opened, open date, job open date, date opened, requisition created, recruiting start date, "
    "job opened at, requisition created at, opened on, posting created at",
    "approved_at": "approved, approval date, date approved, job approved at, approved on",
    "closed_at": "closed, close date, job close date, date closed, job closed at, closed on, close on",
    "close_reason": "job status, requisition status, job requisition status, posting state, reason closed, "
    "closing reason",
    "event": "activity, stage event, event type, event name, action",
    "at": "event time, event at, timestamp, occurred at, event date, entered at, date",
    "actor_id": "actor, performed by, user id, done by, event by",
    "due_at": "due, due date, due on, sla due",
    "intake_held": "intake meeting, intake meeting date, kickoff, kickoff date, kick off date",
    "brief_received": "brief received at, job brief received",
    "applied": "application date, applied at, applied on, date applied, applied date, application submitted, "
    "application created at, opportunity created at",
    "cv_sent": "sent to hiring manager, submitted to hiring manager, forwarded to manager, cv sent at",
    "cv_reviewed": "hiring manager review completed, reviewed by manager, cv reviewed at, resume reviewed",
    "interview_scheduled": "interview scheduled at, interview scheduled on, date interview scheduled",
    "interview_held": "interview date, interviewed at, interviewed on, interview start, interview time",
    "feedback_given": "scorecard submitted at, scorecard submitted on, feedback submitted at, feedback date, "
    "scorecard submission date, feedback completed at",
    "offer_extended": "offer date, offer sent, offer sent at, offer sent on, offer extended at, offer made date",
    "offer_accepted": "offer accepted at, offer accepted on, offer accepted date, hire date, hired on, hired at",
    "offer_declined": "offer declined at, offer rejected at, offer declined on, offer declined date",
    "candidate_rejected": "rejected at, rejected on, rejection date, rejected date",
    "candidate_withdrawn": "withdrawn at, withdrawn on, withdrawal date, withdrawn date",
    "feedback_given.actor_id": "interviewer, scorecard submitted by, submitted by, feedback by, interviewer id",
}
"""Target to the names that columns for it go by, besides its own."""
PERSON = re.compile(
    r"(candidate|applicant|prospect|opportunity|preferred)\W*(full\W*)?name"
    r"|.*(attachment|linkedin|social media|headline|address|(resume|cv)\W*(link|file|url)).*",
    re.IGNORECASE,
)
"""Names of columns that tell who a candidate is, besides those of any table."""
WORDS: dict[str, str] = {
    "intake_held": "intake meeting, kickoff", "applied": "application, application submitted, new application",
    "cv_sent": "hiring manager review, sent to hiring manager, submitted to manager",
    "cv_reviewed": "reviewed by hiring manager, resume reviewed", "interview_held": "interview, interviewed",
    "interview_scheduled": "schedule interview", "interview_missed": "no show, interview no show",
    "feedback_given": "scorecard submitted, feedback submitted, feedback",
    "offer_extended": "offer, offer sent, offer made", "offer_accepted": "hired, accepted, offer signed",
    "offer_declined": "offer rejected", "candidate_rejected": "rejected, archived",
    "candidate_withdrawn": "withdrawn, withdrew", "reopened": "requisition reopened", "cancelled": "canceled",
}  # fmt: skip
"""Event to the words it goes by in logs, besides its own."""


class MappedFile(Declared):
    """What becomes of the columns of one file.

    Parameters
    ----------
    columns : dict of str to str
        Column to a column of requisitions or hiring_events; to an event, whose time it holds; to
        ``<event>.actor_id`` or ``<event>.due_at``; to ``skip`` or ``personal``.
    events : dict of str to str, optional
        Word in the column ``event`` to an event or ``skip``.
    reasons : dict of str to {"filled", "cancelled", "on_hold", "open"}, optional
        Word in the column ``close_reason`` to filled, cancelled, on_hold or open.
    timezone : str, optional
        Time zone of times without an offset; default: the study's.
    dates : {"day-first", "month-first"}, optional
        ``day-first`` or ``month-first``.
    """

    columns: dict[str, str]
    events: dict[str, str] = Field(default_factory=dict)
    reasons: dict[str, Literal["filled", "cancelled", "on_hold", "open"]] = Field(default_factory=dict)
    timezone: str | None = None
    dates: Literal["day-first", "month-first"] | None = None


class TrackingMapping(Declared):
    """What becomes of the files of an export, by their names without ending."""

    files: dict[str, MappedFile]


def read_mapped(paths: list[Path], study: Study, place: Path, log: TrackingLog) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read files by their mapping, or propose one.

    Parameters
    ----------
    paths : list of pathlib.Path
        The files.
    study : Study
        The study they are for.
    place : pathlib.Path
        The mapping file.
    log : TrackingLog
        Takes what was read and left out.

    Returns
    -------
    tuple of pandas.DataFrame
        Requisitions and events, as ``store`` takes them.

    Raises
    ------
    InputError
        When a file or the mapping is wrong, or a proposal is in doubt: then it has been written.
    """
    frames = {path: records.frame(path, study.settings.limits) for path in paths}
    log.mapping = place
    if not place.is_file():
        _propose(frames, place)
    mapping = load(TrackingMapping, place)
    named = {path: _mapped(path, mapping, place, len(paths)) for path in paths}
    problems = [p for path in paths for p in _problems(frames[path], named[path], path, place)]
    if problems:
        raise InputError(problems)
    requisitions, events = [], []
    for path, frame in frames.items():
        log.read[path.name] = len(frame)
        file = _File(path.name, frame, named[path], study, log)
        requisitions += file.requisitions()
        events += file.events()
    return tuple(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame() for parts in (requisitions, events))


class _File:
    """One file, read by its mapping."""

    def __init__(self, name: str, frame: pd.DataFrame, mapping: MappedFile, study: Study, log: TrackingLog) -> None:
        self.name, self.mapping, self.log = name, mapping, log
        self.columns = {target: c for c, target in mapping.columns.items() if target not in (SKIP, PERSONAL)}
        prefix = f"{name} " if log.file != name else ""
        self.source = f"{prefix}row " + pd.Series(frame.index, frame.index).astype("str")
        log.personal += [c for c, target in mapping.columns.items() if target == PERSONAL and c in frame]
        log.left_out += [c for c, target in mapping.columns.items() if target == SKIP and c in frame]
        zone = ZoneInfo(study.timezone)
        bare = ZoneInfo(mapping.timezone) if mapping.timezone else zone
        self.data = {}
        for target, column in self.columns.items():
            values = frame[column]
            if target in TIMES or target in EVENTS or target.endswith(".due_at"):
                found = records.times(values, zone, bare, mapping.dates, name, self.source)
                unread = values.notna() & found.isna()
                log.skip(f"time not readable, {column}", list(self.source[unread]))
                values = found
            self.data[target] = values

    def _get(self, target: str) -> pd.Series:
        return self.data.get(target, pd.Series(None, index=self.source.index, dtype="str"))

    def requisitions(self) -> list[pd.DataFrame]:
        if not {"opened_at", "hiring_manager_id"} <= set(self.columns):
            return []
        table = pd.DataFrame({name: self._get(name) for name in TABLES["requisitions"].columns if name in self.data})
        if "close_reason" in table:
            words = {word.lower(): reason for word, reason in self.mapping.reasons.items()}
            reasons = {word: _reason(word, words) for word in table["close_reason"].dropna().unique()}
            if unknown := [word for word, reason in reasons.items() if reason is None]:
                told = ", ".join(map(shown, unknown[:5]))
                self.log.notes.append(f"{self.name}: how it ended is left empty for {told}; say it under reasons.")
            table["close_reason"] = table["close_reason"].map(reasons).replace("", None).astype("str")
        elif "closed_at" in table:
            self.log.notes.append(f"{self.name}: nothing tells why requisitions were closed; accepted offers do.")
        first = self._get("hiring_manager_id").str.replace(r"(?s)\s*[;|].*", "", regex=True)
        several = first.notna() & (first != self._get("hiring_manager_id"))
        if several.any():
            table["hiring_manager_id"] = first
            self.log.notes.append(f"{self.name}: of several hiring managers the first is taken: {several.sum()} rows.")
        table[SOURCE] = self.source
        return [table]

    def events(self) -> list[pd.DataFrame]:
        parts = []
        if "event" in self.columns:
            words = {simplified(word): event for word, event in self.mapping.events.items()}
            event = each_text(self._get("event"), lambda word: _event(word, words))
            part = {name: self._get(name) for name in TABLES["hiring_events"].columns if name in self.data}
            parts.append(pd.DataFrame(part | {"event": event, SOURCE: self.source}))
            self.log.skip("event without a meaning", list(self.source[event.isna()]))
            self.log.skip("event the mapping skips", list(self.source[event == SKIP]))
            parts[-1] = parts[-1][event.notna() & (event != SKIP)]
        for name in (name for name in EVENTS if name in self.data):
            candidate = self._get("candidate_id")
            part = pd.DataFrame(
                {
                    "requisition_id": self._get("requisition_id"),
                    "candidate_id": None if name in OF_OPENING else candidate,
                    "event": name,
                    "at": self.data[name],
                    "actor_id": self._get(f"{name}.actor_id"),
                    SOURCE: self.source,
                }
            )
            if f"{name}.due_at" in self.data:
                part["due_at"] = self.data[f"{name}.due_at"]
            if name == "feedback_given" and "interview_held" in self.data:
                part[SINCE] = self.data["interview_held"]
            parts.append(part[part["at"].notna()])
        return parts


def _reason(word: str, words: Mapping[str, str]) -> str | None:
    """Return how a requisition ended, empty when it is open; None for an unknown word."""
    simple = re.sub(r"\W+", "_", word.lower()).strip("_")
    found = words.get(word.lower(), CLOSE_REASONS.get(simple))
    return "" if found == "open" else found


def _event(word: str, words: dict[str, str]) -> str | None:
    return words.get(simplified(word)) or _KNOWN_WORDS.get(simplified(word))


def _known(names: dict[str, str]) -> dict[str, str]:
    return {simplified(name): target for target, line in names.items() for name in line.split(",")}


_KNOWN_NAMES = _known(NAMES) | {simplified(name): name for name in TARGETS}
_KNOWN_WORDS = _known(WORDS) | {simplified(event): event for event in EVENTS}


def _mapped(path: Path, mapping: TrackingMapping, place: Path, number: int) -> MappedFile:
    if path.stem in mapping.files:
        return mapping.files[path.stem]
    if number == 1 and len(mapping.files) == 1:  # next month's file of the same export
        return next(iter(mapping.files.values()))
    fix = "Add it under files, or name another file with --mapping to get a new proposal"
    raise input_error(place.name, f"nothing is said about the file {shown(path.stem)}", fix=fix, column="files")


def _problems(frame: pd.DataFrame, mapping: MappedFile, path: Path, place: Path) -> list[Problem]:
    problems = []

    def wrong(found: str, fix: str = "", column: str = "", expected: str = "") -> None:
        problems.append(Problem("error", place.name, found, expected, fix, "", column))

    for column, target in mapping.columns.items():
        if target not in TARGETS:
            expected = "a column of requisitions or hiring_events, an event, skip or personal"
            wrong(shown(target), did_you_mean(target, TARGETS), f"columns.{column}", expected)
        elif column not in frame and target not in (SKIP, PERSONAL):
            fix = did_you_mean(column, list(frame)) or "Remove the line"
            wrong(f"{path.name} has no such column", fix, f"columns.{column}")
    for column in frame:
        if column not in mapping.columns:
            wrong(f"nothing is said about column {shown(column)}", f"Add {column}: skip, or what it holds")
    used = [target for target in mapping.columns.values() if target not in (SKIP, PERSONAL)]
    for target in dict.fromkeys(target for target in used if used.count(target) > 1):
        wrong(f"{target} is the target of several columns", "Keep one; set the others to skip")
    for word, event in mapping.events.items():
        if event not in (*EVENTS, SKIP):
            wrong(shown(event), did_you_mean(event, EVENTS), f"events.{word}", f"one of {', '.join(EVENTS)}, skip")
    if mapping.timezone:
        try:
            ZoneInfo(mapping.timezone)
        except (KeyError, ValueError, OSError):
            wrong(f"there is no time zone {shown(mapping.timezone)}", "Write one such as Europe/Zurich", "timezone")
    problems += [Problem("error", place.name, doubt, "", fix) for doubt, fix in _doubts(mapping.columns)]
    return problems


def _doubts(columns: dict[str, str]) -> list[tuple[str, str]]:
    """Return what is missing for requisitions or events, each with its remedy."""
    targets = set(columns.values())
    doubts = []
    if "requisition_id" not in targets:
        doubts.append(("no column becomes requisition_id", "Say which column names the opening"))
    if "event" in targets and "at" not in targets:
        doubts.append(("nothing tells when the events happened", "Say which column becomes at"))
    if not targets & {"event", *EVENTS} and not {"opened_at", "hiring_manager_id"} <= targets:
        fix = "Map opened_at and hiring_manager_id for requisitions, or event and at, or columns to events"
        doubts.append(("the columns make neither requisitions nor events", fix))
    return doubts


def _propose(frames: dict[Path, pd.DataFrame], place: Path) -> None:
    """Write a proposed mapping; stop when any of it is in doubt."""
    lines = [
        "# What becomes of the columns: a column of requisitions or hiring_events; an event, for a column that holds",
        "# its time; <event>.actor_id or <event>.due_at; skip (left out) or personal (tells who somebody is). Edit",
        "# freely: the next import uses this file. Ids of people and candidates are replaced by keyed hashes.",
        "files:",
    ]
    doubts: list[Problem] = []
    for path, frame in frames.items():
        columns, words = _targets(frame, path.stem)
        chosen = {column: target for column, (target, _) in columns.items()}
        lines += [f"  {scalar(path.stem)}:", f"    columns:{'' if columns else ' {}'}"]
        for column, (target, comment) in columns.items():
            note = f"  # {printable(comment)}" if comment else ""
            lines.append(f"      {scalar(column)}: {scalar(target)}{note}")
        found = [doubt for doubt, _ in _doubts(chosen)]
        found += [f"{column}: {comment}" for column, (_, comment) in columns.items() if comment.startswith("UNSURE")]
        if words is not None:
            lines.append(f"    events:{'' if words else ' {}'}  # word in the column event: an event, or skip")
            lines += [f"      {scalar(word)}: {event or SKIP}" for word, event in words.items()]
            unknown = [word for word, event in words.items() if event is None]
            if unknown:
                found.append(f"no event is known by the words {', '.join(map(shown, unknown[:5]))}")
        if "close_reason" in chosen.values():
            lines.append("    reasons: {}  # further words for how a requisition ended, such as Freeze: on_hold")
        lines.append("    # timezone: Europe/Zurich  # of times without an offset; default: the study's")
        lines.append("    # dates: day-first  # or month-first, where dates such as 03/04/2026 do not tell")
        doubts += [Problem("error", path.name, doubt) for doubt in found]
    place.parent.mkdir(parents=True, exist_ok=True)
    put({place: as_written("\n".join(lines) + "\n")}, place.parent)
    if doubts:
        fix = f"Look through the proposal {place}, correct it and run the import again; nothing was imported"
        last = doubts.pop()
        raise InputError([*doubts, Problem("error", last.file, last.found, fix=fix)])


def _targets(frame: pd.DataFrame, stem: str) -> tuple[dict[str, tuple[str, str]], dict[str, str | None] | None]:
    """Return for every column its likely target with a comment, and what the words of the event column mean."""
    columns: dict[str, tuple[str, str]] = {}
    people = ("hiring_manager_id", "recruiter_id", "actor_id", "candidate_id")
    for column in sorted(frame, key=_other_name):
        of_record = f"{re.sub('ies$', 'y', stem).removesuffix('s')} {column}"  # id in postings: posting id
        target = _KNOWN_NAMES.get(simplified(column)) or _KNOWN_NAMES.get(simplified(of_record), SKIP)
        comment = "" if target != SKIP else "no known name"
        taken = [other for other, (t, _) in columns.items() if t == target and target not in (SKIP, PERSONAL)]
        if taken:
            target, comment = SKIP, f"{target} is taken from {taken[0]}"
        if target.split(".")[-1] not in people and _tells_who(column, frame[column]):
            target, comment = PERSONAL, "tells who somebody is"
        columns[column] = (target, comment)
    events = next((column for column, (target, _) in columns.items() if target == "event"), None)
    words = None
    if events:
        words = {word: _event(word, {}) for word in frame[events].dropna().unique()[:200]}
    return {column: columns[column] for column in frame}, words


def _other_name(column: str) -> bool:
    """Tell whether a column goes by another name than its target's own; those that do not come first."""
    return _KNOWN_NAMES.get(simplified(column), "") not in (column, column.lower())


def _tells_who(column: str, values: pd.Series) -> bool:
    marked = values[values.str.contains("@", regex=False, na=False)]
    addresses = len(marked) > 0 and marked.str.fullmatch(EMAIL).sum() > 0.5 * values.notna().sum()
    return bool(addresses or PERSONAL_NAME.fullmatch(column) or PERSON.fullmatch(column))
