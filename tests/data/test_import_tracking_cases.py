"""Exports of tracking systems as they are met: linked tables, versions, wrappers, warehouses, no managers."""

import json

import pandas as pd
import pytest

from helpers.data import Study
from helpers.data.importers.engine import import_file

pytestmark = pytest.mark.slow

KEY = "a key of the study, kept elsewhere"


@pytest.fixture
def study(write_study, monkeypatch):
    """An empty study whose key is set."""
    monkeypatch.setenv("TEST_HIRING_KEY", KEY)
    return write_study(settings="pseudonyms: {key_env: TEST_HIRING_KEY}\n")


@pytest.fixture
def export(tmp_path):
    """Return a function that writes files of one export: texts as they are, records as one JSON object per line."""

    def written(**files):
        folder = tmp_path / "export"
        folder.mkdir(exist_ok=True)
        for name, content in files.items():
            if isinstance(content, str):
                (folder / f"{name}.csv").write_text(content, encoding="utf-8")
            else:
                text = "".join(json.dumps(record) + "\n" for record in content)
                (folder / f"{name}.jsonl").write_text(text, encoding="utf-8")
        return folder

    return written


def counts(study):
    return Study.load(study, merged=False).hiring_events["event"].value_counts().to_dict()


def openings(study, *names):
    table = Study.load(study, merged=False).requisitions
    return table[list(names)].astype("str").fillna("").values.tolist()


def test_tables_that_refer_to_each_other_are_looked_up(study, export):
    folder = export(
        requisitions="req_id,hiring_manager_id,opened_at,closed_at,close_reason\nR-1,E11,2026-01-05,2026-03-02,filled\n"
        "R-2,E12,2026-01-07,,\n",
        applications="application_id,req_id,applied_at\nA-1,R-1,2026-01-20\nA-2,R-2,2026-01-22\n",
        stage_events="event_id,application_id,stage,event_ts\n1,A-1,Interview,2026-02-12T10:00:00\n"
        "2,A-1,Hired,2026-02-25T10:00:00\n",
        departments="dept_code,dept_label\n1,Sales\n2,Care\n",
    )
    log = import_file("hiring", folder, study)
    assert counts(study) == {"applied": 2, "interview_held": 1, "offer_accepted": 1}
    events = Study.load(study, merged=False).hiring_events
    assert events.groupby("requisition_id")["candidate_id"].nunique().to_dict() == {"R-1": 1, "R-2": 1}
    assert 'application_id: "applications.application_id"' in log.mapping.read_text(encoding="utf-8")


def test_openings_without_managers_count_and_words_that_are_open_are_named_with_their_file(study, export, refusal):
    folder = export(
        requisitions="req_id,job_title,department,open_date,approved_date,target_hires\n"
        "R-1,Analyst,IT,2026-01-05,2026-01-08,1\nR-2,Nurse,Care,2026-01-07,2026-01-09,2\n"
        "R-3,Clerk,Care,2026-01-09,2026-01-10,1\n",
        pipeline="candidate_id,req_id,stage,entered_date,exited_date,outcome\n"
        "C-1,R-1,Application Received,2026-01-20,2026-01-20,Passed\nC-1,R-1,CV Screening,2026-01-20,2026-01-25,Passed\n"
        "C-1,R-1,Interview,2026-02-02,2026-02-05,Passed\nC-1,R-1,Offer & Approval,2026-02-10,2026-02-15,Passed\n",
    )
    said = refusal(import_file, "hiring", folder, study)
    assert 'pipeline.csv\n  error: events: no event is known by the words "CV Screening", "Offer & Approval"' in said
    assert refusal(import_file, "hiring", folder, study) == said  # to repeat it settles nothing
    place = study / "mappings" / "hiring.yaml"
    text = place.read_text(encoding="utf-8").replace('"CV Screening": UNSURE', '"CV Screening": cv_reviewed')
    place.write_text(text, encoding="utf-8")
    assert "events.Offer & Approval: pipeline: UNSURE: the line is not settled" in refusal(
        import_file, "hiring", folder, study
    )
    place.write_text(text.replace(": UNSURE", ": offer_extended"), encoding="utf-8")
    log = import_file("hiring", folder, study)
    assert counts(study) == dict.fromkeys(["applied", "cv_reviewed", "interview_held", "offer_extended"], 1)
    assert len(openings(study, "requisition_id")) == 3
    assert "Openings without a hiring manager, which count among the openings only: 3." in log.notes


