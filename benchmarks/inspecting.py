"""The part `inspecting`: a large source object read from the local S3 as a load reads it, beside the raw reader."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import children
from benchmarks.children import ChildError, sample
from benchmarks.daily.data import month_file
from benchmarks.report import Report, Table
from demo.airflow import clean_environment
from demo.cloud import start_cloud
from demo.estate import Estate, source_key
from demo.evidence import column_total
from demo.home import Home, State
from demo.stage import aws_environment, stop_stage
from sightline.connections import airflow_connections
from sightline.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import Mapping

    from demo.progress import Progress

MONTH = "2024-01"
SMALL_MEGABYTES = 100
BLOCK_RECORDS = 100_000
SUMMED = ("quantity", "unit_price", "total_sales")
ACCOUNTS = Path(__file__).parent / "inspecting.yaml"
HEADER = ("file", "way", "reading, s", "MB/s", "of it CPU, s", "peak memory, MB", "before reading, MB")

Found = dict[tuple[int, str], list[dict[str, Any]]]


def measure(folder: Path, runs: int, megabytes: int, progress: Progress) -> Report:
    """Make the files, put them into a local S3, and read them in turn, each time in a fresh process."""
    home = Home(folder / "cloud")
    home.create()
    state, settings = State(marker=home.marker), load_settings(ACCOUNTS)
    found: Found = defaultdict(list)
    try:
        estate = Estate(start_cloud(home, state, clean_environment()), settings)
        estate.build()
        environment = _environment(folder, estate)
        for size in sorted({SMALL_MEGABYTES, megabytes}):
            file, expected = _delivered(folder, estate, size)
            for _ in range(runs):
                _read_in_turn(found, size, file, expected, environment)
            file.unlink()
            progress.say(f"inspecting: {size} MB")
    finally:
        stop_stage(home, grace_seconds=3)
    return report(found)


def report(found: Found) -> Report:
    """The table and the ratios, those of the largest file against those of the smallest."""
    rows = [
        (
            f"{size} MB",
            way,
            sample(each, "seconds").text(),
            f"{size / sample(each, 'seconds').median:.0f}",
            sample(each, "cpu_seconds").text(),
            sample(each, "peak_megabytes").text(0),
            sample(each, "base_megabytes").text(0),
        )
        for (size, way), each in found.items()
    ]
    small, large = min(size for size, _ in found), max(size for size, _ in found)
    peaks = [max(sample(found[size, "sightline"], "peak_megabytes").values) for size in (small, large)]
    seconds = {way: sample(found[large, way], "seconds").median for way in ("sightline", "raw")}
    figures = {"inspecting": seconds["sightline"] / seconds["raw"], "inspecting_memory": peaks[1] / peaks[0]}
    return Report(
        "inspecting", [Table("A CSV file of sales, read in a fresh process:", HEADER, rows)], figures
    )


def write_file(file: Path, megabytes: int) -> dict[str, str]:
    """Write a file of about this size (the same records again and again) and return its true rows and sums."""
    text = month_file(MONTH, BLOCK_RECORDS)
    header, _, block = text.partition(b"\n")
    times = max(1, megabytes * 1_000_000 // len(block))
    with file.open("wb") as output:
        output.write(header + b"\n")
        for _ in range(times):
            output.write(block)
    names = header.decode().split(",")
    records = [dict(zip(names, line.split(","), strict=True)) for line in block.decode().splitlines()]
    totals = {name: str(Decimal(times) * column_total(records, name)) for name in SUMMED}
    return {"rows": str(times * len(records)), **totals}


def _delivered(folder: Path, estate: Estate, megabytes: int) -> tuple[Path, dict[str, str]]:
    """Write the file and put it into the source bucket in place of the one before."""
    file = folder / "sales.csv"
    expected = write_file(file, megabytes)
    (account,) = estate.settings.workload_accounts
    table = account.tables[0]
    with file.open("rb") as body:
        estate.admin("s3", account).put_object(Bucket=table.bucket, Key=source_key(table, MONTH), Body=body)
    return file, expected


def _read_in_turn(
    found: Found, size: int, file: Path, expected: dict[str, str], environment: Mapping[str, str]
) -> None:
    for way, where in (("sightline", "data/sales/"), ("raw", str(file))):
        figures = children.run("benchmarks.read_once", way, where, environment=environment)
        if {name: Decimal(value) for name, value in figures["found"].items()} != {
            name: Decimal(value) for name, value in expected.items()
        }:
            raise ChildError(f"{way} found {figures['found']}, the file holds {expected}")
        found[size, way].append(figures)


def _environment(folder: Path, estate: Estate) -> dict[str, str]:
    settings = estate.settings
    connections = airflow_connections(settings)
    return {
        **children.airflow_environment(folder),
        **aws_environment(estate.cloud.endpoint, estate.make_access_key(), settings.analytics.region),
        **{f"AIRFLOW_CONN_{name.upper()}": json.dumps(value) for name, value in connections.items()},
        "SIGHTLINE_ACCOUNTS": str(ACCOUNTS),
    }
