"""Amazon S3: which actions an operation needs.

See "Required permissions for Amazon S3 API operations" in the S3 user guide. Access points, object lock, replication,
lifecycle, websites, ACL changes and POST uploads are not among the known operations.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import unquote

from local_aws.calls import AwsError, Call
from local_aws.iam.arns import bucket_arn
from local_aws.iam.needs import Need, NeedsOf, text

BUCKET_OPERATIONS = {
    "CreateBucket": "CreateBucket",
    "DeleteBucket": "DeleteBucket",
    "HeadBucket": "ListBucket",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "ListObjectVersions": "ListBucketVersions",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "GetBucketLocation": "GetBucketLocation",
    "GetBucketPolicy": "GetBucketPolicy",
    "PutBucketPolicy": "PutBucketPolicy",
    "DeleteBucketPolicy": "DeleteBucketPolicy",
    "GetBucketPolicyStatus": "GetBucketPolicyStatus",
    "GetBucketVersioning": "GetBucketVersioning",
    "PutBucketVersioning": "PutBucketVersioning",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketOwnershipControls": "GetBucketOwnershipControls",
    "PutBucketOwnershipControls": "PutBucketOwnershipControls",
    "GetBucketTagging": "GetBucketTagging",
    "PutBucketTagging": "PutBucketTagging",
    "DeleteBucketTagging": "PutBucketTagging",
    "GetBucketAcl": "GetBucketAcl",
}
OBJECT_OPERATIONS = {
    "PutObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "UploadPart": "PutObject",
    "CompleteMultipartUpload": "PutObject",
    "AbortMultipartUpload": "AbortMultipartUpload",
    "ListParts": "ListMultipartUploadParts",
}
# With a VersionId these need the action of the same name with "Version" after "Object".
VERSIONED_OPERATIONS = {
    "GetObject": "GetObject",
    "HeadObject": "GetObject",
    "DeleteObject": "DeleteObject",
    "GetObjectTagging": "GetObjectTagging",
    "PutObjectTagging": "PutObjectTagging",
    "DeleteObjectTagging": "DeleteObjectTagging",
}
READS_OF_ONE_OBJECT = frozenset({"GetObject", "HeadObject", "GetObjectAttributes", "GetObjectTagging"})
CONTEXT_KEYS = {
    "Prefix": "s3:prefix",
    "Delimiter": "s3:delimiter",
    "MaxKeys": "s3:max-keys",
    "ACL": "s3:x-amz-acl",
    "VersionId": "s3:VersionId",
    "ServerSideEncryption": "s3:x-amz-server-side-encryption",
    "SSEKMSKeyId": "s3:x-amz-server-side-encryption-aws-kms-key-id",
    "IfMatch": "s3:if-match",
    "IfNoneMatch": "s3:if-none-match",
}

COPY_SOURCE = re.compile(r"(?P<object>[^?#;]+)(?:\?versionId=(?P<version>[^?#;&=]+))?")
COPIED_OBJECT = re.compile(r"/?(?P<bucket>[A-Za-z0-9][A-Za-z0-9._-]+)/(?P<key>.+)", re.DOTALL)


def copy_source(call: Call) -> tuple[str, str, str]:
    """Return bucket, key and version id of what a copy reads: `bucket/key` or `/bucket/key`, `?versionId=` after it.

    Raises InvalidArgument for anything else, also for what a URL's reader would take for its query or fragment.
    """
    written = COPY_SOURCE.fullmatch(text(call, "CopySource"))
    named = COPIED_OBJECT.fullmatch(unquote(written["object"])) if written else None
    if written is None or named is None:
        raise AwsError("InvalidArgument", f"copy source {text(call, 'CopySource')!r} is not bucket/key")
    return named["bucket"], named["key"], unquote(written["version"] or "")


def _context(call: Call) -> dict[str, str]:
    return {name: text(call, member) for member, name in CONTEXT_KEYS.items() if member in call.parameters}


def _on_bucket(action: str) -> NeedsOf:
    return lambda call: [Need(f"s3:{action}", bucket_arn(text(call, "Bucket")), _context(call))]


def _on_object(action: str) -> NeedsOf:
    return lambda call: [Need(f"s3:{action}", _object_arn(call), _context(call)), *_extras(call)]


def _extras(call: Call) -> list[Need]:
    """A write that also sets tags or an ACL needs the actions for that, too."""
    return [
        Need(action, _object_arn(call), _context(call))
        for member, action in (("ACL", "s3:PutObjectAcl"), ("Tagging", "s3:PutObjectTagging"))
        if member in call.parameters
    ]


def _on_version(action: str) -> NeedsOf:
    versioned = action.replace("Object", "ObjectVersion")

    def needs(call: Call) -> list[Need]:
        chosen = versioned if "VersionId" in call.parameters else action
        return [Need(f"s3:{chosen}", _object_arn(call), _context(call))]

    return needs


def _attributes(call: Call) -> list[Need]:
    """The attributes of an object are read by two actions, of a version by two others."""
    kind = "ObjectVersion" if "VersionId" in call.parameters else "Object"
    actions = (f"s3:Get{kind}", f"s3:Get{kind}Attributes")
    return [Need(action, _object_arn(call), _context(call)) for action in actions]


def _object_arn(call: Call) -> str:
    return bucket_arn(text(call, "Bucket"), text(call, "Key"))


def _copy(call: Call) -> list[Need]:
    bucket, key, version = copy_source(call)
    action = "s3:GetObjectVersion" if version else "s3:GetObject"
    return [
        Need(action, bucket_arn(bucket, key)),
        Need("s3:PutObject", _object_arn(call), _context(call)),
        *_extras(call),
    ]


def deletion_need(call: Call, entry: Mapping[str, Any]) -> Need:
    """Return what deleting one of the objects of DeleteObjects needs."""
    action = "s3:DeleteObjectVersion" if entry.get("VersionId") else "s3:DeleteObject"
    return Need(action, bucket_arn(text(call, "Bucket"), str(entry["Key"])))


S3_NEEDS: dict[str, NeedsOf] = {
    "ListBuckets": lambda _: [Need("s3:ListAllMyBuckets", "*")],
    "CopyObject": _copy,
    "UploadPartCopy": _copy,
    "GetObjectAttributes": _attributes,
    "DeleteObjects": lambda _: [],  # each key is asked by itself: see deletion_need
    **{name: _on_bucket(action) for name, action in BUCKET_OPERATIONS.items()},
    **{name: _on_object(action) for name, action in OBJECT_OPERATIONS.items()},
    **{name: _on_version(action) for name, action in VERSIONED_OPERATIONS.items()},
}
