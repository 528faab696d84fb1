"""Makes a report folder: runs the notebooks, collects what they publish, writes every format, moves it into place."""

from __future__ import annotations

import json
import secrets
import shutil
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import count
from pathlib import Path

import nbformat
from tqdm import tqdm

from helpers.data import InputError, Study
from helpers.data.problems import errors, input_error, summary

from .cover import Cover
from .document import Block, Chapter, Heading, Prose, read
from .execute import Run, Source, defaults, execute, find, select, typed_parameters, without_folders
from .html import Report, page
from .manifest import KIND, MANIFEST, manifest, results, table_name, write_json, write_table
from .pdf import pdf
from .slides import deck
from .word import docx

FORMATS = ("html", "pdf", "docx", "pptx")
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
        chapter = None
        if not run.traceback and not run.left_out:
            try:
                chapter = read(run.notebook, source.name, source.path.parent)
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
    sources = select(find(Path(notebooks)), list(only or []))
    if not sources:
        raise input_error(notebooks, "there is no numbered notebook", expected="files like 02_partnership_survey.ipynb")
    typed = typed_parameters(sources, parameters or {})
    target = Path(out) if out else Path.cwd() / "reports" / study.folder.resolve().name
    cover = Cover.of(study)

    with _written_beside(target.resolve()) as folder:
        work = _Work(study, cover, folder, typed)
        for name in ("notebooks", "tables"):
            (folder / name).mkdir()
        chapters, own_summary = _run_all(work, sources)
        made = Report(cover, own_summary or _summary(chapters), chapters, work.missing, pages="html" in formats)
        _export(work, made, formats)
        (folder / "index.html").write_text(page(_with_files(made, work), made.summary), encoding="utf-8", newline="\n")
        verdict = audit(folder) if audit else {"verdict": "not audited"}
        used = {source.name: _used(source, typed[source.name]) for source in sources}
        write_json(manifest(study, work.runs, used, verdict, time.monotonic() - started), folder / MANIFEST)
    warnings = [f"The study has {summary(problems)} Run `partnership check` to see them."] if problems else []
    return ReportResult(target, int(work.failed), warnings + work.missing)


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


def _with_files(made: Report, work: _Work) -> Report:
    """List the files that were written, for the index."""
    whole = [("report.pdf", "The whole report, PDF"), ("report.docx", "The whole report, Word")]
    whole.append(("deck.pptx", "One finding per slide, PowerPoint"))
    words = {"html": "page", "pdf": "PDF", "docx": "Word"}
    groups = {
        "The whole report": whole,
        "Chapters": [
            (f"{chapter.name}.{kind}", f"{chapter.title}, {word}")
            for chapter in made.chapters
            for kind, word in words.items()
        ],
        "Numbers of every table and figure": [
            (f"tables/{table_name(exhibit)}", f"{chapter.title}, {exhibit.label}: {exhibit.title}")
            for chapter in made.chapters
            for exhibit in chapter.exhibits
        ],
        "For researchers": [
            ("results.json", "Findings and tables, machine-readable"),
            *((f"notebooks/{run.source.path.name}", f"{run.source.title}, executed notebook") for run in work.runs),
        ],
        "What went wrong": [(f"logs/{path.name}", path.stem) for path in sorted(work.folder.glob("logs/*.log"))],
    }
    files = {heading: [link for link in links if (work.folder / link[0]).exists()] for heading, links in groups.items()}
    files["For researchers"].append((MANIFEST, "Inputs, parameters, versions and privacy verdict"))
    return replace(made, files=files, missing=work.missing)


def _used(source: Source, given: dict[str, object]) -> dict[str, object]:
    """Return the parameters a notebook ran with, but for those that hold this machine's paths."""
    return {name: value for name, value in (defaults(source) | given).items() if name not in ("study", "results")}


@contextmanager
def _written_beside(target: Path) -> Iterator[Path]:
    """Offer an unfinished folder beside the target, and put it in the target's place once it is whole."""
    if target.exists() and not _replaceable(target):
        raise input_error(
            "--out",
            f"{target} exists and is not a report",
            expected="a new folder, an empty one, or an earlier report",
            fix="Choose another folder with --out",
        )
    token = secrets.token_hex(4)
    folder = target.parent / f".{target.name}.partial-{token}"
    previous = target.parent / f".{target.name}.previous-{token}"
    try:
        folder.mkdir(parents=True)
    except OSError as error:
        raise input_error("--out", f"{target.parent} cannot be written to", fix="Choose another folder") from error
    try:
        yield folder
        if target.exists():
            target.rename(previous)
        try:
            folder.rename(target)
        except OSError:
            if previous.exists():
                previous.rename(target)
            raise
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        if target.exists():
            shutil.rmtree(previous, ignore_errors=True)


def _replaceable(target: Path) -> bool:
    if not target.is_dir():
        return False
    if not any(target.iterdir()):
        return True
    try:
        return json.loads((target / MANIFEST).read_text(encoding="utf-8")).get("kind") == KIND
    except (OSError, ValueError, AttributeError):
        return False
