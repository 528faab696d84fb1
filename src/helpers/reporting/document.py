"""Turns an executed notebook into a chapter: a list of blocks that every format renders in its own way.

Text from data travels as plain strings and is escaped by each format; only prose is HTML, and that passes through
an allow-list here. Code is left out.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import secrets
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import nbformat
import nh3
import pypandoc
from lxml import html as lxml_html
from nbconvert import HTMLExporter

EXHIBIT = "application/vnd.hr-partnership.exhibit+json"
GRADES = {
    "strong": "Strong evidence",
    "moderate": "Moderate evidence",
    "weak": "Weak evidence",
    "none": "Too small to matter",
    "cannot tell": "Cannot tell",
}
# fmt: off
_MATH = [
    "math", "semantics", "mrow", "mi", "mn", "mo", "ms", "mtext", "mspace", "msup", "msub", "msubsup", "mfrac", "msqrt",
    "mroot", "mover", "munder", "munderover", "mtable", "mtr", "mtd", "mstyle", "mpadded", "mphantom", "menclose",
]
_TAGS = {
    "p", "br", "hr", "em", "strong", "b", "i", "code", "pre", "blockquote", "ul", "ol", "li", "dl", "dt", "dd", "sup",
    "sub", "del", "a", "img", "div", "span", "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td",
    "h1", "h2", "h3", "h4", "h5", "h6", *_MATH,
}
# fmt: on
_ATTRIBUTES = {
    "a": {"href"},
    "img": {"src", "alt"},
    "th": {"colspan", "rowspan", "align"},
    "td": {"colspan", "rowspan", "align"},
    "ol": {"start"},
    "math": {"display", "xmlns"},
    **{tag: {"stretchy", "form", "accent", "mathvariant", "columnalign", "width"} for tag in _MATH[2:]},
}


@dataclass(frozen=True)
class Heading:
    """A heading below the chapter title; ``level`` is 2 to 4."""

    level: int
    text: str
    anchor: str


@dataclass(frozen=True)
class Prose:
    """Sanitized HTML without headings and pictures."""

    html: str


@dataclass(frozen=True)
class Picture:
    """A picture that the notebook shows without the publishing helper."""

    alt: str
    svg: str | None = None
    png: bytes | None = None


@dataclass(frozen=True)
class Exhibit:
    """A published table or chart; ``texts`` are what is printed, ``rows`` the same as values (``None``: hidden).

    ``audience`` is empty but where figures of single people are shown: to themselves ("self") or by name ("named").
    """

    kind: str
    notebook: str
    id: str
    number: int
    title: str
    message: str
    note: str
    columns: list[dict]
    rows: list[list]
    texts: list[list[str]]
    alt: str = ""
    audience: str = ""
    chart: dict | None = None
    svg: str | None = None
    png: bytes | None = None

    @property
    def anchor(self) -> str:
        """Name of the place to link to, unique in the whole report."""
        return f"{self.notebook}--{self.id}"

    @property
    def numeric(self) -> list[bool]:
        """Which columns hold numbers, set flush right."""
        return [column["type"] not in ("text", "date") for column in self.columns]

    @property
    def headings(self) -> list[str]:
        """What stands above the columns, with the unit where the label does not say it."""
        parts = ((column["label"], column.get("unit") or "") for column in self.columns)
        return [f"{label}, {unit}" if unit and unit not in label else label for label, unit in parts]

    @property
    def label(self) -> str:
        """What the text calls it, for instance ``Figure 2``."""
        return f"{'Table' if self.kind == 'table' else 'Figure'} {self.number}"


@dataclass(frozen=True)
class Finding:
    """One graded sentence, as the notebook published it."""

    notebook: str
    id: str
    sentence: str
    grade: str
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    unit: str = ""
    n: int | None = None
    method: str = ""
    group: str = ""
    playbook: str | None = None
    exhibit: str | None = None
    caveats: list[str] = field(default_factory=list)
    audience: str = ""

    @property
    def grade_label(self) -> str:
        """The grade in words."""
        return GRADES.get(self.grade, GRADES["cannot tell"])

    @property
    def estimate_words(self) -> str:
        """Estimate and interval in one line; empty where nothing could be estimated."""
        if self.estimate is None:
            return ""
        known = [value for value in (self.estimate, self.low, self.high) if value is not None]
        decimals = max(len(f"{value:.6g}".partition(".")[2]) for value in known)
        printed = [f"{value:.{decimals}f}".replace("-", "−") for value in known]
        interval = f", interval {printed[1]} to {printed[2]}" if len(printed) == 3 else ""
        return f"{printed[0]} {self.unit}".rstrip() + interval

    @property
    def practice(self) -> str:
        """The playbook's name as a reader sees it."""
        return (self.playbook or "").replace("-", " ").replace("_", " ").capitalize()


