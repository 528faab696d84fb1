"""Imports that meet, are killed, or find no room: no row is lost, no file is half, and the next one says so."""

import multiprocessing
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from small_study import TABLES

from helpers.cli import main
from helpers.data import Study, writing
from helpers.data import lock as locks
from helpers.data.importers import merge
from helpers.data.importers.engine import import_file
from helpers.data.lock import FILE, locked

pytestmark = pytest.mark.slow

COMMAND = [sys.executable, "-c", "from helpers.cli import main; main()", "import", "wide"]


def export(path, wave, rows=2000):
    """A wide export of one wave, with a mapping that fits."""
    path.write_text("respondent_id,listening_1,trust_1\n" + "".join(f"{wave}{n},4,3\n" for n in range(rows)), "utf-8")
    return path


@pytest.fixture
def folder(write_study):
    """A study with answers of one wave and the mapping of further ones."""
    made = write_study(survey="respondent_id,wave,side,listening_1,trust_1\nx1,W0,hr,3,3\nx2,W0,hr,4,4\n")
    (made / "mappings").mkdir()
    (made / "mappings" / "wide.yaml").write_text(
        "columns: {respondent_id: respondent_id, listening_1: listening_1, trust_1: trust_1}\n", encoding="utf-8"
    )
    return made


def left(folder):
    """Files that no study has."""
    return sorted(path.name for path in folder.rglob(".*"))


def started(folder, file, wave):
    """An import in a process of its own."""
    command = [*COMMAND, str(file), "--study", str(folder), "--wave", wave]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)


def test_imports_at_the_same_time_lose_no_wave(folder, tmp_path):
    waves = ["A", "B", "C", "D"]
    running = [started(folder, export(tmp_path / f"{wave}.csv", wave), wave) for wave in waves]
    told = [process.communicate(timeout=300)[0] for process in running]
    assert [process.returncode for process in running] == [0] * len(waves), told
    table = pd.read_csv(folder / "survey.csv")
    assert table["wave"].value_counts().to_dict() == {"W0": 2} | dict.fromkeys(waves, 2000)
    assert left(folder) == []


def test_an_import_waits_for_reports_and_a_report_for_imports(folder, monkeypatch, refusal):
    monkeypatch.setattr(locks, "PATIENCE", 0.3)
    with locked(folder, "partnership report", alone=False), locked(folder, "partnership report", alone=False):
        told = refusal(import_file, "wide", export(folder.parent / "a.csv", "A"), folder, wave="A")
        assert "somebody else is at this study: a report" in told and "Run the same command again" in told
    assert left(folder) == []
    with locked(folder, "partnership import", alone=True):
        with pytest.raises(Exception, match=rf"partnership import \(process {os.getpid()} on .*, since 20"):
            locked(folder, "partnership report", alone=False).__enter__()
        ended = CliRunner().invoke(main, ["import", "wide", str(folder.parent / "a.csv"), "--study", str(folder)])
        assert ended.exit_code == 2 and "somebody else is at this study" in ended.output
    assert left(folder) == [] and len(pd.read_csv(folder / "survey.csv")) == 2
    import_file("wide", folder.parent / "a.csv", folder, wave="A")


def hold(folder, ready):
    """Hold the lock until killed."""
    with locked(folder, "partnership import", alone=True):
        ready.set()
        time.sleep(600)


def test_the_lock_of_a_killed_process_is_free_and_said(folder, tmp_path):
    spawn = multiprocessing.get_context("spawn")
    ready = spawn.Event()
    holder = spawn.Process(target=hold, args=(folder, ready))
    holder.start()
    assert ready.wait(120)
    os.kill(holder.pid, signal.SIGKILL)
    holder.join()
    assert left(folder) == [FILE]
    log = import_file("wide", export(tmp_path / "a.csv", "A"), folder, wave="A")
    assert log.notes[0].startswith(f"An earlier partnership import (process {holder.pid} on ") and log.added == 2000
    assert left(folder) == []


def stop_after(monkeypatch, number):
    """Let the process end, as a kill ends it, when so many files have been put in place."""
    real, done = Path.replace, []

    def replaced(path, target):
        if len(done) == number:
            os._exit(137)
        done.append(path)
        return real(path, target)

    monkeypatch.setattr(Path, "replace", replaced)


