"""The columns of a data set: what its physical table declares, and what its logical table makes of them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from local_aws.quicksight import refusals
from local_aws.quicksight.values import SUPPORTED_TYPES

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PROMOTED_TO_INTEGER = {"BOOLEAN", "BIT"}


@dataclass(frozen=True)
class Column:
    """A column of a data set: its name, the query's column it is read from, the types of its values.

    `casts` are the declared type and, after it, each type that a CastColumnTypeOperation asks for.
    """

    name: str
    source: str
    casts: tuple[str, ...]

    @property
    def output_type(self) -> str:
        """The type that QuickSight shows; it accepts booleans by promoting them to integers."""
        return "INTEGER" if self.casts[-1] in PROMOTED_TO_INTEGER else self.casts[-1]

    def described(self) -> dict[str, str]:
        """Return the column as DescribeDataSet answers it."""
        return {"Name": self.name, "Type": self.output_type}


def data_set_columns(physical: Mapping[str, Any], logical: Mapping[str, Any]) -> tuple[Column, ...]:
    """Return the columns that a data set serves, or refuse transformations that are not emulated.

    Args:
        physical: the one table of the PhysicalTableMap (`{"CustomSql": …}` or `{"RelationalTable": …}`).
        logical: the one table of the LogicalTableMap, or an empty mapping.
    """
    columns = _declared(physical)
    for transform in logical.get("DataTransforms") or ():
        for operation, members in transform.items():
            columns = _transformed(columns, operation, members)
    return columns


def _declared(physical: Mapping[str, Any]) -> tuple[Column, ...]:
    (table,) = physical.values()
    declared = table.get("Columns") or table.get("InputColumns")
    if not declared:
        raise refusals.invalid(
            "The physical table declares no columns: each column of the query must be named."
        )
    names = [column["Name"] for column in declared]
    doubled = sorted({name for name in names if names.count(name) > 1})
    if doubled:
        raise refusals.invalid(f"Column {doubled[0]} is declared more than once.")
    return tuple(_column(column["Name"], column["Type"]) for column in declared)


def _column(name: str, type_name: str) -> Column:
    if type_name not in SUPPORTED_TYPES:
        raise refusals.unsupported(f"Column {name}: type {type_name}")
    return Column(name, name, (type_name,))


def _transformed(
    columns: tuple[Column, ...], operation: str, members: Mapping[str, Any]
) -> tuple[Column, ...]:
    if operation == "ProjectOperation":
        return tuple(_named(columns, name) for name in members["ProjectedColumns"])
    if operation == "RenameColumnOperation":
        return _changed(columns, members["ColumnName"], name=members["NewColumnName"])
    if operation == "CastColumnTypeOperation":
        return _cast(columns, members)
    if operation in {"TagColumnOperation", "UntagColumnOperation"}:
        _named(columns, members["ColumnName"])
        return columns
    raise refusals.unsupported(operation)


def _cast(columns: tuple[Column, ...], members: Mapping[str, Any]) -> tuple[Column, ...]:
    if members.get("Format"):
        raise refusals.unsupported("CastColumnTypeOperation with a Format")
    column = _named(columns, members["ColumnName"])
    return _changed(columns, column.name, casts=(*column.casts, members["NewColumnType"]))


def _changed(columns: Sequence[Column], wanted_name: str, /, **changes: Any) -> tuple[Column, ...]:
    wanted = _named(columns, wanted_name)
    return tuple(replace(column, **changes) if column is wanted else column for column in columns)


def _named(columns: Sequence[Column], name: str) -> Column:
    for column in columns:
        if column.name == name:
            return column
    raise refusals.invalid(f"A transformation names column {name}, which the data set does not have.")
