"""What goes together within and between units: known figures, planted effects and nulls, and what cannot be told."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from statsmodels.datasets import grunfeld
from statsmodels.genmod.families import Poisson
from unit_studies import QUARTERS, Units, outcomes, pulse

from helpers.analysis.business import associations, scenario
from helpers.analysis.business import panel as panels
from helpers.analysis.methods.few_clusters import few_clusters

WITHIN, BETWEEN = "value ~ score + unit + period", "value ~ usual + deviation + period"


def planted(units: int, seed: int, effect: float = 0.0, periods: int = 8) -> Units:
    """Leavers that go with the pulse of the quarter before, within and between units alike."""
    random = np.random.default_rng(seed)
    names = [f"u{one}" for one in range(units)]
    months = [f"{quarter[:4]}-{3 * int(quarter[-1]):02d}" for quarter in QUARTERS[:periods]]
    mood = 3 + random.normal(0, 0.5, (units, 1)) + random.normal(0, 0.4, (units, periods))
    size = np.resize([60.0, 120.0, 250.0], units)[:, None]
    before = np.hstack([np.full((units, 1), 3.0), mood[:, :-1]])
    left = random.poisson(0.08 * size * np.exp(effect * (before - 3) + random.normal(0, 0.1, (units, 1))))
    rows = outcomes(names, QUARTERS[:periods], "left", left.ravel().astype(float))
    rows["denominator"] = np.repeat(size.ravel(), periods)
    tables = {"outcomes": rows, "pulse": pulse(names, months, "mood", mood.ravel())}
    return Units(tables, [{"hr": "mood", "business": "left", "worth": 1000.0}])


def estimated(panel: pd.DataFrame, formula: str, term: str) -> pd.DataFrame:
    models = {
        key: smf.glm(formula, rows, family=Poisson(), exposure=rows["expected"])
        for key, rows in panel.groupby(associations.BY, sort=False)
    }
    return few_clusters(models, "unit", term, by=associations.BY)


def test_effects_of_firms_and_years_give_the_published_slopes_of_investment():
    """Grunfeld's ten firms, 1935 to 1954: Baltagi (2013), Econometric Analysis of Panel Data, tables 2.1 and 3.1."""
    data = grunfeld.load_pandas().data.query("firm != 'American Steel'").astype({"year": str})
    assert data["firm"].nunique() == 10 and len(data) == 200
    fits = {
        "firms": smf.ols("invest ~ value + capital + firm", data),
        "firms and years": smf.ols("invest ~ value + capital + firm + year", data),
    }
    found = few_clusters(fits, "firm", ["value", "capital"], by="model").set_index(["model", "term"])["estimate"]
    assert found.loc["firms"].round(3).tolist() == [0.110, 0.310]
    assert found.loc["firms and years"].round(3).tolist() == [0.118, 0.358]


def test_effects_of_men_and_years_give_the_figures_of_another_program_on_wages():
    """545 men, 1980 to 1987: Vella & Verbeek (1998), Journal of Applied Econometrics 13, 163-183.

    PanelOLS of linearmodels 7.1 with effects of men and years, and errors by man that count no effects as terms
    (auto_df=False, count_effects=False): -.005185 (.000809) for the square of years of experience, .080002 (.022704)
    for union members, .046680 (.020968) for married men.
    """
    data = pd.read_csv(Path(__file__).with_name("wage_panel.csv"))
    assert data.shape == (4360, 6) and data["nr"].nunique() == 545
    columns = ["lwage", "expersq", "union", "married"]
    means = [data.groupby(by)[columns].transform("mean") for by in ("nr", "year")]
    less = (data[columns] - means[0] - means[1] + data[columns].mean()).assign(nr=data["nr"])
    found = few_clusters(smf.ols("lwage ~ 0 + expersq + union + married", less), "nr").set_index("term")
    assert found["estimate"].to_numpy() == pytest.approx([-0.005185, 0.080002, 0.046680], abs=5e-6)
    # theirs is the plain sandwich; CR2 allows for the leverage of single men
    assert found["standard_error"].to_numpy() == pytest.approx([0.000809, 0.022704, 0.020968], rel=0.005)


