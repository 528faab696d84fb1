"""What the columns of a tracking export most likely hold: by the words of their names and by their values."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

import pandas as pd

from ...convert import dated
from ...tables import EVENTS, PERSONAL_NAME
from ..export import SKIP
from ..names import EMAIL, simplified
from .records import EPOCH

SAMPLE = 200
"""Distinct values of a column that are looked at."""
OUTCOME, DECIDED, RENEWED = "outcome", "decided_at", "updated_at"
"""Targets beside those of the tables: how it ended for a candidate, the time of that, and when a row was written."""

SAME: dict[str, str] = {  # word: the words of names that stand for it
    "job": "job jobs requisition requisitions req reqs vacancy vacancies posting postings opening openings position "
    "positions stelle",
    "candidate": "candidate candidates applicant applicants prospect talent bewerber",
    "application": "application applications app apps opportunity opportunities bewerbung",
    "manager": "manager managers mgr mgrs hm",
    "recruiter": "recruiter recruiters",
    "recruiting": "recruiting recruitment hiring",
    "interview": "interview interviews interviewed interviewing onsite",
    "interviewer": "interviewer interviewers panelist",
    "offer": "offer offers offered contract",
    "feedback": "feedback scorecard scorecards evaluation evaluations debrief",
    "cv": "cv cvs resume resumes profile",
    "time": "date dates time datetime timestamp ts dt at on day when utc datum",
    "id": "id ids number no nr num code key ref reference identifier uuid guid sk",
    "accept": "accept accepted acceptance signed",
    "decline": "decline declined refused refusal",
    "reject": "reject rejected rejection disqualified disqualification dispositioned",
    "withdraw": "withdraw withdrawn withdrew withdrawal withdrawals",
    "hire": "hire hired hires",
    "open": "open opened",
    "create": "create created creation requested raised initiated added",
    "post": "post posted published advertised",
    "approve": "approve approved approval authorised authorized",
    "close": "close closed closing closure fill filled",
    "apply": "applied apply applying",
    "submit": "submitted submit submission received",
    "send": "sent send forwarded shared presented",
    "plan": "scheduled schedule scheduling booked",
    "review": "review reviewed reviewing screened",
    "status": "status state outcome result decision disposition response resolution resolved",
    "reason": "reason reasons",
    "stage": "stage stages step phase event events activity action milestone",
    "enter": "entered enter moved changed change transition transitioned began from",
    "occur": "occurred occurs happened held",
    "leave": "exited exit left leaving ended end to until",
    "due": "due deadline sla",
    "renew": "updated modified modification",
    "later": "expected target planned estimated projected anticipated available earliest proposed tentative forecast",
    "start": "start started starting begin",
    "department": "department departments dept team division function organization organisation org unit abteilung",
    "location": "location locations office offices site city country region standort",
    "level": "level grade seniority band",
    "shortlist": "shortlist shortlisted",
    "intake": "intake kickoff",
    "brief": "brief briefing",
    "by": "by actor author performer completer submitter",
    "email": "email mail",
    "name": "name names",
}
WORD = {word: meaning for meaning, words in SAME.items() for word in words.split()}
NOTHING = (
    "new", "active", "in progress", "in process", "on hold", "sourced", "new lead", "lead", "background check",
    "reference check", "references", "onboarding", "assessment", "test", "passed", "pass", "completed", "pending",
    "open", "in review", "under consideration", "none", "n a", "unresolved", "draft", "created", "ready for hire",
    "waiting", "screen", "phone screen", "recruiter screen", "prescreen", "converted", "talent pool",
)  # fmt: skip
"""Words for a stage or an outcome that name no event of the tables."""


UNDER_WAY = re.compile(r"\((start|assign|reassign|suspend|resume|ate_abort|pi_abort|autoskip|manualskip)\)$")
"""Transitions of event logs that are no end of what the word names; its end is an event of its own."""
MEANT = {simplified(event): event for event in EVENTS} | {
    "senttohiringmanager": "cv_sent", "submittedtomanager": "cv_sent", "reviewedbyhiringmanager": "cv_reviewed",
    "resumereviewed": "cv_reviewed", "noshow": "interview_missed", "archived": "candidate_rejected",
    "requisitionreopened": "reopened", "canceled": "cancelled",
}  # fmt: skip
"""Words of logs, simplified, to the events that they certainly mean."""


@dataclass(frozen=True)
class Guess:
    """What a column may hold: the target, how far it is to be preferred to others, and what the guess rests on."""

    target: str
    weight: int = 0
    ground: str = ""


def tokens(name: str) -> list[str]:
    """Return the words of a name: ``JobReq.openedAt`` has job, req, opened and at; words of one meaning are alike."""
    parted = re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", name)
    words = [word for word in re.split(r"[\W_]+", parted.lower()) if word]
    text = " ".join(words).replace("kick off", "kickoff").replace("turned down", "declined").replace("e mail", "email")
    return [WORD.get(word, word) for word in text.split()]


def kind(values: pd.Series) -> str:
    """Return what a column's values look like: ``time``, ``ids``, ``text``, or ``none`` where there is none."""
    told = values.dropna().drop_duplicates().head(SAMPLE)
    if told.empty:
        return "none"
    if (dated(told) | told.str.fullmatch(EPOCH)).mean() >= 0.8:
        return "time"
    return "ids" if told.str.fullmatch(r"[A-Za-z]{0,5}[-_]?\d+").mean() >= 0.8 else "text"


