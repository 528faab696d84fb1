"""Change between two waves: of everybody who answered, of those who answered twice, and who dropped out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis import agreement, clustered, jackknife
from helpers.analysis.counts import cannot_tell, groups, people

METHOD = "random person effects, cluster-robust (CR2), t with Satterthwaite degrees of freedom"
METHOD_SRM = "delete-one-cluster jackknife, t"
METHOD_RELIABLE = "Wilson interval at the effective sample size (delete-one-cluster jackknife, t quantile)"
DIRECTIONS = ("better", "worse", "no reliable change")
_MOST_GROUPS = 200


def between_waves(
    scores: pd.DataFrame,
    first: str,
    second: str,
    value: str = "score_100",
    by: Sequence[str] = ("side", "dimension"),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the change from one wave to another from everybody who answered either.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer: ``wave``, ``respondent_id``, ``rated_id`` (where known), ``cluster_id``.
    first, second : str
        The two waves.
    value : str
        Column whose mean is compared.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, first, second, estimate (second less first, units of ``value``), low,
        high, standard_error, degrees_of_freedom, p_value, standardised (estimate / standard deviation in the first
        wave), answered_both (pairs of respondent and rated person with both), respondents, rated (where known),
        clusters, observations, method, note.

    Notes
    -----
    The mixed model value = a + b second + person + noise, fitted by generalised least squares: a share
    t = 1 - sqrt(1 / (1 + m r / (1 - r))) of the person's mean over their m answers is taken from both sides
    (:func:`helpers.analysis.clustered.quasi_demeaned`), with r the person's intraclass correlation by analysis of
    variance. People who answered once enter with their share of information instead of being dropped. Errors are CR2
    by cluster, so they hold if r is not right.

    References
    ----------
    Baltagi, B. H. (2013). *Econometric Analysis of Panel Data* (5th ed.). Wiley. Section 9.2.
    """
    rows = []
    for labels, part in groups(scores[scores["wave"].isin([first, second])], by):
        used = part.dropna(subset=[value, "cluster_id"]).reset_index(drop=True)
        before, after = (used[used["wave"] == wave] for wave in (first, second))
        person = _persons(used)
        both = int((person.groupby(person).transform("size") > 1).sum() / 2) if len(used) else 0
        shared = {**labels, "first": first, "second": second}
        if before.empty or after.empty:
            nothing = clustered.mean(used.iloc[:0], value)
            values = nothing.iloc[0].to_dict() | {
                "note": cannot_tell(f"no answers in {first if before.empty else second}")
            }
        else:
            values = _generalised(used, value, second, person, confidence)
        spread = before[value].std()
        values["standardised"] = values["estimate"] / spread if spread > 0 else np.nan
        names = ["estimate", "low", "high", "standard_error", "degrees_of_freedom", "p_value", "standardised"]
        rows.append({**shared, **{name: values[name] for name in names}, "answered_both": both, **people(used)})
        rows[-1] |= {"observations": len(used), "method": METHOD, "note": values["note"]}
    return pd.DataFrame(rows)


def _persons(used: pd.DataFrame) -> pd.Series:
    """Who answered about whom."""
    keys = [name for name in ("respondent_id", "rated_id") if name in used]
    return used.groupby(keys, dropna=False, observed=True).ngroup()


def _generalised(
    used: pd.DataFrame, value: str, second: str, person: pd.Series, confidence: float
) -> dict[str, object]:
    """Regression on the wave after quasi-demeaning by person."""
    later = (used["wave"] == second).astype(float)
    residual = used[value] - used.groupby("wave")[value].transform("mean")
    icc = agreement.intraclass(residual, person).one
    icc = 0.0 if np.isnan(icc) else min(max(icc, 0.0), 0.99)
    table = np.column_stack([np.ones(len(used)), later, used[value]]).astype(float)
    frame = pd.DataFrame(
        clustered.quasi_demeaned(table, pd.factorize(person)[0], icc), columns=["constant", "later", "value"]
    )
    frame["cluster"] = used["cluster_id"].to_numpy()
    found = clustered.regression("value ~ 0 + constant + later", frame, "cluster", confidence=confidence)
    return found.set_index("term").loc["later"].to_dict()


