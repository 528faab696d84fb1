"""What the answers in an export mean: every code or wording of an item, counted, and settled or asked about."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pandas as pd

from ..alike import folded
from ..codebook import Item, Response
from ..convert import number
from ..problems import Problem, shown
from ..read import cell_text
from ..yaml_files import scalar
from .names import printable

UNSURE = "UNSURE"
"""Stands in a mapping for what only its reader can say; a mapping that holds it brings nothing in."""
NEAR = 0.8
"""Similarity from which an unknown wording is taken to be a label that is written otherwise."""
NUMBER_FIRST = re.compile(r"\(?(\d+)(\s*[-–—:.=)]\s*|\s+)(\D.*)", re.ASCII | re.DOTALL)
NUMBER_LAST = re.compile(r"(.*\S)\s*(?:\((\d+)\)|\s[-–—=:]\s*(\d+))", re.ASCII | re.DOTALL)
AGAINST = re.compile(
    r"\b(not|never|no|none|nothing|dis\w+|un\w+|poor|bad|worst|low|lehne?|nicht|nie|kein\w*|gar|pas|jamais|nada|nunca"
    r"|poco|desacuerdo|désaccord|schlecht|non|mai|niet|oneens)\b",
    re.IGNORECASE,
)
"""Words that stand at the lower end of a scale."""
BARE = "a number within the range"
OUTSIDE = "other codes of the column lie outside of the range"
NO_ANSWER = re.compile(
    r"[\W_]+|n\.?/?a\.?|k\. ?a\.|not (applicable|answered)|no (answer|opinion)|don.t know|prefer not to \w+"
    r"|keine (angabe|antwort|meinung)|wei(ß|ss) nicht|trifft nicht zu auf mich|sans (réponse|opinion)|ne sais pas"
    r"|no (aplica|contesta|sabe)|sin respuesta|geen (antwoord|mening)|weet niet",
    re.IGNORECASE,
)
"""Wordings that usually stand for no answer."""


@dataclass(frozen=True)
class Line:
    """One distinct answer of one item: how often it stands there, what it becomes, and on what ground.

    Parameters
    ----------
    item, response, column : str
        The item, its response format, and the column that the answer stands in.
    answer : str
        The code or wording as the file has it.
    count : int
        Cells of the responses that count.
    called : str
        What the file itself calls a code, empty where it does not say.
    number : int or None
        The answer it becomes; None: nobody has said yet.
    ground : str
        Why; of a line that is not settled, why not.
    rows : tuple of int
        Rows of the file that hold it.
    nearest : int or None
        The answer whose label is the most similar, where one clearly is.
    """

    item: str
    response: str
    column: str
    answer: str
    count: int
    called: str
    number: int | None
    ground: str
    rows: tuple[int, ...] = ()
    nearest: int | None = None


def answer_number(text: str, response: Response, further: Mapping[str, int], decimal: str = ".") -> int | None:
    """Return the answer that a text means by itself, or None.

    Parameters
    ----------
    text : str
        A label, a number, or a number with its label such as ``5 - fully``.
    response : Response
        The response format.
    further : dict of str to int
        Wordings and codes that the codebook does not know.
    decimal : str, optional
        Decimal sign of numbers.

    Returns
    -------
    int or None
        A whole number within the range of the response; None for all else.
    """
    return _Column(response, further, decimal, {}).by_itself(text)[0]


def settled(
    values: pd.Series,
    item: Item,
    column: str,
    called: Mapping[str, str],
    further: Mapping[str, int],
    decimal: str,
    at: pd.Series,
) -> list[Line]:
    """Return a line for every distinct answer in a column.

    Parameters
    ----------
    values : pandas.Series
        Texts; missing ones are no answers.
    item : Item
        The item that the column answers.
    column : str
        Name of the column.
    called : dict of str to str
        Code to what the file calls it.
    further : dict of str to int
        What the mapping says that wordings and codes mean.
    decimal : str
        Decimal sign of numbers.
    at : pandas.Series
        Row of the file for each row of ``values``.

    Returns
    -------
    list of Line
        In order of their numbers, those that are not settled last.

    Notes
    -----
    A line is settled by the mapping; by a label of the codebook, in the cell or given to its code by the file; or by
    a number within the range that no label contradicts. Labels contradict the numbers of a column when one that the
    codebook knows means another number than its code, when none is known and they seem to run backwards, or when
    none is known and nothing tells which way they run although the codebook has labels to compare with. Codes outside
    of the range, and codes that the mapping changes, leave the other numbers of the column open: choices that were
    recoded lie within the range, too.
    """
    counts = values.value_counts()
    of = _Column(item.format, further, decimal, called)
    doubt = of.doubt([str(text) for text in counts.index])
    lines = []
    for text, count in counts.items():
        told, ground = of.meaning(str(text), doubt)
        rows = tuple(int(row) for row in at[values == text].unique()) if told is None else ()
        near = of.nearest(str(text)) if told is None else None
        name = of.called.get(str(text), "")
        lines.append(Line(item.id, item.response, column, str(text), int(count), name, told, ground, rows, near))
    return sorted(lines, key=lambda line: (line.number is None, line.number or 0, line.answer))


def read_by_labels(
    values: pd.Series, item: Item, called: Mapping[object, object], missing: list[str], file: str
) -> tuple[pd.Series, list[Problem]]:
    """Return the answers of a column whose codes the file names, and what is wrong with them.

    Parameters
    ----------
    values : pandas.Series
        The codes, indexed by row of the file.
    item : Item
        The item that the column answers.
    called : dict
        Code to its label in the file.
    missing : list of str
        Codes that stand for no answer.
    file : str
        Name of the file.

    Returns
    -------
    tuple of pandas.Series and list of Problem
        Answers as texts, missing where they are not settled; an error for each answer that is not.
    """
    texts = values.map(cell_text).replace("", None).astype("str")
    texts = texts.mask(texts.isin(missing))
    labels = {cell_text(code): str(label) for code, label in called.items()}
    lines = settled(texts, item, item.id, labels, {}, ".", pd.Series(values.index, values.index))
    numbers = {line.answer: str(line.number) for line in lines if line.number is not None}
    fix = "Give codes and codebook the same labels; or bring the file in with partnership import, which asks"
    return texts.map(numbers).astype("str"), [replace(p, fix=fix) for p in _questions(unsettled(lines), file)]


class _Column:
    """What is known about the answers in one column."""

    def __init__(self, response: Response, further: Mapping[str, int], decimal: str, called: Mapping[str, str]) -> None:
        self.response, self.decimal = response, decimal
        self.further = {_label(wording): answer for wording, answer in further.items()}
        self.labels: dict[str, int] = {}
        for answer, words in response.labels.items():
            self.labels |= dict.fromkeys(map(_label, [words] if isinstance(words, str) else words), answer)
        # Labels of signs alone, such as ".", name the points between the ends and say nothing.
        self.called = {code: label for code, label in called.items() if re.search(r"[^\W_]", label)}

    def by_itself(self, text: str) -> tuple[int | None, str]:
        """Return what a text means without regard to the others of its column, and why."""
        label = _label(text)
        if label in self.further:
            return self._within(self.further[label]), "the mapping says so"
        if label in self.labels:
            return self.labels[label], "a label of the codebook"
        if (value := self.whole(text)) is not None:
            return self._within(value), BARE
        if (parts := self._numbered(text)) is not None:
            value, own = parts
            meant = self.labels.get(_label(own), value)
            return (self._within(value), "the number beside its label") if meant == value else (None, "")
        return None, ""

    def meaning(self, text: str, doubt: str) -> tuple[int | None, str]:
        """Return what a text means in its column, and why; without a number, why not."""
        told, ground = self.by_itself(text)
        said_by_hand = _label(text) in self.further
        name = self.called.get(text, "")
        if not said_by_hand and name:
            if _label(name) in self.further:
                return self._within(
                    self.further[_label(name)]
                ), f"the file calls it {shown(name)}, and the mapping says so"
            if _label(name) in self.labels:
                return self.labels[_label(name)], f"the file calls it {shown(name)}, a label of the codebook"
            if (own := self.by_itself(name)[0]) is not None:
                return own, f"the file calls it {shown(name)}"
        is_number = self.whole(text) is not None and not said_by_hand and _label(text) not in self.labels
        if is_number and told is not None and doubt:
            return None, doubt
        if told is None:
            return None, self._why_not(text)
        if is_number:
            ground += f", which the file calls {shown(name)}" if name else ""
            ground += " that no label contradicts" if self.called else ""
        return told, ground

    def doubt(self, texts: list[str]) -> str:
        """Return why the numbers of a column cannot be taken for its answers, or an empty text."""
        bare = [text for text in texts if _label(text) not in self.further and self.whole(text) is not None]
        known = {code: self.labels[_label(name)] for code, name in self.called.items() if _label(name) in self.labels}
        outside = [text for text in bare if self._within(self.whole(text)) is None and text not in known]
        if outside:
            return f"{OUTSIDE}, such as {outside[0]}"
        beyond = [code for code in self.called if (value := self.whole(code)) is not None and value >= 0
                  and self._within(value) is None and code not in known
                  and not NO_ANSWER.fullmatch(self.called[code].strip())]  # fmt: skip
        if beyond:
            return f"the file has a code {beyond[0]}, {shown(self.called[beyond[0]])}, outside of the range"
        changed = [code for code, answer in self.further.items() if self.whole(code) not in (None, answer)]
        if changed:
            return f"the mapping gives another meaning to the code {changed[0]}"
        wrong = [code for code, answer in known.items() if self.whole(code) not in (None, answer)]
        if wrong:
            return (
                f"the file calls {wrong[0]} {shown(self.called[wrong[0]])}, which is {known[wrong[0]]} in the codebook"
            )
        if known or not self.called:
            return ""
        way = self._way()
        if way < 0:
            return "the file's labels seem to run backwards"
        return "" if way or not self.labels else "none of the file's labels stands in the codebook"

    def nearest(self, text: str) -> int | None:
        """Return the answer whose label is clearly the most similar to an unknown wording."""
        wording = _label(self.called.get(text, text))
        scores: dict[int, float] = {}
        for label, answer in self.labels.items():
            scores[answer] = max(scores.get(answer, 0), difflib.SequenceMatcher(None, wording, label, False).ratio())
        best = sorted(scores.items(), key=lambda pair: -pair[1])[:2]
        clear = best and best[0][1] >= NEAR and (len(best) < 2 or best[0][1] - best[1][1] >= 0.1)
        return best[0][0] if clear else None

    def whole(self, text: str) -> int | None:
        """Return the whole number that a text is, whether or not within the range."""
        value = number(text, self.decimal)
        return int(value) if value is not None and value == value and value % 1 == 0 else None

    def _within(self, value: int | None) -> int | None:
        low, high = self.response.low, self.response.high
        return value if value is not None and low is not None and high is not None and low <= value <= high else None

    def _way(self) -> int:
        """Tell by the file's own labels which way its codes run: 1 upwards, -1 backwards, 0 unknown."""
        codes = sorted((value, name) for code, name in self.called.items() if (value := self.whole(code)) is not None
                       and value >= 0)  # fmt: skip
        if len(codes) < 2:
            return 0
        low, high = (bool(AGAINST.search(codes[place][1])) for place in (0, -1))
        return int(low) - int(high)

    def _numbered(self, text: str) -> tuple[int, str] | None:
        """Return the number and the label of a text such as ``5 - fully`` or ``fully (5)``."""
        text = " ".join(text.split())
        if match := NUMBER_FIRST.fullmatch(text):
            # "3 times a week" is no 3: a blank alone parts a number from its label only where the label is known.
            named = match[3][1:-1] if match[3][0] == "(" and match[3][-1] == ")" else match[3]
            divided = match[2].strip() or named != match[3] or _label(named) in self.labels
            return (int(match[1]), named) if divided else None
        if match := NUMBER_LAST.fullmatch(text):
            return int(match[2] or match[3]), match[1]
        return None

    def _why_not(self, text: str) -> str:
        if number(text, self.decimal) is None and re.search("[;,]", text):
            parts = [part.strip() for part in re.split(r"[;,]", text) if part.strip()]
            if len(parts) > 1 and all(self.by_itself(part)[0] is not None for part in parts):
                return "several choices in one cell"
        if number(text, self.decimal) is not None and self.whole(text) is None:
            return "not a whole number"
        if self.whole(text) is not None:
            words = "; if choices were recoded, say what every code means"
            return f"not within {self.response.low} to {self.response.high}{words}"
        if (numbered := self._numbered(text)) is not None and _label(numbered[1]) in self.labels:
            return f"its label means {self.labels[_label(numbered[1])]} in the codebook"
        return "not a label of the codebook"


