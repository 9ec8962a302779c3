"""What SPICE took in though nobody had checked it is told, and never called published."""

from __future__ import annotations

import json
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from demo.waiting import wait_until
from sightline.hooks.quicksight import QuickSightHook
from tests.support.refusals import FEBRUARY, data_set, during_ingestion, refused, up_to
from tests.support.world import World

BAD = FEBRUARY.replace(",1,25.99,", ",x7,25.99,")
# So that what was changed within an ingestion has another price, and is a good file all the same.
DEARER = FEBRUARY.replace("25.99\n", "99.99\n")


class WorkerIsGone(BaseException):
    """As after a SIGKILL: nothing of the task runs any further."""


def newest(world: World) -> str:
    """The id of the data set's latest ingestion."""
    return str(world.evidence.ingestions(world.account)[0]["IngestionId"])


def die(*_: Any) -> None:
    raise WorkerIsGone


def ingestion_of_a_killed_worker(world: World, monkeypatch: pytest.MonkeyPatch) -> str:
    """Kill the worker of a load's last stage once it has begun an ingestion, and return the ingestion's id."""
    with monkeypatch.context() as patch:
        patch.setattr(QuickSightHook, "wait", die)  # a worker cannot be killed without this process
        with pytest.raises(WorkerIsGone):
            world.load("2024-02", only="ingest_data_set")
    return newest(world)


