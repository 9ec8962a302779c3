"""What SPICE holds of a data set: the rows of its last completed ingestion."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from local_aws.quicksight.values import DoesNotConvert, converted

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from local_aws.quicksight.columns import Column

Row = tuple[str | None, ...]


class ColumnsDiffer(Exception):  # noqa: N818 - named for what it says about the result
    """A query's result does not have the columns that the data set declares; `error_type` is QuickSight's."""

    def __init__(self, error_type: str, message: str) -> None:
        super().__init__(message)
        self.error_type = error_type


@dataclass(frozen=True)
class SpiceTable:
    """Rows as text, in the query's order; `dropped` counts those with a value that is not of its type."""

    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    dropped: int = 0

    @classmethod
    def load(
        cls, columns: tuple[Column, ...], result_columns: Sequence[str], rows: Iterable[Sequence[str | None]]
    ) -> SpiceTable:
        """Take a query's rows in as the declared columns; ColumnsDiffer when one is not in the result."""
        positions = _positions(columns, result_columns)
        kept, dropped = [], 0
        for row in rows:
            try:
                kept.append(
                    tuple(_value(row[at], column) for at, column in zip(positions, columns, strict=True))
                )
            except DoesNotConvert:
                dropped += 1
        return cls(columns, tuple(kept), dropped)

    def without_last(self, count: int) -> SpiceTable:
        """Return the table as if its last `count` rows had been dropped."""
        count = min(count, len(self.rows))
        return SpiceTable(self.columns, self.rows[: len(self.rows) - count], self.dropped + count)

    @property
    def size_in_bytes(self) -> int:
        """The size as SPICE counts it: 8 bytes a number or date, 8 and the UTF-8 text a string."""
        types = [column.output_type for column in self.columns]
        return sum(_size(value, kind) for row in self.rows for value, kind in zip(row, types, strict=True))


def _positions(columns: Sequence[Column], result_columns: Sequence[str]) -> list[int]:
    doubled = sorted({name for name in result_columns if result_columns.count(name) > 1})
    if doubled:
        raise ColumnsDiffer(
            "DUPLICATE_COLUMN_NAMES_FOUND", f"The query returns column {doubled[0]} more than once."
        )
    missing = [column.source for column in columns if column.source not in result_columns]
    if missing:
        message = f"The query does not return {', '.join(missing)}; it returns {', '.join(result_columns)}."
        raise ColumnsDiffer("SQL_SCHEMA_MISMATCH_ERROR", message)
    return [result_columns.index(column.source) for column in columns]


def _value(text: str | None, column: Column) -> str | None:
    for type_name in column.casts:
        text = converted(text, type_name)
    return text


def _size(value: str | None, type_name: str) -> int:
    return 8 + (len(value.encode()) if value is not None and type_name == "STRING" else 0)
