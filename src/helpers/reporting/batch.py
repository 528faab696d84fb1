"""Makes many reports in one run: of groups, of managers, of studies. What is wrong with one does not stop the others.

Any :class:`concurrent.futures.Executor` runs them: threads over kernels by default, each of which is a process of its
own; processes; or those of a cluster, whose machines share the folders of the study and the reports.
"""

from __future__ import annotations

import gc
import itertools
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Condition
from typing import Any

from helpers import kernels
from helpers.data import InputError, Study
from helpers.data.lock import locked
from helpers.data.problems import input_error
from helpers.data.writing import FULL

from .build import ReportResult, planned, report
from .folder import LOG, complete, log_folder
from .progress import bars, cores
from .zipped import pack, remove

BATCH_LOCK = ".partnership-batch.lock"
#: After so many reports a process closes what the event loops of notebooks left open, three files each.
GATHERED = 25
_MADE = itertools.count(1)
#: What became of a report, and what that means.
MADE, KEPT, FAILED, WRONG, EXPLAINED = "made", "kept", "failed", "wrong input", "no result of its own"
PLANNED, LATER = "would be made", "not made yet"


@dataclass(frozen=True)
class Job:
    """A report to make.

    Attributes
    ----------
    name : str
        What logs call it: of a report for one person a code, never a name.
    what : str
        What whoever makes it calls it: a group, a manager, a study.
    study, folder : pathlib.Path
        What it is made of, and where it will stand.
    options : dict
        The other arguments of :func:`.build.report`.
    """

    name: str
    what: str
    study: Path
    folder: Path
    options: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Outcome:
    """What came of a report.

    Attributes
    ----------
    job : Job
        Which report.
    status : str
        ``made``; ``kept``: it stood there, made from the same; ``failed``: something is missing, or all;
        ``wrong input``; ``no result of its own``; ``would be made``; ``not made yet``.
    result : ReportResult or None
        The report, ``None`` where there is none.
    error : str
        Why there is none, in full; empty otherwise.
    reason : str
        Why it is not simply made, in one line that holds nobody's answers.
    seconds : float
        How long it took.
    """

    job: Job
    status: str
    result: ReportResult | None = None
    error: str = ""
    reason: str = ""
    seconds: float = 0.0

    @property
    def what(self) -> str:
        """What whoever makes it calls it."""
        return self.job.what

    @property
    def folder(self) -> Path:
        """Where the report stands, or would."""
        return self.job.folder

    @property
    def exit_code(self) -> int:
        """0 done, 1 something failed, 2 the input is wrong."""
        return {FAILED: 1, WRONG: 2}.get(self.status, 0)

    def as_event(self) -> dict[str, object]:
        """Return it for machines: no answers of people, no names of managers."""
        told = {"event": "report", "name": self.job.name, "status": self.status, "seconds": round(self.seconds, 1)}
        return {**told, "reason": self.reason, "folder": str(self.folder)}


@dataclass(frozen=True)
class Batch:
    """Reports that are made in one run, planned before any of them.

    Attributes
    ----------
    jobs : list of Job
        One each.
    parent : pathlib.Path or None
        The folder of them all, in which one batch may work at a time.
    before : callable
        Writes what stands beside the reports whatever becomes of them.
    after : callable
        Takes all outcomes, writes what lists them, and returns those that needed no report.
    in_order : bool
        Whether they are compared with the releases of the study in the order of the jobs, since what one tells may
        bear on the next; the same reports then come of every run.
    """

    jobs: list[Job]
    parent: Path | None
    before: Callable[[], None] = lambda: None
    after: Callable[[Sequence[Outcome]], list[Outcome]] = lambda _: []
    in_order: bool = False


