"""Ratings with error: what is left of tracking, agreement and partner effects once the error is taken out."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.survey import dyads, scales
from helpers.analysis.survey import errors_in_variables as corrected
from helpers.data import Codebook

BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "made up"},
        "responses": {"r": {"type": "rating", "low": 0, "high": 10}},
        "dimensions": [{"id": "trust"}, {"id": "single"}],
        "items": [{"id": f"q{i}", "dimension": "trust", "response": "r", "text": f"question {i}"} for i in range(3)]
        + [{"id": "alone", "dimension": "single", "response": "r", "text": "one question"}],
    }
)


def study(seed=1, questions=2, noise=1.0, partners=30, managers=12, own=0.5):
    """Pairs of a perfectly informed HR partner with views of their own; outcomes go with one's own view alone."""
    random = np.random.default_rng(seed)
    partner = np.repeat(np.arange(partners), managers)
    size = len(partner)
    manager = np.sqrt(0.2) * random.normal(size=partners)[partner] + np.sqrt(0.8) * random.normal(size=size)
    hr = manager + own * random.normal(size=size)
    both = 0.5 * random.normal(size=size)
    ticked = [view + noise**0.5 * random.normal(size=(questions, size)).mean(axis=0) for view in (hr, manager)]
    return pd.DataFrame(
        {
            "partnership_id": range(size), "wave": "1", "dimension": "trust", "hr_id": partner, "cluster_id": partner,
            "manager_id": np.arange(1000, 1000 + size), "hr": ticked[0], "manager": ticked[1],
            "hr_error": noise / questions, "manager_error": noise / questions,
            "hr_outcome": 0.6 * hr + both + 0.8 * random.normal(size=size),
            "manager_outcome": 0.6 * manager + both + 0.8 * random.normal(size=size),
        }
    )  # fmt: skip


# --- the variance of error ------------------------------------------------------------------------------------------


def answers(seed=2, size=60):
    random = np.random.default_rng(seed)
    table = random.normal(5, 1, size)[:, None] + random.normal([0, 1, -1], 1.5, (size, 3))
    frame = pd.DataFrame(table, columns=["q0", "q1", "q2"]).assign(alone=5.0, side="manager", wave="1")
    return frame.assign(partnership_id=range(size), respondent_id=range(size))


def test_variance_of_error_is_what_alpha_leaves():
    # error of the mean of J answers = variance of the score x (1 - alpha) (Cronbach 1951)
    frame = answers()
    score = 10 * frame[["q0", "q1", "q2"]].mean(axis=1)
    covariance = frame[["q0", "q1", "q2"]].cov().to_numpy()
    alpha = 3 / 2 * (1 - np.trace(covariance) / covariance.sum())
    found = corrected.error_variance(frame, BOOK).set_index("dimension")["error"]
    assert found["trust"] / 3 == pytest.approx(score.var() * (1 - alpha))
    assert np.isnan(found["single"])


def test_one_question_in_two_waves_takes_their_differences_for_error():
    random = np.random.default_rng(6)
    level = random.normal(5, 1, 80)
    waves = [answers(size=80).assign(wave=wave, alone=level + random.normal(0, 0.7, 80) + shift, q0=np.nan, q1=np.nan)
             for wave, shift in (("1", 0.0), ("2", 1.0))]  # fmt: skip
    frame = pd.concat(waves, ignore_index=True)
    found = corrected.error_variance(frame, BOOK).set_index("dimension")["error"]
    change = 10 * (waves[1]["alone"] - waves[0]["alone"])
    assert found["single"] == pytest.approx(change.var() / 2)


def test_error_is_divided_by_the_answers_that_a_score_is_made_of():
    frame = answers()
    frame.loc[0, "q0"] = np.nan
    scored = corrected.scores_with_error(scales.scores(frame, BOOK), frame, BOOK)
    trust = scored[scored["dimension"] == "trust"].set_index("respondent_id")["error"]
    assert trust[0] / trust[1] == pytest.approx(3 / 2)


# --- tracking -------------------------------------------------------------------------------------------------------


def test_without_error_tracking_is_the_slope_within_partners():
    pairs = study(noise=0.0)
    expected = dyads.accuracy(pairs).set_index("term").loc["tracking within HR partners"]
    found = corrected.tracking(pairs).iloc[0]
    assert found["estimate"] == pytest.approx(expected["estimate"])
    assert found["reliability"] == 1
    assert (found["low"], found["high"]) == pytest.approx((expected["low"], expected["high"]), abs=0.02)


