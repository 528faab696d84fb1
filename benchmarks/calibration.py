"""Measure how often each estimator's 95 % interval holds the truth, and how often it calls a true null an effect.

Run ``python benchmarks/calibration.py`` for a table of every estimator, or name some of them; ``--write`` keeps the
results in ``calibration.json`` and ``calibration.md`` beside this file. The design is always the hard case of
partnership studies: 36 unequal clusters (HR partners) of about 12 (managers), answers within a cluster alike
(intraclass correlation .10 unless stated).
"""

from __future__ import annotations

import argparse
import functools
import importlib
import importlib.util
import inspect
import json
import pkgutil
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
from scipy import stats

from helpers.analysis.methods import (
    agreement,
    between_groups,
    careless,
    clustered,
    dominance,
    factor,
    few_clusters,
    internal_consistency,
    ordinal,
    weighting,
)
from helpers.analysis.survey import (
    change,
    comments,
    dyads,
    errors_in_variables,
    measurement_model,
    participation,
    response_surface,
    scales,
    structure,
)
from helpers.data import Codebook

SEED = 20260630
FULL = 4000
CONFIDENCE = 0.95

#: Managers per HR partner: 36 unequal clusters, 432 managers, 12 on average.
SIZES = np.array([3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14])
SIZES = np.concatenate([SIZES, [15, 15, 16, 17, 18, 19, 21, 23, 26, 31]])
CLUSTERS = np.repeat(np.arange(len(SIZES)), SIZES)
#: One row a manager, and whom each rates.
RATERS = {"cluster_id": CLUSTERS, "respondent_id": np.arange(len(CLUSTERS))}

#: What one simulation returns: per replicate, whether the interval held the truth and whether the null was rejected.
Outcome = tuple[np.ndarray | None, np.ndarray | None]
#: The rooms of helpers.analysis whose estimators all have to be here, in calibration_hiring.py,
#: calibration_practice.py or calibration_outcomes.py.
ROOMS = ("methods", "survey", "hiring", "practice", "business")


@dataclass(frozen=True)
class Entry:
    """One estimator under one design.

    Attributes
    ----------
    estimator, estimand, design : str
        What is computed, of what, from what data.
    simulate : callable
        Takes a random generator and the number of replicates; returns the outcome.
    quick : int
        Replicates that the tests afford.
    expected : tuple of float
        Coverage that the tests accept; wider than .93 to .97 only where the methods page says so.
    null : tuple of float
        Null rate that the tests accept, beyond what chance explains.
    functions : tuple of str
        Functions of helpers.analysis whose interval or test this is, such as ``clustered.mean``.
    part : str
        Which outcome of a simulation that measures several at once.
    stated : str
        For rates that miss what they promise: the sentence that says so on the methods page of the reports, with
        {coverage}, {null_rate} and {replicates} in place of the figures.
    """

    estimator: str
    estimand: str
    design: str
    simulate: Callable[[np.random.Generator, int], Outcome | dict[str, Outcome]]
    quick: int = 1000
    expected: tuple[float, float] = (0.93, 0.97)
    null: tuple[float, float] = (0.04, 0.06)
    functions: tuple[str, ...] = ()
    part: str = ""
    stated: str = ""


REGISTRY: dict[str, Entry] = {}


def register(name: str, estimator: str, estimand: str, design: str, **options) -> Callable:
    """Add a simulation to the registry under a name."""

    def add(simulate: Callable) -> Callable:
        REGISTRY[name] = Entry(estimator, estimand, design, simulate, **options)
        return simulate

    return add


def register_parts(
    estimator: str, design: str, parts: Mapping[str, tuple[str, str] | tuple[str, str, dict]], **options
) -> Callable:
    """Add a simulation that measures several things to the registry: by name the part, the estimand and options."""

    def add(simulate: Callable) -> Callable:
        for name, (part, estimand, *own) in parts.items():
            chosen = {"estimator": estimator} | options | (own[0] if own else {})
            REGISTRY[name] = Entry(estimand=estimand, design=design, simulate=simulate, part=part, **chosen)
        return simulate

    return add


def modules() -> list[str]:
    """Names of all modules of helpers.analysis, so that a new one is not overlooked."""
    rooms = (importlib.import_module(f"helpers.analysis.{room}") for room in ROOMS)
    return sorted(module.name for room in rooms for module in pkgutil.iter_modules(room.__path__))


def loaded_from_its_room(module: str) -> ModuleType:
    """Import a module of helpers.analysis by its own name, whichever room it stands in."""
    for room in ROOMS:
        if importlib.util.find_spec(f"helpers.analysis.{room}.{module}"):
            return importlib.import_module(f"helpers.analysis.{room}.{module}")
    raise ModuleNotFoundError(f"helpers.analysis has no module {module}")


def estimators() -> list[str]:
    """Names of the public functions that return an interval or a test, going by their docstrings.

    Returns
    -------
    list of str
        Such as ``clustered.mean``: those whose "Returns" speaks of low and high, or of a p_value.
    """
    found = []
    for module in modules():
        loaded = loaded_from_its_room(module)
        for name, function in inspect.getmembers(loaded, inspect.isfunction):
            returned = re.search(r"Returns\n-+\n(.*?)(\n\n\w+\n-+\n|$)", inspect.getdoc(function) or "", re.DOTALL)
            own = function.__module__ == loaded.__name__ and not name.startswith("_")
            if own and returned and re.search(r"\blow,\s+high\b|\bp_value\b", returned[1]):
                found.append(f"{module}.{name}")
    return found


def clustered_noise(
    random: np.random.Generator, replicates: int, icc: float = 0.1, clusters: np.ndarray = CLUSTERS
) -> np.ndarray:
    """Draw answers x replicates with variance 1 and the given intraclass correlation."""
    between = random.normal(size=(clusters.max() + 1, replicates)) * np.sqrt(icc)
    return between[clusters] + random.normal(size=(len(clusters), replicates)) * np.sqrt(1 - icc)


def long(values: np.ndarray, clusters: np.ndarray = CLUSTERS) -> pd.DataFrame:
    """Stack answers x replicates into a frame with the columns value, replicate, cluster_id."""
    replicates = values.shape[1]
    return pd.DataFrame(
        {
            "value": values.ravel("F"),
            "replicate": np.repeat(np.arange(replicates), len(clusters)),
            "cluster_id": np.tile(clusters, replicates),
        }
    )


def held(frame: pd.DataFrame, truth: float) -> np.ndarray:
    """Whether each row's interval holds the truth; rows that cannot tell do not."""
    return ((frame["low"] <= truth) & (truth <= frame["high"])).to_numpy()


def slope(fit: clustered.LeastSquares, term: int, truth: float) -> np.ndarray:
    """Whether each outcome's interval for one term holds the truth."""
    half = fit.standard_errors[term] * stats.t.ppf(0.5 + CONFIDENCE / 2, fit.degrees_of_freedom[term])
    return np.abs(fit.coefficients[term] - truth) <= half


@register(
    "mean",
    "mean (CR2)",
    "mean of all managers",
    "36 clusters, normal answers, ICC .10",
    functions=("clustered.mean", "clustered.mean_and_share"),
)
def _mean(random: np.random.Generator, replicates: int) -> Outcome:
    found = clustered.mean(long(clustered_noise(random, replicates)), "value", by=["replicate"])
    return held(found, 0.0), ~held(found, 0.0)


@register(
    "mean, five-point item",
    "mean (CR2)",
    "mean of one skewed item",
    "36 clusters, five-point answers, ICC .30",
    quick=200,
    functions=("clustered.mean",),
)
def _mean_item(random: np.random.Generator, replicates: int) -> Outcome:
    cuts = stats.norm.ppf([0.03, 0.08, 0.20, 0.55])
    answers = 1.0 + np.searchsorted(cuts, clustered_noise(random, replicates, icc=0.3))
    truth = 1 + (1 - np.array([0.03, 0.08, 0.20, 0.55])).sum()
    return held(clustered.mean(long(answers), "value", by=["replicate"]), truth), None


@register(
    "mean, small group",
    "mean (CR2)",
    "mean of one department",
    "6 clusters of 2 to 8, normal answers, ICC .10",
    quick=200,
    functions=("clustered.mean",),
)
def _mean_small(random: np.random.Generator, replicates: int) -> Outcome:
    clusters = np.repeat(np.arange(6), [2, 3, 4, 5, 6, 8])
    values = long(clustered_noise(random, replicates, clusters=clusters), clusters)
    found = clustered.mean(values, "value", by=["replicate"])
    return held(found, 0.0), ~held(found, 0.0)


@register(
    "weighted mean",
    "mean (CR2), weighted",
    "weighted mean",
    "36 clusters, weights 0.3 to 3, ICC .10",
    quick=150,
    functions=("clustered.mean",),
)
def _mean_weighted(random: np.random.Generator, replicates: int) -> Outcome:
    frame = long(clustered_noise(random, replicates))
    frame["weight"] = random.uniform(0.3, 3, len(frame))
    found = clustered.mean(frame, "value", by=["replicate"], weights="weight")
    return held(found, 0.0), ~held(found, 0.0)


def _share(random: np.random.Generator, replicates: int, share: float) -> Outcome:
    answers = (clustered_noise(random, replicates) < stats.norm.ppf(share)).astype(float)
    return held(clustered.proportion(long(answers), "value", by=["replicate"]), share), None


@register(
    "share of one half",
    "proportion (Wilson, CR2)",
    "share favourable, .50",
    "36 clusters, ICC .10",
    quick=200,
    functions=("clustered.proportion",),
)
def _share_half(random: np.random.Generator, replicates: int) -> Outcome:
    return _share(random, replicates, 0.5)


@register(
    "high share",
    "proportion (Wilson, CR2)",
    "share favourable, .90",
    "36 clusters, ICC .10",
    quick=150,
    functions=("clustered.proportion",),
)
def _share_high(random: np.random.Generator, replicates: int) -> Outcome:
    return _share(random, replicates, 0.9)


@register(
    "very high share",
    "proportion (Wilson, CR2)",
    "share favourable, .97",
    "36 clusters, ICC .10",
    quick=150,
    functions=("clustered.proportion",),
)
def _share_very_high(random: np.random.Generator, replicates: int) -> Outcome:
    return _share(random, replicates, 0.97)


