"""For any file: its figures are what csv and Decimal find in it, or it is refused."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext

from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from local_aws.athena.open_csv import OpenCsvFormat
from sightline.errors import SourceRefused
from sightline.figures import WHOLE_NUMBERS, ColumnFigures, Figures
from sightline.settings import Column, Table
from tests.support.inspected import inspected, small_table

MANY = settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
EMPTY = {"lazy_simple": ("", "\\N"), "open_csv": ("",)}


def expected(records: Sequence[Sequence[str]], columns: Sequence[Column], empty: Sequence[str]) -> Figures:
    """The figures of records, by nothing but Decimal."""
    values = {column.name: [record[at] for record in records] for at, column in enumerate(columns)}
    return Figures(
        len(records), {column.name: column_figures(column, values[column.name], empty) for column in columns}
    )


def column_figures(column: Column, values: Sequence[str], empty: Sequence[str]) -> ColumnFigures:
    empties = sum(value in empty for value in values)
    if column.kind not in (*WHOLE_NUMBERS, "decimal"):
        return ColumnFigures(empties)
    with localcontext(prec=500):
        return ColumnFigures(
            empties, sum((Decimal(value) for value in values if value not in empty), Decimal(0))
        )


# ------------------------------------------------------------------------------------------- good files

NEVER = "\\\r\n\0\ufeff"
quotable = st.text(st.characters(codec="utf-8", exclude_characters=NEVER), max_size=8)
texts = st.text(st.characters(codec="utf-8", exclude_characters=NEVER + '",;|\t'), max_size=8)
VALUES = {
    "string": texts,
    "varchar(8)": texts,
    "boolean": st.sampled_from(["true", "false", "TRUE"]),
    "tinyint": st.integers(-128, 127).map(str),
    "int": st.integers(-(2**31), 2**31 - 1).map(str),
    "bigint": st.one_of(st.integers(-(2**63), 2**63 - 1).map(str), st.just("007"), st.just("+1")),
    "double": st.floats(allow_nan=False, allow_infinity=False).map(repr),
    "decimal(10,2)": st.decimals(-(10**8) + 1, 10**8 - 1, places=2).map("{:f}".format),
    "decimal(38,10)": st.decimals(-(10**27), 10**27, places=10).map("{:f}".format),
    "date": st.dates().map(str),
    "timestamp": st.datetimes().map(lambda time: time.isoformat(" ", "milliseconds")),
}


@dataclass(frozen=True)
class GoodFile:
    table: Table
    records: tuple[tuple[str, ...], ...]
    content: bytes


@st.composite
def good_files(draw: st.DrawFn) -> GoodFile:
    serde = draw(st.sampled_from(["lazy_simple", "open_csv"]))
    known = [kind for kind in VALUES if serde == "lazy_simple" or kind not in {"date", "timestamp"}]
    kinds = draw(st.lists(st.sampled_from(known), min_size=1, max_size=5))
    compression = draw(st.sampled_from(["none", "gzip"]))
    table = small_table(
        {f"c{position}": kind for position, kind in enumerate(kinds)},
        serde=serde,
        delimiter=draw(st.sampled_from([",", ";", "|", "\t"])),
        compression=compression,
        header=draw(st.booleans()),
    )
    records = draw(st.lists(st.tuples(*(_values(kind, serde) for kind in kinds)), min_size=1, max_size=30))
    records = [record for record in records if any(record) or len(kinds) > 1]  # else a blank line
    assume(records)
    return GoodFile(table, tuple(records), _written(draw, table, records))


def _values(kind: str, serde: str) -> st.SearchStrategy[str]:
    if serde == "lazy_simple":
        return VALUES[kind] | st.sampled_from(EMPTY["lazy_simple"])
    return quotable if kind in {"string", "varchar(8)"} else VALUES[kind]


def _written(draw: st.DrawFn, table: Table, records: list[tuple[str, ...]]) -> bytes:
    """Write the file as some program may: line ends, the last one or not, quotes where they are allowed."""
    delimiter, serde = table.text_format.delimiter, table.text_format.serde
    line_end = draw(st.sampled_from(["\n", "\r\n", "\r"]))
    header = [tuple(column.name for column in table.columns)] if table.text_format.header else []
    lines = [
        delimiter.join(
            _field(value, delimiter, quoted=serde == "open_csv" and draw(st.booleans())) for value in record
        )
        for record in [*header, *records]
    ]
    content = (line_end.join(lines) + (line_end if draw(st.booleans()) else "")).encode()
    if header and draw(st.booleans()):
        content = codecs.BOM_UTF8 + content
    return gzip.compress(content) if table.text_format.compression == "gzip" else content


def _field(value: str, delimiter: str, *, quoted: bool) -> str:
    return '"' + value.replace('"', '""') + '"' if quoted or '"' in value or delimiter in value else value


@MANY
@given(good_files(), st.integers(0, 9))
def test_the_figures_of_a_good_file_are_those_of_csv_and_decimal(good: GoodFile, at_once: int) -> None:
    empty = EMPTY[good.table.text_format.serde]

    figures = inspected(good.content, good.table, at_once=at_once)

    assert figures == expected(good.records, good.table.columns, empty)


# ------------------------------------------------------------------------------------------- nasty files

SIGNS = [
    ",",
    ",",
    "\n",
    "\n",
    "\r",
    "\r\n",
    '"',
    '""',
    '","',
    '"\n',
    "\\",
    "\\N",
    "\0",
    "\t",
    " ",
    "\ufeff",
    ";",
]
WORDS = [
    "0",
    "1",
    "7",
    "-",
    "+",
    "1.9",
    "x7",
    "1e2",
    "0x1F",
    "2024-01-31",
    "2024-02-30",
    "true",
    "a",
    "é",
    "あ",
]
raw = st.lists(st.sampled_from(SIGNS + WORDS), max_size=12).map("".join)
fields = st.sampled_from(["", *WORDS, '""', '"a,b"', '"a""b"', '"1"', 'a"b', " 1", "a b", "\\N"])
records = st.lists(fields, min_size=2, max_size=2).map(",".join)
# Mostly lines of two fields, so that some get through; between them anything.
nasty = st.lists(st.one_of(records, records, records, raw), max_size=6).flatmap(
    lambda lines: st.sampled_from(["\n", "\n", "\r\n", "\r"]).map(lambda line_end: line_end.join(lines))
)
PAIRS = [
    ("string", "string"),
    ("string", "int"),
    ("int", "decimal(5,2)"),
    ("date", "boolean"),
    ("double", "varchar(3)"),
]


def hive_lines(text: str) -> list[str]:
    """The lines of a text as Hive's line reader cuts them."""
    lines = re.split(r"\r\n|\n|\r", text)
    return lines[:-1] if lines[-1] == "" else lines


