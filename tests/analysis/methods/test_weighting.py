from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import clustered, weighting
from helpers.columns import ALIKE

SCHOOLS = pd.read_csv(Path(__file__).parents[1] / "reference" / "apistrat.csv")
POPULATION = {
    "stype": pd.Series({"E": 4421, "H": 755, "M": 1018}),
    "sch.wide": pd.Series({"No": 1072, "Yes": 5122}),
}


def mean(frame=SCHOOLS, weights="pw", cluster=None, **options):
    return weighting.weighted_mean(frame, "api00", weights, cluster=cluster, **options).iloc[0]


def raked(**options):
    return SCHOOLS.assign(raked=weighting.rake(SCHOOLS, POPULATION, "pw", **options).weights)


# published values: Lumley's R package survey, api data -------------------------------------------------------


def test_stratified_mean_is_the_published_one():
    # svymean(~api00, svydesign(id = ~1, strata = ~stype, weights = ~pw, data = apistrat, fpc = ~fpc))
    found = mean(strata="stype", population="fpc")
    assert (found["estimate"], found["standard_error"]) == pytest.approx((662.28736316, 9.40894080))
    assert mean(strata="stype")["standard_error"] == pytest.approx(9.536132297)
    assert found["degrees_of_freedom"] == 197


def test_raked_mean_is_the_published_one():
    # rake(design, list(~stype, ~sch.wide), list(pop.types, pop.schwide)), then svymean
    options = {"frame": raked(trim=None), "weights": "raked", "strata": "stype", "raked_to": ["stype", "sch.wide"]}
    found = mean(population="fpc", **options)
    assert found["estimate"] == pytest.approx(662.21165036)
    assert found["standard_error"] == pytest.approx(9.27291509, abs=2e-6)
    assert mean(**options)["standard_error"] == pytest.approx(9.39601224, abs=2e-6)


def test_clustered_mean_is_the_published_one():
    # svymean(~api00, svydesign(id = ~dnum, weights = ~pw, data = apistrat))
    found = mean(SCHOOLS.assign(one=1), cluster="dnum", strata="one")
    assert (found["estimate"], found["standard_error"]) == pytest.approx((662.28736316, 12.84420107))
    assert found["clusters"] == 135


def test_raked_weights_are_the_published_ones():
    # range(weights(rake(...)))
    weights = raked(trim=None)["raked"]
    assert (weights.min(), weights.max()) == pytest.approx((15.04027773, 44.54256603))


def test_without_weights_and_margins_the_bias_reduced_mean_is_the_clustered_one():
    found, same = mean(SCHOOLS.assign(pw=1.0), cluster="dnum"), clustered.mean(SCHOOLS, "api00", "dnum").iloc[0]
    names = ["estimate", "standard_error", "degrees_of_freedom", "low", "high"]
    assert found[names].astype(float).to_dict() == pytest.approx(same[names].astype(float).to_dict())


def test_with_margins_the_bias_reduced_variance_is_unbiased_under_its_working_model():
    # the sum of (row_g' y)^2 with row_g = (I - H)' A_g w_g, whose expectations row_g' row_g add up to w'w, the variance
    # of w'e for errors of variance 1
    few = raked(trim=None).iloc[:40].assign(district=np.arange(40) % 7)
    design = pd.get_dummies(few[["stype", "sch.wide"]], dtype=float).to_numpy()
    residual = np.eye(40) - design @ np.linalg.pinv(design)
    share = (few["raked"] / few["raked"].sum()).to_numpy()
    variance = 0.0
    expected = 0.0
    for code in range(7):
        own = np.flatnonzero(few["district"] == code)
        values, vectors = np.linalg.eigh(residual[np.ix_(own, own)])
        adjust = vectors @ np.diag(np.where(values > 1e-10, np.abs(values) ** -0.5, 0)) @ vectors.T
        row = residual[own].T @ adjust @ share[own]
        variance += (row @ few["api00"]) ** 2
        expected += row @ row
    found = mean(few, weights="raked", cluster="district", raked_to=["stype", "sch.wide"])
    assert found["standard_error"] == pytest.approx(np.sqrt(variance))
    assert expected == pytest.approx(share @ share)


