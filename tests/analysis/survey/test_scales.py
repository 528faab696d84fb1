from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from helpers.analysis.methods import internal_consistency
from helpers.analysis.methods.people import People
from helpers.analysis.survey import scales
from helpers.data import Codebook
from helpers.data.study import Benchmark


def codebook(items, responses=None, dimensions=None):
    """A codebook with the given items; id, dimension and response may be left out."""
    responses = responses or {"agreement": {"type": "rating", "low": 1, "high": 5, "favourable_from": 4}}
    items = [{"dimension": "trust", "response": "agreement", "text": "...", **item} for item in items]
    names = dimensions or dict.fromkeys(item["dimension"] for item in items if item["dimension"])
    return Codebook.model_validate(
        {
            "instrument": {"name": "Test"},
            "responses": responses,
            "dimensions": [{"id": name} for name in names],
            "items": items,
        }
    )


def answers(rows, columns, **given):
    frame = pd.DataFrame(rows, columns=columns, dtype=float)
    people = {"respondent_id": range(len(frame)), "cluster_id": range(len(frame)), "side": "manager", "weight": 1.0}
    return frame.assign(**people | given)


THREE = codebook([{"id": "a"}, {"id": "b"}, {"id": "c", "reverse": True}])


# scores ------------------------------------------------------------------------------------------------------


def test_reversed_items_are_turned_round_and_the_input_is_left_alone():
    given = answers([[1, 2, 5], [4, 4, np.nan]], ["a", "b", "c"])
    turned = scales.score_items(given, THREE)
    assert turned["c"].tolist()[0] == 1
    assert np.isnan(turned["c"][1])
    assert given["c"][0] == 5


def test_one_row_scored_by_hand():
    found = scales.scores(answers([[4, 3, 2]], ["a", "b", "c"]), THREE).iloc[0]
    assert found["score"] == pytest.approx((4 + 3 + 4) / 3)
    assert found["score_100"] == pytest.approx((75 + 50 + 75) / 3)
    assert found["favourable"] == pytest.approx(2 / 3)
    assert found[["items", "answered"]].tolist() == [3, 3]


@pytest.mark.parametrize(
    ("row", "minimum", "score"),
    [
        ([4, np.nan, 2], 0.5, 4),
        ([4, np.nan, np.nan], 0.5, np.nan),
        ([4, np.nan, np.nan], 1 / 3, 4),
        ([4, np.nan, 2], 1.0, np.nan),
        ([np.nan, np.nan, np.nan], 0.5, np.nan),
    ],
)
def test_the_person_mean_stands_in_for_missing_answers_when_enough_were_given(row, minimum, score):
    found = scales.scores(answers([row], ["a", "b", "c"]), THREE, minimum_answered=minimum).iloc[0]
    assert found["score"] == pytest.approx(score, nan_ok=True)
    assert found[["score", "score_100", "favourable"]].isna().nunique() == 1


@given(
    low=st.integers(-3, 3),
    width=st.integers(1, 10),
    data=st.data(),
)
def test_any_range_maps_to_0_to_100_and_reversal_is_its_mirror(low, width, data):
    response = {"r": {"type": "rating", "low": low, "high": low + width}}
    book = codebook([{"id": "x", "response": "r"}], response)
    mirrored = codebook([{"id": "x", "response": "r", "reverse": True}], response)
    value = data.draw(st.integers(low, low + width))
    one = scales.scores(answers([[value]], ["x"]), book).iloc[0]
    other = scales.scores(answers([[value]], ["x"]), mirrored).iloc[0]
    assert 0 <= one["score_100"] <= 100
    assert one["score_100"] + other["score_100"] == pytest.approx(100)
    assert one["favourable"] + other["favourable"] <= 1


def test_items_of_different_range_have_a_score_from_0_to_100_only():
    book = codebook(
        [{"id": "a"}, {"id": "b", "response": "ten"}],
        {"agreement": {"type": "rating", "low": 1, "high": 5}, "ten": {"type": "rating", "low": 0, "high": 10}},
    )
    found = scales.scores(answers([[3, 10]], ["a", "b"]), book).iloc[0]
    assert np.isnan(found["score"])
    assert found["score_100"] == 75


