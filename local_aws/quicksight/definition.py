"""What a data set is defined to be: the SQL it reads, from where, and the columns it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_aws.quicksight import refusals
from local_aws.quicksight.columns import Column, data_set_columns

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.calls import Call

KEPT = (
    "Name",
    "ImportMode",
    "PhysicalTableMap",
    "LogicalTableMap",
    "ColumnGroups",
    "FieldFolders",
    "DataSetUsageConfiguration",
    "PerformanceConfiguration",
)
IDENTIFYING = ("AwsAccountId", "DataSetId", "Permissions", "Tags")


@dataclass(frozen=True)
class Definition:
    """What CreateDataSet or UpdateDataSet said: `members` as they were given, the rest read from them."""

    members: Mapping[str, Any]
    columns: tuple[Column, ...]
    data_source_arn: str
    sql: str

    @property
    def is_spice(self) -> bool:
        """Whether rows are imported, not queried at each look."""
        return bool(self.members["ImportMode"] == "SPICE")

    @classmethod
    def from_call(cls, call: Call) -> Definition:
        """Read the definition, or refuse what is wrong with it and what is not emulated."""
        members = {
            name: value for name, value in call.parameters.items() if name not in IDENTIFYING and value
        }
        others = sorted(set(members) - set(KEPT))
        if others:
            raise refusals.unsupported(f"A data set with {others[0]}")
        if members.get("ImportMode") not in {"SPICE", "DIRECT_QUERY"}:
            raise refusals.invalid(
                f"ImportMode {members.get('ImportMode')} is neither SPICE nor DIRECT_QUERY."
            )
        table_id, physical = _only("PhysicalTableMap", members.get("PhysicalTableMap") or {})
        logical = _logical_table(members.get("LogicalTableMap") or {}, table_id)
        source_arn, sql = _query(physical)
        return cls(members, data_set_columns(physical, logical), source_arn, sql)


def _only(member: str, tables: Mapping[str, Any]) -> tuple[str, Mapping[str, Any]]:
    if not tables:
        raise refusals.invalid(f"{member} names no table.")
    if len(tables) > 1:
        raise refusals.unsupported(f"A {member} of more than one table")
    (item,) = tables.items()
    return item


def _logical_table(tables: Mapping[str, Any], physical_table_id: str) -> Mapping[str, Any]:
    if not tables:
        return {}
    _, logical = _only("LogicalTableMap", tables)
    source: Mapping[str, Any] = logical["Source"]
    if "PhysicalTableId" not in source:
        raise refusals.unsupported(f"A logical table with {', '.join(source)}")
    if source["PhysicalTableId"] != physical_table_id:
        raise refusals.invalid(f"PhysicalTableId {source['PhysicalTableId']} is not in the PhysicalTableMap.")
    return logical


def _query(physical: Mapping[str, Any]) -> tuple[str, str]:
    """Return the ARN of the data source and the SQL that is run on it."""
    ((kind, table),) = physical.items()
    if kind == "CustomSql":
        return table["DataSourceArn"], table["SqlQuery"]
    if kind == "RelationalTable":
        return table["DataSourceArn"], _select(table)
    raise refusals.unsupported(f"A physical table of kind {kind}")


def _select(table: Mapping[str, Any]) -> str:
    columns = ", ".join(_quoted(column["Name"]) for column in table["InputColumns"])
    path = [table[part] for part in ("Catalog", "Schema", "Name") if table.get(part)]
    return f"SELECT {columns} FROM {'.'.join(_quoted(name) for name in path)}"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'
