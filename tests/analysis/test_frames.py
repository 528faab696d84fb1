"""Handed a frame that lacks columns, every estimator names them: a researcher's frame has names of its own."""

import inspect

import calibration
import pandas as pd
import pytest

from helpers.data import Codebook

BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "One question"},
        "responses": {"r": {"type": "rating", "low": 1, "high": 5}},
        "dimensions": [{"id": "trust"}],
        "items": [{"id": "one", "dimension": "trust", "response": "r", "text": "..."}],
    }
)
UNRELATED = pd.DataFrame({"unrelated": [1.0, 2.0]})
#: What stands for an argument in every estimator that has one of this name.
ARGUMENTS = {
    "across": "group", "at": [1.0], "between": "group", "by": "channel", "case": "team", "coder": "coder", "cluster":
    "team", "codebook": BOOK, "combinations": {"a": {"x": 1.0}}, "could_start": {}, "duration": "days", "event":
    "ended", "factors": 1, "first": "a", "formula": "score ~ x", "group": "team", "high": "latest", "horizon": 10.0,
    "is_complete": True, "item": "words", "items": ["one", "two"], "low": "earliest", "minimum": 5, "outcome":
    "result", "outcomes": ("his", "hers"), "practice": "calls", "predictors": ["x"], "ranges": [(1, 5), (1, 5)],
    "ratings": ("mine", "yours"), "reliability": 0.8, "second": "b", "side": "manager", "source": "a survey",
    "starts": {}, "subgroup": "part", "text": "text", "themes": {"pay": ["money"]}, "time": "wave", "treated": "arm",
    "unit": "person", "value": "score", "wave": "2026", "year": 2026,
}  # fmt: skip
#: Their frames are what another function makes, handed on with a model or a study.
HANDED_ON = {
    "associations.in_per_cent", "dose.funnel", "effect.attrition", "effect.drifting", "engagement.scenario",
    "scenario.a_year", "staggered.overall",
}  # fmt: skip


def estimators_of_frames() -> dict[str, list[str]]:
    """Name the estimators that take frames, each with the arguments that have to be frames."""
    found = {}
    for estimator in calibration.estimators():
        needed = inspect.signature(function_of(estimator)).parameters.values()
        frames = [one.name for one in needed if "DataFrame" in str(one.annotation) and one.default is one.empty]
        if frames and estimator not in HANDED_ON:
            found[estimator] = frames
    return found


def function_of(estimator: str):
    module, _, name = estimator.partition(".")
    return getattr(calibration.loaded_from_its_room(module), name)


FRAMES = estimators_of_frames()


@pytest.mark.parametrize("estimator", FRAMES)
def test_columns_that_a_frame_lacks_are_named(estimator):
    function, given = function_of(estimator), dict.fromkeys(FRAMES[estimator], UNRELATED)
    for name, one in inspect.signature(function).parameters.items():
        if name not in given and (one.default is one.empty or name == "items"):
            given[name] = ARGUMENTS[name]
    with pytest.raises(ValueError, match=r"the frame has no column [\w, ]+; it has unrelated"):
        function(**given)


def test_those_left_out_are_still_there():
    assert set(calibration.estimators()) >= HANDED_ON
