"""A local AWS for the floor, with accounts of its own, as the stages' tests have it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.airflow import clean_environment
from demo.cloud import start_cloud
from demo.home import Home, State
from demo.processes import stop
from tests.support.world import World, new_world


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A provisioned estate with no file in it yet, on a local AWS of its own: calls are counted there."""
    home = Home(tmp_path / "home")
    home.create()
    state = State(marker=home.marker)
    try:
        with new_world(start_cloud(home, state, clean_environment()), tmp_path) as world:
            assert not world.provision().errors
            yield world
    finally:
        stop(state.services, state.marker, grace_seconds=2)
