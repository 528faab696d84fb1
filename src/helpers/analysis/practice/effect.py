"""The effect of a practice, with the inference that its design and its number of units allow."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from statsmodels.base.model import Model, Results
from statsmodels.regression.linear_model import OLS

from helpers.analysis.methods import multiplicity, sensitivity
from helpers.analysis.methods.attrition import lee_bounds
from helpers.analysis.methods.clustered import sample
from helpers.analysis.methods.counts import because, cannot_tell, require, why
from helpers.analysis.methods.few_clusters import few_clusters, row_of
from helpers.analysis.methods.randomisation import FEWEST_EACH, randomisation_test
from helpers.analysis.methods.staggered import event_study
from helpers.analysis.methods.two_way import crossed, two_way
from helpers.analysis.practice.design import Design

#: Fewest units that were drawn for an effect to be tested; below, this describes.
FEWEST = 8
#: From so many units on, the interval is CR2; below, the lot itself.
ENOUGH = 20
TERM = "treated"
COLUMNS = (
    "estimate", "degrees_of_freedom", "low", "high", "p_value", "p_adjusted", "respondents", "respondents_treated",
    "respondents_others", "clusters", "clusters_treated", "association", "people", "method", "note",
)  # fmt: skip

#: Columns of :func:`effect` that a comparison of what was before does not have.
_NOT_BEFORE = ("p_value", "p_adjusted", "clusters_treated", "association")


def effect(fits: Mapping[Any, Results | Model], design: Design, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the effect of a practice on each outcome.

    Parameters
    ----------
    fits : mapping
        Least squares per outcome, from a formula with the term ``treated`` on the rows that :meth:`.Design.rows` gives:
        ``smf.ols("score ~ treated + baseline + unknown + C(stratum)", rows)``.
    design : Design
        How the practice was allotted.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per outcome: dimension, estimate (in units of the outcome), degrees_of_freedom (missing for
        randomisation), low, high, p_value, p_adjusted
        (Benjamini-Hochberg over the outcomes given), respondents, respondents_treated, respondents_others, clusters
        and clusters_treated (units that were drawn), association (whether nobody drew lots), people, method, note.

    Notes
    -----
    Which inference is used follows from the design and the number of units, not from the result:

    ==========================  ==============================================================================
    20 units or more            CR2 by the unit that was drawn, as that is what chance acted on (Abadie, Athey, Imbens &
                                Wooldridge 2023); where units and HR partners cross, both ways
                                (:func:`helpers.analysis.methods.two_way.two_way`)
    8 to 19, by lot             randomisation inference over the lot (:mod:`helpers.analysis.methods.randomisation`)
    8 to 19, no lot             CR2, as above; the result is an association
    fewer than 8, or fewer      nothing is tested
    than 3 of either kind
    ==========================  ==============================================================================

    References
    ----------
    Abadie, A., Athey, S., Imbens, G. W. & Wooldridge, J. M. (2023). When should you adjust standard errors for
    clustering? *Quarterly Journal of Economics*, 138(1), 1-35.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from helpers.analysis.practice import changes, design
    >>> from helpers.analysis.survey import scales
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> sheets = study.responses().query("side == 'manager'")
    >>> how = design.design_of(study, "role_swap")
    >>> rows = how.rows(scales.scores(sheets, study.codebook), *how.waves(design.middle_of(study.responses())))
    >>> rows = rows[rows["dimension"].isin(["listening", "conflict"])]
    >>> formula = "score ~ treated + baseline + unknown + C(stratum)"
    >>> fits = {name: smf.ols(formula, own) for name, own in rows.groupby("dimension", sort=False)}
    >>> effect(fits, how)[["dimension", "estimate", "low", "high"]].round(2)
       dimension  estimate   low  high
    0  listening      0.69  0.51  0.88
    1   conflict     -0.02 -0.22  0.19
    """
    rows = [{"dimension": name} | of_one(fit, design, confidence) for name, fit in fits.items()]
    found = pd.DataFrame(rows, columns=["dimension", *(name for name in COLUMNS if name != "p_adjusted")])
    found["p_adjusted"] = multiplicity.adjusted(found["p_value"].astype(float))
    return found[["dimension", *COLUMNS]]