def test_the_last_version_of_a_record_counts_whatever_its_place_in_the_file(study, export):
    job = {"status": "open", "created_at": "2026-01-05T09:00:00Z", "opened_at": "2026-01-06T09:00:00Z"}
    closed = {"status": "closed", "closed_at": "2026-02-01T09:00:00Z", "updated_at": "2026-02-01T09:00:00Z"}
    reopened = {"closed_at": None, "updated_at": "2026-02-03T09:00:00Z"}
    application = {"candidate_id": 9, "applied_at": "2026-01-20T10:00:00Z", "jobs": [{"id": 2}]}
    folder = export(
        jobs=[{"id": 2, **job, **reopened}, {"id": 2, **job, **closed}],
        applications=[
            {"id": 5, **application, "rejected_at": "2026-02-01T10:00:00Z", "last_activity_at": "2026-02-01T10:00:00Z"},
            {"id": 5, **application, "rejected_at": None, "last_activity_at": "2026-02-02T10:00:00Z"},
        ],
    )
    log = import_file("greenhouse", folder, study)
    assert openings(study, "requisition_id", "closed_at", "close_reason") == [["2", "", ""]]
    assert counts(study) == {"applied": 1}
    assert "applications: earlier versions of records that are there again: 1." in log.notes


def test_versions_of_rows_that_a_mapping_explains(study, export):
    folder = export(
        openings="req id,opened,closed,hiring manager,updated at\nR1,2026-01-01,,m1,2026-02-03\n"
        "R1,2026-01-01,2026-02-01,m1,2026-02-01\n",
        candidates="application id,req id,applied at,rejected at,last modified\n"
        "a,R1,2026-01-05,,2026-01-20\na,R1,2026-01-05,2026-01-10,2026-01-10\n",
    )
    import_file("hiring", folder, study)
    assert openings(study, "requisition_id", "closed_at") == [["R1", ""]] and counts(study) == {"applied": 1}


def test_greenhouse_as_warehouses_hold_it(study, export):
    folder = export(
        job="id,_fivetran_deleted,closed_at,created_at,name,requisition_id,status\n"
        "1,false,2026-03-02 09:00:00,2026-01-05 09:00:00,Analyst,R-1,closed\n"
        "2,false,,2026-01-07 09:00:00,Nurse,R-2,open\n",
        hiring_team="job_id,role,user_id\n1,hiring_managers,11\n1,recruiters,21\n2,hiring_managers,12\n",
        job_application="application_id,job_id\n501,1\n502,2\n",
        application="id,applied_at,candidate_id,prospect,rejected_at,rejected_reason_id,status\n"
        "501,2026-01-20 10:00:00,1501,false,,,hired\n"
        "502,2026-01-22 10:00:00,1502,false,2026-02-10 10:00:00,7,rejected\n",
        scheduled_interview="id,application_id,created_at,end,interview_id,organizer_id,start,status\n"
        "701,501,2026-02-03 10:00:00,2026-02-12 11:00:00,61,21,2026-02-12 10:00:00,complete\n",
        interview="id,job_stage_id,name\n61,51,Panel interview\n",
        department="id,name\n31,Finance\n32,Care\n",
        job_department="department_id,job_id\n31,1\n32,2\n",
        job_opening="id,job_id,application_id,close_reason_id,closed_at,opened_at,status\n"
        "101,1,501,,2026-03-02 09:00:00,2026-01-06 09:00:00,closed\n102,2,,,,2026-01-08 09:00:00,open\n",
        offer="id,application_id,created_at,resolved_at,sent_at,status\n"
        "901,501,2026-02-19 10:00:00,2026-02-25 10:00:00,2026-02-20,accepted\n",
    )
    log = import_file("greenhouse", folder, study)
    assert openings(study, "requisition_id", "department", "close_reason") == [
        ["1", "Finance", "filled"], ["2", "Care", ""],
    ]  # fmt: skip
    assert Study.load(study, merged=False).requisitions["hiring_manager_id"].notna().all()
    wanted = ["interview_scheduled", "interview_held", "offer_extended", "offer_accepted", "candidate_rejected"]
    assert counts(study) == {"applied": 2} | dict.fromkeys(wanted, 1)
    assert log.left_out == ["interview.csv"]


@pytest.mark.parametrize("wrap", [lambda r: {"Report_Entry": r}, lambda r: {"data": r, "hasNext": True}, lambda r: r])
def test_records_in_a_wrapper_and_days_with_a_zone(study, tmp_path, wrap):
    records = [
        {"Job_Requisition_ID": f"R-{n}", "Hiring_Manager_ID": "E11", "Recruiting_Start_Date": "2026-01-05-08:00",
         "Close_Date": "2026-03-02-08:00" if n == 1 else "", "Job_Requisition_Status": "Filled" if n == 1 else "Open"}
        for n in (1, 2)
    ]  # fmt: skip
    (tmp_path / "recruiting.json").write_text(json.dumps(wrap(records)), encoding="utf-8")
    log = import_file("hiring", tmp_path / "recruiting.json", study)
    assert openings(study, "requisition_id", "opened_at", "closed_at", "close_reason") == [
        ["R-1", "2026-01-05", "2026-03-02", "filled"], ["R-2", "2026-01-05", "", ""],
    ]  # fmt: skip
    assert any("further pages follow" in note for note in log.notes) == ("hasNext" in json.dumps(wrap(records)))


