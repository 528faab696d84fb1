"""What the records hold at all: which kinds of events and which fields, by source, time and department.

An event that a system never exports did not "not happen": it is not recorded. What rests on it is left out, never
counted as zero. The one place where that is decided.

Notes
-----
1. A kind that never occurs in a source is not recorded there. No number can tell a kind that is not exported from one
   that never happened: even if it befell one in twenty, none among 58 would be chance. A study whose records are known
   to be complete says so (``hiring: recorded:`` in study.yaml), and then none is none.
2. A kind that occurs in a source, but not once in a department or in a stretch of time, is not recorded there if so few
   among so many cannot well be chance. A stretch lies between two events of the kind that follow one another; k of the
   n occasions that began in it had the event (later). Of all N occasions K had it, so P(X <= k) for a hypergeometric X
   tells how well that can be chance; the limit is .05 divided by the number of stretches, departments, kinds and
   sources looked at (Bonferroni). Occasions of one manager are alike, so log P is divided by Kish's design effect; a
   single manager without an event is a habit of the manager, never a gap in the records. An occasion younger than the
   wait that 90 % have behind them does not count yet.
3. Occasions that begin in such a gap are left out, and what runs into one was watched until it begins.

References
----------
Kish, L. (1965). *Survey Sampling*. Wiley. (Design effect.)
"""

from __future__ import annotations

import datetime
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods import agreement
from helpers.analysis.methods.counts import because, people
from helpers.columns import count, partition, repeats, text
from helpers.data.query import identifier, query, quoted
from helpers.data.tables import TABLES

if TYPE_CHECKING:
    from helpers.data import Study

#: Share of occasions on which a kind of event is taken to happen at the least, where nothing else is known.
RARE = 0.05
#: What is less probable than this is not put down to chance.
CHANCE = 0.05
#: Fewest occasions without a single event that are no chance, were it one in twenty.
ENOUGH = int(np.ceil(np.log(CHANCE) / np.log(1 - RARE)))
EVER, NEVER = pd.Timestamp("1700-01-01"), pd.Timestamp("2250-01-01")
ONE_SOURCE = "the records"
NO_HIRING = "The study has no hiring records."

#: What says that a candidate no longer waits, and what is done where nothing says so.
LEFT = ("candidate_withdrawn", "candidate_rejected")
UNTIL_CLOSED = "; what never ended is taken to have been waited for until the opening was closed"

OPENING, CANDIDATE = "opening", "candidate"


@dataclass(frozen=True)
class Kind:
    """A kind of event, or a field.

    Attributes
    ----------
    label : str
        What readers call it.
    of : str
        On which occasions it could happen: an opening, a candidate, or after another kind of event.
    watched : bool
        Whether figures rest on where and when it is recorded; else it is asked only whether it ever occurs.
    """

    label: str
    of: str = OPENING
    watched: bool = True


KINDS = {
    "intake_held": Kind("Intake meeting"),
    "brief_received": Kind("Complete brief"),
    "shortlist_sent": Kind("Shortlist"),
    "applied": Kind("Application", CANDIDATE),
    "cv_sent": Kind("CV sent to the manager", CANDIDATE),
    "cv_reviewed": Kind("CV reviewed", "cv_sent"),
    "interview_scheduled": Kind("Interview scheduled", "interview_held"),
    "interview_accepted": Kind("Interview accepted", "interview_scheduled"),
    "interview_declined": Kind("Interview declined", "interview_scheduled"),
    "interview_rescheduled": Kind("Interview rescheduled", "interview_scheduled"),
    "interview_missed": Kind("Interview missed", "interview_scheduled"),
    "interview_held": Kind("Interview held", "interview_scheduled"),
    "feedback_given": Kind("Feedback", "interview_held"),
    "offer_extended": Kind("Offer made", "offer_accepted"),
    "offer_accepted": Kind("Offer accepted"),
    "offer_declined": Kind("Offer declined", "offer_extended"),
    "candidate_withdrawn": Kind("Candidate withdrew", CANDIDATE, watched=False),
    "candidate_rejected": Kind("Candidate rejected", CANDIDATE, watched=False),
    "reopened": Kind("Opening re-opened"),
    "cancelled": Kind("Opening cancelled", watched=False),
    "unfilled": Kind("Opening closed unfilled, for whatever reason", watched=False),
    "closed_at": Kind("Day of closing (field)"),
    "close_reason": Kind("Reason for closing (field)", "closed_at"),
    "approved_at": Kind("Day of approval (field)", watched=False),
    "due_at": Kind("Agreed time (field)", "due", watched=False),
    "recruiter_id": Kind("Recruiter (field)", watched=False),
    "department": Kind("Department (field)", watched=False),
    "location": Kind("Location (field)", watched=False),
    "level": Kind("Level (field)", watched=False),
}
#: What each kind is counted over, in words.
_OCCASIONS = {
    OPENING: "openings",
    CANDIDATE: "candidates",
    "cv_sent": "candidates whose CV was sent",
    "interview_scheduled": "candidates with an interview scheduled",
    "interview_held": "candidates interviewed",
    "offer_extended": "candidates with an offer",
    "offer_accepted": "candidates who accepted",
    "closed_at": "closed openings",
    "due": "steps taken",
}

