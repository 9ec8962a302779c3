"""Each grant that a load of a new month needs: without it the load fails and names it, and SPICE is as it was."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.support.world import HEADER, JANUARY, World

FEBRUARY = HEADER + "2024-02-01,Widget A,1,25.99,25.99\n"
SOURCE, RESULTS, LEDGER = "source-", "results-", "ledger-"
DENIED = "Permission denied on S3 path: s3://source-"


@dataclass(frozen=True)
class Grant:
    """An action, the task that fails without it, and on which of the estate's buckets, if it is one of S3.

    Athena says of a file that it may not read only which one it is; `says` is its reason then.
    """

    action: str
    task: str
    bucket: str = ""
    role: str = "sightline-pipeline"
    keeps_catalog: bool = True
    says: str = ""

    def __str__(self) -> str:
        return "-".join(
            filter(None, (self.role.removeprefix("sightline-"), self.action, self.bucket.strip("-")))
        )


# `keeps_catalog=False`: the partition is registered by then. It is checked, or the next load checks it: nothing is
# published before.
NEEDED = [
    Grant("athena:StartQueryExecution", "add_partition"),
    Grant("athena:GetQueryExecution", "add_partition", keeps_catalog=False),
    Grant("athena:GetQueryResults", "check_row_count"),
    Grant("glue:GetTable", "inspect_source"),
    Grant("glue:GetPartitions", "inspect_source"),
    Grant("glue:BatchCreatePartition", "add_partition"),
    Grant("s3:GetObject", "inspect_source", LEDGER),
    Grant("s3:PutObject", "check_row_count", LEDGER, keeps_catalog=False),
    Grant("s3:PutObject", "add_partition", RESULTS, keeps_catalog=False),
    Grant("s3:GetObject", "check_row_count", SOURCE, says=DENIED),
    Grant("s3:ListBucket", "check_row_count", SOURCE, says=DENIED),
    Grant("s3:ListBucket", "wait_for_source_object", SOURCE, role="sightline-reader"),
    Grant("s3:GetObject", "inspect_source", SOURCE, role="sightline-reader"),
    Grant("quicksight:CreateIngestion", "ingest_data_set", keeps_catalog=False),
    Grant("quicksight:DescribeIngestion", "ingest_data_set", keeps_catalog=False),
]


@pytest.mark.parametrize("grant", NEEDED, ids=str)
def test_without_a_grant_the_load_fails_and_names_it(world: World, grant: Grant) -> None:
    world.put(JANUARY)
    assert not world.load().errors
    world.put(FEBRUARY, "2024-02")
    before = world.state()
    _revoke(world, grant)

    outcome = world.load("2024-02")

    assert outcome.states[grant.task] == "failed", outcome.states
    assert len(outcome.errors) == 1
    assert isinstance(outcome.errors[grant.task], AirflowFailException), "a retry cannot help"
    assert (grant.says or grant.action) in outcome.error
    assert grant.bucket in outcome.error
    after = world.state()
    if (
        grant.action != "quicksight:DescribeIngestion"
    ):  # the ingestion was started, and nobody can see its end
        assert (after["spice"], after["ingestions"]) == (before["spice"], before["ingestions"])
    if grant.keeps_catalog:
        assert after["partitions"] == before["partitions"]
    assert not world.ledger("2024-02").get("published_at")
    assert world.ledger()["published_at"]


def _revoke(world: World, grant: Grant) -> None:
    """Take this one action out of the role's own policy, on buckets of this name only."""
    owner = world.account if grant.role == "sightline-reader" else None
    iam = world.estate.admin("iam", owner)
    (policy,) = iam.list_role_policies(RoleName=grant.role)["PolicyNames"]
    name = {"RoleName": grant.role, "PolicyName": policy}
    document = iam.get_role_policy(**name)["PolicyDocument"]
    document = json.loads(document) if isinstance(document, str) else document
    statements = [left for each in document["Statement"] for left in _without(each, grant)]
    assert statements != document["Statement"], f"{grant} was not granted"
    iam.put_role_policy(**name, PolicyDocument=json.dumps({**document, "Statement": statements}))


def _without(statement: dict[str, Any], grant: Grant) -> list[dict[str, Any]]:
    """The statement without the action, and the action alone for the buckets that are not meant."""
    if grant.action not in statement["Action"]:
        return [statement]
    others = [action for action in statement["Action"] if action != grant.action]
    kept = [arn for arn in statement["Resource"] if not arn.startswith(f"arn:aws:s3:::{grant.bucket}")]
    kept = kept if grant.bucket else []
    split = [{**statement, "Action": others}, {**statement, "Action": [grant.action], "Resource": kept}]
    return [each for each in split if each["Action"] and each["Resource"]]
