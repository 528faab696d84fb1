import numpy as np
import pandas as pd
import pytest

from helpers.analysis.survey import response_surface


def both_views(seed=1):
    """Both sides' views of 1,440 partnerships of 30 unequal HR partners, alike within partners and pairs."""
    random = np.random.default_rng(seed)
    cluster = np.repeat(np.arange(30), np.array([3, 5, 6, 8, 9, 10, 11, 12, 12, 13, 14, 15, 17, 19, 26] * 2) * 4)
    size = len(cluster)
    level = 60 + 4 * random.normal(size=30)[cluster] + 6 * random.normal(size=size)
    return pd.DataFrame(
        {
            "hr_id": [f"h{i}" for i in cluster],
            "manager_id": [f"m{i}" for i in range(size)],
            "cluster_id": cluster,
            "hr": level + 5 + 8 * random.normal(size=size),
            "manager": level + 8 * random.normal(size=size),
        }
    )


PAIRS = both_views()


def test_surface_parameters_agree_with_clubsandwich(mtcars):
    # d$x <- scale(wt); d$y <- scale(hp); d$cl <- rep(1:8, 4); m <- lm(mpg ~ x + y + I(x^2) + I(x*y) + I(y^2), d)
    # linear_contrast(m, vcovCR(m, d$cl, "CR2"), contrasts of a1 to a5, test = "Satterthwaite")
    published = {
        "a1": (-6.490087988, 0.802914374, 4.942470728),
        "a2": (1.882005669, 0.525609165, 5.385058435),
        "a3": (-0.833729419, 1.252014392, 3.913777656),
        "a4": (0.267258823, 2.017148355, 4.322649478),
        "a5": (-0.221411089, 0.697011632, 2.585162643),
    }
    cars = mtcars.assign(
        x=(mtcars["wt"] - mtcars["wt"].mean()) / mtcars["wt"].std(),
        y=(mtcars["hp"] - mtcars["hp"].mean()) / mtcars["hp"].std(),
        outcome=mtcars["mpg"],
        cluster_id=np.tile(range(8), 4),
        hr_id=np.tile(range(8), 4),
        manager_id=range(32),
    )
    found = response_surface.parameters(cars).set_index("term")
    for term, figures in published.items():
        columns = ["estimate", "standard_error", "degrees_of_freedom"]
        assert found.loc[term, columns].astype(float).tolist() == pytest.approx(figures, rel=1e-7)


def surface(pairs, outcome, seed=3):
    prepared = response_surface.prepare(pairs.assign(manager_outcome=0.0), midpoint=60)
    noise = np.random.default_rng(seed).normal(size=len(prepared))
    prepared = prepared.assign(outcome=outcome(prepared["x"], prepared["y"]) + 0.5 * noise)
    return prepared, response_surface.verdict(response_surface.parameters(prepared))["answer"].tolist()


def test_the_verdict_tells_agreement_from_two_good_opinions():
    assert surface(PAIRS, lambda x, y: -0.5 * (x - y) ** 2)[1] == ["yes", "yes", "yes"]
    assert surface(PAIRS, lambda x, y: -0.5 * (x - y) ** 2 + 0.6 * (x + y))[1] == ["yes", "yes", "no"]
    assert surface(PAIRS, lambda x, y: 0.5 * (x - y) ** 2)[1][0] == "no"
    # both opinions matter, their agreement does not: the case a difference score gets wrong
    assert surface(PAIRS, lambda x, y: 0.6 * x + 0.2 * y)[1][0] == "cannot tell"


SHAPES = {
    "agreement": (lambda x, y: -0.5 * (x - y) ** 2, "A better outcome goes with views that lie closer together."),
    "both": (
        lambda x, y: -0.5 * (x - y) ** 2 + 0.6 * (x + y),
        "A better outcome goes with higher scores where both agree; and with views that lie closer together.",
    ),
    "a signed gap": (
        lambda x, y: 0.6 * (y - x),
        "A better outcome goes with the manager’s score being higher where they differ. Whether it goes with agreement "
        "itself cannot be told.",
    ),
    "distance": (lambda x, y: 0.5 * (x - y) ** 2, "A better outcome goes with views that lie further apart."),
    "level": (
        lambda x, y: -0.6 * (x + y),
        "A better outcome goes with lower scores where both agree. Whether it goes with agreement itself cannot be "
        "told.",
    ),
    "nothing": (lambda x, y: 0 * x, "We cannot tell what goes with a better outcome here."),
}


