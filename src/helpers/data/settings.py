"""The settings of a study: what study.yaml may hold, in types."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field, create_model, field_validator, model_validator

from .identities import FILE as IDENTITIES
from .identities import Pseudonyms
from .limits import Limits
from .places import Places
from .practices import LAGS, Expectation, Practices
from .problems import InputError, Problem, did_you_mean, input_error, shown
from .read import Source
from .tables import EVENTS, TABLES
from .yaml_files import Declared, Mistake, load

LANGUAGE = "en"
"""The language of all that reports say; a study that asks for another is refused until there is a translation."""
UNNAMED = ("commentary", "imports", "mappings")
"""Folders of a study whose files no setting names."""


class Look(Declared):
    """How reports look: accent colour, logo file, footer, and templates of one’s own for Word, PowerPoint and PDF."""

    accent: str = Field(default="#0b5c6b", pattern=r"^#[0-9a-fA-F]{6}$")
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

    def placed(self, places: Places) -> Brand:
        """Return it with what the firm says filled in and with full paths, all of which lie where they may."""
        folder = places.study
        look: dict[str, object] = {}
        parts: list[tuple[Path, str, Look]] = [(folder / "study.yaml", "brand.", self)]
        if self.firm:
            if problem := places.problem(folder / self.firm, "study.yaml", "brand.firm", self.firm):
                raise InputError([problem])
            parts.insert(0, (folder / self.firm, "", load(Look, folder / self.firm)))
        problems: list[Problem | None] = []
        for file, key, part in parts:
            for name in sorted(part.model_fields_set - {"firm"}):
                value = getattr(part, name)
                if isinstance(value, Path):
                    problems.append(places.problem(file.parent / value, file.name, f"{key}{name}", value))
                    if problems[-1] is None and not (file.parent / value).is_file():
                        found = f"there is no file {value}"
                        problems[-1] = Problem("error", file.name, found, column=f"{key}{name}")
                    value = file.parent / value
                look[name] = value
        if wrong := [problem for problem in problems if problem]:
            raise InputError(wrong)
        return Brand.model_validate(look | ({"firm": folder / self.firm} if self.firm else {}))

    @property
    def files(self) -> list[Path]:
        """Every file it names."""
        return [path for name in type(self).model_fields if isinstance(path := getattr(self, name), Path)]


class Privacy(Declared):
    """Smallest numbers of people that may be shown.

    Parameters
    ----------
    min_group : int, optional
        Distinct people behind any published number, at least 3.
    min_rated : int, optional
        Distinct people (HR partners, managers, recruiters) of whom a published number tells: 2, or more. Wherever one
        of them gets a report of their own, 3 are asked for. 1 only with ``rated_agreement``.
    rated_agreement : str, optional
        Who of those rated agreed, and when, that answers about single ones are shown. Printed with what rests on it.
    min_comments : int, optional
        People who commented before comments are summarised.
    min_model_n : int, optional
        Rows before a model is fitted.
    verbatims : bool, optional
        Whether comments may be quoted.
    promised_min_group : int, optional
        What the invitation promised: no result of fewer people than that. ``min_group`` may not lie below it.
    """

    min_group: int = Field(default=5, ge=3)
    min_rated: int = Field(default=2, ge=1)
    rated_agreement: str = ""
    min_comments: int = Field(default=10, ge=3)
    min_model_n: int = Field(default=20, ge=3)
    verbatims: bool = False
    promised_min_group: int | None = Field(default=None, ge=3)

    @model_validator(mode="after")
    def _agreed(self) -> Privacy:
        if self.min_rated == 1 and not self.rated_agreement.strip():
            raise ValueError("min_rated is 1, and rated_agreement does not say who of those rated agreed, and when")
        if self.min_rated > 1 and self.rated_agreement.strip():
            raise ValueError("rated_agreement counts only with min_rated: 1; leave it out, or set min_rated to 1")
        if self.promised_min_group is not None and self.min_group < self.promised_min_group:
            raise ValueError(
                f"the invitation promised no result of fewer than {self.promised_min_group} people, and min_group is "
                f"{self.min_group}; set min_group to {self.promised_min_group} or more"
            )
        return self


class Inference(Declared):
    """Of whom intervals speak, and which answers belong together.

    Parameters
    ----------
    about : {"others like these", "these alone"}, optional
        ``"others like these"``: the HR partners (or other clusters) in the data stand for more of their kind, and an
        interval says how far other such partners could differ. ``"these alone"``: they are all there are; intervals
        rest on respondents and speak of these partnerships only.
    cluster : str, optional
        Attribute whose groups answer alike, such as ``company``; empty: the HR partner where there are pairs, else
        the respondent. Groups that the release plan merges count as one unless at least ``min_group`` of them
        answered; with fewer than ``min_group`` groups, intervals rest on HR partners, or on respondents where there are
        fewer than three, and speak of these groups only.
    """

    about: Literal["others like these", "these alone"] = "others like these"
    cluster: str = ""


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
    intake, brief : float, optional
        From approval to the intake meeting, and to a complete brief.
    shortlist : float, optional
        From the intake meeting to the first shortlist.
    cv_review : float, optional
        From a CV sent to the manager's answer.
    feedback : float, optional
        From an interview to its feedback.
    """

    intake: Days = 7
    brief: Days = 7
    shortlist: Days = 7
    cv_review: Days = 3
    feedback: Days = 3


