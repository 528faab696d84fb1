"""The survey table as a file: the rows of an import take the place of those they renew; the others stay."""

from __future__ import annotations

from functools import partial
from pathlib import Path

import numpy as np
import pandas as pd

from ..alike import in_words, spellings
from ..identities import RESPONSE, pseudonym
from ..problems import input_error, shown
from ..query import write_csv
from ..study import USUAL_ATTRIBUTES, Study
from ..tables import TABLES
from ..writing import Writer, as_written
from .export import PARTNER, texts
from .history import Change, Entry, entries, rows_of, written
from .ledger import told
from .log import ImportLog
from .names import simplified
from .study_files import with_tables

KEY = ("respondent_id", *PARTNER, "wave")
ALIKE = 0.5
"""Share of the numbered responses two exports have in common, from which with equal content they are of one form."""
SEVERAL = 5


def merge(
    new: pd.DataFrame,
    responses: pd.DataFrame,
    target: Path,
    study: Study,
    entry: Entry,
    files: dict[Path, Writer],
    log: ImportLog,
) -> None:
    """Merge new rows with those that are there and put all files in their places at once.

    Parameters
    ----------
    new : pandas.DataFrame
        Rows of the survey table as texts.
    responses : pandas.DataFrame
        Row by row, which response each is of.
    target : pathlib.Path
        The file.
    study : Study
        The study it belongs to.
    entry : Entry
        The entry of this import in the log.
    files : dict of pathlib.Path to Writer
        Further files to write with it.
    log : ImportLog
        Takes what was added, changed, unchanged and kept.

    Notes
    -----
    A row that is there is renewed by a new one when an earlier import wrote it for the same response, or for the same
    file; when it is of the same person about the same partner in the same wave; or when one of the two does not say
    about whom, and both are of the same person, wave and source. Of two states of a response the later counts.
    """
    old = texts(target, study.settings.limits) if target.is_file() else pd.DataFrame()
    goes = pd.Series(False, index=old.index)
    log.added = len(new)
    if len(old):
        old = old.reset_index(drop=True)
        match = _Match(old, new, responses, study, entry, log)
        again = match.renewed()
        new, responses, again = _later(old, new, responses, again, match, log)
        goes = pd.Series(old.index.isin([row for rows in again.values() for row in rows]), index=old.index)
        if not all("wave" in rows and rows["wave"].notna().all() for rows in (old, new)) and not goes.all():
            found = "there are answers already, and without waves they cannot be told apart"
            raise input_error(target.name, found, fix="Name the wave with --wave; earlier rows need their wave too")
        new = _with_other_items(old, new, again, match)
        log.kept = int((~goes).sum())
        log.unchanged = _unchanged(old, new, again)
        log.changed = sum(bool(places) for row, places in again.items() if row >= 0) - log.unchanged
        log.added = len(new) - log.changed - log.unchanged
        _say_doubles(old, new, goes, again, [item.id for item in study.codebook.items], log)
    _say_alike(old, new, study, log)
    merged = pd.concat([old[~goes], new], ignore_index=True) if len(old) else new
    merged = merged[_ordered(list(merged), study)]
    settings = with_tables(study, {"survey": target.name})
    files |= {study.folder / "study.yaml": as_written(settings)} if settings else {}
    log.notes += ["study.yaml now names the survey table."] if settings else []
    log.notes.append(f"Next: partnership check {study.folder}")
    entry.identity, entry.text = log.identity, log.text()
    entry.ledger = [told(line) for line in log.ledger]
    keys = new.reindex(columns=list(KEY)).assign(
        response=responses["response"].to_numpy(), content=responses["content"].to_numpy()
    )
    written(study, entry, {"survey": Change(target, old, goes, partial(write_csv, merged))}, files, keys)