@register(
    "share of three items",
    "proportion (Wilson, CR2)",
    "share of favourable answers to three items, .70",
    "36 clusters, ICC .10, items correlate .40",
    quick=120,
    functions=("clustered.proportion",),
)
def _share_items(random: np.random.Generator, replicates: int) -> Outcome:
    common = clustered_noise(random, replicates, icc=0.25)
    items = [np.sqrt(0.4) * common + np.sqrt(0.6) * random.normal(size=common.shape) for _ in range(3)]
    answers = np.mean([item < stats.norm.ppf(0.7) for item in items], axis=0)
    return held(clustered.proportion(long(answers), "value", by=["replicate"]), 0.7), None


@register(
    "difference of sides",
    "difference (CR2)",
    "HR less managers, both sides in every cluster",
    "36 clusters, two answers per pair, ICC .10",
    quick=100,
    functions=("clustered.difference",),
)
def _difference(random: np.random.Generator, replicates: int) -> Outcome:
    clusters = np.concatenate([CLUSTERS, CLUSTERS])
    frame = long(clustered_noise(random, replicates, clusters=clusters), clusters)
    frame["side"] = np.tile(np.repeat(["manager", "hr"], len(CLUSTERS)), replicates)
    found = clustered.difference(frame, "value", "side", "manager", "hr", by=["replicate"])
    return held(found, 0.0), ~held(found, 0.0)


@register(
    "HR-partner-level predictor",
    "regression (CR2)",
    "difference between trained and other HR partners",
    "10 of 36 clusters trained, ICC .10",
    functions=("clustered.regression", "few_clusters.few_clusters"),
)
def _cluster_predictor(random: np.random.Generator, replicates: int) -> Outcome:
    trained = (CLUSTERS % 36 % 11 % 4 == 1).astype(float)
    fit = clustered.least_squares(
        np.column_stack([np.ones(len(CLUSTERS)), trained]), clustered_noise(random, replicates), CLUSTERS
    )
    return slope(fit, 1, 0.0), ~slope(fit, 1, 0.0)


@register(
    "skewed manager-level predictor",
    "regression (CR2)",
    "slope on tenure (skewed)",
    "36 clusters, tenure partly shared in a cluster, ICC .10",
    functions=("clustered.regression", "few_clusters.few_clusters"),
)
def _manager_predictor(random: np.random.Generator, replicates: int) -> Outcome:
    tenure = np.exp(clustered_noise(np.random.default_rng(1), 1, icc=0.3)[:, 0])
    fit = clustered.least_squares(
        np.column_stack([np.ones(len(CLUSTERS)), tenure]), clustered_noise(random, replicates), CLUSTERS
    )
    return slope(fit, 1, 0.0), ~slope(fit, 1, 0.0)


@register(
    "logistic regression",
    "logistic regression (CR2)",
    "odds ratio of a manager-level attribute",
    "36 clusters, 70 % answered, ICC .10 on the latent scale",
    quick=50,
    functions=("clustered.logit", "few_clusters.few_clusters"),
)
def _logit(random: np.random.Generator, replicates: int) -> Outcome:
    latent = clustered_noise(random, replicates)
    level = clustered_noise(random, 1, icc=0.2)[:, 0] > 0.5
    covered = []
    for column in latent.T:
        frame = pd.DataFrame({"answered": column < stats.norm.ppf(0.7), "senior": level, "cluster": CLUSTERS})
        found = clustered.logit("answered ~ senior", frame, "cluster")
        covered.append(held(found.tail(1), 1.0)[0])
    return np.array(covered), ~np.array(covered)


@register(
    "logistic regression, HR partner's",
    "logistic regression (CR2)",
    "odds ratio of an HR partner's attribute, truly 1",
    "10 of 36 clusters trained, 70 % answered, ICC .10 on the latent scale",
    quick=50,
    functions=("clustered.logit", "few_clusters.few_clusters"),
)
def _logit_partner(random: np.random.Generator, replicates: int) -> Outcome:
    frame = pd.DataFrame({"trained": CLUSTERS % 36 % 11 % 4 == 1, "cluster": CLUSTERS})
    covered = []
    for column in clustered_noise(random, replicates).T:
        found = clustered.logit("answered ~ trained", frame.assign(answered=column < stats.norm.ppf(0.7)), "cluster")
        covered.append(held(found.tail(1), 1.0)[0])
    return np.array(covered), ~np.array(covered)


@register(
    "joint test",
    "Wald test (CR2, HTZ)",
    "difference between seven departments",
    "36 clusters, departments mixed within clusters, ICC .10",
    quick=1000,
    functions=("few_clusters.term_tests",),
)
def _joint(random: np.random.Generator, replicates: int) -> Outcome:
    department = random.choice(7, size=len(CLUSTERS), p=[0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05])
    design = np.column_stack([np.ones(len(CLUSTERS)), *(department == level for level in range(1, 7))])
    fit = clustered.least_squares(design, clustered_noise(random, replicates), CLUSTERS)
    tests = [
        clustered.joint_test(
            fit._replace(coefficients=fit.coefficients[:, [i]], contributions=fit.contributions[:, :, [i]]),
            range(1, 7),
        )
        for i in range(replicates)
    ]
    return None, np.array([test[3] < 1 - CONFIDENCE for test in tests])


THREE_ITEMS = Codebook.model_validate(
    {
        "instrument": {"name": "Three items"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": "listening"}],
        "items": [
            {"id": f"listening_{i}", "dimension": "listening", "response": "agreement", "text": "..."} for i in "123"
        ],
    }
)
LOADINGS = np.array([0.5, 0.65, 0.8])


def three_items(random: np.random.Generator, icc: float) -> pd.DataFrame:
    """Draw the answers of 432 managers to three items with one factor; every item has the given ICC."""
    correlation = np.outer(LOADINGS, LOADINGS) + np.diag(1 - LOADINGS**2)
    spread = np.linalg.cholesky(correlation).T
    between = random.normal(size=(len(SIZES), 3))[CLUSTERS] * np.sqrt(icc)
    answers = (between + random.normal(size=(len(CLUSTERS), 3)) * np.sqrt(1 - icc)) @ spread
    frame = pd.DataFrame(answers, columns=[item.id for item in THREE_ITEMS.items])
    return frame.assign(side="manager", cluster_id=CLUSTERS, respondent_id=np.arange(len(CLUSTERS)))


def _reliability(
    random: np.random.Generator, replicates: int, coefficient: str, truth: float, icc: float = 0.1
) -> Outcome:
    found = [scales.reliability(three_items(random, icc), THREE_ITEMS, "manager") for _ in range(replicates)]
    table = pd.concat(found)
    return held(table[table["coefficient"] == coefficient], truth), None


ALPHA = 3 / 2 * (1 - 3 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum()))
OMEGA = LOADINGS.sum() ** 2 / (LOADINGS.sum() ** 2 + (1 - LOADINGS**2).sum())


@register(
    "alpha",
    "Cronbach's alpha (jackknife)",
    "alpha of three items",
    "36 clusters, items with ICC .10",
    quick=100,
    functions=("internal_consistency.coefficients", "scales.reliability"),
)
def _alpha(random: np.random.Generator, replicates: int) -> Outcome:
    return _reliability(random, replicates, "alpha", ALPHA)


@register(
    "alpha, alike",
    "Cronbach's alpha (jackknife)",
    "alpha of three items",
    "36 clusters, items with ICC .30",
    quick=60,
    functions=("internal_consistency.coefficients", "scales.reliability"),
)
def _alpha_alike(random: np.random.Generator, replicates: int) -> Outcome:
    return _reliability(random, replicates, "alpha", ALPHA, icc=0.3)


@register(
    "omega",
    "omega total (jackknife)",
    "omega of three items",
    "36 clusters, items with ICC .10",
    quick=100,
    functions=("internal_consistency.coefficients", "scales.reliability"),
)
def _omega(random: np.random.Generator, replicates: int) -> Outcome:
    return _reliability(random, replicates, "omega", OMEGA)


@register(
    "ICC(1)",
    "ICC(1) (analysis of variance)",
    "likeness of managers of one HR partner, .10",
    "36 unequal groups",
    quick=400,
    functions=("agreement.group_reliability", "aggregation.told_apart"),
)
def _icc(random: np.random.Generator, replicates: int) -> Outcome:
    frame = long(clustered_noise(random, replicates))
    found = agreement.group_reliability(frame, "cluster_id", "value", by=["replicate"])
    return held(found[found["coefficient"] == "ICC(1)"], 0.1), None


@register(
    "r_wg(j)",
    "r_wg(j) (jackknife)",
    "agreement of all managers on three items",
    "36 clusters, ICC .10",
    quick=60,
    functions=("agreement.within_group", "scales.within_group"),
)
def _within(random: np.random.Generator, replicates: int) -> Outcome:
    spread = 1 - 0.9**2 / agreement.expected_variance(1, 5)
    truth = 3 * spread / (3 * spread + 1 - spread)
    items = [item.id for item in THREE_ITEMS.items]
    covered = []
    for _ in range(replicates):
        frame = three_items(random, icc=0.1)
        frame[items] = 3 + 0.9 * frame[items]
        found = scales.within_group(frame.assign(unit="all"), THREE_ITEMS, "unit", "manager")
        covered.append(held(found[found["coefficient"] == "r_wg"], truth)[0])
    return np.array(covered), None


@register(
    "average deviation",
    "AD (jackknife)",
    "mean absolute deviation of three items, .9 SD",
    "36 clusters, ICC .10",
    quick=40,
    functions=("agreement.within_group", "scales.within_group"),
)
def _average_deviation(random: np.random.Generator, replicates: int) -> Outcome:
    items = [item.id for item in THREE_ITEMS.items]
    covered = []
    for _ in range(replicates):
        frame = three_items(random, icc=0.1)
        frame[items] = 3 + 0.9 * frame[items]
        found = scales.within_group(frame.assign(unit="all"), THREE_ITEMS, "unit", "manager")
        covered.append(held(found[found["coefficient"] == "AD"], 0.9 * np.sqrt(2 / np.pi))[0])
    return np.array(covered), None


