"""Two sides of one partnership: pair them, compare them, and see what their agreement goes with.

One HR partner works with a dozen managers, so pairs are not independent of each other (a one-with-many design). All
intervals here are over ``cluster_id``: the HR partner, or what the study declares instead.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from helpers.analysis.methods import between_groups, clustered, jackknife, ranks
from helpers.analysis.methods.counts import NOT_COMPUTABLE, by_group, cannot_tell, groups, numeric, people, require
from helpers.analysis.methods.people import People
from helpers.rounding import difference

METHOD_SIMILARITY = "delete-one-cluster jackknife on Fisher's z, t"
METHOD_COMPONENTS = "one-with-many model, nested analysis of variance, Wald's F intervals"
METHOD_THESE = "these HR partners as they are, analysis of variance, noncentral F interval"
METHOD_RECIPROCITY = "one-with-many model, delete-one-HR-partner jackknife on Fisher's z, t"
#: Dimensions a profile must have in common to be compared.
SHORTEST_PROFILE = 4
#: HR partners needed to say how HR partners differ; below it, intervals over them are rough.
FEWEST_PARTNERS = 10
#: HR partners needed to say that they differ at all.
FEWEST_TO_DIFFER = 3
TOO_FEW_PARTNERS = f"fewer than {FEWEST_PARTNERS} HR partners"
_ZERO = 1e-12


def paired_scores(scores: pd.DataFrame, value: str = "score_100") -> pd.DataFrame:
    """Put what HR and the manager said about the same partnership side by side.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer and dimension, as :func:`helpers.analysis.survey.scales.scores` gives them. Where HR partners
        answered a short form, score both sides with ``short_form=True``: only the same items can be compared.
    value : str
        Column to compare.

    Returns
    -------
    pandas.DataFrame
        One row per partnership, wave and dimension that both sides answered: partnership_id, wave, dimension, hr_id,
        manager_id, cluster_id, form (where it is known), hr and manager (``value`` of each side).

    Examples
    --------
    >>> import pandas as pd
    >>> scores = pd.DataFrame({"side": ["hr", "manager"], "score_100": [75.0, 50.0]})
    >>> scores = scores.assign(partnership_id="p1", wave="2026", dimension="trust")
    >>> scores = scores.assign(hr_id="h1", manager_id="m1", cluster_id="h1")
    >>> paired_scores(scores)[["partnership_id", "dimension", "hr", "manager"]].values.tolist()
    [['p1', 'trust', 75.0, 50.0]]
    """
    used = scores[scores["partnership_id"].notna() & scores["side"].isin(["hr", "manager"])].dropna(subset=[value])
    keys = ["partnership_id", "wave", "dimension"]
    sides = used.pivot_table(value, keys, "side", "mean", observed=True).reindex(columns=["hr", "manager"]).dropna()
    names = [name for name in ("hr_id", "manager_id", "cluster_id", "form") if name in used]
    who = used.groupby(keys, observed=True)[names].first()
    return who.join(sides, how="inner").reset_index()


def pairing(responses: pd.DataFrame) -> pd.DataFrame:
    """Count who could be paired, and why the others could not.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as ``study.responses()`` gives them.

    Returns
    -------
    pandas.DataFrame
        One row per wave and outcome: wave, pairing (``both answered``, ``only HR answered``, ``only the manager
        answered``, ``no partnership known``), estimate (per cent of the partnerships of the wave about which anybody
        answered), partnerships, answers, respondents, clusters.
    """
    answers = responses[responses["side"].isin(["hr", "manager"])]
    sides = answers.groupby(["wave", "partnership_id"])["side"].agg(lambda side: "+".join(sorted(set(side))))
    found = answers.merge(sides.rename("both").reset_index(), on=["wave", "partnership_id"], how="left")
    names = {"hr+manager": "both answered", "hr": "only HR answered", "manager": "only the manager answered"}
    found["pairing"] = found["both"].map(names).fillna("no partnership known")
    every = found.groupby("wave")["partnership_id"].nunique()
    rows = [
        {
            **labels,
            "estimate": 100 * part["partnership_id"].nunique() / max(every[labels["wave"]], 1),
            "partnerships": part["partnership_id"].nunique(),
            "answers": len(part),
            **people(part, value="paired"),
        }
        for labels, part in groups(found, ["wave", "pairing"])
    ]
    columns = ["wave", "pairing", "estimate", "partnerships", "answers", "respondents", "clusters", "people"]
    return pd.DataFrame(rows, columns=columns)


def count_people(pairs: pd.DataFrame, additive: bool = False) -> dict[str, Any]:
    """Count the people of both sides behind pairs, and keep who they are.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns.
    additive : bool
        Whether the result is a mean or a difference of means.

    Returns
    -------
    dict
        respondents, respondents_hr, respondents_manager, clusters, observations (pairs), people (see
        :class:`helpers.analysis.methods.people.People`).
    """
    hr, manager = set(pairs["hr_id"]), set(pairs["manager_id"])
    said_by_hr = People(pairs, "hr_id", "manager_id", "score", additive)
    said_by_managers = People(pairs, "manager_id", "hr_id", "score", additive)
    return {
        "respondents": len(hr | manager),
        "respondents_hr": len(hr),
        "respondents_manager": len(manager),
        "clusters": pairs["cluster_id"].nunique(),
        "observations": len(pairs),
        "people": said_by_hr | said_by_managers,
    }


def _counted(table: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Count the people of both sides in a result that counted rows."""
    last = [*count_people(pairs), "method", "note"]
    return table.assign(**count_people(pairs))[[*[name for name in table if name not in last], *last]]


