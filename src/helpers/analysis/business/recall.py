"""Who can say the company's message without a hint, before it is told and later."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from helpers.analysis.methods import units
from helpers.analysis.methods.counts import because, require
from helpers.columns import ALIKE

from .messages import AUDIENCES

if TYPE_CHECKING:
    from helpers.data import Study

#: What readers call a round of asking, in order of time.
ROUNDS = {
    "before": "Before it was told", "day_30": "30 days later", "day_60": "60 days later", "day_90": "90 days later",
}  # fmt: skip
COLUMNS = ["audience", "round", "recalled", "asked_in", "respondent_id"]
EACH_PLACE = "where everybody, or nobody, could say it, each place counts as one answer in the interval"
NOT_ASKED = "Nobody was asked what the message is (table recall), so nothing is said of who can say it."
NOT_COMPARED = "No audience was asked both before the message was told and later, so no change is shown."


def asked(study: Study) -> pd.DataFrame:
    """Return everybody who was asked what the message is.

    Parameters
    ----------
    study : helpers.data.Study
        With the table recall, or without.

    Returns
    -------
    pandas.DataFrame
        One row per person asked, by round in order of time: audience and round as readers know them, recalled (1 or
        0), asked_in (the place, where an audience was asked in several: people of one place hear the same; else the
        person), respondent_id. Without rows, ``attrs["absent"]`` says why.

    Notes
    -----
    Nobody is named in the table: people are told apart by row and number. Whoever was asked twice counts as two, which
    asking in places allows for: both answers lie in one cluster.
    """
    if not study.has("recall"):
        return because(pd.DataFrame(columns=COLUMNS), NOT_ASKED)
    table = study.table("recall").reindex(columns=["audience", "place", "round", "asked", "recalled"])
    table = table.reset_index(drop=True).dropna(subset=["audience", "round", "asked", "recalled"])
    each = table.loc[table.index.repeat(table["asked"].astype(int))]
    number = each.groupby(level=0).cumcount()
    person = each.index.astype(str) + "-" + number.astype(str)
    several = each.groupby("audience")["place"].transform("nunique").gt(1) & each["place"].notna()
    found = pd.DataFrame({
        "audience": each["audience"].astype(str).map(AUDIENCES).to_numpy(),
        "round": pd.Categorical(each["round"].astype(str).map(ROUNDS), ROUNDS.values(), ordered=True),
        "recalled": number.lt(each["recalled"].astype(int)).astype(float).to_numpy(),
        "asked_in": each["place"].astype(object).where(several, person).to_numpy(),
        "respondent_id": person.to_numpy(),
    })  # fmt: skip
    found = found.sort_values(["audience", "round"], kind="stable", ignore_index=True)
    return because(found.assign(round=found["round"].astype(object)), NOT_ASKED)


def as_told(shares: pd.DataFrame) -> pd.DataFrame:
    """Return shares of those asked as they may be told, in per cent.

    Parameters
    ----------
    shares : pandas.DataFrame
        Of people in :func:`asked`, by :func:`helpers.analysis.methods.clustered.proportion`.

    Returns
    -------
    pandas.DataFrame
        The same rows in per cent, those in which everybody or nobody could say the message among them. Who was asked is
        written nowhere, so that such a share tells no more than that of an audience; before a message is told, nobody
        can say it as a rule.
    """
    require(shares, ["note"])
    alike = shares["note"].str.startswith(ALIKE)
    return units.per_cent(shares.assign(note=shares["note"].mask(alike, EACH_PLACE)))


def latest(shares: pd.DataFrame) -> pd.DataFrame:
    """Return of every audience the rows of its last round.

    Parameters
    ----------
    shares : pandas.DataFrame
        With audience and round, as :func:`asked` words them.

    Returns
    -------
    pandas.DataFrame
        Those rows.
    """
    require(shares, ["audience", "round"])
    order = shares["round"].map(list(ROUNDS.values()).index).astype(float)
    return shares[order.eq(order.groupby(shares["audience"]).transform("max"))]


def twice(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the people of the audiences that were asked before the message was told and again.

    Parameters
    ----------
    rows : pandas.DataFrame
        Of :func:`asked`.

    Returns
    -------
    pandas.DataFrame
        The rows of the round before and of the last one, with later (1 in the last round, 0 before). Without rows,
        ``attrs["absent"]`` says why.
    """
    before = rows[rows["round"] == ROUNDS["before"]]
    later = latest(rows)
    later = later[later["round"] != ROUNDS["before"]]
    both = pd.concat([before.assign(later=0.0), later.assign(later=1.0)], ignore_index=True)
    in_both = both.groupby("audience")["later"].transform("nunique").eq(2)
    return because(both[in_both.to_numpy(dtype=bool)], NOT_COMPARED if len(rows) else NOT_ASKED)
