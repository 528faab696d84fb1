"""What is particular to each survey tool: who answered, what is no response, what is no answer."""

import json
import re

import pandas as pd
import pyreadstat
import pytest
import vendor_layouts as write

from helpers.data import Study
from helpers.data.importers.engine import import_file
from helpers.data.importers.formats import surveymonkey
from helpers.data.limits import Limits

TEXTS = ["My HR partner hears me out to the end.", "My HR partner interrupts me.", "I rely on what my HR partner says."]


def mapping(folder, format):
    return folder / "mappings" / f"{format}.yaml"


def test_surveymonkey_choices_become_one_column(tmp_path, write_study):
    rows = [
        ["Respondent ID", "Department", "", "", TEXTS[0], TEXTS[1], TEXTS[2], "Topics", "", ""],
        ["", "Sales", "Logistics", "Law", "Response", "Response", "Response", "Pay", "Law", "Other (please specify)"],
        ["1", "Sales", "", "", "5", "1", "2", "Pay", "Law", ""],
        ["2", "", "Logistics", "", "4", "1", "2", "", "", "cake"],
    ]
    path = write.save(tmp_path / "e.csv", rows)
    responses = surveymonkey.read(path, Limits()).responses
    assert responses["Department"].tolist() == ["Sales", "Logistics"]
    assert responses["Topics"].fillna("").tolist() == ["Pay; Law", ""]
    assert responses["Topics - Other (please specify)"].fillna("").tolist() == ["", "cake"]
    folder = write_study(settings="attributes: [department]\n")
    import_file("surveymonkey", path, folder)
    assert Study.load(folder, merged=False).survey["department"].tolist() == ["Sales", "Logistics"]


def test_surveymonkey_newer_names_and_two_choices_of_one_scale(tmp_path, write_study, refusal):
    rows = [
        ["respondent_id", "date_modified", "ip_address", TEXTS[0], "", TEXTS[1], TEXTS[2]],
        ["", "", "", "Strongly agree", "Neutral", "Response", "Response"],
        ["1", "2026-05-20 10:00", "192.0.2.1", "Strongly agree", "", "3", "3"],
        ["2", "2026-05-20 10:00", "192.0.2.1", "Strongly agree", "Neutral", "3", "3"],
        ["3", "2026-05-20 10:00", "192.0.2.1", "", "Neutral", "3", "3"],
    ]
    folder = write_study()
    path = write.save(tmp_path / "e.csv", rows)
    said = refusal(import_file, "surveymonkey", path, folder)
    assert 'column listening_1, row 4: 1 answer "Strongly agree; Neutral": several choices in one cell' in said
    place = mapping(folder, "surveymonkey")
    text = place.read_text(encoding="utf-8").replace("missing: []", 'missing: ["Strongly agree; Neutral"]')
    place.write_text(text[: text.index("answers:")] + text[text.index("# Responses are left") :], encoding="utf-8")
    report = import_file("surveymonkey", path, folder)
    assert Study.load(folder, merged=False).survey["listening_1"].fillna(0).tolist() == [5, 0, 3]
    assert report.personal == ["ip_address"]


def test_microsoft_forms_without_a_completion_time_is_unfinished(tmp_path, write_study):
    rows = [
        ["Id", "Hora de inicio", "Hora de finalización", "Correo electrónico", "Nombre", *TEXTS, "Departamento"],
        [1, write.DAY, write.DAY, "ana@example.com", "Ana", "Neutral;", 1, 2, "Sales;Law;"],
        [2, write.DAY, None, "", "", "Neutral;", 1, 2, ""],
    ]
    folder = write_study()
    report = import_file("msforms", write.save(tmp_path / "e.xlsx", rows), folder)
    assert report.skipped == {"unfinished": [3]}
    assert report.personal == ["Correo electrónico", "Nombre"]
    assert Study.load(folder, merged=False).survey["listening_1"].tolist() == [3]


def test_google_forms_names_responses_by_their_time(tmp_path, write_study):
    rows = [
        ["Timestamp", "Email Address", *TEXTS],
        ["2026/05/20 5:01:02 PM GMT+2", "a@example.com", 5, 1, 2],
        ["2026/05/20 5:01:02 PM GMT+2", "b@example.com", 4, 1, 2],
        ["2026/05/21 11:30:00 AM GMT+5:30", "", 4, 1, 2],
    ]
    folder = write_study()
    import_file("googleforms", write.save(tmp_path / "e.csv", rows), folder)
    survey = Study.load(folder, merged=False).survey
    assert survey["respondent_id"].is_unique and survey["respondent_id"].str.startswith("r-").all()
    assert survey["submitted_at"].astype(str).tolist()[1:] == ["2026-05-20 15:01:02", "2026-05-21 06:00:00"]
    assert "example.com" not in (folder / "survey.csv").read_text(encoding="utf-8")