def test_several_columns_feed_one_event(study, export):
    text = "Candidate ID,Req ID,Req Open Date,Application Date,First Interview Date,Second Interview Date\n"
    text += "c1,R1,2026-01-01,2026-01-05,2026-01-10,2026-01-20\nc2,R1,2026-01-01,2026-01-06,2026-01-11,\n"
    import_file("hiring", export(funnel=text), study)
    assert counts(study) == {"applied": 2, "interview_held": 3}


def test_a_date_beside_offer_declined_is_no_acceptance(study, export, refusal):
    text = "application_id,req_id,opened,applied_date,hire_date,offer_status\n"
    text += "a1,R1,2026-01-01,2026-01-05,2026-02-01,Accepted\na2,R1,2026-01-01,2026-01-05,2026-02-02,Declined\n"
    text += "a3,R1,2026-01-01,2026-01-05,,Pending\n"
    import_file("hiring", export(offers=text), study)
    assert counts(study) == {"applied": 3, "offer_accepted": 1, "offer_declined": 1}
    odd = text.replace("Declined", "Refus du candidat").replace("R1", "R2")
    folder = export(offers=odd)
    said = refusal(import_file, "hiring", folder, study, study / "mappings" / "odd.yaml")
    assert 'outcomes: no event is known by the words "Refus du candidat"' in said


def test_a_decision_goes_by_the_word_beside_it(study, export):
    text = "application_id,req_id,opened,offer_date,offer_response_date,offer_status\n"
    text += "a1,R1,2026-01-01,2026-01-20,2026-02-01,accepted\na2,R1,2026-01-01,2026-01-20,2026-02-02,rejected\n"
    import_file("hiring", export(offers=text), study)
    assert counts(study) == {"offer_extended": 2, "offer_accepted": 1, "offer_declined": 1}


def test_a_closing_without_a_reason_is_no_open_opening(study, export):
    rows = [(n, "2026-02-16" if n % 10 else "") for n in range(60)]
    export(requisitions="req_id,opened_at,closed_at,hiring_manager_id\n" + "".join(
        f"R-{n:03d},2026-01-05,{closed},E{n % 20}\n" for n, closed in rows))  # fmt: skip
    folder = export(
        hires="application_id,req_id,hired_at\n" + "".join(f"A-{n},R-{n:03d},2026-02-16\n" for n in range(1, 60, 2))
    )
    log = import_file("hiring", folder, study)
    assert "requisitions.csv: nothing tells why requisitions were closed; accepted offers do." in log.notes
    table = Study.load(study, merged=False).requisitions
    assert pd.to_datetime(table["closed_at"]).notna().sum() == 54


def test_records_that_end_long_before_the_day_of_the_study_are_said(study, export):
    text = "req id,opened,hiring manager\nR1,{},m1\n"
    early = import_file("hiring", export(openings=text.format("2026-02-01")), study).notes
    assert any("The last record is of 2026-02-01, and as_of is 2026-06-30" in note for note in early)
    late = import_file("hiring", export(openings=text.format("2026-06-01")), study).notes
    assert not any("The last record" in note for note in late)


def test_pages_of_a_resource_are_one_file_to_the_mapping(study, export):
    head = "application id,req id,opened,applied at\n"
    folder = export(applications_1=head + "a1,R1,2026-01-01,2026-01-05\n",
                    applications_2=head + "a2,R1,2026-01-01,2026-01-06\n")  # fmt: skip
    log = import_file("hiring", folder, study)
    assert counts(study) == {"applied": 2} and log.read == {"applications.csv": 2}
    export(applications_3=head + "a3,R2,2026-01-01,2026-01-07\n")
    import_file("hiring", folder, study)
    assert counts(study) == {"applied": 3}


def test_a_file_whose_times_nobody_knows_stops_the_import_once(study, export, refusal):
    folder = export(
        jobs="id,opened_on,hiring_manager\n1,2026-01-01,7\n",
        interviews="id,job_id,slot\n1,1,2026-01-20\n",
        candidates="id,job_id,created_at,phone screen date\n11,1,2026-01-05,2026-01-07\n",
    )
    said = refusal(import_file, "hiring", folder, study)
    assert "interviews.csv\n  error: it holds times (slot), and none is known by its name" in said
    place = study / "mappings" / "hiring.yaml"
    text = place.read_text(encoding="utf-8").replace("slot: skip", "slot: interview_held")
    assert '"phone screen date": skip' in text  # a time tells of nobody, whatever its name
    place.write_text(text, encoding="utf-8")
    import_file("hiring", folder, study)
    assert counts(study) == {"applied": 1, "interview_held": 1}
