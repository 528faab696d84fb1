"""A whole report, before any format writes it."""

from __future__ import annotations

from dataclasses import dataclass, field

from helpers.present.claims import RULE
from helpers.present.page_one import RULE as PAGE_ONE
from helpers.privacy import NAMED, SELF
from helpers.published import Finding, Practice

from .cover import Cover
from .document import Chapter, Placed, slug
from .wording import estimate_words, practice


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
    has_own_summary : bool
        Whether a notebook wrote the summary; else it only lists the findings.
    pages : bool
        Whether the chapters are written as HTML pages, to which the index then links.
    practices : list of Practice
        What became of each practice.
    cards : dict of str to str
        Path of the card of each playbook that a finding names, below the folder.
    full_deck : bool
        Whether the deck holds a slide for every finding; else it has at most twelve.
    """

    cover: Cover
    summary: Chapter
    chapters: list[Chapter]
    missing: list[str] = field(default_factory=list)
    files: dict[str, list[tuple[str, str]]] = field(default_factory=dict)
    has_own_summary: bool = False
    pages: bool = True
    practices: list[Practice] = field(default_factory=list)
    cards: dict[str, str] = field(default_factory=dict)
    full_deck: bool = False

    @property
    def findings(self) -> list[Finding]:
        """The findings of all chapters; the summary only repeats them."""
        return [finding for chapter in self.chapters for finding in chapter.findings]

    def exhibit_of(self, finding: Finding) -> Placed | None:
        """Return the exhibit that shows a finding."""
        placed = (placed for chapter in self.chapters for placed in chapter.exhibits)
        wanted = (finding.notebook, slug(finding.exhibit or ""))
        return next((one for one in placed if (one.exhibit.notebook, one.exhibit.id) == wanted), None)

    def facts(self, finding: Finding, brief: bool = False) -> list[tuple[str, str]]:
        """Return what stands below a finding, as (name, words); briefly: only where it is shown."""
        placed = self.exhibit_of(finding)
        facts = [
            ("Estimate", estimate_words(finding)),
            ("Could be", ", ".join(finding.candidates)),
            ("Comparisons", str(finding.compared or "")),
            (finding.counted, str(finding.n or "")),
            ("About", finding.group),
            ("Method", finding.method),
            ("What to try", f"Playbook “{practice(finding)}”" if finding.playbook else ""),
            ("Shown in", f"{placed.label}, {self.title_of(placed.exhibit.notebook)}" if placed else ""),
        ]
        return [(name, words) for name, words in facts if words and (name == "Shown in" or not brief)]

    def link(self, finding: Finding, name: str) -> str:
        """Return what a fact of a finding leads to: the card of the playbook it names; empty for no place."""
        return self.cards.get(finding.playbook or "", "") if name == "What to try" else ""

    def title_of(self, notebook: str) -> str:
        """Return the title of a notebook's chapter."""
        return next(chapter.title for chapter in self.chapters if chapter.name == notebook)

    @property
    def notes(self) -> list[str]:
        """The closing notes of every format: privacy and how to read an association."""
        audiences = {placed.exhibit.audience for chapter in self.chapters for placed in chapter.exhibits}
        exceptions = {
            "": "",
            SELF: " Your own figures are the exception; they go to you alone.",
            NAMED: " Exhibits that show managers by name are the exception; the legal basis stands below each.",
        }
        return [
            f"Results of fewer than {self.cover.min_group} people are hidden, and so is any number from which they "
            "could be worked out." + "".join(exceptions[audience] for audience in sorted(audiences)),
            RULE,
            "How often this goes wrong was measured in simulated studies, as listed under “How often this goes wrong”.",
            *([PAGE_ONE] if self.summary.front else []),
            "Intervals say how far the true value may lie from the estimate. Two things that go together need not "
            "cause one another; where a study allows more to be said, the text says so.",
        ]
