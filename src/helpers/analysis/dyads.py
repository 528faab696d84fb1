"""Two sides of one partnership: pair them, compare them, and see what their agreement goes with.

One HR partner works with a dozen managers, so pairs are not independent of each other (a one-with-many design). All
intervals here take the HR partner as the cluster.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import special, stats

from helpers.analysis import clustered, jackknife
from helpers.analysis.counts import CANNOT_TELL, by_group, cannot_tell, groups

METHOD_SIMILARITY = "delete-one-cluster jackknife on Fisher's z, t"
METHOD_DRAWN = "polynomial regression, cluster bootstrap, t"
METHOD_COMPONENTS = "nested analysis of variance, delete-one-cluster jackknife, t"
#: Dimensions a profile must have in common to be compared.
SHORTEST_PROFILE = 4
#: HR partners needed to say how HR partners differ; below it, intervals over them are rough.
FEWEST_PARTNERS = 10
TOO_FEW_PARTNERS = f"fewer than {FEWEST_PARTNERS} HR partners"
_ZERO = 1e-12


def paired_scores(scores: pd.DataFrame, value: str = "score_100") -> pd.DataFrame:
    """Put what HR and the manager said about the same partnership side by side.

    Parameters
    ----------
    scores : pandas.DataFrame
        One row per answer and dimension, as :func:`helpers.analysis.scales.scores` gives them. Where HR partners
        answered a short form, score both sides with ``short_form=True``: only the same items can be compared.
    value : str
        Column to compare.

    Returns
    -------
    pandas.DataFrame
        One row per partnership, wave and dimension that both sides answered: partnership_id, wave, dimension, hr_id,
        manager_id, cluster_id, hr and manager (``value`` of each side).
    """
    used = scores[scores["partnership_id"].notna() & scores["side"].isin(["hr", "manager"])].dropna(subset=[value])
    keys = ["partnership_id", "wave", "dimension"]
    sides = used.pivot_table(value, keys, "side", "mean", observed=True).reindex(columns=["hr", "manager"]).dropna()
    who = used.groupby(keys, observed=True)[["hr_id", "manager_id", "cluster_id"]].first()
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
        answered``, ``no partnership known``), partnerships, answers, respondents, clusters.
    """
    answers = responses[responses["side"].isin(["hr", "manager"])]
    sides = answers.groupby(["wave", "partnership_id"])["side"].agg(lambda side: "+".join(sorted(set(side))))
    found = answers.merge(sides.rename("both").reset_index(), on=["wave", "partnership_id"], how="left")
    names = {"hr+manager": "both answered", "hr": "only HR answered", "manager": "only the manager answered"}
    found["pairing"] = found["both"].map(names).fillna("no partnership known")
    rows = [
        {
            **labels,
            "partnerships": part["partnership_id"].nunique(),
            "answers": len(part),
            "respondents": part["respondent_id"].nunique(),
            "clusters": part["cluster_id"].nunique(),
        }
        for labels, part in groups(found, ["wave", "pairing"])
    ]
    return pd.DataFrame(rows, columns=["wave", "pairing", "partnerships", "answers", "respondents", "clusters"])


def _people(pairs: pd.DataFrame) -> dict[str, int]:
    hr, manager = set(pairs["hr_id"]), set(pairs["manager_id"])
    return {
        "respondents": len(hr | manager),
        "respondents_hr": len(hr),
        "respondents_manager": len(manager),
        "clusters": pairs["cluster_id"].nunique(),
        "observations": len(pairs),
    }


