"""A finding leads to a practice, and the report says what became of it: nothing beyond what chapters publish."""

import shutil
from html import unescape
from pathlib import Path

import pytest

from helpers.data import Study
from helpers.playbooks.parse import load
from helpers.published import Claim, Column, Evidence, Exhibit, Finding, Grade
from helpers.reporting import practices
from helpers.reporting.cover import Cover
from helpers.reporting.document import Chapter, Placed
from helpers.reporting.formats.html import card, page
from helpers.reporting.report import Report
from helpers.shipped import PLAYBOOKS

pytestmark = pytest.mark.slow

SAMPLE, CAPTURE = Path("data/sample"), Path("tests/studies/capture_only")


def difference(id, notebook="partnership_survey", grade=Grade.STRONG, association=False, playbook=None):
    evidence = Evidence(sentence="", same="", unknown="", association=association)
    return Finding(
        notebook=notebook, id=id, claim=Claim.DIFFERENCE, sentence=f"Sentence of {id}.", grade=grade,
        evidence=evidence, playbook=playbook,
    )  # fmt: skip


def exhibit(id, rows, *names):
    columns = [Column(name=name, label=name) for name in names]
    texts = [[str(cell) for cell in row] for row in rows]
    named = {"kind": "table", "notebook": "follow_through", "id": id, "title": id}
    return Placed(Exhibit(**named, columns=columns, rows=rows, texts=texts), 1)


def kept(*rows):
    measured = [["Kept by the first date, of those recorded to an end", *row] for row in rows]
    other = [["Kept or moved in time, of those recorded to an end", "Managers", 90.0, 80.0, 95.0, 70]]
    return exhibit("kept", measured + other, "measure", "whose", "estimate", "low", "high", "promises")


def told(study, *chapters, made_for="role_swap", promises_of=""):
    used = {"practice_impact": {"practice": made_for}, "follow_through": {"practice": promises_of}}
    return {one.practice: one for one in practices.told(study, list(chapters), used)}


@pytest.fixture(scope="module")
def sample():
    return Study.load(SAMPLE)


def test_a_chapter_without_a_practice_named_is_about_the_one_with_most_entries(sample):
    impact = Chapter("practice_impact", "", [difference("noted-hits", "practice_impact")])
    found = told(sample, impact, made_for="")
    assert found["role_swap"].effect == ["Sentence of noted-hits."]
    assert found["customer_call"].reason == "The chapter on effects tells of role swap."


def test_what_a_report_tells_of_each_practice(sample):
    survey = Chapter("partnership_survey", "", [difference("change-focus", playbook="customer-call-shadowing")])
    impact = Chapter("practice_impact", "", [
        difference("effect-listening", "practice_impact"),
        difference("effect-trust", "practice_impact", Grade.CANNOT_TELL),
        difference("records-days", "practice_impact"),
    ])  # fmt: skip
    rows = ["Managers", 58.0, 51.0, 64.0, 234], ["HR partners", None, None, None, "30 or more"]
    followed = Chapter("follow_through", "", [kept(*rows)])
    found = told(sample, survey, impact, followed)
    calls, swap = found["customer_call"], found["role_swap"]
    assert calls.recommended_by == ["partnership_survey--change-focus"] and swap.recommended_by == []
    assert (calls.playbook, calls.title) == ("customer-call-shadowing", "Customer call shadowing")
    sessions = sample.table("practice_sessions").groupby("practice")["session_id"].nunique()
    assert {name: one.sessions for name, one in found.items()} == sessions.to_dict()
    assert swap.effect == ["Sentence of effect-listening."] and swap.reason == ""
    assert calls.effect == "cannot tell" and calls.reason == "The chapter on effects tells of role swap."
    assert [(one.side, one.promises, one.estimate) for one in swap.promises] == [
        ("Managers", 234, 58.0), ("HR partners", "30 or more", None),
    ]  # fmt: skip
    assert calls.promises == []