class _Match:
    """Which rows that are there the new ones renew."""

    def __init__(
        self, old: pd.DataFrame, new: pd.DataFrame, responses: pd.DataFrame, study: Study, entry: Entry, log: ImportLog
    ) -> None:
        self.old, self.new, self.responses, self.study, self.entry, self.log = old, new, responses, study, entry, log
        self.before = [past for past in entries(study) if "survey" in past.tables]
        self.source = pd.Series(0, index=old.index)  # number of the import that wrote the row last; 0: none
        self.response = pd.Series("", index=old.index)
        self.content = pd.Series("", index=old.index)
        place = pd.Series(old.index, index=_keys(old))
        place = place[~place.index.duplicated()]
        for past in self.before:
            rows = rows_of(study, past)
            found = place.reindex(_keys(rows)).to_numpy() if len(rows) else np.array([])
            there = ~np.isnan(found.astype("float64"))
            at = found[there].astype(int)
            self.source.loc[at] = past.number
            for name in ("response", "content"):
                getattr(self, name).loc[at] = rows[name].fillna("").to_numpy()[there] if name in rows else ""

    def renewed(self) -> dict[int, list[int]]:
        """Return the rows that are there by the new row that takes their place."""
        again: dict[int, list[int]] = {place: [] for place in range(len(self.new))}
        taken: set[int] = set()
        for found in (self._by_response(), self._by_person(), self._by_source()):
            for row, place in found:
                if place not in taken:
                    again[row].append(place)
                    taken.add(place)
        same_file = {past.number for past in self.before if self.is_same(past)}
        rest = self.source[self.source.isin(same_file) & self._in_waves(self.old)]
        if left := [place for place in rest.index if place not in taken]:
            again.setdefault(-1, []).extend(left)
            self.log.notes.append(
                f"Rows that an earlier import of this same file brought and this one does not, taken out: {len(left)}."
            )
        return again

    def is_same(self, past: Entry) -> bool:
        return (past.format, past.digest) == (self.entry.format, self.entry.digest)

    def _in_waves(self, old: pd.DataFrame) -> pd.Series:
        waves = set(self.new.get("wave", pd.Series([""])).fillna(""))
        return old.get("wave", pd.Series("", index=old.index)).fillna("").isin(waves)

    def _by_response(self) -> list[tuple[int, int]]:
        """Rows that an earlier import of the same form wrote for the same responses."""
        formats = {past.number: past.format for past in self.before}
        known = self.response[(self.response != "") & self.source.map(formats).eq(self.entry.format)]
        held = pd.DataFrame({"response": known, "place": known.index, "held": self.content[known.index]})
        told = self.responses.assign(row=range(len(self.new)))
        pairs = told[told["response"] != ""].merge(held, on="response")
        if pairs.empty:
            return []
        equal = pairs["content"] == pairs["held"]
        # Numbers that count from 1 are one response's only in exports of one form: these say the same of most.
        one_form = equal.groupby(self.source[pairs["place"]].to_numpy()).transform("mean") >= ALIKE
        same = pairs["unique"] | equal | one_form
        if strange := int((~same).sum()):
            self.log.notes.append(
                f"{strange} responses bear numbers and times that stand there already, with other answers: taken "
                "for those of another form, and both are kept."
            )
        pairs = pairs[same]
        self._other_wave(pairs)
        self._say_other_people(pairs)
        # A response about several partners has several rows: each renews the one about its partner, or about nobody.
        return self._fitting(pairs)

    def _fitting(self, pairs: pd.DataFrame) -> list[tuple[int, int]]:
        """Return the pairs of a new row and a row that is there which can be about the same partner."""
        fits = np.ones(len(pairs), bool)
        for name in PARTNER:
            if name in self.new and name in self.old:
                now = self.new[name].fillna("").to_numpy()[pairs["row"]]
                was = self.old[name].fillna("").to_numpy()[pairs["place"]]
                fits &= (now == was) | (now == "") | (was == "")
        return list(zip(pairs["row"][fits].astype(int), pairs["place"][fits].astype(int)))

    def _other_wave(self, pairs: pd.DataFrame) -> None:
        if "wave" not in self.new or "wave" not in self.old:
            return
        now = self.new["wave"].fillna("").to_numpy()[pairs["row"]]
        was = self.old["wave"].fillna("").to_numpy()[pairs["place"]]
        if (now != was).any():
            other = was[now != was][0]
            found = f"{int((now != was).sum())} of these responses were imported as wave {shown(other)} before"
            fix = "If that was wrong, take it back first: partnership import --undo; else export the new wave alone"
            raise input_error(self.log.file, found, "a response in one wave", fix, table="survey", column="wave")

    def _say_other_people(self, pairs: pd.DataFrame) -> None:
        """Note responses that name another respondent than before: whoever they named is in the table no longer."""
        before, after = (_frame(rows, self.study.identities.key, ["respondent_id"]) for rows in (self.old, self.new))
        was = before["respondent_id"].iloc[pairs["place"]].reset_index(drop=True)
        now = after["respondent_id"].iloc[pairs["row"]].reset_index(drop=True)
        named = (was != "") & (now != "") & ~was.str.fullmatch(RESPONSE)
        if other := pairs["row"].reset_index(drop=True)[named & (was != now)].nunique():
            self.log.notes.append(
                "Responses that name another respondent than when they were imported before, and count as that one's "
                f"now: {other}. If these are other responses with the same numbers, take the import back: partnership "
                "import --undo."
            )

    def _by_person(self) -> list[tuple[int, int]]:
        """Rows of the same person about the same partner in the same wave, whether or not their ids are hashes yet."""
        key = self.study.identities.key
        before, now = (_keys(rows, key, self.old, self.new) for rows in (self.old, self.new))
        places = pd.DataFrame({"place": range(len(before))}, index=before)
        rows = pd.DataFrame({"row": range(len(now))}, index=now)
        rows = rows[~rows.index.duplicated(keep="last")]
        both = places.join(rows, how="inner")
        return list(zip(both["row"].astype(int), both["place"].astype(int)))

    def _by_source(self) -> list[tuple[int, int]]:
        """Rows of the same person and wave from the same source, of which one does not say about whom."""
        numbers = {past.number for past in self.before if past.format == self.entry.format
                   and (past.file == self.entry.file or past.digest == self.entry.digest)}  # fmt: skip
        key = self.study.identities.key
        mine = self.old[self.source.isin(numbers)]
        if mine.empty:
            return []
        person = ["respondent_id", "wave"]
        places = _frame(mine, key, person).assign(place=mine.index)
        rows = _frame(self.new, key, person).assign(row=range(len(self.new)))
        both = rows.merge(places, on=person)
        return self._fitting(both)


