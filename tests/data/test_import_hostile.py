"""Files as people really have them: totals below, titles above, merged cells, ids that name nobody, odd times."""

import datetime
import json
import shutil

import openpyxl
import pandas as pd
import pytest
import vendor_layouts as write

from helpers.data import Study
from helpers.data.importers.draft import study_from
from helpers.data.importers.engine import import_file

pytestmark = pytest.mark.slow

HEAD = ["respondent_id", "listening_1", "listening_2", "trust_1"]
ROWS = [[f"E{n}", 1 + n % 5, 1, 5] for n in range(6)]


@pytest.fixture
def survey(tmp_path, write_study):
    """Return a function that imports rows and returns the survey table and the log."""

    def imported(rows, name="e.csv", **how):
        folder = write_study()
        log = import_file("wide", write.save(tmp_path / name, rows, **how), folder)
        return Study.load(folder, merged=False).survey, log

    return imported


@pytest.mark.parametrize("word", ["Total", "Mean", "Grand total", "Durchschnitt", "Summe"])
def test_a_row_about_all_is_no_respondent(survey, refusal, word):
    said = refusal(survey, [HEAD, *ROWS, [word, 3, 1, 5]])
    assert f'column respondent_id, row 8: "{word}" is no respondent but seems to be a row about all of them' in said


@pytest.mark.parametrize("nobody", ["", "n/a", "-", "anonymous", "unbekannt"])
def test_answers_of_nobody_are_kept_as_responses_or_asked_about_never_dropped(tmp_path, write_study, refusal, nobody):
    folder, path = write_study(), write.save(tmp_path / "e.csv", [HEAD, *ROWS, *([nobody, n, 1, 4] for n in (2, 3))])
    said = refusal(import_file, "wide", path, folder)
    assert "rows 8 and 9: 2 responses hold answers and name nobody" in said and not (folder / "survey.csv").exists()
    place = folder / "mappings" / "wide.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "anonymous: true\n", encoding="utf-8")
    log = import_file("wide", path, folder)
    found = Study.load(folder, merged=False).survey
    assert log.imported == 8 and found["respondent_id"].is_unique
    assert found["respondent_id"].str.startswith("r-").tolist() == [False] * 6 + [True] * 2
    assert "8 unchanged" in import_file("wide", path, folder).text()


def test_a_value_merged_over_rows_holds_for_each_of_them(tmp_path, write_study):
    book = openpyxl.Workbook()
    for row in [
        ["Department", *HEAD],
        *([["Sales", None, None, "Law", None, None][n], *r] for n, r in enumerate(ROWS)),
    ]:
        book.active.append(row)
    book.active.merge_cells("A2:A4")
    book.active.merge_cells("A5:A7")
    book.save(tmp_path / "e.xlsx")
    folder = write_study()
    import_file("wide", tmp_path / "e.xlsx", folder)
    assert Study.load(folder, merged=False).survey["department"].tolist() == ["Sales"] * 3 + ["Law"] * 3


def test_the_sheet_that_was_read_is_named_also_in_a_refusal(tmp_path, write_study, refusal):
    book = openpyxl.Workbook()
    book.active.title = "Cover"
    book.active.append(["Report"])
    for row in [HEAD, *ROWS]:
        book.create_sheet("Data") if "Data" not in book.sheetnames else None
        book["Data"].append(row)
    book.save(tmp_path / "e.xlsx")
    said = refusal(import_file, "wide", tmp_path / "e.xlsx", write_study())
    assert 'there are 2 sheets and the first, "Cover", was read' in said
    book.move_sheet("Data", -1)
    book.save(tmp_path / "e.xlsx")
    folder = write_study()
    log = import_file("wide", tmp_path / "e.xlsx", folder)
    assert log.imported == 6 and 'the first, "Data", was read' in log.text()


def test_a_title_above_the_header_is_told_or_left_out(survey, refusal):
    title = [["Pulse 2026", "", "", ""], ["", "", "", ""]]
    said = refusal(survey, [*title, HEAD, *ROWS])
    assert "The header seems to stand in row 3: delete the rows above it" in said
    assert "the header was taken from row 3" in survey([["Pulse 2026"], [], HEAD, *ROWS], "e.xlsx")[1].text()


