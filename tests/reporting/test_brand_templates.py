"""A brand's own Word, PowerPoint and Typst templates: kept where they say something, completed where they do not."""

import io
import zipfile
from dataclasses import replace

import nbformat
import pypdf
import pytest
from brand_files import as_template, bare_deck, dark_deck, letterhead, plain_word, typst_module, untitled_deck
from docx import Document
from docx.oxml.ns import qn
from docx.shared import Cm
from pptx import Presentation
from reporting_studies import LEAN, notebook, write_study

from helpers.data import InputError, Study
from helpers.reporting import report
from helpers.reporting.cover import Cover
from helpers.reporting.document import Chapter, Prose, read
from helpers.reporting.formats.pdf import pdf
from helpers.reporting.formats.slides import deck
from helpers.reporting.formats.word import docx
from helpers.reporting.report import Report

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def content(built):
    """The rich chapter, with commentary, ready for any template."""
    path = built.folder / "notebooks" / "02_rich_survey.ipynb"
    chapter = read(nbformat.read(path, as_version=4), "rich_survey", path.parent)
    chapter = chapter.opened_by([Prose("<p>In our own words.</p>"), Prose("<ul><li>One point</li></ul>")])
    cover = Cover.of(Study.load(built.folder.parent / "client"))
    return Report(cover, Chapter("index", "In short", []), [chapter])


def dressed(content, **templates):
    return replace(content, cover=replace(content.cover, **templates))


@pytest.fixture(scope="module")
def word(content, tmp_path_factory):
    template = letterhead(tmp_path_factory.mktemp("brand") / "letter.docx")
    return Document(io.BytesIO(docx(dressed(content, docx=template), content.chapters, "Report")))


def test_word_keeps_the_styles_of_the_house_and_adds_what_it_lacks(word):
    styles = {style.name: style for style in word.styles}
    assert styles["Normal"].font.name == styles["Heading 1"].font.name == "Georgia"
    assert str(styles["Heading 1"].font.color.rgb) == "7A1F3D"
    used = {paragraph.style.name for paragraph in word.paragraphs}
    assert {"Heading 1", "Caption", "Finding", "Source Note", "Exhibit Message"} <= used
    assert styles["Caption"].font.name is None and styles["Caption"].base_style.name == "Normal"
    assert all(table._tbl.tblPr.find(qn("w:tblStyle")) is not None for table in word.tables)


def test_word_keeps_the_page_and_header_of_the_house_and_none_of_its_text(word):
    section = word.sections[0]
    assert section.left_margin == pytest.approx(Cm(3.2), abs=2000)
    assert section.header.paragraphs[0].text == "Firm & Partners"
    assert list(section.header._element.iter(qn("w:drawing")))
    assert "Words of the template itself" not in [paragraph.text for paragraph in word.paragraphs]


def test_word_fills_an_empty_header(content, tmp_path):
    template = plain_word(tmp_path / "plain.docx")
    made = Document(io.BytesIO(docx(dressed(content, docx=template), content.chapters, "Report")))
    assert "Confidential" in made.sections[0].footer.paragraphs[0].text


def slides(content, template, full=True):
    return Presentation(io.BytesIO(deck(replace(dressed(content, pptx=template), full_deck=full))))


@pytest.fixture(
    scope="module",
    params=[(dark_deck, 11), (bare_deck, 11), (dark_deck, 6), (bare_deck, 6)],
    ids=["dark 4:3", "bare 16:9", "dark 4:3, short", "bare 16:9, short"],
)
def presentation(request, content, tmp_path_factory):
    template, count = request.param
    made = slides(content, template(tmp_path_factory.mktemp("brand") / "deck.pptx"), full=count == 11)
    assert len(made.slides) == count
    return made


def test_deck_holds_the_report_and_no_slide_of_the_template(presentation):
    titles = [slide.shapes.title.text_frame.text for slide in presentation.slides]
    assert "A slide of the template itself" not in titles and titles[-1] == "How to read these findings"
    assert not presentation.part._element.findall(".//{*}sectionLst")
    assert sum(shape.has_chart for slide in presentation.slides for shape in slide.shapes) == 3


def test_deck_stays_within_the_slides_of_the_house(presentation):
    for slide in presentation.slides:
        title = slide.shapes.title
        for shape in slide.shapes:
            assert shape.left >= 0 and shape.left + shape.width <= presentation.slide_width
            assert shape.top >= 0 and shape.top + shape.height <= presentation.slide_height
            if not shape.is_placeholder and slide is not presentation.slides[0]:
                assert shape.top >= title.top + title.height


def test_deck_marks_every_slide_as_the_study_wants(presentation):
    for slide in presentation.slides:
        assert "Confidential" in " ".join(shape.text_frame.text for shape in slide.shapes if shape.has_text_frame)


def test_deck_leaves_no_placeholder_empty(presentation):
    empty = [
        place.name
        for slide in presentation.slides
        for place in slide.placeholders
        if place.has_text_frame and not "".join(place._element.itertext()).strip()
    ]
    assert empty == []


def test_deck_takes_the_ink_of_the_house_for_what_stands_on_the_slide(content, tmp_path):
    made = slides(content, dark_deck(tmp_path / "dark.pptx"))
    boxes = [shape for shape in made.slides[2].shapes if shape._element.xpath("boolean(./p:nvSpPr/p:cNvSpPr[@txBox])")]
    assert boxes and not any("1F2933" in shape._element.xml for shape in boxes)
    assert made.slides[2].slide_layout.name == "Title Only" and made.slides[0].slide_layout.name == "Title Slide"


