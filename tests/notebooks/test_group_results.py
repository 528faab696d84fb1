"""The chapter on one group, where no dimension can be told apart from chance."""

import anchor
import in_process
import numpy as np


def test_a_group_of_a_survey_without_a_reliable_dimension_is_told_what_can_be_told(tmp_path):
    answers = anchor.survey(400, 20, 4)
    asked = [name for name in answers if name.startswith("q")]
    answers[asked] = np.random.default_rng(5).integers(1, 6, (len(answers), len(asked)))  # nothing goes with anything
    study = anchor.write(tmp_path / "study", answers, len(asked))
    told = in_process.chapters(study, ["02d_group_results"], whole=True)["02d_group_results"]
    assert "questions" in told.exhibits and "group-and-everybody" not in told.exhibits
    assert not [one for one in told.findings if one.estimate is not None]
