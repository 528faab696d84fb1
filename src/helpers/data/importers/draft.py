"""Draft a study's codebook, attributes and mapping from what a survey tool holds: an export, or a definition."""

from __future__ import annotations

import importlib
import re
from collections import Counter
from collections.abc import Iterator, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import pandas as pd

from ..against import running_against
from ..convert import number
from ..create import create_study
from ..limits import Limits
from ..problems import InputError, input_error
from ..study import Study
from ..tables import PERSONAL_NAME, TABLES
from ..writing import as_written, put
from ..yaml_files import read_text, scalar
from . import formats
from .answers import NO_ANSWER
from .definitions import Question, read_definition
from .export import Export
from .names import EMAIL, printable
from .proposal import leave, propose

DEFINITIONS = (".qsf", ".lss", ".sss", ".xml")
TRIED = ("qualtrics", "surveymonkey", "limesurvey", "msforms", "glint", "googleforms", "wide")
"""Formats in the order in which a file is tried: those that are known by their headers first."""
DEGREE = re.compile(
    r"\b(not|very|extremely|completely|fully|totally|strongly|somewhat|slightly|rather|quite|never|rarely|seldom|often"
    r"|always|poor|fair|good|bad|excellent|agree|disagree|(dis|un)?satisfied|(un)?likely|low|high|less|more|much|better"
    r"|worse|nicht|nie|selten|oft|immer|sehr|eher|voll|völlig|gar|überhaupt|stimme|trifft|schlecht|gut|hoch|niedrig|(un)?"
    r"zufrieden|pas|peu|plutôt|très|jamais|souvent|toujours|d.accord|nada|poco|muy|siempre|nunca|acuerdo|oneens|eens)\b",
    re.IGNORECASE,
)
"""Words of labels that say how much or how often."""
RECOMMEND = re.compile(r"\brecommend|\bempfehl|\bempfiehl|\brecommand|\brecomend|\braccomand|\baanbevel", re.IGNORECASE)
"""Begins of words by which a question asks whether one would recommend."""
POINTS = range(0, 11)
"""Numbers that the answers of a rating may be."""
GROUPS = range(2, 31)
"""Names that an attribute may have."""
WORDY = 25
"""Letters from which answers, on average, are comments where hardly any comes twice."""
WORDINGS = 7
"""Wordings that a scale may have, where several questions share them and nobody knows their numbers."""
USUAL = (  # wordings of usual scales, from the lowest to the highest
    ("strongly disagree", "disagree", "neither agree nor disagree|neutral|neither", "agree", "strongly agree"),
    ("strongly disagree", "disagree", "somewhat disagree|slightly disagree", "neither agree nor disagree|neutral",
     "somewhat agree|slightly agree", "agree", "strongly agree"),
    ("very dissatisfied", "dissatisfied", "neither satisfied nor dissatisfied|neutral", "satisfied", "very satisfied"),
    ("never", "rarely", "sometimes", "often", "always"),
    ("trifft gar nicht zu|trifft überhaupt nicht zu", "trifft eher nicht zu|trifft kaum zu|trifft wenig zu",
     "teils teils|teils/teils|teils, teils|weder noch|neutral", "trifft eher zu|trifft überwiegend zu",
     "trifft voll zu|trifft völlig zu|trifft voll und ganz zu"),
    ("trifft nicht zu", "trifft eher nicht zu", "teils teils|teils/teils|teils, teils|weder noch|neutral",
     "trifft eher zu", "trifft zu"),
    ("sehr unzufrieden", "unzufrieden|eher unzufrieden", "teils teils|teils/teils|weder noch|neutral",
     "zufrieden|eher zufrieden", "sehr zufrieden"),
    ("nie", "selten", "manchmal|gelegentlich", "oft|häufig", "immer"),
    ("stimme überhaupt nicht zu|stimme gar nicht zu|lehne stark ab", "stimme eher nicht zu|stimme nicht zu|lehne ab",
     "teils teils|teils/teils|weder noch|neutral", "stimme eher zu|stimme zu",
     "stimme voll und ganz zu|stimme voll zu"),
    ("pas du tout d'accord", "pas d'accord|plutôt pas d'accord", "ni d'accord ni pas d'accord|neutre",
     "d'accord|plutôt d'accord", "tout à fait d'accord"),
)  # fmt: skip


