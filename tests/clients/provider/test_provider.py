"""The operators and sensors of Airflow's Amazon provider, as they are, in this process: a month from S3 to SPICE.

They run in the project's own environment, with the connections that a load has: the reader role for the source, the
pipeline role for the rest. Deferrable ones are resumed by their own triggers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from airflow.providers.amazon.aws.hooks.athena import AthenaHook
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.providers.amazon.aws.operators.quicksight import QuickSightCreateIngestionOperator
from airflow.providers.amazon.aws.sensors.athena import AthenaSensor
from airflow.providers.amazon.aws.sensors.glue_catalog_partition import GlueCatalogPartitionSensor
from airflow.providers.amazon.aws.sensors.quicksight import QuickSightSensor
from airflow.providers.amazon.aws.sensors.s3 import S3KeySensor
from airflow.sdk import DAG

from demo.cloud import Cloud as DemoCloud
from tests.local_aws.conftest import Cloud
from tests.support.stages import Outcome, run_dag
from tests.support.world import HEADER, World, new_world, settings_document

MONTHS = ("2024-01", "2024-02")
ROWS = 1300
START = datetime(2024, 1, 1, tzinfo=UTC)


def sales(month: str) -> str:
    """A month's file: every ninth sale has no quantity, and no total."""
    lines = []
    for n in range(ROWS):
        price, quantity = Decimal(n * 7 + 101) / 100, n % 30 + 1
        sold = f"{quantity},{price:.2f},{quantity * price:.2f}" if n % 9 else f",{price:.2f},"
        lines.append(f"{month}-{n % 28 + 1:02},Widget {n % 5},{sold}\n")
    return HEADER + "".join(lines)


def totals(*months: str) -> list[Decimal]:
    """What csv and Decimal find in the files."""
    rows = [row for month in months for row in csv.DictReader(io.StringIO(sales(month)))]
    return [Decimal(row["total_sales"]) for row in rows if row["total_sales"]]


@pytest.fixture
def world(cloud: Cloud, tmp_path: Path) -> Iterator[World]:
    """Two accounts of their own, provisioned, with two months delivered and not registered."""
    with new_world(DemoCloud(cloud.endpoint), tmp_path, settings_document(retries=0)) as made:
        assert not made.provision().errors
        for month in MONTHS:
            made.put(sales(month), month)
        yield made


class Stock:
    """Stock operators for a world's account."""

    def __init__(self, world: World, *, deferrable: bool = False) -> None:
        self.world, self.account, self.table = world, world.account, world.account.tables[0]
        self.analytics = {"aws_conn_id": "aws_analytics"}
        self.how: dict[str, Any] = {"deferrable": deferrable}

    def wait_for_object(self, month: str) -> S3KeySensor:
        key = (
            f"{self.table.prefix}year={month[:4]}/month={month[5:]}/sales_data_{month.replace('-', '_')}.csv"
        )
        return S3KeySensor(
            task_id=f"wait_{month}",
            bucket_name=self.table.bucket,
            bucket_key=key,
            aws_conn_id=self.account.connection_id,
            poke_interval=1,
            timeout=30,
            **self.how,
        )

    def statement(self, task_id: str, sql: str) -> AthenaOperator:
        return AthenaOperator(
            task_id=task_id,
            query=sql,
            database=self.account.database,
            workgroup=self.account.workgroup,
            sleep_time=1,
            **self.analytics,
            **self.how,
        )

    def add(self, month: str) -> AthenaOperator:
        folder = f"{self.table.prefix}year={month[:4]}/month={month[5:]}/"
        spec = f"PARTITION (year={int(month[:4])}, month={int(month[5:])})"
        location = f"LOCATION 's3://{self.table.bucket}/{folder}'"
        sql = f"ALTER TABLE {self.table.name} ADD IF NOT EXISTS {spec} {location}"
        return self.statement(f"add_{month}", sql)

    def query_is_done(self, task_id: str) -> AthenaSensor:
        given = "{{ ti.xcom_pull(task_ids='" + task_id + "') }}"
        return AthenaSensor(
            task_id=f"{task_id}_is_done",
            query_execution_id=given,
            sleep_time=1,
            max_retries=30,
            **self.analytics,
        )

    def partition_is_there(self, month: str) -> GlueCatalogPartitionSensor:
        return GlueCatalogPartitionSensor(
            task_id=f"partition_{month}",
            database_name=self.account.database,
            table_name=self.table.name,
            expression=f"year = {int(month[:4])} AND month = {int(month[5:])}",
            poke_interval=1,
            timeout=30,
            **self.analytics,
            **self.how,
        )

    def ingest(self, ingestion_id: str = "stock") -> QuickSightCreateIngestionOperator:
        assert self.table.quicksight
        return QuickSightCreateIngestionOperator(
            task_id="ingest",
            data_set_id=self.table.quicksight.data_set_id,
            ingestion_id=ingestion_id,
            waiter_delay=1,
            waiter_max_attempts=60,
            **self.analytics,
            **self.how,
        )

    def ingestion_is_done(self, ingestion_id: str = "stock") -> QuickSightSensor:
        assert self.table.quicksight
        return QuickSightSensor(
            task_id="ingestion_is_done",
            data_set_id=self.table.quicksight.data_set_id,
            ingestion_id=ingestion_id,
            poke_interval=1,
            timeout=60,
            **self.analytics,
            **self.how,
        )


