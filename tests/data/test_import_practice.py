"""A filled-in capture workbook, or csv typed from the sheets, comes into a study; what is not certain is asked back."""

import datetime
import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from helpers.cli import main
from helpers.data import Study
from helpers.data.importers.capture import sheets, words
from helpers.data.importers.engine import import_file
from helpers.data.tables import OUTCOMES, PROMISE_KINDS, PROMISED_BY
from helpers.playbooks import load
from helpers.playbooks.evidence import load as evidence_of
from helpers.playbooks.kit import make_kit
from helpers.playbooks.marks import fill, plain
from helpers.playbooks.values import values
from helpers.shipped import PLAYBOOKS

pytestmark = pytest.mark.slow

PEOPLE = "person_id,side\n" + "".join(f"HR-{n:03d},hr\nM-{n:03d},manager\n" for n in range(1, 8))
PAIRS = "partnership_id,hr_id,manager_id\n" + "".join(f"P-{n:03d},HR-{n:03d},M-{n:03d}\n" for n in range(1, 8))
HEAD = "session_id,practice,date,person_id,partnership_id,consent,hours"
CALLS = 'practices: {participation: {customer_call: "Works agreement 4, section 2"}}\n'


@pytest.fixture
def folder(write_study):
    return write_study(people=PEOPLE, partnerships=PAIRS)


@pytest.fixture
def typed(folder, tmp_path):
    """Return a function that writes a csv file and brings it into the study; returns what the log says."""

    def of(text: str, name: str = "typed.csv") -> str:
        path = tmp_path / name
        path.write_text(text, encoding="utf-8")
        return import_file("practice", path, folder).text()

    return of


def rows(study: Path | Study, name: str) -> list[dict[str, str]]:
    folder = study if isinstance(study, Path) else study.folder
    return pd.read_csv(folder / f"{name}.csv", dtype=str, keep_default_na=False).to_dict("records")


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}


def workbook(tmp_path: Path, practice: str, edition: str, people: int = 12) -> Path:
    made = make_kit(PLAYBOOKS, practice, edition, people, out=tmp_path)
    return next(path for path in made.files if path.suffix == ".xlsx")


def type_in(path: Path, **sheets: list[dict[str, object]]) -> Path:
    book = load_workbook(path)
    for name, lines in sheets.items():
        sheet = book[name]
        places = {cell.value: cell.column for cell in sheet[1]}
        for row, line in enumerate(lines, 2):
            for column, value in line.items():
                sheet.cell(row, places[column], value)
    book.save(path)
    return path


# Every word printed on a sheet


def printed_words(practice: str) -> dict[str, list[str]]:
    """Return what the sheets of a practice print for each choice and yes/no field: the words between their marks."""
    book = load(PLAYBOOKS / practice)
    known = values(book.front, evidence_of(PLAYBOOKS))
    found = {}
    for one in book.front.capture.fields:
        text = fill((book.folder / book.front.sheet(one.sheet).file).read_text(encoding="utf-8"), known)
        marks = dict(re.findall(r"<!--=(asks|ticks):" + one.field + r"-->(.*?)<!--/-->", text))
        assert marks, f"{one.field} is not on {one.sheet}"
        if one.type in ("choice", "yes_no"):
            asked = marks.get("ticks") or marks["asks"].split(": ", 1)[1]
            found[one.field] = [word.strip() for word in re.split(r" / |☐|&nbsp;", asked) if word.strip()]
    return found


