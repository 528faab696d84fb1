"""Writes the sample study: study.yaml, codebook, tables, truths and the README that explains them."""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

import pandas as pd

from helpers.data.tables import TABLES
from helpers.data.yaml_files import scalar

from . import answers, cases, messages, other_truths, outcomes, practice, recall, recruiting, survey_truths
from .answers import Answers
from .company import AS_OF, NAME, WAVES, Company, found
from .recruiting import HiringTables
from .truths import FORMULA, truths_yaml

TEMPLATE = files("simulation").joinpath("readme.md")
FURTHER = {
    "tenure": "Time in the organisation at the first wave",
    "name": "Invented name; lets comments be redacted",
    "email": "Invented address; lets comments be redacted",
}
#: What was agreed after the second wave.
ACTIONS = [
    {"action_id": "A1", "finding_id": "partnership_survey--gap-listening", "measure": "listening", "status": "done",
     "action": "Swap roles in the teams of the first lot", "owner": "Head of HR", "due_on": "2026-02-28"},
    {"action_id": "A2", "finding_id": "partnership_survey--gap-follow_through", "measure": "follow_through",
     "action": "Keep one list of promises for each pair, with dates", "owner": "Lead of the HR partners",
     "due_on": "2026-09-30", "status": "under_way"},
    {"action_id": "A3", "finding_id": "partnership_survey--group-department-logistics-open_communication",
     "measure": "open_communication", "status": "planned",
     "action": "Ask managers in Logistics what reaches them late", "owner": "Head of Logistics",
     "due_on": "2026-05-31"},
]  # fmt: skip
#: What two teams promised after their results of the second wave.
PROMISES_OF_TEAMS = [
    {"commitment_id": "T1", "wave": "2025-H2", "attribute": "department", "team": "Finance and IT",
     "promise": "Begin every request to HR with the reason for it", "owner": "Head of Finance and IT",
     "measure": "listening", "made_on": "2026-01-22", "due_on": "2026-04-30", "closed_on": "2026-04-28",
     "outcome": "kept"},
    {"commitment_id": "T2", "wave": "2025-H2", "attribute": "department", "team": "Logistics",
     "promise": "Hold a talk of ten minutes with HR every Monday", "owner": "Head of Logistics",
     "measure": "open_communication", "made_on": "2026-01-29", "due_on": "2026-05-29", "closed_on": "",
     "outcome": "open"},
]  # fmt: skip
SEED = 20260630
"""Fixed before any result of the sample study was looked at; the hiring tables are a chosen draw (recruiting.DRAW)."""


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
        "practices:",
        "  participation:",
        f"    customer_call: {scalar(practice.PARTICIPATION)}",
        "codebook: codebook.yaml",
        "benchmarks:",
        "  - {measure: listening, value: 3.5, unit: points (1-5), source: Invented panel of food firms, year: 2025}",
        "  - {measure: knowledge, value: 3.3, unit: points (1-5), source: Invented panel of food firms, year: 2025}",
        "# Written down before anything was computed: which HR metric stands beside which business metric.",
        "metric_tree:",
        "  lag: 1",
        "  currency: CHF",
        "  branches:",
        "    - {hr: manager_score, business: voluntary_turnover, worth: 30000}",
        "    - {hr: manager_score, business: quality_complaints, worth: 400}",
        "    - {hr: manager_score, business: output_per_employee}",
        "    - {hr: workload_is_manageable, business: voluntary_turnover, step: 0.2, worth: 30000}",
        "# Made-up people need no protection from two reports of them: nothing is recorded here.",
        "releases: false",
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
    hiring: HiringTables
    tables: dict[str, pd.DataFrame]


def simulate(seed: int = SEED) -> Sample:
    """Simulate every table of the sample study."""
    company = found(seed)
    survey, given = answers.survey(seed, company)
    hired = recruiting.write_hiring(seed, company, given)
    employees = outcomes.headcount(seed, company)
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
        **practice.practices(seed, company),
        "team_commitments": pd.DataFrame(PROMISES_OF_TEAMS),
        "actions": pd.DataFrame(ACTIONS),
        "cases": cases.cases(seed),
        "messages": messages.messages(seed),
        "recall": recall.recall(seed, company),
    }
    return Sample(company, given, hired, tables)


