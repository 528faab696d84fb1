"""What people did is compared from records: the windows, the figures, and units that are compared with themselves."""

import datetime
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.practice import behaviour, effect
from helpers.analysis.practice.design import Design

START = pd.Timestamp("2026-03-02")
AS_OF = datetime.date(2026, 6, 30)


def pairs(units=12, each=3):
    unit = np.repeat(np.arange(units), each)
    frame = pd.DataFrame(
        {"unit": [f"T{code:02d}" for code in unit], "manager_id": [f"M{at}" for at in range(len(unit))]}
    )
    frame["partnership_id"], frame["hr_id"] = frame["manager_id"].str.replace("M", "P"), frame["unit"]
    frame["starts_on"] = pd.Series([START if code % 2 else pd.NaT for code in unit])
    return frame.assign(stratum="", arm=np.where(unit % 2, "treated", "control"), could_start=None)


def design(frame, kind="lot", unit="teams"):
    return Design("role_swap", kind, unit, frame, [START])


class Known(SimpleNamespace):
    """A study of the tables that it is given."""

    def has(self, name):
        return name in self.tables

    def table(self, name):
        return self.tables[name]


def study(monkeypatch, waits=None, **tables):
    columns = ["hiring_manager_id", "started_at", "days", "done", "in_time"]
    monkeypatch.setattr(
        behaviour, "waits_for_feedback", lambda _: pd.DataFrame(columns=columns) if waits is None else waits
    )
    return Known(tables=tables, as_of=AS_OF)


def feedback(frame, days_after=-2.0, seed=1):
    """Three waits of each manager before the start and three after; where the practice began, two days shorter."""
    random = np.random.default_rng(seed)
    rows = []
    for manager, begun in zip(frame["manager_id"], frame["starts_on"].notna()):
        for day in (-90, -60, -30, 10, 40, 70):
            days = 6 + random.normal() + days_after * (begun and day > 0)
            rows.append((manager, START + pd.Timedelta(days=day), days, True, days < 5.5))
    return pd.DataFrame(rows, columns=["hiring_manager_id", "started_at", "days", "done", "in_time"])


def test_the_window_before_is_as_long_as_the_one_after():
    how = design(pairs())
    assert behaviour.window(how, pd.Timestamp(AS_OF)) == (
        pd.Timestamp("2025-11-01"), START, pd.Timestamp("2026-07-01"),
    )  # fmt: skip
    second = Design("role_swap", "wait list", "teams", pairs(), [START, pd.Timestamp("2026-05-04")])
    assert behaviour.window(second, pd.Timestamp(AS_OF))[2] == pd.Timestamp("2026-05-04")


def test_feedback_that_became_faster_where_the_practice_began_is_found(monkeypatch):
    frame = pairs(24)
    known = study(monkeypatch, feedback(frame))
    how = design(frame)
    rows = how.rows(behaviour.recorded(known, how), behaviour.BEFORE, behaviour.AFTER)
    assert set(rows["dimension"]) == {behaviour.IN_TIME, behaviour.DAYS} and len(rows) == 2 * len(frame)
    fits = {name: smf.ols("score ~ treated + baseline", own) for name, own in rows.groupby("dimension")}
    found = effect.effect(fits, how).set_index("dimension")
    assert found.loc[behaviour.DAYS, "low"] < -2 < found.loc[behaviour.DAYS, "high"] < 0
    assert found.loc[behaviour.IN_TIME, "low"] > 0


def test_feedback_as_before_is_not_called_faster(monkeypatch):
    """Of 40 studies in which nothing changed, about two say that something did: 5 per cent."""
    frame = pairs(24)
    how, false = design(frame), 0
    for seed in range(40):
        known = study(monkeypatch, feedback(frame, 0.0, seed))
        rows = how.rows(behaviour.recorded(known, how), behaviour.BEFORE, behaviour.AFTER)
        own = rows[rows["dimension"] == behaviour.DAYS]
        row = effect.effect({behaviour.DAYS: smf.ols("score ~ treated + baseline", own)}, how).iloc[0]
        false += not row["low"] < 0 < row["high"]
    assert false <= 5  # more than five of 40 would come about by chance in 1 of 70 such tests


def test_one_manager_and_feedback_of_one_length_give_no_interval_out_of_nothing(monkeypatch):
    alone, many = pairs(1, 1), pairs(12)
    found = behaviour.recorded(study(monkeypatch, feedback(alone)), design(alone))
    assert found.empty and "Days until feedback: recorded only of one side" in found.attrs["left_out"]
    waits = feedback(many).assign(days=4.0, in_time=True)
    how = design(many)
    rows = how.rows(behaviour.recorded(study(monkeypatch, waits), how), behaviour.BEFORE, behaviour.AFTER)
    assert (rows.loc[rows["dimension"] == behaviour.DAYS, "score"] == 4).all() and len(rows) == 2 * len(many)
    model = smf.ols("score ~ treated + baseline", rows[rows["dimension"] == behaviour.DAYS])
    row = effect.effect({behaviour.DAYS: model}, how).iloc[0]
    assert np.isnan(row["low"]) and row["note"].startswith("cannot tell")


