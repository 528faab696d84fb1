from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from helpers.analysis.practice.design import design_of, middle_of, of_allotted, uptake
from helpers.data import Study

SCORES = ["partnership_id", "respondent_id", "dimension", "wave", "score"]
STARTS = {"treated": "2025-09-01", "waitlist": "2026-02-02", "control": None}
WAVES = pd.Series(pd.to_datetime(["2025-05-10", "2025-11-10", "2026-05-10"]), ["2025-H1", "2025-H2", "2026-H1"])


def allotted(arms=("treated", "treated", "waitlist", "waitlist"), **changes):
    """What an allocation says of two pairs in each of these teams, as study.allotted gives it."""
    rows = [(f"P{2 * i + j}", f"H{i}", f"M{2 * i + j}", f"T{i}", arm) for i, arm in enumerate(arms) for j in (0, 1)]
    frame = pd.DataFrame(rows, columns=["partnership_id", "hr_id", "manager_id", "unit", "arm"])
    frame["starts_on"] = pd.to_datetime(frame["arm"].map(STARTS))
    frame = frame.assign(unit_kind="team", stratum=None, allocated_by="lot", drawn_on=pd.Timestamp("2025-07-01"))
    frame = frame.assign(could_start=None, cohort=frame["arm"], start_date=pd.Timestamp("2020-01-01"), end_date=pd.NaT)
    return frame.assign(**changes)


def design(**changes):
    return of_allotted(allotted(**changes), "role_swap")


@pytest.mark.parametrize(
    ("changes", "kind"),
    [
        ({}, "wait list"),
        ({"arms": ["treated", "control"]}, "lot"),
        ({"arms": ["treated", "waitlist", "control"]}, "wait list"),
        ({"starts_on": pd.to_datetime(["2025-09-01", "2025-09-01", "2025-11-01", "2025-11-01"] + ["2026-01-01"] * 4)},
         "staggered start"),
        ({"allocated_by": "choice"}, "comparison"),
        ({"could_start": "2025-09-01; 2025-10-01"}, "single cases"),
        ({"arm": None}, "none"),
        ({"arms": ["treated", "treated"]}, "none"),
        ({"arms": ["control", "control"]}, "none"),
    ],
)  # fmt: skip
def test_the_kind_is_read_from_what_was_recorded(changes, kind):
    found = design(**changes)
    assert found.kind == kind
    assert found.by_chance == (kind not in ("comparison", "none"))


def test_lots_drawn_after_the_start_decided_nothing():
    found = design(drawn_on=pd.Timestamp("2025-10-01"))
    assert found.kind == "comparison"
    assert "of a day after the first start" in found.in_words() and "weak at most" in found.in_words()


def test_words_follow_from_the_design():
    assert "4 teams were allotted" in design().in_words() and "are effects" in design().in_words()
    assert "within groups" in design(stratum=["a"] * 4 + ["b"] * 4).in_words()
    nothing = design(arm=None).in_words()
    assert "tells of no effect" in nothing and "draw lots before it begins" in nothing
    assert "Everybody began at the same time" in design(arms=["treated", "treated"]).in_words()


def test_waves_stand_before_the_first_start_and_before_the_second():
    assert design().waves(WAVES) == ("2025-H1", "2025-H2")
    assert design(arms=["treated", "control"]).waves(WAVES) == ("2025-H1", "2026-H1")
    assert design().waves(WAVES[["2025-H1", "2026-H1"]]) == ("2025-H1", "")
    assert design(arm=None).waves(WAVES) == ("", "")


def test_pairs_that_were_not_there_at_the_start_are_not_compared():
    began = pd.to_datetime(["2025-10-01"] + ["2020-01-01"] * 7)
    ended = pd.to_datetime([None, "2025-08-01"] + [None] * 6)
    assert len(design(start_date=began).pairs) == 7
    assert len(design(start_date=began, end_date=ended).pairs) == 6


def test_rows_hold_everybody_who_was_allotted():
    scores = pd.DataFrame(
        {"partnership_id": ["P0", "P0", "P1", "P4"], "respondent_id": ["M0", "M0", "M1", "M4"], "dimension": "trust",
         "wave": ["2025-H1", "2025-H2", "2025-H2", "2025-H2"], "score": [3.0, 4.0, 5.0, 2.0]}
    )  # fmt: skip
    rows = design().rows(scores, "2025-H1", "2025-H2").set_index("partnership_id")
    assert len(rows) == 8 and rows["score"].notna().sum() == 3
    assert rows["treated"].tolist() == [1, 1, 1, 1, 0, 0, 0, 0]
    assert rows.loc["P1", ["baseline", "unknown"]].tolist() == [3.0, 1]  # unknown: the mean, and marked
    assert rows.loc["P7", "respondent_id"] == "M7"
    assert design().rows(scores[:0], "2025-H1", "2025-H2").empty
    assert design().rows(scores, "", "2025-H2")["baseline"].eq(0).all()


