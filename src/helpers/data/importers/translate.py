"""From the texts of an export to rows of the survey table; what cannot be read for certain is reported."""

from __future__ import annotations

import datetime
import re
from collections.abc import Sequence
from zoneinfo import ZoneInfo

import pandas as pd

from ..codebook import Item
from ..convert import moment, order_told
from ..identities import in_words
from ..problems import InputError, Problem, input_error, shown
from ..study import Study
from .answers import asked, settled
from .export import PARTNER, PERSONAL, RESPONSE, SKIP, ZONE, Export
from .log import ImportLog
from .mapping import SurveyMapping
from .names import EMAIL
from .responses import identified

APART = pd.Timedelta(days=45)
"""Responses of one person that lie further apart belong to different waves, not to a repeated attempt."""
MANY = 0.2
NOBODY = re.compile(
    r"[\W_]+|n\.?/?a\.?|none|null|nan|nil|unknown|anonym(ous|e|o)?|unbekannt|keine angabe|inconnu", re.IGNORECASE
)
"""What stands in a column of ids where nobody is named."""
TOTALS = re.compile(
    r"(grand )?total(s|e)?|sums?|summe|gesamt|mean|median|average|avg\.?|mittelwert|durchschnitt|moyenne|promedio",
    re.IGNORECASE,
)
"""What stands there in a row that is about all."""