def test_promises_of_several_practices_are_told_apart(sample):
    rows = [["role swap", "Managers", 60.0, 50.0, 70.0, 90], ["customer call", "Managers", 40.0, 30.0, 50.0, 80]]
    columns = ("practice", "whose", "estimate", "low", "high", "promises")
    followed = Chapter("follow_through", "", [exhibit("kept-by-practice", rows, *columns), kept()])
    found = told(sample, followed)
    assert [one.estimate for one in found["role_swap"].promises] == [60.0]
    assert [one.estimate for one in found["customer_call"].promises] == [40.0]


def test_promises_of_one_practice_are_not_those_of_another(sample):
    followed = Chapter("follow_through", "", [kept(["Managers", 58.0, 51.0, 64.0, 234])])
    found = told(sample, followed, promises_of="customer_call")
    assert found["role_swap"].promises == [] and len(found["customer_call"].promises) == 1


@pytest.mark.parametrize(("findings", "reason"), [
    (None, "The chapter on effects is not in this report."), ([], "Nobody can be compared"),
    ([difference("effect-trust", grade=Grade.CANNOT_TELL)], "The data fit both no effect and one that would matter."),
    ([difference("effect-trust", association=True)], "Nobody drew lots"),
])  # fmt: skip
def test_where_nobody_can_tell_the_reason_is_told(sample, findings, reason):
    chapters = [] if findings is None else [Chapter("practice_impact", "", findings)]
    swap = told(sample, *chapters)["role_swap"]
    assert swap.effect == "cannot tell" and swap.reason.startswith(reason)


def test_a_practice_that_nobody_names_and_that_never_ran_is_not_listed(tmp_path):
    found = told(Study.load(CAPTURE))
    assert list(found) == ["role_swap"] and found["role_swap"].sessions == 2
    lean = tmp_path / "study"
    shutil.copytree(CAPTURE, lean)
    (lean / "practice_sessions.csv").unlink()
    settings = lean / "study.yaml"
    settings.write_text(settings.read_text().replace("  practice_sessions: practice_sessions.csv\n", ""))
    assert told(Study.load(lean))["role_swap"].sessions == 2  # from who took part


def test_a_finding_links_to_the_card_of_its_playbook(sample):
    named = difference("change-focus", playbook="customer-call-shadowing")
    unknown = difference("change-trust", playbook="no-such-practice")
    chapter = Chapter("partnership_survey", "Survey", [named, unknown])
    found = told(sample, chapter)
    assert found["role_swap"].card == []
    cover, paths = Cover.of(sample, ""), {"customer-call-shadowing": "playbooks/customer-call-shadowing.html"}
    text = page(Report(cover, Chapter("index", "", []), [chapter], cards=paths), chapter)
    assert '<a href="playbooks/customer-call-shadowing.html">Playbook “Customer call shadowing”</a>' in text
    assert "<dd>Playbook “No such practice”</dd>" in text
    shown = unescape(card(cover, found["customer_call"]))
    front = load(PLAYBOOKS / "customer-call-shadowing").front
    for words in (front.summary, front.card.when_not, front.editions[0].title, "180 minutes", "../index.html"):
        assert words in shown


def test_a_practice_of_ones_own_has_a_card_and_a_broken_one_has_none(tmp_path):
    study = tmp_path / "study"
    shutil.copytree(CAPTURE, study)
    settings = study / "study.yaml"
    settings.write_text(settings.read_text() + "practices: {playbooks: mine}\n")
    shutil.copytree(PLAYBOOKS / "role-swap", study / "mine" / "our-swap", ignore=shutil.ignore_patterns("kits"))
    path = study / "mine" / "our-swap" / "playbook.md"
    text = path.read_text(encoding="utf-8").replace("  practice: role_swap\n", "  practice: our_swap\n")
    path.write_text(text, encoding="utf-8")
    chapter = Chapter("partnership_survey", "", [difference("change-trust", playbook="our-swap")])
    assert ("In short", load(PLAYBOOKS / "role-swap").front.summary) in told(Study.load(study), chapter)[
        "our_swap"
    ].card
    path.write_text(text.replace("\nsummary:", "\nsumary:"), encoding="utf-8")
    assert told(Study.load(study), chapter)["our_swap"].card == []
