"""A report takes an earlier one's place, and nothing a person did in that folder is lost."""

import json
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import pytest
from docx import Document
from reporting_studies import LEAN, notebook, write_study

from helpers.reporting import report
from helpers.reporting.folder import draft
from helpers.reporting.manifest import KIND, sha256

NOON = datetime(2026, 11, 22, 14, 5)
BESIDE = "report (new 2026-11-22 1405).docx"


def build(target, now=NOON, **contents):
    """Build a folder the way a report does; ``report_docx="x"`` writes report.docx."""
    with draft(target) as made:
        for name, content in contents.items():
            (made.folder / name.replace("_", ".")).write_text(content, encoding="utf-8")
        made.keep(now)
        files = {name: sha256(made.folder / name) for name in made.built}
        (made.folder / "manifest.json").write_text(json.dumps({"kind": KIND, "files": files}), encoding="utf-8")
        made.take_place()
    assert [path.name for path in target.parent.iterdir() if path.name.startswith(".")] == []
    return made


def texts(folder):
    return {p.name: p.read_text(encoding="utf-8") for p in folder.iterdir() if p.name != "manifest.json"}


def test_what_nobody_touched_is_replaced_and_what_is_no_longer_made_goes(tmp_path):
    out = tmp_path / "out"
    build(out, report_docx="old", gone_html="old", tables_xlsx="old")
    assert build(out, report_docx="new").messages == []
    assert texts(out) == {"report.docx": "new"}


@pytest.mark.parametrize("name", ["report.docx", "deck.pptx", "tables.xlsx"])
def test_an_edited_file_stays_and_the_new_one_goes_beside_it(tmp_path, name):
    out = tmp_path / "out"
    key = name.replace(".", "_")
    build(out, **{key: "old"})
    (out / name).write_text("edited", encoding="utf-8")
    made = build(out, **{key: "new"})
    stem, suffix = name.split(".")
    beside = f"{stem} (new 2026-11-22 1405).{suffix}"
    assert made.messages == [f"{name} was edited since it was built and stays as it is; the new one is {beside}."]
    assert texts(out) == {name: "edited", beside: "new"}
    assert made.renamed == {name: beside}


def test_new_files_beside_an_edited_one_do_not_pile_up_unless_they_are_edited_too(tmp_path):
    out = tmp_path / "out"
    build(out, report_docx="first")
    (out / "report.docx").write_text("edited", encoding="utf-8")
    build(out, report_docx="second")
    build(out, datetime(2026, 11, 23, 9, 0), report_docx="third")
    assert texts(out) == {"report.docx": "edited", "report (new 2026-11-23 0900).docx": "third"}
    (out / "report (new 2026-11-23 0900).docx").write_text("edited too", encoding="utf-8")
    build(out, datetime(2026, 11, 23, 9, 0), report_docx="fourth")
    assert texts(out) == {
        "report.docx": "edited",
        "report (new 2026-11-23 0900).docx": "edited too",
        "report (new 2026-11-23 0900 2).docx": "fourth",
    }


@pytest.mark.parametrize("lock", ["~$report.docx", "~$eport.docx", "~$port.docx", ".~lock.report.docx#"])
def test_an_open_file_stays_though_nobody_changed_it(tmp_path, lock):
    out = tmp_path / "out"
    build(out, report_docx="same")
    (out / lock).write_text("somebody", encoding="utf-8")
    (message,) = build(out, report_docx="new").messages
    assert "report.docx is open in another program" in message and lock in message and BESIDE in message
    assert texts(out) == {"report.docx": "same", BESIDE: "new", lock: "somebody"}


def test_an_edited_file_stays_though_its_format_is_no_longer_asked_for(tmp_path):
    out = tmp_path / "out"
    build(out, report_docx="old", index_html="old")
    (out / "report.docx").write_text("edited", encoding="utf-8")
    made = build(out, index_html="new")
    assert made.messages == ["report.docx was edited since it was built and stays as it is."]
    assert texts(out) == {"report.docx": "edited", "index.html": "new"}


