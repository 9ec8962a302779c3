"""The policy evaluator: a row is a rule of IAM, its name says which."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest

from local_aws.iam.conditions import UnsupportedPolicy
from local_aws.iam.policy import Question, Verdict, evaluate

ROLE = "arn:aws:iam::111111111111:role/data/reader"
SESSION = "arn:aws:sts::111111111111:assumed-role/reader/test"
OBJECT = "arn:aws:s3:::bucket/sales/2024.csv"
ALLOW = {"Effect": "Allow", "Action": "*", "Resource": "*"}


def ask(
    *statements: dict[str, Any],
    action: str = "s3:GetObject",
    resource: str = OBJECT,
    names_principals: bool = False,
    service: str = "",
    version: str = "2012-10-17",
    **context: str | list[str],
) -> Verdict:
    """The verdict of one policy; context keys are written with `__` for the colon and `_` for the dash."""
    given = {key.replace("__", ":").lower(): [v] if isinstance(v, str) else v for key, v in context.items()}
    question = Question(action, resource, "111111111111", ROLE, SESSION, service, given)
    document = {"Version": version, "Statement": list(statements)}
    return evaluate([document], question, names_principals=names_principals)


class TestEffect:
    def test_no_statement_says_nothing(self) -> None:
        assert ask() is Verdict.SILENT

    def test_a_deny_wins_wherever_it_stands(self) -> None:
        deny = {**ALLOW, "Effect": "Deny"}

        assert ask(ALLOW, deny) is ask(deny, ALLOW) is Verdict.DENY

    def test_a_single_statement_needs_no_list(self) -> None:
        question = Question("s3:GetObject", OBJECT)

        assert evaluate([{"Statement": ALLOW}], question, names_principals=False) is Verdict.ALLOW

    def test_several_documents_are_one(self) -> None:
        documents = [{"Statement": ALLOW}, {"Statement": {**ALLOW, "Effect": "Deny"}}]

        assert evaluate(documents, Question("s3:GetObject", OBJECT), names_principals=False) is Verdict.DENY


@pytest.mark.parametrize(
    ("rule", "elements", "allowed"),
    [
        ("an action by its name", {"Action": "s3:GetObject"}, True),
        ("an action in another case", {"Action": "S3:getobject"}, True),
        ("an action of a list", {"Action": ["s3:PutObject", "s3:GetObject"]}, True),
        ("a star in an action", {"Action": "s3:Get*"}, True),
        ("a question mark is one letter", {"Action": "s3:GetObjec?"}, True),
        ("a question mark is not none", {"Action": "s3:GetObject?"}, False),
        ("another action", {"Action": "s3:PutObject"}, False),
        ("an action is matched whole", {"Action": "s3:GetObjec"}, False),
        ("NotAction leaves the named out", {"Action": None, "NotAction": "s3:Get*"}, False),
        ("NotAction takes the others", {"Action": None, "NotAction": "s3:Put*"}, True),
        ("a dot is a dot", {"Resource": "arn:aws:s3:::bucket/sales/2024.csv"}, True),
        ("a dot is no other letter", {"Resource": "arn:aws:s3:::bucket/sales/2024xcsv"}, False),
        ("a star crosses slashes", {"Resource": "arn:aws:s3:::bucket/*.csv"}, True),
        ("a star does not cross colons", {"Resource": "arn:aws:*/sales/2024.csv"}, False),
        ("a bucket is not its objects", {"Resource": "arn:aws:s3:::bucket"}, False),
        ("a resource minds case", {"Resource": "arn:aws:s3:::bucket/Sales/*"}, False),
        ("another bucket", {"Resource": "arn:aws:s3:::bucket2/*"}, False),
        ("a resource of a list", {"Resource": ["arn:aws:s3:::x", "arn:aws:s3:::bucket/*"]}, True),
        (
            "NotResource leaves the named out",
            {"Resource": None, "NotResource": "arn:aws:s3:::bucket/*"},
            False,
        ),
        ("NotResource takes the others", {"Resource": None, "NotResource": "arn:aws:s3:::other/*"}, True),
        ("no resource at all", {"Resource": None}, False),
        ("no action at all", {"Action": None}, False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_actions_and_resources(rule: str, elements: dict[str, Any], allowed: bool) -> None:
    statement = {key: value for key, value in {**ALLOW, **elements}.items() if value is not None}

    assert (ask(statement) is Verdict.ALLOW) == allowed, rule


@pytest.mark.parametrize(
    ("rule", "principal", "verdict"),
    [
        ("everyone", "*", Verdict.ALLOW),
        ("everyone of AWS", {"AWS": "*"}, Verdict.ALLOW),
        ("the role", {"AWS": ROLE}, Verdict.ALLOW_ROLE),
        ("the role's session", {"AWS": SESSION}, Verdict.ALLOW),
        ("the role among others", {"AWS": ["arn:aws:iam::222222222222:root", ROLE]}, Verdict.ALLOW_ROLE),
        ("the role without its path", {"AWS": "arn:aws:iam::111111111111:role/reader"}, Verdict.SILENT),
        ("another session", {"AWS": SESSION.replace("test", "other")}, Verdict.SILENT),
        ("a star within an ARN is a star", {"AWS": "arn:aws:iam::111111111111:role/*"}, Verdict.SILENT),
        ("the account by its id", {"AWS": "111111111111"}, Verdict.ALLOW_ACCOUNT),
        ("the account's root", {"AWS": "arn:aws:iam::111111111111:root"}, Verdict.ALLOW_ACCOUNT),
        ("another account", {"AWS": "222222222222"}, Verdict.SILENT),
        ("a service", {"Service": "quicksight.amazonaws.com"}, Verdict.SILENT),
        ("nobody", {}, Verdict.SILENT),
        ("account and role: the role counts", {"AWS": ["111111111111", ROLE]}, Verdict.ALLOW_ROLE),
        ("role and session: the session counts", {"AWS": [ROLE, SESSION]}, Verdict.ALLOW),
    ],
    ids=lambda value: value if isinstance(value, str) and " " in value else "",
)
def test_principals(rule: str, principal: Any, verdict: Verdict) -> None:
    assert ask({**ALLOW, "Principal": principal}, names_principals=True) is verdict, rule


def test_a_deny_to_the_account_is_a_deny_to_its_principals() -> None:
    deny = {**ALLOW, "Effect": "Deny", "Principal": {"AWS": "111111111111"}}

    assert ask(deny, names_principals=True) is Verdict.DENY


def test_a_service_is_matched_by_its_name_alone() -> None:
    trust = {
        "Effect": "Allow",
        "Action": "sts:AssumeRole",
        "Principal": {"Service": "quicksight.amazonaws.com"},
    }
    asked = {"action": "sts:AssumeRole", "names_principals": True}

    assert ask(trust, service="quicksight.amazonaws.com", **asked) is Verdict.ALLOW
    assert ask(trust, service="glue.amazonaws.com", **asked) is Verdict.SILENT
    assert ask({**trust, "Principal": "*"}, service="glue.amazonaws.com", **asked) is Verdict.SILENT


A, B, READER = {"s3__prefix": "a"}, {"s3__prefix": "b"}, {"aws__PrincipalArn": ROLE}
WHO, ATHENA = "aws:PrincipalArn", "athena.amazonaws.com"
IP, NOW = {"aws__SourceIp": "10.1.2.3"}, {"aws__CurrentTime": "2026-11-24T12:00:00+00:00"}
VIA = {"aws__CalledVia": ["athena.amazonaws.com", "glue.amazonaws.com"]}


@pytest.mark.parametrize(
    ("rule", "condition", "context", "holds"),
    [
        ("StringEquals", {"StringEquals": {"s3:prefix": "a"}}, A, True),
        ("StringEquals minds case", {"StringEquals": {"s3:prefix": "A"}}, A, False),
        ("StringEquals knows no star", {"StringEquals": {"s3:prefix": "*"}}, A, False),
        ("several values are an or", {"StringEquals": {"s3:prefix": ["b", "a"]}}, A, True),
        ("a key in another case", {"StringEquals": {"S3:Prefix": "a"}}, A, True),
        ("a missing key does not hold", {"StringEquals": {"s3:prefix": "a"}}, {}, False),
        ("IfExists holds without the key", {"StringEqualsIfExists": {"s3:prefix": "a"}}, {}, True),
        ("IfExists compares the key", {"StringEqualsIfExists": {"s3:prefix": "a"}}, B, False),
        ("StringNotEquals", {"StringNotEquals": {"s3:prefix": "a"}}, B, True),
        ("StringNotEquals of several is a nor", {"StringNotEquals": {"s3:prefix": ["a", "b"]}}, B, False),
        ("StringNotEquals holds without the key", {"StringNotEquals": {"s3:prefix": "a"}}, {}, True),
        ("IgnoreCase", {"StringEqualsIgnoreCase": {"s3:prefix": "A"}}, A, True),
        ("NotEqualsIgnoreCase", {"StringNotEqualsIgnoreCase": {"s3:prefix": "A"}}, A, False),
        ("StringLike", {"StringLike": {"s3:prefix": "sales/*"}}, {"s3__prefix": "sales/2024"}, True),
        ("StringLike is matched whole", {"StringLike": {"s3:prefix": "sales"}}, {"s3__prefix": "sales/"}, False),
        ("StringNotLike", {"StringNotLike": {"s3:prefix": "s*"}}, {"s3__prefix": "sales"}, False),
        ("two keys are an and", {"StringEquals": {"s3:prefix": "a", "s3:delimiter": "/"}}, A, False),
        ("two operators are an and", {"StringLike": {"s3:prefix": "*"}, "Null": {"s3:prefix": "true"}}, A, False),
        ("ArnLike by segments", {"ArnLike": {WHO: "arn:aws:iam::*:role/data/*"}}, READER, True),
        ("ArnEquals takes stars too", {"ArnEquals": {WHO: "arn:aws:iam::1*:role/*"}}, READER, True),
        ("ArnLike stays within a segment", {"ArnLike": {WHO: "arn:*:role/data/reader"}}, READER, False),
        ("ArnNotLike", {"ArnNotLike": {WHO: "arn:aws:iam::*:role/*"}}, READER, False),
        ("Bool as text", {"Bool": {"aws:SecureTransport": "true"}}, {"aws__SecureTransport": "true"}, True),
        ("Bool as JSON has it", {"Bool": {"aws:SecureTransport": True}}, {"aws__SecureTransport": "true"}, True),
        ("Bool without the key", {"Bool": {"aws:MultiFactorAuthPresent": "false"}}, {}, False),
        ("Null true: the key is missing", {"Null": {"sts:ExternalId": "true"}}, {}, True),
        ("Null false: the key is there", {"Null": {"sts:ExternalId": "false"}}, {"sts__ExternalId": "x"}, True),
        ("Null false without the key", {"Null": {"sts:ExternalId": "false"}}, {}, False),
        ("NumericLessThanEquals", {"NumericLessThanEquals": {"s3:max-keys": "10"}}, {"s3__max-keys": "9"}, True),
        ("numbers, not texts", {"NumericGreaterThan": {"s3:max-keys": 10}}, {"s3__max-keys": "9"}, False),
        ("NumericNotEquals", {"NumericNotEquals": {"s3:max-keys": "9"}}, {"s3__max-keys": "9.0"}, False),
        ("no number at all", {"NumericEquals": {"s3:max-keys": "x"}}, {"s3__max-keys": "9"}, False),
        ("DateLessThan", {"DateLessThan": {"aws:CurrentTime": "2026-11-25T00:00:00Z"}}, NOW, True),
        ("DateGreaterThan", {"DateGreaterThan": {"aws:CurrentTime": "2026-11-25"}}, NOW, False),
        ("a date in seconds", {"DateGreaterThanEquals": {"aws:CurrentTime": "1767225600"}}, NOW, True),
        ("IpAddress in a network", {"IpAddress": {"aws:SourceIp": ["192.0.2.0/24", "10.0.0.0/8"]}}, IP, True),
        ("a single IpAddress", {"IpAddress": {"aws:SourceIp": "10.1.2.3"}}, IP, True),
        ("NotIpAddress", {"NotIpAddress": {"aws:SourceIp": "10.0.0.0/8"}}, IP, False),
        ("ForAnyValue: one is enough", {"ForAnyValue:StringEquals": {"aws:CalledVia": ATHENA}}, VIA, True),
        ("ForAnyValue without the key", {"ForAnyValue:StringEquals": {"aws:CalledVia": "x"}}, {}, False),
        ("ForAnyValue knows no IfExists", {"ForAnyValue:StringLikeIfExists": {"aws:CalledVia": "*"}}, {}, False),
        ("ForAllValues: one other breaks it", {"ForAllValues:StringEquals": {"aws:CalledVia": ATHENA}}, VIA, False),
        ("ForAllValues: all are named", {"ForAllValues:StringLike": {"aws:CalledVia": "*.amazonaws.com"}}, VIA, True),
        ("ForAllValues without the key", {"ForAllValues:StringEquals": {"aws:CalledVia": "x"}}, {}, True),
        ("ForAnyValue of a negation", {"ForAnyValue:StringNotEquals": {"aws:CalledVia": ATHENA}}, VIA, True),
        ("ForAllValues of a negation", {"ForAllValues:StringNotEquals": {"aws:CalledVia": ATHENA}}, VIA, False),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)  # fmt: skip
def test_conditions(rule: str, condition: dict[str, Any], context: dict[str, Any], holds: bool) -> None:
    assert (ask({**ALLOW, "Condition": condition}, **context) is Verdict.ALLOW) == holds, rule


class TestVariables:
    OWN: ClassVar[dict[str, Any]] = {**ALLOW, "Resource": "arn:aws:s3:::bucket/${aws:username}/*"}

    def test_a_variable_is_the_requests_value(self) -> None:
        own = {"resource": "arn:aws:s3:::bucket/ann/a.csv"}

        assert ask(self.OWN, aws__username="ann", **own) is Verdict.ALLOW
        assert ask(self.OWN, aws__username="bob", **own) is Verdict.SILENT

    def test_a_variable_without_a_value_matches_nothing(self) -> None:
        assert ask(self.OWN, resource="arn:aws:s3:::bucket//a.csv") is Verdict.SILENT
        assert ask(self.OWN, resource="arn:aws:s3:::bucket/${aws:username}/a") is Verdict.SILENT

    def test_a_variable_may_have_a_default(self) -> None:
        statement = {**ALLOW, "Resource": "arn:aws:s3:::bucket/${aws:username, 'all'}/*"}

        assert ask(statement, resource="arn:aws:s3:::bucket/all/a.csv") is Verdict.ALLOW

    def test_the_old_version_has_no_variables(self) -> None:
        old = {"version": "2008-10-17", "aws__username": "ann"}

        assert ask(self.OWN, resource="arn:aws:s3:::bucket/ann/a.csv", **old) is Verdict.SILENT

    def test_variables_stand_in_conditions_too(self) -> None:
        home = {"StringLike": {"s3:prefix": "home/${aws:username}/*"}}

        assert (
            ask({**ALLOW, "Condition": home}, s3__prefix="home/ann/x", aws__username="ann") is Verdict.ALLOW
        )

    def test_a_star_can_be_meant(self) -> None:
        statement = {**ALLOW, "Resource": "arn:aws:s3:::bucket/${*}"}

        assert ask(statement, resource="arn:aws:s3:::bucket/*") is Verdict.ALLOW
        assert ask(statement, resource="arn:aws:s3:::bucket/a") is Verdict.SILENT

    def test_a_value_with_a_star_is_no_pattern(self) -> None:
        own = {"resource": "arn:aws:s3:::bucket/ann/a.csv"}

        assert ask(self.OWN, aws__username="*", **own) is Verdict.SILENT


@pytest.mark.parametrize(
    "statement",
    [
        {**ALLOW, "Condition": {"StringMatches": {"s3:prefix": "a"}}},
        {**ALLOW, "Condition": {"ForSomeValues:StringEquals": {"s3:prefix": "a"}}},
        {**ALLOW, "Condition": {"BinaryEquals": {"s3:prefix": "YQ=="}}},
        {**ALLOW, "Condition": {"StringNotEquals": {"aws:PrincipalTag/team": "data"}}},
        {**ALLOW, "Effect": "Deny", "Condition": {"StringMatches": {"s3:prefix": "a"}}},
        {**ALLOW, "Conditions": {}},
    ],
    ids=["operator", "qualifier", "binary", "key", "in a deny", "element"],
)
def test_what_is_not_evaluated_is_said_and_never_granted(statement: dict[str, Any]) -> None:
    with pytest.raises(UnsupportedPolicy):
        ask(statement, s3__prefix="a")


def test_not_principal_is_not_evaluated() -> None:
    with pytest.raises(UnsupportedPolicy, match="NotPrincipal"):
        ask({**ALLOW, "NotPrincipal": {"AWS": ROLE}}, names_principals=True)


def test_what_is_not_about_the_request_does_not_matter() -> None:
    other = {**ALLOW, "Action": "kms:*", "Condition": {"StringMatches": {"s3:prefix": "a"}}}

    assert ask(other, ALLOW) is Verdict.ALLOW
