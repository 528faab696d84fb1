"""Check tables: each by itself, and against the others."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import pandas as pd
import pandera.errors

from .identities import FILE, SOURCES
from .problems import InputError, Problem, did_you_mean, shown
from .tables import PERSONAL, TABLES, Column, lookup, repeated

if TYPE_CHECKING:
    from .study import Study


def study(study: Study) -> list[Problem]:
    """Return every problem of a study.

    Parameters
    ----------
    study
        The study.

    Returns
    -------
    Errors and warnings of every table, then what does not fit between tables.
    """
    problems, frames = [], {}
    for name in study.tables:
        try:
            frames[name], found = study.prepared(name)
        except InputError as error:
            found = error.problems
        problems += found
    for name in frames:
        problems += _links(study, name, frames)
    problems += _pairs(study, frames) + _events(study, frames) + _attributes(study, frames) + _sources(study)
    if "survey" not in study.tables:
        problems.append(
            Problem("warning", "study.yaml", "no survey table is named", fix="Add survey: survey.csv under tables")
        )
    return problems


def table(
    study: Study,
    name: str,
    frame: pd.DataFrame,
    columns: dict[str, Column],
    unused: list[str],
    unread: list[Problem],
) -> list[Problem]:
    """Return the problems of one table by itself.

    Parameters
    ----------
    study
        The study it belongs to.
    name
        Name of the table.
    frame
        The table after reading, indexed by row number.
    columns
        Declared columns, with items and attributes.
    unused
        Columns of the file that nothing declares.
    unread
        Problems found on reading; their cells are not reported again.

    Returns
    -------
    Errors and warnings.
    """
    checks = _Table(study, name)
    checks.columns(frame, columns, unused)
    checks.values(frame, columns, unread)
    checks.repeated(frame)
    checks.dates(frame, columns)
    if name == "survey":
        checks.survey(frame, columns, unread)
    if frame.empty:
        checks.warning("there are no rows yet", fix="Fill in the table, or take it out of study.yaml")
    return checks.problems


class _Table:
    """Checks of one table; collects what they find."""

    def __init__(self, study: Study, name: str) -> None:
        self.study, self.declared = study, TABLES[name]
        self.problems: list[Problem] = []

    def error(self, found: str, expected: str = "", fix: str = "", column: str = "", rows: Iterable = ()) -> None:
        self._add("error", found, expected, fix, column, rows)

    def warning(self, found: str, expected: str = "", fix: str = "", column: str = "", rows: Iterable = ()) -> None:
        self._add("warning", found, expected, fix, column, rows)

    def _add(self, severity: str, found: str, expected: str, fix: str, column: str, rows: Iterable) -> None:
        name = self.declared.name
        file = self.study.tables[name].name_for(name)
        rows = tuple(int(row) for row in rows)
        self.problems.append(Problem(severity, file, found, expected, fix, name, column, rows))

    def columns(self, frame: pd.DataFrame, columns: dict[str, Column], unused: list[str]) -> None:
        absent = [name for name in columns if name not in frame]
        for name in absent:
            fix = _sentence(did_you_mean(name, unused)) or f"Add it, or rename the column that holds it: {_few(unused)}"
            self.error(f"the column {name} is missing", columns[name].description.lower(), fix, name, (1,))
        items = {item.id for item in self.study.codebook.items} - {*columns}
        personal = [
            name for name in [*frame, *unused] if name not in self.declared.columns and PERSONAL.fullmatch(name)
        ]
        # The roster may hold names: they are what is taken out of comments before these are shown.
        if personal and self.declared.name != "people":
            fix = "Take it out of the file: no analysis needs it"
            self.warning(f"looks as if it told who somebody is: {_few(personal)}", "", fix, "", (1,))
            unused = [name for name in unused if name not in personal]
        unknown, survey = [], self.declared.name == "survey"
        unused = [name for name in unused if not did_you_mean(name, absent)]
        for name in unused:
            misspelt = did_you_mean(
                name, (items if survey else set()) | {c for c in columns if c not in absent and frame[c].isna().all()}
            )
            if misspelt:
                self.error(f"unknown column {shown(name)}", "", _sentence(misspelt), name, (1,))
            else:
                unknown.append(name)
        if unknown:
            fix = "List attributes under attributes: in study.yaml, items in the codebook" if survey else ""
            self.warning(f"not used: {_few(unknown)}", "", fix or "Nothing needs to be done", "", (1,))

    def values(self, frame: pd.DataFrame, columns: dict[str, Column], unread: list[Problem]) -> None:
        known = {name: column for name, column in columns.items() if name in frame}
        schema = self.declared.schema(tuple(known.values()))
        for name, column in known.items():
            try:
                # Every check is about one value, so each distinct value is checked once, and where any value will do,
                # an empty cell alone: big files stay quick.
                cells = frame[[name]]
                distinct = cells.drop_duplicates() if schema.columns[name].checks else cells[cells[name].isna()].head(1)
                schema.columns[name].validate(distinct, lazy=True)
            except pandera.errors.SchemaErrors as error:
                self._wrong(frame[name], column, error.failure_cases, unread)

    def _wrong(self, values: pd.Series, column: Column, cases: pd.DataFrame, unread: list[Problem]) -> None:
        empty = cases["check"] == "not_nullable"
        told = {row for problem in unread if problem.column == column.name for row in problem.rows}
        if empty.any() and (rows := [row for row in values.index[values.isna()] if row not in told]):
            self.error("the cell is empty", column.expected, "", column.name, rows)
        wrong = values[values.isin(cases.loc[~empty, "failure_case"])]
        if len(wrong):
            found = [f"{value:g}" if isinstance(value, float) else shown(value) for value in wrong.unique()]
            self.error(_few(found), column.expected, "", column.name, wrong.index)

    def repeated(self, frame: pd.DataFrame) -> None:
        key = [name for name in self.declared.key if name in frame]
        if self.declared.name == "survey":
            key += ["hr_id", "manager_id"]
        if not self.declared.key:
            twice = repeated(frame, keep=False)
            if twice.any():
                found = "these rows are the same, word for word, as another"
                self.warning(found, "", "Remove the repetitions unless it happened twice", "", frame.index[twice])
        elif len(key) >= len(self.declared.key):
            twice = frame.duplicated(key, keep=False) & frame[key[0]].notna()
            if twice.any():
                named = self.declared.key if len(self.declared.key) > 1 else ()
                what = f"the same {', '.join(named)} as another row" if named else "stands more than once"
                if self.declared.name == "survey":
                    what = "the same respondent answers about the same partner in the same wave more than once"
                self.error(what, "", "Keep one row of each", "" if named else key[0], frame.index[twice])

    def dates(self, frame: pd.DataFrame, columns: dict[str, Column]) -> None:
        end = pd.Timestamp(self.study.as_of) + pd.Timedelta(days=1)
        for column in columns.values():
            if column.kind in ("date", "time", "month") and column.name in frame and not column.future:
                late = frame[column.name] >= end
                if late.any():
                    found = f"dates up to {frame[column.name].max():%Y-%m-%d}"
                    expected = f"none after as_of, {self.study.as_of}"
                    fix = "Correct them, or set a later as_of in study.yaml"
                    self.error(found, expected, fix, column.name, frame.index[late])
        for first, second in self.declared.order:
            if first in frame and second in frame:
                wrong = frame[first] > frame[second]
                if wrong.any():
                    self.error(f"{second} lies before {first}", "", "Correct either", second, frame.index[wrong])

    def survey(self, frame: pd.DataFrame, columns: dict[str, Column], unread: list[Problem]) -> None:
        items = [item for item in self.study.codebook.items if item.id in columns]
        absent = [item.id for item in self.study.codebook.items if item.id not in columns]
        if not items:
            fix = "Name the columns after the codebook's items, or bring the answers in with partnership import"
            self.error("no column is an item of the codebook", f"columns such as {_few(absent)}", fix, "", (1,))
            return
        if absent:
            self.warning(f"items of the codebook without a column: {_few(absent)}", "", "They are left out", "", (1,))
        silent = frame[[item.id for item in items]].isna().all(axis=1)
        silent &= ~frame.index.isin([row for problem in unread for row in problem.rows])
        if silent.any():
            self.warning(
                "no item is answered", "", "Such rows do not count as responses; remove them", "", frame.index[silent]
            )
        waves = self.study.settings.waves
        if waves:
            unknown = frame["wave"].notna() & ~frame["wave"].isin(waves)
            if unknown.any():
                found = _few([shown(wave) for wave in frame.loc[unknown, "wave"].unique()])
                fix = "Correct it, or add it to waves: in study.yaml"
                self.error(found, f"one of {', '.join(waves)}", fix, "wave", frame.index[unknown])
        if 0 < frame["wave"].isna().sum() < len(frame):
            self.error(
                "the cell is empty", "a wave in every row or in none", "", "wave", frame.index[frame["wave"].isna()]
            )


def _links(study: Study, name: str, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    checks, frame = _Table(study, name), frames[name]
    for column, (other, key) in checks.declared.links.items():
        if other not in frames or column not in frame or key not in frames[other] or frames[other].empty:
            continue
        known = frames[other][key].dropna()
        unknown = frame[column].notna() & ~frame[column].isin(known)
        if unknown.any():
            values = list(frame.loc[unknown, column].unique())
            fix = _sentence(did_you_mean(values[0], known.unique()[:5000]) or f"add it to {other}, or correct it")
            checks.error(
                f"{_few([shown(value) for value in values])} not in {other}",
                f"a {key} of {other}",
                fix,
                column,
                frame.index[unknown],
            )
    return checks.problems


def _pairs(study: Study, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    problems = []
    if {"partnerships", "people"} <= set(frames) and {"person_id", "side"} <= {*frames["people"]}:
        checks, pairs = _Table(study, "partnerships"), frames["partnerships"]
        for column, side in (("hr_id", "hr"), ("manager_id", "manager")):
            if column in pairs:
                other = lookup(pairs[column], frames["people"], "person_id", "side")
                wrong = other.notna() & (other != side)
                if wrong.any():
                    found, fix = f"people calls this person's side {other[wrong].iloc[0]}", "Correct one of the tables"
                    checks.error(found, side, fix, column, pairs.index[wrong])
        problems += checks.problems
    if {"partnerships", "survey"} <= set(frames) and {"partnership_id", "hr_id", "manager_id"} <= {
        *frames["partnerships"]
    }:
        checks, survey = _Table(study, "survey"), frames["survey"]
        pairs = frames["partnerships"]
        if "respondent_id" in survey:
            hr, manager = (
                lookup(survey["partnership_id"], pairs, "partnership_id", column) for column in ("hr_id", "manager_id")
            )
            outside = hr.notna() & (survey["respondent_id"] != hr) & (survey["respondent_id"] != manager)
            if outside.any():
                found = "the respondent belongs to neither side of the pair"
                fix = "Correct respondent_id or partnership_id"
                checks.error(found, "", fix, "respondent_id", survey.index[outside])
        problems += checks.problems
    return problems


def _events(study: Study, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    if not {"hiring_events", "requisitions"} <= set(frames):
        return []
    checks, events = _Table(study, "hiring_events"), frames["hiring_events"]
    openings = frames["requisitions"]
    if {"requisition_id", "at"} <= {*events} and {"requisition_id", "opened_at"} <= {*openings}:
        early = events["at"] < lookup(events["requisition_id"], openings, "requisition_id", "opened_at").dt.normalize()
        if early.any():
            found, fix = "the event lies before its requisition was opened", "Correct at, or opened_at in requisitions"
            checks.error(found, "", fix, "at", events.index[early])
    return checks.problems


def _attributes(study: Study, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    known = {column for name in ("people", "survey") if name in frames for column in frames[name]}
    unread = [name for name in ("people", "survey") if name in study.tables and name not in frames]
    absent = [name for name in study.settings.attributes or [] if name not in known]
    if unread or not absent:
        return []
    fix = _sentence(did_you_mean(absent[0], known)) or "Add the column to people or survey, or take it off the list"
    return [Problem("error", "study.yaml", f"no table has a column {_few(absent)}", "", fix, "", "attributes")]


def _sources(study: Study) -> list[Problem]:
    from .importers import formats  # the importers need the study, and the study its checks

    try:
        named = study.identities.persons
    except InputError as error:
        return error.problems if not study.tables else []  # told with the tables
    known = [*SOURCES, *formats()]
    return [
        Problem(
            "error", FILE, f"unknown source {shown(source)}", f"one of {', '.join(known)}",
            _sentence(did_you_mean(source, known)), "identities", "source",
        )
        for source in named
        if source not in known
    ]  # fmt: skip


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _few(words: list[str], limit: int = 5) -> str:
    text = ", ".join(words[:limit])
    return f"{text} and {len(words) - limit} more" if len(words) > limit else text
