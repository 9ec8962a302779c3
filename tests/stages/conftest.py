"""The stages' operators against the local AWS, in this process: a cloud for all tests, fresh accounts for each."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from demo.cloud import Cloud, start_cloud
from demo.home import Home, State
from demo.processes import stop
from sightline.triggers import base
from tests.support.refusals import FEBRUARY, up_to
from tests.support.world import JANUARY, World, new_world, settings_document

MakeWorld = Callable[..., World]


@pytest.fixture(scope="session")
def cloud(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cloud]:
    """A local AWS on a free port; every test has accounts of its own in it."""
    home, state = Home(tmp_path_factory.mktemp("cloud") / "home"), State(marker=f"stages-{os.getpid()}")
    home.create()
    home.logs.mkdir(exist_ok=True)
    yield start_cloud(home, state, dict(os.environ))
    stop(state.services, state.marker, grace_seconds=2)


@pytest.fixture(autouse=True)
def nothing_to_settle(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without a scheduler, no task can come back before its exit was registered."""
    monkeypatch.setattr(base, "SETTLING_DELAY", 0.0)


@pytest.fixture
def make_world(cloud: Cloud, tmp_path: Path) -> Iterator[MakeWorld]:
    """Build an estate whose account has these settings: make_world(table={…}, scan_cutoff=…)."""
    opened = []

    def make(**account: Any) -> World:
        context = new_world(cloud, tmp_path, settings_document(**account))
        world = context.__enter__()
        opened.append(context)
        return world

    yield make
    for context in reversed(opened):
        context.__exit__(None, None, None)


@pytest.fixture
def world(make_world: MakeWorld) -> World:
    """An estate of fresh accounts, provisioned, with no file in it yet."""
    world = make_world(retries=0)
    assert not world.provision().errors
    return world


@pytest.fixture
def loaded(world: World) -> World:
    """January is loaded and published."""
    world.put(JANUARY)
    assert not world.load().errors
    return world


@pytest.fixture
def delivered(loaded: World) -> World:
    """January is loaded and published, February delivered."""
    loaded.put(FEBRUARY, "2024-02")
    return loaded


@pytest.fixture
def ready(delivered: World) -> World:
    """January is loaded and published; February is checked, and only its ingestion is left."""
    up_to(delivered, "ingest_data_set")
    return delivered