def test_what_a_killed_worker_had_ingested_is_not_published_after_a_change_that_was_put_back(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = ingestion_of_a_killed_worker(ready, monkeypatch)
    ready.put(DEARER, "2024-02")

    held = ready.load("2024-02", only="ingest_data_set", try_number=2)
    ready.put(FEBRUARY, "2024-02")
    again = ready.load("2024-02", only="ingest_data_set", try_number=3)

    refused(held, "ingest_data_set", f"SPICE may hold what ingestion {left} has read since")
    assert "last good state" not in held.error
    assert not again.errors, again.error
    assert newest(ready) != left, "the first may have read the other file"
    assert ready.ledger("2024-02")["published_at"]
    assert ready.ledger("2024-02")["unproved"] is None


def test_what_a_killed_worker_had_ingested_is_told_though_another_load_has_refused_a_month_since(
    ready: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    left = ingestion_of_a_killed_worker(ready, monkeypatch)
    ready.put(BAD, "2024-02")
    assert "x7" in ready.load("2024-02").error, "the ledger's state is another one now"

    held = ready.load("2024-02", only="ingest_data_set", try_number=2)

    refused(
        held, "ingest_data_set", f"SPICE may hold what ingestion {left} has read since", "Held by 2024-02: "
    )
    assert "last good state" not in held.error
    ready.put(FEBRUARY, "2024-02")
    assert not ready.load("2024-02").errors
    assert newest(ready) != left, "the first may have read the other file"


def test_what_somebody_refreshed_by_hand_is_told_by_a_gate_that_is_held(ready: World) -> None:
    owner = data_set(ready)
    ready.estate.admin("quicksight").create_ingestion(
        AwsAccountId=owner["account_id"], DataSetId=owner["data_set_id"], IngestionId="by-hand"
    )
    ready.put(DEARER, "2024-02")

    held = ready.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "SPICE may hold what ingestion by-hand has read since")


def test_a_refresh_that_emptied_spice_is_told_by_a_gate_that_is_held(ready: World) -> None:
    owner, glue = data_set(ready), ready.estate.admin("glue")
    for month in ("1", "2"):
        glue.delete_partition(
            DatabaseName=ready.account.database, TableName="sales", PartitionValues=["2024", month]
        )
    ready.estate.admin("quicksight").create_ingestion(
        AwsAccountId=owner["account_id"], DataSetId=owner["data_set_id"], IngestionId="by-hand"
    )
    wait_until(
        lambda: ready.evidence.spice_rows(ready.account) == 0, what="SPICE to be empty", timeout_seconds=20
    )

    held = ready.load("2024-02", only="ingest_data_set")

    refused(held, "ingest_data_set", "SPICE may hold what ingestion by-hand has read since")
    assert "last good state" not in held.error


def test_a_month_that_is_checked_anew_does_not_make_its_last_ingestion_an_unknown_one(loaded: World) -> None:
    loaded.put(DEARER.replace("2024-02", "2024-01"))
    up_to(loaded, "ingest_data_set", "2024-01")
    loaded.put(BAD.replace("2024-02", "2024-01"))

    held = loaded.load(only="ingest_data_set")

    refused(
        held,
        "ingest_data_set",
        "SPICE keeps its last good state. Held by 2024-01: its source objects changed",
    )


def test_a_gate_that_is_held_before_an_ingestion_says_that_spice_is_as_it_was(ready: World) -> None:
    before = ready.ledger(), ready.ledger("2024-02")
    ready.put(DEARER, "2024-02")

    held = ready.load("2024-02", only="ingest_data_set")

    refused(
        held,
        "ingest_data_set",
        "SPICE keeps its last good state. Held by 2024-02: its source objects changed",
    )
    assert (ready.ledger(), ready.ledger("2024-02")) == before


def test_a_bad_file_that_quicksight_has_read_is_told_until_a_good_one_is_published(ready: World) -> None:
    outcome = during_ingestion(ready, lambda _: ready.put(BAD, "2024-02"))

    read = newest(ready)
    held = ready.load("2024-02", only="ingest_data_set", try_number=2)

    for each in (outcome, held):
        refused(each, "ingest_data_set", f"SPICE may hold what ingestion {read} has read since", "2024-02: ")
        assert isinstance(each.errors["ingest_data_set"], AirflowFailException), (
            "the same try again cannot help"
        )
        assert "last good state" not in each.error
    assert "clear inspect_source with what follows it" in outcome.error
    for month in ("2024-01", "2024-02"):
        assert ready.ledger(month)["unproved"]["ingestion_id"] == read
        assert not ready.ledger(month)["published_at"]
    ready.put(FEBRUARY, "2024-02")
    assert not ready.load("2024-02").errors
    assert ready.ledger()["unproved"] is None


def test_a_grant_that_is_missing_after_an_ingestion_unpublishes_nothing(ready: World) -> None:
    iam, role = ready.estate.admin("iam", ready.account), {"RoleName": "sightline-reader"}
    (policy,) = iam.list_role_policies(**role)["PolicyNames"]
    granted = iam.get_role_policy(**role, PolicyName=policy)["PolicyDocument"]
    before = ready.ledger(), ready.ledger("2024-02")

    def put_policy(document: dict[str, Any]) -> None:
        iam.put_role_policy(**role, PolicyName=policy, PolicyDocument=json.dumps(document))

    nothing = {"Effect": "Deny", "Action": "s3:ListBucket", "Resource": "*"}
    outcome = during_ingestion(ready, lambda _: put_policy({"Version": "2012-10-17", "Statement": [nothing]}))
    ingested = newest(ready)
    after = ready.ledger(), ready.ledger("2024-02")
    put_policy(granted)
    again = ready.load("2024-02", only="ingest_data_set")

    refused(outcome, "ingest_data_set", "s3:ListBucket")
    assert after == before
    assert not again.errors, again.error
    assert newest(ready) == ingested, "the same state is one ingestion"


def test_a_month_that_was_refused_keeps_its_own_reason_when_another_changes_under_an_ingestion(
    ready: World,
) -> None:
    ready.put(FEBRUARY.replace("date,", "datum,"), "2024-03")
    assert "datum" in ready.load("2024-03").error
    march = ready.ledger("2024-03")

    outcome = during_ingestion(ready, lambda _: ready.put(DEARER, "2024-02"))

    refused(
        outcome, "ingest_data_set", "was changed under an ingestion", "2024-02: its source objects changed"
    )
    assert "datum" in march["failure"]
    assert ready.ledger("2024-03") == march
