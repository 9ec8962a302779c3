"""Every call is counted: by service, operation, calling account and principal, also the refused ones."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from demo.cloud import Cloud as DemoCloud
from demo.cloud import TrailCutError
from local_aws import trail
from local_aws.counters import CallKey
from tests.local_aws.conftest import Account, Cloud


def calls_of(cloud: Cloud, account: Account) -> dict[tuple[str, str], dict[str, Any]]:
    """The account's calls by service and operation."""
    return {
        (call["service"], call["operation"]): call
        for call in cloud.calls()
        if call["account_id"] == account.id
    }


def test_calls_are_counted_for_the_account_that_calls(
    cloud: Cloud, account: Account, other_account: Account
) -> None:
    cloud.reset_calls()

    for _ in range(3):
        account.s3.list_buckets()
    other_account.s3.list_buckets()

    counted = calls_of(cloud, account)
    assert counted == {
        ("s3", "ListBuckets"): {
            "service": "s3",
            "operation": "ListBuckets",
            "account_id": account.id,
            "principal": f"arn:aws:sts::{account.id}:assumed-role/OrganizationAccountAccessRole/test",
            "count": 3,
            "refused": 0,
        }
    }
    assert calls_of(cloud, other_account)["s3", "ListBuckets"]["count"] == 1


def test_assume_role_is_counted_for_who_assumes(cloud: Cloud, account: Account) -> None:
    cloud.reset_calls()

    cloud.admin(account.id)

    assert calls_of(cloud, account) == {}
    assert [call["count"] for call in cloud.calls() if call["operation"] == "AssumeRole"] == [1]


def test_refused_calls_are_counted_as_such(cloud: Cloud, account: Account) -> None:
    bucket = account.bucket("data", a=b"x")
    s3 = cloud.client_of(account.session("reader"), "s3")
    cloud.reset_calls()

    with pytest.raises(ClientError):
        s3.get_object(Bucket=bucket, Key="a")
    with pytest.raises(ClientError):
        s3.get_bucket_website(Bucket=bucket)

    counted = calls_of(cloud, account)
    assert [(call["count"], call["refused"]) for call in counted.values()] == [(1, 1), (1, 1)]
    assert set(counted) == {("s3", "GetObject"), ("s3", "GetBucketWebsite")}


def test_what_fails_without_being_refused_is_not_refused(cloud: Cloud, account: Account) -> None:
    cloud.reset_calls()

    with pytest.raises(ClientError, match="NoSuchBucket"):
        account.s3.list_objects_v2(Bucket=f"none-{account.id}")

    assert calls_of(cloud, account)["s3", "ListObjectsV2"]["refused"] == 0


def test_reset_begins_again(cloud: Cloud, account: Account) -> None:
    account.s3.list_buckets()

    cloud.reset_calls()

    assert cloud.calls() == []


def test_a_full_trail_says_how_many_calls_are_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    # 50,000 calls would take minutes.
    monkeypatch.setattr(trail, "LONGEST", 3)
    full = trail.Trail()

    for number in range(5):
        full.add(CallKey("s3", f"Call{number}", "1", "a"), {}, result={}, error="", fault="")

    found = full.described()
    assert [each["operation"] for each in found["calls"]] == ["Call2", "Call3", "Call4"]
    assert found["dropped"] == 2
    full.reset()
    assert full.described() == {"calls": [], "dropped": 0}


def test_nothing_is_read_from_a_trail_that_misses_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    cut = DemoCloud("http://nowhere")
    monkeypatch.setattr(DemoCloud, "control", lambda *_: {"calls": [{}], "dropped": 1})

    with pytest.raises(TrailCutError, match="1 calls"):
        cut.trail()
