from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats

from helpers.analysis.methods import agreement, clustered
from helpers.analysis.survey import dyads

SIZES = np.array([3, 5, 6, 8, 9, 10, 11, 12, 12, 13, 14, 15, 17, 19, 26] * 2)


def study(gap=5.0, waves=("1", "2"), dimensions=("trust", "candour"), partner=4.0, pair=6.0, noise=8.0, seed=1):
    """Scores of both sides about the same partnerships, with known variance components."""
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(len(SIZES)), SIZES)
    frames = []
    for dimension in dimensions:
        of_partner = partner * random.normal(size=len(SIZES))[cluster]
        of_pair = pair * random.normal(size=len(cluster))
        for wave in waves:
            for side, shift in (("hr", gap), ("manager", 0.0)):
                level = 60 + shift + of_partner + of_pair + noise * random.normal(size=len(cluster))
                own = [f"h{i}" for i in cluster] if side == "hr" else [f"m{i}" for i in range(len(cluster))]
                frames.append(
                    pd.DataFrame(
                        {
                            "partnership_id": range(len(cluster)),
                            "wave": wave,
                            "side": side,
                            "dimension": dimension,
                            "hr_id": [f"h{i}" for i in cluster],
                            "manager_id": [f"m{i}" for i in range(len(cluster))],
                            "respondent_id": own,
                            "cluster_id": cluster,
                            "score_100": level,
                        }
                    )
                )
    frame = pd.concat(frames, ignore_index=True)
    frame["rated_id"] = frame["manager_id"].where(frame["side"] == "hr", frame["hr_id"])
    return frame


PAIRS = dyads.paired_scores(study())


# pairing -----------------------------------------------------------------------------------------------------


def test_each_pair_has_both_views_and_only_pairs_remain():
    scores = study(waves=("1",), dimensions=("trust",))
    lost = (scores["side"] == "hr") & (scores["partnership_id"] < 10)
    found = dyads.paired_scores(scores[~lost])
    assert len(found) == SIZES.sum() - 10
    row = found.iloc[0]
    given = scores[(scores["partnership_id"] == row["partnership_id"])].set_index("side")["score_100"]
    assert (row["hr"], row["manager"]) == (given["hr"], given["manager"])


def test_who_could_not_be_paired_is_counted_with_the_reason():
    responses = study(waves=("1",), dimensions=("trust",))
    responses["partnership_id"] = responses["partnership_id"].astype("Int64")
    responses = responses[~((responses["side"] == "hr") & (responses["partnership_id"] < 10))].reset_index(drop=True)
    responses.loc[responses.index[:4], "partnership_id"] = pd.NA
    found = dyads.pairing(responses).set_index("pairing")["answers"].to_dict()
    assert found["no partnership known"] == 4
    assert found["only the manager answered"] == 14
    assert sum(found.values()) == len(responses)


def test_no_pairs_at_all():
    alone = study()[lambda f: f["side"] == "manager"]
    assert dyads.paired_scores(alone).empty
    assert dyads.perception_gap(dyads.paired_scores(alone), by=[])["note"].str.startswith("cannot tell").all()


ESTIMATORS = [
    dyads.perception_gap,
    dyads.similarity,
    dyads.accuracy,
    dyads.actor_partner,
    dyads.variance_components,
    dyads.these_partners,
]
OF_SCORES = (dyads.variance_components, dyads.these_partners)


@pytest.mark.parametrize("estimate", ESTIMATORS)
def test_nobody_gives_the_same_columns_as_somebody(estimate):
    frame = study() if estimate in OF_SCORES else with_outcomes(PAIRS)
    whole = estimate(frame)
    nobody = estimate(frame.iloc[:0])
    assert nobody.empty and list(nobody) == list(whole)
    ungrouped = estimate(frame.iloc[:0], by=[])
    assert ungrouped["note"].str.startswith("cannot tell").all() and ungrouped["estimate"].isna().all()


