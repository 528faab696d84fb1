"""A researcher's own notebooks: copied without results, reported beside ours, never out of a study's folder."""

import json
import os
import subprocess
import sys

import nbformat
import pytest
from click.testing import CliRunner
from reporting_studies import LEAN, notebook, write_study

from helpers import cli, shipped
from helpers.data import InputError
from helpers.reporting import copy_notebooks, report
from helpers.reporting.execute import find
from helpers.reporting.own_notebooks import with_own

pytestmark = pytest.mark.slow


def command(*arguments):
    return CliRunner().invoke(cli.main, [str(argument) for argument in arguments])


@pytest.fixture
def study(tmp_path):
    return write_study(tmp_path / "client", logo=False)


@pytest.fixture
def ours(tmp_path):
    for name in ("02_survey", "02b_pairs", "03_hiring"):
        notebook(tmp_path / "ours" / f"{name}.ipynb", f"%md # Shipped {name}")
    return tmp_path / "ours"


def own(folder, *names):
    for name in names:
        notebook(folder / f"{name}.ipynb", f"%md # Own {name}")
    return folder


def names(ours, *folders):
    every, said = with_own(find(ours), folders)
    return [source.path.stem for source in every], said


def test_the_shipped_notebooks_are_copied_without_results(tmp_path):
    made = command("notebooks", tmp_path / "mine")
    assert made.exit_code == 0
    assert made.stdout.count("\n") == 1 and f"partnership report STUDY --notebooks {tmp_path / 'mine'}" in made.stdout
    originals = sorted(shipped.NOTEBOOKS.glob("*.ipynb"))
    assert [path.name for path in sorted((tmp_path / "mine").iterdir())] == [path.name for path in originals]
    for original in originals:
        copy, given = (nbformat.read(f, as_version=4) for f in (tmp_path / "mine" / original.name, original))
        nbformat.validate(copy)
        assert [cell.source for cell in copy.cells] == [cell.source for cell in given.cells]
        code = [cell for cell in copy.cells if cell.cell_type == "code"]
        assert not any(cell.outputs or cell.execution_count for cell in code)
        assert ["parameters"] in [cell.metadata.get("tags") for cell in code]


def test_nothing_is_copied_over_a_file_that_is_there(tmp_path):
    last = sorted(shipped.NOTEBOOKS.glob("*.ipynb"))[-1].name
    (tmp_path / last).write_text("mine", encoding="utf-8")
    made = command("notebooks", tmp_path)
    assert (made.exit_code, made.stdout) == (2, "")
    assert f"{last} is there already, and nothing was copied" in made.stderr
    assert [path.name for path in tmp_path.iterdir()] == [last]
    assert (tmp_path / last).read_text(encoding="utf-8") == "mine"


def test_copies_that_cannot_all_be_written_leave_nothing(tmp_path, monkeypatch):
    broken = tmp_path / "broken"
    broken.mkdir()
    names = [path.name for path in sorted(shipped.NOTEBOOKS.glob("*.ipynb"))]
    (broken / names[-1]).symlink_to(tmp_path / "nowhere" / "x")  # does not exist, and cannot be made
    with pytest.raises(FileExistsError):
        copy_notebooks(broken)
    assert [path.name for path in broken.iterdir()] == [names[-1]]


def test_a_file_is_no_folder_to_copy_into(tmp_path):
    (tmp_path / "mine").write_text("", encoding="utf-8")
    made = command("notebooks", tmp_path / "mine")
    assert made.exit_code == 2 and "this is a file" in made.stderr


def test_own_notebooks_stand_beside_ours_by_number_and_ours_come_first(tmp_path, ours):
    mine = own(tmp_path / "mine", "02_also", "10_late", "00_first_page", "2c_between")
    more = own(tmp_path / "more", "02a_question")
    every, said = names(ours, mine, more)
    assert every == [
        "02_survey", "02_also", "02a_question", "02b_pairs", "2c_between", "03_hiring", "10_late", "00_first_page"
    ]  # fmt: skip
    assert said == []


def test_one_of_the_same_name_takes_our_place_and_that_is_said(tmp_path, ours):
    every, said = names(ours, own(tmp_path / "mine", "04_survey", "09_hiring"))
    assert every == ["02b_pairs", "04_survey", "09_hiring"]
    assert said == ["Notebooks of your own take the place of the shipped ones of the same name: survey, hiring."]


@pytest.mark.parametrize("name", ["my_question", "02 my question", "x2_question", "02_", "02_index", "07_report"])
def test_a_notebook_that_cannot_have_a_place_is_refused(tmp_path, ours, name):
    with pytest.raises(InputError, match="a number, an underscore and a name"):
        names(ours, own(tmp_path / "mine", "02_good", name))


def test_folders_that_make_no_sense_are_refused(tmp_path, ours):
    (tmp_path / "empty").mkdir()
    own(tmp_path / "empty", ".02_hidden")
    own(tmp_path / "twice", "02_same", "03_same")
    own(tmp_path / "summaries", "00_one", "00_two")
    notebook(tmp_path / "untold" / "02_untold.ipynb", "%md # Untold", parameters="level: float = 0.9  # confidence")
    (tmp_path / "cut").mkdir()
    (tmp_path / "cut" / "02_cut.ipynb").write_text('{"cells": [', encoding="utf-8")
    for name, said in {
        "nowhere": "there is no folder",
        "empty": "there is no notebook",
        "twice": "are both called same",
        "summaries": "would both be the first page",
        "untold": "02_untold.ipynb does not take the study it reports on",
        "cut": "02_cut.ipynb is not a notebook, or was cut off",
    }.items():
        with pytest.raises(InputError, match=said):
            names(ours, tmp_path / name)


