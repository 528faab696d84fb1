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


def managers(seed, apart, count=120):
    """True values, and estimates of them that err as much as 5 to 15 points."""
    random = np.random.default_rng(seed)
    true, error = 60 + apart * random.normal(size=count), random.uniform(5, 15, count)
    return true, pd.DataFrame({"y": true + error * random.normal(size=count), "s": error})


def test_the_spread_for_a_histogram_is_that_of_the_true_values():
    found = {"y": [], "estimate": [], "spread": []}
    for seed in range(40):
        _, frame = managers(seed, apart=10.0)
        for name, values in found.items():
            values.append(shrinkage.shrink(frame, "y", "s")[name].std())
    mean = {name: np.mean(values) for name, values in found.items()}
    assert abs(mean["spread"] - 10) < 0.4, "three standard errors of the mean of 40 studies"
    assert mean["estimate"] < 8 < 13 < mean["y"], "shrunken: too close together; plain: too far apart"


def test_a_share_of_managers_below_a_mark_is_that_of_the_true_values():
    shares = []
    for seed in range(40):
        true, frame = managers(seed, apart=10.0)
        found = shrinkage.shrink(frame, "y", "s")
        shares.append([(column < 50).mean() for column in (pd.Series(true), found["spread"], found["estimate"])])
    true, spread, shrunken = np.mean(shares, axis=0)
    assert abs(spread - true) < 0.02 < true - shrunken


def test_the_order_of_managers_is_that_of_expected_ranks():
    _, frame = managers(3, apart=10.0, count=30)
    found = shrinkage.shrink(frame, "y", "s")
    assert found["spread"].rank().corr(found["estimate"].rank()) > 0.97
    equal = shrinkage.shrink(frame.assign(s=8.0), "y", "s")
    assert (equal["spread"].rank() == equal["estimate"].rank()).all(), "with equal errors the order is the same"


def test_managers_who_do_not_differ_do_not_spread():
    found = shrinkage.shrink(pd.DataFrame({"y": [50.0] * 6, "s": [5.0] * 6}), "y", "s")
    np.testing.assert_allclose(found["spread"], 50)
    assert shrinkage.shrink(pd.DataFrame({"y": [1.0], "s": [1.0]}), "y", "s")["spread"].isna().all()
