"""Measure how often the intervals for hiring data hold the truth, and how often a true null is called an effect.

Run ``python benchmarks/calibration_hiring.py`` for a table of every estimator, or name some of them; ``--write`` keeps
the results in ``calibration_hiring.json`` and ``calibration_hiring.md`` beside this file. Openings of one manager (or
of the managers of one HR partner) are alike: durations share a normal factor, and are exponential over all openings.
"""

from __future__ import annotations

import argparse
import functools
import json
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from calibration import CLUSTERS, SEED, Entry, Outcome, held, report
from scipy import stats

from helpers.analysis import clustered, engagement, survival

FULL = 1000
MEAN = 60.0  # days
#: Openings per manager: 150 managers, most with a few, some with many.
MANAGERS = np.repeat(np.arange(150), np.tile([1, 2, 2, 3, 3, 4, 5, 6, 8, 11], 15))

REGISTRY: dict[str, Entry] = {}


def register(name: str, estimator: str, estimand: str, design: str, **options) -> Callable:
    """Add a simulation to the registry under a name."""

    def add(simulate: Callable) -> Callable:
        REGISTRY[name] = Entry(estimator, estimand, design, simulate, **options)
        return simulate

    return add


def alike(random: np.random.Generator, clusters: np.ndarray, icc: float) -> np.ndarray:
    """Draw standard exponential durations that are alike within clusters, exponential over all."""
    shared = random.normal(size=clusters.max() + 1)[clusters]
    normal = np.sqrt(icc) * shared + np.sqrt(1 - icc) * random.normal(size=len(clusters))
    return -stats.norm.logsf(normal)


def openings(
    random: np.random.Generator, clusters: np.ndarray = MANAGERS, icc: float = 0.2, predictor: np.ndarray | float = 0.0
) -> pd.DataFrame:
    """Draw openings with a known log hazard, some cancelled, some still open."""
    filled = MEAN * alike(random, clusters, icc) * np.exp(-np.asarray(predictor))
    cancelled = 5 * MEAN * random.exponential(size=len(clusters))
    until = random.uniform(30, 200, len(clusters))
    days = np.minimum.reduce([filled, cancelled, until])
    end = np.select([days == filled, days == cancelled], ["filled", "cancelled"], "")
    return pd.DataFrame({"days": days, "end": end, "cluster_id": clusters})


def repeated(compute: Callable[[], bool], replicates: int) -> np.ndarray:
    """Run a simulation again and again."""
    return np.array([compute() for _ in range(replicates)])


@register("not filled at day 40", "Kaplan-Meier, clustered", "share not filled at day 40", "150 managers", quick=300)
def _kaplan_meier(random: np.random.Generator, replicates: int) -> Outcome:
    def once() -> bool:
        found = survival.kaplan_meier(openings(random), "days", "end", cluster="cluster_id", at=[40], cause="filled")
        return held(found, np.exp(-40 / MEAN))[0]

    return repeated(once, replicates), None


@register(
    "not filled at day 40, few partners", "Kaplan-Meier, clustered", "share not filled at day 40",
    "36 unequal HR partners", quick=300,
)  # fmt: skip
def _kaplan_meier_partners(random: np.random.Generator, replicates: int) -> Outcome:
    def once() -> bool:
        frame = openings(random, CLUSTERS, icc=0.1)
        found = survival.kaplan_meier(frame, "days", "end", cluster="cluster_id", at=[40], cause="filled")
        return held(found, np.exp(-40 / MEAN))[0]

    return repeated(once, replicates), None


@register("median time to fill", "Kaplan-Meier inverted, clustered", "median days", "150 managers", quick=300)
def _median(random: np.random.Generator, replicates: int) -> Outcome:
    def once() -> bool:
        found = survival.quantile_time(openings(random), "days", "end", cluster="cluster_id", cause="filled")
        return held(found, MEAN * np.log(2))[0]

    return repeated(once, replicates), None


@register("filled by day 90", "cumulative incidence, clustered", "share filled by day 90", "150 managers", quick=300)
def _incidence(random: np.random.Generator, replicates: int) -> Outcome:
    truth = (1 - np.exp(-90 * 1.2 / MEAN)) / 1.2

    def once() -> bool:
        frame = openings(random)
        found = survival.cumulative_incidence(frame, "days", "end", cluster="cluster_id", at=[90], cause="filled")
        return held(found, truth)[0]

    return repeated(once, replicates), None


@register("mean days to day 90", "restricted mean, clustered", "mean days up to day 90", "150 managers", quick=300)
def _restricted_mean(random: np.random.Generator, replicates: int) -> Outcome:
    def once() -> bool:
        frame = openings(random).assign(filled=lambda rows: rows["end"] == "filled")
        found = survival.restricted_mean(frame, "days", "filled", 90, cluster="cluster_id")
        return held(found, MEAN * (1 - np.exp(-90 / MEAN)))[0]

    return repeated(once, replicates), None


