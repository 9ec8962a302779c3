"""Athena's column types: their names in Glue, in results and in DuckDB, and what two of them have in common."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_aws.athena.failures import not_supported

INTEGER_DIGITS = {"tinyint": 3, "smallint": 5, "integer": 10, "bigint": 19}
MAX_PRECISION = 38
PLAIN_TYPES = {*INTEGER_DIGITS, "boolean", "real", "double", "date", "timestamp", "varchar", "unknown"}
HIVE_NAMES = {"int": "integer", "string": "varchar", "float": "real"}
DUCKDB_NAMES = {"real": "FLOAT", "unknown": "INTEGER"}
RESULT_PRECISIONS = {**INTEGER_DIGITS, "real": 17, "double": 17, "timestamp": 3}
UNBOUNDED = 2147483647


@dataclass(frozen=True)
class Type:
    """A Trino type: `precision` and `scale` for decimal, `length` for varchar(n) (None: any length)."""

    name: str
    precision: int = 0
    scale: int = 0
    length: int | None = None

    @property
    def is_integer(self) -> bool:
        """Whether this is one of the four integer types."""
        return self.name in INTEGER_DIGITS

    @property
    def is_decimal(self) -> bool:
        """Whether this is a decimal type."""
        return self.name == "decimal"

    @property
    def is_fraction(self) -> bool:
        """Whether this is a decimal type without a digit before the point; DuckDB writes its 0.05 as .05."""
        return self.is_decimal and self.precision == self.scale

    @property
    def is_exact(self) -> bool:
        """Whether values are exact numbers."""
        return self.is_integer or self.is_decimal

    @property
    def is_floating(self) -> bool:
        """Whether values are binary floating point numbers."""
        return self.name in ("real", "double")

    @property
    def is_number(self) -> bool:
        """Whether this is a type to calculate with."""
        return self.is_exact or self.is_floating

    @property
    def duckdb(self) -> str:
        """The type's name in DuckDB."""
        if self.is_decimal:
            return f"DECIMAL({self.precision},{self.scale})"
        return DUCKDB_NAMES.get(self.name, self.name.upper())

    @property
    def display(self) -> str:
        """The type as Athena shows it: `decimal(10,2)`, `integer`, `varchar`, `float`."""
        return f"decimal({self.precision},{self.scale})" if self.is_decimal else self.result_name

    @property
    def result_name(self) -> str:
        """The type's name in ResultSetMetadata, where precision and scale have members of their own."""
        return "float" if self.name == "real" else self.name

    @property
    def result_precision(self) -> int:
        """Precision as ResultSetMetadata gives it."""
        if self.is_decimal:
            return self.precision
        if self.name == "varchar":
            return UNBOUNDED if self.length is None else self.length
        return RESULT_PRECISIONS.get(self.name, 0)

    def as_decimal(self) -> Type:
        """The decimal type that holds every value of this exact type."""
        return self if self.is_decimal else Type("decimal", INTEGER_DIGITS[self.name], 0)


TINYINT, SMALLINT, INTEGER, BIGINT = (Type(name) for name in INTEGER_DIGITS)
BOOLEAN, DOUBLE, REAL, DATE, TIMESTAMP = (Type(n) for n in ("boolean", "double", "real", "date", "timestamp"))
VARCHAR, UNKNOWN = Type("varchar"), Type("unknown")


def decimal(precision: int, scale: int) -> Type:
    """A decimal type, its precision cut to what there is."""
    if scale > MAX_PRECISION:
        raise not_supported(f"a decimal of scale {scale}")
    return Type("decimal", min(MAX_PRECISION, max(precision, scale)), scale)


def parse_type(text: str) -> Type:
    """Read a type as Glue or a CAST writes it (`int`, `decimal(10,2)`, `varchar(20)`)."""
    found = re.fullmatch(r"\s*([a-z]+)\s*(?:\(\s*(\d+)\s*(?:,\s*(\d+)\s*)?\))?\s*", text.lower())
    if not found:
        raise not_supported(f"the type {text}")
    name, first, second = HIVE_NAMES.get(found[1], found[1]), found[2], found[3]
    if name == "decimal":
        precision, scale = int(first or 10), int(second or 0)
        if not 0 < precision <= MAX_PRECISION or scale > precision:
            raise not_supported(f"the type {text}")
        return Type(name, precision, scale)
    if name == "varchar" and second is None:
        return Type(name, length=int(first) if first else None)
    if name in PLAIN_TYPES and first is None:
        return Type(name)
    raise not_supported(f"the type {text}")


def common_type(one: Type, other: Type) -> Type | None:
    """The narrowest type that both coerce to without a cast, or None: Trino's implicit coercions."""
    if one == other or other == UNKNOWN:
        return one
    if one == UNKNOWN:
        return other
    if one.is_number and other.is_number:
        return _common_number(one, other)
    if one.name == other.name == "varchar":
        return _longer(one, other)
    if {one, other} == {DATE, TIMESTAMP}:
        return TIMESTAMP
    return None


def _common_number(one: Type, other: Type) -> Type:
    if one.is_floating or other.is_floating:
        return DOUBLE if DOUBLE in (one, other) else REAL
    if one.is_integer and other.is_integer:
        return max(one, other, key=lambda t: INTEGER_DIGITS[t.name])
    a, b = one.as_decimal(), other.as_decimal()
    scale = max(a.scale, b.scale)
    return decimal(max(a.precision - a.scale, b.precision - b.scale) + scale, scale)


def _longer(one: Type, other: Type) -> Type:
    if one.length is None or other.length is None:
        return VARCHAR
    return one if one.length >= other.length else other
