"""Tables and partitions that are not what the settings declare: the difference and what mends it, at plan and gate."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import pytest

from demo.estate import source_key
from demo.waiting import wait_until
from tests.stages.conftest import MakeWorld
from tests.support.refusals import FEBRUARY, during_ingestion, refused, standing, up_to
from tests.support.world import JANUARY, World

Change = Callable[[dict[str, Any]], object]


def change_table(world: World, change: Change) -> None:
    """Somebody changes the table in Glue, as a crawler or a console does."""
    glue, database = world.estate.admin("glue"), world.account.database
    found = glue.get_table(DatabaseName=database, Name="sales")["Table"]
    members = ("Name", "StorageDescriptor", "PartitionKeys", "TableType", "Parameters")
    table = {member: found[member] for member in members if member in found}
    change(table)
    glue.update_table(DatabaseName=database, TableInput=table)


def columns(table: dict[str, Any]) -> list[dict[str, str]]:
    """The table's columns, to be changed."""
    found: list[dict[str, str]] = table["StorageDescriptor"]["Columns"]
    return found


CHANGES: dict[str, tuple[Change, tuple[str, ...]]] = {
    "another type": (
        lambda table: columns(table)[2].update(Type="string"),
        ("quantity string", "quantity int"),
    ),
    "another name": (lambda table: columns(table)[2].update(Name="qty"), ("qty int", "quantity int")),
    "two columns swapped": (
        lambda table: columns(table).insert(0, columns(table).pop(1)),
        ("the catalog has (product string, date date", "declares (date date, product string"),
    ),
    "a column more": (
        lambda table: columns(table).append({"Name": "region", "Type": "string"}),
        ("region string",),
    ),
    "a column less": (lambda table: columns(table).pop(), ("unit_price decimal(10,2))",)),
    "another delimiter": (
        lambda table: table["StorageDescriptor"]["SerdeInfo"]["Parameters"].update({"field.delim": ";"}),
        ("delimiter ;", "delimiter ,"),
    ),
    "no header line": (
        lambda table: table["Parameters"].pop("skip.header.line.count"),
        ("header lines 0", "header lines 1"),
    ),
    "another SerDe": (
        lambda table: table["StorageDescriptor"]["SerdeInfo"].update(
            SerializationLibrary="org.apache.hadoop.hive.serde2.OpenCSVSerde"
        ),
        ("serde org.apache.hadoop.hive.serde2.OpenCSVSerde",),
    ),
    "another location": (
        lambda table: table["StorageDescriptor"].update(Location="s3://elsewhere-1/"),
        ("location: the catalog has s3://elsewhere-1",),
    ),
}


def test_without_a_table_the_load_says_to_run_provision(make_world: MakeWorld) -> None:
    world = make_world()
    world.put(JANUARY)

    refused(world.load(), "inspect_source", "provision")


@pytest.mark.parametrize("name", CHANGES)
def test_a_table_with_other_columns_or_format_is_refused_at_plan_and_gate_with_the_difference(
    ready: World, name: str
) -> None:
    change, says = CHANGES[name]
    change_table(ready, change)
    before = standing(ready)

    held = ready.load("2024-02", only="ingest_data_set")
    planned = ready.load("2024-02")
    provisioned = ready.provision()

    refused(held, "ingest_data_set", "in Glue is not what accounts.yaml declares", *says)
    refused(planned, "inspect_source", "in Glue is not what accounts.yaml declares", *says)
    refused(provisioned, "create_table", "in Glue is not what accounts.yaml declares", *says)
    assert standing(ready) == before


def test_the_statement_that_the_error_gives_mends_the_table(ready: World) -> None:
    change_table(ready, CHANGES["another type"][0])
    held = ready.load("2024-02", only="ingest_data_set")

    _run_as_administrator(ready, held.error.splitlines()[-1])
    assert not ready.provision().errors
    assert not ready.load("2024-02").errors

    assert ready.evidence.spice_rows(ready.account) == 4
    assert sorted(ready.evidence.partitions(ready.account)) == ["2024-01", "2024-02"]


def test_a_table_changed_while_quicksight_reads_is_not_called_published_even_when_it_is_put_back(
    ready: World,
) -> None:
    outcome = during_ingestion(
        ready, lambda _: change_table(ready, lambda table: columns(table)[2].update(Type="string"))
    )
    change_table(ready, lambda table: columns(table)[2].update(Type="int"))

    refused(outcome, "ingest_data_set", "quantity string", "quantity int")
    assert_ingested_again(ready)
    assert ready.ledger("2024-02")["published_at"]


def test_a_file_changed_while_quicksight_reads_and_put_back_is_ingested_again(ready: World) -> None:
    outcome = during_ingestion(ready, lambda _: ready.put(FEBRUARY.replace("25.99\n", "99.99\n"), "2024-02"))
    ready.put(FEBRUARY, "2024-02")

    refused(outcome, "ingest_data_set", "was changed under an ingestion", "2024-02: its ")
    assert_ingested_again(ready)
    sales = {str(row["total_sales"]) for row in ready.evidence.spice_records(ready.account)}
    assert sales == {"2599.00", "2499.50", "1949.25", "25.99"}


def test_a_file_changed_and_put_back_within_one_ingestion_is_ingested_again(ready: World) -> None:
    def change_and_put_back(_: str) -> None:
        time.sleep(1.1)  # S3 states times in whole seconds
        ready.put(FEBRUARY.replace("25.99\n", "99.99\n"), "2024-02")
        ready.put(FEBRUARY, "2024-02")

    outcome = during_ingestion(ready, change_and_put_back, seconds=6)

    refused(outcome, "ingest_data_set", "was changed under an ingestion", "2024-02: its ")
    assert_ingested_again(ready)


