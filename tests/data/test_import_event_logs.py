"""Event logs of process mining tools come in as hiring events: what happened, when, in which application."""

import json

import pandas as pd
import pytest

from helpers.data import Study
from helpers.data.importers.engine import import_file

KEY = "a key of the study, kept elsewhere"
HEAD = '<?xml version="1.0"?>\n<log xes.version="1849-2016" xmlns="http://www.xes-standard.org/">\n'


@pytest.fixture
def study(write_study, monkeypatch):
    """An empty study whose key is set."""
    monkeypatch.setenv("TEST_KEY", KEY)
    return write_study(settings="timezone: Europe/Zurich\npseudonyms: {key_env: TEST_KEY}\n")


def trace(case, *events, about='<date key="job_opened" value="2026-02-01"/>'):
    told = "".join(
        f'<event><string key="concept:name" value="{name}"/><string key="lifecycle:transition" value="{end}"/>'
        f'<date key="time:timestamp" value="2026-03-0{day}T10:00:00.000+01:00"/></event>'
        for name, end, day in events
    )
    job = f'<string key="job_id" value="R1"/>{about}'
    return f'<trace><string key="concept:name" value="{case}"/>{job}{told}</trace>'


def held(study):
    events = Study.load(study, merged=False).hiring_events.sort_values("at")
    people = pd.factorize(events["candidate_id"])[0]  # in order of their first event
    return list(zip(people, events["event"], events["at"].dt.day, strict=True))


def test_a_log_in_xes(tmp_path, study):
    one = trace("A1", ("Application received", "complete", 2), ("Interview", "start", 5), ("Interview", "complete", 6))
    two = trace("A2", ("Application received", "complete", 3), ("Rejected", "complete", 4))
    (tmp_path / "log.xes").write_text(f"{HEAD}{one}\n{two}</log>", encoding="utf-8")
    told = import_file("hiring", tmp_path / "log.xes", study).text()
    wanted = [(0, "applied", 2), (1, "applied", 3), (1, "candidate_rejected", 4)]
    assert held(study) == [*wanted, (0, "interview_held", 6)]  # the start of what has an end is no event
    assert "event the mapping skips" in told
    assert Study.load(study, merged=False).requisitions["opened_at"].dt.strftime("%m-%d").tolist() == ["02-01"]


def test_a_log_in_ocel_beside_a_table_of_openings(tmp_path, study):
    folder, kinds = tmp_path / "export", {"R1": "requisition", "A1": "application", "u1": "user", "u2": "user"}
    folder.mkdir()
    (folder / "jobs.csv").write_text("job_id,opened_at,department\nR1,2026-02-01,Care\n", encoding="utf-8")
    happened = [("applied", ["R1", "A1"]), ("interview held", ["R1", "A1", "u1", "u2"]), ("hired", ["R1", "A1"])]
    log = {"objects": [{"id": id, "type": kind} for id, kind in kinds.items()], "events": [
        {"id": f"e{n}", "type": name, "time": f"2026-03-0{n}T09:00:00Z",
         "relationships": [{"objectId": each, "qualifier": "about"} for each in related]}
        for n, (name, related) in enumerate(happened, 1)]}  # fmt: skip
    (folder / "log.json").write_text(json.dumps(log, indent=1), encoding="utf-8")
    import_file("hiring", folder, study)
    assert held(study) == [(0, "applied", 1), (0, "interview_held", 2), (0, "offer_accepted", 3)]


@pytest.mark.parametrize(
    ("text", "words"),
    [("<log><trace>", "this is not valid XML"), (f"{HEAD}</log>", "the file holds no records"),
     (f"{HEAD}{trace('A1', ('Stage 7', 'complete', 2))}</log>", "no event is known by the words"),
     (f"{HEAD}{trace('A1', ('Hired', 'complete', 2))}</log>".replace("job_id", "note"), "requisition_id")],
)  # fmt: skip
def test_what_a_log_leaves_open_is_asked(tmp_path, study, refusal, text, words):
    (tmp_path / "log.xes").write_text(text, encoding="utf-8")
    assert words in refusal(import_file, "hiring", tmp_path / "log.xes", study)


def test_a_log_brings_nothing_in_from_outside(tmp_path, study):
    (tmp_path / "secret").write_text("R9", encoding="utf-8")
    log = f'<!DOCTYPE log [<!ENTITY job SYSTEM "{(tmp_path / "secret").as_uri()}">]><log>&job;{{}}</log>'
    text = log.format(trace("A1", ("Hired", "complete", 2), about='<date key="job_opened" value="2026-02-01"/>&job;'))
    (tmp_path / "log.xes").write_text(text, encoding="utf-8")
    import_file("hiring", tmp_path / "log.xes", study)
    assert "R9" not in (study / "hiring_events.csv").read_text("utf-8") and len(held(study)) == 1
