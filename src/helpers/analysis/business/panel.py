"""The panel behind the metric tree: business metrics of units by period, with the HR metrics of then and of before."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.analysis.practice.behaviour import span
from helpers.analysis.survey import scales
from helpers.data import metric_tree
from helpers.data.practices import teams

if TYPE_CHECKING:
    from helpers.data import Study

#: Columns of a metric of units: value, and what it is out of (missing where it is no count).
METRICS = ["unit", "period", "metric", "value", "denominator"]
COLUMNS = [
    "hr", "business", "timing", "unit", "period", "value", "expected", "score", "usual", "deviation", "step",
    "direction",
]  # fmt: skip
#: Oldest that what was measured before a period may be when it is set beside it.
OLDEST = pd.DateOffset(years=1)
SAME = "at the same time"
NO_TREE = (
    "This chapter needs a metric tree, which says what HR metric is set beside what business metric: in study.yaml, or "
    "agreed on in a session. docs/metric-tree.md shows how."
)
NOTHING = "No unit has both metrics of a branch of the tree, so there is nothing to set side by side."


#: Where units have both, but too few of them.
FEW = "Fewer than {least} units have both metrics of a branch of the tree, so nothing is said of it."


def lagged(lag: int) -> str:
    """Say in words that a business metric is of so many periods after the HR metric."""
    return "one period later" if lag == 1 else f"{lag} periods later"


def metrics(study: Study) -> pd.DataFrame:
    """Return the metrics of the units that no other unit belongs to, with what was to be expected of each.

    Parameters
    ----------
    study : helpers.data.Study
        With the table outcomes.

    Returns
    -------
    pandas.DataFrame
        One row per unit, period and metric that has a value: unit, period, metric, value, denominator, expected. Of a
        count, ``expected`` is what the unit would have at the rate of all units and periods; of any other metric the
        mean of all. Without metrics below zero, of which no ratio can be formed; ``attrs["left_out"]`` names them.

    Notes
    -----
    A unit above others, such as a department above its teams, would count their people twice. A row counts as none
    whose denominator is missing while others of its metric have one, or is zero.
    """
    found = study.table("outcomes").dropna(subset=["value"])
    parents = set(study.table("units")["parent"].dropna()) if study.has("units") else set()
    found = found[~found["unit"].isin(parents)].reindex(columns=METRICS)
    found = found.astype({"value": float, "denominator": float}).reset_index(drop=True)
    counts = found["denominator"].notna().groupby(found["metric"]).transform("any")
    found = found[~counts | found["denominator"].gt(0)]
    negative = sorted(found.loc[found["value"] < 0, "metric"].unique())
    found = found[~found["metric"].isin(negative)]
    out_of = found["denominator"].fillna(1.0)
    sums = found.assign(out_of=out_of).groupby("metric")[["value", "out_of"]].transform("sum")
    found = found.assign(expected=out_of * sums["value"] / sums["out_of"]).reset_index(drop=True)
    names = ", ".join(name.replace("_", " ") for name in negative)
    found.attrs["left_out"] = f"Not set beside HR metrics, since it lies below zero at times: {names}." if names else ""
    return found


def measured(study: Study) -> pd.DataFrame:
    """Return what the HR metrics of the study's tree were, by unit and day.

    Parameters
    ----------
    study : helpers.data.Study
        Its metric tree names them.

    Returns
    -------
    pandas.DataFrame
        hr, unit, day (the last one on which it was measured) and level. A score of the survey is the mean of a unit's
        managers, 0 to 100, where at least ``min_group`` of them answered; a pulse is taken where as many answered; a
        metric of the table outcomes with a denominator is taken in per cent of it.
    """
    tree = study.metric_tree
    items = set(study.table("pulse")["item"].dropna()) if study.has("pulse") else set()
    parts = []
    for name in dict.fromkeys(branch.hr for branch in tree.branches):
        source = metric_tree.kind(name, study.codebook, items)
        take = {"survey": _of_survey, "pulse": _of_pulse, "outcomes": _of_outcomes}[source]
        parts.append(take(study, name).assign(hr=name)[["hr", "unit", "day", "level"]])
    empty = pd.DataFrame({"hr": [], "unit": [], "day": pd.Series(dtype="datetime64[ns]"), "level": []})
    found = pd.concat([part for part in parts if len(part)] or [empty], ignore_index=True)
    return found.dropna().reset_index(drop=True)


def _of_survey(study: Study, name: str) -> pd.DataFrame:
    answers = study.responses()
    scored = scales.scores(answers[answers["side"] == "manager"], study.codebook)
    scored = scales.across_dimensions(scored) if name == metric_tree.MANAGER_SCORE else scored
    scored = scored if name == metric_tree.MANAGER_SCORE else scored[scored["dimension"] == name]
    scored = scored.dropna(subset=["score_100", "submitted_at"])
    tables = [study.table(table) if study.has(table) else None for table in ("people", "units")]
    scored = scored.assign(unit=teams(scored["respondent_id"], *tables))
    ended = pd.to_datetime(scored["submitted_at"]).dt.tz_localize(None).groupby(scored["wave"]).max().dt.normalize()
    by = scored.groupby(["unit", "wave"])
    found = by["score_100"].mean().rename("level").reset_index().assign(people=by["respondent_id"].nunique().to_numpy())
    found = found[found["people"] >= study.privacy.min_group]
    return found.assign(day=found["wave"].map(ended))


def _of_pulse(study: Study, name: str) -> pd.DataFrame:
    found = study.table("pulse")
    found = found[(found["item"] == name) & found["n"].ge(study.privacy.min_group)]
    day = pd.to_datetime(found["month"]) + pd.offsets.MonthEnd(0)
    return found.assign(day=day, level=found["mean"].astype(float))


def _of_outcomes(study: Study, name: str) -> pd.DataFrame:
    found = metrics(study)
    found = found[found["metric"] == name]
    level = (100 * found["value"] / found["denominator"]).where(found["denominator"].notna(), found["value"])
    return found.assign(level=level, day=[span(period)[1] - pd.Timedelta(days=1) for period in found["period"]])


def panel(study: Study) -> pd.DataFrame:
    """Set every business metric of the tree beside its HR metric, of the same period and of before.

    Parameters
    ----------
    study : helpers.data.Study
        With a metric tree and the table outcomes.

    Returns
    -------
    pandas.DataFrame
        One row per branch, timing, unit and period in which both are known, where they are of at least ``min_group``
        units: hr, business, timing (:data:`SAME`, or as
        :func:`lagged` says), unit, period, value, expected (see :func:`metrics`), score (the HR metric in steps),
        usual (its mean in the unit, over the rows of this timing), deviation (score less usual), step, direction (what
        the tree expects of the business metric, higher or lower; missing where it says nothing). Without rows
        ``attrs["absent"]`` says why.

    Notes
    -----
    Of the same period is the mean of what was measured in it. Before it, by the tree's lag of k periods, is the mean of
    what was measured in the period k periods earlier, else the last before that, at most a year old. So what was
    measured before ended before the business metric began.
    """
    tree, business = study.metric_tree, metrics(study)
    levels = measured(study) if tree.branches else pd.DataFrame(columns=["hr", "unit", "day", "level"])
    items = set(study.table("pulse")["item"].dropna()) if study.has("pulse") else set()
    parts = []
    for branch in tree.branches:
        step = metric_tree.step(branch, metric_tree.kind(branch.hr, study.codebook, items))
        own = levels[levels["hr"] == branch.hr]
        rows = business[business["metric"] == branch.business]
        for timing, lag in ((SAME, 0), (lagged(tree.lag), tree.lag)):
            named = {"hr": branch.hr, "business": branch.business, "timing": timing, "step": step}
            named["direction"] = branch.expected
            parts.append(_beside(rows, own, lag).assign(**named))
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=COLUMNS)
    found = found.reindex(columns=[*COLUMNS, "level"]).dropna(subset=["level", "value", "expected"])
    found = found[found["expected"].astype(float) > 0]
    found = found.assign(score=found["level"].astype(float) / found["step"].astype(float))
    by = ["hr", "business", "timing"]
    least = study.privacy.min_group
    enough = found.groupby(by)["unit"].transform("nunique") >= least
    absent = FEW.format(least=least) if len(found) else NOTHING
    found = found[enough.astype(bool)]
    usual = found.groupby([*by, "unit"])["score"].transform("mean")
    found = found.assign(usual=usual, deviation=found["score"] - usual)[COLUMNS].reset_index(drop=True)
    found.attrs = {"absent": absent, "left_out": business.attrs["left_out"]}
    return found


def extent(panel: pd.DataFrame) -> pd.DataFrame:
    """Count the units and periods of each branch and timing of a panel: what, when, units, periods."""
    found = panel.groupby(["hr", "business", "timing", "step"], sort=False)[["unit", "period"]].nunique().reset_index()
    what = [pair(hr, business, step) for hr, business, step in found[["hr", "business", "step"]].to_numpy().tolist()]
    found = found.assign(what=what, when=found["timing"], units=found["unit"], periods=found["period"])
    found.attrs = panel.attrs
    return found


def pair(hr: str, business: str, step: float) -> str:
    """Name a branch as tables do: the business metric, and the step of the HR metric."""
    return f"{name_of(business).capitalize()}: {score_of(hr)} +{step:g}"


def name_of(metric: str) -> str:
    """Name a business metric within a sentence: ``"voluntary_turnover"`` becomes "voluntary turnover"."""
    return metric.replace("_", " ")


def score_of(metric: str) -> str:
    """Name an HR metric within a sentence: its name in quotation marks, but for the mean of managers' answers."""
    return "partnership score" if metric == metric_tree.MANAGER_SCORE else f"“{name_of(metric)}”"