def run(*tasks: Any) -> Outcome:
    """Run these tasks one after the other."""
    with DAG("stock", schedule=None, start_date=START) as dag:
        for task in tasks:
            dag.add_task(task)
    for before, after in pairwise(tasks):
        before >> after
    return run_dag(dag)


@pytest.mark.parametrize("deferrable", [False, True], ids=["inline", "deferrable"])
def test_two_months_go_from_s3_to_spice(world: World, deferrable: bool) -> None:
    stock = Stock(world, deferrable=deferrable)
    months = [
        task
        for month in MONTHS
        for task in (
            stock.wait_for_object(month),
            stock.add(month),
            stock.query_is_done(f"add_{month}"),
            stock.partition_is_there(month),
        )
    ]
    sums = stock.statement(
        "sums", f"SELECT count(*), count(quantity), sum(total_sales) FROM {stock.table.name}"
    )

    outcome = run(*months, sums, stock.ingest(), stock.ingestion_is_done())

    assert set(outcome.states.values()) == {"success"}, outcome.error
    assert world.evidence.spice_rows(world.account) == ROWS * len(MONTHS)
    (page,) = pages(outcome.results["sums"])
    expected = totals(*MONTHS)
    assert page[1] == [str(ROWS * len(MONTHS)), str(len(expected)), str(sum(expected))]


def pages(execution_id: str) -> list[list[list[str | None]]]:
    """A result, page by page, by the provider's hook."""
    found = AthenaHook("aws_analytics").get_query_results_paginator(execution_id)
    return [
        [[datum.get("VarCharValue") for datum in row["Data"]] for row in page["ResultSet"]["Rows"]]
        for page in found
    ]


def test_the_hook_reads_every_page(world: World) -> None:
    stock = Stock(world)
    rows = f"SELECT total_sales FROM {stock.table.name} WHERE month = 1"

    outcome = run(stock.add("2024-01"), stock.statement("rows", rows))

    assert not outcome.error
    found = pages(outcome.results["rows"])
    values = [row[0] for page in found for row in page][1:]
    assert [len(page) for page in found] == [1000, ROWS + 1 - 1000]
    assert sorted(Decimal(value) for value in values if value is not None) == sorted(totals("2024-01"))
    assert values.count(None) == ROWS - len(totals("2024-01"))


@pytest.mark.parametrize("deferrable", [False, True], ids=["inline", "deferrable"])
class TestRefusals:
    def test_a_statement_that_fails_is_a_failed_task(self, world: World, deferrable: bool) -> None:
        stock = Stock(world, deferrable=deferrable)

        outcome = run(stock.statement("wrong", f"SELECT gone FROM {stock.table.name}"))

        assert outcome.states["wrong"] == "failed"
        assert "FAILED" in outcome.error
        assert "COLUMN_NOT_FOUND: Column" in outcome.error

    def test_a_bucket_policy_that_is_gone_fails_query_and_ingestion(
        self, world: World, deferrable: bool
    ) -> None:
        stock = Stock(world, deferrable=deferrable)
        assert not run(stock.add("2024-01")).error
        world.estate.admin("s3", world.account).delete_bucket_policy(Bucket=stock.table.bucket)

        queried = run(stock.statement("count", f"SELECT count(*) FROM {stock.table.name}"))
        ingested = run(stock.ingest())
        sensed = run(stock.ingestion_is_done())

        assert f"Permission denied on S3 path: s3://{stock.table.bucket}/" in queried.error
        assert "Amazon QuickSight SPICE ingestion failed" in ingested.error
        assert "PERMISSION_DENIED" in sensed.error
        assert world.evidence.spice_rows(world.account) == 0

    def test_a_role_that_may_not_list_fails_the_wait(self, world: World, deferrable: bool) -> None:
        iam = world.estate.admin("iam", world.account)
        (name,) = iam.list_role_policies(RoleName="sightline-reader")["PolicyNames"]
        iam.delete_role_policy(RoleName="sightline-reader", PolicyName=name)

        outcome = run(Stock(world, deferrable=deferrable).wait_for_object("2024-01"))

        assert outcome.states["wait_2024-01"] == "failed"
        assert "An error occurred (403) when calling the HeadObject operation: Forbidden" in outcome.error


def test_an_ingestion_id_is_used_once(world: World) -> None:
    stock = Stock(world)
    assert not run(stock.add("2024-01"), stock.ingest("once")).error

    again = run(stock.ingest("once"))

    assert "(ResourceExistsException) when calling the CreateIngestion operation" in again.error
    assert world.evidence.spice_rows(world.account) == ROWS
