"""Makes a report folder: runs the notebooks, collects what they publish, writes every format, moves it into place."""

from __future__ import annotations

import os
import threading
import time
import traceback
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, nullcontext, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache, partial
from itertools import islice
from pathlib import Path
from typing import Any

import nbformat

from helpers import kernels
from helpers.data import InputError, Study
from helpers.data.lock import locked
from helpers.data.problems import Problem, errors, input_error, summary
from helpers.data.writing import FULL
from helpers.present.claims import settle
from helpers.privacy import SELF
from helpers.privacy.audit import Leak, Verdict, independent
from helpers.privacy.audit import audit as audit_files
from helpers.published import Finding, Practice
from helpers.shipped import FORMATS, NOTEBOOKS

from . import commentary, fingerprint, outputs, practices, team
from .cover import Cover
from .document import Chapter, Heading, Part, Placed, Prose, read
from .execute import GROUP, Run, Source, defaults, execute, find, select, typed_parameters
from .folder import LOG, Draft, complete, draft, log_folder
from .formats import brand_templates
from .formats.html import card, page
from .formats.pdf import pages_of_body, pdf
from .formats.workbook import workbook
from .layers import layers, numbered, opened
from .manifest import LOG_FILE, MANIFEST, log, manifest, sha256, table_name, write_json, write_results, write_table
from .own_notebooks import with_own
from .progress import bars, cores
from .releases import Ledger, Waiting, refuse_two_levels
from .report import Report
from .sharing import shared
from .withholding import Withheld, not_compared, withhold
from .wording import named

REPORT, WORKBOOK, RESULTS = "report.pdf", "tables.xlsx", "results.json"
DRAFT = "Draft – not for distribution"
RELEASES_LOCK = ".releases.lock"
#: Notebooks that take longer than their size tells: one that ran last would let the other cores wait.
SIMULATING = {"study_planner"}
#: Formats that hold charts as pixels.
PIXELS = {"docx", "pptx"}
#: Seconds to wait for other reports of the study to be recorded: in a batch there are many.
PATIENCE = 3600.0


def docx(*given: Any) -> bytes:
    """Write Word; what does so takes long to import, as below, and few reports of a batch hold all formats."""
    from .formats import word

    return word.docx(*given)


def deck(report: Report) -> bytes:
    """Write slides."""
    from .formats import slides

    return slides.deck(report)


#: What makes a whole file, by the key of study.yaml that names its template.
MAKERS: dict[str, Callable[[Report], bytes]] = {
    "docx": lambda made: docx(made, made.chapters, "Report"),
    "pptx": deck,
    "typst": lambda made: pdf(made, made.chapters, "Report"),
}


@dataclass(frozen=True)
class ReportResult:
    """What came of a report.

    Attributes
    ----------
    folder : pathlib.Path
        The finished report folder.
    exit_code : int
        0: everything that applies to the study is there, and the audit found nothing; 1: something failed, and the
        report says what is missing, or the messages what the audit found.
    messages : list of str
        What to tell the user, one sentence each.
    audit : Verdict
        What the audit of the finished files found.
    failures : list of str
        What is missing and why, one sentence each, without anybody's answers.
    kept : bool
        Whether the report stood there already, made from the same: nothing was done.
    """

    folder: Path
    exit_code: int
    messages: list[str]
    audit: Verdict
    failures: list[str] = field(default_factory=list)
    kept: bool = False


@dataclass(frozen=True)
class Planned:
    """What a report will be made from; nothing has run yet.

    Attributes
    ----------
    made_from : str
        Hash of all that the report depends on: see :mod:`.fingerprint`.
    """

    study: Study
    files: dict[str, str]
    problems: list[Problem]
    sources: list[Source]
    typed: dict[str, dict[str, object]]
    openings: dict[str, list[Part]]
    remarks: list[str]
    made_from: str

    @property
    def used(self) -> dict[str, dict[str, object]]:
        """The parameters of each notebook."""
        return {source.name: _used(source, self.typed[source.name]) for source in self.sources}