#: Steps of a manager's engagement, and the kinds of events that they rest on.
STEPS = {
    "intake": ("intake_held",),
    "brief": ("brief_received",),
    "cv_review": ("cv_sent", "cv_reviewed"),
    "feedback": ("interview_held", "feedback_given"),
    "interviews": ("interview_scheduled", "interview_declined", "interview_rescheduled", "interview_missed"),
}


@dataclass(frozen=True)
class Recorded:
    """What the records of a study hold.

    Attributes
    ----------
    gaps : pandas.DataFrame
        Where a kind is not recorded: kind, source, department (missing: all of the source), begin, end (local times,
        the ends not included; of what is never recorded the earliest and the latest time there is).
    kinds : pandas.DataFrame
        One row per source and kind: source, kind (its label), event, of (what it is counted over), occasions, share
        (per cent of them that have it; missing where none is recorded), recorded ("yes", "in part", "no"), missing
        (where not, in words), respondents (hiring managers), people.
    units : pandas.DataFrame
        By requisition_id: source and department of the opening.
    """

    gaps: pd.DataFrame
    kinds: pd.DataFrame
    units: pd.DataFrame

    @classmethod
    def of(
        cls,
        requisitions: pd.DataFrame,
        events: pd.DataFrame,
        as_of: datetime.date,
        declared: Collection[str] = (),
        denied: Collection[str] = (),
    ) -> Recorded:
        """Find out what records hold.

        Parameters
        ----------
        requisitions, events : pandas.DataFrame
            The tables ``requisitions`` and ``hiring_events`` of a study; requisitions without the column source are
            those of one.
        as_of : datetime.date
            Day of the study.
        declared : collection of str
            Kinds that are recorded, so that none is none.
        denied : collection of str
            Kinds that are not, whatever there is of them.

        Returns
        -------
        Recorded
            See there.
        """
        until = pd.Timestamp(as_of) + pd.Timedelta(days=1)
        declared = {*declared, *(["unfilled"] if "cancelled" in declared else [])}
        source = requisitions["source"] if "source" in requisitions else pd.Series(pd.NA, requisitions.index)
        units = pd.DataFrame(
            {
                "source": source.astype(object).fillna(ONE_SOURCE),
                "department": requisitions.get("department"),
                "respondent_id": requisitions["hiring_manager_id"],
            }
        ).set_axis(requisitions["requisition_id"], axis=0)
        happened = _everything(requisitions, events)
        first = {
            OPENING: _first(happened, "requisition_id"),
            CANDIDATE: _first(happened, "requisition_id, candidate_id"),
        }
        happened = happened[happened["event"].isin(list(KINDS))].join(units, on="requisition_id")
        times_of = dict(tuple(happened.groupby("event")))
        looked_at = 2 * units["source"].nunique() * sum(kind.watched for kind in KINDS.values())
        gaps: list[dict[str, object]] = []
        rows: list[dict[str, object]] = []
        for kind in KINDS:
            occasions = _occasions(kind, first).join(units, on="requisition_id")
            times = times_of.get(kind, happened[:0])
            for name in units["source"].unique():
                here = _Occasions.of(occasions[occasions["source"] == name], times[times["source"] == name], until)
                found = here.missing(looked_at if KINDS[kind].watched else 0)
                if kind in [*declared, *denied]:
                    found = [(None, EVER, NEVER)] if kind in denied else []
                gaps += [
                    {"kind": kind, "source": name, "department": part, "begin": begin, "end": end}
                    for part, begin, end in found
                ]
                rows.append({"source": name} | _row(kind, here, found, kind in [*declared, *denied]))
        columns = ["kind", "source", "department", "begin", "end"]
        return cls(pd.DataFrame(gaps, columns=columns), pd.DataFrame(rows, columns=_COLUMNS), units)

    def missing(
        self, kinds: Collection[str], requisition: pd.Series, at: pd.Series, until: pd.Series | None = None
    ) -> pd.Series:
        """Tell whether one of several kinds is not recorded at a time, or at some time in a stretch.

        Parameters
        ----------
        kinds : collection of str
            Kinds of events.
        requisition : pandas.Series
            The opening of each row.
        at : pandas.Series
            Time, or beginning of the stretch.
        until : pandas.Series, optional
            End of the stretch.

        Returns
        -------
        pandas.Series
            True or False, with the index of ``requisition``; False where the time is missing.
        """
        found = pd.Series(False, index=requisition.index)
        for rows, begin, end in self._gaps_of(kinds, requisition):
            found |= rows & (at < end) & ((at if until is None else until) > begin)
        return found

    def cut(self, kinds: Collection[str], requisition: pd.Series, after: pd.Series) -> pd.Series:
        """Return until when all of several kinds are recorded, for waits that begin while they are.

        Parameters
        ----------
        kinds, requisition
            As for :meth:`missing`.
        after : pandas.Series
            Beginning of each wait.

        Returns
        -------
        pandas.Series
            The next time from which one is not recorded; missing where that never comes.
        """
        found = pd.Series(pd.NaT, index=requisition.index, dtype="datetime64[us]")
        for rows, begin, _ in self._gaps_of(kinds, requisition):
            comes = rows & (after <= begin)
            found = found.mask(comes & ~(found <= begin), begin)
        return found

    def never(self, kinds: Collection[str]) -> bool:
        """Tell whether no opening has all of several kinds recorded at any time."""
        requisition = self.units.index.to_series()
        whole = pd.Series(False, index=requisition.index)
        for rows, begin, end in self._gaps_of(kinds, requisition):
            whole |= rows & (begin == EVER) & (end == NEVER)
        return bool(whole.all())

    @property
    def closings(self) -> bool:
        """Whether every source holds openings that were closed unfilled, so that what shows no end is open."""
        return not (self.kinds["recorded"].eq("no") & self.kinds["event"].eq("unfilled")).any()

    def steps(self, openings: pd.DataFrame, as_of: datetime.date) -> pd.DataFrame:
        """Tell which steps of :data:`STEPS` are recorded for the whole time of each opening.

        Parameters
        ----------
        openings : pandas.DataFrame
            As :func:`helpers.analysis.hiring.records.openings` returns them.
        as_of : datetime.date
            Day of the study.

        Returns
        -------
        pandas.DataFrame
            By requisition_id, one column per step: True or False.
        """
        requisition, begun = openings["requisition_id"], openings["started_at"]
        until = openings["ended_at"].fillna(pd.Timestamp(as_of) + pd.Timedelta(days=1))
        found = {step: ~self.missing(kinds, requisition, begun, until) for step, kinds in STEPS.items()}
        return pd.DataFrame(found).set_axis(requisition, axis=0)

    def unfilled_fields(self, names: Collection[str]) -> list[str]:
        """Return the fields, of those named, that some source never fills."""
        whole = self.gaps[(self.gaps["begin"] == EVER) & (self.gaps["end"] == NEVER) & self.gaps["department"].isna()]
        return [name for name in names if (whole["kind"] == name).any()]

    @property
    def remark(self) -> str:
        """What is not recorded and therefore left out, in one sentence or two; empty where everything is."""
        events = self.kinds[self.kinds["event"].isin(TABLES["hiring_events"].columns["event"].allowed)]
        several = events["source"].nunique() > 1
        parts = []
        for verdict, words in (
            ("no", "Not recorded, and in no figure: {}."),
            ("in part", "Recorded in part only: {}."),
        ):
            of_verdict = events[events["recorded"] == verdict]
            named = [row.kind + (f" ({row.source})" if several else "") for row in of_verdict.itertuples(index=False)]
            parts += [words.format(", ".join(named))] if named else []
        return " ".join([*parts, "The chapter on data readiness says where and when."]) if parts else ""

    def _gaps_of(
        self, kinds: Collection[str], requisition: pd.Series
    ) -> Iterator[tuple[pd.Series, pd.Timestamp, pd.Timestamp]]:
        """Walk through the gaps of kinds: the rows whose openings they concern, begin and end."""
        relevant = self.gaps[self.gaps["kind"].isin(list(kinds))]
        if relevant.empty:
            return
        codes, distinct = pd.factorize(requisition)
        units = self.units.reindex(distinct)
        for gap in relevant.itertuples(index=False):
            concerned = units["source"] == gap.source
            if pd.notna(gap.department):
                concerned &= units["department"] == gap.department
            yield pd.Series(concerned.to_numpy(bool)[codes], index=requisition.index), gap.begin, gap.end


