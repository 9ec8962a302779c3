"""What IAM checks beside permissions, and moto does not: trust policies name principals that exist."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from local_aws.calls import AwsError, Call
from local_aws.iam.policy import statements
from local_aws.s3_guard import check_principals

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from local_aws.callers import Callers

TRUST_POLICIES = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}
ACCESS_KEY = re.compile(r"<AccessKeyId>(\w+)</AccessKeyId>")


class IamGuard:
    """Refuses before moto is asked, and keeps deleted keys from becoming anybody's."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def after_authorization(self, call: Call) -> None:
        """Raise MalformedPolicyDocument for a trust policy with a principal that does not exist."""
        member = TRUST_POLICIES.get(call.operation)
        if member is None:
            return
        try:
            found = statements(json.loads(call.parameters.get(member, "")))
        except (ValueError, AttributeError) as error:
            raise _malformed("This policy contains invalid Json") from error
        for statement in found:
            check_principals(statement, _malformed)

    def after_answer(self, call: Call, answer: Response) -> None:
        """Remember each key that is given out, before its user reads it."""
        if call.operation != "CreateAccessKey":
            return
        for key in ACCESS_KEY.findall(answer.get_data(as_text=True)):
            self._callers.remember(key)


def _malformed(message: str) -> AwsError:
    return AwsError("MalformedPolicyDocument", message, 400)