@dataclass(frozen=True)
class _Failed:
    """Why a file could not be made."""

    details: str


def _tried(make: Callable[[], bytes | str]) -> bytes | _Failed:
    """Make the content of a file, or say what stopped it."""
    try:
        content = make()
        return content.encode("utf-8") if isinstance(content, str) else content
    except Exception as error:
        if isinstance(error, OSError) and error.errno in FULL:
            raise
        return _Failed(traceback.format_exc())


@dataclass
class _Work:
    """A report in the making."""

    study: Study
    cover: Cover
    draft: Draft
    logs: Path
    parameters: dict[str, dict[str, object]]
    used: dict[str, dict[str, object]]
    openings: dict[str, list[Part]]
    reader: str = ""
    own_notebooks: Sequence[str | Path] = ()
    runs: list[Run] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    messages: list[str] = field(default_factory=list)
    failed: bool = False
    waiting: Sequence[int] = ()
    is_draft: bool = False
    thresholds: dict[str, object] = field(default_factory=dict)
    withheld: list[str] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)
    became: list[Practice] = field(default_factory=list)
    recorded: Path | None = None
    turn: AbstractContextManager[object] = field(default_factory=nullcontext)
    in_batch: bool = False
    #: Whether charts become pixels in notebooks, too: where another format needs them, since drawing them takes long.
    pixels: bool = False
    failures: list[str] = field(default_factory=list)

    @property
    def folder(self) -> Path:
        """Where the report is made."""
        return self.draft.folder

    @property
    def shown(self) -> dict[str, str]:
        """What stands in the report for this machine's folders."""
        own = {str(folder): folder.name for folder in (Path(given).resolve() for given in self.own_notebooks)}
        return own | {str(self.study.folder): self.study.folder.name, str(self.folder): "."}

    def execute(self, source: Source, study: Path) -> Run:
        """Execute a notebook on the study that was written for all of them."""
        given = self.parameters[source.name] | {"study": str(self.study.folder)}
        if "results" in defaults(source):
            given["results"] = str(self.folder / RESULTS)
        return execute(source, given, self.shown, self.waiting, study)

    def take(self, run: Run) -> Chapter | None:
        """Read the chapter of an executed notebook; ``None`` when it does not apply or failed."""
        source = run.source
        if warnings := outputs.stderr(run.notebook):
            self.draft.write_log(source.name, warnings)
        chapter = None
        if run.left_out:
            self.missing.append(f"“{source.title}” is left out. {run.left_out}")
            self.messages.append(self.missing[-1])
        elif run.traceback:
            self.fail(source.name, f"“{source.title}” is missing because {run.stopped_by}", run.traceback)
        else:
            chapter = self._read(run)
            run = replace(run, refused=chapter is None)
        self.runs.append(run)
        return chapter

    def withhold(self, chapters: list[Chapter]) -> list[Chapter]:
        """Take out of the chapters what, beside all that is or was published, would tell of too few people.

        What is left is recorded as released, unless the report is a draft. Other reports of the study wait meanwhile.
        """
        privacy, names = self.study.privacy, {chapter.name for chapter in chapters}
        runs = [run for run in self.runs if run.source.name in names]
        with self.turn, self.alone_with_releases():
            ledger = Ledger(self.study)
            self.not_compared = not_compared(runs)
            runs, gone, left = withhold(
                runs, privacy.min_group, privacy.min_rated, ledger, self.reader, self.study.who_can_get_reports()
            )
            runs = self.settle(runs)
            changed = {run.source.name: run for run in runs}
            self.runs = [changed.get(run.source.name, run) for run in self.runs]
            told = {name: outputs.findings(run.notebook) for name, run in changed.items()}
            chapters = [
                self._without(chapter, changed[chapter.name], gone).telling(told[chapter.name]) for chapter in chapters
            ]
            self.became = practices.told(self.study, chapters, self.used)
            content = Report(self.cover, _summary(chapters), chapters, self.missing, practices=self.became)
            write_results(content, self.folder / RESULTS)
            if not self.is_draft:
                report = sha256(self.folder / RESULTS)
                self.recorded = ledger.record(report, left, self.reader, self.thresholds)
        self.withheld = [f"{changed[one.notebook].source.title}: {one.sentence}" for one in gone]
        self.messages += self.withheld
        return chapters

    def write_cards(self, told: list[Practice]) -> dict[str, str]:
        """Write the card of each playbook that a finding names; return their paths below the folder."""
        paths = {one.playbook: f"{practices.FOLDER}/{one.playbook}.html" for one in told if one.card}
        if paths:
            (self.folder / practices.FOLDER).mkdir(exist_ok=True)
        for one in told:
            if one.card:
                self.write(paths[one.playbook], partial(card, self.cover, one))
        return {name: path for name, path in paths.items() if (self.folder / path).is_file()}

    def settle(self, runs: list[Run]) -> list[Run]:
        """Judge the differences of all chapters beside each other, and write the sentences that follow from that."""
        told = [outputs.findings(run.notebook) for run in runs]
        settled, accent = iter(settle([finding for findings in told for finding in findings])), self.cover.accent
        parts = [list(islice(settled, len(findings))) for findings in told]
        return [
            replace(run, notebook=outputs.with_findings(run.notebook, part, accent))
            for run, part in zip(runs, parts, strict=True)
        ]

    def alone_with_releases(self) -> AbstractContextManager[object]:
        """Let no other report of the study be compared and recorded at the same time."""
        if self.is_draft:
            return nullcontext()
        what = "the releases of this study"
        return locked(
            self.study.folder, "partnership report", alone=True, patience=PATIENCE, file=RELEASES_LOCK, what=what
        )

    def _without(self, chapter: Chapter, run: Run, gone: list[Withheld]) -> Chapter:
        """Read a chapter again of which something was withheld."""
        if all(one.notebook != chapter.name for one in gone):
            return chapter
        return read(run.notebook, chapter.name, run.source.path.parent).opened_by(chapter.commentary)

    def notebooks(self, chapters: list[Chapter]) -> Iterator[tuple[str, Callable[[], str]]]:
        """Yield name and maker of each executed notebook; of those not in the report, without what they show."""
        names = {chapter.name for chapter in chapters}
        for run in self.runs:
            in_report = run.source.name in names or (run.source.is_summary and run.state == "done")
            yield f"notebooks/{run.source.path.name}", partial(self._kept, run.notebook, in_report)

    def _kept(self, notebook: nbformat.NotebookNode, in_report: bool) -> str:
        return nbformat.writes(outputs.kept(notebook, in_report, self.pixels)) + "\n"

    def _read(self, run: Run) -> Chapter | None:
        """Read a chapter; where it shows what this report may not hold, say so and do without it."""
        source = run.source
        try:
            chapter = read(run.notebook, source.name, source.path.parent)
            if self.reader or not any(_is_for_one(part) for part in chapter.parts):
                name = commentary.SUMMARY if source.is_summary else source.name
                return chapter.opened_by(self.openings.get(name, []))
            found = "figures of one person, which only a report for that person may hold"
            self.fail(source.name, f"“{source.title}” is missing because it shows {found}", f"It shows {found}.")
        except outputs.NotPublished as refused:
            sentence = f"“{source.title}” is missing because it shows what was not published"
            told = "\n".join(f"  {refusal}" for refusal in refused.refusals)
            self.fail(source.name, sentence, str(refused), f"{sentence}, and a report takes nothing else:\n{told}")
        except Exception:  # prose that cannot be converted: a failure of this notebook, not of the report
            sentence = f"“{source.title}” is missing because an error stopped it"
            self.fail(source.name, sentence, traceback.format_exc())
        return None

    def forget(self) -> None:
        """Take back the record of a report that was not finished."""
        if self.recorded:
            self.recorded.unlink(missing_ok=True)

    def write(self, name: str, make: Callable[[], bytes | str]) -> None:
        """Write one file of the report; when that fails, say so and go on with the others."""
        self.put(name, _tried(make))

    def put(self, name: str, made: bytes | _Failed) -> None:
        """Write what was made of one file, or say that it is missing."""
        if isinstance(made, bytes):
            try:
                (self.folder / name).write_bytes(made)
                return
            except OSError as error:
                if error.errno in FULL:  # nothing else would find room either
                    raise
                made = _Failed(traceback.format_exc())
        self.fail(name, f"The file {name} is missing because an error stopped it", made.details)

    def fail(self, name: str, sentence: str, details: str, told: str = "") -> None:
        """Say what is missing: in one sentence to readers, with the place of the details to whoever made the report."""
        self.draft.write_log(name, details)
        self.failures.append(f"{sentence}.")
        self.missing.append(f"{sentence}; whoever made this report has the details.")
        self.messages.append(told or f"{sentence}; the details are in {self.logs / f'{name}{LOG}'}.")
        self.failed = True


