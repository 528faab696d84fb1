"""Do groups differ, and how much of all differences lies between them, when answers come in clusters?

An analysis of variance takes every answer for independent. Where managers of one HR partner answer alike and HR
partners work within departments, its F test finds departments that differ in 32 to 49 of 100 companies in which none
do. Here the means of the groups carry an error that allows for the clusters, be these within groups or across them.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy import optimize, special

from helpers.analysis.methods import clustered
from helpers.analysis.methods.counts import by_group, cannot_tell, people, require

METHOD = "variance between group means beyond their cluster-robust (CR2) errors, Q-profile interval; p: HTZ Wald test"
_VALUES = ("estimate", "low", "high", "p_value", "reliability")
#: Variance between groups, in units of the variance in all, beyond which it is not looked for.
_FURTHEST = 1e4
#: Adjusted p-value up to which a group is said to differ.
TOLD = 0.05


def variance_share(
    frame: pd.DataFrame,
    group: str,
    value: str,
    cluster: str = "cluster_id",
    by: Sequence[str] = (),
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share of variance between groups, and test that there is none.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer.
    group : str
        Column of the groups, such as ``department``; empty: there are none.
    value : str
        Column whose variance is divided; missing values are left out.
    cluster : str
        Column that names what answers alike, such as the HR partner; within the groups, across them, or both.
    by : sequence of str
        Columns for which this is done separately.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per combination of ``by``: its columns, estimate, low, high (share of variance between groups, 0 to 1),
        p_value (of no difference between the groups), reliability (share of the variance of the groups' means that is
        no error, 0 to 1), groups, respondents, rated (where known), clusters, observations, people, method, note.

    Raises
    ------
    ValueError
        If confidence is not between 0 and 1.

    Notes
    -----
    The K group means m have the covariance V (CR2) with n degrees of freedom, matched as for
    :func:`helpers.analysis.methods.clustered.joint_test`. With t2 the variance between groups,
    Q(t2) = (m - mu)' (V + t2 I)^-1 (m - mu) times (n - K + 2) / (n (K - 1)) follows F on K - 1 and n - K + 2 degrees of
    freedom. The estimate solves for its median (0 where that lies below zero), the limits for its outer quantiles: at
    t2 = 0 this is the test itself. As t2 grows, V and its uncertainty count for less: n is multiplied by
    ((v + t2) / v)^2, v being the mean variance of a mean. The share is t2 over t2 plus the variance within groups.
    Assumption: clusters are independent, and the groups' means about normal.

    References
    ----------
    Viechtbauer, W. (2007). Confidence intervals for the amount of heterogeneity in meta-analysis. *Statistics in
    Medicine*, 26, 37-52.

    Pustejovsky & Tipton (2018), as for :mod:`helpers.analysis.methods.clustered`.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"unit": ["a", "b", "c"] * 8, "score": [3, 4, 6, 2, 4, 5] * 4})
    >>> found = variance_share(answers.assign(partner=[*range(12)] * 2), "unit", "score", "partner")
    >>> found[["estimate", "low", "high", "p_value", "groups"]].round(2).values.tolist()
    [[0.94, 0.73, 1.0, 0.0, 3.0]]
    """
    require(frame, [value, *filter(None, [group]), cluster, *by])
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    if not group:
        frame, group = frame.iloc[:0], value

    def describe(part: pd.DataFrame) -> list[dict[str, object]]:
        used = part.dropna(subset=[value, group, cluster])
        values, reason = _share(used, group, value, cluster, confidence)
        counts = {"groups": used[group].nunique(), **people(used, cluster, additive=False), "observations": len(used)}
        return [{**values, **counts, "method": METHOD, "note": cannot_tell(reason) if reason else ""}]

    return by_group(frame, by, describe)


