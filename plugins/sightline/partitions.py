"""Months, and where each month of a table is: object keys, partition values, locations. Pure functions.

s3://account1-athena-test-111111111111/account1/data/sales/year=2024/month=01/sales_data_2024_01.csv
     └─ bucket ───────────────────────┘└─ prefix ─────────┘└─ folder part ───┘└─ file part ────────┘
└─ the table's location ──────────────────────────────────┘
└─ the partition's location ────────────────────────────────────────────────┘
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from pydantic_core import CoreSchema, core_schema

if TYPE_CHECKING:
    from datetime import date

    from sightline.settings import Table


@dataclass(frozen=True, order=True)
class Month:
    """A month of the calendar; in text, and in JSON, `2024-01`."""

    year: int
    month: int

    def __post_init__(self) -> None:
        if not (1 <= self.year <= 9999 and 1 <= self.month <= 12):
            raise ValueError(
                f"There is no month {self.month} of the year {self.year}. Months are 0001-01 to 9999-12."
            )

    def __str__(self) -> str:
        return f"{self.year:04d}-{self.month:02d}"

    @classmethod
    def parse(cls, text: str) -> Month:
        """The month that `2024-01` is.

        Raises:
            ValueError: the text is no month.
        """
        if not re.fullmatch(r"[0-9]{4}-[0-9]{2}", text):
            raise ValueError(f'"{text}" is not a month. Write it as 2024-01.')
        return cls(int(text[:4]), int(text[5:]))

    @classmethod
    def of(cls, day: date) -> Month:
        """The month that a day is in."""
        return cls(day.year, day.month)

    def plus(self, months: int) -> Month:
        """The month that is so many months later; earlier, for a negative number."""
        years, month = divmod(self.year * 12 + self.month - 1 + months, 12)
        return Month(years, month + 1)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> CoreSchema:
        """Months travel as text, as keys of a mapping too."""
        text = core_schema.no_info_after_validator_function(cls.parse, core_schema.str_schema())
        return core_schema.json_or_python_schema(
            json_schema=text,
            python_schema=core_schema.union_schema([core_schema.is_instance_schema(cls), text]),
            serialization=core_schema.to_string_ser_schema(),
        )


def months_between(first: Month, last: Month) -> tuple[Month, ...]:
    """Every month from the first to the last, both included; none when the last is before the first."""
    count = (last.year - first.year) * 12 + last.month - first.month + 1
    return tuple(first.plus(number) for number in range(max(count, 0)))


# ------------------------------------------------------------------------------------ keys and locations


def _in_month(text: str, month: Month) -> str:
    return text.replace("{year}", f"{month.year:04d}").replace("{month}", f"{month.month:02d}")


def partition_prefix(table: Table, month: Month) -> str:
    """Where the keys of a month start: the table's prefix and the folder part of its pattern."""
    return table.prefix + _in_month(table.objects.rpartition("/")[0], month) + "/"


def partition_location(table: Table, month: Month) -> str:
    """The location of a month's partition, `s3://bucket/prefix/year=2024/month=01/`."""
    return f"s3://{table.bucket}/{partition_prefix(table, month)}"


def expected_key(table: Table, month: Month) -> str:
    """The key of a month's object, or the pattern with `*` that its several objects match."""
    return table.prefix + _in_month(table.objects, month)


def partition_values(month: Month) -> dict[str, str]:
    """The partition's values as Glue stores them after DDL: integers, so `1` and not `01`."""
    return {"year": str(month.year), "month": str(month.month)}


def object_regex(table: Table, month: Month | None = None) -> str:
    """A regular expression for whole object keys: of any month (groups `year` and `month`), or of this one."""
    return _regex(table.prefix, _in_month(table.objects, month) if month else table.objects)


def _regex(prefix: str, objects: str) -> str:
    folder, _, file = objects.rpartition("/")
    # A star does not reach into another folder; Athena passes over files whose names start with _ or a dot.
    text = re.escape(f"{prefix}{folder}/") + r"(?![_.])" + re.escape(file).replace(r"\*", "[^/]*")
    for name, digits in (("year", "[0-9]{4}"), ("month", "0[1-9]|1[0-2]")):
        placeholder = rf"\{{{name}\}}"
        text = text.replace(placeholder, f"(?P<{name}>{digits})", 1).replace(placeholder, f"(?P={name})")
    return rf"\A{text}\Z"


@lru_cache(maxsize=1024)
def _compiled(prefix: str, objects: str) -> re.Pattern[str]:
    return re.compile(_regex(prefix, objects))


def month_of_key(table: Table, key: str) -> Month | None:
    """The month that an object belongs to, by its full key; None when the pattern does not match."""
    match = _compiled(table.prefix, table.objects).match(key)
    if match is None or match["year"] == "0000":
        return None
    return Month(int(match["year"]), int(match["month"]))


def is_hidden(key: str) -> bool:
    """Whether Athena passes an object over: its name, or a folder above it, starts with `_` or a dot.

    The settings refuse such folders in `prefix` and `objects`, so it does not matter how much of the key is given.
    """
    return any(part.startswith(("_", ".")) for part in key.split("/"))


def is_folder_marker(key: str) -> bool:
    """Whether an object only stands for a folder, as the S3 console makes them."""
    return key.endswith("/")


# ------------------------------------------------------------------------------------ months and days


def _zone(timezone: str | tzinfo) -> tzinfo:
    return ZoneInfo(timezone) if isinstance(timezone, str) else timezone


def _day(moment: datetime, timezone: str | tzinfo) -> date:
    if moment.tzinfo is None:
        raise ValueError(f"{moment.isoformat()} has no time zone, so nobody knows which day it is.")
    return moment.astimezone(_zone(timezone)).date()


def month_of_run(
    table: Table,
    *,
    interval_end: datetime | None,
    requested: Month | None,
    now: datetime,
    timezone: str | tzinfo,
) -> Month:
    """Which month of a table a run is for.

    A month that was asked for wins. Otherwise the run is for the day before its data interval ends (without an
    interval: before today): `daily` means that day's month, `after_month_end` the last month that was over then. Days
    are those of the account's time zone. So the run made just after midnight of 1 February is for January in both.
    """
    if requested is not None:
        return requested
    end = _day(interval_end or now, timezone)
    if table.delivered == "after_month_end":
        return Month.of(end).plus(-1)
    return Month.of(end - timedelta(days=1))


def due_at(table: Table, month: Month, timezone: str | tzinfo) -> datetime:
    """When a month's objects are late if they are not there: the end of the due day, in the account's time zone.

    The due day is one of the month itself (`daily`) or of the next month (`after_month_end`); in a month that is too
    short for it, it is the last day.
    """
    due_month = month if table.delivered == "daily" else month.plus(1)
    first_of_next = datetime(due_month.plus(1).year, due_month.plus(1).month, 1, tzinfo=_zone(timezone))
    days = (first_of_next.date() - timedelta(days=1)).day
    return first_of_next - timedelta(days=days - min(table.due_day, days))
