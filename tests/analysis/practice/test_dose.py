"""Hours go with scores or do not, and slips tell how far something went; what nobody noted is not zero."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.practice import dose
from helpers.analysis.practice.design import Design
from helpers.data.practices import declared

CAPTURES = declared([Path("playbooks")])
AS_OF = pd.Timestamp("2026-06-30")


def rows(units=20, each=4):
    unit = np.repeat(np.arange(units), each)
    frame = pd.DataFrame({"unit": unit, "hr_id": [f"H{code}" for code in unit], "treated": (unit % 2).astype(int)})
    frame["manager_id"] = [f"M{at}" for at in range(len(unit))]
    return frame.assign(
        partnership_id=frame["manager_id"], respondent_id=frame["manager_id"], score=3.0, baseline=3.0, unknown=0,
        stratum="", dimension="trust",
    )  # fmt: skip


def design(frame, unit="teams", practice="role_swap"):
    return Design(practice, "lot", unit, frame, [pd.Timestamp("2026-01-05")])


def log(people, hours, dates="2026-02-01", practice="role_swap"):
    return pd.DataFrame({"practice": practice, "person_id": people, "hours": hours, "date": dates})


def test_only_those_who_began_and_are_in_the_log_have_hours():
    frame = rows()
    sheet = log(["M4", "M4", "M5", "M0", "M6"], [2.0, 1.5, 8.0, 3.0, 1.0], ["2026-02-01"] * 4 + ["2026-09-01"])
    elsewhere = [f"M{at}" for at in range(12, 80, 8)]  # one manager of each other unit that had begun
    sheet = pd.concat([sheet, log(elsewhere, 1.0)], ignore_index=True)
    found = dose.taken(design(frame), frame, sheet, pd.Timestamp("2026-06-30"))
    assert dict(zip(found["manager_id"], found["hours"])) == {"M4": 3.5, "M5": 8.0} | dict.fromkeys(elsewhere, 1.0)
    partners = [f"H{code}" for code in range(1, 20, 2)]
    sheet = log([*partners, "H0"], [2.0, 5.0, *[3.0] * 9])
    by_partner = dose.taken(design(frame, "HR partners"), frame, sheet, pd.Timestamp("2026-06-30"))
    hours = by_partner.groupby("hr_id")["hours"].first()
    assert set(hours.index) == set(partners) and hours["H3"] == 5.0 and len(by_partner) == 40


def test_hours_of_fewer_than_eight_units_are_not_tested():
    sheet = log([f"H{code}" for code in range(1, 14, 2)], range(1, 8))
    found = dose.taken(design(rows(), "HR partners"), rows(), sheet, pd.Timestamp("2026-06-30"))
    assert found.empty and "fewer than 8 units" in found.attrs["absent"]


@pytest.mark.parametrize(("sheet", "why"), [
    (log([], []), "nobody’s hours"), (log([f"M{at}" for at in range(4, 80, 8)], 8.0), "same number of hours"),
    (log(["M4"], [np.nan]), "nobody’s hours"),
])  # fmt: skip
def test_what_cannot_go_with_hours_is_said(sheet, why):
    found = dose.taken(design(rows()), rows(), sheet, pd.Timestamp("2026-06-30"))
    assert found.empty and why in found.attrs["absent"]


def course(between, within, seed=5):
    """Four waves of 24 HR partners with eight managers; hours a month differ between them and from wave to wave."""
    random = np.random.default_rng(seed)
    frame = rows(24, 8).assign(treated=1)
    dates = pd.Series(pd.to_datetime(["2025-06-30", "2025-12-31", "2026-06-30", "2026-12-31"]), list("abcd"))
    usual = random.uniform(1, 6, 24)
    monthly = np.maximum(usual[:, None] + random.uniform(-1, 1, (24, 3)), 0)
    parts, sheet = [], []
    for wave in range(4):
        hours = np.zeros(24) if wave == 0 else monthly[:, wave - 1]
        own = monthly.mean(axis=1) * between + (hours - monthly.mean(axis=1)) * within * (wave > 0)
        unit = frame["unit"].to_numpy()
        parts.append(frame.assign(time=wave + 1, score=own[unit] + random.normal(0, 0.3, len(frame))))
        if wave:
            day = dates.iloc[wave] - pd.Timedelta(days=20)
            months = (dates.iloc[wave] - dates.iloc[wave - 1]).days / (365.25 / 12)
            sheet.append(log([f"H{code}" for code in range(24)], hours * months, day, "customer_call"))
    return frame, pd.concat(parts, ignore_index=True), pd.concat(sheet, ignore_index=True), dates


def test_who_listens_more_and_when_the_same_listens_more_are_told_apart():
    """HR partners who listen more are rated better by .3 an hour; listening more than usual goes with nothing."""
    frame, panel, sheet, dates = course(0.3, 0.0)
    how = design(frame, "HR partners", "customer_call")
    found = dose.within_and_between(how, panel, sheet, dates, True)
    fit = few_clusters(smf.ols("score ~ between + within + C(time)", found), "hr_id", ["between", "within"])
    between, within = fit.to_dict("records")
    assert between["low"] < 0.3 < between["high"] and between["low"] > 0.2
    assert within["low"] < 0 < within["high"]
    assert found.groupby("hr_id")["within"].mean().abs().max() < 1e-9


@pytest.mark.parametrize(("changes", "why"), [
    ({"unit": "teams"}, "were not allotted"), ({"is_complete": False}, "said no"), ({"waves": 2}, "three waves"),
    ({"empty": True}, "rated in all waves"),
])  # fmt: skip
def test_waves_are_not_set_beside_hours_that_are_not_known(changes, why):
    frame, panel, sheet, dates = course(0.3, 0.0)
    how = design(frame, changes.get("unit", "HR partners"), "customer_call")
    sheet = sheet[:0] if "empty" in changes else sheet
    complete = changes.get("is_complete", True)
    found = dose.within_and_between(how, panel, sheet, dates[: changes.get("waves", 4)], complete)
    assert found.empty and why in found.attrs["absent"]


def test_months_without_an_entry_are_none_only_where_the_record_is_complete():
    sheet = log(["H1", "H1", "H2"], [3.0, 5.0, 1.0], ["2026-01-10", "2026-03-10", "2026-02-01"], "customer_call")
    complete = dose.by_month(sheet, "customer_call", True).set_index("word")
    assert complete["months"].to_dict() == {"fewer than 2 hours": 2, "2 to 4 hours": 1, "more than 4 hours": 1}
    assert complete["estimate"].sum() == pytest.approx(100) and complete.loc["fewer than 2 hours", "respondents"] == 2
    partly = dose.by_month(sheet, "customer_call", False).set_index("word")
    assert partly["months"].sum() == 3
    assert "No hours" in dose.by_month(sheet[:0], "customer_call", True).attrs["absent"]
    assert "customer calls only" in dose.by_month(sheet, "role_swap", True).attrs["absent"]


def slips():
    told = {
        ("C1", "H1"): {"calls_joined": "1", "practice_filtered": "Exit talks", "decision": "change",
                       "action_due_on": "2026-03-01", "action_done_on": "2026-03-01", "customer_told": "yes",
                       "customers_declined": "0", "notes_destroyed": "yes"},
        ("C1", "H2"): {"calls_joined": "2", "practice_filtered": "Onboarding", "decision": "keep",
                       "customers_declined": "1", "notes_destroyed": "no"},
        ("C2", "H1"): {"calls_joined": "0", "customers_declined": "0"},
        ("C2", "H3"): {"calls_joined": "1", "practice_filtered": "Rota", "decision": "drop"},
    }  # fmt: skip
    answers = [(*who, field, value) for who, fields in told.items() for field, value in fields.items()]
    answers = pd.DataFrame(answers, columns=["session_id", "person_id", "field", "value"])
    edition = pd.DataFrame({"session_id": ["C1"], "person_id": [None], "field": ["edition"], "value": ["month"]})
    sessions = pd.DataFrame({"session_id": ["C1", "C2", "S9"], "practice": ["customer_call"] * 2 + ["role_swap"]})
    sessions["date"] = ["2026-01-10", "2026-04-20", "2026-01-10"]
    return pd.concat([edition, answers], ignore_index=True), sessions


def test_a_few_partners_are_not_compared_with_themselves():
    frame, panel, sheet, dates = course(0.3, 0.0)
    how = design(frame, "HR partners", "customer_call")
    few = sheet[sheet["person_id"].isin([f"H{code}" for code in range(7)])]
    found = dose.within_and_between(how, panel, few, dates, True)
    assert found.empty and "Fewer than 8 HR partners" in found.attrs["absent"]


def test_who_takes_the_same_hours_in_every_wave_has_nothing_to_compare_within():
    frame, panel, _, dates = course(0.3, 0.0)
    months = (dates.diff().dt.days / (365.25 / 12)).to_numpy()
    people, day = [f"H{code}" for code in range(24)], dates - pd.Timedelta(days=20)
    hours = [np.arange(1, 25) * length for length in months]
    even = pd.concat([log(people, hours[wave], day.iloc[wave], "customer_call") for wave in (1, 2, 3)])
    found = dose.within_and_between(design(frame, "HR partners", "customer_call"), panel, even, dates, True)
    assert found["within"].abs().max() < 1e-9 and found["between"].nunique() == 24
    fit = few_clusters(smf.ols("score ~ between + within + C(time)", found.round({"within": 9})), "hr_id", "within")
    assert fit["low"].isna().all()


def test_hours_at_the_ends_of_what_is_advised_are_within_it():
    sheet = log([f"H{code}" for code in range(4)], [2.0, 4.0, 1.99, 4.01], "2026-01-10", "customer_call")
    found = dose.by_month(sheet, "customer_call", True).set_index("word")["months"]
    assert found.to_dict() == {"fewer than 2 hours": 1, "2 to 4 hours": 2, "more than 4 hours": 1}
    nobody = dose.by_month(sheet.assign(hours=np.nan), "customer_call", True)
    assert nobody.empty and "No hours" in nobody.attrs["absent"]


def test_how_far_what_was_heard_went():
    found = dose.funnel(*slips(), CAPTURES["customer_call"], AS_OF).set_index("stage")
    assert found["slips"].to_dict() == {
        "Joined a call": 3, "Looked at a practice of HR": 3, "Decided: keep it": 1, "Decided: change it": 1,
        "Decided: drop it": 1, "First step has a date": 1, "First step is done": 1, "The customer was told": 1,
    }  # fmt: skip
    assert found.loc["Decided: drop it", "estimate"] == pytest.approx(100 / 3)
    assert (found["low"] < found["estimate"]).all() and (found["high"] <= 100).all()
    assert "no decisions" in dose.funnel(*slips(), CAPTURES["role_swap"], AS_OF).attrs["absent"]


def test_slips_whose_check_has_not_come_are_not_asked_for_it():
    """The second session is of April: on 30 June its day 60 has come, and its day 90 has not."""
    found = dose.funnel(*slips(), CAPTURES["customer_call"], AS_OF).set_index("stage")["of"]
    assert found["Decided: drop it"] == found["The customer was told"] == 3 and found["First step is done"] == 2
    early = dose.funnel(*slips(), CAPTURES["customer_call"], pd.Timestamp("2026-03-01")).set_index("stage")["of"]
    assert "First step is done" not in early and early["Decided: change it"] == 2


def test_rules_are_counted_of_the_slips_that_tell():
    found = dose.rules_kept(*slips(), "customer_call").set_index("measure")
    assert found.loc["Notes are destroyed", ["estimate", "slips"]].tolist() == [pytest.approx(50), 2]
    assert found.loc["A customer said no, and was not listened to", ["estimate", "slips"]].tolist() == [
        pytest.approx(100 / 3), 3,
    ]  # fmt: skip
    assert "No slip" in dose.rules_kept(*slips(), "role_swap").attrs["absent"]


def test_without_slips_nothing_came_of_it_and_no_rule_is_told():
    answers, sessions = slips()
    for nothing in (answers[:0], answers[answers["person_id"].isna()]):
        assert "no decisions" in dose.funnel(nothing, sessions, CAPTURES["customer_call"], AS_OF).attrs["absent"]
        assert "No slip" in dose.rules_kept(nothing, sessions, "customer_call").attrs["absent"]


def test_slips_of_one_person_go_together():
    """Four people who always decide alike tell no more than four: the interval is wider than that of 32 slips apart."""
    decisions = {"H1": "keep", "H2": "drop", "H3": "keep", "H4": "drop"}
    rows = []
    for at in range(8):
        for person, decision in decisions.items():
            told = {"calls_joined": "1", "practice_filtered": "Rota", "decision": decision}
            rows += [(f"C{at}", person, field, value) for field, value in told.items()]
    answers = pd.DataFrame(rows, columns=["session_id", "person_id", "field", "value"])
    sessions = pd.DataFrame(
        {"session_id": [f"C{at}" for at in range(8)], "practice": "customer_call", "date": "2026-01-10"}
    )
    alike = dose.funnel(answers, sessions, CAPTURES["customer_call"], AS_OF).set_index("stage").loc["Decided: drop it"]
    apart = answers.assign(person_id=answers["person_id"] + answers["session_id"])
    each = dose.funnel(apart, sessions, CAPTURES["customer_call"], AS_OF).set_index("stage").loc["Decided: drop it"]
    assert alike["estimate"] == each["estimate"] == pytest.approx(50)
    assert alike["high"] - alike["low"] > 2 * (each["high"] - each["low"])
