"""Guards of the local AWS's IAM: a test on it must not be green for a system that AWS would refuse."""

from __future__ import annotations

from tests.guards.guard import Guard

_IDS = "tests/local_aws/test_iam_unique_ids.py::"
_KMS = "tests/local_aws/test_kms.py::"
_OBJECTS = "tests/local_aws/test_kms_objects.py::TestObjectsUnderAKey::"
_DECISION = "tests/local_aws/test_decision.py::test_who_may"
_ATHENA = "tests/local_aws/test_athena_permissions.py::TestKeys::"
_ESTATE = "tests/demo/test_estate.py::"

LOCAL_AWS = (
    Guard(
        "IAM: a bucket policy keeps ids",
        "local_aws/s3_guard.py",
        "write_body(environ, unique_ids.pin(document).encode())",
        "write_body(environ, document.encode())",
        (f"{_IDS}TestBucketPolicies::test_the_policy_shows_the_arn_and_then_the_id_of_who_is_gone",),
    ),
    Guard(
        "IAM: a trust policy keeps ids",
        "local_aws/iam_guard.py",
        "unique_ids.pin(text(call, member))",
        "text(call, member)",
        (
            f"{_IDS}TestTrustPolicies::test_a_user_made_anew_is_trusted_no_more",
            "tests/stages/test_refused_connections.py::"
            "test_a_role_that_is_gone_or_trusts_somebody_who_is_no_more_is_named[Airflow's user made anew]",
        ),
    ),
    Guard(
        "IAM: a key policy keeps ids",
        "local_aws/kms_guard.py",
        "pinned = unique_ids.pin(document)",
        "pinned = document",
        (f"{_KMS}TestKeyPolicies::test_a_role_made_anew_has_lost_the_key",),
    ),
    Guard(
        "IAM: an id is what is compared",
        "local_aws/iam/policy.py",
        "text == (question.principal_id or question.principal_arn)",
        "text == question.principal_arn",
        (f"{_IDS}TestBucketPolicies::test_naming_it_again_mends_it",),
    ),
    Guard(
        "KMS: a key's own policy decides",
        "local_aws/iam/authorizer.py",
        "return Target(key[0], parse_document(key[1]), decides=True)",
        "return Target(key[0], parse_document(key[1]))",
        (f"{_KMS}TestKeyPolicies::test_and_is_not_where_it_does_not",),
    ),
    Guard(
        "KMS: nobody locks himself out",
        "local_aws/kms_guard.py",
        'if not call.parameters.get("BypassPolicyLockoutSafetyCheck"):',
        "if False:",
        (f"{_KMS}TestPuttingAKeyPolicy::test_nobody_locks_himself_out",),
    ),
    Guard(
        "KMS: reading an object asks its key",
        "local_aws/s3_key_guard.py",
        'READS = frozenset({"GetObject", "GetObjectAttributes"})',
        "READS: frozenset[str] = frozenset()",
        (f"{_OBJECTS}test_reading_needs_decrypt",),
    ),
    Guard(
        "KMS: a bucket's default asks its key",
        "local_aws/s3_access.py",
        "wanted = asked or Encryption.of_bucket(stored)",
        "wanted = asked or Encryption()",
        (f"{_OBJECTS}test_a_buckets_default_is_a_write_with_its_key",),
    ),
    Guard(
        "KMS: parts ask the upload's key",
        "local_aws/s3_key_guard.py",
        "if call.operation in GOES_ON:",
        "if False:",
        (f"{_OBJECTS}test_the_parts_of_an_upload_need_decrypt",),
    ),
    Guard(
        "KMS: aws/s3 is for its own account",
        "local_aws/iam/keys.py",
        '"Condition": {"StringEquals": through_s3},',
        "",
        (f"{_OBJECTS}test_the_aws_managed_key_serves_its_own_account_alone",),
    ),
    Guard(
        "KMS: Athena reads with its caller's key",
        "local_aws/s3_access.py",
        "self._keys.require_read(caller, bucket, key, Encryption.of_stored(stored), THROUGH_ATHENA)",
        "pass",
        (f"{_ATHENA}test_a_source_under_a_key_needs_decrypt",),
    ),
    Guard(
        "IAM: a boundary limits",
        "local_aws/iam/decision.py",
        "if words.boundary is not Verdict.ALLOW:",
        "if False:",
        (f"{_DECISION}",),
    ),
    Guard(
        "IAM: across accounts both sides",
        "local_aws/iam/decision.py",
        "is_own = owner == question.account_id",
        "is_own = True",
        (f"{_DECISION}",),
    ),
    Guard(
        "estate: the bucket's owner",
        "demo/policies.py",
        'return {"StringEquals": {"aws:ResourceAccount": account_id}}',
        'return {"StringLike": {"aws:ResourceAccount": "*"}}',
        (f"{_ESTATE}test_a_bucket_of_the_right_name_in_the_wrong_account_is_not_read",),
    ),
)
