"""Accounts and tables for which every statement is compared with a golden file.

`PYTHONPATH=.:plugins python -m tests.sql.cases` writes the golden files anew; read the diff before committing it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sightline import sql
from sightline.partitions import Month
from sightline.settings import Table, WorkloadAccount
from tests.support.tables import sales_table

GOLDEN = Path(__file__).parent / "golden"
MONTHS = (Month(2023, 12), Month(2024, 1), Month(2024, 2))
STATEMENTS = tuple(sorted(file.stem for file in sql.SQL_FOLDER.glob("*.sql")))
TABLES: dict[str, Table] = {
    "article": sales_table(),
    "quoted": sales_table(
        name="orders",
        prefix="",
        objects="data/{year}/{month}/part-*.csv",
        format={"serde": "open_csv", "delimiter": "\t", "header": False},
        columns={"select": "string", "1st": "varchar(20)", "from": "bigint", "_x": "decimal(38,18)", "paid": "boolean"},
    ),
    "rows_only": sales_table(
        name="events",
        objects="y={year}/m={month}/events.csv.gz",
        format={"delimiter": ";", "compression": "gzip"},
        columns={"at": "timestamp", "value": "double"},
        inspect="rows",
    ),
}  # fmt: skip


def account_of(table: Table, **settings: Any) -> WorkloadAccount:
    """The article's first account, with this table."""
    return WorkloadAccount.model_validate(
        {
            "name": "account1",
            "account_id": "111111111111",
            "region": "ap-northeast-1",
            "external_id": "sightline-account1",
            "workgroup": "workgroup-account1",
            "results_location": "s3://account1-athena-results-333333333333/",
            "database": "account1_data",
            "tables": [table],
            **settings,
        }
    )


def rendered(statement: str, table: Table) -> str:
    """A statement for the three months."""
    return sql.render(statement, **sql.statement_values(account_of(table), table, MONTHS))


def write_golden() -> None:
    """Write every golden file anew."""
    for case, table in TABLES.items():
        (GOLDEN / case).mkdir(parents=True, exist_ok=True)
        for statement in STATEMENTS:
            (GOLDEN / case / f"{statement}.sql").write_text(
                rendered(statement, table) + "\n", encoding="utf-8"
            )


if __name__ == "__main__":
    write_golden()
