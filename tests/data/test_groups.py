"""A study hands out the groups of its release plan: in answers, on the roster, in its tables, of openings."""

from __future__ import annotations

import itertools
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import example, given, settings
from hypothesis import strategies as st
from small_study import CODEBOOK

from helpers.analysis.hiring.hiring_records import HiringRecords
from helpers.analysis.methods import weighting
from helpers.analysis.survey import participation, readiness, scales
from helpers.analysis.survey.answers import Answers
from helpers.cli import main
from helpers.data import Study
from helpers.privacy.plan import OPENINGS, release_plan
from helpers.privacy.plan_words import breakdowns, remarks
from helpers.published import REPORT_VARIABLE


def csv(frame: pd.DataFrame) -> str:
    return frame.to_csv(index=False)


def labels(**sizes: int) -> list[str]:
    return [name.replace("_", " ") for name, size in sizes.items() for _ in range(size)]


def people(side: str, **attributes: list) -> pd.DataFrame:
    size = len(next(iter(attributes.values())))
    return pd.DataFrame({"person_id": [f"{side}{number}" for number in range(size)], "side": side, **attributes})


def answers(people: pd.DataFrame, wave: str = "2026", **columns) -> pd.DataFrame:
    """Let everybody answer once."""
    about = {"respondent_id": people["person_id"], "wave": wave, "side": people["side"]}
    values = np.arange(len(people)) % 5 + 1
    return pd.DataFrame({**about, "listening_1": values, "trust_1": values[::-1], **columns})


@pytest.fixture
def opened(write_study):
    """Return a function that writes a study of frames and opens it."""

    def of(settings: str, merged: bool = True, **tables: pd.DataFrame) -> Study:
        texts = {name: csv(frame) for name, frame in tables.items()}
        return Study.load(write_study(CODEBOOK, settings, **texts), merged=merged)

    return of


# -- answers and roster -----------------------------------------------------------------------------------------------

MANAGERS = people(
    "manager",
    department=labels(Sales=16, Legal=15),
    team=labels(North=7, South=6, East=3, Law=8, Tax=7),
    place=["Bern", "Ulm"] * 12 + ["Bern"] * 7,
)
PARTNERS = people("hr", department=labels(Sales=6, Legal=2, Audit=3), team=labels(All=11), place=labels(Bern=11))
NESTED = "attributes: [department, team, place]\n"


def test_everything_that_is_handed_out_has_the_published_labels(opened):
    staff = pd.concat([MANAGERS, PARTNERS])
    study = opened(NESTED, people=staff, survey=answers(staff))
    teams = {"North", "Other team", "Law", "Tax"}  # East would be Sales less its other teams; South goes with it
    for frame in (study.responses(), study.roster(), study.people):
        managers = frame[frame["side"] == "manager"]
        assert set(managers["team"]) == teams and set(managers["department"]) == {"Sales", "Legal"}
        assert set(frame.loc[frame["side"] == "hr", "department"]) == {"Sales", "Other department"}
    raw = opened(NESTED, merged=False, people=staff, survey=answers(staff))
    for frame in (raw.responses(), raw.roster(), raw.people):
        assert set(frame["team"]) == {"North", "South", "East", "Law", "Tax", "All"}
    assert raw.plan == study.plan  # a researcher may see what a report would do


def test_attributes_that_the_survey_holds_are_merged_too(opened):
    survey = answers(MANAGERS, team=MANAGERS["team"], place=MANAGERS["place"])
    study = opened("attributes: [team, place]\n", survey=survey)
    assert study.roster() is None
    assert study.responses()["team"].value_counts().to_dict() == {"Law": 8, "Tax": 7, "North": 7, "Other team": 9}
    assert study.survey["team"].equals(study.responses()["team"])


def test_somebody_has_one_group_in_a_wave_though_sheets_differ(opened):
    survey = answers(MANAGERS, team=MANAGERS["team"], partnership_id="P1")
    twice = survey.assign(team=["North"] * 31, partnership_id="P2")  # the same people about a second partner
    study = opened("attributes: [team]\n", merged=False, survey=pd.concat([survey, twice]))
    assert study.responses().groupby("respondent_id")["team"].nunique().eq(1).all()
    assert (study.responses()["team"] == "East").sum() == 2 * 3


def test_labels_of_the_roster_and_of_answers_are_one(opened):
    roster = MANAGERS.assign(team=MANAGERS["team"].where(MANAGERS.index > 0))  # one the roster does not know
    study = opened("attributes: [team]\n", people=roster, survey=answers(roster, team=MANAGERS["team"]))
    roster, answered = study.roster(), study.responses()
    assert roster.set_index("person_id")["team"].to_dict() == answered.set_index("respondent_id")["team"].to_dict()


