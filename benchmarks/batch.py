"""Measure what a batch of small reports costs beside the loop of papermill and nbconvert that it stands in for.

``python benchmarks/batch.py`` writes studies of 2,000 answers and one notebook: one regression and two charts. Then it
makes the reports, as web pages, in two ways, in turn: a loop over the studies that executes the notebook with papermill
and converts it with nbconvert, in one process that imports both once; and one batch of ``helpers.reporting``, with all
that a report here is: the check of the data, the release plan, tables, a workbook, the audit of what was written.
Printed are processor seconds per report, and the loop divided by the batch: median, smallest and largest of the
repetitions. Processor seconds include all processes that were started and do not depend on what else the machine does;
seconds on the clock do, and count on an idle machine alone. ``--write`` keeps the table in ``batch.md``.
"""

from __future__ import annotations

import argparse
import datetime
import os
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd

ANSWERS = 2_000
STUDY = """\
title: Small study
client: Small
as_of: 2026-06-30
codebook: codebook.yaml
tables: {survey: survey.csv}
attributes: [department]
releases: false
"""
CODEBOOK = """\
instrument: {name: Small, version: "1", status: unvalidated, licence: CC BY 4.0}
responses:
  agreement: {type: rating, low: 1, high: 5}
dimensions:
  - {id: trust, label: Trust}
items:
"""
ITEM = "  - {{id: trust_{0}, dimension: trust, response: agreement, answered_by: [manager], text: Question {0}.}}\n"
CELLS = [
    "study: str = 'data/sample'  # folder of the study",
    """\
import pandas as pd
import statsmodels.formula.api as smf

from helpers.analysis.methods.counts import people
from helpers.data import Study
from helpers.present import Show

study = Study.load(study)
show = Show(study, "small", 0.95)
answers = study.survey""",
    """\
fit = smf.ols("trust_1 ~ trust_2 + trust_3", answers).fit()
slope, error = fit.params["trust_2"], fit.bse["trust_2"]""",
    """\
rows = [
    dict(department=name, estimate=group["trust_1"].mean(), **people(group, value="trust_1"))
    for name, group in answers.groupby("department")
]
means = pd.DataFrame(rows).assign(low=lambda t: t["estimate"] - 0.2, high=lambda t: t["estimate"] + 0.2)
show.dots(means, "department estimate low high respondents", "means", "Means by department")""",
    """\
show.bars(means, "department estimate respondents", "bars", "The same as bars")""",
]
#: The loop somebody would write.
LOOP = """
import sys
from pathlib import Path
import nbformat, papermill
from nbconvert import HTMLExporter
place, out = map(Path, sys.argv[1:3])
out.mkdir()
exporter = HTMLExporter(exclude_input=True)
for study in sorted(place.glob("study*")):
    executed = papermill.execute_notebook(
        place / "books" / "02_small.ipynb", out / f"{study.name}.ipynb", {"study": str(study)},
        kernel_name="python3", progress_bar=False, log_output=False,
    )
    (out / f"{study.name}.html").write_text(exporter.from_notebook_node(executed)[0])
"""
#: Ours; the server that forks kernels is waited for, so that what it used is counted.
BATCH = """
import sys
from multiprocessing import forkserver
from pathlib import Path
from helpers.reporting import reports
if __name__ == "__main__":
    place, out = map(Path, sys.argv[1:3])
    options = {"formats": ["html"], "notebooks": place / "books"}
    made = list(reports(sorted(place.glob("study*")), out=out, run_with={}, **options))
    forkserver._forkserver._stop()
    sys.exit("; ".join(one.reason or one.error for one in made if one.status != "made") or 0)
"""


def write(place: Path, reports: int) -> None:
    """Write the studies and the notebook."""
    random = np.random.default_rng(1)
    for number in range(reports):
        folder = place / f"study{number:04d}"
        folder.mkdir(parents=True)
        (folder / "study.yaml").write_text(STUDY, encoding="utf-8", newline="\n")
        items = "".join(ITEM.format(item) for item in (1, 2, 3))
        (folder / "codebook.yaml").write_text(CODEBOOK + items, encoding="utf-8", newline="\n")
        trait = random.normal(3.4, 0.6, (ANSWERS, 1))
        answers = np.clip((trait + random.normal(0, 0.7, (ANSWERS, 3))).round(), 1, 5).astype(int)
        frame = pd.DataFrame({"respondent_id": [f"r{place}" for place in range(ANSWERS)]})
        frame = frame.assign(partnership_id="", wave="w1", submitted_at="2026-05-01")
        frame["department"] = random.choice(["Production", "Sales", "Workshop", "Office"], ANSWERS)
        frame[["trust_1", "trust_2", "trust_3"]] = answers
        frame.to_csv(folder / "survey.csv", index=False, lineterminator="\n")
    (place / "books").mkdir()
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    notebook = nbformat.v4.new_notebook(metadata=kernel)
    notebook.cells.append(nbformat.v4.new_markdown_cell("# A small report\n\nWhat it tells."))
    notebook.cells += [nbformat.v4.new_code_cell(cell) for cell in CELLS]
    notebook.cells[1].metadata["tags"] = ["parameters"]
    nbformat.write(notebook, place / "books" / "02_small.ipynb")


def measure(code: str, place: Path, out: Path) -> tuple[float, float]:
    """Run a program on the studies: processor seconds of all its processes, and seconds on the clock."""
    program = place / f"{out.name}.py"
    program.write_text(code, encoding="utf-8", newline="\n")
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, program, place, out], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds


def size(folder: Path) -> float:
    """Return what a folder takes, in megabytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def spread(values: list[float]) -> str:
    """Return median, smallest and largest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=300)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the table in batch.md")
    arguments = parser.parse_args()
    loops: list[tuple[float, float]] = []
    batches: list[tuple[float, float]] = []
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "studies"
        write(place, arguments.reports)
        for _ in range(arguments.repeat):
            for code, out, found in ((LOOP, "loop", loops), (BATCH, "batch", batches)):
                shutil.rmtree(Path(name) / out, ignore_errors=True)
                found.append(measure(code, place, Path(name) / out))
        disk = size(Path(name) / "batch") / arguments.reports
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    number = arguments.reports
    lines = [
        f"{number} reports, {arguments.repeat} repetitions, {datetime.date.today():%Y-%m-%d}, {os.cpu_count()} cores",
        "",
        "| | Loop | Batch | Loop ÷ batch |",
        "|---|---:|---:|---:|",
    ]
    for place_, what in enumerate(("Processor seconds per report", "Seconds on the clock per report")):
        loop, batch = ([pair[place_] / number for pair in pairs] for pairs in (loops, batches))
        ratios = [one / other for one, other in zip(loop, batch, strict=True)]
        lines.append(f"| {what} | {spread(loop)} | {spread(batch)} | {spread(ratios)} |")
    lines += ["", f"A report takes {disk:.2f} MB; the largest process took {memory:.2f} GB."]
    print("\n".join(lines))
    if arguments.write:
        head = "# A batch of small reports\n\nMade by `python benchmarks/batch.py --write`.\n\n"
        Path(__file__).with_suffix(".md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
