"""May this caller do this: identity policies, and bucket policies for S3."""

from __future__ import annotations

from types import MappingProxyType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.calls import Caller

NO_CONTEXT: Mapping[str, str] = MappingProxyType({})


class Authorizer:
    """Decides with the policies that IAM and S3 hold at the moment of the call."""

    def allows(
        self, caller: Caller, action: str, resource: str, context: Mapping[str, str] = NO_CONTEXT
    ) -> bool:
        """Whether the caller may do the action on the resource (an ARN)."""
        return caller.is_administrator

    def require(
        self, caller: Caller, action: str, resource: str, context: Mapping[str, str] = NO_CONTEXT
    ) -> None:
        """Raise AwsError("AccessDenied") unless the caller may do the action on the resource (an ARN).

        For S3 (`arn:aws:s3:::bucket` or `arn:aws:s3:::bucket/key`) the bucket's policy is looked at too: in the same
        account either side is enough, across accounts both are needed, and an explicit Deny always wins.
        """
        raise NotImplementedError
