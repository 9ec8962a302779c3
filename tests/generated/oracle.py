"""What a file holds, by Python's csv, Decimal and datetime: the judge of what Athena returns, so nothing of ours.

Where csv, the type's documentation (Hive's and Athena's) and the declared format leave a doubt, the file holds
nothing that could be right, and must be refused.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
import struct
import zlib
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation, localcontext
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

Value = str | bool | int | float | Decimal | date | datetime | None
Record = tuple[Value, ...]
WHOLE = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
FLOATS = {"float": "<f", "double": "<d"}


class UnreadableError(Exception):
    """The file does not hold what is declared; the text says why."""


@dataclass(frozen=True)
class Declared:
    """What is declared of a file: columns as (name, type), the text format, whether it may have no record."""

    columns: tuple[tuple[str, str], ...]
    serde: str = "lazy_simple"
    delimiter: str = ","
    header: bool = True
    compression: str = "none"
    allow_empty: bool = False


@dataclass(frozen=True)
class Held:
    """The records of a file, typed."""

    columns: tuple[tuple[str, str], ...]
    records: tuple[Record, ...]

    @property
    def rows(self) -> Counter[Record]:
        """The records without their order, which no query promises."""
        return Counter(self.records)

    def empties(self, at: int) -> int:
        """How many values of a column are NULL, or ''."""
        return sum(record[at] in (None, "") for record in self.records)

    def total(self, at: int) -> Decimal | None:
        """The exact sum of a column; None for types without one."""
        kind = self.columns[at][1]
        if kind not in WHOLE and not kind.startswith("decimal"):
            return None
        with localcontext(prec=500):
            return sum((Decimal(str(r[at])) for r in self.records if r[at] is not None), Decimal(0))


def held(content: bytes, declared: Declared) -> Held:
    """Say what a file holds.

    Raises:
        UnreadableError: if it does not hold what is declared.
    """
    text = _text(content, declared)
    records = _records(text, declared)
    if declared.header and records and records.pop(0) != [name for name, _ in declared.columns]:
        raise UnreadableError("another header")
    if any(len(record) != len(declared.columns) for record in records):
        raise UnreadableError("ragged lines")
    kinds = [kind for _, kind in declared.columns]
    typed = (tuple(_value(t, k, declared) for t, k in zip(r, kinds, strict=True)) for r in records)
    return Held(declared.columns, tuple(typed))


def value_of_athena(text: str | None, kind: str) -> Value:
    """Type a value of Athena's answer: its NULL is missing, all else is a text."""
    if text is None:
        return None
    if kind == "boolean":
        return {"true": True, "false": False}[text]
    if kind == "timestamp":
        return datetime.fromisoformat(text)
    return _typed(text, kind)


def _text(content: bytes, declared: Declared) -> str:
    try:
        plain = gzip.decompress(content) if declared.compression == "gzip" else content
        text = plain.removeprefix(codecs.BOM_UTF8).decode("utf-8")
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise UnreadableError(str(error)) from error
    if declared.compression == "gzip" and not content:
        raise UnreadableError("no gzip")
    if "\0" in text:
        raise UnreadableError("a NUL, which no text has")
    return text


def _records(text: str, declared: Declared) -> list[list[str]]:
    """The records; a blank line is none. LazySimpleSerDe knows no quotes: with and without must be the same."""
    quoted = _read(text, declared.delimiter, csv.QUOTE_MINIMAL)
    if declared.serde == "lazy_simple" and quoted != _read(text, declared.delimiter, csv.QUOTE_NONE):
        raise UnreadableError("quotes")
    return quoted


def _read(text: str, delimiter: str, quoting: int) -> list[list[str]]:
    with _fields_of_any_length():
        try:
            # newline="": csv itself tells line ends from line breaks within quotes.
            lines = io.StringIO(text, newline="")
            reader = csv.reader(lines, delimiter=delimiter, quoting=quoting, strict=True)
            return [record for record in reader if record]
        except csv.Error as error:
            raise UnreadableError(str(error)) from error


@contextmanager
def _fields_of_any_length() -> Iterator[None]:
    before = csv.field_size_limit(2**31 - 1)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _value(text: str, kind: str, declared: Declared) -> Value:
    if declared.serde == "lazy_simple" and text == "\\N":
        return None
    if text == "" and not kind.startswith(("string", "varchar")):
        return None
    return _typed(text, kind)


def _typed(text: str, kind: str) -> Value:
    name, arguments = kind.partition("(")[0], [int(n) for n in re.findall(r"\d+", kind.partition("(")[2])]
    if name == "string":
        return text
    if name == "varchar":
        return _must(len(text) <= arguments[0], text, text)
    # Python's own readers take blanks, underscores and other scripts' digits, no type of Athena does.
    _must(bool(re.fullmatch(r"[!-^`-~]+( [!-^`-~]+)?", text)), text, kind)
    try:
        return _READERS[name](text, *arguments)
    except (ValueError, InvalidOperation, OverflowError) as error:
        raise UnreadableError(f"{text!r} is no {kind}") from error


def _must(is_so: bool, text: str, value: str) -> str:
    if not is_so:
        raise UnreadableError(f"{text!r} does not fit")
    return value


def _whole(bits: int, text: str) -> int:
    value = int(text)
    _must(-(2 ** (bits - 1)) <= value < 2 ** (bits - 1), text, text)
    return value


def _decimal(text: str, precision: int, scale: int) -> Decimal:
    value = Decimal(text)
    with localcontext(prec=500):
        _must(value.is_finite() and abs(value) < Decimal(10) ** (precision - scale), text, text)
        _must(value == round(value, scale), text, text)
    return value


def _float(form: str, text: str) -> float:
    value = float(text)
    _must(value - value == 0, text, text)  # neither NaN nor infinite
    (read,) = struct.unpack(form, struct.pack(form, value))
    return float(read)


def _boolean(text: str) -> bool:
    return {"true": True, "false": False}[_must(text.lower() in ("true", "false"), text, text.lower())]


def _date(text: str) -> date:
    _must(bool(re.fullmatch(r"\d{4}-\d\d-\d\d", text)), text, text)
    return date.fromisoformat(text)


def _timestamp(text: str) -> datetime:
    _must(bool(re.fullmatch(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{1,3})?", text)), text, text)
    day, _, clock = text.partition(" ")
    whole, _, fraction = clock.partition(".")
    return datetime.fromisoformat(f"{day} {whole}.{fraction:0<6}")


_READERS = {
    **{name: lambda text, bits=bits: _whole(bits, text) for name, bits in WHOLE.items()},
    **{name: lambda text, form=form: _float(form, text) for name, form in FLOATS.items()},
    "decimal": _decimal,
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}
