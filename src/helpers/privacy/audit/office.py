"""Reads Word, PowerPoint and Excel files part by part: what is shown, and what is not.

Every part of the file is read as it is stored, so that notes, comments, hidden cells, rows, sheets and slides,
alternative texts and properties are read like what stands in plain sight.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator

from lxml import etree

from . import picture
from .passages import Passage
from .words import as_in_files

#: Attributes that hold words.
_WORDS = {"descr", "title", "name", "alt", "author", "initials", "tooltip", "display", "altText", "lastModifiedBy"}
#: What Word's files are given as a bookmark's name by the program that writes them, where the wanted one is too long.
_MADE = re.compile(r"X[0-9a-f]{38,40}")
_ROWS, _PARAGRAPHS = {"tr"}, {"p"}
_FIELDS = re.compile(r"\s*(TOC|PAGE|NUMPAGES|SEQ|PAGEREF|REF|STYLEREF|HYPERLINK|SECTIONPAGES)\b")
_PICTURES = (".png", ".jpg", ".jpeg", ".gif", ".tif", ".tiff", ".bmp")
#: Parts whose numbers are layout: styles, themes, list numbers, layouts of slides and what a program notes for itself.
_LAYOUT_PARTS = re.compile(
    r"(styles|numbering|fontTable|webSettings|settings|tableStyles|presProps|viewProps|theme\d*|slideLayout\d+|"
    r"slideMaster\d+|notesMaster\d+|\[Content_Types\]|presentation|calcChain)\.xml\Z"
)
#: What a sheet behind a chart is called.
_SHEET = re.compile(r"Sheet\d+")


def read(content: bytes, file: str, place: str = "") -> Iterator[Passage]:
    """Yield what a file of an office program says.

    Parameters
    ----------
    content : bytes
        The file.
    file : str
        Its name, for the passages.
    place : str
        Where it stands, when it lies inside another.

    Yields
    ------
    Passage
        Rows of tables and paragraphs as wholes; alternative texts, names and properties one by one.
    """
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        shared = _shared_strings(archive)
        for name in archive.namelist():
            part = f"{place}{name}"
            data = archive.read(name)
            low = name.lower()
            if low.endswith((".xlsx", ".docx", ".pptx")):
                yield from read(data, file, f"{part}, ")
            elif low.endswith(_PICTURES):
                yield from picture.pixels(data, file, part)
            elif low.endswith(".svg"):
                yield from picture.drawing(data, file, part)
            elif low.endswith((".xml", ".rels")):
                yield from _part(data, file, part, name, shared)
            elif not low.endswith(("/", ".bin")):
                yield Passage(file, part, data.decode("utf-8", "replace"))
        if archive.comment:
            yield Passage(file, "comment of the archive", archive.comment.decode("utf-8", "replace"))


def _part(data: bytes, file: str, part: str, name: str, shared: list[str]) -> Iterator[Passage]:
    tree = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    base = name.rsplit("/", 1)[-1]
    if name.startswith("docProps/"):
        yield from _properties(tree, file, part)
    elif base.endswith(".rels"):
        for link in tree:
            if link.get("TargetMode") == "External":
                yield Passage(file, f"{part}, address of a link", link.get("Target", ""))
    elif re.match(r"xl/worksheets/.*\.xml\Z", name):
        yield from _sheet(tree, file, part, shared)
    elif base == "workbook.xml":
        for element in tree.iter("{*}sheet"):
            yield Passage(file, f"{part}, name of a sheet", f"{element.get('name', '')}…")
    elif name.startswith("ppt/charts/") or "/charts/chart" in name:
        yield from _chart(tree, file, part)
    elif base != "sharedStrings.xml" and not _LAYOUT_PARTS.search(base):
        yield from _texts(tree, file, part)
    elif _LAYOUT_PARTS.search(base):
        for element in tree.iter("{*}t"):  # what a layout shows on every page
            if etree.QName(element.getparent()).localname != "fld":  # the day and the slide's number
                yield Passage(file, part, element.text or "")


def _properties(tree: etree._Element, file: str, part: str) -> Iterator[Passage]:
    """Yield the texts of a file's properties; counts of words and the program's version are its own."""
    for element in tree.iter():
        if isinstance(element.tag, str) and (element.text or "").strip():
            name = etree.QName(element).localname
            if name not in _COUNTED and not _SHEET.fullmatch(element.text or ""):
                yield Passage(file, f"{part}, {name}", element.text or "")
        if isinstance(element.tag, str) and (own := element.get("name")):
            yield Passage(file, f"{part}, name of a property", own)


_COUNTED = {
    "Words", "Lines", "AppVersion", "CharactersWithSpaces", "Characters", "Paragraphs", "Pages", "TotalTime", "Slides",
    "HiddenSlides", "Notes", "MMClips", "DocSecurity", "Application", "i4", "revision",
    "PresentationFormat", "Template",
}  # fmt: skip


def _texts(tree: etree._Element, file: str, part: str) -> Iterator[Passage]:
    taken: set[etree._Element] = set()
    for element in tree.iter():
        if not isinstance(element.tag, str):
            if (element.text or "").strip():
                yield Passage(file, f"{part}, comment", element.text or "")
            continue
        name = etree.QName(element).localname
        for key, value in element.attrib.items():
            key = etree.QName(key).localname
            if key in _WORDS and value and not _MADE.fullmatch(value):
                yield Passage(file, f"{part}, {key}", value, "name" if key == "name" else "text")
        if element in taken:
            continue
        if name in _ROWS or name in _PARAGRAPHS:
            inside = list(element.iter())
            taken.update(inside)
            if words := " ".join(_words(element).split()):
                yield Passage(file, part, words)
            for formula in element.iter("{*}oMath"):
                yield Passage(file, f"{part}, formula", " ".join(formula.itertext()), "formula")
            for code in element.iter("{*}instrText"):
                if not _FIELDS.match(code.text or ""):
                    yield Passage(file, f"{part}, field", code.text or "")
        elif (element.text or "").strip() and name not in ("instrText", "tableStyleId"):
            yield Passage(file, part, element.text or "")


def _words(element: etree._Element) -> str:
    """Return the text of a paragraph, or of a row cell by cell; fields for the slide's number and formulas aside."""
    if not isinstance(element.tag, str):
        return ""
    name = etree.QName(element).localname
    if name == "t":
        return element.text or ""
    if name in ("oMath", "instrText") or (name == "fld" and element.get("type") == "slidenum"):
        return " "
    if name in ("tab", "br"):
        return " "
    words = "".join(_words(child) for child in element)
    return f"{words} " if name in ("p", "tc", "tr") else words


