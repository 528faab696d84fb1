"""The pulse over time: what lies outside what is usual, what changed when something began, and in what order."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd
from statsmodels.base.model import Model

from helpers.analysis.business import panel
from helpers.analysis.methods import control_charts, time_series
from helpers.analysis.methods.counts import because
from helpers.analysis.methods.people import People
from helpers.analysis.practice import tallies
from helpers.analysis.practice.behaviour import span
from helpers.columns import number
from helpers.data.problems import input_error, shown

if TYPE_CHECKING:
    from helpers.data import Study

COLUMNS = ["item", "period", "month", "mean", "respondents"]
#: The two comparisons: each set of units with itself before, and beside units that had not begun.
OWN, BESIDE = "Units that began", "Less units that did not"
#: Months before a change within which what began or was due is named.
WITHIN = 6
ANSWERED = "Share of employees who answered"
NO_PULSE = "No unit has a month in which at least the study’s minimum of people answered."
NO_START = "The study does not record when units began something, so no month divides before from after."
NO_CHANGE = "No change of level of all units is sure enough to ask what came before it."


def _rows(study: Study) -> pd.DataFrame:
    """Return the pulse of units that no other belongs to, where at least ``min_group`` people answered."""
    columns = ["unit", "month", "item", "n", "mean"]
    found = study.table("pulse") if study.has("pulse") else pd.DataFrame(columns=columns)
    parents = set(study.table("units")["parent"].dropna()) if study.has("units") else set()
    found = found[~found["unit"].isin(parents) & found["n"].ge(study.privacy.min_group) & found["mean"].notna()]
    return found.assign(
        month=pd.to_datetime(found["month"]), n=found["n"].astype(float), mean=found["mean"].astype(float)
    )


def _together(rows: pd.DataFrame) -> pd.DataFrame:
    """Put the units of a set together, month by month; which of them are missing in a month changes nothing."""
    weighted = rows.assign(weighted=rows["n"] * rows["mean"])
    by_unit = weighted.groupby(["item", "unit"])[["weighted", "n"]].transform("sum")
    by_item = weighted.groupby("item")[["weighted", "n"]].transform("sum")
    off = weighted["mean"] - by_unit["weighted"] / by_unit["n"] + by_item["weighted"] / by_item["n"]
    weighted = weighted.assign(off=weighted["n"] * off)
    sums = weighted.groupby(["item", "month"], sort=True)[["off", "n"]].sum().reset_index()
    return pd.DataFrame(
        {
            "item": sums["item"], "period": sums["month"].dt.strftime("%Y-%m"),
            "month": 12 * sums["month"].dt.year + sums["month"].dt.month, "mean": sums["off"] / sums["n"],
            "respondents": sums["n"].astype(int),
        }
    )  # fmt: skip


def _timed(rows: pd.DataFrame) -> pd.DataFrame:
    """Add what models take: years since the first month, and a season of two waves a year."""
    turn = 2 * np.pi * rows["month"].astype(float) / 12
    waves = {"sin1": np.sin(turn), "cos1": np.cos(turn), "sin2": np.sin(2 * turn), "cos2": np.cos(2 * turn)}
    return rows.assign(years=(rows["month"] - rows["month"].min()).astype(float) / 12, **waves)


def series(study: Study) -> pd.DataFrame:
    """Return every item of the pulse over all units, month by month.

    Parameters
    ----------
    study : helpers.data.Study
        With the table pulse.

    Returns
    -------
    pandas.DataFrame
        One row per item and month: item, period (2026-06), month (its number), mean (points of the item), respondents
        (answers in that month), years (since the first) and season (sin1, cos1, sin2, cos2). Without rows
        ``attrs["absent"]`` says why.

    Notes
    -----
    The mean over all answers plus the weighted mean, over units, of how far each is from its own mean of all months.
    So a unit that is missing in a month does not move the series. A unit's month counts from ``min_group`` answers on,
    here and in every set of units, so that whatever one set tells beyond another rests on as many people.
    """
    return because(_timed(_together(_rows(study))), NO_PULSE)


def course(months: pd.DataFrame) -> pd.DataFrame:
    """Return what a chart of :func:`series` draws: what (the item), period, estimate, respondents and people."""
    words = [named(str(item)) for item in months["item"]]
    found = months[["period", "respondents"]].assign(what=words, estimate=months["mean"], people=_nobody(months))
    return because(found, str(months.attrs.get("absent", "")))


def charts(study: Study, baseline: int) -> pd.DataFrame:
    """Chart every series of the study that has :data:`helpers.analysis.methods.control_charts.LEAST` points or more.

    Parameters
    ----------
    study : helpers.data.Study
        With pulse, headcount, outcomes and tallies of routines, as far as it has them.
    baseline : int
        First points from which centres and limits come.

    Returns
    -------
    pandas.DataFrame
        Rows of :mod:`helpers.analysis.methods.control_charts` with measure (what is charted), kind (XmR, p′, u′),
        measured_in, period, day, value, respondents and people. Without rows ``attrs["absent"]`` says why;
        ``attrs["left_out"]`` names what is too short, or never varies.

    Notes
    -----
    Items by XmR; the share of employees who answered by p′, over units with a headcount; counts of the table outcomes
    by u′, of all units together, where no period counts fewer than ``min_group``. Tallies of routines
    (:func:`helpers.analysis.practice.tallies.monthly`) by p′ where they are a part of another, else by XmR.
    """
    parts, short, level = [], [], []
    for name, kind, unit, rows in _charted(study):
        if len(rows) < control_charts.LEAST:
            short.append(name)
            continue
        first = rows.iloc[:baseline]
        values = first["value"] if kind == "XmR" else first["count"] / first["out_of"]
        rho = time_series.autocorrelation(values, first["month"])
        if kind == "XmR":
            found = control_charts.individuals(rows, "value", baseline, rho)
        else:
            what: Literal["p", "u"] = "p" if kind == "p′" else "u"
            found = control_charts.counts(rows, "count", "out_of", what, baseline, rho, per=100)
        if found["centre"].isna().all():
            level.append(name)
            continue
        found = found.assign(autocorrelation=rho)
        parts.append(found.assign(measure=name, kind=kind, measured_in=unit))
    columns = [
        "measure",
        "kind",
        "measured_in",
        "period",
        "day",
        "month",
        "value",
        *control_charts.COLUMNS,
        "autocorrelation",
        "respondents",
        "people",
    ]
    found = pd.concat(parts, ignore_index=True).reindex(columns=columns) if parts else pd.DataFrame(columns=columns)
    least = control_charts.LEAST
    known = found["people"].where(found["people"].notna(), pd.Series(_nobody(found), found.index, dtype=object))
    found = because(found.assign(people=known), f"No series has the {least} points that a control chart takes.")
    why = {
        f"Too short for a control chart, which takes {least} points": short,
        "Not charted, since it never varies": level,
    }
    said = [f"{words}: {', '.join(f'“{name}”' for name in names)}." for words, names in why.items() if names]
    found.attrs["left_out"] = " ".join(said)
    return found


def _nobody(rows: pd.DataFrame) -> list[People]:
    """Say of rows that no set of single people stands behind them: pulses come as means of units."""
    return [People(pd.DataFrame(), additive=False)] * len(rows)


def _charted(study: Study) -> list[tuple[str, str, str, pd.DataFrame]]:
    """Return what may be charted: name, kind of chart, unit and rows in order of time."""
    found: list[tuple[str, str, str, pd.DataFrame]] = []
    for item, rows in series(study).groupby("item", sort=False):
        days = pd.to_datetime(rows["period"])
        found.append((named(str(item)), "XmR", "points", rows.assign(day=days, value=rows["mean"])))
    found += [(ANSWERED, "p′", "per cent", rows) for rows in _answered(study)]
    for metric, rows in _counted(study).groupby("metric", sort=False):
        found.append((named(str(metric)), "u′", "per 100", rows.reset_index(drop=True)))
    found += _tallied(study)
    return [(name, kind, unit, rows.reset_index(drop=True)) for name, kind, unit, rows in found]


def _tallied(study: Study) -> list[tuple[str, str, str, pd.DataFrame]]:
    """Return the tallies of routines: shares of what they are a part of, else counts, month by month."""
    found: list[tuple[str, str, str, pd.DataFrame]] = []
    for (routine, what, _), rows in tallies.monthly(study).groupby(["routine", "what", "field"], sort=False):
        name = f"{routine}, {what[:1].lower()}{what[1:]}"
        if rows["out_of"].notna().all():
            found.append((name, "p′", "per cent", rows[rows["out_of"].gt(0)]))
        else:
            found.append((name, "XmR", "a month", rows.assign(value=rows["count"])))
    return found


def _answered(study: Study) -> list[pd.DataFrame]:
    """Return who answered of the employees, month by month, where the study has a headcount."""
    if not study.has("headcount"):
        return []
    asked = study.table("headcount")[["unit", "month", "employees"]]
    rows = _rows(study).groupby(["unit", "month"], as_index=False)["n"].max()
    rows = rows.merge(asked.assign(month=pd.to_datetime(asked["month"])), on=["unit", "month"])
    sums = rows[rows["employees"].ge(rows["n"])].groupby("month")[["n", "employees"]].sum().reset_index()
    numbers = 12 * sums["month"].dt.year + sums["month"].dt.month
    named_ = {
        "count": sums["n"],
        "out_of": sums["employees"].astype(float),
        "respondents": sums["employees"].astype(int),
    }
    return [
        pd.DataFrame({"period": sums["month"].dt.strftime("%Y-%m"), "month": numbers, "day": sums["month"], **named_})
    ]


def _counted(study: Study) -> pd.DataFrame:
    """Return the counts of the table outcomes, of all units together, by metric and period."""
    columns = ["metric", "period", "month", "day", "count", "out_of", "respondents"]
    if not study.has("outcomes"):
        return pd.DataFrame(columns=columns)
    rows = panel.metrics(study)
    rows = rows[rows["denominator"].notna()]
    sums = rows.groupby(["metric", "period"])[["value", "denominator"]].sum().reset_index()
    few = (
        sums["value"].between(0, study.privacy.min_group, inclusive="neither").groupby(sums["metric"]).transform("any")
    )
    sums = sums[~few.astype(bool)]
    days = pd.Series([span(period)[0] for period in sums["period"]], sums.index, dtype="datetime64[ns]")
    sums = sums.assign(day=days, count=sums["value"], out_of=sums["denominator"], respondents=sums["denominator"])
    sums = sums.sort_values(["metric", "day"])
    return sums.assign(month=sums.groupby("metric").cumcount(), respondents=sums["respondents"].astype(int))[columns]


def alarms(charted: pd.DataFrame, baseline: int) -> pd.DataFrame:
    """Say of every chart what is usual, where alarms lie and how often it would give one by chance.

    Parameters
    ----------
    charted, baseline
        What :func:`charts` returned, and was given.

    Returns
    -------
    pandas.DataFrame
        One row per chart: measure, kind, and as :func:`helpers.analysis.methods.control_charts.summary`; respondents
        (fewest of a point) and people.
    """
    rows = []
    for _, chart in charted.groupby("measure", sort=False):
        rho = float(chart["autocorrelation"].iloc[0])
        told = control_charts.summary(chart, "period", baseline, rho, ["measure", "kind", "measured_in"])
        rows.append(
            told | {"respondents": chart["respondents"].min(), "people": People(pd.DataFrame(), additive=False)}
        )
    return because(pd.DataFrame(rows, columns=None if rows else ["measure"]), str(charted.attrs.get("absent", "")))


def starts(study: Study, began: str = "") -> pd.DataFrame:
    """Return when which units began something.

    Parameters
    ----------
    study : helpers.data.Study
        With practice_draws of teams, or without.
    began : str
        A month, such as 2025-10, from which something began in all units; then no other start counts.

    Returns
    -------
    pandas.DataFrame
        One row per unit: what (practice), playbook, unit, first (the first whole month after it began; missing for
        units that were in the draw and never began).
    """
    columns = ["what", "playbook", "unit", "first"]
    if began:
        units = study.table("pulse")["unit"].unique()
        return pd.DataFrame({"what": "", "playbook": None, "unit": units, "first": span(began)[0]})
    drawn = study.table("practice_draws") if study.has("practice_draws") else pd.DataFrame()
    if "team" not in drawn or "starts_on" not in drawn:
        return pd.DataFrame(columns=columns)
    drawn = drawn.dropna(subset=["team"]).rename(columns={"team": "unit"})
    days = pd.to_datetime(drawn["starts_on"])
    first = (days + pd.offsets.MonthBegin(1)).dt.normalize()
    what = drawn["practice"].str.replace("_", " ")
    books = {name: one.playbook for name, one in study.practices.items()}
    return drawn.assign(first=first, what=what, playbook=drawn["practice"].map(books))[columns].reset_index(drop=True)


def interrupted(study: Study, began: str = "") -> pd.DataFrame:
    """Return the series before and after units began something, ready for a model.

    Parameters
    ----------
    study, began
        As for :func:`starts`.

    Returns
    -------
    pandas.DataFrame
        Rows of :func:`series` with since (what began, and the first month), aspect (:data:`OWN`, or :data:`BESIDE`:
        less the units that did not begin up to the last month), after (0 before, 1 from that month on) and playbook.
        Without rows ``attrs["absent"]`` says why.
    """
    rows, begun = _rows(study), starts(study, began)
    parts = []
    last = rows["month"].max()
    for (what, first), own in begun.dropna(subset=["first"]).groupby(["what", "first"]):
        ever = begun[(begun["what"] == what) & begun["first"].le(last)]
        others = rows[~rows["unit"].isin(ever["unit"])]
        mine = _together(rows[rows["unit"].isin(own["unit"])])
        since = f"{what}, from {first:%Y-%m}" if what else f"from {first:%Y-%m}"
        named_ = {"since": since, "playbook": own["playbook"].iloc[0], "what": what}
        sets = {OWN: mine}
        if len(others) and len(mine):
            both = mine.merge(_together(others), on=["item", "period", "month"], suffixes=("", "_others"))
            fewest = both[["respondents", "respondents_others"]].min(axis=1)
            sets[BESIDE] = both.assign(mean=both["mean"] - both["mean_others"], respondents=fewest)[COLUMNS]
        number = 12 * first.year + first.month
        for aspect, part in sets.items():
            parts.append(part.assign(aspect=aspect, after=part["month"].ge(number).astype(float), **named_))
    found = (
        pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*COLUMNS, "since", "aspect", "after"])
    )
    return because(_timed(found), NO_START if not len(begun) else NO_PULSE)


def in_words(found: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add to estimated changes what tables and sentences call them.

    Parameters
    ----------
    found : pandas.DataFrame
        What :func:`helpers.analysis.methods.time_series.level_change` returned by item, since and aspect.
    rows : pandas.DataFrame
        What :func:`interrupted` returned.

    Returns
    -------
    pandas.DataFrame
        The rows with what (the item), began (what units began; empty where a month was named), month, playbook and id.
    """
    of = rows.drop_duplicates("since").set_index("since")[["playbook", "what"]] if len(rows) else pd.DataFrame()
    facts = {
        "what": [named(str(item)) for item in found["item"]],
        "began": [str(of["what"].get(since, "")) for since in found["since"]],
        "month": [str(since).rsplit(" ", 1)[-1] for since in found["since"]],
        "playbook": [of["playbook"].get(since) for since in found["since"]],
        "id": [
            f"{item}-{str(since).replace(', from ', '-').replace(' ', '_')}"
            for item, since in found[["item", "since"]].itertuples(index=False)
        ],
    }
    told = found.assign(**facts)
    return because(told.drop(columns="item"), str(rows.attrs.get("absent", "")))


