"""Recover what was planted in hiring: bias and coverage over simulated studies, from events to findings.

Run ``python benchmarks/recovery_hiring.py`` for 200 studies like the sample, each with another company, other answers
and other events; ``--write`` keeps the table in ``recovery_hiring.md`` beside this file. Every study goes the whole
way: requisitions and events, openings and waits, early actions and scores of the wave before, Cox model and model of
waits. All truths are parameters of ``simulation.recruiting`` in tests; none of the studies was chosen.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import pandas as pd
from recovery import compared, report
from simulation import answers, company
from simulation import recruiting as planted

from helpers.analysis.hiring import engagement, records
from helpers.analysis.methods import survival

STUDIES = 200
TITLE = "Recovery of what was planted in hiring"
DESIGN = "900 openings of 420 managers and 36 HR partners, none of them chosen"
VARIANCES = np.array([planted.MANAGER_SD, planted.REQUISITION_SD, planted.CHANCE_SD]) ** 2
TRUTHS = {
    "log hazard ratio of filling, early actions": planted.ENGAGEMENT,
    "log hazard ratio of filling, specialists": planted.LEVEL_HAZARD["Specialist"],
    "log hazard ratio of filling, location (null)": 0.0,
    "log hazard ratio of filling, score, by HR partner (null)": 0.0,
    "log ratio of feedback time, Sales": planted.SLOW_DEPARTMENT["Sales"],
    "log ratio of feedback time, score": planted.SCORE_EFFECT,
    "log ratio of feedback time, score, by HR partner": planted.SCORE_EFFECT,
    "log ratio of feedback time, location (null)": 0.0,
    "share of variance, manager": VARIANCES[0] / VARIANCES.sum(),
    "share of variance, opening": VARIANCES[1] / VARIANCES.sum(),
    "share of variance, chance": VARIANCES[2] / VARIANCES.sum(),
}


def study(seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Draw one study: requisitions, events, and what every manager answered on average in every wave."""
    firm = company.found(seed)
    pairs = firm.pairs()
    given = answers.answer(company.generator(seed, "answers"), pairs, answers.existing(firm, pairs))
    tables = planted.write_hiring(seed, firm, given)
    scores = planted.manager_scores(firm, given).rename_axis("wave").rename_axis("manager_id", axis="columns")
    said = scores.stack().rename("score").reset_index()
    said["submitted_at"] = said["wave"].map(company.WAVES).pipe(pd.to_datetime) + pd.Timedelta(days=22, seconds=-1)
    said["hr_id"] = said["manager_id"].map(pairs.drop_duplicates("manager_id").set_index("manager_id")["hr_id"])
    return as_read(tables.requisitions), as_read(tables.events), said


def as_read(table: pd.DataFrame) -> pd.DataFrame:
    """Give a table the types it has when read from a study's folder."""
    table = table.replace("", None)
    return table.assign(**{name: pd.to_datetime(table[name]) for name in table if name.endswith("at")})


def estimated(seed: int) -> dict[str, tuple[float, float, float]]:
    """Estimate, low and high of every quantity in one study."""
    requisitions, events, said = study(seed)
    openings = records.openings(requisitions, events, company.AS_OF)
    openings["north"] = (openings["location"] == "Northmill").astype(float)
    openings["sales"] = (openings["department"] == "Sales").astype(float)
    waits = records.waits(requisitions, events, company.AS_OF)

    early = engagement.early_actions(openings, waits, days=planted.LANDMARK).dropna(subset="early")
    level = "C(level, Treatment('Operative'))"
    end = {"event": "end", "cause": "filled"}
    filled = survival.cox(f"early + north + {level}", early, "days_after", cluster="hiring_manager_id", **end)
    filled = filled.table.set_index("term")

    scored = engagement.scores_before(openings, said)
    by_partner = scored.dropna(subset=["score", "hr_id", "days"])
    by_score = survival.cox(f"score + {level}", by_partner, "days", cluster="hr_id", **end).table.set_index("term")

    columns = ["requisition_id", "north", "sales", "score", "hr_id"]
    feedback = waits[waits["wait"] == "feedback"].merge(scored[columns], on="requisition_id")
    answered = feedback["score"].notna()
    centred = (feedback["score"] - planted.SCORE_CENTRE).fillna(0.0)
    model = engagement.wait_model(
        "sales + score + north + answered", feedback.assign(answered=answered * 1.0, score=centred)
    )
    terms, shares = model.terms.set_index("term"), model.shares.set_index("part")
    partners = engagement.wait_model("sales + score + north", feedback[answered], cluster="hr_id")

    rows = [
        filled.loc["early"], filled.loc[f"{level}[T.Specialist]"], filled.loc["north"], by_score.loc["score"],
        terms.loc["sales"], terms.loc["score"], partners.terms.set_index("term").loc["score"], terms.loc["north"],
        *(shares.loc[part] for part in shares.index),
    ]  # fmt: skip
    return {name: tuple(row[["estimate", "low", "high"]].astype(float)) for name, row in zip(TRUTHS, rows)}


def measure(studies: int) -> pd.DataFrame:
    """Bias and coverage over studies; columns as ``recovery.measure``."""
    return compared(TRUTHS, [estimated(seed) for seed in range(1, studies + 1)])


def main() -> None:
    """Measure, print, and keep the result if asked to."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--studies", type=int, default=STUDIES, help="simulated studies (default 200)")
    parser.add_argument("--write", action="store_true", help="keep the result in recovery_hiring.md")
    arguments = parser.parse_args()
    text = report(measure(arguments.studies), TITLE, DESIGN, Path(__file__).name)
    print(text)
    if arguments.write:
        Path(__file__).with_suffix(".md").write_text(text, encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
