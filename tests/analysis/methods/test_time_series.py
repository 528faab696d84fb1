"""Changes of level in series: published figures, another implementation, edges."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf
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
    assert found["standard_error"] == pytest.approx(0.03797, rel=0.03)
    assert found["autocorrelation"] == pytest.approx(0.3963, abs=0.03)
    assert found["p_value"] < 0.001 and (found["before"], found["after"]) == (169, 23)


def test_the_estimate_is_that_of_statsmodels_at_the_same_autocorrelation(belts):
    model = smf.ols(f"np.log(drivers) ~ law + {SEASON}", belts)
    found = time_series.level_change(model, "law", "month").iloc[0]
    apart = np.abs(np.subtract.outer(belts["month"].to_numpy(), belts["month"].to_numpy()))
    fit = GLS(model.endog, model.exog, sigma=found["autocorrelation"] ** apart).fit()
    assert found["estimate"] == pytest.approx(fit.params[1])
    assert found["standard_error"] == pytest.approx(fit.bse[1])


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


def test_months_that_are_missing_make_neighbours_less_alike_and_not_the_series_shorter():
    rows = series(48, 30, 3)
    gaps = rows.drop(index=[5, 6, 17, 33])
    whole, found = estimated(rows), estimated(gaps)
    assert found["before"] + found["after"] == 44
    assert found["estimate"] == pytest.approx(whole["estimate"], abs=whole["standard_error"])


def test_no_change_has_no_place():
    found = time_series.change_point(smf.ols("mean ~ 1", series(60, 60, 2)), "month")
    assert found["p_value"] > 0.05 and np.isnan(found["place"]) and np.isnan(found["low"])
