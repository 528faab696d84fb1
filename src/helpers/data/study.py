"""A study: its settings, codebook and tables, read lazily and checked."""

from __future__ import annotations

import datetime
import hashlib
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TypeVar, cast
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from helpers.privacy.plan import OPENINGS, Plan
from helpers.privacy.rated import fewest_rated
from helpers.published import REPORT_VARIABLE, STUDY_VARIABLE, WAITING_VARIABLE
from helpers.shipped import PLAYBOOKS, SAMPLE, SAMPLE_NAME

from . import agreed_metrics, alike, benchmarks, check, labels, mapped_files, metric_tree, practice_checks, practices
from .codebook import UNKNOWN_SIDE, Codebook, Item
from .convert import Converter
from .identities import FILE as IDENTITIES
from .identities import PEOPLE, Identities, in_words
from .importers.answers import read_by_labels
from .places import Places
from .practices import Capture
from .problems import InputError, Problem, did_you_mean, errors, input_error, shown
from .read import Raw, Source, read
from .settings import Benchmark, Brand, Hiring, MetricTree, Privacy, Settings
from .tables import KINDS, SIDES, TABLES, Variable, coded, in_texts, lookup, optional
from .writing import unfinished
from .yaml_files import load

T = TypeVar("T")
SHEET_COLUMNS = (
    "respondent_id", "partnership_id", "wave", "side", "hr_id", "manager_id", "rated_id", "cluster_id"
)  # fmt: skip
"""Columns of answer sheets whose texts repeat, beside the attributes."""
USUAL_ATTRIBUTES = ("department", "location", "level")
UNFINISHED = "an import is running, or was stopped and left this", "If none is running, the next import tidies up"
LABELS = ("wave", "cohort", "category", "channel")
"""Columns besides attributes whose values are names of groups: those that look alike are one."""
ONLY_WAVE = "1"
"""Name of the wave of a survey without a wave column."""


