"""Does the questionnaire measure its dimensions, and the same ones in every group?

Parallel analysis counts factors and decides nothing alone: with ten dimensions that correlate .58 it says one factor.
Here the models that the questionnaire claims are fitted and compared, and then held equal in two groups, step by step.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from helpers.analysis.methods import confirmatory, jackknife, multiplicity, polychoric
from helpers.analysis.methods.counts import cannot_tell, people, require
from helpers.analysis.survey import scales
from helpers.data import Codebook

METHOD = "confirmatory factor analysis with means, maximum likelihood"
#: Raters in each group below which no model is fitted.
FEWEST_RATERS = 100
FEWEST_CLUSTERS = 3
#: Items a dimension must have to be compared between groups.
FEWEST_ITEMS = 3
ONE, DIMENSIONS, GENERAL = "one factor", "the dimensions", "a general factor and the dimensions"
BEHIND = "one factor behind the dimensions"
#: Dimensions without which a factor that all share cannot be told from theirs.
FEWEST_DIMENSIONS = 3
#: Correlation with the factor behind the dimensions that as many of them have at least, for it to be told.
LEAST_SHARED = 0.3
PARTIAL = "scalar, some items released"
#: Fall of CFI and rise of RMSEA up to which a step holds (Cheung & Rensvold 2002; Chen 2007).
LARGEST_FALL, LARGEST_RISE = 0.010, 0.015
#: How the models above differ from factors that may all correlate.
_KIND: dict[str, dict[str, Any]] = {BEHIND: {"second_order": True}, GENERAL: {"orthogonal": True}}
_FIT = ("statistic", "degrees_of_freedom", "cfi", "tli", "rmsea", "rmsea_low", "rmsea_high", "srmr")
_EQUAL = {
    "configural": "Pattern (configural)",
    "metric": "and loadings (metric)",
    "scalar": "and intercepts (scalar)",
    PARTIAL: "and intercepts, but for questions let go",
}
METHOD_GENERAL = "omega hierarchical of a {} model; delete-a-group jackknife on log(1 - omega), t"
METHOD_ORDERED = "factor model of polychoric correlations, diagonally weighted least squares"
METHOD_ITEMS = "score test of one item's loading and intercept, two groups; Hotelling's test over clusters"
_CALLED = {GENERAL: "bifactor", BEHIND: "second-order"}
_ITEM_FIGURES = ("estimate", "loading", "statistic", "p_value")
#: Smallest difference of an item, in its standard deviations, that counts; level of the adjusted p.
LARGE_ENOUGH, LEVEL = 0.2, 0.05
#: Groups of clusters that are left out in turn; each takes a fit of its own.
_MOST_GROUPS = 12
#: Why two groups of answers may not be independent.
SAME_PEOPLE = "some people answered in both groups, which are taken for independent"


def in_words(fitted: confirmatory.Confirmatory) -> str:
    """Judge a fit.

    Parameters
    ----------
    fitted : helpers.analysis.methods.confirmatory.Confirmatory
        A fitted model.

    Returns
    -------
    str
        ``good`` (CFI at least .95, RMSEA at most .06, SRMR at most .08), ``acceptable`` (.90, .08, .10) or ``poor``.

    References
    ----------
    Hu, L. & Bentler, P. M. (1999). Cutoff criteria for fit indexes in covariance structure analysis. *Structural
    Equation Modeling*, 6, 1-55.
    """
    for word, least, most, residual in (("good", 0.95, 0.06, 0.08), ("acceptable", 0.90, 0.08, 0.10)):
        if fitted.cfi >= least and fitted.rmsea <= most and fitted.srmr <= residual:
            return word
    return "poor"


def compare(responses: pd.DataFrame, codebook: Codebook, side: str, confidence: float = 0.95) -> pd.DataFrame:
    """Compare what the questionnaire may measure: one thing, its dimensions, or both.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`helpers.analysis.survey.scales.scores`, of one wave.
    codebook : Codebook
        Dimensions and items.
    side : str
        Whose answers.
    confidence : float
        Confidence level of the interval of RMSEA, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per model (``one factor``; ``the dimensions``, correlated; ``one factor behind the dimensions``, a
        second-order model, with four dimensions or more; ``a general factor and the dimensions``, a bifactor model,
        with three dimensions or more of three items or more): model, statistic (chi-square), degrees_of_freedom, cfi,
        tli, rmsea, rmsea_low, rmsea_high, srmr, fit (in words), items, respondents,
        rated (where known), clusters, observations (rows that answered every item), people, method, note.

    Notes
    -----
    See :mod:`helpers.analysis.methods.confirmatory` and :func:`in_words`. Answers of five steps and more are taken for
    numbers; with fewer, chi-square is too large and loadings somewhat too small. One factor behind three dimensions
    fits as they do, whatever the answers, and is not shown. Behind more, it says that they have one thing in common and
    nothing else; where it fits as well as the dimensions, an overall score and scores of dimensions go together.

    References
    ----------
    Rhemtulla, M., Brosseau-Liard, P. E. & Savalei, V. (2012). When can categorical variables be treated as continuous?
    *Psychological Methods*, 17, 354-373.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> found = compare(study.responses("2026-H1"), study.codebook, "manager")
    >>> found[["model", "statistic", "degrees_of_freedom", "cfi", "fit"]].round(3).values.tolist()
    [['one factor', 896.203, 405, 0.772, 'poor'],
     ['the dimensions', 371.724, 360, 0.995, 'good'],
     ['one factor behind the dimensions', 404.481, 395, 0.996, 'good'],
     ['a general factor and the dimensions', 391.202, 375, 0.992, 'good']]
    """
    require(responses, ["side"])
    items, patterns, used = _models(responses, codebook, side)
    shared = {"items": len(items), **people(used, additive=False), "observations": len(used), "method": METHOD}
    reason = _not_told([used], items)
    rows = []
    for name, pattern in patterns.items():
        if name == BEHIND and pattern.shape[1] == FEWEST_DIMENSIONS:
            continue
        row: dict[str, Any] = {"model": name, **dict.fromkeys(_FIT, np.nan), "fit": "cannot tell"}
        note = cannot_tell(reason)
        if not reason:
            own = [_moments(used, items)]
            fitted = confirmatory.fit(own, pattern, **_KIND.get(name, {}), confidence=confidence)
            row, note = row | _described(fitted), _note(fitted)
        rows.append(row | shared | {"note": note})
    return pd.DataFrame(rows)


def in_a_sentence(compared: pd.DataFrame) -> str:
    """Say which of the compared models the answers fit.

    Parameters
    ----------
    compared : pandas.DataFrame
        What :func:`compare` returned.

    Returns
    -------
    str
        Empty where nothing could be told, or the questionnaire has one dimension only.
    """
    fit = compared.set_index("model")["fit"]
    one, several = fit.get(ONE, "cannot tell"), fit.get(DIMENSIONS, "cannot tell")
    if "cannot tell" in (one, several):
        return ""
    if several == "poor":
        also = "" if one == "poor" else ", while one factor does"
        return f"The dimensions of the questionnaire do not fit the answers{also}: scores of dimensions need care."
    if one == "poor":
        said = "The dimensions of the questionnaire fit the answers, and one factor for all questions does not."
        known = compared.set_index("model")
        if (
            fit.get(BEHIND) in ("good", "acceptable")
            and known["cfi"][DIMENSIONS] - known["cfi"][BEHIND] <= LARGEST_FALL
        ):
            said += " What the dimensions have in common is one thing."
        return said
    return "One factor for all questions fits the answers too: that the dimensions are apart is not shown."


def ordered(responses: pd.DataFrame, codebook: Codebook, side: str) -> pd.DataFrame:
    """Fit the dimensions of the questionnaire once more, with answers taken for ordered categories.

    Parameters
    ----------
    responses, codebook, side
        As for :func:`compare`.

    Returns
    -------
    pandas.DataFrame
        One row per item: item, dimension, side, estimate (loading on its dimension, in standard deviations, from
        polychoric correlations), as_number (the same from answers taken for numbers), srmr (of the model), respondents,
        rated (where known), clusters, observations, people, method, note.

    Notes
    -----
    :func:`helpers.analysis.methods.polychoric.factor_model`. Loadings come out a little larger than those of
    :func:`compare`, the more the fewer the answers and the more they are skewed. Where both show the same, nothing
    hinges on counting answers as numbers.

    References
    ----------
    Rhemtulla, Brosseau-Liard & Savalei (2012), as for :func:`compare`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> found = ordered(study.responses("2026-H1"), study.codebook, "manager")
    >>> found[["item", "estimate", "as_number"]].round(2).head(2).values.tolist()
    [['listening_1', 0.82, 0.77], ['listening_2', 0.8, 0.78]]
    """
    require(responses, ["side"])
    items, patterns, used = _models(responses, codebook, side)
    pattern = patterns.get(DIMENSIONS, patterns[ONE])
    shared = {**people(used, additive=False), "observations": len(used), "method": METHOD_ORDERED}
    reason = _not_told([used], items)
    loadings, plain, srmr = np.full((2, len(items)), np.nan), np.full(len(items), np.nan), np.nan
    if not reason:
        found = polychoric.factor_model(polychoric.estimates(used[items].to_numpy(float)), pattern)
        fitted = confirmatory.fit([_moments(used, items)], pattern)
        reason = "" if found.converged and fitted.converged else "the model did not converge"
        if not reason:
            loadings, plain, srmr = found.loadings.T, fitted.standardised()[pattern], found.srmr
    rows = [
        {"item": item, "dimension": codebook.item(item).dimension, "side": side}
        | {"estimate": float(np.nansum(loadings[:, place])) if not reason else np.nan}
        | {"as_number": float(plain[place]), "srmr": srmr, **shared, "note": cannot_tell(reason) if reason else ""}
        for place, item in enumerate(items)
    ]
    columns = ["item", "dimension", "side", "estimate", "as_number", "srmr", *shared, "note"]
    return pd.DataFrame(rows, columns=columns)


def ordered_in_words(found: pd.DataFrame) -> str:
    """Say whether anything hinges on counting answers as numbers.

    Parameters
    ----------
    found : pandas.DataFrame
        What :func:`ordered` returned.

    Returns
    -------
    str
        Empty where nothing could be told.
    """
    known = found.dropna(subset="estimate")
    if not len(known):
        return ""
    apart = float((known["estimate"] - known["as_number"]).abs().max())
    srmr = float(known["srmr"].iloc[0])
    begin = "With answers taken for ordered categories instead of numbers, the dimensions"
    if srmr > 0.08:
        return f"{begin} do not fit (SRMR {srmr:.2f}): scores of dimensions need care."
    return f"{begin} fit, too (SRMR {srmr:.2f}); no loading differs by more than {apart:.2f}."


def general_share(responses: pd.DataFrame, codebook: Codebook, side: str, confidence: float = 0.95) -> pd.DataFrame:
    """Estimate how far the sum of all items tells of one thing that all of them share (omega hierarchical).

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`helpers.analysis.survey.scales.scores`, of one wave, with the column ``cluster_id``.
    codebook : Codebook
        Dimensions and items; three dimensions or more, of two items or more each.
    side : str
        Whose answers.
    confidence : float
        Confidence level, between 0 and 1.

    Returns
    -------
    pandas.DataFrame
        One row per model (``a general factor and the dimensions``, where every dimension has three items or more; ``one
        factor behind the dimensions``): model, estimate, low, high (share of the variance of the sum, 0 to 1), items,
        respondents, rated (where known), clusters, observations, people, method, note. One row where nothing can be
        told.

    Raises
    ------
    ValueError
        If the confidence level is none.

    Notes
    -----
    omega_h = (sum of general loadings)^2 / variance of the sum, once of a bifactor and once of a second-order model,
    fitted by maximum likelihood. Both assume that the dimensions are unrelated once the general factor is taken out;
    the second also that it reaches items through their dimension alone. Behind fewer than three dimensions neither can
    be told from theirs. The interval leaves out one of up to 12 groups of clusters at a time and refits; where a refit
    fails, nothing is told. Neither is the second where it correlates by less than .3 with all dimensions but two:
    without that rule its interval lay above 0 in 10 of 100 simulated studies whose three dimensions shared nothing.

    References
    ----------
    Zinbarg et al. (2005), as for :func:`helpers.analysis.methods.confirmatory.omega_hierarchical`; Kott, P. S. (2001).
    The delete-a-group jackknife. *Journal of Official Statistics*, 17, 521-526.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> answers = study.responses("2026-H1")
    >>> general_share(answers, study.codebook, "manager")[["estimate", "low", "high"]].round(2).values.tolist()
    [[0.89, 0.87, 0.91], [0.89, 0.87, 0.91]]
    """
    require(responses, ["side", "cluster_id"])
    if not 0 < confidence < 1:
        raise ValueError(f"confidence is {confidence}; expected a number between 0 and 1, such as 0.95")
    items, patterns, used = _models(responses, codebook, side)
    shared = {"items": len(items), **people(used, additive=False), "observations": len(used)}
    reason = _not_told([used], items)
    if not reason and BEHIND not in patterns:
        reason = f"it takes {FEWEST_DIMENSIONS} dimensions or more, of two items or more"
    if not reason and used["cluster_id"].nunique() < FEWEST_CLUSTERS:
        reason = f"fewer than {FEWEST_CLUSTERS} clusters answered"
    models = [GENERAL] if reason else [name for name in (GENERAL, BEHIND) if name in patterns]
    rows = []
    for name in models:
        row = {"model": name, "estimate": np.nan, "low": np.nan, "high": np.nan, **shared}
        found, note = (row, cannot_tell(reason)) if reason else _general(used, items, patterns[name], name, confidence)
        rows.append(row | found | {"method": METHOD_GENERAL.format(_CALLED[name]), "note": note})
    return pd.DataFrame(rows)


def _general(
    used: pd.DataFrame, items: Sequence[str], pattern: np.ndarray, model: str, confidence: float
) -> tuple[dict[str, float], str]:
    """Omega hierarchical of one model with its interval, and a note: on the fit, or why there is none."""
    group = pd.factorize(used["cluster_id"])[0] % _MOST_GROUPS
    parts = [used, *(used[group != left] for left in range(group.max() + 1))]
    fits = [confirmatory.fit([_moments(part, items)], pattern, **_KIND[model]) for part in parts]
    shares = np.array([confirmatory.omega_hierarchical(fitted)[0] for fitted in fits])
    if not all(fitted.converged for fitted in fits) or shares.max() >= 1:
        return {}, cannot_tell("the model did not converge")
    reached = np.sort(np.abs(fits[0].above))[::-1]
    if len(reached) and reached[FEWEST_DIMENSIONS - 1] < LEAST_SHARED:
        return {}, cannot_tell("the dimensions share too little for one factor behind them")
    low, high = jackknife.interval(
        shares[0], shares[1:], confidence, lambda share: np.log(1 - share), lambda value: 1 - np.exp(value)
    )
    return {"estimate": shares[0], "low": max(low, 0.0), "high": high}, _note(fits[0])


def invariance(responses: pd.DataFrame, codebook: Codebook, across: str, first: str, second: str) -> pd.DataFrame:
    """Ask whether items measure the same in two groups: same pattern, equal loadings, equal intercepts.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers, as for :func:`helpers.analysis.survey.scales.scores`. To compare waves or groups of managers, hand in
        one side only.
    codebook : Codebook
        Dimensions and items.
    across : str
        Column that tells the groups apart, such as ``wave``, ``side`` or ``location``.
    first, second : str
        Its two labels.

    Returns
    -------
    pandas.DataFrame
        One row per step (``configural``: same pattern; ``metric``: equal loadings; ``scalar``: equal intercepts too;
        ``scalar, some items released``, where scalar does not hold): step, first, second, statistic (chi-square),
        degrees_of_freedom, cfi, tli, rmsea, rmsea_low, rmsea_high (of .90), srmr, change_cfi, change_rmsea (from
        the step before; the last from metric), holds (``yes``, ``no`` or ``cannot tell``), released (items whose
        loading and intercept were let go), items, respondents, rated (where known), clusters, observations, people,
        method, note.

    Notes
    -----
    Only dimensions with three items or more that both groups answered are compared, and only with 100 raters or more
    in each; means of other dimensions cannot be told from differences in meaning. Configural holds where its fit is at
    least acceptable. A further step holds where the one before does, CFI falls by no more than .010 and RMSEA rises by
    no more than .015. Means may be compared where scalar holds, or where it does after fewer than half of a dimension's
    items were released; items are released one at a time, that one first which improves the fit most.

    References
    ----------
    Cheung, G. W. & Rensvold, R. B. (2002). Evaluating goodness-of-fit indexes for testing measurement invariance.
    *Structural Equation Modeling*, 9, 233-255.

    Chen, F. F. (2007). Sensitivity of goodness of fit indexes to lack of measurement invariance. *Structural Equation
    Modeling*, 14, 464-504.

    Byrne, Shavelson & Muthen (1989), as for :func:`helpers.analysis.methods.confirmatory.fit`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> managers = study.responses().query("side == 'manager'")
    >>> found = invariance(managers, study.codebook, "wave", "2025-H1", "2026-H1")
    >>> found[["step", "statistic", "cfi", "change_cfi", "holds"]].round(3).values.tolist()
    [['configural', 819.722, 0.979, nan, 'yes'],
     ['metric', 837.232, 0.979, 0.001, 'yes'],
     ['scalar', 860.937, 0.978, -0.001, 'yes']]
    """
    require(responses, ["side", across])
    items, pattern, used = _common(responses, codebook, across, first, second)
    both = pd.concat(used)
    shared = {"items": len(items), **people(both, additive=False), "observations": len(both), "method": METHOD}
    reason = _not_told(used, items)
    if reason:
        row = dict.fromkeys((*_FIT, "change_cfi", "change_rmsea"), np.nan) | {"holds": "cannot tell", "released": ""}
        return pd.DataFrame(
            [
                {"step": step, "first": first, "second": second, **row, **shared, "note": cannot_tell(reason)}
                for step in confirmatory.LEVELS
            ]
        )
    groups = [_moments(part, items) for part in used]
    steps = {level: confirmatory.fit(groups, pattern, level) for level in confirmatory.LEVELS}
    found = [_step(steps[level], steps.get(before)) for level, before in zip(confirmatory.LEVELS, ("", *steps))]
    for place, row in enumerate(found):
        if row["holds"] == "yes" and "no" in [earlier["holds"] for earlier in found[:place]]:
            row["holds"] = "no"
    names = [*confirmatory.LEVELS]
    if [row["holds"] for row in found] == ["yes", "yes", "no"]:
        fitted, let_go = _released(groups, pattern, steps["metric"], steps["scalar"])
        row = _step(fitted, steps["metric"]) | {"released": ", ".join(items[place] for place in let_go)}
        found.append(row)
        names.append(PARTIAL)
    again = set(used[0]["respondent_id"]) & set(used[1]["respondent_id"]) if "respondent_id" in both else set()
    notes = [str(row.pop("note")) or (SAME_PEOPLE if again else "") for row in found]
    return pd.DataFrame(
        [
            {"step": name, "first": first, "second": second, **row, **shared, "note": note}
            for name, row, note in zip(names, found, notes)
        ]
    )


def differential(responses: pd.DataFrame, codebook: Codebook, across: str, first: str, second: str) -> pd.DataFrame:
    """Ask item by item whether it measures the same in two groups (differential item functioning).

    Parameters
    ----------
    responses, codebook, across, first, second
        As for :func:`invariance`.

    Returns
    -------
    pandas.DataFrame
        One row per item: item, dimension, side (of the wording), first, second, estimate (how much higher the second
        group answers at the same level of the dimension, in standard deviations of the item), loading (how much more it
        moves with the dimension), statistic (F), p_value, p_adjusted (Benjamini-Hochberg), verdict (``differs``:
        adjusted p at most .05, and either figure .2 or more; ``no difference seen``; ``cannot tell``), respondents,
        rated (where known), clusters, observations, people, method, note.

    Notes
    -----
    :func:`helpers.analysis.methods.confirmatory.item_tests` on the items that :func:`invariance` compares. The item
    that differs most is let go before the rest is tested again, fewer than half of those of a dimension. What the
    groups differ in is taken out by the factor, not by a score, so that differences in the dimension itself are not
    mistaken for such of an item. Without 100 raters in each group and three common items nothing is told: a gap on a
    dimension is then one of single questions.

    References
    ----------
    Stark, Chernyshenko & Drasgow (2006), as for :func:`helpers.analysis.methods.confirmatory.item_tests`.

    Examples
    --------
    >>> from helpers.data import Study
    >>> study = Study.load("data/sample")
    >>> managers = study.responses().query("side == 'manager'")
    >>> found = differential(managers, study.codebook, "wave", "2025-H1", "2026-H1")
    >>> found[["item", "estimate", "loading", "p_adjusted", "verdict"]].round(2).head(2).values.tolist()
    [['listening_1', 0.17, -0.13, 0.73, 'no difference seen'],
     ['listening_2', -0.14, 0.14, 0.73, 'no difference seen']]
    """
    require(responses, ["side", "cluster_id", across])
    items, pattern, used = _common(responses, codebook, across, first, second)
    both = pd.concat(used)
    shared = {**people(both, additive=False), "observations": len(both), "method": METHOD_ITEMS}
    reason = _not_told(used, items)
    tests, freed = ([], set()) if reason else _tested(used, items, pattern)
    side = str(responses["side"].iloc[0]) if len(responses) else ""
    rows = []
    for place, item in enumerate(items):
        row: dict[str, Any] = {"item": item, "dimension": codebook.item(item).dimension, "side": side}
        row |= {"first": first, "second": second} | dict.fromkeys(_ITEM_FIGURES, np.nan)
        if tests:
            test = tests[place]
            row |= dict(zip(_ITEM_FIGURES, (test.intercept, test.loading, test.statistic, test.p_value)))
        rows.append(row | shared)
    columns = ["item", "dimension", "side", "first", "second", *_ITEM_FIGURES, *shared]
    table = pd.DataFrame(rows, columns=columns).astype(dict.fromkeys(_ITEM_FIGURES, float))
    known = table["p_value"].notna()
    table["p_adjusted"] = multiplicity.adjusted(table["p_value"])
    differs = table.index.isin(freed)
    table["verdict"] = np.where(differs, "differs", np.where(known, "no difference seen", "cannot tell"))
    table["note"] = np.where(known, "", cannot_tell(reason or "fewer than 4 clusters, or the model did not converge"))
    return table


def _tested(
    used: Sequence[pd.DataFrame], items: Sequence[str], pattern: np.ndarray
) -> tuple[list[confirmatory.ItemTest], set[int]]:
    """Test of every item, those that differ released one after another, fewer than half of any dimension's."""
    answers = [part[list(items)].to_numpy(float) for part in used]
    clusters = [part["cluster_id"].to_numpy() for part in used]
    own, most = pattern.argmax(axis=1), (pattern.sum(axis=0) - 1) // 2
    tests, freed = confirmatory.item_tests(answers, clusters, pattern), set[int]()
    latest = list(tests)
    while True:
        adjusted = multiplicity.adjusted(pd.Series([test.p_value for test in tests], dtype=float))
        may = [
            item
            for item, test in enumerate(tests)
            if item not in freed
            and adjusted[item] <= LEVEL
            and max(abs(test.intercept), abs(test.loading)) >= LARGE_ENOUGH
            and sum(own[other] == own[item] for other in freed) < most[own[item]]
        ]
        if not may:
            return tests, freed
        freed.add(max(may, key=lambda item: (latest[item].statistic, -item)))
        latest = confirmatory.item_tests(answers, clusters, pattern, freed)
        tests = [test if item in freed else latest[item] for item, test in enumerate(tests)]


