"""Reading aloud: words, pauses, work and hand-outs add up, and the record is one that earns a status."""

from __future__ import annotations

import datetime
import importlib.util
import shutil
import sys
from pathlib import Path

import pytest

from helpers.playbooks import load
from helpers.playbooks.runs import FILE, read_runs, status
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


def test_a_record_is_read_back_and_earns_rehearsed_once(tmp_path: Path) -> None:
    folder = tmp_path / "hard-talks"
    folder.mkdir()
    shutil.copy(ROOT / "playbooks/hard-talks/playbook.md", folder)
    book = load(folder)
    edition = book.front.edition("room")
    blocks = [(scene, read_aloud.timed(scene, second_a_word)) for scene in scenes(book, edition)]
    for _ in range(2):
        read_aloud.record(folder / FILE, read_aloud.rows(blocks, "room", datetime.date(2026, 11, 30)))
    runs, problems = read_runs(folder, book.front)
    assert not problems and len(runs) == 1 and runs[0].people == 0
    assert len((folder / FILE).read_text().splitlines()) == 1 + len(runs[0].blocks)
    assert status(runs, edition) == "rehearsed"
