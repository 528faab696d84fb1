"""Writes a deck: one message per slide, its chart native, so that a consultant can edit both."""

from __future__ import annotations

import io
import re
from collections.abc import Sequence
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as PresentationType
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide
from pptx.util import Emu, Inches, Pt

from helpers.present.headlines import MOST_WORDS, headline
from helpers.present.headlines import words as count_words
from helpers.present.page_one import RULE as PAGE_ONE
from helpers.published import Finding, Grade, Point

from ..document import Chapter, Front, Part, Placed, Prose, lines, points
from ..report import Report
from ..short_deck import Slide as Chosen
from ..short_deck import chart_type, chosen
from ..wording import estimate_number, grades, shortened
from . import brand_slides
from .native_charts import KINDS, heatmap, native_chart, table
from .properties import signed
from .shapes import INK, QUIET, Area, paint, picture, rgb, write, write_notes, write_title

MAX_TABLE_ROWS = 8
MAX_TABLE_COLUMNS = 7
#: Widths of what page one tells of each finding, in inches: what, where, how sure, what to do, who, by when.
POINT_COLUMNS = (3.5, 2.0, 1.8, 2.5, 1.2, 1.1)
#: What the summary is called where its headline is too long for a title.
ON_ONE_PAGE = "The report on one page"
#: Characters of a consultant's commentary that fit on its slide.
MOST_COMMENTARY = 1200


def deck(report: Report) -> bytes:
    """Write the deck.

    Parameters
    ----------
    report : Report
        Page one is its second slide. Then follow the slides of :mod:`..short_deck`, or one for every finding of its
        chapters; what the consultant wrote about a chapter stands before the first slide on it.

    Returns
    -------
    bytes
        A 16:9 PowerPoint file; caveats and method stand in the speaker notes.
    """
    template = report.cover.pptx
    presentation = brand_slides.emptied(template) if template else _blank(report.cover.accent)
    (brand_slides.title_slide if template else _title_slide)(presentation, report)
    summary = report.summary
    if summary.commentary:
        _commentary_slide(presentation, report, summary)
    if summary.front:
        _page_one_slide(presentation, report, summary.front)
    (_every_finding if report.full_deck else _chosen_slides)(presentation, report)
    _closing_slide(presentation, report)
    if template:
        for slide in list(presentation.slides)[1:]:
            brand_slides.settle(slide)
    file = io.BytesIO()
    presentation.save(file)
    return signed(file.getvalue(), report.cover, report.cover.title)


def _every_finding(presentation: PresentationType, report: Report) -> None:
    """Give every finding a slide, in the order of chapters."""
    for chapter in report.chapters:
        if chapter.commentary:
            _commentary_slide(presentation, report, chapter)
        for finding in chapter.findings:
            _finding_slide(presentation, report, finding)
    if not report.findings:
        _nothing_found(presentation, report)


def _nothing_found(presentation: PresentationType, report: Report) -> None:
    words = ["The chapters of this report publish tables and charts, but state no finding."]
    _text_slide(presentation, report, "No findings to present", words if report.chapters else report.missing)


def _chosen_slides(presentation: PresentationType, report: Report) -> None:
    """Show what the short deck has chosen, then what to do."""
    slides = chosen(report)
    waiting = [chapter for chapter in report.chapters if chapter.commentary]
    for slide in slides:
        about = slide.finding.notebook if slide.finding else slide.drawn.exhibit.notebook if slide.drawn else ""
        for chapter in [chapter for chapter in waiting if chapter.name == about]:
            _commentary_slide(presentation, report, chapter)
            waiting.remove(chapter)
        _chosen_slide(presentation, report, slide)
    for chapter in waiting:
        _commentary_slide(presentation, report, chapter)
    if not slides:
        _nothing_found(presentation, report)
    if report.summary.front and report.summary.front.page.points:
        _actions_slide(presentation, report, report.summary.front.page.points)


