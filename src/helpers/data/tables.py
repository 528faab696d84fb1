"""The tables of a study, declared: their columns, types, units, allowed values and links.

Everything that needs to know a table reads it here: the checks, ``partnership init``, the importers, the
playbooks' capture templates and the documentation.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pandas as pd

from .query import identifier, query

Kind = Literal["id", "text", "choice", "number", "whole number", "yes/no", "date", "time", "month", "period"]

#: Rows from which on texts that repeat are kept as categories.
LONG = 5_000

KINDS: dict[str, tuple[str, str]] = {  # kind: (pandas type after reading, what a user may write)
    "id": ("str", "text; leading zeros are kept"),
    "text": ("str", "text"),
    "choice": ("str", "one of the allowed values, upper or lower case"),
    "number": ("float64", "a number with a decimal point, such as 3.5"),
    "whole number": ("float64", "a whole number, such as 12"),
    "yes/no": ("boolean", "yes or no"),
    "date": ("datetime64[us]", "a date, such as 2026-06-30"),
    "time": ("datetime64[us]", "a date or a date with time, such as 2026-06-30 14:05"),
    "month": ("datetime64[us]", "a month, such as 2026-06"),
    "period": ("str", "a year, half-year, quarter or month: 2026, 2026-H1, 2026-Q2 or 2026-06"),
}
PERIOD = r"\d{4}(-H[12]|-Q[1-4]|-(0[1-9]|1[0-2]))?"

EVENTS = (
    "intake_held", "brief_received", "applied", "cv_sent", "cv_reviewed", "interview_scheduled",
    "interview_accepted", "interview_declined", "interview_rescheduled", "interview_held", "interview_missed",
    "feedback_given", "shortlist_sent", "offer_extended", "offer_accepted", "offer_declined",
    "candidate_withdrawn", "candidate_rejected", "reopened", "cancelled",
)  # fmt: skip
SIDES = ("hr", "manager", "employee")
ARMS = ("treated", "waitlist", "control")
PROMISED_BY = ("hr", "manager", "both")
PROMISE_KINDS = ("information", "answer", "time", "change")
"""What is promised: something to know, a reply or decision, to meet or be there, work done in another way."""
OUTCOMES = ("kept", "kept_late", "moved", "broken", "open")
"""What became of a promise: kept by its first date, or after the date that counted; moved in time; broken; no end."""
ALLOCATED_BY = ("lot", "choice")
AUDIENCES = ("customer", "candidate", "employee")
"""Who is told what the company is like, or tells it."""
RECALL_ROUNDS = ("before", "day_30", "day_60", "day_90")
"""When people are asked what the message is: before it is told, or days after it was first told."""
ACTION_STATES = ("planned", "under_way", "done", "dropped")

PERSONAL_NAME = re.compile(
    r".*(ip.?addr|e.?mail|phone|mobile|first.?name|last.?name|sur.?name|full.?name|latitude|longitude|birth).*|name"
    r"|(vor|nach|familien)name|geburts(tag|datum)|telefon(nummer)?|handy(nummer)?|pr[ée]nom|nom( de famille)?",
    re.IGNORECASE,
)
"""Names of columns that likely tell who somebody is."""


@dataclass(frozen=True)
class Variable:
    """One declared column of a table: what it holds, in which unit, and which values are allowed.

    Parameters
    ----------
    name, description : str
        As in the header of the file; what it holds.
    kind : Kind
        A key of ``KINDS``.
    required : bool, optional
        The column must be there.
    empty : bool, optional
        Cells may be empty.
    unit : str, optional
        Unit of a number, for example ``"hours"``.
    allowed : tuple of str, optional
        Values of a ``choice``, in lower case.
    low, high : float, optional
        Smallest and largest number, inclusive.
    future : bool, optional
        A date that may lie after the study's ``as_of``, such as a due date.
    """

    name: str
    kind: Kind
    description: str
    required: bool = True
    empty: bool = False
    unit: str = ""
    allowed: tuple[str, ...] = ()
    low: float | None = None
    high: float | None = None
    future: bool = False

    @property
    def expected(self) -> str:
        """What a cell should hold, in words."""
        if self.allowed:
            return f"one of {', '.join(self.allowed)}"
        words = KINDS[self.kind][1]
        if self.low is not None and self.high is not None:
            return f"{words.split(', such')[0]} from {self.low:g} to {self.high:g}"
        return words + (f", not below {self.low:g}" if self.low is not None else "")

    def wrong(self, values: pd.Series) -> pd.Series:
        """Tell which values, of a column after reading, are not allowed; an empty cell is never among them.

        Parameters
        ----------
        values : pandas.Series
            In the type of the kind.

        Returns
        -------
        pandas.Series
            True or False, with the same index.
        """
        wrong = pd.Series(False, index=values.index)
        if self.allowed:
            wrong |= ~values.isin(self.allowed)
        if self.kind == "period":
            wrong |= ~values.str.fullmatch(PERIOD, na=False)
        if self.kind == "whole number":
            wrong |= values % 1 != 0
        if self.low is not None:
            wrong |= values < self.low
        if self.high is not None:
            wrong |= values > self.high
        return wrong & values.notna()


@dataclass(frozen=True)
class Table:
    """One declared table.

    Parameters
    ----------
    name, row : str
        Name in study.yaml; what one row is.
    columns : mapping of str to Variable
        Declared columns by name, in the order ``init`` writes them.
    key : tuple of str
        Columns that together occur once.
    links : mapping of str to tuple of str
        Column to the ``(table, column)`` that must hold its value.
    order : tuple of tuple of str, optional
        Pairs of date columns: the first may not lie after the second.
    further_columns : str, optional
        What other columns are for; empty when others are not used.
    """

    name: str
    row: str
    columns: MappingProxyType[str, Variable]
    key: tuple[str, ...]
    links: MappingProxyType[str, tuple[str, str]]
    order: tuple[tuple[str, str], ...] = ()
    further_columns: str = ""


def optional(
    name: str,
    kind: Kind,
    description: str,
    unit: str = "",
    allowed: tuple[str, ...] = (),
    low: float | None = None,
    high: float | None = None,
    future: bool = False,
) -> Variable:
    """Return a column that may be absent and whose cells may be empty; see ``Variable``."""
    return Variable(name, kind, description, False, True, unit, allowed, low, high, future)


def _table(
    name: str,
    row: str,
    key: str,
    *columns: Variable,
    links: dict[str, tuple[str, str]] | None = None,
    order: tuple[tuple[str, str], ...] = (),
    further_columns: str = "",
) -> Table:
    return Table(
        name,
        row,
        MappingProxyType({column.name: column for column in columns}),
        tuple(key.split()),
        MappingProxyType(links or {}),
        order,
        further_columns,
    )


_DECLARED = (
    _table(
        "people", "a person", "person_id",
        Variable("person_id", "id", "Identifies the person; a pseudonym is best"),
        Variable("side", "choice", "Which side of the partnership the person is on", allowed=SIDES),
        optional("department", "text", "Department"),
        optional("location", "text", "Place of work"),
        optional("level", "text", "Level in the organisation"),
        optional("start_date", "date", "First day in the organisation", future=True),
        further_columns="further attributes to break results down by",
    ),
    _table(
        "partnerships", "a pair of one HR partner and one manager", "partnership_id",
        Variable("partnership_id", "id", "Identifies the pair"),
        Variable("hr_id", "id", "The HR partner"),
        Variable("manager_id", "id", "The manager"),
        optional("start_date", "date", "First day of the partnership", future=True),
        optional("end_date", "date", "Last day; empty while it goes on", future=True),
        links={"hr_id": ("people", "person_id"), "manager_id": ("people", "person_id")},
        order=(("start_date", "end_date"),),
    ),
    _table(
        "survey", "one respondent's answers about one partner in one wave", "respondent_id partnership_id wave",
        Variable("respondent_id", "id", "Who answered"),
        optional("partnership_id", "id", "The pair the answers are about; empty for surveys without pairs"),
        optional("wave", "id", "Survey wave, such as 2026-H1"),
        optional("submitted_at", "time", "When the answers were sent"),
        optional("seconds", "number", "How long the whole response took, in seconds", low=0),
        optional("weight", "number", "Sampling weight", low=0),
        optional("side", "choice", "Side of the respondent, where there is no people table", allowed=SIDES),
        optional("hr_id", "id", "The HR partner, where there is no partnerships table"),
        optional("manager_id", "id", "The manager, where there is no partnerships table"),
        links={"respondent_id": ("people", "person_id"), "partnership_id": ("partnerships", "partnership_id")},
        further_columns="one per item of the codebook; attributes, where there is no people table",
    ),
    _table(
        "requisitions", "an opening", "requisition_id",
        Variable("requisition_id", "id", "Identifies the opening"),
        Variable("hiring_manager_id", "id", "The hiring manager; empty where none is known", empty=True),
        optional("recruiter_id", "id", "The recruiter"),
        optional("department", "text", "Department of the opening"),
        optional("location", "text", "Place of work"),
        optional("level", "text", "Level of the job"),
        Variable("opened_at", "time", "When the opening was requested"),
        optional("approved_at", "time", "When it was approved"),
        optional("closed_at", "time", "When it was closed; empty while open"),
        optional("close_reason", "choice", "Why it was closed; empty while open",
                 allowed=("filled", "cancelled", "on_hold")),
        optional("source", "text", "The system or export it comes from, where there are several"),
        links={"hiring_manager_id": ("people", "person_id")},
        order=(("opened_at", "approved_at"), ("opened_at", "closed_at")),
    ),
    _table(
        "hiring_events", "something that happened in an opening", "",
        Variable("requisition_id", "id", "The opening"),
        optional("candidate_id", "id", "The candidate; empty for events of the opening itself"),
        Variable("event", "choice", "What happened", allowed=EVENTS),
        Variable("at", "time", "When it happened"),
        optional("actor_id", "id", "Who did it; empty for the candidate"),
        optional("due_at", "time", "When the agreed service level asked for it", future=True),
        links={"requisition_id": ("requisitions", "requisition_id")},
    ),
    _table(
        "units", "an organisational unit", "unit",
        Variable("unit", "id", "Name of the unit"),
        optional("parent", "id", "The unit it belongs to; empty at the top"),
        optional("department", "text", "Department"),
        optional("location", "text", "Place"),
        links={"parent": ("units", "unit")},
    ),
    _table(
        "headcount", "a unit in a month", "unit month",
        Variable("unit", "id", "The unit"),
        Variable("month", "month", "The month"),
        Variable("employees", "number", "Employees at the end of the month", unit="employees", low=0),
        links={"unit": ("units", "unit")},
    ),
    _table(
        "pulse", "a short repeated measure of a unit in a month", "unit month item",
        Variable("unit", "id", "The unit"),
        Variable("month", "month", "The month"),
        Variable("item", "id", "What was asked"),
        Variable("n", "whole number", "How many people answered", unit="people", low=0),
        Variable("mean", "number", "Mean answer; empty when nobody answered", empty=True, unit="points of the item"),
        links={"unit": ("units", "unit")},
    ),
    _table(
        "outcomes", "a metric of a unit in a period", "unit period metric",
        Variable("unit", "id", "The unit"),
        Variable("period", "period", "Year, half-year, quarter or month"),
        Variable("metric", "id", "What was measured, such as voluntary_turnover"),
        Variable("value", "number", "The value, or the count where there is a denominator", empty=True,
               unit="units of the metric"),
        optional("denominator", "number", "What a count is out of, such as employees or orders", low=0,
                 unit="units of the metric"),
        links={"unit": ("units", "unit")},
    ),
    _table(
        "practice_sessions", "a session of a practice", "session_id",
        Variable("session_id", "id", "Identifies the session"),
        Variable("practice", "id", "The practice as its playbook declares it, such as role_swap"),
        Variable("date", "date", "Day of the session"),
        Variable("came", "whole number", "People who came, counted or not", unit="people", low=0),
        optional("declined", "whole number", "Of these, who said no to being counted; empty where nobody noted it",
                 unit="people", low=0),
        optional("planned_minutes", "whole number", "Planned length", unit="minutes", low=0),
        optional("real_minutes", "whole number", "Real length; empty where it was not timed", unit="minutes", low=0),
    ),
    _table(
        "practice_log", "one person's part in one session of a practice", "session_id person_id partnership_id",
        Variable("session_id", "id", "The session"),
        Variable("practice", "id", "The practice as its playbook declares it, such as role_swap"),
        optional("person_id", "id", "Who took part"),
        optional("partnership_id", "id", "The pair that took part; empty unless both of it agreed"),
        Variable("date", "date", "Day of the session"),
        optional("hours", "number", "Time spent", unit="hours", low=0, high=24),
        optional("cohort", "text", "Those who start together"),
        optional("arm", "choice", "Arm of a comparison; empty without one", allowed=ARMS),
        optional("consent", "yes/no", "Agreed to be counted: yes; empty only for participation the employer records"),
        links={"person_id": ("people", "person_id"), "partnership_id": ("partnerships", "partnership_id")},
    ),
    _table(
        "practice_answers", "one captured answer of a practice session",
        "session_id person_id partnership_id field",
        Variable("session_id", "id", "The session"),
        optional("person_id", "id", "Who answered; empty for fields about a pair or a session"),
        optional("partnership_id", "id", "The pair that answered, or of the person who did"),
        Variable("field", "id", "Field that the playbook declares, such as hits_guessed"),
        Variable("value", "text", "The answer, as the playbook declares its words or range"),
        links={"person_id": ("people", "person_id"), "partnership_id": ("partnerships", "partnership_id")},
    ),
    _table(
        "commitments", "one promise within a partnership", "commitment_id",
        Variable("commitment_id", "id", "Identifies the promise"),
        optional("session_id", "id", "The session in which it was made"),
        Variable("partnership_id", "id", "The pair, both of whom agreed to be counted"),
        Variable("promised_by", "choice", "Who promised", allowed=PROMISED_BY),
        optional("kind", "choice", "What was promised, as the sheet prints it", allowed=PROMISE_KINDS),
        Variable("made_on", "date", "Day of the promise"),
        optional("due_on", "date", "First day it was promised for; stays when the promise is moved", future=True),
        optional("moved_on", "date", "Day on which a new date was agreed"),
        optional("moved_to", "date", "That new date", future=True),
        optional("closed_on", "date", "Day it was kept or given up; empty while open"),
        Variable("outcome", "choice", "What became of it", allowed=OUTCOMES),
        links={"partnership_id": ("partnerships", "partnership_id")},
        order=(
            ("made_on", "due_on"), ("made_on", "moved_on"), ("made_on", "closed_on"), ("due_on", "moved_to"),
            ("moved_on", "moved_to"),
        ),
    ),
    _table(
        "team_commitments", "a promise of a team after its results", "commitment_id",
        Variable("commitment_id", "id", "Identifies the promise"),
        Variable("wave", "text", "Survey wave whose results the team had before it"),
        Variable("attribute", "text", "What the team is one group of, such as department"),
        Variable("team", "text", "The team, as its report calls it"),
        Variable("promise", "text", "What is done, in words that name nobody"),
        optional("owner", "text", "Who sees to it: a role, not a name"),
        optional("measure", "id", "Dimension of the codebook by which the next wave judges it"),
        Variable("made_on", "date", "Day of the promise"),
        optional("due_on", "date", "First day it was promised for; stays when the promise is moved", future=True),
        optional("moved_on", "date", "Day on which a new date was agreed"),
        optional("moved_to", "date", "That new date", future=True),
        optional("closed_on", "date", "Day it was kept or given up; empty while open"),
        Variable("outcome", "choice", "What became of it", allowed=OUTCOMES),
        order=(
            ("made_on", "due_on"), ("made_on", "moved_on"), ("made_on", "closed_on"), ("due_on", "moved_to"),
            ("moved_on", "moved_to"),
        ),
    ),
    _table(
        "practice_draws", "a unit in the allocation of a practice", "practice team hr_id partnership_id",
        Variable("practice", "id", "The practice as its playbook declares it, such as role_swap"),
        optional("team", "id", "The team, where teams were allotted"),
        optional("hr_id", "id", "The HR partner, where HR partners were allotted"),
        optional("partnership_id", "id", "The pair, where pairs were allotted"),
        optional("stratum", "text", "Group within which lots were drawn; empty: one lot for all"),
        Variable("arm", "choice", "What the lot, or the choice, fell on", allowed=ARMS),
        optional("cohort", "text", "Those who start together; empty for control"),
        optional("starts_on", "date", "First day of the cohort; empty for control", future=True),
        Variable("allocated_by", "choice", "By lot or by choice", allowed=ALLOCATED_BY),
        optional("drawn_on", "date", "Day on which lots were drawn"),
        optional("could_start", "text", "Days from which the start was drawn, separated by semicolons"),
        links={
            "team": ("units", "unit"),
            "hr_id": ("people", "person_id"),
            "partnership_id": ("partnerships", "partnership_id"),
        },
        order=(("drawn_on", "starts_on"),),
    ),
    _table(
        "actions", "an action agreed after a report", "action_id",
        Variable("action_id", "id", "Identifies the action"),
        optional("finding_id", "id", "The finding it answers, as results.json names it: its notebook, --, its id"),
        Variable("action", "text", "What is done"),
        optional("owner", "text", "Who sees to it: a role, not a name"),
        optional("due_on", "date", "Day by which it is done", future=True),
        optional("measure", "id", "Dimension of the codebook by which the next wave judges it"),
        Variable("status", "choice", "How far it is", allowed=ACTION_STATES),
    ),
    _table(
        "cases", "one employee-relations case", "case_id",
        Variable("case_id", "id", "Identifies the case"),
        Variable("category", "text", "What it is about"),
        optional("department", "text", "Department"),
        optional("channel", "text", "How it was raised"),
        optional("anonymous", "yes/no", "Raised anonymously"),
        Variable("opened_on", "date", "Day it was raised"),
        optional("first_reply_on", "date", "Day of the first reply; empty when there was none"),
        optional("resolved_on", "date", "Day it was resolved; empty while open"),
        optional("reopened_on", "date", "Day it was opened again; empty where it was not"),
        optional("outcome", "choice", "How it ended",
                 allowed=("upheld", "partly_upheld", "not_upheld", "resolved_informally", "open")),
        order=(("opened_on", "first_reply_on"), ("opened_on", "resolved_on"), ("opened_on", "reopened_on")),
    ),
    _table(
        "messages", "one employer-brand statement or rating by one coder", "message_id coder_id",
        Variable("message_id", "id", "Identifies the statement"),
        Variable("audience", "choice", "Whom it addresses or comes from",
               allowed=AUDIENCES),
        optional("channel", "text", "Where it was found"),
        optional("found_on", "date", "Day on which it was sent, published or found"),
        optional("text", "text", "The statement"),
        optional("attribute", "text", "The quality it claims or rates"),
        optional("rating", "whole number", "Rating", unit="points (1-5)", low=1, high=5),
        optional("coder_id", "id", "Who coded it"),
    ),
    _table(
        "recall", "people asked in one place on one day what the message about the company is",
        "asked_on audience place round",
        Variable("asked_on", "date", "Day on which they were asked"),
        Variable("audience", "choice", "Who they were", allowed=AUDIENCES),
        optional("place", "text", "Unit, shop or other place in which they were asked"),
        Variable("round", "choice", "Before the message was told, or the days since", allowed=RECALL_ROUNDS),
        Variable("asked", "whole number", "People asked, each once in a round", unit="people", low=0),
        Variable("recalled", "whole number", "Of these, who could say the message without a hint", unit="people",
                 low=0),
    ),
)  # fmt: skip

TABLES: MappingProxyType[str, Table] = MappingProxyType({table.name: table for table in _DECLARED})
"""Every table a study may have, by name."""


def lookup(keys: pd.Series, table: pd.DataFrame, key: str, column: str) -> pd.Series:
    """Return for every key the value of a column in the table's first row with that key, else missing."""
    known = table.dropna(subset=key).drop_duplicates(key).set_index(key)[column]
    codes, distinct = pd.factorize(keys)
    return pd.Series(known.reindex(distinct).array.take(codes, allow_fill=True), index=keys.index, name=column)