@pytest.mark.parametrize("partners", [2, 3, 4])
@pytest.mark.parametrize("estimate", [each for each in ESTIMATORS if each is not dyads.these_partners])
def test_what_a_few_partners_tell_is_said_to_be_rough_or_not_told(estimate, partners):
    frame = study() if estimate in OF_SCORES else with_outcomes(PAIRS)
    found = estimate(frame[frame["cluster_id"] < partners])
    assert found["note"].str.contains("^rough|^cannot tell").all()
    told = found.dropna(subset=["estimate"])
    assert ((told["low"] <= told["estimate"]) & (told["estimate"] <= told["high"])).all()


# the gap -----------------------------------------------------------------------------------------------------


def test_the_gap_is_recovered_and_its_people_are_counted_by_side():
    found = dyads.perception_gap(PAIRS).set_index("dimension").loc["trust"]
    assert found["low"] < 5 < found["high"]
    assert found["estimate"] == pytest.approx(found["mean_hr"] - found["mean_manager"])
    assert found[["respondents_hr", "respondents_manager", "clusters"]].tolist() == [30, 360, 30]
    assert found["respondents"] == 390


def test_the_gap_is_that_of_the_mixed_model(clustered_answers):
    # m <- lme4::lmer(y ~ 1 + (1 | cluster), d), d <- read.csv("clustered_answers.csv"), y: the difference;
    # coef_test(m, vcovCR(m, type = "CR2"), test = "Satterthwaite")
    names = {"cluster": "cluster_id", "y": "hr"}
    pairs = clustered_answers.rename(columns=names).assign(manager=0.0, manager_id=range(362))
    found = dyads.perception_gap(pairs.assign(hr_id=pairs["cluster_id"]), by=[]).iloc[0]
    columns = ["estimate", "standard_error", "degrees_of_freedom"]
    assert found[columns].tolist() == pytest.approx([3.3232738661518, 0.0832848819918, 33.7976362537284], rel=1e-6)
    assert found["mean_hr"] == pytest.approx(found["estimate"]) and found["mean_manager"] == 0


def test_an_hr_partner_with_many_managers_does_not_dominate_the_gap():
    one = PAIRS["cluster_id"] == 14
    pairs = pd.concat([PAIRS, *[PAIRS[one].assign(hr=PAIRS["hr"] + 40)] * 20], ignore_index=True)
    found = dyads.perception_gap(pairs).set_index("dimension").loc["trust"]
    trust = pairs[pairs["dimension"] == "trust"]
    assert (trust["hr"] - trust["manager"]).mean() > 20
    assert found["estimate"] < 10
    assert found["estimate"] == pytest.approx(found["mean_hr"] - found["mean_manager"])


def test_the_gap_of_views_that_are_the_same_has_no_interval():
    same = PAIRS.assign(hr=PAIRS["manager"])
    assert dyads.perception_gap(same)["note"].str.contains("cannot tell").all()


# agreement ---------------------------------------------------------------------------------------------------


def test_concordance_is_lins():
    # Lin (1989) with n - 1: by hand for (1, 2), (2, 3), (3, 5), (4, 4)
    pairs = pd.DataFrame({"hr": [1.0, 2, 3, 4], "manager": [2.0, 3, 5, 4], "cluster_id": range(4)})
    pairs = pairs.assign(hr_id=range(4), manager_id=range(10, 14))
    found = dyads.similarity(pairs, by=[]).set_index("coefficient")
    assert found.loc["ICC(A,1)", "estimate"] == pytest.approx(2 * (4 / 3) / (5 / 3 + 5 / 3 + 1))
    assert found.loc["correlation", "estimate"] == pytest.approx(0.8)


def test_agreement_is_recovered():
    # covariance of the views: 4^2 + 6^2 = 52; variance 116; gap 5
    found = dyads.similarity(PAIRS).set_index(["dimension", "coefficient"])
    for dimension in ("trust", "candour"):
        assert found.loc[(dimension, "ICC(A,1)"), "estimate"] == pytest.approx(2 * 52 / (2 * 116 + 25), abs=0.08)
        assert found.loc[(dimension, "correlation"), "estimate"] == pytest.approx(52 / 116, abs=0.08)
    assert (found["low"] < found["estimate"]).all() and (found["estimate"] < found["high"]).all()


