"""Writes the six pages for the talk of a team: one Markdown text, as paper with Typst and as Word."""

from __future__ import annotations

import re
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from helpers.present.paper.blocks import blocks
from helpers.present.paper.typeset import typeset

from ..cover import Cover
from ..wording import shortened
from .html import environment
from .word import of_markdown

if TYPE_CHECKING:
    from ..team import TeamKit

#: How many pages they are, and where a picture goes.
PAGES = 6
_PICTURE = re.compile(r"^@@picture (\d+)@@$", re.MULTILINE)
#: Keeps a span of time on one line.
JOINED = "\u2060"
TITLE = "For the talk in the team"


def pages(kit: TeamKit) -> list[str]:
    """Return the Markdown of each page."""
    template = environment().get_template("team_kit.md.j2")
    text = template.render(kit=kit)
    text = re.sub(r"(:\d\d)–(\d)", rf"\1{JOINED}–{JOINED}\2", text)
    return [_apart(page) for page in re.split(r"^---$", text, flags=re.MULTILINE)]


def _apart(page: str) -> str:
    """Put an empty line between paragraphs, lists and tables, which Markdown tells apart by it."""
    found: list[str] = []
    for line in page.strip().splitlines():
        if found and found[-1] and line and _kind(found[-1]) != _kind(line):
            found.append("")
        if line or (found and found[-1]):
            found.append(line)
    return "\n".join(found)


def _kind(line: str) -> str:
    return "table" if line.startswith("|") else "item" if re.match(r"- |\d+\. ", line) else "text"


def pdf(kit: TeamKit, cover: Cover) -> bytes:
    """Typeset the pages; each is one, its text as large as that allows.

    Parameters
    ----------
    kit : TeamKit
        What stands on them.
    cover : Cover
        Client, footer, colour and day.

    Returns
    -------
    bytes
        A PDF file; the same content gives the same bytes.
    """
    told = [shortened(cover.client, 40), shortened(cover.title, 60), cover.date, cover.footer]
    document = {
        "title": TITLE,
        "name": cover.title,
        "footer": " · ".join(filter(None, told)),
        "accent": cover.accent,
        "paper": "a4",
        "landscape": False,
        "pages": [
            {"kind": "sheet", "blocks": _blocks(kit, page), "fit": 1, "copies": 1, "largest": 12} for page in pages(kit)
        ],
    }
    return typeset(document)


def _blocks(kit: TeamKit, page: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for at, part in enumerate(_PICTURE.split(page)):
        if at % 2:
            placed = kit.pictures[int(part)]
            found.append({"kind": "picture", "svg": placed.drawing.as_svg(), "alt": placed.alt})
        else:
            found += blocks(part)
    return found


def docx(kit: TeamKit, cover: Cover) -> bytes:
    """Write the pages as Word, to be changed; each begins on a page of its own.

    Returns
    -------
    bytes
        A Word file in the report's or the brand's styles; the same content gives the same bytes.
    """
    with tempfile.TemporaryDirectory() as folder:

        def saved(found: re.Match[str]) -> str:
            placed, path = kit.pictures[int(found[1])], Path(folder) / f"picture{found[1]}.png"
            path.write_bytes(placed.drawing.as_png())
            return f"![{re.sub(r'[][]', '', placed.alt)}]({path.as_posix()})"

        text = "\n\n".join(_PICTURE.sub(saved, page) for page in pages(kit))
        return of_markdown(text, cover, f"{cover.title} – {TITLE}")
