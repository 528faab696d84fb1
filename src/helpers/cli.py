"""The ``partnership`` command: thin; every step is a function of the package.

Exit codes: 0 done; 1 something in the work failed, the rest is there; 2 the input is wrong, nothing was written. Every
command loads what it needs, since pandas and what reports need take seconds.
"""

from __future__ import annotations

import functools
import io
import json
import subprocess
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from helpers import shipped
from helpers.data.importers.formats import names as import_formats
from helpers.data.problems import InputError, errors, input_error, render_text, to_json
from helpers.data.writing import FULL
from helpers.shipped import FORMATS

if TYPE_CHECKING:
    from helpers.privacy.audit import Verdict
    from helpers.reporting import Batch, Outcome


def user_errors(command: Callable[..., None]) -> Callable[..., None]:
    """Turn a wrong input into one clear message and exit code 2."""

    @functools.wraps(command)
    def guarded(*arguments: object, **options: object) -> None:
        try:
            command(*arguments, **options)
        except InputError as error:
            click.echo(str(error), err=True)
            sys.exit(2)
        except (PermissionError, FileExistsError, NotADirectoryError) as error:
            click.echo(
                f"{error.filename}: cannot be read or written ({error.strerror}). Close it in other programs, check "
                "its name and permissions, then run the same command again.",
                err=True,
            )
            sys.exit(2)
        except OSError as error:
            if error.errno not in FULL:
                raise
            where = f"{error.filename}: " if error.filename else ""
            click.echo(
                f"{where}the disk is full, so nothing was changed. Make room, then run the same command again.",
                err=True,
            )
            sys.exit(1)

    return guarded


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="hr-partnership")
def main() -> None:
    """Measure the partnership of HR and managers: from an export to a client-ready report.

    \b
    Example, from nothing to a report:
      partnership init acme
      partnership import qualtrics export.csv --study acme --wave 2026-H1
      partnership check acme
      partnership report acme
    """
    for stream in (sys.stdout, sys.stderr):
        # A Windows console with an old code page shows "?" rather than stopping at "–".
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--from",
    "export",
    type=click.Path(path_type=Path),
    help="Draft codebook, attributes and mapping from this export or definition (.qsf, .lss, Triple-S).",
)
@click.option("--format", type=click.Choice(list(import_formats())), help="Format of the export; default: found out.")
@user_errors
def init(folder: Path, export: Path | None, format: str | None) -> None:
    """Write a new study: study.yaml, codebook, an empty survey, and a README saying what to fill in.

    \b
    Example:
      partnership init acme
      partnership init acme --from export.csv
    """
    if export is not None:
        from helpers.data.importers.draft import study_from

        click.echo(study_from(folder, export, format))
        return
    from helpers.data import create_study

    create_study(folder)
    click.echo(f"New study in {folder}. Read {folder / 'README.md'} next.")


@main.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--json", "as_json", is_flag=True, help="Print the problems for machines.")
@user_errors
def check(study: Path, as_json: bool) -> None:
    """List every problem in the study's files at once: where, what was found, what is expected, how to fix it.

    \b
    Example:
      partnership check acme
      partnership check acme --json > problems.json
    """
    from helpers.data import Study

    problems = Study.load(study).check()
    click.echo(json.dumps(to_json(problems), indent=2) if as_json else render_text(problems))
    if any(problem.severity == "error" for problem in problems):
        sys.exit(2)


@main.command()
@click.argument("study", type=click.Path(path_type=Path))
@user_errors
def plan(study: Path) -> None:
    """Say which groups are merged so that no figures single out few people, why, and what share keeps its own label.

    For whoever holds the data: the reasons say of which groups fewer answered than may be shown. Steer it with merge in
    study.yaml.

    \b
    Example:
      partnership plan acme
    """
    from helpers.data import Study
    from helpers.privacy.plan_words import explain

    click.echo("\n".join(explain(Study.load(study).plan)))


