"""What a practice is meant to change stands in its playbook; what people noted of it is compared by lot."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from test_behaviour import Known

from helpers.analysis.practice import changes, effect
from helpers.analysis.practice.design import Design
from helpers.data import Study
from helpers.data.practices import Capture, CaptureField, declared

FIRST, SECOND = pd.Timestamp("2026-01-12"), pd.Timestamp("2026-04-13")
SWAP = declared([Path("playbooks")])["role_swap"]
HITS = SWAP.field("hits_day_60")
MANAGERS = "Partner’s top three known unasked, managers"


def design(units=24, each=4):
    """A wait list of teams: each team has its own HR partner, every other begins three months later."""
    unit = np.repeat(np.arange(units), each)
    frame = pd.DataFrame({"unit": [f"T{code}" for code in unit], "hr_id": [f"H{code}" for code in unit]})
    frame["partnership_id"], frame["manager_id"] = ([f"{letter}{at}" for at in range(len(unit))] for letter in "PM")
    frame["starts_on"] = np.where(unit % 2, SECOND, FIRST)
    return Design("role_swap", "wait list", "teams", frame.assign(stratum=""), [FIRST, SECOND])


def slips(how, gain=0.8, seed=1, noted=("hits_guessed", "hits_day_60")):
    """Everybody guesses on their own day, and names the top three 60 days later, .8 better."""
    random, rows = np.random.default_rng(seed), []
    for pair in how.pairs.itertuples():
        session = f"S-{pair.unit}"
        for person in (pair.manager_id, pair.hr_id):
            for field, mean in (("hits_guessed", 1.2), ("hits_day_60", 1.2 + gain)):
                value = str(random.binomial(3, mean / 3))
                rows.append((session, person, pair.partnership_id, field, value))
    answers = pd.DataFrame(rows, columns=["session_id", "person_id", "partnership_id", "field", "value"])
    sessions = how.pairs.drop_duplicates("unit")
    sessions = pd.DataFrame(
        {"session_id": "S-" + sessions["unit"], "date": sessions["starts_on"] + pd.Timedelta(days=3)}
    )
    tables = {
        "practice_answers": answers[answers["field"].isin(noted)],
        "practice_sessions": sessions.assign(practice="role_swap"),
    }
    return Known(tables=tables)


def effects(known, how):
    rows = how.rows(changes.noted(known, how, [HITS]), "before", "after")
    models = {
        name: smf.ols("score ~ treated + baseline + unknown + C(stratum)", own)
        for name, own in rows.groupby("dimension")
    }
    return effect.effect(models, how).set_index("dimension")


def test_what_those_who_began_know_is_compared_with_what_the_others_guess_when_their_turn_comes():
    how = design()
    found = effects(slips(how), how)
    assert set(found.index) == {MANAGERS, "Partner’s top three known unasked, HR partners"}
    for row in found.itertuples():
        assert row.low < 0.8 < row.high and row.low > 0.3
    assert found.loc[MANAGERS, ["respondents_treated", "respondents_others"]].tolist() == [48, 48]


@pytest.mark.slow
def test_a_planted_null_is_called_an_effect_in_about_one_of_twenty():
    how = design()
    false = sum(
        not row.low < 0 < row.high for seed in range(60) for row in effects(slips(how, 0, seed), how).itertuples()
    )
    assert false <= 13  # of 120; more would come about by chance in 1 of 100 such tests


def test_the_gain_of_those_who_wait_does_not_count_before_their_turn():
    """What the waiting teams name 60 days after their own swap is not what they would have known without it."""
    how = design()
    rows = changes.noted(slips(how, 1.7), how, [HITS])
    begun = rows["partnership_id"].isin(how.pairs.loc[how.pairs["starts_on"] == FIRST, "partnership_id"])
    assert rows[begun]["score"].mean() > 1.2 + rows[~begun]["score"].mean()
    assert rows["wave"].eq("after").all()  # nobody guessed before the first start


def test_guesses_about_others_do_not_count_for_a_pair():
    how = design()
    known = slips(how)
    room = known.tables["practice_answers"].assign(partnership_id=None, value="3")
    known.tables["practice_answers"] = pd.concat([room, known.tables["practice_answers"]], ignore_index=True)
    assert effects(known, how).equals(effects(slips(how), how))


@pytest.mark.parametrize("noted", [("hits_day_60",), ("hits_guessed",)])
def test_what_one_side_alone_noted_is_described_and_not_compared(noted):
    """Only those who took part were asked on day 60; whoever waits noted nothing that it could be compared with."""
    how = design()
    found = changes.noted(slips(how, noted=noted), how, [HITS])
    assert found.empty and found.attrs["absent"] == changes.NOBODY_NOTED
    assert found.attrs["left_out"].count("is noted only where people took part") == 2


def test_without_a_design_or_slips_the_reason_is_told():
    how = design()
    nothing = Design("role_swap", "none", "pairs", how.pairs[:0], [])
    assert "not recorded who began" in changes.noted(slips(how), nothing, [HITS]).attrs["absent"]
    assert "Nobody noted" in changes.noted(Known(tables={}), how, [HITS]).attrs["absent"]
    assert changes.noted(slips(how), how, []).empty


def test_guesses_from_before_the_first_start_are_the_baseline_where_both_have_some():
    how = design()
    known = slips(how)
    early = known.tables["practice_answers"].query("field == 'hits_guessed'").assign(session_id="S-0", value="2")
    known.tables["practice_answers"] = pd.concat([early, known.tables["practice_answers"]], ignore_index=True)
    first = pd.DataFrame({"session_id": ["S-0"], "date": [FIRST - pd.Timedelta(days=30)], "practice": ["role_swap"]})
    known.tables["practice_sessions"] = pd.concat([first, known.tables["practice_sessions"]], ignore_index=True)
    rows = how.rows(changes.noted(known, how, [HITS]), "before", "after")
    assert rows["baseline"].eq(2).all() and rows["unknown"].sum() == 0


def test_the_playbook_says_what_is_compared_unless_outcomes_are_named():
    labels = {"listening": "Listening", "ownership": "Ownership"}
    found = changes.meant(SWAP, labels)
    assert found.dimensions == ["listening"] and [field.field for field in found.fields] == ["hits_day_60"]
    assert found.records == ["feedback", "promises", "teams"] and "Not asked in this study: knowledge" in found.words
    named = changes.meant(SWAP, labels, ["ownership", "promises"])
    assert (named.dimensions, named.fields, named.records) == (["ownership"], [], ["promises"])
    assert {"ownership", "hits_day_60", "feedback"} <= set(changes.possible(SWAP, list(labels)))
    own = changes.meant(SWAP, {"goals": "Goals", "speed": "Speed"})
    assert own.dimensions == ["goals", "speed"] and "ask for none of the dimensions" in own.words
    bare = Capture(practice="walk", fields=[])
    assert (
        changes.meant(bare, labels).dimensions == list(labels) and "does not say" in changes.meant(bare, labels).words
    )


def test_without_a_survey_there_are_sheets_of_nobody():
    study = Study.load("tests/studies/capture_only")
    found = changes.sheets(study, None)
    assert found.empty and {"partnership_id", "side", "wave", "submitted_at"} <= {*found}
    assert changes.recorded(study) == "role_swap"


def test_where_hr_partners_were_allotted_each_of_them_is_one_cluster():
    """Listeners are in no pair: what one of them notes stands beside each of their pairs, and counts once as a unit."""
    plain = design()
    how = Design("role_swap", "wait list", "HR partners", plain.pairs.assign(unit=plain.pairs["hr_id"]), plain.starts)
    known = slips(plain)
    answers = known.tables["practice_answers"]
    answers = answers[answers["person_id"].str.startswith("H")].assign(partnership_id=None)
    known.tables["practice_answers"] = answers.drop_duplicates(["person_id", "field"])
    found = effects(known, how)
    assert found.index.tolist() == ["Partner’s top three known unasked, HR partners"]
    row = found.iloc[0]
    assert (row["clusters"], row["respondents_treated"], row["respondents_others"]) == (24, 12, 12)
    noted = changes.noted(known, how, [HITS])
    assert noted.groupby("respondent_id")["score"].nunique().eq(1).all() and len(noted) == 96
    by_unit = noted.drop_duplicates("respondent_id").merge(
        how.pairs.drop_duplicates("hr_id"), left_on="respondent_id", right_on="hr_id"
    )
    begun = by_unit["starts_on"] == FIRST
    assert row["estimate"] == pytest.approx(by_unit[begun]["score"].mean() - by_unit[~begun]["score"].mean())


def calm(how, value):
    """One answer a session about the team whose people are in it, and a log of who was there."""
    field = {"type": "whole", "least": 0, "most": 100, "level": "unit", "sheet": "s", "filled_by": "p"}
    field |= {"basis": "agreed", "label": "Calm of the team"}
    asked = CaptureField(field="calm", when="on the day", **field)
    later = CaptureField(field="calm_day_60", when="day 60", outcome=True, same_as="calm", **field)
    log = how.pairs.assign(session_id="S-" + how.pairs["unit"], person_id=how.pairs["manager_id"], practice="role_swap")
    rows = [
        (f"S-{unit}", name, str(value(int(unit[1:]), name)))
        for unit in how.pairs["unit"].unique()
        for name in ("calm", "calm_day_60")
    ]
    answers = pd.DataFrame(rows, columns=["session_id", "field", "value"]).assign(person_id=None, partnership_id=None)
    known = slips(how)
    known.tables |= {"practice_answers": answers, "practice_log": log}
    return known, [asked, later]


def test_what_is_said_of_a_unit_is_compared_by_unit():
    """Teams that began say 60 plus their number on day 60, the others 40 plus theirs before their day."""
    how = design(24, 4)
    known, (_, later) = calm(how, lambda unit, name: {"calm": 40, "calm_day_60": 60}[name] + unit // 2)
    rows = changes.noted(known, how, [later])
    assert rows["dimension"].unique().tolist() == ["Calm of the team"] and len(rows) == len(how.pairs)
    table = how.rows(rows, "before", "after")
    model = smf.ols("score ~ treated + baseline + unknown + C(stratum)", table)
    row = effect.effect({"calm": model}, how).iloc[0]
    assert row["estimate"] == pytest.approx(20) and (row["clusters"], row["clusters_treated"]) == (24, 12)
    assert rows.attrs["left_out"] == ""


def test_what_is_said_of_one_of_several_units_in_a_session_counts_for_none():
    how = design(24, 4)
    known, (_, later) = calm(how, lambda unit, name: 50)
    log = known.tables["practice_log"]
    guest = log[log["unit"] == "T2"].head(1).assign(session_id="S-T0")
    stranger = log.head(1).assign(session_id="S-T4", person_id="X9", partnership_id=None)
    known.tables["practice_log"] = pd.concat([log, guest, stranger], ignore_index=True)
    rows = changes.noted(known, how, [later])
    units = rows.merge(how.pairs, on="partnership_id")["unit"].unique()
    assert {"T0", "T4"}.isdisjoint(units) and len(units) == 22
    assert (
        rows.attrs["left_out"] == "Answers about one of the teams count only where people of that one alone took part."
    )


def test_an_hr_partner_of_several_teams_does_not_hide_whose_session_it_was():
    how = design(24, 4)
    pairs = how.pairs.assign(hr_id=np.where(how.pairs["unit"].isin(["T0", "T1"]), "H0", how.pairs["hr_id"]))
    how = Design("role_swap", "wait list", "teams", pairs, how.starts)
    known, (_, later) = calm(how, lambda unit, name: 50)
    log = known.tables["practice_log"]
    host = log[log["unit"] == "T0"].head(1).assign(person_id="H0", partnership_id=None)
    known.tables["practice_log"] = pd.concat([log, host], ignore_index=True)
    assert changes.noted(known, how, [later]).merge(how.pairs, on="partnership_id")["unit"].nunique() == 24
