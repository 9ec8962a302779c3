"""Glue's catalogue of one account and region, as one caller may use it: the doorway to moto's Glue backend."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from moto.glue.models import glue_backends

from local_aws.stores import STORE_LOCK

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from local_aws.calls import Caller
    from local_aws.iam.authorizer import Authorizer

TEXT_INPUT = "org.apache.hadoop.mapred.TextInputFormat"
TEXT_OUTPUT = "org.apache.hadoop.hive.ql.io.HiveIgnoreKeyTextOutputFormat"
LAZY_SIMPLE = "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe"
OPEN_CSV = "org.apache.hadoop.hive.serde2.OpenCSVSerde"


@dataclass(frozen=True)
class Column:
    """A column or a partition key; `type` as Glue writes it (`int`, `decimal(10,2)`)."""

    name: str
    type: str
    comment: str | None = None

    def as_glue(self) -> dict[str, str]:
        """The column as Glue's API gives it."""
        comment = {"Comment": self.comment} if self.comment is not None else {}
        return {"Name": self.name, "Type": self.type, **comment}


@dataclass(frozen=True)
class Partition:
    """A registered partition: its values as texts, in the order of the partition keys, and its location."""

    values: tuple[str, ...]
    location: str


@dataclass(frozen=True)
class Table:
    """A table of text files."""

    database: str
    name: str
    columns: tuple[Column, ...]
    partition_keys: tuple[Column, ...]
    location: str
    serde: str = LAZY_SIMPLE
    serde_parameters: Mapping[str, str] = field(default_factory=dict)
    parameters: Mapping[str, str] = field(default_factory=dict)
    input_format: str = TEXT_INPUT
    raw: Mapping[str, Any] = field(default_factory=dict)

    @property
    def full_name(self) -> str:
        """`database.table`."""
        return f"{self.database}.{self.name}"

    @classmethod
    def from_glue(cls, answer: Mapping[str, Any]) -> Table:
        """Read Glue's own form of a table."""
        storage = answer.get("StorageDescriptor") or {}
        serde = storage.get("SerdeInfo") or {}
        return cls(
            database=answer["DatabaseName"],
            name=answer["Name"],
            columns=_columns(storage.get("Columns")),
            partition_keys=_columns(answer.get("PartitionKeys")),
            location=storage.get("Location") or "",
            serde=serde.get("SerializationLibrary") or "",
            serde_parameters=serde.get("Parameters") or {},
            parameters=answer.get("Parameters") or {},
            input_format=storage.get("InputFormat") or "",
            raw=answer,
        )

    def as_glue(self) -> dict[str, Any]:
        """The TableInput that Glue stores."""
        return {
            "Name": self.name,
            "TableType": "EXTERNAL_TABLE",
            "Parameters": {"EXTERNAL": "TRUE", **self.parameters},
            "PartitionKeys": [column.as_glue() for column in self.partition_keys],
            "StorageDescriptor": self.storage(self.location),
        }

    def storage(self, location: str) -> dict[str, Any]:
        """The StorageDescriptor of this table, or of a partition of it at another location."""
        return {
            "Columns": [column.as_glue() for column in self.columns],
            "Location": location,
            "InputFormat": self.input_format,
            "OutputFormat": TEXT_OUTPUT,
            "Compressed": False,
            "NumberOfBuckets": -1,
            "SerdeInfo": {"SerializationLibrary": self.serde, "Parameters": dict(self.serde_parameters)},
            "SortColumns": [],
            "StoredAsSubDirectories": False,
        }


def _columns(found: Iterable[Mapping[str, str]] | None) -> tuple[Column, ...]:
    return tuple(Column(c["Name"].lower(), c.get("Type", "string"), c.get("Comment")) for c in found or ())


