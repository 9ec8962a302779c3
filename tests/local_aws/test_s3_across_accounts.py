"""S3 across accounts: both sides are needed, and the owner can be stated."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, Cloud, code_of, on, policy, status_of, trust

READ = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"]


class TestAcrossAccounts:
    @pytest.fixture
    def bucket(self, other_account: Account) -> str:
        return other_account.bucket("data", **{"a.csv": b"x"})

    def grant(self, other_account: Account, bucket: str, principal: str) -> None:
        statement = on(bucket, *READ, Principal={"AWS": principal})
        other_account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))

    def test_both_sides_together_are_enough(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        s3 = cloud.client_of(account.session("reader", on(bucket, *READ)), "s3")
        self.grant(other_account, bucket, f"arn:aws:iam::{account.id}:role/reader")

        assert s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
        assert [found["Key"] for found in s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["a.csv"]

    def test_the_account_root_grants_to_those_whom_their_own_policies_allow(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        self.grant(other_account, bucket, f"arn:aws:iam::{account.id}:root")

        allowed = cloud.client_of(account.session("reader", on(bucket, *READ)), "s3")
        assert allowed.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
        with pytest.raises(ClientError, match="AccessDenied"):
            cloud.client_of(account.session("nobody"), "s3").get_object(Bucket=bucket, Key="a.csv")

    def test_the_identity_policy_alone_is_not_enough(
        self, cloud: Cloud, account: Account, bucket: str
    ) -> None:
        s3 = cloud.client_of(account.session("reader", on(bucket)), "s3")

        with pytest.raises(ClientError, match="no resource-based policy allows the s3:GetObject action"):
            s3.get_object(Bucket=bucket, Key="a.csv")

    def test_an_administrator_is_no_exception(self, account: Account, bucket: str) -> None:
        for refused in (
            lambda: account.s3.get_object(Bucket=bucket, Key="a.csv"),
            lambda: account.s3.put_object(Bucket=bucket, Key="b.csv", Body=b"x"),
            lambda: account.s3.list_objects_v2(Bucket=bucket),
            lambda: account.s3.get_bucket_policy(Bucket=bucket),
            lambda: account.s3.delete_bucket(Bucket=bucket),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                refused()

    def test_the_bucket_policy_alone_is_not_enough(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        s3 = cloud.client_of(account.session("reader"), "s3")
        self.grant(other_account, bucket, f"arn:aws:iam::{account.id}:role/reader")

        with pytest.raises(ClientError, match="no identity-based policy allows"):
            s3.get_object(Bucket=bucket, Key="a.csv")

    def test_another_role_is_not_the_one_named(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        account.role("named", trust(account.id))
        s3 = cloud.client_of(account.session("reader", on(bucket)), "s3")
        self.grant(other_account, bucket, f"arn:aws:iam::{account.id}:role/named")

        with pytest.raises(ClientError, match="AccessDenied"):
            s3.get_object(Bucket=bucket, Key="a.csv")

    def test_a_copy_needs_reading_there_and_writing_here(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        own = account.bucket("own")
        s3 = cloud.client_of(account.session("copier", on(bucket), on(own)), "s3")

        with pytest.raises(ClientError, match="AccessDenied"):
            s3.copy_object(Bucket=own, Key="a.csv", CopySource=f"{bucket}/a.csv")
        self.grant(other_account, bucket, f"arn:aws:iam::{account.id}:role/copier")
        s3.copy_object(Bucket=own, Key="a.csv", CopySource=f"{bucket}/a.csv")

        assert account.s3.get_object(Bucket=own, Key="a.csv")["Body"].read() == b"x"


class TestExpectedBucketOwner:
    def test_the_owner_is_let_in_and_another_is_not(self, account: Account, other_account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})

        assert account.s3.get_object(Bucket=bucket, Key="a.csv", ExpectedBucketOwner=account.id)
        for refused in (account.s3.get_object, account.s3.head_object, account.s3.put_object):
            with pytest.raises(ClientError) as failure:
                refused(Bucket=bucket, Key="a.csv", ExpectedBucketOwner=other_account.id)
            assert status_of(failure) == 403

    def test_a_copys_source_has_an_owner_too(self, account: Account, other_account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        source = {"Bucket": bucket, "Key": "b.csv", "CopySource": f"{bucket}/a.csv"}

        account.s3.copy_object(**source, ExpectedSourceBucketOwner=account.id)
        with pytest.raises(ClientError, match="AccessDenied"):
            account.s3.copy_object(**source, ExpectedSourceBucketOwner=other_account.id)


class TestBucketPolicies:
    def test_a_principal_that_does_not_exist_is_malformed(
        self, account: Account, other_account: Account
    ) -> None:
        bucket = account.bucket("data")
        statement = on(bucket, Principal={"AWS": f"arn:aws:iam::{other_account.id}:role/later"})

        with pytest.raises(ClientError, match="Invalid principal in policy") as failure:
            account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))

        assert (code_of(failure), status_of(failure)) == ("MalformedPolicy", 400)

    def test_a_policy_that_is_stored_is_read_back(self, account: Account) -> None:
        bucket = account.bucket("data")
        text = policy(on(bucket, Principal={"AWS": f"arn:aws:iam::{account.id}:root"}))
        account.s3.put_bucket_policy(Bucket=bucket, Policy=text)

        assert json.loads(account.s3.get_bucket_policy(Bucket=bucket)["Policy"]) == json.loads(text)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"Condition": {"StringMatches": {"aws:SourceIp": "x"}}},
            {"Condition": {"StringEquals": {"aws:PrincipalTag/team": "x"}}},
            {"Resource": "arn:aws:s3:::another-bucket/*"},
            {"Principal": {"CanonicalUser": "79a59d"}},
        ],
        ids=["operator", "key", "resource", "principal"],
    )
    def test_what_would_not_be_evaluated_is_not_stored(self, account: Account, wrong: dict[str, Any]) -> None:
        bucket = account.bucket("data")
        statement = {**on(bucket, Principal="*"), **wrong}

        with pytest.raises(ClientError) as failure:
            account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))

        assert code_of(failure) == "MalformedPolicy"
