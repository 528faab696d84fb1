import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import units

FRAME = pd.DataFrame({"estimate": [0.5, np.nan], "low": [0.25, np.nan], "high": [0.75, np.nan], "respondents": [9, 8]})


@pytest.mark.parametrize(
    ("convert", "expected"),
    [
        (units.per_cent, [50, 25, 75]),
        (units.hours, [12, 6, 18]),
        (units.ratios, np.exp([0.5, 0.25, 0.75])),
        (units.per_cent_more, 100 * np.exp([0.5, 0.25, 0.75]) - 100),
    ],
)
def test_estimate_and_interval_change_their_unit_and_nothing_else_does(convert, expected):
    found = convert(FRAME)
    np.testing.assert_allclose(found.loc[0, ["estimate", "low", "high"]].astype(float), expected)
    assert found.loc[1, ["estimate", "low", "high"]].isna().all()
    assert found["respondents"].tolist() == [9, 8]
    assert FRAME.loc[0, "estimate"] == 0.5, "the table given stays as it is"


def test_a_table_without_rows_or_columns_stays_so():
    for convert in (units.per_cent, units.ratios, units.per_cent_more, units.hours):
        assert convert(FRAME[:0]).empty
        assert convert(pd.DataFrame()).empty
