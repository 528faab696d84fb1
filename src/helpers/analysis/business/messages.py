"""Messages about the company as an employer and a seller: what they promise, and what employees report."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from helpers.analysis.methods import clustered, coders, units
from helpers.analysis.methods.counts import because, people, require

if TYPE_CHECKING:
    from helpers.data import Study

AUDIENCES = {"customer": "Customers", "candidate": "Candidates", "employee": "Employees"}
#: Every column a chapter on messages can use, beside the message and its audience.
COLUMNS = ["message_id", "audience", "channel", "attribute", "rating", "coder_id", "inside", "to_customers", "years"]
#: What may go with the tone of messages to candidates: column of a month, and what readers call it.
OUTCOMES = {"log_applications": "Applications per opening", "accepted": "Offers taken"}
#: Months with messages to candidates below which nothing is said of what goes with them.
FEWEST_MONTHS = 24
#: Days after which an offer counts as decided.
DAYS_TO_DECIDE = 30
NOT_CODED = "No message was read for what it says of the company (attribute), so nothing is said of that."
NOT_RATED = "No message has a rating, so promises are not set beside what employees report."
ONE_SIDE = "Messages to customers or candidates, or those of employees, are absent, so they are not set side by side."
NO_CHANNEL = "Messages have no channel, so nothing is said of channels."
NOT_DATED = "Messages have no day (found_on), so nothing is said of change, nor of applications and offers."
NO_HIRING = "The study records no applications, so messages are not set beside them."
FEW_MONTHS = (
    f"Messages to candidates and recruiting are on record together in {{months}} months; with fewer than "
    f"{FEWEST_MONTHS}, nobody can tell what goes with them."
)


def coded(study: Study) -> pd.DataFrame:
    """Return the messages as coders read them.

    Parameters
    ----------
    study : helpers.data.Study
        With the table messages, or without.

    Returns
    -------
    pandas.DataFrame
        One row per message and coder: message_id, audience and channel as readers know them, attribute, rating (points,
        1 to 5), coder_id, inside (1 where employees tell, 0 where customers or candidates are told), to_customers (1 or
        0; missing of employees), years (since the first message of all). What the study does not record is missing.
    """
    table = study.table("messages") if study.has("messages") else pd.DataFrame()
    found = table.reindex(columns=["message_id", "audience", *COLUMNS[2:6], "found_on"])
    days = pd.to_datetime(found["found_on"])
    return found.assign(
        audience=found["audience"].map(AUDIENCES),
        channel=found["channel"].astype(object).map(_capital, na_action="ignore"),
        attribute=found["attribute"].astype(object).map(_capital, na_action="ignore"),
        rating=found["rating"].astype(float),
        inside=found["audience"].eq("employee").astype(float),
        to_customers=found["audience"].map({"customer": 1.0, "candidate": 0.0}).astype(float),
        years=(days - days.min()).dt.days / 365.25,
    )[COLUMNS]


def _capital(words: object) -> str:
    return str(words)[:1].upper() + str(words)[1:]


def agreement(rows: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how far coders agree on what messages say, and on how strongly.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of :func:`coded`.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per what was coded and coefficient: coded, column, and what
        :func:`helpers.analysis.methods.coders.agreement` returns.

    Examples
    --------
    >>> import pandas as pd
    >>> read = pd.DataFrame({"message_id": [*range(12)] * 2, "coder_id": ["a"] * 12 + ["b"] * 12, "rating": None})
    >>> read["attribute"] = ["Fair", "Warm"] * 6 + ["Fair", "Warm"] * 5 + ["Warm", "Warm"]
    >>> agreement(read)[["coded", "measure", "estimate"]].round(2)
              coded               measure  estimate
    0  What is said         Cohen’s kappa      0.83
    1  What is said  Krippendorff’s alpha      0.84
    """
    parts = []
    for column, what in (("attribute", "What is said"), ("rating", "How strongly (1–5)")):
        if rows[column].notna().any():
            known = rows.dropna(subset=["coder_id"])
            found = coders.agreement(
                known, "message_id", "coder_id", column, ordered=column == "rating", confidence=confidence
            )
            parts.append(found.assign(coded=what, column=column))
    return because(pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(), NOT_CODED)


