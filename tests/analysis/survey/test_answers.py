"""What a chapter speaks of: waves up to the one reported, and a roster with every attribute."""

import shutil
from pathlib import Path

import pandas as pd
import pytest

from helpers.analysis.survey.answers import Answers
from helpers.data import Study
from helpers.data.problems import InputError

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def sample() -> Study:
    return Study.load(ROOT / "data" / "sample")


def test_change_is_told_from_the_first_wave_to_the_one_reported(sample):
    latest = Answers.of(sample, "2026-H1")
    assert (latest.first, latest.earlier) == ("2025-H1", ["2025-H1", "2025-H2"])
    assert len(latest.so_far) == len(latest.everything)
    second = Answers.of(sample, "2025-H2")
    assert set(second.so_far["wave"]) == {"2025-H1", "2025-H2"}


def test_the_first_wave_has_nothing_to_be_compared_with(sample):
    first = Answers.of(sample, "2025-H1")
    assert first.first == "2025-H1"
    assert first.so_far.empty and list(first.so_far) == list(first.everything)


def test_an_attribute_that_the_roster_does_not_know_is_missing_there(sample, tmp_path):
    shutil.copytree(ROOT / "data" / "sample", tmp_path / "study")
    people = pd.read_csv(tmp_path / "study" / "people.csv", dtype=str)
    people.drop(columns="tenure").to_csv(tmp_path / "study" / "people.csv", index=False)
    survey = pd.read_csv(tmp_path / "study" / "survey.csv", dtype=str)
    known = survey.merge(people[["person_id", "tenure"]], left_on="respondent_id", right_on="person_id", how="left")
    known.drop(columns="person_id").to_csv(tmp_path / "study" / "survey.csv", index=False)
    roster = Answers.of(Study.load(tmp_path / "study"), "2026-H1").roster
    assert roster["tenure"].isna().all() and len(roster)
    assert roster["responded"].dtype == bool


def test_a_study_without_people_has_a_roster_without_rows():
    answers = Answers.of(Study.load(ROOT / "tests" / "studies" / "small_client"), "2026")
    assert answers.roster.empty and answers.roster["responded"].dtype == bool


# --- of whom intervals speak ----------------------------------------------------------------------------------------


def study_of(folder: Path, partners: int, inference: str = "", managers: int = 9, companies: str = "xy") -> Study:
    """A made-up study of pairs: HR partners H0, H1, ... with managers of two or more companies each."""
    folder.mkdir(exist_ok=True)
    people = [
        (f"M{place}", f"H{place // managers}", companies[place % len(companies)])
        for place in range(partners * managers)
    ]
    rows = [{"respondent_id": m, "hr_id": h, "manager_id": m, "company": c, "q1": 1 + len(m + h) % 5}
            for m, h, c in people]  # fmt: skip
    pd.DataFrame(rows).to_csv(folder / "survey.csv", index=False)
    (folder / "codebook.yaml").write_text(
        "instrument: {name: made up}\nresponses: {five: {type: rating, low: 1, high: 5}}\n"
        "dimensions: [{id: trust}]\nitems: [{id: q1, dimension: trust, response: five, text: I trust them}]\n"
    )
    (folder / "study.yaml").write_text(
        f"title: made up\nas_of: 2026-06-30\nattributes: [company]\ntables: {{survey: survey.csv}}\n{inference}\n"
    )
    return Study.load(folder)


@pytest.mark.parametrize("partners", [3, 4, 5, 12, 36])
def test_intervals_speak_of_partners_like_these_at_any_number_from_three_on(tmp_path, partners):
    for minimum in (3, 5, 10):  # what may be shown has no say in what is estimated
        found = Answers.of(study_of(tmp_path, partners, f"privacy: {{min_group: {minimum}}}"), "1")
        assert found.clusters == "HR partners"
        assert set(found.now["cluster_id"]) == set(found.now["hr_id"])
    assert found.remark == "" if partners > 12 else f"like these {partners} HR partners, which are few" in found.remark


def test_one_or_two_partners_say_nothing_of_others(tmp_path):
    found = Answers.of(study_of(tmp_path, 2), "1")
    assert found.clusters == "respondents" and found.now["cluster_id"].nunique() == 18
    assert found.remark == "With 2 HR partners, intervals speak of these partnerships only, not of others like them."


@pytest.mark.parametrize("partners", [3, 36])
def test_a_study_may_speak_of_its_own_partners_alone(tmp_path, partners):
    found = Answers.of(study_of(tmp_path, partners, "inference: {about: these alone}"), "1")
    assert (found.clusters, found.cluster) == ("respondents", "respondent")
    assert (found.now["cluster_id"] == found.now["respondent_id"]).all()
    assert found.remark == "Intervals speak of these partnerships only, not of others like them."


def test_a_study_may_name_what_answers_alike(tmp_path):
    found = Answers.of(study_of(tmp_path, 9, "inference: {cluster: company}", companies="abcdefg"), "1")
    assert set(found.now["cluster_id"]) == {*"abcdefg"}
    assert found.clusters == "company groups"
    with pytest.raises(InputError, match="one of the study's attributes: company"):
        Answers.of(study_of(tmp_path, 4, "inference: {cluster: compani}"), "1")


def test_small_companies_count_as_one_unless_enough_of_them_answered(tmp_path):
    named = "inference: {cluster: company}"
    # six companies of ten, and two or eight of three managers each
    few, many = 10 * "abcdef" + 3 * "gh", 10 * "abcdef" + 3 * "ghijklmn"
    found = Answers.of(study_of(tmp_path / "few", len(few) // 3, named, managers=3, companies=few), "1")
    assert set(found.now["cluster_id"]) == {*"abcdef", "g or h"}
    assert found.remark.endswith("Groups of company that are too small to be shown count as one.")
    assert study_of(tmp_path / "few", len(few) // 3, named, 3, few).plan.labels("company", "manager")["g"] != "g"
    found = Answers.of(study_of(tmp_path / "many", len(many) // 3, named, managers=3, companies=many), "1")
    assert set(found.now["cluster_id"]) == {*many}
    assert "count as one" not in found.remark


@pytest.mark.parametrize("companies", ["xy", "vwxy"])
def test_with_fewer_groups_than_may_be_shown_intervals_speak_of_these_alone(tmp_path, companies):
    found = Answers.of(study_of(tmp_path / "eight", 8, "inference: {cluster: company}", companies=companies), "1")
    assert (found.now["cluster_id"] == found.now["hr_id"]).all() and found.clusters == "HR partners"
    assert found.remark.startswith(f"With {len(companies)} company groups, of which those too small to be shown")
    assert found.remark.endswith("over 8 HR partners and speak of these company groups only.")
    found = Answers.of(study_of(tmp_path / "two", 2, "inference: {cluster: company}", 18, companies), "1")
    assert (found.now["cluster_id"] == found.now["respondent_id"]).all() and found.clusters == "respondents"
    assert found.remark.endswith("intervals speak of these only, not of others like them.")
