"""The contract: everything that passes from a notebook to a report, and from a report to machines.

A notebook publishes exhibits (tables, charts, remarks), findings and page one, each as one of these models under
:data:`MIME`. Every format reads them, ``results.json`` is made of them, and ``results.schema.json`` beside this file is
written from them (``python -m helpers.published``). A key that no model knows is an error, never dropped without a
word.
"""

from __future__ import annotations

import datetime
import json
import math
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any, ClassVar, Final, Literal

import pandas as pd
from pydantic import BaseModel, ConfigDict, Field, model_validator

from helpers import rounding

#: Version of the contract; a report refuses any other.
VERSION: Final = 4
#: What numbers of people count unless a notebook says otherwise.
RESPONDENTS: Final = "Respondents"
#: Width of a chart in a notebook on the screen, in pixels.
WIDTH_ON_SCREEN: Final = 720
MIME = "application/vnd.hr-partnership.exhibit+json"
#: What a notebook may mark an output with that repeats an exhibit for the screen and is left out of reports.
SCREEN_ONLY = "screen_only"
#: Name of the project's own metadata in notebooks.
METADATA = "hr_partnership"
#: Set at execution to draw charts as vectors instead of pixels, for reports.
VECTOR_VARIABLE = "HR_PARTNERSHIP_VECTOR"
#: Set at execution to tell a notebook that what it shows is for a report.
REPORT_VARIABLE = "HR_PARTNERSHIP_REPORT"
#: Set at execution to the private file in which a notebook notes who stands behind what it shows.
SETS_VARIABLE = "HR_PARTNERSHIP_SETS"
#: Set at execution to the private file that lists the rows of the survey which wait for a later report.
WAITING_VARIABLE = "HR_PARTNERSHIP_WAITING"
#: Names the file of a study that the report has read and checked for all its notebooks.
STUDY_VARIABLE = "HR_PARTNERSHIP_STUDY"
#: How the name of the private folder begins in which that file lies.
SHARED_PREFIX = "partnership-study-"
#: The files a report can be asked for, besides those it always writes.
SCHEMA = Path(__file__).with_name("results.schema.json")

MINUS = "−"  # typographic minus, so that negative numbers are not broken at a hyphen

#: Whom a row tells about beyond groups: the reader alone, or people named under a recorded legal basis.
Audience = Literal["", "self", "named"]
ColumnType = Literal["text", "number", "integer", "percent", "date"]
#: Whether a key column divides the people, divides what one person may have several of (openings, partnerships, days),
#: repeats over the same people, or is no key but a value of its row; empty: nobody has said, and it is taken to divide.
Role = Literal["", "divides", "partition", "repeats", "value"]
Cell = str | int | float | None


class Claim(StrEnum):
    """What a finding claims, and so what stands behind it: evidence, precision, or a set of ranks."""

    DIFFERENCE = "difference"
    LEVEL = "level"
    RANK = "rank"


class Grade(StrEnum):
    """How sure a difference is; the value is the word in files, ``label`` and ``meaning`` are for readers."""

    STRONG = "strong"
    MODERATE = "moderate"
    WEAK = "weak"
    NONE = "none"
    CANNOT_TELL = "cannot tell"

    @property
    def label(self) -> str:
        """The badge."""
        return _GRADES[self][0]

    @property
    def meaning(self) -> str:
        """What the badge says, in one sentence."""
        return _GRADES[self][1]


_GRADES: dict[Grade, tuple[str, str]] = {
    Grade.STRONG: (
        "Strong evidence",
        "A difference that outlasts the number of comparisons by far (adjusted p at most .005), and whose whole "
        "interval, widened for having been selected, lies beyond the smallest effect worth acting on.",
    ),
    Grade.MODERATE: (
        "Moderate evidence",
        "There is a difference (adjusted p at most .05), and our best estimate of it is large enough to act on.",
    ),
    Grade.WEAK: (
        "Weak evidence",
        "There is a difference (adjusted p at most .05), but our best estimate of it is small.",
    ),
    Grade.NONE: ("Too small to matter", "Any difference is too small to matter: the interval holds no larger one."),
    Grade.CANNOT_TELL: ("Cannot tell", "The data fit both no difference and one that would matter."),
}
#: How findings are read that carry no grade, by what readers see.
UNGRADED: Final = {
    "Give or take 3 points": "A level, such as a mean or a share, has no grade. The words say how far off it may be: "
    "the ends of its interval.",
    "Lowest, highest, most": "A rank has no grade either. One is named where the comparisons leave no other; two or "
    "three, where it may be any of these; otherwise none.",
}


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="null")