def test_answers_to_several_questions_are_not_taken_for_other_people():
    # one row per school and subject: what the margins explain of one subject does not fade with the number of subjects
    one = raked(trim=None).assign(respondent_id=SCHOOLS.index, subject="reading")
    several = pd.concat([one, one.assign(subject="maths", api00=500.0 + SCHOOLS.index)])
    options = {"weights": "raked", "by": ["subject"], "cluster": "dnum", "raked_to": ["stype", "sch.wide"]}
    alone = weighting.weighted_mean(one, "api00", **options).iloc[0]
    beside = weighting.weighted_mean(several, "api00", **options).iloc[0]
    assert beside["standard_error"] == pytest.approx(alone["standard_error"])


# raking ------------------------------------------------------------------------------------------------------


def test_margins_are_met_and_weights_add_up():
    weights = raked(trim=None)
    for name, counts in POPULATION.items():
        assert weights.groupby(name)["raked"].sum().to_dict() == pytest.approx(counts.to_dict())


def test_one_margin_is_post_stratification():
    people = pd.DataFrame({"unit": ["A"] * 10 + ["B"] * 30})
    found = weighting.rake(people, {"unit": pd.Series({"A": 100, "B": 100})})
    assert found.weights.unique().tolist() == pytest.approx([10, 100 / 30])
    shares = np.array([10] * 10 + [100 / 30] * 30)
    assert found.design_effect == pytest.approx(40 * np.sum(shares**2) / np.sum(shares) ** 2)
    assert found.effective_size == pytest.approx(40 / found.design_effect)


def test_large_weights_are_cut_and_counted():
    people = pd.DataFrame({"unit": ["A"] * 2 + ["B"] * 98, "site": ["x", "y"] * 50})
    population = {"unit": pd.Series({"A": 400, "B": 600}), "site": pd.Series({"x": 500, "y": 500})}
    free, held = (weighting.rake(people, population, trim=limit) for limit in (None, 5))
    assert free.weights.max() / free.weights.mean() == pytest.approx(20)
    assert held.weights.max() / held.weights.mean() <= 5 + 1e-6
    assert held.trimmed == 2
    assert "within the limit" in held.note
    assert held.design_effect < free.design_effect


def test_who_cannot_be_represented_is_named():
    people = pd.DataFrame({"unit": ["A", "A", "B", None, "Z"]})
    found = weighting.rake(people, {"unit": pd.Series({"A": 10, "B": 10, "C": 5})})
    assert found.note == "nobody answered of unit: C"
    assert found.weights.isna().tolist() == [False, False, False, True, True]
    assert found.weights.sum() == pytest.approx(20)


def test_nobody_to_weight():
    found = weighting.rake(pd.DataFrame({"unit": ["Z"]}), {"unit": pd.Series({"A": 10})})
    assert found.note.startswith("cannot tell")
    assert found.weights.isna().all()


def test_the_roster_gives_the_margins():
    roster = pd.DataFrame({"unit": ["A", "A", "B", None], "site": ["x", "y", "y", "y"]})
    found = weighting.margins(roster, ["unit", "site"])
    assert {name: counts.to_dict() for name, counts in found.items()} == {
        "unit": {"A": 2, "B": 1},
        "site": {"x": 1, "y": 3},
    }


def test_raking_removes_the_bias_of_non_response():
    random = np.random.default_rng(1)
    estimates = []
    for _ in range(200):
        roster = pd.DataFrame({"unit": random.choice(["A", "B"], 600)})
        roster["value"] = 3 + (roster["unit"] == "B") + random.normal(size=600)
        answered = roster[random.random(600) < np.where(roster["unit"] == "B", 0.8, 0.3)]
        weights = weighting.rake(answered, weighting.margins(roster, ["unit"])).weights
        estimates.append((answered["value"].mean(), np.average(answered["value"], weights=weights)))
    plain, corrected = np.mean(estimates, axis=0)
    assert plain > 3.6
    assert corrected == pytest.approx(3.5, abs=0.02)


# means -------------------------------------------------------------------------------------------------------


