"""At rest, the invariants see how ledger, catalog, SPICE and file may differ, and what is left running."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.at_rest import at_rest
from tests.faults.invariants import running
from tests.faults.timeline import LedgerWrite, Scene
from tests.support.tables import sales_table

TABLE = sales_table()
KEY = "account1/data/sales/year=2024/month=01/sales_data_2024_01.csv"
FILE = [
    {"date": "2024-01-01", "product": "A", "quantity": "100", "unit_price": "25.90", "total_sales": "2590.00"},
    {"date": "2024-01-02", "product": "B", "quantity": "50", "unit_price": "49.99", "total_sales": "2499.50"},
]  # fmt: skip
TOTALS = {"quantity": "150", "unit_price": "75.89", "total_sales": "5089.50"}


class Standing:
    """What an Evidence would find: right in everything, until a test changes something."""

    def __init__(self) -> None:
        self.files = copy.deepcopy(FILE)
        month = {"year": "2024", "month": "1"}
        # SPICE writes a decimal as it likes.
        self.spice: list[dict[str, str | None]] = [{**row, **month} for row in self.files]
        self.spice[0]["unit_price"] = "25.9"
        self.etag = '"a"'
        self.line: dict[str, Any] = {
            "objects": [{"key": KEY, "etag": "a"}],
            "figures": {"rows": 2, "columns": {name: {"total": total} for name, total in TOTALS.items()}},
            "checked_at": "t",
            "published_at": "t",
            "failure": "",
            "unproved": None,
        }
        self.location = f"s3://{TABLE.bucket}/account1/data/sales/year=2024/month=01/"
        self.proved = LedgerWrite({"2024-01": copy.deepcopy(self.line)})
        self.statements: dict[str, str] = {"q": "SUCCEEDED"}
        self.ingestion = "COMPLETED"
        self.months = ("2024-01",)
        self.next_file: list[dict[str, str]] = []

    def records(self, _account: Any, month: str, *_: Any) -> list[dict[str, str]]:
        return {"2024-01": self.files, "2024-02": self.next_file}[month]

    def objects(self, _account: Any, month: str, *_: Any) -> list[dict[str, str]]:
        keys = {"2024-01": KEY, "2024-02": KEY.replace("01", "02")}
        return [{"Key": keys[month], "ETag": self.etag}] if self.records(None, month) else []

    def ledger_lines(self, *_: Any) -> dict[str, Any]:
        return {"2024-01": self.line}

    def partitions(self, *_: Any) -> dict[str, str]:
        return {"2024-01": self.location} if self.location else {}

    def spice_records(self, *_: Any) -> list[dict[str, str | None]]:
        return self.spice

    def query_ids(self, *_: Any) -> set[str]:
        return set(self.statements)

    def ingestions(self, *_: Any) -> list[dict[str, str]]:
        return [{"IngestionId": "i", "IngestionStatus": self.ingestion}]

    @property
    def estate(self) -> Standing:
        return self

    def admin(self, _: str) -> Standing:
        return self

    def batch_get_query_execution(self, **asked: list[str]) -> dict[str, Any]:
        states = [(name, self.statements[name]) for name in asked["QueryExecutionIds"]]
        return {
            "QueryExecutions": [
                {"QueryExecutionId": name, "Status": {"State": state}} for name, state in states
            ]
        }


class _Account:
    name, tables = "account1", (TABLE,)


class _Settings:
    workload_accounts = (_Account,)


def problems(standing: Standing) -> list[str]:
    settings: Any = _Settings
    evidence: Any = standing
    no_cloud: Any = None
    scene = Scene(settings, "account1", evidence, no_cloud, standing.months)
    return [*at_rest(scene, TABLE, [standing.proved]), *running(scene)]


def swap_values(found: Standing) -> None:
    first, second = found.spice
    first["quantity"], second["quantity"] = second["quantity"], first["quantity"]


def let_every_row_count_twice(found: Standing) -> None:
    found.spice = [*found.spice, found.spice[1]]


def lose_a_row(found: Standing) -> None:
    del found.spice[0]


def deliver_something_else(found: Standing) -> None:
    found.files[0]["quantity"] = "101"


def deliver_it_again(found: Standing) -> None:
    found.etag = '"b"'


def deliver_badly(found: Standing) -> None:
    found.files[0]["quantity"] = "x7"


def unpublish(found: Standing) -> None:
    found.line["published_at"] = None


def fail(found: Standing) -> None:
    found.line["failure"] = "refused"


def leave_unproved(found: Standing) -> None:
    found.line["unproved"] = {"ingestion_id": "i", "since": "t"}


def drop_the_partition(found: Standing) -> None:
    found.location = ""


def move_the_partition(found: Standing) -> None:
    found.location = found.location.replace("2024", "2023")


def place_the_partition_in_another_month(found: Standing) -> None:
    found.location = found.location.replace("month=01", "month=02")


def place_the_partition_below(found: Standing) -> None:
    found.location += "2024/"


def lose_the_file(found: Standing) -> None:
    found.files = []


def wait_in_vain(found: Standing) -> None:
    found.months = ("2024-01", "2024-02")


def deliver_the_next_month_badly(found: Standing) -> None:
    wait_in_vain(found)
    found.next_file = [{**FILE[0], "quantity": "x7"}]


def swap_values_beside_a_bad_month(found: Standing) -> None:
    deliver_the_next_month_badly(found)
    swap_values(found)


def move_the_partition_beside_a_bad_month(found: Standing) -> None:
    deliver_the_next_month_badly(found)
    move_the_partition(found)


def prove_something_else(found: Standing) -> None:
    line: Any = found.proved.lines["2024-01"]
    line["figures"]["rows"] = 3


def let_a_statement_run(found: Standing) -> None:
    found.statements["r"] = "RUNNING"


def let_an_ingestion_run(found: Standing) -> None:
    found.ingestion = "INITIALIZED"


def test_what_agrees_is_right() -> None:
    assert problems(Standing()) == []


def test_beside_a_month_that_is_bad_what_is_not_published_yet_is_right() -> None:
    standing = Standing()
    deliver_the_next_month_badly(standing)
    standing.spice = []
    unpublish(standing)

    assert problems(standing) == []


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (swap_values, "only in SPICE 1 × (2024-01-01, A, 50"),
        (let_every_row_count_twice, "the ledger says rows 2"),
        (lose_a_row, "only in the file 1 × (2024-01-01, A, 100"),
        (deliver_something_else, "the file holds rows 2, quantity 151"),
        (deliver_it_again, "not checked as it was delivered"),
        (deliver_badly, "its file is bad, and the ledger calls it checked"),
        (unpublish, "the ledger has published rows 0"),
        (fail, "the ledger keeps a failure: refused"),
        (leave_unproved, "the ledger calls an ingestion unproved"),
        (drop_the_partition, "its partition is at no place"),
        (move_the_partition, "year=2023"),
        (place_the_partition_in_another_month, "month=02"),
        (place_the_partition_below, "month=01/2024/"),
        (lose_the_file, "2024-01: there is no file of it; known to: ledger, catalog, SPICE"),
        (wait_in_vain, "2024-02: there is no file of it; known to: nobody"),
        (swap_values_beside_a_bad_month, "only in SPICE 1 × (2024-01-01, A, 50"),
        (move_the_partition_beside_a_bad_month, "year=2023"),
        (prove_something_else, "which was never proved"),
        (let_a_statement_run, "query r is left RUNNING"),
        (let_an_ingestion_run, "ingestion i is left INITIALIZED"),
    ],
    ids=lambda value: value.__name__ if callable(value) else "",
)
def test_what_does_not_agree_is_seen(change: Callable[[Standing], None], found: str) -> None:
    standing = Standing()
    change(standing)

    assert any(found in problem for problem in problems(standing)), problems(standing)
