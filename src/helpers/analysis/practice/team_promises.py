"""What became of the promises that teams made after their results, and how what they were about has moved since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from helpers.analysis.methods.counts import people, require
from helpers.analysis.survey import change

from .promises import STATUS, dated

if TYPE_CHECKING:
    from helpers.data import Study

#: What becomes of a promise whose day is still to come.
RUNNING = "still running"
#: The columns of a promise of a team that others read.
COLUMNS = ("wave", "attribute", "team", "promise", "owner", "measure", "made_on", "due_on", "status")


def recorded(study: Study) -> pd.DataFrame:
    """Return the promises of all teams of a study.

    Parameters
    ----------
    study : helpers.data.Study
        Its table ``team_commitments``; there need be none.

    Returns
    -------
    pandas.DataFrame
        One row per promise, the oldest first: wave (before it), attribute, team, promise (in words), owner, measure (a
        dimension), made_on, due_on, and status: what became of it in words, as :data:`.promises.STATUS` has them, or
        :data:`RUNNING` where its last date lies ahead.
    """
    if not study.has("team_commitments") or study.table("team_commitments").empty:
        return pd.DataFrame(columns=COLUMNS, dtype=object)
    optional = ("owner", "measure", "due_on", "moved_on", "moved_to", "closed_on")
    made = study.table("team_commitments")
    made = made.assign(**{name: pd.NA for name in optional if name not in made}, promised_by="both", end_date=pd.NaT)
    as_of = pd.Timestamp(study.as_of)
    rows = dated(made, as_of, 0)
    last = rows["moved_to"].fillna(rows["due_on"])
    ahead = rows["outcome"].eq("open") & (last.isna() | (last >= as_of))
    rows["status"] = rows["status"].map(STATUS).mask(ahead, RUNNING)
    return rows.sort_values(["made_on", "commitment_id"], kind="stable").reset_index(drop=True)[list(COLUMNS)]


def of_team(study: Study, attribute: str, team: str, wave: str) -> pd.DataFrame:
    """Return what one team promised after the results of an earlier wave.

    Parameters
    ----------
    study : helpers.data.Study
        As for :func:`recorded`.
    attribute, team : str
        The group, as its report calls it: a group that is now told of under another name has no promise here.
    wave : str
        The wave reported.

    Returns
    -------
    pandas.DataFrame
        As :func:`recorded`.
    """
    rows = recorded(study)
    earlier = study.waves[: study.waves.index(wave)]
    mine = rows["attribute"].eq(attribute) & rows["team"].eq(team) & rows["wave"].isin(earlier)
    return rows[mine].reset_index(drop=True)


def read_back(promised: pd.DataFrame, scores: pd.DataFrame, wave: str, confidence: float = 0.95) -> pd.DataFrame:
    """Say what became of the promises of one team, and how the dimension of each has moved since the wave before it.

    Parameters
    ----------
    promised : pandas.DataFrame
        As :func:`of_team` returns it.
    scores : pandas.DataFrame
        The team's scores in all waves so far, one row per answer: wave, dimension, score_100, respondent_id,
        cluster_id.
    wave : str
        The wave reported.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per promise: number (from 1), what (the promise), owner, made, due (days in words), became, dimension
        (missing where it has none), since (the wave before it), estimate, low, high (change in points of 100),
        p_value, respondents, people, method, note.

    Notes
    -----
    The change is that of :func:`helpers.analysis.survey.change.between_waves`, from everybody who answered either
    wave. It is no effect of the promise: nobody drew lots, and other things happened in the same months.

    Examples
    --------
    >>> from helpers.analysis.survey import scales
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> promised = of_team(study, "department", "Finance and IT", "2026-H1")
    >>> answers = study.responses().query("department == 'Finance and IT' and side == 'manager'")
    >>> scores = scales.scores(answers, study.codebook)
    >>> read_back(promised, scores, "2026-H1")[["became", "dimension", "estimate", "low", "high"]].round()
                       became  dimension  estimate  low  high
    0  kept by the first date  listening       6.0 -2.0  14.0
    """
    require(scores, ["wave", "dimension", "score_100", "respondent_id", "cluster_id"])
    rows = []
    for number, one in enumerate(promised.to_dict("records"), 1):
        mine = scores[scores["dimension"].eq(one["measure"])] if pd.notna(one["measure"]) else scores[:0]
        moved = change.between_waves(mine, one["wave"], wave, by=["dimension"], confidence=confidence)
        about: dict[str, Any] = {
            "number": number, "what": one["promise"], "owner": _or_dash(one["owner"]), "made": _day(one["made_on"]),
            "due": _day(one["due_on"]), "became": one["status"], "since": one["wave"],
        }  # fmt: skip
        rows.append(about | (moved.iloc[0].to_dict() if len(moved) else _not_told(one["measure"], scores, wave)))
    return pd.DataFrame(rows)


def _not_told(measure: object, scores: pd.DataFrame, wave: str) -> dict[str, Any]:
    """Return what stands for a change that is not told; behind the promise stand those of the team who answered."""
    behind = people(scores[scores["wave"] == wave], value="promise", additive=False)
    nothing = dict.fromkeys(("estimate", "low", "high", "p_value"), np.nan)
    why = "no dimension was named" if pd.isna(measure) else "its dimension is not told"  # type: ignore[call-overload]
    return {"dimension": pd.NA, **nothing, **behind, "method": "", "note": why}


def _or_dash(words: object) -> str:
    return "–" if pd.isna(words) else str(words)  # type: ignore[call-overload]


def _day(day: pd.Timestamp) -> str:
    return "–" if pd.isna(day) else f"{day.day} {day:%B %Y}"


def kept(study: Study, answered: pd.DataFrame | None) -> pd.DataFrame:
    """Count what became of the promises of teams.

    Parameters
    ----------
    study : helpers.data.Study
        As for :func:`recorded`.
    answered : pandas.DataFrame or None
        Answer sheets with respondent_id and the attributes by which teams are called; None where nobody was asked.

    Returns
    -------
    pandas.DataFrame
        One row per outcome that occurs: became (in words), promises, teams, respondents (distinct people of these teams
        who answered), people, method, note. Promises of teams that no longer answer under their name are left out.
    """
    rows = recorded(study) if answered is not None else pd.DataFrame(columns=COLUMNS)
    answered = pd.DataFrame() if answered is None else answered
    found = []
    for words in (*STATUS.values(), RUNNING):
        those = rows[rows["status"] == words]
        parts = [
            (one, answered[answered[one[0]].eq(one[1])])
            for one in zip(those["attribute"], those["team"])
            if one[0] in answered
        ]
        parts = [(one, part) for one, part in parts if len(part)]
        if parts:
            behind = people(pd.concat([part for _, part in parts]), value=f"teams {words}", additive=False)
            counted = {"promises": len(parts), "teams": len({one for one, _ in parts})}
            found.append({"became": words, **counted, **behind, "method": "counted", "note": ""})
    return pd.DataFrame(found)
