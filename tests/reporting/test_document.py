"""From an executed notebook to blocks: what is kept, what is dropped, and that no markup from data survives."""

import base64
import io

import lxml.html
import nbformat
import pytest
from PIL import Image

from helpers.published import MIME, Finding
from helpers.reporting.document import Heading, Picture, Placed, Prose, read, slug
from helpers.reporting.outputs import NotPublished
from helpers.reporting.wording import estimate_number, estimate_words, practice, printable

TABLE = {
    "version": 4, "kind": "table", "id": "scores", "title": "Scores", "message": "Look", "note": "Source: survey",
    "columns": [{"name": "d", "label": "Dimension", "type": "text"},
                {"name": "m", "label": "Mean", "type": "number", "unit": "points"}],
    "rows": [["Trust", 3.5], ["Candour", None]], "texts": [["Trust", "3.50"], ["Candour", "hidden (fewer than 5)"]],
}  # fmt: skip
FINDING = {
    "version": 4, "kind": "finding", "id": "gap", "sentence": "HR rates higher.", "grade": "strong", "n": 40,
    "estimate": -0.31, "low": -0.4, "high": -0.2, "unit": "points", "method": "m", "group": "all",
    "playbook": "active-listening", "exhibit": "scores", "caveats": [],
    "evidence": {"sentence": "HR rates {lower|higher}.", "same": "Alike.", "unknown": "Who knows"},
}  # fmt: skip


def png():
    file = io.BytesIO()
    Image.new("RGB", (4, 2)).save(file, "PNG")
    return base64.b64encode(file.getvalue()).decode()


def display(data, metadata=None, kind="display_data"):
    return nbformat.v4.new_output(kind, data=data, metadata=metadata or {})


def chapter(*cells, metadata=None, folder):
    made = nbformat.v4.new_notebook(metadata=metadata or {})
    for cell in cells:
        is_text = isinstance(cell, str)
        made.cells.append(
            nbformat.v4.new_markdown_cell(cell) if is_text else nbformat.v4.new_code_cell("secret_code()", outputs=cell)
        )
    return read(made, "survey", folder)


def test_exhibits_become_numbered_blocks(tmp_path):
    made = chapter(
        "# Title", [display({MIME: TABLE, "text/html": "screen"})], [display({MIME: TABLE})], folder=tmp_path
    )
    assert [(placed.label, placed.exhibit.id) for placed in made.exhibits] == [
        ("Table 1", "scores"),
        ("Table 2", "scores-2"),
    ]
    assert made.exhibits[0].cells.headings == ["Dimension", "Mean, points"]
    assert made.exhibits[0].cells.numeric == [False, True]


def test_finding_keeps_its_evidence(tmp_path):
    (finding,) = chapter([display({MIME: FINDING})], folder=tmp_path).findings
    assert finding.notebook == "survey"
    assert (estimate_words(finding), estimate_number(finding)) == ("−0.31 points, interval −0.40 to −0.20", "−0.31")
    assert (finding.grade.label, practice(finding)) == ("Strong evidence", "Active listening")
    unknown = Finding(id="x", claim="level", sentence="s")
    assert (estimate_words(unknown), estimate_number(unknown), practice(unknown)) == ("", "", "")


def test_chart_takes_its_vector_drawing(tmp_path):
    chart = TABLE | {"kind": "chart", "alt": "Bars.", "chart": {"type": "bar"}}
    own = {"hr_partnership": {"svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"}}
    (part,) = chapter([display({MIME: chart, "image/png": png()}, own)], folder=tmp_path).exhibits
    assert (part.label, part.alt, part.drawing.as_svg()[:4]) == ("Figure 1", "Bars.", "<svg")
    assert part.drawing.png.startswith(b"\x89PNG")


def test_a_chart_without_its_picture_is_none(tmp_path):
    with pytest.raises(NotPublished, match="a chart without its picture"):
        chapter([display({MIME: TABLE | {"kind": "chart", "alt": "Bars.", "chart": {"type": "bar"}}})], folder=tmp_path)


def test_code_screen_forms_and_warnings_are_left_out(tmp_path):
    outputs = [
        display({"text/html": "<p>caption for the screen</p>"}, {"hr_partnership": {"screen_only": True}}),
        nbformat.v4.new_output("stream", name="stderr", text="a warning"),
        display({MIME: TABLE}),
    ]
    assert [type(part) for part in chapter(outputs, folder=tmp_path).parts] == [Placed]


def test_a_remark_is_text_whatever_is_in_it(tmp_path):
    remark = {"version": 4, "kind": "remark", "sentence": "No data on <b>R&D</b> & $x$."}
    (part,) = chapter([display({MIME: remark})], folder=tmp_path).parts
    assert part == Prose("<p>No data on &lt;b&gt;R&amp;D&lt;/b&gt; &amp; $x$.</p>")


