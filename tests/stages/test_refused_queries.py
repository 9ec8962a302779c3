"""Queries that are not run, fail, are stopped or cut off: state, reason, bytes and cutoff; nothing is touched."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from sightline.errors import QueryExecutionFailed
from tests.stages.conftest import MakeWorld
from tests.support.damage import (
    Repair,
    with_workgroup_disabled,
    without_results_bucket,
    without_statement_for_the_pipeline,
    without_table,
)
from tests.support.refusals import during_query, load_again, refused, standing, up_to
from tests.support.world import HEADER, JANUARY, World


def athenas_answer(world: World, query_id: str) -> dict[str, Any]:
    """What Athena itself says of a query execution."""
    athena = world.estate.admin("athena")
    answer: dict[str, Any] = athena.get_query_execution(QueryExecutionId=query_id)["QueryExecution"]
    return answer


def last_query(world: World) -> str:
    """The workgroup's newest query execution."""
    athena = world.estate.admin("athena")
    found = athena.list_query_executions(WorkGroup=world.account.workgroup)["QueryExecutionIds"]
    return str(found[0])


@pytest.mark.parametrize(
    ("damage", "task", "says"),
    [
        (
            without_statement_for_the_pipeline,
            "check_row_count",
            ("FAILED", "Permission denied on S3 path: s3://"),
        ),
        (with_workgroup_disabled, "add_partition", ("not started", "0 bytes scanned", "isabled")),
        (without_results_bucket, "add_partition", ("FAILED", "0 bytes scanned", "output bucket results-")),
    ],
    ids=["bucket policy without our role", "workgroup disabled", "results bucket gone"],
)
def test_a_query_that_cannot_run_leaves_catalog_and_spice_as_they_were(
    delivered: World, damage: Callable[[World], Repair], task: str, says: tuple[str, ...]
) -> None:
    before = standing(delivered)
    repair = damage(delivered)

    outcome = delivered.load("2024-02")

    refused(outcome, task, delivered.account.workgroup, *says)
    assert isinstance(outcome.errors[task], AirflowFailException), "a retry cannot help"
    assert standing(delivered) == before
    repair()
    load_again(delivered)
    assert delivered.evidence.spice_rows(delivered.account) == 4


def test_a_query_that_fails_gives_athenas_state_reason_and_bytes(delivered: World) -> None:
    up_to(delivered, "check_row_count")
    without_table(delivered)
    before = delivered.evidence.spice_rows(delivered.account)

    outcome = delivered.load("2024-02", only="check_row_count")

    query_id = _id_in(outcome.error)
    answer = athenas_answer(delivered, query_id)
    assert answer["Status"]["State"] == "FAILED"
    assert outcome.error == (
        f"QueryRefused: Athena refused a statement in workgroup {delivered.account.workgroup} (query execution "
        f"{query_id}, FAILED, 0 bytes scanned): {answer['Status']['StateChangeReason']}. Mend what the reason names "
        "(if something is missing, run the Dag `provision`), then clear inspect_source with what follows it."
    )
    assert delivered.evidence.spice_rows(delivered.account) == before
    assert not delivered.provision().errors
    load_again(delivered)
    assert delivered.evidence.spice_rows(delivered.account) == 4


def _id_in(error: str) -> str:
    return error.partition("query execution ")[2].partition(",")[0]


def test_a_query_that_somebody_stops_is_left_for_a_retry(delivered: World) -> None:
    up_to(delivered, "check_row_count")
    before = delivered.evidence.spice_rows(delivered.account)
    athena = delivered.estate.admin("athena")

    outcome = during_query(
        delivered, lambda query_id: athena.stop_query_execution(QueryExecutionId=query_id), "check_row_count"
    )

    query_id = last_query(delivered)
    reason = athenas_answer(delivered, query_id)["Status"].get("StateChangeReason", "")
    assert isinstance(outcome.errors["check_row_count"], QueryExecutionFailed), "a retry may help"
    assert outcome.error == (
        f"Athena query execution {query_id} in workgroup {delivered.account.workgroup} ended CANCELLED after 0 bytes: "
        f"{reason}. If a retry fails too, look at it under Recent queries of that workgroup."
    )
    assert delivered.evidence.spice_rows(delivered.account) == before
    load_again(delivered)
    assert delivered.evidence.spice_rows(delivered.account) == 4


def test_the_cutoff_ends_a_query_that_reads_too_much(make_world: MakeWorld) -> None:
    world = make_world(scan_cutoff="10 MB")
    assert not world.provision().errors
    world.put(JANUARY)
    assert not world.load().errors
    before = standing(world)
    world.put(HEADER + "2024-02-01,Widget A,100,25.99,2599.00\n" * 300_000, "2024-02")

    outcome = world.load("2024-02")

    refused(outcome, "check_row_count")
    query_id = outcome.error.partition("query execution ")[2].partition(" ")[0]
    answer = athenas_answer(world, query_id)
    scanned = answer["Statistics"]["DataScannedInBytes"]
    assert (answer["Status"]["State"], scanned > 10_000_000) == ("CANCELLED", True)
    assert outcome.error == (
        f"ScanCutoffReached: Workgroup {world.account.workgroup} cancelled query execution {query_id} after "
        f"{scanned:,} bytes; its cutoff is 10,000,000. Raise scan_cutoff in accounts.yaml, then run the Dag "
        "`provision`."
    )
    assert isinstance(outcome.errors["check_row_count"], AirflowFailException), (
        "a retry would cost as much again"
    )
    assert standing(world) == before