def against_the_whole(frame: pd.DataFrame, group: str, value: str, by: str = "dimension") -> pd.DataFrame:
    """Set each group beside everybody, ready for the model ``score ~ belongs``.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer; rows of no group count among everybody.
    group : str
        Column of the groups, such as ``department``; empty: there are none.
    value : str
        Column that is compared; rows in which it is missing are left out.
    by : str
        Column within which groups are compared.

    Returns
    -------
    pandas.DataFrame
        The rows once for every group, with compared (the group) and belongs: in the group 1 / (1 - its share of the
        rows of the same ``by``), elsewhere 0. So the coefficient of ``belongs`` is the group's mean less that of
        everybody, its own members included. Of two groups that are everybody, one comparison is the other with its
        sign turned, so that it stands there once, for the first of them. A group of everybody is left out.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"unit": ["a", "b", "c", "c"], "score": [1, 2, 3, 3], "dimension": "trust"})
    >>> against_the_whole(answers, "unit", "score")[["compared", "belongs"]].round(2).tail(4).values.tolist()
    [['c', 0.0], ['c', 0.0], ['c', 2.0], ['c', 2.0]]
    """
    used = frame.dropna(subset=[value])
    labels = list(dict.fromkeys(used[group].dropna())) if group else []
    mirrored = len(labels) == 2 and used[group].notna().all()
    parts = []
    for label in labels[:1] if mirrored else labels:
        inside = (used[group] == label).astype(float)
        outside = 1 - inside.groupby(used[by]).transform("mean")
        parts.append(used.assign(compared=str(label), belongs=inside / outside)[outside > 0])
    return pd.concat(parts, ignore_index=True) if parts else used.iloc[:0].assign(compared="", belongs=0.0)


def supported(means: pd.DataFrame, apart: pd.DataFrame, group: str) -> pd.DataFrame:
    """Say of the mean of each group whether it differs from that of everybody beyond chance.

    Parameters
    ----------
    means : pandas.DataFrame
        Means by ``group`` and dimension.
    apart : pandas.DataFrame
        The tests: compared, dimension, p_adjusted.
    group : str
        Column of the groups in ``means``.

    Returns
    -------
    pandas.DataFrame
        ``means`` with supported: "differs" where the adjusted p is at most .05, missing elsewhere. Of two groups one
        test is that of both.
    """
    told = apart.loc[apart["p_adjusted"] <= TOLD, ["compared", "dimension"]] if len(apart) else apart[:0]
    sure = set(told[["compared", "dimension"]].itertuples(index=False, name=None)) if len(told) else set()
    labels = [str(name) for name in means[group].dropna().unique()] if group in means else []
    if len(labels) == 2:
        sure |= {(other, dimension) for _, dimension in sure for other in labels}
    keys = zip(means[group].astype("str"), means["dimension"], strict=True) if labels else []
    words = ["differs" if key in sure else None for key in keys]
    return means.assign(supported=pd.Series(words, index=means.index[: len(words)], dtype=object))


def with_wholes(frame: pd.DataFrame, attribute: str, parts: Mapping[str, Sequence[str] | None]) -> pd.DataFrame:
    """Put a group, what it lies in and the whole below each other, to be described side by side.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per answer.
    attribute : str
        Column of the groups.
    parts : mapping of str to sequence of str or None
        What each part is called, and its groups; None: all rows.

    Returns
    -------
    pandas.DataFrame
        The rows of every part, with part (its name): a row stands there as often as there are parts that it lies in.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"team": ["a", "b"], "score": [1, 3]})
    >>> with_wholes(answers, "team", {"a": ["a"], "All": None}).groupby("part")["score"].mean().to_dict()
    {'All': 2.0, 'a': 1.0}
    """
    rows = [
        (frame if groups is None else frame[frame[attribute].isin(groups)]).assign(part=name)
        for name, groups in parts.items()
    ]
    return pd.concat(rows, ignore_index=True)


def pointing_alike(table: pd.DataFrame, whole: str) -> pd.DataFrame:
    """Count, for each group, the dimensions on which it differs the same way as over all of them.

    Parameters
    ----------
    table : pandas.DataFrame
        Differences, with compared, dimension and estimate; those over all dimensions have ``whole`` as dimension.
    whole : str
        What stands there.

    Returns
    -------
    pandas.DataFrame
        The rows over all dimensions, with alike (dimensions with a difference of the same sign) and dimensions (how
        many have one); missing where there are none.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"compared": "a", "dimension": ["all", "trust", "candour"], "estimate": [-2.0, -5.0, 1.0]})
    >>> pointing_alike(table, "all")[["alike", "dimensions"]].values.tolist()
    [[1, 2]]
    """
    signs = table.assign(sign=np.sign(pd.to_numeric(table["estimate"], errors="coerce")))
    over_all = signs[signs["dimension"] == whole]
    single = signs[signs["dimension"] != whole].dropna(subset="sign")
    single = single.merge(over_all[["compared", "sign"]], on="compared", suffixes=("", "_whole"))
    counted = (single["sign"] == single["sign_whole"]).groupby(single["compared"]).agg(["sum", "size"]).astype("Int64")
    counted = counted.set_axis(["alike", "dimensions"], axis=1)
    found = over_all.drop(columns="sign").join(counted, on="compared")
    found.attrs = table.attrs  # which exhibit shows it
    return found