def test_strangers_profiles_agree_only_until_the_normative_profile_is_taken_away():
    random = np.random.default_rng(4)
    names = [f"d{i}" for i in range(10)]
    typical = dict(zip(names, 20 * random.normal(size=10)))
    scores = study(dimensions=names, waves=("1",), pair=0, partner=0)
    scores["score_100"] += scores["dimension"].map(typical)
    found = dyads.profile_similarity(dyads.paired_scores(scores)).set_index("coefficient")
    assert found.loc["overall", "low"] > 0.5
    assert abs(found.loc["distinctive", "estimate"]) < 0.05


def test_two_dimensions_are_no_profile():
    assert dyads.profile_similarity(PAIRS)["note"].str.contains("no pair shares 4 dimensions").all()


# accuracy ----------------------------------------------------------------------------------------------------


def test_bias_and_tracking_are_recovered():
    random = np.random.default_rng(6)
    manager = PAIRS["manager"]
    partner = manager.groupby(PAIRS["cluster_id"]).transform("mean")
    judged = 5 + manager.mean() + 0.4 * (manager - partner) + 0.8 * (partner - manager.mean())
    pairs = PAIRS.assign(hr=judged + random.normal(size=len(PAIRS)))
    found = dyads.accuracy(pairs, by=[]).set_index("term")
    for term, value in {"bias": 5, "tracking within HR partners": 0.4, "tracking between HR partners": 0.8}.items():
        assert found.loc[term, "low"] < value < found.loc[term, "high"]
        assert found.loc[term, "estimate"] == pytest.approx(value, abs=0.15)


# variance components -----------------------------------------------------------------------------------------


def nested():
    frame = pd.read_csv(Path(__file__).parents[1] / "reference" / "nested.csv")
    names = {"w": "wave", "c": "cluster_id", "pid": "partnership_id"}
    frame = frame.rename(columns=names).assign(side="manager", dimension="trust", hr_id=frame["c"])
    return frame.assign(respondent_id=frame["partnership_id"], rated_id=frame["cluster_id"])


def shares_of(scores, **options):
    found = dyads.variance_components(scores, "y", by=["dimension"], **options)
    return found["estimate"].to_numpy() / 100


def test_balanced_components_agree_with_lme4():
    # lmer(y ~ 1 + (1 | c) + (1 | pid)): REML equals the analysis of variance in a balanced design
    shares = shares_of(nested())
    variances = np.array([0.5939375495, 0.9546253441, 0.9789488013])
    # the three wave means, which lmer did not fit, are taken out first
    np.testing.assert_allclose(shares, variances / variances.sum(), atol=0.01)


def test_unbalanced_components_are_near_lme4():
    # g[-c(1,2,3,7,50,51,52,53,99,140:150), ]; REML and method 1 differ a little
    lost = np.array([1, 2, 3, 7, 50, 51, 52, 53, 99, *range(140, 151)]) - 1
    shares = shares_of(nested().drop(index=lost))
    variances = np.array([0.7372084797, 0.8619286719, 1.0378746502])
    np.testing.assert_allclose(shares, variances / variances.sum(), atol=0.03)


def with_groups(frame):
    """Pairs' means of the three waves, in groups over HR partners and in others across them."""
    means = frame.groupby(["hr_id", "partnership_id", "side", "dimension"], as_index=False)["y"].mean()
    means = means.assign(wave="1", cluster_id=means["hr_id"], rated_id=means["hr_id"])
    means = means.assign(respondent_id=means["partnership_id"], over=means["hr_id"] % 3)
    return means.assign(across=means["partnership_id"] % 3)


@pytest.mark.parametrize(
    ("group", "of_partner", "rest"),
    # m <- aggregate(y ~ c + pid, g, mean); lmer(y ~ factor(c %% 3) + (1 | c), m); the same with factor(pid %% 3)
    [("over", 0.624901772601, 1.280942658340), ("across", 0.585500635544, 1.331552698349)],
)
def test_partners_within_departments_or_across_them_agree_with_lme4(group, of_partner, rest):
    found = dyads.variance_components(with_groups(nested()), "y", above=group).set_index("component")
    assert found.loc["HR partner", "estimate"] == pytest.approx(100 * of_partner / (of_partner + rest), rel=1e-6)
    assert found["estimate"].drop(group).sum() == pytest.approx(100)


