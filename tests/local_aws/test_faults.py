"""Faults of the wire: errors in each service's own words, connections cut before or after the effect, late answers."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError, ReadTimeoutError

from tests.local_aws.conftest import Account, Cloud, code_of, poll, status_of, trust
from tests.local_aws.struck import ONCE, call, inject, names, once

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
