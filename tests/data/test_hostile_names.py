"""Names that try to be more than names, in every place a name can stand: they are data, and nothing else happens."""

import datetime
import json

import openpyxl
import pandas as pd
import pytest
from small_study import CODEBOOK

from helpers.analysis.hiring import records
from helpers.data import InputError, Study
from helpers.data.importers.engine import import_file
from helpers.data.yaml_files import scalar

pytestmark = pytest.mark.slow

WRITE = "COPY (SELECT 1) TO 'stolen.csv'"
NAMES = [
    f'x"; {WRITE}; --',
    f"x'; {WRITE}; --",
    f'event") AS hash FROM rows; {WRITE}; SELECT hash("event',
    f'a" FROM read_text(\'secret.txt\'); {WRITE}; SELECT 1 AS "b',
    f"x'::JSON}}); {WRITE}; --",
    "x$$; DROP TABLE rows; $$",
    '"', "'", '""', "`id`", "$(touch stolen.csv)", "; touch stolen.csv", "| touch stolen.csv",
    "{0.__class__.__mro__}", "{{7*7}}", "{% for x in y %}", "%s%n", "\\", "/* */", "--", "*", "?",
    "../../stolen", "=cmd|'/C calc'!A0", "<script>x</script>", "a: b", "- a", "!!python/object:os.system x", "&a *a",
    "NULL", "true", "1e5", "select", "place", "hired_id", "reopened_at", "at", "COLUMNS(*)", "x" * 400,
    "\u202eabc", "名前",
]  # fmt: skip


@pytest.fixture
def outside(tmp_path, monkeypatch):
    """A working directory with a secret, in which nothing may be written."""
    folder = tmp_path / "outside"
    folder.mkdir()
    (folder / "secret.txt").write_text("the secret", encoding="utf-8")
    monkeypatch.chdir(folder)
    monkeypatch.setenv("A_KEY", "a key for this test alone")
    yield folder
    assert [path.name for path in folder.iterdir()] == ["secret.txt"]


def as_csv(table):
    return table.to_csv(index=False, lineterminator="\n")


def tables(name):
    """Tables that hold the name as a column, an attribute, a value, a wave and an item."""
    people = pd.DataFrame({"person_id": ["h1", "m1", "m2"], "side": ["hr", "manager", "manager"], name: [name] * 3})
    answers = pd.DataFrame({"respondent_id": ["m1", "m2"], "wave": name, "hr_id": "h1", "item " + name: ["4", "2"]})
    openings = pd.DataFrame({"requisition_id": ["Q1", "Q2"], "hiring_manager_id": "m1", "opened_at": "2026-01-01"})
    events = pd.DataFrame({"requisition_id": ["Q1", "Q1"], "candidate_id": [name] * 2, "event": "applied"})
    events["at"] = ["2026-01-02", "2026-01-02"]
    return {
        "people": people,
        "survey": answers,
        "requisitions": openings.assign(**{name: "a"} if name not in openings else {}),
        "hiring_events": events.assign(**{name: "a"} if name not in events else {}),
    }


@pytest.mark.parametrize("name", NAMES)
def test_columns_attributes_waves_dimensions_items_and_values(write_study, outside, name):
    codebook = CODEBOOK.replace("{id: trust}", f"{{id: {scalar('d ' + name)}, label: {scalar(name)}}}")
    codebook = codebook.replace(
        "id: trust_1, dimension: trust", f"id: {scalar('item ' + name)}, dimension: {scalar('d ' + name)}"
    )
    settings = f"client: {scalar(name)}\nattributes: [{scalar(name)}]\nwaves: [{scalar(name)}]\n"
    folder = write_study(codebook, settings, **{table: as_csv(frame) for table, frame in tables(name).items()})
    study = Study.load(folder, merged=False)
    assert [problem for problem in study.check() if problem.severity == "error"] == []
    assert (study.client, study.attributes, study.waves) == (name, [name], [name])
    answers = study.responses(name)
    assert answers["item " + name].tolist() == [4, 2] and answers[name].tolist() == [name, name]
    assert study.codebook.dimension("d " + name).label == name and len(study.roster(name)) == 2
    hiring = study.requisitions, study.hiring_events
    day = datetime.date(2026, 6, 30)
    assert records.openings(*hiring, day)["requisition_id"].tolist() == ["Q1", "Q2"]
    assert len(records.waits(*hiring, day)) > 0 and records.interviews(*hiring).empty and records.turns(*hiring).empty


@pytest.mark.parametrize("name", [name for name in NAMES if name != "at"])  # a field of that name would be read
def test_exports_with_such_columns_fields_and_answers(write_study, outside, name):
    folder = write_study(settings="pseudonyms: {key_env: A_KEY}\n", people="person_id,side\nm1,manager\n")
    given = folder.parent / "given"
    given.mkdir()
    rows = [{"requisition_id": f"Q{n}", "hiring_manager_id": name, "opened_at": "2026-01-01", name + " ": name,
             "more": {name: name}} for n in (1, 2)]  # fmt: skip
    (given / "lines.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    (given / "list.json").write_text(json.dumps(rows), encoding="utf-8")
    table = pd.DataFrame([{key: row[key] for key in row if key != "more"} for row in rows])
    (given / "rows.csv").write_text(as_csv(table), encoding="utf-8")
    for number, file in enumerate(("lines.jsonl", "list.json", "rows.csv")):
        log = import_file("hiring", given / file, folder, folder / "mappings" / f"{number}.yaml")
        assert "requisitions" in log.tables and len(Study.load(folder, merged=False).requisitions) == 2
    answers = pd.DataFrame(
        {"respondent_id": ["m1"], "listening_1": [4], "listening_2": [2], "trust_1": [3], name: [name]}
    )
    answers = answers.assign(again=5, remark=name)
    (given / "answers.csv").write_text(as_csv(answers), encoding="utf-8")
    import_file("wide", given / "answers.csv", folder, wave=name)
    assert Study.load(folder).waves == [name] and Study.load(folder, merged=False).responses()["remark"].tolist() == [
        name
    ]


@pytest.mark.parametrize("name", NAMES)
def test_files_sheets_tables_and_settings(write_study, outside, name):
    file = name.replace("/", "_")[:100]
    sheet = "".join(letter for letter in name if letter not in "[]:*?/\\").strip("'")[:31] or "people"
    folder = write_study(sources={"people": f"{{path: {scalar(file + '.xlsx')}, sheet: {scalar(sheet)}}}",
                                  "requisitions": scalar(file + ".csv")})  # fmt: skip
    book = openpyxl.Workbook()
    book.active.title = sheet
    for row in (("person_id", "side", "department"), ("m1", "manager", name.lstrip("="))):
        book.active.append(row)
    book.save(folder / f"{file}.xlsx")
    (folder / f"{file}.csv").write_text(as_csv(tables("a")["requisitions"]), encoding="utf-8")
    study = Study.load(folder, merged=False)
    assert len(study.people) == 1 and len(study.requisitions) == 2
    given = folder.parent / f"{file}.jsonl"
    given.write_text('{"a": 1}\n', encoding="utf-8")
    settings = f"pseudonyms: {{key_env: A_KEY}}\ntimezone: {scalar(name)}\n"
    for wrong in (
        lambda: import_file("hiring", given, folder),
        lambda: import_file(name, given, folder),
        lambda: Study.load(write_study(sources={scalar(name): "people.csv"}), merged=False),
        lambda: Study.load(write_study(settings=settings), merged=False),
        lambda: study.table(name),
    ):
        with pytest.raises(InputError) as caught:
            wrong()
        assert "the secret" not in str(caught.value)