def run(
    batch: Batch,
    *,
    jobs: int | None = None,
    executor: Executor | None = None,
    resume: bool = False,
    limit: int | None = None,
    dry_run: bool = False,
    zipped: bool = False,
    quiet: bool = True,
) -> Iterator[Outcome]:
    """Make the reports of a batch.

    Parameters
    ----------
    batch : Batch
        What to make.
    jobs : int, optional
        How many at a time; one more than there are cores by default.
    executor : concurrent.futures.Executor, optional
        What runs them instead of threads of this process. It is left open.
    resume : bool
        Whether to leave as they are the reports that were made from the same data, code, parameters and versions.
    limit : int, optional
        Most reports to make now; those that are left as they are do not count.
    dry_run : bool
        Whether to say what would be made, and to write nothing.
    zipped : bool
        Whether to write each report that may be passed on as one ZIP file, too.
    quiet : bool
        Whether to show no progress on a terminal.

    Yields
    ------
    Outcome
        Of each report as soon as it is finished, then of what needed none and what is left for later.

    Raises
    ------
    InputError
        Another batch works in the folder, or it cannot be written to. Nothing has run then.
    """
    if dry_run:
        yield from _would_be(batch, resume, limit)
        return
    with ExitStack() as held:
        if batch.parent:
            held.enter_context(_alone_in(batch.parent))
        batch.before()
        turns = _Turns() if batch.in_order and executor is None else None
        if executor is None:
            kernels.prepare()
            executor = held.enter_context(ThreadPoolExecutor(jobs or cores() + 1))
        outcomes: list[Outcome] = []
        progress = held.enter_context(bars(quiet))
        task = progress.add_task("Reports", total=len(batch.jobs) if limit is None else min(limit, len(batch.jobs)))
        waiting, flying, tried = deque(enumerate(batch.jobs)), dict[Future[Outcome], Job](), 0
        try:
            while True:
                while waiting and (limit is None or tried + len(flying) < limit):
                    number, job = waiting.popleft()
                    make = partial(_make, job, resume, zipped, turns, number)
                    flying[executor.submit(make)] = job
                if not flying:
                    break
                for future in wait(flying, return_when=FIRST_COMPLETED).done:
                    outcomes.append(_outcome(future, flying.pop(future)))
                    tried += outcomes[-1].status != KEPT
                    failed = sum(one.exit_code > 0 for one in outcomes)
                    words = f"Reports ({failed} failed), last: {outcomes[-1].job.name}"
                    progress.update(task, advance=outcomes[-1].status != KEPT or limit is None, description=words)
                    yield outcomes[-1]
        finally:
            for future in flying:
                future.cancel()
        rest = [Outcome(job, LATER) for _, job in waiting]
        rest += batch.after([*outcomes, *rest])
        yield from rest


@contextmanager
def _alone_in(parent: Path) -> Iterator[None]:
    """Refuse to work in a folder where another batch does."""
    with ExitStack() as held:
        try:
            parent.mkdir(parents=True, exist_ok=True)
            what = f"the reports in {parent}"
            held.enter_context(locked(parent, "a batch of reports", alone=True, patience=1, file=BATCH_LOCK, what=what))
        except OSError as error:
            if error.errno in FULL:
                raise
            raise input_error("--out", f"{parent} cannot be written to", fix="Choose another folder") from error
        yield


class _Turns:
    """Lets each report pass only after all those before it have passed, or are finished."""

    def __init__(self) -> None:
        self._passed: set[int] = set()
        self._first = 0
        self._change = Condition()

    @contextmanager
    def of(self, number: int) -> Iterator[None]:
        with self._change:
            self._change.wait_for(lambda: self._first >= number)
        try:
            yield
        finally:
            self.finished(number)

    def finished(self, number: int) -> None:
        with self._change:
            self._passed.add(number)
            while self._first in self._passed:
                self._passed.remove(self._first)
                self._first += 1
            self._change.notify_all()