@pytest.mark.parametrize(("practice", "edition"), [("role-swap", "full-day"), ("customer-call-shadowing", "session")])
def test_every_word_printed_on_a_sheet_is_accepted(folder, tmp_path, practice, edition):
    """One person types each word of each field; the rest gets the limits of its range."""
    front = load(PLAYBOOKS / practice).front
    printed = printed_words(practice)
    most = max(map(len, printed.values()))
    people, sessions = [], []
    for turn in range(max(most, 3)):
        pair, session = f"P-{turn + 1:03d}", f"S{turn}"
        answers: dict[str, object] = {}
        for one in front.capture.fields:
            if one.field in printed:
                answers[one.field] = printed[one.field][turn % len(printed[one.field])]
            elif one.type == "date":
                answers[one.field] = "12.06.2026"
            elif one.type == "text":
                answers[one.field] = "shift planning"
            elif one.not_above is None:
                answers[one.field] = one.most if turn % 2 else one.least
        whole = {one.field for one in front.capture.fields if one.level == "session"}
        sessions.append({"session_id": session, "practice": front.title, "date": datetime.date(2026, 5, 12), "came": 2,
                         **{name: value for name, value in answers.items() if name in whole}})  # fmt: skip
        own = {name: value for name, value in answers.items() if name not in whole}
        for side in ("HR", "M"):
            paired = {"partnership_id": pair} if front.capture.promises else {}
            people.append(
                {"session_id": session, "person_id": f"{side}-{turn + 1:03d}", **paired, "consent": "Yes", **own}
            )
    sheets = {"Session": sessions, "People": people}
    if front.capture.promises:
        told = values(front, evidence_of(PLAYBOOKS))
        promised, ended = told["promised-by"].split(" / "), told["outcomes"].split(" / ")
        assert len(promised) == len(PROMISED_BY) and len(ended) == len(OUTCOMES)
        kinds = told["promise-kinds"].split(" / ")
        dates = {
            "kept": {"closed_on": "12 June 2026"}, "kept late": {"closed_on": "20.6.2026"},
            "moved": {"moved_on": "28.05.2026", "moved_to": "30.06.2026"}, "broken": {}, "open": {},
        }  # fmt: skip
        sheets["Promises"] = [
            {"session_id": "S0", "partnership_id": "P-001", "commitment_id": number,
             "promised_by": promised[number % 3].capitalize(), "kind": kinds[number % len(kinds)].capitalize(),
             "made_on": "12.05.2026", "due_on": "14.06.2026", "outcome": outcome.capitalize(), **dates[outcome]}
            for number, outcome in enumerate(ended, 1)
        ]  # fmt: skip
    path = workbook(tmp_path, practice, edition)
    add_session_column(path)
    log = import_file("practice", type_in(path, **sheets), folder)
    assert "practice_answers" in log.tables
    problems = [one.sentence() for one in Study.load(folder).check() if one.severity == "error"]
    assert problems == []
    stored = {(row["field"], row["value"]) for row in rows(folder, "practice_answers")}
    for one in front.capture.fields:
        if one.type == "choice":
            assert {(one.field, word) for word in one.words} <= stored
    if front.capture.promises:
        assert {row["kind"] for row in rows(folder, "commitments")} == set(PROMISE_KINDS)


def add_session_column(path: Path) -> None:
    """Several sessions in one workbook: a column says which session a person, or a promise, is of."""
    book = load_workbook(path)
    for name in ("People", "Promises"):
        if name in book.sheetnames:
            book[name].cell(1, book[name].max_column + 1, "session_id")
    book.save(path)


def test_the_examples_on_the_promise_sheet_are_promises_a_study_accepts(folder, typed):
    text = plain((PLAYBOOKS / "role-swap" / "materials" / "commitments-sheet.md").read_text(encoding="utf-8"))
    typed(f"{HEAD}\nS1,role swap,12.05.2026,HR-001,P-001,yes,8\nS1,role swap,12.05.2026,M-001,P-001,yes,8\n")
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| *Example*")]
    assert len(lines) == 2
    content = "session_id,partnership_id,promised_by,kind,made_on,due_on,moved_on,moved_to,closed_on,outcome\n"
    for _, who, kind, _, *dates, outcome in ([cell.strip(" *") for cell in line] for line in lines):
        days = [f"{day} 2026" if day else "" for day in dates]
        content += f"S1,P-001,{who},{kind},12 May 2026,{','.join(days)},{outcome}\n"
    log = typed(content)
    assert "commitments: 2 added" in log
    assert [row["outcome"] for row in rows(folder, "commitments")] == ["kept", "moved"]
    assert [one.sentence() for one in Study.load(folder).check() if one.severity == "error"] == []


# What is certain is read, and told


