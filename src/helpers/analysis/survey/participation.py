"""Who answered, and who did not."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from helpers.analysis.methods import clustered
from helpers.analysis.methods.counts import groups, require
from helpers.analysis.methods.people import People
from helpers.columns import ALIKE


def response_rates(
    roster: pd.DataFrame, by: Sequence[str] = (), cluster: str = "person_id", confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the response rate of each group.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person invited to a wave: ``person_id``, ``responded`` (True or False) and the columns of ``by``.
    by : sequence of str
        Columns that form the groups, such as ``["wave", "side"]``; empty for one rate.
    cluster : str
        Column that names what responds together: the person, or the HR partner.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, low, high (per cent of those invited), invited (distinct
        people), respondents (distinct people who answered), clusters, observations (invitations), method, note.

    Notes
    -----
    Wilson's interval at the effective sample size, see :func:`helpers.analysis.methods.clustered.proportion`. The
    roster is
    complete, so the rate itself is exact: the interval says how far chance alone could have moved it, which is
    what a comparison of groups needs.

    Examples
    --------
    >>> import pandas as pd
    >>> roster = pd.DataFrame({"person_id": range(8), "side": ["hr"] * 4 + ["manager"] * 4})
    >>> roster["responded"] = [True, True, True, False, True, False, False, True]
    >>> response_rates(roster, ["side"])[["side", "estimate", "low", "high", "invited", "respondents"]].round(1)
          side  estimate   low  high  invited  respondents
    0       hr      75.0  13.1  98.4        4            3
    1  manager      50.0   6.1  93.9        4            2
    """
    require(roster, ["responded", "person_id", cluster, *by])
    frame = roster.assign(answered=roster["responded"].astype(float))
    found = clustered.proportion(frame, "answered", cluster, by, confidence=confidence)
    found[["estimate", "low", "high"]] *= 100
    # That all answered is no answer of theirs: how it is told is decided by the number who did not.
    found["note"] = found["note"].mask(found["note"].str.startswith(ALIKE), "")
    invited = [part for _, part in groups(frame, by)] if len(found) else []
    found["invited"] = [part["person_id"].nunique() for part in invited]
    found["respondents"] = [part.loc[part["responded"].astype(bool), "person_id"].nunique() for part in invited]
    found["people"] = [People(part, "person_id", value="answered") for part in invited]
    counts = ["invited", "respondents", "clusters", "people", "observations"]
    return found[[*by, "estimate", "low", "high", *counts, "method", "note"]]


def asked(roster: pd.DataFrame, attributes: Sequence[str]) -> pd.DataFrame:
    """Prepare a roster for a model of having answered.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person and wave: ``person_id``, ``responded`` and the attributes.
    attributes : sequence of str
        Columns that enter the model; without any, there is nothing to model.

    Returns
    -------
    pandas.DataFrame
        The roster with ``responded`` as 0 or 1, and ``respondent_id``, by which a model counts distinct people.
    """
    roster = roster if attributes else roster[:0]
    return roster.assign(respondent_id=roster["person_id"], responded=roster["responded"].astype(int))


def formula(roster: pd.DataFrame, attributes: Sequence[str]) -> str:
    """Write the model of having responded on every attribute that differs between people.

    Parameters
    ----------
    roster : pandas.DataFrame
        One row per person and wave.
    attributes : sequence of str
        Columns to enter; one with a single group is left out.

    Returns
    -------
    str
        For instance ``"responded ~ side + department"``; ``"responded ~ 1"`` when nothing differs.
    """
    varying = [name for name in attributes if roster[name].nunique() > 1]
    terms = [name if name.isidentifier() else f'Q("{name}")' for name in varying]
    return "responded ~ " + (" + ".join(terms) or "1")