def test_who_answers_without_being_invited_counts_among_those_who_answered(opened):
    survey = pd.concat([answers(MANAGERS), answers(people("guest", team=labels(x=3))).assign(side="manager")])
    study = opened("attributes: [team]\n", people=MANAGERS, survey=survey)
    responses = study.responses()
    assert len(responses) == 34 and len(study.roster()) == 31
    assert responses.loc[responses["respondent_id"].str.startswith("guest"), "team"].nunique() == 1
    assert responses.groupby("team").size().min() >= 5


def test_fewer_invited_than_the_minimum_do_not_bind_those_who_answered(opened):
    staff = MANAGERS.iloc[:3]
    study = opened("attributes: [team]\n", people=staff, survey=answers(MANAGERS, team=MANAGERS["team"]))
    assert len(study.roster()) == 3 and set(study.responses()["team"]) == {"North", "Law", "Tax", "Other team"}


def test_invited_people_are_not_singled_out_either(opened):
    # Everybody of place Bern who answered is of team North; one invited of Bern is not.
    staff = people("manager", team=labels(North=8, South=9), place=labels(Bern=9, Ulm=8))
    survey = answers(staff.drop(8))
    study = opened("attributes: [team, place]\n", people=staff, survey=survey)
    assert sorted(study.attributes) in (["place"], ["team"])
    answered = opened("attributes: [team, place]\n", survey=survey.merge(staff[["person_id", "team", "place"]],
                      left_on="respondent_id", right_on="person_id").drop(columns="person_id"))  # fmt: skip
    assert answered.attributes == ["team", "place"]  # without a roster nothing is said of those invited


def test_an_attribute_of_one_side_alone(opened):
    partners = PARTNERS[["person_id", "side"]]
    staff = pd.concat([MANAGERS[["person_id", "side", "team"]], partners])
    study = opened("attributes: [team]\n", people=staff, survey=answers(staff))
    assert study.attributes == ["team"] == study.attributes_of("manager") and study.attributes_of("hr") == []
    responses = study.responses()
    assert responses.loc[responses["side"] == "hr", "team"].isna().all()
    assert responses.loc[responses["side"] == "manager", "team"].notna().all()
    assert study.plan.compared(responses)["team"].isna().all()
    assert remarks(study.plan) == []  # nothing was left out: nobody recorded it
    assert breakdowns(study.plan)["side"].tolist() == ["manager"]


def test_a_label_that_is_called_other_already(opened):
    staff = people("manager", team=[*labels(Other_team=7, a=2, b=3), *["Sales"] * 9])
    study = opened("attributes: [team]\n", people=staff, survey=answers(staff))
    assert study.responses()["team"].value_counts().to_dict() == {"Sales": 9, "Other team": 7, "Other team 2": 5}


def test_a_side_below_the_minimum_publishes_nothing_and_binds_nobody(opened):
    few = PARTNERS.iloc[:4]
    staff = pd.concat([MANAGERS, few])
    alone = opened(NESTED, people=MANAGERS, survey=answers(MANAGERS)).plan.sides["manager"]
    study = opened(NESTED, people=staff, survey=answers(staff))
    assert study.attributes_of("hr") == [] and study.plan.sides["manager"] == alone
    responses = study.responses()
    assert responses.loc[responses["side"] == "hr", study.attributes].isna().all(axis=None)
    assert remarks(study.plan) == ["Nothing is published of HR partners alone: fewer than 5 answered."]
    managers = responses[responses["side"] == "manager"]
    assert study.plan.compared(responses).loc[managers.index, "team"].equals(managers["team"])


def test_an_attribute_that_cannot_be_made_safe_is_left_out_and_a_sentence_says_so(opened):
    staff = people("manager", team=labels(a=3, b=3, c=2), place=labels(Bern=8))
    study = opened("attributes: [team, place]\n", people=staff, survey=answers(staff))
    assert study.attributes == ["place"] and "team" not in study.responses() and "team" not in study.roster()
    assert study.people["team"].isna().all()
    few = "the groups would single out fewer than 5 people"
    assert remarks(study.plan) == [f"Managers are not divided by team: {few}."]


def test_sides_are_compared_in_the_finest_groups_that_are_published_of_both(opened):
    staff = pd.concat([MANAGERS, PARTNERS])
    study = opened("attributes: [department]\n", people=staff, survey=answers(staff))
    now = Answers.of(study, "2026")
    assert set(now.now.loc[now.now["side"] == "manager", "department"]) == {"Sales", "Legal"}
    groups = now.compared.groupby("side")["department"].unique().map(set)
    assert groups["hr"] == groups["manager"] == {"Sales", "Other department"}
    views = scales.both_sides(now.compared, study.codebook)
    assert len(views) and set(views["department"]) == {"Sales", "Other department"}


