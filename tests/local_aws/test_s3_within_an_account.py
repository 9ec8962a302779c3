"""S3 within an account: the identity policy or the bucket policy is enough, and a deny wins."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, Cloud, code_of, on, policy, status_of, trust

READ = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"]


class TestWithinAnAccount:
    def test_the_identity_policy_alone_is_enough(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        s3 = cloud.client_of(account.session("reader", on(bucket, *READ)), "s3")

        assert s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
        assert s3.get_bucket_location(Bucket=bucket)["LocationConstraint"] == "ap-northeast-1"

    def test_the_bucket_policy_alone_is_enough(self, cloud: Cloud, account: Account) -> None:
        session = account.session("reader")
        role_arn = f"arn:aws:iam::{account.id}:role/reader"
        bucket = account.bucket("data", **{"a.csv": b"x"})
        account.s3.put_bucket_policy(
            Bucket=bucket, Policy=policy(on(bucket, *READ, Principal={"AWS": role_arn}))
        )

        assert cloud.client_of(session, "s3").get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"

    def test_a_bucket_policy_for_the_account_grants_nobody_in_it(
        self, cloud: Cloud, account: Account
    ) -> None:
        session = account.session("reader")
        bucket = account.bucket("data", **{"a.csv": b"x"})
        statement = on(bucket, *READ, Principal={"AWS": f"arn:aws:iam::{account.id}:root"})
        account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))

        with pytest.raises(ClientError, match="no identity-based policy allows the s3:GetObject action"):
            cloud.client_of(session, "s3").get_object(Bucket=bucket, Key="a.csv")

    def test_neither_side_is_denied(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        s3 = cloud.client_of(account.session("reader"), "s3")

        with pytest.raises(ClientError) as failure:
            s3.get_object(Bucket=bucket, Key="a.csv")

        assert (code_of(failure), status_of(failure)) == ("AccessDenied", 403)
        assert "assumed-role/reader/test is not authorized to perform: s3:GetObject" in str(failure.value)

    def test_a_grant_to_read_is_none_to_write(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data")
        s3 = cloud.client_of(account.session("reader", on(bucket, *READ)), "s3")

        for refused in (
            lambda: s3.put_object(Bucket=bucket, Key="a.csv", Body=b"x"),
            lambda: s3.delete_object(Bucket=bucket, Key="a.csv"),
            lambda: s3.put_bucket_policy(Bucket=bucket, Policy=policy(on(bucket, Principal="*"))),
            lambda: s3.create_bucket(Bucket=f"{bucket}-2"),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                refused()

    def test_a_grant_to_write_is_none_to_set_acls_or_tags(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data")
        s3 = cloud.client_of(account.session("writer", on(bucket, "s3:PutObject")), "s3")

        s3.put_object(Bucket=bucket, Key="a.csv", Body=b"x")
        for more, action in (
            ({"ACL": "public-read"}, "PutObjectAcl"),
            ({"Tagging": "a=b"}, "PutObjectTagging"),
        ):
            with pytest.raises(ClientError, match=f"s3:{action}"):
                s3.put_object(Bucket=bucket, Key="a.csv", Body=b"x", **more)

    @pytest.mark.parametrize("kind", ["Object", "ObjectVersion"])
    def test_the_attributes_of_an_object_need_two_grants(
        self, cloud: Cloud, account: Account, kind: str
    ) -> None:
        bucket = account.bucket("data")
        account.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        version = account.s3.put_object(Bucket=bucket, Key="a.csv", Body=b"x")["VersionId"]
        more = {"VersionId": version} if kind == "ObjectVersion" else {}
        both = [f"s3:Get{kind}", f"s3:Get{kind}Attributes"]

        def size(name: str, *actions: str) -> int:
            s3 = cloud.client_of(account.session(name, on(bucket, *actions)), "s3")
            asked = {"Bucket": bucket, "Key": "a.csv", "ObjectAttributes": ["ObjectSize"], **more}
            return int(s3.get_object_attributes(**asked)["ObjectSize"])

        for name, granted, missing in (("one", *both), ("other", *reversed(both))):
            with pytest.raises(ClientError, match=f"to perform: {missing} on"):
                size(name, granted)
        assert size("both", *both) == 1

    def test_a_deny_in_the_bucket_policy_stops_the_administrator(
        self, cloud: Cloud, account: Account
    ) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        deny = on(bucket, "s3:GetObject", Effect="Deny", Principal="*")
        account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(deny))

        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            account.s3.get_object(Bucket=bucket, Key="a.csv")

    def test_a_deny_applies_on_its_condition_only(self, account: Account) -> None:
        """Plain moto denies whatever a statement for everyone denies, conditions or not."""
        bucket = account.bucket("data", **{"a.csv": b"x"})
        insecure = {"Bool": {"aws:SecureTransport": "false"}}
        deny = on(bucket, Effect="Deny", Principal="*", Condition=insecure)
        account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(deny))

        assert account.s3.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"

    def test_a_deny_to_one_role_is_none_to_another(self, cloud: Cloud, account: Account) -> None:
        """Plain moto does not look whom a statement names."""
        bucket = account.bucket("data", **{"a.csv": b"x"})
        denied, allowed = (
            cloud.client_of(account.session(name, on(bucket, *READ)), "s3") for name in ("denied", "allowed")
        )
        deny = on(bucket, Effect="Deny", Principal={"AWS": f"arn:aws:iam::{account.id}:role/denied"})
        account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(deny))

        assert allowed.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
        with pytest.raises(ClientError, match="explicit deny in a resource-based policy"):
            denied.get_object(Bucket=bucket, Key="a.csv")

    def test_an_expected_resource_account_is_compared_with_the_buckets_owner(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})

        def reader(name: str, expected: str) -> Any:
            owner = {"StringEquals": {"aws:ResourceAccount": expected}}
            return cloud.client_of(account.session(name, on(bucket, *READ, Condition=owner)), "s3")

        assert reader("right", account.id).get_object(Bucket=bucket, Key="a.csv")
        with pytest.raises(ClientError, match="AccessDenied"):
            reader("wrong", other_account.id).get_object(Bucket=bucket, Key="a.csv")

    def test_a_users_own_folder_by_policy_variable(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data")
        own = {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{bucket}/${{aws:username}}/*"}
        s3 = cloud.client_of(account.user("ann", own), "s3")

        s3.put_object(Bucket=bucket, Key="ann/a.csv", Body=b"x")
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.put_object(Bucket=bucket, Key="bob/a.csv", Body=b"x")

    def test_a_prefix_condition_on_listing(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", **{"in": b"x"})
        listing = {
            "Action": "s3:ListBucket",
            "Resource": f"arn:aws:s3:::{bucket}",
            "Condition": {"StringLike": {"s3:prefix": "sales/*"}},
        }
        s3 = cloud.client_of(account.session("reader", listing), "s3")

        assert s3.list_objects_v2(Bucket=bucket, Prefix="sales/2024/")["KeyCount"] == 0
        for prefix in ({"Prefix": "other/"}, {}):
            with pytest.raises(ClientError, match="AccessDenied"):
                s3.list_objects_v2(Bucket=bucket, **prefix)

    def test_a_permissions_boundary_limits_the_role(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        boundary = account.iam.create_policy(
            PolicyName="b", PolicyDocument=policy(on(bucket, "s3:ListBucket"))
        )
        arn = account.role(
            "reader", trust(account.id), on(bucket), PermissionsBoundary=boundary["Policy"]["Arn"]
        )
        s3 = cloud.client_of(cloud.assume(arn, by=account.admin), "s3")

        assert s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 1
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.get_object(Bucket=bucket, Key="a.csv")

    @pytest.mark.parametrize("holder", ["managed", "group"])
    def test_attached_and_group_policies_count(self, cloud: Cloud, account: Account, holder: str) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        session = account.user("ann")
        if holder == "managed":
            made = account.iam.create_policy(PolicyName="read", PolicyDocument=policy(on(bucket, *READ)))
            account.iam.attach_user_policy(UserName="ann", PolicyArn=made["Policy"]["Arn"])
        else:
            account.iam.create_group(GroupName="readers")
            account.iam.put_group_policy(
                GroupName="readers", PolicyName="read", PolicyDocument=policy(on(bucket, *READ))
            )
            account.iam.add_user_to_group(GroupName="readers", UserName="ann")

        assert cloud.client_of(session, "s3").get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
