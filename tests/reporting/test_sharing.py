"""What the reports of one study take from each other: the study as it was read, and what is said of everybody."""

import hashlib
import os
import shutil
from pathlib import Path

import nbformat
import numpy as np
import pandas as pd
import pytest
import statsmodels.formula.api as smf

from helpers.analysis.methods import people
from helpers.analysis.methods.between_groups import against_the_whole, with_wholes
from helpers.analysis.methods.few_clusters import few_clusters, of_each
from helpers.analysis.methods.people import _MANY, People
from helpers.analysis.survey import scales
from helpers.data import Study, mapped_files, tables
from helpers.privacy import sets
from helpers.privacy.sets import Row, Told
from helpers.published import SHARED_PREFIX, STUDY_VARIABLE
from helpers.reporting import group_reports, manifest, report
from helpers.reporting.sharing import shared

STUDIES = Path(__file__).resolve().parents[1] / "studies"
SMALL = STUDIES / "small_client"


@pytest.fixture
def temporary(tmp_path, monkeypatch):
    """The folder in which private files lie."""
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path


def test_what_is_said_of_everybody_is_made_once(temporary, monkeypatch):
    made = []

    def make():
        made.append(1)
        return {"trust": 1.0}

    assert Study.load(SMALL).once("trust", make) == Study.load(SMALL).once("trust", make) and len(made) == 2
    with shared(Study.load(SMALL), {"survey.csv": "a"}, in_batch=True) as file:
        monkeypatch.setenv(STUDY_VARIABLE, str(file))
        assert Study.load(SMALL).once("trust", make) == Study.load(SMALL).once("trust", make) == {"trust": 1.0}
    assert len(made) == 3
    Study.load(SMALL).once("candour", make)
    assert len(made) == 4, "under another name it is another thing"


def test_the_private_folder_is_gone_when_no_report_follows(temporary):
    with shared(Study.load(SMALL), {"survey.csv": "a"}, in_batch=False) as file:
        assert file.is_file() and file.parent.stat().st_mode & 0o77 == 0, "nobody else may read it"
    assert list(temporary.iterdir()) == []


def test_a_batch_keeps_the_last_study_and_no_other(temporary):
    study = Study.load(SMALL)
    for version in ("a", "b", "b"):
        with shared(study, {"survey.csv": version}, in_batch=True) as file:
            assert len(list(temporary.iterdir())) <= 2
    assert list(temporary.iterdir()) == [file.parent]
    with shared(study.without([1]), {"survey.csv": "b"}, in_batch=False) as other:
        assert other != file, "without some answers it is another study"
    assert list(temporary.iterdir()) == []


@pytest.mark.skipif(os.name != "posix", reason="whether a process runs is asked by a signal")
def test_what_a_killed_process_left_is_removed_by_the_next(temporary):
    gone = 2**22 + 1  # no process has a number that large
    for number in (gone, os.getpid()):
        (temporary / f"{SHARED_PREFIX}{number}-x").mkdir()
    with shared(Study.load(SMALL), {}, in_batch=False):
        left = {folder.name for folder in temporary.iterdir()}
    assert f"{SHARED_PREFIX}{gone}-x" not in left and f"{SHARED_PREFIX}{os.getpid()}-x" in left


