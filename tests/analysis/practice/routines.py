"""A study with routines on record: six pairs check in every week of a month, and themes of employees are answered."""

import shutil
from pathlib import Path

import pandas as pd

PULSE = Path(__file__).parents[2] / "studies" / "pulse_only"
PAIRS = {f"P{number}": (f"H{number // 2}", f"M{number}") for number in range(6)}  # each HR partner has two managers
SESSION = {"planned_minutes": 20, "real_minutes": 20, "declined": 0}


def write(folder: Path, months: int = 14, pairs: int = 6, base: Path = PULSE) -> Path:
    """Write a study of another's tables and of two routines, a session of each a month.

    Of four check-ins that are planned, three are held, and in the last month one; of five themes, four are answered.
    """
    shutil.copytree(base, folder)
    mine, sessions, log, answers = dict(list(PAIRS.items())[:pairs]), [], [], []
    for month in pd.period_range(end="2025-12", periods=months, freq="M"):
        day, last = f"{month}-15", month == pd.Period("2025-12", "M")
        for practice in ("rhythm", "employee_voice"):
            one = {"session_id": f"{practice}-{month}", "practice": practice, "date": day}
            sessions.append(one | SESSION | {"came": 2 * pairs})
            seats = [(pair, person) for pair, both in mine.items() for person in both]
            log += [one | {"person_id": who, "partnership_id": pair, "consent": "yes"} for pair, who in seats]
        held = 1 if last else 3
        for pair in mine:
            typed = {"checkins_planned": 4, "checkins_held": held, "feedback_both_ways": "yes"}
            answers += [(f"rhythm-{month}", pair, name, value) for name, value in typed.items()]
        typed = {"themes": 5, "themes_answered": 4, "themes_changed": 1}
        answers += [(f"employee_voice-{month}", "", name, value) for name, value in typed.items()]
    tables = {
        "partnerships": [{"partnership_id": p, "hr_id": hr, "manager_id": m} for p, (hr, m) in mine.items()],
        "practice_sessions": sessions,
        "practice_log": log,
        "practice_answers": [dict(zip(("session_id", "partnership_id", "field", "value"), one)) for one in answers],
    }
    settings = (folder / "study.yaml").read_text(encoding="utf-8")
    for name, rows in tables.items():
        pd.DataFrame(rows).to_csv(folder / f"{name}.csv", index=False)
        settings += f"  {name}: {name}.csv\n"
    (folder / "study.yaml").write_text(settings, encoding="utf-8")
    return folder
