"""Charts of already protected tables. Each function draws what the exhibit's description says, and nothing else."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable
from dataclasses import dataclass, field

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from . import theme
from .columns import Column

MARK = "°"
WIDTH = 7.2  # inches: the text width of an A4 page


@dataclass(frozen=True)
class Chart:
    """What a chart shows, in the words the exports use too.

    Attributes
    ----------
    type : {"bar", "dot", "line", "heatmap"}
        How it is drawn.
    category, series, value, low, high : str or None
        Columns: where on the category axis, which colour, the value and its interval.
    column : Column
        Label, unit and decimals of the value.
    mark : str or None
        Column of words; a heatmap puts a sign into the cells where there are any.
    span : tuple of float, optional
        Ends of the value axis.
    colours : dict
        Series label to colour.
    """

    type: str
    category: str
    value: str
    column: Column
    series: str | None = None
    low: str | None = None
    high: str | None = None
    mark: str | None = None
    span: tuple[float, float] | None = None
    colours: dict[str, str] = field(default_factory=dict)

    def description(self) -> dict[str, object]:
        """Return the chart as plain data, enough for a slide to draw it natively."""
        low, high = self.span or (None, None)
        return {
            "type": self.type,
            "category": self.category,
            "series": self.series,
            "value": self.value,
            "low": self.low,
            "high": self.high,
            "value_label": self.value_label,
            "value_min": low,
            "value_max": high,
            "decimals": self.column.decimals,
            "horizontal": self.type in ("bar", "dot"),
            "colours": self.colours,
        }

    @property
    def value_label(self) -> str:
        """Label of the value axis with its unit."""
        unit = "per cent" if self.column.type == "percent" else self.column.unit
        return f"{self.column.label}, {unit}" if unit and unit not in self.column.label else self.column.label


def draw(frame: pd.DataFrame, chart: Chart, category_label: str, accent: str) -> Figure:
    """Draw the chart.

    Parameters
    ----------
    frame : pandas.DataFrame
        Protected cells; hidden values are missing and leave a gap that says so.
    chart : Chart
        What to draw.
    category_label : str
        Label of the category axis (heatmaps and lines).
    accent : str
        The brand's accent colour.

    Returns
    -------
    matplotlib.figure.Figure
        A figure that pyplot does not know, so that nothing is displayed twice.
    """
    painters: dict[str, Callable[..., Figure]] = {
        "bar": _ranges,
        "dot": _ranges,
        "line": _line,
        "heatmap": _heatmap,
    }
    with mpl.rc_context(theme.settings()):
        return painters[chart.type](frame, chart, category_label, accent)


def painted(frame: pd.DataFrame, paint: Callable[[pd.DataFrame, Axes], None]) -> Figure:
    """Return a figure in the project's style on which ``paint`` has drawn the frame."""
    with mpl.rc_context(theme.settings()):
        figure = Figure(figsize=(WIDTH, 4.6), layout="tight")
        paint(frame, figure.add_subplot())
    return figure


def importance_performance(frame: pd.DataFrame, axes: Axes) -> None:
    """Draw importance (``part``, per cent, with its interval) against performance (``mean``, 0–100)."""
    middle = frame["mean"].mean(), frame["part"].mean()
    axes.axvline(middle[0], color=theme.GRID, zorder=0)
    axes.axhline(middle[1], color=theme.GRID, zorder=0)
    axes.vlines(frame["mean"], frame["low"], frame["high"], color=theme.PALETTE[0], alpha=0.4, linewidth=1.4)
    axes.plot(frame["mean"], frame["part"], "o", color=theme.PALETTE[0], markersize=6)
    for row in frame.to_dict("records"):
        axes.annotate(
            shorten(row["dimension"], 24),
            (row["mean"], row["part"]),
            xytext=(6, 3),
            textcoords="offset points",
            size=8,
        )
    axes.margins(x=0.15)
    axes.set_xlabel("Score today, 0–100")
    axes.set_ylabel("Importance, per cent of the differences")


