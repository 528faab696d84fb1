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
    assert found.loc["1044B 2ND", "averaging"] == "supported"


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
