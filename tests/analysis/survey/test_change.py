import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods import clustered
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.survey import change

CLUSTER = np.repeat(range(36), 12)


def waves(shift=4.0, stay=0.6, person=8.0, noise=6.0, leave_low=0.0, seed=1):
    """Two waves of 432 people, some of whom answer only one."""
    random = np.random.default_rng(seed)
    level = 60 + 3 * random.normal(size=36)[CLUSTER] + person * random.normal(size=len(CLUSTER))
    frames = []
    for wave, move in (("1", 0.0), ("2", shift)):
        score = level + move + noise * random.normal(size=len(CLUSTER))
        frame = pd.DataFrame({"respondent_id": [f"p{i}" for i in range(len(CLUSTER))], "cluster_id": CLUSTER})
        frames.append(frame.assign(wave=wave, side="manager", dimension="trust", score_100=score))
    kept = random.random(len(CLUSTER)) < stay - leave_low * (level < 60)
    new = frames[1][~kept].assign(respondent_id=lambda f: f["respondent_id"] + "new")
    new = new.assign(score_100=60 + shift + 10 * random.normal(size=len(new)))
    return pd.concat([frames[0], frames[1][kept], new.head(100)], ignore_index=True)


def test_the_change_is_recovered_more_precisely_than_without_the_panel():
    scores = waves()
    found = change.between_waves(scores, "1", "2").iloc[0]
    plain = clustered.difference(scores, "score_100", "wave", "1", "2").iloc[0]
    assert found["low"] < 4 < found["high"]
    assert found["high"] - found["low"] < 0.9 * (plain["high"] - plain["low"])
    assert found["clusters"] == 36


def test_a_complete_panel_gives_the_mean_of_the_changes():
    scores = waves(stay=1.0)
    found = change.between_waves(scores, "1", "2").iloc[0]
    changes = change.panel(scores, "1", "2")
    own = clustered.mean(changes, "change").iloc[0]
    assert found["estimate"] == pytest.approx(own["estimate"])
    assert found["standard_error"] == pytest.approx(own["standard_error"], rel=0.01)
    assert found["answered_both"] == 432


def test_two_cross_sections_give_the_difference_of_means():
    scores = waves()
    scores["respondent_id"] = [f"{r}-{w}" for r, w in zip(scores["respondent_id"], scores["wave"])]
    found = change.between_waves(scores, "1", "2").iloc[0]
    plain = clustered.difference(scores, "score_100", "wave", "1", "2").iloc[0]
    assert found[["estimate", "low", "high"]].tolist() == pytest.approx(plain[["estimate", "low", "high"]].tolist())
    assert found["answered_both"] == 0


def test_a_wave_nobody_answered_is_named():
    found = change.between_waves(waves(), "1", "3").iloc[0]
    assert found["note"] == "cannot tell: no answers in 3"
    assert np.isnan(found["estimate"])


def test_standardised_response_mean_is_mean_over_spread():
    changes = change.panel(waves(), "1", "2")
    found = change.standardised_response_mean(changes).iloc[0]
    assert found["estimate"] == pytest.approx(changes["change"].mean() / changes["change"].std())
    assert found["low"] < 4 / np.sqrt(72) < found["high"]
    flat = change.standardised_response_mean(changes.assign(change=1.0)).iloc[0]
    assert flat["note"].startswith("cannot tell")
    few = change.standardised_response_mean(changes[changes["cluster_id"] < 2]).iloc[0]
    assert "fewer than 3 clusters" in few["note"]


def test_without_change_five_per_cent_exceed_the_error_of_measurement():
    # variance 64 + 9 of persons and 36 of noise: reliability 73 / 109
    changes = pd.concat([change.panel(waves(shift=0, stay=1, seed=seed), "1", "2") for seed in range(10)])
    found = change.reliable_change(changes, reliability=73 / 109).set_index("direction")
    assert found.loc["better", "estimate"] == pytest.approx(2.5, abs=1)
    assert found.loc["worse", "estimate"] == pytest.approx(2.5, abs=1)
    assert found["estimate"].sum() == pytest.approx(100)


def test_the_threshold_rests_on_the_same_people_and_widens_the_interval():
    changes = change.panel(waves(shift=3), "1", "2")
    # first scores that say nothing of the change, but differ between clusters
    changes["first"] = np.random.default_rng(3).normal(size=36)[changes["cluster_id"]] * 4 + 6 * (changes.index % 2)
    found = change.reliable_change(changes, 0.8).set_index("direction").loc["better"]
    beyond = changes.assign(shown=(changes["change"] > found["threshold"]).astype(float))
    taken_for_known = clustered.proportion(beyond, "shown").iloc[0]
    assert found["estimate"] == pytest.approx(100 * taken_for_known["estimate"])
    assert found["high"] - found["low"] > 100 * (taken_for_known["high"] - taken_for_known["low"])


