"""What a load stands on, created when missing and compared when there: buckets, workgroup, table, data set."""

from __future__ import annotations

from typing import Any

from airflow.sdk import BaseOperator, Context

from sightline.hooks.buckets import ensure_bucket
from sightline.hooks.data_sets import QuickSightAssets
from sightline.hooks.workgroups import ensure_workgroup
from sightline.operators.athena import StatementOperator
from sightline.operators.base import refusals_end_the_task
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount


class EnsureBucketOperator(BaseOperator):
    """Makes a bucket of the analytics account if it is missing."""

    def __init__(
        self, *, analytics: AnalyticsAccount, bucket: str, versioned: bool = False, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.analytics, self.bucket, self.versioned = analytics, bucket, versioned

    def execute(self, context: Context) -> str:
        """Return "created" or "unchanged"."""
        with refusals_end_the_task():
            is_new = ensure_bucket(self.analytics, self.bucket, versioned=self.versioned)
        return "created" if is_new else "unchanged"


class EnsureWorkgroupOperator(BaseOperator):
    """Makes the account's workgroup, or mends one whose results location or cutoff differs."""

    def __init__(self, *, analytics: AnalyticsAccount, account: WorkloadAccount, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.analytics, self.account = analytics, account

    def execute(self, context: Context) -> str:
        """Return "created", "updated" or "unchanged"."""
        with refusals_end_the_task():
            return ensure_workgroup(self.analytics, self.account)


class ProvisionStatementOperator(StatementOperator):
    """Runs the task's statement once a try: it is harmless when repeated, and what it made may be gone since."""

    def execute(self, context: Context) -> str:
        """Return the query execution's id."""
        with refusals_end_the_task():
            tried = {"run": context["dag_run"].run_id, "try": context["ti"].try_number}
            execution = self.run(context, self.query, {"what": self.task_id, **tried})
        return execution.id


class CreateTableOperator(ProvisionStatementOperator):
    """Makes the table, and refuses one that is there already with another shape, location or text format."""

    def execute(self, context: Context) -> str:
        """Return the query execution's id.

        Raises:
            AirflowFailException: if the table is not what the settings declare, or Athena refuses the statement.
            QueryExecutionFailed: if a retry may help.
        """
        answer = super().execute(context)
        with refusals_end_the_task():
            self.scope.require_declared_table()
        return answer


class _AssetOperator(BaseOperator):
    """What the operators of QuickSight's assets share: whose they are."""

    def __init__(
        self, *, analytics: AnalyticsAccount, account: WorkloadAccount, table: Table, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        self.analytics, self.account, self.table = analytics, account, table

    @property
    def assets(self) -> QuickSightAssets:
        """The table's data source and data set."""
        return QuickSightAssets(self.analytics, self.account, self.table)


class EnsureDataSourceOperator(_AssetOperator):
    """Makes or updates the table's QuickSight data source."""

    def execute(self, context: Context) -> str:
        """Return "created", "updated" or "unchanged"."""
        with refusals_end_the_task():
            return self.assets.ensure_data_source()


class EnsureDataSetOperator(_AssetOperator):
    """Makes or updates the table's QuickSight data set."""

    def execute(self, context: Context) -> str:
        """Return "created", "updated" or "unchanged"."""
        with refusals_end_the_task():
            return self.assets.ensure_data_set()
