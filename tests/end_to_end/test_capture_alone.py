"""A study that holds what was captured in a workshop, and no survey, gives a report with its chapters."""

import json
import shutil
from pathlib import Path

import pandas as pd
import pypdf
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


def test_capture_alone_is_enough_to_plan_how_to_learn_more_next_time(tmp_path):
    study, out = tmp_path / "study", tmp_path / "report"
    shutil.copytree(STUDY, study)
    code, told = done("report", study, "--only", "study_planner", "--formats", "html", "--out", out)
    assert code == 0 and "Audit: passed" in told, told
    page = (out / "study_planner.html").read_text(encoding="utf-8")
    assert "0.10 is assumed (ICC)" in page and "With 6 HR partners" in page and "Pre-registration, draft" in page
    (study / "partnerships.csv").unlink()
    for name in ("practice_answers", "practice_log", "commitments"):
        (study / f"{name}.csv").unlink()
    (study / "study.yaml").write_text("title: Swaps\nclient: Mill\nas_of: 2026-06-30\ntables: {practice_sessions: "
                                      "practice_sessions.csv}\n")  # fmt: skip
    _, told = done("report", study, "--only", "study_planner", "--formats", "html", "--out", tmp_path / "none")
    assert "This chapter needs the table survey or partnerships, of which the study has neither." in told


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


def calls_alone(folder):
    """Nine listeners of the sample study: sessions, log and slips of their customer calls, and nothing else."""
    sample = STUDY.parents[2] / "data" / "sample"
    log, sessions, answers = (
        pd.read_csv(sample / f"practice_{name}.csv", dtype="str", keep_default_na=False)
        for name in ("log", "sessions", "answers")
    )
    log = log[(log["practice"] == "customer_call") & (log["consent"] == "yes")].assign(arm="", cohort="")
    log = log[log["person_id"].isin(sorted(log["person_id"].unique())[:9])]
    sessions = sessions[sessions["session_id"].isin(log["session_id"])].assign(declined="0")
    sessions["came"] = sessions["session_id"].map(log["session_id"].value_counts()).astype("str")
    whole = answers["person_id"].isin(log["person_id"]) | answers["person_id"].eq("")
    answers = answers[answers["session_id"].isin(sessions["session_id"]) & whole]
    folder.mkdir()
    for name, rows in (("log", log), ("sessions", sessions), ("answers", answers)):
        rows.to_csv(folder / f"practice_{name}.csv", index=False)
    tables = "".join(f"  practice_{name}: practice_{name}.csv\n" for name in ("log", "sessions", "answers"))
    shutil.copy(STUDY / "codebook.yaml", folder)
    (folder / "study.yaml").write_text(f"title: Calls\nclient: Mill\nas_of: 2026-06-30\ntables:\n{tables}")
    return folder


def test_customer_calls_alone_give_hours_rules_and_what_came_of_what_was_heard(tmp_path):
    study, out = calls_alone(tmp_path / "study"), tmp_path / "report"
    assert done("check", study) == (0, "No problems found.\n")
    code, told = done("report", study, "--only", "practice_impact", "--formats", "html", "--out", out)
    assert code == 0 and "Audit: passed" in told, told
    page = (out / "practice_impact.html").read_text(encoding="utf-8")
    assert page.count("So this chapter tells of no effect.") == 1 and "draw lots before it begins" in page
    assert "cannot be compared" not in page and "nothing to bound" not in page and "Rambachan" not in page
    monthly, rules, funnel = (
        pd.read_csv(out / "tables" / f"practice_impact--{name}.csv") for name in ("monthly", "rules", "funnel")
    )
    assert monthly["Share"].sum() == pytest.approx(100, abs=2)
    assert rules["Measure"].tolist() == ["A customer said no, and was not listened to", "Notes are destroyed"]
    assert {"Decided: keep it", "Decided: change it", "Decided: drop it", "First step is done"} <= set(funnel["Step"])


def test_the_page_for_the_sponsor_of_the_sample_is_short(tmp_path):
    sample, out = STUDY.parents[2] / "data" / "sample", tmp_path / "report"
    code, told = done("report", sample, "--only", "practice_session", "--formats", "pdf", "--out", out)
    assert code == 0, told
    texts = [page.extract_text() for page in pypdf.PdfReader(out / "practice_session.pdf").pages]
    body = [at for at, text in enumerate(texts) if "Contents" not in text and at > 0]
    after = next(at for at in body if "How to read this report" in texts[at])
    last = max(at for at in body if "people asked, this many wrote nothing" in texts[at])
    assert "What happened in the sessions" in texts[body[0]] and last - body[0] <= 1 and after - body[0] <= 2


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
