"""Makes a report folder: runs the notebooks, collects what they publish, writes every format, moves it into place."""

from __future__ import annotations

import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import count
from pathlib import Path

import nbformat
from tqdm import tqdm

from helpers.data import InputError, Study
from helpers.data.problems import errors, input_error, summary
from helpers.privacy import SELF

from . import commentary, house
from .cover import Cover
from .document import EXHIBIT, Block, Chapter, Heading, Prose, read
from .execute import Run, Source, defaults, execute, find, select, typed_parameters, without_folders
from .folder import Draft, draft
from .html import Report, page
from .manifest import MANIFEST, manifest, results, sha256, table_name, write_json, write_table
from .pdf import pdf
from .slides import deck
from .word import docx
from .workbook import workbook

FORMATS = ("html", "pdf", "docx", "pptx")
WORKBOOK = "tables.xlsx"
#: What makes a whole file, by the key of study.yaml that names its template.
MAKERS = {
    "docx": lambda made: docx(made, made.chapters, "Report"),
    "pptx": lambda made: deck(made),
    "typst": lambda made: pdf(made, made.chapters, "Report"),
}
NOTEBOOKS = Path(__file__).parents[3] / "notebooks"


@dataclass(frozen=True)
class ReportResult:
    """What came of a report.

    Attributes
    ----------
    folder : pathlib.Path
        The finished report folder.
    exit_code : int
        0: everything that applies to the study is there; 1: something failed, and the report says what is missing.
    messages : list of str
        What to tell the user, one sentence each.
    """

    folder: Path
    exit_code: int
    messages: list[str]


@dataclass
class _Work:
    """A report in the making."""

    study: Study
    cover: Cover
    folder: Path
    parameters: dict[str, dict]
    openings: dict[str, list[Block]]
    reader: str = ""
    runs: list[Run] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    failed: bool = False

    @property
    def shown(self) -> dict[str, str]:
        """What stands in the report for this machine's folders."""
        return {str(self.study.folder): self.study.folder.name, str(self.folder): "."}

    def run(self, source: Source) -> Chapter | None:
        """Execute a notebook and read its chapter; ``None`` when it does not apply or failed."""
        given = self.parameters[source.name] | {"study": str(self.study.folder)}
        if "results" in defaults(source):
            given["results"] = str(self.folder / "results.json")
        run = execute(source, given, self.shown)
        run = run if self.reader else _for_others(run)
        chapter = None
        if not run.traceback and not run.left_out:
            try:
                chapter = read(run.notebook, source.name, source.path.parent)
                chapter = chapter.opened_by(self.openings.get(source.name, []))
            except Exception:  # an exhibit of a kind nobody knows: a failure of this notebook, not of the report
                run = replace(run, traceback=traceback.format_exc())
        self.runs.append(run)
        if run.left_out:
            self.missing.append(f"“{source.title}” is left out. {run.left_out}")
        elif run.traceback:
            self.fail(source.name, f"“{source.title}” is missing because an error stopped it", run.traceback)
        self._keep(run)
        return chapter

    def write(self, name: str, make: Callable[[], bytes | str]) -> None:
        """Write one file of the report; when that fails, say so and go on with the others."""
        try:
            content = make()
            (self.folder / name).write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        except Exception:
            self.fail(name, f"The file {name} is missing because an error stopped it", traceback.format_exc())

    def fail(self, name: str, sentence: str, trace: str) -> None:
        """Put a traceback into a log, and one sentence into the report."""
        (self.folder / "logs").mkdir(exist_ok=True)
        trace = without_folders(trace, self.shown)
        (self.folder / "logs" / f"{name}.log").write_text(trace + "\n", encoding="utf-8", newline="\n")
        self.missing.append(f"{sentence}; the details are in logs/{name}.log.")
        self.failed = True

    def _keep(self, run: Run) -> None:
        """Keep the executed notebook, without the vector drawings that only this package reads."""
        for cell in run.notebook.cells:
            for output in cell.get("outputs", []):
                output.get("metadata", {}).get("hr_partnership", {}).pop("svg", None)
        nbformat.write(run.notebook, self.folder / "notebooks" / run.source.path.name)


