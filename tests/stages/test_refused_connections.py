"""Connections and roles that lead nowhere or elsewhere: the error names connection, account and the missing grant."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from typing import Any

import pytest
from airflow.sdk.exceptions import AirflowFailException

from tests.stages.conftest import MakeWorld
from tests.support.damage import (
    Repair,
    with_airflows_user_made_anew,
    with_pipeline_role_made_anew,
    without_reader_role,
    without_statement_for_the_pipeline,
)
from tests.support.refusals import load_again, refused, standing
from tests.support.world import JANUARY, World


@pytest.mark.parametrize("task", ["assume_role", "wait_for_source_object", "inspect_source"])
def test_a_missing_connection_is_never_replaced_by_ambient_credentials(
    loaded: World, monkeypatch: pytest.MonkeyPatch, task: str
) -> None:
    monkeypatch.delenv(f"AIRFLOW_CONN_AWS_{loaded.account.name.upper()}")

    outcome = loaded.load(only=task)

    refused(outcome, task, f'Airflow has no connection "aws_{loaded.account.name}"')


def test_a_connection_into_another_account_is_refused_with_both_roles(
    loaded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing(loaded)
    pipeline = loaded.settings.analytics.role_arn
    _change_connection(monkeypatch, loaded, role_arn=pipeline, assume_role_kwargs={})

    outcome = loaded.load("2024-02")

    refused(outcome, "assume_role")
    assert outcome.error == (
        f'RoleMismatch: Connection "{loaded.account.connection_id}" assumes {pipeline}, the settings say '
        f"{loaded.account.reader_role_arn}. Correct accounts.yaml, or role_arn in the connection (`make connections` "
        "writes it); without one it would work with whatever credentials the worker finds."
    )
    assert standing(loaded) == before


def test_a_wrong_external_id_is_refused_with_role_and_what_it_must_trust(
    loaded: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = standing(loaded)
    _change_connection(monkeypatch, loaded, assume_role_kwargs={"ExternalId": "somebody-else"})

    outcome = loaded.load("2024-02")

    refused(outcome, "assume_role", *_cannot_assume(loaded.account.reader_role_arn))
    assert isinstance(outcome.errors["assume_role"], AirflowFailException), "a retry cannot help"
    assert standing(loaded) == before


def _cannot_assume(role_arn: str) -> tuple[str, ...]:
    """What an error says of a role that Airflow's user cannot assume; a role's ARN names its account."""
    return (
        f"AWS refuses sts:AssumeRole on {role_arn}",
        "The role must exist, its trust policy must name that principal and ask for the ExternalId in accounts.yaml",
    )


@pytest.mark.parametrize(
    "damage",
    [without_reader_role, with_airflows_user_made_anew],
    ids=["role deleted", "Airflow's user made anew"],
)
def test_a_role_that_is_gone_or_trusts_somebody_who_is_no_more_is_named(
    loaded: World, damage: Callable[[World], Repair]
) -> None:
    before = standing(loaded)
    repair = damage(loaded)

    outcome = loaded.load("2024-02")

    refused(
        outcome, "assume_role", "sts:AssumeRole on arn:aws:iam::", "its trust policy must name that principal"
    )
    if damage is without_reader_role:
        assert loaded.account.reader_role_arn in outcome.error
    assert standing(loaded) == before
    repair()
    assert not loaded.load().errors


@pytest.mark.parametrize(
    "damage",
    [without_statement_for_the_pipeline, with_pipeline_role_made_anew],
    ids=["bucket policy without our role", "role made anew"],
)
def test_a_source_that_our_role_may_not_read_is_named_with_its_account_and_the_grant(
    delivered: World, damage: Callable[[World], Repair]
) -> None:
    before = standing(delivered)
    repair = damage(delivered)

    outcome = delivered.load("2024-02")

    owner, bucket = delivered.account, delivered.account.tables[0].bucket
    refused(
        outcome,
        "check_row_count",
        f"AWS refuses s3:GetBucketLocation, s3:GetObject, s3:ListBucket on arn:aws:s3:::{bucket} to "
        f"{delivered.settings.analytics.role_arn}",
        f"The bucket is account {owner.account_id}'s ({owner.name}): its policy must name the role for these actions",
        "A role that was deleted and made anew has lost its grants",
    )
    assert isinstance(outcome.errors["check_row_count"], AirflowFailException), "a retry cannot help"
    assert standing(delivered) == before
    repair()
    load_again(delivered)
    assert delivered.evidence.spice_rows(owner) == 4


def test_a_bucket_policy_shows_the_id_of_a_role_that_was_made_anew(loaded: World) -> None:
    repair = with_pipeline_role_made_anew(loaded)
    s3, bucket = loaded.estate.admin("s3", loaded.account), loaded.account.tables[0].bucket

    dead = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    repair()
    alive = s3.get_bucket_policy(Bucket=bucket)["Policy"]

    assert "AROA" in dead
    assert loaded.settings.analytics.role_arn not in dead
    assert loaded.settings.analytics.role_arn in alive


def _change_connection(monkeypatch: pytest.MonkeyPatch, world: World, **extra: Any) -> None:
    name = f"AIRFLOW_CONN_AWS_{world.account.name.upper()}"
    connection = json.loads(os.environ[name])
    connection["extra"] = {**_extra(connection), **extra}
    monkeypatch.setenv(name, json.dumps(connection))


def _extra(connection: dict[str, Any]) -> dict[str, Any]:
    extra = connection["extra"]
    return json.loads(extra) if isinstance(extra, str) else extra


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})


def test_a_bucket_of_the_right_name_in_another_account_is_refused(make_world: MakeWorld) -> None:
    world = make_world()
    assert not world.provision().errors
    world.put(JANUARY)
    table = world.account.tables[0]
    owner = world.estate.admin("s3", world.account)
    for entry in owner.list_objects_v2(Bucket=table.bucket)["Contents"]:
        owner.delete_object(Bucket=table.bucket, Key=entry["Key"])
    owner.delete_bucket(Bucket=table.bucket)
    squatter = world.cloud.client("s3", account_id="999999999999", region="ap-northeast-1")
    squatter.create_bucket(
        Bucket=table.bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
    )
    squatter.delete_public_access_block(Bucket=table.bucket)
    reads = {"Effect": "Allow", "Action": "s3:*", "Resource": f"arn:aws:s3:::{table.bucket}*"}
    squatter.put_bucket_policy(Bucket=table.bucket, Policy=_policy({**reads, "Principal": "*"}))
    # An owner may write the role's policy without aws:ResourceAccount: then only what the load asks for holds.
    name = world.account.reader_role_arn.rpartition("/")[2]
    iam = world.estate.admin("iam", world.account)
    iam.put_role_policy(RoleName=name, PolicyName="wide", PolicyDocument=_policy(reads))

    outcome = world.load()

    refused(outcome, "wait_for_source_object", table.bucket, world.account.account_id, "s3:ListBucket")
