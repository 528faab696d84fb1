"""What every importer shares: read, map, translate answers, report, write."""

from __future__ import annotations

import difflib
import re
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd
import yaml
from pydantic import Field

from ..codebook import Item, Response
from ..convert import moment, number
from ..problems import InputError, Problem, did_you_mean, input_error, rows_in_words, shown
from ..read import Source, as_texts
from ..read import read as read_table
from ..study import USUAL_ATTRIBUTES, Settings, Study
from ..tables import PERSONAL as PERSONAL_NAME
from ..tables import TABLES
from ..yaml_files import Declared, load, read_text

SKIP, PERSONAL = "skip", "personal"
SURE, POSSIBLE, TIE = 0.9, 0.6, 0.05
"""Similarity of texts: from SURE on a match, below POSSIBLE none; two within TIE of each other are a tie."""

_EMAIL = r"[^@\s]+@[^@\s]+\.[^@\s]+"
_RESPONDENT = {"respondent", "respondentid", "participantid", "personid", "employeeid", "responseid", "id"}


@dataclass(frozen=True)
class Export:
    """An export as its format's module reads it.

    Parameters
    ----------
    responses
        Texts, one row per response, indexed by row number of the file.
    questions
        Column to the text of its question.
    meanings
        Column to a survey column, ``skip`` or ``personal``, where the format fixes it.
    prefer
        Columns in order of preference, where several have the same meaning.
    skipped
        Reason to the rows of responses that are none.
    unfinished
        Rows of responses that were not completed.
    timezone
        Time zone of the dates; None: the study's.
    """

    responses: pd.DataFrame
    questions: dict[str, str]
    meanings: dict[str, str] = field(default_factory=dict)
    prefer: list[str] = field(default_factory=list)
    skipped: dict[str, list[int]] = field(default_factory=dict)
    unfinished: list[int] = field(default_factory=list)
    timezone: str | None = None


class Mapping(Declared):
    """What becomes of the columns of an export; saved in the study and edited by hand.

    Parameters
    ----------
    columns
        Column of the export to an item, a survey column, an attribute, ``skip`` or ``personal``. Several
        columns may lead to one item, when no response answers two of them.
    answers
        Response format to further wordings: ``{agreement: {"Stimme zu": 4}}``.
    keep_unfinished
        Take responses that were not completed.
    """

    columns: dict[str, str]
    answers: dict[str, dict[str, int]] = Field(default_factory=dict)
    keep_unfinished: bool = False


