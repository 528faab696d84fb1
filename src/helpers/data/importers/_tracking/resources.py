"""Greenhouse's resources, version 1 and 3 of its interface, as requisitions and events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import Field

from ...problems import InputError, Problem, did_you_mean, input_error, shown
from ...study import Study
from ...tables import EVENTS
from ...yaml_files import Declared, load
from .._proposal import _key, _scalar
from .._survey_file import replace
from ..base import SKIP
from . import records
from .records import listed, value
from .report import HiringReport
from .store import SINCE, SOURCE

RESOURCES: dict[str, tuple[str, ...]] = {  # name here: names of its file
    "jobs": ("job",),
    "openings": ("opening", "job_openings", "job_opening"),
    "job_hiring_managers": ("job_hiring_manager",),
    "job_owners": ("job_owner",),
    "applications": ("application",),
    "stages": ("application_stages", "application_stage", "application_history", "application_stage_history"),
    "job_stages": ("job_stage", "job_interview_stages", "job_interview_stage"),
    "interviews": ("interview", "scheduled_interviews", "scheduled_interview"),
    "interviewers": ("interviewer", "scheduled_interviewers", "scheduled_interviewer"),
    "scorecards": ("scorecard",),
    "offers": ("offer",),
    "users": ("user",),
    "departments": ("department",),
    "offices": ("office",),
    "rejection_reasons": ("rejection_reason",),
    "close_reasons": ("close_reason",),
}
NAMES = {alias: name for name, aliases in RESOURCES.items() for alias in (name, *aliases)}
HELD = ("awaiting_feedback", "collect_feedback", "complete")
STAGES = {"hiringmanagerreview": ("cv_sent", "cv_reviewed"), "hiringmanagerresumereview": ("cv_sent", "cv_reviewed")}
"""Usual names of stages to the event of entering and of leaving them."""
PERSONAL = ("names", "e-mail addresses", "phone numbers", "addresses", "attachments", "answers", "notes")


class Stage(Declared):
    """What entering and leaving a stage means: an event, or ``skip``."""

    entered: str = SKIP
    left: str = SKIP


class StageMapping(Declared):
    """What the stages of the applications mean, by their names; saved in the study and edited by hand."""

    stages: dict[str, Stage] = Field(default_factory=dict)


def resource(path: Path) -> str | None:
    """Return which resource a file holds, by its name: ``jobs.json``, ``greenhouse_jobs.csv``, ``jobs_2.jsonl``."""
    stem = re.sub(r"[\W_]+", "_", path.stem.lower()).strip("_")
    stem = re.sub(r"^((greenhouse|harvest|v1|v3)_)+|(_\d+)+$", "", stem)
    return NAMES.get(stem)


def read_resources(
    paths: list[Path], study: Study, place: Path, report: HiringReport
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the resources of a folder.

    Parameters
    ----------
    paths
        The files, each one page of a resource.
    study
        The study they are for.
    place
        Mapping file of the stages.
    report
        Takes what was read and left out.

    Returns
    -------
    Requisitions and events, as ``store`` takes them.

    Raises
    ------
    InputError
        When a file is damaged, or jobs or applications are missing.
    """
    found: dict[str, list[tuple[str, dict]]] = {}
    for path in paths:
        name = resource(path)
        if name is None:
            report.left_out.append(path.name)
            continue
        entries = [(f"{name} {value(entry, 'id') or place}", entry) for place, entry in records.records(path)]
        found.setdefault(name, []).extend(entries)
        report.read[name] = report.read.get(name, 0) + len(entries)
    absent = [name for name in ("jobs", "applications") if name not in found]
    if absent:
        fix = "Name the folder that holds every resource as a file of its own, such as jobs.json"
        raise input_error(report.file, f"there is no resource {' and no resource '.join(absent)}", "", fix)
    report.personal += PERSONAL
    return _Greenhouse(found, study, place, report).tables()


