"""Every playbook that ships is complete: a trainer with the printout alone finds all it speaks of."""

import math
import re
from pathlib import Path

import pytest
from scipy.stats import norm

from helpers.data.problems import errors
from helpers.playbooks import check_all, copies, discover, grade, load, prose
from helpers.playbooks.evidence import load as registry_of
from helpers.playbooks.markdown import passages
from helpers.playbooks.marks import plain
from helpers.playbooks.scenes import scenes, section
from helpers.playbooks.session import Session

ROOT = Path(__file__).parents[2] / "playbooks"
FOLDERS = discover(ROOT)
#: Written before the limits of forms; they are the two with a room edition of 90 minutes, seat cards and strips.
FIRST = ("customer-call-shadowing", "role-swap")
first = pytest.mark.parametrize("folder", [ROOT / name for name in FIRST], ids=FIRST)
each = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def test_nothing_is_wrong_and_only_the_first_two_kits_go_beyond_the_limits():
    found = check_all(ROOT)
    assert [f"{problem.file}: {problem.sentence()}" for problem in errors(found)] == []
    assert {problem.file for problem in found} == {f"{name}/playbook.md" for name in FIRST}


@each
def test_participants_read_at_grade_nine_and_facilitators_at_eleven(folder):
    sheets = load(folder).front.materials
    hardest = {"participants": 9, "facilitator": 11}
    grades = {one.file: (grade(prose(plain(_text(folder / one.file)))), hardest[one.reader]) for one in sheets}
    grades["playbook.md"] = (grade(prose(load(folder).body)), 9 if load(folder).front.form == "card" else 11)
    assert {name: value for name, (value, most) in grades.items() if value > most} == {}


@each
def test_words_to_speak_are_as_plain(folder):
    book = load(folder)
    lines = section(book, "Words to say", 2) if book.front.form == "card" else None
    spoken = [one.text for one in passages(book.body) if (one.line in lines if lines else one.kind == "quote")]
    assert len(spoken) >= 3
    assert grade("\n".join(spoken)) <= 9


def test_the_pack_reads_at_grade_eleven_or_below():
    assert grade(prose(plain(_text(ROOT / "shared" / "works-council-pack.md")))) <= 11


@first
def test_hardly_a_step_of_the_room_edition_is_shorter_than_three_minutes(folder):
    book = load(folder)
    steps = [step.minutes for scene in scenes(book, book.front.edition("room")) for step in scene.steps]
    assert len(steps) >= 16 and min(steps) >= 3


@first
@pytest.mark.parametrize("people", range(8, 17))
def test_room_editions_print_enough_for_every_size(folder, people):
    book = load(folder)
    room = book.front.edition("room")
    assert (room.participants.fewest, room.participants.most) == (8, 16)
    sheets = {one.sheet: copies(one.copies, people) for one in room.sheets}
    assert sheets["timetable-room"] == sheets["sign-up-slip"] == people
    if folder.name == "role-swap":
        assert {number for sheet, number in sheets.items() if sheet.startswith("cards")} == {people // 2}
        assert sheets["observer-card"] == people % 2


@first
@pytest.mark.parametrize("people", range(8, 17))
def test_no_size_of_a_room_prints_more_than_six_sides_a_person(folder, people):
    book = load(folder)
    session = Session(book, book.front.edition("room"), registry_of(ROOT), people, 540, "a4", "draft")
    assert session.sides <= 6 * people, "spares counted in"


@pytest.mark.parametrize("which", ["small", "quality", "high", "promises"])
def test_sample_sizes_for_planning_are_calculated(which):
    """Two arms, ANCOVA with r = .6, 80 % power, two-sided .05; clusters of six with ICC .10 by design effect."""
    planning = registry_of(ROOT).planning
    d = float(planning[f"d-{which}"])
    arm = 2 * (1 - 0.6**2) * ((norm.ppf(0.975) + norm.ppf(0.8)) / d) ** 2 + 1
    assert int(planning[f"arm-{which}"]) == pytest.approx(arm, rel=0.02)
    assert int(planning[f"clustered-{which}"]) == pytest.approx(math.ceil(arm) * (1 + 5 * 0.10), rel=0.02)


def _text(path):
    return path.read_text(encoding="utf-8")


@each
def test_every_field_is_read_by_a_chapter(folder):
    """No field is asked for that no notebook reads: measures name the chapters of each field."""
    front = load(folder).front
    chapters = {path.stem.split("_", 1)[1] for path in (ROOT.parent / "notebooks").glob("*.ipynb")}
    readers: dict[str, set[str]] = {}
    for measure in front.measures:
        assert set(measure.read_by) <= chapters, measure.what
        for field in measure.fields:
            readers.setdefault(field, set()).update(measure.read_by)
    assert set(readers) == {field.field for field in front.capture.fields}
    assert front.form == "kit" or front.capture.fields
    assert len(front.capture.fields) <= (12 if folder.name in FIRST else 6)


@first
def test_nothing_is_recorded_of_who_stepped_out(folder):
    front = load(folder).front
    assert front.rules.step_out_word
    asked = " ".join(f"{one.field} {one.label} {' '.join(one.words)}".lower() for one in front.capture.fields)
    assert not re.search(rf"stepp?(ed|ing)?[ _-]?out|{front.rules.step_out_word.lower()}|red meeting", asked)


#: What chapter 06 calls to read what was typed from the sheets; chapter 05 goes through all declared fields instead.
READ_BY_NAME = {
    "practice_impact": ("design", "effect", "exposure", "behaviour", "dose"),
    "follow_through": ("promises",),
}


@each
def test_chapters_name_the_fields_they_read(folder):
    """A chapter, or what it calls, names each field it is said to read; 05 and outcomes in 06 go by the head."""
    capture = load(folder).front.capture
    compared = {name for field in capture.fields if field.outcome for name in (field.field, field.same_as)}
    for measure in load(folder).front.measures:
        for chapter in set(measure.read_by) & READ_BY_NAME.keys():
            path = next((ROOT.parent / "notebooks").glob(f"*_{chapter}.ipynb"))
            called = [ROOT.parent / f"src/helpers/analysis/practice/{name}.py" for name in READ_BY_NAME[chapter]]
            source = "".join(map(_text, [path, *called]))
            assert [field for field in measure.fields if f'"{field}"' not in source and field not in compared] == [], (
                chapter,
                measure.what,
            )
    assert "capture.fields" in _text(ROOT.parent / "src/helpers/analysis/practice/session.py")


def test_where_hard_talks_end_stands_on_one_sheet_and_is_no_task_to_sort():
    book = load(ROOT / "hard-talks")
    cases = ("pregnancy", "harassment", "illness", "court")
    texts = {sheet.file: plain(_text(book.folder / sheet.file)).lower() for sheet in book.front.materials}
    texts["playbook.md"] = book.body.lower()
    assert [name for name, text in texts.items() if any(word in text for word in cases)] == ["materials/help-sheet.md"]


def test_every_pair_of_an_intake_can_work_on_a_printed_case():
    book = load(ROOT / "hiring-intake")
    edition = book.front.edition("room")
    (cases,) = [one for one in edition.sheets if one.sheet == "case"]
    for people in range(edition.participants.fewest, edition.participants.most + 1):
        assert copies(cases.copies, people) * book.front.sheet("case").cards // 2 >= people // 2
