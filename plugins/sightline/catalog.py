"""The Glue catalog's answers, wrapped once, and how they are compared with the settings."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
class CatalogTable:
    """A table as Glue describes it: columns and partition keys as (name, type), partitions as month → location."""

    columns: NamesAndTypes
    partition_keys: NamesAndTypes
    location: str
    partitions: Mapping[Month, str]

    @classmethod
    def from_responses(
        cls, table: Mapping[str, Any], partitions: Iterable[Mapping[str, Any]]
    ) -> CatalogTable:
        """Wrap GetTable's `Table` and GetPartitions' `Partitions`.

        Partition values are compared as numbers: DDL stores month 1 as "1", a crawler or MSCK as "01".
        """
        storage = table["StorageDescriptor"]
        return cls(
            columns=_names_and_types(storage["Columns"]),
            partition_keys=_names_and_types(table.get("PartitionKeys", [])),
            location=storage["Location"],
            partitions={
                Month(*(int(value) for value in partition["Values"])): partition["StorageDescriptor"][
                    "Location"
                ]
                for partition in partitions
            },
        )

    def partition_state(self, table: Table, month: Month) -> PartitionState:
        """Compare the month's partition with where the settings say its files are."""
        location = self.partitions.get(month)
        if location is None:
            return PartitionState.MISSING
        if location.rstrip("/") == partition_location(table, month).rstrip("/"):
            return PartitionState.RIGHT
        return PartitionState.OTHER_LOCATION

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
        ]
        return [
            f"{what}: the catalog has {_shown(found)}, accounts.yaml declares {_shown(expected)}"
            for what, found, expected in compared
            if found != expected
        ]


def _names_and_types(columns: Iterable[Mapping[str, str]]) -> NamesAndTypes:
    return tuple((column["Name"], column["Type"].lower().replace(" ", "")) for column in columns)


def _shown(value: Compared) -> str:
    return value if isinstance(value, str) else "(" + ", ".join(" ".join(pair) for pair in value) + ")"
