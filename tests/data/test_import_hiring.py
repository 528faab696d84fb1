"""Exports of applicant-tracking systems become requisitions and events: nothing lost, nobody named, nothing twice."""

import json

import pandas as pd
import pytest
import tracking_layouts as write
from click.testing import CliRunner

from helpers.cli import main
from helpers.data import Study
from helpers.data.identities import pseudonym
from helpers.data.importers.engine import import_file

pytestmark = pytest.mark.slow

KEY = "a key of the study, kept elsewhere"
SETTINGS = "timezone: Europe/Zurich\npseudonyms: {key_env: TEST_HIRING_KEY}\n"
TIMES = ["opened_at", "approved_at", "closed_at"]
HELD = ["applied", "cv_sent", "cv_reviewed", "interview_scheduled", "interview_held", "feedback_given"]
HELD += ["offer_extended", "offer_accepted", "offer_declined", "candidate_rejected", "candidate_withdrawn"]
ACTORS = ["interview_scheduled", "feedback_given"]
SCORECARD = {  # the example of the public documentation: submitted two years before its interview
    "id": 123, "interview": "Application Review", "interviewed_at": "2016-08-18T16:00:00.000Z",
    "candidate_id": 1234, "application_id": 3456, "submitted_by": {"id": 4080, "name": "Kate Austen"},
    "submitted_at": "2014-03-26T21:59:51Z", "overall_recommendation": "yes",
}  # fmt: skip
JOB = {
    "id": 6404, "name": "Archaeologist", "status": "open", "created_at": "2013-12-10T14:42:58Z",
    "opened_at": "2013-12-11T14:42:58Z", "closed_at": None, "departments": [{"id": 562, "name": "Exploration"}],
    "offices": [{"id": 175, "name": "San Francisco", "location": {"name": "San Francisco, CA"}}],
    "hiring_team": {
        "hiring_managers": [{"id": 84275, "name": "Kaylee Prime"}, {"id": 169779, "name": "Hank Hollandaise"}],
        "recruiters": [{"id": 81111, "name": "S. Skateboard", "responsible": False},
                       {"id": 153448, "name": "Stegosaurus Heels", "responsible": True}],
    },
    "openings": [{"opening_id": "3-1", "status": "open", "opened_at": "2015-11-20T23:14:14.736Z"}],
}  # fmt: skip
APPLICATION = {
    "id": 3456, "candidate_id": 1234, "prospect": False, "applied_at": "2014-03-20T20:11:39.000Z",
    "jobs": [{"id": 6404, "name": "Archaeologist"}], "status": "active", "rejected_at": None,
    "attachments": [{"filename": "John_Locke_Resume.pdf", "url": "https://example.com/cv.pdf"}],
}  # fmt: skip
INTERVIEW = {
    "id": 9128481, "application_id": 3456, "start": {"date_time": "2014-03-26T22:15:00.000Z"}, "status": "complete",
    "created_at": "2014-03-22T14:31:51.019Z", "organizer": {"id": 2000, "name": "Jack Shepard"},
    "interviewers": [{"id": 4080, "name": "Kate Austen", "email": "kate.austen@example.com",
                      "response_status": "accepted", "scorecard_id": 11274}],
}  # fmt: skip


@pytest.fixture
def study(write_study, monkeypatch):
    """An empty study whose key is set."""
    monkeypatch.setenv("TEST_HIRING_KEY", KEY)
    return write_study(settings=SETTINGS)


@pytest.fixture
def resources(tmp_path):
    """Return a function that writes resources as JSON files of one folder."""

    def put(**resources: list) -> object:
        for name, entries in ({"jobs": [JOB], "applications": [APPLICATION]} | resources).items():
            write.save(tmp_path / "export", name, entries)
        return tmp_path / "export"

    return put


