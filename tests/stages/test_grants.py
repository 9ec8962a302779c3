"""Each grant of the pipeline role that a load needs: without it the error names it, and nothing has changed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.support.world import HEADER, JANUARY, World

NEEDED = [
    "athena:StartQueryExecution",
    "athena:GetQueryExecution",
    "athena:GetQueryResults",
    "glue:GetTable",
    "glue:GetPartitions",
    "quicksight:CreateIngestion",
    "quicksight:DescribeIngestion",
]
POLICY = "sightline"


@pytest.fixture
def role_policy(world: World) -> Iterator[Any]:
    """The pipeline role's policy, and a way to change it."""
    iam = world.estate.admin("iam")
    name = {"RoleName": "sightline-pipeline", "PolicyName": POLICY}
    document = iam.get_role_policy(**name)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    return document, lambda changed: iam.put_role_policy(**name, PolicyDocument=json.dumps(changed))


@pytest.mark.parametrize("action", NEEDED)
def test_without_a_grant_the_error_names_it_and_nothing_has_changed(
    world: World, role_policy: Any, action: str
) -> None:
    world.put(JANUARY)
    assert not world.load().errors
    before = world.evidence.partitions(world.account)
    world.put(HEADER + "2024-02-01,Widget A,1,25.99,25.99\n", "2024-02")
    document, put = role_policy
    put(_with_deny(document, action))

    outcome = world.load("2024-02")

    assert action in outcome.error
    assert len(outcome.errors) == 1
    put(document)
    partitions = world.evidence.partitions(world.account)
    assert partitions.keys() - before.keys() <= {"2024-02"}
    assert not world.ledger("2024-02").get("published_at")
    assert world.ledger()["published_at"]


def _with_deny(document: dict[str, Any], action: str) -> dict[str, Any]:
    denied = {"Effect": "Deny", "Action": action, "Resource": "*"}
    return {**document, "Statement": [*document["Statement"], denied]}


def test_a_data_source_role_that_quicksight_may_not_assume_is_said_by_provision(world: World) -> None:
    iam = world.estate.admin("iam")
    iam.update_assume_role_policy(
        RoleName="sightline-quicksight",
        PolicyDocument=json.dumps(
            {
                "Version": "2012-10-17",
                "Statement": [
                    {
                        "Effect": "Allow",
                        "Principal": {"Service": "glue.amazonaws.com"},
                        "Action": "sts:AssumeRole",
                    }
                ],
            }
        ),
    )
    names = world.account.tables[0].quicksight
    world.estate.admin("quicksight").delete_data_source(
        AwsAccountId=world.settings.analytics.account_id, DataSourceId=names.data_source_id
    )

    outcome = world.provision()

    assert outcome.states["create_data_source"] == "failed"
    assert f"QuickSight cannot connect with data source {names.data_source_id}" in outcome.error


def test_a_spent_quota_is_said_and_nothing_is_published(world: World) -> None:
    world.put(JANUARY)
    quicksight = world.estate.admin("quicksight")
    data_set_id = world.account.tables[0].quicksight.data_set_id
    for number in range(32):
        quicksight.create_ingestion(
            AwsAccountId=world.settings.analytics.account_id,
            DataSetId=data_set_id,
            IngestionId=f"by-hand-{number}",
        )

    outcome = world.load()

    assert outcome.states["ingest_data_set"] == "failed"
    assert f"Data set {data_set_id} has spent its 32 ingestions" in outcome.error
    assert not world.ledger()["published_at"]


def test_a_table_dropped_since_is_made_again_by_a_cleared_task(world: World) -> None:
    glue = world.estate.admin("glue")
    glue.delete_table(DatabaseName=world.account.database, Name="sales")

    assert not world.provision(only="create_table", run_id="the-same-run").errors
    glue.delete_table(DatabaseName=world.account.database, Name="sales")
    outcome = world.provision(only="create_table", run_id="the-same-run", try_number=2)

    assert not outcome.errors, outcome.error
    assert glue.get_table(DatabaseName=world.account.database, Name="sales")
