"""The small client: nothing but a survey, as most clients have it."""

from pathlib import Path

from simulation import small_client

from helpers.data import Study

FOLDER = Path(__file__).resolve().parents[1] / "studies" / "small_client"


def test_the_committed_files_are_what_the_simulation_writes(tmp_path):
    small_client.write(tmp_path)
    for name in ("survey.csv", "codebook.yaml"):
        # A checkout on Windows may give lines another end.
        assert (tmp_path / name).read_text(encoding="utf-8") == (FOLDER / name).read_text(encoding="utf-8")


def test_three_partners_and_28_managers_are_a_valid_study():
    study = Study.load(FOLDER, merged=False)
    assert not [problem for problem in study.check() if problem.severity == "error"]
    responses = study.responses()
    assert responses.groupby("side")["respondent_id"].nunique().to_dict() == {"hr": 3, "manager": 28}
    assert responses["cluster_id"].nunique() == 3 and study.waves == ["2026"]
    managers = responses[responses["side"] == "manager"]
    assert set(managers["rated_id"]) == set(responses.loc[responses["side"] == "hr", "respondent_id"])
    assert study.roster() is None and list(study.tables) == ["survey"]