def for_sentences(published: pd.DataFrame) -> pd.DataFrame:
    """Return the rows of which sentences are told: units beside themselves, with the other comparison as a caveat.

    Parameters
    ----------
    published : pandas.DataFrame
        Rows of :func:`in_words`, as published.

    Returns
    -------
    pandas.DataFrame
        The rows with :data:`OWN`, with who (in words), beside (what the other comparison gave; missing where there is
        none) and association (true: a series before and after is no lot).
    """
    if not len(published):
        return published
    of = number("", 2)
    others = published[published["aspect"] == BESIDE].dropna(subset=["estimate", "low", "high"]).set_index("id")
    words = {
        name: f"Less units that did not begin, it is {of.printed(row['estimate'])} points "
        f"({of.printed(row['low'])} to {of.printed(row['high'])})."
        for name, row in others.iterrows()
    }
    own = published[published["aspect"] == OWN]
    who = [f"units that began a {began}" if began else "all units" for began in own["began"]]
    return own.assign(association=True, who=who, beside=[words.get(name, np.nan) for name in own["id"]])


def change_points(models: dict[Any, Model], confidence: float = 0.95) -> pd.DataFrame:
    """Look in each item for one change of level of all units.

    Parameters
    ----------
    models : dict of statsmodels OLS model
        By item, of the series without a change.
    confidence : float
        As for :func:`helpers.analysis.methods.time_series.change_point`.

    Returns
    -------
    pandas.DataFrame
        One row per item: item, what, changed, earliest, latest (first month of the new level and ends of its interval;
        empty where there is none), size (points), p_value, respondents, people, method, note.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from helpers.data import Study
    >>> rows = series(Study.load("data/sample")).query("item == 'hr_and_managers_pull_together'")
    >>> fits = {"pull together": smf.ols("mean ~ years + sin1 + cos1", rows)}
    >>> change_points(fits)[["item", "changed", "earliest", "latest"]]
                item  changed earliest   latest
    0  pull together  2025-10  2025-10  2025-10
    """
    rows = []
    for item, model in models.items():
        told = time_series.change_point(model, "month", confidence=confidence)
        periods = model.data.frame.loc[model.data.row_labels, "period"].tolist()
        places = {"changed": told.pop("place"), "earliest": told.pop("low"), "latest": told.pop("high")}
        told |= {name: "" if np.isnan(at) else periods[int(at)] for name, at in places.items()}
        told["size"] = told["size"] if told["changed"] else np.nan
        rows.append({"item": item, "what": named(str(item))} | told)
    columns = ["item", "what", "changed", "earliest", "latest", "size", "p_value", "respondents", "note"]
    return because(pd.DataFrame(rows, columns=None if rows else columns), NO_PULSE)


