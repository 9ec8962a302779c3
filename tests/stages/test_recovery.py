"""Old runs cleared, partitions dropped, loads killed: SPICE ends with what the files hold, or an error says why not."""

from __future__ import annotations

import copy
import threading
import time
from typing import Any

import pytest

from demo.waiting import wait_until
from sightline.hooks.athena import AthenaHook
from tests.stages.conftest import MakeWorld
from tests.support.damage import without_statement_for_the_pipeline
from tests.support.world import HEADER, JANUARY, World

JANUARY_AGAIN = JANUARY + "2024-01-04,Tool C,30,99.99,2999.70\n"


def one_row(month: str, quantity: str = "1") -> str:
    return f"{HEADER}{month}-01,Widget A,{quantity},25.99,25.99\n"


def drop_partition(world: World, year: int, month: int) -> None:
    table = f"`{world.account.database}`.`sales`"
    world.evidence.query(
        f"ALTER TABLE {table} DROP PARTITION (year = {year}, month = {month})", world.account
    )


@pytest.fixture
def old_run(world: World) -> dict[tuple[str, str], Any]:
    """What the run that loaded January left in XCom; February was loaded and January delivered again since."""
    world.put(JANUARY)
    assert not world.load().errors
    left = copy.deepcopy(world.xcoms)
    world.put(one_row("2024-02"), "2024-02")
    world.put(JANUARY_AGAIN)
    assert not world.load("2024-02").errors
    assert world.evidence.spice_rows(world.account) == 5
    return left


def clear(world: World, run: dict[tuple[str, str], Any], task: str) -> Any:
    """Clear one task of an older run."""
    world.xcoms.clear()
    world.xcoms.update(copy.deepcopy(run))
    return world.load("2024-01", only=task, try_number=2)


@pytest.mark.parametrize(
    "task",
    ["wait_for_source_object", "inspect_source", "add_partition", "check_row_count", "ingest_data_set"],
)
def test_any_task_of_an_older_run_can_be_cleared_without_harm(
    world: World, old_run: dict[tuple[str, str], Any], task: str
) -> None:
    before = world.evidence.partitions(world.account), world.evidence.spice_rows(world.account)

    clear(world, old_run, task)

    assert (world.evidence.partitions(world.account), world.evidence.spice_rows(world.account)) == before
    assert not world.load("2024-02").errors
    assert world.evidence.spice_rows(world.account) == 5


def test_the_gate_of_an_older_run_sees_what_the_catalog_has_now(
    world: World, old_run: dict[tuple[str, str], Any]
) -> None:
    world.put(one_row("2024-02", quantity="x7"), "2024-02")

    cleared = clear(world, old_run, "ingest_data_set")

    assert "2024-02: its source objects changed after the check" in cleared.error
    assert world.evidence.spice_rows(world.account) == 5


def test_a_check_cleared_after_newer_loads_drops_nothing_and_says_what_to_clear(
    world: World, old_run: dict[tuple[str, str], Any]
) -> None:
    world.put(JANUARY.replace("75", "x7"))

    cleared = clear(world, old_run, "check_row_count")

    assert "Clear inspect_source with what follows it" in cleared.error
    assert sorted(world.evidence.partitions(world.account)) == ["2024-01", "2024-02"]


def test_a_checked_month_comes_back_when_its_partition_was_dropped_however_old_it_is(world: World) -> None:
    world.put(JANUARY)
    assert not world.load().errors
    world.put(one_row("2024-07"), "2024-07")
    assert not world.load("2024-07").errors
    drop_partition(world, 2024, 1)

    outcome = world.load("2024-07")

    assert not outcome.errors, outcome.error
    assert sorted(world.evidence.partitions(world.account)) == ["2024-01", "2024-07"]
    assert world.evidence.spice_rows(world.account) == 4


def test_a_load_killed_after_mending_the_catalog_is_not_unchanged(world: World) -> None:
    world.put(JANUARY)
    assert not world.load().errors
    drop_partition(world, 2024, 1)
    _refresh_by_hand(world)
    for task in ("assume_role", "inspect_source", "add_partition"):  # killed here
        assert not world.load(only=task).errors

    outcome = world.load()

    assert outcome.states["ingest_data_set"] == "success", outcome.states
    assert world.evidence.spice_rows(world.account) == 3


def _refresh_by_hand(world: World) -> None:
    """Start an ingestion as a person does; SPICE is empty afterwards."""
    world.estate.admin("quicksight").create_ingestion(
        AwsAccountId=world.settings.analytics.account_id,
        DataSetId=world.account.tables[0].quicksight.data_set_id,
        IngestionId="by-hand",
    )
    wait_until(
        lambda: world.evidence.spice_rows(world.account) == 0, what="an empty SPICE", timeout_seconds=20
    )


def test_after_a_grant_was_mended_the_whole_table_is_cleared_and_loads(world: World) -> None:
    world.put(JANUARY)
    repair = without_statement_for_the_pipeline(world)
    assert "s3://" in world.load().error
    repair()

    alone = world.load(only="check_row_count", try_number=2)

    assert "Clear inspect_source with what follows it" in alone.error
    assert not world.load(try_number=2).errors
    assert world.evidence.spice_rows(world.account) == 3


