"""The Dag that makes what the loads stand on."""

from __future__ import annotations

from typing import Any

from airflow.providers.standard.operators.python import ShortCircuitOperator
from airflow.sdk import DAG, Param, TaskGroup

from sightline.dag_factory.defaults import default_args, runbook
from sightline.operators.base import TableArguments
from sightline.operators.provision import (
    CreateTableOperator,
    EnsureBucketOperator,
    EnsureDataSetOperator,
    EnsureDataSourceOperator,
    EnsureWorkgroupOperator,
    ProvisionStatementOperator,
)
from sightline.settings import AnalyticsAccount, Settings, Table, WorkloadAccount
from sightline.sql import SQL_FOLDER


def build_provision_dag(settings: Settings) -> DAG:
    """Build the Dag that makes what the loads stand on, again and again without harm."""
    names = [account.name for account in settings.workload_accounts]
    analytics = settings.analytics
    with DAG(
        dag_id="provision",
        description="Ledger and results buckets, workgroups, databases, tables, data sources, data sets",
        doc_md=runbook("provision", analytics=analytics),
        schedule=None,
        catchup=False,
        max_active_runs=1,
        template_searchpath=[str(SQL_FOLDER)],
        params={
            "accounts": Param(
                names, type="array", items={"type": "string", "enum": names}, description="Workload accounts"
            )
        },
        default_args=default_args(retries=2, retry_delay_seconds=30),
        tags=["sightline", "provision"],
    ) as dag:
        ledger = EnsureBucketOperator(
            task_id="create_ledger_bucket",
            analytics=analytics,
            bucket=analytics.ledger_bucket,
            versioned=True,
        )
        for account in settings.workload_accounts:
            ledger >> _provision_account(analytics, account)
    return dag


def _provision_account(analytics: AnalyticsAccount, account: WorkloadAccount) -> TaskGroup:
    with TaskGroup(group_id=account.name) as group:
        chosen = ShortCircuitOperator(
            task_id="is_chosen", python_callable=_is_chosen, op_kwargs={"account": account.name}
        )
        results = EnsureBucketOperator(
            task_id="create_results_bucket", analytics=analytics, bucket=account.results_bucket
        )
        workgroup = EnsureWorkgroupOperator(task_id="create_workgroup", analytics=analytics, account=account)
        database = ProvisionStatementOperator(
            task_id="create_database",
            query="create_database.sql",
            analytics=analytics,
            account=account,
            table=account.tables[0],
        )
        chosen >> results >> workgroup >> database
        for table in account.tables:
            database >> _provision_table(analytics, account, table)
    return group


def _provision_table(analytics: AnalyticsAccount, account: WorkloadAccount, table: Table) -> TaskGroup:
    where = TableArguments(analytics=analytics, account=account, table=table)
    with TaskGroup(group_id=table.name) as group:
        (
            CreateTableOperator(task_id="create_table", query="create_table.sql", **where)
            >> EnsureDataSourceOperator(task_id="create_data_source", **where)
            >> EnsureDataSetOperator(task_id="create_data_set", **where)
        )
    return group


def _is_chosen(account: str, params: dict[str, Any]) -> bool:
    return account in params["accounts"]
