"""May this caller do this: identity policies, permissions boundaries, bucket, key and trust policies.

See "Policy evaluation logic" in the IAM user guide. In one account either side is enough (a resource policy that names
the account only hands the question to its identity policies), but of a key or a role its own policy must allow, too;
across accounts both sides are needed, and an explicit Deny always wins. Glue's resource policy, service and resource
control policies are not evaluated.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from moto.s3.models import s3_backends

from local_aws.calls import AwsError, Caller
from local_aws.iam import keys, store
from local_aws.iam.arns import S3_ARN
from local_aws.iam.conditions import UnsupportedPolicy
from local_aws.iam.policy import Question, Verdict, evaluate, parse_document
from local_aws.stores import STORE_LOCK

RequestContext = Mapping[str, str | Sequence[str]]
NO_CONTEXT: RequestContext = MappingProxyType({})
GRANTS = (Verdict.ALLOW, Verdict.ALLOW_ACCOUNT)
UNSUPPORTED = "because a policy says what the local AWS does not evaluate"


@dataclass(frozen=True)
class Target:
    """What a question is about: whose it is, its own policy, and whether that must allow what is allowed."""

    owner: str
    policy: Mapping[str, Any] | None = None
    decides: bool = False


class Authorizer:
    """Decides with the policies that IAM and S3 hold at the moment of the call."""

    def allows(
        self, caller: Caller, action: str, resource: str, context: RequestContext = NO_CONTEXT
    ) -> bool:
        """Whether the caller may do the action on the resource (an ARN)."""
        return _refusal(caller, action, resource, context, _target(caller, action, resource)) is None

    def require(
        self, caller: Caller, action: str, resource: str, context: RequestContext = NO_CONTEXT
    ) -> None:
        """Raise AwsError("AccessDenied") unless the caller may do the action on the resource (an ARN).

        Of S3 (`arn:aws:s3:::bucket`, `arn:aws:s3:::bucket/key`) the bucket's policy is asked too, of KMS the key's.
        """
        reason = _refusal(caller, action, resource, context, _target(caller, action, resource))
        if reason is not None:
            raise access_denied(caller, action, resource, reason)

    def require_assume_role(self, caller: Caller, role_arn: str, trust: str, context: RequestContext) -> None:
        """Raise AwsError("AccessDenied") unless the trust policy and the caller's own policies allow AssumeRole."""
        action, owner = "sts:AssumeRole", role_arn.split(":")[4]
        reason = _refusal(
            caller, action, role_arn, context, Target(owner, parse_document(trust), decides=True)
        )
        if reason is not None:
            raise access_denied(caller, action, role_arn, reason if reason.startswith(UNSUPPORTED) else "")

    def may_put_key_policy(self, caller: Caller, key_arn: str, policy: str) -> bool:
        """Whether the caller could still change a key's policy when this is its policy."""
        target = Target(key_arn.split(":")[4], parse_document(policy), decides=True)
        return _refusal(caller, "kms:PutKeyPolicy", key_arn, NO_CONTEXT, target) is None

    def trusts_service(self, trust: str, service: str, role_arn: str) -> bool:
        """Whether a role's trust policy lets a service (`quicksight.amazonaws.com`) assume the role."""
        account_id = role_arn.split(":")[4]
        context = {"aws:sourceaccount": [account_id], "aws:principalisawsservice": ["true"]}
        question = Question("sts:AssumeRole", role_arn, service=service, context=context)
        try:
            return evaluate([parse_document(trust)], question, names_principals=True) is Verdict.ALLOW
        except UnsupportedPolicy:
            return False


def access_denied(caller: Caller, action: str, resource: str, reason: str) -> AwsError:
    """Return the refusal in AWS's words."""
    target = f'"{resource}"' if resource.startswith(S3_ARN) else resource
    message = (
        f"User: {caller.arn} is not authorized to perform: {action} on resource: {target} {reason}".rstrip()
    )
    return AwsError("AccessDenied", message, 403)


