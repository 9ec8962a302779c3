"""What a policy document says to a request: the evaluator, without any store behind it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html

Evaluated: Effect, Action, NotAction, Resource, NotResource, Principal (`*`, account, account root, role, user,
role session, service), Condition with the operators and keys of conditions.py, policy variables with their
defaults. Refused with UnsupportedPolicy when the statement would otherwise be about the request: NotPrincipal, other
operators and keys, unknown elements. Federated and CanonicalUser principals never match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import Any

from local_aws.iam import conditions
from local_aws.iam.conditions import Context, UnsupportedPolicy
from local_aws.iam.wildcards import literal, matches_action, matches_arn

ELEMENTS = frozenset(
    {
        "Sid",
        "Effect",
        "Action",
        "NotAction",
        "Resource",
        "NotResource",
        "Principal",
        "NotPrincipal",
        "Condition",
    }
)
VARIABLES_VERSION = "2012-10-17"
VARIABLE = re.compile(r"\$\{([^},]+?)(?:\s*,\s*'([^']*)')?\}")
LITERAL_VARIABLES = {"*": "*", "?": "?", "$": "$"}
NO_VALUE = "\0"  # stands for a variable without a value: equal to nothing that a request can hold


class Verdict(Enum):
    """What policies say to a request, the strongest word first."""

    DENY = "explicit deny"
    ALLOW = "allow"
    ALLOW_ROLE = "allow to the role, within its permissions boundary"
    ALLOW_ACCOUNT = "allow to the account, which must allow its principal in turn"
    SILENT = "no word"


@dataclass(frozen=True)
class Question:
    """A request as policies see it: who (principal and session ARN, unique id, or a service), what, on what, how."""

    action: str
    resource: str
    account_id: str = ""
    principal_arn: str = ""
    session_arn: str = ""
    service: str = ""
    context: Context = field(default_factory=dict)
    principal_id: str = ""


@lru_cache(maxsize=1024)
def parse_document(text: str) -> Mapping[str, Any]:
    """Read a policy's JSON text; the answer is shared and must not be changed."""
    document = json.loads(text)
    if not isinstance(document, dict):
        raise UnsupportedPolicy("a policy that is no JSON object")
    return document


def statements(document: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    """Return the statements of a document, also when there is only one without a list."""
    found = document.get("Statement", [])
    return found if isinstance(found, list) else [found]


def evaluate(
    documents: Iterable[Mapping[str, Any]], question: Question, *, names_principals: bool
) -> Verdict:
    """Return the strongest word of the policies; `names_principals` for bucket, trust and key policies."""
    verdict = Verdict.SILENT
    for document in documents:
        resolve = _resolver(document, question.context)
        for statement in statements(document):
            word = _word(statement, question, resolve, names_principals)
            verdict = min(verdict, word, key=list(Verdict).index)
    return verdict


def _word(
    statement: Mapping[str, Any], question: Question, resolve: Callable[[str], str], names_principals: bool
) -> Verdict:
    if not _is_about(statement, question, resolve, names_principals):
        return Verdict.SILENT
    word = _principal_word(statement, question) if names_principals else Verdict.ALLOW
    if word is Verdict.SILENT or not conditions.holds(
        statement.get("Condition", {}), question.context, resolve
    ):
        return Verdict.SILENT
    return word if statement.get("Effect") == "Allow" else Verdict.DENY


def _is_about(
    statement: Mapping[str, Any], question: Question, resolve: Callable[[str], str], names_principals: bool
) -> bool:
    if unknown := set(statement) - ELEMENTS:
        raise UnsupportedPolicy(f"policy element {', '.join(sorted(unknown))}")
    has_resource = "Resource" in statement or "NotResource" in statement
    about_action = _listed(statement, "Action", lambda text: matches_action(text, question.action))
    # A trust policy has no resource: it is about the role that carries it.
    return about_action and (
        _listed(statement, "Resource", lambda text: matches_arn(resolve(text), question.resource))
        if has_resource
        else names_principals
    )


def _listed(statement: Mapping[str, Any], element: str, matches: Callable[[str], bool]) -> bool:
    if f"Not{element}" in statement:
        return not any(matches(text) for text in as_list(statement[f"Not{element}"]))
    return any(matches(text) for text in as_list(statement.get(element, [])))


def _principal_word(statement: Mapping[str, Any], question: Question) -> Verdict:
    if "NotPrincipal" in statement:
        raise UnsupportedPolicy("NotPrincipal")
    principal = statement.get("Principal", {})
    named = {"AWS": principal} if isinstance(principal, str) else principal
    if question.service:
        return Verdict.ALLOW if question.service in as_list(named.get("Service", [])) else Verdict.SILENT
    words = [_aws_principal_word(text, question) for text in as_list(named.get("AWS", []))]
    return min(words, key=list(Verdict).index, default=Verdict.SILENT)


def _aws_principal_word(text: str, question: Question) -> Verdict:
    if text in ("*", question.session_arn):
        return Verdict.ALLOW
    # Of those who have an id, a kept policy holds it in place of the ARN: see unique_ids.py.
    if text == (question.principal_id or question.principal_arn):
        return Verdict.ALLOW_ROLE if ":role/" in question.principal_arn else Verdict.ALLOW
    account_forms = (question.account_id, f"arn:aws:iam::{question.account_id}:root")
    return Verdict.ALLOW_ACCOUNT if text in account_forms else Verdict.SILENT


def as_list(value: Any) -> list[str]:
    """Return a policy's value as a list, also when it is a single text."""
    return value if isinstance(value, list) else [value]


def _resolver(document: Mapping[str, Any], context: Context) -> Callable[[str], str]:
    if document.get("Version") != VARIABLES_VERSION:
        return str

    def value_of(variable: re.Match[str]) -> str:
        name, default = variable.groups()
        if name in LITERAL_VARIABLES:
            return literal(LITERAL_VARIABLES[name])
        values = context.get(name.lower(), ())
        return literal(values[0]) if len(values) == 1 else (default if default is not None else NO_VALUE)

    return lambda text: VARIABLE.sub(value_of, text)
