"""Whom published results are about: too few HR partners, managers or recruiters, worked out from the study's tables.

A report says how many people a row is about only where it prints that number. The study says more: who answers about
whom stands in the survey or in ``partnerships``, and whose turn it was in ``requisitions``. What is counted here is
everybody whom a row can be about, so that a row with fewer than the rule asks for is certainly about too few.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import pandas as pd

from helpers.data import Study

from . import readings
from .canon import RESULTS, Canon, Table
from .directory import SIDES
from .verdict import Leak

#: Whom the answers of a side are about, and the column that names them.
_TOLD_OF = {
    "Managers": ("HR partners", "hr_id"),
    "Employees": ("HR partners", "hr_id"),
    "HR partners": ("managers", "manager_id"),
}
#: Fewest people told of where one of them gets a report of their own, and largest part of the answers about one.
_OWN_REPORT, _LARGEST = 3, 0.8
#: What the rows of hiring say of whose turn it was.
_TURN = ("holder", "whose")


@dataclass(frozen=True)
class _Sheets:
    """Answer sheets: ``person``, ``side``, ``wave``, ``told`` (missing where nobody can say) and the attributes."""

    frame: pd.DataFrame
    attributes: list[str]
    #: Names that a published group may have besides that of a label: of units, and of groups the study asks for.
    wider: frozenset[str]
    _of: dict[tuple[str, str], pd.DataFrame] = field(default_factory=dict)
    _known: dict[tuple[object, ...], _Known] = field(default_factory=dict)

    def of(self, side: str, wave: str) -> pd.DataFrame:
        """Return the sheets of a side in a wave; of all waves where none is named."""
        if (side, wave) not in self._of:
            chosen = self.frame["side"].eq(side) & (self.frame["wave"].eq(wave) | (wave == ""))
            self._of[side, wave] = self.frame[chosen]
        return self._of[side, wave]

    def known(self, side: str, wave: str) -> _Known:
        """Count the sheets of a side in a wave, once for all rows about them."""
        if (side, wave) not in self._known:
            self._known[side, wave] = _Known.of(self.of(side, wave))
        return self._known[side, wave]

    def known_of(self, side: str, wave: str, name: str, label: str, shown: frozenset[str]) -> _Known:
        """Count those that a published group can hold; a label that nobody has stands for the groups not shown."""
        key = side, wave, name, label, shown
        if key not in self._known:
            sheets = self.of(side, wave)
            labels = sheets[name].astype("str").fillna("")
            own = label in set(labels) and label not in self.wider
            inside = labels == label if own else ~labels.isin(shown - self.wider)
            self._known[key] = _Known.of(sheets[inside])
        return self._known[key]


class _Known(NamedTuple):
    """Numbers of some sheets: people who answered, whether any twice; of those told of rows, people, most rows."""

    people: int
    twice: bool
    told: int
    about: int
    most: int

    @classmethod
    def of(cls, sheets: pd.DataFrame) -> _Known:
        told = sheets["told"].value_counts()
        most = int(told.max()) if len(told) else 0
        people, twice = sheets["person"].nunique(), sheets["person"].duplicated().any()
        return cls(int(people), bool(twice), int(told.sum()), len(told), most)


def leaks(canon: Canon, study: Study) -> tuple[list[Leak], list[str]]:
    """Return rows that tell of too few people.

    Parameters
    ----------
    canon : Canon
        What a report publishes.
    study : Study
        The study it was made from.

    Returns
    -------
    tuple
        Leaks: a result whose answers are about fewer people than the report's own rule asks for, or nearly all about
        one; a result on recruiters' turns in a study of too few recruiters. And what could not be checked, in words.
    """
    least = int(canon.report.get("min_rated", 0))
    if least < 2:
        return [], []
    found: dict[Leak, None] = {}
    sheets = _sheets(study, canon.attributes) if "survey" in study.tables else None
    for table in readings.shared(canon):
        is_hiring = "hiring" in table.notebook or sheets is None
        told = _recruiters(table, study, least) if is_hiring else _survey(canon, table, sheets, study, least)
        for sentence in told:
            found[Leak(RESULTS, table.place, "too few people rated", sentence)] = None
    unknown = [side for side in SIDES.values() if sheets and _is_unknown(sheets.frame, side)]
    return list(found), [f"Whom the answers of {side} are about is not known." for side in unknown]


def _is_unknown(sheets: pd.DataFrame, side: str) -> bool:
    of_side = sheets[sheets["side"] == side]
    return len(of_side) > 0 and bool(of_side["told"].isna().all())


def _survey(canon: Canon, table: Table, sheets: _Sheets | None, study: Study, least: int) -> Iterator[str]:
    """Yield what the rows on answers tell of too few people."""
    assert sheets is not None
    by = [name for name in sheets.attributes if name in table.names]
    if "respondents" not in table.names or len(by) > 1 or readings.is_rate(table):
        return
    records = list(table.records())
    shown: dict[str, set[str]] = {}
    for _, texts in records if by else ():
        shown.setdefault(readings.side_of(canon, table, texts), set()).add(texts[by[0]])
    for values, texts in records:
        side, wave, _ = readings.key(canon, table, texts)
        if side not in _TOLD_OF or not readings.says_something(table, values):
            continue
        own_report = bool(canon.report.get("reader")) or (side == "HR partners" and "requisitions" in study.tables)
        needed = max(least, _OWN_REPORT) if own_report else least
        counted = readings.people(values.get("respondents"), texts.get("respondents", ""))
        whom = _TOLD_OF[side][0]
        if by:
            known = sheets.known_of(side, wave, by[0], texts[by[0]], frozenset(shown.get(side, ())))
        else:
            known = sheets.known(side, wave)
        if not known.told:
            continue
        if known.about < needed:
            yield f"A row shows results that are about fewer than {needed} {whom}."
        elif counted and _largest(known, int(counted.low)) > _LARGEST:
            yield f"A row shows results of which over {100 * _LARGEST:.0f} % are about one of the {whom}."


def _largest(known: _Known, counted: int) -> float:
    """Return the least share that one person can have, where so many of those who answered stand behind a row."""
    missing = max(known.people - counted, 0)
    if missing and known.twice:
        return 0.0  # how many sheets are missing is not known
    return max(known.most - missing, 0) / max(known.told - missing, 1)


def _recruiters(table: Table, study: Study, least: int) -> Iterator[str]:
    """Yield what the rows on recruiters' turns tell of too few recruiters."""
    if "requisitions" not in study.tables:
        return
    openings = study.prepared("requisitions")[0]
    if openings["recruiter_id"].nunique() >= least:
        return
    for values, texts in table.records():
        turn = {texts.get(name, "").casefold() for name in _TURN}
        if "recruiter" in turn and readings.says_something(table, values):
            yield f"A row shows results that are about fewer than {least} recruiters."


