"""Greenhouse's resources, version 1 and 3 of its interface, as requisitions and events."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
from pydantic import Field

from ...problems import InputError, Problem, did_you_mean, input_error, shown
from ...query import query
from ...read import each_text
from ...study import Study
from ...tables import EVENTS
from ...writing import as_written, put
from ...yaml_files import Declared, load, scalar
from ..export import SKIP
from ..names import simplified
from . import records
from .log import TrackingLog
from .records import listed, value
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
    "job_applications": ("job_application",),
    "hiring_teams": ("hiring_team", "job_hiring_team"),
    "job_departments": ("job_department",),
    "job_offices": ("job_office",),
}
NAMES = {alias: name for name, aliases in RESOURCES.items() for alias in (name, *aliases)}
FIELDS: dict[str, tuple[str, ...]] = {  # resources that grow with the candidates: the fields that are read
    "applications": (
        "id", "prospect", "job_id", "jobs", "candidate_id", "applied_at", "created_at", "rejected_at",
        "rejection_reason_id", "rejected_reason_id", "rejection_reason.type.name", "recruiter_id", "last_activity_at",
        "updated_at",
    ),
    "stages": (
        "id", "application_id", "new_stage_id", "job_interview_stage_id", "stage_id", "new_stage", "stage_name",
        "valid_from", "entered_at", "updated_at", "valid_until", "exited_at",
    ),
    "interviews": (
        "id", "application_id", "status", "start.date_time", "starts_at", "start", "start.date", "all_day_start_on",
        "scheduled_at", "created_at", "organizer.id", "organizer_id", "interviewers", "updated_at",
    ),
    "interviewers": (
        "interview_id", "scheduled_interview_id", "user_id", "interviewer_id", "id", "response_status", "scorecard_id",
    ),
    "scorecards": (
        "id", "application_id", "interviewed_at", "submitted_at", "submitted_by.id", "submitted_by_user_id",
        "submitter_id", "submitted_by_id", "interviewer.id", "interviewer_id", "updated_at",
    ),
    "offers": ("id", "application_id", "status", "sent_at", "sent_on", "resolved_at", "updated_at"),
}  # fmt: skip
VERSION = ("updated_at", "last_activity_at")
"""When a version of a record was written."""
HELD = ("awaiting_feedback", "collect_feedback", "complete")
STAGES = {"hiringmanagerreview": ("cv_sent", "cv_reviewed"), "hiringmanagerresumereview": ("cv_sent", "cv_reviewed")}
"""Usual names of stages to the event of entering and of leaving them."""
TRUE = ("yes", "true", "t", "1")
WITHDRAWN = ("they rejected us", "candidate withdrew", "withdrawn")
"""Kinds of reasons for a rejection that say that the candidate withdrew, in lower case."""
PERSONAL_DATA = ("names", "e-mail addresses", "phone numbers", "addresses", "attachments", "answers", "notes")


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


def read_resources(paths: list[Path], study: Study, place: Path, log: TrackingLog) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read the resources of a folder.

    Parameters
    ----------
    paths : list of pathlib.Path
        The files, each one page of a resource.
    study : Study
        The study they are for.
    place : pathlib.Path
        Mapping file of the stages.
    log : TrackingLog
        Takes what was read and left out.

    Returns
    -------
    tuple of pandas.DataFrame
        Requisitions and events, as ``store`` takes them.

    Raises
    ------
    InputError
        When a file is damaged, or jobs or applications are missing.
    """
    found: dict[str, list] = {}
    named = {path: resource(path) for path in paths}
    kinds = [path for path, name in named.items() if name == "interviews" and _of_kinds(path, study)]
    for path, name in named.items():
        if name is None or path in kinds:
            log.left_out.append(path.name)
            continue
        if name in FIELDS:
            part = records.frame(path, study.settings.limits, FIELDS[name])
            part[SOURCE] = f"{name} " + part["id"].fillna(pd.Series(part.index, part.index).astype("str"))
            entries = [part]
        else:
            told = records.records(path, study.settings.limits)
            entries = [(f"{name} {value(entry, 'id') or number}", entry) for number, entry in told]
        found.setdefault(name, []).extend(entries)
        log.read[name] = log.read.get(name, 0) + (len(part) if name in FIELDS else len(entries))
    absent = [name for name in ("jobs", "applications") if name not in found]
    if absent:
        fix = "Name the folder that holds every resource as a file of its own, such as jobs.json"
        fix += f". Not read: {', '.join(log.left_out)}" if log.left_out else ""
        raise input_error(log.file, f"there is no resource {' and no resource '.join(absent)}", "", fix)
    for path in records.more_pages(paths):
        log.notes.append(f"{path.name} says that further pages follow: export them, too.")
    for name in found.keys() - FIELDS.keys():
        found[name] = _latest_records(found[name], name, log)
    log.personal += PERSONAL_DATA
    return _Greenhouse(found, study, place, log).tables()