def surface(frame: pd.DataFrame, axes: Axes) -> None:
    """Draw an outcome (``estimate``) over both views (``x`` HR, ``y`` manager) with the lines of (in)congruence.

    ``pairs`` counts the partnerships near each grid point; it is missing where too few people stand behind it.
    """
    grid = frame.pivot(index="y", columns="x", values="estimate").astype(float)
    filled = axes.contourf(grid.columns, grid.index, grid, levels=10, cmap=theme.sequential())
    axes.figure.colorbar(filled, ax=axes, label="Expected outcome, points")
    known = frame.dropna(subset=["pairs"])
    known = known[known["pairs"] > 0]
    axes.scatter(
        known["x"],
        known["y"],
        s=6 * known["pairs"],
        facecolor="none",
        edgecolor=theme.INK,
        linewidth=0.9,
        clip_on=False,
        zorder=3,
    )
    low, high = max(grid.columns.min(), grid.index.min()), min(grid.columns.max(), grid.index.max())
    axes.plot([low, high], [low, high], color=theme.INK, linewidth=1.4, label="both agree")
    axes.plot([low, high], [-low, -high], color=theme.INK, linewidth=1.4, linestyle="--", label="they disagree")
    axes.set(xlim=(grid.columns.min(), grid.columns.max()), ylim=(grid.index.min(), grid.index.max()))
    axes.set_xlabel("HR partner’s view, standard deviations from the middle of the scale")
    axes.set_ylabel(wrap("Manager’s view, standard deviations from the middle", 34))
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2)
    axes.grid(visible=False)


def render(figure: Figure, kind: str) -> bytes:
    """Return the figure as ``png`` (150 dots per inch) or ``svg`` bytes, the same on every run."""
    buffer = io.BytesIO()
    with mpl.rc_context(theme.settings()):
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(buffer, format=kind, dpi=150, bbox_inches="tight", pad_inches=0.05, metadata=metadata)
    return buffer.getvalue()


def wrap(label: object, width: int = 30) -> str:
    """Break a long label into lines; a single endless word is cut to at most three lines."""
    lines = textwrap.wrap(" ".join(str(label).split()), width) or [""]
    return "\n".join(lines[:3]) + ("…" if len(lines) > 3 else "")


def shorten(label: object, width: int = 32) -> str:
    """Cut a label to one line."""
    words = " ".join(str(label).split())
    return words if len(words) <= width else words[: width - 1] + "…"


