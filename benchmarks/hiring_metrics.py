"""Time hiring data from the export to every figure, at 0.1, 1 and 5 million events.

Run ``python benchmarks/hiring_metrics.py``; ``--events 100000 1000000`` for other sizes, ``--write`` to keep the tables
beside this script. Measured are the import of an applicant-tracking system's export in several layouts, reading and
checking the study, and the metrics; the metric step also beside plain pandas and beside SQL written by hand. Aims: 5
million events of 60,000 openings, import included, in under 60 seconds and 4 GB on 2 cores; at least 20 times as fast
as a plain ``groupby().apply``; at most twice the time of the same waits in hand-written DuckDB SQL; time in proportion
to the number of events.
"""

from __future__ import annotations

import argparse
import datetime
import multiprocessing
import os
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
import pandas as pd

import helpers.data
from helpers.analysis.hiring import metrics, records
from helpers.data import Study
from helpers.data.importers.engine import import_file
from helpers.data.query import identifier, query, quoted

AS_OF, ZONE = datetime.date(2026, 6, 30), "Europe/Zurich"
EVENTS_PER_OPENING = 79  # before the day of the study
CANDIDATES = 16


def log(events: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw requisitions and about as many events as asked for."""
    random = np.random.default_rng(20260630)
    openings = max(events // EVENTS_PER_OPENING, 10)
    number = np.arange(openings)
    start = pd.Timestamp("2024-01-01").to_datetime64() + random.integers(0, 800 * 1440, openings).astype("m8[m]")
    closed = start + random.integers(20 * 1440, 120 * 1440, openings).astype("m8[m]")
    name = pd.Series(number).map("Q{:06d}".format).astype("str")
    requisitions = pd.DataFrame(
        {
            "requisition_id": name,
            "hiring_manager_id": pd.Series(number % (openings // 8 + 1)).map("M{:05d}".format).astype("str"),
            "recruiter_id": pd.Series(number % 50).map("R{:02d}".format).astype("str"),
            "department": pd.Series(number % 9).map("Department {}".format).astype("str"),
            "location": pd.Series(number % 7).map("Place {}".format).astype("str"),
            "level": pd.Series(number % 3).map("Level {}".format).astype("str"),
            "opened_at": start,
            "approved_at": start + np.timedelta64(600, "m"),
            "closed_at": np.where(closed < np.datetime64(AS_OF), closed, np.datetime64("NaT")),
        }
    )
    requisitions["close_reason"] = requisitions["closed_at"].notna().map({True: "filled", False: None}).astype("str")
    for column in ("opened_at", "approved_at", "closed_at"):
        requisitions[column] = requisitions[column].astype("datetime64[us]")

    parts: list[pd.DataFrame] = []

    def add(which: np.ndarray, candidate: np.ndarray | None, event: str, at: np.ndarray, due: int = 0) -> None:
        part = pd.DataFrame({"opening": which, "event": event, "at": at})
        part["candidate"] = -1 if candidate is None else candidate
        part["due_at"] = at + np.timedelta64(due, "h") if due else np.datetime64("NaT")
        parts.append(part)

    def after(moments: np.ndarray, hours: float) -> np.ndarray:
        return moments + (60 * hours * random.exponential(size=len(moments))).astype("m8[m]")

    for event, hours in (("intake_held", 60), ("brief_received", 70), ("shortlist_sent", 160)):
        add(number, None, event, after(start, hours), due=24)
    which = np.repeat(number, CANDIDATES)
    candidate = np.tile(np.arange(CANDIDATES), openings)
    applied = after(start[which], 300)
    sent = after(applied, 48)
    reviewed = after(sent, 60)
    add(which, candidate, "applied", applied)
    add(which, candidate, "cv_sent", sent)
    add(which, candidate, "cv_reviewed", reviewed, due=10)
    seen = random.random(len(which)) < 0.45
    which, candidate, scheduled = which[seen], candidate[seen], after(reviewed[seen], 50)
    held = after(scheduled, 90)
    add(which, candidate, "interview_scheduled", scheduled)
    add(which, candidate, "interview_accepted", after(scheduled, 10))
    add(which, candidate, "interview_held", held)
    told = random.random(len(which)) < 0.9
    add(which[told], candidate[told], "feedback_given", after(held[told], 40), due=10)
    hired = candidate == 0
    offered = after(held[hired], 120)
    add(which[hired], candidate[hired], "offer_extended", offered)
    add(which[hired], candidate[hired], "offer_accepted", after(offered, 30))

    drawn = pd.concat(parts, ignore_index=True)
    drawn = drawn[drawn["at"] < pd.Timestamp(AS_OF)].sample(frac=1, random_state=1, ignore_index=True)
    found = pd.DataFrame({"requisition_id": name.take(drawn["opening"]).reset_index(drop=True)})
    suffix = pd.Series([f"-{n:02d}" for n in range(CANDIDATES)], dtype="str")
    known = drawn["candidate"] >= 0
    found["candidate_id"] = (
        found["requisition_id"] + suffix.take(drawn["candidate"].clip(lower=0)).reset_index(drop=True)
    ).where(known)
    found["event"] = drawn["event"].astype("str")
    found["at"] = drawn["at"].astype("datetime64[us]")
    found["actor_id"] = pd.Series(None, index=found.index, dtype="str")
    found["due_at"] = drawn["due_at"].astype("datetime64[us]")
    return requisitions, found


def ours(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Compute every metric; return the median days of finished waits, to be compared."""
    openings = records.openings(requisitions, events, AS_OF, ZONE)
    waits = records.waits(requisitions, events, AS_OF, ZONE)
    records.turns(requisitions, events, ZONE)
    metrics.summary(openings, waits, records.interviews(requisitions, events))
    return medians(waits[waits["done"] & (waits["problem"] == "")])


def only_waits(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Compute the waits alone, as the two others do."""
    waits = records.waits(requisitions, events, AS_OF, "UTC")
    return medians(waits[waits["done"] & (waits["problem"] == "")])


def medians(waits: pd.DataFrame) -> pd.Series:
    """Median days per kind of wait."""
    return waits.groupby("wait")["days"].median().sort_index()


KINDS = (
    ("cv_review", "cv_sent", ("cv_reviewed",)),
    ("feedback", "interview_held", ("feedback_given",)),
    ("notice", "interview_scheduled", ("interview_held",)),
    ("offer_decision", "offer_extended", ("offer_accepted", "offer_declined")),
)


def plain(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """The waits as one would write them in pandas at first: a function for every candidate of every opening."""
    closed = requisitions.set_index("requisition_id")["closed_at"]
    until = pd.Timestamp(AS_OF) + pd.Timedelta(days=1)

    def of_candidate(rows: pd.DataFrame) -> pd.DataFrame:
        rows = rows.sort_values("at")
        found = []
        for wait, start, ends in KINDS:
            starts = rows.loc[rows["event"] == start, "at"].tolist()
            answers = rows[rows["event"].isin(ends)]
            for place, at in enumerate(starts):
                following = starts[place + 1] if place + 1 < len(starts) else pd.Timestamp.max
                mine = answers[(answers["at"] >= at) & (answers["at"] < following)]
                if len(mine):
                    end, due = mine["at"].iloc[0], mine["due_at"].iloc[0]
                else:
                    end, due = min(until, closed.get(rows["requisition_id"].iloc[0], until) or until), pd.NaT
                found.append((wait, bool(len(mine)), (end - at).total_seconds() / 86400, end <= due))
        return pd.DataFrame(found, columns=["wait", "done", "days", "in_time"])

    rows = events[events["candidate_id"].notna()]
    rows = rows.assign(candidate=rows["candidate_id"], opening=rows["requisition_id"])
    waits = rows.groupby(["opening", "candidate"])[list(events.columns)].apply(of_candidate)
    return medians(waits[waits["done"]])


def by_hand(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """The same waits in SQL written for the purpose, as a data engineer would."""
    queries = []
    for wait, start, ends in KINDS:
        listed = ", ".join(f"'{event}'" for event in ends)
        queries.append(f"""
            SELECT '{wait}' AS wait, requisition_id, candidate_id, started_at, ended_at, due_at FROM (
                SELECT requisition_id, candidate_id, turn, min("at") FILTER (event = '{start}') AS started_at,
                    min("at") FILTER (event IN ({listed})) AS ended_at,
                    arg_min(due_at, "at") FILTER (event IN ({listed})) AS due_at
                FROM (SELECT *, sum((event = '{start}')::int) OVER (
                          PARTITION BY requisition_id, candidate_id ORDER BY "at", event <> '{start}'
                          ROWS UNBOUNDED PRECEDING) AS turn
                      FROM events WHERE event IN ('{start}', {listed}))
                GROUP BY ALL) WHERE started_at IS NOT NULL""")
    for wait, event in (("intake", "intake_held"), ("brief", "brief_received")):
        queries.append(f"""
            SELECT '{wait}', requisition_id, NULL, any_value(coalesce(approved_at, opened_at)), min("at"),
                arg_min(due_at, "at") FROM events JOIN requisitions USING (requisition_id)
            WHERE event = '{event}' GROUP BY requisition_id""")
    queries.append("""
        SELECT 'shortlist', requisition_id, NULL, i.first, min(e."at"), arg_min(due_at, e."at")
        FROM events e JOIN (SELECT requisition_id, min("at") AS first FROM events WHERE event = 'intake_held'
                            GROUP BY ALL) i USING (requisition_id)
        WHERE event = 'shortlist_sent' AND e."at" >= i.first GROUP BY ALL""")
    found = query(
        f"""
        SELECT w.*, hiring_manager_id, recruiter_id, department, location, level,
            ended_at IS NOT NULL AS done, ended_at <= due_at AS in_time,
            epoch(coalesce(ended_at, least(closed_at, DATE {quoted(AS_OF)})) - started_at) / 86400 AS days
        FROM ({" UNION ALL ".join(queries)}) w JOIN requisitions USING (requisition_id)
        ORDER BY wait, requisition_id, candidate_id, started_at
        """,
        events=events,
        requisitions=requisitions,
    )
    return medians(found[found["done"] & (found["days"] >= 0)])


def timed(compute: Callable[..., pd.Series], *tables: pd.DataFrame) -> tuple[float, pd.Series]:
    """Return seconds and result."""
    started = time.perf_counter()
    result = compute(*tables)
    return time.perf_counter() - started, result


def utc(column: str) -> str:
    """Return SQL that writes a local time as interfaces do."""
    return f"strftime({column} AT TIME ZONE '{ZONE}' AT TIME ZONE 'UTC', '%Y-%m-%dT%H:%M:%S.000Z')"


def milliseconds(column: str) -> str:
    """Return SQL that writes a local time as milliseconds since 1970."""
    return f"epoch_ms({column} AT TIME ZONE '{ZONE}')"


def plain_tables(written: Callable[[str], str]) -> dict[str, str]:
    """Return queries for a table of postings and a log of events, under names a system may give them."""
    moments = ", ".join(f"{written(name)} AS {name}" for name in ("opened_at", "approved_at", "closed_at"))
    at, due = written('"at"'), written("due_at")
    return {
        "postings": f"""SELECT requisition_id AS posting_id, hiring_manager_id AS hiring_manager,
            recruiter_id AS recruiter, department, location, level, {moments}, close_reason FROM requisitions""",
        "log": f"""SELECT requisition_id AS posting_id, candidate_id AS opportunity_id, event AS activity,
            {at} AS timestamp, 'u' || hash(requisition_id, event) % 500 AS performed_by, {due} AS due_at FROM events""",
    }


TOLD = ("applied", "cv_sent", "cv_reviewed", "interview_scheduled", "interview_accepted", "interview_held")
TOLD += ("feedback_given", "offer_extended", "offer_accepted")


def greenhouse() -> dict[str, str]:
    """Return queries for the resources of Greenhouse's Harvest interface, version 1, from the table ``told``."""
    name = "name := 'Kim Example'"
    return {
        "jobs": f"""SELECT requisition_id AS id, 'a job' AS name, if(closed_at IS NULL, 'open', 'closed') AS status,
            {utc("opened_at")} AS created_at, {utc("approved_at")} AS opened_at, {utc("closed_at")} AS closed_at,
            struct_pack(hiring_managers := [struct_pack(id := hiring_manager_id, {name})],
                recruiters := [struct_pack(id := recruiter_id, responsible := true)]) AS hiring_team,
            [struct_pack(id := 1, name := department)] AS departments,
            [struct_pack(id := 2, name := location)] AS offices,
            [struct_pack(id := 3, status := if(closed_at IS NULL, 'open', 'closed'), closed_at := {utc("closed_at")},
                application_id := if(close_reason = 'filled', requisition_id, NULL))] AS openings FROM requisitions""",
        "applications": f"""SELECT 'a' || candidate_id AS id, candidate_id, false AS prospect,
            {utc("applied")} AS applied_at, NULL AS rejected_at, 'active' AS status,
            [struct_pack(id := requisition_id, name := 'a job')] AS jobs,
            [struct_pack(filename := 'cv.pdf', url := 'https://example.com/cv.pdf')] AS attachments FROM told""",
        "application_history": f"""SELECT 'a' || candidate_id AS application_id, 'Hiring Manager Review' AS new_stage,
            {utc("cv_sent")} AS valid_from, {utc("cv_reviewed")} AS valid_until FROM told WHERE cv_sent IS NOT NULL""",
        "scheduled_interviews": f"""SELECT 'i' || candidate_id AS id, 'a' || candidate_id AS application_id,
            {utc("interview_scheduled")} AS created_at, struct_pack(date_time := {utc("interview_held")}) AS start,
            if(interview_held IS NULL, 'scheduled', 'complete') AS status, struct_pack(id := 7, {name}) AS organizer,
            [struct_pack(id := 9, {name}, email := 'kim@example.com', scorecard_id := 's' || candidate_id,
                response_status := if(interview_accepted IS NULL, 'needs_action', 'accepted'))] AS interviewers
            FROM told WHERE interview_scheduled IS NOT NULL""",
        "scorecards": f"""SELECT 's' || candidate_id AS id, 'a' || candidate_id AS application_id, candidate_id,
            {utc("interview_held")} AS interviewed_at, {utc("feedback_given")} AS submitted_at,
            struct_pack(id := 9, {name}) AS submitted_by FROM told WHERE feedback_given IS NOT NULL""",
        "offers": f"""SELECT 'o' || candidate_id AS id, 'a' || candidate_id AS application_id,
            if(offer_accepted IS NULL, 'unresolved', 'accepted') AS status,
            strftime(offer_extended, '%Y-%m-%d') AS sent_at, {utc("offer_accepted")} AS resolved_at
            FROM told WHERE offer_extended IS NOT NULL""",
    }


def export(folder: Path, layout: str, requisitions: pd.DataFrame, events: pd.DataFrame) -> None:
    """Write the log as one of ``LAYOUTS``."""
    queries = greenhouse() if layout == GREENHOUSE else plain_tables(milliseconds if "lines" in layout else utc)
    suffix, options = ("csv", "FORMAT csv, HEADER") if layout in (CSV, XLSX) else ("jsonl", "FORMAT json")
    moments = ", ".join(f'min("at") FILTER (event = {quoted(event)}) AS {identifier(event)}' for event in TOLD)
    told = f"""WITH told AS (SELECT requisition_id, candidate_id, {moments} FROM events
        WHERE candidate_id IS NOT NULL GROUP BY ALL HAVING applied IS NOT NULL)"""
    for name, each in queries.items():
        path = folder / f"{name}.{suffix}"
        query(
            f"COPY ({told} {each}) TO {quoted(path)} ({options})",
            files=[path],
            requisitions=requisitions,
            events=events,
        )
    if layout == XLSX:
        for name in queries:
            pd.read_csv(folder / f"{name}.csv", dtype="str").to_excel(folder / f"{name}.xlsx", index=False)
            (folder / f"{name}.csv").unlink()


CSV, LINES, XLSX = "tables, csv", "JSON lines", "tables, xlsx"
GREENHOUSE = "Greenhouse, JSON lines"
LAYOUTS = (CSV, LINES, GREENHOUSE)
KEY = "BENCHMARK_KEY"


def from_export_to_figures(layout: str, events: int) -> dict[str, float]:
    """Import an export into a study, read and check the study, compute every metric; return seconds and GB."""
    os.environ[KEY] = "a key for the benchmark alone"
    with tempfile.TemporaryDirectory() as place:
        study, folder = Path(place) / "study", Path(place) / "export"
        study.mkdir()
        folder.mkdir()
        alone(write, folder, layout, events)
        settings = f"title: Benchmark\nas_of: {AS_OF}\ntimezone: {ZONE}\npseudonyms: {{key_env: {KEY}}}\ntables: {{}}\n"
        (study / "study.yaml").write_text(settings, encoding="utf-8", newline="\n")
        codebook = Path(helpers.data.__file__).parent / "instrument" / "codebook.yaml"
        (study / "codebook.yaml").write_bytes(codebook.read_bytes())
        brought, shown = alone(bring_in, layout, folder, study), alone(figures, study)
    assert shown["events"] == brought["events"]
    both = {"processor": brought["processor"] + shown["processor"], "GB": max(brought["GB"], shown["GB"])}
    return brought | shown | both


def write(folder: Path, layout: str, events: int) -> None:
    """Draw a log and write it as an export."""
    export(folder, layout, *log(events))


def bring_in(layout: str, folder: Path, study: Path) -> dict[str, float]:
    """Import an export, as ``partnership import`` does."""
    started, used = time.perf_counter(), time.process_time()
    report = import_file("greenhouse" if layout == GREENHOUSE else "hiring", folder, study)
    seconds = {"import": time.perf_counter() - started, "processor": time.process_time() - used}
    return {"events": sum(report.events.values()), "GB": peak(), **seconds}


def figures(study: Path) -> dict[str, float]:
    """Read and check a study's tables and compute every metric, as a notebook does."""
    started, used = time.perf_counter(), time.process_time()
    opened = Study.load(study)
    tables = opened.requisitions, opened.hiring_events
    read = time.perf_counter()
    ours(*tables)
    seconds = {"read": read - started, "metrics": time.perf_counter() - read, "processor": time.process_time() - used}
    return {"events": len(tables[1]), "GB": peak(), **seconds}


def compared(events: int) -> dict[str, float]:
    """Time the waits and every metric over tables in memory, and the waits in SQL written by hand."""
    tables = log(events)
    timed(only_waits, *(table.iloc[:1000] for table in tables))  # what starts once is not counted for anybody
    hand, expected = timed(by_hand, *tables)
    waits, found = timed(only_waits, *tables)
    pd.testing.assert_series_equal(found, expected, check_exact=False)
    every, _ = timed(ours, *tables)
    return {"events": len(tables[1]), "openings": len(tables[0]), "hand": hand, "waits": waits, "every": every}


def against_plain(events: int) -> dict[str, float]:
    """Time the waits in plain pandas and ours."""
    tables = log(events)
    timed(only_waits, *(table.iloc[:1000] for table in tables))
    mine, found = timed(only_waits, *tables)
    slow, expected = timed(plain, *tables)
    pd.testing.assert_series_equal(found[expected.index], expected)
    return {"events": len(tables[1]), "plain": slow, "ours": mine}


def peak() -> float:
    """Largest memory of this process so far in GB, where the system tells it."""
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e9 if sys.platform == "darwin" else 1e6)


def alone(measure: Callable[..., dict], *arguments: object) -> dict[str, float]:
    """Run a measurement in a process of its own."""
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        return pool.submit(measure, *arguments).result()


def lines(sizes: list[int]) -> Iterator[str]:
    """Yield the page line by line."""
    yield "# Hiring metrics: seconds, memory and ratios"
    yield ""
    yield "Written by `python benchmarks/hiring_metrics.py --write` in one run, every step in a process of its own, on"
    yield f"{os.cpu_count()} processors. Elapsed seconds depend on what else the machine does at that time; processor"
    yield "seconds, of all threads together, and ratios less so."
    yield ""
    yield "## From an export to every figure"
    yield ""
    yield "Import (`partnership import`), reading and checking the study, and every metric of `metrics.summary` and"
    yield "`records.turns`. Aims: 5 million events in under 60 seconds and 4 GB; time in proportion to events."
    yield ""
    names = (
        "Import (s)",
        "Read (s)",
        "Metrics (s)",
        "Together (s)",
        "Seconds per million",
        "Processor (s)",
        "Peak (GB)",
    )
    yield f"| Export | Events | {' | '.join(names)} |"
    yield "|---|---:|---:|---:|---:|---:|---:|---:|---:|"
    for layout, events in [*((layout, events) for layout in LAYOUTS for events in sizes), (XLSX, min(sizes))]:
        found = from_export_to_figures(layout, events)
        parts = [found[name] for name in ("import", "read", "metrics")]
        cells = " | ".join(f"{seconds:.1f}" for seconds in [*parts, sum(parts), sum(parts) / found["events"] * 1e6])
        yield f"| {layout} | {found['events']:,} | {cells} | {found['processor']:.1f} | {found['GB']:.1f} |"
    yield ""
    yield "## The metric step, beside the same waits in SQL written by hand"
    yield ""
    yield "Tables in memory. Aim: at most twice the time of the SQL by hand (DuckDB), which computes the waits alone."
    yield ""
    yield "| Events | Openings | Waits (s) | SQL by hand (s) | Ratio | Every metric (s) | Seconds per million |"
    yield "|---:|---:|---:|---:|---:|---:|---:|"
    for events in sizes:
        found = alone(compared, events)
        ratio, million = found["waits"] / found["hand"], found["every"] / found["events"] * 1e6
        seconds = f"{found['waits']:.2f} | {found['hand']:.2f} | {ratio:.1f} | {found['every']:.1f} | {million:.1f}"
        yield f"| {found['events']:,} | {found['openings']:,} | {seconds} |"
    yield ""
    yield "## The metric step, beside plain pandas"
    yield ""
    yield "A function for every candidate of every opening, by `groupby().apply`. Aim: at least 20 times as fast."
    yield ""
    yield "| Events | Plain pandas (s) | Waits (s) | Times as fast |"
    yield "|---:|---:|---:|---:|"
    found = alone(against_plain, min(sizes))
    faster = found["plain"] / found["ours"]
    yield f"| {found['events']:,} | {found['plain']:.1f} | {found['ours']:.2f} | {faster:.0f} |"


def main() -> None:
    """Print seconds and their ratios, or write them beside this script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=[100_000, 1_000_000, 5_000_000])
    parser.add_argument("--write", action="store_true", help="write hiring_metrics.md beside this script")
    arguments = parser.parse_args()
    page = []
    for line in lines(arguments.events):
        print(line, flush=True)
        page.append(line)
    if arguments.write:
        place = Path(__file__).with_suffix(".md")
        place.write_text("\n".join(page) + "\n", encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