def panel(scores: pd.DataFrame, first: str, second: str, value: str = "score_100") -> pd.DataFrame:
    """Put both answers of those who answered twice side by side.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer.
    first, second : str
        The two waves.
    value : str
        Column to compare.

    Returns
    -------
    pandas.DataFrame
        One row per respondent, rated person, side and dimension with both answers: these, cluster_id, first, second and
        change (second less first).
    """
    keys = [name for name in ("side", "dimension", "respondent_id", "rated_id", "cluster_id") if name in scores]
    waves = [scores[scores["wave"] == wave].dropna(subset=[value])[[*keys, value]] for wave in (first, second)]
    both = waves[0].merge(waves[1], on=keys, suffixes=("_first", "_second"))
    both = both.rename(columns={f"{value}_first": "first", f"{value}_second": "second"})
    return both.assign(change=both["second"] - both["first"])


def standardised_response_mean(
    changes: pd.DataFrame, by: Sequence[str] = ("side", "dimension"), confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the mean change of those who answered twice in units of how differently people changed.

    Parameters
    ----------
    changes : pandas.DataFrame
        What :func:`panel` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, low, high (standard deviations of change), respondents,
        rated (where known), clusters, observations, method, note.

    References
    ----------
    Liang, M. H., Fossel, A. H. & Larson, M. G. (1990). Comparisons of five health status instruments for orthopedic
    evaluation. *Medical Care*, 28, 632-642.
    """
    rows = []
    for labels, part in groups(changes, by):
        x, codes = part["change"].to_numpy(float), pd.factorize(part["cluster_id"])[0]
        clusters = codes.max(initial=-1) + 1
        values = {
            "estimate": np.nan,
            "low": np.nan,
            "high": np.nan,
            "note": cannot_tell("fewer than 3 clusters answered"),
        }
        if clusters >= 3:
            values["note"] = cannot_tell("too few different answers")
            point, *left_out = _means_in_deviations(x, codes)
            if np.isfinite([point, *left_out]).all():
                low, high = jackknife.interval(point, np.array(left_out), confidence, np.asarray, np.asarray)
                values = {"estimate": point, "low": low, "high": high, "note": ""}
        note = values.pop("note")
        rows.append({**labels, **values, **people(part), "observations": len(part), "method": METHOD_SRM, "note": note})
    return pd.DataFrame(rows)


def _means_in_deviations(x: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Mean over standard deviation: of everything, then with each cluster left out."""
    own = np.column_stack([np.bincount(cluster, each) for each in (np.ones(len(x)), x - x.mean(), (x - x.mean()) ** 2)])
    size, first, second = np.vstack([own.sum(axis=0), own.sum(axis=0) - own]).T
    with np.errstate(divide="ignore", invalid="ignore"):
        variance = (second - first**2 / size) / (size - 1)
        mean = x.mean() + first / size
        return np.where(variance > 1e-12 * max(1.0, np.abs(x).max()) ** 2, mean / np.sqrt(variance), np.nan)


def reliable_change(
    changes: pd.DataFrame,
    reliability: float,
    by: Sequence[str] = ("side", "dimension"),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share of people whose change is more than the error of measurement explains.

    Parameters
    ----------
    changes : pandas.DataFrame
        What :func:`panel` returns.
    reliability : float
        Reliability of the score, between 0 and 1, such as omega of the dimension.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level of the threshold and of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and direction (``better``, ``worse``, ``no reliable change``): the columns of ``by``,
        direction, threshold (smallest reliable change, units of the score), estimate, low, high (per cent),
        respondents, rated (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If ``reliability`` is not between 0 and 1.

    Notes
    -----
    Threshold: z sqrt(2) s sqrt(1 - reliability), s the standard deviation in the first wave. Where nobody changed at
    all, 5 % exceed it by chance, half in each direction. The threshold rests on the same people as the share, so
    clusters are left out of both in turn (beyond 200 in 200 groups); Wilson's interval is taken at the sample size
    that this error amounts to, or that of :func:`helpers.analysis.clustered.proportion` if it is larger.

    References
    ----------
    Jacobson, N. S. & Truax, P. (1991). Clinical significance. *Journal of Consulting and Clinical Psychology*, 59,
    12-19.
    """
    if not 0 < reliability < 1:
        raise ValueError(f"reliability is {reliability}; expected a number between 0 and 1")
    rows = []
    quantile = stats.norm.ppf(0.5 + confidence / 2)
    for labels, part in groups(changes, by):
        factor = quantile * np.sqrt(2 * (1 - reliability))
        x, first = part["change"].to_numpy(float), part["first"].to_numpy(float)
        beyond = _beyond(x, first, factor)
        group = pd.factorize(part["cluster_id"])[0] % _MOST_GROUPS
        rest = [kept for label in np.unique(group) if (kept := group != label).any()]
        left_out = np.array([_beyond(x[kept], first[kept], factor).mean(axis=1) for kept in rest])
        for position, direction in enumerate(DIRECTIONS):
            shown = part.assign(shown=beyond[position].astype(float))
            row = clustered.proportion(shown, "shown", confidence=confidence).iloc[0].to_dict()
            _, degrees, size = (row.pop(key) for key in ("standard_error", "degrees_of_freedom", "effective_size"))
            if 0 < (share := row["estimate"]) < 1:
                size = min(size, share * (1 - share) / jackknife.standard_error(left_out[:, position]) ** 2)
                t = stats.t.ppf(0.5 + confidence / 2, degrees)
                row["low"], row["high"] = clustered.wilson_interval(share, size, t)
            row |= {name: 100 * row[name] for name in ("estimate", "low", "high")}
            rows.append({**labels, "direction": direction, "threshold": factor * part["first"].std(), **row})
            rows[-1]["method"] = METHOD_RELIABLE
    return pd.DataFrame(rows)


def _beyond(change: np.ndarray, first: np.ndarray, factor: float) -> np.ndarray:
    """Who changed reliably for the better, for the worse, not at all; 3 x people."""
    threshold = factor * first.std(ddof=1) if len(first) > 1 else np.nan
    better, worse = change > threshold, change < -threshold
    return np.array([better, worse, ~(better | worse)])


def drop_out(
    scores: pd.DataFrame, first: str, second: str, value: str = "score_100", confidence: float = 0.95
) -> pd.DataFrame:
    """Check whether those who answered again had scored differently in the first wave.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer, averaged over dimensions.
    first, second : str
        The two waves.
    value : str
        Column of the score.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per side: side, estimate, low, high (odds ratio of answering again per standard deviation of the first
        score), p_value, stayed, left (respondents), respondents, rated (where known), clusters, observations, method,
        note.

    Notes
    -----
    :func:`helpers.analysis.clustered.logit`. An odds ratio near 1 does not prove that nothing was lost: answers
    nobody gave cannot be checked.
    """
    rows = []
    for labels, part in groups(scores[scores["wave"] == first].dropna(subset=[value]), ["side"]):
        again = set(scores.loc[(scores["wave"] == second) & (scores["side"] == labels["side"]), "respondent_id"])
        spread = part[value].std()
        frame = part.assign(
            stayed=part["respondent_id"].isin(again).astype(float),
            score=(part[value] - part[value].mean()) / (spread if spread > 0 else 1.0),
        )
        found = clustered.logit("stayed ~ score", frame, "cluster_id", confidence).set_index("term").loc["score"]
        stayed = frame.loc[frame["stayed"] == 1, "respondent_id"].nunique()
        counts = {"stayed": stayed, "left": frame["respondent_id"].nunique() - stayed}
        dropped = ["log_odds", "standard_error", "degrees_of_freedom"]
        rows.append({**labels, **counts, **found.drop(dropped).to_dict()})
    return pd.DataFrame(rows)