# -- units ------------------------------------------------------------------------------------------------------------


def test_small_units_merge_into_their_parent(opened):
    unit = labels(Line_1=3, Line_2=3, Line_3=9, Desk_1=2, Desk_2=8, Shop=4)
    tree = {"Company": "", "Plant": "Company", "Office": "Company", "Shop": "Company"}
    tree |= {f"Line {number}": "Plant" for number in (1, 2, 3)} | {"Desk 1": "Office", "Desk 2": "Office"}
    staff = people("employee", unit=unit)
    units = pd.DataFrame({"unit": tree.keys(), "parent": tree.values()})
    study = opened("attributes: [unit]\n", people=staff, survey=answers(staff), units=units)
    assert study.responses()["unit"].value_counts().to_dict() == {
        "Line 3": 9,
        "Desk 2": 8,
        "Other in Plant": 6,
        "Other unit": 6,  # the whole company has no need of its name
    }
    flat = opened("attributes: [unit]\n", people=staff, survey=answers(staff))
    assert set(flat.responses()["unit"]) == {"Line 3", "Desk 2", "Other unit"}


# -- steering ---------------------------------------------------------------------------------------------------------


def test_the_study_says_what_belongs_together_and_what_is_kept(opened):
    staff = people("manager", place=labels(North=6, South=7, East=9, West=3))
    asked = "attributes: [place]\nmerge: {place: {together: {Coast: [East, West]}, keep: [North]}}\n"
    study = opened(asked, people=staff, survey=answers(staff))
    assert [problem for problem in study.check() if problem.severity == "error"] == []
    assert study.responses()["place"].value_counts().to_dict() == {"Coast": 12, "South": 7, "North": 6}


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ("plaice: {keep: [North]}", '"plaice" is no attribute of the study'),
        ("place: {keep: [Nroth]}", 'merge.place: no group of place is called "Nroth". did you mean "North"?'),
        ("place: {together: {Coast: [East, Wets]}}", 'no group of place is called "Wets". did you mean "West"?'),
        ("place: {together: {Coast: [East], Rest: [East]}}", '"East" stands in two groups'),
        ("place: {together: {South: [East, West]}}", '"South" is the name of a group that is not merged'),
        ("place: {together: {Coast: [East, West]}, keep: [East]}", '"East" is to be merged and to be kept'),
    ],
)
def test_what_cannot_be_meant_is_one_error(opened, asked, said):
    staff = people("manager", place=labels(North=6, South=7, East=9, West=3))
    study = opened(f"attributes: [place]\nmerge: {{{asked}}}\n", people=staff, survey=answers(staff))
    [problem] = [problem for problem in study.check() if problem.severity == "error"]
    assert said in problem.sentence()
    result = CliRunner().invoke(main, ["plan", str(study.folder)])
    assert result.exit_code == 2 and said in result.output and "1 error" in result.output


def test_an_unknown_key_of_merge_is_refused(opened, refusal):
    said = refusal(opened, "merge: {place: {into: [North]}}\n", survey=answers(MANAGERS))
    assert "into" in said and "study.yaml" in said


def test_the_plan_is_printed(opened):
    staff = people("manager", place=labels(North=6, South=7, West=3))
    study = opened(
        "attributes: [place]\nmerge: {place: {keep: [West]}}\n", people=staff, survey=answers(staff, "2026-H1")
    )
    result = CliRunner().invoke(main, ["plan", str(study.folder)])
    assert result.exit_code == 0
    assert result.output == (
        "Nothing published singles out fewer than 5 people.\n"
        "Managers (2026-H1): 44 % of respondents keep their own label, over all attributes (no safe plan keeps more).\n"
        "  place: 2 groups; 44 % of respondents keep their own label\n"
        "    Other place:\n"
        "      North: without it fewer than 5 people would be left over\n"
        "      West: fewer than 5 answered in 2026-H1\n"
        "    'West' was to be kept, which would single out fewer than 5 people.\n"
    )


# -- openings ---------------------------------------------------------------------------------------------------------


def openings(**sizes: int) -> pd.DataFrame:
    """One opening per manager."""
    departments = labels(**sizes)
    return pd.DataFrame(
        {
            "requisition_id": [f"Q{number}" for number in range(len(departments))],
            "hiring_manager_id": [f"manager{number}" for number in range(len(departments))],
            "department": departments,
            "opened_at": "2026-01-05",
        }
    )


