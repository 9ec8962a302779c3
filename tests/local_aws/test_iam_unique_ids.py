"""Who is deleted and made anew is somebody else: policies keep the unique ids of those whom they name."""

from __future__ import annotations

import json
from typing import Any, ClassVar

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, Cloud, on, policy, trust

READ = ["s3:GetObject", "s3:ListBucket"]


def named_in(document: Any) -> Any:
    """Who a policy's one statement names; a bucket's policy comes as text, a role's read."""
    read = json.loads(document) if isinstance(document, str) else document
    return read["Statement"][0]["Principal"]["AWS"]


def make_anew(account: Account, name: str, *statements: dict[str, Any]) -> str:
    """Delete a role and make it with the same name, trust and policy; return its ARN."""
    account.iam.delete_role_policy(RoleName=name, PolicyName="may")
    account.iam.delete_role(RoleName=name)
    return account.role(name, trust(account.id), *statements)


class TestBucketPolicies:
    @pytest.fixture
    def bucket(self, other_account: Account) -> str:
        return other_account.bucket("data", **{"a.csv": b"x"})

    def grant(self, owner: Account, bucket: str, principal: str) -> None:
        statement = on(bucket, *READ, Principal={"AWS": principal})
        owner.s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))

    def read(self, cloud: Cloud, account: Account, role_arn: str, bucket: str) -> bytes:
        s3 = cloud.client_of(cloud.assume(role_arn, by=account.admin), "s3")
        body: bytes = s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read()
        return body

    def test_a_role_made_anew_has_lost_its_grant(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        role_arn = account.role("reader", trust(account.id), on(bucket, *READ))
        self.grant(other_account, bucket, role_arn)
        assert self.read(cloud, account, role_arn, bucket) == b"x"

        assert make_anew(account, "reader", on(bucket, *READ)) == role_arn

        with pytest.raises(ClientError, match="no resource-based policy allows the s3:GetObject action"):
            self.read(cloud, account, role_arn, bucket)

    def test_naming_it_again_mends_it(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        role_arn = account.role("reader", trust(account.id), on(bucket, *READ))
        self.grant(other_account, bucket, role_arn)
        make_anew(account, "reader", on(bucket, *READ))

        self.grant(other_account, bucket, role_arn)

        assert self.read(cloud, account, role_arn, bucket) == b"x"

    def test_the_policy_shows_the_arn_and_then_the_id_of_who_is_gone(
        self, account: Account, other_account: Account, bucket: str
    ) -> None:
        role_arn = account.role("reader", trust(account.id), on(bucket, *READ))
        role_id = account.iam.get_role(RoleName="reader")["Role"]["RoleId"]
        self.grant(other_account, bucket, role_arn)
        look = other_account.s3.get_bucket_policy
        assert named_in(look(Bucket=bucket)["Policy"]) == role_arn

        make_anew(account, "reader", on(bucket, *READ))

        assert role_id.startswith("AROA")
        assert named_in(look(Bucket=bucket)["Policy"]) == role_id

    def test_an_id_cannot_be_put(self, account: Account, other_account: Account, bucket: str) -> None:
        account.role("reader", trust(account.id))
        role_id = account.iam.get_role(RoleName="reader")["Role"]["RoleId"]

        with pytest.raises(ClientError, match="Invalid principal in policy"):
            self.grant(other_account, bucket, role_id)

    def test_an_account_and_a_session_are_no_ids(
        self, account: Account, other_account: Account, bucket: str
    ) -> None:
        account.role("reader", trust(account.id))
        named = [f"arn:aws:iam::{account.id}:root", f"arn:aws:sts::{account.id}:assumed-role/reader/test"]
        statement = on(bucket, *READ, Principal={"AWS": named})

        other_account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))

        assert named_in(other_account.s3.get_bucket_policy(Bucket=bucket)["Policy"]) == named

    def test_a_deny_is_dead_too(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        everybody = on(bucket, *READ, Principal={"AWS": account.id})
        role_arn = account.role("reader", trust(account.id), on(bucket, *READ))
        denied = on(bucket, *READ, Principal={"AWS": role_arn}, Effect="Deny")
        other_account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(everybody, denied))
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            self.read(cloud, account, role_arn, bucket)

        make_anew(account, "reader", on(bucket, *READ))

        assert self.read(cloud, account, role_arn, bucket) == b"x"


class TestTrustPolicies:
    MAY: ClassVar[dict[str, Any]] = {"Action": "sts:AssumeRole", "Resource": "*"}

    def delete_user(self, account: Account, name: str) -> None:
        for key in account.iam.list_access_keys(UserName=name)["AccessKeyMetadata"]:
            account.iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        account.iam.delete_user_policy(UserName=name, PolicyName="may")
        account.iam.delete_user(UserName=name)

    def test_a_user_made_anew_is_trusted_no_more(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        user = account.user("airflow", self.MAY)
        user_id = account.iam.get_user(UserName="airflow")["User"]["UserId"]
        role_arn = other_account.role("reader", trust(f"arn:aws:iam::{account.id}:user/airflow"))
        assert cloud.assume(role_arn, by=user)

        self.delete_user(account, "airflow")
        again = account.user("airflow", self.MAY)

        with pytest.raises(ClientError, match="AccessDenied"):
            cloud.assume(role_arn, by=again)
        found = other_account.iam.get_role(RoleName="reader")["Role"]["AssumeRolePolicyDocument"]
        assert user_id.startswith("AIDA")
        assert named_in(found) == [user_id]

    def test_a_trust_policy_shows_the_arn_wherever_it_is_shown(self, account: Account) -> None:
        account.user("airflow")
        user_arn = f"arn:aws:iam::{account.id}:user/airflow"

        made = account.iam.create_role(RoleName="made", AssumeRolePolicyDocument=trust(user_arn))["Role"]
        account.iam.update_assume_role_policy(RoleName="made", PolicyDocument=trust(user_arn))

        (listed,) = account.iam.list_roles()["Roles"]
        shown = account.iam.get_role(RoleName="made")["Role"]
        for role in (made, listed, shown):
            assert named_in(role["AssumeRolePolicyDocument"]) == [user_arn]


def test_a_condition_may_name_the_id(cloud: Cloud, account: Account) -> None:
    bucket = account.bucket("data", **{"a.csv": b"x"})
    role_arn = account.role("reader", trust(account.id), on(bucket, *READ))
    role_id = account.iam.get_role(RoleName="reader")["Role"]["RoleId"]
    others = {"StringNotLike": {"aws:userid": f"{role_id}:*"}}
    deny = on(bucket, "s3:GetObject", Principal="*", Effect="Deny", Condition=others)
    account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(deny))
    other = account.session("other", on(bucket, *READ))

    s3 = cloud.client_of(cloud.assume(role_arn, by=account.admin), "s3")

    assert s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
    with pytest.raises(ClientError, match="explicit deny"):
        cloud.client_of(other, "s3").get_object(Bucket=bucket, Key="a.csv")
