"""Means, shares, differences and regressions when answers come in few clusters.

Twelve managers who rate the same HR partner do not give twelve independent answers. Ordinary standard errors are
then too small, and the usual cluster-robust ones still are when there are fewer than about fifty clusters. This
module uses the bias-reduced variance CR2 with Satterthwaite degrees of freedom, for any number of clusters.

Notes
-----
Weighted least squares with weights W (all one unless given) estimates b = M X'W y with M = (X'W X)^-1. With
residuals e_g of cluster g, the variance is

    V = M [ sum_g X_g' W_g A_g e_g e_g' A_g W_g X_g ] M,
    A_g = [ (I - H)_g (I - H)_g' ]^(-1/2),  H = X M X'W,

which is unbiased when errors are independent with equal variance, and nearly so otherwise. For a term c the degrees
of freedom are (tr P)^2 / ||P||^2 with P_gh = p_g' p_h and p_g = (I - H)_g' A_g W_g X_g M c. Both are computed from
k x k products of each cluster, so that neither large clusters nor many of them are slow.

Assumptions: clusters are independent of each other; within clusters anything goes. Weights are taken as given.

References
----------
Bell, R. M. & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
samples. *Survey Methodology*, 28(2), 169-181.

Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and hypothesis
testing in fixed effects models. *Journal of Business & Economic Statistics*, 36(4), 672-683.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from pandas.api.extensions import ExtensionDtype
from scipy import linalg, optimize, special, stats
from statsmodels.base.model import Model
from statsmodels.discrete.discrete_model import Logit
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.regression.linear_model import WLS

from helpers.analysis.methods.counts import by_group, cannot_tell, people, require
from helpers.analysis.methods.people import QUESTION, SHEET, distinct, keys_of
from helpers.columns import ALIKE
from helpers.rounding import NO_DIFFERENCE

METHOD = "cluster-robust (CR2), t with Satterthwaite degrees of freedom"
METHOD_LOGIT = "logistic regression, cluster-robust (CR2), t with Satterthwaite degrees of freedom"
METHOD_POISSON = "Poisson regression, cluster-robust (CR2), t with Satterthwaite degrees of freedom"
METHOD_MIXED = "mixed model (REML), cluster-robust (CR2), t with Satterthwaite degrees of freedom"
METHOD_JOINT = "cluster-robust Wald test (CR2, HTZ)"
METHOD_PROPORTION = "Wilson interval at the effective sample size (cluster-robust CR2, t quantile)"

#: Below this many degrees of freedom the interval is a rough guide (Tipton, 2015, Psychological Methods 20, 375).
ROUGH_BELOW = 4
ROUGH = "rough: the interval rests on fewer than 4 degrees of freedom"
FEW_CLUSTERS = "fewer than 2 clusters answered"
NO_ANSWERS = "no answers"
AS_MANY = "as many terms as observations"
NOT_DISTINGUISHABLE = "not distinguishable from the other terms in these data"
SEPARATED = "these groups had the same outcome throughout, so the odds ratio has no finite value"
ALL_ZERO = "nothing was counted in these groups, so the ratio has no finite value"

#: Relative size below which an eigenvalue or a variance counts as zero.
_ZERO = 1e-12


class Working(NamedTuple):
    """Products p_g' p_h of the working model, as a diagonal plus a matrix of low rank (clusters first)."""

    basis: np.ndarray  # terms x terms: row j gives coefficient j in the basis z
    length: np.ndarray  # a_g' a_g, with a_g = A_g W_g Z_g
    left: np.ndarray  # the low-rank part is left @ row times right @ row
    right: np.ndarray

    def overlap(self, s: np.ndarray, t: np.ndarray, u: np.ndarray, v: np.ndarray) -> float:
        """Sum products over pairs of clusters.

        Parameters
        ----------
        s, t, u, v : numpy.ndarray
            Four contrasts, in the basis.

        Returns
        -------
        float
            Sum over g and h of (p_gs' p_ht) (p_gu' p_hv).
        """
        diagonal_one, diagonal_two = self._diagonal(s, t), self._diagonal(u, v)
        left_one, right_one = _times(self.left, s), _times(self.right, t)
        left_two, right_two = _times(self.left, u), _times(self.right, v)
        return (
            np.sum(diagonal_one * diagonal_two)
            + np.sum(diagonal_one * (left_two * right_two).sum(axis=1))
            + np.sum(diagonal_two * (left_one * right_one).sum(axis=1))
            + np.sum((left_one.T @ left_two) * (right_one.T @ right_two))
        )

    def trace(self, s: np.ndarray, t: np.ndarray) -> float:
        """Compute the expected covariance of two contrasts under the working model.

        Parameters
        ----------
        s, t : numpy.ndarray
            The contrasts, in the basis.

        Returns
        -------
        float
            Sum over g of p_gs' p_gt.
        """
        return self._diagonal(s, t).sum() + np.sum(_times(self.left, s) * _times(self.right, t))

    def total_variance(self, rows: np.ndarray) -> float:
        """Compute the total variance of a covariance matrix under the working model.

        Parameters
        ----------
        rows : numpy.ndarray
            Contrasts x basis.

        Returns
        -------
        float
            Sum over all pairs s, t of the rows of overlap(s, s, t, t) + overlap(s, t, t, s).
        """
        size, rank = len(rows), self.left.shape[1]
        diagonal = rows @ self.length @ rows.T
        left, right = self.left @ rows.T, self.right @ rows.T  # clusters x rank x rows
        low_rank = left.swapaxes(1, 2) @ right
        trace, other = np.einsum("gss->g", diagonal), np.einsum("gss->g", low_rank)
        near = trace @ (trace + 2 * other) + np.sum(diagonal * (diagonal + 2 * low_rank))
        of_left, of_right = (
            (flat.T @ flat).reshape(rank, size, rank, size)
            for flat in (each.reshape(len(each), -1) for each in (left, right))
        )
        return float(near + np.sum(of_left * of_right) + np.einsum("asbt,atbs->", of_left, of_right))

    def _diagonal(self, s: np.ndarray, t: np.ndarray) -> np.ndarray:
        return self.length.reshape(len(self.length), -1) @ np.outer(s, t).ravel()


def _times(stack: np.ndarray, column: np.ndarray) -> np.ndarray:
    """Multiply a stack of matrices by one column: in one product, since of 100,000 small ones each costs a call."""
    return (stack.reshape(-1, stack.shape[-1]) @ column).reshape(stack.shape[:-1])


class LeastSquares(NamedTuple):
    """Cluster-robust least squares of several outcomes on one design.

    Attributes
    ----------
    coefficients, standard_errors : numpy.ndarray
        Terms x outcomes.
    degrees_of_freedom : numpy.ndarray
        Per term (Satterthwaite); 0 where only one cluster bears on the term.
    contributions : numpy.ndarray
        Clusters x terms x outcomes. The covariance matrix of an outcome's coefficients is C'C with C the
        contributions of the clusters to them.
    working : Working
        What the errors of cluster-robust variances depend on.
    """

    coefficients: np.ndarray
    standard_errors: np.ndarray
    degrees_of_freedom: np.ndarray
    contributions: np.ndarray
    working: Working