def _make(job: Job, resume: bool, zipped: bool, turns: _Turns | None = None, number: int = 0) -> Outcome:
    """Make one report; whatever goes wrong is its outcome."""
    started = time.monotonic()
    turn: AbstractContextManager[object] = turns.of(number) if turns else nullcontext()
    status, result, error, reason = FAILED, None, "", ""
    try:
        result = report(job.study, out=job.folder, resume=resume, in_batch=True, turn=turn, **job.options)
        status = KEPT if result.kept else FAILED if result.exit_code else MADE
        reason = " ".join(result.failures)
        if zipped and status != FAILED:
            pack(job.folder)
        else:
            remove(job.folder)
    except InputError as wrong:
        status, error = WRONG, str(wrong)
        places = dict.fromkeys(str(problem.file) for problem in wrong.problems)
        reason = f"the input is wrong: {', '.join(places)}"
    except PermissionError as refused:
        status, reason = WRONG, "a file cannot be read or written"
        error = f"{refused.filename}: cannot be read or written. Close it in other programs, or check its permissions."
    except OSError as trouble:
        reason = "the disk is full" if trouble.errno in FULL else f"the system said: {trouble.strerror}"
        error = f"{trouble.filename or job.folder}: {reason}; this report was not made."
    except Exception as unknown:
        reason = f"an error stopped it: {type(unknown).__name__}"
        error = f"{reason}; the details are in {log_folder(job.folder) / f'report{LOG}'}."
        with suppress(OSError):
            log_folder(job.folder).mkdir(parents=True, exist_ok=True)
            (log_folder(job.folder) / f"report{LOG}").write_text(traceback.format_exc(), encoding="utf-8", newline="\n")
    finally:
        if turns:
            turns.finished(number)
        if next(_MADE) % GATHERED == 0:
            gc.collect()
    return Outcome(job, status, result, error, reason, time.monotonic() - started)


def _outcome(future: Future[Outcome], job: Job) -> Outcome:
    """Return what a report came to, also where the process that made it was lost for good."""
    try:
        return future.result()
    except Exception as lost:
        reason = f"the process that made it ended: {type(lost).__name__}"
        return Outcome(job, FAILED, error=f"{job.folder}: {reason}.", reason=reason)


def _would_be(batch: Batch, resume: bool, limit: int | None) -> Iterator[Outcome]:
    left = len(batch.jobs) if limit is None else limit
    for job in batch.jobs:
        try:
            plan = planned(Study.load(job.study), in_batch=True, **job.options)
        except InputError as wrong:
            yield Outcome(job, WRONG, error=str(wrong), reason="the input is wrong")
            continue
        if resume and complete(job.folder, plan.made_from):
            yield Outcome(job, KEPT)
        else:
            yield Outcome(job, PLANNED if left > 0 else LATER)
            left -= 1


def overview(outcomes: Sequence[Outcome]) -> str:
    """Return one line per study, and one that counts them."""
    width = max(len(outcome.what) for outcome in outcomes)
    lines = [
        f"  {outcome.what:<{width}}  {_words(outcome)}" + (f": {outcome.folder}" if outcome.folder.exists() else "")
        for outcome in outcomes
    ]
    return "\n".join([count(outcomes), *lines])


def count(outcomes: Sequence[Outcome]) -> str:
    """Say how many reports there are, and what became of the others."""
    good = sum(outcome.status in (MADE, KEPT) for outcome in outcomes)
    kept = sum(outcome.status == KEPT for outcome in outcomes)
    every = sum(outcome.status != EXPLAINED for outcome in outcomes)
    later = sum(outcome.status == LATER for outcome in outcomes)
    if would := sum(outcome.status == PLANNED for outcome in outcomes):
        return f"{would} of {every} reports would be made; {kept} stand already. Nothing was written."
    words = f"{good} of {every} reports are done" + f", {kept} of them from an earlier run" * bool(kept)
    return words + f"; {later} are left for later" * bool(later) + "."


def _words(outcome: Outcome) -> str:
    if outcome.status == FAILED:
        return "something failed, the rest is there" if outcome.result else f"failed: {outcome.reason}"
    words = {MADE: "done", KEPT: "done earlier, from the same", WRONG: "the input is wrong, nothing was written"}
    return words.get(outcome.status, outcome.status)
