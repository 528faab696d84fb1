"""Kill a batch of reports by force, resume it, and compare its folder with that of an undisturbed run.

``python benchmarks/kills.py --kills 200`` kills a batch of three small reports (web pages and Word) at random moments:
up to three times, then it may finish. Every file must then be as if nobody had killed it, but for ``log.json``.
``--steps`` kills a batch of one report before each single change of a file or folder instead, one after the other; no
moment between two changes is left out. Notebooks are taken as executed there, since that changes no files. Each batch
is a process of its own, forked where the libraries are imported already, so that a kill costs about two processor
seconds, or half a second. Either stops with what differs, and with the logs of what failed.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Sequence
from multiprocessing import forkserver
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests" / "reporting"))
sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

import nbformat
from reporting_studies import LEAN, MIME, ONE_TABLE, notebook, write_study

from helpers import kernels
from helpers.reporting import build, pandoc, reports
from helpers.reporting.execute import Run, find
from helpers.reporting.formats.html import environment

NAMES = ("acme", "bolt", "corex")
#: What changes a file or folder, as Python's audit events call it.
CHANGES = {"os.mkdir", "os.rename", "os.remove", "os.rmdir", "os.link", "os.truncate"}
SAID = "said.json"


def contents(folder: Path) -> dict[str, bytes]:
    """Return what stands in a folder; when and how long is left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "log.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def batch(place: Path, names: Sequence[str], formats: Sequence[str]) -> None:
    """Make the reports, and note what became of each."""
    options = {"formats": formats, "notebooks": place / "books"}
    studies = [place / name for name in names]
    made = reports(studies, out=place / "out", run_with={"resume": True, "jobs": 3}, **options)
    (place / SAID).write_text(json.dumps([[one.status, one.reason or one.error] for one in made]))


def changes(place: Path, event: str, arguments: tuple[object, ...]) -> bool:
    """Tell whether an event changes something below a folder."""
    if event == "open":  # of a file to be written
        writes = isinstance(arguments[2], int) and arguments[2] & (os.O_WRONLY | os.O_RDWR | os.O_CREAT)
    else:
        writes = event in CHANGES
    path = arguments[0] if writes and arguments else None
    path = os.fsdecode(path) if isinstance(path, str | bytes | os.PathLike) else ""
    return bool(writes) and path.startswith(str(place)) and not path.endswith(SAID)


def attempt(work: Callable[[], None], place: Path, seconds: float | None = None, step: int | None = None) -> bool:
    """Do some work in a process of its own; kill it after some seconds, or before it changes something once more.

    Returns whether it was killed.
    """
    time.sleep(0.2)  # a server that lost its client in the middle of a word ends, and is started again
    kernels.prepare()
    (place / SAID).unlink(missing_ok=True)
    child = os.fork()
    if not child:
        _become(work, place, step)
    until = None if seconds is None else time.monotonic() + seconds
    while True:
        ended, status = os.waitpid(child, os.WNOHANG)
        if ended:
            break
        if until is not None and time.monotonic() > until:
            os.kill(child, signal.SIGKILL)
            until = None
        time.sleep(0.002)
    killed = os.WIFSIGNALED(status)
    if not killed and os.WEXITSTATUS(status):
        raise SystemExit("the batch ended by itself")
    return killed


def _become(work: Callable[[], None], place: Path, step: int | None) -> None:
    """Do the work in the fork; the server that forks kernels is that of the process it comes from."""
    forkserver._forkserver.ensure_running = forkserver.ensure_running = lambda: None  # type: ignore[attr-defined]
    left = [step if step is not None else -1]

    def count(event: str, arguments: tuple[object, ...]) -> None:
        if changes(place, event, arguments):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if step is not None:
        sys.addaudithook(count)
    try:
        work()
    except BaseException:
        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def compare(place: Path, undisturbed: dict[str, bytes], hit: int) -> None:
    """Stop with what differs from an undisturbed run."""
    now, said = contents(place / "out"), json.loads((place / SAID).read_text())
    other = sorted(name for name in {*now, *undisturbed} if now.get(name) != undisturbed.get(name))
    left = [path for path in place.rglob(".*") if path.is_file() and path.name not in (".key", ".gitignore")]
    if other or left or {status for status, _ in said} - {"made", "kept"}:
        logs = [content.decode() for name, content in now.items() if name.endswith(".log")]
        raise SystemExit(f"after {hit} kills these differ: {other}; left: {left}; said: {said}; logs: {logs}")


def without_kernels(place: Path) -> None:
    """Let every batch take the notebook as if it had been executed: that changes no files."""
    [source] = find(place / "books")
    notebook = nbformat.read(source.path, as_version=4)
    notebook.cells[-1].outputs = [nbformat.v4.new_output("display_data", {MIME: ONE_TABLE, "text/plain": ""})]
    executed = Run(source, notebook, 0.0)
    build.execute, kernels.prepare = lambda *given, **named: executed, lambda: None  # type: ignore[assignment]


def whole(work: Callable[[], None], place: Path) -> tuple[dict[str, bytes], float]:
    """Work undisturbed; return what stands there then, and how long it took."""
    started = time.monotonic()
    attempt(work, place)
    seconds = time.monotonic() - started
    found = contents(place / "out")
    compare(place, found, 0)
    return found, seconds


def at_random(work: Callable[[], None], place: Path, kills: int, seed: int) -> int:
    """Kill a batch at random moments and resume it until it is finished; return how often it was hit."""
    drawn, hit = random.Random(seed), 0
    whole(work, place)  # what is imported late is imported
    shutil.rmtree(place / "out")
    undisturbed, seconds = whole(work, place)
    while hit < kills:
        shutil.rmtree(place / "out")
        for left in reversed(range(4)):  # the last is not disturbed
            if not attempt(work, place, drawn.uniform(0, 1) * seconds if left else None):
                break
            hit += 1
        compare(place, undisturbed, hit)
        if hit // 20 > (hit - 3) // 20:
            print(f"{hit} kills so far", flush=True)
    return hit


def at_each_step(work: Callable[[], None], place: Path, by: int = 1) -> int:
    """Kill a batch before each of its changes, or some, and resume it each time; return how often it was hit."""
    undisturbed, _ = whole(work, place)
    hit, step = 0, 1
    while True:
        shutil.rmtree(place / "out")
        if not attempt(work, place, step=step):
            compare(place, undisturbed, step)
            return hit
        attempt(work, place)
        compare(place, undisturbed, step)
        hit, step = hit + 1, step + by


def main() -> None:
    """Kill as often as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--steps", action="store_true", help="kill one report before each change instead")
    parser.add_argument("--by", type=int, default=1, help="of the changes, take every second, third, …")
    parser.add_argument("--formats", default="html,docx")
    arguments = parser.parse_args()
    formats = arguments.formats.split(",")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in NAMES:
            write_study(place / name, title=f"Study of {name}", logo=False)
        notebook(place / "books" / "03_sparse.ipynb", *LEAN)
        for template in ("page.html.j2", "word.html.j2"):  # what every batch needs, once for all of them
            environment().get_template(template)
        pandoc.reference()
        if arguments.steps:
            without_kernels(place)
            hit = at_each_step(lambda: batch(place, NAMES[:1], formats), place, arguments.by)
        else:
            hit = at_random(lambda: batch(place, NAMES, formats), place, arguments.kills, arguments.seed)
        print(f"{hit} kills, every folder as if nobody had killed it")


if __name__ == "__main__":
    main()
