"""Faults of the wire: errors in each service's own words, connections cut before or after the effect, late answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.local_aws.conftest import Account, Cloud, code_of, poll, status_of, trust

ONCE = Config(retries={"total_max_attempts": 1}, proxies={"http": "", "https": ""})
CALLS: dict[tuple[str, str], dict[str, Any]] = {
    ("s3", "ListBuckets"): {},
    ("sts", "GetCallerIdentity"): {},
    ("iam", "ListRoles"): {},
    ("athena", "StartQueryExecution"): {"QueryString": "SHOW DATABASES", "WorkGroup": "primary"},
    ("athena", "GetQueryExecution"): {"QueryExecutionId": "none"},
    ("glue", "GetDatabases"): {},
    ("kms", "ListKeys"): {},
    ("quicksight", "ListDataSets"): {},
}
THROTTLED = {
    ("s3", "ListBuckets"): ("SlowDown", 503),
    ("sts", "GetCallerIdentity"): ("Throttling", 400),
    ("iam", "ListRoles"): ("Throttling", 400),
    ("athena", "StartQueryExecution"): ("TooManyRequestsException", 400),
    ("athena", "GetQueryExecution"): ("ThrottlingException", 400),
    ("glue", "GetDatabases"): ("ThrottlingException", 400),
    ("kms", "ListKeys"): ("ThrottlingException", 400),
    ("quicksight", "ListDataSets"): ("ThrottlingException", 429),
}
BROKEN = {
    ("s3", "ListBuckets"): "InternalError",
    ("sts", "GetCallerIdentity"): "InternalFailure",
    ("iam", "ListRoles"): "ServiceFailure",
    ("athena", "StartQueryExecution"): "InternalServerException",
    ("glue", "GetDatabases"): "InternalServiceException",
    ("kms", "ListKeys"): "KMSInternalException",
    ("quicksight", "ListDataSets"): "InternalFailureException",
}
EXPIRED = {
    ("s3", "ListBuckets"): ("ExpiredToken", 400),
    ("sts", "GetCallerIdentity"): ("ExpiredToken", 403),
    ("athena", "StartQueryExecution"): ("ExpiredTokenException", 400),
    ("glue", "GetDatabases"): ("ExpiredTokenException", 400),
    ("quicksight", "ListDataSets"): ("ExpiredTokenException", 403),
}


@pytest.fixture(autouse=True)
def no_fault_is_left(cloud: Cloud) -> Iterator[None]:
    """Faults that did not strike must not strike another test."""
    yield
    cloud.control("PUT", "options", {"faults": []})


def inject(cloud: Cloud, kind: str, call: tuple[str, str], **more: Any) -> None:
    service, operation = call
    fault = {"kind": kind, "service": service, "operation": operation, **more}
    cloud.control("PUT", "options", {"faults": [fault]})


def left(cloud: Cloud) -> list[dict[str, Any]]:
    return list(cloud.control("GET", "options")["faults"])


def call(account: Account, call: tuple[str, str]) -> Any:
    """Make a call of CALLS as the account's administrator, without retries."""
    service, operation = call
    client = account.admin.client(service, endpoint_url=account.cloud.endpoint, config=ONCE)
    method = next(name for name, api in client.meta.method_to_api_mapping.items() if api == operation)
    parameters = {"AwsAccountId": account.id} if service == "quicksight" else CALLS[call]
    return getattr(client, method)(**parameters)


def once(account: Account, service: str) -> Any:
    return account.admin.client(service, endpoint_url=account.cloud.endpoint, config=ONCE)


def names(calls: Iterable[tuple[str, str]]) -> list[str]:
    return [".".join(each) for each in calls]


@pytest.mark.parametrize(("asked", "answer"), THROTTLED.items(), ids=names(THROTTLED))
def test_throttling_is_told_in_the_services_own_words(
    account: Account, asked: tuple[str, str], answer: tuple[str, int]
) -> None:
    inject(account.cloud, "throttled", asked)

    with pytest.raises(ClientError) as failure:
        call(account, asked)

    assert (code_of(failure), status_of(failure)) == answer


@pytest.mark.parametrize(("asked", "code"), BROKEN.items(), ids=names(BROKEN))
def test_an_inner_error_is_told_in_the_services_own_words(
    account: Account, asked: tuple[str, str], code: str
) -> None:
    inject(account.cloud, "error_500", asked)

    with pytest.raises(ClientError) as failure:
        call(account, asked)

    assert (code_of(failure), status_of(failure)) == (code, 500)


@pytest.mark.parametrize("asked", BROKEN, ids=names(BROKEN))
def test_a_service_that_is_not_to_be_had_answers_503(account: Account, asked: tuple[str, str]) -> None:
    inject(account.cloud, "error_503", asked)

    with pytest.raises(ClientError) as failure:
        call(account, asked)

    assert status_of(failure) == 503
    assert "Unavailable" in code_of(failure)


