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

from ..session import Session
from .steady import steady

WRITING_MM = 10
_SIZE = {"a4": (210, 297), "letter": (215.9, 279.4)}
_MARGIN = 18


def forms(session: Session) -> bytes:
    """Return every sheet of the edition once, each from a page of its own.

    Returns
    -------
    bytes
        A Word file. Tables have lines, and rows to write in are at least 10 mm high.
    """
    texts = []
    files = dict.fromkeys(session.book.front.sheet(one.sheet).file for one in session.edition.sheets)
    for file in files:
        text = session.text(read_text(session.book.folder / file))
        texts.append(re.sub(r"^---$", "", text, flags=re.MULTILINE))
    document = Document(io.BytesIO(_word("\n\n".join(texts))))
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
