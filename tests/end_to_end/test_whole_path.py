"""From an export to a report a client can read, by the commands a consultant types."""

import csv
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import simulation
import yaml

from helpers.data import Codebook

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parents[2]
SAMPLE = ROOT / "data" / "sample"
PERSONAL = ["203.0.113.7", "ada.fictional@example.com", "Fictional"]


def partnership(*arguments, cwd):
    command = [sys.executable, "-m", "helpers.cli", *map(str, arguments)]
    environment = os.environ | {"PYTHONUTF8": "1"}
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, encoding="utf-8", env=environment)


def qualtrics_export(path):
    """Write managers' answers as Qualtrics does: three header rows, choice text, personal columns, a preview."""
    codebook = Codebook.load(SAMPLE / "codebook.yaml")
    answers = simulation.partnership_responses(seed=3, clusters=12, managers=150, short_form=False)
    answers = answers[answers["side"] == "manager"].reset_index(drop=True)
    items = [item for item in codebook.items if item.id in answers and item.role == "scale"]
    head = {
        "StartDate": ("Start Date", "startDate"), "EndDate": ("End Date", "endDate"),
        "Status": ("Response Type", "status"),
        "IPAddress": ("IP Address", "ipAddress"), "Finished": ("Finished", "finished"),
        "ResponseId": ("Response ID", "_recordId"), "RecipientLastName": ("Recipient Last Name", "recipientLastName"),
        "RecipientEmail": ("Recipient Email", "recipientEmail"),
        "ExternalReference": ("External Data Reference", "externalDataReference"),
    }  # fmt: skip
    names = [*head, *[f"Q1_{place}" for place in range(1, len(items) + 1)], "hr_id", "department"]
    asked = [f"How far do you agree? - {item.text_for('manager')}" for item in items]
    texts = [*[text for text, _ in head.values()], *asked, "hr_id", "department"]
    identifiers = [*[name for _, name in head.values()], *[f"QID1_{place}" for place in range(1, len(items) + 1)]]
    identifiers += ["hr_id", "department"]
    rows = []
    for place, answer in answers.iterrows():
        own = [
            "2026-06-01 09:00:00",
            "2026-06-01 09:10:00",
            "Survey Preview" if place == 0 else "IP Address",
            PERSONAL[0],
        ]
        own += ["True", f"R_{place}", PERSONAL[2], PERSONAL[1], answer["respondent_id"]]
        given = [
            item.format.label(int(answer[item.id])) if answer[item.id] == answer[item.id] else "" for item in items
        ]
        department = "Sales <script>alert(1)</script> **& $x$" if place % 3 else "Plant"
        rows.append([*own, *given, answer["hr_id"], department])
    with path.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(names)
        writer.writerow(texts)
        writer.writerow([json.dumps({"ImportId": name, "timeZone": "Europe/Zurich"}) for name in identifiers])
        writer.writerows(rows)
    return len(rows) - 1


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    """Go the whole way once."""
    folder = tmp_path_factory.mktemp("consultant")
    answered = qualtrics_export(folder / "export.csv")
    steps = {
        "init": partnership("init", "acme", cwd=folder),
        "import": partnership("import", "qualtrics", "export.csv", "--study", "acme", "--wave", "2026-H1", cwd=folder),
        "check": partnership("check", "acme", cwd=folder),
        "report": partnership("report", "acme", "--out", "out", cwd=folder),
    }
    return folder, answered, steps


def test_every_step_succeeds_and_says_what_it_did(client):
    _, answered, steps = client
    for name, step in steps.items():
        assert step.returncode == 0, f"{name}: {step.stdout}\n{step.stderr}"
        assert "Traceback" not in step.stdout + step.stderr
    assert f"{answered}" in steps["import"].stdout
    assert "preview" in steps["import"].stdout
    assert "RecipientEmail" in steps["import"].stdout  # left out, and named
    assert "index.html" in steps["report"].stdout


def test_nothing_personal_gets_into_the_study_or_the_report(client):
    folder, _, _ = client
    files = [path for root in ("acme", "out") for path in (folder / root).rglob("*") if path.is_file()]
    for path in files:
        content = path.read_bytes()
        if path.suffix in (".docx", ".pptx"):
            with zipfile.ZipFile(path) as archive:
                content = b"".join(archive.read(name) for name in archive.namelist())
        for secret in PERSONAL:
            assert secret.encode() not in content, f"{secret} in {path.name}"


def test_the_report_has_every_format_and_no_respondent(client):
    folder, answered, _ = client
    out = folder / "out"
    names = {path.name for path in out.iterdir()}
    chapters = {
        f"{name}{end}" for name in ("data_readiness", "partnership_survey") for end in (".html", ".pdf", ".docx")
    }
    assert chapters | {"index.html", "deck.pptx", "results.json", "manifest.json", "tables", "notebooks"} <= names
    results = json.loads((out / "results.json").read_text(encoding="utf-8"))
    assert {finding["notebook"] for finding in results["findings"]} == {"partnership_survey"}
    survey = (folder / "acme" / "survey.csv").read_text(encoding="utf-8")
    respondents = {line.split(",")[0] for line in survey.splitlines()[1:]}
    assert len(respondents) == answered
    published = "".join(path.read_text(encoding="utf-8") for path in (out / "tables").glob("*.csv"))
    cells = {cell for row in csv.reader(published.splitlines()) for cell in row}
    assert not cells & respondents


