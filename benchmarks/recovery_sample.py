"""Recover what was planted in the sample's outcomes, pulse, cases, messages and practices, in samples drawn anew.

Run ``python benchmarks/recovery_sample.py`` for 2,000 samples, each with another company, other answers and other
events. The 95 % intervals of the models of chapters 04, 05, 07, 09, 10 and 11 ought to hold each truth in 95 of 100
samples, within the band in which a rate of 95 % lies 99 times in 100. Tables are drawn by the generator of the sample,
read as those of a study, and never written; none of the samples was chosen. ``--write`` keeps in
``recovery_sample.json`` which samples missed, and the rates in ``recovery_sample.md``; ``--minutes 4`` stops, and the
same command goes on. ``--chapters 09 --anew`` measures one chapter again, such as after a change of its estimator.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import statsmodels.formula.api as smf
import yaml
from scipy import stats
from statsmodels.genmod.families import Poisson

from helpers.analysis.business import associations, messages, pulse, recall, relations
from helpers.analysis.business import panel as panels
from helpers.analysis.methods import clustered, coders, time_series
from helpers.analysis.methods.few_clusters import few_clusters
from helpers.analysis.practice import promises, session
from helpers.data import Study
from helpers.data.read import Raw

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))  # the simulation is no part of the package
from simulation import answers, cases, company, outcomes, practice
from simulation import messages as statements
from simulation import recall as recalled

SAMPLE = Path(__file__).resolve().parents[1] / "data" / "sample"
STORE = Path(__file__).with_suffix(".json")
SAMPLES = 2000
#: Samples after which the store is written, so that a run can stop.
AT_ONCE = 50
#: 99 times in 100, a rate of 95 % lies between these.
BAND = (0.005, 0.995)
POINTS = 4 / 100  # points (1-5) for a score from 0 to 100
WAVE = "2026-H1"
TRUTHS = {
    row["id"]: row["value"] for row in yaml.safe_load((SAMPLE / "truths.yaml").read_text(encoding="utf-8"))["truths"]
}
#: Estimate, low and high.
Interval = tuple[float, float, float]
Found = dict[tuple[str, str], Interval]


class Drawn(Study):
    """The sample drawn anew; its tables are drawn when they are first asked for."""

    def __init__(self, sample: Study, seed: int) -> None:
        super().__init__(sample.folder, sample.settings, sample.codebook, merged=False)
        self.seed = seed

    @property
    def tables(self) -> dict[str, Any]:
        """The tables that are drawn."""
        return {name: source for name, source in super().tables.items() if name in self._draws}

    @cached_property
    def _company(self) -> company.Company:
        return company.found(self.seed)

    @cached_property
    def _survey(self) -> tuple[pd.DataFrame, answers.Answers]:
        return answers.survey(self.seed, self._company)

    @cached_property
    def _headcount(self) -> pd.DataFrame:
        return outcomes.headcount(self.seed, self._company)

    @cached_property
    def _practices(self) -> dict[str, pd.DataFrame]:
        return practice.practices(self.seed, self._company)

    def _outcomes(self) -> pd.DataFrame:
        scores = outcomes.team_scores(self._company, self._survey[1])
        return outcomes.outcomes(self.seed, self._company, self._headcount, scores)

    @cached_property
    def _draws(self) -> dict[str, Callable[[], pd.DataFrame]]:
        recorded = ("sessions", "log", "answers")
        names = {*(f"practice_{name}" for name in recorded), "commitments"}
        return {
            "people": lambda: self._company.people,
            "partnerships": lambda: self._company.partnerships,
            "units": lambda: self._company.units,
            "survey": lambda: self._survey[0],
            "headcount": lambda: self._headcount,
            "pulse": lambda: outcomes.pulse(self.seed, self._company, self._headcount),
            "outcomes": self._outcomes,
            "cases": lambda: cases.cases(self.seed),
            "messages": lambda: statements.messages(self.seed),
            "recall": lambda: recalled.recall(self.seed, self._company),
            "practice_draws": lambda: practice.draws(self._company),
            **{name: lambda name=name: self._practices[name] for name in names},
        }

    def _prepare(self, name: str) -> tuple[pd.DataFrame, list[Any]]:
        """Read a drawn table as that of a file: as text, empty cells missing."""
        return self.interpreted(name, Raw(as_text(self._draws[name]())))


def as_text(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table the text that its file would hold; see ``simulation.study``."""
    whole = {name: "Int64" for name in table if table[name].dtype.kind == "f"}
    text = table.astype(whole).astype("string")
    return text.mask(text.eq("")).astype(object).where(text.notna() & text.ne(""), None)


