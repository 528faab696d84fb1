import json

import pytest

from helpers.data import Study, render_text, to_json


def found(study, file="", severity="error"):
    return [(p.column, p.rows, p.found) for p in study.check() if p.severity == severity and p.file.startswith(file)]


def test_a_sound_study_has_no_problems(small):
    assert small().check() == []
    assert render_text(small().check()) == "No problems found."


ACTIONS = "action_id,finding_id,action,owner,due_on,measure,status\n"
SURVEY = "respondent_id,partnership_id,wave,submitted_at,listening_1,listening_2,trust_1,again,remark\n"


def test_actions_may_lie_ahead_and_need_neither_finding_nor_measure(small):
    rows = "A1,s--gap-trust,Talk,Head of HR,2027-01-31,trust,under_way\nA2,,Ask,,,,planned\n"
    assert small(actions=ACTIONS + rows).check() == []


@pytest.mark.parametrize(
    ("table", "content", "column", "rows", "words"),
    [
        (
            "survey",
            SURVEY + "m1,P1,w,2026-05-01,7,1,1,1,\nm2,P2,w,2026-05-01,2.5,1,1,1,\n",
            "listening_1",
            (2, 3),
            "7, 2.5",
        ),
        ("survey", SURVEY + "m1,P1,w,2026-05-01,often,1,1,11,\n", "listening_1", (2,), '"often"'),
        ("survey", SURVEY + "m1,P1,w,2026-05-01,1,1,1,11,\n", "again", (2,), "11"),
        ("survey", SURVEY + "m9,P1,w,2026-05-01,1,1,1,1,\n", "respondent_id", (2,), '"m9" not in people'),
        ("survey", SURVEY + "m1,P8,w,2026-05-01,1,1,1,1,\n", "partnership_id", (2,), '"P8" not in partnerships'),
        ("survey", SURVEY + "m2,P1,w,2026-05-01,1,1,1,1,\n", "respondent_id", (2,), "neither side of the pair"),
        ("survey", SURVEY + "m1,P1,w,2026-07-01,1,1,1,1,\n", "submitted_at", (2,), "dates up to 2026-07-01"),
        ("survey", SURVEY + "m1,P1,w,,1,1,1,1,\n\n,P1,w,,1,1,1,1,\n", "respondent_id", (4,), "the cell is empty"),
        ("survey", SURVEY + "m1,P1,w,,1,1,1,1,\nm1,P1,w,,2,2,2,2,\n", "", (2, 3), "in the same wave more than once"),
        ("survey", SURVEY + "m1,P1,w,,1,1,1,1,\nm2,P2,,,2,2,2,2,\n", "wave", (3,), "the cell is empty"),
        ("survey", "respondent_id,x\nm1,5\n", "", (1,), "no column is an item"),
        ("survey", "respondent,listening_1\nm1,5\n", "respondent_id", (1,), "the column respondent_id is missing"),
        ("survey", "respondent_id,listening_1,trus_1\nm1,5,4\n", "trus_1", (1,), 'unknown column "trus_1"'),
        ("people", "person_id,side\n007,hr\nm1,boss\nm2,\n", "side", (3,), '"boss"'),
        ("actions", ACTIONS + "A1,s--gap,Talk,,2026-13-01,trust,done\n", "due_on", (2,), '"2026-13-01"'),
        ("actions", ACTIONS + "A1,s--gap,Talk,,,trust,done\nA2,,Ask,,,,begun\n", "status", (3,), '"begun"'),
        ("actions", ACTIONS + "A1,s--gap,Talk,,,trustt,done\n", "measure", (2,), 'unknown dimension "trustt"'),
        ("actions", ACTIONS + "A1,the gap,Talk,,,trust,done\n", "finding_id", (2,), '"the gap"'),
        ("actions", ACTIONS + "A1,,Talk,,,,done\nA1,,Ask,,,,done\n", "action_id", (2, 3), "more than once"),
        (
            "people",
            "person_id,side\n007,hr\nm1,manager\nm1,manager\nm2,manager\n",
            "person_id",
            (3, 4),
            "more than once",
        ),
        (
            "people",
            "person_id,side,start_date\n007,hr,1.1.1891\nm1,manager,\nm2,manager,\n",
            "start_date",
            (2,),
            '"1.1.1891"',
        ),
        ("partnerships", "partnership_id,hr_id,manager_id\nP1,m1,007\nP2,007,m2\n", "hr_id", (2,), "side manager"),
        (
            "partnerships",
            "partnership_id,hr_id,manager_id,start_date,end_date\nP1,007,m1,2024-01-01,2023-01-01\nP2,007,m2,,\n",
            "end_date",
            (2,),
            "end_date lies before start_date",
        ),
        (
            "practice_log",
            "session_id,practice,person_id,date,hours\ns1,role_swap,m1,2026-01-01,-1\n",
            "hours",
            (2,),
            "-1",
        ),
        (
            "practice_log",
            "session_id,practice,person_id,date,consent\ns1,role_swap,m1,2026-01-01,ok\n",
            "consent",
            (2,),
            '"ok"',
        ),
        (
            "commitments",
            "commitment_id,partnership_id,promised_by,made_on,closed_on,outcome\nc1,P1,HR,2026-02-01,2026-01-01,Kept\n",
            "closed_on",
            (2,),
            "closed_on lies before made_on",
        ),
        ("messages", "message_id,audience,rating\n1,customer,6\n2,customer,2.5\n", "rating", (2, 3), "6, 2.5"),
        (
            "recall",
            "asked_on,audience,round,asked,recalled\n2026-01-05,customer,before,4,5\n2026-01-06,Employee,day 30,4,4\n",
            "recalled",
            (2,),
            "5 recalled it of 4 who were asked",
        ),
        (
            "outcomes",
            "unit,period,metric,value\nA,Q1,x,1\nA,2026q2,x,2\nA,2026-13,x,3\n",
            "period",
            (2, 4),
            '"Q1", "2026-13"',
        ),
        (
            "pulse",
            "unit,month,item,n,mean\nA,2026-01,x,2,3\nA,2026-01-15,x,2,3\n",
            "",
            (2, 3),
            "the same unit, month, item",
        ),
        ("headcount", "unit,month,employees\nA,Jan-26,2\n", "month", (2,), '"Jan-26"'),
    ],
)
def test_mistakes_are_found_with_their_rows(small, table, content, column, rows, words):
    problems = found(small(**{table: content}), f"{table}.csv")
    assert any(c == column and r == rows and words in f for c, r, f in problems), problems