SHORT = codebook([{"id": "a", "short_form": True}, {"id": "b"}, {"id": "c"}])


def test_a_respondent_of_the_short_form_is_not_missing_the_rest():
    given = answers([[4, np.nan, np.nan], [4, 2, 3]], ["a", "b", "c"])
    found = scales.scores(given, SHORT)
    assert found["items"].tolist() == [1, 3]
    assert found["score"].tolist() == [4, 3]
    assert scales.scores(given, SHORT, short_form=True)["score"].tolist() == [4, 4]
    assert scales.scores(given, SHORT, short_form=False)["score"].isna().tolist() == [True, False]


def test_each_side_is_scored_on_the_items_it_answers():
    book = codebook([{"id": "a", "answered_by": ["hr"]}, {"id": "b", "answered_by": ["hr", "manager"]}])
    given = answers([[2, 4], [np.nan, 4]], ["a", "b"], side=["hr", "manager"])
    found = scales.scores(given, book).set_index("side")
    assert found.loc["hr", ["items", "score"]].tolist() == [2, 3]
    assert found.loc["manager", ["items", "score"]].tolist() == [1, 4]


def test_an_unknown_side_answers_everything():
    book = codebook([{"id": "a", "answered_by": ["hr"]}, {"id": "b", "answered_by": ["manager"]}])
    assert scales.scores(answers([[2, 4]], ["a", "b"], side="respondent"), book)["items"].tolist() == [2]


def test_who_and_where_is_carried_along_and_items_are_not():
    found = scales.scores(answers([[4, 3, 2]], ["a", "b", "c"], department="Sales"), THREE)
    assert found["department"].tolist() == ["Sales"]
    assert not {"a", "b", "c"} & set(found)


def test_items_absent_from_the_survey_are_not_asked():
    assert scales.scores(answers([[4]], ["a"]), THREE)["items"].tolist() == [1]
    assert scales.scores(answers([[4]], ["z"]), THREE).empty


def test_outcomes_keep_their_own_range():
    book = codebook(
        [{"id": "a"}, {"id": "again", "dimension": None, "response": "ten", "role": "outcome"}],
        {
            "agreement": {"type": "rating", "low": 1, "high": 5},
            "ten": {"type": "rating", "low": 0, "high": 10, "favourable_from": 9},
        },
    )
    found = scales.outcome_scores(answers([[3, 9], [3, 4]], ["a", "again"]), book)
    assert found["dimension"].tolist() == ["again", "again"]
    assert found["score"].tolist() == [9, 4]
    assert found["favourable"].tolist() == [1, 0]


@pytest.mark.parametrize("minimum", [0, -1, 1.5])
def test_a_minimum_that_is_no_share_is_refused(minimum):
    with pytest.raises(ValueError, match="minimum_answered"):
        scales.scores(answers([[4, 3, 2]], ["a", "b", "c"]), THREE, minimum_answered=minimum)


# summary -----------------------------------------------------------------------------------------------------


def test_summary_gives_three_measures_in_their_units():
    random = np.random.default_rng(0)
    given = answers(random.integers(1, 6, (60, 3)), ["a", "b", "c"], cluster_id=np.arange(60) % 12, wave="2026-H1")
    found = scales.summary(scales.scores(given, THREE)).set_index("measure")
    assert (found["clusters"] == 12).all()
    assert (found["low"] < found["estimate"]).all() and (found["estimate"] < found["high"]).all()
    assert 1 <= found.loc["score", "estimate"] <= 5
    assert found.loc["score_100", "estimate"] == pytest.approx(25 * (found.loc["score", "estimate"] - 1))
    assert 0 <= found.loc["favourable", "low"] <= found.loc["favourable", "high"] <= 100


def test_summary_uses_the_weights():
    given = answers([[5, 5, 1], [1, 1, 5], [1, 1, 5]], ["a", "b", "c"], weight=[2.0, 1, 1])
    found = scales.summary(scales.scores(given, THREE), by=["dimension"], measures=["score"])
    assert found["estimate"].tolist() == [pytest.approx(3)]


# reliability -------------------------------------------------------------------------------------------------

RATINGS = {"percent": {"type": "rating", "low": 0, "high": 100}}


