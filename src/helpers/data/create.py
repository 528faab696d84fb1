"""Begin a new study: a folder with settings, codebook, an empty survey and a page that says what to fill in."""

from __future__ import annotations

import datetime
from pathlib import Path

from .codebook import Codebook
from .problems import input_error
from .tables import TABLES, Table

_SETTINGS = """\
# A partnership study: one client or one research project.
title: Partnership study
client: ""
as_of: {today}  # day the data were drawn; later dates are reported as mistakes
language: en  # the only one there is
timezone: UTC  # for example Europe/Zurich; times without an offset are taken as local

brand:
  accent: "#0b5c6b"  # colour of headings and rules in reports
  # logo: logo.png
  footer: Confidential
  # firm: ../firm.yaml  # what all your studies share: accent, logo, footer, templates
  # docx: letter.docx   # templates of your own for Word, PowerPoint (pptx) and Typst (typst)

privacy:
  min_group: 5  # no number is shown for fewer people than this
  min_rated: 2  # nor one that tells of fewer HR partners (or managers, or recruiters) than this
  # 1 shows answers about single ones; that takes a recorded agreement of those rated, which is printed:
  # rated_agreement: all eleven HR partners, in writing, 2026-03-02
  min_comments: 10  # comments are summarised from this many people on
  min_model_n: 20  # models are fitted from this many rows on
  verbatims: false  # true: comments may be quoted
  # promised_min_group: 5  # what the invitation promised; a smaller min_group is then refused

# What holds for recruiting data. One manager's hiring is personal data: by default (audience: shared) no single manager
# is shown. "named" shows managers by name in two exhibits, and only with its legal basis, which is printed there.
# hiring:
#   holidays: [2026-01-01, 2026-05-01]  # days nobody works, besides Saturdays and Sundays
#   service_levels: {{intake: 7, brief: 7, shortlist: 7, cv_review: 3, feedback: 3}}  # days, where records name no time
#   audience: named
#   legal_basis: Works agreement 12 of 2026-03-01, § 4; decided by the works council and the head of HR

# What is recorded of practices: docs/practice-data.md. Only people who agreed are stored, and those whom the employer
# records anyway, on the basis named here; playbooks is a folder with practices of your own.
# practices:
#   participation: {{customer_call: "Works agreement 4 of 2026-03-01, section 2: hours of calls are work time"}}
#   playbooks: my-playbooks

# Of whom intervals speak. Few HR partners give wide intervals where others like them are meant.
# inference:
#   about: these alone  # these HR partners are all there are; else: others like these
#   cluster: company  # attribute whose groups answer alike; else the HR partner, or the respondent. Groups too small to
#     # be shown count as one; with fewer than min_group groups, intervals speak of these alone

waves: []  # order of the survey waves, for example [2025-H2, 2026-H1]; empty: by date
# attributes: [department, location, level]  # columns to break results down by

# Small groups are merged before anything is computed, so that no figures single out fewer people than min_group;
# partnership plan shows how. Here you say which groups belong together, and which to keep before others where that is
# safe, in order of importance:
# merge:
#   location: {{together: {{Coast: [Eastwater, Harbourside]}}, keep: [Northmill]}}
codebook: codebook.yaml  # the questionnaire: dimensions, items, answers

# Files lie in this folder; symbolic links that lead out of it are not followed. data_root names one more folder,
# beside this one or below that; a folder elsewhere must also be named by the variable HR_PARTNERSHIP_DATA_ROOT.
# data_root: ..

# Larger files are refused. Raise what a file of yours exceeds:
# limits: {{rows: 20000000, columns: 5000, cells: 200000000, cell_length: 100000,  # of one table
#          file_megabytes: 2000,      # of one file
#          workbook_megabytes: 500,   # of a workbook, SPSS or Parquet file once it is unpacked
#          workbook_ratio: 200}}       # times that a workbook grows by it

# Ids of people become keyed hashes (HMAC-SHA-256) wherever a table is read or an export brought in. The variable
# holds the key, 16 characters or more; keep it outside this folder, and keep it: another key gives other ids.
# pseudonyms: {{key_env: HR_PARTNERSHIP_KEY}}

# Where each table lies. Only survey is needed. Imports add the tables that they bring; others you add here, one line
# each (README.md says which there are and what stands in them). Instead of a csv file:
#   people: {{path: roster.xlsx, sheet: Roster}}
#   people: {{path: roster.csv, delimiter: ";", decimal: ",", encoding: cp1252, dates: day-first, missing: [-99]}}
#   people: {{path: roster.parquet}}
#   survey: {{path: survey.sav}}
#   outcomes: {{sql: "select * from outcomes", url_env: HR_DATABASE_URL}}  # the variable holds the database's URL
tables:
  survey: survey.csv
  # people: people.csv

# Figures to compare with. measure: a dimension or a question; unit: points (1-5) with the ends of its scale, score
# 0-100, or per cent favourable.
benchmarks: []
#   - {{measure: listening, value: 3.8, unit: points (1-5), source: "where it was published", year: 2025}}

# Which HR metric is set beside which business metric of the table outcomes; see docs/metric-tree.md.
metric_tree: {{}}
#   branches: [{{hr: manager_score, business: voluntary_turnover}}]
"""

