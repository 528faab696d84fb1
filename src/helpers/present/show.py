"""The one way out: every published table, chart and finding of a notebook passes through :class:`Show`.

Each method applies disclosure control, rounds, displays the exhibit for the screen, and attaches the same published
numbers in machine-readable form, from which reports in every format are made.
"""

from __future__ import annotations

import base64
import functools
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import jinja2
import numpy as np
import pandas as pd
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.data.problems import did_you_mean, input_error, shown
from helpers.privacy import NAMED, SELF, Published, exempt, protect

from . import plots, theme
from .columns import Column, count
from .findings import CANNOT_TELL, Finding

if TYPE_CHECKING:
    from helpers.data import Study

EXHIBIT_MIME = "application/vnd.hr-partnership.exhibit+json"
#: Set at execution to add vector drawings of the charts to the notebook, for reports.
VECTOR_VARIABLE = "HR_PARTNERSHIP_VECTOR"

_templates = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
_HEADING = """<p style="margin:1.2em 0 .2em"><strong>{{ title }}</strong>\
{% if message %}<br>{{ message }}{% endif %}</p>"""
_NOTE = """{% if note %}<p style="margin:.2em 0 1.2em;color:#52606d;font-size:90%">{{ note }}</p>{% endif %}"""
_TABLE = _templates.from_string(
    _HEADING
    + """
<table><thead><tr>{% for column in columns %}<th scope="col" style="text-align:{{ column.align }}">{{ column.label }}\
</th>{% endfor %}</tr></thead>
<tbody>
{% for row in texts %}
<tr>{% for text in row %}<td style="text-align:{{ columns[loop.index0].align }}">{{ text }}</td>{% endfor %}</tr>
{% endfor %}
</tbody></table>
"""
    + _NOTE
)
_CHART_HEADING = _templates.from_string(_HEADING)
_CHART_NOTE = _templates.from_string(_NOTE)
_REMARK = _templates.from_string("<p>{{ sentence }}</p>")
_FINDING = _templates.from_string(
    """<div style="border-left:4px solid {{ accent }};padding:.3em .8em;margin:.8em 0"><strong>{{ sentence }}</strong>
<br><span style="color:#52606d">Evidence: {{ grade }} · n = {{ n }}{% if method %} · {{ method }}{% endif %}</span>
{% for caveat in caveats %}<br><span style="color:#52606d">{{ caveat }}</span>{% endfor %}</div>"""
)


class NotebookNotApplicable(Exception):
    """The study lacks what this notebook needs; reports leave the chapter out and say why."""


