"""Lever, Workday or any other applicant-tracking system, as tables that a mapping file explains.

Layout: csv, xlsx, parquet, JSON lists, one JSON object per line, or an event log (XES, OCEL), one file or a folder of
them; a row is a requisition, a candidate with the times of what happened, or one event. The first import proposes
``mappings/hiring.yaml`` from the headers and the values, which is then edited by hand. Times keep their meaning: those
with an offset, and milliseconds since 1970 as in Lever's JSON, are told in the study's time zone. Source: this
project's own definition of the tables, in ``helpers.data.tables`` (checked 2026-11-22). The names that columns are
recognised by are usual words, measured on published lists of headers and fields (``tests/data/public_headers.py``);
headers of Workday and Lever reports are chosen by whoever writes the report, and no export of either was at hand.
"""

from __future__ import annotations

from pathlib import Path

from ...study import Study
from ..tracking.log import TrackingLog
from ..tracking.mapped_tables import read_mapped
from ..tracking.records import files, unread
from ..tracking.store import need_key, store


def bring(path: Path, study: Study, mapping: Path | None = None) -> TrackingLog:
    """Bring an export into the tables requisitions and hiring_events of a study.

    Parameters
    ----------
    path : pathlib.Path
        A file, or a folder of files.
    study : Study
        The study.
    mapping : pathlib.Path, optional
        Mapping file; default: ``mappings/hiring.yaml`` in the study, proposed when it is not there.

    Returns
    -------
    TrackingLog
        What was taken, what was left out and why, and what changed.

    Raises
    ------
    InputError
        When the export or its mapping cannot be used; then the tables are as they were.
    """
    need_key(study)
    log = TrackingLog(path.name)
    place = mapping or study.folder / "mappings" / "hiring.yaml"
    tables = read_mapped(files(path), study, place, log)
    log.notes += unread(path)
    store(*tables, study, path, "hiring", log)
    return log
