"""Which files are refused, with what words; and the figures of those that are not."""

from __future__ import annotations

import gzip
from decimal import Decimal
from pathlib import Path

import pytest

from sightline.errors import (
    BadQuotes,
    BadValues,
    BlankLines,
    BrokenGzip,
    ByteOrderMark,
    EmptySource,
    HeaderMismatch,
    LineEndsDiffer,
    LineTooLong,
    NotUtf8,
    NulBytes,
    QuotedFields,
    RaggedLines,
    SourceRefused,
    WrongCompression,
)
from sightline.figures import ColumnFigures, Figures
from sightline.inspection import streams
from sightline.inspection.tally import Tally
from tests.support.inspected import HEADER, URI, inspected, small_table
from tests.support.tables import sales_table

SALES = Path(__file__).parents[2] / "demo" / "data"
NAMES = {"name": "string", "count": "int"}
QUOTED = small_table(NAMES, serde="open_csv")
GZIPPED = small_table(NAMES, compression="gzip")


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


# -------------------------------------------------------------------------------------------- headers


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


# ------------------------------------------------------------------------------------- encodings, bytes


def test_shift_jis_is_refused_and_recognized() -> None:
    content = HEADER + b"2024-01-01,A,1,1,1\n" + "2024-01-02,テスト,1,1,1\n".encode("cp932")

    with pytest.raises(NotUtf8, match=r"line 3: .*Shift_JIS.*テスト"):
        inspected(content)


def test_other_bytes_than_utf_8_are_refused_wherever_the_stream_is_cut() -> None:
    with pytest.raises(NotUtf8, match="line 2"):
        inspected(HEADER + b"2024-01-01,\xe3\x81,1,1,1\n", at_once=3)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_utf_16_is_refused_by_its_mark_and_without_it(encoding: str) -> None:
    text = HEADER.decode() + "2024-01-01,A,1,1,1\n"

    with pytest.raises(NotUtf8, match="UTF-16"):
        inspected(("\ufeff" + text).encode(encoding))
    with pytest.raises(NulBytes, match="line 1"):
        inspected(text.encode(encoding))


def test_a_nul_byte_is_refused_with_its_line() -> None:
    with pytest.raises(NulBytes, match="line 3"):
        inspected(HEADER + b"2024-01-01,A,1,1,1\n2024-01-01,\0,1,1,1\n")


@pytest.mark.parametrize(
    ("content", "header", "line"),
    [(b"\xef\xbb\xbfa,1\n", False, 1), (b"name,count\na,1\n\xef\xbb\xbfb,2\n", True, 3)],
)
def test_a_byte_order_mark_that_would_be_part_of_a_value_is_refused(
    content: bytes, header: bool, line: int
) -> None:
    with pytest.raises(ByteOrderMark, match=f"line {line}"):
        inspected(content, small_table(NAMES, header=header))


# ---------------------------------------------------------------------------------------------- lines


@pytest.mark.parametrize(
    ("content", "lines"),
    [
        (b"a,1\n\nb,2\n", "3"),
        (b"a,1\r\n\r\nb,2\r\n\r\n", "3, 5"),
        (b"\na,1\n", "2"),
        (b"a,1\n\n", "3"),
        (b"a,1\r\r", "3"),
        (b"a,1\n" + b"\n" * 9, "3, 4, 5, 6, 7"),
    ],
)
def test_blank_lines_are_refused_with_their_numbers(content: bytes, lines: str) -> None:
    with pytest.raises(BlankLines, match=f"at {lines}\\."):
        inspected(b"name,count\n" + content, small_table(NAMES))


@pytest.mark.parametrize("at_once", [0, 1, 5])
def test_ragged_lines_are_refused_with_their_numbers(at_once: int) -> None:
    content = b"name,count\na,1\nb\nc,3\nd,4,5\n"

    with pytest.raises(RaggedLines, match=r"2 line\(s\).*line 3 has 1, line 5 has 3"):
        inspected(content, small_table(NAMES), at_once=at_once)


def test_a_lone_carriage_return_within_a_value_makes_two_lines() -> None:
    with pytest.raises(RaggedLines, match=r"lone CR"):
        inspected(b"name,count\na\rb,1\n", small_table(NAMES))


@pytest.mark.parametrize("inspect", ["columns", "rows"])
def test_only_the_first_five_ragged_lines_are_shown_but_all_are_counted(inspect: str) -> None:
    table = sales_table(columns=NAMES, inspect=inspect)

    with pytest.raises(RaggedLines) as refusal:
        inspected(b"name,count\n" + b"x\n" * 300, table)

    assert "300 line(s)" in str(refusal.value)
    assert str(refusal.value).count("has 1") == 5


def test_a_line_beyond_the_limit_is_refused_whether_it_ends_or_not() -> None:
    long = b"x" * (streams.LINE_LIMIT_BYTES + 1)

    with pytest.raises(LineTooLong, match="line 2: longer than 1,048,576 bytes"):
        inspected(b"name,count\n" + long + b"\n", small_table(NAMES))
    with pytest.raises(LineTooLong, match="line 2"):
        inspected(b"name,count\n" + long, small_table(NAMES))


