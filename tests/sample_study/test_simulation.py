"""The simulation does what it says: over repetitions, simple estimates are right on average."""

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from simulation import answers, cases, company, messages, partnership_responses, recruiting, survey_truths, truths
from simulation.answers import DIMENSIONS, REVERSED, expected, graded, item_columns
from simulation.other_truths import message_truths
from statsmodels.duration.hazard_regression import PHReg

pytestmark = pytest.mark.slow

REPETITIONS = 40


def assert_unbiased(estimates: list[float], truth: float) -> None:
    error = np.std(estimates, ddof=1) / np.sqrt(len(estimates))
    assert abs(np.mean(estimates) - truth) < 4 * error, f"mean {np.mean(estimates):.4f}, truth {truth:.4f}"


def gap_of(responses: pd.DataFrame, item: str = "candour_1") -> float:
    sides = responses.pivot(index="partnership_id", columns="side", values=item)
    return (sides["hr"] - sides["manager"]).mean()


# Graded response model


@pytest.mark.parametrize("theta", [-2.0, 0.0, 1.5])
@pytest.mark.parametrize("item", [0, 1, 2])
def test_expected_answers_match_drawn_answers(theta, item):
    rng = np.random.default_rng(1)
    drawn = graded(rng, theta + rng.standard_normal(200_000))[:, item]
    assert drawn.mean() == pytest.approx(expected(theta, item), abs=4 * drawn.std() / np.sqrt(len(drawn)))


def test_answers_use_the_whole_range_and_rise_with_the_trait():
    rng = np.random.default_rng(1)
    low, high = graded(rng, np.full(2000, -1.0)), graded(rng, np.full(2000, 1.0))
    assert set(np.unique(np.concatenate([low, high]))) == {1, 2, 3, 4, 5}
    assert (high.mean(axis=0) > low.mean(axis=0) + 0.5).all()


def test_random_parts_have_the_variances_and_correlations_they_were_given():
    rng = np.random.default_rng(1)
    for source, variance in answers.VARIANCE.items():
        part = answers.random_part(rng, 100_000, source)
        assert part.var(axis=0) == pytest.approx(np.full((2, 10), variance), rel=0.03)
        assert np.corrcoef(part[:, 0, 0], part[:, 0, 1])[0, 1] == pytest.approx(answers.GENERAL, abs=0.015)
        between = np.corrcoef(part[:, 0, 0], part[:, 1, 0])[0, 1]
        assert between == pytest.approx(answers.BETWEEN_SIDES[source], abs=0.015)


def test_turning_answers_back_reverses_only_reversed_items():
    turned = pd.Series(answers.as_answered(np.ones((1, 10, 3)))[0], index=item_columns())
    assert set(turned[turned == 5].index) == {f"{dimension}_{item}" for dimension, item in REVERSED}
    assert (turned.drop(turned[turned == 5].index) == 1).all()


# Surveys for repeated simulation


@pytest.mark.parametrize("gap", [0.0, 0.6])
def test_gaps_are_right_on_average(gap):
    estimates = [gap_of(partnership_responses(seed, gap=gap)) for seed in range(REPETITIONS)]
    assert_unbiased(estimates, float(expected(gap) - expected(0.0)))


@pytest.mark.parametrize("change", [0.0, 0.4])
def test_changes_are_right_on_average(change):
    estimates = []
    for seed in range(REPETITIONS):
        managers = partnership_responses(seed, waves=2, change=change).query("side == 'manager'")
        waves = managers.groupby("wave")["conflict_1"].mean()
        estimates.append(waves["2"] - waves["1"])
    assert_unbiased(estimates, float(expected(change) - expected(0.0)))


def test_a_planted_null_is_called_significant_as_often_as_it_should():
    """t test on the means of 36 unequal clusters; 5 % of 300 repetitions, plus and minus 3.5 standard errors."""
    called = 0
    for seed in range(300):
        sides = partnership_responses(seed).pivot(index=["hr_id", "partnership_id"], columns="side", values="candour_1")
        by_partner = (sides["hr"] - sides["manager"]).groupby("hr_id").mean().dropna()
        called += stats.ttest_1samp(by_partner, 0).pvalue < 0.05
    assert 2 <= called <= 28


