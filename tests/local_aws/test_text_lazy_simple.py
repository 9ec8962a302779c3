"""The steps from an object's bytes to lines and fields, each by itself; their sum is in test_text_golden.py."""

from __future__ import annotations

import gzip
import io

import duckdb
import pytest

from local_aws.athena.failures import QueryError
from local_aws.athena.text import TextFormat, chunks, field_sql, lines

FORMAT = TextFormat(",", "\\N", 0)
CONNECTION = duckdb.connect(config={"threads": 1})


@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
def test_a_line_ends_in_lf_crlf_or_cr_wherever_the_pieces_are_cut(piece: int) -> None:
    raw = "日,1\n\r\nb\r\r\n語,3\r\n\n\rd".encode()

    found = b"".join(lines((raw[i : i + piece] for i in range(0, len(raw), piece)), 0))

    assert found.decode() == "日,1\n\nb\n\n語,3\n\n\nd\n"


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_header_lines_are_left_out_whatever_ends_them(piece: int) -> None:
    raw = "\ufeffdate,x\r\nmore\ra,日本\r\n\r\nb,2".encode()

    found = b"".join(lines((raw[i : i + piece] for i in range(0, len(raw), piece)), 2))

    assert found.decode() == "a,日本\n\nb,2\n"


@pytest.mark.parametrize("piece", [1, 2, 1000])
def test_a_byte_order_mark_at_the_start_is_no_part_of_a_value(piece: int) -> None:
    raw = "\ufeffa,1\n\ufeffb,2\n".encode()

    found = b"".join(lines((raw[i : i + piece] for i in range(0, len(raw), piece)), 0))

    assert found.decode() == "a,1\n\ufeffb,2\n"


def test_what_is_no_utf8_is_replaced() -> None:
    assert b"".join(lines(iter([b"a\xff,1\n"]), 0)).decode() == "a\ufffd,1\n"


def test_bytes_are_counted_as_stored() -> None:
    raw = gzip.compress(b"a,1\n" * 1_000_000) + gzip.compress(b"b,2\n")
    counted: list[int] = []

    content = b"".join(chunks(io.BytesIO(raw), compressed=True, count=counted.append))

    assert content == b"a,1\n" * 1_000_000 + b"b,2\n"
    assert sum(counted) == len(raw)


@pytest.mark.parametrize(
    "raw", [gzip.compress(b"a,1\n" * 100)[:-9], b"a,1\nno gzip at all\n"], ids=["cut", "none"]
)
def test_a_broken_gzip_file_fails_the_query(raw: bytes) -> None:
    with pytest.raises(QueryError, match="HIVE_CURSOR_ERROR"):
        list(chunks(io.BytesIO(raw), compressed=True, count=lambda _: None))


@pytest.mark.parametrize(
    ("text", "declared"), [("x", "int"), ("2024-13-01", "date"), ("1,5", "decimal(10,2)"), ("t", "boolean")]
)
def test_a_bad_value_fails_the_query_where_the_option_says_so(text: str, declared: str) -> None:
    cast = field_sql("f", declared, text_format=FORMAT, fail=True)

    with pytest.raises(duckdb.Error, match="HIVE_BAD_DATA"):
        CONNECTION.execute(f"SELECT {cast} FROM (SELECT ?::VARCHAR AS f)", [text]).fetchone()
