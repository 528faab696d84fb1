"""Who is reached by a practice through their HR partner, though not allotted to it themselves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.base.model import Model, Results

from helpers.analysis.methods.clustered import sample
from helpers.analysis.methods.counts import because, by_group
from helpers.analysis.methods.counts import people as counted
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.methods.randomisation import FEWEST_EACH, Lot
from helpers.analysis.methods.two_way import crossed, two_way
from helpers.analysis.practice.effect import FEWEST

#: What may have reached a pair.
NEITHER = "neither"
OTHERS = "HR partner with others"
OWN = "own"
#: Smallest chance of each condition for a pair to be compared; below, a few pairs would stand for many.
LEAST_CHANCE = 0.02
DRAWS = 1999
NO_NEITHER = (
    "Nearly every HR partner had pairs that had begun, so too few pairs were reached by neither. What the practice "
    "does through HR partners cannot be told from nothing: the effect above is that of beginning oneself, beyond what "
    "all pairs share, and too small where HR partners carry it to others."
)


def exposure(
    pairs: pd.DataFrame, treated: str = "treated", unit: str = "unit", stratum: str = "stratum", seed: int = 20260630
) -> pd.DataFrame:
    """Say what of a practice may have reached each pair, and how likely the lot made that.

    Parameters
    ----------
    pairs : pandas.DataFrame
        One row per pair that was in the draw: hr_id and the columns below.
    treated : str
        Whether its unit was drawn: 1 (or true), else 0.
    unit, stratum : str
        The unit that was drawn, and the group within which lots were drawn (missing: one lot for all).
    seed : int
        Seed of the draws that are simulated where there are more than 5,000 ways.

    Returns
    -------
    pandas.DataFrame
        The same rows with share (of the HR partner's other pairs that were drawn, 0 to 1; missing for an only pair),
        condition ("own"; else "HR partner with others", where another pair of the HR partner was drawn; else
        "neither"), chance (of that condition, over all draws, 0 to 1), weight (1 / chance) and comparable (each
        condition had a chance of at least .02).

    Raises
    ------
    ValueError
        If a unit was drawn in part, or lies in two strata.

    Notes
    -----
    A role swap changes an HR partner, and so may reach all their pairs. Comparing pairs of the same HR partner takes
    what reaches the others for what would have been without the practice. With three conditions, ``smf.wls("score ~
    condition", weights=weight)`` estimates the effect of an own swap, and of one of the HR partner with others, each
    against pairs that neither reached (Aronow & Samii 2017: inverse probability of the exposure, normalised weights).
    HR partners with pairs in many units are more likely to be reached; the weights undo that.

    Assumption: the practice reaches a pair by its own allotment and through its HR partner, in no other way, and it
    does not matter how many others there are.

    References
    ----------
    Aronow, P. M. & Samii, C. (2017). Estimating average causal effects under general interference, with application
    to a social network experiment. *Annals of Applied Statistics*, 11(4), 1912-1947.

    Examples
    --------
    >>> import pandas as pd
    >>> pairs = pd.DataFrame({"hr_id": list("aabbcc"), "unit": [1, 2, 3, 4, 5, 6], "stratum": "all"})
    >>> found = exposure(pairs.assign(treated=[1, 0, 0, 0, 1, 0]))
    >>> found[["hr_id", "condition", "share", "chance"]].round(2)
      hr_id               condition  share  chance
    0     a                     own    0.0    0.33
    1     a  HR partner with others    1.0    0.27
    2     b                 neither    0.0    0.40
    3     b                 neither    0.0    0.40
    4     c                     own    0.0    0.33
    5     c  HR partner with others    1.0    0.27
    """
    known = pairs.assign(**{stratum: pairs[stratum].fillna("")}) if stratum in pairs else pairs.assign(**{stratum: ""})
    for name in (treated, stratum):
        if (known.groupby(unit)[name].nunique() > 1).any():
            raise ValueError(f"{name} differs within a {unit}, which is then not what was drawn")
    units = known.drop_duplicates(unit).reset_index(drop=True)
    lot = Lot(units[treated].to_numpy(float) == 1, pd.factorize(units[stratum])[0])
    place = pd.Series(units.index, units[unit])[known[unit]].to_numpy()
    partner, _ = pd.factorize(known["hr_id"])
    own, others = _reached(lot.treated[None, place], partner)
    chances = np.zeros((3, len(known)))
    drawn = lot.draws(DRAWS, seed)
    for part in np.array_split(drawn, -(-len(drawn) // 250)):
        conditions = _reached(part[:, place], partner)
        chances += np.array([each.sum(axis=0) for each in _conditions(*conditions)])
    chances /= len(drawn)
    size = np.bincount(partner, minlength=partner.max(initial=-1) + 1)[partner] - 1
    taken = np.stack(_conditions(own, others))[:, 0]
    chance = (taken * chances).sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(size > 0, others[0] / size, np.nan)
        weight = 1 / chance
    return pairs.assign(
        share=share,
        condition=np.array([NEITHER, OTHERS, OWN])[taken.argmax(axis=0)] if len(known) else np.array([], dtype=str),
        chance=chance,
        weight=weight,
        comparable=(chances >= LEAST_CHANCE).all(axis=0),
    )


def by_condition(reached: pd.DataFrame) -> pd.DataFrame:
    """Count the pairs that each condition reached, by what was allotted and by who answers for them.

    Parameters
    ----------
    reached : pandas.DataFrame
        As :func:`exposure` returns it, with respondent_id.

    Returns
    -------
    pandas.DataFrame
        One row per condition that occurs, in the order of :data:`NEITHER`, :data:`OTHERS`, :data:`OWN`: condition,
        units (that were allotted), respondents, clusters, people, method, note.
    """
    order = [NEITHER, OTHERS, OWN]
    rows = reached.sort_values("condition", key=lambda names: names.map(order.index), kind="stable")
    return by_group(
        rows,
        ["condition"],
        lambda own: [
            {"units": own["unit"].nunique(), **counted(own, "unit", value="condition"), "method": "count", "note": ""}
        ],
    )


def compared(reached: pd.DataFrame, fewest: int, by_chance: bool = True) -> pd.DataFrame:
    """Return the pairs that may be compared by what reached them, or none with the reason.

    Parameters
    ----------
    reached : pandas.DataFrame
        As :func:`exposure` returns it, with respondent_id and score.
    fewest : int
        Fewest people in each condition.
    by_chance : bool
        Whether lots were drawn; without them nobody knows how likely each condition was.

    Returns
    -------
    pandas.DataFrame
        The comparable rows whose score is known, with own and others (1 or 0), where each of the three conditions has
        that many people, in at least 3 units; else no rows, and ``attrs["absent"]`` says why.
    """
    rows = reached[reached["comparable"] & reached["score"].notna()]
    rows = rows.assign(own=(rows["condition"] == OWN).astype(int), others=(rows["condition"] == OTHERS).astype(int))
    counts = rows.groupby("condition")[["respondent_id", "unit"]].nunique()
    sizes = counts.reindex([NEITHER, OTHERS, OWN], fill_value=0)
    if not len(reached):
        return because(rows, "Nobody is known who was allotted and answered.")
    if reached["unit"].nunique() < FEWEST:
        return because(rows[:0], f"Fewer than {FEWEST} units were allotted, so nothing is told of what reached them.")
    if not by_chance:
        return because(rows[:0], "Nobody drew lots, so nobody knows how likely each pair was to be reached by others.")
    if not (reached["condition"] == OTHERS).any():
        return because(
            rows[:0], "An HR partner’s pairs were allotted together, so none was reached only through others."
        )
    if sizes["respondent_id"].min() < fewest:
        return because(rows[:0], NO_NEITHER)
    if sizes["unit"].min() < FEWEST_EACH:
        return because(
            rows[:0],
            f"It takes pairs of {FEWEST_EACH} units that were reached in each way, so nothing is told of them.",
        )
    return rows


def effects(fits: Mapping[Any, Results | Model], confidence: float = 0.95) -> pd.DataFrame:
    """Estimate what one's own start goes with, and the start of the HR partner with others, each against neither.

    Parameters
    ----------
    fits : mapping
        Weighted least squares per outcome, from a formula with the terms ``own`` and ``others`` on the rows that
        :func:`compared` gives: ``smf.wls("score ~ own + others + baseline", rows, weights=rows["weight"])``.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        Two rows per outcome: dimension, term ("own", "HR partner with others"), estimate, low, high, respondents,
        respondents_compared (of the smaller of the two conditions), clusters, people, method, note.

    Notes
    -----
    CR2 by the unit that was drawn and, as that condition comes about through HR partners, by HR partner as well where
    the two cross (:func:`helpers.analysis.methods.two_way.two_way`).

    Examples
    --------
    >>> import numpy as np
    >>> import pandas as pd
    >>> import statsmodels.formula.api as smf
    >>> pair = np.arange(36)
    >>> rows = pd.DataFrame({"respondent_id": pair, "hr_id": pair % 12, "unit": pair // 3})
    >>> rows = rows.assign(own=(pair // 3 % 3 == 0).astype(int), others=(pair // 3 % 3 == 1).astype(int))
    >>> rows["score"] = 3 + 0.5 * rows["own"] + 0.1 * (pair * 7 % 5)
    >>> fits = {"listening": smf.ols("score ~ own + others", rows)}
    >>> effects(fits)[["term", "estimate", "low", "high"]].round(2)
                         term  estimate   low  high
    0                     own      0.51  0.35  0.67
    1  HR partner with others      0.03 -0.11  0.16
    """
    found = []
    for name, fit in fits.items():
        model = getattr(fit, "model", fit)
        used = sample(model, "unit").used
        neither = used.loc[(used["own"] == 0) & (used["others"] == 0), "respondent_id"].nunique()
        terms = {"own": OWN, "others": OTHERS}
        if crossed(used, "unit", "hr_id"):
            table = two_way(model, ("unit", "hr_id"), list(terms), confidence=confidence)
        else:
            table = pd.DataFrame(few_clusters(model, "unit", list(terms), confidence=confidence))
        for (term, words), row in zip(terms.items(), table.to_dict("records"), strict=True):
            fewer = min(neither, used.loc[used[term] == 1, "respondent_id"].nunique())
            found.append({"dimension": name} | row | {"term": words, "respondents_compared": fewer})
    names = ["dimension", "term", "estimate", "low", "high", "respondents", "respondents_compared"]
    return pd.DataFrame(found) if found else pd.DataFrame(columns=names)


def _reached(drawn: np.ndarray, partner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Tell which pairs were drawn, and how many other pairs of their HR partner; draws x pairs."""
    counts = np.zeros((len(drawn), partner.max(initial=-1) + 1))
    np.add.at(counts.T, partner, drawn.T.astype(float))
    return drawn, counts[:, partner] - drawn


def _conditions(own: np.ndarray, others: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Tell the three conditions apart: neither, HR partner with others, own."""
    return ~own & (others == 0), ~own & (others > 0), own
