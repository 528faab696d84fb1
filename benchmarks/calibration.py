"""Measure how often each estimator's 95 % interval holds the truth, and how often it calls a true null an effect.

Run ``python benchmarks/calibration.py`` for a table of every estimator, or name some of them; ``--write`` keeps the
results in ``calibration.json`` and ``calibration.md`` beside this file. The design is always the hard case of
partnership studies: 36 unequal clusters (HR partners) of about 12 (managers), answers within a cluster alike
(intraclass correlation .10 unless stated).
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd
from scipy import stats

from helpers.analysis import agreement, change, clustered, drivers, dyads, scales, weighting
from helpers.data import Codebook

SEED = 20260630
FULL = 4000
CONFIDENCE = 0.95

#: Managers per HR partner: 36 unequal clusters, 432 managers, 12 on average.
SIZES = np.array([3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 9, 10, 10, 10, 11, 11, 12, 12, 12, 13, 13, 13, 14])
SIZES = np.concatenate([SIZES, [15, 15, 16, 17, 18, 19, 21, 23, 26, 31]])
CLUSTERS = np.repeat(np.arange(len(SIZES)), SIZES)

#: What one simulation returns: per replicate, whether the interval held the truth and whether the null was rejected.
Outcome = tuple[np.ndarray | None, np.ndarray | None]


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
    """

    estimator: str
    estimand: str
    design: str
    simulate: Callable[[np.random.Generator, int], Outcome]
    quick: int = 1000
    expected: tuple[float, float] = (0.93, 0.97)
    null: tuple[float, float] = (0.04, 0.06)


REGISTRY: dict[str, Entry] = {}


def register(name: str, estimator: str, estimand: str, design: str, **options) -> Callable:
    """Add a simulation to the registry under a name."""

    def add(simulate: Callable) -> Callable:
        REGISTRY[name] = Entry(estimator, estimand, design, simulate, **options)
        return simulate

    return add


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


@register("mean", "mean (CR2)", "mean of all managers", "36 clusters, normal answers, ICC .10")
def _mean(random: np.random.Generator, replicates: int) -> Outcome:
    found = clustered.mean(long(clustered_noise(random, replicates)), "value", by=["replicate"])
    return held(found, 0.0), ~held(found, 0.0)


@register(
    "mean, five-point item",
    "mean (CR2)",
    "mean of one skewed item",
    "36 clusters, five-point answers, ICC .30",
    quick=200,
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
)
def _mean_small(random: np.random.Generator, replicates: int) -> Outcome:
    clusters = np.repeat(np.arange(6), [2, 3, 4, 5, 6, 8])
    values = long(clustered_noise(random, replicates, clusters=clusters), clusters)
    found = clustered.mean(values, "value", by=["replicate"])
    return held(found, 0.0), ~held(found, 0.0)


@register("weighted mean", "mean (CR2), weighted", "weighted mean", "36 clusters, weights 0.3 to 3, ICC .10", quick=150)
def _mean_weighted(random: np.random.Generator, replicates: int) -> Outcome:
    frame = long(clustered_noise(random, replicates))
    frame["weight"] = random.uniform(0.3, 3, len(frame))
    found = clustered.mean(frame, "value", by=["replicate"], weights="weight")
    return held(found, 0.0), ~held(found, 0.0)


def _share(random: np.random.Generator, replicates: int, share: float) -> Outcome:
    answers = (clustered_noise(random, replicates) < stats.norm.ppf(share)).astype(float)
    return held(clustered.proportion(long(answers), "value", by=["replicate"]), share), None


@register("share of one half", "proportion (Wilson, CR2)", "share favourable, .50", "36 clusters, ICC .10", quick=200)
def _share_half(random: np.random.Generator, replicates: int) -> Outcome:
    return _share(random, replicates, 0.5)


@register("high share", "proportion (Wilson, CR2)", "share favourable, .90", "36 clusters, ICC .10", quick=150)
def _share_high(random: np.random.Generator, replicates: int) -> Outcome:
    return _share(random, replicates, 0.9)


@register("very high share", "proportion (Wilson, CR2)", "share favourable, .97", "36 clusters, ICC .10", quick=150)
def _share_very_high(random: np.random.Generator, replicates: int) -> Outcome:
    return _share(random, replicates, 0.97)


