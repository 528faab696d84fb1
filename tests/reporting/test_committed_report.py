"""The committed chapters as a report: the length of its body and its deck, and one number per exhibit in all files.

The notebooks were executed before, so that the files of a whole report are made in seconds.
"""

import csv
import io
import re
import shutil
from pathlib import Path

import lxml.html
import nbformat
import pypdf
import pytest
from docx import Document
from openpyxl import load_workbook
from playwright.sync_api import sync_playwright
from pptx import Presentation

from helpers.data import Study
from helpers.present.headlines import MOST_WORDS, words
from helpers.reporting.build import _summary
from helpers.reporting.cover import Cover
from helpers.reporting.document import read
from helpers.reporting.formats.html import page
from helpers.reporting.formats.pdf import APPENDIX, pages_of_body, pdf
from helpers.reporting.formats.slides import deck
from helpers.reporting.formats.word import docx
from helpers.reporting.formats.workbook import workbook
from helpers.reporting.layers import layers, numbered, opened
from helpers.reporting.manifest import table_name, write_results, write_table
from helpers.reporting.report import Report
from helpers.reporting.short_deck import MOST_SLIDES

pytestmark = pytest.mark.slow

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "chrome"))), None)
ROOT = Path(__file__).parents[2]
MOST_BODY_PAGES = 15
#: Study, and its executed chapters.
RUNS = {
    "sample": ("data/sample", sorted((ROOT / "notebooks").glob("0*.ipynb"))),
    "hiring only": ("data/sample", sorted((ROOT / "notebooks").glob("03_*.ipynb"))),
    "small client": ("tests/studies/small_client", sorted((ROOT / "tests" / "golden").glob("*--small_client.ipynb"))),
    "one-sided": ("tests/studies/one_sided", sorted((ROOT / "tests" / "golden").glob("*--one_sided.ipynb"))),
}
LABEL = re.compile(r"(?:Table|Figure) \d+")


def assembled(study, notebooks):
    """Return the report of executed notebooks, as a run would have made it."""
    chapters = []
    for path in notebooks:
        name = path.stem.partition("--")[0].partition("_")[2]
        chapters.append(read(nbformat.read(path, 4), name, path.parent))
    summary = next((chapter for chapter in chapters if chapter.front), None)
    others = [chapter for chapter in chapters if chapter is not summary and chapter.name != "hiring_manager_self"]
    cover = Cover.of(Study.load(ROOT / study))
    first = summary or _summary(others)
    return numbered(Report(cover, first, [opened(one) for one in others], has_own_summary=summary is not None))


@pytest.fixture(scope="module", params=RUNS)
def made(request):
    """A report and its PDF, and the deck."""
    report = assembled(*RUNS[request.param])
    body, appendix = layers(report)
    return report, pdf(report, body, "Report", appendix), Presentation(io.BytesIO(deck(report)))


def test_the_body_is_short_and_the_appendix_holds_the_rest(made, tmp_path):
    report, printed, _ = made
    (tmp_path / "report.pdf").write_bytes(printed)
    pages = [sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(printed)).pages]
    length = pages_of_body(tmp_path / "report.pdf")
    assert 1 <= length <= MOST_BODY_PAGES
    assert APPENDIX in pages[length].splitlines()[1] or APPENDIX in pages[length][:200]
    contents = next(text for text in pages if "Contents" in text)
    for chapter in report.chapters:
        found = contents.replace("\n", " ").count(chapter.title)
        assert found == (2 if chapter.opening else 1)


def test_the_deck_has_at_most_twelve_slides_of_one_message_and_one_chart(made):
    _, _, presentation = made
    titles = [slide.shapes.title.text_frame.text for slide in presentation.slides]
    assert 3 <= len(titles) <= MOST_SLIDES
    assert titles[-1] == "How to read these findings" and len(set(titles)) == len(titles)
    for slide, title in zip(presentation.slides, titles, strict=True):
        assert words(title) <= MOST_WORDS and "…" not in title and "interval" not in title
        assert sum(shape.has_chart for shape in slide.shapes) <= 1
        for shape in slide.shapes:
            assert shape.left + shape.width <= presentation.slide_width
            assert shape.top + shape.height <= presentation.slide_height


def test_no_chart_stands_on_two_slides(made):
    _, _, presentation = made
    charts = [shape.chart for slide in presentation.slides for shape in slide.shapes if shape.has_chart]
    drawn = [[(tuple(one.categories), tuple(one.series[0].values)) for one in chart.plots] for chart in charts]
    assert all(drawn.count(one) == 1 for one in drawn)


def test_no_slide_is_a_table_but_page_one_and_the_heatmap(made):
    _, _, presentation = made
    tables = [slide for slide in presentation.slides if any(shape.has_table for shape in slide.shapes)]
    for slide in tables:
        (table,) = [shape.table for shape in slide.shapes if shape.has_table]
        assert table.cell(0, 0).text in ("What we found", "")


@pytest.fixture(scope="module")
def sample():
    return assembled(*RUNS["sample"])