def partnerships(random: np.random.Generator, waves: int = 1) -> pd.DataFrame:
    """Draw both views of 432 partnerships: variance 15 % HR partner, 35 % relationship, 50 % noise."""
    shared = np.sqrt(0.15) * random.normal(size=len(SIZES))[CLUSTERS]
    shared = shared + np.sqrt(0.35) * random.normal(size=len(CLUSTERS))
    names = {"partnership_id": np.arange(len(CLUSTERS)), "hr_id": CLUSTERS, "cluster_id": CLUSTERS}
    names |= {"manager_id": 1000 + np.arange(len(CLUSTERS)), "dimension": "trust"}
    frames = []
    for wave in range(waves):
        views = shared[:, None] + np.sqrt(0.5) * random.normal(size=(len(CLUSTERS), 2))
        frames.append(pd.DataFrame(names).assign(wave=wave, hr=views[:, 0] + 0.3, manager=views[:, 1]))
    return pd.concat(frames, ignore_index=True)


def _dyads(random: np.random.Generator, replicates: int, estimate: Callable, truth: float) -> Outcome:
    """Collect one interval per simulated study from a function of the pairs."""
    found = pd.DataFrame([estimate(partnerships(random)) for _ in range(replicates)])
    return held(found, truth), None


@register(
    "perception gap",
    "mixed model of differences (REML, CR2)",
    "HR less manager, .3 SD",
    "432 pairs of 36 HR partners, differences alike within partners, .23",
    quick=100,
    functions=(
        "dyads.perception_gap",
        "clustered.mixed_mean",
    ),
)
def _gap(random: np.random.Generator, replicates: int) -> Outcome:
    covered = []
    for _ in range(replicates):
        pairs = partnerships(random)
        pairs["hr"] += np.sqrt(0.3) * random.normal(size=len(SIZES))[CLUSTERS]
        covered.append(held(dyads.perception_gap(pairs), 0.3)[0])
    return np.array(covered), ~np.array(covered)


@register(
    "agreement of two sides",
    "ICC(A,1) (jackknife)",
    "absolute agreement",
    "432 pairs of 36 HR partners",
    quick=80,
    functions=("dyads.similarity",),
)
def _concordance(random: np.random.Generator, replicates: int) -> Outcome:
    return _dyads(random, replicates, lambda pairs: dyads.similarity(pairs).iloc[0], 2 * 0.5 / (2 + 0.3**2))


@register(
    "correlation of two sides",
    "correlation of pairs (jackknife)",
    "same order",
    "432 pairs of 36 HR partners",
    quick=60,
    functions=("dyads.similarity",),
)
def _pair_correlation(random: np.random.Generator, replicates: int) -> Outcome:
    return _dyads(random, replicates, lambda pairs: dyads.similarity(pairs).iloc[1], 0.5)


@register(
    "tracking within HR partners",
    "truth-and-bias regression (CR2)",
    "slope within HR partners",
    "432 pairs, 36 partners",
    quick=40,
    functions=("dyads.accuracy",),
)
def _tracking(random: np.random.Generator, replicates: int) -> Outcome:
    return _dyads(random, replicates, lambda pairs: dyads.accuracy(pairs).iloc[1], 0.35 / 0.85)


def _component(random: np.random.Generator, replicates: int, position: int, truth: float) -> Outcome:
    rows = []
    for _ in range(replicates):
        pairs = partnerships(random, waves=2)
        scores = pairs.assign(side="manager", respondent_id=pairs["manager_id"], rated_id=pairs["hr_id"])
        rows.append(dyads.variance_components(scores, "manager").iloc[position])
    return held(pd.DataFrame(rows), truth), None


@register(
    "share of the HR partner",
    "variance components (Wald's F)",
    "15 % of variance",
    "864 ratings of 432 pairs, 36 partners",
    quick=60,
    functions=("dyads.variance_components",),
)
def _partner_share(random: np.random.Generator, replicates: int) -> Outcome:
    return _component(random, replicates, 0, 15)


@register(
    "share of the relationship",
    "variance components (Wald's F)",
    "35 % of variance",
    "864 ratings of 432 pairs, 36 partners",
    quick=60,
    functions=("dyads.variance_components",),
)
def _relationship_share(random: np.random.Generator, replicates: int) -> Outcome:
    return _component(random, replicates, 1, 35)


def _no_share(random: np.random.Generator, replicates: int, share: float, partners: int) -> Outcome:
    chosen, rows = partners > CLUSTERS, []
    for _ in range(replicates):
        rating = np.sqrt(share) * random.normal(size=len(SIZES))[CLUSTERS]
        rating = rating + np.sqrt(1 - share) * random.normal(size=len(CLUSTERS))
        frame = pd.DataFrame({**RATERS, "hr_id": CLUSTERS, "rated_id": CLUSTERS, "score_100": rating})
        frame = frame.assign(side="manager", wave="1", dimension="trust", partnership_id=frame["respondent_id"])
        rows.append(dyads.variance_components(frame[chosen]).iloc[0])
    found = pd.DataFrame(rows)
    return held(found, 100 * share), (found["p_value"] < 0.05).to_numpy() if share == 0 else None


@register(
    "no share of the HR partner",
    "variance components (Wald's F)",
    "0 % of variance; null: HR partners do not differ",
    "432 ratings of 36 partners",
    quick=100,
    expected=(0.93, 1.0),
    functions=("dyads.variance_components",),
    stated="Where HR partners do not differ at all, the interval of their share held 0 in {coverage} of {replicates} "
    "simulated studies: only its upper end can miss, so that 97.5 % are expected.",
)
def _no_partner_share(random: np.random.Generator, replicates: int) -> Outcome:
    return _no_share(random, replicates, 0.0, 36)


@register(
    "share of these HR partners",
    "analysis of variance (noncentral F)",
    "between three HR partners as they are, 15 % of variance in the long run",
    "28 ratings of 3 partners",
    quick=100,
    functions=("dyads.these_partners",),
)
def _share_of_these(random: np.random.Generator, replicates: int) -> Outcome:
    partner, covered = np.repeat(np.arange(3), [11, 9, 8]), []
    raters = {"respondent_id": range(28), "cluster_id": partner, "hr_id": partner, "rated_id": partner}
    for _ in range(replicates):
        own = np.sqrt(0.15) * random.normal(size=3)[partner]
        frame = pd.DataFrame({**raters, "score_100": own + np.sqrt(0.85) * random.normal(size=28)})
        found = dyads.these_partners(frame.assign(side="manager", dimension="trust"))
        covered.append(held(found, 100 * np.var(own) / (np.var(own) + 0.85))[0])
    return np.array(covered), None


@register(
    "small share of eight HR partners",
    "variance components (Wald's F)",
    "3 % of variance",
    "39 ratings of 8 partners",
    quick=100,
    functions=("dyads.variance_components",),
)
def _small_partner_share(random: np.random.Generator, replicates: int) -> Outcome:
    return _no_share(random, replicates, 0.03, 8)


@register(
    "dyadic reciprocity",
    "reciprocity (jackknife)",
    "correlation of both views within HR partners, .41",
    "432 pairs of 36 HR partners",
    quick=60,
    functions=("dyads.reciprocity",),
)
def _reciprocity(random: np.random.Generator, replicates: int) -> Outcome:
    return _dyads(random, replicates, lambda pairs: dyads.reciprocity(pairs).iloc[1], 0.35 / 0.85)


def informed(random: np.random.Generator, error: float = 0.5, apart: float = 0.5) -> pd.DataFrame:
    """Draw pairs whose HR partner knows what the manager means, but for a deviation, and whose outcomes go with one's
    own rating alone."""
    manager = np.sqrt(0.15) * random.normal(size=len(SIZES))[CLUSTERS] + np.sqrt(0.85) * random.normal(
        size=len(CLUSTERS)
    )
    hr = manager + apart * random.normal(size=len(CLUSTERS))
    names = {"partnership_id": np.arange(len(CLUSTERS)), "hr_id": CLUSTERS, "cluster_id": CLUSTERS, "wave": "1"}
    names |= {"manager_id": 1000 + np.arange(len(CLUSTERS)), "dimension": "trust"}
    names |= {"hr_error": error, "manager_error": error}
    noise = np.sqrt(error) * random.normal(size=(2, len(CLUSTERS)))
    both = 0.5 * random.normal(size=len(CLUSTERS))
    outcomes = [0.6 * view + both + 0.8 * random.normal(size=len(CLUSTERS)) for view in (hr, manager)]
    names |= {"hr_outcome": outcomes[0], "manager_outcome": outcomes[1]}
    return pd.DataFrame(names).assign(hr=hr + noise[0], manager=manager + noise[1])


@register(
    "tracking less error",
    "tracking less error of measurement (Fieller)",
    "slope within HR partners, 1",
    "432 pairs of 36 HR partners, reliability .63 within partners",
    quick=60,
    functions=("errors_in_variables.tracking",),
)
def _tracking_less_error(random: np.random.Generator, replicates: int) -> Outcome:
    rows = [errors_in_variables.tracking(informed(random)).iloc[0] for _ in range(replicates)]
    return held(pd.DataFrame(rows), 1.0), None


@register(
    "agreement less error",
    "correlation of pairs less error (jackknife)",
    "correlation of what both sides mean, .89",
    "432 pairs of 36 HR partners, reliability .67 and .71",
    quick=60,
    functions=("errors_in_variables.agreement",),
)
def _agreement_less_error(random: np.random.Generator, replicates: int) -> Outcome:
    rows = [errors_in_variables.agreement(informed(random)).iloc[1] for _ in range(replicates)]
    return held(pd.DataFrame(rows), 1 / np.sqrt(1.25)), None


@register(
    "partner effect less error",
    "actor-partner model less error (jackknife)",
    "other side's rating, truly 0",
    "432 pairs of 36 HR partners, reliability .67 and .80, views correlate .71",
    quick=40,
    functions=("errors_in_variables.joint_actor_partner",),
)
def _partner_less_error(random: np.random.Generator, replicates: int) -> Outcome:
    found = [errors_in_variables.joint_actor_partner(informed(random, apart=1.0)) for _ in range(replicates)]
    table = pd.concat(found).query("side == 'manager' and effect == 'partner'")
    covered = held(table, 0.0)
    return covered, ~covered


@register(
    "departments of HR partners",
    "variance between groups (CR2, Q-profile)",
    "no variance between six departments; null: they do not differ",
    "36 HR partners in six departments, ICC .10",
    quick=60,
    expected=(0.93, 1.0),
    functions=("between_groups.variance_share",),
    stated="Where departments do not differ, the interval of their share held 0 in {coverage} of {replicates} "
    "simulated studies: only its upper end can miss, so that 97.5 % are expected.",
)
def _departments(random: np.random.Generator, replicates: int) -> Outcome:
    frame = long(clustered_noise(random, replicates)).assign(department=lambda rows: rows["cluster_id"] % 6)
    found = between_groups.variance_share(frame, "department", "value", by=["replicate"])
    return held(found, 0.0), (found["p_value"] < 0.05).to_numpy()


