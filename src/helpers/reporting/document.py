"""Turns an executed notebook into a chapter: a list of parts that every format renders in its own way.

Text from data travels as plain strings and is escaped by each format; only prose is HTML, and that passes through
an allow-list here. Code is left out.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from html import escape
from pathlib import Path

import nbformat
import nh3
from lxml import html as lxml_html
from nbformat import NotebookNode

from helpers.published import METADATA, Exhibit, Finding, PageOne, Remark

from . import outputs
from .cells import Cells, joined
from .pandoc import converted
from .pictures import Drawing
from .wording import printable

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

    def tree(self) -> lxml_html.HtmlElement:
        """Return it as a tree, within one element."""
        return lxml_html.fragment_fromstring(self.html, create_parent="div")


@dataclass(frozen=True)
class Picture:
    """A picture in the prose."""

    alt: str
    drawing: Drawing


@dataclass(frozen=True)
class Placed:
    """An exhibit at its place in a report: numbered, and with a chart's picture.

    The exhibit's ``notebook`` is the chapter it stands in, and its ``id`` is unique there. ``headline`` says what the
    weightiest finding on it found.
    """

    exhibit: Exhibit
    number: int
    drawing: Drawing = field(default_factory=Drawing)
    headline: str = ""

    @property
    def anchor(self) -> str:
        """Name of the place to link to, unique in the whole report."""
        return f"{self.exhibit.notebook}--{self.exhibit.id}"

    @property
    def label(self) -> str:
        """What the text calls it, for instance ``Figure 2``."""
        return f"{'Table' if self.exhibit.kind == 'table' else 'Figure'} {self.number}"

    @property
    def alt(self) -> str:
        """The chart in words."""
        return self.exhibit.alt or self.exhibit.title

    @property
    def title(self) -> str:
        """What stands above it: the message where it has one, else what is shown."""
        return self.headline or self.exhibit.title

    @property
    def subtitle(self) -> str:
        """What is shown, where the title is a message."""
        return self.exhibit.title if self.headline else ""

    @cached_property
    def cells(self) -> Cells:
        """Its table as a reader sees it, intervals beside their estimates."""
        return joined(self.exhibit.columns, self.exhibit.texts)


@dataclass(frozen=True)
class Front:
    """Page one, with the charts that carry it, which repeat those of chapters and so have no number."""

    page: PageOne
    charts: list[Placed] = field(default_factory=list)

    @property
    def lines(self) -> str:
        """What stands below charts that draw intervals."""
        drawn = [placed.exhibit.chart for placed in self.charts if placed.exhibit.chart]
        return PageOne.LINES if any(chart.low for chart in drawn) else ""


@dataclass(frozen=True)
class Answer:
    """What a chapter found, before anything else: its weightiest findings, which stand in full further down.

    ``more`` says whether there are others.
    """

    findings: list[Finding]
    more: bool = False

    @property
    def rest(self) -> str:
        """What stands below them where there are others."""
        return "Further findings stand beside the tables and figures that show them." if self.more else ""


@dataclass(frozen=True)
class Moved:
    """The place that an exhibit left for the head of its chapter, or for the body of a report."""

    placed: Placed
    where: str = "at the head of this chapter"

    @property
    def words(self) -> str:
        """What stands in its place, behind its label."""
        return f"stands {self.where}: {self.placed.exhibit.title}"


#: What stands in a chapter besides page one.
Body = Heading | Prose | Picture | Placed | Finding | Answer | Moved
Part = Body | Front


@dataclass(frozen=True)
class Chapter:
    """One notebook's part of the report.

    Attributes
    ----------
    name, title : str
        The notebook's unnumbered name, and what readers call the chapter.
    parts : list of Part
        What stands in it, in order.
    commentary : list of Part
        Those of the first parts that the consultant wrote.
    answer : list of Part
        Those that follow: what was found, and the charts that carry it.
    remarks : list of str
        The sentences among its prose that a code cell published.
    """

    name: str
    title: str
    parts: list[Part]
    commentary: list[Part] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)
    answer: list[Part] = field(default_factory=list)

    def opened_by(self, commentary: list[Part]) -> Chapter:
        """Return the chapter with the consultant's own words before it."""
        return replace(self, parts=[*commentary, *self.parts], commentary=commentary)

    def telling(self, findings: Sequence[Finding]) -> Chapter:
        """Return the chapter with findings in the place of its own, as many and in its order."""
        rest = iter(findings)
        parts = [
            next(rest).model_copy(update={"notebook": self.name}) if isinstance(part, Finding) else part
            for part in self.parts
        ]
        return replace(self, parts=parts)

    @property
    def front(self) -> Front | None:
        """Page one, where this chapter holds it."""
        return next((part for part in self.parts if isinstance(part, Front)), None)

    @property
    def opening(self) -> list[Part]:
        """What opens it: the consultant's words, and the answer."""
        return self.parts[: len(self.commentary) + len(self.answer)]

    @property
    def rest(self) -> list[Part]:
        """What follows its opening."""
        return self.parts[len(self.commentary) + len(self.answer) :]

    @property
    def body(self) -> list[Body]:
        """What stands in it besides page one."""
        return [part for part in self.parts if not isinstance(part, Front)]

    @property
    def exhibits(self) -> list[Placed]:
        """The published tables and charts in order, without those of page one."""
        return [part for part in self.parts if isinstance(part, Placed)]

    @property
    def findings(self) -> list[Finding]:
        """The findings in order."""
        return [part for part in self.parts if isinstance(part, Finding)]


