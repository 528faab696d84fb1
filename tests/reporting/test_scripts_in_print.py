"""A typeset page says which signs it cannot show."""

import io

import pypdf
import pytest
from reporting_studies import write_study

from helpers.data import Study
from helpers.present import scripts
from helpers.reporting.cover import Cover
from helpers.reporting.document import Chapter, Prose
from helpers.reporting.formats.pdf import pdf
from helpers.reporting.report import Report


@pytest.fixture
def printed(tmp_path):
    """Return a function that typesets a sentence and returns the words of the pages."""
    write_study(tmp_path / "client", logo=False)
    cover = Cover.of(Study.load(tmp_path / "client"))

    def words(sentence):
        chapter = Chapter("a", "A", [Prose(f"<p>{sentence}</p>")])
        pages = pypdf.PdfReader(
            io.BytesIO(pdf(Report(cover, Chapter("index", "In short", []), [chapter]), [chapter], ""))
        )
        return " ".join("".join(page.extract_text() for page in pages.pages).split())

    return words


@pytest.mark.parametrize(("name", "script"), [("人力资源部", "(CJK)"), ("인사팀", "(HANGUL)")])
def test_a_pdf_names_the_scripts_that_no_font_draws(printed, monkeypatch, name, script):
    drawn = scripts._drawn
    monkeypatch.setattr(scripts, "_drawn", lambda path: frozenset(sign for sign in drawn(path) if sign < "\u2e80"))
    text = printed(f"The department {name} scores higher.")
    assert "Boxes in the text stand for signs that no font of this machine can draw" in text and script in text


def test_a_pdf_that_shows_every_sign_says_nothing(printed):
    assert "Boxes" not in printed("Söhne, Отдел, 3 → 4.")
