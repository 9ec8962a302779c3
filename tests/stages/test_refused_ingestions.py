"""Ingestions that fail, are cancelled, superseded or drop rows: ErrorInfo, what to do, and nothing is published."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from airflow.sdk.exceptions import AirflowFailException

from sightline.errors import IngestionFailed
from tests.support.damage import (
    Repair,
    with_quicksights_role_made_anew,
    without_quicksights_role,
    without_statement_for_quicksight,
)
from tests.support.refusals import data_set, during_ingestion, last_good, load_again, refused
from tests.support.world import World


def ingestion_ids(world: World) -> list[str]:
    """The ids of the data set's ingestions, the newest first."""
    return [each["IngestionId"] for each in world.evidence.ingestions(world.account)]


def failed_with(world: World, error_type: str, message: str, advice: str, ingestion_id: str) -> str:
    """What the error of a failed ingestion says, word for word."""
    data_set_id = data_set(world)["data_set_id"]
    return (
        f"Ingestion {ingestion_id} of data set {data_set_id} failed: {error_type}: {message}. SPICE stays "
        f"as it was. {advice}"
    )


def test_a_failed_ingestion_gives_quicksights_own_reason(ready: World) -> None:
    january = last_good(ready.ledger())
    ready.cloud.set_options(
        fail_next_ingestion={**data_set(ready), "Type": "QUERY_TIMEOUT", "Message": "too slow today"}
    )

    outcome = ready.load("2024-02", only="ingest_data_set")

    advice = "If a retry fails too, look at the data set's refresh history in QuickSight."
    assert outcome.error == failed_with(
        ready, "QUERY_TIMEOUT", "too slow today", advice, ingestion_ids(ready)[0]
    )
    assert isinstance(outcome.errors["ingest_data_set"], IngestionFailed), "a retry may help"
    assert ready.evidence.spice_rows(ready.account) == 3
    assert last_good(ready.ledger()) == january
    assert not ready.ledger("2024-02")["published_at"]
    load_again(ready)
    assert ready.evidence.spice_rows(ready.account) == 4


def test_a_cancelled_ingestion_is_not_published_and_is_ingested_again(ready: World) -> None:
    quicksight, owner = ready.estate.admin("quicksight"), data_set(ready)
    cancelled: list[str] = []

    def cancel(ingestion_id: str) -> None:
        cancelled.append(ingestion_id)
        quicksight.cancel_ingestion(
            AwsAccountId=owner["account_id"], DataSetId=owner["data_set_id"], IngestionId=ingestion_id
        )

    outcome = during_ingestion(ready, cancel)

    advice = "Somebody cancelled it, in QuickSight or by ending a task. A retry ingests again."
    assert outcome.error == failed_with(
        ready, "INGESTION_CANCELED", "The ingestion was cancelled", advice, cancelled[0]
    )
    assert isinstance(outcome.errors["ingest_data_set"], IngestionFailed), "a retry may help"
    assert ready.evidence.spice_rows(ready.account) == 3
    assert not ready.ledger("2024-02")["published_at"]
    load_again(ready)
    assert ingestion_ids(ready)[0] not in cancelled
    assert ready.evidence.spice_rows(ready.account) == 4


def test_a_superseded_ingestion_is_not_published_and_is_ingested_again(ready: World) -> None:
    quicksight, owner = ready.estate.admin("quicksight"), data_set(ready)
    superseded: list[str] = []

    def refresh_by_hand(ingestion_id: str) -> None:
        superseded.append(ingestion_id)
        quicksight.create_ingestion(
            AwsAccountId=owner["account_id"], DataSetId=owner["data_set_id"], IngestionId="by-hand"
        )

    ready.cloud.set_options(second_ingestion="supersede")
    try:
        outcome = during_ingestion(ready, refresh_by_hand)
    finally:
        ready.cloud.set_options(second_ingestion="queue")

    advice = (
        "Another ingestion of the data set was started after it, by hand or by a schedule in QuickSight. A retry "
        "ingests again; leave the refreshes to the loads."
    )
    assert outcome.error == failed_with(
        ready, "INGESTION_SUPERSEDED", "Ingestion by-hand superseded it", advice, superseded[0]
    )
    assert not ready.ledger("2024-02")["published_at"]
    load_again(ready)
    assert ready.evidence.spice_rows(ready.account) == 4
    assert ready.ledger("2024-02")["published_at"]


