"""Sets of ranks: all that could be lowest or highest are in them, ties included."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import ranks


def answers(random, means, clusters=20, size=6, between=0.5):
    """Everybody rates all items: people and HR partners have levels of their own, so ratings go together."""
    sizes = random.integers(2, 2 * size, clusters)
    cluster = np.repeat(np.arange(clusters), sizes)
    level = random.normal(0, between, clusters)[cluster] + random.normal(0, 0.7, len(cluster))
    leaning = random.normal(0, 0.3, (clusters, len(means)))[cluster]
    values = np.asarray(means) + level[:, None] + leaning + random.normal(0, 0.6, (len(cluster), len(means)))
    wide = pd.DataFrame(values, columns=[f"d{at}" for at in range(len(means))]).assign(cluster_id=cluster)
    return wide.melt("cluster_id", var_name="dimension", value_name="score")


def named(found, place):
    return set(found.loc[found[place].astype(bool), "dimension"])


@pytest.mark.parametrize("means", [[3.0] * 6, [3.0, 3.0, 3.0, 4.0, 4.0, 4.0], [3.0, 3.05, 3.1, 3.5, 3.9, 4.0]])
def test_all_that_are_truly_lowest_and_highest_are_in_the_sets(means):
    """Coverage of both sets at once, ties included (.951 of 1,000 studies with six ties; here 100)."""
    random = np.random.default_rng(7)
    lowest = {f"d{at}" for at, mean in enumerate(means) if mean == min(means)}
    highest = {f"d{at}" for at, mean in enumerate(means) if mean == max(means)}
    held = []
    for _ in range(100):
        found = ranks.of_means(answers(random, means, clusters=12), "score", confidence=0.95)
        held.append(lowest <= named(found, "lowest") and highest <= named(found, "highest"))
    assert np.mean(held) >= 0.88  # below it in one of 1,000 runs, if .95 are right


def test_a_clear_lowest_stands_alone_and_two_close_ones_together():
    random = np.random.default_rng(3)
    alone = ranks.of_means(answers(random, [2.0, 3.5, 3.6, 3.7], 30), "score")
    assert named(alone, "lowest") == {"d0"}
    tied = ranks.of_means(answers(random, [2.0, 2.05, 3.6, 4.5], 30), "score")
    assert (named(tied, "lowest"), named(tied, "highest")) == ({"d0", "d1"}, {"d3"})


def test_nothing_is_named_lowest_beside_something_lower_that_is_not():
    """The last one is told from none, though it is the highest: so the two between could be lowest, too."""
    root = np.diag([0.01, 0.01, 0.01, 5.0])
    lowest, highest = ranks.sets(np.array([2.0, 2.8, 2.9, 3.3]), root)
    assert lowest.tolist() == [True] * 4 and highest.tolist() == [False, False, True, True]
    lowest, _ = ranks.sets(np.array([2.0, 2.8, 2.9, 3.3]), np.diag([0.01] * 4))
    assert lowest.tolist() == [True, False, False, False]
    table = pd.DataFrame({"estimate": [2.0, 2.8, 3.3], "low": [1.9, 2.7, 0.0], "high": [2.1, 2.9, 6.6]})
    assert ranks.of_intervals(table)["lowest"].tolist() == [True] * 3


def test_paired_answers_tell_more_than_their_own_intervals():
    """Levels of people differ widely, and all of that leaves the difference of two items of the same people."""
    random = np.random.default_rng(11)
    rows = answers(random, [3.0, 3.6, 3.7], 25, between=2.0)
    error = rows.groupby(["dimension", "cluster_id"])["score"].mean().groupby("dimension").sem()
    means = rows.groupby("dimension")["score"].mean()
    table = pd.DataFrame({"estimate": means, "low": means - 2 * error, "high": means + 2 * error, "clusters": 25})
    assert ranks.of_intervals(table)["lowest"].sum() == 3
    assert named(ranks.of_means(rows, "score"), "lowest") == {"d0"}


def test_sides_are_ranked_apart():
    random = np.random.default_rng(2)
    parts = {"hr": [2.0, 4.0], "manager": [4.0, 2.0]}
    rows = pd.concat(answers(random, means, 25).assign(side=side) for side, means in parts.items())
    found = ranks.of_means(rows, "score", by=["side"])
    assert found.loc[found["lowest"].astype(bool), ["side", "dimension"]].to_numpy().tolist() == [
        ["hr", "d0"],
        ["manager", "d1"],
    ]


def test_what_has_no_error_or_too_few_clusters_is_not_told_apart():
    lowest, highest = ranks.sets(np.array([1.0, 2.0, 3.0]), np.zeros((4, 3)))
    assert lowest.all() and highest.all()
    lowest, highest = ranks.sets(np.array([1.0, 9.0]), np.eye(2) / 100, degrees=0.0)
    assert lowest.all() and highest.all()
    constant = pd.DataFrame(
        {"dimension": ["a", "b"] * 6, "cluster_id": np.repeat(range(6), 2), "score": [1.0, 2.0] * 6}
    )
    assert named(ranks.of_means(constant, "score"), "lowest") == {"a", "b"}


@pytest.mark.parametrize(
    "rows",
    [
        pd.DataFrame({"dimension": [], "cluster_id": [], "score": []}),
        pd.DataFrame({"dimension": ["a", "a"], "cluster_id": [1, 2], "score": [1.0, 2.0]}),
        pd.DataFrame({"dimension": ["a", "b"] * 3, "cluster_id": [1] * 6, "score": [1.0, 2.0, 1.1, 2.1, 1.2, 2.2]}),
        pd.DataFrame({"dimension": ["a", "b"], "cluster_id": [1, 2], "score": [1.0, None]}),
    ],
    ids=["nobody", "one item", "one cluster", "one answer"],
)
def test_nothing_is_ranked_where_nothing_can_be_compared(rows):
    assert ranks.of_means(rows, "score").empty
    assert ranks.of_means(rows.assign(side="hr"), "score", by=["side"]).empty


def test_intervals_that_meet_leave_both_and_a_missing_one_is_told_apart_from_none():
    table = pd.DataFrame(
        {"estimate": [1.0, 1.5, 9.0, None], "low": [0.8, 1.3, 8.8, None], "high": [1.2, 1.7, 9.2, None], "clusters": 40}
    )
    found = ranks.of_intervals(table)
    assert found["lowest"].tolist() == [True, True, False, True]
    assert found["highest"].tolist() == [False, False, True, True]


def test_sets_from_intervals_hold_the_truth_whatever_goes_with_what():
    random = np.random.default_rng(4)
    held = []
    for _ in range(400):
        common = random.normal(0, 1) * random.choice([0, 1])
        estimate = np.array([0.0, 0.0, 0.0, 1.0]) + 0.2 * (common + random.normal(0, 1, 4))
        error = 0.2 * np.sqrt(2)
        table = pd.DataFrame({"estimate": estimate, "low": estimate - 1.96 * error, "high": estimate + 1.96 * error})
        held.append(ranks.of_intervals(table, confidence=0.95)["lowest"].iloc[:3].all())
    assert np.mean(held) >= 0.95


def jackknifed(rows):
    """Means of all items, and the same without each cluster."""
    sums = rows.groupby(["cluster_id", "dimension"])["score"].agg(["sum", "size"]).unstack()
    left = sums.sum() - sums
    return sums["sum"].sum() / sums["size"].sum(), (left["sum"] / left["size"]).to_numpy()


@pytest.mark.parametrize("means", [[3.0] * 6, [3.0, 3.0, 3.0, 4.0, 4.0, 4.0]])
def test_leaving_out_clusters_keeps_what_is_truly_lowest_and_highest(means):
    random = np.random.default_rng(17)
    lowest = {f"d{at}" for at, mean in enumerate(means) if mean == min(means)}
    highest = {f"d{at}" for at, mean in enumerate(means) if mean == max(means)}
    held = []
    for _ in range(100):
        point, left_out = jackknifed(answers(random, means, clusters=20))
        found = ranks.of_left_out(point.index, point.to_numpy(), left_out, confidence=0.95)
        held.append(lowest <= named(found, "lowest") and highest <= named(found, "highest"))
    assert np.mean(held) >= 0.88


def test_leaving_out_clusters_tells_as_much_as_the_regression_of_all_items():
    rows = answers(np.random.default_rng(3), [2.0, 3.5, 3.6, 3.7], 30)
    point, left_out = jackknifed(rows)
    found = ranks.of_left_out(point.index, point.to_numpy(), left_out)
    pd.testing.assert_frame_equal(found, ranks.of_means(rows, "score").sort_values("dimension", ignore_index=True))


def test_what_cannot_be_estimated_could_be_either():
    left_out = np.array([[1.0, 2.0, np.nan], [1.1, 2.0, 3.0], [0.9, 2.1, 3.1]])
    found = ranks.of_left_out(list("abc"), np.array([1.0, 2.0, 3.0]), left_out, confidence=0.9)
    assert found[["lowest", "highest"]].to_numpy().tolist() == [[True, False], [False, True], [True, True]]
    for few in (left_out[:1, :2], left_out[:0, :2]):
        assert ranks.of_left_out(list("ab"), np.array([1.0, 2.0]), few)["lowest"].all()
    assert ranks.of_left_out([], np.array([]), np.zeros((3, 0))).empty
