"""Read aloud, against a clock, what is said in an edition of a playbook.

    python benchmarks/read_aloud.py hiring-intake room [--words-a-minute 140] [--record]

The speech synthesiser espeak-ng speaks every **Say:** part; the length of its recording is the time that the words
take, and "…" is a pause of three seconds. Added are the minutes of work that a step names, the counting of hands and
the handing out of sheets, as ``partnership playbook check`` counts them. Work that a step does not put in minutes
counts nothing, so the sum is what a step takes at least. It prints every step and block, and exits with 1 when one
does not fit.

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
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from helpers.playbooks import load
from helpers.playbooks.parse import clock_of
from helpers.playbooks.runs import COLUMNS, FILE
from helpers.playbooks.scenes import Scene, Step, scenes
from helpers.playbooks.timing import handing_seconds, work_seconds

ROOT = Path(__file__).resolve().parents[1] / "playbooks"
WORDS_A_MINUTE = 140
PAUSE_SECONDS = 3
_QUOTED = re.compile(r'["“]([^"”]*)["”]')

#: Returns the seconds in which a text is spoken.
Reader = Callable[[str], float]


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
    words = " ".join(_QUOTED.findall(text)) or text
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


def record(folder: Path, edition: str, blocks: list[tuple[Scene, list[Timed]]], today: datetime.date) -> None:
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
    if late or untimed:
        return 1
    if args.record:
        record(ROOT / args.kit, edition.id, blocks, datetime.date.today())
    return 0


if __name__ == "__main__":
    sys.exit(main())
