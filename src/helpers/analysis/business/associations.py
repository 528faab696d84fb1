"""What models of the panel say, in the words and units that readers see."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from statsmodels.genmod import families

from helpers.analysis.business.panel import SAME, name_of, pair, score_of
from helpers.analysis.methods import multiplicity, units
from helpers.analysis.methods.counts import because, cannot_tell, people, require

#: What tells the models of a panel apart.
BY = ["hr", "business", "timing"]
#: What a business metric is explained by, one after the other: what readers call it, and the formula so far.
EXPLAINED = (
    ("Periods", "value ~ period"),
    ("Units, at all times", "value ~ period + unit"),
    ("The HR metric within units", "value ~ period + unit + score"),
)
NOT_EXPLAINED = "Not explained"


def in_per_cent(found: Mapping[str, pd.DataFrame], panel: pd.DataFrame) -> pd.DataFrame:
    """Put the log ratios of the tree together, in per cent for a step of the HR metric, in the words of a table.

    Parameters
    ----------
    found : mapping of str to pandas.DataFrame
        What few_clusters returned, by :data:`BY`; each under what it compares, such as ``"Within units"``.
    panel : pandas.DataFrame
        The panel it was made of.

    Returns
    -------
    pandas.DataFrame
        The rows with what (both metrics and the step), aspect (what it compares), when (the timing) and estimate, low,
        high in per cent, in place of hr, business and timing; p_adjusted (Benjamini-Hochberg) allows for all rows.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.genmod.families import Poisson
    >>> from helpers.analysis.business import panel as panels
    >>> from helpers.analysis.methods.few_clusters import few_clusters
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> panel = panels.panel(study)
    >>> fits = {
    ...     branch: smf.glm("value ~ score + unit + period", rows, family=Poisson(), exposure=rows["expected"])
    ...     for branch, rows in panel.groupby(BY, sort=False)
    ... }
    >>> within = few_clusters(fits, cluster="unit", term="score", by=BY)
    >>> in_per_cent({"Within units": within}, panel)[["when", "estimate", "low", "high"]].head(2).round()
                   when  estimate   low  high
    0  at the same time      -8.0 -29.0  19.0
    1  one period later     -26.0 -48.0   4.0
    """
    rows = pd.concat([pd.DataFrame(part).assign(aspect=aspect) for aspect, part in found.items()], ignore_index=True)
    steps = panel.drop_duplicates("hr").set_index("hr")["step"]
    what = [pair(row.hr, row.business, steps[row.hr]) for row in rows[["hr", "business"]].itertuples(index=False)]
    told = units.per_cent_more(rows.assign(what=what, when=rows["timing"].astype(object)))
    told = told.assign(p_adjusted=multiplicity.adjusted(told["p_value"])).drop(columns=BY)
    return because(told, str(panel.attrs.get("absent", "")))


def for_sentences(published: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Add to published rows what sentences about them name.

    Parameters
    ----------
    published : pandas.DataFrame
        Rows of :func:`in_per_cent`.
    panel : pandas.DataFrame
        The panel.

    Returns
    -------
    pandas.DataFrame
        The rows with score, metric (names within a sentence), points (the step), branch (part of a finding's id) and
        beforehand (what the tree expects; missing where it says nothing).
    """
    branches = panel[[*BY, "step", "direction"]].drop_duplicates()
    known = {
        (pair(hr, business, step), timing): (
            score_of(hr), f"“{name_of(business)}”", f"{step:g} {'point' if step == 1 else 'points'}",
            f"{hr}-{business}-{'same' if timing == SAME else 'later'}", direction,
        )
        for hr, business, timing, step, direction in branches.itertuples(index=False)
    }  # fmt: skip
    rows = [known[key] for key in zip(published["what"], published["when"], strict=True)] if len(published) else []
    words = pd.DataFrame(rows, columns=["score", "metric", "points", "branch", "beforehand"], index=published.index)
    return published.assign(**{name: words[name] for name in words})


