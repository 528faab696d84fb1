"""Charts of already protected tables. Each function draws what the exhibit's description says, and nothing else."""

from __future__ import annotations

import io
import textwrap
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.backend_bases import FigureCanvasBase
from matplotlib.backends.backend_agg import FigureCanvasAgg, RendererAgg
from matplotlib.figure import Figure
from matplotlib.ticker import NullLocator

from helpers.published import Chart, Column

from . import scripts, theme

#: Signs in a heatmap's cells: of the first column of words that marks them, and of the second.
MARKS = "°*"
#: Width and lines of a question's words beside its bar.
QUESTION_WIDTH = 46
#: Per cent from which a part of a bar holds its number.
LABELLED_FROM = 8
WIDTH = 7.2  # inches: the text width of an A4 page
#: Of a chart that is to be read at half that width: letters stay as large as on the page beside it.
SMALL_WIDTH, SMALL_HEIGHT = 5.0, 3.3
LABEL, SMALL_LABEL = 30, 24
#: Categories of a line chart beyond which not every one is named, and its points are drawn small.
MANY = 18
#: Of texts in the middle of a bar or a cell, which need not be measured to find room for them.
INSIDE: Mapping[str, Any] = {"ha": "center", "va": "center", "in_layout": False}
DOTS = 150  # per inch, of pictures that are no vectors
PADDING = 0.05  # inches around all that is drawn


def value_label(column: Column) -> str:
    """Return the label of a value axis with its unit."""
    unit = "per cent" if column.type == "percent" else column.unit
    return f"{column.label}, {unit}" if unit and unit not in column.label else column.label


@dataclass(frozen=True)
class Heat:
    """How a heatmap is drawn.

    Attributes
    ----------
    marks : sequence of str
        Columns of words; a sign stands in the cells in which there are any.
    whole : str
        The row, or the column, with which all cells are compared: its cells show ``level``, the others their
        difference. Empty where cells show what they are.
    level : str
        Column of what the whole is.
    widest : float
        Difference at which the colour is strongest, at least, so that small ones stay pale.
    """

    marks: Sequence[str] = ()
    whole: str = ""
    level: str = ""
    widest: float = 10.0


def draw(
    frame: pd.DataFrame,
    chart: Chart,
    columns: Mapping[str, Column],
    accent: str,
    how: Heat | None = None,
    small: bool = False,
) -> Figure:
    """Draw the chart.

    Parameters
    ----------
    frame : pandas.DataFrame
        Protected cells; hidden values are missing and leave a gap that says so.
    chart : Chart
        What to draw.
    columns : mapping of str to Column
        How values are printed and called.
    accent : str
        The brand's accent colour, in which heatmaps are shaded that compare nothing.
    how : Heat, optional
        How a heatmap is drawn.
    small : bool
        Whether dots, bars or lines are drawn for half the width of a page.

    Returns
    -------
    matplotlib.figure.Figure
        A figure that pyplot does not know, so that nothing is displayed twice.
    """
    with mpl.rc_context(theme.settings()):
        if chart.type == "heatmap":
            return _heatmap(frame, chart, columns, how or Heat(), accent)
        if chart.type == "line":
            return _line(
                frame, chart, columns[chart.category].label, (SMALL_WIDTH, SMALL_HEIGHT) if small else (WIDTH, 3.4)
            )
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


