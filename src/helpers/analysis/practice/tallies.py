"""What routines, such as weekly check-ins, wrote down on their tally sheets, month by month."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.analysis.methods.counts import because, people
from helpers.analysis.practice import session as sessions
from helpers.data.practices import CaptureField

if TYPE_CHECKING:
    from helpers.data import Study

ROUTINE = "routine"
COLUMNS = ["routine", "what", "field", "period", "month", "day", "count", "out_of", "respondents", "people"]
NOTHING = "No tally of a routine is recorded, or too few people stand behind it in a month."


def recorded(study: Study, only: Sequence[str] = ()) -> list[str]:
    """Return the routines of which sessions and tallies are recorded.

    Parameters
    ----------
    study : helpers.data.Study
        The study.
    only : sequence of str
        The practices to look at, as their playbooks declare them; all without.
    """
    if not all(study.has(name) for name in ("practice_sessions", "practice_log", "practice_answers")):
        return []
    found = [name for name in sessions.practices_recorded(study) if study.practices[name].form == ROUTINE]
    return [name for name in found if not only or name in only]


def monthly(study: Study, only: Sequence[str] = ()) -> pd.DataFrame:
    """Add up what tally sheets say, by routine, field and month.

    Parameters
    ----------
    study, only
        As for :func:`recorded`.

    Returns
    -------
    pandas.DataFrame
        One row per field and month in which it was written down: routine, what (in words), field, period (2026-06),
        month (its number), day (its first), count, out_of (what the count is a part of: the field that bounds it, or
        answers of yes and no; missing where there is none), respondents and people (who stand behind it). Without rows
        ``attrs["absent"]`` says why.

    Notes
    -----
    Of whole numbers, and of yes and no, that are written down on the day; a month in which nobody wrote is not zero.
    People behind a number are those who wrote it and agreed to be counted; behind one about a session, everybody in
    it. A month with fewer than ``min_group`` of them is left out, and so is the field where the months left out have
    fewer together: the total would tell of them.

    Examples
    --------
    >>> from helpers.data import Study
    >>> monthly(Study.load("data/sample")).attrs["absent"]
    'No tally of a routine is recorded, or too few people stand behind it in a month.'
    """
    rows: list[dict[str, Any]] = []
    for practice in recorded(study, only):
        told = sessions.Sessions.of(study, practice)
        for field in told.fields("whole", "yes_no"):
            if field.when == "on the day":
                rows += _months(told, field)
    return because(pd.DataFrame(rows, columns=COLUMNS), NOTHING)


def _months(told: sessions.Sessions, field: CaptureField) -> list[dict[str, Any]]:
    """Return the months of a field in which enough people stand behind it."""
    written = _numbers(told, field)
    parts = dict(list(written.groupby(pd.to_datetime(written["date"]).dt.to_period("M"))))
    few = {month for month, part in parts.items() if part["respondent_id"].nunique() < told.smallest}
    hidden = written[pd.to_datetime(written["date"]).dt.to_period("M").isin(few)]["respondent_id"].nunique()
    if 0 < hidden < told.smallest:
        return []
    rows = []
    for month, part in parts.items():
        if month in few:
            continue
        each = part.drop_duplicates("answer")
        row = {"routine": told.name.capitalize(), "what": _named(told, field), "field": field.field}
        row |= {"period": str(month), "month": 12 * month.year + month.month, "day": month.start_time}
        who = people(part, value=f"{field.field} in {month}")
        row |= {"count": each["number"].sum(), "out_of": each["out_of"].sum(min_count=1)}
        rows.append(row | {name: who[name] for name in ("respondents", "people")})
    return rows


def _named(told: sessions.Sessions, field: CaptureField) -> str:
    """Name a field without the line above it on the sheet: “Themes this month: of these, answered within 30 days”."""
    bound = told.capture.field(field.not_above) if field.not_above else None
    return field.told if bound is None else f"{bound.told}: {field.told[:1].lower()}{field.told[1:]}"


def _numbers(told: sessions.Sessions, field: CaptureField) -> pd.DataFrame:
    """Return the answers to a field as numbers, each beside what it is out of, as far as that was written down."""
    own = told.answers[told.answers["field"] == field.field]
    if field.type == "yes_no":
        return own.assign(number=own["value"].eq("yes").astype(float), out_of=1.0)
    own = own.assign(number=pd.to_numeric(own["value"], errors="coerce").astype(float), out_of=np.nan)
    if field.not_above:
        bound = told.answers[told.answers["field"] == field.not_above]
        most = bound.assign(out_of=pd.to_numeric(bound["value"], errors="coerce").astype(float))
        most = most.drop_duplicates(sessions.SHEET)[[*sessions.SHEET, "out_of"]]
        own = own.drop(columns="out_of").merge(most, on=sessions.SHEET)
    return own.dropna(subset=["number"])


def totals(months: pd.DataFrame) -> pd.DataFrame:
    """Say of every field in how many months it was written down, and how much it came to.

    Parameters
    ----------
    months : pandas.DataFrame
        Of :func:`monthly`.

    Returns
    -------
    pandas.DataFrame
        One row per field: routine, what, months, first and last (months), total, a_month (mean), share (per cent of
        what it is a part of; missing where it is of none), respondents (fewest of a month), people, note. Without rows
        ``attrs["absent"]`` says why.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = {"routine": "Rhythm", "field": "checkins_held", "what": "Held", "period": ["2026-01", "2026-02"]}
    >>> rows |= {"count": [9.0, 11.0], "out_of": [12.0, 12.0], "respondents": [6, 6], "people": None}
    >>> totals(pd.DataFrame(rows))[["what", "months", "total", "a_month"]]
       what  months  total  a_month
    0  Held       2   20.0     10.0
    """
    columns = [
        "routine",
        "what",
        "months",
        "first",
        "last",
        "total",
        "a_month",
        "share",
        "respondents",
        "people",
        "note",
    ]
    rows = []
    for (routine, _), part in months.groupby(["routine", "field"], sort=False):
        total, out_of = part["count"].sum(), part["out_of"].sum(min_count=1)
        facts = {"routine": routine, "what": part["what"].iloc[0], "months": len(part), "total": total}
        facts |= {"first": part["period"].min(), "last": part["period"].max(), "a_month": total / len(part)}
        who = {"respondents": int(part["respondents"].min()), "people": part["people"].iloc[0], "note": ""}
        rows.append(facts | {"share": 100 * total / out_of if out_of > 0 else np.nan} | who)
    return because(pd.DataFrame(rows, columns=columns), str(months.attrs.get("absent", "")))
