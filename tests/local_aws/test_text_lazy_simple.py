"""Our text reading against golden answers of the real LazySimpleSerDe (golden/lazy_simple_serde.py wrote them)."""

from __future__ import annotations

import gzip
import io
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from local_aws.athena.failures import QueryError
from local_aws.athena.text import TextFormat, chunks, field_sql, lines
from local_aws.athena.types import parse_type

GOLDEN: dict[str, Any] = json.loads(
    (Path(__file__).parent / "golden/lazy_simple_serde.json").read_text("utf-8")
)
FORMAT = TextFormat(",", "\\N", 0)
# A day or an hour that does not exist rolls over there and is NULL here; a float's digits are printed by Java there,
# and what is too large for one is infinite there.
CONNECTION = duckdb.connect(config={"threads": 1})
KNOWN_DIFFERENCES = {
    ("2024-02-30", "date"),
    ("2023-02-29", "date"),
    ("2024-01-13 25:00:00", "timestamp"),
    ("1e400", "float"),
    ("1e400", "double"),
    ("0000-01-01", "date"),  # the same day, shown as the year 1 before our era
}


def ours(texts: list[str], declared: str) -> list[str | None]:
    cast = field_sql("f", declared, text_format=FORMAT, fail=False)
    found = CONNECTION.execute(f"SELECT {cast} FROM (SELECT unnest(?::VARCHAR[]) AS f)", [texts]).fetchall()
    return [shown(value) for (value,) in found]


def shown(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)


def same(declared: str, expected: str | None, found: str | None) -> bool:
    if expected is None or found is None:
        return expected is found
    if parse_type(declared).is_floating:
        return float(found) == pytest.approx(float(expected), rel=1e-6, nan_ok=True)
    return found.removesuffix("00000") == expected.removesuffix("00000") or (
        declared == "timestamp" and found.rstrip("0") == expected.rstrip("0")
    )


@pytest.mark.parametrize("declared", GOLDEN["types"])
def test_a_field_is_cast_as_the_real_serde_casts_it(declared: str) -> None:
    index, texts = GOLDEN["types"].index(declared), list(GOLDEN["values"])
    theirs = [GOLDEN["values"][text][index] for text in texts]

    wrong = {
        text: (expected, found)
        for text, expected, found in zip(texts, theirs, ours(texts, declared), strict=True)
        if (text, declared) not in KNOWN_DIFFERENCES and not same(declared, expected, found)
    }

    assert wrong == {}


@pytest.mark.parametrize("piece", [1, 2, 3, 1000])
@pytest.mark.parametrize(("text", "rows"), GOLDEN["line_ends"])
def test_a_line_ends_in_lf_crlf_or_cr_wherever_the_pieces_are_cut(
    text: str, rows: list[Any], piece: int
) -> None:
    raw = text.encode()
    pieces = (raw[i : i + piece] for i in range(0, len(raw), piece))

    found = b"".join(lines(pieces, 0)).decode()

    assert [line.split(",")[0] for line in found.split("\n")[:-1]] == [row[0] for row in rows]


@pytest.mark.parametrize("piece", [1, 2, 7, 1000])
def test_header_lines_are_left_out_whatever_ends_them(piece: int) -> None:
    raw = "\ufeffdate,x\r\nmore\ra,日本\r\n\r\nb,2".encode()

    found = b"".join(lines((raw[i : i + piece] for i in range(0, len(raw), piece)), 2))

    assert found.decode() == "a,日本\n\nb,2\n"


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
