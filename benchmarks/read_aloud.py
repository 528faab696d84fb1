"""Read aloud, against a clock, what is said in an edition of a playbook.

    python benchmarks/read_aloud.py hiring-intake room [--words-a-minute 140] [--record]

The speech synthesiser espeak-ng speaks every **Say:** part; the length of its recording is the time that the words
take, and "…" is a pause of three seconds. Added are the minutes of work that a step names, the counting of hands and
the handing out of sheets, as ``partnership playbook check`` counts them. Work that a step does not put in minutes
counts nothing, so the sum is what a step takes at least. It prints every step and block, and exits with 1 when one
does not fit.

A card (``conflict-steps card``) has no timetable. Its numbered steps and its "Words to say" are spoken; the minutes
that a step names are its work; each line or box below "What you write down" counts as long as handing out a sheet, 20
seconds. Steps that begin with "Beforehand" or "Day 60" are not part of the session, nor are boxes for day 60 and those
that the employer ticks. The sum must fit the minutes of the card.

``--record`` writes what was measured into the playbook's ``runs.csv``, as a rehearsal with nobody in the room: the
minutes of every block, rounded up. Do so when the kit was also read by somebody who had seen nothing else
(``cold_read.py``) and what they could not answer is mended. It says nothing about how people answer.
"""

from __future__ import annotations

import argparse
import csv
import datetime
import io
import math
import re
import shutil
import subprocess
import sys
import tempfile
import wave
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from helpers.playbooks import load
from helpers.playbooks.card_clock import CardStep, card_steps
from helpers.playbooks.parse import Edition, Playbook, clock_of
from helpers.playbooks.runs import COLUMNS, FILE
from helpers.playbooks.scenes import Scene, Step, scenes
from helpers.playbooks.timing import handing_seconds, work_seconds

ROOT = Path(__file__).resolve().parents[1] / "playbooks"
WORDS_A_MINUTE = 140
PAUSE_SECONDS = 3
_QUOTED = re.compile(r'["“]([^"”]*)["”]')

#: Returns the seconds in which a text is spoken.
Reader = Callable[[str], float]


class Takes(Protocol):
    """What takes a number of seconds."""

    @property
    def seconds(self) -> float:
        """How many."""


@dataclass(frozen=True)
class OfCard:
    """A step of a card, its words to say or its lines, with the seconds of its words, its work and its lines."""

    step: CardStep
    spoken: float

    @property
    def seconds(self) -> float:
        """The sum."""
        return self.spoken + self.step.work + self.step.fill_in


@dataclass(frozen=True)
class Timed:
    """A step with the seconds of its words, its work and its sheets."""

    step: Step
    spoken: float
    work: float
    handing: float

    @property
    def seconds(self) -> float:
        """The sum."""
        return self.spoken + self.work + self.handing

    @property
    def fits(self) -> bool:
        """Whether the step's minutes hold it."""
        return self.seconds <= 60 * self.step.minutes


def synthesiser(words_a_minute: int, folder: Path) -> Reader:
    """Return a reader that speaks a text into a file and takes its length."""
    if not shutil.which("espeak-ng"):
        sys.exit("The speech synthesiser espeak-ng is not installed; on Debian: apt-get install espeak-ng")

    def read(text: str) -> float:
        spoken = folder / "spoken.wav"
        command = ["espeak-ng", "-v", "en", "-s", str(words_a_minute), "-w", str(spoken), "--stdin"]
        subprocess.run(command, input=text, text=True, check=True)
        with wave.open(str(spoken)) as recording:
            return recording.getnframes() / recording.getframerate()

    return read


def spoken_seconds(text: str, read: Reader) -> float:
    """Return how long a text takes: its parts in quotation marks as read, and three seconds for every "…"."""
    return _aloud(" ".join(_QUOTED.findall(text)) or text, read)


def _aloud(words: str, read: Reader) -> float:
    parts = words.split("…")
    return sum(read(part) for part in parts if re.search(r"\w", part)) + PAUSE_SECONDS * (len(parts) - 1)


def timed(scene: Scene, read: Reader) -> list[Timed]:
    """Return the steps of a block with the seconds that they take."""
    return [
        Timed(
            step,
            sum(spoken_seconds(speech.text, read) for speech in step.speeches),
            work_seconds(step),
            handing_seconds(step),
        )
        for step in scene.steps
    ]


