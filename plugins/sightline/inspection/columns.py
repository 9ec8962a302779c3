"""Values of one column: which of them Athena reads as they are written, and their exact total.

Every type has two readers. `reads` is the rule, in plain Python, for one value. `plain` takes a whole
column at once and is never more generous than the rule (a test compares them); a column that it does not
take is read value by value.

Some of what the rule leaves out Athena does take, and changes without a word: 1.9 in an INT column is 1,
2024-02-30 is 2024-03-01, a decimal with too many places is rounded (Trino's text readers do as Hive's).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from functools import reduce
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pyarrow.compute as pc

from sightline.figures import exact_sum, zero_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sightline.settings import Column

_WHOLE = re.compile(r"[+-]?[0-9]+")
_NUMBER = re.compile(r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
_FLOATING = re.compile(_NUMBER.pattern + r"(?:[eE][+-]?[0-9]+)?")
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}"
_TIME = _DAY + r" (?:[01][0-9]|2[0-3]):[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,3})?"
_BITS = {"tinyint": 8, "smallint": 16, "int": 32, "bigint": 64}
_LARGEST = {"float": (2 - 2**-23) * 2.0**127, "double": (2 - 2**-52) * 2.0**1023}
_LONGEST_DECIMAL = 99
"""Characters; Trino's readers have had a buffer of 100."""


@dataclass(frozen=True)
class Reader:
    """How the values of one column are read.

    Args:
        column: name and type.
        rule: in words, what Athena reads as it is written.
        reads: whether Athena reads one value, never an empty one, as it is written.
        plain: reads a whole column, nulls kept; None where values need a look of their own.
        total: the exact sum of what `plain` read; None for types without one.
    """

    column: Column
    rule: str
    reads: Callable[[str], bool]
    plain: Callable[[pa.ChunkedArray], pa.ChunkedArray | None]
    total: Callable[[pa.ChunkedArray], Decimal | None] = lambda _: None

    def total_of(self, texts: Iterable[str]) -> Decimal | None:
        """Sum up values that `reads` took, exactly."""
        zero = zero_of(self.column)
        return None if zero is None else reduce(exact_sum, map(Decimal, texts), zero)


def reader_of(column: Column) -> Reader:
    """Choose how a column is read, by its type."""
    return _READERS[column.kind](column)


def _string(column: Column) -> Reader:
    return Reader(column, "any text", reads=lambda _: True, plain=lambda values: values)


def _varchar(column: Column) -> Reader:
    limit = column.arguments[0]

    def plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        return values if (pc.max(pc.utf8_length(values)).as_py() or 0) <= limit else None

    return Reader(column, f"up to {limit} characters", reads=lambda text: len(text) <= limit, plain=plain)


def _whole_number(column: Column) -> Reader:
    bits = _BITS[column.kind]
    low, high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def reads(text: str) -> bool:
        return bool(_WHOLE.fullmatch(text)) and len(text.lstrip("+-0")) < 20 and low <= int(text) <= high

    def plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        # Arrow reads 0x1F as 31, Athena as NULL.
        return None if _may_contain(values, b"xX") else _cast(values, getattr(pa, f"int{bits}")())

    def total(read: pa.ChunkedArray) -> Decimal | None:
        # Arrow sums in 64 bits: enough for a block of shorter numbers.
        return _sum(read if bits < 64 else pc.cast(read, pa.decimal128(19, 0)))

    return Reader(column, f"whole numbers from {low} to {high}", reads, plain, total)