class _Greenhouse:
    """The resources of one export, and what they tell about requisitions and events."""

    def __init__(self, found: dict, study: Study, place: Path, report: HiringReport) -> None:
        self.found, self.study, self.place, self.report = found, study, place, report
        self.zone = ZoneInfo(study.timezone)
        self.names = {
            name: {id: value(entry, "name") for _, entry in found.get(name, []) if (id := value(entry, "id"))}
            for name in ("departments", "offices", "job_stages", "close_reasons")
        }
        self.rejections = {value(e, "id"): _withdrawn(e, "") for _, e in found.get("rejection_reasons", [])}
        self.applications: dict[str, tuple[str | None, str | None]] = {}  # id: job and candidate
        self.rows: list[dict] = []

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        self._applications()
        self._stages()
        self._interviews()
        self._offers()
        requisitions = self._times(pd.DataFrame(self._requisitions()), ("opened_at", "approved_at", "closed_at"))
        if len(requisitions):  # records brought in from elsewhere can be created after they were opened
            requisitions["opened_at"] = requisitions[["opened_at", "approved_at"]].min(axis=1)
        return requisitions, self._times(pd.DataFrame(self.rows), ("at", SINCE))

    def _all(self, name: str) -> Iterator[tuple[str, dict]]:
        return iter(self.found.get(name, []))

    def _times(self, table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
        for name in columns:
            if name in table:
                texts = table[name].astype("str")
                found = records.times(texts, self.zone, ZoneInfo("UTC"), None, self.report.file, table[SOURCE])
                unread = texts.notna() & found.isna()
                self.report.skip("time not readable", list(table.loc[unread, SOURCE]))
                table[name] = found
        return table

    def _event(self, source: str, application: str | None, event: str, at: str | None, **more: str | None) -> None:
        if at is None:
            return
        if application not in self.applications:
            self.report.skip("record of an application that is not there", [source])
            return
        job, candidate = self.applications[application]
        row = {"requisition_id": job, "candidate_id": candidate, "event": event, "at": at, SOURCE: source}
        self.rows.append(row | more)

    def _requisitions(self) -> Iterator[dict]:
        managers, recruiters = self._teams()
        openings: dict[str | None, list[dict]] = {}
        for _, opening in self._all("openings"):
            openings.setdefault(value(opening, "job_id"), []).append(opening)
        hired = {row["requisition_id"] for row in self.rows if row["event"] == "offer_accepted"}
        several = shared = 0
        for source, job in self._all("jobs"):
            id, status = value(job, "id"), value(job, "status")
            if status == "draft" or _yes(job, "is_template"):
                self.report.skip("job that is a draft or a template", [source])
                continue
            inside = listed(job, "openings") + openings.get(id, [])
            leads = _ids(job, "hiring_team.hiring_managers") + managers.get(id, [])
            several, shared = several + (len(set(leads)) > 1), shared + (len(inside) > 1)
            starts = [at for opening in inside if (at := value(opening, "opened_at"))]
            opened = value(job, "opened_at") or (min(starts) if starts else None)
            closed, reason = self._closing(job, status, inside, id in hired)
            yield {
                "requisition_id": id,
                "hiring_manager_id": leads[0] if leads else None,
                "recruiter_id": next(iter(_recruiters(job) + recruiters.get(id, [])), None),
                "department": self._name(job, "departments", "department_id", "department"),
                "location": self._name(job, "offices", "office_ids", "location"),
                "opened_at": value(job, "created_at") or opened,
                "approved_at": opened,
                "closed_at": closed,
                "close_reason": reason,
                SOURCE: source,
            }
        if several:
            self.report.notes.append(f"Jobs with several hiring managers, of whom the first is taken: {several}.")
        if shared:
            self.report.notes.append(f"Jobs with several openings, taken as one requisition each: {shared}.")

    def _closing(self, job: dict, status: str | None, openings: list[dict], hired: bool) -> tuple:
        open_still = [o for o in openings if value(o, "status") == "open" or _yes(o, "open")]
        ends = [at for opening in openings if (at := value(opening, "closed_at"))]
        closed = value(job, "closed_at") or (max(ends) if ends and not open_still else None)
        if closed is None or status == "open":
            return None, None
        words = [
            value(o, "close_reason.name", "close_reason")
            or self.names["close_reasons"].get(value(o, "close_reason_id"))
            for o in openings
        ]
        if hired or any(value(o, "application_id", "hired_application_id") for o in openings):
            return closed, "filled"
        return closed, "on_hold" if any("hold" in (word or "").lower() for word in words) else "cancelled"

    def _teams(self) -> tuple[dict[str | None, list[str]], dict[str | None, list[str]]]:
        managers: dict[str | None, list[str]] = {}
        recruiters: dict[str | None, list[str]] = {}
        for _, entry in self._all("job_hiring_managers"):
            if user := value(entry, "user_id"):
                managers.setdefault(value(entry, "job_id"), []).append(user)
        for _, entry in self._all("job_owners"):
            if (user := value(entry, "user_id")) and "recruiter" in (value(entry, "type", "role") or "").lower():
                first = _yes(entry, "responsible")
                recruiters.setdefault(value(entry, "job_id"), []).insert(0 if first else 10**6, user)
        for _, entry in self._all("applications"):
            if user := value(entry, "recruiter_id"):
                recruiters.setdefault(value(entry, "job_id"), []).append(user)
        return managers, recruiters

    def _name(self, job: dict, plural: str, id_name: str, plain: str) -> str | None:
        inside = listed(job, plural)
        if inside:
            return value(inside[0], "name")
        ids = job.get(id_name)
        id = value({"id": ids[0] if isinstance(ids, list) and ids else ids}, "id")
        return self.names[plural].get(re.split(r"[\[\],; ]+", id.strip("[]"))[0] if id else None) or value(job, plain)

    def _applications(self) -> None:
        for source, entry in self._all("applications"):
            id = value(entry, "id")
            if _yes(entry, "prospect"):
                self.report.skip("prospect, who has not applied", [source])
                continue
            jobs = _ids(entry, "jobs")
            job = value(entry, "job_id") or (jobs[0] if jobs else None)
            if id is None or job is None:
                self.report.skip("application without an id or a job", [source])
                continue
            self.applications[id] = (job, value(entry, "candidate_id") or f"application {id}")
            self._event(source, id, "applied", value(entry, "applied_at", "created_at"))
            gone = self.rejections.get(value(entry, "rejection_reason_id")) or _withdrawn(entry, "rejection_reason.")
            event = "candidate_withdrawn" if gone else "candidate_rejected"
            self._event(source, id, event, value(entry, "rejected_at"))

    def _stages(self) -> None:
        steps = []
        for source, entry in self._all("stages"):
            id = value(entry, "new_stage_id", "job_interview_stage_id", "stage_id")
            name = value(entry, "new_stage", "stage_name") or self.names["job_stages"].get(id)
            if name is None:
                self.report.skip("stage without a name", [source])
                continue
            steps.append((source, entry, name))
        if not steps:
            return
        meaning = self._meanings(list(dict.fromkeys(name for *_, name in steps)))
        without = {name for name, stage in meaning.items() if {stage.entered, stage.left} == {SKIP}}
        for source, entry, name in steps:
            if name in without:
                continue
            application, stage = value(entry, "application_id"), meaning[name]
            entered = value(entry, "valid_from", "entered_at", "updated_at")
            left = value(entry, "valid_until", "exited_at")
            if stage.entered != SKIP:
                self._event(source, application, stage.entered, entered)
            if stage.left != SKIP and (left or "")[:4] < "2200":  # warehouses write an end of time
                self._event(source, application, stage.left, left)
        skipped = [source for source, _, name in steps if name in without]
        self.report.skip(f"stage without an event, {', '.join(map(shown, sorted(without)[:5]))}", skipped)

    def _meanings(self, names: list[str]) -> dict[str, Stage]:
        """Return what stages mean, from the mapping file; propose one when there is none."""
        self.report.mapping = self.place
        if not self.place.is_file():
            lines = [
                "# What entering and leaving a stage means: an event of hiring_events, or skip. Edit freely: the next",
                "# import uses this file. Applications, interviews, scorecards and offers need no line.",
                "stages:",
            ]
            for name in names:
                entered, left = STAGES.get(_key(name), (SKIP, SKIP))
                lines.append(f"  {_scalar(name)}: {{entered: {entered}, left: {left}}}")
            self.place.parent.mkdir(parents=True, exist_ok=True)
            replace(self.place, "\n".join(lines) + "\n")
            self.report.notes.append(f"Look through {self.place}: it says what the stages mean, as far as names tell.")
        stages = load(StageMapping, self.place).stages
        problems = [
            Problem("error", self.place.name, shown(event), "an event or skip", did_you_mean(event, EVENTS), "", name)
            for name, stage in stages.items()
            for event in (stage.entered, stage.left)
            if event not in (*EVENTS, SKIP)
        ]
        if problems:
            raise InputError(problems)
        if absent := [name for name in names if name not in stages]:
            told = ", ".join(map(shown, absent[:5]))
            self.report.notes.append(f"{self.place.name} says nothing about {told}: skipped.")
        return {name: stages.get(name, Stage()) for name in names}

    def _interviews(self) -> None:
        cards = {value(card, "id"): card for _, card in self._all("scorecards")}
        guests: dict[str | None, list[dict]] = {}
        for _, guest in self._all("interviewers"):
            guests.setdefault(value(guest, "interview_id", "scheduled_interview_id"), []).append(guest)
        linked: dict[str | None, str | None] = {}  # scorecard: start of its interview
        held: set[tuple[str | None, str | None]] = set()
        days = answers = 0
        for source, entry in self._all("interviews"):
            application = value(entry, "application_id")
            start = value(entry, "start.date_time", "starts_at", "start", "start.date", "all_day_start_on")
            days += start is not None and ":" not in start
            planned = value(entry, "scheduled_at", "created_at")
            organizer = value(entry, "organizer.id", "organizer_id")
            if start:
                self._event(source, application, "interview_scheduled", planned, actor_id=organizer)
            for guest in listed(entry, "interviewers") + guests.get(value(entry, "id"), []):
                user = value(guest, "user_id", "interviewer_id", "id")
                if card := value(guest, "scorecard_id"):
                    linked[card] = start
                answer = value(guest, "response_status")
                if start and answer in ("accepted", "declined"):
                    answers += 1
                    self._event(source, application, f"interview_{answer}", planned, actor_id=user)
            if start and value(entry, "status") in HELD:
                self._event(source, application, "interview_held", start)
                held.add((application, start[:10]))
            elif start is None:
                self.report.skip("interview without a start", [source])
        if days:
            self.report.notes.append(f"Interviews that last all day, taken to begin at midnight: {days}.")
        if answers:
            told = "the export does not tell when they were given, and the time of scheduling stands for it"
            self.report.notes.append(f"Answers to invitations: {answers}; {told}.")
        self._scorecards(cards, linked, held)

    def _scorecards(self, cards: dict, linked: dict, held: set) -> None:
        for source, card in self._all("scorecards"):
            id, application = value(card, "id"), value(card, "application_id")
            submitted, start = value(card, "submitted_at"), value(card, "interviewed_at") or linked.get(id)
            if submitted is None:
                self.report.skip("scorecard that is not submitted", [source])
                continue
            author = value(card, "submitted_by.id", "submitted_by_user_id", "submitter_id", "submitted_by_id")
            author = author or value(card, "interviewer.id", "interviewer_id")
            if start and id not in linked and (application, start[:10]) not in held:
                held.add((application, start[:10]))
                self._event(source, application, "interview_held", start)
            self._event(source, application, "feedback_given", submitted, actor_id=author, **{SINCE: start})

    def _offers(self) -> None:
        for source, offer in self._all("offers"):
            application, status = value(offer, "application_id"), (value(offer, "status") or "").lower()
            self._event(source, application, "offer_extended", value(offer, "sent_at", "sent_on"))
            ends = {"accepted": "offer_accepted", "rejected": "offer_declined"}
            if status in ends:
                self._event(source, application, ends[status], value(offer, "resolved_at"))


def _yes(record: dict, name: str) -> bool:
    """Tell whether a field is true: of JSON, or as a table writes it."""
    return (value(record, name) or "").lower() in ("yes", "true", "t", "1")


def _ids(record: dict, name: str) -> list[str]:
    return [id for entry in listed(record, name) if (id := value(entry, "id"))]


def _recruiters(job: dict) -> list[str]:
    team = listed(job, "hiring_team.recruiters")
    first = [entry for entry in team if entry.get("responsible") is True]
    return [id for entry in [*first, *team] if (id := value(entry, "id"))]


def _withdrawn(record: dict, before: str) -> bool:
    return (value(record, f"{before}type.name") or "").lower() in (
        "they rejected us",
        "candidate withdrew",
        "withdrawn",
    )
