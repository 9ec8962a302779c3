"""The proof of one account's month: each figure found more than once, and each must be what it must be."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from demo.airflow_api import Run
    from sightline.settings import Table

MONTH = "2024-01"
# The known figures, of the files that are shipped: records, and the sum of total_sales.
EXPECTED = {"account1": (7, Decimal("18665.40")), "account2": (7, Decimal("18295.95"))}
LOADED, UNCHANGED, UNCHECKED = "loaded", "unchanged", "unchecked"
SUMMED = "total_sales"
PLACES = ("files", "Athena", "SPICE")
# What a month's source objects were: key to a text that differs when the object does.
Versions = Mapping[str, str]


@dataclass(frozen=True)
class Proof:
    """One account's month, found three times over.

    `file_bytes` is the size of its source objects, `allowed_states` what a run could truly say, `summed` the column
    that the totals are of.
    """

    account: str
    file_rows: int
    athena_rows: int
    spice_rows: int
    file_total: Decimal
    athena_total: Decimal
    spice_total: Decimal
    file_bytes: int
    bytes_scanned: int
    state: str
    allowed_states: frozenset[str]
    summed: str = SUMMED

    def cells(self) -> list[str]:
        """The line of the table."""
        counts = [self.file_rows, self.athena_rows, self.spice_rows]
        totals = [self.file_total, self.athena_total, self.spice_total]
        scanned = str(self.bytes_scanned)
        return [self.account, MONTH, *map(str, counts), *map(str, totals), scanned, self.state]

    def mistakes(self) -> list[str]:
        """What is not as it must be; of files that are not shipped, Athena and SPICE must hold what the files do."""
        rows, total = EXPECTED.get(self.account, (self.file_rows, self.file_total))
        figures = {
            "rows in files": (self.file_rows, rows),
            "rows in Athena": (self.athena_rows, rows),
            "rows in SPICE": (self.spice_rows, rows),
            f"{self.summed} in files": (self.file_total, total),
            f"{self.summed} in Athena": (self.athena_total, total),
            f"{self.summed} in SPICE": (self.spice_total, total),
            "bytes scanned": (self.bytes_scanned, 0 if self.state == UNCHANGED else self.file_bytes),
        }
        found = [f"{name} is {is_}, not {must}" for name, (is_, must) in figures.items() if is_ != must]
        if self.state not in self.allowed_states:
            found.append(f"state is {self.state}, not {' or '.join(sorted(self.allowed_states))}")
        return [f"{self.account}: {mistake}" for mistake in found]


def header(summed: str = SUMMED) -> tuple[str, ...]:
    """The head of the table."""
    rows, totals = ([f"{what} in {place}" for place in PLACES] for what in ("rows", summed))
    return ("account", "month", *rows, *totals, "bytes scanned", "state")


def summed_column(table: Table) -> str:
    """The column whose sum is proved: total_sales, else the last decimal one; "" if there is none."""
    decimals = [column.name for column in table.columns if column.kind == "decimal"]
    return SUMMED if SUMMED in decimals else (decimals or [""])[-1]


def run_state(run: Run) -> str:
    """What a load run did: `loaded` when its check ran well, `unchanged` when it had nothing to check."""
    checks = {state for task_id, state in run.states.items() if task_id.endswith("check_row_count")}
    return {"success": LOADED, "skipped": UNCHANGED}.get(" ".join(map(str, checks)), UNCHECKED)


def allowed_states(before: Versions | None, now: Versions, *, is_fresh: bool) -> frozenset[str]:
    """What a load of these objects may be: `loaded` on a fresh stage, `unchanged` when they were proved before.

    An object that was written since, or a stage on which nothing was proved yet, leaves both.
    """
    if is_fresh:
        return frozenset({LOADED})
    return frozenset({UNCHANGED} if before == now else {LOADED, UNCHANGED})
