"""What became of the promises that pairs made to each other.

A promise is due once its first date has passed and some days more, in which its end could be written down. What nobody
wrote down to its end is open: neither kept nor broken.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.analysis.methods import clustered, survival, units
from helpers.analysis.methods.counts import because, people, require
from helpers.analysis.methods.interval_censored import turnbull
from helpers.analysis.survey import scales
from helpers.analysis.survey.answers import FEWEST_PARTNERS

if TYPE_CHECKING:
    from helpers.data import Study

#: Whose promise, in words; those of managers stand first, as everywhere.
WHOSE = {"manager": "Managers", "hr": "HR partners", "both": "Both together"}
#: What became of a promise, in words: each promise that is due is in one of these.
STATUS = {
    "kept": "kept by the first date",
    "moved in time": "moved in time",
    "kept late": "kept late",
    "moved late": "moved late",
    "broken": "broken",
    "open": "end not recorded",
}
#: What was promised, in words; see helpers.data.tables.PROMISE_KINDS.
KINDS = {"information": "Information", "answer": "Answer", "time": "Time", "change": "Change"}
#: Days that were planned for a promise, in bands.
PLANNED = {"up to 30 days": 30, "31 to 60 days": 60, "61 to 90 days": 90, "more than 90 days": np.inf}
#: What becomes of the share kept under three readings of what nobody recorded.
READINGS = {"As recorded": "", "If every open one was kept": "kept", "If none was": "not kept"}
#: Pairs by what became of the promises that one of them was made.
GROUPS = {True: "All kept, or moved in time", False: "Some late or broken"}
NO_TRUST = "Nobody answered the survey both before a promise was made to them and since it was due."
KEPT = "Kept by the first date, of those recorded to an end"
NOTHING_DUE = "No promise is due yet."
NO_KINDS = "Nobody typed of what kind the promises are."
KEYS = ["side", "whose"]


@dataclass(frozen=True)
class Promises:
    """The promises a chapter speaks of.

    Attributes
    ----------
    everything : pandas.DataFrame
        One row per promise: the columns of ``commitments`` (kind is missing where nobody typed it), practice and cohort
        (missing where its session tells none), hr_id, manager_id, cluster_id, side and whose (whose promise), counted
        (the date that counts: the new one, where it was moved in time), status (a key of :data:`STATUS`), due and ended
        (bool), planned (days from the promise to its first date), watched (days from the promise to the day of the
        records), after and by (days after which, and by which, it was closed; see :func:`closing`).
    due : pandas.DataFrame
        Those whose first date passed long enough ago.
    ended : pandas.DataFrame
        Of these, those whose end was recorded.
    clusters : str
        What belongs together, in words.
    remark : str
        What readers must know of what is left out, and of the intervals.
    """

    everything: pd.DataFrame
    due: pd.DataFrame
    ended: pd.DataFrame
    clusters: str
    remark: str

    @classmethod
    def of(cls, study: Study, practice: str = "", days_to_record: int = 30) -> Promises:
        """Read the promises of a study.

        Parameters
        ----------
        study : helpers.data.Study
            With commitments and partnerships.
        practice : str
            Only those made in sessions of this practice; empty for all.
        days_to_record : int
            Days that an end may take to be written down: a promise is due when its first date lies at least as long
            before the study's day.

        Returns
        -------
        Promises
            See there.
        """
        promised = study.table("commitments").merge(
            study.table("partnerships")[["partnership_id", "hr_id", "manager_id", "end_date"]], on="partnership_id"
        )
        for column in ("practice", "cohort"):
            promised[column] = promised["session_id"].map(_of_session(study, column)).astype("str")
        if practice:
            promised = promised[promised["practice"] == practice]
        rows = dated(promised, pd.Timestamp(study.as_of), days_to_record)
        partners = rows["hr_id"].nunique()
        alone = partners < FEWEST_PARTNERS or study.settings.inference.about == "these alone"
        rows["cluster_id"] = rows["partnership_id" if alone else "hr_id"]
        due = rows[rows["due"]].reset_index(drop=True)
        undated = int(rows["due_on"].isna().sum())
        early = len(rows) - len(due) - undated
        left_out = (
            f"{early} promises are not counted: less than {days_to_record} days have passed since their first date."
        )
        no_date = f"{undated} have no date, so nobody can say whether they were kept in time."
        these = "Intervals speak of these pairs only, not of others like them."
        said = [words for words, holds in ((left_out, early), (no_date, undated), (these, alone)) if holds]
        clusters = "pairs" if alone else "HR partners"
        return cls(rows, due, due[due["ended"]].reset_index(drop=True), clusters, " ".join(said))


def _of_session(study: Study, column: str) -> pd.Series:
    """Return the practice or the cohort of each session: that of most of its rows."""
    tables = [study.table(name) for name in ("practice_sessions", "practice_log") if study.has(name)]
    known = [table[["session_id", column]] for table in tables if {"session_id", column} <= set(table)]
    rows = pd.concat(known).dropna() if known else pd.DataFrame(columns=["session_id", column], dtype="str")
    return rows.groupby("session_id")[column].agg(lambda values: values.mode().iloc[0])


def dated(promised: pd.DataFrame, as_of: pd.Timestamp, days_to_record: int = 30) -> pd.DataFrame:
    """Say of each promise what became of it, and after how many days.

    Parameters
    ----------
    promised : pandas.DataFrame
        As in the table ``commitments``, with ``end_date``, the last day of the pair (missing while it goes on).
    as_of : pandas.Timestamp
        Day of the records.
    days_to_record : int
        Days that an end may take to be written down.

    Returns
    -------
    pandas.DataFrame
        The same rows with side, whose, counted, status, due, ended, planned, watched, after and by; see
        :class:`Promises`.
    """
    names = ("made_on", "due_on", "moved_on", "moved_to", "closed_on", "end_date")
    rows = promised.assign(**{name: pd.to_datetime(promised[name]) for name in names}).reset_index(drop=True)
    moved = rows["moved_on"].notna()
    in_time = moved & (rows["moved_on"] <= rows["due_on"])
    rows["side"] = rows["promised_by"]
    rows["whose"] = rows["side"].map(WHOSE)
    rows["counted"] = rows["moved_to"].where(in_time, rows["due_on"])
    rows["status"] = rows["outcome"].replace({"kept_late": "kept late", "moved": "moved in time"})
    rows.loc[moved & ~in_time & rows["outcome"].isin(["kept_late", "open"]), "status"] = "moved late"
    rows["ended"] = rows["outcome"] != "open"
    rows["due"] = rows["due_on"] <= as_of - pd.Timedelta(days=days_to_record)
    rows["planned"] = (rows["due_on"] - rows["made_on"]).dt.days.astype(float)
    rows["watched"] = (as_of - rows["made_on"]).dt.days.astype(float)
    return closing(rows, as_of)


def closing(rows: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Say between which days after it was made each promise was closed: done, or given up.

    Parameters
    ----------
    rows : pandas.DataFrame
        With made_on, due_on, moved_on, moved_to, closed_on, end_date and outcome.
    as_of : pandas.Timestamp
        Day of the records.

    Returns
    -------
    pandas.DataFrame
        The same with ``after`` and ``by``, in days from made_on. With a closing date: that day twice. Broken in
        silence: after the last day on which it was known to be open (the day it was made, or moved), by its last date.
        Not closed, and its last date still to come when the records or the pair ended: after that day, by no known
        one. Not closed though its last date had passed: after the last day on which it was known to be open, since
        nobody knows what came then.
    """
    known_open = rows["moved_on"].fillna(rows["made_on"])
    last = rows["moved_to"].fillna(rows["due_on"]).fillna(as_of)
    watched = rows["end_date"].where(rows["end_date"] < as_of, as_of)
    silent = (rows["outcome"] == "broken") & rows["closed_on"].isna()
    running = watched.where(watched <= last, known_open)
    after = rows["closed_on"].fillna(known_open.where(silent, running))
    by = rows["closed_on"].fillna(last.where(silent))
    found = rows.assign(after=(after - rows["made_on"]).dt.days.clip(lower=0).astype(float))
    return found.assign(by=(by - rows["made_on"]).dt.days.astype(float).fillna(np.inf).clip(lower=found["after"]))


