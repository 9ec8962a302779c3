"""Yes or no by all policies together: a row is a rule of "Policy evaluation logic", its name says which."""

from __future__ import annotations

from typing import Any

import pytest

from local_aws.iam.decision import Policies, refusal
from local_aws.iam.policy import Question

OWN, OTHER = "111111111111", "222222222222"
ROLE = f"arn:aws:iam::{OWN}:role/reader"
USER = f"arn:aws:iam::{OWN}:user/ann"
SESSION = f"arn:aws:sts::{OWN}:assumed-role/reader/test"
YES, NO, SILENT = "Allow", "Deny", None


def document(effect: str | None, principal: Any = None) -> dict[str, Any]:
    """A policy about everything that says yes, no or nothing."""
    statement = {"Effect": effect or "Allow", "Action": "*" if effect else "none:*", "Resource": "*"}
    named = {"Principal": principal} if principal else {}
    return {"Version": "2012-10-17", "Statement": [{**statement, **named}]}


def answer(
    identity: str | None,
    resource: str | None,
    *,
    names: Any = None,
    owner: str = OWN,
    boundary: str | None = "none",
    decides: bool = False,
    who: str = ROLE,
) -> str | None:
    """Why not, or None for yes."""
    session = SESSION if who == ROLE else who
    asked = Question("s3:GetObject", "arn:aws:s3:::bucket/a", OWN, who, session)
    limits = None if boundary == "none" else document(boundary)
    policies = Policies([document(identity)], limits, document(resource, names or {"AWS": who}), decides)
    return refusal(asked, owner, policies)


@pytest.mark.parametrize(
    ("rule", "identity", "resource", "more", "allowed"),
    [
        ("in one account the caller's policy is enough", YES, SILENT, {}, True),
        ("in one account the resource's policy is enough", SILENT, YES, {}, True),
        ("but not when it names the account alone", SILENT, YES, {"names": {"AWS": OWN}}, False),
        ("nothing allows nothing", SILENT, SILENT, {}, False),
        ("a deny of the caller's policies wins", NO, YES, {}, False),
        ("a deny of the resource's policy wins", YES, NO, {}, False),
        ("a key's policy must allow, too", YES, SILENT, {"decides": True}, False),
        ("a key's policy is enough when it names the role", SILENT, YES, {"decides": True}, True),
        ("or it hands over to the account", YES, YES, {"decides": True, "names": {"AWS": OWN}}, True),
        ("and then the caller's policy must allow", SILENT, YES, {"decides": True, "names": {"AWS": OWN}}, False),
        ("across accounts both say yes", YES, YES, {"owner": OTHER}, True),
        ("across accounts naming the account will do", YES, YES, {"owner": OTHER, "names": {"AWS": OWN}}, True),
        ("across accounts the caller's policy is not enough", YES, SILENT, {"owner": OTHER}, False),
        ("across accounts the resource's policy is not enough", SILENT, YES, {"owner": OTHER}, False),
        ("a boundary allows nothing by itself", SILENT, SILENT, {"boundary": YES}, False),
        ("a boundary limits the caller's policies", YES, SILENT, {"boundary": SILENT}, False),
        ("a boundary limits what is granted to a role", SILENT, YES, {"boundary": SILENT}, False),
        ("not what is granted to its session", SILENT, YES, {"boundary": SILENT, "names": {"AWS": SESSION}}, True),
        ("not what is granted to a user", SILENT, YES, {"boundary": SILENT, "who": USER}, True),
        ("not what is granted to everybody", SILENT, YES, {"boundary": SILENT, "names": "*"}, True),
        ("a deny of the boundary wins over all of them", YES, YES, {"boundary": NO, "who": USER}, False),
        ("within the boundary all is as without", YES, SILENT, {"boundary": YES}, True),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)  # fmt: skip
def test_who_may(
    rule: str, identity: str | None, resource: str | None, more: dict[str, Any], allowed: bool
) -> None:
    assert (answer(identity, resource, **more) is None) == allowed, rule