def test_a_department_of_every_partner_leaves_nothing_to_compare():
    found = dyads.variance_components(study(waves=("1",)).assign(team=lambda rows: rows["hr_id"]), above="team")
    found = found[found["component"] != "team"]
    assert found["estimate"].isna().all() and found["note"].str.contains("each group has one HR partner").all()
    with pytest.raises(ValueError, match="unit"):
        dyads.variance_components(study(), above="unit")


@pytest.mark.parametrize("across", [False, True])
def test_departments_that_differ_do_not_count_as_hr_partners(across):
    held, shares = [], []
    for seed in range(12):
        scores = study(waves=("1",), dimensions=("trust",), partner=0.0, seed=seed)
        random = np.random.default_rng(seed)
        scores["department"] = (scores["manager_id"].str[1:].astype(int) if across else scores["cluster_id"]) % 6
        scores["score_100"] += 8 * random.normal(size=6)[scores["department"]]
        found = dyads.variance_components(scores, above="department").set_index("component")
        held.append(found.loc["HR partner", "low"] == 0)
        shares.append(found.loc["HR partner", "estimate"])
    assert np.mean(held) >= 0.75 and np.mean(shares) < 3


def test_limits_of_these_partners_are_those_of_the_noncentral_distribution():
    scores = study(waves=("1",), dimensions=("trust",))
    scores = scores[(scores["side"] == "manager") & (scores["cluster_id"] < 4)]
    found = dyads.these_partners(scores).iloc[0]
    plain = smf.ols("score_100 ~ C(hr_id)", scores).fit()
    assert found["p_value"] == pytest.approx(plain.f_pvalue)
    for limit, level in (("low", 0.975), ("high", 0.025)):
        size = len(scores) * found[limit] / (100 - found[limit])
        below = stats.ncf.cdf(plain.fvalue, plain.df_model, plain.df_resid, size)
        assert below == pytest.approx(level) if found[limit] > 0 else below <= level
    assert found["high"] > found["estimate"] >= found["low"] >= 0


def test_three_partners_alone_are_told_where_others_like_them_are_not():
    held, widths = [], []
    for seed in range(40):
        random = np.random.default_rng(seed)
        partner = np.repeat(np.arange(3), [11, 9, 8])
        own = np.array([0.0, 0.5, -0.4])[partner]
        scores = pd.DataFrame({"score_100": own + random.normal(size=28), "hr_id": partner, "cluster_id": partner})
        scores = scores.assign(side="manager", wave="1", dimension="trust", respondent_id=range(28), rated_id=partner)
        these = dyads.these_partners(scores).iloc[0]
        others = dyads.variance_components(scores.assign(partnership_id=range(28))).iloc[0]
        truth = 100 * np.var(own) / (np.var(own) + 1)
        held.append(these["low"] <= truth <= these["high"])
        widths.append([these["high"] - these["low"], others["high"] - others["low"]])
    assert np.mean(held) >= 0.85
    assert np.mean(widths, axis=0)[0] < 0.6 * np.mean(widths, axis=0)[1]


def test_one_partner_or_equal_ratings_tell_nothing_of_differences():
    scores = study(waves=("1",), dimensions=("trust",))
    one = dyads.these_partners(scores[scores["cluster_id"] == 0]).iloc[0]
    flat = dyads.these_partners(scores.assign(score_100=50.0)).iloc[0]
    assert one["note"].startswith("cannot tell: fewer than 2 HR partners") and np.isnan(one["estimate"])
    assert "rate alike" in flat["note"] and np.isnan(flat["high"])


def test_the_same_study_with_ever_more_partners_narrows_without_a_jump():
    """From 3 HR partners to 30 nothing is refused, and widths in units of the t quantile never step by half."""
    scores = study(waves=("1",), dimensions=("trust",))
    pairs = dyads.paired_scores(scores)
    counts = np.array([3, 4, 5, 6, 8, 12, 18, 30])
    widths = np.empty((4, len(counts), 5))
    for seed, row in enumerate(widths):
        order = np.random.default_rng(seed).permutation(len(SIZES))
        for place, count in enumerate(counts):
            rows, both = (frame[frame["cluster_id"].isin(order[:count])] for frame in (scores, pairs))
            rows = rows[rows["side"] == "manager"]
            found = [clustered.mean(rows, "score_100"), dyads.perception_gap(both), dyads.similarity(both)]
            found += [dyads.these_partners(rows), dyads.variance_components(rows)]
            told = pd.concat([each.iloc[[0]] for each in found])
            assert (told["clusters"] == count).all()
            row[place] = told["high"] - told["low"]
    assert np.isfinite(widths).all()
    typical = np.exp(np.log(widths).mean(axis=0))
    assert (np.diff(typical, axis=0) < 0.25 * typical[:-1]).all(), "with more partners, never clearly wider"
    of_means = typical[:, :2] * (np.sqrt(counts) / stats.t.ppf(0.975, counts - 1))[:, None]
    assert np.abs(np.diff(np.log(of_means), axis=0)).max() < np.log(1.5)


