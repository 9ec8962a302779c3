"""What Athena and QuickSight read and write in S3, checked as the principal that they act for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO, cast

from moto.s3.models import s3_backends

from local_aws.calls import AwsError, Caller

if TYPE_CHECKING:
    from datetime import datetime

    from local_aws.iam.authorizer import Authorizer


@dataclass(frozen=True)
class StoredObject:
    """One object of a listing; `etag` is without quotes, `size` in bytes."""

    key: str
    size: int
    etag: str
    last_modified: datetime


class S3Access:
    """S3 for the other services of the local AWS: each call is authorized as the caller, with both sides' policies."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def list_objects(self, caller: Caller, bucket: str, prefix: str) -> list[StoredObject]:
        """Return all objects below a prefix in key order; needs s3:ListBucket. NoSuchBucket or AccessDenied otherwise."""
        raise NotImplementedError

    def open(self, caller: Caller, bucket: str, key: str) -> BinaryIO:
        """Open an object for reading; needs s3:GetObject. NoSuchKey only for who may list the bucket."""
        raise NotImplementedError

    def put(self, caller: Caller, bucket: str, key: str, body: bytes) -> None:
        """Write an object; needs s3:PutObject."""
        raise NotImplementedError

    def bucket_exists(self, bucket: str) -> bool:
        """Whether a bucket of this name exists in any account."""
        return bucket in s3_backends.bucket_accounts

    def bucket_owner(self, bucket: str) -> str:
        """Return the account that owns a bucket, or raise NoSuchBucket."""
        if not self.bucket_exists(bucket):
            raise AwsError("NoSuchBucket", "The specified bucket does not exist", 404, BucketName=bucket)
        return cast("str", s3_backends.bucket_accounts[bucket][1])
