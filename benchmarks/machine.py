"""What the figures were measured on."""

from __future__ import annotations

import importlib.metadata
import os
import platform
from datetime import UTC, datetime

import psutil

PACKAGES = ("apache-airflow", "apache-airflow-providers-amazon", "boto3", "pyarrow", "duckdb", "moto")


def describe(runs: int) -> str:
    """A paragraph: date, cores, memory, Python, versions, how busy the machine was, how often was measured."""
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    memory = psutil.virtual_memory().total / 2**30
    return (
        f"{datetime.now(UTC):%d %B %Y}, {platform.system()} {platform.machine()}, {len(os.sched_getaffinity(0))} "
        f"cores, {memory:.0f} GiB of memory, Python {platform.python_version()}; load average of the last 15 minutes "
        f"{os.getloadavg()[2]:.1f}. {versions}. Medians of {runs}, in brackets the smallest and the largest."
    )
