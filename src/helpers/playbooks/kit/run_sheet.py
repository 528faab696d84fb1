"""The run sheet as one web page that needs no internet: clocks, script, ticks, what to leave out when late."""

from __future__ import annotations

import json
from html import escape
from pathlib import Path
from typing import Any

from ..scenes import Scene
from ..session import Session
from ..values import in_words
from .pages import hand_out

TEMPLATE = Path(__file__).parent / "templates" / "run_sheet.html"


def run_sheet_page(session: Session) -> str:
    """Return the page.

    Parameters
    ----------
    session : Session
        Names the steps, their minutes and words, the groups and the cuts.

    Returns
    -------
    str
        HTML; the steps lie inside it as data, so that the file alone is enough.
    """
    scenes = session.scenes
    steps = [step for at, scene in enumerate(scenes) for step in _steps(session, scene, at)]
    data = {
        "id": f"{session.name}-{session.people}-{session.clock(0)}",
        "title": f"{session.book.front.title}: {session.edition.title}",
        "start": session.start,
        "groups": _groups(session),
        "blocks": [scene.block.block for scene in scenes],
        "steps": steps,
        "cuts": [
            {"block": cut.block, "saves": cut.saves, "leave_out": cut.leave_out, "lost": cut.lost}
            for cut in session.edition.cuts
        ],
    }
    page = TEMPLATE.read_text(encoding="utf-8")
    safe = json.dumps(data, ensure_ascii=False).replace("<", "\\u003c")
    return page.replace("{{title}}", escape(str(data["title"]))).replace("{{data}}", safe)


def _steps(session: Session, scene: Scene, at: int) -> list[dict[str, Any]]:
    head = {"scene": at, "block": scene.block.block, "breakout": scene.block.breakout, "kind": scene.block.kind}
    if not scene.steps:
        what = {"reserve": "Nothing is planned: use it where you ran late, or end earlier", "break": "Break"}
        words = what.get(scene.block.kind, scene.block.block)
        return [{**head, "minutes": scene.block.minutes, "what": words, "who": "–", "hand": "", "says": []}]
    return [
        {
            **head,
            "minutes": step.minutes,
            "what": step.what,
            "who": step.who,
            "hand": hand_out(session, step),
            "says": [{"note": one.note, "cue": one.cue, "text": one.text} for one in step.speeches]
            or [{"note": "", "cue": step.silence, "text": step.silence}],
        }
        for step in scene.steps
    ]


def _groups(session: Session) -> list[dict[str, str]]:
    """Return who works at the same time in a breakout: how many each, and the cases that a pair plays."""
    found = []
    for group, size in enumerate(session.sizes, 1):
        played = ", then ".join(f"case {case.odd if group % 2 else case.even}" for case in session.book.front.cases)
        found.append({"name": str(group), "size": in_words(size), "cases": played})
    return found
