"""What took place in the sessions of one practice, and what those who agreed to be counted noted there and since.

Everything goes through the fields that the practice's playbook declares, so that a new practice needs no new code:
whole numbers and dates are averaged, words are counted, and whole numbers of one kind (``hits_guessed``,
``hits_asked``: the same first word and the same range) are compared with the first of them, person by person.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.analysis.methods import clustered, units
from helpers.analysis.methods.counts import because, people
from helpers.analysis.survey.answers import FEWEST_PARTNERS
from helpers.columns import ALIKE
from helpers.data.practices import Capture, CaptureField

if TYPE_CHECKING:
    from helpers.data import Study

#: People who agreed to be counted, below whom nothing is told of a session.
FEWEST_PEOPLE = 8
#: Where the two sides cannot be told apart without telling of too few.
EVERYBODY = "Everybody"
NOTHING_TWICE = "Nothing was noted both before and after, so nothing can be compared."
#: What tells one sheet from another: an HR partner may fill in one with each of several managers on one day.
SHEET = ["session_id", "respondent_id", "partnership_id"]
_SIDES = ("manager", "hr")
_COLUMNS = ["side", "label", "estimate", "low", "high", "respondents", "clusters", "people", "method", "note"]


@dataclass(frozen=True)
class Sessions:
    """The sessions a chapter speaks of.

    Attributes
    ----------
    capture : helpers.data.practices.Capture
        What is recorded of the practice.
    sessions : pandas.DataFrame
        One row per session: session_id, date, came, declined, planned_minutes, real_minutes, agreed (people who agreed
        to be counted) and edition (what the first field about a session that is a choice says, else "all").
    others : pandas.DataFrame
        The same of the practice's other sessions.
    log : pandas.DataFrame
        One row per session and person who agreed: session_id, respondent_id, partnership_id, hours, date, cluster_id
        and side ("Everybody" for all where sides cannot be told apart).
    answers : pandas.DataFrame
        One row per answer and person behind it (the two of a pair; of an answer about a session or a unit, everybody in
        the session): session_id, partnership_id, field, value, date, answer (which one it is), respondent_id,
        cluster_id (the session, for such an answer) and side ("Everybody" where no single person says it).
    promises : pandas.DataFrame
        The promises made in these sessions, with hr_id and manager_id.
    smallest : int
        Fewest people of whom anything is told.
    clusters : str
        What belongs together, in words.
    as_of : pandas.Timestamp
        Day of the records.
    """

    capture: Capture
    sessions: pd.DataFrame
    others: pd.DataFrame
    log: pd.DataFrame
    answers: pd.DataFrame
    promises: pd.DataFrame
    smallest: int
    clusters: str
    as_of: pd.Timestamp

    @classmethod
    def of(cls, study: Study, practice: str, cohort: str = "", session: str = "") -> Sessions:
        """Read the sessions of a practice.

        Parameters
        ----------
        study : helpers.data.Study
            With practice_sessions and practice_log.
        practice : str
            As its playbook declares it.
        cohort, session : str
            Only those of this cohort, or this one; empty for all.

        Returns
        -------
        Sessions
            See there.
        """
        capture = study.practices[practice]
        log = study.table("practice_log")
        log = log[(log["practice"] == practice) & log["consent"].eq(True).fillna(False)]
        everything = study.table("practice_sessions")
        everything = everything[everything["practice"] == practice].drop(columns="practice")
        everything["agreed"] = everything["session_id"].map(log.groupby("session_id")["person_id"].nunique()).fillna(0)
        answers = _table(study, "practice_answers", ["session_id", "person_id", "partnership_id", "field", "value"])
        everything["edition"] = _edition(capture, answers, everything["session_id"])
        wanted = everything["session_id"] == session if session else everything["session_id"].notna()
        if cohort:
            wanted &= everything["session_id"].isin(log.loc[log["cohort"] == cohort, "session_id"])
        chosen, others = everything[wanted], everything[~wanted]
        pairs = _table(study, "partnerships", ["partnership_id", "hr_id", "manager_id"])
        log = log[log["session_id"].isin(chosen["session_id"])].rename(columns={"person_id": "respondent_id"})
        log, clusters = _placed(log, pairs, _known_sides(study, pairs), study.privacy.min_group)
        made = _table(study, "commitments", ["partnership_id", "session_id", "promised_by", "made_on", "due_on"])
        made = made[made["session_id"].isin(chosen["session_id"])].merge(pairs, on="partnership_id")
        answers = answers[answers["session_id"].isin(chosen["session_id"])].merge(chosen[["session_id", "date"]])
        return cls(
            capture, chosen.reset_index(drop=True), others.reset_index(drop=True), log, _told(answers, log, pairs),
            made, study.privacy.min_group, clusters, pd.Timestamp(study.as_of),
        )  # fmt: skip

    @property
    def enough(self) -> bool:
        """Whether enough people agreed to be counted for anything to be told."""
        return self.log["respondent_id"].nunique() >= max(FEWEST_PEOPLE, self.smallest)

    @property
    def too_few(self) -> str:
        """Say that there are not enough."""
        least = max(FEWEST_PEOPLE, self.smallest)
        return f"Fewer than {least} people who agreed to be counted took part in these sessions of {self.name}."

    @property
    def name(self) -> str:
        """The practice, in words."""
        return self.capture.practice.replace("_", " ")

    @property
    def sides(self) -> list[str]:
        """The sides that are told apart, managers first; "Everybody" alone where they are not."""
        return [side for side in (*_SIDES, EVERYBODY) if side in set(self.log["side"])]

    def fields(self, *types: str) -> list[CaptureField]:
        """Return the declared fields that hold one of some types, in their order, but for that of the edition."""
        edition = _of_edition(self.capture)
        return [field for field in self.capture.fields if field.type in types and field != edition]


def practices_recorded(study: Study) -> list[str]:
    """Return the practices of which sessions are recorded and which a playbook declares, that of most places first."""
    places = study.table("practice_sessions").groupby("practice")["came"].sum().sort_values(ascending=False)
    return [name for name in places.index if name in study.practices]


def cohorts(study: Study, practice: str) -> list[str]:
    """Return the cohorts whose sessions of a practice are recorded."""
    log = study.table("practice_log")
    return sorted(log.loc[log["practice"] == practice, "cohort"].dropna().unique()) if "cohort" in log else []


def ids(study: Study, practice: str) -> list[str]:
    """Return the ids of a practice's sessions."""
    everything = study.table("practice_sessions")
    return list(everything.loc[everything["practice"] == practice, "session_id"])


