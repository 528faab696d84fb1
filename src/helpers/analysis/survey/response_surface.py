"""Does it go with the outcome that both sides agree, or how favourable each is? A surface over both views.

Every HR partner is one cluster.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from helpers.analysis.methods.counts import cannot_tell
from helpers.analysis.survey.dyads import FEWEST_PARTNERS, TOO_FEW_PARTNERS, contrasts, count_people
from helpers.rounding import snapped_all

POLYNOMIAL = "outcome ~ x + y + I(x**2) + I(x*y) + I(y**2)"
_X2, _XY, _Y2 = "I(x ** 2)", "I(x * y)", "I(y ** 2)"
SURFACE = {
    "a1": {"x": 1.0, "y": 1.0},
    "a2": {_X2: 1.0, _XY: 1.0, _Y2: 1.0},
    "a3": {"x": 1.0, "y": -1.0},
    "a4": {_X2: 1.0, _XY: -1.0, _Y2: 1.0},
    "a5": {_X2: 1.0, _Y2: -1.0},
}
MEANING = {
    "a1": "slope where both agree",
    "a2": "curve where both agree",
    "a3": "slope where they differ",
    "a4": "curve where they differ",
    "a5": "tilt of the ridge",
}


def prepare(pairs: pd.DataFrame, midpoint: float, outcome: str = "manager_outcome") -> pd.DataFrame:
    """Prepare pairs for the polynomial regression of an outcome on both views.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`helpers.analysis.survey.dyads.with_outcome` returns, one dimension.
    midpoint : float
        Middle of the rating scale: 50 for scores from 0 to 100.
    outcome : str
        Column of the outcome.

    Returns
    -------
    pandas.DataFrame
        ``pairs`` with x (HR less midpoint), y (manager less midpoint), both in standard deviations of all ratings, and
        outcome.
    """
    spread = np.sqrt(pairs[["hr", "manager"]].var().mean())
    centred = (pairs[["hr", "manager"]] - midpoint) / spread
    return pairs.assign(x=centred["hr"], y=centred["manager"], outcome=pairs[outcome])


def parameters(prepared: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the response surface of an outcome over both views: a1 to a5.

    Parameters
    ----------
    prepared : pandas.DataFrame
        What :func:`prepare` returns.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per parameter: term (``a1`` to ``a5``), meaning, estimate, low, high (points of outcome per standard
        deviation, or its square), standard_error, degrees_of_freedom, p_value, respondents, respondents_hr,
        respondents_manager, clusters, observations (pairs), method, note.

    Notes
    -----
    outcome = b0 + b1 x + b2 y + b3 x^2 + b4 xy + b5 y^2; a1 = b1 + b2, a2 = b3 + b4 + b5, a3 = b1 - b2,
    a4 = b3 - b4 + b5, a5 = b3 - b5. All five are linear in the coefficients, so their standard errors need no delta
    method: CR2 with Satterthwaite degrees of freedom, clustered by HR partner.

    A difference score x - y would force b1 = -b2 and b3 = b4 = b5 = 0 on the data: it cannot tell agreement between two
    satisfied people from agreement between two dissatisfied ones, and hides which side drives a difference.

    References
    ----------
    Edwards, J. R. & Parry, M. E. (1993). On the use of polynomial regression equations as an alternative to
    difference scores. *Academy of Management Journal*, 36, 1577-1613.

    Humberg, S., Nestler, S. & Back, M. D. (2019). Response surface analysis in personality and social psychology.
    *Social Psychological and Personality Science*, 10, 409-419.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import dyads, scales
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> pairs = dyads.paired_scores(scales.comparable(answers, study.codebook))
    >>> joined = dyads.with_outcome(pairs, scales.outcome_scores(answers, study.codebook), "work_again")
    >>> found = parameters(prepare(joined[joined["dimension"] == "ownership"], midpoint=50))
    >>> found[["term", "estimate", "low", "high"]].round(4).values.tolist()
    [['a1', 1.2566, 0.9182, 1.595], ['a2', 0.1061, -0.2421, 0.4543], ['a3', -0.1341, -0.617, 0.3489],
     ['a4', 0.2829, -0.125, 0.6909], ['a5', -0.0469, -0.3222, 0.2283]]
    """
    found = contrasts(POLYNOMIAL, prepared, SURFACE, confidence)
    found.insert(1, "meaning", found["term"].map(MEANING))
    return found


def verdict(surface: pd.DataFrame, level: float = 0.05) -> pd.DataFrame:
    """Say in three parts whether agreement itself goes with the outcome.

    Parameters
    ----------
    surface : pandas.DataFrame
        What :func:`parameters` returns.
    level : float
        Level of significance of each part, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per part: part, answer (``yes``, ``no``, ``cannot tell``), note. All three ``yes``: a strict congruence
        pattern; the first two: a broad one. "No" to the second or third part needs a parameter told from zero;
        that none could be is weak support only. With fewer than 10 HR partners no part can be told.
    """
    if surface.empty:
        return _no_verdict("")[:0]
    at = surface.set_index("term")
    if at["estimate"].isna().any():
        reason = at["note"][at["estimate"].isna()].iloc[0]
        return _no_verdict(reason)
    if _partners(at) < FEWEST_PARTNERS:
        return _no_verdict(cannot_tell(TOO_FEW_PARTNERS))
    told = _told(at, level)
    answers = {
        _PARTS[0]: "yes" if told["a4"] < 0 else "no" if told["a4"] > 0 else "cannot tell",
        _PARTS[1]: "no" if told["a3"] or told["a5"] else "yes",
        _PARTS[2]: "no" if told["a1"] or told["a2"] else "yes",
    }
    of = dict(zip(_PARTS, [["a4"], ["a3", "a5"], ["a1", "a2"]]))
    return pd.DataFrame([{"part": part, "answer": answers[part], "note": _fact(told, of[part])} for part in _PARTS])