@dataclass
class Draft:
    """What a question of an export becomes in a codebook.

    Parameters
    ----------
    column, text, block : str
        Column of the export, its question, and what it stands under.
    low, high : int
        Ends of the range; of a comment both 0.
    labels : dict of int to str
        Number to what it is called.
    unknown : list of str
        Wordings of which nobody knows the number yet.
    guess : str
        Why it may be reversed; empty: nothing says so.
    recommend : bool
        Whether it seems to ask, from 0 to 10, if one would recommend.
    """

    column: str
    text: str
    block: str
    low: int = 0
    high: int = 0
    labels: dict[int, str] = field(default_factory=dict)
    unknown: tuple[str, ...] = ()
    guess: str = ""
    recommend: bool = False
    id: str = ""

    @property
    def format(self) -> tuple:
        """What the items of one response format have in common."""
        return self.low, self.high, tuple(sorted(self.labels.items())), self.unknown


def study_from(folder: str | Path, path: str | Path, format: str | None = None) -> str:
    """Write a new study whose codebook, attributes and mapping are drafted from an export or a definition.

    Parameters
    ----------
    folder : str or pathlib.Path
        Where to; made if it is not there.
    path : str or pathlib.Path
        An export of a survey tool, or a definition: .qsf, .lss or Triple-S.
    format : str, optional
        Format of the export; default: the first that can read it.

    Returns
    -------
    str
        What was drafted, for a terminal.

    Raises
    ------
    InputError
        When the file cannot be read, or holds no question that is answered by a rating.
    """
    path, limits = Path(path), Limits()
    if not path.is_file():
        raise input_error(path.name, f"there is no file {path}")
    if path.suffix.lower() in DEFINITIONS:
        export, drafts = None, list(_of_definition(read_definition(path, limits)))
    else:
        format, export = _read(path, format, limits)
        drafts = list(_of_export(export))
    if not any(draft.high for draft in drafts):
        expected = "columns of whole numbers, or of at most eleven wordings"
        raise input_error(path.name, "no question is answered by a rating", expected)
    drafts = [_asks_to_recommend(draft) for draft in drafts]
    _name(drafts)
    if export:
        _reversed(drafts, export)
    attributes = _attributes(export, drafts) if export else {}
    into = create_study(folder)
    files = {into / "codebook.yaml": _codebook(drafts, path)}
    items = [draft.id for draft in drafts]
    header = ["respondent_id", "wave", "submitted_at", *attributes.values(), *items]
    files[into / "survey.csv"] = ",".join(header) + "\n"
    if attributes:
        settings = read_text(into / "study.yaml")
        named = f"attributes: [{', '.join(map(scalar, attributes.values()))}]"
        files[into / "study.yaml"] = re.sub(r"(?m)^# attributes: .*?(?=  #)", lambda _: named, settings, count=1)
    put({place: as_written(text) for place, text in files.items()}, into)
    said = [f"New study in {into}, drafted from {path.name}{f' ({format})' if format else ''}."]
    said.append(
        f"codebook.yaml: {sum(bool(d.high) for d in drafts)} ratings, {sum(not d.high for d in drafts)} comments."
    )
    guesses = [draft.id for draft in drafts if draft.guess]
    said += [f"Guesses to look at, marked GUESS: {', '.join(guesses)} may be reversed."] if guesses else []
    if recommend := [draft.id for draft in drafts if draft.recommend]:
        said.append(f"Guess to look at: {', '.join(recommend)} may ask from 0 to 10 whether one would recommend.")
    if unknown := [draft.id for draft in drafts if draft.unknown]:
        said.append(f"Nobody knows yet which number the wordings of {', '.join(unknown)} mean: the import will ask.")
    if attributes:
        said.append(f"Attributes: {', '.join(attributes.values())}.")
    if export and format:
        known = {draft.column: draft.id for draft in drafts} | attributes
        proposal = propose(export, Study.load(into), format, path, known)
        place = into / "mappings" / f"{format}.yaml"
        if proposal.doubts:
            leave(place, proposal.text)
        else:
            place.parent.mkdir(exist_ok=True)
            put({place: as_written(proposal.text)}, place.parent)
        said.append(f"Mapping: {place}{'; look through it' if proposal.doubts else ''}.")
        said.append(
            f"Next: look through {into / 'codebook.yaml'}, then partnership import {format} {path} --study {into}"
        )
    else:
        tool = {".qsf": "qualtrics", ".lss": "limesurvey"}.get(path.suffix.lower(), "wide")
        said.append(
            f"Next: look through {into / 'codebook.yaml'}, then bring in an export, with {path.name} beside it: "
            f"partnership import {tool} export.csv --study {into}"
        )
    return "\n".join(said)


