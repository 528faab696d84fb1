"""Charts, heatmaps and tables that PowerPoint draws itself, so that a consultant can edit them."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from lxml import etree
from matplotlib.ticker import MaxNLocator
from pptx.chart.chart import Chart as NativeChart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.slide import Slide
from pptx.table import Table as NativeTable
from pptx.util import Emu, Inches, Pt

from helpers.published import Cell, Chart

from ..cover import contrast_with_white
from ..document import Placed
from ..wording import shortened
from .pdf import column_shares
from .shapes import INK, LINE, TINT, Area, describe, rgb

KINDS = {
    "bar": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "dot": XL_CHART_TYPE.LINE_MARKERS,
    "line": XL_CHART_TYPE.LINE_MARKERS,
}
_MARKERS = [XL_MARKER_STYLE.CIRCLE, XL_MARKER_STYLE.SQUARE, XL_MARKER_STYLE.DIAMOND, XL_MARKER_STYLE.TRIANGLE]
#: The bars of which a slide does not speak, and how much of its colour one of several series keeps there.
PLAIN, PALE = "#b9c4cc", 0.35
#: Value, low and high end of its interval.
_Point = tuple[float | None, float | None, float | None]


def native_chart(
    slide: Slide, placed: Placed, spec: Chart, area: Area, accent: str, marked: Collection[str] = ()
) -> None:
    """Draw bars, dots or lines, intervals as error bars; all bars and dots but those ``marked`` are pale."""
    cells = _pivot(placed, spec)
    categories, series = list(cells), list(next(iter(cells.values()), {}))
    data: Any = CategoryChartData(number_format="0" if not spec.decimals else "0." + "0" * spec.decimals)
    data.categories = [shortened(category, 60) for category in categories]
    for name in series:
        data.add_series(name or spec.value_label, [cells[category][name][0] for category in categories])
    # A native dot chart stands upright, which long labels do not fit under: those become bars.
    long = len(categories) > 8 or max(map(len, categories), default=0) > 16
    lying = (spec.type == "bar" and spec.horizontal) or (spec.type == "dot" and long)
    bars = lying or spec.type == "bar"
    kind = XL_CHART_TYPE.BAR_CLUSTERED if lying else KINDS[spec.type]
    # python-pptx declares another class of data than it takes, and a chart where it returns the frame around one.
    frame: Any = slide.shapes.add_chart(kind, *area, data)
    describe(frame._element.nvGraphicFramePr, placed.alt)
    chart: NativeChart = frame.chart
    known = [number for line in cells.values() for cell in line.values() for number in cell if number is not None]
    _axes(chart, spec, lying, [*known, 0] if bars else known)
    chart.has_title = False
    chart.has_legend = len(series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    for place, (plotted, name) in enumerate(zip(chart.plots[0].series, series)):
        colour = spec.colours.get(name or spec.value_label, accent)
        if bars:
            plotted.format.fill.solid()
            plotted.format.fill.fore_color.rgb = rgb(colour)
            plotted.invert_if_negative = False
        else:
            _dots(plotted, colour, joined=spec.type == "line", marker=_MARKERS[place % len(_MARKERS)])
        if spec.type != "line" and not {*marked}.isdisjoint(categories):
            plain = pale(colour) if len(series) > 1 else PLAIN
            for at in (at for at, category in enumerate(categories) if category not in marked):
                point = plotted.points[at]
                fill = point.format.fill if bars else point.marker.format.fill
                fill.solid()
                fill.fore_color.rgb = rgb(plain)
        if spec.low and spec.high:
            _error_bars(
                plotted._element, [cells[category][name] for category in categories], INK if bars else colour[1:]
            )


def pale(colour: str) -> str:
    """Return a colour three quarters of the way to white."""
    parts = [int(colour.lstrip("#")[place : place + 2], 16) for place in (0, 2, 4)]
    return "#" + "".join(f"{round(255 - (255 - part) * PALE):02x}" for part in parts)


def _pivot(placed: Placed, spec: Chart) -> dict[str, dict[str, _Point]]:
    """Arrange a chart's rows: category, then series, then value and interval."""
    names = [column.name for column in placed.exhibit.columns]
    places = [names.index(name) if name in names else None for name in (spec.value, spec.low, spec.high)]
    category = names.index(spec.category)
    series = names.index(spec.series) if spec.series else None
    every = dict.fromkeys(texts[series] if series is not None else "" for texts in placed.exhibit.texts)
    cells: dict[str, dict[str, _Point]] = {}
    for row, texts in zip(placed.exhibit.rows, placed.exhibit.texts):
        line = cells.setdefault(texts[category], dict.fromkeys(every, (None, None, None)))
        value, low, high = (None if place is None else _number(row[place]) for place in places)
        line[texts[series] if series is not None else ""] = (value, low, high)
    return cells