def differential_in_words(found: pd.DataFrame) -> str:
    """Say how many items do not measure the same in two groups.

    Parameters
    ----------
    found : pandas.DataFrame
        What :func:`differential` returned.

    Returns
    -------
    str
        Empty where nothing could be told.
    """
    known = found[found["verdict"] != "cannot tell"] if len(found) else found
    if not len(known):
        return ""
    differ = int((known["verdict"] == "differs").sum())
    between = f"{known['first'].iloc[0]} and {known['second'].iloc[0]}"
    if not differ:
        return f"Of {len(known)} questions, none was seen to mean something else in {between}."
    was = "1 means" if differ == 1 else f"{differ} mean"
    return f"Of {len(known)} questions, {was} something else in {between}: read the gap on their dimensions with care."


def largest_groups(
    responses: pd.DataFrame, attributes: Mapping[str, str], side: str
) -> list[tuple[str, str, str, str]]:
    """Name the two largest groups of every attribute that both have raters enough for a model.

    Parameters
    ----------
    responses : pandas.DataFrame
        Answers of one wave.
    attributes : mapping of str to str
        Columns of groups, and what they are called.
    side : str
        Whose groups.

    Returns
    -------
    list of tuple of str
        What is compared in words, the column, and both labels, for :func:`invariance` and :func:`differential`.
    """
    found = []
    for attribute, called in attributes.items():
        own = responses[responses["side"] == side].dropna(subset=[attribute])
        sizes = own.groupby(attribute, observed=True)["respondent_id"].nunique()
        sizes = sizes.sort_values(ascending=False, kind="stable")
        if (sizes.head(2) >= FEWEST_RATERS).sum() == 2:
            first, second = map(str, sizes.index[:2])
            found.append((f"{called}: {first} and {second}", attribute, first, second))
    return found


