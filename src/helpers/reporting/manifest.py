"""Writes what machines read: findings and tables, and a record of what the report was made from."""

from __future__ import annotations

import csv
import hashlib
import importlib.metadata
import json
import math
import platform
from pathlib import Path

from helpers.data import Study

from .document import Chapter, Exhibit
from .execute import Run

PACKAGES = ("hr-partnership", "numpy", "pandas", "scipy", "statsmodels", "matplotlib", "papermill", "typst")
MANIFEST = "manifest.json"
KIND = "hr-partnership report"


def results(chapters: list[Chapter]) -> dict[str, object]:
    """Collect findings and tables.

    Parameters
    ----------
    chapters : list of Chapter
        The chapters in order, without the summary, which only repeats.

    Returns
    -------
    dict
        ``findings`` (each with ``notebook``, the unnumbered name) and ``tables`` (the published cells and their file),
        both ordered by chapter and appearance; ``audience`` is "self" or "named" where single people are shown, else
        empty. Numbers are as rounded by the notebook and have at most six digits. The same inputs give the same bytes.
    """
    return {
        "version": 1,
        "findings": [_rounded(vars(finding)) for chapter in chapters for finding in chapter.findings],
        "tables": [
            {
                "notebook": exhibit.notebook,
                "id": exhibit.id,
                "kind": exhibit.kind,
                "title": exhibit.title,
                "message": exhibit.message,
                "note": exhibit.note,
                "audience": exhibit.audience,
                "file": f"tables/{table_name(exhibit)}",
                "columns": exhibit.columns,
                "rows": _rounded(exhibit.rows),
                "texts": exhibit.texts,
            }
            for chapter in chapters
            for exhibit in chapter.exhibits
        ],
    }


def table_name(exhibit: Exhibit) -> str:
    """Name the file of an exhibit's numbers: ``partnership_survey--dimension-scores.csv``."""
    return f"{exhibit.notebook}--{exhibit.id}.csv"


def write_table(exhibit: Exhibit, folder: Path) -> None:
    """Write an exhibit's published cells as CSV: values where there are any, else the words that stand for them."""
    with (folder / table_name(exhibit)).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([_cell(heading) for heading in exhibit.headings])
        for values, texts in zip(exhibit.rows, exhibit.texts):
            writer.writerow(
                [
                    _rounded(value) if number and value is not None else _cell(text)
                    for value, text, number in zip(values, texts, exhibit.numeric)
                ]
            )


def write_json(content: object, path: Path) -> None:
    """Write JSON the same way every time."""
    text = json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True, allow_nan=False)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


def manifest(
    study: Study, runs: list[Run], parameters: dict, privacy: dict, seconds: float, files: dict[str, str]
) -> dict[str, object]:
    """Record what the report was made from.

    Parameters
    ----------
    study : helpers.data.Study
        The study; its input files are named below its folder, with SHA-256.
    runs : list of Run
        Every notebook that was executed, with its state and duration in seconds.
    parameters : dict
        Effective parameters by notebook; one called ``seed`` is the seed.
    privacy : dict
        Verdict of the disclosure audit.
    seconds : float
        Duration of the whole, in seconds.
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
        "packages": {name: _version(name) for name in PACKAGES},
        "python": platform.python_version(),
        "platform": platform.system(),
        "seconds": round(seconds, 1),
        "privacy": privacy,
        "files": files,
    }


def _record(run: Run) -> dict[str, object]:
    state = "failed" if run.traceback else "left out" if run.left_out else "done"
    return {"state": state, "seconds": run.seconds, "sha256": sha256(run.source.path)}


def _below(path: Path, folder: Path) -> str:
    path = Path(path).resolve()
    return path.relative_to(folder.resolve()).as_posix() if path.is_relative_to(folder.resolve()) else path.name


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file's content, in hexadecimal."""
    return hashlib.sha256(Path(path).read_bytes()).hexdigest()


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"


def _cell(text: str) -> str:
    """Keep a spreadsheet from reading a text as a formula."""
    return f"'{text}" if text[:1] in ("=", "+", "-", "@", "\t", "\r") else text


def _rounded(value: object) -> object:
    """Round every number to at most six significant digits."""
    if isinstance(value, float):
        return float(f"{value:.6g}") + 0.0 if math.isfinite(value) else None
    if isinstance(value, list | tuple):
        return [_rounded(item) for item in value]
    if isinstance(value, dict):
        return {key: _rounded(item) for key, item in value.items()}
    return value
