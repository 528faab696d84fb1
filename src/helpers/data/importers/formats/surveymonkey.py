"""SurveyMonkey: CSV or XLSX export of all individual responses, with two header rows.

Layout: row 1 holds the names of the columns about the response (Respondent ID, Collector ID, Start Date, End Date,
IP Address, Email Address, First Name, Last Name, Custom Data 1; in newer exports respondent_id, collector_id,
date_created, date_modified, ip_address, email_address, first_name, last_name, custom_1) and then, over the first
column of each question, its text; the other columns of the question stay empty there (merged in a workbook). Row 2
holds what a column is within its question: "Response", "Open-Ended Response", a statement of a matrix, a choice, or
"Other (please specify)". A question with several choices has one column per choice, which repeats the choice where it
was chosen; here it becomes one column that lists what was chosen. Exports of numerical values hold the number
of the choice there; such columns become one where nobody has a number in two of them.

Source: header names as published by users of the export and in the manuals of SurveyMonkey (checked 2026-11-22). Not
checked: wordings of row 2 in accounts of other languages, the time zone of the dates (taken as the study's), and the
order of day and month, which follows the account (read from the dates themselves). Unfinished responses are not marked
in the file: filter them before exporting.
"""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pandas as pd

from ...limits import Limits
from ...problems import input_error
from ..export import PERSONAL, RESPONSE, SKIP, Export, decimal_sign, grid, how_read, unique

MEANINGS = {
    "respondentid": RESPONSE,
    "collectorid": SKIP,
    "startdate": SKIP,
    "datecreated": SKIP,
    "enddate": "submitted_at",
    "datemodified": "submitted_at",
    "ipaddress": PERSONAL,
    "emailaddress": PERSONAL,
    "firstname": PERSONAL,
    "lastname": PERSONAL,
}
OTHER = re.compile(r"\((?:please specify|bitte angeben|veuillez préciser|especifique|specificare)\)", re.IGNORECASE)
WHOLE = {"", "response", "open-ended response", "antwort", "réponse", "respuesta", "risposta"}
LIST = "; "
ENOUGH = 10
"""Answers from which numbers in one column per choice are told from a matrix that is mostly empty."""


def read(path: Path, limits: Limits) -> Export:
    """Read a SurveyMonkey export.

    Parameters
    ----------
    path : pathlib.Path
        The csv or xlsx file.
    limits : Limits
        How large the file may be.

    Returns
    -------
    Export
        All responses.

    Raises
    ------
    InputError
        When the two header rows are not there.
    """
    found = grid(path, limits)
    frame = found.frame
    keys = [re.sub(r"[\W_]+", "", name or "").lower() for name in frame.loc[1].fillna("")]
    if "respondentid" not in keys or 2 not in frame.index or pd.notna(frame.iloc[1, keys.index("respondentid")]):
        raise input_error(
            path.name,
            "this is no SurveyMonkey export of individual responses",
            "Respondent ID in row 1, and a second header row that is empty below it",
            "Export all individual responses as CSV or XLSX with columns expanded; or use the format wide",
            table="survey",
            rows=(1, 2),
        )
    top, below = frame.loc[1].ffill().fillna(""), frame.loc[2].fillna("")
    top, below = ([" ".join(cell.split()) for cell in row] for row in (top, below))
    texts = [question if answer.lower() in WHOLE else f"{question} - {answer}" for question, answer in zip(top, below)]
    names = unique(texts)
    body = frame.iloc[2:].set_axis(names, axis=1)
    blocks = frame.loc[1].notna().cumsum()
    questions, responses, labels = dict(zip(names, texts)), {}, {}
    parts = [list(block) for _, block in pd.Series(range(len(names))).groupby(blocks.to_numpy())]
    alike = Counter(tuple(below[place] for place in places) for places in parts)
    for places in parts:
        choices = [below[place] for place in places]
        chosen = [place for place in places if _is_choice(body.iloc[:, place], below[place])]
        # A choice nobody made leaves an empty column; it is one only beside choices that were made. The column for
        # other answers stays, so that exports of one form have the same columns whatever was written there.
        rest = [place for place in places if place not in chosen
                and (body.iloc[:, place].notna().any() or OTHER.search(below[place]))]  # fmt: skip
        if chosen and all(below[place].lower().endswith(")") for place in rest):
            name = next(name for name in (top[places[0]], *(f"{top[places[0]]} (choices)",)) if name not in responses)
            responses[name], questions[name] = _listed(body.iloc[:, chosen]), top[places[0]]
            places = rest
        elif coded := _coded(body.iloc[:, places], choices, alike[tuple(choices)]):
            responses[top[places[0]]], labels[top[places[0]]] = coded
            questions[top[places[0]]], places = top[places[0]], []
        responses |= {names[place]: body.iloc[:, place] for place in places}
    responses = pd.DataFrame(responses, index=body.index)
    meanings = {name: MEANINGS[key] for name, key in zip(names, keys) if key in MEANINGS}
    prefer = [name for name, key in zip(names, keys) if key in ("enddate", "datemodified")]
    return Export(
        responses,
        questions,
        meanings,
        prefer,
        decimal=decimal_sign(found.delimiter),
        missing=(),
        labels=labels,
        response=[name for name, key in zip(names, keys) if key == "respondentid"],
        unique=True,
        told=how_read(found),
    )


def _is_choice(values: pd.Series, choice: str) -> bool:
    """Tell whether a column does nothing but repeat its choice."""
    told = values.dropna().unique()
    return len(told) == 1 and " ".join(told[0].split()) == choice


def _coded(columns: pd.DataFrame, choices: list[str], questions: int) -> tuple[pd.Series, dict[str, str]] | None:
    """Return the answers of a question whose choices have a column of numbers each, and what the numbers stand for."""
    told = [columns.iloc[:, place].dropna().unique() for place in range(columns.shape[1])]
    numbers = [values[0] for values in told if len(values) == 1 and values[0].isdigit()]
    given = columns.notna().sum(axis=1)
    # In few responses, statements of a matrix that most people left out look the same; several questions with the
    # same choices do not.
    alone = (given <= 1).all() and (questions > 1 or (given > 0).sum() >= ENOUGH)
    if len(numbers) < 2 or len(set(numbers)) < len(numbers) or any(len(values) > 1 for values in told) or not alone:
        return None
    labels = {values[0]: choice for values, choice in zip(told, choices) if len(values)}
    return columns.bfill(axis=1).iloc[:, 0].astype("str"), labels


def _listed(columns: pd.DataFrame) -> pd.Series:
    """Return what was chosen, one text per response."""
    told = columns.iloc[:, 0].fillna("")
    for place in range(1, columns.shape[1]):
        choice = columns.iloc[:, place].fillna("")
        told = told + choice.where((told == "") | (choice == ""), LIST + choice)
    return told.mask(told == "").astype("str")
