"""Names that look alike: labels become one and are reported, ids are reported and stay apart."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from small_study import CODEBOOK, TABLES

from helpers.data.alike import folded, spellings, unified

SALES = [
    "Sales",
    "sales",
    "SALES",
    "Sales\u200b",
    "\u202eSales\u202c",
    "Sa\u00adles",
    "\ufeffSales",
    "Ｓales",
    "Sales\u00a0 ",
]


@pytest.mark.parametrize("name", SALES)
def test_spellings_that_look_alike_fold_to_one(name):
    assert folded(name) == "sales"


@pytest.mark.parametrize("name", ["Sale", "Sales 2", "Salés", "S ales", "Sales-", "5ales"])
def test_names_that_a_reader_can_tell_apart_stay_apart(name):
    assert folded(name) != "sales"


@given(st.text())
def test_folding_twice_changes_nothing(name):
    assert folded(folded(name)) == folded(name)


@given(st.lists(st.text(st.sampled_from("aAbB \u200b\u202e"), min_size=1), min_size=1))
def test_every_group_gets_one_spelling_and_no_other_value_changes(names):
    import pandas as pd

    values = pd.Series(names, dtype="str")
    groups = spellings(values)
    made = unified(values, groups)
    assert [folded(name) for name in made] == [folded(name) for name in names]
    assert made.nunique() == values.map(folded).nunique()


def people(*departments):
    """People of these departments, and nothing else about them."""
    rows = "".join(f"m{n},manager,{name},Bern,2020-01-01\n" for n, name in enumerate(departments, 1))
    return "person_id,side,department,location,start_date\n007,hr,HR,Bern,2019-01-01\n" + rows


def warnings(study):
    return [problem for problem in study.check() if problem.severity == "warning"]


def test_labels_are_folded_to_the_most_frequent_spelling_and_said(small):
    study = small(people=people("Sales", "sales", "sales ", "SALES", "Sales\u200b", "sales", "Legal"))
    assert set(study.people["department"]) == {"HR", "sales", "Legal"}
    [problem] = warnings(study)
    assert (problem.column, problem.rows) == ("department", (3, 6, 7))
    assert problem.found == '"sales", "SALES", "Sales" and "Sales\\u200b" look alike and are read as "sales"'


def test_labels_of_two_tables_are_one_in_the_answers_and_said(small):
    survey = TABLES["survey"].splitlines()
    lines = [
        f"{survey[0]},department",
        *(f"{line},logistics" for line in survey[1:]),
        "m2,P2,2026-H1,,1,1,1,1,,logistics",
    ]
    study = small(survey="\n".join(lines) + "\n", people=people("Sales", "").replace("m2,manager,,", "m2,manager,,"))
    assert set(study.responses()["department"]) == {"HR", "Sales", "logistics"}
    study = small(survey="\n".join(lines) + "\n")
    assert set(study.responses()["department"]) == {"HR", "Sales", "Logistics"}
    [problem] = warnings(study)
    assert problem.found == '"logistics" looks like "Logistics" in people' and problem.file == "survey.csv"


def test_waves_are_folded_to_the_declared_spelling(small):
    rows = (
        TABLES["survey"].replace("007,P1,2026-H1", "007,P1,2026-h1").replace("007,P2,2026-H1", "007,P2,2026-h1\u200b")
    )
    for settings, wave in (("", "2026-H1"), ("waves: [2026-h1]\n", "2026-h1")):
        study = small(settings=settings, survey=rows)
        assert study.waves == [wave] and len(study.responses(wave)) == 3
        [problem] = warnings(study)
        assert problem.column == "wave" and f'are read as "{wave}"' in problem.found


def test_sides_are_read_whatever_cannot_be_seen(small):
    study = small(people=TABLES["people"].replace("m1,manager", "m1,\u200fMANAGER\u200b"))
    assert study.people["side"].tolist() == ["hr", "manager", "manager"] and warnings(study) == []


def test_people_whose_ids_look_alike_are_reported_and_stay_two(small):
    study = small(
        people=TABLES["people"] + "M1,manager,Legal,Bern,2020-01-01\nm2\u200b,manager,Legal,Bern,2020-01-01\n"
    )
    assert sorted(study.people["person_id"]) == ["007", "M1", "m1", "m2", "m2\u200b"]
    found = {problem.found: problem.rows for problem in warnings(study)}
    assert found == {'"M1" and "m1" look alike': (3,), '"m2" and "m2\\u200b" look alike': (6,)}


def test_an_id_that_only_looks_like_a_known_one_is_an_error(small):
    study = small(survey=TABLES["survey"].replace("m1,P1", "m1\u200b,P1"))
    problem = next(problem for problem in study.check() if problem.column == "respondent_id")
    assert problem.severity == "error" and '"m1\\u200b" not in people' in problem.found and '"m1"' in problem.fix


def test_hashes_of_ids_hide_no_twins(small, monkeypatch):
    monkeypatch.setenv("A_KEY", "a key for this test alone")
    study = small(
        settings="pseudonyms: {key_env: A_KEY}\n", people=TABLES["people"] + "M1,manager,Legal,Bern,2020-01-01\n"
    )
    assert [problem.found for problem in warnings(study)] == ['"M1" and "m1" look alike']
    assert study.people["person_id"].nunique() == 4


def test_columns_and_items_that_look_alike_are_named(small, write_study, refusal):
    from helpers.data import Study

    header = "person_id,side,Department\u200b,location,start_date,Team,team"
    study = small(people=TABLES["people"].replace("person_id,side,department,location,start_date\n", f"{header}\n")
                  .replace("-01\n", "-01,a,b\n"))  # fmt: skip
    assert study.people["department"].tolist() == ["HR", "Sales", "Logistics"]
    assert [problem.found for problem in warnings(study)] == ['the columns "Team" and "team" look alike']
    codebook = CODEBOOK.replace("{id: trust_1,", "{id: Listening_1,")
    assert '"Listening_1" stands here a second time, or looks as if it did' in refusal(
        Study.load, write_study(codebook=codebook, **TABLES)
    )
