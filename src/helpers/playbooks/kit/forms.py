"""The sheets of an edition as one Word file, to be changed before printing; lines to write on are kept."""

from __future__ import annotations

import io
import re
import tempfile
from pathlib import Path
from typing import Any

import pypandoc
from docx import Document
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_ROW_HEIGHT_RULE
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm

from helpers.data.yaml_files import read_text
from helpers.present.paper.blocks import blocks

from ..session import Session
from .steady import steady

WRITING_MM = 10
_SIZE = {"a4": (210, 297), "letter": (215.9, 279.4)}
_MARGIN = 18
#: Millimetres that a letter of a table takes, and that a cell leaves free beside its text.
_LETTER, _PADDING = 2.6, 5


def forms(session: Session) -> bytes:
    """Return every sheet of the edition once, each from a page of its own.

    Returns
    -------
    bytes
        A Word file. Tables have lines, columns as wide as on paper, and rows to write in at least 10 mm high.
    """
    texts = []
    files = dict.fromkeys(session.book.front.sheet(one.sheet).file for one in session.edition.sheets)
    for file in files:
        text = session.text(read_text(session.book.folder / file))
        texts.append(re.sub(r"^---$", "", text, flags=re.MULTILINE))
    markdown = "\n\n".join(texts)
    document = Document(io.BytesIO(_word(markdown)))
    grid = _grid(document)
    width, height = _SIZE[session.paper]
    for part in document.sections:
        part.page_width, part.page_height = Mm(width), Mm(height)
        part.left_margin = part.right_margin = part.top_margin = part.bottom_margin = Mm(_MARGIN)
    for at, paragraph in enumerate(document.paragraphs):
        if paragraph.style is not None and paragraph.style.name == "Heading 1" and at:
            paragraph.paragraph_format.page_break_before = True
    for table in document.tables:
        table.style = grid
        for row in table.rows:
            if any(not cell.text.strip("\u00a0 ") for cell in row.cells):
                row.height, row.height_rule = Mm(WRITING_MM), WD_ROW_HEIGHT_RULE.AT_LEAST
    _widths(document, markdown, width - 2 * _MARGIN)
    document.core_properties.title = f"{session.book.front.title}, {session.edition.title}: sheets"
    saved = io.BytesIO()
    document.save(saved)
    return steady(saved.getvalue())


def _word(markdown: str) -> bytes:
    """Convert Markdown with pandoc, which writes Word to files alone."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "forms.docx"
        pypandoc.convert_text(markdown, "docx", format="gfm", outputfile=str(path))
        return path.read_bytes()


def _widths(document: Any, markdown: str, room: float) -> None:
    """Give columns the shares that they have in the PDF files; what a text does not need goes to blanks beside it."""
    shares = [block["shares"] for block in blocks(markdown) if block["kind"] == "table"]
    for table, parts in zip(document.tables, shares, strict=True):
        table.autofit = False
        texts = [[cell.text.strip("\u00a0 ") for cell in column.cells] for column in table.columns]
        widths = [room * part / sum(parts) for part in parts]
        blank = [not all(some[1:]) for some in texts]
        if any(blank):
            needed = [_PADDING + _LETTER * max(map(len, some)) for some in texts]
            widths = [width if empty else min(width, most) for width, most, empty in zip(widths, needed, blank)]
            left = room - sum(widths)
            widths = [width + left * empty / sum(blank) for width, empty in zip(widths, blank)]
        longest = [max(map(len, " ".join(some).split()), default=0) for some in texts]
        widths = _at_least(widths, [_PADDING + _LETTER * letters for letters in longest])
        for column, width in zip(table.columns, widths):
            for one in (column, *column.cells):
                one.width = Mm(width)


def _at_least(widths: list[float], least: list[float]) -> list[float]:
    """Widen columns that are too narrow for their longest word; the others give what they can spare."""
    spare = [max(width - low, 0) for width, low in zip(widths, least)]
    lacks = [max(low - width, 0) for width, low in zip(widths, least)]
    given = min(1, sum(lacks) / sum(spare)) if sum(spare) else 0
    got = given * sum(spare) / sum(lacks) if sum(lacks) else 0
    return [width - given * more + got * less for width, more, less in zip(widths, spare, lacks)]


def _grid(document: Any) -> Any:
    """Return a table style with a line around every cell."""
    style = document.styles.add_style("Lines", WD_STYLE_TYPE.TABLE)
    properties, borders = OxmlElement("w:tblPr"), OxmlElement("w:tblBorders")
    for side in ("top", "left", "bottom", "right", "insideH", "insideV"):
        line = OxmlElement(f"w:{side}")
        for name, value in (("val", "single"), ("sz", "4"), ("space", "0"), ("color", "777777")):
            line.set(qn(f"w:{name}"), value)
        borders.append(line)
    properties.append(borders)
    style.element.append(properties)
    return style
