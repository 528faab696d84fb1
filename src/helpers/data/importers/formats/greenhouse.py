"""Greenhouse Recruiting: report exports, and resources of its Harvest interface, version 1 or 3.

Layouts: a report as csv or xlsx, one row per application or per job, by a mapping file that is proposed from the
header; or a folder with one file per resource (json, jsonl or csv; pages as ``jobs_1.json``, ``jobs_2.json``).

Source: version 1, developers.greenhouse.io/harvest.html and its open repository greenhouse-api-docs: jobs
(``hiring_team.hiring_managers``, ``openings``), applications, scorecards (``interviewed_at``, ``submitted_at``,
``submitted_by``), scheduled interviews (``start.date_time``, or ``start.date`` of all-day ones,
``interviewers[].response_status`` and ``scorecard_id``), offers. Version 3, as two public connectors repeat its field
descriptions: jobs (``department_id``, ``office_ids``), job_hiring_managers (``job_id``, ``user_id``), openings
(``open``, ``opened_at``, ``closed_at``, ``close_reason_id``, ``application_id``), applications (``created_at`` where
version 1 has ``applied_at``, ``recruiter_id``, ``rejection_reason_id``), application_stages
(``job_interview_stage_id``, ``entered_at``, ``exited_at``), job_interview_stages (``name``), interviews
(``starts_at``, ``all_day_start_on``, ``scheduled_at``, ``organizer_id``, ``status``), scorecards (``interviewed_at``,
``submitted_at``, ``submitter_id``, ``interviewer_id``), offers (``sent_on``, ``resolved_at``, ``status``).
Stage history of warehouses: ``application_id``, ``new_stage``, ``valid_from``, ``valid_until`` (checked 2026-11-22).

Could not be checked: Greenhouse's own pages of version 3; there the fields of interviewers (``interview_id``,
``user_id``, ``response_status``, ``scorecard_id``) and job_owners (``user_id``, ``type``, ``responsible``); which
states of an interview mean that it was held; and the headers of reports, which their authors choose.

Reading: a job is one requisition, requested when it was created and approved when it was opened. Greenhouse exports
no time for answers to invitations; the time of scheduling stands for it. Times of resources without an offset are UTC.
"""

from __future__ import annotations

from pathlib import Path

from ...problems import input_error
from ...study import Study
from ..tracking.greenhouse_resources import read_resources, resource
from ..tracking.log import TrackingLog
from ..tracking.mapped_tables import read_mapped
from ..tracking.records import TABLE_ENDINGS, files, unread
from ..tracking.store import need_key, store


def bring(path: Path, study: Study, mapping: Path | None = None) -> TrackingLog:
    """Bring an export into the tables requisitions and hiring_events of a study.

    Parameters
    ----------
    path : pathlib.Path
        A report, or a folder of resources or reports.
    study : Study
        The study.
    mapping : pathlib.Path, optional
        Mapping file of a report's columns or of the stages; default: ``mappings/greenhouse.yaml`` or
        ``mappings/greenhouse-stages.yaml`` in the study, proposed when it is not there.

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
    paths = files(path)
    reports = path.is_file() or not any(map(resource, paths))
    if reports and any(each.suffix.lower() not in TABLE_ENDINGS for each in paths):
        fix = "Put every resource into a folder as a file of its own, such as jobs.json and applications.json"
        raise input_error(path.name, "one resource alone tells no requisition and its events", fix=fix)
    name = "greenhouse.yaml" if reports else "greenhouse-stages.yaml"
    read = read_mapped if reports else read_resources
    tables = read(paths, study, mapping or study.folder / "mappings" / name, log)
    if mapping and log.mapping is None:
        raise input_error(mapping.name, "the export holds no stages that it could explain", fix="Leave --mapping out")
    log.notes += unread(path)
    store(*tables, study, path, "greenhouse", log)
    return log
