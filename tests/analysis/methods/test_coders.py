"""Agreement of coders: textbook figures, statsmodels, and where nothing can be told."""

import numpy as np
import pandas as pd
import pytest
from statsmodels.stats import inter_rater

from helpers.analysis.methods import coders

# Krippendorff (2011), the reliability data of four observers and twelve units; a point is a missing observation.
OBSERVERS = {"A": "123321412...", "B": "12332241255.", "C": ".3332342251.", "D": "123324412513"}
# There, observer B has no value for unit 11 and 3 for unit 12, and D none for unit 12.
OBSERVERS |= {"B": "1233224125.3", "D": "12332441251."}


def long(coded: dict[str, str]) -> pd.DataFrame:
    rows = [
        (coder, unit, value) for coder, values in coded.items() for unit, value in enumerate(values) if value != "."
    ]
    return pd.DataFrame(rows, columns=["coder", "unit", "value"]).astype({"value": int})


def of(frame: pd.DataFrame, **how) -> pd.DataFrame:
    return coders.agreement(frame, "unit", "coder", "value", **how).set_index("measure")


@pytest.mark.parametrize(("ordered", "published"), [(False, 0.743), (True, 0.815)])
def test_krippendorffs_alpha_of_his_own_example(ordered, published):
    found = of(long(OBSERVERS), ordered=ordered).loc[coders.KRIPPENDORFF]
    assert round(found["estimate"], 3) == published
    assert (found["texts"], found["coders"]) == (11, 4)  # unit 12 has one observation
    assert found["low"] < found["estimate"] < found["high"] <= 1


def test_cohens_kappa_of_two_readers_is_that_of_his_table():
    """Fleiss, Levin & Paik (2003), table 18.1: 100 subjects, kappa .676."""
    cells = {(1, 1): 75, (1, 2): 1, (1, 3): 4, (2, 1): 5, (2, 2): 4, (2, 3): 1, (3, 3): 10}
    pairs = [pair for pair, times in cells.items() for _ in range(times)]
    frame = pd.DataFrame([(unit, coder, pair[coder]) for unit, pair in enumerate(pairs) for coder in (0, 1)])
    found = of(frame.set_axis(["unit", "coder", "value"], axis=1))
    assert round(found.loc[coders.COHEN, "estimate"], 2) == 0.68
    assert coders.FLEISS not in found.index


def test_fleiss_kappa_of_five_readers_is_that_of_statsmodels():
    random = np.random.default_rng(1)
    values = np.clip(random.integers(1, 4, 40)[:, None] + random.integers(-1, 2, (40, 5)), 1, 3)
    frame = (
        pd.DataFrame(values).melt(ignore_index=False, var_name="coder", value_name="value").reset_index(names="unit")
    )
    found = of(frame)
    expected = inter_rater.fleiss_kappa(inter_rater.aggregate_raters(values)[0])
    assert found.loc[coders.FLEISS, "estimate"] == pytest.approx(expected)
    assert coders.COHEN not in found.index
    # alpha allows for few texts, and is the nearer to Fleiss' kappa the more there are
    assert found.loc[coders.KRIPPENDORFF, "estimate"] == pytest.approx(1 - (1 - expected) * (1 - 1 / 200), abs=1e-9)


def test_order_names_of_values_and_of_coders_do_not_matter():
    frame = long({"A": "112233112233", "B": "112232112133"})
    other = frame.assign(value=frame["value"].map({1: "x", 2: "a", 3: "k"}), coder=frame["coder"].map({"A": 7, "B": 2}))
    shuffled = other.sample(frac=1, random_state=3)
    numbers = ["estimate", "low", "high"]
    np.testing.assert_allclose(of(frame)[numbers], of(shuffled)[numbers])


def test_perfect_agreement_is_no_certainty():
    found = of(long({"A": "112233112233", "B": "112233112233"}))
    assert (found["estimate"] == 1).all() and (found["high"] == 1).all()
    assert found["low"].between(0.5, 0.7).all()  # 26 % of texts may be read in two ways, of 67 % by chance
    assert (found["method"] == coders.METHOD_PERFECT).all()


@pytest.mark.parametrize(
    ("frame", "reason"),
    [
        (long({"A": "112233112233"}), coders.ONE_CODER),
        (long({"A": "1122......", "B": "....332211"}), coders.ONE_CODER),
        (long({"A": "112", "B": "112"}), coders.TOO_FEW),
        (long({"A": "1" * 12, "B": "1" * 12}), coders.ONE_VALUE),
        (long({"A": "1" * 12, "B": "1" * 11 + "2"}), "hinges on one"),
        (long({"A": "1"})[:0], coders.ONE_CODER),
    ],
)
def test_what_cannot_be_told_is_said_and_no_number_is_shown(frame, reason):
    for ordered in (False, True):
        found = of(frame, ordered=ordered)
        assert found[["estimate", "low", "high"]].isna().all(axis=None)
        assert found["note"].str.startswith("cannot tell: ").all() and found["note"].str.contains(reason).all()


def test_what_is_wrong_with_a_frame_is_named():
    frame = long({"A": "12", "B": "12"})
    with pytest.raises(ValueError, match="no column reader"):
        coders.agreement(frame, "unit", "reader", "value")
    with pytest.raises(ValueError, match="coded the same text twice"):
        of(pd.concat([frame, frame]))
    with pytest.raises(ValueError, match="confidence is 95"):
        of(frame, confidence=95)