@pytest.fixture
def departments(attitude):
    book = codebook([{"id": name, "response": "percent"} for name in attitude], RATINGS)
    return answers(attitude.to_numpy(), list(attitude)), book


def coefficients(table):
    return table.set_index("coefficient")


def test_alpha_and_omega_agree_with_r(departments):
    found = coefficients(scales.reliability(*departments, "manager"))
    # psych::alpha(attitude)$total$raw_alpha
    assert found.loc["alpha", "estimate"] == pytest.approx(0.84314277, abs=5e-9)
    # f <- factanal(attitude, 1); l <- f$loadings * sd; sum(l)^2 / (sum(l)^2 + sum(f$uniquenesses * var))
    assert found.loc["omega", "estimate"] == pytest.approx(0.856326793, abs=1e-7)
    # psych::alpha(attitude)$feldt for independent raters: .739 to .916
    assert (found.loc["alpha", "low"], found.loc["alpha", "high"]) == pytest.approx((0.739, 0.916), abs=0.03)


def test_feldts_interval_is_psychs_and_says_what_it_assumes(departments):
    given, book = departments
    found = coefficients(scales.reliability(given, book, "manager", interval="feldt"))
    # psych::alpha.ci(psych::alpha(attitude)$total$raw_alpha, 30, 7)
    limits = found.loc["alpha", ["low", "high"]].tolist()
    assert limits == pytest.approx([0.7393756856, 0.9157730722], abs=1e-9)
    assert "assumes independent raters" in found.loc["alpha", "note"]
    assert found.loc["omega", "method"].startswith(internal_consistency.METHOD)
    flat = scales.reliability(given.assign(rating=3.0), book, "manager", interval="feldt")
    assert flat["note"].str.startswith("cannot tell").all() and flat["low"].isna().all()


@pytest.mark.parametrize("options", [{"interval": "hopeful"}, {"interval": "feldt", "missing": "pairwise"}])
def test_intervals_that_do_not_exist_are_refused(departments, options):
    with pytest.raises(ValueError, match="expected"):
        scales.reliability(departments[0], departments[1], "manager", **options)


def test_pairwise_and_listwise_agree_with_r(departments):
    given, book = departments
    # b <- attitude; b[cbind(c(1,5,9,12), c(1,3,3,7))] <- NA
    for row, column in zip((0, 4, 8, 11), (0, 2, 2, 6)):
        given.iloc[row, column] = np.nan
    pairwise = coefficients(scales.reliability(given, book, "manager", missing="pairwise"))
    listwise = coefficients(scales.reliability(given, book, "manager", missing="listwise"))
    # psych::alpha(b, use = "pairwise"); psych::alpha(na.omit(b))
    assert pairwise.loc["alpha", "estimate"] == pytest.approx(0.84223381, abs=5e-9)
    assert listwise.loc["alpha", "estimate"] == pytest.approx(0.85338349, abs=5e-9)
    assert (pairwise.loc["alpha", "observations"], listwise.loc["alpha", "observations"]) == (30, 26)
    assert pairwise.loc["alpha", "method"].endswith("pairwise")


def test_item_analysis_agrees_with_r(departments):
    found = scales.item_analysis(*departments, "manager").set_index("item")
    # psych::alpha(attitude)$item.stats$r.drop and $alpha.drop$raw_alpha
    rest = [0.67126206, 0.74210971, 0.56071111, 0.71444550, 0.78627559, 0.26503434, 0.46081055]
    dropped = [0.80976021, 0.79691746, 0.82784777, 0.80303098, 0.79538657, 0.86387231, 0.84046487]
    np.testing.assert_allclose(found["item_rest"], rest, atol=1e-8)
    np.testing.assert_allclose(found["alpha_if_dropped"], dropped, atol=1e-8)


def test_alpha_of_compound_symmetry_is_spearman_brown():
    # Cov with equal variances and covariances: alpha = k r / (1 + (k - 1) r), exactly
    random = np.random.default_rng(1)
    draws = random.normal(size=(200, 4))
    draws = (draws - draws.mean(axis=0)) @ np.linalg.inv(np.linalg.cholesky(np.cov(draws.T))).T
    equal = draws @ np.linalg.cholesky(0.6 * np.eye(4) + 0.4).T + 50
    book = codebook([{"id": name, "response": "percent"} for name in "abcd"], RATINGS)
    found = coefficients(scales.reliability(answers(equal, list("abcd")), book, "manager"))
    assert found["estimate"].tolist() == pytest.approx([4 * 0.4 / (1 + 3 * 0.4)] * 2)


