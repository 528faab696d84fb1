import openpyxl
import pytest

from helpers.data import Study, create_study
from helpers.data.importers.answers import answer_number
from helpers.data.importers.engine import import_file


@pytest.fixture
def wide(tmp_path):
    def write(text, name="answers.csv"):
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return path

    return write


def test_names_of_items_are_enough(wide, write_study):
    path = wide(
        "Participant ID;Department;Listening_1;listening_2;TRUST_1;E-mail\n007;Sales;5;Neutral;1;a@example.com\n"
    )
    folder = write_study()
    report = import_file("wide", path, folder, wave="2026-H1")
    study = Study.load(folder, merged=False)
    assert study.survey[["respondent_id", "department", "listening_1", "listening_2", "trust_1"]].values.tolist() == [
        ["007", "Sales", 5, 3, 1]
    ]
    assert report.personal == ["E-mail"] and study.waves == ["2026-H1"]


def test_texts_of_questions_serve_as_names(wide, write_study):
    folder = write_study()
    text = (
        "respondent_id\tMy HR partner hears me out to the end\tMy HR partner interrupts me\t"
        "I rely on what my HR partner says.\tWhat should change?\nm1\t5\t1\t3\tmore, time\n"
    )
    import_file("wide", wide(text), folder)
    survey = Study.load(folder, merged=False).survey
    assert survey[["listening_1", "listening_2", "trust_1", "remark"]].values.tolist() == [[5, 1, 3, "more, time"]]


def test_an_excel_file_from_a_forms_tool(tmp_path, write_study):
    folder = write_study()
    book = openpyxl.Workbook()
    book.active.append(["ID", "listening_1", "trust_1", "again"])
    book.active.append([7, "Strongly agree", 3.0, 10])
    book.save(tmp_path / "form.xlsx")
    import_file("wide", tmp_path / "form.xlsx", folder)
    survey = Study.load(folder, merged=False).survey
    assert survey[["respondent_id", "listening_1", "trust_1", "again"]].values.tolist() == [["7", 5, 3, 10]]


def test_a_file_that_does_not_tell_who_answered_is_a_doubt(wide, write_study, refusal):
    said = refusal(import_file, "wide", wide("listening_1,listening_2,trust_1\n5,1,1\n"), write_study())
    assert "no column tells who answered (respondent_id)" in said and "nothing was imported" in said


def test_a_file_about_something_else_is_a_doubt(wide, write_study, refusal):
    assert "no column is an item of the codebook" in refusal(
        import_file, "wide", wide("id,shoes\n1,44\n"), write_study()
    )


def test_two_items_alike_are_a_doubt(wide, write_study, codebook_text, refusal):
    twin = codebook_text.replace("I rely on what my HR partner says.", "My HR partner hears me out to an end.")
    path = wide("id,My HR partner hears me out to end,listening_2,trust_1\n1,5,1,1\n")
    said = refusal(import_file, "wide", path, write_study(codebook=twin))
    assert "fits listening_1 and trust_1 alike" in said or "fits trust_1 and listening_1 alike" in said


def test_a_new_study_takes_its_first_import(wide, tmp_path):
    folder = create_study(tmp_path / "acme")
    items = [item.id for item in Study.load(folder).codebook.scale_items(side="manager", short_form=True)]
    path = wide(f"respondent_id,{','.join(items)}\na,{','.join(['Agree'] * 10)}\nb,{','.join(['2'] * 10)}\n")
    import_file("wide", path, folder, wave="2026-H1")
    responses = Study.load(folder, merged=False).responses()
    assert responses[items].values.tolist() == [[4.0] * 10, [2.0] * 10]
    assert not [problem for problem in Study.load(folder).check() if problem.severity == "error"]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("Strongly agree", 5), ("  strongly   AGREE ", 5), ("Not at all", 1), ("not at all.", 1), ("5", 5), ("5.0", 5),
        ("5 - Strongly agree", 5), ("3: Neutral", 3), ("1 - Strongly agree", None), ("2 - whatever", 2),
        ("whatever (2)", 2), ("2 times a week", None), ("3 neutral", 3),
        ("6", None), ("0", None), ("4.5", None), ("4,0", None), ("٣", None), ("1e0", 1), ("0x1", None), ("TRUE", None),
        ("Agree", None), ("NA", None), ("-1", None), ("zu", 4),
        ("-4", None), ("\u22124", None), ("4!", None), ("four", 4),
    ],
)  # fmt: skip
def test_answers_are_numbers_only_when_certain(write_study, text, number):
    response = Study.load(write_study()).codebook.responses["agreement"]
    assert answer_number(text, response, {"Zu": 4, "4": 4, "four.": 4}) == number
