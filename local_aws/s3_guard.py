"""What S3 checks beside permissions, and moto does not: expected owners, missing keys, uploads, policies."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from local_aws import s3_bodies
from local_aws.calls import AwsError, Call
from local_aws.iam import unique_ids
from local_aws.iam.arns import bucket_arn
from local_aws.iam.authorizer import access_denied
from local_aws.iam.documents import check_bucket_policy
from local_aws.iam.policy import parse_document
from local_aws.iam.public_policies import is_public
from local_aws.iam.s3_needs import READS_OF_ONE_OBJECT, copy_source
from local_aws.rewriting import write_body
from local_aws.s3_key_guard import S3KeyGuard

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from local_aws.s3_access import S3Access

WITHOUT_BUCKET = ("ListBuckets", "CreateBucket")


class S3Guard:
    """Refuses before moto is asked."""

    def __init__(self, s3: S3Access) -> None:
        self._s3, self._key_guard = s3, S3KeyGuard(s3)

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

    def after_authorization(self, call: Call, environ: dict[str, Any]) -> None:
        """Refuse what the caller may do, and S3 would not: see each check."""
        s3_bodies.check_body(call, environ)
        bucket, key = call.parameters.get("Bucket", ""), call.parameters.get("Key", "")
        if call.operation in READS_OF_ONE_OBJECT and not self._s3.key_exists(bucket, key):
            self._s3.refuse_missing_key(call.caller, bucket, key)
        new = call.operation in WITHOUT_BUCKET
        s3_bodies.check_acl(call, acls_enabled=not new and self._s3.has_acls(bucket))
        if "UploadId" in call.parameters:
            self._require_upload(bucket, key, str(call.parameters["UploadId"]))
        self._key_guard.after_authorization(call, environ)
        if call.operation == "PutBucketPolicy":
            document = str(call.parameters.get("Policy", ""))
            check_bucket_policy(bucket, document)
            self._refuse_public(call, bucket, document)
            write_body(environ, unique_ids.pin(document).encode())

    def after_answer(self, call: Call, answer: Response) -> None:
        """Show a bucket's policy with the ARNs of those whom it names, as far as they are still there."""
        if call.operation == "GetBucketPolicy":
            answer.set_data(unique_ids.unpin(answer.get_data(as_text=True)))

    def _refuse_public(self, call: Call, bucket: str, document: str) -> None:
        if self._s3.blocks_public_policies(bucket) and is_public(parse_document(document)):
            why = "because public policies are blocked by the BlockPublicPolicy block public access setting."
            raise access_denied(call.caller, "s3:PutBucketPolicy", bucket_arn(bucket), why)

    def _require_upload(self, bucket: str, key: str, upload_id: str) -> None:
        """moto looks for the id alone, and would write the key that it was made for."""
        if not self._s3.upload_exists(bucket, key, upload_id):
            message = "The specified upload does not exist. It may have been aborted or completed."
            raise AwsError("NoSuchUpload", message, 404, UploadId=upload_id)

    def _expect(self, bucket: str, owner: str | None) -> None:
        if self._s3.bucket_owner(bucket) != owner and owner:
            raise AwsError("AccessDenied", "Access Denied", 403)
