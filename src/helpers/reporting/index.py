"""Writes the page that lists the reports of a batch: what became of each, what it tells first, and its files."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

from helpers.data.writing import as_written

from .batch import KEPT, MADE, Outcome
from .build import REPORT, RESULTS, WORKBOOK
from .cover import Cover
from .document import Chapter, Prose
from .folder import put_anew
from .formats.html import page
from .report import Report
from .zipped import zip_of

INDEX = "index.html"
TOLD = ("strong", "moderate", "weak")
#: Files that a reader may want at once, below a report's folder, and what they are called.
FILES = {REPORT: "PDF", "report.docx": "Word", "deck.pptx": "slides", WORKBOOK: "tables"}


def write_index(parent: Path, cover: Cover, kind: str, made: Sequence[Outcome], note: str) -> None:
    """Write ``index.html`` into the folder of all reports.

    Parameters
    ----------
    parent : pathlib.Path
        The folder.
    cover : Cover
        What stands above the list.
    kind : str
        What each report is of: ``"Group"``, ``"Study"``.
    made : sequence of Outcome
        The reports in order; of those that are not there nothing is told but why.
    note : str
        What the list is, in a sentence or two.
    """
    people = "Answered" if kind == "Group" else "Respondents"
    head = "".join(f"<th>{name}</th>" for name in (kind, people, "First finding", "Report", "Files"))
    rows = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in _row(parent, one, kind))}</tr>" for one in made)
    table = f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"
    title = "Reports of groups" if kind == "Group" else "What became of each"
    summary = Chapter("index", title, [Prose(f"<p>{escape(note)}</p>{table}")])
    content = Report(cover, summary, [], has_own_summary=True, pages=False)
    put_anew(parent / INDEX, as_written(page(content, summary)))


def state(one: Outcome) -> str:
    """Say what became of a report, the same after a run that was resumed."""
    if one.status in (MADE, KEPT):
        return MADE
    if one.exit_code == 0:
        return one.status
    return "something failed; do not send it" if one.result else f"failed: {one.reason}"


def _row(parent: Path, one: Outcome, kind: str) -> list[str]:
    told, name = _told(one), one.what if kind == "Group" else one.job.name  # a study is asked for by its path
    return [
        _link(parent, one, name),
        escape(_people(told)),
        escape(_headline(told)),
        escape(state(one)),
        _files(parent, one),
    ]


def _link(parent: Path, one: Outcome, name: str) -> str:
    """Return what a report is of, as a link where there is something to read."""
    path = one.folder / INDEX
    return _to(parent, path, name) if path.is_file() else escape(name)


def _files(parent: Path, one: Outcome) -> str:
    """Return links to the files of a report that may be passed on."""
    if one.status not in (MADE, KEPT):
        return ""
    paths = {one.folder / name: words for name, words in FILES.items()} | {zip_of(one.folder): "ZIP"}
    return " · ".join(_to(parent, path, words) for path, words in paths.items() if path.is_file())


def _to(parent: Path, path: Path, words: str) -> str:
    return f'<a href="{quote(path.relative_to(parent).as_posix())}">{escape(words)}</a>'


def _told(one: Outcome) -> dict[str, Any]:
    """Return what a report holds; nothing where there is none."""
    path = one.result.folder / RESULTS if one.result else None
    return json.loads(path.read_text(encoding="utf-8")) if path and path.is_file() else {}


def _people(told: dict[str, Any]) -> str:
    """Return how many answered, as the report itself tells it: a study's by the finding with most respondents."""
    tables = [table for table in told.get("tables", []) if table["id"] == "answered" and table["texts"]]
    if tables:
        return str(tables[0]["texts"][0][-1])
    facts = [fact for found in told.get("findings", []) for fact in found["facts"]]
    respondents = [int(words) for name, words in facts if name == "Respondents" and words.isdecimal()]
    return str(max(respondents, default="–"))


def _headline(told: dict[str, Any]) -> str:
    """Return the answer on page one, or the first finding that tells of a difference."""
    if not told:
        return "–"
    if told.get("summary"):
        return str(told["summary"]["headline"])
    sentences = [found["sentence"] for found in told["findings"] if found["grade"] in TOLD]
    return sentences[0] if sentences else "No difference can be told."
