"""A report takes an earlier one's place, and nothing a person did in that folder is lost."""

import hashlib
import json
import os
import zipfile
from datetime import datetime
from pathlib import Path
from urllib.parse import unquote

import lxml.html
import pytest
from docx import Document
from reporting_studies import LEAN, notebook, write_study

from helpers.data import InputError
from helpers.data import lock as locks
from helpers.reporting import report
from helpers.reporting.folder import complete, draft
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


def test_logs_that_cannot_be_moved_are_renewed_one_by_one(tmp_path, monkeypatch):
    out, logs = tmp_path / "out", tmp_path / "out-log"

    def build_with_log(text):
        with draft(out) as made:
            (made.folder / "manifest.json").write_text(json.dumps({"kind": KIND, "files": {}}), encoding="utf-8")
            made.write_log("survey", text)
            made.write_log("survey", "more")
            made.take_place()

    build_with_log("old")
    refuse(monkeypatch, "rename", logs)
    build_with_log("new")
    assert texts(logs) == {"survey.log": "new\nmore\n"}
    assert sorted(path.name for path in tmp_path.iterdir()) == ["out", "out-log"]


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


def killed(target, before, **contents):
    """Build a report in a process of its own that ends, as a kill ends it, before a folder gets a certain name."""
    real = Path.rename

    def rename(self, goal):
        if before(Path(self), Path(goal)):
            os._exit(137)
        return real(self, goal)

    if (child := os.fork()) == 0:
        Path.rename = rename
        build(target, **contents)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137


def hidden(folder):
    return sorted(path.name for path in folder.iterdir() if path.name.startswith("."))


def test_a_report_that_was_set_aside_when_the_run_was_killed_comes_back(tmp_path):
    out = tmp_path / "out"
    build(out, report_docx="built")
    (out / "report.docx").write_text("edited for two days", encoding="utf-8")
    killed(out, lambda source, goal: goal == out, report_docx="built again")
    assert not out.exists() and len(hidden(tmp_path)) == 3  # the lock, the new report and the earlier one
    made = build(out, report_docx="built a third time")
    assert texts(out) == {"report.docx": "edited for two days", BESIDE: "built a third time"}
    assert "An earlier run was stopped; its unfinished report is removed." in made.messages
    assert f"An earlier run was stopped while it replaced {out}; what was there is back." in made.messages


def test_the_unfinished_report_of_a_killed_run_goes_and_the_earlier_one_stays(tmp_path):
    out = tmp_path / "out"
    build(out, report_docx="built")
    killed(out, lambda source, goal: source == out, report_docx="built again")
    (tmp_path / ".out.notes").mkdir()
    (tmp_path / ".out.partial-mine").mkdir()
    assert texts(out) == {"report.docx": "built"} and len(hidden(tmp_path)) == 4
    with draft(out) as made:
        assert made.messages == ["An earlier run was stopped; its unfinished report is removed."]
    assert texts(out) == {"report.docx": "built"} and hidden(tmp_path) == [".out.notes", ".out.partial-mine"]


def test_a_report_stands_only_if_every_file_holds_what_was_built(tmp_path):
    with zipfile.ZipFile(tmp_path / "word", "w") as word:
        word.writestr("a", "built")
    pages = {"page.html": b"built", "report.docx": (tmp_path / "word").read_bytes()}
    out = tmp_path / "out"
    out.mkdir()

    def stands(**changed):
        for name, content in (pages | {"log.json": b"{}"}).items():
            (out / name).write_bytes(content)
        for name, content in changed.items():
            path = out / name.replace("_", ".")
            path.write_bytes(content) if content is not None else path.unlink()
        return complete(out, "this")

    recorded = {name: hashlib.sha256(content).hexdigest() for name, content in pages.items()}
    told = {"whole": True, "privacy": {"audit": "passed"}, "made_from": "this", "files": recorded}
    (out / "manifest.json").write_text(json.dumps(told))
    assert stands() and not complete(out, "that")
    assert not stands(page_html=b"buil") and not stands(page_html=None), "cut off, or gone"
    assert not stands(report_docx=b"") and not stands(report_docx=None) and not stands(log_json=None)
    with zipfile.ZipFile(tmp_path / "word", "a") as word:
        word.writestr("b", "by somebody")
    assert stands(report_docx=(tmp_path / "word").read_bytes()), "whoever edited it has a report"


def test_an_edited_file_in_a_hidden_folder_beside_a_newer_report_comes_back(tmp_path):
    out, aside = tmp_path / "out", tmp_path / ".out.previous-0123abcd"
    build(out, report_docx="built", deck_pptx="built", page_html="built", tables_xlsx="kept")
    (out / "report.docx").write_text("edited for two days", encoding="utf-8")
    (out / "notes.txt").write_text("added", encoding="utf-8")
    out.rename(aside)
    build_again = {"report_docx": "built again", "deck_pptx": "built again", "tables_xlsx": "kept"}
    aside.rename(tmp_path / "apart")  # so that this run does not see it
    build(out, **build_again)
    (tmp_path / "apart").rename(aside)
    with draft(out) as made:
        back = [message for message in made.messages if "is back, as" in message]
    assert len(back) == 2 and "your notes.txt is back" in back[0] and "your report.docx is back" in back[1]
    [beside] = [name for name in texts(out) if name.startswith("report (new ")]
    assert texts(out) == {
        "report.docx": "built again", "deck.pptx": "built again", "tables.xlsx": "kept",
        "notes.txt": "added", beside: "edited for two days",
    }  # fmt: skip
    assert hidden(tmp_path) == []


def test_one_run_at_a_time_makes_a_report(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.2)
    out = tmp_path / "out"
    with draft(out), pytest.raises(InputError, match=r"somebody else is at the report .*out: partnership report"):
        draft(out).__enter__()
    build(out, report_docx="built")


def test_a_report_waits_until_nobody_changes_the_study(tmp_path, monkeypatch):
    monkeypatch.setattr(locks, "PATIENCE", 0.2)
    study = write_study(tmp_path / "client", logo=False)
    notebook(tmp_path / "books" / "01_lonely.ipynb", *LEAN)
    with (
        locks.locked(study, "partnership import", alone=True),
        pytest.raises(InputError, match=r"somebody else is at this study: partnership import \(process"),
    ):
        report(study, out=tmp_path / "out", notebooks=tmp_path / "books")
    assert not (tmp_path / "out").exists() and hidden(tmp_path) == hidden(study) == []


def test_a_full_disk_stops_a_report_and_leaves_the_earlier_one(tmp_path, monkeypatch):
    study = write_study(tmp_path / "client", logo=False)
    notebook(tmp_path / "books" / "01_lonely.ipynb", *LEAN)
    build(tmp_path / "out", report_docx="built")

    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        report(study, out=tmp_path / "out", notebooks=tmp_path / "books", formats=["html"])
    assert texts(tmp_path / "out") == {"report.docx": "built"} and hidden(tmp_path) == hidden(study) == []
