"""The audit reads a whole report: everything in it is traced, and whatever is planted in any of its files is found."""

import base64
import io
import json
import shutil
import zipfile

import docx
import nbformat
import openpyxl
import pptx
import pytest
import typst
from PIL import Image, PngImagePlugin
from pypdf import PdfReader, PdfWriter

from helpers.columns import number
from helpers.data import InputError, Study
from helpers.privacy.audit import audit, words
from helpers.published import MINUS
from helpers.reporting import manifest

pytestmark = pytest.mark.slow

SECRET = "The mean of Legal is 2.7182"
COMMENT = "my partner never answers the telephone on Fridays"


@pytest.fixture(scope="module")
def study(built):
    """The study of the report, with a comment and a name among its people's data."""
    folder = built.folder.parent / "with-comment"
    shutil.copytree(built.folder.parent / "client", folder)
    rows = (folder / "survey.csv").read_text(encoding="utf-8").splitlines()
    rows = [f"{rows[0]},comment", f"{rows[1]},{COMMENT}", *(f"{row}," for row in rows[2:])]
    (folder / "survey.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    codebook = (folder / "codebook.yaml").read_text(encoding="utf-8")
    codebook = codebook.replace("dimensions:", "  words: {type: text}\ndimensions:")
    codebook += "  - {id: comment, role: comment, response: words, text: Anything else, answered_by: [manager]}\n"
    (folder / "codebook.yaml").write_text(codebook, encoding="utf-8")
    (folder / "people.csv").write_text("person_id,side,name\nr0,manager,Ottilie Quandt\n", encoding="utf-8")
    settings = folder / "study.yaml"
    settings.write_text(
        settings.read_text(encoding="utf-8").replace("survey.csv}", "survey.csv, people: people.csv}"), encoding="utf-8"
    )
    return Study.load(folder)


@pytest.fixture
def report(built, tmp_path):
    return shutil.copytree(built.folder, tmp_path / "report")


def test_every_number_of_a_report_with_hostile_texts_is_traced(built, study):
    verdict = audit(built.folder, study)
    assert verdict.found == []
    assert verdict.text("out").count("\n") == 0
    assert json.loads((built.folder / "manifest.json").read_text(encoding="utf-8"))["privacy"]["audit"] == "passed"


def rewritten(path, change):
    """Write every part of an office file anew; ``change`` gets name and content."""
    parts = {name: content for name, content in zipped(path).items()}
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, change(name, content))


def zipped(path):
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def in_pdf_text(report):
    page = PdfReader(io.BytesIO(typst.compile(f"#set page(height: 5cm)\n{SECRET}".encode()))).pages[0]
    writer = PdfWriter(clone_from=str(report / "report.pdf"))
    writer.add_page(page)
    writer.write(report / "report.pdf")


def in_pdf_metadata(report):
    writer = PdfWriter(clone_from=str(report / "report.pdf"))
    writer.add_metadata({"/Subject": SECRET})
    writer.write(report / "report.pdf")


def in_alternative_text(report):
    document = docx.Document(str(report / "report.docx"))
    document.inline_shapes[0]._inline.docPr.set("descr", SECRET)
    document.save(str(report / "report.docx"))


def in_a_comment_in_word(report):
    document = docx.Document(str(report / "report.docx"))
    paragraph = next(one for one in document.paragraphs if one.runs)
    document.add_comment(paragraph.runs, SECRET, author="A. Nalyst", initials="AN")
    document.save(str(report / "report.docx"))


def in_properties(report):
    deck = pptx.Presentation(str(report / "deck.pptx"))
    deck.core_properties.keywords = SECRET
    deck.save(str(report / "deck.pptx"))


def in_speaker_notes(report):
    deck = pptx.Presentation(str(report / "deck.pptx"))
    deck.slides[1].notes_slide.notes_text_frame.text += f"\n{SECRET}"
    deck.save(str(report / "deck.pptx"))


def on_a_hidden_slide(report):
    deck = pptx.Presentation(str(report / "deck.pptx"))
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    slide.shapes.title.text = SECRET
    slide._element.set("show", "0")
    deck.save(str(report / "deck.pptx"))


def behind_a_native_chart(report):
    rewritten(
        report / "deck.pptx",
        lambda name, content: content.replace(b"</c:v>", b"182</c:v>", 5) if "/charts/chart" in name else content,
    )


def in_a_hidden_cell(report):
    book = openpyxl.load_workbook(report / "tables.xlsx")
    sheet = book.worksheets[1]
    sheet["AB90"] = 2.7182
    sheet.row_dimensions[90].hidden = True
    book.save(report / "tables.xlsx")


def on_a_hidden_sheet(report):
    book = openpyxl.load_workbook(report / "tables.xlsx")
    sheet = book.create_sheet("raw")
    sheet["A1"], sheet.sheet_state = SECRET, "veryHidden"
    book.save(report / "tables.xlsx")


def in_an_attribute(report):
    page = report / "rich_survey.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("<main", f'<main data-source="{SECRET}"', 1), encoding="utf-8")
    assert SECRET in page.read_text(encoding="utf-8")


def in_a_comment_of_a_page(report):
    page = report / "rich_survey.html"
    text = page.read_text(encoding="utf-8")
    page.write_text(text.replace("</body>", f"<!-- {SECRET} --></body>"), encoding="utf-8")


def in_the_text_of_a_drawing(report):
    page = report / "rich_survey.html"
    text = page.read_text(encoding="utf-8")
    drawing = f'<svg xmlns="http://www.w3.org/2000/svg"><text>{SECRET}</text></svg>'
    address = f"data:image/svg+xml;base64,{base64.b64encode(drawing.encode()).decode()}"
    page.write_text(text.replace("</body>", f'<img src="{address}" alt=""></body>'), encoding="utf-8")


