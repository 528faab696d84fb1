"""The consultant's own words open a chapter in every format, and what opens none is said."""

import lxml.html
import pypdf
import pytest
from docx import Document
from PIL import Image
from pptx import Presentation
from reporting_studies import LEAN, notebook, published, write_study

from helpers.data import InputError
from helpers.reporting import report
from helpers.reporting.commentary import openings
from helpers.reporting.document import Heading, Picture

pytestmark = pytest.mark.slow

NAMES = ["partnership_survey", "pulse_trends"]
WORDS = """\
# What this means for you

Your managers **trust** their HR partners; time is what they lack.
<script>alert(1)</script> Costs: $5 & [x](javascript:y).

- Agree on *one* goal per quarter
- Meet the team before the vacancy is written

## In the longer run

![The plan](plan.png)

More on this in our workshop in September.
"""
FINDING = published(
    {
        "version": 4, "kind": "finding", "id": "gap", "sentence": "HR rates higher.", "grade": "strong", "n": 40,
        "estimate": 0.3, "low": 0.2, "high": 0.4, "unit": "points", "method": "m", "group": "all", "exhibit": "one",
        "p_value": 0.001, "smallest": 0.1, "evidence": {
            "sentence": "HR rates higher.", "same": "Alike.", "unknown": "Who knows", "low": 0.2, "high": 0.4
        },
    }
)  # fmt: skip


def comment(study, name, text, encoding="utf-8"):
    (study / "commentary").mkdir(exist_ok=True)
    (study / "commentary" / name).write_bytes(text.encode(encoding))


@pytest.fixture(scope="module")
def commented(tmp_path_factory):
    """A report of two chapters and a summary; the first chapter and the summary are commented."""
    folder = tmp_path_factory.mktemp("commented")
    study = write_study(folder / "client", logo=False)
    for place, name in enumerate(("executive_summary", "lonely", "second")):
        notebook(folder / "books" / f"{place:02}_{name}.ipynb", *LEAN, FINDING)
    comment(study, "lonely.md", WORDS.replace("\n", "\r\n"))
    comment(study, "executive_summary.md", "- Read this first")
    comment(study, "lonley.md", "A slip of the pen.")
    Image.new("RGB", (400, 200), "#0b5c6b").save(study / "commentary" / "plan.png")
    return report(study, out=folder / "out", notebooks=folder / "books")


def test_stray_commentary_is_named_with_the_nearest_notebook(commented):
    assert commented.exit_code == 0
    assert commented.messages == [
        'commentary/lonley.md is not in the report: no notebook has this name; did you mean "lonely"?'
    ]


def test_pages_open_with_it_and_nothing_in_it_runs(commented):
    page = lxml.html.parse(str(commented.folder / "lonely.html")).getroot()
    main = page.xpath("//main")[0]
    assert [child.tag for child in main][:3] == ["h2", "div", "div"]
    assert main[0].text == "What this means for you"
    assert main.xpath("(.//p)[1]/strong/text()") == ["trust"]
    assert "<script>alert(1)</script>" in main.text_content()
    assert not page.xpath("//script | //a[contains(@href, 'javascript')]")
    assert main.xpath(".//figure/img/@alt") == ["The plan"]
    assert page.xpath("//nav[@class='contents']//a[1]/text()")[0] == "What this means for you"
    index = lxml.html.parse(str(commented.folder / "index.html")).xpath("//main")[0].text_content()
    assert index.index("Read this first") < index.index("HR rates higher.")


@pytest.mark.parametrize("name", ["lonely", "report"])
def test_word_and_pdf_hold_it_before_the_first_table(commented, name):
    word = "\n".join(paragraph.text for paragraph in Document(str(commented.folder / f"{name}.docx")).paragraphs)
    pdf = "\n".join(page.extract_text() for page in pypdf.PdfReader(commented.folder / f"{name}.pdf").pages)
    for text in (word, pdf):
        flat = " ".join(text.split())
        start = flat.index("Your managers trust their HR partners")
        assert start < flat.index("Agree on one goal per quarter") < flat.index("workshop in September")
        assert start < flat.rindex("One row")
        assert "<script>alert(1)</script>" in flat


