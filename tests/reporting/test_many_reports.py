"""A batch: done again only where something changed, whole after any kill, one at a time in a folder."""

import errno
import json
import os
import random
import shutil
import subprocess
import sys
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from click.testing import CliRunner
from reporting_studies import LEAN, notebook, write_study

from helpers import cli, kernels, reporting
from helpers.data import InputError
from helpers.data.lock import locked
from helpers.reporting import reports
from helpers.reporting.batch import BATCH_LOCK, Job, _Turns

pytestmark = pytest.mark.slow

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
NAMES = ("acme", "bolt", "corex")
#: What one report leaves for the next, were they in one process.
POLLUTE = """
import os, random, warnings
import matplotlib, numpy as np, pandas as pd
os.environ["LEFT"] = "left"
os.chdir("/")
random.seed(1), np.random.seed(1)
matplotlib.rcParams["figure.dpi"] = 7
pd.DataFrame.sum = lambda *_, **__: 0
warnings.simplefilter("error")
"""


@pytest.fixture
def place(tmp_path):
    """Three studies and one small notebook."""
    for name in NAMES:
        write_study(tmp_path / name, title=f"Study of {name}", logo=False)
    notebook(tmp_path / "books" / "03_sparse.ipynb", *LEAN)
    return tmp_path


def made(place, out="out", names=NAMES, options=None, **how):
    options = {"formats": ["html"], "notebooks": place / "books"} | (options or {})
    outcomes = reports([place / name for name in names], out=place / out, run_with=how, **options)
    return {outcome.job.name: outcome for outcome in outcomes}


def states(place, **given):
    return {name: one.status for name, one in made(place, **given).items()}


def files(folder):
    return [path for path in folder.rglob("*") if path.is_file()]