@main.command("import")
@click.argument("format", required=False, type=click.Choice(list(import_formats())))
@click.argument("file", required=False, type=click.Path(path_type=Path))
@click.option("--study", required=True, type=click.Path(path_type=Path), help="Folder of the study.")
@click.option("--mapping", type=click.Path(path_type=Path), help="Mapping file; default: the one saved in the study.")
@click.option("--wave", help="Name of the survey wave, such as 2026-H1, where the export does not hold it.")
@click.option("--undo", "take_back", is_flag=True, help="Take back the last import of the study, instead.")
@user_errors
def import_(
    format: str | None, file: Path | None, study: Path, mapping: Path | None, wave: str | None, take_back: bool
) -> None:
    """Bring an export (survey, recruiting, a practice) into the study and say what was taken, skipped and left out.

    \b
    Example:
      partnership import qualtrics export.csv --study acme --wave 2026-H1
      partnership import wide answers.csv --study acme --mapping acme/mappings/answers.yaml
      partnership import greenhouse exported-folder --study acme
      partnership import practice role-swap-full-day-capture.xlsx --study acme
      partnership import --undo --study acme
    """
    from helpers.data.importers.engine import import_file
    from helpers.data.importers.history import undo

    if take_back:
        click.echo(undo(study))
        return
    if format is None or file is None:
        raise click.UsageError(f"Name a format and a file. Formats: {', '.join(import_formats())}.")
    log = import_file(format, file, study, mapping=mapping, wave=wave)
    click.echo(log.text())
    sys.exit(0 if log.done else 1)


def _formats(context: click.Context, option: click.Parameter, value: str) -> tuple[str, ...]:
    chosen = tuple(dict.fromkeys(part.strip().lower() for part in value.split(",") if part.strip()))
    unknown = [name for name in chosen if name not in FORMATS]
    if unknown or not chosen:
        raise click.BadParameter(f"{', '.join(unknown) or 'nothing'} is not among {', '.join(FORMATS)}")
    return chosen


@main.command()
@click.argument("studies", metavar="STUDY...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option(
    "--only", multiple=True, metavar="NAME", help="Only this notebook, such as partnership_survey; repeatable."
)
@click.option("--formats", default=",".join(FORMATS), callback=_formats, show_default=True, help="Comma-separated.")
@click.option(
    "--out",
    type=click.Path(path_type=Path),
    help="Report folder, or with several studies the folder that holds theirs; default: reports/<name of the study>.",
)
@click.option("-p", "parameters", multiple=True, nargs=2, metavar="NAME VALUE", help="Notebook parameter; repeatable.")
@click.option(
    "--manager",
    "managers",
    multiple=True,
    metavar="ID",
    help="Instead, a report of this manager's own hiring, for that manager alone; repeatable; all: each of them.",
)
@click.option(
    "--by",
    metavar="ATTRIBUTE",
    help="Instead, a report of each group, such as department; hr_partner: of each HR partner, for that person alone.",
)
@click.option(
    "--notebooks",
    "own",
    multiple=True,
    metavar="DIR",
    type=click.Path(path_type=Path),
    help="Folder with numbered notebooks of your own, to report beside the shipped ones; repeatable.",
)
@click.option(
    "--deck",
    type=click.Choice(["short", "full"]),
    default="short",
    show_default=True,
    help="Slides: at most twelve, or one for every finding.",
)
@click.option("--draft", is_flag=True, help="For your own eyes: marked on every page, and not recorded as released.")
@click.option("--jobs", type=click.IntRange(1), metavar="N", help="Reports made at a time; default: cores + 1.")
@click.option(
    "--resume", is_flag=True, help="Leave reports that were made from the same data, code, parameters and versions."
)
@click.option("--limit", type=click.IntRange(1), metavar="N", help="Make at most so many reports now.")
@click.option("--zip", "zipped", is_flag=True, help="Write each report as one ZIP file, too, beside its folder.")
@click.option("--dry-run", is_flag=True, help="Say what would be made, and write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object a line, without names of managers.")
@click.option(
    "--scheduler", metavar="ADDRESS", help="Dask scheduler, such as tcp://HOST:8786, whose workers make the reports."
)
@user_errors
def report(
    studies: tuple[Path, ...],
    only: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path | None,
    parameters: tuple[tuple[str, str], ...],
    managers: tuple[str, ...],
    by: str | None,
    own: tuple[Path, ...],
    deck: str,
    draft: bool,
    jobs: int | None,
    resume: bool,
    limit: int | None,
    zipped: bool,
    dry_run: bool,
    as_json: bool,
    scheduler: str | None,
) -> None:
    """Run the notebooks on one or several studies and write the reports: web pages, PDF, Word, slides and tables.

    A report counts as released and is recorded in the study: later ones are compared with it, so that no two together
    tell of a few people. While you work, make drafts.

    \b
    Example:
      partnership report acme --draft
      partnership report acme
      partnership report acme --only partnership_survey --formats docx,pptx -p confidence 0.9
      partnership report acme bolt corex --out clients
      partnership report acme --manager M017 --manager M020
      partnership report acme --by department
      partnership report acme --by department --resume --jobs 4
      partnership report acme --notebooks my-notebooks
    """
    if not dry_run:
        from helpers import kernels

        kernels.prepare()  # what notebooks import is imported beside what this command does
    from helpers import reporting

    options: dict[str, Any] = {
        "only": only or None,
        "formats": formats,
        "parameters": dict(parameters),
        "own_notebooks": own,
        "is_draft": draft,
        "full_deck": deck == "full",
    }
    if managers and by:
        raise input_error("--by", "--manager was given too", "one of the two", "Make them one after the other")
    if (managers or by) and len(studies) > 1:
        name = "--manager" if managers else "--by"
        raise input_error(name, "several studies were named", "one study", "Make them one by one")
    if scheduler and jobs:
        raise input_error("--jobs", "--scheduler was given too", "one of the two", "Its workers say how many at a time")
    how = {"jobs": jobs, "resume": resume, "limit": limit, "zipped": zipped, "dry_run": dry_run}
    if by:
        batch = reporting.of_groups(studies[0], by, out, **options)
    elif managers:
        batch = reporting.of_managers(studies[0], managers, out, **options)
    elif len(studies) > 1:
        batch = reporting.of_studies(studies, out, **options)
    elif any(how.values()) or as_json or scheduler:
        batch = reporting.of_one(studies[0], out, **options)
    else:
        result = reporting.report(studies[0], out=out, **options)
        _tell(result.messages)
        click.echo(f"Report: {result.folder / 'index.html'}")
        click.echo(f"Audit: {_outcome(result.audit)}")
        sys.exit(result.exit_code)
    outcomes = _run(batch, scheduler, as_json, how)
    if as_json:
        end = {"event": "end", "reports": len(outcomes), "failed": sum(one.exit_code > 0 for one in outcomes)}
        click.echo(json.dumps(end))
    else:
        click.echo(reporting.overview(outcomes))
    if managers and not (as_json or dry_run):
        click.echo("Each folder is personal data: it goes to the manager named before it and nobody else.", err=True)
    # A report that cannot be made is a failure of the batch, but for a study that is wrong in itself.
    worst = max((one.exit_code for one in outcomes), default=0)
    sys.exit(min(worst, 1) if managers or by else worst)


