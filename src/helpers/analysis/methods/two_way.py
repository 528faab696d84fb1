"""Models when rows belong to two kinds of clusters that cross, such as teams and HR partners."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.base.model import Model, Results
from statsmodels.regression.linear_model import WLS

from helpers.analysis.methods import clustered
from helpers.analysis.methods.counts import people

METHOD = "two-way cluster-robust (CR2; the largest of the one-way and two-way variances), t on the fewer degrees"


def crossed(frame: pd.DataFrame, first: str, second: str) -> bool:
    """Tell whether two kinds of clusters cross: neither lies within the other.

    Parameters
    ----------
    frame : pandas.DataFrame
        Rows with both.
    first, second : str
        Columns that name the clusters.

    Returns
    -------
    bool
        True when some cluster of the first kind holds rows of several of the second, and the other way round.

    Examples
    --------
    >>> import pandas as pd
    >>> crossed(pd.DataFrame({"team": [1, 1, 2, 2], "partner": ["a", "b", "a", "b"]}), "team", "partner")
    True
    >>> crossed(pd.DataFrame({"team": [1, 1, 2, 2], "partner": ["a", "a", "a", "b"]}), "team", "partner")
    True
    >>> crossed(pd.DataFrame({"team": [1, 1, 2, 2], "partner": ["a", "b", "c", "d"]}), "team", "partner")
    False
    """
    ones, others = (pd.factorize(frame[name])[0] for name in (first, second))
    known = (ones >= 0) & (others >= 0)
    pairs = set(zip(ones[known].tolist(), others[known].tolist()))
    return all(len(pairs) > len(set(side)) for side in zip(*pairs)) if pairs else False


def two_way(
    fits: Results | Model | Mapping[Any, Results | Model],
    clusters: tuple[str, str],
    term: str | Sequence[str],
    *,
    by: str = "dimension",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate a term of least squares with an interval that holds when two kinds of clusters cross.

    Parameters
    ----------
    fits : statsmodels results or model, or a dict of them
        Least squares from a formula and a frame, or one per label.
    clusters : tuple of str
        Columns of the frame that name the two clusters of a row. Rows in which either is missing are left out.
    term : str or sequence of str
        Term to estimate, or several.
    by : str
        Name of the column for the labels of a dict.
    confidence : float
        Confidence level of the interval, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per fit and term: the column of ``by`` (for a dict), term, estimate, standard_error,
        degrees_of_freedom, low, high, p_value, respondents, rated (where known), clusters (those of the kind with
        fewer), people, observations, method, note.

    Raises
    ------
    TypeError
        If a model is not least squares.
    ValueError
        If a frame has no such cluster, or a formula no such term.

    Notes
    -----
    With V_1, V_2 and V_12 the CR2 variances by the first kind, the second, and by the cells in which both meet, the
    two-way variance is V_1 + V_2 - V_12 (Cameron, Gelbach & Miller 2011). With few clusters the difference can
    be too small or below zero, so the largest of V_1, V_2 and the two-way variance is taken, as MacKinnon, Nielsen and
    Webb (2024) found to be needed; t has the fewer of both Satterthwaite degrees of freedom. Where nothing is alike
    within the second kind, this is a little too careful.

    Assumptions: rows that share neither cluster are independent.

    References
    ----------
    Cameron, A. C., Gelbach, J. B. & Miller, D. L. (2011). Robust inference with multiway clustering. *Journal of
    Business & Economic Statistics*, 29(2), 238-249.

    MacKinnon, J. G., Nielsen, M. Ø. & Webb, M. D. (2024). Jackknife inference with two-way clustering. *Queen's
    Economics Department Working Paper* 1516.

    Examples
    --------
    >>> import pandas as pd
    >>> import statsmodels.formula.api as smf
    >>> rows = pd.DataFrame({"team": [1, 1, 2, 2, 3, 3, 4, 4], "partner": list("abcabcab")})
    >>> rows["treated"] = rows["team"].isin([1, 4]) * 1
    >>> rows["score"] = [4.0, 4.5, 3.0, 3.6, 3.2, 2.9, 4.6, 4.1]
    >>> found = two_way(smf.ols("score ~ treated", rows), ("team", "partner"), "treated")
    >>> found[["estimate", "standard_error", "degrees_of_freedom", "clusters"]].round(3)
       estimate  standard_error  degrees_of_freedom  clusters
    0     1.125           0.201                 1.8         3
    """
    entries = dict(fits) if isinstance(fits, Mapping) else {None: fits}
    terms = [term] if isinstance(term, str) else list(term)
    rows = []
    for label, fit in entries.items():
        labels = {by: label} if isinstance(fits, Mapping) else {}
        rows += [labels | found for found in _of_fit(fit, clusters, terms, confidence)]
    return pd.DataFrame(rows)


def _of_fit(
    fit: Results | Model, clusters: tuple[str, str], terms: Sequence[str], confidence: float
) -> list[dict[str, Any]]:
    """Rows of one fit."""
    model = getattr(fit, "model", fit)
    if not isinstance(model, WLS):
        raise TypeError("two-way clusters take least squares: smf.ols(formula, frame)")
    rows = clustered.sample(model, clusters[0])
    if clusters[1] not in rows.used:
        raise ValueError(f"the frame of the model has no column {clusters[1]}")
    for term in terms:
        if term not in rows.names:
            raise ValueError(f"no formula has the term {term}; the terms are {', '.join(rows.names)}")
    known = rows.used[clusters[1]].notna().to_numpy()
    used = rows.used[known]
    kinds = [used[name].to_numpy() for name in clusters]
    kinds.append(used.groupby(list(clusters), sort=False).ngroup().to_numpy())
    fewer = min(clusters, key=lambda name: used[name].nunique())
    counts = people(used, fewer, value=rows.explained, additive=False) | {"observations": len(used)}
    parts = [
        rows._replace(
            design=rows.design[known],
            outcome=rows.outcome[known],
            cluster=kind,
            kept=rows.kept[known],
            used=used,
            counts=counts | {"clusters": pd.Series(kind).nunique()},
        )
        for kind in kinds
    ]
    weights = np.broadcast_to(model.weights, len(model.exog))
    fitted = [clustered.linear(part, weights) for part in parts]
    return [{"term": term} | _combined(fitted, rows.names.index(term), confidence, counts) for term in terms]


def _combined(
    fits: Sequence[clustered.Fitted], column: int, confidence: float, counts: dict[str, Any]
) -> dict[str, Any]:
    """Interval from the fits by the first kind, the second, and their cells."""
    found = [fit.interval(column, confidence) for fit in fits]
    ending = counts | {"method": METHOD}
    if absent := [each for each in found[:2] if np.isnan(each["estimate"])]:
        return (
            {name: value for name, value in absent[0].items() if name != "note"} | ending | {"note": absent[0]["note"]}
        )
    first, second = (each["standard_error"] ** 2 for each in found[:2])
    fit, place = fits[2].place(column)
    error = float(np.sqrt(max(first, second, first + second - fit.standard_errors[place, 0] ** 2)))
    degrees = min(each["degrees_of_freedom"] for each in found[:2])
    estimate, half = found[0]["estimate"], error * stats.t.ppf(0.5 + confidence / 2, degrees)
    numbers = {
        "estimate": estimate,
        "standard_error": error,
        "degrees_of_freedom": degrees,
        "low": estimate - half,
        "high": estimate + half,
        "p_value": 2 * stats.t.sf(abs(estimate) / error, degrees),
    }
    return numbers | ending | {"note": clustered.ROUGH if degrees < clustered.ROUGH_BELOW else ""}
