"""Check tables: each by itself, and against the others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from typing import Literal

import pandas as pd

from . import practice_checks
from .against import running_against
from .alike import folded, in_words, spellings
from .codebook import Codebook
from .identities import FILE, SOURCES, Identities
from .importers import formats
from .practices import Capture
from .problems import Problem, did_you_mean, shown
from .settings import Settings
from .tables import PERSONAL_NAME, TABLES, Variable, lookup, repeated

EMPTY = practice_checks.EMPTY
HINTED = 300
"""Unknown columns that are compared with the known ones, which takes long."""


def tables(
    frames: dict[str, pd.DataFrame],
    settings: Settings,
    codebook: Codebook,
    practices: Mapping[str, Capture],
    unread: Iterable[Problem] = (),
) -> list[Problem]:
    """Return what does not fit between the tables of a study.

    Parameters
    ----------
    frames : dict of str to pandas.DataFrame
        The tables that could be read, by name, each indexed by row number.
    settings : Settings
    codebook : Codebook
        What the study declares.
    practices : mapping of str to Capture
        What playbooks declare.
    unread : iterable of Problem, optional
        What was told of single tables; a cell that could not be read is not told to be empty.

    Returns
    -------
    list of Problem
        Errors.
    """
    problems: list[Problem] = []
    for name in frames:
        problems += _links(_Table(name, settings, codebook), frames)
    if {"partnerships", "people"} <= set(frames):
        problems += _pairs(_Table("partnerships", settings, codebook), frames)
    if {"partnerships", "survey"} <= set(frames):
        problems += _respondents(_Table("survey", settings, codebook), frames)
    if {"hiring_events", "requisitions"} <= set(frames):
        problems += _events(_Table("hiring_events", settings, codebook), frames)
    told = {(problem.table, problem.column, row) for problem in unread for row in problem.rows}
    checks_of = {name: _Table(name, settings, codebook, told) for name in practice_checks.TABLES if name in frames}
    practice_checks.between(frames, practices, settings.practices.participation, checks_of.__getitem__)
    problems += [problem for checks in checks_of.values() for problem in checks.problems]
    return problems + _attributes(settings, frames) + _labels(settings, frames) + _teams(settings, frames)


def sources(identities: Identities) -> list[Problem]:
    """Return the sources in identities.csv that nothing reads.

    Parameters
    ----------
    identities : Identities
        Who is who.

    Returns
    -------
    list of Problem
        One error for each.
    """
    known = [*SOURCES, *formats.names()]
    return [
        Problem(
            "error", FILE, f"unknown source {shown(source)}", f"one of {', '.join(known)}",
            _sentence(did_you_mean(source, known)), "identities", "source",
        )
        for source in identities.persons
        if source not in known
    ]  # fmt: skip


def table(
    name: str,
    frame: pd.DataFrame,
    columns: dict[str, Variable],
    unused: list[str],
    unread: list[Problem],
    settings: Settings,
    codebook: Codebook,
) -> list[Problem]:
    """Return the problems of one table by itself.

    Parameters
    ----------
    name : str
        Name of the table.
    frame : pandas.DataFrame
        The table after reading, indexed by row number.
    columns : dict of str to Variable
        Declared columns, with items and attributes.
    unused : list of str
        Columns of the file that nothing declares.
    unread : list of Problem
        Problems found on reading; their cells are not reported again.
    settings : Settings
    codebook : Codebook
        What the study declares.

    Returns
    -------
    list of Problem
        Errors and warnings.
    """
    checks = _Table(name, settings, codebook)
    checks.columns(frame, columns, unused)
    checks.values(frame, columns, unread)
    checks.repeated(frame)
    checks.dates(frame, columns)
    if name == "survey":
        checks.survey(frame, columns, unread)
    if name in ("commitments", "team_commitments"):
        practice_checks.promises(frame, checks)
    if name == "actions":
        checks.measures(frame)
        checks.actions(frame)
    if name == "recall":
        checks.recall(frame)
    if name == "team_commitments":
        checks.measures(frame)
        checks.teams(frame)
    if frame.empty:
        checks.warning("there are no rows yet", fix="Fill in the table, or take it out of study.yaml")
    return checks.problems


class _Table:
    """Checks of one table; collects what they find."""

    def __init__(
        self, name: str, settings: Settings, codebook: Codebook, told: Collection[tuple[str, str, int]] = ()
    ) -> None:
        self.told = told
        self.declared, self.settings, self.codebook = TABLES[name], settings, codebook
        self.file = settings.sources[name].name_for(name)
        self.problems: list[Problem] = []

    def error(self, found: str, expected: str = "", fix: str = "", column: str = "", rows: Iterable[int] = ()) -> None:
        self._add("error", found, expected, fix, column, rows)

    def warning(
        self, found: str, expected: str = "", fix: str = "", column: str = "", rows: Iterable[int] = ()
    ) -> None:
        self._add("warning", found, expected, fix, column, rows)

    def _add(
        self, severity: Literal["error", "warning"], found: str, expected: str, fix: str, column: str,
        rows: Iterable[int],
    ) -> None:  # fmt: skip
        numbers = tuple(int(row) for row in rows)
        if found == EMPTY:
            numbers = tuple(row for row in numbers if (self.declared.name, column, row) not in self.told)
            if not numbers:
                return
        self.problems.append(Problem(severity, self.file, found, expected, fix, self.declared.name, column, numbers))

    def columns(self, frame: pd.DataFrame, columns: dict[str, Variable], unused: list[str]) -> None:
        absent = [name for name in columns if name not in frame]
        for name in absent:
            fix = _sentence(did_you_mean(name, unused)) or f"Add it, or rename the column that holds it: {_few(unused)}"
            self.error(f"the column {name} is missing", columns[name].description.lower(), fix, name, (1,))
        items = {item.id for item in self.codebook.items} - {*columns}
        personal = [
            name for name in [*frame, *unused] if name not in self.declared.columns and PERSONAL_NAME.fullmatch(name)
        ]
        # The roster may hold names: they are what is taken out of comments before these are shown.
        if personal and self.declared.name != "people":
            fix = "Take it out of the file: no analysis needs it"
            self.warning(f"looks as if it told who somebody is: {_few(personal)}", "", fix, "", (1,))
            unused = [name for name in unused if name not in personal]
        for group in spellings(pd.Series([*frame, *unused], dtype="str")):
            fix = "Rename or remove all but one"
            self.warning(f"the columns {in_words(group)} look alike", "", fix, group[0], (1,))
        unknown, survey = [], self.declared.name == "survey"
        unused = [name for name in unused if not did_you_mean(name, absent)]
        empty = {column for column in columns if column not in absent and frame[column].isna().all()}
        for place, name in enumerate(unused):
            misspelt = place < HINTED and did_you_mean(name, (items if survey else set()) | empty)
            if misspelt:
                self.error(f"unknown column {shown(name)}", "", _sentence(misspelt), name, (1,))
            else:
                unknown.append(name)
        if unknown:
            fix = "List attributes under attributes: in study.yaml, items in the codebook" if survey else ""
            self.warning(f"not used: {_few(unknown)}", "", fix or "Nothing needs to be done", "", (1,))

    def values(self, frame: pd.DataFrame, columns: dict[str, Variable], unread: list[Problem]) -> None:
        for column in columns.values():
            if column.name not in frame:
                continue
            values = frame[column.name]
            if not column.empty and values.isna().any():
                told = {row for problem in unread if problem.column == column.name for row in problem.rows}
                if rows := [row for row in values.index[values.isna()] if row not in told]:
                    self.error(EMPTY, column.expected, "", column.name, rows)
            wrong = values[column.wrong(values)]
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

    def dates(self, frame: pd.DataFrame, columns: dict[str, Variable]) -> None:
        end = pd.Timestamp(self.settings.as_of) + pd.Timedelta(days=1)
        for column in columns.values():
            if column.kind in ("date", "time", "month") and column.name in frame and not column.future:
                late = frame[column.name] >= end
                if late.any():
                    found = f"dates up to {frame[column.name].max():%Y-%m-%d}"
                    expected = f"none after as_of, {self.settings.as_of}"
                    fix = "Correct them, or set a later as_of in study.yaml"
                    self.error(found, expected, fix, column.name, frame.index[late])
        for first, second in self.declared.order:
            if first in frame and second in frame:
                wrong = frame[first] > frame[second]
                if wrong.any():
                    self.error(f"{second} lies before {first}", "", "Correct either", second, frame.index[wrong])

    def measures(self, frame: pd.DataFrame) -> None:
        """Tell which rows are judged by no dimension of the codebook."""
        self._one_of(frame, "measure", "dimension", [dimension.id for dimension in self.codebook.dimensions])

    def teams(self, frame: pd.DataFrame) -> None:
        """Tell which promises are of a wave or by an attribute that the study does not declare."""
        self._one_of(frame, "wave", "wave", self.settings.waves or [])
        self._one_of(frame, "attribute", "attribute", self.settings.attributes or [])

    def _one_of(self, frame: pd.DataFrame, column: str, what: str, known: list[str]) -> None:
        if column not in frame or not known:
            return
        for found in frame[column].dropna().unique():
            if found not in known:
                rows, fix = frame.index[frame[column] == found], _sentence(did_you_mean(found, known))
                self.error(f"unknown {what} {shown(found)}", f"one of {_few(known)}", fix, column, rows)

    def actions(self, frame: pd.DataFrame) -> None:
        """Tell which actions answer what is no finding."""
        if "finding_id" in frame:
            wrong = frame["finding_id"].notna() & ~frame["finding_id"].str.contains("[a-z0-9]--.", na=False)
            if wrong.any():
                found = _few([shown(name) for name in frame.loc[wrong, "finding_id"].unique()])
                expected = "an id as the report's action plan lists it, such as partnership_survey--gap-trust"
                self.error(found, expected, "", "finding_id", frame.index[wrong])

    def recall(self, frame: pd.DataFrame) -> None:
        """Tell where more people recalled the message than were asked."""
        if not {"asked", "recalled"} <= {*frame}:
            return
        more = (frame["recalled"] > frame["asked"]).fillna(False)
        if more.any():
            first = frame.loc[frame.index[more][0]]
            found = f"{first['recalled']:g} recalled it of {first['asked']:g} who were asked"
            self.error(found, "at most as many as were asked", "", "recalled", frame.index[more])

    def survey(self, frame: pd.DataFrame, columns: dict[str, Variable], unread: list[Problem]) -> None:
        items = [item for item in self.codebook.items if item.id in columns]
        absent = [item.id for item in self.codebook.items if item.id not in columns]
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
        waves = self.settings.waves
        if waves:
            unknown = frame["wave"].notna() & ~frame["wave"].isin(waves)
            if unknown.any():
                found = _few([shown(wave) for wave in frame.loc[unknown, "wave"].unique()])
                fix = "Correct it, or add it to waves: in study.yaml"
                self.error(found, f"one of {', '.join(waves)}", fix, "wave", frame.index[unknown])
            silent = waves_without_answers(frame, self.settings, self.codebook)
            if silent and not frame.empty:
                fix = "Reports leave them out until there are some"
                self.warning(f"no answers yet in {_few([shown(wave) for wave in silent])}", "", fix, "wave")
        self._against(frame, {item.id for item in items})
        if 0 < frame["wave"].isna().sum() < len(frame):
            self.error(EMPTY, "a wave in every row or in none", "", "wave", frame.index[frame["wave"].isna()])

    def _against(self, frame: pd.DataFrame, there: set[str]) -> None:
        """Warn of items that run against the others of their dimension, which the codebook does not say."""
        for dimension in self.codebook.dimensions:
            items = [item for item in self.codebook.scale_items(dimension.id) if item.id in there]
            scored = {item.id: frame[item.id] * (-1 if item.reverse else 1) for item in items}
            for name, correlation in running_against(pd.DataFrame(scored)).items():
                declared = self.codebook.item(name).reverse
                found = f"it runs against the other items of {dimension.id}: correlation {correlation:.2f}"
                fix = (
                    "It is declared reverse: true; if its answers were turned round already, take that out"
                    if declared
                    else "If its wording says the opposite, add reverse: true to it in the codebook"
                )
                self.warning(found, "", fix, name)


def waves_without_answers(survey: pd.DataFrame, settings: Settings, codebook: Codebook) -> list[str]:
    """Return the declared waves in which nobody has answered an item.

    Parameters
    ----------
    survey : pandas.DataFrame
        The survey table.
    settings : Settings
    codebook : Codebook
        What the study declares.
    """
    items = [item.id for item in codebook.items if item.id in survey]
    if not items or "wave" not in survey:
        return []
    answered = {*survey.loc[survey[items].notna().any(axis=1), "wave"].dropna()}
    return [wave for wave in settings.waves if wave not in answered]


def _links(checks: _Table, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    frame = frames[checks.declared.name]
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


def _pairs(checks: _Table, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    """Tell where a pair names somebody whom the people call of another side."""
    pairs, people = frames["partnerships"], frames["people"]
    if {"person_id", "side"} <= {*people}:
        for column, side in (("hr_id", "hr"), ("manager_id", "manager")):
            if column in pairs:
                other = lookup(pairs[column], people, "person_id", "side")
                wrong = other.notna() & (other != side)
                if wrong.any():
                    found, fix = f"people calls this person's side {other[wrong].iloc[0]}", "Correct one of the tables"
                    checks.error(found, side, fix, column, pairs.index[wrong])
    return checks.problems


def _respondents(checks: _Table, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    """Tell where somebody answers about a pair of others."""
    pairs, survey = frames["partnerships"], frames["survey"]
    if {"partnership_id", "hr_id", "manager_id"} <= {*pairs} and "respondent_id" in survey:
        hr, manager = (
            lookup(survey["partnership_id"], pairs, "partnership_id", column) for column in ("hr_id", "manager_id")
        )
        outside = hr.notna() & (survey["respondent_id"] != hr) & (survey["respondent_id"] != manager)
        if outside.any():
            found = "the respondent belongs to neither side of the pair"
            fix = "Correct respondent_id or partnership_id"
            checks.error(found, "", fix, "respondent_id", survey.index[outside])
    return checks.problems


def _events(checks: _Table, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    """Tell where something happened in an opening before there was one."""
    events, openings = frames["hiring_events"], frames["requisitions"]
    if {"requisition_id", "at"} <= {*events} and {"requisition_id", "opened_at"} <= {*openings}:
        early = events["at"] < lookup(events["requisition_id"], openings, "requisition_id", "opened_at").dt.normalize()
        if early.any():
            found, fix = "the event lies before its requisition was opened", "Correct at, or opened_at in requisitions"
            checks.error(found, "", fix, "at", events.index[early])
    return checks.problems


def _attributes(settings: Settings, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    """Tell which attributes no table has, if all tables that might have them could be read."""
    known = {column for name in ("people", "survey") if name in frames for column in frames[name]}
    unread = [name for name in ("people", "survey") if name in settings.sources and name not in frames]
    absent = [name for name in settings.attributes or [] if name not in known]
    if unread or not absent:
        return []
    fix = _sentence(did_you_mean(absent[0], known)) or "Add the column to people or survey, or take it off the list"
    return [Problem("error", "study.yaml", f"no table has a column {_few(absent)}", "", fix, "", "attributes")]


def _labels(settings: Settings, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    """Tell which labels of an attribute one table spells otherwise than another; in each they are one already."""
    problems = []
    for column in dict.fromkeys([*(settings.attributes or ()), "department", "location", "level"]):
        told: dict[str, tuple[str, str]] = {}  # what a label looks like: the label and the table it was met in
        for name, frame in frames.items():
            if column not in frame or frame[column].dtype != "str":
                continue
            for label in frame[column].dropna().unique():
                first, table = told.setdefault(folded(label), (label, name))
                if label != first:
                    found = f"{shown(label)} looks like {shown(first)} in {table}"
                    rows = tuple(int(row) for row in frame.index[frame[column] == label])
                    file = settings.sources[name].name_for(name)
                    fix = "Write them alike if they mean the same"
                    problems.append(Problem("warning", file, found, "", fix, name, column, rows))
    return problems


def _teams(settings: Settings, frames: dict[str, pd.DataFrame]) -> list[Problem]:
    """Warn of promises of teams that no table knows: they are read back to a group of exactly that name alone."""
    promised, problems = frames.get("team_commitments"), []
    if promised is None or not {"attribute", "team"} <= {*promised}:
        return []
    for attribute, rows in promised.groupby("attribute"):
        labels = [frame[attribute].dropna() for frame in frames.values() if attribute in frame]
        known = {str(label) for found in labels for label in found.unique()}
        if "units" in frames:  # groups that are merged may be called by the unit above them
            known |= {str(unit) for unit in frames["units"].get("unit", pd.Series(dtype=str)).dropna()}
        known |= {*settings.merge[attribute].together} if attribute in settings.merge else set()
        for team in rows["team"].dropna().unique():
            if labels and team not in known and not team.startswith("Other "):
                found = f"no table has {attribute} {shown(team)}, so its promise is read back to nobody"
                fix = _sentence(did_you_mean(team, known)) or "Write the team as the report of its group calls it"
                at = tuple(int(row) for row in rows.index[rows["team"] == team])
                file = settings.sources["team_commitments"].name_for("team_commitments")
                problems.append(Problem("warning", file, found, "", fix, "team_commitments", "team", at))
    return problems


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]


def _few(words: list[str], limit: int = 5) -> str:
    text = ", ".join(words[:limit])
    return f"{text} and {len(words) - limit} more" if len(words) > limit else text