_README = """\
# What to fill in

1. `study.yaml`: title, client, day of the data, time zone, colours. Every line is explained there.
2. `codebook.yaml`: the questionnaire. It holds the HR Partnership Instrument; replace it if you asked other questions.
3. `survey.csv`: the answers. `partnership import qualtrics EXPORT.csv --study .` fills it from a survey tool.
4. The other tables, as far as you have them: add each under `tables:` in `study.yaml`, such as `people: people.csv`.
   `partnership import greenhouse FOLDER --study .` (or `hiring`, with a mapping) writes and adds requisitions and
   hiring_events; `partnership import practice WORKBOOK --study .` the tables of practices, from the workbook of a
   playbook's kit. `imports/` keeps a log of what was imported; `partnership import --undo --study .` takes the last
   import back.
5. `identities.csv`, where systems call the same person by different ids: one row says which person an id means,
   in the columns source (`survey`, `applicant_tracking`, `hr_system`, or a format of `partnership import`),
   source_id and person_id.
6. `commentary/partnership_survey.md`, and so on per chapter: your own words, which open that chapter in the report;
   `commentary/summary.md` opens the report itself: it is your own page one.
7. `partnership check .` names everything that does not fit, with rows and remedies; then `partnership report .`

Keep this folder where personal data may be kept. Pseudonyms as ids are best; names and e-mail addresses are not needed.

# Tables

Dates are written 2026-06-30, times 2026-06-30 14:05, months 2026-06, numbers with a decimal point.
An asterisk marks columns that must be there.
"""


def create_study(folder: str | Path) -> Path:
    """Write a new, empty study: settings, codebook, the head of the survey, and what to fill in.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to; made if it is not there.

    Returns
    -------
    pathlib.Path
        The folder.

    Raises
    ------
    InputError
        When the folder holds something already, or is a file.
    """
    folder = Path(folder)
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        found = "there are files in it already" if folder.is_dir() else "this is a file"
        raise input_error(folder, found, "an empty or a new folder", "Choose another name")
    folder.mkdir(parents=True, exist_ok=True)
    today = datetime.date.today().isoformat()
    instrument = Path(__file__).parent / "instrument" / "codebook.yaml"
    contents = {
        "study.yaml": _SETTINGS.format(today=today),
        "codebook.yaml": instrument.read_text(encoding="utf-8"),
        "README.md": _README + "".join(map(_described, TABLES.values())),
    }
    items = [item.id for item in Codebook.load(instrument).items]
    contents["survey.csv"] = ",".join([*TABLES["survey"].key, "submitted_at", *items]) + "\n"
    for name, text in contents.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
    return folder


def _described(table: Table) -> str:
    """Return the description of a table for the README."""
    lines = [f"\n## {table.name}.csv\n", f"One row: {table.row}.\n", "| column | holds | written as |", "|---|---|---|"]
    for column in table.columns.values():
        unit = f" ({column.unit})" if column.unit else ""
        lines.append(f"| {column.name}{'*' * column.required} | {column.description}{unit} | {column.expected} |")
    if table.further_columns:
        lines.append(f"| … | {table.further_columns} | |")
    return "\n".join(lines) + "\n"
