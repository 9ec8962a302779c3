"""DDL text → one of the statements of statements.py. Nothing is looked up here."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local_aws.athena.ddl_parser import Reader
from local_aws.athena.failures import not_supported
from local_aws.athena.glue_catalog import LAZY_SIMPLE, OPEN_CSV, TEXT_INPUT, Column
from local_aws.athena.reserved_words import UNQUOTED_COLUMNS
from local_aws.athena.statements import (
    AddPartitions,
    CreateDatabase,
    CreateTable,
    DropDatabase,
    DropPartitions,
    DropTable,
    PartitionSpec,
    RepairTable,
    SetLocation,
    ShowDatabases,
    ShowPartitions,
    ShowTables,
    Statement,
    TableName,
)
from local_aws.athena.types import parse_type

if TYPE_CHECKING:
    from collections.abc import Callable


def parse(sql: str) -> Statement:
    """Read one DDL statement; QueryError for what is no DDL, or none that this engine does."""
    reader = Reader(sql)
    for words, read in STATEMENTS:
        if reader.take(*words):
            statement = read(reader)
            reader.end()
            return statement
    for words in OTHER_STATEMENTS:
        if reader.take(*words):
            raise not_supported(f"the statement {' '.join(words)}")
    raise reader.unexpected()


def _table_name(reader: Reader) -> TableName:
    first = reader.name()
    return TableName(first, reader.name()) if reader.take(".") else TableName(None, first)


def _create_database(reader: Reader) -> CreateDatabase:
    if_not_exists = reader.take("IF", "NOT", "EXISTS")
    name, properties = reader.name(), {}
    if reader.take("COMMENT"):
        properties["Description"] = reader.string()
    if reader.take("LOCATION"):
        properties["LocationUri"] = reader.string()
    return CreateDatabase(name, if_not_exists, properties)


def _drop_database(reader: Reader) -> DropDatabase:
    if_exists, name = reader.take("IF", "EXISTS"), reader.name()
    cascade = reader.take("CASCADE")
    if not cascade:
        reader.take("RESTRICT")
    return DropDatabase(name, if_exists, cascade)


def _drop_table(reader: Reader) -> DropTable:
    return DropTable(if_exists=reader.take("IF", "EXISTS"), table=_table_name(reader))


def _create_table(reader: Reader) -> CreateTable:
    if_not_exists, table = reader.take("IF", "NOT", "EXISTS"), _table_name(reader)
    columns = reader.listed(lambda: _column(reader))
    parameters = {"comment": reader.string()} if reader.take("COMMENT") else {}
    keys = reader.listed(lambda: _column(reader)) if reader.take("PARTITIONED", "BY") else ()
    row_format = _row_format(reader)
    if reader.take("STORED", "AS"):
        _text_file(reader)
    reader.expect("LOCATION")
    location = reader.string()
    parameters |= dict(reader.properties()) if reader.take("TBLPROPERTIES") else {}
    return CreateTable(
        table, if_not_exists, columns, keys, row_format.serde, row_format.parameters, location, parameters
    )


def _column(reader: Reader) -> Column:
    name, declared = reader.name(UNQUOTED_COLUMNS), reader.type_text()
    parse_type(declared)
    return Column(name, declared, reader.string() if reader.take("COMMENT") else None)


@dataclass
class _RowFormat:
    serde: str = LAZY_SIMPLE
    parameters: dict[str, str] = field(default_factory=lambda: {"serialization.format": "1"})


def _row_format(reader: Reader) -> _RowFormat:
    if reader.take("ROW", "FORMAT", "DELIMITED"):
        return _delimited(reader)
    if not reader.take("ROW", "FORMAT", "SERDE"):
        return _RowFormat()
    serde = reader.string()
    if serde not in (LAZY_SIMPLE, OPEN_CSV):
        raise not_supported(f"the SerDe {serde}")
    properties = dict(reader.properties()) if reader.take("WITH", "SERDEPROPERTIES") else {}
    return _RowFormat(serde, {"serialization.format": "1", **properties})


def _delimited(reader: Reader) -> _RowFormat:
    parameters = {"serialization.format": "1"}
    if reader.take("FIELDS", "TERMINATED", "BY"):
        delimiter = reader.string()
        parameters = {"field.delim": delimiter, "serialization.format": delimiter}
    if reader.take("LINES", "TERMINATED", "BY"):
        if reader.string() != "\n":
            raise not_supported(r"LINES TERMINATED BY other than '\n'")
        parameters["line.delim"] = "\n"
    if reader.take("NULL", "DEFINED", "AS"):
        parameters["serialization.null.format"] = reader.string()
    for clause in (("ESCAPED", "BY"), ("COLLECTION", "ITEMS"), ("MAP", "KEYS")):
        if reader.take(*clause):
            raise not_supported(" ".join(clause))
    return _RowFormat(parameters=parameters)


def _text_file(reader: Reader) -> None:
    if reader.take("INPUTFORMAT"):
        if reader.string() != TEXT_INPUT:
            raise not_supported("an INPUTFORMAT other than text")
        reader.expect("OUTPUTFORMAT")
        reader.string()
    elif not reader.take("TEXTFILE"):
        raise not_supported("STORED AS other than TEXTFILE")


def _alter_table(reader: Reader) -> Statement:
    table = _table_name(reader)
    if reader.take("ADD"):
        if_not_exists = reader.take("IF", "NOT", "EXISTS")
        specs = [_partition(reader)]
        while not reader.at_end():
            specs.append(_partition(reader))
        return AddPartitions(table, if_not_exists, tuple(specs))
    if reader.take("DROP"):
        if_exists, specs = reader.take("IF", "EXISTS"), [_partition(reader)]
        while reader.take(","):
            specs.append(_partition(reader))
        return DropPartitions(table, if_exists, tuple(specs))
    spec = _partition(reader)
    reader.expect("SET", "LOCATION")
    return SetLocation(table, PartitionSpec(spec.values, reader.string()))


def _partition(reader: Reader) -> PartitionSpec:
    reader.expect("PARTITION")
    values = dict(reader.listed(lambda: _partition_value(reader)))
    return PartitionSpec(values, reader.string() if reader.take("LOCATION") else None)


def _partition_value(reader: Reader) -> tuple[str, str | None]:
    name = reader.name()
    reader.expect("=")
    return name, reader.constant()


def _show_tables(reader: Reader) -> ShowTables:
    return ShowTables(reader.name() if reader.take("IN") or reader.take("FROM") else None)


STATEMENTS: tuple[tuple[tuple[str, ...], Callable[[Reader], Statement]], ...] = (
    (("CREATE", "DATABASE"), _create_database),
    (("CREATE", "SCHEMA"), _create_database),
    (("CREATE", "EXTERNAL", "TABLE"), _create_table),
    (("DROP", "DATABASE"), _drop_database),
    (("DROP", "SCHEMA"), _drop_database),
    (("DROP", "TABLE"), _drop_table),
    (("ALTER", "TABLE"), _alter_table),
    (("MSCK", "REPAIR", "TABLE"), lambda reader: RepairTable(_table_name(reader))),
    (("SHOW", "DATABASES"), lambda _: ShowDatabases()),
    (("SHOW", "SCHEMAS"), lambda _: ShowDatabases()),
    (("SHOW", "TABLES"), _show_tables),
    (("SHOW", "PARTITIONS"), lambda reader: ShowPartitions(_table_name(reader))),
)
OTHER_STATEMENTS = (
    *(
        ("CREATE", "TABLE"),
        ("CREATE", "VIEW"),
        ("CREATE", "OR", "REPLACE"),
        ("DROP", "VIEW"),
        ("ALTER",),
        ("SHOW",),
    ),
    *(
        ("DESCRIBE",),
        ("DESC",),
        ("INSERT",),
        ("UNLOAD",),
        ("EXPLAIN",),
        ("PREPARE",),
        ("EXECUTE",),
        ("DEALLOCATE",),
    ),
    *(
        ("MERGE",),
        ("DELETE",),
        ("UPDATE",),
        ("VACUUM",),
        ("OPTIMIZE",),
        ("ANALYZE",),
        ("VALUES",),
        ("TABLE",),
    ),
)