def report(
    study_path: str | Path,
    only: Sequence[str] | None = None,
    formats: Sequence[str] = FORMATS,
    out: str | Path | None = None,
    parameters: dict[str, object] | None = None,
    *,
    reader: str = "",
    group: tuple[str, str] | None = None,
    notebooks: str | Path = NOTEBOOKS,
    own_notebooks: Sequence[str | Path] = (),
    audit: Callable[[Path, Study], Verdict] = audit_files,
    is_draft: bool = False,
    full_deck: bool = False,
    resume: bool = False,
    in_batch: bool = False,
    turn: AbstractContextManager[object] | None = None,
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
    group : tuple of str, optional
        An attribute of the study and one of its published groups: the report then holds the notebooks about one group
        and no other.
    notebooks : str or pathlib.Path
        Folder of the numbered notebooks; the shipped ones by default.
    own_notebooks : sequence of str or pathlib.Path
        Folders with numbered notebooks of one's own, which stand beside those, or in the place of one of the same name.
        They may not lie in a study: what comes from a client never runs.
    audit : callable, optional
        Takes the finished files in their folder and the study, and says what an attacker would learn. Files that
        somebody edited and that are carried over from an earlier report are not among them.
    is_draft : bool
        Whether it is for the eyes of whoever makes it: every page says so, and it is not recorded as released.
    full_deck : bool
        Whether the deck holds a slide for every finding; else it has at most twelve.
    resume : bool
        Whether to leave a whole report as it is that was made from the same data, code, parameters and versions.
    in_batch : bool
        Whether other reports are made beside it: its notebooks then run one after another, and no progress is shown.
    turn : context manager, optional
        Held while it is compared with the releases of the study and recorded; may wait for other reports.

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
    From a code cell a report takes what was published and nothing else; a notebook that shows more is left out, and the
    messages name the cells. Tracebacks, warnings and refusals stand in logs beside the report folder, called like it
    with ``-log`` at the end, since they may hold answers of people.

    An exhibit that, beside the others of the report or those of reports released before, would tell of too few people
    is withheld with the findings that refer to it; see :mod:`.withholding` and :mod:`.releases`.

    A notebook numbered 00 runs last and becomes ``index.html``; if it declares the parameter ``results``, it gets the
    path of ``results.json`` of the other notebooks. Its own findings repeat theirs and are not collected again.
    """
    study = Study.load(study_path)
    target = Path(out) if out else Path.cwd() / "reports" / study.folder.resolve().name
    with locked(study.folder, "partnership report", alone=False):
        plan = planned(
            study, only, formats, parameters, reader=reader, group=group, notebooks=notebooks,
            own_notebooks=own_notebooks, is_draft=is_draft, full_deck=full_deck, in_batch=in_batch,
        )  # fmt: skip
        with draft(target.resolve()) as made:
            if resume and complete(target, plan.made_from):
                said = [*made.messages, f"{target} is up to date."]
                return ReportResult(target, 0, said, Verdict(["It was made earlier, and passed."]), kept=True)
            return _report(
                plan, made, target, formats, reader, group, own_notebooks, audit, is_draft, full_deck, in_batch, turn
            )


def planned(
    study: Study,
    only: Sequence[str] | None = None,
    formats: Sequence[str] = FORMATS,
    parameters: dict[str, object] | None = None,
    *,
    reader: str = "",
    group: tuple[str, str] | None = None,
    notebooks: str | Path = NOTEBOOKS,
    own_notebooks: Sequence[str | Path] = (),
    is_draft: bool = False,
    full_deck: bool = False,
    in_batch: bool = False,
) -> Planned:
    """Find out what a report will be made from; parameters as for :func:`report`.

    Raises
    ------
    InputError
        A name, a parameter, a format or the study is wrong.
    """
    files = fingerprint.files(study)
    study, problems = _checked(study, files) if in_batch else (study, study.check())
    if errors(problems):
        raise InputError(problems)
    for name in formats:
        if name not in FORMATS:
            raise input_error("--formats", f'there is no format "{name}"', expected="any of " + ",".join(FORMATS))
    every, replaced = with_own(find(Path(notebooks)), own_notebooks)
    sources = select(every, list(only or []), GROUP if group else SELF if reader else "")
    if not sources:
        kind = "for one manager" if reader else "about one group"
        found = f"there is no notebook {kind}" if reader or group else "there is no numbered notebook"
        raise input_error(notebooks, found, expected="files like 02_partnership_survey.ipynb")
    if reader and "manager" in (parameters or {}):
        raise input_error("-p manager", "a report for one manager is made with --manager", fix="Use --manager ID")
    about_group = dict(zip(("attribute", "group"), group, strict=True)) if group else {}
    alone = about_group or ({"manager": reader} if reader else {})
    typed = typed_parameters(sources, (parameters or {}) | alone)
    summaries = [source.name for source in every if source.is_summary]
    openings, stray = commentary.openings(study.folder, [source.name for source in every], summaries)
    options = {
        "formats": sorted(formats), "parameters": typed, "reader": reader, "group": group, "draft": is_draft,
        "full_deck": full_deck,
    }  # fmt: skip
    made_from = fingerprint.digest(study, files, [source.path for source in sources], options)
    return Planned(study, files, problems, sources, typed, openings, [*replaced, *stray], made_from)


_CHECKING = threading.Lock()


def _checked(study: Study, files: dict[str, str]) -> tuple[Study, list[Problem]]:
    """Check a study; one whose files are those of the last one is not read and checked again."""
    if any(source.path is None for source in study.tables.values()):  # a database may have changed since
        return study, study.check()
    with _CHECKING:
        return _checked_once(study.folder, tuple(sorted(files.items())))


@lru_cache(maxsize=1)
def _without(study: Study, rows: tuple[int, ...]) -> Study:
    return study.without(rows)


@lru_cache(maxsize=1)
def _checked_once(folder: Path, files: tuple[tuple[str, str], ...]) -> tuple[Study, list[Problem]]:
    study = Study.load(folder)
    return study, study.check()


def _report(
    plan: Planned,
    made: Draft,
    target: Path,
    formats: Sequence[str],
    reader: str,
    group: tuple[str, str] | None,
    own_notebooks: Sequence[str | Path],
    audit: Callable[[Path, Study], Verdict],
    is_draft: bool,
    full_deck: bool,
    in_batch: bool,
    turn: AbstractContextManager[object] | None,
) -> ReportResult:
    began, started = datetime.now().astimezone(), time.monotonic()
    study, sources, used, openings = plan.study, plan.sources, plan.used, plan.openings
    remarks = list(plan.remarks)
    thresholds = _thresholds(study, used)
    is_draft, waiting, said = _as_releases_allow(study, thresholds, is_draft)
    remarks += said
    if waiting and waiting.rows:
        study = _without(study, tuple(waiting.rows))
    cover = Cover.of(study, reader, DRAFT if is_draft else "", group[1] if group else "")
    brand_templates.check(cover, MAKERS)

    with ExitStack() as keep_record:
        work = _Work(
            study, cover, made, log_folder(target), plan.typed, used, openings, reader, own_notebooks,
            missing=waiting.for_readers() if waiting else [], waiting=waiting.rows if waiting else [],
            is_draft=is_draft, thresholds=thresholds, turn=turn or nullcontext(), in_batch=in_batch,
            pixels=not in_batch and not PIXELS.isdisjoint(formats),
        )  # fmt: skip
        keep_record.callback(work.forget)
        for name in ("notebooks", "tables"):
            (made.folder / name).mkdir()
        chapters, own_summary = _run_all(work, sources, plan.files)
        first, has_own = own_summary or _summary(chapters), own_summary is not None
        if not has_own and not reader and not group:
            first = first.opened_by(openings.get(commentary.SUMMARY, []))
        chapters = [opened(chapter) for chapter in chapters]
        content = numbered(
            Report(
                cover, first, chapters, work.missing, has_own_summary=has_own, pages="html" in formats,
                practices=work.became, cards=work.write_cards(work.became), full_deck=full_deck,
            )
        )  # fmt: skip
        _export(work, content, formats)
        if group and not reader:  # what one person is told of goes to no team
            for name, make in team.files(content, study, group, formats).items():
                work.write(name, make)
        write_results(content, made.folder / RESULTS)
        _write_index(work, content, made)
        body_pages = pages_of_body(made.folder / REPORT) if (made.folder / REPORT).is_file() else None

        def write_manifest(privacy: dict[str, object]) -> None:
            files = {name: sha256(made.folder / name) for name in made.built if name not in (MANIFEST, LOG_FILE)}
            record = manifest(study, work.runs, used, privacy, files)
            record |= {"draft": is_draft, "withheld": work.withheld, "not_compared": work.not_compared}
            record |= {"body_pages": body_pages, "made_from": plan.made_from, "whole": not work.failed}
            write_json(record, made.folder / MANIFEST)

        write_manifest({"audit": "running"})
        verdict = _audited(work, audit)
        made.keep(datetime.now())  # as late as can be: whoever edits a file meanwhile loses nothing
        if made.renamed:
            _write_index(work, content, made)
        write_manifest(verdict.record())
        write_json(log(work.runs, began, time.monotonic() - started), made.folder / LOG_FILE)
        if fingerprint.files(plan.study) != plan.files:
            fix = "Run the same command again"
            raise input_error(study.folder, "files of the study changed while the report was made", fix=fix)
        made.take_place()
        if verdict.passed:  # what must not be passed on is not released
            keep_record.pop_all()
    if plan.problems:
        remarks.append(f"The study has {summary(plan.problems)} Run `partnership check` to see them.")
    remarks += _unused(openings, sources, [*chapters, content.summary])
    messages = [*remarks, *made.messages, *work.messages]
    if not verdict.passed:
        messages.append(verdict.text(f"Audit of {target}"))
        work.failures.append(f"The audit found {len(verdict.found)}: do not send these files.")
    return ReportResult(target, int(work.failed or not verdict.passed), messages, verdict, work.failures)


def _thresholds(study: Study, used: dict[str, dict[str, object]]) -> dict[str, Any]:
    """Return what may not become less strict from one release to the next."""
    levels = {name: level for name, given in used.items() if isinstance(level := given.get("confidence"), int | float)}
    privacy = study.privacy
    least = {"min_group": privacy.min_group, "min_comments": privacy.min_comments}
    least["min_rated"] = privacy.min_rated
    return {**least, "confidence": levels}


def _as_releases_allow(
    study: Study, thresholds: dict[str, Any], is_draft: bool
) -> tuple[bool, Waiting | None, list[str]]:
    """Refuse thresholds that earlier releases rule out, and find the answers that must wait.

    Returns whether the report is a draft, which it also is where nothing can be recorded; what waits; and what to tell
    the user. A draft shows everything, and says what a release would not.
    """
    ledger, said = Ledger(study), []
    try:
        refuse_two_levels(thresholds["confidence"])
        ledger.refuse_other_thresholds(thresholds)
    except InputError as error:
        if not is_draft:
            raise
        said.append(f"This draft could not be released: {error.problems[0].found}.")
    if not ledger.kept:
        said.append("Nothing is compared with earlier reports or recorded: study.yaml says releases: false.")
        return is_draft, None, said
    waiting = ledger.waiting()
    said += waiting.sentences()
    if is_draft:
        said += ["This draft shows them all the same."] * bool(waiting.rows)
        return True, None, said
    if not os.access(study.folder, os.W_OK):
        said.append(f"This is a draft: {study.folder} cannot be written to, so no release can be recorded there.")
        is_draft = True
    return is_draft, waiting, said


def _is_for_one(part: Part) -> bool:
    """Tell whether a part shows a person's own figures, whatever its notebook calls itself."""
    audience = part.exhibit.audience if isinstance(part, Placed) else ""
    return SELF in (audience, part.audience if isinstance(part, Finding) else "")


def _unused(openings: dict[str, list[Part]], sources: list[Source], chapters: list[Chapter]) -> list[str]:
    """Say which commentary is not in the report because the chapter it would open is not."""
    written = {chapter.name for chapter in chapters}
    names = [source.name for source in sources if source.name in openings and source.name not in written]
    return [f"{commentary.FOLDER}/{name}.md is not in the report: the chapter it opens is missing." for name in names]


def _audited(work: _Work, audit: Callable[[Path, Study], Verdict]) -> Verdict:
    """Audit the files; an audit that cannot be finished has not been passed."""
    try:
        return audit(work.folder, work.study)
    except Exception:
        work.draft.write_log("audit", traceback.format_exc())
        sentence = f"An error stopped it; the details are in {work.logs / f'audit{LOG}'}."
        return Verdict(found=[Leak("the report", "", "the audit is not finished", sentence)])


def _write_index(work: _Work, content: Report, made: Draft) -> None:
    listed = _with_files(content, work, made)
    (made.folder / "index.html").write_text(page(listed, listed.summary), encoding="utf-8", newline="\n")


def _run_all(work: _Work, sources: list[Source], files: dict[str, str]) -> tuple[list[Chapter], Chapter | None]:
    """Execute the notebooks; the summary, which comes last, repeats what is left of the others."""
    kernels.prepare()
    with shared(work.study, files, work.in_batch) as study:
        return _run_on(work, sources, study)


def _run_on(work: _Work, sources: list[Source], study: Path) -> tuple[list[Chapter], Chapter | None]:
    chapters: list[Chapter] = []
    own_summary = None
    others = [source for source in sources if not source.is_summary]
    # One more than there are cores, since kernels wait between cells; in a batch, reports run side by side instead.
    workers = 1 if work.in_batch else cores() + 1
    with ThreadPoolExecutor(workers) as pool:
        longest = sorted(others, key=lambda one: (one.name in SIMULATING, one.path.stat().st_size), reverse=True)
        started = {source.name: pool.submit(work.execute, source, study) for source in longest}
        runs = [started[source.name] for source in others]
        pool.submit(independent.texts)  # for the audit; like pictures, once no notebook waits any more
        try:
            with bars(work.in_batch) as progress:
                task = progress.add_task("Notebooks", total=len(others))
                for run in runs:  # they run side by side, and are read in order
                    run.add_done_callback(lambda _: progress.advance(task))
                for run in runs:
                    if chapter := work.take(run.result()):
                        chapters.append(chapter)
                        if work.pixels:
                            pool.submit(_draw, chapter)
            chapters = work.withhold(chapters)
            for source in sources[len(others) :]:
                own_summary = work.take(work.execute(source, study))
        finally:
            pool.shutdown(cancel_futures=True)
    return chapters, own_summary


def _draw(chapter: Chapter) -> None:
    """Draw the pictures that several files will hold; what cannot be drawn is told with the file that lacks it."""
    for placed in chapter.exhibits:
        with suppress(Exception):
            placed.drawing.as_png()


def _export(work: _Work, made: Report, formats: Sequence[str]) -> None:
    for chapter in (*made.chapters, made.summary):
        for placed in chapter.exhibits:
            write_table(placed.exhibit, work.folder / "tables")
    alone, wanted = replace(made, missing=[]), list[tuple[str, Callable[[], bytes | str]]]()
    body, appendix = layers(made)
    whole: dict[str, tuple[str, Callable[[], bytes | str]]] = {
        "pdf": (REPORT, partial(pdf, made, body, "Report", appendix)),
        "docx": ("report.docx", partial(docx, made, body, "Report", appendix)),
        "pptx": ("deck.pptx", partial(deck, made)),
    }
    wanted += [whole[kind] for kind in formats if kind in whole]  # they take longest
    if any(chapter.exhibits for chapter in made.chapters):
        wanted.append((WORKBOOK, partial(workbook, made)))
    for chapter in made.chapters:
        makers: dict[str, Callable[[], bytes | str]] = {
            "html": partial(page, alone, chapter),
            "pdf": partial(pdf, alone, [chapter], chapter.title),
            "docx": partial(docx, alone, [chapter], chapter.title),
        }
        wanted += [(f"{chapter.name}.{kind}", makers[kind]) for kind in formats if kind in makers]
    wanted += work.notebooks(made.chapters)  # last: their pictures are drawn by then
    workers = 1 if work.in_batch else cores()  # other programs do much of it, so that it can be done side by side
    with ThreadPoolExecutor(workers) as pool, bars(work.in_batch) as progress:
        files = pool.map(_tried, (make for _, make in wanted))
        for (name, _), content in zip(wanted, progress.track(files, len(wanted), description="Files"), strict=True):
            work.put(name, content)


def _summary(chapters: list[Chapter]) -> Chapter:
    """Say what was found when no notebook does: every finding, by chapter."""
    parts: list[Part] = []
    for chapter in chapters:
        if chapter.findings:
            parts += [Heading(2, chapter.title, f"summary--{chapter.name}"), *chapter.findings]
    return Chapter("index", "Findings", parts or [Prose("<p>The chapters of this report state no finding.</p>")])


def _with_files(content: Report, work: _Work, made: Draft) -> Report:
    """List the files that were written, for the index."""
    whole = [
        (REPORT, "The whole report, PDF"),
        ("report.docx", "The whole report, Word"),
        ("deck.pptx", "What to present, PowerPoint"),
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
        "For the talk in the team": [
            (f"{team.FILE}.{kind}", f"Six pages for a talk of 30 minutes, {words[kind]}") for kind in ("pdf", "docx")
        ],
        "What to try": [(path, f"Card: {named(name)}") for name, path in content.cards.items()],
        "Numbers of every table and figure": [
            (f"tables/{table_name(placed.exhibit)}", f"{chapter.title}, {placed.label}: {placed.exhibit.title}")
            for chapter in content.chapters
            for placed in chapter.exhibits
        ],
        "For researchers": [
            (RESULTS, "Findings and tables, machine-readable"),
            *((f"notebooks/{run.source.path.name}", f"{run.source.title}, executed notebook") for run in work.runs),
        ],
    }
    built = set(made.built)
    files = {
        heading: [(name, words) for wanted, words in links if (name := made.renamed.get(wanted, wanted)) in built]
        for heading, links in groups.items()
    }
    files["For researchers"].append((MANIFEST, "Inputs, parameters, versions and privacy verdict"))
    files["For researchers"].append((LOG_FILE, "When the report was made, and how long that took"))
    return replace(content, files=files, missing=work.missing)


def _used(source: Source, given: dict[str, object]) -> dict[str, object]:
    """Return the parameters a notebook ran with, but for those that hold this machine's paths."""
    return {name: value for name, value in (defaults(source) | given).items() if name not in ("study", "results")}
