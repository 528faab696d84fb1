"""Measure how long the survey notebooks take on a large study, relative to the sample study.

Run ``python benchmarks/notebooks.py``, or name a number of respondents, and ``--items``. Writes a study of that size
(partnerships of 1 HR partner and about 12 managers, two waves, 12 dimensions), executes each notebook on it and on the
sample with papermill, each in a process of its own, and prints seconds, their ratio and the peak memory of the kernel.
``--write`` keeps the table in ``notebooks.md``.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ("01_data_readiness", "02_partnership_survey", "02b_partnership_dyads", "02c_partnership_measurement")
DIMENSIONS, MANAGERS = 12, 12
#: Runs a notebook in this process's kernel, and says how much memory that kernel took at most.
RUN = """
import resource, sys, papermill
papermill.execute_notebook(sys.argv[1], sys.argv[2], {"study": sys.argv[3]}, progress_bar=False, log_output=False)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""


def codebook(items: int) -> dict[str, object]:
    """Describe a questionnaire of 12 dimensions that both sides answer, with an overall question."""
    names = [f"dimension_{place % DIMENSIONS + 1}" for place in range(items)]
    asked = [
        {"id": f"item_{place + 1}", "dimension": name, "response": "agreement", "text": f"Question {place + 1}."}
        for place, name in enumerate(names)
    ]
    overall = {
        "id": "overall",
        "response": "likelihood",
        "role": "outcome",
        "text": "How likely would you do it again?",
    }
    return {
        "instrument": {"name": "Large", "version": "1", "status": "unvalidated", "licence": "CC BY 4.0"},
        "responses": {
            "agreement": {"type": "rating", "low": 1, "high": 5},
            "likelihood": {"type": "rating", "low": 0, "high": 10},
        },
        "dimensions": [{"id": name, "label": name.replace("_", " ").capitalize()} for name in dict.fromkeys(names)],
        "items": [*asked, overall],
    }


def write_study(folder: Path, respondents: int, items: int) -> None:
    """Write a study of two waves in which so many people answer the second and most of them the first."""
    random = np.random.default_rng(1)
    partners = max(1, respondents // (MANAGERS + 1))
    managers = respondents - partners
    partner_of = np.sort(random.integers(0, partners, managers))
    manager, hr = (np.char.add(letter, np.arange(n).astype(str)) for letter, n in (("M", managers), ("H", partners)))
    pair = np.char.add("P", np.arange(managers).astype(str))
    people = pd.DataFrame({"person_id": np.concatenate([hr, manager])})
    people["side"] = np.repeat(["hr", "manager"], [partners, managers])
    people["department"] = random.choice([f"Department {place}" for place in range(1, 31)], len(people))
    people.to_csv(folder / "people.csv", index=False, lineterminator="\n")
    pairs = pd.DataFrame({"partnership_id": pair, "hr_id": hr[partner_of], "manager_id": manager})
    pairs.to_csv(folder / "partnerships.csv", index=False, lineterminator="\n")
    shared = random.normal(0, 0.3, (partners, 1, DIMENSIONS))[partner_of]
    own = random.normal(0, 0.6, (managers, 1, DIMENSIONS)) + random.normal(0, 0.5, (managers, 1, 1))
    sheets = []
    for wave, share in (("2025", 0.6), ("2026", 1.0)):
        trait = 3.4 + shared + own + random.normal(0, 0.3, (managers, 2, DIMENSIONS))
        answer = trait[:, :, np.arange(items) % DIMENSIONS] + random.normal(0, 0.7, (managers, 2, items))
        overall = 2 * trait.mean(axis=2) + random.normal(0, 1, (managers, 2))
        for place, who in enumerate((manager, hr[partner_of])):
            sheet = pd.DataFrame({"respondent_id": who, "partnership_id": pair, "wave": wave})
            sheet["submitted_at"] = f"{wave}-05-20T10:00:00"
            scored = pd.DataFrame(np.clip(answer[:, place].round(), 1, 5).astype(int))
            scored.columns = [f"item_{number + 1}" for number in range(items)]
            scored["overall"] = np.clip(overall[:, place].round(), 0, 10).astype(int)
            sheets.append(pd.concat([sheet, scored], axis=1)[random.random(managers) < share])
    pd.concat(sheets).to_csv(folder / "survey.csv", index=False, lineterminator="\n")
    tables = {name: f"{name}.csv" for name in ("survey", "people", "partnerships")}
    study = {"title": "Large study", "client": "Large", "as_of": "2026-06-30", "codebook": "codebook.yaml"}
    study |= {"waves": ["2025", "2026"], "attributes": ["department"], "tables": tables}
    for name, content in (("study", study), ("codebook", codebook(items))):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content), encoding="utf-8", newline="\n")


def measure(notebook: str, study: Path, folder: Path) -> tuple[float, float]:
    """Execute a notebook: seconds, and peak memory of its kernel in gigabytes."""
    started = time.perf_counter()
    paths = ROOT / "notebooks" / f"{notebook}.ipynb", folder / "out.ipynb", study
    done = subprocess.run(
        [sys.executable, "-c", RUN, *map(str, paths)],
        capture_output=True, text=True, check=False, env=os.environ | {"OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    if done.returncode:
        sys.exit(done.stderr[-3000:])
    return time.perf_counter() - started, int(done.stdout.split()[-1]) / 1024**2


def main() -> None:
    """Measure every survey notebook on the sample and on a large study."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("respondents", nargs="?", type=int, default=20_000)
    parser.add_argument("--items", type=int, default=60)
    parser.add_argument("--only", choices=NOTEBOOKS, action="append", help="a notebook to run; all when none is named")
    parser.add_argument("--write", action="store_true", help="keep the table in notebooks.md")
    arguments = parser.parse_args()
    lines = [
        f"| Notebook | Sample, s | {arguments.respondents:,} respondents x {arguments.items} items, s | Ratio | GB |",
        "|---|---:|---:|---:|---:|",
    ]
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        write_study(folder, arguments.respondents, arguments.items)
        for name in arguments.only or NOTEBOOKS:
            sample, _ = measure(name, ROOT / "data" / "sample", folder)
            large, memory = measure(name, folder, folder)
            lines.append(f"| {name} | {sample:.1f} | {large:.1f} | {large / sample:.1f} | {memory:.2f} |")
            print(lines[-1], flush=True)
    if arguments.write:
        head = "# Survey notebooks on a large study\n\nMade by `python benchmarks/notebooks.py --write`.\n\n"
        Path(__file__).with_suffix(".md").write_text(head + "\n".join(lines) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
