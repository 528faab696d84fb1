"""Items that run against their scale are named, by whoever can tell: the check, and the draft of a codebook."""

import numpy as np
import pandas as pd
import pytest

from helpers.data import Study
from helpers.data.against import running_against


def scale(n, odd=(), noise=1.0, items=6, seed=3):
    random = np.random.default_rng(seed)
    level = random.normal(size=n)
    told = {f"q{k}": level * (-1 if k in odd else 1) + noise * random.normal(size=n) for k in range(items)}
    return pd.DataFrame(told)


def test_two_of_six_are_named_with_their_correlation():
    found = running_against(scale(80, odd=(1, 4)))
    rest = scale(80, odd=(1, 4))
    turned = rest.assign(q1=-rest["q1"], q4=-rest["q4"]).drop(columns="q1").mean(axis=1)
    assert set(found) == {"q1", "q4"} and found["q1"] == pytest.approx(rest["q1"].corr(turned))


def test_unrelated_items_are_almost_never_named():
    named = sum(bool(running_against(pd.DataFrame(np.random.default_rng(s).normal(size=(60, 6))))) for s in range(200))
    assert named <= 10


@pytest.mark.parametrize(
    "numbers", [scale(19), scale(80, items=2), scale(80) * 0, scale(80) * np.nan, scale(0), scale(1)]
)
def test_where_nothing_can_be_told_nothing_is_named(numbers):
    assert running_against(numbers) == {}


def test_check_names_what_the_codebook_does_not_declare(write_study, codebook_text):
    told = scale(60, odd=(1,), noise=0.5, items=3).rank(pct=True).mul(5).apply(np.ceil).astype(int)
    rows = [f"m{n},1,{a},{b},{c}" for n, (a, b, c) in enumerate(told.to_numpy())]
    text = "respondent_id,wave,listening_1,listening_2,listening_3\n" + "\n".join(rows) + "\n"
    more = "  - {id: listening_3, dimension: listening, response: agreement, text: My HR partner follows.}\n"
    wrong = (codebook_text.rstrip() + "\n" + more).replace("reverse: true", "reverse: false")
    said = [p.sentence() for p in Study.load(write_study(survey=text, codebook=wrong)).check()]
    assert any("it runs against the other items of listening: correlation -0." in sentence for sentence in said)
    right = codebook_text.rstrip() + "\n" + more
    assert not any("runs against" in p.sentence() for p in Study.load(write_study(survey=text, codebook=right)).check())
