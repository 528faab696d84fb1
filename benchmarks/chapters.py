"""Measure what the chapters cost as warm functions: their cells, run a second time in one Python process.

Run ``python benchmarks/chapters.py``, or name chapters, such as ``02 03``. Everything runs as in the kernel of a
report, pictures in both forms included, on the study that the report has read and checked. Prints seconds of CPU of the
first and of the second run: processor time, so that a busy machine matters less. ``--read`` reads the study anew in
each run, as in JupyterLab.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import tempfile
import time
from pathlib import Path

import matplotlib
import nbformat
from IPython.core.displaypub import DisplayPublisher
from IPython.core.interactiveshell import InteractiveShell

from helpers import published
from helpers.data import Study

ROOT = Path(__file__).resolve().parents[1]


class Quiet(DisplayPublisher):
    """Takes what is displayed, and shows it to nobody."""

    def publish(self, data: dict, metadata: dict | None = None, **how: object) -> None:
        """Take one output."""


def seconds(shell: InteractiveShell, notebook: Path, study: Path) -> float:
    """Run the cells of a notebook on a study; return the seconds of CPU they took."""
    cells = [cell.source for cell in nbformat.read(notebook, 4).cells if cell.cell_type == "code"]
    shell.reset(new_session=False)
    started = time.process_time()
    for place, source in enumerate(cells):
        with contextlib.redirect_stdout(io.StringIO()):
            error = shell.run_cell(source).error_in_exec
        if error is not None:
            if type(error).__name__ == "NotebookNotApplicable":
                break
            raise error
        if place == 0:  # the parameters
            shell.user_ns["study"] = str(study)
    return time.process_time() - started


def main() -> None:
    """Measure every chapter that can stand in a report of the sample."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("chapters", nargs="*", help="how their names begin; all when none is named")
    parser.add_argument("--read", action="store_true", help="read the study in each run")
    chosen = parser.parse_args()
    matplotlib.use("agg")
    study = ROOT / "data" / "sample"
    with tempfile.TemporaryDirectory() as place:
        os.environ |= {published.VECTOR_VARIABLE: "1", published.REPORT_VARIABLE: "1"}
        os.environ[published.SETS_VARIABLE] = str(Path(place) / "sets")
        if not chosen.read:
            Study.load(study).share(Path(place) / "study")
            os.environ[published.STUDY_VARIABLE] = str(Path(place) / "study")
        shell = InteractiveShell.instance()
        shell.display_pub = Quiet()
        print("| Chapter | First, s | Warm, s |\n|---|---:|---:|")
        for notebook in sorted((ROOT / "notebooks").glob("*.ipynb")):
            if notebook.name.startswith(tuple(chosen.chapters or [""])):
                first, warm = (seconds(shell, notebook, study) for _ in range(2))
                print(f"| {notebook.stem} | {first:.1f} | {warm:.1f} |", flush=True)


if __name__ == "__main__":
    main()