@pytest.mark.parametrize("shape", SHAPES)
def test_the_conclusion_names_what_is_told_from_zero_and_no_more(shape):
    outcome, said = SHAPES[shape]
    prepared, _ = surface(PAIRS, outcome, seed=5)
    assert response_surface.conclusion(response_surface.parameters(prepared)) == said


def test_the_reason_is_the_fact_and_not_the_criterion():
    prepared, answers = surface(PAIRS, lambda x, y: 0.5 * (x - y) ** 2 + 0.6 * (x + y))
    verdict = response_surface.verdict(response_surface.parameters(prepared))
    assert answers == ["no", "yes", "no"]
    assert verdict["note"].tolist() == [
        "a4 above zero",
        "a3 and a5 not told from zero",
        "a1 above zero, a2 not told from zero",
    ]


def test_what_is_hidden_or_of_few_partners_is_no_conclusion():
    few = response_surface.parameters(surface(PAIRS[PAIRS["cluster_id"] < 9], lambda x, y: -((x - y) ** 2))[0])
    assert response_surface.conclusion(few) == "We cannot tell what goes with a better outcome here."
    assert (
        response_surface.conclusion(few.assign(estimate=np.nan))
        == "We cannot tell what goes with a better outcome here."
    )
    assert response_surface.conclusion(few[:0]) == ""


def test_a_number_of_partners_told_in_words_changes_no_verdict():
    exact = response_surface.parameters(surface(PAIRS, lambda x, y: -((x - y) ** 2))[0])
    told = exact.assign(clusters="20–49", counted_clusters=exact["clusters"])
    assert response_surface.conclusion(told) == response_surface.conclusion(exact) != ""
    assert response_surface.verdict(told).equals(response_surface.verdict(exact))


def test_the_surface_is_drawn_from_the_same_model():
    prepared, _ = surface(PAIRS, lambda x, y: 2 + 0.5 * x - 0.3 * x * y)
    grid = response_surface.grid(prepared, points=11)
    assert len(grid) == 121
    assert np.corrcoef(grid["estimate"], 2 + 0.5 * grid["x"] - 0.3 * grid["x"] * grid["y"])[0, 1] > 0.98


def test_a_surface_of_one_cluster_is_not_estimated():
    prepared, answers = surface(PAIRS[PAIRS["cluster_id"] == 14], lambda x, y: x)
    assert answers == ["cannot tell"] * 3
    assert response_surface.parameters(prepared)["note"].str.startswith("cannot tell").all()


def test_a_handful_of_partners_gives_no_verdict():
    few, answers = surface(PAIRS[PAIRS["cluster_id"] < 9], lambda x, y: -0.5 * (x - y) ** 2)
    assert answers == ["cannot tell"] * 3
    nobody = response_surface.parameters(few.iloc[:0])
    assert response_surface.verdict(nobody)["note"].str.contains("no answers").all()
    assert response_surface.grid(few.iloc[:0]).empty


def test_the_density_behind_a_surface_never_places_a_single_pair():
    crowd = pd.DataFrame({"hr_id": list("abcde"), "manager_id": list("vwxyz"), "x": 0.0, "y": 0.0})
    alone = pd.DataFrame({"hr_id": ["f"], "manager_id": ["u"], "x": [1.0], "y": [1.0]})
    one_partner = pd.DataFrame({"hr_id": "g", "manager_id": list("pqrst"), "x": -1.0, "y": -1.0})
    grid = pd.DataFrame([{"x": x, "y": y} for x in (-1.0, 0.0, 1.0) for y in (-1.0, 0.0, 1.0)])
    found = response_surface.density(pd.concat([crowd, alone, one_partner]), grid, minimum_group=5)
    assert found[4] == 5
    assert found.drop(4).isna().all()
