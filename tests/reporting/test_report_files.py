"""What a client opens: every format holds the same words, exactly as they were published, and none of it is markup."""

import io
import re
import zipfile

import lxml.html
import pypdf
import pytest
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Inches
from docx.table import Table
from PIL import Image
from pptx import Presentation
from pptx.enum.chart import XL_TICK_LABEL_POSITION
from reporting_studies import HOSTILE

from helpers.reporting.formats.word import fit_pictures

pytestmark = pytest.mark.slow

WORDS = [" ".join(text.split()) for text in HOSTILE]


@pytest.fixture(scope="module")
def page(built):
    return lxml.html.parse(str(built.folder / "rich_survey.html")).getroot()


@pytest.fixture(scope="module")
def word(built):
    return Document(str(built.folder / "rich_survey.docx"))


@pytest.fixture(scope="module")
def deck(built):
    return Presentation(str(built.folder / "deck.pptx"))


@pytest.fixture(scope="module")
def printed(built):
    return pypdf.PdfReader(built.folder / "rich_survey.pdf")


def table_under(word, caption):
    """The Word table that follows a caption."""
    body = list(word.element.body)
    place = next(i for i, part in enumerate(body) if caption in "".join(part.itertext()) and "Caption" in str(part.xml))
    return next(part for part in body[place:] if part.tag == qn("w:tbl"))


def squeezed(text):
    """Text without white space and break opportunities, in which PDF readers differ."""
    return re.sub(r"[\s\u200b\u00ad]", "", text)


def test_html_shows_hostile_texts_as_text(page):
    cells = [
        " ".join(cell.text_content().split()) for cell in page.xpath("//figure[@id='rich_survey--scores']//tbody//th")
    ]
    assert cells[5:] == WORDS
    assert not page.xpath("//script | //iframe | //object | //*[@onclick] | //*[@onload]")
    assert {link.get("href").split(":")[0] for link in page.xpath("//a[contains(@href, ':')]")} == {"https"}


def test_html_is_one_file(page):
    assert page.xpath("//meta[@http-equiv='Content-Security-Policy']")
    assert not page.xpath("//link | //*[@src and not(starts-with(@src, 'data:'))]")


def test_html_numbers_exhibits_and_describes_figures(page):
    labels = page.xpath("//p[@class='label']/text()")
    assert [label for label in labels if label.startswith("Figure")] == [f"Figure {n}" for n in range(1, 5)]
    assert [label for label in labels if label.startswith("Table")] == [f"Table {n}" for n in range(1, 4)]
    assert all(image.get("alt") for image in page.xpath("//img"))
    assert page.xpath("//figure[contains(., 'Figure 1')]//img")[0].get("alt").startswith("Dot chart")


def test_html_hides_code(page):
    assert "import" not in page.text_content() and "show.table" not in page.text_content()


def test_contents_lead_to_what_they_name(page):
    targets = [link.get("href")[1:] for link in page.xpath("//nav[@class='contents']//a")]
    ids = page.xpath("//@id")
    assert targets and set(targets) <= set(ids)
    assert len(ids) == len(set(ids))


def test_finding_leads_to_the_exhibit_that_shows_it(page):
    links = page.xpath("//article[1]//a/@href")
    assert page.xpath(f"//figure[@id='{links[0][1:]}']//p[@class='label']/text()") == ["Figure 1"]


def test_pdf_holds_every_text(printed):
    text = squeezed("".join(sheet.extract_text() for sheet in printed.pages))
    for words in [HOSTILE[0], HOSTILE[1], HOSTILE[2], HOSTILE[3], HOSTILE[6], "Söhne", "Seventy rows", "Department 69"]:
        assert squeezed(words) in text


def test_pdf_has_running_header_and_page_numbers(printed):
    assert f"page 3 of {len(printed.pages)}" in printed.pages[2].extract_text()
    assert "Confidential" in printed.pages[2].extract_text()
    assert "30 June 2026" in printed.pages[2].extract_text()


def test_pdf_repeats_the_head_of_a_table_that_breaks(printed):
    pages = [sheet.extract_text() for sheet in printed.pages]
    broken = [text for text in pages if re.search(r"Department \d", text)]
    assert len(broken) > 1
    assert all("Department Mean" in text for text in broken)


