"""Models that statsmodels fits, with inference that holds when answers come in few clusters.

The model is written where it is used, as a formula; what statsmodels lacks is added here: variances and degrees of
freedom that hold with 10 or 30 HR partners instead of hundreds, and words where the data cannot tell.

==========================  ============================================  ==========================================
Model                       Estimate                                      Inference
==========================  ============================================  ==========================================
OLS, WLS                    coefficient                                   CR2 (:mod:`.clustered`)
Logit, GLM (binomial)       odds ratio (``log_odds`` beside it)           CR2 of the last step of the fit
GLM (Poisson)               log ratio of rates, or of means               CR2 of the last step of the fit
MixedLM                     coefficient                                   CR2 with the mixed model as working model
OrderedModel (logit)        odds ratio of a higher answer                 CR2 (:mod:`.ordinal`)
PHReg (Efron)               log hazard ratio (``hazard_ratio`` beside)    one cluster left out at a time, or sandwich
                                                                          (:mod:`.survival`)
==========================  ============================================  ==========================================
"""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from statsmodels.base.model import Model, Results
from statsmodels.discrete.discrete_model import Logit
from statsmodels.duration.hazard_regression import PHReg
from statsmodels.genmod import families
from statsmodels.genmod.generalized_linear_model import GLM
from statsmodels.miscmodels.ordinal_model import OrderedModel
from statsmodels.regression.linear_model import OLS, WLS
from statsmodels.regression.mixed_linear_model import MixedLM

from helpers.analysis.methods import clustered, multiplicity, ordinal, survival
from helpers.analysis.methods.counts import cannot_tell
from helpers.columns import ALIKE

SUPPORTED = (
    "OLS, WLS, Logit, GLM with a binomial family and logit link or a Poisson family and log link, MixedLM with random "
    'intercepts and slopes, OrderedModel with distr="logit", PHReg with ties="efron"'
)
#: Columns of every table: those of :func:`helpers.analysis.methods.clustered.regression`, and whom a term compares.
COLUMNS = (
    "term", "estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value",
    "respondents", "respondents_compared", "clusters", "observations", "method", "note",
)  # fmt: skip

_TESTED = ("term", "statistic", "numerator_degrees", "denominator_degrees", "p_value", *COLUMNS[-5:])
_NUMBERS = ("estimate", "standard_error", "degrees_of_freedom", "low", "high", "p_value")
#: Most that rows of a group may be alike for the mixed model's weights to be computed.
_MOST_ALIKE = 0.999

_Row = dict[str, Any]
_Estimated = tuple[list[_Row], clustered.Sample | None]


class Estimates(pd.DataFrame):
    """A frame of estimates, one row per fit and term.

    ``attrs`` say how they came about: ``formula`` (every formula once, separated by semicolons), ``cluster`` and
    ``confidence``.
    """

    @property
    def _constructor(self) -> type[Estimates]:
        return Estimates

    def adjusted(self) -> Estimates:
        """Add p-values that allow for the number of rows.

        Returns
        -------
        Estimates
            The same rows with the column ``p_adjusted`` after ``p_value`` (Benjamini-Hochberg over all rows in which
            something was tested, see :func:`helpers.analysis.methods.multiplicity.adjusted`). Choose the term of
            interest first: constants count as comparisons too.
        """
        found = self.copy()
        values = multiplicity.adjusted(found["p_value"])
        found.insert(list(found.columns).index("p_value") + 1, "p_adjusted", values)
        return found


