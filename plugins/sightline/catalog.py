"""The Glue catalog's answers, wrapped once, and how they are compared with the settings."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sightline.partitions import Month, partition_location, partition_values
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
        Athena then reads the month twice. Of two, the one with DDL's values is the month's: statements mean it.
        """
        registered: dict[Month, list[_Partition]] = {}
        misfits = []
        for partition in map(_Partition.from_response, entries):
            if partition.month is None:
                misfits.append(f"partition {partition} is of no month; remove it with {partition.removal}")
            else:
                registered.setdefault(partition.month, []).append(partition)
        locations = {}
        for month, same in registered.items():
            kept, *extra = sorted(same, key=lambda one: one.values != tuple(partition_values(month).values()))
            locations[month] = kept.location
            misfits += [_doubled(month, kept, one) for one in extra]
        return cls(locations, tuple(misfits))

    def of(self, months: Iterable[Month]) -> Partitions:
        """Keep these months only: what others register meanwhile is not theirs."""
        return Partitions({month: self.locations[month] for month in months if month in self.locations})

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


LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


@dataclass(frozen=True)
class _Partition:
    """One of GetPartitions' entries; `month` is None if its values are no month's."""

    values: tuple[str, ...]
    location: str
    month: Month | None

    @classmethod
    def from_response(cls, entry: Mapping[str, Any]) -> _Partition:
        values = tuple(entry["Values"])
        return cls(values, entry["StorageDescriptor"]["Location"], _month_of(values))

    @property
    def removal(self) -> str:
        """The call that removes just this one; DROP PARTITION would compare numbers and remove both of two."""
        return f"glue:DeletePartition, values {json.dumps(self.values)}"

    def __str__(self) -> str:
        return f"({', '.join(self.values)}) at {self.location}"


def _doubled(month: Month, kept: _Partition, extra: _Partition) -> str:
    return (
        f"{month} is registered twice, as {kept} and as {extra}, so its rows may count twice; remove the second with "
        f"{extra.removal}"
    )


def _month_of(values: Sequence[str]) -> Month | None:
    try:
        year, month = (int(value) for value in values)
        return Month(year, month)
    except ValueError:
        return None


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