@pytest.fixture(scope="module")
def sample():
    """Requisitions of the sample study, and those of their events that Greenhouse's resources can hold."""
    study = Study.load("data/sample", merged=False)
    requisitions = study.requisitions.iloc[:120]
    events = study.hiring_events
    events = events[events["requisition_id"].isin(requisitions["requisition_id"]) & events["event"].isin(HELD)]
    counts = events.groupby(["candidate_id", "event"]).size().unstack(fill_value=0).reindex(columns=HELD, fill_value=0)
    fits = (counts["applied"] == 1) & (counts["cv_sent"] == counts["cv_reviewed"])
    fits &= (counts["interview_scheduled"] == counts["interview_held"]) & (counts["feedback_given"] <= 1)
    fits &= counts[["candidate_rejected", "candidate_withdrawn"]].sum(axis=1) <= 1
    once = requisitions[TIMES].apply(write.unambiguous).all(axis=1)
    requisitions = requisitions[once].reset_index(drop=True)
    twice = events.loc[~write.unambiguous(events["at"]), "candidate_id"]
    events = events[events["candidate_id"].isin(counts.index[fits].difference(twice))]
    filled = requisitions["close_reason"] == "filled"
    assert filled.sum() > 20 and (requisitions["close_reason"] == "cancelled").sum() > 3
    return requisitions, events[events["requisition_id"].isin(requisitions["requisition_id"])].reset_index(drop=True)


def as_read(requisitions, events, format, actors=ACTORS):
    """What a study holds after the import: people and candidates as keyed hashes."""
    requisitions, events = requisitions.copy(), events.copy()
    for table in (requisitions, events):
        for name in table.columns.intersection(["hiring_manager_id", "recruiter_id", "actor_id"]):
            table[name] = table[name].map(lambda id: pseudonym(id, KEY), na_action="ignore")
    hashed = events["candidate_id"].map(lambda id: pseudonym(f"{format} candidate {id}", KEY), na_action="ignore")
    actor = events["actor_id"].where(events["event"].isin(actors)) if actors is not None else events["actor_id"]
    return requisitions.assign(source=format), events.assign(candidate_id=hashed, actor_id=actor)


def same(found, expected, columns):
    found, expected = (t[columns].sort_values(columns).reset_index(drop=True) for t in (found, expected))
    pd.testing.assert_frame_equal(found, expected, check_dtype=False)


GREENHOUSE = {
    "v1": (write.greenhouse_v1, {}),
    "v1, one object per line": (write.greenhouse_v1, {"lines": True}),
    "v3": (write.greenhouse_v3, {}),
    "v3 as csv": (write.greenhouse_v3, {"csv": True}),
}


@pytest.mark.parametrize("layout", GREENHOUSE)
def test_what_greenhouse_holds_comes_back(tmp_path, study, sample, layout):
    writer, options = GREENHOUSE[layout]
    writer(tmp_path / "export", *sample, **options)
    report = import_file("greenhouse", tmp_path / "export", study)
    requisitions, events = as_read(*sample, "greenhouse")
    read = Study.load(study, merged=False)
    columns = ["requisition_id", "hiring_manager_id", "recruiter_id", "department", "location", *TIMES, "close_reason"]
    columns += ["source"]
    same(read.requisitions, requisitions, columns)
    same(read.hiring_events, events, ["requisition_id", "candidate_id", "event", "at", "actor_id"])
    assert sum(report.events.values()) == len(events) and not report.backwards
    assert not [p for p in read.check() if p.severity == "error" and "survey" not in p.found]
    again = import_file("greenhouse", tmp_path / "export", study)
    assert again.tables["hiring_events"].startswith(f"0 rows added, 0 replaced, {len(events)} unchanged")
    same(Study.load(study).hiring_events, events, ["requisition_id", "candidate_id", "event", "at", "actor_id"])


def test_a_scorecard_submitted_before_its_interview_is_told_and_kept(study, resources):
    report = import_file("greenhouse", resources(scorecards=[SCORECARD]), study)
    assert report.backwards == {"feedback_given before interview_held": ["scorecards 123"]}
    assert "1 end before they start" in report.text() and "scorecards 123" in report.text()
    events = Study.load(study).hiring_events.set_index("event")["at"]
    assert str(events["feedback_given"]) == "2014-03-26 22:59:51"  # told in the study's zone, not clipped
    assert str(events["interview_held"]) == "2016-08-18 18:00:00"


