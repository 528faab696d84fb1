import datetime
import math
import os
import shutil

import pandas as pd
import pytest
from small_study import TABLES as TABLES_OF_SMALL

from helpers.data import Study
from helpers.data.tables import KINDS, TABLES
from helpers.published import STUDY_VARIABLE


def test_settings_have_documented_defaults(small):
    study = small()
    assert (study.title, study.client, study.language, study.timezone) == ("Small study", "", "en", "UTC")
    assert study.as_of == datetime.date(2026, 6, 30)
    assert (study.privacy.min_group, study.privacy.min_comments, study.privacy.min_model_n) == (5, 10, 20)
    assert study.privacy.verbatims is False
    assert (study.brand.accent, study.brand.logo) == ("#0b5c6b", None)
    assert study.benchmarks == []


def test_settings_are_read(write_study):
    settings = """\
client: Fictional Foods
timezone: Europe/Zurich
brand: {accent: "#aa0000", logo: logo.png, footer: Confidential}
privacy: {min_group: 7, verbatims: true}
waves: [2025, 2026]
benchmarks: [{measure: trust, value: 3.8, unit: points (1-5), source: A survey, year: 2025}]
"""
    folder = write_study(settings=settings)
    (folder / "logo.png").write_bytes(b"picture")
    study = Study.load(folder / "study.yaml", merged=False)
    assert study.brand.logo == folder / "logo.png" and study.brand.footer == "Confidential"
    assert study.privacy.min_group == 7 and study.waves == ["2025", "2026"]
    assert study.benchmarks[0].value == 3.8
    assert study.inputs() == [folder / "study.yaml", folder / "codebook.yaml", folder / "logo.png"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("privcy: {min_group: 5}", 'unknown key "privcy"; expected one of title, client'),
        ("privcy: {min_group: 5}", 'Did you mean "privacy"?'),
        ("privacy: {min_grp: 5}", 'privacy.min_grp, line 3: unknown key "min_grp"'),
        ("privacy: {min_group: 2}", 'privacy.min_group, line 3: "2"; expected greater than or equal to 3'),
        ("privacy: {min_rated: 0}", 'privacy.min_rated, line 3: "0"; expected greater than or equal to 1'),
        ("privacy: {min_rated: 1}", "rated_agreement does not say who of those rated agreed"),
        ("privacy: {rated_agreement: all of them}", "rated_agreement counts only with min_rated: 1"),
        ("language: de", 'language is "de", and reports are written in English; set language: en'),
        ("privacy: {min_group: five}", 'privacy.min_group, line 3: "five"; expected a whole number'),
        ("as_of: 20260630", "20260630 is no date; write one such as 2026-06-30"),
        ("as_of: 30.06.2026", '"30.06.2026"; expected a date, such as 2026-06-30'),
        ("waves: 2025", "expected a list"),
        ("hirng: {audience: named}", 'Did you mean "hiring"?'),
        ("hiring: {audience: self}", 'hiring.audience, line 3: "self"; expected shared or named'),
        ("hiring: {audience: named}", "line 3: audience: named needs a legal_basis. Add who decided"),
        ('hiring: {audience: named, legal_basis: " "}', "audience: named needs a legal_basis"),
        ("hiring: {holiday: [2026-01-01]}", 'Did you mean "holidays"?'),
        ("hiring: {holidays: [New Year]}", '"New Year"; expected a date, such as 2026-06-30'),
        ("hiring: {holidays: [20260101]}", "20260101 is no date"),
        ("hiring: {holidays: 2026-01-01}", "expected a list"),
        (
            "hiring:\n  holidays:\n    - 2026-01-01\n    - 2026-01-01",
            "line 6: the holiday 2026-01-01 stands here a second",
        ),
        ("hiring: {service_levels: {feedbak: 2}}", 'Did you mean "feedback"?'),
        ("hiring: {recorded: [brief_recieved]}", 'there is no event "brief_recieved"; did you mean "brief_received"?'),
        (
            "hiring: {recorded: [reopened], not_recorded: [reopened]}",
            "reopened stands under recorded too; leave it out of one of them",
        ),
        ("hiring: {service_levels: {feedback: 0}}", '"0"; expected greater than 0'),
        ("hiring: {service_levels: {feedback: soon}}", '"soon"; expected a number'),
        ("timezone: Zurich", 'there is no time zone "Zurich"; write one such as Europe/Zurich'),
        ("brand: {accent: blue}", 'brand.accent, line 3: "blue"; expected a colour, such as #0b5c6b'),
        ("brand: {logo: none.png}", "there is no file none.png"),
        ("title: Again", 'line 3: this is not valid YAML: the key "title" stands here a second time'),
        ("client: [a", "not valid YAML"),
        ("client: \x07", "a control character stands here"),
        ("as_of: 2026-13-01", "not valid YAML"),
        ("codebook: other.yaml", "there is no file"),
        ("tables: {surveys: a.csv}\nx: ", 'Did you mean "survey"?'),
    ],
)
def test_mistakes_in_settings_are_named_with_line_and_remedy(write_study, refusal, line, said):
    folder = write_study()
    text = (folder / "study.yaml").read_text(encoding="utf-8")
    text = text.replace("tables: {}\n", "") if "tables" in line else text
    text = text.replace("as_of: 2026-06-30\n", "") if "as_of" in line else text
    last = "as_of" if "as_of" in text else "title"
    place = text.index("\n", text.index(last)) + 1
    (folder / "study.yaml").write_text(f"{text[:place]}{line}\n{text[place:]}", encoding="utf-8")
    assert said in refusal(Study.load, folder)