def test_one_remark_stands_for_all_cells_that_have_nothing_to_tell_then(tmp_path):
    """Prose and remarks of the cells with its tag are left out; exhibits never are, nor other cells."""

    def remark(sentence, **more):
        return display({MIME: {"version": 4, "kind": "remark", "sentence": sentence} | more})

    made = nbformat.v4.new_notebook()
    add = made.cells.append
    add(nbformat.v4.new_markdown_cell("# Title"))
    add(nbformat.v4.new_code_cell("a", outputs=[remark("Nobody drew lots.", instead_of="comparison")]))
    for tags in (["comparison"], ["other"]):
        add(nbformat.v4.new_markdown_cell(f"## About {tags[0]}\n\nProse.", metadata={"tags": tags}))
        shown = [remark(f"No {tags[0]}."), display({MIME: TABLE})]
        add(nbformat.v4.new_code_cell("b", outputs=shown, metadata={"tags": tags}))
    found = read(made, "survey", tmp_path)
    assert found.remarks == ["Nobody drew lots.", "No other."]
    assert [part.text for part in found.parts if isinstance(part, Heading)] == ["About other"]
    assert len([part for part in found.parts if isinstance(part, Prose)]) == 3 and len(found.exhibits) == 2


@pytest.mark.parametrize(
    ("metadata", "cells", "title"),
    [
        ({"hr_partnership": {"title": "From metadata"}}, ["# First heading"], "From metadata"),
        ({}, ["intro", "# The *first* heading\n\ntext"], "The first heading"),
        ({}, ["no heading"], "Survey"),
    ],
)
def test_chapter_title(tmp_path, metadata, cells, title):
    made = chapter(*cells, metadata=metadata, folder=tmp_path)
    assert made.title == title
    assert not [part for part in made.parts if isinstance(part, Heading)]


def test_headings_never_skip_a_level(tmp_path):
    made = chapter("# T\n\n### Deep\n\n###### Deeper\n\n# Again", folder=tmp_path)
    assert [(b.level, b.text) for b in made.parts] == [(2, "Deep"), (3, "Deeper"), (2, "Again")]


def test_same_heading_twice_has_two_anchors(tmp_path):
    made = chapter("## Same\n\n## Same", folder=tmp_path)
    assert len({part.anchor for part in made.parts}) == 2


@pytest.mark.parametrize(
    "markdown",
    [
        "text <script>alert(1)</script>",
        "[x](javascript:alert(1))",
        "[x](data:text/html;base64,AAAA)",
        '<img src=x onerror="alert(1)">',
        "![x](http://example.org/pixel.png)",
        "<iframe src='//x'></iframe>",
        "$\\href{javascript:alert(1)}{x}$",
    ],
)
def test_markdown_cannot_bring_in_scripts_or_the_network(tmp_path, markdown):
    html = " ".join(part.html for part in chapter(markdown, folder=tmp_path).parts if isinstance(part, Prose))
    elements = lxml.html.fragment_fromstring(html, create_parent="div").iter()
    assert {element.tag for element in elements} <= {"div", "p", "em", "math", "mi", "mrow", "mtext", "span"}
    assert "href=" not in html


def test_formulas_become_mathml(tmp_path):
    (part,) = chapter("The model is $y = \\mu$.", folder=tmp_path).parts
    assert "<math" in part.html and "annotation" not in part.html


def test_a_number_at_the_beginning_of_a_line_goes_on_with_its_paragraph(tmp_path):
    words = "Azen & Traxel (2009), *Journal*\n34. Bell (2002), *Survey Methodology*\n28) Horn (1965)."
    (part,) = chapter(words, folder=tmp_path).parts
    assert "<ol" not in part.html and "34. Bell" in part.html and "28) Horn" in part.html
    for words in ("1. one\n2. two\n3. three", "Steps:\n1. one\nand more\n2. two", "3. three\n\n4. four", "- a\n2. two"):
        assert "<ol" in "".join(part.html for part in chapter(words, folder=tmp_path).parts), words
    (part,) = chapter("```\ntext\n34. code\n```", folder=tmp_path).parts
    assert "34. code" in part.html


def test_an_unclosed_code_fence_stays_in_its_cell(tmp_path):
    made = chapter("```\nopen", "## Next", folder=tmp_path)
    assert [part.text for part in made.parts if isinstance(part, Heading)] == ["Next"]


def test_pictures_keep_their_description_and_travel_along(tmp_path):
    (tmp_path / "plan.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    outside = tmp_path / "books"
    outside.mkdir()
    (outside / "own.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    own = f"data:image/png;base64,{png()}"
    made = chapter("## Plan\n\n![Beside](own.svg) ![Elsewhere](../plan.svg)", f"![]({own})", folder=outside)
    pictures = [part.alt for part in made.parts if isinstance(part, Picture)]
    assert pictures[0] == "Beside" and len(pictures) == 2
    assert "Plan" in pictures[1]


def test_texts_lose_what_no_format_can_hold():
    assert printable("a\x00b\x0bc\ud800d\ne") == "abcd\ne"
    assert slug("Was läuft? / Here!") == "was-l-uft-here"
    assert slug("🎉") == "section"
