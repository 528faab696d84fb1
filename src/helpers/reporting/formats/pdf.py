"""Writes PDF with Typst. Everything from data reaches the template as data, never as markup."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from html import escape, unescape
from pathlib import Path

import typst

from helpers.pdfium import opened
from helpers.present import scripts, theme
from helpers.present.claims import MEASURED
from helpers.present.page_one import sentence as without_interval
from helpers.published import Finding

from ..cells import INTERVAL_SPACE
from ..document import Answer, Body, Chapter, Front, Heading, Moved, Picture, Prose, combine
from ..pandoc import converted
from ..pictures import png_as_svg
from ..report import Report
from ..wording import grades, interval_words, shortened
from .html import TEMPLATES

WORD_BREAK = "\u200b"
#: What the second layer of a report is called.
APPENDIX = "Appendix"


def pdf(report: Report, chapters: list[Chapter], title: str, appendix: Sequence[Chapter] = ()) -> bytes:
    """Typeset chapters with a cover or page one, contents, running header and footer.

    Parameters
    ----------
    report : Report
        The whole report, for the cover and the links between findings and exhibits.
    chapters : list of Chapter
        What to typeset; several get chapter numbers.
    title : str
        What the cover names below the study's title.
    appendix : sequence of Chapter
        What follows them, in the second layer of a report.

    Returns
    -------
    bytes
        A tagged PDF file; its figures are vectors, its fonts the shipped ones.
    """
    front = chapters[0].front if chapters else None
    # What the consultant wrote stands before page one, and so before the contents.
    bodies = [chapter.body for chapter in chapters]
    opening = bodies[0][: len(chapters[0].commentary)] if front else []
    if front:
        bodies[0] = bodies[0][len(opening) :]
    parts = [*opening, *(part for body in (*bodies, *(chapter.body for chapter in appendix)) for part in body)]
    prose = iter(_typst_of([part.html for part in parts if isinstance(part, Prose)]))
    cover, logo = report.cover, report.cover.logo_png()
    content = {
        "cover": {
            "running": [shortened(cover.client, 50), shortened(cover.title, 50)],
            "client": breakable(cover.client),
            "title": breakable(cover.title),
            "subtitle": breakable(title),
            "date": cover.date,
            "day": [cover.as_of.year, cover.as_of.month, cover.as_of.day],
            "footer": breakable(cover.footer),
            "accent": cover.accent,
            "language": cover.language,
            "logo": png_as_svg(logo) if logo else "",
        },
        "missing": [breakable(sentence) for sentence in report.missing],
        "boxes": "",
        "opening": [_part(report, report.summary, part, prose) for part in opening],
        "front": _front(front) if front else None,
        "chapters": [
            {"title": breakable(chapter.title), "parts": [_part(report, chapter, part, prose) for part in body]}
            for chapter, body in zip(chapters, bodies, strict=True)
            if body
        ],
        "appendix": [
            {"title": breakable(chapter.title), "parts": [_part(report, chapter, part, prose) for part in chapter.body]}
            for chapter in appendix
        ],
        "grades": grades(),
        "measured": dict(MEASURED),
        "notes": report.notes,
    }
    folders = [str(theme.FONT_FOLDER), *([str(cover.typst.parent / "fonts")] if cover.typst else [])]
    fonts = (font.path for font in typst.Fonts(font_paths=folders).fonts() if font.path)
    content["boxes"] = scripts.unprinted(_texts(content), fonts)
    return typst.compile(  # type: ignore[misc]  # declares that source, root and fonts are of one type
        _source(cover.typst),
        # A template reads what lies beside it, and nothing else.
        root=str(cover.typst.parent if cover.typst else TEMPLATES),
        font_paths=folders,
        sys_inputs={"report": json.dumps(content)},
    )


def pages_of_body(path: Path) -> int:
    """Count the pages of a report before its appendix; all of them where it has none."""
    with opened(path) as document:
        starts = [
            place.get_index()
            for bookmark in document.get_toc()
            if bookmark.level == 0 and bookmark.get_title() == APPENDIX and (place := bookmark.get_dest()) is not None
        ]
        return int(starts[-1]) if starts else len(document)


def _texts(content: object) -> Iterator[str]:
    """Yield what a report says in words, its drawings left out."""
    if isinstance(content, dict):
        content = [part for name, part in content.items() if name not in ("svg", "logo")]
    if isinstance(content, str):
        yield content
    elif isinstance(content, list):
        for part in content:
            yield from _texts(part)


def _source(template: Path | None) -> bytes:
    """Return the report's source with what the brand's template defines in its scope."""
    path = json.dumps(f"/{template.name}", ensure_ascii=False) if template else ""
    defined = f"#import {path} as template\n#let brand = dictionary(template)\n" if template else "#let brand = (:)\n"
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
    words = [max((size for text in texts for size in _unbroken(text)), default=1) for texts in columns]
    need = [longest + 2 for longest in words]
    cells = [max((len(text) for text in texts[1:]), default=1) for texts in columns]
    want = [max(min(longest, 40) + 2, least) for longest, least in zip(cells, need)]
    stretch = (room - sum(need)) / (sum(want) - sum(need)) if sum(need) < room < sum(want) else 1.0
    shares = [least + (wish - least) * stretch for wish, least in zip(want, need)]
    return [share / max(sum(shares), room) for share in shares]


def _unbroken(text: str) -> list[int]:
    """Return what stays on one line: words up to 16 letters long, intervals whole."""
    return [min(len(word), 26 if INTERVAL_SPACE in word else 16) for word in re.split(r"[ \n]+", text)]


def _front(front: Front) -> dict[str, object]:
    page = front.page
    return {
        "headline": breakable(page.headline),
        "scores": [
            {"side": score.side, "score": score.score, "more": [score.favourable, score.change]}
            for score in page.scores
        ],
        "compared": [breakable(words) for words in page.compared],
        "points": [
            {"sentence": breakable(point.sentence), "facts": [[name, breakable(words)] for name, words in point.facts]}
            for point in page.points
        ],
        "charts": [
            {"title": breakable(placed.exhibit.title), "alt": placed.alt, "svg": placed.drawing.as_svg()}
            for placed in front.charts
        ],
        "lines": front.lines,
        "beside": [[title, [breakable(words) for words in sentences]] for title, sentences in page.beside],
    }


def _part(report: Report, chapter: Chapter, part: Body, prose: Iterator[str]) -> dict[str, object]:
    if isinstance(part, Heading):
        return {"kind": "heading", "level": part.level, "text": breakable(part.text)}
    if isinstance(part, Prose):
        return {"kind": "prose", "typst": next(prose)}
    if isinstance(part, Picture):
        return {"kind": "picture", "alt": part.alt, "svg": part.drawing.as_svg()}
    if isinstance(part, Answer):
        told = [_brief(report, finding) for finding in part.findings]
        return {"kind": "answer", "findings": told, "rest": part.rest}
    if isinstance(part, Moved):
        return {"kind": "moved", "label": part.placed.label, "words": breakable(part.words)}
    if isinstance(part, Finding):
        brief = chapter is report.summary
        return {
            "kind": "finding",
            "grade": part.grade or part.claim,
            "badge": part.badge,
            "sentence": breakable(part.sentence),
            "facts": [[name, breakable(words)] for name, words in report.facts(part, brief)],
            "links": {name: place for name, _ in report.facts(part, brief) if (place := report.link(part, name))},
            "caveats": [] if brief else [breakable(caveat) for caveat in part.caveats],
        }
    exhibit = part.exhibit
    return {
        "kind": exhibit.kind,
        "label": part.label,
        "title": breakable(part.title),
        "subtitle": breakable(part.subtitle),
        "message": breakable(exhibit.message),
        "note": breakable(exhibit.note),
        "alt": part.alt,
        "svg": part.drawing.as_svg() if exhibit.kind == "chart" else "",
        "columns": [
            {"label": breakable(column.label), "unit": column.unit, "number": column.is_number}
            for column in part.cells.columns
        ],
        "shares": column_shares(part.cells.headings, part.cells.rows),
        "rows": [[breakable(text) for text in row] for row in part.cells.rows],
    }


def _brief(report: Report, finding: Finding) -> dict[str, object]:
    """Say a finding in two lines: what was found, then how sure that is and where it is shown."""
    placed = report.exhibit_of(finding)
    return {
        "grade": finding.grade or finding.claim,
        "sentence": breakable(without_interval(finding)),
        "sure": [finding.badge, breakable(interval_words(finding)), placed.label if placed else ""],
    }


def _typst_of(pieces: list[str]) -> list[str]:
    """Convert sanitized prose; pandoc escapes what would be markup in Typst."""
    pieces = [re.sub("(?<=>)[^<>]+", lambda text: escape(breakable(unescape(text.group()))), piece) for piece in pieces]
    return combine(pieces, lambda html: converted(html, "typst", "html-raw_html"))