def test_hiring_settings_have_defaults_that_show_no_single_manager(small):
    settings = small().hiring
    assert (settings.audience, settings.legal_basis, settings.holidays) == ("shared", "", [])
    levels = {"intake": 7, "brief": 7, "shortlist": 7, "cv_review": 3, "feedback": 3}
    assert settings.service_levels.model_dump() == levels


def test_hiring_settings_are_read(small):
    words = (
        "hiring: {audience: named, legal_basis: Works council, holidays: [2026-01-01], service_levels: {feedback: 2}}"
    )
    settings = small(words + "\n").hiring
    assert (settings.audience, settings.legal_basis) == ("named", "Works council")
    assert settings.holidays == [datetime.date(2026, 1, 1)]
    assert (settings.service_levels.feedback, settings.service_levels.intake) == (2, 7)


def test_parameters_replace_hiring_settings_and_leave_the_rest(small):
    settings = small("hiring: {holidays: [2026-01-01], service_levels: {feedback: 2, intake: 5}}\n").hiring
    assert settings.with_given() == settings
    given = settings.with_given(["2026-05-01"], {"feedback": 1.5})
    assert given.holidays == [datetime.date(2026, 5, 1)]
    assert (given.service_levels.feedback, given.service_levels.intake) == (1.5, 5)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"holidays": ["1 May"]}, 'holidays holds "1 May"; expected dates such as 2026-01-01'),
        ({"agreed_days": {"feedbak": 2}}, 'agreed_days has no kind "feedbak"; expected any of intake, brief'),
        ({"agreed_days": {"feedback": 0}}, "agreed_days: feedback is 0; expected days above 0"),
        ({"agreed_days": {"feedback": math.nan}}, "agreed_days: feedback is nan"),
    ],
)
def test_parameters_that_make_no_sense_are_refused(small, refusal, given, said):
    assert said in refusal(small().hiring.with_given, **given)


def test_a_folder_without_a_study_is_refused(tmp_path, refusal):
    assert "there is no study.yaml" in refusal(Study.load, tmp_path)
    assert "there is no folder" in refusal(Study.load, tmp_path / "nowhere")


def test_a_relative_path_is_also_looked_for_in_the_folders_above(tmp_path, monkeypatch, small, capsys):
    study = small()
    (study.folder.parent / "elsewhere" / "notebooks").mkdir(parents=True)
    monkeypatch.chdir(study.folder.parent / "elsewhere" / "notebooks")
    assert Study.load(study.folder.name).folder == study.folder.resolve()
    assert capsys.readouterr().err == ""


def test_the_sample_is_found_from_anywhere_and_that_is_said(tmp_path, monkeypatch, capsys, refusal):
    monkeypatch.chdir(tmp_path)
    assert (Study.load("data/sample").folder / "truths.yaml").is_file()
    assert capsys.readouterr().err == "No study of your own was named: this is the shipped sample study.\n"
    assert "there is no folder data/other" in refusal(Study.load, "data/other")


def test_a_sample_of_ones_own_comes_first(tmp_path, monkeypatch, write_study):
    shutil.copytree(write_study(), tmp_path / "mine" / "data" / "sample")
    (tmp_path / "mine" / "notebooks").mkdir()
    monkeypatch.chdir(tmp_path / "mine" / "notebooks")
    assert Study.load("data/sample").folder == (tmp_path / "mine" / "data" / "sample").resolve()