class Column(_Model):
    """One column of a published table: how it is labelled, rounded and printed, and what it does to people.

    Attributes
    ----------
    name : str
        Its name in the data.
    label : str
        What stands at the head of the column.
    type : {"text", "number", "integer", "percent", "date"}
        How its values are printed.
    decimals : int
        Decimal places shown and stored.
    unit : str
        Unit in words, for instance "points (1–5)" or "days".
    limits : tuple of float, optional
        Ends of the answer scale. A value at an end tells what everyone answered and is hidden. Not in files.
    least : float
        Smallest value printed as it is; below it stands "< least" (p-values). Not in files.
    role : {"", "divides", "partition", "repeats", "value"}
        Whether a key column divides people, is a partition of a whole behind whose parts the same people may stand, or
        repeats over the same people; "value" for what is no key; empty where nobody has said. Not in files.
    """

    name: str = ""
    label: str
    type: ColumnType = "text"
    decimals: Annotated[int, Field(ge=0)] = 0
    unit: str = ""
    limits: Annotated[tuple[float, float] | None, Field(exclude=True)] = None
    least: Annotated[float, Field(exclude=True)] = 0.0
    role: Annotated[Role, Field(exclude=True)] = ""

    @property
    def is_number(self) -> bool:
        """Whether its values are set flush right."""
        return self.type not in ("text", "date")

    @property
    def heading(self) -> str:
        """What stands above the column, with the unit where the label does not say it."""
        return f"{self.label}, {self.unit}" if self.unit and self.unit not in self.label else self.label

    def named(self, name: str, label: str = "") -> Column:
        """Return the column under the name it has in a table, and under another label where one is given."""
        return self.model_copy(update={"name": name, "label": label or self.label})

    def to_one_decimal(self) -> Column:
        """Return the column as it is printed where a number is told to one decimal at most."""
        return self.model_copy(update={"decimals": min(self.decimals, 1)})

    def rounded(self, value: Any) -> Cell:
        """Return the value as it is stored: rounded, plain Python, ``None`` when missing.

        A number told in words, such as a count of people from 10 to 19, stays as it is.
        """
        if value is None or (not isinstance(value, str | list | tuple) and pd.isna(value)):
            return None
        if isinstance(value, str):
            return value
        if self.type in ("number", "percent"):
            return rounding.rounded(float(value), self.decimals) if math.isfinite(float(value)) else None
        if self.type == "integer":
            return int(value)
        if isinstance(value, datetime.date | pd.Timestamp):
            return value.isoformat()[:10]
        return str(value)

    def printed(self, value: Any) -> str:
        """Return the value as it is read: thousands grouped, sign and per cent written out; "–" when missing."""
        stored = self.rounded(value)
        if stored is None:
            return "–"
        if isinstance(stored, str):
            return stored
        if self.least and 0 <= stored < self.least:
            return f"< {self.least:g}"
        if self.type == "integer":
            return f"{stored:,d}".replace(",", " ").replace("-", MINUS)
        words = f"{stored:,.{self.decimals}f}".replace("-", MINUS).replace(",", " ")
        return words + (" %" if self.type == "percent" else "")


class Chart(_Model):
    """What a chart shows, enough for a slide to draw it natively.

    Attributes
    ----------
    type : {"bar", "dot", "line", "heatmap", "other"}
        How it is drawn; "other" is a picture alone.
    category, series, value, low, high : str or None
        Columns: where on the category axis, which colour, the value and its interval.
    value_label : str
        Label of the value axis with its unit.
    value_min, value_max : float or None
        Ends of the value axis.
    decimals : int
        Decimal places of the values.
    horizontal : bool
        Whether the value axis lies across.
    colours : dict
        Series label to colour.
    """

    type: Literal["bar", "dot", "line", "heatmap", "other"]
    category: str = ""
    series: str | None = None
    value: str = ""
    low: str | None = None
    high: str | None = None
    value_label: str = ""
    value_min: float | None = None
    value_max: float | None = None
    decimals: int = 0
    horizontal: bool = False
    colours: dict[str, str] = {}


