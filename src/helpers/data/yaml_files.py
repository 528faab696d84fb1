"""YAML files with declared contents: every mistake is located by line and named in words."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from typing import Any, Protocol, TypeVar

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails
from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, Node, ScalarNode, SequenceNode
from ruamel.yaml.reader import ReaderError
from ruamel.yaml.resolver import VersionedResolver
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

from .problems import InputError, Problem, did_you_mean, input_error, shown

Place = tuple[str | int, ...]
"""Keys and positions that lead to a part of a YAML file."""
Mistake = tuple[Place, str]
"""What does not fit: where it stands, and the words for it."""


class Declared(BaseModel):
    """A part of a YAML file that knows its keys and refuses others."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    def mistakes(self) -> list[Mistake]:
        """Return what the parts of the file do not agree on: the place of each mistake and its words."""
        return []


Model = TypeVar("Model", bound=Declared)


class _PlainWords(VersionedResolver):
    """What words without quotation marks mean: ``no`` is a word, ``007`` is text, ``2026-06-30`` a date."""

    versioned_resolver: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 – as its parent has it


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?", list("-+0123456789")),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
):
    for _letter in _first:
        _meaning = (f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"))
        _PlainWords.versioned_resolver.setdefault(_letter, []).append(_meaning)


class _OneOfEachKey(SafeConstructor):
    """Plain values, and no key a second time."""

    def construct_mapping(self, node: MappingNode, deep: bool = False) -> dict:
        """Return what a group of keys holds."""
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, ScalarNode):
                raise ConstructorError(None, None, "a key is a single word or text", key.start_mark)
            if key.value in seen:
                words = f"the key {shown(key.value)} stands here a second time"
                raise ConstructorError(None, None, words, key.start_mark)
            seen.add(key.value)
        return super().construct_mapping(node, deep)


class File(Protocol):
    """What is read here: a path, or a part of a file that names it."""

    @property
    def name(self) -> str:
        """The file as messages name it."""

    def read_bytes(self) -> bytes:
        """Return its content."""


def read_text(path: File) -> str:
    """Return the text of a UTF-8 file, with or without a byte order mark."""
    try:
        return path.read_bytes().decode("utf-8-sig")
    except FileNotFoundError:
        raise input_error(path.name, f"there is no file {path}", fix="Create it or correct the path") from None
    except OSError as error:
        raise input_error(path.name, f"{path} cannot be read ({error.strerror})") from None
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        raise input_error(
            path.name, "a character is not UTF-8", fix="Save the file as UTF-8 text", rows=(line,)
        ) from None


def scalar(text: str) -> str:
    """Return a text as YAML reads it back: plain when it is a word or the name of a file, else in quotation marks."""
    if re.fullmatch(r"[A-Za-z]\w*(\.[a-z]+)?", text, re.ASCII) and text.lower() not in ("null", "true", "false"):
        return text
    written, writer = io.StringIO(), YAML()
    writer.width = 10**6
    writer.dump(DoubleQuotedScalarString(text), written)
    return written.getvalue().strip()


def parsed(text: str) -> Any:
    """Return what a text in YAML says; YAMLError or ValueError where it is none."""
    return _with_places(text)[0]


def _with_places(text: str) -> tuple[Any, Node | None]:
    """Return what a text in YAML says, and its node tree, which knows the places."""
    reader = YAML(typ="safe", pure=True)
    reader.Resolver, reader.Constructor = _PlainWords, _OneOfEachKey
    node = reader.compose(text)
    return (reader.constructor.construct_document(node) if node else None), node


def with_entries(text: str, key: str, entries: Mapping[str, str]) -> str | None:
    """Return a text in YAML with entries at the head of a group; every other letter of it stays.

    Parameters
    ----------
    text : str
        A group of keys.
    key : str
        One of them, which holds a group itself.
    entries : mapping of str to str
        Keys that are not in that group yet, to their texts.

    Returns
    -------
    str or None
        The longer text; None when the group is written in a way that nothing can be added to.

    Notes
    -----
    The text is not written anew from what was read: that would indent, wrap and space it as the library likes, not
    as its author did. The node tree tells the place; what is read from the new text proves that it was the right one.
    """
    before, tree = _with_places(text)
    group = next((value for name, value in tree.value if name.value == key), None) if tree else None
    if not isinstance(group, MappingNode) or not entries:
        return None
    lines = [f"{scalar(name)}: {scalar(value)}" for name, value in entries.items()]
    first = group.value[0][0].start_mark if group.value else None
    if first is None:
        at, added = text.index("{", group.start_mark.index) + 1, ", ".join(lines)
    elif group.flow_style:
        at, added = first.index, "".join(f"{line}, " for line in lines)
    else:
        end = "\r\n" if "\r\n" in text else "\n"
        at, added = first.index, "".join(f"{line}{end}{' ' * first.column}" for line in lines)
    longer = text[:at] + added + text[at:]
    try:
        after = parsed(longer)
    except (YAMLError, ValueError):
        return None
    return longer if after == {**before, key: {**before[key], **entries}} else None