def test_nobody_is_named(study, resources):
    folder = resources(
        scheduled_interviews=[INTERVIEW], scorecards=[SCORECARD], users=[{"id": 1, "primary_email": "a@example.com"}]
    )
    report = import_file("greenhouse", folder, study)
    files = [p for p in study.rglob("*") if p.suffix in (".csv", ".yaml") and p.name != "codebook.yaml"]
    text = "".join(p.read_text(encoding="utf-8") for p in files)
    for secret in ("Kate", "Kaylee", "Locke", "example.com", "1234", "3456", "4080", "84275", "Archaeologist"):
        assert secret not in text
    assert "e-mail addresses" in report.text()
    read = Study.load(study, merged=False)
    assert read.requisitions["hiring_manager_id"].tolist() == [pseudonym("84275", KEY)]
    assert read.requisitions["recruiter_id"].tolist() == [pseudonym("153448", KEY)]
    assert set(read.hiring_events["candidate_id"]) == {pseudonym("greenhouse candidate 1234", KEY)}


@pytest.mark.parametrize("source", ["greenhouse", "applicant_tracking"])
def test_hiring_managers_are_joined_to_people(study, resources, source):
    (study / "identities.csv").write_text(f"source,source_id,person_id\n{source},84275,m1\n", encoding="utf-8")
    import_file("greenhouse", resources(), study)
    assert Study.load(study, merged=False).requisitions["hiring_manager_id"].tolist() == [pseudonym("m1", KEY)]


def test_without_a_key_nothing_is_written(write_study, resources, refusal):
    folder = write_study()
    said = refusal(import_file, "greenhouse", resources(), folder)
    assert "keyed hashes" in said and "key_env" in said
    assert not (folder / "requisitions.csv").exists()


def test_interviews_take_their_status_start_and_answers(study, resources):
    all_day = INTERVIEW | {"id": 2, "start": {"date": "2014-04-02"}, "status": "awaiting_feedback"}
    planned = INTERVIEW | {"id": 3, "start": {"date_time": "2014-05-01T09:00:00Z"}, "status": "scheduled"}
    report = import_file("greenhouse", resources(scheduled_interviews=[INTERVIEW, all_day, planned]), study)
    events = Study.load(study).hiring_events
    held = events.loc[events["event"] == "interview_held", "at"].astype(str).tolist()
    assert sorted(held) == ["2014-03-26 23:15:00", "2014-04-02 00:00:00"]
    assert "Interviews that last all day, taken to begin at midnight: 1." in report.text()
    accepted = events[events["event"] == "interview_accepted"]
    assert set(accepted["actor_id"]) == {pseudonym("4080", KEY)}
    assert "does not tell when they were given" in report.text()


def test_offers_and_rejections(study, resources):
    offers = [
        {"id": 1, "application_id": 3456, "sent_at": "2014-04-01", "resolved_at": "2014-04-03T10:00:00Z",
         "status": "rejected"},
        {"id": 2, "application_id": 3456, "sent_at": None, "resolved_at": None, "status": "deprecated"},
    ]  # fmt: skip
    gone = APPLICATION | {
        "rejected_at": "2014-04-04T10:00:00Z",
        "rejection_reason": {"id": 1, "name": "Salary", "type": {"id": 2, "name": "They rejected us"}},
    }
    import_file("greenhouse", resources(offers=offers, applications=[gone]), study)
    events = Study.load(study).hiring_events["event"].tolist()
    assert sorted(events) == ["applied", "candidate_withdrawn", "offer_declined", "offer_extended"]