def stacked(frame: pd.DataFrame, axes: Axes) -> None:
    """Draw one bar per question: per cent favourable, neutral and unfavourable, with their numbers.

    Of few answers only ``favourable`` is told: the rest of the bar is pale, and holds no number.
    """
    labels = [wrap(question, QUESTION_WIDTH) for question in frame["question"]]
    lines = sum(max(label.count("\n") + 1, 2) for label in labels)
    if (figure := axes.get_figure(root=True)) is not None:
        figure.set_figheight(1.2 + 0.19 * lines)
    heights = np.cumsum([0.0, *(max(label.count("\n") + 1, 2) / 2 for label in labels[:-1])])
    kinds = (
        ("favourable", "Favourable", theme.FAVOURABLE),
        ("neutral", "Neutral", theme.NEUTRAL),
        ("unfavourable", "Unfavourable", theme.UNFAVOURABLE),
    )
    left, parts = np.zeros(len(frame)), frame[[name for name, *_ in kinds]].apply(pd.to_numeric, errors="coerce")
    longer = np.where(parts.notna().all(axis=1), parts.sum(axis=1) / 100, 1.0)  # parts are rounded: a bar ends at 100
    axes.barh(heights, np.full(len(frame), 100.0), color=theme.REST, height=0.72)
    for name, label, colour in kinds:
        told = parts[name].fillna(0).to_numpy()
        width, ink = told / longer, theme.ink_on(colour)
        axes.barh(heights, width, left=left, height=0.72, color=colour, label=label)
        for place in np.flatnonzero(width >= LABELLED_FROM):
            middle = (left[place] + width[place] / 2, heights[place])
            axes.text(*middle, f"{told[place]:.0f}", **INSIDE, size=8, color=ink)
        left = left + width
    axes.set_yticks(heights, labels, size=8)
    axes.set_ylim(heights[-1] + 0.7, -0.7)
    axes.set_xlim(0, 100)
    axes.set_xticks([0, 25, 50, 75, 100])
    axes.grid(visible=False)
    axes.set_xlabel("Per cent of answers")
    axes.legend(loc="lower left", bbox_to_anchor=(0, 1.0), ncols=3, borderaxespad=0.2, handletextpad=0.3)


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


def control_chart(frame: pd.DataFrame, axes: Axes) -> None:
    """Draw series as distances from what is usual, with limits at three standard deviations and alarms as dots.

    ``frame`` has measure, period (year and month, or another that sorts) and deviation.
    """
    periods = sorted(frame["period"].unique())
    place = {period: at for at, period in enumerate(periods)}
    names = list(dict.fromkeys(frame["measure"]))
    for name, colour in theme.colours([str(one) for one in names]).items():
        rows = frame[frame["measure"] == name].dropna(subset=["deviation"])
        at = rows["period"].map(place)
        axes.plot(at, rows["deviation"], color=colour, linewidth=1.2, label=wrap(name, 44))
        outside = rows["deviation"].abs() > 3
        axes.plot(at[outside], rows.loc[outside, "deviation"], "o", color=colour, markersize=4)
    axes.axhline(0, color=theme.QUIET, linewidth=0.8)
    for limit in (-3, 3):
        axes.axhline(limit, color=theme.INK, linewidth=1, linestyle="--")
    step = 1 if len(periods) <= MANY else -(-len(periods) // (MANY // 2))
    axes.set_xticks(range(0, len(periods), step), periods[::step])
    axes.set_ylabel("Standard deviations from usual")
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, -0.12), ncols=2, frameon=False, fontsize=8)


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


class _Measuring(FigureCanvasAgg):
    """Measures the texts of all charts with one renderer, which remembers how large each is; draws nothing."""

    ruler = RendererAgg(1, 1, DOTS)

    def get_renderer(self) -> RendererAgg:
        """Return the same renderer for every figure."""
        return self.ruler


def render(figure: Figure, kind: str) -> bytes:
    """Return the figure as ``png`` (150 dots per inch) or ``svg``, the same on every run.

    Its texts are measured once: that costs more than drawing does.
    """
    with mpl.rc_context({**theme.settings(), "font.family": scripts.narrowed(figure, theme.families())}):
        figure.set_dpi(DOTS)
        renderer = _Measuring(figure).get_renderer()
        for axis in (axis for axes in figure.axes for axis in (axes.xaxis, axes.yaxis)):
            if not axis.get_label_text():  # else every tick is measured to find a place for nothing
                axis.set_label_coords(0, 0)
        if (layout := figure.get_layout_engine()) is not None:
            layout.execute(figure)
            figure.set_layout_engine(None)  # not "none": a figure that has had an engine is drawn once more to be saved
        within = figure.get_tightbbox(renderer).padded(PADDING)
        FigureCanvasBase(figure)
        metadata = {"Date": None, "Creator": None} if kind == "svg" else {"Software": None}
        buffer = io.BytesIO()
        figure.savefig(buffer, format=kind, dpi=DOTS, bbox_inches=within, metadata=metadata)
        return buffer.getvalue()


def undrawn(figure: Figure) -> str:
    """Return a sentence on what the figure cannot show, because no font has its signs."""
    with mpl.rc_context(theme.settings()):
        return scripts.undrawn(figure)


