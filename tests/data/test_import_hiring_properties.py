"""Whatever the export of an applicant-tracking system holds, it is imported or refused in words."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from small_study import CODEBOOK

from helpers.data import InputError, Study
from helpers.data.identities import PSEUDONYM
from helpers.data.importers.engine import import_file
from helpers.data.importers.tracking import records
from helpers.data.limits import Limits

pytestmark = pytest.mark.slow

SETTINGS = "title: T\nas_of: 2026-06-30\npseudonyms: {key_env: TEST_HIRING_KEY}\ntables: {}\n"
quick = settings(max_examples=60)

#: What a field may hold: what belongs there, what does not, and what no exporter should write.
GOOD = ["2026-03-01T10:00:00Z", "2026-03-29T01:30:00.123Z", "2026-02-28", "2026-10-25T00:30:00+00:00", 1772359200000]
ODD = ["2026-13-45T10:00:00Z", "0001-01-01T00:00:00Z", "9999-12-31T23:59:59+14:00", 17723592, "01/02/2026", "soon"]
ODD += ["", None, True, -1, 1e400]
good = st.sampled_from(GOOD)
times = st.integers(0, 60).flatmap(lambda n: st.sampled_from(ODD) if n == 37 else good)
ids = st.sampled_from(
    [1, 1, 1, 2, "1", "1.0", 1.0, "a,b", 'x"y', "=1+1", "é", "", None, "\ud800", "\x00", [], {}, 10**30]
)
anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5) | times | ids,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)
FIELDS = {
    "id": ids, "job_id": ids, "candidate_id": ids, "application_id": ids, "user_id": ids, "scorecard_id": ids,
    "interview_id": ids, "jobs": st.lists(st.fixed_dictionaries({"id": ids}), max_size=2) | anything,
    "hiring_team": st.fixed_dictionaries({"hiring_managers": st.lists(st.fixed_dictionaries({"id": ids}), min_size=1)})
    | anything,
    "start": st.fixed_dictionaries({"date_time": times}) | times | anything, "status": st.sampled_from(
        ["open", "closed", "draft", "complete", "scheduled", "accepted", "rejected"]) | anything,
    "new_stage": st.sampled_from(["Hiring Manager Review", "Offer: 1", "{", "null", "- x", "é"]) | anything,
    "openings": st.lists(st.fixed_dictionaries({"closed_at": times, "application_id": ids}), max_size=2) | anything,
    **dict.fromkeys(
        ["created_at", "opened_at", "closed_at", "applied_at", "rejected_at", "submitted_at", "interviewed_at",
         "sent_at", "resolved_at", "valid_from", "valid_until", "starts_at", "scheduled_at"], times,
    ),
}  # fmt: skip


def record_with(*needed: str) -> st.SearchStrategy:
    """A record that holds some fields, and any others."""
    optional = {name: field for name, field in FIELDS.items() if name not in needed}
    return st.fixed_dictionaries({name: FIELDS[name] for name in needed}, optional=optional)


record = record_with()
job, application = record_with("id", "created_at", "hiring_team"), record_with("id", "job_id", "applied_at")
resources = st.fixed_dictionaries(
    {"jobs": st.lists(job, min_size=1, max_size=3), "applications": st.lists(application, max_size=3)},
    optional=dict.fromkeys(
        ["openings", "job_hiring_managers", "interviews", "interviewers", "scorecards", "offers",
         "application_history", "departments"], st.lists(record, max_size=3),
    ),
)  # fmt: skip


@pytest.fixture(autouse=True)
def key(monkeypatch):
    """The key of the study."""
    monkeypatch.setenv("TEST_HIRING_KEY", "a key of the study, kept elsewhere")


def folder_of(place: str) -> Path:
    folder = Path(place) / "study"
    folder.mkdir()
    (folder / "study.yaml").write_text(SETTINGS, encoding="utf-8")
    (folder / "codebook.yaml").write_text(CODEBOOK, encoding="utf-8")
    return folder


def imported_or_refused(format: str, path: Path, folder: Path) -> bool:
    """Import twice: the tables are whole and readable and do not grow, or nothing at all was written."""
    try:
        report = import_file(format, path, folder)
    except InputError as error:
        assert str(error)
        assert not list(folder.glob("*.csv")) and not list(folder.rglob("*.new"))
        return False
    assert report.text()
    read = Study.load(folder, merged=False)
    events = read.hiring_events
    assert len(events) == sum(report.events.values())
    assert events["candidate_id"].dropna().str.fullmatch(PSEUDONYM).all()
    assert read.requisitions["hiring_manager_id"].dropna().str.fullmatch(PSEUDONYM).all()
    import_file(format, path, folder)
    again = Study.load(folder, merged=False)
    assert len(again.hiring_events) == len(events) and len(again.requisitions) == len(read.requisitions)
    return True


@quick
@given(resources)
def test_any_resources_of_greenhouse(contents):
    with tempfile.TemporaryDirectory() as place:
        folder, export = folder_of(place), Path(place) / "export"
        export.mkdir()
        for name, entries in contents.items():
            (export / f"{name}.json").write_text(json.dumps(entries), encoding="utf-8")
        imported_or_refused("greenhouse", export, folder)


names = st.sampled_from(["id", "a b", "jobs", "start", "x/y", "ID", "é", "a", "$"])
value = st.recursive(
    st.sampled_from(["x", "a  b", " a", '"', "\\", "1.0", "{", "[", "é", "", "\n", "2026-01-01"])
    | st.sampled_from([None, True, False, 0, -1, 1.0, 1.5, 1e20, 10**30, 12]),
    lambda inner: st.lists(inner, max_size=2) | st.dictionaries(names, inner, max_size=2),
    max_leaves=4,
)


def told(row: dict, wanted: tuple) -> dict:
    """What a row holds in the columns wanted; lists by what they mean, however their JSON is spaced."""
    held = {name: text for name, text in row.items() if isinstance(text, str) and (not wanted or name in wanted)}
    lists = {name for name in held if name in wanted and held[name][:1] == "[" and held[name] != "["}
    return {name: json.loads(text) if name in lists else text for name, text in held.items()}


@settings(max_examples=200)
@given(
    st.lists(st.dictionaries(names, value, max_size=3), min_size=1, max_size=4), st.sampled_from([(), ("id", "jobs")])
)
def test_records_read_all_at_once_are_those_read_one_by_one(entries, wanted):
    with tempfile.TemporaryDirectory() as place:
        for suffix, text in ((".json", json.dumps(entries)), (".jsonl", "\n".join(map(json.dumps, entries)))):
            path = Path(place) / f"log{suffix}"
            path.write_text(text, encoding="utf-8")
            found = records._all_at_once(path, Limits(), wanted)
            rows = [dict(records._flat(entry, wanted)) for entry in entries]
            for row, texts in zip(rows, found.to_dict("records") if found is not None else rows):
                assert told(texts, wanted) == told(row, wanted)
            assert found is None or list(found.index) == list(range(1, len(entries) + 1))


def test_usual_records_are_read_all_at_once(tmp_path):
    lines = '{"id": 7, "at": {"time": "2026-01-01"}, "on": true, "no": null, "x": [5], "y": [{"z": 1}], "n": 1.0}\n{}\n'
    (tmp_path / "log.jsonl").write_text(lines, encoding="utf-8")
    found = records._all_at_once(tmp_path / "log.jsonl", Limits(), ())
    assert found.loc[1].dropna().to_dict() == {"id": "7", "at.time": "2026-01-01", "on": "yes", "x": "5", "n": "1"}
    assert found.loc[2].isna().all()


COLUMNS = ["job id", "candidate_id", "event", "at", "opened", "hiring manager", "status", "close_reason", "applied"]
COLUMNS += ["interview date", "e-mail", "", "x.y", "at "]


@quick
@given(st.lists(st.dictionaries(st.sampled_from(COLUMNS), anything), max_size=4))
def test_any_lines_of_another_system(rows):
    with tempfile.TemporaryDirectory() as place:
        folder, path = folder_of(place), Path(place) / "log.jsonl"
        path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
        imported_or_refused("hiring", path, folder)
        imported_or_refused("hiring", path, folder)  # by the mapping that was proposed


@quick
@given(st.binary(max_size=200), st.sampled_from(["csv", "xlsx", "json", "jsonl", "parquet", "txt"]))
def test_any_bytes(data, suffix):
    for format in ("greenhouse", "hiring"):
        with tempfile.TemporaryDirectory() as place:
            folder, path = folder_of(place), Path(place) / f"jobs.{suffix}"
            path.write_bytes(data)
            assert not imported_or_refused(format, path, folder)


@quick
@given(st.lists(st.tuples(times, st.sampled_from(["hired", "interview", "rejected", "applied"]), ids), min_size=1))
def test_any_log_of_plain_rows(rows):
    with tempfile.TemporaryDirectory() as place:
        folder, path = folder_of(place), Path(place) / "log.jsonl"
        lines = [
            {
                "job id": "R1",
                "hiring manager": "m1",
                "opened": "2026-01-01",
                "event": event,
                "at": at,
                "candidate_id": id,
            }
            for at, event, id in rows
        ]
        path.write_text("".join(json.dumps(line) + "\n" for line in lines), encoding="utf-8")
        imported_or_refused("hiring", path, folder)
