"""The Airflow connections of all accounts, from the settings: which role is assumed where. No secrets are in them.

`python -m sightline.connections [FILE]` writes them for `airflow connections import`. The credentials that assume the
roles are Airflow's own: its environment, instance profile or container role.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sightline.errors import SettingsError
from sightline.settings import load_settings

if TYPE_CHECKING:
    from sightline.settings import Settings

# botocore's "standard" mode waits between attempts and counts throttling as worth another one; its own default does
# not. A connection that is not made in 10 s, or says nothing for 60 s, is one of those attempts.
_CLIENT = {"retries": {"mode": "standard", "max_attempts": 5}, "connect_timeout": 10, "read_timeout": 60}


def airflow_connections(settings: Settings) -> dict[str, dict[str, Any]]:
    """Every connection by its id, in the JSON form of `airflow connections import` (and of AIRFLOW_CONN_<ID>)."""
    analytics = settings.analytics
    connections = {
        analytics.connection_id: _connection(
            "the analytics account", analytics.account_id, analytics.region, analytics.role_arn, "analytics"
        )
    }
    for account in settings.workload_accounts:
        connections[account.connection_id] = _connection(
            account.name,
            account.account_id,
            account.region,
            account.reader_role_arn,
            account.name,
            account.external_id,
        )
    return connections


def _connection(
    what: str, account_id: str, region: str, role_arn: str, session: str, external_id: str | None = None
) -> dict[str, Any]:
    """A connection that assumes a role.

    The amazon provider passes the external id on from `assume_role_kwargs` only; `external_id` beside it is ignored.
    The session name is what CloudTrail shows in the account.
    """
    assume_role = {"RoleSessionName": f"sightline-{session}"}
    if external_id:
        assume_role["ExternalId"] = external_id
    extra = {
        "region_name": region,
        "role_arn": role_arn,
        "assume_role_method": "assume_role",
        "assume_role_kwargs": assume_role,
        "config_kwargs": _CLIENT,
    }
    return {
        "conn_type": "aws",
        "description": f"Sightline: {what} ({account_id})",
        "extra": json.dumps(extra),
    }


def main(arguments: list[str] | None = None) -> int:
    """Write the connections. Accounts whose settings have mistakes are left out and named; the exit code is then 1."""
    parser = argparse.ArgumentParser(prog="python -m sightline.connections", description=main.__doc__)
    parser.add_argument("file", nargs="?", type=Path, help="where to write them; default: standard output")
    chosen = parser.parse_args(arguments)
    try:
        settings = load_settings()
    except SettingsError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    text = json.dumps(airflow_connections(settings), indent=2) + "\n"
    if chosen.file:
        chosen.file.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    for problem in settings.problems:
        sys.stderr.write(f"left out: {problem}\n")
    return 1 if settings.problems else 0


if __name__ == "__main__":
    sys.exit(main())