class InFull(_Model):
    """A figure of a model as files hold it beside its row: unrounded, with what it takes to go on computing.

    Attributes
    ----------
    row : int
        Place of the row, from 0.
    estimate, standard_error : float
        With six significant digits.
    degrees_of_freedom : int
        Of the t distribution behind the interval, to the nearest whole number.
    scale : {"plain", "ratio"}
        Whether the error is that of the estimate, or of its logarithm.
    """

    row: int
    estimate: float
    standard_error: float
    degrees_of_freedom: int
    scale: Literal["plain", "ratio"] = "plain"

    #: What stands above these figures in a file, after the label of the estimate.
    HEADS: ClassVar = ("in full", "Standard error", "Degrees of freedom", "Standard error of")
    #: What the last of them says.
    OF: ClassVar = {"plain": "the figure", "ratio": "its logarithm"}

    @property
    def cells(self) -> tuple[float, float, int, str]:
        """The figures in the order of :attr:`HEADS`."""
        return self.estimate, self.standard_error, self.degrees_of_freedom, self.OF[self.scale]


#: Rows told in full; a key that only those exhibits have which tell any.
Full = Annotated[list[InFull], Field(exclude_if=lambda found: not found)]


class Exhibit(_Model):
    """A published table or chart.

    Attributes
    ----------
    kind : {"table", "chart"}
        What it is.
    notebook, id : str
        Unnumbered name of the notebook, and the exhibit's name within it.
    title, message, note : str
        Heading, the one thing to see, and source or reading aid.
    audience : {"", "self", "named"}
        Empty but where figures of single people are shown: to themselves, or by name.
    columns : list of Column
        What the columns are.
    rows : list of list
        Values as rounded; ``None`` where hidden or not estimated.
    texts : list of list of str
        The same as printed.
    alt : str
        A chart in words.
    chart : Chart, optional
        How the chart is drawn.
    full : list of InFull
        Figures that files hold in full beside the rows; see :mod:`helpers.privacy.in_full`.
    """

    version: Literal[4] = VERSION
    kind: Literal["table", "chart"]
    notebook: str = ""
    id: str
    title: str
    message: str = ""
    note: str = ""
    audience: Audience = ""
    columns: list[Column]
    rows: list[list[Cell]]
    texts: list[list[str]]
    alt: str = ""
    chart: Chart | None = None
    full: Full = []


class Remark(_Model):
    """One sentence where an exhibit would stand: what this study has no data for, or how to read what follows.

    Attributes
    ----------
    sentence : str
        The sentence.
    instead_of : str
        Tag of cells that reports leave out for it, prose and remarks, so that an absence is told once; empty for none.
    """

    version: Literal[4] = VERSION
    kind: Literal["remark"] = "remark"
    sentence: str
    instead_of: str = ""


class Score(_Model):
    """How one side scores the partnership all in all, as printed; ``change`` is empty in a first wave."""

    side: str
    score: str
    favourable: str = ""
    change: str = ""

    @property
    def words(self) -> str:
        """All of it in one line."""
        return " · ".join(filter(None, [f"{self.score} of 100", self.favourable, self.change]))


class Point(_Model):
    """One finding on page one, and what is proposed to do about it.

    Attributes
    ----------
    finding : str
        Which one: its notebook and id, "partnership_survey--gap-trust".
    sentence : str
        What was found, without its interval.
    where : str
        Whom it concerns, groups named.
    sure : str
        How sure it is, in words, with its interval.
    action, owner, due : str
        What to do, who does it, and by when: proposals, or what the study's table ``actions`` says.
    playbook : str
        The practice that the action names; empty where it names none.
    explained : str
        What that practice is, where the action names one for the first time.
    """

    finding: str
    sentence: str
    where: str
    sure: str
    action: str
    owner: str
    due: str
    playbook: str = ""
    explained: str = ""

    #: What stands above its cells.
    HEADS: ClassVar = ("What we found", "Where", "How sure", "What to do", "Who", "By when")

    @property
    def cells(self) -> tuple[str, ...]:
        """What stands below :attr:`HEADS`, the action with what it is."""
        action = f"{self.action}. {self.explained}" if self.explained else self.action
        return (self.sentence, self.where, self.sure, action, self.owner, self.due)

    @property
    def facts(self) -> list[tuple[str, str]]:
        """The cells but for the first, each with its head."""
        return list(zip(self.HEADS[1:], self.cells[1:], strict=True))


