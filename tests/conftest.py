"""What every test stands on: an Airflow home of its own, set before Airflow is imported, and no way to a real AWS."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
FOREIGN = ("AIRFLOW", "AWS_", "SIGHTLINE_")
KEPT = frozenset({"SIGHTLINE_TEST_ENDPOINT"})


def _private_environment(home: Path) -> dict[str, str]:
    return {
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__UNIT_TEST_MODE": "False",
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home}/airflow.db",
        "AIRFLOW__USAGE_DATA_COLLECTION__ENABLED": "False",
        # A test that names no endpoint must fail, and not find somebody's credentials.
        "AWS_EC2_METADATA_DISABLED": "true",
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_DEFAULT_REGION": "ap-northeast-1",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }


def _isolate() -> None:
    home = Path(tempfile.mkdtemp(prefix="sightline-tests-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for name in [name for name in os.environ if name.startswith(FOREIGN) and name not in KEPT]:
        del os.environ[name]
    os.environ.update(_private_environment(home))


# Here and not in a fixture: test modules import Airflow while they are collected, and it reads these once.
_isolate()


@pytest.fixture(scope="session")
def airflow_database() -> None:
    """The metadata database that `dag.test()` needs, made once (about 4 s)."""
    from airflow.utils.db import initdb

    initdb()
