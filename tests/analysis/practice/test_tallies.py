"""What routines wrote down is added up by month, of enough people, and what was not written is not zero."""

import pandas as pd
import pytest
import routines

from helpers.analysis.business import pulse
from helpers.analysis.practice import session, tallies
from helpers.data import Study


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return routines.write(tmp_path_factory.mktemp("routines") / "study")


def changed(folder, name, change):
    """The study with a table rewritten by a function."""
    path = folder / f"{name}.csv"
    change(pd.read_csv(path, dtype="str")).to_csv(path, index=False)
    return Study.load(folder)


def test_counts_are_added_up_over_pairs_and_parts_stand_beside_what_they_are_of(folder):
    months = tallies.monthly(Study.load(folder)).set_index(["field", "period"])
    held = months.loc["checkins_held"]
    assert held["count"].tolist() == [18.0] * 13 + [6.0] and held["out_of"].eq(24).all()
    assert held["what"].iloc[0] == "Check-ins planned this month: of these, held"
    assert months.loc["feedback_both_ways", ["count", "out_of"]].eq(6).all().all()
    assert months.loc["themes_answered", "out_of"].eq(5).all() and months.loc["themes", "out_of"].isna().all()
    # six managers and their three HR partners
    assert months["respondents"].eq(9).all()


def test_totals_say_in_how_many_months_and_which_share(folder):
    found = tallies.totals(tallies.monthly(Study.load(folder), ["rhythm"])).set_index("what")
    row = found.loc["Check-ins planned this month: of these, held"]
    assert (row["months"], row["total"], row["first"], row["last"]) == (14, 240, "2024-11", "2025-12")
    assert row["share"] == pytest.approx(100 * 240 / 336) and row["a_month"] == pytest.approx(240 / 14)
    assert found["routine"].unique().tolist() == ["Rhythm"]


def test_an_hr_partner_with_two_pairs_in_one_session_fills_in_two_sheets(tmp_path):
    def more_in_one(rows):
        mine = rows["partnership_id"].eq("P0") & rows["field"].eq("checkins_planned")
        return rows.assign(value=rows["value"].mask(mine, "8"))

    study = changed(routines.write(tmp_path / "study"), "practice_answers", more_in_one)
    found = session.shares(session.Sessions.of(study, "rhythm")).set_index("word")
    assert found.loc["of “Check-ins planned this month”", "estimate"] == pytest.approx(100 * 240 / (336 + 14 * 4))
    assert tallies.totals(tallies.monthly(study, ["rhythm"]))["share"].iloc[1] == pytest.approx(100 * 240 / 392)


def test_a_month_in_which_nobody_wrote_is_not_zero(tmp_path):
    folder = routines.write(tmp_path / "study", months=3)
    study = changed(folder, "practice_answers", lambda rows: rows[~rows["session_id"].str.endswith("2025-11")])
    months = tallies.monthly(study, ["employee_voice"])
    assert months.loc[months["field"] == "themes", "period"].tolist() == ["2025-10", "2025-12"]


def without(session, *pairs):
    """Leave these pairs alone in the log of a session."""
    return lambda log: log[~log["session_id"].eq(session) | log["partnership_id"].isin(pairs)]


def test_months_of_few_people_are_left_out_and_so_is_a_field_whose_total_would_tell_of_them(tmp_path):
    folder = routines.write(tmp_path / "study", months=6)
    study = changed(folder, "practice_log", without("rhythm-2025-07", "P0", "P1"))
    assert not len(tallies.monthly(study, ["rhythm"]))  # an HR partner and two managers
    study = changed(folder, "practice_log", without("rhythm-2025-08", "P2", "P3"))
    months = tallies.monthly(study, ["rhythm"])  # six people together
    assert months["period"].unique().tolist() == ["2025-09", "2025-10", "2025-11", "2025-12"]


def test_from_twelve_months_on_tallies_are_charted_and_before_that_named(folder, tmp_path):
    charted = pulse.charts(Study.load(folder), 12)
    held = charted[charted["measure"] == "Rhythm, check-ins planned this month: of these, held"]
    assert held["kind"].unique().tolist() == ["p′"] and held["alarm"].iloc[-1] == "outside the limits"
    assert "“Employee voice, themes this month”" in charted.attrs["left_out"]  # never varies
    short = pulse.charts(Study.load(routines.write(tmp_path / "study", months=11)), 12)
    assert short["measure"].unique().tolist() == ["Team mood"] and "of these, held”" in short.attrs["left_out"]


def test_kits_are_no_routines_and_a_study_without_tallies_says_so():
    study = Study.load("data/sample")
    assert tallies.recorded(study) == []
    assert tallies.totals(tallies.monthly(study)).attrs["absent"] == tallies.NOTHING
