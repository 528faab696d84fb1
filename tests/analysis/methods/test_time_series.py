"""Changes of level in series: published figures, another implementation, edges."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
from scipy import stats
from statsmodels.datasets import nile
from statsmodels.genmod.families import Poisson
from statsmodels.regression.linear_model import GLS

from helpers.analysis.methods import time_series

REFERENCE = Path(__file__).parents[1] / "reference"
SEASON = "years + sin1 + cos1 + sin2 + cos2"


def timed(rows: pd.DataFrame) -> pd.DataFrame:
    """Number the months, and add trend and season as the chapter does."""
    month = np.arange(1, len(rows) + 1)
    turn = 2 * np.pi * month / 12
    waves = {"sin1": np.sin(turn), "cos1": np.cos(turn), "sin2": np.sin(2 * turn), "cos2": np.cos(2 * turn)}
    return rows.assign(month=month, years=month / 12, **waves)


@pytest.fixture(scope="module")
def sicily() -> pd.DataFrame:
    """Acute coronary events in Sicily, before and after the smoking ban of January 2005."""
    return timed(pd.read_csv(REFERENCE / "sicily.csv"))


@pytest.fixture(scope="module")
def belts() -> pd.DataFrame:
    """Car drivers killed or seriously injured in Great Britain, before and after seat belts became compulsory."""
    return timed(pd.read_csv(REFERENCE / "seatbelts.csv"))


def test_the_sicilian_smoking_ban_goes_with_the_published_rate_ratio(sicily):
    """Lopez Bernal, Cummins & Gasparrini (2017): 0.894 (0.864 to 0.925), Poisson regression with a trend."""
    published = smf.glm("aces ~ smokban + month", sicily, family=Poisson(), offset=np.log(sicily["stdpop"])).fit()
    low, high = np.exp(published.conf_int().loc["smokban"])
    assert np.exp(published.params["smokban"]) == pytest.approx(0.894, abs=0.0006)
    assert (low, high) == pytest.approx((0.864, 0.925), abs=0.001)
    rates = sicily.assign(mean=np.log(sicily["aces"] / sicily["stdpop"]))
    found = time_series.level_change(smf.ols(f"mean ~ smokban + {SEASON}", rates), "smokban", "month").iloc[0]
    assert np.exp(found["estimate"]) == pytest.approx(0.89, abs=0.01)
    assert np.exp(found["high"]) < 1 and (found["before"], found["after"]) == (36, 23)


def test_seat_belts_go_with_as_many_fewer_drivers_hurt_as_another_implementation_says(belts):
    """R: nlme::gls(log(drivers) ~ law + years + season, correlation = corAR1(form = ~month)), by REML."""
    rows = belts.assign(mean=np.log(belts["drivers"]))
    found = time_series.level_change(smf.ols(f"mean ~ law + {SEASON}", rows), "law", "month").iloc[0]
    assert found["estimate"] == pytest.approx(-0.16454, abs=0.002)
    assert found["standard_error"] == pytest.approx(0.03797, rel=0.05)  # REML takes .3963 as if it were known
    assert found["autocorrelation"] == pytest.approx(0.3963, abs=0.03)
    assert found["p_value"] < 0.001 and (found["before"], found["after"]) == (169, 23)


def test_the_estimate_is_that_of_statsmodels_averaged_over_autocorrelations(belts):
    """Its weights are restricted likelihoods of whole matrices, which the function never makes."""
    model = smf.ols(f"np.log(drivers) ~ law + {SEASON}", belts.drop(index=[4, 5, 90]))
    months = model.data.frame["month"].to_numpy()
    apart, log_weights, fits = np.abs(np.subtract.outer(months, months)), [], []
    for rho in time_series.AVERAGED:
        alike = np.power(rho, apart, where=apart > 0, out=np.eye(len(months)))
        fits.append(GLS(model.endog, model.exog, sigma=alike).fit())
        information = model.exog.T @ np.linalg.solve(alike, model.exog)
        likelihood = -np.linalg.slogdet(alike)[1] / 2 - np.linalg.slogdet(information)[1] / 2
        log_weights.append(likelihood - fits[-1].df_resid / 2 * np.log(fits[-1].ssr) - 0.75 * np.log(1 - rho))
    weights = np.exp(log_weights - np.max(log_weights))
    weights /= weights.sum()
    found = time_series.level_change(model, "law", "month").iloc[0]
    assert found["estimate"] == pytest.approx(weights @ [fit.params[1] for fit in fits])
    for side in ("low", "high"):
        reach = abs(found[side] - found["estimate"])
        ends = found["estimate"] + np.array([-1, 1]) * reach
        within = [stats.t.cdf((ends - fit.params[1]) / fit.bse[1], fit.df_resid) for fit in fits]
        assert weights @ np.diff(within)[:, 0] == pytest.approx(0.95)


def test_the_interval_holds_nineteen_twentieths_of_what_is_likely_by_brute_force():
    """Prior times likelihood of slope, error and autocorrelation, added up over a grid of all three."""
    rows = series(24, 14, 8).assign(mean=lambda rows: rows["mean"] - 3)
    found = time_series.level_change(smf.ols("mean ~ after - 1", rows), "after", "month").iloc[0]
    values, after, month = (rows[name].to_numpy(float) for name in ("mean", "after", "month"))
    slopes, logs = np.linspace(-2, 2, 4001), np.linspace(-4, 1, 201)
    likely, apart = np.zeros(len(slopes)), np.abs(np.subtract.outer(month, month))
    left = values[:, None] - after[:, None] * slopes
    for rho in time_series.AVERAGED:
        alike = np.power(rho, apart, where=apart > 0, out=np.eye(24))
        squares = np.einsum("tb,tb->b", left, np.linalg.solve(alike, left))
        heights = -24 * logs[:, None] - squares / 2 / np.exp(2 * logs[:, None]) - np.linalg.slogdet(alike)[1] / 2
        likely += np.exp(heights - 60).sum(axis=0) / (1 - rho) ** 0.75
    likely /= likely.sum()
    inside = (slopes >= found["low"]) & (slopes <= found["high"])
    assert likely[inside].sum() == pytest.approx(0.95, abs=0.004)
    assert found["estimate"] == pytest.approx(likely @ slopes, abs=1e-4)


def test_the_nile_changed_after_1898_as_published():
    """Cobb (1978) and many since; R's strucchange gives 1895 to 1902 as its interval."""
    rows = nile.load_pandas().data
    found = time_series.change_point(smf.ols("volume ~ 1", rows), "year")
    years = rows["year"].astype(int)
    assert years[found["place"] - 1] == 1898
    assert 1890 <= years[found["low"] - 1] <= 1898 <= years[found["high"] - 1] <= 1905
    assert found["p_value"] < 0.01 and -300 < found["size"] < -200