def _number(cell: Cell) -> float | None:
    return cell if isinstance(cell, int | float) else None


def _axes(chart: NativeChart, spec: Chart, lying: bool, known: list[float]) -> None:
    chart.font.size, chart.font.color.rgb = Pt(12), rgb(INK)
    value, category = chart.value_axis, chart.category_axis
    if spec.value_min is not None:
        value.minimum_scale, value.maximum_scale = spec.value_min, spec.value_max
    elif known:  # left to itself, the axis takes the values and cuts their intervals off
        ticks = MaxNLocator(steps=[1, 2, 5, 10]).tick_values(min(known), max(known))
        value.minimum_scale, value.maximum_scale = float(ticks[0]), float(ticks[-1])
    value.has_title = True
    value.axis_title.text_frame.text = spec.value_label
    value.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(12)
    value.axis_title.text_frame.paragraphs[0].runs[0].font.bold = False
    value.major_gridlines.format.line.color.rgb = rgb(LINE)
    value.format.line.fill.background()
    category.format.line.color.rgb = rgb(LINE)
    category.has_major_gridlines = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW  # beside the chart, not over bars below zero
    if lying:
        # The first category stands at the top, as in the report; the labels of the values stay at the bottom.
        category.reverse_order = True
        value.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
        chart.plots[0].gap_width = 60 if len(chart.plots[0].categories) > 3 else 150


def _dots(plotted: Any, colour: str, joined: bool, marker: XL_MARKER_STYLE) -> None:
    plotted.smooth = False
    plotted.marker.style, plotted.marker.size = marker, 9
    plotted.marker.format.fill.solid()
    plotted.marker.format.fill.fore_color.rgb = rgb(colour)
    plotted.marker.format.line.color.rgb = rgb(colour)
    if joined:
        plotted.format.line.color.rgb, plotted.format.line.width = rgb(colour), Pt(2.25)
    else:
        plotted.format.line.fill.background()


def _error_bars(series: Any, cells: Sequence[_Point], colour: str) -> None:
    """Add intervals as the chart's own error bars; python-pptx has no call for them."""

    def points(side: int) -> str:
        ends = [(place, cell[0], cell[side]) for place, cell in enumerate(cells)]
        lengths = [(place, abs(end - value)) for place, value, end in ends if value is not None and end is not None]
        values = "".join(f'<c:pt idx="{place}"><c:v>{length:.6g}</c:v></c:pt>' for place, length in lengths)
        return f'<c:numLit><c:formatCode>General</c:formatCode><c:ptCount val="{len(cells)}"/>{values}</c:numLit>'

    names = "http://schemas.openxmlformats.org/drawingml/2006/"
    xml = (
        f'<c:errBars xmlns:c="{names}chart" xmlns:a="{names}main">'
        '<c:errBarType val="both"/><c:errValType val="cust"/><c:noEndCap val="0"/>'
        f"<c:plus>{points(2)}</c:plus><c:minus>{points(1)}</c:minus>"
        f'<c:spPr><a:ln w="15875"><a:solidFill><a:srgbClr val="{colour}"/></a:solidFill></a:ln></c:spPr></c:errBars>'
    )
    series.find(qn("c:cat")).addprevious(etree.fromstring(xml))


