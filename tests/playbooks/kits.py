"""Make the committed kits anew: both room editions, twelve people, nine o'clock, A4 and Letter; the PDF files alone.

Run it by ``python dev.py kits`` whenever a text, a rule or the template of the pages changes.
"""

import shutil
import tempfile
from pathlib import Path

from helpers.playbooks.kit import make_kit

ROOT = Path(__file__).parents[2] / "playbooks"
PRACTICES = ("role-swap", "customer-call-shadowing")
PAPERS = ("a4", "letter")
PARTS = ("print-me", "run-sheet", "guide", "works-council-pack")


def commit(id: str, paper: str) -> None:
    """Write the PDF files of one kit into the playbook's folder."""
    target = ROOT / id / "kits" / paper
    with tempfile.TemporaryDirectory() as folder:
        made = make_kit(ROOT, id, "room", 12, "09:00", paper, out=Path(folder))
        shutil.rmtree(target, ignore_errors=True)
        target.mkdir(parents=True)
        for part in PARTS:
            shutil.copy(made.folder / f"{id}-room-{part}.pdf", target)
    print(f"{target}: {made.sides} sides, {made.sides / 12:.1f} a person")


if __name__ == "__main__":
    for id in PRACTICES:
        for paper in PAPERS:
            commit(id, paper)
