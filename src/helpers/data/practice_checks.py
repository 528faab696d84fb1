"""Check what was recorded of practices: against the playbooks' declarations, against consent, against each other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Protocol

import pandas as pd

from .practices import EMPLOYER, UNIT_KINDS, Capture, CaptureField, allotted, closest
from .problems import did_you_mean, shown
from .tables import lookup

TABLES = ("practice_sessions", "practice_log", "practice_answers", "commitments", "practice_draws")
Frames = Mapping[str, pd.DataFrame]
EMPTY = "the cell is empty"
NOTED = "Of who did not agree nothing is stored but one more in declined of practice_sessions"


class Checks(Protocol):
    """Takes the errors of one table."""

    def error(
        self, found: str, expected: str = "", fix: str = "", column: str = "", rows: Iterable[int] = ()
    ) -> None: ...


def promises(frame: pd.DataFrame, checks: Checks) -> None:
    """Tell which promises have an outcome that their dates contradict.

    Parameters
    ----------
    frame : pandas.DataFrame
        The table commitments, indexed by row number.
    checks : Checks
        Takes the errors.
    """
    if not {"outcome", "due_on", "moved_on", "moved_to", "closed_on"} <= {*frame}:
        return
    outcome, due, closed = frame["outcome"], frame["due_on"], frame["closed_on"]
    moved_on, moved_to = frame["moved_on"], frame["moved_to"]
    in_time = moved_to.notna() & (moved_on <= due)
    counted = moved_to.where(in_time, due)
    half = moved_on.notna() != moved_to.notna()
    moved = outcome == "moved"
    kept, late, is_open = outcome == "kept", outcome == "kept_late", outcome == "open"
    rules: list[tuple[pd.Series, str, str, str]] = [
        (half, "moved_on", "only one of moved_on and moved_to is filled",
         "both, or neither: when it was moved, and to when"),
        (moved & moved_on.isna() & moved_to.isna(), "moved_on", "the promise is moved and has no new date",
         "moved_on and moved_to"),
        (moved & (moved_on > due), "moved_on", "it was moved after the date it was due on and is called moved",
         "moved_on up to due_on; a later move leaves the promise kept_late, broken or open"),
        (moved & (closed > moved_to), "outcome", "it was closed after its new date and is called moved",
         "kept_late, or broken"),
        (kept & (closed > due), "outcome", "it was closed after the date it was due on and is called kept",
         "kept_late; moved, where a new date was agreed in time"),
        (late & (closed <= counted), "outcome", "it was closed by the date that counted and is called kept_late",
         "kept; moved, where it was closed by a new date agreed in time"),
        (is_open & closed.notna(), "closed_on", "the promise is open and has a closing date",
         "no closing date, or the outcome it was closed with"),
        ((kept | late) & closed.isna(), "closed_on", "the promise is kept and the cell is empty",
         "the day on which it was done"),
        ((late | moved) & due.isna(), "due_on", EMPTY, "the day it was first promised for"),
    ]  # fmt: skip
    for wrong, column, found, expected in rules:
        if wrong.any():
            checks.error(found, expected, "", column, frame.index[wrong])


def between(
    frames: Frames, known: Mapping[str, Capture], participation: Mapping[str, str], told: Callable[[str], Checks]
) -> None:
    """Tell what does not fit in the tables of practices.

    Parameters
    ----------
    frames : mapping of str to pandas.DataFrame
        The tables that could be read, each indexed by row number.
    known : mapping of str to Capture
        What the playbooks declare.
    participation : mapping of str to str
        Practices of which the employer records who took part.
    told : callable
        Returns what takes the errors of a table.
    """
    for name in ("practice_sessions", "practice_log", "practice_draws"):
        if name in frames and "practice" in frames[name]:
            _practices(frames[name], known, told(name))
    if "practice_log" in frames:
        _log(frames, known, participation, told("practice_log"))
    if "practice_sessions" in frames:
        _totals(frames, told("practice_sessions"))
    if "practice_answers" in frames:
        _Answers(frames, known, participation, told("practice_answers")).check()
    if "commitments" in frames:
        _commitments(frames, told("commitments"))
    if "practice_draws" in frames:
        _draws(frames, told("practice_draws"))


def _practices(frame: pd.DataFrame, known: Mapping[str, Capture], checks: Checks) -> None:
    for practice in frame["practice"].dropna().unique():
        if practice not in known:
            near = closest(practice, known)
            fix = f'Did you mean "{near}"?' if near else "Declare it in a playbook: partnership playbook new"
            rows = frame.index[frame["practice"] == practice]
            checks.error(f"{shown(practice)} is no practice", f"one of {', '.join(known)}", fix, "practice", rows)


def _log(frames: Frames, known: Mapping[str, Capture], participation: Mapping[str, str], checks: Checks) -> None:
    log = frames["practice_log"]
    if not {"session_id", "practice", "date", "person_id", "consent"} <= {*log}:
        return
    _sessions_alike(log, known, checks)
    if "practice_sessions" in frames:
        _as_in_sessions(log, frames["practice_sessions"], known, checks)
    refused = log["consent"].eq(False).fillna(False)
    if refused.any():
        expected = "no row, or participation that the employer records and an empty cell"
        checks.error("this person did not agree to be counted", expected, NOTED, "consent", log.index[refused])
    silent = log["consent"].isna() & ~log["practice"].isin(participation)
    if silent.any():
        fix = f"{NOTED}; if the employer records participation, say so in study.yaml under practices: participation"
        checks.error(EMPTY, "yes", fix, "consent", log.index[silent])
    _partners(frames, checks)
    if "practice_draws" in frames:
        _arms(frames, checks)


def _sessions_alike(log: pd.DataFrame, known: Mapping[str, Capture], checks: Checks) -> None:
    """Tell where a session has rows of two days, or of two practices."""
    for column, words in (("date", "on {}"), ("practice", "of {}")):
        rows = log[log["session_id"].notna() & log[column].notna()]
        rows = rows[rows["practice"].isin(known)] if column == "practice" else rows
        several = rows.groupby("session_id")[column].transform("nunique") > 1
        for session, group in rows[several].groupby("session_id", sort=False):
            usual = group[column].mode().iloc[0]
            for value, others in group[group[column] != usual].groupby(column):
                found = f"session {shown(session)} is {words.format(_day(value))} here"
                first = group.index[group[column] == usual][0]
                expected = f"{_day(usual)}, as in row {first}"
                checks.error(found, expected, "Give each session an id of its own", column, others.index)


def _day(value: Any) -> str:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else str(value)


def _as_in_sessions(log: pd.DataFrame, sessions: pd.DataFrame, known: Mapping[str, Capture], checks: Checks) -> None:
    if not {"session_id", "practice", "date"} <= {*sessions}:
        return
    unknown = log["session_id"].notna() & ~log["session_id"].isin(sessions["session_id"])
    _unknown_sessions(log, unknown, "practice_sessions", checks)
    for column in ("date", "practice"):
        there = lookup(log["session_id"], sessions, "session_id", column)
        wrong = there.notna() & log[column].notna() & (there != log[column])
        if column == "practice":  # what is no practice is told already
            wrong &= there.isin(known) & log[column].isin(known)
        for value, rows in log[wrong].groupby(there[wrong]):
            found = f"{_day(log.loc[rows.index[0], column])} is not the {column} of the session"
            checks.error(found, f"{_day(value)}, as in practice_sessions", "", column, rows.index)


def _unknown_sessions(frame: pd.DataFrame, unknown: pd.Series, table: str, checks: Checks) -> None:
    if unknown.any():
        values = ", ".join([shown(value) for value in frame.loc[unknown, "session_id"].unique()][:5])
        fix = f"Add it to {table}, or correct it"
        expected = f"a session_id of {table}"
        checks.error(f"{values} not in {table}", expected, fix, "session_id", frame.index[unknown])


def _partners(frames: Frames, checks: Checks) -> None:
    """Tell where a row names a pair that is not the person's, or whose other person has no row."""
    log, pairs = frames["practice_log"], frames.get("partnerships")
    if pairs is None or not {"partnership_id", "hr_id", "manager_id"} <= {*pairs}:
        return
    hr, manager = (lookup(log["partnership_id"], pairs, "partnership_id", side) for side in ("hr_id", "manager_id"))
    stranger = hr.notna() & log["person_id"].notna() & (log["person_id"] != hr) & (log["person_id"] != manager)
    if stranger.any():
        fix = "Correct person_id or partnership_id"
        checks.error("this person belongs to neither side of the pair", "", fix, "person_id", log.index[stranger])
    other = manager.where(log["person_id"] == hr, hr)
    here = {*log[["session_id", "person_id"]].itertuples(index=False, name=None)}
    absent = pd.Series([one not in here for one in zip(log["session_id"], other)], index=log.index, dtype=bool)
    alone = absent & hr.notna() & log["person_id"].notna() & ~stranger
    if alone.any():
        found, fix = "the other person of the pair has no row in this session", "Add it, or leave partnership_id empty"
        expected = "a pair only where both of it agreed to be counted"
        checks.error(found, expected, fix, "partnership_id", log.index[alone])