def test_what_is_skipped_is_counted_with_its_reason(study, resources):
    jobs = [JOB, JOB | {"id": 2, "status": "draft"}, JOB | {"id": 3, "hiring_team": {}}]
    jobs += [JOB | {"id": 4, "closed_at": "2013-01-01T00:00:00Z", "status": "closed"}]
    applications = [
        APPLICATION,
        APPLICATION | {"id": 8, "prospect": True},
        APPLICATION | {"id": 9, "jobs": [{"id": 4}]},
        APPLICATION | {"id": 10, "applied_at": "2027-01-01T00:00:00Z"},
        APPLICATION | {"id": 11, "applied_at": "2013-01-01T00:00:00Z"},
    ]
    cards = [SCORECARD | {"id": 5, "submitted_at": None}, SCORECARD | {"id": 6, "application_id": 77}]
    report = import_file("greenhouse", resources(jobs=jobs, applications=applications, scorecards=cards), study)
    assert report.skipped == {
        "prospect, who has not applied": ["applications 8"],
        "scorecard that is not submitted": ["scorecards 5"],
        "record of an application that is not there": ["scorecards 6", "scorecards 6"],
        "job that is a draft or a template": ["jobs 2"],
        "requisition closed before it was opened": ["jobs 4"],
        "event of a requisition that was not taken": ["applications 9"],
        "event after as_of, 2026-06-30": ["applications 10"],
        "event before its requisition was opened": ["applications 11"],
    }
    assert "Openings without a hiring manager, which count among the openings only: 1." in report.notes
    assert len(Study.load(study).hiring_events) == 1


def test_a_renewed_export_replaces_what_it_tells_and_keeps_the_rest(study, resources, tmp_path):
    import_file("greenhouse", resources(scheduled_interviews=[INTERVIEW]), study)
    log = "Requisition ID,Activity,Event time\n6404,Kickoff,2013-12-12 10:00\n"
    (tmp_path / "log.csv").write_text(log, encoding="utf-8")
    import_file("hiring", tmp_path / "log.csv", study)
    moved = INTERVIEW | {"start": {"date_time": "2014-03-28T10:00:00Z"}}
    report = import_file("greenhouse", resources(scheduled_interviews=[moved]), study)
    events = Study.load(study).hiring_events
    assert events.loc[events["event"] == "interview_held", "at"].astype(str).tolist() == ["2014-03-28 11:00:00"]
    assert "intake_held" in set(events["event"])
    assert report.tables["hiring_events"] == (
        "1 rows added, 1 replaced, 3 unchanged, 1 that this import does not hold kept"
    )
    settings = (study / "study.yaml").read_text(encoding="utf-8")
    assert settings.count("requisitions:") == settings.count("hiring_events:") == 1


def test_stages_mean_what_their_mapping_says(study, resources):
    history = [
        {"application_id": 3456, "new_stage": "Hiring Manager Review", "valid_from": "2014-03-21T08:00:00Z",
         "valid_until": "2014-03-23T08:00:00Z"},
        {"application_id": 3456, "new_stage": "Lunch", "valid_from": "2014-03-24T11:00:00Z", "valid_until": None},
    ]  # fmt: skip
    report = import_file("greenhouse", resources(application_history=history), study)
    assert report.skipped == {'stage without an event, "Lunch"': ["stages 2"]}
    assert {"applied", "cv_sent", "cv_reviewed"} == set(Study.load(study).hiring_events["event"])
    place = study / "mappings" / "greenhouse-stages.yaml"
    text = place.read_text(encoding="utf-8")
    place.write_text(text.replace("Lunch: {entered: skip", "Lunch: {entered: interview_held"), encoding="utf-8")
    import_file("greenhouse", resources(application_history=history), study)
    assert "interview_held" in set(Study.load(study).hiring_events["event"])


def test_several_pages_of_a_resource_are_one(study, tmp_path):
    write.save(tmp_path / "export", "jobs", [JOB])
    for page in (1, 2):
        write.save(tmp_path / "export", f"applications_{page}", [APPLICATION | {"id": page, "candidate_id": page}])
    assert import_file("greenhouse", tmp_path / "export", study).read == {"jobs": 1, "applications": 2}
    assert len(Study.load(study).hiring_events) == 2


