"""Page one opens the index, the PDF, the Word file and the deck; the consultant's own stands before it."""

import json

import lxml.html
import pypdf
import pytest
from docx import Document
from pptx import Presentation
from reporting_studies import LEAN, ONE_TABLE, notebook, picture, published, write_study

from helpers.reporting import report

pytestmark = pytest.mark.slow

FINDING = {
    "version": 4, "kind": "finding", "id": "gap", "sentence": "HR rates lower.", "grade": "strong", "n": 40,
    "estimate": -18.0, "low": -26.0, "high": -12.0, "unit": "points of 100", "exhibit": "one", "p_value": 0.0001,
    "smallest": 5.0, "playbook": "role-swap", "evidence": {
        "sentence": "HR rates {size} lower.", "same": "Alike.", "unknown": "Who knows", "low": -26.0, "high": -12.0,
        "playbook": "role-swap", "naming": "when different",
    },
}  # fmt: skip
POINT = {
    "finding": "lonely--gap", "sentence": "HR partners score trust 18 points of 100 lower than managers do.",
    "where": "All partnerships", "sure": "Very sure: 12 to 26 points of 100", "action": "Run the practice “Role swap”",
    "owner": "Head of HR", "due": "28 September 2026", "playbook": "role-swap",
    "explained": "A day in each other's work.",
}  # fmt: skip
PAGE = {
    "version": 4, "kind": "page one", "headline": "Managers score the partnership 68 of 100.",
    "scores": [{"side": "Managers", "score": "68", "favourable": "62 % favourable", "change": "+4 (1 to 7) since w1"}],
    "compared": ["Beside comparison figures: higher on “Listening”."],
    "points": [
        POINT,
        POINT | {"finding": "lonely--other", "sentence": "They keep 7 promises more.", "playbook": "", "explained": ""},
    ],
    "charts": ["lonely--small"], "fine": ["Listening has risen by 9 points."], "unknown": ["Why 3 of 5 left."],
}  # fmt: skip
CHART = ONE_TABLE | {
    "kind": "chart", "id": "lonely--small", "title": "Small again", "alt": "A chart of one bar",
    "chart": {"type": "bar", "category": "d", "value": "m", "value_label": "Mean"},
}  # fmt: skip
WORDS = """\
In short: trust first.

3. Meet in week 36
4. Decide by week 40

| Who | What |
|---|---|
| Sales | Two days |
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The same report twice: with and without the consultant's own words."""
    folder = tmp_path_factory.mktemp("page_one")
    png = picture().removeprefix("data:image/png;base64,")
    notebook(
        folder / "books" / "00_executive_summary.ipynb",
        "%md # In one minute\n\nWhat stands here.",
        published(CHART, **{"image/png": png}),
        published(PAGE),
        "%md ## How it was chosen",
        published(ONE_TABLE | {"id": "weights", "title": "Weights"}),
    )
    notebook(folder / "books" / "01_lonely.ipynb", *LEAN, published(FINDING))
    found = {}
    for name in ("plain", "opened"):
        study = write_study(folder / name)
        if name == "opened":
            (study / "commentary").mkdir()
            (study / "commentary" / "summary.md").write_text(WORDS, encoding="utf-8")
        found[name] = report(study, out=folder / f"{name}-report", notebooks=folder / "books")
        assert (found[name].exit_code, found[name].messages) == (0, [])
        assert found[name].audit.passed
    return {name: one.folder for name, one in found.items()}


def test_results_hold_it_once_and_its_charts_not_again(made):
    results = json.loads((made["plain"] / "results.json").read_text(encoding="utf-8"))
    assert {name: results["summary"][name] for name in PAGE} == PAGE
    assert results["summary"]["notebook"] == "executive_summary"
    assert [(one["notebook"], one["id"]) for one in results["tables"]] == [
        ("lonely", "one"), ("executive_summary", "weights"),
    ]  # fmt: skip
    assert [one["id"] for one in results["findings"]] == ["gap"]


def test_the_index_begins_with_it_and_links_the_card_of_the_practice(made):
    main = lxml.html.parse(str(made["plain"] / "index.html")).xpath("//main")[0]
    page = main[0]
    assert page.get("class") == "page-one"
    assert page.xpath(".//p[@class='headline']/text()") == [PAGE["headline"]]
    assert [one.text_content() for one in page.xpath(".//ol/li/p")] == [one["sentence"] for one in PAGE["points"]]
    assert page.xpath(".//figure/img/@alt") == ["A chart of one bar"]
    (link,) = page.xpath(".//a/@href")
    assert link == "playbooks/role-swap.html"
    card = lxml.html.parse(str(made["plain"] / link)).getroot()
    assert "Role swap" in card.text_content()