def test_text_from_data_cannot_run_in_a_page(client):
    folder, _, _ = client
    for page in (folder / "out").glob("*.html"):
        assert "<script" not in page.read_text(encoding="utf-8").lower()


@pytest.fixture(scope="module")
def sample_results(tmp_path_factory):
    out = tmp_path_factory.mktemp("report") / "sample"
    run = partnership("report", SAMPLE, "--out", out, "--formats", "html", cwd=ROOT)
    assert run.returncode == 0, run.stderr
    return out


def published(out, name):
    with (out / "tables" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
        return list(csv.DictReader(stream))


def truths(estimand_prefix):
    planted = yaml.safe_load((SAMPLE / "truths.yaml").read_text(encoding="utf-8"))["truths"]
    return {
        entry["id"].removeprefix(estimand_prefix): entry for entry in planted if entry["id"].startswith(estimand_prefix)
    }


#: Points of 100 in a point of the answer scale from 1 to 5, in which the truths are told.
OF_100 = 100 / 4


@pytest.mark.parametrize(("table", "truth"), [("perception-gap", "gap_"), ("change", "change_")])
def test_planted_effects_come_back_and_planted_nulls_stay_null(sample_results, table, truth):
    labels = {dimension.label: dimension.id for dimension in Codebook.load(SAMPLE / "codebook.yaml").dimensions}
    planted = truths(truth)
    rows = published(sample_results, f"partnership_survey--{table}")
    assert len(rows) == len(planted) == 10
    for row in rows:
        expected = planted[labels[row["Dimension"]]]
        low, high, value = float(row["95 % from"]), float(row["to"]), OF_100 * expected["value"]
        slack = 0.8 * (high - low) / 2  # 20 intervals at 95 % are not all expected to hold their truth
        assert low - slack <= value <= high + slack, row
        if expected["zero"]:
            assert float(row["p, adjusted"].removeprefix("< ")) >= 0.05, row
        else:
            assert min(low * value, high * value) > 0, row


def test_findings_of_the_sample_are_about_planted_effects_only(sample_results):
    results = json.loads((sample_results / "results.json").read_text(encoding="utf-8"))
    stated = [finding for finding in results["findings"] if finding["grade"] in ("strong", "moderate", "weak")]
    for prefix in ("gap-", "change-"):
        named = {finding["id"].removeprefix(prefix) for finding in stated if finding["id"].startswith(prefix)}
        effects = {name for name, entry in truths(prefix.replace("-", "_")).items() if not entry["zero"]}
        assert len(named) == 3
        assert named <= effects


def test_the_same_inputs_give_the_same_results_bytes(sample_results, tmp_path):
    again = tmp_path / "again"
    assert partnership("report", SAMPLE, "--out", again, "--formats", "html", cwd=tmp_path).returncode == 0
    assert (again / "results.json").read_bytes() == (sample_results / "results.json").read_bytes()
    tables = sorted((sample_results / "tables").iterdir())
    assert [path.name for path in tables] == sorted(path.name for path in (again / "tables").iterdir())
    assert all(path.read_bytes() == (again / "tables" / path.name).read_bytes() for path in tables)


def test_a_wave_the_study_does_not_have_is_refused_and_nothing_is_left(tmp_path):
    run = partnership(
        "report", SAMPLE, "--out", tmp_path / "out", "--formats", "html", "-p", "wave", "2031", cwd=tmp_path
    )
    assert run.returncode == 2
    assert 'wave is "2031"; expected one of 2025-H1, 2025-H2, 2026-H1' in run.stderr
    assert "Traceback" not in run.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--only", "partnership_surveys"], "partnership_survey"),
        (["-p", "confidenze", "0.9"], "confidence"),
        (["-p", "confidence", "high"], "confidence"),
        (["--formats", "odt"], "pptx"),
    ],
)
def test_wrong_words_on_the_command_line_are_refused_before_anything_runs(tmp_path, arguments, words):
    run = partnership("report", SAMPLE, "--out", tmp_path / "out", *arguments, cwd=tmp_path)
    assert run.returncode == 2
    assert words in run.stderr
    assert "Traceback" not in run.stderr
    assert not (tmp_path / "out").exists()


def test_check_lists_problems_for_people_and_machines(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(SAMPLE, study)
    lines = (study / "survey.csv").read_text(encoding="utf-8").splitlines()
    lines.append(lines[1])
    (study / "survey.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    run = partnership("check", study, cwd=tmp_path)
    assert run.returncode == 2
    assert f"{len(lines)}" in run.stdout
    machine = partnership("check", study, "--json", cwd=tmp_path)
    problems = json.loads(machine.stdout)
    assert any(len(lines) in problem["rows"] for problem in problems)
    refused = partnership("report", study, "--out", tmp_path / "out", cwd=tmp_path)
    assert refused.returncode == 2
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("command", [[], ["init"], ["check"], ["import"], ["report"], ["lab"]])
def test_help_has_an_example(command, tmp_path):
    run = partnership(*command, "--help", cwd=tmp_path)
    assert run.returncode == 0
    assert "Example" in run.stdout