def test_flags_of_tables_are_read_like_those_of_json(study, tmp_path):
    export = tmp_path / "export"
    export.mkdir()
    jobs = "id,status,is_template,created_at\n1,open,False,2026-01-01T08:00:00Z\n2,open,True,2026-01-01T08:00:00Z\n"
    applications = "id,job_id,prospect,created_at\n1,1,True,2026-01-02T08:00:00Z\n2,1,False,2026-01-03T08:00:00Z\n"
    managers = "job_id,user_id\n1,7\n2,7\n"
    for name, text in {"jobs": jobs, "applications": applications, "job_hiring_managers": managers}.items():
        (export / f"{name}.csv").write_text(text, encoding="utf-8")
    report = import_file("greenhouse", export, study)
    assert report.skipped == {
        "prospect, who has not applied": ["applications 1"],
        "job that is a draft or a template": ["jobs 2"],
    }


REPORT = (
    "Job ID,Hiring Manager,Department,Job Open Date,Candidate Name,Candidate Email,Application ID,Application Date,"
    "Interview Date,Scorecard Submitted On,Interviewer,Nickname\n"
    "11,Ann Lee,Sales,2026-01-05,Jo Doe,jo@example.com,a1,2026-01-10,2026-01-20,2026-01-22,Bo Ray,Jojo\n"
    "11,Ann Lee,Sales,2026-01-05,Al Poe,al@example.com,a2,2026-01-11,2026-01-25,2026-01-24,Bo Ray,\n"
)


def test_a_greenhouse_report_by_its_proposed_mapping(study, tmp_path):
    (tmp_path / "report.csv").write_text(REPORT, encoding="utf-8")
    report = import_file("greenhouse", tmp_path / "report.csv", study)
    read = Study.load(study, merged=False)
    assert read.requisitions["department"].tolist() == ["Sales"]
    assert read.hiring_events["event"].value_counts().to_dict() == dict.fromkeys(
        ["applied", "interview_held", "feedback_given"], 2
    )
    assert report.personal == ["Candidate Name", "Candidate Email"] and report.left_out == ["Nickname"]
    assert report.backwards == {"feedback_given before interview_held": ["row 3"]}
    assert report.mapping == study / "mappings" / "greenhouse.yaml"
    written = (study / "hiring_events.csv").read_text(encoding="utf-8")
    assert "Ann" not in written and "Bo Ray" not in written and "Doe" not in written
    assert import_file("greenhouse", tmp_path / "report.csv", study).tables["requisitions"].startswith("0 rows added")


def test_rows_that_contradict_each_other_about_a_requisition_are_told(study, tmp_path):
    (tmp_path / "report.csv").write_text(REPORT.replace("11,Ann Lee", "11,Cy Fox", 1), encoding="utf-8")
    report = import_file("greenhouse", tmp_path / "report.csv", study)
    assert "of which the first is taken: 1." in report.text()
    assert Study.load(study, merged=False).requisitions["hiring_manager_id"].tolist() == [pseudonym("Cy Fox", KEY)]


def mapped_log(folder, requisitions, events):
    requisitions.rename(columns={"opened_at": "Open Date", "hiring_manager_id": "Hiring Manager"}).to_csv(
        folder / "requisitions.csv", index=False
    )
    events.rename(columns={"event": "Activity", "at": "Timestamp"}).to_excel(folder / "log.xlsx", index=False)


def mapped_lines(folder, requisitions, events):
    """JSON lines with objects within objects and milliseconds since 1970, as Lever writes times."""

    def milliseconds(at):
        return None if pd.isna(at) else int(at.tz_localize(write.ZONE).timestamp() * 1000)

    def plain(value):
        return None if pd.isna(value) else value

    postings = [
        {**{k: plain(v) for k, v in row.items() if k not in TIMES}, **{k: milliseconds(row[k]) for k in TIMES}}
        for row in requisitions.to_dict("records")
    ]
    log = [
        {"posting": row["requisition_id"], "candidate_id": plain(row["candidate_id"]), "event": row["event"],
         "at": milliseconds(row["at"]), "actor_id": plain(row["actor_id"]), "due_at": milliseconds(row["due_at"])}
        for row in events.to_dict("records")
    ]  # fmt: skip
    write.save(folder, "postings", postings, lines=True)
    write.save(folder, "events", log)


