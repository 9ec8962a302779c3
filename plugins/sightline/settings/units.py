"""Settings that are written one way and meant another: sizes, schedules, time zones, dates, column types."""

import re
import zoneinfo
from datetime import date, datetime
from functools import cache
from typing import Annotated

# Airflow reads schedules with it, so what it takes here is taken there. It has no types.
from croniter import CroniterBadDateError, croniter  # type: ignore[import-untyped]
from pydantic import AfterValidator, BeforeValidator, Field, WithJsonSchema

from sightline.errors import did_you_mean
from sightline.settings.rules import Allowed, mistake, shown

LEAST_CUTOFF, LARGEST_CUTOFF = 10**7, 10**18
UNITS = {"KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12}
_SIZE = r"([0-9]{1,9}(?:\.[0-9]{1,9})?) ?(KB|MB|GB|TB)"
_SIZES = "10 MB to 1000000 TB, as a number of bytes or with KB, MB, GB or TB (decimal)"
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
    match = re.fullmatch(_SIZE, value) if isinstance(value, str) else None
    if match is None:
        raise mistake(f"{shown(value)} is not a size. Allowed: {_SIZES}.")
    return round(float(match[1]) * UNITS[match[2]])


def _within_athenas_limits(value: int) -> int:
    if not LEAST_CUTOFF <= value <= LARGEST_CUTOFF:
        raise mistake(
            f"{value:,} bytes are too {'few' if value < LEAST_CUTOFF else 'many'}. Allowed: {_SIZES}."
        )
    return value


ScanCutoff = Annotated[
    int,
    Field(strict=True),
    BeforeValidator(_bytes),
    AfterValidator(_within_athenas_limits),
    Allowed(_SIZES),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": "integer", "minimum": LEAST_CUTOFF, "maximum": LARGEST_CUTOFF},
                {"type": "string", "pattern": f"^{_SIZE}$"},
            ]
        }
    ),
]
"""Athena API reference, "WorkGroupConfiguration": BytesScannedCutoffPerQuery, at least 10,000,000."""


_CRON_FIELD = r"(?:[0-9*/,#?-]|[A-Za-z]{3}|L)+"


def _schedule(value: str) -> str:
    if not re.fullmatch(rf"{_CRON_FIELD}(?: {_CRON_FIELD}){{4}}", value) or not croniter.is_valid(value):
        raise mistake(
            f'{shown(value)} is not a schedule. Allowed: the five fields of cron, such as "15 0 * * *".'
        )
    try:
        croniter(value).get_next()
    except CroniterBadDateError:
        raise mistake(f"{shown(value)} never comes. Allowed: a schedule that does.") from None
    return value


Schedule = Annotated[str, AfterValidator(_schedule), Allowed("the five fields of cron")]


@cache
def _timezones() -> frozenset[str]:
    return frozenset(zoneinfo.available_timezones())


def _timezone(value: str) -> str:
    if value not in _timezones():
        hint = did_you_mean(value, sorted(_timezones()))
        raise mistake(f"{shown(value)} is not a time zone.{hint} Allowed: names such as Asia/Tokyo.")
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
