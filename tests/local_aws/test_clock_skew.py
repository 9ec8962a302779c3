"""A signature whose clock is more than 15 minutes off is refused, in each service's own words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.error import HTTPError
from urllib.request import ProxyHandler, build_opener

import pytest
import time_machine
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, code_of, status_of

OPENER = build_opener(ProxyHandler({}))
CODES = {
    "s3": ("list_buckets", "RequestTimeTooSkewed", 403),
    "sts": ("get_caller_identity", "SignatureDoesNotMatch", 403),
    "athena": ("list_work_groups", "InvalidSignatureException", 400),
    "glue": ("get_databases", "InvalidSignatureException", 400),
}


@pytest.mark.parametrize("days", [-1, 1], ids=["behind", "ahead"])
@pytest.mark.parametrize(("service", "answer"), CODES.items(), ids=list(CODES))
def test_a_clock_that_is_a_day_off_is_refused(
    account: Account, service: str, answer: tuple[str, str, int], days: int
) -> None:
    method, code, status = answer
    client = account.client(service)

    with (
        time_machine.travel(datetime.now(UTC) + timedelta(days=days)),
        pytest.raises(ClientError) as failure,
    ):
        getattr(client, method)()

    assert (code_of(failure), status_of(failure)) == (code, status)


@pytest.mark.parametrize("minutes", [-14, 14], ids=["behind", "ahead"])
def test_a_clock_within_15_minutes_is_as_good_as_a_right_one(account: Account, minutes: int) -> None:
    client = account.client("s3")

    with time_machine.travel(datetime.now(UTC) + timedelta(minutes=minutes)):
        answer = client.list_buckets()

    assert answer["Buckets"] == []


def test_the_refusal_says_which_way_the_clock_is_off(account: Account) -> None:
    client = account.client("sts")
    texts = {}

    for days in (-1, 1):
        with (
            time_machine.travel(datetime.now(UTC) + timedelta(days=days)),
            pytest.raises(ClientError) as failure,
        ):
            client.get_caller_identity()
        texts[days] = failure.value.response["Error"]["Message"]

    assert texts[-1].startswith("Signature expired: ")
    assert texts[1].startswith("Signature not yet current: ")


@pytest.mark.parametrize(
    ("seconds", "later", "refusal"),
    [
        (60, timedelta(seconds=30), None),
        (60, timedelta(minutes=2), "Request has expired"),
        (7200, timedelta(minutes=90), None),
        (7200, timedelta(minutes=121), "Request has expired"),
        (7200, timedelta(minutes=-20), "Request is not valid yet"),
        (604801, timedelta(0), "X-Amz-Expires"),
    ],
    ids=["in time", "after a minute", "within hours", "after hours", "too soon", "for too long"],
)
def test_a_presigned_url_is_good_for_as_long_as_it_says(
    account: Account, seconds: int, later: timedelta, refusal: str | None
) -> None:
    bucket = account.bucket("data", **{"a.csv": b"x"})

    status, body = answer_of(presigned(account, bucket, seconds, later))

    assert (status == 200) == (refusal is None)
    assert body == "x" if refusal is None else refusal in body


def test_an_expired_presigned_url_is_refused_as_s3_words_it(account: Account) -> None:
    bucket = account.bucket("data", **{"a.csv": b"x"})

    status, body = answer_of(presigned(account, bucket, 60, timedelta(minutes=2)))

    assert status == 403
    assert "<Code>AccessDenied</Code>" in body
    assert "<X-Amz-Expires>60</X-Amz-Expires>" in body


def presigned(account: Account, bucket: str, seconds: int, ago: timedelta) -> str:
    """The URL of a.csv that was signed some time ago, for some seconds."""
    options = {"endpoint_url": account.cloud.endpoint, "config": Config(signature_version="s3v4")}
    signer = account.admin.client("s3", **options)
    with time_machine.travel(datetime.now(UTC) - ago):
        parameters = {"Bucket": bucket, "Key": "a.csv"}
        return str(signer.generate_presigned_url("get_object", parameters, ExpiresIn=seconds))


def answer_of(url: str) -> tuple[int, str]:
    try:
        with OPENER.open(url, timeout=10) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()
