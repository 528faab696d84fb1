"""Which response is which: what tells the responses of a form apart, and how they are called where nobody is named."""

from __future__ import annotations

import datetime
import hashlib
import re
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd

from ..convert import moment
from .export import RESPONSE, Export
from .mapping import SurveyMapping

DIVIDE = "\x1f"
UNIQUE = re.compile(r"(?=.*\d)[\w.-]{9,}", re.ASCII)
"""Ids that no two forms have in common: long, with a digit in them. Short numbers count from 1 in every form."""


def identified(export: Export, mapping: SurveyMapping, format: str, file: str) -> pd.DataFrame:
    """Return what tells each response of a file apart.

    Parameters
    ----------
    export : Export
        The responses.
    mapping : SurveyMapping
        Which column names them, where the format does not say.
    format : str
        Name of the format.
    file : str
        Name of the file.

    Returns
    -------
    pandas.DataFrame
        Indexed as the responses: ``response``, the same for a response in every export of its form, empty where the
        file numbers none; ``content``, the same as long as nothing in the response changes either, empty where the
        file names people and numbers no responses; ``unique``, whether ``response`` alone is unlike those of every
        other form.

    Notes
    -----
    Two forms of one tool both count from 1, and a team may fill in both in the same minute: there, only what was
    answered tells two responses apart. A number of a response is never the id of a person.
    """
    by_hand = [column for column, target in mapping.columns.items() if target == RESPONSE]
    named = by_hand[:1] or export.response[:1]
    times = [column for column, target in mapping.columns.items() if target == "submitted_at"] if by_hand else []
    parts = [column for column in dict.fromkeys([*named, *export.response[1:], *times]) if column in export.responses]
    frame = export.responses
    told = pd.Series("", index=frame.index)
    for part in parts:
        texts = frame[part].fillna("")
        told = told + DIVIDE + (texts if part in named else texts.map({t: _plain_time(t) for t in texts.unique()}))
    unique = pd.Series(False, index=frame.index)
    if named and named[0] in frame and (export.unique or by_hand):
        sure = export.unique and named == export.response[:1]
        looks = frame[named[0]].notna() if sure else frame[named[0]].str.fullmatch(UNIQUE)
        unique = looks.fillna(False).astype(bool)
        told = told.mask(unique, DIVIDE + frame[named[0]].fillna(""))
    whole = told
    if not unique.all() and (parts or mapping.anonymous):
        content = _contents(frame[[column for column in frame if column not in parts]])
        again = (told + content).groupby(told + content).cumcount().astype("str")
        within = file if not parts else ""  # nothing but its file and its content tells such a response apart
        whole = told.where(unique, told + DIVIDE + content + DIVIDE + again + DIVIDE + within)
    response, content = _digests(told, format), None if whole is told else _digests(whole, format)
    return pd.DataFrame(
        {"response": response, "content": response if content is None else content, "unique": unique}, frame.index
    ).astype({"response": "str", "content": "str"})


def _plain_time(text: str) -> str:
    """Return a time in one way of writing, whatever the file's; what is no time stays as it is."""
    for order in ("day-first", "month-first"):
        if isinstance(found := moment(text, order, ZoneInfo("UTC")), datetime.datetime):
            return found.isoformat()
    return text


def _contents(frame: pd.DataFrame) -> pd.Series:
    """Return what each response holds: its cells in whatever order, so that an empty further question changes none."""
    whole = np.zeros(len(frame), np.uint64)
    for name in frame:
        places, cells = pd.factorize(frame[name])  # each distinct cell is digested once
        digests = [int.from_bytes(hashlib.sha256(cell.encode()).digest()[:8], "big") for cell in cells]
        whole += np.array([*digests, 0], np.uint64)[places]  # place -1, no cell, takes the 0 at the end
    return pd.Series(whole, frame.index).astype("str")


def _digests(told: pd.Series, format: str) -> list[str]:
    return [hashlib.sha256(f"{format}{DIVIDE}{text}".encode()).hexdigest()[:16] if text else "" for text in told]
