"""Hiring records of a study: who may be named, and what few HR partners mean."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis.hiring.hiring_records import NO_PAIRS, NOT_NAMED, NOTHING_JOINED, HiringRecords
from helpers.data import InputError, Study

pytestmark = pytest.mark.slow

SAMPLE = Path(__file__).resolve().parents[3] / "data" / "sample"
BASIS = "hiring: {audience: named, legal_basis: Works agreement 12}\n"


@pytest.fixture
def change(tmp_path):
    """Return a function that writes the sample with some tables changed or left out, and reads it."""

    def write(tables, *, without=(), settings=""):
        shutil.copytree(SAMPLE, tmp_path / "study")
        for name, table in tables.items():
            table.to_csv(tmp_path / "study" / f"{name}.csv", index=False)
        lines = (SAMPLE / "study.yaml").read_text(encoding="utf-8").splitlines()
        lines = [line for line in lines if line.strip().split(":")[0] not in without]
        (tmp_path / "study" / "study.yaml").write_text("\n".join(lines) + "\n" + settings, encoding="utf-8")
        return Study.load(tmp_path / "study")

    return write


def table(name):
    return pd.read_csv(SAMPLE / f"{name}.csv", dtype=str)


def of_partners(count):
    """The survey and the pairs of the first HR partners alone."""
    pairs, survey = table("partnerships"), table("survey")
    pairs = pairs[pairs["hr_id"].isin(sorted(pairs["hr_id"].unique())[:count])]
    return {"partnerships": pairs, "survey": survey[survey["partnership_id"].isin(pairs["partnership_id"])]}


def test_small_groups_are_taken_together_before_anything_is_computed(change):
    requisitions = table("requisitions")
    requisitions.loc[:1, "department"] = "Submarines"
    hiring = HiringRecords.of(change({"requisitions": requisitions}))
    for frame in (hiring.requisitions, hiring.openings, hiring.waits, hiring.interviews, hiring.turns):
        assert "Submarines" not in set(frame["department"])
    assert "Other department" in set(hiring.openings["department"])
    assert hiring.attributes == ["department", "location", "level"]
    assert set(hiring.feedback["wait"]) == {"feedback"}
    assert set(hiring.of_managers["holder"]) == {"manager"}


def test_an_attribute_nobody_has_is_left_out_and_turns_have_a_manager(change):
    requisitions = table("requisitions").assign(level=None)
    requisitions.loc[::3, "hiring_manager_id"] = None
    hiring = HiringRecords.of(change({"requisitions": requisitions}))
    assert hiring.attributes == ["department", "location"]
    assert hiring.turns["hiring_manager_id"].notna().all()


def test_parameters_replace_the_settings_of_the_study(change):
    study = change({})
    hiring = HiringRecords.of(study, agreed_days={"feedback": 1})
    assert hiring.agreed["feedback"] == 1
    assert hiring.agreed["intake"] == study.hiring.service_levels.intake
    with pytest.raises(InputError, match="dates such as"):
        HiringRecords.of(study, holidays=["1 January"])


def test_managers_are_named_only_with_a_legal_basis(change):
    people = table("people")
    people["name"] = "Alex Gray"
    hiring = HiringRecords.of(change({"people": people}, settings=BASIS))
    rows = pd.DataFrame({"hiring_manager_id": hiring.managers[:3][::-1], "due": [4, 9, 4]})
    found = hiring.named(rows, by="due", ascending=False)
    assert found["hiring_manager_id"].tolist() == [hiring.managers[1], hiring.managers[0], hiring.managers[2]]
    assert found["manager"].tolist() == [f"Alex Gray ({name})" for name in found["hiring_manager_id"]]
    assert hiring.remark == ""


def test_without_a_legal_basis_nobody_is_named_and_a_sentence_says_so(change):
    hiring = HiringRecords.of(change({}))
    found = hiring.named(pd.DataFrame({"hiring_manager_id": hiring.managers, "due": 1}), by="due")
    assert found.empty
    assert found.attrs["absent"] == hiring.remark == NOT_NAMED


def test_attitudes_are_joined_by_hr_partner(change):
    study = change({})
    hiring = HiringRecords.of(study)
    said = hiring.attitudes(study)
    assert said.clusters == "HR partners"
    assert said.remark == ""
    assert (said.openings["cluster_id"] == said.openings["hr_id"]).all()
    assert said.openings["score"].between(0, 10).all()
    waits = said.of(hiring.feedback)
    assert set(waits["requisition_id"]) <= set(said.openings["requisition_id"])
    assert waits["score"].notna().all()


@pytest.mark.parametrize("count", [1, 2])
def test_with_few_hr_partners_every_manager_is_a_cluster_and_a_sentence_says_so(change, count):
    study = change(of_partners(count))
    said = HiringRecords.of(study).attitudes(study)
    assert said.clusters == "Clusters"
    assert "over hiring managers" in said.note
    assert f"With {count} HR partner" in said.remark
    assert (said.openings["cluster_id"] == said.openings["hiring_manager_id"]).all()


@pytest.mark.parametrize("missing", ["survey", "partnerships"])
def test_without_a_survey_of_pairs_nothing_is_joined(change, missing):
    study = change({}, without=[missing])
    said = HiringRecords.of(study).attitudes(study)
    assert said.openings.empty
    assert said.of(HiringRecords.of(study).feedback).empty
    assert said.remark == NO_PAIRS


def test_a_survey_after_every_opening_explains_none(change):
    survey = table("survey").assign(submitted_at="2026-06-29")
    study = change({"survey": survey})
    said = HiringRecords.of(study).attitudes(study)
    assert said.openings.empty
    assert said.remark == NOTHING_JOINED
