"""The part `engine`: the local AWS's Athena over a large object, beside raw DuckDB on a local file."""

from __future__ import annotations

from statistics import median
from typing import TYPE_CHECKING

from benchmarks import engine
from benchmarks.report import Report, Table

if TYPE_CHECKING:
    from collections.abc import Iterable

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
    small = [row for row in rows if row.file == f"sales_{min(SMALL_MEGABYTES, megabytes)}.csv"]
    return Report(
        "engine",
        [Table("A SELECT over one object:", engine.HEADER, [row.cells() for row in rows])],
        {
            "engine_count": large["count"].ratio,
            "engine_sum": large["sum"].ratio,
            "engine_memory": _peak(large.values()) / _peak(small),
        },
    )


def _peak(rows: Iterable[Row]) -> float:
    return median(peak for row in rows for peak in row.peaks.values)
