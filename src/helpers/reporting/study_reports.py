"""Makes a report of each of several studies; and a page that lists them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from helpers.data import Study
from helpers.data.problems import input_error
from helpers.data.settings import Brand

from .batch import Batch, Job, Outcome, run
from .cover import Cover, in_words
from .folder import refuse_within_a_report
from .formats.properties import PROJECT
from .index import INDEX, write_index

#: Who gets the list, as every page says at its foot; and what stands above it.
FOR = "For whoever made these reports: it names several clients"
NOTE = "One report of each study. Respondents: of the finding that most of them stand behind."


def of_studies(studies: Sequence[Path], out: Path | None = None, **options: Any) -> Batch:
    """Plan a report of each of several studies.

    Parameters
    ----------
    studies : sequence of pathlib.Path
        Folders of studies; one that is named twice is reported once.
    out : pathlib.Path, optional
        The folder in which every study's report folder is made; by default ``reports`` below the working directory.
        ``index.html`` in it lists them.
    **options
        As for ``report``, the same for all.

    Raises
    ------
    InputError
        Two studies would write into the same folder.
    """
    parent = out or Path.cwd() / "reports"
    folders: dict[str, Path] = {}
    for study in studies:
        place = study.resolve()
        place = place.parent if place.is_file() else place
        if folders.setdefault(place.name, place) != place:
            raise input_error(
                "studies",
                f"{folders[place.name]} and {place} would both be reported in {parent / place.name}",
                fix="Rename one of the folders, or report them one by one with another --out",
            )
    jobs = []
    for name, place in folders.items():
        # A study that lies in the project is found from anywhere, as everywhere else.
        named = next(study for study in studies if study.resolve() in (place, place / "study.yaml"))
        jobs.append(Job(name, str(named), named, parent / name, options))
    refuse_within_a_report(parent)

    def after(made: Sequence[Outcome]) -> list[Outcome]:
        by_name = {one.job.name: one for one in made}
        read = [Study.load(one.job.study) for one in made if (one.folder / INDEX).is_file()]
        if read:
            write_index(parent, _cover(read), "Study", [by_name[job.name] for job in jobs], NOTE)
        return []

    return Batch(jobs, parent, after=after)


def _cover(studies: Sequence[Study]) -> Cover:
    """Return what stands above a list of several studies: no client's name and no brand."""
    latest, few = max(study.as_of for study in studies), max(study.privacy.min_group for study in studies)
    return Cover(PROJECT, "Reports of several studies", latest, in_words(latest), FOR, "en", Brand().accent, few)


def of_one(study: Path, out: Path | None = None, **options: Any) -> Batch:
    """Plan the report of one study as a batch of one."""
    folder = out or Path.cwd() / "reports" / Study.load(study).folder.name
    return Batch([Job(folder.name, str(study), study, folder, options)], None)


def reports(
    studies: Sequence[Path], out: Path | None = None, *, run_with: dict[str, Any] | None = None, **options: Any
) -> Iterator[Outcome]:
    """Make a report of each of several studies; parameters as for :func:`of_studies`, ``run_with`` for :func:`run`."""
    yield from run(of_studies(studies, out, **options), **(run_with or {}))