def texts(parts: list[Part]) -> list[str]:
    """Return the words of headings, prose and pictures, one text for each, without markup."""
    found = []
    for part in parts:
        if isinstance(part, Picture):
            found.append(part.alt)
        elif said := lines(part):
            found.append(" ".join(said))
    return found


def lines(part: Part) -> list[str]:
    """Return the words of a heading or of prose without markup, a line for every point of a list and row of a table."""
    if not isinstance(part, Prose):
        return [part.text] if isinstance(part, Heading) else []
    tree = part.tree()
    every = points(tree) or [("", row) for row in tree.xpath(".//tr")] or [("", tree)]
    return [f"{mark} {text}".strip() for mark, one in every if (text := " ".join(" ".join(one.itertext()).split()))]


def points(tree: lxml_html.HtmlElement) -> list[tuple[str, lxml_html.HtmlElement]]:
    """Return the points of a list, each with what stands before it: a dot, or its number."""
    found = [("•", point) for point in tree.xpath("./ul/li")]
    for numbered in tree.xpath("./ol"):
        first = int(numbered.get("start") or 1)
        found += [(f"{number}.", point) for number, point in enumerate(numbered.xpath("./li"), start=first)]
    return found


def anchor(finding: Finding) -> str:
    """Name the place of a finding to link to, unique in the whole report."""
    return f"{finding.notebook}--finding-{slug(finding.id)}"


def slug(text: str) -> str:
    """Return a name that is safe in a file name and in a link."""
    return re.sub(r"[^a-z0-9_]+", "-", text.lower()).strip("-") or "section"


def title_of(notebook: NotebookNode, name: str) -> str:
    """Return a notebook's chapter title without running it: its metadata, its first heading, or its name."""
    stated = notebook.metadata.get(METADATA, {}).get("title")
    heading = next(
        (
            match.group(1).strip()
            for cell in notebook.cells
            if cell.cell_type == "markdown" and (match := re.search(r"^#\s+(.+)$", cell.source, re.MULTILINE))
        ),
        None,
    )
    return printable(stated or re.sub(r"[*`]", "", heading or "") or name.replace("_", " ").capitalize())


