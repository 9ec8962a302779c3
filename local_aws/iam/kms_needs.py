"""KMS: which action on which key, in which encryption context. Keys are named by id, by ARN, or as `alias/aws/s3`.

See "AWS KMS permissions" in the KMS developer guide, for what may be done to a key of another account, too.
"""

from __future__ import annotations

from typing import Any

from local_aws.calls import AwsError, Call
from local_aws.iam import keys
from local_aws.iam.needs import Need, NeedsOf, arn, text

KMS_ACROSS_ACCOUNTS = ["DescribeKey", "GetKeyRotationStatus", "Encrypt", "Decrypt", "GenerateDataKey"]
KMS_IN_ONE_ACCOUNT = ["GetKeyPolicy", "PutKeyPolicy", "EnableKeyRotation", "ScheduleKeyDeletion"]
KMS_ON_ANYTHING = ["CreateKey", "ListKeys", "ListAliases"]


def key_of(call: Call) -> Any | None:
    """Return moto's key that a call is about, or None: of Decrypt the one that the ciphertext was made with."""
    if name := text(call, "KeyId"):
        return keys.find_key(call.account_id, call.region, name)
    blob = call.parameters.get("CiphertextBlob")
    return keys.key_of_ciphertext(blob, call.region) if isinstance(blob, bytes) else None


def _on_key(call: Call) -> list[Need]:
    key = key_of(call)
    named = text(call, "KeyId") or "*"
    resource = str(key.arn) if key is not None else named
    if not resource.startswith("arn:"):
        resource = arn(call, "kms", resource if resource.startswith("alias/") else f"key/{resource}")
    if call.operation not in KMS_ACROSS_ACCOUNTS and resource.split(":")[4] != call.account_id:
        raise AwsError("AccessDenied", f"kms:{call.operation} is not for keys of another account", 403)
    return [Need(f"kms:{call.operation}", resource, _encryption_context(call))]


def _encryption_context(call: Call) -> dict[str, str]:
    given = call.parameters.get("EncryptionContext") or {}
    return {f"kms:EncryptionContext:{name}": str(value) for name, value in given.items()}


KMS_NEEDS: dict[str, NeedsOf] = {
    **dict.fromkeys((*KMS_ACROSS_ACCOUNTS, *KMS_IN_ONE_ACCOUNT), _on_key),
    **dict.fromkeys(KMS_ON_ANYTHING, lambda call: [Need(f"kms:{call.operation}", "*")]),
}
