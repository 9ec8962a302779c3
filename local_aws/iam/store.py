"""Users, roles and their policies as moto's IAM keeps them, of any account."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, cast

from moto.iam.models import iam_backends

from local_aws.calls import MANAGEMENT_ACCOUNT
from local_aws.iam.policy import parse_document
from local_aws.stores import STORE_LOCK

ORGANIZATION_ROLE = "OrganizationAccountAccessRole"
PRINCIPAL_ARN = re.compile(r"arn:aws:iam::(\d{12}):(role|user)/(?:.*/)?([^/]+)")
ROOT_ARN = re.compile(r"(?:arn:aws:iam::)?\d{12}(?::root)?")
UNIQUE_ID_PREFIXES = ("AROA", "AIDA")
SESSION_ARN = re.compile(r"arn:aws:sts::(\d{12}):assumed-role/([^/]+)/[^/]+")


@dataclass(frozen=True)
class UserKey:
    """An access key that IAM gave to a user."""

    account_id: str
    user_arn: str
    active: bool


def is_organization_role(arn: str) -> bool:
    """Whether an ARN is that of the administrators' role that every account has without creating it."""
    return re.fullmatch(rf"arn:aws:iam::\d{{12}}:role/{ORGANIZATION_ROLE}", arn) is not None


def find_principal(arn: str) -> Any | None:
    """Return moto's role or user with exactly this ARN, path included, or None."""
    parts = PRINCIPAL_ARN.fullmatch(arn)
    if parts is None:
        return None
    account_id, kind, _ = parts.groups()
    with STORE_LOCK:
        backend = iam_backends[account_id]["aws"]
        candidates = backend.roles.values() if kind == "role" else backend.users.values()
        return next((found for found in candidates if found.arn == arn), None)


def find_role_by_name(account_id: str, name: str) -> Any | None:
    """Return moto's role of this name, whatever its path, or None."""
    with STORE_LOCK:
        roles = iam_backends[account_id]["aws"].roles.values()
        return next((role for role in roles if role.name == name), None)


def find_user_by_name(account_id: str, name: str) -> Any | None:
    """Return moto's user of this name, whatever its path, or None."""
    with STORE_LOCK:
        return iam_backends[account_id]["aws"].users.get(name)


def unique_id(arn: str) -> str:
    """Return the id of a role or user (`AROA…`, `AIDA…`), which no other will ever have; empty when there is none."""
    found = find_principal(arn)
    return str(found.id) if found is not None else ""


def arn_of_unique_id(unique_id: str) -> str:
    """Return the ARN of the role or user with this id, in whichever account; empty when there is none (any more)."""
    if not unique_id.startswith(UNIQUE_ID_PREFIXES):
        return ""
    with STORE_LOCK:
        for _, account in list(iam_backends.items()):
            backend = account["aws"]
            for found in (*backend.roles.values(), *backend.users.values()):
                if found.id == unique_id:
                    return str(found.arn)
    return ""


def principal_exists(arn: str) -> bool:
    """Whether a policy may name this principal: any account, else a role, user or role session that exists."""
    if ROOT_ARN.fullmatch(arn) or is_organization_role(arn):
        return True
    if session := SESSION_ARN.fullmatch(arn):
        return find_role_by_name(session[1], session[2]) is not None
    return find_principal(arn) is not None or arn == f"arn:aws:iam::{MANAGEMENT_ACCOUNT}:user/administrator"


def find_user_key(key: str) -> UserKey | None:
    """Return the user whom IAM gave an access key to, or None."""
    with STORE_LOCK:
        for account_id, account in list(iam_backends.items()):
            found = account["aws"].access_keys.get(key)
            if found is not None and found.user_name is not None:
                user = account["aws"].users.get(found.user_name)
                active = user is not None and found.status == "Active"
                return UserKey(account_id, getattr(user, "arn", ""), active)
    return None


def identity_policies(arn: str) -> list[Mapping[str, Any]]:
    """Return the policies of a role or user: inline, attached, and those of a user's groups."""
    with STORE_LOCK:
        found = find_principal(arn)
        return [parse_document(text) for text in _policy_texts(found)] if found is not None else []


def permissions_boundary(arn: str) -> Mapping[str, Any] | None:
    """Return the permissions boundary of a role, or None; one that is gone allows nothing."""
    with STORE_LOCK:
        boundary = getattr(find_principal(arn), "permissions_boundary_arn", None)
        if boundary is None:
            return None
        account_id = arn.split(":")[4]
        policy = iam_backends[account_id]["aws"].managed_policies.get(boundary)
        return parse_document(_default_version(policy)) if policy is not None else {}


def _policy_texts(principal: Any) -> Iterator[str]:
    holders = [principal]
    if hasattr(principal, "access_keys"):
        backend = iam_backends[principal.account_id]["aws"]
        holders += [group for group in backend.groups.values() if principal in group.users]
    for holder in holders:
        yield from (_as_text(text) for text in holder.policies.values())
        yield from (_default_version(policy) for policy in holder.managed_policies.values())


def _default_version(policy: Any) -> str:
    version = next(version for version in policy.versions if version.version_id == policy.default_version_id)
    return _as_text(version.document)


def _as_text(document: Any) -> str:
    return cast("str", document.decode() if isinstance(document, bytes) else document)