def test_a_perfectly_informed_partner_tracks_fully():
    plain, less_error = [], []
    for seed in range(10):
        pairs = study(seed, questions=1, noise=0.8)  # reliability .5 within partners
        plain.append(dyads.accuracy(pairs)["estimate"].iloc[1])
        found = corrected.tracking(pairs).iloc[0]
        less_error.append(found["estimate"])
        assert found["low"] < found["estimate"] < found["high"]
    assert np.mean(plain) == pytest.approx(0.5, abs=0.05)
    assert np.mean(less_error) == pytest.approx(1.0, abs=0.08)


@pytest.mark.parametrize(
    ("pairs", "said"),
    [
        (study(noise=0.0).assign(manager_error=np.nan), "single question"),
        (study().assign(manager_error=5.0), "too much error"),
        (study(partners=2), "fewer than 3 clusters"),
        (study().iloc[:0], "no answers"),
    ],
)
def test_tracking_that_cannot_be_corrected_says_so(pairs, said):
    found = corrected.tracking(pairs, by=[]).iloc[0]
    assert found["note"].startswith("cannot tell") and said in found["note"]
    assert np.isnan(found["estimate"])


# --- agreement ------------------------------------------------------------------------------------------------------


def test_without_error_agreement_is_that_of_the_scores():
    pairs = study(noise=0.0)
    columns = ["estimate", "low", "high"]
    found, expected = corrected.agreement(pairs)[columns], dyads.similarity(pairs)[columns]
    np.testing.assert_allclose(found.to_numpy(float), expected.to_numpy(float))


def test_correlation_is_that_of_what_both_sides_mean():
    found = [corrected.agreement(study(seed)).set_index("coefficient")["estimate"] for seed in range(10)]
    assert np.mean([one["correlation"] for one in found]) == pytest.approx(1 / np.sqrt(1.25), abs=0.03)


def test_more_error_than_differences_cannot_be_corrected():
    found = corrected.agreement(study().assign(hr_error=9.0))
    assert found["note"].str.contains("too much error").all()


def test_the_mean_over_dimensions_holds_the_errors_of_all_of_them():
    rows = pd.DataFrame(
        {"dimension": ["trust", "candour", "trust"], "score_100": [40.0, 60.0, 50.0], "error": [8.0, 4, 9]}
    )
    rows = rows.assign(respondent_id=["a", "a", "b"], partnership_id=["p", "p", "q"], wave="1", side="manager", items=2)
    rows = rows.assign(answered=2, score=3.0, favourable=0.5)
    found = corrected.across_dimensions(rows).set_index("respondent_id")
    assert found["score_100"].to_dict() == {"a": 50.0, "b": 50.0}
    assert found["error"].to_dict() == {"a": (8 + 4) / 4, "b": 9.0}
    unknown = corrected.across_dimensions(rows.assign(error=[8.0, np.nan, 9.0])).set_index("respondent_id")["error"]
    assert np.isnan(unknown["a"]) and unknown["b"] == 9.0


# --- both outcomes at once ------------------------------------------------------------------------------------------


def test_without_error_the_effects_are_those_of_two_regressions():
    pairs = study(noise=0.0)
    joint = corrected.joint_actor_partner(pairs).set_index(["side", "effect"])["estimate"]
    apart = dyads.actor_partner(pairs).set_index(["side", "effect"])["estimate"]
    for side in ("hr", "manager"):
        for effect in ("actor", "partner"):
            assert joint[side, effect] == pytest.approx(apart[side, effect])
        assert joint[side, "actor less partner"] == pytest.approx(apart[side, "actor"] - apart[side, "partner"])
        assert joint[side, "partner over actor (k)"] == pytest.approx(apart[side, "partner"] / apart[side, "actor"])