def _partners(at: pd.DataFrame) -> int:
    """Return the number of HR partners; a published table may tell it in words, and keeps it beside them."""
    return int(at["counted_clusters" if "counted_clusters" in at else "clusters"].min())


def _told(at: pd.DataFrame, level: float = 0.05) -> dict[str, int]:
    """Return the sign of each parameter that is told from zero, and 0 for the others.

    The first part asks one question, of which the interval tells. The others ask two each, so each of these is held to
    half the level.
    """
    sign = np.sign(snapped_all(at["estimate"]))
    told = snapped_all(at["p_value"]) < level / 2
    found = {term: int(sign[term]) if told[term] else 0 for term in SURFACE}
    return found | {"a4": -1 if at.loc["a4", "high"] < 0 else 1 if at.loc["a4", "low"] > 0 else 0}


def _fact(told: Mapping[str, int], terms: Sequence[str]) -> str:
    """Say of parameters on which side of zero they lie, as far as that is told."""
    ways = {-1: "below zero", 0: "not told from zero", 1: "above zero"}
    if len({told[term] for term in terms}) == 1:
        return f"{' and '.join(terms)} {ways[told[terms[0]]]}"
    return ", ".join(f"{term} {ways[told[term]]}" for term in terms)


#: What a better outcome goes with where a parameter is told from zero, by its sign.
_GOES_WITH = {
    "a1": {1: "higher scores where both agree", -1: "lower scores where both agree"},
    "a3": {1: "HR’s score being higher where they differ", -1: "the manager’s score being higher where they differ"},
    "a4": {1: "views that lie further apart", -1: "views that lie closer together"},
}


def conclusion(surface: pd.DataFrame, level: float = 0.05) -> str:
    """Say in words what goes with a better outcome, and whether it can be told that agreement does.

    Parameters
    ----------
    surface : pandas.DataFrame
        What :func:`parameters` returns.
    level : float
        As for :func:`verdict`.

    Returns
    -------
    str
        Names level, direction and distance where the parameter of each is told from zero (a1, a3, a4); empty where
        there is no surface.
    """
    if surface.empty:
        return ""
    at = surface.set_index("term")
    unknown = "We cannot tell what goes with a better outcome"
    if at["estimate"].isna().any() or _partners(at) < FEWEST_PARTNERS:
        return f"{unknown} here."
    told = _told(at, level)
    found = [words[told[term]] for term, words in _GOES_WITH.items() if told[term]]
    said = f"A better outcome goes with {'; and with '.join(found)}." if found else f"{unknown} here."
    return said if told["a4"] or not found else f"{said} Whether it goes with agreement itself cannot be told."


def _no_verdict(reason: str) -> pd.DataFrame:
    return pd.DataFrame([{"part": part, "answer": "cannot tell", "note": reason} for part in _PARTS])


_PARTS = (
    "The outcome is lower the further the two views are apart",
    "It is highest where both views are the same, not where one side is more favourable",
    "It does not matter at which level they agree",
)


def grid(prepared: pd.DataFrame, points: int = 41) -> pd.DataFrame:
    """Compute the fitted surface on a grid, to be drawn as contours.

    Parameters
    ----------
    prepared : pandas.DataFrame
        What :func:`prepare` returns.
    points : int
        Grid points per axis.

    Returns
    -------
    pandas.DataFrame
        One row per grid point within the middle 98 % of both views: x, y, estimate (outcome), respondents,
        respondents_hr, respondents_manager, clusters, people.
    """
    if not len(prepared):
        return pd.DataFrame(columns=["x", "y", "estimate", *_COUNTED])
    fit = smf.ols(POLYNOMIAL, prepared).fit()
    low, high = prepared[["x", "y"]].stack().quantile([0.01, 0.99])
    axis = np.linspace(low, high, points)
    points_of = pd.DataFrame({"x": np.repeat(axis, points), "y": np.tile(axis, points)})
    counts = count_people(prepared)
    return points_of.assign(estimate=fit.predict(points_of).to_numpy(), **{name: counts[name] for name in _COUNTED})


_COUNTED = ("respondents", "respondents_hr", "respondents_manager", "clusters", "people")


def density(prepared: pd.DataFrame, drawn: pd.DataFrame, minimum_group: int) -> pd.Series:
    """Count the pairs around each grid point, where enough people stand behind it.

    Parameters
    ----------
    prepared : pandas.DataFrame
        What :func:`prepare` returns.
    drawn : pandas.DataFrame
        What :func:`grid` returns.
    minimum_group : int
        Fewest distinct HR partners, and fewest distinct managers, that may be counted together.

    Returns
    -------
    pandas.Series
        Pairs nearest to each grid point, index as ``drawn``; missing where too few people stand behind them, so that
        no single pair can be placed.
    """
    axis = np.sort(drawn["x"].unique())
    edges = np.r_[-np.inf, (axis[1:] + axis[:-1]) / 2, np.inf]
    placed = prepared.assign(x=axis[pd.cut(prepared["x"], edges, labels=False)])
    placed["y"] = axis[pd.cut(prepared["y"], edges, labels=False)]
    cells = placed.groupby(["x", "y"]).agg(
        pairs=("manager_id", "size"), hr=("hr_id", "nunique"), managers=("manager_id", "nunique")
    )
    enough = (cells["hr"] >= minimum_group) & (cells["managers"] >= minimum_group)
    found = drawn.merge(cells["pairs"].where(enough).reset_index(), on=["x", "y"], how="left")["pairs"]
    return found.set_axis(drawn.index)
