"""Policies and requests that nobody would write, from a seed: every element, operator and principal that is evaluated.

Texts are drawn from few words, so that patterns and values meet what is asked more often than not.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from tests.local_aws.oracle.engine import Asked, Batch, Policy, Principal

A, B = "111111111111", "222222222222"
ROLE, OTHER_ROLE = f"arn:aws:iam::{A}:role/reader", f"arn:aws:iam::{A}:role/writer"
PEER, USER = f"arn:aws:iam::{B}:role/reader", f"arn:aws:iam::{A}:user/ann"
KEY = f"arn:aws:kms:eu-west-1:{A}:key/1234abcd-12ab-34cd-56ef-1234567890ab"
TARGET_ROLE = f"arn:aws:iam::{A}:role/target"
TABLE = f"arn:aws:glue:eu-west-1:{A}:table/sales/january"
WORKGROUP = f"arn:aws:athena:eu-west-1:{A}:workgroup/sales"
BUCKET, OBJECT = "arn:aws:s3:::sales", "arn:aws:s3:::sales/ann/2024.csv"
ABOUT = {
    "s3:GetObject": OBJECT,
    "s3:PutObject": OBJECT,
    "s3:ListBucket": BUCKET,
    "kms:Decrypt": KEY,
    "kms:GenerateDataKey": KEY,
    "glue:GetTable": TABLE,
    "athena:StartQueryExecution": WORKGROUP,
    "sts:AssumeRole": TARGET_ROLE,
}
WITH_POLICY = ("s3", "kms", "sts")
NAMES = ["StringEquals", "StringNotEquals", "StringLike", "StringNotLike"]
NAMES += ["StringEqualsIgnoreCase", "StringNotEqualsIgnoreCase"]
ARNS = ["ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike"]
ORDERS = ["Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals"]
IN_NETWORK = ["IpAddress", "NotIpAddress"]


@dataclass(frozen=True)
class Key:
    """A condition key: which operators compare it, what a request may hold and what a policy may say."""

    name: str
    operators: Sequence[str]
    held: Sequence[str]
    wanted: Sequence[str]
    of: str = ""  # the actions that have it begin so
    is_list: bool = False


KEYS = [
    Key("aws:SourceIp", IN_NETWORK, ["10.1.2.3", "192.0.2.7"], ["10.0.0.0/8", "10.1.2.3", "192.0.2.0/24"]),
    Key(
        "aws:CurrentTime",
        [f"Date{order}" for order in ORDERS],
        ["2026-11-24T12:00:00Z"],
        ["2026-11-24T12:00:00Z", "2026-11-25T00:00:00Z", "2024-01-01T00:00:00Z"],
    ),
    Key("aws:SecureTransport", ["Bool"], ["true", "false"], ["true", "false"]),
    Key("aws:ViaAWSService", ["Bool"], ["true", "false"], ["true", "false"]),
    Key("aws:RequestedRegion", NAMES, ["eu-west-1", "us-east-1"], ["eu-west-1", "eu-*", "EU-WEST-1"]),
    Key("aws:SourceAccount", NAMES, [A, B], [A, B, "1*"]),
    Key("aws:PrincipalAccount", NAMES, [], [A, B, "2*"]),
    Key("aws:ResourceAccount", NAMES, [], [A, B, "?11111111111"]),
    Key("aws:PrincipalArn", ARNS, [], [ROLE, PEER, f"arn:aws:iam::{A}:*", "arn:aws:iam::*:role/*"]),
    Key("aws:SourceArn", ARNS, [BUCKET, WORKGROUP], [BUCKET, "arn:aws:s3:::s*", "arn:aws:*:*:*:*"]),
    Key(
        "aws:CalledVia",
        NAMES,
        ["athena.amazonaws.com", "glue.amazonaws.com"],
        ["athena.amazonaws.com", "*.amazonaws.com", "kms.amazonaws.com"],
        is_list=True,
    ),
    Key("s3:prefix", NAMES, ["ann/", "ann/2024", "bob/"], ["ann/*", "ann/", "Ann/", "${aws:username}/*"], "s3:List"),
    Key("s3:delimiter", NAMES, ["/"], ["/", "?"], "s3:List"),
    Key("s3:max-keys", [f"Numeric{order}" for order in ORDERS], ["10", "100"], ["10", "50", "100"], "s3:List"),
    Key("s3:x-amz-server-side-encryption", NAMES, ["AES256", "aws:kms"], ["aws:kms", "AES*"], "s3:Put"),
    Key("sts:ExternalId", NAMES, ["one", "two"], ["one", "ONE", "t*"], "sts:"),
    Key("kms:ViaService", NAMES, ["s3.eu-west-1.amazonaws.com"], ["s3.eu-west-1.amazonaws.com", "s3.*"], "kms:"),
    Key("kms:CallerAccount", NAMES, [], [A, B], "kms:"),
    Key("kms:EncryptionContext:object", NAMES, [OBJECT], [OBJECT, "arn:aws:s3:::sales*", BUCKET], "kms:"),
    Key("kms:EncryptionContextKeys", NAMES, ["aws:s3:arn", "table"], ["aws:s3:arn", "t*"], "kms:", is_list=True),
]  # fmt: skip


class Generator:
    """Draws batches of one question; the same seed draws the same."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed)
        self._has_name = False  # whether who asks gives the variable aws:username a value

    def batches(self, count: int) -> list[Batch]:
        """As many questions, each with policies of its own."""
        return [self._batch() for _ in range(count)]

    def _batch(self) -> Batch:
        draw = self._random
        action = draw.choice(list(ABOUT))
        arn, owner = draw.choice([ROLE, ROLE, USER, PEER]), A
        self._has_name = arn == USER
        boundary = self._policy(action, self._statement) if draw.random() < 0.25 else None
        identity = [self._policy(action, self._statement) for _ in range(draw.choice([1, 1, 2]))]
        principal = Principal(arn, identity, boundary)
        has_policy = action.split(":")[0] in WITH_POLICY and draw.random() < 0.8
        resources = {"own": self._policy(action, self._resource_statement)} if has_policy else {}
        decides = action.startswith(("kms:", "sts:"))
        if decides and not has_policy:
            resources = {"own": _policy({"Effect": "Allow", "Principal": {"AWS": A}, **_all_of(action)})}
        asked = Asked(action, ABOUT[action], owner, "own" if resources else None, self._context(action))
        return Batch(principal, [asked], resources)

    def _policy(self, action: str, statement: Callable[[str], dict[str, Any]]) -> Policy:
        return _policy(*(statement(action) for _ in range(self._random.choice([1, 1, 2, 3]))))

    def _statement(self, action: str) -> dict[str, Any]:
        draw = self._random
        made = {"Effect": draw.choices(["Allow", "Deny"], [4, 1])[0], **self._actions(action)}
        element = draw.choices(["Resource", "NotResource"], [6, 1])[0]
        made[element] = self._some(self._sayable(self._patterns(ABOUT[action]), element))
        return {**made, **self._conditions(action)}

    def _resource_statement(self, action: str) -> dict[str, Any]:
        made = {**self._statement(action), "Principal": self._principal()}
        if action == "sts:AssumeRole":
            made.pop("Resource", made.pop("NotResource", None))
            made.pop("NotAction", None)
            return {**made, "Action": "sts:AssumeRole"}
        if action.startswith("kms:") and "Resource" in made:
            made["Resource"] = "*"
        return made

    def _actions(self, action: str) -> dict[str, Any]:
        service, name = action.split(":")
        near = [action, action, action.lower(), f"{service}:*", f"{service}:{name[:3]}*", f"{action[:-1]}?"]
        far = [
            "s3:DeleteObject",
            "kms:Encrypt",
            "glue:GetDatabase",
            "sts:TagSession",
            f"{service}:{name[:-1]}",
        ]
        element = self._random.choices(["Action", "NotAction"], [8, 1])[0]
        return {element: self._some([*near, *near, *far])}

    def _patterns(self, arn: str) -> list[str]:
        head, name = arn.rsplit(":", 1)
        near = [
            "*",
            arn,
            arn,
            f"{head}:*",
            f"{arn[:-3]}*",
            f"{arn[:-1]}?",
            arn.replace("ann", "${aws:username}"),
        ]
        far = [f"{arn}x", arn.upper(), f"{head}:other/{name}", arn.replace(A, B)]
        return [*near, *near, *far]

    def _principal(self) -> Any:
        session = f"arn:aws:sts::{A}:assumed-role/reader/test"
        named = [ROLE, ROLE, OTHER_ROLE, USER, PEER, A, B, f"arn:aws:iam::{A}:root", session]
        service = {"Service": "quicksight.amazonaws.com"}
        some = {"AWS": self._some(named)}
        return self._random.choices(
            [some, "*", {"AWS": "*"}, service, {**some, **service}], [12, 1, 1, 1, 1]
        )[0]

    def _conditions(self, action: str) -> dict[str, Any]:
        draw, block = self._random, dict[str, dict[str, Any]]()
        for _ in range(draw.choices([0, 1, 2], [5, 4, 2])[0]):
            key = draw.choice([each for each in KEYS if action.startswith(each.of)])
            operator = self._operator(key)
            wanted = self._some(self._sayable(key.wanted, operator))
            block.setdefault(operator, {})[key.name] = (
                draw.choice(["true", "false"]) if operator == "Null" else wanted
            )
        return {"Condition": block} if block else {}

    def _operator(self, key: Key) -> str:
        draw = self._random
        if draw.random() < 0.1:
            return "Null"
        quantified = ["ForAnyValue:", "ForAllValues:"]
        prefix = draw.choice(quantified) if key.is_list else draw.choices(["", *quantified], [12, 1, 1])[0]
        return prefix + draw.choice(key.operators) + draw.choices(["", "IfExists"], [4, 1])[0]

    def _context(self, action: str) -> dict[str, str | Sequence[str]]:
        draw, context = self._random, dict[str, str | Sequence[str]]()
        for key in KEYS:
            if key.held and action.startswith(key.of) and draw.random() < 0.75:
                count = draw.choice([1, 2])
                context[key.name] = draw.sample(key.held, count) if key.is_list else draw.choice(key.held)
        return context

    def _sayable(self, texts: Sequence[str], element: str) -> list[str]:
        """Leave out a variable without a value where it is negated: see KNOWN in test_generated.py."""
        return [text for text in texts if self._has_name or "Not" not in element or "${" not in text]

    def _some(self, texts: list[str]) -> str | list[str]:
        draw = self._random
        return (
            draw.choice(texts)
            if draw.random() < 0.5
            else draw.sample(texts, draw.choice([1, 2, 3]) if len(texts) > 2 else 1)
        )


def _policy(*statements: dict[str, Any]) -> Policy:
    return {"Version": "2012-10-17", "Statement": list(statements)}


def _all_of(action: str) -> dict[str, str]:
    return {"Action": action} if action == "sts:AssumeRole" else {"Action": "kms:*", "Resource": "*"}
