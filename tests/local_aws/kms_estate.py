"""Keys and statements that tests of KMS share."""

from __future__ import annotations

from typing import Any

from tests.local_aws.conftest import Account, policy

ANY_KEY = {"Action": "kms:*", "Resource": "*"}
DENIED = "is not authorized to perform: kms:"


def root(account: Account) -> dict[str, str]:
    return {"AWS": f"arn:aws:iam::{account.id}:root"}


def role_arn(account: Account, name: str) -> str:
    return f"arn:aws:iam::{account.id}:role/{name}"


def key_of(owner: Account, *statements: dict[str, Any]) -> str:
    """Make a key that its owner manages, with these statements in its policy; return its ARN."""
    manage = {"Principal": root(owner), **ANY_KEY}
    arn: str = owner.client("kms").create_key(Policy=policy(manage, *statements))["KeyMetadata"]["Arn"]
    return arn


def use(*actions: str, **more: Any) -> dict[str, Any]:
    """A statement about whichever key."""
    return {"Action": list(actions) or ["kms:Decrypt", "kms:GenerateDataKey"], "Resource": "*", **more}