def test_a_partition_elsewhere_is_mended_and_its_month_checked_and_published_anew(loaded: World) -> None:
    right = loaded.evidence.partitions(loaded.account)
    elsewhere = f"s3://{loaded.account.tables[0].bucket}/elsewhere/"
    loaded.put_object("elsewhere/sales.csv", JANUARY.replace("2599.00", "1.00").encode())
    _run_as_administrator(
        loaded,
        f"ALTER TABLE `{loaded.account.database}`.`sales` PARTITION (year = 2024, month = 1) "
        f"SET LOCATION '{elsewhere}'",
    )
    checked = loaded.ledger()["query_execution_id"]

    outcome = loaded.load()

    assert not outcome.errors, outcome.error
    assert outcome.results["add_partition"] == {"added": [], "moved": ["2024-01"]}
    assert loaded.evidence.partitions(loaded.account) == right
    assert loaded.ledger()["query_execution_id"] != checked
    assert sorted(str(row["total_sales"]) for row in loaded.evidence.spice_records(loaded.account)) == [
        "1949.25",
        "2499.50",
        "2599.00",
    ]


def test_a_partition_that_was_dropped_comes_back_though_the_load_that_saw_it_first_was_refused(
    loaded: World,
) -> None:
    """Of a month beyond the look-back: only the ledger still knows of it."""
    loaded.estate.admin("glue").delete_partition(
        DatabaseName=loaded.account.database, TableName="sales", PartitionValues=["2024", "1"]
    )
    loaded.put(FEBRUARY.replace("25.99\n", "x\n"), "2024-02")
    assert "BadValues" in loaded.load("2024-02").error
    loaded.estate.admin("s3", loaded.account).delete_object(
        Bucket=loaded.account.tables[0].bucket, Key=source_key(loaded.account.tables[0], "2024-02")
    )
    loaded.put(JANUARY.replace("2024-01", "2023-06"), "2023-06")

    outcome = loaded.load("2023-06")

    assert not outcome.errors, outcome.error
    assert sorted(loaded.evidence.partitions(loaded.account)) == ["2023-06", "2024-01"]
    assert loaded.evidence.spice_rows(loaded.account) == 6


def test_a_month_that_was_reopened_and_not_yet_checked_again_holds_the_gate(ready: World) -> None:
    ready.estate.admin("glue").delete_partition(
        DatabaseName=ready.account.database, TableName="sales", PartitionValues=["2024", "1"]
    )
    up_to(ready, "add_partition")  # as if a worker were killed before it

    held = ready.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "2024-01: its partition is gone from the catalog")


def test_a_partition_moved_between_check_and_ingestion_holds_the_gate(ready: World) -> None:
    _run_as_administrator(
        ready,
        f"ALTER TABLE `{ready.account.database}`.`sales` PARTITION (year = 2024, month = 1) "
        f"SET LOCATION 's3://{ready.account.tables[0].bucket}/elsewhere/'",
    )

    held = ready.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "2024-01: its partition is at another location; the next load mends it")
    assert ready.evidence.spice_rows(ready.account) == 3
    assert not ready.load("2024-02").errors
    assert ready.evidence.spice_rows(ready.account) == 4


def assert_ingested_again(world: World) -> None:
    """The next load goes through by an ingestion of its own: the one before may have read something else."""
    begun = len(world.evidence.ingestions(world.account))

    again = world.load("2024-02")

    assert not again.errors, again.error
    assert len(world.evidence.ingestions(world.account)) == begun + 1


def _run_as_administrator(world: World, statement: str) -> None:
    athena = world.estate.admin("athena")
    started = athena.start_query_execution(QueryString=statement, WorkGroup=world.account.workgroup)

    def state() -> str:
        answer = athena.get_query_execution(QueryExecutionId=started["QueryExecutionId"])
        return str(answer["QueryExecution"]["Status"]["State"])

    wait_until(lambda: state() == "SUCCEEDED", what=statement, timeout_seconds=20)


def test_a_month_that_a_crawler_registered_a_second_time_holds_load_and_gate(ready: World) -> None:
    glue = ready.estate.admin("glue")
    name = {"DatabaseName": ready.account.database, "TableName": "sales"}
    found = glue.get_partition(**name, PartitionValues=["2024", "1"])["Partition"]
    again = {"Values": ["2024", "01"], "StorageDescriptor": found["StorageDescriptor"]}
    glue.create_partition(**name, PartitionInput=again)

    held = ready.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "2024-01 is registered twice", "(2024, 01)")
    refused(ready.load("2024-02"), "inspect_source", "2024-01 is registered twice")
    assert ready.evidence.spice_rows(ready.account) == 3


def test_another_delimiter_than_the_tables_is_refused_before_a_file_is_read(loaded: World) -> None:
    table = loaded.account.tables[0]
    tables = (
        table.model_copy(update={"text_format": table.text_format.model_copy(update={"delimiter": ";"})}),
    )
    account = loaded.account.model_copy(update={"tables": tables})
    loaded.settings = loaded.settings.model_copy(update={"workload_accounts": (account,)})

    refused(loaded.load(), "inspect_source", "text format", "delimiter ,", "delimiter ;")
    assert "text format" in loaded.provision().error
