"""Reads what pictures say in words: the text in and around a drawing, and the text chunks of a PNG.

What their points and pixels show is not read; it is drawn from the published, rounded values.
"""

from __future__ import annotations

import io
import re
import zlib
from collections.abc import Iterator

from lxml import etree
from PIL import Image, UnidentifiedImageError
from PIL.ExifTags import TAGS

from .passages import Passage

_PNG = b"\x89PNG\r\n\x1a\n"
#: Chunks of a PNG that hold pixels, colours and sizes.
_PIXELS = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"cHRM", b"gAMA", b"iCCP", b"sBIT", b"sRGB", b"bKGD", b"hIST", b"pHYs",
    b"sPLT", b"tIME",
}  # fmt: skip
MOST_TEXT = 1_000_000  # bytes that the text chunk of a picture may unpack to
_AXIS = re.compile(r"[xy]tick_\d+")


def pixels(content: bytes, file: str, place: str) -> Iterator[Passage]:
    """Yield the texts that a picture of pixels carries beside them: PNG text chunks, comments, Exif.

    Parameters
    ----------
    content : bytes
        The picture.
    file, place : str
        Where it stands.

    Yields
    ------
    Passage
        One per text.
    """
    if content.startswith(_PNG):
        yield from (Passage(file, f"{place}, metadata {name}", words) for name, words in _png_texts(content))
        return
    try:
        image = Image.open(io.BytesIO(content))
    except (UnidentifiedImageError, OSError, SyntaxError):
        yield Passage(file, f"{place}, a picture that cannot be read", content.decode("latin-1"))
        return
    for name, value in image.info.items():
        if isinstance(value, str | bytes) and name in ("comment", "Comment", "xmp"):
            yield Passage(file, f"{place}, metadata {name}", _words(value))
    yield from (Passage(file, f"{place}, metadata {name}", words) for name, words in _exif(image.getexif()))


def _words(value: str | bytes) -> str:
    return value if isinstance(value, str) else value.decode("utf-8", "replace")


def _exif(noted: Image.Exif) -> Iterator[tuple[str, str]]:
    for tag, value in noted.items():
        if isinstance(value, str | bytes):
            yield str(TAGS.get(tag, tag)), _words(value)


def _png_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield name and text of all that a PNG holds beside its pixels, which are not unpacked.

    References
    ----------
    W3C (2003). Portable Network Graphics specification, second edition, sections 5 and 11.3.4.
    """
    place, kind = len(_PNG), b""
    while place + 8 <= len(content) and kind != b"IEND":
        size = int.from_bytes(content[place : place + 4], "big")
        kind, data = content[place + 4 : place + 8], content[place + 8 : place + 8 + size]
        place += size + 12
        if kind in (b"tEXt", b"zTXt", b"iTXt"):
            keyword, _, rest = data.partition(b"\0")
            if kind == b"zTXt":
                rest = _unpacked(rest[1:])
            elif kind == b"iTXt":
                packed, rest = rest[:1] == b"\1", rest[2:].split(b"\0", 2)[-1]
                rest = _unpacked(rest) if packed else rest
            yield keyword.decode("latin-1"), rest.decode("utf-8", "replace")
        elif kind == b"eXIf":
            noted = Image.Exif()
            noted.load(data)
            yield from _exif(noted)
        elif kind not in _PIXELS:
            yield kind.decode("latin-1"), data.decode("utf-8", "replace")
    if rest := content[place:]:
        yield "behind the picture", rest.decode("utf-8", "replace")


def _unpacked(data: bytes) -> bytes:
    try:
        return zlib.decompressobj().decompress(data, MOST_TEXT)
    except zlib.error:
        return data


def drawing(content: bytes, file: str, place: str) -> Iterator[Passage]:
    """Yield the texts of an SVG: letters, titles, comments and what attributes say; axis ticks are layout.

    Parameters
    ----------
    content : bytes
        The drawing.
    file, place : str
        Where it stands.

    Yields
    ------
    Passage
        One per text.
    """
    try:
        tree = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=True))
    except etree.XMLSyntaxError:
        yield Passage(file, f"{place}, a drawing that cannot be read", content.decode("utf-8", "replace"))
        return
    for element in tree.iter():
        if isinstance(element, etree._Comment) or element.tag is etree.Comment:
            if not _on_axis(element):
                yield Passage(file, f"{place}, text of the drawing", element.text or "")
            continue
        if not isinstance(element.tag, str):
            continue
        name = etree.QName(element).localname
        if name != "style" and (element.text or "").strip() and not _on_axis(element):
            yield Passage(file, f"{place}, text of the drawing", element.text)
        for key, value in element.attrib.items():
            key = etree.QName(key).localname
            if key in ("title", "desc", "alt", "label", "aria-label") or key.startswith("data-"):
                yield Passage(file, f"{place}, attribute {key}", value)


def _on_axis(element: etree._Element) -> bool:
    return any(_AXIS.fullmatch(above.get("id", "")) for above in element.iterancestors())
