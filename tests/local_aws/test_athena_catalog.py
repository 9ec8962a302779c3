"""DDL changes Glue's catalogue, and reads it."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.local_aws.athena_estate import Estate
from tests.local_aws.conftest import Account, Cloud, fresh_id

ARTICLE = """CREATE EXTERNAL TABLE IF NOT EXISTS account1_data.account1_table (
    date DATE,
    product STRING,
    quantity INT,
    unit_price DECIMAL(10,2),
    total_sales DECIMAL(10,2)
)
PARTITIONED BY (year INT, month INT)
ROW FORMAT DELIMITED
FIELDS TERMINATED BY ','
STORED AS TEXTFILE
LOCATION 's3://account1-athena-test-111111111111/account1/data/sales/'
TBLPROPERTIES ('skip.header.line.count'='1');"""


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


@pytest.fixture(scope="module")
def glue(estate: Estate) -> Any:
    return estate.account.client("glue")


def partitions(glue: Any, table: str) -> dict[tuple[str, ...], str]:
    database, name = table.split(".")
    found = glue.get_partitions(DatabaseName=database, TableName=name)["Partitions"]
    return {tuple(p["Values"]): p["StorageDescriptor"]["Location"] for p in found}


def test_the_articles_table_is_in_glue_as_athena_writes_it(estate: Estate, glue: Any) -> None:
    estate.succeed("CREATE DATABASE account1_data", ARTICLE, ARTICLE)

    table = glue.get_table(DatabaseName="account1_data", Name="account1_table")["Table"]

    assert [(c["Name"], c["Type"]) for c in table["StorageDescriptor"]["Columns"]] == [
        ("date", "date"),
        ("product", "string"),
        ("quantity", "int"),
        ("unit_price", "decimal(10,2)"),
        ("total_sales", "decimal(10,2)"),
    ]
    assert [(c["Name"], c["Type"]) for c in table["PartitionKeys"]] == [("year", "int"), ("month", "int")]
    assert table["TableType"] == "EXTERNAL_TABLE"
    assert table["Parameters"] == {"EXTERNAL": "TRUE", "skip.header.line.count": "1"}
    assert (
        table["StorageDescriptor"]["Location"]
        == "s3://account1-athena-test-111111111111/account1/data/sales/"
    )
    assert table["StorageDescriptor"]["SerdeInfo"] == {
        "SerializationLibrary": "org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe",
        "Parameters": {"field.delim": ",", "serialization.format": ","},
    }


def test_what_exists_is_an_error_unless_if_not_exists_is_said(estate: Estate) -> None:
    table = estate.sales({})
    again = f"CREATE EXTERNAL TABLE {table} (a STRING) LOCATION 's3://{estate.source}/x/'"

    assert "AlreadyExistsException" in estate.refused(again)
    assert "AlreadyExistsException" in estate.refused("CREATE DATABASE d")
    estate.succeed("CREATE DATABASE IF NOT EXISTS d", again.replace("TABLE", "TABLE IF NOT EXISTS", 1))


def test_what_is_missing_is_an_error_unless_if_exists_is_said(estate: Estate) -> None:
    assert "Table not found" in estate.refused("DROP TABLE d.nothing")
    assert "Database does not exist" in estate.refused("DROP DATABASE nothing")
    assert "Table not found" in estate.refused("SHOW PARTITIONS nothing")
    assert "Table not found" in estate.refused("ALTER TABLE nothing ADD PARTITION (a=1)")
    estate.succeed("DROP TABLE IF EXISTS d.nothing", "DROP DATABASE IF EXISTS nothing")


def test_a_database_with_tables_is_dropped_only_by_cascade(estate: Estate, glue: Any) -> None:
    estate.succeed(
        "CREATE SCHEMA filled", f"CREATE EXTERNAL TABLE filled.a (x INT) LOCATION 's3://{estate.source}/x/'"
    )

    assert "is not empty" in estate.refused("DROP DATABASE filled")
    estate.succeed("DROP DATABASE filled CASCADE")

    assert "filled" not in [found["Name"] for found in glue.get_databases()["DatabaseList"]]


def test_many_partitions_are_added_by_one_statement(estate: Estate, glue: Any) -> None:
    table, root = estate.sales({}), f"s3://{estate.source}"
    added = " ".join(f"PARTITION (year=2024, month={m:02}) LOCATION '{root}/m{m}/'" for m in range(1, 13))

    estate.succeed(f"ALTER TABLE {table} ADD IF NOT EXISTS {added}")

    assert partitions(glue, table) == {("2024", str(m)): f"{root}/m{m}/" for m in range(1, 13)}


def test_a_partition_that_exists_is_an_error_and_nothing_is_added(estate: Estate, glue: Any) -> None:
    table = estate.sales({})
    estate.succeed(
        f"ALTER TABLE {table} ADD PARTITION (year=2024, month=1) LOCATION 's3://{estate.source}/a/'"
    )

    refused = estate.refused(
        f"ALTER TABLE {table} ADD PARTITION (year=2024, month=2) PARTITION (year=2024, month=01)"
    )

    assert "AlreadyExistsException" in refused
    assert list(partitions(glue, table)) == [("2024", "1")]


def test_if_not_exists_keeps_a_partition_with_another_location(estate: Estate, glue: Any) -> None:
    table, root = estate.sales({}), f"s3://{estate.source}"
    estate.succeed(f"ALTER TABLE {table} ADD PARTITION (year=2024, month=1) LOCATION '{root}/wrong/'")

    estate.succeed(
        f"ALTER TABLE {table} ADD IF NOT EXISTS PARTITION (year=2024, month=01) LOCATION '{root}/right/'"
    )
    assert partitions(glue, table) == {("2024", "1"): f"{root}/wrong/"}
    estate.succeed(f"ALTER TABLE {table} PARTITION (year=2024, month=01) SET LOCATION '{root}/right/'")

    assert partitions(glue, table) == {("2024", "1"): f"{root}/right/"}


def test_partitions_are_dropped_many_at_once_and_by_some_of_their_keys(estate: Estate, glue: Any) -> None:
    table = estate.sales({})
    added = " ".join(f"PARTITION (year={y}, month={m})" for y in (2023, 2024) for m in (1, 2, 3))
    estate.succeed(f"ALTER TABLE {table} ADD {added}")

    estate.succeed(
        f"ALTER TABLE {table} DROP PARTITION (year=2024, month=01), PARTITION (year=2024, month=3)"
    )
    estate.succeed(
        f"ALTER TABLE {table} DROP IF EXISTS PARTITION (year=2023), PARTITION (year=1999, month=1)"
    )

    assert list(partitions(glue, table)) == [("2024", "2")]
    assert "Partition not found" in estate.refused(f"ALTER TABLE {table} DROP PARTITION (year=1999, month=1)")


def test_a_partition_is_found_whatever_way_its_value_was_stored(estate: Estate, glue: Any) -> None:
    table, (database, name) = estate.sales({}), ("d", f"t{estate.tables}")
    found = glue.get_table(DatabaseName=database, Name=name)["Table"]["StorageDescriptor"]
    glue.create_partition(
        DatabaseName=database,
        TableName=name,
        PartitionInput={"Values": ["2024", "01"], "StorageDescriptor": found},
    )

    estate.succeed(f"ALTER TABLE {table} DROP PARTITION (year=2024, month=1)")

    assert partitions(glue, table) == {}


def test_show_lists_without_a_header(estate: Estate) -> None:
    table = estate.sales({"2024-01": "", "2024-02": ""})

    shown = estate.succeed(f"SHOW PARTITIONS {table}")

    assert estate.pages(shown["QueryExecutionId"]) == [[("year=2024/month=1",), ("year=2024/month=2",)]]
    tables = estate.pages(estate.succeed("SHOW TABLES")["QueryExecutionId"])[0]
    assert (table.removeprefix("d."),) in tables
    assert ("d",) in estate.pages(estate.succeed("SHOW DATABASES")["QueryExecutionId"])[0]


def test_msck_adds_the_folders_that_name_the_keys_as_they_are_written(estate: Estate, glue: Any) -> None:
    table = estate.sales({"2024-01": "h\n", "2024-02": "h\n"}, registered=False)
    estate.put(f"sales{estate.tables - 1}/stray.csv", "x")
    estate.put(f"sales{estate.tables - 1}/year=2024/month=03/_SUCCESS", "")

    estate.succeed(f"MSCK REPAIR TABLE {table}", f"MSCK REPAIR TABLE {table}")

    assert sorted(partitions(glue, table)) == [("2024", "01"), ("2024", "02")]


@pytest.mark.parametrize(
    "location",
    [
        "/folder/",
        "http://bucket/folder/",
        "s3://bucket",
        "s3://bucket/file.csv",
        "s3://B_CKET/x/",
        "s3://bucket/*/",
    ],
)
def test_a_location_must_be_a_folder_in_s3(estate: Estate, location: str) -> None:
    assert "LOCATION" in estate.refused(f"CREATE EXTERNAL TABLE d.nowhere (a INT) LOCATION '{location}'")


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE TABLE d.x (a INT)", "NOT_SUPPORTED"),
        ("CREATE TABLE d.x AS SELECT 1", "NOT_SUPPORTED"),
        ("CREATE VIEW d.x AS SELECT 1", "NOT_SUPPORTED"),
        ("INSERT INTO d.x SELECT 1", "NOT_SUPPORTED: the statement INSERT"),
        (
            "UNLOAD (SELECT 1) TO 's3://bucket/x/' WITH (format = 'PARQUET')",
            "NOT_SUPPORTED: the statement UNLOAD",
        ),
        ("TABLE d.x", "NOT_SUPPORTED: the statement TABLE"),
        ("DESCRIBE d.x", "NOT_SUPPORTED"),
        ("ALTER TABLE d.x RENAME TO y", "mismatched input 'RENAME'"),
        ("CREATE EXTERNAL TABLE d.x (a INT) STORED AS PARQUET LOCATION 's3://bucket/x/'", "NOT_SUPPORTED"),
        ("CREATE EXTERNAL TABLE d.x (a ARRAY<INT>) LOCATION 's3://bucket/x/'", "NOT_SUPPORTED"),
        ("CREATE EXTERNAL TABLE d.x (a INT, a INT) LOCATION 's3://bucket/x/'", "Duplicate column name"),
        ("CREATE EXTERNAL TABLE d.x (a INT)", "mismatched input '<EOF>'"),
        ("CREATE EXTERNAL TABLE d.x (\"a\" INT) LOCATION 's3://bucket/x/'", "mismatched input '\"a\"'"),
        ("CREATE EXTERNAL TABLE no.x (a INT) LOCATION 's3://bucket/x/'", "Database does not exist: no"),
        (
            "CREATE EXTERNAL TABLE d.x (a INT) ROW FORMAT SERDE 'org.json' LOCATION 's3://bucket/x/'",
            "NOT_SUPPORTED",
        ),
        ("DROP DATABASE", "mismatched input '<EOF>'"),
    ],
)
def test_ddl_that_is_not_done_is_refused(estate: Estate, sql: str, reason: str) -> None:
    assert reason in estate.refused(sql)


@pytest.mark.parametrize("spec", ["(year=2024)", "(year=2024, day=1)", "(year='x', month=1)"])
def test_a_partition_must_name_the_keys_with_values_of_their_types(estate: Estate, spec: str) -> None:
    table = estate.sales({})

    assert "SemanticException" in estate.refused(f"ALTER TABLE {table} ADD PARTITION {spec}")


def test_athena_describes_the_catalogue(estate: Estate) -> None:
    table, athena = estate.sales({}), estate.athena
    catalog = {"CatalogName": "AwsDataCatalog"}

    found = athena.get_table_metadata(**catalog, DatabaseName="d", TableName=table[2:])["TableMetadata"]

    assert {c["Name"]: c["Type"] for c in found["Columns"]} == {
        "date": "date",
        "product": "string",
        "quantity": "int",
        "unit_price": "decimal(10,2)",
        "total_sales": "decimal(10,2)",
    }
    assert {c["Name"]: c["Type"] for c in found["PartitionKeys"]} == {"year": "int", "month": "int"}
    assert found["Parameters"]["serde.param.field.delim"] == ","
    assert athena.get_database(**catalog, DatabaseName="d")["Database"]["Name"] == "d"
    assert "d" in [d["Name"] for d in athena.list_databases(**catalog)["DatabaseList"]]
    listed = athena.get_paginator("list_table_metadata").paginate(**catalog, DatabaseName="d")
    assert table[2:] in [t["Name"] for page in listed for t in page["TableMetadataList"]]
    assert athena.list_data_catalogs()["DataCatalogsSummary"] == [
        {"CatalogName": "AwsDataCatalog", "Type": "GLUE"}
    ]
    assert athena.get_data_catalog(Name="AwsDataCatalog")["DataCatalog"]["Type"] == "GLUE"


@pytest.mark.parametrize("place", [{"DatabaseName": "d"}, {"DatabaseName": "nowhere"}])
def test_what_is_not_in_the_catalogue_is_told_as_glue_told_it(estate: Estate, place: dict[str, str]) -> None:
    with pytest.raises(ClientError, match=r"Error Code: EntityNotFoundException; [^()]*\)$") as refused:
        estate.athena.get_table_metadata(CatalogName="AwsDataCatalog", TableName="nothing", **place)

    assert refused.value.response["Error"]["Code"] == "MetadataException"


@pytest.mark.parametrize(
    ("expression", "found"),
    [
        ("sel.*", ["selected", "selection"]),
        ("selected", ["selected"]),
        (".*ion", ["selection"]),
        (".*sel.*", ["selected", "selection", "unselected"]),
        ("elect", []),
        ("select", []),
    ],
)
def test_an_expression_describes_whole_names_in_athena_and_in_glue(
    estate: Estate, expression: str, found: list[str]
) -> None:
    for name in ("selected", "selection", "unselected"):
        estate.succeed(
            f"CREATE EXTERNAL TABLE IF NOT EXISTS d.{name} (a INT) LOCATION 's3://{estate.source}/x/'"
        )

    of_athena = estate.athena.list_table_metadata(
        CatalogName="AwsDataCatalog", DatabaseName="d", Expression=expression
    )["TableMetadataList"]
    of_glue = estate.account.client("glue").get_tables(DatabaseName="d", Expression=expression)["TableList"]

    assert sorted(table["Name"] for table in of_athena) == found
    assert sorted(table["Name"] for table in of_glue) == found


def test_a_star_of_glue_stands_for_anything(estate: Estate) -> None:
    estate.succeed(f"CREATE EXTERNAL TABLE d.starred (a INT) LOCATION 's3://{estate.source}/x/'")

    found = estate.account.client("glue").get_tables(DatabaseName="d", Expression="starr*")["TableList"]

    assert [table["Name"] for table in found] == ["starred"]


@pytest.mark.parametrize(
    ("sql", "reason"),
    [
        ("CREATE EXTERNAL TABLE date (a STRING) LOCATION 's3://bucket/x/'", "mismatched input 'date'"),
        ("CREATE EXTERNAL TABLE d.w (order STRING) LOCATION 's3://bucket/x/'", "mismatched input 'order'"),
        (
            "CREATE EXTERNAL TABLE d.w (timestamp INT) LOCATION 's3://bucket/x/'",
            "mismatched input 'timestamp'",
        ),
        ("CREATE DATABASE user", "mismatched input 'user'"),
        ("CREATE EXTERNAL TABLE d.w (a VARCHAR) LOCATION 's3://bucket/x/'", "mismatched input ')'"),
        ("CREATE EXTERNAL TABLE d.w (a real) LOCATION 's3://bucket/x/'", "mismatched input ')'"),
    ],
)
def test_a_reserved_word_is_no_name_without_backticks_nor_varchar_a_type_without_length(
    estate: Estate, sql: str, reason: str
) -> None:
    assert reason in estate.refused(sql)


def test_reserved_words_in_backticks_are_names_and_the_articles_date_is_one_without(
    estate: Estate, glue: Any
) -> None:
    estate.succeed(
        "CREATE EXTERNAL TABLE d.`order` (date DATE, `user` VARCHAR(3)) PARTITIONED BY (`timestamp` INT) "
        f"LOCATION 's3://{estate.source}/reserved/'"
    )

    table = glue.get_table(DatabaseName="d", Name="order")["Table"]

    assert [c["Name"] for c in table["StorageDescriptor"]["Columns"]] == ["date", "user"]
