"""Compare what somebody read from a printed kit alone with what the playbook declares.

Two people, apart, who have seen nothing, get the PDF files of one kit and an empty CSV file:

    python benchmarks/cold_read.py make role-swap room --participants 9 12 15 --start 08:45 --out cold-read

writes for each number of people a folder with the PDF files and ``answers.csv``, and nothing else. They write one row
for every step of the run: the time of day at which it begins, what happens, who speaks, and the sheets that are handed
out with their number of copies, such as ``Meeting strips: 6``. Then

    python benchmarks/cold_read.py compare cold-read/12/answers.csv role-swap room --participants 12 --start 08:45

says how many of all answers agree (98 % are wanted), and lists those that do not. It exits with 1 below that.
"""

from __future__ import annotations

import argparse
import csv
import re
import shutil
import sys
import tempfile
from pathlib import Path

from helpers.playbooks import evidence, load
from helpers.playbooks.kit import make_kit
from helpers.playbooks.parse import minutes_of
from helpers.playbooks.session import Session, start_minutes

ROOT = Path(__file__).resolve().parents[1] / "playbooks"
COLUMNS = ("clock", "what", "who", "sheets")
WANTED = 0.98
#: Words that carry no meaning when two descriptions are compared.
COMMON = {"and", "the", "for", "with", "then", "one", "each", "a", "an", "of", "in", "to", "your", "by", "on", "is"}


def session_of(id: str, edition: str, people: int, start: str) -> Session:
    """Return the session that a kit was made for."""
    book = load(ROOT / id)
    return Session(book, book.front.edition(edition), evidence.load(ROOT), people, start_minutes(start), "a4", "draft")


def expected(session: Session) -> list[dict[str, str]]:
    """Return one row for every step: clock, what, who, sheets with their copies."""
    due: dict[str, list[str]] = {}
    rows = []
    handed = {pile.sheet.id: pile for pile in session.piles}
    for one in session.edition.sheets:
        if one.at not in ("before", "start") and one.sheet in handed:
            pile = handed[one.sheet]
            due.setdefault(session.clock(minutes_of(one.at)), []).append(f"{pile.sheet.title}: {pile.copies}")
    for scene in session.scenes:
        steps = scene.steps or ()
        for step in steps:
            clock = session.clock(step.start)
            rows.append({"clock": clock, "what": step.what, "who": step.who, "sheets": "; ".join(due.get(clock, []))})
        if not steps:
            clock = session.clock(scene.start)
            rows.append({"clock": clock, "what": scene.block.block, "who": "nobody", "sheets": ""})
    return rows


def words(text: str) -> set[str]:
    """Return the words that carry a description."""
    return {word for word in re.findall(r"[a-z0-9]+", text.lower()) if word not in COMMON and len(word) > 2}


def sheets(text: str) -> set[tuple[str, str]]:
    """Return sheets and copies of a cell, whatever its order."""
    found = re.findall(r"([^:;]+):\s*(\d+)", text)
    return {(" ".join(sorted(words(name))), number) for name, number in found}


def agrees(column: str, right: str, answer: str) -> bool:
    """Return whether an answer says the same: times and sheets exactly, words by half of the fewer ones."""
    if column == "clock":
        return right.lstrip("0") == answer.strip().lstrip("0")
    if column == "sheets":
        return sheets(right) == sheets(answer)
    ours, theirs = words(right), words(answer)
    if column == "who" and right in ("nobody", "–"):
        return not theirs or bool(theirs & {"nobody", "none"})
    return len(ours & theirs) * 2 >= min(len(ours), len(theirs)) and bool(ours & theirs)


def compare(right: list[dict[str, str]], answers: list[dict[str, str]]) -> tuple[int, int, list[str]]:
    """Return how many cells agree, how many there are, and those that differ; rows are matched by their time."""
    by_clock = {row["clock"].strip().lstrip("0"): row for row in answers}
    hits, total, wrong = 0, 0, []
    for row in right:
        total += len(COLUMNS)
        answer = by_clock.pop(row["clock"].lstrip("0"), None)
        if answer is None:
            wrong.append(f"{row['clock']}: nothing was read; the playbook has {row['what']!r}")
            continue
        for column in COLUMNS:
            if agrees(column, row[column], answer.get(column) or ""):
                hits += 1
            else:
                wrong.append(f"{row['clock']} {column}: read {answer.get(column)!r}, the playbook has {row[column]!r}")
    total += len(by_clock)
    wrong += [f"{clock}: read a step that the playbook does not have" for clock in by_clock]
    return hits, total, wrong


def make(id: str, edition: str, people: list[int], start: str, out: Path) -> None:
    """Write for each number of people what a reader gets: PDF files and an empty table."""
    for number in people:
        target = out / str(number)
        target.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory() as folder:
            made = make_kit(ROOT, id, edition, number, start, out=Path(folder))
            for path in made.files:
                if path.suffix == ".pdf":
                    shutil.copy(path, target)
        (target / "answers.csv").write_text(",".join(COLUMNS) + "\n", encoding="utf-8")
        print(f"{target}: {made.sides} sides, {made.sides / number:.1f} a person")


def main() -> None:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("make", "compare"):
        command = commands.add_parser(name)
        if name == "compare":
            command.add_argument("answers", type=Path)
        command.add_argument("id")
        command.add_argument("edition")
        command.add_argument("--participants", type=int, nargs="+" if name == "make" else None, required=True)
        command.add_argument("--start", default="08:45")
        command.add_argument("--out", type=Path, default=Path("cold-read"))
    given = parser.parse_args()
    if given.command == "make":
        make(given.id, given.edition, given.participants, given.start, given.out)
        return
    with given.answers.open(encoding="utf-8-sig", newline="") as file:
        answers = list(csv.DictReader(file))
    right = expected(session_of(given.id, given.edition, given.participants, given.start))
    hits, total, wrong = compare(right, answers)
    print("\n".join([*wrong, f"{hits} of {total} agree: {hits / total:.1%} (wanted: {WANTED:.0%})"]))
    sys.exit(hits < WANTED * total)


if __name__ == "__main__":
    main()