class Shown(pd.DataFrame):
    """A table that has been published: it does not display itself a second time, unrounded, below a cell."""

    @property
    def _constructor(self) -> type[pd.DataFrame]:
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
    reader : str
        Id of the one manager who will read it, who alone may see figures of themselves; empty for a shared notebook.
    """

    def __init__(self, study: Study, notebook: str, reader: str = "") -> None:
        self.study = study
        self.notebook = notebook
        self.reader = reader

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

    def needs_pairs(self, pairs: pd.DataFrame) -> None:
        """Stop here, in words, when too few HR partners and managers answered about each other.

        Raises
        ------
        NotebookNotApplicable
            The report leaves this chapter out and says so.
        """
        minimum = self.study.privacy.min_group
        if pairs.empty:
            raise NotebookNotApplicable("This chapter needs HR partners and managers who answered about each other.")
        if pairs["hr_id"].nunique() < minimum:
            raise NotebookNotApplicable(
                f"This chapter compares the two sides of partnerships. Fewer than {minimum} HR partners answered, "
                "so it would tell what single people said."
            )

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
            return value or default
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

    def protect(
        self,
        frame: pd.DataFrame,
        *,
        groups: Sequence[str] = (),
        measures: Sequence[str] = (),
        columns: dict[str, Column] | None = None,
        person: str = "",
    ) -> Published:
        """Apply the study's disclosure control without showing anything; see :func:`helpers.privacy.protect`.

        Where ``person`` names a column, the rows that have an id in it describe that one person. They are published
        as they are for the audiences of :func:`helpers.privacy.exempt`, and refused for every other.
        """
        limits = {name: column.limits for name, column in (columns or {}).items() if column.limits and name in frame}
        if person and frame[person].notna().any():
            return self._with_single(frame.reset_index(drop=True), person, groups, measures, columns)
        return protect(
            frame,
            minimum=self.study.privacy.min_group,
            groups=groups,
            measures=measures,
            limits=limits,
            rated_together=functools.partial(self._rated_together, [*groups, *measures]),
        )

    def _with_single(
        self,
        frame: pd.DataFrame,
        person: str,
        groups: Sequence[str],
        measures: Sequence[str],
        columns: dict[str, Column] | None,
    ) -> Published:
        """Protect the rows about groups, and leave those about single people as they are."""
        about_one = frame[person].notna()
        audience = self._exempt(frame.loc[about_one, person], self.study.hiring.audience)
        if about_one.all():
            published = Published(frame, pd.Series("", index=frame.index), self.study.privacy.min_group)
        else:
            published = self.protect(frame[~about_one], groups=groups, measures=measures, columns=columns)
            places = np.flatnonzero(~about_one)
            shown_rows = pd.concat([published.frame.set_axis(places), frame[about_one]]).sort_index()
            reasons = published.reasons.set_axis(places).reindex(frame.index, fill_value="")
            published = replace(published, frame=shown_rows, reasons=reasons)
        return replace(published, audience=audience)

    def _exempt(self, people: Iterable[str], audience: str) -> str:
        return exempt(people, notebook=self.notebook, reader=self.reader, audience=audience)

    def _permission(self, audience: str) -> str:
        """Say why single people are shown; empty where none are."""
        if audience == NAMED:
            basis = self.study.hiring.legal_basis.strip().removesuffix(".")
            return f"Single managers are shown on this legal basis: {basis}."
        return "Your own figures are for you alone." if audience == SELF else ""

    def _rated_together(self, keys: list[str], rows: pd.DataFrame) -> int:
        """Count the distinct people rated in several cells together, as far as the survey tells the cells apart."""
        responses = self.study.responses()
        keys = [name for name in keys if name in responses and name in rows]
        if not keys:
            return int(rows["rated"].max())
        cells = rows[keys].astype(object).drop_duplicates()
        return int(responses.astype(dict.fromkeys(keys, object)).merge(cells, on=keys)["rated_id"].nunique())

    def table(
        self,
        frame: pd.DataFrame,
        *,
        id: str,
        title: str,
        columns: dict[str, Column],
        message: str = "",
        note: str = "",
        groups: Sequence[str] = (),
        measures: Sequence[str] = (),
        person: str = "",
    ) -> pd.DataFrame:
        """Publish a table of answers.

        Parameters
        ----------
        frame : pandas.DataFrame
            Tidy cells with the column ``respondents`` (and ``rated``), as the analysis functions return them.
        id : str
            Name of the exhibit within the notebook; also the name of its file.
        title, message, note : str
            Heading, the one thing to see, and source or reading aid.
        columns : dict
            The columns to publish, in order, and how each is printed.
        groups, measures : sequence of str
            Columns that divide the people, and columns that repeat over the same people.
        person : str
            Column with an id in every row that describes one person; see :meth:`protect`.

        Returns
        -------
        pandas.DataFrame
            What was published: the input with hidden values missing. Findings are worded from this.
        """
        published = self.protect(frame, groups=groups, measures=measures, columns=columns, person=person)
        self._table(published, id, title, columns, message, note)
        return Shown(published.frame)

    def facts(
        self,
        frame: pd.DataFrame,
        *,
        id: str,
        title: str,
        columns: dict[str, Column],
        message: str = "",
        note: str = "",
    ) -> pd.DataFrame:
        """Publish a table that holds no answers of people: files, rules, requirements. Nothing is hidden."""
        frame = frame.reset_index(drop=True)
        published = Published(frame, pd.Series("", index=frame.index), self.study.privacy.min_group)
        self._table(published, id, title, columns, message, note)
        return Shown(frame)

    def _worth_showing(self, published: Published, title: str) -> tuple[Published, str] | None:
        """Leave out sides that are hidden throughout, and name them; ``None``, and a remark, when nothing is left."""
        hidden = published.reasons != ""
        if len(hidden) and hidden.all():
            self.remark(f"“{title}” is not shown: it would tell about fewer than {published.minimum} people.")
            return None
        if "side" not in published.frame:
            return published, ""
        gone = [side for side, rows in hidden.groupby(published.frame["side"], sort=False) if rows.all()]
        kept = ~published.frame["side"].isin(gone)
        sentence = f"Not shown, because fewer than {published.minimum} people stand behind it: " if gone else ""
        sentence += ", ".join(self.side(side) for side in gone) + ("." if gone else "")
        frame, reasons = (whole[kept].reset_index(drop=True) for whole in (published.frame, published.reasons))
        return replace(published, frame=frame, reasons=reasons), sentence

    def _table(
        self, published: Published, id: str, title: str, columns: dict[str, Column], message: str, note: str
    ) -> None:
        showing = self._worth_showing(published, title)
        if showing is None:
            return
        published, left_out = showing
        rows, texts, remarks = self._cells(published, columns)
        heads = [{**column.description(name), "align": _align(column)} for name, column in columns.items()]
        note = _sentences(note, published.footnote(), left_out, *remarks, self._permission(published.audience))
        body = self._exhibit("table", id, title, message, note, published.audience) | {
            "columns": [column.description(name) for name, column in columns.items()],
            "rows": rows,
            "texts": texts,
        }
        html = _TABLE.render(title=title, message=message, note=note, columns=heads, texts=texts)
        _display({"text/html": html, "text/plain": f"Table: {title}", EXHIBIT_MIME: body})

    def chart(
        self,
        frame: pd.DataFrame,
        *,
        id: str,
        title: str,
        kind: str,
        category: str,
        value: str,
        columns: dict[str, Column],
        series: str | None = None,
        low: str | None = None,
        high: str | None = None,
        mark: str | None = None,
        span: tuple[float, float] | None = None,
        message: str = "",
        note: str = "",
        groups: Sequence[str] = (),
        measures: Sequence[str] = (),
        person: str = "",
    ) -> pd.DataFrame:
        """Publish a chart of answers; the same guard as :meth:`table`, applied before anything is drawn.

        Parameters
        ----------
        kind : {"bar", "dot", "line", "heatmap"}
            A heatmap takes ``category`` as rows and ``series`` as columns.
        category, series, value, low, high : str
            Columns of ``frame``; ``low`` and ``high`` are the ends of the interval.
        mark : str, optional
            Column of words, empty in most cells; a heatmap puts the sign ° where there are any.
        columns : dict
            How category, series and value are labelled and rounded.
        span : tuple of float, optional
            Ends of the value axis, for instance the answer scale.
        person : str
            Column with an id in every row that describes one person; see :meth:`protect`.

        Returns
        -------
        pandas.DataFrame
            What was published.
        """
        whole = self.protect(frame, groups=groups, measures=measures, columns=columns, person=person)
        showing = self._worth_showing(whole, title)
        if showing is None:
            return Shown(whole.frame)
        published, left_out = showing
        note, audience = _sentences(note, left_out), published.audience
        drawn = self._labelled(published.frame)
        names = [str(name) for name in dict.fromkeys(drawn[series])] if series else [columns[value].label]
        chart = plots.Chart(
            type=kind, category=category, value=value, column=columns[value], series=series, low=low, high=high,
            span=span, mark=mark, colours={} if kind == "heatmap" else theme.colours(names, self.study.brand.accent),
        )  # fmt: skip
        for name in filter(None, (value, low, high)):
            # Draw what is printed: the rounded value.
            drawn[name] = pd.to_numeric(drawn[name].map(columns[value].rounded), errors="coerce")
        figure = plots.draw(drawn, chart, columns[category].label, self.study.brand.accent)

        listed = {name: columns[name] for name in (category, series) if name}
        listed[value] = columns[value]
        listed |= {end: _end(columns[value], word) for end, word in ((low, "lower"), (high, "upper")) if end}
        listed |= {mark: columns[mark]} if mark else {}
        listed["respondents"] = columns.get("respondents", count("Respondents"))
        body = {"alt": describe(drawn, chart, title, message), "chart": chart.description()}
        self._picture(figure, published, listed, self._exhibit("chart", id, title, message, note, audience) | body)
        return Shown(whole.frame)

    def figure(
        self,
        frame: pd.DataFrame,
        *,
        id: str,
        title: str,
        paint: Callable[[pd.DataFrame, Axes], None],
        alt: str,
        columns: dict[str, Column],
        message: str = "",
        note: str = "",
        groups: Sequence[str] = (),
        measures: Sequence[str] = (),
        person: str = "",
    ) -> pd.DataFrame:
        """Publish a chart of another kind than :meth:`chart` knows, under the same guard.

        Parameters
        ----------
        frame, id, title, columns, message, note, groups, measures, person
            As for :meth:`table`.
        paint : callable
            Draws the protected, labelled and rounded frame on the axes it is given.
        alt : str
            What the picture shows, in words.

        Returns
        -------
        pandas.DataFrame
            What was published.
        """
        published = self.protect(frame, groups=groups, measures=measures, columns=columns, person=person)
        if self._worth_showing(published, title) is None:
            return Shown(published.frame)
        drawn = self._labelled(published.frame)
        for name, column in columns.items():
            if column.type in ("number", "percent", "integer"):
                drawn[name] = pd.to_numeric(drawn[name].map(column.rounded), errors="coerce")
        body = {"alt": f"{title}. {message} {alt}", "chart": {"type": "other"}}
        exhibit = self._exhibit("chart", id, title, message, note, published.audience)
        self._picture(plots.painted(drawn, paint), published, columns, exhibit | body)
        return Shown(published.frame)

    def _picture(
        self, figure: Figure, published: Published, columns: dict[str, Column], body: dict[str, object]
    ) -> None:
        """Display a picture between its heading and its note, with what it shows as data."""
        rows, texts, remarks = self._cells(published, columns)
        note = _sentences(str(body["note"]), published.footnote(), *remarks, self._permission(published.audience))
        body |= {"note": note, "rows": rows, "texts": texts}
        body["columns"] = [column.description(name) for name, column in columns.items()]
        alt = str(body["alt"])
        png = base64.b64encode(plots.render(figure, "png")).decode()
        metadata = {"image/png": {"alt": alt, "width": round(plots.WIDTH * 100)}}
        if os.environ.get(VECTOR_VARIABLE) == "1":
            drawing = plots.render(figure, "svg").decode()
            metadata["hr_partnership"] = {"svg": drawing[drawing.index("<svg") :]}
        screen = {"hr_partnership": {"screen_only": True}}
        heading = _CHART_HEADING.render(title=body["title"], message=body["message"])
        _display({"text/html": heading, "text/plain": body["title"]}, screen)
        _display({"image/png": png, "text/plain": alt, EXHIBIT_MIME: body}, metadata)
        if note:
            _display({"text/html": _CHART_NOTE.render(note=note), "text/plain": note}, screen)

    def finding(self, finding: Finding, *, person: str = "") -> None:
        """Publish a finding.

        Parameters
        ----------
        finding : Finding
            What is found.
        person : str
            Id of the one person it is about, who has to be the notebook's reader; empty for groups.

        Raises
        ------
        ValueError
            When the finding states a number that rests on fewer people than the study allows, or is about a person
            who is not the reader.
        """
        # No audience but the person gets a sentence about one: names belong to exhibits that show their interval.
        audience = self._exempt([person], "shared") if person else ""
        if not audience and finding.estimate is not None and finding.n < self.study.privacy.min_group:
            raise ValueError(f"finding {finding.id!r} would describe fewer than {self.study.privacy.min_group} people")
        body = {"version": 1, "kind": "finding"} | finding.description()
        body |= {"audience": audience} if audience else {}
        html = _FINDING.render(accent=self.study.brand.accent, **finding.description())
        _display({"text/html": html, "text/plain": finding.sentence, EXHIBIT_MIME: body})

    def remark(self, sentence: str) -> None:
        """Say in one sentence what this study has no data for, where an exhibit would stand."""
        _display({"text/html": _REMARK.render(sentence=sentence), "text/plain": sentence})

    @staticmethod
    def side(side: str, within: bool = False) -> str:
        """Name a side as readers do: ``"hr"`` becomes "HR partners"; ``within`` a sentence, "managers"."""
        label = theme.side_label(side)
        return label if not within or label.startswith("HR") else label[:1].lower() + label[1:]

    def _exhibit(
        self, kind: str, id: str, title: str, message: str, note: str, audience: str = ""
    ) -> dict[str, object]:
        exhibit = {"version": 1, "kind": kind, "id": id, "title": title, "message": message, "note": note}
        return exhibit | ({"audience": audience} if audience else {})

    def _labelled(self, frame: pd.DataFrame) -> pd.DataFrame:
        """Replace ids of sides and dimensions by the names a reader knows."""
        frame = frame.copy()
        if "side" in frame:
            frame["side"] = frame["side"].map(theme.side_label)
        if "dimension" in frame:
            labels = {dimension.id: dimension.label for dimension in self.study.codebook.dimensions}
            frame["dimension"] = frame["dimension"].map(lambda name: labels.get(name, name))
        return frame

    def _cells(
        self, published: Published, columns: dict[str, Column]
    ) -> tuple[list[list[object]], list[list[str]], list[str]]:
        """Return values, printed texts, and remarks on what could not be estimated."""
        frame = self._labelled(published.frame)
        notes = frame["note"].fillna("") if "note" in frame else pd.Series("", index=frame.index)
        rows, texts, remarks = [], [], []
        for place, record in enumerate(frame.to_dict("records")):
            row = [column.rounded(record[name]) for name, column in columns.items()]
            printed = [column.printed(record[name]) for name, column in columns.items()]
            missing = [at for at, value in enumerate(row) if value is None]
            reason = published.reasons.iloc[place]
            if missing and reason:
                printed[missing[0]] = published.text(reason)
            elif note := str(notes.iloc[place]):
                if missing and note.startswith(CANNOT_TELL):
                    printed[missing[0]] = CANNOT_TELL
                remarks.append(f"{note[:1].upper()}{note[1:]}.")
            rows.append(row)
            texts.append(printed)
        return rows, texts, list(dict.fromkeys(remarks))


def describe(frame: pd.DataFrame, chart: plots.Chart, title: str, message: str) -> str:
    """Write the alternative text of a chart: what it is, its range, its extremes per series.

    Parameters
    ----------
    frame : pandas.DataFrame
        Protected, labelled, rounded cells.
    chart : plots.Chart
        What is drawn.
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
    groups = frame.groupby(chart.series, sort=False) if chart.series and chart.type != "heatmap" else [("", frame)]
    for name, rows in groups:
        rows = rows.dropna(subset=[chart.value])
        if rows.empty:
            parts.append(f"{name}: all hidden.".removeprefix(": "))
            continue
        where = [chart.category] + ([chart.series] if chart.type == "heatmap" else [])
        ends = []
        for word, place in (("highest", rows[chart.value].idxmax()), ("lowest", rows[chart.value].idxmin())):
            label = ", ".join(str(rows.loc[place, column]) for column in where)
            ends.append(f"{word} {label} ({chart.column.printed(rows.loc[place, chart.value])})")
        parts.append((f"{name}: " if name else "") + "; ".join(ends) + ".")
    hidden = int(frame[chart.value].isna().sum())
    if hidden:
        parts.append(f"{hidden} {'value is' if hidden == 1 else 'values are'} hidden or could not be estimated.")
    return " ".join(part for part in parts if part)


def _end(column: Column, word: str) -> Column:
    return Column(f"{column.label}, {word} end of interval", column.type, column.decimals, column.unit)


def _align(column: Column) -> str:
    return "left" if column.type in ("text", "date") else "right"


def _sentences(*parts: str) -> str:
    return " ".join(part.strip() for part in parts if part and part.strip())


def _display(data: dict[str, object], metadata: dict[str, object] | None = None) -> None:
    display(data, raw=True, metadata=metadata or {})
