"""The tables of a study, declared: their columns, types, units, allowed values and links.

Everything that needs to know a table reads it here: the checks, ``partnership init``, the importers, the
playbooks' capture templates and the documentation.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal

import pandas as pd
import pandera.pandas as pa

from .query import query

Kind = Literal["id", "text", "choice", "number", "whole number", "yes/no", "date", "time", "month", "period"]

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

PERSONAL = re.compile(
    r".*(ip.?addr|e.?mail|phone|mobile|first.?name|last.?name|sur.?name|full.?name|latitude|longitude|birth).*|name",
    re.IGNORECASE,
)
"""Names of columns that likely tell who somebody is."""


@dataclass(frozen=True)
class Column:
    """One declared column.

    Parameters
    ----------
    name, description
        As in the header of the file; what it holds.
    kind
        A key of ``KINDS``.
    required
        The column must be there.
    empty
        Cells may be empty.
    unit
        Unit of a number, for example ``"hours"``.
    allowed
        Values of a ``choice``, in lower case.
    low, high
        Smallest and largest number, inclusive.
    future
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

    def schema(self) -> pa.Column:
        """Return the pandera column that checks values after reading."""
        checks = []
        if self.allowed:
            checks.append(pa.Check.isin(self.allowed, error="value"))
        if self.kind == "period":
            checks.append(pa.Check.str_matches(f"^{PERIOD}$", error="value"))
        if self.kind == "whole number":
            checks.append(pa.Check(lambda values: values % 1 == 0, error="value"))
        if self.low is not None:
            checks.append(pa.Check.ge(self.low, error="value"))
        if self.high is not None:
            checks.append(pa.Check.le(self.high, error="value"))
        return pa.Column(
            KINDS[self.kind][0],
            checks,
            nullable=self.empty,
            required=self.required,
            description=self.description,
        )


@dataclass(frozen=True)
class Table:
    """One declared table.

    Parameters
    ----------
    name, row
        Name in study.yaml; what one row is.
    columns
        Declared columns by name, in the order ``init`` writes them.
    key
        Columns that together occur once.
    links
        Column to the ``(table, column)`` that must hold its value.
    order
        Pairs of date columns: the first may not lie after the second.
    further_columns
        What other columns are for; empty when others are not used.
    """

    name: str
    row: str
    columns: MappingProxyType[str, Column]
    key: tuple[str, ...]
    links: MappingProxyType[str, tuple[str, str]]
    order: tuple[tuple[str, str], ...] = ()
    further_columns: str = ""

    def schema(self, further: tuple[Column, ...] = ()) -> pa.DataFrameSchema:
        """Return the pandera schema, with further columns such as the items of the codebook."""
        columns = {**self.columns, **{column.name: column for column in further}}
        return pa.DataFrameSchema({name: column.schema() for name, column in columns.items()}, name=self.name)


def optional(name: str, kind: Kind, description: str, **options: object) -> Column:
    """Return a column that may be absent and whose cells may be empty."""
    return Column(name, kind, description, required=False, empty=True, **options)


def _table(name: str, row: str, key: str, *columns: Column, links: dict | None = None, **options: object) -> Table:
    return Table(
        name,
        row,
        MappingProxyType({column.name: column for column in columns}),
        tuple(key.split()),
        MappingProxyType(links or {}),
        **options,
    )


