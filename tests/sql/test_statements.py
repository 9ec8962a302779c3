"""Every statement as text: as it was written down, as Athena's grammar has it, as Airflow renders it."""

from __future__ import annotations

import ast
import tomllib
from pathlib import Path
from typing import Any

import jinja2
import pytest
import sqlglot
from airflow.providers.amazon.aws.operators.athena import AthenaOperator
from airflow.sdk import DAG
from sqlglot import exp

from sightline import sql
from sightline.errors import UnsafeStatement
from sightline.partitions import Month
from sightline.settings import Column, Table, TextFormat
from tests.sql.cases import GOLDEN, MONTHS, STATEMENTS, TABLES, account_of, rendered
from tests.support.tables import sales_table

ARTICLE_DDL = """
CREATE EXTERNAL TABLE IF NOT EXISTS account1_data.account1_table (
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
TBLPROPERTIES ('skip.header.line.count'='1');
"""

every_case = pytest.mark.parametrize("case", TABLES)
every_statement = pytest.mark.parametrize("statement", STATEMENTS)


@every_case
@every_statement
def test_a_statement_is_what_its_golden_file_says(case: str, statement: str) -> None:
    golden = (GOLDEN / case / f"{statement}.sql").read_text(encoding="utf-8")

    assert rendered(statement, TABLES[case]) + "\n" == golden


def test_there_is_no_golden_file_of_nothing() -> None:
    written = {file.relative_to(GOLDEN).with_suffix("").as_posix() for file in GOLDEN.rglob("*.sql")}

    assert written == {f"{case}/{statement}" for case in TABLES for statement in STATEMENTS}


@every_case
@every_statement
def test_a_statement_is_one_that_athena_parses(case: str, statement: str) -> None:
    parsed = sqlglot.parse(rendered(statement, TABLES[case]), dialect="athena")

    assert len(parsed) == 1
    # sqlglot knows no ALTER TABLE with several partitions; the local AWS has a parser of its own for it.
    assert isinstance(parsed[0], exp.Command) == (statement == "add_partition")


def test_create_table_is_the_articles_statement() -> None:
    assert _plain(rendered("create_table", TABLES["article"])) == _plain(ARTICLE_DDL)


def _plain(ddl: str) -> str:
    def unquoted(node: exp.Expression) -> exp.Expression:
        return exp.to_identifier(node.name, quoted=False) if isinstance(node, exp.Identifier) else node

    return sqlglot.parse_one(ddl, dialect="athena").transform(unquoted).sql("athena", pretty=True)


def test_many_partitions_are_added_by_one_statement() -> None:
    statement = rendered("add_partition", TABLES["article"])

    assert statement.count("ALTER TABLE") == 1
    assert statement.count("ADD IF NOT EXISTS") == 1
    assert statement.count("\nPARTITION (year = ") == len(MONTHS)
    assert ";" not in statement


def test_the_data_set_never_pins_a_month() -> None:
    assert "WHERE" not in rendered("data_set", TABLES["article"])


def test_ten_years_of_months_stay_within_athenas_longest_query() -> None:
    table = sales_table(prefix="a" * 200 + "/")
    months = [Month(2014, 1).plus(number) for number in range(120)]

    values = sql.statement_values(account_of(table), table, months)

    assert max(len(sql.render(statement, **values)) for statement in STATEMENTS) < 262_144


# ------------------------------------------------------------------------------------------- rendering


@every_case
@every_statement
def test_airflow_renders_the_same_text(case: str, statement: str) -> None:
    table = TABLES[case]
    with DAG("statements", schedule=None, template_searchpath=[str(sql.SQL_FOLDER)]):
        operator = AthenaOperator(
            task_id=statement, query=f"{statement}.sql", output_location="s3://results/"
        )
    values: Any = sql.statement_values(account_of(table), table, MONTHS)

    operator.render_template_fields(values)

    assert operator.query == rendered(statement, table)


@pytest.mark.parametrize(
    "statement", ["add_partition", "set_partition_location", "drop_partition", "check_row_count"]
)
def test_a_statement_about_months_is_not_rendered_without_any(statement: str) -> None:
    table = TABLES["article"]

    with pytest.raises(jinja2.UndefinedError):
        sql.render(statement, **sql.statement_values(account_of(table), table, []))


def test_a_missing_value_is_an_error_not_an_empty_text() -> None:
    with pytest.raises(jinja2.UndefinedError):
        sql.render("create_database")


def test_sqlfluff_lints_the_templates_with_the_values_of_the_articles_table() -> None:
    pyproject = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text(encoding="utf-8"))
    context = pyproject["tool"]["sqlfluff"]["templater"]["jinja"]["context"]
    table = sales_table(columns={"date": "DATE", "product": "STRING", "quantity": "INT"})

    values = sql.statement_values(account_of(table), table, MONTHS[1:])

    assert {name: _literal(value) for name, value in context.items()} == values


def _literal(value: Any) -> Any:
    """sqlfluff reads a text that is a Python literal as that literal."""
    try:
        return ast.literal_eval(value.strip()) if isinstance(value, str) else value
    except (SyntaxError, ValueError):
        return value


# ---------------------------------------------------------------------------------------------- safety

HOSTILE = [
    "a`; DROP TABLE b",
    'a" OR 1 = 1 --',
    "a'",
    "a\\",
    "a\n",
    "a b",
    "",
    "A",
    "ä",
    "a;",
    "x" * 256,
    None,
    7,
]


@pytest.mark.parametrize("text", HOSTILE)
@pytest.mark.parametrize("place", ["column", "table", "database"])
def test_a_hostile_name_does_not_get_through_even_past_the_settings(place: str, text: Any) -> None:
    table = sales_table()
    if place == "column":
        table = table.model_copy(update={"columns": (Column.model_construct(name=text, type="int"),)})
    if place == "table":
        table = table.model_copy(update={"name": text})
    account = account_of(sales_table())
    account = account.model_copy(update={"database": text} if place == "database" else {})

    with pytest.raises(UnsafeStatement, match="cannot be part of a statement"):
        sql.statement_values(account, table, MONTHS)


@pytest.mark.parametrize(
    "changes",
    [
        {"prefix": "a'/"},
        {"prefix": "a\\/"},
        {"prefix": "a\n/"},
        {"bucket": "b'; DROP"},
        {"objects": "year={year}/month={month}';/a.csv"},
        {"columns": (Column.model_construct(name="a", type="int) LOCATION 's3://other/'"),)},
        {"columns": (Column.model_construct(name="a", type="decimal(10,2), b int"),)},
        {"text_format": TextFormat.model_construct(serde="lazy_simple", delimiter="'", header=True)},
        {"text_format": TextFormat.model_construct(serde="lazy_simple", delimiter=",,", header=True)},
    ],
)
def test_a_hostile_location_type_or_delimiter_does_not_get_through(changes: dict[str, Any]) -> None:
    table: Table = sales_table().model_copy(update=changes)

    with pytest.raises(UnsafeStatement):
        sql.statement_values(account_of(sales_table()), table, MONTHS)


def test_a_month_is_written_as_numbers() -> None:
    table = sales_table()
    month = Month(2024, 1)
    object.__setattr__(month, "year", "2024) OR (1 = 1")

    with pytest.raises((TypeError, ValueError)):
        sql.statement_values(account_of(table), table, [month])