def asked(lines: list[Line], file: str, mapping: str, said: Mapping[str, Mapping[str, int | str]]) -> list[Problem]:
    """Return what to ask about lines that are not settled: one error per answer, and lines to paste.

    Parameters
    ----------
    lines : list of Line
        All lines.
    file : str
        Name of the export.
    mapping : str
        The mapping file, as a message names it.
    said : dict of str to dict of str to int
        What it says under ``answers``, which the lines to paste repeat.

    Returns
    -------
    list of Problem
        None when all lines are settled.
    """
    groups = unsettled(lines)
    problems = _questions(groups, file)
    if problems:
        fix = f"Nothing was imported. Say in {mapping} what they mean, under answers:\n{pasted(groups, said)}"
        problems[-1] = replace(problems[-1], fix=fix)
    return problems


def _questions(groups: list[list[Line]], file: str) -> list[Problem]:
    problems = []
    for group in groups:
        first = group[0]
        count = sum(line.count for line in group)
        rows = tuple(sorted({row for line in group for row in line.rows}))
        items = ", ".join(dict.fromkeys(line.item for line in group))
        found = f"{count} answer{'' if count == 1 else 's'} {shown(first.answer)}"
        found += f", which the file calls {shown(first.called)}" if first.called else ""
        problems.append(Problem("error", file, f"{found}: {first.ground}", "", "", "survey", items, rows))
    return problems