class Study:
    """One client or one research project: a folder with study.yaml, a codebook and tables.

    Open one with ``Study.load(path)``. Every table of the design is a property of the same name, for example
    ``study.people``; tables are read when first asked for.

    Attributes
    ----------
    merged : bool
        Whether attributes carry the labels of the release plan, by which no group is so small that it tells of few.
    """

    def __init__(self, folder: Path, settings: Settings, codebook: Codebook, merged: bool = True) -> None:
        self.folder = folder
        self.settings = settings
        self.codebook = codebook
        self.merged = merged
        self._prepared: dict[str, tuple[pd.DataFrame, list[Problem]]] = {}
        self._waiting: frozenset[int] = frozenset()
        self._beside: Path | None = None

    @classmethod
    def load(cls, path: str | Path, merged: bool = True) -> Study:
        """Open a study.

        Parameters
        ----------
        path : str or pathlib.Path
            Its folder, or its study.yaml. A relative path that does not exist here is looked for in the
            folders above, because notebooks run where they lie. ``data/sample``, found nowhere, is the shipped
            sample study, and that is said.
        merged : bool
            Whether small groups are merged as the release plan of the study says, in all that it hands out. False is
            for a researcher alone with the data; a report refuses it.

        Returns
        -------
        Study
            The study; tables are not read yet.

        Raises
        ------
        InputError
            With every mistake in study.yaml and in the codebook, or when a report asks for labels that are not merged.
        """
        if not merged and os.environ.get(REPORT_VARIABLE) == "1":
            found, fix = "merged=False would publish groups that single people out", "Load the study without it"
            raise input_error("report", found, "labels as the release plan merges them", fix)
        given = Path(path).expanduser()
        folder = next((place for above in (Path(), *Path.cwd().parents) if (place := above / given).exists()), given)
        if given == SAMPLE_NAME and not folder.exists():
            print("No study of your own was named: this is the shipped sample study.", file=sys.stderr)
            folder = SAMPLE
        folder = folder if folder.is_dir() else folder.parent if folder.is_file() else folder
        if not (folder / "study.yaml").is_file():
            found = f"there is no study.yaml in {folder}" if folder.is_dir() else f"there is no folder {given}"
            raise input_error("study.yaml", found, fix="Name a study's folder, or begin one with partnership init")
        if problem := Places(folder.resolve()).problem(folder / "study.yaml", "study.yaml"):
            raise InputError([problem])
        if merged and (known := os.environ.get(STUDY_VARIABLE)):
            shared = mapped_files.read(Path(known))
            if isinstance(shared, cls) and shared.folder == folder.resolve():
                shared._beside = Path(known).parent
                return shared
        settings = load(Settings, folder / "study.yaml")
        settings = settings.placed(folder)
        codebook = Codebook.load(folder / settings.codebook)
        if wrong := benchmarks.problems(settings.benchmarks, codebook):
            raise InputError(wrong)
        study = cls(folder.resolve(), settings, codebook, merged)
        if waiting := os.environ.get(WAITING_VARIABLE):
            study = study.without(json.loads(Path(waiting).read_text(encoding="utf-8")))
        return study

    def share(self, path: Path) -> None:
        """Write the study, as it was read and checked, to a file that :meth:`load` takes instead of reading it again.

        Parameters
        ----------
        path : pathlib.Path
            A file of this process alone, which ``STUDY_VARIABLE`` names to its kernels. It holds all answers.
        """
        self.check()
        with suppress(InputError):  # what cannot be made of the data is told by the notebook that needs it
            _ = self.plan, self.attributes, self.waves, self._merged_responses if self.has("survey") else None
        mapped_files.write(path, self)

    def once(self, what: str, make: Callable[[], T]) -> T:
        """Return what all reports of this study say alike: made by the first of a batch, and read by those after it.

        Parameters
        ----------
        what : str
            Its name, with everything but the study that it depends on.
        make : callable
            Makes it; what it returns can be pickled.

        Returns
        -------
        object
            What was made, beside the file that :meth:`share` wrote; outside reports it is made anew.
        """
        if self._beside is None:
            return make()
        file = self._beside / f"{hashlib.sha256(what.encode()).hexdigest()}.pickle"
        if not file.exists():
            mapped_files.write(file, make())
        return cast(T, mapped_files.read(file))

    @property
    def beside(self) -> Path | None:
        """Folder of what all reports of a batch share, which is deleted with the batch; none outside of reports."""
        return self._beside

    def without(self, rows: Iterable[int]) -> Study:
        """Return the study without some answer sheets, which wait for a later report.

        Parameters
        ----------
        rows : iterable of int
            Their rows in the file of the survey, as :meth:`prepared` numbers them.
        """
        found = Study(self.folder, self.settings, self.codebook, self.merged)
        found._waiting = frozenset(rows)
        return found

    @property
    def waiting(self) -> frozenset[int]:
        """Rows of the survey that wait for a later report, as :meth:`prepared` numbers them."""
        return self._waiting

    @property
    def title(self) -> str:
        """What the study is called."""
        return self.settings.title

    @property
    def client(self) -> str:
        """Whom it is for; may be empty."""
        return self.settings.client

    @property
    def as_of(self) -> datetime.date:
        """The day the data speak of."""
        return self.settings.as_of

    @property
    def language(self) -> str:
        """Language of the reports."""
        return self.settings.language

    @property
    def timezone(self) -> str:
        """Time zone of all times."""
        return self.settings.timezone

    @property
    def privacy(self) -> Privacy:
        """Smallest numbers of people that may be shown."""
        return self.settings.privacy

    @property
    def hiring(self) -> Hiring:
        """What holds for hiring data."""
        return self.settings.hiring

    @property
    def benchmarks(self) -> list[Benchmark]:
        """Numbers from elsewhere to compare with."""
        return self.settings.benchmarks

    @property
    def brand(self) -> Brand:
        """How reports look; paths are full paths."""
        return self.settings.brand

    @property
    def tables(self) -> dict[str, Source]:
        """The tables that study.yaml names, and where they lie."""
        return self.settings.sources

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
        name : str
            A table of the design, for example ``"survey"``.

        Returns
        -------
        pandas.DataFrame
            One row per row of the file that is not blank. Declared columns come first, absent optional ones
            are missing throughout. Times are local times in the study's time zone. Attributes of people, answers and
            openings carry the published labels, if the study is loaded so.

        Raises
        ------
        InputError
            When the study has no such table, or with every error in it.
        """
        frame = self._unmerged(name)
        if not self.merged or name not in ("people", "survey", "requisitions"):
            return frame
        if name == "requisitions":
            return labels.of_openings(self.plan, frame)
        if not {*self.all_attributes} & {*frame}:
            return frame
        sides = frame if name == "people" else frame.assign(side=self._sheets["side"])
        return labels.of_people(self.plan, sides).assign(side=frame["side"])

    def _unmerged(self, name: str) -> pd.DataFrame:
        """Return a table in its declared types, whatever groups it divides people into; see :meth:`table`."""
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
            frame, problems = self._prepare(name)
            waits = frame.index.isin(self._waiting) & (name == "survey")
            self._prepared[name] = frame[~waits], problems
        return self._prepared[name]

    def check(self) -> list[Problem]:
        """Return every problem of every table and between tables; errors and warnings."""
        being_written = unfinished(self.folder, self.folders())
        problems = [Problem("warning", path.name, UNFINISHED[0], fix=UNFINISHED[1]) for path in being_written]
        return problems + self._found

    @cached_property
    def _found(self) -> list[Problem]:
        """Every problem of the tables, as they were read."""
        problems: list[Problem] = []
        frames: dict[str, pd.DataFrame] = {}
        for name in self.tables:
            try:
                frames[name], found = self.prepared(name)
            except InputError as error:
                found = error.problems
            problems += found
        known: dict[str, Capture] = {}
        if recorded := [name for name in practice_checks.TABLES if name in frames]:
            try:
                known = self.practices
            except InputError as error:
                problems += [] if "practice_answers" in self.tables else error.problems  # told with the table
                frames = {name: frame for name, frame in frames.items() if name not in recorded}
        problems += check.tables(frames, self.settings, self.codebook, known, problems)
        if all(name in frames for name in metric_tree.TABLES if name in self.tables):  # else that is told
            problems += metric_tree.problems(self.settings.metric_tree, self.codebook, frames)
        agreed = agreed_metrics.read(frames, known)
        problems += agreed_metrics.problems(self.settings.metric_tree, agreed, self._answers_file)
        problems += self._groups.steering_problems() if self.settings.merge and not errors(problems) else []
        try:
            problems += check.sources(self.identities)
        except InputError as error:
            problems += [] if self.tables else error.problems  # told with the tables
        if self.as_of > datetime.date.today():
            late = f"as_of, {self.as_of}, has not come yet"
            problems.append(Problem("warning", "study.yaml", late, fix="Set it to the day the data were drawn"))
        if "survey" not in self.tables and "practice_sessions" not in self.tables:
            fix = "Add survey: survey.csv under tables"
            problems.append(Problem("warning", "study.yaml", "no survey table is named", fix=fix))
        return problems

    @property
    def metric_tree(self) -> MetricTree:
        """Which HR metric is set beside which business metric: as study.yaml says, and as people agreed in sessions.

        Pairs that people agreed on and no table measures are in :attr:`agreed_metrics` alone.

        Raises
        ------
        InputError
            It names what study.yaml asks for and the study does not have, and where sessions contradict it.
        """
        declared, agreed = self.settings.metric_tree, self.agreed_metrics
        named = [name for name in metric_tree.TABLES if name in self.tables]
        tables = {name: self.table(name) for name in named} if declared.branches or len(agreed) else {}
        wrong = metric_tree.problems(declared, self.codebook, tables)
        if wrong := wrong or agreed_metrics.problems(declared, agreed, self._answers_file):
            raise InputError(wrong)
        return metric_tree.joined(declared, agreed, self.codebook, tables) if len(agreed) else declared

    @property
    def agreed_metrics(self) -> pd.DataFrame:
        """Pairs of metrics that people agreed on in sessions; see ``helpers.data.agreed_metrics.read``."""
        recorded = [name for name in practice_checks.TABLES if self.has(name)]
        frames = {name: self.prepared(name)[0] for name in recorded}
        return agreed_metrics.read(frames, self.practices if "practice_answers" in frames else {})

    @property
    def measured_metrics(self) -> tuple[set[str], set[str]]:
        """The HR metrics and the business metrics that its tables have, in small letters with underscores."""
        tables = {name: self.table(name) for name in metric_tree.TABLES if name in self.tables}
        hr, business = metric_tree.names(self.codebook, tables)
        return {*map(practices.same_word, hr)}, {*map(practices.same_word, business)}

    @property
    def _answers_file(self) -> str:
        source = self.tables.get("practice_answers")
        return source.name_for("practice_answers") if source else ""

    def inputs(self) -> list[Path]:
        """Return every file the study consists of."""
        files = [self.folder / "study.yaml", self.folder / self.settings.codebook]
        files += [self.folder / source.path for source in self.tables.values() if source.path]
        files += [self.folder / IDENTITIES] if (self.folder / IDENTITIES).is_file() else []
        return [*dict.fromkeys(files), *self.brand.files]

    def folders(self) -> list[Path]:
        """Return the folders that hold what an import writes."""
        files = [self.folder / source.path for source in self.tables.values() if source.path]
        own = [self.folder, self.folder / "imports", self.folder / "mappings"]
        return [*own, *dict.fromkeys(file.resolve().parent for file in files)]

    @cached_property
    def practices(self) -> dict[str, Capture]:
        """What playbooks declare that is recorded of practices, by the practice's name in the tables."""
        own = self.settings.practices.playbooks
        return practices.declared([PLAYBOOKS, *([self.folder / own] if own else [])])

    def allotted(self, practice: str) -> pd.DataFrame:
        """Return what the recorded allocation of a practice says of every pair; see ``practices.allotted``.

        Parameters
        ----------
        practice : str
            As its playbook declares it, such as ``"role_swap"``.

        Returns
        -------
        pandas.DataFrame
            One row a pair, also of those who never took part. Missing throughout but for the pair where nothing was
            allotted or nothing is recorded.
        """
        draws, pairs = self._unmerged("practice_draws"), self._unmerged("partnerships")
        others = [self._unmerged(name) if self.has(name) else None for name in ("people", "units")]
        return practices.allotted(draws, practice, pairs, *others)

    @cached_property
    def identities(self) -> Identities:
        """Which ids of which source mean the same person."""
        return Identities.load(self.folder, self.settings.pseudonyms, self.settings.limits)

    @cached_property
    def plan(self) -> Plan:
        """The release plan: which groups are published of whom; made once, from who answered."""
        return self._groups.plan()

    @cached_property
    def _groups(self) -> labels.Groups:
        has_survey = self.has("survey")
        return labels.Groups(
            self.settings,
            self.all_attributes,
            sheets=self._unmerged_responses if has_survey else None,
            roster=self._unmerged_roster if has_survey else None,
            requisitions=self._unmerged("requisitions") if self.has("requisitions") else None,
            units=self._unmerged("units") if self.has("units") else None,
            min_rated={side: self.min_rated(side) for side in (*SIDES, UNKNOWN_SIDE)},
        )

    def min_rated(self, side: str, own_report: bool = False) -> int:
        """Return how many people a published result of a side has to tell of.

        Parameters
        ----------
        side : str
            The side that answered.
        own_report : bool
            Whether the result stands in a report for one person.

        Returns
        -------
        int
            The study's ``min_rated``; 3 where one of those told of can get a report of their own, as managers can on
            their hiring.
        """
        about_managers = side == "hr" and self.has("requisitions")
        return fewest_rated(self.privacy.min_rated, own_report or about_managers)

    def who_can_get_reports(self) -> list[str]:
        """Return the ids of those who can get a report of their own: hiring managers, in the order of their ids."""
        return sorted(set(self.table("requisitions")["hiring_manager_id"].dropna())) if self.has("requisitions") else []

    @cached_property
    def attributes(self) -> list[str]:
        """Group attributes to break results down by: those that are published of at least one side."""
        if not self.merged:
            return self.all_attributes
        published = {name for side in self.plan.sides if side != OPENINGS for name in self.attributes_of(side)}
        return [name for name in self.all_attributes if name in published]

    def attributes_of(self, side: str) -> list[str]:
        """Return the attributes to break the results of one side down by."""
        if not self.merged:
            return self.all_attributes
        part = self.plan.sides.get(side)
        return [name for name, item in part.attributes.items() if not item.left_out] if part else []

    def above(self, attribute: str, group: str, side: str) -> tuple[str, list[str]]:
        """Return the nearest unit above a published group and the published groups in it; see :mod:`.labels`.

        Parameters
        ----------
        attribute, group : str
            An attribute that is published of the side, and one of its published groups.
        side : str
            Whose answers.

        Returns
        -------
        tuple of str and list of str
            Its name and its groups; both empty where there is none below the whole.
        """
        return self._groups.above(attribute, group, self.plan.labels(attribute, side) or {})

    @cached_property
    def all_attributes(self) -> list[str]:
        """Group attributes that the study names or has, also those that are not published."""
        if self.settings.attributes is not None:
            return self.settings.attributes
        frames = [self.prepared(name)[0] for name in ("people", "survey") if self.has(name)]
        return [name for name in USUAL_ATTRIBUTES if any(name in f and f[name].notna().any() for f in frames)]

    @cached_property
    def waves(self) -> list[str]:
        """Waves in order: as study.yaml lists them, but for those without answers; else by first submission or name."""
        if "survey" not in self.tables and "practice_sessions" not in self.tables:
            return self.settings.waves
        if self.settings.waves:
            silent = check.waves_without_answers(self.prepared("survey")[0], self.settings, self.codebook)
            return [wave for wave in self.settings.waves if wave not in silent]
        survey = self._unmerged("survey")
        waves = survey["wave"].fillna(ONLY_WAVE)
        first = survey["submitted_at"].groupby(waves).min()
        if first.notna().all():
            return list(first.sort_values(kind="stable").index)
        return sorted(first.index, key=lambda wave: re.sub(r"\d+", lambda digits: digits[0].zfill(12), wave))

    def responses(self, wave: str | None = None, coded: bool = False) -> pd.DataFrame:
        """Return the survey with who answered about whom.

        Parameters
        ----------
        wave : str, optional
            One wave; None: all.
        coded : bool
            Of a large survey, hand out ids and names of groups as categories, which are counted and compared sooner.

        Returns
        -------
        pandas.DataFrame
            One row per respondent, partner and wave with at least one answer: respondent_id, partnership_id,
            wave, submitted_at, weight (1 where none is given), side, hr_id, manager_id, rated_id (the person
            the answers are about), cluster_id (the HR partner where there are pairs, else the respondent),
            seconds (that the whole response took; only where the study knows it),
            the study's attributes (of the respondent), and one column per item: numbers as answered, not
            reversed; comments as text.
        """
        found = self._merged_responses if self.merged else self._unmerged_responses
        found = found if coded else in_texts(found)
        return found[found["wave"] == wave].reset_index(drop=True) if wave is not None else found.copy()

    @property
    def sheet_ids(self) -> pd.DataFrame:
        """Whose each answer sheet is: respondent_id, rated_id and wave, by row number of the survey's file."""
        return self._sheets[["respondent_id", "rated_id", "wave"]].set_axis(self.prepared("survey")[0].index)

    def cluster_labels(self, attribute: str) -> tuple[pd.Series, pd.Series | None]:
        """Return the groups of an attribute over which intervals are made; never for groups that are shown.

        Parameters
        ----------
        attribute : str
            One of :attr:`all_attributes`.

        Returns
        -------
        tuple of pandas.Series
            In the order of the rows of :meth:`responses`, and of :meth:`roster`; the second is None where the roster
            does not know it. Groups that the release plan merges are one, unless so many of them answered that a
            variance over them tells of none (:func:`helpers.data.labels.clusters`).
        """
        answers, roster = self._unmerged_responses, self._unmerged_roster
        invited = roster[attribute] if roster is not None and attribute in roster else None
        together = labels.clusters(self.plan, attribute, answers, self.privacy.min_group) if self.merged else {}

        def clusters(column: pd.Series) -> pd.Series:
            return (
                column.fillna(labels.NOT_RECORDED)
                .map(lambda label: together.get(label, label))
                .where(column.notna() | (labels.NOT_RECORDED in together))
            )

        return clusters(answers[attribute]), None if invited is None else clusters(invited)

    def groups_answering(self, attribute: str, wave: str) -> int:
        """Count the groups of an attribute, as they are in the data, of which anybody answered in a wave."""
        answers = self._unmerged_responses
        return int(answers.loc[answers["wave"] == wave, attribute].nunique())

    def min_clusters(self, min_rated: int) -> int:
        """Return over how many clusters at least a published interval is made.

        Parameters
        ----------
        min_rated : int
            Fewest people whom the result has to tell of.

        Returns
        -------
        int
            One more than these: a mean and its interval over as many HR partners as a mean needs would tell each of
            them. Over groups of an attribute, which are not shown within every result, ``min_group``.
        """
        return self.privacy.min_group if self.settings.inference.cluster else min_rated + 1

    @cached_property
    def _merged_responses(self) -> pd.DataFrame:
        left_out = [name for name in self.all_attributes if name not in self.attributes]
        found = self.plan.apply_each(self._unmerged_responses).drop(columns=left_out)
        return coded(found, [*SHEET_COLUMNS, *self.attributes])

    @cached_property
    def _unmerged_responses(self) -> pd.DataFrame:
        """As :meth:`responses`, with all attributes and the groups as they are in the data."""
        sheets, items = self._sheets, [item.id for item in self.codebook.items]
        return sheets[sheets[items].notna().any(axis=1)].reset_index(drop=True)

    @cached_property
    def _sheets(self) -> pd.DataFrame:
        """As ``_unmerged_responses``, one row per row of the survey."""
        survey = self._unmerged("survey")
        data = survey[["respondent_id", "partnership_id", "wave", "submitted_at", "weight"]].copy()
        data["wave"] = data["wave"].fillna(ONLY_WAVE)
        data["weight"] = data["weight"].fillna(1.0)
        pairs = self.table("partnerships") if self.has("partnerships") else None
        if pairs is not None:
            data["partnership_id"] = data["partnership_id"].fillna(_only_partnership(survey, pairs))
        for column in ("hr_id", "manager_id"):
            data[column] = survey[column]
            if pairs is not None:
                paired = lookup(data["partnership_id"], pairs, "partnership_id", column)
                data[column] = paired.fillna(survey[column])
        # Without a table of partnerships, who answered about whom names the pair.
        named = data["hr_id"].astype("str") + " and " + data["manager_id"].astype("str")
        data["partnership_id"] = data["partnership_id"].fillna(named)
        people = self._unmerged("people") if self.has("people") else None
        data.insert(5, "side", self._sides(data, survey, people))
        by_hr = data["respondent_id"] == data["hr_id"]
        data["rated_id"] = data["manager_id"].where(by_hr, data["hr_id"]).astype("str")
        data["cluster_id"] = data["hr_id"].fillna(data["respondent_id"])
        if survey["seconds"].notna().any():
            data["seconds"] = survey["seconds"]
        sheets_of = [data["respondent_id"], data["wave"], data["side"]]
        for name in self.all_attributes:
            data[name] = survey[name] if name in survey else pd.Series(None, index=data.index, dtype="str")
            if people is not None and name in people:
                data[name] = lookup(data["respondent_id"], people, "person_id", name).astype("str").fillna(data[name])
            data[name] = alike.unified(data[name], alike.spellings(data[name]))
            # Somebody who answers about several partners is in one group in every wave.
            data[name] = data[name].groupby(sheets_of, dropna=False).transform("first").astype("str")
        items = [survey.get(item.id, self._no_answers(survey, item)).rename(item.id) for item in self.codebook.items]
        return pd.concat([data, *items], axis=1)

    def names(self) -> list[str]:
        """Return the names of people that the study holds, which must not be read in a comment."""
        people = self._unmerged("people") if self.has("people") else pd.DataFrame()
        return list(people["name"].dropna()) if "name" in people else []

    def roster(self, wave: str | None = None) -> pd.DataFrame | None:
        """Return who was invited and who answered.

        Invited to a wave are the people on a side that answered in it, who had joined by its end; where there are
        partnerships, HR partners and managers with one that was running during the wave.

        Parameters
        ----------
        wave : str, optional
            One wave; None: all.

        Returns
        -------
        pandas.DataFrame or None
            One row per person and wave: person_id, wave, side, cluster_id, the attributes, responded (bool).
            None when the study has no people.
        """
        found = self._unmerged_roster
        if found is None:
            return None
        if self.merged:
            left_out = [name for name in self.all_attributes if name in found and name not in self.attributes]
            found = self.plan.apply_each(found).drop(columns=left_out)
        return found[found["wave"] == wave].reset_index(drop=True) if wave is not None else found.copy()

    @cached_property
    def _unmerged_roster(self) -> pd.DataFrame | None:
        """As :meth:`roster`, with all attributes and the groups as they are in the data."""
        if not self.has("people"):
            return None
        answers, people = self._unmerged_responses, self._unmerged("people")
        parts = [self._invited(people, answers[answers["wave"] == name], name) for name in self.waves]
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
        attributes = [name for name in self.all_attributes if name in people.columns]
        roster = people[["person_id", "side", *attributes]].assign(cluster_id=cluster, wave=wave)
        for name in attributes:  # as they answered, where the roster knows nothing
            roster[name] = roster[name].fillna(lookup(roster["person_id"], answers, "respondent_id", name))
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

    def _no_answers(self, survey: pd.DataFrame, item: Item) -> pd.Series:
        return pd.Series(np.nan, index=survey.index, dtype="str" if item.role == "comment" else "float64")

    def _prepare(self, name: str) -> tuple[pd.DataFrame, list[Problem]]:
        return self.interpreted(name, read(self.tables[name], self.folder, name, self.settings.limits))

    def interpreted(self, name: str, raw: Raw) -> tuple[pd.DataFrame, list[Problem]]:
        """Return the rows of a table in its declared types, and what is wrong with them.

        Parameters
        ----------
        name : str
            A table that the settings name.
        raw : Raw
            Its rows as they were read, or as an import would write them.

        Returns
        -------
        tuple
            Rows indexed as they were, cells that cannot be read missing; errors and warnings.
        """
        table, source = TABLES[name], self.tables[name]
        items = [item.id for item in self.codebook.items] if name == "survey" else []
        given = _known_names(raw.frame, [*table.columns, *items])
        columns = {**table.columns, **{column.name: column for column in self._further(name, given)}}
        convert = Converter(source.name_for(name), name, source, raw.delimiter, ZoneInfo(self.timezone), raw.problems)
        frame = {}
        rated = {item.id: item for item in self.codebook.items if name == "survey" and item.role != "comment"}
        for column in columns.values():
            if column.name in given and column.name in rated and column.name in raw.labels:
                item, labels = rated[column.name], raw.labels[column.name]
                read_by = read_by_labels(given[column.name], item, labels, source.missing, source.name_for(name))
                given[column.name] = read_by[0]
                raw.problems += read_by[1]
            if column.name in given:
                frame[column.name] = convert.column(given[column.name], column, raw.labels.get(column.name))
            elif not column.required:
                frame[column.name] = pd.Series(None, index=given.index, dtype=KINDS[column.kind][0])
        frame = pd.DataFrame(frame, index=given.index)
        if name == "practice_answers" and {"field", "value"} <= {*frame}:
            frame = practices.stored(frame, self.practices)
        twins = self._spell_alike(name, frame, columns)  # before ids become hashes, which never look alike
        strangers = self._name_people(name, frame)
        unused = [column for column in given if column not in columns]
        return frame, [
            *convert.problems,
            *twins,
            *strangers,
            *check.table(name, frame, columns, unused, convert.problems, self.settings, self.codebook),
        ]

    def _spell_alike(self, name: str, frame: pd.DataFrame, columns: Mapping[str, Variable]) -> list[Problem]:
        """Give labels that look alike one spelling, in place; return these and the ids that look alike.

        Ids stay as they are: two people may have them, and nobody is taken for somebody else.
        """
        labels = {*(self.settings.attributes or USUAL_ATTRIBUTES), *LABELS}
        file, problems = self.tables[name].name_for(name), []
        for column in columns.values():
            is_label = column.name in labels
            if column.name not in frame or not (is_label or column.kind == "id") or frame[column.name].dtype != "str":
                continue
            values = frame[column.name]
            found = alike.spellings(values, self.settings.waves if column.name == "wave" else ())
            for group in found:
                words = f"{alike.in_words(group)} look alike"
                fix = "Write them alike if they mean the same"
                if is_label:
                    words += f" and are read as {shown(group[0])}"
                    fix = "Write them alike in the file"
                rows = tuple(int(row) for row in frame.index[values.isin(group[1:])])
                problems.append(Problem("warning", file, words, "", fix, name, column.name, rows))
            if is_label:
                frame[column.name] = alike.printed(alike.unified(values, found))
        return problems

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

    def _further(self, name: str, frame: pd.DataFrame) -> list[Variable]:
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
    """Give columns that look like a known name that name."""
    alike_known = {alike.folded(name): name for name in known}
    wanted = {
        name: alike_known[look] for name in frame if name not in known and (look := alike.folded(name)) in alike_known
    }
    return frame.rename(columns={old: new for old, new in wanted.items() if new not in frame})


def _all_numbers(values: pd.Series) -> bool:
    if values.dtype != "str":
        return pd.api.types.is_numeric_dtype(values)
    texts = values.dropna().unique()
    return len(texts) > 0 and all(re.fullmatch(r"-?(0|[1-9]\d*)(\.\d+)?", text, re.ASCII) for text in texts)


def _table_property(name: str) -> property:
    def table(study: Study) -> pd.DataFrame:
        return study.table(name)

    return property(table, doc=f"Table {name}: see ``table``.")


for _name in TABLES:
    setattr(Study, _name, _table_property(_name))


def _only_partnership(survey: pd.DataFrame, pairs: pd.DataFrame) -> pd.Series:
    """Return the partnership of managers who name no HR partner and have had only one; missing for all others.

    Whom answers are about must not depend on the file they came from: else a group served by one HR partner would pass
    for one about nobody in particular.
    """
    partners = pairs.groupby("manager_id")["hr_id"].nunique()
    single = pairs[pairs["manager_id"].isin(partners.index[partners == 1])]
    return lookup(survey["respondent_id"].where(survey["hr_id"].isna()), single, "manager_id", "partnership_id")
