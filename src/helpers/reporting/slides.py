"""Writes a deck: one finding per slide, its chart native, so that a consultant can edit both."""

from __future__ import annotations

import io

from lxml import etree
from lxml import html as lxml_html
from matplotlib.ticker import MaxNLocator
from pptx import Presentation
from pptx.chart.chart import Chart as NativeChart
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as PresentationType
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from . import house_deck
from .cover import contrast_with_white, rasterized
from .document import Block, Chapter, Exhibit, Finding, Heading, Prose, shortened
from .html import Report, environment
from .pdf import column_shares

INK, QUIET, TINT, LINE = "1F2933", "52606D", "F4F7F8", "D9E0E6"
MAX_TABLE_ROWS = 8
MAX_TABLE_COLUMNS = 7
#: Characters of a consultant's commentary that fit on its slide.
MOST_COMMENTARY = 1200
_KINDS = {
    "bar": XL_CHART_TYPE.COLUMN_CLUSTERED,
    "dot": XL_CHART_TYPE.LINE_MARKERS,
    "line": XL_CHART_TYPE.LINE_MARKERS,
}
_MARKERS = [XL_MARKER_STYLE.CIRCLE, XL_MARKER_STYLE.SQUARE, XL_MARKER_STYLE.DIAMOND, XL_MARKER_STYLE.TRIANGLE]


def deck(report: Report) -> bytes:
    """Write the deck.

    Parameters
    ----------
    report : Report
        Every finding of its chapters becomes a slide, after one with what the consultant wrote about the chapter.

    Returns
    -------
    bytes
        A 16:9 PowerPoint file: title, findings, closing slide; caveats and method stand in the speaker notes.
    """
    template = report.cover.pptx
    presentation = house_deck.emptied(template) if template else _blank(report.cover.accent)
    (house_deck.title_slide if template else _title_slide)(presentation, report)
    for chapter in (report.summary, *report.chapters):
        if chapter.commentary:
            _commentary_slide(presentation, report, chapter)
        for finding in chapter.findings if chapter is not report.summary else ():
            _finding_slide(presentation, report, finding)
    if not report.findings:
        words = ["The chapters of this report publish tables and charts, but state no finding."]
        _text_slide(presentation, report, "No findings to present", words if report.chapters else report.missing)
    closing = [f"{label}: {meaning}" for label, meaning in environment().globals["grades"].items()]
    _text_slide(presentation, report, "How to read these findings", [*closing, *report.notes, *report.missing])
    if template:
        for slide in list(presentation.slides)[1:]:
            house_deck.settle(slide)
    # PowerPoint's properties hold 255 characters.
    presentation.core_properties.title = shortened(report.cover.title, 255)
    presentation.core_properties.author = shortened(report.cover.client, 255)
    file = io.BytesIO()
    presentation.save(file)
    return file.getvalue()