def test_autocorrelation_is_estimated_without_the_bias_of_short_series():
    random = np.random.default_rng(4)
    drawn = random.standard_normal((400, 24))
    for at in range(1, 24):
        drawn[:, at] = 0.4 * drawn[:, at - 1] + np.sqrt(1 - 0.4**2) * drawn[:, at]
    plain = [np.corrcoef(one[1:], one[:-1])[0, 1] for one in drawn]
    found = [time_series.autocorrelation(one, np.arange(24)) for one in drawn]
    assert np.mean(plain) < 0.33
    assert np.mean(found) == pytest.approx(0.4, abs=0.05)


def series(number: int, before: int, seed: int = 1) -> pd.DataFrame:
    random = np.random.default_rng(seed)
    rows = pd.DataFrame({"month": range(number), "mean": random.normal(3, 0.1, number)})
    return rows.assign(after=(rows["month"] >= before).astype(float), respondents=40)


def estimated(rows: pd.DataFrame) -> pd.Series:
    return time_series.level_change(smf.ols("mean ~ after", rows), "after", "month").iloc[0]


@pytest.mark.parametrize(
    ("number", "before", "why"),
    [(23, 14, "takes 24"), (30, 11, "fewer than 12 points in time lie before"), (30, 28, "fewer than 3"), (1, 1, "24")],
)
def test_what_is_too_short_cannot_be_told(number, before, why):
    found = estimated(series(number, before))
    assert found["note"].startswith("cannot tell:") and why in found["note"]
    assert np.isnan(found["estimate"]) and np.isnan(found["low"])


def test_a_series_that_does_not_vary_cannot_be_told():
    rows = series(30, 20).assign(mean=3.0)
    assert estimated(rows)["note"].startswith("cannot tell:")
    assert time_series.change_point(smf.ols("mean ~ 1", rows), "month")["note"].startswith("cannot tell:")


def test_a_model_without_the_term_is_refused():
    with pytest.raises(ValueError, match="no term 'later'"):
        time_series.level_change(smf.ols("mean ~ after", series(30, 20)), "later", "month")


def test_two_rows_of_one_month_are_refused():
    with pytest.raises(ValueError, match="two rows of the series are of the same time"):
        estimated(series(30, 20).assign(month=lambda rows: rows["month"].replace(3, 4)))


def test_a_perfect_fit_has_an_interval_of_next_to_nothing():
    found = estimated(series(30, 20).assign(mean=lambda rows: 3 + 0.5 * rows["after"]))
    assert found["estimate"] == pytest.approx(0.5) and found["high"] - found["low"] < 1e-9
    assert found["p_value"] < 1e-6


def test_as_many_terms_as_points_cannot_be_told():
    model = smf.ols("mean ~ after + C(month % 29)", series(30, 20))  # each month a term, but the first and the last
    found = time_series.level_change(model, "after", "month").iloc[0]
    assert found["note"] == "cannot tell: as many terms as points in time"


def test_a_change_beyond_doubt_has_a_small_p_value_and_none_below_zero():
    shifts = (0, 1, 5, 50)
    models = {by: smf.ols("mean ~ after", series(60, 40).eval(f"mean = mean + {by} * after")) for by in shifts}
    found = time_series.level_change(models, "after", "month", by="shift").set_index("shift")["p_value"]
    assert found.is_monotonic_decreasing and found.is_unique and 0 < found[50] < 1e-20


def test_rows_in_another_order_tell_the_same():
    rows = series(36, 24, 5)
    assert estimated(rows.sample(frac=1, random_state=2))["low"] == pytest.approx(estimated(rows)["low"])


def test_months_that_are_missing_make_neighbours_less_alike_and_not_the_series_shorter():
    rows = series(48, 30, 3)
    gaps = rows.drop(index=[5, 6, 17, 33])
    whole, found = estimated(rows), estimated(gaps)
    assert found["before"] + found["after"] == 44
    assert found["estimate"] == pytest.approx(whole["estimate"], abs=whole["standard_error"])


def test_no_change_has_no_place():
    found = time_series.change_point(smf.ols("mean ~ 1", series(60, 60, 2)), "month")
    assert found["p_value"] > 0.05 and np.isnan(found["place"]) and np.isnan(found["low"])