def _counted(table: pd.DataFrame, pairs: pd.DataFrame) -> pd.DataFrame:
    """Count the people of both sides in a result that counted rows."""
    last = [*_people(pairs), "method", "note"]
    return table.assign(**_people(pairs))[[*[name for name in table if name not in last], *last]]


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
    (:func:`helpers.analysis.clustered.mixed_mean`): an HR partner with many managers counts more than one with few, but
    not in proportion. The model assumes that HR partners' gaps are drawn alike, and pairs' gaps with equal variance;
    its own standard error would be too small where they are not, or where a pair enters with several waves. The
    interval is therefore CR2 by HR partner on top of it, t with Satterthwaite degrees of freedom.

    References
    ----------
    Kenny, D. A., Kashy, D. A. & Cook, W. L. (2006). *Dyadic Data Analysis*. Guilford. Chapter 10.

    Pustejovsky & Tipton (2018), as for :mod:`helpers.analysis.clustered`.
    """

    def describe(part: pd.DataFrame) -> list[dict]:
        found = clustered.mixed_mean(part, "gap", confidence=confidence).iloc[0].to_dict()
        spread = part["manager"].std()
        means = dict.fromkeys(_SIDES, np.nan)
        if not np.isnan(found["estimate"]):
            codes = pd.factorize(part["cluster_id"])[0]
            alike = clustered.random_intercept(part["gap"].to_numpy(float), codes)
            weight = 1 / (1 + np.bincount(codes)[codes] * alike / (1 - alike))
            means = {name: np.average(part[side], weights=weight) for name, side in _SIDES.items()}
        found["standardised"] = found["estimate"] / spread if spread > 0 else np.nan
        return [{**means, **found, **_people(part)}]

    return by_group(pairs.assign(gap=pairs["hr"] - pairs["manager"]), by, describe)


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
    """

    def describe(part: pd.DataFrame) -> list[dict]:
        shared = {**_people(part), "method": METHOD_SIMILARITY}
        coefficients = {"ICC(A,1)": _concordance, "correlation": _correlation}
        return [
            {"coefficient": name, **_jackknifed(part, estimate, confidence), **shared}
            for name, estimate in coefficients.items()
        ]

    return by_group(pairs, by, describe)


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


def _jackknifed(pairs: pd.DataFrame, estimate, confidence: float) -> dict[str, object]:
    absent = {"estimate": np.nan, "low": np.nan, "high": np.nan}
    codes = pd.factorize(pairs["cluster_id"])[0]
    clusters = codes.max(initial=-1) + 1
    if clusters < 3:
        return absent | {"note": cannot_tell("fewer than 3 clusters answered")}
    x, y = (pairs[side].to_numpy(float) - pairs["hr"].mean() for side in ("hr", "manager"))
    moments = _moments(x, y, codes)
    point, *left_out = estimate(np.vstack([moments.sum(axis=0), moments.sum(axis=0) - moments]))
    if not np.isfinite(point) or not np.isfinite(left_out).all():
        return absent | {"note": cannot_tell("too few different answers")}
    if abs(point) > 1 - 1e-9:
        return absent | {"note": cannot_tell("both sides fit perfectly, so no interval can be computed")}
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
    """
    normative = pairs[["hr", "manager"]] - pairs.groupby(["wave", "dimension"])[["hr", "manager"]].transform("mean")
    rows = []
    for name, frame in (("overall", pairs), ("distinctive", pairs.assign(**normative))):
        each = frame.groupby(["partnership_id", "wave"], sort=False)[_WHO].first().reset_index(drop=True)
        codes = frame.groupby(["partnership_id", "wave"], sort=False).ngroup().to_numpy()
        moments = _moments(*frame[["hr", "manager"]].to_numpy(float).T, codes)
        each["z"] = np.arctanh(np.clip(_correlation(moments), -0.999, 0.999))
        each = each[moments[:, 0] >= SHORTEST_PROFILE]
        found = clustered.mean(each, "z", confidence=confidence).iloc[0].to_dict()
        limits = {key: np.tanh(found[key]) for key in ("estimate", "low", "high")}
        note = found["note"] if len(each) else cannot_tell(f"no pair shares {SHORTEST_PROFILE} dimensions")
        method = "mean of Fisher's z, " + found["method"]
        rows.append({"coefficient": name, **limits, **_people(each.dropna()), "method": method, "note": note})
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
    """
    names = {"Intercept": "bias", "within": "tracking within HR partners", "between": "tracking between HR partners"}

    def describe(part: pd.DataFrame) -> list[dict]:
        mean = part["manager"].mean()
        partner = part.groupby("cluster_id")["manager"].transform("mean")
        frame = part.assign(judged=part["hr"] - mean, within=part["manager"] - partner, between=partner - mean)
        single = {name: {name: 1} for name in names}
        found = _contrasts("judged ~ within + between", frame, single, confidence)
        if part["cluster_id"].nunique() < FEWEST_PARTNERS:
            # a slope through a handful of partners' means, and the level read off it, fit too well by chance
            found.loc[found["term"] != "within", [*_VALUES, "note"]] = [np.nan] * 6 + [cannot_tell(TOO_FEW_PARTNERS)]
        found = found.assign(term=found["term"].map(names))
        return found.to_dict("records")

    return by_group(pairs, by, describe)


