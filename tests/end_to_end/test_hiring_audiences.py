"""Who sees whose hiring: groups for everybody, one's own figures for oneself, names only with a legal basis."""

import json
import shutil
import zipfile
from pathlib import Path

import lxml.html
import pandas as pd
import pytest
from click.testing import CliRunner

from helpers import cli
from helpers.data import InputError
from helpers.reporting import manager_reports, report
from helpers.reporting.manager_reports import code

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[2] / "data" / "sample"
BASIS = "Works agreement 12 of 2026-03-01, decided by the works council <b>and</b> the head of HR"
MANAGERS = 60


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Sixty managers of the sample, with ids and names that occur nowhere else."""
    folder = tmp_path_factory.mktemp("audiences") / "client"
    folder.mkdir()
    requisitions = pd.read_csv(SAMPLE / "requisitions.csv", dtype=str)
    busy = requisitions["hiring_manager_id"].value_counts().sort_index().sort_values(kind="stable").index[-MANAGERS:]
    own = {old: f"qx{place:02d}manager" for place, old in enumerate(sorted(busy))}
    requisitions = requisitions[requisitions["hiring_manager_id"].isin(busy)].replace({"hiring_manager_id": own})
    requisitions["level"] = pd.NA
    events = pd.read_csv(SAMPLE / "hiring_events.csv", dtype=str)
    events = events[events["requisition_id"].isin(requisitions["requisition_id"])].replace({"actor_id": own})
    people = pd.DataFrame({"person_id": own.values(), "side": "manager"})
    people["name"] = [f"Zebulon Name{place:02d}" for place in range(MANAGERS)]
    for name, table in {"requisitions": requisitions, "hiring_events": events, "people": people}.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    shutil.copy(SAMPLE / "codebook.yaml", folder)
    write_settings(folder)
    return folder


def write_settings(folder, hiring=""):
    tables = "".join(f"  {name}: {name}.csv\n" for name in ("people", "requisitions", "hiring_events"))
    text = f"title: Hiring\nas_of: 2026-06-30\ntimezone: Europe/Zurich\n{hiring}tables:\n{tables}"
    (folder / "study.yaml").write_text(text, encoding="utf-8")


@pytest.fixture(scope="module")
def shared(study):
    """The report that several people read."""
    options = {"only": ["hiring_manager_engagement"], "formats": ["html", "docx", "pptx"]}
    return report(study, out=study.parent / "shared", **options)


@pytest.fixture(scope="module")
def personal(study):
    """The reports of two managers, by id."""
    wanted = ["qx07manager", "qx31manager"]
    made = manager_reports(study, wanted, out=study.parent / "personal", formats=["html", "docx", "pptx"])
    return {one.what: one.result for one in made}


@pytest.fixture(scope="module")
def named(study):
    """A report by name, of a copy of the study that records a legal basis."""
    folder = study.parent / "named-client"
    shutil.copytree(study, folder)
    write_settings(folder, f"hiring: {{audience: named, legal_basis: {json.dumps(BASIS)}}}\n")
    options = {"only": ["hiring_manager_engagement"], "formats": ["html"]}
    return report(folder, out=study.parent / "named", **options)


def everything_written(folder):
    """Every text below a folder, by file; what is packed in Office files too."""
    texts = {}
    for path in folder.rglob("*"):
        if path.suffix in (".docx", ".pptx", ".xlsx"):
            with zipfile.ZipFile(path) as packed:
                parts = [packed.read(name).decode("utf-8", "replace") for name in packed.namelist()]
            texts[path.name] = "".join(parts)
        elif path.is_file() and path.suffix not in (".pdf", ".png"):
            texts[path.name] = path.read_text(encoding="utf-8")
    return texts


def mentioned(folder):
    """The ids and names of managers that occur anywhere in a report."""
    marks = [f"qx{n:02d}manager" for n in range(MANAGERS)] + [f"Zebulon Name{n:02d}" for n in range(MANAGERS)]
    return {mark for text in everything_written(folder).values() for mark in marks if mark in text}


def tables(result):
    return json.loads((result.folder / "results.json").read_text(encoding="utf-8"))["tables"]


def test_a_shared_report_names_no_manager_and_every_figure_rests_on_five(shared):
    assert shared.exit_code == 0
    assert mentioned(shared.folder) == set()
    for table in tables(shared):
        names = [column["name"] for column in table["columns"]]
        assert table["audience"] == ""
        if "respondents" in names:
            counts = [row[names.index("respondents")] for row in table["rows"]]
            assert all(count is None or count == 0 or count >= 5 for count in counts), table["id"]
        else:
            assert table["id"] == "definitions"


def test_a_shared_report_neither_runs_nor_mentions_the_notebook_for_one_manager(shared):
    assert not any("hiring_manager_self" in name for name in everything_written(shared.folder))
    assert "hiring_manager_self" not in "".join(everything_written(shared.folder).values())
    assert "left out" not in lxml.html.parse(str(shared.folder / "index.html")).getroot().text_content()


def test_a_manager_gets_a_report_of_their_own_that_mentions_nobody_else(personal):
    for manager, result in personal.items():
        assert result.exit_code == 0
        assert mentioned(result.folder) == {manager}
        for name in ("index", "hiring_manager_self"):
            page = lxml.html.parse(str(result.folder / f"{name}.html")).getroot().text_content()
            assert f"For {manager} alone" in page
        index = (result.folder / "index.html").read_text(encoding="utf-8")
        assert "Your own figures are the exception; they go to you alone." in index
        manifest = json.loads((result.folder / "manifest.json").read_text(encoding="utf-8"))
        assert list(manifest["notebooks"]) == ["hiring_manager_self"]
        assert manifest["parameters"]["hiring_manager_self"]["manager"] == manager


def test_own_figures_are_those_of_the_records(personal, study):
    events = pd.read_csv(study / "hiring_events.csv")
    requisitions = pd.read_csv(study / "requisitions.csv")
    for manager, result in personal.items():
        mine = requisitions.loc[requisitions["hiring_manager_id"] == manager, "requisition_id"]
        held = events[events["requisition_id"].isin(mine) & (events["event"] == "interview_held")]
        waits = next(table for table in tables(result) if table["id"] == "own-waits")
        assert waits["audience"] == "self"
        assert [row[1] for row in waits["rows"] if row[0] == "Interview to feedback"] == [len(held)]


def test_two_managers_are_set_beside_the_same_groups(personal, shared):
    grouped = next(table for table in tables(shared) if table["id"] == "caterpillar")["rows"]
    for result in personal.values():
        rows = next(table for table in tables(result) if table["id"] == "own-speed")["rows"]
        groups = [[name, *figures] for name, line, *figures in rows if line != "You"]
        assert groups == grouped, "two reports tell no more than one"
        assert [row[-1] for row in rows if row[0] == "You"] == [1]


def test_no_file_or_folder_name_tells_whose_report_it_is(personal):
    for manager, result in personal.items():
        assert result.folder.name == code(manager)
        assert not any(manager in path.name for path in result.folder.parent.rglob("*"))


def test_with_a_legal_basis_two_exhibits_show_names_with_intervals_and_the_basis(named):
    assert named.exit_code == 0
    by_name = [table for table in tables(named) if "Zebulon" in json.dumps(table)]
    assert [table["id"] for table in by_name] == ["managers-1", "managers-31", "funnel-points"]
    for table in by_name:
        assert table["audience"] == "named"
        assert table["note"].endswith(f"Single managers are shown on this legal basis: {BASIS}.")
        ends = [column["label"] for column in table["columns"] if column["label"].endswith(("from", "to"))]
        assert len(ends) >= 2, "no list of managers without intervals or limits"
    assert all(table["audience"] == "" for table in tables(named) if table not in by_name)
    page = (named.folder / "hiring_manager_engagement.html").read_text(encoding="utf-8")
    assert "<b>and</b> the head" not in page
    assert "the legal basis stands below each" in (named.folder / "index.html").read_text(encoding="utf-8")
    findings = json.loads((named.folder / "results.json").read_text(encoding="utf-8"))["findings"]
    assert "Zebulon" not in json.dumps(findings)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--manager", "qx7manager"], 'no hiring manager "qx7manager". did you mean "qx'),
        (["--manager", "nobody at all"], "Look the id up in hiring_manager_id of requisitions"),
        (["--manager", "qx07manager", "--only", "hiring_manager_engagement"], "--only"),
        (
            ["--manager", "qx07manager", "-p", "manager", "qx08manager"],
            "a report for one manager is made with --manager",
        ),
        (["--only", "hiring_manager_self"], "Add --manager ID, or --manager all"),
        (["-p", "manager", "qx07manager", "--only", "hiring_manager_engagement"], "no notebook that will run has this"),
    ],
)
def test_wrong_words_are_refused_and_nothing_is_left(study, tmp_path, arguments, said):
    run = CliRunner().invoke(cli.main, ["report", str(study), *arguments, "--out", str(tmp_path / "out")])
    assert run.exit_code == 2
    assert said in run.output
    assert not (tmp_path / "out").exists() or not any((tmp_path / "out").iterdir())


def test_managers_are_named_as_their_source_names_them_and_a_key_says_whose_folder_is_whose(
    study, tmp_path, monkeypatch
):
    """A consultant holds the ids of the applicant tracking system; the study holds pseudonyms."""
    folder, wanted = tmp_path / "client", []
    shutil.copytree(study, folder)
    with (folder / "study.yaml").open("a", encoding="utf-8") as settings:
        settings.write("pseudonyms: {key_env: AUDIENCE_KEY}\n")
    (folder / "identities.csv").write_text(
        "source,source_id,person_id\ngreenhouse,=4711,qx07manager\n", encoding="utf-8"
    )
    monkeypatch.setenv("AUDIENCE_KEY", "0123456789abcdef0123")
    monkeypatch.setattr("helpers.reporting.batch.report", lambda *_, reader, **__: wanted.append(reader))
    list(manager_reports(folder, ["=4711", "qx08manager"], out=tmp_path / "made" / "personal", run_with={"jobs": 1}))
    assert len(set(wanted)) == 2 and all(reader.startswith("p-") for reader in wanted)
    key = pd.read_csv(tmp_path / "made" / "personal-key.csv")
    assert key["folder"].tolist() == [code(reader) for reader in wanted]
    assert key["other ids"].fillna("").tolist() == ["'=4711", ""], "and no formula"


def test_personal_folders_are_not_put_into_a_report_that_others_read(study, shared):
    for place in (shared.folder, shared.folder / "personal"):
        with pytest.raises(InputError, match="lies in a report that others may read"):
            list(manager_reports(study, ["qx07manager"], out=place))


def test_one_study_at_a_time(study):
    run = CliRunner().invoke(cli.main, ["report", str(study), str(study), "--manager", "qx07manager"])
    assert run.exit_code == 2
    assert "several studies were named; expected one study" in run.output


def test_too_few_managers_to_compare_with_is_said_before_anything_runs(study, tmp_path):
    folder = tmp_path / "few"
    shutil.copytree(study, folder)
    requisitions = pd.read_csv(folder / "requisitions.csv")
    few = requisitions["hiring_manager_id"].isin([f"qx{n:02d}manager" for n in range(4)])
    requisitions[few].to_csv(folder / "requisitions.csv", index=False)
    with pytest.raises(InputError, match="there are 4 hiring managers"):
        list(manager_reports(folder, ["all"], out=tmp_path / "out"))
    assert not (tmp_path / "out").exists()
