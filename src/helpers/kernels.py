"""Starts the kernels of reports: each a process of its own, forked where the libraries are imported already.

Importing what a notebook needs takes longer than most of its cells. On Linux one process, the standard library's fork
server, imports it once; every kernel is a fork of that process as it was then, so nothing that one notebook does
reaches another. The server of the command is a fork itself, so that what both need is imported once for both. Elsewhere
kernels start as Jupyter starts them.
"""

from __future__ import annotations

import ctypes
import gc
import importlib
import multiprocessing
import os
import random
import runpy
import shutil
import signal
import sys
import threading
import types
from collections.abc import Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager, KernelManager
from jupyter_client.provisioning.local_provisioner import LocalProvisioner

#: Forks of threads and frameworks are safe to start from a fresh server on Linux alone.
FORKS = sys.platform == "linux"
#: Imported before the first kernel starts, and nothing besides: a fork inherits settings and random states too.
LIBRARIES = (
    "ipykernel.ipkernel", "ipykernel.kernelapp", "matplotlib_inline.backend_inline", "statsmodels.formula.api",
    "IPython.core.completerlib", "IPython.core.magics.execution", "IPython.extensions.storemagic",
    "matplotlib.backends.backend_svg", "PIL.PngImagePlugin", "PIL.JpegImagePlugin", "pyarrow.pandas_compat", "psutil",
    "tornado.platform.asyncio",
)  # fmt: skip
_STARTING = threading.Lock()
#: Options of the memory allocator, as the header malloc.h numbers them.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3


def prepare() -> None:
    """Let the libraries be imported beside other work, so that the first kernel finds them."""
    if FORKS and not multiprocessing.current_process().daemon:
        from multiprocessing import forkserver  # not there on every system

        _server()
        if "numpy" not in sys.modules and threading.active_count() == 1:
            _fork_server()
        with _STARTING, _NoMain():
            forkserver.ensure_running()


def _fork_server() -> None:
    """Start the server as a fork of this process, which did nothing yet that a kernel must not inherit."""
    from multiprocessing import forkserver, resource_tracker, util

    resource_tracker.ensure_running()
    started = util.spawnv_passfds
    gc.disable()  # nothing that is imported is garbage
    try:
        for name in _modules():
            importlib.import_module(name)
        util.spawnv_passfds = _forked
        with _NoMain():
            forkserver.ensure_running()
    finally:
        util.spawnv_passfds = started
        _collect_seldom()


def _collect_seldom() -> None:
    """Search for garbage from now on, but not among what was imported, whose pages that would copy; and less often."""
    gc.freeze()
    gc.set_threshold(5_000, 10, 10)  # not 700 new objects: a chart or a notebook as JSON are thousands, none garbage
    gc.enable()


def _forked(path: bytes, args: Sequence[Any], passfds: Sequence[int]) -> int:
    """Run in a fork what would run in a new process: its last argument is the code."""
    from multiprocessing import forkserver

    sys.stdout.flush()
    sys.stderr.flush()
    if number := os.fork():
        return number
    try:
        for low, high in pairwise([2, *sorted(passfds), os.sysconf("SC_OPEN_MAX")]):
            os.closerange(low + 1, high)
        forkserver._forkserver._lock = threading.Lock()  # type: ignore[attr-defined]  # held while it forks
        exec(args[-1], {})
    finally:
        os._exit(0)


def manager(
    folder: Path, environment: Mapping[str, str], kind: type[KernelManager] = AsyncKernelManager
) -> type[KernelManager]:
    """Return what starts kernels in the Python that runs this.

    Parameters
    ----------
    folder : pathlib.Path
        For the profile of IPython: personal start-up files are not run.
    environment : mapping of str to str
        Variables of the kernel beside those of this process.
    kind : type
        What it is to be, for whoever does not wait for kernels asynchronously.

    Returns
    -------
    type
        A kernel manager for nbclient's ``kernel_manager_class``.
    """
    # A shut-down kernel that sends one more message, to nobody, logs that; no news of a notebook.
    quiet = 'import logging\n\nlogging.getLogger("tornado.general").setLevel(logging.CRITICAL)\n'
    profile = folder / "ipython" / "profile_default"
    profile.mkdir(parents=True)
    (profile / "ipython_kernel_config.py").write_text(quiet, encoding="utf-8", newline="\n")
    options = ["-f", "{connection_file}", "--log-level=50", "--matplotlib=inline"]
    specification = KernelSpec(
        argv=[sys.executable, "-m", "ipykernel_launcher", *options],
        display_name="Python 3",
        language="python",
        env={**environment, "IPYTHONDIR": str(folder / "ipython")},
    )

    class Manager(kind):  # type: ignore[misc, valid-type]
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self._kernel_spec = specification
            if FORKS and not multiprocessing.current_process().daemon:  # whose processes may start none
                self.provisioner = Forked(kernel_id=self.kernel_id, kernel_spec=specification, parent=self)

    return Manager


