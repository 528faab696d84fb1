"""An audit of finished reports that shares no code with what protects and writes them.

It reads a report folder as an attacker would: what is published, the staff directory, and one's own answer.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from helpers.data import Study

from . import canon, differences, directory, distributions, people, remainders, rows, statistics, tracing, whom
from .canon import MANIFEST, RESULTS, Canon
from .differences import Reports
from .passages import Passage
from .verdict import Leak, Verdict

__all__ = ["Leak", "Reports", "Verdict", "audit", "audit_numbers"]

UNREAD = (
    "Not read: points and pixels of pictures, and what notebooks and commentary of the study's author say in their "
    "own words, numbers included."
)


def audit(folder: str | Path, study: Study | None = None, held: Reports | None = None) -> Verdict:
    """Audit one report: its numbers, and every file of it.

    Parameters
    ----------
    folder : str or pathlib.Path
        The report folder.
    study : Study, optional
        The study it was made from: then ids, names and comments are looked for, and the staff directory counts as
        known to the attacker.
    held : Reports, optional
        Other reports that the attacker has, to which this one is added.

    Returns
    -------
    Verdict
        What was checked, and what an attacker would learn.

    Raises
    ------
    InputError
        The folder is no report.
    """
    published = canon.read(Path(folder))
    verdict = _numbers(published, study, held)
    passages = list(tracing.passages(published.folder))
    known = tracing.known(published)
    verdict.found += tracing.leaks(passages, known, tracing.edited(published))
    verdict.found += tracing.cells(published.folder, known)
    readers = [str(published.report.get("reader", ""))]
    everything = [*passages, *_records(published)]
    verdict.found += people.leaks(everything, people.of(study) if study else None, [*readers, *_own_names(published)])
    files = len({passage.file for passage in passages})
    verdict.checked.insert(0, f"{len(passages)} texts in {files} files and their names were traced to {RESULTS}.")
    verdict.checked.append(
        "Ids, names, addresses and comments of the study were looked for."
        if study
        else "Without the study (--study) its ids, names and comments cannot be looked for; addresses were."
    )
    verdict.checked.append(UNREAD)
    return verdict


def audit_numbers(folder: str | Path, study: Study | None = None, held: Reports | None = None) -> Verdict:
    """Audit what a report publishes in numbers, without its other files; see :func:`audit`."""
    return _numbers(canon.read(Path(folder)), study, held)


def _numbers(published: Canon, study: Study | None, held: Reports | None) -> Verdict:
    verdict = Verdict()
    if published.version < canon.COMPLETE:
        verdict.checked.append(
            f"{RESULTS} is of an older version that does not hold every text; what the notebooks published was taken "
            "for the rest."
        )
    found = [
        *rows.leaks(published),
        *statistics.leaks(published),
        *differences.within(published),
        *(held.add(published) if held else ()),
        *distributions.leaks(published),
        *remainders.leaks(published),
    ]
    solved, unsolved = directory.solve(published, study) if study and study.has("people") else ([], [])
    about, unknown = whom.leaks(published, study) if study else ([], [])
    verdict.found += list(dict.fromkeys([*found, *solved, *about]))
    verdict.checked.append(f"{len(published.tables)} tables were searched for results of fewer than {published.least}.")
    verdict.checked.append(
        "Who did not answer, and sums of published groups, were solved for with the staff directory."
        if study and study.has("people")
        else "Without a staff directory nothing was solved for that needs one."
    )
    verdict.checked.append(
        "Of how many HR partners, managers and recruiters results tell was worked out from the study."
        if study
        else "Without the study, of how many HR partners or recruiters results tell is known only where it is printed."
    )
    verdict.checked += [*unsolved, *unknown]
    return verdict


def _records(published: Canon) -> Iterator[Passage]:
    """Yield the texts of results.json and manifest.json, for names; their numbers are the canon and a log."""
    for phrase in published.phrases():
        yield Passage(RESULTS, "", phrase)
    for name in ("study", "inputs", "notebooks", "parameters"):
        for text in canon.strings(published.manifest.get(name, {}), with_names=True):
            yield Passage(MANIFEST, name, text)


def _own_names(published: Canon) -> Iterator[str]:
    """Yield what the report is called: a client may bear a person's name."""
    yield str(published.report.get("client", ""))
    yield str(published.report.get("title", ""))