@pytest.mark.parametrize("layout", [mapped_log, mapped_lines])
def test_what_a_mapped_export_holds_comes_back(tmp_path, study, layout):
    sample = Study.load("data/sample", merged=False)
    requisitions, events = sample.requisitions.iloc[:80], sample.hiring_events
    requisitions = requisitions[requisitions[TIMES].apply(write.unambiguous).all(axis=1)]
    events = events[events["requisition_id"].isin(requisitions["requisition_id"])]
    events = events[write.unambiguous(events["at"]) & write.unambiguous(events["due_at"])]
    (tmp_path / "export").mkdir()
    layout(tmp_path / "export", requisitions, events)
    report = import_file("hiring", tmp_path / "export", study)
    requisitions, events = as_read(requisitions, events, "hiring", actors=None)
    read = Study.load(study, merged=False)
    same(read.requisitions, requisitions, list(requisitions))
    same(read.hiring_events, events, list(events))
    assert not report.skipped


WORKDAY = (
    "Job Requisition ID,Recruiting Start Date,Hiring Manager,Primary Recruiter,Supervisory Organization,"
    "Primary Location,Job Requisition Status,Candidate Name,Candidate ID,Application Date,Interview Date,"
    "Feedback Completed At,Hire Date\n"
    "R1,2026-01-02,m1,r9,Sales,Bern,Filled,Jo Doe,c1,2026-01-05,2026-01-15,2026-01-16,2026-02-01\n"
)


def test_a_report_of_workday_by_its_proposed_mapping(study, tmp_path):
    (tmp_path / "report.csv").write_text(WORKDAY, encoding="utf-8")
    report = import_file("hiring", tmp_path / "report.csv", study)
    read = Study.load(study, merged=False)
    assert read.requisitions[["department", "location", "close_reason"]].to_numpy().tolist() == [
        ["Sales", "Bern", "filled"]
    ]
    assert read.hiring_events["event"].tolist() == ["applied", "interview_held", "feedback_given", "offer_accepted"]
    assert report.personal == ["Candidate Name"] and not report.left_out


def test_records_of_lever_by_their_proposed_mapping(study, tmp_path):
    posting = {
        "id": "p1", "state": "closed", "createdAt": 1767225600000, "owner": "u1", "hiringManager": "u2",
        "categories": {"department": "Engineering", "location": "Bern"}, "confidentiality": None,
    }  # fmt: skip
    opportunity = {
        "id": "o1", "name": "Jo Doe", "emails": ["jo@example.com"], "phones": [{"value": "555"}], "posting": "p1",
        "createdAt": 1767312000000, "archivedAt": None, "stageChanges": [{"toStageId": "a"}, {"toStageId": "b"}],
    }  # fmt: skip
    write.save(tmp_path / "export", "postings", [posting], lines=True)
    write.save(tmp_path / "export", "opportunities", [opportunity], lines=True)
    report = import_file("hiring", tmp_path / "export", study)
    read = Study.load(study, merged=False)
    assert read.requisitions[["requisition_id", "department", "location"]].to_numpy().tolist() == [
        ["p1", "Engineering", "Bern"]
    ]
    assert read.requisitions["opened_at"].astype(str).tolist() == ["2026-01-01 01:00:00"]
    assert read.hiring_events[["event", "at"]].astype(str).to_numpy().tolist() == [["applied", "2026-01-02 01:00:00"]]
    assert report.personal == ["name", "emails", "phones"]
    assert set(report.left_out) == {"confidentiality", "archivedAt", "stageChanges"}


