"""Writes the sample study: study.yaml, codebook, tables, truths and the README that explains them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd

from . import answers, cases, hiring, messages, outcomes, practice
from .answers import Answers
from .company import AS_OF, NAME, WAVES, Company, found
from .hiring import Hiring

SEED = 20260630
"""Fixed before any result of the sample study was looked at."""


def study_yaml(tables: list[str]) -> str:
    """Return the study file."""
    lines = [
        f"# The sample study. {NAME} is invented, and so is every person, answer and figure in it.",
        "title: Partnership study 2026",
        f"client: {NAME}",
        f"as_of: {AS_OF.isoformat()}",
        "language: en",
        "timezone: Europe/Zurich",
        'brand: {accent: "#0b5c6b", footer: Confidential}',
        "privacy: {min_group: 5, min_comments: 10, min_model_n: 20, verbatims: false}",
        f"waves: [{', '.join(WAVES)}]",
        "attributes: [department, location, level, tenure]",
        "codebook: codebook.yaml",
        "tables:",
        *(f"  {table}: {table}.csv" for table in tables),
    ]
    return "\n".join(lines) + "\n"


@dataclass(frozen=True)
class Sample:
    """Everything that was simulated.

    Parameters
    ----------
    company, answers, hiring
        What lies behind the tables.
    tables
        Table name to table, as written.
    """

    company: Company
    answers: Answers
    hiring: Hiring
    tables: dict[str, pd.DataFrame]


def simulate(seed: int = SEED) -> Sample:
    """Simulate every table of the sample study."""
    company = found(seed)
    survey, given = answers.survey(seed, company)
    hired = hiring.write_hiring(seed, company, given)
    employees = outcomes.headcount(seed, company)
    swaps, swap_answers = practice.role_swaps(seed, company)
    calls, call_answers = practice.customer_calls(seed, company)
    tables = {
        "people": company.people,
        "partnerships": company.partnerships,
        "survey": survey,
        "requisitions": hired.requisitions,
        "hiring_events": hired.events,
        "units": company.units,
        "headcount": employees,
        "pulse": outcomes.pulse(seed, company, employees),
        "outcomes": outcomes.outcomes(seed, company, employees, outcomes.team_scores(company, given)),
        "practice_log": pd.concat([swaps, calls], ignore_index=True),
        "practice_answers": pd.concat([swap_answers, call_answers], ignore_index=True),
        "commitments": practice.commitments(seed, swaps),
        "cases": cases.cases(seed),
        "messages": messages.messages(seed),
    }
    return Sample(company, given, hired, tables)


def write(folder: str | Path = "data/sample", seed: int = SEED) -> Path:
    """Write the sample study.

    Parameters
    ----------
    folder
        Where to write; made when absent. Files of the same name are replaced.
    seed
        Seed of all random numbers. The same seed gives the same bytes.

    Returns
    -------
    The folder.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    written = simulate(seed).tables
    for name, table in written.items():
        _write_csv(table, folder / f"{name}.csv")
    codebook = files("helpers.data").joinpath("instrument", "codebook.yaml").read_bytes()
    (folder / "codebook.yaml").write_bytes(codebook)
    _write_text(folder / "study.yaml", study_yaml(list(written)))
    return folder


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with whole numbers as such, so that no float is formatted by chance."""
    whole = {name: "Int64" for name in table.columns if table[name].dtype.kind == "f"}
    text = table.astype(whole).to_csv(index=False, lineterminator="\n")
    _write_text(path, text)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
