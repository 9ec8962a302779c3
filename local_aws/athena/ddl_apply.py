"""DDL done: a parsed statement changes or reads Glue's catalogue, as its caller."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.athena import statements
from local_aws.athena.failures import QueryError, ddl_failed, not_supported
from local_aws.athena.glue_catalog import Partition, Table
from local_aws.athena.locations import Location
from local_aws.athena.types import Type, parse_type

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from local_aws.athena.glue_catalog import GlueCatalog

NULL_PARTITION = "__HIVE_DEFAULT_PARTITION__"


@dataclass(frozen=True)
class Listing:
    """What SHOW answers: one column of texts; other DDL has none."""

    column: str = ""
    rows: tuple[str, ...] = ()


NOTHING = Listing()


class DdlApplier:
    """Applies statements to one catalogue; `folders` lists the keys below a location (for MSCK REPAIR)."""

    def __init__(
        self, catalog: GlueCatalog, database: str | None, folders: Callable[[Location], Iterable[str]]
    ) -> None:
        self._catalog, self._database, self._folders = catalog, database, folders

    def apply(self, statement: statements.Statement) -> Listing:
        """Do what a statement says."""
        applied: Listing = getattr(self, METHODS[type(statement)])(statement)
        return applied

    def create_database(self, statement: statements.CreateDatabase) -> Listing:
        """CREATE DATABASE."""
        created = self._catalog.create_database(statement.name, statement.properties)
        if not created and not statement.if_not_exists:
            raise ddl_failed(f"AlreadyExistsException(message:Database {statement.name} already exists)")
        return NOTHING

    def drop_database(self, statement: statements.DropDatabase) -> Listing:
        """DROP DATABASE, refused when it holds tables and CASCADE is not said."""
        if not self._catalog.database(statement.name):
            return _unless(statement.if_exists, f"Database does not exist: {statement.name}", 10072)
        if not statement.cascade and self._catalog.tables(statement.name):
            raise ddl_failed(
                f"InvalidOperationException(message:Database {statement.name} is not empty. One or more tables exist.)"
            )
        self._catalog.drop_database(statement.name)
        return NOTHING

    def create_table(self, statement: statements.CreateTable) -> Listing:
        """CREATE EXTERNAL TABLE."""
        database, name = self._in_database(statement.table)
        names = [column.name for column in (*statement.columns, *statement.partition_keys)]
        if doubled := {column for column in names if names.count(column) > 1}:
            raise QueryError(
                f"FAILED: SemanticException [Error 10036]: Duplicate column name: {min(doubled)}"
            )
        table = Table(
            database=database,
            name=name,
            columns=statement.columns,
            partition_keys=statement.partition_keys,
            location=Location.parse(statement.location).uri,
            serde=statement.serde,
            serde_parameters=statement.serde_parameters,
            parameters=statement.parameters,
        )
        if not self._catalog.database(database):
            raise _semantic(10072, f"Database does not exist: {database}")
        if not self._catalog.create_table(table) and not statement.if_not_exists:
            raise ddl_failed(f"AlreadyExistsException(message:Table {name} already exists.)")
        return NOTHING

    def drop_table(self, statement: statements.DropTable) -> Listing:
        """DROP TABLE."""
        table = self._catalog.table(*self._in_database(statement.table))
        if not table:
            return _unless(statement.if_exists, f"Table not found {statement.table.name}", 10001)
        self._catalog.drop_table(table)
        return NOTHING

    def add_partitions(self, statement: statements.AddPartitions) -> Listing:
        """ALTER TABLE … ADD PARTITION: all of them, or none where one exists and IF NOT EXISTS is not said."""
        table = self._table(statement.table)
        wanted = [_new_partition(table, spec) for spec in statement.partitions]
        existing = {p.values for p in self._catalog.partitions(table)}
        for number, partition in enumerate(wanted):
            known = partition.values in existing or partition.values in {p.values for p in wanted[:number]}
            if known and not statement.if_not_exists:
                raise ddl_failed(
                    f"AlreadyExistsException(message:Partition already exists: {_spec_text(table, partition.values)})"
                )
        self._catalog.add_partitions(table, wanted)
        return NOTHING

    def set_location(self, statement: statements.SetLocation) -> Listing:
        """ALTER TABLE … PARTITION (…) SET LOCATION."""
        table = self._table(statement.table)
        wanted = _new_partition(table, statement.partition)
        matching = _matching(table, self._catalog.partitions(table), statement.partition.values)
        if not matching:
            raise _semantic(10006, f"Partition not found {_spec_text(table, wanted.values)}")
        for partition in matching:
            self._catalog.set_location(table, Partition(partition.values, wanted.location))
        return NOTHING

    def drop_partitions(self, statement: statements.DropPartitions) -> Listing:
        """ALTER TABLE … DROP PARTITION: a spec of some keys drops all that match; values are compared typed."""
        table = self._table(statement.table)
        registered, dropped = self._catalog.partitions(table), []
        for spec in statement.partitions:
            matching = _matching(table, registered, spec.values)
            if not matching and not statement.if_exists:
                raise _semantic(10006, f"Partition not found {dict(spec.values)}")
            dropped += matching
        self._catalog.drop_partitions(table, dropped)
        return NOTHING

    def repair_table(self, statement: statements.RepairTable) -> Listing:
        """MSCK REPAIR TABLE: register every folder `key=value/…/` below the table; values as the folder writes them."""
        table = self._table(statement.table)
        location = Location.registered(table.location)
        found: dict[tuple[str, ...], Partition] = {}
        for key in self._folders(location):
            folders = key.removeprefix(location.prefix).split("/")[: len(table.partition_keys)]
            pairs = [folder.partition("=") for folder in folders]
            if [pair[0].lower() for pair in pairs] == [key.name for key in table.partition_keys]:
                values = tuple(pair[2] for pair in pairs)
                found[values] = Partition(values, f"{location.uri}{'/'.join(folders)}/")
        added = [
            p for p in found.values() if p.values not in {r.values for r in self._catalog.partitions(table)}
        ]
        self._catalog.add_partitions(table, added)
        return NOTHING

    def show_databases(self, _: statements.ShowDatabases) -> Listing:
        """SHOW DATABASES."""
        return Listing("database_name", tuple(d["Name"] for d in self._catalog.databases()))

    def show_tables(self, statement: statements.ShowTables) -> Listing:
        """SHOW TABLES."""
        database = statement.database or self._database or "default"
        if not self._catalog.database(database):
            raise _semantic(10072, f"Database does not exist: {database}")
        return Listing("tab_name", tuple(table.name for table in self._catalog.tables(database)))

    def show_partitions(self, statement: statements.ShowPartitions) -> Listing:
        """SHOW PARTITIONS: `year=2024/month=1`, one a line."""
        table = self._table(statement.table)
        if not table.partition_keys:
            raise ddl_failed(f"Table {table.full_name} is not a partitioned table")
        return Listing(
            "partition", tuple(_spec_text(table, p.values) for p in self._catalog.partitions(table))
        )

    def _in_database(self, name: statements.TableName) -> tuple[str, str]:
        return name.database or self._database or "default", name.name

    def _table(self, name: statements.TableName) -> Table:
        found = self._catalog.table(*self._in_database(name))
        if not found:
            raise _semantic(10001, f"Table not found {'.'.join(self._in_database(name))}")
        return found


METHODS = {
    statements.CreateDatabase: "create_database",
    statements.DropDatabase: "drop_database",
    statements.CreateTable: "create_table",
    statements.DropTable: "drop_table",
    statements.AddPartitions: "add_partitions",
    statements.SetLocation: "set_location",
    statements.DropPartitions: "drop_partitions",
    statements.RepairTable: "repair_table",
    statements.ShowDatabases: "show_databases",
    statements.ShowTables: "show_tables",
    statements.ShowPartitions: "show_partitions",
}


def _semantic(number: int, message: str) -> QueryError:
    return QueryError(f"FAILED: SemanticException [Error {number}]: {message}")


def _unless(allowed: bool, message: str, number: int) -> Listing:
    if not allowed:
        raise _semantic(number, message)
    return NOTHING


def partition_value(declared: Type, text: str | None) -> str:
    """A partition's value as DDL stores it: integers without leading zeros (`month=01` is "1")."""
    if text is None:
        return NULL_PARTITION
    if declared.is_integer:
        if not re.fullmatch(r"-?\d+", text):
            raise ddl_failed(f"SemanticException: the partition value '{text}' is no {declared.name}")
        return str(int(text))
    if declared.name in ("varchar", "date"):
        return text
    raise not_supported(f"a partition key of type {declared.display}")


