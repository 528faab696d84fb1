"""Makes the reports of several studies in one run; what is wrong with one study does not stop the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from helpers.data import InputError
from helpers.data.problems import input_error

from .build import ReportResult, report

STATES = {0: "done", 1: "something failed, the rest is there", 2: "the input is wrong, nothing was written"}


@dataclass(frozen=True)
class Outcome:
    """What came of one study.

    Attributes
    ----------
    study : pathlib.Path
        The study as it was named.
    result : ReportResult or None
        Its report, ``None`` where the input was wrong.
    error : str
        What is wrong with the input, empty otherwise.
    """

    study: Path
    result: ReportResult | None
    error: str = ""

    @property
    def exit_code(self) -> int:
        """0 done, 1 something failed, 2 the input is wrong."""
        return 2 if self.result is None else self.result.exit_code


def reports(studies: Sequence[Path], out: Path | None = None, **options: Any) -> Iterator[Outcome]:
    """Make one report after the other.

    Parameters
    ----------
    studies : sequence of pathlib.Path
        Folders of studies; one that is named twice is reported once.
    out : pathlib.Path, optional
        The folder in which every study's report folder is made; by default ``reports`` below the working directory.
    **options
        As for ``report``, the same for all.

    Yields
    ------
    Outcome
        Of each study, as soon as it is finished.

    Raises
    ------
    InputError
        Two studies would write into the same folder. Nothing has run then.
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
    for name, place in folders.items():
        # A study that lies in the project is found from anywhere, as everywhere else.
        named = next(study for study in studies if study.resolve() in (place, place / "study.yaml"))
        try:
            yield Outcome(named, report(named, out=parent / name, **options))
        except InputError as error:
            yield Outcome(named, None, str(error))
        except PermissionError as error:
            words = "cannot be read or written. Close it in other programs, or check its permissions."
            yield Outcome(named, None, f"{error.filename}: {words}")


def overview(outcomes: Sequence[Outcome]) -> str:
    """Return one line per study, and one that counts them."""
    width = max(len(str(outcome.study)) for outcome in outcomes)
    lines = [
        f"  {outcome.study!s:<{width}}  {STATES[outcome.exit_code]}"
        + (f": {outcome.result.folder}" if outcome.result else "")
        for outcome in outcomes
    ]
    good = sum(outcome.exit_code == 0 for outcome in outcomes)
    return "\n".join([f"{good} of {len(outcomes)} reports are done.", *lines])
