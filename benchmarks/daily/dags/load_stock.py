"""Airflow: the daily load of one account as stock operators of the Amazon provider do it best.

The stages of a load, and nothing of Sightline's: each is an operator as it is shipped. Database and table are there, as
they are for Sightline. Statements and the ingestion are awaited in the worker, which is faster than deferring them (a
deferral takes about 3 s): statements with looks as often as Sightline's first ones, the ingestion a second apart, since
its operator takes whole seconds. The wait for the file looks once, and only then is deferred.
"""

from __future__ import annotations

import csv
from datetime import UTC, datetime, timedelta
from typing import Any

from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.hooks.s3 import S3Hook
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG, Param, task

REGION = "ap-northeast-1"
BUCKET = "source-stock-222222222222"
YEAR, MONTH = "{{ params.month[:4] }}", "{{ params.month[5:] }}"
FOLDER = f"data/sales/year={YEAR}/month={MONTH}"
KEY = f"{FOLDER}/sales_data_{YEAR}_{MONTH}.csv"
SOURCE: dict[str, Any] = {"aws_conn_id": "aws_stock", "region_name": REGION}
ANALYTICS: dict[str, Any] = {"aws_conn_id": "aws_analytics", "region_name": REGION}
STATEMENT: dict[str, Any] = {
    "database": "stock_data",
    "workgroup": "workgroup-stock",
    "sleep_time": 0.1,
    **ANALYTICS,
}


@task
def validate(key: str, query_execution_id: str) -> int:
    """Compare the file's records with the count that Athena gave."""
    text = S3Hook(**SOURCE).read_key(key, BUCKET)
    in_file = sum(1 for _ in csv.reader(text.splitlines())) - 1
    answer = AthenaHook(**ANALYTICS).get_query_results(query_execution_id)
    in_athena = int(answer["ResultSet"]["Rows"][1]["Data"][0]["VarCharValue"])
    if in_file != in_athena:
        raise ValueError(f"{in_file} records in {key}, {in_athena} rows in Athena")
    return in_athena


with DAG(
    dag_id="load_stock",
    schedule="@daily",
    start_date=datetime(2024, 1, 1, tzinfo=UTC),
    catchup=False,
    max_active_runs=1,
    params={"month": Param("2024-01", type="string", pattern=r"^\d{4}-\d{2}$")},
    default_args={"retries": 2, "retry_delay": timedelta(seconds=30)},
):
    wait_for_source_object = S3KeySensor(
        task_id="wait_for_source_object",
        bucket_name=BUCKET,
        bucket_key=KEY,
        poke_interval=5,
        deferrable=True,
        **SOURCE,
    )
    add_partition = AthenaOperator(
        task_id="add_partition",
        query=f"""
            ALTER TABLE stock_data.sales ADD IF NOT EXISTS
            PARTITION (year = {YEAR}, month = {{{{ params.month[5:] | int }}}}) LOCATION 's3://{BUCKET}/{FOLDER}/'
        """,
        **STATEMENT,
    )
    count_rows = AthenaOperator(
        task_id="count_rows",
        query=f"SELECT count(*) FROM stock_data.sales WHERE year = {YEAR} AND month = {{{{ params.month[5:] | int }}}}",
        **STATEMENT,
    )
    ingest_data_set = QuickSightCreateIngestionOperator(
        task_id="ingest_data_set",
        data_set_id="stock-sales",
        # An id is used once, also one that failed: a run and a try have one of their own.
        ingestion_id="{{ run_id | replace(':', '-') | replace('+', '-') | replace('.', '-') }}-{{ ti.try_number }}",
        waiter_delay=1,
        **ANALYTICS,
    )
    wait_for_source_object >> add_partition >> count_rows
    validate(KEY, count_rows.output) >> ingest_data_set
