"""The project itself: dependencies agree, layers point one way, notebooks are committed executed."""

import ast
import itertools
import json
import re
import tomllib
from pathlib import Path

import nbformat
import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from helpers.published import MIME

ROOT = Path(__file__).resolve().parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*.ipynb"))
GOLDEN = sorted((ROOT / "tests" / "golden").glob("*.ipynb"))
#: What conda-forge calls a package whose name differs.
CONDA_NAMES = {"matplotlib-base": "matplotlib", "python-duckdb": "duckdb"}


def declared():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    lines = project["project"]["dependencies"] + project["dependency-groups"]["dev"]
    return {canonicalize_name(Requirement(line).name): Requirement(line) for line in lines}


def locked():
    lines = re.findall(r"^([A-Za-z0-9._-]+)(?:\[\S+\])?==([^ \\]+)", lock_text(), flags=re.MULTILINE)
    versions = {}
    for name, version in lines:
        versions.setdefault(canonicalize_name(name), []).append(version)
    return versions


def lock_text():
    return (ROOT / "requirements.lock").read_text(encoding="utf-8")


def conda():
    entries = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
    from_pip = next(entry["pip"] for entry in entries if isinstance(entry, dict))
    names = [entry for entry in entries if isinstance(entry, str)] + [line for line in from_pip if line[0] != "-"]
    requirements = [Requirement(name) for name in names]
    return {canonicalize_name(CONDA_NAMES.get(item.name, item.name)): item for item in requirements}


@pytest.mark.parametrize("name", sorted(declared()))
def test_lock_and_conda_environment_agree_with_the_declared_dependency(name):
    requirement = declared()[name]
    assert name in locked(), "run: python dev.py lock"
    assert all(version in requirement.specifier for version in locked()[name])
    assert name in conda(), "add it to environment.yml"
    assert conda()[name].specifier == requirement.specifier


def test_the_conda_environment_holds_nothing_that_is_not_declared():
    assert set(conda()) - set(declared()) == {"python", "pip"}


def test_every_declared_dependency_states_its_reason():
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if re.match(r'\s+"[A-Za-z0-9_.\[\]-]+>=', line)]
    assert len(lines) >= len(declared())
    assert [line for line in lines if not re.search(r"# \w+", line)] == []


def test_the_lock_is_for_every_platform_with_hashes_and_names_no_index():
    text = lock_text()
    assert "sys_platform == 'win32'" in text
    assert "sys_platform == 'darwin'" in text
    assert all("--hash=sha256:" in entry for entry in re.split(r"\n(?=[A-Za-z0-9])", text)[1:])
    assert "://" not in text
    assert "index" not in text.replace("pytest-index", "")


#: What every layer may use.
BELOW_ALL = {"published", "columns", "rounding", "shipped", "pdfium"}
LAYERS = {
    "data": {"privacy"},  # the release plan alone, which knows no study: see test_imports.py
    "analysis": {"data"},
    "privacy": {"data"},
    "present": {"data", "analysis", "privacy"},
    # Kernels stand outside: whoever unpickles a function of a room loads all of its first file.
    "reporting": {"data", "analysis", "privacy", "present", "kernels"},
    "playbooks": {"data", "present", "reporting"},
}


@pytest.mark.parametrize("layer", sorted(LAYERS))
def test_imports_point_one_way(layer):
    for file in (ROOT / "src" / "helpers" / layer).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = []
            if isinstance(node, ast.ImportFrom) and node.level == 0 and (node.module or "").startswith("helpers"):
                modules = [node.module] if node.module != "helpers" else [f"helpers.{a.name}" for a in node.names]
            elif isinstance(node, ast.Import):
                modules = [alias.name for alias in node.names if alias.name.startswith("helpers")]
            elif (
                isinstance(node, ast.ImportFrom) and node.level > len(file.relative_to(ROOT / "src/helpers").parts) - 1
            ):
                modules = [f"helpers.{node.module or node.names[0].name}"]
            used = {module.split(".")[1] for module in modules if "." in module} - {layer, *BELOW_ALL}
            assert used <= LAYERS[layer], f"{file.name} imports {used - LAYERS[layer]}"


