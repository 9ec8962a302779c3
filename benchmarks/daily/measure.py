"""The part `daily`: the three ways in turn, so that whatever drifts hits all of them."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from benchmarks.daily import stage as stages
from benchmarks.daily.data import month_file, months
from benchmarks.daily.load import Load, Ways
from benchmarks.daily.missing import FIRST_YEAR, Wait, wait_for_a_missing_file
from benchmarks.report import Report, Table
from benchmarks.samples import Sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from demo.progress import Progress

WAYS = ("sightline", "stock", "floor")
LATENCIES = ("zero", "aws")
NEW, SAME = "new month", "unchanged month"
HEADER = (
    "load, latency",
    "way",
    "run, s",
    "from outside, s",
    "worker slots, s",
    "AWS calls",
    "to STS",
    "polls",
    "statements",
    "ingestions",
)
WAITS_HEADER = ("way", "file missing for, s", "worker slots meanwhile, s", "load from its coming, s")

Loads = dict[tuple[str, str, str], list[Load]]


def measure(folder: Path, runs: int, progress: Progress) -> Report:
    """Start a stage, measure on it, and end it."""
    try:
        ways = Ways(stages.start(folder, progress))
        fresh = iter(months(2 * runs + 3))
        _warm_up(ways, next(fresh))
        loads = _loads(ways, fresh, runs, progress)
        ways.stage.cloud.set_options(latency="zero")
        waits = _waits(ways, runs, progress)
    finally:
        stages.stop(folder)
    return report(loads, waits)


def report(loads: Loads, waits: dict[str, list[Wait]]) -> Report:
    """The tables and the figures of these measurements."""
    rows = [_row(*key, found) for key, found in loads.items()]
    waited = [_waited(way, found) for way, found in waits.items()]
    unchanged = loads[SAME, "zero", "sightline"] + loads[SAME, "aws", "sightline"]
    return Report(
        "daily",
        [
            Table(
                "One account, one month of 1,000 records (Airflow on SQLite, LocalExecutor):", HEADER, rows
            ),
            Table("A source that is missing:", WAITS_HEADER, waited),
        ],
        {
            "new_month_zero": _ratio(loads, NEW, "zero", "stock", "sightline"),
            "new_month_aws": _ratio(loads, NEW, "aws", "sightline", "floor"),
            "missing_slots": max(wait.slot_seconds for wait in waits["sightline"]),
            "unchanged": _ratio(loads, SAME, "zero", "stock", "sightline"),
            "unchanged_statements": max(load.statements for load in unchanged),
            "unchanged_ingestions": max(load.ingestions for load in unchanged),
        },
    )


def _warm_up(ways: Ways, month: str) -> None:
    """What a process does once (reading models, first connections) is no load's own."""
    for way in WAYS:
        ways.new_month(way, month, month_file(month))


def _loads(ways: Ways, fresh: Iterator[str], runs: int, progress: Progress) -> Loads:
    loads: Loads = defaultdict(list)
    for latency in LATENCIES:
        ways.stage.cloud.set_options(latency=latency)
        for number in range(1, runs + 1):
            month = next(fresh)
            body = month_file(month)
            for way in WAYS:
                loads[NEW, latency, way].append(ways.new_month(way, month, body))
            for way in WAYS:
                loads[SAME, latency, way].append(ways.same_month(way, month))
            progress.say(f"daily: latency {latency}, {number} of {runs}")
    return {key: loads[key] for key in sorted(loads, key=_order)}


def _waits(ways: Ways, runs: int, progress: Progress) -> dict[str, list[Wait]]:
    """Wait for files that are missing, the ways in turn, a month each time."""
    waits: dict[str, list[Wait]] = defaultdict(list)
    for month in months(runs, FIRST_YEAR):
        for way in ("sightline", "stock"):
            waits[way].append(wait_for_a_missing_file(ways, way, month))
        progress.say(f"daily: a file that is missing, {len(waits[way])} of {runs}")
    return waits


def _waited(way: str, waits: list[Wait]) -> tuple[str, ...]:
    names = {"seconds": 0, "slot_seconds": 2, "afterwards": 1}
    return (
        way,
        *(Sample.of(getattr(wait, name) for wait in waits).text(digits) for name, digits in names.items()),
    )


def _order(key: tuple[str, str, str]) -> tuple[int, int, int]:
    what, latency, way = key
    return (NEW, SAME).index(what), LATENCIES.index(latency), WAYS.index(way)


def _row(what: str, latency: str, way: str, loads: list[Load]) -> tuple[str, ...]:
    seconds = [
        Sample.of(getattr(load.timing, name) for load in loads).text() for name in ("run", "outside", "slots")
    ]
    counts = [
        Sample.of(getattr(load, name) for load in loads).text(0)
        for name in ("calls", "sts", "polls", "statements", "ingestions")
    ]
    return (f"{what}, {latency}", way, *seconds, *counts)


def _ratio(loads: Loads, what: str, latency: str, slower: str, faster: str) -> float:
    slow, fast = (
        Sample.of(load.timing.run for load in loads[what, latency, way]).median for way in (slower, faster)
    )
    return slow / fast