def _refusal(
    caller: Caller, action: str, resource: str, context: RequestContext, target: Target
) -> str | None:
    question = _question(caller, action, resource, {**context, "aws:ResourceAccount": target.owner})
    try:
        identity = _identity_word(caller, question)
        policies = [target.policy] if target.policy is not None else []
        granted = evaluate(policies, question, names_principals=True)
    except UnsupportedPolicy as unsupported:
        return f"{UNSUPPORTED}: {unsupported}"
    is_own = target.owner == caller.account_id
    return _reason(action, identity, granted, is_own=is_own, decides=target.decides)


def _reason(action: str, identity: Verdict, granted: Verdict, *, is_own: bool, decides: bool) -> str | None:
    if identity is Verdict.DENY:
        return "with an explicit deny in an identity-based policy"
    if granted is Verdict.DENY:
        return "with an explicit deny in a resource-based policy"
    if is_own and (granted is Verdict.ALLOW or (identity is Verdict.ALLOW and not decides)):
        return None
    if identity is not Verdict.ALLOW:
        return f"because no identity-based policy allows the {action} action"
    if granted not in GRANTS:
        return f"because no resource-based policy allows the {action} action"
    return None


def _identity_word(caller: Caller, question: Question) -> Verdict:
    if caller.is_administrator:
        return Verdict.ALLOW
    with STORE_LOCK:
        policies = store.identity_policies(caller.principal_arn)
        boundary = store.permissions_boundary(caller.principal_arn)
    word = evaluate(policies, question, names_principals=False)
    if boundary is not None and evaluate([boundary], question, names_principals=False) is not Verdict.ALLOW:
        return Verdict.DENY
    return word


def _target(caller: Caller, action: str, resource: str) -> Target:
    """Return whose a resource is, and its policy; a bucket or key that does not exist (yet) has none."""
    if resource.startswith(S3_ARN):
        return _bucket_target(caller, action, resource.removeprefix(S3_ARN).split("/", 1)[0])
    if (key := keys.policy_of(resource)) is not None:
        return Target(key[0], parse_document(key[1]), decides=True)
    return Target(resource.split(":")[4] if resource.count(":") > 4 else caller.account_id)


def _bucket_target(caller: Caller, action: str, bucket: str) -> Target:
    with STORE_LOCK:
        if action == "s3:CreateBucket" or bucket not in s3_backends.bucket_accounts:
            return Target(caller.account_id)
        partition, owner = s3_backends.bucket_accounts[bucket]
        policy = s3_backends[owner][partition].buckets[bucket].policy
    return Target(owner, parse_document(policy.decode()) if policy else None)


def _question(caller: Caller, action: str, resource: str, context: RequestContext) -> Question:
    given = {**_caller_context(caller), **_common_context(), **context}
    if action.startswith("kms:"):
        given |= _kms_context(caller, context)
    return Question(
        action=action,
        resource=resource,
        account_id=caller.account_id,
        principal_arn=caller.principal_arn,
        session_arn=caller.arn,
        principal_id=store.unique_id(caller.principal_arn),
        context={
            key.lower(): [value] if isinstance(value, str) else list(value) for key, value in given.items()
        },
    )


def _caller_context(caller: Caller) -> dict[str, str]:
    is_user = ":user/" in caller.principal_arn
    unique_id = store.unique_id(caller.principal_arn)
    context = {
        "aws:PrincipalArn": caller.principal_arn,
        "aws:PrincipalAccount": caller.account_id,
        "aws:PrincipalType": "User" if is_user else "AssumedRole",
        "aws:PrincipalIsAWSService": "false",
        "aws:userid": unique_id if is_user else f"{unique_id}:{caller.arn.rpartition('/')[2]}",
    }
    return {**context, "aws:username": caller.principal_arn.rsplit("/", 1)[-1]} if is_user else context


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
    prefix = "kms:EncryptionContext:"
    names = [key.removeprefix(prefix) for key in context if key.startswith(prefix)]
    return {"kms:CallerAccount": caller.account_id} | ({"kms:EncryptionContextKeys": names} if names else {})