def of_one(fit: Results | Model, design: Design, confidence: float = 0.95) -> dict[str, Any]:
    """Estimate the effect on one outcome: its row of :func:`effect`, without dimension and adjusted p-value."""
    model = getattr(fit, "model", fit)
    used = sample(model, "unit", counted=False).used
    treated = (used[TERM] == 1).to_numpy(bool)
    units = [_different(used["unit"], own) for own in (treated, ~treated)]
    if min(units) < FEWEST_EACH or sum(units) < FEWEST or design.kind == "none":
        found = row_of(model, "unit", TERM, confidence)
        reason = "nothing is recorded by which the practice could be judged"
        if design.kind != "none":
            reason = f"{units[0]} {design.unit} had begun and {units[1]} had not; it takes {FEWEST_EACH} of each, "
            reason += f"{FEWEST} in all"
        found |= dict.fromkeys(("estimate", "low", "high", "p_value"), np.nan) | {"note": cannot_tell(reason)}
    elif sum(units) < ENOUGH and design.by_chance:
        strata = "stratum" if design.stratified else None
        found = randomisation_test(model, TERM, "unit", strata, confidence=confidence).iloc[0].to_dict()
    elif crossed(used, "unit", "hr_id"):
        found = two_way(model, ("unit", "hr_id"), TERM, confidence=confidence).iloc[0].to_dict()
    else:
        found = row_of(model, "unit", TERM, confidence)
    sizes = {"clusters": sum(units), "clusters_treated": units[0], "association": not design.by_chance}
    return found | _sides(used) | sizes


def _testable(rows: pd.DataFrame) -> bool:
    """Tell whether enough units of either kind are in some rows."""
    units = [rows.loc[rows[TERM] == kind, "unit"].nunique() for kind in (0, 1)]
    return bool(min(units) >= FEWEST_EACH and sum(units) >= FEWEST)


def _sides(rows: pd.DataFrame) -> dict[str, int]:
    """Count the people on either side, so that a difference from three of them is hidden as their mean would be."""
    sides = {"treated": rows[TERM] == 1, "others": rows[TERM] == 0}
    return {f"respondents_{name}": _different(rows["respondent_id"], own.to_numpy(bool)) for name, own in sides.items()}


def _different(column: pd.Series, rows: np.ndarray) -> int:
    """Count the different values of a column in some rows, without those missing."""
    return len(pd.factorize(column.to_numpy()[rows])[1])


