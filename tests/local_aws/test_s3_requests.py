"""S3 requests that plain moto reads as something else than what they are authorized as."""

from __future__ import annotations

import base64
import hashlib
import http.client
import re
import zlib
from typing import Any
from urllib.parse import quote

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, Cloud, Session, code_of, on


def raw(
    cloud: Cloud, session: Session, method: str, path: str, body: bytes = b"", **headers: str
) -> tuple[int, bytes]:
    """Status and body of a request whose path and headers are sent just as they are."""
    scope = f"AWS4-HMAC-SHA256 Credential={session.access_key}/20260101/ap-northeast-1/s3/aws4_request"
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    connection = http.client.HTTPConnection(cloud.endpoint.removeprefix("http://"), timeout=10)
    sent = {"Authorization": scope, **named}
    if session.token:
        sent["X-Amz-Security-Token"] = session.token
    connection.request(method, path, body, sent)
    answer = connection.getresponse()
    read = answer.read()
    connection.close()
    return answer.status, read


def code_in(body: bytes) -> str:
    found = re.search(rb"<Code>(\w+)</Code>", body)
    return found[1].decode() if found else ""


class TestCopySource:
    @pytest.fixture
    def mine(self, account: Account) -> str:
        bucket = account.bucket("mine")
        for key in ("a", "a#x", "a;x", "a?foo=1", "/a"):
            account.s3.put_object(Bucket=bucket, Key=key, Body=f"mine {key}".encode())
        return bucket

    @pytest.mark.parametrize("operation", ["", "part"])
    @pytest.mark.parametrize(
        "source",
        [
            "//{mine}/{victim}/secret",
            "%2F%2F{mine}/{victim}/secret",
            "{mine}/a#x",
            "{mine}/a;x",
            "{mine}/a?foo=1&versionId=null",
            "{mine}/a?versionId=null?versionId=null",
            "{mine}/a?versionId=null&versionId=x",
            "{mine}/",
            "{mine}",
            "",
            "arn:aws:s3:::{mine}/a",
        ],
    )
    def test_what_could_be_read_twice_is_refused(
        self, cloud: Cloud, account: Account, other_account: Account, mine: str, source: str, operation: str
    ) -> None:
        victim = other_account.bucket("victim", secret=b"secret")
        path = f"/{mine}/copy"
        if operation:
            uploaded = account.s3.create_multipart_upload(Bucket=mine, Key="copy")["UploadId"]
            path += f"?partNumber=1&uploadId={uploaded}"
        header = {"x_amz_copy_source": source.format(mine=mine, victim=victim)}

        status, body = raw(cloud, account.admin, "PUT", path, **header)

        assert (status, code_in(body)) == (400, "InvalidArgument")

    @pytest.mark.parametrize("slash", ["", "/"])
    @pytest.mark.parametrize("key", ["a", "a#x", "a;x", "a?foo=1", "/a"])
    def test_the_object_that_was_authorized_is_the_one_that_is_read(
        self, cloud: Cloud, account: Account, mine: str, key: str, slash: str
    ) -> None:
        may_write = {"Action": "s3:PutObject", "Resource": f"arn:aws:s3:::{mine}/copy"}
        wanted = f"arn:aws:s3:::{mine}/{key.replace('?', '${?}')}"
        session = account.session("copier", may_write, {"Action": "s3:GetObject", "Resource": wanted})

        status, _ = raw(
            cloud, session, "PUT", f"/{mine}/copy", x_amz_copy_source=f"{slash}{mine}/{quote(key)}"
        )

        assert status == 200
        assert account.s3.get_object(Bucket=mine, Key="copy")["Body"].read() == f"mine {key}".encode()

    def test_an_older_version_is_copied_by_its_id(self, account: Account) -> None:
        bucket = account.bucket("data")
        account.s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
        first = account.s3.put_object(Bucket=bucket, Key="a b", Body=b"1")["VersionId"]
        account.s3.put_object(Bucket=bucket, Key="a b", Body=b"2")

        source = {"Bucket": bucket, "Key": "a b", "VersionId": first}
        account.s3.copy_object(Bucket=bucket, Key="copy", CopySource=source)

        assert account.s3.get_object(Bucket=bucket, Key="copy")["Body"].read() == b"1"


class TestUploads:
    """An upload is its key's: whoever may write one key writes no other with the other's id."""

    @pytest.mark.parametrize("operation", ["part", "copy", "complete", "list", "abort"])
    @pytest.mark.parametrize("elsewhere", ["key", "bucket"])
    def test_an_id_is_good_for_its_own_key_alone(
        self, cloud: Cloud, account: Account, operation: str, elsewhere: str
    ) -> None:
        bucket, other = account.bucket("data", source=b"x"), account.bucket("other")
        upload_id = account.s3.create_multipart_upload(Bucket=bucket, Key="theirs")["UploadId"]
        part = account.s3.upload_part(
            Bucket=bucket, Key="theirs", UploadId=upload_id, PartNumber=1, Body=b"right"
        )
        s3 = cloud.client_of(account.session("writer", on(bucket), on(other)), "s3")
        place = {"key": (bucket, "mine"), "bucket": (other, "theirs")}[elsewhere]
        wrong: dict[str, Any] = {"Bucket": place[0], "Key": place[1], "UploadId": upload_id}
        parts = {"Parts": [{"PartNumber": 1, "ETag": part["ETag"]}]}
        acts = {
            "part": lambda: s3.upload_part(**wrong, PartNumber=1, Body=b"wrong"),
            "copy": lambda: s3.upload_part_copy(**wrong, PartNumber=1, CopySource=f"{bucket}/source"),
            "complete": lambda: s3.complete_multipart_upload(**wrong, MultipartUpload=parts),
            "list": lambda: s3.list_parts(**wrong),
            "abort": lambda: s3.abort_multipart_upload(**wrong),
        }

        with pytest.raises(ClientError) as failure:
            acts[operation]()

        assert code_of(failure) == "NoSuchUpload"
        account.s3.complete_multipart_upload(
            Bucket=bucket, Key="theirs", UploadId=upload_id, MultipartUpload=parts
        )
        assert account.s3.get_object(Bucket=bucket, Key="theirs")["Body"].read() == b"right"


