from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.stats.anova import anova_lm

from helpers.analysis.methods import agreement
from helpers.analysis.methods.counts import NOT_COMPUTABLE
from helpers.analysis.survey import scales
from helpers.columns import ALIKE
from helpers.data import Codebook

COHESION = pd.read_csv(Path(__file__).parents[1] / "reference" / "cohesion.csv")
ITEMS = [f"COH0{i}" for i in range(1, 6)]


def codebook(items, high=5):
    return Codebook.model_validate(
        {
            "instrument": {"name": "Test"},
            "responses": {
                "r": {"type": "rating", "low": 1, "high": high},
                "other": {"type": "rating", "low": 0, "high": 10},
            },
            "dimensions": [{"id": "cohesion"}],
            "items": [{"id": name, "dimension": "cohesion", "response": "r", "text": "..."} for name in items],
        }
    )


def cohesion(**given):
    frame = COHESION.assign(platoon=COHESION["UNIT"] + " " + COHESION["PLATOON"], side="manager")
    return frame.assign(respondent_id=range(len(frame)), cluster_id=range(len(frame)), **given)


def within(items, coefficient, missing="listwise", **options):
    found = scales.within_group(cohesion(), codebook(items), "platoon", "manager", missing=missing, **options)
    return found[found["coefficient"] == coefficient].set_index("platoon")


# agreement within groups -------------------------------------------------------------------------------------


def test_r_wg_j_agrees_with_r():
    # multilevel 2.7: rwg.j(cohesion[, 3:7], paste(UNIT, PLATOON), ranvar = 2)
    found = within(ITEMS, "r_wg")
    expected = {"1044B 2ND": 0.8139534884, "1044C 2ND": 0.9090909091}
    for platoon, value in expected.items():
        assert found.loc[platoon, "estimate"] == pytest.approx(value)
    assert found["observations"].to_dict() == {"1044B 1ST": 2, "1044B 2ND": 3, "1044C 1ST": 2, "1044C 2ND": 3}


def test_r_wg_of_one_item_agrees_with_r():
    # rwg(cohesion$COH01, paste(UNIT, PLATOON)): the pair that answered alike has no interval
    found = within(ITEMS[:1], "r_wg")
    assert found.loc["1044C 2ND", "estimate"] == pytest.approx(0.5)
    assert found.loc["1044C 1ST", "note"].startswith("cannot tell")


def test_average_deviation_agrees_with_r():
    # ad.m(cohesion[, 3:7], paste(UNIT, PLATOON))
    found = within(ITEMS, "AD")
    assert found.loc["1044B 2ND", "estimate"] == pytest.approx(0.7111111111)
    assert found.loc["1044C 2ND", "estimate"] == pytest.approx(0.4888888889)
    # enough agreement for the rule of thumb, and still no more than three of these soldiers drawn at random reach
    assert found.loc["1044B 2ND", "estimate"] < 5 / 6
    assert found.loc["1044B 2ND", "averaging"] == "not supported"
    bare = within(ITEMS, "AD", draws=0)
    assert bare.loc["1044B 2ND", "averaging"] == "supported"


def test_missing_answers_are_left_out_by_row_or_by_item():
    listwise, available = (within(ITEMS, "AD", missing=rule) for rule in ("listwise", "available"))
    assert listwise.loc["1044B 1ST", "observations"] == 2
    assert available.loc["1044B 1ST", "observations"] == 3
    # by hand: items 4 3 2; 5 . 3; 5 5 3; 5 5 3; 5 5 3
    assert available.loc["1044B 1ST", "estimate"] == pytest.approx((2 / 3 + 1 + 3 * 8 / 9) / 5)


def test_random_answers_have_the_published_variances():
    # James, Demaree & Wolf (1984): (A^2 - 1) / 12; slight skew, five answers: 1.34
    assert [agreement.expected_variance(1, high) for high in (5, 7, 11)] == [2, 4, 10]
    assert agreement.expected_variance(1, 5, "slight skew") == pytest.approx(1.34)
    # LeBreton & Senter (2008), table 2, seven answers: 2.90
    assert agreement.expected_variance(1, 7, "slight skew") == pytest.approx(2.9, abs=0.15)
    # the same for five answers; triangular: (A^2 + 2 A - 3) / 24, and (A^2 + 2 A - 2) / 24 if A is even
    assert agreement.expected_variance(1, 5, "moderate skew") == pytest.approx(0.90)
    assert agreement.expected_variance(1, 5, "triangular") == pytest.approx(32 / 24)
    assert agreement.expected_variance(1, 7, "triangular") == pytest.approx(60 / 24)
    assert agreement.expected_variance(1, 6, "triangular") == pytest.approx(46 / 24)
    with pytest.raises(ValueError, match="slight skew"):
        agreement.expected_variance(1, 5, "heavy skew")