def test_words_of_a_log_that_nobody_knows_stop_the_import_until_they_are_mapped(study, tmp_path, refusal):
    text = "req id,event,at,hiring manager,opened\nR1,Zwischengespräch,2026-02-01,m1,2026-01-01\n"
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    said = refusal(import_file, "hiring", tmp_path / "log.csv", study)
    assert 'no event is known by the words "Zwischengespräch"' in said and "nothing was imported" in said
    place = study / "mappings" / "hiring.yaml"
    proposal = place.read_text(encoding="utf-8").replace('spräch": UNSURE', 'spräch": interview_held')
    place.write_text(proposal, encoding="utf-8")
    import_file("hiring", tmp_path / "log.csv", study)
    assert Study.load(study).hiring_events["event"].tolist() == ["interview_held"]
    (tmp_path / "log.csv").rename(tmp_path / "log-next-month.csv")
    assert "1 unchanged" in import_file("hiring", tmp_path / "log-next-month.csv", study).text()


def test_a_mapping_tells_order_of_days_and_time_zone(study, tmp_path, refusal):
    text = "req id,event,at,hiring manager,opened\nR1,interview,03/04/2026 10:00,m1,01/02/2026\n"
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    assert "which number" in refusal(import_file, "hiring", tmp_path / "log.csv", study)
    place = study / "mappings" / "hiring.yaml"
    chosen = place.read_text(encoding="utf-8").replace("# dates: day-first", "dates: day-first")
    place.write_text(chosen.replace("# timezone: Europe/Zurich", "timezone: America/New_York"), encoding="utf-8")
    import_file("hiring", tmp_path / "log.csv", study)
    assert Study.load(study).hiring_events["at"].astype(str).tolist() == ["2026-04-03 16:00:00"]


MOMENTS = {  # as written, in the study's zone, and where New York's clocks tell the time
    "2024-02-29T23:30:00Z": ("2024-03-01 00:30:00", "2024-03-01 00:30:00"),  # leap day
    "2026-03-29T00:59:00Z": ("2026-03-29 01:59:00", "2026-03-29 01:59:00"),
    "2026-03-29T01:00:00.000+0000": ("2026-03-29 03:00:00", "2026-03-29 03:00:00"),  # an hour is left out
    "2025-10-26T02:30:00+02:00": ("2025-10-26 02:30:00", "2025-10-26 02:30:00"),
    "2025-10-26T02:30:00+01:00": ("2025-10-26 02:30:00", "2025-10-26 02:30:00"),  # an hour stands twice
    "2024-02-29": ("2024-02-29 00:00:00", "2024-02-29 00:00:00"),
    "2026-03-08 02:30": ("2026-03-08 02:30:00", "2026-03-08 08:00:00"),  # does not exist in New York: 3 o'clock
    "2025-11-02 01:30": ("2025-11-02 01:30:00", "2025-11-02 06:30:00"),  # the first of two
}


@pytest.mark.parametrize("zone", ["Europe/Zurich", "America/New_York"])
def test_moments_are_told_in_the_studys_zone_across_clock_changes_and_leap_days(study, tmp_path, zone):
    rows = "".join(f"R1,interview,{text},c{n},m1,2024-01-01\n" for n, text in enumerate(MOMENTS))
    text = f"req id,event,at,candidate_id,hiring manager,opened\n{rows}"
    (tmp_path / "log.csv").write_text(text, encoding="utf-8")
    columns = "{req id: requisition_id, event: event, at: at, candidate_id: candidate_id, hiring manager: "
    columns += "hiring_manager_id, opened: opened_at}"
    mapping = f"files:\n  log:\n    timezone: {zone}\n    columns: {columns}\n"
    (tmp_path / "mapping.yaml").write_text(mapping, encoding="utf-8")
    import_file("hiring", tmp_path / "log.csv", study, mapping=tmp_path / "mapping.yaml")
    found = Study.load(study).hiring_events["at"].astype(str).tolist()
    assert found == [told[zone != "Europe/Zurich"] for told in MOMENTS.values()]


