"""Execute the committed notebooks in place, and the golden runs beside this file.

``results.json``, which the executive summary reads, is what a report would make of the executed chapters.
"""

from __future__ import annotations

import base64
import sys
from pathlib import Path

import nbformat
import papermill
import yaml

from helpers.data import Study
from helpers.present.claims import settle
from helpers.published import MIME
from helpers.reporting.cover import Cover
from helpers.reporting.document import Chapter, read
from helpers.reporting.execute import find
from helpers.reporting.manifest import write_results
from helpers.reporting.report import Report

#: The exhibit of each notebook that stands for it on the map, notebooks/README.md.
PICTURES = {
    "00_executive_summary": "partnership_survey--two-views",
    "01_data_readiness": "response-by-department",
    "02_partnership_survey": "two-views",
    "02b_partnership_dyads": "surface",
    "02c_partnership_measurement": "parallel-analysis",
    "02d_group_results": "dimensions",
    "03_hiring_manager_engagement": "still-open",
    "03b_hiring_manager_self": "own-speed",
    "04_business_outcomes": "later",
    "05_practice_session": "gains",
    "06_practice_impact": "effects-drawn",
    "07_follow_through": "outcomes-drawn",
    "08_study_planner": "power",
    "09_pulse_trends": "control-charts",
    "10_employee_relations": "still-waiting",
    "11_employer_brand": "promise",
}
HERE = Path(__file__).resolve().parent
NOTEBOOKS = HERE.parents[1] / "notebooks"


def execute(source: Path, target: Path, parameters: dict[str, object]) -> None:
    """Run one notebook and keep only what readers and nbval need of it."""
    papermill.execute_notebook(source, target, parameters, kernel_name="python3", cwd=source.parent, progress_bar=False)
    notebook = nbformat.read(target, as_version=4)
    python = {"name": "python", "file_extension": ".py", "mimetype": "text/x-python", "pygments_lexer": "ipython3"}
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    kept = {"kernelspec": kernel, "language_info": python}
    own = notebook.metadata.get("hr_partnership")
    notebook.metadata = kept | ({"hr_partnership": own} if own else {})
    for number, cell in enumerate(notebook.cells):
        cell.id = f"cell-{number:02d}"
        cell.source = cell.source.rstrip("\n")
        tags = cell.metadata.get("tags", [])
        cell.metadata = {"tags": tags} if tags else {}
    nbformat.write(notebook, target)
    print(target.name, flush=True)


def picture(notebook: Path) -> bytes:
    """Return the drawing of the exhibit that stands for a notebook, from its executed copy."""
    for cell in nbformat.read(notebook, as_version=4).cells:
        for output in cell.get("outputs", []):
            if output.get("data", {}).get(MIME, {}).get("id") == PICTURES[notebook.stem]:
                return base64.b64decode(output.data["image/png"])
    raise SystemExit(f"{notebook.name} publishes no exhibit {PICTURES[notebook.stem]}")


def collect(target: Path) -> None:
    """Write the results of a report on the sample study from the executed chapters, without page one."""
    sources = [source for source in find(NOTEBOOKS) if not (source.is_summary or source.audience)]
    chapters = [read(nbformat.read(one.path, as_version=4), one.name, NOTEBOOKS) for one in sources]
    told = iter(settle([finding for chapter in chapters for finding in chapter.findings]))
    chapters = [chapter.telling([next(told) for _ in chapter.findings]) for chapter in chapters]
    report = Report(Cover.of(Study.load("data/sample")), Chapter("index", "Findings", []), chapters)
    write_results(report, target)


def main(names: list[str]) -> None:
    """Execute the notebooks and golden runs whose file name starts with one of the names; all without names."""
    wanted = tuple(names) or ("",)
    # The summary comes last: it reads the others.
    for source in [one.path for one in find(NOTEBOOKS)]:
        if source.stem.startswith(wanted):
            if source.stem.startswith("00"):
                collect(HERE / "results.json")
            execute(source, source, {})
            (NOTEBOOKS / "pictures").mkdir(exist_ok=True)
            (NOTEBOOKS / "pictures" / f"{source.stem}.png").write_bytes(picture(source))
    for run in yaml.safe_load((HERE / "runs.yaml").read_text(encoding="utf-8")):
        if run["name"].startswith(wanted):
            execute(NOTEBOOKS / f"{run['notebook']}.ipynb", HERE / f"{run['name']}.ipynb", run["parameters"])


if __name__ == "__main__":
    main(sys.argv[1:])
