"""Which calls a fault of the wire strikes, how often, and which faults are refused."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError

from tests.local_aws.conftest import Account, Cloud, code_of
from tests.local_aws.struck import ONCE, call, inject, left


@pytest.fixture(autouse=True)
def no_fault_is_left(cloud: Cloud) -> Iterator[None]:
    """Faults that did not strike must not strike another test."""
    yield
    cloud.control("PUT", "options", {"faults": []})


def outcomes(account: Account, count: int) -> list[bool]:
    """Which of so many calls, one after the other, went well."""
    found = []
    for _ in range(count):
        try:
            call(account, ("s3", "ListBuckets"))
            found.append(True)
        except ClientError:
            found.append(False)
    return found


def test_a_fault_strikes_from_its_call_on_as_often_as_asked(account: Account) -> None:
    inject(account.cloud, "error_500", ("s3", "ListBuckets"), at=2, times=3)

    assert outcomes(account, 6) == [True, False, False, False, True, True]


def test_what_is_left_of_the_faults_can_be_read(account: Account) -> None:
    inject(account.cloud, "error_500", ("s3", "ListBuckets"), at=2, times=2, account_id=account.id)
    fault = {"kind": "error_500", "service": "s3", "operation": "ListBuckets", "account_id": account.id}

    seen = [left(account.cloud)]
    for _ in range(3):
        outcomes(account, 1)
        seen.append(left(account.cloud))

    assert seen == [
        [{**fault, "at": 2, "times": 2}],
        [{**fault, "at": 1, "times": 2}],
        [{**fault, "at": 1, "times": 1}],
        [],
    ]


def test_new_faults_take_the_place_of_those_that_wait(account: Account) -> None:
    inject(account.cloud, "error_500", ("s3", "ListBuckets"))

    account.cloud.control("PUT", "options", {"faults": []})

    assert outcomes(account, 1) == [True]


def test_of_two_faults_for_a_call_the_first_strikes_and_both_count_it(account: Account) -> None:
    where = {"service": "s3", "operation": "ListBuckets"}
    faults = [{"kind": "error_500", **where}, {"kind": "throttled", "at": 2, **where}]
    account.cloud.control("PUT", "options", {"faults": faults})

    codes = []
    for _ in range(2):
        with pytest.raises(ClientError) as failure:
            call(account, ("s3", "ListBuckets"))
        codes.append(code_of(failure))

    assert codes == ["InternalError", "SlowDown"]
    assert left(account.cloud) == []


def test_a_fault_of_an_account_leaves_the_others_alone(account: Account, other_account: Account) -> None:
    inject(account.cloud, "error_500", ("s3", "ListBuckets"), account_id=account.id)

    assert outcomes(other_account, 1) == [True]
    assert outcomes(account, 1) == [False]


def test_a_fault_strikes_exactly_as_often_as_asked_when_calls_come_at_once(account: Account) -> None:
    client = account.admin.client(
        "s3", endpoint_url=account.cloud.endpoint, config=ONCE.merge(Config(max_pool_connections=8))
    )
    inject(account.cloud, "error_500", ("s3", "ListBuckets"), at=6, times=9)

    def fails(_: int) -> bool:
        try:
            client.list_buckets()
        except ClientError:
            return True
        return False

    with ThreadPoolExecutor(8) as pool:
        failed = sum(pool.map(fails, range(40)))

    assert failed == 9
    assert left(account.cloud) == []


@pytest.mark.parametrize("kind", ["throttled", "reset", "lost"])
def test_a_struck_call_is_counted_like_any_other(account: Account, kind: str) -> None:
    account.cloud.reset_calls()
    inject(account.cloud, kind, ("s3", "ListBuckets"))

    with pytest.raises((ClientError, ConnectionClosedError)):
        call(account, ("s3", "ListBuckets"))

    [counted] = [each for each in account.cloud.calls() if each["account_id"] == account.id]
    assert (counted["operation"], counted["count"], counted["refused"]) == ("ListBuckets", 1, 0)


def test_an_expired_session_is_counted_as_refused(account: Account) -> None:
    account.cloud.reset_calls()
    inject(account.cloud, "expired", ("s3", "ListBuckets"))

    with pytest.raises(ClientError):
        call(account, ("s3", "ListBuckets"))

    [counted] = [each for each in account.cloud.calls() if each["account_id"] == account.id]
    assert (counted["count"], counted["refused"]) == (1, 1)


WHERE = {"service": "s3", "operation": "ListBuckets"}


@pytest.mark.parametrize(
    ("faults", "problem"),
    [
        ({"kind": "reset", **WHERE}, "is no list of faults"),
        (["reset"], "'reset' is no object"),
        ([{"kind": "reset", "service": "s3"}], "does not say operation"),
        ([{"kind": "melted", **WHERE}], "kind 'melted' is none of throttled, error_500"),
        ([{"kind": "reset", "service": "ec2", "operation": "Run"}], "service 'ec2' is none of s3"),
        ([{"kind": "reset", "service": "s3", "operation": "Run"}], "s3 has no operation 'Run'"),
        ([{"kind": "reset", **WHERE, "at": 0}], "at 0 is less than 1"),
        ([{"kind": "reset", **WHERE, "times": True}], "times True is no int"),
        ([{"kind": "reset", **WHERE, "account_id": 1}], "account_id 1 is no str"),
        ([{"kind": "reset", **WHERE, "where": "here"}], "unknown members: where"),
        ([{"kind": "slow", **WHERE}], "a slow answer takes seconds"),
        ([{"kind": "reset", **WHERE, "seconds": 1}], "a slow answer takes seconds, and nothing else does"),
        ([{"kind": "slow", **WHERE, "seconds": 0}], "seconds 0 is no number above 0"),
    ],
)
def test_a_wrong_fault_is_refused_and_changes_nothing(cloud: Cloud, faults: Any, problem: str) -> None:
    waiting = [{"kind": "lost", **WHERE, "at": 7, "times": 1, "account_id": "000000000007"}]
    cloud.control("PUT", "options", {"faults": waiting})

    with pytest.raises(HTTPError) as refusal:
        cloud.control("PUT", "options", {"faults": faults})

    assert refusal.value.code == 400
    assert problem in refusal.value.read().decode()
    assert left(cloud) == waiting
