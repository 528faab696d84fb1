"""Recover what was planted: bias and coverage of the survey's estimators over simulated studies.

Run ``python benchmarks/recovery.py`` for 200 studies of 36 HR partners and 420 managers in two waves, of whom 90 % and
70 % answer; ``--write`` keeps the table in ``recovery.md`` beside this file. Where the simulation's formulas give the
truth it is computed from them, else it is the estimate from one study of 2,000 HR partners and 24,000 managers, whose
own error is a seventh of the spread shown.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.analysis.methods import agreement, dominance
from helpers.analysis.survey import change, dyads, scales
from helpers.data import Codebook, Study

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))  # the simulation is no part of the package
from simulation import answers
from simulation.replicates import partnership_responses

STUDIES = 200
GAP, CHANGE = 0.5, 0.25  # standard deviations of the trait
DIMENSION = "listening"
PREDICTORS = ["listening", "follow_through", "respect_trust", "candour", "ownership"]


def codebook() -> Codebook:
    """Return the codebook of the shipped instrument."""
    return Study.load("data/sample").codebook


def known() -> dict[str, float]:
    """Truths that follow from the formulas of the simulation, in points from 0 to 100."""
    level = [answers.expected(np.array(0.0), item) for item in range(answers.ITEMS)]
    later = [answers.expected(np.array(CHANGE), item) for item in range(answers.ITEMS)]
    return {
        "mean of managers": 25 * (np.mean(level) - 1),
        "gap between HR and managers": 25 * (answers.expected(np.array(GAP)) - level[0]),
        "change between waves": 25 * (np.mean(later) - np.mean(level)),
    }


def estimated(responses: pd.DataFrame, book: Codebook) -> dict[str, tuple[float, float, float]]:
    """Estimate, low and high of every quantity in one study."""
    first = responses[responses["wave"] == "1"]
    managers = scales.scores(responses[responses["side"] == "manager"], book)
    now = managers[managers["wave"] == "1"]
    of_one = now[now["dimension"] == DIMENSION]
    pairs = dyads.paired_scores(scales.scores(first, book, short_form=True))
    pairs = pairs[pairs["dimension"] == DIMENSION]
    outcome = scales.outcome_scores(first, book)
    both = dyads.with_outcome(pairs, outcome, "work_again")
    alike = dyads.similarity(pairs).set_index("coefficient")
    effects = dyads.actor_partner(both).set_index(["side", "effect"])
    reliability = scales.reliability(first, book, "manager").set_index(["dimension", "coefficient"])
    icc = agreement.group_reliability(of_one, "cluster_id").set_index("coefficient")
    wide = now.pivot_table("score_100", ["respondent_id", "cluster_id"], "dimension").reset_index()
    rated = outcome[outcome["side"] == "manager"][["respondent_id", "score"]]
    ranked = dominance.importance(wide.merge(rated, on="respondent_id"), "score", PREDICTORS, bootstrap=200)
    ranked = ranked.set_index("predictor")
    found = {
        "mean of managers": scales.summary(of_one, measures=["score_100"]).iloc[0],
        "gap between HR and managers": dyads.perception_gap(pairs).iloc[0],
        "change between waves": change.between_waves(managers, "1", "2").set_index("dimension").loc[DIMENSION],
        "alpha": reliability.loc[(DIMENSION, "alpha")],
        "omega": reliability.loc[(DIMENSION, "omega")],
        "ICC(1) of HR partners": icc.loc["ICC(1)"],
        "absolute agreement of both sides": alike.loc["ICC(A,1)"],
        "correlation of both sides": alike.loc["correlation"],
        "actor effect, managers": effects.loc[("manager", "actor")],
        "partner effect, managers": effects.loc[("manager", "partner")],
        "importance of listening": ranked.loc["listening"],
        "importance of candour": ranked.loc["candour"],
    }
    return {name: tuple(row[["estimate", "low", "high"]].astype(float)) for name, row in found.items()}


def study(seed: int, **options) -> pd.DataFrame:
    """Draw one study with the planted gap and change."""
    return partnership_responses(seed, waves=2, gap=GAP, change=CHANGE, **options)


def truths(book: Codebook) -> dict[str, float]:
    """Everything's truth: the known ones, and the rest from one very large study."""
    large = estimated(study(0, clusters=2000, managers=24000), book)
    return {name: values[0] for name, values in large.items()} | known()


def measure(studies: int) -> pd.DataFrame:
    """Bias and coverage over studies.

    Parameters
    ----------
    studies : int
        Number of simulated studies.

    Returns
    -------
    pandas.DataFrame
        One row per quantity: quantity, truth, mean (of the estimates), bias, standard_error (of the bias, by
        simulation), spread (standard deviation of the estimates), coverage (share of the 95 % intervals that hold the
        truth), studies.
    """
    book = codebook()
    return compared(truths(book), [estimated(study(seed), book) for seed in range(1, studies + 1)])


def compared(truth: dict[str, float], found: list[dict[str, tuple[float, float, float]]]) -> pd.DataFrame:
    """Compare estimates and intervals of many studies with the truth; columns as :func:`measure`."""
    rows = []
    for name, value in truth.items():
        estimate, low, high = np.array([one[name] for one in found]).T
        spread = estimate.std(ddof=1)
        rows.append({"quantity": name, "truth": value, "mean": estimate.mean(), "bias": estimate.mean() - value})
        rows[-1] |= {"standard_error": spread / np.sqrt(len(found)), "spread": spread}
        rows[-1] |= {"coverage": np.mean((low <= value) & (value <= high)), "studies": len(found)}
    return pd.DataFrame(rows)


DESIGN = "36 HR partners and 420 managers"


def report(
    measured: pd.DataFrame,
    title: str = "Recovery of what was planted",
    design: str = DESIGN,
    script: str = "recovery.py",
) -> str:
    """Write the result as a Markdown table."""
    lines = [
        f"# {title}",
        "",
        f"{measured['studies'].iloc[0]} simulated studies of {design}; made by `python benchmarks/{script} --write`.",
        "",
        "| Quantity | Truth | Mean estimate | Bias | Simulation error | Spread | Coverage of the 95 % interval |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    for row in measured.to_dict("records"):
        numbers = [f"{row[name]:.3f}" for name in ("truth", "mean", "bias", "standard_error", "spread")]
        lines.append(f"| {row['quantity']} | {' | '.join(numbers)} | {100 * row['coverage']:.1f} % |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Measure, print, and keep the result if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=STUDIES, help="simulated studies (default 200)")
    parser.add_argument("--write", action="store_true", help="keep the result in recovery.md")
    arguments = parser.parse_args()
    text = report(measure(arguments.studies))
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