def _table(study: Study, name: str, columns: Sequence[str]) -> pd.DataFrame:
    """Return a table, or one without rows where the study has none."""
    return study.table(name) if study.has(name) else pd.DataFrame(columns=list(columns), dtype="str")


def _of_edition(capture: Capture) -> CaptureField | None:
    return next((field for field in capture.fields if field.level == "session" and field.type == "choice"), None)


def _edition(capture: Capture, answers: pd.DataFrame, sessions: pd.Series) -> pd.Series:
    about = _of_edition(capture)
    told = answers[answers["field"] == (about.field if about else "")].drop_duplicates("session_id")
    return sessions.map(told.set_index("session_id")["value"]).astype("str").fillna("all")


def _known_sides(study: Study, pairs: pd.DataFrame) -> pd.Series:
    """Return the side of everybody of whom it is known, by id: from pairs, else from people."""
    known = {person: side for side in _SIDES for person in pairs[f"{side}_id"].dropna()}
    if study.has("people"):
        roster = study.table("people")
        known = dict(zip(roster["person_id"], roster["side"])) | known
    return pd.Series(known, dtype="str")


def _placed(log: pd.DataFrame, pairs: pd.DataFrame, sides: pd.Series, smallest: int) -> tuple[pd.DataFrame, str]:
    """Add side and cluster_id, and say what belongs together: an HR partner's pairs, or the two of a pair."""
    side = log["respondent_id"].map(sides)
    sizes = log.groupby(side)["respondent_id"].nunique().reindex(_SIDES, fill_value=0)
    apart = side.isin(_SIDES).all() and sizes.min() >= smallest
    partner = log["partnership_id"].map(pairs.set_index("partnership_id")["hr_id"])
    partner = partner.fillna(log["respondent_id"].where(side == "hr"))
    by_partner = partner.nunique() >= FEWEST_PARTNERS
    together = (partner if by_partner else log["partnership_id"]).fillna(log["respondent_id"])
    clusters = "HR partners" if by_partner else "pairs" if log["partnership_id"].notna().any() else "people"
    columns = ["session_id", "respondent_id", "partnership_id", "hours", "date"]
    found = log[columns].assign(side=side if apart else EVERYBODY, cluster_id=together)
    return found.reset_index(drop=True), clusters


