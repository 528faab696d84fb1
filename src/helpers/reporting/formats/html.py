"""Writes a chapter as one HTML file that needs no network, no scripts and no second file."""

from __future__ import annotations

import functools
import re
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from helpers.present.claims import MEASURED
from helpers.present.page_one import sentence as without_interval
from helpers.published import Practice

from ..cover import Cover
from ..document import Chapter, Heading, Part, Picture, Placed, anchor
from ..pictures import data_uri
from ..report import Report
from ..wording import grades, interval_words

TEMPLATES = Path(__file__).parent / "templates"


@functools.cache
def environment() -> Environment:
    """Return the template environment of all formats; every value is escaped unless it was sanitized before.

    A template is compiled once in a process: that takes longer than to fill it.
    """
    made = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kind"] = lambda part: type(part).__name__.lower()
    made.filters["picture"] = _picture
    made.filters["anchor"] = anchor
    made.filters["brief"] = without_interval
    made.filters["interval"] = interval_words
    made.filters["prose"] = _prose
    made.globals |= {"grades": grades(), "measured": MEASURED}
    return made


def page(report: Report, chapter: Chapter) -> str:
    """Render one chapter, or the summary as the index.

    Parameters
    ----------
    report : Report
        The whole report, for the navigation and the links between chapters.
    chapter : Chapter
        The chapter to render; ``report.summary`` becomes the index.

    Returns
    -------
    str
        An HTML page.
    """
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            report=report,
            cover=report.cover,
            chapter=chapter,
            is_index=chapter is report.summary,
            contents=contents(chapter.parts),
            css=_css(),
        )
    )


def card(cover: Cover, practice: Practice) -> str:
    """Render the card of a playbook: what a reader who is told to try the practice must know.

    Parameters
    ----------
    cover : Cover
        Of the report that names the playbook.
    practice : Practice
        What stands on the card.

    Returns
    -------
    str
        An HTML page, one folder below the report's.
    """
    return environment().get_template("card.html.j2").render(cover=cover, practice=practice, css=_css())


@functools.cache
def _css() -> Markup:
    return Markup((TEMPLATES / "page.css").read_text(encoding="utf-8"))


def contents(parts: list[Part]) -> list[tuple[int, str, str]]:
    """Return level, text and anchor of what a contents list names: the headings and the exhibits below them."""
    entries = []
    for part in parts:
        if isinstance(part, Heading) and part.level <= 3:
            entries.append((part.level, part.text, part.anchor))
        elif isinstance(part, Placed):
            entries.append((3, f"{part.label}. {part.exhibit.title}", part.anchor))
    return entries


def _picture(part: Picture | Placed) -> str:
    """Embed a picture as an image: nothing inside it can run, and its names cannot clash with the page's."""
    return data_uri(part.drawing.as_svg().encode("utf-8"), "image/svg+xml")


def _prose(html: str) -> Markup:
    """Let what may be wider than a phone scroll in a box of its own."""
    for start, end, name in (("<table", "</table>", "Table"), ('<math display="block"', "</math>", "Formula")):
        box = f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">'
        parts = re.split(f"({start}.*?{end})", html, flags=re.DOTALL)
        html = "".join(f"{box}{part}</div>" if place % 2 else part for place, part in enumerate(parts))
    return Markup(html)