@pytest.mark.parametrize(("asked", "answer"), EXPIRED.items(), ids=names(EXPIRED))
def test_a_session_that_expires_is_told_in_the_services_own_words(
    account: Account, asked: tuple[str, str], answer: tuple[str, int]
) -> None:
    inject(account.cloud, "expired", asked)

    with pytest.raises(ClientError) as failure:
        call(account, asked)

    assert (code_of(failure), status_of(failure)) == answer


def test_a_session_that_expired_is_over_for_every_service(account: Account) -> None:
    session = account.session("worker", {"Action": "s3:ListAllMyBuckets", "Resource": "*"})
    inject(account.cloud, "expired", ("s3", "ListBuckets"))
    with pytest.raises(ClientError):
        account.cloud.client_of(session, "s3").list_buckets()

    with pytest.raises(ClientError) as failure:
        account.cloud.client_of(session, "sts").get_caller_identity()

    assert code_of(failure) == "ExpiredToken"
    assert account.s3.list_buckets()["Buckets"] == []


@pytest.mark.parametrize("kind", ["throttled", "error_500", "error_503", "expired", "reset"])
def test_these_faults_strike_before_the_effect(account: Account, kind: str) -> None:
    inject(account.cloud, kind, ("s3", "CreateBucket"))

    with pytest.raises((ClientError, ConnectionClosedError)):
        once(account, "s3").create_bucket(
            Bucket=f"never-{account.id}", CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"}
        )

    assert account.cloud.client("s3", account.id).list_buckets()["Buckets"] == []


@pytest.mark.parametrize(
    ("kind", "more", "error"),
    [("lost", {}, ConnectionClosedError), ("slow", {"seconds": 60}, ReadTimeoutError)],
    ids=["lost", "slow"],
)
def test_these_faults_strike_after_the_effect(
    account: Account, kind: str, more: dict[str, Any], error: type[Exception]
) -> None:
    name = f"made-{account.id}"
    impatient = ONCE.merge(Config(read_timeout=0.5))
    s3 = account.admin.client("s3", endpoint_url=account.cloud.endpoint, config=impatient)
    inject(account.cloud, kind, ("s3", "CreateBucket"), **more)

    with pytest.raises(error):
        s3.create_bucket(Bucket=name, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-1"})

    # On a busy machine the client may have given up before the server had its turn.
    poll(account.s3.list_buckets, lambda answer: [each["Name"] for each in answer["Buckets"]] == [name])


def test_a_lost_answer_of_our_own_services_has_its_effect(account: Account) -> None:
    role = account.role("worker", trust(account.id))
    account.cloud.reset_calls()
    inject(account.cloud, "lost", ("sts", "AssumeRole"))

    with pytest.raises(ConnectionClosedError):
        once(account, "sts").assume_role(RoleArn=role, RoleSessionName="lost")

    [entry] = [
        each for each in account.cloud.control("GET", "trail")["calls"] if each["account_id"] == account.id
    ]
    assert (entry["operation"], entry["error"], entry["fault"]) == ("AssumeRole", "", "lost")


def test_a_slow_answer_arrives_in_the_end(account: Account) -> None:
    inject(account.cloud, "slow", ("s3", "ListBuckets"), seconds=0.2)

    began = time.monotonic()
    call(account, ("s3", "ListBuckets"))

    assert time.monotonic() - began >= 0.2


def raw_answer(account: Account, endpoint: str) -> bytes:
    """What arrives on a connection on which ListBuckets is asked for; raises what the socket raises."""
    where = urlsplit(endpoint)
    scope = f"Credential={account.admin.access_key}/20240101/ap-northeast-1/s3/aws4_request"
    lines = [
        "GET / HTTP/1.1",
        f"Host: {where.netloc}",
        f"Authorization: AWS4-HMAC-SHA256 {scope}, SignedHeaders=host, Signature=0",
        f"X-Amz-Security-Token: {account.admin.token}",
    ]
    with socket.create_connection((where.hostname or "", where.port or 0), timeout=10) as connection:
        connection.sendall("\r\n".join([*lines, "", ""]).encode())
        return connection.recv(4096)


def test_a_reset_is_a_reset_of_the_connection(account: Account) -> None:
    inject(account.cloud, "reset", ("s3", "ListBuckets"))

    with pytest.raises(ConnectionResetError):
        raw_answer(account, account.cloud.endpoint)


def test_a_lost_answer_is_an_ordinary_end_without_a_byte(account: Account) -> None:
    inject(account.cloud, "lost", ("s3", "ListBuckets"))

    assert raw_answer(account, account.cloud.endpoint) == b""


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
