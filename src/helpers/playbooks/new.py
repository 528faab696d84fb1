"""Write a new practice from a template: what must be answered stands there as a question."""

from __future__ import annotations

import datetime
import re
from pathlib import Path

from helpers.data.problems import input_error, shown
from helpers.data.yaml_files import read_text, read_yaml

from . import evidence
from .check import SECTIONS, refill
from .parse import FILE, Form

TEMPLATES = Path(__file__).parent / "templates"
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
        A kit has scripts, sceptics' answers and risks; a routine two pages and a script of 20 minutes; a card one page.
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
    parts = "".join(f"## {part}\n\nANSWER: what stands here?\n\n" for part in SECTIONS[form] if part != "Evidence")
    sections = sections + parts if form == "kit" else parts + sections
    filled = {
        "id": id, "title": id.replace("-", " ").capitalize(), "form": form, "practice": id.replace("-", "_"),
        "date": day, **_by_form(form),
    }  # fmt: skip
    text = read_text(TEMPLATES / "practice.md").replace("{{sections}}", sections)
    text = re.sub(r"\{\{(\w+)\}\}", lambda name: filled[name[1]], text)
    registry = root / evidence.FILE
    known = read_text(registry) if registry.exists() else "entries:\nplanning: {}\n"
    path.parent.mkdir(parents=True)
    path.write_text(text, encoding="utf-8", newline="\n")
    entry = _NONE_FOUND.format(id=id, date=day)
    registry.write_text(known.replace("entries:\n", f"entries:\n{entry}", 1), encoding="utf-8", newline="\n")
    refill(root)
    return path


def _by_form(form: Form) -> dict[str, str]:
    """Return what the template holds by form: the minutes and blocks of its edition, what is cut, its evidence."""
    known, _ = read_yaml(TEMPLATES / "forms.yaml")
    return {name: str(words).rstrip("\n") for name, words in known[form].items()}
