"""The daily load of each workload account."""

from __future__ import annotations

from datetime import datetime, time
from zoneinfo import ZoneInfo

from airflow.sdk import DAG, CronDataIntervalTimetable, Param, get_parsing_context

from sightline.dag_factory.defaults import default_args, runbook
from sightline.operators.sts import AssumeRoleOperator
from sightline.settings import AnalyticsAccount, Settings, WorkloadAccount
from sightline.sql import SQL_FOLDER
from sightline.task_groups import load_table


def build_load_dags(settings: Settings) -> list[DAG]:
    """Build every account's load; in a worker, which parses the file for one task of one Dag, only that one."""
    wanted = get_parsing_context().dag_id
    accounts = settings.workload_accounts
    return [
        build_load_dag(settings.analytics, account)
        for account in accounts
        if wanted in (None, load_dag_id(account))
    ]


def load_dag_id(account: WorkloadAccount) -> str:
    """The id of an account's load."""
    return f"load_{account.name}"


def build_load_dag(analytics: AnalyticsAccount, account: WorkloadAccount) -> DAG:
    """Build the daily load of one workload account."""
    with DAG(
        dag_id=load_dag_id(account),
        description=f"CSV files of {account.name} ({account.account_id}) → Athena → QuickSight, proved equal",
        doc_md=runbook("load", account=account, analytics=analytics),
        schedule=CronDataIntervalTimetable(account.schedule, timezone=account.timezone),
        start_date=datetime.combine(account.start_date, time(), ZoneInfo(account.timezone)),
        catchup=False,
        max_active_runs=1,
        template_searchpath=[str(SQL_FOLDER)],
        default_args=default_args(account.retries, account.retry_delay_seconds),
        tags=["sightline", "load", account.name],
    ) as dag:
        who = AssumeRoleOperator(task_id="assume_role", analytics=analytics, account=account)
        for table in account.tables:
            who >> load_table(analytics, account, table)
    # Given last: an operator copies the parameters that its Dag has, anew for each class that it builds on, which is a
    # third of what building a Dag takes. A run has its Dag's parameters either way.
    dag.params["month"] = _month_param()
    return dag


def _month_param() -> Param:
    return Param(
        None,
        type=["null", "string"],
        pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
        title="Month",
        description="Load this month (YYYY-MM). Empty: the month that yesterday's data belongs to.",
    )
