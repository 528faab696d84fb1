"""Rosters of a few departments, for tests of who answered."""

import pandas as pd


def roster(counts, **given):
    """People per department as (answered, silent)."""
    rows = [
        (department, flag)
        for department, (answered, silent) in counts.items()
        for flag in [True] * answered + [False] * silent
    ]
    frame = pd.DataFrame(rows, columns=["department", "responded"])
    return frame.assign(person_id=[f"p{i}" for i in range(len(frame))], wave="2026-H1", **given)