def test_pdf_uses_the_shipped_fonts_and_vectors(printed):
    fonts = {
        str(font.get_object()["/BaseFont"])
        for sheet in printed.pages
        for font in (sheet["/Resources"].get("/Font") or {}).values()
    }
    assert any("SourceSans3" in font for font in fonts)
    figures = [
        sheet for sheet in printed.pages if "Figure 1" in sheet.extract_text() and "Means" in sheet.extract_text()
    ]
    assert figures and not any(sheet.images for sheet in figures)


def test_pdf_describes_its_figures(printed):
    described, waiting = [], [printed.trailer["/Root"]["/StructTreeRoot"]]
    while waiting:
        node = waiting.pop()
        children = node.get("/K", [])
        waiting += [
            child.get_object()
            for child in (children if isinstance(children, list) else [children])
            if hasattr(child.get_object(), "keys")
        ]
        if node.get("/S") == "/Figure":
            described.append(str(node.get("/Alt", "")))
    assert any(alt.startswith("Dot chart with intervals: Means <i>by</i> department") for alt in described)
    assert len(described) == 6 and all(described)  # four charts, the picture in the prose, the logo


def test_word_has_real_styles_and_editable_tables(word):
    styles = [paragraph.style.name for paragraph in word.paragraphs]
    for name in ("Title", "Heading 1", "Heading 2", "Caption", "Finding", "Source Note"):
        assert name in styles
    cells = [cell.text for cell in [row.cells[0] for row in _table(word, "Scores of").rows]]
    assert [" ".join(text.split()) for text in cells[6:]] == WORDS


def _table(word, caption):
    return Table(table_under(word, caption), word)


def test_word_tables_repeat_their_head_and_keep_rows_whole(word):
    first = table_under(word, "Seventy rows").findall(qn("w:tr"))[0]
    assert first.find(qn("w:trPr")).find(qn("w:tblHeader")) is not None
    assert first.find(qn("w:trPr")).find(qn("w:cantSplit")) is not None


def test_word_numbers_captions_and_pages_with_fields(word):
    fields = [element.text for element in word.element.body.iter(qn("w:instrText"))]
    assert "SEQ Table \\* ARABIC" in fields and "SEQ Figure \\* ARABIC" in fields
    assert any(field.startswith("TOC") for field in fields)
    footer = word.sections[0].footer._element
    assert [element.text for element in footer.iter(qn("w:instrText"))] == ["PAGE", "NUMPAGES"]


def test_word_figures_are_described_and_sharp(word, built):
    pictures = list(word.element.body.iter(qn("wp:inline")))
    assert all(picture.docPr.get("descr") for picture in pictures)
    with zipfile.ZipFile(built.folder / "rich_survey.docx") as archive:
        names = [name for name in archive.namelist() if name.startswith("word/media/")]
        sizes = [Image.open(io.BytesIO(archive.read(name))).size for name in names]
    inches = [picture.extent.cx / 914400 for picture in pictures]
    assert max(width for width, _ in sizes) / max(inches) >= 200


def test_a_tall_picture_fits_a_page_of_a_word_file():
    tall = io.BytesIO()
    Image.new("RGB", (400, 1200), "white").save(tall, "PNG")
    document = Document()
    document.add_picture(tall, width=Inches(6))
    document.add_picture(io.BytesIO(tall.getvalue()), width=Inches(1))
    fit_pictures(document)
    section = document.sections[0]
    first, second = document.inline_shapes
    assert first.height < section.page_height - section.top_margin - section.bottom_margin
    assert first.height / first.width == pytest.approx(3, abs=0.01)
    assert second.width == Inches(1)


def test_word_carries_the_accent(word):
    assert str(word.styles["Heading 1"].font.color.rgb) == "0B5C6B"