def _blank(accent: str) -> PresentationType:
    """Make python-pptx's default presentation 16:9 and give its theme the brand's accent colour."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    theme = next(
        rel.target_part for rel in presentation.slide_master.part.rels.values() if rel.reltype.endswith("/theme")
    )
    tree = etree.fromstring(theme.blob)
    for colour in tree.iter(qn("a:accent1")):
        colour[0].getparent().replace(colour[0], etree.Element(qn("a:srgbClr"), val=accent[1:].upper()))
    theme._blob = etree.tostring(tree, xml_declaration=True, encoding="UTF-8", standalone=True)
    return presentation


def _title_slide(presentation: PresentationType, report: Report) -> None:
    cover = report.cover
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    slide.background.fill.solid()
    slide.background.fill.fore_color.rgb = _rgb(cover.accent)
    _title(slide, cover.title, Inches(2.3), Inches(2.3), 44, "#FFFFFF", MSO_ANCHOR.BOTTOM)
    _write(
        slide, shortened(cover.client, 90), Inches(0.6), Inches(1.3), Inches(8), Inches(0.5), 20, "#FFFFFF", bold=True
    )
    line = " · ".join(filter(None, [cover.date, cover.footer]))
    _write(slide, line, Inches(0.6), Inches(4.9), Inches(12), Inches(0.6), 18, "#FFFFFF")
    if logo := cover.logo_png():
        box = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, Inches(10.3), Inches(0.6), Inches(2.3), Inches(1.1))
        _paint(box, "#FFFFFF", None)
        house_deck.picture(slide, logo, (Inches(10.45), Inches(0.72), Inches(2.0), Inches(0.86)), cover.client)


def _finding_slide(presentation: PresentationType, report: Report, finding: Finding) -> None:
    slide = _body_slide(presentation, report, finding.sentence)
    exhibit = report.exhibit_of(finding)
    area = (Inches(0.6), Inches(2.55), Inches(8.6), Inches(4.1))
    if exhibit:
        _write(slide, exhibit.title, area[0], Inches(2.05), area[2], Inches(0.45), 14, QUIET)
    _exhibit(slide, finding, exhibit, area, report.cover.accent)
    _badge(slide, finding, report.cover.accent)
    top = Inches(2.75)
    for name, words in report.facts(finding):
        if name not in ("Respondents", "Method"):
            words = shortened(words, 90)
            height = Inches(0.3) * -(-len(words) // 28)
            _write(slide, name, Inches(9.6), top, Inches(3.1), Inches(0.3), 12, QUIET)
            _write(slide, words, Inches(9.6), top + Inches(0.25), Inches(3.1), height, 16, INK)
            top += height + Inches(0.45)
    people = f"n = {finding.n}" if finding.n else ""
    source = shortened(" · ".join(filter(None, [people, exhibit.note if exhibit else ""])), 260)
    _write(slide, source, Inches(0.6), Inches(6.62), Inches(8.6), Inches(0.42), 10, QUIET)
    notes = [
        finding.sentence,
        f"Grade: {finding.grade_label}.",
        *(f"{name}: {words}" for name, words in report.facts(finding)),
        *(f"Keep in mind: {caveat}" for caveat in finding.caveats),
        *([exhibit.message, exhibit.note] if exhibit else []),
    ]
    slide.notes_slide.notes_text_frame.text = "\n".join(filter(None, notes))


def _commentary_slide(presentation: PresentationType, report: Report, chapter: Chapter) -> None:
    """Show the first paragraph and the list after it of what the consultant wrote; all of it stands in the notes."""
    paragraphs, rest = [], MOST_COMMENTARY
    for text in _opening_lines(chapter.commentary):
        if rest > 0:
            paragraphs.append(shortened(text, max(rest, 40)))
        rest -= len(text) + 60  # a line of its own takes room, too
    slide = _text_slide(presentation, report, chapter.title, paragraphs)
    notes = [line for block in chapter.commentary for line in _lines(block)[1]]
    slide.notes_slide.notes_text_frame.text = "\n".join(notes)


def _opening_lines(commentary: list[Block]) -> list[str]:
    """Return the lines of a slide: the first paragraph, the list that follows it, or a list that stands first."""
    shown: list[str] = []
    for block in (block for block in commentary if isinstance(block, Prose)):
        is_list, lines = _lines(block)
        if is_list or not shown:
            shown += lines
        if is_list or shown != lines:
            break
    return shown


def _lines(block: Block) -> tuple[bool, list[str]]:
    """Return whether a block is a list, and its words without markup, a line for every point of a list."""
    if not isinstance(block, Prose):
        return False, [block.text] if isinstance(block, Heading) else []
    tree = lxml_html.fragment_fromstring(block.html, create_parent="div")
    points = tree.xpath("./ul/li | ./ol/li")
    texts = [" ".join(part.text_content().split()) for part in points or [tree]]
    return bool(points), [f"• {text}" if points else text for text in texts if text]


def _text_slide(presentation: PresentationType, report: Report, title: str, paragraphs: list[str]) -> Slide:
    slide = _body_slide(presentation, report, title)
    words = "\n".join(paragraphs)
    size = 18 if len(words) < 900 else 14
    _write(slide, words, Inches(0.6), Inches(1.9), Inches(12.1), Inches(4.7), size, INK, spacing=8)
    return slide


def _body_slide(presentation: PresentationType, report: Report, title: str) -> Slide:
    if report.cover.pptx:
        return house_deck.body_slide(presentation, report, title)
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    size = next((size for length, size in ((75, 30), (150, 26), (230, 22), (330, 18)) if len(title) <= length), 14)
    band = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, 0, 0, Inches(0.16), presentation.slide_height)
    _paint(band, report.cover.accent, None)
    _title(slide, title, Inches(0.35), Inches(1.5), size, INK, MSO_ANCHOR.MIDDLE)
    _write(slide, report.cover.line(120), Inches(0.6), Inches(7.05), Inches(11), Inches(0.3), 10, QUIET)
    number = _write(slide, "", Inches(11.9), Inches(7.05), Inches(0.8), Inches(0.3), 10, QUIET)
    _slide_number(number, len(presentation.slides))
    return slide


def _exhibit(slide: Slide, finding: Finding, exhibit: Exhibit | None, area: tuple, accent: str) -> None:
    """Show the finding's exhibit: a native chart where there is one, else a table, a picture, or the number."""
    kind = exhibit.chart["type"] if exhibit and exhibit.chart and exhibit.rows else None
    if kind in _KINDS:
        _native_chart(slide, exhibit, area, accent)
    elif kind == "heatmap":
        _heatmap(slide, exhibit, area, accent)
    elif exhibit and (exhibit.svg or exhibit.png):
        house_deck.picture(
            slide, rasterized(exhibit.svg) if exhibit.svg else exhibit.png, area, exhibit.alt or exhibit.title
        )
    elif exhibit and exhibit.texts:
        texts = sorted(exhibit.texts, key=lambda row: -_closeness(row, exhibit.numeric, finding))
        rows = [row[:MAX_TABLE_COLUMNS] for row in (exhibit.headings, *texts[:MAX_TABLE_ROWS])]
        _table(slide, rows, exhibit.numeric, area, accent)
        if len(exhibit.texts) > MAX_TABLE_ROWS or len(exhibit.columns) > MAX_TABLE_COLUMNS:
            words = f"A part of {exhibit.label}; all of it stands in the report."
            _write(slide, words, area[0], Inches(6.35), area[2], Inches(0.3), 10, QUIET)
    elif finding.estimate is not None:
        number = finding.estimate_words.split(" ")[0]
        _write(slide, number, area[0], Inches(3.0), area[2], Inches(1.3), 72, accent, bold=True)
        _write(slide, shortened(finding.unit, 60), area[0], Inches(4.25), area[2], Inches(0.5), 20, QUIET)


