from dataclasses import replace

import calibration_practice
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods import sensitivity, staggered
from helpers.analysis.methods.attrition import lee_bounds
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.methods.randomisation import randomisation_test
from helpers.analysis.practice import effect


def found(units, true=0.5, seed=1, **changes):
    frame, how = calibration_practice.drawn(np.random.default_rng(seed), units, true)
    model = smf.ols("score ~ treated + baseline", frame)
    return effect.effect({"trust": model}, replace(how, **changes)).iloc[0], model


def test_few_units_are_tested_by_the_lot_and_many_by_cr2():
    few, model = found(12)
    lot = randomisation_test(model, "treated", "unit").iloc[0]
    assert few[["estimate", "low", "high", "p_value"]].tolist() == lot[["estimate", "low", "high", "p_value"]].tolist()
    many, model = found(20)
    robust = few_clusters(model, "unit", "treated").iloc[0]
    assert many[["estimate", "low", "high"]].tolist() == robust[["estimate", "low", "high"]].tolist()


def test_without_a_lot_nothing_is_drawn_again():
    assert "randomisation" in found(12)[0]["method"]
    assert "CR2" in found(12, kind="comparison")[0]["method"]
    assert "randomisation" not in found(12, kind="comparison")[0]["method"]


@pytest.mark.parametrize("units", [2, 4, 6, 7])
def test_below_eight_units_nothing_is_tested(units):
    row, _ = found(units)
    assert np.isnan(row["low"]) and row["note"].startswith(f"cannot tell: {units // 2} teams had begun")


def test_one_or_two_units_that_began_are_refused_however_many_did_not():
    frame, how = calibration_practice.drawn(np.random.default_rng(1), 30)
    for begun in (1, 2):
        rows = frame.assign(treated=(frame["unit"] < begun) * 1)
        row = effect.effect({"trust": smf.ols("score ~ treated + baseline", rows)}, how).iloc[0]
        assert np.isnan(row["estimate"]) and f"{begun} teams had begun and {30 - begun} had not" in row["note"]


def test_teams_and_partners_that_cross_count_both_ways():
    frame, how = calibration_practice.drawn(np.random.default_rng(1), 30)
    rows = frame.assign(hr_id=np.arange(len(frame)) % 25)
    row = effect.effect({"trust": smf.ols("score ~ treated + baseline", rows)}, how).iloc[0]
    assert row["method"].startswith("two-way") and row["clusters"] == 30


def test_people_of_either_side_are_counted():
    row, model = found(20)
    sides = model.data.frame.groupby("treated")["respondent_id"].nunique()
    assert (row["respondents_others"], row["respondents_treated"]) == (sides[0], sides[1])


def test_a_planted_effect_and_a_planted_null_are_told_apart_among_several():
    random = np.random.default_rng(4)
    frame, how = calibration_practice.drawn(random, 30, 0.8)
    fits = {"trust": smf.ols("score ~ treated + baseline", frame)}
    for name in ("candour", "listening"):
        fits[name] = smf.ols("score ~ treated + baseline", frame.assign(score=random.normal(size=len(frame))))
    rows = effect.effect(fits, how).set_index("dimension")
    assert rows.loc["trust", "p_adjusted"] < 0.01 and rows.loc["trust", "low"] < 0.8 < rows.loc["trust", "high"]
    assert (rows.loc[["candour", "listening"], "p_adjusted"] > 0.05).all()


def test_an_experiment_with_people_drawn_one_by_one_gives_the_published_figures():
    # National Supported Work, earnings in 1978 (Dehejia & Wahba 1999): 185 drawn with mean 6349.14 (SD 7867.40), 260
    # others with 4554.80 (5483.84); difference 1794.34, standard error by Neyman 671.0
    def of_moments(size, mean, spread):
        values = np.random.default_rng(size).normal(size=size)
        return mean + spread * (values - values.mean()) / values.std(ddof=1)

    earned = np.concatenate([of_moments(185, 6349.14, 7867.40), of_moments(260, 4554.80, 5483.84)])
    frame = pd.DataFrame({"earned": earned, "treated": np.repeat([1, 0], [185, 260]), "person": np.arange(445)})
    row = few_clusters(smf.ols("earned ~ treated", frame), "person", "treated").iloc[0]
    assert row["estimate"] == pytest.approx(1794.34, abs=0.01)
    assert row["standard_error"] == pytest.approx(671.0, abs=0.1)


def test_balance_is_in_standard_deviations_of_those_measured_before():
    frame, _ = calibration_practice.drawn(np.random.default_rng(1), 20)
    rows = frame.assign(baseline=frame["baseline"] + 2 * frame["treated"])
    row = effect.balance(rows).iloc[0]
    means, spread = rows.groupby("treated")["baseline"].mean(), rows["baseline"].std()
    assert row["estimate"] == pytest.approx((means[1] - means[0]) / spread)
    for few in (rows[:0], rows.assign(unknown=1)):
        assert effect.balance(few).empty
    assert effect.balance(rows.assign(baseline=1.0))["note"].str.startswith("cannot tell").all()