def _decimal(column: Column) -> Reader:
    precision, scale = column.arguments

    def reads(text: str) -> bool:
        before, _, after = text.lstrip("+-").partition(".")
        fits = len(before.lstrip("0")) <= precision - scale and len(after.rstrip("0")) <= scale
        return bool(_NUMBER.fullmatch(text)) and fits and len(text) <= _LONGEST_DECIMAL

    def plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        # Arrow reads 1e2, and overflows without a word beyond 38 digits: 7 as DECIMAL(38,38) is 0.19….
        is_short = (pc.max(pc.binary_length(values)).as_py() or 0) <= 38 - scale
        return (
            _cast(values, pa.decimal128(precision, scale))
            if is_short and not _may_contain(values, b"eE")
            else None
        )

    def total(read: pa.ChunkedArray) -> Decimal | None:
        return _sum(pc.cast(read, pa.decimal256(76, scale)) if precision > 28 else read)

    rule = f"up to {precision - scale} digits before the point, {scale} after it"
    return Reader(column, rule, reads, plain, total)


def _floating(column: Column) -> Reader:
    largest = _LARGEST[column.kind]

    def reads(text: str) -> bool:
        return bool(_FLOATING.fullmatch(text)) and abs(float(text)) <= largest

    def plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        read = _cast(values, pa.float64()) if _match(values, _FLOATING.pattern) else None
        return read if read is not None and _all(pc.less_equal(pc.abs(read), largest)) else None

    return Reader(column, f"digits, with or without an exponent, up to {largest:.6g}", reads, plain)


def _boolean(column: Column) -> Reader:
    def reads(text: str) -> bool:
        return text.isascii() and text.lower() in {"true", "false"}

    def plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        return values if _match(values, "(?i:true|false)") else None

    return Reader(column, "true and false", reads, plain)


def _date(column: Column) -> Reader:
    def reads(text: str) -> bool:
        return bool(re.fullmatch(_DAY, text)) and _exists(text)

    def plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        return _since_year_one(_cast(values, pa.date32()))

    return Reader(column, "days that exist, such as 2024-01-31", reads, plain)


def _timestamp(column: Column) -> Reader:
    def reads(text: str) -> bool:
        return bool(re.fullmatch(_TIME, text)) and _exists(text[:19])

    def plain(values: pa.ChunkedArray) -> pa.ChunkedArray | None:
        return _since_year_one(_cast(values, pa.timestamp("ms"))) if _match(values, _TIME) else None

    return Reader(column, "times such as 2024-01-31 23:59:59 or 2024-01-31 23:59:59.999", reads, plain)


_READERS: dict[str, Callable[[Column], Reader]] = {
    "string": _string,
    "varchar": _varchar,
    **dict.fromkeys(_BITS, _whole_number),
    "decimal": _decimal,
    **dict.fromkeys(_LARGEST, _floating),
    "boolean": _boolean,
    "date": _date,
    "timestamp": _timestamp,
}


def _cast(values: pa.ChunkedArray, to: pa.DataType) -> pa.ChunkedArray | None:
    try:
        return pc.cast(values, to)
    except pa.ArrowInvalid:
        return None


def _match(values: pa.ChunkedArray, form: str) -> bool:
    return _all(pc.match_substring_regex(values, rf"\A(?:{form})\z"))


def _since_year_one(read: pa.ChunkedArray | None) -> pa.ChunkedArray | None:
    """Athena's years start at 1, as Python's do; Arrow's do not."""
    if read is None:
        return None
    first = pa.scalar("0001-01-01").cast(read.type)
    return read if _all(pc.greater_equal(read, first)) else None


def _all(mask: Any) -> bool:
    return bool(pc.all(mask, min_count=0).as_py())


def _may_contain(values: pa.ChunkedArray, signs: bytes) -> bool:
    """Look into the texts as they lie in memory, in a tenth of the time that asking each takes; never misses one."""
    texts = [chunk.buffers()[2] for chunk in values.chunks]
    return any(sign in text.to_pybytes() for text in texts if text for sign in _each(signs))


def _each(signs: bytes) -> list[bytes]:
    return [signs[at : at + 1] for at in range(len(signs))]


def _sum(values: pa.ChunkedArray) -> Decimal | None:
    total: Decimal | int | None = pc.sum(values, min_count=0).as_py()
    return None if total is None else Decimal(total)


def _exists(text: str) -> bool:
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False
