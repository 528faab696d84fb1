"""The small clients of the tests: one with nothing but a survey, one with a survey after its first role swaps."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pandas as pd

import helpers.data

from .replicates import partnership_responses

SEED = 28
DEPARTMENTS = ("Production", "Sales", "Workshop")
COMMENTS = (
    "Call me before the form is due, not after.",
    "Good advice on the two hires this spring.",
    "I would like to know who covers holidays.",
    "Fewer systems for the same absence note.",
)


def survey() -> pd.DataFrame:
    """Return the survey table: 28 managers and the three HR partners about each of them, the partners' short form."""
    random = np.random.default_rng(SEED)
    answers = partnership_responses(SEED, clusters=3, managers=28, gap=0.8, response=(1.0, 1.0))
    answers = answers.drop(columns=["weight", "rated_id", "cluster_id", "partnership_id"])
    answers["wave"] = "2026"
    days = pd.Timestamp("2026-04-07") + pd.to_timedelta(random.integers(0, 14, len(answers)), unit="D")
    answers["submitted_at"] = days.strftime("%Y-%m-%d")
    manager = answers["side"] == "manager"
    answers.insert(6, "department", pd.Series(random.choice(DEPARTMENTS, len(answers))).where(manager))
    answers["comment"] = None
    told = random.choice(np.flatnonzero(manager), len(COMMENTS), replace=False)
    answers.loc[told, "comment"] = COMMENTS
    numbers = answers.select_dtypes("number").columns
    return answers.astype(dict.fromkeys(numbers, "Int64"))


def one_wave(pairs: pd.DataFrame) -> pd.DataFrame:
    """Return the survey of a client whose pairs are known: both sides of each, six weeks after their role swaps."""
    answers = partnership_responses(SEED, clusters=pairs["hr_id"].nunique(), managers=len(pairs), response=(1.0, 1.0))
    known = pairs.sort_values(["hr_id", "partnership_id"]).reset_index(drop=True)
    place = answers["partnership_id"].str[1:].astype(int)
    for name in ("partnership_id", "hr_id", "manager_id"):
        answers[name] = place.map(known[name])
    answers["respondent_id"] = answers["hr_id"].where(answers["side"] == "hr", answers["manager_id"])
    answers["wave"], answers["submitted_at"] = "2026", "2026-04-20"
    answers = answers.drop(columns=["weight", "rated_id", "cluster_id", "side", "hr_id", "manager_id"])
    return answers.astype(dict.fromkeys(answers.select_dtypes("number").columns, "Int64"))


def write_one_wave(folder: Path) -> Path:
    """Write survey.csv and codebook.yaml of the client with role swaps, whose other tables are those before it."""
    before = folder.parent / "capture_only"
    for path in before.glob("*.csv"):
        shutil.copyfile(path, folder / path.name)
    shutil.copyfile(folder.parent / "small_client" / "codebook.yaml", folder / "codebook.yaml")
    one_wave(pd.read_csv(before / "partnerships.csv")).to_csv(
        folder / "survey.csv", index=False, lineterminator="\n", encoding="utf-8"
    )
    return folder


def write(folder: Path) -> Path:
    """Write survey.csv and codebook.yaml into a folder, and return it."""
    survey().to_csv(folder / "survey.csv", index=False, lineterminator="\n", encoding="utf-8")
    shutil.copyfile(Path(helpers.data.__file__).parent / "instrument" / "codebook.yaml", folder / "codebook.yaml")
    return folder
