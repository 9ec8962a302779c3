"""One local AWS for all clients, and a shop in it that they read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.shop import Shop
from tests.local_aws.conftest import Cloud, endpoint_of, local_aws


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The endpoint."""
    with local_aws() as process:
        yield Cloud(endpoint_of(process))


@pytest.fixture(scope="session")
def shop(cloud: Cloud) -> Shop:
    """A shop that no test changes."""
    return Shop.build(cloud)
