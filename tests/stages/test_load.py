"""What one load does: to a month that is new, unchanged, delivered again, or half done."""

from __future__ import annotations

import csv
import gzip
import io
from decimal import Decimal

import pytest

from tests.stages.conftest import MakeWorld
from tests.support.world import HEADER, JANUARY, World

STAGES = [
    "assume_role",
    "wait_for_source_object",
    "inspect_source",
    "add_partition",
    "check_row_count",
    "ingest_data_set",
]
DELIVERED_AGAIN = JANUARY + "2024-01-04,Tool C,30,99.99,2999.70\n"
POLLS = {("athena", "GetQueryExecution"), ("quicksight", "DescribeIngestion")}


def calls_without_polls(world: World) -> int:
    return sum(
        call["count"] for call in world.cloud.calls() if (call["service"], call["operation"]) not in POLLS
    )


def expected_total(text: str, column: str) -> Decimal:
    return sum((Decimal(row[column]) for row in csv.DictReader(io.StringIO(text))), Decimal(0))


def test_a_new_month_ends_in_catalog_spice_and_ledger_with_the_files_figures(world: World) -> None:
    world.put(JANUARY)

    outcome = world.load()

    assert outcome.states == dict.fromkeys(STAGES, "success"), outcome.error
    assert list(world.evidence.partitions(world.account)) == ["2024-01"]
    assert world.evidence.spice_rows(world.account) == 3
    line = world.ledger()
    assert line["figures"]["rows"] == 3
    assert Decimal(line["figures"]["columns"]["total_sales"]["total"]) == expected_total(
        JANUARY, "total_sales"
    )
    assert line["checked_at"] < line["published_at"]


def test_a_new_month_costs_two_statements_one_ingestion_and_at_most_31_calls(world: World) -> None:
    world.put(JANUARY)
    world.cloud.reset_calls()

    world.load()

    assert world.statements() == 2
    assert world.count("quicksight", "CreateIngestion") == 1
    assert calls_without_polls(world) <= 31


def test_an_unchanged_month_costs_no_statement_no_ingestion_and_at_most_12_calls(world: World) -> None:
    world.put(JANUARY)
    world.load()
    world.cloud.reset_calls()

    outcome = world.load()

    assert outcome.states == {
        **dict.fromkeys(STAGES[:3], "success"),
        **dict.fromkeys(STAGES[3:], "skipped"),
    }
    assert world.statements() == 0
    assert world.count("quicksight", "CreateIngestion") == 0
    assert calls_without_polls(world) <= 12


def test_a_file_delivered_again_is_checked_and_published_again(world: World) -> None:
    world.put(JANUARY)
    world.load()
    world.put(DELIVERED_AGAIN)
    world.cloud.reset_calls()

    outcome = world.load()

    assert not outcome.errors
    assert world.statements() == 1
    assert world.evidence.spice_rows(world.account) == 4
    assert world.ledger()["figures"]["rows"] == 4


def test_two_months_are_both_in_spice(world: World) -> None:
    world.put(JANUARY)
    world.load()
    world.put(HEADER + "2024-02-01,Widget A,1,25.99,25.99\n", "2024-02")

    outcome = world.load("2024-02")

    assert not outcome.errors
    assert world.evidence.spice_rows(world.account) == 4
    assert list(world.evidence.partitions(world.account)) == ["2024-01", "2024-02"]


def test_a_month_missed_within_the_look_back_is_loaded_by_the_next_run(world: World) -> None:
    world.put(JANUARY)
    world.put(HEADER + "2024-02-01,Widget A,1,25.99,25.99\n", "2024-02")
    world.cloud.reset_calls()

    outcome = world.load("2024-02")

    assert not outcome.errors
    assert world.statements() == 2
    assert list(world.evidence.partitions(world.account)) == ["2024-01", "2024-02"]


def test_a_partition_that_somebody_dropped_comes_back(world: World) -> None:
    world.put(JANUARY)
    world.load()
    table = f"`{world.account.database}`.`sales`"
    world.evidence.query(f"ALTER TABLE {table} DROP PARTITION (year = 2024, month = 1)", world.account)

    outcome = world.load()

    assert not outcome.errors
    assert list(world.evidence.partitions(world.account)) == ["2024-01"]
    assert world.evidence.spice_rows(world.account) == 3


def test_a_partition_elsewhere_is_mended(world: World) -> None:
    world.put(JANUARY)
    table = f"`{world.account.database}`.`sales`"
    right = f"{world.account.tables[0].location}year=2024/month=01/"
    world.evidence.query(
        f"ALTER TABLE {table} ADD PARTITION (year = 2024, month = 1) LOCATION 's3://elsewhere-{world.account.account_id}/x/'",
        world.account,
    )

    outcome = world.load()

    assert not outcome.errors, outcome.error
    assert world.evidence.partitions(world.account) == {"2024-01": right}
    assert world.evidence.spice_rows(world.account) == 3