class TestQueryKeys:
    @pytest.mark.parametrize(
        "query",
        [
            "versioning&uploads",
            "policy&acl",
            "versioning&versioning",
            "prefix=a&prefix=b",
            "list-type=2&policy",
        ],
    )
    def test_two_questions_at_once_are_refused(self, cloud: Cloud, account: Account, query: str) -> None:
        bucket = account.bucket("data")

        status, body = raw(cloud, account.admin, "GET", f"/{bucket}?{query}")

        assert (status, code_in(body)) == (400, "InvalidArgument")

    def test_a_part_without_its_number_is_no_object(self, cloud: Cloud, account: Account) -> None:
        bucket = account.bucket("data")
        upload_id = account.s3.create_multipart_upload(Bucket=bucket, Key="a")["UploadId"]

        status, body = raw(cloud, account.admin, "PUT", f"/{bucket}/a?uploadId={upload_id}", b"x")

        assert (status, code_in(body)) == (400, "InvalidArgument")


class TestBodies:
    @pytest.mark.parametrize("body", [b"right", b""])
    @pytest.mark.parametrize(
        "header", ["Content-MD5", "x-amz-checksum-crc32", "x-amz-checksum-sha1", "x-amz-checksum-sha256"]
    )
    def test_a_wrong_digest_writes_nothing(
        self, cloud: Cloud, account: Account, header: str, body: bytes
    ) -> None:
        bucket = account.bucket("data")
        digest = {
            "Content-MD5": lambda data: hashlib.md5(data, usedforsecurity=False).digest(),
            "x-amz-checksum-crc32": lambda data: zlib.crc32(data).to_bytes(4, "big"),
            "x-amz-checksum-sha1": lambda data: hashlib.sha1(data, usedforsecurity=False).digest(),
            "x-amz-checksum-sha256": lambda data: hashlib.sha256(data).digest(),
        }[header]
        right, wrong = (
            {header.replace("-", "_"): base64.b64encode(digest(data)).decode()} for data in (body, b"wrong")
        )

        assert raw(cloud, account.admin, "PUT", f"/{bucket}/right", body, **right)[0] == 200
        status, answer = raw(cloud, account.admin, "PUT", f"/{bucket}/wrong", body, **wrong)

        assert (status, code_in(answer)) == (400, "BadDigest")
        assert [found["Key"] for found in account.s3.list_objects_v2(Bucket=bucket)["Contents"]] == ["right"]

    @pytest.mark.parametrize(
        ("method", "path"), [("POST", "?delete"), ("PUT", "/a?tagging"), ("PUT", "?versioning")]
    )
    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"<",
            b"{}",
            b"<Delete/>",
            b"<Tagging/>",
            b"<Tagging><TagSet/></Tagging>",
            b"<Other><x/></Other>",
        ],
    )
    def test_a_body_that_cannot_be_read_is_malformed(
        self, cloud: Cloud, account: Account, method: str, path: str, body: bytes
    ) -> None:
        bucket = account.bucket("data", a=b"x")

        status, answer = raw(cloud, account.admin, method, f"/{bucket}{path}", body)

        assert (status, code_in(answer)) == (400, "MalformedXML")

    @pytest.mark.parametrize("operation", ["put", "copy", "parts"])
    def test_a_new_bucket_has_no_acls(self, account: Account, operation: str) -> None:
        bucket = account.bucket("data", a=b"x")
        acts: dict[str, Any] = {
            "put": lambda acl: account.s3.put_object(Bucket=bucket, Key="b", Body=b"x", ACL=acl),
            "copy": lambda acl: account.s3.copy_object(
                Bucket=bucket, Key="b", CopySource=f"{bucket}/a", ACL=acl
            ),
            "parts": lambda acl: account.s3.create_multipart_upload(Bucket=bucket, Key="b", ACL=acl),
        }

        acts[operation]("bucket-owner-full-control")
        with pytest.raises(ClientError) as failure:
            acts[operation]("public-read")
        assert code_of(failure) == "AccessControlListNotSupported"

        rules = {"Rules": [{"ObjectOwnership": "BucketOwnerPreferred"}]}
        account.s3.put_bucket_ownership_controls(Bucket=bucket, OwnershipControls=rules)
        acts[operation]("public-read")

    def test_a_bucket_is_not_made_public(self, account: Account) -> None:
        with pytest.raises(ClientError) as failure:
            account.s3.create_bucket(
                Bucket=f"public-{account.id}",
                ACL="public-read",
                CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"},
            )

        assert code_of(failure) == "InvalidBucketAclWithObjectOwnership"
