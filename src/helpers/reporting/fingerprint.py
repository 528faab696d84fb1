"""What a report is made from, as one hash: by it a later run tells whether the report has to be made anew.

Data, consultant's texts, notebooks, code, parameters, options, and versions of Python and of the packages this project
names. The ledger of releases is no part of it: a report that was made and released stands.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.metadata
import json
import platform
import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from helpers import shipped
from helpers.data import Study

from .commentary import FOLDER
from .manifest import sha256, version

PACKAGE = "hr-partnership"


def files(study: Study) -> dict[str, str]:
    """Return the hash of every file of a study that a report depends on, by its path."""
    own = study.settings.practices.playbooks
    folders = [study.folder / FOLDER, *([study.folder / own] if own else [])]
    paths = {*map(Path, study.inputs()), *(path for folder in folders for path in _below(folder))}
    return {str(path): sha256(path) for path in sorted(paths) if path.is_file()}


def digest(study: Study, files: Mapping[str, str], notebooks: Sequence[Path], options: Mapping[str, object]) -> str:
    """Return the hash of all that a report depends on.

    Parameters
    ----------
    study : helpers.data.Study
        The study; tables that come from a database count with what they hold now.
    files : mapping
        As :func:`files` returns them. Where the study lies does not matter.
    notebooks : sequence of pathlib.Path
        The notebooks that run; Python files beside them count too.
    options : mapping
        Everything that was asked for.

    Returns
    -------
    str
        SHA-256, in hexadecimal.
    """
    folder = str(study.folder)
    beside = {module for path in notebooks for module in path.parent.glob("*.py")}
    parts = {
        "files": {path.removeprefix(folder): found for path, found in files.items()},
        "tables": {name: _content(study, name) for name, source in study.tables.items() if source.path is None},
        "notebooks": {path.name: sha256(path) for path in sorted({*notebooks, *beside})},
        "code": _code(),
        "versions": _versions(),
        "options": options,
    }
    return hashlib.sha256(json.dumps(parts, sort_keys=True, default=str).encode("utf-8")).hexdigest()


def _below(folder: Path) -> Iterable[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []


def _content(study: Study, name: str) -> str:
    frame = study.prepared(name)[0]
    rows = pd.util.hash_pandas_object(frame.astype("str"), index=False).to_numpy()
    return hashlib.sha256(rows.tobytes() + "\x1f".join(map(str, frame)).encode("utf-8")).hexdigest()


@functools.cache
def _code() -> str:
    """Return the hash of the package and of the shipped playbooks, as they were when this process began."""
    places = [Path(shipped.__file__).parent, shipped.PLAYBOOKS]
    found = hashlib.sha256()
    for place in places:
        for path in _below(place):
            if "__pycache__" not in path.parts:
                found.update(f"{path.relative_to(place).as_posix()} {sha256(path)}\n".encode())
    return found.hexdigest()


@functools.cache
def _versions() -> dict[str, str]:
    """Return the versions of Python, the system, and the packages that this one names."""
    needs = [need for need in importlib.metadata.requires(PACKAGE) or [] if "extra ==" not in need]
    names = [re.split(r"[^\w.-]", need)[0] for need in needs]
    found = {name: version(name) for name in sorted(names)}
    return {**found, "python": platform.python_version(), "system": platform.system()}
