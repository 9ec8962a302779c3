"""`python -m demo.prepare`: the estate for docker-compose.yaml, and the files with which Airflow uses it."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path

from demo.cloud import Cloud
from demo.estate import AccessKey, Estate
from sightline.connections import airflow_connections
from sightline.settings import load_settings


def main(arguments: list[str]) -> int:
    """Build the estate and write config, credentials, connections.json and passwords.json."""
    parser = argparse.ArgumentParser(prog="python -m demo.prepare")
    parser.add_argument("--endpoint", required=True, help="of the local AWS")
    parser.add_argument("--folder", required=True, type=Path, help="to write into")
    options = parser.parse_args(arguments)
    settings = load_settings()
    estate = Estate(Cloud(options.endpoint), settings)
    estate.build()
    estate.put_shipped_sources()
    files = {
        "config": aws_config(options.endpoint, settings.analytics.region),
        "credentials": aws_credentials(estate.make_access_key()),
        "connections.json": json.dumps(airflow_connections(settings)),
        "passwords.json": json.dumps({"admin": os.environ["AIRFLOW_ADMIN_PASSWORD"]}),
    }
    for name, text in files.items():
        _write_private(options.folder / name, text)
    print(f"The estate stands; {', '.join(files)} are in {options.folder}")
    return 0


def aws_config(endpoint: str, region: str) -> str:
    """An AWS configuration file. Path style: `bucket.local-aws` is a host that no network knows."""
    return f"[default]\nregion = {region}\nendpoint_url = {endpoint}\ns3 =\n    addressing_style = path\n"


def aws_credentials(key: AccessKey) -> str:
    """An AWS credentials file."""
    return f"[default]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n"


def _write_private(file: Path, text: str) -> None:
    file.unlink(missing_ok=True)
    file.touch(mode=0o600)
    file.write_text(text)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