def test_it_is_the_first_page_of_the_pdf_in_the_place_of_a_cover_and_of_that_page_alone(made):
    pages = [" ".join(page.extract_text().split()) for page in pypdf.PdfReader(made["plain"] / "report.pdf").pages]
    for words in ("Partnership study 2026", PAGE["headline"], POINT["sentence"], POINT["due"], PAGE["unknown"][0]):
        assert words in pages[0]
    assert pages[1].startswith("Fictional Foods") and "Contents" in pages[1]
    assert not any(POINT["sentence"] in page for page in pages[1:])
    chapter = pypdf.PdfReader(made["plain"] / "lonely.pdf").pages
    assert PAGE["headline"] not in chapter[0].extract_text()


def test_it_is_the_second_slide_with_all_of_it(made):
    slide = Presentation(str(made["plain"] / "deck.pptx")).slides[1]
    assert slide.shapes.title.text_frame.text == PAGE["headline"].removesuffix(".")
    (table,) = [shape.table for shape in slide.shapes if shape.has_table]
    cells = [[cell.text for cell in row.cells] for row in table.rows]
    assert cells[0] == ["What we found", "Where", "How sure", "What to do", "Who", "By when"]
    assert cells[1] == [POINT[name] for name in ("sentence", "where", "sure", "action", "owner", "due")]
    words = "\n".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)
    assert "Managers: 68 of 100 · 62 % favourable · +4 (1 to 7) since w1" in words
    assert "• Listening has risen by 9 points." in words and "• Why 3 of 5 left." in words
    bottom = max(shape.top + shape.height for shape in slide.shapes)
    assert bottom <= 7.5 * 914400


def test_what_a_practice_is_stands_beside_its_name_and_in_the_notes_of_the_slide(made):
    said = f"{POINT['action']}. {POINT['explained']}"
    assert said in lxml.html.parse(str(made["plain"] / "index.html")).xpath("//main")[0].text_content()
    pdf = pypdf.PdfReader(made["plain"] / "report.pdf").pages[0].extract_text()
    assert " ".join(POINT["explained"].split()) in " ".join(pdf.split())
    assert Document(str(made["plain"] / "report.docx")).tables[0].rows[1].cells[3].text == said
    assert said in Presentation(str(made["plain"] / "deck.pptx")).slides[1].notes_slide.notes_text_frame.text


def test_word_holds_it_as_text_and_table(made):
    document = Document(str(made["plain"] / "report.docx"))
    words = [paragraph.text for paragraph in document.paragraphs]
    assert words.index(PAGE["headline"]) < words.index("What is fine") < words.index("What is not known")
    assert document.tables[0].rows[1].cells[0].text == POINT["sentence"]


def test_the_consultants_own_page_stands_before_it_with_its_numbers_and_its_table(made):
    index = lxml.html.parse(str(made["opened"] / "index.html")).xpath("//main")[0].text_content()
    assert index.index("In short: trust first.") < index.index(PAGE["headline"])
    pages = [page.extract_text() for page in pypdf.PdfReader(made["opened"] / "report.pdf").pages]
    assert "In short: trust first." in pages[0] and PAGE["headline"] not in pages[0]
    assert PAGE["headline"] in pages[1]
    slides = Presentation(str(made["opened"] / "deck.pptx")).slides
    own = slides[1]
    words = [shape.text_frame.text for shape in own.shapes if shape.has_text_frame]
    assert "In short: trust first.\n3. Meet in week 36\n4. Decide by week 40" in words
    (table,) = [shape.table for shape in own.shapes if shape.has_table]
    assert [[cell.text for cell in row.cells] for row in table.rows] == [["Who", "What"], ["Sales", "Two days"]]
    assert slides[2].shapes.title.text_frame.text == PAGE["headline"].removesuffix(".")


def test_own_words_open_the_list_of_findings_where_no_notebook_writes_page_one(tmp_path):
    study = write_study(tmp_path / "client")
    (study / "commentary").mkdir()
    (study / "commentary" / "summary.md").write_text("Read this first.", encoding="utf-8")
    notebook(tmp_path / "books" / "01_lonely.ipynb", *LEAN)
    made = report(study, out=tmp_path / "out", notebooks=tmp_path / "books", formats=["pptx"])
    assert (made.exit_code, made.messages) == (0, [])
    assert "Read this first." in (made.folder / "index.html").read_text(encoding="utf-8")
    slide = Presentation(str(made.folder / "deck.pptx")).slides[1]
    assert "Read this first." in [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