def _run(batch: Batch, scheduler: str | None, as_json: bool, how: dict[str, Any]) -> list[Outcome]:
    """Make the reports of a batch, and tell of each as soon as it is finished."""
    from helpers import reporting
    from helpers.reporting.cluster import scheduled

    outcomes: list[Outcome] = []
    told: set[str] = set()
    with scheduled(scheduler) if scheduler and not how["dry_run"] else nullcontext() as executor:
        for one in reporting.run(batch, executor=executor, quiet=as_json, **how):
            outcomes.append(one)
            if as_json:
                click.echo(json.dumps(one.as_event(), ensure_ascii=False))
                continue
            messages = one.result.messages if one.result else [one.error] * bool(one.error)
            _tell([message for message in messages if message not in told])
            told.update(messages)
            audit = f" Audit: {_outcome(one.result.audit)}." if one.result and not one.result.kept else ""
            click.echo(f"{one.what}: {one.status}.{audit}", err=True)
    places = {job.name: place for place, job in enumerate(batch.jobs)}
    return sorted(outcomes, key=lambda one: places.get(one.job.name, len(places)))


def _tell(messages: list[str]) -> None:
    for message in messages:
        click.echo(message, err=True)


def _outcome(verdict: Verdict) -> str:
    """Say in a few words what an audit found."""
    return "passed" if verdict.passed else f"failed, {len(verdict.found)} found: do not send these files"