def perception_gap(pairs: pd.DataFrame, by: Sequence[str] = ("dimension",), confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how much more favourably HR sees the partnership than the manager does.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, mean_hr, mean_manager (HR partners weighted as in the estimate),
        estimate (HR less manager), low, high (units of the paired value), standardised (estimate / standard deviation
        of the managers' values), standard_error, degrees_of_freedom, p_value, respondents, respondents_hr,
        respondents_manager, clusters, observations (pairs), method, note.

    Notes
    -----
    The mixed model difference ~ 1 + (1 | HR partner), managers nested in HR partners, by restricted maximum likelihood
    (:func:`helpers.analysis.methods.clustered.mixed_mean`): an HR partner with many managers counts more than one with
    few, but
    not in proportion. The model assumes that HR partners' gaps are drawn alike, and pairs' gaps with equal variance;
    its own standard error would be too small where they are not, or where a pair enters with several waves. The
    interval is therefore CR2 by HR partner on top of it, t with Satterthwaite degrees of freedom.

    References
    ----------
    Kenny, D. A., Kashy, D. A. & Cook, W. L. (2006). *Dyadic Data Analysis*. Guilford. Chapter 10.

    Pustejovsky & Tipton (2018), as for :mod:`helpers.analysis.methods.clustered`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> pairs = paired_scores(scales.comparable(answers, study.codebook))
    >>> pairs = pairs[pairs["dimension"] == "listening"]
    >>> perception_gap(pairs)[["dimension", "estimate", "low", "high"]].round(1).values.tolist()
    [['listening', 7.4, 2.8, 12.1]]
    """
    require(pairs, ["hr", "manager", "cluster_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        found = clustered.mixed_mean(part, "gap", confidence=confidence).iloc[0].to_dict()
        spread = part["manager"].std()
        means = dict.fromkeys(_SIDES, np.nan)
        if not np.isnan(found["estimate"]):
            codes = pd.factorize(part["cluster_id"])[0]
            alike = clustered.random_intercept(part["gap"].to_numpy(float), codes)
            weight = 1 / (1 + np.bincount(codes)[codes] * alike / (1 - alike))
            means = {name: np.average(part[side], weights=weight) for name, side in _SIDES.items()}
        found["standardised"] = found["estimate"] / spread if spread > 0 else np.nan
        return [{**means, **found, **count_people(part, additive=True)}]

    return by_group(pairs.assign(gap=difference(pairs["hr"], pairs["manager"])), by, describe)


_SIDES = {"mean_hr": "hr", "mean_manager": "manager"}


def similarity(pairs: pd.DataFrame, by: Sequence[str] = ("dimension",), confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how far the two sides of a partnership agree about it.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and coefficient (``ICC(A,1)`` absolute agreement, ``correlation`` same order whatever the
        level): the columns of ``by``, coefficient, estimate, low, high (-1 to 1), respondents, respondents_hr,
        respondents_manager, clusters, observations (pairs), method, note.

    Notes
    -----
    ICC(A,1) = 2 s_xy / (s_x^2 + s_y^2 + (mean_x - mean_y)^2), the concordance of two fixed sides (Lin, 1989, is the
    same but for n / (n - 1)). Intervals leave out one HR partner at a time.

    References
    ----------
    McGraw, K. O. & Wong, S. P. (1996). *Psychological Methods*, 1, 30-46.

    Lin, L. I. (1989). *Biometrics*, 45, 255-268.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> pairs = paired_scores(scales.comparable(answers, study.codebook))
    >>> pairs = pairs[pairs["dimension"] == "listening"]
    >>> similarity(pairs)[["coefficient", "estimate", "low", "high"]].round(2).values.tolist()
    [['ICC(A,1)', 0.1, -0.06, 0.25], ['correlation', 0.11, -0.07, 0.27]]
    """
    require(pairs, ["hr", "manager", "cluster_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        shared = {**count_people(part), "method": METHOD_SIMILARITY}
        coefficients = {"ICC(A,1)": _concordance, "correlation": _correlation}
        return [
            {"coefficient": name, **_jackknifed(part, estimate, confidence), **shared}
            for name, estimate in coefficients.items()
        ]

    return by_group(pairs, by, describe)


def agreement_ranks(pairs: pd.DataFrame, by: str = "dimension") -> pd.DataFrame:
    """Say about which dimensions the two sides could agree least or most, ICC(A,1) as in :func:`similarity`.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns, several dimensions.
    by : str
        Column of what is ranked.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.methods.ranks.of_left_out`: one cluster is left out of all dimensions at once.
    """
    codes, names = pd.factorize(pairs[by])
    clusters, labels = pd.factorize(pairs["cluster_id"])
    found = np.full((len(labels) + 1, len(names)), np.nan)
    for place in range(len(names)):
        part = pairs[codes == place]
        x, y = (part[side].to_numpy(float) - part["hr"].mean() for side in ("hr", "manager"))
        moments = _moments(x, y, clusters[codes == place])
        moments = np.vstack([moments, np.zeros((len(labels) - len(moments), 6))])
        agreement = _concordance(np.vstack([moments.sum(axis=0), moments.sum(axis=0) - moments]))
        found[:, place] = np.arctanh(np.where(np.abs(agreement) < 1, agreement, np.nan))
    return ranks.of_left_out(names, found[0], found[1:], by)


def _moments(x: np.ndarray, y: np.ndarray, group: np.ndarray) -> np.ndarray:
    """Count, sums, sums of squares and of products of both sides in every group; groups x 6."""
    columns = (np.ones(len(x)), x, y, x * x, y * y, x * y)
    return np.column_stack([np.bincount(group, column) for column in columns])


def _covariances(moments: np.ndarray) -> tuple[np.ndarray, ...]:
    """Both variances and the covariance (n - 1); a side that varies by no more than rounding error is constant."""
    size, x, y, xx, yy, xy = moments.T
    with np.errstate(divide="ignore", invalid="ignore"):
        of_x, of_y, both = xx - x * x / size, yy - y * y / size, xy - x * y / size
        flat_x, flat_y = of_x <= 1e-10 * xx, of_y <= 1e-10 * yy
        found = np.where(flat_x, 0, of_x), np.where(flat_y, 0, of_y), np.where(flat_x | flat_y, 0, both)
        return tuple(each / (size - 1) for each in found)


def _concordance(moments: np.ndarray) -> np.ndarray:
    size, x, y = moments.T[:3]
    of_x, of_y, covariance = _covariances(moments)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(size < 2, np.nan, 2 * covariance / (of_x + of_y + (x / size - y / size) ** 2))


def _correlation(moments: np.ndarray) -> np.ndarray:
    of_x, of_y, covariance = _covariances(moments)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(moments[:, 0] < 3, np.nan, covariance / np.sqrt(of_x * of_y))


def _jackknifed(
    pairs: pd.DataFrame, estimate: Callable[[np.ndarray], np.ndarray], confidence: float
) -> dict[str, float | str]:
    absent: dict[str, float | str] = {"estimate": np.nan, "low": np.nan, "high": np.nan}
    codes = pd.factorize(pairs["cluster_id"])[0]
    clusters = codes.max(initial=-1) + 1
    if clusters < 3:
        return absent | {"note": cannot_tell("fewer than 3 clusters answered")}
    x, y = (pairs[side].to_numpy(float) - pairs["hr"].mean() for side in ("hr", "manager"))
    moments = _moments(x, y, codes)
    point, *left_out = estimate(np.vstack([moments.sum(axis=0), moments.sum(axis=0) - moments]))
    if not np.isfinite(point) or not np.isfinite(left_out).all():
        return absent | {"note": cannot_tell(NOT_COMPUTABLE)}
    if abs(point) > 1 - 1e-9:
        return absent | {"note": cannot_tell(NOT_COMPUTABLE)}
    left_out = np.clip(left_out, -1 + 1e-9, 1 - 1e-9)
    low, high = jackknife.interval(point, left_out, confidence, np.arctanh, np.tanh)
    note = f"rough: {TOO_FEW_PARTNERS}" if clusters < FEWEST_PARTNERS else ""
    return {"estimate": float(point), "low": low, "high": high, "note": note}


def profile_similarity(pairs: pd.DataFrame, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how alike the two sides see strengths and weaknesses of their partnership.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns, several dimensions per partnership.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per coefficient (``overall``; ``distinctive``, corrected for what is high or low in every
        partnership): coefficient, estimate (mean correlation of the two profiles, -1 to 1), low, high, respondents,
        respondents_hr, respondents_manager, clusters, observations (partnerships and waves), method, note.

    Notes
    -----
    Each side's profile over the dimensions is correlated within the partnership; Fisher's z is averaged, clustered
    by HR partner, and turned back. Two strangers correlate too, because everybody rates some dimensions higher:
    ``distinctive`` first takes the mean profile of each side away. Perfect correlations count as .999.

    References
    ----------
    Furr, R. M. (2008). A framework for profile similarity. *Journal of Personality*, 76, 1267-1316.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> pairs = paired_scores(scales.comparable(answers, study.codebook))
    >>> profile_similarity(pairs)[["coefficient", "estimate", "low", "high"]].round(2).values.tolist()
    [['overall', 0.19, 0.14, 0.24], ['distinctive', 0.12, 0.07, 0.17]]
    """
    require(pairs, ["hr", "manager", "wave", "dimension", "partnership_id", "cluster_id"])
    normative = pairs[["hr", "manager"]] - pairs.groupby(["wave", "dimension"])[["hr", "manager"]].transform("mean")
    rows = []
    for name, frame in (("overall", pairs), ("distinctive", pairs.assign(**normative))):
        each = frame.groupby(["partnership_id", "wave"], sort=False)[_WHO].first().reset_index(drop=True)
        codes = frame.groupby(["partnership_id", "wave"], sort=False).ngroup().to_numpy()
        moments = _moments(frame["hr"].to_numpy(float), frame["manager"].to_numpy(float), codes)
        each["z"] = np.arctanh(np.clip(_correlation(moments), -0.999, 0.999))
        each = each[moments[:, 0] >= SHORTEST_PROFILE]
        found = clustered.mean(each, "z", confidence=confidence).iloc[0].to_dict()
        limits = {key: np.tanh(found[key]) for key in ("estimate", "low", "high")}
        note = found["note"] if len(each) else cannot_tell(f"no pair shares {SHORTEST_PROFILE} dimensions")
        method = "mean of Fisher's z, " + found["method"]
        rows.append({"coefficient": name, **limits, **count_people(each.dropna()), "method": method, "note": note})
    return pd.DataFrame(rows)


_WHO = ["hr_id", "manager_id", "cluster_id"]


def accuracy(pairs: pd.DataFrame, by: Sequence[str] = ("dimension",), confidence: float = 0.95) -> pd.DataFrame:
    """Estimate whether HR's view follows the manager's: bias and tracking.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and term: the columns of ``by``, term (``bias``: HR's view where the manager's is average,
        less that average; ``tracking within HR partners``: points by which an HR partner's view differs between two
        of their managers per point by which those managers' views differ; ``tracking between HR partners``: the same
        between partners; neither it nor the bias is told with fewer than 10 HR partners), estimate, low, high (points;
        points per point), standard_error, degrees_of_freedom, p_value, respondents, respondents_hr,
        respondents_manager, clusters, observations, method, note.

    Notes
    -----
    The truth-and-bias regression of HR's rating on the manager's rating, both less the mean of the managers, with
    the manager's rating split into the HR partner's mean and the deviation from it. HR was asked for its own view,
    not to guess the manager's, so tracking mixes knowing with seeing the same thing.

    References
    ----------
    West, T. V. & Kenny, D. A. (2011). The truth and bias model of judgment. *Psychological Review*, 118, 357-378.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> pairs = paired_scores(scales.comparable(answers, study.codebook))
    >>> pairs = pairs[pairs["dimension"] == "listening"]
    >>> accuracy(pairs)[["term", "estimate", "low", "high"]].round(2).values.tolist()
    [['bias', 7.55, 3.7, 11.39], ['tracking within HR partners', 0.07, -0.06, 0.2],
     ['tracking between HR partners', 0.19, -0.27, 0.64]]
    """
    require(pairs, ["hr", "manager", "hr_id", "cluster_id", *by])
    names = {"Intercept": "bias", "within": "tracking within HR partners", "between": "tracking between HR partners"}

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        mean = part["manager"].mean()
        partner = part.groupby("hr_id")["manager"].transform("mean")
        frame = part.assign(judged=part["hr"] - mean, within=part["manager"] - partner, between=partner - mean)
        single = {name: {name: 1.0} for name in names}
        found = contrasts("judged ~ within + between", frame, single, confidence)
        if part["hr_id"].nunique() < FEWEST_PARTNERS:
            # a slope through a handful of partners' means, and the level read off it, fit too well by chance
            found.loc[found["term"] != "within", [*_VALUES, "note"]] = [np.nan] * 6 + [cannot_tell(TOO_FEW_PARTNERS)]
        found = found.assign(term=found["term"].map(names))
        return found.to_dict("records")

    return by_group(pairs, by, describe)


_VALUES = ["estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value"]


def contrasts(
    formula: str, pairs: pd.DataFrame, combinations: dict[str, dict[str, float]], confidence: float
) -> pd.DataFrame:
    """Estimate combinations of the coefficients of a regression over pairs, clustered by HR partner.

    Parameters
    ----------
    formula : str
        Model formula over columns of ``pairs``.
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns, with the columns of the formula.
    combinations : dict
        Weights of the coefficients, by name of the combination.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        As :func:`helpers.analysis.methods.clustered.contrasts`, with the people of both sides counted; said in words
        where there is no pair.
    """
    if len(pairs):
        return _counted(clustered.contrasts(formula, pairs, "cluster_id", combinations, confidence), pairs)
    absent = {"method": clustered.METHOD, "note": cannot_tell(clustered.NO_ANSWERS)}
    return _counted(
        pd.DataFrame([{"term": name, **dict.fromkeys(_VALUES, np.nan), **absent} for name in combinations]), pairs
    )


def variance_components(
    scores: pd.DataFrame,
    value: str = "score_100",
    side: str = "manager",
    by: Sequence[str] = ("dimension",),
    confidence: float = 0.95,
    above: str = "",
) -> pd.DataFrame:
    """Divide the differences between ratings: how much is the HR partner, how much the relationship, how much noise.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`helpers.analysis.survey.scales.scores` returns, all waves. Where no pair was rated twice, a column
        ``error`` (variance of error of each score, in squared units of ``value``) tells noise from relationship; see
        :func:`helpers.analysis.survey.errors_in_variables.scores_with_error`.
    value : str
        Column whose variance is divided.
    side : str
        Whose ratings. Managers': what they agree on about their HR partner is the partner's share (consensus). HR
        partners': their share is how they see all their managers alike (actor variance).
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.
    above : str
        Column of groups in which HR partners work, or across which, such as ``department``; empty: none. Rows without
        one are a group of their own.

    Returns
    -------
    pandas.DataFrame
        One row per group and component (the name of ``above``, where there is one; ``HR partner``, ``relationship``,
        ``noise``, or ``relationship and noise`` where they cannot be told apart): the columns of ``by``, component,
        variance, estimate, low, high (per cent of the variance of one rating; with ``above``, of that within its
        groups, but for their own share), p_value (of no share of the groups, of the HR partner, of no relationship),
        respondents, rated (where known), clusters, observations, people, method, note.

    Notes
    -----
    The one-with-many model: y = m + wave + partner + relationship within partner + noise, all normal; wave means are
    taken out first. Noise is what changes between the waves of a pair, or the error of the questions where every pair
    was rated once. Mean squares of the unbalanced nested design are solved for the variances (Henderson's method 1); a
    negative variance counts as 0, and the others make up the whole.

    Intervals are Wald's: the ratio of the variances is every l for which
    [sum w_j (y_j - y)^2 / (G - 1)] / MS lies between two quantiles of F, where w_j = K_j / (1 + K_j l) weights the
    partner means and MS is the mean square of pairs within partners. This is exact for normal ratings of any numbers of
    managers, holds 0 where the data do not exclude it, and needs no more than 3 HR partners. Pairs rated several times
    count by the variance of their mean. The relationship's part of what lies within partners has an interval of the
    same kind (or, from the questions, that of F for a ratio of variances). Its share of everything is a product of two
    figures, whose interval is that of the square-and-add rule (MOVER).

    With ``above``, HR partners are compared within its groups, be these over them or across them: the groups' means
    are fitted along, which keeps the interval exact (Seely & El-Bassiouni). The groups' own share is that of
    :func:`helpers.analysis.methods.between_groups.variance_share`, of everything; the others are shares of what lies
    within the groups, so that their intervals do not depend on how many groups there are.

    References
    ----------
    Kenny, D. A., Kashy, D. A. & Cook, W. L. (2006). *Dyadic Data Analysis*. Guilford. Chapter 10.

    Marcus, D. K., Kashy, D. A. & Baldwin, S. A. (2009). Studying psychotherapy using the one-with-many design: The
    therapeutic alliance as an exemplar. *Journal of Counseling Psychology*, 56, 537-548.

    Wald, A. (1940). A note on the analysis of variance with unequal class frequencies. *Annals of Mathematical
    Statistics*, 11, 96-100.

    Searle, S. R., Casella, G. & McCulloch, C. E. (1992). *Variance Components*. Wiley. Chapters 3 and 5.

    Seely, J. F. & El-Bassiouni, Y. (1983). Applying Wald's variance component test. *Annals of Statistics*, 11,
    197-201.

    Zou, G. Y. & Donner, A. (2008). Construction of confidence limits about effect measures: A general approach.
    *Statistics in Medicine*, 27, 1693-1702.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> rated = scales.scores(study.responses(), study.codebook)
    >>> found = variance_components(rated[rated["dimension"] == "listening"])
    >>> found[["component", "estimate", "low", "high"]].round().values.tolist()
    [['HR partner', 3.0, 0.0, 12.0], ['relationship', 36.0, 27.0, 43.0], ['noise', 61.0, 52.0, 69.0]]
    """
    require(scores, ["side", "partnership_id", value, *by])
    answers = scores[(scores["side"] == side) & scores["partnership_id"].notna()].dropna(subset=[value])
    if above:
        require(answers, [above])
        answers = answers.assign(**{above: answers[above].astype(object).where(answers[above].notna(), "")})
    return by_group(answers, by, lambda part: _components(part, value, confidence, above))


_APART = "relationship and noise cannot be told apart: no pair was rated in two waves, and by one question only"


def _components(part: pd.DataFrame, value: str, confidence: float, above: str) -> list[dict[str, object]]:
    """Share of every component, or words."""
    values = (part[value] - part.groupby("wave")[value].transform("mean")).to_numpy(float)
    again = bool((part.groupby("partnership_id")["wave"].nunique() > 1).any())
    error = float(part["error"].mean()) if not again and "error" in part and part["error"].notna().all() else np.nan
    names = ["HR partner", "relationship", "noise"]
    note = ""
    if not again and np.isnan(error):
        names, note = ["HR partner", "relationship and noise"], _APART
    found, group, codes = None, _groups_above(part, values, above, confidence), None
    if part["hr_id"].nunique() < FEWEST_TO_DIFFER:
        note = cannot_tell(f"fewer than {FEWEST_TO_DIFFER} HR partners")
    else:
        partner, pair = (pd.factorize(part[name])[0] for name in ("hr_id", "partnership_id"))
        codes = pd.factorize(part[above])[0] if group is not None and part[above].nunique() > 1 else None
        found = _shares(values, _Design(partner, pair, again, codes), error, confidence)
        note = note if found else cannot_tell(_NOTHING_DIFFERS if codes is None else f"{_NOTHING_DIFFERS}{_ALONE}")
        if found and part["hr_id"].nunique() < FEWEST_PARTNERS:
            note = "; ".join(filter(None, [f"rough: {TOO_FEW_PARTNERS}", note]))
    spread = values.var(ddof=1) if len(values) > 1 else np.nan
    rows = [] if group is None else [_in_per_cent({"component": above, **group}, spread)]
    if group is not None and codes is not None:
        spread *= 1 - group["estimate"]
    for name in names:
        figures = dict(zip(_FIGURES, found[name] if found else [np.nan] * 4))
        rows.append(_in_per_cent({"component": name, **figures, "note": note}, spread))
    ending = _raters_and_rated(part) | {"method": METHOD_COMPONENTS}
    return [row | ending | {"note": row["note"]} for row in rows]


_FIGURES = ("estimate", "low", "high", "p_value")
_NOTHING_DIFFERS = "no HR partner was rated by two managers, or ratings do not differ"
_ALONE = ", or each group has one HR partner"


def _in_per_cent(row: dict[str, Any], spread: float) -> dict[str, Any]:
    """Shares as readers see them, with the variance that they are of."""
    shares = {name: 100 * row[name] for name in _FIGURES[:3]}
    return {"component": row["component"], "variance": row["estimate"] * spread} | row | shares


def _groups_above(part: pd.DataFrame, values: np.ndarray, above: str, confidence: float) -> dict[str, Any] | None:
    """Share of the groups above HR partners or across them, or words; None where none are named."""
    if not above:
        return None
    found = between_groups.variance_share(part.assign(apart=values), above, "apart", "hr_id", [], confidence)
    return {str(name): value for name, value in found[[*_FIGURES, "note"]].iloc[0].items()}


def _raters_and_rated(part: pd.DataFrame) -> dict[str, Any]:
    found = people(part, additive=False)
    rated = {"rated": part["rated_id"].nunique()}  # also where nobody was
    return {"respondents": found.pop("respondents")} | rated | found | {"observations": len(part)}


class _Design(NamedTuple):
    """HR partner and pair of each rating, whether pairs were rated again, and the groups fitted along."""

    partner: np.ndarray
    pair: np.ndarray
    again: bool
    group: np.ndarray | None = None

    def without_groups(self, values: np.ndarray) -> tuple[np.ndarray, int]:
        """Take out what groups differ within HR partners, where these cross them; and how many figures that took."""
        if self.group is None:
            return values, 0
        own = (self.group[:, None] == np.arange(self.group.max() + 1)).astype(float)
        inner = own - np.column_stack([_group_means(column, self.partner) for column in own.T])
        slopes, _, rank, _ = np.linalg.lstsq(inner, values - _group_means(values, self.partner), rcond=1e-9)
        return values - own @ slopes, int(rank)


def _shares(
    values: np.ndarray, design: _Design, error: float, confidence: float
) -> dict[str, tuple[float, float, float, float]] | None:
    """Share, limits and p-value of every component, of what the groups fitted along leave."""
    partner, pair, again, group = design
    cleaned, lost = design.without_groups(values)
    total = _partner_sums(cleaned, partner, pair).sum(axis=0, keepdims=True)
    one_way, nested = _one_way(total)[0], _nested(total)[0]
    if not np.isfinite(nested if again else one_way).all():
        return None
    part = np.maximum(nested if again else one_way, 0)
    steady = part[1] / (part[1] + part[2]) if again and part[1] + part[2] > 0 else np.nan
    sizes, means, owner = _pair_means(values, partner, pair)
    # variance of a single rating within partners over that of the pair's mean
    counts = 1 / (steady + (1 - steady) / sizes) if again else sizes
    if group is None:
        fitted = (part[0] / part.sum(), *_wald(means, owner, counts, confidence))
    else:
        fitted = _within_groups(means, owner, counts, _pair_means(group.astype(float), partner, pair)[1], confidence)
    of_partner, low, high, p_value = fitted
    if np.isnan(of_partner):
        return None
    within, low, high = 1 - of_partner, min(low, of_partner), max(high, of_partner)
    both = {
        "HR partner": (of_partner, low, high, p_value),
        "relationship and noise": (within, 1 - high, 1 - low, np.nan),
    }
    if again:
        limits = _wald_within(cleaned, partner, pair, confidence, lost)
    elif error > 0:
        steady, *of_error = _beyond_error(_pair_means(cleaned, partner, pair)[1], owner, error, confidence, lost)
        limits = (of_error[0], of_error[1], of_error[2])
    else:
        return both
    low_steady, high_steady = min(limits[0], steady), max(limits[1], steady)
    inside = (within, 1 - high, 1 - low)
    of_relationship = _product(inside, (steady, low_steady, high_steady))
    of_noise = _product(inside, (1 - steady, 1 - high_steady, 1 - low_steady))
    return both | {"relationship": (*of_relationship, limits[2]), "noise": (*of_noise, np.nan)}


def _within_groups(
    means: np.ndarray, owner: np.ndarray, counts: np.ndarray, group: np.ndarray, confidence: float
) -> tuple[float, float, float, float]:
    """Share of variance between HR partners within groups, its limits and the p-value of none; missing without such.

    The estimate is where the ratio of mean squares is 1: in a balanced design, that of the analysis of variance.
    """
    root, owner, labels = np.sqrt(counts), pd.factorize(owner)[0], np.unique(group)
    table = np.column_stack([(group[:, None] == labels) * root[:, None], means * root])
    weights = np.bincount(owner, counts)
    sums = np.column_stack([np.bincount(owner, column * root) for column in table.T])
    products = table.T @ table

    def left(apart: np.ndarray) -> tuple[float, int]:
        """Squares of ratings that groups leave of sums of products, and how many groups could be told apart."""
        slopes, _, rank, _ = np.linalg.lstsq(apart[:-1, :-1], apart[:-1, -1], rcond=1e-9)
        return float(apart[-1, -1] - apart[:-1, -1] @ slopes), int(rank)

    inner = products - (sums / weights[:, None]).T @ sums  # with every partner fitted too
    inner[np.abs(inner) <= 1e-9 * products.diagonal().max()] = 0.0
    error, crossing = left(inner)
    degrees = len(weights) + crossing - len(labels), len(means) - len(weights) - crossing
    if min(degrees) < 1 or error <= _ZERO * max(products[-1, -1], _ZERO):
        return np.nan, np.nan, np.nan, np.nan

    def ratio(over: float) -> float:
        spread = products - (sums * (over / (1 + over * weights))[:, None]).T @ sums
        return (left(spread)[0] - error) / degrees[0] / (error / degrees[1])

    return _meeting(ratio, 1.0), *_inverted(ratio, degrees, confidence)


def _beyond_error(
    means: np.ndarray, owner: np.ndarray, error: float, confidence: float, lost: int
) -> tuple[float, float, float, float]:
    """Share of the variance within HR partners that is no error of known size, its limits, and the p-value of none."""
    degrees = len(means) - len(np.unique(owner)) - lost
    spread = np.sum((means - _group_means(means, owner)) ** 2) / degrees
    below, above = stats.chi2.ppf([0.5 - confidence / 2, 0.5 + confidence / 2], degrees) / degrees
    share, low, high = (float(max(0.0, 1 - error * part / spread)) for part in (1.0, above, below))
    return share, low, high, float(stats.chi2.sf(degrees * spread / error, degrees))


def _pair_means(values: np.ndarray, partner: np.ndarray, pair: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Ratings of every pair, their mean, and the pair's HR partner."""
    nested = pd.factorize(pair + (pair.max() + 1) * partner)[0]
    sizes = np.bincount(nested).astype(float)
    return sizes, np.bincount(nested, values) / sizes, partner[np.unique(nested, return_index=True)[1]]


def _group_means(values: np.ndarray, group: np.ndarray, weight: np.ndarray | None = None) -> np.ndarray:
    """Weighted mean of its group for every row."""
    weight = np.ones(len(values)) if weight is None else weight
    with np.errstate(divide="ignore", invalid="ignore"):
        return (np.bincount(group, weight * values) / np.bincount(group, weight))[group]


def _wald(values: np.ndarray, group: np.ndarray, counts: np.ndarray, confidence: float) -> tuple[float, float, float]:
    """Limits of the share of variance between groups, and the p-value of none."""
    group = pd.factorize(group)[0]
    weights = np.bincount(group, counts)
    means = np.bincount(group, counts * values) / weights
    degrees = len(weights) - 1, len(values) - len(weights)
    within = np.sum(counts * (values - means[group]) ** 2) / degrees[1]

    def ratio(over: float) -> float:
        weight = weights / (1 + weights * over)
        return float(weight @ (means - weight @ means / weight.sum()) ** 2 / degrees[0] / within)

    return _inverted(ratio, degrees, confidence)


def _wald_within(
    values: np.ndarray, partner: np.ndarray, pair: np.ndarray, confidence: float, lost: int
) -> tuple[float, float, float]:
    """The same for pairs within HR partners, whose ratings were repeated."""
    sizes, means, owner = _pair_means(values, partner, pair)
    nested = pd.factorize(pair + (pair.max() + 1) * partner)[0]
    degrees = len(means) - len(np.unique(owner)) - lost, len(values) - len(means)
    within = np.sum((values - means[nested]) ** 2) / degrees[1]

    def ratio(over: float) -> float:
        weight = sizes / (1 + sizes * over)
        return float(weight @ (means - _group_means(means, owner, weight)) ** 2 / degrees[0] / within)

    return _inverted(ratio, degrees, confidence)


#: Ratio of variances beyond which one part counts as everything.
_EVERYTHING = 1e6


def _inverted(
    ratio: Callable[[float], float], degrees: tuple[int, int], confidence: float
) -> tuple[float, float, float]:
    """Shares at which an F ratio, which falls as the share rises, meets its two quantiles; and the p-value of none."""
    quantiles = stats.f.ppf([0.5 + confidence / 2, 0.5 - confidence / 2], *degrees)
    low, high = (_meeting(ratio, float(quantile)) for quantile in quantiles)
    return low, high, float(stats.f.sf(ratio(0.0), *degrees))


def _meeting(ratio: Callable[[float], float], level: float) -> float:
    """Share at which a ratio, which falls as the share rises, meets a level; 0 or 1 where it never does."""
    if ratio(0.0) <= level:
        return 0.0
    if ratio(_EVERYTHING) >= level:
        return 1.0
    return float(optimize.brentq(lambda share: ratio(share / (1 - share)) - level, 0, 1 - 1 / _EVERYTHING))


def _product(one: tuple[float, float, float], other: tuple[float, float, float]) -> tuple[float, float, float]:
    """Product of two shares and its limits by the square-and-add rule."""
    (x, low_x, high_x), (y, low_y, high_y) = one, other
    below, above = np.hypot(y * (x - low_x), x * (y - low_y)), np.hypot(y * (high_x - x), x * (high_y - y))
    return x * y, max(0.0, x * y - below), min(1.0, x * y + above)


def _partner_sums(values: np.ndarray, partner: np.ndarray, pair: np.ndarray) -> np.ndarray:
    """What the mean squares of any set of HR partners follow from, by adding up; partners x 10."""
    nested = pd.factorize(pair + (pair.max() + 1) * partner)[0]
    owner = partner[np.unique(nested, return_index=True)[1]]
    pair_sizes, pair_sums = np.bincount(nested), np.bincount(nested, values)
    sizes, sums = np.bincount(partner), np.bincount(partner, values)
    squares = np.bincount(owner, pair_sizes.astype(float) ** 2)
    of_pairs = np.bincount(owner), np.bincount(owner, pair_sums**2 / pair_sizes), squares, squares / sizes
    of_partner = np.ones(len(sizes)), sizes, sums, np.bincount(partner, values**2), sums**2 / sizes, sizes**2.0
    return np.column_stack([*of_pairs, *of_partner])


def _one_way(sums: np.ndarray) -> np.ndarray:
    """Shares of variance between and within HR partners; one row per row of sums."""
    *_, count, total, first, second, between_sum, squared = sums.T
    within, between = second - between_sum, between_sum - first**2 / total
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = within / (total - count)
        of_partner = (between - (count - 1) * noise) / (total - squared / total)
        shares = np.column_stack([of_partner, noise]) / (of_partner + noise)[:, None]
    told = (count >= 2) & (total > count) & (within + between > _ZERO)
    return np.where(told[:, None], shares, np.nan)


def _nested(sums: np.ndarray) -> np.ndarray:
    """Shares of variance of HR partners, of relationships within them, and of noise; one row per row of sums."""
    pairs, pair_sum, squares, inner, count, total, first, second, between_sum, squared = sums.T
    within_pairs, within_partners = second - pair_sum, second - between_sum
    between = between_sum - first**2 / total
    with np.errstate(divide="ignore", invalid="ignore"):
        noise = within_pairs / (total - pairs)
        of_pair = (within_partners - within_pairs - (pairs - count) * noise) / (total - inner)
        spread = inner - squares / total
        of_partner = (between - spread * of_pair - (count - 1) * noise) / (total - squared / total)
        whole = of_partner + of_pair + noise
        shares = np.column_stack([of_partner, of_pair, noise]) / whole[:, None]
    told = (count >= 2) & (pairs > count) & (total > pairs) & (within_partners + between > _ZERO) & (whole > 0)
    return np.where(told[:, None], shares, np.nan)


def these_partners(
    scores: pd.DataFrame,
    value: str = "score_100",
    side: str = "manager",
    by: Sequence[str] = ("dimension",),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate how far the HR partners of the study, and no others, are rated differently.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`helpers.analysis.survey.scales.scores` returns, one wave.
    value : str
        Column whose variance is divided.
    side : str
        Whose ratings.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, low, high (per cent of all differences between ratings that
        lies between these HR partners), p_value (of no difference between them), respondents, rated (where known),
        clusters, observations, people, method, note.

    Notes
    -----
    HR partners are fixed: their true means m_j are what they are, and the share is l / (l + N) with
    l = sum n_j (m_j - m)^2 / s2. The F ratio of the analysis of variance on J - 1 and N - J degrees of freedom is
    noncentral with l, which has the interval of every l whose distribution holds F between its outer quantiles; the
    estimate of l is (J - 1) (F (N - J - 2) / (N - J) - 1), not below 0. With three HR partners this interval is far
    narrower than that of :func:`variance_components`, which speaks of others like them; with many, the two are alike.
    Assumptions: ratings are independent given the HR partner, about normal, of equal variance.

    References
    ----------
    Steiger, J. H. (2004). Beyond the F test: Effect size confidence intervals and tests of close fit in the analysis
    of variance and contrast analysis. *Psychological Methods*, 9, 164-182.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> rated = scales.scores(study.responses("2026-H1"), study.codebook)
    >>> found = these_partners(rated[rated["dimension"] == "shared_goals"])
    >>> found[["estimate", "low", "high"]].round().values.tolist()
    [[14.0, 6.0, 23.0]]
    """
    require(scores, ["side", "hr_id", value, *by])
    used = scores[(scores["side"] == side) & scores["hr_id"].notna()].dropna(subset=[value])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        figures, reason = _of_these(part[value].to_numpy(float), pd.factorize(part["hr_id"])[0], confidence)
        note = cannot_tell(reason) if reason else ""
        return [figures | _raters_and_rated(part) | {"method": METHOD_THESE, "note": note}]

    return by_group(used, by, describe)


def _of_these(values: np.ndarray, partner: np.ndarray, confidence: float) -> tuple[dict[str, float], str]:
    """Share between HR partners as they are, with its limits, or why there is none."""
    count, total = partner.max(initial=-1) + 1, len(values)
    degrees = count - 1, total - count
    nothing: dict[str, float] = dict.fromkeys(_FIGURES, np.nan)
    if count < 2 or degrees[1] < 3:
        return nothing, "fewer than 2 HR partners, or too few managers"
    inner = float(np.sum((values - _group_means(values, partner)) ** 2))
    outer = float(np.sum((values - values.mean()) ** 2)) - inner
    if inner <= _ZERO * max(1.0, float(np.abs(values).max())) ** 2 * total:
        return nothing, "the managers of each HR partner rate alike"
    ratio = outer / degrees[0] / (inner / degrees[1])
    furthest = 20 * (degrees[0] * ratio + total)

    def meeting(level: float) -> float:
        """Noncentrality at which so much of the distribution lies below the ratio; 0 where it never does."""
        if stats.f.cdf(ratio, *degrees) <= level:
            return 0.0
        return float(optimize.brentq(lambda size: _noncentral(ratio, degrees, size) - level, 0, furthest))

    size = max(0.0, degrees[0] * (ratio * (degrees[1] - 2) / degrees[1] - 1))
    sizes = (size, meeting(0.5 + confidence / 2), meeting(0.5 - confidence / 2))
    shares = [100 * each / (each + total) for each in sizes]
    return dict(zip(_FIGURES, (*shares, float(stats.f.sf(ratio, *degrees))))), ""


def _noncentral(ratio: float, degrees: tuple[int, int], size: float) -> float:
    """Probability of a noncentral F up to a ratio: a Poisson mixture of beta distributions."""
    middle, reach = size / 2, 10 * np.sqrt(size / 2 + 1) + 10
    terms = np.arange(max(0, int(middle - reach)), int(middle + reach) + 1)
    place = degrees[0] * ratio / (degrees[0] * ratio + degrees[1])
    return float(stats.poisson.pmf(terms, middle) @ special.betainc(degrees[0] / 2 + terms, degrees[1] / 2, place))


def reciprocity(pairs: pd.DataFrame, by: Sequence[str] = ("dimension",), confidence: float = 0.95) -> pd.DataFrame:
    """Estimate whether HR partners who see all more favourably are seen so, and whether single pairs reciprocate.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group and coefficient: the columns of ``by``, coefficient (``generalised``: correlation between how
        an HR partner sees all their managers and how these see the partner; ``dyadic``: between the two views of one
        pair, apart from what all pairs of the HR partner share), estimate, low, high (-1 to 1), respondents,
        respondents_hr, respondents_manager, clusters, observations (pairs), people, method, note.

    Notes
    -----
    In the one-with-many model hr = a_j + r_ij and manager = b_j + s_ij with HR partner j; generalised reciprocity is
    the correlation of a and b, dyadic reciprocity that of r and s. Mean products between and within partners are solved
    for the covariances; each HR partner is left out in turn. Generalised reciprocity is told only where partners
    clearly differ on both sides (5 per cent, F): a correlation with next to nothing has no meaning. Errors of
    measurement pull the dyadic figure towards zero.

    References
    ----------
    Kenny, Kashy & Cook (2006); Marcus, Kashy & Baldwin (2009), as for :func:`variance_components`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> pairs = paired_scores(scales.comparable(answers, study.codebook))
    >>> pairs = pairs[pairs["dimension"] == "listening"]
    >>> reciprocity(pairs)[["coefficient", "estimate", "low", "high"]].round(2).values.tolist()
    [['generalised', nan, nan, nan], ['dyadic', 0.09, -0.09, 0.27]]
    """
    require(pairs, ["hr", "manager", "cluster_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        shared = {**count_people(part), "method": METHOD_RECIPROCITY}
        found = _reciprocity(part, confidence)
        return [{"coefficient": name, **values, **shared} for name, values in found.items()]

    return by_group(pairs, by, describe)


def _reciprocity(part: pd.DataFrame, confidence: float) -> dict[str, dict[str, float | str]]:
    absent: dict[str, float | str] = {"estimate": np.nan, "low": np.nan, "high": np.nan}
    names = ("generalised", "dyadic")
    partner = pd.factorize(part["hr_id"])[0]
    count = partner.max(initial=-1) + 1
    if count < 3 or len(part) <= count:
        reason = "fewer than 3 HR partners, or none with two managers"
        return {name: absent | {"note": cannot_tell(reason)} for name in names}
    views = part[["hr", "manager"]].to_numpy(float)
    between, within = _mean_products(views, partner)
    note = f"rough: {TOO_FEW_PARTNERS}" if count < FEWEST_PARTNERS else ""
    differ = [_wald(view, partner, np.ones(len(view)), confidence)[2] < 0.05 for view in views.T]
    found = {}
    for name, covariance in zip(names, (between, within)):
        if name == "generalised" and not all(differ):
            reason = "on one of the sides, HR partners do not clearly differ"
            found[name] = absent | {"note": cannot_tell(reason)}
            continue
        spread = covariance[:, 0, 0] * covariance[:, 1, 1]
        possible = (covariance[:, 0, 0] > _ZERO) & (covariance[:, 1, 1] > _ZERO)
        values = covariance[:, 0, 1] / np.sqrt(np.where(possible, spread, np.nan))
        if not (np.abs(values) < 1 - 1e-9).all():
            reason = "the views differ too little, or fit perfectly"
            found[name] = absent | {"note": cannot_tell(reason)}
            continue
        low, high = jackknife.interval(values[0], values[1:], confidence, np.arctanh, np.tanh)
        found[name] = {"estimate": float(values[0]), "low": low, "high": high, "note": note}
    return found


def _mean_products(views: np.ndarray, partner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Covariances of two views between and within HR partners: of everything, then with each partner left out."""
    sizes = np.bincount(partner).astype(float)
    means = np.column_stack([np.bincount(partner, view) / sizes for view in views.T])
    apart = views - means[partner]
    products = apart[:, :, None] * apart[:, None, :]
    own = np.array([products[partner == code].sum(axis=0) for code in range(len(sizes))])
    between, within = [], []
    for left_out in (None, *range(len(sizes))):
        kept = np.arange(len(sizes)) != left_out if left_out is not None else np.ones(len(sizes), bool)
        n, m, total = sizes[kept], means[kept], sizes[kept].sum()
        inside = own[kept].sum(axis=0) / max(total - len(n), 1)
        centred = m - n @ m / total
        outside = (n[:, None] * centred).T @ centred / (len(n) - 1)
        size = (total - n @ n / total) / (len(n) - 1)
        within.append(inside)
        between.append((outside - inside) / size)
    return np.array(between), np.array(within)


def with_outcome(pairs: pd.DataFrame, outcomes: pd.DataFrame, outcome: str, value: str = "score") -> pd.DataFrame:
    """Add both sides' outcome to the pairs.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns.
    outcomes : pandas.DataFrame
        What :func:`helpers.analysis.survey.scales.outcome_scores` returns.
    outcome : str
        Id of the outcome item.
    value : str
        Column of the outcome.

    Returns
    -------
    pandas.DataFrame
        ``pairs`` with the columns hr_outcome and manager_outcome; pairs without either are left out.
    """
    found = paired_scores(outcomes[outcomes["dimension"] == outcome], value)
    found = found.rename(columns={"hr": "hr_outcome", "manager": "manager_outcome"})
    keys = ["partnership_id", "wave"]
    return pairs.merge(found[[*keys, "hr_outcome", "manager_outcome"]], on=keys, how="inner")


def ratings_and_outcome(scores: pd.DataFrame, outcomes: pd.DataFrame, outcome: str, side: str) -> pd.DataFrame:
    """Put each respondent's scores and answer to the overall question into one row.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer and dimension, with ``score_100``.
    outcomes : pandas.DataFrame
        What :func:`helpers.analysis.survey.scales.outcome_scores` returns.
    outcome : str
        Id of the overall question.
    side : str
        Whose answer to it.

    Returns
    -------
    pandas.DataFrame
        One row per respondent: respondent_id, cluster_id, one column per dimension (0 to 100), outcome (points).
    """
    wide = scores.pivot_table(index=["respondent_id", "cluster_id"], columns="dimension", values="score_100")
    answers = outcomes[(outcomes["side"] == side) & (outcomes["dimension"] == outcome)]
    answers = answers[["respondent_id", "score"]].rename(columns={"score": "outcome"})
    return wide.reset_index().merge(answers, on="respondent_id").astype({"outcome": float})


def actor_partner(pairs: pd.DataFrame, by: Sequence[str] = ("dimension",), confidence: float = 0.95) -> pd.DataFrame:
    """Relate each side's outcome to its own rating (actor) and to the other side's rating (partner).

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`with_outcome` returns.
    by : sequence of str
        Columns that form the groups.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group, side and effect: the columns of ``by``, side (whose outcome), effect (``actor``,
        ``partner``), estimate, low, high (points of outcome per standard deviation of all ratings), standard_error,
        degrees_of_freedom, p_value, respondents, respondents_hr, respondents_manager, clusters, observations (pairs),
        method, note.

    Notes
    -----
    The actor-partner interdependence model for distinguishable members: one regression per side on both ratings.
    Both sides' ratings are divided by the same standard deviation, so that effects can be compared. The outcomes
    of a pair may be related; each regression is clustered by HR partner (CR2). Association, not cause.

    References
    ----------
    Kenny, D. A., Kashy, D. A. & Cook, W. L. (2006). *Dyadic Data Analysis*. Guilford. Chapters 7 and 10.

    Examples
    --------
    >>> from helpers.data import Study
    >>> from helpers.analysis.survey import scales
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> pairs = paired_scores(scales.comparable(answers, study.codebook))
    >>> pairs = pairs[pairs["dimension"] == "listening"]
    >>> joined = with_outcome(pairs, scales.outcome_scores(answers, study.codebook), "work_again")
    >>> found = actor_partner(joined)
    >>> found[["side", "effect", "estimate", "low", "high"]].round(2).values.tolist()
    [['hr', 'actor', 1.04, 0.82, 1.27], ['hr', 'partner', 0.33, 0.16, 0.5], ['manager', 'actor', 0.82, 0.55, 1.09],
     ['manager', 'partner', 0.77, 0.47, 1.07]]
    """
    require(pairs, ["hr", "manager", "hr_outcome", "manager_outcome", "cluster_id", *by])

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        spread = np.sqrt(part[["hr", "manager"]].var().mean())
        frame = part.assign(hr_rating=part["hr"] / spread, manager_rating=part["manager"] / spread)
        rows = []
        for side, other in (("hr", "manager"), ("manager", "hr")):
            effects = {"actor": {f"{side}_rating": 1.0}, "partner": {f"{other}_rating": 1.0}}
            found = contrasts(f"{side}_outcome ~ hr_rating + manager_rating", frame, effects, confidence)
            found = found.rename(columns={"term": "effect"}).to_dict("records")
            rows += [{"side": side, **row} for row in found]
        return rows

    return by_group(pairs, by, describe)


def apim(
    frame: pd.DataFrame,
    ratings: tuple[str, str],
    outcomes: tuple[str, str],
    cluster: str = "",
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Fit the actor-partner model to any frame of pairs whose two members have different roles.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per pair.
    ratings, outcomes : tuple of str
        Columns of the predictor and of the outcome, of the first and of the second member.
    cluster : str
        Column of what pairs have in common, such as one HR partner; empty: pairs are independent.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per outcome and effect: outcome (its column), effect (``actor``: of the member's own rating;
        ``partner``: of the other's), estimate, low, high (units of the outcome per standard deviation of all ratings),
        standard_error, degrees_of_freedom, p_value, clusters, observations (pairs without a gap), method, note.

    Raises
    ------
    ValueError
        If a column is absent or holds no numbers, or confidence is not between 0 and 1.

    Notes
    -----
    See :func:`actor_partner`. Error of measurement in the ratings is not taken out;
    :func:`helpers.analysis.survey.errors_in_variables.joint_actor_partner` does that where it is known.

    References
    ----------
    Kenny, Kashy & Cook (2006), as for :func:`actor_partner`.

    Examples
    --------
    >>> rows = {"trust_hr": [3, 4, 5, 2, 4, 1, 5, 3], "trust_manager": [2, 4, 4, 3, 5, 2, 3, 1]}
    >>> rows |= {"stay_hr": [3, 5, 5, 2, 5, 1, 4, 2], "stay_manager": [2, 4, 5, 3, 5, 1, 4, 2]}
    >>> found = apim(pd.DataFrame(rows), ("trust_hr", "trust_manager"), ("stay_hr", "stay_manager"))
    >>> found[["outcome", "effect", "estimate"]].round(2).values.tolist()
    [['stay_hr', 'actor', 0.95], ['stay_hr', 'partner', 0.8], ['stay_manager', 'actor', 0.93],
    ['stay_manager', 'partner', 0.73]]
    """
    numbers = numeric(frame, [*ratings, *outcomes])
    require(frame, filter(None, [cluster]))
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    named = dict(zip(numbers, ("hr", "manager", "hr_outcome", "manager_outcome"), strict=True))
    used = frame.dropna(subset=[*numbers, *filter(None, [cluster])])
    pairs = used[numbers].rename(columns=named).astype(float)
    owner = used[cluster].to_numpy() if cluster else np.arange(len(used))
    pairs = pairs.assign(hr_id=owner, manager_id=np.arange(len(used)), cluster_id=owner)
    found = actor_partner(pairs, by=[], confidence=confidence)
    found.insert(0, "outcome", found.pop("side").map(dict(zip(("hr", "manager"), outcomes))))
    return found.drop(columns=["respondents", "respondents_hr", "respondents_manager", "people"])
