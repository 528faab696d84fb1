"""Kernels of reports start quickly, know nothing of each other, and leave nothing behind."""

import os
import signal
import subprocess
import sys
import time

import pytest
from reporting_studies import notebook

from helpers import kernels
from helpers.reporting.execute import execute, find

LINUX = pytest.mark.skipif(not kernels.FORKS, reason="kernels are forked on Linux alone")
STATE = """\
import os, random, sys
import matplotlib, numpy as np, pandas as pd
print(os.getpid(), random.random(), np.random.random())
print(matplotlib.rcParams["figure.dpi"], pd.options.display.max_rows, pd.DataFrame.sum.__name__)
print(os.environ.get("LEFT"), os.path.basename(os.getcwd()), "left" in globals(), "left" in vars(sys))
"""
POLLUTE = """\
import os, random, sys, warnings
import matplotlib, numpy as np, pandas as pd
left = sys.left = os.environ["LEFT"] = "left"
os.chdir("/")
random.seed(1), np.random.seed(1)
matplotlib.rcParams["figure.dpi"] = 7
pd.options.display.max_rows = 7
pd.DataFrame.sum = lambda *_, **__: 0
warnings.simplefilter("ignore")
"""


def printed(folder, *cells):
    notebook(folder / "01_n.ipynb", "%md # N", *cells)
    run = execute(find(folder)[0], {"study": "s"}, {})
    assert run.traceback == ""
    return next(output.text for output in run.notebook.cells[-1].outputs if output.output_type == "stream")


def test_nothing_that_one_notebook_does_reaches_the_next(tmp_path):
    first = printed(tmp_path, STATE).splitlines()
    printed(tmp_path, POLLUTE, "print('done')")
    second = printed(tmp_path, STATE).splitlines()
    assert first[1:] == second[1:] and second[2] == f"None {tmp_path.name} False False"
    apart = [one != other for one, other in zip(first[0].split(), second[0].split(), strict=True)]
    assert apart == [True, True, True], "another process, and other random numbers where none were asked for"


@LINUX
def test_the_libraries_are_there_before_the_first_cell(tmp_path):
    known = "import sys\nprint({'statsmodels.formula.api', 'helpers.present.show', 'seaborn'} <= set(sys.modules))"
    assert printed(tmp_path, known) == "True\n"


@LINUX
def test_a_server_that_was_ended_is_started_again(tmp_path, monkeypatch):
    """Also where it ends between two words: the first kernel is refused, the next one starts."""
    real, refused = kernels._started, []

    def started(arguments):
        if not refused:
            refused.append(ConnectionRefusedError(111, "Connection refused"))
            raise refused[0]
        return real(arguments)

    monkeypatch.setattr(kernels, "_started", started)
    assert printed(tmp_path, "print(1 + 1)") == "2\n" and refused


IN_A_PROCESS = """\
import os, pathlib, signal, sys
from multiprocessing import forkserver
from helpers import kernels
kernels.prepare()
print("seaborn" in sys.modules)
from helpers.reporting.execute import execute, find
def run(folder):
    done = execute(find(pathlib.Path(folder))[0], {"study": "s"}, {})
    assert not done.traceback, done.traceback
    return next(output.text for output in done.notebook.cells[-1].outputs if output.output_type == "stream")
first = run("state").splitlines()
run("pollute")
second = run("state").splitlines()
print(first[1:] == second[1:] and not set(first[0].split()) & set(second[0].split()))
print(second[2], run("inherited"), end="")
os.kill(server := forkserver._forkserver._forkserver_pid, signal.SIGKILL)
os.waitid(os.P_PID, server, os.WEXITED | os.WNOWAIT)
print(run("state").splitlines()[1:] == first[1:], forkserver._forkserver._forkserver_pid)
"""
INHERITED = """\
import gc, os, sys
from helpers import kernels
files = [os.readlink(f"/proc/self/fd/{file}") for file in range(64) if os.path.lexists(f"/proc/self/fd/{file}")]
print(gc.isenabled(), kernels._STARTING.locked(), "papermill" in sys.modules, any("held" in file for file in files))
"""


@LINUX
def test_a_command_imports_once_for_itself_and_its_kernels(tmp_path):
    """Its server is a fork that knows imports alone; ended, it is started as elsewhere; it ends with the command."""
    cells = {"state": [STATE], "pollute": [POLLUTE, "print('done')"], "inherited": [INHERITED]}
    for name, sources in cells.items():
        (tmp_path / name).mkdir()
        notebook(tmp_path / name / "01_n.ipynb", "%md # N", *sources)
    code = f"held = open('held', 'w')\n{IN_A_PROCESS}"
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.stderr == ""
    said, number = done.stdout.rsplit(maxsplit=1)
    assert said.splitlines() == ["True", "True", "None state False False True False False False", "True"]
    assert within(20, lambda: not running(int(number)))


@LINUX
def test_no_kernel_of_a_report_loads_a_debugger(tmp_path):
    known = "import sys\nprint([name for name in sys.modules if 'pydev' in name])"
    assert printed(tmp_path, known) == "[]\n"


def test_figures_of_a_users_own_notebook_are_drawn(tmp_path):
    notebook(tmp_path / "01_n.ipynb", "%md # N", "import matplotlib.pyplot as plt\nplt.plot([1, 2]);")
    run = execute(find(tmp_path)[0], {"study": "s"}, {})
    assert any("image/png" in output.get("data", {}) for output in run.notebook.cells[-1].outputs)


def test_elsewhere_kernels_start_as_jupyter_starts_them(tmp_path, monkeypatch):
    monkeypatch.setattr(kernels, "FORKS", False)
    kernels.prepare()
    assert printed(tmp_path, "print(1 + 1)") == "2\n"


@LINUX
@pytest.mark.slow
def test_a_report_that_is_killed_leaves_no_kernel_behind(tmp_path):
    notebook(
        tmp_path / "01_n.ipynb", "%md # N", "import os, time\nopen('pid', 'w').write(str(os.getpid()))\ntime.sleep(600)"
    )
    code = (
        "from pathlib import Path\nfrom helpers.reporting.execute import execute, find\n"
        "if __name__ == '__main__':\n"
        "    execute(find(Path('.'))[0], {'study': 's'}, {}, study=Path('partnership-study-1-a', 'study'))"
    )
    (shared := tmp_path / "partnership-study-1-a").mkdir()
    (shared / "study").write_bytes(b"all answers")
    (tmp_path / "run.py").write_text(code)
    whole = subprocess.Popen([sys.executable, "run.py"], cwd=tmp_path)
    pid = tmp_path / "pid"
    assert within(120, lambda: pid.exists() and pid.read_text())
    whole.send_signal(signal.SIGKILL)
    whole.wait()
    assert within(20, lambda: not running(int(pid.read_text())))
    assert not shared.exists()


def within(seconds, reached):
    end = time.monotonic() + seconds
    while not reached() and time.monotonic() < end:
        time.sleep(0.2)
    return reached()


def running(pid):
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