#: Inside helpers.analysis: methods would serve any survey, and what people say of each other knows nothing of hiring.
ROOMS = {
    "methods": set(),
    "survey": {"methods"},
    "hiring": {"methods", "survey"},
    "practice": {"methods", "survey", "hiring"},
    "business": {"methods", "survey", "hiring", "practice"},
}


@pytest.mark.parametrize("room", sorted(ROOMS))
def test_the_rooms_of_analysis_point_one_way(room):
    files = sorted((ROOT / "src" / "helpers" / "analysis" / room).glob("*.py"))
    assert len(files) > 3
    for file in files:
        used: set[str] = set()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("helpers.analysis"):
                used |= {node.module.split(".")[2]} if node.module.count(".") > 1 else {a.name for a in node.names}
        assert used - {room} <= ROOMS[room], f"{file.name} imports {used - {room}}"


def test_there_are_notebooks():
    assert {"01_data_readiness", "02_partnership_survey"} <= {path.stem for path in NOTEBOOKS}


def test_every_golden_run_is_there():
    runs = yaml.safe_load((ROOT / "tests" / "golden" / "runs.yaml").read_text(encoding="utf-8"))
    assert [path.stem for path in GOLDEN] == sorted(run["name"] for run in runs)


@pytest.mark.parametrize("path", [*NOTEBOOKS, *GOLDEN], ids=lambda path: path.stem)
def test_notebook_is_committed_executed_so_that_nbval_has_something_to_compare(path):
    notebook = nbformat.read(path, as_version=4)
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))
    exhibits = exhibits_of(notebook)
    assert len(exhibits) >= (1 if "one_wave" in path.stem else 5)  # which says why it cannot compare
    ids = [(exhibit["kind"] == "finding", exhibit["id"]) for exhibit in exhibits]
    assert len(ids) == len(set(ids)), "an exhibit's name is used twice"
    charts = [exhibit for exhibit in exhibits if exhibit["kind"] == "chart"]
    assert all(len(exhibit["alt"]) > 40 for exhibit in charts)
    assert not [output for cell in code for output in cell.outputs if output.output_type == "error"]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_findings_point_to_exhibits_that_exist(path):
    exhibits = exhibits_of(nbformat.read(path, as_version=4))
    ids = {exhibit["id"] for exhibit in exhibits if exhibit["kind"] != "finding"}
    assert {exhibit["exhibit"] for exhibit in exhibits if exhibit["kind"] == "finding"} - {None} <= ids


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_notebook_parameters_are_typed_and_explained(path):
    notebook = nbformat.read(path, as_version=4)
    cells = [cell for cell in notebook.cells if "parameters" in cell.metadata.get("tags", [])]
    assert len(cells) == 1
    lines = cells[0].source.strip().splitlines()
    assert lines[0].startswith("study: str = ")
    assert [line for line in lines if not re.match(r"\w+: [\w\[\], |]+ = .+  # .+", line)] == []


def exhibits_of(notebook):
    outputs = [output for cell in notebook.cells if cell.cell_type == "code" for output in cell.outputs]
    published = [output.data[MIME] for output in outputs if MIME in output.get("data", {})]
    return [exhibit for exhibit in published if exhibit["kind"] not in ("remark", "page one")]


def test_no_line_within_a_paragraph_begins_like_a_numbered_list():
    """A reference whose volume begins a line ("57. Guilford") would be read as item 57 of a list."""
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md"), *(ROOT / "playbooks").rglob("*.md"), *NOTEBOOKS]
    found = []
    for page in pages:
        text = page.read_text(encoding="utf-8")
        cells = [text]
        if page.suffix == ".ipynb":
            cells = ["".join(cell["source"]) for cell in json.loads(text)["cells"] if cell["cell_type"] == "markdown"]
        for lines in (cell.splitlines() for cell in cells):
            for before, line in itertools.pairwise(lines):
                listed = re.match(r"\s*(\d+[.)]|[-*+|#>])\s?", before) or not before.strip() or before.startswith("  ")
                if re.match(r"\d+[.)] ", line) and not listed:
                    found.append(f"{page.name}: {line[:40]}")
    assert not found
