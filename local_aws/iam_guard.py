"""What IAM checks beside permissions, and moto does not: policies that are malformed, and keys that were given out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from local_aws.iam.documents import check_identity_policy, check_trust_policy
from local_aws.iam.needs import text

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from local_aws.callers import Callers
    from local_aws.calls import Call

TRUST_POLICIES = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}
IDENTITY_POLICIES = frozenset(
    {"PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreatePolicy", "CreatePolicyVersion"}
)
ACCESS_KEY = re.compile(r"<AccessKeyId>(\w+)</AccessKeyId>")


class IamGuard:
    """Refuses before moto is asked, and keeps deleted keys from becoming anybody's."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def after_authorization(self, call: Call) -> None:
        """Raise MalformedPolicyDocument for a policy that IAM would not keep."""
        if (member := TRUST_POLICIES.get(call.operation)) is not None:
            check_trust_policy(text(call, member))
        if call.operation in IDENTITY_POLICIES:
            check_identity_policy(text(call, "PolicyDocument"))

    def after_answer(self, call: Call, answer: Response) -> None:
        """Remember each key that is given out, before its user reads it."""
        if call.operation != "CreateAccessKey":
            return
        for key in ACCESS_KEY.findall(answer.get_data(as_text=True)):
            self._callers.remember(key)