def least_squares(
    design: np.ndarray, outcomes: np.ndarray, cluster: np.ndarray, weights: np.ndarray | None = None
) -> LeastSquares:
    """Fit least squares with the CR2 variance and Satterthwaite degrees of freedom.

    Parameters
    ----------
    design : numpy.ndarray
        Observations x terms, of full column rank, nothing missing.
    outcomes : numpy.ndarray
        Observations, or observations x outcomes (each outcome is fitted separately).
    cluster : numpy.ndarray
        Cluster of each observation.
    weights : numpy.ndarray, optional
        Positive weight of each observation. They enter the estimate; the working model of the bias correction
        stays equal variance, as for survey weights.

    Returns
    -------
    LeastSquares
        See there. Where only one cluster bears on a term, its degrees of freedom are 0 and its standard error
        means nothing.
    """
    outcomes = np.asarray(outcomes, float).reshape(len(design), -1)
    codes, _ = pd.factorize(cluster)
    order = np.argsort(codes, kind="stable")
    starts = np.flatnonzero(np.r_[True, np.diff(codes[order]) > 0])
    x, y = np.asarray(design, float)[order], outcomes[order]
    w = np.ones(len(x)) if weights is None else np.asarray(weights, float)[order] / np.mean(weights)
    terms = x.shape[1]

    # In the basis z = x T with z'Wz = I, M is the identity and terms of any unit are equally well conditioned.
    basis = linalg.solve_triangular(np.linalg.cholesky(x.T @ (x * w[:, None])), np.eye(terms), lower=True).T
    z = x @ basis
    wz = z * w[:, None]
    coefficients = wz.T @ y
    residuals = y - z @ coefficients

    # (I - H)_g (I - H)_g' = I + F C F' with F the columns z (and Wz, when there are weights) of the cluster.
    if weights is None:
        f, c, second = z, -np.eye(terms), slice(0, terms)
    else:
        identity, zero = np.eye(terms), np.zeros((terms, terms))
        f, c = np.hstack([z, wz]), np.block([[wz.T @ wz, -identity], [-identity, zero]])
        second = slice(terms, 2 * terms)
    gram = _sums(f, f, starts)
    summed = _sums(f, residuals, starts)
    if weights is None and len(starts) == len(x):  # clusters of one row: (I - H)_g, and so adjust_g, is a number
        left_over = 1 - np.einsum("gii->g", gram)
        known = left_over > _ZERO
        adjust = np.where(known, 1 / np.sqrt(np.where(known, left_over, 1)), 0)[:, None, None]
        scores, fitted = adjust * summed, adjust * gram
        length = adjust * fitted
    else:
        root, inverse_root = _power(gram, 0.5), _power(gram, -0.5)
        inner = np.eye(f.shape[1]) + root @ c @ root
        # A_g W_g Z_g = F_g adjust_g
        adjust = (inverse_root @ _power(inner, -0.5) @ root)[:, :, second]
        scores = np.swapaxes(adjust, 1, 2) @ summed  # clusters x terms x outcomes
        fitted = gram @ adjust
        length = np.swapaxes(adjust, 1, 2) @ fitted

    # basis @ scores are the clusters' contributions to the coefficients
    contributions = np.einsum("ij,gjr->gir", basis, scores)
    standard_errors = np.sqrt((contributions**2).sum(axis=0))

    # (I - H)(I - H)' = I - H - H' + z (z'W^2 z) z', which is I - H without weights
    if weights is None:
        left, right = fitted, -fitted
    else:
        fitted, weighted = fitted[:, :terms], fitted[:, second]
        left = np.concatenate([weighted, fitted], axis=1)
        right = np.concatenate([-fitted, (wz.T @ wz) @ fitted - weighted], axis=1)
    working = Working(basis, length, left, right)
    with np.errstate(divide="ignore", invalid="ignore"):  # of what the rows do not tell at all, which is refused below
        degrees = np.array([working.trace(row, row) ** 2 / working.overlap(row, row, row, row) for row in basis])
    # A term that only one cluster bears on has no variance between clusters to be seen.
    held = gram if weights is None else _sums(z, wz, starts)
    share, direction = np.linalg.eigh(held[np.einsum("gii->g", held) > 1 - 1e-9])  # the others' shares are smaller yet
    alone = direction.swapaxes(1, 2)[share > 1 - 1e-9]
    degrees[(np.abs(basis @ alone.T) > 1e-6 * np.linalg.norm(basis, axis=1)[:, None]).any(axis=1)] = 0
    found = basis @ coefficients
    # What is left of a difference of equal parts in the last bits of a sum is none.
    least = NO_DIFFERENCE * np.abs(y).max(axis=0, initial=0) / np.abs(x).max(axis=0)[:, None]
    return LeastSquares(np.where(np.abs(found) < least, 0.0, found), standard_errors, degrees, contributions, working)


def _sums(left: np.ndarray, right: np.ndarray, starts: np.ndarray) -> np.ndarray:
    """Left' right of every cluster: clusters x columns of left x columns of right."""
    columns = [np.add.reduceat(left[:, [i]] * right, starts, axis=0) for i in range(left.shape[1])]
    return np.stack(columns, axis=1)


def _power(symmetric: np.ndarray, power: float) -> np.ndarray:
    """Power of a stack of symmetric matrices on the space where their eigenvalues are positive."""
    if symmetric.shape[-1] == 1:  # the most frequent case, and of a large survey the longest
        values, vectors = symmetric[:, 0], np.ones_like(symmetric)
    else:
        values, vectors = np.linalg.eigh(symmetric)
    positive = values > _ZERO * np.maximum(1, values[:, -1:])
    raised = np.where(positive, np.where(positive, values, 1) ** power, 0)
    return (vectors * raised[:, None, :]) @ np.swapaxes(vectors, 1, 2)


def joint_test(fit: LeastSquares, terms: Sequence[int]) -> tuple[float, int, float, float]:
    """Test that several coefficients of the first outcome are all zero (approximate Hotelling's T-squared, HTZ).

    Parameters
    ----------
    fit : LeastSquares
        A fitted model.
    terms : sequence of int
        Positions of the coefficients.

    Returns
    -------
    tuple
        F, its numerator and denominator degrees of freedom, and the p-value. All but the numerator are missing
        where the clusters are too few to test that many coefficients at once.

    Notes
    -----
    Q = b' V^-1 b; F = (eta - q + 1) / (eta q) Q on q and eta - q + 1 degrees of freedom, with eta matched to the
    total variance of V under the working model (Pustejovsky & Tipton, 2018, section 4). For one coefficient it is
    the square of the t test.
    """
    terms = list(terms)
    size = len(terms)
    rows = fit.working.basis[terms]
    expected = np.array([[fit.working.trace(s, t) for t in rows] for s in rows])
    if (fit.degrees_of_freedom[terms] <= 0).any() or np.linalg.eigvalsh(expected)[0] <= 0:
        return np.nan, size, np.nan, np.nan
    standard = _power(expected[None], -0.5)[0] @ rows
    eta = size * (size + 1) / fit.working.total_variance(standard)
    pieces = fit.contributions[:, terms, 0]
    covariance = pieces.T @ pieces
    degrees = eta - size + 1
    if degrees < 1 or np.linalg.matrix_rank(covariance) < size:
        return np.nan, size, np.nan, np.nan
    quadratic = fit.coefficients[terms, 0] @ np.linalg.solve(covariance, fit.coefficients[terms, 0])
    statistic = float(degrees / (eta * size) * quadratic)
    return statistic, size, float(degrees), float(stats.f.sf(statistic, size, degrees))


def _interval(estimate: float, error: float, degrees: float, confidence: float) -> dict[str, Any]:
    """Interval and p-value from t, or words where there is none."""
    reason = None
    if not degrees >= 1 - 1e-6:
        reason = "fewer than 2 clusters bear on this"
    elif not error > _ZERO * max(1.0, abs(estimate)):
        reason = ALIKE
    if reason:
        return _absent(reason)
    half = error * float(special.stdtrit(degrees, 0.5 + confidence / 2))  # as stats.t.ppf, without its checks
    return {
        "estimate": estimate,
        "standard_error": error,
        "degrees_of_freedom": degrees,
        "low": estimate - half,
        "high": estimate + half,
        "p_value": 2 * special.stdtr(degrees, -abs(estimate) / error),
        "note": ROUGH if degrees < ROUGH_BELOW else "",
    }