def worded(steps: pd.DataFrame, codebook: Codebook) -> pd.DataFrame:
    """Return the steps that could be told in a reader's words.

    Parameters
    ----------
    steps : pandas.DataFrame
        What :func:`invariance` returned.
    codebook : Codebook
        Texts of the items.

    Returns
    -------
    pandas.DataFrame
        The rows with a fit; ``step`` says what is held equal, ``released`` quotes the questions.
    """
    texts = {item.id: f"“{item.text_for('manager')}”" for item in codebook.items}
    found = steps.dropna(subset="cfi")
    quoted = [", ".join(texts[item] for item in ids.split(", ") if item) for ids in found["released"]]
    return found.assign(step=found["step"].map(_EQUAL), holds=found["holds"].str.capitalize(), released=quoted)


def comparable(steps: pd.DataFrame) -> str:
    """Say whether the means of two groups may be compared.

    Parameters
    ----------
    steps : pandas.DataFrame
        What :func:`invariance` returned.

    Returns
    -------
    str
        ``may be compared``; ``may be compared, but for questions let go``; ``may not be compared``; or ``cannot tell``.
    """
    holds = steps.set_index("step")["holds"]
    if PARTIAL in holds and holds[PARTIAL] == "yes":
        return "may be compared, but for questions let go"
    return {"yes": "may be compared", "no": "may not be compared"}.get(str(holds["scalar"]), "cannot tell")