# who stands behind a promise ---------------------------------------------------------------------------------------


def by_person(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per promise and person who made it: two of a promise that both made together."""
    parts = [rows.loc[rows["side"] != other].assign(of=side, respondent_id=lambda own, side=side: own[f"{side}_id"])
             for side, other in (("manager", "hr"), ("hr", "manager"))]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def by_partner(rows: pd.DataFrame) -> pd.DataFrame:
    """Return one row per promise and person of its pair."""
    return pd.concat([rows.assign(respondent_id=rows[name]) for name in ("manager_id", "hr_id")], ignore_index=True)


def _share(
    rows: pd.DataFrame,
    hit: pd.Series,
    what: str,
    persons: Callable[[pd.DataFrame], pd.DataFrame],
    confidence: float,
    behind: pd.DataFrame | None = None,
) -> dict[str, Any]:
    """Estimate a share in per cent, with the distinct people behind it: of all rows, or of some."""
    behind = rows if behind is None else behind
    found = clustered.proportion(rows.assign(hit=hit.astype(float)), "hit", confidence=confidence)
    return units.per_cent(found).iloc[0].to_dict() | people(persons(behind), value=what) | {"promises": len(behind)}


def _parts(
    rows: pd.DataFrame,
    parts: Mapping[str, pd.Series],
    name: str,
    what: str,
    persons: Callable[[pd.DataFrame], pd.DataFrame],
    confidence: float,
) -> list[dict[str, Any]]:
    """Estimate the share of each part of a whole that occurs, by its words: behind it stand the people of that part."""
    return [
        {name: words} | _share(rows, hit, f"{what} {words}", persons, confidence, rows[hit])
        for words, hit in parts.items()
        if hit.any()
    ]


def _became(rows: pd.DataFrame, what: str, confidence: float) -> list[dict[str, Any]]:
    """Estimate what became of some promises: the share of each outcome that occurs."""
    parts = {words: rows["status"] == status for status, words in STATUS.items()}
    return _parts(rows, parts, "became", what, by_person, confidence)


_SHARES = ["estimate", "low", "high", "promises", "respondents", "clusters", "people", "method", "note"]


def _table(rows: list[dict[str, Any]], *keys: str) -> pd.DataFrame:
    return because(pd.DataFrame(rows, columns=[*keys, *_SHARES]), NOTHING_DUE)


def _sides(rows: pd.DataFrame) -> list[tuple[dict[str, str], pd.DataFrame]]:
    """Return the promises of each side, managers first."""
    parts = [({"side": side, "whose": words}, rows[rows["side"] == side]) for side, words in WHOSE.items()]
    return [(keys, part) for keys, part in parts if len(part)]


# shares --------------------------------------------------------------------------------------------------------------


def outcomes(due: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate what became of promises, by whose they were.

    Parameters
    ----------
    due : pandas.DataFrame
        Promises that are due; see :class:`Promises`.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per side and outcome that occurs: whose, became (in words), promises, estimate, low, high (per cent of
        the side's promises), respondents (distinct people whose promises ended so), clusters, people, method, note.

    Notes
    -----
    Shares of promises with Wilson's interval at the effective sample size; promises of one cluster go together. See
    :func:`helpers.analysis.methods.clustered.proportion`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> outcomes(made.due)[["side", "became", "estimate"]].head(3).round()
          side                  became  estimate
    0  manager  kept by the first date      51.0
    1  manager           moved in time       9.0
    2  manager               kept late      10.0
    """
    require(due, ["side", "status"])
    found = [keys | row for keys, part in _sides(due) for row in _became(part, "promises", confidence)]
    return _table(found, *KEYS, "became")


def measures(promises: Promises, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how well promises were kept, by whose they were.

    Parameters
    ----------
    promises : Promises
        The promises.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per measure and side: whose, measure (in words), estimate, low, high (per cent), promises (of how many),
        respondents (distinct people who made them), clusters, people, method, note.

    Notes
    -----
    See :func:`outcomes`. Of promises that were moved in time, only those count as done by the new date, or not, whose
    new date has passed.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> measures(made).query("side == 'hr'")[["estimate", "low", "high", "respondents"]].head(2).round()
       estimate   low  high  respondents
    1      75.0  69.0  80.0           36
    4      81.0  76.0  86.0           36
    """
    due, ended = promises.due, promises.ended
    moved = due[due["moved_on"].notna()]
    new = due[(due["status"] == "moved in time") & (due["closed_on"].notna() | (due["by"] == np.inf))]
    asked = {
        KEPT: (ended, ended["status"] == "kept"),
        "Kept or moved in time, of those recorded to an end": (ended, ended["status"].isin(["kept", "moved in time"])),
        "New date agreed in time, of those with a new date": (moved, moved["moved_on"] <= moved["due_on"]),
        "Recorded as done, of those moved in time": (new, new["closed_on"].notna()),
        "Recorded to an end, of all that are due": (due, due["ended"]),
    }
    found = []
    for words, (rows, hit) in asked.items():
        for keys, part in _sides(rows):
            row = _share(part, hit[part.index], words, by_person, confidence)
            found.append(keys | {"measure": words} | row)
    return _table(found, *KEYS, "measure")


def kept_by_practice(ended: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the share kept by the first date of each practice in which promises were made, where there are several.

    Parameters
    ----------
    ended : pandas.DataFrame
        Promises that were recorded to an end.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per practice and side: practice (in words), whose, estimate, low, high (per cent), then as
        :func:`measures`; no rows where there is one practice.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> ended = made.ended.assign(practice=[f"practice_{number % 2}" for number in range(len(made.ended))])
    >>> kept_by_practice(ended)[["practice", "side", "estimate", "low", "high"]].head(2).round()
         practice     side  estimate   low  high
    0  practice 0  manager      60.0  51.0  69.0
    1  practice 0       hr      72.0  63.0  80.0
    """
    require(ended, ["practice", "side", "status"])
    known = ended.dropna(subset=["practice"]) if ended["practice"].nunique() > 1 else ended[:0]
    found = []
    for name, own in known.groupby("practice"):
        for keys, part in _sides(own):
            row = _share(part, part["status"] == "kept", f"{KEPT}, {name}", by_person, confidence)
            found.append({"practice": str(name).replace("_", " ")} | keys | row)
    table = _table(found, "practice", *KEYS)
    return because(table, "All promises come from one practice, so there is nothing to compare.")


def outcomes_by_kind(due: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate what became of promises of each kind, whosever they were.

    Parameters
    ----------
    due : pandas.DataFrame
        Promises that are due; see :class:`Promises`.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per kind and outcome that occurs: kind (in words), became, promises, estimate, low, high (per cent of
        the kind's promises), then as :func:`outcomes`. Promises of which no kind was typed are left out.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> outcomes_by_kind(made.due)[["kind", "became", "estimate"]].head(3).round()
              kind                  became  estimate
    0  Information  kept by the first date      59.0
    1  Information           moved in time       8.0
    2  Information               kept late       6.0
    """
    require(due, ["kind", "status"])
    found = [
        {"kind": words} | row for words, part in _kinds(due) for row in _became(part, "promises of a kind", confidence)
    ]
    return because(_table(found, "kind", "became"), NO_KINDS)


def kept_by_kind(ended: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the share kept by the first date of each kind and side.

    Parameters
    ----------
    ended : pandas.DataFrame
        Promises that were recorded to an end.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per kind and side: kind (in words), whose, estimate, low, high (per cent), then as :func:`measures`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> kept_by_kind(made.ended)[["kind", "side", "estimate", "low", "high"]].head(2).round()
              kind     side  estimate   low  high
    0  Information  manager      55.0  43.0  66.0
    1  Information       hr      76.0  66.0  84.0
    """
    require(ended, ["kind", "side", "status"])
    found = []
    for words, own in _kinds(ended):
        for keys, part in _sides(own):
            row = _share(part, part["status"] == "kept", f"{KEPT}, {words}", by_person, confidence)
            found.append({"kind": words} | keys | row)
    return because(_table(found, "kind", *KEYS), NO_KINDS)


def _kinds(rows: pd.DataFrame) -> list[tuple[str, pd.DataFrame]]:
    """Return the promises of each kind, in the order of the sheet."""
    return [(words, part) for kind, words in KINDS.items() if len(part := rows[rows["kind"] == kind])]


def readings(due: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Bound the share kept by the first date by what the promises without an end may have been.

    Parameters
    ----------
    due : pandas.DataFrame
        Promises that are due.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per side and reading of :data:`READINGS`: whose, reading, estimate, low, high (per cent), then as
        :func:`measures`.

    Notes
    -----
    Whatever the open promises were, the share lies between the last two readings, and with the given confidence (or
    more) between the lower end of the last and the upper end of the second (Horowitz & Manski 2000).

    References
    ----------
    Horowitz, J. L. & Manski, C. F. (2000). Nonparametric analysis of randomized experiments with missing covariate and
    outcome data. *Journal of the American Statistical Association*, 95, 77-84.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> readings(made.due)[["side", "reading", "estimate", "low", "high"]].head(2).round()
          side                     reading  estimate   low  high
    0  manager                 As recorded      58.0  51.0  64.0
    1  manager  If every open one was kept      62.0  55.0  69.0
    """
    require(due, ["side", "status", "ended"])
    found = []
    for keys, part in _sides(due):
        for words, reading in READINGS.items():
            rows = part if reading else part[part["ended"]]
            if len(rows):
                hit = (rows["status"] == "kept") | ((reading == "kept") & ~rows["ended"])
                row = _share(rows, hit, f"kept, {words}", by_person, confidence)
                found.append(keys | {"reading": words} | row)
    return _table(found, *KEYS, "reading")


def in_people(due: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the shares of people, not of promises: who kept all of theirs, who broke one.

    Parameters
    ----------
    due : pandas.DataFrame
        Promises that are due. One that both made together counts for each of the two.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per measure and side of people: side, measure, estimate, low, high (per cent of people), then as
        :func:`measures`, and respondents_behind and respondents_others (people of whom it is so, and is not), since the
        share counts people. Of whom nothing was recorded to an end enters the last measure only.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> in_people(made.due)[["side", "estimate", "low", "high"]].head(2).round()
          side  estimate   low  high
    0       hr       6.0   1.0  19.0
    1  manager      48.0  42.0  55.0
    """
    require(due, ["side", "status", "ended", "cluster_id"])
    rows = by_person(due)
    rows = rows.assign(kept=rows["status"] == "kept", broken=rows["status"] == "broken")
    keys = ["of", "respondent_id", "cluster_id"]
    recorded = rows[rows["ended"]].groupby(keys, as_index=False).agg(all=("kept", "all"), broken=("broken", "any"))
    lost = rows.groupby(keys, as_index=False).agg(ended=("ended", "all"))
    asked = {
        "Kept all their promises by the first date": (recorded, recorded["all"]),
        "Broke at least one": (recorded, recorded["broken"]),
        "Have at least one that nobody recorded to an end": (lost, ~lost["ended"]),
    }
    found = []
    for words, (persons, hit) in asked.items():
        for side, part in persons.groupby("of", sort=False):
            row = _share(part, hit[part.index], words, lambda own: own, confidence)
            makers = {"respondents_behind": int(hit[part.index].sum())}
            makers["respondents_others"] = len(part) - makers["respondents_behind"]
            found.append({"side": side, "measure": words} | row | makers)
    table = pd.DataFrame(found, columns=["side", "measure", *_SHARES, "respondents_behind", "respondents_others"])
    return because(table, NOTHING_DUE)


def repeated(ended: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate in which share of pairs promises were broken more than once.

    Parameters
    ----------
    ended : pandas.DataFrame
        Promises that were recorded to an end.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per number of breaks that occurs: breaks, estimate, low, high (per cent of pairs with at least two
        promises that were recorded to an end), pairs, respondents (distinct people of these pairs), clusters, people,
        method, note.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> repeated(made.ended)[["breaks", "pairs", "estimate", "low", "high"]].head(2).round()
      breaks  pairs  estimate   low  high
    0   None    167      72.0  65.0  78.0
    1    One     60      26.0  19.0  33.0
    """
    require(ended, ["status", "partnership_id", "hr_id", "manager_id", "cluster_id"])
    keys = ["partnership_id", "hr_id", "manager_id", "cluster_id"]
    pairs = ended.assign(broken=ended["status"] == "broken").groupby(keys, as_index=False)
    pairs = pairs.agg(promises=("broken", "size"), broken=("broken", "sum"))
    pairs = pairs[pairs["promises"] >= 2]
    asked = {"None": pairs["broken"] == 0, "One": pairs["broken"] == 1, "Two or more": pairs["broken"] >= 2}
    found = _parts(pairs, asked, "breaks", "pairs with broken promises:", by_partner, confidence)
    table = _table(found, "breaks").rename(columns={"promises": "pairs"})
    return because(table, "No pair has two promises that are due and were recorded to an end.")


def of_one_side(ended: pd.DataFrame) -> pd.DataFrame:
    """Return the promises that one side made, as a model of who keeps them takes them.

    Parameters
    ----------
    ended : pandas.DataFrame
        Promises that were recorded to an end.

    Returns
    -------
    pandas.DataFrame
        With respondent_id (who promised), side (managers are the reference), cohort ("no cohort" where there is none),
        measure and kept: 100 where it was kept by the first date, else 0.
    """
    rows = by_person(ended[ended["side"] != "both"])
    side = pd.Categorical(rows["side"], ["manager", "hr"])
    kept = 100.0 * (rows["status"] == "kept")
    return rows.assign(
        side=side, kept=kept, cohort=rows["cohort"].fillna("no cohort"), measure="Kept by the first date"
    )


# time ----------------------------------------------------------------------------------------------------------------


def real_days(promises: Promises, confidence: float = 0.95) -> pd.DataFrame:
    """Set the days that promises took beside the days that were planned.

    Parameters
    ----------
    promises : Promises
        The promises; all of them count that have a date, for as long as they were watched.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per side and band of planned days: whose, planned (band), planned_days (median), estimate, low, high
        (median days until done), promises, respondents, clusters, people, method, note.

    Notes
    -----
    Kaplan-Meier, inverted; see :func:`helpers.analysis.methods.survival.quantile_time`. Open promises count for as long
    as they were known to be open. One that was given up is never done: it counts as not done up to the day of the
    records, which is known for every promise, so that the curve is that of all promises and not of those kept alone.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> real_days(made)[["side", "estimate", "low", "high"]].head(2).round(1)
          side  estimate   low  high
    0  manager      29.0  26.0  35.0
    1       hr      26.0  23.0  28.0
    """
    rows = promises.everything.dropna(subset=["planned"])
    done = rows["closed_on"].notna() & (rows["outcome"] != "broken")
    rows = rows.assign(done=done, days=rows["after"].where(rows["outcome"] != "broken", rows["watched"]))
    found, least = [], -np.inf
    for band, most in PLANNED.items():
        for keys, part in _sides(rows[(rows["planned"] > least) & (rows["planned"] <= most)]):
            told = survival.quantile_time(part, "days", "done", cluster="cluster_id", confidence=confidence)
            counts = people(by_person(part), value="days until done", additive=False)
            extra = {"planned": band, "planned_days": part["planned"].median(), "promises": len(part)}
            found.append(keys | extra | told.iloc[0].to_dict() | counts)
        least = most
    names = [*KEYS, "planned", "planned_days", "estimate", "low", "high", "promises", "respondents", "clusters"]
    return because(pd.DataFrame(found, columns=[*names, "people", "method", "note"]), "No promise has a date.")


def still_open(promises: Promises, at: Sequence[float], confidence: float = 0.95, fewest: int = 1) -> pd.DataFrame:
    """Estimate the share of promises that are not closed yet, day by day since they were made.

    Parameters
    ----------
    promises : Promises
        The promises; all of them, for as long as they were watched.
    at : sequence of float
        Days to report.
    confidence : float
        Confidence level, between 0 and 1.
    fewest : int
        Fewest people of whom anything may be told: a side is left out of whose promises none was closed while those of
        so many were watched.

    Returns
    -------
    pandas.DataFrame
        One row per side and day: whose, day, estimate, low, high (per cent), windows (promises of which only a window
        is known), respondents (people whose promises were still watched), clusters, people, method, note.

    Notes
    -----
    Turnbull's estimate for each band of planned days, averaged over promises; see
    :func:`helpers.analysis.methods.interval_censored.turnbull`. Closed means done or given up.
    Windows as in :func:`closing`: where all ends are known to the day it is the Kaplan-Meier estimate.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> still_open(made, [30, 60])[["side", "day", "estimate", "low", "high"]].head(2).round()
          side  day  estimate   low  high
    0  manager   30      79.0  74.0  84.0
    1  manager   60      49.0  43.0  54.0
    """
    found = []
    bands = pd.cut(promises.everything["planned"], [-np.inf, *PLANNED.values()], labels=list(PLANNED))
    rows = promises.everything.assign(band=bands.astype("str").fillna("no date"))
    for keys, part in _sides(rows):
        curve = units.per_cent(turnbull(part, "after", "by", at, strata="band", confidence=confidence))
        curve = curve[curve["estimate"].notna()]
        seen = part["by"].where(part["by"] < np.inf, part["after"])
        told = [people(by_person(part[seen >= day]), value=f"open, day {day}") for day in curve["time"]]
        curve = curve.rename(columns={"time": "day"}).assign(**keys, **pd.DataFrame(told, index=curve.index))
        if (curve.loc[curve["respondents"] >= fewest, "estimate"] < 100).any():
            found.append(curve)
    names = [*KEYS, "day", "estimate", "low", "high", "windows", "respondents", "clusters", "people", "method", "note"]
    table = pd.concat(found, ignore_index=True) if found else pd.DataFrame(columns=names)
    return because(table[names], "No promise was closed while those of enough people were watched.")


# trust ---------------------------------------------------------------------------------------------------------------


def scores_of(study: Study, dimension: str = "") -> pd.DataFrame:
    """Return what people answered about each other on one dimension, in all waves.

    Parameters
    ----------
    study : helpers.data.Study
        Any study.
    dimension : str
        Id of a dimension; empty for the first about trust, else the first of all.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.survey.scales.scores` gives them; without rows where the study has no survey.
    """
    names = ["partnership_id", "side", "respondent_id", "rated_id", "wave", "submitted_at", "dimension", "score"]
    if not study.has("survey"):
        return pd.DataFrame(columns=names, dtype="str").astype({"score": float})
    known = [found.id for found in study.codebook.dimensions]
    chosen = dimension or next((name for name in known if "trust" in name), known[0])
    found = scales.scores(study.responses(), study.codebook).reindex(columns=names)
    return found[found["dimension"] == chosen].reset_index(drop=True)


def trust(promises: Promises, scores: pd.DataFrame) -> pd.DataFrame:
    """Put together what people thought of the other before they were promised something, and since.

    Parameters
    ----------
    promises : Promises
        The promises.
    scores : pandas.DataFrame
        Scores of one dimension, as :func:`scores_of` gives them.

    Returns
    -------
    pandas.DataFrame
        One row per pair and person who answered before and after: partnership_id, side, respondent_id, rated_id,
        cluster_id, dimension, before, after (scores), wave_before, wave (of the later answer), kept (1 where every
        promise of the other that was due by then and recorded to an end was kept or moved in time, else 0), group (the
        same in words).

    Notes
    -----
    Promises of both count as made by the other. Before: the last answer before the first of these promises was made;
    after: the last answer since the first of them was due.
    """
    made = promises.ended
    sides = {"manager": made[made["side"] != "manager"], "hr": made[made["side"] != "hr"]}
    rows = pd.concat([own.assign(rater=rater) for rater, own in sides.items()], ignore_index=True)
    columns = ["partnership_id", "rater", "cluster_id", "due_on", "made_on", "status"]
    told = scores.dropna(subset=["score", "submitted_at"]).rename(columns={"side": "rater"})
    both = rows[columns].merge(told, on=["partnership_id", "rater"])
    both["submitted_at"] = pd.to_datetime(both["submitted_at"]).dt.tz_localize(None)
    keys = ["partnership_id", "rater"]
    first = both.groupby(keys)["made_on"].transform("min")
    before = both[both["submitted_at"] < first].sort_values("submitted_at").drop_duplicates(keys, keep="last")
    since = both[both["submitted_at"] > both["due_on"]]
    since = since[since["submitted_at"] == since.groupby(keys)["submitted_at"].transform("max")]
    good = since["status"].isin(["kept", "moved in time"]).groupby([since[key] for key in keys]).all()
    after = since.drop_duplicates(keys).merge(good.rename("good").reset_index(), on=keys)
    found = after.rename(columns={"score": "after", "rater": "side"}).merge(
        before.rename(columns={"score": "before", "wave": "wave_before", "rater": "side"})[
            ["partnership_id", "side", "before", "wave_before"]
        ],
        on=["partnership_id", "side"],
    )
    found = found.assign(kept=found["good"].astype(int), group=found["good"].map(GROUPS))
    names = ["partnership_id", "side", "respondent_id", "rated_id", "cluster_id", "dimension", "before", "after"]
    return because(found[[*names, "wave_before", "wave", "kept", "group"]], NO_TRUST)


def course(rows: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate mean scores before the promises and since, where all were kept and where not.

    Parameters
    ----------
    rows : pandas.DataFrame
        As :func:`trust` returns them.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and time: group, period, estimate, low, high (points of the answer scale), respondents, rated,
        clusters, people, method, note.

    Examples
    --------
    >>> from helpers.data import Study
    >>> made = Promises.of(Study.load("data/sample"), "", 30)
    >>> rows = trust(made, scores_of(Study.load("data/sample"), "respect_trust"))
    >>> course(rows)[["period", "group", "estimate", "low", "high"]].head(2).round(1)
                    period                       group  estimate  low  high
    0  Before the promises  All kept, or moved in time       3.6  3.5   3.8
    1  Before the promises         Some late or broken       3.5  3.1   3.8
    """
    require(rows, ["group", "wave", "wave_before", "before", "after"])
    periods = {"before": ("Before the promises", "wave_before"), "after": ("Since", "wave")}
    parts = [rows.assign(score=rows[name], period=words, wave=rows[wave]) for name, (words, wave) in periods.items()]
    found = clustered.mean(pd.concat(parts), "score", by=["group", "period"], confidence=confidence)
    return because(found, NO_TRUST)
