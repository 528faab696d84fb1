"""The one way out: every published table, chart, remark and finding of a notebook passes through :class:`Show`.

Each method applies disclosure control, snaps and rounds, displays the exhibit for the screen, and attaches the same
published numbers in machine-readable form, from which reports in every format are made. A table without rows publishes
the sentence that says why, so that a notebook need not ask first.
"""

from __future__ import annotations

import base64
import functools
import os
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

import jinja2
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers import published as contract
from helpers import rounding
from helpers.analysis.methods import multiplicity
from helpers.analysis.methods.counts import NOT_COMPUTABLE, cannot_tell
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.methods.people import People
from helpers.analysis.survey import comparing
from helpers.analysis.survey.answers import Answers
from helpers.analysis.survey.scales import answered_short_form, comparable_form, single_questions
from helpers.columns import ALIKE, described, end_of, side_label, told_of
from helpers.data.problems import did_you_mean, input_error, shown
from helpers.privacy import ABOUT_FEW, NAMED, SELF, SMALL, Published, exempt, protect, sets
from helpers.privacy.bands import at_least
from helpers.privacy.disclosure import WITHOUT_SURVEY
from helpers.privacy.distributions import Scale
from helpers.privacy.in_full import in_full
from helpers.privacy.participation import Participation
from helpers.privacy.plan_words import remarks
from helpers.privacy.precision import FEW, NOT_TOLD, Precision
from helpers.published import Audience, Cell, Chart, Column, Exhibit, Finding, Grade, PageOne, Remark

from . import findings, plots, standing_behind, theme
from .on_screen import finding_data, page_html

if TYPE_CHECKING:
    from helpers.analysis.hiring.hiring_records import HiringRecords
    from helpers.data import Study
    from helpers.data.codebook import Item

#: Columns beside the ends of an interval that tell how wide it is.
OF_INTERVALS = frozenset({"standard_error", "degrees_of_freedom", "p_value", "p_adjusted"})
#: Columns of facts that count people, or what single people have.
COUNTED = frozenset({"rows", "duplicates", "sheets", "openings", "partnerships", "respondents", "answered", "pairs"})

_templates = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_HEADING = """<p style="margin:1.2em 0 .2em"><strong>{{ title }}</strong>\
{% if message %}<br>{{ message }}{% endif %}</p>"""
_NOTE = """{% if note %}<p style="margin:.2em 0 1.2em;color:#52606d;font-size:90%">{{ note }}</p>{% endif %}"""
_TABLE = _templates.from_string(
    _HEADING
    + """
<table><thead><tr>{% for column in columns %}<th scope="col" style="text-align:{{ align(column) }}">{{ column.label }}\
</th>{% endfor %}</tr></thead>
<tbody>
{% for row in texts %}
<tr>{% for text in row %}<td style="text-align:{{ align(columns[loop.index0]) }}">{{ text }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table>
"""
    + _NOTE
)
_CHART_HEADING = _templates.from_string(_HEADING)
_CHART_NOTE = _templates.from_string(_NOTE)
_REMARK = _templates.from_string("<p>{{ sentence }}</p>")


class NotebookNotApplicable(Exception):
    """The study lacks what this notebook needs; reports leave the chapter out and say why."""


#: Tag of cells that tell of what HR partners said, and of nothing else.
BOTH_SIDES = "both-sides"


class Shown(pd.DataFrame):
    """A table that has been published: it does not display itself a second time, unrounded, below a cell."""

    @property
    def _constructor(self) -> Callable[..., pd.DataFrame]:
        return pd.DataFrame

    def _ipython_display_(self) -> None:
        """Display nothing."""


