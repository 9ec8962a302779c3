"""Nothing that means something to SQL, Jinja, a shell or a log gets through a name, an id, a prefix or a pattern."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from sightline.settings import rules
from sightline.settings.patterns import ObjectPattern
from sightline.settings.rules import Rule
from sightline.settings.units import ColumnType, ScanCutoff, Schedule

VALID = {
    "AccountId": "012345678901",
    "Region": "us-gov-west-1",
    "AccountName": "account1",
    "RoleNameOrArn": "arn:aws:iam::333333333333:role/service-role/aws-quicksight-service-role-v0",
    "ExternalId": "a+=,.@:/-1",
    "BucketName": "my.bucket-1",
    "Prefix": "a/b=c/",
    "S3Location": "s3://bucket-1/a/",
    "GlueName": "account1_data",
    "ColumnName": "total_sales",
    "Workgroup": "workgroup-account1",
    "Catalog": "AwsDataCatalog",
    "QuickSightId": "from_account1",
    "QuickSightName": "Sales 2024 売上",
    "QuickSightPrincipal": "arn:aws:quicksight:us-east-1:333333333333:group/default/analysts",
}
OTHERS = {
    "ObjectPattern": (ObjectPattern, "year={year}/month={month}/sales_*.csv"),
    "ColumnType": (ColumnType, "decimal(10,2)"),
    "ScanCutoff": (ScanCutoff, "10 TB"),
    "Schedule": (Schedule, "15 0 * * *"),
}
TYPES: dict[str, tuple[Any, str]] = {
    **{name: (getattr(rules, name), value) for name, value in VALID.items()},
    **OTHERS,
}
DANGEROUS = [
    "'",
    '"',
    "`",
    ";",
    "{{ x }}",
    "{% x %}",
    "{# x #}",
    "$(x)",
    "\n",
    "\r\n",
    "\x00",
    "\\",
    "<",
    "|",
    "&",
    "ä'",
    "\u2028",
]


def accepts(type_: Any, value: object) -> bool:
    try:
        TypeAdapter(type_).validate_python(value)
    except ValidationError:
        return False
    return True


def test_every_rule_is_tried_here() -> None:
    named = {
        name
        for name, value in vars(rules).items()
        if any(isinstance(part, Rule) for part in getattr(value, "__metadata__", ()))
    }

    assert named == set(VALID)


@pytest.mark.parametrize("name", TYPES)
def test_an_ordinary_value_is_accepted(name: str) -> None:
    type_, value = TYPES[name]

    assert accepts(type_, value)


@pytest.mark.parametrize("sign", DANGEROUS)
@pytest.mark.parametrize("name", TYPES)
def test_what_means_something_elsewhere_is_refused_anywhere_in_a_value(name: str, sign: str) -> None:
    type_, value = TYPES[name]

    assert not accepts(type_, value + sign)
    assert not accepts(type_, sign + value)
    assert not accepts(type_, value[:3] + sign + value[3:])


@given(st.sampled_from(sorted(TYPES)), st.text(max_size=30))
def test_whatever_is_accepted_holds_no_metacharacter(name: str, text: str) -> None:
    type_, value = TYPES[name]

    for candidate in (text, value + text):
        if accepts(type_, candidate) and name != "Schedule":
            assert not set("'\"`;\\<>|&$!?#\n\r\0").intersection(candidate)
            assert "{{" not in candidate
            assert "{%" not in candidate


@pytest.mark.parametrize(
    "bucket",
    [
        "ab",
        "a" * 64,
        "Bucket",
        "a_b",
        "a..b",
        "-ab",
        "ab-",
        ".ab",
        "192.168.0.1",
        "xn--abc",
        "abc-s3alias",
        "a--ol-s3",
    ],
)
def test_s3s_rules_for_bucket_names_hold(bucket: str) -> None:
    assert not accepts(rules.BucketName, bucket)


@pytest.mark.parametrize(
    ("text", "size"), [("10 MB", 10**7), ("1.5GB", 15 * 10**8), (10**7, 10**7), ("2 TB", 2 * 10**12)]
)
def test_sizes_are_decimal(text: str | int, size: int) -> None:
    assert TypeAdapter(ScanCutoff).validate_python(text) == size


def test_a_long_value_is_shown_shortened_and_on_one_line() -> None:
    assert len(rules.shown("x" * 5000)) < 110
    assert "\n" not in rules.shown("a\nb")


def test_the_name_of_the_analytics_connection_is_not_to_be_had() -> None:
    assert not accepts(rules.AccountName, "analytics")