def test_groups_are_domains():
    named = SCHOOLS.assign(respondent_id=SCHOOLS.index)
    everybody = weighting.weighted_mean(named, "api00", "pw", by=["stype"], cluster="dnum").set_index("stype")
    for label, part in SCHOOLS.groupby("stype"):
        assert everybody.loc[label, "estimate"] == pytest.approx(np.average(part["api00"], weights=part["pw"]))
    assert everybody["respondents"].to_dict() == {"E": 100, "H": 50, "M": 50}


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (SCHOOLS.assign(api00=np.nan), "no answers"),
        (SCHOOLS.head(1), "fewer than 2 clusters"),
        (SCHOOLS.assign(api00=7.0), ALIKE),
    ],
)
def test_a_mean_that_cannot_be_estimated_says_so(rows, said):
    found = mean(rows)
    assert found["note"].startswith("cannot tell")
    assert said in found["note"]
    assert np.isnan(found["estimate"])


def test_a_stratum_of_one_is_said():
    lonely = SCHOOLS[(SCHOOLS["stype"] != "H") | (SCHOOLS.index == SCHOOLS.index[SCHOOLS["stype"] == "H"][0])]
    assert "stratum H has one cluster" in mean(lonely, strata="stype")["note"]


def test_answers_are_weighted_to_the_roster():
    roster = pd.DataFrame({"person_id": list("abcdef"), "team": list("xxxyyy"), "responded": [1, 0, 0, 1, 1, 0]})
    roster["responded"] = roster["responded"].astype(bool)
    scored = pd.DataFrame({"respondent_id": list("adez"), "score": [1.0, 3.0, 5.0, 9.0], "cluster_id": list("adez")})
    rows, raked = weighting.weighted_to(scored.assign(weight=1.0, team="old"), roster, ["team"])
    # one x speaks for three, two y for three; z is not on the roster and keeps the mean weight of the others
    assert rows.set_index("respondent_id")["weight"].to_dict() == pytest.approx({"a": 3, "d": 1.5, "e": 1.5, "z": 2})
    assert rows["team"].tolist()[:3] == ["x", "y", "y"]
    found = weighting.weighted_mean(rows, "score", raked_to=["team"]).iloc[0]
    # the plain mean is that of everybody who answered, so that nobody's score is the difference of two means
    assert (found["estimate"], found["plain"]) == pytest.approx((33 / 8, scored["score"].mean()))
    assert raked.design_effect > 1


def test_without_a_roster_or_attributes_nobody_has_a_weight():
    scored = pd.DataFrame({"respondent_id": ["a"], "score": 1.0, "cluster_id": ["a"], "dimension": "trust"})
    nobody = pd.DataFrame({"person_id": ["a"], "responded": [True]})
    for roster in (nobody, nobody.iloc[:0]):
        rows, _ = weighting.weighted_to(scored, roster, [])
        found = weighting.weighted_mean(rows, "score", by=["dimension"])
        assert found.empty and {"dimension", "estimate", "plain", "respondents"} <= set(found)


def test_a_benchmark_is_compared_with_its_source():
    found = clustered.mean(SCHOOLS, "api00", "dnum")
    compared = weighting.compare_with_benchmark(found, 650, source="State report", year=1999).iloc[0]
    assert compared["estimate"] == pytest.approx(SCHOOLS["api00"].mean() - 650)
    assert compared["high"] - compared["low"] == pytest.approx((found["high"] - found["low"]).iloc[0])
    assert (compared["source"], compared["year"], compared["benchmark"]) == ("State report", 1999, 650)
    against_zero = weighting.compare_with_benchmark(found, 0, source="", year="").iloc[0]
    assert against_zero["p_value"] == pytest.approx(found["p_value"].iloc[0])


def test_wrong_arguments_are_named():
    with pytest.raises(ValueError, match="no column town"):
        weighting.rake(SCHOOLS, {"town": pd.Series({"a": 1})})
    with pytest.raises(ValueError, match="trim"):
        weighting.rake(SCHOOLS, POPULATION, trim=0.5)
    with pytest.raises(ValueError, match="positive"):
        mean(SCHOOLS.assign(pw=0.0))
    with pytest.raises(ValueError, match="confidence"):
        mean(confidence=95)