def few_clusters(
    fits: Results | Model | Mapping[Any, Results | Model],
    cluster: str,
    term: str | Sequence[str] | None = None,
    *,
    by: str | Sequence[str] = "dimension",
    confidence: float = 0.95,
    leave_out: bool | None = None,
) -> Estimates:
    """Estimate terms of fitted models with intervals and p-values that hold for few clusters.

    Parameters
    ----------
    fits : statsmodels results or model, or a dict of them
        What statsmodels fitted from a formula and a frame, or one per label. A model that is not fitted yet will do,
        and is the safer choice for logit, mixed and Cox models of few rows, whose ``fit`` stops with an error where
        the data cannot tell.
    cluster : str
        Column of that frame that names the cluster, such as the HR partner. Rows in which it is missing are left out.
    term : str or sequence of str, optional
        Terms to keep, such as ``"side[T.hr]"``; all of them by default. A fit without such a term, because its data
        hold one side only, has a row that says so.
    by : str or sequence of str
        Names of the columns for the labels of a dict; one per part of the labels.
    confidence : float
        Confidence level of the intervals, between 0 and 1.
    leave_out : bool, optional
        For Cox models: whether the variance comes from leaving out one cluster at a time; by default below 50
        clusters. See :func:`helpers.analysis.methods.survival.cox_of`.

    Returns
    -------
    Estimates
        One row per fit and term: the columns of ``by`` (for a dict), term, estimate, standard_error,
        degrees_of_freedom, low, high, p_value, respondents, respondents_compared (of a term that compares two groups:
        distinct people in the smaller one, so that a difference from three people is hidden as their mean would be;
        else missing), rated (where known), clusters, observations, method, note. The note of what cannot be estimated
        begins with ``cannot tell:``. Logistic models add log_odds, ordered models
        kind and coefficient, Cox models hazard_ratio, hazard_ratio_low, hazard_ratio_high and events. The standard
        error of odds ratios is that of their logarithm.

    Raises
    ------
    TypeError
        If a model is of another kind.
    ValueError
        If the frame has no such cluster, no formula has such a term, labels do not fit ``by``, weights are not
        positive, an outcome is out of range, or confidence is not between 0 and 1.

    Notes
    -----
    Design, outcome and weights are those of the model; least squares on them has the variance CR2 and Satterthwaite
    degrees of freedom of :mod:`helpers.analysis.methods.clustered`, which holds the formulas. A logistic or ordered
    model is fitted again where statsmodels' fit had not converged or was separated. A mixed model takes the variance
    components that statsmodels estimated: rows of group g with covariance V_g = I + Z_g D Z_g' (in units of the
    residual variance) are multiplied by V_g^(-1/2).

    Assumptions: clusters are independent of each other, and what each model assumes. How often the intervals hold
    the truth is measured in ``benchmarks/calibration.md`` (regression, logistic regression, mixed mean, change
    between waves, proportional odds) and ``benchmarks/calibration_hiring.md`` (Cox); mixed models with random slopes
    are not measured.

    References
    ----------
    Bell, R. M. & McCaffrey, D. F. (2002). Bias reduction in standard errors for linear regression with multi-stage
    samples. *Survey Methodology*, 28(2), 169-181.

    Pustejovsky, J. E. & Tipton, E. (2018). Small-sample methods for cluster-robust variance estimation and hypothesis
    testing in fixed effects models. *Journal of Business & Economic Statistics*, 36(4), 672-683.

    Examples
    --------
    >>> import pandas as pd
    >>> import statsmodels.formula.api as smf
    >>> views = pd.DataFrame({
    ...     "dimension": ["trust"] * 8 + ["candour"] * 8,
    ...     "side": ["hr", "manager"] * 8,
    ...     "hr_partner": [1, 1, 2, 2, 3, 3, 4, 4] * 2,
    ...     "score": [4, 3, 5, 4, 3, 3, 4, 3, 3, 3, 4, 4, 2, 3, 3, 2],
    ... })
    >>> fits = {name: smf.ols("score ~ side", rows).fit() for name, rows in views.groupby("dimension")}
    >>> gap = few_clusters(fits, cluster="hr_partner", term="side[T.manager]").adjusted()
    >>> gap[["dimension", "estimate", "low", "high", "p_adjusted", "clusters"]].round(2)
      dimension  estimate   low  high  p_adjusted  clusters
    0   candour      0.00 -1.30  1.30        1.00         4
    1     trust     -0.75 -1.55  0.05        0.12         4
    >>> gap.attrs["formula"]
    'score ~ side'
    """
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    names = [by] if isinstance(by, str) else list(by)
    entries = {_labels(key, names): fit for key, fit in fits.items()} if isinstance(fits, Mapping) else {(): fits}
    names = names if isinstance(fits, Mapping) else []
    wanted = [term] if isinstance(term, str) else term
    told = _told(entries, names, cluster, wanted, confidence, leave_out)
    nothing = pd.DataFrame(columns=[*names, *COLUMNS]).astype(dict.fromkeys(_NUMBERS, float))
    table = Estimates(pd.DataFrame(told) if told else nothing)
    formulas = dict.fromkeys(str(_model(fit).formula) for fit in entries.values())
    table.attrs = {"formula": "; ".join(formulas), "cluster": cluster, "confidence": confidence}
    return table