def comparable_in_words(steps: pd.DataFrame) -> str:
    """Say in a sentence whether the means of two groups may be compared.

    Parameters
    ----------
    steps : pandas.DataFrame
        What :func:`invariance` returned, with the column ``compared``, the two groups in words.

    Returns
    -------
    str
        Empty where it cannot be told.
    """
    verdict = comparable(steps)
    return "" if verdict == "cannot tell" else f"Means {verdict}: {steps['compared'].iloc[0]}."


def _common(
    responses: pd.DataFrame, codebook: Codebook, across: str, first: str, second: str
) -> tuple[list[str], np.ndarray, list[pd.DataFrame]]:
    """Items that both groups answered, of dimensions with enough of them; their pattern; rows that hold all."""
    parts = [responses[responses[across] == label] for label in (first, second)]
    common = [_items(part, codebook, whose, 1)[0] for part in parts for whose in part["side"].unique()]
    items = [item for item in (common[0] if len(common) > 1 else []) if all(item in other for other in common)]
    dimensions = [codebook.item(item).dimension for item in items]
    items = [item for item, name in zip(items, dimensions) if dimensions.count(name) >= FEWEST_ITEMS]
    turned = [scales.score_items(part, codebook) for part in parts]
    used = [part.dropna(subset=items) if items else part.iloc[:0] for part in turned]
    return items, _pattern([codebook.item(item).dimension for item in items]), used


