import itertools

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.practice.exposure import NEITHER, OTHERS, OWN, by_condition, compared, effects, exposure

OF_OTHERS, OF_OWN = (f'C(condition, Treatment("neither"))[T.{name}]' for name in (OTHERS, OWN))


def pairs(random, partners=60, each=6):
    """Half of the teams of three pairs are drawn; an HR partner has two teams."""
    frame = pd.DataFrame({"hr_id": np.repeat(np.arange(partners), each)})
    frame["unit"] = frame.index // 3
    drawn = random.permutation(np.arange(frame["unit"].nunique()) % 2)
    return frame.assign(stratum="", treated=drawn[frame["unit"]])


def answered(random, own=0.4, spillover=0.2):
    """A swap of one's own moves a pair by .40; those of the HR partner with others by .20."""
    frame = exposure(pairs(random))
    moved = own * (frame["condition"] == OWN) + spillover * (frame["condition"] == OTHERS)
    level = random.normal(0, 0.3, 60)[frame["hr_id"]]
    return frame.assign(score=3 + moved + level + random.normal(0, 0.8, len(frame)))


def test_an_own_effect_of_40_beside_a_spillover_of_20_is_found_and_looks_like_19_within_a_partner():
    random = np.random.default_rng(20260630)
    found = []
    for _ in range(30):
        rows = answered(random)
        fit = smf.wls('score ~ C(condition, Treatment("neither"))', rows, weights=rows["weight"]).fit()
        centred = rows[["score", "treated"]] - rows.groupby("hr_id")[["score", "treated"]].transform("mean")
        within = (centred["score"] @ centred["treated"]) / (centred["treated"] @ centred["treated"])
        found.append([fit.params[OF_OWN], fit.params[OF_OTHERS], within])
    own, spillover, within = np.mean(found, axis=0)
    assert own == pytest.approx(0.40, abs=0.06)
    assert spillover == pytest.approx(0.20, abs=0.07)
    assert within == pytest.approx(0.19, abs=0.05)  # half of the effect: the others are no picture of "without"


def test_chances_are_those_of_every_draw():
    frame = pd.DataFrame(
        {"hr_id": list("aaabbc"), "unit": [0, 1, 2, 2, 3, 3], "stratum": ["x", "x", "x", "x", "x", "x"]}
    )
    frame["treated"] = frame["unit"].isin([0, 2]) * 1
    found = exposure(frame)
    ways = [set(each) for each in itertools.combinations(range(4), 2)]
    for row in found.itertuples():
        others = frame[(frame["hr_id"] == row.hr_id) & (frame.index != row.Index)]["unit"]
        told = [OWN if row.unit in way else OTHERS if others.isin(way).any() else NEITHER for way in ways]
        assert row.chance == pytest.approx(told.count(row.condition) / len(ways))
        assert row.comparable == (len(set(told)) == 3)
    assert found["share"].round(2).tolist()[:5] == [0.5, 1.0, 0.5, 0.0, 1.0] and np.isnan(found["share"].iloc[5])


def test_lots_are_drawn_within_strata():
    frame = pd.DataFrame({"hr_id": list("aabb"), "unit": range(4), "stratum": list("xxyy"), "treated": [1, 0, 0, 1]})
    assert exposure(frame)["chance"].tolist() == [0.5] * 4  # in each stratum one of two: own or the other's
    assert exposure(frame.assign(stratum=None))["chance"].round(3).tolist() == [0.5, 0.333, 0.333, 0.5]


def test_edges():
    frame = pairs(np.random.default_rng(1))
    assert exposure(frame[:0]).empty and {"condition", "weight", "comparable"} <= {*exposure(frame[:0])}
    alone = exposure(frame.head(1))
    assert (
        alone["condition"].tolist() == [NEITHER if frame["treated"].iloc[0] == 0 else OWN]
        and not alone["comparable"].any()
    )
    with pytest.raises(ValueError, match="treated differs within a unit"):
        exposure(frame.assign(treated=np.arange(len(frame)) % 2))


def test_conditions_are_compared_only_where_each_has_enough_people():
    rows = answered(np.random.default_rng(2)).assign(respondent_id=lambda frame: frame.index)
    found = compared(rows, 5)
    assert len(found) == len(rows) and found[["own", "others"]].sum().tolist() == [
        (rows["condition"] == name).sum() for name in (OWN, OTHERS)
    ]
    few = compared(rows[(rows["condition"] != NEITHER) | (rows.index % 30 == 0)], 20)
    assert few.empty and few.attrs["absent"].startswith("Nearly every HR partner")
    together = exposure(
        rows[["hr_id", "stratum", "respondent_id", "score"]].assign(unit=rows["hr_id"], treated=rows["hr_id"] % 2)
    )
    assert compared(together, 5).attrs["absent"].startswith("An HR partner’s pairs were allotted together")
    assert "Nobody is known" in compared(rows[:0], 5).attrs["absent"]
    chosen = compared(rows, 5, by_chance=False)
    assert chosen.empty and chosen.attrs["absent"].startswith("Nobody drew lots")


def test_of_fewer_than_eight_units_nothing_is_told_of_what_reached_them():
    few = pd.DataFrame({
        "hr_id": [f"H{at % 3}" for at in range(60)], "unit": [at % 7 for at in range(60)], "stratum": "",
        "treated": [int(at % 7 < 3) for at in range(60)], "respondent_id": range(60), "score": 3.0,
    })  # fmt: skip
    found = compared(exposure(few), 5)
    assert found.empty and "Fewer than 8 units" in found.attrs["absent"]


def test_who_stands_behind_each_condition_is_known():
    """Without it no report could compare the table with others, and would withhold it."""
    rows = answered(np.random.default_rng(3)).assign(respondent_id=lambda frame: frame.index.astype(str))
    twice = pd.concat([rows.assign(dimension=name) for name in ("trust", "listening")])
    found = by_condition(twice).set_index("condition")
    assert list(found.index) == [NEITHER, OTHERS, OWN]
    for name, own in rows.groupby("condition"):
        assert {sheet[0] for sheet in found.loc[name, "people"].sheets} == set(own["respondent_id"])
        assert found.loc[name, ["units", "respondents"]].tolist() == [own["unit"].nunique(), len(own)]
    assert by_condition(twice[:0]).empty


def test_effects_of_both_ways_are_estimated_by_unit_and_by_partner_where_they_cross():
    rows = compared(answered(np.random.default_rng(4)).assign(respondent_id=lambda frame: frame.index), 5)
    model = smf.wls("score ~ own + others", rows, weights=rows["weight"])
    found = effects({"trust": model}).set_index("term")
    within = few_clusters(model, "unit", ["own", "others"]).set_index("term")  # teams lie within HR partners here
    assert found["low"].tolist() == within.loc[["own", "others"], "low"].tolist()
    assert found.loc[OWN, "low"] < 0.4 < found.loc[OWN, "high"] and found.loc[OTHERS, "low"] < 0.2
    sizes = rows["condition"].value_counts()
    assert found["respondents_compared"].tolist() == [min(sizes[NEITHER], sizes[name]) for name in (OWN, OTHERS)]
    across = rows.assign(hr_id=np.arange(len(rows)) % 50)
    crossing = effects({"trust": smf.wls("score ~ own + others", across, weights=across["weight"])})
    assert crossing["method"].str.startswith("two-way").all()
    assert crossing["estimate"].tolist() == pytest.approx(found["estimate"].tolist())
    assert effects({}).empty
