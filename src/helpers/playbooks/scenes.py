"""The blocks of an edition as the playbook's text tells them: minute by minute, with the words to speak."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from .markdown import Passage, Table, headings_of, passages, tables
from .parse import TIME, Block, Edition, Playbook, clock_of, minutes_of

#: By which words a step says that a kept sheet is handed in.
HANDED_IN = re.compile(r"\bbox\b|\bcollect|\bhand(?:s|ed)? (?:it )?in\b|\bgive me\b", re.IGNORECASE)
TIMING = ("Time", "What happens", "Who speaks", "Handed out")
#: Parts of a block that begin a paragraph in bold.
PARTS = ("Lead:", "Purpose.", "Steps and timing.", "Say:", "Facilitator:", "Watch for:", "Remote:")
CUE_WORDS = 9
_TIMES = re.compile(rf"({TIME.pattern})–({TIME.pattern})")


@dataclass(frozen=True)
class Speech:
    """Words to speak, from which minute on, and by whom if not the facilitator."""

    at: int
    note: str
    text: str
    line: int

    @property
    def words(self) -> int:
        """Number of words."""
        return len(re.findall(r"\w[\w'’-]*", self.text))

    @property
    def cue(self) -> str:
        """The first words, by which one finds the rest."""
        words = self.text.strip('"“” ').split()
        return " ".join(words[:CUE_WORDS]).removesuffix("…").rstrip() + (" …" if len(words) > CUE_WORDS else "")


@dataclass(frozen=True)
class Step:
    """One row of a timing table, with what is said in these minutes."""

    start: int
    end: int
    what: str
    who: str
    handed_out: str
    line: int
    speeches: tuple[Speech, ...] = ()

    @property
    def minutes(self) -> int:
        """How long it lasts."""
        return self.end - self.start

    @property
    def starter(self) -> str:
        """Who begins; who speaks afterwards stands behind a comma."""
        return self.who.partition(",")[0]

    @property
    def silence(self) -> str:
        """What stands in place of words where there are none to speak."""
        return "" if self.speeches else f"Nothing to say. Who starts: {self.starter[:1].lower()}{self.starter[1:]}"


@dataclass(frozen=True)
class Scene:
    """A block of the agenda with its text."""

    block: Block
    number: int
    start: int
    steps: tuple[Step, ...] = ()
    parts: dict[str, str] = field(default_factory=dict)

    @property
    def end(self) -> int:
        """The minute at which it ends."""
        return self.start + self.block.minutes


def section(book: Playbook, heading: str, level: int, within: range | None = None) -> range:
    """Return the lines below a heading that ends in these words, up to the next of its level or above.

    Parameters
    ----------
    book : Playbook
        The playbook.
    heading : str
        How the heading ends.
    level : int
        Its level.
    within : range, optional
        Lines to look in.

    Returns
    -------
    range
        Empty when there is no such heading.
    """
    headings = [passage for passage in headings_of(book.body) if passage.level <= level]
    for block, following in zip(headings, [*headings[1:], None]):
        if block.level == level and block.text.endswith(heading) and (within is None or block.line in within):
            return range(block.line, following.line if following else book.body.count("\n") + 2)
    return range(0)


def block_lines(book: Playbook, edition: Edition, number: int) -> range:
    """Return the lines of a block's section, counted from 1; empty when there is none."""
    block = edition.agenda[number - 1]
    within = section(book, edition.title, 2)
    return section(book, f"{number}: {block.block} ({block.minutes} minutes)", 3, within)


def scenes(book: Playbook, edition: Edition) -> list[Scene]:
    """Return the blocks of an edition in order; breaks, reserves and blocks without a section have no steps."""
    found = []
    for number, (block, start) in enumerate(zip(edition.agenda, edition.starts()), 1):
        lines = block_lines(book, edition, number)
        if lines:
            here = [passage for passage in passages(book.body) if passage.line in lines]
            timing = next((one for one in tables(book.body) if one.line in lines and one.header == TIMING), None)
            speeches = _speeches(here, start)
            found.append(Scene(block, number, start, _steps(timing, speeches, start), _parts(here)))
        else:
            found.append(Scene(block, number, start))
    return found


def _parts(here: list[Passage]) -> dict[str, str]:
    """Return the paragraphs that begin with a part's name, without it; further paragraphs belong to the one before."""
    found: dict[str, str] = {}
    current = ""
    for passage in here:
        if passage.kind != "paragraph":
            continue
        name = next((part for part in PARTS if passage.text.startswith(part)), "")
        current = name or current
        words = passage.text.removeprefix(name).strip()
        if current and current != "Say:" and words:
            found[current] = f"{found[current]} {words}" if current in found else words
    return found


def _speeches(here: list[Passage], start: int) -> list[Speech]:
    found: list[Speech] = []
    at, note, said = start, "", False
    for passage in here:
        if passage.text.startswith("Say:"):
            note = passage.text.removeprefix("Say:").strip().strip("()")
            time = TIME.search(note)
            at = minutes_of(time[0]) if time else start
            note = re.sub(rf",? ?\bat {TIME.pattern}(?: and {TIME.pattern})?,? ?", "", note).strip()
            said = True
        elif passage.kind == "quote" and said:
            found.append(Speech(at, note, passage.text, passage.line))
        elif passage.kind == "paragraph" and passage.text.startswith(PARTS):
            said = False
    return found


def _steps(timing: Table | None, speeches: list[Speech], start: int) -> tuple[Step, ...]:
    steps = []
    for row in timing.rows if timing else ():
        times = _TIMES.fullmatch(row[0].text)
        if not times or len(row) < len(TIMING):
            continue  # the check reports it
        begins, ends = minutes_of(times[1]), minutes_of(times[4])
        said = tuple(speech for speech in speeches if begins <= speech.at < ends)
        steps.append(Step(begins, ends, row[1].text, row[2].text, row[3].text, row[0].line, said))
    return tuple(steps)


def shifted(text: str, start: int) -> str:
    """Write every time of a text that counts from the start as a time of day.

    Parameters
    ----------
    text : str
        Text with times such as 0:22.
    start : int
        Minutes after midnight at which the session begins.

    Returns
    -------
    str
        ``At 0:22`` becomes ``At 9:22`` for a start at 9:00.
    """
    return re.sub(rf"(?<![\d:]){TIME.pattern}(?![\d:])", lambda time: clock_of(minutes_of(time[0]) + start), text)
