"""The ledger of releases: what was published of whom, so that a later report does not give away the difference.

It lies in the study, in the folder ``releases``: one file per report that was released, and a key. It holds no ids and
no values: people and sheets stand there as keyed hashes (HMAC-SHA-256). Of each sheet its content is part of the hash,
so that a corrected sheet is another one. The key never leaves the study; without it nobody can tell whose a hash is.

Every report is compared with those released before. Drafts are compared too, but not recorded, and show all answers.
"""

from __future__ import annotations

import datetime
import hmac
import json
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any
from weakref import WeakKeyDictionary

import pandas as pd

from helpers.data import Study
from helpers.data.problems import did_you_mean, input_error, shown
from helpers.data.writing import as_written, put
from helpers.privacy.sets import LONG, Row, Sheet, Told

FOLDER = "releases"
KEY = "key"
VERSION = 1
_LENGTH = 16


@dataclass(frozen=True)
class Release:
    """A report that was released.

    Attributes
    ----------
    id : str
        The first digits of the hash of its ``results.json``: the same report has the same.
    date : str
        The day on which it was first released.
    reader : str
        Keyed hash of the one person who received it; empty where several people did.
    thresholds : dict
        Smallest numbers of people, by name; and the confidence level, by notebook.
    waves : dict
        By wave the sheets of that day: person and content by sheet, each as keyed hashes.
    told : list of Told
        Its exhibits, of whom they tell in keyed hashes.
    """

    id: str
    date: str
    reader: str
    thresholds: dict[str, Any]
    waves: dict[str, dict[str, list[str]]]
    told: list[Told]

    @property
    def name(self) -> str:
        """What sentences call it."""
        return f"the report released on {self.date}"

    def tells_the_same_as(self, other: Release) -> bool:
        """Tell whether both are of the same people, whatever words stand around."""
        mine, theirs = ([(one.title, one.rows) for one in release.told] for release in (self, other))
        rest = [(release.reader, release.thresholds, release.waves) for release in (self, other)]
        return mine == theirs and rest[0] == rest[1]

    def as_json(self) -> str:
        """Write it; every set of sheets once."""
        sheets = sorted({sheet for told in self.told for row in told.rows for sheet in row.sheets})
        place = {sheet: number for number, sheet in enumerate(sheets)}
        sets: dict[frozenset[Sheet], int] = {}
        exhibits = [
            {"title": told.title, "rows": [[row.value, sets.setdefault(row.sheets, len(sets))] for row in told.rows]}
            for told in self.told
        ]
        content = {
            "version": VERSION,
            "id": self.id,
            "date": self.date,
            "reader": self.reader,
            "thresholds": self.thresholds,
            "waves": self.waves,
            "sheets": sheets,
            "sets": [sorted(place[sheet] for sheet in one) for one in sets],
            "exhibits": exhibits,
        }
        return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"

    @classmethod
    def read(cls, path: Path) -> Release:
        """Read what :meth:`as_json` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        sheets = [tuple(sheet) for sheet in content["sheets"]]
        sets = [frozenset(sheets[number] for number in one) for one in content["sets"]]
        name = f"the report released on {content['date']}"
        told = [
            Told("", one["title"], tuple(Row(value, sets[number]) for value, number in one["rows"]), report=name)
            for one in content["exhibits"]
        ]
        return cls(content["id"], content["date"], content["reader"], content["thresholds"], content["waves"], told)


@dataclass(frozen=True)
class Waiting:
    """Answers that are not in a report because of those before it.

    Attributes
    ----------
    rows : list of int
        Their rows in the file of the survey.
    late : dict
        Number of late answer sheets, by wave.
    left_out : dict
        Why a whole wave is left out, by wave.
    minimum : int
        Of how many people answers must have come or changed.
    """

    rows: list[int]
    late: dict[str, int]
    left_out: dict[str, str]
    minimum: int

    def sentences(self) -> list[str]:
        """Tell whoever makes the report."""
        return [
            f"{wave}: {number} late answer sheet{'s' * (number > 1)} wait{'s' * (number == 1)} until those of at least "
            f"{self.minimum} people have come; the report shows the wave as it was released."
            for wave, number in self.late.items()
        ] + [
            f"{wave} is left out: {why}. It is reported again once the sheets of at least {self.minimum} people differ "
            "from those released."
            for wave, why in self.left_out.items()
        ]

    def for_readers(self) -> list[str]:
        """Tell readers, and nothing of how many there are."""
        return [f"Answers to {wave} that came late are not in this report yet." for wave in self.late] + [
            f"{wave} is not in this report: too few answers have changed since it was last reported."
            for wave in self.left_out
        ]


def _few(before: Mapping[str, list[str]], now: Mapping[str, list[str]], minimum: int) -> int:
    """Count the people whose sheets differ; 0 where nobody's do, or enough people's."""
    every = before.keys() | now.keys()
    people = {(now.get(key) or before[key])[0] for key in every if now.get(key) != before.get(key)}
    return len(people) if len(people) < minimum else 0


def _without(sheets: Mapping[str, list[str]], some: Collection[str]) -> dict[str, list[str]]:
    return {key: sheet for key, sheet in sheets.items() if key not in some}


@dataclass
class _Hashed:
    """What a key makes of the sheets of a study: the same for all reports of a batch, so that it is worked out once."""

    key: bytes
    sheets: dict[Sheet, Sheet] = field(default_factory=dict)
    contents: dict[Sheet, str] | None = None
    #: The long sets of the report before.
    long: dict[frozenset[Sheet], frozenset[Sheet]] = field(default_factory=dict)


_HASHED: WeakKeyDictionary[Study, _Hashed] = WeakKeyDictionary()
#: Held while a key is chosen: of two keys at once, one person would be hashed as two.
_CHOOSING = threading.Lock()


class Ledger:
    """The releases of a study, and what a new report must be compared with.

    Parameters
    ----------
    study : helpers.data.Study
        The study. With ``releases: false`` in its study.yaml there are none and nothing is recorded.

    Raises
    ------
    InputError
        A file of the ledger cannot be read, or releases stand there without their key.
    """

    def __init__(self, study: Study) -> None:
        self.study = study
        self.folder = study.folder / FOLDER
        self.kept = study.settings.releases
        self.files = sorted(self.folder.glob("*.json")) if self.kept else []
        with _CHOOSING:
            self._key = self._read_key(bool(self.files))
            if study not in _HASHED or _HASHED[study].key != self._key:
                _HASHED[study] = _Hashed(self._key)
            self._hashed = _HASHED[study]
        self.releases = [self._read(path) for path in self.files]

    def _read_key(self, needed: bool) -> bytes:
        path = self.folder / KEY
        if path.is_file():
            return bytes.fromhex(path.read_text(encoding="ascii").strip())
        if needed:
            fix = "Put back the file from a copy of the study; without it no report can be compared with earlier ones"
            raise input_error(path, "the key of the releases is missing", fix=fix)
        return _HASHED[self.study].key if self.study in _HASHED else secrets.token_bytes(32)

    def _read(self, path: Path) -> Release:
        try:
            return Release.read(path)
        except (ValueError, KeyError, TypeError, IndexError):
            fix = "Put back the file from a copy of the study"
            raise input_error(path, "is no record of a release, or was changed", fix=fix) from None

    def hashed(self, *words: str) -> str:
        """Return a keyed hash, which nobody can trace back without the key."""
        text = "\x1f".join(words).encode("utf-8")
        return hmac.digest(self._key, text, "sha256").hex()[:_LENGTH]

    # What is compared -------------------------------------------------------------------------------------------------

    @property
    def _contents(self) -> dict[Sheet, str]:
        """By sheet, a hash of what stands on it, which nobody asks for where nothing is recorded."""
        if self._hashed.contents is None:
            self._hashed.contents = self._all_contents() if self.kept else {}
        return self._hashed.contents

    def _all_contents(self) -> dict[Sheet, str]:
        found: dict[Sheet, str] = {}
        if self.study.has("survey"):
            rows = self.study.responses().assign(opening="")
            items = [item.id for item in self.study.codebook.items if item.id in rows]
            found |= self._by_sheet(rows, ["respondent_id", "rated_id", "wave", "opening"], items)
        if self.study.has("requisitions"):
            openings = self.study.table("requisitions")
            steps = self.study.table("hiring_events") if self.study.has("hiring_events") else openings[:0]
            both = pd.concat([openings, steps], ignore_index=True).assign(rated="", wave="")
            owner = openings.drop_duplicates("requisition_id").set_index("requisition_id")["hiring_manager_id"]
            both["owner"] = both["requisition_id"].map(owner)
            found |= self._by_sheet(both, ["owner", "rated", "wave", "requisition_id"], list(both.columns[:-3]))
        return found

    def _rows_of(self, waves: Collection[str], late: Collection[str]) -> Iterator[int]:
        """Yield the rows of the survey's file that are about these waves, or are one of these sheets."""
        for number, *sheet in self.study.sheet_ids.itertuples(name=None):
            person, rated, wave = map(_text, sheet)
            if wave in waves or (late and self.hide((person, rated, wave, ""))[2] in late):
                yield number

    def _by_sheet(self, rows: pd.DataFrame, sheet: list[str], content: list[str]) -> dict[Sheet, str]:
        """Hash the content of all rows of each sheet, in whatever order they stand."""
        digits = pd.util.hash_pandas_object(rows[content].astype("str"), index=False)
        named = rows[sheet].astype("str").mask(rows[sheet].isna(), "")
        sums = digits.groupby([named[name] for name in sheet], sort=False).agg(["sum", "size"])
        return {tuple(key): self.hashed(str(total), str(size)) for key, total, size in sums.itertuples(name=None)}

    def hide(self, sheet: Sheet) -> Sheet:
        """Return a sheet as it stands in the ledger: person, person rated, the sheet, its content."""
        known = self._hashed.sheets
        if sheet not in known:
            person, rated = sheet[:2]
            known[sheet] = (
                self.hashed("person", person),
                self.hashed("person", rated) if rated else "",
                self.hashed("sheet", *sheet),
                self._contents.get(sheet, ""),
            )
        return known[sheet]

    @cached_property
    def waves(self) -> dict[str, dict[str, list[str]]]:
        """The sheets of each wave as they are today."""
        found: dict[str, dict[str, list[str]]] = defaultdict(dict)
        for sheet in self._contents:
            if wave := sheet[2]:
                person, _, key, content = self.hide(sheet)
                found[wave][key] = [person, content]
        return dict(found)

    def waiting(self) -> Waiting:
        """Say which answers must wait, because beside an earlier report they would tell of too few people.

        Late answers of fewer than ``min_group`` people wait until those of so many have come: the wave is reported as
        it was. Where fewer people than that withdrew or were corrected, the wave is left out: it can be reported
        neither as it was, with what they withdrew, nor as it is.
        """
        minimum, late, left_out = self.study.privacy.min_group, set[str](), dict[str, str]()
        for wave, now in self.waves.items():
            befores = [(release, release.waves[wave]) for release in self.releases if wave in release.waves]
            for _, before in befores:
                come = now.keys() - before.keys()
                if _few(before, now, minimum) and not _few(before, _without(now, come), minimum):
                    late |= come
            for release, before in befores:
                if changed := _few(before, _without(now, late), minimum):
                    left_out[wave] = (
                        f"answers of {changed} {'people' if changed > 1 else 'person'} have been withdrawn or "
                    )
                    left_out[wave] += f"corrected since {release.name}"
        rows = list(self._rows_of(left_out, late)) if left_out or late else []
        held = {wave: len(late & now.keys()) for wave, now in self.waves.items() if wave not in left_out}
        return Waiting(rows, {wave: number for wave, number in held.items() if number}, left_out, minimum)

    def refuse_other_thresholds(self, thresholds: Mapping[str, Any]) -> None:
        """Refuse thresholds below those of an earlier release, and another level of confidence.

        Raises
        ------
        InputError
            Names the setting, what it is, and what it was.
        """
        for release in self.releases:
            _refuse_other_levels(thresholds["confidence"], release.thresholds.get("confidence", {}), release.name)
            for name, least in release.thresholds.items():
                now = thresholds.get(name)
                if name != "confidence" and now is not None and now < least:
                    raise input_error(
                        "study.yaml",
                        f"{name} is {now}, but {release.name} has {least}; what it hides would be told now",
                        expected=f"{least} or more",
                        fix="Raise it again",
                        column=f"privacy.{name}",
                    )

    def earlier(self, told: Iterable[Told], reader: str) -> Iterator[tuple[list[Told], set[str] | None]]:
        """Yield what was published before: for everybody, then for each person with a report of their own besides.

        Sheets that were corrected since then, or whose content was released in another form, count as absent there: the
        difference between the two forms is then seen.

        Yields
        ------
        tuple
            Exhibits, and the values (:class:`helpers.privacy.sets.Row`) to compare; ``None``: all.
        """
        different = {row.sheets for one in told for row in one.rows} if self.releases else set()
        current = {sheet[2]: sheet[3] for sheets in different for sheet in sheets}

        def seen(who: str, values: set[str] | None = None) -> list[Told]:
            return [
                replace(one, rows=tuple(_standing(row, current) for row in one.of(values).rows))
                for release in self.releases
                if release.reader == who
                for one in release.told
            ]

        if reader:
            yield seen("") + seen(self.hashed("person", reader)), None
            return
        yield seen(""), None
        for who in sorted({release.reader for release in self.releases} - {""}):
            own = seen(who)
            values = {row.value for one in own for row in one.rows}
            yield seen("", values) + own, values

    def hidden(self, told: Sequence[Told]) -> list[Told]:
        """Return exhibits as they stand in the ledger."""
        known = dict(self._hashed.long)  # everybody stands behind many rows
        these: dict[int, frozenset[Sheet]] = {}  # by number: equal sets that are two are compared sheet by sheet

        def row(one: Row) -> Row:
            if id(one.sheets) not in these:
                if (hidden := known.get(one.sheets)) is None:
                    hidden = known[one.sheets] = frozenset(map(self.hide, one.sheets))
                these[id(one.sheets)] = hidden
            return Row(one.value, these[id(one.sheets)])

        found = [replace(one, rows=tuple(map(row, one.rows))) for one in told]
        self._hashed.long = {sheets: hidden for sheets, hidden in known.items() if len(sheets) >= LONG}
        return found

    # What is recorded ---------------------------------------------------------------------------------------------

    def record(self, report: str, told: Sequence[Told], reader: str, thresholds: Mapping[str, Any]) -> Path | None:
        """Record a report as released; one that tells the same of the same people is recorded once.

        Parameters
        ----------
        report : str
            Hash of its ``results.json``.
        told : sequence of Told
            Its exhibits, as :meth:`hidden` returned them.
        reader : str
            Whoever alone receives it.
        thresholds : mapping
            See :class:`Release`.

        Returns
        -------
        pathlib.Path or None
            The new file; ``None`` where nothing was to be recorded.
        """
        if not self.kept:
            return None
        who = self.hashed("person", reader) if reader else ""
        name = "-".join(filter(None, [report[:12], who[:6]]))
        if again := sum(before.id.startswith(name) for before in self.releases):
            name += f"-{again + 1}"
        day = f"{datetime.date.today():%Y-%m-%d}"
        waves = {} if reader else self.waves  # the one person learns nothing of any survey
        release = Release(name, day, who, dict(thresholds), waves, [one for one in told if one.rows])
        if any(release.tells_the_same_as(before) for before in self.releases):
            return None
        path = self.folder / f"{day}-{name}.json"
        files: dict[Path, Callable[[Path], object]] = {path: as_written(release.as_json())}
        if not (self.folder / KEY).is_file():
            files[self.folder / KEY] = as_written(self._key.hex() + "\n")
        self.folder.mkdir(exist_ok=True)
        put(files, self.study.folder)
        return path