def _asks_to_recommend(draft: Draft) -> Draft:
    """Note that a question seems to ask whether one would recommend; nobody may have chosen 0, which such have."""
    if draft.high != 10 or not RECOMMEND.search(draft.text):
        return draft
    return replace(draft, low=0, recommend=True)


def _read(path: Path, format: str | None, limits: Limits) -> tuple[str, Export]:
    """Return the format of an export, and what it holds."""
    if format is not None and format not in TRIED:
        raise input_error(path.name, f"{format} is no format of a survey", f"one of {', '.join(TRIED)}")
    for name in [format] if format else TRIED:
        reader = importlib.import_module(f"{formats.__name__}.{name}")
        try:
            return name, reader.read(path, limits)
        except InputError:
            if name == (format or TRIED[-1]):
                raise
    raise AssertionError("the last format either reads a file or refuses it")


def _of_export(export: Export) -> Iterator[Draft]:
    """Yield what the columns of an export become: ratings and comments."""
    asked: dict[str, pd.Series] = {}
    for column in export.columns:
        values = export.values(column).dropna()
        values = values[~values.isin(export.missing)]
        if not (column in export.meanings or _of_person(column, values) or _known(column) or values.empty):
            asked[column] = values
    alike = _alike({column: set(values) for column, values in asked.items()})
    said = {str(text).casefold() for values in asked.values() for text in values.unique()}
    shared = Counter(tuple(export.labels.get(column, {}).values()) for column in asked)
    for column, values in asked.items():
        question = export.questions.get(column, "") or column
        block, _, text = question.rpartition(" - ")
        called = export.labels.get(column, {})
        rated = None
        if not called or shared[tuple(called.values())] > 1 or _ordered(called):
            rated = _rating(list(values.unique()), called, export.decimal, len(values), said)
        if rated is None and column in alike and not called:
            rated = Draft("", "", "", 1, len(alike[column]), unknown=alike[column])
        if rated is not None:
            yield replace(rated, column=column, text=text or question, block=block)
        elif values.str.len().mean() > WORDY and values.nunique() > min(max(GROUPS), 0.8 * len(values)):
            yield Draft(column, text or question, block)


def _alike(wordings: dict[str, set[str]]) -> dict[str, tuple[str, ...]]:
    """Return columns that are answered by the same few wordings as others are, with all of these."""
    few = {column: words for column, words in wordings.items() if len(words) <= WORDINGS}
    found: dict[str, tuple[str, ...]] = {}
    for column, words in few.items():
        others = [other for name, other in few.items() if name != column and 3 * len(words & other) >= 2 * len(words)]
        union = words.union(*others)
        if others and 3 <= len(union) <= WORDINGS:
            found[column] = tuple(sorted(union))
    return found


def _reversed(drafts: list[Draft], export: Export) -> None:
    """Note the items that seem to run against the others of their block: a guess, from how the answers go together."""
    for block in dict.fromkeys(draft.block for draft in drafts if draft.high and not draft.unknown):
        of_block = [d for d in drafts if d.block == block and d.high and not d.unknown and d.column in export.responses]
        told = {d.id: _numbers(export.responses[d.column], d, export.decimal) for d in of_block}
        against = running_against(pd.DataFrame(told))
        for draft in of_block:
            if draft.id in against and not draft.recommend:
                draft.guess = f"it runs against the others, correlation {against[draft.id]:.2f}"


def _numbers(values: pd.Series, draft: Draft, decimal: str) -> pd.Series:
    """Return the answers of a draft as numbers."""
    by_label = {label.casefold(): value for value, label in draft.labels.items()} | _usual(list(draft.labels.values()))
    told = {}
    for text in values.dropna().unique():
        first = re.match(r"\d{1,2}(?=\s*[-–=:.)])", text)
        whole = number(text, decimal)
        told[text] = by_label.get(text.casefold(), whole if whole is not None else float(first[0]) if first else np.nan)
    return values.map(told).astype("float64")


def _of_definition(questions: list[Question]) -> Iterator[Draft]:
    for question in questions:
        rated = None if question.open else _rating(list(question.labels), question.labels, ".", 0)
        if question.open:
            yield Draft(question.name, question.text, "")
        elif rated is not None:
            for column, text in (question.statements or {question.name: question.text}).items():
                yield replace(rated, column=column, text=text, block=question.text if question.statements else "")


