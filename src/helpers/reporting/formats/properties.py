"""Writes who made an office file and when: the client and the study's date, never a library or the machine's clock."""

from __future__ import annotations

import io
import re
import zipfile
from html import escape

from ..cover import Cover
from ..wording import shortened

#: Whose name stands where the study names no client, and as the program.
PROJECT = "HR Partnership Lab"
#: What libraries put into a new file that tells of their authors' machines.
_LEFT_OVER = re.compile(r"(docProps/thumbnail\.\w+|ppt/printerSettings/.*)\Z")
_TO_LEFT_OVER = re.compile(rb'<Relationship [^>]*Target="[^"]*(?:thumbnail\.\w+|printerSettings\d*\.bin)"[^>]*/>')
_CORE = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" \
xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" \
xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"><dc:title>{title}</dc:title><dc:creator>{author}</dc:creator>\
<cp:lastModifiedBy>{author}</cp:lastModifiedBy><dcterms:created xsi:type="dcterms:W3CDTF">{day}T00:00:00Z\
</dcterms:created><dcterms:modified xsi:type="dcterms:W3CDTF">{day}T00:00:00Z</dcterms:modified>\
<dc:language>{language}</dc:language></cp:coreProperties>"""
_PROGRAM = """<?xml version="1.0" encoding="UTF-8" standalone="yes"?>
<Properties xmlns="http://schemas.openxmlformats.org/officeDocument/2006/extended-properties">\
<Application>{program}</Application></Properties>"""


def signed(content: bytes, cover: Cover, title: str) -> bytes:
    """Return a Word, PowerPoint or Excel file with the report's own properties.

    Parameters
    ----------
    content : bytes
        The file as a library wrote it.
    cover : Cover
        Client, language and date.
    title : str
        The title among its properties, which hold 255 characters.

    Returns
    -------
    bytes
        The same parts, and workbooks inside them, with title, author and date of the report; without thumbnail and
        printer settings of the machine on which a library's own template was made. The same input gives the same bytes.
    """
    facts = {
        "title": escape(shortened(title, 255)),
        "author": escape(shortened(cover.client or PROJECT, 255)),
        "language": escape(cover.language),
        "day": cover.as_of.isoformat(),
        "program": PROJECT,
    }
    result = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as source, zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            if not _LEFT_OVER.match(name):
                # A date of its own keeps the machine's clock out; no date in a ZIP lies before 1980.
                entry = zipfile.ZipInfo(
                    name, (max(cover.as_of.year, 1980), cover.as_of.month, cover.as_of.day, 0, 0, 0)
                )
                entry.compress_type = zipfile.ZIP_DEFLATED
                target.writestr(entry, _part(name, source.read(name), cover, title, facts))
    return result.getvalue()


def _day(cover: Cover) -> tuple[int, int, int]:
    """Return the study's date; none in a ZIP file lies before 1980."""
    return max(cover.as_of.year, 1980), cover.as_of.month, cover.as_of.day


def _part(name: str, content: bytes, cover: Cover, title: str, facts: dict[str, str]) -> bytes:
    if name == "docProps/core.xml":
        return _CORE.format(**facts).encode()
    if name == "docProps/app.xml":
        return _PROGRAM.format(**facts).encode()
    if name.endswith(".rels"):
        return re.sub(
            rb'<Relationship [^>]*Target="[^"]*(?:thumbnail\.\w+|printerSettings\d*\.bin)"[^>]*/>', b"", content
        )
    return signed(content, cover, title) if name.endswith(".xlsx") else content