def refuse_two_levels(levels: Mapping[str, float]) -> None:
    """Refuse to give the intervals of one report at two levels of confidence.

    Several chapters tell of the same answers. Of a mean, both intervals together tell the spread and how many answers,
    or clusters, it rests on: two equations with these two unknowns; and further digits of the mean.

    Parameters
    ----------
    levels : mapping
        The level of each notebook that has one.

    Raises
    ------
    InputError
        Names two notebooks and their levels.
    """
    for name, level in levels.items():
        _refuse_other_levels({name: level}, levels, "the same report")


def _refuse_other_levels(levels: Mapping[str, float], known: Mapping[str, float], where: str) -> None:
    for name, level in levels.items():
        if other := next((notebook for notebook in known if known[notebook] != level), None):
            raise input_error(
                f"-p confidence of {name}",
                f"{level:g}, but {other} in {where} has {known[other]:g}; two intervals of one result tell more than "
                "either",
                expected=f"{known[other]:g}",
                fix=f"Give all the same: -p confidence {known[other]:g}; or make a draft for your own eyes (--draft)",
            )


def _standing(row: Row, current: Mapping[str, str]) -> Row:
    """Leave out the sheets that have another content now."""
    return Row(row.value, frozenset(sheet for sheet in row.sheets if current.get(sheet[2], sheet[3]) == sheet[3]))


def _text(value: object) -> str:
    return "" if value is None or value is pd.NA or value != value else str(value)


def forget(study: Study, id: str) -> None:
    """Take a release out of the ledger, because nobody was given the report.

    Raises
    ------
    InputError
        There is no such release.
    """
    ledger = Ledger(study)
    files = {release.id: path for release, path in zip(ledger.releases, ledger.files, strict=True)}
    if id not in files:
        fix = did_you_mean(id, files) or "partnership releases STUDY lists them"
        raise input_error("--forget", f"the study has no release {shown(id)}", fix=fix)
    files[id].unlink()


def listed(study: Study) -> Iterator[str]:
    """Say in a line each what was released of a study."""
    for release in Ledger(study).releases:
        people = {sheet[0] for told in release.told for row in told.rows for sheet in row.sheets}
        waves = ", ".join(release.waves) or "no survey"
        to = "for one manager alone" if release.reader else "shared"
        of = f"{len(release.told)} exhibits of {len(people)} people; waves: {waves}"
        yield f"{release.date}  {release.id}  {to}; {of}"
