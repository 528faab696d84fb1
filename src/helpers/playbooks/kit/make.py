"""Write the files of a kit into a folder of their own."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from helpers.data import InputError, Study
from helpers.data.problems import input_error, shown

from .. import evidence
from ..check import check
from ..overview import find
from ..runs import read_runs, status
from .forms import forms
from .pages import guide, pack, print_me, run_sheet
from .pdf import pdf
from .run_sheet import run_sheet_page
from .session import PAPERS, Session, start_minutes
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
        A study whose title stands on the kit and whose codes the workbook offers.
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
    pages = {"print-me": print_me(session), "run-sheet": run_sheet(session), "guide": guide(session)}
    pages |= {"works-council-pack": pack(session)}
    files = {
        f"{name}-{part}.pdf": pdf(session, content, part.replace("-", " "), landscape=part == "run-sheet")
        for part, content in pages.items()
        if content
    }
    files[f"{name}-forms.docx"] = forms(session)
    files[f"{name}-capture.xlsx"] = capture(session, people_codes, pair_codes)
    files[f"{name}-run-sheet.html"] = run_sheet_page(session).encode()
    files[f"{name}-README.txt"] = _read_me(session, f"{name}-works-council-pack.pdf" in files).encode()
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
    problems = check(book, registry)
    if problems:
        raise InputError(problems)
    client = ""
    codes: dict[str, list[str]] = {"people": [], "partnerships": []}
    if study is not None:
        found = Study.load(study)
        client = found.title
        for table, column in (("people", "person_id"), ("partnerships", "partnership_id")):
            if found.has(table):
                codes[table] = sorted(map(str, getattr(found, table)[column].dropna().unique()))
    earned = status(read_runs(book.folder, book.front)[0], chosen)
    session = Session(book, chosen, registry, people, minutes, paper, earned, client, contact.strip())
    return session, codes["people"], codes["partnerships"]


def _read_me(session: Session, with_pack: bool) -> str:
    name, sides = session.name, session.sides
    lines = [
        f"{session.book.front.title}, {session.edition.title}: {session.people} people, {session.span}, "
        f"status {session.status}.",
        f"1. Print {name}-print-me.pdf once, on one side, at full size: {sides} sides in piles, in the order of use.",
        f"2. Print {name}-run-sheet.pdf and read {name}-guide.pdf; or open {name}-run-sheet.html in a browser, "
        "it needs no internet.",
        f"3. To change a sheet, open {name}-forms.docx.",
        f"4. Afterwards type what was counted into {name}-capture.xlsx.",
        f"5. For the works council and the data protection officer: {name}-works-council-pack.pdf.",
    ]
    return "\n".join(lines if with_pack else lines[:-1]) + "\n"
