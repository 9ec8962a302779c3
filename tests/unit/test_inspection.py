"""The figures of files that are read, values that are not, and what every refusal says."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from sightline.errors import (
    BadValues,
    EmptySource,
    SourceRefused,
)
from sightline.figures import ColumnFigures, Figures
from tests.support.inspected import GZIPPED, HEADER, NAMES, QUOTED, URI, inspected, small_table
from tests.support.tables import sales_table

SALES = Path(__file__).parents[2] / "demo" / "data"


# ----------------------------------------------------------------------------------- what a good file holds


@pytest.mark.parametrize(
    ("account", "total_sales", "quantity"), [("account1", "18665.40", 460), ("account2", "18295.95", 405)]
)
def test_the_articles_files_hold_what_the_article_says(account: str, total_sales: str, quantity: int) -> None:
    content = (SALES / account / "sales_data_2024_01.csv").read_bytes()

    figures = inspected(content)

    assert figures.rows == 7
    assert str(figures.columns["total_sales"].total) == total_sales
    assert figures.columns["quantity"] == ColumnFigures(0, Decimal(quantity))


def test_empty_values_and_backslash_n_are_empty_in_every_column() -> None:
    figures = inspected(HEADER + b",,,,\n\\N,\\N,\\N,\\N,\\N\n2024-01-01,Widget,1,2.50,2.50\n")

    assert {name: column.empties for name, column in figures.columns.items()} == {
        "date": 2,
        "product": 2,
        "quantity": 2,
        "unit_price": 2,
        "total_sales": 2,
    }
    assert str(figures.columns["total_sales"].total) == "2.50"


@pytest.mark.parametrize("line_end", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("last", [b"", b"end"])
def test_lf_crlf_and_a_lone_cr_end_a_line_and_the_last_line_may_have_none(
    line_end: bytes, last: bytes
) -> None:
    lines = [b"name,count", b"a,1", b"b,2"]

    figures = inspected(line_end.join(lines) + (line_end if last else b""), small_table(NAMES))

    assert (figures.rows, figures.columns["count"].total) == (2, Decimal(3))


def test_a_byte_order_mark_before_the_header_is_no_part_of_it() -> None:
    assert inspected(b"\xef\xbb\xbfname,count\na,1\n", small_table(NAMES)).rows == 1


def test_a_file_without_a_header_is_read_from_its_first_line() -> None:
    assert inspected(b"a,1\nb,2\n", small_table(NAMES, header=False)).columns["count"].total == 3


@pytest.mark.parametrize("delimiter", [",", ";", "|", ":", "~", "^", "\t"])
def test_every_delimiter_that_can_be_declared_is_read(delimiter: str) -> None:
    content = f"name{delimiter}count\na b{delimiter}1\n".encode()

    assert inspected(content, small_table(NAMES, delimiter=delimiter)).columns["count"].total == 1


def test_a_quoted_header_is_fine_since_athena_skips_it() -> None:
    assert inspected(b'"name","count"\na,1\n', small_table(NAMES)).rows == 1


def test_open_csv_reads_quoted_values_with_delimiters_and_doubled_quotes() -> None:
    figures = inspected(b'name,count\n"a, ""b""","1"\n"",2\n""""," 3"\n'.replace(b" 3", b"3"), QUOTED)

    assert figures == Figures(3, {"name": ColumnFigures(1), "count": ColumnFigures(0, Decimal(6))})


def test_gzip_members_put_together_are_read_to_the_end() -> None:
    content = gzip.compress(b"name,count\na,1\n") + gzip.compress(b"b,2\n")

    assert inspected(content, GZIPPED).columns["count"].total == 3


def test_rows_only_counts_and_leaves_the_columns_out() -> None:
    table = sales_table(inspect="rows")

    assert inspected(HEADER + b"2024-01-01,Widget,x7,1,1\n", table) == Figures(1, {})


def test_totals_beyond_64_bits_are_exact() -> None:
    table = small_table({"a": "bigint", "b": "decimal(38,2)"})
    line = f"{2**63 - 1},{'9' * 36}.99\n"

    figures = inspected(("a,b\n" + line * 1000).encode(), table)

    assert figures.columns["a"].total == 1000 * (2**63 - 1)
    assert str(figures.columns["b"].total) == "9" * 36 + "990.00"


def test_figures_do_not_depend_on_where_the_stream_is_cut() -> None:
    content = HEADER + b"2024-01-01,W\xc3\xa9,1,2.50,2.50\r\n2024-01-02,B,,1,1"

    assert {inspected(content, at_once=bytes_).to_json().__repr__() for bytes_ in range(1, 12)} == {
        repr(inspected(content).to_json())
    }


# ---------------------------------------------------------------------------------------- empty files


@pytest.mark.parametrize("content", [b"", HEADER, HEADER.rstrip(), b"\xef\xbb\xbf"])
def test_a_file_without_records_is_refused_unless_the_settings_allow_it(content: bytes) -> None:
    assert inspected(content, sales_table(allow_empty=True)).rows == 0
    with pytest.raises(EmptySource, match="allow_empty: true"):
        inspected(content)


def test_the_columns_of_an_empty_file_count_nothing() -> None:
    figures = inspected(HEADER, sales_table(allow_empty=True))

    assert figures.columns["total_sales"] == ColumnFigures(0, Decimal("0.00"))


# ---------------------------------------------------------------------------------------------- values


def test_bad_values_are_counted_and_the_first_five_shown_with_their_lines() -> None:
    with pytest.raises(BadValues) as refusal:
        inspected(b"name,count\na,1\n" + b"b,x7\n" * 20, small_table(NAMES), at_once=7)

    [column] = refusal.value.columns
    assert (column.name, column.count) == ("count", 20)
    assert column.examples == tuple((line, "x7") for line in range(3, 8))


def test_every_column_with_bad_values_is_named() -> None:
    with pytest.raises(BadValues) as refusal:
        inspected(HEADER + b"2024-02-30,A,1.9,1.005,1e2\n")

    assert [column.name for column in refusal.value.columns] == [
        "date",
        "quantity",
        "unit_price",
        "total_sales",
    ]
    assert "2024-02-30" in str(refusal.value)


# -------------------------------------------------------------------------------------------- messages


def test_every_refusal_names_the_file_and_what_to_do() -> None:
    contents = [
        b"",
        b"x\n",
        b"name,count\n\n",
        b"name,count\na\n",
        b'name,count\n"a",1\n',
        b"name,count\na,x\n",
    ]
    contents += [b"name,count\n\xff,1\n", b"name,count\n\0,1\n", b"name,count\na,1\n\xef\xbb\xbfb,2\n"]

    for content in contents:
        with pytest.raises(SourceRefused) as refusal:
            inspected(content, small_table(NAMES))

        assert URI in str(refusal.value)
        assert "sk the owner" in str(refusal.value) or "accounts.yaml" in str(refusal.value)