def test_every_declared_table_is_a_property(small, refusal):
    study = small()
    assert list(study.people["person_id"]) == ["007", "m1", "m2"]
    for name in TABLES:
        if study.has(name):
            assert len(getattr(study, name))
        else:
            assert f"Add {name}: {name}.csv under tables:" in refusal(lambda name=name: getattr(study, name))
    assert "did you mean" in refusal(study.table, "surveys")


def test_a_table_without_rows_counts_as_absent(small):
    study = small(cases="case_id,category,opened_on\n", people="person_id,side\n", partnerships="oops\n")
    assert not study.has("cases") and study.cases.empty
    assert not study.has("people") and study.roster() is None
    assert study.has("survey") and not study.has("messages")


def test_columns_have_their_declared_types_even_when_absent(small):
    study = small(cases="case_id,category,opened_on,anonymous\n1,pay,2026-01-05,Yes\n2,hours,2026-01-06,\n")
    cases = study.cases
    assert {c: str(cases[c].dtype) for c in TABLES["cases"].columns} == {
        name: KINDS[column.kind][0] for name, column in TABLES["cases"].columns.items()
    }
    assert cases["anonymous"].tolist() == [True, pd.NA]
    assert cases["resolved_on"].isna().all()


def test_tables_are_read_once(small):
    study = small()
    before = study.people
    (study.folder / "people.csv").unlink()
    pd.testing.assert_frame_equal(study.people, before)


@pytest.mark.parametrize(
    ("pairs", "rated", "cluster"),
    [
        ("P1,h1,m9\n", "h1", "h1"),
        ("P1,h1,m9\nP2,h1,m9\n", "h1", "h1"),
        ("P1,h1,m9\nP2,h2,m9\n", None, "m9"),
        ("P1,h1,m8\n", None, "m9"),
    ],
)
def test_whom_a_row_is_about_is_known_from_partnerships_whatever_file_it_came_from(small, pairs, rated, cluster):
    survey = "respondent_id,wave,side,listening_1\nm9,2026,manager,4\n"
    study = small(survey=survey, partnerships="partnership_id,hr_id,manager_id\n" + pairs, people="person_id,side\n")
    row = study.responses().iloc[0]
    assert (row["rated_id"] if pd.notna(row["rated_id"]) else None) == rated
    assert row["cluster_id"] == cluster


def test_responses_tell_who_answered_about_whom(small):
    responses = small().responses()
    assert list(responses.columns) == [
        "respondent_id", "partnership_id", "wave", "submitted_at", "weight", "side", "hr_id", "manager_id",
        "rated_id", "cluster_id", "department", "location",
        "listening_1", "listening_2", "trust_1", "again", "remark",
    ]  # fmt: skip
    assert responses["side"].tolist() == ["hr", "hr", "manager"]
    assert responses["rated_id"].tolist() == ["m1", "m2", "007"]
    assert responses["cluster_id"].tolist() == ["007"] * 3
    assert responses["department"].tolist() == ["HR", "HR", "Sales"]
    assert responses["listening_2"].tolist() == [1.0, 2.0, 2.0]  # reverse-scored items stay as answered
    assert responses["weight"].tolist() == [1.0] * 3
    assert responses.loc[2, "remark"] == "more time" and pd.isna(responses.loc[0, "remark"])
    assert small().responses("2024-H1").empty


def test_a_survey_alone_is_a_study(write_study):
    survey = "respondent_id,department,side,listening_1\na,Sales,manager,5\nb,HR,hr,4\nc,,,\nd,,,2\n"
    study = Study.load(write_study(survey=survey), merged=False)
    assert not [problem for problem in study.check() if problem.severity == "error"]
    responses = study.responses()
    assert responses["respondent_id"].tolist() == ["a", "b", "d"]  # c answered nothing
    assert responses["side"].tolist() == ["manager", "hr", "respondent"]
    assert responses["cluster_id"].tolist() == ["a", "b", "d"]
    assert responses["rated_id"].isna().all() and responses["trust_1"].isna().all()
    assert study.attributes == ["department"] and study.waves == ["1"]
    assert study.roster() is None


def test_a_one_sided_survey_may_name_the_partner_itself(write_study):
    survey = "respondent_id,hr_id,wave,listening_1\nm1,007,b,5\nm2,007,b,4\n"
    responses = Study.load(write_study(survey=survey), merged=False).responses()
    assert responses["rated_id"].tolist() == ["007", "007"] and responses["cluster_id"].tolist() == ["007", "007"]


