"""What a sheet of a practice asks for comes through the workbook and the import to the chapter that reads it."""

import datetime
import re

import pytest
from click.testing import CliRunner
from openpyxl import load_workbook

from helpers.analysis.business import messages, recall
from helpers.analysis.practice import promises
from helpers.analysis.practice import session as sessions
from helpers.cli import main
from helpers.data import Study, create_study
from helpers.playbooks import discover, evidence, load
from helpers.playbooks.kit.workbook import capture
from helpers.playbooks.session import Session
from helpers.shipped import PLAYBOOKS

pytestmark = pytest.mark.slow

#: Practices whose fields all go to chapter 05; the first two kits have a test of every word in tests/data.
FIRST = ("role-swap", "customer-call-shadowing")
FOLDERS = [folder for folder in discover(PLAYBOOKS) if folder.name not in FIRST]
PAIRS = 8
PEOPLE = "person_id,side\n" + "".join(f"HR-{n:03d},hr\nM-{n:03d},manager\n" for n in range(PAIRS))
TABLE = "partnership_id,hr_id,manager_id\n" + "".join(f"P-{n:03d},HR-{n:03d},M-{n:03d}\n" for n in range(PAIRS))


#: Two messages, each read by two people who number themselves, and strokes of two places in two rounds.
MESSAGES = [
    {"message_id": number, "audience": audience, "channel": "website", "found_on": datetime.date(2026, 4, 2),
     "attribute": quality, "rating": rating, "coder_id": reader}
    for reader, number, audience, quality, rating in (
        (1, 1, "customer", "Caring", 4), (1, 2, "Employee", "Fair", 2),
        (2, 1, "customer", "caring", 5), (2, 2, "employee", "Other", None),
    )
]  # fmt: skip
RECALL = [
    {"asked_on": day, "audience": "employee", "place": place, "round": told, "asked": 10, "recalled": said}
    for day, told, both in (
        (datetime.date(2026, 5, 14), "before", (1, 2)), (datetime.date(2026, 6, 15), "day 30", (6, 4)),
    )
    for place, said in zip(("Depot", "Shop"), both)
]  # fmt: skip


def value(field, turn):
    """Return something that a field may hold: never all alike."""
    if field.type == "whole":
        return (field.least, field.most)[turn % 2] if field.not_above is None else field.least
    if field.type == "choice":
        return field.words[turn % len(field.words)]
    if field.type == "metrics":
        return f"{field.field} score → Turnover: lower"
    return {"yes_no": ("yes", "no")[turn % 2], "date": datetime.date(2026, 5, 20 + turn % 3)}.get(field.type, "words")