def came_before(study: Study, changes: pd.DataFrame) -> pd.DataFrame:
    """Say what began or was due before each change of level, in order of time alone.

    Parameters
    ----------
    study : helpers.data.Study
        With practice_draws and actions, as far as it has them.
    changes : pandas.DataFrame
        What :func:`change_points` returned.

    Returns
    -------
    pandas.DataFrame
        One row per change and what began or was due in the :data:`WITHIN` months before its interval, or in it: what,
        changed (with its interval), happened, on (date), order (in words). Without rows ``attrs["absent"]`` says why.
    """
    rows, known = [], _events(study)
    found = changes[changes["changed"] != ""]
    for one in found.to_dict("records"):
        earliest, latest = pd.Timestamp(one["earliest"]), pd.Timestamp(one["latest"])
        near = known[(known["day"] >= earliest - pd.DateOffset(months=WITHIN)) & (known["day"] < latest)]
        ends = f"{one['changed']} ({one['earliest']} to {one['latest']})"
        for day, words in near[["day", "words"]].itertuples(index=False):
            order = "before the change" if day < earliest else "cannot tell which came first"
            rows.append(
                {"what": one["what"], "changed": ends, "happened": words, "on": f"{day:%Y-%m-%d}", "order": order}
            )
    absent = "Nothing is recorded that began or was due in the six months before a change." if len(found) else NO_CHANGE
    return because(pd.DataFrame(rows, columns=["what", "changed", "happened", "on", "order"]), absent)


