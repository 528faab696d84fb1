"""At most twelve slides: which charts a study's own exhibits and findings bring onto them."""

import io
from dataclasses import replace
from datetime import date

import pytest
from click.testing import CliRunner
from pptx import Presentation

from helpers.cli import main
from helpers.present.headlines import MOST_WORDS, words
from helpers.published import Chart, Claim, Column, Evidence, Exhibit, Finding, Grade, PageOne, Point, Score
from helpers.reporting.cover import Cover
from helpers.reporting.document import Chapter, Front, Placed
from helpers.reporting.formats.native_charts import PLAIN
from helpers.reporting.formats.slides import deck
from helpers.reporting.layers import numbered, opened
from helpers.reporting.pictures import Drawing
from helpers.reporting.report import Report
from helpers.reporting.short_deck import MOST_SLIDES, chosen

COVER = Cover("Acme", "Study", date(2026, 6, 30), "30 June 2026", "", "en", "#0b5c6b", 5)
SVG = Drawing(svg='<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>')
DIMENSIONS = ["Trust", "Goals", "Listening", "Candour", "Pay", "Focus"]
LABELS = {"dimension": "Dimension", "side": "Side", "department": "Department", "wave": "Wave", "term": "Compared"}


def column(name):
    if name in LABELS:
        return Column(name=name, label=LABELS[name])
    unit = "points (1–5)" if name == "mean" else ""
    return Column(name=name, label=name.capitalize(), type="number", decimals=1, unit=unit)


def exhibit(id, names, rows, chart="", chapter="survey"):
    """Return a table, or a chart of its first column by its second, of its last number with an interval of 1."""
    names, rows = [*names.split(), "low", "high"], [[*row, row[-1] - 1, row[-1] + 1] for row in rows]
    keys = [name for name in names if name in LABELS]
    how = Chart(
        type=chart, category=keys[0], series=keys[1] if len(keys) > 1 else None, value=names[-3], low="low",
        high="high", value_label="Points", decimals=1, horizontal=True,
    ) if chart else None  # fmt: skip
    made = Exhibit(
        kind="chart" if chart else "table", notebook=chapter, id=id, title=f"What {id} shows", note="A note.",
        rows=rows, chart=how, columns=[column(name) for name in names],
        texts=[[str(cell) for cell in row] for row in rows],
    )  # fmt: skip
    return Placed(made, 1, SVG if chart else Drawing())


def finding(id, exhibit, sentence="It is {size} {higher|lower}.", chapter="survey", estimate=2.0, **about):
    evidence = Evidence(sentence=sentence, same="S", unknown="We cannot tell", decimals=1)
    return Finding(
        notebook=chapter, id=id, sentence="S.", grade=Grade.STRONG, estimate=estimate, low=estimate - 1,
        high=estimate + 1, confidence=0.95, smallest=1, unit="points", n=40, exhibit=exhibit, evidence=evidence,
        about=about,
    )  # fmt: skip


def level(id, exhibit, sentence, **about):
    return Finding(
        notebook="survey", id=id, claim=Claim.LEVEL, sentence=sentence, estimate=68.0, exhibit=exhibit, about=about
    )


SCORES = exhibit("scores", "dimension mean", [[name, 4.5 - place / 4] for place, name in enumerate(DIMENSIONS)])
RATES = exhibit("response-rates", "side rate", [["Managers", 68], ["HR partners", 86]])
COURSE = exhibit("course", "wave side mean", [["w1", "Managers", 3], ["w2", "Managers", 3.5]], "line")
HEAT = exhibit(
    "heat", "department dimension mean", [[d, n, 3.5] for d in ("Sales", "Legal") for n in DIMENSIONS[:2]], "heatmap"
)
VIEWS = exhibit(
    "two-views", "dimension side mean", [[n, s, 3.5] for n in DIMENSIONS for s in ("Managers", "HR partners")], "dot"
)
CHANGE = exhibit(
    "change-chart", "dimension change", [[name, place - 2] for place, name in enumerate(DIMENSIONS)], "bar"
)
SURVEY = [
    RATES, SCORES, COURSE, HEAT, VIEWS, CHANGE,
    level("response-manager", "response-rates", "68 per cent (give or take 5) of managers answered.", side="Managers"),
    finding("gap-goals", "two-views", "HR partners score “Goals” {size} {higher|lower}.", dimension="Goals"),
    finding("change-pay", "change-chart", "Managers score “Pay” {size} {higher|lower}.", dimension="Pay"),
    finding("group", "heat", "Legal scores {size} {higher|lower}.", estimate=-3.0, compared="Legal", dimension="Trust"),
]  # fmt: skip
POINT = Point(
    finding="survey--gap-goals", sentence="HR partners score “Goals” higher.", where="All", sure="Very sure",
    action="Meet", owner="Head of HR", due="28 September 2026",
)  # fmt: skip
PAGE = PageOne(headline="Managers give 63 of 100.", scores=[Score(side="Managers", score="63")], points=[POINT])