def test_components_are_recovered_without_bias():
    found = []
    for seed in range(60):
        found.append(shares_of(study(dimensions=("trust",), seed=seed).rename(columns={"score_100": "y"})))
    np.testing.assert_allclose(np.mean(found, axis=0), np.array([16, 36, 64]) / 116, atol=0.02)


def test_two_waves_tell_relationship_from_noise_and_one_does_not():
    two = dyads.variance_components(study(), by=["dimension"])
    one = dyads.variance_components(study(waves=("1",)), by=["dimension"])
    assert two["component"].unique().tolist() == ["HR partner", "relationship", "noise"]
    assert one["component"].unique().tolist() == ["HR partner", "relationship and noise"]
    assert one["note"].str.contains("cannot be told apart").all()
    assert two.groupby("dimension")["estimate"].sum().tolist() == pytest.approx([100, 100])
    assert ((two["low"] >= 0) & (two["high"] <= 100) & (two["low"] <= two["high"])).all()


@pytest.mark.parametrize("partners", [1, 2])
def test_components_of_one_or_two_partners_are_not_told(partners):
    scores = study()
    found = dyads.variance_components(scores[scores["cluster_id"] < partners])
    assert set(found["note"]) == {"cannot tell: fewer than 3 HR partners"}
    assert found[["variance", "estimate", "low", "high"]].isna().all(axis=None)


def test_components_are_told_from_three_partners_on_and_are_then_wide():
    scores = study(dimensions=("trust",))
    widths = []
    for partners in (3, 9, 30):
        of_partner = dyads.variance_components(scores[scores["cluster_id"] < partners]).iloc[0]
        widths.append(of_partner["high"] - of_partner["low"])
    assert widths[0] > widths[1] > widths[2]


def test_in_a_balanced_design_the_interval_is_the_textbook_one():
    # share of variance between groups, one way, n each: (F/Fu - 1) / (F/Fu + n - 1) (Searle, Casella & McCulloch 1992)
    random = np.random.default_rng(8)
    partner = np.repeat(np.arange(10), 6)
    scores = pd.DataFrame({"score_100": random.normal(size=10)[partner] + random.normal(size=60), "hr_id": partner})
    scores = scores.assign(side="manager", wave="1", dimension="trust", partnership_id=range(60), cluster_id=partner)
    scores = scores.assign(respondent_id=range(60), rated_id=partner)
    found = dyads.variance_components(scores).iloc[0]
    plain = agreement.group_reliability(scores, "hr_id", by=[]).iloc[0]
    assert found[["estimate", "low", "high"]].tolist() == pytest.approx(
        [100 * plain[name] for name in ("estimate", "low", "high")]
    )
    assert found["p_value"] == pytest.approx(plain["p_value"])


@pytest.mark.parametrize("waves", [("1",), ("1", "2")])
def test_no_share_lies_inside_the_interval_where_there_is_none(waves):
    held = []
    for seed in range(30):
        scores = study(waves=waves, dimensions=("trust",), partner=0, pair=0, seed=seed).assign(error=64.0)
        found = dyads.variance_components(scores[scores["cluster_id"] < 10])
        held.append((found.loc[found["component"] != "noise", "low"] == 0).to_numpy())
    # the upper limit alone can miss: 97.5 per cent of studies
    assert np.mean(held, axis=0).min() >= 0.86