@main.command()
@click.argument("folders", metavar="FOLDER...", nargs=-1, required=True, type=click.Path(path_type=Path))
@click.option("--study", type=click.Path(path_type=Path), help="The study the reports were made from.")
@user_errors
def audit(folders: tuple[Path, ...], study: Path | None) -> None:
    """Say what an attacker could learn from finished reports; exit code 1 if anything.

    Several folders are several reports of one study that somebody holds together. With --study, ids, names and comments
    of the study are looked for, and its staff directory counts as known.

    \b
    Example:
      partnership audit reports/acme --study acme
      partnership audit reports/acme-may reports/acme-june
    """
    from helpers.data import Study
    from helpers.privacy.audit import Reports
    from helpers.privacy.audit import audit as audit_files

    source, held = Study.load(study) if study else None, Reports()
    passed = True
    for folder in folders:
        verdict = audit_files(folder, source, held)
        passed = passed and verdict.passed
        click.echo(verdict.text(str(folder)))
    sys.exit(int(not passed))


@main.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--forget", metavar="ID", help="Take this one out, because nobody was given the report.")
@user_errors
def releases(study: Path, forget: str | None) -> None:
    """List the reports of a study that were released, with which every new one is compared.

    \b
    Example:
      partnership releases acme
      partnership releases acme --forget 1f0c2a9b77d1
    """
    from helpers.data import Study
    from helpers.reporting import releases as ledger

    opened = Study.load(study)
    if forget:
        ledger.forget(opened, forget)
        click.echo(f"The release {forget} is forgotten. If anybody has the report, put it back.")
    lines = list(ledger.listed(opened))
    click.echo("\n".join(lines) or "Nothing was released.")


@main.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--to", default="sav,parquet,csv", show_default=True, help="Comma-separated.")
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder to write into.")
@click.option("--respondent-level", is_flag=True, help="Yes, the answers of single people are meant.")
@user_errors
def export(study: Path, to: str, out: Path, respondent_level: bool) -> None:
    """Write the clean answers of a study, scored and labelled, for SPSS, R or Python: one row per response.

    These files show what one person answered; without --respondent-level nothing is written.

    \b
    Example:
      partnership export acme --to sav,csv --respondent-level --out acme-clean
    """
    from helpers.data import Study
    from helpers.reporting.clean_data import export_study

    formats = [part.strip().lower() for part in to.split(",") if part.strip()]
    written = export_study(Study.load(study, merged=False), formats, out, respondent_level=respondent_level)
    click.echo(written.notice, err=True)
    click.echo(f"{written.rows} responses: {', '.join(str(path) for path in written.files)}")


@main.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@user_errors
def notebooks(folder: Path) -> None:
    """Copy the shipped notebooks into a folder, without their results, for you to change.

    \b
    Example:
      partnership notebooks my-notebooks
    """
    from helpers.reporting import copy_notebooks

    copies = copy_notebooks(folder)
    click.echo(
        f"{len(copies)} notebooks in {folder}. Keep and change those you need, then: "
        f"partnership report STUDY --notebooks {folder}"
    )


@main.group()
def playbook() -> None:
    """Choose a practice, print everything for one session of it, check it, or write a new one.

    \b
    Example:
      partnership playbook list
      partnership playbook kit role-swap --edition room --participants 13 --start 08:45
    """


_playbooks = click.option(
    "--playbooks",
    "root",
    type=click.Path(path_type=Path),
    default=shipped.PLAYBOOKS,
    help="Folder of playbooks of your own; default: the shipped ones.",
)


@playbook.command("list")
@_playbooks
@user_errors
def list_(root: Path) -> None:
    """List the practices and their editions: minutes, people, status.

    \b
    Example:
      partnership playbook list
    """
    from helpers.playbooks.overview import listing

    click.echo(listing(root))


@playbook.command()
@click.argument("id")
@_playbooks
@user_errors
def show(id: str, root: Path) -> None:
    """Show page one of a practice and what each edition prints.

    \b
    Example:
      partnership playbook show role-swap
    """
    from helpers.playbooks.overview import page_one

    click.echo(page_one(root, id))


@playbook.command("check")
@click.argument("id", required=False)
@click.option("--fill", is_flag=True, help="First write anew what texts take from the front matter and the evidence.")
@_playbooks
@user_errors
def check_playbooks(id: str | None, fill: bool, root: Path) -> None:
    """Check one practice, or all of them: minutes, words, sheets, rules, figures, links.

    \b
    Example:
      partnership playbook check
      partnership playbook check role-swap --fill
    """
    from helpers.playbooks import check, check_all
    from helpers.playbooks.check import refill
    from helpers.playbooks.overview import find

    if fill:
        for path in refill(root):
            click.echo(f"Filled: {path}")
    problems = check(find(root, id)) if id else check_all(root)
    click.echo(render_text(problems))
    if errors(problems):
        sys.exit(2)


