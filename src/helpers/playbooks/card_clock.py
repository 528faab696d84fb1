"""What a card takes at least: reading its steps aloud, the minutes that they name, and filling in its lines."""

from __future__ import annotations

import re
from dataclasses import dataclass

from .markdown import passages
from .marks import plain
from .parse import Playbook
from .scenes import section
from .values import in_words

STEPS, WORDS, LINES = "Steps", "Words to say", "What you write down"
#: Each line or box that is filled in takes as long as handing out a sheet.
FILL_IN_SECONDS = 20
#: How a step begins that is done before the session, or on a later day.
_BEFORE = re.compile(r"Beforehand\b")
_ELSEWHERE = re.compile(rf"{_BEFORE.pattern}|Day \d+\b")
_NUMBERS = [in_words(number) for number in range(1, 21)]
_MINUTES = re.compile(rf"(?:(\d+) × )?(\d+|{'|'.join(_NUMBERS)}) minutes?\b", re.IGNORECASE)
_ITEM = re.compile(r"\d+\. ")
#: A line to write on, or a box to tick.
_BLANK = re.compile(r"_{4,}|☐")
#: What somebody fills in before the card is handed out.
_NOT_THEIRS = re.compile(r"<!--=participation-->.*?<!--/-->", re.DOTALL)


@dataclass(frozen=True)
class CardStep:
    """A numbered step of a card with what stands below it, or its words to say, or its lines to fill in."""

    text: str
    work: float
    fill_in: float = 0
    line: int = 0

    @property
    def words(self) -> int:
        """Number of words that are spoken."""
        return len(re.findall(r"\w[\w'’-]*", self.text))


def card_steps(book: Playbook) -> list[CardStep]:
    """Return what is done in the minutes of a card.

    Parameters
    ----------
    book : Playbook
        A card.

    Returns
    -------
    list of CardStep
        Its numbered steps, but for those that begin with "Beforehand" or "Day 60"; then its words to say; then its
        lines, which nobody speaks. ``work`` are the seconds of the minutes that a step names ("5 minutes",
        "2 × 3 minutes", "three minutes"); ``fill_in``, 20 seconds for each line or box that is not for a later day.
    """
    source = book.body.splitlines()
    found: list[list[tuple[int, str]]] = []
    for line in section(book, STEPS, 2):
        text = source[line - 1] if line <= len(source) else ""
        if _ITEM.match(text):
            found.append([(line, _ITEM.sub("", text, count=1))])
        elif found and text.startswith(" "):
            found[-1].append((line, text.strip().removeprefix("- ")))
    steps = [(item[0][0], "\n".join(text for _, text in item).replace("**", "")) for item in found]
    here = [(line, text) for line, text in steps if not _ELSEWHERE.match(text)]
    spoken = section(book, WORDS, 2)
    said = "\n".join(one.text for one in passages(book.body) if one.line in spoken and one.kind == "paragraph")
    return [
        *(CardStep(text, _minutes(text), line=line) for line, text in here),
        CardStep(said, 0, line=spoken.start),
        CardStep("", 0, FILL_IN_SECONDS * blanks(book), section(book, LINES, 2).start),
    ]


def minutes_before(book: Playbook) -> float:
    """Return the minutes that a card names in what begins with "Beforehand": a step, or a line above the steps."""
    lines = section(book, STEPS, 2)
    texts = [_ITEM.sub("", text, count=1) for text in book.body.splitlines()[lines.start - 1 : lines.stop - 1]]
    return sum(_minutes(text) for text in texts if _BEFORE.match(text)) / 60


def blanks(book: Playbook) -> int:
    """Return how many lines and boxes are filled in on the day; cells below "Day 60: …" wait for that day."""
    lines = section(book, LINES, 2)
    text = "\n".join(book.source.splitlines()[lines.start : lines.stop - 1])
    number = 0
    head: list[str] = []
    for line in plain(_NOT_THEIRS.sub("", text)).splitlines():
        if line.startswith("|"):
            cells = [cell.strip() for cell in line.strip("|").split("|")]
            head = head or cells
            number += sum(cell == "&nbsp;" and not _ELSEWHERE.match(name) for cell, name in zip(cells, head))
        else:
            head = []
            number += len(_BLANK.findall(line))
    return number


def _minutes(text: str) -> float:
    """Return the seconds of the minutes that a text names."""
    named = _MINUTES.findall(text)
    return sum(60 * int(times or 1) * _number(minutes) for times, minutes in named)


def _number(word: str) -> int:
    return int(word) if word.isdigit() else _NUMBERS.index(word.lower()) + 1