def _chosen_slide(presentation: PresentationType, report: Report, said: Chosen) -> None:
    """Show one message: how sure it is below the title, its chart, and beside it what else is to be said."""
    slide = _body_slide(presentation, report, said.title)
    accent, finding, placed = report.cover.accent, said.finding, said.drawn
    write(slide, said.below, Area.inches(0.6, 1.62, 12.1, 0.35), 16, QUIET)
    beside = {name: sentences for name, sentences in said.beside.items() if sentences}
    if chart_type(placed) == "heatmap" and placed and placed.exhibit.chart:
        # Names of dimensions need the whole width; what else is to be said stands below.
        area = Area.inches(0.6, 2.1, 12.1, 3.75)
        high = heatmap(slide, placed, placed.exhibit.chart, area, accent, said.marked)
        words = " · ".join(sentence for sentences in beside.values() for sentence in sentences)
        write(slide, words, Area.of(area.left, area.top + high + Inches(0.12), area.width, Inches(0.5)), 14, INK)
    else:
        if placed and placed.exhibit.chart:
            area = Area.inches(0.6, 2.05, 8.6, 4.45)
            native_chart(slide, placed, placed.exhibit.chart, area, accent, said.marked)
        elif finding:
            _number(slide, finding, accent)
        _beside(slide, beside, finding, accent)
    source = _sentences_that_fit([_source(said), placed.exhibit.note if placed else ""], 330)
    write(slide, source, Area.inches(0.6, 6.58, 12.1, 0.42), 10, QUIET)
    write_notes(slide, _notes(report, said))


