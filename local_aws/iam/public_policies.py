"""Is a bucket policy public, as Block Public Access means it.

See "The meaning of 'public'" in the S3 user guide: it allows something to everybody, and no condition narrows that to
fixed values of who asks, or from where.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from typing import Any

from local_aws.iam.policy import as_list, statements

NARROWING = frozenset(
    key.lower()
    for key in (
        *("aws:PrincipalArn", "aws:PrincipalAccount", "aws:userid", "aws:SourceIp", "aws:SourceArn"),
        *("aws:SourceAccount", "aws:SourceVpc", "aws:SourceVpce"),
        "s3:x-amz-server-side-encryption-aws-kms-key-id",
    )
)
EQUALITIES = frozenset({"stringequals", "stringlike", "arnequals", "arnlike", "ipaddress"})
WIDEST = {4: 8, 6: 32}  # a wider network than that is public, unless it is a private one


def is_public(document: Mapping[str, Any]) -> bool:
    """Whether one statement of a bucket policy allows something to everybody."""
    return any(
        statement.get("Effect") == "Allow" and _names_everybody(statement) and not _is_narrowed(statement)
        for statement in statements(document)
    )


def _names_everybody(statement: Mapping[str, Any]) -> bool:
    principal = statement.get("Principal", {})
    return principal == "*" or "*" in as_list(principal.get("AWS", []))


def _is_narrowed(statement: Mapping[str, Any]) -> bool:
    return any(
        operator.lower() in EQUALITIES and key.lower() in NARROWING and all(map(_is_fixed, as_list(values)))
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
    )


def _is_fixed(value: Any) -> bool:
    return not _is_broad(str(value)) and not any(sign in str(value) for sign in "*?$")


def _is_broad(value: str) -> bool:
    try:
        network = ipaddress.ip_network(value, strict=False)
    except ValueError:
        return False
    return network.prefixlen < WIDEST[network.version] and not network.is_private
