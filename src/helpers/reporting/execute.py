"""Finds, checks and executes notebooks through papermill, in the Python that runs this, whatever kernels exist."""

from __future__ import annotations

import ast
import json
import math
import re
import sys
import tempfile
import time
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path
from typing import Any, Optional

import nbformat
import papermill
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from papermill.exceptions import PapermillExecutionError
from pydantic import TypeAdapter, ValidationError
from ruamel.yaml.error import YAMLError

from helpers import kernels
from helpers.data.problems import did_you_mean, input_error
from helpers.data.yaml_files import parsed
from helpers.privacy import SELF, sets
from helpers.privacy.sets import Told
from helpers.published import (
    METADATA,
    REPORT_VARIABLE,
    SETS_VARIABLE,
    STUDY_VARIABLE,
    VECTOR_VARIABLE,
    WAITING_VARIABLE,
)
from helpers.shipped import PROJECT

from .document import title_of

#: In the run's own folder, which is deleted with it: who stands behind what the notebook shows.
SETS = "sets.jsonl"
#: Codes that colour a traceback on the screen.
_COLOURS = re.compile(r"\x1b\[[0-9;]*m")
#: Notebooks that report on one group of the study at a time.
GROUP = "group"
_ALONE = {
    SELF: ("for one manager", "Add --manager ID, or --manager all"),
    GROUP: ("about one group", "Add --by and an attribute of the study, such as department"),
}
BETWEEN = {"confidence": (0.0, 1.0)}
"""Parameters that lie between two numbers, in every notebook that has them."""
#: Longest that one cell may run, in seconds; else one endless loop would hold a batch for ever.
CELL_SECONDS = 3600
#: What stopped a kernel rather than the code in it: tried once more.
_LOST = {
    DeadKernelError: "its process was ended twice, as happens where memory is short",
    CellTimeoutError: f"a cell ran longer than {CELL_SECONDS // 60} minutes, twice",
}
_TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict, "Optional": Optional}


@dataclass(frozen=True)
class Source:
    """A notebook that can be reported: ``notebooks/02_partnership_survey.ipynb`` is ``partnership_survey``.

    Its metadata say for whom it is: ``hr_partnership: {audience: self}`` for one manager at a time, ``group`` for one
    group of the study at a time; without, for all.
    """

    name: str
    path: Path
    title: str
    is_summary: bool
    audience: str = ""


@dataclass(frozen=True)
class Run:
    """What came of executing one notebook.

    Attributes
    ----------
    source : Source
        Which notebook.
    notebook : nbformat.NotebookNode
        It, as far as it was executed.
    seconds : float
        How long it took.
    left_out : str
        Why it does not apply to this study, empty otherwise.
    traceback : str
        What stopped it, empty otherwise.
    stopped_by : str
        That in a few words that go on a sentence.
    retries : int
        How often it was run again because its kernel was lost.
    refused : bool
        Whether it shows what its report may not hold.
    told : list of Told
        Of whom each of its exhibits tells, in order; personal, and never written to a report.
    """

    source: Source
    notebook: nbformat.NotebookNode
    seconds: float
    left_out: str = ""
    traceback: str = ""
    stopped_by: str = "an error stopped it"
    retries: int = 0
    refused: bool = False
    told: list[Told] = field(default_factory=list, repr=False)

    @property
    def state(self) -> str:
        """What came of it, in words for the manifest."""
        return "failed" if self.traceback or self.refused else "left out" if self.left_out else "done"


def find(folder: Path) -> list[Source]:
    """List the numbered notebooks of a folder in order; the one numbered 00, the summary, comes last."""
    sources = [source(path) for path in sorted(folder.glob("[0-9]*_*.ipynb"))]
    return sorted(sources, key=lambda source: source.is_summary)


def source(path: Path) -> Source:
    """Read what a report needs to know of a numbered notebook before it runs."""
    number, name = path.stem.split("_", 1)
    notebook = nbformat.read(path, as_version=4)
    audience = notebook.metadata.get(METADATA, {}).get("audience", "")
    return Source(name, path, title_of(notebook, name), number == "00", audience)


