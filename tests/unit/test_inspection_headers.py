"""A header that is not the declared columns: how it is told."""

from __future__ import annotations

import pytest

from sightline.errors import (
    HeaderMismatch,
)
from tests.support.inspected import inspected, small_table


@pytest.mark.parametrize(
    ("header", "hint"),
    [
        (
            "date;product;quantity;unit_price;total_sales",
            "delimited by semicolons: ask its owner whether that is meant. If so, set `format: {delimiter: ';'}`",
        ),
        ("date\tproduct\tquantity\tunit_price\ttotal_sales", "delimited by tabs"),
        ("Date,Product,Quantity,Unit_Price,Total_Sales", "letter case differ"),
        ("date, product,quantity,unit_price,total_sales", "Only spaces"),
        ("product,date,quantity,unit_price,total_sales", "another order"),
        ("date,product,quantity,unit_price", "whether the format changed"),
        ("2024-01-01,Widget A,100,25.99,2599.00", "header: false"),
        ("", "header: false"),
    ],
)
def test_another_header_is_refused_with_the_likely_reason(header: str, hint: str) -> None:
    with pytest.raises(HeaderMismatch) as refusal:
        inspected(f"{header}\n2024-01-01,Widget A,100,25.99,2599.00\n".encode())

    assert hint in str(refusal.value)
    assert "Athena binds columns by position" in str(refusal.value)


def test_another_header_is_shown_as_a_diff() -> None:
    with pytest.raises(HeaderMismatch) as refusal:
        inspected(b"date,item,quantity,unit_price,total_sales\n")

    assert "    - product\n" in str(refusal.value)
    assert "    + item\n" in str(refusal.value)


@pytest.mark.timeout(10)
def test_hundreds_of_similar_columns_are_compared_at_once() -> None:
    table = small_table({f"column_{number}": "int" for number in range(500)})

    with pytest.raises(HeaderMismatch, match=r"\+ COLUMN_499"):
        inspected((",".join(column.name.upper() for column in table.columns) + "\n").encode(), table)


@pytest.mark.parametrize("header", [b"x" * 500_000, b"x," * 250_000])
def test_a_first_line_of_half_a_megabyte_is_no_header_and_is_not_shown_in_full(header: bytes) -> None:
    with pytest.raises(HeaderMismatch) as refusal:
        inspected(header + b"\n")

    assert len(str(refusal.value)) < 10_000
