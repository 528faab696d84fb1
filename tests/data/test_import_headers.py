"""Headers of tracking exports, as their users publish them, are proposed for what they hold."""

from pathlib import Path

import pandas as pd
import pytest
from public_headers import PUBLIC

from helpers.data.importers.tracking.headers import event_of
from helpers.data.importers.tracking.proposed_tables import File

DAY, ID, WORD, NAME = ["2026-05-14", "2026-06-01"], ["4711", "4712"], ["Sales", "Care"], ["Jo Doe", "Al Poe"]
STATE = ["Rejected", "Hired"]
PERSON = ("skip", "personal")
EXPORTS = {
    "greenhouse_candidates": [
        ("Application ID", ID, "candidate_id"), ("Candidate Name", NAME, "personal"), ("Job ID", ID, "requisition_id"),
        ("Job Name", WORD, "skip"), ("Application Date", DAY, "applied"), ("Source", WORD, "skip"),
        ("Current Stage", WORD, "skip"), ("Rejected On", DAY, "candidate_rejected"),
        ("Rejection Reason", WORD, "skip"), ("Hired On", DAY, "offer_accepted"), ("Recruiter", NAME, "recruiter_id"),
        ("Hiring Manager", NAME, "hiring_manager_id"), ("Department", WORD, "department"),
        ("Office", WORD, "location"), ("Job Open Date", DAY, "opened_at"), ("Job Close Date", DAY, "closed_at"),
        ("Last Activity", DAY, "skip"),
    ],
    "lever_opportunities": [
        ("Opportunity ID", ID, "candidate_id"), ("Candidate Name", NAME, "personal"),
        ("Application Created At", DAY, "applied"), ("Current Stage Name", WORD, "skip"),
        ("Last Advanced At", DAY, "skip"), ("Archive Reason", WORD, "skip"), ("Posting ID", ID, "requisition_id"),
        ("Posting Title", WORD, "skip"), ("Posting Owner Name", NAME, PERSON),
        ("Posting Hiring Manager Name", NAME, "hiring_manager_id"), ("Posting Department", WORD, "department"),
        ("Posting Location", WORD, "location"), ("Hired At", DAY, "offer_accepted"),
        ("Posting Created At", DAY, "opened_at"),
    ],
    "workday_recruiting": [
        ("Job Requisition ID", ID, "requisition_id"), ("Job Requisition", WORD, "skip"),
        ("Hiring Manager", NAME, "hiring_manager_id"), ("Primary Recruiter", NAME, "recruiter_id"),
        ("Supervisory Organization", WORD, "department"), ("Primary Location", WORD, "location"),
        ("Recruiting Start Date", DAY, "opened_at"), ("Target Hire Date", DAY, "skip"),
        ("Job Requisition Status", ["Filled", "Open"], "close_reason"), ("Candidate ID", ID, "candidate_id"),
        ("Candidate Application Date", DAY, "applied"), ("Hire Date", DAY, "offer_accepted"),
        ("Management Level", WORD, "level"),
    ],
    "successfactors_JobApplication": [
        ("applicationId", ID, "skip"), ("candidateId", ID, "candidate_id"), ("jobReqId", ID, "requisition_id"),
        ("applicationDate", DAY, "applied"), ("hiredOn", DAY, "offer_accepted"), ("startDate", DAY, "skip"),
        ("lastModifiedDateTime", DAY, "updated_at"), ("source", WORD, "skip"), ("gender", WORD, "skip"),
    ],
    "successfactors_JobRequisition": [
        ("jobReqId", ID, "requisition_id"), ("jobTitle", WORD, "skip"), ("department", WORD, "department"),
        ("location", WORD, "location"), ("createdDateTime", DAY, "opened_at"), ("closedDateTime", DAY, "closed_at"),
        ("lastModifiedDateTime", DAY, "updated_at"), ("hiringManager", NAME, "hiring_manager_id"),
        ("recruiter", NAME, "recruiter_id"), ("numberOpenings", ["1", "2"], "skip"), ("status", STATE, "close_reason"),
    ],
    "icims_workflows": [
        ("Job ID", ID, "requisition_id"), ("Job Title", WORD, "skip"), ("Hiring Manager", NAME, "hiring_manager_id"),
        ("Recruiter", NAME, "recruiter_id"), ("Date Opened", DAY, "opened_at"), ("Date Closed", DAY, "closed_at"),
        ("Job Status", WORD, "close_reason"), ("Candidate System ID", ID, "candidate_id"),
        ("Date Candidate Submitted", DAY, "applied"), ("Date Interviewed", DAY, "interview_held"),
        ("Date Offered", DAY, "offer_extended"), ("Date Hired", DAY, "offer_accepted"),
        ("Date Offer Declined", DAY, "offer_declined"), ("Email", ["a@example.com"] * 2, "personal"),
    ],
    "taleo_submissions": [
        ("Requisition Number", ID, "requisition_id"), ("Requisition Title", WORD, "skip"),
        ("Hiring Manager Name", NAME, "hiring_manager_id"), ("Recruiter Name", NAME, "recruiter_id"),
        ("Organization", WORD, "department"), ("Primary Location", WORD, "location"),
        ("Requisition Creation Date", DAY, "skip"), ("Requisition Approved Date", DAY, "approved_at"),
        ("Requisition Open Date", DAY, "opened_at"), ("Requisition Filled Date", DAY, "closed_at"),
        ("Candidate Number", ID, "candidate_id"), ("Submission Completed Date", DAY, "applied"),
        ("Offer Extended Date", DAY, "offer_extended"), ("Offer Accepted Date", DAY, "offer_accepted"),
        ("Current Step Name", WORD, "skip"),
    ],
    "ashby_applications": [
        ("Application ID", ID, "candidate_id"), ("Job ID", ID, "requisition_id"),
        ("Application Created At", DAY, "applied"), ("Hired At", DAY, "offer_accepted"),
        ("Archive Reason", WORD, "skip"), ("Hiring Manager", NAME, "hiring_manager_id"),
        ("Recruiter", NAME, "recruiter_id"), ("Department", WORD, "department"), ("Location", WORD, "location"),
        ("Current Interview Stage", WORD, "skip"), ("Job Opened At", DAY, "opened_at"),
        ("Offer Sent At", DAY, "offer_extended"),
    ],
    "smartrecruiters_hiring": [
        ("Job ID", ID, "requisition_id"), ("Job Title", WORD, "skip"), ("Hiring Manager", NAME, "hiring_manager_id"),
        ("Job Created Date", DAY, "opened_at"), ("Job Filled Date", DAY, "closed_at"),
        ("Job Status", WORD, "close_reason"), ("Candidate ID", ID, "candidate_id"),
        ("Application Date", DAY, "applied"), ("First Interview Date", DAY, "interview_held"),
        ("Second Interview Date", DAY, "interview_held"), ("Offer Date", DAY, "offer_extended"),
        ("Offer Accepted Date", DAY, "offer_accepted"), ("Start Date", DAY, "skip"),
        ("Withdrawal Date", DAY, "candidate_withdrawn"), ("Rejection Date", DAY, "candidate_rejected"),
    ],
    "nyc_jobs": [
        ("Job ID", ID, "requisition_id"), ("Agency", WORD, "skip"), ("Posting Type", WORD, "skip"),
        ("# Of Positions", ["1", "2"], "skip"), ("Business Title", WORD, "skip"), ("Level", WORD, "level"),
        ("Work Location", WORD, "location"), ("Posting Date", DAY, "opened_at"), ("Post Until", DAY, "skip"),
        ("Posting Updated", DAY, "updated_at"), ("Process Date", DAY, "skip"),
    ],
    "recruiting_funnel": [
        ("application_id", ID, "candidate_id"), ("job_id", ID, "requisition_id"), ("applied_date", DAY, "applied"),
        ("cv_reviewed_date", DAY, "cv_reviewed"), ("interview_scheduled_at", DAY, "interview_scheduled"),
        ("interview_date", DAY, "interview_held"), ("feedback_submitted_at", DAY, "feedback_given"),
        ("offer_date", DAY, "offer_extended"), ("hire_date", DAY, "offer_accepted"), ("status", STATE, "outcome"),
    ],
    "application_history": [
        ("application_id", ID, "candidate_id"), ("job_id", ID, "requisition_id"), ("new_stage", WORD, "event"),
        ("entered_at", DAY, "at"), ("exited_at", DAY, "skip"), ("changed_by", NAME, "actor_id"),
        ("days_in_stage", ["3", "4"], "skip"),
    ],
}  # fmt: skip


