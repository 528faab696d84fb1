"""Every playbook that ships is complete: a trainer with the printout alone finds all it speaks of."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from helpers.data import Study
from helpers.playbooks import check, check_index, copies, discover, grade, load, prose
from helpers.playbooks.markdown import blocks, tables

ROOT = Path(__file__).parents[2] / "playbooks"
FOLDERS = discover(ROOT)

pytestmark = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


def test_nothing_is_wrong(folder):
    assert [problem.sentence() for problem in check(load(folder))] == []


def test_front_matter_is_typed(folder):
    front = load(folder).front
    assert front.id == folder.name
    assert front.reviewed.date.year >= 2026
    for edition in front.editions:
        assert all(isinstance(block.minutes, int) for block in edition.agenda)
        assert sum(block.minutes for block in edition.agenda) == edition.duration_min


def test_participants_read_at_grade_nine_or_below(folder):
    grades = {name: grade(prose(_text(folder / name))) for name in load(folder).front.participant_materials}
    assert {name: value for name, value in grades.items() if value > 9} == {}


def test_words_to_speak_are_as_plain(folder):
    spoken = [block.text for block in blocks(load(folder).body) if block.kind == "quote"]
    assert grade("\n".join(spoken)) <= 9


def test_evidence_in_the_text_is_the_evidence_in_the_front_matter(folder):
    book = load(folder)
    section = next(table for table in tables(book.body) if table.header[-1] == "Source")
    assert len(section.rows) == len(book.front.evidence)
    for row, entry in zip(section.rows, book.front.evidence, strict=True):
        source = re.match(r"[\w.& ,/-]+", entry.source).group().split(",")[0].strip()
        assert source in row[-1].text
        shown = row[1].text.replace("%", "percent")
        assert {n for n in re.findall(r"\d[\d.]*", entry.finding)} <= set(re.findall(r"\d[\d.]*", shown))


def test_measured_fields_are_explained_to_the_trainer(folder):
    book = load(folder)
    for entry in book.front.capture.fields:
        assert entry.field in book.body


@pytest.mark.parametrize("people", range(8, 17))
def test_room_editions_print_enough_for_every_size(folder, people):
    book = load(folder)
    room = next(edition for edition in book.front.editions if edition.id == "room")
    assert (room.participants.fewest, room.participants.most) == (8, 16)
    sheets = {row[0].text: copies(row[1].text, people) for row in _print_list(book, room.title)}
    assert sheets["Timetable"] == people + 1
    assert sheets["Sign-up slips"] == people
    if folder.name == "role-swap":
        # A page holds two cards of one seat and round, and each group plays one of them.
        pages = {copies for sheet, copies in sheets.items() if sheet.startswith("Seat cards")}
        assert pages == {-(-(people // 2) // 2)}


def test_capture_examples_are_rows_a_study_accepts(folder, tmp_path):
    capture = load(folder).front.capture
    for name in capture.files:
        shutil.copy(folder / name, tmp_path)
    (tmp_path / "people.csv").write_text("person_id,side\nHR-014,hr\nHR-027,hr\nM-0231,manager\n", encoding="utf-8")
    (tmp_path / "pairs.csv").write_text("partnership_id,hr_id,manager_id\nP-0123,HR-014,M-0231\n", encoding="utf-8")
    shutil.copy(ROOT.parent / "data" / "sample" / "codebook.yaml", tmp_path)
    tables = "".join(f"  {Path(name).stem}: {Path(name).name}\n" for name in capture.files)
    (tmp_path / "study.yaml").write_text(
        "title: Capture\nas_of: 2026-06-30\ncodebook: codebook.yaml\ntables:\n  people: people.csv\n"
        f"  partnerships: pairs.csv\n{tables}",
        encoding="utf-8",
    )
    problems = Study.load(tmp_path).check()
    assert [problem.sentence() for problem in problems if problem.severity == "error"] == []


def test_the_printing_command_of_the_index_prints_every_sheet(folder, tmp_path):
    command = re.search(r'```\n\.venv/bin/python -c "(.+)"\n```', _text(ROOT / "README.md"))[1]
    shutil.copytree(ROOT, tmp_path / "playbooks")
    command = command.replace("playbooks/role-swap", f"playbooks/{folder.name}")
    subprocess.run([sys.executable, "-c", command], cwd=tmp_path, check=True)
    printed = {path.stem: _text(path) for path in (tmp_path / "print").glob("*.html")}
    assert set(printed) == {path.stem for path in folder.rglob("*.md")}
    assert all("border-collapse" in page for page in printed.values())
    assert "duration_min" not in printed["playbook"]
    assert printed["playbook"].count("<h1") == 1


def test_index_leads_to_every_playbook(folder):
    assert [problem.sentence() for problem in check_index(ROOT)] == []
    assert f"{folder.name}/playbook.md" in _text(ROOT / "README.md")


def _print_list(book, title):
    heading = next(block for block in blocks(book.body) if block.level == 2 and block.text == title)
    lists = [table for table in tables(book.body) if table.header[0] == "Print" and table.line > heading.line]
    return lists[0].rows


def _text(path):
    return path.read_text(encoding="utf-8")