def of(row: Any, factor: float = 1.0) -> Interval:
    """Return estimate, low and high of a row, in another unit."""
    low, high = sorted((float(row["low"]) * factor, float(row["high"]) * factor))
    return float(row["estimate"]) * factor, low, high


# Chapter 04

METRICS = {
    "turnover_score": "voluntary_turnover",
    "complaints_score": "quality_complaints",
    "output_score": "output_per_employee",
}
FORMULAS = {
    "within units": ("value ~ score + unit + period", "score"),
    "between units": ("value ~ usual + deviation + period", "usual"),
}


def business(study: Study) -> Found:
    """One quarter later: log ratios for a point of 1 to 5, and none for the workload, with which nothing goes."""
    panel = panels.panel(study)
    parts = list(panel[panel["timing"] != panels.SAME].groupby(associations.BY))
    found: Found = {}
    for where, (formula, term) in FORMULAS.items():
        models = {key: smf.glm(formula, rows, family=Poisson(), exposure=rows["expected"]) for key, rows in parts}
        rows = few_clusters(models, "unit", term, by=associations.BY).set_index(["hr", "business"])
        for truth, metric in METRICS.items():
            found[truth, where] = of(rows.loc[("manager_score", metric)], 1 / (10 * POINTS))
        found["turnover and workload (null)", where] = of(
            rows.loc[("workload_is_manageable", METRICS["turnover_score"])]
        )
    return found


# Chapter 09

ITEMS = {
    "pulse_step": "hr_and_managers_pull_together",
    "pulse_step_workload": "workload_is_manageable",
    "pulse_step_recommend": "would_recommend_us",
}


def trends(study: Study) -> Found:
    """Changes of level of both cohorts, beside themselves and less the teams that never began."""
    by = ["item", "since", "aspect"]
    parts = pulse.interrupted(study).groupby(by, sort=False)
    models = {key: smf.ols("mean ~ after + years + sin1 + cos1 + sin2 + cos2", part) for key, part in parts}
    rows = time_series.level_change(models, "after", "month", by=by).set_index(["item", "since", "aspect"])
    truths = {item: truth for truth, item in ITEMS.items()}
    return {
        (truths[item], f"{since}, {aspect[0].lower()}{aspect[1:]}"): of(row)
        for (item, since, aspect), row in rows.iterrows()
    }


# Chapter 10


def employees(study: Study) -> Found:
    """What came of cases, and what employees say of being heard."""
    said = study.responses(wave=WAVE).query("side == 'employee'").filter(like="employee_view").dropna()
    said = said.assign(
        person=range(len(said)),
        told=said["employee_view_4"] - said.drop(columns="employee_view_4").mean(axis=1),
        fair=said["employee_view_1"] - said["employee_view_6"],
    )
    found: Found = {
        (truth, ""): of(clustered.mean(said, column, "person").iloc[0])
        for truth, column in (("employee_told", "told"), ("employee_heard_fair", "fair"))
    }
    for rows in relations.settled(relations.prepared(study)).values():
        reply = few_clusters(smf.glm("days ~ anonymous", rows, family=Poisson()), "case_id", "anonymous")
        upheld = few_clusters(smf.ols("upheld ~ anonymous", rows), "case_id", "anonymous")
        found |= {("reply_anonymous", ""): of(reply.iloc[0]), ("upheld_anonymous", ""): of(upheld.iloc[0])}
    return found


# Chapter 11


def brand(study: Study) -> Found:
    """What employees report less what is promised, what customers and candidates are told, and change over time."""
    rows = messages.coded(study)
    rated, outward = messages.rated(rows), messages.rated(rows[rows["inside"] == 0])
    inside = _by(rated, "attribute", "rating ~ inside", "inside")
    outside = _by(outward, "attribute", "rating ~ to_customers", "to_customers")
    years = _by(messages.rated(rows, audiences=1), "audience", "rating ~ years + attribute", "years")
    agreed = messages.agreement(rows).set_index(["column", "measure"]).loc[("attribute", coders.COHEN)]
    found: Found = {("coder_kappa", ""): of(agreed), ("brand_caring", ""): of(inside.loc["Caring"], -1)}
    found |= {("brand_outside", name): of(row) for name, row in outside.iterrows()}
    found |= {("brand_time", name): of(row) for name, row in years.iterrows()}
    return found | remembered(study)


def remembered(study: Study) -> Found:
    """How many more of each audience can say the message after it was told than before."""
    both = recall.twice(recall.asked(study))
    models = {str(name).lower(): smf.ols("recalled ~ later", part) for name, part in both.groupby("audience")}
    rows = few_clusters(models, cluster="asked_in", term="later", by="audience").set_index("audience")
    return {(f"recall_{name}", ""): of(row) for name, row in rows.iterrows()}


