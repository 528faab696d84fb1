"""Writes Word documents: pandoc carries the text, a generated reference document carries the styles and the brand."""

from __future__ import annotations

import io
import tempfile
from collections.abc import Sequence
from copy import deepcopy
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from docx import Document
from docx.document import Document as DocumentType
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.enum.text import WD_TAB_ALIGNMENT
from docx.oxml import OxmlElement, parse_xml
from docx.oxml.ns import nsdecls, qn
from docx.section import Section
from docx.shared import Cm, Emu, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from .. import pandoc
from ..cover import Cover
from ..document import Chapter, Picture, Placed
from ..report import Report
from ..wording import shortened
from . import brand_templates
from .html import contents, environment
from .pdf import column_shares
from .properties import signed

INK, QUIET, TINT = "1F2933", "52606D", "F4F7F8"
_FONT = "Calibri"
#: Share of a page's height a picture may take; the rest is for its caption and note.
ROOM_OF_A_PICTURE = 0.8
#: Least height of a row to write in.
WRITING = Cm(1)
#: What stands for a cell to write in where columns share a page.
TO_WRITE = " ".join(["______"] * 7)
#: Of a table's size; a brand's typeface may be much wider than the report's.
CHARACTERS_PER_CM, CHARACTERS_PER_CM_OF_A_BRAND = 5.5, 4.3
#: Style name: base, size in points, bold, colour (None: the accent), space before and after in points.
_STYLES = {
    "Normal": (None, 10.5, False, INK, 0, 6),
    "Title": ("Normal", 30, True, None, 150, 10),
    "Subtitle": ("Normal", 16, False, INK, 0, 24),
    "Cover Line": ("Normal", 12, False, QUIET, 0, 4),
    "TOC Heading": ("Normal", 20, True, None, 0, 12),
    "toc 1": ("Normal", 11, True, INK, 8, 2),
    "toc 2": ("Normal", 10, False, INK, 0, 2),
    "Heading 1": ("Normal", 22, True, None, 0, 12),
    "Heading 2": ("Normal", 15, True, None, 20, 6),
    "Heading 3": ("Normal", 12, True, INK, 14, 4),
    "Heading 4": ("Normal", 10.5, True, INK, 12, 4),
    "Body Text": ("Normal", 10.5, False, INK, 0, 6),
    "First Paragraph": ("Body Text", 10.5, False, INK, 0, 6),
    "Compact": ("Body Text", 10.5, False, INK, 0, 2),
    "Caption": ("Normal", 11, True, INK, 14, 2),
    "Exhibit Message": ("Normal", 10.5, False, QUIET, 0, 6),
    "Exhibit Picture": ("Normal", 10.5, False, INK, 0, 4),
    "Source Note": ("Normal", 8.5, False, QUIET, 4, 14),
    "Table Text": ("Normal", 9, False, INK, 2, 2),
    "Table Text Small": ("Normal", 7.5, False, INK, 2, 2),
    "Finding Grade": ("Normal", 9, True, None, 12, 2),
    "Finding": ("Normal", 12, True, INK, 0, 4),
    "Finding Detail": ("Normal", 9, False, INK, 0, 2),
    "Answer": ("Normal", 11, True, INK, 8, 0),
    "Answer Detail": ("Normal", 9, False, QUIET, 0, 4),
    "Finding Gap": ("Normal", 4, False, INK, 0, 4),
    "Missing": ("Normal", 10.5, False, INK, 6, 6),
}


def docx(report: Report, chapters: list[Chapter], title: str, appendix: Sequence[Chapter] = ()) -> bytes:
    """Write chapters as one Word document that a consultant can edit.

    Parameters
    ----------
    report : Report
        The whole report, for the cover and the links between findings and exhibits.
    chapters : list of Chapter
        What to write.
    title : str
        What the cover names below the study's title.
    appendix : sequence of Chapter
        What follows them, in the second layer of a report.

    Returns
    -------
    bytes
        A Word file with styles, captions that Word numbers, tables that repeat their heading row, and figures with
        alternative text.
    """
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures: list[Path] = []

        def saved(part: Placed | Picture) -> str:
            pictures.append(folder / f"picture{len(pictures)}.png")
            pictures[-1].write_bytes(part.drawing.as_png())
            return pictures[-1].as_posix()

        reference = _reference(report.cover)
        (folder / "reference.docx").write_bytes(reference)
        if logo := report.cover.logo_png():
            (folder / "logo.png").write_bytes(logo)
        page = (
            environment()
            .get_template("word.html.j2")
            .render(
                report=report,
                cover=report.cover,
                chapters=chapters,
                appendix=appendix,
                subtitle=title,
                contents=contents,
                logo=(folder / "logo.png").as_posix() if logo else "",
                saved=saved,
                shares=partial(column_shares, room=_room(reference, report.cover)),
            )
        )
        result = folder / "report.docx"
        options = [f"--reference-doc={folder / 'reference.docx'}"]
        pandoc.run(["--from=html-raw_html", "--to=docx", f"--output={result}", *options], page)
        document = Document(str(result))
    _finish(document)
    fit_pictures(document)
    file = io.BytesIO()
    document.save(file)
    return signed(file.getvalue(), report.cover, f"{report.cover.title} – {title}")