def _sheets(study: Study, attributes: list[str]) -> _Sheets:
    """Read who answered about whom, as the study's tables say."""
    survey = study.prepared("survey")[0].reset_index(drop=True)
    pairs = study.prepared("partnerships")[0] if "partnerships" in study.tables else None
    people = study.prepared("people")[0].drop_duplicates("person_id") if "people" in study.tables else None
    found = pd.DataFrame({"person": survey["respondent_id"], "wave": survey["wave"].astype("str").fillna("1")})
    known = people.set_index("person_id") if people is not None else pd.DataFrame()
    for name in ("hr_id", "manager_id"):
        found[name] = survey[name]
        if pairs is not None:
            named = survey["partnership_id"].map(
                pairs.drop_duplicates("partnership_id").set_index("partnership_id")[name]
            )
            found[name] = named.fillna(found[name])
    if pairs is not None:
        found["hr_id"] = found["hr_id"].fillna(_only(found["person"], pairs, "manager_id", "hr_id"))
        found["manager_id"] = found["manager_id"].fillna(_only(found["person"], pairs, "hr_id", "manager_id"))
    side = found["person"].map(known["side"]) if "side" in known else pd.Series(None, index=found.index, dtype="str")
    side = side.fillna(survey["side"]).astype("str")
    side = side.mask(found["person"].eq(found["manager_id"]), "manager").mask(found["person"].eq(found["hr_id"]), "hr")
    found["side"] = side.map(SIDES)
    by_hr = found["side"].eq("HR partners")
    found["told"] = found["hr_id"].mask(by_hr, found["manager_id"])
    for name in attributes:
        own = survey[name] if name in survey else pd.Series(None, index=found.index, dtype="str")
        found[name] = found["person"].map(known[name]).fillna(own) if name in known else own
    asked = {group for steer in study.settings.merge.values() for group in steer.together}
    units = study.prepared("units")[0]["parent"].dropna() if "units" in study.tables else ()
    return _Sheets(found, [name for name in attributes if found[name].notna().any()], frozenset({*asked, *units}))


def _only(people: pd.Series, pairs: pd.DataFrame, mine: str, theirs: str) -> pd.Series:
    """Return the one partner of everybody who has only one."""
    partners = pairs.dropna(subset=[mine, theirs]).groupby(mine)[theirs].agg(["nunique", "first"])
    return people.map(partners.loc[partners["nunique"] == 1, "first"]).astype("str")
