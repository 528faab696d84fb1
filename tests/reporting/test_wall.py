"""Rows of a real study, shown in every way a notebook knows: refused by cell, and nowhere in what is passed on."""

import json
import re
import shutil
import zipfile
from pathlib import Path

import lxml.html
import nbformat
import papermill
import pypdf
import pytest
from reporting_studies import LEAN, ONE_TABLE, notebook, published

from helpers.reporting import report
from helpers.reporting.outputs import NotPublished, kept, taken

STUDY = Path(__file__).parents[1] / "studies" / "small_client"
#: An id of a respondent, but not the same letters within a picture's text form.
SOMEBODY = re.compile(r"(?<![\w+/])M00\d\d(?![\w+/=])")
ROWS = """\
from IPython.display import HTML, JSON, Image, Latex, Markdown, display
from helpers.data import Study

rows = Study.load(study).responses()[["respondent_id", "hr_id", "listening_1"]].head(3)
ids = ", ".join(rows["respondent_id"])
"""
#: Place of the first cell that shows some, after title, parameters, an empty cell, the rows, and an exhibit.
FIRST = 5
#: How rows are shown: code, what a message must call it, and the call it must name.
WAYS = {
    "frame": ("rows", "a frame", "show.table("),
    "displayed_frame": ("display(rows)", "a frame", "show.table("),
    "series": ('rows["respondent_id"]', "a value", "show.table("),
    "printed": ("print(ids)", "printed text", "show.remark("),
    "summary": (
        "import statsmodels.formula.api as smf\n"
        'smf.ols("listening_1 ~ respondent_id", rows.astype({"listening_1": float})).fit().summary()',
        "a model's summary",
        "show.model(fit, ",
    ),
    "plot": (
        'import seaborn as sns\nsns.barplot(rows, x="respondent_id", y="listening_1");',
        "a picture",
        "show.dots, show.lines, show.bars",
    ),
    "interactive": (
        'display({"application/vnd.plotly.v1+json": {"data": [{"x": ids}]}, "text/plain": ids}, raw=True)',
        "an interactive figure",
        "show.dots, show.lines, show.bars",
    ),
    "widget": (
        'display({"application/vnd.jupyter.widget-view+json": {"model_id": "1"}, "text/plain": ids}, raw=True)',
        "a widget",
        "show.table(",
    ),
    "markdown": ("Markdown(ids)", "Markdown", "show.remark("),
    "html": ('display(HTML(f"<p>{ids}</p>"))', "HTML", "show.remark("),
    "json": ('JSON({"who": ids})', "JSON", "show.table("),
    "latex": ("Latex(ids)", "a formula", "show.remark("),
    "updated": (
        'shown = display(HTML("<p>Wait</p>"), display_id=True)\nshown.update(rows)',
        "a frame",
        "show.table(",
    ),
    "expected_error": ("raise ValueError(ids)", "an error's text", "show.remark("),
    "marked_for_the_screen": (
        'display({"image/svg+xml": f"<svg><text>{ids}</text></svg>"}, raw=True, '
        'metadata={"hr_partnership": {"screen_only": True}})',
        "a picture",
        "show.dots, show.lines, show.bars",
    ),
    "beside_an_exhibit": (
        published(ONE_TABLE).replace("}, raw", ', "application/json": {"who": ids}}, raw'),
        "an exhibit together with application/json",
        "Publish the exhibit alone",
    ),
}


def write(folder):
    """Write a notebook that shows rows in every way, one that breaks, and one that warns."""
    cells = [code for code, _, _ in WAYS.values()]
    path = notebook(folder / "10_rows.ipynb", "%md # Rows", "", ROWS, published(ONE_TABLE), *cells)
    made = nbformat.read(path, as_version=4)
    made.cells[FIRST + list(WAYS).index("expected_error")].metadata["tags"] = ["raises-exception"]
    nbformat.write(made, path)
    notebook(folder / "30_broken.ipynb", "%md # Broken", ROWS, "print(ids)", "raise ValueError(ids)")
    notebook(folder / "31_warning.ipynb", *LEAN, ROWS, "import warnings", "warnings.warn(ids)")
    return path


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wall")
    shutil.copytree(STUDY, folder / "client")
    write(folder / "books")
    return folder


@pytest.fixture(scope="module")
def made(folder):
    """The report."""
    return report(folder / "client", out=folder / "out", notebooks=folder / "books")


