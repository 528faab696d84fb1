"""Make a thousand small reports with three workers; count failures, and what processes, files and memory are left.

``python benchmarks/thousand.py`` makes web pages of a notebook with one table for as many studies of 40 answers; a
report with more in it uses the same processes, threads and files. What this process holds is read after every report:
memory, open files, threads, child processes. Once all is warm, none of them may grow: printed is what it held after a
tenth of the reports and after all, what grew per thousand reports (a line through all that was read from then on), and
what is left on disk. The exit code is 1 when a report failed or anything is left.
"""

from __future__ import annotations

import argparse
import gc
import multiprocessing.util
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
import psutil

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests" / "reporting"))
sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from reporting_studies import LEAN, notebook, write_study

from helpers.reporting import reports

WORKERS = 3
HELD = ("memory, MB", "memory of the server that starts notebooks, MB", "open files", "threads", "child processes")


def held() -> list[float]:
    """Return what this process holds, as in :data:`HELD`; notebooks at work are no child of it but of the server."""
    own = psutil.Process()
    children = own.children()
    servers = [child.memory_info().rss / 1e6 for child in children if "forkserver" in " ".join(child.cmdline())]
    return [own.memory_info().rss / 1e6, sum(servers), own.num_fds(), own.num_threads(), len(children)]


def left(place: Path) -> list[str]:
    """Return what a run left that is no report: hidden files, and files in the folder for temporary ones."""
    hidden = [path for path in (place / "out").iterdir() if path.name.startswith(".")]
    return sorted(path.name for path in [*hidden, *Path(tempfile.gettempdir()).iterdir()])


def main() -> None:
    """Make them, and print what was found."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--reports", type=int, default=1000)
    number = parser.parse_args().reports
    with tempfile.TemporaryDirectory() as name:
        place, own = Path(name), Path(name) / "temporary"
        own.mkdir()
        multiprocessing.util.get_temp_dir()  # stands until this process ends
        tempfile.tempdir = str(own)
        notebook(place / "books" / "03_sparse.ipynb", *LEAN)
        studies = [write_study(place / f"s{one:04d}", logo=False) for one in range(number)]
        options = {"formats": ["html"], "notebooks": place / "books"}
        read, failed, started = [], [], time.perf_counter()
        for one in reports(studies, out=place / "out", run_with={"jobs": WORKERS}, **options):
            failed += [one.reason or one.error] * (one.status != "made")
            read.append(held())
            if len(read) % 50 == 0:
                print(f"{len(read)} reports, {time.perf_counter() - started:.0f} s: {read[-1]}", flush=True)
        gc.collect()
        end = held()
        own_process = psutil.Process()
        notebooks = [*set(own_process.children(recursive=True)) - set(own_process.children())]
        remains = left(place)
    tempfile.tempdir = None
    warm = len(read) // 10
    slopes = np.polyfit(np.arange(warm, len(read)), np.array(read[warm:]), 1)[0] * 1000
    print(f"{number} reports with {WORKERS} workers: {len(failed)} failed {failed[:3]}")
    print("| Held | After a tenth | After all | At the end | Grows per 1,000 reports |\n|---|---:|---:|---:|---:|")
    for what, first, last, after, slope in zip(HELD, read[warm], read[-1], end, slopes, strict=True):
        print(f"| {what} | {first:.0f} | {last:.0f} | {after:.0f} | {slope:+.1f} |")
    print(f"Notebooks still running: {len(notebooks)}; files left: {remains}")
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(f"Processor seconds of this process per report: {(used.ru_utime + used.ru_stime) / number:.2f}")
    sys.exit(int(bool(failed or notebooks or remains)))


if __name__ == "__main__":
    main()