def test_bounds_are_freed_of_what_covariates_explain():
    frame, _ = calibration_practice.drawn(np.random.default_rng(1), 20, 0.5)
    rows = frame.assign(score=frame["score"].where(frame.index % 9 > frame["treated"]))
    fits = {"trust": smf.ols("score ~ treated + baseline", rows).fit()}
    bounded = effect.attrition(rows, fits).iloc[0]
    plain = lee_bounds(rows, "score", "treated", "unit").iloc[0]
    assert bounded["high"] - bounded["low"] < plain["high"] - plain["low"]
    assert bounded["lower"] < fits["trust"].params["treated"] < bounded["upper"]
    assert bounded["dimension"] == "trust" and bounded["respondents_others"] > 0
    assert effect.attrition(rows[:0], {}).empty


@pytest.mark.parametrize(("units", "begun"), [(7, 3), (30, 2)])
def test_where_no_effect_is_told_none_is_bounded(units, begun):
    frame, _ = calibration_practice.drawn(np.random.default_rng(1), units, 0.5)
    rows = frame.assign(treated=(frame["unit"] < begun) * 1, score=frame["score"].where(frame.index % 9 > 0))
    row = effect.attrition(rows, {"trust": smf.ols("score ~ treated + baseline", rows)}).iloc[0]
    assert row[["lower", "upper", "low", "high"]].isna().all() and row["note"].startswith("cannot tell: it takes 8")
    assert row["answered_treated"] >= 80


def test_robustness_is_told_of_comparisons_only():
    frame, how = calibration_practice.drawn(np.random.default_rng(1), 20, 0.5)
    fits = {"trust": smf.ols("score ~ treated + baseline", frame).fit()}
    assert "Lots were drawn" in effect.robustness(fits, how).attrs["absent"]
    assert "no comparison" in effect.robustness(fits, replace(how, kind="none")).attrs["absent"]
    row = effect.robustness(fits, replace(how, kind="comparison")).iloc[0]
    fit = fits["trust"]
    value = sensitivity.robustness(fit.tvalues["treated"], fit.df_resid)
    assert row["to_zero"] == pytest.approx(100 * value.to_zero)
    t_baseline = smf.ols("treated ~ baseline", frame).fit().tvalues["baseline"]
    left, _ = sensitivity.as_strong_as(
        fit.params["treated"], fit.bse["treated"], fit.df_resid, fit.tvalues["baseline"], t_baseline
    )
    assert row["left"] == pytest.approx(left) and abs(left) < abs(row["estimate"])


def test_without_a_baseline_there_is_no_benchmark_and_no_warning(recwarn):
    frame, how = calibration_practice.drawn(np.random.default_rng(1), 20, 0.5)
    rows = frame.assign(baseline=0.0, unknown=1, score=frame["score"].where(frame.index % 9 > 0))
    models = {"trust": smf.ols("score ~ treated + baseline + unknown", rows)}
    row = effect.robustness(models, replace(how, kind="comparison")).iloc[0]
    assert np.isnan(row["left"]) and row["to_zero"] > 0
    assert effect.attrition(rows, models)["low"].notna().all() and not recwarn.list
    plain = smf.ols("score ~ treated", rows)
    both = effect.effect(models | {"plain": plain}, how)[["estimate", "low", "high"]]
    assert both.iloc[0].tolist() == pytest.approx(both.iloc[1].tolist())


def test_drift_before_the_start_bounds_the_effect_after_it():
    """Two cohorts that drifted by .2 a wave before they began: bounds at 1 hold what drift alone would have made."""
    random = np.random.default_rng(2)
    began = np.repeat([3.0, 4.0, np.nan], 8)
    frame = pd.DataFrame({"unit": np.repeat(np.arange(24), 6), "partnership_id": np.arange(144)})
    frame = frame.assign(began=began[frame["unit"]]).merge(pd.DataFrame({"time": [1, 2, 3, 4]}), how="cross")
    frame["score"] = 0.2 * frame["time"] * frame["began"].notna() + random.normal(0, 0.1, len(frame))
    cells = {"trust": staggered.changes(frame, "score", "partnership_id", "time", "began")}
    found = effect.drifting(cells, (0.0, 1.0)).set_index("multiple")
    assert found.loc[0.0, "low"] > 0 and found.loc[0.0, "lower"] == pytest.approx(found.loc[0.0, "estimate"])
    assert found.loc[1.0, "lower"] < 0.05 and found.loc[1.0, "low"] < 0 < found.loc[1.0, "high"]
    late = {"trust": staggered.changes(frame[frame["time"] > 2], "score", "partnership_id", "time", "began")}
    for nothing in (late, {}, {"trust": cells["trust"][:0]}):
        none = effect.drifting(nothing)
        assert none.empty and none.attrs["absent"].startswith("Drifts cannot be bounded")