def _later(
    old: pd.DataFrame, new: pd.DataFrame, responses: pd.DataFrame, again: dict[int, list[int]], match: _Match,
    log: ImportLog,
) -> tuple[pd.DataFrame, pd.DataFrame, dict[int, list[int]]]:  # fmt: skip
    """Leave out new rows that are an earlier state of a response than the one that is there."""
    if "submitted_at" not in old or "submitted_at" not in new:
        return new, responses, again
    same = {past.number for past in match.before if match.is_same(past)}
    now, was = (
        pd.to_datetime(new["submitted_at"], errors="coerce"),
        pd.to_datetime(old["submitted_at"], errors="coerce"),
    )
    stale = [
        row
        for row, places in again.items()
        if row >= 0 and any(was[p] > now.iloc[row] and match.source[p] not in same for p in places)
    ]
    if not stale:
        return new, responses, again
    log.notes.append(f"Responses of which a later state is there already, left out: {len(stale)}.")
    stays = [row for row in range(len(new)) if row not in set(stale)]
    renumbered = {row: place for place, row in enumerate(stays)}
    left = {renumbered.get(row, row): places for row, places in again.items() if row not in set(stale)}
    return new.iloc[stays], responses.iloc[stays], left


def _say_doubles(
    old: pd.DataFrame, new: pd.DataFrame, goes: pd.Series, again: dict, items: list[str], log: ImportLog
) -> None:
    """Note rows that say item by item what others say that were sent at the same time: they may count twice."""
    items = [name for name in items if name in old and name in new]
    if not items or "submitted_at" not in old or "submitted_at" not in new:
        return
    fresh = new.iloc[[row for row in range(len(new)) if not again.get(row)]]
    known = old[~goes].merge(fresh[["submitted_at", *items]].drop_duplicates(), on=["submitted_at", *items])
    if len(known) >= SEVERAL and known["submitted_at"].notna().all():
        log.notes.append(
            f"{len(known)} rows that were there say word for word, from the same time, what new ones say. If this is "
            "the same form exported twice, take the import back: partnership import --undo."
        )


