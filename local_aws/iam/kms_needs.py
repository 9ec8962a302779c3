"""KMS: the identity side alone; key policies are stored and not evaluated, aliases are not resolved."""

from __future__ import annotations

from local_aws.calls import Call
from local_aws.iam.needs import Need, NeedsOf, arn, text

KMS_ON_KEY = [
    "DescribeKey",
    "GetKeyPolicy",
    "PutKeyPolicy",
    "EnableKeyRotation",
    "GetKeyRotationStatus",
    "ScheduleKeyDeletion",
    "Encrypt",
    "Decrypt",
    "GenerateDataKey",
]
KMS_ON_ANYTHING = ["CreateKey", "ListKeys", "ListAliases"]


def _kms_on_key(call: Call) -> list[Need]:
    key = text(call, "KeyId")
    return [
        Need(
            f"kms:{call.operation}", key if key.startswith("arn:") else arn(call, "kms", f"key/{key or '*'}")
        )
    ]


KMS_NEEDS: dict[str, NeedsOf] = {
    **dict.fromkeys(KMS_ON_KEY, _kms_on_key),
    **dict.fromkeys(KMS_ON_ANYTHING, lambda call: [Need(f"kms:{call.operation}", "*")]),
}
