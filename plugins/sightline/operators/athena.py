"""Statements on Athena, and the stage that registers partitions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

import jinja2
from airflow.providers.amazon.aws.links.athena import AthenaQueryResultsLink
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.sdk import Context, XComArg

from sightline import sql
from sightline.catalog import PartitionState
from sightline.hooks.athena import AthenaHook, QueryExecution
from sightline.operators.base import EndsItsWork, TableScope, refusals_end_the_task
from sightline.partitions import Month
from sightline.planning import LoadPlan, MonthPlan
from sightline.polling import DEFERRED_DELAY
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount
from sightline.triggers.athena import QueryExecutionTrigger


class StatementOperator(EndsItsWork, AthenaOperator):
    """One statement of `include/sql`, named like the task.

    Started once for the same work however often the task runs, awaited inline, deferred only past the table's
    threshold, cancelled when the task is killed in either state.
    """

    aws_hook_class: Any = AthenaHook

    def __init__(
        self,
        *,
        analytics: AnalyticsAccount,
        account: WorkloadAccount,
        table: Table,
        query: str,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            query=query,
            workgroup=account.workgroup,
            catalog=analytics.catalog,
            aws_conn_id=analytics.connection_id,
            region_name=analytics.region,
            deferrable=True,
            **kwargs,
        )
        self.scope = TableScope(analytics, account, table)
        self.awaited = ""

    @property
    def _hook_parameters(self) -> dict[str, Any]:
        return {"account": self.scope.pipeline}

    @property
    def athena(self) -> AthenaHook:
        """The hook, in the pipeline role's session."""
        return cast("AthenaHook", self.hook)

    def render_template_fields(self, context: Context, jinja_env: jinja2.Environment | None = None) -> None:
        """Render the statement with the values of its table and months, besides Airflow's own."""
        values = sql.statement_values(self.scope.account, self.scope.table, self.months(context))
        super().render_template_fields(cast("Context", {**context, **values}), jinja_env)

    def months(self, context: Context) -> Sequence[Month]:
        """Say which months the statement is about."""
        return ()

    def run(self, context: Context, statement: str, work: Mapping[str, object]) -> QueryExecution:
        """Run a statement, or attach to the execution that the same work has, and return it succeeded.

        Deferring ends this call: the task starts again from `execute` when the query has ended, and attaches to it.

        Raises:
            QueryExecutionFailed, QueryRefused, ScanCutoffReached: with state, reason and query id.
            Killed: if the task was killed before it waited for the query.
        """
        account = self.scope.account
        self.refuse_if_killed()
        execution = self.athena.start(statement, work, account, self.catalog, self.awaited)
        self.query_execution_id = execution.id
        self.cancel_if_killed()
        self._show(context, execution)
        execution = self.athena.wait(execution, self.scope.table.defer_after_seconds)
        if not execution.is_final:
            self._defer(execution)
        self.query_execution_id = None
        if execution.has_failed:
            raise execution.error(account, self.scope.analytics.role_arn)
        self.log.info("Query execution %s scanned %d bytes", execution.id, execution.bytes_scanned)
        return execution

    def _show(self, context: Context, execution: QueryExecution) -> None:
        """Log the execution, and let the task's page link to it in the Athena console."""
        self.log.info("Query execution %s: %s", execution.id, execution.state)
        AthenaQueryResultsLink.persist(
            context=context,
            operator=self,
            region_name=self.athena.conn_region_name,
            aws_partition=self.athena.conn_partition,
            query_execution_id=execution.id,
        )

    def _defer(self, execution: QueryExecution) -> None:
        self.log.info("Query execution %s still runs; waiting for it without a worker slot", execution.id)
        self.defer(
            trigger=QueryExecutionTrigger(
                query_execution_id=execution.id,
                waiter_delay=min(DEFERRED_DELAY, self.scope.table.poll_seconds),
                waiter_max_attempts=self.max_polling_attempts,
                aws_conn_id=self.aws_conn_id,
                region_name=self.region_name,
            ),
            method_name="execute_complete",
        )

    def execute_complete(self, context: Context, event: dict[str, Any] | None = None) -> Any:
        """Start again after the wait: every statement of this task is attached to, none is repeated."""
        self.awaited = (event or {}).get("value", "")
        return self.execute(context)

    def cancel(self) -> None:
        """Cancel the query that this task waits for."""
        if self.query_execution_id:
            self.log.info("Cancelling query execution %s", self.query_execution_id)
            self.athena.client.stop_query_execution(QueryExecutionId=self.query_execution_id)


class PlannedStatementOperator(StatementOperator):
    """A statement about the months of a plan."""

    template_fields = (*AthenaOperator.template_fields, "plan")

    def __init__(self, *, plan: XComArg, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.plan = plan

    def render_template_fields(self, context: Context, jinja_env: jinja2.Environment | None = None) -> None:
        """Render the statement, or say in its place that the plan has no month for it."""
        if not self.months(context):
            self.query = f"-- {self.task_id}: nothing to do for this plan"
        super().render_template_fields(context, jinja_env)

    def loaded_plan(self, context: Context) -> LoadPlan:
        """Return the plan as `inspect_source` handed it on, whether or not the templates are rendered yet."""
        return LoadPlan.from_json(self.plan.resolve(context) if isinstance(self.plan, XComArg) else self.plan)

    def statement(self, name: str, months: Iterable[MonthPlan]) -> str:
        """Render another statement of `include/sql` about these months."""
        values = sql.statement_values(self.scope.account, self.scope.table, [month.month for month in months])
        return sql.render(name, **values)

    def work(self, what: str, months: Iterable[MonthPlan]) -> dict[str, object]:
        """Describe what a statement does, so that the same work is the same query execution."""
        return {
            "what": what,
            "account": self.scope.account.name,
            "table": self.scope.table.name,
            "months": [[str(month.month), month.fingerprint, month.revision] for month in months],
        }


class AddPartitionOperator(PlannedStatementOperator):
    """Registers every missing partition of the plan in one statement, and mends locations that differ."""

    def months(self, context: Context) -> Sequence[Month]:
        """The months without a partition."""
        return [month.month for month in self.loaded_plan(context).with_partition(PartitionState.MISSING)]

    def execute(self, context: Context) -> Any:
        """Return the months whose partition was added or moved.

        Raises:
            AirflowFailException: if Athena refuses a statement.
            QueryExecutionFailed: if one failed in a way that a retry may mend.
        """
        plan = self.loaded_plan(context)
        missing = plan.with_partition(PartitionState.MISSING)
        elsewhere = plan.with_partition(PartitionState.OTHER_LOCATION)
        with refusals_end_the_task():
            if missing:
                self.run(context, self.query, self.work("add_partition", missing))
            for month in elsewhere:
                self.run(
                    context,
                    self.statement("set_partition_location", [month]),
                    self.work("set_partition_location", [month]),
                )
        return {
            "added": [str(month.month) for month in missing],
            "moved": [str(month.month) for month in elsewhere],
        }