@register(
    "share of three items",
    "proportion (Wilson, CR2)",
    "share of favourable answers to three items, .70",
    "36 clusters, ICC .10, items correlate .40",
    quick=120,
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
    "joint test",
    "Wald test (CR2, HTZ)",
    "difference between seven departments",
    "36 clusters, departments mixed within clusters, ICC .10",
    quick=300,
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


@register("alpha", "Cronbach's alpha (jackknife)", "alpha of three items", "36 clusters, items with ICC .10", quick=100)
def _alpha(random: np.random.Generator, replicates: int) -> Outcome:
    return _reliability(random, replicates, "alpha", ALPHA)


@register(
    "alpha, alike", "Cronbach's alpha (jackknife)", "alpha of three items", "36 clusters, items with ICC .30", quick=60
)
def _alpha_alike(random: np.random.Generator, replicates: int) -> Outcome:
    return _reliability(random, replicates, "alpha", ALPHA, icc=0.3)


@register("omega", "omega total (jackknife)", "omega of three items", "36 clusters, items with ICC .10", quick=100)
def _omega(random: np.random.Generator, replicates: int) -> Outcome:
    return _reliability(random, replicates, "omega", OMEGA)


@register(
    "ICC(1)",
    "ICC(1) (analysis of variance)",
    "likeness of managers of one HR partner, .10",
    "36 unequal groups",
    quick=400,
)
def _icc(random: np.random.Generator, replicates: int) -> Outcome:
    frame = long(clustered_noise(random, replicates))
    found = agreement.group_reliability(frame, "cluster_id", "value", by=["replicate"])
    return held(found[found["coefficient"] == "ICC(1)"], 0.1), None


@register(
    "r_wg(j)", "r_wg(j) (jackknife)", "agreement of all managers on three items", "36 clusters, ICC .10", quick=60
)
def _within(random: np.random.Generator, replicates: int) -> Outcome:
    spread = 1 - 0.9**2 / agreement.expected_variance(1, 5)
    truth = 3 * spread / (3 * spread + 1 - spread)
    items = [item.id for item in THREE_ITEMS.items]
    covered = []
    for _ in range(replicates):
        frame = three_items(random, icc=0.1)
        frame[items] = 3 + 0.9 * frame[items]
        found = agreement.within_group(frame.assign(unit="all"), THREE_ITEMS, "unit", "manager")
        covered.append(held(found[found["coefficient"] == "r_wg"], truth)[0])
    return np.array(covered), None


@register(
    "average deviation",
    "AD (jackknife)",
    "mean absolute deviation of three items, .9 SD",
    "36 clusters, ICC .10",
    quick=40,
)
def _average_deviation(random: np.random.Generator, replicates: int) -> Outcome:
    items = [item.id for item in THREE_ITEMS.items]
    covered = []
    for _ in range(replicates):
        frame = three_items(random, icc=0.1)
        frame[items] = 3 + 0.9 * frame[items]
        found = agreement.within_group(frame.assign(unit="all"), THREE_ITEMS, "unit", "manager")
        covered.append(held(found[found["coefficient"] == "AD"], 0.9 * np.sqrt(2 / np.pi))[0])
    return np.array(covered), None


@register(
    "single rater",
    "ICC(2,1) (Shrout & Fleiss)",
    "reliability of one of four raters, .50",
    "36 targets, four raters",
    quick=60,
)
def _single_rater(random: np.random.Generator, replicates: int) -> Outcome:
    return _raters(random, replicates, "ICC(2,1)", 0.5)


@register(
    "mean of raters",
    "ICC(3,k) (Shrout & Fleiss)",
    "reliability of four raters' mean",
    "36 targets, four raters",
    quick=60,
)
def _mean_of_raters(random: np.random.Generator, replicates: int) -> Outcome:
    return _raters(random, replicates, "ICC(3,k)", 0.5 / (0.5 + 0.4 / 4))


def _raters(random: np.random.Generator, replicates: int, coefficient: str, truth: float) -> Outcome:
    """Targets .5, raters .1, error .4 of the variance."""
    rows = []
    for _ in range(replicates):
        values = np.sqrt(0.5) * random.normal(size=(36, 1)) + np.sqrt(0.1) * random.normal(size=(1, 4))
        values = values + np.sqrt(0.4) * random.normal(size=(36, 4))
        frame = pd.DataFrame(
            {"target": np.repeat(range(36), 4), "rater": np.tile(range(4), 36), "value": values.ravel()}
        )
        found = agreement.shrout_fleiss(frame, "target", "rater", "value").set_index("coefficient")
        rows.append(found.loc[coefficient])
    return held(pd.DataFrame(rows), truth), None


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
)
def _gap(random: np.random.Generator, replicates: int) -> Outcome:
    covered = []
    for _ in range(replicates):
        pairs = partnerships(random)
        pairs["hr"] += np.sqrt(0.3) * random.normal(size=len(SIZES))[CLUSTERS]
        covered.append(held(dyads.perception_gap(pairs), 0.3)[0])
    return np.array(covered), ~np.array(covered)


@register(
    "agreement of two sides", "ICC(A,1) (jackknife)", "absolute agreement", "432 pairs of 36 HR partners", quick=80
)
def _concordance(random: np.random.Generator, replicates: int) -> Outcome:
    return _dyads(random, replicates, lambda pairs: dyads.similarity(pairs).iloc[0], 2 * 0.5 / (2 + 0.3**2))