def noted(png):
    note, file = PngImagePlugin.PngInfo(), io.BytesIO()
    note.add_text("Description", SECRET, zip=True)
    Image.open(io.BytesIO(png)).save(file, "PNG", pnginfo=note)
    return file.getvalue()


def in_a_picture_of_word(report):
    rewritten(report / "report.docx", lambda name, content: noted(content) if name.endswith(".png") else content)


def in_a_picture_of_a_notebook(report):
    change_output(report, lambda data: data.update({"image/png": base64.b64encode(noted(png(data))).decode()}), "png")


def png(data):
    return base64.b64decode(data["image/png"])


def change_output(report, change, wanted):
    path = report / "notebooks" / "02_rich_survey.ipynb"
    made = nbformat.read(path, 4)
    outputs = [output for cell in made.cells for output in cell.get("outputs", [])]
    change(next(output.data for output in outputs if any(wanted in form for form in output.data)))
    nbformat.write(made, path)


def in_an_output(report):
    change_output(report, lambda data: data.update({"text/html": f"<p>{SECRET}</p>"}), "html")


def in_a_table_file(report):
    with (report / "tables" / "rich_survey--scores.csv").open("a", encoding="utf-8") as file:
        file.write("Legal,2.7182,38\n")


def in_a_stray_file(report):
    (report / "notes.txt").write_text(SECRET, encoding="utf-8")


@pytest.mark.parametrize(
    ("plant", "file"),
    [
        (in_pdf_text, "report.pdf"),
        (in_pdf_metadata, "report.pdf"),
        (in_alternative_text, "report.docx"),
        (in_a_comment_in_word, "report.docx"),
        (in_a_picture_of_word, "report.docx"),
        (in_properties, "deck.pptx"),
        (in_speaker_notes, "deck.pptx"),
        (on_a_hidden_slide, "deck.pptx"),
        (behind_a_native_chart, "deck.pptx"),
        (in_a_hidden_cell, "tables.xlsx"),
        (on_a_hidden_sheet, "tables.xlsx"),
        (in_an_attribute, "rich_survey.html"),
        (in_a_comment_of_a_page, "rich_survey.html"),
        (in_the_text_of_a_drawing, "rich_survey.html"),
        (in_a_picture_of_a_notebook, "notebooks/02_rich_survey.ipynb"),
        (in_an_output, "notebooks/02_rich_survey.ipynb"),
        (in_a_table_file, "tables/rich_survey--scores.csv"),
        (in_a_stray_file, "notes.txt"),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_planted_number_is_found_and_not_repeated(report, plant, file):
    plant(report)
    verdict = audit(report)
    assert file in {leak.file for leak in verdict.found if leak.kind == "not in results.json"}
    assert "2.7182" not in verdict.text("report")
    assert not verdict.passed and verdict.record()["audit"] == "failed"


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Answered by r17.", "a person's or a record's id"),
        ("Said by Ottilie Quandt.", "a person's name"),
        ("Write to o.quandt@example.org.", "an e-mail address"),
        (f"“{COMMENT[10:]}”", "words of a comment"),
    ],
)
@pytest.mark.parametrize("place", ["page", "name"])
def test_people_are_found_in_files_and_in_their_names(report, study, words, kind, place):
    if place == "page":
        page = report / "sparse.html"
        page.write_text(page.read_text(encoding="utf-8").replace("</h1>", f" {words}</h1>", 1), encoding="utf-8")
    else:
        (report / f"{words.strip('.')}.txt").write_text("", encoding="utf-8")
    found = [leak for leak in audit(report, study).found if leak.kind == kind]
    assert found and not [leak for leak in found if words in leak.sentence]


def test_a_cell_of_a_shipped_notebook_that_was_changed_is_read_like_everything_else(report, built):
    path = report / "notebooks" / "02_rich_survey.ipynb"
    made = nbformat.read(path, 4)
    made.cells[0].source += f"\n\n{SECRET}"
    nbformat.write(made, path)
    assert audit(report).passed, "the words of a notebook that is not a shipped one are its author's"


def test_a_folder_that_is_no_report_is_refused(tmp_path):
    (tmp_path / "results.json").write_text("[]", encoding="utf-8")
    with pytest.raises(InputError, match="this is no report"):
        audit(tmp_path)


@pytest.mark.parametrize("name", ["report.docx", "deck.pptx", "tables.xlsx"])
def test_office_files_carry_the_clients_name_and_the_studys_date(built, name):
    parts = zipped(built.folder / name)
    core, program = parts["docProps/core.xml"].decode(), parts["docProps/app.xml"].decode()
    assert core.count("Söhne") == 2 and core.count("2026-06-30T00:00:00Z") == 2
    assert "HR Partnership Lab" in program
    words = b" ".join(content for part, content in parts.items() if part.startswith("docProps/")).lower()
    assert not [made for made in (b"python", b"canny", b"openpyxl", b"microsoft", b"pandoc") if made in words]
    assert not [part for part in parts if "thumbnail" in part or "printerSettings" in part]


def test_pdf_carries_the_clients_name_and_the_studys_date(built):
    found = PdfReader(built.folder / "report.pdf").metadata
    assert "Söhne" in found.author and found.creation_date.date().isoformat() == "2026-06-30"


@pytest.mark.parametrize("value", [4925636.7, 123456.0, 99999.94, 1234567890.0, -250000.5, 12.34])
def test_large_numbers_are_the_same_in_files_and_in_print(value):
    """Days saved times the cost of a day can have more digits than files hold of other figures."""
    column = number("At 400 a vacant day", 1)
    stored = manifest.stored(column.rounded(value))
    printed = "".join(column.printed(value).replace(MINUS, "-").split())
    assert float(words.as_in_files(stored)) == stored == float(printed)