@pytest.mark.parametrize("people", [1, 2, 30])
def test_reliable_change_of_a_few_or_of_nobody_is_said_or_stays_within_bounds(people):
    changes = change.panel(waves(), "1", "2").head(people)
    found = change.reliable_change(changes, 0.8)
    assert found["note"].str.startswith("cannot tell").all() == (changes["cluster_id"].nunique() < 2)
    assert found[["low", "high"]].stack().dropna().between(0, 100).all()
    same = change.reliable_change(changes.assign(change=0.0), 0.8).set_index("direction")["estimate"].dropna()
    assert same.isin([0, 100]).all()


def test_a_large_change_is_reliable_for_most():
    found = change.reliable_change(change.panel(waves(shift=40), "1", "2"), 0.8).set_index("direction")
    assert found.loc["better", "low"] > 85
    with pytest.raises(ValueError, match="reliability"):
        change.reliable_change(change.panel(waves(), "1", "2"), 1.2)


def test_the_reliability_of_each_dimension_sets_its_threshold():
    changes = pd.concat([change.panel(waves(), "1", "2").assign(dimension=name) for name in ("trust", "candour", "x")])
    found = change.reliable_change(changes, pd.Series({"trust": 0.9, "candour": 0.6}), by=["dimension"])
    for name, alpha in (("trust", 0.9), ("candour", 0.6)):
        own = change.reliable_change(changes[changes["dimension"] == name], alpha, by=["dimension"])
        pd.testing.assert_frame_equal(found[found["dimension"] == name].reset_index(drop=True), own)
    assert set(found["dimension"]) == {"trust", "candour"}


@pytest.mark.parametrize("alpha", [-0.4, 0.0, 1.0, 1.2])
def test_where_the_estimated_reliability_is_none_nothing_can_be_told(alpha):
    changes = pd.concat([change.panel(waves(), "1", "2").assign(dimension=name) for name in ("trust", "candour")])
    found = change.reliable_change(changes, pd.Series({"trust": alpha, "candour": 0.6}), by=["dimension"])
    lost = found[found["dimension"] == "trust"]
    assert lost["direction"].tolist() == [*change.DIRECTIONS] and lost["note"].str.startswith("cannot tell").all()
    assert lost[["estimate", "low", "high", "threshold"]].isna().all(axis=None) and (lost["respondents"] > 0).all()
    own = change.reliable_change(changes[changes["dimension"] == "candour"], 0.6, by=["dimension"])
    kept = found[found["dimension"] == "candour"].reset_index(drop=True)
    pd.testing.assert_frame_equal(kept, own[kept.columns], check_dtype=False)


def test_of_nobody_nothing_is_known_in_the_usual_columns():
    nobody = waves().iloc[:0]
    for found in (
        change.between_waves(nobody, "1", "2", by=["dimension"]),
        change.standardised_response_mean(change.panel(nobody, "1", "2"), by=["dimension"]),
        change.reliable_change(change.panel(nobody, "1", "2"), {}, by=["dimension"]),
    ):
        assert found.empty and {"dimension", "estimate", "low", "high", "respondents", "note"} <= set(found)


def odds_of_staying(scores):
    rows = change.answering_again(scores, "1", "2")
    return rows, few_clusters(smf.logit("again ~ score", rows), "cluster_id", "score").iloc[0]


def test_selective_drop_out_is_found_and_random_drop_out_is_not():
    rows, selective = odds_of_staying(waves(stay=0.8, leave_low=0.5))
    _, at_random = odds_of_staying(waves())
    assert selective["low"] > 1
    assert 0.75 < at_random["estimate"] < 1.33
    assert len(rows) == 432 and 0 < rows["again"].mean() < 1


def test_scores_are_in_standard_deviations_of_their_side():
    hr = waves(seed=2).assign(side="hr", score_100=lambda f: 10 * f["score_100"])
    rows = change.answering_again(pd.concat([waves(), hr]), "1", "2")
    assert rows.groupby("side")["score"].agg(["mean", "std"]).to_numpy() == pytest.approx(np.array([[0, 1], [0, 1]]))
    # the same id on the other side is another answer
    only = pd.concat([waves(), hr[hr["wave"] == "1"]])
    assert change.answering_again(only, "1", "2").groupby("side")["again"].max().to_dict() == {"hr": 0, "manager": 1}


def test_a_side_of_which_too_few_stayed_or_left_has_no_model():
    frame = waves()
    rows = change.answering_again(frame, "1", "2")
    left = rows.loc[rows["again"] == 0, "respondent_id"].nunique()
    assert len(change.answering_again(frame, "1", "2", minimum=left)) == len(rows)
    assert change.answering_again(frame, "1", "2", minimum=left + 1).empty


def test_nobody_left_or_nobody_stayed():
    assert odds_of_staying(waves(stay=1.0))[1]["note"].startswith("cannot tell")
    one_wave = waves().query("wave == '1'")
    assert change.answering_again(one_wave, "1", "2").empty
    assert change.answering_again(one_wave.iloc[:0], "1", "2").empty