def _known_event(event: str) -> str:
    if event not in EVENTS:
        hint = did_you_mean(event, EVENTS) or f"write one of {', '.join(EVENTS)}"
        raise ValueError(f"there is no event {shown(event)}; {hint}")
    return event


Event = Annotated[str, AfterValidator(_known_event)]


class Hiring(Declared):
    """What holds for hiring data.

    Parameters
    ----------
    audience : {"shared", "named"}, optional
        ``"shared"``: single managers are neither named nor shown as single points. ``"named"``: two exhibits show
        them by name, each with its interval or limits and with the legal basis.
    legal_basis : str, optional
        Who decided to show managers by name, on what basis, and when. Printed with every such exhibit.
    holidays : list of datetime.date, optional
        Days nobody works, besides Saturdays and Sundays.
    service_levels : ServiceLevels, optional
        Days agreed per kind of wait.
    recorded : list of str, optional
        Kinds of events that the records hold, though none, or none for a long time, is among them.
    not_recorded : list of str, optional
        Kinds of events that the records do not hold; what there is of them is not used.
    """

    audience: Literal["shared", "named"] = "shared"
    legal_basis: str = ""
    holidays: list[Day] = Field(default_factory=list)
    service_levels: ServiceLevels = ServiceLevels()
    recorded: list[Event] = Field(default_factory=list)
    not_recorded: list[Event] = Field(default_factory=list)

    def with_given(self, holidays: Sequence[str] = (), agreed_days: Mapping[str, float] | None = None) -> Hiring:
        """Return it with what a notebook's parameters say instead; what they leave empty stays.

        Parameters
        ----------
        holidays : sequence of str, optional
            Dates such as ``"2026-01-01"``, in place of the study's.
        agreed_days : mapping of str to float, optional
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
    """A number from elsewhere to compare with, and where it comes from.

    Parameters
    ----------
    measure : str
        Id of a dimension or of a question.
    value : float
        The number, in ``unit``.
    unit : str
        ``points (1-5)`` with the ends of the answer scale, ``score 0-100``, ``per cent favourable``, or ``net score``
        of a question with ``recommend``. Checked against the codebook: :func:`helpers.data.benchmarks.problems`.
    source : str
        Where it was published.
    year : int, optional
        Of when it is.
    """

    measure: str
    value: float
    unit: str
    source: str
    year: int | None = None


class Branch(Declared):
    """One line of the metric tree: an HR metric, and the business metric it is set beside.

    Parameters
    ----------
    hr : str
        ``manager_score`` (mean of managers' answers over all dimensions), a dimension of the codebook, an item of the
        table pulse, or a metric of the table outcomes.
    business : str
        A metric of the table outcomes.
    step : float, optional
        How much more of the HR metric results are told for; by default 10 points of 100 for scores, else 1.
    worth : float, optional
        What one more of what the business metric counts costs, or brings, in the study's currency.
    expected : {"higher", "lower"}, optional
        What is expected of the business metric where the HR metric is higher.
    """

    hr: str
    business: str
    expected: Expectation | None = None
    step: float | None = Field(default=None, gt=0)
    worth: float | None = Field(default=None, gt=0)


class MetricTree(Declared):
    """Which HR metric goes with which business metric, and how long after: written down before anything is computed.

    Parameters
    ----------
    branches : list of Branch
        The pairs of metrics; every pair once.
    lag : int, optional
        How many periods of the business metric the HR metric comes before it, where it is not of the same period.
    currency : str, optional
        Currency of ``worth``.
    """

    branches: list[Branch] = Field(default_factory=list)
    lag: int = Field(default=1, ge=LAGS[0], le=LAGS[-1])
    currency: str = ""


class Merge(Declared):
    """What is asked of the groups of one attribute before the release plan merges more.

    Parameters
    ----------
    together : dict of str to list of str, optional
        Name of a group, and the labels that are taken together in it.
    keep : list of str, optional
        Groups to keep before all others, in order of importance, where that is safe.
    """

    together: dict[str, list[str]] = Field(default_factory=dict)
    keep: list[str] = Field(default_factory=list)


_files: dict[str, Any] = {name: (Source | None, None) for name in TABLES}
Tables = create_model("Tables", __base__=Declared, **_files)


class Settings(Declared):
    """What study.yaml holds."""

    title: str
    client: str = ""
    as_of: Day
    language: str = LANGUAGE
    timezone: str = "UTC"
    brand: Brand = Brand()
    privacy: Privacy = Privacy()
    hiring: Hiring = Hiring()
    practices: Practices = Practices()
    inference: Inference = Inference()
    waves: list[str] = Field(default_factory=list)
    attributes: list[str] | None = None
    merge: dict[str, Merge] = Field(default_factory=dict)
    codebook: str = "codebook.yaml"
    data_root: Path | None = None
    limits: Limits = Limits()
    pseudonyms: Pseudonyms | None = None
    tables: Tables  # type: ignore[valid-type]  # made from the declared tables when this module is loaded
    benchmarks: list[Benchmark] = Field(default_factory=list)
    metric_tree: MetricTree = MetricTree()
    releases: bool = True
    """Whether reports are recorded as released and compared with earlier ones; false for people who are made up."""

    @field_validator("language")
    @classmethod
    def _known_language(cls, language: str) -> str:
        if language != LANGUAGE:
            raise ValueError(
                f"language is {shown(language)}, and reports are written in English; set language: {LANGUAGE}"
            )
        return language

    @field_validator("timezone")
    @classmethod
    def _known_timezone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError):
            raise ValueError(f"there is no time zone {shown(name)}; write one such as Europe/Zurich") from None
        return name

    def placed(self, folder: Path) -> Settings:
        """Return them with full paths in the brand.

        Parameters
        ----------
        folder : pathlib.Path
            The study's folder.

        Raises
        ------
        InputError
            With every file that lies, symbolic links followed, where no file of this study may.
        """
        places = Places.of(folder, self.data_root)
        named = {"codebook": self.codebook}
        if self.practices.playbooks:
            named["practices.playbooks"] = str(self.practices.playbooks)
        named |= {f"tables.{name}": source.path for name, source in self.sources.items() if source.path}
        problems = [places.problem(places.study / given, "study.yaml", key, given) for key, given in named.items()]
        unnamed = [places.study / name for name in ("study.yaml", IDENTITIES)]
        unnamed += [path for part in UNNAMED for path in (places.study / part).glob("*")]
        problems += [places.problem(path, path.relative_to(places.study).as_posix()) for path in unnamed]
        if wrong := [problem for problem in problems if problem]:
            raise InputError(wrong)
        return self.model_copy(update={"brand": self.brand.placed(places)})

    @property
    def sources(self) -> dict[str, Source]:
        """The tables that are named, and where they lie."""
        return {name: source for name in TABLES if (source := getattr(self.tables, name)) is not None}

    def mistakes(self) -> list[Mistake]:
        """Return what the hiring settings do not agree on."""
        twice = [place for place, day in enumerate(self.hiring.holidays) if day in self.hiring.holidays[:place]]
        found: list[Mistake] = [
            (("hiring", "holidays", place), f"the holiday {self.hiring.holidays[place]} stands here a second time")
            for place in twice
        ]
        found += [
            (("hiring", "not_recorded", place), f"{event} stands under recorded too; leave it out of one of them")
            for place, event in enumerate(self.hiring.not_recorded)
            if event in self.hiring.recorded
        ]
        if self.hiring.audience == "named" and not self.hiring.legal_basis.strip():
            words = (
                "audience: named needs a legal_basis. Add who decided to show managers by name, on what basis, and when"
            )
            found.append((("hiring", "audience"), words))
        return found
