"""How much would have to be wrong for a comparison without a lot to be overturned?"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods.counts import cannot_tell
from helpers.analysis.methods.staggered import EventStudy

METHOD_TRENDS = "bounds on departures from parallel trends, in the manner of Rambachan and Roth"


class Robustness(NamedTuple):
    """How strong something left out would have to be.

    Attributes
    ----------
    partial_r2 : float
        Share of the outcome's remaining variance that the treatment explains, 0 to 1.
    to_zero : float
        Robustness value: share, 0 to 1, of the remaining variance of both treatment and outcome that something left out
        would have to explain for the estimate to be zero.
    to_doubt : float
        The same for the interval to hold zero; 0 where it already does.
    """

    partial_r2: float
    to_zero: float
    to_doubt: float


def robustness(t: float, degrees: float, confidence: float = 0.95) -> Robustness:
    """Compute the robustness value of a regression coefficient.

    Parameters
    ----------
    t : float
        Coefficient divided by its ordinary standard error, of least squares.
    degrees : float
        Residual degrees of freedom of the regression, above 1.
    confidence : float
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    Robustness
        See there; missing where t is.

    Raises
    ------
    ValueError
        If there are no degrees of freedom, or confidence is not between 0 and 1.

    Notes
    -----
    With f = |t| / sqrt(df): RV = (sqrt(f^4 + 4 f^2) - f^2) / 2 (Cinelli & Hazlett 2020, eq. 19); for the interval, f is
    lessened by t* / sqrt(df - 1), t* the quantile of t on df - 1. The algebra is that of least squares: the ordinary t
    enters, also where the interval reported is cluster-robust; ``to_doubt`` is then an upper limit.

    References
    ----------
    Cinelli, C. & Hazlett, C. (2020). Making sense of sensitivity: extending omitted variable bias. *Journal of the
    Royal Statistical Society: Series B*, 82(1), 39-67.

    Examples
    --------
    Attitudes towards peace of those directly harmed in Darfur: .097, standard error .023, 783 degrees of freedom.

    >>> [round(value, 3) for value in robustness(0.09732 / 0.02326, 783)]
    [0.022, 0.139, 0.076]
    """
    if not degrees > 1:
        raise ValueError(f"the regression has {degrees} degrees of freedom; expected more than 1")
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    f = abs(t) / np.sqrt(degrees)
    beyond = f - stats.t.ppf(0.5 + confidence / 2, degrees - 1) / np.sqrt(degrees - 1)
    return Robustness(float(f**2 / (1 + f**2)), _value(f), _value(np.maximum(beyond, 0)))


def _value(f: float) -> float:
    return float((np.sqrt(f**4 + 4 * f**2) - f**2) / 2)


def as_strong_as(
    estimate: float, error: float, degrees: float, t_outcome: float, t_treatment: float, times: float = 1.0
) -> tuple[float, float]:
    """Compute what would be left of an estimate if something as strong as a known covariate had been left out.

    Parameters
    ----------
    estimate, error, degrees : float
        Coefficient of the treatment, its ordinary standard error, and the residual degrees of freedom of least squares.
    t_outcome : float
        Ordinary t of the covariate in that regression.
    t_treatment : float
        Ordinary t of the covariate in the regression of the treatment on all other terms.
    times : float
        How many times as strong, above 0.

    Returns
    -------
    tuple of float
        The estimate, moved towards zero, and its standard error; missing where something so strong cannot exist.

    Notes
    -----
    Cinelli and Hazlett (2020), section 4.4: with R^2_d and R^2_y the partial R^2 of the covariate with treatment and
    outcome, something k times as strong has at most R^2_dz = k R^2_d / (1 - R^2_d) and
    R^2_yz = ((sqrt(k) + sqrt(R^2_kd)) / sqrt(1 - R^2_kd))^2 R^2_y / (1 - R^2_y), R^2_kd = k R^2_d^2 / ((1 - k R^2_d)
    (1 - R^2_d)). The bias is error * sqrt(df R^2_yz R^2_dz / (1 - R^2_dz)).

    References
    ----------
    Cinelli & Hazlett (2020), as for :func:`robustness`.

    Examples
    --------
    In Darfur, something as strong as being female would leave .075 of .097.

    >>> left, error = as_strong_as(0.09732, 0.02326, 783, -9.789, -2.680)
    >>> round(left, 3), round(error, 4)
    (0.075, 0.0219)
    """
    r2_outcome, r2_treatment = (
        t**2 / (t**2 + degrees_left) for t, degrees_left in ((t_outcome, degrees), (t_treatment, degrees + 1))
    )
    with np.errstate(invalid="ignore", divide="ignore"):
        r2_dz = times * np.divide(r2_treatment, 1 - r2_treatment)
        r2_kd = np.divide(times * r2_treatment**2, (1 - times * r2_treatment) * (1 - r2_treatment))
        r2_yz = ((np.sqrt(times) + np.sqrt(r2_kd)) / np.sqrt(1 - r2_kd)) ** 2 * r2_outcome / (1 - r2_outcome)
    if not (0 <= r2_dz < 1 and 0 <= r2_kd < 1):
        return np.nan, np.nan
    r2_yz = min(float(r2_yz), 1.0)
    bias = error * np.sqrt(degrees * r2_yz * r2_dz / (1 - r2_dz))
    left = float(np.sign(estimate) * (abs(estimate) - bias))
    return left, float(error * np.sqrt((1 - r2_yz) / (1 - r2_dz) * degrees / (degrees - 1)))


def relative_magnitudes(
    study: EventStudy, horizon: int = 0, multiples: tuple[float, ...] = (0, 0.5, 1, 1.5, 2), confidence: float = 0.95
) -> pd.DataFrame:
    """Bound an effect when cohorts need not have run in parallel, by how far they did not before.

    Parameters
    ----------
    study : EventStudy
        Effects by the time since each cohort began, the time before it being the base.
    horizon : int
        The horizon to bound, 0 or above.
    multiples : tuple of float
        How many times the largest departure between two times before may be exceeded afterwards, 0 or above.
    confidence : float
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per multiple: horizon, multiple, lower and upper (the bounds at the estimates, in units of the value),
        low, high (the interval for the effect), respondents, clusters, people, method, note.

    Raises
    ------
    ValueError
        If the horizon is below 0.

    Notes
    -----
    Let d_s be the departures from parallel trends from one time to the next before the treatment, estimated by the
    differences of successive estimates, the last up to the base. Afterwards the cohorts may depart by up to M max |d_s|
    from one time to the next, so that the estimate at horizon h is off by up to M (h + 1) max |d_s| (Rambachan & Roth
    2023, relative magnitudes). The interval reaches from the lowest limit of estimate - M (h + 1) |d_s| to the
    highest of estimate + M (h + 1) |d_s| over s, each limit from the standard error of that combination and t on the
    fewest degrees of freedom. As the largest departure is one of them, it holds the effect at least as often as it
    says; Rambachan and Roth's own intervals are narrower.

    Assumption: departures afterwards are no more than ``multiple`` times as large as the largest before. Nothing proves
    it; without departures that were seen there is nothing to go by.

    References
    ----------
    Rambachan, A. & Roth, J. (2023). A more credible approach to parallel trends. *Review of Economic Studies*, 90(5),
    2555-2591.

    Examples
    --------
    >>> from helpers.analysis.methods import staggered
    >>> began = [3, 3, 3, 4, 4, 4, *[None] * 6]
    >>> panel = pd.DataFrame([(team, wave, began[team]) for team in range(12) for wave in (1, 2, 3, 4)])
    >>> panel.columns = ["team", "wave", "began"]
    >>> luck = panel["team"] * 7 % 5 * panel["wave"] % 4 / 10
    >>> panel["score"] = 3 + luck + 0.5 * (panel["wave"] >= panel["began"])
    >>> study = staggered.event_study(staggered.changes(panel, "score", "team", "wave", "began"), "team", "team")
    >>> relative_magnitudes(study, multiples=(0, 1))[["multiple", "lower", "upper", "low", "high"]].round(2)
       multiple  lower  upper   low  high
    0         0   0.51   0.51  0.34  0.69
    1         1   0.47   0.56  0.08  0.86
    """
    if horizon < 0:
        raise ValueError(f"horizon is {horizon}; expected 0 or above")
    table = study.table.reset_index(drop=True)
    named = {str(name): place for place, name in enumerate(table["horizon"])}
    shared = {name: table.iloc[-1][name] for name in ("respondents", "clusters", "people")}
    before = sorted((int(name) for name in named if name.lstrip("-").isdigit() and int(name) < -1), reverse=True)
    used = [named[str(name)] for name in (*before, horizon) if str(name) in named]
    known = len(study.covariance) and table.iloc[used][["estimate", "degrees_of_freedom"]].notna().all(axis=None)
    if str(horizon) not in named or not before or not known:
        note = "the cohorts were not measured at two times before they began, and at this one after"
        numbers = dict.fromkeys(("lower", "upper", "low", "high"), np.nan)
        rows = [{"horizon": horizon, "multiple": multiple, **numbers} for multiple in multiples]
        return pd.DataFrame(rows).assign(**_same(shared, len(rows)), method=METHOD_TRENDS, note=cannot_tell(note))
    values = table["estimate"].to_numpy(float)
    steps = []  # each departure as a combination of the estimates; that of the base is zero
    for earlier, later in zip(before, [None, *before]):
        step = np.zeros(len(table))
        step[named[str(earlier)]] = -1
        if later is not None:
            step[named[str(later)]] = 1
        steps.append(step)
    chosen = np.eye(len(table))[named[str(horizon)]]
    times = stats.t.ppf(0.5 + confidence / 2, table["degrees_of_freedom"].iloc[used].min())
    rows = []
    for multiple in multiples:
        reach = multiple * (horizon + 1)
        ends = np.array([chosen + sign * reach * step for step in steps for sign in (-1, 1)])
        points, errors = ends @ values, np.sqrt(np.einsum("ij,jk,ik->i", ends, study.covariance, ends))
        limits = {"lower": points.min(), "upper": points.max()}
        limits |= {"low": (points - times * errors).min(), "high": (points + times * errors).max()}
        rows.append({"horizon": horizon, "multiple": multiple, **limits})
    return pd.DataFrame(rows).assign(**_same(shared, len(rows)), method=METHOD_TRENDS, note="")


def _same(values: dict, rows: int) -> dict[str, list]:
    return {name: [value] * rows for name, value in values.items()}
