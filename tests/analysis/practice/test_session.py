"""What a page about sessions may tell: of those who agreed, by side where both are large enough, from eight people."""

import dataclasses
import shutil

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.practice import session
from helpers.data import Study
from helpers.data.practices import Capture, CaptureField

SAMPLE, CAPTURE = "data/sample", "tests/studies/capture_only"
SESSIONS, LOG, ANSWERS = "practice_sessions.csv", "practice_log.csv", "practice_answers.csv"


@pytest.fixture(scope="module")
def sample():
    return Study.load(SAMPLE)


def changed(tmp_path, **tables):
    """The study that holds capture alone, with some of its tables rewritten by a function each."""
    folder = tmp_path / "study"
    shutil.copytree(CAPTURE, folder)
    for name, change in tables.items():
        path = folder / f"{name}.csv"
        change(pd.read_csv(path, dtype="str")).to_csv(path, index=False)
    return session.Sessions.of(Study.load(folder), "role_swap")


def test_sides_are_told_apart_where_each_has_enough_people(tmp_path):
    told = session.Sessions.of(Study.load(CAPTURE), "role_swap")
    assert told.sides == ["manager", "hr"]
    four_pairs = changed(
        tmp_path, practice_log=lambda log: log[log["partnership_id"].isin(["P01", "P02", "P03", "P04"])]
    )
    assert four_pairs.log["respondent_id"].nunique() == 8
    assert (four_pairs.enough, four_pairs.sides) == (True, [session.EVERYBODY])


def test_seven_people_are_too_few(tmp_path):
    few = changed(tmp_path, practice_log=lambda log: log[log["session_id"] == "RS1"].head(7).assign(partnership_id=""))
    assert not few.enough
    assert few.too_few == "Fewer than 8 people who agreed to be counted took part in these sessions of role swap."


def test_a_person_of_no_known_side_keeps_sides_together(tmp_path):
    def stranger(log):
        return log.assign(person_id=log["person_id"].replace("H3", "X9"), partnership_id="")

    assert changed(tmp_path, practice_log=stranger).sides == [session.EVERYBODY]


@pytest.mark.parametrize(
    ("first", "second", "came", "declined"),
    [
        ((12, 0), (11, 0), 23, 0),  # everybody agreed
        ((12, 0), (12, 1), np.nan, np.nan),  # one more came than agreed
        ((14, 2), (13, 2), np.nan, np.nan),  # four more
        ((15, 3), (13, 2), 28, 5),  # five more
        ((15, 3), (13, 1), 28, np.nan),  # five more came, four said no: their number is not told
    ],
)
def test_who_came_is_told_where_it_differs_by_nobody_or_by_enough(tmp_path, first, second, came, declined):
    told = changed(
        tmp_path,
        practice_sessions=lambda rows: rows.assign(
            came=[str(first[0]), str(second[0])], declined=[str(first[1]), str(second[1])]
        ),
    )
    row = session.who_came(told).iloc[0]
    assert [row["came"], row["declined"]] == pytest.approx([came, declined], nan_ok=True)