def test_how_a_job_ended_is_told_by_its_openings(study, resources):
    closed = JOB | {"status": "closed", "closed_at": "2014-06-01T10:00:00Z"}
    hold = [{"status": "closed", "closed_at": "2014-06-01T10:00:00Z", "close_reason": {"id": 1, "name": "On Hold"}}]
    filled = [*hold, {"status": "closed", "closed_at": "2014-06-01T10:00:00Z", "application_id": 3456}]
    jobs = [
        closed | {"id": 1, "openings": filled},
        closed | {"id": 2, "openings": hold},
        closed | {"id": 3, "openings": []},
        closed | {"id": 4, "closed_at": None, "openings": hold},
        JOB | {"id": 5},
        closed | {"id": 6, "closed_at": "2026-07-01T10:00:00Z"},
    ]
    report = import_file("greenhouse", resources(jobs=jobs, applications=[]), study)
    found = Study.load(study, merged=False).requisitions.set_index("requisition_id")
    reasons = found["close_reason"].fillna("").to_dict()
    assert reasons == {"1": "filled", "2": "on_hold", "3": "cancelled", "4": "on_hold", "5": "", "6": ""}
    assert found["closed_at"].notna().to_dict() == {id: reason != "" for id, reason in reasons.items()}
    assert "Jobs with several openings, taken as one requisition each: 1." in report.text()
    assert "Still open on 2026-06-30, though closed later: 1 requisitions." in report.text()


def test_times_of_warehouses_without_an_offset_are_utc_and_days_stay_days(study, resources):
    applications = [APPLICATION | {"applied_at": "2026-03-29 00:30:00.000"}]
    offers = [{"id": 1, "application_id": "3456.0", "sent_on": "2026-04-01", "status": "Created"}]
    import_file("greenhouse", resources(applications=applications, offers=offers), study)
    events = Study.load(study).hiring_events.set_index("event")["at"].astype(str)
    assert events.to_dict() == {"applied": "2026-03-29 01:30:00", "offer_extended": "2026-04-01 00:00:00"}


def test_the_command_takes_a_folder_and_says_what_is_wrong(study, resources, tmp_path):
    def run(path):
        return CliRunner().invoke(main, ["import", "greenhouse", str(path), "--study", str(study)])

    wrong = run(tmp_path / "none")
    assert wrong.exit_code == 2 and "there is no file or folder" in wrong.output
    done = run(resources(scorecards=[SCORECARD]))
    assert done.exit_code == 0 and "feedback_given: 1" in done.output


MISTAKES = {
    "no such folder": (None, "there is no file or folder"),
    "empty folder": ({}, "the folder holds no export"),
    "cut off": ({"jobs.json": '[{"id": 1', "applications.json": "[]"}, "not valid JSON"),
    "no records": ({"jobs.json": "[1]", "applications.json": "[]"}, "entry 1"),
    "no applications": ({"jobs.json": json.dumps([JOB])}, "there is no resource applications"),
    "nothing in it": ({"jobs.json": "[]", "applications.json": "[]"}, "nothing in it can be taken"),
    "bad times": (
        {"jobs.json": json.dumps([JOB | {"created_at": "soon", "opened_at": "later"}]), "applications.json": "[]"},
        'opened_at: "soon" (jobs 6404)',
    ),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_a_mistake_is_told_once_and_nothing_is_written(study, tmp_path, refusal, mistake):
    contents, expected = MISTAKES[mistake]
    folder = tmp_path / "export"
    if contents is not None:
        folder.mkdir()
        for name, text in contents.items():
            (folder / name).write_text(text, encoding="utf-8")
    assert expected in refusal(import_file, "greenhouse", folder, study)
    assert not (study / "requisitions.csv").exists() and not list(study.glob("*.new"))


def test_options_that_do_not_apply_are_refused(study, resources, tmp_path, refusal):
    assert "data of hiring and of practices have no waves" in refusal(
        import_file, "greenhouse", resources(), study, wave="2026"
    )
    said = refusal(import_file, "greenhouse", resources(), study, mapping=tmp_path / "m.yaml")
    assert "no stages" in said
    assert "one resource alone" in refusal(import_file, "greenhouse", resources() / "jobs.json", study)
