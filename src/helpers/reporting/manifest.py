"""Writes what machines read: findings and tables, and a record of what the report was made from."""

from __future__ import annotations

import csv
import functools
import hashlib
import importlib.metadata
import json
import math
import platform
from datetime import datetime
from pathlib import Path

from helpers import published
from helpers.data import Study
from helpers.present.claims import MEASURED
from helpers.present.headlines import headline
from helpers.published import Exhibit, Finding, InFull

from .document import Chapter, Placed, texts
from .execute import Run
from .report import Report
from .wording import grades

PACKAGES = ("hr-partnership", "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill", "typst")
MANIFEST = "manifest.json"
#: Bytes from which on a file is hashed once for all reports of a batch.
_LARGE = 2**20
#: What is not the same when a report is made again from the same: when, how long, tries. Nothing else tells of it.
LOG_FILE = "log.json"
KIND = "hr-partnership report"


def results(report: Report) -> published.Results:
    """Collect everything that the report says in numbers or about them.

    Parameters
    ----------
    report : Report
        The whole report. What its summary publishes comes last; findings that it only repeats stand once.

    Returns
    -------
    helpers.published.Results
        Findings, and tables with the published cells and their file, both ordered by chapter and appearance. Numbers
        are as rounded by the notebook and have at most six digits, or all whole ones. The same inputs give the same
        bytes.
    """
    own = [report.summary] if report.has_own_summary else []
    chapters = [*report.chapters, *own]
    said = {finding.sentence for finding in report.findings}
    added = [finding for chapter in own for finding in chapter.findings if finding.sentence not in said]
    return published.Results(
        report=_about(report),
        chapters=[_words(chapter) for chapter in chapters],
        findings=[_stated(report, finding) for finding in (*report.findings, *added)],
        practices=report.practices,
        tables=[_table(placed) for chapter in chapters for placed in chapter.exhibits],
        summary=report.summary.front.page if report.summary.front else None,
    )


def _about(report: Report) -> published.About:
    cover = report.cover
    return published.About(
        client=cover.client,
        title=cover.title,
        date=cover.date,
        as_of=cover.as_of.isoformat(),
        footer=cover.footer,
        reader=cover.reader,
        min_group=cover.min_group,
        min_rated=cover.min_rated,
        legend=list(grades().items()),
        measured=list(MEASURED),
        notes=report.notes,
        missing=report.missing,
    )


def _words(chapter: Chapter) -> published.Words:
    return published.Words(
        notebook=chapter.name, title=chapter.title, remarks=chapter.remarks, commentary=texts(chapter.commentary)
    )


def _stated(report: Report, finding: Finding) -> published.StatedFinding:
    numbers = {name: stored(getattr(finding, name)) for name in ("estimate", "low", "high")}
    return published.StatedFinding(**dict(finding) | numbers, facts=report.facts(finding), headline=headline(finding))


def _table(placed: Placed) -> published.Table:
    exhibit = placed.exhibit
    return published.Table(
        notebook=exhibit.notebook,
        id=exhibit.id,
        kind=exhibit.kind,
        title=exhibit.title,
        message=exhibit.message,
        note=exhibit.note,
        audience=exhibit.audience,
        file=f"tables/{table_name(exhibit)}",
        columns=exhibit.columns,
        rows=[[stored(cell) for cell in row] for row in exhibit.rows],
        texts=exhibit.texts,
        alt=exhibit.alt,
        chart=exhibit.chart,
        full=exhibit.full,
    )


def write_results(report: Report, path: Path) -> None:
    """Write ``results.json`` and read it again by the contract, so that no file breaks it."""
    write_json(results(report).model_dump(mode="json"), path)
    published.Results.model_validate_json(path.read_bytes())


def table_name(exhibit: Exhibit) -> str:
    """Name the file of an exhibit's numbers: ``partnership_survey--dimension-scores.csv``."""
    return f"{exhibit.notebook}--{exhibit.id}.csv"