def _closeness(row: list[str], numeric: list[bool], finding: Finding) -> int:
    """Count the cells that name what a finding is about, so that a shortened table keeps those rows."""
    words = [text for text, number in zip(row, numeric) if text and not number]
    return sum(text == finding.group or text in finding.sentence for text in words)


def _native_chart(slide: Slide, exhibit: Exhibit, area: tuple, accent: str) -> None:
    spec = exhibit.chart
    cells = _pivot(exhibit)
    categories, series = list(cells), list(next(iter(cells.values()), {}))
    data = CategoryChartData(number_format="0" if not spec["decimals"] else "0." + "0" * spec["decimals"])
    data.categories = [shortened(category, 60) for category in categories]
    for name in series:
        data.add_series(name or spec["value_label"], [cells[category][name][0] for category in categories])
    # A native dot chart stands upright, which long labels do not fit under: those become bars.
    long = len(categories) > 8 or max(map(len, categories), default=0) > 16
    lying = (spec["type"] == "bar" and spec["horizontal"]) or (spec["type"] == "dot" and long)
    bars = lying or spec["type"] == "bar"
    frame = slide.shapes.add_chart(XL_CHART_TYPE.BAR_CLUSTERED if lying else _KINDS[spec["type"]], *area, data)
    frame._element.nvGraphicFramePr.cNvPr.set("descr", exhibit.alt or exhibit.title)
    chart = frame.chart
    known = [number for line in cells.values() for cell in line.values() for number in cell if number is not None]
    _axes(chart, spec, lying, [*known, 0] if bars else known)
    chart.has_title = False
    chart.has_legend = len(series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
    for place, (plotted, name) in enumerate(zip(chart.plots[0].series, series)):
        colour = spec["colours"].get(name or spec["value_label"], accent)
        if bars:
            plotted.format.fill.solid()
            plotted.format.fill.fore_color.rgb = _rgb(colour)
            plotted.invert_if_negative = False
        else:
            _dots(plotted, colour, joined=spec["type"] == "line", marker=_MARKERS[place % len(_MARKERS)])
        if spec.get("low") and spec.get("high"):
            _error_bars(
                plotted._element, [cells[category][name] for category in categories], INK if bars else colour[1:]
            )


def _pivot(exhibit: Exhibit) -> dict[str, dict[str, tuple]]:
    """Arrange a chart's rows: category, then series, then (value, low, high)."""
    names = [column["name"] for column in exhibit.columns]
    spec = exhibit.chart
    places = [names.index(spec[key]) if spec.get(key) in names else None for key in ("value", "low", "high")]
    category = names.index(spec["category"])
    series = names.index(spec["series"]) if spec.get("series") else None
    every = dict.fromkeys(texts[series] if series is not None else "" for texts in exhibit.texts)
    cells: dict[str, dict[str, tuple]] = {}
    for row, texts in zip(exhibit.rows, exhibit.texts):
        line = cells.setdefault(texts[category], dict.fromkeys(every, (None, None, None)))
        line[texts[series] if series is not None else ""] = tuple(
            None if place is None else row[place] for place in places
        )
    return cells


def _axes(chart: NativeChart, spec: dict, lying: bool, known: list[float]) -> None:
    chart.font.size, chart.font.color.rgb = Pt(12), _rgb(INK)
    value, category = chart.value_axis, chart.category_axis
    if spec.get("value_min") is not None:
        value.minimum_scale, value.maximum_scale = spec["value_min"], spec["value_max"]
    elif known:  # left to itself, the axis takes the values and cuts their intervals off
        ticks = MaxNLocator(steps=[1, 2, 5, 10]).tick_values(min(known), max(known))
        value.minimum_scale, value.maximum_scale = float(ticks[0]), float(ticks[-1])
    value.has_title = True
    value.axis_title.text_frame.text = spec["value_label"]
    value.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(12)
    value.axis_title.text_frame.paragraphs[0].runs[0].font.bold = False
    value.major_gridlines.format.line.color.rgb = _rgb(LINE)
    value.format.line.fill.background()
    category.format.line.color.rgb = _rgb(LINE)
    category.has_major_gridlines = False
    category.tick_label_position = XL_TICK_LABEL_POSITION.LOW  # beside the chart, not over bars below zero
    if lying:
        # The first category stands at the top, as in the report; the labels of the values stay at the bottom.
        category.reverse_order = True
        value.tick_label_position = XL_TICK_LABEL_POSITION.HIGH
        chart.plots[0].gap_width = 60


def _dots(plotted, colour: str, joined: bool, marker: XL_MARKER_STYLE) -> None:
    plotted.smooth = False
    plotted.marker.style, plotted.marker.size = marker, 9
    plotted.marker.format.fill.solid()
    plotted.marker.format.fill.fore_color.rgb = _rgb(colour)
    plotted.marker.format.line.color.rgb = _rgb(colour)
    if joined:
        plotted.format.line.color.rgb, plotted.format.line.width = _rgb(colour), Pt(2.25)
    else:
        plotted.format.line.fill.background()


def _error_bars(series, cells: list[tuple], colour: str) -> None:
    """Add intervals as the chart's own error bars; python-pptx has no call for them."""

    def points(side: int) -> str:
        lengths = [
            (place, abs(cell[side] - cell[0])) for place, cell in enumerate(cells) if None not in (cell[0], cell[side])
        ]
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


def _heatmap(slide: Slide, exhibit: Exhibit, area: tuple, accent: str) -> None:
    """Draw a heatmap as a table whose cells are tinted by their value."""
    cells = _pivot(exhibit)
    names = [column["name"] for column in exhibit.columns]
    places = [names.index(exhibit.chart[key]) for key in ("category", "series", "value")]
    texts = {(row[places[0]], row[places[1]]): row[places[2]] for row in exhibit.texts}
    columns = list(next(iter(cells.values()), {}))
    rows = [["", *columns]] + [[name, *(texts.get((name, column), "") for column in columns)] for name in cells]
    table = _table(slide, rows, [False] + [True] * len(columns), area, accent)
    known = [cell[0] for line in cells.values() for cell in line.values() if cell[0] is not None]
    low, high = (min(known), max(known)) if known else (0, 0)
    light, dark = (RGBColor.from_string(colour.lstrip("#").upper()) for colour in (TINT, accent))
    for down, line in enumerate(cells.values(), start=1):
        for across, (value, *_) in enumerate(line.values(), start=1):
            if value is None:
                continue
            share = (value - low) / (high - low) if high > low else 0.5
            tint = RGBColor(*(round(a + (b - a) * share) for a, b in zip(light, dark)))
            table.cell(down, across).fill.fore_color.rgb = tint
            ink = "#FFFFFF" if contrast_with_white(str(tint)) >= 4.5 else INK
            table.cell(down, across).text_frame.paragraphs[0].font.color.rgb = _rgb(ink)


def _table(slide: Slide, rows: list[list[str]], numeric: list[bool], area: tuple, accent: str):
    left, top, width, height = area
    shape = slide.shapes.add_table(len(rows), len(rows[0]), left, top, width, min(height, Inches(0.41) * len(rows)))
    table = shape.table
    table.horz_banding = False
    size = 12 if len(rows[0]) <= 5 and len(rows) <= 9 else 10
    shares = column_shares(rows[0], rows[1:], room=75)
    for column, share in zip(table.columns, shares):
        column.width = Emu(int(width * share / sum(shares)))
    for down, row in enumerate(rows):
        for across, text in enumerate(row):
            cell = table.cell(down, across)
            cell.text = shortened(str(text), 60)
            cell.margin_top = cell.margin_bottom = Inches(0.03)
            cell.fill.solid()
            cell.fill.fore_color.rgb = _rgb(accent if down == 0 else TINT)
            paragraph = cell.text_frame.paragraphs[0]
            paragraph.font.size, paragraph.font.bold = Pt(size), down == 0
            paragraph.font.color.rgb = _rgb("#FFFFFF" if down == 0 else INK)
            paragraph.alignment = PP_ALIGN.RIGHT if numeric[across] else PP_ALIGN.LEFT
    return table


def _badge(slide: Slide, finding: Finding, accent: str) -> None:
    colour = accent if finding.grade in ("strong", "moderate", "weak") else QUIET
    badge = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, Inches(9.6), Inches(2.1), Inches(2.6), Inches(0.42))
    badge.adjustments[0] = 0.5
    _paint(badge, colour, None)
    badge.text_frame.text = finding.grade_label
    paragraph = badge.text_frame.paragraphs[0]
    paragraph.alignment, paragraph.font.size, paragraph.font.bold = PP_ALIGN.CENTER, Pt(14), True
    paragraph.font.color.rgb = _rgb("#FFFFFF")