def test_one_session_tells_nothing_by_which_the_others_could_be_worked_out(tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(CAPTURE, folder)
    rows = pd.read_csv(folder / SESSIONS, dtype="str").assign(came=["17", "13"], declined=["5", "2"])
    rows.to_csv(folder / SESSIONS, index=False)
    study = Study.load(folder)
    assert session.who_came(session.Sessions.of(study, "role_swap"))["came"].iloc[0] == 30
    one = session.Sessions.of(study, "role_swap", session="RS1")
    # five more came than agreed in RS1; with the page about both, two more in RS2 would follow
    assert np.isnan(session.who_came(one)["came"].iloc[0])


def test_asking_beats_guessing_as_planted(sample):
    rows = session.gains(session.Sessions.of(sample, "role_swap"))
    asked = rows[rows["metric"] == "hits_asked"]
    assert asked["gain"].mean() == pytest.approx(1.08, abs=0.13)  # 3 (.78 - .42): simulation/practice.py
    assert (asked["gain"] == asked["after"] - asked["before"]).all()


def test_numbers_of_one_kind_are_compared_with_the_first(sample):
    pairs = session.of_a_kind(sample.practices["role_swap"])
    assert [(first.field, second.field) for first, second in pairs] == [
        ("hits_guessed", "hits_asked"), ("facts_round_one", "facts_round_two"), ("hits_guessed", "hits_day_60"),
    ]  # fmt: skip
    assert session.of_a_kind(sample.practices["customer_call"]) == []


def test_every_declared_field_about_people_is_told(sample):
    for practice in session.practices_recorded(sample):
        told = session.Sessions.of(sample, practice)
        found = pd.concat([session.numbers(told), session.shares(told)])
        labels = set(found["label"].str.replace(r" \((before|day \d+)\)$|, days after the session", "", regex=True))
        labels |= set(found["word"].dropna().str.extract("^of “(.*)”$")[0].dropna())
        declared = {field.told for field in told.capture.fields if field.level != "session"}
        assert labels == declared


def test_what_a_pair_a_session_or_a_unit_says_is_told_once_and_of_everybody(tmp_path):
    """Seats 12 and 16 are 14 on average, not weighted by who was there; words of one of two sessions are 50 %."""
    folder = tmp_path / "study"
    shutil.copytree(CAPTURE, folder)
    base = {"when": "on the day", "sheet": "s", "filled_by": "p", "basis": "agreed"}
    seats = {"field": "seats", "label": "Seats", "type": "whole", "least": 0, "most": 99, "level": "session"} | base
    calm = {"field": "calm", "label": "The team is calm", "type": "yes_no", "level": "unit"} | base | {"when": "day 30"}
    note = {"field": "note", "label": "What the room says", "type": "text", "level": "session"} | base
    ours = {"field": "ours", "label": "What we say", "type": "text", "level": "pair"} | base
    rows = [("RS1", None, "seats", "12"), ("RS2", None, "seats", "16"), ("RS1", None, "calm", "yes")]
    rows += [("RS2", None, "calm", "no"), ("RS1", None, "note", "Go on"), ("RS1", "P01", "ours", "More of it")]
    answers = pd.DataFrame(rows, columns=["session_id", "partnership_id", "field", "value"]).assign(person_id=None)
    answers.to_csv(folder / ANSWERS, index=False)
    told = session.Sessions.of(Study.load(folder), "role_swap")
    fields = [CaptureField(**one) for one in (seats, calm, note, ours)]
    told = dataclasses.replace(told, capture=Capture(practice="role_swap", fields=fields))
    mean = session.numbers(told).iloc[0]
    assert (mean["side"], mean["respondents"], mean["clusters"]) == (session.EVERYBODY, 17, 2)
    assert mean["estimate"] == pytest.approx(14)
    shares = session.shares(told).set_index("label")["estimate"]
    assert shares["The team is calm (day 30)"] == shares["What the room says"] == pytest.approx(50)
    there = told.log[told.log["session_id"] == "RS1"].dropna(subset=["partnership_id"])
    assert shares["What we say"] == pytest.approx(100 / there["partnership_id"].nunique())


def test_only_the_answers_of_people_who_agreed_are_read(sample):
    told = session.Sessions.of(sample, "customer_call")
    no = sample.practice_log[sample.practice_log["consent"].isna()]
    assert len(no) > 0
    places = {*no[["session_id", "person_id"]].itertuples(index=False, name=None)}
    assert places.isdisjoint({*told.log[["session_id", "respondent_id"]].itertuples(index=False, name=None)})


def test_wrong_guesses_are_a_share_of_those_written(tmp_path):
    def three_and_one(answers):
        rows = answers[answers["field"].isin(["assumptions_written", "assumptions_wrong"])]
        wrong = rows["field"] == "assumptions_wrong"
        first = rows["person_id"].eq("M01")
        return rows.assign(value=np.where(wrong, np.where(first, "3", "1"), np.where(first, "3", "2")))

    found = session.shares(changed(tmp_path, practice_answers=three_and_one))
    row = found[(found["side"] == "manager") & (found["word"] == "of “Guesses I wrote”")].iloc[0]
    people = row["respondents"]
    assert row["estimate"] == pytest.approx(100 * (3 + (people - 1)) / (3 + 2 * (people - 1)))


def test_what_a_pair_says_is_said_by_two_people_and_once(sample):
    told = session.Sessions.of(sample, "role_swap")
    found = session.shares(told).set_index("label").loc["Something is still done in a new way (day 90)"]
    answers = sample.practice_answers.query("field == 'new_habit'")
    assert found["side"] == session.EVERYBODY
    assert found["estimate"] == pytest.approx(100 * (answers["value"] == "yes").mean())
    assert found["respondents"] > answers["partnership_id"].nunique()


def test_promises_are_counted_in_people(tmp_path):
    def of_managers(rows):
        return rows.assign(promised_by="manager").groupby("partnership_id").head(2)

    found = session.promised(changed(tmp_path, commitments=of_managers)).set_index("side")
    assert (found.loc["manager", "estimate"], found.loc["manager", "each"]) == (100, 2)
    assert found.loc["hr", "estimate"] == 0
    assert found["note"].tolist() == ["", ""]  # that everybody did is told


def test_dates_are_days_since_the_session(sample):
    found = session.numbers(session.Sessions.of(sample, "customer_call")).set_index("label")["estimate"]
    assert 20 <= found["First step done on, days after the session (day 90)"] <= 80


def test_nobody_is_told_to_be_silent_before_their_day(tmp_path):
    said = session.still_to_come(session.Sessions.of(Study.load(CAPTURE), "role_swap"))
    assert said[0] == "Day 90 has not come for anybody."
    assert said[1] == "Of 17 people asked, this many wrote nothing: 17 on day 60."


def test_a_cohort_is_a_part_of_the_sessions(sample):
    first, second = (session.Sessions.of(sample, "role_swap", name) for name in session.cohorts(sample, "role_swap"))
    whole = session.Sessions.of(sample, "role_swap")
    assert len(first.sessions) + len(second.sessions) == len(whole.sessions)
    assert set(first.others["session_id"]) == set(second.sessions["session_id"])
    assert whole.clusters == "HR partners"


def test_without_answers_and_promises_the_page_still_stands(tmp_path):
    told = changed(tmp_path, practice_answers=lambda rows: rows[:0], commitments=lambda rows: rows[:0])
    tables = [session.numbers(told), session.shares(told), session.gains(told)]
    assert [len(table) for table in tables] == [0, 0, 0] and all(table.attrs["absent"] for table in tables)
    assert session.took_place(told)["sessions"].tolist() == [2]
    assert session.promised(told)["estimate"].tolist() == [0, 0]
