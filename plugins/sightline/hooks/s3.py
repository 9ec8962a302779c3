"""Source buckets: listed and read with the reader role, always stating whose bucket it must be."""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterable
from functools import cached_property
from typing import Any, BinaryIO, cast

from botocore.exceptions import ClientError

from sightline.errors import AccessRefused, SourceChangedMeanwhile, one_line
from sightline.figures import Figures
from sightline.hooks.account import AccountHook, error_code
from sightline.inspection import inspect_object
from sightline.read_ahead import reading_ahead
from sightline.settings import Table, WorkloadAccount
from sightline.sources import Listing, SourceObject


class SourceBucket:
    """One table's source bucket, seen through its workload account's reader role.

    Every call states the expected bucket owner: a bucket of the right name in another account is refused by S3.
    """

    def __init__(self, account: WorkloadAccount, table: Table, hook: AccountHook | None = None) -> None:
        self.account, self.table = account, table
        self.hook = hook or AccountHook.of_workload(account)

    @cached_property
    def client(self) -> Any:
        """The S3 client of the reader role."""
        return self.hook.client("s3")

    def objects(self, prefix: str) -> tuple[SourceObject, ...]:
        """List what lies under the prefix.

        Raises:
            As `listing`.
        """
        return self.listing(prefix).objects

    def listing(self, prefix: str) -> Listing:
        """List what lies under the prefix, one request per 1,000 objects.

        Raises:
            AccessRefused: if the bucket is not the account's, does not exist, or the role may not list it.
        """
        pages = self.client.get_paginator("list_objects_v2").paginate(
            Bucket=self.table.bucket, Prefix=prefix, ExpectedBucketOwner=self.account.account_id
        )
        try:
            entries = [entry for page in pages for entry in page.get("Contents", ())]
        except ClientError as error:
            raise self.refused(error, "s3:ListBucket", f"arn:aws:s3:::{self.table.bucket}") from error
        written_at = {entry["Key"]: entry["LastModified"] for entry in entries}
        return Listing(tuple(map(as_source_object, entries)), written_at)

    def open(self, source: SourceObject) -> BinaryIO:
        """Open just the version that was listed, as a stream.

        Raises:
            SourceChangedMeanwhile: if the object was replaced or deleted since it was listed.
            AccessRefused: if the role may not read it.
        """
        try:
            answer = self.client.get_object(
                Bucket=self.table.bucket,
                Key=source.key,
                IfMatch=f'"{source.etag}"',
                ExpectedBucketOwner=self.account.account_id,
            )
        except ClientError as error:
            if error_code(error) in {"PreconditionFailed", "412", "NoSuchKey", "404"}:
                raise SourceChangedMeanwhile([self.uri(source)]) from error
            arn = f"arn:aws:s3:::{self.table.bucket}/{one_line(source.key)}"
            raise self.refused(error, "s3:GetObject", arn) from error
        return cast("BinaryIO", answer["Body"])

    def figures(self, objects: Iterable[SourceObject]) -> Figures:
        """Inspect these objects one after the other, as streams, and add up what they hold.

        Raises:
            SourceRefused: if a file is not what the settings declare.
        """
        found = []
        for source in objects:
            with reading_ahead(self.open(source)) as stream:
                found.append(inspect_object(stream, table=self.table, key=source.key))
        return functools.reduce(operator.add, found)

    def uri(self, source: SourceObject) -> str:
        """Return the object's s3:// address, as messages write it."""
        return f"s3://{self.table.bucket}/{one_line(source.key)}"

    def refused(self, error: ClientError, action: str, resource: str) -> Exception:
        """Say what was refused and by whom it can be granted; an error that is no denial is returned as it is."""
        return self.hook.refused(error, action, resource, self._hint(error_code(error)))

    def denied(self, code: str, message: str) -> AccessRefused:
        """Say that listing was refused while nobody held the error itself, as a triggerer tells it."""
        return self.hook.denied(
            message, "s3:ListBucket", f"arn:aws:s3:::{self.table.bucket}", self._hint(code)
        )

    def _hint(self, code: str) -> str:
        if code == "NoSuchBucket":
            return f"The bucket does not exist: account {self.account.account_id} must create it."
        return (
            f"The bucket must belong to account {self.account.account_id}, and its reader role needs this action in "
            "its own policy."
        )


def as_source_object(entry: dict[str, Any]) -> SourceObject:
    """Wrap one entry of a ListObjectsV2 answer."""
    return SourceObject(key=entry["Key"], etag=entry["ETag"].strip('"'), size=entry["Size"])
