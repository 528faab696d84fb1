"""From ``show`` to a report: what a notebook publishes passes the wall and looks the same in the kept copy."""

import base64
from pathlib import Path

import nbformat
import pytest
from reporting_studies import notebook

from helpers.published import Exhibit, Finding, Remark
from helpers.reporting.document import Placed, Prose, read
from helpers.reporting.execute import execute, find
from helpers.reporting.outputs import kept, stderr, taken

pytestmark = pytest.mark.slow

STUDY = Path(__file__).parents[1] / "studies" / "small_client"
SETUP = """
    import warnings
    import pandas as pd
    import statsmodels.formula.api as smf
    from helpers.data import Study
    from helpers.present import Show, number, text
    from helpers.published import Finding

    study = Study.load(study)
    show = Show(study, "publishing")
    answers = study.responses()
    frame = pd.DataFrame({"department": ["Sales", "Plant"], "estimate": [3.25, 4.0], "low": [3.0, 3.5],
                          "high": [3.5, 4.5], "respondents": [12, 14], "rated": [6, 7]})
"""
CELLS = [
    "%md # Publishing",
    SETUP,
    'show.table(frame, "department estimate low high respondents", "scores", "Scores")',
    'show.dots(frame, "department", "dots", "Dots", "Look here.", "Source: survey.", respondents="n")',
    'show.remark("There is no data on <b>pay</b> & more.")',
    """
    show.finding(Finding(id="one", claim="level", sentence="Plant scores 4.", estimate=4, n=14, exhibit="scores"))
    """,
    'show.table(frame.head(0), "department estimate respondents", "none", "None", absent="Nobody answered.")',
    'warnings.warn("to the log"); frame.describe();',
]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("publishing")
    notebook(folder / "01_publishing.ipynb", *CELLS)
    run = execute(find(folder)[0], {"study": str(STUDY)}, {})
    assert (run.traceback, run.left_out) == ("", "")
    return run.notebook


def test_everything_shown_is_taken(executed):
    items = [one.item for place in taken(executed).values() for one in place]
    assert [type(item) for item in items] == [Exhibit, Exhibit, Remark, Finding, Remark]
    parts = read(executed, "publishing", Path()).parts
    assert [type(part) for part in parts] == [Placed, Placed, Prose, Finding, Prose]
    assert [part.label for part in parts[:2]] == ["Table 1", "Figure 1"]
    assert parts[1].drawing.svg.startswith("<svg") and not parts[1].drawing.png
    assert parts[2].html == "<p>There is no data on &lt;b&gt;pay&lt;/b&gt; &amp; more.</p>"
    assert parts[4].html == "<p>Nobody answered.</p>"
    assert "to the log" in stderr(executed)


def test_the_kept_copy_displays_the_same_with_pixels_and_without_warnings_and_vectors(executed):
    copy = kept(executed, in_report=True)
    nbformat.validate(copy)
    for before, after in zip(executed.cells, copy.cells, strict=True):
        shown = [output for output in before.get("outputs", []) if output.output_type != "stream"]
        without_pixels = [
            {form: content for form, content in output.data.items() if form != "image/png"}
            for output in after.get("outputs", [])
        ]
        assert [output.data for output in shown] == without_pixels
    assert sum(len(cell.get("outputs", [])) for cell in copy.cells) == 7  # a chart has a heading and a note, too
    assert "to the log" not in str([cell.get("outputs") for cell in copy.cells])
    assert "<svg" not in nbformat.writes(copy)
    (chart,) = (output for cell in copy.cells for output in cell.get("outputs", []) if "image/png" in output.data)
    assert base64.b64decode(chart.data["image/png"]).startswith(b"\x89PNG")
    assert chart.metadata["image/png"]["alt"] == chart.data["text/plain"]


def test_the_kept_copy_of_a_batch_shows_vectors(executed):
    copy = kept(executed, in_report=True, pixels=False)
    nbformat.validate(copy)
    shown = [output.data for cell in copy.cells for output in cell.get("outputs", [])]
    assert sum("image/svg+xml" in data for data in shown) == 1 and not any("image/png" in data for data in shown)
