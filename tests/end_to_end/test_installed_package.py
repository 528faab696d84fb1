"""The package as ``pip install .`` leaves it: it holds all a report needs, and works where there is no checkout."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
SHIPPED = ("notebooks", "playbooks", "data/sample")

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder], cwd=ROOT, check=True)
    return next(folder.glob("*.whl"))


@pytest.fixture(scope="module")
def installed(wheel):
    """The folder the package is installed into, alone."""
    folder = wheel.parent / "installed"
    how = ["--quiet", "--no-deps", "--no-index", "--disable-pip-version-check", "--target", folder, wheel]
    subprocess.run([sys.executable, "-m", "pip", "install", *how], check=True)
    return folder


@pytest.fixture
def run(installed, tmp_path):
    """Run Python in an empty folder, with the installed package instead of the checkout."""
    environment = {**os.environ, "PYTHONPATH": str(installed), "PYTHONDONTWRITEBYTECODE": "1"}

    def run(*arguments, code=0):
        command = [sys.executable, *map(str, arguments)]
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, encoding="utf-8")
        assert done.returncode == code, done.stderr
        return done

    return run


def test_the_wheel_holds_what_is_shipped_and_nothing_of_the_tests(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    assert {name.split("/")[0] for name in names if ".dist-info/" not in name} == {"helpers"}
    modules = [name for name in names if name.endswith(".py")]
    assert [name for name in modules if "simulat" in name or "test" in name] == []
    files = {path.relative_to(ROOT) for name in SHIPPED for path in (ROOT / name).rglob("[!.]*") if path.is_file()}
    files = {path.as_posix() for path in files if not {".ipynb_checkpoints", "kits"} & {*path.parts}}
    assert {f"helpers/_shipped/{name}" for name in files} == {name for name in names if "/_shipped/" in name}
    assert any(name.endswith(".otf") for name in names) and "helpers/data/instrument/codebook.yaml" in names


def test_a_report_of_every_chapter_is_made_without_a_checkout(run, installed, tmp_path):
    shutil.copytree(ROOT / "tests" / "studies" / "one_sided", tmp_path / "acme")
    before = sorted(installed.rglob("*"))
    place = f"import helpers\nassert helpers.__file__.startswith({str(installed)!r}), helpers.__file__"
    kernel = {"name": "python3", "display_name": "Python 3", "language": "python"}
    parameters = nbformat.v4.new_code_cell('study: str = "data/sample"', metadata={"tags": ["parameters"]})
    cells = [parameters, nbformat.v4.new_code_cell(place)]
    own = nbformat.v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    (tmp_path / "mine").mkdir()
    nbformat.write(own, tmp_path / "mine" / "90_own.ipynb")
    made = run("-m", "helpers.cli", "report", "acme", "--formats", "html", "--notebooks", "mine")
    report = tmp_path / "reports" / "acme"
    told = json.loads((report / "manifest.json").read_text(encoding="utf-8"))["notebooks"]
    shipped = {path.stem.split("_", 1)[1] for path in (ROOT / "notebooks").glob("*.ipynb")}
    assert set(told) == shipped - {"hiring_manager_self", "group_results"} | {"own"}  # those are made one at a time
    assert {name for name, state in told.items() if state["state"] == "done"} >= {"data_readiness", "own"}
    assert {state["state"] for state in told.values()} <= {"done", "left out"}, made.stderr
    assert told.pop("executive_summary")["state"] == "done"  # it opens index.html
    for name, state in told.items():
        assert (report / f"{name}.html").is_file() == (state["state"] == "done")
    assert sorted(installed.rglob("*")) == before, "a report may not write into the package"


def test_notebooks_and_the_sample_are_found_without_a_checkout(run, installed, tmp_path):
    done = run("-m", "helpers.cli", "notebooks", "mine")
    assert len(list((tmp_path / "mine").glob("*.ipynb"))) == len(list((ROOT / "notebooks").glob("*.ipynb")))
    assert "partnership report STUDY --notebooks mine" in done.stdout
    done = run("-c", "from helpers.data import Study; print(Study.load('data/sample').folder)")
    assert Path(done.stdout.strip()) == (installed / "helpers" / "_shipped" / "data" / "sample").resolve()
    assert done.stderr == "No study of your own was named: this is the shipped sample study.\n"
    assert run("-m", "helpers.cli", "check", "data/sample").stdout


def test_a_checkout_finds_its_own_folders():
    from helpers import shipped

    assert shipped.IS_CHECKOUT and shipped.PROJECT == ROOT
    assert [ROOT / name for name in SHIPPED] == [shipped.NOTEBOOKS, shipped.PLAYBOOKS, shipped.SAMPLE]
