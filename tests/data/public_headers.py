"""Headers and field lists of tracking systems that others published, with what each column holds.

Each list stands where it was published (read 2026-11-29): Oracle's documentation of Taleo reports and of the tables of
Fusion Recruiting, Fivetran's and Airbyte's descriptions of connectors, help pages of vendors. What a column holds is
this project's reading of the description given there; several are named where it may rightly be taken in two ways.
"""

DAY, ID, WORD, NAME = ["2026-05-14", "2026-06-01"], ["4711", "4712"], ["Sales", "Care"], ["Jo Doe", "Al Poe"]
MAIL, YES, NUMBER, STATE = ["a@example.com"] * 2, ["Yes", "No"], ["3", "5"], ["Rejected", "Hired"]
STAGE = ["Phone Screen", "Offer"]
PERSON = ("skip", "personal")
WHO = ("hiring_manager_id", "personal", "skip")
STANDS = ("skip", "outcome", "decided_at", "event", "at")
"""Where a candidate stands today, and since when: taken as an outcome, as a log of one line, or left out."""

PUBLIC = {
    # docs.oracle.com, Taleo Enterprise 23c, Candidate Details
    "taleo_candidate_details": [
        ("Req. Identifier", ID, "requisition_id"), ("Req. Title", WORD, "skip"),
        ("Candidate Identifier", ID, "candidate_id"), ("Candidate Name", NAME, "personal"),
        ("Candidate is Internal", YES, "skip"), ("Candidate Email", MAIL, "personal"),
        ("Candidate Mobile Phone", ["041 555 0100", "041 555 0101"], PERSON), ("Is Ace", YES, "skip"),
        ("Minimum Requirements Met", YES, "skip"), ("Current Reference Status Name", STATE, STANDS),
        ("Current Workflow Name", WORD, "skip"), ("Current Step Name", STAGE, STANDS),
        ("Current Status Name", STATE, STANDS), ("Current Status Start Date", DAY, STANDS),
        ("Recruiter Name", NAME, "recruiter_id"),
    ],
    # docs.oracle.com, Taleo Enterprise 22c, Requisitions Filled Details
    "taleo_requisitions_filled": [
        ("Req. Identifier", ID, "requisition_id"), ("Req. Title", WORD, "skip"),
        ("Recruiter Name", NAME, "recruiter_id"), ("Hiring Manager Name", NAME, "hiring_manager_id"),
        ("Organization Level1 Name", WORD, "department"), ("Job Field Level1 Name", WORD, "skip"),
        ("Location Level1 Name", WORD, "location"), ("Req. Creation Date", DAY, "opened_at"),
        ("First Sourced After Latest Approval Date", DAY, "skip"), ("Latest Fully Approved Date", DAY, "approved_at"),
        ("Latest Filled Date", DAY, "closed_at"), ("Last Position Accepted Date", DAY, ("skip", "offer_accepted")),
        ("Req. Last Modified Date", DAY, "updated_at"), ("# Openings", NUMBER, "skip"),
        ("# Openings Left to Fill (Hired)", NUMBER, "skip"), ("# Submissions", NUMBER, "skip"),
    ],
    # docs.oracle.com, Fusion Cloud Human Resources, IRC_REQUISITIONS_B
    "fusion_requisitions": [
        ("REQUISITION_ID", ID, "requisition_id"), ("APPROVED_DATE", DAY, "approved_at"),
        ("INT_FIRST_POSTED_DATE", DAY, ("opened_at", "skip")), ("FILLED_DATE", DAY, "closed_at"),
        ("SUSPENDED_DURATION", NUMBER, "skip"), ("EXT_FIRST_POSTED_DATE", DAY, ("opened_at", "skip")),
        ("REQ_SOURCE_TYPE", WORD, "skip"), ("OBJECT_STATUS", WORD, ("skip", "close_reason")),
        ("REQUISITION_NUMBER", ID, ("skip", "requisition_id")), ("REQ_USAGE_CODE", WORD, "skip"),
        ("RECRUITING_TYPE_CODE", WORD, "skip"), ("HIRING_MANAGER_ID", ID, "hiring_manager_id"),
        ("RECRUITER_ID", ID, "recruiter_id"),
    ],
    # github.com/fivetran/dbt_lever, lever__opportunity_enhanced
    "lever_opportunity_enhanced": [
        ("opportunity_id", ID, ("candidate_id", "skip")), ("archived_at", DAY, ("candidate_rejected", *STANDS)),
        ("archived_reason_id", ID, "skip"), ("contact_id", ID, ("skip", "candidate_id")),
        ("created_at", DAY, "applied"),
        ("is_data_protection_contact_allowed", YES, "skip"), ("data_protection_contact_expires_at", DAY, "skip"),
        ("contact_headline", WORD, PERSON), ("is_anonymized", YES, "skip"), ("last_advanced_at", DAY, "skip"),
        ("last_interaction_at", DAY, "skip"), ("contact_location", WORD, PERSON), ("contact_name", NAME, "personal"),
        ("origin", WORD, "skip"), ("owner_user_id", ID, ("recruiter_id", "skip")), ("snoozed_until", DAY, "skip"),
        ("stage_id", ID, "skip"), ("updated_at", DAY, "updated_at"), ("application_id", ID, ("candidate_id", "skip")),
        ("comments", WORD, PERSON), ("company", WORD, PERSON),
        ("posting_hiring_manager_user_id", ID, "hiring_manager_id"), ("posting_id", ID, ("requisition_id", "skip")),
        ("posting_owner_user_id", ID, ("recruiter_id", "skip")), ("referrer_user_id", ID, "skip"),
        ("requisition_id", ID, "requisition_id"), ("application_type", WORD, "skip"),
        ("opportunity_owner_name", NAME, PERSON), ("referrer_name", NAME, PERSON), ("hiring_manager_name", NAME, WHO),
        ("sources", WORD, "skip"), ("resume_download_url", WORD, PERSON), ("emails", MAIL, "personal"),
        ("phones", ["041 555 0100"] * 2, PERSON), ("linkedin_link", WORD, PERSON), ("github_link", WORD, PERSON),
        ("current_stage", STAGE, STANDS), ("tags", WORD, "skip"), ("archive_reason", WORD, "skip"),
        ("job_title", WORD, "skip"), ("job_commitment", WORD, "skip"), ("job_department", WORD, "department"),
        ("job_level", WORD, "level"), ("job_location", WORD, "location"), ("job_team", WORD, ("skip", "department")),
        ("current_state_of_job_posting", WORD, ("skip", "close_reason")),
        ("opp_created_n_days_after_first_app", NUMBER, "skip"), ("has_offer", YES, "skip"),
        ("current_offer_status", ["sent", "signed"], STANDS), ("count_interviews", NUMBER, "skip"),
        ("latest_interview_scheduled_at", DAY, ("interview_scheduled", "interview_held")),
        ("has_interviewed_w_hiring_manager", YES, "skip"),
    ],
    # github.com/fivetran/dbt_lever, lever__interview_enhanced
    "lever_interview_enhanced": [
        ("canceled_at", DAY, "skip"), ("created_at", DAY, ("interview_scheduled", "skip")),
        ("creator_user_id", ID, ("skip", "actor_id")), ("occurred_at", DAY, "interview_held"),
        ("duration_minutes", NUMBER, "skip"), ("feedback_reminder_frequency", WORD, "skip"),
        ("gcal_event_url", WORD, "skip"), ("interview_id", ID, "skip"), ("location", WORD, ("skip", "location")),
        ("note", WORD, "skip"), ("opportunity_id", ID, "candidate_id"), ("panel_id", ID, "skip"),
        ("opportunity_stage_id", ID, "skip"), ("subject", WORD, "skip"), ("timezone", WORD, "skip"),
        ("feedback_form_id", ID, "skip"), ("feedback_completer_user_id", ID, "feedback_given.actor_id"),
        ("feedback_completed_at", DAY, "feedback_given"), ("feedback_form_instructions", WORD, "skip"),
        ("feedback_form_title", WORD, "skip"), ("interviewer_user_id", ID, ("skip", "feedback_given.actor_id")),
        ("interviewer_email", MAIL, PERSON), ("feedback_completer_name", NAME, PERSON),
        ("interview_coordinator_name", NAME, PERSON), ("ended_at", DAY, "skip"),
        ("opportunity_owner_name", NAME, PERSON), ("referrer_name", NAME, PERSON),
        ("hiring_manager_name", NAME, "hiring_manager_id"), ("interviewer_is_hiring_manager", YES, "skip"),
        ("interviewee_name", NAME, "personal"), ("interviewee_origin", WORD, "skip"),
        ("interviewee_contact_id", ID, "skip"), ("days_between_opp_created_and_interview", NUMBER, "skip"),
        ("has_advanced_since_interview", YES, "skip"),
    ],
    # github.com/fivetran/dbt_lever, lever__opportunity_stage_history
    "lever_opportunity_stage_history": [
        ("opportunity_id", ID, "candidate_id"), ("valid_from", DAY, "at"), ("stage_id", ID, "skip"),
        ("stage_index_in_pipeline", NUMBER, "skip"), ("valid_ending_at", DAY, "skip"), ("stage", STAGE, "event"),
        ("updater_user_name", NAME, (*PERSON, "actor_id")), ("opportunity_contact_name", NAME, "personal"),
        ("archive_reason", WORD, "skip"), ("job_title", WORD, "skip"), ("job_department", WORD, "department"),
        ("job_location", WORD, "location"), ("job_team", WORD, ("skip", "department")),
        ("application_type", WORD, "skip"), ("application_sources", WORD, "skip"),
        ("hiring_manager_name", NAME, "hiring_manager_id"), ("opportunity_owner_name", NAME, PERSON),
        ("days_in_stage", NUMBER, "skip"),
    ],
    # fivetran.com/docs, Lever schema, posting
    "lever_posting": [
        ("id", ID, "requisition_id"), ("creator_id", ID, "skip"), ("hiring_manager_id", ID, "hiring_manager_id"),
        ("owner_id", ID, ("recruiter_id", "skip")), ("categories_commitment", WORD, "skip"),
        ("categories_department", WORD, "department"), ("categories_level", WORD, "level"),
        ("categories_location", WORD, "location"), ("categories_team", WORD, ("skip", "department")),
        ("content_closing", WORD, "skip"), ("content_closing_html", WORD, "skip"),
        ("content_description", WORD, "skip"),
        ("created_at", DAY, "opened_at"), ("requisition_code", ID, ("skip", "requisition_id")),
        ("state", ["published", "closed"], ("close_reason", "skip")), ("text", WORD, "skip"),
        ("updated_at", DAY, "updated_at"),
    ],
    # fivetran.com/docs, SmartRecruiters schema, candidate_status_history
    "smartrecruiters_candidate_status_history": [
        ("changed_on", DAY, "at"), ("candidate_id", ID, "candidate_id"), ("job_id", ID, "requisition_id"),
        ("status", ["IN_REVIEW", "OFFERED"], "event"), ("sub_status", STAGE, ("skip", "outcome")),
    ],
    # fivetran.com/docs, SmartRecruiters schema, offer
    "smartrecruiters_offer": [
        ("id", ID, "skip"), ("candidate_id", ID, "candidate_id"), ("job_id", ID, "requisition_id"),
        ("created_on", DAY, "offer_extended"), ("status", ["Accepted", "Declined"], ("outcome", "skip")),
        ("updated_on", DAY, ("updated_at", "decided_at")),
    ],
    # help.smartrecruiters.com, SmartRecruit: Report Builder Fields, Application
    "smartrecruiters_report_application": [
        ("Application creation date", DAY, "applied"), ("Application ID", ID, "candidate_id"),
        ("Earliest application creation date", DAY, "skip"), ("Is internal application?", YES, "skip"),
        ("Latest application creation date", DAY, "skip"), ("Number of applications", NUMBER, "skip"),
        ("Time in Application State: Lead", NUMBER, "skip"), ("Time in Application State: Interview", NUMBER, "skip"),
        ("Time in Application State: Offered", NUMBER, "skip"), ("Application Hire date", DAY, "offer_accepted"),
        ("Application Rejection date", DAY, "candidate_rejected"),
        ("Application Withdrawal date", DAY, "candidate_withdrawn"),
    ],
    # clearco.zendesk.com, Candidate Data Report
    "clearcompany_candidate_data": [
        ("Candidate ID", ID, "candidate_id"), ("Candidate First Name", NAME, "personal"),
        ("Candidate Last Name", NAME, "personal"), ("Candidate Grade", WORD, ("skip", "level")),
        ("Date Candidate Applied", DAY, "applied"), ("Current Macro Workflow Stage", STAGE, STANDS),
        ("Current Workflow Stage", STAGE, STANDS), ("Workflow Change Date", DAY, STANDS),
        ("Source Detail", WORD, "skip"),
        ("Role", WORD, "skip"), ("Requisition Title", WORD, "skip"),
    ],
    # support.personio.de, Exporting Application Data
    "personio_applications": [
        ("Candidate ID", ID, "candidate_id"), ("Candidate name", NAME, "personal"), ("Gender", WORD, PERSON),
        ("Email address", MAIL, "personal"), ("Birthday", DAY, PERSON), ("Available from", DAY, "skip"),
        ("Expected salary", NUMBER, "skip"), ("Candidate location", WORD, PERSON), ("Final phase", STAGE, STANDS),
        ("Final phase date", DAY, STANDS), ("Final status", STATE, STANDS), ("Final status date", DAY, STANDS),
        ("Application date", DAY, "applied"), ("Disqualification reason", WORD, "skip"), ("Channel", WORD, "skip"),
    ],
    # github.com/airbytehq/airbyte, source-recruitee, candidates.placements; the offers of Recruitee are openings
    "recruitee_placements": [
        ("stage_id", ID, "skip"), ("job_starts_at", DAY, "skip"), ("created_at", DAY, ("applied", "skip")),
        ("language", WORD, "skip"), ("hired_at", DAY, "offer_accepted"), ("offer_id", ID, ("requisition_id", "skip")),
        ("candidate_id", ID, "candidate_id"), ("overdue_diff", NUMBER, "skip"), ("updated_at", DAY, "updated_at"),
        ("overdue_at", DAY, "skip"), ("positive_ratings", NUMBER, "skip"), ("id", ID, "skip"),
        ("position", NUMBER, "skip"),
    ],
    # github.com/airbytehq/airbyte, source-workable, jobs
    "workable_jobs": [
        ("id", ID, ("requisition_id", "skip")), ("title", WORD, "skip"), ("full_title", WORD, "skip"),
        ("shortcode", ID, ("requisition_id", "skip")), ("code", ID, ("requisition_id", "skip")),
        ("state", ["published", "closed"], ("close_reason", "skip")), ("department", WORD, "department"),
        ("url", WORD, "skip"), ("application_url", WORD, "skip"), ("shortlink", WORD, "skip"),
        ("location.location_str", WORD, "location"), ("location.country", WORD, ("location", "skip")),
        ("location.country_code", WORD, ("location", "skip")), ("location.region", WORD, ("location", "skip")),
        ("location.city", WORD, ("location", "skip")), ("location.zip_code", ID, "skip"),
        ("created_at", DAY, "opened_at"),
    ],
    # docs.unified.to, Application data model
    "unified_application": [
        ("id", ID, ("candidate_id", "skip")), ("candidate_id", ID, ("candidate_id", "skip")),
        ("job_id", ID, "requisition_id"),
        ("created_at", DAY, "skip"), ("updated_at", DAY, "updated_at"), ("applied_at", DAY, "applied"),
        ("hired_at", DAY, "offer_accepted"), ("rejected_at", DAY, "candidate_rejected"),
        ("rejected_reason", WORD, "skip"), ("source", WORD, "skip"), ("status", ["HIRED", "DECLINED"], STANDS),
        ("original_status", WORD, STANDS), ("user_id", ID, ("actor_id", "skip")),
    ],
    # docs.kombo.dev, jobs of a tracking system
    "kombo_jobs": [
        ("id", ID, "requisition_id"), ("remote_id", ID, "skip"), ("changed_at", DAY, ("updated_at", "skip")),
        ("remote_deleted_at", DAY, "skip"), ("name", WORD, PERSON), ("job_code", ID, ("skip", "requisition_id")),
        ("employment_type", WORD, "skip"), ("status", ["OPEN", "CLOSED"], "close_reason"), ("visibility", WORD, "skip"),
        ("department", WORD, "department"), ("location", WORD, "location"), ("opened_at", DAY, "opened_at"),
        ("closed_at", DAY, "closed_at"), ("remote_created_at", DAY, "skip"),
        ("remote_updated_at", DAY, ("skip", "updated_at")),
    ],
    # developer.salesforce.com, EmploymentOffer
    "salesforce_employment_offer": [
        ("AcceptanceDate", DAY, "offer_accepted"), ("ApplicationFormId", ID, ("candidate_id", "skip")),
        ("CreatedById", ID, "skip"), ("CreatedDate", DAY, ("skip", "offer_extended")), ("Description", WORD, "skip"),
        ("EmployeeId", ID, "skip"), ("ExpectedHireDate", DAY, "skip"), ("ExpectedStartDate", DAY, "skip"),
        ("ExpirationDate", DAY, "skip"), ("Id", ID, "skip"), ("IsDeleted", YES, "skip"),
        ("JobPositionId", ID, "requisition_id"), ("LastModifiedById", ID, "skip"),
        ("LastModifiedDate", DAY, "updated_at"), ("LastReferencedDate", DAY, "skip"), ("LastViewedDate", DAY, "skip"),
        ("ManagerId", ID, "hiring_manager_id"), ("Name", WORD, PERSON), ("OfferDateTime", DAY, "offer_extended"),
    ],
    # learn.microsoft.com, Dynamics GP, Application
    "dynamics_gp_application": [
        ("CompanyCode", ID, "skip"), ("ApplicantApplicationKey", ID, "candidate_id"),
        ("RequisitionKey", ID, "requisition_id"), ("DivisionKey", ID, ("skip", "department")),
        ("DepartmentKey", ID, ("skip", "department")), ("PositionKey", ID, "skip"), ("DateApplied", DAY, "applied"),
        ("Status", STATE, STANDS), ("Location", WORD, "location"), ("IsWillRelocate", YES, "skip"),
        ("IsReplyLetterSent", YES, "skip"), ("LastModifiedBy", ID, ("skip", "actor_id")),
    ],
    # gist.github.com/sstarr, CSV specification of a survey of applicants
    "applicants_for_a_survey": [
        ("applicant_reference", ID, "candidate_id"), ("first_name", NAME, "personal"), ("last_name", NAME, "personal"),
        ("email", MAIL, "personal"), ("stage", STATE, STANDS), ("location", WORD, "location"),
        ("department", WORD, "department"), ("job_title", WORD, "skip"), ("job_family", WORD, "skip"),
        ("source", WORD, "skip"), ("date_applied", DAY, "applied"), ("client_stage", STAGE, STANDS),
        ("hiring_manager", NAME, "hiring_manager_id"), ("recruiter", NAME, "recruiter_id"),
        ("client_location", WORD, ("skip", "location")), ("client_job_family", WORD, "skip"),
        ("client_source", WORD, "skip"), ("university", WORD, "skip"),
    ],
    # pmwand2.prounlimited.com, Requisition Candidate Actions Report
    "wand_candidate_actions": [
        ("Request #", ID, ("requisition_id", "skip")), ("Engagement #", ID, "skip"), ("Type", WORD, "skip"),
        ("Status", STATE, ("skip", "outcome", "close_reason")), ("Client", WORD, "skip"),
        ("Operational Unit", WORD, ("department", "skip")), ("Manager", NAME, WHO), ("Manager Email", MAIL, WHO),
        ("Manager GUID", ID, ("hiring_manager_id", "skip")), ("Manager External ID", ID, ("hiring_manager_id", "skip")),
        ("Department", WORD, "department"), ("Department Number", ID, "skip"), ("Supplier", WORD, "skip"),
        ("Start Date", DAY, "skip"), ("Est. End Date", DAY, "skip"), ("Actual End Date", DAY, "skip"),
        ("Job Category", WORD, "skip"), ("Job Title", WORD, "skip"), ("Job Code", ID, ("skip", "requisition_id")),
        ("State/Province", WORD, ("skip", "location")), ("City", WORD, "location"),
        ("Total Number of Positions", NUMBER, "skip"), ("Candidate Name", NAME, ("personal", "candidate_id")),
        ("Candidate Current Status", STATE, STANDS), ("Candidate Supplier Name", WORD, "skip"),
        ("Candidate Availability Date", DAY, "skip"), ("Action", WORD, "event"), ("Action Date", DAY, "at"),
        ("Action by Name", NAME, (*PERSON, "actor_id")), ("Action by Role", WORD, "skip"),
        ("Action Details", WORD, "skip"), ("Reviewed by Manager", YES, "skip"), ("Previous Engagement", YES, "skip"),
    ],
    # github.com/WTTJ/wk-api-docs, candidates
    "welcomekit_candidates": [
        ("reference", ID, "candidate_id"), ("cover_letter", WORD, PERSON), ("created_at", DAY, "applied"),
        ("job_id", ID, ("requisition_id", "skip")), ("job_reference", ID, ("requisition_id", "skip")),
        ("portfolio_url", WORD, PERSON), ("resume_content_type", WORD, "skip"), ("resume_url", WORD, PERSON),
        ("stage_id", ID, "skip"), ("updated_at", DAY, "updated_at"), ("profile.city", WORD, (*PERSON, "location")),
        ("profile.country_code", WORD, (*PERSON, "location")), ("profile.email", MAIL, "personal"),
        ("profile.firstname", NAME, "personal"), ("profile.lastname", NAME, "personal"), ("origin", WORD, "skip"),
    ],
    # fivetran.com/docs, Ashby schema, offer
    "ashby_offer": [
        ("id", ID, "skip"), ("application_id", ID, "candidate_id"), ("author_id", ID, ("actor_id", "skip")),
        ("acceptance_status", ["Accepted", "Declined"], "outcome"), ("decided_at", DAY, "decided_at"),
        ("latest_version_created_at", DAY, "skip"), ("latest_version_id", ID, "skip"),
        ("latest_version_salary_currency_code", WORD, "skip"), ("latest_version_start_date", DAY, "skip"),
    ],
}  # fmt: skip