@pytest.mark.parametrize("task", STAGES)
def test_any_stage_run_twice_changes_nothing(world: World, task: str) -> None:
    world.put(JANUARY)
    world.load()
    before = world.state(), world.ledger(), world.executions()

    outcome = world.load(only=task, try_number=2)

    assert not outcome.errors, outcome.error
    assert (world.state(), world.ledger(), world.executions()) == before


@pytest.mark.parametrize("task", ["check_row_count", "ingest_data_set"])
def test_work_that_was_done_but_not_recorded_is_found_not_repeated(world: World, task: str) -> None:
    world.put(JANUARY)
    world.load()
    before = world.state(), world.executions()
    _forget_last_write_of_the_ledger(world, versions=2 if task == "check_row_count" else 1)

    outcome = world.load(only=task, try_number=2)

    assert not outcome.errors, outcome.error
    assert (world.state(), world.executions()) == before
    assert world.ledger()["checked_at"]


def _forget_last_write_of_the_ledger(world: World, versions: int) -> None:
    """Put the ledger back to what it was before its last writes, as if the worker had been killed before them."""
    s3, bucket = world.estate.admin("s3"), world.settings.analytics.ledger_bucket
    stored = s3.list_object_versions(Bucket=bucket)["Versions"]
    for version in stored[:versions]:
        s3.delete_object(Bucket=bucket, Key=version["Key"], VersionId=version["VersionId"])


def test_an_ingestion_that_failed_is_tried_again_with_an_id_of_its_own(world: World) -> None:
    world.put(JANUARY)
    world.cloud.set_options(fail_next_ingestion=_failure(world))
    failed = world.load()
    assert failed.states["ingest_data_set"] == "failed"
    assert not world.ledger()["published_at"]
    world.cloud.reset_calls()

    outcome = world.load()

    assert not outcome.errors, outcome.error
    assert world.statements() == 0
    assert world.evidence.spice_rows(world.account) == 3
    assert world.ledger()["published_at"]


def _failure(world: World) -> dict[str, str]:
    return {
        "account_id": world.settings.analytics.account_id,
        "data_set_id": world.account.tables[0].quicksight.data_set_id,
        "Type": "QUERY_TIMEOUT",
        "Message": "too slow today",
    }


def test_a_source_written_again_during_the_check_is_loaded_anew(world: World) -> None:
    world.put(JANUARY)
    for task in STAGES[:4]:
        assert not world.load(only=task).errors
    world.put(DELIVERED_AGAIN)

    outcome = world.load(only="check_row_count")

    assert not outcome.errors, outcome.error
    assert world.ledger()["figures"]["rows"] == 4


def test_a_long_query_and_a_long_ingestion_are_waited_for_without_a_worker_slot(
    make_world: MakeWorld,
) -> None:
    world = make_world(table={"defer_after_seconds": 0, "poll_seconds": 1})
    assert not world.provision().errors
    world.put(JANUARY)
    world.cloud.set_options(latency={"ddl": 3.0, "select": 3.0, "ingestion": 3.0})
    world.cloud.reset_calls()
    try:
        outcome = world.load()
    finally:
        world.cloud.set_options(latency="zero")

    assert not outcome.errors, outcome.error
    assert set(outcome.deferred) == {"add_partition", "check_row_count", "ingest_data_set"}
    assert len(world.evidence.ingestions(world.account)) == 2  # QuickSight's own at creation, and ours
    assert world.evidence.spice_rows(world.account) == 3


def test_an_account_with_other_columns_gzip_and_several_files_a_month(make_world: MakeWorld) -> None:
    world = make_world(
        table={
            "name": "meter_readings",
            "prefix": "export/v2/",
            "objects": "{year}/{month}/part-*.csv.gz",
            "columns": {"meter": "VARCHAR(20)", "kwh": "DECIMAL(12,3)", "ok": "BOOLEAN", "reads": "BIGINT"},
            "format": {"delimiter": ";", "compression": "gzip"},
        }
    )
    assert not world.provision().errors
    parts = [
        "meter;kwh;ok;reads\nA-1;1.250;true;9000000000\nA-2;;false;1\n",
        "meter;kwh;ok;reads\nB-1;0.001;true;\n",
    ]
    for number, part in enumerate(parts, 1):
        world.put(gzip.compress(part.encode()), "2023-12", part=str(number))

    outcome = world.load("2023-12")

    assert not outcome.errors, outcome.error
    assert world.evidence.spice_rows(world.account) == 3
    columns = world.ledger("2023-12")["figures"]["columns"]
    assert Decimal(columns["kwh"]["total"]) == Decimal("1.251")
    assert Decimal(columns["reads"]["total"]) == 9000000001
    assert columns["reads"]["empties"] == 1
