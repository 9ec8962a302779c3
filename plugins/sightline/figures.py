"""Figures: what files hold and what Athena must return, exactly; the two sides of the row count check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Context, Decimal, Inexact, InvalidOperation
from typing import Any, NamedTuple, Self

from sightline.settings import Column

WHOLE_NUMBERS = ("tinyint", "smallint", "int", "bigint")

_EXACT = Context(prec=1000, traps=[Inexact, InvalidOperation])


@dataclass(frozen=True)
class ColumnFigures:
    """One column's figures.

    Args:
        empties: values that are NULL in Athena, or '' in a string column.
        total: the exact sum; None for types that have none (all but whole numbers and decimals).
    """

    empties: int = 0
    total: Decimal | None = None

    def __add__(self, other: Self) -> Self:
        return type(self)(self.empties + other.empties, _sum(self.total, other.total))


@dataclass(frozen=True)
class Figures:
    """Row count and columns' figures of one object, of several, or of a month. They add up with `+`.

    Args:
        rows: the rows that Athena must return.
        columns: by column name; empty where a table is inspected by rows only.
    """

    rows: int = 0
    columns: Mapping[str, ColumnFigures] = field(default_factory=dict)

    def __add__(self, other: Self) -> Self:
        columns = {
            name: self.columns.get(name, _NONE) + other.columns.get(name, _NONE)
            for name in _names(self, other)
        }
        return type(self)(self.rows + other.rows, columns)

    def __str__(self) -> str:
        columns = [
            f"{name} {column.empties} empty" + ("" if column.total is None else f", total {column.total:f}")
            for name, column in self.columns.items()
        ]
        return "; ".join([f"{self.rows} rows", *columns])

    def to_json(self) -> dict[str, Any]:
        """Give a plain dict for JSON; totals are texts, so that no digit is lost."""
        columns = {
            name: {"empties": column.empties, "total": None if column.total is None else f"{column.total:f}"}
            for name, column in self.columns.items()
        }
        return {"rows": self.rows, "columns": columns}

    @classmethod
    def from_json(cls, document: Mapping[str, Any]) -> Self:
        """Read what `to_json` gave."""
        columns = {
            name: ColumnFigures(
                column["empties"], None if column["total"] is None else Decimal(column["total"])
            )
            for name, column in document["columns"].items()
        }
        return cls(document["rows"], columns)


class Difference(NamedTuple):
    """One figure that is not the same on both sides."""

    figure: str
    files: str
    athena: str


def differences(files: Figures, athena: Figures) -> list[Difference]:
    """List the figures that differ: rows first, then each column's, in the table's order.

    What one side does not mention is zero there: Athena's answer has no line for a month without a row.
    """
    pairs: list[tuple[str, Decimal | int, Decimal | int]] = [("rows", files.rows, athena.rows)]
    for name in _names(files, athena):
        here, there = files.columns.get(name, _NONE), athena.columns.get(name, _NONE)
        pairs.append((f"empty {name}", here.empties, there.empties))
        pairs.append((f"total {name}", here.total or Decimal(0), there.total or Decimal(0)))
    return [Difference(figure, f"{a:,}", f"{b:,}") for figure, a, b in pairs if a != b]


def zero_of(column: Column) -> Decimal | None:
    """Give what a column's total starts from, 0.00 for decimal(10,2); None for types without a total."""
    if column.kind == "decimal":
        return Decimal((0, (0,), -column.arguments[1]))
    return Decimal(0) if column.kind in WHOLE_NUMBERS else None


def is_text(column: Column) -> bool:
    """Tell whether '' is a value of the column's type; in other types it is NULL."""
    return column.kind in {"string", "varchar"}


def exact_sum(a: Decimal, b: Decimal) -> Decimal:
    """Add without rounding, whatever the thread's decimal context says."""
    return _EXACT.add(a, b)


_NONE = ColumnFigures()


def _sum(a: Decimal | None, b: Decimal | None) -> Decimal | None:
    return exact_sum(a, b) if a is not None and b is not None else a if b is None else b


def _names(*sides: Figures) -> list[str]:
    return list(dict.fromkeys(name for side in sides for name in side.columns))