def _new_partition(table: Table, spec: statements.PartitionSpec) -> Partition:
    keys = {key.name: parse_type(key.type) for key in table.partition_keys}
    if set(spec.values) != set(keys):
        raise _semantic(
            10005, f"partition spec {dict(spec.values)} does not name the keys {', '.join(keys) or '(none)'}"
        )
    values = tuple(partition_value(declared, spec.values[name]) for name, declared in keys.items())
    location = spec.location or f"{Location.registered(table.location).uri}{_spec_text(table, values)}/"
    return Partition(values, Location.parse(location).uri)


def _matching(
    table: Table, registered: Iterable[Partition], wanted: Mapping[str, str | None]
) -> list[Partition]:
    keys = {key.name: parse_type(key.type) for key in table.partition_keys}
    if not set(wanted) <= set(keys):
        raise _semantic(
            10005, f"partition spec {dict(wanted)} does not name the keys {', '.join(keys) or '(none)'}"
        )
    typed = {name: partition_value(keys[name], value) for name, value in wanted.items()}

    def matches(partition: Partition) -> bool:
        held = dict(zip(keys, partition.values, strict=True))
        return all(_same(keys[name], held[name], value) for name, value in typed.items())

    return [partition for partition in registered if matches(partition)]


def _same(declared: Type, held: str, wanted: str) -> bool:
    if declared.is_integer and re.fullmatch(r"-?\d+", held):
        return str(int(held)) == wanted
    return held == wanted


def _spec_text(table: Table, values: Iterable[str]) -> str:
    return "/".join(f"{key.name}={value}" for key, value in zip(table.partition_keys, values, strict=True))
