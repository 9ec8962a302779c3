"""The shipped estate on a local AWS of its own, with what is added to it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo.cloud import Cloud
from demo.estate import Estate
from sightline.settings import load_settings
from tests.local_aws.conftest import endpoint_of, local_aws
from tests.local_aws.oracle.estate_cells import Cells


@pytest.fixture(scope="module")
def cells() -> Iterator[Cells]:
    """The matrix of the shipped estate."""
    with local_aws() as process:
        estate = Estate(Cloud(endpoint_of(process)), load_settings())
        estate.build()
        built = Cells(estate)
        built.prepare()
        yield built
