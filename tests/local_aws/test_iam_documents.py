"""Policies that AWS calls malformed are refused when they are put."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local_aws.iam import s3_actions
from local_aws.iam.s3_needs import S3_NEEDS
from tests.local_aws.conftest import Account, code_of, policy

BUCKET = "arn:aws:s3:::{bucket}"
OBJECTS = f"{BUCKET}/*"
READ = {"Effect": "Allow", "Action": "s3:GetObject", "Resource": "*"}
TRUST = {"Effect": "Allow", "Principal": "*", "Action": "sts:AssumeRole"}


def document(*statements: Any) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": list(statements)})


def without(statement: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in statement.items() if key != name}


SYNTAX: list[tuple[str, Callable[[dict[str, Any]], str]]] = [
    ("no JSON", lambda _: "{"),
    ("no object", lambda _: "[]"),
    ("no statement", lambda _: document()),
    ("a text as statement", lambda _: document("Allow")),
    ("an unknown version", lambda right: json.dumps({"Version": "2024-01-01", "Statement": [right]})),
    ("an unknown element of the document", lambda right: json.dumps({"Statement": [right], "Name": "x"})),
    ("no effect", lambda right: document(without(right, "Effect"))),
    ("another effect", lambda right: document({**right, "Effect": "allow"})),
    ("an unknown element", lambda right: document({**right, "Conditions": {}})),
    ("no action", lambda right: document(without(right, "Action"))),
    ("no vendor", lambda right: document({**right, "Action": "GetObject"})),
    ("a number as action", lambda right: document({**right, "Action": [1]})),
    ("action and its negation", lambda right: document({**right, "NotAction": "s3:GetObject"})),
]
WRONG_SYNTAX = pytest.mark.parametrize(
    "wrong", [wrong for _, wrong in SYNTAX], ids=[name for name, _ in SYNTAX]
)


class TestBucketPolicies:
    def put(self, account: Account, text: str) -> None:
        bucket = account.bucket("data")
        account.s3.delete_public_access_block(Bucket=bucket)
        account.s3.put_bucket_policy(Bucket=bucket, Policy=text.replace("{bucket}", bucket))

    @WRONG_SYNTAX
    def test_wrong_syntax(self, account: Account, wrong: Callable[[dict[str, Any]], str]) -> None:
        right = {**READ, "Resource": OBJECTS, "Principal": "*"}
        self.put(account, document(right))
        other = {**right, "Sid": "again"}

        with pytest.raises(ClientError) as failure:
            account.s3.put_bucket_policy(
                Bucket=f"data-{account.id}", Policy=wrong(other).replace("{bucket}", f"data-{account.id}")
            )

        assert code_of(failure) == "MalformedPolicy"

    @pytest.mark.parametrize(
        ("action", "resource", "why"),
        [
            ("s3:GetObjekt", OBJECTS, "Policy has invalid action"),
            ("s4:Foo", OBJECTS, "Policy has invalid action"),
            ("sts:AssumeRole", OBJECTS, "Policy has invalid action"),
            ("s3:ListObjectsV2", BUCKET, "Policy has invalid action"),
            ("s3:GetObject", BUCKET, "Action does not apply to any resource"),
            ("s3:ListBucket", OBJECTS, "Action does not apply to any resource"),
            (["s3:GetObject", "s3:ListBucket"], [OBJECTS], "Action does not apply to any resource"),
            ("s3:PutObj*", BUCKET, "Action does not apply to any resource"),
            ("s3:GetObject", [], "Missing required field Resource"),
        ],
    )
    def test_wrong_actions(self, account: Account, action: Any, resource: Any, why: str) -> None:
        statement = {"Principal": "*", "Action": action, "Resource": resource}

        with pytest.raises(ClientError, match=why) as failure:
            self.put(account, policy(statement))

        assert code_of(failure) == "MalformedPolicy"

    @pytest.mark.parametrize(
        ("action", "resource"),
        [
            ("s3:*", BUCKET),
            ("s3:*", OBJECTS),
            ("*", OBJECTS),
            ("s3:Get*", BUCKET),
            ("S3:getobject", OBJECTS),
            (["s3:GetObject", "s3:ListBucket", "s3:GetBucketLocation"], [BUCKET, OBJECTS]),
            (["s3:GetObject", "s3:ListBucket"], f"{BUCKET}*"),
            ("s3:PutReplicationConfiguration", BUCKET),
        ],
    )
    def test_right_actions(self, account: Account, action: Any, resource: Any) -> None:
        self.put(account, policy({"Principal": "*", "Action": action, "Resource": resource}))

    @pytest.mark.parametrize("principal", ["arn:aws:iam::{id}:root", ["*"], {}, 1])
    def test_a_principal_is_a_star_or_named_by_its_kind(self, account: Account, principal: Any) -> None:
        statement = {**READ, "Principal": principal, "Resource": OBJECTS}

        with pytest.raises(ClientError, match="MalformedPolicy"):
            self.put(account, policy(statement).replace("{id}", account.id))

    def test_negations_are_not_asked_for_their_resources(self, account: Account) -> None:
        self.put(account, policy({"Principal": "*", "NotAction": "s3:GetObject", "Resource": BUCKET}))

    def test_all_that_is_asked_of_s3_can_be_named(self) -> None:
        """The tables of needs know no action that a bucket policy could not name, except on no bucket at all."""
        named = {cell.cell_contents for of in S3_NEEDS.values() for cell in of.__closure__ or ()}
        actions = {name for name in named if isinstance(name, str)}

        assert len(actions) > 20
        assert {name for name in actions if not s3_actions.is_action(f"s3:{name}")} == set()


class TestTrustPolicies:
    @WRONG_SYNTAX
    def test_wrong_syntax(self, account: Account, wrong: Callable[[dict[str, Any]], str]) -> None:
        with pytest.raises(ClientError) as failure:
            account.role("reader", wrong(TRUST))

        assert code_of(failure) == "MalformedPolicyDocument"

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            ({"Resource": "*"}, "Has prohibited field Resource"),
            ({"Action": "sts:AssumeRoll"}, "may only specify STS AssumeRole actions"),
            ({"Action": "s3:GetObject"}, "may only specify STS AssumeRole actions"),
            ({"Action": ["sts:AssumeRole", "sts:GetCallerIdentity"]}, "may only specify STS AssumeRole"),
            ({"Principal": {}}, "Missing required field Principal"),
        ],
    )
    def test_what_a_trust_policy_cannot_say(self, account: Account, wrong: dict[str, Any], why: str) -> None:
        account.role("right", document(TRUST))
        for act in (
            lambda: account.role("reader", document({**TRUST, **wrong})),
            lambda: account.iam.update_assume_role_policy(
                RoleName="right", PolicyDocument=document({**TRUST, **wrong})
            ),
        ):
            with pytest.raises(ClientError, match=why) as failure:
                act()
            assert code_of(failure) == "MalformedPolicyDocument"


class TestIdentityPolicies:
    @pytest.fixture
    def doors(self, account: Account) -> list[Callable[[str], Any]]:
        """Each call that puts an identity policy."""
        account.iam.create_user(UserName="ann")
        account.iam.create_group(GroupName="readers")
        account.iam.create_role(RoleName="reader", AssumeRolePolicyDocument=document(TRUST))
        made = account.iam.create_policy(PolicyName="made", PolicyDocument=document(READ))["Policy"]["Arn"]
        iam = account.iam
        return [
            lambda text: iam.put_user_policy(UserName="ann", PolicyName="may", PolicyDocument=text),
            lambda text: iam.put_group_policy(GroupName="readers", PolicyName="may", PolicyDocument=text),
            lambda text: iam.put_role_policy(RoleName="reader", PolicyName="may", PolicyDocument=text),
            lambda text: iam.create_policy(PolicyName="more", PolicyDocument=text),
            lambda text: iam.create_policy_version(PolicyArn=made, PolicyDocument=text),
        ]

    @WRONG_SYNTAX
    def test_wrong_syntax(
        self, doors: list[Callable[[str], Any]], wrong: Callable[[dict[str, Any]], str]
    ) -> None:
        for door in doors:
            with pytest.raises(ClientError) as failure:
                door(wrong(READ))
            assert code_of(failure) == "MalformedPolicyDocument"

    @pytest.mark.parametrize("wrong", [{**READ, "Principal": "*"}, without(READ, "Resource")])
    def test_no_principal_and_a_resource(
        self, doors: list[Callable[[str], Any]], wrong: dict[str, Any]
    ) -> None:
        for door in doors:
            with pytest.raises(ClientError) as failure:
                door(document(wrong))
            assert code_of(failure) == "MalformedPolicyDocument"

    def test_a_right_one_is_taken_at_each_door_a_misspelt_action_too(
        self, doors: list[Callable[[str], Any]]
    ) -> None:
        """IAM does not know the services' actions: such a statement grants nothing."""
        for door in doors:
            door(document({**READ, "Action": ["s3:GetObject", "s3:GetObjekt", "glue:Get*"]}))
