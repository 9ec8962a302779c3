"""S3's actions, by what they are about: from "Actions, resources, and condition keys for Amazon S3".

A bucket policy may name all of them, those too whose operations are not here.
"""

from __future__ import annotations

from local_aws.iam.wildcards import matches_action

ON_OBJECTS = frozenset(
    {
        *(
            "AbortMultipartUpload",
            "BypassGovernanceRetention",
            "InitiateReplication",
            "ListMultipartUploadParts",
        ),
        *("DeleteObject", "DeleteObjectTagging", "DeleteObjectVersion", "DeleteObjectVersionTagging"),
        *("GetObject", "GetObjectAcl", "GetObjectAttributes", "GetObjectLegalHold", "GetObjectRetention"),
        *("GetObjectTagging", "GetObjectTorrent", "GetObjectVersion", "GetObjectVersionAcl"),
        *("GetObjectVersionAttributes", "GetObjectVersionForReplication", "GetObjectVersionTagging"),
        *("GetObjectVersionTorrent", "ObjectOwnerOverrideToBucketOwner", "PutObject", "PutObjectAcl"),
        *("PutObjectLegalHold", "PutObjectRetention", "PutObjectTagging", "PutObjectVersionAcl"),
        *("PutObjectVersionTagging", "ReplicateDelete", "ReplicateObject", "ReplicateTags", "RestoreObject"),
    }
)
ON_BUCKETS = frozenset(
    {
        *("CreateBucket", "CreateBucketMetadataTableConfiguration", "DeleteBucket", "DeleteBucketPolicy"),
        *(
            "DeleteBucketMetadataTableConfiguration",
            "DeleteBucketWebsite",
            "ListBucket",
            "ListBucketVersions",
        ),
        *("ListBucketMultipartUploads", "ListTagsForResource", "TagResource", "UntagResource"),
        *("GetBucketPolicyStatus", "GetBucketLocation", "GetBucketMetadataTableConfiguration"),
        *(
            f"{verb}{noun}"
            for verb in ("Get", "Put")
            for noun in (
                *("AccelerateConfiguration", "AnalyticsConfiguration", "EncryptionConfiguration"),
                *("IntelligentTieringConfiguration", "InventoryConfiguration", "LifecycleConfiguration"),
                *("MetricsConfiguration", "ReplicationConfiguration", "BucketAcl", "BucketCORS"),
                *("BucketLogging", "BucketNotification", "BucketObjectLockConfiguration", "BucketPolicy"),
                *("BucketOwnershipControls", "BucketPublicAccessBlock", "BucketRequestPayment"),
                *("BucketTagging", "BucketVersioning", "BucketWebsite"),
            )
        ),
    }
)


def is_action(pattern: str) -> bool:
    """Whether a bucket policy may name this action, or a pattern that stands for some."""
    return pattern == "*" or _matches(pattern, ON_OBJECTS | ON_BUCKETS)


def applies_to(pattern: str, resource: str) -> bool:
    """Whether an action, or some that its pattern stands for, can be done to what a resource's ARN stands for."""
    is_object, is_both = "/" in resource, "*" in resource.split("/", 1)[0]
    if pattern == "*" or is_both:
        return True
    return _matches(pattern, ON_OBJECTS if is_object else ON_BUCKETS)


def _matches(pattern: str, names: frozenset[str]) -> bool:
    return any(matches_action(pattern, f"s3:{name}") for name in names)