@MANY
@given(nasty, st.sampled_from(PAIRS), st.integers(0, 5))
def test_a_nasty_file_is_refused_or_read_as_lazy_simple_serde_splits_it(
    text: str, kinds: tuple[str, str], at_once: int
) -> None:
    table = small_table({"a": kinds[0], "b": kinds[1]})
    try:
        figures = inspected(("a,b\n" + text).encode(), table, at_once=at_once)
    except SourceRefused:
        return

    split = [line.split(",") for line in hive_lines(text)]

    assert {len(record) for record in split} == {2}
    assert figures == expected(split, table.columns, EMPTY["lazy_simple"])


@MANY
@given(nasty, st.sampled_from(PAIRS[:3]), st.integers(0, 5))
def test_a_nasty_quoted_file_is_refused_or_read_alike_by_csv_and_open_csv(
    text: str, kinds: tuple[str, str], at_once: int
) -> None:
    table = small_table({"a": kinds[0], "b": kinds[1]}, serde="open_csv")
    try:
        figures = inspected(("a,b\n" + text).encode(), table, at_once=at_once)
    except SourceRefused:
        return

    split = list(csv.reader(io.StringIO(text, newline=""), strict=True))

    assert {len(record) for record in split} == {2}
    assert split == [OpenCsvFormat().fields(line) for line in hive_lines(text)]
    assert figures == expected(split, table.columns, EMPTY["open_csv"])


@MANY
@given(st.binary(max_size=40), st.booleans(), st.sampled_from(["none", "gzip"]))
def test_no_bytes_bring_another_error_than_a_refusal(content: bytes, header: bool, compression: str) -> None:
    table = small_table({"a": "string", "b": "int"}, header=header, compression=compression)

    try:
        figures = inspected((b"a,b\n" if header else b"") + content, table)
    except SourceRefused:
        return

    assert figures.rows > 0
