import numpy as np
import pandas as pd

from helpers.analysis.methods import shrinkage


def test_shrinkage_agrees_with_metafor():
    # f <- rma(y, s^2, method = "PM"); f$tau2; blup(f)$pred
    frame = pd.DataFrame({"y": [60, 75, 82, 90, 55, 71, 66, 88.0], "s": [9, 6, 4, 5, 12, 8, 7, 3.0]})
    found = shrinkage.shrink(frame, "y", "s")
    expected = [66.87333477, 75.20828751, 81.18534292, 87.28134303, 67.01953811, 72.82019719, 69.11562931, 87.04174057]
    np.testing.assert_allclose(found["estimate"], expected, rtol=1e-4)
    np.testing.assert_allclose(found["reliability"], 105.4120335 / (105.4120335 + frame["s"] ** 2), rtol=1e-3)
    # blup(f)$se
    errors = [7.023884078, 5.295976395, 3.770447660, 4.571081918, 8.191138973, 6.518541392, 5.944243025, 2.899613857]
    np.testing.assert_allclose((found["high"] - found["low"]) / 2 / 1.959964, errors, rtol=1e-3)


def test_managers_who_do_not_differ_are_drawn_together():
    frame = pd.DataFrame({"y": [50.0] * 6, "s": [5.0] * 6})
    found = shrinkage.shrink(frame, "y", "s")
    np.testing.assert_allclose(found["estimate"], 50)
    assert found["reliability"].tolist() == [0] * 6


def test_few_managers_cannot_be_compared():
    found = shrinkage.shrink(pd.DataFrame({"y": [1.0, 2.0], "s": [1.0, 1.0]}), "y", "s", unit="managers")
    assert found["estimate"].isna().all()
    assert found["note"].iloc[0] == "cannot tell: fewer than 5 managers can be compared"