def test_a_messy_sheet_is_read_where_it_is_certain(folder, typed):
    log = typed(
        "My code,Code of our pair,session_id,Practice,Date,Consent,hours,Hits by guessing (0–3),I visited,Bemerkung,"
        "Name\n"
        "hr-001,P-001,RS-1,Role-Swap,12.05.2026,x,8h,1,Talent acquisition,came late,Ada\n"
        'M-001,p-001,RS-1,role swap,2026-05-12,Y,"7,5",3.0,FIELD,,Bo\n'
    )
    columns = ("person_id", "hours", "consent", "partnership_id")
    assert [tuple(row[name] for name in columns) for row in rows(folder, "practice_log")] == [
        ("HR-001", "8", "yes", "P-001"),
        ("M-001", "7.5", "yes", "P-001"),
    ]  # fmt: skip
    answers = {(row["person_id"], row["field"]): row["value"] for row in rows(folder, "practice_answers")}
    assert answers == {
        ("HR-001", "hits_guessed"): "1", ("M-001", "hits_guessed"): "3",
        ("HR-001", "side_visited"): "talent_acquisition", ("M-001", "side_visited"): "field",
    }  # fmt: skip
    for told in (
        'hours: "8h" read as "8" (row 2).', 'hours: "7,5" read as "7.5" (row 3).',
        'Consent: "x" read as "yes" (row 2).',
        'My code: "hr-001" read as "HR-001" (row 2).', 'Date: "12.05.2026" read as "2026-05-12" (row 2).',
        'Practice: "Role-Swap" read as "role_swap" (row 2).', 'column "Bemerkung"', 'personal column "Name"',
        "came of session RS-1 was counted from the rows: 2", "declined of session RS-1 was counted from the rows: 0",
    ):  # fmt: skip
        assert told in log, told
    assert [one.sentence() for one in Study.load(folder).check() if one.severity == "error"] == []


def test_merged_cells_are_read_in_each_of_their_rows(folder, tmp_path):
    path = type_in(
        workbook(tmp_path, "role-swap", "half-day"),
        Session=[{"session_id": "RS-1", "date": datetime.datetime(2026, 5, 12), "came": 2, "declined": 0,
                  "real_minutes": 245}],
        People=[
            {"person_id": "HR-001", "partnership_id": "P-001", "consent": "yes", "hours": 4, "new_habit": "yes"},
            {"person_id": "M-001", "consent": "yes", "hours": "3,5 h"},
        ],
    )  # fmt: skip
    book = load_workbook(path)
    book["People"].merge_cells("B2:B3")
    book.save(path)
    log = import_file("practice", path, folder).text()
    assert 'the merged cells B2:B3 were read as "P-001" in each of their rows' in log
    assert {row["partnership_id"] for row in rows(folder, "practice_log")} == {"P-001"}
    (session,) = rows(folder, "practice_sessions")
    assert session == {
        "session_id": "RS-1", "practice": "role_swap", "date": "2026-05-12", "came": "2", "declined": "0",
        "planned_minutes": "240", "real_minutes": "245",
    }  # fmt: skip
    habit = [row for row in rows(folder, "practice_answers") if row["field"] == "new_habit"]
    assert [(row["person_id"], row["partnership_id"], row["value"]) for row in habit] == [("", "P-001", "yes")]
    assert {"edition": "half-day"}.items() <= {
        row["field"]: row["value"] for row in rows(folder, "practice_answers")
    }.items()


@pytest.mark.parametrize("heading", ["Comment", "Comments", "Note", "Remarks"])
def test_a_column_for_own_words_is_no_misspelt_one(folder, typed, heading):
    """ "Comment" is like consent and commitment_id, of which the one has its column and the other is of promises."""
    log = typed(f"{HEAD},{heading}\nS1,role_swap,2026-05-12,HR-001,,yes,8,came late\n")
    assert f'Left out: column "{heading}"' in log and len(rows(folder, "practice_log")) == 1