@pytest.mark.parametrize("place", [".", "notebooks", "deep/er"])
def test_code_in_a_study_folder_is_never_run(tmp_path, study, place):
    folder = study / place
    notebook(folder / "07_mine.ipynb", "%md # Mine", f"open({str(tmp_path / 'ran')!r}, 'w')")
    made = command("report", study, "--notebooks", folder, "--out", tmp_path / "out")
    assert (made.exit_code, made.stdout) == (2, "")
    assert "lies in the study" in made.stderr and "no code in it is run" in made.stderr
    assert not (tmp_path / "out").exists() and not (tmp_path / "ran").exists()


def test_another_study_and_links_into_a_study_are_refused_too(tmp_path, study, ours):
    other = write_study(tmp_path / "other", logo=False)
    own(other / "books", "07_mine")
    (tmp_path / "link").symlink_to(other / "books")
    own(tmp_path / "mine", "08_fine")
    (tmp_path / "mine" / "07_mine.ipynb").symlink_to(other / "books" / "07_mine.ipynb")
    (other / "out_of_it").symlink_to(own(tmp_path / "outside", "07_mine"))
    for folder in (other / "books", tmp_path / "link", tmp_path / "mine", other / "out_of_it"):
        with pytest.raises(InputError, match="lies in the study"):
            report(study, notebooks=ours, own_notebooks=[folder], out=tmp_path / "out")
    with pytest.raises(InputError, match="lies in the study"):
        copy_notebooks(other / "copies")
    assert not (tmp_path / "out").exists() and not (other / "copies").exists()


def test_a_wrong_folder_is_told_at_once_on_the_command_line(tmp_path, study):
    made = command("report", study, "--notebooks", tmp_path / "nowhere", "--out", tmp_path / "out")
    assert (made.exit_code, made.stdout) == (2, "")
    assert "there is no folder" in made.stderr and not (tmp_path / "out").exists()


def test_jupyterlab_opens_on_the_checkout_or_where_you_are(monkeypatch):
    opened = []
    monkeypatch.setattr(cli.subprocess, "run", lambda words: opened.append(words) or subprocess.CompletedProcess([], 0))
    assert command("lab", "--no-browser").exit_code == 0
    monkeypatch.setattr(shipped, "IS_CHECKOUT", False)
    assert command("lab", "--no-browser").exit_code == 0
    start = [sys.executable, "-m", "jupyterlab"]
    where = ["--notebook-dir", str(shipped.PROJECT), "--LabApp.default_url", "/lab/tree/notebooks"]
    assert opened == [[*start, *where, "--no-browser"], [*start, "--no-browser"]]


def test_groups_that_are_not_merged_get_into_no_report(tmp_path, study):
    loading = "from helpers.data import Study\nrows = Study.load(study, merged=False).responses()"
    notebook(tmp_path / "mine" / "05_unmerged.ipynb", "%md # Unmerged", loading)
    options = ["--only", "unmerged", "--notebooks", str(tmp_path / "mine"), "--out", str(tmp_path / "out")]
    result = command("report", str(study), *options)
    assert result.exit_code == 2 and "merged=False would publish groups that single people out" in result.output
    assert not (tmp_path / "out").exists()


def test_a_report_holds_both_and_names_no_folder(tmp_path, study):
    notebook(tmp_path / "ours" / "03_sparse.ipynb", *LEAN)
    notebook(tmp_path / "ours" / "04_other.ipynb", "%md # Ours", "raise ValueError('ours ran')")
    mine = tmp_path / "secret project" / "books"
    place = "import os\nraise RuntimeError(os.getcwd())"
    notebook(mine / "04_other.ipynb", "%md # The other, changed", "words = 'changed'")
    notebook(mine / "05_added.ipynb", "%md # Added", place)
    (study / "commentary").mkdir()
    (study / "commentary" / "other.md").write_text("Read this first.\n", encoding="utf-8")
    made = report(
        study,
        notebooks=tmp_path / "ours",
        own_notebooks=[os.path.relpath(mine)],
        out=tmp_path / "out",
        formats=["html"],
    )
    assert made.exit_code == 1  # the added one fails, and the rest is there
    assert "Notebooks of your own take the place of the shipped ones of the same name: other." in made.messages
    assert "Read this first." in (made.folder / "other.html").read_text(encoding="utf-8")
    assert (made.folder / "sparse.html").is_file()
    states = json.loads((made.folder / "manifest.json").read_text(encoding="utf-8"))["notebooks"]
    assert {name: told["state"] for name, told in states.items()} == {
        "sparse": "done", "other": "done", "added": "failed"
    }  # fmt: skip
    for path in made.folder.rglob("*"):
        assert path.is_dir() or b"secret project" not in path.read_bytes()