def report(
    study_path: str | Path,
    only: Sequence[str] | None = None,
    formats: Sequence[str] = FORMATS,
    out: str | Path | None = None,
    parameters: dict[str, object] | None = None,
    *,
    reader: str = "",
    notebooks: str | Path = NOTEBOOKS,
    audit: Callable[[Path], dict] | None = None,
) -> ReportResult:
    """Make the report of a study.

    Parameters
    ----------
    study_path : str or pathlib.Path
        Folder of the study, or its study.yaml.
    only : sequence of str, optional
        Unnumbered names of the notebooks to run; all by default.
    formats : sequence of {"html", "pdf", "docx", "pptx"}
        What to write besides ``index.html``, the tables and the machine-readable files, which are always written.
    out : str or pathlib.Path, optional
        The report folder; by default ``reports/<name of the study folder>`` below the working directory. An existing
        folder is replaced only if it is a report.
    parameters : dict, optional
        Values for the notebooks' parameters; each notebook gets those it declares.
    reader : str
        Id of the one manager for whom it is made: it then holds the notebooks for one manager and no other. Empty: a
        shared report, which holds none of them.
    notebooks : str or pathlib.Path
        Folder of the numbered notebooks; the project's own by default.
    audit : callable, optional
        Takes the unfinished report folder and returns the privacy verdict for the manifest.

    Returns
    -------
    ReportResult
        The folder, the exit code and what to tell the user.

    Raises
    ------
    InputError
        The study, a name, a parameter, a format or the target folder is wrong. Nothing has run or been written then.

    Notes
    -----
    A notebook numbered 00 runs last and becomes ``index.html``; if it declares the parameter ``results``, it gets the
    path of ``results.json`` of the other notebooks. Its own findings repeat theirs and are not collected again.
    """
    started = time.monotonic()
    study = Study.load(study_path)
    problems = study.check()
    if errors(problems):
        raise InputError(problems)
    for name in formats:
        if name not in FORMATS:
            raise input_error("--formats", f'there is no format "{name}"', expected="any of " + ",".join(FORMATS))
    every = find(Path(notebooks))
    sources = select(every, list(only or []), reader)
    if not sources:
        found = "there is no notebook for one manager" if reader else "there is no numbered notebook"
        raise input_error(notebooks, found, expected="files like 02_partnership_survey.ipynb")
    if reader and "manager" in (parameters or {}):
        raise input_error("-p manager", "a report for one manager is made with --manager", fix="Use --manager ID")
    typed = typed_parameters(sources, (parameters or {}) | ({"manager": reader} if reader else {}))
    openings, remarks = commentary.openings(study.folder, [source.name for source in every])
    target = Path(out) if out else Path.cwd() / "reports" / study.folder.resolve().name
    cover = Cover.of(study, reader)
    house.check(cover, MAKERS)

    with draft(target.resolve()) as made:
        work = _Work(study, cover, made.folder, typed, openings, reader)
        for name in ("notebooks", "tables"):
            (made.folder / name).mkdir()
        chapters, own_summary = _run_all(work, sources)
        content = Report(cover, own_summary or _summary(chapters), chapters, work.missing, pages="html" in formats)
        _export(work, content, formats)
        _write_index(work, content, made)
        verdict = audit(made.folder) if audit else {"verdict": "not audited"}
        made.keep(datetime.now())  # as late as can be: whoever edits a file meanwhile loses nothing
        if made.renamed:
            _write_index(work, content, made)
        used = {source.name: _used(source, typed[source.name]) for source in sources}
        files = {name: sha256(made.folder / name) for name in made.built}
        write_json(manifest(study, work.runs, used, verdict, time.monotonic() - started, files), made.folder / MANIFEST)
        made.take_place()
    if problems:
        remarks.append(f"The study has {summary(problems)} Run `partnership check` to see them.")
    remarks += _unused(openings, sources, [*chapters, content.summary])
    return ReportResult(target, int(work.failed), [*remarks, *made.messages, *work.missing])


def _for_others(run: Run) -> Run:
    """Stop a notebook that shows a person's own figures, whatever it calls itself; nothing it showed is kept."""
    outputs = [output for cell in run.notebook.cells for output in cell.get("outputs", [])]
    if not any(output.get("data", {}).get(EXHIBIT, {}).get("audience") == SELF for output in outputs):
        return run
    for cell in run.notebook.cells:
        if cell.cell_type == "code":
            cell.outputs = []
    return replace(run, traceback="It shows figures of one person, which only a report for that person may hold.")


def _unused(openings: dict[str, list[Block]], sources: list[Source], chapters: list[Chapter]) -> list[str]:
    """Say which commentary is not in the report because the chapter it would open is not."""
    written = {chapter.name for chapter in chapters}
    names = [source.name for source in sources if source.name in openings and source.name not in written]
    return [f"{commentary.FOLDER}/{name}.md is not in the report: the chapter it opens is missing." for name in names]


def _write_index(work: _Work, content: Report, made: Draft) -> None:
    listed = _with_files(content, work, made)
    (made.folder / "index.html").write_text(page(listed, listed.summary), encoding="utf-8", newline="\n")


