"""Differences between groups whose members' answers come in clusters."""

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods import agreement, between_groups, clustered
from helpers.analysis.methods.few_clusters import few_clusters

#: Eight HR partners of ten managers in each of four departments.
PARTNER = np.repeat(np.arange(32), 10)
DEPARTMENT = PARTNER // 8


def company(seed, partner=0.0, department=0.0):
    random = np.random.default_rng(seed)
    score = np.sqrt(partner) * random.normal(size=32)[PARTNER] + np.sqrt(1 - partner) * random.normal(size=320)
    score = score + np.sqrt(department) * random.normal(size=4)[DEPARTMENT]
    return pd.DataFrame({"score": score, "department": DEPARTMENT, "cluster_id": PARTNER, "respondent_id": range(320)})


def test_independent_answers_give_the_analysis_of_variance():
    frame = company(1, department=0.3).assign(cluster_id=range(320))
    found = between_groups.variance_share(frame, "department", "score").iloc[0]
    plain = agreement.group_reliability(frame, "department", "score", by=[]).set_index("coefficient")
    # the one takes each group's own variance, the other that of all groups
    p_values = [found["p_value"], plain.loc["ICC(1)", "p_value"]]
    assert np.log10(p_values[0]) == pytest.approx(np.log10(p_values[1]), rel=0.25)
    for name in ("estimate", "low", "high"):
        assert found[name] == pytest.approx(plain.loc["ICC(1)", name], abs=0.06)


def test_at_no_variance_the_limit_is_the_test_itself():
    # the lower limit leaves 0 exactly where the Wald test rejects at half of what the interval leaves out
    frame = company(3, partner=0.1, department=0.05)
    p_value = between_groups.variance_share(frame, "department", "score").iloc[0]["p_value"]
    for confidence, excluded in ((1 - 2 * p_value - 0.01, True), (1 - 2 * p_value + 0.01, False)):
        low = between_groups.variance_share(frame, "department", "score", confidence=confidence).iloc[0]["low"]
        assert (low > 0) == excluded


def test_departments_of_partners_who_differ_are_seldom_called_different():
    # one partner in ten of all variance: an F test that takes managers for independent rejects in a third of companies
    found = np.array(
        [
            [
                between_groups.variance_share(frame, "department", "score")["p_value"].item() < 0.05,
                agreement.group_reliability(frame, "department", "score", by=[])["p_value"].iloc[0] < 0.05,
            ]
            for frame in (company(seed, partner=0.1) for seed in range(40))
        ]
    ).mean(axis=0)
    assert found[0] <= 0.15  # .05 and three standard errors; the rate itself is in benchmarks/calibration.md
    assert found[1] > found[0]


def test_departments_may_cross_partners():
    frame = company(5).assign(department=np.arange(320) % 4)
    frame["score"] += (frame["department"] == 1) * 1.0
    found = between_groups.variance_share(frame, "department", "score").iloc[0]
    assert found["p_value"] < 0.001 and 0 < found["low"] < found["estimate"] < found["high"] < 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"department": "one"}, "fewer than 2 groups"),
        ({"cluster_id": 1}, clustered.FEW_CLUSTERS),
        ({"cluster_id": DEPARTMENT}, "only one cluster answered in"),
        ({"score": DEPARTMENT.astype(float)}, "do not vary within groups"),
        ({"score": np.nan}, "fewer than 2 groups"),
    ],
)
def test_what_cannot_be_told_says_so(change, said):
    found = between_groups.variance_share(company(1).assign(**change), "department", "score").iloc[0]
    assert found["note"].startswith("cannot tell") and said in found["note"]
    assert np.isnan(found["estimate"]) and np.isnan(found["p_value"])


def test_without_groups_there_is_no_row():
    assert between_groups.variance_share(company(1), "", "score", by=["department"]).empty
    with pytest.raises(ValueError, match="confidence"):
        between_groups.variance_share(company(1), "department", "score", confidence=95)


def compared(frame, group):
    return between_groups.against_the_whole(frame.assign(dimension="trust"), group, "score")


def test_each_group_less_all_is_the_difference_of_their_means():
    frame = company(6, department=0.2).assign(department=lambda rows: rows["department"].where(rows.index % 7 > 0))
    each = compared(frame, "department")  # who is in no department counts among all
    fits = {name: smf.ols("score ~ belongs", rows) for name, rows in each.groupby("compared")}
    found = few_clusters(fits, "cluster_id", by="compared", term="belongs").set_index("compared")["estimate"]
    for name, mean in frame.groupby("department")["score"].mean().items():
        assert found[str(name)] == pytest.approx(mean - frame["score"].mean())


def test_the_test_of_a_group_against_all_is_that_against_all_others():
    frame = company(6, department=0.2)
    rows = (
        compared(frame, "department").query("compared == '1'").assign(inside=lambda rows: 1.0 * (rows["belongs"] > 0))
    )
    both = [few_clusters(smf.ols(f"score ~ {x}", rows), "cluster_id", term=x).iloc[0] for x in ("belongs", "inside")]
    assert both[0]["p_value"] == pytest.approx(both[1]["p_value"])


def test_of_two_groups_there_is_one_comparison_and_of_none_none():
    frame = company(7).assign(half=lambda rows: np.where(rows["department"] < 2, "a", "b"))
    assert set(compared(frame, "half")["compared"]) == {"a"}
    for empty in (compared(frame, ""), compared(frame.assign(x="a"), "x")):
        assert empty.empty and {"compared", "belongs"} <= set(empty)


def test_of_two_groups_one_test_marks_both():
    means = pd.DataFrame({"half": ["a", "b"], "dimension": "trust"})
    tests = pd.DataFrame({"compared": ["a"], "dimension": "trust", "p_adjusted": [0.01]})
    assert between_groups.supported(means, tests, "half")["supported"].tolist() == ["differs", "differs"]
    unsure = between_groups.supported(means, tests.assign(p_adjusted=0.2), "half")
    assert unsure["supported"].isna().all()
    assert between_groups.supported(means, tests[:0], "half")["supported"].isna().all()


def test_a_group_of_one_cluster_cannot_be_told_from_others():
    frame = company(8).assign(
        own=lambda rows: np.where(rows["cluster_id"] == 0, "alone", rows["department"].astype(str))
    )
    each = compared(frame, "own").query("compared == 'alone'")
    found = few_clusters(smf.ols("score ~ belongs", each), "cluster_id", term="belongs").iloc[0]
    assert np.isnan(found["low"]) and found["note"].startswith("cannot tell")


def test_how_many_dimensions_point_the_same_way():
    table = pd.DataFrame(
        [("a", "all", -3.0), ("a", "x", -1.0), ("a", "y", 2.0), ("a", "z", None), ("b", "all", 2.0), ("c", "x", 1.0)],
        columns=["compared", "dimension", "estimate"],
    )
    found = between_groups.pointing_alike(table, "all")
    assert found["alike"].tolist()[:1] == [1] and found["dimensions"].tolist()[:1] == [2]
    assert found[["alike", "dimensions"]].isna().to_numpy().tolist() == [[False, False], [True, True]]
    assert between_groups.pointing_alike(table[:0], "all").empty
