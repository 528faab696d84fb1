"""Chapters open with their answer; a report is body and appendix; every exhibit has one number."""

from datetime import date

import pytest

from helpers.published import Chart, Claim, Column, Evidence, Exhibit, Finding, Grade, PageOne
from helpers.reporting.cover import Cover
from helpers.reporting.document import Answer, Chapter, Front, Heading, Moved, Placed, Prose
from helpers.reporting.layers import chart_of, layers, numbered, opened
from helpers.reporting.pictures import Drawing
from helpers.reporting.report import Report

COVER = Cover("Acme", "Study", date(2026, 6, 30), "30 June 2026", "", "en", "#0b5c6b", 5)
NAMES = [Column(name="dimension", label="Dimension"), Column(name="estimate", label="Change", type="number")]
SVG = Drawing(svg='<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')


def exhibit(id, kind="table", rows=(("Trust", 1), ("Goals", 2)), chapter="one"):
    """Return a table or a bar chart of dimensions."""
    chart = Chart(type="bar", category="dimension", value="estimate") if kind == "chart" else None
    made = Exhibit(
        kind=kind, notebook=chapter, id=id, title=f"What {id} shows", columns=NAMES, chart=chart,
        rows=[list(row) for row in rows], texts=[[str(cell) for cell in row] for row in rows],
    )  # fmt: skip
    return Placed(made, 1, SVG if chart else Drawing())


def finding(id, exhibit=None, estimate=1.0, grade=Grade.STRONG, chapter="one", **facts):
    """Return a difference that says its id."""
    evidence = Evidence(sentence=f"{id} is {{size}} {{more|less}}.", same="S", unknown="U", decimals=0)
    return Finding(
        notebook=chapter, id=id, sentence=f"{id}.", grade=grade, estimate=estimate, smallest=1, unit="points",
        exhibit=exhibit, evidence=evidence, **facts,
    )  # fmt: skip


def chapter(*parts, name="one"):
    return opened(Chapter(name, f"Chapter {name}", list(parts)))


def kinds(parts):
    return [type(part).__name__ for part in parts]


def test_findings_come_first_and_the_charts_that_carry_them_leave_their_place():
    made = chapter(
        Prose("<p>Question</p>"), exhibit("t"), exhibit("c", "chart"), finding("small", "t"), finding("large", "c", 9.0)
    )
    assert kinds(made.answer) == ["Answer", "Placed"]
    assert [one.id for one in made.answer[0].findings] == ["large", "small"]
    assert made.answer[1].exhibit.id == "c"
    assert kinds(made.rest) == ["Prose", "Placed", "Moved", "Finding", "Finding"]
    assert len(made.findings) == 2 and len(made.exhibits) == 2


def test_what_nobody_can_tell_comes_last_and_carries_no_chart():
    unknown = finding("unknown", "b", grade=Grade.CANNOT_TELL)
    made = chapter(exhibit("a", "chart"), exhibit("b", "chart", [("Pay", 5)]), unknown, finding("known", "a"))
    assert [one.id for one in made.answer[0].findings] == ["known", "unknown"]
    assert [part.exhibit.id for part in made.answer if isinstance(part, Placed)] == ["a"]


def test_a_chapter_without_a_finding_opens_with_its_first_chart_and_one_without_charts_with_nothing():
    assert kinds(chapter(exhibit("t"), exhibit("c", "chart")).answer) == ["Placed"]
    assert chapter(exhibit("t")).answer == []


def test_the_consultants_words_stay_first():
    words = Prose("<p>Mine</p>")
    made = opened(Chapter("one", "One", [finding("f")]).opened_by([words]))
    assert made.parts[0] is words and made.opening[0] is words and kinds(made.opening) == ["Prose", "Answer"]


def test_a_chart_that_draws_the_table_of_a_finding_carries_it_and_no_other_does():
    table, other = exhibit("t"), exhibit("other", "chart", [("Trust", 7), ("Goals", 2)])
    twin = exhibit("twin", "chart", [("Trust", 1)])
    assert chart_of(finding("f", "t"), [table, other, twin]) is twin
    assert chart_of(finding("f", "t"), [table, other]) is None


