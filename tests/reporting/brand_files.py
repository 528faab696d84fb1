"""Templates as brands have them: a Word letterhead, a dark 4:3 deck, a Typst module."""

import re
import zipfile

from docx import Document
from docx.shared import Cm, Pt, RGBColor
from lxml import etree
from PIL import Image
from pptx import Presentation
from pptx.dml.color import RGBColor as DeckColor
from pptx.oxml.ns import qn
from pptx.util import Inches


def letterhead(path):
    """A Word template with its own type, margins and a header with a picture; it knows no captions or findings."""
    document = Document()
    document.styles["Normal"].font.name, document.styles["Normal"].font.size = "Georgia", Pt(11)
    heading = document.styles["Heading 1"].font
    heading.name, heading.size, heading.color.rgb = "Georgia", Pt(26), RGBColor(0x7A, 0x1F, 0x3D)
    document.styles["Caption"].delete()
    section = document.sections[0]
    section.left_margin = section.right_margin = Cm(3.2)
    section.header.paragraphs[0].text = "Firm & Partners"
    Image.new("RGB", (60, 20), "#7a1f3d").save(path.parent / "mark.png")
    section.header.paragraphs[0].add_run().add_picture(str(path.parent / "mark.png"), width=Cm(2))
    document.add_paragraph("Words of the template itself")
    document.save(str(path))
    return path


def plain_word(path):
    """A Word template with nothing in its header and footer."""
    document = Document()
    document.styles["Normal"].font.name = "Georgia"
    document.save(str(path))
    return path


def dark_deck(path):
    """A 4:3 deck, white on dark, with two slides of its own in a section."""
    presentation = Presentation()
    master = presentation.slide_master
    master.background.fill.solid()
    master.background.fill.fore_color.rgb = DeckColor(0x14, 0x1B, 0x2D)
    colours = master._element.find(qn("p:clrMap"))
    for name, colour in {"bg1": "dk1", "tx1": "lt1", "bg2": "dk2", "tx2": "lt2"}.items():
        colours.set(name, colour)
    for _ in range(2):
        slide = presentation.slides.add_slide(presentation.slide_layouts[0])
        slide.shapes.title.text = "A slide of the template itself"
    ids = [slide.get("id") for slide in presentation.slides._sldIdLst]
    p14 = "http://schemas.microsoft.com/office/powerpoint/2010/main"
    listed = "".join(f'<p14:sldId id="{number}"/>' for number in ids)
    sections = (
        '<p:extLst xmlns:p="http://schemas.openxmlformats.org/presentationml/2006/main">'
        f'<p:ext uri="{{521415D9-36F7-43E2-AB2F-B90AF26B5E84}}"><p14:sectionLst xmlns:p14="{p14}">'
        f'<p14:section name="Old" id="{{B6F15528-21DE-4FAA-801E-634DDDAF4B2C}}"><p14:sldIdLst>{listed}</p14:sldIdLst>'
        "</p14:section></p14:sectionLst></p:ext></p:extLst>"
    )
    old = presentation.part._element.find(qn("p:extLst"))
    if old is not None:
        presentation.part._element.remove(old)
    presentation.part._element.append(etree.fromstring(sections))
    presentation.save(str(path))
    return path


def bare_deck(path):
    """A wide deck whose only layouts are one with a title and a body, without footers, and a blank one."""
    presentation = Presentation()
    presentation.slide_width, presentation.slide_height = Inches(10), Inches(5.625)
    for layout in list(presentation.slide_layouts):
        if layout.name not in ("Title and Content", "Blank"):
            presentation.slide_layouts.remove(layout)
    for place in list(presentation.slide_layouts[0].placeholders):
        if place.placeholder_format.idx >= 10:
            place._element.getparent().remove(place._element)
        elif place.placeholder_format.idx == 0:
            place.left, place.top, place.width, place.height = Inches(0.5), Inches(0.3), Inches(9), Inches(0.9)
        else:
            place.left, place.top, place.width, place.height = Inches(0.5), Inches(1.4), Inches(9), Inches(3.8)
    presentation.save(str(path))
    return path


def untitled_deck(path):
    """A deck without any title."""
    presentation = Presentation()
    for layout in list(presentation.slide_layouts):
        if layout.name != "Blank":
            presentation.slide_layouts.remove(layout)
    presentation.save(str(path))
    return path


def typst_module(path):
    """A Typst template with a page and a cover of its own, and a picture beside it."""
    Image.new("RGB", (60, 20), "#7a1f3d").save(path.parent / "mark.png")
    path.write_text(
        """\
#let style(report, body) = {
  set page(margin: 3.2cm, header: grid(columns: (1fr, auto), [Firm & Partners], image("mark.png", width: 2cm)))
  show heading: set text(fill: rgb("#7a1f3d"))
  body
}
#let cover(report) = page(header: none)[
  #align(center + horizon, title(text(28pt, fill: rgb("#7a1f3d"), report.cover.title)))
  #align(center, [For #report.cover.client, #report.cover.date])
]
""",
        encoding="utf-8",
    )
    return path


def as_template(path, kind):
    """The same file declared as a template (.dotx, .potx), or as one with macros."""
    main = {".docx": "wordprocessingml.document", ".pptx": "presentationml.presentation"}[path.suffix]
    declared = {
        ".dotx": "vnd.openxmlformats-officedocument.wordprocessingml.template",
        ".potx": "vnd.openxmlformats-officedocument.presentationml.template",
        ".docm": "vnd.ms-word.document.macroEnabled",
    }[kind]
    made = path.with_suffix(kind)
    with zipfile.ZipFile(path) as source, zipfile.ZipFile(made, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == "[Content_Types].xml":
                content = re.sub(rf"vnd\.openxmlformats-officedocument\.{main}".encode(), declared.encode(), content)
            target.writestr(name, content)
    return made
