"""One local AWS for all clients, a shop in it that they read, and the user who runs them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.clients.environments import Ana
from tests.clients.shop import Shop
from tests.local_aws.conftest import Cloud, endpoint_of, local_aws


@pytest.fixture(scope="session")
def cloud() -> Iterator[Cloud]:
    """The endpoint."""
    with local_aws() as process:
        yield Cloud(endpoint_of(process))


@pytest.fixture(scope="session")
def shop(cloud: Cloud) -> Shop:
    """A shop whose sales no test changes."""
    return Shop.build(cloud)


@pytest.fixture
def ana(shop: Shop, tmp_path_factory: pytest.TempPathFactory) -> Ana:
    """The user, in a home of her own."""
    return Ana.at_home(shop, tmp_path_factory.mktemp("ana"))
