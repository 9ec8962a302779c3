"""The analytics account's own buckets: made when missing, and only ever the account's own."""

from __future__ import annotations

from typing import Any

from botocore.exceptions import ClientError

from sightline.hooks.account import AccountHook, error_code
from sightline.settings import AnalyticsAccount


def ensure_bucket(analytics: AnalyticsAccount, bucket: str, *, versioned: bool) -> bool:
    """Make the bucket if it is missing, closed to the public; switch versioning on if asked. Harmless when repeated.

    Returns:
        Whether it was made now.

    Raises:
        AccessRefused: if the name belongs to another account, or the role may not make it.
    """
    hook = AccountHook.of_analytics(analytics)
    client = hook.client("s3")
    try:
        is_new = not _exists(client, bucket, analytics.account_id)
        if is_new:
            client.create_bucket(Bucket=bucket, **_location(analytics.region))
        # Not only for a new one: whoever was killed before this leaves a bucket without it.
        _close_to_the_public(client, bucket, analytics.account_id)
        if versioned:
            client.put_bucket_versioning(
                Bucket=bucket,
                VersioningConfiguration={"Status": "Enabled"},
                ExpectedBucketOwner=analytics.account_id,
            )
    except ClientError as error:
        raise _refused(hook, error, bucket, analytics) from error
    return is_new


def _location(region: str) -> dict[str, Any]:
    """S3 refuses the name of its oldest region, where it would be the default."""
    return {} if region == "us-east-1" else {"CreateBucketConfiguration": {"LocationConstraint": region}}


def _exists(client: Any, bucket: str, owner: str) -> bool:
    try:
        client.head_bucket(Bucket=bucket, ExpectedBucketOwner=owner)
    except ClientError as error:
        if error_code(error) == "404":
            return False
        raise
    return True


def _close_to_the_public(client: Any, bucket: str, owner: str) -> None:
    client.put_public_access_block(
        Bucket=bucket,
        ExpectedBucketOwner=owner,
        PublicAccessBlockConfiguration={
            "BlockPublicAcls": True,
            "IgnorePublicAcls": True,
            "BlockPublicPolicy": True,
            "RestrictPublicBuckets": True,
        },
    )


def _refused(hook: AccountHook, error: ClientError, bucket: str, analytics: AnalyticsAccount) -> Exception:
    return hook.refused(
        error,
        "s3:CreateBucket, s3:ListBucket, s3:PutBucketVersioning, s3:PutBucketPublicAccessBlock",
        f"arn:aws:s3:::{bucket}",
        f"Either the name belongs to another account than {analytics.account_id} (choose another in accounts.yaml), "
        "or the role needs these actions.",
    )