Block = Heading | Prose | Picture | Exhibit | Finding


@dataclass(frozen=True)
class Chapter:
    """One notebook's part of the report; ``commentary`` are those of its first blocks that the consultant wrote."""

    name: str
    title: str
    blocks: list[Block]
    commentary: list[Block] = field(default_factory=list)

    def opened_by(self, commentary: list[Block]) -> Chapter:
        """Return the chapter with the consultant's own words before it."""
        return replace(self, blocks=[*commentary, *self.blocks], commentary=commentary)

    @property
    def exhibits(self) -> list[Exhibit]:
        """The published tables and charts in order."""
        return [block for block in self.blocks if isinstance(block, Exhibit)]

    @property
    def findings(self) -> list[Finding]:
        """The findings in order."""
        return [block for block in self.blocks if isinstance(block, Finding)]


def printable(value: object) -> str:
    """Return text without the control characters and halves of characters that no XML format can hold."""
    return re.sub(
        r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]", "", str(value if value is not None else "")
    )


def shortened(text: str, length: int) -> str:
    """Cut a text that has to fit into one place."""
    text = " ".join(text.split())
    return text if len(text) <= length else text[: length - 1].rstrip() + "…"


def slug(text: str) -> str:
    """Return a name that is safe in a file name and in a link."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-") or "section"


def title_of(notebook: nbformat.NotebookNode, name: str) -> str:
    """Return a notebook's chapter title without running it: its metadata, its first heading, or its name."""
    stated = notebook.metadata.get("hr_partnership", {}).get("title")
    heading = next(
        (
            match.group(1).strip()
            for cell in notebook.cells
            if cell.cell_type == "markdown" and (match := re.search(r"^#\s+(.+)$", cell.source, re.MULTILINE))
        ),
        None,
    )
    return printable(stated or re.sub(r"[*`]", "", heading or "") or name.replace("_", " ").capitalize())


def read(notebook: nbformat.NotebookNode, name: str, folder: Path) -> Chapter:
    """Read an executed notebook.

    Parameters
    ----------
    notebook : nbformat.NotebookNode
        Executed notebook.
    name : str
        Its unnumbered name, for instance ``partnership_survey``.
    folder : pathlib.Path
        Where the notebook lies; pictures in its Markdown are looked up there.

    Returns
    -------
    Chapter
        Title and blocks, exhibits numbered in order of appearance.
    """
    prose = iter(_markdown_to_html(notebook))
    reader = _Reader(name, folder)
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            reader.add_html(next(prose))
        elif cell.cell_type == "code":
            for output in _meant_for_readers(cell.outputs):
                reader.add_output(output)
    return Chapter(name, title_of(notebook, name), reader.blocks)


def read_commentary(text: str, name: str, folder: Path) -> list[Block]:
    """Read a consultant's own Markdown the way a notebook's is read; raw HTML in it becomes text.

    Parameters
    ----------
    text : str
        The Markdown.
    name : str
        Unnumbered name of the notebook whose chapter it opens.
    folder : pathlib.Path
        Where the file lies; its pictures are looked up there.

    Returns
    -------
    list of Block
        Headings, prose and pictures. A first-level heading stands below the chapter's title, as every other does.
    """
    reader = _Reader(f"{name}--commentary", folder)
    reader.title_seen = True  # no heading here is the chapter's title
    for html in _markdown_to_html(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])):
        reader.add_html(html)
    return reader.blocks


