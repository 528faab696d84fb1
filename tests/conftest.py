"""What holds for all tests."""

import itertools
import tempfile
from pathlib import Path

from hypothesis import settings
from jupyter_client.manager import KernelManager
from nbval import kernel

from helpers import kernels

# How long an example takes depends on the machine and on what else runs there; no test is about that.
settings.register_profile("any machine", deadline=None)
settings.load_profile("any machine")

_stock = kernel.start_new_kernel
_places, _count = tempfile.TemporaryDirectory(ignore_cleanup_errors=True), itertools.count()


def _forked(startup_timeout=60, kernel_name="", **how):
    """Start a kernel as reports do, where the libraries are imported already."""
    manager = kernels.manager(Path(_places.name) / str(next(_count)), {}, KernelManager)()
    manager.start_kernel(cwd=how.get("cwd"))
    client = manager.client()
    client.start_channels()
    try:
        client.wait_for_ready(timeout=startup_timeout)
    except RuntimeError:
        client.stop_channels()
        manager.shutdown_kernel()
        raise
    return manager, client


def pytest_configure(config):
    """Let nbval fork its kernels, but for measuring which lines run: that has to see their imports."""
    start = _stock if config.getoption("cov_source", None) else _forked

    def started(*given, **named):
        """Start a kernel, again where it died at birth: two that start at the same moment may choose the same port."""
        try:
            return start(*given, **named)
        except RuntimeError:
            return start(*given, **named)

    kernel.start_new_kernel = started
