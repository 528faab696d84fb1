"""Clean data out: what goes on to SPSS and R is what was answered, labelled, and never by accident."""

import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pyreadstat
import pytest

from helpers.analysis.survey import scales
from helpers.data import InputError, Study
from helpers.reporting.clean_data import _spss_name, export_study

STUDIES = Path(__file__).resolve().parents[1] / "studies"


@pytest.fixture(scope="module")
def small():
    return Study.load(STUDIES / "small_client")


@pytest.fixture(scope="module")
def written(small, tmp_path_factory):
    out = tmp_path_factory.mktemp("clean") / "data"
    return export_study(small, ["sav", "parquet", "csv"], out, respondent_level=True)


def test_answers_of_single_people_must_be_asked_for(small, tmp_path):
    with pytest.raises(InputError, match=r"answers of single people.*--respondent-level"):
        export_study(small, ["csv"], tmp_path / "out")
    assert not (tmp_path / "out").exists()
    for formats, said in ((["xls"], "no format xls; expected any of sav, parquet, csv"), ([], "no format is named")):
        with pytest.raises(InputError, match=said):
            export_study(small, formats, tmp_path / "out", respondent_level=True)


def test_all_formats_hold_the_answers_as_they_were_given(small, written):
    assert [path.name for path in written.files] == [
        "responses.sav", "responses.parquet", "responses.csv", "variables.csv", "NOTICE.txt",
    ]  # fmt: skip
    responses = small.responses()
    items = [item.id for item in small.codebook.items if item.role != "comment"]
    frames = [
        pyreadstat.read_sav(written.files[0])[0],
        pd.read_parquet(written.files[1]),
        pd.read_csv(written.files[2]),
    ]
    for frame in frames:
        assert len(frame) == written.rows == len(responses)
        given = frame[items].astype("float64")
        pd.testing.assert_frame_equal(given, responses[items].astype("float64"), check_dtype=False)
        assert frame["respondent_id"].tolist() == responses["respondent_id"].tolist()
        assert pd.to_datetime(frame["submitted_at"]).tolist() == responses["submitted_at"].tolist()


def test_scores_are_those_of_the_analysis(small, written):
    frame = pd.read_csv(written.files[2])
    known = scales.scores(small.responses(), small.codebook)
    listening = known[(known["dimension"] == "listening") & (known["side"] == "manager")].set_index("respondent_id")
    mine = frame[frame["side"] == "manager"].set_index("respondent_id")["score_listening"]
    assert np.allclose(mine, listening["score"].reindex(mine.index), equal_nan=True) and mine.notna().all()
    follow = frame[frame["side"] == "manager"]
    by_hand = (follow["follow_through_1"] + follow["follow_through_2"] + 6 - follow["follow_through_3"]) / 3
    assert np.allclose(follow["score_follow_through"], by_hand)


def test_the_codebook_travels_as_labels(small, written):
    _, meta = pyreadstat.read_sav(written.files[0])
    item = small.codebook.item("listening_1")
    assert item.text_for("manager") in meta.column_names_to_labels["listening_1"]
    assert meta.variable_value_labels["listening_1"] == {float(v): item.format.label(v) for v in range(1, 6)}
    assert "(reverse-scored)" in meta.column_names_to_labels["follow_through_3"]
    assert meta.variable_measure["listening_1"] == "ordinal"
    variables = pd.read_csv(written.files[3]).set_index("variable")
    assert list(variables.index) == list(pd.read_csv(written.files[2]))
    assert variables.loc["listening_1", "values"].startswith("1 = Strongly disagree; 2 = Disagree")
    assert variables.loc["score_listening", "unit"] == "points (1-5)" and variables["label"].notna().all()


def test_comments_stay_out_unless_they_may_be_quoted(small, written, tmp_path):
    said = small.responses()["comment"].dropna().iloc[0]
    assert said not in written.files[2].read_text(encoding="utf-8") and "Comments are left out" in written.notice
    folder = tmp_path / "study"
    shutil.copytree(small.folder, folder)
    place = folder / "study.yaml"
    place.write_text(place.read_text(encoding="utf-8") + "privacy: {verbatims: true}\n", encoding="utf-8")
    open_study = export_study(Study.load(folder), ["csv", "sav"], tmp_path / "out", respondent_level=True)
    assert said in open_study.files[0].read_text(encoding="utf-8") and "Comments are included" in open_study.notice
    assert said in pyreadstat.read_sav(open_study.files[1])[0]["comment"].tolist()


def test_the_notice_says_what_the_files_are(small, written):
    text = written.files[4].read_text(encoding="utf-8")
    assert text == written.notice and "one row per response" in text and "below 5 people" in text


def test_a_study_with_errors_is_not_exported(small, tmp_path):
    folder = tmp_path / "study"
    shutil.copytree(small.folder, folder)
    survey = folder / "survey.csv"
    survey.write_text(survey.read_text(encoding="utf-8").replace("M0000,2026,", "M0001,2026,", 1), encoding="utf-8")
    survey.write_text(
        survey.read_text(encoding="utf-8").replace(",Production,4,", ",Production,44,", 1), encoding="utf-8"
    )
    with pytest.raises(InputError, match="expected a whole number from 1 to 5"):
        export_study(Study.load(folder), ["csv"], tmp_path / "out", respondent_level=True)
    assert not (tmp_path / "out").exists()


def test_a_study_without_pairs_and_with_other_scales(tmp_path):
    study = Study.load(STUDIES / "one_sided")
    done = export_study(study, ["sav", "csv"], tmp_path, respondent_level=True)
    frame = pd.read_csv(done.files[1])
    assert frame["score_service"].between(1, 7).all() and frame["score_clarity"].between(0, 10).all()
    assert pyreadstat.read_sav(done.files[0])[1].column_names_to_labels["q1"].startswith("HR answers within")


def test_names_that_spss_does_not_accept_are_changed():
    assert _spss_name("a-b", []) == "a_b" and _spss_name("a_b", ["a_b"]) == "a_b_2" and _spss_name("1", []) == "v1"
    assert _spss_name("A", ["a"]) == "A_2" and _spss_name("with", []) == "with_"
    assert len(_spss_name("x" * 80, ["x" * 64])) <= 64
