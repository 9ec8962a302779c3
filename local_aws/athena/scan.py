"""Objects into DuckDB: a table's registered partitions, read as the caller, counted, normalised, laid in a view."""

from __future__ import annotations

from contextlib import closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local_aws.athena import open_csv, text
from local_aws.athena.ddl_apply import NULL_PARTITION
from local_aws.athena.failures import DATA_ERROR, QueryCancelledError, QueryError, not_supported
from local_aws.athena.glue_catalog import LAZY_SIMPLE, OPEN_CSV, TEXT_INPUT, Partition
from local_aws.athena.locations import Location
from local_aws.athena.types import parse_type
from local_aws.calls import AwsError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from local_aws.athena.glue_catalog import Table
    from local_aws.calls import Caller
    from local_aws.s3_access import S3Access

LINE_END_OF_DUCKDB = "\\x02\\x1f\\x02\\x1f"


@dataclass
class Meter:
    """Bytes scanned by one statement; past the workgroup's cutoff, or once stopped, the statement is cancelled."""

    stop: threading.Event
    cutoff: int | None = None
    scanned: int = 0

    def count(self, size: int) -> None:
        """Count bytes that were read."""
        self.scanned += size
        self.check()

    def check(self) -> None:
        """Cancel the statement if it must not go on."""
        if self.stop.is_set():
            raise QueryCancelledError("Query was cancelled by user")
        if self.cutoff is not None and self.scanned > self.cutoff:
            raise QueryCancelledError("Bytes scanned limit was exceeded")


@dataclass
class ObjectReader:
    """Reads a caller's objects for one statement into files below `folder`."""

    s3: S3Access
    caller: Caller
    meter: Meter
    folder: Path
    _written: int = field(default=0)

    def keys(self, location: Location) -> list[str]:
        """The keys below a location that Athena reads: no hidden ones."""
        try:
            found = self.s3.list_objects(self.caller, location.bucket, location.prefix)
        except AwsError as error:
            raise _unreadable(error, location.uri) from error
        return [o.key for o in found if not location.is_hidden(o.key)]

    def copy(self, location: Location, rewrite: Callable[[Iterator[bytes]], Iterator[bytes]]) -> Path:
        """Write the lines of all objects below a location into one file, after one line that is to be skipped."""
        self._written += 1
        path = self.folder / f"{self._written}.txt"
        with path.open("wb") as target:
            target.write(b"\n")
            for key in self.keys(location):
                for piece in rewrite(self._pieces(location.bucket, key)):
                    if text.NEVER_IN_TEXT in piece:
                        raise not_supported(f"the bytes {LINE_END_OF_DUCKDB} in s3://{location.bucket}/{key}")
                    target.write(piece)
        return path

    def _pieces(self, bucket: str, key: str) -> Iterator[bytes]:
        try:
            source = self.s3.open(self.caller, bucket, key)
        except AwsError as error:
            raise _unreadable(error, f"s3://{bucket}/{key}") from error
        with closing(source):
            yield from text.chunks(source, compressed=key.lower().endswith(".gz"), count=self.meter.count)


def _unreadable(error: AwsError, uri: str) -> QueryError:
    if error.code in ("AccessDenied", "AccessDeniedException"):
        return QueryError(f"Permission denied on S3 path: {uri}")
    if error.code == "NoSuchBucket":
        return QueryError(f"HIVE_METASTORE_ERROR: The specified bucket does not exist (S3 path: {uri})")
    if error.code == "NoSuchKey":
        return QueryError(
            f"HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {uri}: The specified key does not exist."
        )
    return QueryError(f"HIVE_CANNOT_OPEN_SPLIT: {error}")