class PageOne(_Model):
    """A report on one page, to be read in a minute.

    Attributes
    ----------
    notebook : str
        Unnumbered name of the notebook that published it.
    headline : str
        The answer.
    scores : list of Score
        How each side scores the partnership.
    compared : list of str
        Which group stands lowest, and how scores stand against the study's comparison figures.
    points : list of Point
        The findings that ask for something to be done, the weightiest first.
    levels : list of str
        What the answers say besides, where few findings ask for anything: ranks and levels.
    charts : list of str
        Ids of the charts, from the same notebook, that stand beside them.
    fine, unknown : list of str
        What is well, and what cannot be told.
    """

    version: Literal[4] = VERSION
    kind: Literal["page one"] = "page one"
    notebook: str = ""
    headline: str
    scores: list[Score] = []
    compared: list[str] = []
    points: list[Point] = []
    levels: list[str] = []
    charts: list[str] = []
    fine: list[str] = []
    unknown: list[str] = []

    #: What stands below charts with intervals.
    LINES: ClassVar = "Thin lines on the charts show how far chance alone could move a figure."

    @property
    def beside(self) -> list[tuple[str, list[str]]]:
        """The lists below the points that hold anything, each with its title."""
        lists = [("What was answered", self.levels), ("What is fine", self.fine), ("What is not known", self.unknown)]
        return [(title, sentences) for title, sentences in lists if sentences]


class Evidence(_Model):
    """What a difference is graded and worded from, so that it can be again beside all others of a report.

    Numbers are as printed, so that nothing is decided by what no reader sees.

    Attributes
    ----------
    sentence, same, unknown : str
        What is said of a difference, with ``{size}`` and ``{higher|lower}``; of one that is too small to matter, with
        ``{smallest}``; of one that nobody can tell, up to the colon. Other braces name ``slots``.
    slots : dict
        The words that stand for what the row is about: ``dimension``, ``side``.
    reason : str
        Why nothing could be estimated; empty where something was.
    low, high : float or None
        The interval at ``confidence``, as the exhibit shows it.
    confidence : float
        Its level, 0 to 1.
    degrees_of_freedom : float or None
        Of the t distribution behind it; ``None`` for the normal one.
    scale : {"plain", "ratio", "share"}
        On which the interval is as long on either side: as it is; as the logarithm of the ratio, where the estimate is
        a difference in per cent; as log odds, where it is a share in per cent.
    decimals : int
        Decimal places of the numbers.
    playbook : str or None
        The practice that would address it.
    naming : {"never", "when different", "when lower", "nothing to do"}
        When the finding names it: where there is a difference, or one below zero. The last says that a difference of
        this direction leads to no practice.
    association : bool
        Whether nobody drew lots for what is compared as a practice's doing, so that the evidence is weak at most.
    one_question : bool
        Whether it is a gap between two sides on one question, or on a dimension of which nothing tests whether it means
        the same to both, so that the evidence is moderate at most.
    others : list of float
        P-values of the differences that were tested beside this one and not told.
    caveats : list of str
        What to keep in mind whatever the grade.
    headline : str
        What is said of a difference in at most fourteen words, with slots as ``sentence`` has them; where it is empty,
        the sentence is made shorter.
    """

    sentence: str
    same: str
    unknown: str
    slots: dict[str, str] = {}
    reason: str = ""
    low: float | None = None
    high: float | None = None
    confidence: float = 0.95
    degrees_of_freedom: float | None = None
    scale: Literal["plain", "ratio", "share"] = "plain"
    decimals: int = 2
    playbook: str | None = None
    naming: Literal["never", "when different", "when lower", "nothing to do"] = "never"
    association: bool = False
    one_question: bool = False
    others: list[float] = []
    caveats: list[str] = []
    headline: str = ""