def test_every_exhibit_has_one_number_and_title_wherever_it_stands(sample, tmp_path):
    """Page, PDF and Word of the chapter, PDF and Word of the report, Excel, deck and the text of findings."""
    named = {placed.label: placed for chapter in (sample.summary, *sample.chapters) for placed in chapter.exhibits}
    assert len(named) == sum(len(chapter.exhibits) for chapter in (sample.summary, *sample.chapters))
    titles = {label: placed.title for label, placed in named.items()}

    chapter = next(one for one in sample.chapters if one.name == "partnership_survey")
    own = {placed.label: placed.title for placed in chapter.exhibits}
    html = lxml.html.fromstring(page(sample, chapter))
    figures = html.xpath("//figure[contains(@class, 'exhibit')][.//p[@class='label']]")
    on_page = {one.xpath(".//p[@class='label']")[0].text: one.xpath(".//p[@class='title']")[0].text for one in figures}
    assert on_page == own

    body, appendix = layers(sample)
    assert _captions(docx(sample, [chapter], chapter.title)) == own
    assert _captions(docx(sample, body, "Report", appendix)) == titles
    for printed, expected in (
        (pdf(sample, [chapter], chapter.title), own),
        (pdf(sample, body, "Report", appendix), titles),
    ):
        text = _squeezed("\n".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(printed)).pages))
        assert [label for label, title in expected.items() if _squeezed(f"{label}\n{title}") not in text] == []

    book = load_workbook(io.BytesIO(workbook(sample)))
    heads = [sheet["A1"].value for sheet in book.worksheets[1:]]
    assert heads == [f"{placed.label}. {placed.title}" for one in sample.chapters for placed in one.exhibits]

    for slide in Presentation(io.BytesIO(deck(sample))).slides:
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        for label in {label for text in texts for label in LABEL.findall(text)}:
            assert any(f"{label}. {named[label].exhibit.title}" in text for text in texts)

    for finding in sample.findings:
        said = dict(sample.facts(finding)).get("Shown in", "")
        shown = sample.exhibit_of(finding)
        assert said.startswith(f"{shown.label}, ") if shown else not said
    write_results(sample, tmp_path / "results.json")


@pytest.mark.browser
@pytest.mark.skipif(CHROMIUM is None, reason="Chromium is absent; on Debian: apt-get install chromium")
def test_no_table_of_any_chapter_scrolls_on_a_usual_screen(sample, tmp_path):
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        opened_page = browser.new_page(viewport={"width": 1280, "height": 900})
        wide = {}
        for chapter in (sample.summary, *sample.chapters):
            path = tmp_path / f"{chapter.name}.html"
            path.write_text(page(sample, chapter), encoding="utf-8")
            opened_page.goto(path.as_uri())
            opened_page.evaluate("document.querySelectorAll('main details').forEach(one => one.open = true)")
            wide[chapter.name] = opened_page.evaluate(
                "[...document.querySelectorAll('.scroll')].filter(box => box.scrollWidth > box.clientWidth + 1)"
                ".map(box => box.getAttribute('aria-label'))"
            )
        browser.close()
    assert {name: labels for name, labels in wide.items() if labels} == {}


def _captions(content):
    """Return what stands above the exhibits of a Word file, by its number."""
    paragraphs = [one.text for one in Document(io.BytesIO(content)).paragraphs if one.style.name == "Caption"]
    pairs = [text.split(". ", 1) for text in paragraphs]
    assert len({label for label, _ in pairs}) == len(pairs)
    return dict(pairs)


def _squeezed(text):
    return re.sub(r"[\s\u200b\u00ad]", "", text)


def test_readers_see_an_interval_in_one_cell_and_machines_its_numbers_in_three(sample, tmp_path):
    chapter = next(one for one in sample.chapters if one.name == "partnership_survey")
    placed = next(one for one in chapter.exhibits if one.exhibit.id == "dimension-means")
    cell = re.compile(r"\d\.\d\d \(\d\.\d\d to \d\.\d\d\)")
    html = lxml.html.fromstring(page(sample, chapter)).get_element_by_id(placed.anchor)
    assert any(cell.fullmatch(one.text.replace("\u00a0", " ")) for one in html.xpath(".//tr[td]")[0].xpath("td"))
    tables = Document(io.BytesIO(docx(sample, [chapter], "x"))).tables
    assert any(
        cell.fullmatch(one.rows[1].cells[place].text.replace("\u00a0", " "))
        for one in tables
        for place in range(2, len(one.columns))
    )
    text = " ".join(sheet.extract_text() for sheet in pypdf.PdfReader(io.BytesIO(pdf(sample, [chapter], "x"))).pages)
    assert len(cell.findall(text.replace("\u00a0", " "))) > 20

    write_table(placed.exhibit, tmp_path)
    with (tmp_path / table_name(placed.exhibit)).open(encoding="utf-8") as file:
        head, first, *_ = csv.reader(file)
    low = head.index("95 % from")
    assert head[low + 1] == "to" and float(first[low]) < float(first[low - 1]) < float(first[low + 1])
    sheet = next(
        one for one in load_workbook(io.BytesIO(workbook(sample))).worksheets if one.title.startswith(placed.label)
    )
    assert [cell.value for cell in sheet[5]][low : low + 2] == ["95 % from", "to"]
    assert all(isinstance(cell.value, float) for cell in sheet[6][low - 1 : low + 2])