def pasted(groups: list[list[Line]], said: Mapping[str, Mapping[str, int | str]], sure: bool = True) -> str:
    """Return the part of a mapping that asks what answers mean.

    Parameters
    ----------
    groups : list of list of Line
        The lines to ask about, as ``unsettled`` returns them.
    said : dict of str to dict of str to int
        What the mapping says already.
    sure : bool, optional
        Where a label is clearly similar, give its number; else every line says ``UNSURE``.

    Returns
    -------
    str
        Lines in YAML, without an end of line behind the last.
    """
    lines = ["answers:"]
    for response in dict.fromkeys([*said, *(group[0].response for group in groups)]):
        lines.append(f"  {scalar(response)}:")
        lines += [f"    {scalar(wording)}: {meaning}" for wording, meaning in said.get(response, {}).items()]
        for first, *_ in (group for group in groups if group[0].response == response):
            given = f"called {shown(first.called)}" if first.called else ""
            near = f"the most similar label is that of {first.nearest}" if first.nearest is not None else ""
            usual = "the number that it means; if it is no answer, add it to missing instead"
            note = "; ".join(filter(None, (given, near, hint(first)))) or usual
            meaning = first.nearest if sure and first.nearest is not None else UNSURE
            lines.append(f"    {scalar(first.answer)}: {meaning}  # {printable(note)}")
    return "\n".join(lines)


def hint(line: Line) -> str:
    """Return what an answer may be instead of one on the scale."""
    if line.answer.startswith("-") or NO_ANSWER.fullmatch((line.called or line.answer).strip()):
        return f"it seems to stand for no answer: then take the line out and add {scalar(line.answer)} to missing"
    return ""


def unsettled(lines: list[Line]) -> list[list[Line]]:
    """Return the lines to ask about, those of one answer and response format together.

    Where codes lie outside of the range, only these are asked about: what they are decides about the others.
    """
    groups: dict[tuple[str, str], list[Line]] = {}
    for line in lines:
        if line.number is None and not line.ground.startswith(OUTSIDE):
            groups.setdefault((line.response, _label(line.answer)), []).append(line)
    return list(groups.values())


def _label(text: str) -> str:
    """Return the wording of an answer without what does not change it: case, spaces, a full stop."""
    return folded(str(text).replace("’", "'")).rstrip(".")