CAUTIOUS = (
    "A predictor without any effect was called better than a random one in {null_rate} of {replicates} simulated "
    "studies, where 5 % would be expected: the comparison with a random predictor is cautious, and a driver that does "
    "not pass it may still matter."
)
PREDICTORS = list("abcde")
EFFECTS = np.array([0.4, 0.25, 0.15, 0.05, 0.0])
#: Predictors correlate .40, but for the last, which is unrelated to everything.
RELATED = np.block([[np.full((4, 4), 0.4) + 0.6 * np.eye(4), np.zeros((4, 1))], [np.zeros((1, 4)), np.ones((1, 1))]])


def true_weights(divide: Callable) -> np.ndarray:
    """Weights in the population."""
    shared = RELATED @ EFFECTS
    covariance = np.block([[RELATED, shared[:, None]], [shared[None], EFFECTS @ shared + 1]])
    spread = np.sqrt(np.diag(covariance))
    return divide((covariance / np.outer(spread, spread))[None])[0]


def _importance(random: np.random.Generator, replicates: int, method: str, divide: Callable) -> Outcome:
    """Coverage over the four predictors that matter; how often the one that does not is called better than random."""
    truth, root = true_weights(divide), np.linalg.cholesky(RELATED)
    covered, called = [], []
    for _ in range(replicates):
        values = clustered_noise(random, len(PREDICTORS)) @ root.T
        frame = pd.DataFrame(values, columns=PREDICTORS).assign(**RATERS)
        frame["outcome"] = values @ EFFECTS + clustered_noise(random, 1)[:, 0]
        seed = int(random.integers(2**31))
        found = dominance.importance(frame, "outcome", PREDICTORS, method=method, bootstrap=300, seed=seed)
        found = found.set_index("predictor").loc[PREDICTORS]
        covered.append((found["low"] <= truth) & (truth <= found["high"]))
        called.append(found["beats_random"].iloc[-1])
    return np.array(covered)[:, :4].ravel(), np.array(called)


@register(
    "general dominance",
    "general dominance (cluster bootstrap)",
    "weights of four of five predictors; null: fifth beats a random one",
    "36 clusters, ICC .10, predictors correlate .40",
    quick=60,
    null=(0.0, 0.05),
    stated=CAUTIOUS,
    functions=("dominance.importance",),
)
def _dominance(random: np.random.Generator, replicates: int) -> Outcome:
    return _importance(random, replicates, "general dominance", dominance.general_dominance)


@register(
    "relative weights",
    "relative weights (cluster bootstrap)",
    "weights of four of five predictors; null: fifth beats a random one",
    "36 clusters, ICC .10, predictors correlate .40",
    quick=60,
    null=(0.0, 0.05),
    stated=CAUTIOUS,
    functions=("dominance.importance",),
)
def _relative_weights(random: np.random.Generator, replicates: int) -> Outcome:
    return _importance(random, replicates, "relative weights", dominance.relative_weights)


@register(
    "raked mean",
    "weighted mean (raked, CR2)",
    "mean of everybody invited, by those who answered",
    "36 clusters, two departments that answer at 80 % and 40 %, ICC .10",
    quick=80,
    functions=("weighting.weighted_mean",),
)
def _raked(random: np.random.Generator, replicates: int) -> Outcome:
    covered = []
    sales = CLUSTERS % 3 == 0
    for values in (clustered_noise(random, replicates) + sales[:, None]).T:
        roster = pd.DataFrame({"department": sales, "value": values, "cluster_id": CLUSTERS})
        answered = roster[random.random(len(roster)) < np.where(sales, 0.4, 0.8)]
        raked = weighting.rake(answered, weighting.margins(roster, ["department"]))
        found = weighting.weighted_mean(answered.assign(weight=raked.weights), "value", raked_to=["department"])
        covered.append(held(found, sales.mean())[0])
    return np.array(covered), None


@register(
    "change between waves",
    "mixed model by least squares (CR2)",
    "change of everybody, some answered once",
    "36 clusters, 60 % answered both waves, ICC .10",
    quick=50,
    functions=("change.between_waves",),
)
def _change(random: np.random.Generator, replicates: int) -> Outcome:
    covered = []
    for _ in range(replicates):
        level = np.sqrt(0.6) * clustered_noise(random, 1)[:, 0]
        frames = []
        for wave in ("1", "2"):
            frame = pd.DataFrame({"respondent_id": np.arange(len(CLUSTERS)), "cluster_id": CLUSTERS, "wave": wave})
            frame["score_100"] = level + np.sqrt(0.4) * random.normal(size=len(CLUSTERS))
            frames.append(frame[random.random(len(CLUSTERS)) < 0.77])
        found = change.between_waves(pd.concat(frames, ignore_index=True), "1", "2", by=[])
        covered.append(held(found, 0.0)[0])
    return np.array(covered), ~np.array(covered)


@register(
    "difference of shares",
    "difference (CR2)",
    "share favourable, HR less managers, .80 and .65",
    "36 clusters, two answers per pair, ICC .10 on the latent scale",
    quick=100,
    functions=("clustered.difference",),
)
def _difference_of_shares(random: np.random.Generator, replicates: int) -> Outcome:
    clusters = np.concatenate([CLUSTERS, CLUSTERS])
    cut = stats.norm.ppf(np.repeat([0.65, 0.8], len(CLUSTERS)))
    frame = long((clustered_noise(random, replicates, clusters=clusters) < cut[:, None]).astype(float), clusters)
    frame["side"] = np.tile(np.repeat(["manager", "hr"], len(CLUSTERS)), replicates)
    found = clustered.difference(frame, "value", "side", "manager", "hr", by=["replicate"])
    return held(found, 0.15), ~held(found, 0.15)


@register(
    "contrast",
    "contrast of a regression (CR2)",
    "slope on tenure of one of two sides",
    "36 clusters, two answers per pair, ICC .10",
    quick=60,
    functions=("clustered.contrasts",),
)
def _contrast(random: np.random.Generator, replicates: int) -> Outcome:
    clusters = np.concatenate([CLUSTERS, CLUSTERS])
    frame = pd.DataFrame({"cluster": clusters, "side": np.repeat(["hr", "manager"], len(CLUSTERS))})
    covered = []
    for values in clustered_noise(random, replicates, clusters=clusters).T:
        frame["tenure"], frame["trust"] = clustered_noise(random, 1, 0.3, clusters)[:, 0], values
        slopes = {"managers": {"tenure": 1, "tenure:side[T.manager]": 1}}
        found = clustered.contrasts("trust ~ tenure * side", frame, "cluster", slopes)
        covered.append(held(found, 0.0)[0])
    return np.array(covered), ~np.array(covered)


@register(
    "mean by side",
    "mean and share of scores (CR2)",
    "mean score and share favourable of a dimension",
    "36 clusters, three five-point items, ICC .10",
    quick=60,
    functions=(
        "scales.summary",
        "scales.item_analysis",
        "questions.shares",
        "questions.recommended",
        "answer_quality.with_and_without",
    ),
)
def _summary(random: np.random.Generator, replicates: int) -> Outcome:
    cuts = stats.norm.ppf([0.1, 0.3, 0.6, 0.85])
    truths = {"score_100": 25 * (1 - stats.norm.cdf(cuts)).sum(), "favourable": 40.0}
    covered = []
    for _ in range(replicates):
        frame = three_items(random, icc=0.1)
        items = [item.id for item in THREE_ITEMS.items]
        frame[items] = 1.0 + np.searchsorted(cuts, frame[items])
        found = scales.summary(scales.scores(frame, THREE_ITEMS), by=["side"], measures=list(truths))
        covered.append(held(found, found["measure"].map(truths)))
    return np.ravel(covered), None