def _run_all(work: _Work, sources: list[Source]) -> tuple[list[Chapter], Chapter | None]:
    chapters: list[Chapter] = []
    own_summary = None
    with tqdm(sources, desc="Notebooks", unit="notebook", position=0) as progress:
        for source in progress:
            if source.is_summary:
                write_json(results(chapters), work.folder / "results.json")
                own_summary = work.run(source)
            elif chapter := work.run(source):
                chapters.append(chapter)
    write_json(results(chapters), work.folder / "results.json")
    return chapters, own_summary


def _export(work: _Work, made: Report, formats: Sequence[str]) -> None:
    for chapter in made.chapters:
        for exhibit in chapter.exhibits:
            write_table(exhibit, work.folder / "tables")
    alone = replace(made, missing=[])
    through = _numbered_through(made)
    for chapter in tqdm(made.chapters, desc="Files", unit="chapter"):
        makers = {
            "html": partial(page, alone, chapter),
            "pdf": partial(pdf, alone, [chapter], chapter.title),
            "docx": partial(docx, alone, [chapter], chapter.title),
        }
        for kind in formats:
            if kind in makers:
                work.write(f"{chapter.name}.{kind}", makers[kind])
    if any(chapter.exhibits for chapter in through.chapters):
        work.write(WORKBOOK, partial(workbook, through))
    everything = [through.summary, *through.chapters]
    whole = {
        "pdf": ("report.pdf", partial(pdf, through, everything, "Report")),
        "docx": ("report.docx", partial(docx, through, everything, "Report")),
        "pptx": ("deck.pptx", partial(deck, through)),
    }
    for kind in formats:
        if kind in whole:
            work.write(*whole[kind])


def _summary(chapters: list[Chapter]) -> Chapter:
    """Say what was found when no notebook does: every finding, by chapter."""
    blocks: list[Block] = []
    for chapter in chapters:
        if chapter.findings:
            blocks += [Heading(2, chapter.title, f"summary--{chapter.name}"), *chapter.findings]
    return Chapter("index", "Findings", blocks or [Prose("<p>The chapters of this report state no finding.</p>")])


def _numbered_through(made: Report) -> Report:
    """Number tables and figures through all chapters, for the files that hold the whole report."""
    numbers = {"table": count(1), "chart": count(1)}

    def numbered(chapter: Chapter) -> Chapter:
        exhibits = {id(exhibit): replace(exhibit, number=next(numbers[exhibit.kind])) for exhibit in chapter.exhibits}
        return replace(chapter, blocks=[exhibits.get(id(block), block) for block in chapter.blocks])

    return replace(made, summary=numbered(made.summary), chapters=[numbered(chapter) for chapter in made.chapters])


def _with_files(content: Report, work: _Work, made: Draft) -> Report:
    """List the files that were written, for the index."""
    whole = [
        ("report.pdf", "The whole report, PDF"),
        ("report.docx", "The whole report, Word"),
        ("deck.pptx", "One finding per slide, PowerPoint"),
        (WORKBOOK, "All tables in one workbook, Excel"),
    ]
    words = {"html": "page", "pdf": "PDF", "docx": "Word"}
    groups = {
        "The whole report": whole,
        "Chapters": [
            (f"{chapter.name}.{kind}", f"{chapter.title}, {word}")
            for chapter in content.chapters
            for kind, word in words.items()
        ],
        "Numbers of every table and figure": [
            (f"tables/{table_name(exhibit)}", f"{chapter.title}, {exhibit.label}: {exhibit.title}")
            for chapter in content.chapters
            for exhibit in chapter.exhibits
        ],
        "For researchers": [
            ("results.json", "Findings and tables, machine-readable"),
            *((f"notebooks/{run.source.path.name}", f"{run.source.title}, executed notebook") for run in work.runs),
        ],
        "What went wrong": [(f"logs/{path.name}", path.stem) for path in sorted(work.folder.glob("logs/*.log"))],
    }
    built = set(made.built)
    files = {
        heading: [(name, words) for wanted, words in links if (name := made.renamed.get(wanted, wanted)) in built]
        for heading, links in groups.items()
    }
    files["For researchers"].append((MANIFEST, "Inputs, parameters, versions and privacy verdict"))
    return replace(content, files=files, missing=work.missing)


def _used(source: Source, given: dict[str, object]) -> dict[str, object]:
    """Return the parameters a notebook ran with, but for those that hold this machine's paths."""
    return {name: value for name, value in (defaults(source) | given).items() if name not in ("study", "results")}