def unread_time(column: str, values: pd.Series) -> str | None:
    """Return a value of a column that should hold times by its name, and none that can be read; else None."""
    words = [word for word in re.split(r"[\W_]+", re.sub(r"([a-z0-9])([A-Z])", r"\1 \2", column).lower()) if word]
    named = bool({"date", "dates", "datetime", "timestamp", "datum"} & set(words)) or words[-1:] in (["at"], ["on"])
    told = values.dropna().drop_duplicates().head(SAMPLE)
    if not named or told.empty or kind(values) == "time":
        return None
    days = told.str.fullmatch(r"[3-6]\d{4}(\.\d+)?")  # as Excel counts them
    written = told.str.contains(r"\d", regex=True) & ~told.str.fullmatch(r"[\d.,]+")
    return str(told[days | written].iloc[0]) if (days | written).mean() >= 0.5 else None


def tells_who(column: str, values: pd.Series) -> bool:
    """Tell whether a column says who somebody is: by its name, or because it holds e-mail addresses."""
    marked = values[values.str.contains("@", regex=False, na=False)]
    addresses = len(marked) > 0 and marked.str.fullmatch(EMAIL).sum() > 0.5 * values.notna().sum()
    return bool(addresses or PERSONAL_NAME.fullmatch(column) or PERSON.fullmatch(column))


PERSON = re.compile(
    r"(.*[\W_])?(candidate|applicant|prospect|contact|interviewee|opportunity|preferred)[\W_]*(full[\W_]*)?name"
    r"|.*(attachment|linkedin|social media|headline|address|(resume|cv)\W*(link|file|url)).*",
    re.IGNORECASE,
)
"""Names of columns that tell who a candidate is, besides those of any table."""


def guessed(column: str, looks: str, stem: str, of_candidates: bool) -> Guess:
    """Return what a column most likely holds.

    Parameters
    ----------
    column : str
        Its name.
    looks : str
        What its values look like, as ``kind`` returns it.
    stem : str
        Name of the file without its ending: ``id`` in ``postings`` is the id of a posting.
    of_candidates : bool
        Another column of the file names candidates or applications.

    Returns
    -------
    Guess
        A column of the tables, an event, ``outcome``, ``decided_at``, ``updated_at`` or ``skip``.
    """
    words, own = tokens(column), True
    if not set(words) - {"id", "time", "name", "status", "create", "renew", "occur"}:
        file = [word for word in tokens(stem) if word in ("job", "candidate", "application", "interview", "offer")]
        words, own = [*file, *words], not file
    had = set(words)
    timed = looks == "time" or (looks == "none" and ("time" in had or _acts(had)))
    if timed:
        guess = _time(words, had, of_candidates)
        return guess if own else replace(guess, weight=guess.weight - 1)  # a column that says it itself comes first
    if {"time", "due"} & had and looks not in ("text", "ids"):
        return Guess(SKIP)
    if words == ["candidate"] and looks == "ids":  # else it may hold names
        return Guess("candidate_id", 2, "by its word and values")
    return _text(words, had, of_candidates)