def _by(rows: pd.DataFrame, by: str, formula: str, term: str) -> pd.DataFrame:
    models = {name: smf.ols(formula, part) for name, part in rows.groupby(by)}
    return few_clusters(models, cluster="message_id", term=term, by=by).set_index(by)


# Chapters 05 and 07


def practices(study: Study) -> Found:
    """Guesses and answers in role swaps, and promises kept."""
    told = session.Sessions.of(study, "role_swap")
    gains = session.gains(told)
    gains = gains[gains["metric"] == "hits_asked"]
    asked = few_clusters(
        {side: smf.ols("gain ~ 1", own) for side, own in gains.groupby("side")}, "cluster_id", by="side"
    )
    guessed = gains.assign(hr=gains["side"].eq("hr").astype(float))
    side = few_clusters(smf.ols("before ~ hr", guessed), "cluster_id", "hr").iloc[0]
    ended = promises.of_one_side(promises.Promises.of(study, "", 30).ended)
    ended = ended.assign(first=ended["cohort"].eq(practice.COHORTS["treated"]).astype(float))
    kept = few_clusters(smf.ols("kept ~ side + first", ended), "cluster_id").set_index("term")
    found: Found = {("hits_asking", str(row["side"])): of(row) for _, row in asked.iterrows()}
    return found | {
        ("hits_side", ""): of(side),
        ("kept_side", ""): of(kept.loc["side[T.hr]"], 0.01),
        ("kept_cohort", ""): of(kept.loc["first"], 0.01),
    }


CHAPTERS: dict[str, Callable[[Study], Found]] = {
    "04": business, "05 and 07": practices, "09": trends, "10": employees, "11": brand,
}  # fmt: skip


def estimated(study: Study, chapters: Any = ()) -> dict[str, Interval]:
    """Estimate everything in one sample: ``"04, turnover_score, within units"`` to estimate, low and high."""
    return {
        ", ".join([chapter, *filter(None, key)]): interval
        for chapter in chapters or CHAPTERS
        for key, interval in CHAPTERS[chapter](study).items()
    }


# What is kept

#: What methods pages say of truths that intervals hold less or more often than they promise, and of which truths.
STATED: dict[str, tuple[str, ...]] = {
    "In samples drawn anew like the sample study, intervals of associations between units are told cautiously: they "
    "held the truth in {coverage} of {samples}.": (
        "04, output_score, between units",
        "04, turnover_score, between units",
    ),
}


def truth_of(name: str) -> float:
    """Return what was planted; nothing where the sample plants nothing, as of the workload."""
    return float(TRUTHS.get(name.split(", ")[1], 0.0))


def kept() -> dict[str, dict[str, Any]]:
    """Return what was measured so far, by truth: samples, untold and missed (seeds), sum and squares, first."""
    return json.loads(STORE.read_text(encoding="utf-8")) if STORE.exists() else {}


def measure(
    samples: int, known: dict[str, dict[str, Any]] | None = None, until: float = np.inf, chapters: Any = ()
) -> dict[str, Any]:
    """Draw samples beyond those that are known already, and see which intervals hold their truth.

    Parameters
    ----------
    samples : int
        How many in all; the seeds of the generator are 1, 2, ...
    known : dict, optional
        What :func:`kept` returned.
    until : float
        Time of the monotonic clock at which to stop.
    chapters : sequence of str
        Chapters to measure; those known are of these alone.

    Returns
    -------
    dict
        As :func:`kept`.
    """
    sample, found = Study.load(SAMPLE), {name: dict(row) for name, row in (known or {}).items()}
    done = max((row["samples"] for row in found.values()), default=0)
    for seed in range(done + 1, samples + 1):
        if time.monotonic() > until:
            break
        told = estimated(Drawn(sample, seed), chapters)
        for name in [*found, *(name for name in told if name not in found)]:
            row = found.setdefault(name, {"samples": seed - 1, "untold": [*range(1, seed)], "missed": []})
            estimate, low, high = told.get(name, (np.nan, np.nan, np.nan))
            row["samples"] = seed
            if np.isnan(low + high):
                row["untold"] = [*row["untold"], seed]
                continue
            row.setdefault("first", [float(f"{number:.6g}") for number in (estimate, low, high)])
            row["missed"] = row["missed"] + [seed] * (not low <= truth_of(name) <= high)
            row["sum"], row["squares"] = row.get("sum", 0.0) + estimate, row.get("squares", 0.0) + estimate**2
    return found


def band(told: int) -> tuple[int, int]:
    """Return how many of so many intervals hold the truth, 99 times in 100, at a rate of 95 %."""
    low, high = (int(stats.binom.ppf(end, told, 0.95)) for end in BAND)
    return low, high


