"""What a query is once translated, and which names an expression in it may use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from local_aws.athena.failures import QueryError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local_aws.athena.glue_catalog import Table
    from local_aws.athena.types import Type


@dataclass(frozen=True)
class Relation:
    """A translated query: DuckDB's text, and its columns with Trino's types."""

    sql: str
    columns: Sequence[tuple[str, Type]]


@dataclass
class Scan:
    """One mention of a table: the view that stands for it, and what WHERE says of its partition keys alone."""

    view: str
    alias: str
    table: Table
    conditions: list[str] = field(default_factory=list)
    used: set[str] = field(default_factory=set)  # names of its columns that the statement mentions

    @property
    def reads_columns(self) -> bool:
        """Whether more is asked of its lines than how many there are."""
        return any(column.name in self.used for column in self.table.columns)


@dataclass
class Scope:
    """The names that an expression may use: sources by alias, outputs (in ORDER BY), the query around it."""

    ctes: Mapping[str, Relation] = field(default_factory=dict)
    parent: Scope | None = None
    sources: dict[str, Mapping[str, Type]] = field(default_factory=dict)
    outputs: Mapping[str, Type] = field(default_factory=dict)
    scans: dict[str, Scan] = field(default_factory=dict)

    def column(self, table: str, name: str) -> Type:
        """The type of a column."""
        found = self.sources.get(table, {}) if table else self.outputs
        if name in found:
            if table in self.scans:
                self.scans[table].used.add(name)
            return found[name]
        if self.parent:
            return self.parent.column(table, name)
        raise QueryError(f"COLUMN_NOT_FOUND: Column '{name}' cannot be resolved")
