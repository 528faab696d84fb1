"""Writes requisitions and events in the layouts of applicant-tracking systems: what must come back unchanged."""

import json
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

ZONE = "Europe/Zurich"


def instant(at: pd.Timestamp) -> str | None:
    """Return a local time as an instant in UTC, as interfaces write it."""
    if pd.isna(at):
        return None
    return f"{at.tz_localize(ZONE).tz_convert('UTC'):%Y-%m-%dT%H:%M:%S}.000Z"


def unambiguous(at: pd.Series) -> pd.Series:
    """Tell which local times exist once: not in the hours that clocks repeat or leave out."""
    return at.isna() | at.dt.tz_localize(ZoneInfo(ZONE), ambiguous="NaT", nonexistent="NaT").notna()


def save(folder: Path, name: str, entries: list[dict], lines: bool = False) -> None:
    """Write a resource as a JSON list, or as one object per line."""
    folder.mkdir(parents=True, exist_ok=True)
    if lines:
        text = "".join(json.dumps(entry) + "\n" for entry in entries)
        (folder / f"{name}.jsonl").write_text(text, encoding="utf-8", newline="\n")
    else:
        (folder / f"{name}.json").write_text(json.dumps(entries), encoding="utf-8", newline="\n")


def greenhouse_v1(folder: Path, requisitions: pd.DataFrame, events: pd.DataFrame, lines: bool = False) -> None:
    """Write Harvest version 1: people and openings within jobs, start within interviews."""
    jobs, applications, interviews, cards, offers, history = _records(requisitions, events)
    for row, job in zip(requisitions.itertuples(), jobs):
        job["hiring_team"] = {
            "hiring_managers": [{"id": row.hiring_manager_id, "name": "Kim Example"}],
            "recruiters": [{"id": "x", "responsible": False}, {"id": row.recruiter_id, "responsible": True}],
        }
        job["departments"] = [{"id": 1, "name": row.department}]
        job["offices"] = [{"id": 2, "name": row.location, "location": {"name": "somewhere"}}]
    for entry in applications:
        entry["jobs"] = [{"id": entry.pop("job_id"), "name": "a job"}]
        entry["applied_at"] = entry.pop("created_at")
        if kind := entry.pop("rejection_reason_id"):
            reason = "They rejected us" if kind == 2 else "We rejected them"
            entry["rejection_reason"] = {"id": kind, "name": "a reason", "type": {"id": kind, "name": reason}}
        entry["answers"] = [{"question": "Who are you?", "answer": "Kate Austen"}]
    for entry in interviews:
        entry["start"] = {"date_time": entry.pop("starts_at")}
        entry["created_at"] = entry.pop("scheduled_at")
        entry["organizer"] = {"id": entry.pop("organizer_id"), "name": "Kim Example"}
        entry["interviewers"] = [
            {**guest, "name": "Kim Example", "email": "kim@example.com"} for guest in entry.pop("guests")
        ]
    for entry in cards:
        entry["submitted_by"] = {"id": entry.pop("interviewer_id"), "name": "Kim Example"}
    for entry in offers:
        entry["sent_at"] = entry.pop("sent_on")
    resources = {"jobs": jobs, "applications": applications, "scheduled_interviews": interviews}
    for name, entries in (resources | {"scorecards": cards, "offers": offers}).items():
        save(folder, name, entries, lines)
    pd.DataFrame(history).to_csv(folder / "application_history.csv", index=False)


def greenhouse_v3(folder: Path, requisitions: pd.DataFrame, events: pd.DataFrame, csv: bool = False) -> None:
    """Write Harvest version 3: flat resources that name each other by id."""
    jobs, applications, interviews, cards, offers, history = _records(requisitions, events)
    departments = {name: i for i, name in enumerate(requisitions["department"].unique(), 1)}
    offices = {name: i for i, name in enumerate(requisitions["location"].unique(), 1)}
    managers, owners, openings = [], [], []
    for row, job in zip(requisitions.itertuples(), jobs):
        opening = job.pop("openings")[0]
        openings.append({**opening, "id": f"o{row.Index}", "job_id": job["id"], "open": opening["status"] == "open"})
        job |= {"department_id": departments[row.department], "office_ids": [offices[row.location]]}
        managers.append({"id": row.Index, "job_id": job["id"], "user_id": row.hiring_manager_id})
        owners.append({"job_id": job["id"], "user_id": row.recruiter_id, "type": "recruiter", "responsible": True})
    guests = [{**g, "interview_id": i["id"], "user_id": g["id"]} for i in interviews for g in i.pop("guests")]
    stages = [
        {"application_id": h["application_id"], "job_interview_stage_id": 7, "entered_at": h["valid_from"],
         "exited_at": h["valid_until"], "current": False}
        for h in history
    ]  # fmt: skip
    resources = {
        "jobs": jobs, "openings": openings, "job_hiring_managers": managers, "job_owners": owners,
        "applications": applications, "application_stages": stages, "interviews": interviews, "interviewers": guests,
        "job_interview_stages": [{"id": 7, "name": "Hiring Manager Review"}], "scorecards": cards, "offers": offers,
        "users": [{"id": "x", "first_name": "Kim", "primary_email": "kim@example.com"}],
        "departments": [{"id": i, "name": name} for name, i in departments.items()],
        "offices": [{"id": i, "name": name} for name, i in offices.items()],
        "rejection_reasons": [{"id": 2, "name": "x", "type": {"name": "They rejected us"}}],
    }  # fmt: skip
    for name, entries in resources.items():
        if csv and name != "rejection_reasons":
            folder.mkdir(exist_ok=True)
            pd.DataFrame(entries).to_csv(folder / f"{name}.csv", index=False)
        else:
            save(folder, name, entries)


