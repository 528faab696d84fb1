"""The wall: what a report takes from a code cell, and what it refuses.

It takes what :class:`helpers.present.Show` published and nothing else. A frame that displays itself, a print, a bare
plot or a model's summary may show answers of single people: such a cell stops its chapter, with the call that would
publish what it shows. What a refused output holds is never told.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from html import escape

import nbformat
from nbformat import NotebookNode
from pydantic import ValidationError

from helpers import published
from helpers.present.on_screen import finding_data

from .pictures import Drawing, rasterized
from .wording import printable

#: Forms of an exhibit that may stand beside it in an output, for the screen.
_FORMS = {published.MIME, "text/html", "text/plain", "image/png"}
_SCREEN = {"text/html", "text/plain"}
#: Parts of a notebook's metadata that travel with it; others may hold values, such as the state of widgets.
_KEPT_METADATA = ("kernelspec", "language_info", published.METADATA)
_TABLE = 'show.table(frame, "its columns", "id", "Title")'
_CHART = "show.dots, show.lines, show.bars, show.heatmap or show.figure"
_MODEL = 'show.model(fit, "id", "Title")'
_WORDS = 'show.remark("…")'


@dataclass(frozen=True)
class Refusal:
    """An output that no report takes.

    Attributes
    ----------
    cell : int
        Number of the code cell as Jupyter counts it when the notebook is run from top to bottom: ``In [3]`` is the
        third code cell that is not empty, the cell of parameters included.
    first_line : str
        First line of the cell's code.
    kind : str
        What was displayed, without its content.
    call : str
        What publishes such a thing.
    """

    cell: int
    first_line: str
    kind: str
    call: str

    def __str__(self) -> str:
        """Say where it is, what it is, and what to write instead."""
        return f"In [{self.cell}], which begins “{self.first_line}”, shows {self.kind}. {self.call}"


class NotPublished(Exception):
    """A notebook shows what no report takes; ``refusals`` say in which cells."""

    def __init__(self, refusals: list[Refusal]) -> None:
        super().__init__("\n".join(map(str, refusals)))
        self.refusals = refusals


@dataclass(frozen=True)
class Taken:
    """What was published, and a chart's picture."""

    item: published.Published
    drawing: Drawing


def taken(notebook: NotebookNode) -> dict[int, list[Taken]]:
    """Return what an executed notebook published.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook.

    Returns
    -------
    dict
        By the place of each code cell among all cells, what it published, in order.

    Raises
    ------
    NotPublished
        A code cell shows anything else.
    """
    found: dict[int, list[Taken]] = {}
    refusals: list[Refusal] = []
    for place, number, cell in _code_cells(notebook):
        found[place] = []
        for output in cell.outputs:
            if _is_stderr(output) or _is_for_the_screen(output):
                continue
            try:
                found[place].append(_read(output))
            except _Refused as refused:
                refusal = Refusal(number, _first_line(cell.source), refused.kind, refused.call)
                if refusal not in refusals:
                    refusals.append(refusal)
    if refusals:
        raise NotPublished(refusals)
    return found