def _absent(reason: str) -> dict[str, Any]:
    names = ("estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value")
    return dict.fromkeys(names, np.nan) | {"note": cannot_tell(reason)}


def _row(values: dict[str, Any], counts: dict[str, Any], method: str) -> dict[str, Any]:
    note = values.pop("note")
    return values | counts | {"method": method, "note": note}


def _counts(used: pd.DataFrame, cluster: str, value: str = "", additive: bool = True) -> dict[str, Any]:
    return people(used, cluster, value=value, additive=additive) | {"observations": len(used)}


def _answered(frame: pd.DataFrame, columns: Sequence[str]) -> pd.DataFrame:
    """Rows in which none of the columns is missing or infinite."""
    known = _known(frame, columns)
    return frame if known.all() else frame[known]


def _needed(frame: pd.DataFrame, columns: Sequence[str | None]) -> pd.DataFrame:
    """Columns that an estimate and its people need: what a frame carries beside them would be copied for each group."""
    wanted = {*columns, *SHEET, *QUESTION}
    return frame[[name for name in frame if name in wanted]]


def _known(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    known = np.ones(len(frame), bool)
    for name in columns:
        column = frame[name]
        if pd.api.types.is_numeric_dtype(column):
            known &= np.isfinite(column.to_numpy(float, na_value=np.nan))
        else:
            known &= column.notna().to_numpy(bool)
    return known


def _check(frame: pd.DataFrame, columns: Sequence[str | None], confidence: float) -> None:
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    require(frame, filter(None, columns))


def regression(
    formula: str,
    frame: pd.DataFrame,
    cluster: str,
    weights: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Regress an outcome on predictors by least squares, with inference that holds for few clusters.

    Parameters
    ----------
    formula : str
        Model formula as statsmodels takes it, such as ``"trust ~ side * wave"``.
    frame : pandas.DataFrame
        One row per observation. Rows in which a variable, the cluster or the weight is missing are left out.
    cluster : str
        Column that names the cluster, such as the HR partner.
    weights : str, optional
        Column of positive weights.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per term: term, estimate (units of the outcome per unit of the term), standard_error,
        degrees_of_freedom, low, high, p_value (of zero), respondents, rated (where known), clusters, observations,
        method, note.

    Raises
    ------
    ValueError
        If a column is absent, a weight is not positive, or confidence is not between 0 and 1.

    Notes
    -----
    See the module for the formulas and their sources. Terms that the data cannot tell apart from others, or that
    rest on a single cluster, say so in ``note``.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"cluster_id": [1, 1, 2, 2, 3, 3, 4, 4], "trust": [4, 3, 5, 4, 3, 3, 4, 2]})
    >>> answers["side"] = ["hr", "manager"] * 4
    >>> found = regression("trust ~ side", answers, "cluster_id")
    >>> found[["term", "estimate", "low", "high", "clusters"]].round(2)
                  term  estimate  low  high  clusters
    0        Intercept       4.0  2.7   5.3         4
    1  side[T.manager]      -1.0 -2.3   0.3         4
    """
    model = _model(formula, frame, cluster, weights, confidence)
    rows = sample(model, cluster)
    return table(rows, linear(rows, np.broadcast_to(model.weights, len(model.exog))), confidence, METHOD)


def _model(formula: str, frame: pd.DataFrame, cluster: str, weights: str | None, confidence: float) -> WLS:
    """Least-squares model of a formula on the rows in which cluster and weight are known."""
    _check(frame, [cluster, weights], confidence)
    usable = _answered(frame, [name for name in (cluster, weights) if name])
    # the formula language does not know the missing value of pandas' own number types
    nullable = [n for n in usable.select_dtypes("number") if isinstance(usable[n].dtype, ExtensionDtype)]
    usable = usable.astype(dict.fromkeys(nullable, float))
    return smf.wls(formula, usable, weights=usable[weights] if weights else np.ones(len(usable)), missing="drop")


class Sample(NamedTuple):
    """The rows that a statsmodels model was made of and whose cluster is known.

    Attributes
    ----------
    names : list of str
        Names of the columns of the design.
    explained : str
        Name of the outcome.
    design, outcome : numpy.ndarray
        Rows x terms, and one value per row.
    cluster : numpy.ndarray
        Cluster of each row.
    kept : numpy.ndarray
        Positions of the rows among those of the model.
    used : pandas.DataFrame
        The rows.
    counts : dict
        respondents, rated (where known), clusters, observations.
    """

    names: list[str]
    explained: str
    design: np.ndarray
    outcome: np.ndarray
    cluster: np.ndarray
    kept: np.ndarray
    used: pd.DataFrame
    counts: dict[str, Any]


def sample(model: Model, cluster: str | None, counted: bool = True) -> Sample:
    """Take from a statsmodels model what it was made of.

    Parameters
    ----------
    model : statsmodels.base.model.Model
        Model made from a formula and a frame.
    cluster : str or None
        Column of that frame that names the cluster. Rows in which it is missing are left out. None: each row is one.
    counted : bool
        Whether to count the people behind them.

    Returns
    -------
    Sample
        See there.

    Raises
    ------
    ValueError
        If the model was made from arrays, or the frame has no such column.
    """
    frame = getattr(model.data, "frame", None)
    if not isinstance(frame, pd.DataFrame):
        raise ValueError("the model was not made from a formula and a frame, so its clusters are not known")
    if cluster is not None and cluster not in frame:
        raise ValueError(
            f"the frame of the model has no column {cluster}; it has {', '.join(map(str, frame.columns))}. "
            "A mixed model fitted with missing='drop' keeps only the columns of its formula: leave out rows with "
            "missing values before the fit"
        )
    present = np.ones(len(frame), bool)
    present[list(model.data.missing_row_idx or [])] = False
    positions = np.flatnonzero(present)
    kept = np.arange(len(positions))
    if cluster is not None:
        kept = np.flatnonzero(_known(frame, [cluster])[positions])
    used = frame if len(kept) == len(frame) else frame.iloc[positions[kept]]
    design = np.asarray(model.exog, float)[kept]
    names = list(model.exog_names)[: design.shape[1]]
    outcome = np.asarray(model.endog)[kept]
    clusters = keys_of(used[cluster]) if cluster is not None else kept
    counts = _counts(used, cluster or "", str(model.endog_names), _compares_means(model)) if counted else {}
    return Sample(names, str(model.endog_names), design, outcome, clusters, kept, used, counts)


def _compares_means(model: Model) -> bool:
    """Tell whether the coefficients are differences of the means of groups: least squares on the groups alone."""
    if not isinstance(model, WLS) or len(terms := term_columns(model)) > 1:
        return False
    columns = [place for term in terms.values() for place in term]
    return bool(np.isin(np.asarray(model.exog)[:, columns], (0, 1)).all())


def term_columns(model: Model) -> dict[str, range]:
    """Find the columns of a model's design that belong to each term of its formula.

    Parameters
    ----------
    model : statsmodels.base.model.Model
        Model made from a formula and a frame.

    Returns
    -------
    dict of str to range
        Columns by term, such as ``side``; none where the term is the same throughout. Without the constant.
    """
    spec = model.data.model_spec
    slices = spec.term_name_slices if hasattr(spec, "term_name_slices") else spec.term_slices  # patsy, formulaic
    return {str(name): range(s.start, s.stop) for name, s in slices.items() if str(name) not in ("Intercept", "1")}


def of_arrays(design: Mapping[str, np.ndarray], outcome: np.ndarray, used: pd.DataFrame, cluster: str) -> Sample:
    """Put together what a formula cannot express, or what would be read very many times.

    Parameters
    ----------
    design : dict of str to numpy.ndarray
        Name and values of every term.
    outcome : numpy.ndarray
        One value per row.
    used : pandas.DataFrame
        The rows; nothing missing.
    cluster : str
        Column that names the cluster.

    Returns
    -------
    Sample
        See there.
    """
    clusters, positions = keys_of(used[cluster]), np.arange(len(used))
    matrix = np.column_stack([np.asarray(column, float) for column in design.values()])
    counts = _counts(used, cluster, additive=False)
    return Sample(list(design), "outcome", matrix, outcome, clusters, positions, used, counts)


class Fitted(NamedTuple):
    """A fit of those columns of the design that can be estimated, and why the others cannot.

    Attributes
    ----------
    fit : LeastSquares or None
        The fit; None where no column can be estimated.
    columns : list of int
        Columns of the design that the fit is of, in order.
    reasons : dict of int to str
        Why each other column cannot be estimated.
    """

    fit: LeastSquares | None
    columns: list[int]
    reasons: dict[int, str]

    def place(self, column: int) -> tuple[LeastSquares, int]:
        """Look up a column that was estimated.

        Parameters
        ----------
        column : int
            Column of the design.

        Returns
        -------
        tuple of LeastSquares and int
            The fit, and where in it the column stands.
        """
        if self.fit is None or column in self.reasons:
            raise ValueError(f"column {column} was not estimated: {self.reasons.get(column, NO_ANSWERS)}")
        return self.fit, self.columns.index(column)

    def interval(self, column: int, confidence: float) -> dict[str, Any]:
        """Give what is known of a column.

        Parameters
        ----------
        column : int
            Column of the design.
        confidence : float
            Confidence level, between 0 and 1.

        Returns
        -------
        dict
            Its estimate, standard error, degrees of freedom, limits, p-value and note, by the names of the columns of
            :func:`regression`.
        """
        if column in self.reasons:
            return _absent(self.reasons[column])
        fit, place = self.place(column)
        return _interval(
            fit.coefficients[place, 0], fit.standard_errors[place, 0], fit.degrees_of_freedom[place], confidence
        )


def linear(rows: Sample, weights: np.ndarray | None = None) -> Fitted:
    """Fit those terms of a linear model that the data can tell apart.

    Parameters
    ----------
    rows : Sample
        What is fitted.
    weights : numpy.ndarray, optional
        Positive weight of each row of the model that ``rows`` were taken from.

    Returns
    -------
    Fitted
        See there.

    Raises
    ------
    ValueError
        If a weight is not positive.
    """
    every = range(len(rows.names))
    weight = None if weights is None else _varying(np.asarray(weights, float)[rows.kept], "the weights hold")
    columns = _independent_columns(rows.design)
    if rows.counts["clusters"] < 2:
        return Fitted(None, [], dict.fromkeys(every, FEW_CLUSTERS))
    if len(columns) >= len(rows.design):
        return Fitted(None, [], dict.fromkeys(every, AS_MANY))
    reasons = dict.fromkeys(set(every) - set(columns), NOT_DISTINGUISHABLE)
    return Fitted(least_squares(rows.design[:, columns], rows.outcome, rows.cluster, weight), columns, reasons)


def mixed(rows: Sample, group: np.ndarray, alike: float) -> Fitted:
    """Fit a linear model with a random intercept per group, by generalised least squares with CR2 by cluster.

    Parameters
    ----------
    rows : Sample
        What is fitted.
    group : numpy.ndarray
        Group of each of these rows; mostly its cluster.
    alike : float
        Intraclass correlation of the rows of a group, 0 or more and below 1.

    Returns
    -------
    Fitted
        See there.
    """
    table = np.column_stack([rows.design, rows.outcome.astype(float)])
    table = quasi_demeaned(table, pd.factorize(group)[0], alike) if len(table) else table
    return linear(rows._replace(design=table[:, :-1], outcome=table[:, -1]))


def table(rows: Sample, fitted: Fitted, confidence: float, method: str) -> pd.DataFrame:
    """Put a fit into words and numbers.

    Parameters
    ----------
    rows : Sample
        What was fitted.
    fitted : Fitted
        The fit.
    confidence : float
        Confidence level, between 0 and 1.
    method : str
        What the column ``method`` says.

    Returns
    -------
    pandas.DataFrame
        One row per term, with the columns of :func:`regression`.
    """
    return pd.DataFrame(rows_of(rows, fitted, confidence, method))


def rows_of(rows: Sample, fitted: Fitted, confidence: float, method: str) -> list[dict[str, Any]]:
    """Give the rows of :func:`table`, of which one table of many models can be made."""
    return [
        _row({"term": name} | fitted.interval(column, confidence), rows.counts, method)
        for column, name in enumerate(rows.names)
    ]


def contrasts(
    formula: str,
    frame: pd.DataFrame,
    cluster: str,
    combinations: dict[str, dict[str, float]],
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate sums and differences of the coefficients of a linear regression.

    Parameters
    ----------
    formula : str
        Model formula as statsmodels takes it.
    frame : pandas.DataFrame
        One row per observation. Rows in which a variable or the cluster is missing are left out.
    cluster : str
        Column that names the cluster.
    combinations : dict
        Name of each combination, and how often each term enters it, such as
        ``{"slope for managers": {"tenure": 1, "tenure:side[T.manager]": 1}}``.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per combination, named in ``term``, with the columns of :func:`regression` (estimate, low, high and so
        on).

    Raises
    ------
    ValueError
        If a combination names a term the model does not have.

    Notes
    -----
    The degrees of freedom are Satterthwaite's for the combination itself; see the module.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"cluster_id": [1, 1, 2, 2, 3, 3, 4, 4], "trust": [4, 3, 5, 4, 3, 3, 4, 2]})
    >>> answers["side"] = ["hr", "manager"] * 4
    >>> parts = {"managers": {"Intercept": 1, "side[T.manager]": 1}}
    >>> contrasts("trust ~ side", answers, "cluster_id", parts)[["term", "estimate", "low", "high"]].round(2)
           term  estimate  low  high
    0  managers       3.0  1.7   4.3
    """
    rows = sample(_model(formula, frame, cluster, None, confidence), cluster)
    return combinations_of(rows, linear(rows), combinations, confidence)


