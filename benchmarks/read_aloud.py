"""Read aloud, against a clock, what is said in an edition of a playbook.

    python benchmarks/read_aloud.py hiring-intake room [--words-a-minute 140]

The speech synthesiser espeak-ng speaks every **Say:** part; the length of its recording is the time that the words
take, and "…" is a pause of three seconds. Added are the minutes of work that a step names, the counting of hands and
the handing out of sheets, as ``partnership playbook check`` counts them. Work that a step does not put in minutes
counts nothing, so the sum is what a step takes at least. It prints every step and block, and exits with 1 when one
does not fit.

It says nothing about how people answer, and is no record of a rehearsal: that one is for people to write.
"""

from __future__ import annotations

import argparse
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


def main() -> int:
    """Read an edition aloud and print what it takes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kit")
    parser.add_argument("edition")
    parser.add_argument("--words-a-minute", type=int, default=WORDS_A_MINUTE)
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
    return 1 if late or untimed else 0


if __name__ == "__main__":
    sys.exit(main())
