"""Layouts of the tools that differ from the usual one: older exports, options, languages, one column per choice."""

import json

import openpyxl
import pandas as pd
import pytest
import vendor_layouts as write

from helpers.data import Study
from helpers.data.importers.engine import import_file

pytestmark = pytest.mark.slow

TEXTS = ["My HR partner hears me out to the end.", "My HR partner interrupts me.", "I rely on what my HR partner says."]
ITEMS = ["listening_1", "listening_2", "trust_1"]


def answers(folder):
    return Study.load(folder, merged=False).survey[ITEMS].values.tolist()


def test_qualtrics_numbers_go_by_the_definition_beside_them(tmp_path, write_study, refusal):
    header = ["RecordedDate", "ResponseId", "Q1", "Q2", "Q3"]
    imports = ["recordedDate", "_recordId", "QID1_1", "QID1_2", "QID1_3"]
    rows = [header, ["", "", *TEXTS], [json.dumps({"ImportId": i}) for i in imports]]
    path = write.save(tmp_path / "e.csv", [*rows, ["2026-05-20", "R_1", 1, 6, 2], ["2026-05-20", "R_2", 2, 1, 1]])
    folder = write_study()
    assert '1 answer "6": not within 1 to 5' in refusal(import_file, "qualtrics", path, folder)
    choices = {"1": "Strongly disagree", "2": "<b>Neutral</b>", "3": "Strongly agree"}
    question = {
        "QuestionID": "QID1",
        "QuestionType": "Matrix",
        "Choices": {"1": {"Display": "a statement"}},
        "Answers": {number: {"Display": text} for number, text in choices.items()},
        "RecodeValues": {"1": "1", "2": "6", "3": "2"},
    }
    definition = {"SurveyElements": [{"Element": "BL"}, {"Element": "SQ", "Payload": question}]}
    (tmp_path / "e.qsf").write_text(json.dumps(definition), encoding="utf-8")
    log = import_file("qualtrics", path, folder)
    assert answers(folder) == [[1, 3, 5], [5, 1, 1]]
    assert "What codes are called was read from e.qsf, which lies beside the export." in log.text()


def test_qualtrics_of_two_header_rows_leaves_out_previews_and_unfinished(tmp_path, write_study):
    rows = [
        ["V1", "V3", "V4", "V7", "V8", "V9", "V10", "Q1_1", "Q1_2", "Q1_3"],
        ["ResponseID", "Name", "ExternalDataReference", "Status", "StartDate", "EndDate", "Finished",
         *(f"How far do you agree?-{text}" for text in TEXTS)],
        ["R_0", "Anonymous", "E0", "0", "2016-05-01 09:00:00", "2016-05-01 09:05:00", "1", "5", "1", "2"],
        ["R_1", "Anonymous", "E1", "1", "2016-05-01 09:00:00", "2016-05-01 09:05:00", "1", "1", "1", "1"],
        ["R_2", "Anonymous", "E2", "0", "2016-05-01 09:00:00", "2016-05-01 09:05:00", "0", "1", "1", "1"],
    ]  # fmt: skip
    folder = write_study()
    log = import_file("qualtrics", write.save(tmp_path / "e.csv", rows), folder)
    assert log.skipped == {"preview": [4], "unfinished": [5]} and answers(folder) == [[5, 1, 2]]
    assert Study.load(folder, merged=False).survey["respondent_id"].tolist() == ["E0"] and log.personal == ["V3"]


def test_qualtrics_in_single_quotes(tmp_path, write_study):
    imports = ["recordedDate", "_recordId", "QID1", "QID2", "QID3"]
    rows = [
        ["RecordedDate", "ResponseId", "Q1", "Q2", "Q3"],
        ["", "", *TEXTS],
        [f"{{'ImportId': '{i}'}}" for i in imports],
    ]
    folder = write_study()
    import_file("qualtrics", write.save(tmp_path / "e.csv", [*rows, ["2026-05-20", "R_1", 5, 1, 2]]), folder)
    assert answers(folder) == [[5, 1, 2]]