def verdict(agreed: pd.DataFrame) -> str:
    """Say in one sentence what the coders' agreement allows.

    Parameters
    ----------
    agreed : pandas.DataFrame
        Of :func:`agreement`.

    Returns
    -------
    str
        By Krippendorff's alpha of what is said, against the limits of Krippendorff (2004).
    """
    alpha = agreed[agreed.get("column", pd.Series(dtype=str)).eq("attribute")] if len(agreed) else agreed
    alpha = alpha[alpha["measure"] == coders.KRIPPENDORFF] if len(alpha) else alpha
    value = float(alpha["estimate"].iloc[0]) if len(alpha) else np.nan
    if len(alpha) and alpha["note"].str.endswith(coders.ONE_VALUE).all():
        return "Everything was read as saying the same, so nobody can tell whether coders agree."
    if np.isnan(value):
        return "One reading: nobody can tell whether another coder would read the messages in the same way."
    if value >= coders.RELIABLE:
        return "Coders agree well enough (alpha of .80 or more) to rely on what they read."
    if value >= coders.TENTATIVE:
        return "Coders agree (alpha of .667 or more) well enough for first conclusions, not for fine differences."
    return "Coders agree too little (alpha below .667): settle what the qualities mean, and read the messages again."


def hits(rows: pd.DataFrame) -> pd.DataFrame:
    """Say of every reading and every quality whether it was read so.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of :func:`coded`.

    Returns
    -------
    pandas.DataFrame
        One row per message, coder and attribute of all: message_id, audience, channel, attribute, hit (1 or 0). Without
        any, ``attrs["absent"]`` says why. A message that two coders read differently so counts half for each.
    """
    known = rows.dropna(subset=["attribute"])
    every = pd.DataFrame({"named": sorted(known["attribute"].unique())})
    found = known.merge(every, how="cross")
    found = found.assign(hit=found["attribute"].eq(found["named"]).astype(float), attribute=found["named"])
    return because(found[["message_id", "audience", "channel", "attribute", "hit"]], NOT_CODED)