def test_the_interval_knows_that_clusters_are_alike():
    random = np.random.default_rng(2)
    clusters = np.repeat(range(20), 20)
    rows = random.normal(size=(20, 1))[clusters] + random.normal(size=(20, 3))[clusters] * 0.8
    rows = 50 + 10 * (rows + 0.3 * random.normal(size=(400, 3)))
    book = codebook([{"id": name, "response": "percent"} for name in "abc"], RATINGS)
    alike = coefficients(scales.reliability(answers(rows, list("abc"), cluster_id=clusters), book, "manager"))
    alone = coefficients(scales.reliability(answers(rows, list("abc")), book, "manager"))
    assert alike.loc["alpha", "estimate"] == pytest.approx(alone.loc["alpha", "estimate"])
    width = (alike["high"] - alike["low"]) / (alone["high"] - alone["low"])
    assert (width > 2).all()


def test_many_clusters_are_left_out_in_groups():
    random = np.random.default_rng(3)
    rows = random.normal(size=(3000, 1)) + random.normal(size=(3000, 3))
    book = codebook([{"id": name, "response": "percent"} for name in "abc"], RATINGS)
    found = coefficients(scales.reliability(answers(rows, list("abc")), book, "manager"))
    assert found.loc["alpha", "clusters"] == 3000
    # Feldt (1965) for 3,000 independent raters: about +- .0137 at alpha .75
    assert found.loc["alpha", "high"] - found.loc["alpha", "low"] == pytest.approx(0.031, rel=0.2)


def reasons(rows, columns, **options):
    book = codebook([{"id": name} for name in columns])
    found = scales.reliability(answers(rows, list(columns), **options), book, "manager")
    for row in found[found["note"].str.startswith("cannot tell")].itertuples():
        assert np.isnan([row.estimate, row.low, row.high]).all()
    return dict(zip(found["coefficient"], found["note"]))


def test_what_cannot_be_estimated_is_said():
    random = np.random.default_rng(4)
    some = np.clip(random.integers(2, 5, (30, 1)) + random.integers(-1, 2, (30, 3)), 1, 5)
    assert "one item" in reasons(some[:, :1], "a")["alpha"]
    two = reasons(some[:, :2], "ab")
    assert two["alpha"] == two["spearman_brown"] == ""
    assert "two items do not determine" in two["omega"]
    assert "nobody answered all" in reasons(np.full((5, 3), np.nan), "abc")["alpha"]
    assert "fewer than 2 clusters" in reasons(some, "abc", cluster_id="x")["omega"]
    assert "a was answered the same" in reasons(np.c_[np.full(30, 4), some[:, 1:]], "abc")["alpha"]
    assert "too few for a factor" in reasons(some[:3], "abc")["omega"]
    assert "cannot tell" in reasons(np.repeat(some[:, :1], 3, axis=1), "abc")["alpha"]


def test_items_that_pull_apart_are_pointed_out():
    random = np.random.default_rng(5)
    one = random.integers(1, 6, 80)
    rows = np.c_[one, 6 - one, random.integers(1, 6, 80)]
    assert "below zero" in reasons(rows, "abc")["alpha"]


def test_a_single_item_has_no_rest():
    found = scales.item_analysis(answers([[1], [3], [5]], ["a"]), codebook([{"id": "a"}]), "manager").iloc[0]
    assert found["note"].startswith("cannot tell: the only item")
    assert found[["floor", "ceiling"]].tolist() == pytest.approx([100 / 3, 100 / 3])


def test_wrong_arguments_are_named(departments):
    with pytest.raises(ValueError, match="listwise"):
        scales.reliability(*departments, "manager", missing="drop")