def test_people_who_answer_at_random_do_not_agree():
    random = np.random.default_rng(3)
    frame = pd.DataFrame(random.integers(1, 6, (300, 3)), columns=list("abc")).astype(float)
    frame = frame.assign(unit="A", side="manager", respondent_id=range(300), cluster_id=np.arange(300) % 30)
    found = scales.within_group(frame, codebook("abc"), "unit", "manager").set_index("coefficient")
    assert found.loc["r_wg", "estimate"] < 0.3
    assert found.loc["r_wg", "averaging"] == "not supported"
    assert found.loc["r_wg", "low"] <= found.loc["r_wg", "estimate"] <= found.loc["r_wg", "high"]


def favourable(random, groups=99, size=8, shared=0.0):
    """Three items, most answers 4 or 5; members of a group share a view to some extent."""
    own = np.sqrt(shared) * random.normal(size=groups)[np.repeat(range(groups), size)]
    latent = own[:, None] + np.sqrt(1 - shared) * random.normal(size=(groups * size, 3))
    answers = 1.0 + np.searchsorted([-2.0, -1.5, -0.8, 0.4], latent)
    frame = pd.DataFrame(answers, columns=list("abc")).assign(unit=np.repeat(range(groups), size), side="manager")
    return frame.assign(respondent_id=range(groups * size), cluster_id=range(groups * size))


def test_random_groups_are_not_supported_more_often_than_chance_allows():
    found = scales.within_group(favourable(np.random.default_rng(17)), codebook("abc"), "unit", "manager")
    of_uniform = found[found["coefficient"] == "r_wg"]
    assert (of_uniform["estimate"] >= 0.7).mean() > 0.6, "the rule of thumb alone would let most of them pass"
    assert (of_uniform["averaging"] == "supported").mean() <= 0.1
    # the share of random groups that agree as closely is spread evenly between 0 and 1
    assert of_uniform["p_value"].mean() == pytest.approx(0.5, abs=0.1)
    assert (of_uniform["p_value"] <= 0.25).mean() == pytest.approx(0.25, abs=0.11)


def test_groups_that_share_a_view_are_told_from_random_ones_whatever_the_null():
    frame = favourable(np.random.default_rng(18), shared=0.8)
    found = scales.within_group(frame, codebook("abc"), "unit", "manager")
    by_null = found[found["coefficient"] != "AD"].pivot(index="unit", columns="coefficient", values="p_value")
    assert (by_null["r_wg"] <= 0.05).mean() > 0.3
    assert (by_null.eq(by_null["r_wg"], axis=0) | by_null.isna()).all(axis=None), "the null moves r_wg, not its rank"
    supported = found[found["averaging"] == "supported"]
    assert (supported.loc[supported["coefficient"] == "r_wg", "estimate"] >= supported["random"].min()).all()


def test_groups_formed_at_random_are_as_those_drawn_one_by_one():
    frame = favourable(np.random.default_rng(19), groups=6)
    found = scales.within_group(frame, codebook("abc"), "unit", "manager").set_index(["unit", "coefficient"])
    random, items = np.random.default_rng(1), frame[list("abc")].to_numpy()
    drawn = [items[random.choice(len(items), 8, replace=False)].var(axis=0, ddof=1).mean() for _ in range(4000)]
    for unit in range(6):
        own = items[frame["unit"] == unit].var(axis=0, ddof=1).mean()
        assert found.loc[(unit, "r_wg"), "p_value"] == pytest.approx(np.mean(np.array(drawn) <= own + 1e-9), abs=0.05)
    one = 1 - np.quantile(drawn, 0.05) / 2
    assert found.loc[(0, "r_wg"), "random"] == pytest.approx(3 * one / (3 * one + 1 - one), abs=0.03)


def test_one_group_has_nothing_to_be_compared_with():
    frame = favourable(np.random.default_rng(20), groups=1, size=40, shared=0.5).assign(unit="all")
    found = scales.within_group(frame, codebook("abc"), "unit", "manager").set_index("coefficient")
    assert found.loc["r_wg", "averaging"] == "cannot tell"
    assert "one group only" in found.loc["r_wg", "note"]
    assert np.isnan(found.loc["r_wg", "p_value"])
    assert scales.within_group(frame, codebook("abc"), "unit", "manager", draws=0)["note"].eq("").all()


def test_gaps_do_not_stop_the_comparison_with_random_groups():
    frame = favourable(np.random.default_rng(21), groups=12)
    frame[["a", "b"]] = frame[["a", "b"]].mask(np.random.default_rng(22).random((len(frame), 2)) < 0.2)
    found = scales.within_group(frame, codebook("abc"), "unit", "manager", missing="available")
    assert found.loc[found["coefficient"].isin(["r_wg", "AD"]), "p_value"].between(0, 1).all()


@pytest.mark.parametrize(
    ("rows", "clusters", "said"),
    [
        ([[3, 4]], [1], "one answer"),
        ([[3, 4], [4, 4]], [1, 1], "fewer than 2 clusters"),
        ([[3, 4]] * 4, range(4), ALIKE),
    ],
)
def test_agreement_that_cannot_be_judged_is_said(rows, clusters, said):
    frame = pd.DataFrame(rows, columns=["a", "b"], dtype=float)
    frame = frame.assign(unit="A", side="manager", respondent_id=range(len(rows)), cluster_id=list(clusters))
    found = scales.within_group(frame, codebook("ab"), "unit", "manager")
    assert found["note"].str.contains(said).all()
    assert found["note"].str.startswith("cannot tell").all()
    assert found["estimate"].isna().all()