def select(sources: list[Source], only: list[str] | None, audience: str = "") -> list[Source]:
    """Keep the notebooks asked for by unnumbered name; refuse a name that does not exist.

    A report for one manager, or about one group, holds the notebooks for that and no other; a shared one none of them.
    """
    special = {source.name: source.audience for source in sources if source.audience}
    sources = [source for source in sources if source.audience == audience]
    names = [source.name for source in sources]
    for name in only or []:
        if name not in names and name in special:
            what, fix = _ALONE.get(special[name], ("nobody known", ""))
            raise input_error("--only", f'the notebook "{name}" makes a report {what} alone', fix=fix)
        if name not in names:
            raise input_error(
                "--only",
                f'there is no notebook "{name}"',
                expected="one of " + ", ".join(names),
                fix=did_you_mean(name, names),
            )
    return [source for source in sources if not only or source.name in only]


def typed_parameters(sources: list[Source], given: dict[str, object]) -> dict[str, dict[str, object]]:
    """Give every notebook the parameters it declares, in the type it declares.

    Parameters
    ----------
    sources : list of Source
        The notebooks that will run.
    given : dict
        Values by parameter name, as text or already typed.

    Returns
    -------
    dict
        Parameters by notebook name.

    Raises
    ------
    InputError
        A parameter that no notebook declares, or a value that does not fit the declared type.
    """
    declared = {source.name: _declared(source) for source in sources}
    known = sorted({name for parameters in declared.values() for name in parameters} - {"study", "results"})
    for name in given:
        if name not in known:
            raise input_error(
                f"-p {name}",
                "no notebook that will run has this parameter",
                expected="one of " + ", ".join(known) if known else "no parameter",
                fix=did_you_mean(name, known),
            )
    return {
        source: {
            name: _typed(name, value, parameters[name]["inferred_type_name"])
            for name, value in given.items()
            if name in parameters
        }
        for source, parameters in declared.items()
    }


def _declared(source: Source) -> dict[str, Any]:
    return _inspected(source.path, source.path.stat().st_mtime_ns)


@lru_cache(maxsize=64)
def _inspected(path: Path, changed: int) -> dict[str, Any]:
    """Read which parameters a notebook declares, once as long as nobody changes it."""
    return dict(papermill.inspect_notebook(str(path)))


def defaults(source: Source) -> dict[str, object]:
    """Return what a notebook's parameters are when nobody sets them; an expression is returned as its text."""
    values = {}
    for name, parameter in _declared(source).items():
        try:
            values[name] = ast.literal_eval(parameter["default"])
        except (ValueError, SyntaxError):
            values[name] = parameter["default"]
    return values


def execute(
    source: Source,
    parameters: dict[str, object],
    shown: dict[str, str],
    waiting: Collection[int] = (),
    study: Path | None = None,
) -> Run:
    """Execute one notebook.

    Parameters
    ----------
    source : Source
        What to execute; the file itself is left as it is.
    parameters : dict
        Values for its parameters cell.
    shown : dict
        Absolute folders, and what takes their place in the notebook that is kept.
    waiting : collection of int
        Rows of the survey that wait for a later report; see :meth:`helpers.data.Study.without`.
    study : pathlib.Path, optional
        The study without these rows, as :meth:`helpers.data.Study.share` wrote it.

    Returns
    -------
    Run
        The executed notebook, or why there is none.

    Raises
    ------
    InputError
        The notebook refused a parameter.

    Notes
    -----
    Where the kernel dies or a cell takes longer than :data:`CELL_SECONDS`, it is run once more.
    """
    started = time.monotonic()
    run, lost = _execute(source, parameters, shown, waiting, study)
    if lost:
        run, lost = _execute(source, parameters, shown, waiting, study)
        run = replace(run, retries=1, stopped_by=_LOST.get(lost, run.stopped_by) if lost else run.stopped_by)
    return replace(run, seconds=round(time.monotonic() - started, 1))