def truths(sample: Sample, seed: int) -> list[dict[str, object]]:
    """Return every planted truth as a row of truths.yaml."""
    scores = outcomes.team_scores(sample.company, sample.answers)
    planted = [
        *survey_truths.response_truths(sample.company),
        *survey_truths.survey_truths(seed, sample.company),
        *other_truths.employee_truths(sample.tables["survey"]),
        *other_truths.hiring_truths(sample.hiring),
        *other_truths.outcome_truths(sample.tables, scores),
        *other_truths.pulse_truths(sample.company),
        *other_truths.practice_truths(sample.tables),
        *other_truths.case_truths(sample.tables["cases"]),
        *other_truths.message_truths(),
        *other_truths.recall_truths(),
    ]
    return [truth.row() for truth in planted]


def readme(sample: Sample, planted: list[dict[str, object]], seed: int) -> str:
    """Return the README: what is in the folder, the data dictionary, and what is planted."""
    sides = sample.company.people["side"].value_counts()
    return TEMPLATE.read_text(encoding="utf-8").format(
        company=NAME, seed=seed, draw=recruiting.DRAW,
        managers=sides["manager"], partners=sides["hr"], employees=sides["employee"],
        consent=practice.CONSENT, late=practice.LATE, left=practice.LEFT, unrecorded=practice.UNRECORDED,
        as_of=AS_OF.isoformat(), skipped=answers.SKIPPED, straight=answers.STRAIGHT, formula=FORMULA,
        dictionary="\n\n".join(_dictionary(name, table) for name, table in sample.tables.items()),
        truths=_truth_tables(planted),
    )  # fmt: skip


def _dictionary(name: str, table: pd.DataFrame) -> str:
    """Describe the columns of a table as the data layer declares them."""
    declared = TABLES[name].columns
    lines = [f"### {name}.csv", "", f"One row: {TABLES[name].row}. {len(table):,} rows.", ""]
    lines += ["| Column | Meaning | Unit |", "|---|---|---|"]
    lines += [f"| {c} | {declared[c].description} | {declared[c].unit} |" for c in table.columns if c in declared]
    further = [column for column in table.columns if column not in declared]
    if name == "survey":
        return "\n".join([*lines, "| *item* | One column per item of `codebook.yaml` | points of the item |"])
    return "\n".join([*lines, *(f"| {column} | {FURTHER[column]} | |" for column in further)])


def _truth_tables(planted: list[dict[str, object]]) -> str:
    parts = []
    for notebook in dict.fromkeys(str(row["notebook"]) for row in planted):
        parts += [
            f"### {notebook}",
            "",
            "| Truth | Statement | Kind | Value | SE | Power | Unit |",
            "|---|---|---|---|---|---|---|",
        ]
        for row in planted:
            if row["notebook"] == notebook:
                strength = f"{row['power']['value']:.3f}" if "power" in row else ""
                parts.append(
                    f"| {row['id']} | {row['statement']} | {row['kind']} | {row['value']:.3f} "
                    f"| {row['standard_error']:.3f} | {strength} | {row['unit']} |"
                )
        parts.append("")
    return "\n".join(parts).rstrip()


def write(folder: str | Path, seed: int = SEED) -> Path:
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
    sample = simulate(seed)
    planted = truths(sample, seed)
    for name, table in sample.tables.items():
        _write_csv(table, folder / f"{name}.csv")
    codebook = files("helpers.data").joinpath("instrument", "codebook.yaml").read_bytes()
    (folder / "codebook.yaml").write_bytes(codebook)
    _write_text(folder / "study.yaml", study_yaml(list(sample.tables)))
    _write_text(folder / "truths.yaml", truths_yaml(planted))
    _write_text(folder / "README.md", readme(sample, planted, seed))
    return folder


def _write_csv(table: pd.DataFrame, path: Path) -> None:
    """Write a table with whole numbers as such, so that no float is formatted by chance."""
    whole = {name: "Int64" for name in table.columns if table[name].dtype.kind == "f"}
    text = table.astype(whole).to_csv(index=False, lineterminator="\n")
    _write_text(path, text)


def _write_text(path: Path, text: str) -> None:
    path.write_text(text, encoding="utf-8", newline="\n")