def test_a_group_is_shown_by_the_chart_on_which_it_stands():
    table, heat = (
        exhibit("t", rows=[("Logistics: Trust", 1)]),
        exhibit("heat", "chart", [("Trust", 4), ("Logistics", 5)]),
    )
    about = {"compared": "Logistics", "dimension": "Trust"}
    assert chart_of(finding("f", "t", about=about), [table, heat]) is heat


def test_titles_of_exhibits_say_what_was_found_and_below_it_what_is_shown():
    made = chapter(exhibit("c", "chart"), exhibit("t", rows=[("Pay", 3)]), finding("Trust", "c", 3.0))
    shown, plain = made.exhibits
    assert (shown.title, shown.subtitle) == ("Trust is 3 points more", "What c shows")
    assert (plain.title, plain.subtitle) == ("What t shows", "")


def report(*chapters, summary=None, own=False):
    return Report(COVER, summary or Chapter("index", "Findings", []), list(chapters), has_own_summary=own)


def test_numbers_run_through_the_report_in_the_order_in_which_chapters_are_read():
    first = chapter(exhibit("late", "chart"), exhibit("t"), exhibit("c", "chart", [("Pay", 1)]), finding("f", "c"))
    second = chapter(exhibit("u", chapter="two"), exhibit("d", "chart", chapter="two"), name="two")
    made = numbered(report(first, second))
    labels = {one.exhibit.id: one.label for part in made.chapters for one in part.exhibits}
    assert labels == {"c": "Figure 1", "late": "Figure 2", "t": "Table 1", "d": "Figure 3", "u": "Table 2"}
    (moved,) = [part for part in made.chapters[0].parts if isinstance(part, Moved)]
    assert moved.placed.label == "Figure 1"
    assert [one.label for one in made.chapters[0].answer if isinstance(one, Placed)] == ["Figure 1"]


def test_the_body_holds_openings_and_the_appendix_everything_else():
    made = numbered(report(chapter(Prose("<p>Q</p>"), exhibit("t"), exhibit("c", "chart"), finding("f", "c"))))
    body, appendix = layers(made)
    assert [kinds(one.parts) for one in body] == [["Answer", "Placed"]]
    assert [kinds(one.parts) for one in appendix] == [["Prose", "Placed", "Moved", "Finding"]]
    assert "body of this report" in appendix[0].parts[2].words
    shown = [one.label for part in (*body, *appendix) for one in part.exhibits]
    assert sorted(shown) == ["Figure 1", "Table 1"]


def test_page_one_and_what_to_do_are_body_and_how_it_was_chosen_is_not():
    parts = [
        Front(PageOne(headline="H")), Prose("<p>Intro</p>"), Heading(2, "What to do", "a"), exhibit("actions"),
        Heading(3, "Before", "b"), Heading(2, "How", "c"), exhibit("weights"),
    ]  # fmt: skip
    made = report(chapter(exhibit("t")), summary=Chapter("executive_summary", "Summary", parts), own=True)
    body, appendix = layers(numbered(made))
    assert [one.title for one in body] == ["Summary", "What to do"]
    assert [kinds(one.parts) for one in body] == [["Front"], ["Placed", "Heading"]]
    assert appendix[0].title == "Summary" and kinds(appendix[0].parts) == ["Prose", "Heading", "Placed"]


@pytest.mark.parametrize("own", [False, True])
def test_a_report_without_page_one_has_a_body_all_the_same(own):
    summary = Chapter("index", "Findings", [Answer([]), Prose("<p>x</p>")])
    body, appendix = layers(numbered(report(chapter(finding("f")), summary=summary, own=own)))
    assert len(body) == 1 + own and len(appendix) == 1


def test_levels_and_ranks_are_told_after_differences():
    level = Finding(notebook="one", id="level", claim=Claim.LEVEL, sentence="L.", estimate=1.0)
    rank = Finding(notebook="one", id="rank", claim=Claim.RANK, sentence="R.", candidates=["a"])
    none = finding("none").model_copy(update={"grade": Grade.NONE})
    made = chapter(level, none, rank, finding("d"))
    assert [one.id for one in made.answer[0].findings] == ["d", "rank", "level", "none"]
