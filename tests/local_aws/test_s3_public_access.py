"""Block Public Access: a new bucket has all of it, and a public policy is refused, or counts for its owner alone."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.iam.public_policies import is_public
from tests.local_aws.conftest import Account, Cloud, code_of, on, policy

READ = ["s3:GetObject", "s3:ListBucket"]


def block(account: Account, bucket: str, **switches: bool) -> None:
    account.s3.put_public_access_block(Bucket=bucket, PublicAccessBlockConfiguration=switches)


def test_a_new_bucket_is_closed(account: Account) -> None:
    found = account.s3.get_public_access_block(Bucket=account.bucket("data"))[
        "PublicAccessBlockConfiguration"
    ]

    assert list(found.values()) == [True] * 4


def test_a_public_policy_is_refused_until_that_is_switched_off(account: Account) -> None:
    bucket = account.bucket("data")
    everybody = policy(on(bucket, *READ, Principal="*"))

    with pytest.raises(ClientError, match="blocked by the BlockPublicPolicy") as failure:
        account.s3.put_bucket_policy(Bucket=bucket, Policy=everybody)
    block(account, bucket, BlockPublicPolicy=False)
    account.s3.put_bucket_policy(Bucket=bucket, Policy=everybody)

    assert code_of(failure) == "AccessDenied"


def test_half_of_the_internet_is_public(account: Account) -> None:
    bucket = account.bucket("data")
    half = {"IpAddress": {"aws:SourceIp": "0.0.0.0/1"}}

    with pytest.raises(ClientError, match="blocked by the BlockPublicPolicy"):
        account.s3.put_bucket_policy(
            Bucket=bucket, Policy=policy(on(bucket, *READ, Principal="*", Condition=half))
        )


def test_a_public_policy_of_a_restricted_bucket_counts_within_its_account_alone(
    cloud: Cloud, account: Account, other_account: Account
) -> None:
    bucket = other_account.bucket("data", **{"a.csv": b"x"})
    block(other_account, bucket, BlockPublicPolicy=False, RestrictPublicBuckets=True)
    other_account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(on(bucket, *READ, Principal="*")))
    stranger = cloud.client_of(account.session("reader", on(bucket)), "s3")
    own = cloud.client_of(other_account.session("reader"), "s3")

    assert own.get_object(Bucket=bucket, Key="a.csv")
    with pytest.raises(ClientError, match="no resource-based policy allows"):
        stranger.get_object(Bucket=bucket, Key="a.csv")
    block(other_account, bucket, RestrictPublicBuckets=False)
    assert stranger.get_object(Bucket=bucket, Key="a.csv")


def public(**more: Any) -> bool:
    statement = {"Effect": "Allow", "Action": READ, "Resource": "*", **more}
    return is_public({"Statement": [statement]})


def test_public_is_what_allows_everybody() -> None:
    account = "arn:aws:iam::111111111111:root"

    assert public(Principal="*")
    assert public(Principal={"AWS": [account, "*"]})
    assert not public(Principal={"AWS": account})
    assert not public(Principal={"Service": "quicksight.amazonaws.com"})
    assert not public(Principal="*", Effect="Deny")


@pytest.mark.parametrize(
    ("operator", "key", "value", "narrows"),
    [
        ("IpAddress", "aws:SourceIp", "10.0.0.0/8", True),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/0", False),
        ("IpAddress", "aws:SourceIp", "0.0.0.0/1", False),
        ("IpAddress", "aws:SourceIp", "52.0.0.0/7", False),
        ("IpAddress", "aws:SourceIp", "52.0.0.0/8", True),
        ("IpAddress", "aws:SourceIp", ["52.0.0.0/8", "128.0.0.0/1"], False),
        ("IpAddress", "aws:SourceIp", "2000::/31", False),
        ("IpAddress", "aws:SourceIp", "2400:cb00::/32", True),
        ("IpAddress", "aws:SourceIp", "fc00::/7", True),
        ("ArnEquals", "aws:PrincipalArn", "arn:aws:iam::111111111111:role/r", True),
        ("ArnLike", "aws:PrincipalArn", "arn:aws:iam::*:role/r", False),
        ("StringNotEquals", "aws:SourceVpc", "vpc-1", False),
        ("Bool", "aws:SecureTransport", "true", False),
    ],
)
def test_a_condition_narrows_everybody_by_fixed_values(
    operator: str, key: str, value: str | list[str], narrows: bool
) -> None:
    assert public(Principal="*", Condition={operator: {key: value}}) != narrows