def test_the_published_couples_give_the_published_effects():
    """148 couples: one's satisfaction by how both see the other (Acitelli 1997; Kenny, Kashy & Cook 2006, chapter 7).

    The covariances are those of the published data: husband's and wife's view, husband's and wife's satisfaction.
    The figures are those that Kenny's group printed of R: gls(satisfaction ~ husband + wife + actH + actW + partWH +
    partHW - 1, correlation = corCompSymm(form = ~ 1 | dyad), weights = varIdent(form = ~ 1 | partnum)).
    """
    covariance = [
        [0.2246736532, 0.0580180180, 0.1105288962, 0.0941410799],
        [0.0580180180, 0.2732487590, 0.0961175461, 0.1218575719],
        [0.1105288962, 0.0961175461, 0.2132476865, 0.1525951972],
        [0.0941410799, 0.1218575719, 0.1525951972, 0.2809276113],
    ]
    drawn = np.random.default_rng(1997).normal(size=(148, 4))
    drawn = np.linalg.qr(drawn - drawn.mean(axis=0))[0] * np.sqrt(147)  # uncorrelated, variance 1
    names = ["hr", "manager", "hr_outcome", "manager_outcome"]
    couples = pd.DataFrame(drawn @ np.linalg.cholesky(covariance).T, columns=names)
    couples = couples.assign(hr_error=0.0, manager_error=0.0, hr_id=range(148), manager_id=range(148, 296))
    couples["cluster_id"] = couples["hr_id"]
    spread = np.sqrt((covariance[0][0] + covariance[1][1]) / 2)
    found = corrected.joint_actor_partner(couples).set_index(["side", "effect"])["estimate"]
    published = {("hr", "actor"): 0.4243866, ("hr", "partner"): 0.2616498}
    published |= {("manager", "actor"): 0.3777000, ("manager", "partner"): 0.3214782}
    for place, value in published.items():
        assert found[place] / spread == pytest.approx(value, abs=1e-6)
    assert found["both", "correlation of what is left"] == pytest.approx(0.4751092, abs=1e-6)
    assert found["hr", "partner over actor (k)"] == pytest.approx(0.2616498 / 0.4243866, abs=1e-6)
    plain = dyads.apim(couples, ("hr", "manager"), ("hr_outcome", "manager_outcome"))
    assert plain["estimate"].to_numpy() / spread == pytest.approx(np.array(list(published.values())), abs=1e-6)


def test_partner_effects_that_error_makes_up_are_gone():
    plain, less_error, left = [], [], []
    for seed in range(6):
        pairs = study(seed, own=1.5)
        plain.append(dyads.actor_partner(pairs).set_index(["side", "effect"])["estimate"]["manager", "partner"])
        found = corrected.joint_actor_partner(pairs).set_index(["side", "effect"])["estimate"]
        less_error.append(found["manager", "partner"])
        left.append(found[corrected.BOTH, corrected.RESIDUAL])
    assert np.mean(plain) > 0.06
    assert np.mean(less_error) == pytest.approx(0, abs=0.06)
    assert np.mean(left) == pytest.approx(0.25 / 0.89, abs=0.06)


def test_nothing_is_set_in_proportion_to_an_actor_effect_of_nothing():
    random = np.random.default_rng(4)
    pairs = study(own=1.5).assign(manager_outcome=random.normal(size=360))
    found = corrected.joint_actor_partner(pairs).set_index(["side", "effect"])
    assert found.loc[("manager", "partner over actor (k)"), "note"].startswith("cannot tell: the actor effect")
    assert found.loc[("hr", "partner over actor (k)"), "note"] == ""


def test_dimensions_are_averaged_with_their_errors():
    one = study()
    found = corrected.overall(pd.concat([one, one.assign(dimension="candour", hr=one["hr"] + 2)]))
    assert len(found) == len(one)
    np.testing.assert_allclose(found["hr"], one["hr"] + 1)
    np.testing.assert_allclose(found["hr_error"], 0.5 * one["hr_error"])


def test_the_dimension_that_partners_notice_least_stands_alone_where_it_clearly_does():
    blind = study(seed=4).assign(dimension="conflict")
    blind["hr"] = np.random.default_rng(4).permutation(blind["hr"])
    pairs = pd.concat([study(), study(seed=3).assign(dimension="candour"), blind], ignore_index=True)
    found = corrected.tracking_ranks(pairs).set_index("dimension")
    assert found["lowest"].to_dict() == {"trust": False, "candour": False, "conflict": True}
    assert found["highest"].to_dict() == {"trust": True, "candour": True, "conflict": False}


def test_where_the_error_is_not_known_a_dimension_could_be_either():
    unknown = study(seed=3).assign(dimension="candour", manager_error=np.nan)
    found = corrected.tracking_ranks(pd.concat([study(), unknown], ignore_index=True))
    assert found[["lowest", "highest"]].all(axis=None)
    assert corrected.tracking_ranks(unknown[:0]).empty
