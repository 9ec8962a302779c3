"""S3 objects: what a missing key gives away, conditional writes, versions, keys and parts."""

from __future__ import annotations

import threading
import urllib.request

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.conftest import OPENER, Account, Cloud, code_of, on, policy, status_of


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


class TestRequests:
    def test_a_presigned_url_is_its_signers(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        signer = account.admin.client(
            "s3", endpoint_url=cloud.endpoint, config=Config(signature_version="s3v4")
        )
        url = signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a.csv"})

        assert OPENER.open(url, timeout=10).read() == b"x"

    def test_a_url_of_signature_version_2_is_refused(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        signer = account.admin.client(
            "s3", endpoint_url=cloud.endpoint, config=Config(signature_version="s3")
        )
        url = signer.generate_presigned_url("get_object", {"Bucket": bucket, "Key": "a.csv"})

        with pytest.raises(urllib.request.HTTPError) as failure:
            OPENER.open(url, timeout=10)

        assert failure.value.code == 400
        assert b"<Code>InvalidRequest</Code>" in failure.value.read()

    def test_an_unsigned_request_is_refused_even_where_everyone_may(
        self, cloud: Cloud, account: Account
    ) -> None:
        bucket = account.bucket("data", **{"a.csv": b"x"})
        account.s3.delete_public_access_block(Bucket=bucket)
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

        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a"}, {"Key": "b"}]})

        assert [found["Key"] for found in answer["Deleted"]] == ["a"]
        assert [(found["Key"], found["Code"]) for found in answer["Errors"]] == [("b", "AccessDenied")]
        assert [found["Key"] for found in account.s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["b"]

    def test_deleting_many_of_which_none_may_be_deleted_is_an_answer_too(
        self, cloud: Cloud, account: Account
    ) -> None:
        bucket = account.bucket("data", **{"a&<b": b"x"})
        s3 = cloud.client_of(account.session("nobody"), "s3")

        answer = s3.delete_objects(Bucket=bucket, Delete={"Objects": [{"Key": "a&<b"}], "Quiet": True})

        assert [(found["Key"], found["Code"]) for found in answer["Errors"]] == [("a&<b", "AccessDenied")]
        assert account.s3.delete_objects(
            Bucket=bucket, Delete={"Objects": [{"Key": "a&<b"}], "Quiet": True}
        ).keys() == {"ResponseMetadata"}
        assert account.s3.list_objects_v2(Bucket=bucket)["KeyCount"] == 0