def _of_kinds(path: Path, study: Study) -> bool:
    """Tell whether a file of interviews holds their kinds, as warehouses have it, and none that took place."""
    told = records.frame(path, study.settings.limits, ("application_id", "job_stage_id"))
    return bool(told["application_id"].isna().all() and told["job_stage_id"].notna().any())


def _latest_records(entries: list[tuple[str, dict]], name: str, log: TrackingLog) -> list[tuple[str, dict]]:
    """Keep the last version of each record: the latest by its own word, of equals the later in the files."""
    last: dict[str, int] = {}
    for place, (_, entry) in enumerate(entries):
        if (id := value(entry, "id")) is None:
            continue
        before = last.get(id)
        if before is None or (value(entry, *VERSION) or "") >= (value(entries[before][1], *VERSION) or ""):
            last[id] = place
    kept = {*last.values()}
    told = [each for place, each in enumerate(entries) if place in kept or value(each[1], "id") is None]
    if len(told) < len(entries):
        log.notes.append(f"{name}: earlier versions of records that are there again: {len(entries) - len(told)}.")
    return told


class _Greenhouse:
    """The resources of one export, and what they tell about requisitions and events."""

    def __init__(self, found: dict, study: Study, place: Path, log: TrackingLog) -> None:
        self.found, self.study, self.place, self.log = found, study, place, log
        self.zone = ZoneInfo(study.timezone)
        self.names = {
            name: {id: value(entry, "name") for _, entry in found.get(name, []) if (id := value(entry, "id"))}
            for name in ("departments", "offices", "job_stages", "close_reasons")
        }
        reasons = [entry for _, entry in self._all("rejection_reasons")]
        self.withdrawals = [value(e, "id") for e in reasons if (value(e, "type.name") or "").lower() in WITHDRAWN]
        self.parts: list[pd.DataFrame] = []
        self.applications = self._applications()

    def tables(self) -> tuple[pd.DataFrame, pd.DataFrame]:
        self._stages()
        self._interviews()
        self._offers()
        events = pd.concat(self.parts, ignore_index=True)
        self.parts.clear()  # millions of rows are not held twice
        events = self._known(events)
        hired = set(events.loc[events["event"] == "offer_accepted", "requisition_id"])
        requisitions = pd.DataFrame(self._requisitions(hired))
        requisitions = self._times(requisitions, ("opened_at", "approved_at", "closed_at"))
        if len(requisitions):  # records brought in from elsewhere can be created after they were opened
            requisitions["opened_at"] = requisitions[["opened_at", "approved_at"]].min(axis=1)
        return requisitions, self._times(events, ("at", SINCE))

    def _all(self, name: str) -> Iterator[tuple[str, dict]]:
        """Yield the records of a resource that does not grow with the candidates."""
        return iter(self.found.get(name, []))

    def _rows(self, name: str) -> pd.DataFrame:
        """Return a resource of ``FIELDS`` as a table of texts; it is not kept, but for the applications."""
        parts = (self.found.get(name) if name == "applications" else self.found.pop(name, None)) or [
            pd.DataFrame(columns=[*FIELDS[name], SOURCE], dtype="str")
        ]
        return self._latest(name, pd.concat(parts, ignore_index=True))

    def _latest(self, name: str, rows: pd.DataFrame) -> pd.DataFrame:
        """Keep the last version of each record; stages and guests have no ids that are always theirs."""
        if name in ("stages", "interviewers") or not rows["id"].dropna().duplicated().any():
            return rows
        at = _first(rows, *(column for column in VERSION if column in rows))
        order = rows.assign(_at=at).sort_values("_at", kind="stable", na_position="first")
        earlier = order.duplicated("id", keep="last").reindex(rows.index) & rows["id"].notna()
        note = f"{name}: earlier versions of records that are there again: {int(earlier.sum())}."
        self.log.notes += [note] if note not in self.log.notes else []
        return rows[~earlier].reset_index(drop=True)

    def _times(self, table: pd.DataFrame, columns: tuple[str, ...]) -> pd.DataFrame:
        for name in columns:
            if name in table:
                texts = table[name].astype("str")
                found = records.times(texts, self.zone, ZoneInfo("UTC"), None, self.log.file, table[SOURCE])
                unread = texts.notna() & found.isna()
                self.log.skip("time not readable", list(table.loc[unread, SOURCE]))
                table[name] = found
        return table

    def _event(self, rows: pd.DataFrame, event: str, at: pd.Series, **more: pd.Series) -> None:
        """Note an event of every row that has a time."""
        part = pd.DataFrame({"application_id": rows["application_id"], "at": at, SOURCE: rows[SOURCE], **more})
        self.parts.append(part[at.notna()].assign(event=event))

    def _known(self, events: pd.DataFrame) -> pd.DataFrame:
        """Return events with their requisition and candidate; leave out those whose application is not there."""
        found = query(
            "SELECT * EXCLUDE (place) FROM events LEFT JOIN applications USING (application_id) ORDER BY place",
            events=events.assign(place=range(len(events))),
            applications=self.applications,
        )
        known = found["requisition_id"].notna()
        self.log.skip("record of an application that is not there", list(found.loc[~known, SOURCE]))
        return found[known].drop(columns="application_id")

    def _requisitions(self, hired: set[str]) -> Iterator[dict]:
        managers, recruiters = self._teams()
        openings: dict[str | None, list[dict]] = {}
        for _, opening in self._all("openings"):
            openings.setdefault(value(opening, "job_id"), []).append(opening)
        several = shared = 0
        for source, job in self._all("jobs"):
            id, status = value(job, "id"), value(job, "status")
            if status == "draft" or _yes(job, "is_template"):
                self.log.skip("job that is a draft or a template", [source])
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
            self.log.notes.append(f"Jobs with several hiring managers, of whom the first is taken: {several}.")
        if shared:
            self.log.notes.append(f"Jobs with several openings, taken as one requisition each: {shared}.")

    def _closing(self, job: dict, status: str | None, openings: list[dict], hired: bool) -> tuple:
        open_still = [o for o in openings if value(o, "status") == "open" or _yes(o, "open")]
        ends = [at for opening in openings if (at := value(opening, "closed_at"))]
        closed = value(job, "closed_at") or (max(ends) if ends and not open_still else None)
        if closed is None or status == "open":
            return None, None
        words = [
            value(o, "close_reason.name", "close_reason")
            or self.names["close_reasons"].get(value(o, "close_reason_id") or "")
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
        for _, entry in self._all("hiring_teams"):
            role, user = (value(entry, "role", "type") or "").lower(), value(entry, "user_id")
            for team, word in ((managers, "manager"), (recruiters, "recruiter")):
                if user and word in role:
                    team.setdefault(value(entry, "job_id"), []).append(user)
        told = self._rows("applications")[["job_id", "recruiter_id"]].dropna().drop_duplicates()
        for job, user in told.itertuples(index=False):
            recruiters.setdefault(job, []).append(user)
        return managers, recruiters

    def _name(self, job: dict, plural: str, id_name: str, plain: str) -> str | None:
        inside = listed(job, plural)
        if inside:
            return value(inside[0], "name")
        ids = job.get(id_name)
        id = value({"id": ids[0] if isinstance(ids, list) and ids else ids}, "id")
        links, own = f"job_{plural}", f"{plural[:-1]}_id"
        linked = (value(entry, own) for _, entry in self._all(links) if value(entry, "job_id") == value(job, "id"))
        id = id or next(linked, None)
        first = re.split(r"[\[\],; ]+", id.strip("[]"))[0] if id else ""
        return self.names[plural].get(first) or value(job, plain)

    def _applications(self) -> pd.DataFrame:
        """Note what applications tell themselves; return requisition and candidate by application."""
        rows = self._rows("applications")
        prospect = rows["prospect"].str.lower().isin(TRUE)
        self.log.skip("prospect, who has not applied", list(rows.loc[prospect, SOURCE]))
        rows = rows[~prospect]
        first = each_text(rows["jobs"], lambda jobs: next(iter(_ids({"jobs": jobs}, "jobs")), None))
        links = {value(entry, "application_id"): value(entry, "job_id") for _, entry in self._all("job_applications")}
        linked = rows["id"].map(links).astype("str")
        rows = rows.assign(requisition_id=rows["job_id"].fillna(first).fillna(linked))
        usable = rows["id"].notna() & rows["requisition_id"].notna()
        self.log.skip("application without an id or a job", list(rows.loc[~usable, SOURCE]))
        rows = rows[usable].assign(application_id=rows["id"])
        self._event(rows, "applied", rows["applied_at"].fillna(rows["created_at"]))
        gone = rows["rejection_reason.type.name"].str.lower().isin(WITHDRAWN)
        gone |= _first(rows, "rejection_reason_id", "rejected_reason_id").isin(self.withdrawals)
        for event, which in (("candidate_withdrawn", gone), ("candidate_rejected", ~gone)):
            self._event(rows, event, rows["rejected_at"].where(which))
        rows = rows.drop_duplicates("application_id", keep="last")
        candidate = rows["candidate_id"].fillna("application " + rows["application_id"])
        return rows[["application_id", "requisition_id"]].assign(candidate_id=candidate)

    def _stages(self) -> None:
        rows = self._rows("stages")
        id = _first(rows, "new_stage_id", "job_interview_stage_id", "stage_id")
        name = _first(rows, "new_stage", "stage_name").fillna(each_text(id, self.names["job_stages"].get))
        self.log.skip("stage without a name", list(rows.loc[name.isna(), SOURCE]))
        if name.isna().all():
            return
        meaning = self._meanings(list(name.dropna().unique()))
        entered = _first(rows, "valid_from", "entered_at", "updated_at")
        left = _first(rows, "valid_until", "exited_at")
        left = left.mask(left.str[:4] >= "2200")  # warehouses write an end of time
        for at, told in (
            (entered, {stage: meant.entered for stage, meant in meaning.items()}),
            (left, {stage: meant.left for stage, meant in meaning.items()}),
        ):
            for event in dict.fromkeys(told.values()):
                if event != SKIP:
                    stages = [stage for stage in told if told[stage] == event]
                    self._event(rows, event, at.where(name.isin(stages)))
        without = sorted(stage for stage, meant in meaning.items() if {meant.entered, meant.left} == {SKIP})
        skipped = list(rows.loc[name.isin(without), SOURCE])
        self.log.skip(f"stage without an event, {', '.join(map(shown, without[:5]))}", skipped)

    def _meanings(self, names: list[str]) -> dict[str, Stage]:
        """Return what stages mean, from the mapping file; propose one when there is none."""
        self.log.mapping = self.place
        if not self.place.is_file():
            lines = [
                "# What entering and leaving a stage means: an event of hiring_events, or skip. Edit freely: the next",
                "# import uses this file. Applications, interviews, scorecards and offers need no line.",
                "stages:",
            ]
            for name in names:
                entered, left = STAGES.get(simplified(name), (SKIP, SKIP))
                lines.append(f"  {scalar(name)}: {{entered: {entered}, left: {left}}}")
            self.place.parent.mkdir(parents=True, exist_ok=True)
            put({self.place: as_written("\n".join(lines) + "\n")}, self.place.parent)
            self.log.notes.append(f"Look through {self.place}: it says what the stages mean, as far as names tell.")
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
            self.log.notes.append(f"{self.place.name} says nothing about {told}: skipped.")
        return {name: stages.get(name, Stage()) for name in names}

    def _interviews(self) -> None:
        rows = self._rows("interviews")
        start = _first(rows, "start.date_time", "starts_at", "start", "start.date", "all_day_start_on")
        rows = rows.assign(start=start, planned=_first(rows, "scheduled_at", "created_at"))
        organizer = _first(rows, "organizer.id", "organizer_id")
        self._event(rows, "interview_scheduled", rows["planned"].where(start.notna()), actor_id=organizer)
        guests = self._guests(rows)
        answers = 0
        for answer in ("accepted", "declined"):
            given = guests[guests["start"].notna() & (guests["response_status"] == answer)]
            answers += len(given)
            user = _first(given, "user_id", "interviewer_id", "id")
            self._event(given, f"interview_{answer}", given["planned"], actor_id=user)
        held = rows[rows["status"].isin(HELD) & start.notna()]
        self._event(held, "interview_held", held["start"])
        self.log.skip("interview without a start", list(rows.loc[start.isna(), SOURCE]))
        if days := int((~start.str.contains(":", na=True)).sum()):
            self.log.notes.append(f"Interviews that last all day, taken to begin at midnight: {days}.")
        if answers:
            told = "the export does not tell when they were given, and the time of scheduling stands for it"
            self.log.notes.append(f"Answers to invitations: {answers}; {told}.")
        linked = guests.dropna(subset="scorecard_id").drop_duplicates("scorecard_id", keep="last")
        self._scorecards(linked.set_index("scorecard_id")["start"], held)

    def _guests(self, interviews: pd.DataFrame) -> pd.DataFrame:
        """Return those who were asked to an interview, from within interviews and from their own resource."""
        about = ["application_id", "start", "planned", SOURCE]
        names = [name for name in FIELDS["interviewers"] if "interview_id" not in name]
        within = records.unfolded(interviews["interviewers"], names)
        beside = self._rows("interviewers")
        beside = beside.assign(interview=_first(beside, "interview_id", "scheduled_interview_id"))[
            ["interview", *names]
        ]
        beside = beside.merge(interviews[["id", *about]].rename(columns={"id": "interview"}).dropna(subset="interview"))
        return pd.concat([within.join(interviews[about]), beside.drop(columns="interview")], ignore_index=True)

    def _scorecards(self, linked: pd.Series, held: pd.DataFrame) -> None:
        """Note feedback, and the interviews that only scorecards tell of."""
        rows = self._rows("scorecards")
        self.log.skip("scorecard that is not submitted", list(rows.loc[rows["submitted_at"].isna(), SOURCE]))
        rows = rows[rows["submitted_at"].notna()]
        known = rows["id"].isin(linked.index)
        start = rows["interviewed_at"].fillna(rows["id"].map(linked).astype("str"))
        author = _first(
            rows, "submitted_by.id", "submitted_by_user_id", "submitter_id", "submitted_by_id", "interviewer.id",
            "interviewer_id",
        )  # fmt: skip
        days = pd.DataFrame({"application_id": rows["application_id"], "day": start.str[:10]})
        told = pd.DataFrame({"application_id": held["application_id"], "day": held["start"].str[:10]})
        alone = days[start.notna() & ~known].drop_duplicates()
        alone = alone[~pd.MultiIndex.from_frame(alone).isin(pd.MultiIndex.from_frame(told))].index
        self._event(rows.loc[alone], "interview_held", start.loc[alone])
        self._event(rows, "feedback_given", rows["submitted_at"], actor_id=author, **{SINCE: start})

    def _offers(self) -> None:
        rows = self._rows("offers")
        self._event(rows, "offer_extended", rows["sent_at"].fillna(rows["sent_on"]))
        status = rows["status"].str.lower()
        for word, event in (("accepted", "offer_accepted"), ("rejected", "offer_declined")):
            self._event(rows, event, rows["resolved_at"].where(status == word))


def _first(rows: pd.DataFrame, *names: str) -> pd.Series:
    """Return for every row the text in the first of several columns that has one."""
    found = rows[names[0]]
    for name in names[1:]:
        found = found.fillna(rows[name])
    return found


def _yes(record: dict, name: str) -> bool:
    """Tell whether a field is true: of JSON, or as a table writes it."""
    return (value(record, name) or "").lower() in TRUE


def _ids(record: dict, name: str) -> list[str]:
    return [id for entry in listed(record, name) if (id := value(entry, "id"))]


def _recruiters(job: dict) -> list[str]:
    team = listed(job, "hiring_team.recruiters")
    first = [entry for entry in team if entry.get("responsible") is True]
    return [id for entry in [*first, *team] if (id := value(entry, "id"))]
