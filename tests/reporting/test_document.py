"""From an executed notebook to blocks: what is kept, what is dropped, and that no markup from data survives."""

import base64
import io

import lxml.html
import nbformat
import pytest
from PIL import Image

from helpers.reporting.document import EXHIBIT, Exhibit, Finding, Heading, Picture, Prose, printable, read, slug

TABLE = {
    "version": 1, "kind": "table", "id": "scores", "title": "Scores", "message": "Look", "note": "Source: survey",
    "columns": [{"name": "d", "label": "Dimension", "type": "text"},
                {"name": "m", "label": "Mean", "type": "number", "unit": "points"}],
    "rows": [["Trust", 3.5], ["Candour", None]], "texts": [["Trust", "3.50"], ["Candour", "hidden (fewer than 5)"]],
}  # fmt: skip
FINDING = {
    "version": 1, "kind": "finding", "id": "gap", "sentence": "HR rates higher.", "grade": "strong", "n": 40,
    "estimate": -0.31, "low": -0.4, "high": -0.2, "unit": "points", "method": "m", "group": "all",
    "playbook": "active-listening", "exhibit": "scores", "caveats": [],
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
        "# Title", [display({EXHIBIT: TABLE, "text/html": "screen"})], [display({EXHIBIT: TABLE})], folder=tmp_path
    )
    assert [(block.label, block.id) for block in made.exhibits] == [("Table 1", "scores"), ("Table 2", "scores-2")]
    assert made.exhibits[0].headings == ["Dimension", "Mean, points"]
    assert made.exhibits[0].numeric == [False, True]


def test_finding_keeps_its_evidence(tmp_path):
    (finding,) = chapter([display({EXHIBIT: FINDING})], folder=tmp_path).findings
    assert finding.estimate_words == "−0.31 points, interval −0.40 to −0.20"
    assert (finding.grade_label, finding.practice) == ("Strong evidence", "Active listening")
    assert Finding("survey", "x", "s", "cannot tell").estimate_words == ""


def test_chart_takes_its_vector_drawing(tmp_path):
    chart = TABLE | {"kind": "chart", "alt": "Bars.", "chart": {"type": "bar"}}
    own = {"hr_partnership": {"svg": "<svg xmlns='http://www.w3.org/2000/svg'/>"}}
    (block,) = chapter([display({EXHIBIT: chart, "image/png": png()}, own)], folder=tmp_path).exhibits
    assert (block.label, block.alt, block.svg[:4]) == ("Figure 1", "Bars.", "<svg")
    assert block.png.startswith(b"\x89PNG")


def test_code_screen_forms_warnings_and_returned_values_are_left_out(tmp_path):
    outputs = [
        display({"text/html": "<p>caption for the screen</p>"}, {"hr_partnership": {"screen_only": True}}),
        nbformat.v4.new_output("stream", name="stderr", text="a warning"),
        display({EXHIBIT: TABLE}),
        nbformat.v4.new_output(
            "execute_result", data={"text/html": "<table><tr><td>raw frame</td></tr></table>"}, execution_count=1
        ),
    ]
    assert [type(block) for block in chapter(outputs, folder=tmp_path).blocks] == [Exhibit]


def test_a_returned_value_is_shown_where_nothing_else_is(tmp_path):
    output = nbformat.v4.new_output("execute_result", data={"text/plain": "42 partners"}, execution_count=1)
    (block,) = chapter([output], folder=tmp_path).blocks
    assert "42 partners" in block.html and "Out" not in block.html


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
    assert not [block for block in made.blocks if isinstance(block, Heading)]


def test_headings_never_skip_a_level(tmp_path):
    made = chapter("# T\n\n### Deep\n\n###### Deeper\n\n# Again", folder=tmp_path)
    assert [(b.level, b.text) for b in made.blocks] == [(2, "Deep"), (3, "Deeper"), (2, "Again")]


def test_same_heading_twice_has_two_anchors(tmp_path):
    made = chapter("## Same\n\n## Same", folder=tmp_path)
    assert len({block.anchor for block in made.blocks}) == 2


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
    html = " ".join(block.html for block in chapter(markdown, folder=tmp_path).blocks if isinstance(block, Prose))
    elements = lxml.html.fragment_fromstring(html, create_parent="div").iter()
    assert {element.tag for element in elements} <= {"div", "p", "em", "math", "mi", "mrow", "mtext", "span"}
    assert "href=" not in html


def test_html_outputs_are_cleaned(tmp_path):
    dirty = "<style>b{}</style><p onclick='x()' style='color:red'>kept <b>bold</b></p><script>x()</script><svg/>"
    (block,) = chapter([display({"text/html": dirty})], folder=tmp_path).blocks
    assert block.html == "<p>kept <b>bold</b></p>"


def test_formulas_become_mathml(tmp_path):
    (block,) = chapter("The model is $y = \\mu$.", folder=tmp_path).blocks
    assert "<math" in block.html and "annotation" not in block.html


def test_an_unclosed_code_fence_stays_in_its_cell(tmp_path):
    made = chapter("```\nopen", "## Next", folder=tmp_path)
    assert [block.text for block in made.blocks if isinstance(block, Heading)] == ["Next"]


def test_pictures_keep_their_description_and_travel_along(tmp_path):
    (tmp_path / "plan.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    outside = tmp_path / "books"
    outside.mkdir()
    (outside / "own.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'/>", encoding="utf-8")
    made = chapter(
        "## Plan\n\n![Beside](own.svg) ![Elsewhere](../plan.svg)",
        [display({"image/png": png()}, {"image/png": {"alt": "Given"}})],
        [display({"image/png": png()})],
        folder=outside,
    )
    pictures = [block.alt for block in made.blocks if isinstance(block, Picture)]
    assert pictures[:2] == ["Beside", "Given"]
    assert "Plan" in pictures[2]


def test_texts_lose_what_no_format_can_hold():
    assert printable("a\x00b\x0bc\ud800d\ne") == "abcd\ne"
    assert slug("Was läuft? / Here!") == "was-l-uft-here"
    assert slug("🎉") == "section"