def test_repeated_surveys_have_the_columns_of_a_study():
    responses = partnership_responses(1, clusters=3, managers=28, waves=2, short_form=False)
    assert list(responses.columns[:10]) == [
        "respondent_id", "partnership_id", "wave", "submitted_at", "weight", "side", "hr_id", "manager_id", "rated_id",
        "cluster_id",
    ]  # fmt: skip
    assert list(responses.columns[10:]) == [*item_columns(), "work_again"]
    assert responses[item_columns()].notna().all(axis=None)
    assert (responses["cluster_id"] == responses["hr_id"]).all()
    managers = responses["side"] == "manager"
    assert (responses.loc[managers, "rated_id"] == responses.loc[managers, "hr_id"]).all()
    assert (responses.loc[~managers, "rated_id"] == responses.loc[~managers, "manager_id"]).all()


def test_repeated_surveys_are_reproducible():
    pd.testing.assert_frame_equal(partnership_responses(5), partnership_responses(5))
    assert not partnership_responses(5).equals(partnership_responses(6))


@pytest.mark.parametrize(("managers", "clusters"), [(420, 36), (28, 3), (12, 12), (5, 1)])
def test_clusters_are_unequal_and_complete(managers, clusters):
    responses = partnership_responses(2, clusters=clusters, managers=managers, response=(1.0, 1.0))
    sizes = responses.query("side == 'manager'").groupby("hr_id").size()
    assert sizes.sum() == managers
    assert len(sizes) == clusters


# The sample study's design


def test_population_values_agree_with_integration():
    """The gaps of truths.yaml come from simulation; quadrature gives them independently."""
    firm = company.found(3)
    pairs = firm.pairs_in("2026-H1")
    plan = answers.planned(pairs, "2026-H1")
    means = expected(plan)  # pair, side, dimension
    logit = np.full(len(pairs), answers.RESPONSE["manager"])
    for (attribute, value), effect in answers.RESPONSE_EFFECTS.items():
        logit += effect * (pairs[attribute] == value).to_numpy()
    answering = 1 / (1 + np.exp(-logit))
    gaps = (1 - answers.STRAIGHT) ** 2 * np.average(means[:, 1] - means[:, 0], axis=0, weights=answering)
    simulated = {truth.id: truth for truth in survey_truths.survey_truths(3, firm, copies=20)}
    for dimension, gap in zip(DIMENSIONS, gaps):
        truth = simulated[f"gap_{dimension}"]
        assert truth.value == pytest.approx(gap, abs=4 * truth.standard_error / np.sqrt(20) + 0.01)


def test_response_odds_do_not_depend_on_persistence_over_waves():
    firm = company.found(3)
    pairs = firm.pairs_in("2025-H1")
    cluster = pd.factorize(pairs["hr_id"])[0]
    rng = np.random.default_rng(1)
    answered = np.stack([answers.responding(rng, pairs, cluster, 3)[..., 0] for _ in range(200)])
    slow = ((pairs["department"] == "Logistics") & (pairs["tenure"] == "under 2 years")).to_numpy()
    usual = ((pairs["department"] != "Logistics") & (pairs["tenure"] != "under 2 years")).to_numpy()
    odds = [np.log(rate / (1 - rate)) for rate in (answered[..., slow].mean(), answered[..., usual].mean())]
    assert odds[1] == pytest.approx(answers.RESPONSE["manager"], abs=0.05)
    assert odds[0] - odds[1] == pytest.approx(sum(answers.RESPONSE_EFFECTS.values()), abs=0.1)
    waves = answered.reshape(200, 3, -1)
    assert np.corrcoef(waves[:, 0].ravel(), waves[:, 1].ravel())[0, 1] > 0.2


def test_location_level_and_tenure_have_no_planned_part_in_the_answers():
    pairs = company.found(3).pairs()
    for wave in company.WAVES:
        plan = pd.DataFrame(answers.planned(pairs, wave).reshape(len(pairs), -1))
        keys = [pairs[name].to_numpy() for name in ("department", "swap_arm", "call_arm")]
        spread = plan.groupby(keys).transform(lambda values: values - values.iloc[0])
        assert np.abs(spread.to_numpy()).max() < 1e-12


