from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods import staggered

WIDE = pd.read_csv(Path(__file__).parents[1] / "reference" / "mpdta.csv")
COUNTIES = WIDE.melt(["county", "began"], var_name="year", value_name="employed").astype({"year": int})


def cells(compared="never"):
    return staggered.changes(COUNTIES, "employed", "county", "year", "began", compared)


def test_effects_on_counties_are_the_published_ones():
    # did::att_gt(yname = "lemp", gname = "first.treat", idname = "countyreal", tname = "year", data = mpdta)
    found = staggered.group_time(cells(), "county").set_index("cell")["estimate"].round(4)
    assert found[["2004 in 2004", "2004 in 2006", "2006 in 2006", "2007 in 2007"]].tolist() == [
        -0.0105,
        -0.1373,
        -0.0046,
        -0.0261,
    ]
    # aggte(type = "simple"): -0.0400, standard error 0.0118 by bootstrap
    overall = staggered.event_study(cells(), "county", "county").table.set_index("horizon").loc["overall"]
    assert overall["estimate"] == pytest.approx(-0.0400, abs=5e-5)
    assert overall["standard_error"] == pytest.approx(0.0119, abs=3e-4)
    # control_group = "notyettreated"
    later = staggered.group_time(cells("not yet"), "county").set_index("cell")["estimate"].round(4)
    assert later["2004 in 2004"] == -0.0194


def test_two_way_fixed_effects_give_the_published_other_figure():
    rows = COUNTIES.assign(begun=(COUNTIES["year"] >= COUNTIES["began"]).astype(float))
    centred = rows[["employed", "begun"]]
    for name in ("county", "year"):  # balanced, so that the means may be taken out one after the other
        centred = centred - centred.groupby(rows[name]).transform("mean")
    slope = (centred["employed"] @ centred["begun"]) / (centred["begun"] @ centred["begun"])
    assert slope == pytest.approx(-0.0365, abs=5e-5)


def teams(effects=(1.0, 2.0, 3.0, 4.0), never=0, noise=0.0, seed=1, each=6):
    """Teams that begin at time 2 or 4 of five; the effect grows with every time since."""
    random = np.random.default_rng(seed)
    began = np.repeat([2.0, 4.0, np.nan], [each, each, never])
    frame = pd.DataFrame({"team": np.arange(len(began)), "began": began}).merge(
        pd.DataFrame({"wave": range(1, 6)}), how="cross"
    )
    since = (frame["wave"] - frame["began"]).fillna(-1).astype(int)
    gained = np.where(since >= 0, np.take(effects, since.clip(lower=0), mode="clip"), 0.0)
    frame["score"] = frame["team"] * 0.1 + frame["wave"] * 0.2 + gained + random.normal(0, 1, len(frame)) * noise
    return frame


def test_where_effects_grow_two_way_fixed_effects_have_the_wrong_sign():
    frame = teams(effects=(0.2, 1.0, 3.0, 6.0))
    frame["begun"] = (frame["wave"] >= frame["began"]) * 1
    slope = smf.ols("score ~ begun + C(team) + C(wave)", frame).fit().params["begun"]
    assert slope == pytest.approx(-2.0), "chapter 06 tells this figure"
    found = staggered.changes(frame, "score", "team", "wave", "began")
    by_cell = staggered.group_time(found.assign(change=found["change"] + np.resize([0, 1e-6], len(found))), "team")
    after = by_cell[by_cell["horizon"] >= 0].set_index("cell")["estimate"]
    assert after.to_dict() == pytest.approx({"2 in 2": 0.2, "2 in 3": 1.0}, abs=1e-4)


def test_a_planted_effect_is_found_and_a_planted_null_is_not():
    growing = staggered.event_study(
        staggered.changes(teams(never=12, noise=0.4), "score", "team", "wave", "began"), "team", "team"
    )
    rows = growing.table.set_index("horizon")
    assert rows.loc["0", "low"] < 1.0 < rows.loc["0", "high"] and rows.loc["2", "low"] < 3.0 < rows.loc["2", "high"]
    assert rows.loc["-2", "low"] < 0 < rows.loc["-2", "high"]
    none = teams(effects=(0.0,), never=12, noise=0.4)
    table = staggered.event_study(staggered.changes(none, "score", "team", "wave", "began"), "team", "team").table
    assert ((table["low"] < 0) & (table["high"] > 0)).all()


def test_the_covariance_has_the_squares_of_the_standard_errors_on_its_diagonal():
    found = staggered.event_study(
        staggered.changes(teams(never=6, noise=1.0), "score", "team", "wave", "began"), "team", "team"
    )
    assert np.sqrt(np.diag(found.covariance)) == pytest.approx(found.table["standard_error"].to_numpy(float))


def test_edges():
    frame = teams(noise=1.0)
    for rows in (
        frame[:0],
        frame.head(1),
        frame.assign(began=np.nan),
        frame.assign(score=np.nan),
        frame[frame["wave"] == 1],
    ):
        empty = staggered.changes(rows, "score", "team", "wave", "began")
        assert empty.empty and {"cell", "treated", "change", "horizon"} <= {*empty}
        assert staggered.group_time(empty, "team").empty
        assert "it takes 2 cohorts and 8 clusters" in staggered.event_study(empty, "team", "team").table["note"].iloc[0]
    few = staggered.changes(teams(noise=1.0, each=3), "score", "team", "wave", "began")
    assert np.isnan(staggered.event_study(few, "team", "team").table["estimate"]).all()


def test_several_outcomes_are_averaged_one_row_each():
    panel = teams(never=6, noise=0.5).assign(respondent_id=lambda rows: rows["team"])
    own = staggered.changes(panel, "score", "team", "wave", "began")
    found = staggered.overall({"trust": own, "candour": own[:0]}, "team", "team").set_index("dimension")
    assert found.loc["trust", "estimate"] == staggered.event_study(own, "team", "team").table["estimate"].iloc[-1]
    assert found.loc["trust", ["respondents_treated", "respondents_others"]].tolist() == [12, 12]
    assert found.loc["candour", "note"].startswith("cannot tell")
    assert staggered.overall({}, "team", "team").empty


def test_the_minimum_wage_in_new_jersey():
    """Card, D. & Krueger, A. B. (1994), American Economic Review 84, table 3: full-time equivalents per restaurant.

    New Jersey 20.44 before and 21.03 after, Pennsylvania 23.33 and 21.17; changes .59 (standard error .54) and -2.16
    (1.25); difference 2.76 (1.36) of means that were not rounded.
    """

    def stores(count, before, change, error):
        noise = np.random.default_rng(count).normal(size=count)
        noise = (noise - noise.mean()) / noise.std(ddof=1)
        return pd.DataFrame({"before": before, "after": before + change + error * np.sqrt(count) * noise})

    wide = pd.concat([stores(331, 20.44, 0.59, 0.54), stores(79, 23.33, -2.16, 1.25)], ignore_index=True)
    wide = wide.assign(store=wide.index, began=np.where(wide.index < 331, 2.0, np.nan))
    long = wide.melt(["store", "began"], var_name="wave", value_name="employed").assign(
        wave=lambda rows: rows["wave"].map({"before": 1, "after": 2})
    )
    rows = staggered.changes(long, "employed", "store", "wave", "began")
    found = staggered.group_time(rows, "store").iloc[0]
    assert found["estimate"] == pytest.approx(2.76, abs=0.011)
    assert found["standard_error"] == pytest.approx(1.36, abs=0.005)