def rosters(random: np.random.Generator, replicates: int) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw a roster of 432 managers in seven departments, and per replicate who responded: 70 %, ICC .10."""
    shares = [0.3, 0.2, 0.15, 0.12, 0.1, 0.08, 0.05]
    names = {"person_id": np.arange(len(CLUSTERS)), "hr_id": CLUSTERS}
    roster = pd.DataFrame(names).assign(department=random.choice(list("ABCDEFG"), len(CLUSTERS), p=shares))
    return roster, clustered_noise(random, replicates) < stats.norm.ppf(0.7)


@register(
    "response rate",
    "proportion (Wilson, CR2)",
    "response rate of everybody invited, .70",
    "36 clusters, ICC .10 on the latent scale",
    quick=100,
    functions=("participation.response_rates",),
)
def _response_rate(random: np.random.Generator, replicates: int) -> Outcome:
    roster, responded = rosters(random, replicates)
    every = pd.concat([roster] * replicates, ignore_index=True)
    every["replicate"] = np.repeat(np.arange(replicates), len(roster))
    every["responded"] = responded.ravel("F")
    return held(participation.response_rates(every, ["replicate"], cluster="hr_id"), 70.0), None


@register_parts(
    "logistic regression (CR2)",
    "36 clusters, departments mixed within clusters, ICC .10 on the latent scale",
    {
        "responding": ("term", "odds ratio of responding of one department", {
            "functions": ("few_clusters.few_clusters",),
        }),
        "responding, joint test": ("test", "difference between seven departments", {
            "estimator": "Wald test of a logistic regression (CR2, HTZ)",
            "functions": ("few_clusters.term_tests",),
            "stated": "The joint test whether departments differ in how often they answer called {null_rate} of true "
            "nulls an effect in {replicates} simulated studies, where 5 % would be expected: it is cautious.",
        }),
    },
    quick=40,
)  # fmt: skip
def _responding(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    roster, responded = rosters(random, replicates)
    covered, called = [], []
    for column in responded.T:
        model = smf.logit("responded ~ department", roster.assign(responded=column.astype(float)))
        found = few_clusters.few_clusters(model, cluster="hr_id")
        covered.append(held(found[found["term"] == "department[T.B]"], 1.0)[0])
        called.append(few_clusters.term_tests(model, cluster="hr_id")["p_value"][0] < 0.05)
    return {"term": (np.array(covered), ~np.array(covered)), "test": (None, np.array(called))}


@register(
    "benchmark",
    "mean less an external figure (CR2)",
    "difference of a mean from a benchmark, truly 0",
    "36 clusters, normal answers, ICC .10",
    quick=100,
    functions=("weighting.compare_with_benchmark",),
)
def _benchmark(random: np.random.Generator, replicates: int) -> Outcome:
    found = clustered.mean(long(clustered_noise(random, replicates) + 3.8), "value", by=["replicate"])
    compared = weighting.compare_with_benchmark(found, 3.8, "simulation", 2026)
    return held(compared, 0.0), (compared["p_value"] < 0.05).to_numpy()


@register(
    "half of the clusters",
    "weighted mean (linearised), finite population correction",
    "mean of a company, half of whose HR partners were asked",
    "36 of 72 clusters drawn in two strata, ICC .10",
    quick=80,
    functions=("weighting.weighted_mean",),
)
def _finite(random: np.random.Generator, replicates: int) -> Outcome:
    clusters = np.concatenate([CLUSTERS, CLUSTERS + 36])
    frame = pd.DataFrame({"cluster_id": clusters, "stratum": clusters % 2, "weight": 2.0, "population": 36})
    covered = []
    for values in clustered_noise(random, replicates, clusters=clusters).T:
        drawn = np.concatenate([2 * random.permutation(36)[:18] + stratum for stratum in (0, 1)])
        sample = frame.assign(value=values)[np.isin(clusters, drawn)]
        found = weighting.weighted_mean(sample, "value", strata="stratum", population="population")
        covered.append(held(found, values.mean())[0])
    return np.array(covered), None


@register_parts(
    "coefficients of reliability (jackknife), pairwise",
    "36 clusters, items with ICC .10, 10 % of answers missing",
    {"alpha, pairwise": ("alpha", "alpha of three items"), "omega, pairwise": ("omega", "omega of three items")},
    quick=60,
    functions=("internal_consistency.coefficients", "scales.reliability"),
)
def _pairwise(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    items = [item.id for item in THREE_ITEMS.items]
    found = []
    for _ in range(replicates):
        frame = three_items(random, 0.1)
        frame[items] = frame[items].mask(random.random((len(frame), 3)) < 0.1)
        found.append(scales.reliability(frame, THREE_ITEMS, "manager", missing="pairwise"))
    table = pd.concat(found).set_index("coefficient")
    return {name: (held(table.loc[name], truth), None) for name, truth in (("alpha", ALPHA), ("omega", OMEGA))}


@register(
    "Spearman-Brown",
    "Spearman-Brown (jackknife)",
    "reliability of two items",
    "36 clusters, items with ICC .10",
    quick=60,
    functions=("internal_consistency.coefficients", "scales.reliability"),
)
def _spearman_brown(random: np.random.Generator, replicates: int) -> Outcome:
    items = [item.id for item in THREE_ITEMS.items]
    found = [
        scales.reliability(three_items(random, 0.1).drop(columns=items[0]), THREE_ITEMS, "manager")
        for _ in range(replicates)
    ]
    table, related = pd.concat(found), LOADINGS[1] * LOADINGS[2]
    return held(table[table["coefficient"] == "spearman_brown"], 2 * related / (1 + related)), None


@register_parts(
    "analysis of variance, F",
    "36 unequal groups",
    {
        "ICC(2)": ("ICC(2)", "reliability of the mean of a group", {"estimator": "ICC(2) (analysis of variance)"}),
        "groups differ": ("test", "whether groups differ at all"),
    },
    quick=200,
    functions=("agreement.group_reliability",),
)
def _group_means(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    total = len(CLUSTERS)
    size = (total - np.sum(SIZES**2) / total) / (len(SIZES) - 1)
    by = {"group": "cluster_id", "value": "value", "by": ["replicate"]}
    found = agreement.group_reliability(long(clustered_noise(random, replicates)), **by)
    null = agreement.group_reliability(long(random.normal(size=(total, replicates))), **by)
    two = held(found[found["coefficient"] == "ICC(2)"], size * 0.1 / (1 + (size - 1) * 0.1))
    return {"ICC(2)": (two, None), "test": (None, null["p_value"].to_numpy()[::2] < 0.05)}


@register_parts(
    "agreement in a department (jackknife)",
    "a seventh of 432 managers, of about 30 HR partners, ICC .10",
    {
        "r_wg of a department": ("r_wg", "r_wg(j) of three items"),
        "r_wg of a department, slight skew": ("r_wg slight skew", "r_wg(j) of three items, slight-skew null"),
        "AD of a department": ("AD", "mean absolute deviation of three items"),
    },
    quick=60,
    functions=("agreement.within_group", "scales.within_group"),
)
def _department(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    return _agreement(random, replicates, 3, random.choice(7, len(CLUSTERS)))


@register(
    "agreement beyond chance",
    "agreement beyond groups formed at random (permutation)",
    "members of a group agree no more than people put together at random",
    "36 groups, 432 managers, three five-point items, most answers 4 or 5",
    quick=40,
    functions=("agreement.within_group", "scales.within_group"),
)
def _beyond_chance(random: np.random.Generator, replicates: int) -> Outcome:
    cuts, items = stats.norm.ppf([0.03, 0.08, 0.20, 0.55]), [item.id for item in THREE_ITEMS.items]
    found = []
    for _ in range(replicates):
        frame = three_items(random, icc=0.0).assign(cluster_id=np.arange(len(CLUSTERS)))
        frame[items] = 1.0 + np.searchsorted(cuts, frame[items])
        table = agreement.within_group(frame.assign(unit=CLUSTERS), items, [(1, 5)] * 3, "unit")
        found.append(table.loc[table["coefficient"] == "r_wg", "p_value"].iloc[random.integers(len(SIZES))])
    return None, np.array(found) <= 0.05


@register(
    "unusual combination of answers",
    "Mahalanobis distance (chi-square)",
    "an attentive sheet is called unusual at 5 %",
    "432 sheets of ten normal items that correlate .40",
    quick=400,
    functions=("careless.mahalanobis",),
)
def _unusual(random: np.random.Generator, replicates: int) -> Outcome:
    called = []
    for _ in range(replicates):
        answers = np.sqrt(0.4) * random.normal(size=(432, 1)) + np.sqrt(0.6) * random.normal(size=(432, 10))
        called.append(careless.mahalanobis(pd.DataFrame(answers))["p_value"].iloc[0] < 0.05)
    return None, np.array(called)


#: Correlation of four items within groups and between them; a third of the variance lies between.
ALIKE_WITHIN, ALIKE_BETWEEN = 0.4, 0.7


@register_parts(
    "reliability on two levels (jackknife)",
    "36 clusters, four items, a third of the variance between clusters",
    {
        "reliability within groups": ("within", "alpha of four items among members of a group, .73"),
        "reliability between groups": ("between", "alpha of four items among groups, .90"),
    },
    quick=60,
    functions=("internal_consistency.within_and_between",),
)
def _two_levels(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    names, found = list("abcd"), []
    for _ in range(replicates):
        levels = [
            np.sqrt(alike) * random.normal(size=(rows, 1)) + np.sqrt(1 - alike) * random.normal(size=(rows, 4))
            for rows, alike in ((len(SIZES), ALIKE_BETWEEN), (len(CLUSTERS), ALIKE_WITHIN))
        ]
        frame = pd.DataFrame(np.sqrt(0.5) * levels[0][CLUSTERS] + levels[1], columns=names).assign(team=CLUSTERS)
        found.append(internal_consistency.within_and_between(frame, names, "team"))
    table = pd.concat(found).query("coefficient == 'alpha'").set_index("level")
    truths = {"within": ALIKE_WITHIN, "between": ALIKE_BETWEEN}
    return {level: (held(table.loc[[level]], 4 * each / (1 + 3 * each)), None) for level, each in truths.items()}


@register_parts(
    "agreement on one item (jackknife)",
    "36 clusters, ICC .10",
    {
        "r_wg of one item": ("r_wg", "r_wg"),
        "r_wg of one item, slight skew": ("r_wg slight skew", "r_wg, slight-skew null"),
    },
    quick=60,
    functions=("agreement.within_group", "scales.within_group"),
)
def _one_item(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    return _agreement(random, replicates, 1, np.zeros(len(CLUSTERS), int))


def _agreement(random: np.random.Generator, replicates: int, items: int, groups: np.ndarray) -> dict[str, Outcome]:
    """Agreement of the first group on the first items, each with a standard deviation of .9 points."""
    names = [item.id for item in THREE_ITEMS.items]
    truths = {"AD": 0.9 * np.sqrt(2 / np.pi)}
    for name, null in (("r_wg", "uniform"), ("r_wg slight skew", "slight skew")):
        one = 1 - 0.9**2 / agreement.expected_variance(1, 5, null)
        truths[name] = items * one / (items * one + 1 - one)
    found = []
    for _ in range(replicates):
        frame = three_items(random, icc=0.1).assign(unit=groups)
        frame = (3 + 0.9 * frame[names[:items]]).join(frame.drop(columns=names))
        found.append(scales.within_group(frame[frame["unit"] == 0], THREE_ITEMS, "unit", "manager"))
    table = pd.concat(found).set_index("coefficient")
    return {name: (held(table.loc[[name]], truth), None) for name, truth in truths.items()}


#: Overall likeness of two profiles of six dimensions, and how differently HR partners see.
PROFILE_LEVEL, PROFILE_SPREAD = np.linspace(-0.8, 0.8, 6), 0.2


def profiles(random: np.random.Generator, clusters: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw both sides' deviations from the mean profile: pairs x 6; how far they agree differs by HR partner."""
    alike = np.tanh(0.4 + PROFILE_SPREAD * random.normal(size=clusters.max() + 1))[clusters, None]
    hr = random.normal(size=(len(clusters), 6))
    return hr, alike * hr + np.sqrt(1 - alike**2) * random.normal(size=hr.shape)


@functools.cache
def true_profiles() -> dict[str, float]:
    """Mean similarity of 600,000 pairs."""
    hr, manager = profiles(np.random.default_rng(1), np.repeat(np.arange(50_000), 12))
    found = {}
    for name, level in (("overall", PROFILE_LEVEL), ("distinctive", 0)):
        x, y = ((side + level) - (side + level).mean(axis=1, keepdims=True) for side in (hr, manager))
        related = (x * y).sum(axis=1) / np.sqrt((x**2).sum(axis=1) * (y**2).sum(axis=1))
        found[name] = float(np.tanh(np.arctanh(np.clip(related, -0.999, 0.999)).mean()))
    return found


