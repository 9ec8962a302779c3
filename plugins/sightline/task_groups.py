"""The chain of stages of one table: shared by the daily load and the months backfill."""

from __future__ import annotations

from airflow.sdk import Asset, TaskGroup, TriggerRule

from sightline.operators.athena import AddPartitionOperator
from sightline.operators.base import TableArguments
from sightline.operators.quicksight import IngestDataSetOperator
from sightline.operators.row_count_check import CheckRowCountOperator
from sightline.operators.s3 import InspectSourceOperator, SourceObjectSensor
from sightline.settings import AnalyticsAccount, Table, WorkloadAccount


def load_table(analytics: AnalyticsAccount, account: WorkloadAccount, table: Table) -> TaskGroup:
    """Build the stages that bring one table's months into the data set."""
    where = TableArguments(analytics=analytics, account=account, table=table)
    with TaskGroup(
        group_id=table.name, tooltip=f"{table.location} → {table.quicksight.data_set_id}"
    ) as stages:
        wait = SourceObjectSensor(task_id="wait_for_source_object", account=account, table=table)
        # A month that is not due yet is skipped; redelivered and open months are looked at all the same.
        inspect = InspectSourceOperator(
            task_id="inspect_source", trigger_rule=TriggerRule.NONE_FAILED, **where
        )
        add = AddPartitionOperator(
            task_id="add_partition", query="add_partition.sql", plan=inspect.output, **where
        )
        check = CheckRowCountOperator(
            task_id="check_row_count", query="check_row_count.sql", plan=inspect.output, **where
        )
        ingest = IngestDataSetOperator(
            task_id="ingest_data_set",
            plan=inspect.output,
            outlets=[loaded_table(account, table)],
            **where,
        )
        wait >> inspect >> add >> check >> ingest
    return stages


def loaded_table(account: WorkloadAccount, table: Table) -> Asset:
    """The asset that a completed load updates; its events carry every figure of the load."""
    return Asset(name=f"{account.name}.{table.name}", uri=f"{table.location}")
