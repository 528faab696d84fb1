"""Write the files of a kit into a folder of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.data import InputError, Study
from helpers.data.problems import errors, input_error, shown

from .. import evidence
from ..check import check
from ..overview import find
from ..runs import read_runs, status
from ..session import PAPERS, Session, start_minutes
from .forms import forms
from .pages import Page, card, guide, pack, print_me, routine, run_sheet
from .pdf import pdf
from .run_sheet import run_sheet_page
from .workbook import capture


@dataclass(frozen=True)
class Kit:
    """What was written.

    Parameters
    ----------
    folder : pathlib.Path
        Where the files lie.
    files : tuple of pathlib.Path
        The files, in the order of use.
    sides : int
        How many sides are handed out.
    people : int
        For how many people.
    """

    folder: Path
    files: tuple[Path, ...]
    sides: int
    people: int


def make_kit(
    root: Path,
    id: str,
    edition: str,
    people: int,
    start: str = "09:00",
    paper: str = "a4",
    study: Path | None = None,
    out: Path = Path("kits"),
    contact: str = "",
) -> Kit:
    """Write a kit for one session.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the playbooks.
    id, edition : str
        The playbook, and one of its editions.
    people : int
        How many take part.
    start : str
        Time of day, such as ``08:45``.
    paper : {"a4", "letter"}
        What is printed on.
    study : pathlib.Path, optional
        A study whose title stands on the kit, whose codes the workbook offers, and whose smallest group sheets promise.
    out : pathlib.Path
        Folder to write into; the kit gets a folder of its own in it.
    contact : str
        Name and phone of the privacy contact, for every sheet that names it.

    Returns
    -------
    Kit
        The files. The same input gives the same bytes.

    Raises
    ------
    InputError
        If there is no such playbook or edition, the number of people or the start does not fit, the playbook has
        errors, or the study cannot be read. Nothing is written then.
    """
    session, people_codes, pair_codes = _session(root, id, edition, people, start, paper, study, contact)
    name = session.name
    files = {
        f"{name}-{part}.pdf": pdf(session, content, part.replace("-", " "), landscape=part == "run-sheet")
        for part, content in _parts(session).items()
        if content
    }
    if session.edition.sheets:
        files[f"{name}-forms.docx"] = forms(session)
    files[f"{name}-capture.xlsx"] = capture(session, people_codes, pair_codes)
    if session.book.front.form == "kit":
        files[f"{name}-run-sheet.html"] = run_sheet_page(session).encode()
    files[f"{name}-README.txt"] = _read_me(session, [*files]).encode()
    folder = out / name
    folder.mkdir(parents=True, exist_ok=True)
    for file, written in files.items():
        (folder / file).write_bytes(written)
    return Kit(folder, tuple(folder / file for file in files), session.sides, people)


def _session(
    root: Path, id: str, edition: str, people: int, start: str, paper: str, study: Path | None, contact: str
) -> tuple[Session, list[str], list[str]]:
    book = find(root, id)
    chosen = book.front.edition(edition)
    size = chosen.participants
    if not size.fewest <= people <= size.most:
        expected = f"{size.fewest} to {size.most}, for edition {chosen.id}"
        raise input_error("--participants", f"{people} people", expected, "Run it twice, or take another edition")
    if paper not in PAPERS:
        raise input_error("--paper", shown(paper), " or ".join(PAPERS))
    minutes = start_minutes(start)
    registry = evidence.load(root)
    problems = errors(check(book, registry))
    if problems:
        raise InputError(problems)
    client, smallest = "", None
    codes: dict[str, list[str]] = {"people": [], "partnerships": []}
    if study is not None:
        found = Study.load(study)
        client = found.title
        smallest = found.privacy.promised_min_group or found.privacy.min_group
        for table, column in (("people", "person_id"), ("partnerships", "partnership_id")):
            if found.has(table):
                codes[table] = sorted(map(str, getattr(found, table)[column].dropna().unique()))
    earned = status(read_runs(book.folder, book.front)[0], chosen)
    session = Session(book, chosen, registry, people, minutes, paper, earned, client, contact.strip(), smallest)
    return session, codes["people"], codes["partnerships"]


def _parts(session: Session) -> dict[str, list[Page]]:
    """Return the pages of each PDF file: a card is one page, a routine one file, a kit several."""
    if session.book.front.form == "card":
        return {"card": card(session)}
    if session.book.front.form == "routine":
        return {"print-me": routine(session), "works-council-pack": pack(session)}
    pages = {"print-me": print_me(session), "run-sheet": run_sheet(session), "guide": guide(session)}
    return pages | {"works-council-pack": pack(session)}


def _read_me(session: Session, files: list[str]) -> str:
    """Say in which order the files are used; of each kind only where there is one."""
    name, sides = session.name, session.sides
    told = {
        "card.pdf": "Print {}: one page, to keep in sight.",
        "run-sheet.pdf": f"Print {name}-print-me.pdf once, on one side, at full size: {sides} sides in piles, in the "
        "order of use.",
        "guide.pdf": f"Print {name}-run-sheet.pdf and read {{}}; or open {name}-run-sheet.html in a browser, it needs "
        "no internet.",
        "print-me.pdf": "Print {} once, on one side, at full size: how it works, the words to start it "
        "with, and the sheets.",
        "forms.docx": "To change a sheet, open {}.",
        "capture.xlsx": "Afterwards type what was counted into {}.",
        "works-council-pack.pdf": "For the works council and the data protection officer: {}.",
    }
    if session.book.front.form == "kit":
        del told["print-me.pdf"]
    steps = [words.format(f"{name}-{part}") for part, words in told.items() if f"{name}-{part}" in files]
    head = (
        f"{session.book.front.title}, {session.edition.title}: {session.people} people, {session.span}, "
        f"status {session.status}."
    )
    return "\n".join([head, *(f"{at}. {words}" for at, words in enumerate(steps, 1))]) + "\n"
