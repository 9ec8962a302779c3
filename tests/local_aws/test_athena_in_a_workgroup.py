"""What a workgroup prescribes to its statements, and how it is made, changed and removed."""

from __future__ import annotations

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.athena_estate import Estate, invalid
from tests.local_aws.conftest import CONFIG, Account, Cloud, fresh_id, on, policy


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


def test_an_unknown_workgroup_is_refused(estate: Estate) -> None:
    assert invalid(estate, WorkGroup="nobody") == "WorkGroup nobody is not found."


def test_a_disabled_workgroup_is_refused_until_it_is_enabled(estate: Estate) -> None:
    estate.create_work_group("off")
    estate.athena.update_work_group(WorkGroup="off", State="DISABLED")
    assert "disabled" in invalid(estate, WorkGroup="off")

    estate.athena.update_work_group(WorkGroup="off", State="ENABLED")

    assert estate.run("SELECT 1", WorkGroup="off")["Status"]["State"] == "SUCCEEDED"


def test_without_an_output_location_nothing_is_started(estate: Estate) -> None:
    assert "No output location provided" in invalid(estate, WorkGroup="primary")


def test_primary_is_in_every_account_and_takes_the_clients_location(estate: Estate) -> None:
    location = f"s3://{estate.results}/mine/"

    execution = estate.run("SELECT 1", WorkGroup="primary", ResultConfiguration={"OutputLocation": location})

    assert execution["Status"]["State"] == "SUCCEEDED"
    assert execution["ResultConfiguration"]["OutputLocation"].startswith(location)


def test_a_workgroup_that_enforces_its_settings_overrides_the_clients(estate: Estate) -> None:
    elsewhere = {"OutputLocation": "s3://somewhere-else/"}

    execution = estate.run("SELECT 1", ResultConfiguration=elsewhere)

    assert execution["ResultConfiguration"]["OutputLocation"].startswith(f"s3://{estate.results}/group/")


def test_a_workgroup_is_made_changed_listed_and_removed(estate: Estate) -> None:
    estate.create_work_group("short", BytesScannedCutoffPerQuery=20_000_000)
    estate.athena.update_work_group(
        WorkGroup="short",
        Description="for a while",
        ConfigurationUpdates={
            "ResultConfigurationUpdates": {"OutputLocation": f"s3://{estate.results}/other"},
            "RemoveBytesScannedCutoffPerQuery": True,
            "EnforceWorkGroupConfiguration": False,
        },
    )

    found = estate.athena.get_work_group(WorkGroup="short")["WorkGroup"]

    assert found["Description"] == "for a while"
    assert found["Configuration"]["ResultConfiguration"] == {
        "OutputLocation": f"s3://{estate.results}/other/"
    }
    assert "BytesScannedCutoffPerQuery" not in found["Configuration"]
    assert found["Configuration"]["EnforceWorkGroupConfiguration"] is False
    listed = {w["Name"] for w in estate.athena.list_work_groups()["WorkGroups"]}
    assert {"primary", "group", "short"} <= listed
    estate.athena.delete_work_group(WorkGroup="short")
    with pytest.raises(ClientError, match="WorkGroup short is not found"):
        estate.athena.get_work_group(WorkGroup="short")


def test_a_workgroup_of_that_name_is_not_made_twice(estate: Estate) -> None:
    with pytest.raises(ClientError, match="already created"):
        estate.create_work_group("group")


def test_a_workgroup_with_a_history_goes_only_with_it(estate: Estate) -> None:
    estate.create_work_group("used")
    estate.run("SELECT 1", WorkGroup="used")

    with pytest.raises(ClientError, match="not empty"):
        estate.athena.delete_work_group(WorkGroup="used")

    estate.athena.delete_work_group(WorkGroup="used", RecursiveDeleteOption=True)


def test_the_expected_bucket_owner_is_held_to(estate: Estate, other_account: Account) -> None:
    results = {"OutputLocation": f"s3://{estate.results}/", "ExpectedBucketOwner": other_account.id}
    estate.athena.create_work_group(Name="owned", Configuration={"ResultConfiguration": results})

    assert "expected bucket owner" in estate.refused("SELECT 1", WorkGroup="owned")


def test_a_results_bucket_that_is_gone_fails_the_statement(estate: Estate) -> None:
    bucket = estate.account.bucket("gone")
    location = {"OutputLocation": f"s3://{bucket}/"}
    estate.athena.create_work_group(Name="gone", Configuration={"ResultConfiguration": location})
    estate.account.s3.delete_bucket(Bucket=bucket)

    assert f"Unable to verify/create output bucket {bucket}" in estate.refused("SELECT 1", WorkGroup="gone")


