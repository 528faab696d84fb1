"""Whether means speak for their groups."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import agreement, internal_consistency
from helpers.analysis.survey import aggregation, scales
from helpers.data import Codebook

BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Test"},
        "responses": {"r": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": "trust"}, {"id": "candour"}],
        "items": [
            {"id": f"{name}{place}", "dimension": name, "response": "r", "text": "..."}
            for name in ("trust", "candour")
            for place in range(3)
        ],
    }
)


def survey(shared=0.0, groups=30, size=8, seed=1):
    """Managers in teams who share a view of trust, and none of candour."""
    random = np.random.default_rng(seed)
    team = np.repeat(range(groups), size)
    frame = pd.DataFrame({"team": team, "side": "manager", "respondent_id": range(len(team))})
    frame["cluster_id"] = frame["respondent_id"] % 40
    for name, part in (("trust", shared), ("candour", 0.0)):
        own = np.sqrt(part) * random.normal(size=groups)[team] + np.sqrt(1 - part) * random.normal(size=len(team))
        for place in range(3):
            latent = np.sqrt(0.6) * own + np.sqrt(0.4) * random.normal(size=len(team))
            frame[f"{name}{place}"] = 1.0 + np.searchsorted([-2.0, -1.5, -0.8, 0.4], latent)
    return frame


def test_chance_alone_is_called_no_shared_view():
    found = aggregation.groups_that_agree(survey(), BOOK, {"team": "Team"}, "manager")
    assert found.loc[0, "means"] <= 60
    assert found.loc[0, "estimate"] < 12 < found.loc[0, "enough"]
    said = aggregation.agreed_in_words(found)
    assert said.endswith("Read such means as averages, not as shared views.")
    assert aggregation.agreed_in_words(found.assign(estimate=60.0)).endswith("chance alone gives up to 3.")


def test_teams_that_share_a_view_are_seen():
    found = aggregation.told_apart(survey(shared=0.5), BOOK, "team", "manager").set_index("dimension")
    assert found.loc["trust", "low"] > 10 > found.loc["candour", "low"]
    assert found.loc["trust", "mean_reliability"] > 0.6
    assert found.loc["trust", "group_size"] == 8
    scored = scales.scores(survey(shared=0.5), BOOK)
    plain = agreement.icc(scored[scored["dimension"] == "trust"], "team", "score_100")
    assert found.loc["trust", "estimate"] == pytest.approx(100 * plain["estimate"].iloc[0])
    assert 0 < found.loc["trust", "within"] < 1


@pytest.mark.parametrize("rows", [survey()[:0], survey()[survey()["team"] == 0], survey().assign(side="hr")])
def test_nobody_and_one_group_are_said(rows):
    found = aggregation.groups_that_agree(rows, BOOK, {"team": "Team"}, "manager", minimum=5)
    assert found["estimate"].isna().all()
    assert found["note"].str.startswith("cannot tell").all()
    assert aggregation.agreed_in_words(found) == ""
    assert aggregation.told_apart(rows, BOOK, "team", "manager")["estimate"].isna().all()


def test_without_attributes_there_is_an_empty_table():
    assert aggregation.groups_that_agree(survey(), BOOK, {}, "manager").empty


def test_small_groups_are_not_judged():
    frame = survey(groups=6)
    frame.loc[frame.index[:5], "team"] = 99
    found = aggregation.groups_that_agree(frame, BOOK, {"team": "Team"}, "manager", minimum=6)
    assert found.loc[0, "groups"] == 5


# reliability within and between groups -----------------------------------------------------------------------


def two_levels(random, groups=200, size=6, within=0.5, between=0.8):
    """Four items whose correlation is one within groups and another between them; half of the variance is between."""
    group = np.repeat(range(groups), size)

    def items(rows, alike):
        return np.sqrt(alike) * random.normal(size=(rows, 1)) + np.sqrt(1 - alike) * random.normal(size=(rows, 4))

    values = items(groups, between)[group] + items(len(group), within)
    return pd.DataFrame(values, columns=list("abcd")).assign(team=group)


def test_reliabilities_of_both_levels_are_recovered():
    random = np.random.default_rng(4)
    found = [internal_consistency.within_and_between(two_levels(random), list("abcd"), "team") for _ in range(20)]
    table = pd.concat(found).groupby(["level", "coefficient"])["estimate"].mean()
    for level, alike in (("within", 0.5), ("between", 0.8)):
        truth = 4 * alike / (1 + 3 * alike)
        assert table[level, "alpha"] == pytest.approx(truth, abs=0.01)
        assert table[level, "omega"] == pytest.approx(truth, abs=0.01)


def test_reliabilities_of_both_levels_are_those_of_lavaan():
    # lavaan 0.6.14: s <- lavInspect(sem("level: 1 ... level: 2 ...", d, cluster = "team"), "cov.ov"), all variances and
    # covariances free on both; alpha: 4 / 3 (1 - sum(diag(s)) / sum(s)); omega from cfa("f =~ a + b + c + d") of each
    frame = two_levels(np.random.default_rng(20260630), groups=60, size=5).round(2)
    found = internal_consistency.within_and_between(frame, list("abcd"), "team").set_index(["level", "coefficient"])
    assert found.loc["within", "estimate"].tolist() == pytest.approx([0.781757, 0.783110], abs=2e-6)
    # maximum likelihood divides by 60 groups where analysis of variance divides by 59
    assert found.loc["between", "estimate"].tolist() == pytest.approx([0.939386, 0.939934], abs=5e-4)


def test_levels_add_up_to_the_analysis_of_variance_of_the_sum():
    frame = two_levels(np.random.default_rng(5), groups=30)
    found = internal_consistency.within_and_between(frame, list("abcd"), "team")
    total = frame[list("abcd")].sum(axis=1)
    parts = agreement.intraclass(total, frame["team"])
    within, between, size = internal_consistency._levels(frame[list("abcd")].to_numpy(), frame["team"].to_numpy())
    assert size == pytest.approx(parts.size)
    assert within.sum() == pytest.approx(parts.within)
    assert size * between.sum() + within.sum() == pytest.approx(parts.between)
    assert found["group_size"].unique().tolist() == [pytest.approx(6.0)]


def test_what_cannot_be_told_of_levels_is_said():
    frame = two_levels(np.random.default_rng(6), groups=3)
    few = internal_consistency.within_and_between(frame, list("abcd"), "team")
    assert few["note"].str.contains("fewer than 4").all()
    one = internal_consistency.within_and_between(frame, ["a"], "team")
    assert one["note"].str.contains("one item").all()
    none = pd.DataFrame(np.random.default_rng(7).normal(size=(40, 4)), columns=list("abcd"))
    said = internal_consistency.within_and_between(none.assign(team=[0, 1, 2, 3] * 10), list("abcd"), "team")
    said = said.set_index(["level", "coefficient"])["note"]
    assert "differ too little" in said["between", "alpha"]
    with pytest.raises(ValueError, match="no column team; it has a"):
        internal_consistency.within_and_between(frame[["a"]], ["a"], "team")
    with pytest.raises(ValueError, match="confidence is 95"):
        internal_consistency.within_and_between(frame, list("abcd"), "team", confidence=95)
