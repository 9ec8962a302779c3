"""What KMS checks beside permissions, and moto does not: key policies, and that nobody locks himself out."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from moto.kms.responses import KmsResponse

from local_aws.calls import AwsError, Call
from local_aws.iam import unique_ids
from local_aws.iam.documents import check_key_policy
from local_aws.iam.kms_needs import key_of
from local_aws.iam.needs import arn, text
from local_aws.rewriting import write_json_member

if TYPE_CHECKING:
    from werkzeug.wrappers import Response

    from local_aws.iam.authorizer import Authorizer

USES = ("Encrypt", "Decrypt", "GenerateDataKey")
WITH_POLICY = ("CreateKey", "PutKeyPolicy")
# moto applies the Deny statements of a key policy without their principals and conditions.
KmsResponse._validate_key_policy = lambda *_: None


class KmsGuard:
    """Refuses before moto is asked; key policies are kept with ids."""

    def __init__(self, authorizer: Authorizer) -> None:
        self._authorizer = authorizer

    def account_of(self, call: Call) -> str:
        """Return the account whose store holds the key that a call is about."""
        key = key_of(call)
        return str(key.account_id) if key is not None else call.account_id

    def after_authorization(self, call: Call, environ: dict[str, Any]) -> None:
        """Refuse keys that are not there or cannot be used, and policies that KMS would not keep.

        Raises AwsError: NotFoundException, KMSInvalidStateException, MalformedPolicyDocumentException.
        """
        _check_key(call)
        _write_key_id(call, environ)
        if call.operation not in WITH_POLICY or not (document := text(call, "Policy")):
            return
        check_key_policy(document)
        pinned = unique_ids.pin(document)
        if not call.parameters.get("BypassPolicyLockoutSafetyCheck"):
            self._require_later_change(call, pinned)
        write_json_member(environ, "Policy", pinned)

    def after_answer(self, call: Call, answer: Response) -> None:
        """Show a key's policy with the ARNs of those whom it names, as far as they are still there."""
        if call.operation == "GetKeyPolicy":
            found = json.loads(answer.get_data())
            answer.set_data(json.dumps({**found, "Policy": unique_ids.unpin(found["Policy"])}))

    def _require_later_change(self, call: Call, policy: str) -> None:
        """Whoever puts a policy must be able to put the next one."""
        key = key_of(call)
        key_arn = str(key.arn) if key is not None else arn(call, "kms", "key/new")
        if not self._authorizer.may_put_key_policy(call.caller, key_arn, policy):
            problem = "The new key policy will not allow you to update the key policy in the future."
            raise AwsError("MalformedPolicyDocumentException", problem)


def _check_key(call: Call) -> None:
    name, key = text(call, "KeyId"), key_of(call)
    if "alias/" in name and key is None:
        raise AwsError("NotFoundException", f"Alias {name} is not found.")
    if call.operation in USES and key is not None and key.key_state != "Enabled":
        raise AwsError("KMSInvalidStateException", f"{key.arn} is pending deletion.")


def _write_key_id(call: Call, environ: dict[str, Any]) -> None:
    """moto does not take an ARN everywhere."""
    if text(call, "KeyId") and (key := key_of(call)) is not None:
        write_json_member(environ, "KeyId", str(key.id))