def write_table(exhibit: Exhibit, folder: Path) -> None:
    """Write an exhibit's published cells as CSV: values where there are any, else the words that stand for them.

    Figures that may be told in full stand behind them, in columns of their own.
    """
    full = {found.row: found.cells for found in exhibit.full}
    heads: list[str] = []
    if full:
        label = next(column.heading for column in exhibit.columns if column.name == "estimate")
        heads = [f"{label}, {InFull.HEADS[0]}", *InFull.HEADS[1:]]
    with (folder / table_name(exhibit)).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([*(cell(column.heading) for column in exhibit.columns), *map(cell, heads)])
        for place, (values, texts) in enumerate(zip(exhibit.rows, exhibit.texts)):
            writer.writerow(
                [
                    *(
                        stored(value) if column.is_number and value is not None else cell(text)
                        for value, text, column in zip(values, texts, exhibit.columns)
                    ),
                    *full.get(place, [""] * len(heads)),
                ]
            )


def write_json(content: object, path: Path) -> None:
    """Write JSON the same way every time."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def manifest(
    study: Study,
    runs: list[Run],
    parameters: dict[str, dict[str, object]],
    privacy: dict[str, object],
    files: dict[str, str],
) -> dict[str, object]:
    """Record what the report was made from.

    Parameters
    ----------
    study : helpers.data.Study
        The study; its input files are named below its folder, with SHA-256.
    runs : list of Run
        Every notebook that was executed, with its state.
    parameters : dict
        Effective parameters by notebook; one called ``seed`` is the seed.
    privacy : dict
        What the audit checked and found.
    files : dict
        Every file that was built, with its SHA-256: by it a later run can tell whether somebody changed it.

    Returns
    -------
    dict
        What ``manifest.json`` holds.
    """
    return {
        "version": 1,
        "kind": KIND,
        "study": {"folder": study.folder.name, "title": study.title, "as_of": study.as_of.isoformat()},
        "inputs": {_below(path, study.folder): sha256(path) for path in sorted(study.inputs())},
        "notebooks": {run.source.name: _record(run) for run in runs},
        "parameters": parameters,
        "seeds": {name: given["seed"] for name, given in parameters.items() if "seed" in given},
        "packages": {name: version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "platform": platform.system(),
        "privacy": privacy,
        "files": files,
    }


def log(runs: list[Run], began: datetime, seconds: float) -> dict[str, object]:
    """Record when the report was made, how long it took, and how often a notebook was run again."""
    told = {run.source.name: {"seconds": run.seconds, "retries": run.retries} for run in runs}
    return {"began": began.isoformat(timespec="seconds"), "seconds": round(seconds, 1), "notebooks": told}


def _record(run: Run) -> dict[str, object]:
    return {"state": run.state, "sha256": sha256(run.source.path)}


def _below(path: Path, folder: Path) -> str:
    path = Path(path).resolve()
    return path.relative_to(folder.resolve()).as_posix() if path.is_relative_to(folder.resolve()) else path.name


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    known = Path(path).stat()
    if known.st_size < _LARGE:
        return hashlib.sha256(Path(path).read_bytes()).hexdigest()
    return _of_large(str(path), known.st_ino, known.st_size, known.st_mtime_ns, known.st_ctime_ns)


@functools.lru_cache(maxsize=64)
def _of_large(path: str, *_unchanged: int) -> str:
    """Hash a large file once for all reports of a batch, as long as the system says that it is the same."""
    with Path(path).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@functools.cache
def version(package: str) -> str:
    """Return the version of an installed package, as it was when this process first asked."""
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def stored(value: published.Cell) -> published.Cell:
    """Return a number as files hold it: at most six significant digits, or all whole ones, as texts print them."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return float(f"{value:.6g}") + 0.0 if isinstance(value, float) and abs(value) < 1e5 else value