@playbook.command()
@click.argument("id")
@click.option("--edition", required=True, help="Such as room; partnership playbook list names them.")
@click.option("--participants", required=True, type=int, help="How many take part.")
@click.option("--start", default="09:00", show_default=True, help="Time of day.")
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True)
@click.option("--study", type=click.Path(path_type=Path), help="Study whose codes the workbook offers.")
@click.option("--out", default="kits", show_default=True, type=click.Path(path_type=Path), help="Folder to write into.")
@click.option("--privacy-contact", "contact", default="", help="Name and phone, for the sheets that name it.")
@_playbooks
@user_errors
def kit(
    id: str,
    edition: str,
    participants: int,
    start: str,
    paper: str,
    study: Path | None,
    out: Path,
    contact: str,
    root: Path,
) -> None:
    """Write all that one session needs: to print, to run it by, to change, to type into.

    \b
    Example:
      partnership playbook kit role-swap --edition room --participants 13 --start 08:45
      partnership playbook kit role-swap --edition full-day --participants 12 --paper letter --study acme
    """
    from helpers.playbooks.kit import make_kit

    made = make_kit(root, id, edition, participants, start, paper, study, out, contact)
    for path in made.files:
        click.echo(path)
    sides = f"{made.sides} sides to hand out, {made.sides / made.people:.1f} a person. " if made.sides else ""
    click.echo(f"{sides}Begin with {made.files[-1]}.")


@playbook.command()
@click.option("--paper", type=click.Choice(["a4", "letter"]), default="a4", show_default=True)
@click.option("--out", default="kits", show_default=True, type=click.Path(path_type=Path), help="Folder to write into.")
@_playbooks
@user_errors
def guide(paper: str, out: Path, root: Path) -> None:
    """Write the trainer's guide to print: how to choose, half a day, two days, sceptics, remote, confidential matters.

    \b
    Example:
      partnership playbook guide --paper letter
    """
    from helpers.playbooks.kit.trainers_guide import trainers_guide

    content = trainers_guide(root, paper)
    out.mkdir(parents=True, exist_ok=True)
    (out / "trainers-guide.pdf").write_bytes(content)
    click.echo(out / "trainers-guide.pdf")


@playbook.command()
@click.argument("id")
@click.option("--form", type=click.Choice(["kit", "routine", "card"]), default="routine", show_default=True)
@click.option("--out", "root", default="playbooks", show_default=True, type=click.Path(path_type=Path))
@user_errors
def new(id: str, form: str, root: Path) -> None:
    """Write a new practice from a template: a full kit, a routine of two pages, or a card of one.

    \b
    Example:
      partnership playbook new coffee-round --form card --out my-playbooks
      partnership playbook check --playbooks my-playbooks
    """
    from helpers.playbooks.new import new_practice

    path = new_practice(id, root, form)  # type: ignore[arg-type]  # click has checked it
    click.echo(f"New practice in {path}. Answer its questions; this names those that are open:")
    click.echo(f"partnership playbook check --playbooks {root}")


@playbook.command()
@click.argument("study", type=click.Path(path_type=Path))
@click.option("--out", default="instrument", show_default=True, type=click.Path(path_type=Path))
@click.option("--short", is_flag=True, help="The short form: one question a dimension.")
@click.option("--side", default="", help="Such as manager; default: every side that the codebook asks.")
@user_errors
def instrument(study: Path, out: Path, short: bool, side: str) -> None:
    """Write the questionnaire of a study from its codebook: in Word, as text for an online form, as a table.

    \b
    Example:
      partnership playbook instrument acme --out acme/instrument
      partnership playbook instrument acme --side hr --short
    """
    from helpers.playbooks.kit.instrument import write_instrument

    for path in write_instrument(study, out, short, side):
        click.echo(path)


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def lab(options: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks; options are passed on to it.

    Installed without a checkout, it opens in the folder where you are: copy the notebooks there first, with
    partnership notebooks.

    \b
    Example:
      partnership lab
      partnership lab --no-browser --port 8890
    """
    where = ["--notebook-dir", str(shipped.PROJECT), "--LabApp.default_url", "/lab/tree/notebooks"]
    where = where if shipped.IS_CHECKOUT else []
    sys.exit(subprocess.run([sys.executable, "-m", "jupyterlab", *where, *options]).returncode)


if __name__ == "__main__":
    main()
