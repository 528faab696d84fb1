"""A study: its settings, codebook and tables, read lazily and checked."""

from __future__ import annotations

import datetime
import re
from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
from pydantic import BeforeValidator, Field, create_model, field_validator, model_validator

from . import check
from .codebook import UNKNOWN_SIDE, Codebook
from .convert import Converter
from .identities import FILE as IDENTITIES
from .identities import PEOPLE, Identities, Pseudonyms, in_words
from .problems import InputError, Problem, did_you_mean, errors, input_error, shown
from .read import Source, read
from .tables import KINDS, TABLES, Column, lookup, optional
from .yaml_files import Declared, load

PROJECT = Path(__file__).resolve().parents[3]
USUAL_ATTRIBUTES = ("department", "location", "level")
ONLY_WAVE = "1"
"""Name of the wave of a survey without a wave column."""


class Look(Declared):
    """How reports look: accent colour, logo file, footer, and templates of the house for Word, PowerPoint and PDF."""

    accent: str = Field("#0b5c6b", pattern=r"^#[0-9a-fA-F]{6}$")
    logo: Path | None = None
    footer: str = ""
    docx: Path | None = None
    pptx: Path | None = None
    typst: Path | None = None


class Brand(Look):
    """The look of one study; ``firm`` is a file with the look that several share. What the study says comes first."""

    firm: Path | None = None

    @model_validator(mode="before")
    @classmethod
    def _plain_path(cls, data: object) -> object:
        return {"firm": data} if isinstance(data, str) else data

    def placed(self, folder: Path) -> Brand:
        """Return it with what the firm says filled in and with full paths; the study lies in ``folder``."""
        look: dict[str, object] = {}
        parts: list[tuple[Path, str, Look]] = [(folder / "study.yaml", "brand.", self)]
        if self.firm:
            parts.insert(0, (folder / self.firm, "", load(Look, folder / self.firm)))
        for file, key, part in parts:
            for name in sorted(part.model_fields_set):
                value = getattr(part, name)
                if isinstance(value, Path) and not (file.parent / value).is_file():
                    raise input_error(file.name, f"there is no file {value}", column=f"{key}{name}")
                look[name] = file.parent / value if isinstance(value, Path) else value
        return Brand(**look)

    @property
    def files(self) -> list[Path]:
        """Every file it names."""
        return [path for name in type(self).model_fields if isinstance(path := getattr(self, name), Path)]


class Privacy(Declared):
    """Smallest numbers of people that may be shown.

    Parameters
    ----------
    min_group
        Distinct people behind any published number, at least 3.
    min_comments
        People who commented before comments are summarised.
    min_model_n
        Rows before a model is fitted.
    verbatims
        Whether comments may be quoted.
    """

    min_group: int = Field(5, ge=3)
    min_comments: int = Field(10, ge=3)
    min_model_n: int = Field(20, ge=3)
    verbatims: bool = False


def _no_number(day: object) -> object:
    if isinstance(day, int | float):  # would be taken as seconds since 1970
        raise ValueError(f"{day} is no date; write one such as 2026-06-30")
    return day


Day = Annotated[datetime.date, BeforeValidator(_no_number)]
Days = Annotated[float, Field(gt=0)]


class ServiceLevels(Declared):
    """Days agreed in hiring, elapsed, where the records name no time of their own (``due_at``).

    The defaults are yardsticks for a study in which nobody agreed anything. Public hiring handbooks ask for a
    kick-off within 5 business days, first prospects within 7 days and scorecards within 1 business day, which over a
    weekend are 3 days; for the review of a CV no public figure is known, so it takes that of feedback.

    Parameters
    ----------
    intake, brief
        From approval to the intake meeting, and to a complete brief.
    shortlist
        From the intake meeting to the first shortlist.
    cv_review
        From a CV sent to the manager's answer.
    feedback
        From an interview to its feedback.
    """

    intake: Days = 7
    brief: Days = 7
    shortlist: Days = 7
    cv_review: Days = 3
    feedback: Days = 3