def read(notebook: NotebookNode, name: str, folder: Path) -> Chapter:
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
        Title and parts, exhibits numbered in order of appearance.

    Raises
    ------
    helpers.reporting.outputs.NotPublished
        A code cell shows something else than exhibits.
    """
    published = outputs.taken(notebook)
    prose = iter(_markdown_to_html(notebook))
    reader = _Reader(name, folder)
    untold: set[str] = set()  # tags of cells for which one remark stands
    for place, cell in enumerate(notebook.cells):
        left_out = not untold.isdisjoint(cell.metadata.get("tags", []))
        if cell.cell_type == "markdown":
            html = next(prose)
            reader.add_html("" if left_out else html)
        for taken in published.get(place, []):
            if isinstance(taken.item, Remark):
                untold |= {taken.item.instead_of} - {""}
            if not (left_out and isinstance(taken.item, Remark)):
                reader.add(taken)
    parts = sorted(reader.parts, key=lambda part: not isinstance(part, Front))  # page one comes first
    return Chapter(name, title_of(notebook, name), parts, remarks=reader.remarks)


def read_commentary(text: str, name: str, folder: Path) -> list[Part]:
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
    list of Part
        Headings, prose and pictures. A first-level heading stands below the chapter's title, as every other does.
    """
    reader = _Reader(f"{name}--commentary", folder)
    reader.title_seen = True  # no heading here is the chapter's title
    for html in _markdown_to_html(nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell(text)])):
        reader.add_html(html)
    return reader.parts


class _Reader:
    """Collects parts and keeps the counts that numbering needs."""

    def __init__(self, name: str, folder: Path) -> None:
        self.name, self.folder = name, folder
        self.parts: list[Part] = []
        self.remarks: list[str] = []
        self._counts: dict[str, int] = {}
        self._anchors: set[str] = set()
        self._level = 1
        self.title_seen = False

    def add(self, taken: outputs.Taken) -> None:
        """Place what a code cell published."""
        item = taken.item
        if isinstance(item, Remark):
            self.remarks.append(item.sentence)
            self.parts.append(Prose(f"<p>{escape(item.sentence)}</p>"))
        elif isinstance(item, Finding):
            self.parts.append(item.model_copy(update={"notebook": self.name}))
        elif isinstance(item, PageOne):
            self._add_front(item)
        else:
            self._counts[item.kind] = self._counts.get(item.kind, 0) + 1
            here = {"notebook": self.name, "id": self._unique(slug(item.id))}
            self.parts.append(Placed(item.model_copy(update=here), self._counts[item.kind], taken.drawing))

    def _add_front(self, page: PageOne) -> None:
        """Take the charts that page one names from where they were published."""
        wanted = [slug(name) for name in page.charts]
        charts = [part for part in self.parts if isinstance(part, Placed) and part.exhibit.id in wanted]
        self.parts = [part for part in self.parts if part not in charts]
        self._counts["chart"] = self._counts.get("chart", 0) - len(charts)
        self.parts.append(Front(page.model_copy(update={"notebook": self.name}), charts))

    def add_html(self, html: str) -> None:
        """Split prose at its headings and pictures."""
        tree = lxml_html.fragment_fromstring(_sanitized(html), create_parent="div")
        pictures = [self._take_picture(image) for image in tree.findall(".//img")]
        if (tree.text or "").strip() or any((child.tail or "").strip() for child in tree):
            self.parts.append(Prose(lxml_html.tostring(tree, encoding="unicode")))
            tree.clear()
        for child in tree:
            if re.fullmatch("h[1-6]", str(child.tag)):
                self._add_heading(int(child.tag[1]), " ".join(child.text_content().split()))
            elif child.text_content().strip():
                self.parts.append(Prose(lxml_html.tostring(child, encoding="unicode").strip()))
        self.parts.extend(picture for picture in pictures if picture)

    def _add_heading(self, level: int, text: str) -> None:
        if level == 1 and not self.title_seen:
            self.title_seen = True
            return
        self._level = min(max(level, 2), self._level + 1, 4)
        self.parts.append(Heading(self._level, text, f"{self.name}--{self._unique(f'section-{slug(text)}')}"))

    def _take_picture(self, image: lxml_html.HtmlElement) -> Picture | None:
        """Take a picture out of the prose: embedded ones and files beside the notebook; others leave their text."""
        source, alt = image.get("src", ""), image.get("alt", "")
        file = (self.folder / source).resolve()
        image.drop_tag()
        if match := re.fullmatch(r"data:image/png;base64,(.+)", source, re.DOTALL):
            drawing = Drawing(png=_bytes(match.group(1)))
            return Picture(self._alt(alt), drawing) if drawing else None
        if file.is_file() and file.is_relative_to(self.folder.resolve()) and file.suffix in (".svg", ".png"):
            content = file.read_bytes()
            drawing = Drawing(svg=content.decode("utf-8")) if file.suffix == ".svg" else Drawing(png=content)
            return Picture(self._alt(alt), drawing)
        if alt and (parent := image.getparent()) is not None:
            parent.text = f"{parent.text or ''}{alt}"
        return None

    def _alt(self, alt: str | None) -> str:
        headings = [part.text for part in self.parts if isinstance(part, Heading)]
        place = headings[-1] if headings else self.name.replace("_", " ")
        return printable(alt) or f"Picture in the section “{place}”; the notebook gives no description"

    def _unique(self, name: str) -> str:
        candidate, count = name, 2
        while candidate in self._anchors:
            candidate, count = f"{name}-{count}", count + 1
        self._anchors.add(candidate)
        return candidate


