"""Data sets: their definition is kept, and making or changing a SPICE data set starts an ingestion."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from tests.local_aws.conftest import REGION, Cloud
from tests.local_aws.quicksight_estate import COLUMNS, Estate, records_of, refusal, sales_csv


@pytest.fixture
def estate(cloud: Cloud) -> Estate:
    return Estate(cloud)


def describe(estate: Estate, data_set_id: str = "records") -> dict[str, Any]:
    answer = estate.quicksight.describe_data_set(AwsAccountId=estate.account_id, DataSetId=data_set_id)
    return dict(answer["DataSet"])


def test_creating_a_spice_data_set_ingests_it(estate: Estate) -> None:
    created = estate.quicksight.create_data_set(**estate.data_set())
    ingestion = estate.ended(created["IngestionId"])

    assert created["Arn"] == f"arn:aws:quicksight:{REGION}:{estate.account_id}:dataset/records"
    assert created["IngestionArn"] == f"{created['Arn']}/ingestion/{created['IngestionId']}"
    assert (ingestion["IngestionStatus"], ingestion["RequestType"]) == ("COMPLETED", "INITIAL_INGESTION")
    assert estate.spice() == Counter(records_of(sales_csv(7)))


def test_updating_a_spice_data_set_ingests_it_anew(estate: Estate) -> None:
    estate.create_data_set()

    updated = estate.quicksight.update_data_set(
        **estate.data_set(sql="SELECT product FROM sales.records WHERE quantity < 3", columns=COLUMNS[:1])
    )
    ingestion = estate.ended(updated["IngestionId"])

    assert (ingestion["IngestionStatus"], ingestion["RequestType"]) == ("COMPLETED", "EDIT")
    assert estate.spice() == Counter([("product 0",), ("product 1",), ("product 2",)])


def test_a_data_set_is_described_as_it_was_defined(estate: Estate) -> None:
    logical = {"shown": {"Alias": "shown", "Source": {"PhysicalTableId": "records"}}}
    wanted = estate.data_set(LogicalTableMap=logical)
    estate.ended(estate.quicksight.create_data_set(**wanted)["IngestionId"])

    data_set = describe(estate)

    assert data_set["PhysicalTableMap"] == wanted["PhysicalTableMap"]
    assert data_set["LogicalTableMap"] == logical
    assert data_set["OutputColumns"] == COLUMNS
    assert data_set["ImportMode"] == "SPICE"
    assert data_set["LastUpdatedTime"] >= data_set["CreatedTime"]


def test_spice_capacity_is_what_the_rows_take(estate: Estate) -> None:
    estate.create_data_set()

    rows = records_of(sales_csv(7))

    assert describe(estate)["ConsumedSpiceCapacityInBytes"] == sum(3 * 8 + len(row[0]) for row in rows)


def test_a_direct_query_data_set_has_no_ingestions(estate: Estate) -> None:
    created = estate.quicksight.create_data_set(**estate.data_set(ImportMode="DIRECT_QUERY"))

    assert "IngestionId" not in created
    assert refusal(estate.start, ingestion_id="first") == "InvalidParameterValueException"
    assert describe(estate)["ConsumedSpiceCapacityInBytes"] == 0


def test_a_relational_table_is_read_by_its_columns(estate: Estate) -> None:
    table = {
        "DataSourceArn": estate.source_arn,
        "Catalog": "AwsDataCatalog",
        "Schema": "sales",
        "Name": "records",
        "InputColumns": COLUMNS[1:],
    }

    estate.create_data_set(PhysicalTableMap={"records": {"RelationalTable": table}})

    assert estate.spice() == Counter(row[1:] for row in records_of(sales_csv(7)))


def test_columns_are_projected_renamed_and_cast(estate: Estate) -> None:
    transforms = [
        {"RenameColumnOperation": {"ColumnName": "quantity", "NewColumnName": "pieces"}},
        {"CastColumnTypeOperation": {"ColumnName": "pieces", "NewColumnType": "STRING"}},
        {"ProjectOperation": {"ProjectedColumns": ["pieces", "product"]}},
    ]
    source = {"PhysicalTableId": "records"}
    logical = {"shown": {"Alias": "shown", "Source": source, "DataTransforms": transforms}}

    estate.create_data_set(LogicalTableMap=logical)

    assert describe(estate)["OutputColumns"] == [
        {"Name": "pieces", "Type": "STRING"},
        {"Name": "product", "Type": "STRING"},
    ]
    assert estate.spice() == Counter((row[1], row[0]) for row in records_of(sales_csv(7)))


def test_data_sets_are_listed_in_pages(estate: Estate) -> None:
    for data_set_id in ("one", "two", "three"):
        estate.quicksight.create_data_set(**estate.data_set(data_set_id, ImportMode="DIRECT_QUERY"))
    account = {"AwsAccountId": estate.account_id}

    first = estate.quicksight.list_data_sets(**account, MaxResults=2)
    second = estate.quicksight.list_data_sets(**account, MaxResults=2, NextToken=first["NextToken"])

    listed = [*first["DataSetSummaries"], *second["DataSetSummaries"]]
    assert [summary["DataSetId"] for summary in listed] == ["one", "two", "three"]
    assert "NextToken" not in second
    assert refusal(estate.quicksight.list_data_sets, **account, NextToken="?") == "InvalidNextTokenException"


def test_a_deleted_data_set_is_gone(estate: Estate) -> None:
    estate.create_data_set()
    of = {"AwsAccountId": estate.account_id, "DataSetId": "records"}

    estate.quicksight.delete_data_set(**of)

    assert refusal(estate.quicksight.describe_data_set, **of) == "ResourceNotFoundException"
    assert refusal(estate.quicksight.list_ingestions, **of) == "ResourceNotFoundException"


def test_permissions_are_granted(estate: Estate) -> None:
    user = f"arn:aws:quicksight:{REGION}:{estate.account_id}:user/default/reader"
    granted = [{"Principal": user, "Actions": ["quicksight:DescribeDataSet"]}]
    estate.quicksight.create_data_set(**estate.data_set(ImportMode="DIRECT_QUERY", Permissions=granted))
    of = {"AwsAccountId": estate.account_id, "DataSetId": "records"}

    more = [{"Principal": user, "Actions": ["quicksight:PassDataSet"]}]
    estate.quicksight.update_data_set_permissions(**of, GrantPermissions=more)

    (entry,) = estate.quicksight.describe_data_set_permissions(**of)["Permissions"]
    assert entry == {"Principal": user, "Actions": ["quicksight:DescribeDataSet", "quicksight:PassDataSet"]}


def test_an_id_is_taken_once(estate: Estate) -> None:
    estate.create_data_set()

    assert refusal(estate.quicksight.create_data_set, **estate.data_set()) == "ResourceExistsException"


def test_a_data_set_needs_its_data_source(estate: Estate) -> None:
    wanted = estate.data_set(source_arn=f"{estate.source_arn}-missing")

    assert refusal(estate.quicksight.create_data_set, **wanted) == "ResourceNotFoundException"


def test_another_accounts_id_is_refused(estate: Estate) -> None:
    wanted = {**estate.data_set(), "AwsAccountId": estate.workload.id}

    assert refusal(estate.quicksight.create_data_set, **wanted) == "AccessDeniedException"


@pytest.mark.parametrize(
    "changes",
    [
        {"columns": [*COLUMNS, COLUMNS[0]]},
        {"columns": [{"Name": "product", "Type": "JSON"}]},
        {"LogicalTableMap": {"l": {"Alias": "l", "Source": {"PhysicalTableId": "another"}}}},
        {
            "LogicalTableMap": {
                "l": {
                    "Alias": "l",
                    "Source": {"PhysicalTableId": "records"},
                    "DataTransforms": [{"FilterOperation": {"ConditionExpression": "{quantity} > 1"}}],
                }
            }
        },
        {"RowLevelPermissionDataSet": {"Arn": "arn:aws:quicksight:::x", "PermissionPolicy": "GRANT_ACCESS"}},
    ],
    ids=["doubled column", "json", "unknown physical table", "filter", "row level permissions"],
)
def test_what_is_wrong_or_not_emulated_is_refused(estate: Estate, changes: dict[str, Any]) -> None:
    wanted = estate.data_set(**changes)

    assert refusal(estate.quicksight.create_data_set, **wanted) == "InvalidParameterValueException"
