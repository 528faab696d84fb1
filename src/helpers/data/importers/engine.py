"""Bring an export into a study: export, mapping, proposal, translation, merge, log."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

from ..lock import locked
from ..problems import InputError, Problem, did_you_mean, input_error, shown
from ..study import Study
from ..writing import Writer, as_written, put_in_order
from . import formats
from .export import Export
from .history import next_entry
from .log import ImportLog
from .mapping import SurveyMapping, check
from .merge import merge
from .proposal import propose, standing
from .study_files import table_file
from .tracking.log import TrackingLog
from .translate import translate


def import_file(
    format: str, file: str | Path, study: str | Path, mapping: str | Path | None = None, wave: str | None = None
) -> ImportLog | TrackingLog:
    """Bring an export into the survey table of a study, or into its tables of hiring or of practices.

    Parameters
    ----------
    format : str
        One of ``formats.names()``.
    file : str or pathlib.Path
        The export; of an applicant-tracking system also a folder of files.
    study : str or pathlib.Path
        Folder of the study.
    mapping : str or pathlib.Path, optional
        Mapping file; default: ``mappings/<format>.yaml`` in the study, proposed when it is not there.
    wave : str, optional
        Name of the survey wave.

    Returns
    -------
    ImportLog or TrackingLog
        What was taken, what was left out and why, and how many rows of the survey table were added, changed and
        unchanged. Rows that are there already are updated, those the file does not hold are kept.

    Raises
    ------
    InputError
        When the file cannot be read, when somebody else is at the study, or when the mapping is uncertain: then a
        proposal has been written.
    """
    known = formats.names()
    if format not in known:
        hint = did_you_mean(format, known)
        raise input_error(str(file), f"there is no format {shown(format)}", f"one of {', '.join(known)}", hint)
    folder = Study.load(study).folder
    with locked(folder, "partnership import", alone=True) as stopped:
        said = [f"An earlier {stopped} was stopped before it was done."] if stopped else []
        said += put_in_order(folder, Study.load(folder).folders())
        chosen = Path(mapping) if mapping else None
        try:
            log = _brought(importlib.import_module(f"{formats.__name__}.{known[format]}"), format, Path(file),
                           Study.load(folder), chosen, wave)  # fmt: skip
        except InputError as error:
            told = (Problem("warning", "study", sentence) for sentence in said)
            raise InputError([*told, *error.problems]) from error
    log.notes[:0] = said
    return log


def _brought(
    reader: ModuleType, format: str, path: Path, into: Study, mapping: Path | None, wave: str | None
) -> ImportLog | TrackingLog:
    if hasattr(reader, "bring"):  # applicant tracking or practices: tables of their own, without waves
        if wave is not None:
            raise input_error(path.name, "data of hiring and of practices have no waves", fix="Leave --wave out")
        return reader.bring(path, into, mapping)
    if not path.is_file():
        raise input_error(path.name, f"there is no file {path}")
    export: Export = reader.read(path, into.settings.limits)
    try:
        return _translated(export, format, path, into, mapping, wave)
    except InputError as error:  # how the file was read may be what is wrong
        raise InputError([*(Problem("warning", path.name, told) for told in export.told), *error.problems]) from error


def _translated(
    export: Export, format: str, path: Path, into: Study, mapping: Path | None, wave: str | None
) -> ImportLog:
    target = table_file(into, "survey")
    place = mapping or into.folder / "mappings" / f"{format}.yaml"
    files: dict[Path, Writer] = {}
    if (settled := standing(place, SurveyMapping)) is None:
        proposal = propose(export, into, format, path)
        settled = proposal.mapping
        proposal.raise_doubts(place)
        files[place] = as_written(proposal.text)
    check(settled, place.name, export, into)
    log = ImportLog(path.name, place, target, wave, read=len(export.responses), notes=[*export.told, *export.notes])
    try:
        new, responses = translate(export, settled, into, format, log)
    except InputError:
        if files:  # nobody has looked at the proposal yet: it waits beside what it could not settle
            proposal.wait(place, log.ledger)
        raise
    if new.empty:
        log.notes.append("Nothing was imported, and no file was changed.")
        return log
    merge(new, responses, target, into, next_entry(into, format, path, wave, place), files, log)
    return log