def combinations_of(
    rows: Sample, fitted: Fitted, combinations: Mapping[str, Mapping[str, float]], confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate sums and differences of the coefficients of a regression that is fitted already.

    Parameters
    ----------
    rows, fitted
        As :func:`sample` and :func:`linear` return them.
    combinations, confidence
        As for :func:`contrasts`.

    Returns
    -------
    pandas.DataFrame
        As :func:`contrasts` returns it.

    Raises
    ------
    ValueError
        If a combination names a term the model does not have.
    """
    found = []
    for name, parts in combinations.items():
        if unknown := sorted(set(parts) - set(rows.names)):
            raise ValueError(f"the model has no term {', '.join(unknown)}; it has {', '.join(rows.names)}")
        columns = {rows.names.index(term): weight for term, weight in parts.items()}
        absent = [fitted.reasons[column] for column in columns if column in fitted.reasons]
        values = _absent(absent[0]) if absent else _combined(fitted, columns, confidence)
        found.append(_row({"term": name} | values, rows.counts, METHOD))
    return pd.DataFrame(found)


def _combined(fitted: Fitted, columns: dict[int, float], confidence: float) -> dict[str, Any]:
    """Interval of a weighted sum of coefficients."""
    weight = np.zeros(len(fitted.columns))
    for column, value in columns.items():
        fit, place = fitted.place(column)
        weight[place] = value
    alone = (fit.degrees_of_freedom[weight != 0] <= 0).any()
    row = weight @ fit.working.basis
    degrees = 0.0 if alone else fit.working.trace(row, row) ** 2 / fit.working.overlap(row, row, row, row)
    error = np.sqrt(np.sum((fit.contributions[:, :, 0] @ weight) ** 2))
    return _interval(float(weight @ fit.coefficients[:, 0]), float(error), degrees, confidence)


def logit(formula: str, frame: pd.DataFrame, cluster: str, confidence: float = 0.95) -> pd.DataFrame:
    """Regress a yes-or-no outcome on predictors by logistic regression, with inference that holds for few clusters.

    Parameters
    ----------
    formula : str
        Model formula as statsmodels takes it; the outcome is 0 or 1 (or False and True).
    frame : pandas.DataFrame
        One row per observation. Rows in which a variable or the cluster is missing are left out.
    cluster : str
        Column that names the cluster.
    confidence : float
        Confidence level of the intervals, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per term: term, estimate, low, high (odds ratios; of ``Intercept``, odds), log_odds, standard_error
        (of the log odds), degrees_of_freedom, p_value (of odds ratio 1), respondents, rated (where known), clusters,
        observations, method, note.

    Raises
    ------
    ValueError
        If a column is absent, the outcome is neither 0 nor 1, or confidence is not between 0 and 1.

    Notes
    -----
    Maximum likelihood; the variance is CR2 of the last weighted least-squares step, whose working variance is that
    of the model. Where a group answered all alike (separation), its odds ratio has no finite estimate: the terms
    concerned say so, and the others are estimated from the remaining rows, which is the limit of the likelihood.

    References
    ----------
    Konis, K. (2007). *Linear programming algorithms for detecting separated data in binary logistic regression
    models*. University of Oxford.

    Pustejovsky & Tipton (2018), as for the module.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"cluster_id": [1, 1, 2, 2, 3, 3, 4, 4], "trust": [4, 3, 5, 4, 3, 3, 4, 2]})
    >>> answers["side"] = ["hr", "manager"] * 4
    >>> found = logit("content ~ side", answers.assign(content=answers["trust"] > 3), "cluster_id")
    >>> found[["term", "estimate", "log_odds", "clusters"]].round(2)
                  term  estimate  log_odds  clusters
    0        Intercept      3.00       1.1         4
    1  side[T.manager]      0.11      -2.2         4
    """
    numbers = frame.astype(dict.fromkeys(frame.select_dtypes(["bool", "boolean"]), float))
    rows = sample(_model(formula, numbers, cluster, None, confidence), cluster)
    return odds_ratios(rows, logistic(rows), confidence)


def odds_ratios(rows: Sample, fitted: Fitted, confidence: float) -> pd.DataFrame:
    """Give the odds ratios of a logistic regression.

    Parameters
    ----------
    rows : Sample
        What was fitted.
    fitted : Fitted
        What :func:`logistic` returns.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        As :func:`logit`.
    """
    found = table(rows, fitted, confidence, METHOD_LOGIT)
    found.insert(4, "log_odds", found["estimate"])
    found[["estimate", "low", "high"]] = np.exp(found[["estimate", "low", "high"]])
    return found


def logistic(rows: Sample) -> Fitted:
    """Fit those terms of a logistic regression that have a finite estimate.

    Parameters
    ----------
    rows : Sample
        What is fitted; the outcome is 0 or 1.

    Returns
    -------
    Fitted
        See there.

    Raises
    ------
    ValueError
        If the outcome is neither 0 nor 1.
    """
    outcome, cluster = rows.outcome.astype(float), rows.cluster
    every = range(rows.design.shape[1])
    if not np.isin(outcome, (0, 1)).all():
        raise ValueError(f"{rows.explained} holds values other than 0 and 1; a yes-or-no outcome is expected")
    if rows.counts["clusters"] < 2:
        return Fitted(None, [], dict.fromkeys(every, FEW_CLUSTERS))
    if np.ptp(outcome) == 0:
        return Fitted(None, [], dict.fromkeys(every, "the outcome is the same for everybody"))

    def fitted(kept: np.ndarray, part: np.ndarray) -> LeastSquares:
        return _logit(part, outcome[kept], cluster[kept])

    return _finite(rows, _separated, SEPARATED, 2, fitted)


def poisson(rows: Sample, offset: np.ndarray) -> Fitted:
    """Fit those terms of a Poisson regression with logarithmic link that have a finite estimate.

    Parameters
    ----------
    rows : Sample
        What is fitted; the outcome is 0 or more: counts, or whatever has a mean that multiplies.
    offset : numpy.ndarray
        Logarithm of what each of these rows is out of (the exposure); zeros without one.

    Returns
    -------
    Fitted
        See there; coefficients are logarithms of ratios.

    Raises
    ------
    ValueError
        If an outcome lies below zero.

    Notes
    -----
    The estimate needs the mean to be right, not the distribution: with the variance CR2 it is a pseudo-likelihood
    (Gourieroux, Monfort & Trognon 1984), good for overdispersed counts and for index values too. The variance is that
    of the last weighted least-squares step. Groups in which nothing was counted have no finite estimate (Correia,
    Guimaraes & Zylkin 2021): the terms concerned say so, and the others are estimated from the remaining rows, which is
    the limit of the likelihood. Fixed effects of units bias no other term, however few periods there are.

    References
    ----------
    Correia, S., Guimaraes, P. & Zylkin, T. (2021). Verifying the existence of maximum likelihood estimates for
    generalized linear models. *arXiv:1903.01633*.

    Gourieroux, C., Monfort, A. & Trognon, A. (1984). Pseudo maximum likelihood methods: applications to Poisson models.
    *Econometrica*, 52(3), 701-720.
    """
    outcome, cluster = rows.outcome.astype(float), rows.cluster
    every = range(rows.design.shape[1])
    if (outcome < 0).any():
        raise ValueError(f"{rows.explained} holds {outcome.min():g}; counts and rates are expected to be 0 or more")
    if rows.counts["clusters"] < 2:
        return Fitted(None, [], dict.fromkeys(every, FEW_CLUSTERS))

    def fitted(kept: np.ndarray, part: np.ndarray) -> LeastSquares:
        return _poisson(part, outcome[kept], cluster[kept], offset[kept])

    return _finite(rows, _empty, ALL_ZERO, 1, fitted)


def _finite(
    rows: Sample,
    endless: Callable[[np.ndarray, np.ndarray], np.ndarray],
    reason: str,
    least: int,
    fit: Callable[[np.ndarray, np.ndarray], LeastSquares],
) -> Fitted:
    """Fit the terms of a model with a link that have a finite estimate, on the rows that bear on them.

    ``endless`` tells from design and outcome which rows some combination of terms predicts without error; at ``least``
    so many different outcomes have to be left.
    """
    design, outcome, cluster = rows.design, rows.outcome.astype(float), rows.cluster
    every = range(design.shape[1])
    columns, kept = _independent_columns(design), np.ones(len(design), bool)
    reasons = dict.fromkeys(set(every) - set(columns), NOT_DISTINGUISHABLE)
    while (gone := endless(design[np.ix_(kept, np.array(columns, int))], outcome[kept])).any():
        kept[kept] = ~gone
        if len(set(outcome[kept])) < least:
            return Fitted(None, [], dict.fromkeys(every, reason) | reasons)
    if len(set(cluster[kept])) < 2:
        return Fitted(None, [], dict.fromkeys(every, FEW_CLUSTERS))
    if kept.sum() <= len(columns):
        return Fitted(None, [], dict.fromkeys(every, AS_MANY))
    # a term is estimable from the rows left over if no change of it goes unnoticed there
    # (the triangle of its QR decomposition has the same null space as the design, and few rows)
    unnoticed = linalg.null_space(np.linalg.qr(design[np.ix_(kept, np.array(columns, int))], mode="r"))
    reasons |= {column: reason for column, row in zip(columns, unnoticed) if np.abs(row).max(initial=0) > 1e-8}
    columns = [columns[place] for place in _independent_columns(design[np.ix_(kept, np.array(columns, int))])]
    return Fitted(fit(kept, design[np.ix_(kept, np.array(columns, int))]), columns, reasons)


def _poisson(design: np.ndarray, outcome: np.ndarray, cluster: np.ndarray, offset: np.ndarray) -> LeastSquares:
    """Poisson regression with CR2 variance, by the least squares of its last step."""
    estimate = GLM(outcome, design, families.Poisson(), offset=offset).fit(maxiter=200, tol=1e-12)
    mean = estimate.fittedvalues
    root = np.sqrt(mean)
    working = design @ estimate.params + (outcome - mean) / mean
    return least_squares(design * root[:, None], working * root, cluster)


def _empty(design: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Rows of zeros whose mean some combination of the terms takes to zero, without touching any other row.

    Terms that are zero wherever something was counted are its only chance; among them the linear programme finds the
    combination that lies at or below zero in the other rows, and below in most.
    """
    zero = outcome == 0
    if not zero.any():
        return zero
    free = linalg.null_space(design[~zero]) if (~zero).any() else np.eye(design.shape[1])
    part = design[zero] @ free
    size = np.abs(part).max(axis=0, initial=0)
    part = part[:, size > 1e-8] / size[size > 1e-8]
    if not part.shape[1]:
        return np.zeros_like(zero)
    found = optimize.linprog(part.sum(axis=0), A_ub=part, b_ub=np.zeros(len(part)), bounds=(-1, 1))
    gone = zero.copy()
    gone[zero] = part @ found.x < -1e-7
    return gone


