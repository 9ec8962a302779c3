"""DuckDB as Athena's engine: one database without tables, a cursor and temporary views for each statement."""

from __future__ import annotations

import re
import threading
from contextlib import closing, contextmanager
from typing import TYPE_CHECKING

import duckdb

from local_aws import scratch
from local_aws.athena.arithmetic import MACROS
from local_aws.athena.failures import (
    DATA_ERROR,
    INTERNAL_ERROR,
    QueryCancelledError,
    QueryError,
    not_supported,
)
from local_aws.athena.glue_catalog import Partition
from local_aws.athena.results import csv_line, value_text
from local_aws.athena.scan import relation_sql, text_name, values_sql
from local_aws.athena.text import quoted

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from local_aws.athena.glue_catalog import GlueCatalog
    from local_aws.athena.objects import Meter, ObjectReader
    from local_aws.athena.scope import Scan
    from local_aws.athena.select import Translation

# TRY_CAST over read_csv raises in duckdb 2.0.0 while the optimizer moves types into the reader.
# A path to an open file is the next one's too, so nothing may be remembered by its name.
SETTINGS = (
    "SET disabled_optimizers='type_pushdown'",
    "SET TimeZone='UTC'",
    "SET enable_external_file_cache=false",
)
AT_ONCE = 4
FETCHED_ROWS = 10_000
CSV = "FORMAT csv, HEADER false, FORCE_QUOTE *, NULLSTR '', TIMESTAMPFORMAT '%Y-%m-%d %H:%M:%S.%g'"
AGGREGATE = "EXPRESSION_NOT_AGGREGATE: '{name}' must be an aggregate expression or appear in GROUP BY clause"
SEVERAL_ROWS = "SUBQUERY_MULTIPLE_ROWS: Scalar sub-query has returned multiple rows"
MESSAGES = (
    (r"Division by zero", "DIVISION_BY_ZERO: Division by zero"),
    (r"More than one row returned by a subquery", SEVERAL_ROWS),
    (r"column \"?(?P<name>[^\"]+)\"? must appear in the GROUP BY", AGGREGATE),
)


class Engine:
    """Executes translated statements; a few at once, each with files in a folder that is gone afterwards."""

    def __init__(self) -> None:
        spilled = str(scratch.root() / "spilled")
        self._database = duckdb.connect(
            config={"threads": 2, "memory_limit": "2GB", "temp_directory": spilled}
        )
        for statement in (*SETTINGS, *MACROS):
            self._database.execute(statement)
        self._places = threading.BoundedSemaphore(AT_ONCE)

    def write(
        self, translation: Translation, catalog: GlueCatalog, reader: ObjectReader, *, fail: bool
    ) -> tuple[Path, int]:
        """Read what a statement needs and execute it; return the file of its rows as CSV, and their number."""
        path = reader.folder / "rows.csv"
        with self._places, self._database.cursor() as cursor, _failures(reader.meter), closing(reader):
            try:
                return path, _executed(cursor, translation, catalog, reader, path, fail=fail)
            except duckdb.InvalidInputException as error:
                if "CSV" not in str(error) or not reader.trusting:
                    raise
            reader.distrust()  # a file looked plain, and is not
            return path, _executed(cursor, translation, catalog, reader, path, fail=fail)


def _executed(
    cursor: duckdb.DuckDBPyConnection,
    translation: Translation,
    catalog: GlueCatalog,
    reader: ObjectReader,
    path: Path,
    *,
    fail: bool,
) -> int:
    for scan in translation.scans:
        partitions = _partitions(cursor, scan, catalog)
        relation = relation_sql(scan.table, partitions, reader, fail=fail, fields=scan.reads_columns)
        cursor.execute(f"CREATE OR REPLACE TEMP VIEW {scan.view} AS {relation}")
    reader.meter.check()
    with _interrupted(cursor, reader.meter.stop):
        return _write(cursor, translation, path)


def _write(cursor: duckdb.DuckDBPyConnection, translation: Translation, path: Path) -> int:
    """DuckDB writes CSV as Athena does, except floating point numbers, and decimals with no digit before the point."""
    kinds = [kind for _, kind in translation.columns]
    if not any(kind.is_floating or kind.is_fraction for kind in kinds):
        (count,) = cursor.execute(
            f"COPY ({translation.relation.sql}) TO {quoted(str(path))} ({CSV})"
        ).fetchone() or (0,)
        return int(count)
    cursor.execute(translation.relation.sql)
    count = 0
    with path.open("wb") as target:
        while rows := cursor.fetchmany(FETCHED_ROWS):
            count += len(rows)
            target.writelines(
                csv_line([value_text(v, k) for v, k in zip(row, kinds, strict=True)]) for row in rows
            )
    return count


def _partitions(cursor: duckdb.DuckDBPyConnection, scan: Scan, catalog: GlueCatalog) -> list[Partition]:
    """The registered partitions that WHERE leaves; a table without partition keys is one partition."""
    if not scan.table.partition_keys:
        return [Partition((), scan.table.location)]
    registered = catalog.partitions(scan.table)
    if not registered or not scan.conditions:
        return registered
    rows = ", ".join(
        f"({', '.join([str(n), *values_sql(scan.table, p.values)])})" for n, p in enumerate(registered)
    )
    names = ", ".join(["number_", *(text_name(key.name) for key in scan.table.partition_keys)])
    where = " AND ".join(scan.conditions)
    kept = cursor.execute(
        f"SELECT number_ FROM (VALUES {rows}) {text_name(scan.alias)}({names}) WHERE {where}"
    )
    return [registered[number] for (number,) in sorted(kept.fetchall())]


@contextmanager
def _interrupted(cursor: duckdb.DuckDBPyConnection, stop: threading.Event) -> Iterator[None]:
    """Interrupt the cursor when `stop` is set; the watching thread ends with the context."""
    done = threading.Event()

    def watch() -> None:
        while not done.wait(0.05):
            if stop.is_set():
                cursor.interrupt()

    watching = threading.Thread(target=watch, daemon=True)
    watching.start()
    try:
        yield
    finally:
        done.set()
        watching.join()


@contextmanager
def _failures(meter: Meter) -> Iterator[None]:
    try:
        yield
    except duckdb.InterruptException as error:
        meter.check()
        raise QueryCancelledError("Query was cancelled") from error
    except duckdb.Error as error:
        raise _failure(error) from error


def _failure(error: duckdb.Error) -> QueryError:
    message = re.sub(r"^[A-Za-z ]+ Error: ", "", str(error)).split("\n")[0]
    if re.match(r"[A-Z_]+: ", message):  # raised by an error() of ours
        return QueryError(message, DATA_ERROR if message.startswith("HIVE_") else 1000)
    for pattern, reason in MESSAGES:
        if found := re.search(pattern, message):
            return QueryError(reason.format(**found.groupdict()))
    if isinstance(error, duckdb.OutOfRangeException):
        return QueryError(f"NUMERIC_VALUE_OUT_OF_RANGE: {message}")
    if isinstance(error, duckdb.ConversionException):
        kind = "NUMERIC_VALUE_OUT_OF_RANGE" if "destination type" in message else "INVALID_CAST_ARGUMENT"
        return QueryError(f"{kind}: {message}")
    if isinstance(error, duckdb.OutOfMemoryException):
        return QueryError(f"EXCEEDED_LOCAL_MEMORY_LIMIT: {message}", INTERNAL_ERROR)
    return not_supported(f"the engine answers: {message}")
