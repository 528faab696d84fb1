"""Signs of careless answering, against figures by hand, R's definitions and planted carelessness."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods import careless

SCALES = {name: [f"{name}{place}" for place in range(4)] for name in "abcde"}
ITEMS = [item for items in SCALES.values() for item in items]


def sheets(random, attentive=300, careless_ones=20, alike=0.3):
    """Five scales of four items that correlate .6 within a scale and ``alike`` between; the last rows are random."""
    general, own = random.normal(size=(attentive, 1, 1)), random.normal(size=(attentive, 5, 1))
    latent = (
        np.sqrt(alike) * general + np.sqrt(0.6 - alike) * own + np.sqrt(0.4) * random.normal(size=(attentive, 5, 4))
    )
    answers = 1.0 + np.searchsorted([-1.5, -0.5, 0.3, 1.2], latent).reshape(attentive, 20)
    both = np.vstack([answers, random.integers(1, 6, (careless_ones, 20))])
    return pd.DataFrame(both, columns=ITEMS), np.arange(len(both)) >= attentive


def test_even_odd_is_r_s_definition_sheet_by_sheet():
    # careless::evenodd with the sign turned round: correlation of the half means, 2 r / (1 + r), at least -1
    frame, _ = sheets(np.random.default_rng(1), 40)
    frame = frame.mask(np.random.default_rng(2).random(frame.shape) < 0.1)
    found = careless.even_odd(frame, SCALES)
    for row in frame.index:
        odd = [frame.loc[row, items[0::2]].mean() for items in SCALES.values()]
        even = [frame.loc[row, items[1::2]].mean() for items in SCALES.values()]
        r = pd.Series(odd, dtype=float).corr(pd.Series(even, dtype=float))
        expected = max(2 * r / (1 + r), -1.0) if r > -1 else -1.0
        assert found[row] == pytest.approx(expected, nan_ok=True)


def test_synonyms_are_the_cases_of_r_s_own_tests():
    # the three sheets by hand in careless' test-psychsyn.R: nearly 1, -1, 0; and one that answers everything alike
    rows = [[4, 5, 1, 2, 8, 9, 13, 12], [0, 6, 1, 5, 2, 4, 3, 3], [1, 5, 2, 3, 3, 3, 4, 5], [5] * 8]
    pairs = [("a", "b"), ("c", "d"), ("e", "f"), ("g", "h")]
    found = careless.synonyms(pd.DataFrame(rows, columns=list("abcdefgh")), pairs)
    assert found[0] >= 0.85
    assert found[1] == pytest.approx(-1)
    assert found[2] == pytest.approx(0)
    assert np.isnan(found[3])


def test_distances_are_those_of_the_inverse_covariance():
    # stats::mahalanobis(x, colMeans(x), var(x))
    frame, _ = sheets(np.random.default_rng(3))
    found = careless.mahalanobis(frame)
    inverse, apart = np.linalg.inv(np.cov(frame.T)), (frame - frame.mean()).to_numpy()
    assert found["distance"].to_numpy() == pytest.approx((apart @ inverse * apart).sum(axis=1))
    assert found["distance"].mean() == pytest.approx(20 * (len(frame) - 1) / len(frame))
    gaps = frame.copy()
    gaps.iloc[0, 3], gaps.iloc[1] = np.nan, np.nan
    with_gaps = careless.mahalanobis(gaps)
    assert with_gaps.loc[0, "answered"] == 19 and with_gaps.loc[0, "distance"] < found.loc[0, "distance"] * 1.1
    assert np.isnan(with_gaps.loc[1, "p_value"])


def test_what_was_planted_is_found_and_attentive_sheets_are_not():
    hits, false = [], []
    for seed in range(10):
        frame, random_ones = sheets(np.random.default_rng(seed))
        odd = careless.mahalanobis(frame)["p_value"] < 0.001
        against = careless.even_odd(frame, SCALES) < 0
        hits.append([odd[random_ones].mean(), against[random_ones].mean()])
        false.append([odd[~random_ones].mean(), against[~random_ones].mean()])
    assert (np.mean(hits, axis=0) > [0.5, 0.3]).all()
    assert (np.mean(false, axis=0) < [0.01, 0.15]).all()


def test_pairs_that_go_together_or_against_each_other_are_found():
    frame, _ = sheets(np.random.default_rng(5), 2000, 0)
    frame = frame.assign(z=6 - frame["a0"], k=1.0)
    assert ("a0", "z") in careless.pairs_alike(frame, opposite=True)
    within = careless.pairs_alike(frame, ITEMS, 0.45)
    assert within and all(one[0] == other[0] for one, other in within), "only items of one scale correlate so highly"
    assert careless.pairs_alike(frame, ["a0", "k"]) == []


def test_little_and_wrong_input_is_said():
    frame, _ = sheets(np.random.default_rng(6), 30, 0)
    assert careless.mahalanobis(frame)["p_value"].isna().all(), "thirty sheets do not tell what is usual of 20 items"
    assert careless.mahalanobis(frame.assign(**{name: 3.0 for name in ITEMS[1:]}))["p_value"].isna().all()
    assert careless.even_odd(frame, {"a": SCALES["a"], "b": SCALES["b"]}).isna().all()
    assert careless.even_odd(frame, {"a": ["a0"]}).isna().all()
    assert careless.synonyms(frame, []).isna().all()
    assert careless.long_string(frame[:0]).empty
    for wrong in (lambda: careless.long_string(frame, ["x"]), lambda: careless.even_odd(frame, {"x": ["x", "y"]})):
        with pytest.raises(ValueError, match="the frame has no column x"):
            wrong()
    with pytest.raises(ValueError, match="name does not hold numbers"):
        careless.mahalanobis(frame.assign(name="A"), ["a0", "name"])
    with pytest.raises(ValueError, match="least is 6"):
        careless.pairs_alike(frame, least=6)
