"""One report per group, beside everybody, from one release plan; and who gets which."""

import csv
import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from helpers import cli
from helpers.data import InputError, Study
from helpers.privacy.audit import Reports, audit
from helpers.reporting import group_reports
from helpers.reporting.manager_reports import code

STUDIES = Path(__file__).resolve().parents[1] / "studies"
AGREED = 'privacy: {min_rated: 1, rated_agreement: "All three agreed on 2026-03-02."}\n'


@pytest.fixture
def small(tmp_path):
    return Path(shutil.copytree(STUDIES / "small_client", tmp_path / "small"))


def with_small_group(study, people=3):
    """Move some people of one department into a department of their own."""
    lines = (study / "survey.csv").read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("department")
    moved = [line for line in lines[1:] if line.split(",")[place] == "Workshop"][:people]
    told = [line.replace(",Workshop,", ",Legal & <b>Audit</b>,") if line in moved else line for line in lines]
    (study / "survey.csv").write_text("\n".join(told) + "\n", encoding="utf-8")


@pytest.mark.slow
def test_every_group_gets_a_report_or_a_page_that_says_why_not(small, tmp_path):
    with_small_group(small)
    out = tmp_path / "by"
    made = {one.what: one for one in group_reports(small, "department", out=out, formats=["html"])}
    told = [one for one in made.values() if one.result]
    assert len(told) >= 2 and all(one.exit_code == 0 for one in told)
    legal = made["Legal & <b>Audit</b>"]
    assert legal.result is None and "fewer than 5 people" in legal.error
    page = (out / legal.folder / "index.html").read_text(encoding="utf-8")
    assert "<b>Audit</b>" not in page and "Legal &amp; &lt;b&gt;Audit&lt;/b&gt;" in page
    assert (
        "nobody may give you" in page
        and "answered" not in page.split("<main")[1].split("</main>")[0].split("5 people")[0]
    )
    listed = list(csv.reader((out / "recipients.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert listed[0] == ["department", "folder", "report", "recipient"] and len(listed) == 1 + len(made)
    index = (out / "index.html").read_text(encoding="utf-8")
    assert all(f'href="{one.job.name}/index.html"' in index for one in made.values())
    study, held = Study.load(small), Reports()
    assert all(audit(one.result.folder, study, held).passed for one in told), "somebody who holds all of them"


@pytest.mark.slow
def test_a_group_stands_beside_everybody_and_no_table_tells_of_another(small, tmp_path):
    made = list(group_reports(small, "department", out=tmp_path / "by", formats=["html"]))
    names = {one.what for one in made}
    for one in made:
        results = json.loads((one.result.folder / "results.json").read_text(encoding="utf-8"))
        tables = {table["id"]: table for table in results["tables"]}
        assert {row[0] for row in tables["answered"]["texts"]} == {one.what, "All managers"}
        assert not any(other in json.dumps(results) for other in names - {one.what})


@pytest.mark.slow
def test_a_report_about_one_hr_partner_is_for_that_person_alone(small, tmp_path):
    (small / "study.yaml").open("a", encoding="utf-8").write(AGREED)
    made = list(group_reports(small, "hr_partner", out=tmp_path / "by", formats=["html"]))
    assert sorted(one.what for one in made) == ["H000", "H001", "H002"]
    for one in made:
        page = (one.result.folder / "group_results.html").read_text(encoding="utf-8")
        assert f"For {one.what} alone" in page and "as those rated agreed" in page
        assert not any(other.what in page for other in made if other != one)
        assert one.job.name == code(one.what), "no id in a name"
    listed = list(csv.reader((tmp_path / "by-key.csv").read_text(encoding="utf-8-sig").splitlines()))
    assert [row[-1] for row in listed[1:]] == ["H000", "H001", "H002"]
    assert sorted(path.name for path in (tmp_path / "by").iterdir()) == sorted(code(one.what) for one in made)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--by", "hr_partner"], "min_rated in study.yaml is 2"),
        (["--by", "departmant"], 'did you mean "department"'),
        (["--by", "department", "--manager", "M1"], "one of the two"),
        (["--only", "group_results"], "Add --by and an attribute"),
    ],
)
def test_what_cannot_be_broken_down_is_refused_and_nothing_is_left(small, tmp_path, arguments, said):
    run = CliRunner().invoke(cli.main, ["report", str(small), *arguments, "--out", str(tmp_path / "out")])
    assert run.exit_code == 2 and said in run.output
    assert not (tmp_path / "out").exists()


def test_an_attribute_of_too_small_groups_is_refused(small, tmp_path):
    lines = (small / "survey.csv").read_text(encoding="utf-8").splitlines()
    place = lines[0].split(",").index("department")
    told = [line.split(",") for line in lines]
    told = [told[0], *([*row[:place], f"D{number}", *row[place + 1 :]] for number, row in enumerate(told[1:]))]
    (small / "survey.csv").write_text("\n".join(map(",".join, told)) + "\n", encoding="utf-8")
    with pytest.raises(InputError, match="not broken down by department"):
        list(group_reports(small, "department", out=tmp_path / "out"))