def _arms(frames: Frames, checks: Checks) -> None:
    """Tell where the log and the allocation do not call the arm or the cohort alike."""
    log, draws, pairs = frames["practice_log"], frames["practice_draws"], frames.get("partnerships")
    if pairs is None or not {"practice", "arm", "cohort", *UNIT_KINDS} <= {*draws}:
        return
    for practice in draws["practice"].dropna().unique():
        rows, drawn = log[log["practice"] == practice], draws[draws["practice"] == practice]
        told, source, key = drawn, "person_id", "hr_id"
        if drawn["hr_id"].isna().all():
            told = allotted(draws, practice, pairs, frames.get("people"), frames.get("units"))
            source = key = "partnership_id"
        for name in ("arm", "cohort"):
            there = lookup(rows[source], told, key, name)
            wrong = there.notna() & rows[name].notna() & (there != rows[name])
            for value, group in rows[wrong].groupby(there[wrong]):
                found = f"{shown(group[name].iloc[0])} is not what was allotted"
                checks.error(found, f"{value}, as in practice_draws", "", name, group.index)


def _totals(frames: Frames, checks: Checks) -> None:
    sessions = frames["practice_sessions"]
    if not {"came", "declined", "session_id"} <= {*sessions}:
        return
    more = sessions["declined"] > sessions["came"]
    if more.any():
        checks.error("more declined than came", "at most as many as came", "", "declined", sessions.index[more])
    if "practice_log" not in frames or not {"session_id", "person_id", "consent"} <= {*frames["practice_log"]}:
        return
    log = frames["practice_log"]
    agreed = log[log["consent"].eq(True).fillna(False)]
    for words, rows, spare in (
        ("people of practice_log", log, 0),
        ("people who agreed and people who declined", agreed, sessions["declined"].fillna(0)),
    ):
        counted = rows.dropna(subset=["person_id"]).groupby("session_id")["person_id"].nunique()
        there = sessions["session_id"].map(counted).astype("float64").fillna(0) + spare
        few = there > sessions["came"]
        if few.any():
            found = f"{sessions.loc[few, 'came'].iloc[0]:g} came, and there are {there[few].iloc[0]:g} {words}"
            checks.error(found, "everybody who came is counted in came", "", "came", sessions.index[few])