def _share(used: pd.DataFrame, group: str, value: str, cluster: str, confidence: float) -> tuple[dict[str, float], str]:
    """All figures, or why there are none."""
    absent = dict.fromkeys(_VALUES, np.nan)
    codes, labels = pd.factorize(used[group])
    count = len(labels)
    if count < 2:
        return absent, "fewer than 2 groups answered"
    if used[cluster].nunique() < 2:
        return absent, clustered.FEW_CLUSTERS
    if len(used) <= count:
        return absent, "no group has two answers"
    y = used[value].to_numpy(float)
    own = (codes[:, None] == np.arange(count)).astype(float)
    means = clustered.least_squares(own, y, used[cluster].to_numpy())
    if (means.degrees_of_freedom <= 0).any():
        alone = labels[int(np.argmin(means.degrees_of_freedom))]
        return absent, f"only one cluster answered in {alone}"
    within = np.sum((y - own @ means.coefficients[:, 0]) ** 2) / (len(y) - count)
    if not within > 1e-12 * max(1.0, np.abs(y).max()) ** 2:
        return absent, "answers do not vary within groups"
    against_first = np.column_stack([np.ones(len(y)), own[:, 1:]])
    fit = clustered.least_squares(against_first, y, used[cluster].to_numpy())
    statistic, size, below, p_value = clustered.joint_test(fit, range(1, count))
    if not np.isfinite(statistic):
        return absent, "too few clusters for this many groups"
    degrees = below + size - 1
    pieces = means.contributions[:, :, 0]
    spread = _Spread(means.coefficients[:, 0], pieces.T @ pieces, degrees)
    middle = spread.solve(0.5)
    low, high = spread.solve(0.5 + confidence / 2), spread.solve(0.5 - confidence / 2)
    figures = [part / (part + within) for part in (middle, low, high)]
    return dict(zip(_VALUES, (*figures, p_value, middle / (middle + spread.error)))), ""


class _Spread:
    """Means of groups with the covariance of their errors, and the variance between groups at a quantile."""

    def __init__(self, means: np.ndarray, covariance: np.ndarray, degrees: float) -> None:
        self.means, self.degrees = means, degrees
        self.values, self.vectors = np.linalg.eigh(covariance)  # those of its sum with a multiple of I follow from them
        self.error = float(np.trace(covariance) / len(means))

    def ratio(self, between: float) -> tuple[float, float]:
        """F ratio at a variance between groups, and its denominator's degrees of freedom."""
        size = len(self.means) - 1
        values = self.values + between
        kept = values > 1e-15 * values.max()
        inverse = (self.vectors * np.divide(1, values, out=np.zeros_like(values), where=kept)) @ self.vectors.T
        weight = inverse.sum(axis=0)
        apart = self.means - weight @ self.means / weight.sum()
        degrees = self.degrees * ((self.error + between) / self.error) ** 2
        return float((degrees - size + 1) / (degrees * size) * (apart @ inverse @ apart)), degrees - size + 1

    def excess(self, between: float, quantile: float) -> float:
        """How far the ratio lies above a quantile."""
        ratio, degrees = self.ratio(between)
        return ratio - float(special.fdtri(len(self.means) - 1, degrees, quantile))

    def solve(self, quantile: float) -> float:
        """Variance between groups at which the ratio equals a quantile; 0 where it lies below at once."""
        if self.excess(0.0, quantile) <= 0:
            return 0.0
        furthest = _FURTHEST * max(self.error, float(np.var(self.means)))
        return float(optimize.brentq(self.excess, 0.0, furthest, args=(quantile,)))
