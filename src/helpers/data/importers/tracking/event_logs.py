"""Event logs as process mining tools exchange them, as one record per event: XES, and OCEL 2.0 in JSON.

XES holds traces of events, each with attributes such as ``concept:name`` and ``time:timestamp``; OCEL holds events that
relate to objects of several types. Source: IEEE 1849-2023 and the OCEL 2.0 specification (checked 2026-11-29). Not
checked: nested attributes and lists of XES, and changes of the attributes of objects over time; they are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from lxml import etree

CASE = "case:"
"""Before the name of a trace's attribute, where an event has one of the same name."""
COMPLETE = "complete"


def xes(content: bytes) -> Iterator[dict[str, str]]:
    """Yield the events of a log in XES.

    Parameters
    ----------
    content : bytes
        The file.

    Yields
    ------
    dict of str to str
        Attributes of the event, and of its trace. A transition other than ``complete`` stands behind the name of what
        happened: ``Interview (start)``.

    Raises
    ------
    lxml.etree.XMLSyntaxError
        When the file is no XML.
    """
    log = etree.fromstring(content, etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False))
    for trace in log.iter("{*}trace"):
        case = _attributes(trace)
        for event in trace.iter("{*}event"):
            told = _attributes(event)
            transition = told.pop("lifecycle:transition", COMPLETE)
            if transition.lower() != COMPLETE and "concept:name" in told:
                told["concept:name"] += f" ({transition.lower()})"
            whole = {name if name not in (*told, "concept:name") else CASE + name: text for name, text in case.items()}
            yield whole | told


def _attributes(element: etree._Element) -> dict[str, str]:
    return {child.get("key"): child.get("value") for child in element if child.get("key") and child.get("value")}


def is_ocel(whole: Any) -> bool:
    """Tell whether a parsed JSON file is an object-centric event log."""
    return isinstance(whole, dict) and all(isinstance(whole.get(name), list) for name in ("events", "objects"))


def ocel(whole: dict[str, Any]) -> Iterator[dict[str, str]]:
    """Yield the events of an object-centric log.

    Parameters
    ----------
    whole : dict
        The parsed file.

    Yields
    ------
    dict of str to str
        ``activity`` and ``time`` of the event, its attributes, ``<type> id`` of each object it relates to, several of
        one type divided by semicolons, and the attributes of objects that are the only one of their type.
    """
    objects = {held["id"]: held for held in whole["objects"] if isinstance(held, dict) and "id" in held}
    for event in whole["events"]:
        told = {"activity": event.get("type"), "time": event.get("time")} | _named(event)
        related: dict[str, dict[str, dict]] = {}
        for relation in event.get("relationships") or []:
            if held := objects.get(relation.get("objectId")):
                related.setdefault(str(held.get("type")), {})[str(held["id"])] = held
        for kind, of_kind in related.items():
            told[f"{kind} id"] = ";".join(of_kind)
            if len(of_kind) == 1:
                told |= {f"{kind} {name}": text for name, text in _named(next(iter(of_kind.values()))).items()}
        yield told


def _named(held: dict[str, Any]) -> dict[str, Any]:
    return {entry["name"]: entry.get("value") for entry in held.get("attributes") or [] if "name" in entry}