def _acts(had: set[str]) -> bool:
    return bool(had & {"accept", "decline", "reject", "withdraw", "hire", "open", "approve", "close", "apply", "submit",
                       "enter", "create", "post"}) and not had & {"status", "reason", "id", "by", "name"}  # fmt: skip


def _time(words: list[str], had: set[str], of_candidates: bool) -> Guess:
    """Return what a column of times holds; the first rule that fits rules."""
    of_job = "job" in had or not of_candidates
    planned_first = "plan" in had and "interview" in had and words.index("plan") < words.index("interview")
    rules: list[tuple[bool, str, int]] = [
        (bool({"later", "birth", "after", "before"} & had), SKIP, 0),
        ("renew" in had, RENEWED, 1),
        ("last" in words or bool({"name", "activity"} & had and "stage" not in had), SKIP, 0),
        ("due" in had, "due_at", 1),
        ("withdraw" in had, "candidate_withdrawn", 2),
        ("offer" in had and bool({"decline", "reject"} & had), "offer_declined", 2),
        ("accept" in had, "offer_accepted", 3),
        ("hire" in had and not {"manager", "start"} & had, "offer_accepted", 2),
        ("offer" in had and "status" in had, DECIDED, 2),
        ("offer" in had and bool({"plan", "approve", "close", "start", "leave"} & had), SKIP, 0),
        ("offer" in had, "offer_extended", 2),
        ("interview" in had and bool({"accept", "decline", "cancelled", "canceled", "leave"} & had), SKIP, 0),
        ("feedback" in had, "feedback_given", 2),
        ("interview" in had and not planned_first and bool({"plan", "create", "invited"} & had),
         "interview_scheduled", 2),
        ("interview" in had, "interview_held", 2),
        ("shortlist" in had, "shortlist_sent", 2),
        ("intake" in had, "intake_held", 2),
        ("brief" in had, "brief_received", 2),
        ("send" in had or ("submit" in had and "manager" in had), "cv_sent", 2),
        ("review" in had and bool({"cv", "manager", "candidate", "application"} & had), "cv_reviewed", 2),
        ("reject" in had or ("decline" in had and of_candidates), "candidate_rejected", 2),
        ("apply" in had, "applied", 3),
        ("application" in had and not {"close", "leave", "stage", "status"} & had, "applied", 2),
        ("candidate" in had and bool({"create", "submit"} & had), "applied", 1),
        ("submit" in had and of_candidates, "applied", 1),
        ("leave" in had, SKIP, 0),
        ("approve" in had, "approved_at", 2),
        ("close" in had and "job" in had, "closed_at", 3),
        ("close" in had and not {"candidate", "application"} & had, "closed_at", 2),
        ("open" in had, "opened_at", 4),
        ("job" in had and "create" in had, "opened_at", 3),
        ("job" in had and "post" in had, "opened_at", 2),
        (bool({"post", "create"} & had) and of_job, "opened_at", 2),
        ("start" in had and bool({"recruiting", "job"} & had), "opened_at", 1),
        ("status" in had and of_candidates and "stage" not in had and "enter" not in had, DECIDED, 1),
        (bool({"stage", "enter", "status", "occur"} & had) or had <= {"time", "create"}, "at",
        2 if "stage" in had else 1),
    ]  # fmt: skip
    return next((Guess(target, weight, "by its words and values") for fits, target, weight in rules if fits),
                Guess(SKIP))  # fmt: skip