_VALUES = ["estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value"]


def _contrasts(
    formula: str, frame: pd.DataFrame, combinations: dict[str, dict[str, float]], confidence: float
) -> pd.DataFrame:
    """Combinations of coefficients, clustered by HR partner; said in words where there is no pair."""
    if len(frame):
        return _counted(clustered.contrasts(formula, frame, "cluster_id", combinations, confidence), frame)
    absent = dict.fromkeys(_VALUES, np.nan) | {"method": clustered.METHOD, "note": cannot_tell(clustered.NO_ANSWERS)}
    return _counted(pd.DataFrame([{"term": name} | absent for name in combinations]), frame)


def variance_components(
    scores: pd.DataFrame,
    value: str = "score_100",
    side: str = "manager",
    by: Sequence[str] = ("dimension",),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Divide the differences between ratings: how much is the HR partner, how much the relationship, how much noise.

    Parameters
    ----------
    scores : pandas.DataFrame
        What :func:`helpers.analysis.scales.scores` returns, all waves.
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
        One row per group and component (``HR partner``, ``relationship``, ``noise``, or ``relationship and noise``
        where no pair was rated twice): the columns of ``by``, component, variance, estimate, low, high (per cent of
        the variance), respondents, rated (where known), clusters, observations, method, note.

    Notes
    -----
    Random effects y = m + wave + partner + relationship within partner + noise; wave means are taken out first.
    Relationship and noise can be told apart only where the same pair was rated in two or more waves; what changes
    between waves then counts as noise. Mean squares of the unbalanced nested design are solved for the variances
    (Henderson's method 1); a negative variance counts as 0, and the others make up the whole. No shares with fewer
    than 10 HR partners: their intervals would reach from nothing to everything. Intervals: HR partners left out in
    turn, on the logit scale where the share is positive (4 per cent points more coverage than on its own).

    References
    ----------
    Searle, S. R., Casella, G. & McCulloch, C. E. (1992). *Variance Components*. Wiley. Chapter 5.
    """
    answers = scores[(scores["side"] == side) & scores["partnership_id"].notna()].dropna(subset=[value])
    return by_group(answers, by, lambda part: _components(part, value, confidence))


def _components(part: pd.DataFrame, value: str, confidence: float) -> list[dict]:
    """Share of every component, or words."""
    values = (part[value] - part.groupby("wave")[value].transform("mean")).to_numpy(float)
    partner, pair = (pd.factorize(part[name])[0] for name in ("cluster_id", "partnership_id"))
    again = bool((part.groupby("partnership_id")["wave"].nunique() > 1).any())
    names = ["HR partner", "relationship", "noise"] if again else ["HR partner", "relationship and noise"]
    estimate = _nested if again else _one_way
    note = "" if again else "relationship and noise cannot be told apart: no pair was rated in two waves"
    if part["cluster_id"].nunique() < FEWEST_PARTNERS:
        found, note = False, cannot_tell(TOO_FEW_PARTNERS)
    else:
        sums = _partner_sums(values, partner, pair)
        shares, *left_out = estimate(np.vstack([sums.sum(axis=0), sums.sum(axis=0) - sums]))
        found = np.isfinite(shares).all() and np.isfinite(left_out).all()
        note = note if found else cannot_tell("too few HR partners rated more than once, or ratings do not differ")
    rows = []
    for position, name in enumerate(names):
        figures = dict.fromkeys(("variance", "estimate", "low", "high"), np.nan)
        if found:
            positive = np.maximum(shares, 0)
            share = positive[position] / positive.sum()
            low, high = _share_interval(shares[position], np.array(left_out)[:, position], confidence)
            limits = {"low": 100 * min(low, share), "high": 100 * max(high, share)}
            figures = {"variance": share * values.var(ddof=1), "estimate": 100 * share} | limits
        rows.append({"component": name, **figures, **_rated_people(part), "method": METHOD_COMPONENTS, "note": note})
    return rows


def _rated_people(part: pd.DataFrame) -> dict[str, int]:
    counts = {"respondents": part["respondent_id"].nunique(), "rated": part["rated_id"].nunique()}
    return counts | {"clusters": part["cluster_id"].nunique(), "observations": len(part)}


def _share_interval(share: float, left_out: np.ndarray, confidence: float) -> tuple[float, float]:
    """Interval of a share on the logit scale; on its own scale where it is zero or below."""
    every = np.append(left_out, share)
    if (every > 0).all() and (every < 1).all():
        return jackknife.interval(share, left_out, confidence, special.logit, special.expit)
    low, high = jackknife.interval(share, left_out, confidence, np.asarray, np.asarray)
    return min(1.0, max(0.0, low)), max(0.0, min(1.0, high))


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


def with_outcome(pairs: pd.DataFrame, outcomes: pd.DataFrame, outcome: str, value: str = "score") -> pd.DataFrame:
    """Add both sides' outcome to the pairs.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`paired_scores` returns.
    outcomes : pandas.DataFrame
        What :func:`helpers.analysis.scales.outcome_scores` returns.
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
    """

    def describe(part: pd.DataFrame) -> list[dict]:
        spread = np.sqrt(part[["hr", "manager"]].var().mean())
        frame = part.assign(hr_rating=part["hr"] / spread, manager_rating=part["manager"] / spread)
        rows = []
        for side, other in (("hr", "manager"), ("manager", "hr")):
            effects = {"actor": {f"{side}_rating": 1}, "partner": {f"{other}_rating": 1}}
            found = _contrasts(f"{side}_outcome ~ hr_rating + manager_rating", frame, effects, confidence)
            found = found.rename(columns={"term": "effect"}).to_dict("records")
            rows += [{"side": side, **row} for row in found]
        return rows

    return by_group(pairs, by, describe)


POLYNOMIAL = "outcome ~ x + y + I(x**2) + I(x*y) + I(y**2)"
_X2, _XY, _Y2 = "I(x ** 2)", "I(x * y)", "I(y ** 2)"
SURFACE = {
    "a1": {"x": 1, "y": 1},
    "a2": {_X2: 1, _XY: 1, _Y2: 1},
    "a3": {"x": 1, "y": -1},
    "a4": {_X2: 1, _XY: -1, _Y2: 1},
    "a5": {_X2: 1, _Y2: -1},
}
MEANING = {
    "a1": "slope where both agree",
    "a2": "curve where both agree",
    "a3": "slope where they differ",
    "a4": "curve where they differ",
    "a5": "tilt of the ridge",
}


def polynomial(pairs: pd.DataFrame, midpoint: float, outcome: str = "manager_outcome") -> pd.DataFrame:
    """Prepare pairs for the polynomial regression of an outcome on both views.

    Parameters
    ----------
    pairs : pandas.DataFrame
        What :func:`with_outcome` returns, one dimension.
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


def congruence(
    prepared: pd.DataFrame,
    confidence: float = 0.95,
    interval: str = "delta",
    bootstrap: int = 2000,
    seed: int = 0,
) -> pd.DataFrame:
    """Estimate the response surface of an outcome over both views: a1 to a5.

    Parameters
    ----------
    prepared : pandas.DataFrame
        What :func:`polynomial` returns.
    confidence : float
        Confidence level, between 0 and 1.
    interval : {"delta", "bootstrap"}
        From the covariance of the coefficients, or from samples of HR partners.
    bootstrap : int
        Number of samples, 200 or more.
    seed : int
        Seed of the samples.

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
    method: CR2 with Satterthwaite degrees of freedom, clustered by HR partner. The bootstrap draws HR partners with all
    their pairs; its interval is the estimate +- t (clusters - 1) times the standard deviation of the draws.

    A difference score x - y would force b1 = -b2 and b3 = b4 = b5 = 0 on the data: it cannot tell agreement between two
    satisfied people from agreement between two dissatisfied ones, and hides which side drives a difference.

    References
    ----------
    Edwards, J. R. & Parry, M. E. (1993). On the use of polynomial regression equations as an alternative to
    difference scores. *Academy of Management Journal*, 36, 1577-1613.

    Humberg, S., Nestler, S. & Back, M. D. (2019). Response surface analysis in personality and social psychology.
    *Social Psychological and Personality Science*, 10, 409-419.
    """
    if interval not in ("delta", "bootstrap") or bootstrap < 200:
        raise ValueError("expected an interval of 'delta' or 'bootstrap', and 200 samples or more")
    found = _contrasts(POLYNOMIAL, prepared, SURFACE, confidence)
    found.insert(1, "meaning", found["term"].map(MEANING))
    if interval == "bootstrap" and found["estimate"].notna().all():
        draws = _drawn_surfaces(prepared, bootstrap, seed)
        weights = np.array([[parts.get(term, 0) for term in _COEFFICIENTS] for parts in SURFACE.values()])
        clusters = prepared["cluster_id"].nunique()
        # resampling G clusters understates the variance by (G - 1) / G
        error = (draws @ weights.T).std(axis=0, ddof=1) * np.sqrt(clusters / (clusters - 1))
        half = stats.t.ppf(0.5 + confidence / 2, clusters - 1) * error
        p_value = 2 * stats.t.sf(found["estimate"].abs() / error, clusters - 1)
        found = found.assign(low=found["estimate"] - half, high=found["estimate"] + half, standard_error=error)
        found = found.assign(degrees_of_freedom=clusters - 1.0, p_value=p_value, method=f"{METHOD_DRAWN} ({bootstrap})")
        found["note"] = f"rough: {TOO_FEW_PARTNERS}" if clusters < FEWEST_PARTNERS else ""
    return found


_COEFFICIENTS = ["Intercept", "x", "y", _X2, _XY, _Y2]


def _drawn_surfaces(prepared: pd.DataFrame, bootstrap: int, seed: int) -> np.ndarray:
    """Coefficients of the surface in samples of clusters, from the products of each cluster."""
    x, y = prepared["x"].to_numpy(float), prepared["y"].to_numpy(float)
    design = np.column_stack([np.ones(len(x)), x, y, x**2, x * y, y**2])
    codes = pd.factorize(prepared["cluster_id"])[0]
    clusters = codes.max() + 1
    squares, products = np.zeros((clusters, 6, 6)), np.zeros((clusters, 6))
    np.add.at(squares, codes, design[:, :, None] * design[:, None, :])
    np.add.at(products, codes, design * prepared["outcome"].to_numpy(float)[:, None])
    counts = np.random.default_rng(seed).multinomial(clusters, np.full(clusters, 1 / clusters), size=bootstrap)
    total = np.tensordot(counts.astype(float), squares, axes=1)
    sound = np.linalg.cond(total) < 1e12  # a sample of too few different partners has no surface
    return np.linalg.solve(total[sound], (counts @ products)[sound][:, :, None])[:, :, 0]


def surface_shape(
    prepared: pd.DataFrame, confidence: float = 0.95, bootstrap: int = 2000, seed: int = 0
) -> pd.DataFrame:
    """Locate the stationary point of the response surface and its principal axes.

    Parameters
    ----------
    prepared : pandas.DataFrame
        What :func:`polynomial` returns.
    confidence : float
        Confidence level, between 0 and 1.
    bootstrap : int
        Number of samples of HR partners, 200 or more.
    seed : int
        Seed of the samples.

    Returns
    -------
    pandas.DataFrame
        One row per term (``stationary point, HR`` and ``stationary point, manager``: where the surface is level;
        ``first principal axis, intercept`` and ``slope``, and the second: lines through that point, manager's view
        over HR's, along which the surface bends upward most, or downward least, and the other way): term, estimate,
        low, high (standard deviations; slopes have no unit), respondents, respondents_hr, respondents_manager,
        clusters, observations (pairs), method, note.

    Raises
    ------
    ValueError
        If there are fewer than 200 samples, or confidence is not between 0 and 1.

    Notes
    -----
    With D = 4 b3 b5 - b4^2: x0 = (b2 b4 - 2 b1 b5) / D, y0 = (b1 b4 - 2 b2 b3) / D; slopes
    (b5 - b3 +- sqrt((b3 - b5)^2 + b4^2)) / b4 and intercepts y0 - slope x0. Percentiles of the cluster bootstrap,
    because ratios are far from normal, expanded for the number of clusters as t is wider than the normal distribution
    (Hesterberg, 2015); with 36 unequal HR partners they hold the truth in 94 to 95 %. Where D, or for
    the axes b4, changes sign in more samples than the interval leaves out, nothing is told: the surface is too flat.

    References
    ----------
    Edwards & Parry (1993), as for :func:`congruence`.

    Hesterberg, T. C. (2015). What teachers should know about the bootstrap. *The American Statistician*, 69, 371-386.
    """
    if bootstrap < 200 or not 0 < confidence < 1:
        raise ValueError("expected 200 samples or more, and a confidence between 0 and 1")
    terms = ["stationary point, HR", "stationary point, manager"]
    terms += [f"{which} principal axis, {part}" for which in ("first", "second") for part in ("intercept", "slope")]
    fitted = _contrasts(POLYNOMIAL, prepared, {name: {name: 1} for name in _COEFFICIENTS}, confidence)
    reason = "" if fitted["estimate"].notna().all() else fitted["note"].iloc[0].removeprefix(CANNOT_TELL)
    if len(prepared) and prepared["cluster_id"].nunique() < FEWEST_PARTNERS:
        reason = TOO_FEW_PARTNERS
    rows = []
    if not reason:
        point = fitted["estimate"].to_numpy(float)[None]
        drawn = _drawn_surfaces(prepared, bootstrap, seed)
        clusters = prepared["cluster_id"].nunique()
        reach = np.sqrt(clusters / (clusters - 1)) * stats.t.ppf(0.5 + confidence / 2, clusters - 1)
        tails = 100 * stats.norm.cdf([-reach, reach])
        figures = np.column_stack([_shape(point)[0], np.percentile(_shape(drawn), tails, axis=0).T])
        curved = _steady(_curvature(point)[0], _curvature(drawn), confidence)
        turned = curved and _steady(point[0, 4], drawn[:, 4], confidence)
    for number, term in enumerate(terms):
        said = reason or ("" if (curved if number < 2 else turned) else "the surface is too flat to place it")
        values = figures[number] if not said else np.full(3, np.nan)
        rows.append({"term": term, **dict(zip(("estimate", "low", "high"), values)), **_people(prepared)})
        rows[-1] |= {"method": f"polynomial regression, percentiles of the cluster bootstrap ({bootstrap})"}
        rows[-1] |= {"note": cannot_tell(said) if said else ""}
    return pd.DataFrame(rows)


def _curvature(coefficients: np.ndarray) -> np.ndarray:
    return 4 * coefficients[:, 3] * coefficients[:, 5] - coefficients[:, 4] ** 2


def _steady(point: float, draws: np.ndarray, confidence: float) -> bool:
    """Whether the draws keep the sign of the estimate, but for as many as the interval leaves out on one side."""
    return bool(np.mean(np.sign(draws) != np.sign(point)) <= (1 - confidence) / 2)


def _shape(coefficients: np.ndarray) -> np.ndarray:
    """Stationary point, and intercept and slope of both principal axes."""
    _, b1, b2, b3, b4, b5 = coefficients.T
    curvature, root = _curvature(coefficients), np.sqrt((b3 - b5) ** 2 + b4**2)
    x, y = (b2 * b4 - 2 * b1 * b5) / curvature, (b1 * b4 - 2 * b2 * b3) / curvature
    first, second = (b5 - b3 + root) / b4, (b5 - b3 - root) / b4
    return np.column_stack([x, y, y - first * x, first, y - second * x, second])


def congruence_verdict(surface: pd.DataFrame, level: float = 0.05) -> pd.DataFrame:
    """Say in three parts whether agreement itself goes with the outcome.

    Parameters
    ----------
    surface : pandas.DataFrame
        What :func:`congruence` returns.
    level : float
        Level of significance of each part, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per part: part, answer (``yes``, ``no``, ``cannot tell``), note. All three ``yes``: a strict congruence
        pattern; the first two: a broad one. "No" to the second or third part needs a parameter told from zero;
        that none could be is weak support only. With fewer than 10 HR partners no part can be told.
    """
    at = surface.set_index("term")
    if at["estimate"].isna().any():
        reason = at["note"][at["estimate"].isna()].iloc[0]
        return _no_verdict(reason)
    if at["clusters"].min() < FEWEST_PARTNERS:
        return _no_verdict(cannot_tell(TOO_FEW_PARTNERS))
    # each part asks two questions, so each answer is held to half the level
    off_zero = at["p_value"] < level / 2
    answers = {
        _PARTS[0]: "yes" if at.loc["a4", "high"] < 0 else "no" if at.loc["a4", "low"] > 0 else "cannot tell",
        _PARTS[1]: "no" if off_zero[["a3", "a5"]].any() else "yes",
        _PARTS[2]: "no" if off_zero[["a1", "a2"]].any() else "yes",
    }
    notes = dict(zip(_PARTS, ["a4 below zero", "a3 and a5 not told from zero", "a1 and a2 not told from zero"]))
    return pd.DataFrame([{"part": part, "answer": answers[part], "note": notes[part]} for part in _PARTS])


def _no_verdict(reason: str) -> pd.DataFrame:
    return pd.DataFrame([{"part": part, "answer": "cannot tell", "note": reason} for part in _PARTS])


_PARTS = (
    "The outcome is lower the further the two views are apart",
    "It is highest where both views are the same, not where one side is more favourable",
    "It does not matter at which level they agree",
)


def surface_grid(prepared: pd.DataFrame, points: int = 41) -> pd.DataFrame:
    """Compute the fitted surface on a grid, to be drawn as contours.

    Parameters
    ----------
    prepared : pandas.DataFrame
        What :func:`polynomial` returns.
    points : int
        Grid points per axis.

    Returns
    -------
    pandas.DataFrame
        One row per grid point within the middle 98 % of both views: x, y, estimate (outcome), respondents, clusters.
    """
    if not len(prepared):
        return pd.DataFrame(columns=["x", "y", "estimate", "respondents", "clusters"])
    fit = smf.ols(POLYNOMIAL, prepared).fit()
    low, high = prepared[["x", "y"]].stack().quantile([0.01, 0.99])
    axis = np.linspace(low, high, points)
    grid = pd.DataFrame({"x": np.repeat(axis, points), "y": np.tile(axis, points)})
    counts = _people(prepared)
    return grid.assign(estimate=fit.predict(grid).to_numpy(), **{k: counts[k] for k in ("respondents", "clusters")})


def surface_density(prepared: pd.DataFrame, grid: pd.DataFrame, minimum_group: int) -> pd.Series:
    """Count the pairs around each grid point, where enough people stand behind it.

    Parameters
    ----------
    prepared : pandas.DataFrame
        What :func:`polynomial` returns.
    grid : pandas.DataFrame
        What :func:`surface_grid` returns.
    minimum_group : int
        Fewest distinct HR partners, and fewest distinct managers, that may be counted together.

    Returns
    -------
    pandas.Series
        Pairs nearest to each grid point, index as ``grid``; missing where too few people stand behind them, so that
        no single pair can be placed.
    """
    axis = np.sort(grid["x"].unique())
    edges = np.r_[-np.inf, (axis[1:] + axis[:-1]) / 2, np.inf]
    placed = prepared.assign(x=axis[pd.cut(prepared["x"], edges, labels=False)])
    placed["y"] = axis[pd.cut(prepared["y"], edges, labels=False)]
    cells = placed.groupby(["x", "y"]).agg(
        pairs=("manager_id", "size"), hr=("hr_id", "nunique"), managers=("manager_id", "nunique")
    )
    enough = (cells["hr"] >= minimum_group) & (cells["managers"] >= minimum_group)
    found = grid.merge(cells["pairs"].where(enough).reset_index(), on=["x", "y"], how="left")["pairs"]
    return found.set_axis(grid.index)