def test_measures_stand_side_by_side_with_the_fewest_respondents_of_any():
    table = pd.DataFrame(
        {
            "dimension": ["trust", "trust"],
            "measure": ["score_100", "favourable"],
            "estimate": [61.0, 40.0],
            "low": [55.0, 30.0],
            "high": [67.0, 51.0],
            "respondents": [80, 79],
            "clusters": [12, 11],
            "people": [People(pd.DataFrame({"respondent_id": range(number)})) for number in (80, 79)],
        }
    )
    row = scales.side_by_side(table, ["score_100", "favourable"]).iloc[0]
    assert (row["score_100"], row["favourable_low"], row["respondents"], row["clusters"]) == (61, 30, 79, 11)


def test_the_overall_score_weighs_every_scored_dimension_alike():
    scored = pd.DataFrame(
        {
            "respondent_id": ["a", "a", "b", "b"],
            "wave": "1",
            "dimension": ["trust", "candour"] * 2,
            "items": 3,
            "answered": 3,
            "score": 3.0,
            "score_100": [40.0, 60.0, 70.0, np.nan],
            "favourable": 0.5,
        }
    )
    assert scales.across_dimensions(scored)["score_100"].tolist() == [50.0, 70.0]


# one chapter's tables ------------------------------------------------------------------------------------------

BOTH = codebook(
    [
        {"id": "a", "answered_by": ["hr", "manager"], "short_form": True},
        {"id": "b", "answered_by": ["hr", "manager"]},
        {"id": "m", "answered_by": ["manager"], "dimension": "candour", "short_form": True},
        {"id": "again", "dimension": None, "role": "outcome", "text": {"hr": "With her?", "manager": "With HR?"}},
    ]
)


def two_sides():
    frame = answers([[2, 4, 3, 5], [4, 2, 1, 4], [5, np.nan, np.nan, 2]], ["a", "b", "m", "again"])
    return frame.assign(side=["manager", "manager", "hr"])


def test_both_sides_are_scored_on_what_both_were_asked_with_managers_as_reference():
    found = scales.both_sides(two_sides(), BOTH)
    assert set(found["dimension"]) == {"trust"}
    # the HR partner was given the short form, item a, and so it is for everybody
    assert found["score"].tolist() == [2, 4, 5]
    assert smf.ols("score ~ side", found).fit().params["side[T.hr]"] == pytest.approx(5 - 3)


def test_of_one_side_there_is_nothing_to_compare():
    for rows in (two_sides().iloc[:2], two_sides().iloc[:0]):
        found = scales.both_sides(rows, BOTH)
        assert found.empty and {"dimension", "side", "score", "cluster_id"} <= set(found)
        assert {"estimate", "respondents", "side"} <= set(scales.summary(found, ["side", "dimension"]))


def test_each_side_reads_the_question_it_was_asked():
    table = scales.summary(scales.outcome_scores(two_sides(), BOTH), ["side", "dimension"], ["score"])
    found = scales.with_question(table, BOTH).set_index("side")
    assert found["question"].to_dict() == {"manager": "With HR?", "hr": "With her?"}
    assert found[["lowest", "highest"]].to_numpy().tolist() == [[1, 5], [1, 5]]
    assert scales.with_question(table.iloc[:0], BOTH).empty


def test_favourable_answers_are_said_for_every_scale_in_use():
    seven = {"type": "rating", "low": 1, "high": 7, "favourable_from": 6}
    five = {"type": "rating", "low": 1, "high": 5, "favourable_from": 4}
    book = codebook([{"id": "a"}, {"id": "b"}, {"id": "c", "response": "seven"}], {"agreement": five, "seven": seven})
    assert (
        scales.favourable(answers([[1, 2, 3]], ["a", "b", "c"]), book) == "4 or more from 1 to 5; 6 or more from 1 to 7"
    )
    assert scales.favourable(answers([[1]], ["a"]), book) == "4 or more from 1 to 5"


def test_means_of_groups_that_do_not_agree_are_marked():
    split, agreed = [[1, 2], [5, 4], [1, 1], [5, 5]] * 3, [[4, 4], [4, 5], [4, 4], [5, 4]] * 3
    frame = answers(split + agreed, ["a", "b"]).assign(group=["split"] * 12 + ["agreed"] * 12)
    book = codebook([{"id": "a"}, {"id": "b"}])
    found = scales.group_means(frame, book, "group", "manager").set_index("group")
    assert found.loc["split", "averaging"] == "not supported" and pd.isna(found.loc["agreed", "averaging"])
    assert found["estimate"].to_dict() == pytest.approx({"split": 50, "agreed": 81.25})