def _told(
    entries: Mapping[Any, Results | Model], names: Sequence[str], cluster: str, wanted: Sequence[str] | None,
    confidence: float, leave_out: bool | None,
) -> list[_Row]:  # fmt: skip
    """Rows of every fit, with its labels by their names."""
    models = [_model(fit) for fit in entries.values()]
    estimated = [_estimates(fit, cluster, confidence, leave_out) for fit in entries.values()]
    if wanted is not None and models:
        _check_terms(wanted, models, [one for found, _ in estimated for one in found])
    told = []
    for labels, model, (found, rows) in zip(entries, models, estimated):
        if wanted is not None:
            found = [row for one in wanted for row in _rows_of(found, one, model, cluster)]
        if found:
            compared = _compared(rows or clustered.sample(model, cluster, counted=False))
        for row in found:
            beside = {"respondents_compared": float(compared.get(row["term"], np.nan))}
            told.append(dict(zip(names, labels)) | _inserted(row, "respondents", beside))
    return told


def row_of(fit: Results | Model, cluster: str, term: str, confidence: float = 0.95) -> dict[str, Any]:
    """Estimate one term of one model: its row of :func:`few_clusters`, of which very many cost less than tables."""
    return _told({(): fit}, [], cluster, [term], confidence, None)[0]


def of_each(
    make: Callable[[str, pd.DataFrame], Model], formula: str, frame: pd.DataFrame, by: str | Sequence[str]
) -> dict[Any, Model]:
    """Make the same model of each group's rows; of many small groups, reading the formula takes longer than the fit.

    Parameters
    ----------
    make : callable
        What statsmodels makes the model with, such as ``smf.ols``.
    formula : str
        The model, as statsmodels takes it, of columns and, as ``np``, of what numpy has.
    frame : pandas.DataFrame
        One row per observation.
    by : str or sequence of str
        Columns that form the groups; rows without a label are left out.

    Returns
    -------
    dict
        Models by the labels of their group, in order of first appearance, as ``{labels: make(formula, rows)}`` gives
        them; none where there are no rows. Hand them to :func:`few_clusters`.

    Notes
    -----
    Where a linear or logistic model is one of columns of numbers alone, none of them missing, its design is that of all
    rows, which is made once and divided. Levels, transformations and missing values depend on the rows that there are:
    with these every group has its formula read.

    Examples
    --------
    >>> import pandas as pd
    >>> import statsmodels.formula.api as smf
    >>> answers = pd.DataFrame({"unit": list("ab") * 4, "partner": [1, 1, 2, 2, 3, 3, 4, 4], "old": [0, 1, 1, 1] * 2})
    >>> models = of_each(smf.ols, "score ~ old", answers.assign(score=[3, 4, 5, 2, 4, 4, 4, 3]), "unit")
    >>> few_clusters(models, "partner", by="unit", term="old")[["unit", "estimate", "clusters"]].values.tolist()
    [['a', 1.0, 4], ['b', nan, 4]]
    """
    groups = frame.groupby(by if isinstance(by, str) else list(by), sort=False)
    whole = make(formula, frame) if len(frame) else None
    if whole is None or not _of_numbers(whole):
        return {key: make(formula, rows) for key, rows in groups}
    outcome, design, spec = whole.data.orig_endog, whole.data.orig_exog, whole.data.model_spec
    found: dict[Any, Model] = {}
    for key, rows in groups:
        at = groups.indices[key]
        model = type(whole)(outcome.iloc[at], design.iloc[at], missing_idx=None, formula=formula, model_spec=spec)
        model.formula, model.data.frame, model.data.missing_row_idx = formula, rows, []
        found[key] = model
    return found