def combine(pieces: Iterable[str], convert: Callable[[str], str]) -> list[str]:
    """Convert many pieces of HTML with one call of a converter; pandoc takes longer to start than to work."""
    pieces = list(pieces)
    if not pieces:
        return []
    marker = "boundary" + hashlib.sha256("".join(pieces).encode("utf-8")).hexdigest()  # which they cannot hold
    return [part.strip() for part in convert(f"<p>{marker}</p>".join(pieces)).split(marker)]


def _markdown_to_html(notebook: NotebookNode) -> Iterator[str]:
    """Convert all Markdown cells at once; raw HTML in them becomes text, formulas become MathML."""
    cells = [
        nbformat.v4.new_markdown_cell(_no_list_within_a_paragraph(cell.source), id=f"cell{index}")
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "markdown"
    ]
    if not cells:
        return
    page = converted(
        json.dumps(nbformat.v4.new_notebook(cells=cells)),
        "html5",
        "ipynb+startnum-raw_html-raw_tex-citations",
        ["--mathml", "--wrap=none"],
    )
    for div in lxml_html.fragment_fromstring(page, create_parent="div"):
        yield "".join(lxml_html.tostring(child, encoding="unicode") for child in div)


def _no_list_within_a_paragraph(source: str) -> str:
    """Escape a number at the beginning of a line that goes on with a paragraph ("34. Bell & McCaffrey").

    As in CommonMark: only a list that begins with 1 may follow a line of text directly.
    """
    lines, in_list, fenced = source.split("\n"), False, False
    for place, line in enumerate(lines):
        before = lines[place - 1].strip() if place else ""
        fenced ^= bool(re.match(r"\s*(```|~~~)", line))
        numbered = re.match(r"(\s{0,3})(\d+)([.)])(\s)", line)
        if numbered and not fenced and not in_list and before and int(numbered[2]) != 1 and not before.startswith("#"):
            lines[place] = f"{numbered[1]}{numbered[2]}\\{numbered[3]}{line[numbered.end(3) :]}"
        elif numbered or re.match(r"\s{0,3}[-*+]\s", line):
            in_list = True
        elif not line.strip() or not (line.startswith(" ") or in_list):
            in_list = False
    return "\n".join(lines)


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


def _bytes(encoded: str) -> bytes:
    try:
        return base64.b64decode(encoded)
    except (binascii.Error, ValueError):
        return b""
