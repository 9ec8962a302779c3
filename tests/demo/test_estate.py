"""The estate is what the article has, least privilege and nothing for everyone; and it holds on the local AWS."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.exceptions import ClientError

from demo import policies
from demo.estate import Estate, source_key
from sightline.settings import Settings, WorkloadAccount, load_settings


@pytest.fixture(scope="module")
def shipped() -> Settings:
    return load_settings()


def statements(settings: Settings) -> Iterator[dict[str, Any]]:
    """Every statement of every policy of the estate."""
    documents = [
        policies.airflow_user_policy(settings),
        policies.pipeline_policy(settings),
        policies.data_source_policy(settings),
        *(policies.reader_policy([account]) for account in settings.workload_accounts),
    ]
    for document in documents:
        yield from document["Statement"]


def client(estate: Estate, service: str, key: dict[str, str]) -> Any:
    region = estate.settings.analytics.region
    return boto3.client(service, endpoint_url=estate.cloud.endpoint, region_name=region, **key)


@pytest.fixture(scope="module")
def user(estate: Estate) -> dict[str, str]:
    """The key that Airflow runs with."""
    key = estate.make_access_key()
    return {"aws_access_key_id": key.id, "aws_secret_access_key": key.secret}


def assumed(estate: Estate, user: dict[str, str], role_arn: str, **options: str) -> dict[str, str]:
    answer = client(estate, "sts", user).assume_role(RoleArn=role_arn, RoleSessionName="test", **options)
    return {
        "aws_access_key_id": answer["Credentials"]["AccessKeyId"],
        "aws_secret_access_key": answer["Credentials"]["SecretAccessKey"],
        "aws_session_token": answer["Credentials"]["SessionToken"],
    }


def refused(call: Any, **parameters: Any) -> str:
    """The code with which a call is refused."""
    with pytest.raises(ClientError) as refusal:
        call(**parameters)
    return str(refusal.value.response["Error"]["Code"])


def test_the_source_bucket_policy_is_the_articles(shipped: Settings) -> None:
    account = shipped.account("account1")

    policy = policies.source_bucket_policy(shipped, account, account.tables[0].bucket)

    assert policy == {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Account1 Bucket Policy",
                "Effect": "Allow",
                "Principal": {
                    "AWS": [
                        "arn:aws:iam::333333333333:role/sightline-pipeline",
                        "arn:aws:iam::333333333333:role/sightline-quicksight",
                    ]
                },
                "Action": ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"],
                "Resource": [
                    "arn:aws:s3:::account1-athena-test-111111111111",
                    "arn:aws:s3:::account1-athena-test-111111111111/*",
                ],
            }
        ],
    }


def test_nothing_is_granted_on_everything_or_by_a_wildcard_action(shipped: Settings) -> None:
    granted = list(statements(shipped))

    assert not [statement for statement in granted if "*" in statement["Resource"]]
    assert not [action for statement in granted for action in statement["Action"] if "*" in action]


def test_no_role_may_write_into_a_source_bucket(shipped: Settings) -> None:
    sources = {
        policies.objects_arn(table.bucket) for each in shipped.workload_accounts for table in each.tables
    }

    writing = [
        s for s in statements(shipped) if sources & set(s["Resource"]) and "s3:PutObject" in s["Action"]
    ]

    assert writing == []


def test_objects_are_read_and_written_only_in_the_account_that_should_own_the_bucket(
    shipped: Settings,
) -> None:
    owners = {table.bucket: each.account_id for each in shipped.workload_accounts for table in each.tables}
    touching = [s for s in statements(shipped) if {"s3:GetObject", "s3:PutObject"} & set(s["Action"])]

    for statement in touching:
        buckets = {arn.removeprefix("arn:aws:s3:::").partition("/")[0] for arn in statement["Resource"]}
        expected = {owners.get(bucket, shipped.analytics.account_id) for bucket in buckets}
        assert {statement["Condition"]["StringEquals"]["aws:ResourceAccount"]} == expected
    assert len(touching) == 2 * (len(owners) + 1) + len(owners)


def test_principals_are_named_exactly(shipped: Settings) -> None:
    analytics, accounts = shipped.analytics, shipped.workload_accounts
    documents = [
        policies.pipeline_trust(analytics),
        *(policies.reader_trust(analytics, [account]) for account in accounts),
        *(policies.source_bucket_policy(shipped, each, each.tables[0].bucket) for each in accounts),
    ]
    named = [s["Principal"]["AWS"] for document in documents for s in document["Statement"]]

    for principals in named:
        for arn in [principals] if isinstance(principals, str) else principals:
            assert re.fullmatch(r"arn:aws:iam::\d{12}:(role|user)/[\w/-]+", arn)


@pytest.fixture
def squatted(estate: Estate) -> Iterator[WorkloadAccount]:
    """An account whose bucket's name another one has, which grants all to everybody; afterwards it is given back."""
    account = estate.settings.workload_accounts[-1]
    bucket, owner = account.tables[0].bucket, estate.admin("s3", account)
    empty_and_delete(owner, bucket)
    squatter = estate.cloud.client("s3", account_id="999999999999", region=account.region)
    where = {"CreateBucketConfiguration": {"LocationConstraint": account.region}}
    squatter.create_bucket(Bucket=bucket, **where)
    squatter.delete_public_access_block(Bucket=bucket)
    squatter.put_object(Bucket=bucket, Key="a.csv", Body=b"two\n")
    both = [policies.bucket_arn(bucket), policies.objects_arn(bucket)]
    anyone = {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": both}
    squatter.put_bucket_policy(Bucket=bucket, Policy=json.dumps(policies.policy(anyone)))
    yield account
    empty_and_delete(squatter, bucket)
    estate.build()


def empty_and_delete(s3: Any, bucket: str) -> None:
    for entry in s3.list_objects_v2(Bucket=bucket).get("Contents", []):
        s3.delete_object(Bucket=bucket, Key=entry["Key"])
    s3.delete_bucket(Bucket=bucket)


def test_a_bucket_of_the_right_name_in_the_wrong_account_is_not_read(
    estate: Estate, user: dict[str, str], squatted: WorkloadAccount
) -> None:
    """The roles' own policies refuse it, whatever a client says."""
    bucket = squatted.tables[0].bucket
    roles = {
        estate.settings.analytics.role_arn: {},
        squatted.reader_role_arn: {"ExternalId": squatted.external_id},
    }

    for role_arn, options in roles.items():
        s3 = client(estate, "s3", assumed(estate, user, role_arn, **options))
        assert refused(s3.list_objects_v2, Bucket=bucket) == "AccessDenied"
        assert refused(s3.get_object, Bucket=bucket, Key="a.csv") == "AccessDenied"


def test_building_again_changes_nothing(estate: Estate) -> None:
    account = estate.settings.workload_accounts[0]
    iam, s3 = estate.admin("iam", account), estate.admin("s3", account)

    def look() -> tuple[Any, ...]:
        role = iam.get_role(RoleName=account.reader_role_arn.rpartition("/")[2])["Role"]
        return role["RoleId"], json.loads(s3.get_bucket_policy(Bucket=account.tables[0].bucket)["Policy"])

    before = look()
    estate.build()

    assert look() == before


def test_delivering_the_same_content_again_does_not_touch_the_object(estate: Estate) -> None:
    account = estate.settings.workload_accounts[0]
    table = account.tables[0]
    key = estate.put_source(account, "2031-05", b"one\n")
    before = estate.admin("s3", account).head_object(Bucket=table.bucket, Key=key)

    estate.put_source(account, "2031-05", b"one\n")
    same = estate.admin("s3", account).head_object(Bucket=table.bucket, Key=key)
    estate.put_source(account, "2031-05", b"two\n")
    other = estate.admin("s3", account).head_object(Bucket=table.bucket, Key=key)

    assert key == source_key(table, "2031-05")
    assert same["LastModified"] == before["LastModified"]
    assert other["ETag"] != before["ETag"]


def test_airflows_user_may_do_nothing_but_assume_the_roles(estate: Estate, user: dict[str, str]) -> None:
    table = estate.settings.workload_accounts[0].tables[0]

    assert refused(client(estate, "s3", user).list_objects_v2, Bucket=table.bucket) == "AccessDenied"
    assert refused(client(estate, "iam", user).create_user, UserName="other") == "AccessDenied"
    assert assumed(estate, user, estate.settings.analytics.role_arn)


def test_a_reader_role_asks_for_its_external_id(estate: Estate, user: dict[str, str]) -> None:
    account = estate.settings.workload_accounts[0]
    assume = client(estate, "sts", user).assume_role
    role = {"RoleArn": account.reader_role_arn, "RoleSessionName": "test"}

    assert refused(assume, **role) == "AccessDenied"
    assert refused(assume, **role, ExternalId="another") == "AccessDenied"
    assert assume(**role, ExternalId=account.external_id)


def test_a_reader_role_reads_its_account_and_writes_nowhere(estate: Estate, user: dict[str, str]) -> None:
    account, other = estate.settings.workload_accounts[:2]
    key = estate.put_source(account, "2031-06", b"one\n")
    bucket = account.tables[0].bucket

    s3 = client(estate, "s3", assumed(estate, user, account.reader_role_arn, ExternalId=account.external_id))

    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"one\n"
    assert refused(s3.put_object, Bucket=bucket, Key=key, Body=b"two\n") == "AccessDenied"
    assert refused(s3.list_objects_v2, Bucket=other.tables[0].bucket) == "AccessDenied"


def test_the_pipeline_role_reads_sources_across_accounts_and_writes_nowhere_there(
    estate: Estate, user: dict[str, str]
) -> None:
    account = estate.settings.workload_accounts[0]
    key = estate.put_source(account, "2031-07", b"one\n")
    bucket = account.tables[0].bucket

    s3 = client(estate, "s3", assumed(estate, user, estate.settings.analytics.role_arn))

    assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"one\n"
    assert refused(s3.delete_object, Bucket=bucket, Key=key) == "AccessDenied"


def test_a_new_key_ends_the_one_before(estate: Estate) -> None:
    old = estate.make_access_key()
    estate.make_access_key()

    keys = estate.admin("iam").list_access_keys(UserName=policies.AIRFLOW_USER)["AccessKeyMetadata"]

    assert old.id not in [key["AccessKeyId"] for key in keys]
    assert len(keys) == 1