def of_markdown(text: str, cover: Cover, title: str) -> bytes:
    """Write a Markdown text as Word, every heading of the first level on a new page, with room to write in.

    Parameters
    ----------
    text : str
        Pictures stand in it by the paths of their files.
    cover : Cover
        The brand, and what stands in header, footer and properties.
    title : str
        Among the file's properties.

    Returns
    -------
    bytes
        A Word file; the same text gives the same bytes.
    """
    with tempfile.TemporaryDirectory() as name:
        reference, result = Path(name) / "reference.docx", Path(name) / "text.docx"
        reference.write_bytes(kept := _reference(cover))
        options = ["--from=gfm-implicit_figures", "--to=docx", f"--output={result}", f"--reference-doc={reference}"]
        pandoc.run(options, text)
        document = Document(str(result))
    _finish(document)
    if not cover.docx:  # there is no cover: the first page says what every other does
        document.sections[-1].different_first_page_header_footer = False
    headings = [one for one in document.paragraphs if one.style is not None and one.style.name == "Heading 1"]
    for place, heading in enumerate(headings):
        heading.paragraph_format.page_break_before = place > 0
    width = _text_width(document.sections[-1])
    for table in document.tables:
        texts = [[cell.text.strip() or TO_WRITE for cell in row.cells] for row in table.rows]
        shares = column_shares(texts[0], texts[1:], _room(kept, cover))
        table.autofit = False
        below = table._tbl.getnext()
        if below is not None and below.tag == qn("w:p"):
            Paragraph(below, document).paragraph_format.space_before = Pt(8)
        for column, share in zip(table.columns, shares, strict=True):
            column.width = Emu(int(width * share / sum(shares)))
            for cell in column.cells:
                cell.width = column.width
        for row in table.rows:
            if any(not cell.text.strip("\u00a0 ") for cell in row.cells):
                row.height, row.height_rule = WRITING, WD_ROW_HEIGHT_RULE.AT_LEAST
    file = io.BytesIO()
    document.save(file)
    return signed(file.getvalue(), cover, title)


def _room(reference: bytes, cover: Cover) -> int:
    """Return how many characters of a table's size fit beside each other on a page."""
    width = _text_width(Document(io.BytesIO(reference)).sections[-1]) / Cm(1)
    return max(int(width * (CHARACTERS_PER_CM_OF_A_BRAND if cover.docx else CHARACTERS_PER_CM)), 30)


def fit_pictures(document: DocumentType) -> None:
    """Make a picture that is too tall fit one page with its caption and note."""
    section = document.sections[-1]
    page = (section.page_height or 0) - (section.top_margin or 0) - (section.bottom_margin or 0)
    room = page * ROOM_OF_A_PICTURE
    for picture in document.inline_shapes:
        if picture.height > room:
            picture.width, picture.height = Emu(int(picture.width * room / picture.height)), Emu(int(room))


def _text_width(section: Section) -> int:
    return (section.page_width or 0) - (section.left_margin or 0) - (section.right_margin or 0)


def _reference(cover: Cover) -> bytes:
    return _made(cover, cover.docx.stat().st_mtime_ns if cover.docx else 0)


