"""Two reports are the same, or each difference between them is said and has its reason.

The reports compared are a real one and copies of it in which one thing was changed.
"""

import json
import shutil
from pathlib import Path

import compare_reports
import pytest
import yaml

pytestmark = pytest.mark.slow

PATH = Path(compare_reports.__file__)


@pytest.fixture
def new(built, tmp_path):
    return shutil.copytree(built.folder, tmp_path / "new")


@pytest.fixture
def compared(built, new, tmp_path, capsys):
    """Return the exit code and the printed lines of a comparison of the report with its copy."""

    def run(*allowed):
        path = tmp_path / "allowed.yaml"
        path.write_text(yaml.safe_dump(list(allowed)), encoding="utf-8")
        code = compare_reports.main([str(built.folder), str(new), "--allow", str(path)])
        return code, capsys.readouterr().out.splitlines()

    return run


def change_results(folder, change):
    path = folder / "results.json"
    results = json.loads(path.read_text(encoding="utf-8"))
    change(results)
    path.write_text(json.dumps(results), encoding="utf-8")


def change_page(folder, name, old, new, times=1):
    path = folder / name
    page = path.read_text(encoding="utf-8")
    assert page.count(old) >= times
    path.write_text(page.replace(old, new, times), encoding="utf-8")


def table(results, id):
    return next(table for table in results["tables"] if table["id"] == id)


def unlisted(lines):
    return [line.removeprefix("NOT ALLOWED: ") for line in lines if line.startswith("NOT ALLOWED: ")]


def test_a_report_is_like_itself(compared):
    assert compared() == (0, ["new: 0 differences allowed, 0 not allowed, 0 allowances stale"])


def test_what_is_read_is_what_the_report_holds(built):
    read = compare_reports.read_report(built.folder)
    page = read.pages["rich_survey"]
    exhibits = [f"rich_survey--{row['id']}" for row in read.results["tables"] if row["notebook"] == "rich_survey"]
    assert len(exhibits) > 5
    assert page.exhibits == exhibits
    assert set(exhibits) <= set(read.tables)
    assert {"rich_survey", "sparse"} <= set(read.chapters)
    assert page.title == "What the survey says"
    assert page.headings[0] == "Scores by department"
    assert "Every exhibit tells the reader what to look at." in page.paragraphs
    assert page.findings == len([row for row in read.results["findings"] if row["notebook"] == "rich_survey"]) > 0


def set_version(results):
    results["version"] = 0


def set_low(results):
    results["findings"][0]["low"] = -12345.5


def set_type(results):
    row = table(results, "scores")["rows"][1]
    assert row[2] == 40 and isinstance(row[2], int)
    row[2] = 40.0


def set_text(results):
    table(results, "scores")["texts"][0][1] = "?"


def set_note(results):
    table(results, "scores")["note"] = "Else\nwhere"


def set_label(results):
    table(results, "scores")["columns"][1]["label"] = "Average"


def drop_column(results):
    changed = table(results, "scores")
    for rows in (changed["columns"], *changed["rows"], *changed["texts"]):
        del rows[1]


def drop_row(results):
    del table(results, "long")["rows"][2]


def add_key(results):
    table(results, "scores")["mood"] = "fine"


def rename_finding(results):
    results["findings"][0]["id"] = "other"


