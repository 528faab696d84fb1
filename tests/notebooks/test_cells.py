"""How a notebook is written: short cells, nothing but one idea in each, prose before code, the model in sight."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from golden.execute import picture

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
LINES_OF_A_CELL = 15
#: Lines of code of a notebook, on average.
LINES_OF_ONE = 215
CODE_CELLS_IN_A_ROW = 6
EXHIBITS = {"table", "facts", "model", "dots", "bars", "lines", "heatmap", "figure"}


def formatted(source: str) -> list[str]:
    """The cell as the formatter leaves it, without blank lines."""
    command = [sys.executable, "-m", "ruff", "format", "--config", str(ROOT / "pyproject.toml"), "-"]
    found = subprocess.run(command, input=source, text=True, capture_output=True, check=True, encoding="utf-8").stdout
    return [line for line in found.splitlines() if line.strip()]


def code_of(path: Path) -> list[tuple[int, str]]:
    cells = nbformat.read(path, as_version=4).cells
    return [(place, cell.source) for place, cell in enumerate(cells) if cell.cell_type == "code"]


def published_by(statement: ast.AST) -> list[str]:
    """The exhibits that code publishes: calls of show.table and its like."""
    calls = [node.func for node in ast.walk(statement) if isinstance(node, ast.Call)]
    methods = [call for call in calls if isinstance(call, ast.Attribute) and isinstance(call.value, ast.Name)]
    return [call.attr for call in methods if call.value.id == "show" and call.attr in EXHIBITS]


@pytest.fixture(scope="module")
def lengths() -> dict[str, list[tuple[int, int]]]:
    return {path.stem: [(place, len(formatted(source))) for place, source in code_of(path)] for path in NOTEBOOKS}


def test_no_cell_is_longer_than_fits_one_look(lengths):
    long = {name: [cell for cell in cells if cell[1] > LINES_OF_A_CELL] for name, cells in lengths.items()}
    assert {name: cells for name, cells in long.items() if cells} == {}


def test_notebooks_stay_short_on_average(lengths):
    assert sum(lines for cells in lengths.values() for _, lines in cells) <= LINES_OF_ONE * len(lengths)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_no_cell_asks_or_repeats_at_top_level(path):
    """What to do without data is the helpers' business: an empty table publishes the sentence that says so."""
    kinds = (ast.If, ast.For, ast.While, ast.Try, ast.With, ast.Match)
    found = [
        (place, type(node).__name__)
        for place, s in code_of(path)
        for node in ast.parse(s).body
        if isinstance(node, kinds)
    ]
    assert found == []


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_cell_publishes_one_family_of_exhibits(path):
    families = {place: published_by(ast.parse(source)) for place, source in code_of(path)}
    assert {place: calls for place, calls in families.items() if len(calls) > 1} == {}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_prose_stands_before_code(path):
    kinds = "".join(cell.cell_type[0] for cell in nbformat.read(path, as_version=4).cells)
    assert kinds[0] == "m"
    assert max(map(len, re.findall("c+", kinds))) <= CODE_CELLS_IN_A_ROW


def test_statsmodels_and_the_formula_stand_in_the_cell():
    """Where statsmodels has the model, the notebook fits it; what it lacks comes from helpers."""
    fitted = {
        path.stem: re.findall(r"\b(?:smf\.\w+|PHReg\.from_formula)\(", "".join(s for _, s in code_of(path)))
        for path in NOTEBOOKS
    }
    for name in ("01_data_readiness", "02_partnership_survey", "03_hiring_manager_engagement"):
        assert fitted[name], f"{name} fits no model in sight"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_the_map_shows_every_notebook_with_its_picture_as_committed(path):
    text = (ROOT / "notebooks" / "README.md").read_text(encoding="utf-8")
    assert f"]({path.name})" in text
    assert re.search(rf"!\[[^\]]{{20,}}\]\(pictures/{path.stem}\.png\)", text)
    assert (ROOT / "notebooks" / "pictures" / f"{path.stem}.png").read_bytes() == picture(path)


def test_the_formatter_counts_what_a_reader_sees():
    assert len(formatted("f(" + ", ".join(f"argument_{n}=value_{n}" for n in range(20)) + ")")) == 22
    assert formatted("a = 1\n\n\n\nb = 2") == ["a = 1", "b = 2"]