def _logit(design: np.ndarray, outcome: np.ndarray, cluster: np.ndarray) -> LeastSquares:
    """Logistic regression with CR2 variance, by the least squares of its last step."""
    estimate = Logit(outcome, design).fit(disp=0, maxiter=200, method="newton")
    chance = estimate.predict()
    root = np.sqrt(chance * (1 - chance))
    working = design @ estimate.params + (outcome - chance) / root**2
    return least_squares(design * root[:, None], working * root, cluster)


def _separated(design: np.ndarray, outcome: np.ndarray) -> np.ndarray:
    """Rows that some combination of the terms predicts without error.

    The linear programme of Konis (2007): the largest sum of s_i x_i' b with s_i x_i' b >= 0 and -1 <= b <= 1, where
    s_i is 1 or -1 by the outcome, is zero if and only if the estimates are finite.
    """
    size = np.maximum(np.abs(design).max(axis=0), np.finfo(float).tiny)
    signed = design / size * (2 * outcome - 1)[:, None]
    found = optimize.linprog(-signed.sum(axis=0), A_ub=-signed, b_ub=np.zeros(len(signed)), bounds=(-1, 1))
    return signed @ found.x > 1e-7


def joint_tests(rows: Sample, fitted: Fitted, spans: dict[str, range]) -> pd.DataFrame:
    """Test groups of coefficients, each as a whole.

    Parameters
    ----------
    rows : Sample
        What was fitted.
    fitted : Fitted
        The fit.
    spans : dict of str to range
        Name of each group, and the columns of the design that belong to it.

    Returns
    -------
    pandas.DataFrame
        One row per group, with the columns of :func:`helpers.analysis.methods.few_clusters.term_tests`.

    Notes
    -----
    See :func:`joint_test`.
    """
    found = []
    for name, columns in spans.items():
        absent = [fitted.reasons[column] for column in columns if column in fitted.reasons]
        result: tuple[float, int, float, float] = (np.nan, len(columns), np.nan, np.nan)
        if not columns:
            note = cannot_tell(f"{name} is the same throughout")
        elif absent:
            note = cannot_tell(absent[0])
        else:
            places = [fitted.place(column) for column in columns]
            result = joint_test(places[0][0], [place for _, place in places])
            note = "" if np.isfinite(result[0]) else cannot_tell("too few clusters for this many levels")
        values = dict(zip(("statistic", "numerator_degrees", "denominator_degrees", "p_value"), result))
        found.append(_row({"term": name} | values | {"note": note}, rows.counts, METHOD_JOINT))
    return pd.DataFrame(found)