def test_a_misspelt_column_is_asked_back_only_where_its_sheet_may_hold_it(folder, tmp_path, refusal):
    path = type_in(
        workbook(tmp_path, "role-swap", "half-day"),
        Session=[{"session_id": "RS-1", "date": "12.05.2026", "real_minutes": "4,5 h"}],
        People=[{"person_id": "HR-001", "consent": "yes", "hours": 4}],
    )
    book = load_workbook(path)
    book["People"].cell(1, 20, "Outcom")
    book["People"].cell(2, 20, "fine")
    book.save(path)
    log = import_file("practice", path, folder).text()
    assert 'Left out: column "Outcom"' in log and 'real_minutes: "4,5 h" read as "270" (row 2).' in log
    assert rows(folder, "practice_sessions")[0]["real_minutes"] == "270"
    heading = next(cell for cell in book["People"][1] if cell.value == "hits_guessed")
    heading.value = "hits_gessed"
    book.save(path)
    told = refusal(import_file, "practice", path, folder)
    assert 'unknown column "hits_gessed". If it means hits_guessed, write that' in told and "Outcom" not in told


def test_codes_in_another_case_are_read_without_a_list_of_people(write_study, tmp_path):
    """Those of the pairs are known; somebody else, such as a host, may be right too."""
    folder, path = write_study(partnerships=PAIRS), tmp_path / "typed.csv"
    lines = [f"S1,role_swap,2026-05-12,{code},,yes,8" for code in ("hr-001", "m-001", "Host-1")]
    path.write_text("\n".join([HEAD, *lines]) + "\n")
    log = import_file("practice", path, folder).text()
    assert [row["person_id"] for row in rows(folder, "practice_log")] == ["HR-001", "M-001", "Host-1"]
    assert 'person_id: "hr-001" read as "HR-001" (row 2).' in log


# Consent


def test_of_a_no_only_one_more_in_a_total_is_stored(folder, typed):
    log = typed(
        f"{HEAD},hits_guessed,new_habit\nS1,role_swap,2026-05-12,HR-001,P-001,yes,8,1,yes\n"
        "S1,role_swap,2026-05-12,M-001,P-001,no,8,2,yes\nS1,role_swap,2026-05-12,,,no,,,\n"
    )
    assert [row["person_id"] for row in rows(folder, "practice_log")] == ["HR-001"]
    assert rows(folder, "practice_log")[0]["partnership_id"] == ""
    assert rows(folder, "practice_sessions")[0]["came"] == "3"
    assert rows(folder, "practice_sessions")[0]["declined"] == "2"
    assert "Rows 3 and 4: said no; nothing is stored of them but their number." in log
    assert not any(name in (folder / f"{table}.csv").read_text() for table in ("practice_log", "practice_answers")
                   for name in ("M-001", "P-001"))  # fmt: skip


def test_a_yes_that_is_withdrawn_takes_out_what_was_stored(folder, typed):
    typed(
        f"{HEAD},hits_guessed\nS1,role_swap,2026-05-12,HR-001,P-001,yes,8,1\n"
        "S1,role_swap,2026-05-12,M-001,P-001,yes,8,2\n"
    )
    promise = "session_id,partnership_id,promised_by,made_on,outcome\nS1,P-001,both,2026-05-12,open\n"
    typed(promise)
    log = typed(f"{HEAD}\nS1,role_swap,2026-05-12,M-001,P-001,no,\n")
    assert [row["person_id"] for row in rows(folder, "practice_log")] == ["HR-001"]
    assert {row["person_id"] for row in rows(folder, "practice_answers")} == {"HR-001"}
    assert rows(folder, "commitments") == []
    assert "1 of people who said no taken out" in log
    assert "P-001" not in (folder / "practice_log.csv").read_text()
    assert [one.sentence() for one in Study.load(folder).check() if one.severity == "error"] == []


def test_participation_that_the_employer_records_is_stored_without_a_yes_and_without_answers(write_study, tmp_path):
    folder = write_study(people=PEOPLE, partnerships=PAIRS, settings=CALLS)
    path = tmp_path / "calls.csv"
    path.write_text(
        "session_id,practice,date,person_id,consent,hours,calls_joined\nC1,customer_call,2026-05-12,HR-001,no,3 h,2\n"
        "C1,customer_call,2026-05-12,HR-002,yes,180 min,2\n"
    )
    log = import_file("practice", path, folder).text()
    assert "Row 2: said no; only their participation is stored, as the employer records it anyway." in log
    assert [(row["person_id"], row["hours"], row["consent"]) for row in rows(folder, "practice_log")] == [
        ("HR-001", "3", ""), ("HR-002", "3", "yes"),
    ]  # fmt: skip
    assert {row["person_id"] for row in rows(folder, "practice_answers")} == {"HR-002"}
    assert [one.sentence() for one in Study.load(folder).check() if one.severity == "error"] == []