def _told(answers: pd.DataFrame, log: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Put each answer beside those behind it: who gave it, the two of its pair, or everybody in its session."""
    answers = answers.reset_index(drop=True)
    answers["answer"] = answers.index
    alone, of_pair = answers["person_id"].notna(), answers["person_id"].isna() & answers["partnership_id"].notna()
    both, whole = answers[of_pair].merge(pairs, on="partnership_id"), answers[~alone & ~of_pair]
    rows = [both.assign(respondent_id=both[f"{side}_id"], joint=True) for side in _SIDES]
    rows.append(answers[alone].assign(respondent_id=answers["person_id"], joint=False))
    columns = ["session_id", "partnership_id", "field", "value", "date", "answer", "respondent_id", "joint"]
    told = pd.concat(rows, ignore_index=True)[columns]
    there = log[["session_id", "respondent_id", "side", "cluster_id"]]
    # Whoever sat there with several pairs stands behind an answer once, in the pair that it is about.
    told = told.merge(there.assign(place=log["partnership_id"]), on=["session_id", "respondent_id"])
    told = told.assign(elsewhere=told["place"].ne(told["partnership_id"]).fillna(True).astype(bool))
    told = told.sort_values("elsewhere", kind="stable").drop_duplicates(["answer", "respondent_id"]).sort_index()
    told = told.drop(columns=["place", "elsewhere"])
    everybody = whole.merge(there.drop_duplicates(["session_id", "respondent_id"]), on="session_id")
    everybody = everybody.assign(joint=True, cluster_id=everybody["session_id"])
    told = pd.concat([told, everybody[list(told)]], ignore_index=True)
    # What a pair or a session says is said by neither side.
    return told.assign(side=told["side"].mask(told["joint"].astype(bool), EVERYBODY)).drop(columns="joint")


# what took place -----------------------------------------------------------------------------------------------------


def took_place(told: Sessions) -> pd.DataFrame:
    """Describe the sessions.

    Parameters
    ----------
    told : Sessions
        The sessions.

    Returns
    -------
    pandas.DataFrame
        One row per edition: edition, sessions, first and last (days), planned (mean minutes), timed (sessions that
        were), real (mean minutes of these) and over (how much longer than planned these were).
    """
    timed = told.sessions.dropna(subset=["real_minutes"])
    rows = []
    for edition, own in told.sessions.groupby("edition", sort=False):
        days = pd.to_datetime(own["date"])
        mine = timed[timed["edition"] == edition]
        rows.append(
            {
                "edition": str(edition).replace("-", " ").replace("_", " "),
                "sessions": len(own),
                "first": f"{days.min():%Y-%m-%d}",
                "last": f"{days.max():%Y-%m-%d}",
                "planned": own["planned_minutes"].mean(),
                "timed": len(mine),
                "real": mine["real_minutes"].mean(),
                "over": (mine["real_minutes"] - mine["planned_minutes"]).mean(),
            }
        )
    return pd.DataFrame(rows)


def who_came(told: Sessions) -> pd.DataFrame:
    """Count those who agreed to be counted and, where it tells of nobody, those who came and those who declined.

    Parameters
    ----------
    told : Sessions
        The sessions.

    Returns
    -------
    pandas.DataFrame
        One row per side: side, respondents (distinct people who agreed), places (of these people, a session each),
        hours (mean per person), came and declined (places over all sides; in the first row), people, note.

    Notes
    -----
    How many came is told where as many came as agreed, or at least the study's smallest group more; how many declined
    from that group on. The same has to hold for the practice's other sessions, so that a page about all sessions and
    one about some give no smaller number together.
    """
    rows = []
    for side in told.sides:
        own = told.log[told.log["side"] == side]
        places = len(own.drop_duplicates(["session_id", "respondent_id"]))
        counted = people(own, value="took part")
        hours = own["hours"].sum() / counted["respondents"]
        rows.append({"side": side, "places": places, "hours": hours} | counted | {"came": np.nan, "declined": np.nan})
    found = pd.DataFrame(
        rows, columns=["side", "places", "hours", "respondents", "clusters", "people", "came", "declined"]
    )
    if len(found):
        found.loc[0, "came"] = _tellable(told, "came", less="agreed")
        found.loc[0, "declined"] = _tellable(told, "declined") if pd.notna(found.loc[0, "came"]) else np.nan
    return found.assign(note="")


def _tellable(told: Sessions, column: str, less: str = "") -> float:
    """Return a total of sessions where it, and that of the others, is about nobody or about enough people."""
    for own in (told.sessions, told.others):
        known = own[column].notna().all()
        about = own[column].sum() - (own[less].sum() if less else 0)
        if not known or 0 < about < told.smallest:
            return np.nan
    return float(told.sessions[column].sum())


# what people noted ---------------------------------------------------------------------------------------------------


def numbers(told: Sessions, confidence: float = 0.95) -> pd.DataFrame:
    """Average the whole numbers and dates that people noted.

    Parameters
    ----------
    told : Sessions
        The sessions.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per field and side: side, label (with when it was asked, if not on the day), estimate, low, high (means;
        of dates, days since the session), respondents, clusters, people, method, note.

    Notes
    -----
    Means of answers, cluster-robust; see :func:`helpers.analysis.methods.clustered.mean`. What was left blank is not
    zero.

    Examples
    --------
    >>> from helpers.data import Study
    >>> told = Sessions.of(Study.load("data/sample"), "role_swap")
    >>> numbers(told)[["label", "side", "estimate", "low", "high"]].head(2).round(1)
                  label     side  estimate  low  high
    0  Hits by guessing  manager       1.2  1.1   1.3
    1  Hits by guessing       hr       1.4  1.3   1.4
    """
    rows = []
    bounds = {field.not_above for field in told.capture.fields}
    for field in told.fields("whole", "date"):
        if field.not_above or field.field in bounds:  # told as a share of the other
            continue
        own = _values(told, field)
        for side, part in _sides(own):
            found = clustered.mean(part.drop_duplicates("answer"), "number", confidence=confidence).iloc[0].to_dict()
            rows.append(_row(side, field) | found | people(part, value=field.field))
    return because(pd.DataFrame(rows, columns=_COLUMNS), "Nothing was noted in numbers.")


def shares(told: Sessions, confidence: float = 0.95) -> pd.DataFrame:
    """Count the words that people chose, and what they said yes to.

    Parameters
    ----------
    told : Sessions
        The sessions.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per field, word that was chosen, and side: side, label (as in :func:`numbers`), word, estimate, low,
        high (per cent of answers), respondents (distinct people who chose the word; of yes and no, and of parts, all
        who answered), clusters, people, method, note.
        Of own words only how many wrote some, among those who were there and agreed. Of a number that another bounds
        (wrong guesses, of those written) its share in all.

    Notes
    -----
    Wilson's interval at the effective sample size; see :func:`helpers.analysis.methods.clustered.proportion`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> told = Sessions.of(Study.load("data/sample"), "role_swap")
    >>> shares(told)[["side", "word", "estimate", "low", "high"]].head(2).round()
          side                word  estimate   low  high
    0  manager  talent acquisition      43.0  36.0  50.0
    1  manager  talent development      37.0  31.0  44.0
    """
    rows: list[dict[str, Any]] = []
    for field in told.fields("choice", "yes_no", "text", "whole"):
        if field.type == "whole" and not field.not_above:
            continue
        for side, part in _sides(_values(told, field)):
            rows += _words(told, field, side, part, confidence)
    return because(
        pd.DataFrame(rows, columns=[*_COLUMNS[:2], "word", *_COLUMNS[2:]]),
        "Nothing was chosen or answered by yes or no.",
    )


def _words(
    told: Sessions, field: CaptureField, side: str, part: pd.DataFrame, confidence: float
) -> list[dict[str, Any]]:
    """Return the rows of one field and side."""
    base = _row(side, field)
    if field.type == "whole":
        bound = told.capture.field(str(field.not_above))
        most = _values(told, bound)
        both = part.merge(most[[*SHEET, "number"]], on=SHEET)
        both = both[both["number_y"] > 0].assign(part=lambda own: own["number_x"] / own["number_y"])
        found = clustered.proportion(both, "part", weights="number_y", confidence=confidence)
        return [
            base
            | {"word": f"of “{bound.label if bound else field.not_above}”"}
            | units.per_cent(found).iloc[0].to_dict()
            | _who(both, field.field)
        ]
    if field.type == "text":
        part = _wrote(told, field, side, part)
    chosen = {"yes_no": ["yes"], "text": ["wrote one"]}.get(field.type, field.words)
    rows = []
    for word in chosen:
        hit = part["value"] == word
        if field.type == "choice" and not hit.any():
            continue
        answers = part.assign(hit=hit.astype(float)).drop_duplicates("answer")
        found = units.per_cent(clustered.proportion(answers, "hit", confidence=confidence)).iloc[0].to_dict()
        row = base | {"word": word.replace("_", " ")} | found
        rows.append(row | _who(part[hit] if field.type == "choice" else part, f"{field.field}, {word}"))
    return rows


def _wrote(told: Sessions, field: CaptureField, side: str, part: pd.DataFrame) -> pd.DataFrame:
    """Say of everybody who was there whether words of their own, their pair's or their session's stand there."""
    there = told.log[told.log["session_id"].isin(part["session_id"])]
    if field.level == "person":
        there = there[there["side"] == side]
    elif field.level == "pair":
        there = there.dropna(subset=["partnership_id"])
    else:
        there = told.log.assign(cluster_id=told.log["session_id"])
    of = {"person": "respondent_id", "pair": "partnership_id"}.get(field.level, "session_id")
    keys = ["session_id", "respondent_id"]
    wrote = part.drop_duplicates(keys)[keys].assign(wrote=1.0)
    found = there.merge(wrote, "left", on=keys)
    found["value"] = found["wrote"].eq(1).map({True: "wrote one", False: "blank"})
    return found.assign(answer=found.groupby(list(dict.fromkeys(["session_id", of]))).ngroup())


def _who(rows: pd.DataFrame, value: str) -> dict[str, Any]:
    return people(rows[["respondent_id", "cluster_id"]], value=value)


def _row(side: str, field: CaptureField) -> dict[str, Any]:
    label = f"{field.told}, days after the session" if field.type == "date" else field.told
    return {"side": side, "label": label if field.when == "on the day" else f"{label} ({field.when})"}


def _values(told: Sessions, field: CaptureField | None) -> pd.DataFrame:
    """Return the answers to one field, as numbers where it holds any."""
    if field is None:
        return told.answers[:0].assign(number=np.nan)
    own = told.answers[told.answers["field"] == field.field]
    if field.type == "date":
        return own.assign(number=(pd.to_datetime(own["value"]) - pd.to_datetime(own["date"])).dt.days.astype(float))
    return own.assign(number=pd.to_numeric(own["value"], errors="coerce").astype(float))


def _sides(rows: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    """Walk through the sides that gave answers, managers first."""
    return ((side, own) for side in (*_SIDES, EVERYBODY) if len(own := rows[rows["side"] == side]))


def of_a_kind(capture: Capture) -> list[tuple[CaptureField, CaptureField]]:
    """Pair the whole numbers of one kind: each with the first that has its first word and its range.

    Parameters
    ----------
    capture : Capture
        What is recorded of a practice.

    Returns
    -------
    list of tuple
        The first and the later field, both about a person, such as hits_guessed and hits_asked. A number that bounds
        another, or is bounded by one, is not of a kind with it.
    """
    first: dict[tuple[str, int | None, int | None], CaptureField] = {}
    found = []
    for field in capture.fields:
        if field.type != "whole" or field.level != "person" or field.not_above:
            continue
        kind = (field.field.split("_")[0], field.least, field.most)
        if kind in first:
            found.append((first[kind], field))
        first.setdefault(kind, field)
    return found


def gains(told: Sessions) -> pd.DataFrame:
    """Subtract, person by person, what was noted first from what was noted later, for numbers of one kind.

    Parameters
    ----------
    told : Sessions
        The sessions.

    Returns
    -------
    pandas.DataFrame
        One row per person, session and comparison: metric (the later field), measure and other (labels of the later
        and of the first), side, respondent_id, cluster_id, before, after and gain.
    """
    parts = []
    keys = [*SHEET, "side", "cluster_id"]
    for first, second in of_a_kind(told.capture):
        before, after = (_values(told, field)[[*keys, "number"]].dropna(subset="number") for field in (first, second))
        both = before.merge(after, on=keys, suffixes=("_before", "_after"))
        both = both.rename(columns={"number_before": "before", "number_after": "after"})
        words = {"metric": second.field, "measure": second.told, "other": first.told}
        parts.append(both.assign(gain=both["after"] - both["before"], **words))
    names = ["metric", "measure", "other", "side", "respondent_id", "cluster_id", "before", "after", "gain"]
    found = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
    return because(found, NOTHING_TWICE)


# promises ------------------------------------------------------------------------------------------------------------


def promised(told: Sessions, confidence: float = 0.95) -> pd.DataFrame:
    """Count the people who promised something, not the promises.

    Parameters
    ----------
    told : Sessions
        The sessions.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per side: side, estimate, low, high (per cent of people who took part as a pair and promised something,
        alone or together), each (promises per person who promised), days (median from the promise to its first date),
        respondents, clusters, people, method, note.

    Notes
    -----
    Wilson's interval at the effective sample size. That everybody promised something is the last step of such a day and
    no answer of anybody, so it is told.

    Examples
    --------
    >>> from helpers.data import Study
    >>> told = Sessions.of(Study.load("data/sample"), "role_swap")
    >>> promised(told)[["side", "estimate", "low", "high"]].round()
          side  estimate   low   high
    0  manager     100.0  90.0  100.0
    1       hr     100.0  90.0  100.0
    """
    made = told.promises
    by = [made[made["promised_by"] != other].assign(respondent_id=lambda own, side=side: own[f"{side}_id"])
          for side, other in (("manager", "hr"), ("hr", "manager"))]  # fmt: skip
    own = pd.concat(by, ignore_index=True)
    own["days"] = (pd.to_datetime(own["due_on"]) - pd.to_datetime(own["made_on"])).dt.days.astype(float)
    there = told.log.dropna(subset=["partnership_id"])
    there = there.drop_duplicates("respondent_id")
    there = there.assign(hit=there["respondent_id"].isin(own["respondent_id"]).astype(float))
    rows = []
    for side, part in _sides(there) if told.capture.promises else ():
        mine = own[own["respondent_id"].isin(part["respondent_id"])]
        found = units.per_cent(clustered.proportion(part, "hit", confidence=confidence)).iloc[0].to_dict()
        found["note"] = "" if ALIKE in str(found["note"]) else found["note"]
        makers = int(part["hit"].sum())
        extra = {"side": side, "each": len(mine) / makers if makers else np.nan, "days": mine["days"].median()}
        rows.append(extra | found | people(part, value="promised"))
    names = ["side", "estimate", "low", "high", "each", "days", "respondents", "clusters", "people", "method", "note"]
    nothing = "No pair took part as a pair and agreed to be counted." if told.capture.promises else ""
    return because(pd.DataFrame(rows, columns=names), nothing or "Nobody is asked for a promise in this practice.")


# what cannot be told -------------------------------------------------------------------------------------------------


def still_to_come(told: Sessions) -> list[str]:
    """Say what these records cannot tell yet, or not at all.

    Parameters
    ----------
    told : Sessions
        The sessions.

    Returns
    -------
    list of str
        Sentences: checks whose day has not come, who did not answer at them (where at least the smallest group did not,
        or everybody did), who said no, and what intervals allow for.
    """
    said: list[str] = []
    counts: dict[int, list[str]] = {}
    for when in dict.fromkeys(field.when for field in told.capture.fields if field.when.startswith("day ")):
        days = int(when.removeprefix("day "))
        due = told.log[pd.to_datetime(told.log["date"]) + pd.Timedelta(days=days) <= told.as_of]
        if not len(due):
            said.append(f"Day {days} has not come for anybody.")
            continue
        fields = [field.field for field in told.capture.fields if field.when == when]
        heard = told.answers[told.answers["field"].isin(fields)]["respondent_id"].unique()
        silent = due.loc[~due["respondent_id"].isin(heard), "respondent_id"].nunique()
        if silent >= told.smallest:
            counts.setdefault(due["respondent_id"].nunique(), []).append(f"{silent} on day {days}")
    said += [
        f"Of {asked} people asked, this many wrote nothing: {', '.join(silent)}." for asked, silent in counts.items()
    ]
    if not (told.sessions["came"] == told.sessions["agreed"]).all():
        said.append("Nothing is known of what people noted who did not agree to be counted.")
    said.append(f"Intervals (CR2 over {told.clusters}) allow for chance alone.")
    return said
