"""Puts slides into a brand's PowerPoint template: its layouts, titles and footers; what is drawn moves into place."""

from __future__ import annotations

from copy import deepcopy
from pathlib import Path
from typing import Any, cast

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import PP_PLACEHOLDER
from pptx.oxml.ns import qn
from pptx.presentation import Presentation as PresentationType
from pptx.shapes.autoshape import Shape
from pptx.shapes.base import BaseShape
from pptx.shapes.graphfrm import GraphicFrame
from pptx.slide import Slide, SlideLayout, SlideMaster
from pptx.util import Emu, Inches

from ..report import Report
from ..wording import shortened
from .brand_templates import opened, unfit
from .shapes import INK, LINE, QUIET, Area, picture, title_shape

#: Where slides are drawn before they move: left, top, width and height, in the measures of a usual 16:9 slide.
DRAWN = Area.inches(0.6, 1.55, 12.1, 5.45)
#: Ink of texts that stand on the slide itself, which may be dark in a brand's design.
_INKS, _GRID = (INK, QUIET), LINE
_TITLES = (PP_PLACEHOLDER.TITLE, PP_PLACEHOLDER.CENTER_TITLE)
_FOOTERS = (PP_PLACEHOLDER.DATE, PP_PLACEHOLDER.FOOTER, PP_PLACEHOLDER.SLIDE_NUMBER)
SMALLEST = 8
FOOTER = "Report footer"


def emptied(path: Path) -> PresentationType:
    """Open a template without its own slides.

    Parameters
    ----------
    path : pathlib.Path
        A .pptx or .potx file.

    Returns
    -------
    pptx.presentation.Presentation
        Its masters, layouts and theme.

    Raises
    ------
    InputError
        It is no presentation, or no layout has a title.
    """
    presentation = Presentation(opened(path, "pptx"))
    slides = presentation.slides._sldIdLst
    for slide in list(slides):
        presentation.part.drop_rel(slide.rId)
        slides.remove(slide)
    for sections in presentation.part._element.findall(".//{*}sectionLst"):  # they name the slides that are gone
        sections.getparent().getparent().remove(sections.getparent())
    if not any(_title_of(layout) is not None for layout in presentation.slide_layouts):
        raise unfit(path, "pptx", "no slide layout has a title")
    return presentation


def title_slide(presentation: PresentationType, report: Report) -> None:
    """Fill the brand's title layout; its picture placeholder takes the client's logo."""
    cover = report.cover
    slide = presentation.slides.add_slide(_layout(presentation, "title", "Title Slide"))
    _set_title(slide, cover.title)
    words = [shortened(cover.client, 90), " · ".join(filter(None, [cover.date, cover.footer]))]
    words = [line for line in words if line]
    places = {place.placeholder_format.type: place for place in reversed(_placeholders(slide))}
    below = places.get(PP_PLACEHOLDER.SUBTITLE) or places.get(PP_PLACEHOLDER.BODY)
    if below is not None:
        below.text_frame.text = "\n".join(words)
    else:
        title = title_shape(slide)
        box = slide.shapes.add_textbox(*Area.of(title.left, title.top + title.height, title.width, Inches(0.8)))
        box.text_frame.text = "\n".join(words)
    logo, place = cover.logo_png(), places.get(PP_PLACEHOLDER.PICTURE)
    if logo and place is not None:
        picture(slide, logo, Area.of(place.left, place.top, place.width, place.height), cover.client)
    _remove_empty(slide)


def body_slide(presentation: PresentationType, report: Report, title: str) -> Slide:
    """Add a slide with a title and the brand's date, footer and slide number."""
    cover = report.cover
    layout = _layout(presentation, "titleOnly", "Title Only")
    slide = presentation.slides.add_slide(layout)
    _set_title(slide, title)
    _remove_empty(slide)
    for place in _placeholders(layout):
        kind = place.placeholder_format.type
        if kind in _FOOTERS:
            copy = deepcopy(place._element)
            copy.nvSpPr.cNvPr.set("id", str(slide.shapes._next_shape_id))
            slide.shapes._spTree.append(copy)
            added = cast(Shape, slide.shapes[-1])
            if kind == PP_PLACEHOLDER.DATE:
                added.text_frame.text = cover.date
            elif kind == PP_PLACEHOLDER.FOOTER:  # a letter is at most 7 points wide there
                added.text_frame.text = cover.line(int((place.width or 0) / 12700 / 7))
    if not any(place.placeholder_format.type == PP_PLACEHOLDER.FOOTER for place in _placeholders(layout)):
        _write_footer(slide, cover.line(120), presentation.slide_width or 0, presentation.slide_height or 0)
    return slide


def _write_footer(slide: Slide, line: str, wide: int, high: int) -> None:
    """Mark a slide whose layout has no place for a footer."""
    box = slide.shapes.add_textbox(*Area.of(wide * 0.05, high * 0.955, wide * 0.8, high * 0.035))
    box.name = FOOTER
    box.text_frame.text = line
    box.text_frame.paragraphs[0].font.size = Emu(SMALLEST * 12700)


def settle(slide: Slide) -> None:
    """Move what was drawn on a slide into the brand's area, in its ink, letters as much smaller as the area is."""
    area = _area(slide)
    across, down = area.width / DRAWN.width, area.height / DRAWN.height
    scale = min(across, down)
    for shape in slide.shapes:
        if shape.is_placeholder or shape.name == FOOTER:
            continue
        _move(shape, area, across, down)
        element: Any = cast(GraphicFrame, shape).chart._chartSpace if shape.has_chart else shape._element
        _rescale_letters(element, scale)
        if shape.has_chart or shape._element.xpath("boolean(./p:nvSpPr/p:cNvSpPr[@txBox])"):
            _take_brand_ink(element)