def _execute(
    source: Source,
    parameters: dict[str, object],
    shown: dict[str, str],
    waiting: Collection[int],
    study: Path | None,
) -> tuple[Run, type[Exception] | None]:
    """Execute a notebook once; return also what lost its kernel, if anything did."""
    lost = None
    notebook = nbformat.read(source.path, as_version=4)
    left_out = traceback = ""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        result = folder / "executed.ipynb"
        try:
            # The notebook goes in as an object: papermill would read braces in a path as placeholders. Its folder goes
            # to the kernel: papermill would change that of the whole process, where other notebooks run too.
            papermill.execute_notebook(
                notebook,
                str(result),
                parameters=parameters,
                kernel_name="python3",
                language="python",
                progress_bar=False,
                request_save_on_cell_execute=False,  # writing all of it twice per cell costs more than most cells
                execution_timeout=CELL_SECONDS,
                kernel_manager_class=kernels.manager(folder, _environment(folder, waiting, study)),
                resources={"metadata": {"path": str(source.path.parent)}},
            )
        except PapermillExecutionError as error:
            stopped = _stopped_by(nbformat.read(result, as_version=4))
            if stopped and stopped.ename == "InputError":  # a value only the notebook can judge: the name of a wave
                said = str(stopped.evalue).rsplit("\n", 1)[0]  # without the count of errors
                raise input_error(f"notebook {source.name}", said.split("error: ", 1)[-1]) from None
            if stopped and stopped.ename == "NotebookNotApplicable":
                left_out = str(stopped.evalue)
            elif stopped:
                traceback = _COLOURS.sub("", "\n".join(stopped.traceback))
            elif error.ename == "CellExecutionError":  # one that left nothing in its cell
                traceback = str(error)
        except Exception as error:  # a kernel that died, for instance
            lost = next((kind for kind in _LOST if isinstance(error, kind)), None)
            traceback = f"{type(error).__name__}: {error}"
        text = result.read_text(encoding="utf-8") if result.exists() else nbformat.writes(notebook)
        told = sets.read(folder / SETS)
    return Run(source, scrubbed(text, shown), 0.0, left_out, traceback, told=told), lost


def _stopped_by(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode | None:
    """Return the error that stopped a notebook; one that a cell is tagged to raise stops nothing."""
    errors = (
        output
        for cell in notebook.cells
        if cell.cell_type == "code" and "raises-exception" not in cell.metadata.get("tags", [])
        for output in cell.outputs
        if output.output_type == "error"
    )
    return next(errors, None)


def scrubbed(text: str, shown: dict[str, str]) -> nbformat.NotebookNode:
    """Read a notebook without the machine's folders."""
    return nbformat.reads(without_folders(text, shown), as_version=4)


def without_folders(text: str, shown: dict[str, str]) -> str:
    """Replace the given folders, the interpreter's, the project's and the user's, also as JSON writes them."""
    names = {sys.prefix: "python", sys.base_prefix: "python", str(PROJECT): "project", str(Path.home()): "~", **shown}
    for folder in sorted(filter(lambda folder: len(folder) > 1, names), key=len, reverse=True):
        text = text.replace(folder, names[folder]).replace(json.dumps(folder)[1:-1], names[folder])
    return text


def _environment(folder: Path, waiting: Collection[int], study: Path | None) -> dict[str, str]:
    """Return what a kernel is told: that it is in a report, and where it leaves who stands behind what it shows."""
    (folder / "waiting.json").write_text(json.dumps(sorted(waiting)), encoding="utf-8")
    return {
        VECTOR_VARIABLE: "1",
        REPORT_VARIABLE: "1",
        SETS_VARIABLE: str(folder / SETS),
        WAITING_VARIABLE: str(folder / "waiting.json"),
        **({STUDY_VARIABLE: str(study)} if study else {}),
    }


def _typed(name: str, value: object, type_name: str) -> object:
    """Read a value as the type the notebook declares: ``0.9`` as a number, ``[a, b]`` as a list."""
    try:
        declared = Any if type_name == "None" else eval(type_name, {"__builtins__": {}}, _TYPES)
    except (NameError, SyntaxError, TypeError):
        declared = Any
    readings = [value]
    if isinstance(value, str) and declared is not str:
        with suppress(YAMLError, ValueError):
            readings.insert(0 if declared is Any else 1, parsed(value))
    for reading in readings:
        with suppress(ValidationError):
            typed = TypeAdapter(declared).validate_python(reading)
            low, high = BETWEEN.get(name, (-math.inf, math.inf))
            if isinstance(typed, float) and not low < typed < high:  # NaN lies between no numbers
                expected = "a number" if name not in BETWEEN else f"a number above {low:g} and below {high:g}"
                raise input_error(f"-p {name}", f'"{value}" does not fit', expected=expected)
            return typed
    words = {"str": "text", "int": "a whole number", "float": "a number", "bool": "true or false"}
    raise input_error(f"-p {name}", f'"{value}" does not fit', expected=words.get(type_name, type_name))