def test_events_fit_their_requisitions(small):
    study = small(
        requisitions=(
            "requisition_id,hiring_manager_id,opened_at,closed_at\n"
            "R1,m1,2026-02-01 09:00,\nR2,m7,2026-02-01,2026-01-01\n"
        ),
        hiring_events=(
            "requisition_id,event,at\nR1,Applied,2026-01-31\nR1,CV sent,2026-02-01 08:00\nR3,applied,2026-02-01\n"
            "R1,applied,2026-02-03\nR1,applied,2026-02-03\nR1,dreamt,2026-02-03\n"
        ),
    )
    assert found(study, "requisitions.csv") == [
        ("closed_at", (3,), "closed_at lies before opened_at"),
        ("hiring_manager_id", (3,), '"m7" not in people'),
    ]
    assert found(study, "hiring_events.csv") == [
        ("event", (7,), '"dreamt"'),
        ("requisition_id", (4,), '"R3" not in requisitions'),
        ("at", (2,), "the event lies before its requisition was opened"),
    ]
    assert found(study, "hiring_events.csv", "warning") == [
        ("", (5, 6), "these rows are the same, word for word, as another")
    ]


def test_waves_are_those_of_the_study(small):
    text = render_text(small("waves: [2025-H2, 2026-H2]\n").check())
    assert 'column wave, rows 2, 3 and 4: "2026-H1"; expected one of 2025-H2, 2026-H2' in text


def test_attributes_must_be_somewhere(small):
    assert 'no table has a column departement. Did you mean "department"?' in render_text(
        small("attributes: [departement]\n").check()
    )


def test_warnings_do_not_stop_anything(small):
    study = small(survey="respondent_id,listening_1,shoe_size\nm1,5,44\nm2,,40\n")
    assert found(study) == []
    assert [words for _, _, words in found(study, severity="warning")] == [
        "not used: shoe_size",
        "items of the codebook without a column: listening_2, trust_1, again, remark",
        "no item is answered",
    ]
    assert len(study.survey) == 2


def test_columns_that_tell_who_somebody_is_are_pointed_out_except_in_the_roster(small):
    study = small(
        survey="respondent_id,listening_1,listening_2,trust_1,again,remark,E-Mail,Name\nm1,5,1,1,1,x,a@example.com,Ann\n",
        people="person_id,side,Name\n007,hr,Ann\nm1,manager,Bo\nm2,manager,Cy\n",
    )
    assert [words for _, _, words in found(study, severity="warning")] == [
        "looks as if it told who somebody is: E-Mail, Name"
    ]


def test_all_problems_are_told_at_once_grouped_by_file_and_rows_shortened(small, refusal):
    rows = "".join(f"m1,P1,w{n},2026-05-01,9,x,1,1,\n" for n in range(400))
    study = small(survey=SURVEY + rows, people="person_id,side\n007,hr\nm1,boss\nm2,manager\n")
    text = render_text(study.check())
    assert text.splitlines()[0] == "people.csv" and "survey.csv" in text.splitlines()
    assert "column listening_1, rows 2, 3, 4 and 397 more: 9; expected a whole number from 1 to 5" in text
    assert "column listening_2, rows 2, 3, 4 and 397 more" in text
    complete = json.loads(json.dumps(to_json(study.check())))
    listening = next(p for p in complete if p["column"] == "listening_1")
    assert listening["rows"] == list(range(2, 402)) and listening["severity"] == "error"
    refused = refusal(study.table, "survey")
    assert "listening_1" in refused and "listening_2" in refused and "people.csv" not in refused


def test_unreadable_files_do_not_hide_other_problems(small):
    study = small(survey="", people="person_id,side\n007,boss\n")
    files = [p.file for p in study.check() if p.severity == "error"]
    assert "survey.csv" in files and "people.csv" in files


def test_names_that_differ_in_case_are_known(small):
    study = small(people="Person_ID,Side\n007,HR\nm1,Manager\nm2,MANAGER\n")
    assert study.check() == [] and study.people["side"].tolist() == ["hr", "manager", "manager"]


def test_an_empty_table_is_a_warning_only(small):
    study = small(cases="case_id,category,opened_on\n")
    assert found(study) == [] and found(study, "cases.csv", "warning") == [("", (), "there are no rows yet")]


def test_a_study_without_a_survey_says_so(write_study):
    assert "no survey table is named" in render_text(Study.load(write_study()).check())


def test_a_declared_wave_without_answers_is_said_and_left_out(small):
    study = small(settings="waves: [2025-H2, 2026-H1, 2026-H2]\n")
    assert study.waves == ["2026-H1"] and len(study.roster()) == 3
    assert found(study, severity="warning") == [("wave", (), 'no answers yet in "2025-H2", "2026-H2"')]