@lru_cache(maxsize=4)  # every chapter's document begins as the same
def _made(cover: Cover, changed: int) -> bytes:
    """Give pandoc's own reference document, or the brand's, the report's styles, page, header and footer.

    What a brand's template has stays as it is; styles it lacks are added on top of its own.
    """
    if cover.docx:
        document = Document(brand_templates.opened(cover.docx, "docx"))
        given = {style.name for style in document.styles}
    else:
        document = Document(io.BytesIO(pandoc.reference()))
        given = set()
    accent = cover.accent[1:].upper()
    for name, facts in _STYLES.items():
        if name not in given:
            _style(document, name, *facts, accent=accent, font=None if cover.docx else _FONT)
    styles = {style.name: style for style in document.styles}
    new = {name: styles[name] for name in _STYLES if name not in given}
    for name in new.keys() & {"Finding Grade", "Finding", "Finding Detail"}:
        _box(new[name], accent)
    if "Missing" in new:
        _box(new["Missing"], "B7791F")
    if "Exhibit Number" not in given:
        number = document.styles.add_style("Exhibit Number", WD_STYLE_TYPE.CHARACTER)
        number.font.color.rgb = RGBColor.from_string(accent)
    for name in new.keys() & {"Caption", "Exhibit Message", "Finding Grade", "Finding", "Exhibit Picture", "Answer"}:
        new[name].paragraph_format.keep_with_next = True
    for name in new.keys() & {"TOC Heading", "Heading 1"}:
        new[name].paragraph_format.page_break_before = True
    if "toc 2" in new:
        new["toc 2"].paragraph_format.left_indent = Cm(0.6)
    if "Table" not in given:
        _table_style(document, accent)
    if not cover.docx or document.sections[-1].page_width is None:
        _paper(document.sections[-1])
    if not _has_own_header(document.sections[-1]):
        _header_and_footer(document.sections[-1], cover)
    file = io.BytesIO()
    document.save(file)
    return file.getvalue()


def _style(
    document: DocumentType,
    name: str,
    base: str | None,
    size: float,
    bold: bool,
    colour: str | None,
    before: float,
    after: float,
    accent: str,
    font: str | None,
) -> None:
    """Define a style; without a font of its own, a document's: then its ink is that document's, too."""
    styles = {style.name: style for style in document.styles}
    if style := styles.get(name):
        for old in ("w:rPr", "w:pPr"):
            if (found := style.element.find(qn(old))) is not None:
                style.element.remove(found)
    else:
        style = document.styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
    style.base_style = styles[base] if base else None
    style.font.size, style.font.bold = Pt(size), bold or None
    if font:
        style.font.name = font
        style.element.rPr.rFonts.set(qn("w:cs"), font)
    if font or colour != INK:
        style.font.color.rgb = RGBColor.from_string(colour or accent)
    style.paragraph_format.space_before, style.paragraph_format.space_after = Pt(before), Pt(after)
    style.quick_style, style.hidden = True, False
    if name.startswith("Heading "):
        style.paragraph_format.keep_with_next = True
        level = OxmlElement("w:outlineLvl")
        level.set(qn("w:val"), str(int(name[-1]) - 1))
        style.element.get_or_add_pPr().append(level)


def _box(style: Any, colour: str) -> None:
    """Set a style on a tint with an edge on its left; neighbours of the same look join to one box."""
    properties = style.element.get_or_add_pPr()
    edge = f'<w:pBdr {nsdecls("w")}><w:left w:val="single" w:sz="24" w:space="8" w:color="{colour}"/></w:pBdr>'
    shade = f'<w:shd {nsdecls("w")} w:val="clear" w:color="auto" w:fill="{TINT}"/>'
    spacing = properties.find(qn("w:spacing"))
    for xml in (edge, shade):
        spacing.addprevious(parse_xml(xml))
    style.paragraph_format.left_indent = Cm(0.4)


def _table_style(document: DocumentType, accent: str) -> None:
    names = {style.name for style in document.styles}
    if "Table" not in names:
        document.styles.add_style("Table", WD_STYLE_TYPE.TABLE)
    style = document.styles["Table"].element
    for old in list(style):
        if old.tag in (qn("w:tblPr"), qn("w:tblStylePr"), qn("w:pPr"), qn("w:rPr")):
            style.remove(old)
    style.append(
        parse_xml(
            f"<w:tblPr {nsdecls('w')}><w:tblBorders>"
            '<w:bottom w:val="single" w:sz="4" w:color="D9E0E6"/><w:insideH w:val="single" w:sz="4" w:color="D9E0E6"/>'
            "</w:tblBorders><w:tblCellMar>"
            '<w:left w:w="70" w:type="dxa"/><w:right w:w="70" w:type="dxa"/></w:tblCellMar>'
            "</w:tblPr>"
        )
    )
    style.append(
        parse_xml(
            f'<w:tblStylePr {nsdecls("w")} w:type="firstRow"><w:rPr><w:b/></w:rPr><w:tcPr><w:tcBorders>'
            f'<w:bottom w:val="single" w:sz="12" w:color="{accent}"/></w:tcBorders><w:vAlign w:val="bottom"/></w:tcPr>'
            "</w:tblStylePr>"
        )
    )