def translate(
    export: Export, mapping: SurveyMapping, study: Study, format: str, log: ImportLog
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Return the rows that an export adds to the survey table, as texts, and which response each is of.

    Parameters
    ----------
    export : Export
        What was read.
    mapping : SurveyMapping
        What its columns mean.
    study : Study
        Where the answers go.
    format : str
        Source of the ids, for identities.csv.
    log : ImportLog
        Takes what was left out and why.

    Returns
    -------
    tuple of pandas.DataFrame
        Columns of the survey table, one row per response, or per response and partner where there are loops; and,
        row by row, what tells the response from others, as ``responses.identified`` does.

    Raises
    ------
    InputError
        When answers, dates, ids or waves cannot be read for certain.
    """
    rows = _Rows(export, mapping, study, format, log)
    new = {
        target: rows.named(columns[0], target) for target, columns in rows.sources.items() if target not in log.items
    }
    for name in ("respondent_id", "hr_id", "manager_id"):
        if name in new:
            new[name] = _people(new[name], name, format, study, rows)
    new["respondent_id"] = rows.respondents(new.get("respondent_id"))
    if export.loops:
        _other_side(new, rows)
    if "submitted_at" in new:
        new["submitted_at"] = _times(new["submitted_at"], rows)
    for name in {"weight", "seconds"} & new.keys():
        if export.decimal == ",":
            new[name] = new[name].str.replace(",", ".", regex=False)
    if log.wave is not None:
        new["wave"] = _wave(log.wave, new.get("wave"), rows)
    if "wave" not in rows.sources and "submitted_at" in new:
        _one_wave(pd.to_datetime(new["submitted_at"]), rows)
    for item in rows.items:
        new[item.id] = _comments(item, rows) if item.role == "comment" else _answers(item, rows)
    if problems := [*asked(log.ledger, log.file, str(log.mapping), mapping.answers), *rows.problems]:
        raise InputError(problems)
    new = pd.DataFrame(new, index=rows.frame.index)
    items = [item.id for item in rows.items]
    log.answers = int(new[items].notna().sum().sum())
    new = rows.without(new, "no item answered", new[items].isna().all(axis=1))
    new = _once(new, rows)
    log.imported = len(new)
    log.taken = int(new[items].notna().sum().sum())
    if reverse := [item.id for item in rows.items if item.reverse]:
        log.notes.append(f"Answers to {', '.join(reverse)} are reversed later: export them as they were given.")
    return new, rows.responses.loc[rows.number[new.index]].set_axis(new.index)


class _Rows:
    """The responses that count, one row per partner, and what is needed to speak about them."""

    def __init__(self, export: Export, mapping: SurveyMapping, study: Study, format: str, log: ImportLog) -> None:
        self.export, self.mapping, self.study, self.log = export, mapping, study, log
        self.problems: list[Problem] = []
        self.responses = identified(export, mapping, format, log.file)
        self.sources: dict[str, list[str]] = {}
        for column, target in mapping.columns.items():
            self.sources.setdefault(target, []).append(column)
        log.personal, log.left_out = self.sources.pop(PERSONAL, []), self.sources.pop(SKIP, [])
        self.sources.pop(RESPONSE, None)
        if self.sources.get("respondent_id", [""])[0] in export.response[:1]:
            column = self.sources.pop("respondent_id")[0]
            log.notes.append(f"{column} tells responses apart, not people: nobody is taken to have answered twice.")
        self.items = [item for item in study.codebook.items if item.id in self.sources]
        log.items = {item.id: self.sources[item.id] for item in self.items}
        self.frame = export.responses
        if who := self.sources.get("respondent_id"):
            nobody = self.frame[who[0]].str.fullmatch(NOBODY).fillna(False).astype(bool)
            self.frame = self.frame.assign(**{who[0]: self.frame[who[0]].mask(nobody)}) if nobody.any() else self.frame
            self._totals(self.frame[who[0]])
        self._counted()
        self._answered()
        self.number = pd.Series(self.frame.index, index=self.frame.index)  # row number in the file
        if export.loops:
            self._unroll()

    def at(self, rows: pd.Index | pd.Series) -> list[int]:
        """Return row numbers of the file, for an index or a mask."""
        return [int(row) for row in self.number.loc[rows].unique()]

    def without(self, new: pd.DataFrame, reason: str, gone: pd.Series) -> pd.DataFrame:
        """Return the rows that stay; note the others."""
        if gone.any():
            self.log.skipped[reason] = self.at(gone[gone].index)
        return new[~gone]

    def named(self, column: str, target: str) -> pd.Series:
        """Return a column, the codes of attributes by what the file calls them."""
        labels = self.export.labels.get(column, {})
        if not labels or target in ("respondent_id", *PARTNER, "submitted_at", "seconds", "weight"):
            return self.frame[column]
        return self.frame[column].map(lambda code: labels.get(code, code), na_action="ignore").astype("str")

    def respondents(self, people: pd.Series | None) -> pd.Series:
        """Return who answered; where nobody is named, an id that no other response has."""
        own = self.responses["content"].loc[self.number[self.frame.index]].set_axis(self.frame.index)
        own = ("r-" + own).astype("str")
        if people is None:
            self.log.identity = "the response (nobody is named, so nobody is taken to have answered twice)"
            return own
        self.log.identity = "the person"
        if nameless := int(people.isna().sum()):
            self.log.identity += f"; the response where nobody is named ({nameless})"
        return people.fillna(own)

    def _totals(self, ids: pd.Series) -> None:
        """Refuse a row that is about all respondents, which would count as one more."""
        about_all = ids.str.fullmatch(TOTALS).fillna(False).astype(bool)
        if about_all.any():
            found = f"{shown(ids[about_all].iloc[0])} is no respondent but seems to be a row about all of them"
            rows = tuple(int(row) for row in ids.index[about_all])
            fix = "Take the row out of the file"
            raise input_error(
                self.log.file, found, "", fix, table="survey", column=self.sources["respondent_id"][0], rows=rows
            )

    def _nameless(self, rows: list[int]) -> None:
        """Refuse to lose answers of which the file does not say whose they are."""
        asked = [column for item in self.items for column in self.sources[item.id] if column in self.frame]
        answered = self.frame.loc[rows, asked].notna().any(axis=1)
        if answered.any():
            found = f"{int(answered.sum())} responses hold answers and name nobody"
            fix = (
                f"Add the line anonymous: true to {self.log.mapping.name}, which keeps each of them as a response of "
                "its own, or take them out of the file"
            )
            where, column = tuple(int(row) for row in answered.index[answered]), self.sources["respondent_id"][0]
            raise input_error(self.log.file, found, "an id in each row", fix, table="survey", column=column, rows=where)

    def _counted(self) -> None:
        """Leave out responses for the reasons that the mapping names, and those nobody gave."""
        missing: Sequence[int] = []
        if (
            "respondent_id" in self.sources and (self.responses["content"] == "").all()
        ):  # the file names people, and numbers no responses
            missing = list(self.frame.index[self.frame[self.sources["respondent_id"][0]].isna()])
        reasons = {reason: self.export.flags.get(reason, []) for reason in self.mapping.exclude}
        gone = {int(row) for rows in reasons.values() for row in rows}
        self._nameless([row for row in missing if row not in gone])
        gone = set()
        for reason, rows in (reasons | {"no respondent id": missing}).items():
            if fresh := [int(row) for row in dict.fromkeys(rows) if row not in gone]:
                self.log.skipped[reason] = fresh
                gone |= set(fresh)
        if gone:
            self.frame = self.frame[~self.frame.index.isin(list(gone))]

    def _answered(self) -> None:
        """Empty the cells that stand for no answer."""
        looped = {c for name, columns in self.export.loops.items() for c in (name, *columns.values())}
        used = [c for columns in self.sources.values() for c in columns if c not in looped] + [
            c for name, columns in self.export.loops.items() if self.mapping.columns[name] not in (SKIP, PERSONAL)
            for c in columns.values()
        ]  # fmt: skip
        coded = {c: self.frame[c].isin(self.mapping.missing) for c in used}
        count = sum(int(cells.sum()) for cells in coded.values())
        self.frame = self.frame[used].assign(**{c: self.frame[c].mask(m) for c, m in coded.items() if m.any()})
        if count:
            self.log.notes.append(f"Left empty because they stand for no answer: {count} cells.")

    def _unroll(self) -> None:
        """Give every loop of a response a row of its own; answers outside the loops keep a row without a partner."""
        loops = {loop: columns for loop, columns in self.export.loops.items() if columns_used(columns, self.frame)}
        numbers = sorted({n for columns in loops.values() for n in columns}, key=int)
        plain = [c for c in self.frame if not any(c in columns.values() for columns in loops.values())]
        once = [c for c in plain if self.mapping.columns[c] in self.log.items]
        asked = {loop: columns for loop, columns in loops.items() if self.mapping.columns[loop] in self.log.items}
        parts, looped = [], pd.Series(False, index=self.frame.index)
        for n in numbers:
            answered = self.frame[[columns[n] for columns in asked.values() if n in columns]].notna().any(axis=1)
            part = self.frame.loc[answered, plain].assign(**dict.fromkeys(once))
            for loop, columns in loops.items():
                part[loop] = self.frame.loc[answered, columns[n]] if n in columns else None
            for target, values in self.mapping.loops.items():
                part[f"{target} of the loop"] = values.get(n)
            parts.append(part)
            looped |= answered
        rest = self.frame.loc[~looped | self.frame[once].notna().any(axis=1), plain]
        together = pd.concat([rest, *parts]).sort_index(kind="stable")
        self.number = pd.Series(together.index)
        self.frame = together.reset_index(drop=True)
        self.frame = self.frame.apply(lambda values: values.astype("str"))
        self.sources |= {target: [f"{target} of the loop"] for target in self.mapping.loops}
        in_loop = self.frame[[c for loop in asked for c in [loop]]].notna().any(axis=1)
        partner = [self.sources[name][0] for name in PARTNER if name in self.sources]
        unknown = in_loop & self.frame[[c for c in partner if c in self.frame]].isna().all(axis=1)
        if unknown.any():
            self.log.skipped["a loop about nobody known"] = self.at(unknown[unknown].index)
            self.frame, self.number = self.frame[~unknown], self.number[~unknown]


def columns_used(columns: dict[str, str], frame: pd.DataFrame) -> bool:
    """Tell whether a frame holds the columns of a loop."""
    return any(column in frame for column in columns.values())


def _people(ids: pd.Series, name: str, format: str, study: Study, rows: _Rows) -> pd.Series:
    """Return ids as identities.csv and the study's key want them; refuse e-mail addresses."""
    unknown = study.identities.unmatched(ids, format)
    if unknown:
        rows.log.notes.append(f"In no line of identities.csv, {name}: {in_words(unknown)}.")
    ids = study.identities.resolve(ids, format)
    addresses = ids.str.fullmatch(EMAIL).fillna(False).astype(bool)
    if addresses.any():
        fix = (
            f"Say in identities.csv whom they mean (source {format}), name a key under pseudonyms in study.yaml, "
            "or map another column"
        )
        found, where = f"{int(addresses.sum())} e-mail addresses", rows.at(addresses[addresses].index)
        raise input_error(
            rows.log.file, found, "ids that do not tell who somebody is", fix, table="survey", column=name,
            rows=tuple(where),
        )  # fmt: skip
    return ids


def _other_side(new: dict[str, pd.Series], rows: _Rows) -> None:
    """Where a loop names one side of the pair, the respondent is the other."""
    for named, other in (("manager_id", "hr_id"), ("hr_id", "manager_id")):
        if named in new and other not in new:
            new[other] = new["respondent_id"].where(new[named].notna())
            return


def _wave(wave: str, told: pd.Series | None, rows: _Rows) -> str:
    """Return the wave of an import; refuse a file that speaks of others."""
    others = [] if told is None else [w for w in told.dropna().unique() if w != wave]
    if told is not None and others:
        words = "waves" if len(others) > 1 else "the wave"
        found = f"the file holds {words} {', '.join(map(shown, others[:3]))}, not {shown(wave)}"
        fix = "Import it without --wave, or correct the wave"
        where = rows.at(told[told.isin(others)].index)
        raise input_error(rows.log.file, found, "", fix, table="survey", column="wave", rows=tuple(where))
    return wave


def _one_wave(dates: pd.Series, rows: _Rows) -> None:
    """Refuse responses that fall into two periods far apart, with no column that tells the waves."""
    at = dates.dropna().sort_values()
    gaps = at.diff()
    if len(at) < 5 or gaps.max() <= APART:
        return
    later = at[at >= at[gaps.idxmax()]]
    if MANY <= len(later) / len(at) <= 1 - MANY:
        end = at[at < later.iloc[0]].iloc[-1]
        found = f"answers up to {end:%Y-%m-%d} and again from {later.iloc[0]:%Y-%m-%d}, with nothing between"
        fix = "These look like two waves in one file: export each by itself, or map a column to wave"
        raise input_error(rows.log.file, found, "one wave", fix, table="survey", column="submitted_at")


def _once(new: pd.DataFrame, rows: _Rows) -> pd.DataFrame:
    """Keep the last response of a person about a partner in a wave, if the mapping wants that."""
    key = [name for name in ("respondent_id", *PARTNER, "wave") if name in new]
    twice = new.duplicated(key, keep=False)
    if not twice.any():
        return new
    where, log = rows.at(twice[twice].index), rows.log
    dates = pd.to_datetime(new["submitted_at"]) if "submitted_at" in new else None
    if dates is not None:
        repeated = dates[twice].groupby([new.loc[twice, name].fillna("") for name in key])
        if ((repeated.max() - repeated.min()) > APART).any():
            first, last = dates[twice].min(), dates[twice].max()
            found = f"the same people answer twice, between {first:%Y-%m-%d} and {last:%Y-%m-%d}"
            fix = "These are two waves in one file: export each by itself, or map a column to wave"
            raise input_error(log.file, found, "one wave", fix, table="survey", rows=tuple(where))
    if not any(name in new for name in PARTNER) and twice.mean() > MANY:
        found = "the same people answer several times, and no column tells about whom"
        fix = f"Map the column that names the partner (partnership_id or manager_id) in {log.mapping.name}"
        raise input_error(log.file, found, "one response per person", fix, table="survey", rows=tuple(where))
    if "repeat" not in rows.mapping.exclude:
        log.notes.append("Some respondents answer twice about the same partner: partnership check names them.")
        return new
    order = new.assign(_at=dates) if dates is not None else new.assign(_at=0)
    last = ~order.sort_values("_at", kind="stable", na_position="first").duplicated(key, keep="last").reindex(new.index)
    log.skipped["repeat"] = sorted({*log.skipped.get("repeat", []), *rows.at(last[~last].index)})
    return new[last]


def _comments(item: Item, rows: _Rows) -> pd.Series:
    """Return what somebody wrote; what stands in several columns, one below the other."""
    columns = [rows.frame[column] for column in rows.log.items[item.id]]
    texts = columns[0]
    for further in columns[1:]:
        both = texts.notna() & further.notna() & (texts != further)
        texts = texts.fillna(further).mask(both, texts + "\n" + further.fillna(""))
    return texts.astype("str")


def _answers(item: Item, rows: _Rows) -> pd.Series:
    """Return answers as whole numbers in text form, and add their lines to the ledger."""
    log, further = rows.log, rows.mapping.answers.get(item.response, {})
    meanings = {wording: answer for wording, answer in further.items() if isinstance(answer, int)}
    columns = []
    for name in log.items[item.id]:
        values, called = rows.frame[name], rows.export.labels.get(name, {})
        at = rows.number.loc[values.index]
        lines = settled(values, item, name, called, meanings, rows.export.decimal, at)
        log.ledger += lines
        numbers = {line.answer: str(line.number) for line in lines if line.number is not None}
        columns.append(values.map(numbers).astype("str"))
    return columns[0] if len(columns) == 1 else _one_answer(pd.concat(columns, axis=1), item, rows)


def _one_answer(answers: pd.DataFrame, item: Item, rows: _Rows) -> pd.Series:
    """Return the single answer among columns that lead to one item; refuse two that differ."""
    log, several = rows.log, rows.mapping.several
    first, last = answers.bfill(axis=1).iloc[:, 0], answers.ffill(axis=1).iloc[:, -1]
    double = first.notna() & (answers.notna().sum(axis=1) > 1)
    differ = double & (first != last)
    if double.any():
        log.twice[item.id] = rows.at(double[double].index)
    if differ.any() and several == "refuse":
        named = ", ".join(log.items[item.id])
        fix = (
            "If one response rates several partners, export one row per partner; if a question stands twice, set one "
            f"of the columns to skip, or add several: first (or last) to {log.mapping.name}"
        )
        found, where = f"different answers in more than one of {named}", rows.at(differ[differ].index)
        rows.problems.append(
            Problem("error", log.file, found, "one answer in a row", fix, "survey", item.id, tuple(where))
        )
    return (last if several == "last" else first).astype("str")


def _times(values: pd.Series, rows: _Rows) -> pd.Series:
    """Return moments in the study's time zone as texts."""
    log, zone = rows.log, rows.export.timezone
    target = ZoneInfo(rows.study.timezone)
    try:
        origin = ZoneInfo(zone) if zone else target
    except (KeyError, ValueError, OSError):
        origin = target
        log.notes.append(f"The time zone {shown(zone)} is unknown; times are taken as local.")
    distinct = values.dropna().unique()
    order = rows.mapping.dates or rows.export.dates or _order(distinct, values, rows)
    read = {text: moment(text, order, origin) for text in distinct}
    unzoned = {text: match for text, when in read.items() if when is None and (match := ZONE.fullmatch(text))}
    local = {text: when for text, match in unzoned.items() if (when := moment(match[1], order, origin)) is not None}
    read |= local
    for name in sorted({unzoned[text][2] for text in local}):
        log.notes.append(f"The time zone {shown(name)} is unknown; its times are taken as local.")
    unread = [text for text, when in read.items() if when is None]
    if unread:
        where = rows.at(values.index[values.isin(unread)])
        if values.isin(unread).sum() > MANY * values.notna().sum():
            fix = "Write the times as 2026-05-01 14:30, or set their column to skip"
            raise input_error(
                log.file, ", ".join(map(shown, unread[:3])), "a time", fix,
                table="survey", column="submitted_at", rows=tuple(where),
            )  # fmt: skip
        log.unreadable.append(("submitted_at", ", ".join(map(shown, unread[:3])), where))
    told = {
        text: f"{when.replace(tzinfo=origin).astimezone(target):%Y-%m-%d %H:%M:%S}"
        for text, when in read.items()
        if isinstance(when, datetime.datetime)
    }
    return values.map(told).astype("str")


def _order(distinct: list[str], values: pd.Series, rows: _Rows) -> str | None:
    """Return which number of a date is the day, as the dates themselves tell; refuse those that do not."""
    order, example, both = order_told(distinct)
    if order or not example:
        return order
    found = f"dates such as {shown(example)} "
    found += "stand in both orders of day and month" if both else "do not tell which number is the day"
    fix = f"Write dates: day-first or dates: month-first into {rows.log.mapping.name}"
    where = rows.at(values.index[values.isin([text for text in distinct if order_told([text])[1]])])
    raise input_error(rows.log.file, found, "", fix, table="survey", column="submitted_at", rows=tuple(where))
