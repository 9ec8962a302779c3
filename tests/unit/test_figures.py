"""Figures add up exactly, travel as JSON without loss, and say where two sides differ."""

from __future__ import annotations

import json
from decimal import Decimal, localcontext

from hypothesis import given
from hypothesis import strategies as st
from pydantic import TypeAdapter

from sightline.figures import ColumnFigures, Difference, Figures, differences, exact_sum, zero_of
from tests.support.tables import sales_table

decimals = st.decimals(allow_nan=False, allow_infinity=False, places=2, min_value=-(10**36), max_value=10**36)
columns = st.builds(ColumnFigures, st.integers(0, 10**9), st.none() | decimals)
figures = st.builds(Figures, st.integers(0, 10**12), st.dictionaries(st.sampled_from("abc"), columns))


def test_figures_of_two_objects_add_up_column_by_column() -> None:
    one = Figures(2, {"quantity": ColumnFigures(1, Decimal(5)), "product": ColumnFigures(1)})
    two = Figures(3, {"quantity": ColumnFigures(0, Decimal(7))})

    assert one + two == Figures(5, {"quantity": ColumnFigures(1, Decimal(12)), "product": ColumnFigures(1)})


def test_a_sum_is_exact_whatever_the_decimal_context_says() -> None:
    large, small = Decimal("9" * 38), Decimal("0.01")

    with localcontext(prec=5):
        total = exact_sum(large, small)

    assert str(total) == "9" * 38 + ".01"


@given(figures)
def test_figures_come_back_from_json_as_they_were(original: Figures) -> None:
    assert Figures.from_json(json.loads(json.dumps(original.to_json()))) == original


@given(figures)
def test_figures_travel_through_pydantic_too(original: Figures) -> None:
    adapter = TypeAdapter(Figures)

    assert adapter.validate_json(adapter.dump_json(original)) == original


@given(figures)
def test_equal_figures_have_no_differences(same: Figures) -> None:
    assert differences(same, Figures.from_json(same.to_json())) == []


def test_each_figure_that_differs_is_named_with_both_values() -> None:
    files = Figures(1000, {"quantity": ColumnFigures(0, Decimal(5)), "product": ColumnFigures(3)})
    athena = Figures(1000, {"quantity": ColumnFigures(2, Decimal("4.50")), "product": ColumnFigures(3)})

    assert differences(files, athena) == [
        Difference("empty quantity", "0", "2"),
        Difference("total quantity", "5", "4.50"),
    ]


def test_a_month_that_athena_does_not_mention_has_no_rows_there() -> None:
    nothing = Figures(0, {"quantity": ColumnFigures(0, Decimal(0))})
    something = Figures(1, {"quantity": ColumnFigures(0, Decimal(5))})

    assert differences(nothing, Figures()) == []
    assert [difference.figure for difference in differences(something, Figures())] == [
        "rows",
        "total quantity",
    ]


def test_only_whole_numbers_and_decimals_have_a_total() -> None:
    table = sales_table(
        columns={"a": "int", "b": "decimal(10,2)", "c": "double", "d": "date", "e": "decimal(3,0)"}
    )

    assert [str(zero_of(column)) for column in table.columns] == ["0", "0.00", "None", "None", "0"]


def test_figures_are_written_as_a_line_of_a_log() -> None:
    figures = Figures(7, {"product": ColumnFigures(1), "quantity": ColumnFigures(0, Decimal(460))})

    assert str(figures) == "7 rows; product 1 empty; quantity 0 empty, total 460"
