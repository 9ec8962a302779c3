"""Bytes, lines and quotes that Athena would read otherwise: refused with their lines."""

from __future__ import annotations

import pytest

from sightline.errors import (
    BadQuotes,
    BadValues,
    BlankLines,
    ByteOrderMark,
    LineEndsDiffer,
    LineTooLong,
    NotUtf8,
    NulBytes,
    QuotedFields,
    RaggedLines,
)
from sightline.inspection import streams
from sightline.inspection.tally import Tally
from tests.support.inspected import HEADER, NAMES, QUOTED, URI, inspected, small_table
from tests.support.tables import sales_table

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