#: How the columns of :func:`exhibit` are called.
COLUMNS = {
    "source": partition("Source"),
    "kind": repeats("What"),
    "of": text("Counted over", "value"),
    "occasions": count("Of"),
    "recorded": text("Recorded", "value"),
    "missing": text("Where not", "value"),
}


def exhibit(recorded: Recorded | None) -> pd.DataFrame:
    """Return what the records hold, as a table to show.

    Parameters
    ----------
    recorded : Recorded, optional
        What they hold; None where the study has no hiring records.

    Returns
    -------
    pandas.DataFrame
        ``kinds`` of :class:`Recorded`: kinds that are not recorded first, then in part, then the others; no rows
        without hiring records.
    """
    if recorded is None:
        return because(pd.DataFrame(), NO_HIRING)
    order = recorded.kinds["recorded"].map({"no": 0, "in part": 1, "yes": 2})
    return recorded.kinds.assign(order=order).sort_values(["source", "order"], kind="stable", ignore_index=True)


def of_study(study: Study) -> pd.DataFrame:
    """Return what the hiring records of a study hold, as a table to show.

    Parameters
    ----------
    study : helpers.data.Study
        The study.

    Returns
    -------
    pandas.DataFrame
        See :func:`exhibit`.
    """
    if not study.has("requisitions") or not study.has("hiring_events"):
        return exhibit(None)
    settings = study.hiring
    tables = study.table("requisitions"), study.table("hiring_events")
    return exhibit(Recorded.of(*tables, study.as_of, settings.recorded, settings.not_recorded))


