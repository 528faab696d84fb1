"""A study that holds what was captured in a workshop, and no survey, gives a report with its chapters."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from helpers.cli import main

pytestmark = pytest.mark.slow

STUDY = Path(__file__).resolve().parents[1] / "studies" / "capture_only"


def done(*arguments):
    found = CliRunner().invoke(main, [str(argument) for argument in arguments])
    return found.exit_code, found.output


def test_capture_alone_gives_a_report_of_the_sessions_and_of_promises(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(STUDY, study)
    code, told = done("check", study)
    assert (code, told.strip()) == (0, "No problems found.")
    out = tmp_path / "report"
    only = ("--only", "practice_session", "--only", "follow_through")
    code, told = done("report", study, *only, "--formats", "html", "--out", out)
    assert code == 0 and "Audit: passed" in told, told
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert {finding["id"] for finding in results["findings"]} >= {"gain-hits_asked-hr", "kept-manager"}
    page = (out / "practice_session.html").read_text(encoding="utf-8")
    # One of 24 who came said no: neither number is told, nor that it was one.
    assert "What this page cannot tell" in page and "Day 90 has not come for anybody." in page
    came = pd.read_csv(next((out / "tables").glob("*who-came*.csv")))
    assert came[["Came", "Said no"]].eq("–").all(axis=None)


def test_eight_people_give_a_page_over_both_sides_together(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(STUDY, study)
    for name in ("practice_log", "practice_answers", "commitments"):
        path = study / f"{name}.csv"
        rows = pd.read_csv(path, dtype="str")
        rows[rows["partnership_id"].isin(["P01", "P02", "P03", "P04"])].to_csv(path, index=False)
    out = tmp_path / "report"
    code, told = done("report", study, "--only", "practice_session", "--formats", "html", "--out", out)
    assert code == 0 and "Audit: passed" in told, told
    came = pd.read_csv(out / "tables" / "practice_session--who-came.csv")
    assert came["Side"].tolist() == ["Everybody"] and came["People"].tolist() == [8]
    assert pd.read_csv(out / "tables" / "practice_session--noted.csv")["Side"].eq("Everybody").all()


def test_a_session_of_seven_people_gives_no_page(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(STUDY, study)
    log = pd.read_csv(study / "practice_log.csv", dtype="str").head(7)
    log.assign(partnership_id="").to_csv(study / "practice_log.csv", index=False)
    for name in ("practice_answers", "commitments"):
        path = study / f"{name}.csv"
        pd.read_csv(path, dtype="str").head(0).to_csv(path, index=False)
    _, told = done("report", study, "--only", "practice_session", "--formats", "html", "--out", tmp_path / "report")
    assert "Fewer than 8 people who agreed to be counted took part in these sessions of role swap." in told
