"""May this caller do this: gathers the policies that IAM, S3 and KMS hold at the moment of the call, and decides.

Buckets, keys and roles have policies of their own here. Glue's resource policy, service and resource control policies
are not evaluated.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from moto.s3.models import s3_backends

from local_aws.calls import AwsError, Caller
from local_aws.iam import keys, store
from local_aws.iam.arns import S3_ARN
from local_aws.iam.conditions import UnsupportedPolicy
from local_aws.iam.decision import UNSUPPORTED, Policies, refusal
from local_aws.iam.policy import Question, Verdict, evaluate, parse_document
from local_aws.iam.public_policies import is_public
from local_aws.iam.questions import NO_CONTEXT, RequestContext, question
from local_aws.stores import STORE_LOCK

ADMINISTRATOR_ACCESS = {"Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}


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
        asked = Question("sts:AssumeRole", role_arn, service=service, context=context)
        try:
            return evaluate([parse_document(trust)], asked, names_principals=True) is Verdict.ALLOW
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
    asked = question(caller, action, resource, {**context, "aws:ResourceAccount": target.owner})
    return refusal(asked, target.owner, _policies(caller, target))


def _policies(caller: Caller, target: Target) -> Policies:
    if caller.is_administrator:
        return Policies([ADMINISTRATOR_ACCESS], None, target.policy, target.decides)
    with STORE_LOCK:
        identity = store.identity_policies(caller.principal_arn)
        boundary = store.permissions_boundary(caller.principal_arn)
    return Policies(identity, boundary, target.policy, target.decides)


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
        stored = s3_backends[owner][partition].buckets[bucket]
        policy = parse_document(stored.policy.decode()) if stored.policy else None
        is_restricted = getattr(stored.public_access_block, "restrict_public_buckets", False)
    # RestrictPublicBuckets: a public policy counts within the owner's account alone.
    if policy is not None and is_restricted and owner != caller.account_id and is_public(policy):
        policy = None
    return Target(owner, policy)