class _Reader:
    """Collects blocks and keeps the counts that numbering needs."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.blocks: list[Block] = []
        self._counts: dict[str, int] = {}
        self._anchors: set[str] = set()
        self._level = 1
        self.title_seen = False
        self._exporter = HTMLExporter(
            template_name="basic", exclude_input=True, exclude_output_prompt=True, anchor_link_text=""
        )

    def add_output(self, output: nbformat.NotebookNode) -> None:
        data, own = output.get("data", {}), output.get("metadata", {}).get("hr_partnership", {})
        if EXHIBIT in data:
            self._add_exhibit(_tidy(data[EXHIBIT]), own.get("svg"), data.get("image/png"))
        elif "image/svg+xml" in data or "image/png" in data:
            alt = output.metadata.get("alt") or output.metadata.get("image/png", {}).get("alt")
            svg = data.get("image/svg+xml")
            self.blocks.append(Picture(self._alt(alt), svg, None if svg else _bytes(data["image/png"])))
        else:
            cell = nbformat.v4.new_code_cell(outputs=[output])
            self.add_html(self._exporter.from_notebook_node(nbformat.v4.new_notebook(cells=[cell]))[0])

    def add_html(self, html: str) -> None:
        """Split prose at its headings and pictures."""
        tree = lxml_html.fragment_fromstring(_sanitized(html), create_parent="div")
        pictures = [self._take_picture(image) for image in tree.findall(".//img")]
        if (tree.text or "").strip() or any((child.tail or "").strip() for child in tree):
            self.blocks.append(Prose(lxml_html.tostring(tree, encoding="unicode")))
            tree.clear()
        for child in tree:
            if re.fullmatch("h[1-6]", str(child.tag)):
                self._add_heading(int(child.tag[1]), " ".join(child.text_content().split()))
            elif child.text_content().strip():
                self.blocks.append(Prose(lxml_html.tostring(child, encoding="unicode").strip()))
        self.blocks.extend(picture for picture in pictures if picture)

    def _add_heading(self, level: int, text: str) -> None:
        if level == 1 and not self.title_seen:
            self.title_seen = True
            return
        self._level = min(max(level, 2), self._level + 1, 4)
        self.blocks.append(Heading(self._level, text, f"{self.name}--{self._unique(f'section-{slug(text)}')}"))

    def _add_exhibit(self, exhibit: dict, svg: str | None, png: str | None) -> None:
        known = Finding.__dataclass_fields__ if exhibit["kind"] == "finding" else Exhibit.__dataclass_fields__
        facts = {key: value for key, value in exhibit.items() if key in known} | {"notebook": self.name}
        if exhibit["kind"] == "finding":
            self.blocks.append(Finding(**facts))
            return
        self._counts[exhibit["kind"]] = self._counts.get(exhibit["kind"], 0) + 1
        facts |= {"id": self._unique(slug(exhibit["id"])), "number": self._counts[exhibit["kind"]]}
        self.blocks.append(Exhibit(**facts, svg=svg, png=_bytes(png) if png else None))

    def _take_picture(self, image: lxml_html.HtmlElement) -> Picture | None:
        """Take a picture out of the prose: embedded ones and files beside the notebook; others leave their text."""
        source, alt = image.get("src", ""), image.get("alt", "")
        file = (self.folder / source).resolve()
        image.drop_tag()
        if match := re.fullmatch(r"data:image/png;base64,(.+)", source, re.DOTALL):
            return Picture(self._alt(alt), png=_bytes(match.group(1)))
        if file.is_file() and file.is_relative_to(self.folder.resolve()) and file.suffix in (".svg", ".png"):
            is_svg = file.suffix == ".svg"
            return Picture(
                self._alt(alt),
                svg=file.read_text(encoding="utf-8") if is_svg else None,
                png=None if is_svg else file.read_bytes(),
            )
        if alt and (parent := image.getparent()) is not None:
            parent.text = f"{parent.text or ''}{alt}"
        return None

    def _alt(self, alt: str | None) -> str:
        headings = [block.text for block in self.blocks if isinstance(block, Heading)]
        place = headings[-1] if headings else self.name.replace("_", " ")
        return printable(alt) or f"Picture in the section “{place}”; the notebook gives no description"

    def _unique(self, name: str) -> str:
        candidate, count = name, 2
        while candidate in self._anchors:
            candidate, count = f"{name}-{count}", count + 1
        self._anchors.add(candidate)
        return candidate


def _meant_for_readers(outputs: list[nbformat.NotebookNode]) -> list[nbformat.NotebookNode]:
    """Leave out what the screen form adds, warnings, and the value that a call returns after it has shown something."""
    shown = [
        output
        for output in outputs
        if output.get("name") != "stderr"
        and not output.get("metadata", {}).get("hr_partnership", {}).get("screen_only")
    ]
    displays = any({EXHIBIT, "image/png", "image/svg+xml"} & set(output.get("data", {})) for output in shown)
    return [output for output in shown if not (displays and output.output_type == "execute_result")]


def combine(pieces: Iterable[str], convert: Callable[[str], str]) -> list[str]:
    """Convert many pieces of HTML with one call of a converter; pandoc takes longer to start than to work."""
    pieces = list(pieces)
    if not pieces:
        return []
    marker = "boundary" + secrets.token_hex(16)
    return [part.strip() for part in convert(f"<p>{marker}</p>".join(pieces)).split(marker)]


def _markdown_to_html(notebook: nbformat.NotebookNode) -> Iterator[str]:
    """Convert all Markdown cells at once; raw HTML in them becomes text, formulas become MathML."""
    cells = [
        nbformat.v4.new_markdown_cell(cell.source, id=f"cell{index}")
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
    ]
    if not cells:
        return
    page = pypandoc.convert_text(
        json.dumps(nbformat.v4.new_notebook(cells=cells)),
        "html5",
        format="ipynb-raw_html-raw_tex-citations",
        extra_args=["--mathml", "--wrap=none"],
    )
    for div in lxml_html.fragment_fromstring(page, create_parent="div"):
        yield "".join(lxml_html.tostring(child, encoding="unicode") for child in div)


def _sanitized(html: str) -> str:
    """Keep the allow-listed elements and attributes; drop scripts and styles with what they hold."""
    tree = lxml_html.fragment_fromstring(html, create_parent="div")
    for element in tree.xpath("//script | //style | //annotation | //comment()"):
        element.drop_tree()
    for cell in tree.xpath("//th[@style] | //td[@style]"):
        if match := re.search(r"text-align:\s*(right|center)", cell.get("style")):
            cell.set("align", match.group(1))
    text = lxml_html.tostring(tree, encoding="unicode")
    schemes = {"http", "https", "mailto", "data"}
    clean = nh3.clean(text, tags=_TAGS, attributes=_ATTRIBUTES, url_schemes=schemes, link_rel=None)
    inner = lxml_html.fragment_fromstring(clean)
    for link in inner.findall(".//a"):
        if not re.match("(https?|mailto):", link.get("href", ""), re.IGNORECASE):
            link.drop_tag()  # what it points to does not travel with the report
    while len(inner) == 1 and inner[0].tag == "div" and not (inner.text or "").strip():
        inner = inner[0]
    return printable(inner.text) + "".join(lxml_html.tostring(child, encoding="unicode") for child in inner)


def _tidy(value: object) -> object:
    """Make every string in an exhibit printable."""
    if isinstance(value, str):
        return printable(value)
    if isinstance(value, list):
        return [_tidy(item) for item in value]
    if isinstance(value, dict):
        return {printable(key): _tidy(item) for key, item in value.items()}
    return value


def _bytes(encoded: str) -> bytes | None:
    try:
        return base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return None
