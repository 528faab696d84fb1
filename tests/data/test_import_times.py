"""Times whose month is a word are read in exports of surveys and of tracking systems; what stays open is an error."""

import pandas as pd
import pytest
import vendor_layouts as write

from helpers.data import Study
from helpers.data.importers.engine import import_file

TEXTS = ["My HR partner hears me out to the end.", "My HR partner interrupts me.", "I rely on what my HR partner says."]
WRITTEN = ["5 Mar 2026 2:30 PM", "5. März 2026, 14:30 Uhr", "March 5, 2026 2:30 PM", "05-MAR-26 02.30.00 PM"]
OPEN = ["5 Mar", "5 Foo 2026", "Mar 2026"]


def of_tool(tool, path, times):
    """Write three answers each of as many people as there are times."""
    lead = {
        "surveymonkey": (["Respondent ID", "Collector ID", "Start Date", "End Date"], lambda n, at: [n, 400, at, at]),
        "msforms": (["ID", "Start time", "Completion time", "Email", "Name"], lambda n, at: [n, at, at, "", ""]),
        "limesurvey": (["id", "submitdate", "lastpage", "token"], lambda n, at: [n, at, 3, f"E{n}"]),
        "googleforms": (["Timestamp"], lambda n, at: [at]),
        "wide": (["respondent_id", "submitted_at"], lambda n, at: [f"E{n}", at]),
    }
    heads, row = lead[tool]
    rows = [[*heads, *TEXTS], *([*row(n, at), 4, 2, 5] for n, at in enumerate(times, 1))]
    if tool == "surveymonkey":
        rows.insert(1, ["", "", "", "", *["Response"] * 3])
    return write.save(path, rows)


@pytest.mark.parametrize("tool", ["surveymonkey", "msforms", "limesurvey", "googleforms", "wide"])
@pytest.mark.parametrize("written", WRITTEN)
def test_months_in_words_are_read_in_every_format(tmp_path, write_study, tool, written):
    folder = write_study(settings="timezone: Europe/Zurich\n")
    import_file(tool, of_tool(tool, tmp_path / "e.csv", [written] * 3), folder)
    survey = Study.load(folder, merged=False).survey
    assert survey["submitted_at"].astype(str).tolist() == ["2026-03-05 14:30:00"] * 3


@pytest.mark.parametrize("tool", ["surveymonkey", "limesurvey", "wide"])
@pytest.mark.parametrize("written", OPEN)
def test_times_that_stay_open_are_one_error(tmp_path, write_study, refusal, tool, written):
    folder = write_study()
    said = refusal(import_file, tool, of_tool(tool, tmp_path / "e.csv", [written] * 3), folder)
    assert said.count("error:") == 1 and f'"{written}"; expected a time' in said and "3" in said
    assert not (folder / "survey.csv").exists()


@pytest.fixture
def study(write_study, monkeypatch):
    monkeypatch.setenv("TEST_KEY", "a key of the study, kept elsewhere")
    return write_study(settings="timezone: Europe/Zurich\npseudonyms: {key_env: TEST_KEY}\n")


@pytest.mark.parametrize(
    ("opened", "applied"),
    [("5. März 2026", "9. April 2026 14:30"), ("05-MAR-2026", "Thu, 09 Apr 2026 12:30:00 +0000"),
     ("March 5, 2026", "Apr 9, 2026, 2:30 PM"), ("/Date(1772668800000)/", "/Date(1775737800000+0000)/"),
     ("Mar 5, 2026", "04/09/2026 2:30 PM CEST")],
)  # fmt: skip
def test_months_in_words_are_read_in_tracking_exports(tmp_path, study, opened, applied):
    rows = [["Job ID", "Candidate ID", "Job Open Date", "Application Date"], ["R1", "C1", opened, applied]]
    rows += [["R2", "C2", opened, "04/19/2026 2:30 PM CEST" if "/" in applied else applied]]
    log = import_file("hiring", write.save(tmp_path / "e.csv", rows), study)
    held = Study.load(study, merged=False)
    assert held.requisitions["opened_at"].dt.strftime("%m-%d").tolist() == ["03-05"] * 2, log.text()
    assert held.hiring_events["at"].iloc[0] == pd.Timestamp("2026-04-09 14:30")


@pytest.mark.parametrize("written", ["9 Apr 2026 14:30 IST", "46121.6", "April 9", "9. Aprilis 2026"])
def test_times_of_a_tracking_export_that_cannot_be_read_are_asked_about(tmp_path, study, refusal, written):
    rows = [["Job ID", "Candidate ID", "Job Open Date", "Application Date", "Age on application"]]
    rows += [["R1", f"C{n}", "2026-03-05", written, "41"] for n in range(4)]
    said = refusal(import_file, "hiring", write.save(tmp_path / "e.csv", rows), study)
    assert f'Application Date should hold times, and "{written}" is none' in said and said.count("error:") == 1
    place = study / "mappings" / "hiring.yaml"
    place.write_text(place.read_text(encoding="utf-8").partition("\n")[2], encoding="utf-8")
    assert "Left out: Application Date" in import_file("hiring", tmp_path / "e.csv", study).text()
