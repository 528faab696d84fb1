"""Reading aloud: words, pauses, work and hand-outs add up."""

from __future__ import annotations

import datetime
import importlib.util
import sys
from pathlib import Path

import pytest

from helpers.playbooks import load, runs
from helpers.playbooks.scenes import scenes
from helpers.playbooks.timing import handing_seconds, work_seconds

ROOT = Path(__file__).resolve().parents[2]
SPEC = importlib.util.spec_from_file_location("read_aloud", ROOT / "benchmarks/read_aloud.py")
read_aloud = importlib.util.module_from_spec(SPEC)
sys.modules["read_aloud"] = read_aloud
SPEC.loader.exec_module(read_aloud)


def second_a_word(text: str) -> float:
    return float(len(text.split()))


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ('"One two. … Three."', 3 + 3),
        ('"One." (wait) "Two three."', 3),
        ("“One two”", 2),
        ('"… …"', 6),
        ("No marks here", 3),
    ],
)
def test_pauses_and_quoted_words_count(text: str, seconds: float) -> None:
    assert read_aloud.spoken_seconds(text, second_a_word) == seconds


def test_a_step_is_its_words_its_work_and_its_sheets() -> None:
    book = load(ROOT / "playbooks/hard-talks")
    for scene in scenes(book, book.front.edition("room")):
        for one in read_aloud.timed(scene, lambda text: 1.0):
            pauses = sum(3 * speech.text.count("…") for speech in one.step.speeches)
            assert one.spoken >= pauses
            assert one.seconds == one.spoken + work_seconds(one.step) + handing_seconds(one.step)


def test_what_was_recorded_earns_the_status_rehearsed_and_keeps_live_runs(tmp_path: Path) -> None:
    book = load(ROOT / "playbooks/hard-talks")
    front, edition = book.front, book.front.edition("room")
    live = [f"2026-05-04,room,live,12,{block.block},{block.minutes},{block.minutes},," for block in edition.agenda]
    folder = tmp_path / "hard-talks"
    folder.mkdir()
    (folder / runs.FILE).write_text("\n".join([",".join(runs.COLUMNS), *live]) + "\n", encoding="utf-8")
    blocks = [(scene, read_aloud.timed(scene, lambda text: 30.0)) for scene in scenes(book, edition)]
    for day in (1, 2):  # the second reading takes the place of the first
        read_aloud.record(folder, "room", blocks, datetime.date(2026, 6, day))
    found, problems = runs.read_runs(folder, front)
    assert not problems
    assert [(run.kind, run.people, run.date) for run in found] == [
        ("live", 12, "2026-05-04"), ("rehearsal", 0, "2026-06-02"),
    ]  # fmt: skip
    assert runs.status([found[1]], edition) == "rehearsed"
    assert runs.status(found, edition) == "piloted"