def test_surveymonkey_numbers_in_one_column_per_choice_are_one_answer(tmp_path, write_study):
    choices = ["Strongly disagree", "Neutral", "Strongly agree"]
    rows = [
        ["Respondent ID", "Collector ID", *(cell for text in TEXTS for cell in (text, "", ""))],
        ["", "", *choices * 3],
        ["11200000001", "4", "", "", "5", "1", "", "", "", "3", ""],
        ["11200000002", "4", "", "3", "", "", "3", "", "1", "", ""],
    ]
    folder = write_study()
    log = import_file("surveymonkey", write.save(tmp_path / "e.csv", rows), folder)
    assert answers(folder) == [[5, 1, 3], [3, 3, 1]]
    assert {line.called for line in log.ledger} == {"Strongly agree", "Strongly disagree", "Neutral"}


def test_microsoft_forms_with_points_and_years_of_two_digits(tmp_path, write_study):
    heads = [cell for text in TEXTS for cell in (text, f"Points - {text}", f"Feedback - {text}")]
    rows = [["ID", "Start time", "Completion time", "Email", "Name", "Total points", *heads]]
    rows += [
        ["1", "5/13/26 9:00:23", "5/13/26 9:05:10", "anonymous", "", "0", "5", "0", "", "1", "0", "", "2", "0", ""]
    ]
    folder = write_study()
    import_file("msforms", write.save(tmp_path / "e.csv", rows), folder)
    assert answers(folder) == [[5, 1, 2]]
    assert str(Study.load(folder, merged=False).survey["submitted_at"][0]) == "2026-05-13 09:05:10"


@pytest.mark.parametrize(("zone", "hour"), [("AST", 13), ("CET", 8), ("XYZT", 9)])
def test_google_forms_names_its_zones(tmp_path, write_study, zone, hour):
    rows = [["Timestamp", *TEXTS], [f"2026/05/10 9:00:29 AM {zone}", 5, 1, 2]]
    folder = write_study()
    log = import_file("googleforms", write.save(tmp_path / "e.csv", rows), folder)
    assert Study.load(folder, merged=False).survey["submitted_at"][0].hour == hour
    assert ("The time zone XYZT is unknown; its times are taken as local." in log.text()) == (zone == "XYZT")


def test_glint_as_its_maker_documents_it(tmp_path, write_study):
    rows = [
        ["Survey Cycle Creation Date", "Survey Cycle Completion Date", "Survey Cycle Title", "Employee ID", *TEXTS],
        ["2026-05-01 08:00:00", "2026-05-10 09:00:00", "May", "E1", 4, 1, 2],
    ]
    folder = write_study()
    import_file("glint", write.save(tmp_path / "e.csv", rows), folder)
    survey = Study.load(folder, merged=False).survey
    assert survey["respondent_id"].tolist() == ["E1"] and str(survey["submitted_at"][0]) == "2026-05-10 09:00:00"


@pytest.mark.parametrize(
    "head",
    [
        ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", *(f"PARTNER_{item}" for item in ITEMS)],
        ["Antwort ID", "Datum Abgeschickt", "Letzte Seite", "Start-Sprache", "Zufallsstartwert", "Zugangscode", *TEXTS],
        ["id", "submitdate", "lastpage", "startlanguage", "seed", "token", *(f"G1.{item}." for item in ITEMS)],
    ],
)
def test_limesurvey_for_r_and_in_german(tmp_path, write_study, head):
    folder = write_study()
    path = write.save(tmp_path / "e.csv", [head, ["1", "2026-05-10 09:00:00", "3", "en", "77", "E1", 4, 1, 2]])
    import_file("limesurvey", path, folder)
    assert answers(folder) == [[4, 1, 2]] and Study.load(folder, merged=False).survey["respondent_id"].tolist() == [
        "E1"
    ]


def test_both_wordings_of_an_item_are_looked_for(tmp_path, write_study, codebook_text):
    folder = write_study(codebook=codebook_text.replace(", answered_by: [hr, manager]", ""))
    rows = [["respondent_id", *TEXTS], ["m1", 5, 1, 2]]
    import_file("wide", write.save(tmp_path / "e.csv", rows), folder)
    assert answers(folder) == [[5, 1, 2]]


