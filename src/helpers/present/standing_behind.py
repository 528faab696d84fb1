"""Who stands behind the rows of a table, for the comparison with every other table."""

from __future__ import annotations

import pandas as pd

from helpers.analysis.methods.people import People
from helpers.columns import roles
from helpers.data import Study
from helpers.privacy.precision import COUNTED
from helpers.privacy.sets import Row, Sheet, Told

#: Measures that are the same answers on another scale.
SAME = {"score_100": "score"}
#: Columns of a table that say which question a row is about.
ABOUT = ("dimension", "item", "question", "wording", "metric", "label", "part", "what", "theme", "sign")


def told(rows: pd.DataFrame, exhibit: str, title: str, study: Study, wave: str, where: str) -> Told:
    """Say of whom the shown rows of a table tell.

    Parameters
    ----------
    rows : pandas.DataFrame
        The rows that are shown. Who stands behind them says their column ``people``; where it is absent, the answers
        that have the row's labels (side, wave, attributes), if they are those of exactly ``respondents`` people.
    exhibit, title : str
        The table's id, and what it is called.
    study : Study
        Where the answers are.
    wave : str
        The wave a row is about that names none.
    where : str
        What tells the table from every other: its value is like no other unless something says so.

    Returns
    -------
    Told
        With the rows that are additive; ``known`` is False where of a row nobody knows whom it is about.
    """
    found, known = [], True
    dated: dict[tuple[int, str], frozenset[Sheet]] = {}
    for record in rows.to_dict("records"):
        people = record.get("people")
        who = people if isinstance(people, People) else _by_labels(record, rows, study, wave)
        if who is None or not (who.sheets or not who.additive or not record.get("respondents", 1)):
            known = False
        elif who.additive and who.sheets:
            when = str(named) if (named := record.get("wave")) is not None and not _absent(named) else wave
            key = (id(who.sheets), when)  # a large survey has the same set in many rows
            if key not in dated:
                dated[key] = _all_dated(who.sheets, when)
            found.append(Row(_value(who, record, where), dated[key]))
    return Told(exhibit, title, tuple(found), known)


def _by_labels(record: dict[str, object], rows: pd.DataFrame, study: Study, wave: str) -> People | None:
    """Find the answers that have the labels of a row; ``None`` unless they are of as many people as the row says."""
    if not study.has("survey"):
        return None
    divides, partition, repeats = roles(rows.drop(columns=COUNTED, errors="ignore"))
    answers = study.responses()
    keys = [name for name in (*divides, *repeats) if name in answers and not _absent(record[name])]
    if "wave" not in keys and wave:
        answers = answers[answers["wave"] == wave]
    for name in keys:
        answers = answers[answers[name].astype(object) == record[name]]
    unknown = [name for name in (*divides, *partition) if name not in keys]
    same = answers["respondent_id"].nunique() == record.get(f"{COUNTED}respondents", record.get("respondents"))
    return People(answers) if same and not unknown else None


def _value(who: People, record: dict[str, object], where: str) -> str:
    """Name what a row is a mean or a share of, alike in every table that shows it."""
    words = [SAME.get(word, word) for word in who.question.split(", ") if word]
    if words:
        return ", ".join(words)
    labels = [str(record[name]) for name in ABOUT if name in record and not _absent(record[name])]
    return ", ".join([where, *labels])


def _all_dated(sheets: frozenset[Sheet], wave: str) -> frozenset[Sheet]:
    """Complete the waves of sheets; where they have them all, it is the same set, which later rows find at once."""
    if all(when or opening for _, _, when, opening in sheets):
        return sheets
    return frozenset(_dated(sheet, wave) for sheet in sheets)


def _dated(sheet: Sheet, wave: str) -> Sheet:
    """Complete the wave of a sheet, where it has none; openings have none."""
    person, rated, when, opening = sheet
    return sheet if when or opening else (person, rated, wave, opening)


def _absent(value: object) -> bool:
    return value is None or value is pd.NA or (isinstance(value, float) and value != value)