def test_a_set_of_many_people_is_the_same_whichever_way_it_is_found():
    ids = np.array([f"r{number}" for number in range(_MANY)], dtype=object)
    answers = pd.DataFrame({"respondent_id": ids, "rated_id": ["h1", ""] * (_MANY // 2), "dimension": "trust"})
    one, other = People(answers), People(answers.assign(dimension="candour"))
    assert one.rated == other.rated == 1, "counted without the list"
    assert one.sheets is other.sheets and one.sheets == frozenset(
        (who, "h1" if n % 2 == 0 else "", "", "") for n, who in enumerate(ids)
    )
    assert one.rated == 1, "and with it"
    less = People(answers[1:])
    assert len(one.sheets - less.sheets) == 1 and one != less
    turned = People(answers[::-1])
    assert turned == one and hash(turned) == hash(one)


def test_categories_of_a_large_survey_say_what_its_texts_say(monkeypatch):
    monkeypatch.setattr(tables, "LONG", 0)
    monkeypatch.setattr(people, "_MANY", 0)
    study = Study.load("data/sample")
    texts, codes = (study.responses(study.waves[-1], coded=coded) for coded in (False, True))
    assert isinstance(codes["rated_id"].dtype, pd.CategoricalDtype) and not isinstance(
        texts["rated_id"].dtype, pd.CategoricalDtype
    )
    pd.testing.assert_frame_equal(tables.in_texts(codes), texts)
    parts = {"Sales": ["Sales"], "All": None}
    found = []
    for answers in (texts, codes):
        scored = with_wholes(scales.scores(answers, study.codebook), "department", parts)
        means = scales.summary(scored, by=["part", "dimension"], measures=["score_100"])
        everybody = means["people"].tolist()
        told = [(who.rated, who.largest(), who.largest("rated_id"), who.question) for who in everybody]
        everyone = scored[scored["part"] == "All"]
        alone = everyone.assign(unit=everyone["department"].where(everyone["department"] == "Sales"))
        models = of_each(smf.ols, "score_100 ~ belongs", against_the_whole(alone, "unit", "score_100"), "dimension")
        apart = few_clusters(models, "cluster_id", by="dimension", term="belongs")
        found.append((means.drop(columns="people"), everybody, told, apart.drop(columns="people")))
    (means, everybody, told, apart), (means_, everybody_, told_, apart_) = found
    pd.testing.assert_frame_equal(means, means_)
    pd.testing.assert_frame_equal(apart, apart_)
    assert everybody == everybody_ and told == told_


def test_what_is_handed_to_kernels_is_the_same_and_each_has_its_own(tmp_path):
    frame = pd.DataFrame({"a": np.arange(5.0), "b": list("vwxyz"), "c": [True] * 5, "d": pd.Categorical(list("aabba"))})
    handed = {"frame": frame, "none": np.empty(0), "odd": np.arange(3, dtype=np.int8), "words": ["one"]}
    mapped_files.write(tmp_path / "file", handed)
    assert [file.name for file in tmp_path.iterdir()] == ["file"], "nothing half-written lies beside it"
    one, other = mapped_files.read(tmp_path / "file"), mapped_files.read(tmp_path / "file")
    pd.testing.assert_frame_equal(one["frame"], frame)
    assert one["words"] == ["one"] and len(one["none"]) == 0 and one["odd"].tolist() == [0, 1, 2]
    one["odd"][:] = 7
    one["frame"].loc[:, "a"] = 7.0
    assert other["odd"].tolist() == [0, 1, 2] and other["frame"]["a"].tolist() == [0, 1, 2, 3, 4]
    assert mapped_files.read(tmp_path / "file")["odd"].tolist() == [0, 1, 2], "nor does the file change"


def test_a_set_behind_many_rows_is_written_once(tmp_path):
    everybody = frozenset((f"person {number}", "", "1", "") for number in range(50))
    rows = tuple(Row(f"question {number}", everybody) for number in range(9))
    for name in ("one", "two"):
        sets.write(Told(name, name, rows), tmp_path / "sets.jsonl")
    assert (tmp_path / "sets.jsonl").read_text(encoding="utf-8").count('person 7"') == 1
    told = sets.read(tmp_path / "sets.jsonl")
    assert [one.id for one in told] == ["one", "two"] and all(one.rows == rows for one in told)


def test_a_long_set_is_written_once_for_all_reports_of_a_batch(tmp_path, monkeypatch):
    monkeypatch.setattr(sets, "LONG", 50)
    everybody = frozenset((f"person {number}", "", "1", "") for number in range(50))
    few, beside = frozenset(list(everybody)[:9]), tmp_path / "beside"
    beside.mkdir()
    told = Told("one", "One", (Row("trust", everybody), Row("trust", few)))
    for run in ("first", "second"):
        sets.write(told, tmp_path / run, beside)
    (kept,) = beside.iterdir()
    assert (tmp_path / "second").read_text(encoding="utf-8").count("person") == 9, "the short one alone stands there"
    first, second = (sets.read(tmp_path / run)[0] for run in ("first", "second"))
    assert first.rows == second.rows == told.rows
    assert first.rows[0].sheets is second.rows[0].sheets, "read once"
    later = tmp_path / "later"
    later.mkdir()
    sets.write(told, tmp_path / "of another batch", later)
    (third,) = sets.read(tmp_path / "of another batch")
    assert third.rows[0].sheets is first.rows[0].sheets, "and of equal sets there is one"
    other = everybody - {("person 3", "", "1", "")} | {("person 50", "", "1", "")}
    sets.write(Told("two", "Two", (Row("trust", other),)), tmp_path / "third", beside)
    assert sets.read(tmp_path / "third")[0].rows[0].sheets == other, "as long, and another"
    assert len(list(beside.iterdir())) == 2 and kept.exists()


def test_a_large_file_that_changes_has_another_hash(tmp_path, monkeypatch):
    monkeypatch.setattr(manifest, "_LARGE", 4)
    file = tmp_path / "survey.csv"
    file.write_bytes(b"12345")
    before = manifest.sha256(file)
    assert before == manifest.sha256(file) == hashlib.sha256(b"12345").hexdigest()
    file.write_bytes(b"123456")
    assert manifest.sha256(file) == hashlib.sha256(b"123456").hexdigest()


@pytest.mark.slow
@pytest.mark.parametrize("chapter", ["group_results", "partnership_survey"])
def test_reports_of_a_batch_and_those_of_web_pages_hold_vectors_alone(tmp_path, chapter):
    study = shutil.copytree(SMALL, tmp_path / "small")
    if chapter == "group_results":
        (made, *_) = group_reports(study, "department", out=tmp_path / "by", formats=["html"], run_with={"limit": 1})
        folder = made.result.folder
    else:
        folder = report(study, out=tmp_path / "out", only=[chapter], formats=["html"]).folder
    kept = nbformat.read(next((folder / "notebooks").glob(f"*_{chapter}.ipynb")), as_version=4)
    shown = [output.data for cell in kept.cells if cell.cell_type == "code" for output in cell.outputs]
    drawn = [data for data in shown if "image/svg+xml" in data]
    assert drawn and not any("image/png" in data for data in shown)
    assert all(data["image/svg+xml"].startswith("<svg") and data["text/plain"] for data in drawn)
    assert "image/svg+xml" in (folder / f"{chapter}.html").read_text(encoding="utf-8")