@register(
    "days saved", "restricted mean regressed on pseudo-values (CR2)", "days between two groups of managers",
    "150 managers, a third of them trained", quick=40,
)  # fmt: skip
def _days_saved(random: np.random.Generator, replicates: int) -> Outcome:
    trained = (MANAGERS % 3 == 0).astype(float)

    def once() -> bool:
        frame = openings(random).assign(trained=trained)
        frame["value"] = survival.restricted_mean_values(frame, "days", "end", 90, cause="filled")
        return held(clustered.regression("value ~ trained", frame, "cluster_id"), 0.0)[1]

    covered = repeated(once, replicates)
    return covered, ~covered


def _cox(random: np.random.Generator, replicates: int, truth: float, clusters: np.ndarray, **options) -> np.ndarray:
    level = options.pop("level", None)

    def once() -> bool:
        early = random.beta(2, 1, len(clusters)) if level is None else level
        frame = openings(random, clusters, options.get("icc", 0.2), truth * early)
        frame = frame.assign(early=early, days=np.ceil(frame["days"]))
        fit = survival.cox(
            "early", frame, "days", "end", "cluster_id", cause="filled", leave_out=options.get("leave_out", False)
        )
        return held(fit.table, truth)[0]

    return repeated(once, replicates)


@register(
    "hazard ratio, manager", "Cox, sandwich of score residuals", "log hazard ratio 1.1 of early engagement",
    "150 managers", quick=40,
)  # fmt: skip
def _cox_effect(random: np.random.Generator, replicates: int) -> Outcome:
    return _cox(random, replicates, 1.1, MANAGERS), None


@register(
    "no hazard ratio, manager", "Cox, sandwich of score residuals", "log hazard ratio 0 of early engagement",
    "150 managers", quick=40,
)  # fmt: skip
def _cox_null(random: np.random.Generator, replicates: int) -> Outcome:
    covered = _cox(random, replicates, 0.0, MANAGERS)
    return covered, ~covered


#: Ten of the 36 HR partners trained, as in the survey's calibration.
PARTNER_TRAINED = (CLUSTERS % 11 % 4 == 1).astype(float)


@register(
    "hazard ratio, HR partner, sandwich", "Cox, sandwich of score residuals",
    "log hazard ratio 0 of a trained HR partner", "36 unequal HR partners", quick=100, expected=(0.8, 1.0),
    null=(0.0, 0.2),
)  # fmt: skip
def _cox_partner_sandwich(random: np.random.Generator, replicates: int) -> Outcome:
    covered = _cox(random, replicates, 0.0, CLUSTERS, level=PARTNER_TRAINED, icc=0.1)
    return covered, ~covered


@register(
    "hazard ratio, HR partner, jackknife", "Cox, leaving out one cluster at a time",
    "log hazard ratio 0 of a trained HR partner", "36 unequal HR partners", quick=40,
)  # fmt: skip
def _cox_partner(random: np.random.Generator, replicates: int) -> Outcome:
    covered = _cox(random, replicates, 0.0, CLUSTERS, level=PARTNER_TRAINED, icc=0.1, leave_out=True)
    return covered, ~covered


@register(
    "proportional hazards", "score test of scaled Schoenfeld residuals, clustered", "no drift of the hazard ratio",
    "150 managers", quick=40,
)  # fmt: skip
def _proportional(random: np.random.Generator, replicates: int) -> Outcome:
    def once() -> bool:
        early = random.beta(2, 1, len(MANAGERS))
        frame = openings(random, predictor=early)
        frame = frame.assign(early=early, days=np.ceil(frame["days"]))
        fit = survival.cox("early", frame, "days", "end", "cluster_id", cause="filled")
        return survival.proportional_hazards(fit)["p_value"].item() < 0.05

    return None, repeated(once, replicates)


def waits(random: np.random.Generator, partner: float = 0.0) -> pd.DataFrame:
    """Draw waits for feedback: log-normal, managers and openings differ, one in eight never ends."""
    managers = 150
    opening_of = MANAGERS
    count = random.integers(1, 4, len(opening_of))
    manager, opening = np.repeat(opening_of, count), np.repeat(np.arange(len(opening_of)), count)
    slow = (np.arange(managers) % 4 == 0).astype(float)
    partner_of = np.arange(managers) % 36
    trained = (partner_of % 11 % 4 == 1).astype(float)
    log = 0.45 * slow[manager] + random.normal(0, 0.5, managers)[manager]
    log += random.normal(0, 0.3, len(opening_of))[opening] + random.normal(0, 0.8, len(manager))
    log += partner * random.normal(size=36)[partner_of[manager]]
    until = random.exponential(10, len(manager))
    return pd.DataFrame(
        {
            "hiring_manager_id": manager, "requisition_id": opening, "partner": partner_of[manager],
            "slow": slow[manager], "trained": trained[manager],
            "days": np.minimum(np.exp(log), until), "done": np.exp(log) <= until,
        }
    )  # fmt: skip