@pytest.fixture
def hashed(write_study, monkeypatch, typed):
    """A study whose people are keyed hashes; codes of badges stand for them in identities.csv."""
    monkeypatch.setenv("KEY_OF_THE_TEST", "a key that is long enough")
    settings = "pseudonyms: {key_env: KEY_OF_THE_TEST}\n"
    folder = write_study(settings=settings, people=PEOPLE, partnerships=PAIRS)
    badges = "person_id,source,source_id\nHR-003,hr_system,badge-77\n"
    badges += "".join(f"{code},hr_system,{code}\n" for code in re.findall(r"^(?:HR|M)-\d+", PEOPLE, re.MULTILINE))
    (folder / "identities.csv").write_text(badges, encoding="utf-8")
    return folder


def test_people_of_a_study_with_pseudonyms_are_stored_as_their_hashes(hashed, typed):
    lines = "S1,role_swap,2026-05-12,HR-001,P-001,yes,8,1\nS1,role_swap,2026-05-12,M-001,P-001,yes,8,2\n"
    lines += "S1,role_swap,2026-05-12,badge-77,,yes,4,3\n"
    typed(f"{HEAD},hits_guessed\n{lines}")
    study = Study.load(hashed)
    people = set(study.table("people")["person_id"])
    kept = rows(hashed, "practice_log")
    assert len(kept) == 3 and {row["person_id"] for row in kept} < people
    assert all(re.fullmatch(r"p-[0-9a-f]{20}", row["person_id"]) for row in kept)
    for table in ("practice_log", "practice_answers"):
        text = (hashed / f"{table}.csv").read_text(encoding="utf-8")
        assert not re.search(r"HR-|M-0|badge", text)
    assert study.table("practice_log")["person_id"].isin(people).all()
    assert [one.sentence() for one in study.check() if one.severity == "error"] == []


def test_with_pseudonyms_a_second_import_adds_nobody_and_a_no_takes_out(hashed, typed):
    line = "S1,role_swap,2026-05-12,HR-001,P-001,{},8\n"
    typed(f"{HEAD}\n{line.format('yes')}")
    assert "1 unchanged" in typed(f"{HEAD}\n{line.format('yes')}")
    typed(f"{HEAD}\n{line.format('no')}")
    assert rows(hashed, "practice_log") == [] and rows(hashed, "practice_sessions")[0]["declined"] == "1"


def test_with_pseudonyms_a_code_nobody_knows_is_refused_and_nothing_is_written(hashed, typed, refusal):
    before = contents(hashed)
    told = refusal(typed, f"{HEAD}\nS1,role_swap,2026-05-12,HR-099,,yes,8\n")
    assert "HR-099" in told and "not in people" in told and "row 2" in told
    assert contents(hashed) == before


def test_who_knows_no_code_is_counted_and_not_stored(folder, typed):
    log = typed(f"{HEAD},hits_guessed\nS1,role_swap,2026-05-12,,,yes,1.5,2\nS1,role_swap,2026-05-12,M-001,,yes,1.5,3\n")
    assert rows(folder, "practice_sessions")[0]["came"] == "2"
    assert [row["person_id"] for row in rows(folder, "practice_answers")] == ["M-001"]
    assert "Row 2: without a code; counted among those who came, and nothing else is stored." in log