def wrong(name, lists=EXPORTS):
    """Return the columns of an export that are proposed for something else than they hold, and for what."""
    frame = pd.DataFrame({column: values for column, values, _ in lists[name]}, dtype="str")
    told = {column: target for column, (target, _) in File(Path(f"{name}.csv"), frame).columns.items()}
    return {c: told[c] for c, _, held in lists[name] if told[c] not in ((held,) if isinstance(held, str) else held)}


def test_nine_of_ten_columns_of_twelve_exports_are_proposed_right():
    mistaken = {name: wrong(name) for name in EXPORTS}
    share = 1 - sum(map(len, mistaken.values())) / sum(map(len, EXPORTS.values()))
    assert len(EXPORTS) == 12 and share >= 0.9, mistaken
    assert not any({"offer_accepted", "applied", "opened_at"} & set(columns.values()) for columns in mistaken.values())


@pytest.mark.parametrize("name", PUBLIC)
def test_nine_of_ten_columns_of_each_published_list_are_proposed_right(name):
    mistaken = wrong(name, PUBLIC)
    assert len(mistaken) <= 0.1 * len(PUBLIC[name]), mistaken
    assert set(mistaken.values()) <= {"skip", "personal"}  # what is not known is left out, not taken for something else


def test_a_row_per_candidate_keeps_its_dates_beside_the_stage_it_stands_in():
    frame = pd.DataFrame(
        {"Candidate ID": ["1", "2"], "Job ID": ["7", "7"], "Application date": DAY, "Stage": ["Offer", "Interview"],
         "Stage date": DAY}, dtype="str",
    )  # fmt: skip
    assert File(Path("a.csv"), frame).column("applied") == "Application date"
    log = pd.concat([frame, frame]).reset_index(drop=True)
    assert File(Path("a.csv"), log).column("event") == "Stage"