@register(
    "correlation of two sides",
    "correlation of pairs (jackknife)",
    "same order",
    "432 pairs of 36 HR partners",
    quick=60,
)
def _pair_correlation(random: np.random.Generator, replicates: int) -> Outcome:
    return _dyads(random, replicates, lambda pairs: dyads.similarity(pairs).iloc[1], 0.5)


@register(
    "tracking within HR partners",
    "truth-and-bias regression (CR2)",
    "slope within HR partners",
    "432 pairs, 36 partners",
    quick=40,
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
    "variance components (jackknife)",
    "15 % of variance",
    "864 ratings of 432 pairs, 36 partners",
    quick=60,
)
def _partner_share(random: np.random.Generator, replicates: int) -> Outcome:
    return _component(random, replicates, 0, 15)


@register(
    "share of the relationship",
    "variance components (jackknife)",
    "35 % of variance",
    "864 ratings of 432 pairs, 36 partners",
    quick=60,
)
def _relationship_share(random: np.random.Generator, replicates: int) -> Outcome:
    return _component(random, replicates, 1, 35)


@register(
    "congruence",
    "response surface a4 (CR2)",
    "curve where views differ, truly 0",
    "432 pairs of 36 HR partners",
    quick=40,
)
def _congruence(random: np.random.Generator, replicates: int) -> Outcome:
    covered = []
    for _ in range(replicates):
        pairs = partnerships(random)
        outcome = 0.4 * pairs["manager"] + clustered_noise(random, 1)[:, 0]
        prepared = dyads.polynomial(pairs.assign(manager_outcome=outcome), midpoint=0)
        covered.append(held(dyads.congruence(prepared).query("term == 'a4'"), 0.0)[0])
    return np.array(covered), ~np.array(covered)


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
        frame = pd.DataFrame(values, columns=PREDICTORS).assign(cluster_id=CLUSTERS)
        frame["outcome"] = values @ EFFECTS + clustered_noise(random, 1)[:, 0]
        seed = int(random.integers(2**31))
        found = drivers.importance(frame, "outcome", PREDICTORS, method=method, bootstrap=300, seed=seed)
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
)
def _dominance(random: np.random.Generator, replicates: int) -> Outcome:
    return _importance(random, replicates, "general dominance", drivers.general_dominance)


@register(
    "relative weights",
    "relative weights (cluster bootstrap)",
    "weights of four of five predictors; null: fifth beats a random one",
    "36 clusters, ICC .10, predictors correlate .40",
    quick=60,
    null=(0.0, 0.05),
)
def _relative_weights(random: np.random.Generator, replicates: int) -> Outcome:
    return _importance(random, replicates, "relative weights", drivers.relative_weights)


@register(
    "raked mean",
    "weighted mean (linearised)",
    "mean of everybody invited, by those who answered",
    "36 clusters, two departments that answer at 80 % and 40 %, ICC .10",
    quick=80,
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
        name, estimator, estimand, design, replicates, coverage and null_rate (shares; None where not defined).
    """
    entry = REGISTRY[name]
    covered, rejected = entry.simulate(np.random.default_rng(SEED), replicates)
    return {
        "name": name,
        "estimator": entry.estimator,
        "estimand": entry.estimand,
        "design": entry.design,
        "replicates": replicates,
        "coverage": None if covered is None else float(np.mean(covered)),
        "null_rate": None if rejected is None else float(np.mean(rejected)),
    }


def report(measured: list[dict[str, object]]) -> str:
    """Write the measured rates as a Markdown table."""
    lines = [
        "# Calibration",
        "",
        "Share of simulated studies in which the 95 % interval held the truth (aim 93 to 97 %), and in which a true "
        "null was rejected at 5 % (aim 4 to 6 %).",
        "Made by `python benchmarks/calibration.py --write`.",
        "",
        "| Estimator | Estimand | Design | Replicates | Coverage | Null rate |",
        "|---|---|---|---:|---:|---:|",
    ]
    for row in measured:
        rates = ["–" if row[key] is None else f"{100 * row[key]:.1f} %" for key in ("coverage", "null_rate")]
        cells = [row["estimator"], row["estimand"], row["design"], f"{row['replicates']:,}", *rates]
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines) + "\n"


def keep(measured: list[dict[str, object]]) -> None:
    """Bring calibration.json up to date with what was measured, and write calibration.md from it."""
    store = Path(__file__).with_suffix(".json")
    known = json.loads(store.read_text(encoding="utf-8")) if store.exists() else []
    latest = {row["name"]: row for row in [*known, *measured]}
    rows = [latest[name] for name in REGISTRY if name in latest]
    store.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8", newline="\n")
    Path(__file__).with_suffix(".md").write_text(report(rows), encoding="utf-8", newline="\n")


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
        print(
            f"{name}: coverage {row['coverage']}, null rate {row['null_rate']}, {time.perf_counter() - started:.0f} s"
        )
    print(report(measured))


if __name__ == "__main__":
    main()