def _of_numbers(model: Model) -> bool:
    """Tell whether each row of a model's design depends on nothing but numbers of the same row of its frame."""
    factors = getattr(model.data.model_spec, "factor_infos", {None: None})
    return (
        type(model) in (OLS, Logit)
        and len(model.exog) == len(model.data.frame)
        and all(
            getattr(known, "type", "") == "numerical" and factor.name() in model.data.frame
            for factor, known in factors.items()
        )
    )


def term_tests(
    fits: Results | Model | Mapping[Any, Results | Model], cluster: str, by: str | Sequence[str] = "dimension"
) -> pd.DataFrame:
    """Test every term of a formula as a whole: does it matter, over all its levels?

    Parameters
    ----------
    fits : statsmodels results or model, or a dict of them
        A linear, logistic or mixed model made from a formula and a frame; see :func:`few_clusters`.
    cluster : str
        Column of that frame that names the cluster. Rows in which it is missing are left out.
    by : str or sequence of str
        Names of the columns for the labels of a dict; one per part of the labels.

    Returns
    -------
    pandas.DataFrame
        One row per fit and term of its formula, but for the constant: the columns of ``by`` (for a dict), term,
        statistic (F), numerator_degrees, denominator_degrees, p_value, respondents, rated (where known), clusters,
        observations, method, note.

    Raises
    ------
    TypeError
        If the model is of another kind.
    ValueError
        If the frame has no such cluster, or an outcome is out of range.

    Notes
    -----
    See :func:`helpers.analysis.methods.clustered.joint_test`. A likelihood-ratio test would take repeated rows of a
    cluster for independent.

    References
    ----------
    Pustejovsky & Tipton (2018), as for :func:`few_clusters`.

    Examples
    --------
    >>> import pandas as pd
    >>> import statsmodels.formula.api as smf
    >>> answers = pd.DataFrame({"unit": list("abc") * 8, "partner": [*range(12)] * 2, "score": [3, 4, 5, 2, 4, 4] * 4})
    >>> term_tests(smf.ols("score ~ unit", answers).fit(), cluster="partner")[["term", "numerator_degrees", "p_value"]]
       term  numerator_degrees   p_value
    0  unit                  2  0.007658
    """
    if not isinstance(fits, Mapping):
        return _joint(fits, cluster)
    names = [by] if isinstance(by, str) else list(by)
    parts = [_joint(fit, cluster).assign(**dict(zip(names, _labels(key, names)))) for key, fit in fits.items()]
    found = pd.concat(parts, ignore_index=True) if parts else pd.DataFrame(columns=[*names, *_TESTED])
    return found[[*names, *(name for name in found if name not in names)]]


def _joint(fit: Results | Model, cluster: str) -> pd.DataFrame:
    """Test every term of one fit."""
    model = _model(fit)
    if not isinstance(model, (WLS, Logit, GLM, MixedLM)):
        raise TypeError(f"{_kind(model)} has no joint tests here; supported: OLS, WLS, Logit, GLM, MixedLM")
    rows, fitted, _ = _fitted(fit, cluster)
    return clustered.joint_tests(rows, fitted, clustered.term_columns(model))


def _model(fit: Results | Model) -> Model:
    model = getattr(fit, "model", fit)
    if not isinstance(model, (WLS, Logit, GLM, MixedLM, OrderedModel, PHReg)):
        raise TypeError(f"{_kind(model)} is not supported; supported: {SUPPORTED}")
    return model


def _kind(model: object) -> str:
    return f"a model of the type {type(model).__name__}"


