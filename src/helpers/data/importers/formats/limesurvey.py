"""LimeSurvey: CSV export of responses, headed by codes, texts or both; answers as codes or in full.

Layout: one header row, divided by comma, semicolon or tab. First the columns about the response: id, submitdate,
lastpage, startlanguage, seed, token, startdate, datestamp, ipaddr, refurl (or in full: Response ID, Date submitted,
Last page, Start language, Seed, Token or Access code, Date started, Date last action, IP address, Referrer URL), then
the questions. A statement of an array is headed Q1[SQ001]; with code and text "Q1[SQ001]. Question [Statement]"; in
full "Question [Statement]". Responses without a submission date were not completed. In anonymised surveys every date
is 1980-01-01. Full answers say N/A where a question did not apply. Timings follow last.

Source: LimeSurvey manual, "Exporting results", known at second hand: copies of other pages of the manual and scripts
that read such exports (checked 2026-11-22); the page itself could not be read. Answer codes such as A1 mean what the
survey says: a definition (.lss) beside the export tells, or answers in the mapping. Headings in other languages of the
interface are known by their order alone (German and French by their words): export with question codes.
"""

from __future__ import annotations

import re
from pathlib import Path

import pandas as pd

from ...convert import dated
from ...limits import Limits
from ...problems import input_error
from ..definitions import labels_beside
from ..export import PERSONAL, RESPONSE, SKIP, Export, decimal_sign, grid, how_read, unique

MEANINGS = {
    "id": RESPONSE,
    "responseid": RESPONSE,
    "token": "respondent_id",
    "accesscode": "respondent_id",
    "submitdate": "submitted_at",
    "datesubmitted": "submitted_at",
    "lastpage": SKIP,
    "startlanguage": SKIP,
    "seed": SKIP,
    "startdate": SKIP,
    "datestarted": SKIP,
    "datestamp": SKIP,
    "datelastaction": SKIP,
    "ipaddr": PERSONAL,
    "ipaddress": PERSONAL,
    "refurl": SKIP,
    "referrerurl": SKIP,
    "interviewtime": "seconds",
    "totaltime": "seconds",
} | {  # headings of the German and the French interface
    "antwortid": RESPONSE, "iddelaréponse": RESPONSE, "zugangscode": "respondent_id",
    "zugangsschlüssel": "respondent_id", "codedaccès": "respondent_id",
    "datumabgeschickt": "submitted_at", "datedesoumission": "submitted_at",
    "letzteseite": SKIP, "dernièrepage": SKIP, "startsprache": SKIP, "langueinitiale": SKIP, "zufallsstartwert": SKIP,
    "zufallszahl": SKIP, "graine": SKIP, "datumgestartet": SKIP, "datedelancement": SKIP, "datumletzteaktivität": SKIP,
    "datedeladernièreaction": SKIP, "ipadresse": PERSONAL, "adresseip": PERSONAL, "weiterleitungsurl": SKIP,
    "urlreferrer": SKIP,
}  # fmt: skip
TELLING = ("seed", "startdate", "datestarted", "zufallsstartwert", "zufallszahl", "graine", "datumgestartet",
           "datedelancement")  # fmt: skip
"""What tells two responses of the same number apart."""
SUBMITTED = tuple(key for key, meaning in MEANINGS.items() if meaning == "submitted_at")
TOKENS = tuple(key for key, meaning in MEANINGS.items() if meaning == "respondent_id")
FIRST = tuple(key for key, meaning in MEANINGS.items() if meaning == RESPONSE)
TIMINGS = re.compile(r"(group|question)\s*time.*|.*Time$", re.ASCII)
CODE = re.compile(r"([A-Za-z]\w*(?:\[[^\]]*\])*)\. (.+)", re.ASCII | re.DOTALL)
ANONYMOUS = "1980-01-01"


def read(path: Path, limits: Limits) -> Export:
    """Read a LimeSurvey export.

    Parameters
    ----------
    path : pathlib.Path
        The csv file.
    limits : Limits
        How large the file may be.

    Returns
    -------
    Export
        All responses; those without a submission date are flagged as unfinished.

    Raises
    ------
    InputError
        When the columns about the response are not there.
    """
    found = grid(path, limits)
    given = [" ".join(name.split()) or "no name" for name in found.frame.loc[1].fillna("")]
    coded = [CODE.fullmatch(name) for name in given]
    names = unique(match[1] if match else name for match, name in zip(coded, given))
    frame = found.frame.iloc[1:].set_axis(names, axis=1)
    keys = {name: re.sub(r"[\W_]+", "", name).lower() for name in names}
    if keys[names[0]] not in FIRST and _in_order(frame):
        keys |= dict(zip(names, ("id", "submitdate", "lastpage", "startlanguage")))
    submitted = [name for name in names if keys[name] in SUBMITTED]
    if not submitted or keys[names[0]] not in FIRST:
        raise input_error(
            path.name,
            f"the first columns are {', '.join(names[:4])}",
            "id, submitdate, lastpage, … as LimeSurvey writes them",
            "Export the responses again as CSV, with the headings as question codes; or use the format wide",
            table="survey",
            rows=(1,),
        )
    date = submitted[0]
    unfinished = list(frame.index[frame[date].isna()])
    frame = frame.assign(**{date: frame[date].mask(frame[date].str.startswith(ANONYMOUS).fillna(False).astype(bool))})
    lead = names[: names.index(date) + 12]
    meanings = {name: MEANINGS[keys[name]] for name in lead if keys[name] in MEANINGS}
    meanings |= {name: SKIP for name in names if TIMINGS.fullmatch(name) and name not in meanings}
    questions = {name: _statement(match[2] if match else name) for name, match in zip(names, coded)}
    asked = {name: re.sub(r"[\[._].*", "", name) for name in names if name not in meanings}
    told, file = labels_beside(path.parent, ".lss", {*asked.values()}, limits, lambda question: question.name)
    labels = {name: told[question] for name, question in asked.items() if told.get(question)}
    return Export(
        frame,
        questions,
        meanings,
        prefer=[name for name in names if keys[name] in TOKENS],
        flags={"unfinished": unfinished},
        decimal=decimal_sign(found.delimiter),
        missing=("N/A",),
        response=[names[0], *(name for name in lead if keys[name] in TELLING)],
        labels=labels,
        told=how_read(found),
        notes=[f"What codes are called was read from {file}, which lies beside the export."] if file else [],
    )


def _in_order(frame: pd.DataFrame) -> bool:
    """Tell whether a number, a time, a page and a language stand first, as in every language of LimeSurvey."""
    if frame.shape[1] < 5:
        return False
    number, time, page, language = (frame.iloc[:, place].dropna() for place in range(4))
    return bool(
        len(time) and dated(time).all()
        and number.str.fullmatch(r"\d+").all() and number.is_unique and page.str.fullmatch(r"\d{1,3}").all()
        and len(language) and language.str.fullmatch(r"[a-z]{2,3}(-[\w-]+)?").all()
    )  # fmt: skip


def _statement(text: str) -> str:
    """Return the heading of a statement as question and statement, and scale where there are several."""
    if match := re.fullmatch(r"(.*\S)\s*\[([^\]]*)\]\[([^\]]*)\]", text):
        return " - ".join(match.groups())
    return re.sub(r"^(.*\S)\s*\[(.*)\]$", r"\1 - \2", text)
