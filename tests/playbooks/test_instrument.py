"""The questionnaire is made from the codebook, so what comes back from a form is known again."""

import csv
import datetime
import io
import random
import re

import pytest
from click.testing import CliRunner
from docx import Document
from openpyxl import Workbook

from helpers.cli import main
from helpers.data import InputError, Study, create_study
from helpers.data.importers.engine import import_file
from helpers.playbooks.kit.instrument import write_instrument


@pytest.fixture
def study(tmp_path):
    create_study(tmp_path / "acme")
    return tmp_path / "acme"


def promise(study, least, smallest=5):
    path = study / "study.yaml"
    text = path.read_text(encoding="utf-8")
    settings = f"  min_group: {smallest}\n  promised_min_group: {least}"
    assert "\n  min_group: 5" in text
    path.write_text(text.replace("  min_group: 5", settings, 1), encoding="utf-8")


def table(path):
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_each_side_is_asked_its_own_questions_in_three_forms(study, tmp_path):
    files = write_instrument(study, tmp_path / "forms")
    assert sorted(path.name for path in files) == [
        f"{side}-long.{kind}" for side in ("employee", "hr", "manager") for kind in ("csv", "docx", "txt")
    ]
    codebook = Study.load(study).codebook
    for side in codebook.sides:
        wanted = [item.text_for(side) for item in codebook.items if item.asked_of(side)]
        asked = [row["question"] for row in table(tmp_path / "forms" / f"{side}-long.csv") if row["item"]]
        text = (tmp_path / "forms" / f"{side}-long.txt").read_text(encoding="utf-8")
        document = Document(tmp_path / "forms" / f"{side}-long.docx")
        cells = [row.cells[1].text for one in document.tables for row in one.rows]
        printed = cells + [re.sub(r"^\d+\. ", "", one.text) for one in document.paragraphs]
        assert asked == wanted and all(words in text for words in wanted) and set(wanted) <= set(printed)


def test_the_short_form_has_one_question_a_dimension(study, tmp_path):
    write_instrument(study, tmp_path, short=True, side="hr")
    codebook = Study.load(study).codebook
    items = [codebook.item(row["item"]) for row in table(tmp_path / "hr-short.csv") if row["item"]]
    dimensions = [item.dimension for item in items if item.role == "scale"]
    assert len(dimensions) == len(set(dimensions)) == 10


def test_people_are_told_the_smallest_group_that_was_promised(study, tmp_path):
    promise(study, 7, 8)
    write_instrument(study, tmp_path, side="manager")
    text = (tmp_path / "manager-long.txt").read_text(encoding="utf-8")
    assert "No result is shown of fewer than 7 people." in text


def test_the_invitation_of_a_kit_promises_what_the_study_promised(study, tmp_path):
    promise(study, 7, 8)
    wish = ["survey-round", "--edition", "start", "--participants", "12", "--study", str(study), "--out", str(tmp_path)]
    assert CliRunner().invoke(main, ["playbook", "kit", *wish]).exit_code == 0
    document = Document(tmp_path / "survey-round-start" / "survey-round-start-forms.docx")
    text = " ".join(paragraph.text for paragraph in document.paragraphs)
    assert "No result of fewer than seven people is shown" in text and "five people" not in text


def test_a_study_cannot_report_smaller_groups_than_were_promised(study):
    promise(study, 7, 5)
    with pytest.raises(InputError, match="promised no result of fewer than 7 people, and min_group is 5"):
        Study.load(study)


def test_a_scale_of_many_points_asks_for_a_number(study, tmp_path):
    path = study / "codebook.yaml"
    text = path.read_text(encoding="utf-8")
    path.write_text(re.sub(r"low: 0\n    high: 10", "low: 0\n    high: 100", text), encoding="utf-8")
    write_instrument(study, tmp_path, side="manager")
    assert "(A whole number from 0 to 100)" in (tmp_path / "manager-long.txt").read_text(encoding="utf-8")


def test_a_side_that_nobody_asks(study, tmp_path):
    done = CliRunner().invoke(
        main, ["playbook", "instrument", str(study), "--side", "boss", "--out", str(tmp_path / "no")]
    )
    assert done.exit_code == 2 and 'nothing is asked of "boss"' in done.output and not (tmp_path / "no").exists()


@pytest.mark.parametrize("side", ["manager", "hr"])
def test_answers_from_a_form_made_of_it_come_back_without_a_doubt(study, tmp_path, side):
    """The commands of the survey round: write the questions, take the answers in; chapter 01 counts who answered."""
    write_instrument(study, tmp_path, side=side)
    asked = table(tmp_path / f"{side}-long.csv")
    chosen = random.Random(1)
    book = Workbook()
    book.active.append(["ID", "Start time", "Completion time", "Email", "Name", *(row["question"] for row in asked)])
    codes = {"Respondent ID": "H{n}" if side == "hr" else "M{n}", "Partnership ID": "P{n}"}
    day = datetime.datetime(2026, 11, 2, 9)
    for n in range(1, 7):
        told = [
            chosen.choice(row["answers"].split(";"))
            if row["answers"]
            else codes.get(row["question"], "Fine").format(n=n)
            for row in asked
        ]
        book.active.append([n, day, day, "anonymous", "", *told])
    book.save(tmp_path / "answers.xlsx")
    people = "person_id,side\n" + "".join(f"M{n},manager\nH{n},hr\n" for n in range(1, 11))
    (study / "people.csv").write_text(people, encoding="utf-8")
    pairs = "partnership_id,hr_id,manager_id\n" + "".join(f"P{n},H{n},M{n}\n" for n in range(1, 11))
    (study / "partnerships.csv").write_text(pairs, encoding="utf-8")
    import_file("msforms", tmp_path / "answers.xlsx", study, wave="2026-H2")
    found = Study.load(study)
    rows = found.survey
    items = [row["item"] for row in asked if row["item"]]
    assert len(rows) == 6 and rows[items].notna().all().all()
    assert rows["respondent_id"].nunique() == 6
