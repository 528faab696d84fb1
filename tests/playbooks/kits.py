"""Make the committed kits anew: for twelve people, nine o'clock, the PDF files alone.

Of the first two practices the room edition, on A4 and Letter; of all others their only edition, on A4.

Run it by ``python dev.py kits`` whenever a text, a rule or the template of the pages changes; name practices, or
trainers-guide, to make theirs alone.
"""

import shutil
import sys
import tempfile
from pathlib import Path

from helpers.playbooks import discover, load
from helpers.playbooks.kit import make_kit
from helpers.playbooks.kit.trainers_guide import trainers_guide

ROOT = Path(__file__).parents[2] / "playbooks"
PEOPLE = 12
#: Made for both papers: the kits that one can hold tomorrow with nothing but a printer.
ON_BOTH = ("role-swap", "customer-call-shadowing")


def commit(folder: Path, paper: str) -> None:
    """Write the PDF files of one kit into the playbook's folder."""
    front = load(folder).front
    edition = front.edition("room") if front.id in ON_BOTH else front.editions[0]
    people = min(max(PEOPLE, edition.participants.fewest), edition.participants.most)
    target = folder / "kits" / paper
    with tempfile.TemporaryDirectory() as out:
        made = make_kit(ROOT, front.id, edition.id, people, "09:00", paper, out=Path(out))
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for path in made.files:
            if path.suffix == ".pdf":
                shutil.copy(path, target)
    print(f"{target}: {made.sides} sides, {made.sides / people:.1f} a person")


def commit_guide() -> None:
    """Write the trainer's guide beside the playbooks."""
    for paper in ("a4", "letter"):
        target = ROOT / "kits" / paper / "trainers-guide.pdf"
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(trainers_guide(ROOT, paper))
        print(target)


if __name__ == "__main__":
    if not sys.argv[1:] or "trainers-guide" in sys.argv[1:]:
        commit_guide()
    for folder in discover(ROOT):
        if folder.name in sys.argv[1:] or not sys.argv[1:]:
            for paper in ("a4", "letter") if folder.name in ON_BOTH else ("a4",):
                commit(folder, paper)
