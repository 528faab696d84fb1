"""How fast the audit is: the numbers of 300 reports, and all files of one.

Run ``python benchmarks/audit.py REPORT``, the report in all formats, as ``partnership report data/sample`` makes it; it
writes ``audit.md`` beside itself. Aims: the numbers of 300 reports in under 60 seconds, all files of one report in
5 seconds, on one core.
"""

from __future__ import annotations

import json
import shutil
import sys
import tempfile
import time
from pathlib import Path

from helpers.data import Study
from helpers.privacy.audit import Reports, audit, audit_numbers
from helpers.shipped import SAMPLE

HERE = Path(__file__).resolve().parent
REPORTS = 300


def copies(report: Path, folder: Path) -> list[Path]:
    """Copy what the numbers of a report are read from; each copy is of other people and hence of other numbers."""
    content = json.loads((report / "results.json").read_text(encoding="utf-8"))
    made = []
    for number in range(REPORTS):
        made.append(folder / f"report{number}")
        made[-1].mkdir()
        for table in content["tables"]:
            for row in table["rows"]:
                row[:] = [cell + 1 if isinstance(cell, int) and cell > 30 else cell for cell in row]
        (made[-1] / "results.json").write_text(json.dumps(content), encoding="utf-8")
        shutil.copy(report / "manifest.json", made[-1])
    return made


def main() -> None:
    """Measure in seconds of one core, print and write."""
    report = Path(sys.argv[1])
    study = Study.load(SAMPLE)
    began = time.process_time()
    verdict = audit(report, study)
    one = time.process_time() - began
    with tempfile.TemporaryDirectory() as name:
        folders = copies(report, Path(name))
        held = Reports()
        began = time.process_time()
        for folder in folders:
            audit_numbers(folder, held=held)
        many = time.process_time() - began
    text = (
        "# How fast the audit is\n\nWritten by `python benchmarks/audit.py REPORT`, in seconds of one core.\n\n"
        f"- All files of one report, with the study (aim: 5 s): {one:.1f} s. {verdict.checked[0]}\n"
        f"- The numbers of {REPORTS} reports, each compared with all before it (aim: 60 s): {many:.1f} s.\n"
    )
    print(text)
    (HERE / "audit.md").write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
