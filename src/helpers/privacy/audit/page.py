"""Reads HTML pages: what is shown, what attributes say, and the pictures inside."""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator
from urllib.parse import unquote_to_bytes

from lxml import html

from . import picture
from .passages import Passage

_BLOCKS = {
    "p", "li", "dt", "dd", "h1", "h2", "h3", "h4", "h5", "h6", "title", "summary", "caption", "figcaption", "pre",
    "blockquote", "tr", "a", "button", "label", "option", "div", "section", "td", "th", "body", "span",
}  # fmt: skip
#: Attributes that steer how a page looks and hold no text of a study.
_LAYOUT = {
    "class", "style", "colspan", "rowspan", "tabindex", "scope", "lang", "charset", "role", "width", "height", "align",
    "http-equiv", "start", "display", "xmlns", "stretchy", "form", "accent", "mathvariant", "columnalign", "rel", "dir",
    "columnspacing", "rowspacing", "lspace", "rspace", "fence", "separator", "encoding", "aria-hidden", "open", "type",
}  # fmt: skip
_NAMES = {"id", "href", "name", "for", "aria-labelledby", "aria-describedby", "aria-controls"}


def read(text: str, file: str, place: str = "", style: str = "") -> Iterator[Passage]:
    """Yield what a page, or a piece of one, says.

    Parameters
    ----------
    text : str
        The HTML.
    file : str
        Its file.
    place : str
        Where in the file, when it is a piece of one.
    style : str
        The report's own style sheet, whose numbers are layout.

    Yields
    ------
    Passage
        Rows of tables and paragraphs as wholes, attributes one by one, texts of pictures.
    """
    where = f"{place}, " if place else ""
    if not text.strip():
        return
    for element in html.document_fromstring(text).iter():
        if isinstance(element, html.HtmlComment):
            yield Passage(file, f"{where}comment in the page", element.text or "")
            continue
        if not isinstance(element.tag, str):
            continue
        yield from _attributes(element, file, where)
        if element.tag == "style":
            rest = (element.text or "").replace(style, "") if style else element.text or ""
            rest = re.sub(r"\A:root \{ --accent: #[0-9a-f]{6}; \}\s*\Z", "", rest, flags=re.IGNORECASE)
            if style and rest.strip():
                yield Passage(file, f"{where}style sheet", rest)
        elif element.tag == "script":
            yield Passage(file, f"{where}script", element.text or "")
        elif element.tag == "math":
            yield Passage(file, f"{where}formula", " ".join(element.itertext()), "formula")
        elif _is_block(element) and not _within(element, "tr") and (words := _own_text(element)):
            yield Passage(file, f"{where}{_NAMED.get(element.tag, 'text')}", words)


_NAMED = {"tr": "row of a table", "title": "title of the page", "li": "list"}


def _is_block(element: html.HtmlElement) -> bool:
    """Tell whether an element's text stands for itself; a link within a sentence is part of the sentence."""
    above = element.getparent()
    return element.tag in _BLOCKS and not (element.tag == "a" and above is not None and above.tag == "p")


def _within(element: html.HtmlElement, tag: str) -> bool:
    return any(above.tag == tag for above in element.iterancestors())


def _own_text(element: html.HtmlElement) -> str:
    """Return the text of an element, without that of blocks inside it, which stand for themselves; rows are whole."""
    parts = [element.text or ""]
    for child in element:
        if isinstance(child.tag, str) and child.tag not in ("math", "style", "script"):
            whole = element.tag == "tr" or not _is_block(child)
            parts.append(_own_text(child) if whole and element.tag != "tr" else " ".join(child.itertext()) * whole)
        parts.append(child.tail or "")
    return " ".join(" ".join(parts).split())


def _attributes(element: html.HtmlElement, file: str, where: str) -> Iterator[Passage]:
    for name, value in element.attrib.items():
        if name in _LAYOUT or not value or (element.tag == "meta" and _is_technical(element)):
            continue
        if value.startswith("data:"):
            yield from _embedded(value, file, f"{where}picture")
        elif name in _NAMES:
            yield Passage(file, f"{where}attribute {name}", value, "name")
        else:
            yield Passage(file, f"{where}attribute {name}", value)


def _is_technical(element: html.HtmlElement) -> bool:
    return element.get("name") == "viewport" or element.get("http-equiv") is not None


def _embedded(address: str, file: str, place: str) -> Iterator[Passage]:
    head, _, data = address.partition(",")
    try:
        content = base64.b64decode(data) if head.endswith(";base64") else unquote_to_bytes(data)
    except (binascii.Error, ValueError):
        yield Passage(file, place, data)
        return
    if "svg" in head:
        yield from picture.drawing(content, file, place)
    elif head.startswith("data:image/"):
        yield from picture.pixels(content, file, place)
    else:
        yield Passage(file, place, content.decode("utf-8", "replace"))
