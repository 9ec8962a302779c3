"""Glue at the door: what is authorized is what is changed, and its limits are AWS's."""

from __future__ import annotations

from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.local_aws.conftest import CONFIG, Account, Cloud, code_of

KEYS = [{"Name": "year", "Type": "int"}, {"Name": "month", "Type": "int"}]


def arns(account: Account, *tables: str) -> list[str]:
    names = ["catalog", "database/sales", *(f"table/sales/{table}" for table in tables)]
    return [f"arn:aws:glue:ap-northeast-1:{account.id}:{name}" for name in names]


def partitions(count: int, member: str = "Values") -> list[dict[str, Any]]:
    return [{member: [str(2000 + number // 12), str(number % 12 + 1)]} for number in range(count)]


@pytest.fixture
def glue(account: Account) -> Any:
    """The administrator's Glue, with a database and two tables."""
    client = account.client("glue")
    client.create_database(DatabaseInput={"Name": "sales"})
    for name in ("open", "secret"):
        client.create_table(DatabaseName="sales", TableInput={"Name": name, "PartitionKeys": KEYS})
    return client


@pytest.fixture
def of_open(cloud: Cloud, account: Account, glue: Any) -> Any:
    """Glue as a role that may do everything with the table `open` and nothing with others."""
    session = account.session("writer", {"Action": "glue:*", "Resource": arns(account, "open")})
    return cloud.client_of(session, "glue")


class TestOneTableIsMeant:
    def test_two_names_in_one_update_are_refused(self, glue: Any, of_open: Any) -> None:
        with pytest.raises(ClientError) as failure:
            of_open.update_table(
                DatabaseName="sales", Name="open", TableInput={"Name": "secret", "Description": "changed"}
            )

        assert code_of(failure) == "InvalidInputException"
        assert "Description" not in glue.get_table(DatabaseName="sales", Name="secret")["Table"]

    def test_one_name_written_twice_is_fine(self, glue: Any, of_open: Any) -> None:
        of_open.update_table(
            DatabaseName="sales", Name="Open", TableInput={"Name": "OPEN", "Description": "changed"}
        )

        assert glue.get_table(DatabaseName="sales", Name="open")["Table"]["Description"] == "changed"

    def test_two_names_of_a_database_are_refused(self, glue: Any) -> None:
        with pytest.raises(ClientError, match="InvalidInputException"):
            glue.update_database(Name="sales", DatabaseInput={"Name": "other"})

    def test_deleting_many_needs_the_right_to_each(self, glue: Any, of_open: Any) -> None:
        with pytest.raises(ClientError, match="AccessDenied"):
            of_open.batch_delete_table(DatabaseName="sales", TablesToDelete=["open", "secret"])
        assert len(glue.get_tables(DatabaseName="sales")["TableList"]) == 2

        of_open.batch_delete_table(DatabaseName="sales", TablesToDelete=["open"])

        assert [found["Name"] for found in glue.get_tables(DatabaseName="sales")["TableList"]] == ["secret"]

    @pytest.mark.parametrize(
        ("operation", "member"),
        [
            ("batch_create_partition", "PartitionInputList"),
            ("batch_delete_partition", "PartitionsToDelete"),
            ("batch_get_partition", "PartitionsToGet"),
        ],
    )
    def test_batches_of_partitions_need_their_table(self, of_open: Any, operation: str, member: str) -> None:
        act = getattr(of_open, operation)

        act(DatabaseName="sales", TableName="open", **{member: partitions(1)})
        with pytest.raises(ClientError, match="AccessDenied"):
            act(DatabaseName="sales", TableName="secret", **{member: partitions(1)})


class TestNames:
    def test_they_are_kept_and_found_in_lower_case(self, account: Account) -> None:
        glue = account.client("glue")
        glue.create_database(DatabaseInput={"Name": "Sales"})
        glue.create_table(DatabaseName="SALES", TableInput={"Name": "Records", "PartitionKeys": KEYS})

        assert glue.get_database(Name="sALES")["Database"]["Name"] == "sales"
        assert glue.get_table(DatabaseName="sales", Name="RECORDS")["Table"]["Name"] == "records"

    def test_a_deny_is_not_passed_by_other_letters(self, cloud: Cloud, account: Account, glue: Any) -> None:
        session = account.session(
            "reader",
            {"Action": "glue:*", "Resource": "*"},
            {"Effect": "Deny", "Action": "glue:*", "Resource": arns(account, "secret")[2:]},
        )

        with pytest.raises(ClientError, match="AccessDenied"):
            cloud.client_of(session, "glue").get_table(DatabaseName="sales", Name="SECRET")


class TestLimits:
    @pytest.mark.parametrize(
        ("operation", "member", "most"),
        [
            ("batch_create_partition", "PartitionInputList", 100),
            ("batch_delete_partition", "PartitionsToDelete", 25),
            ("batch_get_partition", "PartitionsToGet", 1000),
        ],
    )
    def test_of_batches(self, glue: Any, operation: str, member: str, most: int) -> None:
        act, table = getattr(glue, operation), {"DatabaseName": "sales", "TableName": "open"}

        act(**table, **{member: partitions(most)})
        with pytest.raises(ClientError) as failure:
            act(**table, **{member: partitions(most + 1)})

        assert code_of(failure) == "ValidationException"

    @pytest.mark.parametrize(
        ("operation", "missing"),
        [("create_partition", "TableName"), ("get_table", "Name"), ("batch_delete_table", "TablesToDelete")],
    )
    def test_what_is_needed_must_be_there(self, account: Account, operation: str, missing: str) -> None:
        config = CONFIG.merge(Config(parameter_validation=False))
        glue = account.admin.client("glue", endpoint_url=account.cloud.endpoint, config=config)

        with pytest.raises(ClientError, match=f"Value null at '{missing}'") as failure:
            getattr(glue, operation)(DatabaseName="sales")

        assert code_of(failure) == "ValidationException"

    @pytest.mark.parametrize("values", [["2024"], ["2024", "1", "2"]])
    def test_a_partition_has_a_value_for_each_key(self, glue: Any, values: list[str]) -> None:
        table = {"DatabaseName": "sales", "TableName": "open"}
        wrong = {"Values": values}

        for act in (
            lambda: glue.create_partition(**table, PartitionInput=wrong),
            lambda: glue.batch_create_partition(**table, PartitionInputList=[*partitions(1), wrong]),
            lambda: glue.update_partition(**table, PartitionValueList=["2024", "1"], PartitionInput=wrong),
            lambda: glue.get_partition(**table, PartitionValues=values),
            lambda: glue.batch_delete_partition(**table, PartitionsToDelete=[wrong]),
            lambda: glue.batch_update_partition(
                **table, Entries=[{"PartitionValueList": values, "PartitionInput": partitions(1)[0]}]
            ),
        ):
            with pytest.raises(ClientError) as failure:
                act()
            assert code_of(failure) == "InvalidInputException"

    def test_partitions_come_in_pages(self, glue: Any) -> None:
        table = {"DatabaseName": "sales", "TableName": "open"}
        for first in range(0, 1100, 100):
            glue.batch_create_partition(**table, PartitionInputList=partitions(1100)[first : first + 100])
        paginator = glue.get_paginator("get_partitions")

        pages = [page["Partitions"] for page in paginator.paginate(**table)]
        small = [
            page["Partitions"] for page in paginator.paginate(**table, PaginationConfig={"PageSize": 500})
        ]

        assert [len(page) for page in pages] == [1000, 100]
        assert [len(page) for page in small] == [500, 500, 100]
        assert {tuple(found["Values"]) for page in small for found in page} == {
            tuple(wanted["Values"]) for wanted in partitions(1100)
        }
        assert glue.get_partitions(**table, Expression="year=2000")["Partitions"][11:] != []

    @pytest.mark.parametrize(
        ("asked", "code"),
        [({"MaxResults": 1001}, "ValidationException"), ({"NextToken": "x"}, "InvalidInputException")],
    )
    def test_a_wrong_page_is_refused(self, glue: Any, asked: dict[str, Any], code: str) -> None:
        with pytest.raises(ClientError) as failure:
            glue.get_partitions(DatabaseName="sales", TableName="open", **asked)

        assert code_of(failure) == code

    def test_a_table_that_is_not_there_is_said(self, glue: Any) -> None:
        with pytest.raises(ClientError) as failure:
            glue.get_partition(DatabaseName="sales", TableName="none", PartitionValues=["1"])

        assert code_of(failure) == "EntityNotFoundException"
