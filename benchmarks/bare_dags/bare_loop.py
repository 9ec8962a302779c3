"""Airflow: a bare loop over as many Dags of six tasks as $BENCHMARK_DAGS says, the shape of a load without Sightline.

No settings file, no validation, nothing shared: the names are counted up, and each task is the provider's (or
Airflow's) own class that Sightline's stage of the same name builds on.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.providers.standard.operators.python import PythonOperator
from airflow.sdk import DAG, Asset, CronDataIntervalTimetable, Param, TaskGroup

REGION = "ap-northeast-1"
# As long as the text that Sightline shows of a load.
RUNBOOK = "What to do when a task fails: look at its log. " * 50


def inspect_source() -> None:
    """Stand for a stage that is a Python function."""


for number in range(int(os.environ["BENCHMARK_DAGS"])):
    name = f"account{number}"
    source: dict[str, Any] = {"aws_conn_id": f"aws_{name}", "region_name": REGION}
    analytics: dict[str, Any] = {"aws_conn_id": "aws_analytics", "region_name": REGION}
    with DAG(
        dag_id=f"load_{name}",
        description=f"CSV files of {name} in QuickSight",
        doc_md=f"Loads the files of {name}. {RUNBOOK}",
        schedule=CronDataIntervalTimetable("15 0 * * *", timezone="UTC"),
        start_date=datetime(2024, 1, 1, tzinfo=UTC),
        catchup=False,
        max_active_runs=1,
        template_searchpath=["include/sql"],
        params={
            "month": Param(
                None,
                type=["null", "string"],
                pattern=r"^\d{4}-(0[1-9]|1[0-2])$",
                title="Month",
                description="Load this month (YYYY-MM). Empty: the month of yesterday.",
            )
        },
        default_args={
            "owner": "data-platform",
            "retries": 2,
            "retry_delay": timedelta(minutes=5),
            "retry_exponential_backoff": 2.0,
            "max_retry_delay": timedelta(minutes=30),
            "execution_timeout": timedelta(hours=2),
        },
        tags=["load", name],
    ):
        who = PythonOperator(task_id="assume_role", python_callable=inspect_source)
        with TaskGroup("sales"):
            wait = S3KeySensor(
                task_id="wait_for_source_object",
                bucket_name=f"source-{name}",
                bucket_key="data/sales/sales.csv",
                deferrable=True,
                **source,
            )
            inspect = PythonOperator(
                task_id="inspect_source", python_callable=inspect_source, trigger_rule="none_failed"
            )
            statement: dict[str, Any] = {"workgroup": f"workgroup-{name}", "deferrable": True, **analytics}
            add = AthenaOperator(
                task_id="add_partition",
                query=f"ALTER TABLE {name}.sales ADD PARTITION (year = 2024)",
                **statement,
            )
            check = AthenaOperator(
                task_id="check_row_count", query=f"SELECT count(*) FROM {name}.sales", **statement
            )
            ingest = QuickSightCreateIngestionOperator(
                task_id="ingest_data_set",
                data_set_id=f"{name}-sales",
                ingestion_id=f"{name}-1",
                outlets=[Asset(name=f"{name}.sales", uri=f"s3://source-{name}/data/sales/")],
                deferrable=True,
                **analytics,
            )
        who >> wait >> inspect >> add >> check >> ingest