def test_deck_has_one_wide_slide_per_finding(deck):
    assert deck.slide_width / deck.slide_height == pytest.approx(16 / 9, abs=0.001)
    titles = [slide.shapes.title.text_frame.text for slide in deck.slides]
    assert len(titles) == 1 + 8 + 1
    said = f"HR partners rate {HOSTILE[0]} higher than managers do, by about a third of a point."
    assert titles[1].startswith(f"{said} 0.31 points (1–5)")
    assert titles[7] == titles[8] == " ".join(WORDS)
    assert titles[-1] == "How to read these findings"


def charts(deck):
    return {
        number: shape.chart
        for number, slide in enumerate(deck.slides, start=1)
        for shape in slide.shapes
        if shape.has_chart
    }


def test_deck_charts_are_native_with_their_data(deck):
    drawn = charts(deck)
    assert set(drawn) == {2, 3, 7}
    assert list(drawn[2].plots[0].categories)[:2] == ["Listening", "Shared goals"]
    assert drawn[2].plots[0].series[0].values[:2] == (3.0, 3.1)
    assert [series.name for series in drawn[3].plots[0].series] == [
        "Listening",
        "Shared goals",
        "Follow-through",
        "Candour",
    ]
    assert list(drawn[7].plots[0].categories)[1] == HOSTILE[0]


def test_deck_intervals_are_error_bars(deck):
    bars = charts(deck)[2]._chartSpace.findall(f".//{qn_chart('errBars')}")
    lengths = [point.text for point in bars[0].findall(f"{qn_chart('plus')}//{qn_chart('v')}")]
    assert [float(length) for length in lengths] == pytest.approx([0.4] * 5)


def test_deck_axes_hold_the_intervals_and_keep_labels_off_the_bars(deck):
    drawn = charts(deck)[2]
    longest = max(drawn.plots[0].series[0].values) + 0.4
    assert drawn.value_axis.minimum_scale <= 2.7
    assert drawn.value_axis.maximum_scale >= longest
    assert all(chart.category_axis.tick_label_position == XL_TICK_LABEL_POSITION.LOW for chart in charts(deck).values())


def qn_chart(name):
    return f"{{http://schemas.openxmlformats.org/drawingml/2006/chart}}{name}"


def test_deck_shows_heatmaps_and_tables_as_native_tables(deck):
    tables = {n: s.table for n, slide in enumerate(deck.slides, start=1) for s in slide.shapes if s.has_table}
    assert set(tables) == {4, 5}
    assert [cell.text for cell in tables[4].rows[1].cells] == ["Listening", "3.25", "3.50"]
    assert len(tables[5].rows) <= 9
    assert any(
        "stands in the report" in shape.text_frame.text for shape in deck.slides[4].shapes if shape.has_text_frame
    )


def test_deck_notes_hold_method_interval_and_caveats(deck):
    notes = deck.slides[1].notes_slide.notes_text_frame.text
    for words in ("Strong evidence", "Mixed model", "−0.42 to −0.20", "One company.", HOSTILE[3]):
        assert words in notes


def test_deck_footers_name_source_and_respondents(deck):
    texts = [shape.text_frame.text for shape in deck.slides[1].shapes if shape.has_text_frame]
    assert "n = 384 · Source: survey 2026, n = 40." in texts


def test_deck_charts_are_described(deck):
    frames = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]
    assert all(frame._element.nvGraphicFramePr.cNvPr.get("descr") for frame in frames)


def test_every_slide_stays_within_its_edges(deck):
    for slide in deck.slides:
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.top >= 0
            assert shape.left + shape.width <= deck.slide_width
            assert shape.top + shape.height <= deck.slide_height


def test_the_whole_report_numbers_exhibits_through(built):
    captions = [p.text for p in Document(str(built.folder / "report.docx")).paragraphs if p.style.name == "Caption"]
    assert captions[-1] == "Table 4. One row"
    assert [p.text for p in Document(str(built.folder / "sparse.docx")).paragraphs if p.style.name == "Caption"] == [
        "Table 4. One row"
    ]


@pytest.mark.parametrize("name", ["rich_survey", "sparse", "report"])
@pytest.mark.parametrize("suffix", [".docx", ".pdf"])
def test_every_document_opens(built, name, suffix):
    path = built.folder / f"{name}{suffix}"
    assert len(Document(str(path)).paragraphs if suffix == ".docx" else pypdf.PdfReader(path).pages) > 2
