"""What IAM checks beside permissions, and moto does not: policies that are malformed, and keys that were given out."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from local_aws.iam import unique_ids
from local_aws.iam.documents import check_identity_policy, check_trust_policy
from local_aws.iam.needs import text
from local_aws.rewriting import write_form_member

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from local_aws.callers import Callers
    from local_aws.calls import Call

TRUST_POLICIES = {"CreateRole": "AssumeRolePolicyDocument", "UpdateAssumeRolePolicy": "PolicyDocument"}
IDENTITY_POLICIES = frozenset(
    {"PutRolePolicy", "PutUserPolicy", "PutGroupPolicy", "CreatePolicy", "CreatePolicyVersion"}
)
TRUST_IN_ANSWER = re.compile(r"(?<=<AssumeRolePolicyDocument>)[^<]+(?=</AssumeRolePolicyDocument>)")
ACCESS_KEY = re.compile(r"<AccessKeyId>(\w+)</AccessKeyId>")


class IamGuard:
    """Refuses before moto is asked, keeps who was trusted by id, and deleted keys from becoming anybody's."""

    def __init__(self, callers: Callers) -> None:
        self._callers = callers

    def after_authorization(self, call: Call, environ: dict[str, Any]) -> None:
        """Raise MalformedPolicyDocument for a policy that IAM would not keep; a trust policy is kept with ids."""
        if (member := TRUST_POLICIES.get(call.operation)) is not None:
            check_trust_policy(text(call, member))
            write_form_member(environ, member, unique_ids.pin(text(call, member)))
        if call.operation in IDENTITY_POLICIES:
            check_identity_policy(text(call, "PolicyDocument"))

    def after_answer(self, call: Call, answer: Response) -> None:
        """Remember each key that is given out, before its user reads it; show trust policies with ARNs."""
        document = answer.get_data(as_text=True)
        if call.operation == "CreateAccessKey":
            for key in ACCESS_KEY.findall(document):
                self._callers.remember(key)
        if TRUST_IN_ANSWER.search(document):
            answer.set_data(TRUST_IN_ANSWER.sub(_with_arns, document))


def _with_arns(kept: re.Match[str]) -> str:
    return quote(unique_ids.unpin(unquote(kept[0])), safe="")
