"""What an association would be worth in a year, if it were an effect: a calculation, not a forecast."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.analysis.business.associations import BY, in_per_cent
from helpers.analysis.business.panel import SAME, metrics
from helpers.analysis.methods.counts import because
from helpers.analysis.practice.behaviour import span

if TYPE_CHECKING:
    from helpers.data import Study

NO_WORTH = "The metric tree of study.yaml says of no metric what one more costs, so there is no scenario in money."


def a_year(study: Study, within: pd.DataFrame, panel: pd.DataFrame) -> pd.DataFrame:
    """Price what the business metric would be in a year with one step more of the HR metric in every unit.

    Parameters
    ----------
    study : helpers.data.Study
        Its metric tree says what one more of a metric is worth.
    within : pandas.DataFrame
        Log ratios within units, as few_clusters returned them, by branch and timing; those of before are taken.
    panel : pandas.DataFrame
        The panel they were made of: its units count.

    Returns
    -------
    pandas.DataFrame
        One row per branch with a worth: what, counted (of the metric, in the last year), estimate, low, high (money a
        year, in thousands; below zero where there would be less), respondents, clusters, people, method, note. Without
        rows ``attrs["absent"]`` says why.

    Notes
    -----
    N w (r - 1) with N counted in the units of the panel in the periods that ended in the year up to ``as_of``, w the
    worth of one, and r the ratio for one step within units, with both ends of its interval. N and w are taken as known.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.genmod.families import Poisson
    >>> from helpers.analysis.business import panel as panels
    >>> from helpers.analysis.business.associations import BY
    >>> from helpers.analysis.methods.few_clusters import few_clusters
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> panel = panels.panel(study)
    >>> fits = {
    ...     branch: smf.glm("value ~ score + unit + period", rows, family=Poisson(), exposure=rows["expected"])
    ...     for branch, rows in panel.groupby(BY, sort=False)
    ... }
    >>> within = few_clusters(fits, cluster="unit", term="score", by=BY)
    >>> a_year(study, within, panel)[["counted", "estimate", "low", "high"]].head(1).round()
       counted  estimate      low    high
    0    990.0   -7815.0 -14161.0  1123.0
    """
    worth = {(branch.hr, branch.business): branch.worth for branch in study.metric_tree.branches if branch.worth}
    branches = within[BY].itertuples(index=False, name=None)
    chosen = [timing != SAME and (hr, business) in worth for hr, business, timing in branches]
    rows = within[chosen].reset_index(drop=True)
    if not len(rows):
        return because(pd.DataFrame(columns=["what", "counted", "estimate", "low", "high", "respondents"]), NO_WORTH)
    latest = _last_year(study)
    counted = [
        latest.loc[latest["metric"].eq(business) & latest["unit"].isin(_units(panel, hr, business)), "value"].sum()
        for hr, business in rows[["hr", "business"]].itertuples(index=False)
    ]
    price = np.array([worth[key] for key in rows[["hr", "business"]].itertuples(index=False, name=None)], dtype=float)
    told = in_per_cent({"Within units": rows}, panel).assign(counted=counted)
    times = np.array(counted) * price / 100 / 1000
    return told.assign(**{name: told[name] * times for name in ("estimate", "low", "high")})


def _units(panel: pd.DataFrame, hr: str, business: str) -> list[str]:
    mine = panel["hr"].eq(hr) & panel["business"].eq(business) & panel["timing"].ne(SAME)
    return list(panel.loc[mine, "unit"].unique())


def _last_year(study: Study) -> pd.DataFrame:
    """Return the metrics of the periods that ended in the year up to the study's day, or on it."""
    found, until = metrics(study), pd.Timestamp(study.as_of) + pd.Timedelta(days=1)
    ends = pd.Series([span(period)[1] for period in found["period"]], index=found.index, dtype="datetime64[ns]")
    begins = pd.Series([span(period)[0] for period in found["period"]], index=found.index, dtype="datetime64[ns]")
    return found[(ends <= until) & (begins >= until - pd.DateOffset(years=1))]
