"""Measure a page per unit of a very large survey: 250,000 answers to 100 questions, 9,000 units, as in a civil service.

``python benchmarks/anchor.py`` writes such a survey (``--answers``, ``--units`` for a smaller one), checks it, makes
its release plan, and makes the report of some units (``--sample``): every question beside everybody, scores with
intervals, the comparison of the unit with the whole. Printed are processor seconds of all processes: once for the
batch, and for each unit; nine thousand units are arithmetic from there. The size is that of the survey of the British
civil service of 2015; the aim is a night on two cores, 3.2 s of the clock or 6.4 processor seconds a unit. ``--excel``
writes 20,000 answers to 61 questions as a workbook instead, and measures how long the study takes to read it.
"""

from __future__ import annotations

import argparse
import os
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import date
from multiprocessing import forkserver
from pathlib import Path
from typing import TypeVar

import numpy as np
import pandas as pd
import yaml

from helpers.data import Study
from helpers.reporting import of_groups, run

DIMENSIONS, FEWEST, NIGHT = 10, 12, 8 * 3600
T = TypeVar("T")


def survey(answers: int, questions: int, units: int) -> pd.DataFrame:
    """Draw answers; units are of very unequal size, none below 12 people."""
    random = np.random.default_rng(1)
    more = random.dirichlet(np.full(units, 0.7)) * (answers - FEWEST * units)
    sizes = FEWEST + np.floor(more).astype(int)
    sizes[0] += answers - sizes.sum()
    trait = 3.4 + np.repeat(random.normal(0, 0.25, units), sizes) + random.normal(0, 0.6, answers)
    told = np.clip((trait[:, None] + random.normal(0, 0.8, (answers, questions))).round(), 1, 5).astype(np.int8)
    frame = pd.DataFrame(told, columns=[f"q{number:03d}" for number in range(questions)])
    unit = np.repeat([f"Unit {number:05d}" for number in range(units)], sizes)
    who = pd.DataFrame({"respondent_id": [f"r{number}" for number in range(answers)], "partnership_id": ""})
    return pd.concat([who.assign(wave="w1", submitted_at="2026-05-01", unit=unit), frame], axis=1)


def write(folder: Path, frame: pd.DataFrame, questions: int, excel: bool = False) -> Path:
    """Write the study."""
    folder.mkdir()
    asked = [
        {"id": f"q{number:03d}", "dimension": f"d{number % DIMENSIONS}", "text": f"Question {number + 1}."}
        | {"response": "agreement", "answered_by": ["manager"]}
        for number in range(questions)
    ]
    codebook = {
        "instrument": {"name": "Large", "version": "1", "status": "unvalidated", "licence": "CC BY 4.0"},
        "responses": {"agreement": {"type": "rating", "low": 1, "high": 5, "favourable_from": 4}},
        "dimensions": [{"id": f"d{number}", "label": f"Dimension {number + 1}"} for number in range(DIMENSIONS)],
        "items": asked,
    }
    study = {"title": "Large", "as_of": "2026-06-30", "codebook": "codebook.yaml", "attributes": ["unit"]}
    study |= {"tables": {"survey": f"survey.{'xlsx' if excel else 'csv'}"}, "releases": False}
    for name, content in (("study", study), ("codebook", codebook)):
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8", newline="\n")
    if excel:
        frame.to_excel(folder / "survey.xlsx", index=False)
    else:
        frame.to_csv(folder / "survey.csv", index=False, lineterminator="\n")
    return folder


def used() -> float:
    """Return the processor seconds of this process and of those that have ended."""
    each = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in each)


def timed(what: str, work: Callable[[], T]) -> T:
    """Do something, and print its processor seconds."""
    before, started = used(), time.perf_counter()
    done = work()
    print(f"| {what} | {used() - before:.1f} | {time.perf_counter() - started:.1f} |", flush=True)
    return done


def made(folder: Path, out: Path, number: int) -> float:
    """Make so many reports of units, with all that is done once; return processor seconds."""
    before = used()
    for one in run(of_groups(folder, "unit", out, formats=["html"]), limit=number):
        if one.exit_code:
            sys.exit(one.reason or one.error)
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # so that what notebooks used is counted
    return used() - before


def main() -> None:
    """Measure, and print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--answers", type=int, default=250_000)
    parser.add_argument("--units", type=int, default=9_000)
    parser.add_argument("--questions", type=int, default=100)
    parser.add_argument("--sample", type=int, default=4, help="units whose reports are made")
    parser.add_argument("--excel", action="store_true", help="read 20,000 x 61 from a workbook instead")
    given = parser.parse_args()
    answers, questions, units = (20_000, 61, 40) if given.excel else (given.answers, given.questions, given.units)
    with tempfile.TemporaryDirectory() as name:
        frame = survey(answers, questions, units)
        folder = write(Path(name) / "study", frame, questions, given.excel)
        print(f"{date.today():%Y-%m-%d}, {os.cpu_count()} cores: {answers:,} x {questions}, {units:,} units")
        print("| What | Processor seconds | Seconds on the clock |\n|---|---:|---:|")
        if given.excel:
            timed("reading the workbook", lambda: Study.load(folder).table("survey"))
            timed("pandas alone", lambda: pd.read_excel(folder / "survey.xlsx"))
            return
        timed("pandas alone, reading the file", lambda: pd.read_csv(folder / "survey.csv"))
        study = timed("the study, checked", lambda: (study := Study.load(folder), study.check())[0])
        timed("its release plan", lambda: study.plan)
        # What is worked out once stays in this process: without the first batch it would count for one of two.
        first, few, many = (
            made(folder, Path(name) / f"out{place}", number) for place, number in enumerate((1, 1, given.sample))
        )
    each = (many - few) / (given.sample - 1)
    memory = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    print(f"| a batch of one unit | {first:.1f} | |\n| one unit more | {each:.1f} | |")
    cores = os.cpu_count() or 1
    print(f"{units:,} units on {cores} idle cores, by arithmetic: {units * each / cores / 3600:.1f} hours.")
    print(f"A night, the aim, is {NIGHT * cores / units:.1f} processor seconds a unit.")
    print(f"The largest process took {memory / 1024**2:.2f} GB.")


if __name__ == "__main__":
    main()
