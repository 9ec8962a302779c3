"""A local AWS for the generated files, and how many of them there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.generated.lake import Lake
from tests.local_aws.athena_estate import Estate
from tests.local_aws.conftest import Account, Cloud, endpoint_of, fresh_id, local_aws


@pytest.fixture(scope="module")
def cloud() -> Iterator[Cloud]:
    """A local AWS of this module's own."""
    with local_aws() as process:
        yield Cloud(endpoint_of(process))


@pytest.fixture(scope="module")
def lake(cloud: Cloud) -> Lake:
    """A fresh account to lay files into."""
    estate = Estate.of(Account(cloud, fresh_id()))
    estate.patience_seconds = 120  # a busy machine is no wrong answer
    return Lake(estate)
