"""The part `parsing`: dags/load.py with many accounts, beside a bare loop over as many Dags of as many tasks."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from benchmarks import ROOT, children
from benchmarks.children import ChildError, sample
from benchmarks.report import Report, Table

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from demo.progress import Progress

COUNTS = (1, 100, 500)
TASKS = 6
FILES = {
    "Sightline": ROOT / "dags" / "load.py",
    "bare loop": ROOT / "benchmarks" / "bare_dags" / "bare_loop.py",
}
HEADER = ("accounts", "way", "parsing, s", "of it CPU, s", "peak memory, MB", "before parsing, MB")
ANALYTICS = """\
analytics:
  account_id: "333333333333"
  region: ap-northeast-1
workload_accounts:
"""
ACCOUNT = """\
  - name: account{number}
    account_id: "{number:012}"
    external_id: sightline-account{number}
    workgroup: workgroup-account{number}
    results_location: s3://results-333333333333/account{number}/
    database: account{number}_data
    tables:
      - name: sales
        bucket: source-account{number}
        prefix: data/sales/
        objects: year={{year}}/month={{month}}/sales_data_{{year}}_{{month}}.csv
        columns:
          date: date
          product: string
          quantity: int
          unit_price: decimal(10,2)
          total_sales: decimal(10,2)
"""

Found = dict[tuple[int, str], list[dict[str, Any]]]


def measure(folder: Path, runs: int, progress: Progress) -> Report:
    """Parse in turn, each time in a fresh process. The first parsing of each, which compiles, does not count."""
    found: Found = defaultdict(list)
    for count in COUNTS:
        for run in range(runs + 1):
            for way, file in FILES.items():
                figures = parse(file, environment(folder, count), count)
                if run:
                    found[count, way].append(figures)
        progress.say(f"parsing: {count} accounts")
    return report(found)


def report(found: Found) -> Report:
    """The table and the ratios."""
    rows = [
        (
            f"{count}",
            way,
            *(sample(each, name).text(digits) for name, digits in (("seconds", 2), ("cpu_seconds", 2))),
            *(sample(each, name).text(0) for name in ("peak_megabytes", "base_megabytes")),
        )
        for (count, way), each in found.items()
    ]
    figures = {
        f"parsing_{count}": sample(found[count, "Sightline"], "seconds").median
        / sample(found[count, "bare loop"], "seconds").median
        for count in COUNTS
    }
    return Report("parsing", [Table("A Dag file parsed in a fresh process:", HEADER, rows)], figures)


def parse(file: Path, environment: Mapping[str, str], count: int) -> dict[str, Any]:
    """Parse a file in a process of its own. Raises ChildError unless it gives `count` Dags of six tasks."""
    figures = children.run("benchmarks.parse_once", str(file), environment=environment)
    if (figures["dags"], figures["tasks"], figures["errors"]) != (count, count * TASKS, []):
        raise ChildError(f"{file}: {figures}")
    return figures


def accounts_file(count: int) -> str:
    """The settings of so many accounts."""
    return ANALYTICS + "".join(ACCOUNT.format(number=number) for number in range(1, count + 1))


def environment(folder: Path, count: int) -> dict[str, str]:
    """Airflow's home of its own, and the accounts in it."""
    accounts = folder / f"accounts-{count}.yaml"
    if not accounts.exists():
        accounts.write_text(accounts_file(count), encoding="utf-8")
    return {
        **children.airflow_environment(folder),
        "SIGHTLINE_ACCOUNTS": str(accounts),
        "BENCHMARK_DAGS": str(count),
    }
