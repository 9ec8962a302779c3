"""Settings that are written one way and meant another: sizes, schedules, time zones, dates, column types."""

import re
import zoneinfo
from datetime import date, datetime
from typing import Annotated

from croniter import croniter  # type: ignore[import-untyped]  # Airflow reads schedules with it; it has no types
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from sightline.errors import did_you_mean
from sightline.settings.rules import Allowed, mistake, shown

LEAST_CUTOFF = 10_000_000
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
PLAIN_TYPES = (
    "string",
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "date",
    "timestamp",
)
COLUMN_TYPES = (*PLAIN_TYPES, "varchar(n)", "decimal(p,s)")
_OTHER_WORDS = {
    "integer": "int", "long": "bigint", "text": "string", "str": "string", "bool": "boolean", "real": "float",
    "datetime": "timestamp", "number": "decimal(p,s)", "numeric": "decimal(p,s)", "char": "varchar(n)",
    "decimal": "decimal(p,s)", "varchar": "varchar(n)",
}  # fmt: skip


def _bytes(value: object) -> object:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    match = re.fullmatch(r"([0-9]+(?:\.[0-9]+)?) ?(KB|MB|GB|TB)", value) if isinstance(value, str) else None
    if match is None:
        raise mistake(
            f"{shown(value)} is not a size. Allowed: a number of bytes, or a number with KB, MB, GB or TB."
        )
    return round(float(match[1]) * UNITS[match[2]])


def _at_least_ten_megabytes(value: int) -> int:
    if value < LEAST_CUTOFF:
        raise mistake(f"{value:,} bytes are too few. Allowed: 10 MB (10,000,000 bytes) or more.")
    return value


ScanCutoff = Annotated[
    int,
    Field(strict=True),
    BeforeValidator(_bytes),
    AfterValidator(_at_least_ten_megabytes),
    Allowed("10 MB or more: a number of bytes, or with KB, MB, GB or TB (decimal)"),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": LEAST_CUTOFF},
                {"type": "string", "pattern": r"^[0-9]+(\.[0-9]+)? ?(KB|MB|GB|TB)$"},
            ]
        }
    ),
]
"""Athena API reference, "WorkGroupConfiguration": BytesScannedCutoffPerQuery, at least 10,000,000."""


def _schedule(value: str) -> str:
    if not re.fullmatch(r"[0-9A-Za-z*/,#?-]+( [0-9A-Za-z*/,#?-]+){4}", value) or not croniter.is_valid(value):
        raise mistake(
            f'{shown(value)} is not a schedule. Allowed: the five fields of cron, such as "15 0 * * *".'
        )
    return value


Schedule = Annotated[str, AfterValidator(_schedule), Allowed("the five fields of cron")]


def _timezone(value: str) -> str:
    known = zoneinfo.available_timezones()
    if value not in known:
        raise mistake(
            f"{shown(value)} is not a time zone.{did_you_mean(value, known)} Allowed: names such as Asia/Tokyo."
        )
    return value


Timezone = Annotated[str, AfterValidator(_timezone), Allowed("a name of the tz database")]


def _day(value: object) -> object:
    """A number would be taken for seconds since 1970."""
    if isinstance(value, datetime) or not isinstance(value, date | str):
        raise mistake(f"{shown(value)} is not a day. Allowed: a day such as 2024-01-31.")
    return value


Day = Annotated[date, BeforeValidator(_day), Allowed("YYYY-MM-DD")]


def column_type(value: str) -> str:
    """A type of Athena in its canonical form, lower case without blanks.

    Athena user guide, "Data types in Amazon Athena".
    """
    canonical = value.replace(" ", "").lower()
    varchar = re.fullmatch(r"varchar\(([0-9]{1,5})\)", canonical)
    decimal = re.fullmatch(r"decimal\(([0-9]{1,2}),([0-9]{1,2})\)", canonical)
    if (
        canonical in PLAIN_TYPES
        or (varchar and 1 <= int(varchar[1]) <= 65535)
        or (decimal and 1 <= int(decimal[1]) <= 38 and int(decimal[2]) <= int(decimal[1]))
    ):
        return canonical
    raise mistake(
        f"{shown(value)} is not a column type.{_type_meant(canonical)} Allowed: {', '.join(COLUMN_TYPES)} "
        "(n from 1 to 65535, p from 1 to 38, s from 0 to p)."
    )


def _type_meant(canonical: str) -> str:
    word = canonical.partition("(")[0]
    if word in _OTHER_WORDS and canonical not in COLUMN_TYPES:
        return f' Did you mean "{_OTHER_WORDS[word]}"?'
    return did_you_mean(word, PLAIN_TYPES)


def _any_case(word: str) -> str:
    return "".join(f"[{letter}{letter.upper()}]" for letter in word)


_TYPE_PATTERNS = (
    *map(_any_case, PLAIN_TYPES),
    _any_case("varchar") + r" *\( *[0-9]+ *\)",
    _any_case("decimal") + r" *\( *[0-9]+ *, *[0-9]+ *\)",
)
ColumnType = Annotated[
    str,
    AfterValidator(column_type),
    Allowed(", ".join(COLUMN_TYPES)),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": f"^(?:{'|'.join(_TYPE_PATTERNS)})$",
            "examples": list(PLAIN_TYPES),
        }
    ),
]
