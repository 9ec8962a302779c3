"""The local AWS from outside."""

from __future__ import annotations

import pytest

from demo import cloud as module
from demo.cloud import SESSION_SECONDS, Cloud
from tests.stages.conftest import cloud as cloud

ACCOUNT = {"account_id": "333333333333", "region": "ap-northeast-1"}


def test_an_administrators_client_is_kept_but_not_for_as_long_as_its_session(
    cloud: Cloud, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [10.0 * SESSION_SECONDS]
    monkeypatch.setattr(module.time, "monotonic", lambda: now[0])  # nobody waits for an hour
    first = cloud.client("s3", **ACCOUNT)
    now[0] += 60
    soon = cloud.client("s3", **ACCOUNT)

    now[0] += SESSION_SECONDS - 120
    later = cloud.client("s3", **ACCOUNT)

    keys = [client._request_signer._credentials.access_key for client in (first, soon, later)]
    assert soon is first
    assert keys[2] != keys[0], "the first session ends a minute after this"