def check_readable(table: Table) -> None:
    """Refuse a table that is not text of the two SerDes, or whose partitions are not registered ones."""
    if table.serde not in (LAZY_SIMPLE, OPEN_CSV) or table.input_format != TEXT_INPUT:
        raise not_supported(f"the table {table.full_name} with the SerDe {table.serde or '(none)'}")
    if table.parameters.get("projection.enabled", "").lower() == "true":
        raise not_supported(f"partition projection, which the table {table.full_name} has")


def relation_sql(table: Table, partitions: Iterable[Partition], reader: ObjectReader, *, fail: bool) -> str:
    """Copy the partitions' objects; return the SELECT that reads them with the table's columns and partition keys."""
    check_readable(table)
    fields, rewrite = _fields(table, fail=fail)
    keys = [parse_type(key.type).duckdb for key in table.partition_keys]
    files = [(reader.copy(Location.registered(p.location), rewrite), p.values) for p in partitions]
    key_names = [text_name(key.name) for key in table.partition_keys]
    columns = ", ".join([*fields, *(f"p.{name} AS {name}" for name in key_names)])
    if not files:
        empty = ", ".join(
            f"CAST(NULL AS {kind}) AS {name}" for kind, name in zip(keys, key_names, strict=True)
        )
        return f"SELECT {columns} FROM (SELECT ['']) l(fields), (SELECT {empty or '1'}) p WHERE false"
    listed = ", ".join(text.quoted(str(path)) for path, _ in files)
    rows = ", ".join(f"({', '.join([text.quoted(str(path)), *values_sql(table, v)])})" for path, v in files)
    return (
        f"SELECT {columns} FROM (SELECT string_split(coalesce(line, ''), {text.quoted(_delimiter(table))}) AS fields, "
        f"file FROM {_lines(listed)}) l JOIN (VALUES {rows}) p({', '.join(['file', *key_names])}) ON l.file = p.file"
    )


def _fields(table: Table, *, fail: bool) -> tuple[list[str], Callable[[Iterator[bytes]], Iterator[bytes]]]:
    skipped = text.skipped_lines(table)
    places = [(f"l.fields[{n}]", c) for n, c in enumerate(table.columns, 1)]
    if table.serde == OPEN_CSV:
        csv_format = open_csv.OpenCsvFormat.of(table)
        fields = [f"{open_csv.field_sql(place, c.type)} AS {text_name(c.name)}" for place, c in places]
        return fields, lambda pieces: open_csv.split_lines(text.lines(pieces, skipped), csv_format)
    text_format = text.TextFormat.of(table)
    fields = [
        f"{text.field_sql(place, c.type, text_format=text_format, fail=fail)} AS {text_name(c.name)}"
        for place, c in places
    ]
    return fields, lambda pieces: text.lines(pieces, skipped)


def _delimiter(table: Table) -> str:
    return open_csv.FIELD_END if table.serde == OPEN_CSV else text.TextFormat.of(table).delimiter


def _lines(listed: str) -> str:
    return (
        f"read_csv([{listed}], columns={{'line': 'VARCHAR'}}, filename='file', delim=E'{LINE_END_OF_DUCKDB}', "
        "quote='', escape='', comment='', header=false, skip=1, auto_detect=false, null_padding=false, "
        f"new_line='\\n', max_line_size={text.MAX_LINE})"
    )


def values_sql(table: Table, values: tuple[str, ...]) -> list[str]:
    """A partition's values as typed SQL."""
    return [_value_sql(key.type, value) for key, value in zip(table.partition_keys, values, strict=True)]


def _value_sql(declared: str, value: str) -> str:
    kind = parse_type(declared)
    if value == NULL_PARTITION:
        return f"CAST(NULL AS {kind.duckdb})"
    if kind.is_integer and not value.removeprefix("-").isdigit():
        raise QueryError(
            f"HIVE_INVALID_PARTITION_VALUE: Invalid partition value '{value}' for {kind.name} partition key",
            DATA_ERROR,
        )
    return f"CAST({text.quoted(value)} AS {kind.duckdb})"


def text_name(name: str) -> str:
    """A name as an SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