def test_a_check_that_fails_after_a_deferral_is_undone_once_with_its_own_reason(
    make_world: MakeWorld,
) -> None:
    world = make_world(table={"defer_after_seconds": 0, "poll_seconds": 1}, retries=0)
    assert not world.provision().errors
    world.put(JANUARY)
    without_statement_for_the_pipeline(world)
    world.cloud.set_options(latency={"ddl": 2.5, "select": 2.5, "ingestion": 0})
    before = world.executions()
    try:
        outcome = world.load()
    finally:
        world.cloud.set_options(latency="zero")

    assert outcome.states["check_row_count"] == "failed"
    assert "s3://" in world.ledger()["failure"]
    assert world.evidence.partitions(world.account) == {}
    assert world.executions() - before == 3, "a partition, a check, a drop"


@pytest.mark.parametrize(("try_number", "partitions"), [(1, ["2024-01"]), (2, [])])
def test_a_fault_of_the_network_keeps_the_partition_for_a_retry_and_drops_it_on_the_last_try(
    world: World, monkeypatch: pytest.MonkeyPatch, try_number: int, partitions: list[str]
) -> None:
    world.put(JANUARY)
    for task in ("assume_role", "inspect_source", "add_partition"):
        assert not world.load(only=task).errors

    def cut_off(*_: object) -> None:
        raise ConnectionError("the answer never came")

    monkeypatch.setattr(AthenaHook, "rows", cut_off)  # the wire is what fails, and it cannot be cut from here

    outcome = world.load(only="check_row_count", try_number=try_number, max_tries=1)

    assert "the answer never came" in outcome.error
    assert list(world.evidence.partitions(world.account)) == partitions
    assert bool(world.ledger().get("failure")) == (partitions == [])


def test_a_source_written_again_during_each_check_is_left_for_a_retry(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(JANUARY)
    for task in ("assume_role", "inspect_source", "add_partition"):
        assert not world.load(only=task).errors
    rows, written = AthenaHook.rows, []

    def rows_while_somebody_writes(hook: AthenaHook, query_execution_id: str) -> Any:
        written.append(query_execution_id)
        world.put(JANUARY + f"2024-01-05,Tool C,{len(written)},99.99,99.99\n")
        return rows(hook, query_execution_id)

    monkeypatch.setattr(AthenaHook, "rows", rows_while_somebody_writes)  # a writer who is always in time

    outcome = world.load(only="check_row_count", max_tries=1)

    assert "Written again while being loaded" in outcome.error
    assert len(written) == 3
    assert not world.ledger()


def test_another_data_set_is_filled_though_nothing_else_changed(world: World) -> None:
    world.put(JANUARY)
    assert not world.load().errors
    table = world.account.tables[0]
    names = table.quicksight.model_copy(update={"data_set_id": "renamed", "data_set_name": "renamed"})
    tables = (table.model_copy(update={"quicksight": names}),)
    account = world.account.model_copy(update={"tables": tables})
    world.settings = world.settings.model_copy(update={"workload_accounts": (account,)})
    world.estate.build()  # the pipeline role may use the new data set
    assert not world.provision().errors

    outcome = world.load()

    assert outcome.states["ingest_data_set"] == "success", outcome.states
    assert world.ledger()["data_set_id"] == "renamed"
    assert world.evidence.spice_rows(world.account) == 3


def test_a_connection_without_a_role_is_refused_in_every_stage(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(JANUARY)
    monkeypatch.setenv("AIRFLOW_CONN_AWS_ANALYTICS", '{"conn_type": "aws"}')

    for task in ("assume_role", "inspect_source"):
        assert "assumes no role" in world.load(only=task).error


def test_two_runs_planned_at_the_same_time_check_a_month_once(world: World) -> None:
    world.put(JANUARY)
    for task in ("assume_role", "inspect_source"):
        assert not world.load(only=task).errors
    first = copy.deepcopy(world.xcoms)
    world.put(one_row("2024-02"), "2024-02")
    world.xcoms.clear()
    for task in ("assume_role", "inspect_source"):
        assert not world.load("2024-02", only=task).errors
    second = copy.deepcopy(world.xcoms)
    world.xcoms.update(first)
    for task in ("add_partition", "check_row_count"):
        assert not world.load(only=task).errors
    world.xcoms.update(second)
    scanned = world.ledger()["query_execution_id"]

    for task in ("add_partition", "check_row_count", "ingest_data_set"):
        outcome = world.load("2024-02", only=task)
        assert not outcome.errors, outcome.error

    assert world.ledger()["query_execution_id"] == scanned
    assert world.evidence.spice_rows(world.account) == 4


def test_a_source_written_again_while_quicksight_reads_is_not_called_published(world: World) -> None:
    world.put(JANUARY)
    for task in ("assume_role", "inspect_source", "add_partition", "check_row_count"):
        assert not world.load(only=task).errors
    world.cloud.set_options(
        slow_next_ingestion={
            "account_id": world.settings.analytics.account_id,
            "data_set_id": world.account.tables[0].quicksight.data_set_id,
            "seconds": 2,
        }
    )
    outcome = _while_loading(world, lambda: world.put(JANUARY.replace("2599.00", "2598.00")))

    assert "was changed under an ingestion. SPICE may hold what ingestion" in outcome.error
    assert not world.ledger()["published_at"]


def _while_loading(world: World, act: Any) -> Any:
    """Ingest, and act a second after the ingestion was started."""
    outcome: list[Any] = []
    loading = threading.Thread(
        target=lambda: outcome.append(world.load(only="ingest_data_set", max_tries=1)), daemon=True
    )
    loading.start()
    wait_until(
        lambda: any(
            each["IngestionStatus"] == "RUNNING" for each in world.evidence.ingestions(world.account)
        ),
        what="a running ingestion",
        timeout_seconds=20,
    )
    time.sleep(0.2)
    act()
    loading.join()
    return outcome[0]