def contents(folder):
    """What stands in a folder; when and how long is left out."""
    kept = [path for path in files(folder) if path.name != "log.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in kept}


def test_a_report_is_made_again_where_something_changed_or_is_missing_and_nowhere_else(place):
    out = place / "out"
    assert set(states(place).values()) == {"made"}
    before = {name: (out / name / "log.json").read_bytes() for name in NAMES}
    again = made(place, resume=True)
    assert {one.status for one in again.values()} == {"kept"} and all(one.exit_code == 0 for one in again.values())
    assert {name: (out / name / "log.json").read_bytes() for name in NAMES} == before, "nothing was touched"

    survey = place / "bolt" / "survey.csv"
    survey.write_text(survey.read_text(encoding="utf-8").replace(",5\n", ",4\n"), encoding="utf-8")
    assert states(place, resume=True) == {"acme": "kept", "bolt": "made", "corex": "kept"}
    (out / "acme" / "index.html").unlink()
    (place / "corex" / "commentary").mkdir()
    (place / "corex" / "commentary" / "sparse.md").write_text("Read this first.", encoding="utf-8")
    assert states(place, resume=True) == {"acme": "made", "bolt": "kept", "corex": "made"}
    with (place / "books" / "by_hand.py").open("a", encoding="utf-8") as code:
        code.write("\nCHANGED = True\n")
    assert set(states(place, resume=True).values()) == {"made"}
    assert set(states(place, resume=True, options={"is_draft": True}).values()) == {"made"}
    assert set(states(place, resume=True).values()) == {"made"}, "a draft is not the report"
    assert set(states(place).values()) == {"made"}, "all is made anew where nobody asks to resume"


def test_a_report_in_which_something_failed_is_tried_again(place):
    once = "import pathlib\nif not (f := pathlib.Path(study, 'seen')).exists():\n    f.touch(); raise ValueError"
    notebook(place / "books" / "04_once.ipynb", *LEAN, once)
    first = made(place, names=["acme", "bolt"])
    assert {one.status for one in first.values()} == {"failed"}
    assert "is missing because an error stopped it" in first["acme"].reason
    assert states(place, names=["acme", "bolt"], resume=True) == {"acme": "made", "bolt": "made"}


def test_side_by_side_as_one_after_the_other(place):
    """The same bytes, also where a notebook leaves everything it can to whoever comes after it."""
    notebook(place / "books" / "02_polluting.ipynb", "%md # Leaves much", *LEAN[1:], POLLUTE)
    formats = {"options": {"formats": ["html", "pdf", "docx", "pptx"], "is_draft": True}}
    before = Path.cwd(), dict(os.environ)
    assert set(states(place, out="one", jobs=1, **formats).values()) == {"made"}
    assert set(states(place, out="many", jobs=3, **formats).values()) == {"made"}
    assert (Path.cwd(), dict(os.environ)) == before
    assert contents(place / "one") == contents(place / "many")


def test_a_second_batch_in_the_same_folder_is_refused(place):
    (place / "out").mkdir()
    with (
        locked(place / "out", "a batch of reports", alone=True, file=BATCH_LOCK),
        pytest.raises(InputError, match=r"somebody else is at the reports in .*out"),
    ):
        made(place)
    assert list((place / "out").iterdir()) == []


@pytest.mark.parametrize(
    ("trouble", "said"),
    [
        (OSError(errno.ENOSPC, "No space left", "x/report.docx"), "the disk is full"),
        (OSError(errno.EROFS, "Read-only file system", "x"), "the system said: Read-only file system"),
        (RuntimeError("of a person's answer"), "an error stopped it: RuntimeError"),
    ],
)
def test_what_goes_wrong_with_one_report_is_said_and_stops_no_other(place, monkeypatch, trouble, said):
    def report(study, **options):
        if study.name == "bolt":
            raise trouble
        return reporting.report(study, **options)

    monkeypatch.setattr("helpers.reporting.batch.report", report)
    outcomes = made(place)
    assert {name: one.status for name, one in outcomes.items()} == dict(zip(NAMES, ("made", "failed", "made")))
    assert outcomes["bolt"].reason == said and outcomes["bolt"].exit_code == 1
    kept = place / "out" / "bolt-log" / "report.log"
    assert kept.exists() == (not isinstance(trouble, OSError))
    assert not kept.exists() or "of a person's answer" in kept.read_text(encoding="utf-8")


@pytest.fixture
def small_disk(tmp_path):
    """A disk of its own, too small for more than two reports; what makes it larger, or takes the right to write."""
    folder = tmp_path / "disk"
    folder.mkdir()

    def mounted(*options):
        return shutil.which("mount") and not subprocess.run(["mount", *options], capture_output=True).returncode

    if os.name != "posix" or not mounted("-t", "tmpfs", "-o", "size=260k", "tmpfs", str(folder)):
        pytest.skip("only an administrator can make a disk")
    yield folder, lambda how: mounted("-o", f"remount,{how}", str(folder))
    subprocess.run(["umount", str(folder)], check=True)


def test_a_full_disk_and_one_that_takes_nothing_cost_no_report_that_stands(place, small_disk):
    folder, changed = small_disk
    (place / "out").symlink_to(folder)
    write_study(place / "delta", logo=False)
    how = {"names": [*NAMES, "delta"], "options": {"formats": ["html", "docx"]}, "jobs": 1, "resume": True}
    first = made(place, **how)
    failed = {name for name, one in first.items() if one.status == "failed"}
    assert 0 < len(failed) < 4 and {first[name].reason for name in failed} == {"the disk is full"}
    assert not [path for path in folder.iterdir() if path.name.startswith(".") or path.name in failed]
    assert changed("size=8m")
    told = states(place, **how)
    assert told == {name: "made" if name in failed else "kept" for name in told}
    before = contents(folder)
    assert changed("ro")
    with pytest.raises(InputError, match="cannot be written to"):
        made(place, **how)
    assert contents(folder) == before


def test_files_that_change_while_a_report_is_made_are_not_mixed_into_it(place):
    change = "import pathlib\nwith pathlib.Path(study, 'survey.csv').open('a') as f: f.write('z,,w1,2026-05-01,3\\n')"
    notebook(place / "books" / "04_changes.ipynb", *LEAN, change)
    outcome = made(place, names=["acme"])["acme"]
    assert (outcome.status, outcome.result) == ("wrong input", None)
    assert "changed while the report was made" in outcome.error
    assert not (place / "out" / "acme").exists()


def test_at_most_so_many_are_made_now_and_the_rest_follows(place):
    assert sorted(states(place, limit=2).values()) == ["made", "made", "not made yet"]
    assert sorted(states(place, limit=2, resume=True).values()) == ["kept", "kept", "made"]


def test_each_recipient_gets_one_file_that_holds_the_report_and_no_earlier_one(place):
    out, names = place / "out", ["acme", "bolt"]
    assert set(states(place, names=names, zipped=True).values()) == {"made"}
    first = (out / "acme.zip").read_bytes()
    with zipfile.ZipFile(out / "acme.zip") as file:
        held = {name.removeprefix("acme/"): file.read(name) for name in file.namelist()}
    assert held == {path.relative_to(out / "acme").as_posix(): path.read_bytes() for path in files(out / "acme")}
    assert 'href="acme.zip"' in (out / "index.html").read_text(encoding="utf-8")
    (out / "bolt.zip").unlink()
    (out / ".acme.zip.0123abcd.new").touch()  # as a run leaves it that was killed
    assert set(states(place, names=names, resume=True, zipped=True).values()) == {"kept"}
    assert (out / "acme.zip").read_bytes() == first and (out / "bolt.zip").is_file(), "what was missing is made"
    codebook = place / "acme" / "codebook.yaml"
    codebook.write_text(codebook.read_text(encoding="utf-8") + "\n# a remark\n", encoding="utf-8")
    (out / "corex.zip").write_bytes(b"somebody else's")
    assert states(place, resume=True) == {"acme": "made", "bolt": "kept", "corex": "made"}
    left = {path.name for path in out.glob("*.zip")}
    assert left == {"bolt.zip", "corex.zip"}, "one with an earlier report goes; one that is no report's stays"


def run(place, *arguments):
    studies = [str(place / name) for name in NAMES]
    given = ["--notebooks", str(place / "books"), "--only", "sparse", "--formats", "html", "--out", str(place / "out")]
    return CliRunner().invoke(cli.main, ["report", *studies, *given, *arguments])


def test_a_dry_run_says_what_would_be_made_and_writes_nothing(place):
    before = sorted(place.rglob("*"))
    told = run(place, "--dry-run")
    assert told.exit_code == 0 and told.stdout.startswith("3 of 3 reports would be made; 0 stand already.")
    assert sorted(place.rglob("*")) == before
    assert run(place).exit_code == 0
    (place / "bolt" / "codebook.yaml").open("a", encoding="utf-8").write("\n# a remark\n")
    assert run(place, "--dry-run", "--resume").stdout.startswith("1 of 3 reports would be made; 2 stand already.")


def test_machines_get_one_object_a_line_and_no_answer_of_anybody(place):
    survey = place / "bolt" / "survey.csv"
    survey.write_text(survey.read_text(encoding="utf-8").replace(",5\n", ",937\n"), encoding="utf-8")
    told = run(place, "--json", "--jobs", "2")
    *events, end = [json.loads(line) for line in told.stdout.splitlines()]
    assert all(list(event) == ["event", "name", "status", "seconds", "reason", "folder"] for event in events)
    by_name = {event["name"]: event for event in events}
    assert {name: event["status"] for name, event in by_name.items()} == dict(
        zip(NAMES, ("made", "wrong input", "made"))
    )
    assert by_name["bolt"]["reason"] == "the input is wrong: survey.csv" and "937" not in told.output
    assert end == {"event": "end", "reports": 3, "failed": 1} and told.exit_code == 2
    assert told.stderr == ""


def test_nothing_but_whole_lines_where_nobody_looks(place):
    told = run(place)
    assert all(line.startswith(tuple(str(place / name) for name in NAMES)) for line in told.stderr.splitlines())
    assert len(told.stderr.splitlines()) == 3 and "\r" not in told.output and "\x1b" not in told.output


def test_reports_pass_in_order_whoever_is_quicker():
    turns, passed = _Turns(), []

    def go(number):
        if number == 3:
            turns.finished(3)  # it failed before its turn came
            return
        time.sleep(random.random() / 50)
        with turns.of(number):
            passed.append(number)

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(go, range(12)))
    assert passed == [number for number in range(12) if number != 3]


