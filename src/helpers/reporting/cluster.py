"""Lets a Dask scheduler run the reports of a batch, on other machines that see the same folders."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Executor
from contextlib import contextmanager

from helpers.data.problems import input_error

#: Seconds to wait for the scheduler.
PATIENCE = 20


@contextmanager
def scheduled(address: str) -> Iterator[Executor]:
    """Offer the workers of a scheduler.

    Parameters
    ----------
    address : str
        Such as ``tcp://10.0.0.5:8786``.

    Yields
    ------
    concurrent.futures.Executor
        A report whose worker is lost goes to another one.

    Raises
    ------
    InputError
        Dask is not installed, or no scheduler answers there.
    """
    try:
        from distributed import Client
    except ImportError:
        fix = "pip install 'hr-partnership[cluster]'"
        raise input_error("--scheduler", "the package distributed, which reaches it, is missing", fix=fix) from None
    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError):
        fix = "Start it with `dask scheduler`, which prints its address"
        raise input_error("--scheduler", f"no scheduler answers at {address}", "tcp://HOST:PORT", fix) from None
    with client:
        yield client.get_executor(pure=False)  # two reports are two, whatever their arguments