def _labels(key: Any, names: Sequence[str]) -> tuple[Any, ...]:
    """Parts of a label, as many as there are names."""
    labels = key if isinstance(key, tuple) else (key,)
    if len(labels) != len(names):
        raise ValueError(f"the label {key} has {len(labels)} parts, but by names {len(names)}: {', '.join(names)}")
    return labels


def _check_terms(wanted: Sequence[str], models: Sequence[Model], found: Sequence[_Row]) -> None:
    """Refuse a term that belongs to nothing in the formulas; a level that some data lack is another matter."""
    named = {part for model in models for name in clustered.term_columns(model) for part in (name, *name.split(":"))}
    existing = dict.fromkeys(row["term"] for row in found)
    for term in wanted:
        known = term in existing or any(term.startswith((f"{name}[", f"{name}:")) for name in named)
        if not known and term not in named:
            raise ValueError(f"no formula has the term {term}; the terms are {', '.join(existing)}")


def _compared(rows: clustered.Sample) -> dict[str, int]:
    """Count the distinct people in the smaller of the two groups that a term of zeros and ones compares."""
    people, _ = pd.factorize(rows.used.get("respondent_id", rows.cluster))
    columns: dict[str, dict[str, np.ndarray]] = {}
    for name, values in zip(rows.names, rows.design.T):
        if np.isin(values, (0, 1)).all():
            factor = re.sub(r"\[[^\]]*\]", "", name)
            columns.setdefault(factor, {})[name] = values == 1
    found = {}
    for levels in columns.values():
        reference = ~np.any(list(levels.values()), axis=0)
        for name, level in levels.items():
            known = [people[group & (people >= 0)] for group in (level, reference) if group.any()]
            sizes = [int(np.count_nonzero(np.bincount(each))) for each in known]
            found[name] = min(sizes, default=0)
    return found


def _inserted(row: _Row, after: str, others: _Row) -> _Row:
    """Put other columns behind one of a row."""
    place = list(row).index(after) + 1
    items = list(row.items())
    return dict([*items[:place], *others.items(), *items[place:]])


def _rows_of(found: list[_Row], term: str, model: Model, cluster: str) -> list[_Row]:
    """Rows of a term, or one that says that the data have no such term."""
    if chosen := [row for row in found if row["term"] == term]:
        return chosen
    counts = clustered.sample(model, cluster).counts
    method = found[0]["method"] if found else survival.COX
    note = cannot_tell(f"the data of this model have no {term}")
    row = {"term": term, **dict.fromkeys(_NUMBERS, np.nan), **counts, "method": method, "note": note}
    return [{name: row.get(name, np.nan) for name in found[0]} if found else row]


def _estimates(fit: Results | Model, cluster: str, confidence: float, leave_out: bool | None) -> _Estimated:
    """Every term of one fit, and the rows it was made of where they are known by now."""
    model = _model(fit)
    if isinstance(model, OrderedModel):
        return ordinal.odds_ratios(ordinal.taken(model, cluster), cluster, confidence).to_dict("records"), None
    if isinstance(model, PHReg):
        return survival.cox_of(model, cluster, leave_out, confidence).table.to_dict("records"), None
    rows, fitted, method = _fitted(fit, cluster)
    if method == clustered.METHOD_LOGIT:
        return clustered.odds_ratios(rows, fitted, confidence).to_dict("records"), rows
    return clustered.rows_of(rows, fitted, confidence, method), rows


def _fitted(fit: Results | Model, cluster: str) -> tuple[clustered.Sample, clustered.Fitted, str]:
    """Fit a linear, logistic or mixed model for inference by cluster; say how."""
    model = _model(fit)
    counted = isinstance(model, GLM) and isinstance(model.family, families.Poisson)
    if counted:
        _check_poisson(model)
    elif isinstance(model, (Logit, GLM)):
        _check_logistic(model)
    rows = clustered.sample(model, cluster)
    if counted:
        shifts = [shift for name in ("offset", "exposure") if (shift := getattr(model, name, None)) is not None]
        offset = sum(map(np.asarray, shifts), np.zeros(len(model.exog)))  # the exposure stands there as its logarithm
        return rows, clustered.poisson(rows, offset[rows.kept]), clustered.METHOD_POISSON
    if isinstance(model, WLS):
        weights = np.broadcast_to(model.weights, len(model.exog))
        return rows, clustered.linear(rows, weights), clustered.METHOD
    if isinstance(model, MixedLM):
        method = clustered.METHOD_MIXED if model.reml else clustered.METHOD_MIXED.replace("REML", "maximum likelihood")
        return rows, _mixed(fit, model, rows), method
    return rows, clustered.logistic(rows), clustered.METHOD_LOGIT


