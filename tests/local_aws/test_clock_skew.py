"""A signature whose clock is more than 15 minutes off is refused, in each service's own words."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from botocore.exceptions import ClientError

from tests.local_aws.conftest import Account, code_of, status_of

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