_DECLARED = (
    _table(
        "people", "a person", "person_id",
        Column("person_id", "id", "Identifies the person; a pseudonym is best"),
        Column("side", "choice", "Which side of the partnership the person is on", allowed=SIDES),
        optional("department", "text", "Department"),
        optional("location", "text", "Place of work"),
        optional("level", "text", "Level in the organisation"),
        optional("start_date", "date", "First day in the organisation", future=True),
        further_columns="further attributes to break results down by",
    ),
    _table(
        "partnerships", "a pair of one HR partner and one manager", "partnership_id",
        Column("partnership_id", "id", "Identifies the pair"),
        Column("hr_id", "id", "The HR partner"),
        Column("manager_id", "id", "The manager"),
        optional("start_date", "date", "First day of the partnership", future=True),
        optional("end_date", "date", "Last day; empty while it goes on", future=True),
        links={"hr_id": ("people", "person_id"), "manager_id": ("people", "person_id")},
        order=(("start_date", "end_date"),),
    ),
    _table(
        "survey", "one respondent's answers about one partner in one wave", "respondent_id partnership_id wave",
        Column("respondent_id", "id", "Who answered"),
        optional("partnership_id", "id", "The pair the answers are about; empty for surveys without pairs"),
        optional("wave", "id", "Survey wave, such as 2026-H1"),
        optional("submitted_at", "time", "When the answers were sent"),
        optional("weight", "number", "Sampling weight", low=0),
        optional("side", "choice", "Side of the respondent, where there is no people table", allowed=SIDES),
        optional("hr_id", "id", "The HR partner, where there is no partnerships table"),
        optional("manager_id", "id", "The manager, where there is no partnerships table"),
        links={"respondent_id": ("people", "person_id"), "partnership_id": ("partnerships", "partnership_id")},
        further_columns="one per item of the codebook; attributes, where there is no people table",
    ),
    _table(
        "requisitions", "an opening", "requisition_id",
        Column("requisition_id", "id", "Identifies the opening"),
        Column("hiring_manager_id", "id", "The hiring manager; empty where none is known", empty=True),
        optional("recruiter_id", "id", "The recruiter"),
        optional("department", "text", "Department of the opening"),
        optional("location", "text", "Place of work"),
        optional("level", "text", "Level of the job"),
        Column("opened_at", "time", "When the opening was requested"),
        optional("approved_at", "time", "When it was approved"),
        optional("closed_at", "time", "When it was closed; empty while open"),
        optional("close_reason", "choice", "Why it was closed; empty while open",
                 allowed=("filled", "cancelled", "on_hold")),
        links={"hiring_manager_id": ("people", "person_id")},
        order=(("opened_at", "approved_at"), ("opened_at", "closed_at")),
    ),
    _table(
        "hiring_events", "something that happened in an opening", "",
        Column("requisition_id", "id", "The opening"),
        optional("candidate_id", "id", "The candidate; empty for events of the opening itself"),
        Column("event", "choice", "What happened", allowed=EVENTS),
        Column("at", "time", "When it happened"),
        optional("actor_id", "id", "Who did it; empty for the candidate"),
        optional("due_at", "time", "When the agreed service level asked for it", future=True),
        links={"requisition_id": ("requisitions", "requisition_id")},
    ),
    _table(
        "units", "an organisational unit", "unit",
        Column("unit", "id", "Name of the unit"),
        optional("parent", "id", "The unit it belongs to; empty at the top"),
        optional("department", "text", "Department"),
        optional("location", "text", "Place"),
        links={"parent": ("units", "unit")},
    ),
    _table(
        "headcount", "a unit in a month", "unit month",
        Column("unit", "id", "The unit"),
        Column("month", "month", "The month"),
        Column("employees", "number", "Employees at the end of the month", unit="employees", low=0),
        links={"unit": ("units", "unit")},
    ),
    _table(
        "pulse", "a short repeated measure of a unit in a month", "unit month item",
        Column("unit", "id", "The unit"),
        Column("month", "month", "The month"),
        Column("item", "id", "What was asked"),
        Column("n", "whole number", "How many people answered", unit="people", low=0),
        Column("mean", "number", "Mean answer; empty when nobody answered", empty=True, unit="points of the item"),
        links={"unit": ("units", "unit")},
    ),
    _table(
        "outcomes", "a metric of a unit in a period", "unit period metric",
        Column("unit", "id", "The unit"),
        Column("period", "period", "Year, half-year, quarter or month"),
        Column("metric", "id", "What was measured, such as voluntary_turnover"),
        Column("value", "number", "The value, or the count where there is a denominator", empty=True,
               unit="units of the metric"),
        optional("denominator", "number", "What a count is out of, such as employees or orders", low=0,
                 unit="units of the metric"),
        links={"unit": ("units", "unit")},
    ),
    _table(
        "practice_log", "one person's part in one session of a practice", "session_id person_id partnership_id",
        Column("session_id", "id", "Identifies the session"),
        Column("practice", "id", "The practice, such as role_swap or customer_call"),
        optional("person_id", "id", "Who took part"),
        optional("partnership_id", "id", "The pair that took part"),
        Column("date", "date", "Day of the session"),
        optional("hours", "number", "Time spent", unit="hours", low=0),
        optional("cohort", "text", "Group that started together"),
        optional("arm", "choice", "Arm of a comparison; empty without one",
                 allowed=("treated", "waitlist", "control")),
        optional("consent", "yes/no", "Agreed to the use of the record for evaluation"),
        links={"person_id": ("people", "person_id"), "partnership_id": ("partnerships", "partnership_id")},
        further_columns="fields of the practice's capture template",
    ),
    _table(
        "practice_answers", "one captured answer of a practice session",
        "session_id person_id partnership_id field",
        Column("session_id", "id", "The session"),
        optional("person_id", "id", "Who answered"),
        optional("partnership_id", "id", "The pair that answered"),
        Column("field", "id", "Field of the capture template"),
        Column("value", "text", "The answer", empty=True),
        links={
            "session_id": ("practice_log", "session_id"),
            "person_id": ("people", "person_id"),
            "partnership_id": ("partnerships", "partnership_id"),
        },
    ),
    _table(
        "commitments", "one promise within a partnership", "commitment_id",
        Column("commitment_id", "id", "Identifies the promise"),
        Column("partnership_id", "id", "The pair"),
        Column("made_by_side", "choice", "Who promised", allowed=("hr", "manager")),
        Column("made_on", "date", "Day of the promise"),
        optional("due_on", "date", "Day it was promised for", future=True),
        optional("renegotiated_on", "date", "Day it was renegotiated"),
        optional("closed_on", "date", "Day it was kept or given up; empty while open"),
        Column("outcome", "choice", "What became of it", allowed=("kept", "renegotiated", "broken", "open")),
        links={"partnership_id": ("partnerships", "partnership_id")},
        order=(("made_on", "due_on"), ("made_on", "renegotiated_on"), ("made_on", "closed_on")),
    ),
    _table(
        "cases", "one employee-relations case", "case_id",
        Column("case_id", "id", "Identifies the case"),
        Column("category", "text", "What it is about"),
        optional("department", "text", "Department"),
        optional("channel", "text", "How it was raised"),
        optional("anonymous", "yes/no", "Raised anonymously"),
        Column("opened_on", "date", "Day it was raised"),
        optional("first_reply_on", "date", "Day of the first reply; empty when there was none"),
        optional("resolved_on", "date", "Day it was resolved; empty while open"),
        optional("outcome", "choice", "How it ended",
                 allowed=("upheld", "partly_upheld", "not_upheld", "resolved_informally", "open")),
        order=(("opened_on", "first_reply_on"), ("opened_on", "resolved_on")),
    ),
    _table(
        "messages", "one employer-brand statement or rating by one coder", "message_id coder_id",
        Column("message_id", "id", "Identifies the statement"),
        Column("audience", "choice", "Whom it addresses or comes from",
               allowed=("customer", "candidate", "employee")),
        optional("channel", "text", "Where it was found"),
        optional("text", "text", "The statement"),
        optional("attribute", "text", "The quality it claims or rates"),
        optional("rating", "whole number", "Rating", unit="points (1-5)", low=1, high=5),
        optional("coder_id", "id", "Who coded it"),
    ),
)  # fmt: skip

TABLES: MappingProxyType[str, Table] = MappingProxyType({table.name: table for table in _DECLARED})
"""Every table a study may have, by name."""


def lookup(keys: pd.Series, table: pd.DataFrame, key: str, column: str) -> pd.Series:
    """Return for every key the value of a column in the table's first row with that key, else missing."""
    known = table.dropna(subset=key).drop_duplicates(key).set_index(key)[column]
    codes, distinct = pd.factorize(keys)
    return pd.Series(known.reindex(distinct).array.take(codes, allow_fill=True), index=keys.index, name=column)


def repeated(table: pd.DataFrame, keep: Literal["first"] | bool = "first") -> pd.Series:
    """Tell which rows are the same throughout as another, as ``DataFrame.duplicated`` does, for millions of rows."""
    names = ", ".join(f'"{name}"' for name in table)
    hashes = query(f"SELECT hash({names}) AS hash FROM rows", rows=table)["hash"]
    alike = hashes.set_axis(table.index).duplicated(keep=False)
    alike[alike] = table[alike].duplicated(keep=keep)
    return alike