def test_effects_as_terms_and_means_taken_off_have_the_same_variance():
    data = grunfeld.load_pandas().data.astype({"year": str})
    terms = few_clusters(smf.ols("invest ~ value + firm", data), "firm", "value").iloc[0]
    less = data[["invest", "value"]] - data.groupby("firm")[["invest", "value"]].transform("mean")
    taken = few_clusters(smf.ols("invest ~ 0 + value", less.assign(firm=data["firm"])), "firm", "value").iloc[0]
    numbers = ["estimate", "standard_error", "degrees_of_freedom"]
    assert terms[numbers].astype(float).to_numpy() == pytest.approx(taken[numbers].astype(float).to_numpy())


@pytest.mark.slow
@pytest.mark.parametrize("units", [6, 12, 20, 36])
def test_an_effect_comes_back_within_and_between_units_one_period_later(units):
    effect, studies = -0.4, 12
    found = {"score": [], "usual": []}
    for seed in range(studies):
        panel = panels.panel(planted(units, seed, effect)).query("timing != @panels.SAME")
        for term, formula in (("score", WITHIN), ("usual", BETWEEN)):
            found[term].append(estimated(panel, formula, term)["estimate"].iloc[0])
    for values in found.values():
        error = np.std(values, ddof=1) / np.sqrt(studies)
        assert abs(np.mean(values) - effect) < 4.4 * error  # once in 1,000 runs by chance


@pytest.mark.slow
@pytest.mark.parametrize("units", [6, 12, 20, 36])
def test_nothing_is_found_where_nothing_goes_together(units):
    values = []
    for seed in range(30):
        panel = panels.panel(planted(units, 100 + seed)).query("timing != @panels.SAME")
        values += [estimated(panel, WITHIN, "score")["p_value"].iloc[0]]
    assert np.mean(np.array(values) < 0.05) <= 0.2  # 7 or more of 30 at .05: once in 1,500 runs
    assert np.isfinite(values).all()


def test_a_unit_that_is_always_better_off_misleads_between_units_and_not_within():
    random = np.random.default_rng(5)
    study = planted(36, 7)
    better = pd.Series(random.normal(0, 1, 36), index=[f"u{one}" for one in range(36)])
    level = study.tables["pulse"]["unit"].map(better)
    study.tables["pulse"] = study.tables["pulse"].assign(mean=lambda rows: rows["mean"] + level)
    leavers = study.tables["outcomes"]
    drawn = random.poisson(leavers["value"] * np.exp(-0.5 * leavers["unit"].map(better))).astype(float)
    study.tables["outcomes"] = leavers.assign(value=drawn)
    panel = panels.panel(study).query("timing != @panels.SAME")
    within, between = estimated(panel, WITHIN, "score").iloc[0], estimated(panel, BETWEEN, "usual").iloc[0]
    assert between["high"] < 0
    assert within["low"] < 0 < within["high"]


EDGES = {
    "one unit": lambda rows: rows[rows["unit"] == "u0"],
    "one period": lambda rows: rows[rows["period"] == QUARTERS[1]],
    "an HR metric that never moves": lambda rows: rows.assign(score=1.0, usual=1.0, deviation=0.0),
    "no leavers": lambda rows: rows.assign(value=0.0),
}


@pytest.mark.parametrize("edge", EDGES)
def test_what_cannot_be_told_within_units_is_a_row_that_says_so(edge):
    panel = EDGES[edge](panels.panel(planted(8, 1)).query("timing != @panels.SAME"))
    within = estimated(panel, WITHIN, "score")
    assert within["estimate"].isna().all() and within["note"].str.startswith("cannot tell:").all()
    told = associations.in_per_cent({"Within units": within}, panel)
    assert told["estimate"].isna().all()
    shares = associations.explained(panel)
    assert len(shares) == 4
    assert shares["note"].str.startswith("cannot tell:").all() == (edge != "an HR metric that never moves")


def test_nothing_measured_is_an_empty_table_with_a_reason():
    study = planted(6, 1)
    study.tables["pulse"] = study.tables["pulse"].assign(mean=np.nan)
    panel = panels.panel(study)
    within = estimated(panel, WITHIN, "score")
    told = associations.in_per_cent({"Within units": within, "Between units": within}, panel)
    assert not len(told) and told.attrs["absent"] == panels.NOTHING
    assert not len(associations.for_sentences(told, panel))
    assert associations.explained(panel).attrs["absent"] == panels.NOTHING
    assert scenario.a_year(study, within, panel).attrs["absent"] == scenario.NO_WORTH


