"""The six pages for the talk of a team: nothing unreleased, nothing ranked that cannot be told apart, read back."""

import csv
import json
import re
import shutil
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pytest
from docx import Document

from helpers.data import InputError, Study
from helpers.pdfium import opened
from helpers.playbooks import grade
from helpers.privacy.audit import audit
from helpers.reporting import group_reports, team
from helpers.reporting.cover import Cover
from helpers.reporting.document import Chapter
from helpers.reporting.formats.team_kit import PAGES, docx, pages, pdf
from helpers.reporting.report import Report

STUDIES = Path(__file__).resolve().parents[1] / "studies"
HEAD = "commitment_id,wave,attribute,team,promise,owner,measure,made_on,due_on,closed_on,outcome\n"
SAID = "Answer HR | by <b>Friday</b> *all of us*"
KEPT = f"T1,2025,department,Workshop,{SAID},Head,listening,2025-05-04,2025-09-30,2025-09-01,kept\n"


def later_wave(folder, promised=KEPT):
    """Give a study a wave before its own, in which everybody agreed less on listening, and promises."""
    rows = list(csv.DictReader((folder / "survey.csv").read_text(encoding="utf-8").splitlines()))
    lower = [
        row | {"wave": "2025", "submitted_at": row["submitted_at"].replace("2026", "2025")}
        | {name: str(max(int(row[name]) - 1, 1)) for name in row if name.startswith("listening_") and row[name]}
        for row in rows
    ]  # fmt: skip
    with (folder / "survey.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(lower + rows)
    (folder / "team_commitments.csv").write_text(HEAD + promised, encoding="utf-8")
    settings = (folder / "study.yaml").read_text(encoding="utf-8")
    (folder / "study.yaml").write_text(f"{settings}  team_commitments: team_commitments.csv\n", encoding="utf-8")
    return folder


def made(study, out, **how):
    return {one.what: one for one in group_reports(study, "department", out=out, **how)}


@pytest.fixture(scope="module")
def reports(tmp_path_factory):
    """Return the study and its reports by department: a small group among them, and a promise of one before."""
    folder = tmp_path_factory.mktemp("kit")
    study = later_wave(Path(shutil.copytree(STUDIES / "small_client", folder / "small")))
    moved = re.compile(r"^(M0003|M0006)(,.*?),\w+,(?=\d)", re.MULTILINE)  # into a department of two
    text = moved.sub(r"\1\2,Legal,", (study / "survey.csv").read_text(encoding="utf-8"))
    (study / "survey.csv").write_text(text, encoding="utf-8")
    return study, made(study, folder / "by", formats=["pdf", "docx"])


def text_of(path):
    with opened(path) as document:
        return [page.get_textpage().get_text_range() for page in document]


@pytest.mark.slow
def test_every_group_that_is_told_of_gets_six_pages_and_no_other(reports):
    _, all_made = reports
    told = {name: one for name, one in all_made.items() if one.result}
    assert len(told) >= 2 and len(all_made) > len(told)
    for one in all_made.values():
        assert all((one.folder / f"team-kit.{kind}").is_file() == bool(one.result) for kind in ("pdf", "docx"))
    for one in told.values():
        assert one.exit_code == 0 and len(text_of(one.folder / "team-kit.pdf")) == PAGES
        recorded = json.loads((one.folder / "manifest.json").read_text(encoding="utf-8"))["files"]
        assert {"team-kit.pdf", "team-kit.docx"} <= set(recorded)
        assert 'href="team-kit.pdf"' in (one.folder / "index.html").read_text(encoding="utf-8")
        words = Document(str(one.folder / "team-kit.docx"))
        assert sum(one.style.name == "Heading 1" for one in words.paragraphs) == PAGES


@pytest.mark.slow
def test_the_pages_hold_no_number_that_the_report_does_not_publish(reports):
    study, all_made = reports
    one = next(one for one in all_made.values() if one.result)
    assert audit(one.folder, Study.load(study)).passed
    kit = one.folder / "team-kit.docx"
    kept = kit.read_bytes()
    try:
        words = Document(str(kit))
        words.tables[0].rows[1].cells[1].text = "3"
        words.save(str(kit))
        found = audit(one.folder, Study.load(study)).found
        assert any(leak.file == "team-kit.docx" for leak in found)
    finally:
        kit.write_bytes(kept)


@pytest.mark.slow
def test_the_next_report_reads_the_promise_back_to_its_own_team_alone(reports):
    _, all_made = reports
    for name, one in all_made.items():
        if one.result:
            read = re.sub(r"\s+", " ", text_of(one.folder / "team-kit.pdf")[1])
            assert (SAID in read) == (name == "Workshop")
            assert ("No promise of this group" in read) == (name != "Workshop")
    read = re.sub(r"\s+", " ", text_of(all_made["Workshop"].folder / "team-kit.pdf")[1])
    assert "kept by the first date" in read and "4 May 2025" in read
    assert "Nobody can tell: too few people answered" in read, "the release plan hides the change, and so do the pages"


@pytest.mark.slow
def test_the_same_study_gives_the_same_bytes_and_resume_and_dry_run_leave_them(reports, tmp_path):
    study, all_made = reports
    again = made(study, tmp_path / "by", formats=["docx"], run_with={"limit": 1})
    one = next(one for one in again.values() if one.result)
    first = all_made[one.what]
    assert (one.folder / "team-kit.docx").read_bytes() == (first.folder / "team-kit.docx").read_bytes()
    assert not (one.folder / "team-kit.pdf").exists(), "a format that was not asked for"
    stamp = (one.folder / "team-kit.docx").stat().st_mtime_ns
    for how in ({"resume": True, "limit": 0}, {"resume": True, "dry_run": True}):
        kept = made(study, tmp_path / "by", formats=["docx"], run_with=how)
        assert how.get("limit") == 0 or kept[one.what].status == "done earlier" or kept[one.what].exit_code == 0
        assert (one.folder / "team-kit.docx").stat().st_mtime_ns == stamp


class Told:
    """A finding, as far as the rule reads it."""

    def __init__(self, dimension, is_sure):
        self.id, self.about = f"group-{dimension}", {"dimension": dimension}
        self.grade = team.SURE and (next(iter(team.SURE)) if is_sure else None)


ROWS = [
    {"dimension": name, "estimate": estimate, "p_adjusted": p}
    for name, estimate, p in (("A", "12.0", "0.010"), ("B", "−9.0", "< 0.001"), ("C", "3.0", "0.030"), ("D", "–", "–"))
]


def test_what_cannot_be_told_apart_is_neither_a_strength_nor_a_focus():
    assert team.apart(ROWS, []) == ({"A", "C"}, {"B"})
    assert team.apart(ROWS, [Told("A", True), Told("B", True)]) == ({"A", "C"}, {"B"})
    assert team.apart(ROWS, [Told("A", False), Told("B", True)]) == (set(), {"B"}), "what is untold lies nearer to zero"
    assert team.apart([row | {"p_adjusted": "0.400"} for row in ROWS], []) == (set(), set())


def kit(**other):
    """Return what the pages are made of where a group has nothing that can be told apart."""
    study = Study.load(STUDIES / "small_client")
    numbers = {"estimate": "1.0", "low": "−3.0", "high": "5.0", "told": "cannot tell"}
    rows = [{"dimension": f"Dimension {n}"} | numbers for n in range(team.MOST_ROWS)]
    empty = ["answered", "promised", "strengths", "focus", "questions", "moved", "promises_moved", "pictures"]
    nothing = {name: [] for name in empty}
    named = {"title": "T", "team": "Workshop", "attribute": "department", "wave": "2026", "first": "2025"}
    heads = {"label": "Difference", "low": "from", "high": "to", "note": ""}
    asked = "My HR partner does what was promised, always and by the day."
    chosen = [{"dimension": row["dimension"], "question": asked} for row in rows]
    measures = [(row["dimension"], row["dimension"]) for row in rows[::2]]
    made = team.TeamKit(
        **named, **nothing, differences=rows, open=chosen, measures=measures, difference=heads,
        heads={"favourable": "F", "low": "from", "high": "to", "all": "All"},
    )  # fmt: skip
    return Cover.of(study, group="Workshop"), replace(made, **other)


def test_where_nothing_can_be_told_apart_the_team_takes_what_it_cares_about():
    cover, found = kit()
    strengths, focus = pages(found)[2:4]
    assert "Cannot tell; take what you care about" in strengths and strengths.count("&nbsp;") == 3
    assert "Cannot tell; take what you care about" in focus and focus.count("☐") == 24
    for content in (pdf(found, cover), docx(found, cover)):
        assert content == (pdf(found, cover) if content[:4] == b"%PDF" else docx(found, cover))


def test_tables_and_lists_end_before_the_next_words_begin():
    row = {"what": "W", "made": "1 May", "owner": "A role", "due": "1 June", "became": "kept"}
    question = {"question": "Q", "favourable": "5 %", "low": "1 %", "high": "9 %", "all": "7 %"}
    variants = [{}, {"first": ""}, {"promised": [row]}, {"promised": [row], "promises_moved": ["Higher."]}]
    for other in [*variants, {"moved": ["Higher."]}, {"questions": [question], "focus": [kit()[1].differences[0]]}]:
        for page in pages(kit(**other)[1]):
            for before, line in pairwise(page.splitlines()):
                begins = before.strip()[:2]
                assert "# " not in line.lstrip("#"), line
                assert begins not in ("- ", "| ", "1.") or not line[:1].isalpha(), (before, line)


def test_more_than_three_are_all_named_and_not_ranked(tmp_path):
    cover, found = kit()
    many = [row | {"told": "higher"} for row in found.differences]
    question = {"question": "Q" * 60, "favourable": "5 %", "low": "1 %", "high": "9 %", "all": "7 %"}
    _, found = kit(strengths=many, focus=many[:2], questions=[question] * team.MOST_QUESTIONS)
    assert "nobody can tell: take the three you care about" in pages(found)[2]
    assert "For what is left of the three, tick" in pages(found)[3]
    (tmp_path / "kit.pdf").write_bytes(pdf(found, cover))
    assert len(text_of(tmp_path / "kit.pdf")) == PAGES, "as many rows as there can be still make six pages"


def test_the_talk_takes_thirty_minutes_and_its_words_are_easy_to_read():
    _, found = kit()
    clock = [tuple(map(int, part)) for part in re.findall(r"0:(\d\d)\W+0:(\d\d)", pages(found)[4])]
    assert clock[0][0] == 0 and clock[-1][1] == 30
    assert all(before[1] == after[0] for before, after in pairwise(clock))
    for page in pages(found):
        lines = re.sub(r"[*#|“”☐]|&nbsp;", " ", page).splitlines()
        assert grade(" ".join(line for line in lines if not line.strip().startswith("Dimension "))) <= 9


def test_a_report_without_the_chapter_has_no_kit():
    study = Study.load(STUDIES / "small_client")
    empty = Report(Cover.of(study), Chapter("index", "F", []), [])
    assert team.files(empty, study, ("department", "Workshop"), ["pdf"]) == {}


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (KEPT.replace("listening", "listenning"), 'Did you mean "listening"'),
        (KEPT.replace("department", "departement"), 'Did you mean "department"'),
        (KEPT.replace("2025-09-01", "2025-12-01"), "closed after the date"),
    ],
)
def test_a_promise_that_does_not_fit_is_refused(tmp_path, row, said):
    study = later_wave(Path(shutil.copytree(STUDIES / "small_client", tmp_path / "small")), row)
    with pytest.raises(InputError, match=said):
        list(group_reports(study, "department", out=tmp_path / "by"))
    assert not (tmp_path / "by").exists()


def test_a_promise_of_a_team_that_nobody_belongs_to_is_warned_of(tmp_path):
    study = later_wave(Path(shutil.copytree(STUDIES / "small_client", tmp_path / "small")), KEPT + KEPT.replace(
        "T1,2025,department,Workshop", "T2,2025,department,Workshopp"
    ))  # fmt: skip
    found = [problem for problem in Study.load(study).check() if problem.table == "team_commitments"]
    assert [(one.severity, one.rows) for one in found] == [("warning", (3,))]
    assert 'Did you mean "Workshop"' in found[0].fix


def test_a_draft_says_so_on_every_page(tmp_path):
    _, found = kit()
    cover = Cover.of(Study.load(STUDIES / "small_client"), mark="Draft – not for distribution", group="Workshop")
    (tmp_path / "kit.pdf").write_bytes(pdf(found, cover))
    assert all("Draft – not for distribution" in page for page in text_of(tmp_path / "kit.pdf"))
    (tmp_path / "kit.docx").write_bytes(docx(found, cover))
    section = Document(str(tmp_path / "kit.docx")).sections[-1]
    assert not section.different_first_page_header_footer
    assert "Draft – not for distribution" in section.footer.paragraphs[0].text
