"""The statements of include/sql: where they are, what their templates take, and what Athena's answer means.

Airflow renders them (`template_searchpath=[SQL_FOLDER]`) and `render` does, to the same text. Every value is made
here, typed and quoted; a text with any other sign than names and locations need is refused, whoever let it through.
"""

from __future__ import annotations

import re
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jinja2

from sightline.errors import UnsafeStatement
from sightline.figures import ColumnFigures, Figures, is_text, zero_of
from sightline.partitions import Month, partition_location

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from sightline.settings import Column, Table, WorkloadAccount

SQL_FOLDER = Path(__file__).parents[2] / "include" / "sql"

_NAME = re.compile(r"[a-z0-9_]{1,255}")
_TYPE = re.compile(r"[a-z]+(?:\([0-9]{1,5}(?:,[0-9]{1,2})?\))?")
_LOCATION = re.compile(r"s3://[A-Za-z0-9_=+@,:.~/-]+")
_DELIMITER = re.compile(r"[,;|:~^\t]")


def statement_values(account: WorkloadAccount, table: Table, months: Sequence[Month]) -> dict[str, Any]:
    """Give the values that the templates take, quoted.

    Args:
        account: the workload account that the table belongs to.
        table: the table that the statement is about.
        months: the months that it is about. Without any, a template that needs months raises jinja2.UndefinedError.

    Raises:
        UnsafeStatement: a name, type or location has signs that it cannot have.
    """
    text_format = table.text_format
    columns = [_column(column) for column in table.columns]
    values: dict[str, Any] = {
        "database": ddl_name(account.database),
        "table": f"{ddl_name(account.database)}.{ddl_name(table.name)}",
        "selected_table": f"{name(account.database)}.{name(table.name)}",
        "columns": columns,
        "checked_columns": columns if table.inspect == "columns" else [],
        "serde": text_format.serde,
        "delimiter": _literal(_DELIMITER, "Delimiter", text_format.delimiter).replace("\t", r"\t"),
        "header": text_format.header,
        "location": _location(table.location),
    }
    return values | ({"partitions": [_partition(table, month) for month in months]} if months else {})


def render(statement: str, **values: object) -> str:
    """Render `include/sql/<statement>.sql`, exactly as Airflow would.

    Raises:
        jinja2.UndefinedError: a value that the template takes is missing.
    """
    return _templates().get_template(f"{statement}.sql").render(values)


def figures_from_rows(table: Table, rows: Iterable[Sequence[str | None]]) -> dict[Month, Figures]:
    """Read the rows of check_row_count, without their header; a month without a row in Athena is not in them."""
    return {
        Month(int(year or 0), int(month or 0)): Figures(
            int(count or 0), dict(_column_figures(table, iter(cells)))
        )
        for year, month, count, *cells in rows
    }


def name(identifier: str) -> str:
    """Quote a name for SELECT."""
    return f'"{_safe(_NAME, "Name", identifier)}"'


def ddl_name(identifier: str) -> str:
    """Quote a name for DDL."""
    return f"`{_safe(_NAME, 'Name', identifier)}`"


def _column(column: Column) -> dict[str, Any]:
    zero = zero_of(column)
    return {
        "name": name(column.name),
        "ddl_name": ddl_name(column.name),
        "type": _safe(_TYPE, "Type", column.type).upper(),
        "is_text": is_text(column),
        "scale": None if zero is None else -int(zero.as_tuple().exponent),
    }


def _partition(table: Table, month: Month) -> dict[str, Any]:
    location = _location(partition_location(table, month))
    return {"year": int(month.year), "month": int(month.month), "location": location}


def _location(uri: str) -> str:
    return _literal(_LOCATION, "Location", uri)


def _literal(form: re.Pattern[str], what: str, text: str) -> str:
    """Quote a text; what a literal would have to escape is not in any form."""
    return f"'{_safe(form, what, text)}'"


def _safe(form: re.Pattern[str], what: str, text: str) -> str:
    if not (isinstance(text, str) and form.fullmatch(text)):
        raise UnsafeStatement(what, text)
    return text


def _column_figures(table: Table, cells: Iterator[str | None]) -> Iterator[tuple[str, ColumnFigures]]:
    """Read a row's cells in the order of the statement; the sum of nothing is NULL there and zero here."""
    for column in table.columns if table.inspect == "columns" else ():
        empties, zero = int(next(cells) or 0), zero_of(column)
        total = None if zero is None else Decimal(next(cells) or zero)
        yield column.name, ColumnFigures(empties, total)


@cache
def _templates() -> jinja2.Environment:
    loader = jinja2.FileSystemLoader(SQL_FOLDER)
    return jinja2.Environment(
        loader=loader, undefined=jinja2.StrictUndefined, autoescape=jinja2.select_autoescape()
    )