@functools.lru_cache
def _fits(replicates: int) -> list[engagement.WaitModel]:
    """Fit the model to simulated logs; several entries look at the same fits."""
    random = np.random.default_rng(SEED)
    return [engagement.wait_model("slow", waits(random)) for _ in range(replicates)]


@register(
    "slow department", "log-normal waits, random managers and openings", "log ratio .45 between groups of managers",
    "150 managers, one wait in eight never ends", quick=0,
)  # fmt: skip
def _wait_slope(random: np.random.Generator, replicates: int) -> Outcome:
    return np.array([held(fit.terms, 0.45)[1] for fit in _fits(replicates)]), None


@register(
    "manager's share", "log-normal waits, profile likelihood", "share of variance of the manager, .255",
    "150 managers, one wait in eight never ends", quick=0,
)  # fmt: skip
def _wait_share(random: np.random.Generator, replicates: int) -> Outcome:
    return np.array([held(fit.shares, 0.25 / 0.98)[0] for fit in _fits(replicates)]), None


@register(
    "opening's share", "log-normal waits, profile likelihood", "share of variance of the opening, .092",
    "150 managers, one wait in eight never ends", quick=0,
)  # fmt: skip
def _wait_opening(random: np.random.Generator, replicates: int) -> Outcome:
    return np.array([held(fit.shares, 0.09 / 0.98)[1] for fit in _fits(replicates)]), None


@register(
    "trained HR partner", "log-normal waits, leaving out one cluster at a time", "log ratio 0 of a trained HR partner",
    "150 managers of 36 HR partners who differ (SD .2)", quick=0,
)  # fmt: skip
def _wait_partner(random: np.random.Generator, replicates: int) -> Outcome:
    def once() -> bool:
        fit = engagement.wait_model("trained", waits(random, partner=0.2), cluster="partner")
        return held(fit.terms, 0.0)[1]

    covered = repeated(once, replicates)
    return covered, ~covered


@register(
    "shrunken managers", "empirical Bayes (Paule-Mandel)", "every manager's own mean, over managers",
    "60 managers, standard errors 4 to 16, SD 10", quick=200,
)  # fmt: skip
def _shrunken(random: np.random.Generator, replicates: int) -> Outcome:
    error = np.linspace(4, 16, 60)
    covered = []
    for _ in range(replicates):
        own = random.normal(70, 10, 60)
        found = engagement.shrink(pd.DataFrame({"y": random.normal(own, error), "s": error}), "y", "s")
        covered.append(found["low"].le(own) & found["high"].ge(own))
    return np.mean(covered, axis=1), None


def measure(name: str, replicates: int) -> dict[str, object]:
    """Run one entry: name, what it is, replicates, coverage and null rate (None where not defined)."""
    entry = REGISTRY[name]
    covered, rejected = entry.simulate(np.random.default_rng(SEED), replicates)
    return {
        "name": name, "estimator": entry.estimator, "estimand": entry.estimand, "design": entry.design,
        "replicates": replicates,
        "coverage": None if covered is None else float(np.mean(covered)),
        "null_rate": None if rejected is None else float(np.mean(rejected)),
    }  # fmt: skip


def main() -> None:
    """Measure the entries named on the command line, or all."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="entries to run; all when none is named")
    parser.add_argument("--replicates", type=int, default=FULL, help="simulated studies per entry (default 1000)")
    parser.add_argument("--write", action="store_true", help="keep the results in calibration_hiring.json and .md")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - REGISTRY.keys()):
        parser.error(f"no entry {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    store = Path(__file__).with_suffix(".json")
    for name in arguments.names or REGISTRY:
        started = time.perf_counter()
        row = measure(name, arguments.replicates)
        rates = f"coverage {row['coverage']}, null rate {row['null_rate']}"
        print(f"{name}: {rates}, {time.perf_counter() - started:.0f} s", flush=True)
        if arguments.write:
            known = json.loads(store.read_text(encoding="utf-8")) if store.exists() else []
            latest = {kept["name"]: kept for kept in [*known, row]}
            rows = [latest[kept] for kept in REGISTRY if kept in latest]
            store.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8", newline="\n")
            text = (
                report(rows)
                .replace("# Calibration", "# Calibration, hiring")
                .replace("calibration.py", Path(__file__).name)
            )
            Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