def test_deck_shows_its_beginning_before_the_findings_of_that_chapter(commented):
    slides = list(Presentation(str(commented.folder / "deck.pptx")).slides)
    titles = [slide.shapes.title.text_frame.text for slide in slides]
    assert titles[1:] == [
        "One lonely table",
        "One lonely table",
        *["HR rates higher"] * 2,
        "How to read these findings",
    ]
    lines = [shape.text_frame.text for shape in slides[2].shapes if shape.has_text_frame]
    shown = next(line for line in lines if line.startswith("Your managers trust"))
    assert shown.splitlines()[1:] == [
        "• Agree on one goal per quarter",
        "• Meet the team before the vacancy is written",
    ]
    assert "workshop in September" in slides[2].notes_slide.notes_text_frame.text


def test_a_long_commentary_is_cut_on_its_slide_only(tmp_path):
    study = write_study(tmp_path / "client", logo=False)
    comment(study, "lonely.md", "Long. " * 600 + "\n\n" + "\n".join(f"- point {n}" for n in range(90)))
    notebook(tmp_path / "books" / "01_lonely.ipynb", *LEAN)
    made = report(study, out=tmp_path / "out", notebooks=tmp_path / "books", formats=["pptx"])
    slide = Presentation(str(made.folder / "deck.pptx")).slides[1]
    shown = max((shape.text_frame.text for shape in slide.shapes if shape.has_text_frame), key=len)
    assert 800 < len(shown) < 1300 and shown.endswith("…")
    assert slide.notes_slide.notes_text_frame.text.endswith("point 89")


def test_commentary_of_a_chapter_that_is_missing_is_said(tmp_path):
    study = write_study(tmp_path / "client", logo=False)
    comment(study, "broken.md", "Text")
    notebook(tmp_path / "books" / "01_broken.ipynb", "%md # B", "1 / 0")
    made = report(study, out=tmp_path / "out", notebooks=tmp_path / "books", formats=["html"])
    assert "commentary/broken.md is not in the report: the chapter it opens is missing." in made.messages


def test_headings_stand_below_the_chapter_title_and_pictures_come_along(tmp_path):
    comment(tmp_path, "pulse_trends.md", WORDS)
    Image.new("RGB", (4, 2)).save(tmp_path / "commentary" / "plan.png")
    found, stray = openings(tmp_path, NAMES)
    headings = [(part.level, part.text) for part in found["pulse_trends"] if isinstance(part, Heading)]
    assert headings == [(2, "What this means for you"), (2, "In the longer run")] and stray == []
    assert [part.alt for part in found["pulse_trends"] if isinstance(part, Picture)] == ["The plan"]


def test_a_study_without_commentary_is_the_usual_case(tmp_path):
    assert openings(tmp_path, NAMES) == ({}, [])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("partnership_surveys.md", 'did you mean "partnership_survey"?'),
        ("02_partnership_survey.md", 'did you mean "partnership_survey"?'),
        ("other.md", "the notebooks are partnership_survey, pulse_trends"),
        ("pulse_trends.docx", "only Markdown is read, in pulse_trends.md"),
    ],
)
def test_a_file_that_opens_no_chapter_is_pointed_out(tmp_path, name, words):
    comment(tmp_path, name, "Text")
    found, (message,) = openings(tmp_path, NAMES)
    assert found == {} and message.startswith(f"commentary/{name} is not in the report") and words in message


def test_lock_and_hidden_files_are_nobodys_commentary(tmp_path):
    for name in ("~$lse_trends.md", ".~lock.pulse_trends.md#", ".DS_Store"):
        comment(tmp_path, name, "x")
    assert openings(tmp_path, NAMES) == ({}, [])


def test_another_encoding_is_refused_with_the_line_and_a_fix(tmp_path):
    comment(tmp_path, "pulse_trends.md", "Fine\nSöhne", encoding="cp1252")
    with pytest.raises(InputError, match=r"(?s)commentary/pulse_trends\.md.*line 2.*not UTF-8.*Save the file as UTF-8"):
        openings(tmp_path, NAMES)


def test_a_broken_picture_is_refused(tmp_path):
    comment(tmp_path, "pulse_trends.md", "![x](plan.png)")
    (tmp_path / "commentary" / "plan.png").write_text("no picture", encoding="utf-8")
    with pytest.raises(InputError, match=r"(?s)commentary/pulse_trends\.md.*a picture in it cannot be read"):
        openings(tmp_path, NAMES)
