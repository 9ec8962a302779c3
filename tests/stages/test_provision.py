"""What provisioning makes, makes again and mends."""

from __future__ import annotations

import json
from typing import Any

import pytest

from sightline.hooks.buckets import ensure_bucket
from tests.stages.conftest import MakeWorld
from tests.support.world import World

CLOSED = {
    "BlockPublicAcls": True,
    "IgnorePublicAcls": True,
    "BlockPublicPolicy": True,
    "RestrictPublicBuckets": True,
}


def public_access(world: World, bucket: str) -> Any:
    answer = world.estate.admin("s3").get_public_access_block(Bucket=bucket)
    return answer["PublicAccessBlockConfiguration"]


def test_what_is_there_already_is_left_alone(world: World) -> None:
    again = world.provision()

    assert not again.errors, again.error
    ensured = ("bucket", "workgroup", "data_source", "data_set")
    made = {name: result for name, result in again.results.items() if name.endswith(ensured)}
    assert len(made) == 5
    assert set(made.values()) == {"unchanged"}


@pytest.mark.parametrize("which", ["ledger", "results"])
def test_a_bucket_that_was_left_open_is_closed_to_the_public(world: World, which: str) -> None:
    """As a task leaves it that is killed between making the bucket and closing it."""
    bucket = {"ledger": world.settings.analytics.ledger_bucket, "results": world.account.results_bucket}[
        which
    ]
    world.estate.admin("s3").delete_public_access_block(Bucket=bucket)

    assert not world.provision(only=f"create_{which}_bucket").errors

    assert public_access(world, bucket) == CLOSED


def test_a_bucket_of_the_oldest_region_is_made_without_naming_the_region(make_world: MakeWorld) -> None:
    world = make_world()
    analytics = world.settings.analytics.model_copy(update={"region": "us-east-1"})

    assert ensure_bucket(analytics, analytics.ledger_bucket, versioned=True)
    assert not ensure_bucket(analytics, analytics.ledger_bucket, versioned=True)

    s3 = world.estate.admin("s3")
    assert s3.get_bucket_location(Bucket=analytics.ledger_bucket)["LocationConstraint"] is None
    assert s3.get_bucket_versioning(Bucket=analytics.ledger_bucket)["Status"] == "Enabled"
    assert public_access(world, analytics.ledger_bucket) == CLOSED


def test_a_table_dropped_since_is_made_again_by_a_cleared_task(world: World) -> None:
    glue = world.estate.admin("glue")
    glue.delete_table(DatabaseName=world.account.database, Name="sales")
    assert not world.provision(only="create_table", run_id="the-same-run").errors
    glue.delete_table(DatabaseName=world.account.database, Name="sales")

    outcome = world.provision(only="create_table", run_id="the-same-run", try_number=2)

    assert not outcome.errors, outcome.error
    assert glue.get_table(DatabaseName=world.account.database, Name="sales")


def test_a_retried_task_makes_its_statement_once(world: World) -> None:
    """The same try of the same run, as a worker repeats it that lost its answer."""
    for _ in range(2):
        before = world.executions()
        assert not world.provision(only="create_table", run_id="the-same-run").errors

    assert world.executions() == before


def test_a_data_source_role_that_quicksight_may_not_assume_is_said(world: World) -> None:
    _trust_only(world, "glue.amazonaws.com")
    names = world.account.tables[0].quicksight
    world.estate.admin("quicksight").delete_data_source(
        AwsAccountId=world.settings.analytics.account_id, DataSourceId=names.data_source_id
    )

    outcome = world.provision()

    assert outcome.states["create_data_source"] == "failed"
    assert outcome.states["create_data_set"] == "upstream_failed"
    assert f"QuickSight cannot connect with data source {names.data_source_id}" in outcome.error
    assert "sightline-quicksight" in outcome.error
    _trust_only(world, "quicksight.amazonaws.com")
    mended = world.provision()
    assert mended.results["create_data_source"] == "updated", mended.error


def _trust_only(world: World, service: str) -> None:
    trust = {"Effect": "Allow", "Principal": {"Service": service}, "Action": "sts:AssumeRole"}
    world.estate.admin("iam").update_assume_role_policy(
        RoleName="sightline-quicksight",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [trust]}),
    )
