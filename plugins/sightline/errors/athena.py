"""What Athena and Glue answer instead of the figures in the files."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.errors.base import Refusal, Transient

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(eq=False)
class CatalogMismatch(Refusal):
    """Glue has another table than the settings declare; `statement` removes it so that provision can make it anew."""

    table: str
    differences: Sequence[str]
    statement: str

    def __str__(self) -> str:
        lines = [f"{self.table} in Glue is not what accounts.yaml declares:", *self.differences]
        return "\n  ".join(lines) + (
            "\nCorrect accounts.yaml, if the table is right. If not: remove the table in Athena (its files stay), run "
            f"the Dag `provision`, and load its months again:\n  {self.statement}"
        )


@dataclass(eq=False)
class PartitionsUnclear(Refusal):
    """The catalog's partitions cannot be matched with months one by one."""

    table: str
    misfits: Sequence[str]

    def __str__(self) -> str:
        return "\n  ".join(
            [f"{self.table} in Glue has partitions that Sightline did not add:", *self.misfits]
        )


@dataclass(eq=False)
class TableMissing(Refusal):
    """The catalog has no such table; a load never makes one."""

    database: str
    table: str
    account: str
    MESSAGE = (
        "Glue has no table {database}.{table}. Run the Dag `provision` for {account}, then clear this task with what "
        "follows it."
    )


@dataclass(eq=False)
class FiguresDiffer(Refusal):
    """Athena does not read what the files hold; a row is (month, figure, in the files, in Athena)."""

    table: str
    rows: Sequence[tuple[object, str, object, object]]

    def __str__(self) -> str:
        return (
            f"{self.table}: Athena does not read what the files hold, so this load ingests nothing.\n"
            f"{side_by_side(self.rows)}\nCompare the column's type in accounts.yaml with the values in the "
            "files: Athena reads a value that the type cannot hold as NULL."
        )


def side_by_side(rows: Sequence[tuple[object, str, object, object]]) -> str:
    """Figures that differ as a table of text, numbers under each other."""
    lines = [("month", "figure", "files", "Athena"), *(tuple(map(str, row)) for row in rows)]
    w = [max(len(line[i]) for line in lines) for i in range(4)]
    return "\n".join(f"  {m:<{w[0]}}  {f:<{w[1]}}  {a:>{w[2]}}  {b:>{w[3]}}" for m, f, a, b in lines)


@dataclass(eq=False)
class QueryExecutionFailed(Transient):
    """Athena ended a query execution as FAILED or CANCELLED."""

    execution_id: str
    state: str
    reason: str
    workgroup: str
    bytes_scanned: int = 0
    MESSAGE = (
        "Athena query execution {execution_id} in workgroup {workgroup} ended {state} after "
        "{bytes_scanned:,} bytes: {reason}. If a retry fails too, look at it under Recent queries of that workgroup."
    )


@dataclass(eq=False)
class QueryRefused(Refusal):
    """Athena did not take a statement, or ended it for a reason that stays: a grant, a name, a type."""

    execution_id: str
    state: str
    reason: str
    workgroup: str
    bytes_scanned: int = 0
    MESSAGE = (
        "Athena refused a statement in workgroup {workgroup} (query execution {execution_id}, {state}, "
        "{bytes_scanned:,} bytes scanned): {reason}. Mend what the reason names (if something is missing, run the Dag "
        "`provision`), then clear inspect_source with what follows it."
    )


@dataclass(eq=False)
class ScanCutoffReached(Refusal):
    """A workgroup ended a query execution because it read more than `scan_cutoff`."""

    execution_id: str
    workgroup: str
    cutoff_bytes: int
    bytes_scanned: int
    MESSAGE = (
        "Workgroup {workgroup} cancelled query execution {execution_id} after {bytes_scanned:,} bytes; its "
        "cutoff is {cutoff_bytes:,}. Raise scan_cutoff in accounts.yaml, then run the Dag `provision`."
    )
