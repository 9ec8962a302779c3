"""A caller's request as policies see it, with the context keys that are true of it."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

from local_aws.iam import store
from local_aws.iam.policy import Question

if TYPE_CHECKING:
    from local_aws.calls import Caller

RequestContext = Mapping[str, str | Sequence[str]]
NO_CONTEXT: RequestContext = MappingProxyType({})
ENCRYPTION_CONTEXT = "kms:EncryptionContext:"


def question(caller: Caller, action: str, resource: str, context: RequestContext) -> Question:
    """Return the question whether a caller may do an action on a resource (an ARN)."""
    unique_id = store.unique_id(caller.principal_arn)
    given = {**_caller_context(caller, unique_id), **_common_context(), **context}
    if action.startswith("kms:"):
        given |= _kms_context(caller, context)
    return Question(
        action=action,
        resource=resource,
        account_id=caller.account_id,
        principal_arn=caller.principal_arn,
        session_arn=caller.arn,
        principal_id=unique_id,
        context={
            key.lower(): [value] if isinstance(value, str) else list(value) for key, value in given.items()
        },
    )


def _caller_context(caller: Caller, unique_id: str) -> dict[str, str]:
    name = caller.arn.rpartition("/")[2]
    is_user = ":user/" in caller.principal_arn
    context = {
        "aws:PrincipalArn": caller.principal_arn,
        "aws:PrincipalAccount": caller.account_id,
        "aws:PrincipalType": "User" if is_user else "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": unique_id if is_user else f"{unique_id}:{name}",
    }
    return {**context, "aws:username": name} if is_user else context


def _common_context() -> dict[str, str]:
    """Return what is true of every request; the loopback endpoint stands for AWS's TLS endpoint."""
    now = datetime.now(UTC)
    return {
        "aws:CurrentTime": now.isoformat(),
        "aws:EpochTime": str(int(time.time())),
        "aws:SecureTransport": "true",
        "s3:TlsVersion": "1.3",
        "s3:signatureversion": "AWS4-HMAC-SHA256",
    }


def _kms_context(caller: Caller, context: RequestContext) -> dict[str, str | Sequence[str]]:
    names = [key.removeprefix(ENCRYPTION_CONTEXT) for key in context if key.startswith(ENCRYPTION_CONTEXT)]
    return {"kms:CallerAccount": caller.account_id} | ({"kms:EncryptionContextKeys": names} if names else {})
