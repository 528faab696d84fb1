"""What is published does not depend on the last bits of a sum, and one quantity is one number in every chapter."""

import numpy as np
import pandas as pd
import pytest

from helpers.present import Show

from .cells import run

SMALL, CAPTURE = "tests/studies/small_client", "tests/studies/capture_only"
RUNS = {
    "01": {"study": SMALL},
    "02": {"study": SMALL, "bootstrap": 200},
    "02b": {},
    "02c": {"study": SMALL},
    "02d": {"study": SMALL},
    "03": {},
    "03b": {},
    "05": {"study": CAPTURE},
    "06": {},
    "07": {"study": CAPTURE},
    "08": {"study": SMALL},
}


def noisy(table: pd.DataFrame, noise: np.random.Generator) -> pd.DataFrame:
    """Multiply every number by one, give or take 1e-11: what another processor may well do to a sum."""
    table = table.copy()
    for name in table.columns:
        if pd.api.types.is_float_dtype(table[name].dtype):
            table[name] = table[name] * (1 + 1e-11 * noise.uniform(-1, 1, len(table)))
    return table


@pytest.mark.slow
@pytest.mark.parametrize("name", RUNS)
def test_noise_in_the_last_bits_changes_nothing_that_is_published(name, monkeypatch):
    plain = run(name, monkeypatch, **RUNS[name])
    assert len(plain) > 5
    received, noise = Show._received, np.random.default_rng(1)
    monkeypatch.setattr(Show, "_received", lambda self, frame: received(self, noisy(frame, noise)))
    assert run(name, monkeypatch, **RUNS[name]) == plain


def test_the_noise_of_that_test_would_show_if_numbers_were_not_snapped(monkeypatch):
    """Means of answers are full of ties; without the rule, half of them fall the other way."""
    ties = pd.DataFrame({"estimate": np.arange(0.5, 60)})
    assert (noisy(ties, np.random.default_rng(1))["estimate"].round() != ties["estimate"].round()).any()


def rows_of(published: list[dict], id: str) -> list[dict]:
    exhibit = next(exhibit for exhibit in published if exhibit.get("id") == id)
    names = [column["name"] for column in exhibit["columns"]]
    return [dict(zip(names, row, strict=True)) for row in exhibit["rows"]]


@pytest.mark.slow
def test_the_reliability_of_a_dimension_is_the_same_in_both_chapters_that_show_it(monkeypatch):
    """With three HR partners, both speak of others like them, and make their intervals over HR partners."""
    survey, measurement = (run(name, monkeypatch, study=SMALL) for name in ("02", "02c"))
    names = ("alpha", "alpha_low", "alpha_high", "omega", "omega_low", "omega_high")
    ours = {
        row["dimension"]: [row[name] for name in names]
        for row in rows_of(survey, "reliability")
        if row.get("side", "Managers") == "Managers"
    }
    theirs = {row["dimension"]: [row[name] for name in names] for row in rows_of(measurement, "reliability-manager")}
    assert len(ours) > 7
    assert ours == theirs
    assert ours["Candour and vulnerability"][:3] == [0.82, 0.16, 0.96]
    notes = [exhibit.get("note", "") for exhibit in [*survey, *measurement]]
    told = [note for note in notes if "jackknife" in note.lower()]
    assert told and all("over HR partners" in note for note in told)
    for chapter in (survey, measurement):
        assert [exhibit for exhibit in chapter if "3 HR partners" in exhibit.get("sentence", "")]