def index(found: pd.DataFrame) -> pd.DataFrame:
    """Turn log ratios of periods to what was expected into an index whose mean over all periods is 100.

    Parameters
    ----------
    found : pandas.DataFrame
        What few_clusters returned for ``value ~ 0 + period``, by metric.

    Returns
    -------
    pandas.DataFrame
        The rows with what (the metric), period, and estimate, low, high as index, in place of metric and term.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.genmod.families import Poisson
    >>> from helpers.analysis.business import panel as panels
    >>> from helpers.analysis.methods.few_clusters import few_clusters
    >>> from helpers.data import Study
    >>> rows = panels.course(Study.load("data/sample")).query("metric == 'quality_complaints'")
    >>> fit = smf.glm("value ~ 0 + period", rows, family=Poisson(), exposure=rows["expected"])
    >>> found = index(few_clusters({"quality_complaints": fit}, cluster="unit", by="metric"))
    >>> found[["period", "estimate", "low", "high"]].head(2).round()
        period  estimate   low   high
    0  2024-Q1     112.0  95.0  131.0
    1  2024-Q2     111.0  93.0  133.0
    """
    require(found, ["metric", "term", *units.NUMBERS])
    told = found.assign(
        what=[name_of(str(metric)).capitalize() for metric in found["metric"]],
        period=found["term"].str.extract(r"\[(.+)\]", expand=False),
        **{name: 100 * np.exp(found[name]) for name in units.NUMBERS},
    )
    return because(pd.DataFrame(told.drop(columns=["metric", "term"])), "No metric of the tree has values to show.")


def explained(panel: pd.DataFrame) -> pd.DataFrame:
    """Say how much of the variation of each business metric goes with periods, units and the HR metric.

    Parameters
    ----------
    panel : pandas.DataFrame
        The panel; of each branch the rows with the HR metric of before are taken.

    Returns
    -------
    pandas.DataFrame
        One row per branch and part: what, part, estimate (per cent; the parts of a branch add up to 100), respondents
        and clusters (units), people, method, note.

    Notes
    -----
    The deviance D of nested Poisson regressions, per degree of freedom f as in an adjusted R squared (Cameron &
    Windmeijer 1996 for deviances): what a term adds is (D_before / f_before - D_after / f_after) / (D_0 / f_0). Below
    zero means that it adds less than a term that means nothing would. It describes these units and has no interval.

    References
    ----------
    Cameron, A. C. & Windmeijer, F. A. G. (1996). R-squared measures for count data regression models with applications
    to health-care utilization. *Journal of Business & Economic Statistics*, 14, 209-220.
    """
    columns = ["what", "part", "estimate", "respondents", "clusters", "people", "method", "note"]
    found: list[dict[str, Any]] = []
    for (hr, business, timing), rows in panel.groupby(BY, sort=False):
        if timing == SAME:
            continue
        left = [_left(formula, rows) for formula in ("value ~ 1", *(formula for _, formula in EXPLAINED))]
        known = left[0] > 0 and np.isfinite(left).all()
        shares = 100 * -np.diff([*left, 0.0]) / left[0] if known else [np.nan] * len(left)
        told = {"what": pair(hr, business, rows["step"].iloc[0]), **people(rows, "unit", additive=False)}
        told |= {"method": "deviance per degree of freedom", "note": ""}
        told |= {} if known else {"note": cannot_tell("too few units or periods, or no variation")}
        parts = [*(name for name, _ in EXPLAINED), NOT_EXPLAINED]
        found += [{**told, "part": part, "estimate": share} for part, share in zip(parts, shares, strict=True)]
    return because(pd.DataFrame(found, columns=columns), str(panel.attrs.get("absent", "")))


def _left(formula: str, rows: pd.DataFrame) -> float:
    """Return the deviance of a model per degree of freedom; missing where nothing is left to tell it by."""
    model = smf.glm(formula, rows, family=families.Poisson(), exposure=rows["expected"].astype(float))
    free = len(rows) - np.linalg.matrix_rank(model.exog)
    if free < 1 or not model.endog.any():
        return np.nan
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of terms that say the same, statsmodels warns; the deviance is the same
        return float(model.fit(maxiter=200).deviance) / free
