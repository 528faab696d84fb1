"""The audit works out for itself whom results are about, from the survey, partnerships and requisitions."""

from pathlib import Path

import pandas as pd
import pytest

from helpers.data import Study
from helpers.privacy.audit import whom
from helpers.privacy.audit.canon import Canon, Table

CODEBOOK = (
    "instrument: {name: made up}\nresponses: {five: {type: rating, low: 1, high: 5}}\n"
    "dimensions: [{id: trust}]\nitems: [{id: q1, dimension: trust, response: five, text: I trust them}]\n"
)
#: Managers by department, and the HR partner of each; the survey does not say whom they answer about.
DEPARTMENTS = [*["Sales"] * 10, *["Field"] * 8, *["Legal"] * 6]
PARTNERS = [*["H1", "H2"] * 5, *["H3"] * 8, *["H4"] * 5, "H1"]


def study_of(folder: Path, more: str = "", **tables: pd.DataFrame) -> Study:
    """A study of managers of three departments, with or without other tables."""
    people = [f"M{place}" for place in range(len(DEPARTMENTS))]
    survey = pd.DataFrame({"respondent_id": people, "side": "manager", "department": DEPARTMENTS, "q1": [1, 2, 3] * 8})
    pairs = pd.DataFrame({"partnership_id": people, "hr_id": PARTNERS, "manager_id": people})
    every = {"survey": survey, "partnerships": pairs, **tables}
    for name, frame in every.items():
        frame.to_csv(folder / f"{name}.csv", index=False)
    (folder / "codebook.yaml").write_text(CODEBOOK)
    names = ", ".join(f"{name}: {name}.csv" for name in every)
    (folder / "study.yaml").write_text(
        f"title: made up\nas_of: 2026-06-30\nattributes: [department]\ntables: {{{names}}}\n{more}\n"
    )
    return Study.load(folder)


def published(*rows: list, names: str = "department estimate respondents", notebook: str = "survey", **about) -> Canon:
    """A report of one table about managers; ``None`` is hidden."""
    columns = [{"name": name, "type": "number" if name == "estimate" else "text"} for name in names.split()]
    texts = [["hidden" if cell is None else str(cell) for cell in row] for row in rows]
    table = Table(notebook, "t", "Managers: scores", "", "", "", names.split(), columns, list(rows), texts, {}, {})
    sides = Table("n", "a", "", "", "", "", ["side"], [{"name": "side", "type": "text"}], [], [["Managers"]], {}, {})
    report = {"min_group": 5, "min_rated": 2, "reader": ""} | about
    return Canon(Path(), 4, report, [], [], [table, sides])


def sentences(canon: Canon, study: Study) -> list[str]:
    return [leak.sentence for leak in whom.leaks(canon, study)[0]]


ONE = "A row shows results that are about fewer than 2 HR partners."
NEARLY = "A row shows results of which over 80 % are about one of the HR partners."


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        ([["Sales", 3.1, 10]], []),
        ([["Field", 3.1, 8]], [ONE]),
        ([["Field", None, 8]], []),
        ([["Legal", 3.1, 6]], [NEARLY]),
        ([["Legal", 3.1, "5–9"]], []),  # one of six may have left the question out: four of five are not over 80 %
        ([["Sales", 3.1, 10], ["Other department", 3.1, 14]], []),
        ([["Sales", 3.1, 10], ["Legal", None, 6], ["Other department", 3.1, 8]], [ONE]),
    ],
)
def test_whom_rows_are_about_is_worked_out_from_partnerships(tmp_path, rows, found):
    assert sentences(published(*rows), study_of(tmp_path)) == found


def test_the_rule_is_the_reports_own_and_stricter_where_one_of_those_told_of_reads_it(tmp_path):
    sales, study = [["Sales", 3.1, 10]], study_of(tmp_path)
    assert sentences(published(*sales, min_rated=3), study) == [ONE.replace("2", "3")]
    assert sentences(published(*sales, reader="M1"), study) == [ONE.replace("2", "3")]
    assert sentences(published(["Field", 3.1, 8], min_rated=1), study) == []


def test_whom_a_survey_names_itself_counts_before_partnerships(tmp_path):
    survey = pd.DataFrame({"respondent_id": [f"M{n}" for n in range(12)], "department": "Field", "q1": 2})
    survey = survey.assign(side="manager", hr_id=["H1", "H2"] * 6)
    assert sentences(published(["Field", 3.1, 12]), study_of(tmp_path, survey=survey)) == []
    named = survey.assign(hr_id=["H1"] * 12)
    assert sentences(published(["Field", 3.1, 12]), study_of(tmp_path, survey=named)) == [ONE]


def test_where_nobody_can_say_whom_answers_are_about_the_audit_says_so(tmp_path):
    pairs = pd.DataFrame({"partnership_id": ["p"], "hr_id": ["H9"], "manager_id": ["M99"]})
    found, said = whom.leaks(published(["Field", 3.1, 8]), study_of(tmp_path, partnerships=pairs))
    assert (found, said) == ([], ["Whom the answers of Managers are about is not known."])


def test_managers_told_of_can_read_reports_of_their_own_where_there_are_hiring_records(tmp_path):
    survey = pd.DataFrame({"respondent_id": [f"H{n}" for n in range(12)], "department": "HR", "q1": 2, "side": "hr"})
    survey = survey.assign(manager_id=["M1", "M2"] * 6, hr_id=survey["respondent_id"])
    canon = published(["HR partners", 3.1, 12], names="side estimate respondents")
    assert sentences(canon, study_of(tmp_path, survey=survey)) == []
    opened = pd.DataFrame({"requisition_id": ["r"], "hiring_manager_id": ["M1"], "opened_at": ["2026-01-01"]})
    told = "A row shows results that are about fewer than 3 managers."
    assert sentences(canon, study_of(tmp_path, survey=survey, requisitions=opened)) == [told]


@pytest.mark.parametrize(
    ("recruiters", "turn", "found"),
    [
        (["R1", "R1"], "Recruiter", True),
        (["R1", None], "Recruiter", True),
        ([None, None], "Recruiter", True),  # all may be those of one
        (["R1", "R2"], "Recruiter", False),
        (["R1", "R1"], "Manager", False),
    ],
)
def test_rows_on_the_turns_of_one_recruiter_are_found(tmp_path, recruiters, turn, found):
    opened = pd.DataFrame(
        {"requisition_id": ["r1", "r2"], "hiring_manager_id": ["M1", "M2"], "recruiter_id": recruiters}
    )
    study = study_of(tmp_path, requisitions=opened.assign(opened_at="2026-01-01"))
    canon = published([turn, 3.1, 12], names="holder estimate respondents", notebook="hiring_manager_engagement")
    assert sentences(canon, study) == ["A row shows results that are about fewer than 2 recruiters."] * found


def test_a_group_that_the_study_names_holds_more_than_the_label_of_that_name(tmp_path):
    more = "merge: {department: {together: {Field: [Field, Legal]}}}"
    assert sentences(published(["Sales", 3.1, 10], ["Field", 3.1, 14]), study_of(tmp_path, more)) == []
