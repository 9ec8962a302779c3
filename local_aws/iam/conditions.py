"""The Condition block of a policy statement.

See "IAM JSON policy elements: Condition operators" in the IAM user guide.

An operator or a key that is not listed here raises UnsupportedPolicy: whoever asks must then refuse, never grant.
"""

from __future__ import annotations

import ipaddress
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from operator import eq, ge, gt, le, lt
from typing import Any

from local_aws.iam.wildcards import matches_arn, matches_text, plain

Context = Mapping[str, Sequence[str]]  # keys in lower case; a key that is missing is not there at all
Comparison = Callable[[str, str], bool]  # (value in the policy, value in the request)

KNOWN_KEYS = frozenset(
    key.lower()
    for key in (
        *("aws:PrincipalArn", "aws:PrincipalAccount", "aws:PrincipalType", "aws:PrincipalIsAWSService"),
        *(
            "aws:username",
            "aws:userid",
            "aws:SourceIp",
            "aws:SecureTransport",
            "aws:CurrentTime",
            "aws:EpochTime",
        ),
        *("aws:RequestedRegion", "aws:ResourceAccount", "aws:SourceArn", "aws:SourceAccount"),
        *("aws:SourceVpc", "aws:SourceVpce", "aws:MultiFactorAuthPresent"),
        *("aws:CalledVia", "aws:CalledViaFirst", "aws:CalledViaLast", "aws:ViaAWSService"),
        *("s3:prefix", "s3:delimiter", "s3:max-keys", "s3:x-amz-acl", "s3:VersionId", "s3:ResourceAccount"),
        *("s3:x-amz-server-side-encryption", "s3:x-amz-server-side-encryption-aws-kms-key-id"),
        *("s3:signatureversion", "s3:TlsVersion", "s3:if-match", "s3:if-none-match"),
        *("sts:ExternalId", "sts:RoleSessionName", "sts:SourceIdentity"),
        *("iam:PassedToService", "iam:PermissionsBoundary"),
        *("kms:ViaService", "kms:CallerAccount", "kms:EncryptionContextKeys"),
    )
)
ENCRYPTION_CONTEXT = "kms:encryptioncontext:"  # with the key of an encryption context behind it


class UnsupportedPolicy(Exception):  # noqa: N818 - it is about a policy, and is no error of the program
    """A policy says something that the local AWS does not evaluate."""


def holds(block: Mapping[str, Mapping[str, Any]], context: Context, resolve: Callable[[str], str]) -> bool:
    """Whether all conditions of a block hold; `resolve` replaces policy variables in a value."""
    results = [
        _condition_holds(operator, key, [resolve(value) for value in _texts(values)], context)
        for operator, keys in block.items()
        for key, values in keys.items()
    ]
    return all(results)


def check_supported(block: Mapping[str, Mapping[str, Any]]) -> None:
    """Raise UnsupportedPolicy when a block has an operator or a key that is not evaluated here."""
    holds(block, {}, str)


def _condition_holds(operator: str, key: str, wanted: list[str], context: Context) -> bool:
    qualifier, name, if_exists = _split(operator)
    if key.lower() not in KNOWN_KEYS and not key.lower().startswith(ENCRYPTION_CONTEXT):
        raise UnsupportedPolicy(f"condition key {key}")
    given = context.get(key.lower())
    if name == "null":
        return (given is None) == (wanted[0].lower() == "true")
    compare, negated = _comparison(operator, name)
    if compare not in (matches_text, matches_arn):
        wanted = [plain(value) for value in wanted]
    if given is None:
        # A set without members has no value that could match, IfExists or not; seen in AWS itself.
        return qualifier != "foranyvalue" and (if_exists or negated or qualifier == "forallvalues")
    found = [any(compare(value, text) for value in wanted) != negated for text in given]
    return any(found) if qualifier == "foranyvalue" or (not qualifier and not negated) else all(found)


def _split(operator: str) -> tuple[str, str, bool]:
    qualifier, _, name = operator.lower().rpartition(":")
    if qualifier not in ("", "foranyvalue", "forallvalues"):
        raise UnsupportedPolicy(f"condition operator {operator}")
    return qualifier, name.removesuffix("ifexists"), name.endswith("ifexists")


def _comparison(operator: str, name: str) -> tuple[Comparison, bool]:
    if name in COMPARISONS:
        return COMPARISONS[name], False
    positive = name.replace("not", "", 1)
    if positive in NEGATABLE and "not" in name:
        return COMPARISONS[positive], True
    raise UnsupportedPolicy(f"condition operator {operator}")


def _texts(values: Any) -> Iterable[str]:
    for value in values if isinstance(values, list) else [values]:
        yield str(value).lower() if isinstance(value, bool) else str(value)


def _equal_ignoring_case(wanted: str, given: str) -> bool:
    return wanted.lower() == given.lower()


def _in_network(wanted: str, given: str) -> bool:
    try:
        return ipaddress.ip_address(given) in ipaddress.ip_network(wanted, strict=False)
    except ValueError:
        return False


def _numbers(test: Callable[[Any, Any], bool]) -> Comparison:
    def compare(wanted: str, given: str) -> bool:
        try:
            return test(Decimal(given), Decimal(wanted))
        except InvalidOperation:
            return False

    return compare


def _dates(test: Callable[[Any, Any], bool]) -> Comparison:
    def compare(wanted: str, given: str) -> bool:
        try:
            return test(_moment(given), _moment(wanted))
        except ValueError:
            return False

    return compare


def _moment(text: str) -> datetime:
    if text.lstrip("-").isdigit():
        return datetime.fromtimestamp(int(text), UTC)
    moment = datetime.fromisoformat(text)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


ORDERS = {"equals": eq, "lessthan": lt, "lessthanequals": le, "greaterthan": gt, "greaterthanequals": ge}
COMPARISONS: dict[str, Comparison] = {
    "stringequals": eq,
    "stringequalsignorecase": _equal_ignoring_case,
    "stringlike": matches_text,
    "arnequals": matches_arn,
    "arnlike": matches_arn,
    "bool": _equal_ignoring_case,
    "ipaddress": _in_network,
    **{f"numeric{order}": _numbers(test) for order, test in ORDERS.items()},
    **{f"date{order}": _dates(test) for order, test in ORDERS.items()},
}
NEGATABLE = frozenset(
    {
        *("stringequals", "stringequalsignorecase", "stringlike", "arnequals", "arnlike"),
        *("ipaddress", "numericequals", "dateequals"),
    }
)