@pytest.mark.parametrize(
    ("time", "read"),
    [
        ("5/22/26, 9:00\u202fAM", "2026-05-22 09:00"),  # as browsers write it
        ("2026-05-22 09:00:00 XYZT", "2026-05-22 09:00"),
        ("2026-05-22 09:00 (XYZT)", "2026-05-22 09:00"),
        ("2026-05-22 09:00 PDT", "2026-05-22 16:00"),
        ("2026-05-22 09:00 (PDT)", "2026-05-22 16:00"),
        ("Fri May 22 2026 09:00:00 GMT+0200 (CEST)", "2026-05-22 07:00"),
    ],
)
def test_zones_and_blanks_of_times(survey, time, read):
    found, log = survey([[*HEAD, "submitted_at"], *([*row, time] for row in ROWS)])
    assert set(found["submitted_at"]) == {pd.Timestamp(read)}
    assert ('The time zone "XYZT" is unknown; its times are taken as local.' in log.text()) == ("XYZT" in time)


@pytest.mark.parametrize("word", ["k. A.", "No aplica", "Prefer not to say", "keine Meinung", "Not applicable", "—"])
def test_words_for_no_answer_are_asked_about_as_such(survey, refusal, word):
    said = refusal(survey, [HEAD, *ROWS, ["E9", word, 1, 5]])
    assert "it seems to stand for no answer: then take the line out and add" in said


def test_a_day_of_data_that_has_not_come_is_said(small):
    assert small().check() == []
    study = small()
    late = study.settings.model_copy(update={"as_of": datetime.date.today() + datetime.timedelta(days=1)})
    study.settings = late
    assert "has not come yet. Set it to the day the data were drawn" in "".join(p.sentence() for p in study.check())


def test_a_label_is_one_line_without_signs_that_nothing_prints(survey):
    names = ["Sales\x0bNorth", "Sales\x0bNorth", "Law\x02s", "Law\x02s", "HR", "HR"]
    found, _ = survey([[*HEAD, "department"], *([*row, name] for row, name in zip(ROWS, names))])
    assert found["department"].tolist() == ["Sales North"] * 2 + ["Laws"] * 2 + ["HR"] * 2


def test_an_export_of_qualtrics_is_not_read_as_a_plain_table(survey, refusal):
    heads = [HEAD, HEAD, [json.dumps({"ImportId": name}) for name in HEAD]]
    assert "this is an export of Qualtrics. Import it with partnership import qualtrics" in refusal(
        survey, [*heads, *ROWS]
    )


def test_deleted_questions_are_not_drafted_and_blocks_give_the_order(tmp_path):
    choices = {
        str(n): {"Display": word} for n, word in enumerate(["Never", "Rarely", "Sometimes", "Often", "Always"], 1)
    }

    def question(id):
        told = {"QuestionID": id, "DataExportTag": id.lower(), "QuestionType": "MC", "QuestionText": id}
        return {"Element": "SQ", "Payload": told | {"Choices": choices}}

    def block(kind, *ids):
        return {"Type": kind, "BlockElements": [{"Type": "Question", "QuestionID": id} for id in ids]}

    blocks = {"Element": "BL", "Payload": [block("Default", "QID7", "QID2"), block("Trash", "QID5")]}
    elements = [blocks, *map(question, ["QID2", "QID5", "QID7"])]
    (tmp_path / "e.qsf").write_text(json.dumps({"SurveyElements": elements}), encoding="utf-8")
    study_from(tmp_path / "s", tmp_path / "e.qsf")
    assert [item.id for item in Study.load(tmp_path / "s").codebook.items] == ["qid7", "qid2"]


def test_a_single_choice_of_bare_numbers_is_a_scale_of_its_own(tmp_path):
    words = ["Strongly disagree", "Disagree", "Neutral", "Agree", "Strongly agree"]
    values = "".join(f"<value code='{n}'>{word}</value>" for n, word in enumerate(words, 1))
    points = "<range from='0' to='10'/>"
    asked = "".join(
        f"<variable ident='{n}' type='single'><name>v{n}</name><label>Question {n}</label>"
        f"<values>{values if n < 3 else points}</values></variable>"
        for n in (1, 2, 3)
    )
    text = f"<sss version='1.2'><survey><record ident='A'>{asked}</record></survey></sss>"
    (tmp_path / "e.sss").write_text(text, encoding="utf-8")
    study_from(tmp_path / "s", tmp_path / "e.sss")
    known = Study.load(tmp_path / "s").codebook
    assert [(item.id, item.role, item.high) for item in known.items] == [
        ("v1", "scale", 5), ("v2", "scale", 5), ("v3", "outcome", 10),
    ]  # fmt: skip


