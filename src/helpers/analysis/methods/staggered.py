"""Effects of something that several cohorts began at different times.

A regression of the level on unit, time and "has begun" also compares late cohorts with early ones that began long
since; where effects grow with time, it can have the wrong sign. Here every cohort is compared with those who had not
begun.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf

from helpers.analysis.methods import clustered
from helpers.analysis.methods.counts import cannot_tell, people, require
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.methods.randomisation import FEWEST_EACH

METHOD = "Group-time effects against those who had not begun, cluster-robust (CR2)"
FEWEST_CLUSTERS = 8
FEWEST_COHORTS = 2
_OVERALL = ("estimate", "low", "high", "p_value", "respondents", "clusters", "people", "method", "note")
_COLUMNS = ("cell", "begun", "at", "horizon", "treated", "change")


def changes(
    frame: pd.DataFrame,
    value: str,
    unit: str,
    time: str,
    cohort: str,
    compared: Literal["not yet", "never"] = "not yet",
) -> pd.DataFrame:
    """Set every cohort's change since the time before it began beside that of those who had not begun.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per unit and time, with whatever columns name clusters and people.
    value : str
        The outcome. Rows in which it is missing are left out.
    unit, time : str
        Who was measured, and when: numbers in order, such as 2004 or the place of a wave.
    cohort : str
        First time at which the unit had begun; missing for those who never did.
    compared : {"not yet", "never"}
        With whom: all who had not begun by then, or only those who never did.

    Returns
    -------
    pandas.DataFrame
        The rows of ``frame`` at each time, once per cohort that they belong to or are compared with, with cell ("2004
        in 2006"), begun (first time of the cohort), at (the time), horizon (0 at the cohort's first time, below 0
        before), treated (1 for the cohort, else 0) and change (in units of the value).

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame({"team": [1, 1, 2, 2], "wave": [1, 2] * 2, "began": [2, 2, None, None]})
    >>> panel["score"] = [3.0, 4.0, 3.0, 3.5]
    >>> changes(panel, "score", "team", "wave", "began")[["cell", "team", "treated", "change"]]
         cell  team  treated  change
    0  2 in 2     1        1     1.0
    1  2 in 2     2        0     0.5
    """
    require(frame, [value, unit, time, cohort])
    known = frame.dropna(subset=[value, unit, time])
    times, when = np.unique(known[time].to_numpy(), return_inverse=True)
    who, units = pd.factorize(known[unit])
    levels, cohorts = known[value].to_numpy(float), known[cohort].to_numpy(float)
    of_units = np.full((len(units), len(times)), np.nan)
    of_units[who[::-1], when[::-1]] = levels[::-1]  # of several rows the first counts
    parts = []
    for begun in np.sort(known[cohort].dropna().unique()):
        before = int((times < begun).sum())
        for place in [place for place in range(len(times)) if place != before - 1] if before else []:
            at = times[place]
            waiting = np.isnan(cohorts) | ((compared == "not yet") & (cohorts > max(at, begun)))
            rows = np.flatnonzero((when == place) & ((cohorts == begun) | waiting))
            change = levels[rows] - of_units[who[rows], before - 1]
            rows, change = rows[~np.isnan(change)], change[~np.isnan(change)]
            treated = (cohorts[rows] == begun).astype(int)
            if treated.any() and not treated.all():
                values = (f"{begun:g} in {at:g}", begun, at, place - before)
                parts.append((rows, *(np.repeat(each, len(rows)) for each in values), treated, change))
    if not parts:
        return frame[:0].reindex(columns=[*frame.columns, *_COLUMNS])
    rows, *told = (np.concatenate(part) for part in zip(*parts, strict=True))
    return known.iloc[rows].reset_index(drop=True).assign(**dict(zip(_COLUMNS, told, strict=True)))


def group_time(cells: pd.DataFrame, cluster: str, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate the effect on each cohort at each time.

    Parameters
    ----------
    cells : pandas.DataFrame
        As :func:`changes` returns them.
    cluster : str
        Column that names the unit in which cohorts were formed.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per cohort and time: cell, begun, at, horizon, estimate (in units of the value), standard_error, low,
        high, p_value, respondents, clusters, people, method, note. Those with a horizon below 0 came before the
        effect: what they show cannot prove that the cohorts would have run alike afterwards.

    Notes
    -----
    ATT(g, t) is the mean change of cohort g from the time before g to t, less that of those who had not begun
    (Callaway & Sant'Anna 2021, without covariates); least squares within each cell, CR2 and Satterthwaite degrees of
    freedom. With fewer than 3 clusters of either kind a cell is not tested: their own course cannot be told from the
    effect. Assumption: without the treatment the cohorts' means would have run in parallel, and nobody reacts before
    it begins.

    References
    ----------
    Callaway, B. & Sant'Anna, P. H. C. (2021). Difference-in-differences with multiple time periods. *Journal of
    Econometrics*, 225(2), 200-230.

    Goodman-Bacon, A. (2021). Difference-in-differences with variation in treatment timing. *Journal of Econometrics*,
    225(2), 254-277.

    Examples
    --------
    >>> import pandas as pd
    >>> panel = pd.DataFrame({"team": [*range(8)] * 2, "wave": [1] * 8 + [2] * 8})
    >>> panel["began"] = [2, 2, 2, 2, None, None, None, None] * 2
    >>> panel["score"] = [3, 3.2, 2.9, 3.1, 3, 3.1, 2.8, 3.3, 3.6, 3.9, 3.4, 3.5, 3.1, 3.1, 2.9, 3.2]
    >>> found = group_time(changes(panel, "score", "team", "wave", "began"), "team")
    >>> found[["cell", "estimate", "low", "high", "clusters"]].round(2)
         cell  estimate   low  high  clusters
    0  2 in 2      0.52  0.33  0.72         8
    """
    require(cells, [*_COLUMNS, cluster])
    fits = {cell: smf.ols("change ~ treated", rows) for cell, rows in cells.groupby("cell", sort=False)}
    found = few_clusters(fits, cluster, "treated", by="cell", confidence=confidence)
    where = cells.drop_duplicates("cell").set_index("cell")[["horizon", "at", "begun"]]
    found = pd.DataFrame(found).drop(columns="term").assign(method=METHOD)
    few = cells.groupby(["cell", "treated"])[cluster].nunique().groupby("cell").min() < FEWEST_EACH
    few = found["cell"].map(few)
    untold = ["standard_error", "degrees_of_freedom", "low", "high", "p_value"]
    found.loc[few, untold] = np.nan
    found.loc[few, "note"] = cannot_tell(f"fewer than {FEWEST_EACH} clusters had begun, or had not")
    for name in where:
        found.insert(1, name, found["cell"].map(where[name]))
    return found