def _paper(section: Section) -> None:
    section.page_width, section.page_height = Cm(21), Cm(29.7)
    section.left_margin = section.right_margin = Cm(2.3)
    section.top_margin, section.bottom_margin = Cm(2.4), Cm(2.2)


def _has_own_header(section: Section) -> bool:
    """Tell whether anything stands in a header or footer: text, a field or a picture."""
    parts = (section.header, section.footer, section.first_page_header, section.first_page_footer)
    own = [part._element for part in parts if not part.is_linked_to_previous]
    return any(
        part.xpath("boolean(.//w:t | .//w:drawing | .//w:pict | .//w:instrText | .//w:fldSimple)") for part in own
    )


def _header_and_footer(section: Section, cover: Cover) -> None:
    section.different_first_page_header_footer = True
    header, footer = section.header.paragraphs[0], section.footer.paragraphs[0]
    right = Emu(_text_width(section))
    for paragraph in (header, footer):
        paragraph.paragraph_format.tab_stops.add_tab_stop(right, alignment=WD_TAB_ALIGNMENT.RIGHT)
    header.add_run(f"{shortened(cover.client, 50)}\t{shortened(cover.title, 50)}")
    footer.add_run(" · ".join(filter(None, [cover.date, cover.footer])) + "\tpage ")
    footer.add_run(" of ")
    for run in [*header.runs, *footer.runs]:
        run.font.size, run.font.color.rgb = Pt(8.5), RGBColor.from_string(QUIET)
    for run, instruction in zip(footer.runs, ("PAGE", "NUMPAGES")):
        _add_field(run, instruction, "1")


def _add_field(run: Run, instruction: str, shown: str) -> None:
    """Add a field after a run, in its look, with the result it shows until Word computes it."""
    place = run._r
    for piece in (
        _mark("begin"),
        _text("w:instrText", instruction),
        _mark("separate"),
        _text("w:t", shown),
        _mark("end"),
    ):
        part = OxmlElement("w:r")
        if run._r.rPr is not None:
            part.append(deepcopy(run._r.rPr))
        part.append(piece)
        place.addnext(part)
        place = part


def _mark(kind: str) -> Any:
    mark = OxmlElement("w:fldChar")
    mark.set(qn("w:fldCharType"), kind)
    return mark


def _text(tag: str, text: str) -> Any:
    element = OxmlElement(tag)
    element.set(qn("xml:space"), "preserve")
    element.text = text
    return element


def _finish(document: DocumentType) -> None:
    """Add what pandoc cannot write: numbers that Word keeps, a contents field, table text."""
    last: dict[str, int] = {}
    # Looking a style up searches all of them: once for the document, and not for each of its thousands of cells.
    names = {style.style_id: style.name for style in document.styles}
    number_style = document.styles["Exhibit Number"].style_id
    words, small_words = (document.styles[name].style_id for name in ("Table Text", "Table Text Small"))
    for paragraph in document.paragraphs:
        for run in paragraph.runs:
            if run._r.style == number_style and " " in run.text:
                word, number = run.text.split()
                run.text = f"{word} "
                # Numbers run through the whole report: where one is left out, Word must not go on counting.
                at = "" if int(number) == last.get(word, 0) + 1 else f" \\r {number}"
                last[word] = int(number)
                _add_field(run, f"SEQ {word} \\* ARABIC{at}", number)
    _contents_field([one for one in document.paragraphs if (names.get(one._p.style) or "").startswith("toc ")])
    for table in document.element.body.iter(qn("w:tbl")):
        small = len(table.tblGrid.findall(qn("w:gridCol"))) > 7
        for style in table.iter(qn("w:pStyle")):
            style.set(qn("w:val"), small_words if small else words)
        for row in table.iter(qn("w:tr")):
            row.get_or_add_trPr().insert(0, OxmlElement("w:cantSplit"))
    for drawn in document.element.body.iter(qn("pic:cNvPr")):  # pandoc notes there where a picture lay
        drawn.set("descr", "")


def _contents_field(entries: list[Paragraph]) -> None:
    """Wrap the contents list in a field, so that Word can update it with page numbers."""
    if not entries:
        return
    start, end = OxmlElement("w:r"), OxmlElement("w:r")
    start.extend([_mark("begin"), _text("w:instrText", 'TOC \\o "1-2" \\h \\z'), _mark("separate")])
    end.append(_mark("end"))
    entries[0]._p.insert(1 if entries[0]._p.pPr is not None else 0, start)
    entries[-1]._p.append(end)