@pytest.fixture(scope="module")
def printed(content, tmp_path_factory):
    template = typst_module(tmp_path_factory.mktemp("brand") / "letters and type.typ")
    return pypdf.PdfReader(io.BytesIO(pdf(dressed(content, typst=template), content.chapters, "Report")))


def test_pdf_has_the_cover_and_the_pages_of_the_house(printed):
    assert "Firm & Partners" not in printed.pages[0].extract_text()
    assert "30 June 2026" in printed.pages[0].extract_text()
    assert all("Firm & Partners" in page.extract_text() for page in printed.pages[1:])
    assert "In our own words." in "".join(page.extract_text() for page in printed.pages)


@pytest.mark.parametrize("name", ["cover", "style"])
def test_pdf_takes_what_a_template_does_not_define_from_the_usual_one(content, tmp_path, name):
    parts = {
        "cover": "#let cover(report) = page[Just a cover]",
        "style": "#let style(report, body) = [Before it all #body]",
    }
    (tmp_path / "own.typ").write_text(parts[name], encoding="utf-8")
    short = replace(dressed(content, typst=tmp_path / "own.typ"), chapters=[])
    pages = pypdf.PdfReader(io.BytesIO(pdf(short, [], "Report"))).pages
    assert ("Just a cover" in pages[0].extract_text()) == (name == "cover")
    assert ("Before it all" in pages[1].extract_text()) == (name == "style")
    assert "Contents" in pages[1].extract_text()


def furnished(folder, kind, name):
    """A study that names one template, and a notebook that must not run."""
    study = write_study(folder / "client", logo=False)
    settings = (study / "study.yaml").read_text(encoding="utf-8")
    settings = settings.replace("footer: Confidential", f"footer: Confidential, {kind}: ../{name}") + "data_root: ..\n"
    (study / "study.yaml").write_text(settings, encoding="utf-8")
    notebook(folder / "books" / "01_lonely.ipynb", *LEAN, f"open({str(folder / 'ran')!r}, 'w').close()")
    return study


def broken(path):
    """An Office file whose parts are not what they say."""
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("[Content_Types].xml", "wordprocessingml.document.main+xml")
    return path


@pytest.mark.parametrize(
    ("kind", "name", "make", "words"),
    [
        ("docx", "a.docx", lambda path: path.write_text("no Word"), "this is no Word file"),
        ("docx", "a.docx", lambda path: dark_deck(path), "this is no Word document"),
        ("docx", "a.docx", broken, "this is no Word document"),
        ("docx", "a.docm", lambda path: as_template(letterhead(path.with_suffix(".docx")), ".docm"), "macros"),
        ("pptx", "a.pptx", lambda path: letterhead(path), "this is no PowerPoint document"),
        ("pptx", "a.pptx", untitled_deck, "no slide layout has a title"),
        ("typst", "a.typ", lambda path: path.write_text("#let style = "), "line 1: expected"),
        ("typst", "a.typ", lambda path: path.write_text("#let other = 1"), "neither style nor cover"),
        ("typst", "a.typ", lambda path: path.write_text("#let cover(r) = r.clover"), "clover"),
        ("typst", "a.typ", lambda path: path.write_bytes(b"\x89PNG\xff"), "not valid UTF-8"),
    ],
)  # fmt: skip
def test_a_template_that_is_not_what_it_claims_to_be_stops_the_report_before_anything_runs(
    tmp_path, kind, name, make, words
):
    study = furnished(tmp_path, kind, name)
    make(tmp_path / name)
    with pytest.raises(InputError) as refused:
        report(study, out=tmp_path / "out", notebooks=tmp_path / "books")
    message = str(refused.value)
    assert message.startswith(name) and f"brand.{kind}" in message and words in message and "expected" in message
    assert len(refused.value.problems) == 1
    assert not (tmp_path / "out").exists() and not (tmp_path / "ran").exists()


@pytest.mark.parametrize(("kind", "make", "suffix"), [("docx", letterhead, ".dotx"), ("pptx", dark_deck, ".potx")])
def test_a_template_saved_as_a_template_works_like_a_document(content, tmp_path, kind, make, suffix):
    template = as_template(make(tmp_path / f"own.{kind}"), suffix)
    short = replace(dressed(content, **{kind: template}), chapters=[])
    made = deck(short) if kind == "pptx" else docx(short, [], "Report")
    with zipfile.ZipFile(io.BytesIO(made)) as archive:
        assert b"template.main+xml" not in archive.read("[Content_Types].xml")


def test_a_report_with_every_template_of_a_firm(tmp_path):
    study = furnished(tmp_path, "firm", "firm.yaml")
    makers = {"docx": letterhead, "pptx": dark_deck, "typst": typst_module}
    for kind, make in makers.items():
        make(tmp_path / f"own.{kind}")
    (tmp_path / "firm.yaml").write_text("".join(f"{kind}: own.{kind}\n" for kind in makers), encoding="utf-8")
    made = report(study, out=tmp_path / "out", notebooks=tmp_path / "books")
    assert (made.exit_code, made.messages) == (0, [])
    assert Document(str(made.folder / "lonely.docx")).sections[0].header.paragraphs[0].text == "Firm & Partners"
    assert Presentation(str(made.folder / "deck.pptx")).slide_width == 9144000
    assert "Firm & Partners" in pypdf.PdfReader(made.folder / "report.pdf").pages[1].extract_text()