class EventStudy(NamedTuple):
    """Effects averaged over cohorts, by the time since each began.

    Attributes
    ----------
    table : pandas.DataFrame
        One row per horizon, and one, ``overall``, over all horizons from 0 on: horizon, estimate (in units of the
        value), standard_error, degrees_of_freedom, low, high, p_value, respondents, clusters, people, method, note.
    covariance : numpy.ndarray
        Covariance of the estimates, in the order of the table; empty where nothing could be estimated.
    """

    table: pd.DataFrame
    covariance: np.ndarray


def event_study(cells: pd.DataFrame, unit: str, cluster: str, confidence: float = 0.95) -> EventStudy:
    """Average the effects of all cohorts, by the time since each began and overall.

    Parameters
    ----------
    cells : pandas.DataFrame
        As :func:`changes` returns them.
    unit : str
        Column that names who was measured; cohorts count by their number.
    cluster : str
        Column that names the unit in which cohorts were formed.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    EventStudy
        See there; its table has estimate, low, high and p_value.

    Notes
    -----
    Averages of the effects of :func:`group_time`, each cohort weighted by its number of units ("simple" over all cells
    from horizon 0 on, in Callaway and Sant'Anna's words). Variance CR2 of one regression that holds every cell,
    ``change ~ 0 + cell + cell:treated``, with Satterthwaite degrees of freedom for the average itself.

    References
    ----------
    Callaway & Sant'Anna (2021), as for :func:`group_time`.

    Examples
    --------
    Twelve teams in four waves: three began in the third, three in the fourth, six never; the score rose by .5.

    >>> import pandas as pd
    >>> began = [3, 3, 3, 4, 4, 4, *[None] * 6]
    >>> panel = pd.DataFrame([(team, wave, began[team]) for team in range(12) for wave in (1, 2, 3, 4)])
    >>> panel.columns = ["team", "wave", "began"]
    >>> luck = panel["team"] * 7 % 5 * panel["wave"] % 4 / 10
    >>> panel["score"] = 3 + luck + 0.5 * (panel["wave"] >= panel["began"])
    >>> found = event_study(changes(panel, "score", "team", "wave", "began"), "team", "team")
    >>> found.table[["horizon", "estimate", "low", "high", "clusters"]].round(2)
       horizon  estimate   low  high  clusters
    0       -3      0.00 -0.35  0.35        12
    1       -2      0.04 -0.06  0.15        12
    2        0      0.51  0.36  0.66        12
    3        1      0.57  0.45  0.68        12
    4  overall      0.53  0.41  0.64        12
    """
    require(cells, [*_COLUMNS, unit, cluster])
    counts = _counted(cells, unit)
    horizons = {f"{horizon}": rows for horizon, rows in counts.groupby("horizon")}
    return _averaged(cells, horizons | _since(counts), cluster, confidence)