def test_managers_in_short_and_candidates_by_number_are_known(tmp_path, write_study, monkeypatch):
    monkeypatch.setenv("TEST_HIRING_KEY", "a key of the study, kept elsewhere")
    study = write_study(settings="pseudonyms: {key_env: TEST_HIRING_KEY}\n")
    folder = tmp_path / "ats"
    folder.mkdir()
    write.save(folder / "jobs.csv", [["Job Requisition", "Hiring Mgr", "Date Opened"], ["R-1", "E11", "2026-01-05"]])
    head = ["Candidate", "Job Requisition", "Date Applied", "1st Round Interview Date", "Final Interview Date"]
    rows = [["C1", "R-1", "2026-01-10", "2026-01-20", "2026-01-28"], ["C2", "R-1", "2026-01-11", "2026-01-21", ""]]
    write.save(folder / "apps.csv", [head, *rows])
    import_file("hiring", folder, study)
    found = Study.load(study, merged=False)
    assert found.requisitions["hiring_manager_id"].notna().all()
    events = found.hiring_events
    assert events["event"].value_counts().to_dict() == {"interview_held": 3, "applied": 2}
    assert events.groupby("candidate_id").size().tolist() in ([3, 2], [2, 3])


@pytest.mark.parametrize(
    ("tool", "head"),
    [
        ("limesurvey", ["ID de respuesta", "Fecha de envío", "Última página", "Lenguaje inicial"]),
        ("limesurvey", ["Vastaustunnus", "Lähetysaika", "Viimeinen sivu", "Aloituskieli"]),
        ("msforms", ["Id.", "Hora de inicio", "Hora de finalización", "Correo electrónico"]),
    ],
)
def test_forms_in_other_languages_are_known_by_what_stands_first(tmp_path, write_study, tool, head):
    items = ["Q1[listening_1]", "Q1[listening_2]", "Q1[trust_1]"] if tool == "limesurvey" else HEAD[1:]
    after = [3, "fi"] if tool == "limesurvey" else ["2026-05-20 09:10:00", "anonymous"]
    rows = [[n + 1, f"2026-05-20 09:0{n}:00", *after, *row[1:]] for n, row in enumerate(ROWS)]
    folder = write_study()
    log = import_file(tool, write.save(tmp_path / "e.csv", [[*head, *items], *rows]), folder)
    found = Study.load(folder, merged=False).survey
    assert log.imported == 6 and found["listening_1"].tolist() == [row[1] for row in ROWS]
    assert found["submitted_at"].dt.day.eq(20).all()


@pytest.fixture
def hiring(tmp_path, write_study, monkeypatch):
    """Return a function that imports a folder of tables and returns the openings and the notes."""
    monkeypatch.setenv("TEST_HIRING_KEY", "a key of the study, kept elsewhere")

    def imported(**files):
        study = write_study(settings="pseudonyms: {key_env: TEST_HIRING_KEY}\n")
        shutil.rmtree(study / "mappings", ignore_errors=True)
        folder = tmp_path / "ats"
        folder.mkdir(exist_ok=True)
        for name, rows in files.items():
            write.save(folder / name.replace("__", "."), rows)
        log = import_file("hiring", folder, study)
        return Study.load(study, merged=False).requisitions, log.text()

    return imported


OPENINGS = [["req_id", "hiring_manager_id", "opened_at", "closed_at"], ["R-1", "E11", "2026-01-05", "2026-02-01"]]


def test_what_lies_in_the_folder_and_is_not_read_is_named(tmp_path, hiring):
    folder = tmp_path / "ats"
    (folder / "older").mkdir(parents=True)
    (folder / "terms.pdf").write_bytes(b"%PDF")
    book = openpyxl.Workbook()
    for row in [["req_id", "applied_at", "candidate_id"], ["R-1", "2026-01-07", "C1"]]:
        book.active.append(row)
    book.create_sheet("Rejected")
    book.save(folder / "applications.xlsx")
    _, said = hiring(requisitions__csv=OPENINGS)
    assert "Not read: older, terms.pdf." in said
    assert 'applications.xlsx: only its first sheet, "Sheet", was read, not "Rejected".' in said


@pytest.mark.parametrize("closed", ["", "2026-02-09"])
def test_two_closings_of_one_opening_are_said(hiring, closed):
    again = ["R-1", "E11", "2026-01-05", closed]
    found, said = hiring(requisitions__csv=[*OPENINGS, again])
    assert len(found) == 1 and "Requisitions whose rows do not tell one closing" in said
    stamped = [[*row, at] for row, at in zip([*OPENINGS, again], ["updated_at", "2026-02-01", "2026-03-01"])]
    found, said = hiring(requisitions__csv=stamped)
    assert found["closed_at"].astype("str").fillna("").tolist() == ([closed] if closed else [""])
    assert "do not tell one closing" not in said