def read_yaml(path: File) -> tuple[Any, Node | None]:
    """Return the contents of a YAML file and its node tree, which knows the lines."""
    text = read_text(path)
    try:
        return _with_places(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise input_error(
            path.name,
            f"this is not valid YAML: {error.problem or error.context}",
            fix="Check indentation, colons and quotes on this line and the one before",
            rows=(mark.line + 1,) if mark else (),
        ) from None
    except ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise input_error(path.name, "a control character stands here", fix="Remove it", rows=(line,)) from None
    except (ValueError, TypeError, RecursionError, YAMLError) as error:
        raise input_error(path.name, f"this is not valid YAML: {error}") from None


def load(model: type[Model], path: File) -> Model:
    """Read a YAML file into its model.

    Parameters
    ----------
    model : type of Model
        What the file declares.
    path : File
        The file.

    Returns
    -------
    Model
        The model.

    Raises
    ------
    InputError
        With every mistake: its line, what was found and what to write.
    """
    data, node = read_yaml(path)
    if not isinstance(data, dict):
        raise input_error(
            path.name,
            f"the file holds {'nothing' if data is None else 'no keys'}",
            f"keys such as {', '.join(list(model.model_fields)[:3])}",
        )
    try:
        read = model.model_validate(data)
    except ValidationError as error:
        raise InputError(_problem(model, path.name, node, mistake) for mistake in error.errors()) from None
    mistakes = [Problem("error", path.name, words, rows=(_line(node, place),)) for place, words in read.mistakes()]
    if mistakes:
        raise InputError(mistakes)
    return read


_EXPECTED = {  # start of pydantic's error type: words for a person
    "date": "a date, such as 2026-06-30",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "list": "a list, such as [a, b]",
    "string_type": "text",
    "string_pattern": "a colour, such as #0b5c6b",
    "dict": "keys with values",
    "model": "keys with values",
    "too_short": "at least one entry",
}


def _problem(model: type[Declared], file: str, node: Node | None, mistake: ErrorDetails) -> Problem:
    place, kind, value = mistake["loc"], mistake["type"], mistake["input"]
    rows = (_line(node, place),)
    # pydantic also names the member of a union it tried; that is no part of the file
    key = ".".join(str(part) for part in place if part not in ("str", "[key]") and "[" not in str(part))
    if kind == "extra_forbidden":
        known = _keys(model, place[:-1])
        hint = did_you_mean(str(place[-1]), known)
        fix = f"D{hint[1:]} Otherwise remove the line" if hint else "Remove the line"
        return Problem(
            "error", file, f"unknown key {shown(place[-1])}", f"one of {', '.join(known)}", fix, "", key, rows
        )
    if kind == "missing":
        return Problem("error", file, f"{shown(place[-1])} is missing", "", f"Add {place[-1]}: …", "", "", rows)
    if kind == "value_error":
        return Problem("error", file, mistake["msg"].removeprefix("Value error, "), "", "", "", key, rows)
    found = "nothing" if value is None else shown(value)
    found = "a list or a group of keys" if isinstance(value, dict | list) and value else found
    words = (words for start, words in _EXPECTED.items() if kind.startswith(start))
    expected = next(words, mistake["msg"].removeprefix("Input should be ").replace("'", ""))
    return Problem("error", file, found, expected, "", "", key, rows)


def _keys(model: Any, place: tuple) -> list[str]:
    """Return the keys that the model at this place knows; union members are named by their class."""
    for part in place:
        candidates = _models(model)
        named = [m for m in candidates if m.__name__ == part]
        if named:
            model = named[0]
        elif isinstance(part, str):
            fields = [m.model_fields[part].annotation for m in candidates if part in m.model_fields]
            model = fields[0] if fields else model
    return [name for m in _models(model) for name in m.model_fields]


def _models(annotation: Any) -> list[type[Declared]]:
    if isinstance(annotation, type) and issubclass(annotation, Declared):
        return [annotation]
    return [model for part in getattr(annotation, "__args__", ()) for model in _models(part)]


def _line(node: Node | None, place: Place) -> int:
    """Return the line of the innermost part of the place that the file holds."""
    line = node.start_mark.line if node else 0
    for part in place:
        if isinstance(node, SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        elif isinstance(node, MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    node, line = value, key.start_mark.line
    return line + 1
