"""The DDL statements that are done, as values: what a text says, before anything is looked up."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.athena.glue_catalog import Column


@dataclass(frozen=True)
class TableName:
    """`database.table`; without a database it is the one of the query's context."""

    database: str | None
    name: str


@dataclass(frozen=True)
class PartitionSpec:
    """`PARTITION (year=2024, month=01) [LOCATION '…']`: values as written, by key."""

    values: Mapping[str, str | None]
    location: str | None = None


@dataclass(frozen=True)
class CreateDatabase:
    """CREATE DATABASE."""

    name: str
    if_not_exists: bool
    properties: Mapping[str, object]


@dataclass(frozen=True)
class DropDatabase:
    """DROP DATABASE."""

    name: str
    if_exists: bool
    cascade: bool


@dataclass(frozen=True)
class CreateTable:
    """CREATE EXTERNAL TABLE."""

    table: TableName
    if_not_exists: bool
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...]
    serde: str
    serde_parameters: Mapping[str, str]
    location: str
    parameters: Mapping[str, str]


@dataclass(frozen=True)
class DropTable:
    """DROP TABLE."""

    table: TableName
    if_exists: bool


@dataclass(frozen=True)
class AddPartitions:
    """ALTER TABLE … ADD PARTITION …."""

    table: TableName
    if_not_exists: bool
    partitions: tuple[PartitionSpec, ...]


@dataclass(frozen=True)
class SetLocation:
    """ALTER TABLE … PARTITION (…) SET LOCATION '…'."""

    table: TableName
    partition: PartitionSpec


@dataclass(frozen=True)
class DropPartitions:
    """ALTER TABLE … DROP PARTITION …."""

    table: TableName
    if_exists: bool
    partitions: tuple[PartitionSpec, ...]


@dataclass(frozen=True)
class RepairTable:
    """MSCK REPAIR TABLE."""

    table: TableName


@dataclass(frozen=True)
class ShowDatabases:
    """SHOW DATABASES."""


@dataclass(frozen=True)
class ShowTables:
    """SHOW TABLES [IN database]."""

    database: str | None


@dataclass(frozen=True)
class ShowPartitions:
    """SHOW PARTITIONS table."""

    table: TableName


Statement = (
    CreateDatabase
    | DropDatabase
    | CreateTable
    | DropTable
    | AddPartitions
    | SetLocation
    | DropPartitions
    | RepairTable
    | ShowDatabases
    | ShowTables
    | ShowPartitions
)
