"""Measurements in fresh processes, which say as JSON what they took."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from benchmarks import ROOT
from benchmarks.samples import Sample
from demo.airflow import clean_environment

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

SECONDS = 300


class ChildError(Exception):
    """A process failed, or found what it must not."""


def run(module: str, *arguments: str, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run `python -m module arguments` and return what its last line says. Raises ChildError with its errors."""
    done = subprocess.run(
        [sys.executable, "-m", module, *arguments],
        env=dict(environment),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=SECONDS,
    )
    if done.returncode:
        raise ChildError(f"{module} {' '.join(arguments)}: {done.stderr[-2000:]}")
    figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def airflow_environment(folder: Path) -> dict[str, str]:
    """An Airflow home of its own without plugins: a measurement names what it imports before its clock starts."""
    return {
        **clean_environment(),
        "PYTHONPATH": f"{ROOT / 'plugins'}:{ROOT}",
        "AIRFLOW_HOME": str(folder / "airflow"),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__PLUGINS_FOLDER": str(folder / "plugins"),
    }


def sample(found: Iterable[Mapping[str, Any]], name: str) -> Sample:
    """One figure of several processes."""
    return Sample.of(float(figures[name]) for figures in found)
