"""How much a practice may ask of people: each form has its limits, and what goes beyond them is said."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from helpers.data.problems import Problem, shown
from helpers.data.yaml_files import read_text

from . import editions
from .evidence import Registry
from .markdown import passages
from .marks import plain, where
from .parse import Edition, Playbook
from .quantities import copies
from .scenes import block_lines, section
from .session import Session

#: Sections of a playbook that a guide holds behind the blocks, where they exist.
BEHIND = (
    "When something confidential surfaces", "If someone says …", "Follow-up", "Measurement", "Evidence", "Adaptation",
    "Risks",
)  # fmt: skip
#: What a routine and a card print of their text, in this order.
TEXT = {
    "routine": ("How it works", "Rules", "Evidence"),
    "card": ("Steps", "Words to say", "What you write down", "Evidence"),
}
#: Page of every kit that stands once, beside the playbooks.
CODES_TEXT = "codes-and-slips.md"
MOST_WORDS = {"kit": 3500, "routine": 900, "card": 350}
MOST_KINDS, MOST_SIDES, MOST_FIELDS = 8, 6, 6
#: A line to write on is no word.
_WORD = re.compile(r"[^\W_][\w'’-]*")
START_MINUTES = 20
EXAMPLE = 12


@dataclass(frozen=True)
class Limit:
    """One limit: what is counted, where, how many there are, how many there may be, and its key in ``beyond``."""

    what: str
    where: str
    found: float
    most: int
    key: str

    def sentence(self) -> str:
        """Return how many there are."""
        number = f"{self.found:,.1f}".removesuffix(".0")
        return f"{self.where} has {number} {self.what}"


def check_limits(book: Playbook, registry: Registry) -> list[Problem]:
    """Return what a practice asks of people beyond the limits of its form.

    Parameters
    ----------
    book : Playbook
        The playbook.
    registry : Registry
        The evidence, which texts fill in.

    Returns
    -------
    list of Problem
        An error for each limit that is exceeded. Where the head says under ``beyond`` that it is, and why, a warning
        up to the number named there. An error, too, where ``beyond`` names what is within its limit.
    """
    found = [*_limits(book, registry)]
    beyond = book.front.beyond
    allowed = beyond.model_dump(exclude={"why"}, exclude_none=True) if beyond else {}
    problems = []
    for limit in found:
        if limit.found <= limit.most:
            continue
        agreed = allowed.get(limit.key, 0)
        severity: Literal["error", "warning"] = "warning" if limit.found <= agreed else "error"
        fix = f"Known: {beyond.why}" if beyond and severity == "warning" else "Shorten it, or leave something out"
        most = agreed if beyond and limit.key in allowed and severity == "error" else limit.most
        problems.append(Problem(severity, book.file, limit.sentence(), f"at most {most:,}", fix))
    over = {limit.key for limit in found if limit.found > limit.most}
    for key in sorted(allowed.keys() - over):
        words = f"beyond names {shown(key)}, which is within its limit"
        problems.append(Problem("error", book.file, words, fix="Take it out of beyond"))
    return problems


def _limits(book: Playbook, registry: Registry) -> list[Limit]:
    front = book.front
    limits = [Limit("captured fields", "the practice", len(front.capture.fields), MOST_FIELDS, "fields")]
    if front.form == "card":
        return [*limits, Limit("words", "the card", card_words(book), MOST_WORDS["card"], "words")]
    for edition in front.editions:
        where = shown(edition.title)
        kinds = len({one.sheet for one in edition.sheets if copies(one.copies, EXAMPLE)})
        sides = most_sides(book, edition, registry)
        limits.append(Limit("kinds of sheet", where, kinds, MOST_KINDS, "kinds"))
        limits.append(Limit("sides a person", where, sides, MOST_SIDES, "sides"))
        if front.form == "kit":
            words = guide_words(book, edition)
            limits.append(Limit("words in its guide", where, words, MOST_WORDS["kit"], "words"))
        else:
            limits.append(Limit("minutes to start", where, edition.duration_min, START_MINUTES, "minutes"))
    if front.form == "routine":
        asked = {field.sheet for field in front.capture.fields}
        limits.append(Limit("tally sheets", "the routine", len(asked), 1, "kinds"))
        limits.append(
            Limit("words on its two pages", "the routine", routine_words(book), MOST_WORDS["routine"], "words")
        )
    return limits


def guide_words(book: Playbook, edition: Edition) -> int:
    """Return how many words the guide of an edition holds: page one, its blocks, and what stands around them.

    The table of what to leave out stands on the run sheet; the page on codes and slips, which all kits share, counts.
    Of tables on the whole practice, and of that page, what the edition has is printed.
    """
    shared_page = where(shared(book, CODES_TEXT), editions.conditions(book, edition))
    book = editions.printed(book, edition)
    own = section(book, edition.title, 2)
    blocks = [block_lines(book, edition, at) for at in range(1, len(edition.agenda) + 1)]
    first = min((lines.start for lines in blocks if lines), default=own.stop)
    lists = section(book, f"What to print: {edition.title.lower()}", 3, own)
    late = _marked(book, f"late:{edition.id}")
    before = [line for line in range(own.start, first) if line not in lists and line not in late]
    behind = [line for name in BEHIND for line in section(book, name, 2)]
    own_words = _words(book, {*_page_one(book), *before, *(line for lines in blocks for line in lines), *behind})
    return own_words + len(_WORD.findall(plain(shared_page)))


def shared(book: Playbook, name: str) -> str:
    """Return a text that several practices fill in, or nothing where the folder of playbooks has none."""
    path = book.folder.parent / "shared" / name
    return read_text(path) if path.is_file() else ""


def _marked(book: Playbook, name: str) -> range:
    """Return the lines between the marks of a name."""
    lines = book.source.splitlines()
    start = next((at for at, line in enumerate(lines, 1) if line.startswith(f"<!--={name}-->")), 0)
    end = next((at for at, line in enumerate(lines, 1) if at >= start and line.startswith("<!--/-->")), start)
    return range(start, end + 1) if start else range(0)


def routine_words(book: Playbook) -> int:
    """Return how many words stand on the two pages of a routine."""
    return _words(book, {*_page_one(book), *(line for name in TEXT["routine"] for line in section(book, name, 2))})


def card_words(book: Playbook) -> int:
    """Return how many words a card holds, its title and headings among them."""
    parts = [line for name in TEXT["card"] for line in (at - 1 for at in section(book, name, 2))]
    return _words(book, {*_page_one(book), *parts}) + len(re.findall(r"\w+", book.front.title))


def most_sides(book: Playbook, edition: Edition, registry: Registry) -> float:
    """Return how many sides a person gets at most, spares counted in, for any number of people it is made for."""
    size = edition.participants
    numbers = {size.fewest, min(max(EXAMPLE, size.fewest), size.most), size.most}
    sessions = [Session(book, edition, registry, people, 540, "a4", "draft") for people in sorted(numbers)]
    return max(round(one.sides / one.people, 1) for one in sessions)


def _page_one(book: Playbook) -> range:
    headings = [one for one in passages(book.body) if 0 < one.level <= 2]
    start = next((one.line for one in headings if one.level == 1), 1)
    end = next((one.line for one in headings if one.level == 2), book.body.count("\n") + 2)
    return range(start + 1, end)


def _words(book: Playbook, lines: set[int]) -> int:
    return sum(len(_WORD.findall(one.text)) for one in passages(book.body) if one.line in lines)
