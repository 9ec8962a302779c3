"""`python -m benchmarks [PART …] [--quick] [--runs N] [--write-docs]`, behind `make bench`."""

from __future__ import annotations

import argparse
import signal
import sys
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from benchmarks import documents
from benchmarks.machine import describe
from benchmarks.report import Report
from demo.progress import Progress

LARGE_MEGABYTES, SMALL_MEGABYTES = 1000, 100


@dataclass(frozen=True)
class Effort:
    """How much is measured: how often, and how large the large file is."""

    runs: int
    megabytes: int


def main(arguments: list[str]) -> int:
    """Measure the parts that are named, or all; the exit code says whether all could be measured, not who won."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"some of: {', '.join(PARTS)}")
    parser.add_argument(
        "--quick", action="store_true", help="once each, and 100 MB instead of 1 GB: for trying"
    )
    parser.add_argument("--runs", type=int, default=5, help="how often each is measured (5)")
    parser.add_argument("--write-docs", action="store_true", help="write the tables into docs/benchmarks.md")
    options = parser.parse_args(arguments)
    if unknown := set(options.parts) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}; there are {', '.join(PARTS)}")
    if options.quick and options.write_docs:
        parser.error("--quick is for trying: its figures do not belong into the document")
    # Ended from outside, it must end what it started.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("ended by SIGTERM"))
    effort = Effort(1, SMALL_MEGABYTES) if options.quick else Effort(options.runs, LARGE_MEGABYTES)
    progress = Progress()
    print(describe(effort.runs), flush=True)
    for part in options.parts or PARTS:
        progress.say(f"{part} …")
        with tempfile.TemporaryDirectory(prefix="sightline-bench-") as folder:
            report = PARTS[part](Path(folder), effort, progress)
        print("\n" + "\n".join(table.text() for table in report.all_tables()), flush=True)
        if options.write_docs:
            documents.write(report, effort.runs)
    progress.say("Done")
    return 0


def _daily(folder: Path, effort: Effort, progress: Progress) -> Report:
    from benchmarks.daily import measure

    return measure.measure(folder, effort.runs, progress)


def _parsing(folder: Path, effort: Effort, progress: Progress) -> Report:
    from benchmarks import parsing

    return parsing.measure(folder, effort.runs, progress)


def _inspecting(folder: Path, effort: Effort, progress: Progress) -> Report:
    from benchmarks import inspecting

    return inspecting.measure(folder, effort.runs, effort.megabytes, progress)


def _engine(_: Path, effort: Effort, progress: Progress) -> Report:
    from benchmarks import querying

    return querying.measure(effort.runs, effort.megabytes, progress)


PARTS: dict[str, Callable[[Path, Effort, Progress], Report]] = {
    "daily": _daily,
    "parsing": _parsing,
    "inspecting": _inspecting,
    "engine": _engine,
}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