def test_waits_that_run_or_lie_outside_the_window_count_in_no_mean(monkeypatch):
    frame = pairs(2, 1)
    waits = pd.DataFrame({
        "hiring_manager_id": "M1",
        "started_at": pd.to_datetime(["2026-02-01", "2026-04-01", "2026-04-02", "2026-08-01"]),
        "days": [3.0, 5.0, 60.0, 1.0], "done": [True, True, False, True], "in_time": [True, False, np.nan, True],
    })  # fmt: skip
    waits = pd.concat([waits, waits.assign(hiring_manager_id="M0", days=9.0)], ignore_index=True)
    rows = behaviour.recorded(study(monkeypatch, waits), design(frame)).query("respondent_id == 'M1'")
    rows = rows.set_index(["dimension", "wave"])["score"]
    assert rows[behaviour.DAYS, "after"] == 5 and rows[behaviour.IN_TIME, "after"] == 0
    assert rows[behaviour.DAYS, "before"] == 3 and rows[behaviour.IN_TIME, "before"] == 100


def test_metrics_of_teams_count_where_teams_were_allotted(monkeypatch):
    frame = pairs(2, 2)
    outcomes = pd.DataFrame({
        "unit": ["T00"] * 3 + ["T01"] * 3, "period": ["2026-01", "2026-04", "2026-Q1"] * 2, "metric": "complaints",
        "value": [5.0, 4.0, 9.0, 6.0, 1.0, np.nan], "denominator": [100.0, 100.0, 300.0, 50.0, 50.0, 0.0],
    })  # fmt: skip
    rows = behaviour.recorded(study(monkeypatch, outcomes=outcomes), design(frame))
    after = rows[rows["wave"] == "after"].groupby("partnership_id")["score"].first()
    assert after.tolist() == [4.0, 4.0, 2.0, 2.0]  # the quarter straddles the start and counts on neither side
    by_partner = behaviour.recorded(study(monkeypatch, outcomes=outcomes), design(frame, unit="HR partners"))
    assert by_partner.empty and "No records tell of both" in by_partner.attrs["absent"]


def promised(frame, kept_where_begun=0.9, seed=2, others=True):
    """Three promises of each pair that were due before the start, and three after; .5 are kept, more where it began."""
    random, rows = np.random.default_rng(seed), []
    for pair, begun in zip(frame["partnership_id"], frame["starts_on"].notna()):
        for day in (-90, -60, -30, 10, 40, 70):
            chance = kept_where_begun if begun and day > 0 else 0.5
            outcome = "kept" if random.random() < chance else "broken"
            rows.append((pair, START + pd.Timedelta(days=day), outcome if others or begun else "open"))
    return pd.DataFrame(rows, columns=["partnership_id", "due_on", "outcome"])


def kept(known, how):
    rows = how.rows(behaviour.recorded(known, how), behaviour.BEFORE, behaviour.AFTER)
    own = rows[rows["dimension"] == behaviour.KEPT]
    return effect.effect({behaviour.KEPT: smf.ols("score ~ treated + baseline", own)}, how).iloc[0], own


def test_promises_kept_are_compared_where_both_kinds_of_pairs_made_some(monkeypatch):
    how = design(pairs(24))
    row, own = kept(study(monkeypatch, commitments=promised(how.pairs)), how)
    assert row["low"] < 40 < row["high"] and row["low"] > 15 and row["clusters"] == 24
    assert own["score"].between(0, 100).all() and own["unknown"].sum() == 0
    row, _ = kept(study(monkeypatch, commitments=promised(how.pairs, 0.5)), how)
    assert row["low"] < 0 < row["high"]


def test_promises_of_those_alone_who_took_part_are_compared_with_nothing(monkeypatch):
    how = design(pairs(24))
    found = behaviour.recorded(study(monkeypatch, commitments=promised(how.pairs, others=False)), how)
    assert found.empty and f"{behaviour.KEPT}: recorded only of one side" in found.attrs["left_out"]
    outside = promised(how.pairs).assign(due_on=pd.Timestamp("2027-01-01"))
    assert behaviour.recorded(study(monkeypatch, commitments=outside), how).empty


def test_only_records_that_a_practice_is_meant_to_change_are_compared(monkeypatch):
    how = design(pairs(24))
    known = study(monkeypatch, feedback(how.pairs), commitments=promised(how.pairs))
    assert set(behaviour.recorded(known, how, ["promises"])["dimension"]) == {behaviour.KEPT}
    assert behaviour.recorded(known, how, []).empty
    by_partner = behaviour.recorded(known, design(pairs(24), unit="HR partners"), ["teams"])
    assert "teams were not allotted" in by_partner.attrs["absent"]


