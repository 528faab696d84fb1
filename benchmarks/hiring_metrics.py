"""Time the hiring metrics at 0.1, 1 and 5 million events, beside plain pandas and beside SQL written by hand.

Run ``python benchmarks/hiring_metrics.py``; ``--events 100000 1000000`` for other sizes, ``--import`` to read the
largest log from CSV through a study first. Aims: 5 million events of 60,000 openings, import included, in under 60
seconds and 4 GB on 2 cores; at least 20 times as fast as a plain ``groupby().apply``; at most twice the time of the
same waits in hand-written DuckDB SQL; time in proportion to the number of events.
"""

from __future__ import annotations

import argparse
import datetime
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from helpers.analysis import hiring
from helpers.data import Study

AS_OF, ZONE = datetime.date(2026, 6, 30), "Europe/Zurich"
EVENTS_PER_OPENING = 83
CANDIDATES = 16
PLAIN_EVENTS = 30_000  # plain pandas would need more than an hour for five million


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
    openings = hiring.openings(requisitions, events, AS_OF, ZONE)
    waits = hiring.waits(requisitions, events, AS_OF, ZONE)
    hiring.ball(requisitions, events, ZONE)
    hiring.summary(openings, waits, hiring.interviews(requisitions, events))
    return medians(waits[waits["done"] & (waits["problem"] == "")])


def only_waits(requisitions: pd.DataFrame, events: pd.DataFrame) -> pd.Series:
    """Compute the waits alone, as the two others do."""
    waits = hiring.waits(requisitions, events, AS_OF, "UTC")
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
    with duckdb.connect() as connection:
        connection.register("events", events)
        connection.register("requisitions", requisitions)
        found = connection.sql(f"""
            SELECT w.*, hiring_manager_id, recruiter_id, department, location, level,
                ended_at IS NOT NULL AS done, ended_at <= due_at AS in_time,
                epoch(coalesce(ended_at, least(closed_at, DATE '{AS_OF}')) - started_at) / 86400 AS days
            FROM ({" UNION ALL ".join(queries)}) w JOIN requisitions USING (requisition_id)
            ORDER BY wait, requisition_id, candidate_id, started_at""").df()
    return medians(found[found["done"] & (found["days"] >= 0)])


def timed(compute: Callable[..., pd.Series], *tables: pd.DataFrame) -> tuple[float, pd.Series]:
    """Return seconds and result."""
    started = time.perf_counter()
    result = compute(*tables)
    return time.perf_counter() - started, result


def peak() -> str:
    """Largest memory of this process so far, where the system tells it."""
    try:
        import resource
    except ImportError:  # Windows
        return "memory not measured"
    return f"{resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6:.1f} GB at the peak"


def through_a_study(requisitions: pd.DataFrame, events: pd.DataFrame) -> None:
    """Write the log as CSV, read and check it as a study, and compute every metric."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder)
        requisitions.to_csv(path / "requisitions.csv", index=False, lineterminator="\n")
        events.to_csv(path / "hiring_events.csv", index=False, lineterminator="\n")
        settings = f"title: Benchmark\nas_of: {AS_OF}\ntimezone: {ZONE}\n"
        settings += "tables: {requisitions: requisitions.csv, hiring_events: hiring_events.csv}\n"
        (path / "study.yaml").write_text(settings, encoding="utf-8", newline="\n")
        codebook = Path(hiring.__file__).parents[1] / "data" / "instrument" / "codebook.yaml"
        (path / "codebook.yaml").write_bytes(codebook.read_bytes())
        count = len(events)
        started = time.perf_counter()
        study = Study.load(path)
        tables = study.requisitions, study.hiring_events
        read = time.perf_counter() - started
        computed, _ = timed(ours, *tables)
    print(f"{count:,} events from CSV: read {read:.1f} s, metrics {computed:.1f} s, {peak()}")


def main() -> None:
    """Print seconds and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--events", type=int, nargs="+", default=[100_000, 1_000_000, 5_000_000])
    parser.add_argument("--import", action="store_true", dest="read", help="read the largest log through a study")
    arguments = parser.parse_args()
    if arguments.read:
        through_a_study(*log(max(arguments.events)))
        return

    small = log(PLAIN_EVENTS)
    ours_small, found = timed(only_waits, *small)
    slow, expected = timed(plain, *small)
    pd.testing.assert_series_equal(found[expected.index], expected)
    print(
        f"{len(small[1]):,} events: plain pandas {slow:.1f} s, ours {ours_small:.2f} s: {slow / ours_small:.0f} times"
    )
    for events in arguments.events:
        tables = log(events)
        hand, expected = timed(by_hand, *tables)
        waits, found = timed(only_waits, *tables)
        pd.testing.assert_series_equal(found, expected, check_exact=False)
        every, _ = timed(ours, *tables)
        per_million = every / len(tables[1]) * 1e6
        print(
            f"{len(tables[1]):,} events of {len(tables[0]):,} openings: SQL by hand {hand:.1f} s, ours {waits:.1f} s "
            f"({waits / hand:.2f} times); every metric {every:.1f} s, {per_million:.1f} s per million; {peak()}"
        )


if __name__ == "__main__":
    main()
