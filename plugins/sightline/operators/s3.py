"""The stages that look at the source bucket: waiting for a month's source objects, and inspecting them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import BaseOperator, BaseXCom, Context, SkipMixin
from airflow.sdk.exceptions import AirflowSkipException
from pydantic import JsonValue

from sightline.errors import LateSource, SourceRefused, named, one_line
from sightline.figures import Figures
from sightline.hooks.s3 import SourceBucket
from sightline.ledger import Ledger
from sightline.operators.base import TableScope, refusals_end_the_task
from sightline.partitions import (
    Month,
    due_at,
    expected_key,
    month_of_run,
    object_regex,
    partition_prefix,
)
from sightline.planning import (
    LoadPlan,
    MonthPlan,
    candidate_months,
    inspected,
    misplaced_months,
    plan_months,
)
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount
from sightline.sources import by_month, refuse_strays, stray_keys
from sightline.triggers.s3 import SourceObjectTrigger

STRAYS_SHOWN = 5


def run_month(account: WorkloadAccount, table: Table, context: Mapping[str, Any]) -> Month:
    """Tell which month a run is for: its `month` parameter, else what its data interval ends, else yesterday's.

    Yesterday is that of the run, not of the task: cleared weeks later, it is still the same month.
    """
    requested = (context.get("params") or {}).get("month")
    return month_of_run(
        table,
        interval_end=context.get("data_interval_end"),
        requested=Month.parse(requested) if requested else None,
        now=context["dag_run"].run_after,
        timezone=account.timezone,
    )


class SourceObjectSensor(S3KeySensor):
    """Waits for the first source object of the run's month.

    It looks once and, if nothing is there, defers: any number of accounts that wait hold no worker slot. A wait that
    ends before the due day is over is skipped, a later one fails.
    """

    def __init__(self, *, account: WorkloadAccount, table: Table, **kwargs: Any) -> None:
        super().__init__(
            bucket_name=table.bucket,
            bucket_key=f"{table.prefix}{table.objects}",
            aws_conn_id=account.connection_id,
            region_name=account.region,
            deferrable=True,
            **kwargs,
        )
        self.account, self.table = account, table

    def execute(self, context: Context) -> None:
        """Look once; defer while the month's objects are missing."""
        month = run_month(self.account, self.table, context)
        with refusals_end_the_task():
            if self._is_there(month):
                return
            until = self._wait_ends(month)
        self.log.info(
            "No %s yet; waiting until %s", self._awaited(month), until.isoformat(timespec="seconds")
        )
        self.defer(
            trigger=self._trigger(month, until),
            method_name="execute_complete",
            # The trigger ends the wait itself; Airflow's own time-out only catches a trigger that hangs.
            timeout=until - datetime.now(UTC) + timedelta(minutes=5),
            kwargs={"month": str(month)},
        )

    def _is_there(self, month: Month) -> bool:
        bucket = SourceBucket(self.account, self.table)
        return month in by_month(self.table, bucket.objects(partition_prefix(self.table, month)))

    def _wait_ends(self, month: Month) -> datetime:
        now = datetime.now(UTC)
        due = due_at(self.table, month, self.account.timezone)
        if now >= due:
            raise self._late(month)
        return min(due, now + timedelta(hours=self.table.wait_hours)).astimezone(UTC)

    def _trigger(self, month: Month, until: datetime) -> SourceObjectTrigger:
        return SourceObjectTrigger(
            bucket=self.table.bucket,
            prefix=partition_prefix(self.table, month),
            owner=self.account.account_id,
            pattern=object_regex(self.table, month),
            until=until.isoformat(),
            poll_seconds=self.table.poll_seconds,
            aws_conn_id=self.account.connection_id,
            region_name=self.account.region,
        )

    def _awaited(self, month: Month) -> str:
        return f"s3://{self.table.bucket}/{expected_key(self.table, month)}"

    def _late(self, month: Month) -> LateSource:
        return LateSource(
            account=self.account.name,
            bucket=self.table.bucket,
            key=expected_key(self.table, month),
            month=month,
            due=due_at(self.table, month, self.account.timezone),
            others=self._others(month),
        )

    def _others(self, month: Month) -> str:
        """What lies there instead, such as a file with another name."""
        found = SourceBucket(self.account, self.table).objects(partition_prefix(self.table, month))
        keys = ", ".join(map(one_line, stray_keys(self.table, [month], found)[:STRAYS_SHOWN]))
        return f" There lies instead, and no pattern matches it: {keys}." if keys else ""

    def execute_complete(self, context: Context, event: dict[str, Any], month: str = "") -> None:
        """Go on when the object came; skip or fail when the wait is over."""
        if event["status"] == "refused":
            with refusals_end_the_task():
                raise SourceBucket(self.account, self.table).denied(event["code"], event["message"])
        if event["status"] == "found":
            return
        waited_for = Month.parse(month)
        due = due_at(self.table, waited_for, self.account.timezone)
        if datetime.now(UTC) >= due:
            with refusals_end_the_task():
                raise self._late(waited_for)
        raise AirflowSkipException(f"No {self._awaited(waited_for)} yet; it is due by {due.isoformat()}")