def test_a_job_can_be_sent_to_another_process(place):
    import pickle

    job = Job("acme", "Acme", place / "acme", place / "out", {"parameters": {"confidence": "0.9"}})
    assert pickle.loads(pickle.dumps(job)) == job


@pytest.mark.skipif(not kernels.FORKS, reason="killing is tried on Linux alone")
def test_killed_before_any_change_of_a_file_and_resumed_it_is_as_if_nobody_had():
    """Every fifth change here; ``python benchmarks/kills.py --steps`` takes them all, without it random moments."""
    command = [sys.executable, str(BENCHMARKS / "kills.py"), "--steps", "--by", "5", "--formats", "html"]
    told = subprocess.run(command, capture_output=True, text=True, check=False)
    assert told.returncode == 0, told.stderr + told.stdout
    assert int(told.stdout.split()[0]) >= 4


def held():
    """How many threads and open files this process has."""
    files = Path("/proc/self/fd")
    return threading.active_count(), len([*files.iterdir()]) if files.is_dir() else 0


def test_no_process_thread_or_file_is_left_behind(place, monkeypatch):
    monkeypatch.setattr("helpers.reporting.batch.GATHERED", 1)
    names = [f"s{number}" for number in range(6)]
    for name in names:
        shutil.copytree(place / "acme", place / name)
    made(place, names=["acme"], jobs=3)  # what starts once has started
    before = held()
    assert set(states(place, names=names, jobs=3).values()) == {"made"}
    after = held()
    assert after[0] <= before[0] and after[1] <= before[1] + 3, "the loop of the last may still be there"
    assert not [path.name for path in (place / "out").iterdir() if path.name.startswith(".")]
