"""Athena's answer to check_row_count, read as figures."""

from __future__ import annotations

from decimal import Decimal

from sightline.figures import ColumnFigures, Figures
from sightline.partitions import Month
from sightline.sql import figures_from_rows
from tests.support.tables import sales_table


def test_a_row_becomes_the_figures_of_its_month() -> None:
    table = sales_table(columns={"product": "string", "quantity": "int", "price": "decimal(10,2)"})

    found = figures_from_rows(table, [["2024", "1", "7", "0", "1", "460", "2", "18665.40"]])

    assert found == {
        Month(2024, 1): Figures(
            7,
            {
                "product": ColumnFigures(0),
                "quantity": ColumnFigures(1, Decimal(460)),
                "price": ColumnFigures(2, Decimal("18665.40")),
            },
        )
    }


def test_the_sum_of_nothing_but_nulls_is_zero() -> None:
    table = sales_table(columns={"price": "decimal(10,2)"})

    found = figures_from_rows(table, [["2024", "1", "3", "3", None]])

    assert found[Month(2024, 1)].columns["price"] == ColumnFigures(3, Decimal("0.00"))


def test_a_total_keeps_every_digit() -> None:
    table = sales_table(columns={"price": "decimal(38,2)"})

    found = figures_from_rows(table, [["2024", "1", "3", "0", "9" * 36 + ".99"]])

    assert str(found[Month(2024, 1)].columns["price"].total) == "9" * 36 + ".99"


def test_rows_only_needs_no_more_than_the_count() -> None:
    found = figures_from_rows(sales_table(inspect="rows"), [["2023", "12", "5"], ["2024", "1", "7"]])

    assert found == {Month(2023, 12): Figures(5), Month(2024, 1): Figures(7)}


def test_a_month_without_rows_is_not_mentioned() -> None:
    assert figures_from_rows(sales_table(), []) == {}
