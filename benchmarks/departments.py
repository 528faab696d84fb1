"""Measure what reports of real chapters cost for departments, beside a loop of papermill, nbconvert and pandoc.

``python benchmarks/departments.py`` draws studies of 20 to 60 respondents with two waves and hiring records, and makes
chapters 02 and 03 of each in two ways: a loop executes both notebooks with papermill, converts them to HTML with
nbconvert, and to Word and slides with pandoc, in one process that imports all once (nbconvert writes PDF through LaTeX
alone, which is left out); and a batch of ``helpers.reporting`` in all formats, PDF too, with the check of the data, the
release plan, comparisons, tables, a workbook and the audit. The loop costs the same for each study, so that a few are
enough. Of the batch, several sizes are measured (``--sizes``): whether costs grow in proportion is told by what one
report more costs between them. Processor seconds include all processes and depend little on what else the machine does;
ratios on the clock hold where it does nothing else.
"""

from __future__ import annotations

import argparse
import os
import resource
import shutil
import tempfile
from datetime import date
from pathlib import Path
from unittest import mock

import chance_studies
from batch import measure, size

NOTEBOOKS = Path(__file__).resolve().parent.parent / "notebooks"
CHAPTERS = {"partnership_survey": "02_partnership_survey", "hiring_manager_engagement": "03_hiring_manager_engagement"}
LOOP = f"""
import sys
from pathlib import Path
import nbformat, papermill, pypandoc
from nbconvert import HTMLExporter, MarkdownExporter
place, out = map(Path, sys.argv[1:3])
html, words = HTMLExporter(exclude_input=True), MarkdownExporter(exclude_input=True)
for study in sorted(place.glob("study*"))[: int(sys.argv[3])]:
    for name in {[*CHAPTERS.values()]!r}:
        to = out / study.name
        to.mkdir(parents=True, exist_ok=True)
        executed = papermill.execute_notebook(
            Path({str(NOTEBOOKS)!r}) / f"{{name}}.ipynb", to / f"{{name}}.ipynb", {{"study": str(study)}},
            kernel_name="python3", progress_bar=False, log_output=False,
        )
        (to / f"{{name}}.html").write_text(html.from_notebook_node(executed)[0])
        text, resources = words.from_notebook_node(executed)
        for picture, content in resources["outputs"].items():
            (to / picture).write_bytes(content)
        for kind in ("docx", "pptx"):
            file, where = str(to / f"{{name}}.{{kind}}"), [f"--resource-path={{to}}"]
            pypandoc.convert_text(text, kind, "gfm", outputfile=file, extra_args=where)
"""
BATCH = f"""
import sys
from multiprocessing import forkserver
from pathlib import Path
from helpers.reporting import reports
if __name__ == "__main__":
    place, out = map(Path, sys.argv[1:3])
    studies = sorted(place.glob("study*"))[: int(sys.argv[3])]
    made = list(reports(studies, out=out, only={[*CHAPTERS]!r}))
    forkserver._forkserver._stop()
    print(sum(not one.result.audit.passed for one in made if one.result))
    sys.exit("; ".join(one.reason or one.error for one in made if not one.result) or 0)
"""


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--loop", type=int, default=12, help="studies of the loop")
    parser.add_argument("--sizes", default="50,100,200", help="reports of each batch")
    arguments = parser.parse_args()
    sizes = [int(number) for number in arguments.sizes.split(",")]
    with tempfile.TemporaryDirectory() as name:
        place = Path(name) / "studies"
        with mock.patch.object(chance_studies, "MANAGERS", (6, 12)):
            for number in range(max(*sizes, arguments.loop)):
                chance_studies.draw(number + 1, place / f"study{number:04d}", partners=(3, 4), openings=60)
        loop, clock = (
            seconds / arguments.loop for seconds in measure(LOOP, place, Path(name) / "loop", arguments.loop)[:2]
        )
        print(
            f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores; loop of {arguments.loop}: {loop:.1f} s a report, ",
            end="",
        )
        print(f"{clock:.1f} on the clock", flush=True)
        used, took, refused = list[float](), list[float](), 0
        for number in sizes:
            shutil.rmtree(Path(name) / "batch", ignore_errors=True)
            seconds, wall, told = measure(BATCH, place, Path(name) / "batch", number)
            used.append(seconds)
            took.append(wall)
            refused = int(told.split()[-1])
        disk = size(Path(name) / "batch") / sizes[-1]
    print("| Reports in a batch | Processor seconds each | Loop ÷ batch | On the clock | One report more |")
    print("|---:|---:|---:|---:|---:|")
    for at, (number, seconds, wall) in enumerate(zip(sizes, used, took, strict=True)):
        more = f"{(seconds - used[at - 1]) / (number - sizes[at - 1]):.1f}" if at else ""
        ratios = f"{loop * number / seconds:.2f} | {clock * number / wall:.2f}"
        print(f"| {number} | {seconds / number:.1f} | {ratios} | {more} |")
    memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024**2
    print(f"Of the last batch, {refused} did not pass the audit, which says that they may not be passed on.")
    print(f"A report takes {disk:.1f} MB; the largest process took {memory:.2f} GB.")


if __name__ == "__main__":
    main()