def _weights(frame: pd.DataFrame, column: str | None) -> np.ndarray | None:
    """Weights as numbers; nothing when they are all equal, which is the same and faster."""
    return None if column is None else _varying(frame[column].to_numpy(float), f"column {column} holds")


def _varying(weights: np.ndarray, holds: str) -> np.ndarray | None:
    if (weights <= 0).any():
        raise ValueError(f"{holds} {weights.min():g}; weights are expected to be positive")
    return None if not len(weights) or np.ptp(weights) == 0 else weights


def _independent_columns(design: np.ndarray) -> list[int]:
    """Leftmost columns that are linearly independent of each other."""
    scaled = design / np.maximum(np.linalg.norm(design, axis=0), np.finfo(float).tiny)
    if scaled.shape[1] and np.linalg.matrix_rank(scaled, tol=1e-8) == scaled.shape[1]:
        return list(range(scaled.shape[1]))  # no part of it can have a smaller singular value
    kept: list[int] = []
    for column in range(scaled.shape[1]):
        if np.linalg.matrix_rank(scaled[:, [*kept, column]], tol=1e-8) > len(kept):
            kept.append(column)
    return kept


def mean(
    frame: pd.DataFrame,
    value: str,
    cluster: str = "cluster_id",
    by: Sequence[str] = (),
    weights: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the mean of each group, with an interval that respects the clusters.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per observation.
    value : str
        Column to average; missing values are left out.
    cluster : str
        Column that names the cluster.
    by : sequence of str
        Columns that form the groups; empty for the mean of all rows.
    weights : str, optional
        Column of positive weights.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, standard_error, low, high (units of ``value``),
        degrees_of_freedom, p_value (of zero), respondents, rated (where known), clusters, observations, method,
        note.

    Raises
    ------
    ValueError
        If a column is absent, a weight is not positive, or confidence is not between 0 and 1.

    Notes
    -----
    A regression on the constant alone in each group; see the module for formulas and sources.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"cluster_id": [1, 1, 2, 2, 3, 3, 4, 4], "trust": [4, 3, 5, 4, 3, 3, 4, 2]})
    >>> answers["side"] = ["hr", "manager"] * 4
    >>> mean(answers, "trust", by=["side"])[["side", "estimate", "low", "high", "clusters"]].round(2)
          side  estimate  low  high  clusters
    0       hr       4.0  2.7   5.3         4
    1  manager       3.0  1.7   4.3         4
    """
    _check(frame, [value, cluster, weights, *by], confidence)

    def describe(part: pd.DataFrame) -> list[dict[str, Any]]:
        used = _answered(part, [value, cluster] + ([weights] if weights else []))
        counts = _counts(used, cluster, value)
        fit, reason = _fit_mean(used, value, cluster, weights)
        values = _absent(reason) if fit is None else _interval(*_single(fit), confidence)
        return [_row(values, counts, METHOD)]

    return by_group(_needed(frame, [value, cluster, weights, *by]), by, describe)


def _fit_mean(frame: pd.DataFrame, value: str, cluster: str, weights: str | None) -> tuple[LeastSquares | None, str]:
    """Mean of a column, or the reason why none can be estimated."""
    if frame.empty:
        return None, NO_ANSWERS
    weight = _weights(frame, weights)
    if distinct(frame[cluster]) < 2:
        return None, FEW_CLUSTERS
    ones = np.ones((len(frame), 1))
    return least_squares(ones, frame[value].to_numpy(float), keys_of(frame[cluster]), weight), ""


def mean_and_share(
    values: np.ndarray, favourable: np.ndarray, cluster: np.ndarray, confidence: float = 0.95
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Estimate a mean and a share of the same rows at once, for where there are very many small groups.

    Parameters
    ----------
    values, favourable : numpy.ndarray
        Numbers, and 0 or 1, one of each per row; nothing missing.
    cluster : numpy.ndarray
        Cluster of each row; rows without one are left out.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    tuple of dict
        estimate, low, high, standard_error, degrees_of_freedom and note, as :func:`mean` and :func:`proportion` return
        them of the same rows.

    Examples
    --------
    >>> values = np.array([4.0, 3.0, 5.0, 4.0])
    >>> mean, share = mean_and_share(values, (values > 3) * 1.0, np.array(["a", "a", "b", "b"]))
    >>> float(mean["estimate"]), float(share["estimate"])
    (4.0, 0.75)
    """
    known = pd.notna(cluster)
    values, favourable, cluster = values[known], favourable[known], cluster[known]
    clusters = len(pd.unique(cluster))
    if clusters < 2:
        absent = _absent(NO_ANSWERS if not len(values) else FEW_CLUSTERS)
        return absent, absent
    both = least_squares(np.ones((len(values), 1)), np.column_stack([values, favourable]), cluster)
    mean, share = _single(both), _single(both, 1)
    return _interval(*mean, confidence), _wilson(favourable, None, clusters, *share, confidence)


