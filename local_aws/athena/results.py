"""Results as Athena writes them: CSV with every field quoted (NULL: nothing at all), read again page by page."""

from __future__ import annotations

import json
import re
import struct
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, BinaryIO

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from datetime import datetime

    from local_aws.athena.types import Type

Row = tuple[str | None, ...]
PAGE = 1000
FIELD = re.compile(r'(?:"((?:[^"]|"")*)")?([,\n])', re.DOTALL)
FIELD_OF_BYTES = re.compile(FIELD.pattern.encode(), re.DOTALL)


@dataclass
class Result:
    """A finished statement's rows as the bytes of its result object, and where in it every thousandth row begins."""

    columns: Sequence[tuple[str, Type]]
    extension: str
    header: bool
    body: bytes
    starts: Sequence[int]
    row_count: int

    @classmethod
    def of_select(cls, columns: Sequence[tuple[str, Type]], rows: bytes, row_count: int) -> Result:
        """A SELECT's rows, in CSV already, under a header."""
        header = csv_line([name for name, _ in columns])
        starts = [len(header) + start for start in _starts(rows, row_count)]
        return cls(columns, "csv", header=True, body=header + rows, starts=starts, row_count=row_count)

    @classmethod
    def of_listing(cls, columns: Sequence[tuple[str, Type]], lines: Sequence[str]) -> Result:
        """What SHOW answers: a line each, without a header; other DDL has no lines."""
        body = "".join(f"{line}\n" for line in lines).encode()
        starts = _starts(body, len(lines))
        return cls(columns, "txt", header=False, body=body, starts=starts, row_count=len(lines))

    def metadata(self) -> bytes:
        """The `.metadata` object; JSON here, a binary form in AWS."""
        return json.dumps([column_info(name, kind) for name, kind in self.columns]).encode()


def _starts(rows: bytes, row_count: int) -> list[int]:
    """Where every thousandth row begins; a quoted line break ends no row."""
    if not row_count:
        return []
    plain = rows.count(b"\n") == row_count
    ends = (m.end() for m in re.finditer(rb"\n", rows)) if plain else _row_ends(rows)
    return [0, *(end for n, end in enumerate(ends, 1) if n % PAGE == 0 and end < len(rows))]


def _row_ends(rows: bytes) -> Iterator[int]:
    return (found.end() for found in FIELD_OF_BYTES.finditer(rows) if found[2] == b"\n")


def column_info(name: str, kind: Type) -> dict[str, Any]:
    """A column as ResultSetMetadata describes it."""
    return {
        "CatalogName": "hive",
        "SchemaName": "",
        "TableName": "",
        "Name": name,
        "Label": name,
        "Type": kind.result_name,
        "Precision": kind.result_precision,
        "Scale": kind.scale,
        "Nullable": "UNKNOWN",
        "CaseSensitive": kind.name == "varchar",
    }


def csv_line(values: Iterable[str | None]) -> bytes:
    """One row."""
    quoted = ("" if value is None else '"' + value.replace('"', '""') + '"' for value in values)
    return (",".join(quoted) + "\n").encode()


def read_csv_rows(text: str) -> Iterator[Row]:
    """Rows of a text that csv_line wrote: NULL and the empty text are told apart."""
    values: list[str | None] = []
    for found in FIELD.finditer(text):
        values.append(None if found[1] is None else found[1].replace('""', '"'))
        if found[2] == "\n":
            yield tuple(values)
            values = []


def rows_between(
    source: BinaryIO, starts: Sequence[int], *, first: int, count: int, header: bool
) -> list[Row]:
    """Rows `first` … of a result object; only the part of it that holds them is parsed."""
    wanted = starts[first // PAGE : (first + count - 1) // PAGE + 2]
    if not wanted:
        return []
    source.read(wanted[0])
    ends = len(wanted) > (first + count - 1) // PAGE + 1 - first // PAGE
    text = (source.read(wanted[-1] - wanted[0]) if ends else source.read()).decode()
    rows: list[Row] = list(read_csv_rows(text)) if header else [(line,) for line in text.split("\n")[:-1]]
    return rows[first % PAGE : first % PAGE + count]


def value_text(value: Any, kind: Type) -> str | None:
    """A value as Athena writes it."""
    if value is None:
        return None
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return java_number(value, single=kind.name == "real")
    if isinstance(value, Decimal):
        return format(value, "f")
    return _timestamp(value) if kind.name == "timestamp" else str(value)


def _timestamp(value: datetime) -> str:
    return f"{value:%Y-%m-%d %H:%M:%S}.{value.microsecond // 1000:03}"


def java_number(value: float, *, single: bool) -> str:
    """A floating point number as Java prints it: 1.0, 1.0E10, 1.0E-5, NaN, Infinity."""
    if value != value or value in (float("inf"), float("-inf")):
        return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"
    shortest = _shortest_single(value) if single else repr(value)
    if value == 0 or 1e-3 <= abs(value) < 1e7:
        return shortest if "e" not in shortest else format(Decimal(shortest), "f")
    sign, digits, exponent = Decimal(shortest).as_tuple()
    text = "".join(map(str, digits)).rstrip("0") or "0"
    power = len(digits) - 1 + int(exponent)
    return f"{'-' if sign else ''}{text[0]}.{text[1:] or '0'}E{power}"


def _shortest_single(value: float) -> str:
    bits = struct.pack("f", value)
    shortest = next(
        f"{value:.{n}g}" for n in range(1, 18) if struct.pack("f", float(f"{value:.{n}g}")) == bits
    )
    return repr(float(shortest))