class GlueCatalog:
    """The catalogue; every method asks IAM first, for each level that Glue asks for."""

    def __init__(self, authorizer: Authorizer, caller: Caller, region: str) -> None:
        self._authorizer, self._caller, self._region = authorizer, caller, region
        self._backend = glue_backends[caller.account_id][region]

    def _require(self, action: str, database: str = "", table: str = "") -> None:
        resources = ["catalog"]
        resources += [f"database/{database}"] if database else []
        resources += [f"table/{database}/{table}"] if table else []
        for resource in resources:
            arn = f"arn:aws:glue:{self._region}:{self._caller.account_id}:{resource}"
            self._authorizer.require(self._caller, f"glue:{action}", arn)

    def databases(self) -> list[dict[str, Any]]:
        """All databases as Glue gives them, by name."""
        self._require("GetDatabases")
        with STORE_LOCK:
            return [self._backend.databases[name].as_dict() for name in sorted(self._backend.databases)]

    def database(self, name: str) -> dict[str, Any] | None:
        """A database as Glue gives it, or None."""
        self._require("GetDatabase", name)
        with STORE_LOCK:
            found = self._backend.databases.get(name)
            return found.as_dict() if found else None

    def create_database(self, name: str, database_input: Mapping[str, Any]) -> bool:
        """Create a database; False when there is one of this name."""
        self._require("CreateDatabase", name)
        with STORE_LOCK:
            if name in self._backend.databases:
                return False
            self._backend.create_database(name, {"Name": name, **database_input})
            return True

    def drop_database(self, name: str) -> None:
        """Drop a database with the tables in it."""
        self._require("DeleteDatabase", name)
        with STORE_LOCK:
            self._backend.databases.pop(name, None)

    def tables(self, database: str) -> list[Table]:
        """The tables of a database that exists, by name."""
        self._require("GetTables", database)
        with STORE_LOCK:
            found = self._backend.databases[database].tables
            return [Table.from_glue(found[name].as_dict()) for name in sorted(found)]

    def table(self, database: str, name: str) -> Table | None:
        """A table, or None."""
        self._require("GetTable", database, name)
        with STORE_LOCK:
            held = self._backend.databases.get(database)
            found = held.tables.get(name) if held else None
            return Table.from_glue(found.as_dict()) if found else None

    def create_table(self, table: Table) -> bool:
        """Create a table in a database that exists; False when there is one of this name."""
        self._require("CreateTable", table.database, table.name)
        with STORE_LOCK:
            if table.name in self._backend.databases[table.database].tables:
                return False
            self._backend.create_table(table.database, table.name, table.as_glue())
            return True

    def drop_table(self, table: Table) -> None:
        """Drop a table; its objects stay."""
        self._require("DeleteTable", table.database, table.name)
        with STORE_LOCK:
            self._backend.databases[table.database].tables.pop(table.name, None)

    def _stored(self, table: Table) -> Any:
        return self._backend.get_table(table.database, table.name)

    def partitions(self, table: Table) -> list[Partition]:
        """The registered partitions, in the order of their registration."""
        self._require("GetPartitions", table.database, table.name)
        with STORE_LOCK:
            stored = [p.as_dict() for p in self._stored(table).partitions.values()]
        return [
            Partition(tuple(p["Values"]), (p.get("StorageDescriptor") or {}).get("Location") or "")
            for p in stored
        ]

    def add_partitions(self, table: Table, partitions: Iterable[Partition]) -> list[Partition]:
        """Register partitions; those whose values are registered already are left and returned."""
        self._require("BatchCreatePartition", table.database, table.name)
        with STORE_LOCK:
            stored, existing = self._stored(table), []
            for partition in partitions:
                if str(list(partition.values)) in stored.partitions:
                    existing.append(partition)
                else:
                    stored.create_partition(_partition_input(table, partition))
            return existing

    def set_location(self, table: Table, partition: Partition) -> None:
        """Give a registered partition another location."""
        self._require("UpdatePartition", table.database, table.name)
        with STORE_LOCK:
            self._stored(table).update_partition(list(partition.values), _partition_input(table, partition))

    def drop_partitions(self, table: Table, partitions: Iterable[Partition]) -> None:
        """Forget registered partitions; their objects stay."""
        self._require("DeletePartition", table.database, table.name)
        with STORE_LOCK:
            for partition in partitions:
                self._stored(table).partitions.pop(str(list(partition.values)), None)


def _partition_input(table: Table, partition: Partition) -> dict[str, Any]:
    return {
        "Values": list(partition.values),
        "StorageDescriptor": table.storage(partition.location),
        "Parameters": {},
    }