def _single(fit: LeastSquares, outcome: int = 0) -> tuple[float, float, float]:
    return fit.coefficients[0, outcome], fit.standard_errors[0, outcome], fit.degrees_of_freedom[0]


def mixed_mean(
    frame: pd.DataFrame, value: str, cluster: str = "cluster_id", by: Sequence[str] = (), confidence: float = 0.95
) -> pd.DataFrame:
    """Estimate the mean of each group by a mixed model with a random intercept per cluster.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per observation.
    value : str
        Column to average; missing values are left out.
    cluster : str
        Column that names the cluster.
    by : sequence of str
        Columns that form the groups; empty for the mean of all rows.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group, with the columns of :func:`mean` (estimate, low, high and so on).

    Raises
    ------
    ValueError
        If a column is absent, or confidence is not between 0 and 1.

    Notes
    -----
    value ~ 1 + (1 | cluster): y_gi = m + u_g + e_gi with Var(u) = s2_u, Var(e) = s2_e, whose ratio is found by
    restricted maximum likelihood. The mean weights a cluster of n by n / (1 + n s2_u / s2_e): like one answer where
    clusters are very different, by its size where they are alike. It estimates the mean over clusters, which is the
    mean over rows unless the value goes with the size of the cluster.

    The model assumes equal variance in every cluster. So that the interval does not, its variance is CR2 with the
    mixed model as working model: the least squares of rows from which 1 - (1 + n s2_u / s2_e)^(-1/2) of the cluster's
    mean was taken.

    References
    ----------
    Searle, S. R., Casella, G. & McCulloch, C. E. (1992). *Variance Components*. Wiley. Chapter 6.

    Bell & McCaffrey (2002), Pustejovsky & Tipton (2018), as for the module.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"cluster_id": [1, 1, 2, 2, 3, 3, 4, 4], "trust": [4, 3, 5, 4, 3, 3, 4, 2]})
    >>> answers["side"] = ["hr", "manager"] * 4
    >>> mixed_mean(answers, "trust")[["estimate", "low", "high", "clusters"]].round(2)
       estimate   low  high  clusters
    0       3.5  2.37  4.63         4
    """
    _check(frame, [value, cluster, *by], confidence)

    def describe(part: pd.DataFrame) -> list[dict[str, Any]]:
        used = _answered(part, [value, cluster])
        y, codes = used[value].to_numpy(float), pd.factorize(used[cluster])[0]
        if used.empty:
            values = _absent(NO_ANSWERS)
        else:
            observed = of_arrays({"mean": np.ones(len(y))}, y, used, cluster)
            values = mixed(observed, codes, random_intercept(y, codes)).interval(0, confidence)
        return [_row(values, _counts(used, cluster, value), METHOD_MIXED)]

    return by_group(_needed(frame, [value, cluster, *by]), by, describe)


def random_intercept(values: np.ndarray, group: np.ndarray) -> float:
    """Estimate how alike values of a group are, by restricted maximum likelihood.

    Parameters
    ----------
    values : numpy.ndarray
        One value per row.
    group : numpy.ndarray
        Code of each row's group, 0 to groups - 1.

    Returns
    -------
    float
        Intraclass correlation s2_u / (s2_u + s2_e), 0 to .999; 0 where every group has one row.

    Notes
    -----
    Minimises (N - 1) log Q + sum log(1 + n r) + log sum w, where r = s2_u / s2_e, w = n / (1 + n r) and Q is the sum of
    squares within groups plus sum w (group mean - m)^2.

    References
    ----------
    Searle, Casella & McCulloch (1992), as for :func:`mixed_mean`.
    """
    sizes = np.bincount(group)
    means = np.bincount(group, values) / sizes
    within, total = np.sum((values - means[group]) ** 2), np.sum((values - values.mean()) ** 2)
    if len(sizes) == len(values) or len(sizes) < 2 or total <= _ZERO * max(1.0, np.abs(values).max()) ** 2:
        return 0.0

    def criterion(alike: float) -> float:
        spread = 1 + sizes * alike / (1 - alike)
        weight = sizes / spread
        squares = within + weight @ (means - weight @ means / weight.sum()) ** 2
        return (len(values) - 1) * np.log(squares) + np.log(spread).sum() + np.log(weight.sum())

    found = optimize.minimize_scalar(criterion, bounds=(0, 0.999), method="bounded", options={"xatol": 1e-9})
    return float(found.x) if found.fun < criterion(0.0) else 0.0


def quasi_demeaned(table: np.ndarray, group: np.ndarray, alike: float) -> np.ndarray:
    """Take a share of the group's mean from every row, so that rows alike within groups become independent.

    Parameters
    ----------
    table : numpy.ndarray
        Rows x columns.
    group : numpy.ndarray
        Code of each row's group, 0 to groups - 1.
    alike : float
        Intraclass correlation r of the rows of a group, 0 or more and below 1.

    Returns
    -------
    numpy.ndarray
        Rows less 1 - (1 + n r / (1 - r))^(-1/2) of the mean of the n rows of their group. Least squares on them is
        generalised least squares with a random intercept per group.

    References
    ----------
    Baltagi, B. H. (2013). *Econometric Analysis of Panel Data* (5th ed.). Wiley. Section 9.2.
    """
    sizes = np.bincount(group)
    share = 1 - 1 / np.sqrt(1 + sizes * alike / (1 - alike))
    means = np.column_stack([np.bincount(group, column) for column in table.T]) / sizes[:, None]
    return table - (share[:, None] * means)[group]


