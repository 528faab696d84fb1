"""Status is earned by run records, and a record that is wrong is named by its row."""

import pytest

from helpers.data.problems import errors
from helpers.playbooks import check, load
from helpers.playbooks.runs import COLUMNS, read_runs, status


@pytest.fixture
def record(swap):
    """Return a function that records runs of the room edition and tells its status."""

    def write(*runs):
        front = load(swap).front
        room = front.edition("room")
        work = [block for block in room.agenda if block.kind == "work"]
        lines = [",".join(COLUMNS)]
        for date, kind, factor, blocks in runs:
            for block in work[:blocks]:
                real = round(factor * block.minutes)
                lines.append(f'{date},room,{kind},12,"{block.block}",{block.minutes},{real},,')
        (swap / "runs.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
        found, problems = read_runs(swap, front)
        assert problems == []
        return status(found, room)

    return write


def of_records(folder):
    """Return what is wrong with the records; the status that they no longer earn is told of beside it."""
    return [problem for problem in errors(check(load(folder))) if problem.file.endswith("runs.csv")]


def test_status_is_earned_step_by_step(record):
    assert record() == "draft"
    assert record(("2026-12-01", "rehearsal", 1, 6)) == "draft", "one block was not timed"
    assert record(("2026-12-01", "rehearsal", 1, 7)) == "rehearsed"
    assert record(("2026-12-01", "live", 1.5, 7)) == "piloted"
    assert record(*((f"2026-12-0{day}", "live", 1, 7) for day in (1, 2, 3))) == "stable"
    assert record(*((f"2026-12-0{day}", "live", 1.5, 7) for day in (1, 2, 3))) == "piloted", "none was on time"


def test_a_wrong_record_is_named_by_its_row(swap):
    rows = ["1.12.2026,room,live,12,Open,7,8,,", "2026-12-01,room,dry,12,Opening,7,eight,,", "2026-12-01,hall,live,12"]
    (swap / "runs.csv").write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", encoding="utf-8")
    found = [problem.sentence() for problem in of_records(swap)]
    assert found == [
        'line 2: the date is "1.12.2026"; write it as 2026-06-30.',
        'line 3: the kind is "dry"; expected one of rehearsal, live.',
        'line 3: real_min is "eight"; expected a whole number.',
        'line 3: the block is "Opening"; expected one of Open, Sort the meetings, Guess, then ask, Case: round one, '
        "Case: round two, Debrief, Sign up and close, Reserve.",
        "line 4: the row has 4 cells, not 9.",
    ]


def test_records_without_their_columns(swap):
    (swap / "runs.csv").write_text("when,what\n", encoding="utf-8")
    (sentence,) = [problem.sentence() for problem in of_records(swap)]
    assert sentence.startswith("line 1: the columns are when, what; expected date, edition, kind")