def _check_logistic(model: Logit | GLM) -> None:
    """Refuse what the logistic regression here does not take into account."""
    shifts = [getattr(model, name, None) for name in ("offset", "exposure")]
    shifted = any(shift is not None and bool(np.any(shift)) for shift in shifts)
    if isinstance(model, GLM):
        # probit and others are subclasses of the logit link
        if not isinstance(model.family, families.Binomial) or type(model.family.link) is not families.links.Logit:
            raise TypeError(f"a GLM of another family or link is not supported; supported: {SUPPORTED}")
        if np.ndim(model.data.orig_endog) == 2 and model.data.orig_endog.shape[1] > 1:
            raise TypeError(
                "a GLM of two columns counts the first as success, with True and False thus False; "
                "give it an outcome of 0 and 1"
            )
        shifted = shifted or bool(np.any(model.iweights != 1))
    if shifted:
        raise TypeError("logistic regression with weights, offset or exposure is not supported")


def _check_poisson(model: GLM) -> None:
    """Refuse what the Poisson regression here does not take into account."""
    if type(model.family.link) is not families.links.Log or bool(np.any(model.iweights != 1)):
        raise TypeError(f"Poisson regression with weights or another link is not supported; supported: {SUPPORTED}")


def _mixed(fit: Results | Model, model: MixedLM, rows: clustered.Sample) -> clustered.Fitted:
    """Generalised least squares with the variance components that statsmodels estimates."""
    if model.k_vc:
        raise TypeError(f"a mixed model with a vc_formula is not supported; supported: {SUPPORTED}")
    plain = clustered.linear(rows)
    if not plain.columns:
        return plain
    design, every = rows.design[:, plain.columns], range(len(rows.names))
    groups, random = np.asarray(model.groups)[rows.kept], np.asarray(model.exog_re)[rows.kept]
    if fit is model or len(rows.kept) < len(model.exog) or len(plain.columns) < len(rows.names):
        fit = _refitted(MixedLM(rows.outcome, design, groups, random), model.reml)
    scale = np.nan if fit is None else float(fit.scale)
    components = np.full((1, 1), np.nan) if fit is None else np.asarray(fit.cov_re, float)
    if not np.isfinite([scale, *components.ravel()]).all():
        return clustered.Fitted(None, [], dict.fromkeys(every, "the mixed model cannot be fitted to these data"))
    if np.ptp(random) == 0 and random.shape[1] == 1:
        between = float(components[0, 0]) * random[0, 0] ** 2
        alike = min(between / (between + scale), _MOST_ALIKE) if between > 0 else 0.0
        return clustered.mixed(rows, groups, alike)
    if not scale > 0:
        return clustered.Fitted(None, [], dict.fromkeys(every, ALIKE))
    table = np.column_stack([rows.design, rows.outcome])
    for group in pd.unique(groups):
        own = groups == group
        covariance = np.eye(own.sum()) + random[own] @ (components / scale) @ random[own].T
        values, vectors = np.linalg.eigh(covariance)
        table[own] = vectors @ ((vectors.T @ table[own]) / np.sqrt(values)[:, None])
    return clustered.linear(rows._replace(design=table[:, :-1], outcome=table[:, -1]))


def _refitted(model: MixedLM, reml: bool) -> Results | None:
    """Fit a mixed model; nothing where statsmodels gives up."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that nothing could be fitted is said in the table
        try:
            return model.fit(reml=reml)
        except (np.linalg.LinAlgError, ValueError):
            return None