class Finding(_Model):
    """One sentence: a difference with its evidence, a level with its precision, or a rank with what could hold it.

    Attributes
    ----------
    notebook, id : str
        Unnumbered name of the notebook, and the finding's name within it.
    claim : Claim
        What kind of sentence it is.
    sentence : str
        The finding in plain words; also a slide's title.
    grade : Grade or None
        How sure a difference is; ``None`` for levels and ranks.
    estimate, low, high : float or None
        Estimate and interval; ``None`` where nothing can be estimated.
    confidence : float or None
        Level of the interval, 0 to 1; higher than the exhibit's where it allows for having been selected.
    unit : str
        Unit of the estimate.
    precision : str
        How far off a level may be, in words: "give or take 3 points".
    smallest : float or None
        Smallest difference worth acting on, in that unit.
    p_value, p_adjusted : float or None
        Of no difference; the second allows for all that were tested (Benjamini-Hochberg).
    compared : int or None
        How many differences these were.
    candidates : list of str
        Of a rank, all that could hold it, best first.
    about : dict
        What the finding is about, by the columns of its exhibit, in its words.
    n : int, str or None
        Distinct respondents behind it; in words ("10–19") where their number would tell who did not answer.
    counted : str
        What the number counts, where it is not respondents: hiring managers, units.
    method : str
        How it was computed, in one line.
    group : str
        Whom it is about.
    playbook : str or None
        The practice that addresses it.
    exhibit : str or None
        The table or chart that shows it.
    caveats : list of str
        What to keep in mind.
    audience : {"", "self", "named"}
        "self" where it is about the reader.
    evidence : Evidence or None
        From which the claims layer made a difference; ``None`` for levels and ranks.
    """

    version: Annotated[Literal[4], Field(exclude=True)] = VERSION
    kind: Annotated[Literal["finding"], Field(exclude=True)] = "finding"
    notebook: str = ""
    id: str
    claim: Claim = Claim.DIFFERENCE
    sentence: str
    grade: Grade | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    confidence: float | None = None
    unit: str = ""
    precision: str = ""
    smallest: float | None = None
    p_value: float | None = None
    p_adjusted: float | None = None
    compared: int | None = None
    candidates: list[str] = []
    about: dict[str, str] = {}
    n: int | str | None = None
    counted: Annotated[str, Field(exclude_if=lambda counted: counted == RESPONDENTS)] = RESPONDENTS
    method: str = ""
    group: str = ""
    playbook: str | None = None
    exhibit: str | None = None
    caveats: list[str] = []
    audience: Audience = ""
    evidence: Evidence | None = None

    @model_validator(mode="after")
    def _graded_if_a_difference(self) -> Finding:
        """Hold evidence and precision apart: a difference has a grade and what it rests on, and nothing else has."""
        is_difference = self.claim == Claim.DIFFERENCE
        if is_difference != (self.grade is not None) or is_difference != (self.evidence is not None):
            raise ValueError("a difference has a grade and its evidence, a level or a rank has neither")
        return self

    @property
    def key(self) -> str:
        """Its name in the whole report, and in the study's table ``actions``."""
        return f"{self.notebook}--{self.id}"

    @property
    def badge(self) -> str:
        """What stands above it in a report; empty for levels and ranks."""
        return self.grade.label if self.grade else ""


def confidence_words(confidence: float) -> str:
    """Write the level of an interval, "99.2 %": cut and not rounded, so that it is never called all."""
    return f"{math.floor(rounding.snapped(1000 * confidence)) / 10:g} %"


class Table(_Model):
    """An exhibit's published cells and words in ``results.json``, and the CSV file that holds the same cells."""

    notebook: str
    id: str
    kind: Literal["table", "chart"]
    title: str
    message: str
    note: str
    audience: Audience
    file: str
    columns: list[Column]
    rows: list[list[Cell]]
    texts: list[list[str]]
    alt: str
    chart: Chart | None
    full: Full = []

    @property
    def key(self) -> str:
        """Its name in the whole report."""
        return f"{self.notebook}--{self.id}"


class StatedFinding(Finding):
    """A finding in ``results.json``, with the words that every format has of it.

    Attributes
    ----------
    facts : list of tuple
        The (name, words) pairs that stand below it.
    headline : str
        The finding in at most fourteen words: a slide's title, and that of its exhibit. Empty where no short form of it
        is known.
    """

    facts: list[tuple[str, str]]
    headline: str = ""


class Words(_Model):
    """What a chapter says besides its exhibits and findings.

    Attributes
    ----------
    notebook, title : str
        Unnumbered name of the notebook, and the chapter's title.
    remarks : list of str
        Sentences that the analysis wrote: what the study has no data for, how to read what follows.
    commentary : list of str
        What the consultant wrote to open the chapter, without markup. No analysis vouches for its numbers.
    """

    notebook: str
    title: str
    remarks: list[str]
    commentary: list[str]