def swap_tables(results):
    tables = results["tables"]
    tables[0], tables[1] = tables[1], tables[0]


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (set_version, ["results.json: version: "]),
        (set_low, [": low: "]),
        (set_type, ['results.json / rich_survey / scores: rows.respondents, row 2 ("Shared goals"): 40 → 40.0']),
        (set_text, ['results.json / rich_survey / scores: texts.estimate, row 1 ("Listening"): "3.00" → "?"']),
        (set_note, ["results.json / rich_survey / scores: note: "]),
        (set_label, ['rich_survey / scores: columns.estimate, label: "Mean" → "Average"']),
        (drop_column, ["rich_survey / scores: columns.estimate: present → (absent)"]),
        (drop_row, ['rich_survey / long: rows, row 3: "Department 2", ']),
        (add_key, ['rich_survey / scores: mood: (absent) → "fine"']),
        (rename_finding, [": removed: present → (absent)", "other: added: (absent) → present"]),
        (swap_tables, [": order: bars → "]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_each_difference_in_the_results_is_one_line(new, compared, change, expected):
    change_results(new, change)
    code, lines = compared()
    assert code == 1
    found = unlisted(lines)
    assert len(found) == len(expected)
    assert all(part in line for part, line in zip(expected, found, strict=True))


@pytest.mark.parametrize(
    ("old", "changed", "expected"),
    [
        (
            ">Scores by department</h2>",
            ">Means by department</h2>",
            ["Scores by department: heading: present", "Means"],
        ),
        ("<p>Every exhibit tells the reader what to look at.</p>", "", ["what to look at.: prose: present → (absent)"]),
        ('id="rich_survey--scores"', 'id="rich_survey--means"', ["scores: removed: present", "means: added: (absent)"]),
        ('<article class="finding', '<article class="other', ["rich_survey: findings: "]),
        ("What the survey says</h1>", "Else</h1>", ["title: What the survey says → Else"]),
    ],
)
def test_each_difference_of_a_page_is_one_line(new, compared, old, changed, expected):
    change_page(new, "rich_survey.html", old, changed)
    code, lines = compared()
    assert code == 1
    found = unlisted(lines)
    assert len(found) == len(expected)
    assert all(part in line for part, line in zip(expected, found, strict=True))


def test_files_and_chapters_that_come_or_go_are_said(new, compared):
    (new / "tables" / "rich_survey--scores.csv").rename(new / "tables" / "rich_survey--means.csv")
    (new / "sparse.html").unlink()
    change_page(new, "index.html", '<li><a href="sparse.html">', '<li><a href="thin.html">')
    assert sorted(unlisted(compared()[1])) == [
        "chapters / sparse: removed: present → (absent)",
        "chapters / thin: added: (absent) → present",
        "sparse.html / sparse: removed: present → (absent)",
        "tables / rich_survey / means: added: (absent) → present",
        "tables / rich_survey / scores: removed: present → (absent)",
    ]


def test_a_listed_difference_passes_with_its_reason_and_no_other(new, compared):
    change_results(new, set_type)
    reason = {"notebook": "rich_*", "id": "scores", "what": "rows", "reason": "Counts are written as numbers."}
    code, lines = compared(reason)
    assert code == 0
    assert lines[0] == "allowed: Counts are written as numbers."
    assert "40 → 40.0" in lines[1]
    assert compared({**reason, "what": "rows.respondents"})[0] == 0
    for key, other in (("notebook", "sparse"), ("id", "bars"), ("what", "texts"), ("what", "rows.low")):
        code, lines = compared({**reason, key: other})
        assert code == 1
        assert len(unlisted(lines)) == 1
        assert [line for line in lines if line.startswith("allowed but not found: ")]
    change_results(new, set_low)
    code, lines = compared(reason)
    assert code == 1
    assert len(unlisted(lines)) == 1


def test_an_added_exhibit_is_one_allowance(new, compared):
    def add(results):
        results["tables"].append({**table(results, "scores"), "id": "more"})

    change_results(new, add)
    shutil.copy(new / "tables" / "rich_survey--scores.csv", new / "tables" / "rich_survey--more.csv")
    change_page(
        new, "rich_survey.html", "</main>", '<figure class="exhibit table" id="rich_survey--more"></figure></main>'
    )
    assert len(unlisted(compared()[1])) == 3
    assert compared({"id": "more", "what": "added", "reason": "New."})[0] == 0


def test_an_allowance_that_matches_nothing_fails_where_it_concerns_the_report(compared):
    entry = {"what": "low", "reason": "Old."}
    code, lines = compared(entry)
    assert code == 1
    assert lines[0] == 'allowed but not found: {"what":"low","reason":"Old."}'
    assert compared({**entry, "report": "ne*"})[0] == 1
    assert compared({**entry, "report": "sample"})[0] == 0


@pytest.mark.parametrize(
    "text",
    [
        "[{what: low}]",
        "[{reason: Why.}]",
        "[{what: low, reason: ''}]",
        "[{wat: low, reason: Why.}]",
        "what: low",
        "[",
        "",
    ],
)
def test_a_list_that_says_too_little_is_refused(built, tmp_path, capsys, text):
    path = tmp_path / "allowed.yaml"
    path.write_text(text, encoding="utf-8")
    assert compare_reports.main([str(built.folder), str(built.folder), "--allow", str(path)]) == 2
    assert "allowed.yaml" in capsys.readouterr().err


def test_a_folder_without_a_report_and_a_name_that_stands_twice_are_refused(built, new, tmp_path, capsys):
    assert compare_reports.main([str(built.folder), str(tmp_path / "nothing")]) == 2
    assert "nothing is not a report" in capsys.readouterr().err
    change_results(new, lambda results: results["tables"].append(results["tables"][0]))
    assert compare_reports.main([str(built.folder), str(new)]) == 2
    assert "named twice: results.json / rich_survey / bars" in capsys.readouterr().err
    (new / "results.json").write_text("[]", encoding="utf-8")
    assert compare_reports.main([str(built.folder), str(new)]) == 2


def test_the_committed_list_can_be_read():
    compare_reports.read_allowances(compare_reports.ALLOWED)
