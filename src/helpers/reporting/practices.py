"""What became of practices: what recommends them, whether they ran, what was promised and kept, what they changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pandas as pd

from helpers.data import Study
from helpers.data.practices import card, most_recorded
from helpers.published import Grade, Kept, Practice
from helpers.shipped import PLAYBOOKS

from .document import Chapter, Placed
from .wording import named

#: Folder of the cards, below the report folder.
FOLDER = "playbooks"
#: Chapters that tell of effects and of promises, and how their exhibits and findings are called.
_EFFECTS, _PROMISES = "practice_impact", "follow_through"
_OF_EFFECTS = ("effect-", "noted-")
_KEPT = "Kept by the first date"


def _card(study: Study, playbook: str) -> list[tuple[str, str]]:
    """Return what stands on the card of a playbook; nothing where it cannot be read."""
    own = study.settings.practices.playbooks
    roots = [PLAYBOOKS, *([study.folder / own] if own else [])]
    return next(filter(None, (card(root / playbook) for root in roots)), [])


def told(study: Study, chapters: Sequence[Chapter], used: Mapping[str, Mapping[str, object]]) -> list[Practice]:
    """Say of each practice that is recommended or ran what this report tells of it.

    Parameters
    ----------
    study : helpers.data.Study
        Where sessions are recorded.
    chapters : sequence of Chapter
        The report's. Numbers are taken from what they publish, so that nothing is told here that is hidden there.
    used : mapping
        Effective parameters by notebook.

    Returns
    -------
    list of Practice
        In the order in which playbooks declare them. An effect is told only where lots were drawn.
    """
    findings = [finding for chapter in chapters for finding in chapter.findings]
    made_for = str(used.get(_EFFECTS, {}).get("practice", "")) or (
        most_recorded(study.table("practice_log"), study.practices) if study.has("practice_log") else ""
    )
    ran = _sessions(study)
    rows = []
    for practice, capture in study.practices.items():
        advice = [f"{one.notebook}--{one.id}" for one in findings if one.playbook == capture.playbook]
        if advice or practice in ran:
            words, reason = _effect(practice, chapters, made_for)
            row = Practice(
                practice=practice, playbook=capture.playbook, title=named(capture.playbook), recommended_by=advice,
                sessions=ran.get(practice, 0), promises=_promises(study, practice, chapters, used),
                effect=words or "cannot tell", reason=reason,
                card=_card(study, capture.playbook) if advice else [],
            )  # fmt: skip
            rows.append(row)
    return rows


def _of_sessions(study: Study) -> pd.Series:
    """Return the practice of each session that is recorded."""
    tables = [study.table(name) for name in ("practice_sessions", "practice_log") if study.has(name)]
    known = pd.concat([table[["session_id", "practice"]] for table in tables]) if tables else pd.DataFrame()
    return known.dropna().drop_duplicates("session_id").set_index("session_id")["practice"] if len(known) else known


def _sessions(study: Study) -> dict[str, int]:
    of = _of_sessions(study)
    return of.value_counts().to_dict() if len(of) else {}


def _effect(practice: str, chapters: Sequence[Chapter], made_for: str) -> tuple[list[str], str]:
    """Return the sentences on a practice's effect, or none and why nobody can tell; the chapter is about one."""
    chapter = next((one for one in chapters if one.name == _EFFECTS), None)
    if chapter is None:
        return [], "The chapter on effects is not in this report."
    if made_for != practice:
        return [], f"The chapter on effects tells of {named(made_for).lower()}."
    findings = [one for one in chapter.findings if one.id.startswith(_OF_EFFECTS) and one.evidence]
    if not findings:
        return [], "Nobody can be compared: no lot is recorded, or nobody was asked after it."
    if any(one.evidence and one.evidence.association for one in findings):
        return [], "Nobody drew lots, so what differs may have differed before."
    certain = [one.sentence for one in findings if one.grade != Grade.CANNOT_TELL]
    return certain, "" if certain else "The data fit both no effect and one that would matter."


def _promises(
    study: Study, practice: str, chapters: Sequence[Chapter], used: Mapping[str, Mapping[str, object]]
) -> list[Kept]:
    """Return what the chapter on promises shows of a practice, by whose they were."""
    shown = {one.exhibit.id: one for chapter in chapters if chapter.name == _PROMISES for one in chapter.exhibits}
    if "kept-by-practice" in shown:
        rows = _rows(shown["kept-by-practice"])
        return [_kept(row) for row in rows if row["practice"] == practice.replace("_", " ")]
    if "kept" not in shown:  # nor need there be a table of promises
        return []
    chosen = str(used.get(_PROMISES, {}).get("practice", ""))
    made_in = {chosen} if chosen else {*_of_sessions(study).reindex(study.table("commitments")["session_id"]).dropna()}
    if made_in != {practice}:
        return []
    return [_kept(row) for row in _rows(shown["kept"]) if str(row["measure"]).startswith(_KEPT)]


def _rows(placed: Placed) -> list[dict[str, str | int | float | None]]:
    names = [column.name for column in placed.exhibit.columns]
    return [dict(zip(names, row, strict=True)) for row in placed.exhibit.rows]


def _kept(row: Mapping[str, str | int | float | None]) -> Kept:
    numbers = {name: row.get(name) for name in ("estimate", "low", "high")}
    return Kept(
        side=str(row["whose"]),
        promises=row.get("promises"),  # type: ignore[arg-type]
        **{name: value if isinstance(value, int | float) else None for name, value in numbers.items()},
    )