def _beside(slide: Slide, beside: dict[str, list[str]], finding: Finding | None, accent: str) -> None:
    """Write what else is to be said on the right of a chart, below how sure the finding is."""
    top = 2.1
    if finding and finding.badge:
        _badge(slide, finding, accent)
        top = 2.75
    for name, sentences in beside.items():
        write(slide, name, Area.inches(9.6, top, 3.1, 0.3), 12, QUIET)
        height = 0.24 * sum(-(-len(text) // 33) for text in sentences) + 0.09 * len(sentences)
        write(slide, "\n".join(sentences), Area.inches(9.6, top + 0.28, 3.1, height), 14, INK, space_after=6)
        top += height + 0.5


def _source(said: Chosen) -> str:
    """Say which exhibit of the report a slide shows, and of how many people it tells."""
    title = f"{said.drawn.label}. {said.drawn.exhibit.title}." if said.drawn else ""
    people = f"n = {said.finding.n}" if said.finding and said.finding.n else ""
    return " · ".join(filter(None, [people, title]))


def _sentences_that_fit(texts: list[str], most: int) -> str:
    """Return the first sentences that fit together; none is cut."""
    shown = ""
    for sentence in re.split(r"(?<=[.;:])\s+", " ".join(filter(None, texts))):
        if shown and len(shown) + len(sentence) >= most:
            break
        shown = f"{shown} {sentence}".strip()
    return shown


def _notes(report: Report, said: Chosen) -> list[str]:
    """Return what a speaker may be asked: the whole sentence, how it was computed, and what to keep in mind."""
    found = said.finding
    told = [found.sentence, f"Grade: {found.badge}." if found.badge else ""] if found else [said.title, said.below]
    facts = [f"{name}: {words}" for name, words in report.facts(found)] if found else []
    caveats = [f"Keep in mind: {caveat}" for caveat in found.caveats] if found else []
    shown = [said.drawn.exhibit.title, said.drawn.exhibit.message, said.drawn.exhibit.note] if said.drawn else []
    return [
        line
        for line in [*told, *facts, *caveats, *(line for lines in said.beside.values() for line in lines), *shown]
        if line
    ]


def _actions_slide(presentation: PresentationType, report: Report, todo: Sequence[Point]) -> None:
    """Show what is proposed or agreed: what, why, who and by when, one line of each."""
    actions = f"{_number_word(len(todo))} action{'s' if len(todo) > 1 else ''}"
    slide = _body_slide(presentation, report, f"{actions} to agree on, with an owner and a date")
    write(slide, "Proposals, but for what was agreed before", Area.inches(0.6, 1.62, 12.1, 0.35), 16, QUIET)
    step = 4.75 / max(len(todo), 4)
    short = {finding.key: headline(finding) for finding in report.findings}
    for place, point in enumerate(todo):
        top = 2.1 + place * step
        mark = slide.shapes.add_shape(MSO_SHAPE.OVAL, *Area.inches(0.6, top, 0.42, 0.42))
        paint(mark, report.cover.accent)
        mark.text_frame.text = str(place + 1)
        mark.text_frame.margin_left = mark.text_frame.margin_right = Emu(0)
        paragraph = mark.text_frame.paragraphs[0]
        paragraph.alignment, paragraph.font.size, paragraph.font.bold = PP_ALIGN.CENTER, Pt(14), True
        paragraph.font.color.rgb = rgb("#FFFFFF")
        high = 0.27 * -(-len(point.action) // 78)
        write(slide, point.action, Area.inches(1.2, top, 7.7, high), 15, INK, bold=True)
        why = f"Because: {short.get(point.finding) or point.sentence}"
        write(slide, why, Area.inches(1.2, top + high + 0.03, 7.7, 0.25), 12, QUIET)
        write(slide, f"{point.owner}\nby {point.due}", Area.inches(9.2, top, 3.5, 0.5), 14, INK)
    write_notes(
        slide,
        [f"{name}: {words}" for point in todo for name, words in zip(point.HEADS, point.cells)],
    )


def _height(paragraphs: list[str], width: float, size: int) -> float:
    """Return about how high paragraphs are in a column, in inches."""
    in_line = width * 145 / size
    return sum(-(-len(text) // in_line) * size * 1.2 + 6 for text in paragraphs) / 72


def _number_word(count: int) -> str:
    return ("No", "One", "Two", "Three", "Four", "Five")[count] if count <= 5 else str(count)


def _blank(accent: str) -> PresentationType:
    """Make python-pptx's default presentation 16:9 and give its theme the brand's accent colour."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(13.333), Inches(7.5)
    theme: Any = next(  # a part that python-pptx carries along without a class of its own
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
    slide.background.fill.fore_color.rgb = rgb(cover.accent)
    write_title(slide, cover.title, Inches(2.3), Inches(2.3), 44, "#FFFFFF", MSO_ANCHOR.BOTTOM)
    write(slide, shortened(cover.client, 90), Area.inches(0.6, 1.3, 8, 0.5), 20, "#FFFFFF", bold=True)
    line = " · ".join(filter(None, [cover.date, cover.footer]))
    write(slide, line, Area.inches(0.6, 4.9, 12, 0.6), 18, "#FFFFFF")
    if logo := cover.logo_png():
        paint(slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *Area.inches(10.3, 0.6, 2.3, 1.1)), "#FFFFFF")
        picture(slide, logo, Area.inches(10.45, 0.72, 2.0, 0.86), cover.client)


def _page_one_slide(presentation: PresentationType, report: Report, front: Front) -> None:
    """Show page one as a table that a consultant edits; charts only where few findings leave room for them."""
    page = front.page
    title = page.headline
    if not report.full_deck:
        count = len(page.points)
        asks = f"{_number_word(count)} finding{'s ask' if count > 1 else ' asks'} for action" if count else ON_ONE_PAGE
        short = re.sub(r" rate the partnership with \w+(?= \d)", ":", title)
        forms = [title, short, *reversed(re.split(r"(?<=\.)\s+", title)), asks]
        title = next(form for form in forms if count_words(form) <= MOST_WORDS).removesuffix(".")
    slide = _body_slide(presentation, report, title)
    above = [" | ".join(f"{score.side}: {score.words}" for score in page.scores), *page.compared]
    words = "\n".join(shortened(line, 150) for line in above if line)
    write(slide, words, Area.inches(0.6, 1.7, 12.1, 0.7), 12, INK, space_after=2)
    top = 2.45
    if page.points:
        bare = [point.model_copy(update={"explained": ""}) for point in page.points]  # the notes say what it is
        cells = [list(Point.HEADS), *([shortened(text, 130) for text in point.cells] for point in bare)]
        # A letter of 11 points is about a fourteenth of an inch wide.
        tall = [
            0.08 + 0.19 * max(-(-len(text) // int(14 * wide)) for text, wide in zip(row, POINT_COLUMNS, strict=True))
            for row in cells
        ]
        area = Area.inches(0.6, top, sum(POINT_COLUMNS), sum(tall))
        flush = [False] * len(POINT_COLUMNS)
        drawn = table(slide, cells, flush, area, report.cover.accent, size=11, shares=POINT_COLUMNS, longest=130)
        for row, height in zip(drawn.rows, tall, strict=True):
            row.height = Inches(height)
        top += sum(tall) + 0.12
    size = 11 if page.points else 14
    wide = 12.1 / max(len(page.beside), 1)
    for place, (title, sentences) in enumerate(page.beside):
        left = 0.6 + place * wide
        write(slide, title, Area.inches(left, top, wide - 0.3, 0.25), size, report.cover.accent, bold=True)
        said = "\n".join(f"• {shortened(sentence, 100 if page.points else 200)}" for sentence in sentences)
        write(slide, said, Area.inches(left, top + 0.25, wide - 0.3, max(6.95 - top - 0.25, 0.5)), size, INK)
    longest = max((_height(sentences, wide - 0.3, size) for _, sentences in page.beside), default=0.0)
    below = top + 0.35 + longest
    for place, placed in enumerate(front.charts if len(page.points) < 2 and 6.95 - below > 1.6 else []):
        area = Area.inches(0.6 + 6.1 * place, below, 5.9, 6.95 - below)
        if placed.exhibit.chart:
            native_chart(slide, placed, placed.exhibit.chart, area, report.cover.accent)
    facts = [
        f"{name}: {words}" for point in page.points for name, words in [(point.HEADS[0], point.sentence), *point.facts]
    ]
    told = [f"{title}: {sentence}" for title, sentences in page.beside for sentence in sentences]
    write_notes(slide, [page.headline, *filter(None, above), *facts, *told])


def _finding_slide(presentation: PresentationType, report: Report, finding: Finding) -> None:
    slide = _body_slide(presentation, report, finding.sentence)
    placed = report.exhibit_of(finding)
    title, note = (placed.exhibit.title, placed.exhibit.note) if placed else ("", "")
    if placed:
        write(slide, title, Area.inches(0.6, 2.05, 8.6, 0.45), 14, QUIET)
        _exhibit(slide, finding, placed, Area.inches(0.6, 2.55, 8.6, 4.1), report.cover.accent)
    else:
        _number(slide, finding, report.cover.accent)
    if finding.badge:
        _badge(slide, finding, report.cover.accent)
    top = 2.75
    for name, words in report.facts(finding):
        if name not in (finding.counted, "Method"):
            words = shortened(words, 90)
            height = 0.3 * -(-len(words) // 28)
            write(slide, name, Area.inches(9.6, top, 3.1, 0.3), 12, QUIET)
            write(slide, words, Area.inches(9.6, top + 0.25, 3.1, height), 16, INK)
            top += height + 0.45
    people = f"n = {finding.n}" if finding.n else ""
    source = shortened(" · ".join(filter(None, [people, note])), 260)
    write(slide, source, Area.inches(0.6, 6.62, 8.6, 0.42), 10, QUIET)
    notes = [
        finding.sentence,
        f"Grade: {finding.badge}." if finding.badge else "",
        *(f"{name}: {words}" for name, words in report.facts(finding)),
        *(f"Keep in mind: {caveat}" for caveat in finding.caveats),
        *([placed.exhibit.message, note] if placed else []),
    ]
    write_notes(slide, [line for line in notes if line])


def _commentary_slide(presentation: PresentationType, report: Report, chapter: Chapter) -> None:
    """Show the first paragraph, list and table of what the consultant wrote; all of it stands in the notes."""
    paragraphs, rest = [], MOST_COMMENTARY
    for text in _opening_lines(chapter.commentary):
        if rest > 0:
            paragraphs.append(shortened(text, max(rest, 40)))
        rest -= len(text) + 60  # a line of its own takes room, too
    slide = _text_slide(presentation, report, chapter.title, paragraphs)
    if rows := _first_table(chapter.commentary):
        taken = sum(-(-len(text) // 100) for text in paragraphs)
        top = min(1.9 + 0.4 * taken + 0.2, 4.6)
        area = Area.inches(0.6, top, 12.1, 6.6 - top)
        table(slide, rows, [False] * len(rows[0]), area, report.cover.accent)
    notes = [line for part in chapter.commentary for line in lines(part)]
    write_notes(slide, notes)


def _opening_lines(commentary: list[Part]) -> list[str]:
    """Return the lines of a slide: the first paragraph, the list that follows it, or a list that stands first."""
    shown: list[str] = []
    for part in (part for part in commentary if isinstance(part, Prose) and not part.tree().xpath("./table")):
        is_list, said = bool(points(part.tree())), lines(part)
        if is_list or not shown:
            shown += said
        if is_list or shown != said:
            break
    return shown


def _first_table(commentary: list[Part]) -> list[list[str]]:
    """Return the cells of the first table, as many as fit on a slide."""
    for part in (part for part in commentary if isinstance(part, Prose)):
        for drawn in part.tree().xpath(".//table"):
            rows = [
                [" ".join(cell.text_content().split()) for cell in row.xpath("./th | ./td")] for row in drawn.iter("tr")
            ]
            wide = max(map(len, rows), default=0)
            return [(row + [""] * wide)[: min(wide, MAX_TABLE_COLUMNS)] for row in rows[: MAX_TABLE_ROWS + 1]]
    return []


def _closing_slide(presentation: PresentationType, report: Report) -> None:
    """Say what the words for evidence mean, and beside it the rules; the page has what there is no room for."""
    slide = _body_slide(presentation, report, "How to read these findings")
    left = [f"{label}: {meaning}" for label, meaning in grades().items()]
    rules = [note for note in report.notes if note != PAGE_ONE]
    right = [*rules, *report.missing]
    if _height(right, 5.9, 12) > 4.9:
        right = [*rules, "Some chapters are left out; the contents of the report say which, and why."]
    for place, words in enumerate((left, right)):
        size = 14 if _height(words, 5.9, 14) <= 4.9 else 12
        write(slide, "\n".join(words), Area.inches(0.6 + 6.25 * place, 1.75, 5.9, 4.9), size, INK, space_after=6)
    write_notes(slide, [*left, *report.notes, *report.missing])


def _text_slide(presentation: PresentationType, report: Report, title: str, paragraphs: list[str]) -> Slide:
    slide = _body_slide(presentation, report, title)
    words = "\n".join(paragraphs)
    size = 18 if len(words) < 900 else 14
    write(slide, words, Area.inches(0.6, 1.9, 12.1, 4.7), size, INK, space_after=8)
    return slide


def _body_slide(presentation: PresentationType, report: Report, title: str) -> Slide:
    if report.cover.pptx:
        return brand_slides.body_slide(presentation, report, title)
    slide = presentation.slides.add_slide(presentation.slide_layouts[5])
    size = next((size for length, size in ((75, 30), (150, 26), (230, 22), (330, 18)) if len(title) <= length), 14)
    edge = Area.of(0, 0, Inches(0.16), presentation.slide_height or 0)
    band = slide.shapes.add_shape(MSO_SHAPE.RECTANGLE, *edge)
    paint(band, report.cover.accent)
    if report.full_deck:
        write_title(slide, title, Inches(0.35), Inches(1.5), size, INK, MSO_ANCHOR.MIDDLE)
    else:
        write_title(slide, title, Inches(0.4), Inches(1.15), min(size, 26), INK, MSO_ANCHOR.BOTTOM)
    write(slide, report.cover.line(120), Area.inches(0.6, 7.05, 11, 0.3), 10, QUIET)
    number = write(slide, "", Area.inches(11.9, 7.05, 0.8, 0.3), 10, QUIET)
    _slide_number(number, len(presentation.slides))
    return slide


def _exhibit(slide: Slide, finding: Finding, placed: Placed, area: Area, accent: str) -> None:
    """Show the finding's exhibit: a native chart where there is one, else a picture, a table, or the number."""
    exhibit = placed.exhibit
    chart = exhibit.chart if exhibit.rows else None
    if chart and chart.type in KINDS:
        native_chart(slide, placed, chart, area, accent)
    elif chart and chart.type == "heatmap":
        heatmap(slide, placed, chart, area, accent)
    elif placed.drawing:
        picture(slide, placed.drawing.as_png(), area, placed.alt)
    elif exhibit.texts:
        cells = placed.cells
        texts = sorted(cells.rows, key=lambda row: -_closeness(row, cells.numeric, finding))
        rows = [row[:MAX_TABLE_COLUMNS] for row in (cells.headings, *texts[:MAX_TABLE_ROWS])]
        table(slide, rows, cells.numeric, area, accent)
        if len(cells.rows) > MAX_TABLE_ROWS or len(cells.columns) > MAX_TABLE_COLUMNS:
            words = f"A part of {placed.label}; all of it stands in the report."
            write(slide, words, Area(area.left, Inches(6.35), area.width, Inches(0.3)), 10, QUIET)
    else:
        _number(slide, finding, accent)


def _number(slide: Slide, finding: Finding, accent: str) -> None:
    """Show the estimate large, where no exhibit shows it."""
    if finding.estimate is not None:
        write(slide, estimate_number(finding), Area.inches(0.6, 3.0, 8.6, 1.3), 72, accent, bold=True)
        write(slide, shortened(finding.unit, 60), Area.inches(0.6, 4.25, 8.6, 0.5), 20, QUIET)


def _closeness(row: list[str], numeric: list[bool], finding: Finding) -> int:
    """Count the cells that name what a finding is about, so that a shortened table keeps those rows."""
    words = [text for text, number in zip(row, numeric) if text and not number]
    return sum(text == finding.group or text in finding.sentence for text in words)


def _badge(slide: Slide, finding: Finding, accent: str) -> None:
    certain = finding.grade in (Grade.STRONG, Grade.MODERATE, Grade.WEAK)
    badge = slide.shapes.add_shape(MSO_SHAPE.ROUNDED_RECTANGLE, *Area.inches(9.6, 2.1, 2.6, 0.42))
    badge.adjustments[0] = 0.5
    paint(badge, accent if certain else QUIET)
    badge.text_frame.text = finding.badge
    paragraph = badge.text_frame.paragraphs[0]
    paragraph.alignment, paragraph.font.size, paragraph.font.bold = PP_ALIGN.CENTER, Pt(14), True
    paragraph.font.color.rgb = rgb("#FFFFFF")


def _slide_number(box: Shape, number: int) -> None:
    paragraph = box.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT
    field = etree.SubElement(paragraph._p, qn("a:fld"), id="{B6F15528-21DE-4FAA-801E-634DDDAF4B2B}", type="slidenum")
    etree.SubElement(field, qn("a:rPr"), lang="en-GB", sz="1000")
    etree.SubElement(field, qn("a:t")).text = str(number)