def comparable(steps: pd.DataFrame, among: Sequence[str]) -> tuple[list[str], pd.Index]:
    """Choose steps, and the openings in which all of them are recorded, so that like is compared with like.

    Parameters
    ----------
    steps : pandas.DataFrame
        As :meth:`Recorded.steps` returns them.
    among : sequence of str
        Steps to choose from.

    Returns
    -------
    tuple of list of str and pandas.Index
        The steps, and the ids of the openings: of all choices the one with the most steps times openings, then the
        most steps. No steps and no openings where none is recorded.

    Examples
    --------
    >>> import pandas as pd
    >>> held = pd.DataFrame({"intake": [True, True, True], "brief": [True, False, False]}, index=["a", "b", "c"])
    >>> comparable(held, ["intake", "brief"])[0]
    ['intake']
    """
    best: tuple[list[str], pd.Index] = ([], steps.index[:0])
    for size in range(len(among), 0, -1):
        for chosen in combinations(among, size):
            openings = steps.index[steps[list(chosen)].all(axis=1)]
            if len(openings) * size > len(best[0]) * len(best[1]):
                best = (list(chosen), openings)
    return best


# --- how it is found --------------------------------------------------------------------------------------------------

_DUE = ("intake_held", "brief_received", "shortlist_sent", "cv_reviewed", "feedback_given")