def balance(rows: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Compare what was known before the practice began between those who began and those who had not.

    Parameters
    ----------
    rows : pandas.DataFrame
        As :meth:`.Design.rows` gives them.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per outcome: dimension, estimate (difference of the baseline, in standard deviations), low, high,
        respondents, respondents_treated, respondents_others, clusters, people, method, note.

    Notes
    -----
    ``baseline ~ treated`` among those whose baseline is known, CR2 by the unit that was drawn. Under a lot any
    difference is chance, and no test of it says whether the lot was fair; a difference of more than .25 standard
    deviations is worth a covariate (here the baseline always is one). With fewer than 3 units of either kind there is
    no interval, as CR2 holds for no such few.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from helpers.analysis.practice import changes, design
    >>> from helpers.analysis.survey import scales
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> sheets = study.responses().query("side == 'manager'")
    >>> how = design.design_of(study, "role_swap")
    >>> rows = how.rows(scales.scores(sheets, study.codebook), *how.waves(design.middle_of(study.responses())))
    >>> rows = rows[rows["dimension"].isin(["listening", "conflict"])]
    >>> balance(rows)[["dimension", "estimate", "low", "high"]].round(2)
       dimension  estimate   low  high
    0  listening     -0.07 -0.39  0.26
    1   conflict     -0.15 -0.56  0.25
    """
    require(rows, ["unknown", "dimension", "baseline", TERM, "unit"])
    known = rows[rows["unknown"] == 0]
    spread = known.groupby("dimension")["baseline"].transform("std")
    known = known.assign(before=known["baseline"] / spread.where(spread > 0, 1.0))
    found = []
    for name, own in known.groupby("dimension", sort=False):
        row = few_clusters(smf.ols("before ~ treated", own), "unit", TERM, confidence=confidence).iloc[0].to_dict()
        if min(own.loc[own[TERM] == kind, "unit"].nunique() for kind in (0, 1)) < FEWEST_EACH:
            row |= dict.fromkeys(("degrees_of_freedom", "low", "high"), np.nan)
            row["note"] = cannot_tell(f"fewer than {FEWEST_EACH} units of either kind")
        found.append({"dimension": name} | row | _sides(own))
    names = ["dimension", *(name for name in COLUMNS if name not in _NOT_BEFORE)]
    return pd.DataFrame(found, columns=names)


def attrition(rows: pd.DataFrame, fits: Mapping[Any, Results | Model], confidence: float = 0.95) -> pd.DataFrame:
    """Bound the effect on each outcome when the practice may have changed who answers.

    Parameters
    ----------
    rows : pandas.DataFrame
        As :meth:`.Design.rows` gives them: everybody who was allotted.
    fits : mapping
        The fits (or models) behind :func:`effect`, by outcome.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per outcome: dimension and the columns of :func:`helpers.analysis.methods.attrition.lee_bounds`:
        answered_treated, answered_others, trimmed, estimate, lower, upper, low, high and so on.

    Notes
    -----
    With fewer than 8 units, or fewer than 3 on a side, nothing is bounded, as no effect is told then either.
    Before they are trimmed, outcomes are freed of what the covariates explain (the fit without its term ``treated``),
    as for the effect itself: bounds then are narrower, and hold for the same people.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from helpers.analysis.practice import changes, design
    >>> from helpers.analysis.survey import scales
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> sheets = study.responses().query("side == 'manager'")
    >>> how = design.design_of(study, "role_swap")
    >>> rows = how.rows(scales.scores(sheets, study.codebook), *how.waves(design.middle_of(study.responses())))
    >>> rows = rows[rows["dimension"].isin(["listening", "conflict"])]
    >>> formula = "score ~ treated + baseline + unknown + C(stratum)"
    >>> fits = {name: smf.ols(formula, own) for name, own in rows.groupby("dimension", sort=False)}
    >>> attrition(rows, fits)[["dimension", "lower", "upper"]].round(2)
       dimension  lower  upper
    0  listening   0.62   0.81
    1   conflict  -0.10   0.09
    """
    found = []
    for name, model in fits.items():
        fit, own = _fitted(model), rows[rows["dimension"] == name]
        explained = fit.predict(own.assign(treated=0)) - fit.predict(own.assign(treated=0)).mean()
        bounded = lee_bounds(own.assign(freed=own["score"] - explained), "freed", TERM, "unit", confidence)
        if not _testable(own[own["score"].notna()]):
            hidden = dict.fromkeys(("estimate", "lower", "upper", "low", "high"), np.nan)
            bounded = bounded.assign(**hidden, note=cannot_tell(f"it takes {FEWEST} units, {FEWEST_EACH} of each kind"))
        found.append(bounded.assign(dimension=name, **_sides(own[own["score"].notna()])))
    return pd.concat(found, ignore_index=True) if found else because(rows[:0], "Nobody’s answers can be compared.")


def _fitted(fit: Results | Model) -> Results:
    """Fit least squares; where nothing was measured before, the terms of the baseline say nothing, as is meant."""
    if not isinstance(fit, Model):
        return fit
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="The design matrix is rank-deficient")
        return fit.fit()


def drifting(
    cells: Mapping[str, pd.DataFrame], multiples: tuple[float, ...] = (0.5, 1.0), confidence: float = 0.95
) -> pd.DataFrame:
    """Bound the first effect over cohorts, should their means not have run in parallel.

    Parameters
    ----------
    cells : mapping
        What :func:`helpers.analysis.methods.staggered.changes` returns, by dimension; with partnership_id and unit.
    multiples : tuple of float
        How many times the largest departure before the start may be exceeded after it, 0 or above.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per dimension and multiple: dimension, estimate (at the first wave after the start), multiple, lower and
        upper (the bounds), low, high (the interval), respondents, clusters, people, method, note. No rows where no
        cohort was measured twice before it began; ``attrs["absent"]`` says so.

    Notes
    -----
    See :func:`helpers.analysis.methods.sensitivity.relative_magnitudes`. That cohorts ran alike before is never
    "passed": with few units a drift is easily missed, so it is bounded instead.

    Examples
    --------
    >>> from helpers.analysis.methods import staggered
    >>> from helpers.analysis.practice import design
    >>> from helpers.analysis.survey import scales
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> sheets, how = study.responses(), design.design_of(study, "role_swap")
    >>> scores = scales.scores(sheets.query("side == 'manager'"), study.codebook).query("dimension == 'listening'")
    >>> panel = how.panel(scores, design.middle_of(sheets))
    >>> cells = {"listening": staggered.changes(panel, "score", "partnership_id", "time", "began")}
    >>> drifting(cells)[["multiple", "lower", "upper", "low", "high"]].round(2)
       multiple  lower  upper   low  high
    0       0.5   0.50   0.64  0.13  0.89
    1       1.0   0.43   0.71 -0.13  1.13
    """
    parts = []
    for dimension, own in cells.items():
        study = event_study(own, "partnership_id", "unit", confidence)
        bounds = sensitivity.relative_magnitudes(study, 0, multiples, confidence)
        at_start = study.table.loc[study.table["horizon"] == "0", "estimate"]
        bounds.insert(0, "dimension", dimension)
        parts.append(bounds.assign(estimate=at_start.iloc[0] if len(at_start) else np.nan))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=["dimension", "low"])
    reason = why(found) or "nobody was measured in a wave that can be compared"
    return because(found[found["low"].notna()].reset_index(drop=True), f"Drifts cannot be bounded: {reason}.")


def robustness(fits: Mapping[Any, Results | Model], design: Design, confidence: float = 0.95) -> pd.DataFrame:
    """Say of a comparison without a lot how strong something left out would have to be to explain it.

    Parameters
    ----------
    fits : mapping
        The fits (or models) behind :func:`effect`, by outcome; with the term ``baseline``.
    design : Design
        How the practice was allotted.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per outcome: dimension, estimate, to_zero and to_doubt (robustness values, per cent), left (what would
        remain of the estimate if something as strong as the baseline had been left out; missing where nothing was
        measured before), respondents,
        respondents_treated, respondents_others, people, note. No rows where lots were drawn: nothing left out can
        explain more than chance does.

    Notes
    -----
    See :func:`helpers.analysis.methods.sensitivity.robustness` and :func:`.as_strong_as` there. The baseline is the
    benchmark since nothing else that is known tells as much of the outcome.
    """
    names = ["dimension", "estimate", "to_zero", "to_doubt", "left"]
    if design.kind != "comparison":
        reason = "Lots were drawn, so what was left out can explain no more than chance does."
        reason = reason if design.by_chance else "There is no comparison that something left out could explain."
        return because(pd.DataFrame(columns=[*names, "respondents", "people", "note"]), reason)
    rows = []
    for name, model in fits.items():
        fit = _fitted(model)
        frame = sample(fit.model, "unit")
        value = sensitivity.robustness(fit.tvalues[TERM], fit.df_resid, confidence)
        left = _left(fit)
        shares = {"to_zero": 100 * value.to_zero, "to_doubt": 100 * value.to_doubt}
        row = {"dimension": name, "estimate": fit.params[TERM], **shares, "left": left, **frame.counts}
        rows.append(row | _sides(frame.used) | {"note": ""})
    return pd.DataFrame(rows)


def _left(fit: Results) -> float:
    """Return what would remain if something as strong as the baseline had been left out; missing without one."""
    terms = pd.DataFrame(fit.model.exog, columns=fit.model.exog_names)
    if not terms["baseline"].std() > 0:
        return np.nan
    chosen = _fitted(OLS(terms[TERM], terms.drop(columns=TERM)))
    benchmark = (fit.tvalues["baseline"], chosen.tvalues["baseline"])
    return float(sensitivity.as_strong_as(fit.params[TERM], fit.bse[TERM], fit.df_resid, *benchmark)[0])