def _ranges(frame: pd.DataFrame, chart: Chart, category_label: str, accent: str) -> Figure:
    """Draw horizontal bars or dots, one row per category, with intervals as lines."""
    categories = list(dict.fromkeys(frame[chart.category]))
    series = list(chart.colours)
    figure = Figure(figsize=(WIDTH, 0.9 + max(len(categories), 2) * (0.26 + 0.13 * len(series))), layout="tight")
    axes = figure.add_subplot()
    offsets = np.linspace(-0.2, 0.2, len(series)) if len(series) > 1 else [0.0]
    start = chart.span[0] if chart.span else 0.0
    hidden_rows = set()
    for offset, name, marker in zip(offsets, series, theme.MARKERS * 9, strict=False):
        rows = frame[frame[chart.series].astype(str) == name] if chart.series else frame
        height = rows[chart.category].map(categories.index) + offset
        value = rows[chart.value].astype(float)
        colour = chart.colours[name]
        if chart.type == "bar":
            axes.barh(height, value - start, left=start, height=0.7 / len(series), color=colour, label=name)
        else:
            axes.plot(value, height, marker, color=colour, markersize=6.5, linestyle="none", label=name, zorder=3)
        if chart.low and chart.high:
            low, high = rows[chart.low].astype(float), rows[chart.high].astype(float)
            line = theme.INK if chart.type == "bar" else colour
            axes.hlines(height, low, high, color=line, linewidth=1.6, alpha=0.75, zorder=2)
        hidden_rows |= {place for place, missing in zip(height, value.isna(), strict=True) if missing}
    if chart.span:
        _pad_span(axes, chart.span)
    for place in hidden_rows:
        axes.annotate(
            "hidden",
            (0.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            color=theme.QUIET,
            size=8,
        )
    axes.set_yticks(range(len(categories)), [wrap(category) for category in categories])
    axes.set_ylim(len(categories) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(chart.value_label)
    _legend(axes, series)
    return figure


def _line(frame: pd.DataFrame, chart: Chart, category_label: str, accent: str) -> Figure:
    """Draw one line per series over ordered categories (waves, months), intervals as bars."""
    categories = list(dict.fromkeys(frame[chart.category]))
    series = list(chart.colours)
    figure = Figure(figsize=(WIDTH, 3.4), layout="tight")
    axes = figure.add_subplot()
    shift = min(0.12, 0.5 / max(len(series), 1))
    for order, (name, marker) in enumerate(zip(series, theme.MARKERS * 9, strict=False)):
        rows = frame[frame[chart.series].astype(str) == name] if chart.series else frame
        place = rows[chart.category].map(categories.index) + (order - (len(series) - 1) / 2) * shift
        value = rows[chart.value].astype(float)
        axes.plot(place, value, marker=marker, markersize=6, color=chart.colours[name], linewidth=2, label=name)
        if chart.low and chart.high:
            low, high = rows[chart.low].astype(float), rows[chart.high].astype(float)
            axes.vlines(place, low, high, color=chart.colours[name], linewidth=1.4, alpha=0.7)
    if chart.span:
        axes.set_ylim(*chart.span)
    axes.set_xticks(range(len(categories)), [wrap(category, 14) for category in categories])
    axes.set_xlim(-0.4, len(categories) - 0.6)
    axes.grid(axis="x", visible=False)
    axes.set_xlabel(category_label)
    axes.set_ylabel(wrap(chart.value_label, 36))
    _legend(axes, series)
    return figure


def _heatmap(frame: pd.DataFrame, chart: Chart, category_label: str, accent: str) -> Figure:
    """Draw a table of shaded cells with their numbers; a hidden cell is grey and says so by a dash."""
    rows = list(dict.fromkeys(frame[chart.category]))
    columns = list(dict.fromkeys(frame[chart.series]))
    cells = frame.pivot(index=chart.category, columns=chart.series, values=chart.value)
    cells = cells.reindex(index=rows, columns=columns).astype(float)
    labels = cells.map(lambda value: chart.column.printed(value))
    if chart.mark:
        marks = frame.pivot(index=chart.category, columns=chart.series, values=chart.mark).reindex_like(cells)
        labels += marks.map(lambda mark: MARK if isinstance(mark, str) and mark else "")
    # Shade over the range shown: on a five-point scale most group means fall within one point.
    low, high = (cells.min().min(), cells.max().max()) if cells.notna().any(axis=None) else (0.0, 1.0)
    figure = Figure(figsize=(WIDTH, 1.5 + 0.42 * len(rows)), layout="tight")
    axes = figure.add_subplot()
    sns.heatmap(
        cells,
        ax=axes,
        annot=labels,
        fmt="",
        cmap=theme.sequential(accent),
        vmin=low,
        vmax=high if high > low else low + 1,
        linewidths=2,
        linecolor="white",
        cbar_kws={"label": wrap(chart.value_label, 34), "shrink": 0.9},
        annot_kws={"size": 9},
    )
    axes.set_facecolor("#e6e9ec")
    axes.grid(visible=False)
    for label, fill in zip(
        axes.texts, axes.collections[0].get_facecolors()[cells.notna().to_numpy().ravel()], strict=True
    ):
        label.set_color("white" if theme.luminance(fill) < 0.18 else theme.INK)
    for place_row, place_column in np.argwhere(cells.isna().to_numpy()):
        axes.text(place_column + 0.5, place_row + 0.5, "–", ha="center", va="center", color=theme.QUIET, size=9)
    axes.set_yticks(np.arange(len(rows)) + 0.5, [wrap(row, 22) for row in rows], rotation=0)
    slanted = len(columns) > 5
    axes.set_xticks(
        np.arange(len(columns)) + 0.5,
        [shorten(column) if slanted else wrap(column, 14) for column in columns],
        rotation=40 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor",
    )
    axes.set(xlabel="", ylabel="")
    return figure


def _pad_span(axes: Axes, span: tuple[float, float]) -> None:
    pad = (span[1] - span[0]) * 0.02
    axes.set_xlim(span[0] - pad, span[1] + pad)


def _legend(axes: Axes, series: list[str]) -> None:
    if len(series) > 1:
        axes.legend(
            loc="lower left",
            bbox_to_anchor=(0, 1.0),
            ncols=min(len(series), 4),
            borderaxespad=0.2,
            handletextpad=0.3,
        )
