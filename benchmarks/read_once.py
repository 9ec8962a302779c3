"""`python -m benchmarks.read_once sightline|raw WHERE`: read a file in this fresh process, say what it took as JSON.

`sightline` reads the one object of the only table in $SIGHTLINE_ACCOUNTS as a load does; `raw` a local file.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

BLOCK_BYTES = 2 * 1024 * 1024


def through_sightline(prefix: str) -> Callable[[], dict[str, str]]:
    """The load's own way: the source bucket in the reader role's session, inspected as a stream."""
    from sightline.hooks.s3 import SourceBucket
    from sightline.settings import load_settings

    (account,) = load_settings().workload_accounts
    bucket = SourceBucket(account, account.tables[0])

    def read() -> dict[str, str]:
        figures = bucket.figures(bucket.objects(prefix))
        totals = {
            name: str(column.total) for name, column in figures.columns.items() if column.total is not None
        }
        return {"rows": str(figures.rows), **totals}

    return read


def through_arrow(file: str) -> Callable[[], dict[str, str]]:
    """The raw reader: the same library, blocks of the same size, the columns' types, exact sums; no check."""
    import pyarrow as pa
    import pyarrow.compute as pc
    from pyarrow import csv

    money = pa.decimal128(10, 2)
    types = {
        "date": pa.date32(),
        "product": pa.string(),
        "quantity": pa.int32(),
        "unit_price": money,
        "total_sales": money,
    }
    summed = ("quantity", "unit_price", "total_sales")

    def read() -> dict[str, str]:
        rows, totals = 0, dict.fromkeys(summed, Decimal(0))
        options = csv.ReadOptions(block_size=BLOCK_BYTES)
        with csv.open_csv(file, options, convert_options=csv.ConvertOptions(column_types=types)) as batches:
            for batch in batches:
                rows += batch.num_rows
                for name in summed:
                    totals[name] += Decimal(pc.sum(batch.column(name)).as_py())
        return {"rows": str(rows), **{name: str(total) for name, total in totals.items()}}

    return read


WAYS: dict[str, Callable[[str], Callable[[], dict[str, str]]]] = {
    "sightline": through_sightline,
    "raw": through_arrow,
}


def main(way: str, where: str) -> None:
    """Prepare, then read against the clock."""
    read = WAYS[way](where)
    base, began, began_cpu = _peak_megabytes(), time.perf_counter(), time.process_time()
    found = read()
    figures: dict[str, Any] = {
        "seconds": time.perf_counter() - began,
        "cpu_seconds": time.process_time() - began_cpu,
        "peak_megabytes": _peak_megabytes(),
        "base_megabytes": base,
        "found": found,
    }
    print(json.dumps(figures))


def _peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


if __name__ == "__main__":
    main(*sys.argv[1:])