def coded(frame: pd.DataFrame, columns: Iterable[str]) -> pd.DataFrame:
    """Return a long frame with columns of repeated texts as categories, which are counted, compared and copied sooner.

    Parameters
    ----------
    frame : pandas.DataFrame
        Of fewer than :data:`LONG` rows the texts stay.
    columns : iterable of str
        Those that are meant, as far as they hold texts.

    Returns
    -------
    pandas.DataFrame
        Categories are those that occur, in the order of texts.
    """
    if len(frame) < LONG:
        return frame
    texts = [name for name in columns if name in frame and isinstance(frame[name].dtype, pd.StringDtype)]
    return frame.assign(**{name: frame[name].astype("category") for name in texts})


def in_texts(frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame with its categories as texts again; see :func:`coded`."""
    return frame.astype({name: "str" for name in frame if isinstance(frame[name].dtype, pd.CategoricalDtype)})


def repeated(table: pd.DataFrame, keep: Literal["first"] | bool = "first") -> pd.Series:
    """Tell which rows are the same throughout as another, as ``DataFrame.duplicated`` does, for millions of rows."""
    # Columns go by their positions: names that differ in case alone would be one to SQL.
    numbered = table.set_axis(range(table.shape[1]), axis=1).rename(columns=str)
    names = ", ".join(map(identifier, numbered))
    hashes = query(f"SELECT hash({names}) AS hash FROM rows", rows=numbered)["hash"]
    alike = hashes.set_axis(table.index).duplicated(keep=False)
    alike[alike] = table[alike].duplicated(keep=keep)
    return alike