def _beside(rows: pd.DataFrame, levels: pd.DataFrame, lag: int) -> pd.DataFrame:
    """Give each row of a business metric the level of an HR metric, ``lag`` periods of the row before it."""
    by_unit = {
        unit: (part["day"].to_numpy(), part["level"].to_numpy(float))
        for unit, part in levels.sort_values("day", kind="stable").groupby("unit")
    }
    spans = {period: _shifted(period, lag) for period in rows["period"].unique()}
    found = [
        _level(*by_unit[unit], *spans[period], carried=lag > 0) if unit in by_unit else np.nan
        for unit, period in rows[["unit", "period"]].itertuples(index=False)
    ]
    return rows.assign(level=np.array(found, dtype=float))


def _shifted(period: str, lag: int) -> tuple[pd.Timestamp, pd.Timestamp]:
    begin, end = span(period)
    months = (end.year - begin.year) * 12 + end.month - begin.month
    return begin - pd.DateOffset(months=lag * months), end - pd.DateOffset(months=lag * months)


def _level(days: np.ndarray, levels: np.ndarray, begin: pd.Timestamp, end: pd.Timestamp, *, carried: bool) -> float:
    """Return the mean of what was measured in a period, or the last before it; days are in order."""
    oldest, first, last = np.searchsorted(days, [each.to_datetime64() for each in (end - OLDEST, begin, end)])
    if last > first:
        return float(levels[first:last].mean())
    return float(levels[first - 1]) if carried and first > oldest else np.nan


def course(study: Study) -> pd.DataFrame:
    """Return the business metrics of the tree, ready for the model ``value ~ 0 + period`` with ``expected``.

    Parameters
    ----------
    study : helpers.data.Study
        With a metric tree and the table outcomes.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`metrics` of those periods of which at least ``min_group`` units have a value.
    """
    found, wanted = metrics(study), [branch.business for branch in study.metric_tree.branches]
    found = found[found["metric"].isin(wanted) & found["expected"].gt(0)]
    units = found.groupby(["metric", "period"])["unit"].transform("nunique")
    return found[units >= study.privacy.min_group].reset_index(drop=True)
