"""Writes PDF with Typst. Everything from data reaches the template as data, never as markup."""

from __future__ import annotations

import json
import re
from html import escape, unescape
from pathlib import Path

import pypandoc
import typst

from helpers.present import theme

from .cover import png_as_svg, svg_only
from .document import Block, Chapter, Exhibit, Finding, Heading, Picture, Prose, combine, shortened
from .html import TEMPLATES, Report, environment

WORD_BREAK = "\u200b"


def pdf(report: Report, chapters: list[Chapter], title: str) -> bytes:
    """Typeset chapters with a cover, contents, running header and footer.

    Parameters
    ----------
    report : Report
        The whole report, for the cover and the links between findings and exhibits.
    chapters : list of Chapter
        What to typeset; several get chapter numbers.
    title : str
        What the cover names below the study's title.

    Returns
    -------
    bytes
        A tagged PDF file; its figures are vectors, its fonts the shipped ones.
    """
    prose = iter(
        _typst_of([block.html for chapter in chapters for block in chapter.blocks if isinstance(block, Prose)])
    )
    cover = report.cover
    content = {
        "cover": {
            "running": [shortened(cover.client, 50), shortened(cover.title, 50)],
            "client": breakable(cover.client),
            "title": breakable(cover.title),
            "subtitle": breakable(title),
            "date": cover.date,
            "footer": breakable(cover.footer),
            "accent": cover.accent,
            "language": cover.language,
            "logo": png_as_svg(cover.logo_png()) if cover.logo else "",
        },
        "missing": [breakable(sentence) for sentence in report.missing],
        "chapters": [
            {
                "title": breakable(chapter.title),
                "blocks": [_block(report, chapter, block, prose) for block in chapter.blocks],
            }
            for chapter in chapters
        ],
        "grades": environment().globals["grades"],
        "notes": report.notes,
    }
    return typst.compile(
        _source(cover.typst),
        # A template reads what lies beside it, and nothing else.
        root=str(cover.typst.parent if cover.typst else TEMPLATES),
        font_paths=[str(theme.FONT_FOLDER), *([str(cover.typst.parent / "fonts")] if cover.typst else [])],
        sys_inputs={"report": json.dumps(content)},
    )


def _source(house: Path | None) -> bytes:
    """Return the report's source with what the house defines in its scope."""
    path = json.dumps(f"/{house.name}", ensure_ascii=False) if house else ""
    defined = f"#import {path} as template\n#let house = dictionary(template)\n" if house else "#let house = (:)\n"
    return (defined + (TEMPLATES / "report.typ").read_text(encoding="utf-8")).encode("utf-8")


def breakable(text: object) -> str:
    """Let a word of more than 30 characters break, since a table column cannot grow with it."""
    return re.sub(r"\S{31,}", lambda word: re.sub(".{6}", f"\\g<0>{WORD_BREAK}", word.group()), str(text))


def column_shares(headings: list[str], rows: list[list[str]], room: int = 90) -> list[float]:
    """Share the width of a page among the columns of a table by how much text they hold.

    Parameters
    ----------
    headings, rows : list
        What is printed.
    room : int
        Characters that fit beside each other.

    Returns
    -------
    list of float
        One share per column; together at most 1, less for a table that would look lost across the whole page. Every
        column is wide enough for its longest word, as far as there is room.
    """
    columns = [[heading, *texts] for heading, *texts in zip(headings, *rows)]
    words = [max((len(word) for text in texts for word in text.split()), default=1) for texts in columns]
    need = [min(longest, 16) + 2 for longest in words]
    cells = [max((len(text) for text in texts[1:]), default=1) for texts in columns]
    want = [max(min(longest, 40) + 2, least) for longest, least in zip(cells, need)]
    if sum(need) < room < sum(want):
        stretch = (room - sum(need)) / (sum(want) - sum(need))
        want = [least + (wish - least) * stretch for wish, least in zip(want, need)]
    return [share / max(sum(want), room) for share in want]


def _block(report: Report, chapter: Chapter, block: Block, prose) -> dict:
    if isinstance(block, Heading):
        return {"kind": "heading", "level": block.level, "text": breakable(block.text)}
    if isinstance(block, Prose):
        return {"kind": "prose", "typst": next(prose)}
    if isinstance(block, Picture):
        return {"kind": "picture", "alt": block.alt, "svg": _svg(block)}
    if isinstance(block, Finding):
        brief = chapter is report.summary
        return {
            "kind": "finding",
            "grade": block.grade,
            "badge": block.grade_label,
            "sentence": breakable(block.sentence),
            "facts": [[name, breakable(words)] for name, words in report.facts(block, brief)],
            "caveats": [] if brief else [breakable(caveat) for caveat in block.caveats],
        }
    return {
        "kind": block.kind,
        "label": block.label,
        "title": breakable(block.title),
        "message": breakable(block.message),
        "note": breakable(block.note),
        "alt": block.alt or block.title,
        "svg": _svg(block) if block.kind == "chart" else "",
        "columns": [
            {"label": breakable(column["label"]), "unit": column.get("unit") or "", "number": number}
            for column, number in zip(block.columns, block.numeric)
        ],
        "shares": column_shares(block.headings, block.texts),
        "rows": [[breakable(text) for text in row] for row in block.texts],
    }


def _svg(block: Picture | Exhibit) -> str:
    return svg_only(block.svg) if block.svg else png_as_svg(block.png)


def _typst_of(pieces: list[str]) -> list[str]:
    """Convert sanitized prose; pandoc escapes what would be markup in Typst."""
    pieces = [re.sub("(?<=>)[^<>]+", lambda text: escape(breakable(unescape(text.group()))), piece) for piece in pieces]
    return combine(pieces, lambda html: pypandoc.convert_text(html, "typst", format="html-raw_html"))
