"""What was typed, as rows of the tables: who agreed is stored, of the others one more in a total."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import pandas as pd

from ...alike import folded
from ...practices import Capture, CaptureField, closest, same_word
from ...problems import Problem, did_you_mean, rows_in_words, shown
from ...study import Study
from ...tables import ARMS, AUDIENCES, OUTCOMES, PROMISE_KINDS, PROMISED_BY, RECALL_ROUNDS, TABLES
from .sheets import MESSAGES, PEOPLE, PROMISES, RECALL, SESSION, Row, Sheet, Typed
from .words import Reader

BROUGHT = ("practice_sessions", "practice_log", "practice_answers", "commitments", "messages", "recall")
OF_MESSAGES = BROUGHT[4:]
DATES = ("made_on", "due_on", "moved_on", "moved_to", "closed_on")
TOTALS = ("came", "declined", "planned_minutes", "real_minutes")
ROW = "row"


@dataclass
class Records:
    """Rows for the tables, each with the row of the sheet it comes from, and what else is to be known.

    Parameters
    ----------
    tables : dict of str to list of dict
        Texts by column; ``row`` is the row of the sheet.
    labels : dict of str to str
        Table to the sheet that messages name.
    refused : set of tuple of str
        Session and person who said no: what is stored of them is taken out.
    parted : set of tuple of str
        Session and pair of which one said no.
    problems : list of Problem
        Errors.
    notes : list of str
        Sentences.
    """

    tables: dict[str, list[dict[str, Any]]] = field(default_factory=lambda: {name: [] for name in BROUGHT})
    labels: dict[str, str] = field(default_factory=dict)
    refused: set[tuple[str, str]] = field(default_factory=set)
    parted: set[tuple[str, str]] = field(default_factory=set)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def frame(self, name: str) -> pd.DataFrame:
        """Return the rows of a table as texts, indexed by the rows of the sheet."""
        rows = self.tables[name]
        frame = pd.DataFrame(rows, columns=[*TABLES[name].columns, ROW], dtype=object).set_index(ROW)
        frame.index = pd.Index([int(row) for row in frame.index], dtype="int64")
        return frame.map(lambda text: text or None).astype("str")


def records(typed: Typed, study: Study, reader: Reader) -> Records:
    """Read every cell and make rows of them.

    Parameters
    ----------
    typed : Typed
        The sheets.
    study : Study
        Knows the people, the pairs, the practices and what is stored already.
    reader : Reader
        Keeps what it could not read.

    Returns
    -------
    Records
        Rows and errors; nothing is written.
    """
    return _Records(typed, study, reader).made()


class _Records:
    """Makes the rows of one file."""

    def __init__(self, typed: Typed, study: Study, reader: Reader) -> None:
        self.typed, self.study, self.reader = typed, study, reader
        self.known, self.found = study.practices, Records()
        self.codes = {column: self._codes(table, column) for table, column in
                      (("people", "person_id"), ("partnerships", "partnership_id"))}  # fmt: skip
        pairs = study.prepared("partnerships")[0] if study.has("partnerships") else pd.DataFrame()
        self.pairs = {row.partnership_id: (row.hr_id, row.manager_id) for row in pairs.itertuples()}
        # Without a list of people, those of the pairs are known, and others may be right too.
        self.spelt: dict[str, set[str]] = {}
        for person in (one for sides in self.pairs.values() for one in sides if isinstance(one, str)):
            self.spelt.setdefault(folded(person), set()).add(person)
        self.sessions: dict[str, dict[str, Any]] = {}
        self.agreed: set[tuple[str, str]] = set()

    def made(self) -> Records:
        sheets = self.typed.sheets
        tables_of = {SESSION: BROUGHT[:1], PEOPLE: BROUGHT[1:3], PROMISES: BROUGHT[3:4], MESSAGES: BROUGHT[4:5],
                     RECALL: BROUGHT[5:]}  # fmt: skip
        for name, tables in tables_of.items():
            own = sheets.get(name) or sheets.get(PEOPLE) or next(iter(sheets.values()))
            self.found.labels |= dict.fromkeys(tables, own.label)
        if sheet := sheets.get(SESSION):
            self._rows_of_sessions(sheet)
        if sheet := sheets.get(PEOPLE):
            self._people(sheet)
        if sheet := sheets.get(PROMISES):
            self._promises(sheet)
        if sheet := sheets.get(MESSAGES):
            self._messages(sheet)
        if sheet := sheets.get(RECALL):
            self._recall(sheet)
        self.found.tables["practice_sessions"] = [one for one in self.sessions.values() if one[ROW] is not None]
        self.found.problems += self.reader.unread()
        return self.found

    def _error(
        self, sheet: Sheet, found: str, expected: str = "", fix: str = "", column: str = "", rows: Iterable[int] = ()
    ) -> None:
        heading = sheet.headings.get(column, column)
        numbers = tuple(int(row) for row in rows)
        self.found.problems.append(Problem("error", sheet.label, found, expected, fix, "practice", heading, numbers))

    def _note(self, words: str, rows: list[int]) -> None:
        if rows:
            self.found.notes.append(f"{rows_in_words(tuple(rows)).capitalize()}: {words}.")

    # Cells

    def _cell(
        self, sheet: Sheet, row: Row, column: str, kind: str | CaptureField = "text", allowed: Iterable[str] = ()
    ) -> str:
        heading = sheet.headings.get(column, column)
        return self.reader.cell(kind, row.cells.get(column), sheet.label, heading, row.number, allowed)

    def _codes(self, table: str, column: str) -> dict[str, list[str]]:
        """Return the codes of the study by what they look like."""
        found: dict[str, list[str]] = {}
        if self.study.has(table):
            for code in self.study.prepared(table)[0][column].dropna().unique():
                found.setdefault(folded(code), []).append(code)
        return found

    def _code(self, sheet: Sheet, row: Row, column: str) -> str:
        """Return a code as the study spells it; one that nobody knows is an error."""
        typed = row.cells.get(column)
        if typed is None:
            return ""
        told = typed
        if column == "person_id":
            told = str(self.study.identities.resolve(pd.Series([typed], dtype="str"), "hr_system").iloc[0])
        codes = self.codes[column]
        same = codes.get(folded(told), []) if codes else sorted(self.spelt.get(folded(told), []))
        if told in same or (not codes and (column != "person_id" or len(same) != 1)):
            return told
        heading = sheet.headings[column]
        if len(same) == 1:
            self.reader.readings.setdefault((sheet.label, heading, typed, same[0]), []).append(row.number)
            return same[0]
        near = did_you_mean(told, [code for group in codes.values() for code in group])
        table = "people" if column == "person_id" else "partnerships"
        fix = near.capitalize() if near and told == typed else f"Correct it, or add it to {table}"
        found = (
            f"{shown(typed)} is not in {table}" if len(same) == 0 else f"{shown(typed)} could be {' or '.join(same)}"
        )
        self._error(sheet, found, f"a {column} of the study", fix, column, [row.number])
        return ""

    def _practice(self, sheet: Sheet, row: Row) -> str:
        typed = row.cells.get("practice")
        if typed is None:
            self._error(sheet, "the cell is empty", f"one of {', '.join(self.known)}", "", "practice", [row.number])
            return ""
        given = {same_word(word): meant for word, meant in self.reader.words.items()}.get(same_word(typed), typed)
        exact = next(
            (one for one, told in self.known.items() if same_word(given) in map(same_word, (one, told.playbook))), None
        )
        if exact is None:
            near = closest(given, self.known)
            fix = f'Did you mean "{near}"?' if near else ""
            self._error(
                sheet,
                f"{shown(typed)} is no practice",
                f"one of {', '.join(self.known)}",
                fix,
                "practice",
                [row.number],
            )
            return ""
        if exact != typed:
            key = (sheet.label, sheet.headings["practice"], typed, exact)
            self.reader.readings.setdefault(key, []).append(row.number)
        return exact

    # Sessions

    def _session(self, sheet: Sheet, row: Row) -> str:
        """Return the id of the session that a row tells of, and note what it says of the session."""
        id = row.cells.get("session_id", "")
        if not {"practice", "date"} & {*row.cells}:
            if id in (stored := self._stored_sessions):
                self.sessions.setdefault(id, stored[id])
            if id in self.sessions:
                return id
            if not id and len(self.sessions) == 1:
                return next(iter(self.sessions))
            found = f"no session is called {shown(id)}" if id else "the row does not say which session it is of"
            self._error(
                sheet,
                found,
                "session_id of a session that the file or the study tells of",
                "",
                "session_id",
                [row.number],
            )
            return ""
        practice, day = self._practice(sheet, row), self._cell(sheet, row, "date", "date")
        if not day and "date" not in row.cells:
            self._error(sheet, "the cell is empty", "the day of the session", "", "date", [row.number])
        if not practice or not day:
            return ""
        if not id:
            id = f"{practice}-{day}"
            self.found.notes.append(f"{sheet.label}: a session without an id is called {id}.")
        told = {"session_id": id, "practice": practice, "date": day, ROW: row.number}
        told |= {name: self._cell(sheet, row, name, "minutes" if "minutes" in name else "whole") for name in TOTALS}
        first = self.sessions.setdefault(id, told)
        for name in ("practice", "date", *TOTALS):
            if first[name] and told[name] and first[name] != told[name]:
                found = f"session {shown(id)} has {name} {told[name]} here and {first[name]} in row {first[ROW]}"
                self._error(sheet, found, "one for each session", "", name, [row.number])
            first[name] = first[name] or told[name]
        for one in self.known[practice].fields:
            if one.level in ("session", "unit") and (value := self._cell(sheet, row, one.field, one)):
                self._answer(sheet, id, one, value, row)
        return id

    @cached_property
    def _stored_sessions(self) -> dict[str, dict[str, Any]]:
        """Return the sessions that the study holds, to whose people and promises a file may add."""
        if not self.study.has("practice_sessions"):
            return {}
        return {
            row.session_id: {
                "session_id": row.session_id, "practice": row.practice, "date": f"{row.date:%Y-%m-%d}",
                **{name: "" if pd.isna(value := getattr(row, name)) else f"{value:.0f}" for name in TOTALS}, ROW: None,
            }
            for row in self.study.prepared("practice_sessions")[0].itertuples()
        }  # fmt: skip

    def _rows_of_sessions(self, sheet: Sheet) -> None:
        for row in sheet.rows:
            if {*row.cells} - {"practice", "planned_minutes", "edition"}:  # these the kit has filled in
                self._session(sheet, row)
        if not self.sessions and not self.found.problems and not self.reader.problems:
            self._error(sheet, "nothing is filled in", "session_id and date of the session", "", "date")

    # People

    def _people(self, sheet: Sheet) -> None:
        if "consent" not in sheet.headings:
            fix = "Add it: yes or no for each person. Without a yes nothing about a person is stored"
            self._error(sheet, "there is no column consent", "yes or no for each person", fix)
            return
        rows = []
        for row in sheet.rows:
            session = self._session(sheet, row)
            consent = self._cell(sheet, row, "consent", "yes/no")
            if not consent and "consent" not in row.cells:
                fix = "Without a yes nothing about a person is stored"
                self._error(sheet, "the cell is empty", "yes or no", fix, "consent", [row.number])
            if session and consent:
                rows.append((row, session, consent == "yes"))
        told: list[tuple[Row, str, str, str]] = []
        codeless: list[int] = []
        dropped: list[int] = []
        recorded: list[int] = []
        for row, session, yes in rows:
            person = self._code(sheet, row, "person_id")
            if not yes:
                (recorded if self._refusal(sheet, row, session, person) else dropped).append(row.number)
            elif person:
                self.agreed.add((session, person))
                told.append((row, session, person, self._code(sheet, row, "partnership_id")))
            elif "person_id" not in row.cells:
                codeless.append(row.number)
        self._count(sheet, rows)
        self._note("said no; nothing is stored of them but their number", dropped)
        self._note("said no; only their participation is stored, as the employer records it anyway", recorded)
        self._note("without a code; counted among those who came, and nothing else is stored", codeless)
        self._pairs(sheet, told)

    def _count(self, sheet: Sheet, rows: list[tuple[Row, str, bool]]) -> None:
        """Fill in who came and who declined, where nobody typed it: as stored, or from the rows."""
        before = self._stored_sessions
        withdrawn = self.found.refused & self._stored_agreed
        for id, session in self.sessions.items():
            own = [yes for _, of, yes in rows if of == id]
            if session[ROW] is None or not own:
                continue
            least = {"came": len(own), "declined": len(own) - sum(own)}
            for name, number in least.items():
                if session[name] and int(session[name]) < number:
                    found = f"{name} of session {shown(id)} is {session[name]}, and there are {number} such rows"
                    self._error(sheet, found, f"at least {number}", "", name)
                elif not session[name] and id in before and before[id][name]:
                    more = sum(of == id for of, _ in withdrawn) if name == "declined" else 0
                    session[name] = str(int(before[id][name]) + more)
                elif not session[name]:
                    session[name] = str(number)
                    told = f"{name} of session {id} was counted from the rows: {number}"
                    self.found.notes.append(f"{sheet.label}: {told}.")

    def _log(self, sheet: Sheet, row: Row, session: str, person: str, pair: str, consent: str) -> None:
        told = self.sessions[session]
        self.found.tables["practice_log"].append({
            "session_id": session, "practice": told["practice"], "person_id": person, "partnership_id": pair,
            "date": told["date"], "hours": self._cell(sheet, row, "hours", "hours"),
            "cohort": self._cell(sheet, row, "cohort"), "arm": self._cell(sheet, row, "arm", "choice", ARMS),
            "consent": consent, ROW: row.number,
        })  # fmt: skip

    def _refusal(self, sheet: Sheet, row: Row, session: str, person: str) -> bool:
        """Note who said no; return whether their participation is stored, because the employer records it anyway."""
        if not person:
            return False
        self.found.refused.add((session, person))
        self.found.parted |= {(session, pair) for pair, sides in self.pairs.items() if person in sides}
        recorded = self.sessions[session]["practice"] in self.study.settings.practices.participation
        if recorded:
            self._log(sheet, row, session, person, "", "")
        return recorded

    def _pairs(self, sheet: Sheet, told: list[tuple[Row, str, str, str]]) -> None:
        parted, own = [], {(session, person) for _, session, person, _ in told}
        agreed = (own | self._stored_agreed) - self.found.refused
        of_pairs: dict[tuple[str, str, str], tuple[str, int]] = {}
        for row, session, person, pair in told:
            sides = self.pairs.get(pair)
            if sides and person not in sides:
                self._error(
                    sheet,
                    f"{shown(person)} belongs to neither side of pair {shown(pair)}",
                    "",
                    "Correct one of them",
                    "person_id",
                    [row.number],
                )
                continue
            other = next((one for one in sides or () if one != person), None)
            if pair and other and (session, other) not in agreed:
                parted.append(row.number)
                self.found.parted.add((session, pair))
                pair = ""
            self._log(sheet, row, session, person, pair, "yes")
            for one in self._fields(sheet, session, row):
                value = self._cell(sheet, row, one.field, one)
                if not value:
                    continue
                if one.level == "person":
                    self._answer(sheet, session, one, value, row, person, pair)
                elif pair:
                    first, at = of_pairs.setdefault((session, pair, one.field), (value, row.number))
                    if first != value:
                        found = f"{one.field} of pair {shown(pair)} is {value} here and {first} in row {at}"
                        self._error(sheet, found, "one answer for the pair", "", one.field, [row.number])
                    elif at == row.number:
                        self._answer(sheet, session, one, value, row, "", pair)
        self._note("the other of the pair did not agree, so the pair is not stored, nor what is about both", parted)

    def _fields(self, sheet: Sheet, session: str, row: Row) -> list[CaptureField]:
        """Return the fields of the session's practice that the sheet asks for; others must be empty."""
        capture: Capture = self.known[self.sessions[session]["practice"]]
        own = [one for one in capture.fields if one.level in ("person", "pair") and one.field in sheet.headings]
        names = {one.field for one in capture.fields}
        others = {one.field for each in self.known.values() for one in each.fields} - names
        for column in others & {*row.cells}:
            found = f"{column} is filled, and is no field of {capture.practice}"
            self._error(sheet, found, f"one of {', '.join(sorted(names))}", "", column, [row.number])
        return own

    @cached_property
    def _stored_agreed(self) -> set[tuple[str, str]]:
        if not self.study.has("practice_log"):
            return set()
        log = self.study.prepared("practice_log")[0]
        agreed = log[log["consent"].eq(True).fillna(False)]
        return {*agreed[["session_id", "person_id"]].dropna().itertuples(index=False, name=None)}

    def _answer(
        self, sheet: Sheet, session: str, one: CaptureField, value: str, row: Row, person: str = "", pair: str = ""
    ) -> None:
        told = {"session_id": session, "person_id": person, "partnership_id": pair, "field": one.field, "value": value}
        rows = self.found.tables["practice_answers"]
        before = next((r for r in rows if (r["session_id"], r["field"]) == (session, one.field)), None)
        if before is None or one.level in ("person", "pair"):
            rows.append(told | {ROW: row.number})
        elif before["value"] != value:
            found = (
                f"{one.field} of session {shown(session)} is {value} here and {before['value']} in row {before[ROW]}"
            )
            self._error(sheet, found, "one for each session", "", one.field, [row.number])

    # Promises

    def _promises(self, sheet: Sheet) -> None:
        numbers: dict[tuple[str, str], int] = {}
        silent = []
        agreed = (self.agreed | self._stored_agreed) - self.found.refused
        for row in sheet.rows:
            session, pair = self._session(sheet, row), self._code(sheet, row, "partnership_id")
            told: dict[str, Any] = {"session_id": session, "partnership_id": pair, ROW: row.number}
            told["promised_by"] = self._cell(sheet, row, "promised_by", "choice", PROMISED_BY)
            told["kind"] = self._cell(sheet, row, "kind", "choice", PROMISE_KINDS)
            told["outcome"] = self._cell(sheet, row, "outcome", "choice", OUTCOMES)
            told |= {name: self._cell(sheet, row, name, "date") for name in DATES}
            for name in ("partnership_id", "promised_by", "made_on", "outcome"):
                self._needed(sheet, row, "commitments", name)
            numbers[session, pair] = numbers.get((session, pair), 0) + 1
            typed = row.cells.get("commitment_id", str(numbers[session, pair]))
            told["commitment_id"] = _numbered(f"{session}-{pair}", typed)
            sides = self.pairs.get(pair)
            if sides and session and not all((session, one) in agreed for one in sides):
                silent.append(row.number)
                self.found.parted.add((session, pair))
            elif session and pair:
                self.found.tables["commitments"].append(told)
        self._note("promises of a pair of which not both agreed; not stored", silent)

    # Messages, and who recalls them: about texts and numbers of people, so that nobody's yes is needed

    def _messages(self, sheet: Sheet) -> None:
        for row in sheet.rows:
            session = self._session(sheet, row)
            told = self._of_messages(sheet, row, "messages", ("message_id", "audience"))
            told |= {"found_on": self._cell(sheet, row, "found_on", "date")}
            told |= {"rating": self._cell(sheet, row, "rating", "whole")}
            told |= {name: self._cell(sheet, row, name) for name in ("channel", "text", "attribute")}
            told |= {name: _numbered(session, row.cells.get(name, "")) for name in ("message_id", "coder_id")}
            if session:
                self.found.tables["messages"].append(told)

    def _recall(self, sheet: Sheet) -> None:
        for row in sheet.rows:
            session = self._session(sheet, row)
            told = self._of_messages(sheet, row, "recall", ("asked_on", "audience", "round", "asked", "recalled"))
            told |= {"round": self._cell(sheet, row, "round", "choice", RECALL_ROUNDS)}
            told |= {"asked_on": self._cell(sheet, row, "asked_on", "date"), "place": self._cell(sheet, row, "place")}
            told |= {name: self._cell(sheet, row, name, "whole") for name in ("asked", "recalled")}
            if session:
                self.found.tables["recall"].append(told)

    def _of_messages(self, sheet: Sheet, row: Row, table: str, needed: Iterable[str]) -> dict[str, Any]:
        for name in needed:
            self._needed(sheet, row, table, name)
        return {"audience": self._cell(sheet, row, "audience", "choice", AUDIENCES), ROW: row.number}

    def _needed(self, sheet: Sheet, row: Row, table: str, name: str) -> None:
        if name not in row.cells:
            self._error(sheet, "the cell is empty", TABLES[table].columns[name].expected, "", name, [row.number])


def _numbered(session: str, typed: str) -> str:
    """Return what a sheet numbers from 1, as an id that no other session has."""
    return f"{session}-{typed}" if typed.isdigit() and len(typed) <= 2 else typed