# What is not certain is asked back, and nothing is written


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("S1,role_swap,5/12/2026,HR-001,,yes,8,1", 'date, row 2: "5/12/2026" cannot be read; expected a date'),
        ("S1,role_swap,12 May,HR-001,,yes,8,1", '"12 May" cannot be read'),
        (
            "S1,role_swap,2026-05-12,HR-001,,yes,480,1",
            '"480" cannot be read; expected hours from 0 to 24. If these are minutes',
        ),
        ("S1,role_swap,2026-05-12,HR-001,,yes,all day,1", '"all day" cannot be read; expected hours, such as 7.5'),
        ("S1,role_swap,2026-05-12,HR-001,,maybe,8,1", '"maybe" cannot be read; expected yes or no'),
        ("S1,role_swap,2026-05-12,HR-001,,,8,1", "consent, row 2: the cell is empty; expected yes or no"),
        ("S1,role_swap,2026-05-12,HR-001,,yes,8,two", '"two" cannot be read; expected a whole number from 0 to 3'),
        ("S1,role_swap,2026-05-12,HR-001,,yes,8,7", '"7" cannot be read; expected a whole number from 0 to 3'),
        ("S1,Rollentausch,2026-05-12,HR-001,,yes,8,1", '"Rollentausch" is no practice; expected one of'),
        ("S1,role_swop,2026-05-12,HR-001,,yes,8,1", 'Did you mean "role_swap"?'),
        ("S1,role_swap,2026-05-12,HR-099,,yes,8,1", '"HR-099" is not in people'),
        ("S1,role_swap,2026-05-12,HR-001,P-099,yes,8,1", '"P-099" is not in partnerships'),
        ("S1,role_swap,2026-05-12,HR-001,P-002,yes,8,1", '"HR-001" belongs to neither side of pair "P-002"'),
        ("S1,role_swap,2099-05-12,HR-001,,yes,8,1", "none after as_of"),
        (",,,HR-001,,yes,8,1", "the row does not say which session it is of"),
        (
            "S1,role_swap,2026-05-12,HR-001,,yes,8,1\nS1,role_swap,2026-05-13,M-001,,yes,8,1",
            'session "S1" has date 2026-05-13 here and 2026-05-12 in row 2',
        ),
        (
            "S1,role_swap,2026-05-12,HR-001,,yes,8,1\nS1,role_swap,2026-05-12,HR-001,,yes,8,2",
            "rows 2 and 3: the same session_id, person_id, partnership_id",
        ),
    ],
)
def test_what_is_not_certain_stops_the_import(folder, tmp_path, line, told):
    before, path = contents(folder), tmp_path / "typed.csv"
    path.write_text(f"{HEAD},hits_guessed\n{line}\n", encoding="utf-8")
    result = CliRunner().invoke(main, ["import", "practice", str(path), "--study", str(folder)])
    assert result.exit_code == 2, result.output
    assert told in result.output
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("heads", "told"),
    [
        ("hits_gessed", 'unknown column "hits_gessed". If it means hits_guessed, write that'),
        (
            "hits_guessed,Hits by guessing",
            'the columns "hits_guessed" and "Hits by guessing" both stand for hits_guessed',
        ),
        ("calls_joined", "calls_joined is filled, and is no field of role_swap"),
        ("assumptions_written,assumptions_wrong", "assumptions_wrong is 9, and assumptions_written is 3"),
    ],
)
def test_headings_and_numbers_that_do_not_fit(typed, refusal, heads, told):
    cells = "3,9" if "," in heads else "2"
    assert told in refusal(typed, f"{HEAD},{heads}\nS1,role_swap,2026-05-12,HR-001,,yes,8,{cells}\n")


def test_a_column_consent_is_needed(typed, refusal):
    words_of = refusal(typed, "session_id,practice,date,person_id,hours\nS1,role_swap,2026-05-12,HR-001,8\n")
    assert "there is no column consent" in words_of


def test_a_file_of_something_else(typed, refusal):
    assert "nothing here is of a practice" in refusal(typed, "a,b\n1,2\n")


def test_a_mapping_settles_what_a_file_means(folder, typed):
    (folder / "mappings").mkdir()
    (folder / "mappings" / "practice.yaml").write_text(
        "columns: {Zustimmung: consent, Anmerkung: skip}\nwords: {ja: yes, Rollentausch: role_swap}\n"
        "dates: month-first\n"
    )
    log = typed("session_id,practice,date,person_id,Zustimmung,Anmerkung\nS1,Rollentausch,5/12/2026,HR-001,ja,spät\n")
    assert rows(folder, "practice_log")[0]["date"] == "2026-05-12"
    assert 'Zustimmung: "ja" read as "yes" (row 2).' in log