@register_parts(
    "profile similarity (mean of Fisher's z, CR2)",
    "432 pairs of 36 HR partners, six dimensions",
    {
        "profile similarity": ("overall", "likeness of two profiles"),
        "distinctive similarity": ("distinctive", "likeness of two profiles, less the mean profile"),
    },
    quick=60,
    functions=("dyads.profile_similarity",),
)
def _profile(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    pair = np.repeat(np.arange(len(CLUSTERS)), 6)
    names = {"partnership_id": pair, "hr_id": CLUSTERS[pair], "cluster_id": CLUSTERS[pair], "manager_id": 1000 + pair}
    frame = pd.DataFrame(names).assign(wave=1, dimension=np.tile(np.arange(6), len(CLUSTERS)))
    found = []
    for _ in range(replicates):
        hr, manager = ((PROFILE_LEVEL + side).ravel() for side in profiles(random, CLUSTERS))
        found.append(dyads.profile_similarity(frame.assign(hr=hr, manager=manager)))
    table = pd.concat(found).set_index("coefficient")
    return {name: (held(table.loc[name], truth), None) for name, truth in true_profiles().items()}


@register_parts(
    "truth-and-bias regression (CR2)",
    "432 pairs, 36 partners, HR's view alike within partners, .10",
    {
        "bias": ("bias", "HR's view less the manager's, 5"),
        "tracking between": ("between", "slope between HR partners, .8"),
    },
    quick=60,
    functions=("dyads.accuracy",),
)
def _bias(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    found = []
    for _ in range(replicates):
        pairs = partnerships(random)
        partner = pairs.groupby("cluster_id")["manager"].transform("mean")
        judged = 5 + pairs["manager"].mean() + 0.4 * (pairs["manager"] - partner)
        pairs["hr"] = judged + 0.8 * (partner - pairs["manager"].mean()) + clustered_noise(random, 1)[:, 0]
        found.append(dyads.accuracy(pairs))
    table = pd.concat(found).set_index("term")
    truths = {"bias": ("bias", 5.0), "between": ("tracking between HR partners", 0.8)}
    return {part: (held(table.loc[term], truth), None) for part, (term, truth) in truths.items()}


@register(
    "share of the HR partner, one wave",
    "variance components (Wald's F)",
    "15 % of variance, relationship and noise not told apart",
    "432 ratings of 36 partners",
    quick=60,
    functions=("dyads.variance_components",),
)
def _one_wave(random: np.random.Generator, replicates: int) -> Outcome:
    rows = []
    for _ in range(replicates):
        pairs = partnerships(random)
        scores = pairs.assign(side="manager", respondent_id=pairs["manager_id"], rated_id=pairs["hr_id"])
        rows.append(dyads.variance_components(scores, "manager").iloc[0])
    return held(pd.DataFrame(rows), 15), None


@register_parts(
    "actor-partner regression (CR2)",
    "432 pairs of 36 HR partners, outcomes alike within partners, .10",
    {"actor effect": ("actor", "own rating, .4 per SD"), "partner effect": ("partner", "other side's rating, truly 0")},
    quick=40,
    functions=("dyads.actor_partner", "dyads.apim"),
)
def _actor_partner(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    found = []
    for _ in range(replicates):
        pairs, noise = partnerships(random), clustered_noise(random, 2)
        outcomes = {
            "hr_outcome": 0.4 * pairs["hr"] + noise[:, 0],
            "manager_outcome": 0.4 * pairs["manager"] + noise[:, 1],
        }
        found.append(dyads.actor_partner(pairs.assign(**outcomes)))
    table = pd.concat(found)
    table = table[table["side"] == "manager"].set_index("effect")
    null = held(table.loc["partner"], 0.0)
    return {"actor": (held(table.loc["actor"], 0.4), None), "partner": (null, ~null)}


#: Coefficients of x, y, x^2, xy, y^2, and what a1 to a5 follow from them.
SURFACE = np.array([0.3, 0.2, -0.1, 0.15, -0.05])
PARAMETERS = {"a1": 0.5, "a2": 0.0, "a3": 0.1, "a4": -0.3, "a5": -0.05}


def surfaces(random: np.random.Generator, coefficients: np.ndarray) -> pd.DataFrame:
    """Draw prepared pairs whose outcome lies on a known surface."""
    pairs = partnerships(random)
    pairs = pairs.assign(x=pairs["hr"], y=pairs["manager"])
    terms = np.column_stack([pairs["x"], pairs["y"], pairs["x"] ** 2, pairs["x"] * pairs["y"], pairs["y"] ** 2])
    return pairs.assign(outcome=terms @ coefficients + clustered_noise(random, 1)[:, 0])


@register_parts(
    "response surface (CR2)",
    "432 pairs of 36 HR partners, outcome alike within partners, .10",
    {f"surface {term}": (term, f"{response_surface.MEANING[term]} ({term})") for term in PARAMETERS},
    quick=40,
    functions=("response_surface.parameters",),
)
def _surface(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    found = pd.concat([response_surface.parameters(surfaces(random, SURFACE)) for _ in range(replicates)])
    found = found.set_index("term")
    outcomes = {term: (held(found.loc[term], truth), None) for term, truth in PARAMETERS.items()}
    return outcomes | {"a2": (outcomes["a2"][0], (found.loc["a2", "p_value"] < 0.05).to_numpy())}


def ordered_answers(
    random: np.random.Generator, effects: np.ndarray, values: np.ndarray, icc: float = 0.1
) -> np.ndarray:
    """Draw answers 1 to 4 with known odds ratios: logistic errors that are alike within clusters."""
    error = stats.logistic.ppf(stats.norm.cdf(clustered_noise(random, 1, icc)[:, 0]))
    return 1 + np.searchsorted([-1.5, 0.0, 1.5], values @ effects + error)


@register_parts(
    "proportional odds (CR2)",
    "36 clusters, four answers, ICC .10 on the latent scale",
    {
        "odds ratio": ("x0", "odds ratio of a respondent's attribute, log .5"),
        "odds ratio of none": ("x1", "odds ratio of a respondent's attribute, truly 1"),
        "odds ratio, HR partner's": ("x2", "odds ratio of an HR partner's attribute, truly 1"),
        "threshold": ("threshold 2|3", "cut point between the second and third answer"),
    },
    quick=40,
    functions=("ordinal.proportional_odds", "few_clusters.few_clusters"),
)
def _proportional_odds(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    found = []
    for _ in range(replicates):
        values = np.column_stack([clustered_noise(random, 2), random.normal(size=len(SIZES))[CLUSTERS]])
        answers = ordered_answers(random, np.array([0.5, 0, 0]), values)
        frame = pd.DataFrame(values, columns=["x0", "x1", "x2"]).assign(answer=answers, **RATERS)
        found.append(ordinal.proportional_odds(frame, "answer", ["x0", "x1", "x2"]))
    table = pd.concat(found).set_index("term")
    outcomes = {name: held(table.loc[name], truth) for name, truth in (("x0", np.exp(0.5)), ("threshold 2|3", 0.0))}
    outcomes = {name: (covered, None) for name, covered in outcomes.items()}
    for name in ("x1", "x2"):
        outcomes[name] = (held(table.loc[name], 1.0), (table.loc[name, "p_value"] < 0.05).to_numpy())
    return outcomes


@register_parts(
    "parallel lines (Brant, jackknife, Hotelling)",
    "36 clusters, four answers, ICC .10 on the latent scale, odds truly proportional",
    {"parallel lines": ("all predictors", "both predictors"), "parallel lines of one": ("x0", "one predictor")},
    quick=40,
    functions=("ordinal.parallel_lines",),
)
def _parallel_lines(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    found = []
    for _ in range(replicates):
        values = clustered_noise(random, 2)
        answers = ordered_answers(random, np.array([0.5, 0.2]), values)
        frame = pd.DataFrame(values, columns=["x0", "x1"]).assign(answer=answers, **RATERS)
        found.append(ordinal.parallel_lines(frame, "answer", ["x0", "x1"]))
    table = pd.concat(found).set_index("predictor")
    return {name: (None, (table.loc[name, "p_value"] < 0.05).to_numpy()) for name in ("all predictors", "x0")}


ORDERED_EFFECTS = np.array([0.8, 0.5, 0.3])


def ordered_study(random: np.random.Generator, clusters: np.ndarray) -> pd.DataFrame:
    """Draw three related predictors of an ordered answer."""
    values = clustered_noise(random, 3, clusters=clusters) + 0.7 * clustered_noise(random, 1, clusters=clusters)
    error = stats.logistic.ppf(stats.norm.cdf(clustered_noise(random, 1, clusters=clusters)[:, 0]))
    answer = 1 + np.searchsorted([-1.5, 0.0, 1.5], values @ ORDERED_EFFECTS + error)
    raters = {"cluster_id": clusters, "respondent_id": np.arange(len(clusters))}
    return pd.DataFrame(values, columns=list("abc")).assign(answer=answer, **raters)


@functools.cache
def true_dominance() -> pd.Series:
    """Weights in a study of 60,000 managers."""
    frame = ordered_study(np.random.default_rng(1), np.repeat(np.arange(5_000), 12))
    return ordinal.dominance(frame, "answer", list("abc")).set_index("predictor")["estimate"]


@register(
    "dominance of ordered answers",
    "general dominance of McFadden's R-squared (jackknife)",
    "weights of three predictors",
    "36 clusters, four answers, ICC .10 on the latent scale",
    quick=30,
    functions=("ordinal.dominance",),
)
def _ordinal_dominance(random: np.random.Generator, replicates: int) -> Outcome:
    covered = []
    for _ in range(replicates):
        found = ordinal.dominance(ordered_study(random, CLUSTERS), "answer", list("abc"))
        covered.append(held(found, found["predictor"].map(true_dominance())))
    return np.ravel(covered), None


#: Four items of each of two factors that correlate .3; a third of the items load on both.
PATTERN = np.array([[0.8, 0], [0.7, 0], [0.7, 0.2], [0.6, 0], [0, 0.8], [0.2, 0.6], [0, 0.7], [0, 0.6]])
RELATED_FACTORS = np.array([[1, 0.3], [0.3, 1]])
EIGHT_ITEMS = Codebook.model_validate(
    {
        "instrument": {"name": "Eight items"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": "first"}, {"id": "second"}],
        "items": [
            {"id": f"item_{i}", "dimension": "first" if i < 4 else "second", "response": "agreement", "text": "..."}
            for i in range(8)
        ],
    }
)


def implied(pattern: np.ndarray) -> np.ndarray:
    """Correlations of items with a pattern of loadings."""
    correlation = pattern @ RELATED_FACTORS[: pattern.shape[1], : pattern.shape[1]] @ pattern.T
    np.fill_diagonal(correlation, 1)
    return correlation


def items_of(
    random: np.random.Generator, correlation: np.ndarray, side: str = "manager", clusters: np.ndarray = CLUSTERS
) -> pd.DataFrame:
    """Draw managers' answers with given correlations, each item alike within clusters, .10; 432 by default."""
    answers = clustered_noise(random, len(correlation), clusters=clusters) @ np.linalg.cholesky(correlation).T
    frame = pd.DataFrame(answers, columns=[f"item_{i}" for i in range(len(correlation))])
    return frame.assign(side=side, cluster_id=clusters, respondent_id=[f"{side} {i}" for i in range(len(clusters))])


def loadings_in_population() -> tuple[np.ndarray, np.ndarray]:
    """Pattern and correlation of the factors to which the population's loadings are turned."""
    fit = factor.fit(implied(PATTERN), 2)
    pattern, related = factor.rotate(fit.loadings, "oblimin")
    return pattern, related


@register_parts(
    "factor loadings (jackknife)",
    "36 clusters, eight items of two factors, ICC .10",
    {
        "main loadings": ("main", "loadings on an item's own factor", {"functions": ("structure.factor_analysis",)}),
        "cross-loadings": ("cross", "loadings on the other factor", {"functions": ("structure.factor_analysis",)}),
        "correlation of factors": ("factors", "correlation of the factors", {
            "estimator": "correlation of factors (jackknife)", "functions": ("structure.factor_analysis",),
        }),
    },
    quick=20,
)  # fmt: skip
def _loadings(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    pattern, related = loadings_in_population()
    own = np.argmax(np.abs(pattern), axis=1)
    main, cross, factors = [], [], []
    for _ in range(replicates):
        found = structure.factor_analysis(items_of(random, implied(PATTERN)), EIGHT_ITEMS, "manager", 2)
        limits = found.loadings[["low", "high"]].to_numpy().reshape(2, 8, 2)
        # the two factors are as strong as each other: match them to those of the population
        estimate = found.loadings["estimate"].to_numpy().reshape(2, 8)
        if abs(estimate[0] @ pattern[:, 0]) < abs(estimate[0] @ pattern[:, 1]):
            limits = limits[::-1]
        inside = (limits[:, :, 0] <= pattern.T) & (limits[:, :, 1] >= pattern.T)
        main.append(inside[own, range(8)])
        cross.append(inside[1 - own, range(8)])
        factors.append(held(found.correlations, related[0, 1])[0])
    return {"main": (np.ravel(main), None), "cross": (np.ravel(cross), None), "factors": (np.array(factors), None)}


@register_parts(
    "parallel analysis",
    "36 clusters, eight items of two factors, ICC .10",
    {
        "number of factors": (
            "number",
            "share of studies in which two factors are found (no interval)",
            {
                "expected": (0.93, 1.0),
                "stated": "Parallel analysis found the two planted factors of eight items in {coverage} of "
                "{replicates} simulated studies of 432 raters of 36 HR partners.",
            },
        ),
        "eigenvalues": ("eigenvalue", "the two largest eigenvalues", {"estimator": "eigenvalues (jackknife)"}),
    },
    quick=20,
    functions=("structure.parallel_analysis",),
)
def _factors_found(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    truth = np.linalg.eigvalsh(implied(PATTERN))[::-1][:2]
    number, covered = [], []
    for _ in range(replicates):
        seed = int(random.integers(2**31))
        frame = items_of(random, implied(PATTERN))
        found = structure.parallel_analysis(frame, EIGHT_ITEMS, "manager", draws=100, seed=seed)
        number.append(found["kept"].sum() == 2)
        covered.append(held(found.iloc[:2], truth))
    return {"number": (np.array(number), None), "eigenvalue": (np.ravel(covered), None)}


THIRTY_ITEMS = Codebook.model_validate(
    {
        "instrument": {"name": "Thirty items"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": f"dimension_{i}"} for i in range(10)],
        "items": [
            {"id": f"item_{i}", "dimension": f"dimension_{i // 3}", "response": "agreement", "text": "..."}
            for i in range(30)
        ],
    }
)
#: 285 managers of 36 HR partners.
LIKE_THE_SAMPLE = np.repeat(np.arange(36), [7] * 3 + [8] * 33)


@register_parts(
    "parallel analysis",
    "36 clusters, 285 raters, thirty items of ten dimensions that correlate .58, ICC .10",
    {
        "ten dimensions, counted": (
            "counted", "share of studies in which more than one factor is found (no interval)",
            {
                "expected": (0.0, 0.3),
                "stated": "Of ten dimensions that correlate by .58 it found more than one factor in {coverage} of "
                "{replicates} simulated studies of 285 raters: it decides nothing alone.",
            },
        ),
        "ten dimensions, fitted": (
            "fitted", "share of studies in which the ten dimensions fit and one factor does not (no interval)",
            {
                "estimator": "fit of models in words", "expected": (0.93, 1.0),
                "stated": "In {coverage} of these {replicates} studies the dimensions fitted and one factor did not.",
            },
        ),
    },
    quick=4,
    functions=("structure.parallel_analysis",),
)  # fmt: skip
def _ten_dimensions(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    correlation = 0.64 * np.kron(0.42 * np.eye(10) + 0.58, np.ones((3, 3)))
    np.fill_diagonal(correlation, 1)
    counted, fitted = [], []
    for _ in range(replicates):
        frame, seed = items_of(random, correlation, clusters=LIKE_THE_SAMPLE), int(random.integers(2**31))
        found = structure.parallel_analysis(frame, THIRTY_ITEMS, "manager", draws=100, seed=seed)
        counted.append(found["kept"].sum() > 1)
        fit = measurement_model.compare(frame, THIRTY_ITEMS, "manager").set_index("model")["fit"]
        fitted.append(fit[measurement_model.ONE] == "poor" and fit[measurement_model.DIMENSIONS] != "poor")
    return {"counted": (np.array(counted), None), "fitted": (np.array(fitted), None)}


@register(
    "no factor",
    "parallel analysis",
    "a first factor is found where the items are unrelated",
    "36 clusters, eight unrelated items, ICC .10",
    quick=20,
    functions=("structure.parallel_analysis",),
)
def _no_factor(random: np.random.Generator, replicates: int) -> Outcome:
    called = []
    for _ in range(replicates):
        seed = int(random.integers(2**31))
        found = structure.parallel_analysis(items_of(random, np.eye(8)), EIGHT_ITEMS, "manager", draws=100, seed=seed)
        called.append(bool(found["kept"].iloc[0]))
    return None, np.array(called)


NINE_ITEMS = Codebook.model_validate(
    {
        "instrument": {"name": "Nine items"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": name} for name in ("first", "second", "third")],
        "items": [
            {
                "id": f"item_{i}",
                "dimension": ("first", "second", "third")[i // 3],
                "response": "agreement",
                "text": "...",
            }
            for i in range(9)
        ],
    }
)


def _general_shares(
    random: np.random.Generator, replicates: int, related: float, clusters: np.ndarray = CLUSTERS
) -> dict[str, Outcome]:
    """Omega hierarchical of nine items of three dimensions, of both models; against nothing where there is none."""
    general = np.full((9, 1), 0.8 * np.sqrt(related))
    correlation = general @ general.T + np.kron(np.eye(3), np.full((3, 3), 0.64 * (1 - related)))
    np.fill_diagonal(correlation, 1)
    truth = float(general.sum() ** 2 / correlation.sum())
    covered: dict[str, list[bool]] = {measurement_model.GENERAL: [], measurement_model.BEHIND: []}
    beyond: dict[str, list[bool]] = {name: [] for name in covered}
    for _ in range(replicates):
        found = measurement_model.general_share(items_of(random, correlation, clusters=clusters), NINE_ITEMS, "manager")
        for name, inside, low in zip(found["model"], held(found, truth), found["low"]):
            covered[name].append(bool(inside))
            beyond[name].append(low > 0)
    if related:
        return {name: (np.array(values), None) for name, values in covered.items()}
    return {name: (None, np.array(values)) for name, values in beyond.items()}


_TWO_MODELS = {"bifactor": measurement_model.GENERAL, "second-order": measurement_model.BEHIND}


@register_parts(
    "omega hierarchical (jackknife)",
    "36 clusters, 432 raters, dimensions that correlate .40, ICC .10",
    {
        f"omega hierarchical, {name}": (part, f"share of what nine items of three dimensions share, .60: {name} model")
        for name, part in _TWO_MODELS.items()
    },
    quick=10,
    functions=("measurement_model.general_share",),
)
def _omega_hierarchical(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    return _general_shares(random, replicates, 0.4)


@register_parts(
    "omega hierarchical (jackknife)",
    "12 clusters of 12 raters, dimensions that correlate .40, ICC .10",
    {
        f"omega hierarchical, few clusters, {name}": (part, f"the same with few HR partners: {name} model")
        for name, part in _TWO_MODELS.items()
    },
    quick=6,
    functions=("measurement_model.general_share",),
)
def _omega_hierarchical_of_few(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    return _general_shares(random, replicates, 0.4, np.repeat(np.arange(12), 12))


@register_parts(
    "omega hierarchical (jackknife)",
    "36 clusters, 432 raters, dimensions that share nothing, ICC .10",
    {
        "no general factor, bifactor": (
            measurement_model.GENERAL, "the interval lies above 0 where dimensions share nothing: bifactor model",
            {
                "stated": "Where dimensions shared nothing, the interval of omega hierarchical lay above 0 in "
                "{null_rate} of {replicates} simulated studies: as a share is never below 0, it is cautious there.",
            },
        ),
        "no general factor, second-order": (
            measurement_model.BEHIND, "the interval lies above 0 where dimensions share nothing: second-order model",
            {
                "stated": "Of a second-order model it lay there in {null_rate} of {replicates}: where dimensions share "
                "too little for one factor behind them, nothing is told.",
            },
        ),
    },
    quick=6,
    null=(0.0, 0.05),
    functions=("measurement_model.general_share",),
)  # fmt: skip
def _no_general_factor(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    return _general_shares(random, replicates, 0.0)


@register(
    "questions that mean the same",
    "item by item between groups (likelihood ratio)",
    "a question measures the same in two groups",
    "two groups of 432 raters of 36 HR partners, nine items of three dimensions, ICC .10",
    quick=20,
    functions=("measurement_model.differential",),
)
def _same_question(random: np.random.Generator, replicates: int) -> Outcome:
    correlation = 0.64 * np.kron(0.6 * np.eye(3) + 0.4, np.ones((3, 3)))
    np.fill_diagonal(correlation, 1)
    called = []
    for _ in range(replicates):
        groups = [items_of(random, correlation).assign(wave=wave) for wave in ("1", "2")]
        found = measurement_model.differential(pd.concat(groups), NINE_ITEMS, "wave", "1", "2")
        called.append(found["p_value"].iloc[0] < 0.05)
    return None, np.array(called)


ONE_FACTOR = np.array([[0.8], [0.75], [0.7], [0.65], [0.6], [0.6], [0.55], [0.5]])
OTHER_FACTOR = np.array([[0.45], [0.5], [0.7], [0.5], [0.75], [0.8], [0.4], [0.8]])


@register_parts(
    "Tucker's congruence (jackknife)",
    "432 managers and as many answers of 36 HR partners, eight items of one factor, ICC .10",
    {
        "congruence": ("congruence", "congruence of loadings that differ, .96"),
        "true invariance": ("verdict", "equal loadings are called different or only similar", {
            "estimator": "invariance, in words", "null": (0.0, 0.05),
            "stated": "Loadings that were truly equal were called different, or only similar, in {null_rate} of "
            "{replicates} simulated studies: the verdict errs on the side of sameness, so that \"equal\" is no proof.",
        }),
    },
    quick=15,
    functions=("structure.invariance",),
)  # fmt: skip
def _invariance(random: np.random.Generator, replicates: int) -> dict[str, Outcome]:
    truth = float(factor.congruence(ONE_FACTOR, OTHER_FACTOR)[0, 0])
    covered, called = [], []
    for _ in range(replicates):
        first = items_of(random, implied(ONE_FACTOR))
        for pattern in (OTHER_FACTOR, ONE_FACTOR):
            both = pd.concat([first, items_of(random, implied(pattern), "hr")], ignore_index=True)
            found = structure.invariance(both, EIGHT_ITEMS, "side", "manager", "hr", factors=1, draws=100)
            loadings = found[found["aspect"] == "loadings of factor 1"]
            if pattern is OTHER_FACTOR:
                covered.append(held(loadings, truth)[0])
            else:
                called.append(loadings["verdict"].iloc[0] != "equal")
    return {"congruence": (np.array(covered), None), "verdict": (None, np.array(called))}


@register(
    "standardised response mean",
    "standardised response mean (jackknife)",
    "mean change in standard deviations of change, .3",
    "36 clusters, everybody answered twice, ICC .10",
    quick=1000,
    functions=("change.standardised_response_mean",),
)
def _response_mean(random: np.random.Generator, replicates: int) -> Outcome:
    frame = long(clustered_noise(random, replicates) + 0.3).rename(columns={"value": "change"})
    return held(change.standardised_response_mean(frame, by=["replicate"]), 0.3), None


@register(
    "reliable change",
    "share of reliable change (Wilson, CR2)",
    "share that got better, worse, neither",
    "36 clusters, everybody answered twice, ICC .10, reliability .80",
    quick=60,
    functions=("change.reliable_change",),
)
def _reliable_change(random: np.random.Generator, replicates: int) -> Outcome:
    frame = long(clustered_noise(random, replicates) + 0.3).rename(columns={"value": "change"})
    frame["first"] = clustered_noise(random, replicates).ravel("F")
    found = change.reliable_change(frame, 0.8, by=["replicate"])
    threshold = stats.norm.ppf(0.975) * np.sqrt(0.4)
    better, worse = stats.norm.sf(threshold - 0.3), stats.norm.cdf(-threshold - 0.3)
    truths = {"better": better, "worse": worse, "no reliable change": 1 - better - worse}
    return held(found, 100 * found["direction"].map(truths)), None


@register(
    "drop-out",
    "logistic regression (CR2)",
    "odds ratio of answering again per standard deviation of the first score, truly 1",
    "36 clusters, 70 % answered again, ICC .10",
    quick=40,
    functions=("few_clusters.few_clusters",),
)
def _drop_out(random: np.random.Generator, replicates: int) -> Outcome:
    first = pd.DataFrame({"respondent_id": np.arange(len(CLUSTERS)), "cluster_id": CLUSTERS, "side": "manager"})
    covered = []
    for again in (clustered_noise(random, replicates) < stats.norm.ppf(0.7)).T:
        scored = first.assign(wave="1", score_100=clustered_noise(random, 1)[:, 0])
        both = pd.concat([scored, scored[again].assign(wave="2")], ignore_index=True)
        model = smf.logit("again ~ score", change.answering_again(both, "1", "2"))
        found = few_clusters.few_clusters(model, "cluster_id", "score")
        covered.append(held(found, 1.0)[0])
    return np.array(covered), ~np.array(covered)


@register(
    "share of a theme",
    "proportion (Wilson, CR2)",
    "share of comments that touch a theme, .20",
    "36 clusters, 70 % commented, ICC .10 on the latent scale",
    quick=100,
    functions=("comments.theme_shares",),
)
def _theme(random: np.random.Generator, replicates: int) -> Outcome:
    touched = clustered_noise(random, replicates) < stats.norm.ppf(0.2)
    frame = long(np.where(touched, 1.0, 0.0)).assign(respondent_id=np.tile(np.arange(len(CLUSTERS)), replicates))
    frame["comment"] = np.where(frame["value"] == 1, "she listens to me", "all is well")
    frame = frame[random.random(len(frame)) < 0.7]
    found = comments.theme_shares(frame, "comment", {"listening": ["listen*"]}, by=["replicate"])
    return held(found[found["theme"] == "listening"], 20.0), None


@functools.cache
def _simulated(simulate: Callable, replicates: int) -> Outcome | dict[str, Outcome]:
    """Run a simulation once, however many entries read from it."""
    return simulate(np.random.default_rng(SEED), replicates)


def measure(name: str, replicates: int) -> dict[str, object]:
    """Run one entry of the registry.

    Parameters
    ----------
    name : str
        Its name.
    replicates : int
        Number of simulated studies.

    Returns
    -------
    dict
        name, estimator, estimand, design, stated, replicates, coverage and null_rate (shares; None where not defined).
    """
    entry = REGISTRY[name]
    found = _simulated(entry.simulate, replicates)
    covered, rejected = found[entry.part] if entry.part else found
    return {
        "name": name,
        **_described(name),
        "replicates": replicates,
        "coverage": None if covered is None else float(np.mean(covered)),
        "null_rate": None if rejected is None else float(np.mean(rejected)),
    }


#: What is not in the table, and why.
NOT_HERE = (
    "Scores, counts and descriptions (item analysis, completeness, signs of careless answering, pairing, raking "
    "weights by themselves) state no interval and are not in the table; every function that states an interval or a "
    "test is."
)


def report(measured: list[dict[str, object]], note: str = "") -> str:
    """Write the measured rates as a Markdown table, and below it the sentences that reports say of what misses."""
    lines = [
        "# Calibration",
        "",
        "Share of simulated studies in which the 95 % interval held the truth (aim 93 to 97 %), and in which a true "
        "null was rejected at 5 % (aim 4 to 6 %).",
        "The simulation itself errs by up to 0.7 points with 4,000 replicates, 1.0 with 2,000 and 1.4 with 1,000 "
        "(19 times in 20, at a rate of 95 or 5 %).",
        "Made by `python benchmarks/calibration.py --write`.",
        *filter(None, [note]),
        "",
        "| Estimator | Estimand | Design | Replicates | Coverage | Null rate |",
        "|---|---|---|---:|---:|---:|",
    ]
    for row in measured:
        figures = _figures(row)
        lines.append(f"| {' | '.join([row['estimator'], row['estimand'], row['design'], *figures.values()])} |")
    stated = {row["stated"].format(**_figures(row)): None for row in measured if row.get("stated")}
    if stated:
        lines += ["", "## What misses, and what the reports say", "", *(f"- {sentence}" for sentence in stated)]
    return "\n".join(lines) + "\n"


def _figures(row: dict[str, object]) -> dict[str, str]:
    """Replicates and rates of a row, as they are printed."""
    rates = {key: "–" if row[key] is None else f"{100 * row[key]:.1f} %" for key in ("coverage", "null_rate")}
    return {"replicates": f"{row['replicates']:,}", **rates}


def keep(measured: list[dict[str, object]]) -> None:
    """Bring calibration.json up to date with what was measured, and write calibration.md from it."""
    store = Path(__file__).with_suffix(".json")
    known = json.loads(store.read_text(encoding="utf-8")) if store.exists() else []
    latest = {row["name"]: row for row in [*known, *measured]}
    rows = [latest[name] | _described(name) for name in REGISTRY if name in latest]
    store.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8", newline="\n")
    Path(__file__).with_suffix(".md").write_text(report(rows, NOT_HERE), encoding="utf-8", newline="\n")


def _described(name: str) -> dict[str, str]:
    """What an entry says of itself; words may change without a new run."""
    entry = REGISTRY[name]
    return {key: getattr(entry, key) for key in ("estimator", "estimand", "design", "stated")}


def main() -> None:
    """Measure the entries named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="entries to run; all when none is named")
    parser.add_argument("--replicates", type=int, default=FULL, help="simulated studies per entry (default 4000)")
    parser.add_argument("--write", action="store_true", help="keep the results in calibration.json and .md")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - REGISTRY.keys()):
        parser.error(f"no entry {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    measured = []
    for name in arguments.names or REGISTRY:
        started = time.perf_counter()
        measured.append(measure(name, arguments.replicates))
        if arguments.write:
            keep(measured)
        row = measured[-1]
        rates = f"coverage {row['coverage']}, null rate {row['null_rate']}"
        print(f"{name}: {rates}, {time.perf_counter() - started:.0f} s", flush=True)
    print(report(measured))


if __name__ == "__main__":
    main()
