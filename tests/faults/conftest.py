"""What the tests of the campaign share: a local AWS, and a watch over this process's calls."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.faults.watch import Watch
from tests.stages.conftest import cloud as cloud


@pytest.fixture
def watch() -> Iterator[Watch]:
    """Sees the calls of this process."""
    watch = Watch()
    watch.install()
    yield watch
    watch.remove()