def test_groups_of_openings_have_enough_managers(opened):
    # Sales has many openings, of four managers.
    requisitions = openings(Sales=4, Legal=6, Plant=7)
    again = requisitions.iloc[:4].assign(requisition_id=[f"R{number}" for number in range(4)])
    events = pd.DataFrame({"requisition_id": ["Q0"], "event": ["intake_held"], "at": ["2026-01-06"]})
    study = opened("", requisitions=pd.concat([requisitions, again]), hiring_events=events)
    hiring = HiringRecords.of(study)
    assert set(hiring.openings["department"]) == set(study.requisitions["department"])
    assert study.requisitions.groupby("department")["hiring_manager_id"].nunique().to_dict() == {
        "Other department": 10,
        "Plant": 7,
    }
    assert hiring.attributes == ["department"]
    sentence = "Openings of too few hiring managers are taken together: Other department: Legal, Sales."
    assert remarks(study.plan, openings=True) == [sentence]


def test_openings_that_cannot_be_divided_are_not(opened):
    events = pd.DataFrame({"requisition_id": ["Q0"], "event": ["intake_held"], "at": ["2026-01-06"]})
    study = opened("", requisitions=openings(Sales=4, Legal=4), hiring_events=events)
    assert study.requisitions["department"].isna().all() and HiringRecords.of(study).attributes == []
    few = "the groups would single out fewer than 5 people"
    assert remarks(study.plan, openings=True) == [f"Openings are not divided by department: {few}."]


@settings(max_examples=40, deadline=None)
@example(126)  # all managers hire for four kinds or more
@given(st.integers(0, 2**32 - 1))
def test_no_openings_of_few_managers_follow_from_groups_of_openings(seed):
    """Every set of kinds of openings is tried: its sum follows when it depends on the groups."""
    random = np.random.default_rng(seed)
    size = int(random.integers(12, 40))
    frame = pd.DataFrame(
        {
            "person_id": random.integers(0, int(random.integers(6, 14)), size),
            "department": random.choice(list("ab"), size, p=[0.75, 0.25]),
            "level": random.choice(list("xyz"), size, p=[0.6, 0.25, 0.15]),
        }
    )
    nobody = pd.DataFrame(columns=["person_id", "wave", "side", "responded"])
    plan = release_plan(nobody, [], min_group=4, openings=frame)
    if plan.sides[OPENINGS].too_few:
        assert frame["person_id"].nunique() < 4
        return
    published = plan.apply(frame, OPENINGS)
    names = [name for name in ("department", "level") if name in published]
    kinds = published.assign(everything="").groupby(["everything", *names])["person_id"].agg(set)
    rows = np.array(
        [[1] * len(kinds)]
        + [
            [int(kind[1 + place] == label) for kind in kinds.index]
            for place, name in enumerate(names)
            for label in published[name].unique()
        ],
        dtype=float,
    )
    rank = np.linalg.matrix_rank(rows)
    for count in range(1, len(kinds) + 1):
        for chosen in itertools.combinations(range(len(kinds)), count):
            managers = set().union(*(kinds.iloc[place] for place in chosen))
            indicator = np.isin(np.arange(len(kinds)), chosen).astype(float)
            if len(managers) < 4:
                assert np.linalg.matrix_rank(np.vstack([rows, indicator])) > rank


# -- what is computed from groups -------------------------------------------------------------------------------------


def test_no_result_speaks_of_a_group_that_is_not_published(opened):
    staff = pd.concat([MANAGERS, PARTNERS])
    survey = answers(staff)
    survey = survey[(survey.index % 7 != 0) | (survey["side"] == "hr")]
    study = opened(NESTED, people=staff, survey=survey)
    now = Answers.of(study, "2026")
    roster = now.of_side(now.roster)
    shown = {name: set(study.plan.sides["manager"].attributes[name].groups) for name in now.on_roster}
    assert now.attributes == now.on_roster and len(shown) == 3
    model = participation.asked(roster, now.on_roster)
    raked = weighting.margins(roster, now.on_roster)
    weighted, _ = weighting.weighted_to(now.of_side(scales.scores(now.now, study.codebook)), roster, now.on_roster)
    for name, groups in shown.items():
        assert set(model[name]) == set(raked[name].index) == set(weighted[name]) == groups
    lights = readiness.planned_analyses(
        now.everything, study.codebook, attributes=study.attributes, waves=["2026"], roster=now.roster
    )
    assert not lights.astype(str).apply(lambda column: column.str.contains("East|South")).any(axis=None)


# -- reports ----------------------------------------------------------------------------------------------------------


def test_a_report_refuses_labels_that_are_not_merged(opened, monkeypatch, refusal):
    study = opened(NESTED, people=MANAGERS, survey=answers(MANAGERS))
    monkeypatch.setenv(REPORT_VARIABLE, "1")
    assert "merged=False would publish groups that single people out" in refusal(Study.load, study.folder, merged=False)
    assert set(Study.load(study.folder).responses()["team"]) == {"North", "Other team", "Law", "Tax"}
    code = f"from helpers.data import Study; Study.load({str(study.folder)!r}, merged=False)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1 and "merged=False" in done.stderr
