"""Whatever is imported first, and however often: the same people, the same answers, and every answer accounted for."""

import tempfile
from pathlib import Path

import pandas as pd
import pytest
import vendor_layouts as write
from hypothesis import given, settings
from hypothesis import strategies as st
from test_import_properties import FORMATS, ITEMS, SUFFIX, folder_of

from helpers.data import Study
from helpers.data.importers.engine import import_file

pytestmark = pytest.mark.slow

#: People of two files of one tool: some are in both, with the same answers, as exports of overlapping days hold them.
#: Everybody answers something; a response without an answer is left out.
answered = st.lists(st.none() | st.integers(1, 5), min_size=4, max_size=4).filter(any)
crowds = st.dictionaries(st.integers(0, 7), answered, min_size=2, max_size=8)


def files(format, place, folder, people, split, answers="codes"):
    """Write two exports of one form: the people up to one number, and those from an earlier one on."""
    items = [Study.load(folder).codebook.item(name) for name in ITEMS]
    numbers = sorted(people)
    first, last = min(split), max(split)
    parts = [[n for n in numbers if n <= last], [n for n in numbers if n >= first]]
    paths = []
    for name, part in zip("ab", parts):
        # A tool numbers a response once, in every export of its form.
        frame = pd.DataFrame([people[n] for n in part], index=part, columns=ITEMS, dtype="float64")
        frame["respondent_id"] = [f"m{n}" for n in part]
        frame["partnership_id"] = "P1"
        path = Path(place) / f"{name}{SUFFIX.get(format, '.csv')}"
        if len(frame):
            paths.append(getattr(write, format)(path, frame, items, answers))
    return paths


def table(folder):
    """The survey table, whatever the order of its rows."""
    survey = Study.load(folder, merged=False).survey[["respondent_id", *ITEMS]]
    return survey.sort_values("respondent_id").reset_index(drop=True)


@settings(max_examples=12)
@given(st.sampled_from(FORMATS), crowds, st.tuples(st.integers(0, 7), st.integers(0, 7)), st.data())
def test_any_order_and_any_repetition_give_the_same_table(format, people, split, data):
    answers = data.draw(st.sampled_from(["codes", "labels"])) if format != "glint" else "codes"
    with tempfile.TemporaryDirectory() as place:
        one, other = folder_of(place), Path(place) / "other"
        other.mkdir()
        for name in ("study.yaml", "codebook.yaml"):
            (other / name).write_bytes((one / name).read_bytes())
        paths = files(format, place, one, people, split, answers)
        for path in paths:
            import_file(format, path, one, wave="1")
        again = data.draw(st.lists(st.sampled_from(paths), max_size=3)) if paths else []
        for path in [*reversed(paths), *again]:
            import_file(format, path, other, wave="1")
        if paths:
            told = pd.DataFrame(
                [[f"m{n}", *people[n]] for n in sorted(people)], columns=["respondent_id", *ITEMS]
            ).astype(dict.fromkeys(ITEMS, "float64"))
            pd.testing.assert_frame_equal(table(one), told, check_dtype=False)
            pd.testing.assert_frame_equal(table(one), table(other))


@settings(max_examples=12)
@given(st.sampled_from(FORMATS), crowds, crowds)
def test_no_import_changes_the_number_of_answers_without_saying_so(format, before, after):
    with tempfile.TemporaryDirectory() as place:
        folder, held = folder_of(place), 0
        for name, people in (("a", before), ("b", after)):
            (Path(place) / name).mkdir()
            path = files(format, Path(place) / name, folder, people, (0, 7))[0]
            log = import_file(format, path, folder, wave="1")
            assert log.read == log.imported + sum(map(len, log.skipped.values()))
            assert log.answers == log.taken or log.skipped  # whatever was answered and is not there, the log names
            rows, now = len(table(folder)), int(table(folder)[ITEMS].notna().sum().sum())
            assert rows == log.added + log.changed + log.unchanged + log.kept
            assert log.taken <= now <= held + log.taken
            held = now