def test_a_formula_without_a_value_is_refused(folder, tmp_path, refusal):
    path = type_in(
        workbook(tmp_path, "role-swap", "room"),
        Session=[{"session_id": "S1", "date": "2026-05-12", "came": "=1+8"}],
        People=[{"person_id": "M-001", "consent": "yes"}],
    )
    assert "D2 holds a formula whose value was not saved" in refusal(import_file, "practice", path, folder)


# Again, with the slips of the next check


def test_the_same_file_again_changes_nothing_and_later_answers_are_added(folder, typed):
    first = (
        f"{HEAD},hits_guessed,hits_day_60\nS1,role_swap,2026-05-12,HR-001,P-001,yes,8,1,\n"
        "S1,role_swap,2026-05-12,M-001,P-001,yes,8,2,\n"
    )
    typed(first)
    before = contents(folder)
    assert "practice_log: 0 added, 0 changed, 2 unchanged" in typed(first)
    assert contents(folder) == before
    log = typed(first.replace("8,1,\n", "8,,3\n"))
    assert "practice_answers: 1 added, 0 changed, 1 unchanged, 1 that this file does not hold kept" in log
    answers = {(row["person_id"], row["field"]): row["value"] for row in rows(folder, "practice_answers")}
    assert answers[("HR-001", "hits_guessed")] == "1" and answers[("HR-001", "hits_day_60")] == "3"


def test_a_session_that_moves_to_another_day_contradicts_the_rows_that_stay(folder, typed, refusal):
    typed(f"{HEAD}\nS1,role_swap,2026-05-12,HR-001,,yes,8\nS1,role_swap,2026-05-12,M-001,,yes,8\n")
    before = contents(folder)
    words_of = refusal(typed, f"{HEAD}\nS1,role_swap,2026-05-13,HR-001,,yes,8\n")
    assert "practice_log.csv" in words_of and "is not the date of the session" in words_of
    assert contents(folder) == before


# The parsers, on anything


def dates():
    return st.dates(datetime.date(1990, 1, 1), datetime.date(2100, 12, 31))


@given(dates())
def test_a_day_is_read_from_each_way_it_is_certainly_written(one):
    for text in (
        f"{one}",
        f"{one.day}.{one.month}.{one.year}",
        f"{one:%d.%m.%Y}",
        f"{one.day} {one:%B} {one.year}",
        f"{one} 00:00:00",
    ):
        assert words.day(text, None) == f"{one}"
    for order, pattern in (("day-first", "%d/%m/%Y"), ("month-first", "%m/%d/%Y")):
        assert words.day(f"{one:{pattern}}", order) == f"{one}"
    assert words.day(f"{one:%d/%m/%Y}", None) is None


@given(st.lists(dates(), min_size=1, max_size=6), st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]))
def test_an_order_is_taken_only_where_a_date_tells_it(days, pattern):
    order = words.order_of([f"{one:{pattern}}" for one in days])
    assert order in (None, "day-first" if pattern.startswith("%d") else "month-first")
    assert (order is None) == all(one.day <= 12 for one in days)


@given(st.integers(0, 24 * 4), st.sampled_from(["", "h", " h", " hours", "Std"]), st.booleans())
def test_hours_are_read_with_point_comma_and_unit(quarters, unit, comma):
    number = f"{quarters / 4:g}"
    text = (number.replace(".", ",") if comma else number) + unit
    assert float(words.hours(text)) == quarters / 4
    assert float(words.hours(f"{quarters * 15} min")) == quarters / 4


@given(st.text(max_size=30))
def test_no_text_is_read_as_more_than_it_says(text):
    """Whatever is typed: a reading is one of the values a table holds, or none."""
    assert words.day(text, None) is None or re.fullmatch(r"\d{4}-\d\d-\d\d", words.day(text, None))
    assert words.hours(text) is None or float(words.hours(text)) >= 0
    assert words.whole(text) is None or words.whole(text).isdigit()
    assert words.yes_no(text) in (None, "yes", "no")
    assert words.one_of(text, OUTCOMES) in (None, *OUTCOMES)


