"""KMS: a key's own policy decides, and an object under a key needs the key as well as the bucket."""

from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.conftest import REGION, Account, Cloud, Session, code_of, on, policy

ANY_KEY = {"Action": "kms:*", "Resource": "*"}
DENIED = "is not authorized to perform: kms:"


def root(account: Account) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account.id}:root"}


def role_arn(account: Account, name: str) -> str:
    return f"arn:aws:iam::{account.id}:role/{name}"


def key_of(owner: Account, *statements: dict[str, Any]) -> str:
    """Make a key that its owner manages, with these statements in its policy; return its ARN."""
    manage = {"Principal": root(owner), **ANY_KEY}
    arn: str = owner.client("kms").create_key(Policy=policy(manage, *statements))["KeyMetadata"]["Arn"]
    return arn


def use(*actions: str, **more: Any) -> dict[str, Any]:
    """A statement about whichever key."""
    return {"Action": list(actions) or ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*", **more}


class TestKeyPolicies:
    def test_the_identity_policy_is_enough_where_the_key_trusts_its_account(
        self, cloud: Cloud, account: Account
    ) -> None:
        kms = cloud.client_of(account.session("user", ANY_KEY), "kms")
        key = account.client("kms").create_key()["KeyMetadata"]["KeyId"]

        sealed = kms.encrypt(KeyId=key, Plaintext=b"x")["CiphertextBlob"]

        assert kms.decrypt(CiphertextBlob=sealed)["Plaintext"] == b"x"

    def test_and_is_not_where_it_does_not(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user", ANY_KEY), "kms")
        only = {"Principal": {"AWS": account.admin_role}, **ANY_KEY}
        key = account.client("kms").create_key(Policy=policy(only))["KeyMetadata"]["KeyId"]

        with pytest.raises(ClientError, match="no resource-based policy allows the kms:Encrypt") as failure:
            kms.encrypt(KeyId=key, Plaintext=b"x")

        assert code_of(failure) == "AccessDeniedException"

    def test_the_key_policy_alone_is_enough_in_its_account(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user"), "kms")
        key = key_of(account, use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")}))

        assert kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key
        with pytest.raises(ClientError, match="AccessDeniedException"):
            kms.describe_key(KeyId=key)

    @pytest.mark.parametrize(("by_identity", "by_key"), [(True, True), (True, False), (False, True)])
    def test_across_accounts_both_are_needed(
        self, cloud: Cloud, account: Account, other_account: Account, by_identity: bool, by_key: bool
    ) -> None:
        kms = cloud.client_of(account.session("user", *([ANY_KEY] if by_identity else [])), "kms")
        granted = use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")})
        key = key_of(other_account, *([granted] if by_key else []))

        if by_identity and by_key:
            assert kms.encrypt(KeyId=key, Plaintext=b"x")["KeyId"] == key
        else:
            with pytest.raises(ClientError, match=f"{DENIED}Encrypt"):
                kms.encrypt(KeyId=key, Plaintext=b"x")

    def test_a_key_is_not_managed_from_another_account(
        self, account: Account, other_account: Account
    ) -> None:
        key = key_of(other_account, {"Principal": root(account), **ANY_KEY})
        kms = account.client("kms")

        assert kms.describe_key(KeyId=key)["KeyMetadata"]["AWSAccountId"] == other_account.id
        for refused in (
            lambda: kms.get_key_policy(KeyId=key, PolicyName="default"),
            lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=policy(ANY_KEY)),
            lambda: kms.schedule_key_deletion(KeyId=key),
        ):
            with pytest.raises(ClientError, match="not for keys of another account"):
                refused()

    def test_a_role_made_anew_has_lost_the_key(
        self, cloud: Cloud, account: Account, other_account: Account
    ) -> None:
        account.session("user", ANY_KEY)
        role_id = account.iam.get_role(RoleName="user")["Role"]["RoleId"]
        key = key_of(other_account, use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")}))
        look = other_account.client("kms").get_key_policy
        assert role_arn(account, "user") in look(KeyId=key, PolicyName="default")["Policy"]

        account.iam.delete_role_policy(RoleName="user", PolicyName="may")
        account.iam.delete_role(RoleName="user")
        again = cloud.client_of(account.session("user", ANY_KEY), "kms")

        with pytest.raises(ClientError, match="no resource-based policy allows the kms:Encrypt"):
            again.encrypt(KeyId=key, Plaintext=b"x")
        found = json.loads(look(KeyId=key, PolicyName="default")["Policy"])
        assert found["Statement"][1]["Principal"]["AWS"] == role_id

    def test_an_encryption_context_can_be_asked_for(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user"), "kms")
        condition = {"StringEquals": {"kms:EncryptionContext:table": "sales"}}
        principal = {"AWS": role_arn(account, "user")}
        key = key_of(account, use("kms:Encrypt", Principal=principal, Condition=condition))

        assert kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext={"table": "sales"})
        for wrong in ({"table": "other"}, {}):
            with pytest.raises(ClientError, match=f"{DENIED}Encrypt"):
                kms.encrypt(KeyId=key, Plaintext=b"x", EncryptionContext=wrong)


class TestPuttingAKeyPolicy:
    @pytest.mark.parametrize(
        ("wrong", "said"),
        [
            ("no JSON", "valid JSON"),
            (policy({"Principal": "*", "Action": "kms:*"}), "Resource"),
            (policy(ANY_KEY), "Principal"),
            (policy({"Principal": {"AWS": "arn:aws:iam::111111111111:role/later"}, **ANY_KEY}), "Invalid principal"),
            (policy({"Principal": "*", **ANY_KEY, "Condition": {"Bool": {"kms:Nothing": "x"}}}), "kms:Nothing"),
        ],
        ids=["no JSON", "no resource", "no principal", "who does not exist", "condition"],
    )  # fmt: skip
    def test_what_is_malformed_is_not_kept(self, account: Account, wrong: str, said: str) -> None:
        kms = account.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]

        for refused in (
            lambda: kms.put_key_policy(KeyId=key, PolicyName="default", Policy=wrong),
            lambda: kms.create_key(Policy=wrong),
        ):
            with pytest.raises(ClientError, match=said) as failure:
                refused()
            assert code_of(failure) == "MalformedPolicyDocumentException"

    def test_nobody_locks_himself_out(self, account: Account, other_account: Account) -> None:
        kms = account.client("kms")
        key = kms.create_key()["KeyMetadata"]["KeyId"]
        others = policy({"Principal": root(other_account), **ANY_KEY})

        with pytest.raises(ClientError, match="will not allow you to update the key policy"):
            kms.put_key_policy(KeyId=key, PolicyName="default", Policy=others)
        with pytest.raises(ClientError, match="will not allow you to update the key policy"):
            kms.create_key(Policy=others)
        assert kms.create_key(Policy=others, BypassPolicyLockoutSafetyCheck=True)

    def test_it_counts_at_once(self, cloud: Cloud, account: Account) -> None:
        kms = cloud.client_of(account.session("user"), "kms")
        key = key_of(account)
        granted = use("kms:Encrypt", Principal={"AWS": role_arn(account, "user")})
        document = policy({"Principal": root(account), **ANY_KEY}, granted)

        account.client("kms").put_key_policy(KeyId=key, PolicyName="default", Policy=document)

        assert kms.encrypt(KeyId=key, Plaintext=b"x")


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
