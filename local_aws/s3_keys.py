"""The KMS keys of objects: a write needs kms:GenerateDataKey, a read kms:Decrypt, asked as the one who writes or reads.

See "Using server-side encryption with AWS KMS keys (SSE-KMS)" in the S3 user guide. A key without an account is looked
for in the account of who writes, so is the AWS-managed key when none is named. The key is in the bucket's region.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from local_aws.calls import AwsError, Caller
from local_aws.iam import keys
from local_aws.iam.arns import bucket_arn

if TYPE_CHECKING:
    from local_aws.iam.authorizer import Authorizer
    from local_aws.iam.questions import RequestContext

KMS, SSE_S3 = "aws:kms", "AES256"


@dataclass(frozen=True)
class Encryption:
    """How an object is, or is to be, encrypted; the key is named as in the request, or by its ARN."""

    algorithm: str = SSE_S3
    key: str = ""
    uses_bucket_key: bool = False

    @property
    def conditions(self) -> dict[str, str]:
        """What policies see of a request that asks for it."""
        header = "s3:x-amz-server-side-encryption"
        named = {f"{header}-aws-kms-key-id": self.key} if self.key else {}
        return {header: self.algorithm, **named}

    @classmethod
    def of_stored(cls, stored: Any) -> Encryption:
        """Return that of moto's object, or of its multipart upload."""
        algorithm = getattr(stored, "encryption", None) or getattr(stored, "sse_encryption", None)
        bucket_key = str(getattr(stored, "bucket_key_enabled", None)).lower() == "true"
        return cls(algorithm or SSE_S3, stored.kms_key_id or "", bucket_key)

    @classmethod
    def of_bucket(cls, bucket: Any) -> Encryption:
        """Return what moto's bucket gives to objects that say nothing."""
        rule = (bucket.encryption or {}).get("Rule") or {}
        default = rule.get("ApplyServerSideEncryptionByDefault") or {}
        bucket_key = str(rule.get("BucketKeyEnabled")).lower() == "true"
        return cls(default.get("SSEAlgorithm") or SSE_S3, default.get("KMSMasterKeyID") or "", bucket_key)


class S3Keys:
    """Asks for an object's key."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def require_write(
        self, caller: Caller, bucket: Any, key: str, asked: Encryption, context: RequestContext
    ) -> Encryption:
        """Return the encryption of a new object with its key's ARN; needs kms:GenerateDataKey of it.

        Raises AwsError: AccessDenied, KMS.NotFoundException for a key that is not there or not in the bucket's
        region, KMS.KMSInvalidStateException for one that is not enabled.
        """
        if asked.algorithm == SSE_S3:
            return asked
        if asked.algorithm != KMS:
            raise AwsError("NotImplemented", f"The local AWS does not encrypt with {asked.algorithm}", 501)
        found = keys.find_key(caller.account_id, bucket.region_name, asked.key or keys.AWS_S3)
        key_arn = str(found.arn) if found is not None else asked.key
        if not key_arn.startswith("arn:"):
            key_arn = f"arn:aws:kms:{bucket.region_name}:{caller.account_id}:key/{key_arn}"
        if key_arn.split(":")[3] != bucket.region_name:
            raise AwsError("KMS.NotFoundException", f"Invalid arn {key_arn.split(':')[3]}")
        encryption = Encryption(KMS, key_arn, asked.uses_bucket_key)
        self._require(caller, "kms:GenerateDataKey", encryption, bucket.name, key, context)
        return encryption

    def require_read(
        self, caller: Caller, bucket: str, key: str, stored: Encryption, context: RequestContext
    ) -> None:
        """Raise AccessDenied for an object under a key that the caller may not kms:Decrypt with."""
        if stored.algorithm == KMS:
            self._require(caller, "kms:Decrypt", stored, bucket, key, context)

    def _require(
        self,
        caller: Caller,
        action: str,
        encryption: Encryption,
        bucket: str,
        key: str,
        context: RequestContext,
    ) -> None:
        about = bucket_arn(bucket) if encryption.uses_bucket_key else bucket_arn(bucket, key)
        through_s3 = {
            "kms:ViaService": f"s3.{encryption.key.split(':')[3]}.amazonaws.com",
            "kms:EncryptionContext:aws:s3:arn": about,
            "aws:ViaAWSService": "true",
        }
        self._authorizer.require(caller, action, encryption.key, {**context, **through_s3})
        _require_enabled(encryption.key)


def _require_enabled(key_arn: str) -> None:
    found = keys.find_key("", "", key_arn)
    if found is None:
        raise AwsError("KMS.NotFoundException", f"Key '{key_arn}' does not exist")
    if found.key_state != "Enabled":
        raise AwsError("KMS.KMSInvalidStateException", f"{key_arn} is pending deletion.")
