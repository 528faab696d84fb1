"""Makes a report for each of several managers: their own hiring, in a folder of its own, for nobody else."""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pandas as pd

from helpers.data import Study
from helpers.data.identities import SOURCES
from helpers.data.problems import did_you_mean, input_error, shown
from helpers.data.writing import as_written

from .batch import Batch, Job, Outcome, run
from .build import planned
from .folder import put_anew, refuse_within_a_report
from .manifest import cell

EVERYBODY = "all"


def of_managers(
    study_path: str | Path, managers: Sequence[str], out: str | Path | None = None, **options: Any
) -> Batch:
    """Plan one report per manager.

    Parameters
    ----------
    study_path : str or pathlib.Path
        Folder of the study, or its study.yaml.
    managers : sequence of str
        Ids as in ``hiring_manager_id`` of requisitions, or as a source calls them (identities.csv, or before ids were
        replaced by pseudonyms); ``"all"``: everybody in it.
    out : str or pathlib.Path, optional
        The folder in which every manager's folder is made; by default ``reports/<name of the study folder>-personal``
        below the working directory. It may not lie in a report that others read.
    **options
        As for ``report``, the same for all.

    Returns
    -------
    Batch
        One report each; ``what`` of an outcome is the manager's id.

    Raises
    ------
    InputError
        The study has no requisitions, too few managers or not this one, or ``out`` lies in a report.

    Notes
    -----
    A folder is called by a code computed from the id, because an id may be a name or an address, and folder names are
    seen by others. The same id always gives the same code. Whose folder is whose says a file beside the folder of them
    all, called like it with ``-key.csv`` at the end; it goes to nobody.
    """
    study = Study.load(study_path)
    known = study.who_can_get_reports()
    if len(known) <= study.privacy.min_group:
        found = f"there are {len(known)} hiring managers; a report for one compares with at least "
        raise input_error("--manager", found + f"{study.privacy.min_group} others, you cannot make any")
    wanted = (
        known if EVERYBODY in managers else list(dict.fromkeys(_meant(study, manager, known) for manager in managers))
    )
    for manager in wanted:
        if manager not in known:
            hint = did_you_mean(manager, known) or "Look the id up in hiring_manager_id of requisitions"
            raise input_error("--manager", f"the study has no hiring manager {shown(manager)}", fix=hint)
    parent = Path(out) if out else Path.cwd() / "reports" / f"{study.folder.name}-personal"
    refuse_within_a_report(parent)
    jobs = [
        Job(code(manager), manager, Path(study_path), parent / code(manager), options | {"reader": manager})
        for manager in wanted
    ]
    planned(study, in_batch=True, **jobs[0].options)
    return Batch(jobs, parent, before=lambda: _write_key(study, parent, wanted))


def manager_reports(
    study_path: str | Path,
    managers: Sequence[str],
    out: str | Path | None = None,
    *,
    run_with: dict[str, Any] | None = None,
    **options: Any,
) -> Iterator[Outcome]:
    """Make one report per manager; parameters as for :func:`of_managers`, ``run_with`` for ``run``."""
    yield from run(of_managers(study_path, managers, out, **options), **(run_with or {}))


def _meant(study: Study, manager: str, known: Sequence[str]) -> str:
    """Return the study's id of whoever somebody names as a source does; the name itself where nobody is meant."""
    named, identities = pd.Series([manager], dtype="str"), study.identities
    found = {identities.resolve(named, source).iloc[0] for source in (*SOURCES, *identities.persons)} & {*known}
    return manager if manager in known or len(found) != 1 else found.pop()


def _write_key(study: Study, parent: Path, made: Sequence[str]) -> None:
    """Say whose folder is whose, with what sources call them, beside the folder that holds the reports."""
    sources: dict[str, set[str]] = {}
    for source, ids in study.identities.persons.items():
        told = study.identities.resolve(pd.Series([*ids], dtype="str"), source)
        for id, person in zip(ids, told, strict=True):
            sources.setdefault(person, set()).add(id)
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow(["folder", "manager", "other ids"])
    for manager in made:
        writer.writerow([code(manager), cell(manager), cell("; ".join(sorted(sources.get(manager, ()))))])
    path = parent.with_name(f"{parent.name}-key.csv")
    put_anew(path, as_written("\ufeff" + rows.getvalue()))


def code(manager: str) -> str:
    """Return what a person's folder is called: ten hexadecimal digits, the same for the same id."""
    return hashlib.sha256(manager.encode("utf-8")).hexdigest()[:10]