def coverage(read: pd.DataFrame, by: str, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the share of messages that speak of each quality.

    Parameters
    ----------
    read : pandas.DataFrame
        Of :func:`hits`.
    by : {"audience", "channel"}
        What divides the messages.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and attribute: audience or channel, attribute, estimate, low, high (per cent), observations
        (readings), respondents and clusters (messages), people, method, note.

    Notes
    -----
    Wilson interval at the effective sample size, with messages as clusters; see
    :func:`helpers.analysis.methods.clustered.proportion`.

    Examples
    --------
    >>> import pandas as pd
    >>> read = pd.DataFrame({"message_id": range(8), "audience": ["Customers"] * 4 + ["Candidates"] * 4})
    >>> read = read.assign(channel="Website", attribute="Fair", hit=[1.0, 0, 1, 0, 0, 1, 0, 0])
    >>> coverage(read, "audience")[["audience", "attribute", "estimate", "low", "high"]].round(0)
         audience attribute  estimate  low  high
    0   Customers      Fair      50.0  6.0  94.0
    1  Candidates      Fair      25.0  2.0  87.0
    """
    require(read, [by, "hit", "message_id", "attribute"])
    known = read.dropna(subset=[by])
    found = clustered.proportion(known, "hit", "message_id", by=[by, "attribute"], confidence=confidence)
    return because(units.per_cent(found), NO_CHANNEL if len(read) else NOT_CODED)


def rated(rows: pd.DataFrame, audiences: int = 2) -> pd.DataFrame:
    """Return the rated rows of the qualities on which at least so many audiences have messages.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of :func:`coded`, or a part of them.
    audiences : int
        Fewest audiences.

    Returns
    -------
    pandas.DataFrame
        Those rows; without any, ``attrs["absent"]`` says why.
    """
    known = rows.dropna(subset=["attribute", "rating"])
    several = known.groupby("attribute")["audience"].transform("nunique") >= audiences
    return because(known[several.to_numpy(dtype=bool)], NOT_RATED if len(rows) and not len(known) else ONE_SIDE)


def by_month(study: Study, rows: pd.DataFrame) -> pd.DataFrame:
    """Set the tone of messages to candidates beside applications and offers, month by month.

    Parameters
    ----------
    study : helpers.data.Study
        With requisitions and hiring events, or without.
    rows : pandas.DataFrame
        Of :func:`coded`.

    Returns
    -------
    pandas.DataFrame
        One row per whole month in which messages to candidates were found and openings were open: month, at (number of
        the month since the first), tone (mean rating of those messages, points), log_applications (natural logarithm of
        applications per opening that was open), accepted (per cent of the offers of the month; missing without offers
        that are :data:`DAYS_TO_DECIDE` days old). ``attrs["absent"]`` says why there are none: fewer than
        :data:`FEWEST_MONTHS` say nothing; ``attrs["people"]`` holds what
        :func:`helpers.analysis.methods.counts.people` says of the messages.
    """
    columns = ["month", "at", "tone", "log_applications", "accepted"]
    nothing = pd.DataFrame(columns=columns)
    if rows["years"].isna().all():
        return because(nothing, NOT_DATED if len(rows) else NOT_CODED)
    told = study.table("messages").reindex(columns=["message_id", "audience", "found_on", "rating"])
    told = told[told["audience"].eq("candidate")].dropna(subset=["found_on", "rating"])
    if not (study.has("requisitions") and study.has("hiring_events")):
        return because(nothing, NO_HIRING)
    events, openings = study.table("hiring_events"), study.table("requisitions")
    month = pd.to_datetime(told["found_on"]).dt.to_period("M")
    each = told["rating"].astype(float).groupby([month, told["message_id"]]).mean().groupby(level=0)
    applied = _first(events, "applied").dt.to_period("M").value_counts()
    found = pd.DataFrame({"tone": each.mean()}).join(pd.DataFrame({"applied": applied, **_offers(events, study.as_of)}))
    found["open"] = [_open_in(openings, one) for one in found.index]
    found = found[found["open"].gt(0) & found["applied"].gt(0)].sort_index()
    found = found[found.index < pd.Period(study.as_of + pd.Timedelta(days=1), "M")]
    if len(found) < FEWEST_MONTHS:
        return because(nothing, FEW_MONTHS.format(months=len(found)))
    found = found.assign(
        month=found.index.astype(str),
        at=(found.index - found.index[0]).map(lambda step: step.n).astype(float),
        log_applications=np.log(found["applied"] / found["open"]),
        accepted=100 * found["taken"].fillna(0) / found["decided"],
    )
    found = found.reset_index(drop=True)[columns]
    found.attrs["people"] = people(told, "message_id", additive=False)
    return found


def _first(events: pd.DataFrame, name: str) -> pd.Series:
    """Return when each candidate of an opening first had an event."""
    rows = events[events["event"].eq(name)]
    return pd.to_datetime(rows["at"]).groupby([rows["requisition_id"], rows["candidate_id"]]).min()


def _offers(events: pd.DataFrame, as_of: object) -> dict[str, pd.Series]:
    """Return by month how many offers were made that are decided by now, and how many were taken."""
    made, taken = _first(events, "offer_extended"), _first(events, "offer_accepted")
    made = made[made <= pd.Timestamp(str(as_of)) - pd.Timedelta(days=DAYS_TO_DECIDE)]
    month = made.dt.to_period("M")
    return {"decided": month.value_counts(), "taken": month[made.index.isin(taken.index)].value_counts()}


def _open_in(openings: pd.DataFrame, month: pd.Period) -> int:
    """Count the openings that were open at any time of a month."""
    opened = pd.to_datetime(openings["opened_at"]).dt.to_period("M")
    closed = pd.to_datetime(openings["closed_at"]).dt.to_period("M")
    return int((opened.le(month) & (closed.isna() | closed.ge(month))).sum())


def over_months(found: pd.DataFrame, months: pd.DataFrame) -> pd.DataFrame:
    """Put what goes with the tone of messages in the words and units of a table.

    Parameters
    ----------
    found : pandas.DataFrame
        What :func:`helpers.analysis.methods.time_series.level_change` returned for the columns of ``months``, by
        ``outcome``.
    months : pandas.DataFrame
        Of :func:`by_month`.

    Returns
    -------
    pandas.DataFrame
        One row per outcome: what, estimate, low, high (applications: per cent more for a point of tone; offers:
        percentage points), months, respondents (messages), people and the rest of ``found``.

    Examples
    --------
    >>> import statsmodels.formula.api as smf
    >>> from helpers.analysis.methods import time_series
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> months = by_month(study, coded(study))
    >>> fits = {"log_applications": smf.ols("log_applications ~ tone + at", months)}
    >>> found = over_months(time_series.level_change(fits, "tone", "at", by="outcome"), months)
    >>> found[["what", "estimate", "low", "high"]].round()
                           what  estimate   low  high
    0  Applications per opening      -1.0 -16.0  17.0
    """
    require(found, ["outcome", "before", "after"])
    logs = found["outcome"].eq("log_applications")
    told = pd.concat([units.per_cent_more(found[logs]), found[~logs]])
    known = months.attrs.get("people", {})
    told = told.assign(what=told["outcome"].map(OUTCOMES), months=told["before"] + told["after"])
    told = told.assign(**{name: [value] * len(told) for name, value in known.items()})
    return because(told, str(months.attrs.get("absent", "")))
