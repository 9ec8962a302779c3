"""May this caller do this: identity policies, permissions boundaries, bucket policies and trust policies.

See "Policy evaluation logic" in the IAM user guide. In one account either side is enough (a resource policy that names
the account only hands the question to its identity policies), across accounts both sides are needed, and an explicit
Deny always wins. Only S3 buckets and roles have resource policies here: key policies, Glue's resource policy, service
and resource control policies are not evaluated.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from moto.s3.models import s3_backends

from local_aws.calls import AwsError, Caller
from local_aws.iam import store
from local_aws.iam.arns import S3_ARN
from local_aws.iam.conditions import UnsupportedPolicy
from local_aws.iam.policy import Question, Verdict, evaluate, parse_document
from local_aws.stores import STORE_LOCK

RequestContext = Mapping[str, str | Sequence[str]]
NO_CONTEXT: RequestContext = MappingProxyType({})
GRANTS = (Verdict.ALLOW, Verdict.ALLOW_ACCOUNT)


class Authorizer:
    """Decides with the policies that IAM and S3 hold at the moment of the call."""

    def allows(
        self, caller: Caller, action: str, resource: str, context: RequestContext = NO_CONTEXT
    ) -> bool:
        """Whether the caller may do the action on the resource (an ARN)."""
        return self._refusal(caller, action, resource, context) is None

    def require(
        self, caller: Caller, action: str, resource: str, context: RequestContext = NO_CONTEXT
    ) -> None:
        """Raise AwsError("AccessDenied") unless the caller may do the action on the resource (an ARN).

        For S3 (`arn:aws:s3:::bucket` or `arn:aws:s3:::bucket/key`) the bucket's policy is looked at too.
        """
        reason = self._refusal(caller, action, resource, context)
        if reason is not None:
            raise access_denied(caller, action, resource, reason)

    def require_assume_role(self, caller: Caller, role_arn: str, trust: str, context: RequestContext) -> None:
        """Raise AwsError("AccessDenied") unless the trust policy and the caller's own policies allow AssumeRole."""
        action = "sts:AssumeRole"
        question = _question(caller, action, role_arn, context)
        try:
            identity = _identity_word(caller, question)
            resource = evaluate([parse_document(trust)], question, names_principals=True)
        except UnsupportedPolicy as unsupported:
            raise access_denied(caller, action, role_arn, _unsupported(unsupported)) from unsupported
        same_account = caller.account_id == role_arn.split(":")[4]
        trusted_directly = resource is Verdict.ALLOW and same_account and identity is not Verdict.DENY
        if not trusted_directly and not (identity is Verdict.ALLOW and resource in GRANTS):
            raise access_denied(caller, action, role_arn, "")

    def trusts_service(self, trust: str, service: str, role_arn: str) -> bool:
        """Whether a role's trust policy lets a service (`quicksight.amazonaws.com`) assume the role."""
        account_id = role_arn.split(":")[4]
        context = {"aws:sourceaccount": [account_id], "aws:principalisawsservice": ["true"]}
        question = Question("sts:AssumeRole", role_arn, service=service, context=context)
        try:
            return evaluate([parse_document(trust)], question, names_principals=True) is Verdict.ALLOW
        except UnsupportedPolicy:
            return False

    def _refusal(self, caller: Caller, action: str, resource: str, context: RequestContext) -> str | None:
        owner, policy = _owner_and_policy(caller, action, resource)
        question = _question(caller, action, resource, {**context, "aws:ResourceAccount": owner})
        try:
            identity = _identity_word(caller, question)
            granted = evaluate([policy], question, names_principals=True) if policy else Verdict.SILENT
            return _reason(action, identity, granted, same_account=owner == caller.account_id)
        except UnsupportedPolicy as unsupported:
            return _unsupported(unsupported)


def access_denied(caller: Caller, action: str, resource: str, reason: str) -> AwsError:
    """Return the refusal in AWS's words."""
    target = f'"{resource}"' if resource.startswith(S3_ARN) else resource
    message = (
        f"User: {caller.arn} is not authorized to perform: {action} on resource: {target} {reason}".rstrip()
    )
    return AwsError("AccessDenied", message, 403)


def _reason(action: str, identity: Verdict, granted: Verdict, *, same_account: bool) -> str | None:
    if identity is Verdict.DENY:
        return "with an explicit deny in an identity-based policy"
    if granted is Verdict.DENY:
        return "with an explicit deny in a resource-based policy"
    if same_account and Verdict.ALLOW in (identity, granted):
        return None
    if identity is not Verdict.ALLOW:
        return f"because no identity-based policy allows the {action} action"
    if granted not in GRANTS:
        return f"because no resource-based policy allows the {action} action"
    return None


def _unsupported(unsupported: UnsupportedPolicy) -> str:
    return f"because a policy says what the local AWS does not evaluate: {unsupported}"


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


def _owner_and_policy(caller: Caller, action: str, resource: str) -> tuple[str, Mapping[str, Any] | None]:
    """Return the account of a resource and its policy; a bucket that does not exist (yet) is the caller's."""
    if not resource.startswith(S3_ARN):
        return resource.split(":")[4] if resource.count(":") > 4 else caller.account_id, None
    name = resource.removeprefix(S3_ARN).split("/", 1)[0]
    with STORE_LOCK:
        if action == "s3:CreateBucket" or name not in s3_backends.bucket_accounts:
            return caller.account_id, None
        partition, owner = s3_backends.bucket_accounts[name]
        policy = s3_backends[owner][partition].buckets[name].policy
    return owner, parse_document(policy.decode()) if policy else None


def _question(caller: Caller, action: str, resource: str, context: RequestContext) -> Question:
    given = {**_caller_context(caller), **_common_context(), **context}
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
