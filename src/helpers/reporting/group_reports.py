"""Makes a report for each group of one attribute, beside everybody; and an index that says who gets which."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path
from typing import Any

from helpers.analysis.survey.answers import Answers
from helpers.data import Study
from helpers.data.problems import did_you_mean, input_error, shown
from helpers.data.writing import as_written
from helpers.present.one_group import HR_PARTNER, groups_of

from .batch import EXPLAINED, Batch, Job, Outcome, run
from .build import planned
from .cover import Cover
from .document import Chapter, Prose
from .folder import put_anew, refuse_within_a_report
from .formats.html import page
from .index import INDEX, state, write_index
from .manager_reports import code
from .manifest import cell
from .report import Report

RECIPIENTS = "recipients.csv"


def of_groups(study_path: str | Path, attribute: str, out: str | Path | None = None, **options: Any) -> Batch:
    """Plan one report per group of an attribute.

    Parameters
    ----------
    study_path : str or pathlib.Path
        Folder of the study, or its study.yaml.
    attribute : str
        An attribute of the study, such as ``department``; or ``hr_partner``: those that answers are about, one by one.
    out : str or pathlib.Path, optional
        The folder in which every group's folder is made; by default ``reports/<name of the study>-by-<attribute>``
        below the working directory.
    **options
        As for ``report``, the same for all.

    Returns
    -------
    Batch
        Groups that the release plan merges get a page that says so, and where they are told of.

    Raises
    ------
    InputError
        The study has no such attribute, results may not be broken down by it, or HR partners may not be told of one by
        one.

    Notes
    -----
    All groups are those of the one release plan, made before the first report, so that no two reports together tell of
    few people. A report about one HR partner goes to that person alone: its folder is called by a code, no page lists
    it, and whose it is says a file beside the folder of them all, called like it with ``-key.csv`` at the end.
    """
    study = Study.load(study_path)
    published = _published(study, attribute)
    parent = Path(out) if out else Path.cwd() / "reports" / f"{study.folder.name}-by-{attribute}"
    refuse_within_a_report(parent)
    own = attribute == HR_PARTNER
    groups = [*dict.fromkeys(published.values())]
    folders = {group: code(group) for group in groups} if own else _folders(groups, attribute)
    jobs = [
        Job(
            folder, group, Path(study_path), parent / folder,
            options | {"group": (attribute, group), "reader": group if own else ""},
        )
        for group, folder in folders.items()
    ]  # fmt: skip
    for job in jobs[:1]:  # they differ in nothing that could be wrong with one alone
        planned(study, in_batch=True, **job.options)
    merged = {label: told for label, told in published.items() if label != told and label not in folders}

    def after(made: Sequence[Outcome]) -> list[Outcome]:
        places = _folders(list(merged), attribute, set(folders.values())).items()
        explained = [_explained(study, label, merged[label], parent, folder, folders) for label, folder in places]
        by_name = {one.job.name: one for one in made}
        listed = [*(by_name[job.name] for job in jobs), *explained]
        if not own:
            note = f"One report for each group by {attribute}; {RECIPIENTS} says who gets which."
            write_index(parent, Cover.of(study), "Group", listed, note)
        _write_recipients(attribute, parent.with_name(f"{parent.name}-key.csv") if own else parent / RECIPIENTS, listed)
        return explained

    return Batch(jobs, parent, after=after, in_order=not own)


def group_reports(
    study_path: str | Path,
    attribute: str,
    out: str | Path | None = None,
    *,
    run_with: dict[str, Any] | None = None,
    **options: Any,
) -> Iterator[Outcome]:
    """Make one report per group of an attribute; parameters as for :func:`of_groups`, ``run_with`` for ``run``."""
    yield from run(of_groups(study_path, attribute, out, **options), **(run_with or {}))


def _published(study: Study, attribute: str) -> dict[str, str]:
    """Return label in the data to the group that is published, of the side whose answers stand first."""
    if not study.has("survey") or not study.waves:
        raise input_error("--by", "the study has no answers to break down", fix="Import a survey first")
    answers = Answers.of(study, study.waves[-1])
    if attribute == HR_PARTNER:
        privacy = study.privacy
        if privacy.min_rated > 1:
            found = "answers about single HR partners may not be told: min_rated in study.yaml is "
            raise input_error(
                "--by",
                f"{found}{privacy.min_rated}",
                "min_rated: 1 and the agreement of those rated (docs/privacy-settings.md)",
                "Record the agreement, or break results down by another attribute",
            )
        return {one: one for one in groups_of(study, answers, HR_PARTNER)}
    if attribute not in study.all_attributes:
        known = [*study.all_attributes, HR_PARTNER]
        fix = did_you_mean(attribute, known)
        raise input_error("--by", f"the study has no attribute {shown(attribute)}", f"one of {', '.join(known)}", fix)
    if attribute not in answers.attributes:
        found = f"results are not broken down by {attribute}: too few people answered in its groups"
        raise input_error("--by", found, fix="`partnership plan` says why; choose another attribute")
    labels = study.plan.labels(attribute, answers.voice) or {}
    answered = set(groups_of(study, answers, attribute))
    return {label: told for label, told in sorted(labels.items()) if told in answered}


def _folders(groups: Sequence[str], attribute: str, taken: set[str] | None = None) -> dict[str, str]:
    """Name a folder for each group, after it where letters allow, each another one."""
    used, found = set(taken or ()), {}
    for number, group in enumerate(groups, 1):
        name = re.sub(r"[^\w]+", "-", group, flags=re.ASCII).strip("-").lower()[:40] or f"{attribute}-{number}"
        while name in used:
            name = f"{name}-{number}"
        used.add(name)
        found[group] = name
    return found


def _explained(study: Study, label: str, told: str, parent: Path, folder: str, folders: dict[str, str]) -> Outcome:
    """Write the page of a group that is not told of by itself."""
    least = study.privacy.min_group
    reason = (
        f"“{label}” has no results of its own: so that nothing tells of fewer than {least} people, small groups are "
        f"taken together with others. Its answers count in “{told}”."
    )
    whom = "Ask whoever sent you this page what follows for your group; figures of it alone nobody may give you."
    link = f'<a href="../{folders[told]}/{INDEX}">{escape(told)}</a>'
    prose = f"<p>{escape(reason)}</p><p>Results of {link} hold them.</p><p>{escape(whom)}</p>"
    summary = Chapter("index", f"{label}: no result of its own", [Prose(prose)])
    content = Report(Cover.of(study, group=label), summary, [], has_own_summary=True, pages=False)
    (parent / folder).mkdir(parents=True, exist_ok=True)
    put_anew(parent / folder / INDEX, as_written(page(content, summary)))
    return Outcome(Job(folder, label, study.folder, parent / folder), EXPLAINED, error=reason, reason=EXPLAINED)


def _write_recipients(attribute: str, path: Path, made: list[Outcome]) -> None:
    """Write the list of who gets which report."""
    rows = io.StringIO()
    writer = csv.writer(rows, lineterminator="\n")
    writer.writerow([attribute, "folder", "report", "recipient"])
    for one in made:
        recipient = one.what if attribute == HR_PARTNER else ""
        writer.writerow([cell(one.what), one.job.name, state(one), cell(recipient)])
    put_anew(path, as_written("\ufeff" + rows.getvalue()))
