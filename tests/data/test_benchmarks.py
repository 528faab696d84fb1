"""Figures to compare with are about something that was asked, in a unit of its scale; all else is refused."""

import pytest
from click.testing import CliRunner

from helpers.cli import main
from helpers.data import Codebook, InputError, Study
from helpers.data.benchmarks import measure_of, problems
from helpers.data.settings import Benchmark

BOOK = Codebook.model_validate(
    {
        "instrument": {"name": "Own"},
        "responses": {
            "five": {"type": "rating", "low": 1, "high": 5},
            "seven": {"type": "rating", "low": 1, "high": 7},
            "eleven": {"type": "rating", "low": 0, "high": 10},
        },
        "dimensions": [{"id": "trust"}, {"id": "mixed"}],
        "items": [
            {"id": "t1", "dimension": "trust", "response": "seven", "text": "a"},
            {"id": "m1", "dimension": "mixed", "response": "five", "text": "b"},
            {"id": "m2", "dimension": "mixed", "response": "seven", "text": "c"},
            {"id": "nps", "role": "outcome", "response": "eleven", "recommend": "eNPS", "text": "d"},
        ],
    }
)


def said(measure, value, unit):
    found = problems([Benchmark(measure=measure, value=value, unit=unit, source="Panel")], BOOK)
    return found[0].sentence() if found else ""


@pytest.mark.parametrize(
    ("measure", "value", "unit", "kind"),
    [
        ("trust", 5.1, "points (1-7)", "score"),
        ("trust", 5.1, "points (1–7)", "score"),
        ("trust", 71, "score 0-100", "score_100"),
        ("trust", 71, "0–100", "score_100"),
        ("trust", 62, "per cent favourable", "favourable"),
        ("mixed", 71, "score 0-100", "score_100"),
        ("t1", 62, "% favourable", "favourable"),
        ("nps", -12, "net score", "net"),
    ],
)
def test_a_unit_of_the_scale_is_taken(measure, value, unit, kind):
    assert said(measure, value, unit) == ""
    assert measure_of(Benchmark(measure=measure, value=value, unit=unit, source="x")) == kind


@pytest.mark.parametrize(
    ("measure", "value", "unit", "words"),
    [
        ("trsut", 5, "points (1-7)", 'measure is "trsut"; expected a dimension of the codebook (trust, mixed)'),
        ("trust", 3.8, "points (1-5)", "answered from 1 to 7; expected one of: points (1-7), score 0-100, per cent"),
        ("trust", 71, "points (1-7)", "value of trust is 71; expected 1 to 7"),
        ("trust", 71, "per thousand", 'unit of trust is "per thousand"'),
        ("mixed", 3, "points (1-5)", "on scales of several ranges; expected one of: score 0-100, per cent favourable"),
        ("t1", 5, "points (1-7)", "expected one of: per cent favourable"),
        ("t1", 5, "net score", "expected one of: per cent favourable"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_words_allowed(measure, value, unit, words):
    assert words in said(measure, value, unit)


def test_a_report_stops_with_exit_code_2_and_nothing_written(write_study, tmp_path):
    folder = write_study(settings="benchmarks: [{measure: trust, value: 71, unit: points (1-7), source: Panel}]\n")
    with pytest.raises(InputError, match="unit of trust"):
        Study.load(folder)
    ran = CliRunner().invoke(main, ["report", str(folder), "--out", str(tmp_path / "out")])
    assert ran.exit_code == 2 and not (tmp_path / "out").exists()
    assert "points (1-5), score 0-100, per cent favourable" in ran.output
