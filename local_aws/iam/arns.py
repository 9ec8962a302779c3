"""The ARNs of buckets and objects, in one place."""

from __future__ import annotations

S3_ARN = "arn:aws:s3:::"


def bucket_arn(bucket: str, key: str = "") -> str:
    """Return the ARN of a bucket, or of an object in it."""
    return f"{S3_ARN}{bucket}/{key}" if key else f"{S3_ARN}{bucket}"
