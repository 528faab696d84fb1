"""Reading aloud: words, pauses, work and hand-outs add up."""

from __future__ import annotations

import datetime
import importlib.util
import sys
from pathlib import Path

import pytest
from broken_playbooks import change

from helpers.playbooks import check, discover, evidence, load, runs
from helpers.playbooks.check import values_of
from helpers.playbooks.parse import Playbook
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


CARDS = [folder for folder in discover(ROOT / "playbooks") if load(folder).front.form == "card"]
CARD = """---
HEAD
---

# Card

## Steps

1. Beforehand, 30 minutes: print it.
2. **Apart**, 2 × 3 minutes. Each writes:
    - A: what is missing?
3. Talk, ten minutes. A week has 7 days …
4. Day 60: look again, 5 minutes.

## Words to say

- "What else?"

## What you write down

| Number | Day 60: number |
|---|---|
| &nbsp; | &nbsp; |

☐ HR: counted. <!--=participation-->☐ no record, or ____________________<!--/--> Day 0: ________
"""


@pytest.fixture
def small() -> Playbook:
    """A card with a step before, one after, a list below a step, and what the employer ticks."""
    return Playbook(ROOT, load(CARDS[0]).front, CARD)


def test_a_card_takes_its_steps_its_words_and_its_lines(small: Playbook) -> None:
    parts = read_aloud.timed_card(small, second_a_word)
    assert [one.step.work for one in parts] == [360, 600, 0, 0]
    assert [one.step.fill_in for one in parts] == [0, 0, 0, 60]  # the number, the tick, day 0
    assert parts[0].spoken == 11  # "Apart, 2 × 3 minutes. Each writes: A: what is missing?"
    assert parts[1].spoken == 9 - 1 + 3  # words, and a pause in place of "…"
    assert [one.spoken for one in parts[2:]] == [2, 0]
    assert [one.seconds for one in parts] == [one.spoken + one.step.work + one.step.fill_in for one in parts]


def test_a_card_that_is_too_long_or_names_no_minutes_is_not_in_order(root: Path) -> None:
    card = root / "fit-test/playbook.md"
    change(card, "All ask, 8 minutes", "All ask, 12 minutes")
    assert "its lines take 31." in " ".join(one.sentence() for one in check(load(card.parent)))
    change(card, "Compare, 5 minutes.", "Compare.")
    assert 'the step "Compare. Count a yes only if all say yes…" names no minutes' in " ".join(
        one.sentence() for one in check(load(card.parent))
    )


def test_what_is_done_beforehand_takes_the_minutes_that_people_book(root: Path) -> None:
    card = root / "handover/playbook.md"
    assert "45 minutes, reading and writing included; 20 beforehand." in card.read_text(encoding="utf-8")
    change(card, "writes alone, 20 minutes", "writes alone, 30 minutes")
    found = " ".join(one.sentence() for one in check(load(card.parent)))
    assert 'what begins with "Beforehand" takes 30 minutes; expected 20, its prep_min' in found


@pytest.mark.parametrize("id", ["conflict-steps", "handover", "fit-test"])
def test_a_card_says_who_gets_it_and_who_keeps_it_until_its_last_day(root: Path, id: str) -> None:
    book = load(root / id)
    told = values_of(book, evidence.load(ROOT / "playbooks"))["goes-to"]
    assert ("until day 60 with: ___" in told) == (id != "handover")
    assert ("whoever keeps the study (not HR, no boss; no study: shred)" in told) == (id != "fit-test")
    change(root / id / "playbook.md", "Sheet <!--=goes-to-->", "Sheet <!--=title-->")
    assert "the card does not say who gets it" in " ".join(one.sentence() for one in check(load(root / id)))


@pytest.mark.parametrize("folder", CARDS, ids=lambda folder: folder.name)
def test_what_was_recorded_of_a_card_earns_it_the_status_rehearsed(folder: Path, tmp_path: Path, capsys) -> None:
    book = load(folder)
    (edition,) = book.front.editions
    blocks, fits = read_aloud.read_card(book, edition, lambda text: len(text.split()) / 2)
    assert fits and f"of {edition.duration_min} minutes\n" in capsys.readouterr().out
    read_aloud.record(tmp_path, edition.id, blocks, datetime.date(2026, 6, 1))
    found, problems = runs.read_runs(tmp_path, book.front)
    assert not problems and runs.status(found, edition) == "rehearsed"
