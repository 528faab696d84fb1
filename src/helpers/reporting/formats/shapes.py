"""Shapes on a slide: places, titles, texts and pictures."""

from __future__ import annotations

import io
from typing import Any, NamedTuple

from PIL import Image
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.shapes.autoshape import Shape
from pptx.slide import Slide
from pptx.util import Emu, Inches, Length, Pt

INK, QUIET, TINT, LINE = "1F2933", "52606D", "F4F7F8", "D9E0E6"


class Area(NamedTuple):
    """A place on a slide."""

    left: Length
    top: Length
    width: Length
    height: Length

    @classmethod
    def of(cls, left: float, top: float, width: float, height: float) -> Area:
        """Return the place with these measures, given in PowerPoint's own units."""
        return cls(*(Emu(int(part)) for part in (left, top, width, height)))

    @classmethod
    def inches(cls, left: float, top: float, width: float, height: float) -> Area:
        """Return the place with these measures, given in inches."""
        return cls(Inches(left), Inches(top), Inches(width), Inches(height))


def title_shape(slide: Slide) -> Shape:
    """Return the title of a slide whose layout has one."""
    title = slide.shapes.title
    if title is None:
        raise ValueError("the slide's layout has no title")
    return title


def write_title(slide: Slide, text: str, top: Length, height: Length, size: int, colour: str, at: MSO_ANCHOR) -> None:
    """Write a slide's title in the report's own look."""
    title = title_shape(slide)
    title.left, title.top, title.width, title.height = Inches(0.6), top, Inches(12.1), height
    title.text_frame.margin_left = Emu(0)
    title.text_frame.word_wrap, title.text_frame.vertical_anchor = True, at
    title.text_frame.text = " ".join(text.split())
    paragraph = title.text_frame.paragraphs[0]
    paragraph.alignment, paragraph.font.bold = PP_ALIGN.LEFT, True
    paragraph.font.size = Pt(size if len(text) < 120 or size < 40 else 28)
    paragraph.font.color.rgb = rgb(colour)


def write(
    slide: Slide, text: str, area: Area, size: int, colour: str, *, bold: bool = False, space_after: float = 0
) -> Shape:
    """Write text into a box of its own; ``size`` and ``space_after`` are in points."""
    box = slide.shapes.add_textbox(*area)
    frame = box.text_frame
    frame.word_wrap = True
    frame.margin_left = frame.margin_right = frame.margin_top = frame.margin_bottom = Emu(0)
    frame.text = text
    for paragraph in frame.paragraphs:
        paragraph.font.size, paragraph.font.bold, paragraph.font.color.rgb = Pt(size), bold, rgb(colour)
        paragraph.space_after = Pt(space_after)
    return box


def write_notes(slide: Slide, lines: list[str]) -> None:
    """Write the speaker's notes."""
    frame = slide.notes_slide.notes_text_frame
    if frame is None:
        raise ValueError("the presentation's notes have no place for text")
    frame.text = "\n".join(lines)


def picture(slide: Slide, png: bytes, area: Area, alt: str) -> None:
    """Place a picture as large as its area allows."""
    pixels = Image.open(io.BytesIO(png)).size
    scale = min(area.width / pixels[0], area.height / pixels[1])
    width, height = int(pixels[0] * scale), int(pixels[1] * scale)
    place = Area.of(area.left + (area.width - width) // 2, area.top + (area.height - height) // 2, width, height)
    describe(slide.shapes.add_picture(io.BytesIO(png), *place)._element.nvPicPr, alt)


def describe(properties: Any, alt: str) -> None:
    """Give a shape its alternative text; ``properties`` is what the file format calls its non-visual properties."""
    properties.cNvPr.set("descr", alt)


def paint(shape: Shape, fill: str) -> None:
    """Fill a shape, without edge and shadow."""
    shape.fill.solid()
    shape.fill.fore_color.rgb = rgb(fill)
    shape.shadow.inherit = False
    shape.line.fill.background()


def rgb(colour: str) -> RGBColor:
    """Return a colour given as ``#rrggbb`` or ``rrggbb``."""
    return RGBColor.from_string(colour.lstrip("#").upper())