def _models(
    responses: pd.DataFrame, codebook: Codebook, side: str
) -> tuple[list[str], dict[str, np.ndarray], pd.DataFrame]:
    """Items of a side, what they may measure, and the rows that answered every one of them."""
    own = responses[responses["side"] == side]
    items, dimensions = _items(own, codebook, side, 2)
    used = scales.score_items(own, codebook).dropna(subset=items) if items else own.iloc[:0]
    own_items = _pattern(dimensions)
    patterns = {ONE: np.ones((len(items), 1), bool)}
    if own_items.shape[1] > 1:
        patterns[DIMENSIONS] = own_items
    if own_items.shape[1] >= FEWEST_DIMENSIONS:
        patterns[BEHIND] = own_items
        if own_items.sum(axis=0).min() >= FEWEST_ITEMS:
            patterns[GENERAL] = np.column_stack([patterns[ONE], own_items])
    return items, patterns, used


def _items(own: pd.DataFrame, codebook: Codebook, side: str, fewest: int) -> tuple[list[str], list[str]]:
    """Items that more than half of the rows answered, and their dimensions, of those with enough of them."""
    asked = [item for item in codebook.scale_items(None, side) if item.id in own and own[item.id].notna().mean() > 0.5]
    count = pd.Series([item.dimension for item in asked]).value_counts()
    kept = [item for item in asked if count[item.dimension] >= fewest]
    return [item.id for item in kept], [str(item.dimension) for item in kept]


