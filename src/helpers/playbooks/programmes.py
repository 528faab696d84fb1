"""Days composed of kits: their clocks follow from the agendas of the playbooks, so that the two cannot drift apart."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator

from helpers.data.problems import Problem, did_you_mean, shown
from helpers.data.yaml_files import Declared, Mistake, read_text
from helpers.data.yaml_files import load as load_yaml

from .markdown import anchor
from .parse import Edition, Identifier, Minutes, Named, Playbook, Text, clock_of, minutes_of
from .values import table

FILE = "programmes.yaml"
#: Minutes after which there is a pause, as in every kit.
LONGEST = 90


def _clock(text: str) -> str:
    minutes_of(text)
    return text


Clock = Annotated[str, AfterValidator(_clock)]


class Step(Declared):
    """A part of a day: an edition of a playbook, or something of its own.

    Parameters
    ----------
    playbook, edition : str, optional
        Whose minutes it takes.
    what, minutes : optional
        What happens else, and how long.
    pause : bool
        Whether nobody has to listen meanwhile.
    """

    playbook: Identifier | None = None
    edition: Identifier | None = None
    what: Text | None = None
    minutes: Minutes | None = None
    pause: bool = False

    def mistakes(self) -> list[Mistake]:
        """Return that a step is neither the one nor the other."""
        kit, own = (self.playbook, self.edition), (self.what, self.minutes)
        if (all(kit) and not any(own)) or (all(own) and not any(kit)):
            return []
        return [((), "a step needs playbook and edition, or what and minutes")]


class Programme(Declared):
    """One day.

    Parameters
    ----------
    id, title : str
        Its name in marks, and for readers.
    starts, ends : str
        Time of day; the second is what was announced.
    steps : list of Step
        In order.
    """

    id: Identifier
    title: Text
    starts: Clock
    ends: Clock
    steps: list[Step]


class Programmes(Declared):
    """All days of a folder of playbooks."""

    programmes: list[Programme]

    def mistakes(self) -> list[Mistake]:
        """Return the steps that are wrong."""
        return [
            (("programmes", day, "steps", at), words)
            for day, one in enumerate(self.programmes)
            for at, step in enumerate(one.steps)
            for _, words in step.mistakes()
        ]


@dataclass(frozen=True)
class _Part:
    """A step with its clock."""

    at: int
    minutes: int
    step: Step
    book: Playbook | None
    edition: Edition | None


def load(root: Path) -> list[Programme]:
    """Read the days declared beside the playbooks; none where there is no file.

    Raises
    ------
    InputError
        With every mistake and its line.
    """
    path = root / FILE
    return _read(read_text(path)).programmes if path.is_file() else []


@lru_cache(maxsize=8)
def _read(text: str) -> Programmes:
    return load_yaml(Programmes, Named(FILE, text))


def _parts(day: Programme, books: Sequence[Playbook]) -> Iterator[_Part]:
    by_id, at = {book.front.id: book for book in books}, minutes_of(day.starts)
    for step in day.steps:
        book = by_id.get(step.playbook or "")
        edition = next((one for one in book.front.editions if one.id == step.edition), None) if book else None
        minutes = step.minutes or (edition.duration_min if edition else 0)
        yield _Part(at, minutes, step, book, edition)
        at += minutes


def values(days: Sequence[Programme], books: Sequence[Playbook]) -> dict[str, str]:
    """Return what marks of programmes stand for.

    Returns
    -------
    dict of str to str
        For each day its table ``programme:half-day`` (clock, what, minutes), and ``:people``, ``:starts``, ``:ends``
        and ``:kits``, the commands that print what it needs.
    """
    found = {}
    for day in days:
        parts = list(_parts(day, books))
        name = f"programme:{day.id}"
        found[name] = table(
            ("Clock", "What", "Minutes"),
            [(f"{clock_of(one.at)}–{clock_of(one.at + one.minutes)}", _what(one), one.minutes) for one in parts],
        )
        fewest, most = _people(parts)
        found |= {f"{name}:people": f"{fewest} to {most}", f"{name}:starts": day.starts}
        found[f"{name}:ends"] = clock_of(parts[-1].at + parts[-1].minutes)
        found[f"{name}:kits"] = table(
            ("Print", "For a start at"),
            [
                (f"`partnership playbook kit {one.step.playbook} --edition {one.step.edition}`", clock_of(one.at))
                for one in parts
                if one.edition
            ],
        )
    return found


def _what(part: _Part) -> str:
    if part.book is None or part.edition is None:
        return str(part.step.what or part.step.playbook)
    return f"[{part.book.front.title}]({part.book.file}#{anchor(part.edition.title)}), {part.edition.title.lower()}"


def _people(parts: Sequence[_Part]) -> tuple[int, int]:
    """Return for how many people all editions of a day are made."""
    sizes = [part.edition.participants for part in parts if part.edition]
    return max((size.fewest for size in sizes), default=1), min((size.most for size in sizes), default=1)


def _stretches(part: _Part) -> list[tuple[bool, int]]:
    """Return the minutes of a step, and whether they are a pause; of a kit with a break of its own, block by block."""
    agenda = part.edition.agenda if part.edition else []
    if any(block.kind == "break" for block in agenda):
        return [(block.kind == "break", block.minutes) for block in agenda]
    return [(part.step.pause, part.minutes)]


def check(days: Sequence[Programme], books: Sequence[Playbook]) -> list[Problem]:
    """Return what does not fit in the days.

    Returns
    -------
    list of Problem
        Playbooks and editions that are not there, an end that the minutes do not come to, too long without a pause,
        kits for different numbers of people.
    """
    words = []
    for day in days:
        parts = list(_parts(day, books))
        for part in parts:
            if part.step.playbook and part.edition is None:
                known = [one.id for one in part.book.front.editions] if part.book else [one.front.id for one in books]
                hint = did_you_mean(str(part.step.edition if part.book else part.step.playbook), known)
                name = f"{part.step.playbook}, edition {part.step.edition}"
                words.append((f"{day.id} takes {shown(name)}, which is not there", hint.capitalize()))
        ends = clock_of(parts[-1].at + parts[-1].minutes) if parts else day.starts
        if ends != day.ends:
            words.append((f"{day.id} is announced to end at {day.ends}, and its minutes come to {ends}", ""))
        running = 0
        for part in parts:
            for pause, minutes in _stretches(part):
                running = 0 if pause else running + minutes
                if running > LONGEST:
                    found = f"{day.id} goes on for {running} minutes without a pause, at {clock_of(part.at)}"
                    words.append((found, f"Put a pause in after {LONGEST} minutes at the latest"))
                    break
        fewest, most = _people(parts)
        if fewest > most:
            words.append((f"the kits of {day.id} are for different numbers of people", ""))
    return [Problem("error", FILE, found, fix=fix or "Correct the day") for found, fix in words]
