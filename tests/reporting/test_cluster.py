"""Reports made by the workers of a Dask scheduler; those of a worker that is killed are made by another."""

import os
import signal
import subprocess
import sys
import threading
import time

import pytest
from reporting_studies import LEAN, notebook, write_study

from helpers.data import InputError
from helpers.reporting import reports
from helpers.reporting.cluster import scheduled

pytest.importorskip("distributed")
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="workers are killed as POSIX systems kill"),
]
NAMES = ["acme", "bolt", "corex", "delta", "ember"]
#: Says that it has begun, and waits until one of the workers has been killed.
SIGNED = """
import pathlib, time
place = pathlib.Path(study).parent
(place / f"{pathlib.Path(study).name}.tried").open("a").write(".")
while not (place / "go").exists():
    time.sleep(0.1)
"""


@pytest.fixture
def scheduler(tmp_path):
    """A scheduler and two workers, each a process, as on two machines that share a folder; yields its address."""
    environment = os.environ | {"DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES": "3"}
    file = tmp_path / "scheduler.json"

    def start(*arguments):
        command = [sys.executable, "-m", "distributed.cli." + arguments[0], *arguments[1:]]
        with (tmp_path / "dask.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=environment, cwd=tmp_path)

    first = start(
        "dask_scheduler", "--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(file)
    )
    options = ["--nthreads", "1", "--no-nanny", "--no-dashboard", "--scheduler-file", str(file)]
    until(file.exists)
    workers = [start("dask_worker", *options) for _ in range(2)]
    from distributed import Client

    with Client(scheduler_file=str(file), set_as_default=False) as client:
        client.wait_for_workers(2, timeout=120)
        address = client.scheduler.address
    yield address, workers
    for process in (*workers, first):
        process.kill()
        process.wait()


def until(reached, seconds=180):
    end = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < end, "it takes too long"
        time.sleep(0.1)


def test_reports_of_a_lost_worker_are_made_by_another(tmp_path, scheduler):
    address, workers = scheduler
    studies = [write_study(tmp_path / name, title=name, logo=False) for name in NAMES]
    notebook(tmp_path / "books" / "03_signed.ipynb", *LEAN, SIGNED)
    options = {"formats": ["html"], "notebooks": tmp_path / "books", "is_draft": True}

    def kill_one():
        until(lambda: len(list(tmp_path.glob("*.tried"))) >= 2)
        workers[0].send_signal(signal.SIGKILL)
        workers[0].wait()
        (tmp_path / "go").touch()

    killer = threading.Thread(target=kill_one)
    killer.start()
    with scheduled(address) as executor:
        made = {one.what: one for one in reports(studies, tmp_path / "out", run_with={"executor": executor}, **options)}
    killer.join()
    assert {one.status for one in made.values()} == {"made"} and len(made) == len(NAMES)
    assert all((tmp_path / "out" / name / "index.html").is_file() for name in NAMES)
    tries = {path.stem: len(path.read_text()) for path in tmp_path.glob("*.tried")}
    assert sorted(tries.values()) == [1, 1, 1, 1, 2], "the report of the lost worker was begun twice"
    assert not [path.name for path in (tmp_path / "out").iterdir() if path.name.startswith(".")]


def test_an_address_where_nobody_answers_is_refused(monkeypatch):
    monkeypatch.setattr("helpers.reporting.cluster.PATIENCE", 1)
    with (
        pytest.raises(InputError, match=r"no scheduler answers at tcp://127\.0\.0\.1:9"),
        scheduled("tcp://127.0.0.1:9"),
    ):
        pass
