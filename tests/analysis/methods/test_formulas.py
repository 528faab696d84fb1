import pandas as pd
import pytest

from helpers.analysis.methods import formulas


@pytest.mark.parametrize(
    ("ended", "expected"),
    [(200, "early + a + c"), (50, "early + a + c"), (49, "early + a"), (39, "early + c"), (19, "early"), (0, "early")],
)
def test_a_model_allows_for_as_many_groups_as_ten_ended_waits_per_term_bear(ended, expected):
    frame = pd.DataFrame({"early": 0.5, "a": list("wxyz") * 50, "b": "one", "c": list("pq") * 100})
    done = pd.Series(range(200)) < ended
    assert formulas.allowed_by_events(frame, done, ["early"], ["a", "b", "c"]) == expected


def test_a_model_without_groups_has_an_intercept_only():
    assert formulas.allowed_by_events(pd.DataFrame({"b": ["one"] * 50}), pd.Series([True] * 50), groups=["b"]) == "1"
