"""A table's registered partitions as one relation of DuckDB's, with the table's columns and partition keys.

A file's lines are read in one of two ways: by columns where the file is plain and DuckDB can tell its fields apart,
else as whole lines that are split then. Of lines that nobody asks more of than their number, no field is told apart.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.athena import open_csv, text
from local_aws.athena.ddl_apply import NULL_PARTITION
from local_aws.athena.failures import DATA_ERROR, QueryError, not_supported
from local_aws.athena.glue_catalog import LAZY_SIMPLE, OPEN_CSV, TEXT_INPUT, Partition
from local_aws.athena.locations import Location
from local_aws.athena.objects import LINE_END_OF_DUCKDB
from local_aws.athena.plain import NEVER_IN_TEXT
from local_aws.athena.properties import check_properties
from local_aws.athena.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local_aws.athena.glue_catalog import Table
    from local_aws.athena.objects import ObjectReader, Rewrite, TextFile

# Both ways of reading: quotes, escapes and comments mean nothing.
READING = (
    "quote='', escape='', comment='', header=false, auto_detect=false, null_padding=false, new_line='\\n'"
)


def check_readable(table: Table) -> None:
    """Refuse a table that is not text of the two SerDes, or that has a property which we would not heed."""
    if table.serde not in (LAZY_SIMPLE, OPEN_CSV) or table.input_format != TEXT_INPUT:
        raise not_supported(f"the table {table.full_name} with the SerDe {table.serde or '(none)'}")
    check_properties(table)


@dataclass(frozen=True)
class _Way:
    """How some files are read: by columns or as lines, lines of any length or usual ones, and after how many."""

    by_columns: bool
    plain: bool
    skipped: int


def relation_sql(
    table: Table, partitions: Sequence[Partition], reader: ObjectReader, *, fail: bool, fields: bool = True
) -> str:
    """Open or copy the partitions' objects; return the SELECT that reads them.

    `fail`: a bad value fails the query; `fields`: more is asked of the lines than their number.
    """
    check_readable(table)
    rewrite, skipped = _rewriting(table)
    read = [
        (file, partition.values)
        for partition in partitions
        for file in reader.files(Location.registered(partition.location), rewrite, skipped)
    ]
    ways: dict[_Way, list[tuple[TextFile, tuple[str, ...]]]] = {}
    for file, values in read:
        plain = file.doubtful is not None
        way = _Way(fields and plain and _has_columns(table), plain, file.skipped)
        ways.setdefault(way, []).append((file, values))
    selects = [_select(table, way, files, fail=fail) for way, files in ways.items()]
    return " UNION ALL ".join(selects) if selects else _nothing(table)


def _rewriting(table: Table) -> tuple[Rewrite, int | None]:
    """What is done to an object's bytes before its lines are split, and its header's lines if that may be left out."""
    skipped = text.skipped_lines(table)
    if table.serde != OPEN_CSV:
        text.TextFormat.of(table)
        return lambda pieces: text.lines(pieces, skipped), skipped
    csv_format = open_csv.OpenCsvFormat.of(table)
    return lambda pieces: open_csv.split_lines(text.lines(pieces, skipped), csv_format), None


def _has_columns(table: Table) -> bool:
    """Whether DuckDB tells the fields apart as Hive does, in a plain file of the right number of fields."""
    if table.serde != LAZY_SIMPLE or len(table.columns) < 2:
        return False
    delimiter = text.TextFormat.of(table).delimiter
    return delimiter.isascii() and delimiter not in NEVER_IN_TEXT.decode()


def _select(table: Table, way: _Way, files: Iterable[tuple[TextFile, tuple[str, ...]]], *, fail: bool) -> str:
    files = list(files)
    doubtful = sorted(set().union(*(file.doubtful or () for file, _ in files))) if way.by_columns else None
    columns = [
        f"{_field_sql(table, n, doubtful, fail=fail)} AS {text_name(column.name)}"
        for n, column in enumerate(table.columns, 1)
    ]
    values = {file.path: values_sql(table, values) for file, values in files}
    names = [text_name(key.name) for key in table.partition_keys]
    several = len({tuple(row) for row in values.values()}) > 1
    for place, name in enumerate(names):
        columns.append(f"{f'p.{name}' if several else next(iter(values.values()))[place]} AS {name}")
    source = _lines(table, way, values)
    if not several:
        return f"SELECT {', '.join(columns)} FROM {source}"
    rows = ", ".join(f"({', '.join([text.quoted(path), *row])})" for path, row in values.items())
    keys = f"(VALUES {rows}) p({', '.join(['file', *names])})"
    return f"SELECT {', '.join(columns)} FROM {source} JOIN {keys} ON l.file = p.file"


def _field_sql(table: Table, number: int, doubtful: Sequence[int] | None, *, fail: bool) -> str:
    declared = table.columns[number - 1].type
    if table.serde == OPEN_CSV:
        return open_csv.field_sql(f"l.fields[{number + 1}]", declared)
    text_format = text.TextFormat.of(table)
    if doubtful is None:
        return text.field_sql(f"l.fields[{number}]", declared, text_format=text_format, fail=fail)
    return text.field_sql(f"l.c{number}", declared, text_format=text_format, fail=fail, doubtful=doubtful)


def _lines(table: Table, way: _Way, paths: Iterable[str]) -> str:
    """The files' lines as `l`, with `fields` or `c1`, `c2`, … and the `file` that each is of."""
    listed = (
        f"[{', '.join(text.quoted(path) for path in paths)}], filename='file', skip={way.skipped}, {READING}"
    )
    delimiter = text.quoted(_delimiter(table))
    if way.by_columns:
        names = ", ".join(f"'c{n}': 'VARCHAR'" for n in range(1, len(table.columns) + 1))
        return (
            f"read_csv({listed}, columns={{{names}}}, delim={delimiter}, nullstr=E'{LINE_END_OF_DUCKDB}') l"
        )
    sizes = "" if way.plain else f", max_line_size={text.MAX_LINE}, buffer_size={2 * text.MAX_LINE}"
    whole = f"read_csv({listed}, columns={{'line': 'VARCHAR'}}, delim=E'{LINE_END_OF_DUCKDB}'{sizes})"
    return f"(SELECT string_split(coalesce(line, ''), {delimiter}) AS fields, file FROM {whole}) l"


def _delimiter(table: Table) -> str:
    return open_csv.FIELD_END if table.serde == OPEN_CSV else text.TextFormat.of(table).delimiter


def _nothing(table: Table) -> str:
    """No row, with the table's columns."""
    typed = [*table.columns, *table.partition_keys]
    nulls = ", ".join(f"CAST(NULL AS {parse_type(c.type).duckdb}) AS {text_name(c.name)}" for c in typed)
    return f"SELECT {nulls} WHERE false"


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
