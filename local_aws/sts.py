"""STS: roles are assumed by their trust policies, and the keys are remembered with role, session and expiry.

Answered: AssumeRole, GetCallerIdentity. Refused as not supported: session policies and tags, source identity, MFA.
`OrganizationAccountAccessRole` of any account needs no creation: it trusts the organization's management account.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from local_aws.callers import ADMINISTRATOR, Callers
from local_aws.calls import MANAGEMENT_ACCOUNT, AwsError, Call, Caller
from local_aws.iam import store
from local_aws.iam.authorizer import access_denied

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from local_aws.iam.authorizer import Authorizer

ROLE_ARN = re.compile(r"arn:aws:iam::\d{12}:role/(?:[\w+=,.@/-]+/)?[\w+=,.@-]{1,64}")
SESSION_NAME = re.compile(r"[\w+=,.@-]{2,64}")
DEFAULT_SECONDS, SHORTEST_SECONDS, CHAINED_SECONDS = 3600, 900, 3600
UNSUPPORTED = (
    "Policy",
    "PolicyArns",
    "Tags",
    "TransitiveTagKeys",
    "SourceIdentity",
    "SerialNumber",
    "TokenCode",
)
ORGANIZATION_TRUST = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"AWS": f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:root"},
                "Action": "sts:AssumeRole",
            }
        ],
    }
)


class StsService:
    """Answers STS; the permissions of AssumeRole are decided here, since they need the target's trust policy."""

    name = "sts"

    def __init__(self, callers: Callers, authorizer: Authorizer) -> None:
        self._callers, self._authorizer = callers, authorizer
        self.operations: Mapping[str, Callable[[Call], dict[str, Any]]] = {
            "AssumeRole": self._assume_role,
            "GetCallerIdentity": self._get_caller_identity,
        }

    def _assume_role(self, call: Call) -> dict[str, Any]:
        role_arn, session_name = _checked_names(call)
        self._require_trust(call, role_arn, session_name)
        seconds = _duration(call, role_arn)
        credentials = self._callers.open_session(role_arn, session_name, seconds)
        return {
            "Credentials": {
                "AccessKeyId": credentials.access_key_id,
                "SecretAccessKey": credentials.secret_access_key,
                "SessionToken": credentials.session_token,
                "Expiration": credentials.expiration,
            },
            "AssumedRoleUser": {
                "AssumedRoleId": f"{credentials.role_id}:{session_name}",
                "Arn": credentials.caller.arn,
            },
        }

    def _require_trust(self, call: Call, role_arn: str, session_name: str) -> None:
        trust = _trust_policy(role_arn)
        if trust is None:
            raise access_denied(call.caller, "sts:AssumeRole", role_arn, "")
        context = {"sts:RoleSessionName": session_name}
        if external_id := call.parameters.get("ExternalId"):
            context["sts:ExternalId"] = external_id
        self._authorizer.require_assume_role(call.caller, role_arn, trust, context)

    def _get_caller_identity(self, call: Call) -> dict[str, Any]:
        return {"UserId": _user_id(call.caller), "Account": call.account_id, "Arn": call.caller.arn}


def _checked_names(call: Call) -> tuple[str, str]:
    for name in UNSUPPORTED:
        if call.parameters.get(name):
            raise AwsError("NotImplemented", f"The local AWS does not support AssumeRole with {name}", 501)
    role_arn, session_name = (
        str(call.parameters.get("RoleArn", "")),
        str(call.parameters.get("RoleSessionName", "")),
    )
    if not ROLE_ARN.fullmatch(role_arn):
        raise AwsError("ValidationError", f"{role_arn} is invalid")
    if not SESSION_NAME.fullmatch(session_name):
        raise AwsError(
            "ValidationError", f"roleSessionName {session_name!r} must match {SESSION_NAME.pattern}"
        )
    return role_arn, session_name


def _trust_policy(role_arn: str) -> str | None:
    if store.is_organization_role(role_arn):
        return ORGANIZATION_TRUST
    role = store.find_principal(role_arn)
    return role.assume_role_policy_document if role is not None else None


def _duration(call: Call, role_arn: str) -> int:
    seconds = int(call.parameters.get("DurationSeconds", DEFAULT_SECONDS))
    role = store.find_principal(role_arn)
    longest = int(getattr(role, "max_session_duration", None) or DEFAULT_SECONDS)
    if seconds < SHORTEST_SECONDS:
        raise AwsError("ValidationError", f"durationSeconds {seconds} must be at least {SHORTEST_SECONDS}")
    if seconds > CHAINED_SECONDS and ":assumed-role/" in call.caller.arn:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role chaining",
        )
    if seconds > longest:
        raise AwsError(
            "ValidationError",
            "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
        )
    return seconds


def _user_id(caller: Caller) -> str:
    if caller == ADMINISTRATOR:
        return "AIDA0ADMINISTRATOR"
    found = store.find_principal(caller.principal_arn)
    unique_id = found.id if found is not None else "AROA0ORGANIZATION"
    is_session = ":assumed-role/" in caller.arn
    return f"{unique_id}:{caller.arn.rsplit('/', 1)[-1]}" if is_session else unique_id