def _pattern(dimensions: Sequence[str | None]) -> np.ndarray:
    codes = pd.factorize(np.array(dimensions, dtype=object))[0]
    return codes[:, None] == np.arange(codes.max(initial=-1) + 1)


def _moments(used: pd.DataFrame, items: Sequence[str]) -> confirmatory.Moments:
    return confirmatory.moments(used[list(items)].to_numpy(float))


def _not_told(parts: Sequence[pd.DataFrame], items: Sequence[str]) -> str:
    if len(items) < FEWEST_ITEMS:
        return f"no dimension has {FEWEST_ITEMS} items that everybody was asked"
    for used in parts:
        if people(used, additive=False)["respondents"] < FEWEST_RATERS:
            return f"fewer than {FEWEST_RATERS} raters answered every item"
        if len(used) <= 2 * len(items):
            return f"{len(used)} rows of answers are too few for {len(items)} items"
        if np.linalg.eigvalsh(used[list(items)].astype(float).cov())[0] <= 1e-9:
            return "some items follow from others, or were answered the same by everybody"
    return ""


def _described(fitted: confirmatory.Confirmatory) -> dict[str, Any]:
    if not fitted.converged:
        return {}
    return {name: getattr(fitted, name) for name in _FIT} | {"fit": in_words(fitted)}


