"""Which values Athena reads as they are written: two readers of ours, and what Hive's own SerDe answered."""

from __future__ import annotations

import json
import struct
from decimal import Decimal
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from sightline.inspection.columns import Reader, reader_of
from tests.support.tables import sales_table

ANSWERS = Path(__file__).parents[1] / "local_aws" / "golden" / "lazy_simple_serde.json"
GOLDEN = json.loads(ANSWERS.read_text(encoding="utf-8"))
TYPES = [*GOLDEN["types"], "decimal(38,0)", "decimal(38,38)", "decimal(1,1)", "decimal(29,5)"]


def reader(column_type: str) -> Reader:
    return reader_of(sales_table(columns={"value": column_type}).columns[0])


@pytest.mark.parametrize(
    ("column_type", "good", "bad"),
    [
        ("tinyint", "127 -128 007 -0 +3", "128 -129 1.9 .5 x7 1e2 0x1F - + 1_0 \uff11"),
        ("smallint", "32767 -32768", "32768 -32769"),
        ("int", "2147483647 -2147483648 000000000000000000000000001", "2147483648 -2147483649 1.0 1."),
        ("bigint", "9223372036854775807 -9223372036854775808", "9223372036854775808 -9223372036854775809"),
        ("decimal(10,2)", "0 -1 1.5 1.500 99999999.99 +1 .5 5. 00000000001", "100000000 1.005 1e2 . - NaN 1,5"),
        ("decimal(38,0)", "9" * 38 + " -" + "9" * 38, "1" + "0" * 38 + " 1.1"),
        ("decimal(38,38)", "0." + "9" * 38 + " .5", "1 0." + "1" * 39),
        ("float", "1 -1.5 .5 1e5 1E-5 3.4028234e38", "3.5e38 NaN Infinity 1e400 1f 0x1p3 1,5"),
        ("double", "1.7976931348623157e308 1e-400", "1.8e308 -1e400 inf 1e"),
        ("boolean", "true false TRUE False", "1 0 t f yes wahr"),
        ("date", "2024-01-31 2024-02-29 0001-01-01 9999-12-31", "2024-02-30 2023-02-29 2024-1-5 20240101 0000-01-01"),
        ("varchar(3)", "a abc あいう", "abcd あいうえ"),
    ],
)  # fmt: skip
def test_good_values_are_read_and_bad_ones_are_not(column_type: str, good: str, bad: str) -> None:
    reads = reader(column_type).reads

    assert [value for value in good.split() if not reads(value)] == []
    assert [value for value in bad.split() if reads(value)] == []


@pytest.mark.parametrize(
    ("value", "is_read"),
    [
        ("2024-01-31 23:59:59", True),
        ("2024-01-31 23:59:59.999", True),
        ("2024-01-31 23:59:59.9999", False),
        ("2024-01-31T23:59:59", False),
        ("2024-01-31 24:00:00", False),
        ("2024-01-31 23:59:60", False),
        ("2024-02-30 00:00:00", False),
        ("2024-01-31", False),
        ("2024-01-31 23:59", False),
        ("2024-01-31 23:59:59Z", False),
        (" 2024-01-31 23:59:59", False),
    ],
)
def test_a_timestamp_is_a_time_that_exists_to_the_millisecond(value: str, is_read: bool) -> None:
    assert reader("timestamp").reads(value) is is_read


@pytest.mark.parametrize("column_type", [kind for kind in TYPES if kind not in {"string", "varchar(3)"}])
@pytest.mark.parametrize("value", [" 5", "5 ", " 2024-01-01", "true ", "\t1", "1\n", "\uff15"])
def test_blanks_around_a_value_are_never_read(column_type: str, value: str) -> None:
    assert not reader(column_type).reads(value)


@pytest.mark.parametrize("column_type", GOLDEN["types"])
def test_what_is_read_is_what_hives_own_serde_reads(column_type: str) -> None:
    position = GOLDEN["types"].index(column_type)
    taken = [
        value for value in GOLDEN["values"] if value not in {"", "\\N"} and reader(column_type).reads(value)
    ]

    wrong = {value: GOLDEN["values"][value][position] for value in taken}
    wrong = {value: answer for value, answer in wrong.items() if not _is_same(value, answer, column_type)}

    assert wrong == {}
    assert taken


def _is_same(value: str, answer: str | None, column_type: str) -> bool:
    if answer is None:
        return False
    if column_type in {"float", "double"}:
        form = {"float": "f", "double": "d"}[column_type]
        return struct.pack(form, float(value)) == struct.pack(form, float(answer))
    if column_type == "boolean":
        return value.lower() == answer
    if column_type == "timestamp":
        return value.rstrip("0").rstrip(".") == answer.rstrip("0").rstrip(".")
    is_text = column_type in {"string", "varchar(3)", "date"}
    return value == answer if is_text else Decimal(value) == Decimal(answer)


NASTY = st.text(alphabet="0123456789+-.eExX: TtrufalsFE,_あ\uff11\ufeff\t", max_size=24)
LIKELY = st.one_of(
    NASTY,
    st.integers(-(2**65), 2**65).map(str),
    st.decimals(allow_nan=True, allow_infinity=True).map(str),
    st.floats().map(repr),
    st.dates().map(str),
    st.datetimes().map(str),
    st.sampled_from(list(GOLDEN["values"])),
)


@pytest.mark.parametrize("column_type", TYPES)
@settings(max_examples=150, deadline=None)
@given(texts=st.lists(LIKELY.filter(bool), min_size=1, max_size=3))
@example(texts=["0x1F"])
@example(texts=["0X1f"])
@example(texts=["0000-01-01"])
@example(texts=["0000-01-01 00:00:00"])
@example(texts=["1e2"])
@example(texts=["1.500"])
@example(texts=["7"])
@example(texts=["3402823669209384634633746074317682114.57"])
@example(texts=["340282366920938463463374607431768211456"])
def test_a_column_read_at_once_is_read_as_value_by_value(column_type: str, texts: list[str]) -> None:
    read = reader(column_type)
    values = pa.chunked_array([pa.array([*texts, None], pa.string())])

    plain = read.plain(values)

    if plain is not None:
        assert all(read.reads(text) for text in texts)
        assert read.total(plain) == read.total_of(texts)


@pytest.mark.parametrize("column_type", TYPES)
def test_a_column_without_values_is_read_at_once(column_type: str) -> None:
    read = reader(column_type)
    nothing = pa.chunked_array([pa.array([None, None], pa.string())])

    assert read.total(read.plain(nothing)) == read.total_of([])


@pytest.mark.parametrize(
    ("column_type", "values"),
    [("int", ["1", "-2"]), ("decimal(10,2)", ["1.5", "-2", "0.01"]), ("date", ["2024-01-31"]), ("boolean", ["true"]),
     ("double", ["1.5", "1e5"]), ("timestamp", ["2024-01-31 23:59:59.5"]), ("varchar(3)", ["abc"])],
)  # fmt: skip
def test_ordinary_values_are_read_at_once_not_one_by_one(column_type: str, values: list[str]) -> None:
    assert reader(column_type).plain(pa.chunked_array([pa.array(values)])) is not None