def test_feedback_is_compared_among_those_who_visited_the_same(monkeypatch):
    """Of each team one manager visits talent acquisition, when their turn comes; only they become faster."""
    how = design(pairs(24))
    visitors = how.pairs.groupby("unit")["manager_id"].first().tolist()
    waits = feedback(how.pairs, 0.0)
    late = waits["hiring_manager_id"].isin(visitors) & (waits["started_at"] > START)
    begun = waits["hiring_manager_id"].map(how.pairs.set_index("manager_id")["starts_on"].notna())
    waits["days"] = waits["days"] - 3.0 * (late & begun)
    answers = pd.DataFrame({"person_id": visitors, "field": "side_visited", "value": "talent_acquisition"})
    known = study(monkeypatch, waits, practice_answers=answers)
    where = {"side_visited": "talent_acquisition"}
    rows = how.rows(behaviour.recorded(known, how, ["feedback"], where), behaviour.BEFORE, behaviour.AFTER)
    name = f"{behaviour.DAYS}, of managers who visited talent acquisition"
    own = rows[(rows["dimension"] == name) & rows["score"].notna()]
    assert set(own["manager_id"]) == set(visitors)
    row = effect.effect({name: smf.ols("score ~ treated + baseline", own)}, how).iloc[0]
    assert row["low"] < -3 < row["high"] < 0
    unnoted = behaviour.recorded(study(monkeypatch, waits), how, ["feedback"], where)
    assert name not in set(unnoted["dimension"])


def test_without_a_start_or_records_the_reason_is_told(monkeypatch):
    nothing = Design("role_swap", "none", "pairs", pairs()[:0], [])
    assert "not recorded who began" in behaviour.recorded(study(monkeypatch), nothing).attrs["absent"]
    rows = behaviour.recorded(study(monkeypatch), design(pairs()))
    assert rows.empty and design(pairs()).rows(rows, "before", "after").empty


@pytest.mark.parametrize(("period", "first", "after"), [
    ("2026", "2026-01-01", "2027-01-01"), ("2026-H2", "2026-07-01", "2027-01-01"),
    ("2026-Q3", "2026-07-01", "2026-10-01"), ("2025-12", "2025-12-01", "2026-01-01"),
])  # fmt: skip
def test_periods(period, first, after):
    assert behaviour.span(period) == (pd.Timestamp(first), pd.Timestamp(after))


def single(days_after=-4.0):
    """Three HR partners, each with three managers, a start drawn from five Mondays, and feedback every third day."""
    mondays = pd.date_range("2026-03-02", periods=5, freq="14D")
    frame = pairs(3).assign(
        hr_id=lambda rows: rows["unit"], could_start="; ".join(f"{day:%Y-%m-%d}" for day in mondays)
    )
    started = dict(zip(frame["unit"].unique(), mondays[[1, 2, 3]]))
    frame["starts_on"] = frame["unit"].map(started)
    random, rows = np.random.default_rng(3), []
    for manager, start in zip(frame["manager_id"], frame["starts_on"]):
        for day in pd.date_range("2026-01-05", "2026-06-26", freq="3D"):
            rows.append((manager, day, 7 + random.normal() + days_after * (day >= start), True, True))
    return frame, pd.DataFrame(rows, columns=["hiring_manager_id", "started_at", "days", "done", "in_time"])


def test_three_partners_whose_start_was_drawn_are_compared_with_themselves(monkeypatch):
    frame, waits = single()
    how = design(frame, "single cases", "HR partners")
    row = behaviour.single_cases(study(monkeypatch, waits), how).iloc[0]
    assert row["estimate"] == pytest.approx(-4, abs=0.4) and row["low"] < -4 < row["high"] < 0
    assert row["p_value"] == pytest.approx(1 / 125) and (row["draws"], row["clusters"]) == (125, 3)


def test_partners_whose_figures_stay_as_they_were_are_not_called_changed(monkeypatch):
    frame, waits = single(0.0)
    row = behaviour.single_cases(study(monkeypatch, waits), design(frame, "single cases", "HR partners")).iloc[0]
    assert row["low"] < 0 < row["high"] and row["p_value"] > 0.05


def test_promises_by_their_first_date_are_a_figure_too(monkeypatch):
    frame, waits = single()
    due = pd.date_range("2026-01-06", "2026-06-23", freq="7D")
    made = pd.DataFrame([
        (pair, day, "kept" if day >= start else "broken")
        for pair, start in zip(frame["partnership_id"], frame["starts_on"]) for day in due
    ], columns=["partnership_id", "due_on", "outcome"])  # fmt: skip
    how = design(frame, "single cases", "HR partners")
    found = behaviour.single_cases(study(monkeypatch, waits, commitments=made), how).set_index("dimension")
    assert found.loc["Promises kept by the first date, per cent", "estimate"] == pytest.approx(100)
    nothing = behaviour.single_cases(study(monkeypatch), how)
    assert nothing.empty and "Neither hiring records nor promises" in nothing.attrs["absent"]


def test_other_designs_compare_no_unit_with_itself(monkeypatch):
    found = behaviour.single_cases(study(monkeypatch), design(pairs()))
    assert found.empty and "was not drawn" in found.attrs["absent"]
