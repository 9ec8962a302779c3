"""S3: both sides' policies, expected owners, what a missing key gives away, conditional writes, versions."""

from __future__ import annotations

import json
import threading
import urllib.request
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.conftest import OPENER, Account, Cloud, policy, trust

READ = ["s3:GetBucketLocation", "s3:GetObject", "s3:ListBucket"]


def code_of(failure: pytest.ExceptionInfo[ClientError]) -> str:
    return failure.value.response["Error"]["Code"]


def status_of(failure: pytest.ExceptionInfo[ClientError]) -> int:
    return failure.value.response["ResponseMetadata"]["HTTPStatusCode"]


def on(bucket: str, *actions: str, **more: Any) -> dict[str, Any]:
    """A statement about a bucket and all of its objects."""
    resources = [f"arn:aws:s3:::{bucket}", f"arn:aws:s3:::{bucket}/*"]
    return {"Action": list(actions) or "s3:*", "Resource": resources, **more}


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


class TestWhatIsMissing:
    def test_a_missing_key_is_404_for_who_may_list(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data")
        s3 = cloud.client_of(account.session("reader", on(bucket, "s3:GetObject", "s3:ListBucket")), "s3")

        with pytest.raises(ClientError) as got:
            s3.get_object(Bucket=bucket, Key="none.csv")
        with pytest.raises(ClientError) as looked:
            s3.head_object(Bucket=bucket, Key="none.csv")

        assert (code_of(got), code_of(looked)) == ("NoSuchKey", "404")

    def test_a_missing_key_is_403_for_who_may_not(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data")
        s3 = cloud.client_of(account.session("reader", on(bucket, "s3:GetObject")), "s3")

        with pytest.raises(ClientError) as got:
            s3.get_object(Bucket=bucket, Key="none.csv")
        with pytest.raises(ClientError) as looked:
            s3.head_object(Bucket=bucket, Key="none.csv")

        assert (code_of(got), code_of(looked)) == ("AccessDenied", "403")

    def test_a_missing_bucket_is_said(self, account: Account) -> None:
        with pytest.raises(ClientError) as failure:
            account.s3.list_objects_v2(Bucket=f"none-{account.id}")

        assert code_of(failure) == "NoSuchBucket"

    def test_a_name_that_another_account_has_is_taken(self, account: Account, other_account: Account) -> None:
        bucket = account.bucket("data")

        with pytest.raises(ClientError) as failure:
            other_account.s3.create_bucket(
                Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
            )

        assert code_of(failure) == "BucketAlreadyExists"

    def test_buckets_are_listed_to_their_owner(self, account: Account, other_account: Account) -> None:
        bucket = account.bucket("data")

        assert [found["Name"] for found in account.s3.list_buckets()["Buckets"]] == [bucket]
        assert other_account.s3.list_buckets()["Buckets"] == []


class TestConditionalWrites:
    def test_if_none_match_writes_only_what_is_not_there(self, account: Account) -> None:
        bucket = account.bucket("ledger")
        account.s3.put_object(Bucket=bucket, Key="a", Body=b"1", IfNoneMatch="*")

        with pytest.raises(ClientError) as failure:
            account.s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfNoneMatch="*")

        assert (code_of(failure), status_of(failure)) == ("PreconditionFailed", 412)
        assert account.s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"1"

    def test_if_match_writes_only_over_what_was_read(self, account: Account) -> None:
        bucket = account.bucket("ledger", a=b"1")
        etag = account.s3.head_object(Bucket=bucket, Key="a")["ETag"]
        account.s3.put_object(Bucket=bucket, Key="a", Body=b"2", IfMatch=etag)

        with pytest.raises(ClientError) as failure:
            account.s3.put_object(Bucket=bucket, Key="a", Body=b"3", IfMatch=etag)

        assert status_of(failure) == 412
        assert account.s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"

    def test_of_many_writers_at_once_one_wins(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("ledger", a=b"0")
        etag = account.s3.head_object(Bucket=bucket, Key="a")["ETag"]
        results: list[int] = []

        def write(number: int) -> None:
            try:
                account.s3.put_object(Bucket=bucket, Key="a", Body=b"%d" % number * 1000, IfMatch=etag)
                results.append(200)
            except ClientError as error:
                results.append(error.response["ResponseMetadata"]["HTTPStatusCode"])

        writers = [threading.Thread(target=write, args=(number,)) for number in range(1, 9)]
        for writer in writers:
            writer.start()
        for writer in writers:
            writer.join()

        assert sorted(results) == [200, *[412] * 7]


class TestVersions:
    def test_an_older_version_is_read_by_its_own_permission(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("ledger")
        account.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        first = account.s3.put_object(Bucket=bucket, Key="a", Body=b"1")["VersionId"]
        account.s3.put_object(Bucket=bucket, Key="a", Body=b"2")
        older = {"Bucket": bucket, "Key": "a", "VersionId": first}

        assert account.s3.get_object(Bucket=bucket, Key="a")["Body"].read() == b"2"
        assert account.s3.get_object(**older)["Body"].read() == b"1"
        with pytest.raises(ClientError, match="s3:GetObjectVersion"):
            cloud.client_of(account.session("reader", on(bucket, "s3:GetObject")), "s3").get_object(**older)


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


class TestRequests:
    def test_a_presigned_url_is_its_signers(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        signer = account.admin.client(
            "s3", endpoint_url=cloud.endpoint, config=Config(signature_version="s3v4")
        )
        url = signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a.csv"})

        assert OPENER.open(url, timeout=10).read() == b"x"

    def test_an_unsigned_request_is_refused_even_where_everyone_may(
        self, cloud: Cloud, account: Account
    ) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(on(bucket, "s3:GetObject", Principal="*")))

        with pytest.raises(urllib.request.HTTPError) as failure:
            OPENER.open(f"{cloud.endpoint}/{bucket}/a.csv", timeout=10)

        assert failure.value.code == 403
        assert b"<Code>AccessDenied</Code>" in failure.value.read()

    @pytest.mark.parametrize(
        "key", ["a b+c/ü%2F.csv", "year=2024/month=01/a.csv", "x?y&z=1", "a//b", "folder/"]
    )
    def test_keys_are_taken_as_they_are(self, cloud: Cloud, account: Account, key: str) -> None:
        bucket = account.bucket("data")
        may = {"Action": "s3:*Object", "Resource": f"arn:aws:s3:::{bucket}/{key.replace('?', '${?}')}"}
        s3 = cloud.client_of(account.session("writer", may), "s3")

        s3.put_object(Bucket=bucket, Key=key, Body=b"x")

        assert s3.get_object(Bucket=bucket, Key=key)["Body"].read() == b"x"
        assert [found["Key"] for found in account.s3.list_objects_v2(Bucket=bucket)["Contents"]] == [key]

    def test_a_large_object_in_parts_comes_back_whole(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data")
        body = bytes(range(256)) * (24 * 4096)
        uploaded = account.s3.create_multipart_upload(Bucket=bucket, Key="large")["UploadId"]
        half = 12 * 1024 * 1024
        parts = [
            {
                "PartNumber": number,
                "ETag": account.s3.upload_part(
                    Bucket=bucket, Key="large", UploadId=uploaded, PartNumber=number, Body=part
                )["ETag"],
            }
            for number, part in ((1, body[:half]), (2, body[half:]))
        ]
        account.s3.complete_multipart_upload(
            Bucket=bucket, Key="large", UploadId=uploaded, MultipartUpload={"Parts": parts}
        )

        assert account.s3.get_object(Bucket=bucket, Key="large")["Body"].read() == body

    def test_deleting_many_needs_the_right_to_each(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", a=b"x", b=b"x")
        may = {"Action": "s3:DeleteObject", "Resource": f"arn:aws:s3:::{bucket}/a"}
        s3 = cloud.client_of(account.session("cleaner", may), "s3")

        s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}]})
        with pytest.raises(ClientError, match="AccessDenied"):
            s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "b"}]})
