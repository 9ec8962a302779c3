"""How Glue's answers are compared with the settings."""

from __future__ import annotations

import re
from typing import Any

import pytest

from sightline.catalog import CatalogTable, Partitions, PartitionState
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
    serde = {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ",", "serialization.format": ","},
    }
    return {
        "StorageDescriptor": {"Columns": columns, "Location": LOCATION, "SerdeInfo": serde, **changes},
        "Parameters": {"skip.header.line.count": "1", "EXTERNAL": "TRUE"},
        "PartitionKeys": [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "int"}],
    }


def partition(year: str, month: str, location: str = f"{LOCATION}year=2024/month=01/") -> dict[str, Any]:
    return {"Values": [year, month], "StorageDescriptor": {"Location": location}}


def test_a_table_as_declared_has_no_differences() -> None:
    assert CatalogTable.from_response(glue_table()).differences(TABLE) == []


def test_types_written_otherwise_are_the_same() -> None:
    columns = [
        {**column, "Type": column["Type"].upper().replace(",", ", ")}
        for column in glue_table()["StorageDescriptor"]["Columns"]
    ]

    assert CatalogTable.from_response(glue_table(Columns=columns)).differences(TABLE) == []


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"Columns": [{"Name": "date", "Type": "date"}]}, r"columns: the catalog has \(date date\)"),
        ({"Location": "s3://elsewhere/"}, "location: the catalog has s3://elsewhere"),
    ],
)
def test_a_difference_names_both_sides(changes: dict[str, Any], said: str) -> None:
    differences = CatalogTable.from_response(glue_table(**changes)).differences(TABLE)

    assert len(differences) == 1
    assert re.search(said, differences[0])


@pytest.mark.parametrize(
    "settings",
    [
        {"format": {"delimiter": ";"}},
        {"format": {"header": False}},
        {"format": {"serde": "open_csv"}, "columns": {"date": "STRING", "product": "STRING"}},
    ],
)
def test_a_text_format_that_differs_is_a_difference(settings: dict[str, Any]) -> None:
    differences = CatalogTable.from_response(glue_table()).differences(sales_table(**settings))

    assert any(line.startswith("text format: ") for line in differences)


def test_a_table_of_another_writer_may_leave_out_what_athenas_ddl_stores() -> None:
    """No SerDe library is the default one, no header count is none; quoted CSV is separated by commas by default."""
    bare = {"SerdeInfo": {"Parameters": {"field.delim": ","}}}
    headless = {**glue_table(**bare), "Parameters": {}}
    quoted = glue_table(SerdeInfo={"SerializationLibrary": "org.apache.hadoop.hive.serde2.OpenCSVSerde"})
    settings = {"format": {"serde": "open_csv"}, "columns": {"date": "STRING", "product": "STRING"}}

    assert CatalogTable.from_response(headless).differences(sales_table(format={"header": False})) == []
    assert not any(
        line.startswith("text format")
        for line in CatalogTable.from_response(quoted).differences(sales_table(**settings))
    )


@pytest.mark.parametrize("month", ["1", "01"])
def test_a_month_is_the_same_however_its_value_is_written(month: str) -> None:
    partitions = Partitions.from_responses([partition("2024", month)])

    assert partitions.state(TABLE, Month(2024, 1)) is PartitionState.RIGHT


@pytest.mark.parametrize("crawled_first", [False, True])
def test_a_month_registered_twice_is_told_with_both_and_the_crawlers_is_the_one_to_remove(
    crawled_first: bool,
) -> None:
    ours, crawled = partition("2024", "1"), partition("2024", "01", "s3://crawled/")

    partitions = Partitions.from_responses([crawled, ours] if crawled_first else [ours, crawled])

    (misfit,) = partitions.misfits
    assert misfit.startswith(
        f"2024-01 is registered twice, as (2024, 1) at {LOCATION}year=2024/month=01/ and as (2024, 01) at s3://crawled/"
    )
    assert misfit.endswith('remove the second with glue:DeletePartition, values ["2024", "01"]')
    assert partitions.state(TABLE, Month(2024, 1)) is PartitionState.RIGHT


def test_a_month_registered_three_times_is_told_for_each_that_is_too_many() -> None:
    partitions = Partitions.from_responses([partition("2024", month) for month in ("001", "1", "01")])

    assert [misfit.rpartition("values ")[2] for misfit in partitions.misfits] == [
        '["2024", "001"]',
        '["2024", "01"]',
    ]


@pytest.mark.parametrize("values", [("2024", "__HIVE_DEFAULT_PARTITION__"), ("2024", "13"), ("2024-01", "x")])
def test_a_partition_of_no_month_is_told_with_its_values(values: tuple[str, str]) -> None:
    partitions = Partitions.from_responses([partition(*values)])

    assert partitions.locations == {}
    (misfit,) = partitions.misfits
    assert misfit.startswith(
        f"partition ({values[0]}, {values[1]}) at {LOCATION}year=2024/month=01/ is of no month"
    )
    assert f'["{values[0]}", "{values[1]}"]' in misfit


def test_a_partition_elsewhere_is_told_from_a_missing_one() -> None:
    partitions = Partitions.from_responses([partition("2024", "1", "s3://old-bucket/2024-01/")])

    assert partitions.state(TABLE, Month(2024, 1)) is PartitionState.OTHER_LOCATION
    assert partitions.state(TABLE, Month(2024, 2)) is PartitionState.MISSING