def test_without_groups_there_are_no_means():
    assert scales.group_means(answers([[1], [2]], ["a"]), codebook([{"id": "a"}]), "", "manager").empty


def test_means_are_held_against_figures_of_the_same_dimension():
    means = scales.summary(
        scales.scores(answers([[1], [3], [5]], ["a"]), codebook([{"id": "a"}])), ["side", "dimension"]
    )
    known = [
        Benchmark(measure="trust", value=2.5, unit="points (1-5)", source="Panel", year=2025),
        Benchmark(measure="turnover", value=9, unit="points (1-5)", source="Office"),
        Benchmark(measure="trust", value=3.5, unit="points (1-5)", source="Other"),
    ]
    found = scales.against_benchmarks(means, known)
    assert found["estimate"].tolist() == pytest.approx([0.5, -0.5])
    assert found["mean"].tolist() == pytest.approx([3, 3])
    assert found["year"].tolist() == [2025, "year not given"]
    assert scales.against_benchmarks(means, []).empty
    hundred = Benchmark(measure="trust", value=40, unit="score 0-100", source="Other")
    assert scales.against_benchmarks(means, [hundred]).empty  # in another unit
    assert scales.against_benchmarks(means, [hundred], "score_100")["estimate"].tolist() == pytest.approx([10])
    assert scales.against_benchmarks(means.iloc[:0], known).empty


def test_no_interval_of_a_mean_reaches_beyond_its_scale():
    book = codebook([{"id": "a", "dimension": "trust"}, {"id": "b", "dimension": "trust"}])
    rows = pd.DataFrame({"a": [5, 5, 4, 5, 3, 5.0], "b": [5, 5, 5, 4, 4, 5.0]})
    rows = rows.assign(side="manager", wave="1", respondent_id=range(6), cluster_id=[0, 0, 1, 1, 2, 2])
    found = scales.summary(scales.scores(rows, book), ["side", "dimension"]).set_index("measure")
    assert found.loc["score", "high"] == pytest.approx(5) and found.loc["score_100", "high"] == 100
    free = found["estimate"] - found["standard_error"] * stats.t.ppf(0.975, found["degrees_of_freedom"].astype(float))
    assert found.loc[["score", "score_100"], "low"].tolist() == pytest.approx(free[["score", "score_100"]].tolist())


def test_scales_of_different_ends_are_taken_apart():
    seven = {"type": "rating", "low": 1, "high": 7}
    book = codebook(
        [{"id": "a"}, {"id": "b", "dimension": "clarity", "response": "seven"}],
        {"agreement": {"type": "rating", "low": 1, "high": 5}, "seven": seven},
    )
    table = scales.with_scale(pd.DataFrame({"dimension": ["trust", "clarity"], "side": "manager"}), book)
    assert table["scale"].tolist() == ["1–5", "1–7"]
    parts = scales.on_each_scale(table)
    assert [(added, on, len(rows)) for added, on, rows in parts] == [
        ("-1_5", " answered from 1 to 5", 1), ("-1_7", " answered from 1 to 7", 1)
    ]  # fmt: skip
    assert [part[:2] for part in scales.on_each_scale(table[:1])] == [("", "")]


def test_alpha_of_any_frame_agrees_with_r_and_names_absent_columns():
    attitude = pd.read_csv(Path(__file__).parents[1] / "reference" / "attitude.csv")
    # psych::alpha(attitude)$total$raw_alpha
    assert scales.alpha(attitude)["estimate"].iloc[0] == pytest.approx(0.843142, abs=1e-6)
    chosen = scales.alpha(attitude.assign(team=attitude.index % 6), ["rating", "raises"], cluster="team")
    assert chosen["clusters"].eq(6).all() and chosen["items"].eq(2).all()
    with pytest.raises(ValueError, match="no column trust; it has rating, complaints"):
        scales.alpha(attitude, ["rating", "trust"])
    with pytest.raises(ValueError, match="no column team"):
        scales.alpha(attitude, cluster="team")
