"""Yes or no to one question, by all policies that have a word in it: no store, no clock.

See "Policy evaluation logic" in the IAM user guide. In one account either side is enough (a resource policy that names
the account only hands the question to its identity policies), but of a key or a role its own policy must allow, too;
across accounts both sides are needed, and an explicit Deny always wins. A permissions boundary limits what identity
policies allow, and what a resource policy allows to a role; not what it allows to a user, a session or everybody.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from local_aws.iam.conditions import UnsupportedPolicy
from local_aws.iam.policy import Question, Verdict, evaluate

Policy = Mapping[str, Any]
UNSUPPORTED = "because a policy says what the local AWS does not evaluate"
DIRECT = (Verdict.ALLOW, Verdict.ALLOW_ROLE)


@dataclass(frozen=True)
class Policies:
    """Those of the caller, and that of the resource; `resource_decides`: it must allow whatever is allowed."""

    identity: Sequence[Policy] = ()
    boundary: Policy | None = None
    resource: Policy | None = None
    resource_decides: bool = False


def refusal(question: Question, owner: str, policies: Policies) -> str | None:
    """Return why a question about a resource of an account is answered with no, in AWS's words; None for yes."""
    try:
        words = _words(question, policies)
    except UnsupportedPolicy as unsupported:
        return f"{UNSUPPORTED}: {unsupported}"
    is_own = owner == question.account_id
    return _denial(words) or _missing(question.action, words, policies, is_own=is_own)


@dataclass(frozen=True)
class _Words:
    identity: Verdict
    boundary: Verdict
    resource: Verdict


def _words(question: Question, policies: Policies) -> _Words:
    """Ask all of them: what is not evaluated in one of them refuses, whatever the others say."""
    boundary = policies.boundary
    return _Words(
        evaluate(policies.identity, question, names_principals=False),
        Verdict.ALLOW if boundary is None else evaluate([boundary], question, names_principals=False),
        evaluate([policies.resource] if policies.resource else [], question, names_principals=True),
    )


def _denial(words: _Words) -> str | None:
    if words.identity is Verdict.DENY:
        return "with an explicit deny in an identity-based policy"
    if words.resource is Verdict.DENY:
        return "with an explicit deny in a resource-based policy"
    if words.boundary is Verdict.DENY:
        return "with an explicit deny in a permissions boundary"
    return None


def _missing(action: str, words: _Words, policies: Policies, *, is_own: bool) -> str | None:
    if is_own and words.resource is Verdict.ALLOW:
        return None
    if words.boundary is not Verdict.ALLOW:
        return f"because no permissions boundary allows the {action} action"
    if is_own and words.resource is Verdict.ALLOW_ROLE:
        return None
    if words.identity is not Verdict.ALLOW:
        return f"because no identity-based policy allows the {action} action"
    if (is_own and not policies.resource_decides) or words.resource in (*DIRECT, Verdict.ALLOW_ACCOUNT):
        return None
    return f"because no resource-based policy allows the {action} action"
