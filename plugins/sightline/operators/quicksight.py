"""The stage that refreshes SPICE: gate, ingestion, and the count of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, cast

from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
from airflow.sdk import Asset, Context, XComArg
from pydantic import JsonValue

from sightline.errors import GateHeld, RowsDropped, SightlineError
from sightline.hooks.quicksight import Ingestion, QuickSightHook
from sightline.ledger import Ledger
from sightline.operators.base import Accounts, refusals_end_the_task
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
    unpublished: Mapping[Month, int]

    @classmethod
    def of(cls, ledger: Ledger, covered: tuple[Month, ...]) -> Publication:
        """Take the covered months' revisions, contents and rows from the ledger."""
        lines = [ledger.line(month) for month in covered]
        return cls(
            state={line.month: line.revision for line in lines},
            fingerprints={line.month: line.fingerprint for line in lines},
            rows=ledger.rows(covered),
            unpublished={line.month: line.revision for line in lines if not line.is_published},
        )

    def ingestion_id(self, data_set_id: str, attempt: int) -> str:
        """Hash what is published, so that publishing the same state is the same ingestion."""
        content = [[str(month), self.fingerprints[month], self.state[month]] for month in sorted(self.state)]
        work = digest({"data_set": data_set_id, "months": content, "attempt": attempt})
        return f"sightline-{work[:40]}"


class IngestDataSetOperator(QuickSightCreateIngestionOperator):
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
        self.accounts = Accounts(analytics, account, table)
        self.plan = plan
        self.awaited = ""

    @property
    def _hook_parameters(self) -> dict[str, Any]:
        return {"account": self.accounts.pipeline}

    @property
    def quicksight(self) -> QuickSightHook:
        """The hook, in the pipeline role's session."""
        return cast("QuickSightHook", self.hook)

    def execute(self, context: Context) -> dict[str, Any]:
        """Return the ingestion's id and its rows, and put every figure of the load on the table's asset event."""
        plan = LoadPlan.from_json(self.plan)
        with refusals_end_the_task():
            stored = self.accounts.ledger.read()
            covered = plan.covered()
            self._require_checked(covered, stored.ledger)
            publication = Publication.of(stored.ledger, covered)
            ingestion = self._ingest(publication)
            self._require_every_row(ingestion, publication)
            published = self.accounts.ledger.update(
                lambda ledger: ledger.published(publication.state, ingestion.id, datetime.now(UTC)),
                known=stored,
            )
        return self._report(context, plan, published, ingestion)

    def _require_checked(self, covered: tuple[Month, ...], ledger: Ledger) -> None:
        """Hold the ingestion while a covered month does not stand at its checked content."""
        table = self.accounts.table
        sources = by_month(table, self.accounts.source.objects(table.prefix))
        held = unchecked_months(table, covered, sources, ledger)
        if held:
            why = "; ".join(f"{month}: {reason}" for month, reason in held.items())
            raise GateHeld(self.data_set_id, list(held), why)

    def _ingest(self, publication: Publication) -> Ingestion:
        ingestion = self.quicksight.start(
            self.data_set_id,
            lambda attempt: publication.ingestion_id(self.data_set_id, attempt),
            self.accounts.analytics,
            self.awaited,
        )
        self.ingestion_id = ingestion.id
        ingestion = self.quicksight.wait(
            self.data_set_id, ingestion, self.accounts.analytics, self.accounts.table.defer_after_seconds
        )
        if not ingestion.is_final:
            self._defer(ingestion)
        self.ingestion_id = ""
        if ingestion.has_failed:
            error = ingestion.error(self.data_set_id)
            self._record(publication, error)
            raise error
        return ingestion

    def _defer(self, ingestion: Ingestion) -> None:
        self.log.info("Ingestion %s still runs; waiting for it without a worker slot", ingestion.id)
        self.defer(
            trigger=IngestionTrigger(
                data_set_id=self.data_set_id,
                ingestion_id=ingestion.id,
                aws_account_id=self.accounts.analytics.account_id,
                waiter_delay=min(DEFERRED_DELAY, self.accounts.table.poll_seconds),
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
            self._record(publication, error)
            raise error

    def _record(self, publication: Publication, error: SightlineError) -> None:
        """Let the ledger say why; the next attempt is new work with an ingestion id of its own."""
        self.accounts.ledger.update(lambda ledger: ledger.failed(publication.unpublished, str(error)))

    def _report(
        self, context: Context, plan: LoadPlan, ledger: Ledger, ingestion: Ingestion
    ) -> dict[str, Any]:
        figures = {str(month.month): ledger.line(month.month).figures for month in plan.months}
        report: dict[str, JsonValue] = {
            "account": plan.account,
            "table": plan.table,
            "months": {month: found.to_json() for month, found in figures.items() if found},
            "ingestion_id": ingestion.id,
            "rows_in_spice": ingestion.rows_ingested,
        }
        for asset in self.outlets:
            if isinstance(asset, Asset):
                context["outlet_events"][asset].extra.update(report)
        return report

    def on_kill(self) -> None:
        """Cancel the ingestion that this task waits for."""
        if self.ingestion_id:
            self.log.info("Cancelling ingestion %s", self.ingestion_id)
            self.quicksight.client.cancel_ingestion(
                AwsAccountId=self.accounts.analytics.account_id,
                DataSetId=self.data_set_id,
                IngestionId=self.ingestion_id,
            )