def heatmap(slide: Slide, placed: Placed, spec: Chart, area: Area, accent: str, marked: Collection[str] = ()) -> int:
    """Draw a heatmap as a table whose cells are tinted by their value; names of ``marked`` rows and columns stand out.

    Where cells are compared with something, the chart names the colours below, like and above it. Returns how high the
    table is.
    """
    cells = _pivot(placed, spec)
    names = [column.name for column in placed.exhibit.columns]
    places = [names.index(name) for name in (spec.category, spec.series or "", spec.value)]
    texts = {(row[places[0]], row[places[1]]): row[places[2]] for row in placed.exhibit.texts}
    columns = list(next(iter(cells.values()), {}))
    rows = [["", *columns]] + [[name, *(texts.get((name, column), "") for column in columns)] for name in cells]
    wide = area.width / Inches(1) / (2.2 + len(columns))
    longest = max((len(word) for column in columns for word in column.split()), default=1)
    size = next((size for size in (11, 10, 9) if longest * size / 145 <= wide - 0.2), 8)  # a letter is half as wide
    shares = [2.2] + [1.0] * len(columns)
    drawn = table(slide, rows, [False] + [True] * len(columns), area, accent, size=size, shares=shares)
    lines = max((-(-len(column) * size // int(145 * (wide - 0.2))) for column in columns), default=1) + 1
    head = Inches(0.1 + size / 60 * lines)
    drawn.rows[0].height = head
    line_height = min(Inches(0.36), (area.height - head) // max(len(cells), 1))
    for row in list(drawn.rows)[1:]:
        row.height = Emu(line_height)
    known = [cell[0] for line in cells.values() for cell in line.values() if cell[0] is not None]
    low, high = (min(known), max(known)) if known else (0, 0)
    if spec.value_min is not None and spec.value_max is not None:
        low, high = spec.value_min, spec.value_max
    stops = [TINT, accent]
    if {"below", "alike", "above"} <= set(spec.colours):
        stops = [spec.colours[name] for name in ("below", "alike", "above")]
        high = max(abs(low), abs(high))
        low = -high
    for down, line in enumerate(cells.values(), start=1):
        for across, (value, *_) in enumerate(line.values(), start=1):
            cell = drawn.cell(down, across)
            cell.vertical_anchor, paragraph = MSO_ANCHOR.MIDDLE, cell.text_frame.paragraphs[0]
            paragraph.alignment = PP_ALIGN.CENTER
            if value is None:
                continue
            tint = _between(stops, (value - low) / (high - low) if high > low else 0.5)
            cell.fill.fore_color.rgb = tint
            paragraph.font.color.rgb = rgb("#FFFFFF" if contrast_with_white(str(tint)) >= 4.5 else INK)
    heads = [(down, 0, name) for down, name in enumerate(cells, start=1)]
    heads += [(0, across, name) for across, name in enumerate(columns, start=1)]
    for down, across, name in heads:
        drawn.cell(down, across).vertical_anchor = MSO_ANCHOR.MIDDLE
        paragraph = drawn.cell(down, across).text_frame.paragraphs[0]
        paragraph.alignment, font = PP_ALIGN.CENTER if across else PP_ALIGN.LEFT, paragraph.font
        font.bold = name in marked or not (marked or across)
        if name in marked and down:
            drawn.cell(down, across).fill.fore_color.rgb = rgb(accent)
            font.color.rgb = rgb("#FFFFFF")
    return head + line_height * len(cells)


def _between(stops: Sequence[str], share: float) -> RGBColor:
    """Return the colour at a share of the way through several."""
    place = min(int(share * (len(stops) - 1)), len(stops) - 2)
    rest = share * (len(stops) - 1) - place
    first, second = (RGBColor.from_string(stops[at].lstrip("#").upper()) for at in (place, place + 1))
    return RGBColor(*(round(a + (b - a) * rest) for a, b in zip(first, second)))


def table(
    slide: Slide,
    rows: list[list[str]],
    numeric: list[bool],
    area: Area,
    accent: str,
    *,
    size: int = 0,
    shares: Sequence[float] = (),
    longest: int = 60,
) -> NativeTable:
    """Draw a table; its first row is the heading.

    ``size`` is that of its letters in points, ``shares`` are those of its columns in its width, and ``longest`` is how
    many letters of a cell are shown; size and shares follow from the text unless they are given.
    """
    height = Emu(min(area.height, Inches(0.41) * len(rows)))
    drawn = slide.shapes.add_table(len(rows), len(rows[0]), area.left, area.top, area.width, height).table
    drawn.horz_banding = False
    size = size or (12 if len(rows[0]) <= 5 and len(rows) <= 9 else 10)
    shares = shares or column_shares(rows[0], rows[1:], room=75)
    for place, share in enumerate(shares):
        drawn.columns[place].width = Emu(int(area.width * share / sum(shares)))
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            cell = drawn.cell(down, across)
            cell.text = shortened(str(text), longest)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            cell.fill.solid()
            cell.fill.fore_color.rgb = rgb(accent if down == 0 else TINT)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size, paragraph.font.bold = Pt(size), down == 0
            paragraph.font.color.rgb = rgb("#FFFFFF" if down == 0 else INK)
            paragraph.alignment = PP_ALIGN.RIGHT if numeric[across] else PP_ALIGN.LEFT
    return drawn
