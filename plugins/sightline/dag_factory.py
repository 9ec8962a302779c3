"""From settings to Dags."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from airflow.providers.standard.operators.python import ShortCircuitOperator
from airflow.sdk import DAG, CronDataIntervalTimetable, Param, TaskGroup

from sightline.operators.base import TableArguments
from sightline.operators.provision import (
    CreateTableOperator,
    EnsureBucketOperator,
    EnsureDataSetOperator,
    EnsureDataSourceOperator,
    EnsureWorkgroupOperator,
    ProvisionStatementOperator,
)
from sightline.operators.sts import AssumeRoleOperator
from sightline.settings import AnalyticsAccount, Settings, Table, WorkloadAccount
from sightline.sql import SQL_FOLDER
from sightline.task_groups import load_table

OWNER = "data-platform"
LONGEST_RETRY_DELAY = timedelta(minutes=30)


def build_load_dag(analytics: AnalyticsAccount, account: WorkloadAccount) -> DAG:
    """Build the daily load of one workload account."""
    with DAG(
        dag_id=f"load_{account.name}",
        description=f"CSV files of {account.name} ({account.account_id}) → Athena → QuickSight, proved equal",
        doc_md=_runbook("load", account=account, analytics=analytics),
        schedule=CronDataIntervalTimetable(account.schedule, timezone=account.timezone),
        start_date=datetime.combine(account.start_date, time(), ZoneInfo(account.timezone)),
        catchup=False,
        max_active_runs=1,
        template_searchpath=[str(SQL_FOLDER)],
        params={"month": _month_param()},
        default_args=_default_args(account.retries, account.retry_delay_seconds),
        tags=["sightline", "load", account.name],
    ) as dag:
        who = AssumeRoleOperator(task_id="assume_role", analytics=analytics, account=account)
        for table in account.tables:
            who >> load_table(analytics, account, table)
    return dag


def build_provision_dag(settings: Settings) -> DAG:
    """Build the Dag that makes what the loads stand on, again and again without harm."""
    names = [account.name for account in settings.workload_accounts]
    analytics = settings.analytics
    with DAG(
        dag_id="provision",
        description="Ledger and results buckets, workgroups, databases, tables, data sources, data sets",
        doc_md=_runbook("provision", analytics=analytics),
        schedule=None,
        catchup=False,
        max_active_runs=1,
        template_searchpath=[str(SQL_FOLDER)],
        params={
            "accounts": Param(
                names, type="array", items={"type": "string", "enum": names}, description="Workload accounts"
            )
        },
        default_args=_default_args(retries=2, retry_delay_seconds=30),
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


def _month_param() -> Param:
    return Param(
        None,
        type=["null", "string"],
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
        title="Month",
        description="Load this month (YYYY-MM). Empty: the month that yesterday's data belongs to.",
    )


def _default_args(retries: int, retry_delay_seconds: int) -> dict[str, Any]:
    return {
        "owner": OWNER,
        "retries": retries,
        "retry_delay": timedelta(seconds=retry_delay_seconds),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": LONGEST_RETRY_DELAY,
        "execution_timeout": timedelta(hours=2),
    }


def _runbook(name: str, **values: object) -> str:
    """Fill in the runbook that the Dag's page shows."""
    return (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8").format(**values)


RUNBOOKS = Path(__file__).parent / "runbooks"