def report(*chapters, page=PAGE):
    """Return a report of chapters, each a list of what stands in it."""
    made = [opened(Chapter(name, f"Chapter {name}", parts)) for name, parts in chapters]
    summary = Chapter("executive_summary", "Summary", [Front(page)] if page else [])
    return numbered(Report(COVER, summary, made, has_own_summary=page is not None))


def slides(made):
    return list(Presentation(io.BytesIO(deck(made))).slides)


def title(slide):
    return slide.shapes.title.text_frame.text


def other(name, count=1):
    """Return a chapter of another kind: bars, and findings on each."""
    charts = [exhibit(f"c{n}", "term points", [["A", 1 + n / 5], ["B", 0.5]], "bar", name) for n in range(count)]
    return name, [
        *charts,
        *(finding(f"f{n}", f"c{n}", f"{name} {n} is {{size}}.", name, 1 + n / 5) for n in range(count)),
    ]


def test_a_survey_of_two_sides_brings_every_topic_in_its_order():
    made = report(("survey", SURVEY), other("hiring"), other("practice"))
    assert [title(slide) for slide in slides(made)] == [
        "Study",
        "Managers give 63 of 100",
        "Managers rate the partnership 63 of 100; 68 per cent answered",
        "Legal scores 3.0 points lower",
        "Highest scores: “Trust” and “Goals”",
        "Lowest scores: “Focus” and “Pay”",
        "HR partners score “Goals” 2.0 points higher",
        "Managers score “Pay” 2.0 points higher",
        "hiring 0 is 1.0 points",
        "practice 0 is 1.0 points",
        "One action to agree on, with an owner and a date",
        "How to read these findings",
    ]


def test_there_are_never_more_than_twelve_nor_a_chart_twice_and_titles_are_short():
    made = report(("survey", SURVEY), *(other(f"own{place}", 3) for place in range(6)))
    shown = slides(made)
    assert len(shown) == MOST_SLIDES
    assert all(words(title(slide)) <= MOST_WORDS and "…" not in title(slide) for slide in shown)
    drawn = [(one.drawn.anchor, tuple(map(tuple, one.drawn.exhibit.rows))) for one in chosen(made) if one.drawn]
    assert len(set(drawn)) == len(drawn)
    assert all(sum(shape.has_chart for shape in slide.shapes) <= 1 for slide in shown)


@pytest.mark.parametrize("count", [1, 3, 9])
def test_a_study_of_hiring_alone_shows_its_weightiest_findings(count):
    made = report(other("hiring", count), page=None)
    titles = [title(slide) for slide in slides(made)]
    assert titles[0] == "Study" and titles[-1] == "How to read these findings"
    assert len(titles) == 2 + min(count, 3)
    assert titles[1] == f"hiring {count - 1} is {1 + (count - 1) / 5:.1f} points"


def test_one_side_alone_has_strengths_and_focus_areas_and_no_gap():
    one_sided = [SCORES, exhibit("two-views", "dimension side mean", [[n, "Managers", 3.5] for n in DIMENSIONS], "dot")]
    titles = [one.title for one in chosen(report(("survey", one_sided)))]
    assert titles == ["Highest scores: “Trust” and “Goals”", "Lowest scores: “Focus” and “Pay”"]