class _Answers:
    """Checks of captured answers; rows with the same mistake are told together."""

    def __init__(
        self, frames: Frames, known: Mapping[str, Capture], participation: Mapping[str, str], checks: Checks
    ) -> None:
        self.answers, self.log = frames["practice_answers"], frames.get("practice_log")
        self.sessions, self.pairs = frames.get("practice_sessions"), frames.get("partnerships")
        self.known, self.participation, self.checks = known, participation, checks
        self.found: dict[tuple[str, str, str, str], list[int]] = {}
        self.agreed: set[tuple[str, str]] = set()
        self.sides: dict[str, list[str]] = {}
        self.present: set[tuple[str, str]] = set()
        self.paired: set[tuple[str, str, str]] = set()

    def check(self) -> None:
        if self.log is None or not {"session_id", "field", "value"} <= {*self.answers}:
            return
        if not {"session_id", "practice", "person_id", "partnership_id", "consent", "date"} <= {*self.log}:
            return
        parts = [self.log[["session_id", "practice", "date"]]]
        if self.sessions is not None and {"session_id", "practice", "date"} <= {*self.sessions}:
            parts.insert(0, self.sessions[["session_id", "practice", "date"]])
        held = pd.concat(parts)
        practice = {name: closest(name, self.known) for name in held["practice"].dropna().unique()}
        held = held.assign(practice=held["practice"].map(practice))
        unknown = self.answers["session_id"].notna() & ~self.answers["session_id"].isin(held["session_id"])
        table = "practice_log" if self.sessions is None else "practice_sessions"
        _unknown_sessions(self.answers, unknown, table, self.checks)
        rows = self.log.dropna(subset=["session_id", "person_id"])
        self.present = {*rows[["session_id", "person_id"]].itertuples(index=False, name=None)}
        paired = self.log[["session_id", "person_id", "partnership_id"]].dropna()
        self.paired = {*paired.itertuples(index=False, name=None)}
        # A yes that is missing is told with the log; only where the employer's record stands without one is it a no.
        unsure = rows["consent"].isna() & ~rows["practice"].isin(self.participation)
        agreed = rows[rows["consent"].eq(True).fillna(False) | unsure]
        self.agreed = {*agreed[["session_id", "person_id"]].itertuples(index=False, name=None)}
        self.spoken = {session for session, _ in self.agreed}
        if self.pairs is not None and {"partnership_id", "hr_id", "manager_id"} <= {*self.pairs}:
            for side in ("hr_id", "manager_id"):
                for pair, person in zip(self.pairs["partnership_id"], self.pairs[side]):
                    self.sides.setdefault(pair, []).extend([person] if isinstance(person, str) else [])
        self.day = held.dropna(subset=["date"]).drop_duplicates("session_id").set_index("session_id")["date"]
        of = lookup(self.answers["session_id"], held.dropna(subset=["practice"]), "session_id", "practice")
        for practice, rows in self.answers.groupby(of):
            capture = self.known[str(practice)]
            for name, group in rows.groupby("field"):
                self._field(capture, str(name), group)
            self._limits(capture, rows)
        for (found, expected, fix, column), numbers in self.found.items():
            self.checks.error(found, expected, fix, column, sorted({*numbers}))

    def _note(self, found: str, expected: str, fix: str, column: str, rows: Iterable[int]) -> None:
        self.found.setdefault((found, expected, fix, column), []).extend(rows)

    def _field(self, capture: Capture, name: str, rows: pd.DataFrame) -> None:
        field = capture.field(name)
        if field is None:
            names = [one.field for one in capture.fields]
            fix = did_you_mean(name, names).capitalize() or "Declare it in the playbook, or take it out"
            found = f"{shown(name)} is no field of {capture.practice}"
            self._note(found, f"one of {', '.join(names)}", fix, "field", rows.index)
            return
        values = rows["value"].dropna()
        for value in values.unique():
            if field.read(value) is None:
                wrong = values.index[values == value]
                self._note(f"{name} is {shown(value)}", field.expected, "", "value", wrong)
        if field.type == "date":
            days = pd.to_datetime(values.map(field.read), errors="coerce")
            early = days < rows.loc[values.index, "session_id"].map(self.day)
            if early.any():
                found = f"{name} lies before the session"
                self._note(found, "its day or a later one", "", "value", values.index[early])
        self._people(field, rows)

    def _people(self, field: CaptureField, rows: pd.DataFrame) -> None:
        """Tell who is missing, who is too much, who was not there and who did not agree."""
        needed = {"person": "person_id", "pair": "partnership_id"}.get(field.level, "")
        allowed = {"person": ("person_id", "partnership_id"), "pair": ("partnership_id",)}.get(field.level, ())
        for column in ("person_id", "partnership_id"):
            empty, about = rows[column].isna(), f"{field.field} is about a {field.level}"
            if column == needed and empty.any():
                self._note(EMPTY, f"a {column}: {about}", "", column, rows.index[empty])
            if column not in allowed and not empty.all():
                found, fix = "the cell is filled", f"Leave {column} empty"
                self._note(found, f"no {column}: {about}", fix, column, rows.index[~empty])
        for row in rows[["session_id", "person_id", "partnership_id"]].itertuples():
            self._one(field, row)

    def _one(self, field: CaptureField, row: Any) -> None:
        people: list[str] = []
        column = "person_id"
        if field.level == "person" and isinstance(row.person_id, str):
            people = [row.person_id]
            key = (row.session_id, row.person_id, row.partnership_id)
            if isinstance(row.partnership_id, str) and key[:2] in self.present and key not in self.paired:
                found = f"{shown(row.partnership_id)} is not the pair of this person in practice_log"
                self._note(found, "that pair, or nothing", "", "partnership_id", (row.Index,))
        elif field.level == "pair" and isinstance(row.partnership_id, str):
            people, column = self.sides.get(row.partnership_id, []), "partnership_id"
        for person in people:
            if (row.session_id, person) not in self.present:
                found = f"{shown(person)} has no row in session {shown(row.session_id)} of practice_log"
                self._note(found, "somebody who took part and agreed", "", column, (row.Index,))
            elif (row.session_id, person) not in self.agreed and field.basis != EMPLOYER:
                found = f"{shown(person)} did not agree to be counted"
                self._note(found, "answers only of people who agreed", "Take them out", column, (row.Index,))
        silent = row.session_id not in self.spoken
        if field.level in ("session", "unit") and field.basis != EMPLOYER and silent:
            found, expected = "nobody in this session agreed to be counted", f"no {field.field}"
            self._note(found, expected, "Take it out", "session_id", (row.Index,))

    def _limits(self, capture: Capture, rows: pd.DataFrame) -> None:
        """Tell which numbers exceed the number that bounds them."""
        key = ["session_id", "person_id", "partnership_id"]
        for field in (one for one in capture.fields if one.not_above):
            own, most = (rows[rows["field"] == name] for name in (field.field, field.not_above))
            both = own.reset_index(names="row").merge(most, on=key, suffixes=("", "_most"))
            numbers = pd.to_numeric(both["value"], errors="coerce") > pd.to_numeric(both["value_most"], errors="coerce")
            for one in both[numbers].itertuples():
                found = f"{field.field} is {one.value}, and {field.not_above} is {one.value_most}"
                self._note(found, f"not above {field.not_above}", "", "value", (one.row,))


