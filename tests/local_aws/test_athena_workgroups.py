"""What a workgroup may be called, and what it may be told."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.athena_estate import Estate
from tests.local_aws.conftest import CONFIG, Account, Cloud, fresh_id


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


@pytest.fixture(scope="module")
def unchecked(estate: Estate) -> Any:
    """A client that sends whatever it is given."""
    config = CONFIG.merge(Config(parameter_validation=False))
    return estate.account.admin.client("athena", endpoint_url=estate.account.cloud.endpoint, config=config)


@pytest.mark.parametrize(
    "name", ["", "a b", "a/b", "x" * 129, "group\n"], ids=["none", "blank", "slash", "long", "line break"]
)
def test_a_name_has_letters_digits_and_few_signs(unchecked: Any, name: str) -> None:
    with pytest.raises(ClientError, match="is not valid"):
        unchecked.create_work_group(Name=name)


@pytest.mark.parametrize(
    "location",
    ["results/", "s3://", "s3://Upper/", "https://bucket/", "s3://bucket/a*"],
    ids=["none", "empty", "capitals", "https", "star"],
)
def test_results_go_to_a_folder_in_s3(estate: Estate, location: str) -> None:
    with pytest.raises(ClientError, match="outputLocation is not a valid S3 path"):
        estate.create_work_group("nowhere", ResultConfiguration={"OutputLocation": location})


def test_an_engine_that_is_not_here_is_refused(estate: Estate) -> None:
    version = {"SelectedEngineVersion": "PySpark engine version 3"}

    with pytest.raises(ClientError, match="PySpark engine version 3 is not there"):
        estate.create_work_group("spark", EngineVersion=version)
    with pytest.raises(ClientError, match="PySpark engine version 3 is not there"):
        estate.athena.update_work_group(WorkGroup="group", ConfigurationUpdates={"EngineVersion": version})


def test_it_is_on_or_off(estate: Estate, unchecked: Any) -> None:
    with pytest.raises(ClientError, match="The state PAUSED is not valid"):
        unchecked.update_work_group(WorkGroup="group", State="PAUSED")

    assert estate.athena.get_work_group(WorkGroup="group")["WorkGroup"]["State"] == "ENABLED"


def test_primary_stays(estate: Estate) -> None:
    with pytest.raises(ClientError, match="primary workgroup cannot be deleted"):
        estate.athena.delete_work_group(WorkGroup="primary", RecursiveDeleteOption=True)


def test_an_update_that_is_refused_changes_nothing(estate: Estate) -> None:
    before = estate.athena.get_work_group(WorkGroup="group")["WorkGroup"]["Configuration"]
    updates = {"EnforceWorkGroupConfiguration": False, "ResultConfigurationUpdates": {"OutputLocation": "x"}}

    with pytest.raises(ClientError, match="outputLocation"):
        estate.athena.update_work_group(WorkGroup="group", ConfigurationUpdates=updates)

    assert estate.athena.get_work_group(WorkGroup="group")["WorkGroup"]["Configuration"] == before