def test_strengths_and_focus_areas_show_different_bars_and_mark_what_they_name():
    strengths, focus = chosen(report(("survey", [SCORES])))
    assert [row[0] for row in strengths.drawn.exhibit.rows] == ["Trust", "Goals", "Listening"]
    assert [row[0] for row in focus.drawn.exhibit.rows] == ["Candour", "Pay", "Focus"]
    assert (strengths.marked, focus.marked) == ({"Trust", "Goals"}, {"Focus", "Pay"})
    assert "The order is the one observed" in strengths.below


def test_a_rank_that_holds_is_the_message():
    rank = Finding(
        notebook="survey", id="lowest-manager", claim=Claim.RANK, sentence="Managers score “Focus” lowest of all 6.",
        candidates=["Focus"], exhibit="scores",
    )  # fmt: skip
    _, focus = chosen(report(("survey", [SCORES, rank])))
    assert (focus.title, focus.marked) == ("Managers score “Focus” lowest of all 6", {"Focus"})


def test_the_bar_the_slide_speaks_of_is_marked_and_the_others_are_pale():
    slide = next(one for one in slides(report(("survey", SURVEY))) if "“Pay”" in title(one) and "2.0" in title(one))
    (chart,) = [shape.chart for shape in slide.shapes if shape.has_chart]
    series = chart.plots[0].series[0]
    pale = [place for place in range(len(DIMENSIONS)) if place != DIMENSIONS.index("Pay")]
    assert {str(series.points[place].format.fill.fore_color.rgb) for place in pale} == {PLAIN[1:].upper()}
    assert str(series.format.fill.fore_color.rgb) == COVER.accent[1:].upper()


def test_the_interval_stands_below_the_title_and_not_in_it():
    slide = next(one for one in slides(report(("survey", SURVEY))) if "“Goals” 2.0" in title(one))
    below = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
    assert "Very sure: 1.0 to 3.0 points (95 % interval)" in below
    assert "interval" not in title(slide)


def test_a_finding_without_a_short_form_stands_beside_its_chart():
    long = finding("f", "c", "word " * 20 + "{size}.", "own")
    (slide,) = chosen(report(("own", [exhibit("c", "term points", [["A", 2], ["B", 1]], "bar", "own"), long])))
    assert slide.title == "What c shows"
    assert slide.beside["What was found"] == ["word " * 20 + "2.0 points."]


def test_a_table_of_few_estimates_becomes_bars_and_any_other_the_number():
    few = exhibit("t", "term points", [["A", 2], ["B", 1]], "", "own")
    (slide,) = chosen(report(("own", [few, finding("f", "t", chapter="own")])))
    assert slide.drawn.exhibit.chart.type == "bar" and slide.drawn.label == "Table 1"
    many = exhibit("t", "term points", [[f"A{n}", n] for n in range(40)], "", "own")
    made = report(("own", [many, finding("f", "t", chapter="own")]))
    (slide,) = chosen(made)
    assert slide.drawn is None
    assert "2" in [shape.text_frame.text for shape in slides(made)[2].shapes if shape.has_text_frame]


def test_what_is_for_one_person_alone_is_on_no_slide_but_theirs():
    mine = exhibit("c", "term points", [["A", 2], ["B", 1]], "bar", "own")
    mine = replace(mine, exhibit=mine.exhibit.model_copy(update={"audience": "self"}))
    told = finding("f", "c", chapter="own").model_copy(update={"audience": "self"})
    made = report(("own", [mine, told]))
    assert chosen(made) == []
    assert len(chosen(replace(made, cover=replace(COVER, reader="M1")))) == 1


def test_the_full_deck_has_a_slide_for_every_finding():
    made = report(("survey", SURVEY), other("own", 9))
    assert len(slides(replace(made, full_deck=True))) == 2 + len(made.findings) + 1


def test_the_command_knows_two_decks():
    wrong = CliRunner().invoke(main, ["report", "acme", "--deck", "long"])
    assert wrong.exit_code == 2 and "'long' is not one of 'short', 'full'" in wrong.output
