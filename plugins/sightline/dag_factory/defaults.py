"""What all Dags have alike: the settings, retries, owner, the runbook on their page."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any

from airflow.sdk import get_parsing_context

from sightline.errors import SettingsError
from sightline.settings import Settings, load_settings

OWNER = "data-platform"
LONGEST_RETRY_DELAY = timedelta(minutes=30)
RUNBOOKS = Path(__file__).parent / "runbooks"


def usable_settings() -> Settings | None:
    """Read the settings; None where nothing of them can be used, which settings_errors.py says for all Dag files.

    Raises:
        SettingsError: in a worker, whose task would else only find that its Dag is gone.
    """
    try:
        return load_settings()
    except SettingsError:
        if get_parsing_context().dag_id:
            raise
        return None


def default_args(retries: int, retry_delay_seconds: int) -> dict[str, Any]:
    """Whose the tasks are, how often and after which pauses they are tried again, and when they end."""
    return {
        "owner": OWNER,
        "retries": retries,
        "retry_delay": timedelta(seconds=retry_delay_seconds),
        "retry_exponential_backoff": 2.0,
        "max_retry_delay": LONGEST_RETRY_DELAY,
        "execution_timeout": timedelta(hours=2),
    }


def runbook(name: str, **values: object) -> str:
    """Fill in the runbook that the Dag's page shows."""
    return _template(name).format(**values)


@cache
def _template(name: str) -> str:
    return (RUNBOOKS / f"{name}.md").read_text(encoding="utf-8")