def test_glint_takes_the_superior_for_nobody_of_the_pair(tmp_path, write_study):
    block = [cell for text in TEXTS for cell in (text, f"{text}_COMMENT", f"{text}_SENSITIVE_COMMENT_FLAG")]
    rows = [
        [*block, "Status", "Worker Number", "Manager ID", "Survey Cycle Completion Date", "Survey Cycle Sent Date"],
        ["5", "a word", "1", "1", "", "", "2", "", "", "ACTIVE", "w1", "w9", "03-04-2026 10:30", "01-04-2026 08:00"],
        ["5", "", "", "1", "", "", "2", "", "", "ACTIVE", "w2", "w9", "", "01-04-2026 08:00"],
    ]
    folder = write_study()
    path = write.save(tmp_path / "e.csv", rows)
    report = import_file("glint", path, folder)
    survey = Study.load(folder, merged=False).survey
    assert survey["respondent_id"].tolist() == ["w1"] and survey["manager_id"].isna().all()
    assert str(survey["submitted_at"][0]) == "2026-04-03 10:30:00" and report.skipped == {"unfinished": [3]}
    place = mapping(folder, "glint")
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace(f'"{TEXTS[0]}_COMMENT": skip', f'"{TEXTS[0]}_COMMENT": remark'), encoding="utf-8")
    import_file("glint", path, folder)
    assert Study.load(folder, merged=False).survey["remark"].tolist() == ["a word"]


def test_limesurvey_unfinished_anonymous_and_coded(tmp_path, write_study, refusal):
    rows = [
        ["id", "submitdate", "lastpage", "token", "G1[listening_1]", "G1[listening_2]", "G1[trust_1]", "G1Time"],
        ["1", "1980-01-01 00:00:00", "3", "t1", "A5", "A1", "N/A", "3"],
        ["2", "", "1", "t2", "A4", "", "A2", "3"],
        ["3", "1980-01-01 00:00:00", "3", "t3", "A4", "A2", "A1", "3"],
    ]
    folder, path = write_study(), write.save(tmp_path / "e.csv", rows, delimiter=";")
    said = refusal(import_file, "limesurvey", path, folder)
    assert 'column listening_1, row 2: 1 answer "A5": not a label of the codebook' in said
    place = mapping(folder, "limesurvey")
    text = place.read_text(encoding="utf-8")
    assert not re.search(r"A\d: \d", text)  # nobody knows which end A1 stands for
    place.write_text(re.sub(r"A(\d): UNSURE", r"A\1: \1", text), encoding="utf-8")
    report = import_file("limesurvey", path, folder)
    survey = Study.load(folder, merged=False).survey
    assert survey["respondent_id"].tolist() == ["t1", "t3"] and survey["submitted_at"].isna().all()
    assert survey[["listening_1", "listening_2"]].values.tolist() == [[5, 1], [4, 2]]
    assert report.skipped == {"unfinished": [3]} and "stand for no answer: 1 cells" in report.text()


def qualtrics(path, header, texts, imports, *rows):
    return write.save(path, [header, texts, [json.dumps({"ImportId": i}) for i in imports], *rows])


def test_qualtrics_export_tags_that_stand_twice(tmp_path, write_study):
    header = ["ExternalReference", "Q1", "Q1", "Q1", "Q_BallotBoxStuffing"]
    imports = ["externalDataReference", "QID1", "QID2", "QID3", "Q_BallotBoxStuffing"]
    path = qualtrics(
        tmp_path / "e.csv", header, ["", *TEXTS, ""], imports, ["m1", 5, 1, 2, ""], ["m2", 5, 1, 2, "true"]
    )
    folder = write_study()
    report = import_file("qualtrics", path, folder)
    assert report.items["trust_1"] == ["Q1 (3)"] and report.skipped == {"repeat": [5]}
    survey = Study.load(folder, merged=False).survey
    assert survey[["listening_1", "listening_2", "trust_1"]].values.tolist() == [[5, 1, 2]]


GERMAN = {1.0: "Stimme gar nicht zu", 2.0: "Eher nicht", 3.0: "Teils", 4.0: "Eher", 5.0: "Stimme voll zu"}


@pytest.mark.parametrize(
    ("codes", "doubt"),
    [
        ([1, 2, 3, 4, 5], ""),
        ([5, 4, 3, 2, 1], "the file's labels seem to run backwards"),
        ([1, 2, 3, 5, 7], 'the file has a code 7, "Stimme voll zu", outside of the range'),
        ([2, 3, 4, 5, 6], 'the file has a code 6, "Stimme voll zu", outside of the range'),
    ],
)
def test_labels_that_only_the_file_knows_are_taken_by_their_codes_where_these_fit(
    tmp_path, write_study, refusal, codes, doubt
):
    frame = pd.DataFrame({"ResponseId": ["a", "b"], "Q1": [1.0, float(codes[3])], "Q2": [-99.0, 1.0], "Q3": [1.0, 1.0]})
    labels = dict(zip(map(float, codes), GERMAN.values())) | {-99.0: "gesehen"}
    texts = {f"Q{n}": text for n, text in enumerate(TEXTS, 1)}
    names = ["Q1", "Q2", "Q3"]
    pyreadstat.write_sav(
        frame, tmp_path / "e.sav", column_labels=texts, variable_value_labels=dict.fromkeys(names, labels)
    )
    folder = write_study()
    if doubt:
        assert doubt in refusal(import_file, "qualtrics", tmp_path / "e.sav", folder)
        return
    report = import_file("qualtrics", tmp_path / "e.sav", folder)
    survey = Study.load(folder, merged=False).survey
    assert survey["listening_1"].tolist() == [1, 4] and survey["listening_2"].isna().tolist() == [True, False]
    assert [line.called for line in report.ledger if line.item == "listening_1"] == ["Stimme gar nicht zu", "Eher"]