@pytest.mark.parametrize("number", [0, 1])
def test_a_killed_import_of_several_files_is_whole_or_undone(folder, monkeypatch, number):
    texts = {"survey.csv": "new survey\n", "study.yaml": "title: new\n"}
    files = {folder / name: writing.as_written(text) for name, text in texts.items()}
    if (child := os.fork()) == 0:
        stop_after(monkeypatch, number)
        writing.put(files, folder)
        os._exit(0)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 137
    assert len(writing.unfinished(folder, [])) == 2 - number
    [said] = writing.put_in_order(folder, [])
    assert "is finished now: " in said and "study.yaml" in said
    assert {path.name: path.read_text("utf-8") for path in files} == texts and left(folder) == []
    assert writing.put_in_order(folder, []) == []


def test_unfinished_copies_of_a_killed_import_are_removed_and_said(folder, tmp_path):
    (folder / ".survey.csv.0123abcd.new").write_text("half a fi", encoding="utf-8")
    [problem] = [p for p in Study.load(folder).check() if p.file.endswith(".new")]
    assert problem.severity == "warning" and "an import is running, or was stopped" in problem.found
    log = import_file("wide", export(tmp_path / "a.csv", "A"), folder, wave="A")
    assert "stopped before it changed anything; its unfinished copies are removed: survey.csv" in log.notes[0]
    assert log.added == 2000 and left(folder) == []


def test_imports_killed_at_any_moment_leave_whole_files_and_can_be_repeated(folder, tmp_path):
    file = export(tmp_path / "a.csv", "A", 20_000)
    old = (folder / "survey.csv").read_bytes()
    began = time.monotonic()
    assert started(folder, file, "A").wait() == 0
    full, new = time.monotonic() - began, (folder / "survey.csv").read_bytes()
    for share in (0.5, 0.7, 0.8, 0.9, 0.95, 0.99):
        (folder / "survey.csv").write_bytes(old)
        process = started(folder, file, "A")
        time.sleep(share * full)
        process.kill()
        process.communicate()
        assert (folder / "survey.csv").read_bytes() in (old, new)
        again = started(folder, file, "A")
        told, _ = again.communicate()
        assert again.returncode == 0 and (folder / "survey.csv").read_bytes() == new and left(folder) == [], told


@pytest.mark.parametrize("call", ["write_text", "write_csv", "replace"])
def test_an_import_onto_a_full_disk_is_one_line_and_changes_nothing(folder, tmp_path, monkeypatch, call):
    def full(*arguments, **options):
        raise OSError(28, "No space left on device")

    before = (folder / "survey.csv").read_bytes()
    monkeypatch.setattr(merge if call == "write_csv" else Path, call, full)
    if call == "write_text":
        (folder / "mappings" / "wide.yaml").unlink()  # so that a proposal is to be written
    file = tmp_path / "a.csv"
    file.write_bytes(b"respondent_id,listening_1,trust_1\na1,4,3\n")
    ended = CliRunner().invoke(main, ["import", "wide", str(file), "--study", str(folder), "--wave", "A"])
    assert ended.exit_code == 1 and ended.output.count("\n") == 1 and "the disk is full" in ended.output
    assert (folder / "survey.csv").read_bytes() == before and left(folder) == []


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="only root can mount a small disk")
def test_a_disk_that_is_full_in_earnest(write_study, tmp_path):
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(["mount", "-t", "tmpfs", "-o", "size=256k", "tmpfs", str(disk)], capture_output=True).returncode:
        pytest.skip("this system lets nobody mount a disk")
    try:
        made = write_study(**TABLES)
        study = disk / "study"
        made.rename(tmp_path / "given")
        subprocess.run(["cp", "-r", str(tmp_path / "given"), str(study)], check=True)
        (study / "mappings").mkdir()
        (study / "mappings" / "wide.yaml").write_text(
            "columns: {respondent_id: respondent_id, listening_1: listening_1, trust_1: trust_1}\n", encoding="utf-8"
        )
        before = (study / "survey.csv").read_bytes()
        process = started(study, export(tmp_path / "a.csv", "A", 20_000), "A")
        told, _ = process.communicate(timeout=120)
        assert process.returncode == 1 and "survey.csv: the disk is full, so nothing was changed" in told, told
        assert "Traceback" not in told and (study / "survey.csv").read_bytes() == before and left(study) == []
    finally:
        subprocess.run(["umount", str(disk)], check=True)