class Forked(LocalProvisioner):
    """Starts a kernel as a fork of the server that has imported the libraries."""

    async def launch_kernel(self, cmd: list[str], **options: Any) -> Any:
        """Start it; return how to connect to it."""
        self.process: Any = Process(cmd, options["env"], options.get("cwd"))
        self.pid = self.pgid = self.process.pid  # it leads a group of its own
        self.cwd = options.get("cwd")
        return self.connection_info


class Process:
    """A forked kernel, with what a provisioner asks of :class:`subprocess.Popen`."""

    stdin = stdout = stderr = None

    def __init__(self, command: list[str], environment: Mapping[str, str], folder: str | Path | None) -> None:
        arguments = (command[2:], dict(environment), str(folder or Path.cwd()))
        with _STARTING, _NoMain():
            try:
                self._process = _started(arguments)
            except (OSError, EOFError):  # the server was ended meanwhile; it is started again
                self._process = _started(arguments)
        #: Its number, which is also that of its group.
        self.pid: int = self._process.pid
        self._code: int | None = None

    def poll(self) -> int | None:
        """Return the exit code, or ``None`` while it runs."""
        if self._code is None and (code := self._process.exitcode) is not None:
            self._code = code
            self._process.close()  # two open files each, which a long batch would add up
        return self._code

    def wait(self) -> int | None:
        """Wait for its end, and return the exit code."""
        if self._code is None:
            self._process.join()
        return self.poll()

    def send_signal(self, number: int) -> None:
        """Send a signal to it alone."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Ask it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """End it."""
        self.send_signal(signal.SIGKILL)


def _started(arguments: tuple[object, ...]) -> Any:
    process = _server().Process(target=_run, args=arguments, daemon=True)
    process.start()
    return process


class _NoMain:
    """Hides what this program was started as: a fork would run that once more."""

    def __enter__(self) -> None:
        self._main = sys.modules["__main__"]
        sys.modules["__main__"] = types.ModuleType("__main__")

    def __exit__(self, *_: object) -> None:
        sys.modules["__main__"] = self._main


def _server() -> Any:
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload([*LIBRARIES, *_modules()])
    return context


def _modules() -> list[str]:
    """Name the modules of this package that notebooks use."""
    package = Path(__file__).parent
    files = sorted(file for room in ("analysis", "present") for file in (package / room).rglob("[!_]*.py"))
    return [".".join(file.relative_to(package.parent).with_suffix("").parts) for file in files]


def _end_with_parent(study: str) -> None:
    """End the kernel when the process that asked for it is gone, even by force: the server would stay with it.

    What that process wrote for its kernels holds all answers, and is nobody's then.
    """
    from helpers.published import SHARED_PREFIX

    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
    if Path(study).parent.name.startswith(SHARED_PREFIX):
        shutil.rmtree(Path(study).parent, ignore_errors=True)
    os._exit(1)


def _keep_memory() -> None:
    """Let memory that was freed be used again: by default each long array is asked of the system anew, page by page."""
    library = ctypes.CDLL(None)
    if hasattr(library, "mallopt"):  # of the GNU library alone
        for option in (_MMAP_THRESHOLD, _TRIM_THRESHOLD):
            library.mallopt(option, 2**31 - 1)


def _run(arguments: list[str], environment: dict[str, str], folder: str) -> None:
    """Become a kernel; runs in the fork."""
    import numpy as np

    from helpers.published import STUDY_VARIABLE  # not above: whoever prepares kernels first has imported no pandas yet

    os.setsid()
    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    os.environ.pop("JPY_PARENT_PID", None)  # ipykernel would watch the server instead
    study = environment.get(STUDY_VARIABLE, "")
    threading.Thread(target=_end_with_parent, args=[study], daemon=True).start()
    sys.path[0] = ""
    sys.modules["debugpy"] = None  # type: ignore[assignment]  # a report stops nowhere; importing it takes long
    sys.argv = ["ipykernel_launcher", *arguments[1:]]
    random.seed()
    np.random.seed()
    _keep_memory()
    _collect_seldom()
    runpy.run_module("ipykernel_launcher", run_name="__main__", alter_sys=True)
