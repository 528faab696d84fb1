"""Which notebooks run, with which parameters, in which Python, and what is kept of them."""

import sys
from pathlib import Path

import nbformat
import pytest
from reporting_studies import notebook

from helpers.data import InputError
from helpers.reporting.execute import defaults, execute, find, scrubbed, select, typed_parameters

PARAMETERS = """\
study: str = "data/sample"  # folder of the study
wave: str = ""  # survey wave, empty for the latest
confidence: float = 0.95  # of intervals
draws: int = 200  # bootstrap draws
quick: bool = False  # fewer draws
dimensions: list = []  # dimensions to show
seed = 7
"""


@pytest.fixture
def books(tmp_path):
    notebook(tmp_path / "00_executive_summary.ipynb", "%md # Summary")
    notebook(tmp_path / "02_survey.ipynb", "%md # Survey", "value = 1", parameters=PARAMETERS)
    notebook(tmp_path / "10_brand.ipynb", "%md # Brand", "value = 1", parameters="study: str = 's'\ntop: int = 3")
    notebook(tmp_path / "scratch.ipynb", "%md # Not numbered")
    return find(tmp_path)


def test_numbered_notebooks_are_found_and_the_summary_runs_last(books):
    assert [(source.name, source.title) for source in books] == [
        ("survey", "Survey"),
        ("brand", "Brand"),
        ("executive_summary", "Summary"),
    ]
    assert [source.is_summary for source in books] == [False, False, True]


def test_only_takes_unnumbered_names(books):
    assert [source.name for source in select(books, ["brand", "survey"])] == ["survey", "brand"]
    assert select(books, None) == books


def test_an_unknown_name_is_refused_with_the_known_ones(books):
    with pytest.raises(InputError, match=r'(?s)no notebook "survy".*survey, brand.*did you mean "survey"'):
        select(books, ["survy"])


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("wave", "2026", "2026"),
        ("confidence", "0.9", 0.9),
        ("draws", "50", 50),
        ("quick", "true", True),
        ("dimensions", "[trust, candour]", ["trust", "candour"]),
        ("seed", "11", 11),
    ],
)
def test_parameters_are_read_as_the_declared_type(books, name, text, value):
    given = typed_parameters(books, {name: text})
    assert given["survey"] == {name: value} and type(given["survey"][name]) is type(value)
    assert given["brand"] == {}


def test_each_notebook_gets_the_parameters_it_declares(books):
    assert typed_parameters(books, {"top": 5, "draws": 9}) == {
        "survey": {"draws": 9},
        "brand": {"top": 5},
        "executive_summary": {},
    }


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("draws", "many", "a whole number"),
        *((("confidence", text, "a number above 0 and below 1")) for text in ("nan", "1", "0", "95", "-inf")),
        ("draws", "1.5", "a whole number"),
        ("confidence", "high", "a number"),
        ("quick", "perhaps", "true or false"),
        ("dimensions", "[open", "list"),
    ],
)
def test_an_ill_typed_parameter_is_refused(books, name, text, words):
    with pytest.raises(InputError, match=f"(?s)-p {name}.*expected {words}"):
        typed_parameters(books, {name: text})


@pytest.mark.parametrize("name", ["confidense", "study", "results"])
def test_an_unknown_parameter_is_refused(books, name):
    with pytest.raises(InputError, match="no notebook that will run has this parameter"):
        typed_parameters(books, {name: "x"})


def test_a_parameter_of_a_notebook_that_does_not_run_is_unknown(books):
    with pytest.raises(InputError):
        typed_parameters(select(books, ["survey"]), {"top": "3"})


def test_defaults_are_known_without_running(books):
    assert defaults(books[0])["seed"] == 7
    assert defaults(books[0])["dimensions"] == []


def test_notebooks_run_in_this_python_whatever_kernel_they_name(tmp_path):
    (tmp_path / "{odd} folder").mkdir()
    notebook(
        tmp_path / "{odd} folder" / "01_where.ipynb",
        "%md # Where",
        "import os, sys\nprint(sys.executable, os.environ['HR_PARTNERSHIP_VECTOR'], study, os.getcwd())",
    )
    (source,) = find(tmp_path / "{odd} folder")
    run = execute(source, {"study": "/some/study"}, {"/some/study": "study"})
    assert (run.traceback, run.left_out) == ("", "")
    printed = run.notebook.cells[-1].outputs[0].text
    assert " 1 study " in printed and "{odd} folder" in printed
    assert Path(sys.executable).name in printed and sys.prefix not in printed
    assert "/some/study" not in nbformat.writes(run.notebook)


def test_a_notebook_that_does_not_apply_is_no_failure(tmp_path):
    cells = ["%md # N", "class NotebookNotApplicable(Exception): ...\nraise NotebookNotApplicable('It needs cases.')"]
    notebook(tmp_path / "01_n.ipynb", *cells)
    run = execute(find(tmp_path)[0], {"study": "s"}, {})
    assert (run.left_out, run.traceback) == ("It needs cases.", "")


def test_a_kernel_that_dies_is_a_failure_in_words(tmp_path):
    notebook(tmp_path / "01_n.ipynb", "%md # N", "import os\nos._exit(3)")
    run = execute(find(tmp_path)[0], {"study": "s"}, {})
    assert "DeadKernelError" in run.traceback


def test_machine_paths_leave_the_kept_notebook():
    made = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(f'study = "{Path.home() / "client"}"')])
    assert str(Path.home()) not in nbformat.writes(scrubbed(nbformat.writes(made), {}))


def test_an_error_that_a_cell_is_tagged_to_raise_stops_nothing_and_another_one_does(tmp_path):
    path = notebook(tmp_path / "01_n.ipynb", "%md # N", "raise ValueError('meant')", "1 / 0")
    made = nbformat.read(path, as_version=4)
    made.cells[2].metadata["tags"] = ["raises-exception"]
    nbformat.write(made, path)
    run = execute(find(tmp_path)[0], {"study": "s"}, {})
    assert "ZeroDivisionError" in run.traceback and "meant" not in run.traceback
    made.cells.pop()
    nbformat.write(made, path)
    assert execute(find(tmp_path)[0], {"study": "s"}, {}).traceback == ""


DIE = "import os, pathlib, signal\nif not (f := pathlib.Path('seen')).exists() or {always}:\n    f.touch(); "
DIE += "os.kill(os.getpid(), signal.SIGKILL)"


@pytest.mark.slow
def test_a_kernel_that_is_lost_is_started_once_more(tmp_path):
    notebook(tmp_path / "01_n.ipynb", "%md # N", DIE.format(always=False))
    run = execute(find(tmp_path)[0], {"study": "s"}, {})
    assert (run.state, run.retries) == ("done", 1)
    notebook(tmp_path / "01_n.ipynb", "%md # N", DIE.format(always=True))
    run = execute(find(tmp_path)[0], {"study": "s"}, {})
    assert (run.state, run.retries) == ("failed", 1) and "its process was ended twice" in run.stopped_by
    assert "DeadKernelError" in run.traceback


@pytest.mark.slow
def test_a_cell_that_never_ends_is_stopped(tmp_path, monkeypatch):
    monkeypatch.setattr("helpers.reporting.execute.CELL_SECONDS", 1)
    notebook(tmp_path / "01_n.ipynb", "%md # N", "while True: pass")
    run = execute(find(tmp_path)[0], {"study": "s"}, {})
    assert (run.state, run.retries) == ("failed", 1)
    assert run.stopped_by == "a cell ran longer than 60 minutes, twice"  # what the limit is where nobody changed it
    assert "CellTimeoutError" in run.traceback
