"""Write a new practice from a template: what must be answered stands there as a question."""

from __future__ import annotations

import datetime
import re
from pathlib import Path
from typing import Literal

from helpers.data.problems import input_error, shown
from helpers.data.yaml_files import read_text

from . import evidence
from .check import refill
from .parse import FILE

TEMPLATES = Path(__file__).parent / "templates"
Form = Literal["kit", "routine", "card"]
_NONE_FOUND = """  - id: {id}-none
    short: None found
    reference: "ANSWER: what was not found?"
    practice: "ANSWER: which practice did you search for?"
    design: Search
    size: "no study"
    result: none found
    reads_as: Unknown
    finding: "ANSWER: what was not found?"
    searched: {{on: {date}, terms: "ANSWER: with which words?"}}
    used_by: [{id}]
"""


def new_practice(id: str, root: Path, form: Form = "routine", today: datetime.date | None = None) -> Path:
    """Write a practice that holds questions to answer.

    Parameters
    ----------
    id : str
        Name of its folder: small letters, digits and hyphens.
    root : pathlib.Path
        Folder of playbooks; made, with a registry of evidence, where there is none.
    form : {"kit", "routine", "card"}
        A kit has scripts, sceptics' answers and risks; a routine a timing table; a card neither.
    today : datetime.date, optional
        Day of writing.

    Returns
    -------
    pathlib.Path
        The playbook. ``check`` names each question that is still open.

    Raises
    ------
    InputError
        If the id is none, or there is such a practice already.
    """
    if not re.fullmatch(r"[a-z][a-z0-9-]*", id):
        raise input_error("id", shown(id), "small letters, digits and hyphens, such as coffee-round")
    path = root / id / FILE
    if path.exists():
        raise input_error(str(path), "there is such a practice already", fix="Choose another id, or change that one")
    day = (today or datetime.date.today()).isoformat()
    sections = "" if form == "card" else read_text(TEMPLATES / "sections.md")
    if form == "kit":
        parts = ("If someone says …", "Adaptation", "Risks")
        sections += "".join(f"## {part}\n\nANSWER: what stands here?\n\n" for part in parts)
    filled = {
        "id": id, "title": id.replace("-", " ").capitalize(), "form": form, "practice": id.replace("-", "_"),
        "date": day, "sections": sections,
    }  # fmt: skip
    text = re.sub(r"\{\{(\w+)\}\}", lambda name: filled[name[1]], read_text(TEMPLATES / "practice.md"))
    registry = root / evidence.FILE
    known = read_text(registry) if registry.exists() else "entries:\nplanning: {}\n"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    entry = _NONE_FOUND.format(id=id, date=day)
    registry.write_text(known.replace("entries:\n", f"entries:\n{entry}", 1), encoding="utf-8", newline="\n")
    refill(root)
    return path