def _events(study: Study) -> pd.DataFrame:
    """Return what began (practices, by day) and what was due (actions)."""
    parts = [pd.DataFrame({"day": pd.Series(dtype="datetime64[ns]"), "words": []})]
    if study.has("practice_draws") and "starts_on" in study.table("practice_draws"):
        drawn = study.table("practice_draws").dropna(subset=["starts_on"]).drop_duplicates(["practice", "starts_on"])
        words = [f"{name.replace('_', ' ').capitalize()}: start" for name in drawn["practice"]]
        parts.append(pd.DataFrame({"day": pd.to_datetime(drawn["starts_on"]), "words": words}))
    if study.has("actions") and "due_on" in study.table("actions"):
        due = study.table("actions").dropna(subset=["due_on"])
        states = due["status"].str.replace("_", " ")
        words = [f"{action} (due, {state})" for action, state in zip(due["action"], states, strict=True)]
        parts.append(pd.DataFrame({"day": pd.to_datetime(due["due_on"]), "words": words}))
    return pd.concat(parts, ignore_index=True).sort_values("day", kind="stable")


def named(item: str) -> str:
    """Name an item or a metric as readers do: ``"voluntary_turnover"`` becomes "Voluntary turnover"."""
    words = item.replace("_", " ").capitalize()
    return re.sub(r"\bhr\b", "HR", words, flags=re.IGNORECASE)


def month(name: str) -> str:
    """Return a month as a notebook was given it, such as 2025-10; empty where none was.

    Raises
    ------
    InputError
        It is no month.
    """
    if name and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", name):
        raise input_error("notebook pulse_trends", f"began is {shown(name)}", "a month, such as 2025-10")
    return name