def test_a_cutoff_cancels_and_says_what_was_scanned(estate: Estate) -> None:
    table = estate.table("line STRING", "large/")
    estate.put("large/file.csv", b"x" * 99 + b"\n" + (b"y" * 99 + b"\n") * 150_000)
    estate.create_work_group("small", BytesScannedCutoffPerQuery=10_000_000)

    execution = estate.run(f"SELECT count(*) FROM {table}", WorkGroup="small")

    assert execution["Status"]["State"] == "CANCELLED"
    assert execution["Status"]["StateChangeReason"] == "Bytes scanned limit was exceeded"
    assert 10_000_000 < execution["Statistics"]["DataScannedInBytes"] <= 12_000_000
    assert estate.one(f"SELECT count(*) FROM {table}") == ("150001",)


def test_too_small_a_cutoff_is_refused_by_the_service_too(estate: Estate) -> None:
    unchecked = estate.account.admin.client(
        "athena",
        endpoint_url=estate.account.cloud.endpoint,
        config=CONFIG.merge(Config(parameter_validation=False)),
    )

    with pytest.raises(ClientError, match="10000000"):
        unchecked.update_work_group(
            WorkGroup="group", ConfigurationUpdates={"BytesScannedCutoffPerQuery": 9_999_999}
        )


def test_results_are_written_with_the_encryption_of_the_workgroup(estate: Estate) -> None:
    bucket = estate.account.bucket("sealed")
    unsealed = {"StringNotEquals": {"s3:x-amz-server-side-encryption": "AES256"}}
    statement = {"Effect": "Deny", "Principal": "*", "Condition": unsealed}
    document = policy(on(bucket, "s3:PutObject", **statement))
    estate.account.s3.put_bucket_policy(Bucket=bucket, Policy=document)
    plain = {"OutputLocation": f"s3://{bucket}/"}
    sealed = {**plain, "EncryptionConfiguration": {"EncryptionOption": "SSE_S3"}}
    estate.athena.create_work_group(Name="plain", Configuration={"ResultConfiguration": plain})
    estate.athena.create_work_group(Name="sealed", Configuration={"ResultConfiguration": sealed})

    refused = estate.refused("SELECT 1", WorkGroup="plain")
    written = estate.run("SELECT 1", WorkGroup="sealed")

    assert "Access denied when writing output" in refused
    key = written["ResultConfiguration"]["OutputLocation"].removeprefix(f"s3://{bucket}/")
    for name in (key, f"{key}.metadata"):
        assert estate.account.s3.head_object(Bucket=bucket, Key=name)["ServerSideEncryption"] == "AES256"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"EncryptionOption": "CSE_KMS", "KmsKey": "k"}, "EncryptionOption CSE_KMS is not supported"),
        ({"EncryptionOption": "SSE_KMS"}, "KmsKey is required"),
    ],
    ids=["by the client", "without its key"],
)
def test_other_encryption_is_refused_wherever_it_is_asked_for(
    estate: Estate, wrong: dict[str, str], said: str
) -> None:
    encryption = {"EncryptionConfiguration": wrong}

    with pytest.raises(ClientError, match=said):
        estate.create_work_group("keyed", ResultConfiguration=encryption)
    with pytest.raises(ClientError, match=said):
        estate.athena.update_work_group(
            WorkGroup="group", ConfigurationUpdates={"ResultConfigurationUpdates": encryption}
        )
    with pytest.raises(ClientError, match=said):
        estate.start("SELECT 1", WorkGroup="primary", ResultConfiguration=encryption)


def test_a_workgroups_setting_that_is_not_done_is_refused_unless_it_is_off(estate: Estate) -> None:
    said = "ManagedQueryResultsConfiguration is not supported"

    estate.create_work_group("unmanaged", ManagedQueryResultsConfiguration={"Enabled": False})

    with pytest.raises(ClientError, match=said):
        estate.create_work_group("managed", ManagedQueryResultsConfiguration={"Enabled": True})
    with pytest.raises(ClientError, match="ExecutionRole is not supported"):
        estate.athena.update_work_group(
            WorkGroup="unmanaged",
            ConfigurationUpdates={"ExecutionRole": "arn:aws:iam::123456789012:role/spark"},
        )