def proportion(
    frame: pd.DataFrame,
    value: str,
    cluster: str = "cluster_id",
    by: Sequence[str] = (),
    weights: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Estimate the share of each group, with an interval inside 0 to 1 that respects the clusters.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per observation.
    value : str
        Column of shares between 0 and 1: 0 or 1 per person, or the share of a person's answers that are favourable.
    cluster : str
        Column that names the cluster.
    by : sequence of str
        Columns that form the groups; empty for one share.
    weights : str, optional
        Column of positive weights.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, estimate, standard_error, low, high (shares, 0 to 1),
        degrees_of_freedom, effective_size, respondents, rated (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If a column is absent, a value lies outside 0 to 1, a weight is not positive, or confidence is not between
        0 and 1.

    Notes
    -----
    The effective sample size is n* = p(1 - p) / V with V the CR2 variance, taken as no smaller than that of
    independent answers. The interval is Wilson's with n* and the t quantile t of the Satterthwaite degrees of
    freedom: (p + t^2/2n* -+ t sqrt(p(1 - p)/n* + t^2/4n*^2)) / (1 + t^2/n*). Where every answer is 0, or every
    answer 1, the clustering cannot be seen: each cluster then counts as one answer, which errs on the wide side.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. *Journal of the
    American Statistical Association*, 22, 209-212.

    Korn, E. L. & Graubard, B. I. (1998). Confidence intervals for proportions with small expected number of
    positive counts estimated from survey data. *Survey Methodology*, 24, 193-201.

    Franco, C., Little, R. J. A., Louis, T. A. & Slud, E. V. (2019). Comparative study of confidence intervals for
    proportions in complex sample surveys. *Journal of Survey Statistics and Methodology*, 7, 334-364.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"cluster_id": [1, 1, 2, 2, 3, 3, 4, 4], "trust": [4, 3, 5, 4, 3, 3, 4, 2]})
    >>> answers["side"] = ["hr", "manager"] * 4
    >>> content = answers.assign(content=(answers["trust"] > 3) * 1.0)
    >>> proportion(content, "content")[["estimate", "low", "high", "clusters"]].round(2)
       estimate  low  high  clusters
    0       0.5  0.1   0.9         4
    """
    _check(frame, [value, cluster, weights, *by], confidence)

    def describe(part: pd.DataFrame) -> list[dict[str, Any]]:
        used = _answered(part, [value, cluster] + ([weights] if weights else []))
        if len(used) and not used[value].between(0, 1).all():
            raise ValueError(f"column {value} holds values outside 0 to 1; shares are expected")
        counts = _counts(used, cluster, value)
        fit, reason = _fit_mean(used, value, cluster, weights)
        answers = used[value].to_numpy(float)
        values = (
            _absent(reason) | {"effective_size": np.nan}
            if fit is None
            else _wilson(answers, _weights(used, weights), counts["clusters"], *_single(fit), confidence)
        )
        values.pop("p_value", None)
        return [_row(values, counts, METHOD_PROPORTION)]

    return by_group(_needed(frame, [value, cluster, weights, *by]), by, describe)


def _wilson(
    values: np.ndarray,
    weights: np.ndarray | None,
    clusters: int,
    share: float,
    error: float,
    degrees: float,
    confidence: float,
) -> dict[str, Any]:
    """Wilson's interval at the effective sample size."""
    weight = np.ones(len(values)) if weights is None else weights
    spread = np.sum(weight * (values - share) ** 2) / weight.sum()
    note = ROUGH if degrees < ROUGH_BELOW else ""
    if spread <= _ZERO:
        share, size, degrees = float(values[0]), float(clusters), clusters - 1.0
        note = f"{ALIKE}: each cluster counts as one answer in the interval"
    else:
        independent = spread / (weight.sum() ** 2 / (weight**2).sum())
        size = share * (1 - share) / max(error**2, independent)
    low, high = wilson_interval(share, size, special.stdtrit(degrees, 0.5 + confidence / 2))
    return {
        "estimate": share,
        "standard_error": error,
        "degrees_of_freedom": degrees,
        "low": low,
        "high": high,
        "effective_size": size,
        "note": note,
    }


def wilson_interval(share: float, size: float, quantile: float) -> tuple[float, float]:
    """Compute Wilson's interval of a share.

    Parameters
    ----------
    share : float
        Observed share, 0 to 1.
    size : float
        Sample size, or effective sample size; above 0.
    quantile : float
        Quantile of the normal (or t) distribution that belongs to the confidence level.

    Returns
    -------
    tuple of float
        Lower and upper limit.

    References
    ----------
    Wilson, E. B. (1927). *Journal of the American Statistical Association*, 22, 209-212.

    Examples
    --------
    >>> low, high = wilson_interval(0.3, 40, 1.96)
    >>> round(low, 3), round(high, 3)
    (0.181, 0.454)
    """
    squared = quantile**2 / size
    centre = (share + squared / 2) / (1 + squared)
    half = np.sqrt(share * (1 - share) * squared + squared**2 / 4) / (1 + squared)
    return float(max(0.0, centre - half)), float(min(1.0, centre + half))


def difference(
    frame: pd.DataFrame,
    value: str,
    between: str,
    first: object,
    second: object,
    cluster: str = "cluster_id",
    by: Sequence[str] = (),
    weights: str | None = None,
    confidence: float = 0.95,
) -> pd.DataFrame:
    """Compare the means of two groups, sides or waves that may share clusters.

    Parameters
    ----------
    frame : pandas.DataFrame
        One row per observation.
    value : str
        Column to compare.
    between : str
        Column that tells the two apart, such as ``"side"`` or ``"wave"``.
    first, second : object
        Its two labels. The difference is the mean of ``second`` less the mean of ``first``.
    cluster : str
        Column that names the cluster; the same cluster may hold rows of both.
    by : sequence of str
        Columns that form the groups; one difference is estimated in each.
    weights : str, optional
        Column of positive weights.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per group: the columns of ``by``, first, second, mean_first, mean_second, estimate (second less
        first, units of ``value``), standard_error, degrees_of_freedom, low, high, p_value, respondents_first,
        respondents_second, respondents, rated (where known), clusters, observations, method, note.

    Raises
    ------
    ValueError
        If a column is absent, a weight is not positive, or confidence is not between 0 and 1.

    Notes
    -----
    A regression on the constant and an indicator of ``second``; see the module for formulas and sources.

    Examples
    --------
    >>> import pandas as pd
    >>> answers = pd.DataFrame({"cluster_id": [1, 1, 2, 2, 3, 3, 4, 4], "trust": [4, 3, 5, 4, 3, 3, 4, 2]})
    >>> answers["side"] = ["hr", "manager"] * 4
    >>> found = difference(answers, "trust", "side", "manager", "hr")
    >>> found[["mean_first", "mean_second", "estimate", "low", "high"]].round(2)
       mean_first  mean_second  estimate  low  high
    0         3.0          4.0       1.0 -0.3   2.3
    """
    _check(frame, [value, between, cluster, weights, *by], confidence)

    def describe(part: pd.DataFrame) -> list[dict[str, Any]]:
        used = _answered(part, [value, cluster] + ([weights] if weights else []))
        indicator = (used[between] == second).to_numpy()
        sides = {
            "first": first,
            "second": second,
            "mean_first": np.nan,
            "mean_second": np.nan,
            "respondents_first": people(used[~indicator])["respondents"],
            "respondents_second": people(used[indicator])["respondents"],
        }
        counts = _counts(used, cluster, value)
        if indicator.all() or not indicator.any():
            values = _absent(f"no answers for {second if not indicator.any() else first}")
        elif counts["clusters"] < 2:
            values = _absent(FEW_CLUSTERS)
        elif len(used) < 3:
            values = _absent("one answer on each side")
        else:
            weight = _weights(used, weights)
            design = np.column_stack([np.ones(len(used)), indicator])
            fit = least_squares(design, used[value].to_numpy(float), keys_of(used[cluster]), weight)
            values = _interval(fit.coefficients[1, 0], fit.standard_errors[1, 0], fit.degrees_of_freedom[1], confidence)
            if not np.isnan(values["estimate"]):
                constant = fit.coefficients[0, 0]
                sides |= {"mean_first": constant, "mean_second": constant + values["estimate"]}
        return [_row(sides | values, counts, METHOD)]

    return by_group(frame[frame[between].isin([first, second])], by, describe)
