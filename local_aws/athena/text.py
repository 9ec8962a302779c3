"""Text as Hive's LazySimpleSerDe reads it: whole lines, split at the delimiter, each field cast by Hive's rules.

What the real SerDe answers is in tests/local_aws/golden. Known differences: a day that the month does not have
(2024-02-30) is NULL here and the next month's day there; an hour of 25 likewise.
"""

from __future__ import annotations

import codecs
import zlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from local_aws.athena.failures import DATA_ERROR, QueryError, not_supported
from local_aws.athena.plain import DOUBTFUL
from local_aws.athena.types import Type, parse_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from local_aws.athena.glue_catalog import Table

CHUNK = 1 << 20
MAX_LINE = 32 << 20
NULL = "\\N"
INTEGER = r"[+-]?\d+"
POINTED = r"[+-]?(\d+\.\d*|\.\d+)"
NUMBER = r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?"
FLOATING = rf"\s*([+-]?(NaN|Infinity)|{NUMBER}[dDfF]?)\s*"
DAY = r"\d{4}-\d{1,2}-\d{1,2}"
SECOND = rf"\s*{DAY} \d{{1,2}}:\d{{1,2}}:\d{{1,2}}(\.\d{{1,9}})?\s*"


@dataclass(frozen=True)
class TextFormat:
    """How a table's lines are read."""

    delimiter: str
    null: str
    skipped_lines: int

    @classmethod
    def of(cls, table: Table) -> TextFormat:
        """The format that a LazySimpleSerDe table declares."""
        parameters = table.serde_parameters
        delimiter = parameters.get("field.delim") or parameters.get("serialization.format") or "\x01"
        if delimiter == "1":
            delimiter = "\x01"
        if len(delimiter) != 1:
            raise not_supported(f"the field delimiter {delimiter!r}")
        if "escape.delim" in parameters:
            raise not_supported("escape.delim")
        return cls(delimiter, parameters.get("serialization.null.format", NULL), skipped_lines(table))


def skipped_lines(table: Table) -> int:
    """How many lines at the start of each file are its header."""
    text = table.parameters.get("skip.header.line.count", "0")
    if not text.isdigit():
        raise QueryError(
            f"HIVE_INVALID_METADATA: Invalid value for skip.header.line.count property: {text}", DATA_ERROR
        )
    return int(text)


def chunks(source: BinaryIO, *, compressed: bool, count: Callable[[int], None]) -> Iterator[bytes]:
    """An object's content in pieces; `count` is told of every piece of bytes as stored, so compressed ones."""
    pieces = _counted(source, count)
    return _unzipped(pieces) if compressed else pieces


def _counted(source: BinaryIO, count: Callable[[int], None]) -> Iterator[bytes]:
    while raw := source.read(CHUNK):
        count(len(raw))
        yield raw


def _unzipped(pieces: Iterator[bytes]) -> Iterator[bytes]:
    unpack = None  # a .gz may be several members after one another
    try:
        for raw in pieces:
            left = raw
            while left:
                unpack = unpack or zlib.decompressobj(zlib.MAX_WBITS | 16)
                yield unpack.decompress(left, CHUNK)
                left = unpack.unused_data if unpack.eof else unpack.unconsumed_tail
                unpack = None if unpack.eof else unpack
        while unpack and (rest := unpack.decompress(b"", CHUNK)):
            yield rest
    except zlib.error as error:
        raise QueryError(f"HIVE_CURSOR_ERROR: incorrect header check ({error})", DATA_ERROR) from error
    if unpack and not unpack.eof:
        raise QueryError("HIVE_CURSOR_ERROR: Unexpected end of ZLIB input stream", DATA_ERROR)