def test_a_panel_counts_waves_and_says_when_each_pair_began():
    scores = pd.DataFrame(
        {"partnership_id": ["P0", "P4", "P7"], "respondent_id": ["M0", "M4", "M7"], "dimension": "trust"}
    )
    scores = scores.merge(pd.DataFrame({"wave": WAVES.index}), how="cross").assign(score=3.0)
    panel = design(arms=["treated", "treated", "waitlist", "control"]).panel(scores, WAVES)
    assert panel.groupby("partnership_id")["began"].first().fillna(0).to_dict() == {"P0": 2, "P4": 3, "P7": 0}
    assert panel["time"].tolist() == [1, 2, 3] * 3
    assert design().panel(scores[:0], WAVES).empty
    assert design(arm=None).panel(scores, WAVES).empty


def test_the_day_in_the_middle_of_a_wave_is_that_of_half_of_its_answers():
    sheets = pd.DataFrame({"wave": ["2", "2", "2", "1", "3"]})
    sheets["submitted_at"] = pd.to_datetime(["2026-02-01", "2026-02-03", "2026-03-31", "2025-02-01", None])
    assert middle_of(sheets).to_dict() == {"1": pd.Timestamp("2025-02-01"), "2": pd.Timestamp("2026-02-03")}
    assert middle_of(sheets[:0]).empty


def log(*rows):
    frame = pd.DataFrame(rows, columns=["practice", "person_id", "partnership_id", "date"])
    return frame.assign(date=pd.to_datetime(frame["date"]))


def test_taking_part_is_counted_by_what_was_allotted_and_not_by_who_came():
    sessions = log(
        ("role_swap", "M0", "P0", "2025-09-03"), ("role_swap", "M1", None, "2025-09-04"),  # room edition: no pair
        ("role_swap", "M4", "P4", "2025-10-01"),  # before its turn
        ("role_swap", "M5", "P5", "2026-02-05"), ("customer_call", "M2", "P2", "2025-09-03"),
    )  # fmt: skip
    found = uptake(design(), sessions, pd.Timestamp("2025-11-10"), 1)
    assert found[["arm", "estimate", "units", "respondents"]].to_numpy().tolist() == [
        ["had begun", 50.0, 2, 4], ["had not begun", 25.0, 2, 4],
    ]  # fmt: skip
    assert uptake(design(arm=None), sessions, pd.Timestamp("2025-11-10"), 1).empty
    partners = design(unit_kind="hr_partner")
    calls = log(("role_swap", "H0", None, "2025-09-03"))
    assert uptake(partners, calls, pd.Timestamp("2025-11-10"), 1)["estimate"].tolist() == [50.0, 0.0]


@pytest.mark.parametrize(("took", "told"), [(0, 0), (3, 0), (6, 30), (17, 75), (15, 75), (20, 100)])
def test_a_few_who_took_part_or_did_not_are_not_told_of(took, told):
    pairs = pd.DataFrame({"partnership_id": [f"P{n}" for n in range(20)], "manager_id": [f"M{n}" for n in range(20)]})
    sessions = log(*[("role_swap", f"M{n}", f"P{n}", "2025-09-03") for n in range(took)])
    nothing = of_allotted(allotted(arm=None), "role_swap")
    found = uptake(nothing, sessions, pd.Timestamp("2025-11-10"), 5, pairs.assign(hr_id="H1"))
    assert found[["arm", "estimate", "units", "respondents"]].to_numpy().tolist() == [["all pairs", told, 1, 20]]


def test_a_group_smaller_than_twice_the_smallest_never_tells_who_is_left():
    pairs = pd.DataFrame({"partnership_id": [*"abcdefg"], "manager_id": [*"ABCDEFG"], "hr_id": "H1"})
    nothing = of_allotted(allotted(arm=None), "role_swap")
    for took, told in ((4, 0), (6, 100 * 2 / 7), (7, 100)):
        sessions = log(*[("role_swap", None, pair, "2025-09-03") for pair in "abcdefg"[:took]])
        row = uptake(nothing, sessions, pd.Timestamp("2025-11-10"), 5, pairs).iloc[0]
        assert row["estimate"] == pytest.approx(told)


def test_only_a_lot_lets_a_practice_raise_something():
    assert design().claims["sentence"].startswith("Role swap {raised|lowered}")
    chosen = design(allocated_by="choice").claims
    assert "Nobody drew lots" in chosen["sentence"] and not any("practice moved" in words for words in chosen.values())


def test_a_study_is_read_by_what_it_recorded():
    sample = Study.load(Path(__file__).parents[3] / "data" / "sample")
    swaps, calls = design_of(sample, "role_swap"), design_of(sample, "customer_call")
    assert (swaps.kind, swaps.unit, swaps.stratified) == ("wait list", "teams", True)
    assert (calls.kind, calls.unit, calls.stratified) == ("wait list", "HR partners", False)
    assert swaps.pairs["unit"].nunique() == 25 and calls.pairs["unit"].nunique() == 36
    assert design_of(sample, "stay_interviews").kind == "none"
    silent = SimpleNamespace(has=lambda table: table != "practice_draws")
    nothing = design_of(silent, "role_swap")
    assert nothing.kind == "none" and nothing.rows(pd.DataFrame(columns=SCORES), "", "").empty
