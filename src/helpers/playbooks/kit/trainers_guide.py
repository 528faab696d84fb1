"""The trainer's guide as paper: one page for each of its parts."""

from __future__ import annotations

import re
from pathlib import Path

from helpers.data import InputError
from helpers.data.problems import errors, input_error, shown
from helpers.data.yaml_files import read_text
from helpers.present.paper.blocks import blocks
from helpers.present.paper.typeset import typeset

from ..check import GUIDE, Shelf
from ..marks import fill, plain
from ..session import PAPERS

#: Size of its text in points, where a page has room for it.
LARGEST = 12


def trainers_guide(root: Path, paper: str = "a4") -> bytes:
    """Typeset the trainer's guide.

    Parameters
    ----------
    root : pathlib.Path
        Folder of the playbooks, which holds ``trainers-guide.md``.
    paper : {"a4", "letter"}
        What is printed on.

    Returns
    -------
    bytes
        A PDF file: a page for its beginning and one for each heading of the second level. The same text gives the same
        bytes.

    Raises
    ------
    InputError
        There is no guide, or its times do not agree with the playbooks.
    """
    if paper not in PAPERS:
        raise input_error("--paper", shown(paper), " or ".join(PAPERS))
    if not (root / GUIDE).is_file():
        raise input_error(root, f"there is no {GUIDE}", "the guide beside the playbooks")
    shelf = Shelf.read(root)
    if problems := errors(shelf.check_guide()):
        raise InputError(problems)
    text = plain(fill(read_text(root / GUIDE), shelf.index_values()))
    title, body = re.split(r"^# (.+)$", text, maxsplit=1, flags=re.MULTILINE)[1:]
    first, *rest = re.split(r"^## (.+)$", body, flags=re.MULTILINE)
    parts = [(title, first), *zip(rest[::2], rest[1::2], strict=True)]
    one = {"kind": "sheet", "fit": 1, "copies": 1, "largest": LARGEST}
    pages = [one | {"blocks": blocks(f"# {name}\n\n{content}")} for name, content in parts]
    about = {"title": title, "name": title, "footer": title}
    return typeset(about | {"paper": PAPERS[paper], "landscape": False, "pages": pages})