def kept(notebook: NotebookNode, in_report: bool, pixels: bool = True) -> NotebookNode:
    """Return an executed notebook as it stands in a report folder.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook.
    in_report : bool
        Whether its chapter is in the report. If not, none of its outputs is kept.
    pixels : bool
        Whether charts become pixels, which are shown where nobody trusts the notebook yet; else they stay vectors.

    Returns
    -------
    nbformat.NotebookNode
        A copy with the exhibits and their forms for the screen, without warnings and what execution noted in it.
    """
    copy: NotebookNode = nbformat.from_dict(notebook)
    copy.metadata = {name: value for name, value in copy.metadata.items() if name in _KEPT_METADATA}
    copy.cells = [cell for cell in copy.cells if "papermill-error-cell-tag" not in cell.metadata.get("tags", [])]
    for cell in copy.cells:
        for name in ("papermill", "execution"):
            cell.metadata.pop(name, None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            cell.id = "injected-parameters"  # execution draws one at random
        if cell.cell_type != "code":
            continue
        cell.outputs = [output for output in cell.outputs if in_report and not _is_stderr(output)]
        for output in cell.outputs:
            own = output.metadata.get(published.METADATA, {})
            if "svg" in own and pixels:
                output.data["image/png"] = base64.b64encode(rasterized(own["svg"])).decode("ascii")
                alt, width = output.data.get("text/plain", ""), published.WIDTH_ON_SCREEN
                output.metadata["image/png"] = {"alt": alt, "width": width}
            elif "svg" in own:
                output.data["image/svg+xml"] = own["svg"]
            output.metadata[published.METADATA] = {name: own[name] for name in own if name != "svg"}
            if not output.metadata[published.METADATA]:
                del output.metadata[published.METADATA]
    return copy


def without(notebook: NotebookNode, withheld: Mapping[int, str]) -> NotebookNode:
    """Take exhibits out of an executed notebook, and the findings that refer to them.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook that shows nothing but what was published.
    withheld : mapping of int to str
        The sentence that stands in the place of an exhibit, by its place among the tables and charts, from 0.

    Returns
    -------
    nbformat.NotebookNode
        A copy.
    """
    copy: NotebookNode = nbformat.from_dict(notebook)
    gone = {item.id for place, item in enumerate(exhibits(copy)) if place in withheld}
    place = -1
    for _, _, cell in _code_cells(copy):
        kept: list[NotebookNode] = []
        end = ""  # the note of a chart that was withheld, which follows it for the screen
        for output in cell.outputs:
            item = _published(output)
            if _is_for_the_screen(output):
                if output.data.get("text/plain", "") != end:
                    kept.append(output)
                end = ""
                continue
            end = ""
            if isinstance(item, published.Exhibit):
                place += 1
                if place in withheld:
                    if kept and _is_for_the_screen(kept[-1]) and kept[-1].data.get("text/plain") == item.title:
                        kept.pop()
                    kept.append(_remark(withheld[place]))
                    end = item.note
                    continue
            if not (isinstance(item, published.Finding) and item.exhibit in gone):
                kept.append(output)
        cell.outputs = kept
    return copy


def exhibits(notebook: NotebookNode) -> list[published.Exhibit]:
    """Return the tables and charts of an executed notebook in order."""
    items = [_published(output) for _, _, cell in _code_cells(notebook) for output in cell.outputs]
    return [item for item in items if isinstance(item, published.Exhibit)]


def findings(notebook: NotebookNode) -> list[published.Finding]:
    """Return the findings of an executed notebook in order."""
    items = [_published(output) for _, _, cell in _code_cells(notebook) for output in cell.outputs]
    return [item for item in items if isinstance(item, published.Finding)]


def with_findings(notebook: NotebookNode, told: Sequence[published.Finding], accent: str) -> NotebookNode:
    """Put findings in the place of those of an executed notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        An executed notebook that shows nothing but what was published.
    told : sequence of Finding
        As many as it has, in its order.
    accent : str
        The study's colour, for the screen.

    Returns
    -------
    nbformat.NotebookNode
        A copy.
    """
    copy: NotebookNode = nbformat.from_dict(notebook)
    rest = iter(told)
    for _, _, cell in _code_cells(copy):
        for output in cell.outputs:
            if isinstance(_published(output), published.Finding):
                output.data = nbformat.from_dict(finding_data(next(rest), accent))
    return copy


def _published(output: NotebookNode) -> published.Published | None:
    data = output.get("data", {})
    return _read(output).item if published.MIME in data else None


def _remark(sentence: str) -> NotebookNode:
    remark = published.dump(published.Remark(sentence=sentence))
    data = {"text/html": f"<p>{escape(sentence)}</p>", "text/plain": sentence, published.MIME: remark}
    return nbformat.v4.new_output("display_data", data)


def stderr(notebook: NotebookNode) -> str:
    """Return what an executed notebook wrote to the error stream: warnings and progress."""
    return "".join(output.text for _, _, cell in _code_cells(notebook) for output in cell.outputs if _is_stderr(output))


class _Refused(Exception):
    def __init__(self, kind: str, call: str) -> None:
        super().__init__(kind)
        self.kind, self.call = kind, call


def _code_cells(notebook: NotebookNode) -> Iterator[tuple[int, int, NotebookNode]]:
    """Yield place, number and cell; the cell that holds given parameters is none of the notebook's own."""
    number = 0
    for place, cell in enumerate(notebook.cells):
        if cell.cell_type == "code":
            own = "injected-parameters" not in cell.metadata.get("tags", [])
            number += own and bool(cell.source.strip())
            yield place, number, cell


def _first_line(source: str) -> str:
    line = " ".join(next((line for line in source.splitlines() if line.strip()), "").split())
    return line if len(line) <= 80 else f"{line[:79]}…"


def _is_stderr(output: NotebookNode) -> bool:
    return bool(output.output_type == "stream" and output.name == "stderr")


def _is_for_the_screen(output: NotebookNode) -> bool:
    """Tell whether an output only repeats an exhibit for the screen: heading and note of a chart."""
    own = output.get("metadata", {}).get(published.METADATA, {})
    marked = output.output_type == "display_data" and own.get(published.SCREEN_ONLY) is True
    return marked and set(output.data) <= _SCREEN


def _read(output: NotebookNode) -> Taken:
    data = output.get("data", {})
    if published.MIME not in data:
        raise _Refused(*_kind_and_call(output))
    if others := set(data) - _FORMS:
        raise _Refused(f"an exhibit together with {' and '.join(sorted(others))}", "Publish the exhibit alone.")
    content = _tidy(data[published.MIME])
    if not isinstance(content, dict):
        raise _Refused("an exhibit that is not one", "Publish with the show of this version.")
    try:
        item = published.read(content)
    except ValidationError as error:
        found = error.errors(include_url=False, include_input=False, include_context=False)
        what = "; ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in found[:3])
        form = f"an exhibit in a form that this version does not read ({what})"
        raise _Refused(form, "Publish with the show of this version.") from None
    drawing = Drawing(_drawn(output), _bytes(data.get("image/png", "")))
    if item.kind == "chart" and not drawing:
        raise _Refused("a chart without its picture", f"Publish it with {_CHART}.")
    if item.kind != "chart" and drawing:
        raise _Refused("a picture in the name of an exhibit that has none", f"Publish it with {_CHART}.")
    return Taken(item, drawing)


def _drawn(output: NotebookNode) -> str:
    return str(output.metadata.get(published.METADATA, {}).get("svg", ""))


def _kind_and_call(output: NotebookNode) -> tuple[str, str]:
    """Say what an output is, and what would publish it."""
    if output.output_type == "stream":
        return "printed text", f"Publish words with {_WORDS}, numbers with {_TABLE}, a model with {_MODEL}."
    if output.output_type == "error":
        return "an error's text", f"Handle the error in the code, or say what it means with {_WORDS}."
    data = output.get("data", {})
    html = data.get("text/html", "")
    end = ", or end the line with a semicolon to show nothing" if output.output_type == "execute_result" else ""
    if any("widget" in form for form in data):
        return "a widget", f"Publish what it shows with {_CHART}, or with {_TABLE}{end}."
    if any(form.startswith(("application/vnd.", "application/javascript")) for form in data):
        return "an interactive figure", f"Publish it with {_CHART}{end}."
    if any(form.startswith("image/") for form in data):
        return "a picture", f"Publish it with {_CHART}{end}."
    if "simpletable" in html:
        return "a model's summary", f"Publish the model with {_MODEL}{end}."
    if "dataframe" in html:
        return "a frame", f"Publish it with {_TABLE}{end}."
    for form, kind in (("text/latex", "a formula"), ("text/markdown", "Markdown")):
        if form in data:
            return kind, f"Write it in a Markdown cell, or publish words with {_WORDS}{end}."
    if "application/json" in data:
        return "JSON", f"Publish it with {_TABLE}{end}."
    kind = "HTML" if html else "a value" if end else "text"
    return kind, f"Publish words with {_WORDS}, numbers with {_TABLE}{end}."


def _tidy(value: object) -> object:
    """Make every string in an exhibit printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if isinstance(value, dict):
        return {printable(key): _tidy(item) for key, item in value.items()}
    return value


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return b""