class InspectSourceOperator(BaseOperator, SkipMixin):
    """Decides from one listing, the ledger and the catalog what needs loading, and reads only that.

    Returns the plan with what the files hold. When there is nothing to do, the rest of the table's stages is skipped.
    """

    def __init__(
        self, *, analytics: AnalyticsAccount, account: WorkloadAccount, table: Table, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.scope = TableScope(analytics, account, table)

    def execute(self, context: Context) -> JsonValue:
        """Plan, inspect, and hand the plan on."""
        with refusals_end_the_task():
            plan = self._plan(run_month(self.scope.account, self.scope.table, context))
            plan = inspected(plan, self._figures(plan))
        document = plan.to_json()
        if plan.is_empty:
            self.log.info("%s: unchanged, nothing to load and nothing to publish", plan.run_month)
            context["ti"].xcom_push(key=BaseXCom.XCOM_RETURN_KEY, value=document)
            self.skip(context["ti"], self.downstream_list)
        return document

    def _plan(self, month: Month) -> LoadPlan:
        table = self.scope.table
        self.scope.require_declared_table()
        partitions = self.scope.partitions()
        objects = self.scope.source.objects(table.prefix)
        sources = by_month(table, objects)
        stored = self.scope.ledger.read()
        months = candidate_months(table, month, sources, stored.ledger, partitions)
        refuse_strays(table, months, objects)
        misplaced = misplaced_months(table, months, stored.ledger, partitions)
        planned = plan_months(table, months, sources, stored.ledger.reopened(misplaced), partitions)
        unchanged = set(months) - {plan.month for plan in planned}
        self.scope.ledger.update(lambda ledger: ledger.reopened(misplaced).settled(unchanged), known=stored)
        return LoadPlan(self.scope.account.name, table.name, month, planned)

    def _figures(self, plan: LoadPlan) -> dict[Month, Figures]:
        """Inspect every month that needs a check; all refusals are told at once and recorded."""
        figures, refusals = {}, {}
        for month in plan.to_check():
            self.log.info("%s: inspecting %d source object(s)", month.month, len(month.objects))
            try:
                figures[month.month] = self.scope.source.figures(month.objects)
            except SourceRefused as refusal:
                refusals[month] = refusal
        if refusals:
            self._record(refusals)
            told = (f"{month.month}: {named(refusal)}" for month, refusal in refusals.items())
            raise SourceRefused("\n".join(told))
        return figures

    def _record(self, refusals: Mapping[MonthPlan, SourceRefused]) -> None:
        def with_failures(ledger: Ledger) -> Ledger:
            for month, refusal in refusals.items():
                ledger = ledger.failed({month.month: month.revision}, named(refusal))
            return ledger

        self.scope.ledger.update(with_failures)