class Show:
    """Publish exhibits of one study.

    Parameters
    ----------
    study : helpers.data.Study
        Its ``privacy`` settings decide what is hidden, its ``brand`` the accent colour, its codebook the labels.
    notebook : str
        Unnumbered name of the notebook, for instance ``"partnership_survey"``.
    confidence : float
        Level of the intervals, between 0 and 1: labels and findings name it.
    reader : str
        Id of the one manager who will read it, who alone may see figures of themselves; empty for a shared notebook.
    **told : Column or str
        What columns are called in this whole notebook: ``respondents="Hiring managers"``.
    """

    def __init__(
        self, study: Study, notebook: str, confidence: float = 0.95, reader: str = "", **told: Column | str
    ) -> None:
        self.study = study
        self.notebook = notebook
        self.confidence = confidence
        self.reader = reader
        self._told = told
        self._said: set[str] = set()
        self._withheld: set[str] = set()
        self._told_findings: list[Finding] = []
        self._wave = ""
        self._not_compared: set[str] = set()
        self._digits: dict[str, int] = {}
        self.between(0, 1, confidence=confidence)

    # What a notebook asks before it begins ---------------------------------------------------------------------------

    def needs(self, *tables: str) -> None:
        """Stop here, in words, when the study lacks one of the tables.

        Raises
        ------
        NotebookNotApplicable
            Names the missing tables; the report leaves this chapter out and says so.
        """
        missing = [name for name in tables if not self.study.has(name)]
        if missing:
            words = " and ".join(missing)
            raise NotebookNotApplicable(f"This chapter needs the table {words}, which the study does not have.")

    def survey(self, wave: str = "", *, clusters: bool = True, coded: bool = False) -> Answers:
        """Return the answers this chapter speaks of, and say what their number does not allow.

        Parameters
        ----------
        wave : str
            Survey wave to report; empty for the latest.
        clusters : bool
            Whether intervals are made over its clusters, of which readers are then told.
        coded : bool
            Of a large survey, hand out ids and names of groups as categories, which are counted and compared sooner.

        Returns
        -------
        Answers
            See :class:`helpers.analysis.survey.answers.Answers`.

        Raises
        ------
        NotebookNotApplicable
            The study has no survey, or nobody has answered in that wave yet.
        InputError
            The study has no wave of that name.
        """
        self.needs("survey")
        self.needs_that(bool(self.study.waves), "No survey wave has answers that may be reported.")
        wave = self.choice("wave", wave, self.study.waves, default=self.study.waves[-1])
        self._wave = wave
        self._answers = answers = Answers.of(self.study, wave, coded)
        self.needs_that(len(answers.now) > 0, f"Nobody has answered in {wave} yet.")
        self.remark(answers.remark, when=clusters and bool(answers.remark))
        what = f"no mean {answers.now['wave'].unique().tolist()} {answers.sides}"
        for sentence in self.study.once(what, lambda: comparing.no_mean(answers.now, self.study.codebook)):
            self.remark(sentence)
        return answers

    def reliable(self, scores: pd.DataFrame, *sides: str) -> pd.DataFrame:
        """Return the rows of dimensions that may be ranked and compared, and say which may not, and why.

        Parameters
        ----------
        scores : pandas.DataFrame
            Rows about dimensions.
        *sides : str
            Whose answers they are; by default those of the column ``side``, else of the side shown where one is.
            Several sides are judged on the form that all of them answered.

        Returns
        -------
        pandas.DataFrame
            See :class:`helpers.analysis.survey.comparing.Comparing`; where none is left, ``attrs["absent"]`` says why.
            :meth:`differences` and :meth:`ranks` leave out the same rows; what ranks or divides all dimensions at once
            asks before.
        """
        if not self._about_dimensions(scores):
            return scores
        why = self._judged(scores, sides)["why"]
        kept = scores[why.eq("").to_numpy()]
        if len(scores) and not len(kept):
            kept.attrs = {**scores.attrs, "absent": self._say_not_compared(scores, why, sides)}
        return kept

    def hiring(self, holidays: Sequence[str] = (), agreed_days: Mapping[str, float] | None = None) -> HiringRecords:
        """Return the hiring records this chapter speaks of.

        Parameters
        ----------
        holidays, agreed_days
            As for :meth:`helpers.analysis.hiring.hiring_records.HiringRecords.of`.

        Returns
        -------
        HiringRecords
            See there.

        Raises
        ------
        NotebookNotApplicable
            The study has no hiring records, or too few hiring managers to describe none of them alone.
        InputError
            The reader is no hiring manager of the study, a holiday is no date, or a kind of wait does not exist.
        """
        self.needs("requisitions", "hiring_events")
        managers = sorted(self.study.table("requisitions")["hiring_manager_id"].dropna().unique())
        if self.reader:
            self.reader_among(managers)
        minimum = self.study.privacy.min_group
        self.needs_that(
            len(managers) >= self._minimum,
            f"A report for one manager compares with at least {minimum} others; there are fewer."
            if self.reader
            else f"This chapter needs at least {minimum} hiring managers; none is described alone.",
        )
        # Imported here: chapters about the survey need none of it, and it takes a while.
        from helpers.analysis.hiring.hiring_records import HiringRecords

        self.remark(" ".join(remarks(self.study.plan, openings=True)))
        return HiringRecords.of(self.study, holidays, agreed_days)

    def needs_that(self, holds: bool, sentence: str) -> None:
        """Stop here with a sentence when something this chapter rests on does not hold.

        Raises
        ------
        NotebookNotApplicable
            Says the sentence; the report leaves this chapter out and says so.
        """
        if not holds:
            raise NotebookNotApplicable(sentence)

    def needs_pairs(self, pairs: pd.DataFrame) -> pd.DataFrame:
        """Return pairs that may be told of; stop here, in words, when too few people answered about each other.

        Returns
        -------
        pandas.DataFrame
            The pairs. None of them where so few HR partners answered that nothing they said may be told, though
            managers may be told of: ``attrs["absent"]`` says so, and one remark stands for all that cells with the tag
            ``both-sides`` would say.

        Raises
        ------
        NotebookNotApplicable
            The report leaves this chapter out and says so.
        """
        privacy = self.study.privacy
        self.needs_that(len(pairs) > 0, "This chapter needs HR partners and managers who answered about each other.")
        partners, managers = (pairs[name].nunique() for name in ("hr_id", "manager_id"))
        self.needs_that(
            partners > privacy.min_rated and managers >= privacy.min_group,
            "This chapter compares the managers of several HR partners, and the two sides of partnerships. Fewer than "
            f"{privacy.min_rated + 1} HR partners or {privacy.min_group} managers answered, so it would tell what "
            "single people said.",
        )
        if partners >= privacy.min_group:
            return pairs
        sentence = (
            f"Fewer than {privacy.min_group} HR partners answered, so nothing that they said is told here. What "
            "follows is what managers said about them."
        )
        self.remark(sentence, instead_of=BOTH_SIDES)
        none = pairs[:0]
        none.attrs = {**pairs.attrs, "absent": sentence}
        return none

    def reader_among(self, people: Sequence[str]) -> None:
        """Refuse a reader whom the study does not know, without naming those it knows.

        Raises
        ------
        InputError
            Names who was given, and somebody of nearly that id.
        """
        if self.reader not in people:
            hint = did_you_mean(self.reader, people) or "Look the id up in the table of requisitions"
            found = f"{shown(self.reader)} is no hiring manager of this study"
            raise input_error(f"notebook {self.notebook}", found, fix=hint)

    def choice(self, parameter: str, value: str, among: Sequence[str], default: str | None = None) -> str:
        """Return a parameter's value when the study knows it; the default when it was left empty.

        Raises
        ------
        InputError
            Names the parameter, what was given, and what the study has.
        """
        if value in among or (not value and default is not None):
            return value or default or ""
        names = ", ".join(among) or "none"
        hint = did_you_mean(value, among) or f"set {parameter} to one of these"
        raise input_error(f"notebook {self.notebook}", f"{parameter} is {shown(value)}", f"one of {names}", hint)

    def between(self, low: float, high: float, **parameters: float) -> None:
        """Refuse parameters that do not lie between two numbers, the numbers themselves excluded.

        Raises
        ------
        InputError
            Names the parameter and what was given.
        """
        for name, value in parameters.items():
            if not low < value < high:
                expected = f"a number above {low:g}" + (f" and below {high:g}" if np.isfinite(high) else "")
                raise input_error(f"notebook {self.notebook}", f"{name} is {value:g}", expected)

    # Tables ----------------------------------------------------------------------------------------------------------

    def table(
        self,
        frame: pd.DataFrame,
        names: str,
        id: str,
        title: str,
        message: str = "",
        note: str = "",
        *,
        absent: str = "",
        person: str = "",
        columns: Mapping[str, Column | str] | None = None,
        **told: Column | str,
    ) -> pd.DataFrame:
        """Publish a table of answers.

        Parameters
        ----------
        frame : pandas.DataFrame
            Tidy cells with the column ``respondents`` (and ``rated``), as the analysis functions return them.
        names : str
            The columns to publish in order, separated by blanks: "dimension estimate low high respondents".
        id : str
            Name of the exhibit within the notebook; also the name of its file.
        title, message, note : str
            Heading, the one thing to see, and source or reading aid.
        absent : str
            What to say when the frame has no rows; by default what the frame's ``attrs["absent"]`` says.
        person : str
            Column with an id in every row that describes one person; see :meth:`protected`.
        columns, **told : Column or str
            What the dictionary (:data:`helpers.columns.KNOWN`) does not know, or knows otherwise: a label, or a column
            such as ``number("Difference", 1, "points")``. ``columns`` takes names that are parameters here.

        Returns
        -------
        pandas.DataFrame
            What was published: the input with hidden values missing. Findings are worded from this.
        """
        if not len(frame):
            return self._absent(frame, title, absent)
        frame = self._received(frame)
        used = described(frame, names.split(), {**self._told, **(columns or {}), **told}, self.confidence)
        published = self._told_exactly(self._protect(frame, used, person), used)
        self._table(published, id, title, used, message, note, person)
        return _shown(published.frame, id)

    def facts(
        self,
        frame: pd.DataFrame,
        names: str,
        id: str,
        title: str,
        message: str = "",
        note: str = "",
        *,
        absent: str = "",
        columns: Mapping[str, Column | str] | None = None,
        **told: Column | str,
    ) -> pd.DataFrame:
        """Publish a table that holds no answers of people: files, rules, requirements.

        Rows are published as they are. Only where a column counts people, or what people have (:data:`COUNTED`),
        numbers below the study's ``min_group`` become the words "fewer than 5".

        Parameters
        ----------
        frame, names, id, title, message, note, absent, columns, **told
            As for :meth:`table`.

        Returns
        -------
        pandas.DataFrame
            The input.

        Raises
        ------
        ValueError
            When the frame holds people's ids or answers, which :meth:`table` publishes.
        """
        if not len(frame):
            return self._absent(frame, title, absent)
        answers = {item.id for item in self.study.codebook.items}
        personal = [name for name in map(str, frame.columns) if name in answers or _names_people(name)]
        if personal:
            raise ValueError(
                f"show.facts publishes rows as they are, and {', '.join(personal)} would tell of single people; "
                "summarise them and use show.table"
            )
        frame = self._received(frame).reset_index(drop=True)
        used = described(frame, names.split(), {**self._told, **(columns or {}), **told}, self.confidence)
        minimum = self.study.privacy.min_group
        few = {
            name: pd.to_numeric(frame[name], errors="coerce").between(1, minimum - 1) for name in COUNTED & set(frame)
        }
        told_of = frame.assign(
            **{name: frame[name].astype(object).mask(small, f"fewer than {minimum}") for name, small in few.items()}
        )
        published = Published(told_of, pd.Series("", index=frame.index), minimum)
        self._table(published, id, title, used, message, note, of_people=False)
        return _shown(frame, id)

    def model(
        self,
        fit: Any,
        id: str,
        title: str,
        message: str = "",
        note: str = "",
        *,
        names: str = "term estimate low high respondents",
        terms: Mapping[str, str] | None = None,
        rest: bool = False,
        cluster: str = "cluster_id",
        absent: str = "",
        columns: Mapping[str, Column | str] | None = None,
        **told: Column | str,
    ) -> pd.DataFrame:
        """Publish a fitted model: estimates, intervals, number of people and clusters, formula and method.

        Parameters
        ----------
        fit : statsmodels result, or the table few_clusters makes of it
            A fitted model of a kind that :func:`helpers.analysis.methods.few_clusters.few_clusters` takes, or its
            table.
        id, title, message, note, absent, columns, **told
            As for :meth:`table`.
        names : str
            Columns to publish; formula, method and number of clusters stand in the note.
        terms : mapping, optional
            Terms to publish, in order, and what readers call them; without it every term but the intercept. A term
            that is not named here is worded so: ``department[T.Sales]`` becomes "department: Sales".
        rest : bool
            Publish the other terms too, below those of ``terms``.
        cluster : str
            Column that names the cluster, where a statsmodels result is given.

        Returns
        -------
        pandas.DataFrame
            What was published.
        """
        if isinstance(fit, pd.DataFrame):
            estimates, formula = fit, str(fit.attrs.get("formula", ""))
        else:
            estimates = few_clusters(fit, cluster, confidence=self.confidence)
            formula = str(estimates.attrs.get("formula", ""))
        if not len(estimates):
            return self._absent(estimates, title, str(estimates.attrs.get("absent", absent)))
        known = dict(terms or {})
        place = {term: order for order, term in enumerate(known)}
        chosen = estimates["term"] != "Intercept" if rest or not known else estimates["term"].isin(known)
        estimates = estimates[chosen].sort_values(
            "term", key=lambda names: names.map(place).fillna(len(place)), kind="stable"
        )
        worded = estimates["term"].replace(known).str.replace(r"^(\w+)\[T\.(.*)\]$", r"\1: \2", regex=True)
        over = f"{self.precision.people(int(estimates['clusters'].max()))} clusters" if len(estimates) else ""
        parts = [f"The model: {formula}" if formula else "", *dict.fromkeys(estimates["method"]), over]
        model = "; ".join(filter(None, parts))
        note = _sentences(note, f"{model[:1].upper()}{model[1:]}.")
        table = estimates.assign(term=worded)
        return self.table(
            table, names, id, title, message, note, absent=absent, columns={"term": "Term", **(columns or {}), **told}
        )

    def protected(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Return the frame as it might be published, without showing it; see :func:`helpers.privacy.protect`."""
        return self._protect(self._received(frame), {}, "").frame

    def in_order(self, frame: pd.DataFrame, value: str, names: str) -> pd.DataFrame:
        """Return rows in the order of what may be published of them, so that their order tells no more.

        Parameters
        ----------
        frame : pandas.DataFrame
            Rows that :meth:`table` takes.
        value : str
            Column by which they stand, the highest first; rows of which it is not told stand last, as they came.
        names : str
            Columns that will be published, as for :meth:`table`.

        Returns
        -------
        pandas.DataFrame
            The rows, otherwise as they were.
        """
        if not len(frame):
            return frame
        told = self._as_told(frame, names.split())[value]
        places = pd.to_numeric(told, errors="coerce").sort_values(ascending=False, kind="stable").index
        return frame.iloc[places].reset_index(drop=True)

    def with_told(self, frame: pd.DataFrame, value: str, names: str, by: str = "") -> pd.DataFrame:
        """Return the rows of which a value may be told, for a picture that has nothing to draw of others.

        Parameters
        ----------
        frame, value, names
            As for :meth:`in_order`.
        by : str, optional
            Column: all rows stay that share a value of it with a row of which something may be told.
        """
        if not len(frame):
            return frame
        told = self._as_told(frame, names.split())[value].notna().to_numpy()
        return frame[frame[by].isin(frame.loc[told, by]) if by else told]

    def with_any(self, frame: pd.DataFrame, names: str) -> str:
        """Return the names of the columns, separated by blanks, of which anything may be told in any row."""
        known = [name for name in names.split() if name in frame]
        told = self._as_told(frame, known) if len(frame) else frame
        return " ".join(name for name in known if not len(frame) or told[name].notna().any())

    def _as_told(self, frame: pd.DataFrame, names: Sequence[str]) -> pd.DataFrame:
        """Return rows as they would be published, in their order, without showing them."""
        received = self._received(frame.reset_index(drop=True))
        used = described(received, names, self._told, self.confidence)
        return self._told_exactly(self._protect(received, used, ""), used).frame

    def told_groups(self, means: pd.DataFrame, group: str) -> pd.DataFrame:
        """Return the means of groups as they might be published, the groups as ``compared``, without showing them."""
        return self.protected(means).rename(columns={group: "compared"}) if len(means) else means

    # Charts ----------------------------------------------------------------------------------------------------------

    def dots(self, frame: pd.DataFrame, names: str, id: str, title: str, *texts: str, **how: Any) -> pd.DataFrame:
        """Publish a chart of dots with their intervals, one row per category.

        Parameters
        ----------
        frame, id, title, texts, absent, person, columns
            As for :meth:`table`; ``texts`` are message and note. The same guard applies before anything is drawn.
        names : str
            Column of the categories and, separated by a blank, column of the series.
        value : str
            Column of the value, "estimate" unless told; its interval stands in ``low`` and ``high``, that of another
            column in ``<value>_low`` and ``<value>_high``.
        span : tuple of float, optional
            Ends of the value axis, for instance the answer scale; where the second is None, the next whole number
            beyond all that is drawn.

        Returns
        -------
        pandas.DataFrame
            What was published.
        """
        return self._chart("dot", frame, names, id, title, *texts, **how)

    def bars(self, frame: pd.DataFrame, names: str, id: str, title: str, *texts: str, **how: Any) -> pd.DataFrame:
        """Publish a chart of bars; parameters as for :meth:`dots`."""
        return self._chart("bar", frame, names, id, title, *texts, **how)

    def lines(self, frame: pd.DataFrame, names: str, id: str, title: str, *texts: str, **how: Any) -> pd.DataFrame:
        """Publish a chart of lines over ordered categories or numbers; parameters as for :meth:`dots`."""
        return self._chart("line", frame, names, id, title, *texts, **how)

    def heatmap(self, frame: pd.DataFrame, names: str, id: str, title: str, *texts: str, **how: Any) -> pd.DataFrame:
        """Publish a heatmap: the first column of ``names`` makes its rows, the second its columns.

        Parameters
        ----------
        mark : str, optional
            Columns of words, empty in most cells, separated by a blank: where the first holds any, the sign ° stands,
            where the second does, *.
        whole : pandas.DataFrame, optional
            The same of everybody, without the column that names the group. Then cells show how far groups lie from it
            (``difference``, made of what may be published of both), in colours from below to above, and the first row,
            or the first column where groups are the columns, shows the value of everybody.
        called : str
            What that row or column is called.
        most : int
            Most rows of one picture, where many take several of about the same size: then ``{first}``, ``{last}`` and
            ``{of}`` in ``id`` and ``title`` number the rows. By default all stand in one.
        frame, names, id, title, texts, value, absent, person, columns
            As for :meth:`dots`.

        Returns
        -------
        pandas.DataFrame
            What was published.
        """
        return self._chart("heatmap", frame, names, id, title, *texts, **how)

    def _chart(
        self,
        kind: Literal["bar", "dot", "line", "heatmap"],
        frame: pd.DataFrame,
        names: str,
        id: str,
        title: str,
        message: str = "",
        note: str = "",
        *,
        value: str = "estimate",
        mark: str = "",
        whole: pd.DataFrame | None = None,
        called: str = "Everybody",
        most: int = 0,
        span: tuple[float, float | None] | None = None,
        absent: str = "",
        person: str = "",
        columns: Mapping[str, Column | str] | None = None,
        **told: Column | str,
    ) -> pd.DataFrame:
        if not len(frame):
            return self._absent(frame, title, absent)
        category, series = names.split()[0], next(iter(names.split()[1:]), None)
        rows = list(dict.fromkeys(frame[category]))
        if most:
            further, pages = {**(columns or {}), **told}, []
            for part in np.array_split(np.arange(len(rows)), -(-len(rows) // most)):
                mine = [rows[place] for place in part]
                where = {"first": part[0] + 1, "last": part[-1] + 1, "of": len(rows)}
                page = frame[frame[category].isin(mine)]
                texts = (id.format(**where), title.format(**where), message, note)
                beside = whole if whole is None or category not in whole else whole[whole[category].isin(mine)]
                pages.append(
                    self._chart(
                        kind, page, names, *texts, value=value, mark=mark, whole=beside, called=called, span=span,
                        person=person, columns=further,
                    )
                )  # fmt: skip
            return _shown(pd.concat(pages, ignore_index=True), id)
        frame = self._received(frame)
        low, high = (end if value == "estimate" else f"{value}_{end}" for end in ("low", "high"))
        ends = [low, high] if {low, high} <= set(frame) and kind != "heatmap" else []
        keys = [name for name in (category, series) if name]
        extra = mark.split()
        counted = [name for name in ("respondents",) if name in frame]
        used = described(
            frame, [*keys, value, *ends, *extra, *counted], {**self._told, **(columns or {}), **told}, self.confidence
        )
        used |= {end: _end(used[value], end) for end in ends}
        published = self._told_exactly(self._protect(frame, used, person), used)
        level = value
        if whole is not None:
            published, used = self._from_the_whole(published, whole, keys, value, called, used)
            value = "difference"
        showing = self._worth_showing(published, title, id)
        if showing is None:
            return _shown(published.frame, id)
        everything, (published, left_out) = published.frame, showing
        drawn = self._labelled(published.frame)
        labels = [str(name) for name in dict.fromkeys(drawn[series])] if series else [used[value].label]
        compared = {"below": theme.BELOW, "alike": theme.ALIKE, "above": theme.ABOVE} if whole is not None else {}
        chart = Chart(
            type=kind, category=category, series=series, value=value,
            low=ends[0] if ends else None, high=ends[1] if ends else None,
            value_label=plots.value_label(used[value]), value_min=span[0] if span else None,
            value_max=span[1] if span else None, decimals=used[value].decimals, horizontal=kind in ("bar", "dot"),
            colours=compared if kind == "heatmap" else theme.colours(labels, self.study.brand.accent),
        )  # fmt: skip
        for name in (value, *ends):
            # Draw what is printed: the rounded value.
            drawn[name] = pd.to_numeric(drawn[name].map(used[value].rounded), errors="coerce")
        if span and span[1] is None:
            chart = chart.model_copy(update={"value_max": float(np.ceil(drawn[[value, *ends]].max().max()))})
        compares = drawn[keys].eq(called).any(axis=1) & (whole is not None)
        heat = plots.Heat(mark.split(), called, level) if whole is not None else plots.Heat(mark.split())
        figure = plots.draw(drawn, chart, used, self.study.brand.accent, heat)
        alt = describe(drawn[~compares], chart, used[value], title, message)
        levels = dict.fromkeys(np.flatnonzero(compares).tolist(), (value, level))
        self._picture(
            figure, published, used, id, title, message, _sentences(note, left_out), alt, chart, person, levels
        )
        return _shown(everything[~(everything[keys].eq(called).any(axis=1) & (whole is not None))], id)

    def _from_the_whole(
        self,
        published: Published,
        whole: pd.DataFrame,
        keys: list[str],
        value: str,
        called: str,
        used: dict[str, Column],
    ) -> tuple[Published, dict[str, Column]]:
        """Put everybody above the groups, protected by itself for it is no part of a whole, and the difference beside.

        The difference is that of what may be published of both, so that it tells no more than they do.
        """
        group = next(name for name in keys if name not in whole)
        same = [name for name in keys if name in whole]
        of_all = {name: column for name, column in used.items() if name != group}
        first = self._told_exactly(self._protect(self._received(whole), of_all, ""), of_all)
        frame = pd.concat([first.frame.assign(**{group: called}), published.frame], ignore_index=True)
        level = pd.to_numeric(first.frame.set_index(same)[value], errors="coerce")
        beside = level.reindex(frame.set_index(same).index).to_numpy()
        frame["difference"] = pd.to_numeric(frame[value], errors="coerce") - beside
        reasons = pd.concat([first.reasons, published.reasons], ignore_index=True)
        names = [*keys, "difference", *(name for name in used if name not in keys)]
        columns = used | described(frame, ["difference"])
        return replace(published, frame=frame, reasons=reasons), {name: columns[name] for name in names}

    def figure(
        self,
        frame: pd.DataFrame,
        names: str,
        id: str,
        title: str,
        message: str = "",
        note: str = "",
        *,
        paint: Callable[[pd.DataFrame, Axes], None],
        alt: str,
        most: int = 0,
        absent: str = "",
        person: str = "",
        columns: Mapping[str, Column | str] | None = None,
        **told: Column | str,
    ) -> pd.DataFrame:
        """Publish a chart of another kind than dots, bars, lines and heatmaps, under the same guard.

        Parameters
        ----------
        frame, names, id, title, message, note, absent, person, columns, **told
            As for :meth:`table`.
        paint : callable
            Draws the protected, labelled and rounded frame on the axes it is given.
        alt : str
            What the picture shows, in words.
        most : int
            Most rows of one picture, where a long list takes several of about the same size: then ``{first}``,
            ``{last}`` and ``{of}`` in ``id`` and ``title`` number the rows. By default all rows stand in one.

        Returns
        -------
        pandas.DataFrame
            What was published.
        """
        if not len(frame):
            return self._absent(frame, title, absent)
        if most:
            told, pages = {**(columns or {}), **told}, []
            for rows in np.array_split(np.arange(len(frame)), -(-len(frame) // most)):
                where = {"first": rows[0] + 1, "last": rows[-1] + 1, "of": len(frame)}
                texts = (id.format(**where), title.format(**where), message, note)
                page = frame.iloc[rows]
                pages.append(self.figure(page, names, *texts, paint=paint, alt=alt, person=person, columns=told))
            return _shown(pd.concat(pages, ignore_index=True), id)
        frame = self._received(frame)
        used = described(frame, names.split(), {**self._told, **(columns or {}), **told}, self.confidence)
        published = self._told_exactly(self._protect(frame, used, person), used)
        if self._worth_showing(published, title, id) is None:
            return _shown(published.frame, id)
        drawn = self._labelled(published.frame)
        for name, column in used.items():
            if column.is_number:
                drawn[name] = pd.to_numeric(drawn[name].map(column.rounded), errors="coerce")
        words = f"{title}. {message} {alt}"
        self._picture(
            plots.painted(drawn, paint), published, used, id, title, message, note, words, Chart(type="other"), person
        )
        return _shown(published.frame, id)

    def again(self, chart: contract.Table) -> None:
        """Publish a chart of a finished report once more, small, as it stands in its results.

        Parameters
        ----------
        chart : helpers.published.Table
            Dots, bars or lines of its results.json: what was protected, and is drawn from nothing else.
        """
        if chart.chart is None:
            raise ValueError(f"{chart.id} is no chart")
        columns = {column.name: column for column in chart.columns}
        drawn, how = pd.DataFrame(chart.rows, columns=list(columns)), chart.chart
        for name in filter(None, (how.value, how.low, how.high)):
            drawn[name] = pd.to_numeric(drawn[name], errors="coerce")
        figure = plots.draw(drawn, how, columns, self.study.brand.accent, small=True)
        kept = ("title", "note", "audience", "columns", "rows", "texts", "alt")
        repeated = {name: getattr(chart, name) for name in kept}
        _display_chart(figure, Exhibit(kind="chart", id=chart.key, chart=how, **repeated))

    def page_one(self, page: PageOne) -> None:
        """Publish page one of a report: see :mod:`helpers.present.page_one`."""
        _display({"text/html": page_html(page), "text/plain": page.headline, contract.MIME: contract.dump(page)})

    # Sentences -------------------------------------------------------------------------------------------------------

    def finding(self, finding: Finding, *, person: str = "", counted: str = "") -> None:
        """Publish a finding.

        Parameters
        ----------
        finding : Finding
            What is found: what :func:`.claims.settle` made of a difference, a level, or a rank.
        person : str
            Id of the one person it is about, who has to be the notebook's reader; empty for groups.
        counted : str
            What its number counts, where that is not what the chapter counts otherwise, such as ``"People"``.

        Raises
        ------
        ValueError
            When the finding states a number that rests on fewer people than the study allows or of an exhibit that is
            withheld, or is about a person who is not the reader.
        """
        # No audience but the person gets a sentence about one: names belong to exhibits that show their interval.
        audience: Audience = self._exempt([person], "shared") if person else ""
        few = at_least(finding.n) < self.study.privacy.min_group
        if not audience and finding.estimate is not None and few:
            raise ValueError(f"finding {finding.id!r} would describe fewer than {self.study.privacy.min_group} people")
        if not audience and finding.estimate is not None and finding.exhibit in self._withheld:
            raise ValueError(f"finding {finding.id!r} would tell what the exhibit {finding.exhibit!r} may not show")
        usual = described(pd.DataFrame({"respondents": [0]}), ["respondents"], self._told)["respondents"].label
        finding = finding.model_copy(update={"audience": audience, "counted": counted or usual})
        self._told_findings.append(finding)
        _display(finding_data(finding, self.study.brand.accent))

    def differences(self, rows: pd.DataFrame, sentence: str, *, person: str = "", **how: Any) -> None:
        """Publish findings of differences; see :func:`helpers.present.findings.differences`.

        Give all rows that were tested, and ``most`` for how many to tell: the p-values of the others count among the
        comparisons. In a notebook these are the chapter's up to here; a report judges all differences of all its
        chapters together. A finding refers to the exhibit from which the rows were taken, unless ``exhibit`` names
        another. Dimensions that may not be compared (:meth:`reliable`) are left out; ``sides`` says whose answers the
        rows are, where no column does and they are not those of the side shown where one is, and None that they are no
        scores; ``counted`` what n counts, where that is not what the chapter counts elsewhere.
        """
        make = partial(findings.differences, beside=self._told_findings)
        self._findings(rows, make, sentence, person, how, compares=True)

    def adjusted(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return rows with p-values adjusted for all of them and all differences that the chapter has told before.

        Parameters
        ----------
        rows : pandas.DataFrame
            Tests with ``p_value``.

        Returns
        -------
        pandas.DataFrame
            The rows with ``p_adjusted`` (Benjamini–Hochberg): the rule by which a chapter claims a difference
            (:mod:`.claims`), for what is marked in an exhibit. A report judges claims once more, beside all chapters.
        """
        told = [(one.p_value, *one.evidence.others) for one in self._told_findings if one.evidence is not None]
        known = [p for values in told for p in values if p is not None]
        values = pd.concat([pd.Series(known, dtype=float), rows["p_value"].astype(float)], ignore_index=True)
        return rows.assign(p_adjusted=multiplicity.adjusted(values).to_numpy()[len(known) :])

    def levels(self, rows: pd.DataFrame, sentence: str, *, person: str = "", **how: Any) -> None:
        """Publish one finding per row of levels; see :meth:`differences` and :func:`.findings.levels`.

        ``counted`` says what their number counts, where that is not what the chapter counts otherwise.
        """
        self._findings(rows, findings.levels, sentence, person, how)

    def ranks(self, rows: pd.DataFrame, sentence: str, **how: Any) -> None:
        """Publish which item is lowest or highest, where few could be, or say that nobody can tell.

        See :func:`.findings.ranks`; the rows are all that are ranked, as published. Dimensions that may not be ranked
        are left out, as by :meth:`differences`. Where they were in the ranking, the others could each hold the place:
        let :meth:`reliable` leave them out before.
        """
        told: list[str] = []

        def make(*given: Any, **further: Any) -> list[Finding]:
            made, said = findings.ranks(*given, **further)
            told.extend(said)
            return made

        self._findings(rows, make, sentence, "", how, compares=True)
        for words in told:
            self.remark(words)

    def _findings(
        self,
        rows: pd.DataFrame,
        make: Callable[..., list[Finding]],
        sentence: str,
        person: str,
        how: dict[str, Any],
        compares: bool = False,
    ) -> None:
        hidden, sides, counted = how.pop("hidden", ""), how.pop("sides", ()), how.pop("counted", "")
        if not len(rows):
            return
        if hidden and rows["estimate"].isna().all():
            self.remark(hidden)
            return
        published = str(rows.attrs.get("exhibit", ""))
        if not (exhibit := how.pop("exhibit", "") or published):
            raise ValueError("these rows come from no published table; name the one that shows them: exhibit=…")
        # What was made of published rows, or never shown, tells numbers of people as a table would.
        received = published or person
        rows = self._received(rows) if received else self.precision.applied(self.protected(rows), {})
        if sides is not None and self._about_dimensions(rows):
            rows = self._as_dimensions(rows, sides, compares)
            if compares and len(sides) > 1:
                rows = rows.assign(**{findings.GAP_UNTESTED: ~self._judged(rows, sides)["testable"]})
        for found in make(rows, sentence, self.study.codebook, confidence=self.confidence, exhibit=exhibit, **how):
            self.finding(found, person=person, counted=counted)

    def _about_dimensions(self, rows: pd.DataFrame) -> bool:
        return "dimension" in rows and self.study.has("survey") and self.notebook not in WITHOUT_SURVEY

    def _as_dimensions(self, rows: pd.DataFrame, sides: Sequence[str], compares: bool) -> pd.DataFrame:
        """Say of each row whether it rests on one question; leave out what may not be compared."""
        found = self._judged(rows, sides)
        rows = rows.assign(**{findings.ONE_QUESTION: found["single"].to_numpy()})
        out = found["why"].ne("").to_numpy() & compares
        if not out.any():
            return rows
        self._say_not_compared(rows, found["why"], sides)
        kept = rows[~out]
        for place in {"lowest", "highest"} & set(rows):
            # What could be lowest of all is so of the rest; but others may have been beaten by what is left out alone.
            ranked = rows.loc[out, place].notna()
            beside = set(rows.loc[out, "side"][ranked]) if "side" in rows else {""} if ranked.any() else set()
            unsure = kept["side"].isin(beside) if "side" in rows else pd.Series(bool(beside), index=kept.index)
            kept = kept.assign(**{place: kept[place].astype(object).mask(unsure, True)})
        return kept

    def _judged(self, rows: pd.DataFrame, sides: Sequence[str]) -> pd.DataFrame:
        """Say of each row why its dimension may not be compared, whether it is one question, and whether testable."""
        known = self._comparing[len(sides) > 1]
        keys = rows[["dimension"]].astype(str)
        by_row = not sides and "side" in rows
        keys = keys.assign(side=rows["side"].astype(str)) if by_row else keys
        judged = keys.drop_duplicates()
        every = [
            ((str(row.side),) if by_row else tuple(sides) or (self._answers.voice,)) for row in judged.itertuples()
        ]
        judged = judged.assign(
            **{
                name: [ask(dimension, whose) for dimension, whose in zip(judged["dimension"], every, strict=True)]
                for name, ask in (
                    ("why", known.why_not), ("single", known.is_question), ("testable", known.is_testable)
                )
            }
        )  # fmt: skip
        found = keys.merge(judged, how="left", on=list(keys))
        return found[["why", "single", "testable"]].set_index(rows.index)

    def _say_not_compared(self, rows: pd.DataFrame, why: pd.Series, sides: Sequence[str]) -> str:
        """Publish a remark that names what is not compared and why, each dimension once; return the whole sentence."""
        labels = {dimension.id: dimension.label for dimension in self.study.codebook.dimensions}
        several = len(self._answers.sides) > 1 and not sides and "side" in rows
        named: dict[str, dict[str, str]] = {}
        for place in np.flatnonzero(why.ne("").to_numpy()):
            dimension, reason = str(rows["dimension"].iloc[place]), str(why.iloc[place])
            of = f" of {self.side(str(rows['side'].iloc[place]), within=True)}" if several else ""
            named.setdefault(reason, {})[f"“{labels.get(dimension, dimension)}”{of}"] = ""
        new = {reason: [name for name in names if name not in self._not_compared] for reason, names in named.items()}
        self.remark(comparing.sentence({reason: names for reason, names in new.items() if names}))
        self._not_compared |= {name for names in named.values() for name in names}
        return comparing.sentence({reason: list(names) for reason, names in named.items()})

    @functools.cached_property
    def _answers(self) -> Answers:
        """The answers by which dimensions are judged: those of the wave this chapter speaks of, else of the latest."""
        return Answers.of(self.study, self._wave or self.study.waves[-1])

    @functools.cached_property
    def _comparing(self) -> dict[bool, comparing.Comparing]:
        """What may be compared on each side's own form (False), and on the one of all sides together (True)."""
        now, codebook = self._answers.now, self.study.codebook
        forms = {False: None, True: comparable_form(now, codebook)}

        def judged(form: bool | None) -> comparing.Comparing:
            """Judge on a form; all groups of a wave are compared by the same."""
            what = f"comparing {now['wave'].unique().tolist()} {form} {self.confidence}"
            return self.study.once(what, lambda: comparing.Comparing.of(now, codebook, form, self.confidence))

        return {together: judged(form) for together, form in forms.items()}

    def remark(self, sentence: str, when: bool = True, instead_of: str = "") -> None:
        """Say in one sentence what this study has no data for, or how to read what follows; once in a chapter.

        Parameters
        ----------
        sentence : str
            What to say; nothing where it is empty.
        when : bool
            Whether it applies.
        instead_of : str
            A tag of cells further on that have nothing to tell then: reports leave out their prose and remarks.
        """
        sentence = _untold(sentence)
        if not when or not sentence or sentence in self._said:
            return
        self._said.add(sentence)
        html = _REMARK.render(sentence=sentence)
        remark = Remark(sentence=sentence, instead_of=instead_of)
        _display({"text/html": html, "text/plain": sentence, contract.MIME: contract.dump(remark)})

    @staticmethod
    def attribute(name: str) -> str:
        """Name an attribute within a sentence, where no column's name may stand: ``"unit_size"`` is "unit size"."""
        return name.replace("_", " ")

    @staticmethod
    def side(side: str, within: bool = False) -> str:
        """Name a side as readers do: ``"hr"`` becomes "HR partners"; ``within`` a sentence, "managers"."""
        return side_label(side, within)

    # The guard -------------------------------------------------------------------------------------------------------

    @property
    def _minimum(self) -> int:
        """Fewest people of a group; one more where one of them reads it and can take away what is their own."""
        return self.study.privacy.min_group + bool(self.reader)

    def _received(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Take numbers at ten digits: whatever is compared, rounded or drawn from here on is the same everywhere."""
        return rounding.frame(frame)

    def _absent(self, frame: pd.DataFrame, title: str, sentence: str) -> pd.DataFrame:
        sentence = sentence or str(frame.attrs.get("absent", ""))
        self.remark(sentence or f"“{title}” is not shown: the study holds nothing to show there.")
        found = Shown(frame)
        found.attrs = frame.attrs
        return found

    def _protect(self, frame: pd.DataFrame, columns: Mapping[str, Column], person: str) -> Published:
        """Apply the study's disclosure control.

        Where ``person`` names a column, the rows that have an id in it describe that one person. They are published
        as they are for the audiences of :func:`helpers.privacy.exempt`, and refused for every other.
        """
        frame = self.precision.restored(frame.reset_index(drop=True))
        if person and frame[person].notna().any():
            return self._with_single(frame, person, columns)
        groups = [name for name in self.study.attributes if name in frame]
        measured = _measured(frame)
        published = protect(
            measured,
            minimum=self._minimum,
            min_rated=self._min_rated(frame),
            columns=columns,
            groups=groups,
            rated_together=_rated_together,
        )
        return self._over_enough_clusters(replace(published, frame=published.frame[list(frame.columns)]))

    def _over_enough_clusters(self, published: Published) -> Published:
        """Take away intervals over so few clusters that they, with the mean, would tell of each."""
        frame = published.frame
        if "clusters" not in frame:
            return published
        needed = self._min_rated(frame).map(self.study.min_clusters)
        clusters = pd.to_numeric(frame["clusters"], errors="coerce")
        few = clusters.lt(needed) & published.reasons.eq("")
        told = [name for name in frame if end_of(str(name)) or name in OF_INTERVALS]
        few &= frame[told].notna().any(axis=1)
        if not few.any():
            return published
        notes = frame["note"] if "note" in frame else pd.Series("", index=frame.index)
        why = needed.map(lambda least: cannot_tell(f"an interval over fewer than {least} clusters would tell of each"))
        taken = frame.assign(**{name: frame[name].mask(few) for name in told}, note=notes.mask(few, why))
        return replace(published, frame=taken)

    @functools.cached_property
    def precision(self) -> Precision:
        """How exactly numbers of people and answers to single questions are told; see :class:`.Precision`.

        What people did in hiring or in a practice is in the records, whoever answered a survey; those chapters tell it
        as it is.
        """
        asked = self.study.has("survey") and self.notebook not in WITHOUT_SURVEY
        questions: dict[tuple[str, str], Scale] = {}
        short: dict[tuple[str, str], Scale] = {}
        longer: frozenset[tuple[str, str]] = frozenset()
        if asked:
            answers, codebook = self.study.responses(), self.study.codebook
            questions = _scales_of(single_questions(answers, codebook))
            short = _scales_of(single_questions(answers, codebook, short_form=True))
            more = answers.loc[~answered_short_form(answers, codebook), ["respondent_id", "wave"]]
            longer = frozenset(more.astype(str).itertuples(index=False, name=None))
        attributes = self.study.attributes
        roster = self.study.roster() if asked else None
        participation = Participation.of(roster, attributes, self.study.privacy.min_group)
        sides = {} if roster is None else dict(zip(roster["person_id"], roster["side"], strict=True))
        return Precision(participation, sides, questions, short, longer, attributes, self.confidence)

    def tells(self, frame: pd.DataFrame, names: str, value: str) -> bool:
        """Say whether a table that names these columns would tell the value of any row."""
        if not len(frame):
            return False
        received = self._received(frame)
        used = described(received, names.split(), self._told, self.confidence)
        return bool(self._told_exactly(self._protect(received, used, ""), used).frame[value].notna().any())

    def _told_exactly(self, published: Published, columns: Mapping[str, Column]) -> Published:
        """Tell what may be published as exactly as it may be told."""
        return replace(published, frame=self.precision.applied(published.frame, columns))

    def _with_single(self, frame: pd.DataFrame, person: str, columns: Mapping[str, Column]) -> Published:
        """Protect the rows about groups, and leave those about single people as they are."""
        about_one = frame[person].notna()
        audience = self._exempt(frame.loc[about_one, person], self.study.hiring.audience)
        if about_one.all():
            published = Published(frame, pd.Series("", index=frame.index), self.study.privacy.min_group)
        else:
            published = self._protect(frame[~about_one].drop(columns=person), columns, "")
            places = np.flatnonzero(~about_one)
            shown_rows = pd.concat([published.frame.set_axis(places), frame[about_one]]).sort_index()
            reasons = published.reasons.set_axis(places).reindex(frame.index, fill_value="")
            published = replace(published, frame=shown_rows[list(frame.columns)], reasons=reasons)
        return replace(published, audience=audience)

    def _exempt(self, people: Iterable[str], audience: str) -> Audience:
        return exempt(people, notebook=self.notebook, reader=self.reader, audience=audience)

    def _permission(self, published: Published) -> str:
        """Say why single people are told of; empty where none are."""
        audience = published.audience
        if published.agreed:
            agreement = self.study.privacy.rated_agreement.strip().removesuffix(".")
            return f"Answers about single people are shown as those rated agreed: {agreement}."
        if audience == NAMED:
            basis = self.study.hiring.legal_basis.strip().removesuffix(".")
            return f"Single managers are shown on this legal basis: {basis}."
        return "Your own figures are for you alone." if audience == SELF else ""

    def _min_rated(self, rows: pd.DataFrame) -> pd.Series:
        """Say of each row how many people its answers have to be about: more where one of them gets an own report."""
        sides = rows["side"].fillna("") if "side" in rows else pd.Series("", index=rows.index)
        least = {side: self.study.min_rated(side, own_report=bool(self.reader)) for side in sides.unique()}
        return sides.map(least).astype(int)

    def _about(self, side: object = "") -> str:
        """Name those whom the answers of a side are about."""
        return told_of(side, "recruiters" if self.notebook.startswith("hiring_") else "people")

    def _why_hidden(self, published: Published, rows: pd.Series) -> str:
        """Say of rows that are all hidden what they would tell; never more than how many people they tell of."""
        reasons = published.reasons[rows]
        if reasons.isin(ABOUT_FEW).all():
            frame = published.frame[rows]
            side = frame["side"].iloc[0] if "side" in frame and frame["side"].nunique() == 1 else ""
            return f"about fewer than {self._min_rated(frame).max()} {self._about(side)}"
        return f"about fewer than {published.minimum} people" if reasons.eq(SMALL).any() else "what single people said"

    def _worth_showing(self, published: Published, title: str, id: str) -> tuple[Published, str] | None:
        """Leave out sides that are hidden throughout, and name them; ``None``, and a remark, when nothing is left."""
        hidden = published.reasons != ""
        if len(hidden) and hidden.all():
            self._withheld.add(id)
            self.remark(f"“{title}” is not shown: it would tell {self._why_hidden(published, hidden)}.")
            return None
        untold = hidden | published.frame.get("estimate", pd.Series("", hidden.index)).eq(NOT_TOLD)
        if len(untold) and untold.all():
            self._withheld.add(id)
            self.remark(f"“{title}” is not shown: it would tell who did not answer.")
            return None
        if "side" not in published.frame:
            return published, ""
        sides = published.frame["side"]
        gone = [side for side, rows in hidden.groupby(sides, sort=False) if rows.all()]
        named: dict[str, list[str]] = {}
        for side in gone:
            named.setdefault(self._why_hidden(published, sides.eq(side)), []).append(self.side(side))
        sentences = [f"Not shown, because it would tell {why}: {', '.join(who)}." for why, who in named.items()]
        secret = [side for side, rows in untold.groupby(sides, sort=False) if rows.all() and side not in gone]
        if secret:
            sentences.append(
                f"Not shown, because it would tell who did not answer: {', '.join(map(self.side, secret))}."
            )
        kept = ~sides.isin([*gone, *secret])
        frame, reasons = (whole[kept].reset_index(drop=True) for whole in (published.frame, published.reasons))
        return replace(published, frame=frame, reasons=reasons), " ".join(sentences)

    # What is displayed -----------------------------------------------------------------------------------------------

    def _table(
        self,
        published: Published,
        id: str,
        title: str,
        columns: dict[str, Column],
        message: str,
        note: str,
        person: str = "",
        of_people: bool = True,
    ) -> None:
        showing = self._worth_showing(published, title, id)
        if showing is None:
            return
        published, left_out = showing
        self._note_people(published.frame if of_people else published.frame[:0], published, id, title, person)
        rows, texts, remarks = self._cells(published, columns)
        precise = self.precision.note(published.frame)
        note = _sentences(note, published.footnote(), left_out, precise, *remarks, self._permission(published))
        heads = list(columns.values())
        exhibit = Exhibit(
            kind="table", id=id, title=title, message=message, note=note, audience=published.audience, columns=heads,
            rows=rows, texts=texts, full=self._in_full(published, columns),
        )  # fmt: skip
        html = _TABLE.render(title=title, message=message, note=note, columns=heads, texts=texts, align=_align)
        _display({"text/html": html, "text/plain": f"Table: {title}", contract.MIME: contract.dump(exhibit)})

    def _picture(
        self,
        figure: Figure,
        published: Published,
        columns: dict[str, Column],
        id: str,
        title: str,
        message: str,
        note: str,
        alt: str,
        chart: Chart,
        person: str,
        levels: Mapping[int, tuple[str, str]] | None = None,
    ) -> None:
        """Display a picture between its heading and its note, with what it shows as data.

        ``levels`` says for rows with which others are compared that in one column the words of another stand.
        """
        self._note_people(published.frame, published, id, title, person)
        rows, texts, remarks = self._cells(published, columns)
        names = list(columns)
        for place, (value, level) in (levels or {}).items():
            texts[place][names.index(value)] = texts[place][names.index(level)]
        precise = self.precision.note(published.frame)
        note = _sentences(
            note, published.footnote(), precise, *remarks, self._permission(published), plots.undrawn(figure)
        )
        exhibit = Exhibit(
            kind="chart", id=id, title=title, message=message, note=note, audience=published.audience,
            columns=list(columns.values()), rows=rows, texts=texts, alt=alt, chart=chart,
            full=self._in_full(published, columns),
        )  # fmt: skip
        _display_chart(figure, exhibit)

    @functools.cached_property
    def _groups(self) -> dict[str, set[str]]:
        """What the groups of every attribute are called, in a study with a survey."""

        def named() -> dict[str, set[str]]:
            roster = self.study.roster()
            frames = [self.study.responses(), *([] if roster is None else [roster])]
            return {
                name: {str(label) for frame in frames if name in frame for label in frame[name].dropna().unique()}
                for name in self.study.attributes
            }

        return self.study.once("names of groups", named)

    def _in_full(self, published: Published, columns: Mapping[str, Column]) -> list[contract.InFull]:
        """Return what files may hold in full of the rows that are shown; of single people nothing.

        Nor anything of a study without a survey, which does not say what all its groups are called.
        """
        if (
            published.audience
            or not self.study.has("survey")
            or "estimate" not in columns
            or "standard_error" not in published.frame
        ):
            return []
        return in_full(published.frame, self.confidence, self._groups, self._digits)

    def _note_people(self, frame: pd.DataFrame, published: Published, id: str, title: str, person: str) -> None:
        """Tell the report who stands behind the rows that are shown; it compares them with all it shows."""
        path = os.environ.get(contract.SETS_VARIABLE)
        if not path:
            return
        about_groups = frame[person].isna() if person in frame else pd.Series(True, index=frame.index)
        comparing = about_groups | (frame["people"].notna() if "people" in frame else False)
        rows = frame[(published.reasons.reindex(frame.index) == "") & comparing]
        where = f"{self.notebook}, {id}"
        told = standing_behind.told(rows, id, title, self.study, self._wave, where)
        sets.write(told, Path(path), self.study.beside)

    def _labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Replace ids of sides and dimensions by the names a reader knows."""
        frame = frame.copy()
        if "side" in frame:
            frame["side"] = frame["side"].map(side_label)
        if "dimension" in frame:
            labels = {dimension.id: dimension.label for dimension in self.study.codebook.dimensions}
            frame["dimension"] = frame["dimension"].map(lambda name: labels.get(name, name))
        return frame

    def _cells(
        self, published: Published, columns: dict[str, Column]
    ) -> tuple[list[list[Cell]], list[list[str]], list[str]]:
        """Return values, printed texts, and remarks on what could not be estimated."""
        frame = self._labelled(published.frame)
        notes = frame["note"].fillna("") if "note" in frame else pd.Series("", index=frame.index)
        sides = published.frame["side"] if "side" in frame else pd.Series("", index=frame.index)
        needed = self._min_rated(published.frame)
        rows, texts, remarks = [], [], []
        for place, record in enumerate(frame.to_dict("records")):
            record = {name: _untold(value) if isinstance(value, str) else value for name, value in record.items()}
            row = [column.rounded(record[name]) for name, column in columns.items()]
            few = bool(record.get(FEW, False))
            printed = [
                (column.to_one_decimal() if few else column).printed(record[name]) for name, column in columns.items()
            ]
            missing = [at for at, value in enumerate(row) if value is None]
            reason = published.reasons.iloc[place]
            if missing and reason:
                printed[missing[0]] = published.text(reason, self._about(sides.iloc[place]), needed.iloc[place])
            elif note := str(notes.iloc[place]):
                if missing and note.startswith(Grade.CANNOT_TELL):
                    printed[missing[0]] = Grade.CANNOT_TELL.value
                if "note" not in columns:  # where a column of the table shows it
                    remarks.append(f"{note[:1].upper()}{note[1:]}.")
            rows.append(row)
            texts.append(printed)
        return rows, texts, list(dict.fromkeys(remarks))


def describe(frame: pd.DataFrame, chart: Chart, value: Column, title: str, message: str) -> str:
    """Write the alternative text of a chart: what it is, its range, its extremes per series.

    Parameters
    ----------
    frame : pandas.DataFrame
        Protected, labelled, rounded cells.
    chart : Chart
        What is drawn.
    value : Column
        How its values are printed.
    title, message : str
        Stand first.

    Returns
    -------
    str
        A few sentences without markup.
    """
    kinds = {
        "bar": "Bar chart",
        "dot": "Dot chart with intervals",
        "line": "Line chart",
        "heatmap": "Heatmap",
    }
    parts = [f"{kinds[chart.type]}: {title}.", message, f"Values: {chart.value_label}."]
    by_series = chart.series and chart.type != "heatmap"
    for name, rows in frame.groupby(chart.series, sort=False) if by_series else [("", frame)]:
        rows = rows.dropna(subset=[chart.value])
        if rows.empty:
            parts.append(f"{name}: all hidden.".removeprefix(": "))
            continue
        where = [chart.category] + ([chart.series] if chart.series and chart.type == "heatmap" else [])
        ends = []
        for word, place in (("highest", rows[chart.value].idxmax()), ("lowest", rows[chart.value].idxmin())):
            label = ", ".join(str(rows.loc[place, column]) for column in where)
            ends.append(f"{word} {label} ({value.printed(rows.loc[place, chart.value])})")
        parts.append((f"{name}: " if name else "") + "; ".join(ends) + ".")
    hidden = int(frame[chart.value].isna().sum())
    if hidden:
        parts.append(f"{hidden} {'value is' if hidden == 1 else 'values are'} hidden or could not be estimated.")
    return " ".join(part for part in parts if part)


def _scales_of(items: Mapping[tuple[str, str], Item]) -> dict[tuple[str, str], Scale]:
    """Return the answer scale of each item that has one."""
    return {
        key: Scale(item.low, item.high, item.favourable_from or item.high)
        for key, item in items.items()
        if item.low is not None and item.high is not None
    }


def _shown(frame: pd.DataFrame, id: str) -> Shown:
    """Return what was published, which remembers the exhibit's name."""
    found = Shown(frame)
    found.attrs["exhibit"] = id
    return found


def _measured(frame: pd.DataFrame) -> pd.DataFrame:
    """Add what disclosure control asks of the people behind each row, where the row knows them: see People."""
    if "people" not in frame:
        return frame
    known = [who if isinstance(who, People) else None for who in frame["people"]]
    counted = frame["rated"] if "rated" in frame else [None] * len(frame)
    rated = [
        (who.rated or np.nan) if who is not None and pd.isna(count) else count
        for who, count in zip(known, counted, strict=True)
    ]
    return frame.assign(
        rated=pd.to_numeric(pd.Series(rated, index=frame.index, dtype=object)),
        largest=[who.largest() if who is not None else np.nan for who in known],
        rated_largest=[who.largest("rated_id") if who is not None else np.nan for who in known],
    )


def _rated_together(rows: pd.DataFrame) -> int:
    """Count the distinct people whom several rows tell of, where they know them; else those of the row with most.

    Rows that tell of nobody, such as a stage that no opening reached, count as none.
    """
    who = [people for people in rows.get("people", []) if isinstance(people, People)]
    known = People.together(who).rated if len(who) == len(rows) else 0
    return known or int(rows["rated"].fillna(0).max())


def _untold(text: str) -> str:
    """Return a text that does not say that everybody answered alike."""
    return text.replace(ALIKE, NOT_COMPUTABLE)


def _names_people(column: str) -> bool:
    """Say whether a column's name is that of people's ids, wherever it stands in a study."""
    return column in _PERSONAL or column.endswith("_id")


#: Columns of a study's tables that hold people's ids or own words.
_PERSONAL = {"respondent", "name", "email", "comment", "candidate"}


def _end(column: Column, name: str) -> Column:
    word = "lower" if end_of(name) == "low" else "upper"
    label = f"{column.label}, {word} end of interval"
    return Column(name=name, label=label, type=column.type, decimals=column.decimals, unit=column.unit, role="value")


def _align(column: Column) -> str:
    return "right" if column.is_number else "left"


def _sentences(*parts: str) -> str:
    return " ".join(part.strip() for part in parts if part and part.strip())


def _display_chart(figure: Figure, exhibit: Exhibit) -> None:
    """Display a picture between its heading and its note, with what it shows as data."""
    shown: dict[str, object] = {"text/plain": exhibit.alt, contract.MIME: contract.dump(exhibit)}
    metadata: dict[str, object] = {}
    if os.environ.get(contract.VECTOR_VARIABLE):
        drawing = plots.render(figure, "svg").decode()
        metadata[contract.METADATA] = {"svg": drawing[drawing.index("<svg") :]}
    else:
        shown = {"image/png": base64.b64encode(plots.render(figure, "png")).decode(), **shown}
        metadata["image/png"] = {"alt": exhibit.alt, "width": contract.WIDTH_ON_SCREEN}
    screen = {contract.METADATA: {contract.SCREEN_ONLY: True}}
    heading = _CHART_HEADING.render(title=exhibit.title, message=exhibit.message)
    _display({"text/html": heading, "text/plain": exhibit.title}, screen)
    _display(shown, metadata)
    if exhibit.note:
        _display({"text/html": _CHART_NOTE.render(note=exhibit.note), "text/plain": exhibit.note}, screen)


def _display(data: Mapping[str, object], metadata: Mapping[str, object] | None = None) -> None:
    display(dict(data), raw=True, metadata=dict(metadata or {}))
