"""A local AWS without Airflow: enough for the estate."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from demo import processes
from demo.airflow import clean_environment
from demo.cloud import start_cloud
from demo.estate import Estate
from demo.home import Home, State
from sightline.settings import load_settings
from tests.architecture.syntax import ROOT


@pytest.fixture(scope="module")
def estate(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Estate]:
    """The estate of the end-to-end tests' settings, which have more accounts and forms than the shipped ones."""
    home = Home(tmp_path_factory.mktemp("estate") / "home")
    home.create()
    state = State(marker=home.marker)
    try:
        cloud = start_cloud(home, state, clean_environment())
        built = Estate(cloud, load_settings(ROOT / "tests" / "end_to_end" / "accounts.yaml"))
        built.build()
        yield built
    finally:
        processes.stop(state.services, state.marker)