class About(_Model):
    """Whose report it is, by which rules, and what is not in it.

    Attributes
    ----------
    client, title, date, footer : str
        As on the cover.
    as_of : str
        The date once more, as YYYY-MM-DD.
    reader : str
        Id of the one person it is for; empty for a shared report.
    min_group, min_rated : int
        Results of fewer people, and about fewer, are not shown.
    legend : list of tuple
        How findings are read: what readers see, and what it means.
    measured : list of tuple
        How often findings go wrong: in which simulated studies, and what was found.
    notes : list of str
        Closing notes of every format.
    missing : list of str
        One sentence for every notebook or file that is not in the report.
    """

    client: str
    title: str
    date: str
    as_of: str
    footer: str
    reader: str
    min_group: int
    min_rated: int
    legend: list[tuple[str, str]]
    measured: list[tuple[str, str]]
    notes: list[str]
    missing: list[str]


class Kept(_Model):
    """Promises of one side that were made in sessions of a practice and recorded to an end.

    Attributes
    ----------
    side : str
        Whose they were.
    promises : int, str or None
        How many; in words or ``None`` where their number is hidden.
    estimate, low, high : float or None
        Per cent of these that were kept by the first date, and the interval; ``None`` where hidden.
    """

    side: str
    promises: int | str | None
    estimate: float | None
    low: float | None
    high: float | None


class Practice(_Model):
    """What became of one practice in the study, as far as the report tells.

    Attributes
    ----------
    practice, playbook, title : str
        Its name in the tables, the folder of its playbook, and what readers call it.
    recommended_by : list of str
        Findings that name it, as ``notebook--id``.
    sessions : int
        How many are recorded.
    promises : list of Kept
        What was promised in them and kept; empty where no promise is made, or nothing is told.
    effect : list of str, or "cannot tell"
        Sentences on what it changed, where lots decided who began and the data can tell.
    reason : str
        Why nobody can tell; empty where somebody can.
    card : list of tuple
        The (name, words) pairs on the card of its playbook; empty where no finding names it.
    """

    practice: str
    playbook: str
    title: str
    recommended_by: list[str]
    sessions: int
    promises: list[Kept]
    effect: list[str] | Literal["cannot tell"]
    reason: str
    card: list[tuple[str, str]] = []


class Results(_Model):
    """What ``results.json`` holds: everything that any file of the report says in numbers or about them.

    Findings and tables stand by chapter and appearance; ``summary`` is the report on one page, where a notebook wrote
    one. The notebooks' own prose, which is the same for every study, stands in the notebooks.
    """

    version: Literal[4] = VERSION
    report: About
    chapters: list[Words]
    findings: list[StatedFinding]
    practices: list[Practice]
    tables: list[Table]
    summary: PageOne | None = None


Published = Exhibit | Remark | Finding | PageOne
"""Whatever a notebook publishes."""


def read(published: dict[str, Any]) -> Published:
    """Read what a notebook displayed under :data:`MIME`.

    Parameters
    ----------
    published : dict
        The JSON.

    Returns
    -------
    Exhibit, Remark, Finding or PageOne
        By its ``kind``.

    Raises
    ------
    pydantic.ValidationError
        It is of another version, lacks a key, or has one that nobody knows.
    """
    models: dict[object, type[Published]] = {"remark": Remark, "finding": Finding, "page one": PageOne}
    return models.get(published.get("kind"), Exhibit).model_validate(published)


def dump(published: Published) -> dict[str, Any]:
    """Return what a notebook displays under :data:`MIME`; :func:`read` reads it."""
    content = published.model_dump(mode="json") | {"version": VERSION, "kind": published.kind}
    if evidence := content.get("evidence"):
        content["evidence"] = {name: value for name, value in evidence.items() if name != "headline" or value}
    return {name: value for name, value in content.items() if name != "instead_of" or value}


def schema() -> dict[str, Any]:
    """Return the JSON schema of ``results.json``."""
    return Results.model_json_schema(mode="serialization")


if __name__ == "__main__":
    SCHEMA.write_text(json.dumps(schema(), indent=1, ensure_ascii=False) + "\n", encoding="utf-8", newline="\n")
