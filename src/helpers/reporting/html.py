"""Writes a chapter as one HTML file that needs no network, no scripts and no second file."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape
from markupsafe import Markup

from helpers.present.findings import GRADES as GRADE_MEANINGS
from helpers.privacy import NAMED, SELF

from .cover import Cover, data_uri, png_as_svg, svg_only
from .document import GRADES, Block, Chapter, Exhibit, Finding, Heading, slug

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Report:
    """Everything a format needs.

    Attributes
    ----------
    cover : Cover
        Client, title, date and brand.
    summary : Chapter
        What ``index.html`` says: the notebook numbered 00, or all findings.
    chapters : list of Chapter
        The other notebooks in order.
    missing : list of str
        One sentence for every notebook that is not in the report.
    files : dict
        What else lies in the folder: a heading and, below it, (path, words) pairs.
    pages : bool
        Whether the chapters are written as HTML pages, to which the index then links.
    """

    cover: Cover
    summary: Chapter
    chapters: list[Chapter]
    missing: list[str] = field(default_factory=list)
    files: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    pages: bool = True

    @property
    def findings(self) -> list[Finding]:
        """The findings of all chapters; the summary only repeats them."""
        return [finding for chapter in self.chapters for finding in chapter.findings]

    def exhibit_of(self, finding: Finding) -> Exhibit | None:
        """Return the exhibit that shows a finding."""
        exhibits = (exhibit for chapter in self.chapters for exhibit in chapter.exhibits)
        wanted = (finding.notebook, slug(finding.exhibit or ""))
        return next((exhibit for exhibit in exhibits if (exhibit.notebook, exhibit.id) == wanted), None)

    def facts(self, finding: Finding, brief: bool = False) -> list[tuple[str, str]]:
        """Return what stands below a finding, as (name, words); briefly: only where it is shown."""
        exhibit = self.exhibit_of(finding)
        facts = [
            ("Estimate", finding.estimate_words),
            ("Respondents", str(finding.n or "")),
            ("About", finding.group),
            ("Method", finding.method),
            ("What to try", f"Playbook “{finding.practice}”" if finding.playbook else ""),
            ("Shown in", f"{exhibit.label}, {self.title_of(exhibit.notebook)}" if exhibit else ""),
        ]
        return [(name, words) for name, words in facts if words and (name == "Shown in" or not brief)]

    def title_of(self, notebook: str) -> str:
        """Return the title of a notebook's chapter."""
        return next(chapter.title for chapter in self.chapters if chapter.name == notebook)

    @property
    def notes(self) -> list[str]:
        """The closing notes of every format: privacy and how to read an association."""
        audiences = {exhibit.audience for chapter in self.chapters for exhibit in chapter.exhibits}
        exceptions = {
            "": "",
            SELF: " Your own figures are the exception; they go to you alone.",
            NAMED: " Exhibits that show managers by name are the exception; the legal basis stands below each.",
        }
        return [
            f"Results of fewer than {self.cover.min_group} people are hidden, and so is any number from which they "
            "could be worked out." + "".join(exceptions[audience] for audience in sorted(audiences)),
            "Intervals say how far the true value may lie from the estimate. Two things that go together need not "
            "cause one another; where a study allows more to be said, the text says so.",
        ]


def environment() -> Environment:
    """Return the template environment of all formats; every value is escaped unless it was sanitized before."""
    made = Environment(
        loader=FileSystemLoader(TEMPLATES, encoding="utf-8"),
        autoescape=select_autoescape(default=True),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["kind"] = lambda block: type(block).__name__.lower()
    made.filters["picture"] = _picture
    made.filters["prose"] = _prose
    made.globals |= {"grades": {label: GRADE_MEANINGS.get(grade, "") for grade, label in GRADES.items()}}
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
            contents=contents(chapter.blocks),
            css=Markup((TEMPLATES / "page.css").read_text(encoding="utf-8")),
        )
    )


def contents(blocks: list[Block]) -> list[tuple[int, str, str]]:
    """Return level, text and anchor of what a contents list names: the headings and the exhibits below them."""
    entries = []
    for block in blocks:
        if isinstance(block, Heading) and block.level <= 3:
            entries.append((block.level, block.text, block.anchor))
        elif isinstance(block, Exhibit):
            entries.append((3, f"{block.label}. {block.title}", block.anchor))
    return entries


def _picture(block: Block) -> str:
    """Embed a picture as an image: nothing inside it can run, and its names cannot clash with the page's."""
    svg = svg_only(block.svg) if block.svg else png_as_svg(block.png)
    return data_uri(svg.encode("utf-8"), "image/svg+xml")


def _prose(html: str) -> Markup:
    """Let what may be wider than a phone scroll in a box of its own."""
    for start, end, name in (("<table", "</table>", "Table"), ('<math display="block"', "</math>", "Formula")):
        box = f'<div class="scroll" role="region" aria-label="{name}" tabindex="0">'
        html = re.sub(f"{start}.*?{end}", lambda found, box=box: f"{box}{found.group()}</div>", html, flags=re.DOTALL)
    return Markup(html)