def _counted(cells: pd.DataFrame, unit: str) -> pd.DataFrame:
    """One row per cell, with the size of its cohort."""
    size = cells.loc[cells["treated"] == 1].groupby("begun")[unit].nunique()
    counts = cells.loc[~cells["cell"].duplicated(), ["cell", "begun", "horizon"]]
    return counts.assign(size=counts["begun"].map(size))


def _since(counts: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {"overall": counts[counts["horizon"] >= 0]}


def _averaged(cells: pd.DataFrame, horizons: dict[str, pd.DataFrame], cluster: str, confidence: float) -> EventStudy:
    """Average the effects of the cells of each horizon, the last of which is over all since each cohort began."""
    cohorts = cells.loc[cells["treated"] == 1]
    few = cells[cluster].nunique() < FEWEST_CLUSTERS or cohorts["begun"].nunique() < FEWEST_COHORTS
    few |= cohorts[cluster].nunique() < FEWEST_EACH
    if few or not len(horizons["overall"]):
        note = (
            f"it takes {FEWEST_COHORTS} cohorts and {FEWEST_CLUSTERS} clusters, {FEWEST_EACH} of which began, measured "
        )
        note += "before and after"
        numbers = ("estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value")
        row = {"horizon": "overall", **dict.fromkeys(numbers, np.nan), **people(cells, cluster, additive=False)}
        table = pd.DataFrame([row | {"observations": len(cells), "method": METHOD, "note": cannot_tell(note)}])
        return EventStudy(table, np.empty((0, 0)))
    terms = {name: "cell[" + rows["cell"] + "]:treated" for name, rows in horizons.items()}
    weights = {
        name: dict(zip(terms[name], rows["size"] / rows["size"].sum(), strict=True)) for name, rows in horizons.items()
    }
    rows = _sample(cells, cluster)
    fitted = clustered.linear(rows)
    table = clustered.combinations_of(rows, fitted, weights, confidence)
    fit, _ = fitted.place(fitted.columns[0])
    matrix = np.array([[each.get(rows.names[column], 0.0) for column in fitted.columns] for each in weights.values()])
    pieces = fit.contributions[:, :, 0] @ matrix.T
    return EventStudy(table.rename(columns={"term": "horizon"}).assign(method=METHOD), pieces.T @ pieces)


def _sample(cells: pd.DataFrame, cluster: str) -> clustered.Sample:
    """Set up ``change ~ 0 + cell + cell:treated``, which would take longer to read as a formula than to fit."""
    used = cells[cells[cluster].notna()]
    codes, names = pd.factorize(used["cell"], sort=True)
    own = (codes[:, None] == np.arange(len(names))) * 1.0
    treated = own * used["treated"].to_numpy()[:, None]
    design = {f"cell[{name}]": column for name, column in zip(names, own.T)}
    design |= {f"cell[{name}]:treated": column for name, column in zip(names, treated.T)}
    return clustered.of_arrays(design, used["change"].to_numpy(float), used, cluster)


def overall(cells: Mapping[str, pd.DataFrame], unit: str, cluster: str, confidence: float = 0.95) -> pd.DataFrame:
    """Average the effects over all cohorts and times since they began, for several outcomes.

    Parameters
    ----------
    cells : mapping
        What :func:`changes` returns, by dimension.
    unit, cluster, confidence
        As for :func:`event_study`.

    Returns
    -------
    pandas.DataFrame
        One row per dimension: dimension, estimate, low, high and the other columns of :class:`EventStudy`'s table, with
        respondents_treated and respondents_others (distinct people, where the rows name them in respondent_id).

    Examples
    --------
    >>> import pandas as pd
    >>> began = [3, 3, 3, 4, 4, 4, *[None] * 6]
    >>> panel = pd.DataFrame([(team, wave, began[team]) for team in range(12) for wave in (1, 2, 3, 4)])
    >>> panel.columns = ["team", "wave", "began"]
    >>> luck = panel["team"] * 7 % 5 * panel["wave"] % 4 / 10
    >>> panel["score"] = 3 + luck + 0.5 * (panel["wave"] >= panel["began"])
    >>> found = overall({"trust": changes(panel, "score", "team", "wave", "began")}, "team", "team")
    >>> found[["dimension", "estimate", "low", "high", "respondents_treated"]].round(2)
      dimension  estimate   low  high  respondents_treated
    0     trust      0.53  0.41  0.64                    6
    """
    rows = []
    for dimension, own in cells.items():
        require(own, [*_COLUMNS, unit, cluster])
        row = _averaged(own, _since(_counted(own, unit)), cluster, confidence).table.iloc[-1].to_dict()
        who = own.get("respondent_id", own[unit])
        for name, code in (("treated", 1), ("others", 0)):
            row[f"respondents_{name}"] = who[(own["treated"] == code) & (own["horizon"] >= 0)].nunique()
        rows.append({"dimension": dimension} | row)
    return pd.DataFrame(rows, columns=["dimension", *_OVERALL] if not rows else None)
