"""One HR partner answers about many managers: loop and merge becomes one row per pair."""

import csv
import io
import json

import pandas as pd
import pyreadstat
import pytest

from helpers.data import Study
from helpers.data.importers.engine import import_file

TEXTS = {"Q1": "This manager hears me out to the end.", "Q2": "This manager interrupts me.",
         "Q3": "I rely on what this manager says."}  # fmt: skip


def looped(path, rows, loops=(1, 2, 3), embedded="manager_id_{}", further=()):
    """Write a Qualtrics export whose questions stand in a loop; a row is (respondent, {loop: (manager, answers)})."""
    columns = {"Status": "status", "Finished": "finished", "RecordedDate": "recordedDate", "ResponseId": "_recordId"}
    columns |= {"ExternalReference": "externalDataReference"}
    texts = dict.fromkeys(columns, "")
    for n in loops:
        columns |= {f"{n}_{tag}": f"{n}_QID{tag[1:]}" for tag in TEXTS}
        texts |= {f"{n}_{tag}": text for tag, text in TEXTS.items()}
    columns["Q9"], texts["Q9"] = "QID9_TEXT", "What should change?"
    if embedded:
        columns |= {embedded.format(n): embedded.format(n) for n in loops}
    columns |= {name: name for name in further}
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(columns)
    writer.writerow(texts.get(name) or name for name in columns)
    writer.writerow(json.dumps({"ImportId": of}) for of in columns.values())
    for respondent, answers, comment in rows:
        cells = {"Status": "0", "Finished": "1", "RecordedDate": "2026-05-20 10:00:00", "ResponseId": f"R_{respondent}"}
        cells |= {"ExternalReference": respondent, "Q9": comment}
        for n, (manager, given) in answers.items():
            cells |= {f"{n}_{tag}": value for tag, value in zip(TEXTS, given)}
            cells[(embedded or "none{}").format(n)] = manager
        writer.writerow(cells.get(name, "") for name in columns)
    path.write_text(out.getvalue(), encoding="utf-8", newline="")
    return path


ROWS = [
    ("h1", {1: ("m1", "512"), 3: ("m3", "421")}, "fewer forms"),
    ("h2", {2: ("m5", "333")}, ""),
]


def test_every_loop_becomes_a_row_about_its_own_partner(tmp_path, write_study):
    folder = write_study()
    report = import_file("qualtrics", looped(tmp_path / "e.csv", ROWS), folder)
    assert (report.read, report.imported) == (2, 4)
    survey = Study.load(folder, merged=False).survey
    rated = survey.dropna(subset=["manager_id"])
    columns = ["respondent_id", "hr_id", "manager_id", "listening_1", "listening_2", "trust_1"]
    assert rated[columns].values.tolist() == [
        ["h1", "h1", "m1", 5, 1, 2],
        ["h1", "h1", "m3", 4, 2, 1],
        ["h2", "h2", "m5", 3, 3, 3],
    ]
    text = (folder / "mappings" / "qualtrics.yaml").read_text(encoding="utf-8")
    assert "loop_Q1: listening_1  # loops 1, 2, 3; same text" in text and "loop_manager_id: manager_id" in text


def test_an_answer_outside_the_loops_is_not_repeated_for_every_partner(tmp_path, write_study):
    folder = write_study()
    import_file("qualtrics", looped(tmp_path / "e.csv", ROWS), folder)
    survey = Study.load(folder, merged=False).survey
    said = survey[survey["remark"].notna()]
    assert len(said) == 1 and said["manager_id"].isna().all() and said["respondent_id"].tolist() == ["h1"]
    responses = Study.load(folder, merged=False).responses()
    assert responses[responses["rated_id"].notna()]["side"].tolist() == ["hr"] * 3


def test_the_partner_of_a_loop_can_be_told_in_the_mapping(tmp_path, write_study, refusal):
    folder, path = write_study(), looped(tmp_path / "e.csv", ROWS, embedded="")
    said = refusal(import_file, "qualtrics", path, folder)
    assert "no column tells whom loops 1 to 3 are about" in said
    place = folder / "mappings" / "qualtrics.yaml"
    text = place.read_text(encoding="utf-8")
    place.write_text(text.partition("\n")[2], encoding="utf-8")
    assert "nothing tells whom the loops are about" in refusal(import_file, "qualtrics", path, folder)
    place.write_text(text.replace("loops: {}", "loops: {partnership_id: {1: P1, 2: P2}}"), encoding="utf-8")
    report = import_file("qualtrics", path, folder)
    assert report.skipped == {"a loop about nobody known": [4]}
    survey = Study.load(folder, merged=False).survey
    assert survey["partnership_id"].fillna("").tolist() == ["", "P1", "P2"]


def test_a_loop_that_names_its_partner_by_a_question(tmp_path, write_study):
    folder = write_study()
    path = looped(tmp_path / "e.csv", ROWS, embedded="{}_partnership_id")
    assert import_file("qualtrics", path, folder).imported == 4
    assert Study.load(folder, merged=False).survey["partnership_id"].dropna().tolist() == ["m1", "m3", "m5"]


def test_loops_in_an_spss_file(tmp_path, write_study):
    frame = {"ResponseId": ["R_1", "R_2"], "ExternalReference": ["h1", "h2"], "Finished": [1.0, 1.0]}
    labels, values = {}, {}
    for n in (1, 2):
        for tag, text in TEXTS.items():
            frame[f"X{n}_{tag}"] = [5.0 if n == 1 else None, 1.0]
            labels[f"X{n}_{tag}"] = text
            values[f"X{n}_{tag}"] = {1.0: "Strongly agree", 3.0: "Neutral", 5.0: "Strongly disagree"}
        frame[f"manager_id_{n}"] = [f"m{n}", f"m{n}"]
    pyreadstat.write_sav(pd.DataFrame(frame), tmp_path / "e.sav", column_labels=labels, variable_value_labels=values)
    # SPSS puts @ before a name that begins with a digit; the library that wrote the file would not.
    (tmp_path / "e.sav").write_bytes(
        (tmp_path / "e.sav").read_bytes().replace(b"X1_Q", b"@1_Q").replace(b"X2_Q", b"@2_Q")
    )
    folder = write_study()
    assert import_file("qualtrics", tmp_path / "e.sav", folder).imported == 3
    survey = Study.load(folder, merged=False).survey
    assert survey[["manager_id", "listening_1"]].values.tolist() == [["m1", 1], ["m1", 5], ["m2", 5]]


def test_other_respondents_of_the_same_survey_keep_one_row(tmp_path, write_study):
    folder = write_study()
    import_file("qualtrics", looped(tmp_path / "e.csv", [*ROWS, ("m9", {}, "all well")]), folder)
    survey = Study.load(folder, merged=False).survey
    assert survey.loc[survey["respondent_id"] == "m9", "remark"].tolist() == ["all well"]


@pytest.mark.parametrize("answers", ["codes", "labels"])
def test_seen_but_unanswered_codes_are_no_answers(tmp_path, write_study, answers):
    rows = [("h1", {1: ("m1", ["-99", "3" if answers == "codes" else "Neutral", "-99"])}, "-99")]
    folder = write_study()
    report = import_file("qualtrics", looped(tmp_path / "e.csv", rows, loops=(1,)), folder)
    assert report.imported == 1 and "Left empty because they stand for no answer: 3 cells." in report.text()
    survey = Study.load(folder, merged=False).survey
    assert survey[["listening_1", "trust_1"]].isna().all(axis=None) and survey["listening_2"].tolist() == [3]