def _move(shape: BaseShape, area: Area, across: float, down: float) -> None:
    left, top = area.left + int((shape.left - DRAWN.left) * across), area.top + int((shape.top - DRAWN.top) * down)
    width, height = int(shape.width * across), int(shape.height * down)
    if shape._element.tag == qn("p:pic"):  # a picture keeps its proportions
        scale = min(across, down)
        smaller = int(shape.width * scale), int(shape.height * scale)
        left, top = left + (width - smaller[0]) // 2, top + (height - smaller[1]) // 2
        width, height = smaller
    if shape.has_table:
        table = cast(GraphicFrame, shape).table
        for place in range(len(table.columns)):
            table.columns[place].width = Emu(int(table.columns[place].width * across))
        for place in range(len(table.rows)):
            table.rows[place].height = Emu(int(table.rows[place].height * down))
    shape.left, shape.top, shape.width, shape.height = Area.of(left, top, width, height)


def _layout(presentation: PresentationType, kind: str, name: str) -> SlideLayout:
    """Find a layout by its type or its name; else the first one with a title."""
    layouts = [layout for layout in presentation.slide_layouts if _title_of(layout) is not None]
    by_type = [layout for layout in layouts if layout._element.get("type") == kind]
    by_name = [layout for layout in layouts if layout.name.casefold() == name.casefold()]
    simple = sorted(layouts, key=lambda layout: len(_placeholders(layout)))
    return [*by_type, *by_name, *simple][0]


def _placeholders(owner: Slide | SlideLayout | SlideMaster) -> list[Any]:
    """Return the places a slide, layout or master has; what can be done with one depends on its type."""
    places: Any = owner.placeholders  # python-pptx declares an iterator that cannot be called
    return list(places)


def _title_of(owner: SlideLayout | SlideMaster) -> Any:
    return next((place for place in _placeholders(owner) if place.placeholder_format.type in _TITLES), None)


def _set_title(slide: Slide, text: str) -> None:
    """Write the title in the brand's size, or smaller if it would not fit its place."""
    title, text = title_shape(slide), " ".join(text.split())
    title.text_frame.text = text
    usual = _usual_size(slide)
    across, down = (title.width or 0) / 12700, (title.height or 0) / 12700  # in points
    fits = (
        size
        for size in range(usual, SMALLEST - 1, -1)
        # A letter is about half as wide, a line a fifth higher than the letters are high.
        if -(-len(text) * size * 0.52 // max(across - 15, 1)) * size * 1.2 <= max(down - 8, size * 1.2)
    )
    size = next(fits, SMALLEST)
    if size < usual:
        for run in title.text_frame.paragraphs[0].runs:
            run.font.size = Emu(size * 12700)


def _usual_size(slide: Slide) -> int:
    """Return the title's letters in points: as the layout says, else its master, else what PowerPoint takes."""
    layout, first = slide.slide_layout, f"{qn('a:lvl1pPr')}/{qn('a:defRPr')}"
    titles = [title for owner in (layout, layout.slide_master) if (title := _title_of(owner)) is not None]
    places = [title._element.find(f".//{qn('a:lstStyle')}/{first}") for title in titles]
    places.append(layout.slide_master._element.find(f"{qn('p:txStyles')}/{qn('p:titleStyle')}/{first}"))
    sizes = [int(found.get("sz")) for found in places if found is not None and found.get("sz")]
    return sizes[0] // 100 if sizes else 44


def _area(slide: Slide) -> Area:
    """Return where the brand wants a slide's content: its body placeholder's place, else what the title leaves."""
    layout = slide.slide_layout
    page = slide.part.package.presentation_part.presentation
    wide, high = page.slide_width or 0, page.slide_height or 0
    for other in (layout, *page.slide_layouts):
        if other is layout or other._element.get("type") == "obj":
            for place in _placeholders(other):
                if place.placeholder_format.type in (PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.BODY) and place.width:
                    area = Area.of(place.left, place.top, place.width, place.height)
                    if area.width > wide * 0.6 and area.height > high * 0.4:
                        return area
    title = title_shape(slide)
    feet = [place.top or 0 for place in _placeholders(layout) if place.placeholder_format.type in _FOOTERS]
    feet = [foot for foot in feet if foot > high / 2]
    bottom = min([*feet, int(high * 0.94)])
    top = title.top + title.height + int(high * 0.02)
    if bottom - top < high * 0.4:  # a title at the foot or at the side
        top = int(high * 0.2)
    left, width = (title.left, title.width) if title.width > wide * 0.6 else (int(wide * 0.05), int(wide * 0.9))
    return Area.of(left, top, width, bottom - top)


def _remove_empty(slide: Slide) -> None:
    for place in _placeholders(slide):
        if not (place.has_text_frame and place.text_frame.text):
            place._element.getparent().remove(place._element)


def _rescale_letters(element: Any, scale: float) -> None:
    for properties in element.iter(qn("a:rPr"), qn("a:defRPr"), qn("a:endParaRPr")):
        if size := properties.get("sz"):
            properties.set("sz", str(max(int(int(size) * scale) // 50 * 50, SMALLEST * 100)))


def _take_brand_ink(element: Any) -> None:
    for colour in list(element.iter(qn("a:srgbClr"))):
        if colour.get("val") in (*_INKS, _GRID):
            ink = etree.Element(qn("a:schemeClr"), val="tx1")
            if colour.get("val") == _GRID:
                etree.SubElement(ink, qn("a:alpha"), val="20000")
            colour.getparent().replace(colour, ink)