class Hiring(Declared):
    """What holds for hiring data.

    Parameters
    ----------
    audience
        ``"shared"``: single managers are neither named nor shown as single points. ``"named"``: two exhibits show
        them by name, each with its interval or limits and with the legal basis.
    legal_basis
        Who decided to show managers by name, on what basis, and when. Printed with every such exhibit.
    holidays
        Days nobody works, besides Saturdays and Sundays.
    service_levels
        Days agreed per kind of wait.
    """

    audience: Literal["shared", "named"] = "shared"
    legal_basis: str = ""
    holidays: list[Day] = Field(default_factory=list)
    service_levels: ServiceLevels = ServiceLevels()

    def with_given(self, holidays: Sequence[str] = (), agreed_days: Mapping[str, float] | None = None) -> Hiring:
        """Return it with what a notebook's parameters say instead; what they leave empty stays.

        Parameters
        ----------
        holidays
            Dates such as ``"2026-01-01"``, in place of the study's.
        agreed_days
            Days by kind of wait, such as ``{"feedback": 2}``; other kinds keep the study's.

        Raises
        ------
        InputError
            A text that is no date, a kind that does not exist, or days that are no number above 0.
        """
        try:
            closed = [datetime.date.fromisoformat(day) for day in holidays] or self.holidays
        except ValueError:
            found = f"holidays holds {', '.join(map(shown, holidays))}"
            raise input_error("notebook parameters", found, "dates such as 2026-01-01") from None
        kinds = list(ServiceLevels.model_fields)
        for kind, days in (agreed_days or {}).items():
            if kind not in kinds:
                found = f"agreed_days has no kind {shown(kind)}"
                raise input_error("notebook parameters", found, f"any of {', '.join(kinds)}", did_you_mean(kind, kinds))
            if not days > 0:
                raise input_error("notebook parameters", f"agreed_days: {kind} is {days}", "days above 0")
        levels = self.service_levels.model_copy(update=dict(agreed_days or {}))
        return self.model_copy(update={"holidays": closed, "service_levels": levels})


class Benchmark(Declared):
    """A number from elsewhere to compare with, and where it comes from."""

    measure: str
    value: float
    unit: str = ""
    source: str
    year: int | None = None


Tables = create_model("Tables", __base__=Declared, **{name: (Source | None, None) for name in TABLES})


class Settings(Declared):
    """What study.yaml holds."""

    title: str
    client: str = ""
    as_of: Day
    language: str = "en"
    timezone: str = "UTC"
    brand: Brand = Brand()
    privacy: Privacy = Privacy()
    hiring: Hiring = Hiring()
    waves: list[str] = Field(default_factory=list)
    attributes: list[str] | None = None
    codebook: str = "codebook.yaml"
    pseudonyms: Pseudonyms | None = None
    tables: Tables
    benchmarks: list[Benchmark] = Field(default_factory=list)

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {shown(name)}; write one such as Europe/Zurich") from None
        return name

    def mistakes(self) -> list[tuple[tuple, str]]:
        """Return what the hiring settings do not agree on."""
        twice = [place for place, day in enumerate(self.hiring.holidays) if day in self.hiring.holidays[:place]]
        found = [
            (("hiring", "holidays", place), f"the holiday {self.hiring.holidays[place]} stands here a second time")
            for place in twice
        ]
        if self.hiring.audience == "named" and not self.hiring.legal_basis.strip():
            words = (
                "audience: named needs a legal_basis. Add who decided to show managers by name, on what basis, and when"
            )
            found.append((("hiring", "audience"), words))
        return found