@pytest.mark.parametrize(
    ("column", "values"),
    [
        ("Time in state: Offered", ["3", "14"]),
        ("Reviewed by manager", ["Yes", "No"]),
        ("Offer stage index", ["1", "2"]),
    ],
)
def test_values_tell_what_a_name_does_not(column, values):
    frame = pd.DataFrame({"Candidate ID": ["1", "2"], column: values, "Offer date": DAY}, dtype="str")
    assert File(Path("a.csv"), frame).columns[column][0] == "skip"


@pytest.mark.parametrize(
    ("word", "about", "event"),
    [
        ("Hired", "", "offer_accepted"), ("Accepted", "Offer Status", "offer_accepted"),
        ("Declined", "Offer Status", "offer_declined"), ("offer declined", "status", "offer_declined"),
        ("Candidate Withdrew", "", "candidate_withdrawn"), ("Rejected by Hiring Manager", "", "candidate_rejected"),
        ("2nd Interview", "", "interview_held"), ("Application Received", "", "applied"), ("Phone Screen", "", "skip"),
        ("Interview Scheduled", "", "interview_scheduled"), ("CV Screening", "", None),
        ("Refus du candidat", "Offer Status", None),
        ("Stage 4", "", None),
    ],
)  # fmt: skip
def test_words_mean_events_or_are_asked_about(word, about, event):
    assert event_of(word, {}, about) == event
