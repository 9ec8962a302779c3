"""What makes a policy malformed when it is put: one door for bucket, key, trust and identity policies.

S3 knows its own actions and refuses others. IAM takes any well-formed name in an identity policy, a misspelt one too:
it grants nothing. Beside AWS's own rules, a bucket, key or trust policy is malformed here when it names what would be
stored and then never evaluated: principals of other kinds, NotPrincipal; of a bucket or key also conditions.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from local_aws.calls import AwsError
from local_aws.iam import s3_actions, store
from local_aws.iam.arns import bucket_arn
from local_aws.iam.conditions import UnsupportedPolicy, check_supported
from local_aws.iam.policy import ELEMENTS, as_list
from local_aws.iam.wildcards import matches_arn

LARGEST_KEY_POLICY = 32768
VERSIONS = ("2012-10-17", "2008-10-17")
DOCUMENT_ELEMENTS = frozenset({"Version", "Id", "Statement"})
ACTION = re.compile(r"\*|[A-Za-z0-9-]+:[A-Za-z0-9*?]+")
TRUST_ACTIONS = frozenset(
    f"sts:{name}".lower()
    for name in (
        *("AssumeRole", "AssumeRoleWithSAML", "AssumeRoleWithWebIdentity"),
        *("TagSession", "SetSourceIdentity", "SetContext"),
    )
)
Statement = Mapping[str, Any]


class Malformed(Exception):  # noqa: N818 - it is about a policy, and is no error of the program
    """A policy is not one that AWS takes."""


def check_bucket_policy(bucket: str, text: str) -> None:
    """Raise MalformedPolicy, as S3 does."""
    try:
        for statement in _statements(text):
            _check_principals(statement)
            _check_bucket_statement(bucket, statement)
    except Malformed as malformed:
        raise AwsError("MalformedPolicy", str(malformed)) from malformed


def check_key_policy(text: str) -> None:
    """Raise MalformedPolicyDocumentException, as KMS does; LimitExceededException for one of more than 32 KiB."""
    if len(text.encode()) > LARGEST_KEY_POLICY:
        raise AwsError("LimitExceededException", f"A key policy has at most {LARGEST_KEY_POLICY} bytes")
    try:
        for statement in _statements(text):
            _check_principals(statement)
            if not _texts(statement, "Resource"):
                raise Malformed("Missing required field Resource")
            _check_conditions(statement)
    except Malformed as malformed:
        raise AwsError("MalformedPolicyDocumentException", str(malformed)) from malformed


def check_trust_policy(text: str) -> None:
    """Raise MalformedPolicyDocument, as IAM does for a role's trust policy."""
    try:
        for statement in _statements(text):
            _check_principals(statement)
            _check_trust_statement(statement)
    except Malformed as malformed:
        raise AwsError("MalformedPolicyDocument", str(malformed)) from malformed


def check_identity_policy(text: str) -> None:
    """Raise MalformedPolicyDocument, as IAM does for a policy of a user, group or role."""
    try:
        for statement in _statements(text):
            if {"Principal", "NotPrincipal"} & set(statement):
                raise Malformed("Policy document should not specify a principal.")
            if not _texts(statement, "Resource"):
                raise Malformed("Policy statement must contain resources.")
    except Malformed as malformed:
        raise AwsError("MalformedPolicyDocument", str(malformed)) from malformed


def _statements(text: str) -> list[Statement]:
    try:
        document = json.loads(text)
    except ValueError as error:
        raise Malformed("Policies must be valid JSON and the first byte must be '{'") from error
    if not isinstance(document, dict):
        raise Malformed("Policies must be valid JSON and the first byte must be '{'")
    _refuse_unknown(document, DOCUMENT_ELEMENTS)
    if document.get("Version", VERSIONS[0]) not in VERSIONS:
        raise Malformed("The policy must contain a valid version string")
    found = document.get("Statement") or []
    statements = found if isinstance(found, list) else [found]
    if not statements:
        raise Malformed("Missing required field Statement")
    for statement in statements:
        _check_statement(statement)
    return statements


def _check_statement(statement: Any) -> None:
    if not isinstance(statement, dict):
        raise Malformed("Invalid policy syntax: a statement is no object.")
    _refuse_unknown(statement, ELEMENTS)
    if "Effect" not in statement:
        raise Malformed("Missing required field Effect")
    if statement["Effect"] not in ("Allow", "Deny"):
        raise Malformed(f"Invalid effect: {statement['Effect']}")
    if not isinstance(statement.get("Condition", {}), dict):
        raise Malformed("Invalid policy syntax: Condition is no object.")
    _texts(statement, "Resource")
    actions = _texts(statement, "Action")
    if not actions:
        raise Malformed("Missing required field Action")
    for action in actions:
        if not ACTION.fullmatch(action):
            raise Malformed(
                f"Actions/Conditions must be prefaced by a vendor, e.g., iam, sdb, ec2, etc.: {action}"
            )


def _refuse_unknown(found: Statement, known: frozenset[str]) -> None:
    if unknown := set(found) - known:
        raise Malformed(f"Unknown field {', '.join(sorted(unknown))}")


def _texts(statement: Statement, element: str) -> list[str]:
    """Return what an element or its negation lists; both of them, or anything but texts, is malformed."""
    if element in statement and f"Not{element}" in statement:
        raise Malformed(f"Invalid policy syntax: {element} and Not{element} in one statement.")
    values = as_list(statement.get(element, statement.get(f"Not{element}", [])))
    if not all(isinstance(value, str) for value in values):
        raise Malformed(f"Invalid policy syntax: {element} is no text.")
    return values


def _check_principals(statement: Statement) -> None:
    """Every principal exists, and is of a kind that is evaluated here."""
    principal = statement.get("Principal")
    if not principal:
        raise Malformed("Missing required field Principal")
    named = {"AWS": principal} if principal == "*" else principal
    if not isinstance(named, dict):
        raise Malformed("Invalid principal in policy")
    if unknown := set(named) - {"AWS", "Service"}:
        raise Malformed(f"The local AWS does not evaluate principals of kind {', '.join(sorted(unknown))}")
    for arn in as_list(named.get("AWS", [])):
        if arn != "*" and not store.principal_exists(str(arn)):
            raise Malformed("Invalid principal in policy")


def _check_bucket_statement(bucket: str, statement: Statement) -> None:
    resources = _texts(statement, "Resource")
    if not resources:
        raise Malformed("Missing required field Resource")
    for pattern in resources:
        if not matches_arn(pattern.split("/", 1)[0], bucket_arn(bucket)):
            raise Malformed("Policy has invalid resource")
    for action in _texts(statement, "Action"):
        if not s3_actions.is_action(action):
            raise Malformed("Policy has invalid action")
        is_plain = "Action" in statement and "Resource" in statement
        if is_plain and not any(s3_actions.applies_to(action, pattern) for pattern in resources):
            raise Malformed("Action does not apply to any resource(s) in statement")
    _check_conditions(statement)


def _check_conditions(statement: Statement) -> None:
    try:
        check_supported(statement.get("Condition", {}))
    except (UnsupportedPolicy, AttributeError) as unsupported:
        raise Malformed(f"The local AWS does not evaluate {unsupported}") from unsupported


def _check_trust_statement(statement: Statement) -> None:
    if {"Resource", "NotResource"} & set(statement):
        raise Malformed("Has prohibited field Resource")
    if "Action" not in statement:
        raise Malformed("Missing required field Action")
    if any(action.lower() not in TRUST_ACTIONS for action in _texts(statement, "Action")):
        raise Malformed("AssumeRole policy may only specify STS AssumeRole actions.")
