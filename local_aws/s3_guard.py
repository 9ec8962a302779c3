"""What S3 checks beside permissions, and moto does not: expected owners, missing keys, the principals of a policy."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from local_aws.calls import AwsError, Call
from local_aws.iam import store
from local_aws.iam.conditions import UnsupportedPolicy, check_supported
from local_aws.iam.policy import as_list, statements
from local_aws.iam.s3_needs import READS_OF_ONE_OBJECT, bucket_arn, copy_source
from local_aws.iam.wildcards import matches_arn

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_aws.s3_access import S3Access

WITHOUT_BUCKET = ("ListBuckets", "CreateBucket")


class S3Guard:
    """Refuses before moto is asked."""

    def __init__(self, s3: S3Access) -> None:
        self._s3 = s3

    def account_of(self, call: Call) -> str:
        """Return the account whose store holds what the call is about; NoSuchBucket when there is none."""
        if call.operation in WITHOUT_BUCKET:
            return call.account_id
        return self._s3.bucket_owner(str(call.parameters["Bucket"]))

    def before_authorization(self, call: Call) -> None:
        """Raise AccessDenied when a bucket is not the expected account's, and NoSuchBucket."""
        if call.operation in WITHOUT_BUCKET:
            return
        self._expect(call.parameters["Bucket"], call.parameters.get("ExpectedBucketOwner"))
        if "CopySource" in call.parameters:
            bucket, _, _ = copy_source(call)
            self._expect(bucket, call.parameters.get("ExpectedSourceBucketOwner"))

    def after_authorization(self, call: Call) -> None:
        """Refuse what the caller may do, and S3 would not: see each check."""
        bucket, key = call.parameters.get("Bucket", ""), call.parameters.get("Key", "")
        if call.operation in READS_OF_ONE_OBJECT and not self._s3.key_exists(bucket, key):
            self._s3.refuse_missing_key(call.caller, bucket, key)
        if "UploadId" in call.parameters:
            self._require_upload(bucket, key, str(call.parameters["UploadId"]))
        if call.operation == "PutBucketPolicy":
            check_bucket_policy(bucket, call.parameters.get("Policy", ""))

    def _require_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """moto looks for the id alone, and would write the key that it was made for."""
        if not self._s3.upload_exists(bucket, key, upload_id):
            message = "The specified upload does not exist. It may have been aborted or completed."
            raise AwsError("NoSuchUpload", message, 404, UploadId=upload_id)

    def _expect(self, bucket: str, owner: str | None) -> None:
        if self._s3.bucket_owner(bucket) != owner and owner:
            raise AwsError("AccessDenied", "Access Denied", 403)


def check_bucket_policy(bucket: str, text: str) -> None:
    """Raise MalformedPolicy as S3 does: no JSON, unknown principals, resources of other buckets.

    Also for what would be stored and then never evaluated here: other operators, other condition keys, NotPrincipal.
    """
    try:
        document = json.loads(text)
        found = statements(document)
    except (ValueError, AttributeError) as error:
        raise _malformed("Policies must be valid JSON and the first byte must be '{'") from error
    for statement in found:
        _check_resources(bucket, statement)
        check_principals(statement, _malformed)
        try:
            check_supported(statement.get("Condition", {}))
        except UnsupportedPolicy as unsupported:
            raise _malformed(f"The local AWS does not evaluate {unsupported}") from unsupported


def check_principals(statement: Mapping[str, Any], refusal: Callable[[str], AwsError]) -> None:
    """Raise a refusal unless every principal of a statement exists and is of a kind that is evaluated here."""
    principal = statement.get("Principal")
    if principal is None:
        raise refusal("Missing required field Principal")
    named = {"AWS": principal} if isinstance(principal, str) else principal
    if unknown := set(named) - {"AWS", "Service"}:
        raise refusal(f"The local AWS does not evaluate principals of kind {', '.join(sorted(unknown))}")
    for arn in as_list(named.get("AWS", [])):
        if arn != "*" and not store.principal_exists(arn):
            raise refusal("Invalid principal in policy")


def _check_resources(bucket: str, statement: Mapping[str, Any]) -> None:
    patterns = as_list(statement.get("Resource", statement.get("NotResource", [])))
    if not patterns:
        raise _malformed("Missing required field Resource")
    for pattern in patterns:
        if not matches_arn(pattern.split("/", 1)[0], bucket_arn(bucket)):
            raise _malformed("Policy has invalid resource")


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicy", message, 400)
