"""What docker-compose's service `estate` leaves is enough for an AWS client in another container."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import botocore.session
import pytest

from demo import prepare
from demo.estate import Estate
from sightline.settings import load_settings


@pytest.fixture
def prepared(estate: Estate, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The files, for an endpoint with a host name: addresses are made another way than for 127.0.0.1."""
    monkeypatch.setenv("AIRFLOW_ADMIN_PASSWORD", "a password")
    endpoint = estate.cloud.endpoint.replace("127.0.0.1", "localhost")

    assert prepare.main(["--endpoint", endpoint, "--folder", str(tmp_path)]) == 0

    return tmp_path


def test_a_client_finds_endpoint_key_and_address_in_the_files(
    prepared: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_CONFIG_FILE", str(prepared / "config"))
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(prepared / "credentials"))
    account = load_settings().account("account1")
    session = botocore.session.get_session()

    role = session.create_client("sts").assume_role(
        RoleArn=account.reader_role_arn, RoleSessionName="test", ExternalId=account.external_id
    )["Credentials"]
    s3 = session.create_client(
        "s3",
        aws_access_key_id=role["AccessKeyId"],
        aws_secret_access_key=role["SecretAccessKey"],
        aws_session_token=role["SessionToken"],
    )
    found = s3.list_objects_v2(Bucket=account.tables[0].bucket, Prefix=account.tables[0].prefix)

    assert [entry["Size"] for entry in found["Contents"]] == [302]


def test_the_files_are_for_their_owner_only_and_hold_what_airflow_imports(prepared: Path) -> None:
    names = {file.name for file in prepared.iterdir()}

    assert names == {"config", "credentials", "connections.json", "passwords.json"}
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in prepared.iterdir())
    assert json.loads((prepared / "passwords.json").read_text()) == {"admin": "a password"}
    assert "aws_analytics" in json.loads((prepared / "connections.json").read_text())