def timed_card(book: Playbook, read: Reader) -> list[OfCard]:
    """Return the steps of a card, its words to say and its lines, with the seconds that they take."""
    return [OfCard(step, _aloud(step.text, read)) for step in card_steps(book)]


def record(folder: Path, edition: str, blocks: Sequence[tuple[Scene, Sequence[Takes]]], today: datetime.date) -> None:
    """Write the minutes of all blocks with steps into the run records of a playbook, in place of an older rehearsal."""
    path = folder / FILE
    kept = []
    if path.is_file():
        rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
        kept = [row for row in rows if (row["edition"], row["kind"], row["people"]) != (edition, "rehearsal", "0")]
    fixed = {"date": today.isoformat(), "edition": edition, "kind": "rehearsal", "people": 0, "cut": "", "confused": ""}
    measured = [
        fixed
        | {"block": scene.block.block, "planned_min": scene.block.minutes}
        | {"real_min": math.ceil(sum(one.seconds for one in steps) / 60)}
        for scene, steps in blocks
        if steps
    ]
    written = io.StringIO()
    table = csv.DictWriter(written, COLUMNS, lineterminator="\n")
    table.writeheader()
    table.writerows([*kept, *measured])
    path.write_text(written.getvalue(), encoding="utf-8", newline="\n")


def read_card(book: Playbook, edition: Edition, read: Reader) -> tuple[list[tuple[Scene, Sequence[Takes]]], bool]:
    """Read a card aloud, print what its steps take, and return its block with them and whether they fit."""
    parts = timed_card(book, read)
    print(f"{'spoken':>8}{'work':>8}{'lines':>8}{'sum':>8}   seconds")
    for one in parts:
        figures = "".join(f"{part:8.0f}" for part in (one.spoken, one.step.work, one.step.fill_in, one.seconds))
        print(f"{figures}   {' '.join(one.step.text.split())[:50] or 'What you write down'}")
    taken = sum(one.seconds for one in parts) / 60
    unnamed = [one.step.text[:30] for one in parts[:-2] if not one.step.work]
    print(f"  {taken:.1f} of {edition.duration_min} minutes" + "".join(f"; no minutes: {text}" for text in unnamed))
    (block,) = edition.agenda  # a card has one, since nothing in it is timed apart
    return [(Scene(block, 1, 0), parts)], taken <= edition.duration_min and not unnamed


def read_timetable(book: Playbook, edition: Edition, read: Reader) -> tuple[list[tuple[Scene, Sequence[Takes]]], bool]:
    """Read an edition with a timetable aloud, print it, and return its blocks with their steps and whether they fit."""
    blocks = [(scene, timed(scene, read)) for scene in scenes(book, edition)]
    print(f"{'time':13}{'planned':>8}{'spoken':>8}{'work':>8}{'sheets':>8}{'sum':>8}   seconds, planned in minutes")
    late = []
    for scene, steps in blocks:
        for one in steps:
            times = f"{clock_of(one.step.start)}–{clock_of(one.step.end)}"
            figures = "".join(f"{part:8.0f}" for part in (one.spoken, one.work, one.handing, one.seconds))
            print(f"{times:13}{one.step.minutes:8}{figures}   {'' if one.fits else 'DOES NOT FIT'}".rstrip())
            late += [] if one.fits else [times]
        print(f"  {scene.block.block}: {sum(one.seconds for one in steps) / 60:.1f} of {scene.block.minutes} minutes")
    untimed = [scene.block.block for scene, steps in blocks if scene.block.kind == "work" and not steps]
    print(f"Do not fit: {', '.join(late) or 'none'}" + (f"; no steps: {', '.join(untimed)}" if untimed else ""))
    return [*blocks], not (late or untimed)


def main() -> int:
    """Read an edition aloud and print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kit")
    parser.add_argument("edition")
    parser.add_argument("--words-a-minute", type=int, default=WORDS_A_MINUTE)
    parser.add_argument("--record", action="store_true", help="write the minutes into the run records of the playbook")
    args = parser.parse_args()
    book = load(ROOT / args.kit)
    edition = book.front.edition(args.edition)
    with tempfile.TemporaryDirectory() as folder:
        read = synthesiser(args.words_a_minute, Path(folder))
        card = book.front.form == "card"
        blocks, fits = (read_card if card else read_timetable)(book, edition, read)
    if fits and args.record:
        record(ROOT / args.kit, edition.id, blocks, datetime.date.today())
    return 0 if fits else 1


if __name__ == "__main__":
    sys.exit(main())
