"""Measure how often intervals hold the truth with 3 to 36 HR partners, in hard cases named for each estimator.

``python benchmarks/calibration_grid.py --write`` goes through every cell (estimator x hard case x number of clusters)
that is not in the store yet, the smallest studies last, and can be stopped at any time: every hundred studies are
kept as they come (``--minutes 30`` stops by itself). Clusters are unequal, 3 to 31 people each; people of a cluster are
alike (intraclass correlation .10) unless the case says otherwise. The rates are of studies in which there was an
interval at all; how often there was one is kept beside them. Reports print the cells of their own size
(``helpers.analysis.methods.calibrated``); ``calibration_grid.md`` holds all of them.
"""

from __future__ import annotations

import argparse
import json
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
from calibration import SEED, SIZES
from scipy import stats

from helpers.analysis.methods import agreement, calibrated, clustered, internal_consistency, ordinal, weighting
from helpers.analysis.survey import change, dyads, errors_in_variables

STORE, REPORT = calibrated.STORE, Path(__file__).with_suffix(".md")
CLUSTERS = (36, 20, 12, 8, 5, 3)
FULL, AT_ONCE = 1000, 100
ICC = 0.1


@dataclass(frozen=True)
class Study:
    """What is drawn in one cell: code of each person's cluster, HR partner and department, and the hard case."""

    cluster: np.ndarray
    case: str
    partner: np.ndarray
    department: np.ndarray

    @classmethod
    def of(cls, cluster: np.ndarray, case: str) -> Study:
        """Clusters are HR partners in departments of four; as a hard case, departments of two partners each."""
        count = int(cluster.max()) + 1
        if case == calibrated.DECLARED:
            return cls(cluster, case, 2 * cluster + np.arange(len(cluster)) % 2, cluster)
        return cls(cluster, case, cluster, cluster % max(2, count // 4))

    def but(self, case: str) -> Study:
        """Return the same people in another case."""
        return replace(self, case=case)

    @property
    def count(self) -> int:
        """Number of clusters."""
        return int(self.cluster.max()) + 1

    @property
    def nested(self) -> bool:
        """Whether departments differ, as much as HR partners within them."""
        return self.case in (calibrated.OTHERS, calibrated.THESE, calibrated.DECLARED)

    @property
    def icc(self) -> float:
        """Share of variance between clusters."""
        return 0.0 if self.case == calibrated.ZERO else ICC

    def noise(
        self,
        random: np.random.Generator,
        columns: int = 1,
        icc: float | None = None,
        above: np.ndarray | None = None,
    ) -> np.ndarray:
        """Draw values of variance 1; people x columns.

        Skewed ones are log-normal, with mean 0; nested ones have departments above HR partners, which differ as much as
        they (``above``, where :meth:`of_departments` drew it).
        """
        between = self.icc if icc is None else icc
        top = between if self.nested else 0.0
        shared = random.normal(size=(self.partner.max() + 1, columns))[self.partner] * np.sqrt(between)
        if above is None:
            above = random.normal(size=(self.department.max() + 1, columns))[self.department] * np.sqrt(top)
        found = shared + above + random.normal(size=(len(self.cluster), columns)) * np.sqrt(1 - between - top)
        return skewed(found) if self.case == calibrated.SKEW else found

    def of_departments(self, random: np.random.Generator, columns: int = 1) -> np.ndarray | None:
        """Draw what the departments add to :meth:`noise`, people x columns, where these departments are meant."""
        if self.case != calibrated.THESE:
            return None
        return random.normal(size=(self.department.max() + 1, columns))[self.department] * np.sqrt(self.icc)


def meant(of_departments: np.ndarray | None) -> np.ndarray | float:
    """Truth of means of that noise: 0 over all departments there could be; or that of these, person by person."""
    return 0.0 if of_departments is None else of_departments.mean(axis=0)


def skewed(values: np.ndarray, shape: float = 0.7) -> np.ndarray:
    """Turn standard normal values into log-normal ones of mean 0 and variance 1, the long end below."""
    mean, square = np.exp(shape**2 / 2), np.exp(2 * shape**2)
    return -(np.exp(shape * values) - mean) / np.sqrt(square - mean**2)


def skewed_given(own: np.ndarray, rest: float, shape: float = 0.7) -> tuple[np.ndarray, np.ndarray]:
    """Mean and variance, after :func:`skewed`, of values whose normal part is known but for a variance of ``rest``."""
    mean, square = np.exp(shape**2 / 2), np.exp(2 * shape**2)
    known = np.exp(shape * own + shape**2 * rest / 2)
    return -(known - mean) / np.sqrt(square - mean**2), known**2 * np.expm1(shape**2 * rest) / (square - mean**2)


def alike(between: float, case: str, shape: float = 0.7) -> float:
    """Share of variance between clusters, after :func:`skewed` where the case says so."""
    square = shape**2
    return float(np.expm1(square * between) / np.expm1(square)) if case == calibrated.SKEW else between


#: What a simulation returns of each study: limits, whether they hold the truth and leave out a true null.
Rows = pd.DataFrame
Simulate = Callable[[np.random.Generator, Study, int], Rows]
REGISTRY: dict[str, tuple[tuple[str, ...], Simulate]] = {}


def register(name: str, *cases: str) -> Callable[[Simulate], Simulate]:
    """Add an estimator with its hard cases."""

    def add(simulate: Simulate) -> Simulate:
        REGISTRY[name] = ((calibrated.PLAIN, *cases), simulate)
        return simulate

    return add


def judged(found: pd.DataFrame, truth: float | np.ndarray, null: bool = False) -> Rows:
    """Whether there is an interval, whether it holds the truth, and whether it leaves out the truth that is a null."""
    low, high = found["low"].to_numpy(float), found["high"].to_numpy(float)
    told = np.isfinite(low) & np.isfinite(high)
    held = (low <= truth) & (truth <= high)
    return pd.DataFrame({"told": told, "held": held, "rejected": ~held if null else np.nan})


def long(study: Study, values: np.ndarray) -> pd.DataFrame:
    """Stack people x replicates."""
    replicates = values.shape[1]
    rows = {"value": values.ravel("F"), "replicate": np.repeat(np.arange(replicates), len(values))}
    rows |= {"cluster_id": np.tile(study.cluster, replicates)}
    return pd.DataFrame(rows).assign(respondent_id=np.tile(np.arange(len(values)), replicates))


@register("mean", calibrated.SKEW, calibrated.LARGE, *calibrated.NESTED)
def _mean(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    above = study.of_departments(random, replicates)
    frame = long(study, study.noise(random, replicates, above=above))
    return judged(clustered.mean(frame, "value", by=["replicate"]), meant(above), null=True)


@register("share", calibrated.SKEW, calibrated.ZERO, *calibrated.NESTED)
def _share(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    share = 0.95 if study.case == calibrated.SKEW else 0.7
    values, cut = study.but(calibrated.PLAIN) if study.case == calibrated.SKEW else study, stats.norm.ppf(share)
    above = values.of_departments(random, replicates)
    answers = values.noise(random, replicates, above=above) < cut
    truth = share if above is None else stats.norm.cdf((cut - above) / np.sqrt(1 - ICC)).mean(axis=0)
    return judged(clustered.proportion(long(study, answers * 1.0), "value", by=["replicate"]), truth)


@register("difference of sides", calibrated.SKEW, calibrated.ZERO, *calibrated.NESTED)
def _sides(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    """Half of what HR partners and departments add is shared by the sides, half is each side's own."""
    above = [study.of_departments(random, replicates) for _ in range(3)]
    shared, *own = (study.noise(random, replicates, above=each) for each in above)
    both = Study.of(np.tile(study.cluster, 2), study.case)
    frame = long(both, np.sqrt(0.5) * np.concatenate([shared + side for side in own]))
    frame["side"] = np.tile(np.repeat(["manager", "hr"], len(study.cluster)), replicates)
    found = clustered.difference(frame, "value", "side", "manager", "hr", by=["replicate"])
    return judged(found, np.sqrt(0.5) * (meant(above[2]) - meant(above[1])), null=True)


@register(
    "difference between HR partners",
    calibrated.SKEW,
    calibrated.ZERO,
    calibrated.ONE,
    calibrated.OTHERS,
    calibrated.DECLARED,
)
def _partners(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    first = 1 if study.case == calibrated.ONE else max(2, study.count // 3)
    treated = (np.argsort(np.argsort(np.bincount(study.cluster))[::-1]) % study.count)[study.cluster] < first
    design = np.column_stack([np.ones(len(treated)), treated])
    fit = clustered.least_squares(design, study.noise(random, replicates), study.cluster)
    degrees = np.broadcast_to(fit.degrees_of_freedom[1], fit.coefficients[1].shape)
    with np.errstate(invalid="ignore"):
        half = np.where(degrees > 0, fit.standard_errors[1] * stats.t.ppf(0.975, degrees), np.nan)
    return judged(pd.DataFrame({"low": fit.coefficients[1] - half, "high": fit.coefficients[1] + half}), 0.0, null=True)


def pairs(random: np.random.Generator, study: Study, gap: float = 0.3, above: np.ndarray | None = None) -> pd.DataFrame:
    """Draw both views of every pair: variance .15 HR partner (0 as a hard case), .35 relationship, .5 error.

    ``above``: what departments add to HR's and the manager's view alone, pairs x 2.
    """
    partner = 0.0 if study.case == calibrated.ZERO else 0.15
    shared = study.noise(random, 1, partner / 0.5)[:, 0] * np.sqrt(0.5)
    views = shared[:, None] + np.sqrt(0.5) * study.noise(random, 2, above=above)
    people = np.arange(len(study.cluster))
    names = {"partnership_id": people, "manager_id": 1000 + people, "dimension": "trust", "wave": 1}
    owners = {"hr_id": study.partner, "cluster_id": study.cluster}
    return pd.DataFrame(names | owners | {"hr": views[:, 0] + gap, "manager": views[:, 1]})


@register("gap in pairs", calibrated.SKEW, calibrated.ZERO, *calibrated.NESTED)
def _gap(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    above = [study.of_departments(random, 2) for _ in range(replicates)]
    found = [dyads.perception_gap(pairs(random, study, 0.0, each)).iloc[0] for each in above]
    truths = np.array([np.broadcast_to(meant(each), 2) for each in above])
    return judged(pd.DataFrame(found), np.sqrt(0.5) * (truths[:, 0] - truths[:, 1]), null=True)


@register("agreement of pairs", calibrated.SKEW, calibrated.ZERO)
def _agreement(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    found = [dyads.similarity(pairs(random, study, 0.3)).iloc[0] for _ in range(replicates)]
    return judged(pd.DataFrame(found), 2 * 0.5 / (2 + 0.3**2))


@register("share of the HR partner", calibrated.SKEW, calibrated.ZERO, calibrated.SMALL)
def _share_of_partner(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    truth = {calibrated.ZERO: 0.0, calibrated.SMALL: 0.03}.get(study.case, 0.15)
    found = []
    for _ in range(replicates):
        rated = ratings(study, study.noise(random, 1, truth)[:, 0])
        found.append(dyads.variance_components(rated, "value").iloc[0])
    return of_shares(pd.DataFrame(found), alike(truth, study.case))


@register("share of these HR partners", calibrated.SKEW, calibrated.ZERO, calibrated.LARGE)
def _share_of_these(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    """HR partners as they were drawn: their means' variance, over all of it in answers like these."""
    between = 0.0 if study.case == calibrated.ZERO else 0.15
    found, truths = [], []
    for _ in range(replicates):
        own = random.normal(size=study.count) * np.sqrt(between)
        values = own[study.cluster] + random.normal(size=len(study.cluster)) * np.sqrt(1 - between)
        means, within = own, np.full(study.count, 1 - between)
        if study.case == calibrated.SKEW:
            values, (means, within) = skewed(values), skewed_given(own, 1 - between)
        apart = np.var(means[study.cluster])
        truths.append(apart / (apart + within[study.cluster].mean()))
        found.append(dyads.these_partners(ratings(study, values), "value").iloc[0])
    return of_shares(pd.DataFrame(found), np.array(truths))


def ratings(study: Study, values: np.ndarray, department: np.ndarray | None = None) -> pd.DataFrame:
    """Lay out one rating of every manager."""
    people = np.arange(len(values))
    frame = pd.DataFrame({"value": values, "hr_id": study.cluster, "side": "manager", "dimension": "trust", "wave": 1})
    frame = frame.assign(cluster_id=study.cluster, rated_id=study.cluster, respondent_id=people, manager_id=people)
    return frame.assign(partnership_id=people, department=study.department if department is None else department)


def of_shares(table: pd.DataFrame, truth: float | np.ndarray) -> Rows:
    """Judge shares in per cent; where there are none, a p-value below .05 calls an effect."""
    none = np.all(np.asarray(truth) == 0)
    rejected = (table["p_value"] < 0.05).to_numpy() if none else np.nan
    return judged(table, 100 * truth).assign(rejected=rejected)


def informed(random: np.random.Generator, study: Study) -> pd.DataFrame:
    """Draw pairs whose managers' means HR sees with an error; both outcomes rest on the own rating alone.

    Views correlate .70, .85 where dimensions go closely together; every rating has a reliability of .70.
    """
    related = 0.85 if study.case == calibrated.CLOSE else 0.7
    true = study.noise(random, 1)[:, 0]
    seen = related * true + np.sqrt(1 - related**2) * study.noise(random, 1)[:, 0]
    error = 0.3 / 0.7
    ratings = np.column_stack([seen, true]) + np.sqrt(error) * random.normal(size=(len(true), 2))
    frame = pairs(random, study).assign(hr=ratings[:, 0], manager=ratings[:, 1], hr_error=error, manager_error=error)
    left = random.normal(size=(len(true), 2)) @ np.linalg.cholesky([[1, 0.3], [0.3, 1]]).T
    return frame.assign(hr_outcome=0.5 * seen + left[:, 0], manager_outcome=0.5 * true + left[:, 1])


@register("tracking less error", calibrated.SKEW, calibrated.ZERO)
def _tracking(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    found = [errors_in_variables.tracking(informed(random, study)).iloc[0] for _ in range(replicates)]
    return judged(pd.DataFrame(found), 0.7)


def _joint(side: str, effect: str, truth: float) -> Simulate:
    def simulate(random: np.random.Generator, study: Study, replicates: int) -> Rows:
        found = [errors_in_variables.joint_actor_partner(informed(random, study)) for _ in range(replicates)]
        table = pd.concat(found)
        return judged(table[(table["side"] == side) & (table["effect"] == effect)], truth, null=truth == 0)

    return simulate


register("other side's rating (partner effect)", calibrated.SKEW, calibrated.ZERO, calibrated.CLOSE)(
    _joint("manager", "partner", 0.0)
)
register("own rating (actor effect)", calibrated.SKEW, calibrated.CLOSE)(_joint("manager", "actor", 0.5))
register("both outcomes, what is left", calibrated.SKEW, calibrated.CLOSE)(
    _joint(errors_in_variables.BOTH, errors_in_variables.RESIDUAL, 0.3)
)


@register("reliability (alpha)", calibrated.SKEW, calibrated.ZERO, calibrated.OTHERS, calibrated.DECLARED)
def _alpha(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    names, found = list("abcd"), []
    for _ in range(replicates):
        answers = study.noise(random, 1) * np.sqrt(0.5) + study.noise(random, 4) * np.sqrt(0.5)
        frame = pd.DataFrame(answers, columns=names).assign(cluster_id=study.cluster)
        found.append(internal_consistency.coefficients(frame, names).iloc[0])
    return judged(pd.DataFrame(found), 0.8)


@register("likeness within groups (ICC 1)", calibrated.SKEW, calibrated.ZERO)
def _icc(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    found = agreement.group_reliability(
        long(study, study.noise(random, replicates)), "cluster_id", "value", by=["replicate"]
    )
    found = found[found["coefficient"] == "ICC(1)"]
    rows = judged(found, alike(study.icc, study.case))
    return rows.assign(rejected=(found["p_value"] < 0.05).to_numpy() if study.icc == 0 else np.nan)


@register("change between waves", calibrated.SKEW, calibrated.ZERO, *calibrated.NESTED)
def _change(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    found, truths = [], []
    for _ in range(replicates):
        person = study.noise(random, 1)[:, 0]
        frames, above = [], [study.of_departments(random) for _ in range(2)]
        for wave, own in zip(("1", "2"), above):
            kept = random.random(len(person)) < 0.8
            score = np.sqrt(0.5) * (person + study.noise(random, above=own)[:, 0])
            frame = pd.DataFrame({"score_100": score, "cluster_id": study.cluster, "respondent_id": range(len(score))})
            frames.append(frame[kept].assign(wave=wave, side="manager", rated_id=study.partner[kept]))
        found.append(change.between_waves(pd.concat(frames), "1", "2", by=["side"]).iloc[0])
        truths.append(np.sqrt(0.5) * np.sum(meant(above[1]) - meant(above[0])))
    return judged(pd.DataFrame(found), np.array(truths), null=True)


@register("mean raked to the roster", calibrated.SKEW, calibrated.ZERO, *calibrated.NESTED)
def _raked(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    rare, found, above = np.arange(len(study.cluster)) % 3 == 0, [], study.of_departments(random, replicates)
    for values in (study.noise(random, replicates, above=above) + rare[:, None]).T:
        roster = pd.DataFrame({"department": rare, "value": values, "cluster_id": study.cluster})
        roster["respondent_id"] = np.arange(len(roster))
        answered = roster[random.random(len(roster)) < np.where(rare, 0.4, 0.8)]
        raked = weighting.rake(answered, weighting.margins(roster, ["department"]))
        weighted = answered.assign(weight=raked.weights)
        found.append(weighting.weighted_mean(weighted, "value", raked_to=["department"]).iloc[0])
    return judged(pd.DataFrame(found), rare.mean() + meant(above))


@register("reciprocity within pairs", calibrated.SKEW, calibrated.ZERO)
def _reciprocity(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    found = [dyads.reciprocity(pairs(random, study)).iloc[1] for _ in range(replicates)]
    # within partners, what both views share (.5, less what lies between) over all that varies there
    between = 0.0 if study.case == calibrated.ZERO else 0.3
    inner = 0.5 * (1 - alike(between, study.case))
    noise = 0.5 * (1 - alike(0.0 if study.case == calibrated.ZERO else ICC, study.case))
    return judged(pd.DataFrame(found), inner / (inner + noise))


@register("odds of a higher answer", calibrated.SKEW, calibrated.ZERO)
def _odds(random: np.random.Generator, study: Study, replicates: int) -> Rows:
    cuts = stats.norm.ppf([0.02, 0.06, 0.15] if study.case == calibrated.SKEW else [0.2, 0.5, 0.8])
    plain = study.but(calibrated.PLAIN) if study.case == calibrated.SKEW else study
    rows = {"tenure": study.noise(random, 1, 0.0)[:, 0], "cluster_id": study.cluster}
    frame = pd.DataFrame(rows).assign(respondent_id=np.arange(len(study.cluster)))
    found = [
        ordinal.proportional_odds(frame.assign(answer=np.searchsorted(cuts, values)), "answer", ["tenure"]).iloc[0]
        for values in plain.noise(random, replicates).T
    ]
    return judged(pd.DataFrame(found), 1.0, null=True)


def people(count: int, case: str) -> np.ndarray:
    """Code of each person's cluster: unequal sizes, as in calibration.py; as a hard case one holds half of all.

    Departments as clusters hold two HR partners, so twice as many people.
    """
    sizes = np.quantile(SIZES, (np.arange(count) + 0.5) / count).round().astype(int)
    if case == calibrated.DECLARED:
        sizes *= 2
    if case == calibrated.LARGE:
        sizes[-1] = sizes[:-1].sum()
    return np.repeat(np.arange(count), sizes)


def measure(name: str, case: str, count: int, known: dict[str, object] | None = None) -> dict[str, object]:
    """Simulate the next hundred studies of a cell, beyond those that are known."""
    row = known or {"estimator": name, "case": case, "clusters": count, "studies": 0, "told": 0, "held": 0}
    done = int(row["studies"])
    study = Study.of(people(count, case), case)
    found = REGISTRY[name][1](np.random.default_rng([SEED, count, done]), study, AT_ONCE)
    told = found["told"].to_numpy(bool)
    nulls = found["rejected"].notna().any()
    rejected = int(row.get("rejected") or 0) + int(found["rejected"][told].sum()) if nulls else None
    counted = {"told": int(row["told"]) + int(told.sum()), "held": int(row["held"]) + int(found["held"][told].sum())}
    return row | {"studies": done + len(found), **counted, "rejected": rejected}


def cells() -> list[tuple[str, str, int]]:
    """Every cell in the order in which it is measured."""
    return [(name, case, count) for count in CLUSTERS for name, (cases, _) in REGISTRY.items() for case in cases]


def keep(rows: dict[tuple[str, str, int], dict[str, object]]) -> None:
    """Write the store and the page of what is known, in the order of the registry."""
    order = [(name, case, count) for name, (cases, _) in REGISTRY.items() for case in cases for count in CLUSTERS]
    lines = [json.dumps(rows[cell]) for cell in order if cell in rows]
    STORE.write_text("[\n" + ",\n".join(lines) + "\n]\n", encoding="utf-8", newline="\n")
    REPORT.write_text(text_of(rows), encoding="utf-8", newline="\n")


def text_of(rows: dict[tuple[str, str, int], dict[str, object]]) -> str:
    """Write what was measured as a page."""
    measured = [row for cell, row in rows.items() if row["studies"] >= FULL]
    lines = [
        "# Calibration with 3 to 36 HR partners",
        "",
        "Share of simulated studies in which the 95 % interval held the truth, of those in which there was one; in "
        "brackets the share in which there was one, where it was less than all. Made by `python "
        "benchmarks/calibration_grid.py --write`; "
        f"{len(measured)} of {len(cells())} cells measured, {FULL:,} studies each (error up to 1.4 points).",
        "",
        "Where departments differ (as much as HR partners within them, four of which share one), intervals over HR "
        "partners speak of the departments there are; read as speaking of others as well, they hold too seldom. Who "
        "means others names departments as `cluster` under `inference` in study.yaml: then the clusters counted below "
        "are departments.",
        "",
        f"| Estimator | Hard case | {' | '.join(f'{count}' for count in sorted(CLUSTERS))} |",
        f"|---|---|{'---:|' * len(CLUSTERS)}",
    ]
    for name, (cases, _) in REGISTRY.items():
        for case in cases:
            figures = [_figure(rows.get((name, case, count))) for count in sorted(CLUSTERS)]
            lines.append(f"| {name} | {case} | {' | '.join(figures)} |")
    lines += ["", "Share of true nulls called an effect at 5 %, where the truth is one:", ""]
    lines += lines[6:8]
    for name, (cases, _) in REGISTRY.items():
        for case in cases:
            own = [rows.get((name, case, count)) for count in sorted(CLUSTERS)]
            if any(row and row["rejected"] is not None for row in own):
                lines.append(f"| {name} | {case} | {' | '.join(_figure(row, 'rejected') for row in own)} |")
    return "\n".join(lines) + "\n"


def _figure(row: dict[str, object] | None, which: str = "held") -> str:
    if not row or row["studies"] < FULL or row[which] is None:
        return "not run" if not row or row["studies"] < FULL else "–"
    told, studies = int(row["told"]), int(row["studies"])
    if told < studies / 10:
        return "refuses"
    rate = f"{100 * int(row[which]) / told:.1f}"
    return rate if told == studies or which != "held" else f"{rate} ({100 * told / studies:.0f})"


def main() -> None:
    """Measure the cells of the estimators named on the command line, or all, from where the last run stopped."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="estimators; all when none is named")
    parser.add_argument("--minutes", type=float, default=np.inf, help="stop after so many minutes; run again to go on")
    parser.add_argument("--write", action="store_true", help=f"keep the results in {STORE.name} and {REPORT.name}")
    parser.add_argument("--anew", action="store_true", help="forget what was measured of these estimators")
    arguments = parser.parse_args()
    if unknown := sorted(set(arguments.names) - REGISTRY.keys()):
        parser.error(f"no estimator {', '.join(unknown)}; there are {', '.join(REGISTRY)}")
    end = time.monotonic() + 60 * arguments.minutes
    rows = {(row["estimator"], row["case"], row["clusters"]): row for row in calibrated.kept()}
    for cell in cells():
        if arguments.names and cell[0] not in arguments.names:
            continue
        if arguments.anew:
            rows.pop(cell, None)
        started = time.process_time()
        while (row := rows.get(cell)) is None or row["studies"] < FULL:
            if time.monotonic() > end:
                print("stopped; run the same command without --anew to go on", flush=True)
                return
            rows[cell] = measure(*cell, row)
            if arguments.write:
                keep(rows)
        print(*cell, rows[cell], f"{time.process_time() - started:.1f} s", sep=", ", flush=True)


if __name__ == "__main__":
    warnings.simplefilter("ignore", RuntimeWarning)
    main()
