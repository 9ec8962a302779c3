"""What a triggerer tells the sensor that it waits for, and what it leaves to Airflow's retries."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.triggers.base import BaseTrigger
from botocore.exceptions import ClientError

from sightline.partitions import Month, object_regex, partition_prefix
from sightline.triggers import base
from sightline.triggers.athena import QueryExecutionTrigger
from sightline.triggers.quicksight import IngestionTrigger
from sightline.triggers.s3 import SourceObjectTrigger
from tests.stages.conftest import MakeWorld
from tests.support.world import JANUARY, World

MONTH = Month(2024, 1)


def first_event(trigger: BaseTrigger) -> Any:
    async def first() -> Any:
        async for event in trigger.run():
            return event.payload
        raise AssertionError("no event")

    return asyncio.run(first())


def waiting(world: World, **changes: Any) -> SourceObjectTrigger:
    table = world.account.tables[0]
    fields = {
        "bucket": table.bucket,
        "prefix": partition_prefix(table, MONTH),
        "owner": world.account.account_id,
        "pattern": object_regex(table, MONTH),
        "until": (datetime.now(UTC) + timedelta(seconds=1)).isoformat(),
        "poll_seconds": 0.2,
        "aws_conn_id": world.account.connection_id,
        "region_name": world.account.region,
    }
    return SourceObjectTrigger(**{**fields, **changes})


def test_an_object_that_is_there_is_found(make_world: MakeWorld) -> None:
    world = make_world()
    assert first_event(waiting(world)) == {"status": "over"}

    world.put(JANUARY)

    assert first_event(waiting(world)) == {"status": "found"}


def test_a_denial_is_told_with_awss_code_and_message(make_world: MakeWorld) -> None:
    world = make_world()
    iam = world.estate.admin("iam", world.account)
    (policy,) = iam.list_role_policies(RoleName="sightline-reader")["PolicyNames"]
    nothing = {"Effect": "Deny", "Action": "s3:ListBucket", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [nothing]})
    iam.put_role_policy(RoleName="sightline-reader", PolicyName=policy, PolicyDocument=document)

    event = first_event(waiting(world))

    assert (event["status"], event["code"]) == ("refused", "AccessDenied")
    assert "s3:ListBucket" in event["message"]


def test_a_bucket_that_does_not_exist_is_told(make_world: MakeWorld) -> None:
    event = first_event(waiting(make_world(), bucket="there-is-no-such-bucket"))

    assert (event["status"], event["code"]) == ("refused", "NoSuchBucket")


@pytest.mark.parametrize("code", ["SlowDown", "InternalError", "ExpiredToken"])
def test_any_other_error_is_left_for_a_retry_of_the_task(
    make_world: MakeWorld, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    trigger = waiting(make_world())

    async def fails(*_: object) -> bool:
        raise ClientError({"Error": {"Code": code, "Message": "not now"}}, "ListObjectsV2")

    monkeypatch.setattr(SourceObjectTrigger, "_is_there", fails)  # S3 cannot be made to say this from here

    with pytest.raises(ClientError, match=code):
        first_event(trigger)


def triggers_whose_wait_is_over(world: World) -> dict[str, BaseTrigger]:
    """One of each kind, for what a load has left: an object, a query and an ingestion at their end."""
    pipeline = {
        "aws_conn_id": world.settings.analytics.connection_id,
        "region_name": world.settings.analytics.region,
    }
    query_id = min(world.evidence.query_ids(world.account))
    (ingestion,) = world.evidence.ingestions(world.account)[:1]
    return {
        "object": waiting(world),
        "query": QueryExecutionTrigger(
            query_execution_id=query_id, waiter_delay=1, waiter_max_attempts=5, **pipeline
        ),
        "ingestion": IngestionTrigger(
            data_set_id=world.account.tables[0].quicksight.data_set_id,
            ingestion_id=ingestion["IngestionId"],
            aws_account_id=world.settings.analytics.account_id,
            waiter_delay=1,
            **pipeline,
        ),
    }


def test_no_trigger_fires_before_airflow_has_registered_that_the_worker_is_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.put(JANUARY)
    assert not world.load().errors
    triggers = triggers_whose_wait_is_over(world)
    # How long a trigger takes by itself depends on the machine: what it sleeps is written down instead of slept.
    monkeypatch.setattr(base, "SETTLING_DELAY", 12_345)
    sleep, slept = asyncio.sleep, dict[str, list[float]]()

    async def written_down(seconds: float, *args: Any) -> Any:
        slept[name].append(seconds)
        return await sleep(0 if seconds == base.SETTLING_DELAY else seconds, *args)

    monkeypatch.setattr(asyncio, "sleep", written_down)

    for name, trigger in triggers.items():
        slept[name] = []
        first_event(trigger)

    assert {name: base.SETTLING_DELAY in seconds for name, seconds in slept.items()} == dict.fromkeys(
        triggers, True
    )
