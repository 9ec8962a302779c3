"""The Glue catalog's answers, wrapped once, and how they are compared with the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sightline.partitions import Month, partition_location
from sightline.settings import Table

NamesAndTypes = tuple[tuple[str, str], ...]
Compared = str | NamesAndTypes

PARTITION_KEYS: NamesAndTypes = (("year", "int"), ("month", "int"))


class PartitionState(StrEnum):
    """What the catalog says about a month's partition."""

    MISSING = "missing"
    RIGHT = "right"
    OTHER_LOCATION = "other location"


@dataclass(frozen=True)
class Partitions:
    """A table's registered partitions.

    Attributes:
        locations: month → location.
        misfits: partitions that belong to no month, or to one that another partition has already, a sentence each.
    """

    locations: Mapping[Month, str]
    misfits: tuple[str, ...] = ()

    @classmethod
    def from_responses(cls, entries: Iterable[Mapping[str, Any]]) -> Partitions:
        """Wrap GetPartitions' `Partitions`.

        Partition values are compared as numbers: DDL stores month 1 as "1", a crawler or MSCK may store "01", and
        Athena then reads the month twice.
        """
        locations: dict[Month, str] = {}
        misfits = []
        for entry in entries:
            month, location = _month_of(entry["Values"]), entry["StorageDescriptor"]["Location"]
            if month is None:
                misfits.append(f"partition {_values(entry)} is of no month; {_REMOVE} {_values(entry)}")
            elif month in locations:
                misfits.append(
                    f"{month} is registered twice, at {locations[month]} and as {_values(entry)} at {location}, so its "
                    f"rows count twice; {_REMOVE} {_values(entry)}"
                )
            else:
                locations[month] = location
        return cls(locations, tuple(misfits))

    def state(self, table: Table, month: Month) -> PartitionState:
        """Compare the month's partition with where the settings say its files are."""
        location = self.locations.get(month)
        if location is None:
            return PartitionState.MISSING
        if location.rstrip("/") == partition_location(table, month).rstrip("/"):
            return PartitionState.RIGHT
        return PartitionState.OTHER_LOCATION


@dataclass(frozen=True)
class CatalogTable:
    """A table as Glue describes it, without its partitions: columns and partition keys as (name, type), text format."""

    columns: NamesAndTypes
    partition_keys: NamesAndTypes
    location: str
    text_format: NamesAndTypes

    @classmethod
    def from_response(cls, table: Mapping[str, Any]) -> CatalogTable:
        """Wrap GetTable's `Table`."""
        storage = table["StorageDescriptor"]
        return cls(
            columns=_names_and_types(storage["Columns"]),
            partition_keys=_names_and_types(table.get("PartitionKeys", [])),
            location=storage["Location"],
            text_format=_stored_format(storage.get("SerdeInfo", {}), table.get("Parameters", {})),
        )

    def differences(self, table: Table) -> list[str]:
        """List where the catalog's table is not what the settings declare, a line each; none if they agree.

        `CREATE TABLE IF NOT EXISTS` keeps a table that differs without a word, and CSV columns bind by position, so a
        difference here would shift values silently.
        """
        declared = tuple((column.name, column.type) for column in table.columns)
        compared: list[tuple[str, Compared, Compared]] = [
            ("columns", self.columns, declared),
            ("partition keys", self.partition_keys, PARTITION_KEYS),
            ("location", self.location.rstrip("/"), table.location.rstrip("/")),
            ("text format", self.text_format, _declared_format(table)),
        ]
        return [
            f"{what}: the catalog has {_shown(found)}, accounts.yaml declares {_shown(expected)}"
            for what, found, expected in compared
            if found != expected
        ]


_REMOVE = "remove it with glue:DeletePartition, values"
LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


def _month_of(values: Sequence[str]) -> Month | None:
    try:
        year, month = (int(value) for value in values)
        return Month(year, month)
    except ValueError:
        return None


def _values(entry: Mapping[str, Any]) -> str:
    return "(" + ", ".join(entry["Values"]) + ")"


def _stored_format(serde: Mapping[str, Any], parameters: Mapping[str, str]) -> NamesAndTypes:
    """Read how Athena's DDL stores what a table's text looks like."""
    library, given = serde.get("SerializationLibrary", LAZY_SIMPLE), serde.get("Parameters", {})
    if library == OPEN_CSV:
        delimiter = given.get("separatorChar", ",")
    else:
        delimiter = given.get("field.delim", given.get("serialization.format", "\x01"))
    skipped = parameters.get("skip.header.line.count", "0")
    return (("serde", library), ("delimiter", delimiter), ("header lines", skipped))


def _declared_format(table: Table) -> NamesAndTypes:
    text = table.text_format
    library = OPEN_CSV if text.serde == "open_csv" else LAZY_SIMPLE
    return (("serde", library), ("delimiter", text.delimiter), ("header lines", "1" if text.header else "0"))


def _names_and_types(columns: Iterable[Mapping[str, str]]) -> NamesAndTypes:
    return tuple((column["Name"], column["Type"].lower().replace(" ", "")) for column in columns)


def _shown(value: Compared) -> str:
    return value if isinstance(value, str) else "(" + ", ".join(" ".join(pair) for pair in value) + ")"
