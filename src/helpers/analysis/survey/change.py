"""Change between two waves: of everybody who answered, of those who answered twice, and who dropped out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis.methods import agreement, clustered, jackknife
from helpers.analysis.methods.counts import NOT_COMPUTABLE, by_group, cannot_tell, people, require
from helpers.analysis.methods.people import QUESTION, SHEET
from helpers.rounding import difference

METHOD = "random person effects, cluster-robust (CR2), t with Satterthwaite degrees of freedom"
METHOD_SRM = "delete-one-cluster jackknife, t"
METHOD_RELIABLE = "Wilson interval at the effective sample size (delete-one-cluster jackknife, t quantile)"
NOTE_UNRELIABLE = "cannot tell: the reliability estimated from these answers is not between 0 and 1"
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
    (:func:`helpers.analysis.methods.clustered.mixed`), with r the person's intraclass correlation by analysis of
    variance. People who answered once enter with their share of information instead of being dropped. Errors are CR2
    by cluster, so they hold if r is not right.

    References
    ----------
    Baltagi, B. H. (2013). *Econometric Analysis of Panel Data* (5th ed.). Wiley. Section 9.2.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> scored = scales.scores(study.responses(), study.codebook)
    >>> scored = scored[(scored["side"] == "manager") & (scored["dimension"] == "listening")]
    >>> found = between_waves(scored, "2025-H1", "2026-H1")
    >>> found[["dimension", "estimate", "low", "high"]].round(1).values.tolist()
    [['listening', 12.4, 9.1, 15.7]]
    """
    require(scores, ["wave", "cluster_id", value, *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        used = part.dropna(subset=[value, "cluster_id"]).reset_index(drop=True)
        at_first, at_second = ((used["wave"] == wave).to_numpy(bool) for wave in (first, second))
        person = _persons(used)
        answers = np.bincount(person.to_numpy()) if len(used) else np.zeros(0, int)
        both = int(answers[answers > 1].sum() / 2)
        if not (at_first.any() and at_second.any()):
            nothing = clustered.mean(used.iloc[:0], value)
            values = nothing.iloc[0].to_dict() | {
                "note": cannot_tell(f"no answers in {second if at_first.any() else first}")
            }
        else:
            values = _generalised(used, value, second, person, confidence)
        spread = used.loc[at_first, value].std()
        values["standardised"] = values["estimate"] / spread if spread > 0 else np.nan
        names = ["estimate", "low", "high", "standard_error", "degrees_of_freedom", "p_value", "standardised"]
        found = {"first": first, "second": second, **{name: values[name] for name in names}, "answered_both": both}
        return [
            found | people(used, value=value) | {"observations": len(used), "method": METHOD, "note": values["note"]}
        ]

    needed = {"wave", "cluster_id", value, *by, *SHEET, *QUESTION}  # the rest would be copied for every group
    scores = scores[[name for name in scores if name in needed]]
    return by_group(scores[scores["wave"].isin([first, second])], by, describe)


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
    observed = clustered.of_arrays(
        {"constant": np.ones(len(used)), "later": later}, used[value].to_numpy(float), used, "cluster_id"
    )
    return clustered.mixed(observed, person.to_numpy(), icc).interval(1, confidence)


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

    Examples
    --------
    >>> import pandas as pd
    >>> scores = pd.DataFrame({
    ...     "wave": ["1", "1", "2", "2"], "respondent_id": ["a", "b", "a", "c"], "cluster_id": [1, 2, 1, 2],
    ...     "score_100": [50.0, 60.0, 70.0, 40.0],
    ... })
    >>> panel(scores, "1", "2")
      respondent_id  cluster_id  first  second  change
    0             a           1   50.0    70.0    20.0
    """
    keys = [name for name in ("side", "dimension", "respondent_id", "rated_id", "cluster_id") if name in scores]
    waves = [scores[scores["wave"] == wave].dropna(subset=[value])[[*keys, value]] for wave in (first, second)]
    both = waves[0].merge(waves[1], on=keys, suffixes=("_first", "_second"))
    both = both.rename(columns={f"{value}_first": "first", f"{value}_second": "second"})
    return both.assign(change=difference(both["second"], both["first"]))


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

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> scored = scales.scores(study.responses(), study.codebook)
    >>> scored = scored[(scored["side"] == "manager") & (scored["dimension"] == "listening")]
    >>> found = standardised_response_mean(panel(scored, "2025-H1", "2026-H1"))
    >>> found[["dimension", "estimate", "low", "high"]].round(2).values.tolist()
    [['listening', 0.51, 0.32, 0.69]]
    """
    require(changes, ["change", "cluster_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        x, codes = part["change"].to_numpy(float), pd.factorize(part["cluster_id"])[0]
        clusters = codes.max(initial=-1) + 1
        values = {
            "estimate": np.nan,
            "low": np.nan,
            "high": np.nan,
            "note": cannot_tell("fewer than 3 clusters answered"),
        }
        if clusters >= 3:
            values["note"] = cannot_tell(NOT_COMPUTABLE)
            point, *left_out = _means_in_deviations(x, codes)
            if np.isfinite([point, *left_out]).all():
                low, high = jackknife.interval(point, np.array(left_out), confidence, np.asarray, np.asarray)
                values = {"estimate": point, "low": low, "high": high, "note": ""}
        note = values.pop("note")
        return [
            {**values, **people(part, additive=False), "observations": len(part), "method": METHOD_SRM, "note": note}
        ]

    return by_group(changes, by, describe)


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
    reliability: float | Mapping[str, float] | pd.Series,
    by: Sequence[str] = ("side", "dimension"),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share of people whose change is more than the error of measurement explains.

    Parameters
    ----------
    changes : pandas.DataFrame
        What :func:`panel` returns.
    reliability : float or mapping
        Reliability of the score, between 0 and 1, such as omega of the dimension; a mapping by dimension, and what
        it does not name is left out.
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
        If ``reliability`` is one number and not between 0 and 1.

    Notes
    -----
    Where the reliability that a mapping gives is not between 0 and 1, as an estimate from few answers may be, the
    numbers are missing and the note says so.

    Threshold: z sqrt(2) s sqrt(1 - reliability), s the standard deviation in the first wave. Where nobody changed at
    all, 5 % exceed it by chance, half in each direction. The threshold rests on the same people as the share, so
    clusters are left out of both in turn (beyond 200 in 200 groups); Wilson's interval is taken at the sample size
    that this error amounts to, or that of :func:`helpers.analysis.methods.clustered.proportion` if it is larger.

    References
    ----------
    Jacobson, N. S. & Truax, P. (1991). Clinical significance. *Journal of Consulting and Clinical Psychology*, 59,
    12-19.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> scored = scales.scores(study.responses(), study.codebook)
    >>> scored = scored[(scored["side"] == "manager") & (scored["dimension"] == "listening")]
    >>> found = reliable_change(panel(scored, "2025-H1", "2026-H1"), 0.77)
    >>> found[["direction", "estimate", "low", "high"]].round().values.tolist()
    [['better', 24.0, 19.0, 30.0], ['worse', 5.0, 3.0, 10.0], ['no reliable change', 71.0, 64.0, 76.0]]
    """
    require(changes, ["change", "first", "cluster_id", *by])
    if isinstance(reliability, Mapping | pd.Series):
        changes = changes.assign(reliability=changes["dimension"].map(reliability).astype(float))
    elif 0 < reliability < 1:
        changes = changes.assign(reliability=float(reliability))
    else:
        raise ValueError(f"reliability is {reliability}; expected a number between 0 and 1")
    changes = changes.dropna(subset="reliability")
    quantile = stats.norm.ppf(0.5 + confidence / 2)

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        if not part["reliability"].between(0, 1, inclusive="neither").all():
            return [_cannot_tell(part, direction) for direction in DIRECTIONS]
        factor = quantile * np.sqrt(2 * (1 - part["reliability"].mean()))
        rows = []
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
            rows.append({"direction": direction, "threshold": factor * part["first"].std(), **row})
            rows[-1]["method"] = METHOD_RELIABLE
        return rows

    return by_group(changes, by, describe)


def _cannot_tell(part: pd.DataFrame, direction: str) -> dict[str, object]:
    """Return the row of a group whose scores are not reliable at all, as an estimated alpha below 0 says."""
    row = clustered.proportion(part.assign(shown=0.0), "shown").iloc[0].to_dict()
    row |= dict.fromkeys(("estimate", "low", "high", "threshold"), np.nan)
    row |= {"direction": direction, "method": METHOD_RELIABLE, "note": NOTE_UNRELIABLE}
    return {name: row[name] for name in row if name not in ("standard_error", "degrees_of_freedom", "effective_size")}


def _beyond(change: np.ndarray, first: np.ndarray, factor: float) -> np.ndarray:
    """Who changed reliably for the better, for the worse, not at all; 3 x people."""
    threshold = factor * first.std(ddof=1) if len(first) > 1 else np.nan
    better, worse = change > threshold, change < -threshold
    return np.array([better, worse, ~(better | worse)])


def answering_again(
    scores: pd.DataFrame, first: str, second: str, value: str = "score_100", minimum: int = 0
) -> pd.DataFrame:
    """Prepare the model of answering again, ``again ~ score``: had those who dropped out scored differently?

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer, averaged over dimensions.
    first, second : str
        The two waves.
    value : str
        Column of the score.
    minimum : int
        Fewest distinct people of a side who must have answered again, and who must not have.

    Returns
    -------
    pandas.DataFrame
        The answers of the first wave, with again (1: that person answered the second wave too; 0) and score (in
        standard deviations from the mean of the side); no rows where nobody answered again, and none of a side of
        which too few did or too few did not.

    Notes
    -----
    An odds ratio near 1 does not prove that nothing was lost: answers nobody gave cannot be checked.
    """
    before, after = (scores[scores["wave"] == wave] for wave in (first, second))
    before = before.dropna(subset=[value])
    later = pd.MultiIndex.from_frame(after[["side", "respondent_id"]])
    again = pd.MultiIndex.from_frame(before[["side", "respondent_id"]]).isin(later).astype(int)
    side = before.groupby("side")[value]
    spread = side.transform("std")
    score = (before[value] - side.transform("mean")) / spread.where(spread > 0, 1.0)
    table = before.assign(again=again, score=score)
    of_both = table.groupby(["side", "again"])["respondent_id"].nunique().unstack(fill_value=0)
    enough = of_both.index[of_both.reindex(columns=[0, 1], fill_value=0).ge(minimum).all(axis=1)]
    return table[table["side"].isin(enough) & bool(again.any())].reset_index(drop=True)
