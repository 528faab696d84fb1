"""Reads PDF files: the text of every page, alternative texts, bookmarks, notes, attachments and metadata."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator
from ctypes import create_string_buffer
from html import unescape
from typing import Any

import pypdfium2
from pypdfium2 import raw

from helpers.pdfium import opened

from .passages import Passage

#: What the program that typeset the file says of itself in XMP, and the keys it makes.
_MADE = re.compile(r"<(xmp:CreatorTool|xmpMM:\w+ID|pdf:Producer|pdf:PDFVersion|xmpTPg:NPages)>.*?</\1>", re.DOTALL)

#: How PDFium writes a hyphen at which a line breaks.
_HYPHEN = re.compile(r"[\ufffe\x02\u00ad]\s*")

#: A day in a PDF's own form; midnight is no time of its own.
_DAY = re.compile(r"D:(\d{4})(\d\d)(\d\d)(?:000000)?")


def read(content: bytes, file: str) -> Iterator[Passage]:
    """Yield what a PDF file says.

    Parameters
    ----------
    content : bytes
        The file.
    file : str
        Its name, for the passages.

    Yields
    ------
    Passage
        All pages as one text, since a table may run over several; what repeats at their edges apart.
    """
    with opened(content) as document:
        found = list(_read(document, content, file))
    yield from found


def _read(document: pypdfium2.PdfDocument, content: bytes, file: str) -> Iterator[Passage]:
    yield from _metadata(document, content, file)
    pages = []
    for page in document:
        text = page.get_textpage()
        pages.append(text.get_text_range().splitlines())
        yield from _alternative_texts(page, file)
        yield from _annotations(page, file)
    edges = _edges(pages)
    for line in sorted({line for page in pages for line in page if _shape(line) in edges}):
        yield Passage(file, "running header or footer", line)
    body = "\n".join(line for page in pages for line in page if _shape(line) not in edges)
    yield Passage(file, "text of the pages", _HYPHEN.sub("", body))


def _metadata(document: pypdfium2.PdfDocument, content: bytes, file: str) -> Iterator[Passage]:
    for name, value in document.get_metadata_dict(skip_empty=True).items():
        if name != "Creator":  # the program that typeset the file, with its version
            yield Passage(file, f"metadata {name}", _DAY.sub(r"\1-\2-\3 ", value))
    for packet in re.findall(rb"<\?xpacket begin.*?<\?xpacket end", content, re.DOTALL):
        words = _MADE.sub("", packet.decode("utf-8", "replace"))
        for text in re.findall(r">([^<>]*\w[^<>]*)<", words):
            yield Passage(file, "XMP metadata", unescape(text))
    for bookmark in document.get_toc():
        yield Passage(file, "bookmark", bookmark.get_title())
    for place in range(document.count_attachments()):
        attachment = document.get_attachment(place)
        yield Passage(file, "name of an attachment", attachment.get_name())
        yield Passage(file, "attachment", bytes(attachment.get_data()).decode("utf-8", "replace"))


def _alternative_texts(page: pypdfium2.PdfPage, file: str) -> Iterator[Passage]:
    tree = raw.FPDF_StructTree_GetForPage(page)
    if not tree:
        return
    try:
        roots = raw.FPDF_StructTree_CountChildren(tree)
        open_ = [raw.FPDF_StructTree_GetChildAtIndex(tree, place) for place in range(roots)]
        readers = (
            ("alternative text", raw.FPDF_StructElement_GetAltText),
            ("replacement text", raw.FPDF_StructElement_GetActualText),
            ("title of a part", raw.FPDF_StructElement_GetTitle),
        )
        while open_:
            element = open_.pop()
            if not element:
                continue
            for place, reader in readers:
                if text := _utf16(reader, element):
                    yield Passage(file, place, text)
            children = raw.FPDF_StructElement_CountChildren(element)
            open_ += [raw.FPDF_StructElement_GetChildAtIndex(element, place) for place in range(children)]
    finally:
        raw.FPDF_StructTree_Close(tree)


def _annotations(page: pypdfium2.PdfPage, file: str) -> Iterator[Passage]:
    for place in range(raw.FPDFPage_GetAnnotCount(page)):
        annotation = raw.FPDFPage_GetAnnot(page, place)
        try:
            for key in (b"Contents", b"T", b"Subj"):
                text = _utf16(
                    lambda one, buffer, size, key=key: raw.FPDFAnnot_GetStringValue(one, key, buffer, size),
                    annotation,
                    as_wide=True,
                )
                if text:
                    yield Passage(file, "note on a page", text)
        finally:
            raw.FPDFPage_CloseAnnot(annotation)


def _utf16(reader: Callable[..., int], element: Any, as_wide: bool = False) -> str:
    """Call a function of PDFium that fills a buffer with UTF-16, first to learn how long it has to be."""
    size = reader(element, None, 0)
    if size <= 2:
        return ""
    buffer = create_string_buffer(size)
    target = (raw.FPDF_WCHAR * (size // 2)).from_buffer(buffer) if as_wide else buffer
    reader(element, target, size)
    return buffer.raw[: size - 2].decode("utf-16-le", "replace")


def _shape(line: str) -> str:
    """Return a line without its numbers: headers and footers differ by the page's number alone."""
    return re.sub(r"\d+", "#", " ".join(line.split()))


def _edges(pages: list[list[str]]) -> set[str]:
    """Return the shapes of lines that stand first or last, and only there, on half of the pages after the cover.

    A table that runs over two pages repeats its heads at the top of the second; they stand in the middle of others too.
    """
    counted = Counter(shape for page in pages for shape in {_shape(line) for line in (*page[:3], *page[-3:]) if line})
    between = {_shape(line) for page in pages for line in page[3:-3]}
    often = {shape for shape, count in counted.items() if len(pages) > 2 and count >= (len(pages) - 1) / 2}
    return often - between