@dataclass
class ImportReport:
    """What an import took, what it left out, and why."""

    file: str
    mapping: Path
    survey: Path
    wave: str | None
    read: int = 0
    imported: int = 0
    replaced: int = 0
    items: dict[str, list[str]] = field(default_factory=dict)
    skipped: dict[str, list[int]] = field(default_factory=dict)
    personal: list[str] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)
    unreadable: list[tuple[str, str, list[int]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def text(self) -> str:
        """Return the report as text for a terminal."""
        wave = f" as wave {self.wave}" if self.wave else ""
        lines = [f"{self.file}: {self.read} responses read, {self.imported} imported{wave} into {self.survey}."]
        if self.replaced:
            lines.append(f"{self.replaced} responses were there before and were replaced.")
        lines.append(f"Mapping: {self.mapping}")
        lines += [f"  {item} ← {', '.join(columns)}" for item, columns in self.items.items()]
        lines += [
            f"Skipped, {reason}: {len(rows)} ({rows_in_words(tuple(rows))})" for reason, rows in self.skipped.items()
        ]
        if self.personal:
            lines.append(f"Personal columns left out: {', '.join(self.personal)}.")
        if self.left_out:
            lines.append(f"Columns left out: {', '.join(self.left_out)}.")
        for column, values, rows in self.unreadable:
            lines.append(f"Not readable and left empty, {column}: {values} ({rows_in_words(tuple(rows))})")
        return "\n".join([*lines, *self.notes])


def texts(path: Path) -> pd.DataFrame:
    """Return a table of any readable format as texts, indexed by row number."""
    return as_texts(read_table(Source(path=path.name), path.parent, "survey"))


def bring_in(
    export: Export, format: str, file: Path, study: Study, mapping: Path | None, wave: str | None
) -> ImportReport:
    """Bring an export into the survey table of a study; see ``importers.import_file``."""
    target = _survey_file(study)
    place = mapping or study.folder / "mappings" / f"{format}.yaml"
    if not place.is_file():
        _propose(export, study, file, place)
    chosen = load(Mapping, place)
    _check_mapping(chosen, place.name, export, study)
    report = ImportReport(file.name, place, target, wave, read=len(export.responses))
    new = _translate(export, chosen, study, report)
    if wave is not None:
        new["wave"] = wave
    _write(new, target, study, report)
    return report


class _Proposal:
    """Finds for every column of an export what it most likely holds."""

    def __init__(self, export: Export, study: Study) -> None:
        self.export, self.codebook = export, study.codebook
        attributes = study.settings.attributes or USUAL_ATTRIBUTES
        self.names = {_key(n): n for n in [*TABLES["survey"].columns, *attributes]}
        self.items = {_key(item.id): item.id for item in self.codebook.items}
        self.doubts: list[str] = []
        self.columns: dict[str, tuple[str, str]] = {}  # column: target, comment
        for column in export.responses:
            self.columns[column] = self._target(column)
        self._one_each()
        self._complete()

    @cached_property
    def _wordings(self) -> list[tuple[str, str]]:
        return [
            (item.id, wording)
            for item in self.codebook.items
            for wording in {_words(item.text_for(side)) for side in [None, *self.codebook.sides]}
        ]

    def _target(self, column: str) -> tuple[str, str]:
        values = self.export.responses[column].dropna()
        if len(values) and values.str.fullmatch(_EMAIL).mean() > 0.5:
            return PERSONAL, "e-mail addresses"
        if column in self.export.meanings:
            return self.export.meanings[column], ""
        if _key(column) in self.items:
            return self.items[_key(column)], "same name"
        if _key(column) in self.names:
            return self.names[_key(column)], "same name"
        if _key(column) in _RESPONDENT and "respondentid" not in map(_key, self.export.responses):
            return "respondent_id", "by its name"
        target, comment = self._similar(column)
        if target == SKIP and PERSONAL_NAME.fullmatch(column):
            return PERSONAL, "by its name"
        return target, comment

    def _similar(self, column: str) -> tuple[str, str]:
        question = self.export.questions.get(column, "")
        asked = {_words(question), _words(question.rsplit(" - ", 1)[-1])} - {""}
        scores: dict[str, float] = {}
        for text in asked:
            matcher = difflib.SequenceMatcher(autojunk=False)
            matcher.set_seq2(text)
            for item, wording in self._wordings:
                matcher.set_seq1(wording)
                floor = max(POSSIBLE, scores.get(item, 0))
                if matcher.real_quick_ratio() >= floor and matcher.quick_ratio() >= floor:
                    scores[item] = max(scores.get(item, 0), matcher.ratio())
        best = sorted(scores.items(), key=lambda pair: -pair[1])[:2]
        if not best or best[0][1] < POSSIBLE:
            return SKIP, "no item has a similar text"
        (item, score), second = best[0], best[1] if len(best) > 1 else ("", 0)
        if score == 1 > second[1]:
            return item, "same text"
        if score - second[1] < TIE:
            self.doubts.append(f"{column} fits {item} and {second[0]} alike")
        elif score < SURE:
            self.doubts.append(f"{column} resembles {item}, but not closely")
        else:
            return item, f"similar text, {score:.2f}"
        return SKIP, f"UNSURE: {item} ({score:.2f})" + (f" or {second[0]} ({second[1]:.2f})" if second[0] else "")

    def _one_each(self) -> None:
        """Keep one column per meaning other than an item: the preferred one that holds something."""
        for name in self.names.values():
            filled = self.export.responses.notna().any()
            rivals = [c for c, (target, _) in self.columns.items() if target == name]
            rivals.sort(
                key=lambda c: (not filled[c], self.columns[c][1] != "same name", _position(self.export.prefer, c))
            )
            for column in rivals[1:]:
                self.columns[column] = SKIP, f"{name} is taken from {rivals[0]}"

    def _complete(self) -> None:
        targets = {target for target, _ in self.columns.values()}
        if "respondent_id" not in targets:
            self.doubts.append("no column tells who answered (respondent_id)")
        if not targets & set(self.items.values()):
            self.doubts.append("no column is an item of the codebook")
        for side in self.codebook.sides:
            full = {item.id for item in self.codebook.scale_items(side=side)}
            short = {item.id for item in self.codebook.scale_items(side=side, short_form=True)}
            matched = full & targets
            wanted = short if matched <= short else full
            if matched and wanted - matched:
                self.doubts.append(f"no column for {', '.join(sorted(wanted - matched))}")
        self.doubts = list(dict.fromkeys(self.doubts))


def _propose(export: Export, study: Study, file: Path, place: Path) -> None:
    """Write a proposed mapping; stop when any of it is in doubt."""
    proposal = _Proposal(export, study)
    lines = [
        f"# What becomes of the columns of {file.name}: an item of the codebook, a column of the survey table,",
        "# an attribute, skip (left out) or personal (left out, because it tells who somebody is). Edit freely:",
        "# the next import uses this file. Several columns may lead to one item, such as one wording per side.",
        "columns:",
    ]
    for column, (target, comment) in proposal.columns.items():
        question = export.questions.get(column, "")
        about = [comment] if comment else []
        about += [shown(question, 70)] if question not in ("", column) else []
        note = "".join(letter for letter in "; ".join(about) if letter.isprintable())
        lines.append(f"  {_scalar(column)}: {_scalar(target)}{f'  # {note}' if note else ''}")
    lines += [
        "# Wordings of answers that the codebook does not know, per response format, for example:",
        "#   agreement: {Stimme zu: 4}",
        "answers: {}",
        "keep_unfinished: false  # true: take those too",
    ]
    place.parent.mkdir(parents=True, exist_ok=True)
    _replace(place, "\n".join(lines) + "\n")
    if proposal.doubts:
        fix = f"Look through the proposal {place}, correct it and run the import again; nothing was imported"
        raise InputError(
            [
                *(Problem("error", file.name, doubt) for doubt in proposal.doubts[:-1]),
                Problem("error", file.name, proposal.doubts[-1], fix=fix),
            ]
        )


def _check_mapping(mapping: Mapping, name: str, export: Export, study: Study) -> None:
    problems = []
    attributes = study.settings.attributes or USUAL_ATTRIBUTES
    known = [SKIP, PERSONAL, *TABLES["survey"].columns, *attributes, *(item.id for item in study.codebook.items)]
    for column, target in mapping.columns.items():
        if column not in export.responses and target not in (SKIP, PERSONAL):
            fix = did_you_mean(column, export.responses) or "Remove the line"
            problems.append(Problem("error", name, "the file has no such column", "", fix, "", f"columns.{column}"))
        if target not in known:
            expected = "an item, a survey column, an attribute of study.yaml, skip or personal"
            fix = did_you_mean(target, known)
            problems.append(Problem("error", name, shown(target), expected, fix, "", f"columns.{column}"))
    for column in export.responses:
        if column not in mapping.columns:
            fix = f"Add {column}: skip, or what it holds; or name another file with --mapping to get a new proposal"
            problems.append(Problem("error", name, f"nothing is said about column {shown(column)}", "", fix))
    for response in mapping.answers:
        if response not in study.codebook.responses:
            expected = f"one of {', '.join(study.codebook.responses)}"
            problems.append(Problem("error", name, shown(response), expected, "", "", "answers"))
    items = {item.id for item in study.codebook.items}
    used = [t for t in mapping.columns.values() if t not in (SKIP, PERSONAL) and t not in items]
    problems += [
        Problem("error", name, f"{target} is the target of several columns", fix="Keep one; set the others to skip")
        for target in dict.fromkeys(used)
        if used.count(target) > 1
    ]
    if "respondent_id" not in used:
        problems.append(
            Problem("error", name, "no column becomes respondent_id", fix="Say which column tells who answered")
        )
    if problems:
        raise InputError(problems)


def _translate(export: Export, mapping: Mapping, study: Study, report: ImportReport) -> pd.DataFrame:
    """Return the new rows of the survey table as texts, and note what was left out."""
    sources: dict[str, list[str]] = {}
    for column, target in mapping.columns.items():
        sources.setdefault(target, []).append(column)
    report.personal, report.left_out = sources.pop(PERSONAL, []), sources.pop(SKIP, [])
    responses = _counted(export, mapping, sources["respondent_id"][0], report)
    items = [item for item in study.codebook.items if item.id in sources]
    report.items = {item.id: sources[item.id] for item in items}
    new = {target: responses[columns[0]] for target, columns in sources.items() if target not in report.items}
    if "submitted_at" in new:
        new["submitted_at"] = _times(new["submitted_at"], export.timezone, study.timezone, report)
    problems: list[Problem] = []
    for item in items:
        values = _one_answer(responses, item, report, problems)
        new[item.id] = values if item.role == "comment" else _answers(values, item, mapping, report, problems)
    if problems:
        raise InputError(problems)
    new = pd.DataFrame(new, index=responses.index)
    silent = new[[item.id for item in items]].isna().all(axis=1)
    report.skipped |= {"no item answered": list(new.index[silent])} if silent.any() else {}
    new = new[~silent]
    report.imported = len(new)
    if new.duplicated([name for name in TABLES["survey"].key if name in new]).any():
        report.notes.append("Some respondents answer twice about the same partner: partnership check names them.")
    if reverse := [item.id for item in items if item.reverse]:
        report.notes.append(f"Answers to {', '.join(reverse)} are reversed later: export them as they were given.")
    return new


def _counted(export: Export, mapping: Mapping, respondent: str, report: ImportReport) -> pd.DataFrame:
    """Return the responses that count; note why others do not."""
    missing = export.responses.index[export.responses[respondent].isna()]
    reasons = export.skipped | ({} if mapping.keep_unfinished else {"not finished": export.unfinished})
    gone: set[int] = set()
    for reason, rows in (reasons | {"no respondent id": missing}).items():
        if fresh := [row for row in rows if row not in gone]:
            report.skipped[reason] = fresh
            gone |= set(fresh)
    return export.responses[~export.responses.index.isin(gone)]


def _one_answer(responses: pd.DataFrame, item: Item, report: ImportReport, problems: list[Problem]) -> pd.Series:
    """Return the single answer among columns that lead to one item; two answers are none."""
    columns = report.items[item.id]
    answered = responses[columns].notna().sum(axis=1)
    several, rows = f"answers in more than one of {', '.join(columns)}", list(responses.index[answered > 1])
    if rows:
        report.unreadable.append((item.id, several, rows))
    if len(rows) > (answered == 1).sum():
        fix = "If one response rates several partners, export one row per partner"
        problems.append(
            Problem("error", report.file, several, "one answer in a row", fix, "survey", item.id, tuple(rows))
        )
    return responses[columns].bfill(axis=1).iloc[:, 0].mask(answered > 1)


def _answers(
    values: pd.Series, item: Item, mapping: Mapping, report: ImportReport, problems: list[Problem]
) -> pd.Series:
    """Return answers as whole numbers in text form."""
    further = mapping.answers.get(item.response, {})
    numbers = {text: answer_number(text, item.format, further) for text in values.dropna().unique()}
    unread = [text for text, value in numbers.items() if value is None]
    if unread:
        examples = ", ".join(shown(text) for text in unread[:3]) + (" …" if len(unread) > 3 else "")
        rows = list(values.index[values.isin(unread)])
        report.unreadable.append((item.id, examples, rows))
        if len(unread) == len(numbers):
            found, expected = (
                f"no answer can be read: {examples}",
                f"{item.low} to {item.high} or a label of the codebook",
            )
            sample = f"answers: {{{item.response}: {{{shown(unread[0])}: {item.low}}}}}"
            fix = f"Add what they mean to {report.mapping.name}, such as {sample}"
            problems.append(Problem("error", report.file, found, expected, fix, "survey", item.id, tuple(rows)))
    return values.map({text: str(value) for text, value in numbers.items() if value is not None}).astype("str")


def answer_number(text: str, response: Response, further: dict[str, int]) -> int | None:
    """Return the answer that a text means, or None.

    Parameters
    ----------
    text
        A label, a number, or a number with its label such as ``5 - Strongly agree``.
    response
        The response format.
    further
        Wordings that the codebook does not know.

    Returns
    -------
    A whole number within the range of the response; None for all else.
    """
    wordings = {}
    for answer, words in response.labels.items():
        wordings |= dict.fromkeys(map(_label, [words] if isinstance(words, str) else words), answer)
    wordings |= {_label(wording): answer for wording, answer in further.items()}
    found = wordings.get(_label(text))
    if found is None:
        value = number(text)
        found = int(value) if value is not None and value == value and value % 1 == 0 else None
    if found is None and (match := re.fullmatch(r"(\d+)\s*[-–—:.=)]\s*(.+)", text.strip(), re.ASCII)):
        labelled = wordings.get(_label(match[2]))
        found = labelled if labelled == int(match[1]) else None
    return found if found is not None and response.low <= found <= response.high else None


def _times(values: pd.Series, zone: str | None, study_zone: str, report: ImportReport) -> pd.Series:
    target = ZoneInfo(study_zone)
    try:
        origin = ZoneInfo(zone) if zone else target
    except (KeyError, ValueError, OSError):
        origin = target
        report.notes.append(f"The time zone {shown(zone)} is unknown; times are taken as local.")
    read = {text: moment(text, None, origin) for text in values.dropna().unique()}
    unread = [text for text, when in read.items() if when is None]
    if unread:
        report.unreadable.append(
            ("submitted_at", ", ".join(map(shown, unread[:3])), list(values.index[values.isin(unread)]))
        )
    told = {
        text: f"{when.replace(tzinfo=origin).astimezone(target):%Y-%m-%d %H:%M:%S}"
        for text, when in read.items()
        if when is not None and when == when
    }
    return values.map(told).astype("str")


def _survey_file(study: Study) -> Path:
    source = study.tables.get("survey")
    if source is None:
        return study.folder / "survey.csv"
    if source != Source(path=source.path) or not source.is_text:
        raise input_error(
            "study.yaml",
            "the survey table is not a plain csv file, so nothing can be added to it",
            fix="Change tables.survey to survey.csv, and keep the earlier answers there",
            column="tables.survey",
        )
    return study.folder / source.path


def _write(new: pd.DataFrame, target: Path, study: Study, report: ImportReport) -> None:
    """Merge new rows with the other waves and put the whole file in place at once."""
    old = texts(target) if target.is_file() else pd.DataFrame()
    if len(old):
        key = [name for name in TABLES["survey"].key if name in old or name in new]
        before, now = (
            pd.MultiIndex.from_frame(rows.reindex(columns=key).astype("str").fillna("")) for rows in (old, new)
        )
        again = before.isin(now)
        if not all("wave" in rows and rows["wave"].notna().all() for rows in (old, new)) and not again.all():
            found = "there are answers already, and without waves they cannot be told apart"
            raise input_error(target.name, found, fix="Name the wave with --wave; earlier rows need their wave too")
        report.replaced, old = int(again.sum()), old[~again]
    merged = pd.concat([old, new], ignore_index=True) if len(old) else new
    known = [*TABLES["survey"].columns, *merged.columns]
    merged = merged[sorted(merged.columns, key=known.index)]
    settings = _with_survey(study, target)
    _replace(target, merged.to_csv(index=False, lineterminator="\n"))
    if settings:
        _replace(study.folder / "study.yaml", settings)
        report.notes.append("study.yaml now names the survey table.")
    report.notes.append(f"Next: partnership check {study.folder}")


def _with_survey(study: Study, target: Path) -> str:
    """Return study.yaml with the survey table added, its comments kept; empty when it names one already."""
    if "survey" in study.tables:
        return ""
    place = study.folder / "study.yaml"
    text = read_text(place)
    line = f"survey: {target.name}"
    if re.search(r"^tables:\s*\{", text, re.MULTILINE):
        text = re.sub(
            r"^(tables:\s*\{)\s*(\}?)", lambda m: m[1] + line + (m[2] or ", "), text, count=1, flags=re.MULTILINE
        )
    else:
        indent = re.search(r"^tables:[^\n]*\n(?:\s*(?:#[^\n]*)?\n)*([ ]*)", text, re.MULTILINE)
        text = re.sub(
            r"^(tables:[^\n]*\n)",
            lambda m: f"{m[1]}{(indent and indent[1]) or '  '}{line}\n",
            text,
            count=1,
            flags=re.MULTILINE,
        )
    try:
        Settings.model_validate(yaml.safe_load(text))
    except (yaml.YAMLError, ValueError):
        raise input_error(
            "study.yaml", "the survey table cannot be added to the file", fix=f"Add {line} under tables:"
        ) from None
    return text


def _replace(path: Path, text: str) -> None:
    beside = path.with_name(f"{path.name}.new")
    beside.write_text(text, encoding="utf-8", newline="\n")
    beside.replace(path)


def _scalar(text: str) -> str:
    """Return a text as YAML reads it back: plain when it is a simple word, else in quotation marks."""
    plain = re.fullmatch(r"[A-Za-z]\w*", text, re.ASCII) and text.lower() not in ("null", "true", "false")
    return text if plain else yaml.safe_dump(text, default_style='"', width=10**6, allow_unicode=True).strip()


def _key(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).lower()


def _words(text: str) -> str:
    return " ".join(re.sub(r"[^\w\s]", " ", str(text).lower()).split())


def _label(text: str) -> str:
    """Return the wording of an answer without what does not change it: case, spaces, a full stop."""
    return " ".join(str(text).casefold().replace("’", "'").split()).rstrip(".")


def _position(preferred: list[str], column: str) -> int:
    return preferred.index(column) if column in preferred else len(preferred)