# Messages, and who can say them


SESSION_OF_MESSAGES = {"session_id": "OM-1", "date": "2026-05-04", "came": 12}
OF_MESSAGES = [
    {"No.": 1, "To whom": "customer", "Channel": "website", "Quality": "caring", "How strongly (1–5)": 4,
     "Reader number": reader}
    for reader in (1, 2)
]  # fmt: skip
OF_RECALL = {"When": "day 30", "Day": "3.6.2026", "Who": "Employee", "Where": "Depot", "Asked": 10, "Said it": 4}


def of_messages(tmp_path: Path, recall: list[dict[str, object]], messages: list[dict[str, object]]) -> Path:
    """A workbook typed under the headings that the sheets print."""
    path = type_in(workbook(tmp_path, "one-message", "room"), Session=[SESSION_OF_MESSAGES])
    book = load_workbook(path)
    for name, lines in (("Recall", recall), ("Messages", messages)):
        if not lines:
            del book[name]
            continue
        for cell in book[name][1]:
            cell.value = None
        for number, line in enumerate([[*lines[0]], *([*line.values()] for line in lines)], 1):
            for place, value in enumerate(line, 1):
                book[name].cell(number, place, value)
    book.save(path)
    return path


def test_every_heading_of_the_printed_sheets_on_messages_is_known():
    for sheet, title in (("message-sheet", "Messages"), ("reading-sheet", "Messages"), ("recall-sheet", "Recall")):
        lines = plain((PLAYBOOKS / "one-message" / "materials" / f"{sheet}.md").read_text(encoding="utf-8"))
        table = lines.split("\n\n| ")[-1].splitlines()[0]
        printed = [name.strip() for name in table.strip("|").split("|") if name.strip()]
        columns = [sheets._column(name, sheets._meant({}, title)) for name in printed]
        unknown = [name for name, column in zip(printed, columns) if column is None]
        assert all(name.startswith("The words as they stand") for name in unknown), unknown


def test_what_the_sheets_print_is_read_and_typed_again_changes_nothing(folder, tmp_path):
    path = of_messages(tmp_path, [OF_RECALL], OF_MESSAGES)
    import_file("practice", path, folder)
    assert [(row["message_id"], row["coder_id"]) for row in rows(folder, "messages")] == [
        ("OM-1-1", "OM-1-1"), ("OM-1-1", "OM-1-2"),
    ]  # fmt: skip
    assert rows(folder, "recall") == [
        {"asked_on": "2026-06-03", "audience": "employee", "place": "Depot", "round": "day_30", "asked": "10",
         "recalled": "4"}
    ]  # fmt: skip
    before = contents(folder)
    assert "recall: 0 added, 0 changed, 1 unchanged" in import_file("practice", path, folder).text()
    assert contents(folder) == before


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"Said it": 11}, ("sheet Recall", "11 recalled it of 10 who were asked", "row 2")),
        ({"Who": "boss"}, ("sheet Recall", '"boss" cannot be read', "one of customer, candidate, employee")),
        ({"When": ""}, ("sheet Recall", "the cell is empty", "one of before, day_30")),
        ({"Asked": "ten"}, ("sheet Recall", '"ten" cannot be read', "a whole number")),
    ],
)
def test_wrong_counts_stop_the_import(folder, tmp_path, refusal, wrong, told):
    before = contents(folder)
    words = refusal(import_file, "practice", of_messages(tmp_path, [OF_RECALL | wrong], []), folder)
    assert all(word in words for word in told), words
    assert contents(folder) == before


def test_messages_of_another_source_stay_as_they_are_when_a_session_is_typed(write_study, typed):
    text = "message_id,audience,extra\nm1,customer,  kept as it is\n"
    study = write_study(people=PEOPLE, partnerships=PAIRS, messages=text)
    path = study / "typed.csv"
    path.write_text(f"{HEAD}\nRS-1,role_swap,2026-05-12,HR-001,,yes,4\n", encoding="utf-8")
    assert "messages: " not in import_file("practice", path, study).text()
    assert (study / "messages.csv").read_text(encoding="utf-8") == text