def test_items_of_different_range_have_no_common_null():
    book = codebook("ab").model_dump()
    book["items"][1]["response"] = "other"
    frame = pd.DataFrame({"a": [1.0, 2, 3], "b": [5.0, 6, 9], "unit": "A", "side": "manager"})
    frame = frame.assign(respondent_id=range(3), cluster_id=range(3))
    found = scales.within_group(frame, Codebook.model_validate(book), "unit", "manager")
    assert found["note"].str.contains("differ in range").all()


# reliability of group means ----------------------------------------------------------------------------------

# Shrout & Fleiss (1979), table 2: four judges rate six targets
JUDGES = pd.DataFrame(
    {
        "target": np.repeat(range(6), 4),
        "judge": np.tile(range(4), 6),
        "rating": [9, 2, 5, 8, 6, 1, 3, 2, 8, 4, 6, 8, 7, 1, 2, 6, 10, 5, 6, 9, 6, 2, 4, 7],
    }
)


def test_groups_of_equal_size_give_the_published_coefficients():
    # psych::ICC(matrix)$results, ICC1 and ICC1k
    answers = JUDGES.assign(respondent_id=JUDGES.index, cluster_id=JUDGES["target"])
    found = agreement.group_reliability(answers, "target", "rating", by=[]).set_index("coefficient")
    figures = ["estimate", "low", "high"]
    assert found.loc["ICC(1)", figures].tolist() == pytest.approx([0.165742, -0.132932, 0.722560], abs=5e-6)
    assert found.loc["ICC(2)", figures].tolist() == pytest.approx([0.442798, -0.884439, 0.912416], abs=5e-6)


def test_icc_of_any_frame_says_its_group_size_and_names_absent_columns():
    found = agreement.icc(JUDGES.assign(site="A"), "target", "rating")
    assert found["estimate"].tolist() == pytest.approx([0.165742, 0.442798], abs=5e-6)
    assert found["group_size"].tolist() == [4.0, 4.0]
    assert agreement.icc(JUDGES, "target")["value"].tolist() == ["judge"] * 2 + ["rating"] * 2
    uneven = agreement.icc(JUDGES.drop(index=[0, 1]), "target", "rating")
    assert uneven["group_size"].iloc[0] == pytest.approx((22 - (5 * 16 + 4) / 22) / 5), "k0, not the mean size"
    for wrong, said in ((("team", "rating"), "no column team"), (("target", "score"), "no column score")):
        with pytest.raises(ValueError, match=f"{said}; it has target, judge, rating"):
            agreement.icc(JUDGES, *wrong)
    with pytest.raises(ValueError, match="site does not hold numbers"):
        agreement.icc(JUDGES.assign(site="A"), "target", "site")
    with pytest.raises(ValueError, match="no column of numbers beside target"):
        agreement.icc(JUDGES[["target"]], "target")


def test_groups_of_unequal_size_follow_the_analysis_of_variance():
    random = np.random.default_rng(7)
    group = np.repeat(range(20), random.integers(1, 15, 20))
    frame = pd.DataFrame({"y": random.normal(size=len(group)) + random.normal(size=20)[group], "g": group})
    found = agreement.intraclass(frame["y"], frame["g"])
    table = anova_lm(smf.ols("y ~ C(g)", frame).fit())
    assert (found.between, found.within) == pytest.approx(tuple(table["mean_sq"]))


def test_unequal_groups_recover_the_planted_correlation():
    random = np.random.default_rng(8)
    sizes = np.array([2, 3, 4, 30, 5, 6, 20, 8, 2, 3] * 4)
    group = np.repeat(range(40), sizes)
    found = []
    for _ in range(300):
        y = np.sqrt(0.3) * random.normal(size=40)[group] + np.sqrt(0.7) * random.normal(size=len(group))
        found.append(agreement.intraclass(pd.Series(y), pd.Series(group)).one)
    assert np.mean(found) == pytest.approx(0.3, abs=0.02)


@pytest.mark.parametrize(
    ("values", "group", "said"),
    [
        ([1.0, 2, 3], [1, 1, 1], "fewer than 2 groups"),
        ([1.0, 2, 3], [1, 2, 3], "no group has two answers"),
        ([1.0, 1, 3, 3], [1, 1, 2, 2], NOT_COMPUTABLE),
        ([3.0, 3, 3, 3], [1, 1, 2, 2], NOT_COMPUTABLE),
        ([np.nan, np.nan], [1, 2], "fewer than 2 groups"),
    ],
)
def test_groups_that_tell_nothing_are_said(values, group, said):
    frame = pd.DataFrame({"score_100": values, "unit": group, "cluster_id": group})
    found = agreement.group_reliability(frame, "unit", by=[])
    assert found["note"].str.contains(said).all()
    assert found[["estimate", "low", "high"]].isna().all(axis=None)
