"""The ``partnership`` command: thin; every step is a function of the package.

Exit codes: 0 done; 1 something in the work failed, the rest is there; 2 the input is wrong, nothing was written.
"""

from __future__ import annotations

import functools
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import click

from helpers.data import InputError, Study, create_study, importers, render_text, to_json
from helpers.data.problems import input_error

FORMATS = ("html", "pdf", "docx", "pptx")


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
        stream.reconfigure(errors="replace")


@main.command()
@click.argument("folder", type=click.Path(path_type=Path))
@user_errors
def init(folder: Path) -> None:
    """Write a new study: study.yaml, codebook, empty tables, and a README saying what to fill in.

    \b
    Example:
      partnership init acme
    """
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
    problems = Study.load(study).check()
    click.echo(json.dumps(to_json(problems), indent=2) if as_json else render_text(problems))
    if any(problem.severity == "error" for problem in problems):
        sys.exit(2)


@main.command("import")
@click.argument("format", type=click.Choice(sorted(importers.formats())))
@click.argument("file", type=click.Path(path_type=Path))
@click.option("--study", required=True, type=click.Path(path_type=Path), help="Folder of the study.")
@click.option("--mapping", type=click.Path(path_type=Path), help="Mapping file; default: the one saved in the study.")
@click.option("--wave", help="Name of the survey wave, such as 2026-H1, where the export does not hold it.")
@user_errors
def import_(format: str, file: Path, study: Path, mapping: Path | None, wave: str | None) -> None:
    """Bring an export (survey or recruiting) into the study and say what was taken, skipped and left out.

    \b
    Example:
      partnership import qualtrics export.csv --study acme --wave 2026-H1
      partnership import wide answers.csv --study acme --mapping acme/mappings/answers.yaml
      partnership import greenhouse exported-folder --study acme
    """
    click.echo(importers.import_file(format, file, study, mapping=mapping, wave=wave).text())


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
@user_errors
def report(
    studies: tuple[Path, ...],
    only: tuple[str, ...],
    formats: tuple[str, ...],
    out: Path | None,
    parameters: tuple[tuple[str, str], ...],
    managers: tuple[str, ...],
) -> None:
    """Run the notebooks on one or several studies and write the reports: web pages, PDF, Word, slides and tables.

    \b
    Example:
      partnership report acme
      partnership report acme --only partnership_survey --formats docx,pptx -p confidence 0.9
      partnership report acme bolt corex --out clients
      partnership report acme --manager M017 --manager M020
    """
    from helpers import reporting  # papermill and pandoc take a second to load; the other commands do without

    options = {"only": only or None, "formats": formats, "parameters": dict(parameters)}
    if managers:
        if len(studies) > 1:
            raise input_error("--manager", "several studies were named", "one study", "Make them one by one")
        sys.exit(_report_to(managers, studies[0], out, options))
    if len(studies) == 1:
        result = reporting.report(studies[0], out=out, **options)
        _tell(result.messages)
        click.echo(f"Report: {result.folder / 'index.html'}")
        sys.exit(result.exit_code)
    outcomes = []
    for outcome in reporting.reports(studies, out=out, **options):
        click.echo(f"{outcome.study}:", err=True)
        _tell(outcome.result.messages if outcome.result else [outcome.error])
        outcomes.append(outcome)
    click.echo(reporting.summary(outcomes))
    sys.exit(max(outcome.exit_code for outcome in outcomes))


def _report_to(managers: tuple[str, ...], study: Path, out: Path | None, options: dict[str, object]) -> int:
    """Make a report for each manager and say whose is which; return the exit code."""
    from helpers import reporting

    worst = 0
    for manager, result in reporting.personal_reports(study, managers, out=out, **options):
        _tell(result.messages)
        click.echo(f"{manager}: {result.folder / 'index.html'}")
        worst = max(worst, result.exit_code)
    click.echo("Each folder is personal data: it goes to the manager named before it, and to nobody else.", err=True)
    return worst


def _tell(messages: list[str]) -> None:
    for message in messages:
        click.echo(message, err=True)


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
    from helpers.reporting.clean_data import export_study  # loads as slowly as reporting does

    formats = [part.strip().lower() for part in to.split(",") if part.strip()]
    written = export_study(Study.load(study), formats, out, respondent_level=respondent_level)
    click.echo(written.notice, err=True)
    click.echo(f"{written.rows} responses: {', '.join(str(path) for path in written.files)}")


@main.command(context_settings={"ignore_unknown_options": True})
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
def lab(options: tuple[str, ...]) -> None:
    """Open JupyterLab on the notebooks; options are passed on to it.

    \b
    Example:
      partnership lab
      partnership lab --no-browser --port 8890
    """
    root = Path(__file__).resolve().parents[2]
    where = ["--notebook-dir", str(root), "--LabApp.default_url", "/lab/tree/notebooks"]
    sys.exit(subprocess.run([sys.executable, "-m", "jupyterlab", *where, *options]).returncode)


if __name__ == "__main__":
    main()
