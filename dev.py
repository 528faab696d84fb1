"""Set up and run the project with Python alone: ``python3 dev.py report | test | lab``.

The first run creates ``.venv`` and installs the locked dependencies; later runs find everything in place and do no
set-up work. Only the standard library is used here, so that this file runs before anything is installed.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent
ENVIRONMENT = ROOT / ".venv"
STAMP = ENVIRONMENT / "set-up-for"
WINDOWS = os.name == "nt"
PROGRAMS = ENVIRONMENT / ("Scripts" if WINDOWS else "bin")
PYTHON = PROGRAMS / ("python.exe" if WINDOWS else "python")
NOTEBOOKS = ["notebooks", "tests/golden"]


def fingerprint() -> str:
    """Return what the environment depends on: the lock, the package metadata and the Python version."""
    digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
    for name in ("requirements.lock", "pyproject.toml"):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def set_up() -> None:
    """Create ``.venv`` and install the locked dependencies and the package, unless that is done already."""
    if sys.version_info < (3, 11):  # noqa: UP036 - this file also meets older Pythons
        sys.exit(f"Python 3.11 or newer is needed; this is {sys.version.split()[0]}. Run dev.py with a newer Python.")
    wanted = fingerprint()
    if STAMP.is_file() and STAMP.read_text(encoding="utf-8") == wanted:
        return
    print("Setting up .venv (once; about two minutes) …", flush=True)
    try:
        venv.create(ENVIRONMENT, with_pip=True, clear=True)
    except (subprocess.CalledProcessError, ImportError, OSError) as error:
        sys.exit(
            f"Could not create a virtual environment in {ENVIRONMENT}: {error}\n"
            "On Debian and Ubuntu install the package python3-venv, then run the same command again."
        )
    pip = [PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    # The lock names everything; pip need not look for more, and could not: it does not see that a pinned package
    # answers to a requirement with an extra.
    run(*pip, "--require-hashes", "--no-deps", "-r", "requirements.lock")
    run(*pip, "--no-deps", "--no-build-isolation", "--editable", ".")
    STAMP.write_text(wanted, encoding="utf-8")


def run(*command: object) -> None:
    """Run a command in the project's folder; leave with its exit code when it fails."""
    code = subprocess.run([str(part) for part in command], cwd=ROOT, check=False).returncode
    if code:
        sys.exit(code)


def report(arguments: list[str]) -> None:
    """Build the report of the sample study in ``reports/sample``."""
    run(PYTHON, "-m", "helpers.cli", "report", "data/sample", "--out", "reports/sample", *arguments)


def test(arguments: list[str]) -> None:
    """Lint, check types, then run every test: units, committed notebooks (nbval), whole reports, pages in a browser.

    ``--quick`` leaves out notebooks, the browser and all tests marked slow; ``--coverage`` says which lines of the
    package the tests run. With arguments for pytest, nothing is linted and no types are checked.
    """
    chosen = [argument for argument in arguments if argument not in ("--quick", "--coverage")]
    if not chosen:
        run(PYTHON, "-m", "ruff", "check")
        run(PYTHON, "-m", "ruff", "format", "--check")
        run(PYTHON, "-m", "mypy")
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # workers that share cores must not start threads of their own
    # loadfile keeps the cells of a notebook on one worker, in order.
    pytest = [PYTHON, "-m", "pytest", "-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadfile"]
    if "--coverage" in arguments:
        pytest.append("--cov=helpers")  # named here too: nbval measures the kernels it starts only if it is
    if "--quick" in arguments:
        run(*pytest, "-m", "not slow and not browser", *(chosen or ["tests"]))
    else:
        run(*pytest, "--nbval", "--nbval-current-env", *(chosen or ["tests", *NOTEBOOKS]))


def lab(arguments: list[str]) -> None:
    """Open JupyterLab on the notebooks."""
    run(PYTHON, "-m", "helpers.cli", "lab", *arguments)


def notebooks(arguments: list[str]) -> None:
    """Execute the committed notebooks and the golden runs anew."""
    run(PYTHON, "tests/golden/execute.py", *arguments)


def sample(arguments: list[str]) -> None:
    """Write the sample study anew, and the small clients of the tests that are drawn from the same simulation."""
    os.environ["PYTHONPATH"] = str(ROOT / "tests")
    run(PYTHON, "-m", "simulation", *arguments)


def kits(arguments: list[str]) -> None:
    """Make the committed kits of the playbooks anew."""
    run(PYTHON, "tests/playbooks/kits.py", *arguments)


def bench(arguments: list[str]) -> None:
    """Run the quick benchmarks, a few minutes together; with names, such as ``import``, those in full.

    Each prints ratios measured in one run.
    """
    chosen = [[name] for name in arguments]
    batch, kills = ["batch", "--reports", "12", "--loop", "4", "--repeat", "2"], ["kills", "--steps"]
    for name, *options in chosen or [batch, kills, ["dominance"], ["survival"]]:
        print(f"\n{name}", flush=True)
        run(PYTHON, f"benchmarks/{name}.py", *options)


def lock(arguments: list[str]) -> None:
    """Write ``requirements.lock`` anew for Linux, Windows and macOS together."""
    where = ["pyproject.toml", "--group", "dev", "--output-file", "requirements.lock", *arguments]
    how = ["--universal", "--generate-hashes", "--no-emit-index-url", "--python-version", "3.11", "--quiet"]
    run(PYTHON, "-m", "uv", "pip", "compile", *where, *how, "--custom-compile-command", "python dev.py lock")


def main() -> None:
    """Read the command, set up, run it."""
    commands = {command.__name__: command for command in (report, test, lab, notebooks, sample, kits, bench, lock)}
    if len(sys.argv) < 2 or sys.argv[1] not in commands:
        print(__doc__)
        sys.exit("usage: python3 dev.py " + "|".join(commands))
    set_up()
    commands[sys.argv[1]](sys.argv[2:])


if __name__ == "__main__":
    main()