def lines(pieces: Iterator[bytes], skipped: int) -> Iterator[bytes]:
    """The content as UTF-8 whose lines end in LF alone (they may end in LF, CRLF or CR), without the header lines.

    The last line gets its LF too. Bytes that are no UTF-8 become U+FFFD; a byte order mark at the start is dropped.
    """
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    held, last, first = b"", b"\n", True
    for piece in _with_end(pieces):
        data = held + piece
        held = b"\r" if data.endswith(b"\r") and piece else b""
        if held or b"\r" in data:
            data = data[: len(data) - len(held)].replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if decoder.getstate()[0] or not data.isascii():
            data = decoder.decode(data, not piece).encode()
        if first and data:
            data, first = data.removeprefix(codecs.BOM_UTF8), False
        skipped, data = _without_lines(skipped, data)
        if data:
            last = data[-1:]
            yield data
    if last != b"\n":
        yield b"\n"


def _with_end(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        if piece:
            yield piece
    yield b""


def _without_lines(skipped: int, data: bytes) -> tuple[int, bytes]:
    while skipped and data:
        _, end, data = data.partition(b"\n")
        skipped -= 1 if end else 0
    return skipped, data


def field_sql(
    field: str, declared: str, *, text_format: TextFormat, fail: bool, doubtful: Iterable[int] = DOUBTFUL
) -> str:
    """DuckDB's expression for one field of a line, typed; `fail`: a bad value fails the query instead of NULL.

    `doubtful` are those of the bytes in DOUBTFUL that may be in the field.
    """
    kind = parse_type(declared)
    value = f"nullif({field}, {quoted(text_format.null)})"
    if kind.name == "varchar":
        return value if kind.length is None else f"left({value}, {kind.length})"
    typed = _typed(value, kind)
    if kind.is_decimal and text_format.null == NULL:
        typed = _decimal(field, kind, typed, doubtful)
    if not fail:
        return typed
    bad = f"'HIVE_BAD_DATA: Error parsing field value ''' || {value} || ''' as {kind.display}'"
    return f"CASE WHEN nullif({value}, '') IS NULL THEN NULL ELSE coalesce({typed}, error({bad})) END"


def _decimal(field: str, kind: Type, exactly: str, doubtful: Iterable[int]) -> str:
    """The same as `exactly`, faster: only where one of these bytes is do DuckDB and Hive differ."""
    has = " OR ".join(f"contains({field}, chr({byte}))" for byte in doubtful)
    cast = f"TRY_CAST({field} AS {kind.duckdb})"
    return f"CASE WHEN {has} THEN {exactly} ELSE {cast} END" if has else cast


def _typed(value: str, kind: Type) -> str:
    if kind.is_integer:
        return f"TRY_CAST({_whole_number(value)} AS {kind.duckdb})"
    if kind.name == "boolean":
        return f"CASE lower({value}) WHEN 'true' THEN true WHEN 'false' THEN false END"
    if kind.is_decimal:
        pattern, text = NUMBER, value
    elif kind.is_floating:
        pattern, text = FLOATING, _java_number(value)
    elif kind.name == "date":
        pattern, text = DAY, value
    elif kind.name == "timestamp":
        pattern, text = SECOND, f"trim({value})"
    else:
        raise not_supported(f"text as {kind.display}")
    return (
        f"CASE WHEN regexp_full_match({value}, {quoted(pattern)}) THEN TRY_CAST({text} AS {kind.duckdb}) END"
    )


def _whole_number(value: str) -> str:
    """What is before the point: 1 of 1.9, 0 of -.5; most fields have none, and are asked first."""
    before = f"coalesce(nullif(nullif(nullif(split_part({value}, '.', 1), ''), '-'), '+'), '0')"
    return (
        f"CASE WHEN regexp_full_match({value}, {quoted(INTEGER)}) THEN {value} "
        f"WHEN regexp_full_match({value}, {quoted(POINTED)}) THEN {before} END"
    )


def _java_number(value: str) -> str:
    return rf"regexp_replace(trim({value}), '([0-9.])[dDfF]$', '\1')"


def quoted(text: str) -> str:
    """A text as an SQL string."""
    return "'" + text.replace("'", "''") + "'"
