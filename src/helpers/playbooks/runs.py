"""Run records of a playbook, and the status they earn: draft, rehearsed, piloted, stable."""

from __future__ import annotations

import csv
import datetime
import io
from dataclasses import dataclass
from pathlib import Path

from helpers.data.problems import Problem, shown
from helpers.data.yaml_files import read_text

from .parse import Edition, FrontMatter

FILE = "runs.csv"
COLUMNS = ("date", "edition", "kind", "people", "block", "planned_min", "real_min", "cut", "confused")
KINDS = ("rehearsal", "live")
STABLE_RUNS = 3
#: A live run counts towards stable when it ended within this share of its planned minutes.
WITHIN = 0.10


@dataclass(frozen=True)
class Run:
    """One rehearsal or session: planned and real minutes of its blocks."""

    date: str
    edition: str
    kind: str
    people: int
    blocks: dict[str, tuple[int, int]]

    def complete(self, edition: Edition) -> bool:
        """Whether every block that is worked in was timed."""
        return {block.block for block in edition.agenda if block.kind == "work"} <= {*self.blocks}

    def on_time(self) -> bool:
        """Whether it took the minutes planned, within a tenth."""
        planned = sum(minutes for minutes, _ in self.blocks.values())
        return abs(sum(minutes for _, minutes in self.blocks.values()) - planned) <= WITHIN * planned


def read_runs(folder: Path, front: FrontMatter) -> tuple[list[Run], list[Problem]]:
    """Return the runs recorded beside a playbook, and what is wrong with the records.

    Parameters
    ----------
    folder : pathlib.Path
        Folder of the playbook; without ``runs.csv`` nothing was run.
    front : FrontMatter
        Its head, which names editions and blocks.

    Returns
    -------
    runs : list of Run
        Runs in the order of the file.
    problems : list of Problem
        Wrong cells with their row.
    """
    path, name = folder / FILE, f"{folder.name}/{FILE}"
    if not path.is_file():
        return [], []
    rows = list(csv.reader(io.StringIO(read_text(path))))
    if not rows or tuple(rows[0]) != COLUMNS:
        found = ", ".join(rows[0]) if rows else "nothing"
        return [], [Problem("error", name, f"the columns are {found}", ", ".join(COLUMNS), rows=(1,))]
    problems: list[Problem] = []
    runs: dict[tuple[str, ...], Run] = {}
    for line, row in enumerate(rows[1:], 2):
        entry = dict(zip(COLUMNS, row))
        wrong = (
            _wrong(entry, front) if len(row) == len(COLUMNS) else [f"the row has {len(row)} cells, not {len(COLUMNS)}"]
        )
        problems += [Problem("error", name, words, rows=(line,)) for words in wrong]
        if not wrong:
            key = (entry["date"], entry["edition"], entry["kind"], entry["people"])
            run = runs.setdefault(key, Run(*key[:3], int(entry["people"]), {}))
            run.blocks[entry["block"]] = (int(entry["planned_min"]), int(entry["real_min"]))
    return list(runs.values()), problems


def _wrong(entry: dict[str, str], front: FrontMatter) -> list[str]:
    wrong = []
    try:
        datetime.date.fromisoformat(entry["date"])
    except ValueError:
        wrong.append(f"the date is {shown(entry['date'])}; write it as 2026-06-30")
    editions = {edition.id: edition for edition in front.editions}
    if entry["edition"] not in editions:
        return [*wrong, f"the edition is {shown(entry['edition'])}; expected one of {', '.join(editions)}"]
    edition = editions[entry["edition"]]
    blocks = {block.block: block.minutes for block in edition.agenda}
    if entry["kind"] not in KINDS:
        wrong.append(f"the kind is {shown(entry['kind'])}; expected one of {', '.join(KINDS)}")
    for column in ("people", "planned_min", "real_min"):
        if not entry[column].isdigit():
            wrong.append(f"{column} is {shown(entry[column])}; expected a whole number")
    if entry["block"] not in blocks:
        wrong.append(f"the block is {shown(entry['block'])}; expected one of {', '.join(blocks)}")
    return wrong


def status(runs: list[Run], edition: Edition) -> str:
    """Return what run records have earned an edition.

    Parameters
    ----------
    runs : list of Run
        All runs of its playbook.
    edition : Edition
        The edition.

    Returns
    -------
    str
        ``stable``: three complete live runs that took the minutes planned, within a tenth; ``piloted``: one complete
        live run; ``rehearsed``: read aloud against a clock with nobody in the room, by a person or by a speech
        synthesiser, every block timed (the playbook's ``reviewed`` says which); else ``draft``.
    """
    own = [run for run in runs if run.edition == edition.id and run.complete(edition)]
    live = [run for run in own if run.kind == "live"]
    if sum(run.on_time() for run in live) >= STABLE_RUNS:
        return "stable"
    return "piloted" if live else "rehearsed" if own else "draft"


def status_in_words(runs: list[Run], front: FrontMatter) -> str:
    """Return the status of every edition as a sentence."""
    states = [f"{edition.title}: {status(runs, edition)}" for edition in front.editions]
    return "; ".join(states)
