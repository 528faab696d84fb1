"""Measure how long importing a large export takes, relative to reading the same file with pandas.

Run ``python benchmarks/import.py``, or name numbers of responses and of columns. Writes a Qualtrics export of that
size, reads it with ``pandas.read_csv`` and imports it, each in a process of its own, and prints seconds, the ratio of
the two and the peak memory of each.
"""

from __future__ import annotations

import argparse
import json
import multiprocessing
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd

from helpers.data import create_study
from helpers.data.codebook import Codebook
from helpers.data.importers.engine import import_file

LABELS = {1: "Strongly disagree", 2: "Disagree", 3: "Neither agree nor disagree", 4: "Agree", 5: "Strongly agree"}


def write_export(path: Path, responses: int, columns: int, items: list) -> None:
    """Write a Qualtrics export with three header rows: the items, then further questions up to the wanted width."""
    random = np.random.default_rng(1)
    names = ["Status", "Finished", "RecordedDate", "ResponseId", "ExternalReference", "partnership_id"]
    imports = ["status", "finished", "recordedDate", "_recordId", "externalDataReference", "partnership_id"]
    numbers = np.arange(responses).astype(str).astype(object)
    data = {
        "Status": "IP Address",
        "Finished": "True",
        "RecordedDate": "2026-05-20 10:00:00",
        "ResponseId": "R_" + numbers,
        "ExternalReference": "m" + numbers,
        "partnership_id": "P" + numbers,
    }
    texts = list(names)
    labels = np.array([LABELS[answer] for answer in range(1, 6)], object)
    for place in range(columns - len(names)):
        item = items[place] if place < len(items) else None
        names.append(f"Q{place}")
        imports.append(f"QID{place}")
        texts.append(item.text_for("manager") if item else f"Something else, number {place}")
        low, high = (item.low, item.high) if item else (1, 5)
        drawn = random.integers(low, high + 1, responses)
        data[f"Q{place}"] = labels[drawn - 1] if high == 5 else drawn.astype(str).astype(object)
    header = pd.DataFrame([texts, [json.dumps({"ImportId": i, "timeZone": "UTC"}) for i in imports]], columns=names)
    header.to_csv(path, index=False, encoding="utf-8")
    pd.DataFrame(data).to_csv(path, index=False, header=False, mode="a", encoding="utf-8")


def read_with_pandas(path: Path, study: Path) -> None:
    """Read the export as a table and do nothing with it."""
    pd.read_csv(path, skiprows=[1, 2], encoding="utf-8")


def bring_in(path: Path, study: Path) -> None:
    """Import the export."""
    report = import_file("qualtrics", path, study, wave="2026")
    print(report.text().splitlines()[0], flush=True)


def measured(work: object, path: Path, study: Path) -> tuple[float, float]:
    """Return seconds and peak memory in MB of one step in a process of its own."""
    context = multiprocessing.get_context("spawn")
    queue = context.Queue()
    process = context.Process(target=_measure, args=(work, path, study, queue))
    process.start()
    result = queue.get()
    process.join()
    return result


def _measure(work: object, path: Path, study: Path, queue: object) -> None:
    start = time.perf_counter()
    work(path, study)
    queue.put((time.perf_counter() - start, _peak()))


def _peak() -> float:
    try:
        import resource
    except ImportError:  # Windows has no such count
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def main() -> None:
    """Print what the two take."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("responses", type=int, nargs="?", default=200_000)
    parser.add_argument("columns", type=int, nargs="?", default=80)
    wanted = parser.parse_args()
    with tempfile.TemporaryDirectory() as place:
        study = create_study(Path(place) / "study")
        known = Codebook.load(study / "codebook.yaml")
        items = [*known.scale_items(side="manager"), *known.outcomes("manager")]
        items += [item for item in known.scale_items() if item not in items]
        path = Path(place) / "export.csv"
        write_export(path, wanted.responses, wanted.columns, items)
        print(f"{wanted.responses} responses of {wanted.columns} columns, {path.stat().st_size / 2**20:.0f} MB")
        plain, importing = (measured(work, path, study) for work in (read_with_pandas, bring_in))
        print(f"pandas.read_csv: {plain[0]:.1f} s, {plain[1]:.0f} MB")
        print(f"import: {importing[0]:.1f} s, {importing[1]:.0f} MB")
        print(f"ratio: {importing[0] / plain[0]:.1f} times the time, {importing[1] / plain[1]:.1f} times the memory")


if __name__ == "__main__":
    main()