def test_hazard_of_filling_is_right_on_average():
    estimates = []
    for seed in range(20):
        rng = np.random.default_rng(seed)
        share = rng.choice([0.0, 0.5, 1.0], 400)
        opening = recruiting.Opening("Q1", "M1", "R1", pd.Timestamp("2025-01-01").to_pydatetime(), 0.0)
        ends = [recruiting._close(rng, opening, "Operative", value) for value in share]
        days = np.array([(closed - opening.approved).total_seconds() for closed, _ in ends])
        filled = np.array([reason == "filled" for _, reason in ends]).astype(int)
        estimates.append(float(PHReg(days, share[:, None], status=filled).fit().params[0]))
    assert_unbiased(estimates, recruiting.ENGAGEMENT)


def test_no_opening_closes_within_the_landmark_and_engagement_is_read_from_the_events():
    firm = company.found(4)
    _, given = answers.survey(4, firm)
    hired = recruiting.write_hiring(4, firm, given)
    table = hired.requisitions.set_index("requisition_id").replace("", None)
    days = (pd.to_datetime(table["closed_at"]) - pd.to_datetime(table["approved_at"])).dt.total_seconds() / 86400
    assert days.min() >= recruiting.LANDMARK
    share = recruiting.early_engagement(hired.requisitions, hired.events)
    assert share.between(0, 1).all()
    one = share.index[0]
    events = hired.events[hired.events["requisition_id"] == one]
    early = events[(events["event"] == "cv_sent") & (events["at"] < _plus(table.at[one, "approved_at"], 11))]
    reviews = (events["event"] == "cv_reviewed") & events["candidate_id"].isin(early["candidate_id"])
    asked = events["event"].isin(["intake_held", "brief_received"]) | reviews
    in_time = asked & (events["at"] <= events["due_at"])
    assert share[one] == pytest.approx(in_time.sum() / asked.sum())


def _plus(time: str, days: int) -> str:
    return (pd.Timestamp(time) + pd.Timedelta(days=days)).strftime("%Y-%m-%d %H:%M")


def test_events_are_in_order_and_within_the_study():
    firm = company.found(5)
    _, given = answers.survey(5, firm)
    hired = recruiting.write_hiring(5, firm, given)
    assert (hired.events["at"] <= "2026-06-30 23:59").all()
    approved = hired.events["requisition_id"].map(hired.requisitions.set_index("requisition_id")["approved_at"])
    assert (hired.events["at"] >= approved).all()
    per_candidate = hired.events.pivot_table(index="candidate_id", columns="event", values="at", aggfunc="first")
    for earlier, later in [
        ("applied", "cv_sent"),
        ("cv_sent", "cv_reviewed"),
        ("interview_scheduled", "interview_held"),
        ("interview_held", "feedback_given"),
        ("offer_extended", "offer_accepted"),
    ]:
        both = per_candidate[[earlier, later]].dropna()
        assert (both[earlier] <= both[later]).all(), (earlier, later)


def test_reply_times_and_ratings_are_right_on_average():
    ratios, gaps = [], []
    planted = {truth.id: truth.value for truth in message_truths()}
    for seed in range(30):
        table = cases.cases(seed).replace("", None)
        days = (pd.to_datetime(table["first_reply_on"]) - pd.to_datetime(table["opened_on"])).dt.days
        means = days.groupby(table["anonymous"]).mean()
        ratios.append(means["yes"] / means["no"])
        coded = messages.messages(seed).query("attribute == 'caring'")
        by_side = coded.groupby(coded["audience"] == "employee")["rating"].mean()
        gaps.append(by_side[False] - by_side[True])
    assert np.mean(ratios) == pytest.approx(cases.ANONYMOUS_RATIO, rel=0.06)
    assert_unbiased(gaps, planted["brand_caring"])


# Power


@pytest.mark.parametrize(("value", "error", "df"), [(0.4, 0.1, 30), (-0.25, 0.1, 10), (0.0, 1.0, 20)])
def test_power_is_how_often_a_t_test_finds_the_effect(value, error, df):
    rng = np.random.default_rng(1)
    t = (value / error + rng.standard_normal(200_000)) / np.sqrt(rng.chisquare(df, 200_000) / df)
    share = (np.abs(t) > stats.t.ppf(0.975, df)).mean()
    assert truths.power(value, error, df) == pytest.approx(share, abs=0.005)


def test_power_of_a_huge_effect_is_one():
    assert truths.power(50, 0.1, 30) == pytest.approx(1)