def _text(words: list[str], had: set[str], of_candidates: bool) -> Guess:
    """Return what a column of names, ids or words holds."""
    of_person = bool(had & {"manager", "recruiter", "interviewer", "by", "user", "owner", "coordinator"})
    best = 3 if "id" in had else 2 if not {"name", "email"} & had else 1
    rules: list[tuple[bool, str, int]] = [
        ("manager" in had and not {"level", "status", "stage", "review", "department", "interviewer"} & had
         and not {"account", "senior"} & had, "hiring_manager_id", best + ("recruiting" in had)),
        ("interviewer" in had and "level" not in had, "feedback_given.actor_id", best),
        ("feedback" in had and "by" in had, "feedback_given.actor_id", best),
        ("recruiter" in had and not {"status", "stage", "department"} & had, "recruiter_id", best),
        ("by" in had and not {"create", "approve", "renew", "role"} & had, "actor_id", best),
        ("candidate" in had and "id" in had, "candidate_id", 4),
        ("application" in had and "id" in had, "candidate_id", 3),
        ("job" in had and "id" in had and not of_person and not {"stage", "department", "location", "offer"} & had,
         "requisition_id", 3 - ("internal" in had)),
        (bool({"reason"} & had) and bool({"job", "close"} & had), "close_reason", 3),
        ("job" in had and "status" in had and not {"application", "candidate"} & had, "close_reason", 2),
        ("status" in had and not of_candidates and not {"approve", "offer", "stage"} & had, "close_reason", 1),
        ("department" in had and "id" not in had, "department", 2 - ("name" in had)),
        ("cost" in had and "center" in had, "department", 1),
        ("location" in had and not {"id", "candidate", "contact"} & had, "location", 2 - ("name" in had)),
        ("level" in had and not {"id", "education"} & had, "level", 1),
        ("stage" in had and not {"id", "order", "index", "type", "count", "days"} & had
         and not (words[0] == "previous" or {"leave", "enter"} <= had), "event", 3 - ("current" in had)),
        ("status" in had and not {"id", "interview"} & had, OUTCOME, 3 if "offer" in had else 2),
    ]  # fmt: skip
    return next((Guess(target, weight, "by its words") for fits, target, weight in rules if fits), Guess(SKIP))


def event_of(word: str, known: dict[str, str], about: str = "") -> str | None:
    """Return the event that a word for a stage or an outcome means.

    Parameters
    ----------
    word : str
        The word, such as ``Offer & Approval``.
    known : dict of str to str
        Simplified words to events, looked up first.
    about : str, optional
        Name of the column it stands in: ``declined`` under ``offer status`` is an offer declined.

    Returns
    -------
    str or None
        An event; ``skip`` for words that name none; None where that is open.
    """
    if (event := known.get(simplified(word), MEANT.get(simplified(word)))) is not None:
        return event
    plain = " ".join(re.split(r"[\W_]+", word.lower())).strip()
    if plain in NOTHING or UNDER_WAY.search(word):
        return SKIP
    had = set(tokens(word)) | ({"offer"} & set(tokens(about)))
    rules = [
        ("withdraw" in had, "candidate_withdrawn"),
        ("offer" in had and bool({"decline", "reject"} & had), "offer_declined"),
        ("accept" in had or ("hire" in had and "manager" not in had), "offer_accepted"),
        ("reject" in had, "candidate_rejected"),
        ("interview" in had and bool({"show", "missed"} & had), "interview_missed"),
        ("feedback" in had, "feedback_given"),
        ("interview" in had and bool({"plan", "invited"} & had), "interview_scheduled"),
        ("interview" in had and not {"cancelled", "canceled", "decline", "pending"} & had, "interview_held"),
        ("offer" in tokens(word) and not {"pending", "approve", "review"} & had, "offer_extended"),
        ("shortlist" in had, "shortlist_sent"),
        ("intake" in had, "intake_held"),
        ("manager" in had and "review" in had, "cv_sent"),
        ("apply" in had or ("application" in had and not {"review", "reject", "screen"} & had), "applied"),
    ]  # fmt: skip
    return next((event for fits, event in rules if fits and event in EVENTS), None)
