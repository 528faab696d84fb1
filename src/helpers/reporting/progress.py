"""Shows how far the work is, where somebody is looking: on a terminal, and nowhere else."""

from __future__ import annotations

import os
import sys

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn


def bars(quiet: bool = False) -> Progress:
    """Return bars with what is done, how long it took and how long it will take; none where nobody looks.

    Parameters
    ----------
    quiet : bool
        Whether another display is on the screen already.
    """
    console = Console(stderr=True)
    return Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
        speed_estimate_period=3600,  # a report takes longer than the half minute that is usual
        disable=quiet or not console.is_terminal,
        redirect_stdout=sys.stdout.isatty(),
    )


def cores() -> int:
    """Return how many processes can work at the same time."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