def test_the_error_of_several_questions_tells_noise_from_relationship_in_one_wave():
    scores = study(waves=("1",), dimensions=("trust",)).assign(error=64.0)
    found = dyads.variance_components(scores)
    assert found["component"].tolist() == ["HR partner", "relationship", "noise"]
    assert found["estimate"].sum() == pytest.approx(100)
    truth = np.array([16, 36, 64]) / 1.16
    assert ((found["low"] < truth) & (truth < found["high"])).all()
    assert ((found["estimate"] - truth).abs() < 12).all()


def test_generalised_and_dyadic_reciprocity_are_recovered():
    found = []
    for seed in range(15):
        random = np.random.default_rng(seed)
        partner = np.repeat(np.arange(30), 12)
        between = random.multivariate_normal([0, 0], [[1, 0.6], [0.6, 1]], 30)[partner]
        pair = random.multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]], 360)
        views = pd.DataFrame(between + pair, columns=["hr", "manager"])
        views = views.assign(hr_id=partner, manager_id=range(360), cluster_id=partner, dimension="trust")
        found.append(dyads.reciprocity(views)["estimate"].to_numpy())
    np.testing.assert_allclose(np.mean(found, axis=0), [0.6, 0.3], atol=0.07)


def test_reciprocity_agrees_with_nlme():
    # w: both views of a pair below each other; lme(y ~ 0 + view, random = ~ 0 + view | partner, data = w,
    #   correlation = corSymm(form = ~ 1 | partner / pair), weights = varIdent(form = ~ 1 | view))
    views = pd.read_csv(Path(__file__).parents[1] / "reference" / "one_with_many.csv")
    views = views.rename(columns={"partner": "hr_id", "pair": "manager_id"})
    found = dyads.reciprocity(views.assign(cluster_id=views["hr_id"], dimension="trust")).set_index("coefficient")
    assert found["estimate"].to_dict() == pytest.approx({"generalised": 0.3931468265, "dyadic": 0.1969497348})


def test_reciprocity_with_next_to_nothing_is_not_told():
    found = dyads.reciprocity(dyads.paired_scores(study(partner=0.0, dimensions=("trust",)))).set_index("coefficient")
    assert "do not clearly differ" in found.loc["generalised", "note"]
    assert found.loc["dyadic", "low"] < found.loc["dyadic", "estimate"] < found.loc["dyadic", "high"]
    two = dyads.reciprocity(PAIRS[PAIRS["cluster_id"] < 2])
    assert two["note"].str.contains("fewer than 3 HR partners").all()


@pytest.mark.parametrize("waves", [("1",), ("1", "2")])
def test_shares_stay_between_nothing_and_everything_where_partners_do_not_differ(waves):
    for seed in range(12):
        scores = study(waves=waves, dimensions=("trust",), partner=0, pair=0, seed=seed)
        found = dyads.variance_components(scores[scores["cluster_id"] < 10])
        assert found["estimate"].sum() == pytest.approx(100)
        assert found[["estimate", "low", "high"]].stack().between(0, 100).all()
        assert (found["low"] <= found["estimate"]).all() and (found["estimate"] <= found["high"]).all()


def test_components_of_too_little_are_said():
    scores = study(waves=("1",))
    flat = scores.assign(score_100=50.0)
    assert dyads.variance_components(flat)["note"].str.startswith("cannot tell").all()


# outcomes of both sides --------------------------------------------------------------------------------------


def with_outcomes(pairs, hr=(0.5, 0.1), manager=(0.6, 0.2), seed=2):
    random = np.random.default_rng(seed)
    ratings = pairs[["hr", "manager"]].to_numpy() / np.sqrt(pairs[["hr", "manager"]].var().mean())
    return pairs.assign(
        hr_outcome=ratings @ [hr[0], hr[1]] + random.normal(size=len(pairs)),
        manager_outcome=ratings @ [manager[1], manager[0]] + random.normal(size=len(pairs)),
    )


def test_actor_and_partner_effects_are_recovered():
    found = dyads.actor_partner(with_outcomes(PAIRS), by=[]).set_index(["side", "effect"])
    planted = {("hr", "actor"): 0.5, ("hr", "partner"): 0.1, ("manager", "actor"): 0.6, ("manager", "partner"): 0.2}
    for key, value in planted.items():
        assert found.loc[key, "low"] < value < found.loc[key, "high"]
        assert found.loc[key, "high"] - found.loc[key, "low"] < 0.4