def test_a_title_above_the_header_of_a_workbook_is_left_out(tmp_path, write_study):
    book = openpyxl.Workbook()
    for row in (["Answers of May"], [], ["respondent_id", *ITEMS], ["m1", 5, 1, 2], ["m2", 4, None, 2]):
        book.active.append(row)
    book.save(tmp_path / "e.xlsx")
    folder = write_study()
    import_file("wide", tmp_path / "e.xlsx", folder)
    assert pd.DataFrame(answers(folder)).fillna(0).values.tolist() == [[5, 1, 2], [4, 0, 2]]


def menus(tool, path):
    """Write a matrix of two menus: each statement has one column for agreement and one for importance."""
    of = [(text, menu) for text in TEXTS for menu in ("Agreement", "Importance")]
    given = [[5, 1, 4, 2, 3, 3], [2, "", "", "", 2, 5]]
    codes = {"Agreement": 1, "Importance": 2}
    if tool == "qualtrics":
        names = [f"Q5#{codes[menu]}_{TEXTS.index(text) + 1}" for text, menu in of]
        texts = [f"Please rate - {menu} - {text}" for text, menu in of]
        imports = [json.dumps({"ImportId": i}) for i in ("recordedDate", "_recordId", *(f"QID{n[1:]}" for n in names))]
        rows = [["RecordedDate", "ResponseId", *names], ["", "", *texts], imports]
        lead = [["2026-05-20 10:00:00", "R_1"], ["2026-05-21 10:00:00", "R_2"]]
    elif tool == "surveymonkey":
        rows = [["Respondent ID", "Collector ID", "Start Date", "End Date", "Please rate.", *[""] * 5],
                ["", "", "", "", *(f"{text} - {menu}" for text, menu in of)]]  # fmt: skip
        lead = [[f"1120000000{n}", "400", "05/20/2026 09:00:00 AM", "05/20/2026 09:05:00 AM"] for n in (1, 2)]
    else:
        names = [f"Q1[SQ00{TEXTS.index(text) + 1}][{codes[menu]}]. Please rate. [{text}][{menu}]" for text, menu in of]
        rows = [["id", "submitdate", "lastpage", "token", *names]]
        lead = [[n, f"2026-05-2{n} 10:00:00", 3, f"E{n}"] for n in (1, 2)]
    return write.save(path, [*rows, *([*known, *told] for known, told in zip(lead, given))])


@pytest.mark.parametrize("tool", ["qualtrics", "surveymonkey", "limesurvey"])
def test_a_matrix_of_menus_is_asked_about_and_read_as_the_mapping_says(tmp_path, write_study, refusal, tool):
    folder, path = write_study(), menus(tool, tmp_path / "e.csv")
    said = refusal(import_file, tool, path, folder)
    assert said.count("error:") == 3 and said.count("are menus of one statement") == 3
    assert '"Agreement", "Importance"' in said and not (folder / "survey.csv").exists()
    place = folder / "mappings" / f"{tool}.yaml"
    lines = place.read_text(encoding="utf-8").splitlines()[1:]
    lines = [line.replace("UNSURE  # ", "skip  # ") if "or skip: Importance" in line else line for line in lines]
    named = [
        line.replace("UNSURE", line.split("# ")[1].split(",")[0]) if ": UNSURE" in line else line for line in lines
    ]
    place.write_text("\n".join(named) + "\n", encoding="utf-8")
    import_file(tool, path, folder)
    assert Study.load(folder, merged=False).survey[ITEMS].fillna(0).values.tolist() == [[5, 4, 3], [2, 0, 2]]


def test_one_menu_of_a_matrix_is_read_by_its_statement(tmp_path, write_study):
    names = [f"Q1[SQ00{n}][1]. Please rate. [{text}][Agreement]" for n, text in enumerate(TEXTS, 1)]
    rows = [["id", "submitdate", "lastpage", "token", *names], [1, "2026-05-20 10:00:00", 3, "E1", 5, 4, 3]]
    folder = write_study()
    import_file("limesurvey", write.save(tmp_path / "e.csv", rows), folder)
    assert answers(folder) == [[5, 4, 3]]
