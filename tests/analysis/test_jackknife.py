import numpy as np
import pytest
from scipy import stats

from helpers.analysis import jackknife


def same(x):
    return x


def test_the_jackknife_of_a_mean_is_students_interval():
    values = np.array([1.0, 4, 2, 8, 5, 7])
    left_out = np.array([np.delete(values, i).mean() for i in range(6)])
    assert jackknife.standard_error(left_out) == pytest.approx(stats.sem(values))
    expected = stats.t.interval(0.9, 5, values.mean(), stats.sem(values))
    assert jackknife.interval(values.mean(), left_out, 0.9, same, same) == pytest.approx(expected)


def test_a_decreasing_transformation_keeps_the_limits_in_order():
    low, high = jackknife.interval(0.5, np.array([0.4, 0.5, 0.6]), 0.95, lambda x: -np.log(x), lambda x: np.exp(-x))
    assert 0 < low < 0.5 < high
