"""The stage that refreshes SPICE: gate, ingestion, and the count of its rows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
from airflow.sdk import Asset, Context, XComArg
from botocore.exceptions import ClientError
from pydantic import JsonValue

from sightline.catalog import Partitions
from sightline.errors import GateHeld, RowsDropped, SightlineError, SourceChangedMeanwhile
from sightline.hooks.quicksight import Ingestion, QuickSightHook
from sightline.ledger import Ledger, Line
from sightline.operators.base import EndsItsWork, TableScope, refusals_end_the_task
from sightline.partitions import Month
from sightline.planning import LoadPlan, unchecked_months
from sightline.polling import DEFERRED_DELAY
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount
from sightline.sources import by_month, digest
from sightline.triggers.quicksight import IngestionTrigger


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
            rows=sum(line.figures.rows for line in lines if line.figures),
        )

    def unpublished(self, ledger: Ledger, data_set_id: str) -> dict[Month, int]:
        """The months that no ingestion into the data set has followed yet."""
        return {
            month: revision
            for month, revision in self.state.items()
            if not ledger.line(month).is_published_in(data_set_id)
        }

    def ingestion_id(self, data_set_id: str, attempt: int) -> str:
        """Hash what is published, so that publishing the same state is the same ingestion."""
        content = [[str(month), self.fingerprints[month], self.state[month]] for month in sorted(self.state)]
        work = digest({"data_set": data_set_id, "months": content, "attempt": attempt})
        return f"sightline-{work[:40]}"


class IngestDataSetOperator(EndsItsWork, QuickSightCreateIngestionOperator):
    """Refreshes SPICE once every month that the data set covers stands checked, and counts the rows that arrived.

    Publishing the same state twice is one ingestion. A gate that is held, or an ingestion that fails, leaves the last
    good state on the dashboard.
    """

    aws_hook_class: Any = QuickSightHook
    template_fields = (*QuickSightCreateIngestionOperator.template_fields, "plan")

    def __init__(
        self,
        *,
        analytics: AnalyticsAccount,
        account: WorkloadAccount,
        table: Table,
        plan: XComArg,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            data_set_id=table.quicksight.data_set_id,
            ingestion_id="",
            aws_conn_id=analytics.connection_id,
            region_name=analytics.region,
            deferrable=True,
            **kwargs,
        )
        self.scope = TableScope(analytics, account, table)
        self.plan = plan
        self.awaited = ""

    @property
    def _hook_parameters(self) -> dict[str, Any]:
        return {"account": self.scope.pipeline}

    @property
    def quicksight(self) -> QuickSightHook:
        """The hook, in the pipeline role's session."""
        return cast("QuickSightHook", self.hook)

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the ingestion's id and its rows, and put every figure of the load on the table's asset event.

        Raises:
            AirflowFailException: if the gate is held, the quota spent, a grant missing, or rows are not all there.
            IngestionFailed, SourceChangedMeanwhile: if a retry may help.
        """
        with refusals_end_the_task():
            stored = self.scope.ledger.read()
            with self._unpublished_by_a_change(stored.ledger, has_started=bool(self.awaited)):
                partitions = self._require_checked(stored.ledger)
            publication = Publication.of(stored.ledger, partitions.locations)
            ingestion = self._ingest(publication)
            # Before the rows are counted: what changed meanwhile would explain another count.
            with self._unpublished_by_a_change(stored.ledger, has_started=True):
                self._require_same_content(stored.ledger, publication, ingestion.created_at)
            self._require_every_row(ingestion, publication)
            published = self.scope.ledger.update(
                lambda ledger: ledger.published(
                    publication.state, self.data_set_id, ingestion.id, datetime.now(UTC)
                ),
                known=stored,
            )
        return self._report(context, LoadPlan.from_json(self.plan), published, ingestion)

    def _require_checked(self, ledger: Ledger) -> Partitions:
        """Hold the ingestion while table, partitions or a month of the data set are not as they were checked."""
        self.scope.require_declared_table()
        partitions = self.scope.partitions()
        sources = by_month(self.scope.table, self.scope.source.objects(self.scope.table.prefix))
        held = unchecked_months(self.scope.table, sources, ledger, partitions)
        if held:
            why = "; ".join(f"{month}: {reason}" for month, reason in held.items())
            raise GateHeld(self.data_set_id, list(held), why)
        return partitions

    def _require_same_content(self, ledger: Ledger, publication: Publication, since: datetime) -> None:
        """Refuse to call published what was changed while QuickSight read it; a file put back was written, too."""
        self.scope.require_declared_table()
        partitions = self.scope.partitions().of(publication.state)
        table, listing = self.scope.table, self.scope.source.listing(self.scope.table.prefix)
        changed = set(unchecked_months(table, by_month(table, listing.objects), ledger, partitions))
        changed |= set(by_month(table, listing.written_after(since))) & set(publication.state)
        if changed:
            raise SourceChangedMeanwhile([f"{table.location} ({month})" for month in sorted(changed)])

    @contextmanager
    def _unpublished_by_a_change(self, ledger: Ledger, *, has_started: bool) -> Iterator[None]:
        """Let what changed under a started ingestion be ingested anew, even if put back: it may have read the other."""
        try:
            yield
        except SightlineError as error:
            if has_started:
                state, failure = {line.month: line.revision for line in ledger}, str(error)
                self.scope.ledger.update(lambda known: known.unpublished(state, failure))
            raise

    def _ingest(self, publication: Publication) -> Ingestion:
        self.refuse_if_killed()
        ingestion = self.quicksight.start(
            self.data_set_id,
            lambda attempt: publication.ingestion_id(self.data_set_id, attempt),
            self.scope.analytics,
            self.awaited,
        )
        self.ingestion_id = ingestion.id
        self.cancel_if_killed()
        ingestion = self.quicksight.wait(
            self.data_set_id, ingestion, self.scope.analytics, self.scope.table.defer_after_seconds
        )
        if not ingestion.is_final:
            self._defer(ingestion)
        self.ingestion_id = ""
        if ingestion.has_failed:
            role = self.scope.analytics.quicksight.data_source_role_arn
            error = ingestion.error(self.data_set_id, self.scope.account, role)
            self.scope.ledger.update(
                lambda ledger: ledger.failed(publication.unpublished(ledger, self.data_set_id), str(error))
            )
            raise error
        return ingestion

    def _defer(self, ingestion: Ingestion) -> None:
        self.log.info("Ingestion %s still runs; waiting for it without a worker slot", ingestion.id)
        self.defer(
            trigger=IngestionTrigger(
                data_set_id=self.data_set_id,
                ingestion_id=ingestion.id,
                aws_account_id=self.scope.analytics.account_id,
                waiter_delay=min(DEFERRED_DELAY, self.scope.table.poll_seconds),
                aws_conn_id=self.aws_conn_id,
                region_name=self.region_name,
            ),
            method_name="execute_complete",
        )

    def execute_complete(
        self, context: Context, event: dict[str, Any] | None = None, ingestion: dict[str, Any] | None = None
    ) -> dict[str, Any]:
        """Start again after the wait: the ingestion is attached to, not repeated."""
        self.awaited = (event or {}).get("ingestion_id", "")
        return self.execute(context)

    def _require_every_row(self, ingestion: Ingestion, publication: Publication) -> None:
        if ingestion.rows_dropped or ingestion.rows_ingested != publication.rows:
            error = RowsDropped(
                self.data_set_id,
                ingestion.id,
                expected=publication.rows,
                ingested=ingestion.rows_ingested,
                dropped=ingestion.rows_dropped,
            )
            # SPICE holds what this ingestion read: nothing that it covers is published as it was checked.
            self.scope.ledger.update(lambda ledger: ledger.unpublished(publication.state, str(error)))
            raise error
        self.log.info("SPICE holds %d rows, as the checked files do", ingestion.rows_ingested)

    def _report(
        self, context: Context, plan: LoadPlan, ledger: Ledger, ingestion: Ingestion
    ) -> dict[str, Any]:
        lines = [ledger.line(month.month) for month in plan.months]
        report: dict[str, JsonValue] = {
            "account": plan.account,
            "table": plan.table,
            "months": {str(line.month): _figures_of(line) for line in lines},
            "ingestion_id": ingestion.id,
            "rows_in_spice": ingestion.rows_ingested,
        }
        for asset in self.outlets:
            if isinstance(asset, Asset):
                context["outlet_events"][asset].extra.update(report)
        return report

    def cancel(self) -> None:
        """Cancel the ingestion that this task waits for."""
        if self.ingestion_id:
            self.log.info("Cancelling ingestion %s", self.ingestion_id)
            try:
                self.quicksight.client.cancel_ingestion(
                    AwsAccountId=self.scope.analytics.account_id,
                    DataSetId=self.data_set_id,
                    IngestionId=self.ingestion_id,
                )
            except ClientError as error:
                # It may just have ended, and that is no reason for a kill to break off half way.
                self.log.warning("Ingestion %s was not cancelled: %s", self.ingestion_id, error)


def _figures_of(line: Line) -> dict[str, JsonValue]:
    figures: dict[str, JsonValue] = line.figures.to_json() if line.figures else {}
    return {**figures, "bytes_scanned": line.bytes_scanned, "query_execution_id": line.query_execution_id}
