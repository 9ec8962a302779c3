"""What an ingestion publishes, and what is no longer published because something changed while QuickSight read.

All of it is decided from the ledger, the catalog and a listing of the bucket; nothing here asks AWS.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from sightline.catalog import Partitions
from sightline.ledger import Ledger, Line, Unproved
from sightline.partitions import Month
from sightline.planning import LoadPlan, unchecked_months
from sightline.settings import Table
from sightline.sources import Listing, by_month, digest


@dataclass(frozen=True)
class Publication:
    """What an ingestion publishes: the ledger's state of every month that the data set covers."""

    state: Mapping[Month, int]
    fingerprints: Mapping[Month, str]
    rows: int

    @classmethod
    def of(cls, ledger: Ledger, months: Iterable[Month]) -> Publication:
        """Take the months' revisions, contents and rows from the ledger."""
        lines = [ledger.line(month) for month in months]
        return cls(
            state={line.month: line.revision for line in lines},
            fingerprints={line.month: line.fingerprint for line in lines},
            rows=ledger.rows(line.month for line in lines),
        )

    @classmethod
    def begun(
        cls, ledger: Ledger, registered: Collection[Month], delivered: Collection[Month]
    ) -> Publication:
        """Say what an ingestion of this ledger was for, though the catalog may have lost a partition since.

        The gate let it begin when every checked month that has files was registered, and no other month was.
        """
        checked = [line.month for line in ledger if line.checked_at]
        return cls.of(ledger, [month for month in checked if month in registered or month in delivered])

    def unpublished(self, ledger: Ledger, data_set_id: str) -> dict[Month, int]:
        """The months that no ingestion into the data set has followed yet."""
        return {
            month: revision
            for month, revision in self.state.items()
            if not ledger.line(month).is_published_in(data_set_id)
        }

    def unproved(self, ledger: Ledger) -> Unproved | None:
        """The latest ingestion of these months of which the ledger says that SPICE may hold it unchecked."""
        found = [line.unproved for line in map(ledger.line, self.state) if line.unproved]
        return max(found, key=lambda each: each.since, default=None)

    def ingestion_id(self, data_set_id: str, attempt: int) -> str:
        """Hash what is published, so that publishing the same state is the same ingestion."""
        content = [[str(month), self.fingerprints[month], self.state[month]] for month in sorted(self.state)]
        work = digest({"data_set": data_set_id, "months": content, "attempt": attempt})
        return f"sightline-{work[:40]}"

    def changed_since(
        self,
        table: Table,
        ledger: Ledger,
        partitions: Partitions,
        listing: Listing,
        *,
        since: datetime,
        before: Listing,
    ) -> dict[Month, str]:
        """Say which months are not, or may not always have been, what was checked, each with the reason.

        Args:
            partitions, listing: as they are after the ingestion.
            since: when the ingestion began; a file that was put back was written, too.
            before: the bucket as the gate saw it.
        """
        written = by_month(table, listing.written_since(since, before))
        put_back = {month: PUT_BACK for month in written if month in self.state}
        sources = by_month(table, listing.objects)
        return {**put_back, **unchecked_months(table, sources, ledger, partitions.of(self.state))}


PUT_BACK = "its file was written again and holds what it held"


def in_words(reasons: Mapping[Month, str]) -> str:
    """Write months with their reasons as a part of one sentence."""
    return "; ".join(f"{month}: {reasons[month].rstrip('.')}" for month in sorted(reasons))


def report_of(plan: LoadPlan, ledger: Ledger, ingestion_id: str, rows: int) -> dict[str, JsonValue]:
    """What a load hands on: every figure of its months, the ingestion and the rows in SPICE."""
    lines = [ledger.line(month.month) for month in plan.months]
    return {
        "account": plan.account,
        "table": plan.table,
        "months": {str(line.month): _figures_of(line) for line in lines},
        "ingestion_id": ingestion_id,
        "rows_in_spice": rows,
    }


def _figures_of(line: Line) -> dict[str, JsonValue]:
    figures: dict[str, JsonValue] = line.figures.to_json() if line.figures else {}
    return {**figures, "bytes_scanned": line.bytes_scanned, "query_execution_id": line.query_execution_id}
