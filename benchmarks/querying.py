"""The part `engine`: the local AWS's Athena over a large object, beside raw DuckDB on a local file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from benchmarks import engine
from benchmarks.report import Report, Table

if TYPE_CHECKING:
    from benchmarks.engine import Row
    from demo.progress import Progress

SMALL_MEGABYTES = 100


def measure(runs: int, megabytes: int, progress: Progress) -> Report:
    """Measure plain files of 100 MB and of this size."""
    rows = engine.measure(megabytes, runs, zipped=False)
    progress.say(f"engine: {megabytes} MB")
    return report(rows, megabytes)


def report(rows: list[Row], megabytes: int) -> Report:
    """The table and the ratios of the large file."""
    large = {row.statement: row for row in rows if row.file == f"sales_{megabytes}.csv"}
    small = {row.statement: row for row in rows if row.file == f"sales_{min(SMALL_MEGABYTES, megabytes)}.csv"}
    return Report(
        "engine",
        [Table("A SELECT over one object:", engine.HEADER, [row.cells() for row in rows])],
        {
            "engine_count": large["count"].ratio,
            "engine_sum": large["sum"].ratio,
            "engine_memory": max(_growth(large[name], small[name]) for name in large),
        },
    )


def _growth(large: Row, small: Row) -> float:
    """How many times the memory the larger file takes for the same statement: the largest of all runs."""
    return max(large.peaks.values) / max(small.peaks.values)