def test_files_that_people_put_there_stay(tmp_path):
    out = tmp_path / "out"
    build(out, index_html="old")
    (out / "minutes").mkdir()
    for name in ("notes.txt", "Letter to the client.docx", "minutes/monday.txt"):
        (out / name).write_text("own", encoding="utf-8")
    made = build(out, index_html="new")
    assert made.messages == [] and made.kept == {"notes.txt", "Letter to the client.docx", "minutes/monday.txt"}
    assert (out / "minutes" / "monday.txt").read_text(encoding="utf-8") == "own"
    build(out, index_html="newer")
    assert (out / "notes.txt").exists() and (out / "index.html").read_text(encoding="utf-8") == "newer"


def test_a_report_that_recorded_no_files_loses_no_document(tmp_path):
    out = tmp_path / "out"
    build(out, report_docx="old", stale_html="old")
    (out / "manifest.json").write_text(json.dumps({"kind": KIND}), encoding="utf-8")
    build(out, report_docx="new")
    assert texts(out) == {"report.docx": "old", BESIDE: "new"}


def refuse(monkeypatch, method, refused):
    """Let one file or folder be held open, as Windows does; no other system refuses to rename an open file."""
    usual = getattr(Path, method)

    def guarded(self, *arguments, **options):
        if refused in (self, *arguments):
            raise PermissionError(13, "held open", str(refused))
        return usual(self, *arguments, **options)

    monkeypatch.setattr(Path, method, guarded)


def test_a_folder_that_cannot_be_moved_is_renewed_file_by_file(tmp_path, monkeypatch):
    out = tmp_path / "out"
    build(out, report_pdf="old", report_docx="old", stale_html="old", index_html="old")
    (out / "report.docx").write_text("edited", encoding="utf-8")
    refuse(monkeypatch, "rename", out)
    refuse(monkeypatch, "replace", out / "report.pdf")
    made = build(out, report_pdf="new", report_docx="new", index_html="new")
    found = texts(out)
    beside = next(name for name in found if name.startswith("report (new") and name.endswith(".pdf"))
    assert found == {"report.pdf": "old", beside: "new", "report.docx": "edited", BESIDE: "new", "index.html": "new"}
    assert f"the new one is {beside}" in made.messages[-1]


def test_a_file_that_another_program_does_not_let_write_is_open(tmp_path, monkeypatch):
    out = tmp_path / "out"
    build(out, report_docx="same")
    refuse(monkeypatch, "open", out / "report.docx")
    (message,) = build(out, report_docx="new").messages
    assert "open in another program or write-protected" in message
    monkeypatch.undo()
    assert texts(out) == {"report.docx": "same", BESIDE: "new"}


def test_a_report_leaves_an_edited_word_file_alone_and_links_to_the_new_one(tmp_path):
    study = write_study(tmp_path / "client", logo=False)
    notebook(tmp_path / "books" / "03_sparse.ipynb", *LEAN)
    options = {"out": tmp_path / "out", "notebooks": tmp_path / "books", "formats": ["docx"]}
    out = report(study, **options).folder
    word = Document(str(out / "report.docx"))
    word.add_paragraph("The consultant's own paragraph.")
    word.save(str(out / "report.docx"))
    edited = (out / "report.docx").read_bytes()
    made = report(study, **options)
    assert made.exit_code == 0
    (message,) = made.messages
    assert message.startswith("report.docx was edited since it was built and stays as it is; the new one is report (")
    assert (out / "report.docx").read_bytes() == edited
    (beside,) = out.glob("report (new *).docx")
    assert Document(str(beside)).paragraphs
    links = {unquote(link) for link in lxml.html.parse(str(out / "index.html")).xpath("//a/@href")}
    assert beside.name in links and "report.docx" not in links
    assert beside.name in json.loads((out / "manifest.json").read_text(encoding="utf-8"))["files"]
