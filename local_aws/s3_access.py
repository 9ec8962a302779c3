"""What Athena and QuickSight read and write in S3, checked as the principal that they act for, keys of KMS included."""

from __future__ import annotations

import io
import os
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from moto.s3.models import FakeKey, s3_backends

from local_aws.calls import AwsError, Caller
from local_aws.iam.arns import bucket_arn
from local_aws.s3_keys import Encryption, S3Keys
from local_aws.stores import STORE_LOCK

if TYPE_CHECKING:
    from datetime import datetime

    from _typeshed import WriteableBuffer

    from local_aws.iam.authorizer import Authorizer
    from local_aws.iam.questions import RequestContext

# As AWS states it of what Athena reads and writes for its caller.
THROUGH_ATHENA: RequestContext = {
    "aws:CalledVia": ["athena.amazonaws.com"],
    "aws:CalledViaFirst": "athena.amazonaws.com",
    "aws:CalledViaLast": "athena.amazonaws.com",
    "aws:ViaAWSService": "true",
}
READ_BUFFER = 1024 * 1024


@dataclass(frozen=True)
class StoredObject:
    """One object of a listing; `etag` is without quotes, `size` in bytes."""

    key: str
    size: int
    etag: str
    last_modified: datetime


class S3Access:
    """S3 for the other services of the local AWS: each call is authorized as its caller, by both sides."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer, self._keys = authorizer, S3Keys(authorizer)

    def list_objects(self, caller: Caller, bucket: str, prefix: str) -> list[StoredObject]:
        """Return all objects below a prefix in key order; needs s3:ListBucket.

        Raises AwsError: NoSuchBucket or AccessDenied.
        """
        self.bucket_owner(bucket)
        self._require(caller, "s3:ListBucket", bucket, context={"s3:prefix": prefix})
        with STORE_LOCK:
            return sorted(
                (
                    StoredObject(key.name, key.contentsize, key.etag.strip('"'), key.last_modified)
                    for key in _bucket(bucket).keys.values()
                    if isinstance(key, FakeKey) and key.name.startswith(prefix)
                ),
                key=lambda stored: stored.key.encode(),
            )

    def open(self, caller: Caller, bucket: str, key: str) -> BinaryIO:
        """Open an object's present version for reading; needs s3:GetObject, and kms:Decrypt if a KMS key protects it.

        What was opened stays readable when the object is replaced meanwhile. Raises AwsError: NoSuchBucket,
        AccessDenied, or NoSuchKey for a caller who may list the bucket.
        """
        self.bucket_owner(bucket)
        self._require(caller, "s3:GetObject", bucket, key)
        with STORE_LOCK:
            stored = _bucket(bucket).keys.get(key)
            found = isinstance(stored, FakeKey)
            opened = _open(stored) if found else io.BytesIO()
        if found:
            self._keys.require_read(caller, bucket, key, Encryption.of_stored(stored), THROUGH_ATHENA)
            return opened
        self.refuse_missing_key(caller, bucket, key)
        raise AwsError("NoSuchKey", "The specified key does not exist.", 404, Key=key)

    def refuse_missing_key(self, caller: Caller, bucket: str, key: str) -> None:
        """Raise AccessDenied for a key that does not exist, unless the caller may list the bucket."""
        self._authorizer.require(caller, "s3:ListBucket", bucket_arn(bucket), {"s3:prefix": key})

    def put(
        self, caller: Caller, bucket: str, key: str, body: bytes, *, encryption: Encryption | None = None
    ) -> None:
        """Write an object; needs s3:PutObject, and kms:GenerateDataKey if a KMS key is to protect it.

        `encryption` is what the request's headers say; policies see it. Raises AwsError: NoSuchBucket or AccessDenied.
        """
        owner = self.bucket_owner(bucket)
        self._require(caller, "s3:PutObject", bucket, key, encryption.conditions if encryption else None)
        chosen = self.require_write_key(caller, bucket, key, encryption, THROUGH_ATHENA)
        with STORE_LOCK:
            s3_backends[owner]["aws"].put_object(
                bucket, key, body, encryption=chosen.algorithm, kms_key_id=chosen.key or None
            )

    def require_write_key(
        self, caller: Caller, bucket: str, key: str, asked: Encryption | None, context: RequestContext
    ) -> Encryption:
        """Return how a new object will be encrypted: as asked, else as the bucket says. See S3Keys.require_write."""
        with STORE_LOCK:
            stored = _bucket(bucket)
            wanted = asked or Encryption.of_bucket(stored)
        return self._keys.require_write(caller, stored, key, wanted, context)

    def require_read_key(
        self, caller: Caller, bucket: str, key: str, version: str, context: RequestContext
    ) -> None:
        """Raise AccessDenied for an object (empty: its present version) whose key the caller may not decrypt with."""
        with STORE_LOCK:
            found = _bucket(bucket).keys.getlist(key, [])
            chosen = [stored for stored in found if version in ("", str(stored.version_id))]
        if chosen and isinstance(chosen[-1], FakeKey):
            self._keys.require_read(caller, bucket, key, Encryption.of_stored(chosen[-1]), context)

    def require_upload_key(
        self, caller: Caller, bucket: str, key: str, upload_id: str, context: RequestContext
    ) -> None:
        """Raise AccessDenied for a multipart upload whose key the caller may not decrypt with."""
        with STORE_LOCK:
            upload = _bucket(bucket).multiparts[upload_id]
        self._keys.require_read(caller, bucket, key, Encryption.of_stored(upload), context)

    def key_exists(self, bucket: str, key: str) -> bool:
        """Whether an object of this key is there now, in a bucket that exists."""
        with STORE_LOCK:
            return isinstance(_bucket(bucket).keys.get(key), FakeKey)

    def upload_exists(self, bucket: str, key: str, upload_id: str) -> bool:
        """Whether a multipart upload of this id is under way for this very key, in a bucket that exists."""
        with STORE_LOCK:
            upload = _bucket(bucket).multiparts.get(upload_id)
            return upload is not None and upload.key_name == key

    def has_acls(self, bucket: str) -> bool:
        """Whether ACLs were enabled for a bucket that exists: for a new one they are not."""
        with STORE_LOCK:
            ownership = str(_bucket(bucket).ownership_rule)
        return "ObjectWriter" in ownership or "BucketOwnerPreferred" in ownership

    def blocks_public_policies(self, bucket: str) -> bool:
        """Whether a public policy is refused for a bucket that exists."""
        with STORE_LOCK:
            return bool(getattr(_bucket(bucket).public_access_block, "block_public_policy", False))

    def bucket_exists(self, bucket: str) -> bool:
        """Whether a bucket of this name exists in any account."""
        return bucket in s3_backends.bucket_accounts

    def bucket_owner(self, bucket: str) -> str:
        """Return the account that owns a bucket, or raise NoSuchBucket."""
        with STORE_LOCK:
            if not self.bucket_exists(bucket):
                raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket)
            return cast("str", s3_backends.bucket_accounts[bucket][1])

    def _require(
        self, caller: Caller, action: str, bucket: str, key: str = "", context: RequestContext | None = None
    ) -> None:
        self._authorizer.require(
            caller, action, bucket_arn(bucket, key), {**THROUGH_ATHENA, **(context or {})}
        )


class _FileReader(io.RawIOBase):
    """Reads a file by its own descriptor and position, whatever its first owner does with it."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor, self._position = os.dup(descriptor), 0

    def readable(self) -> bool:
        return True

    def fileno(self) -> int:
        """The descriptor, for who reads it at positions of its own."""
        return self._descriptor

    def readinto(self, buffer: WriteableBuffer) -> int:
        count = os.preadv(self._descriptor, [buffer], self._position)
        self._position += count
        return count

    def close(self) -> None:
        if not self.closed:
            os.close(self._descriptor)
        super().close()


def _bucket(name: str) -> Any:
    partition, owner = s3_backends.bucket_accounts[name]
    return s3_backends[owner][partition].buckets[name]


def _open(stored: Any) -> BinaryIO:
    """Open moto's object: small ones are in memory, large ones in a file without a name."""
    with stored.lock:
        spooled = stored._value_buffer
        spooled.flush()
        if spooled._rolled:
            return cast("BinaryIO", io.BufferedReader(_FileReader(spooled.fileno()), READ_BUFFER))
        return io.BytesIO(stored._value_buffer._file.getvalue())