def typed(path, front):
    """Fill in a capture workbook for one session of eight pairs, all of whom agreed to be counted."""
    book = load_workbook(path)
    fields = front.capture.fields
    together = {one.field: value(one, 1) for one in fields if one.level in ("session", "unit")}
    rows = {"Session": [{"session_id": "S1", "date": datetime.date(2026, 5, 12), "came": 2 * PAIRS, "declined": 0,
                         **together}], "People": []}  # fmt: skip
    for n in range(PAIRS):
        own = {one.field: value(one, n) for one in fields if one.level in ("person", "pair")}
        paired = {"partnership_id": f"P-{n:03d}"}
        rows["People"] += [
            {"person_id": f"{side}-{n:03d}", **paired, "consent": "yes", "hours": 1, **own} for side in ("HR", "M")
        ]
    if front.capture.promises:
        made = {"made_on": datetime.date(2026, 5, 12), "due_on": datetime.date(2026, 6, 1), "kind": "answer"}
        ends = ("kept", "broken")
        rows["Promises"] = [
            {"commitment_id": f"C{n}", "partnership_id": f"P-{n:03d}", "promised_by": ("hr", "manager")[n % 2], **made,
             "outcome": ends[n // 2 % 2], "closed_on": datetime.date(2026, 5, 30)}
            for n in range(PAIRS)
        ]  # fmt: skip
    if front.capture.messages:
        rows |= {"Messages": MESSAGES, "Recall": RECALL}
    for name, lines in rows.items():
        sheet = book[name]
        places = {cell.value: cell.column for cell in sheet[1]}
        for row, line in enumerate(lines, 2):
            for column, told in line.items():
                sheet.cell(row, places[column], told)
    book.save(path)
    return path


@pytest.fixture
def captured(tmp_path):
    """Return a function that runs a practice from its kit to a study, by its folder."""

    def of(folder):
        front = load(folder).front
        edition = front.editions[0]
        study = tmp_path / "acme"
        create_study(study)
        for name, text in (("people", PEOPLE), ("partnerships", TABLE)):
            (study / f"{name}.csv").write_text(text, encoding="utf-8")
        settings = (study / "study.yaml").read_text(encoding="utf-8")
        named = "  people: people.csv\n  partnerships: partnerships.csv"
        (study / "study.yaml").write_text(settings.replace("  # people: people.csv", named), encoding="utf-8")
        session = Session(
            load(folder), edition, evidence.load(PLAYBOOKS), edition.participants.most, 540, "a4", "draft"
        )
        path = tmp_path / "capture.xlsx"
        path.write_bytes(capture(session))
        done = CliRunner().invoke(main, ["import", "practice", str(typed(path, front)), "--study", str(study)])
        assert done.exit_code == 0, done.output
        return Study.load(study), front

    return of


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_every_field_reaches_chapter_05(captured, folder):
    study, front = captured(folder)
    assert [problem.sentence() for problem in study.check() if problem.table.startswith("practice")] == []
    told = sessions.Sessions.of(study, front.capture.practice)
    assert told.enough
    shares = sessions.shares(told)
    bounds = {field.not_above for field in front.capture.fields}  # told as what the other is a share of
    labels = [*sessions.numbers(told)["label"], *shares["label"]]
    read = {re.sub(r" \(day \d+\)$", "", label) for label in labels}
    read |= {*shares["word"].str.extract("of “(.+)”")[0].dropna()}
    asked = {one.label if one.field in bounds else one.told for one in front.capture.fields if one.type != "metrics"}
    assert asked and asked <= read, asked - read


def test_messages_and_recall_reach_chapter_11(captured):
    """From the sheets to what is told: two readers of two messages, and who could say the message in two places."""
    study, _ = captured(PLAYBOOKS / "one-message")
    assert [problem.sentence() for problem in study.check() if problem.table in ("messages", "recall")] == []
    rows = messages.coded(study)
    assert set(rows["message_id"]) == {"S1-1", "S1-2"} and set(rows["coder_id"]) == {"S1-1", "S1-2"}
    assert rows["attribute"].tolist() == ["Caring", "Fair", "Caring", "Other"] and rows["rating"].isna().tolist()[-1]
    asked = recall.asked(study)
    assert asked.groupby(["round", "asked_in"])["recalled"].sum().unstack().to_numpy().tolist() == [[6, 4], [1, 2]]
    assert len(recall.twice(asked)) == 40


@pytest.mark.parametrize(
    "folder", [one for one in FOLDERS if load(one).front.capture.metrics], ids=lambda folder: folder.name
)
def test_pairs_of_metrics_reach_the_metric_tree(captured, folder):
    study, front = captured(folder)
    agreed = study.agreed_metrics
    assert [*agreed["hr"]] == [f"{name}_score" for name in front.capture.metrics]
    assert {*agreed["business"]} == {"turnover"} and {*agreed["expected"]} == {"lower"} and {*agreed["lag"]} == {8}


@pytest.mark.parametrize(
    "folder", [one for one in FOLDERS if load(one).front.capture.promises], ids=lambda folder: folder.name
)
def test_promises_reach_chapter_07(captured, folder):
    """From the sheet to what became of promises: of eight, four of each side, two of each were kept."""
    study, front = captured(folder)
    made = promises.Promises.of(study, front.capture.practice)
    assert len(made.due) == PAIRS and made.due["practice"].eq(front.capture.practice).all()
    ends = promises.outcomes(made.due).set_index(["whose", "became"])["promises"]
    for whose in ("Managers", "HR partners"):
        assert ends[whose, promises.STATUS["kept"]] == ends[whose, promises.STATUS["broken"]] == 2
    assert promises.kept_by_kind(made.ended)["kind"].unique().tolist() == [promises.KINDS["answer"]]