def _with_other_items(old: pd.DataFrame, new: pd.DataFrame, again: dict[int, list[int]], match: _Match) -> pd.DataFrame:
    """Keep what a row that is renewed says in columns that this source does not hold, where another source wrote it."""
    absent = [name for name in old if name not in new]
    own = {past.number for past in match.before
           if past.format == match.entry.format and (past.file == match.entry.file or match.is_same(past))}  # fmt: skip
    pairs = [(row, places[-1]) for row, places in again.items() if row >= 0 and places]
    pairs = [(row, place) for row, place in pairs if match.source[place] not in own and not match.response[place]]
    if not absent or not pairs:
        return new
    rows, places = zip(*pairs)
    kept = old.loc[list(places), absent].set_axis(list(rows))
    kept = kept.reindex(range(len(new))).set_axis(new.index)
    return pd.concat([new, kept.loc[:, kept.notna().any()]], axis=1)


def _say_alike(old: pd.DataFrame, new: pd.DataFrame, study: Study, log: ImportLog) -> None:
    """Note names of groups and waves that look like others but are written otherwise."""
    for name in ("wave", *(study.settings.attributes or USUAL_ATTRIBUTES)):
        if name in old or name in new:
            told = pd.concat([rows[name] for rows in (old, new) if name in rows])
            for group in spellings(told.astype("str")):
                log.notes.append(f"{name}: {in_words(group)} look alike and count as one; write them alike.")
    if "wave" in old and "wave" in new:
        waves = {simplified(wave): wave for wave in old["wave"].dropna().unique()}
        for wave in new["wave"].dropna().unique():
            if (other := waves.get(simplified(wave), wave)) != wave:
                log.notes.append(f"The wave {shown(wave)} resembles {shown(other)}, and counts as another.")


def _ordered(columns: list[str], study: Study) -> list[str]:
    """Return columns in one order, whatever file came first: those of the table, attributes, items of the codebook."""
    items = [item.id for item in study.codebook.items]
    further = sorted(set(columns) - {*TABLES["survey"].columns, *items})
    return [name for name in [*TABLES["survey"].columns, *further, *items] if name in columns]


def _frame(rows: pd.DataFrame, key: str | None, names: list[str]) -> pd.DataFrame:
    """Return columns as texts; ids of people as the study's key writes them, so that ids and hashes compare."""
    found = rows.reindex(columns=names).astype("str").fillna("")
    for name in set(names) & {"respondent_id", "hr_id", "manager_id"} if key else ():
        found[name] = found[name].map({id: pseudonym(id, str(key)) if id else "" for id in found[name].unique()})
    return found


def _keys(rows: pd.DataFrame, key: str | None = None, *both: pd.DataFrame) -> pd.MultiIndex:
    names = [name for name in KEY if not both or any(name in each for each in both)]
    return pd.MultiIndex.from_frame(_frame(rows, key, names))


def _unchanged(old: pd.DataFrame, new: pd.DataFrame, again: dict[int, list[int]]) -> int:
    """Return how many new rows say, cell by cell, what the row says whose place they take."""
    pairs = [(row, places[-1]) for row, places in again.items() if row >= 0 and places]
    if not pairs:
        return 0
    rows, places = (list(part) for part in zip(*pairs))
    columns = [*dict.fromkeys([*old, *new])]
    was = old.reindex(columns=columns).astype("str").fillna("").loc[places]
    told = new.reindex(columns=columns).astype("str").fillna("").iloc[rows]
    return int((was.to_numpy() == told.to_numpy()).all(axis=1).sum())