class Study:
    """One client or one research project: a folder with study.yaml, a codebook and tables.

    Open one with ``Study.load(path)``. Every table of the design is a property of the same name, for example
    ``study.people``; tables are read when first asked for.
    """

    def __init__(self, folder: Path, settings: Settings, codebook: Codebook) -> None:
        self.folder = folder
        self.settings = settings
        self.codebook = codebook
        self._prepared: dict[str, tuple[pd.DataFrame, list[Problem]]] = {}

    @classmethod
    def load(cls, path: str | Path) -> Study:
        """Open a study.

        Parameters
        ----------
        path
            Its folder, or its study.yaml. A relative path that does not exist here is looked for in the
            project's folder.

        Returns
        -------
        The study; tables are not read yet.

        Raises
        ------
        InputError
            With every mistake in study.yaml and in the codebook.
        """
        given = Path(path).expanduser()
        folder = next((place for place in (given, PROJECT / given) if place.exists()), given)
        folder = folder if folder.is_dir() else folder.parent if folder.is_file() else folder
        if not (folder / "study.yaml").is_file():
            found = f"there is no study.yaml in {folder}" if folder.is_dir() else f"there is no folder {given}"
            raise input_error("study.yaml", found, fix="Name a study's folder, or begin one with partnership init")
        settings = load(Settings, folder / "study.yaml")
        settings = settings.model_copy(update={"brand": settings.brand.placed(folder.resolve())})
        return cls(folder.resolve(), settings, Codebook.load(folder / settings.codebook))

    title = property(lambda self: self.settings.title)
    client = property(lambda self: self.settings.client)
    as_of = property(lambda self: self.settings.as_of)
    language = property(lambda self: self.settings.language)
    timezone = property(lambda self: self.settings.timezone)
    privacy = property(lambda self: self.settings.privacy)
    hiring = property(lambda self: self.settings.hiring)
    benchmarks = property(lambda self: self.settings.benchmarks)
    brand = property(lambda self: self.settings.brand)

    @property
    def tables(self) -> dict[str, Source]:
        """The tables that study.yaml names, and where they lie."""
        return {name: source for name in TABLES if (source := getattr(self.settings.tables, name)) is not None}

    def has(self, table: str) -> bool:
        """Tell whether the study has a table with rows in it, or with problems to be told."""
        try:
            return table in self.tables and not self.prepared(table)[0].empty
        except InputError:
            return True

    def table(self, name: str) -> pd.DataFrame:
        """Return a table in its declared types.

        Parameters
        ----------
        name
            A table of the design, for example ``"survey"``.

        Returns
        -------
        One row per row of the file that is not blank. Declared columns come first, absent optional ones
        are missing throughout. Times are local times in the study's time zone.

        Raises
        ------
        InputError
            When the study has no such table, or with every error in it.
        """
        frame, problems = self.prepared(name)
        if errors(problems):
            raise InputError(errors(problems))
        return frame.reset_index(drop=True)

    def prepared(self, name: str) -> tuple[pd.DataFrame, list[Problem]]:
        """Return a table indexed by row number of its file, cells that cannot be read missing, and its problems."""
        if name not in TABLES:
            raise input_error("study.yaml", f"there is no table {shown(name)}", did_you_mean(name, TABLES))
        if name not in self.tables:
            fix = f"Add {name}: {name}.csv under tables: in study.yaml"
            raise input_error("study.yaml", f"the study has no table {name} ({TABLES[name].row})", fix=fix)
        if name not in self._prepared:
            self._prepared[name] = self._prepare(name)
        return self._prepared[name]

    def check(self) -> list[Problem]:
        """Return every problem of every table and between tables; errors and warnings."""
        return check.study(self)

    def inputs(self) -> list[Path]:
        """Return every file the study consists of."""
        files = [self.folder / "study.yaml", self.folder / self.settings.codebook]
        files += [self.folder / source.path for source in self.tables.values() if source.path]
        files += [self.folder / IDENTITIES] if (self.folder / IDENTITIES).is_file() else []
        return [*dict.fromkeys(files), *self.brand.files]

    @cached_property
    def identities(self) -> Identities:
        """Which ids of which source mean the same person."""
        return Identities.load(self.folder, self.settings.pseudonyms)

    @cached_property
    def attributes(self) -> list[str]:
        """Group attributes to break results down by."""
        if self.settings.attributes is not None:
            return self.settings.attributes
        frames = [self.prepared(name)[0] for name in ("people", "survey") if self.has(name)]
        return [name for name in USUAL_ATTRIBUTES if any(name in f and f[name].notna().any() for f in frames)]

    @cached_property
    def waves(self) -> list[str]:
        """Waves in order: as study.yaml lists them, else by first submission, else by name."""
        if self.settings.waves:
            return self.settings.waves
        if "survey" not in self.tables:
            return []
        survey = self.table("survey")
        waves = survey["wave"].fillna(ONLY_WAVE)
        first = survey["submitted_at"].groupby(waves).min()
        if first.notna().all():
            return list(first.sort_values(kind="stable").index)
        return sorted(first.index, key=lambda wave: re.sub(r"\d+", lambda digits: digits[0].zfill(12), wave))

    def responses(self, wave: str | None = None) -> pd.DataFrame:
        """Return the survey with who answered about whom.

        Parameters
        ----------
        wave
            One wave; None: all.

        Returns
        -------
        One row per respondent, partner and wave with at least one answer: respondent_id, partnership_id,
        wave, submitted_at, weight (1 where none is given), side, hr_id, manager_id, rated_id (the person
        the answers are about), cluster_id (the HR partner where there are pairs, else the respondent),
        the study's attributes (of the respondent), and one column per item: numbers as answered, not
        reversed; comments as text.
        """
        survey = self.table("survey")
        data = survey[["respondent_id", "partnership_id", "wave", "submitted_at", "weight"]].copy()
        data["wave"] = data["wave"].fillna(ONLY_WAVE)
        data["weight"] = data["weight"].fillna(1.0)
        pairs = self.table("partnerships") if self.has("partnerships") else None
        for column in ("hr_id", "manager_id"):
            data[column] = survey[column]
            if pairs is not None:
                paired = lookup(survey["partnership_id"], pairs, "partnership_id", column)
                data[column] = paired.fillna(survey[column])
        # Without a table of partnerships, who answered about whom names the pair.
        named = data["hr_id"].astype("str") + " and " + data["manager_id"].astype("str")
        data["partnership_id"] = data["partnership_id"].fillna(named)
        people = self.table("people") if self.has("people") else None
        data.insert(5, "side", self._sides(data, survey, people))
        by_hr = data["respondent_id"] == data["hr_id"]
        data["rated_id"] = data["manager_id"].where(by_hr, data["hr_id"]).astype("str")
        data["cluster_id"] = data["hr_id"].fillna(data["respondent_id"])
        for name in self.attributes:
            data[name] = survey[name] if name in survey else pd.Series(None, index=data.index, dtype="str")
            if people is not None and name in people:
                data[name] = lookup(data["respondent_id"], people, "person_id", name).astype("str").fillna(data[name])
        items = [survey.get(item.id, self._no_answers(survey, item)).rename(item.id) for item in self.codebook.items]
        answers = pd.concat(items, axis=1)
        kept = answers.notna().any(axis=1) & ((data["wave"] == wave) if wave is not None else True)
        return pd.concat([data, answers], axis=1)[kept].reset_index(drop=True)

    def roster(self, wave: str | None = None) -> pd.DataFrame | None:
        """Return who was invited and who answered.

        Invited to a wave are the people on a side that answered in it, who had joined by its end; where there are
        partnerships, HR partners and managers with one that was running during the wave.

        Parameters
        ----------
        wave
            One wave; None: all.

        Returns
        -------
        One row per person and wave: person_id, wave, side, cluster_id, the attributes, responded (bool).
        None when the study has no people.
        """
        if not self.has("people"):
            return None
        answers = self.responses()
        people = self.table("people")
        parts = [
            self._invited(people, answers[answers["wave"] == name], name) for name in self.waves if wave in (None, name)
        ]
        return pd.concat(parts, ignore_index=True) if parts else self._invited(people[:0], answers[:0], "")

    def _invited(self, people: pd.DataFrame, answers: pd.DataFrame, wave: str) -> pd.DataFrame:
        people = people[people["side"].isin(answers["side"].unique())]
        first, last = answers["submitted_at"].min(), answers["submitted_at"].max()
        joined = ~(people["start_date"] > last)
        cluster = people["person_id"]
        if self.has("partnerships"):
            pairs = self.table("partnerships")
            pairs = pairs[~(pairs["start_date"] > last) & ~(pairs["end_date"] < first)]
            paired = people["person_id"].isin({*pairs["hr_id"], *pairs["manager_id"]})
            joined &= paired | (people["side"] == "employee")
            cluster = lookup(people["person_id"], pairs, "manager_id", "hr_id").fillna(people["person_id"])
        attributes = [name for name in self.attributes if name in people.columns]
        roster = people[["person_id", "side", *attributes]].assign(cluster_id=cluster, wave=wave)
        roster["responded"] = roster["person_id"].isin(answers["respondent_id"])
        order = ["person_id", "wave", "side", "cluster_id", *attributes, "responded"]
        return roster.loc[joined, order].reset_index(drop=True)

    def _sides(self, data: pd.DataFrame, survey: pd.DataFrame, people: pd.DataFrame | None) -> pd.Series:
        sides = pd.Series(np.nan, index=data.index, dtype="str")
        sides = sides.mask(data["respondent_id"] == data["hr_id"], "hr")
        sides = sides.mask(data["respondent_id"] == data["manager_id"], "manager")
        if people is not None:
            sides = sides.fillna(lookup(data["respondent_id"], people, "person_id", "side"))
        return sides.fillna(survey["side"]).fillna(UNKNOWN_SIDE)

    def _no_answers(self, survey: pd.DataFrame, item: object) -> pd.Series:
        return pd.Series(np.nan, index=survey.index, dtype="str" if item.role == "comment" else "float64")

    def _prepare(self, name: str) -> tuple[pd.DataFrame, list[Problem]]:
        table, source = TABLES[name], self.tables[name]
        raw = read(source, self.folder, name)
        items = [item.id for item in self.codebook.items] if name == "survey" else []
        given = _known_names(raw.frame, [*table.columns, *items])
        columns = {**table.columns, **{column.name: column for column in self._further(name, given)}}
        convert = Converter(source.name_for(name), name, source, raw.delimiter, ZoneInfo(self.timezone), raw.problems)
        frame = {}
        for column in columns.values():
            if column.name in given:
                frame[column.name] = convert.column(given[column.name], column, raw.labels.get(column.name))
            elif not column.required:
                frame[column.name] = pd.Series(None, index=given.index, dtype=KINDS[column.kind][0])
        frame = pd.DataFrame(frame, index=given.index)
        strangers = self._name_people(name, frame)
        unused = [column for column in given if column not in columns]
        return frame, [
            *convert.problems,
            *strangers,
            *check.table(self, name, frame, columns, unused, convert.problems),
        ]

    def _name_people(self, name: str, frame: pd.DataFrame) -> list[Problem]:
        """Replace the ids of a table by the people they mean, in place; return those nobody knows."""
        source, columns = PEOPLE.get(name, ("", ()))
        problems = []
        for column in columns:
            if column in frame:
                unknown = self.identities.unmatched(frame[column], source)
                if unknown:
                    rows = tuple(frame.index[frame[column].isin(list(unknown))])
                    found, fix = (
                        f"in no line of {IDENTITIES}: {in_words(unknown)}",
                        f"Add a line for the source {source}",
                    )
                    file = self.tables[name].name_for(name)
                    problems.append(Problem("warning", file, found, "", fix, name, column, rows))
                frame[column] = self.identities.resolve(frame[column], source)
        return problems

    def _further(self, name: str, frame: pd.DataFrame) -> list[Column]:
        """Declare the columns that are not in the design: items, attributes, fields of templates."""
        declared = []
        items = {item.id: item for item in self.codebook.items} if name == "survey" else {}
        for column in frame.columns:
            item = items.get(column)
            if column in TABLES[name].columns:
                continue
            if item is not None and item.role != "comment":
                declared.append(optional(column, "whole number", item.text_for(), low=item.low, high=item.high))
            elif item is not None or column in (self.settings.attributes or USUAL_ATTRIBUTES):
                declared.append(optional(column, "text", ""))
            elif TABLES[name].further_columns and name != "survey":
                declared.append(optional(column, "number" if _all_numbers(frame[column]) else "text", ""))
        return declared


def _known_names(frame: pd.DataFrame, known: list[str]) -> pd.DataFrame:
    """Give columns that differ from a known name only in upper and lower case that name."""
    lower = {name.lower(): name for name in known}
    wanted = {name: lower[name.lower()] for name in frame if name not in known and name.lower() in lower}
    return frame.rename(columns={old: new for old, new in wanted.items() if new not in frame})


def _all_numbers(values: pd.Series) -> bool:
    if values.dtype != "str":
        return pd.api.types.is_numeric_dtype(values)
    texts = values.dropna().unique()
    return len(texts) > 0 and all(re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text, re.ASCII) for text in texts)


for _name in TABLES:
    setattr(Study, _name, property(lambda self, name=_name: self.table(name), doc=f"Table {_name}: see ``table``."))