def _commitments(frames: Frames, checks: Checks) -> None:
    """Tell which promises are of no session, or of a pair that was not in it, or made before it."""
    promised, log = frames["commitments"], frames.get("practice_log")
    if log is None or not {"session_id", "partnership_id", "made_on"} <= {*promised}:
        return
    sessions = frames.get("practice_sessions", log)
    asked = {"session_id", "partnership_id", "person_id", "consent", "date"}
    if not asked <= {*log} or not {"session_id", "date"} <= {*sessions}:
        return
    table = "practice_sessions" if "practice_sessions" in frames else "practice_log"
    unknown = promised["session_id"].notna() & ~promised["session_id"].isin(sessions["session_id"])
    _unknown_sessions(promised, unknown, table, checks)
    agreed = log[log["consent"].eq(True).fillna(False)].dropna(subset=["session_id", "partnership_id"])
    count = agreed.groupby(["session_id", "partnership_id"])["person_id"].nunique()
    both = {*count.index[count >= 2]}
    named = zip(promised["session_id"], promised["partnership_id"])
    absent = pd.Series([pair not in both for pair in named], index=promised.index, dtype=bool)
    outside = absent & promised["session_id"].notna() & ~unknown
    if outside.any():
        found = "not both people of the pair took part in the session and agreed to be counted"
        checks.error(found, "promises only of pairs who agreed", NOTED, "partnership_id", promised.index[outside])
    day = lookup(promised["session_id"], sessions, "session_id", "date")
    early = promised["made_on"] < day
    if early.any():
        checks.error("made_on lies before the session", "its day or a later one", "", "made_on", promised.index[early])