def _everything(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.DataFrame:
    """Return events and, as if they were events, the fields that are filled: requisition, candidate, event, time."""
    opening = {name: None for name in TABLES["requisitions"].columns if name not in requisitions}
    given = requisitions.assign(**opening)[list(TABLES["requisitions"].columns)]
    fields = "".join(
        f"""
        UNION ALL SELECT requisition_id, NULL, {quoted(name)}, coalesce({at}, opened_at) FROM requisitions
        WHERE {name} IS NOT NULL"""
        for name, at in (
            *(("closed_at", "closed_at"), ("approved_at", "approved_at")),
            *((name, "opened_at") for name in ("recruiter_id", "department", "location", "level")),
        )
    )
    due = ", ".join(map(quoted, _DUE))
    return query(
        f"""
        SELECT requisition_id, candidate_id, event, "at" FROM events
        UNION ALL SELECT requisition_id, NULL, 'opening', coalesce(approved_at, opened_at) FROM requisitions
        UNION ALL SELECT requisition_id, NULL, 'close_reason', closed_at FROM requisitions
            WHERE close_reason IS NOT NULL AND closed_at IS NOT NULL
        UNION ALL SELECT requisition_id, NULL, 'cancelled', coalesce(closed_at, opened_at) FROM requisitions
            WHERE close_reason = 'cancelled'
        UNION ALL SELECT requisition_id, NULL, 'unfilled', coalesce(closed_at, opened_at) FROM requisitions
            WHERE close_reason IN ('cancelled', 'on_hold') OR close_reason IS NULL AND closed_at IS NOT NULL
        UNION ALL SELECT requisition_id, NULL, 'unfilled', "at" FROM events WHERE event = 'cancelled'
        UNION ALL SELECT requisition_id, candidate_id, 'due', min("at") FROM events WHERE event IN ({due}) GROUP BY ALL
        UNION ALL SELECT requisition_id, candidate_id, 'due_at', min("at") FROM events
            WHERE event IN ({due}) AND due_at IS NOT NULL GROUP BY ALL
        {fields}
        """,
        requisitions=given,
        events=events.assign(**{name: None for name in ("candidate_id", "due_at") if name not in events})[
            ["requisition_id", "candidate_id", "event", "at", "due_at"]
        ],
    )


def _first(happened: pd.DataFrame, who: str) -> pd.DataFrame:
    """Return when each kind happened first, one row per opening, or per opening and candidate."""
    kinds = [*KINDS, OPENING, "due"]
    firsts = ", ".join(f'min("at") FILTER (event = {quoted(kind)}) AS {identifier(kind)}' for kind in kinds)
    named = f'bool_or(candidate_id IS NOT NULL) AS named, min("at") AS {CANDIDATE}'
    return query(f"SELECT {who}, {named}, {firsts} FROM happened GROUP BY {who} ORDER BY {who}", happened=happened)


def _occasions(kind: str, first: Mapping[str, pd.DataFrame]) -> pd.DataFrame:
    """Return on which occasions a kind of event could happen: requisition, when it began, and when it happened."""
    of = KINDS[kind].of
    rows = first[OPENING if of in (OPENING, "closed_at") else CANDIDATE]
    rows = rows[rows["named"] if of == CANDIDATE else rows[of].notna()]
    named = {"requisition_id": rows["requisition_id"], "begun_at": rows[of], "came_at": rows[kind]}
    return pd.DataFrame(named).sort_values(["requisition_id", "begun_at"], ignore_index=True)


_COLUMNS = ["source", "event", "kind", "of", "occasions", "share", "recorded", "missing", "respondents", "people"]
Gap = tuple[str | None, pd.Timestamp, pd.Timestamp]


@dataclass(frozen=True)
class _Occasions:
    """The occasions of one kind in one source, old enough to be judged, and the times of the events themselves."""

    rows: pd.DataFrame
    began: np.ndarray
    had: np.ndarray
    manager: np.ndarray
    department: np.ndarray
    times: np.ndarray
    department_of_times: np.ndarray
    alike: float

    @classmethod
    def of(cls, rows: pd.DataFrame, times: pd.DataFrame, until: pd.Timestamp) -> _Occasions:
        """Take the occasions that can be judged, with what they need in arrays."""
        rows = rows[rows["begun_at"].notna()].assign(had=rows["came_at"].notna())
        waited = (rows["came_at"] - rows["begun_at"]).dropna()
        usual = max(waited.quantile(0.9), pd.Timedelta(0)) if len(waited) else pd.Timedelta(0)
        rows = rows[rows["had"] | (rows["begun_at"] + usual <= until)]
        alike = np.nan
        if 0 < rows["had"].sum() < len(rows):
            alike = agreement.intraclass(rows["had"].astype(float), rows["respondent_id"]).one
        times = times.sort_values("at")
        return cls(
            rows,
            *(rows["begun_at"].to_numpy(), rows["had"].to_numpy(bool), pd.factorize(rows["respondent_id"])[0]),
            rows["department"].to_numpy(object),
            times["at"].to_numpy(),
            times["department"].to_numpy(object),
            float(np.clip(np.nan_to_num(alike), 0, 1)),
        )

    def missing(self, looked_at: int) -> list[Gap]:
        """Return the gaps of the source: everywhere, and, of a kind looked at, for a time or in a department."""
        if not len(self.times):
            return [(None, EVER, NEVER)]
        if not looked_at or not len(self.rows):
            return []
        every = np.ones(len(self.began), bool)
        found: list[Gap] = [(None, begin, end) for begin, end in self._stretches(every, self.times, looked_at)]
        outside = every.copy()
        for _, begin, end in found:
            outside &= (self.began <= begin.to_datetime64()) | (self.began >= end.to_datetime64())
        departments = [name for name in pd.unique(self.department[outside]) if pd.notna(name)]
        for name in departments if len(departments) > 1 else ():
            here, times = outside & (self.department == name), self.times[self.department_of_times == name]
            if len(times):
                found += [
                    (name, begin, end) for begin, end in self._stretches(here, times, looked_at * len(departments))
                ]
            elif self._no_chance(here, outside, looked_at * len(departments)):
                found.append((name, EVER, NEVER))
        return found

    def _stretches(self, among: np.ndarray, times: np.ndarray, others: int) -> list[tuple[pd.Timestamp, pd.Timestamp]]:
        """Return the stretches between events in which too few of the occasions that began in them had one."""
        edges = np.unique(times)
        place = np.searchsorted(edges, self.began, side="left")
        inside = among & (edges[np.minimum(place, len(edges) - 1)] != self.began)
        size = len(edges) + 1
        every = np.bincount(place[inside], minlength=size)
        some = np.bincount(place[inside & self.had], minlength=size)
        # A quick look without the design effect, which can only raise the probability.
        likely = stats.hypergeom.cdf(some, every.sum(), some.sum(), every)
        bounds = np.r_[[EVER.to_datetime64()], edges, [NEVER.to_datetime64()]]
        return [
            (pd.Timestamp(bounds[each]), pd.Timestamp(bounds[each + 1]))
            for each in np.flatnonzero(likely < CHANCE / (size * others))
            if self._no_chance(inside & (place == each), inside, size * others)
        ]

    def _no_chance(self, here: np.ndarray, every: np.ndarray, looked_at: int) -> bool:
        """Tell whether so few among these occasions are no chance, given how often it happens among all."""
        sizes = np.unique(self.manager[here], return_counts=True)[1]
        if len(sizes) < 2:
            return False
        effect = 1 + (np.sum(sizes**2) / sizes.sum() - 1) * self.alike
        counts = (self.had[here].sum(), every.sum(), self.had[every].sum(), here.sum())
        return bool(stats.hypergeom.logcdf(*counts) / effect < np.log(CHANCE / looked_at))


def _row(kind: str, here: _Occasions, gaps: list[Gap], declared: bool) -> dict[str, object]:
    """Describe one kind in one source, for readers."""
    known = here.rows.dropna(subset=["respondent_id"])
    whole = any(begin == EVER and end == NEVER and part is None for part, begin, end in gaps)
    share = 100 * here.rows["had"].mean() if len(here.rows) else np.nan
    counts = {name: found for name, found in people(known, "respondent_id", value=kind).items() if name != "clusters"}
    return {
        "event": kind,
        "kind": KINDS[kind].label,
        "of": _OCCASIONS[KINDS[kind].of],
        "occasions": len(here.rows),
        "share": np.nan if whole else share,
        "recorded": "no" if whole else "in part" if gaps else "yes",
        "missing": _where(kind, here, gaps, whole, declared),
    } | counts


def _where(kind: str, here: _Occasions, gaps: list[Gap], whole: bool, declared: bool) -> str:
    if declared:
        return "as study.yaml says"
    if whole:
        few = ", too few occasions to tell from chance" if len(here.rows) < ENOUGH else ""
        return f"never{few}{UNTIL_CLOSED if kind in LEFT else ''}"
    return "; ".join(_gap_in_words(*gap) for gap in gaps)


def _gap_in_words(department: str | None, begin: pd.Timestamp, end: pd.Timestamp) -> str:
    when = "never"
    if begin != EVER or end != NEVER:
        when = f"before {end:%Y-%m-%d}" if begin == EVER else f"after {begin:%Y-%m-%d}"
        when = f"{begin:%Y-%m-%d} to {end:%Y-%m-%d}" if begin > EVER and end < NEVER else when
    return f"{department}: {when}" if department else when