def _note(fitted: confirmatory.Confirmatory) -> str:
    if not fitted.converged:
        return cannot_tell("the model did not converge")
    return "an item carries a factor almost alone (Heywood case)" if fitted.improper else ""


def _step(fitted: confirmatory.Confirmatory, before: confirmatory.Confirmatory | None) -> dict[str, Any]:
    """Fit of a step, what it cost, and whether it holds."""
    row: dict[str, Any] = dict.fromkeys((*_FIT, "change_cfi", "change_rmsea"), np.nan)
    row |= {"holds": "cannot tell", "released": "", "note": _note(fitted)}
    if not fitted.converged or (before and not before.converged):
        return row
    row |= {name: getattr(fitted, name) for name in _FIT}
    holds = in_words(fitted) != "poor"
    if before:
        row["change_cfi"], row["change_rmsea"] = fitted.cfi - before.cfi, fitted.rmsea - before.rmsea
        holds = _close(fitted, before)
    return row | {"holds": "yes" if holds else "no"}


def _close(fitted: confirmatory.Confirmatory, before: confirmatory.Confirmatory) -> bool:
    return before.cfi - fitted.cfi <= LARGEST_FALL and fitted.rmsea - before.rmsea <= LARGEST_RISE


def _released(
    groups: Sequence[confirmatory.Moments], pattern: np.ndarray, metric: confirmatory.Confirmatory,
    scalar: confirmatory.Confirmatory,
) -> tuple[confirmatory.Confirmatory, list[int]]:  # fmt: skip
    """Let items go one at a time, less than half of any factor's, until means can be compared or none may go."""
    let_go: list[int] = []
    best, own = scalar, pattern.argmax(axis=1)
    most = (pattern.sum(axis=0) - 1) // 2
    while not _close(best, metric):
        may = [
            item for item in range(len(own)) if item not in let_go and sum(own[let_go] == own[item]) < most[own[item]]
        ]
        tried = {item: confirmatory.fit(groups, pattern, "scalar", [*let_go, item]) for item in may}
        tried = {item: fitted for item, fitted in tried.items() if fitted.converged}
        if not tried:
            break
        item = min(tried, key=lambda place: tried[place].statistic)
        let_go.append(item)
        best = tried[item]
    return best, let_go
