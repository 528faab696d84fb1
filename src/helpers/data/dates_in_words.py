"""Times in words: a month by its name, a zone by its name, as exports and people write them."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

CENTURY = 2000  # of years of two digits
MONTHS = (  # English, German, French, Spanish, Italian, Portuguese, Dutch; without accents
    "january januar janner janvier enero gennaio janeiro januari", "february februar feber fevrier febrero febbraio "
    "fevereiro februari", "march marz mrz mars marzo marco maart mrt", "april avril abril aprile",
    "may mai mayo maggio maio mei", "june juni juin junio giugno junho", "july juli juillet julio luglio julho",
    "august aout agosto augustus", "september septembre septiembre settembre setembro",
    "october oktober octobre octubre ottobre outubro", "november novembre noviembre novembro",
    "december dezember decembre diciembre dicembre dezembro",
)  # fmt: skip
DAYS = (
    "monday montag lundi lunes lunedi segunda maandag tuesday dienstag mardi martes martedi terca dinsdag wednesday "
    "mittwoch mercredi miercoles mercoledi quarta woensdag thursday donnerstag jeudi jueves giovedi quinta donderdag "
    "friday freitag vendredi viernes venerdi sexta vrijdag saturday samstag sonnabend samedi sabado sabato zaterdag "
    "sunday sonntag dimanche domingo domenica zondag"
)
HOURS = {
    "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "AST": -4, "ADT": -3,
    "AKST": -9, "AKDT": -8, "HST": -10, "WET": 0, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MEZ": 1,
    "MESZ": 2, "GMT": 0,
}  # fmt: skip
"""Zones by name, to their hours from UTC; of names with several meanings that of North America."""


def _starts(names: Sequence[str]) -> dict[str, int]:
    """Return names and their beginnings of three letters and more, to the only place they can mean."""
    found: dict[str, set[int]] = {}
    for place, words in enumerate(names, 1):
        for word in words.split():
            for end in range(3, len(word) + 1):
                found.setdefault(word[:end], set()).add(place)
    return {word: places.pop() for word, places in found.items() if len(places) == 1}


MONTH = _starts(MONTHS)
_DAY = {word[:end] for word in DAYS.split() for end in range(2, len(word) + 1)}
_WORD, _BETWEEN = r"([^\W\d_]{3,})", r"(?:[-/., ] ?(?:(?:del?|of) )?)?"
_NAMED = [  # a month in words, the year in four digits; behind day and month also in two, as databases write it
    (re.compile(rf"(\d{{1,2}})(?:st|nd|rd|th|\.|er|º)?{_BETWEEN}{_WORD}\.?{_BETWEEN}(\d{{4}}|\d{{2}})\b(.*)"), "dmyt"),
    (re.compile(rf"{_WORD}\.?[-/ ](\d{{1,2}})(?:st|nd|rd|th)?(?:, ?|[-/ ])(\d{{4}})\b(.*)"), "mdyt"),
    (re.compile(rf"{_WORD} (\d{{1,2}}) (\d{{1,2}}:\d{{2}}.*) (\d{{4}})"), "mdty"),
    (re.compile(rf"(\d{{4}})[-/. ]{_WORD}\.?[-/. ](\d{{1,2}})\b(.*)"), "ymdt"),
]
_CLOCK = re.compile(r"(\d{1,2})[.:](\d{2})(?:[.:](\d{2})([.,]\d+)?)?")
_BEFORE_ZONE = re.compile(
    r"(.*\d(?:\s*[AaPp][Mm])?)\s*(?:(?:GMT|UTC)\s*([+-]\d{1,2}):?(\d{2})?|\s([A-Z]{3,5}))", re.DOTALL
)


def plainly(text: str) -> str:
    """Return a time without words: a month by its number, a zone by its offset.

    Parameters
    ----------
    text : str
        Such as ``5. März 2026, 14:30 Uhr`` or ``Mar 5, 2026 2:30 PM EST``.

    Returns
    -------
    str
        Such as ``2026-03-05 14:30``; any text that is not such a time as it is.

    Notes
    -----
    A named month leaves no doubt about the day. Years of two digits are read behind day and month alone, as databases
    write them (``05-MAR-26``). Parsers such as python-dateutil are of no use here: they fill in what is missing and
    take the first of two numbers for the month.

    Examples
    --------
    >>> plainly("15-MAR-26 02.30.00 PM"), plainly("Thu Mar 05 2026 14:30:00 GMT+0100 (CET)"), plainly("Mar 2026")
    ('2026-03-15 02:30:00 PM', '2026-03-05 14:30:00 +0100', 'Mar 2026')
    """
    text = text.replace("\u202f", " ").replace("\xa0", " ")
    if not re.search(r"[^\W\d_]{3}|[ap]\.\s?m\.", text):
        return text
    told = re.sub(r"(?i)\b([ap])\.\s?m\.(?!\w)", r"\1m", " ".join(text.split()))
    told = re.sub(r"((?:[+-]\d{2}:?\d{2}|Z)) \([^()]*\)$|(?<=\d) Uhr$", r"\1", told)
    told = _numbered(re.sub(r" \(([A-Z]{3,5})\)$", r" \1", told))  # no offset stands before: the name is all there is
    if zone := _BEFORE_ZONE.fullmatch(told):
        hours = int(zone[2]) if zone[2] else HOURS.get(zone[4])
        return told if hours is None else f"{zone[1]} {hours:+03d}{zone[3] or '00'}"
    return told


def _numbered(text: str) -> str:
    """Return a time whose month is a word with its number; any other text as it is."""
    plain = "".join(letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    first, _, behind = plain.partition(" ")
    weekday = first.rstrip(".,").casefold() in _DAY
    for told in (plain, behind) if weekday else (plain,):
        for pattern, order in _NAMED:
            match = pattern.fullmatch(told)
            if match and (month := MONTH.get(match[order.index("m") + 1].casefold())):
                part = dict(zip(order, match.groups()))
                year = int(part["y"]) + (CENTURY if len(part["y"]) == 2 else 0)
                clock = re.sub(r"^[, T:]*(?:(?:at|um|a|alle|a las)\s)?\s*", "", part["t"])
                clock = _CLOCK.sub(lambda m: ":".join(filter(None, m.groups()[:3])) + (m[4] or ""), clock, count=1)
                return f"{year}-{month:02d}-{int(part['d']):02d} {clock}".rstrip()
    return text
