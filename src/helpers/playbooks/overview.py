"""What a person who chooses a practice sees: the list of editions, and page one."""

from __future__ import annotations

from pathlib import Path

from helpers.data.problems import did_you_mean, input_error, shown

from .parse import Playbook, discover, load
from .quantities import copies
from .runs import read_runs, status
from .values import EXAMPLE_SIZE


def find(root: Path, id: str) -> Playbook:
    """Return a playbook by its id.

    Raises
    ------
    InputError
        If there is none; names those that exist.
    """
    folders = {folder.name: folder for folder in discover(root)}
    if id not in folders:
        fix = did_you_mean(id, folders).capitalize() or "Choose one of them"
        raise input_error(root, f"there is no playbook {shown(id)}", ", ".join(folders) or "one", fix)
    return load(folders[id])


def listing(root: Path) -> str:
    """Return the practices below a folder and their editions as text."""
    lines = []
    for book in map(load, discover(root)):
        runs = read_runs(book.folder, book.front)[0]
        lines += [f"{book.front.id} ({book.front.form}): {book.front.summary}"]
        for edition in book.front.editions:
            size = f"{edition.participants.fewest} to {edition.participants.most} people"
            state = status(runs, edition)
            lines.append(f"  {edition.id:<10} {edition.duration_min:>4} minutes, {size}, {state}: {edition.title}")
    return "\n".join(lines) if lines else f"There is no playbook below {root}."


def page_one(root: Path, id: str) -> str:
    """Return the card of a practice, and what each edition prints for twelve people."""
    book = find(root, id)
    front = book.front
    runs = read_runs(book.folder, front)[0]
    card = front.card.model_dump(exclude_none=True)
    lines = [front.title, *(f"{name.replace('_', ' ').capitalize()}: {words}" for name, words in card.items())]
    for edition in front.editions:
        lines += ["", f"{edition.title} ({edition.id}): {edition.duration_min} minutes, {status(runs, edition)}"]
        for one in edition.sheets:
            number = copies(one.copies, EXAMPLE_SIZE) or "–"
            lines.append(f"  {one.at:>6}  {front.sheet(one.sheet).title}: {number} ({one.copies}), {one.to}")
    return "\n".join(lines)
