"""Keys of sessions end: the one rule that cannot be waited for at the endpoint, since AWS gives 15 minutes at least."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local_aws.callers import Callers
from local_aws.calls import AwsError
from local_aws.iam.authorizer import Authorizer

ROLE = "arn:aws:iam::111111111111:role/OrganizationAccountAccessRole"


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 1, 1, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


def test_a_key_is_its_sessions_until_it_expires() -> None:
    clock = Clock()
    callers = Callers(Authorizer(), clock)
    session = callers.open_session(ROLE, "test", seconds=900)
    key, token = session.access_key_id, session.session_token

    clock.now += timedelta(seconds=899)
    assert callers.of_access_key(key, token).arn.endswith("OrganizationAccountAccessRole/test")

    clock.now += timedelta(seconds=1)
    with pytest.raises(AwsError, match="ExpiredToken"):
        callers.of_access_key(key, token)
