"""How Glue's answers are compared with the settings."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sightline.catalog import CatalogTable, PartitionState
from sightline.partitions import Month
from tests.support.tables import sales_table

TABLE = sales_table()
LOCATION = "s3://account1-athena-test-111111111111/account1/data/sales/"


def glue_table(**changes: Any) -> dict[str, Any]:
    columns = [
        {"Name": "date", "Type": "date"},
        {"Name": "product", "Type": "string"},
        {"Name": "quantity", "Type": "int"},
        {"Name": "unit_price", "Type": "decimal(10,2)"},
        {"Name": "total_sales", "Type": "decimal(10,2)"},
    ]
    return {
        "StorageDescriptor": {"Columns": columns, "Location": LOCATION, **changes},
        "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "int"}],
    }


def partition(year: str, month: str, location: str = f"{LOCATION}year=2024/month=01/") -> dict[str, Any]:
    return {"Values": [year, month], "StorageDescriptor": {"Location": location}}


def test_a_table_as_declared_has_no_differences() -> None:
    assert CatalogTable.from_responses(glue_table(), []).differences(TABLE) == []


def test_types_written_otherwise_are_the_same() -> None:
    columns = [
        {**column, "Type": column["Type"].upper().replace(",", ", ")}
        for column in glue_table()["StorageDescriptor"]["Columns"]
    ]

    assert CatalogTable.from_responses(glue_table(Columns=columns), []).differences(TABLE) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Columns": [{"Name": "date", "Type": "date"}]}, r"columns: the catalog has \(date date\)"),
        ({"Location": "s3://elsewhere/"}, "location: the catalog has s3://elsewhere"),
    ],
)
def test_a_difference_names_both_sides(changes: dict[str, Any], said: str) -> None:
    differences = CatalogTable.from_responses(glue_table(**changes), []).differences(TABLE)

    assert len(differences) == 1
    assert re.search(said, differences[0])


@pytest.mark.parametrize("month", ["1", "01"])
def test_a_month_counts_once_however_its_value_is_written(month: str) -> None:
    table = CatalogTable.from_responses(glue_table(), [partition("2024", month)])

    assert table.partition_state(TABLE, Month(2024, 1)) is PartitionState.RIGHT


def test_a_partition_elsewhere_is_told_from_a_missing_one() -> None:
    table = CatalogTable.from_responses(glue_table(), [partition("2024", "1", "s3://old-bucket/2024-01/")])

    assert table.partition_state(TABLE, Month(2024, 1)) is PartitionState.OTHER_LOCATION
    assert table.partition_state(TABLE, Month(2024, 2)) is PartitionState.MISSING