def test_outcomes_join_their_pairs():
    outcome = study(dimensions=("again",)).rename(columns={"score_100": "score"})
    found = dyads.with_outcome(PAIRS, outcome, "again")
    assert len(found) == len(PAIRS)
    given = outcome[(outcome["partnership_id"] == 7) & (outcome["wave"] == "2") & (outcome["side"] == "hr")]
    row = found[(found["partnership_id"] == 7) & (found["wave"] == "2")].iloc[0]
    assert row["hr_outcome"] == given["score"].iloc[0]


def test_the_dimension_about_which_sides_agree_most_stands_alone_where_it_clearly_does():
    close, far = study(dimensions=("trust",), noise=1.0), study(dimensions=("candour", "conflict"), seed=5)
    pairs = dyads.paired_scores(pd.concat([close, far], ignore_index=True))
    found = dyads.agreement_ranks(pairs).set_index("dimension")
    assert found["highest"].to_dict() == {"trust": True, "candour": False, "conflict": False}
    assert found["lowest"].to_dict() == {"trust": False, "candour": True, "conflict": True}


def test_dimensions_with_equal_agreement_could_each_be_most():
    found = dyads.agreement_ranks(dyads.paired_scores(study(dimensions=tuple("abcd"), seed=8)))
    assert found[["lowest", "highest"]].all(axis=None)
    assert dyads.agreement_ranks(PAIRS[:0]).empty
    alike = dyads.agreement_ranks(PAIRS.assign(hr=50.0))
    assert alike[["lowest", "highest"]].all(axis=None), "what cannot be estimated could be either"


def test_ranks_of_agreement_leave_out_what_the_interval_leaves_out():
    # of one dimension, the replicates are those of its own interval: same estimate, and the same standard error on z
    found = dyads.similarity(PAIRS).query("coefficient == 'ICC(A,1)'").set_index("dimension")
    z = np.arctanh(found.loc["trust", ["estimate", "low", "high"]].astype(float))
    assert (z["high"] - z["estimate"]) == pytest.approx(z["estimate"] - z["low"])
    both = pd.concat([PAIRS, PAIRS[PAIRS["dimension"] == "trust"].assign(dimension="again")])
    ranked = dyads.agreement_ranks(both).set_index("dimension")
    assert ranked.loc["trust"].tolist() == ranked.loc["again"].tolist(), "equal dimensions share their ranks"


def test_the_actor_partner_model_of_any_frame_is_two_regressions():
    random = np.random.default_rng(12)
    frame = pd.DataFrame(random.normal(size=(80, 2)), columns=["mine", "yours"]).assign(owner=np.repeat(range(20), 4))
    frame["stay"] = 0.5 * frame["mine"] + random.normal(size=80)
    frame["leave"] = 0.5 * frame["yours"] + random.normal(size=80)
    found = dyads.apim(frame, ("mine", "yours"), ("stay", "leave"), cluster="owner")
    spread = np.sqrt(frame[["mine", "yours"]].var().mean())
    for outcome, own, other in (("stay", "mine", "yours"), ("leave", "yours", "mine")):
        fit = smf.ols(f"{outcome} ~ {own} + {other}", frame).fit()
        rows = found[found["outcome"] == outcome].set_index("effect")["estimate"]
        assert rows["actor"] == pytest.approx(fit.params[own] * spread)
        assert rows["partner"] == pytest.approx(fit.params[other] * spread)
    assert found["clusters"].eq(20).all()
    assert found["standard_error"].gt(0).all() and found["degrees_of_freedom"].gt(0).all()
    free = dyads.apim(frame, ("mine", "yours"), ("stay", "leave"))
    assert free["clusters"].eq(80).all()
    with pytest.raises(ValueError, match="no column ours; it has mine, yours"):
        dyads.apim(frame, ("ours", "yours"), ("stay", "leave"))
    with pytest.raises(ValueError, match="no column team"):
        dyads.apim(frame, ("mine", "yours"), ("stay", "leave"), cluster="team")
    with pytest.raises(ValueError, match="mine does not hold numbers"):
        dyads.apim(frame.assign(mine="a"), ("mine", "yours"), ("stay", "leave"))