def _rating(
    values: list[str], called: dict[str, str], decimal: str, answers: int, said: Set[str] = frozenset()
) -> Draft | None:
    """Return the range and the labels of a rating; None where the answers are something else.

    Whether a scale in words has a middle is told by ``said``, the answers to all questions.
    """
    every = set(values) <= set(called)
    called = {code: label for code, label in called.items()
              if not NO_ANSWER.fullmatch(label.strip()) and not code.startswith("-")}  # fmt: skip
    if called:
        places = _usual(list(called.values()))
        if every and len({places.get(label.casefold(), 0) for label in called.values()} - {0}) == len(called):
            # The file names every point, so a scale without a middle has one point fewer.
            inorder = sorted(called.values(), key=lambda label: places[label.casefold()])
            return _drafted(dict(enumerate(inorder, 1)))
        whole = {code: int(value) for code in called if (value := number(code, decimal)) is not None and value % 1 == 0}
        if len(whole) < len(called) or not all(value in POINTS for value in whole.values()):
            return None
        named = {value: called[code] for code, value in whole.items()}
        points = {v for text in values if (v := number(text, decimal)) is not None and v in POINTS}
        if len(called) > 2 or (len(called) == 2 and max(named) - min(named) > 2 and len(points) > 2):
            return _drafted(named)  # two labels name the ends of a scale
        return None
    numbers_alone = [number(text, decimal) for text in values]
    if all(value is not None and value % 1 == 0 and value in POINTS for value in numbers_alone):
        told = sorted({int(value) for value in numbers_alone if value is not None})
        if len(told) < 3 or (answers and answers == len(values) > 2):
            return None  # two numbers are a yes and a no; numbers that never come twice count something
        low = 0 if told[0] == 0 else 1
        return Draft("", "", "", low, next(top for top in (5, 7, 10) if top >= told[-1]))
    ends = [text for text, value in zip(values, numbers_alone) if value is None]
    between = sorted(int(v) for v in numbers_alone if v is not None and v % 1 == 0 and v in POINTS)
    if 0 < len(ends) <= 2 and len(between) >= 3 and len(between) + len(ends) == len(values):
        # Only the ends of the scale are named: which end each is, the import asks.
        low, high = (0 if between[0] <= 1 else 1), next(top for top in (5, 7, 10) if top > between[-1] or top == 10)
        return Draft("", "", "", low, high, unknown=tuple(sorted(ends)))
    if usual := _usual(values):
        scale = next(scale for scale in USUAL if {v.casefold() for v in values} <= set("|".join(scale).split("|")))
        if not said & set(scale[len(scale) // 2].split("|")):  # nobody chose the middle: perhaps there was none
            return Draft("", "", "", 1, max(len(values), 2), unknown=tuple(sorted(values)))
        given = {usual[value.casefold()]: value for value in values}
        return _drafted({n: given.get(n, words.split("|")[0].capitalize()) for n, words in enumerate(scale, 1)})
    numbered = {text: match for text in values if (match := re.fullmatch(r"(\d{1,2})\s*[-–=:.)]\s*(\D.*)", text))}
    if len(numbered) == len(values) > 2:
        return _drafted({int(match[1]): match[2] for match in numbered.values()})
    return None


def _ordered(called: dict[str, str]) -> bool:
    """Tell whether labels name more and less of something, not groups of people."""
    return sum(bool(DEGREE.search(label)) for label in called.values()) > 1 or bool(_usual(list(called.values())))


def _drafted(labels: dict[int, str]) -> Draft:
    low, high = min(1, *labels), max(labels)
    return Draft("", "", "", low, high, dict(sorted(labels.items())))


def _usual(values: list[str]) -> dict[str, int]:
    """Return the numbers of wordings that all belong to one usual scale; none where they do not."""
    told = {value.casefold() for value in values}
    for scale in USUAL:
        places = {word: place for place, words in enumerate(scale, 1) for word in words.split("|")}
        if len(told) > 1 and told <= set(places):
            return {word: places[word] for word in told}
    return {}


def _of_person(column: str, values: pd.Series) -> bool:
    return bool(PERSONAL_NAME.fullmatch(column) or (len(values) and values.str.fullmatch(EMAIL).mean() > 0.5))


def _known(column: str) -> bool:
    """Tell whether a column goes by the name of one of the survey table, or counts rows."""
    name = re.sub(r"\W+", "_", column.lower()).strip("_")
    return name in TABLES["survey"].columns or name in ("id", "nr", "no", "number", "employee_id", "person_id")


def _attributes(export: Export, drafts: list[Draft]) -> dict[str, str]:
    """Return columns that divide people into groups, with the names of their attributes."""
    taken = {draft.column for draft in drafts}
    found: dict[str, str] = {}
    for column in export.columns:
        values = export.values(column).dropna()
        if column in taken or column in export.meanings or _of_person(column, values) or _known(column):
            continue
        groups = values.nunique()
        if groups in GROUPS and 2 * groups <= len(values) and values.str.len().max() <= 60:
            found[column] = _slug(column, {*found.values(), *(draft.id for draft in drafts)})
    return found


def _name(drafts: list[Draft]) -> None:
    """Give every item an id: the code of its column, or the first words of its text; and look for reversed ones."""
    used: set[str] = {*TABLES["survey"].columns}
    codes = Counter(_code(draft) for draft in drafts)
    for draft in drafts:
        code = _code(draft)
        if codes[code] > 1:  # codes of statements that count within each question
            code = re.sub(r"\W+", "_", draft.column).strip("_")
        draft.id = _slug(code if re.fullmatch(r"\w{1,24}", code, re.ASCII) else draft.text, used)
        used.add(draft.id)


def _code(draft: Draft) -> str:
    return draft.column.rsplit("[", 1)[-1].rstrip("]")


def _slug(text: str, used: set[str]) -> str:
    words = re.findall(r"[a-z0-9]+", text.lower().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue"))
    name = "_".join(words)[:30].strip("_") or "item"
    name = f"q_{name}" if name[0].isdigit() else name
    count, candidate = 1, name
    while candidate in used:
        count += 1
        candidate = f"{name}_{count}"
    return candidate


def _codebook(drafts: list[Draft], path: Path) -> str:
    """Return a codebook as text; what is a guess says so."""
    formats_of: dict[tuple, str] = {}
    for draft in drafts:
        name = f"scale_{draft.low}_to_{draft.high}" if draft.high else "comment"
        if draft.format not in formats_of:
            formats_of[draft.format] = _slug(name, set(formats_of.values()))
    scales = [draft for draft in drafts if draft.high and not draft.recommend]
    blocks = {draft.block: "" for draft in scales if sum(d.block == draft.block for d in scales) > 1}
    ranges = {block: Counter((d.low, d.high) for d in scales if d.block == block) for block in blocks}
    usual = {block: counts.most_common(1)[0][0] for block, counts in ranges.items()}
    for place, block in enumerate(blocks, 1):
        blocks[block] = _slug(block, set(blocks.values())) if block else f"questions_{place}"
    lines = [
        f"# Drafted from {printable(path.name)}: look through it. Dimensions are the blocks of questions as they stand",
        "# in the file: put together what you want to measure together. docs/codebook.md describes every field.",
        f"instrument: {{name: {scalar(path.stem)}}}",
        "responses:",
    ]
    for (low, high, labels, unknown), name in formats_of.items():
        if not high:
            lines.append(f"  {name}: {{type: text}}")
            continue
        lines += [f"  {name}:", "    type: rating", f"    low: {low}", f"    high: {high}"]
        lines += ["    labels:", *(f"      {value}: {scalar(label)}" for value, label in labels)] if labels else []
        lines += [f"    # which number each of these means, the import asks: {printable('; '.join(unknown))}"] * bool(
            unknown
        )
    lines.append("dimensions:" if blocks else "dimensions: []")
    lines += [f"  - {{id: {name}, label: {scalar(block or 'Questions')}}}" for block, name in blocks.items()]
    lines.append("items:")
    for draft in drafts:
        lines += [f"  - id: {draft.id}", f"    response: {formats_of[draft.format]}"]
        # A dimension whose items differ in range has no mean in points.
        in_block = draft.high and not draft.recommend and draft.block in blocks
        if not in_block or (draft.low, draft.high) != usual[draft.block]:
            lines.append(f"    role: {'outcome' if draft.high else 'comment'}")
        else:
            lines.append(f"    dimension: {blocks[draft.block]}")
        if draft.recommend:
            lines.append("    recommend: Net promoter score  # GUESS: it asks from 0 to 10 whether one would recommend")
        lines += [f"    reverse: true  # GUESS: {draft.guess}"] if draft.guess else []
        lines.append(f"    text: {scalar(draft.text)}")
    return "\n".join(lines) + "\n"
