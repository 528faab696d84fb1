"""One person, several systems, several ids; and no id at all for those who should not know."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpers.data import InputError, Study, render_text
from helpers.data.identities import Pseudonyms, pseudonym
from helpers.data.importers.engine import import_file

IDENTITIES = """\
source,source_id,person_id
hr_system,E-001,007
hr_system,E-002,m1
hr_system,E-003,m2
survey,anna@example.com,007
survey,ben@example.com,m1
applicant_tracking,U17,m1
applicant_tracking,U18,m2
qualtrics,R_9,m1
wide,ben@example.com,m1
wide,anna@example.com,007
"""
PEOPLE = "person_id,side\nE-001,hr\nE-002,manager\nE-003,manager\n"
PAIRS = "partnership_id,hr_id,manager_id\nP1,E-001,E-002\nP2,E-001,E-003\n"
SURVEY = (
    "respondent_id,partnership_id,listening_1,listening_2,trust_1\n"
    + """\
anna@example.com,P1,5,1,2
ben@example.com,P1,4,2,2
"""
)
REQUISITIONS = "requisition_id,hiring_manager_id,opened_at\nR1,U17,2026-01-02\nR2,U18,2026-01-02\n"
KEY = "HR_PARTNERSHIP_TEST_KEY"
ANSWERS = "E-mail,partnership_id,listening_1,listening_2,trust_1\nben@example.com,P1,5,1,1\nanna@example.com,P1,4,2,2\n"


@pytest.fixture
def joined(write_study):
    def written(identities=IDENTITIES, settings="", **changed):
        tables = {"people": PEOPLE, "partnerships": PAIRS, "survey": SURVEY, "requisitions": REQUISITIONS} | changed
        folder = write_study(settings=settings, **{name: text for name, text in tables.items() if text})
        (folder / "identities.csv").write_text(identities, encoding="utf-8")
        return folder

    return written


def test_three_systems_are_joined_to_one_person(joined):
    study = Study.load(joined(), merged=False)
    assert study.people["person_id"].tolist() == ["007", "m1", "m2"]
    assert study.requisitions["hiring_manager_id"].tolist() == ["m1", "m2"]
    responses = study.responses()
    assert responses["respondent_id"].tolist() == ["007", "m1"] and responses["side"].tolist() == ["hr", "manager"]
    assert not [problem for problem in study.check() if problem.severity == "error"]
    assert study.folder / "identities.csv" in study.inputs()


def test_unmatched_ids_are_listed_with_the_nearest_candidates(joined):
    study = Study.load(
        joined(survey=SURVEY.replace("ben@", "benn@"), requisitions=REQUISITIONS.replace("U17", "17U")), merged=False
    )
    text = render_text(study.check())
    assert 'row 3: in no line of identities.csv: "benn@example.com" (nearest: "ben@example.com", "anna@' in text
    assert 'in no line of identities.csv: "17U"' in text and "Add a line for the source applicant_tracking" in text


def test_ids_become_keyed_hashes_that_still_join(joined, monkeypatch):
    monkeypatch.setenv(KEY, "a key of sixteen characters")
    study = Study.load(joined(settings=f"pseudonyms: {{key_env: {KEY}}}\n"), merged=False)
    people, responses = study.people, study.responses()
    assert all(re.fullmatch("p-[0-9a-f]{20}", id) for id in people["person_id"])
    assert responses["respondent_id"].tolist() == people["person_id"].tolist()[:2]
    assert responses["side"].tolist() == ["hr", "manager"]
    assert not [problem for problem in study.check() if problem.severity == "error"]
    monkeypatch.setenv(KEY, "another key of sixteen")
    assert not set(Study.load(study.folder, merged=False).people["person_id"]) & set(people["person_id"])


def test_without_its_key_a_study_is_not_read(joined, monkeypatch, refusal):
    folder = joined(settings=f"pseudonyms: {{key_env: {KEY}}}\n")
    monkeypatch.delenv(KEY, raising=False)
    assert f"the environment variable {KEY} is not set" in refusal(lambda: Study.load(folder, merged=False).people)
    monkeypatch.setenv(KEY, "short")
    assert "is too short" in refusal(lambda: Study.load(folder, merged=False).people)


def test_a_known_hash(monkeypatch):
    # RFC 4231, test case 2: HMAC-SHA-256 of "what do ya want for nothing?" under the key "Jefe".
    assert pseudonym("what do ya want for nothing?", "Jefe") == "p-5bdcc146bf60754e6a04"


@settings(max_examples=50)
@given(st.text(min_size=1), st.text(min_size=1))
def test_hashes_are_stable_and_tell_ids_apart(one, other):
    assert pseudonym(pseudonym(one, "key"), "key") == pseudonym(one, "key")
    assert (pseudonym(one, "key") == pseudonym(other, "key")) == (one == other)


def test_an_import_finds_the_person_behind_an_address(joined, tmp_path):
    folder = joined(survey="")
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    import_file("wide", path, folder)
    assert Study.load(folder, merged=False).survey["respondent_id"].tolist() == ["m1", "007"]
    assert "example.com" not in (folder / "survey.csv").read_text(encoding="utf-8")


def test_an_import_hashes_what_it_stores(joined, tmp_path, monkeypatch):
    monkeypatch.setenv(KEY, "a key of sixteen characters")
    folder = joined(survey="", settings=f"pseudonyms: {{key_env: {KEY}}}\n")
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS, encoding="utf-8")
    import_file("wide", path, folder)
    kept = (folder / "survey.csv").read_text(encoding="utf-8")
    assert kept.count("p-") == 2 and "m1" not in kept and "example.com" not in kept
    study = Study.load(folder, merged=False)
    assert study.responses()["side"].tolist() == ["manager", "hr"]
    assert import_file("wide", path, folder).unchanged == 2


def test_an_address_nobody_explains_is_refused(joined, tmp_path, refusal):
    folder = joined(survey="")
    path = tmp_path / "answers.csv"
    path.write_text(ANSWERS + "eve@example.com,P2,1,1,1\n", encoding="utf-8")
    said = refusal(import_file, "wide", path, folder)
    assert "column respondent_id, row 4: 1 e-mail addresses" in said and "identities.csv" in said


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("person_id\n", "person\n", "there is no column person_id"),
        ("U18,m2", "U17,m2", '"U17" means more than one person'),
        ("U18,m2", "U18,", "column person_id, row 8: the cell is empty"),
        ("qualtrics,R_9", "qualtrix,R_9", 'unknown source "qualtrix"'),
    ],
)
def test_mistakes_in_the_file_are_named(joined, old, new, said):
    folder = joined(IDENTITIES.replace(old, new, 1))
    try:
        text = render_text(Study.load(folder).check())
    except InputError as error:
        text = str(error)
    assert said in text


def test_the_name_of_the_variable_is_checked():
    with pytest.raises(ValueError, match="key_env"):
        Pseudonyms(key_env="my key")
