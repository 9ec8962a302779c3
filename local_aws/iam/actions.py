"""Which operations the local AWS knows, and what each needs: what is not listed is refused, whatever moto would say."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from local_aws.iam.athena_needs import athena_needs
from local_aws.iam.glue_needs import GLUE_NEEDS
from local_aws.iam.iam_needs import IAM_NEEDS
from local_aws.iam.kms_needs import KMS_NEEDS
from local_aws.iam.quicksight_needs import quicksight_needs
from local_aws.iam.s3_needs import S3_NEEDS
from local_aws.operations import not_supported

if TYPE_CHECKING:
    from local_aws.calls import Call
    from local_aws.iam.athena_needs import WorkgroupsOf
    from local_aws.iam.needs import Need, NeedsOf

# GetCallerIdentity needs no permission; AssumeRole is decided by STS, which knows the target's trust policy.
STS_NEEDS: dict[str, NeedsOf] = {"GetCallerIdentity": lambda _: [], "AssumeRole": lambda _: []}


class Actions:
    """The table from operation to needs."""

    def __init__(self, workgroups_of: WorkgroupsOf, quicksight_operations: Iterable[str]) -> None:
        self._needs: dict[str, dict[str, NeedsOf]] = {
            "s3": S3_NEEDS,
            "sts": STS_NEEDS,
            "iam": IAM_NEEDS,
            "athena": athena_needs(workgroups_of),
            "glue": GLUE_NEEDS,
            "kms": KMS_NEEDS,
            "quicksight": dict.fromkeys(quicksight_operations, quicksight_needs),
        }

    def needs(self, call: Call) -> list[Need]:
        """Return what a call needs; AwsError("NotImplemented") for an operation that is not known."""
        needs = self._needs.get(call.service, {}).get(call.operation)
        if needs is None:
            raise not_supported(call.service, call.operation)
        return needs(call)
