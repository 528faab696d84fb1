import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import factor
from helpers.analysis.survey import structure
from helpers.data import Codebook

SIZES = np.array([3, 4, 5, 6, 7, 8, 9, 9, 10, 10, 11, 12, 12, 13, 14, 15, 17, 19, 23, 26] * 2)
CLUSTERS = np.repeat(np.arange(len(SIZES)), SIZES)
ITEMS = [f"item_{i}" for i in range(1, 9)]
#: Four items of each of two factors that correlate .3.
PATTERN = np.array([[0.8, 0], [0.7, 0], [0.7, 0], [0.6, 0], [0, 0.8], [0, 0.7], [0, 0.6], [0, 0.6]])


def codebook(items=ITEMS, dimensions=("first", "second")):
    each = len(items) // len(dimensions)
    return Codebook.model_validate(
        {
            "instrument": {"name": "Two factors"},
            "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
            "dimensions": [{"id": name} for name in dimensions],
            "items": [
                {"id": item, "dimension": dimensions[min(i // each, len(dimensions) - 1)], "response": "agreement"}
                | {"text": "...", "reverse": item == "item_2"}
                for i, item in enumerate(items)
            ],
        }
    )


def answers(pattern=PATTERN, related=0.3, icc=0.0, clusters=CLUSTERS, seed=1, side="manager", wave="1"):
    """Normal answers with known loadings; the second item is reverse-scored."""
    random = np.random.default_rng(seed)
    size = len(clusters)
    pattern = np.asarray(pattern, float)
    factors = pattern.shape[1]
    correlation = np.full((factors, factors), related) + (1 - related) * np.eye(factors)
    covariance = pattern @ correlation @ pattern.T
    np.fill_diagonal(covariance, 1)
    draw = random.normal(size=(clusters.max() + 1, len(pattern)))[clusters] * np.sqrt(icc)
    draw = (draw + random.normal(size=(size, len(pattern))) * np.sqrt(1 - icc)) @ np.linalg.cholesky(covariance).T
    draw[:, 1] *= -1
    frame = pd.DataFrame(3 + draw, columns=ITEMS[: len(pattern)])
    return frame.assign(side=side, wave=wave, cluster_id=clusters, respondent_id=[f"{side}{i}" for i in range(size)])


# published and independent values ----------------------------------------------------------------------------


def departments(attitude):
    items = ["rating", "complaints", "privileges", "learning", "raises", "critical", "advance"]
    return items, attitude[items].corr().to_numpy()


def test_unrotated_fit_is_factanals(attitude):
    # factanal(attitude, 2, rotation = "none")$uniquenesses
    uniquenesses = [0.20972629588, 0.13233630371, 0.64101667280, 0.39638164848, 0.31773946974, 0.89686021649]
    fit = factor.fit(departments(attitude)[1], 2)
    assert fit.unique.tolist() == pytest.approx([*uniquenesses, 0.03662173932], abs=1e-4)


def test_rotations_are_those_of_gparotation_and_stats(attitude):
    # on the loadings above: GPArotation::GPFoblq(method = "oblimin", normalize = FALSE);
    # x <- varimax(normalize = FALSE, eps = 1e-14); for promax, lm.fit(x, x * abs(x)^3) scaled as in stats::promax
    loadings = factor.fit(departments(attitude)[1], 2).loadings
    expected = {
        "oblimin": ([0.92066351, 0.94832644, 0.50413574, 0.57377005, 0.59749954, 0.13525702, -0.03124695], 0.32846756),
        "varimax": ([0.88634249, 0.92160922, 0.51997712, 0.61063929, 0.63898099, 0.16550713, 0.10016813], 0.0),
        "promax": ([1.02482768, 1.03757605, 0.48879425, 0.51693698, 0.53186483, 0.07680634, -0.3069847], 0.61439258),
    }
    for rotation, (first, correlation) in expected.items():
        pattern, related = factor.rotate(loadings, rotation)
        assert pattern[:, 0].tolist() == pytest.approx(first, abs=2e-3)
        assert related[0, 1] == pytest.approx(correlation, abs=2e-3)
        # turning round changes no correlation between items
        np.testing.assert_allclose(pattern @ related @ pattern.T, loadings @ loadings.T, atol=1e-9)


def test_eigenvalues_of_unrelated_items_are_those_of_r():
    # set.seed(1); e <- replicate(20000, eigen(cor(matrix(rnorm(210), 30)))$values); means and 95th percentiles by row
    means = [1.7581300, 1.4083212, 1.1564901, 0.9474884, 0.7582057, 0.5767431, 0.3946215]
    tails = [2.0565214, 1.6000213, 1.3071461, 1.0767462, 0.8917103, 0.7162322, 0.5343674]
    items = [f"i{i}" for i in range(7)]
    frame = pd.DataFrame(np.random.default_rng(1).normal(size=(30, 7)), columns=items).assign(cluster_id=range(30))
    drawn = factor.unrelated_eigenvalues(frame, items, 4000, seed=2)
    assert drawn.mean(axis=0).tolist() == pytest.approx(means, abs=0.02)
    assert np.percentile(drawn, 95, axis=0).tolist() == pytest.approx(tails, abs=0.03)


def test_clustered_unrelated_eigenvalues_are_those_of_drawn_rows():
    random = np.random.default_rng(3)
    rows = [random.normal(size=(len(SIZES), 8))[CLUSTERS] + random.normal(size=(len(CLUSTERS), 8)) for _ in range(300)]
    eigenvalues = np.array([np.linalg.eigvalsh(np.corrcoef(each.T))[::-1] for each in rows])
    frames = [pd.DataFrame(each, columns=ITEMS).assign(cluster_id=CLUSTERS) for each in rows[:20]]
    drawn = np.concatenate([factor.unrelated_eigenvalues(frame, ITEMS, 100, seed=1) for frame in frames])
    np.testing.assert_allclose(drawn.mean(axis=0), eigenvalues.mean(axis=0), atol=0.03)


def test_congruence_is_psychs():
    # psych::factor.congruence(x, y, digits = 8)
    x = np.array([[0.8, 0.1], [0.7, 0.2], [0.6, 0.15], [0.1, 0.7], [0.2, 0.6], [0.05, 0.8]])
    y = np.array([[0.7, 0.05], [0.75, 0.3], [0.5, 0.1], [0.2, 0.6], [0.1, 0.7], [0.1, 0.75]])
    published = [[0.98640484, 0.35815022], [0.39408470, 0.98793247]]
    np.testing.assert_allclose(factor.congruence(x, y), published, atol=1e-8)


@pytest.mark.parametrize(
    ("value", "said"),
    [(1, "equal"), (0.95, "equal"), (0.94, "similar"), (0.85, "similar"), (0.84, "differ"), (-1, "differ")],
)
def test_congruence_in_words(value, said):
    assert factor.congruence_words(value) == said


# how many factors --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("icc", [0, 0.3])
def test_two_factors_are_found(icc):
    found = structure.parallel_analysis(answers(icc=icc), codebook(), "manager", draws=200)
    assert found["kept"].tolist() == [True, True] + [False] * 6
    assert found["estimate"].sum() == pytest.approx(8)
    assert ((found["low"] < found["estimate"]) & (found["estimate"] < found["high"])).all()


def test_items_alike_within_clusters_are_no_factor():
    unrelated = np.zeros((8, 1))
    kept = []
    for seed in range(60):
        frame = answers(unrelated, icc=0.4, seed=seed)
        kept.append(structure.parallel_analysis(frame, codebook(), "manager", draws=200)["kept"].iloc[0])
    # 5 % of 60 is 3; 9 or more would happen in 0.2 % of runs
    assert sum(kept) <= 8


def test_the_same_seed_gives_the_same_percentiles():
    one, two = (structure.parallel_analysis(answers(), codebook(), "manager", draws=100, seed=7) for _ in range(2))
    pd.testing.assert_frame_equal(one, two)


# which items -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("rotation", ["oblimin", "promax"])
def test_loadings_and_the_correlation_of_factors_are_recovered(rotation):
    found = structure.factor_analysis(answers(), codebook(), "manager", 2, rotation)
    table = found.loadings.pivot_table("estimate", "item", "factor").loc[ITEMS].to_numpy()
    swapped = table if abs(table[0, 0]) > abs(table[0, 1]) else table[:, ::-1]
    np.testing.assert_allclose(swapped, PATTERN, atol=0.12)
    assert found.correlations["estimate"].iloc[0] == pytest.approx(0.3, abs=0.12)
    assert found.loadings["dimension"].unique().tolist() == ["first", "second"]


def test_intervals_of_loadings_hold_the_truth():
    covered = []
    for seed in range(12):
        found = structure.factor_analysis(answers(icc=0.2, seed=seed), codebook(), "manager", 2).loadings
        wide = found.pivot(index="item", columns="factor", values=["estimate", "low", "high"]).loc[ITEMS]
        order = (
            [1, 2] if abs(wide.loc["item_1", ("estimate", 1)]) > abs(wide.loc["item_1", ("estimate", 2)]) else [2, 1]
        )
        low, high = wide["low"][order].to_numpy(), wide["high"][order].to_numpy()
        covered.append((low <= PATTERN) & (high >= PATTERN))
    assert 0.90 < np.mean(covered) < 0.99


@pytest.mark.parametrize("rotation", ["oblimin", "promax", "varimax"])
def test_leaving_out_a_cluster_gives_what_a_fit_without_it_gives(rotation):
    frame = structure.scales.score_items(answers(), codebook())
    _, patterns, related = structure._solutions(structure._correlations(frame, ITEMS), 2, rotation)
    for left_out in (0, 19, 39):
        rest = frame.loc[frame["cluster_id"] != left_out, ITEMS].corr().to_numpy()
        pattern, correlation = factor.rotate(factor.fit(rest, 2).loadings, rotation)
        np.testing.assert_allclose(patterns[1 + left_out], pattern, atol=2e-4)
        np.testing.assert_allclose(related[1 + left_out], correlation, atol=2e-4)


def test_varimax_factors_are_unrelated():
    found = structure.factor_analysis(answers(), codebook(), "manager", 2, "varimax")
    assert found.correlations["estimate"].tolist() == pytest.approx([0], abs=1e-9)


def test_one_factor_has_no_correlations():
    found = structure.factor_analysis(answers(np.full((8, 1), 0.7)), codebook(), "manager", 1)
    assert len(found.loadings) == 8 and found.correlations.empty


# the same in two groups --------------------------------------------------------------------------------------


def waves(second=PATTERN, **options):
    return pd.concat([answers(), answers(second, wave="2", seed=2, **options)], ignore_index=True)


def test_the_same_structure_is_equal():
    found = structure.invariance(waves(), codebook(), "wave", "1", "2").set_index("aspect")
    assert found.loc["number of factors", "verdict"] == "same: 2"
    assert found.loc["pattern", "verdict"] == "same"
    loadings = found.filter(like="loadings", axis=0)
    assert set(loadings["verdict"]) == {"equal"}
    assert ((loadings["low"] < loadings["estimate"]) & (loadings["estimate"] < loadings["high"])).all()


def test_another_structure_differs():
    moved = PATTERN[[4, 1, 2, 7, 0, 5, 6, 3]]
    found = structure.invariance(waves(moved), codebook(), "wave", "1", "2").set_index("aspect")
    # four items have changed places with the other four: either four can be said to have moved
    assert found.loc["pattern", "verdict"] in (
        "differs: item_1, item_4, item_5, item_8",
        "differs: item_2, item_3, item_6, item_7",
    )
    assert "differ" in set(found.filter(like="loadings", axis=0)["verdict"])
    one = structure.invariance(waves(np.full((8, 1), 0.7)), codebook(), "wave", "1", "2").set_index("aspect")
    assert one.loc["number of factors", "verdict"] == "differ: 2 and 1"


def test_only_items_that_both_answer_are_compared():
    frame = waves()
    frame.loc[frame["wave"] == "2", "item_3"] = np.nan
    found = structure.invariance(frame, codebook(), "wave", "1", "2")
    assert set(found["items"]) == {7}
    assert set(found["respondents_second"]) == {len(CLUSTERS)}


# what cannot be told -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        (answers()[:99], "fewer than 100 raters"),
        (answers().iloc[:0], "fewer than 100 raters"),
        (answers().assign(item_4=3.0), "item_4 was answered the same by everybody"),
        (answers().assign(item_4=lambda f: f["item_3"]), "some items follow from others"),
        (answers().assign(cluster_id=1), "fewer than 3 clusters"),
        (answers()[["item_1", "item_3", "side", "wave", "cluster_id", "respondent_id"]], "fewer than 3 items"),
        (answers().drop(columns=ITEMS), "fewer than 3 items"),
        (answers().assign(item_4=np.nan), "fewer than 100 raters"),
    ],
)
def test_too_little_is_said(frame, said):
    found = structure.parallel_analysis(frame, codebook(), "manager")
    assert found["note"].str.startswith("cannot tell").all() and found["note"].str.contains(said).all()
    assert found[["estimate", "low", "high", "random", "kept"]].isna().all(axis=None)
    solution = structure.factor_analysis(frame, codebook(), "manager", 2)
    for table in solution:
        assert table["note"].str.contains(said).all() and table["estimate"].isna().all()
    compared = structure.invariance(pd.concat([frame, answers(wave="2")]), codebook(), "wave", "1", "2")
    if "item_4" not in said and "item_4" in frame and frame["item_4"].notna().any():
        assert set(compared["verdict"]) == {"cannot tell"} and compared["note"].str.contains(said).all()


def test_more_factors_than_items_determine_are_not_fitted():
    found = structure.factor_analysis(answers(), codebook(), "manager", 5)
    assert set(found.loadings["note"]) == {"cannot tell: 8 items do not determine 5 factors"}


@pytest.mark.parametrize("options", [{"rotation": "equamax"}, {"factors": 0}, {"confidence": 1}])
def test_wrong_arguments_are_refused(options):
    with pytest.raises(ValueError, match="expected"):
        structure.factor_analysis(
            **{"responses": answers(), "codebook": codebook(), "side": "manager", "factors": 2} | options
        )


def test_a_percentile_is_exceeded_by_one_more_draw_as_often_as_it_says():
    # of 100 exchangeable values, the last is as likely to be any in rank: 5 of them lie above the 95th of the other 99
    assert factor.percentile(np.arange(1.0, 100.0)[:, None], 95).tolist() == [95.0]


def test_one_factor_found_is_not_said_to_be_all_there_is():
    close, apart = (answers(related=related, seed=4) for related in (0.95, 0.3))
    said = [
        structure.counted(structure.parallel_analysis(rows, codebook(), "manager"), rows, codebook(), "manager")
        for rows in (close, apart)
    ]
    begun = "The questionnaire names 2 dimensions; "
    assert said[0].startswith(
        f"{begun}1 factor of the answers lies above the line of unrelated questions. That does not"
    )
    first = close[ITEMS[:4]].assign(item_2=6 - close["item_2"]).mean(axis=1)
    correlation = np.corrcoef(first, close[ITEMS[4:]].mean(axis=1))[0, 1]
    assert said[0].endswith(f"their scores correlate by {correlation:.2f} on average.")
    assert said[1] == f"{begun}2 factors of the answers lie above the line of unrelated questions."
    few = answers(seed=4)[:50]
    assert structure.counted(structure.parallel_analysis(few, codebook(), "manager"), few, codebook(), "manager") == ""