def test_a_line_of_just_the_limit_is_read() -> None:
    line = b"x" * (streams.LINE_LIMIT_BYTES - 2) + b",1"

    assert inspected(b"name,count\n" + line + b"\n" + line, small_table(NAMES)).rows == 2


def test_records_that_are_not_lines_are_refused() -> None:
    block = streams.Block(2, b"a,1\nb,2\n")
    vars(block)["lines"] = 3  # as if Arrow and Hive ended lines differently

    with pytest.raises(LineEndsDiffer, match="2 records in 3 lines"):
        Tally(small_table(NAMES), URI).add(block)


# ---------------------------------------------------------------------------------------------- quotes


def test_quoted_fields_are_refused_with_their_line_and_the_serde_that_reads_them() -> None:
    with pytest.raises(
        QuotedFields, match=r"line 3: .*Declare `format: {serde: open_csv}`.* date .* as string"
    ):
        inspected(b'name,count\na,1\n"Widget, A",2\n', small_table(NAMES))


@pytest.mark.parametrize("value", ['5" pipe', '"Widget\nA"', 'a "b" c', '"'])
def test_quotes_that_no_serde_reads_are_refused_with_their_line_and_no_false_hope(value: str) -> None:
    with pytest.raises(QuotedFields, match=r"line 3: .*No setting reads it"):
        inspected(f"name,count\na,1\n{value},2\n".encode(), small_table(NAMES))


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ('5" pipe,1', "stray quotation mark.* No setting reads it.* twice"),
        ('a "b" c,1', "stray quotation mark.* No setting reads it.* twice"),
        ('"a"b,1', "stray quotation mark.* No setting reads it.* twice"),
        (' "a",1', "stray quotation mark.* No setting reads it.* twice"),
        ('"a\nb",1', "line break within quotes.* No setting reads it.* a record a line"),
        ("a\\,1", "backslash.* lazy_simple}` reads it"),
        ("\\N,1", "backslash.* lazy_simple}` reads it"),
        ('"a\\b",1', r"backslash.* No setting reads it .*values without \\, or .* lazy_simple}`"),
    ],
)
def test_quoting_that_open_csv_reads_otherwise_is_refused(line: str, why: str) -> None:
    with pytest.raises(BadQuotes, match=f"line 3: .*{why}") as refusal:
        inspected(f"name,count\na,1\n{line}\n".encode(), QUOTED)

    assert "open_csv}" not in str(refusal.value), "it is declared already"


def test_open_csv_has_no_empty_numbers() -> None:
    with pytest.raises(BadValues, match=r"count \(int\): 1 value\(s\); line 2: ''"):
        inspected(b"name,count\na,\n", QUOTED)


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


# ---------------------------------------------------------------------------------------- compression


@pytest.mark.parametrize(
    ("content", "name", "compression", "why"),
    [
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv", "none", "the content is compressed"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv.gz", "none", r"the name ends in \.gz"),
        (b"name,count\na,1\n", "a.csv.gz", "none", r"the name ends in \.gz"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv", "gzip", r"the name does not end in \.gz"),
        (b"name,count\na,1\n", "a.csv.bz2", "none", r"the name ends in \.bz2"),
        (b"name,count\na,1\n", "a.zst", "gzip", r"the name ends in \.zst"),
        (b"name,count\na,1\n", "a.csv.GZ", "none", r"the name ends in \.GZ"),
        (b"name,count\na,1\n", "a.csv.BZ2", "none", r"the name ends in \.BZ2"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "a.csv.Gz", "gzip", r"the name ends in \.Gz"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "gz", "gzip", r"the name does not end in \.gz"),
        (gzip.compress(b"name,count\na,1\n", mtime=0), "x.gz/y", "gzip", r"the name does not end in \.gz"),
    ],
)
def test_a_name_by_which_athena_decompresses_otherwise_is_refused(
    content: bytes, name: str, compression: str, why: str
) -> None:
    with pytest.raises(WrongCompression, match=why):
        inspected(content, small_table(NAMES, compression=compression), key=f"sales/{name}")


@pytest.mark.parametrize("name", ["gz", "bz2", "GZ", "x.gz/y"])
def test_a_name_that_only_reads_like_an_ending_is_the_name_of_plain_text(name: str) -> None:
    assert inspected(b"name,count\na,1\n", small_table(NAMES), key=f"sales/{name}").rows == 1


@pytest.mark.parametrize("damage", ["cut", "garbage after it", "no gzip", "nothing"])
def test_a_damaged_gzip_file_is_refused(damage: str) -> None:
    whole = gzip.compress(b"name,count\n" + b"a,1\n" * 1000)
    content = {"cut": whole[:-9], "garbage after it": whole + b"x" * 30, "no gzip": b"a,1\n", "nothing": b""}

    with pytest.raises(BrokenGzip):
        inspected(content[damage], GZIPPED)


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
