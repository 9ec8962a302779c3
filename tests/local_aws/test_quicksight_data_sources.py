"""Data sources: who may make them, as which role they read, and when they fail."""

from __future__ import annotations

from typing import Any

import pytest

from tests.local_aws.conftest import REGION, Cloud
from tests.local_aws.quicksight_estate import SERVICE, Estate, refusal


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    return Estate(cloud)


def test_a_data_source_is_described_as_it_was_created(estate: Estate) -> None:
    source = estate.describe_data_source("sales")

    assert source["Arn"] == f"arn:aws:quicksight:{REGION}:{estate.account_id}:datasource/sales"
    assert (source["Type"], source["Status"]) == ("ATHENA", "CREATION_SUCCESSFUL")
    assert source["DataSourceParameters"] == {
        "AthenaParameters": {"WorkGroup": "sales", "RoleArn": estate.role_arn}
    }
    assert source["CreatedTime"].tzinfo is not None


def test_a_data_source_is_listed_updated_and_deleted(estate: Estate) -> None:
    account = {"AwsAccountId": estate.account_id}
    estate.create_data_source("other")

    listed = estate.quicksight.list_data_sources(**account)["DataSources"]
    estate.quicksight.update_data_source(
        **account,
        DataSourceId="other",
        Name="renamed",
        DataSourceParameters={"AthenaParameters": {"WorkGroup": "sales", "RoleArn": estate.role_arn}},
    )
    updated = estate.describe_data_source("other")
    estate.quicksight.delete_data_source(**account, DataSourceId="other")

    assert [source["DataSourceId"] for source in listed] == ["sales", "other"]
    assert (updated["Name"], updated["Status"]) == ("renamed", "UPDATE_SUCCESSFUL")
    describe = estate.quicksight.describe_data_source
    assert refusal(describe, **account, DataSourceId="other") == "ResourceNotFoundException"


def test_permissions_are_granted_and_revoked(estate: Estate) -> None:
    of = {"AwsAccountId": estate.account_id, "DataSourceId": "sales"}
    user = f"arn:aws:quicksight:{REGION}:{estate.account_id}:user/default/reader"
    actions = ["quicksight:DescribeDataSource", "quicksight:PassDataSource"]

    estate.quicksight.update_data_source_permissions(
        **of, GrantPermissions=[{"Principal": user, "Actions": actions}]
    )
    granted = estate.quicksight.describe_data_source_permissions(**of)["Permissions"]
    estate.quicksight.update_data_source_permissions(
        **of, RevokePermissions=[{"Principal": user, "Actions": actions}]
    )

    assert granted == [{"Principal": user, "Actions": actions}]
    assert estate.quicksight.describe_data_source_permissions(**of)["Permissions"] == []


def test_an_id_is_taken_once(estate: Estate) -> None:
    assert refusal(estate.create_data_source, data_source_id="sales") == "ResourceExistsException"


def test_a_region_has_its_own_data_sources(estate: Estate) -> None:
    elsewhere = estate.analytics.admin.client(
        "quicksight", region_name="eu-central-1", endpoint_url=estate.cloud.endpoint
    )

    assert elsewhere.list_data_sources(AwsAccountId=estate.account_id)["DataSources"] == []


def test_another_accounts_id_is_refused(estate: Estate) -> None:
    listing = estate.quicksight.list_data_sources

    assert refusal(listing, AwsAccountId=estate.workload.id) == "AccessDeniedException"


@pytest.mark.parametrize(
    ("role", "error"), [("missing", "does not exist"), ("not-trusting", "not authorized to assume")]
)
def test_a_role_that_quicksight_cannot_assume_fails_the_creation(
    estate: Estate, role: str, error: str
) -> None:
    estate.role("not-trusting", service="ec2.amazonaws.com")

    estate.create_data_source("failing", RoleArn=f"arn:aws:iam::{estate.account_id}:role/{role}")
    source = estate.describe_data_source("failing")

    assert source["Status"] == "CREATION_FAILED"
    assert source["ErrorInfo"]["Type"] == "ACCESS_DENIED"
    assert error in source["ErrorInfo"]["Message"]


def test_without_a_role_the_service_role_is_needed(estate: Estate) -> None:
    estate.create_data_source("before", RoleArn=None)
    estate.role("aws-quicksight-service-role-v0", path="/service-role/")
    estate.create_data_source("after", RoleArn=None)

    assert estate.describe_data_source("before")["Status"] == "CREATION_FAILED"
    assert estate.describe_data_source("after")["Status"] == "CREATION_SUCCESSFUL"


def test_a_missing_workgroup_fails_the_creation(estate: Estate) -> None:
    estate.create_data_source("failing", WorkGroup="nowhere")

    error = estate.describe_data_source("failing")["ErrorInfo"]

    assert error["Type"] == "GENERIC_SQL_FAILURE"
    assert "nowhere" in error["Message"]


def test_an_update_without_a_workgroup_falls_back_to_primary(estate: Estate) -> None:
    estate.quicksight.update_data_source(AwsAccountId=estate.account_id, DataSourceId="sales", Name="sales")

    parameters = estate.describe_data_source("sales")["DataSourceParameters"]

    assert parameters == {"AthenaParameters": {"WorkGroup": "primary"}}


def test_a_role_of_another_account_is_refused(estate: Estate) -> None:
    role = f"arn:aws:iam::{estate.workload.id}:role/quicksight"

    code = refusal(estate.create_data_source, data_source_id="failing", RoleArn=role)

    assert code == "InvalidParameterValueException"


def test_only_athena_is_emulated(estate: Estate) -> None:
    create = estate.quicksight.create_data_source
    wanted = {"AwsAccountId": estate.account_id, "DataSourceId": "files", "Name": "files", "Type": "S3"}

    assert refusal(create, **wanted) == "InvalidParameterValueException"


ALL_OF_QUICKSIGHT = {"Action": "quicksight:*", "Resource": "*"}


def as_user(estate: Estate, *statements: dict[str, Any]) -> Any:
    """QuickSight as a user of the analytics account who may do what these statements say."""
    return estate.cloud.client_of(estate.analytics.user("author", *statements), "quicksight")


def test_a_role_is_passed_only_by_who_may_pass_it(estate: Estate) -> None:
    estate.quicksight = as_user(estate, ALL_OF_QUICKSIGHT)

    code = refusal(estate.create_data_source, data_source_id="refused")

    assert code == "AccessDeniedException"


def test_who_may_pass_the_role_to_quicksight_passes_it(estate: Estate) -> None:
    condition = {"StringEquals": {"iam:PassedToService": SERVICE}}
    may_pass = {
        "Effect": "Allow",
        "Action": "iam:PassRole",
        "Resource": estate.role_arn,
        "Condition": condition,
    }
    estate.quicksight = as_user(estate, ALL_OF_QUICKSIGHT, may_pass)

    estate.create_data_source("passed")

    assert estate.describe_data_source("passed")["Status"] == "CREATION_SUCCESSFUL"


def test_a_data_set_needs_the_right_to_pass_its_data_source(estate: Estate) -> None:
    without = {"Effect": "Deny", "Action": "quicksight:PassDataSource", "Resource": "*"}
    quicksight = as_user(estate, ALL_OF_QUICKSIGHT, without)

    assert refusal(quicksight.create_data_set, **estate.data_set()) == "AccessDeniedException"