@pytest.fixture(scope="module")
def executed(folder):
    """The notebook with the rows, run as anybody runs a notebook."""
    path = folder / "executed.ipynb"
    with pytest.raises(papermill.PapermillExecutionError, match="ValueError"):  # papermill stops after the last cell
        papermill.execute_notebook(
            folder / "books" / "10_rows.ipynb", path, {"study": str(STUDY)}, kernel_name="python3", progress_bar=False
        )
    notebook = nbformat.read(path, as_version=4)
    return dict(zip(WAYS, [cell for cell in notebook.cells if cell.cell_type == "code"][-len(WAYS) :]))


def texts(path):
    """Return all that can be read in a file."""
    if path.suffix == ".pdf":
        return " ".join(page.extract_text() for page in pypdf.PdfReader(path).pages)
    if path.suffix in (".docx", ".pptx", ".xlsx"):
        with zipfile.ZipFile(path) as archive:
            return " ".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return path.read_text(encoding="utf-8")


@pytest.mark.slow
def test_no_respondent_is_in_any_file_of_the_report(made):
    files = [path for path in made.folder.rglob("*") if path.is_file()]
    assert {path.suffix for path in files} == {".html", ".pdf", ".docx", ".pptx", ".xlsx", ".csv", ".json", ".ipynb"}
    assert [path.name for path in files if SOMEBODY.search(texts(path))] == []


@pytest.mark.slow
def test_the_test_would_find_somebody(made):
    logs = made.folder.with_name("out-log")
    found = {path.name for path in logs.iterdir() if SOMEBODY.search(texts(path))}
    assert found == {"broken.log", "warning.log"}  # tracebacks and warnings as they were, for the one who made it


@pytest.mark.slow
def test_a_chapter_that_shows_rows_is_missing_and_its_cells_are_told(made):
    assert made.exit_code == 1
    (message,) = [message for message in made.messages if "“Rows”" in message]
    head, *lines = message.splitlines()
    assert head.startswith("“Rows” is missing because it shows what was not published")
    # The cell of parameters is In [1]; an empty one does not count, and one that holds given parameters is not there.
    for number, line, (code, kind, call) in zip(range(4, 99), lines, WAYS.values(), strict=False):
        assert line.startswith(f"  In [{number}], which begins “{code.splitlines()[0][:70]}")
        assert f"shows {kind}. " in line and call in line
    assert len(lines) == len(WAYS) and not SOMEBODY.search(message)
    index = lxml.html.parse(str(made.folder / "index.html")).getroot().text_content()
    assert "“Rows” is missing because it shows what was not published; whoever made this report has the" in index
    assert not (made.folder / "rows.html").exists()
    kept = nbformat.read(made.folder / "notebooks" / "10_rows.ipynb", as_version=4)
    assert not any(cell.get("outputs") for cell in kept.cells)


@pytest.mark.parametrize("name", WAYS)
def test_each_way_alone_is_refused(executed, name):
    _, kind, call = WAYS[name]
    alone = nbformat.v4.new_notebook(cells=[executed[name]])
    with pytest.raises(NotPublished) as refused:
        taken(alone)
    (refusal,) = refused.value.refusals
    assert (refusal.cell, refusal.kind) == (1, kind) and call in refusal.call
    assert not SOMEBODY.search(str(refusal))
    assert not any(cell.outputs for cell in kept(alone, in_report=False).cells)


@pytest.mark.slow
def test_the_rest_of_the_report_is_there(made):
    results = json.loads((made.folder / "results.json").read_text(encoding="utf-8"))
    assert [table["notebook"] for table in results["tables"]] == ["warning"]
    assert (made.folder / "warning.html").exists()


@pytest.mark.slow
def test_kept_notebooks_hold_no_trace_of_execution(made):
    for path in (made.folder / "notebooks").iterdir():
        notebook = nbformat.read(path, as_version=4)
        assert not {"papermill", "widgets"} & set(notebook.metadata)
        assert not any("papermill" in str(cell.metadata) for cell in notebook.cells)


@pytest.mark.parametrize(
    ("name", "form"),
    [("frame", "text/html"), ("updated", "text/html"), ("plot", "image/png"), ("markdown", "text/markdown")],
)
def test_in_jupyter_everything_displays_as_usual(executed, name, form):
    shown = executed[name].outputs[-1].data
    assert form in shown
    assert SOMEBODY.search(str(shown)) or name == "plot"
