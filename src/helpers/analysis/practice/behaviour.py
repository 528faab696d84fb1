"""What people did, from records that nobody filled in to please: outcomes that are blind to who began a practice."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.analysis.hiring import records
from helpers.analysis.methods import single_case
from helpers.analysis.methods.counts import because
from helpers.analysis.practice.design import UNITS, Design

if TYPE_CHECKING:
    from helpers.data import Study

BEFORE, AFTER = "before", "after"
#: What readers call the outcomes; the first is higher for the better, the second lower.
IN_TIME, DAYS = "Feedback in the agreed time, per cent", "Days until feedback"
KEPT = "Promises kept by the first date, per cent"
RECORDS = ("feedback", "promises", "teams")
_COLUMNS = ["partnership_id", "respondent_id", "wave", "dimension", "score"]
_MONTHS = {"H": 6, "Q": 3}


def window(how: Design, as_of: pd.Timestamp) -> tuple[pd.Timestamp, pd.Timestamp, pd.Timestamp]:
    """Return the days between which behaviour is compared.

    Parameters
    ----------
    how : Design
        With at least one start.
    as_of : pandas.Timestamp
        Day of the study.

    Returns
    -------
    tuple of pandas.Timestamp
        First day before, the first start, and the day after the last: the second start, or the day of the study. What
        lies before is as long as what lies after.
    """
    start = how.starts[0]
    until = min([*how.starts[1:2], as_of + pd.Timedelta(days=1)])
    return start - (until - start), start, until


def recorded(
    study: Study, how: Design, records: Sequence[str] = RECORDS, feedback_where: Mapping[str, str] | None = None
) -> pd.DataFrame:
    """Put together what managers did in hiring, promises kept, and records of teams, before and after the first start.

    Parameters
    ----------
    study : helpers.data.Study
        With requisitions and hiring_events, commitments, or outcomes of units; else there are no rows.
    how : Design
        How the practice was allotted.
    records : sequence of {"feedback", "promises", "teams"}
        Which of them, as the playbook declares.
    feedback_where : mapping of str to str, optional
        A captured field and a word: days until feedback come once more, of managers who noted that word.

    Returns
    -------
    pandas.DataFrame
        Rows as :meth:`.Design.rows` takes them, with the waves "before" and "after": partnership_id, respondent_id (the
        manager), wave, dimension (what was recorded) and score. Without rows ``attrs["absent"]`` says why;
        ``attrs["left_out"]`` tells what is recorded of one side of the comparison only.

    Notes
    -----
    Feedback counts that was asked for in the window: the share given in the agreed time (missing where none was
    agreed), and the mean of days of what was given. Managers note whom they visited when their own turn comes, so among
    them those who began are compared with those who chose the same later. Promises count that were due in the window
    and recorded to an end, as the share of a pair's. Metrics of teams count only where teams were allotted, as the mean
    over periods that lie within the window; a count with a denominator is taken in per cent of it.
    """
    empty = pd.DataFrame(columns=_COLUMNS)
    if not how.starts or how.kind == "none":
        return _told(empty, "It is not recorded who began when, so what people did cannot be compared.")
    first, start, until = window(how, pd.Timestamp(study.as_of))
    parts = [_FROM[name](study, how, first, start, until) for name in records]
    if "feedback" in records and feedback_where:
        parts.append(_feedback_of(study, parts[list(records).index("feedback")], feedback_where))
    everything = pd.concat([part for part in parts if len(part)] or [empty], ignore_index=True)
    found, others = how.comparable(everything, BEFORE, AFTER)
    left_out = [f"{name}: recorded only of one side, so there is nothing to compare." for name in others]
    absent = "No records tell of both, those who had begun and those who had not."
    if list(records) == ["teams"] and how.unit != UNITS["team"]:
        absent = "What is recorded of teams is not compared, since teams were not allotted."
    return _told(found, absent, " ".join(left_out))


def _told(frame: pd.DataFrame, absent: str, left_out: str = "") -> pd.DataFrame:
    found = because(frame, absent)
    found.attrs["left_out"] = left_out
    return found


def waits_for_feedback(study: Study) -> pd.DataFrame:
    """List how long managers took to give feedback; no rows where the study has no hiring records."""
    if not (study.has("requisitions") and study.has("hiring_events")):
        return pd.DataFrame(columns=["hiring_manager_id", "started_at", "days", "done", "in_time"])
    agreed = study.hiring.service_levels.model_dump()
    seen = (study.table("requisitions"), study.table("hiring_events"), study.as_of, study.timezone)
    waits = records.waits(*seen, study.hiring.holidays, agreed)
    return waits[(waits["wait"] == "feedback") & (waits["problem"] == "")]


def _feedback(study: Study, how: Design, first: pd.Timestamp, start: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    waits = waits_for_feedback(study)
    day = pd.to_datetime(waits["started_at"])
    waits = waits[(day >= first) & (day < until)]
    wave = np.where(pd.to_datetime(waits["started_at"]) >= start, AFTER, BEFORE)
    by = [waits["hiring_manager_id"].rename("manager_id"), pd.Series(wave, waits.index, name="wave")]
    figures = {
        IN_TIME: (100 * waits["in_time"].astype(float)).groupby(by).mean(),
        DAYS: waits["days"].where(waits["done"].astype(bool)).astype(float).groupby(by).mean(),
    }
    found = [values.rename("score").reset_index().assign(dimension=name) for name, values in figures.items()]
    pairs = how.pairs[["partnership_id", "manager_id"]]
    return pairs.merge(pd.concat(found), on="manager_id").rename(columns={"manager_id": "respondent_id"})[_COLUMNS]


def _feedback_of(study: Study, feedback: pd.DataFrame, where: Mapping[str, str]) -> pd.DataFrame:
    """Take the days until feedback of managers who noted a word, whenever their turn came."""
    if not study.has("practice_answers"):
        return feedback[:0]
    answers, parts = study.table("practice_answers"), []
    for field, word in where.items():
        noted = answers[(answers["field"] == field) & (answers["value"] == word)]
        own = feedback[
            (feedback["dimension"] == DAYS) & feedback["respondent_id"].isin(set(noted["person_id"].dropna()))
        ]
        parts.append(own.assign(dimension=f"{DAYS}, of managers who visited {word.replace('_', ' ')}"))
    return pd.concat(parts, ignore_index=True)


def _promised(study: Study, how: Design, first: pd.Timestamp, start: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    if not study.has("commitments"):
        return pd.DataFrame(columns=_COLUMNS)
    made = study.table("commitments")
    due = pd.to_datetime(made["due_on"])
    made = made.assign(wave=np.where(due >= start, AFTER, BEFORE), kept=100.0 * made["outcome"].eq("kept"))
    made = made[(due >= first) & (due < until) & made["outcome"].ne("open")]
    shares = made.groupby(["partnership_id", "wave"])["kept"].mean().rename("score").reset_index()
    pairs = how.pairs[["partnership_id", "manager_id"]].rename(columns={"manager_id": "respondent_id"})
    return pairs.merge(shares, on="partnership_id").assign(dimension=KEPT)[_COLUMNS]


def _of_teams(study: Study, how: Design, first: pd.Timestamp, start: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    if how.unit != UNITS["team"] or not study.has("outcomes"):
        return pd.DataFrame(columns=_COLUMNS)
    rows = study.table("outcomes").dropna(subset=["value"])
    begins, ends = (pd.Series([span(period)[end] for period in rows["period"]], rows.index) for end in (0, 1))
    out_of = rows["denominator"].astype(float) if "denominator" in rows else pd.Series(np.nan, rows.index)
    value = rows["value"].astype(float)
    rows = rows.assign(
        score=np.where(out_of.notna(), 100 * value / out_of.where(out_of > 0), value),
        wave=np.select([(begins >= first) & (ends <= start), (begins >= start) & (ends <= until)], [BEFORE, AFTER], ""),
    )
    rows = rows[(rows["wave"] != "") & rows["score"].notna()]
    means = rows.groupby(["unit", "metric", "wave"])["score"].mean().reset_index()
    means["dimension"] = means["metric"].str.replace("_", " ").str.capitalize() + " (team)"
    pairs = how.pairs[["partnership_id", "manager_id", "unit"]]
    return pairs.merge(means, on="unit").rename(columns={"manager_id": "respondent_id"})[_COLUMNS]


_FROM = {"feedback": _feedback, "promises": _promised, "teams": _of_teams}


def span(period: str) -> tuple[pd.Timestamp, pd.Timestamp]:
    """Return the first day of a period, and the first day after it.

    Parameters
    ----------
    period : str
        A year, half-year, quarter or month: 2026, 2026-H1, 2026-Q2 or 2026-06.

    Returns
    -------
    tuple of pandas.Timestamp
        Both days.

    Examples
    --------
    >>> [f"{day:%Y-%m-%d}" for day in span("2026-Q2")]
    ['2026-04-01', '2026-07-01']
    """
    year, kind, part = re.fullmatch(r"(\d{4})(?:-([HQ]?)(\d+))?", period).groups()  # type: ignore[union-attr]
    months = 12 if part is None else _MONTHS.get(kind, 1)
    begin = pd.Timestamp(int(year), 1, 1) + pd.DateOffset(months=months * (int(part or 1) - 1))
    return begin, begin + pd.DateOffset(months=months)


def single_cases(study: Study, how: Design, confidence: float = 0.95) -> pd.DataFrame:
    """Test by the days on which a few units began, each of which was drawn, whether their figures changed level.

    Parameters
    ----------
    study : helpers.data.Study
        With hiring records, or promises.
    how : Design
        How the practice was allotted.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per figure: dimension, estimate (mean after less mean before, averaged over units), low, high, p_value,
        smallest_p, draws, respondents, clusters (units), people, method, note. Without rows ``attrs["absent"]`` says
        why.

    Notes
    -----
    See :func:`helpers.analysis.methods.single_case.randomised_start`. Figures stand at the day on which feedback was
    asked for, or a promise was due; several of one day and unit are averaged.

    Examples
    --------
    >>> from helpers.analysis.practice import design
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> single_cases(study, design.design_of(study, "role_swap")).attrs["absent"]
    'The day on which each began was not drawn, so single units are not compared with themselves.'
    """
    if how.kind != "single cases":
        return because(
            pd.DataFrame(columns=["dimension", "estimate"]),
            "The day on which each began was not drawn, so single units are not compared with themselves.",
        )
    units = how.pairs.dropna(subset=["could_start", "starts_on"]).drop_duplicates("unit").set_index("unit")
    could = {
        unit: sorted({pd.Timestamp(day.strip()) for day in str(days).split(";") if day.strip()})
        for unit, days in units["could_start"].items()
    }
    found = []
    for name, rows in _by_day(study, how).items():
        own = rows[rows["unit"].isin(list(could))]
        row = single_case.randomised_start(
            own, "value", "unit", "day", units["starts_on"].to_dict(), could, confidence=confidence
        )
        found.append({"dimension": name} | row.iloc[0].to_dict())
    return because(
        pd.DataFrame(found), "Neither hiring records nor promises tell what these units did before and after."
    )


def _by_day(study: Study, how: Design) -> dict[str, pd.DataFrame]:
    """Figures of each unit by day: unit, day, value, respondent_id."""
    of_manager = how.pairs.drop_duplicates("manager_id").set_index("manager_id")["unit"]
    waits = waits_for_feedback(study)
    given = waits[waits["done"].astype(bool)]
    found: dict[str, Any] = {
        DAYS: pd.DataFrame(
            {
                "unit": given["hiring_manager_id"].map(of_manager),
                "day": pd.to_datetime(given["started_at"]).dt.normalize(),
                "value": given["days"].astype(float),
                "respondent_id": given["hiring_manager_id"],
            }
        )
    }
    if study.has("commitments"):
        made = study.table("commitments")
        made = made[made["outcome"].ne("open") & made["due_on"].notna()]
        pairs = how.pairs.drop_duplicates("partnership_id").set_index("partnership_id")
        found[KEPT] = pd.DataFrame(
            {
                "unit": made["partnership_id"].map(pairs["unit"]),
                "day": pd.to_datetime(made["due_on"]),
                "value": 100.0 * made["outcome"].eq("kept"),
                "respondent_id": made["partnership_id"].map(pairs["manager_id"]),
            }
        )
    return {name: rows.dropna() for name, rows in found.items() if len(rows.dropna())}
