"""The stage that refreshes SPICE: gate, ingestion, and the count of its rows."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any, cast

from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
from airflow.sdk import Asset, Context, XComArg

from sightline.catalog import Partitions
from sightline.errors import (
    CatalogMismatch,
    ChangedDuringIngestion,
    GateHeld,
    PartitionsUnclear,
    RowsDropped,
    TableMissing,
    may_hold,
    named,
)
from sightline.hooks.quicksight import Ingestion, QuickSightHook
from sightline.ledger import Ledger, Unproved
from sightline.operators.base import EndsItsWork, TableScope, refusals_end_the_task
from sightline.planning import LoadPlan, unchecked_months
from sightline.polling import DEFERRED_DELAY
from sightline.publication import Publication, in_words, report_of
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount
from sightline.sources import Listing, by_month
from sightline.triggers.quicksight import IngestionTrigger

# How a table that is not what was checked is told, before an ingestion and after it.
CHANGES = (CatalogMismatch, PartitionsUnclear, TableMissing)


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
            AirflowFailException: if the gate is held, something changed while QuickSight read, the quota is spent, a
                grant missing, or rows are not all there.
            IngestionFailed: if a retry may help.
        """
        with refusals_end_the_task():
            stored = self.scope.ledger.read()
            publication, before = self._pass_the_gate(stored.ledger)
            ingestion = self._ingest(publication)
            # Before the rows are counted: what changed meanwhile would explain another count.
            self._require_same_content(stored.ledger, publication, ingestion, before)
            self._require_every_row(ingestion, publication)
            published = self.scope.ledger.update(
                lambda ledger: ledger.published(
                    publication.state, self.data_set_id, ingestion.id, datetime.now(UTC)
                ),
                known=stored,
            )
        return self._report(context, LoadPlan.from_json(self.plan), published, ingestion)

    def _pass_the_gate(self, ledger: Ledger) -> tuple[Publication, Listing]:
        """Return what to publish and the bucket as it is; a gate that is held tells what SPICE may hold."""
        try:
            partitions, listing = self._require_checked(ledger)
            return Publication.of(ledger, partitions.locations), listing
        except (GateHeld, *CHANGES) as error:
            what = error.why if isinstance(error, GateHeld) else str(error)
            publication = self._begun(ledger)
            if begun := self._unproved_ingestion(ledger, publication):
                self._unpublish(publication, begun, what)
            unproved = begun or publication.unproved(ledger) or self._unknown_to(ledger)
            if unproved is None:
                raise
            spice = may_hold(unproved.ingestion_id, unproved.since)
            kind = GateHeld if isinstance(error, GateHeld) else ChangedDuringIngestion
            raise kind(self.data_set_id, what, spice) from error

    def _require_checked(self, ledger: Ledger) -> tuple[Partitions, Listing]:
        """Hold the ingestion while table, partitions or a month of the data set are not as they were checked."""
        self.scope.require_declared_table()
        partitions = self.scope.partitions()
        listing = self.scope.source.listing(self.scope.table.prefix)
        sources = by_month(self.scope.table, listing.objects)
        held = unchecked_months(self.scope.table, sources, ledger, partitions)
        if held:
            raise GateHeld(self.data_set_id, in_words(held))
        return partitions, listing

    def _begun(self, ledger: Ledger) -> Publication:
        """Look at what an earlier try of this task, or another load, may have begun to ingest."""
        try:
            registered = self.scope.catalog.partitions(self.scope.account, self.scope.table).locations
        except TableMissing:
            registered = {}
        objects = self.scope.source.objects(self.scope.table.prefix)
        return Publication.begun(ledger, registered, by_month(self.scope.table, objects))

    def _unproved_ingestion(self, ledger: Ledger, publication: Publication) -> Unproved | None:
        """Ask QuickSight, not this task's memory: a worker that is killed leaves an ingestion, and no word of it."""
        if not publication.unpublished(ledger, self.data_set_id):
            return None
        ingestion = self.quicksight.begun(
            self.data_set_id,
            lambda attempt: publication.ingestion_id(self.data_set_id, attempt),
            self.scope.analytics,
            self.awaited,
        )
        return Unproved(ingestion.id, ingestion.created_at) if ingestion else None

    def _unknown_to(self, ledger: Ledger) -> Unproved | None:
        """Look for an ingestion of a state that is no more, of a worker that died, or of somebody's own refresh."""
        newest = self.quicksight.newest(self.data_set_id, self.scope.analytics)
        if newest is None or newest.id in {line.ingestion_id for line in ledger}:
            return None
        return Unproved(newest.id, newest.created_at)

    def _require_same_content(
        self, ledger: Ledger, publication: Publication, ingestion: Ingestion, before: Listing
    ) -> None:
        """Refuse to call published what was changed while QuickSight read it; a file put back was written, too."""
        table, since = self.scope.table, ingestion.created_at
        try:
            self.scope.require_declared_table()
            partitions, listing = self.scope.partitions(), self.scope.source.listing(table.prefix)
            what = in_words(
                publication.changed_since(table, ledger, partitions, listing, since=since, before=before)
            )
        except CHANGES as error:
            what = str(error)
        if what:
            raise self._unpublish(publication, Unproved(ingestion.id, since), what)

    def _unpublish(self, publication: Publication, unproved: Unproved, what: str) -> ChangedDuringIngestion:
        """Let what changed under an ingestion be ingested anew, even if put back: it may have read the other."""
        error = ChangedDuringIngestion(
            self.data_set_id, what, may_hold(unproved.ingestion_id, unproved.since)
        )
        self.scope.ledger.update(lambda ledger: ledger.unpublished(publication.state, unproved, named(error)))
        return error

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
                lambda ledger: ledger.failed(publication.unpublished(ledger, self.data_set_id), named(error))
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
            unproved = Unproved(ingestion.id, ingestion.created_at)
            self.scope.ledger.update(
                lambda ledger: ledger.unpublished(publication.state, unproved, named(error))
            )
            raise error
        self.log.info("SPICE holds %d rows, as the checked files do", ingestion.rows_ingested)

    def _report(
        self, context: Context, plan: LoadPlan, ledger: Ledger, ingestion: Ingestion
    ) -> dict[str, Any]:
        report = report_of(plan, ledger, ingestion.id, ingestion.rows_ingested)
        for asset in self.outlets:
            if isinstance(asset, Asset):
                context["outlet_events"][asset].extra.update(report)
        return report

    def cancel(self) -> None:
        """Cancel the ingestion that this task waits for."""
        if self.ingestion_id:
            self.log.info("Cancelling ingestion %s", self.ingestion_id)
            self.quicksight.client.cancel_ingestion(
                AwsAccountId=self.scope.analytics.account_id,
                DataSetId=self.data_set_id,
                IngestionId=self.ingestion_id,
            )
