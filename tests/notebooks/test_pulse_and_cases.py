"""Chapters 09 and 10 where a study has next to nothing: they say so in a sentence, and never stop with an error."""

import shutil

import pandas as pd
import pytest

from helpers.data.problems import InputError
from helpers.present import NotebookNotApplicable

from .cells import ROOT, run

PULSE, CASES = (ROOT / "tests" / "studies" / name for name in ("pulse_only", "cases_only"))


def study_with(source, folder, table, keep):
    """A copy of a study of which one table is another."""
    shutil.copytree(source, folder)
    rows = pd.read_csv(folder / f"{table}.csv", dtype=str)
    keep(rows).to_csv(folder / f"{table}.csv", index=False)
    return str(folder)


def of(published, kind):
    return [one["id"] for one in published if one["kind"] == kind]


def test_one_unit_is_charted_and_not_named(monkeypatch, tmp_path):
    study = study_with(PULSE, tmp_path / "study", "pulse", lambda rows: rows[rows["unit"] == "Site A"])
    published = run("09", monkeypatch, study=study, began="2025-05")
    assert of(published, "table") == ["alarms", "changes", "moved"]
    assert "Site " not in str(published)


def test_one_month_is_answered_in_sentences(monkeypatch, tmp_path):
    study = study_with(PULSE, tmp_path / "study", "pulse", lambda rows: rows[rows["month"] == "2025-01"])
    published = run("09", monkeypatch, study=study)
    said = " ".join(one["sentence"] for one in published if one["kind"] == "remark")
    assert "takes 12 points" in said and "does not record when units began" in said
    assert of(published, "finding") == []


def test_a_pulse_of_few_people_is_not_told(monkeypatch, tmp_path):
    study = study_with(PULSE, tmp_path / "study", "pulse", lambda rows: rows.assign(n="4"))
    published = run("09", monkeypatch, study=study, began="2025-05")
    assert {one["kind"] for one in published} == {"remark"}


def test_what_is_no_month_is_one_clear_error(monkeypatch):
    with pytest.raises(InputError, match="a month, such as 2025-10"):
        run("09", monkeypatch, study=str(PULSE), began="May")


@pytest.mark.parametrize("number", [0, 4])
def test_no_cases_or_four_are_one_sentence(monkeypatch, tmp_path, number):
    study = study_with(CASES, tmp_path / "study", "cases", lambda rows: rows[:number])
    with pytest.raises(NotebookNotApplicable, match=r"Fewer than 5 cases|needs the table cases"):
        run("10", monkeypatch, study=study)


def test_cases_of_one_month_have_neither_trend_nor_chart(monkeypatch, tmp_path):
    day = {"opened_on": "2025-12-03", "first_reply_on": "", "resolved_on": "", "reopened_on": "", "outcome": "open"}
    study = study_with(CASES, tmp_path / "study", "cases", lambda rows: rows.assign(**day))
    published = run("10", monkeypatch, study=study)
    assert "a trend takes 8 periods" in str(published)
    assert "control-chart" not in of(published, "chart")


@pytest.mark.parametrize(("chapter", "study"), [("09", CASES), ("10", PULSE)])
def test_a_study_without_the_table_is_told_which(monkeypatch, chapter, study):
    with pytest.raises(NotebookNotApplicable, match="needs the table"):
        run(chapter, monkeypatch, study=str(study))