def wrap(label: object, width: int = LABEL) -> str:
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
    labels = [wrap(category, SMALL_LABEL if small else LABEL) for category in categories]
    row = (0.16 + 0.06 * len(series)) if small else (0.26 + 0.13 * len(series))
    row = max(row, 0.34) if small and any("\n" in label for label in labels) else row
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
        marker_size = 4 if on_numbers or len(categories) > MANY else 6
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
        step = 1 if len(categories) <= MANY else -(-len(categories) // (MANY // 2))
        axes.set_xticks(range(0, len(categories), step), [wrap(category, 14) for category in categories[::step]])
        axes.set_xlim(-0.4, len(categories) - 0.6)
    axes.grid(axis="x", visible=False)
    axes.set_xlabel(category_label)
    axes.set_ylabel(wrap(chart.value_label, 36))
    _legend(axes, series)
    return figure


def _heatmap(frame: pd.DataFrame, chart: Chart, columns: Mapping[str, Column], how: Heat, accent: str) -> Figure:
    """Draw a table of shaded cells with their numbers; a hidden cell is grey and says so by a dash."""
    rows = list(dict.fromkeys(frame[chart.category]))
    across = list(dict.fromkeys(frame[chart.series]))

    def arranged(name: str) -> pd.DataFrame:
        return frame.pivot(index=chart.category, columns=chart.series, values=name).reindex(index=rows, columns=across)

    cells = arranged(chart.value).astype(float)
    labels = cells.map(columns[chart.value].printed)
    whole = np.zeros(cells.shape, dtype=bool)
    if how.whole:
        whole = (cells.index == how.whole)[:, None] | (cells.columns == how.whole)[None, :]
        labels = labels.where(~(cells > 0), "+" + labels).mask(
            whole, arranged(how.level).map(columns[how.level].printed)
        )
    for name, sign in zip(how.marks, MARKS):
        labels += arranged(name).map(lambda word, sign=sign: sign if isinstance(word, str) and word else "")
    # Shade over the range shown, unless a span is given: on a five-point scale most group means fall within one point.
    known = cells.mask(whole)
    low, high = (known.min().min(), known.max().max()) if known.notna().any(axis=None) else (0.0, 1.0)
    low, high = (not how.whole and ends(chart)) or (low, high)
    if how.whole:
        high = max(abs(low), abs(high), how.widest)
        low = -high
    tall = [wrap(row, QUESTION_WIDTH if _is_long(rows) else 22) for row in rows]
    slanted = len(across) > 5
    height = 0.15 + (1.35 if slanted else 0.55) + 0.42 * len(rows)
    figure = Figure(figsize=(WIDTH, height), layout="tight")
    axes = figure.add_subplot()
    sns.heatmap(
        cells,
        ax=axes,
        annot=labels,
        fmt="",
        cmap=theme.diverging() if how.whole else theme.sequential(accent),
        vmin=low,
        vmax=high if high > low else low + 1,
        linewidths=2,
        linecolor="white",
        cbar=not how.whole,
        cbar_kws=None if how.whole else {"label": wrap(chart.value_label, 34), "shrink": 0.9},
        annot_kws={"size": 9, **INSIDE},
        xticklabels=False,  # they are set below; seaborn would measure its own to see whether they overlap
        yticklabels=False,
    )
    axes.set_facecolor("#e6e9ec")
    axes.grid(visible=False)
    shown = cells.notna().to_numpy().ravel()
    fills = np.asarray(axes.collections[0].get_facecolor())[shown]
    for label, fill, of_all in zip(axes.texts, fills, whole.ravel()[shown], strict=True):
        label.set_color(theme.ink_on(fill))
        label.set_fontweight("bold" if of_all else "normal")
    for place_row, place_column in np.argwhere(cells.isna().to_numpy()):
        axes.text(place_column + 0.5, place_row + 0.5, "–", **INSIDE, color=theme.QUIET, size=9)
    size = 8 if _is_long(rows) else 10
    axes.set_yticks(np.arange(len(rows)) + 0.5, tall, rotation=0, size=size, va="center")
    axes.set_xticks(
        np.arange(len(across)) + 0.5,
        [shorten(column) if slanted else wrap(column, 14) for column in across],
        rotation=40 if slanted else 0,
        ha="right" if slanted else "center",
        rotation_mode="anchor",
    )
    if not slanted:
        for label in axes.get_xticklabels():
            label.set_verticalalignment("top")
    axes.set(xlabel="", ylabel="")
    return figure


def _is_long(rows: list[object]) -> bool:
    """Say whether rows are named by sentences."""
    return max((len(str(row)) for row in rows), default=0) > 44


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