def _records(requisitions: pd.DataFrame, events: pd.DataFrame) -> tuple[list[dict], ...]:
    jobs, applications, interviews, cards, offers, history = [], [], [], [], [], []
    hired = dict(events.loc[events["event"] == "offer_accepted", ["requisition_id", "candidate_id"]].to_numpy())
    for row in requisitions.itertuples():
        open_still = pd.isna(row.closed_at)
        filled = row.close_reason == "filled"
        jobs.append(
            {
                "id": row.requisition_id, "name": "a job", "requisition_id": None, "notes": "call 555 0100",
                "status": "open" if open_still else "closed", "created_at": instant(row.opened_at),
                "opened_at": instant(row.approved_at), "closed_at": instant(row.closed_at),
                "openings": [{
                    "status": "open" if open_still else "closed", "opened_at": instant(row.approved_at),
                    "closed_at": instant(row.closed_at),
                    "application_id": f"a{hired.get(row.requisition_id, 0)}" if filled else None,
                    "close_reason": {"name": "On hold"} if row.close_reason == "on_hold" else None,
                }],
            }
        )  # fmt: skip
    for (requisition, candidate), rows in events.groupby(["requisition_id", "candidate_id"], sort=False):
        id = f"a{candidate}"
        at = {event: list(part.itertuples()) for event, part in rows.groupby("event")}
        gone = (at.get("candidate_rejected") or at.get("candidate_withdrawn") or [None])[0]
        applications.append(
            {
                "id": id, "candidate_id": candidate, "job_id": requisition, "prospect": False,
                "created_at": instant(at["applied"][0].at), "rejected_at": instant(gone.at) if gone else None,
                "rejection_reason_id": (2 if gone.event == "candidate_withdrawn" else 1) if gone else None,
            }
        )  # fmt: skip
        for sent, reviewed in zip(at.get("cv_sent", []), at.get("cv_reviewed", [])):
            history.append(
                {"application_id": id, "new_stage_id": 7, "new_stage": "Hiring Manager Review",
                 "valid_from": instant(sent.at), "valid_until": instant(reviewed.at)}
            )  # fmt: skip
        planned, held = at.get("interview_scheduled", []), at.get("interview_held", [])
        for number, (plan, interview) in enumerate(zip(planned, held)):
            given = at.get("feedback_given", [])
            card = f"s{candidate}-{number}" if number < len(given) else None
            guests = [{"id": interview.actor_id, "response_status": "needs_action", "scorecard_id": card}]
            interviews.append(
                {
                    "id": f"i{candidate}-{number}", "application_id": id, "status": "complete",
                    "starts_at": instant(interview.at), "scheduled_at": instant(plan.at),
                    "organizer_id": plan.actor_id, "guests": guests,
                }
            )  # fmt: skip
            if card:
                cards.append(
                    {
                        "id": card, "application_id": id, "candidate_id": candidate, "interview": "Interview",
                        "interviewed_at": instant(interview.at), "submitted_at": instant(given[number].at),
                        "interviewer_id": given[number].actor_id, "overall_recommendation": "yes",
                    }
                )  # fmt: skip
        for number, sent in enumerate(at.get("offer_extended", [])):
            end = next(iter(at.get("offer_accepted", []) + at.get("offer_declined", [])), None)
            status = {None: "unresolved", "offer_accepted": "accepted"}.get(end and end.event, "rejected")
            offers.append(
                {"id": f"f{candidate}-{number}", "application_id": id, "sent_on": instant(sent.at), "status": status,
                 "resolved_at": instant(end.at) if end else None}
            )  # fmt: skip
    return jobs, applications, interviews, cards, offers, history
