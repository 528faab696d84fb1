"""Charts of already protected tables. Each function draws what the exhibit's description says, and nothing else."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from helpers.published import Chart, Column

from . import scripts, theme

MARK = "°"
WIDTH = 7.2  # inches: the text width of an A4 page
#: Of a chart that is to be read at half that width: letters stay as large as on the page beside it.
SMALL_WIDTH, SMALL_HEIGHT, SMALL_LABEL = 5.0, 3.3, 28


def value_label(column: Column) -> str:
    """Return the label of a value axis with its unit."""
    unit = "per cent" if column.type == "percent" else column.unit
    return f"{column.label}, {unit}" if unit and unit not in column.label else column.label


def draw(
    frame: pd.DataFrame,
    chart: Chart,
    value: Column,
    category_label: str,
    accent: str,
    mark: str | None = None,
    small: bool = False,
) -> Figure:
    """Draw the chart.

    Parameters
    ----------
    frame : pandas.DataFrame
        Protected cells; hidden values are missing and leave a gap that says so.
    chart : Chart
        What to draw.
    value : Column
        How values are printed.
    category_label : str
        Label of the category axis of lines.
    accent : str
        The brand's accent colour, in which heatmaps are shaded.
    mark : str, optional
        Column of words; a heatmap puts a sign into the cells where there are any.
    small : bool
        Whether dots, bars or lines are drawn for half the width of a page.

    Returns
    -------
    matplotlib.figure.Figure
        A figure that pyplot does not know, so that nothing is displayed twice.
    """
    with mpl.rc_context(theme.settings()):
        if chart.type == "heatmap":
            return _heatmap(frame, chart, value, accent, mark)
        if chart.type == "line":
            return _line(frame, chart, category_label, (SMALL_WIDTH, SMALL_HEIGHT) if small else (WIDTH, 3.4))
        return _ranges(frame, chart, small)


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


#: Managers in one caterpillar plot, so that it fits a page.
CATERPILLAR_ROWS = 40


def caterpillar(frame: pd.DataFrame, axes: Axes) -> None:
    """Draw one line per manager (``manager``): the ratio to the average with its interval, on a logarithmic axis."""
    places = range(len(frame))
    if (figure := axes.get_figure(root=True)) is not None:
        figure.set_figheight(0.9 + 0.19 * max(len(frame), 6))
    axes.axvline(1, color=theme.QUIET, linewidth=1)
    axes.hlines(places, frame["ratio_low"], frame["ratio_high"], color=theme.PALETTE[0], alpha=0.6, linewidth=1.6)
    axes.plot(frame["ratio"], places, "o", color=theme.PALETTE[0], markersize=4.5)
    axes.set_xscale("log")
    # The same axis for every part of a long list, unless a line leaves it.
    ends = min(0.1, frame["ratio_low"].min()), max(10, frame["ratio_high"].max())
    ticks = [tick for tick in (0.01, 0.1, 0.2, 0.5, 1, 2, 5, 10, 100) if ends[0] <= tick <= ends[1]]
    axes.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    axes.set_xlim(*ends)
    axes.xaxis.set_minor_locator(NullLocator())
    axes.set_yticks(places, [shorten(name) for name in frame["manager"]], size=8)
    axes.set_ylim(len(frame) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("Times as long as the average manager")


def funnel(frame: pd.DataFrame, axes: Axes) -> None:
    """Draw managers' shares (``share``, per cent) against promises due, with limits around the share of all.

    Lines join the limits at the numbers of promises that occur: ``low_95`` and so on are exact, ``low_95_wide`` allow
    for overdispersion. Managers outside the wide 99.8 % limits (``outside``) are named.
    """
    limits = frame.drop_duplicates("due").sort_values("due")
    axes.axhline(frame["target"].iloc[0], color=theme.QUIET, linewidth=1, label="All managers")
    styles = {
        "95": (theme.PALETTE[2], ":", "95 %, chance alone"),
        "998": (theme.PALETTE[2], "-", "99.8 %, chance alone"),
        "95_wide": (theme.PALETTE[1], ":", "95 %, allowing for usual differences"),
        "998_wide": (theme.PALETTE[1], "-", "99.8 %, allowing for usual differences"),
    }
    for name, (colour, line, label) in styles.items():
        axes.plot(limits["due"], limits[f"low_{name}"], color=colour, linestyle=line, linewidth=1.3, label=label)
        axes.plot(limits["due"], limits[f"high_{name}"], color=colour, linestyle=line, linewidth=1.3)
    axes.plot(frame["due"], frame["share"], "o", color=theme.PALETTE[0], alpha=0.55, markersize=5, linestyle="none")
    for row in frame[frame["outside"] == "outside 99.8 %"].to_dict("records"):
        place = (row["due"], row["share"])
        axes.annotate(shorten(row["manager"], 24), place, xytext=(5, -3), textcoords="offset points", size=7)
    axes.set_ylim(-3, 103)
    axes.set_xlabel("Promises due")
    axes.set_ylabel("Promises kept, per cent")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=2, fontsize=8)


def render(figure: Figure, kind: str) -> bytes:
    """Return the figure as ``png`` (150 dots per inch) or ``svg`` bytes, the same on every run."""
    buffer = io.BytesIO()
    with mpl.rc_context(theme.settings()):
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        figure.savefig(buffer, format=kind, dpi=150, bbox_inches="tight", pad_inches=0.05, metadata=metadata)
    return buffer.getvalue()


def undrawn(figure: Figure) -> str:
    """Return a sentence on what the figure cannot show, because no font has its signs."""
    with mpl.rc_context(theme.settings()):
        return scripts.undrawn(figure)


def wrap(label: object, width: int = 30) -> str:
    """Break a long label into lines; a single endless word is cut to at most three lines."""
    lines = textwrap.wrap(" ".join(str(label).split()), width) or [""]
    return "\n".join(lines[:3]) + ("…" if len(lines) > 3 else "")


def shorten(label: object, width: int = 32) -> str:
    """Cut a label to one line."""
    words = " ".join(str(label).split())
    return words if len(words) <= width else words[: width - 1] + "…"


def _ranges(frame: pd.DataFrame, chart: Chart, small: bool) -> Figure:
    """Draw horizontal bars or dots, one row per category, with intervals as lines."""
    categories = list(dict.fromkeys(frame[chart.category]))
    series = list(chart.colours)
    row = (0.16 + 0.06 * len(series)) if small else (0.26 + 0.13 * len(series))
    high = 0.9 + max(len(categories), 2) * row
    size = (SMALL_WIDTH, max(high, SMALL_HEIGHT)) if small else (WIDTH, high)
    figure = Figure(figsize=size, layout="tight")
    axes = figure.add_subplot()
    offsets = np.linspace(-0.2, 0.2, len(series)) if len(series) > 1 else [0.0]
    span = ends(chart)
    start = span[0] if span else 0.0
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
    if span:
        _pad_span(axes, span)
    for place in hidden_rows:
        axes.annotate(
            "hidden",
            (0.01, place),
            xycoords=("axes fraction", "data"),
            va="center",
            color=theme.QUIET,
            size=8,
        )
    labels = [shorten(category, SMALL_LABEL) if small else wrap(category) for category in categories]
    axes.set_yticks(range(len(categories)), labels)
    axes.set_ylim(len(categories) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel(chart.value_label)
    _legend(axes, series)
    return figure


def _line(frame: pd.DataFrame, chart: Chart, category_label: str, size: tuple[float, float]) -> Figure:
    """Draw one line per series over ordered categories (waves, months), intervals as bars; over numbers, as bands."""
    categories = list(dict.fromkeys(frame[chart.category]))
    on_numbers = pd.api.types.is_numeric_dtype(frame[chart.category])
    series = list(chart.colours)
    figure = Figure(figsize=size, layout="tight")
    axes = figure.add_subplot()
    shift = min(0.12, 0.5 / max(len(series), 1))
    for order, (name, marker) in enumerate(zip(series, theme.MARKERS * 9, strict=False)):
        rows = frame[frame[chart.series].astype(str) == name] if chart.series else frame
        beside = 0 if on_numbers else (order - (len(series) - 1) / 2) * shift
        place = rows[chart.category] if on_numbers else rows[chart.category].map(categories.index) + beside
        value, colour = rows[chart.value].astype(float), chart.colours[name]
        marker_size = 4 if on_numbers else 6
        axes.plot(place, value, marker=marker, markersize=marker_size, color=colour, linewidth=2, label=name)
        if chart.low and chart.high:
            low, high = rows[chart.low].astype(float), rows[chart.high].astype(float)
            if on_numbers:
                axes.fill_between(place, low.fillna(value), high.fillna(value), color=colour, alpha=0.15, linewidth=0)
            else:
                axes.vlines(place, low, high, color=colour, linewidth=1.4, alpha=0.7)
    if span := ends(chart):
        axes.set_ylim(*span)
    if not on_numbers:
        axes.set_xticks(range(len(categories)), [wrap(category, 14) for category in categories])
        axes.set_xlim(-0.4, len(categories) - 0.6)
    axes.grid(axis="x", visible=False)
    axes.set_xlabel(category_label)
    axes.set_ylabel(wrap(chart.value_label, 36))
    _legend(axes, series)
    return figure


def _heatmap(frame: pd.DataFrame, chart: Chart, value: Column, accent: str, mark: str | None) -> Figure:
    """Draw a table of shaded cells with their numbers; a hidden cell is grey and says so by a dash."""
    rows = list(dict.fromkeys(frame[chart.category]))
    columns = list(dict.fromkeys(frame[chart.series]))
    cells = frame.pivot(index=chart.category, columns=chart.series, values=chart.value)
    cells = cells.reindex(index=rows, columns=columns).astype(float)
    labels = cells.map(value.printed)
    if mark:
        marks = frame.pivot(index=chart.category, columns=chart.series, values=mark).reindex_like(cells)
        labels += marks.map(lambda word: MARK if isinstance(word, str) and word else "")
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
        axes.texts, np.asarray(axes.collections[0].get_facecolor())[cells.notna().to_numpy().ravel()], strict=True
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


def ends(chart: Chart) -> tuple[float, float] | None:
    """Return the ends of the value axis, where the chart fixes them."""
    return None if chart.value_min is None or chart.value_max is None else (chart.value_min, chart.value_max)


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