def _title(slide: Slide, text: str, top: int, height: int, size: int, colour: str, anchor: MSO_ANCHOR) -> None:
    title = slide.shapes.title
    title.left, title.top, title.width, title.height = Inches(0.6), top, Inches(12.1), height
    title.text_frame.margin_left = 0
    title.text_frame.word_wrap, title.text_frame.vertical_anchor = True, anchor
    title.text_frame.text = " ".join(text.split())
    paragraph = title.text_frame.paragraphs[0]
    paragraph.alignment, paragraph.font.bold = PP_ALIGN.LEFT, True
    paragraph.font.size = Pt(size if len(text) < 120 or size < 40 else 28)
    paragraph.font.color.rgb = _rgb(colour)


def _write(slide, text, left, top, width, height, size, colour, bold=False, spacing=0):
    box = slide.shapes.add_textbox(left, top, width, height)
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = 0
    frame.text = text
    for paragraph in frame.paragraphs:
        paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = Pt(size), bold, _rgb(colour)
        paragraph.space_after = Pt(spacing)
    return box


def _slide_number(box, number: int) -> None:
    paragraph = box.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT
    field = etree.SubElement(paragraph._p, qn("a:fld"), id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", type="slidenum")
    etree.SubElement(field, qn("a:rPr"), lang="en-GB", sz="1000")
    etree.SubElement(field, qn("a:t")).text = str(number)


def _paint(shape, fill: str, line: str | None) -> None:
    shape.fill.solid()
    shape.fill.fore_color.rgb = _rgb(fill)
    shape.shadow.inherit = False
    if line is None:
        shape.line.fill.background()


def _rgb(colour: str) -> RGBColor:
    return RGBColor.from_string(colour.lstrip("#").upper())
