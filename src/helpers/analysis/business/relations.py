"""Employee-relations cases: how many, of what kind, how soon they are answered, and whether that changes.

Cases are about people, and so the rules here are the strictest of the project. Everything rests on whole periods of a
length in which every one has at least ``min_group`` cases; cases outside them count nowhere. Categories, channels,
departments, anonymity, what became of cases and periods are merged by one release plan
(:mod:`helpers.privacy.plan`), which leaves no sum or difference of what is shown with 1 to ``min_group`` - 1 cases. A
department also needs ``min_group`` employees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import optimize, stats
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.stats.rates import confint_poisson

from helpers.analysis.methods import clustered, control_charts, multiplicity, survival, time_series, units
from helpers.analysis.methods.counts import because, cannot_tell, people
from helpers.analysis.methods.people import People
from helpers.data import labels as published

if TYPE_CHECKING:
    from helpers.data import Study

#: Lengths of a period in months, and what readers call it; the shortest that is safe is taken.
LENGTHS = {1: "month", 3: "quarter", 6: "half-year", 12: "year"}
#: What cases are divided by, as the table cases names it, and what readers call it.
DIVIDED = {"category": "Category", "channel": "Channel", "department": "Department"}
ANONYMOUS, NAMED = "anonymous", "named"
UPHELD, NOT_UPHELD, OPEN = "upheld", "not upheld", "open"
#: Column of departments in tables of cases.
RAISED_IN = "raised_in"
FEW = "Fewer than {least} cases are recorded in whole periods, so nothing is said of them."
NO_HEADCOUNT = "The study has no headcount, so cases are not set beside how many employees there are."
NOT_ANONYMOUS = (
    "Anonymous and named cases are not compared: a group of them, or what is left, has fewer than {least} cases."
)
#: Fewest periods of which a trend is estimated.
LEAST = 8


@dataclass(frozen=True)
class Cases:
    """The cases of a study as they may be told of; made by :func:`prepared`.

    Attributes
    ----------
    rows : pandas.DataFrame
        One row per case: case_id, period, days_to_reply, replied, days_to_end, ended, reopened (missing where not
        recorded), upheld (1, 0, missing while open), recent (of the last periods, which stand apart), and, as far as
        they are recorded and may be told, category, channel, department, anonymity, all merged.
    periods : pandas.DataFrame
        One row per period: period, at (its number), cases, employees (missing without a headcount), exposure
        (employees, else 1), years, sin1, cos1.
    length : str
        What a period is called.
    employees : pandas.Series
        Employees by published department, mean over the periods.
    years : float
        Length of all periods.
    least : int
        Fewest cases of which anything is told.
    told : str
        What was merged and left out, in words.
    """

    rows: pd.DataFrame
    periods: pd.DataFrame
    length: str
    employees: pd.Series
    years: float
    least: int
    told: str


def prepared(study: Study) -> Cases:
    """Read the cases of a study, take whole periods, and merge what would tell of too few.

    Parameters
    ----------
    study : helpers.data.Study
        With the table cases; headcount and units, as far as it has them.

    Returns
    -------
    Cases
        See there. Without rows, ``told`` says why.

    Notes
    -----
    Records are taken to begin with the month of the first case, and to end with the last whole period before the day
    of the study. A case that was resolved without a reply waited for one until then; an open case as long as it was
    watched.
    """
    least, until = study.privacy.min_group, pd.Timestamp(study.as_of)
    cases = _read(study, until)
    length, months = _length(cases["opened"], until, least)
    cases = cases[cases["opened"].dt.to_period("M").isin(months)].reset_index(drop=True)
    if len(cases) < least or not len(months):
        empty = cases[:0].assign(period="")
        nothing = pd.DataFrame(columns=["period", "at", "cases", "employees", "exposure", "years", "sin1", "cos1"])
        return Cases(empty, nothing, "", pd.Series(dtype=float), 0.0, least, FEW.format(least=least))
    names = {
        month: _name(months[at - at % length : at - at % length + length], length) for at, month in enumerate(months)
    }
    cases["period"] = cases["opened"].dt.to_period("M").map(names).astype(str)
    heads = _headcount(study, months)
    merged, told = _merged(cases, heads, least)
    of = heads.groupby(["department"])["employees"].sum() / len(months)
    named_ = merged.attrs["departments"]
    employees = of.groupby([named_.get(name, name) for name in of.index]).sum() if len(of) else of
    periods = _periods(merged, heads, names, length)
    if not len(heads):
        told = f"{told} {NO_HEADCOUNT}".strip()
    return Cases(merged, periods, LENGTHS[length], employees, len(months) / 12, least, told)


def _read(study: Study, until: pd.Timestamp) -> pd.DataFrame:
    """Return every case with what is waited for; texts and outcomes stay behind."""
    table = study.table("cases")
    opened, replied, ended = (
        pd.to_datetime(table[name]) if name in table else pd.Series(pd.NaT, table.index)
        for name in ("opened_on", "first_reply_on", "resolved_on")
    )
    replied, ended = replied.where(replied >= opened), ended.where(ended >= opened)  # what lies before cannot be meant
    last = replied.fillna(ended).fillna(until)
    became = table["outcome"] if "outcome" in table else pd.Series(None, table.index, dtype=object)
    closed = became.notna() & became.ne("open")
    reopened = table["reopened_on"].notna().astype(float) if "reopened_on" in table else np.nan
    if "reopened_on" in table and not table["reopened_on"].notna().any():
        reopened = np.nan
    found = pd.DataFrame(
        {
            "case_id": table["case_id"], "opened": opened, "days_to_reply": (last - opened).dt.days.astype(float),
            "replied": replied.notna(), "days_to_end": (ended.fillna(until) - opened).dt.days.astype(float),
            "ended": ended.notna(), "reopened": reopened,
            "upheld": became.isin(["upheld", "partly_upheld"]).astype(float).where(closed),
        }
    )  # fmt: skip
    for name in DIVIDED:
        if name in table and table[name].notna().any():
            found[name] = table[name].astype(object)
    if "anonymous" in table and table["anonymous"].notna().any():
        known = table["anonymous"]
        yes = known.eq("yes") | known.eq(True)
        found["anonymity"] = np.where(known.isna(), "not recorded", np.where(yes, ANONYMOUS, NAMED))
    return found[found["opened"].notna() & found["opened"].le(until)].reset_index(drop=True)


def _length(opened: pd.Series, until: pd.Timestamp, least: int) -> tuple[int, list[pd.Period]]:
    """Return the shortest period of which every one has enough cases, and the months of all whole ones."""
    if not len(opened):
        return 12, []
    last = (until + pd.Timedelta(days=1)).to_period("M") - 1
    months = list(pd.period_range(opened.min().to_period("M"), last, freq="M"))
    of = opened.dt.to_period("M").value_counts()
    for length in LENGTHS:
        whole = months[len(months) % length :]
        sums = [sum(int(of.get(one, 0)) for one in whole[at : at + length]) for at in range(0, len(whole), length)]
        if sums and min(sums) >= least:
            return length, whole
    return 12, months[len(months) % 12 :]


def _name(months: Sequence[pd.Period], length: int) -> str:
    """Name a period by its months."""
    return str(months[0]) if length == 1 else f"{months[0]} to {months[-1]}"


def _headcount(study: Study, months: Sequence[pd.Period]) -> pd.DataFrame:
    """Return employees by department and month, of units that no other belongs to; no rows where nobody counted."""
    columns = ["department", "month", "employees"]
    if not study.has("headcount"):
        return pd.DataFrame(columns=columns)
    rows = study.table("headcount").dropna(subset=["employees"])
    known = study.table("units") if study.has("units") else pd.DataFrame({"unit": [], "parent": [], "department": []})
    rows = rows[~rows["unit"].isin(set(known["parent"].dropna()))]
    of = known.set_index("unit")["department"] if "department" in known else pd.Series(dtype=object)
    found = rows.assign(month=pd.to_datetime(rows["month"]).dt.to_period("M"), department=rows["unit"].map(of))
    found = found[found["month"].isin(months)].fillna({"department": "not recorded"})
    return found.groupby(["department", "month"])["employees"].sum().reset_index()[columns]


def _merged(cases: pd.DataFrame, heads: pd.DataFrame, least: int) -> tuple[pd.DataFrame, str]:
    """Merge labels by the release plan, all divisions at once; say what was merged."""
    rows = cases.copy()
    rows["state"], recent = _states(rows, least)
    small = _small(rows["department"], heads, least) if "department" in rows and len(heads) else []
    asked = {"department": {"Other departments": small}} if small else {}
    if rows["reopened"].notna().all():
        rows["again"] = np.where(rows["reopened"].eq(1), "again", "once")
    names = [name for name in (*DIVIDED, "anonymity", "state", "again", "period") if name in rows]
    labels, merged = published.of_cases(rows, names, least, asked)
    found, told = cases.copy(), []
    for name in (*DIVIDED, "anonymity"):
        if name not in labels:
            continue
        if labels[name] is None:
            del found[name]
            told.append(f"Not told by {name}: too few cases are of another.")
            continue
        found[name] = found[name].fillna("not recorded").astype(str).map(labels[name])
        told += [f"Told together as “{group}”: {', '.join(those)}." for group, those in merged[name].items()]
    safe = labels["state"] is not None and all(old == new for old, new in labels["state"].items())
    kept = labels["period"] is not None and all(old == new for old, new in labels["period"].items())
    found.attrs["departments"] = labels.get("department") or {}
    both = "anonymity" in found and set(found["anonymity"]) == {ANONYMOUS, NAMED}
    found.attrs["compared"], found.attrs["settled"] = bool(both), bool(both and safe and recent is not None)
    if not labels.get("again"):
        found["reopened"] = np.nan
    found["recent"] = rows["period"].isin(recent or [])
    found.attrs["course"] = bool(kept or cases["period"].nunique() == 1)
    return found, " ".join(told)


def _small(departments: pd.Series, heads: pd.DataFrame, least: int) -> list[str]:
    """Return departments to tell together, so that none of fewer than ``least`` employees is told of.

    A department of which nobody counted the employees is taken to have none.
    """
    known = heads.groupby("department")["employees"].mean()
    employees = known.reindex(departments.dropna().astype(str).unique()).fillna(0.0).sort_values(kind="stable")
    few = int((employees < least).sum())
    while 0 < few < len(employees) and (few < 2 or employees.iloc[:few].sum() < least):
        few += 1
    return [str(name) for name in employees.index[:few]] if few > 1 else []


def _states(rows: pd.DataFrame, least: int) -> tuple[pd.Series, list[str] | None]:
    """Say of every case by whom it was raised and what became of it, the last periods apart.

    As few of the last periods stand apart as leave no such group with 1 to ``least`` - 1 cases; None where none do.
    """
    became = np.select([rows["upheld"].eq(1), rows["upheld"].eq(0)], [UPHELD, NOT_UPHELD], OPEN)
    by = rows["anonymity"] if "anonymity" in rows else pd.Series("", index=rows.index)
    periods = sorted(rows["period"].unique())
    for apart in range(len(periods) // 2 + 1):
        recent = periods[len(periods) - apart :]
        what = np.where(rows["period"].isin(recent), "recent", became)
        state = by + ", " + pd.Series(what, index=rows.index)
        if state.value_counts().min() >= least:
            return state, recent
    return by + ", " + pd.Series(became, index=rows.index), None


def _periods(cases: pd.DataFrame, heads: pd.DataFrame, names: dict[pd.Period, str], length: int) -> pd.DataFrame:
    """Count cases and employees period by period."""
    order = list(dict.fromkeys(names.values()))
    counted = cases["period"].value_counts().reindex(order).fillna(0)
    monthly = heads.groupby("month")["employees"].sum()
    employees = monthly.groupby(monthly.index.map(names)).mean().reindex(order) if len(monthly) else np.nan
    found = pd.DataFrame({"period": order, "at": range(len(order)), "cases": counted.to_numpy(int)})
    found["employees"] = employees.to_numpy() if isinstance(employees, pd.Series) else np.nan
    turn = 2 * np.pi * (np.array([month.month for month in list(names)[::length]]) - 1) / 12
    exposure = found["employees"].where(found["employees"].gt(0))
    exposure = exposure if exposure.notna().all() else pd.Series(1.0, found.index)
    # Half-years and years are too long for a season.
    waves = {"sin1": np.sin(turn), "cos1": np.cos(turn)} if length < 6 else {"sin1": 0.0, "cos1": 0.0}
    return found.assign(exposure=exposure, years=found["at"] * length / 12, **waves)


def rates(cases: Cases, by: str = "", confidence: float = 0.95) -> pd.DataFrame:
    """Count cases, and set them beside the employees there are.

    Parameters
    ----------
    cases : Cases
        The cases.
    by : {"", "category", "channel", "department"}
        What they are divided by; all together without.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the column ``by`` (departments as ``raised_in``, since the breakdown of the same name is one
        of people who answer), cases, share (per cent of all), employees, estimate, low, high (cases per 100 employees
        in a year), respondents (cases), people, method, note. Categories and channels stand beside all
        employees. Without a headcount, estimate, low and high are missing.

    Notes
    -----
    The exact interval of a Poisson count (Garwood 1936; statsmodels' ``confint_poisson``), employees taken as known. It
    takes cases to come one by one: where several are about one matter it is too short.

    References
    ----------
    Garwood, F. (1936). Fiducial limits for the Poisson distribution. *Biometrika*, 28(3-4), 437-442.

    Examples
    --------
    >>> from helpers.data import Study
    >>> cases = prepared(Study.load("data/sample"))
    >>> rates(cases, "channel")[["channel", "cases", "estimate", "low", "high"]].round(1)
          channel  cases  estimate  low  high
    0  HR partner    104       1.2  1.0   1.5
    1     hotline     91       1.1  0.9   1.3
    2     manager     65       0.8  0.6   1.0
    """
    rows, told = cases.rows, []
    named = RAISED_IN if by == "department" else by
    columns = [
        *([named] if by else []),
        "cases",
        "share",
        "employees",
        "estimate",
        "low",
        "high",
        "respondents",
        "note",
    ]
    if by and by not in rows:
        return because(
            pd.DataFrame(columns=columns), f"Cases are not told by {by}: it is not recorded, or too few differ."
        )
    everybody = float(cases.employees.sum())
    for label, part in rows.groupby(by, sort=True) if by else [("", rows)]:
        there = float(cases.employees.get(label, np.nan)) if by == "department" else everybody
        row: dict[str, Any] = {named: label} if by else {}
        row |= {
            "cases": len(part),
            "share": 100 * len(part) / len(rows),
            "employees": round(there) if there > 0 else np.nan,
        }
        row |= {"estimate": np.nan, "low": np.nan, "high": np.nan, "method": "exact Poisson interval", "note": ""}
        if there >= cases.least:
            exposure = there * cases.years / 100
            low, high = confint_poisson(len(part), exposure, method="exact-c", alpha=1 - confidence)
            row |= {"estimate": len(part) / exposure, "low": float(low), "high": float(high)}
        else:
            row["note"] = cannot_tell("there is no headcount, or it is too small")
            row["employees"] = np.nan
        told.append(row | _of(part, "cases"))
    return because(pd.DataFrame(told, columns=None if told else columns), cases.told)


def _of(part: pd.DataFrame, value: str, additive: bool = True) -> dict[str, Any]:
    """Count the cases behind a row, and keep which they are."""
    found = people(part, "case_id", value=value, additive=additive)
    return {name: found[name] for name in ("respondents", "people")}


def anonymous_share(cases: Cases, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate which share of the cases was raised anonymously, and which was opened again.

    Parameters
    ----------
    cases, confidence
        As for :func:`rates`.

    Returns
    -------
    pandas.DataFrame
        One row per share that is recorded and may be told: measure, source (anonymous, reopened), estimate, low, high
        (per cent), respondents (cases), people, method, note.

    Examples
    --------
    >>> from helpers.data import Study
    >>> cases = prepared(Study.load("data/sample"))
    >>> anonymous_share(cases)[["measure", "estimate", "low", "high"]].round()
                        measure  estimate   low  high
    0  Cases raised anonymously      28.0  23.0  33.0
    """
    rows = cases.rows
    parts: list[pd.DataFrame] = []
    asked = {"anonymous": ("Cases raised anonymously", None), "reopened": ("Cases opened again", None)}
    if "anonymity" in rows and set(rows["anonymity"]) == {ANONYMOUS, NAMED}:
        asked["anonymous"] = ("Cases raised anonymously", rows["anonymity"].eq(ANONYMOUS).astype(float))
    again = rows["reopened"].sum() if "reopened" in rows else 0
    if len(rows) and rows["reopened"].notna().all() and cases.least <= again <= len(rows) - cases.least:
        asked["reopened"] = ("Cases opened again", rows["reopened"])
    for source, (words, hit) in asked.items():
        if hit is not None:
            of = rows.assign(**{f"case {source}": hit})
            found = clustered.proportion(of, f"case {source}", "case_id", confidence=confidence)
            parts.append(units.per_cent(found).assign(measure=words, source=source))
    names = ["measure", "source", "estimate", "low", "high", "respondents", "people", "method", "note"]
    found = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
    return because(
        found, "Shares of anonymous cases and of cases opened again are not told: not recorded, or too few differ."
    )


def waiting(cases: Cases, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate after how many days half of the cases have a first reply, and an end.

    Parameters
    ----------
    cases, confidence
        As for :func:`rates`.

    Returns
    -------
    pandas.DataFrame
        One row per wait, for all cases and, where it may be told, anonymous and named ones: measure, source (replied,
        ended), anonymity, estimate, low, high (days, median), respondents (cases), people, method, note.

    Notes
    -----
    Kaplan-Meier (:func:`helpers.analysis.methods.survival.quantile_time`): open cases count for as long as they were
    watched.

    Examples
    --------
    >>> from helpers.data import Study
    >>> cases = prepared(Study.load("data/sample"))
    >>> waiting(cases)[["measure", "anonymity", "estimate", "low", "high"]].head(3).round()
           measure  anonymity  estimate  low  high
    0  First reply        all       4.0  3.0   4.0
    1  First reply  anonymous       6.0  5.0   9.0
    2  First reply      named       3.0  3.0   4.0
    """
    rows = cases.rows
    parts: list[pd.DataFrame] = []
    sets = [("all", rows)]
    if rows.attrs.get("compared"):
        sets += [(str(name), part) for name, part in rows.groupby("anonymity")]
    for words, days, end in (("First reply", "days_to_reply", "replied"), ("Resolution", "days_to_end", "ended")):
        for label, part in sets if len(rows) else []:
            found = survival.quantile_time(part, days, end, cluster="case_id", confidence=confidence)
            parts.append(found.assign(measure=words, source=end, anonymity=label))
    names = ["measure", "source", "anonymity", "estimate", "low", "high", "respondents", "people", "method", "note"]
    found = pd.concat(parts, ignore_index=True).reindex(columns=names) if parts else pd.DataFrame(columns=names)
    return because(found, cases.told)


def still_waiting(cases: Cases, days: str, end: str, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the share of cases without a first reply, or an end, after so many days.

    Parameters
    ----------
    cases, confidence
        As for :func:`rates`.
    days, end : str
        ``days_to_reply`` and ``replied``, or ``days_to_end`` and ``ended``.

    Returns
    -------
    pandas.DataFrame
        One row per group (anonymous and named where that may be told, else all) and day: anonymity, day, estimate, low,
        high (per cent), respondents (cases of the group), people, method, note.

    Notes
    -----
    Kaplan-Meier. Days are shown between which at least ``min_group`` cases ended, and up to the last at which as many
    still wait: a step of the curve would otherwise tell of one case.

    Examples
    --------
    >>> from helpers.data import Study
    >>> cases = prepared(Study.load("data/sample"))
    >>> found = still_waiting(cases, "days_to_reply", "replied")
    >>> found[["anonymity", "day", "estimate", "low", "high"]].head(2).round()
       anonymity  day  estimate   low  high
    0  anonymous    1      88.0  77.0  93.0
    1  anonymous    3      75.0  63.0  84.0
    """
    rows = cases.rows
    parts: list[pd.DataFrame] = []
    sets = [("all", rows)] if len(rows) else []
    if rows.attrs.get("compared"):
        sets = [(str(name), part) for name, part in rows.groupby("anonymity")]
    for label, part in sets:
        shown = _days(part[days].to_numpy(), part[end].to_numpy(bool), cases.least)
        found = survival.kaplan_meier(part, days, end, cluster="case_id", at=shown, confidence=confidence)
        who = _of(part, f"{end} after days", additive=False)
        parts.append(
            units.per_cent(found).assign(
                anonymity=label, day=found["time"].astype(int), **{k: [v] * len(found) for k, v in who.items()}
            )
        )
    names = ["anonymity", "day", "estimate", "low", "high", "respondents", "people", "method", "note"]
    found = pd.concat(parts, ignore_index=True)[names] if parts else pd.DataFrame(columns=names)
    return because(found, "Too few cases ended to draw how long others wait.")


def _days(days: np.ndarray, ended: np.ndarray, least: int) -> list[float]:
    """Return days between which at least so many cases ended, and after each of which none or as many still wait."""
    shown, since = [0.0] if not (ended & (days == 0)).any() else [], 0
    for day in np.unique(days):
        since += int((ended & (days == day)).sum())
        if since >= least and int((days > day).sum()) >= least:
            shown.append(float(day))
            since = 0
    return shown


def settled(cases: Cases, longest: int = 60) -> dict[str, pd.DataFrame]:
    """Return the cases by which anonymous and named ones are compared, ready for models.

    Parameters
    ----------
    cases : Cases
        The cases.
    longest : int
        Days that a case without a reply counts as having waited, at most.

    Returns
    -------
    dict
        Under "Anonymous against named" the cases of all periods but the last ones, which stand apart until enough of
        them are closed: days (to the first reply), upheld (1, 0, missing while open), anonymous (1, 0). Nothing where
        a group of them, or what is left of one, would have fewer than ``min_group`` cases.
    """
    rows = cases.rows
    if not rows.attrs.get("settled"):
        return {}
    rows = rows[~rows["recent"]]
    days = rows["days_to_reply"].clip(upper=longest)
    return {"Anonymous against named": rows.assign(anonymous=rows["anonymity"].eq(ANONYMOUS).astype(float), days=days)}


def together(cases: Cases, *found: pd.DataFrame) -> pd.DataFrame:
    """Put what was estimated of the same cases together, with p-values adjusted for all; say why there may be none."""
    rows = pd.concat(list(found), ignore_index=True)
    rows = rows.assign(p_adjusted=multiplicity.adjusted(rows["p_value"].astype(float)))
    return because(rows, NOT_ANONYMOUS.format(least=cases.least))


def trend(model: GLM | smf.glm, term: str = "years", confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how fast cases become more, by Poisson or negative binomial regression as their dispersion asks.

    Parameters
    ----------
    model : statsmodels GLM
        A Poisson model of counts by period, such as
        ``smf.glm("cases ~ years", periods, family=Poisson(), exposure=periods["exposure"])``.
    term : str
        The term whose log ratio is told.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row: estimate, low, high (log ratio), p_value, degrees_of_freedom, dispersion (Pearson's statistic per
        degree of freedom), respondents (cases), people, method, note. Below :data:`LEAST` periods, the note begins with
        ``cannot tell:``.

    Notes
    -----
    Poisson where Pearson's statistic is at most its degrees of freedom; else negative binomial with variance
    mu + alpha mu^2, alpha such that the statistic is its degrees of freedom (Breslow 1984). No test decides between
    them: one that misses dispersion would make intervals too short. Intervals by t with those degrees of freedom, since
    periods are few.

    References
    ----------
    Breslow, N. E. (1984). Extra-Poisson variation in log-linear models. *Applied Statistics*, 33(1), 38-44.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from statsmodels.genmod.families import Poisson
    >>> from helpers.data import Study
    >>> cases = prepared(Study.load("data/sample"))
    >>> model = smf.glm("cases ~ years", cases.periods, family=Poisson(), exposure=cases.periods["exposure"])
    >>> trend(model)[["estimate", "low", "high", "method"]].round(2)
       estimate   low  high                        method
    0       0.1 -0.15  0.35  negative binomial regression
    """
    counted = int(model.endog.sum())
    row: dict[str, Any] = {"respondents": counted, "people": People(pd.DataFrame(), additive=False)}
    names = ("estimate", "low", "high", "p_value", "degrees_of_freedom", "dispersion")
    row |= dict.fromkeys(names, np.nan) | {"method": "Poisson regression", "note": ""}
    free = len(model.endog) - int(np.linalg.matrix_rank(model.exog))
    if len(model.endog) < LEAST or free < 2 or not counted:
        return pd.DataFrame([row | {"note": cannot_tell(f"a trend takes {LEAST} periods")}])
    fit = model.fit()
    pearson = float(fit.pearson_chi2)
    row["dispersion"] = pearson / free
    if pearson > free:
        fit = _negative_binomial(model, fit, free)
        row["method"] = "negative binomial regression"
    at = model.exog_names.index(term)
    estimate, error = float(np.asarray(fit.params)[at]), float(np.asarray(fit.bse)[at])
    reach = stats.t.ppf((1 + confidence) / 2, free) * error
    row |= {"estimate": estimate, "low": estimate - reach, "high": estimate + reach, "degrees_of_freedom": float(free)}
    return pd.DataFrame([row | {"p_value": float(2 * stats.t.sf(abs(estimate) / error, free))}])


def _negative_binomial(model: GLM, fit: Any, free: int) -> Any:
    """Fit the model with the alpha at which Pearson's statistic is its degrees of freedom, one after the other."""
    exposure, counts, alpha = np.exp(model._offset_exposure), np.asarray(model.endog), 0.0
    for _ in range(10):
        mean = np.asarray(fit.mu)

        def off(log_alpha: float, mean: np.ndarray = mean) -> float:
            return float(np.sum((counts - mean) ** 2 / (mean + np.exp(log_alpha) * mean**2))) - free

        low, high = np.log(1e-6), np.log(2.0)
        before, alpha = (
            alpha,
            np.exp(low if off(low) <= 0 else high if off(high) >= 0 else optimize.brentq(off, low, high)),
        )
        again = GLM(counts, model.exog, family=families.NegativeBinomial(alpha=float(alpha)), exposure=exposure)
        fit = again.fit(start_params=np.asarray(fit.params))
        if abs(alpha - before) < 1e-4 * alpha:
            break
    return fit


def exceedance(cases: Cases, baseline: int) -> pd.DataFrame:
    """Chart cases per 100 employees, period by period (u′).

    Parameters
    ----------
    cases : Cases
        The cases.
    baseline : int
        First periods from which the chart takes what is usual.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`helpers.analysis.methods.control_charts.counts` with measure, kind, measured_in, period,
        autocorrelation, respondents (cases) and people. Without rows ``attrs["absent"]`` says why.
    """
    rows = cases.periods
    least = control_charts.LEAST
    words = "Cases per 100 employees" if rows["employees"].notna().all() and len(rows) else "Cases"
    columns = ["measure", "kind", "measured_in", "period", *control_charts.COLUMNS, "autocorrelation", "respondents"]
    if len(rows) < least or not cases.rows.attrs.get("course"):
        absent = f"A control chart takes {least} periods of at least {cases.least} cases each; there are {len(rows)}."
        return because(pd.DataFrame(columns=columns), absent)
    first = rows.iloc[:baseline]
    rho = time_series.autocorrelation(first["cases"] / first["exposure"], first["at"])
    per = 100 if words != "Cases" else 1
    found = control_charts.counts(rows, "cases", "exposure", "u", baseline, rho, per=per)
    who = [_of(part, "cases in a period") for _, part in cases.rows.groupby("period", sort=False)]
    by = dict(zip(cases.rows["period"].unique(), who, strict=True))
    found = found.assign(
        measure=words, kind="u′", measured_in="per 100" if per == 100 else "cases", autocorrelation=rho,
        respondents=found["cases"], people=[by[period]["people"] for period in found["period"]],
    )  # fmt: skip
    return found