def table(known: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Return bias and coverage by truth: quantity, truth, mean, bias, error, spread, told, held, inside (the band)."""
    rows = []
    for name, row in known.items():
        told, truth = row["samples"] - len(row["untold"]), truth_of(name)
        mean, held = row["sum"] / told, told - len(row["missed"])
        spread = np.sqrt(max(row["squares"] - told * mean**2, 0.0) / max(told - 1, 1))
        low, high = band(told)
        rows.append({"quantity": name, "truth": truth, "mean": mean, "bias": mean - truth, "spread": spread})
        rows[-1] |= {"error": spread / np.sqrt(told), "told": told, "held": held, "inside": low <= held <= high}
    return pd.DataFrame(rows).sort_values("quantity", kind="stable", ignore_index=True)


def stated(rows: pd.DataFrame) -> list[str]:
    """Return what methods pages say of the truths that miss the band."""
    by, told = rows.set_index("quantity"), []
    for sentence, names in STATED.items():
        if not by.index.isin(names).any():
            continue  # of a chapter that was not measured
        shares = [f"{100 * by.loc[name, 'held'] / by.loc[name, 'told']:.1f}" for name in names]
        ends = dict.fromkeys([min(shares, key=float), max(shares, key=float)])
        told.append(sentence.format(coverage=f"{' to '.join(ends)} %", samples=f"{by.loc[names[0], 'told']:,}"))
    return told


def text_of(known: dict[str, dict[str, Any]]) -> str:
    """Write what was measured as a page."""
    rows = table(known)
    samples = max(row["samples"] for row in known.values())
    low, high = (100 * end / samples for end in band(samples))
    lines = [
        "# Recovery of what was planted in the sample",
        "",
        f"{samples:,} samples drawn anew by the generator of the sample, none of them chosen; made by",
        f"`python benchmarks/{Path(__file__).name} --write`. Models are those of the chapters. A rate of 95 % lies",
        f"between {low:.1f} and {high:.1f} % in 99 of 100 runs; what does not is marked. Not every sample tells",
        "everything: groups that are too small are not told.",
        "",
        "| Chapter | Truth | Planted | Mean estimate | Bias | Simulation error | Spread | Samples | Held | |",
        "|---|---|---:|---:|---:|---:|---:|---:|---:|---|",
    ]
    for row in rows.to_dict("records"):
        chapter, what = row["quantity"].split(", ", 1)
        numbers = " | ".join(f"{row[name]:.3f}" for name in ("truth", "mean", "bias", "error", "spread"))
        mark = "" if row["inside"] else "misses"
        lines.append(
            f"| {chapter} | {what} | {numbers} | {row['told']:,} | {100 * row['held'] / row['told']:.1f} % | {mark} |"
        )
    said = [f"- {sentence}" for sentence in stated(rows)]
    return "\n".join([*lines, *(["", "## What misses, and what the reports say", "", *said] if said else [])]) + "\n"


def write(known: dict[str, dict[str, Any]]) -> None:
    """Keep what was measured."""
    lines = [f" {json.dumps(name)}: {json.dumps(row)}" for name, row in sorted(known.items())]
    STORE.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8", newline="\n")
    STORE.with_suffix(".md").write_text(text_of(known), encoding="utf-8", newline="\n")


def main() -> None:
    """Measure from where the last run stopped, and keep the results if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=SAMPLES, help=f"samples to draw (default {SAMPLES:,})")
    parser.add_argument("--minutes", type=float, default=np.inf, help="stop after so many minutes; run again to go on")
    parser.add_argument("--write", action="store_true", help=f"keep the results in {STORE.name} and .md")
    parser.add_argument("--chapters", nargs="*", choices=CHAPTERS, default=[*CHAPTERS], help="chapters to measure")
    parser.add_argument("--anew", action="store_true", help="forget what was measured of these chapters")
    arguments = parser.parse_args()
    end = time.monotonic() + 60 * arguments.minutes
    known = kept() if arguments.write else {}
    own = {name: row for name, row in known.items() if name.split(", ")[0] in arguments.chapters}
    others = {name: row for name, row in known.items() if name not in own}
    own = {} if arguments.anew else own
    done = max((row["samples"] for row in own.values()), default=0)
    while done < arguments.samples and time.monotonic() < end:
        own = measure(min(done + AT_ONCE, arguments.samples), own, end, arguments.chapters)
        done = max(row["samples"] for row in own.values())
        if arguments.write:
            write(others | own)
    if arguments.write:
        write(others | own)
    print(text_of(others | own))


if __name__ == "__main__":
    warnings.simplefilter("ignore", RuntimeWarning)
    main()
