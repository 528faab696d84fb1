"""Adjusted p-values meet the published example and leave gaps alone."""

import numpy as np
import pandas as pd
import pytest

from helpers.analysis.methods.multiplicity import adjusted

# Benjamini & Hochberg (1995), section 4.1: 15 ordered p-values; at .05 their procedure rejects the first four.
PUBLISHED = [0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719]
PUBLISHED += [0.6528, 0.759, 1.0]


def test_the_published_example_rejects_four():
    assert (adjusted(pd.Series(PUBLISHED)) <= 0.05).tolist() == [True] * 4 + [False] * 11
    # R: p.adjust(p, "BH")[1:5]
    assert adjusted(pd.Series(PUBLISHED))[:4].tolist() == pytest.approx([0.0015, 0.003, 0.0095, 0.035625])


def test_what_was_not_tested_does_not_count():
    values = pd.Series([0.01, np.nan, 0.04], index=["a", "b", "c"])
    assert adjusted(values)["a"] == pytest.approx(0.02)
    assert np.isnan(adjusted(values)["b"])
    assert adjusted(pd.Series([np.nan, np.nan])).isna().all()
