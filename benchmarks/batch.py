"""Measure what a batch of small reports costs beside the loop of papermill and nbconvert that it stands in for.

``python benchmarks/batch.py`` writes studies of 2,000 answers and one notebook: one regression and two charts. Then it
makes the reports, as web pages, in two ways, in turn: a loop over the studies that executes the notebook with papermill
and converts it with nbconvert, in one process that imports both once; and one batch of ``helpers.reporting``, with all
that a report here is: the check of the data, the release plan, tables, a workbook, the audit of what was written.
Printed are processor seconds per report, the loop divided by the batch, and both divided by the same cells run as a
function in one process that is warm: median, smallest and largest of the repetitions. The loop costs the same for each
study, so that a part of them is enough (``--loop``). Processor seconds include all processes that were started and do
not depend on what else the machine does; seconds on the clock do, and count on an idle machine alone. ``--write`` keeps
the table in ``batch.md``.
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
for study in sorted(place.glob("study*"))[: int(sys.argv[3])]:
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
    studies = sorted(place.glob("study*"))[: int(sys.argv[3])]
    made = list(reports(studies, out=out, run_with={}, **options))
    forkserver._forkserver._stop()
    sys.exit("; ".join(one.reason or one.error for one in made if one.status != "made") or 0)
"""


#: The same cells as one function in one process, time after time: what they cost but for all that is round them.
WARM = """
import sys, time
from pathlib import Path
from unittest import mock
import matplotlib, nbformat
matplotlib.use("agg")
from helpers.present import show
cells = [cell.source for cell in nbformat.read(Path(sys.argv[1]) / "books" / "02_small.ipynb", 4).cells][1:]
seconds = []
with mock.patch.object(show, "_display", lambda *given: None):
    for study in sorted(Path(sys.argv[1]).glob("study*"))[: int(sys.argv[3]) + 1]:
        known, started = {}, time.process_time()
        for place, cell in enumerate(cells):
            exec(cell, known)
            known["study"] = str(study) if place == 0 else known["study"]
        seconds.append(time.process_time() - started)
print(sorted(seconds[1:])[len(seconds[1:]) // 2])
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


def measure(code: str, place: Path, out: Path, number: int) -> tuple[float, float, str]:
    """Run a program on so many studies: processor seconds of all its processes, and on the clock; what it printed."""
    program = place / f"{out.name}.py"
    program.write_text(code, encoding="utf-8", newline="\n")
    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    environment = os.environ | {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, program, place, out, str(number)], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    seconds, after = time.perf_counter() - started, resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, seconds, done.stdout


def size(folder: Path) -> float:
    """Return what a folder takes, in megabytes."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file()) / 1e6


def spread(values: list[float]) -> str:
    """Return median, smallest and largest."""
    return f"{statistics.median(values):.2f} ({min(values):.2f} to {max(values):.2f})"


def ratio(above: list[float], below: list[float]) -> list[float]:
    """Return the ratios of what was measured in turn."""
    return [one / other for one, other in zip(above, below, strict=True)]


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=300, help="of the batch")
    parser.add_argument("--loop", type=int, default=40, help="reports of the loop, each of which costs the same")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--write", action="store_true", help="keep the table in batch.md")
    arguments = parser.parse_args()
    number, looped = arguments.reports, min(arguments.loop, arguments.reports)
    found: dict[str, list[float]] = {name: [] for name in ("loop", "batch", "one", "warm")}
    clock: dict[str, list[float]] = {name: [] for name in ("loop", "batch")}
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "studies"
        write(place, number)
        for _ in range(arguments.repeat):
            for what, code, many in (("loop", LOOP, looped), ("batch", BATCH, number), ("one", BATCH, 1)):
                shutil.rmtree(Path(name) / what, ignore_errors=True)
                used, seconds, _ = measure(code, place, Path(name) / what, many)
                found[what].append(used / many)
                if what in clock:
                    clock[what].append(seconds / many)
            found["warm"].append(float(measure(WARM, place, Path(name) / "warm", 5)[2]))
        disk = size(Path(name) / "batch") / number
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    each = [(batch * number - one) / (number - 1) for batch, one in zip(found["batch"], found["one"], strict=True)]
    cores = os.cpu_count() or 1
    lines = [
        f"Batch of {number} reports, loop of {looped}, {arguments.repeat} repetitions, "
        f"{datetime.date.today():%Y-%m-%d}, {cores} cores. Processor seconds per report, all processes:",
        "",
        "| What | Per report | Loop ÷ it | It ÷ warm function |",
        "|---|---:|---:|---:|",
        *(
            f"| {words} | {spread(values)} | {spread(ratio(found['loop'], values))} | "
            f"{spread(ratio(values, found['warm']))} |"
            for words, values in (
                ("Loop of papermill and nbconvert", found["loop"]),
                (f"Batch, all {number}", found["batch"]),
                ("Batch, one report more", each),
                ("One report alone, as a command", found["one"]),
                ("The cells as a warm function", found["warm"]),
            )
        ),
        "",
        f"On {cores} idle cores, which a batch uses all and the loop one of, that is {cores} times as many reports an "
        f"hour as the ratio says: {spread([cores * one for one in ratio(found['loop'], found['batch'])])}. Seconds "
        f"on the clock per report, which count on an idle machine alone: loop {spread(clock['loop'])}, "
        f"batch {spread(clock['batch'])}.",
        "",
        f"A report takes {disk:.2f} MB; the largest process took {memory:.2f} GB.",
    ]
    print("\n".join(lines))
    if arguments.write:
        head = "# A batch of small reports\n\nMade by `python benchmarks/batch.py --write`.\n\n"
        Path(__file__).with_suffix(".md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