def _draws(frames: Frames, checks: Checks) -> None:
    draws = frames["practice_draws"]
    if not {"practice", "arm", "cohort", "starts_on", "allocated_by", "could_start", *UNIT_KINDS} <= {*draws}:
        return
    filled = draws[list(UNIT_KINDS)].notna()
    wrong = filled.sum(axis=1) != 1
    if wrong.any():
        expected = f"one of {', '.join(UNIT_KINDS)} filled"
        checks.error(f"{filled[wrong].sum(axis=1).iloc[0]} are filled", expected, "", "", draws.index[wrong])
    for practice, rows in draws[~wrong].groupby("practice"):
        kinds = filled.loc[rows.index].idxmax(axis=1)
        for column, values in (("", kinds), ("allocated_by", rows["allocated_by"].dropna())):
            other = values[values != values.mode().iloc[0]] if len(values) else values
            if len(other):
                found = f"{other.iloc[0]} here, and {values.mode().iloc[0]} in other rows of {practice}"
                checks.error(found, "the same for a whole practice", "", column, other.index)
        starts = rows.dropna(subset=["cohort", "starts_on"]).groupby("cohort")["starts_on"].nunique()
        for cohort in starts.index[starts > 1]:
            found = f"the cohort {shown(cohort)} starts on several days"
            checks.error(found, "one day", "", "starts_on", rows.index[rows["cohort"] == cohort])
    unstarted = draws["starts_on"].isna() & draws["arm"].isin(["treated", "waitlist"])
    if unstarted.any():
        checks.error(EMPTY, "the first day, of treated and waitlist", "", "starts_on", draws.index[unstarted])
    for row in draws.dropna(subset=["could_start"]).itertuples():
        days = [pd.to_datetime(day.strip(), format="%Y-%m-%d", errors="coerce") for day in row.could_start.split(";")]
        if any(day is pd.NaT for day in days):
            checks.error(shown(row.could_start), "days such as 2026-02-02; 2026-03-02", "", "could_start", (row.Index,))
        elif pd.notna(row.starts_on) and row.starts_on not in days:
            checks.error(
                "starts_on is none of these days", "days with starts_on among them", "", "could_start", (row.Index,)
            )
    if "people" in frames and {"person_id", "side"} <= {*frames["people"]}:
        side = lookup(draws["hr_id"], frames["people"], "person_id", "side")
        wrong = side.notna() & (side != "hr")
        if wrong.any():
            checks.error(
                f"people calls this person's side {side[wrong].iloc[0]}", "hr", "", "hr_id", draws.index[wrong]
            )
