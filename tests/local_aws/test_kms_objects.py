"""An object under a KMS key needs the key as well as the bucket."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import REGION, Account, Cloud, Session, code_of, on, policy
from tests.local_aws.kms_estate import ANY_KEY, DENIED, key_of, role_arn, root, use


class TestObjectsUnderAKey:
    """Bucket and key are the other account's; the bucket grants all, so that the key alone decides."""

    @pytest.fixture
    def reader(self, account: Account) -> Session:
        return account.session("reader", {"Action": "s3:*", "Resource": "*"}, ANY_KEY)

    @pytest.fixture
    def bucket(self, account: Account, other_account: Account, reader: Session) -> str:
        bucket = other_account.bucket("data")
        statement = on(bucket, Principal={"AWS": role_arn(account, "reader")})
        other_account.s3.put_bucket_policy(Bucket=bucket, Policy=policy(statement))
        return bucket

    def encrypted(self, owner: Account, bucket: str, key: str) -> None:
        owner.s3.put_object(
            Bucket=bucket, Key="a.csv", Body=b"x", ServerSideEncryption="aws:kms", SSEKMSKeyId=key
        )

    def grant(self, account: Account, *actions: str, **more: Any) -> dict[str, Any]:
        return use(*actions, Principal={"AWS": role_arn(account, "reader")}, **more)

    def test_reading_needs_decrypt(
        self, cloud: Cloud, account: Account, other_account: Account, reader: Session, bucket: str
    ) -> None:
        s3 = cloud.client_of(reader, "s3")
        granted, other = key_of(other_account, self.grant(account, "kms:Decrypt")), key_of(other_account)

        self.encrypted(other_account, bucket, granted)
        found = s3.get_object(Bucket=bucket, Key="a.csv")
        self.encrypted(other_account, bucket, other)

        assert (found["Body"].read(), found["SSEKMSKeyId"]) == (b"x", granted)
        for refused in (
            lambda: s3.get_object(Bucket=bucket, Key="a.csv"),
            lambda: s3.copy_object(Bucket=bucket, Key="b.csv", CopySource=f"{bucket}/a.csv"),
            lambda: s3.get_object_attributes(Bucket=bucket, Key="a.csv", ObjectAttributes=["ETag"]),
        ):
            with pytest.raises(ClientError, match=f"{DENIED}Decrypt on resource: {other}"):
                refused()
        assert s3.head_object(Bucket=bucket, Key="a.csv")["ContentLength"] == 1

    def test_the_own_policy_must_allow_the_key_too(
        self, cloud: Cloud, account: Account, other_account: Account, bucket: str
    ) -> None:
        account.iam.put_role_policy(
            RoleName="reader", PolicyName="may", PolicyDocument=policy({"Action": "s3:*", "Resource": "*"})
        )
        self.encrypted(other_account, bucket, key_of(other_account, self.grant(account)))
        session = cloud.assume(role_arn(account, "reader"), by=account.admin)

        with pytest.raises(ClientError, match="no identity-based policy allows the kms:Decrypt action"):
            cloud.client_of(session, "s3").get_object(Bucket=bucket, Key="a.csv")

    def test_writing_needs_generate_data_key(
        self, cloud: Cloud, account: Account, other_account: Account, reader: Session, bucket: str
    ) -> None:
        s3 = cloud.client_of(reader, "s3")
        may_read = key_of(other_account, self.grant(account, "kms:Decrypt"))
        may_write = key_of(other_account, self.grant(account, "kms:GenerateDataKey"))
        put: dict[str, Any] = {"Bucket": bucket, "Key": "b.csv", "ServerSideEncryption": "aws:kms"}

        assert s3.put_object(**put, SSEKMSKeyId=may_write)["SSEKMSKeyId"] == may_write
        for write in (s3.put_object, s3.create_multipart_upload):
            with pytest.raises(ClientError, match=f"{DENIED}GenerateDataKey on resource: {may_read}"):
                write(**put, SSEKMSKeyId=may_read)
        with pytest.raises(ClientError, match=f"{DENIED}Decrypt"):
            s3.get_object(Bucket=bucket, Key="b.csv")

    def test_the_parts_of_an_upload_need_decrypt(
        self, cloud: Cloud, account: Account, other_account: Account, reader: Session, bucket: str
    ) -> None:
        s3 = cloud.client_of(reader, "s3")
        key = key_of(other_account, self.grant(account, "kms:GenerateDataKey"))
        named = {"Bucket": bucket, "Key": "b.csv"}

        upload = s3.create_multipart_upload(**named, ServerSideEncryption="aws:kms", SSEKMSKeyId=key)

        with pytest.raises(ClientError, match=f"{DENIED}Decrypt"):
            s3.upload_part(**named, UploadId=upload["UploadId"], PartNumber=1, Body=b"x")

    def test_a_buckets_default_is_a_write_with_its_key(
        self, cloud: Cloud, account: Account, other_account: Account, reader: Session, bucket: str
    ) -> None:
        s3, key = cloud.client_of(reader, "s3"), key_of(other_account)
        default = {"SSEAlgorithm": "aws:kms", "KMSMasterKeyID": key}
        other_account.s3.put_bucket_encryption(
            Bucket=bucket,
            ServerSideEncryptionConfiguration={"Rules": [{"ApplyServerSideEncryptionByDefault": default}]},
        )

        with pytest.raises(ClientError, match=f"{DENIED}GenerateDataKey"):
            s3.put_object(Bucket=bucket, Key="b.csv", Body=b"x")
        assert s3.put_object(Bucket=bucket, Key="b.csv", Body=b"x", ServerSideEncryption="AES256")
        assert other_account.s3.put_object(Bucket=bucket, Key="c.csv", Body=b"x")["SSEKMSKeyId"] == key

    def test_the_aws_managed_key_serves_its_own_account_alone(
        self, cloud: Cloud, account: Account, other_account: Account, reader: Session, bucket: str
    ) -> None:
        other_account.s3.put_object(Bucket=bucket, Key="a.csv", Body=b"x", ServerSideEncryption="aws:kms")
        own = cloud.client_of(other_account.session("own", on(bucket)), "s3")

        assert own.get_object(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
        with pytest.raises(ClientError, match=f"{DENIED}Decrypt"):
            cloud.client_of(reader, "s3").get_object(Bucket=bucket, Key="a.csv")
        described = other_account.client("kms").describe_key(KeyId="alias/aws/s3")["KeyMetadata"]
        assert described["KeyManager"] == "AWS"

    def test_nobody_changes_the_aws_managed_key(self, account: Account) -> None:
        kms = account.client("kms")
        key = kms.describe_key(KeyId="alias/aws/s3")["KeyMetadata"]["KeyId"]
        document = policy({"Principal": root(account), **ANY_KEY})

        with pytest.raises(ClientError, match=f"{DENIED}PutKeyPolicy"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=document)

    @pytest.mark.parametrize(
        ("condition", "allowed"),
        [
            ({"StringEquals": {"kms:ViaService": f"s3.{REGION}.amazonaws.com"}}, True),
            ({"StringEquals": {"kms:ViaService": "s3.eu-west-1.amazonaws.com"}}, False),
            ({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::data-*/a.csv"}}, True),
            ({"StringLike": {"kms:EncryptionContext:aws:s3:arn": "arn:aws:s3:::data-*/b.csv"}}, False),
            ({"ArnLike": {"aws:PrincipalArn": "arn:aws:iam::*:role/reader"}}, True),
        ],
        ids=["through S3", "through S3 elsewhere", "this object", "another object", "who"],
    )
    def test_a_key_can_ask_through_what_and_for_what(
        self,
        cloud: Cloud,
        account: Account,
        other_account: Account,
        reader: Session,
        bucket: str,
        condition: dict[str, Any],
        allowed: bool,
    ) -> None:
        granted = use("kms:Decrypt", Principal=root(account), Condition=condition)
        self.encrypted(other_account, bucket, key_of(other_account, granted))
        read = cloud.client_of(reader, "s3").get_object

        if allowed:
            assert read(Bucket=bucket, Key="a.csv")["Body"].read() == b"x"
        else:
            with pytest.raises(ClientError, match=f"{DENIED}Decrypt"):
                read(Bucket=bucket, Key="a.csv")

    def test_with_a_bucket_key_the_context_is_the_bucket(
        self, cloud: Cloud, account: Account, other_account: Account, reader: Session, bucket: str
    ) -> None:
        condition = {"StringEquals": {"kms:EncryptionContext:aws:s3:arn": f"arn:aws:s3:::{bucket}"}}
        key = key_of(other_account, self.grant(account, "kms:Decrypt", Condition=condition))
        put = {"Bucket": bucket, "Body": b"x", "ServerSideEncryption": "aws:kms", "SSEKMSKeyId": key}
        other_account.s3.put_object(**put, Key="a.csv", BucketKeyEnabled=True)
        other_account.s3.put_object(**put, Key="b.csv")
        s3 = cloud.client_of(reader, "s3")

        assert s3.get_object(Bucket=bucket, Key="a.csv")["BucketKeyEnabled"]
        with pytest.raises(ClientError, match=f"{DENIED}Decrypt"):
            s3.get_object(Bucket=bucket, Key="b.csv")

    def test_a_key_that_is_going_to_be_deleted_opens_nothing(
        self, other_account: Account, bucket: str
    ) -> None:
        key = key_of(other_account)
        self.encrypted(other_account, bucket, key)

        other_account.client("kms").schedule_key_deletion(KeyId=key, PendingWindowInDays=7)

        with pytest.raises(ClientError, match="pending deletion") as failure:
            other_account.s3.get_object(Bucket=bucket, Key="a.csv")
        assert code_of(failure) == "KMS.KMSInvalidStateException"

    @pytest.mark.parametrize(
        ("headers", "code"),
        [
            ({"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": "none"}, "KMS.NotFoundException"),
            (
                {
                    "ServerSideEncryption": "aws:kms",
                    "SSEKMSKeyId": "arn:aws:kms:eu-west-1:111111111111:key/x",
                },
                "KMS.NotFoundException",
            ),
            ({"SSEKMSKeyId": "none"}, "InvalidArgument"),
            ({"ServerSideEncryption": "aws:kms:dsse"}, "NotImplemented"),
            ({"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32}, "NotImplemented"),
        ],
        ids=["no such key", "another region", "a key without its algorithm", "twice", "the client's key"],
    )
    def test_what_cannot_be_done_is_said(
        self, cloud: Cloud, account: Account, headers: dict[str, str], code: str
    ) -> None:
        bucket = account.bucket("own")

        with pytest.raises(ClientError) as failure:
            account.s3.put_object(Bucket=bucket, Key="a.csv", Body=b"x", **headers)

        assert code_of(failure) == code