def test_waves_follow_study_yaml_then_dates_then_names(small, write_study):
    rows = "respondent_id,wave,submitted_at,listening_1\na,wave 10,{},5\na,wave 9,{},5\n"
    assert Study.load(write_study(survey=rows.format("2025-01-01", "2026-01-01"))).waves == ["wave 10", "wave 9"]
    assert Study.load(write_study(survey=rows.format("", ""))).waves == ["wave 9", "wave 10"]
    listed = write_study(survey=rows.format("", ""), settings="waves: [wave 10, wave 9]\n")
    assert Study.load(listed).waves == ["wave 10", "wave 9"]


def test_attributes_default_to_the_usual_ones_that_hold_something(small):
    assert small().attributes == ["department", "location"]
    assert small("attributes: [location]\n").attributes == ["location"]


def test_the_roster_holds_the_invited_and_who_answered(small):
    people = small().people
    roster = small().roster("2026-H1")
    assert roster.to_dict("list") == {
        "person_id": ["007", "m1", "m2"],
        "wave": ["2026-H1"] * 3,
        "side": ["hr", "manager", "manager"],
        "cluster_id": ["007"] * 3,
        "department": people["department"].tolist(),
        "location": people["location"].tolist(),
        "responded": [True, True, False],
    }


def test_the_roster_leaves_out_ended_partnerships_and_people_who_came_later(small):
    pairs = "partnership_id,hr_id,manager_id,start_date,end_date\nP1,007,m1,2022-01-01,\nP2,007,m2,2022-01-01,{}\n"
    assert small(partnerships=pairs.format("2025-12-31")).roster()["person_id"].tolist() == ["007", "m1"]
    assert small(partnerships=pairs.format("2026-05-02")).roster()["person_id"].tolist() == ["007", "m1", "m2"]
    people = "person_id,side,start_date\n007,hr,\nm1,manager,\nm2,manager,2026-06-01\n"
    assert small(people=people).roster()["person_id"].tolist() == ["007", "m1"]


def test_further_columns_keep_numbers_as_numbers_and_codes_as_text(small):
    people = "person_id,side,span,badge,floor\n007,hr,3,007,1\nm1,manager,4.5,12,2\nm2,manager,,13,3\n"
    study = small("attributes: [floor]\n", people=people)
    assert study.people["span"].tolist()[:2] == [3.0, 4.5] and math.isnan(study.people["span"][2])
    assert study.people["badge"].tolist() == ["007", "12", "13"]
    assert study.people["floor"].tolist() == ["1", "2", "3"]  # an attribute is a name of a group


def test_offsets_are_told_in_the_time_of_the_study(small):
    survey = "respondent_id,submitted_at,listening_1\nm1,2026-05-01T23:30:00Z,5\nm2,2026-05-01 23:30,4\n"
    study = small("timezone: Asia/Tokyo\n", survey=survey)
    assert study.survey["submitted_at"].astype(str).tolist() == ["2026-05-02 08:30:00", "2026-05-01 23:30:00"]


@pytest.mark.skipif(os.name == "nt", reason="Windows has other rights")
def test_a_folder_in_place_of_a_file_is_named(write_study):
    folder = write_study(survey="a\n")
    (folder / "survey.csv").unlink()
    (folder / "survey.csv").mkdir()
    assert "there is no file" in str(Study.load(folder).check()[0].found)


def test_names_are_known_where_the_table_of_people_holds_them(small, write_study):
    assert small().names() == []
    assert small(people="person_id,side,name\n007,hr,Anna Meier\nm1,manager,\nm2,manager,Bo Lu\n").names() == [
        "Anna Meier",
        "Bo Lu",
    ]
    survey = TABLES_OF_SMALL["survey"]
    assert Study.load(write_study(survey=survey)).names() == []


def test_a_shared_study_is_not_read_again(write_study, tmp_path, monkeypatch):
    folder, kept = write_study(**TABLES_OF_SMALL), tmp_path / "shared"
    study = Study.load(folder)
    people, problems = study.table("people"), study.check()
    study.share(kept)
    (folder / "people.csv").write_text("person_id,side\n", encoding="utf-8")
    monkeypatch.setenv(STUDY_VARIABLE, str(kept))
    shared = Study.load(folder)
    pd.testing.assert_frame_equal(shared.table("people"), people)
    assert (shared.check(), shared.plan) == (problems, study.plan)
    assert Study.load(folder, merged=False).table("people").empty  # asked for otherwise than it was shared
    shutil.copytree(folder, other := tmp_path / "other")
    assert Study.load(other).table("people").empty
