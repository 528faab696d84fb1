"""YAML files with declared contents: every mistake is located by line and named in words."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

from .problems import InputError, Problem, did_you_mean, input_error, shown


class Declared(BaseModel):
    """A part of a YAML file that knows its keys and refuses others."""

    model_config = ConfigDict(extra="forbid", frozen=True, coerce_numbers_to_str=True)

    def mistakes(self) -> list[tuple[tuple, str]]:
        """Return what the parts of the file do not agree on: the place of each mistake and its words."""
        return []


Model = TypeVar("Model", bound=Declared)


class _Loader(yaml.SafeLoader):
    """YAML 1.2 reading of plain words: ``no`` is a word, ``007`` is text, keys occur once."""

    yaml_implicit_resolvers: dict = {}  # noqa: RUF012 – PyYAML's own way to declare them

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        seen = set()
        for key, _ in node.value:
            if key.value.__hash__ and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    None, None, f"the key {shown(key.value)} stands here a second time", key.start_mark
                )
            if isinstance(key, yaml.ScalarNode):
                seen.add(key.value)
        return super().construct_mapping(node, deep)


for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?(0|[1-9][0-9]*)", list("-+0123456789")),
    ("float", r"[-+]?(0|[1-9][0-9]*)(\.[0-9]*)?([eE][-+]?[0-9]+)?", list("-+0123456789")),
    ("timestamp", r"[0-9]{4}-[0-9]{2}-[0-9]{2}", list("0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def read_text(path: Path) -> str:
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


def read_yaml(path: Path) -> tuple[Any, yaml.Node | None]:
    """Return the contents of a YAML file and its node tree, which knows the lines."""
    text = read_text(path)
    try:
        loader = _Loader(text)
        node = loader.get_single_node()
        return (loader.construct_document(node) if node else None), node
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise input_error(
            path.name,
            f"this is not valid YAML: {error.problem or error.context}",
            fix="Check indentation, colons and quotes on this line and the one before",
            rows=(mark.line + 1,) if mark else (),
        ) from None
    except yaml.reader.ReaderError as error:
        line = text[: error.position].count("\n") + 1
        raise input_error(path.name, "a control character stands here", fix="Remove it", rows=(line,)) from None
    except (ValueError, TypeError, RecursionError, yaml.YAMLError) as error:
        raise input_error(path.name, f"this is not valid YAML: {error}") from None


def load(model: type[Model], path: Path) -> Model:
    """Read a YAML file into its model.

    Parameters
    ----------
    model
        What the file declares.
    path
        The file.

    Returns
    -------
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


def _problem(model: type[Declared], file: str, node: yaml.Node, mistake: dict) -> Problem:
    place, kind, value = mistake["loc"], mistake["type"], mistake["input"]
    rows = (_line(node, place),)
    # pydantic also names the member of a union it tried; that is no part of the file
    key = ".".join(str(part) for part in place if part not in ("str", "[key]") and "[" not in str(part))
    if kind == "extra_forbidden":
        known = _keys(model, place[:-1])
        hint = did_you_mean(place[-1], known)
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


def _line(node: yaml.Node, place: tuple) -> int:
    """Return the line of the innermost part of the place that the file holds."""
    line = node.start_mark.line
    for part in place:
        if isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            node = node.value[part]
            line = node.start_mark.line
        elif isinstance(node, yaml.MappingNode):
            for key, value in node.value:
                if key.value == str(part):
                    node, line = value, key.start_mark.line
    return line + 1