def test_a_second_ingestion_that_waits_on_a_first_is_waited_for(ready: World) -> None:
    owner = data_set(ready)
    ready.cloud.set_options(slow_next_ingestion={**owner, "seconds": 1.5})
    ready.estate.admin("quicksight").create_ingestion(
        AwsAccountId=owner["account_id"], DataSetId=owner["data_set_id"], IngestionId="by-hand"
    )

    outcome = ready.load("2024-02", only="ingest_data_set")

    assert not outcome.errors, outcome.error
    assert ready.evidence.spice_rows(ready.account) == 4


def test_dropped_rows_are_told_with_both_counts_and_not_published(ready: World) -> None:
    ready.cloud.set_options(drop_rows_in_next_ingestion={**data_set(ready), "rows": 1})

    outcome = ready.load("2024-02", only="ingest_data_set")

    assert outcome.error == (
        f"RowsDropped: Ingestion {ingestion_ids(ready)[0]} of data set {data_set(ready)['data_set_id']}: 4 rows "
        "are in the checked files, 3 in SPICE, 1 were dropped. The data set's refresh history in QuickSight names the "
        "rows; correct the types of its columns."
    )
    assert isinstance(outcome.errors["ingest_data_set"], AirflowFailException), "a retry cannot help"
    assert not ready.ledger("2024-02")["published_at"]
    assert not ready.ledger("2024-01")["published_at"], "SPICE lost a row of either month"
    load_again(ready)
    assert ready.evidence.spice_rows(ready.account) == 4


@pytest.mark.parametrize(
    "damage",
    [without_statement_for_quicksight, with_quicksights_role_made_anew],
    ids=["bucket policy without the role", "role made anew"],
)
def test_an_ingestion_that_may_not_read_a_source_names_account_role_and_grant(
    ready: World, damage: Callable[[World], Repair]
) -> None:
    repair = damage(ready)

    outcome = ready.load("2024-02", only="ingest_data_set")

    owner, role = ready.account, ready.settings.analytics.quicksight.data_source_role_arn
    refused(
        outcome,
        "ingest_data_set",
        "PERMISSION_DENIED",
        f"s3:ListBucket on arn:aws:s3:::{owner.tables[0].bucket} to {role}",
        f"The bucket is account {owner.account_id}'s ({owner.name}): its policy must name the role",
    )
    assert isinstance(outcome.errors["ingest_data_set"], AirflowFailException), "a retry cannot help"
    assert ready.evidence.spice_rows(ready.account) == 3
    repair()
    load_again(ready)
    assert ready.evidence.spice_rows(ready.account) == 4


@pytest.mark.parametrize("error_type", ["ACCOUNT_CAPACITY_LIMIT_EXCEEDED", "FAILURE_TO_ASSUME_ROLE"])
def test_what_only_a_person_can_mend_is_not_tried_again(ready: World, error_type: str) -> None:
    begun = len(ingestion_ids(ready))
    ready.cloud.set_options(
        fail_next_ingestion={**data_set(ready), "Type": error_type, "Message": "not today"}
    )

    outcome = ready.load("2024-02", only="ingest_data_set", max_tries=1)

    refused(outcome, "ingest_data_set", error_type, "SPICE stays as it was", "clear this task")
    assert isinstance(outcome.errors["ingest_data_set"], AirflowFailException), "a retry cannot help"
    assert len(ingestion_ids(ready)) == begun + 1
    assert "not today" in ready.ledger("2024-02")["failure"]
    load_again(ready)


def test_a_role_that_quicksight_cannot_assume_is_named(ready: World) -> None:
    repair = without_quicksights_role(ready)

    outcome = ready.load("2024-02", only="ingest_data_set")

    role = ready.settings.analytics.quicksight.data_source_role_arn
    refused(
        outcome, "ingest_data_set", "IAM_ROLE_NOT_AVAILABLE", f"Make the role {role} again, with its grants"
    )
    assert isinstance(outcome.errors["ingest_data_set"], AirflowFailException), "a retry cannot help"
    assert ready.evidence.spice_rows(ready.account) == 3
    repair()
    load_again(ready)
    assert ready.evidence.spice_rows(ready.account) == 4
