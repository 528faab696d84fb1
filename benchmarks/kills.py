"""Kill a batch of reports at random moments, resume it, and compare its folder with that of an undisturbed run.

Run ``python benchmarks/kills.py --kills 20``; it prints how often the batch was hit, or stops with what differs and
with the logs of what failed. It takes about ten seconds a kill, and is no test: when kills come is left to chance.
"""

from __future__ import annotations

import argparse
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parent.parent / "tests" / "reporting"))
sys.path.append(str(Path(__file__).resolve().parent.parent / "tests"))

from reporting_studies import LEAN, notebook, write_study

NAMES = ("acme", "bolt", "corex")
SCRIPT = """
import sys
from pathlib import Path
from helpers.reporting import reports
if __name__ == "__main__":
    place, names = Path(sys.argv[1]), sys.argv[2:]
    options = {"formats": ["html", "docx"], "notebooks": place / "books"}
    how = {"resume": True, "jobs": 3}
    print([one.status for one in reports([place / name for name in names], out=place / "out", run_with=how, **options)])
"""


def contents(folder: Path) -> dict[str, bytes]:
    """Return what stands in a folder; when and how long is left out."""
    files = [path for path in folder.rglob("*") if path.is_file() and path.name != "log.json"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def killed_and_resumed(place: Path, kills: int, seed: int = 1) -> int:
    """Kill a batch at random moments and resume it until it is finished; return how often it was hit."""
    (place / "run.py").write_text(SCRIPT, encoding="utf-8")
    command, drawn, hit = [sys.executable, str(place / "run.py"), str(place), *NAMES], random.Random(seed), 0
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True)
    seconds = time.monotonic() - started
    undisturbed = contents(place / "out")
    while hit < kills:
        shutil.rmtree(place / "out")
        for left in reversed(range(4)):  # the last is not disturbed
            process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
            try:
                _, said = process.communicate(timeout=drawn.uniform(0.25, 1) * seconds if left else None)
            except subprocess.TimeoutExpired:
                process.send_signal(signal.SIGKILL)
                process.communicate()
                hit += 1
                continue
            assert process.returncode == 0, said
            break
        now = contents(place / "out")
        other = [name for name in {*now, *undisturbed} if now.get(name) != undisturbed.get(name)]
        logs = [
            files[name] for files in (now, undisturbed) for name in other if name.endswith(".log") and name in files
        ]
        if other:
            raise SystemExit(f"after {hit} kills these differ: {other}; {logs}")
    return hit


def main() -> None:
    """Kill as often as the command line says."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        for name in NAMES:
            write_study(place / name, title=f"Study of {name}", logo=False)
        notebook(place / "books" / "03_sparse.ipynb", *LEAN)
        hit = killed_and_resumed(place, arguments.kills, arguments.seed)
        print(f"{hit} kills, every folder as if nobody had killed it")


if __name__ == "__main__":
    main()
