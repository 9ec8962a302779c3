"""Airflow reads from the connections what the settings mean: the role, the external id, the region, the patience."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from airflow.models.connection import Connection as StoredConnection
from airflow.providers.amazon.aws.utils.connection_wrapper import AwsConnectionWrapper
from airflow.sdk import Connection
from airflow.secrets.local_filesystem import load_connections_dict

from sightline.connections import airflow_connections, main
from sightline.settings import load_settings
from tests.support.settings_files import ANALYTICS, THIRD_ACCOUNT, accounts, load, settings_file


def wrapped(connection_id: str, connection: dict[str, object]) -> AwsConnectionWrapper:
    """The connection as the amazon provider reads it."""
    return AwsConnectionWrapper(conn=Connection.from_json(json.dumps(connection), conn_id=connection_id))


def test_every_account_has_a_connection() -> None:
    connections = airflow_connections(load_settings())

    assert list(connections) == ["aws_analytics", "aws_account1", "aws_account2"]


def test_the_reader_role_is_assumed_with_its_external_id() -> None:
    connections = airflow_connections(load_settings())

    reader = wrapped("aws_account1", connections["aws_account1"])
    assert reader.role_arn == "arn:aws:iam::111111111111:role/sightline-reader"
    assert reader.assume_role_method == "assume_role"
    assert reader.assume_role_kwargs == {
        "ExternalId": "sightline-account1",
        "RoleSessionName": "sightline-account1",
    }
    assert reader.region_name == "ap-northeast-1"


def test_the_pipeline_role_is_assumed_without_one() -> None:
    pipeline = wrapped("aws_analytics", airflow_connections(load_settings())["aws_analytics"])

    assert pipeline.role_arn == "arn:aws:iam::333333333333:role/sightline-pipeline"
    assert pipeline.assume_role_kwargs == {"RoleSessionName": "sightline-analytics"}


def test_clients_try_again_and_do_not_wait_for_ever() -> None:
    config = wrapped("aws_analytics", airflow_connections(load_settings())["aws_analytics"]).botocore_config

    assert config is not None
    assert (config.retries, config.connect_timeout, config.read_timeout) == (
        {"mode": "standard", "max_attempts": 5},
        10,
        60,
    )


def test_a_connection_follows_its_account(tmp_path: Path) -> None:
    settings = load(tmp_path, ANALYTICS + "workload_accounts:\n" + THIRD_ACCOUNT)

    reader = wrapped("aws_warehouse", airflow_connections(settings)["aws_warehouse"])
    assert (reader.role_arn, reader.region_name) == (
        "arn:aws:iam::044444444444:role/readers/files",
        "eu-central-1",
    )
    assert reader.assume_role_kwargs["ExternalId"] == "x/1:warehouse"


def test_no_secrets_are_in_a_connection() -> None:
    for connection in airflow_connections(load_settings()).values():
        assert set(connection) == {"conn_type", "description", "extra"}
        assert not {"aws_access_key_id", "aws_secret_access_key", "endpoint_url"} & set(
            json.loads(connection["extra"])
        )


def test_what_is_written_can_be_imported(tmp_path: Path) -> None:
    file = tmp_path / "connections.json"

    code = main([str(file)])

    imported = load_connections_dict(str(file))
    assert code == 0
    assert list(imported) == ["aws_analytics", "aws_account1", "aws_account2"]
    assert isinstance(imported["aws_account1"], StoredConnection)
    assert imported["aws_account1"].extra_dejson["assume_role_kwargs"]["ExternalId"] == "sightline-account1"


def test_an_account_with_mistakes_is_left_out_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    file = settings_file(tmp_path, accounts("one", "two").replace("one_data", "One"))
    monkeypatch.setenv("SIGHTLINE_ACCOUNTS", str(file))

    code = main([])

    written = capsys.readouterr()
    assert code == 1
    assert list(json.loads(written.out)) == ["aws_analytics", "aws_two"]
    assert written.err.startswith("left out: ")
    assert "workload_accounts[one].database" in written.err


def test_a_file_that_cannot_be_used_writes_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SIGHTLINE_ACCOUNTS", str(settings_file(tmp_path, "workload_accounts: []\n")))

    code = main([])

    written = capsys.readouterr()
    assert (code, written.out) == (1, "")
    assert "analytics: is missing" in written.err
