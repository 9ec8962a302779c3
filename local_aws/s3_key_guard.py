"""Which requests to S3 need a KMS key, and for what: see "Permissions" of each operation in the S3 API reference."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_aws.calls import AwsError, Call
from local_aws.iam.needs import text
from local_aws.iam.s3_needs import copy_source
from local_aws.s3_keys import KMS, Encryption

if TYPE_CHECKING:
    from local_aws.s3_access import S3Access

MAKES_OBJECTS = frozenset({"PutObject", "CreateMultipartUpload", "CopyObject"})
COPIES = frozenset({"CopyObject", "UploadPartCopy"})
READS = frozenset({"GetObject", "GetObjectAttributes"})
# A part is encrypted with the key that the upload was begun with, and all are read when it is completed.
GOES_ON = frozenset({"UploadPart", "UploadPartCopy", "CompleteMultipartUpload"})
UNSUPPORTED = ("SSECustomerAlgorithm", "CopySourceSSECustomerAlgorithm", "SSEKMSEncryptionContext")
HEADER = "HTTP_X_AMZ_SERVER_SIDE_ENCRYPTION"


class S3KeyGuard:
    """Asks for the keys of what a request reads and writes."""

    def __init__(self, s3: S3Access) -> None:
        self._s3 = s3

    def after_authorization(self, call: Call, environ: dict[str, Any]) -> None:
        """Raise AccessDenied without the right to a key; a write's headers then say which key it is."""
        _check_headers(call)
        if call.operation in COPIES:
            self._s3.require_read_key(call.caller, *copy_source(call), _context(call))
        if call.operation in READS or (call.operation == "HeadObject" and "ChecksumMode" in call.parameters):
            version = text(call, "VersionId")
            self._s3.require_read_key(call.caller, *_object(call), version, _context(call))
        if call.operation in GOES_ON:
            self._s3.require_upload_key(call.caller, *_object(call), text(call, "UploadId"), _context(call))
        if call.operation in MAKES_OBJECTS:
            chosen = self._s3.require_write_key(call.caller, *_object(call), _asked(call), _context(call))
            if chosen.algorithm == KMS:
                environ |= {HEADER: KMS, f"{HEADER}_AWS_KMS_KEY_ID": chosen.key}
                environ[f"{HEADER}_BUCKET_KEY_ENABLED"] = str(chosen.uses_bucket_key).lower()


def _check_headers(call: Call) -> None:
    for name in UNSUPPORTED:
        if name in call.parameters:
            raise AwsError("NotImplemented", f"The local AWS does not support {name}", 501)
    if "SSEKMSKeyId" in call.parameters and text(call, "ServerSideEncryption") != KMS:
        problem = "Server Side Encryption with AWS KMS managed key requires HTTP header x-amz-server-side-encryption"
        raise AwsError("InvalidArgument", f"{problem} : {KMS}")


def _asked(call: Call) -> Encryption | None:
    algorithm = text(call, "ServerSideEncryption")
    if not algorithm:
        return None
    return Encryption(algorithm, text(call, "SSEKMSKeyId"), bool(call.parameters.get("BucketKeyEnabled")))


def _object(call: Call) -> tuple[str, str]:
    return text(call, "Bucket"), text(call, "Key")


def _context(call: Call) -> dict[str, str]:
    return {"aws:RequestedRegion": call.region}