def _chart(tree: etree._Element, file: str, part: str) -> Iterator[Passage]:
    for element in tree.iter("{*}v", "{*}t"):
        words = element.text or ""
        yield Passage(file, part, words, "value" if _is_value(words) else "text")
    for element in tree.iter("{*}cNvPr"):
        yield Passage(file, part, element.get("descr", ""))


def _is_value(words: str) -> bool:
    return re.fullmatch(r"-?\d+(\.\d+)?([eE][-+]?\d+)?", words.strip()) is not None


def _shared_strings(archive: zipfile.ZipFile) -> list[str]:
    if "xl/sharedStrings.xml" not in archive.namelist():
        return []
    tree = etree.fromstring(archive.read("xl/sharedStrings.xml"))
    return ["".join(text.text or "" for text in item.iter("{*}t")) for item in tree.iter("{*}si")]


def _sheet(tree: etree._Element, file: str, part: str, shared: list[str]) -> Iterator[Passage]:
    """Yield the rows of a sheet; one value in a sheet inside a presentation stands behind its chart."""
    inside = part.count("xlsx") > 0
    for row in tree.iter("{*}row"):
        cells = [words for cell in row.iter("{*}c") if (words := _cell(cell, shared))]
        if inside:
            for words in cells:
                yield Passage(file, part, words, "value" if _is_value(words) else "text")
        elif cells:
            yield Passage(file, f"{part}, row {row.get('r')}", " ".join(cells))
    for name in ("oddHeader", "oddFooter", "evenHeader", "evenFooter", "firstHeader", "firstFooter"):
        for element in tree.iter(f"{{*}}{name}"):
            yield Passage(file, f"{part}, header or footer", re.sub(r"&[LCRPN]|&\d+", " ", element.text or ""))
    for element in tree.iter("{*}hyperlink", "{*}dataValidation"):
        for key in ("display", "tooltip", "prompt", "error"):
            if element.get(key):
                yield Passage(file, f"{part}, {key}", element.get(key, ""))


def _cell(cell: etree._Element, shared: list[str]) -> str:
    value = cell.find("{*}v")
    kind = cell.get("t", "n")
    if kind == "inlineStr":
        return "".join(text.text or "" for text in cell.iter("{*}t"))
    if value is None or value.text is None:
        return ""
    if kind == "s":
        return shared[int(value.text)]
    return as_in_files(float(value.text)) if kind == "n" else value.text