def test_p_values_allow_for_both_comparisons_and_timings():
    panel = panels.panel(planted(12, 3, -0.5))
    parts = {"Within units": estimated(panel, WITHIN, "score"), "Between units": estimated(panel, BETWEEN, "usual")}
    told = associations.in_per_cent(parts, panel)
    assert len(told) == 4
    p = told["p_value"].sort_values().to_numpy()
    by_hand = np.minimum.accumulate((p * 4 / np.arange(1, 5))[::-1])[::-1]
    assert told["p_adjusted"].sort_values().to_numpy() == pytest.approx(by_hand)
    assert told["estimate"].to_numpy()[:2] == pytest.approx(100 * np.expm1(parts["Within units"]["estimate"]))


def test_sentences_name_both_metrics_the_step_and_the_branch():
    panel = panels.panel(planted(6, 3))
    told = associations.in_per_cent({"Within units": estimated(panel, WITHIN, "score")}, panel)
    words = associations.for_sentences(told, panel)
    assert words[["score", "metric", "points", "branch"]].to_numpy().tolist() == [
        ["“mood”", "“left”", "1 point", "mood-left-same"],
        ["“mood”", "“left”", "1 point", "mood-left-later"],
    ]


def test_shares_of_what_is_explained_are_those_of_deviances_and_add_up():
    panel = panels.panel(planted(12, 2, -0.4))
    found = associations.explained(panel).set_index("part")["estimate"]
    assert found.sum() == pytest.approx(100)
    rows = panel.query("timing != @panels.SAME")
    fits = [
        smf.glm(formula, rows, family=Poisson(), exposure=rows["expected"]).fit() for formula in ("value ~ 1", WITHIN)
    ]
    none, full = (fit.deviance / fit.df_resid for fit in fits)
    assert found[associations.NOT_EXPLAINED] == pytest.approx(100 * full / none)


def test_a_figure_without_meaning_explains_nothing_on_average():
    shares = [
        associations.explained(panels.panel(planted(12, seed))).set_index("part")["estimate"] for seed in range(20)
    ]
    added = [one["The HR metric within units"] for one in shares]
    assert abs(np.mean(added)) < 4 * np.std(added, ddof=1) / np.sqrt(20)


def test_the_scenario_is_last_years_count_times_the_ratio_times_the_worth():
    study = planted(12, 4, -0.4)
    panel = panels.panel(study)
    within = estimated(panel, WITHIN, "score")
    found = scenario.a_year(study, within, panel).iloc[0]
    last = study.tables["outcomes"].query("period >= '2025-Q1'")["value"].sum()
    assert found["counted"] == last
    ratio = within.query("timing != @panels.SAME").iloc[0]
    for end in ("estimate", "low", "high"):
        assert found[end] == pytest.approx(last * np.expm1(ratio[end]) * 1000 / 1000)
    assert found["low"] < found["estimate"] < found["high"]


def test_the_scenario_counts_no_period_that_began_more_than_a_year_ago():
    study = planted(12, 4)
    study.as_of = pd.Timestamp("2025-11-30").date()  # the last quarter has not ended, 2024-Q4 began too early
    panel = panels.panel(study)
    found = scenario.a_year(study, estimated(panel, WITHIN, "score"), panel).iloc[0]
    counted = study.tables["outcomes"].query("period in ('2025-Q1', '2025-Q2', '2025-Q3')")["value"].sum()
    assert found["counted"] == counted


def test_without_a_worth_there_is_no_scenario():
    study = planted(12, 4)
    study.metric_tree = study.metric_tree.model_copy(
        update={"branches": [study.metric_tree.branches[0].model_copy(update={"worth": None})]}
    )
    panel = panels.panel(study)
    assert scenario.a_year(study, estimated(panel, WITHIN, "score"), panel).attrs["absent"] == scenario.NO_WORTH


def test_the_index_is_100_on_average_and_follows_the_rates():
    study = planted(12, 6)
    course = panels.course(study)
    model = smf.glm("value ~ 0 + period", course, family=Poisson(), exposure=course["expected"])
    found = associations.index(few_clusters({"left": model}, "unit", by="metric")).set_index("period")["estimate"]
    totals = course.groupby("period")[["value", "denominator"]].sum()
    rates = totals["value"] / totals["denominator"]
    assert found.to_numpy() == pytest.approx(
        (100 * rates / (totals["value"].sum() / totals["denominator"].sum())).to_numpy()
    )
