"""Files as their owners deliver them: what Athena makes of their lines, against Python's csv, gzip and Decimal."""

from __future__ import annotations

import gzip
import itertools
from collections.abc import Iterator
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from local_aws.athena.plain import PIECE
from local_aws.athena.text import CHUNK
from tests.local_aws.athena_estate import HEADER, Estate
from tests.local_aws.conftest import Account, Cloud, fresh_id

OPEN_CSV = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.OpenCSVSerde'"
prefixes = (f"text{n}/" for n in itertools.count())
LINE = b"a,1\n"
LINES_OF_A_FILE = (17 << 20) // len(LINE)  # more than the local S3 holds of an object in memory


@pytest.fixture(scope="module")
def estate(cloud: Cloud) -> Estate:
    return Estate.of(Account(cloud, fresh_id()))


@pytest.fixture
def bad_values_fail(cloud: Cloud) -> Iterator[None]:
    cloud.control("PUT", "options", {"bad_values": "fail"})
    yield
    cloud.control("PUT", "options", {"bad_values": "null"})


def read(
    estate: Estate,
    columns: str,
    files: dict[str, bytes],
    row_format: str = "",
    tail: str = "",
    select: str = "*",
) -> list[tuple[str | None, ...]]:
    """The rows of a table over files."""
    prefix = next(prefixes)
    table = estate.table(columns, prefix, row_format, tail)
    for name, body in files.items():
        estate.put(f"{prefix}{name}", body)
    return estate.select(f"SELECT {select} FROM {table}")


TEXTS = st.text(
    st.characters(blacklist_categories=["Cs", "Cc"], blacklist_characters=",\u2028\u2029\x85\ufeff"),
    max_size=8,
)
LINES = st.lists(
    st.tuples(
        TEXTS, st.one_of(st.none(), st.integers(-(2**31), 2**31 - 1)), st.decimals(-1000, 1000, places=2)
    ),
    max_size=30,
)


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(files=st.lists(st.tuples(LINES, st.data(), st.booleans(), st.booleans()), min_size=1, max_size=3))
def test_every_line_of_every_file_is_a_row_with_its_values(estate: Estate, files: list) -> None:
    bodies, expected = {}, []
    for number, (lines, data, ends, zipped) in enumerate(files):
        texts = [f"{text},{'' if n is None else n},{amount}" for text, n, amount in lines]
        line_ends = [data.draw(st.sampled_from(["\n", "\r\n", "\r"])) for _ in texts]
        content = "name,n,amount\n" + "".join(text + end for text, end in zip(texts, line_ends, strict=True))
        body = (content if ends or not texts else content.removesuffix(line_ends[-1])).encode()
        bodies[f"{number}.csv{'.gz' if zipped else ''}"] = gzip.compress(body) if zipped else body
        expected += [
            (None if t == "\\N" else t, None if n is None else str(n), f"{a:.2f}") for t, n, a in lines
        ]

    found = read(estate, "name STRING, n INT, amount DECIMAL(10,2)", bodies, tail=HEADER)

    def order(row: tuple[str | None, ...]) -> list[str]:
        return [value or "" for value in row]

    assert sorted(found, key=order) == sorted(expected, key=order)


@pytest.mark.parametrize(
    ("body", "rows"),
    [
        (b"", []),
        (b"h\n", []),
        (b"h", []),
        (b"h\n\n", [("", None)]),
        (b"h\na", [("a", None)]),
        (b"h\r\na,1\r\n", [("a", "1")]),
        (b"h\ra,1\rb,2", [("a", "1"), ("b", "2")]),
        (b"h\na,1,extra\n", [("a", "1")]),
        (b'h\n"a,b",1\n', [('"a', None)]),
        (b"h\n\\N,\\N\n", [(None, None)]),
        (b"h\n,\n", [("", None)]),
        (b"h\na\x00b,1\n", [("a\x00b", "1")]),
        (b"h\n\xff,1\n", [("\ufffd", "1")]),
    ],
)
def test_odd_files(estate: Estate, body: bytes, rows: list[tuple[str | None, ...]]) -> None:
    assert read(estate, "a STRING, n INT", {"f.csv": body}, tail=HEADER) == rows


@pytest.mark.parametrize("end", [b"\n", b"\r\n"], ids=["LF", "CRLF"])
def test_a_blank_line_after_a_byte_order_mark_is_a_row_of_an_object_in_a_file(
    estate: Estate, end: bytes
) -> None:
    prefix = next(prefixes)
    table = estate.table("a STRING, n INT", prefix)
    estate.put(f"{prefix}f.csv", b"\xef\xbb\xbf" + end + LINE * LINES_OF_A_FILE)

    assert estate.one(f"SELECT count(*) FROM {table}") == (str(1 + LINES_OF_A_FILE),)
    assert estate.one(f"SELECT count(a), count(n) FROM {table}") == (
        str(1 + LINES_OF_A_FILE),
        str(LINES_OF_A_FILE),
    )


@pytest.mark.parametrize(
    ("before", "lines"),
    [(1, 1), (1, LINES_OF_A_FILE), (PIECE - 2, LINES_OF_A_FILE), (CHUNK - 2, 1)],
    ids=["in memory", "in a file", "in a file, across two pieces", "in memory, across two pieces"],
)
def test_the_bytes_that_separate_nothing_are_refused_wherever_an_object_lies(
    estate: Estate, before: int, lines: int
) -> None:
    prefix = next(prefixes)
    table = estate.table("a STRING, n INT", prefix)
    estate.put(f"{prefix}f.csv", b"x" * before + b"\x02\x1f\x02\x1fy,2\n" + LINE * lines)

    for select in ("*", "count(*)", "n"):
        assert "NOT_SUPPORTED: the bytes " in estate.refused(f"SELECT {select} FROM {table}")


@pytest.mark.parametrize(
    "delimiter", ["\x02", "\x1f", "é", "€"], ids=["0x02", "0x1F", "two bytes", "three bytes"]
)
def test_a_delimiter_that_separates_lines_elsewhere_or_is_no_ascii_separates_fields(
    estate: Estate, delimiter: str
) -> None:
    declared = f"\\{ord(delimiter):03o}" if delimiter.isascii() else delimiter
    row_format = f"ROW FORMAT DELIMITED FIELDS TERMINATED BY '{declared}'"
    body = f"a{delimiter}1\nb{delimiter}2\n".encode()

    assert read(estate, "a STRING, n INT", {"f": body}, row_format) == [("a", "1"), ("b", "2")]


def test_a_text_that_only_looks_plain_is_read_again_and_billed_once(estate: Estate) -> None:
    table, body = estate.table("a STRING, n INT", "ragged/"), LINE + b"b,2,more\n" + b"c\n"
    estate.put("ragged/f.csv", body)

    execution = estate.succeed(f"SELECT * FROM {table}")

    assert estate.pages(execution["QueryExecutionId"])[0][1:] == [("a", "1"), ("b", "2"), ("c", None)]
    assert execution["Statistics"]["DataScannedInBytes"] == len(body)


def test_a_blank_line_is_a_row_of_nulls_where_no_column_is_a_text(estate: Estate) -> None:
    assert read(estate, "n INT, m INT", {"f.csv": b"1,2\n\n3,4\n"}) == [("1", "2"), (None, None), ("3", "4")]


def test_each_file_has_its_own_header_in_gzip_too(estate: Estate) -> None:
    body = b"name,n\nx,1\n"
    files = {"a.csv": body, "b.csv.gz": gzip.compress(body), "c.csv": b"name,n", "d.csv": b""}

    assert read(estate, "a STRING, n INT", files, tail=HEADER, select="count(*), count_if(a = 'x')") == [
        ("2", "2")
    ]


def test_gzip_is_billed_as_stored(estate: Estate) -> None:
    body = gzip.compress(b"some text that compresses well\n" * 1000)
    table = estate.table("a STRING", "zipped/")
    estate.put("zipped/f.gz", body)

    execution = estate.succeed(f"SELECT count(*) FROM {table}")

    assert execution["Statistics"]["DataScannedInBytes"] == len(body)
    assert estate.pages(execution["QueryExecutionId"])[0][1] == ("1000",)


def test_what_is_named_gz_and_is_not_gzip_fails(estate: Estate) -> None:
    table = estate.table("a STRING", "not-zipped/")
    estate.put("not-zipped/f.gz", "plain text\n")

    assert "HIVE_CURSOR_ERROR" in estate.refused(f"SELECT * FROM {table}")


@pytest.mark.parametrize(
    ("declared", "delimiter"), [(r"\t", "\t"), ("|", "|"), (r"\001", "\x01"), (";", ";"), ("''", "'")]
)
def test_fields_end_at_the_declared_delimiter(estate: Estate, declared: str, delimiter: str) -> None:
    body = delimiter.join(["a,b", "7"]).encode()
    row_format = f"ROW FORMAT DELIMITED FIELDS TERMINATED BY '{declared}' LINES TERMINATED BY '\\n'"

    assert read(estate, "a STRING, n INT", {"f": body}, row_format) == [("a,b", "7")]


def test_values_that_do_not_cast_are_null_unless_told_otherwise(estate: Estate) -> None:
    body = b"x,2024-13-01,1.234,true\n1.9,2024-1-5,99999999999,yes\n"

    assert read(estate, "n INT, d DATE, p DECIMAL(10,2), b BOOLEAN", {"f": body}) == [
        (None, None, "1.23", "true"),
        ("1", "2024-01-05", None, None),
    ]


def test_values_that_do_not_cast_fail_the_query_where_told_so(estate: Estate, bad_values_fail: None) -> None:
    table = estate.table("n INT, d DATE", "bad-values/")
    estate.put("bad-values/f.csv", "1,2024-01-01\n2,nonsense\n,\n")

    assert "HIVE_BAD_DATA" in estate.refused(f"SELECT d FROM {table}")
    assert estate.one(f"SELECT count(n) FROM {table}") == ("2",)  # a column that nobody reads is not cast


def test_another_null_can_be_declared(estate: Estate) -> None:
    row_format = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' NULL DEFINED AS '-'"

    assert read(estate, "a STRING, b STRING", {"f": b"-,\\N\n"}, row_format) == [(None, "\\N")]


def test_another_null_that_is_a_number_can_be_declared(estate: Estate) -> None:
    row_format = "ROW FORMAT DELIMITED FIELDS TERMINATED BY ',' NULL DEFINED AS '-1'"

    assert read(estate, "n INT, p DECIMAL(10,2)", {"f": b"-1,-1\n1,1\n"}, row_format) == [
        (None, None),
        ("1", "1.00"),
    ]


def test_exact_sums_of_many_decimals(estate: Estate) -> None:
    amounts = [Decimal(n * 7919 % 10**8) / 100 for n in range(20_000)]
    body = "".join(f"{amount:.2f}\n" for amount in amounts).encode()

    assert read(estate, "p DECIMAL(10,2)", {"f": body}, select="sum(p), count(p)") == [
        (f"{sum(amounts):.2f}", "20000")
    ]


@pytest.mark.parametrize(
    ("line", "fields"),
    [
        ('a,"b,c",d', ("a", "b,c", "d")),
        ('"say ""x""",b,', ('say "x"', "b", "")),
        (r'"a \"q\" b",c,d', ('a "q" b', "c", "d")),
        ("a", ("a", None, None)),
        ("", (None, None, None)),
        ("a,b,c,d", ("a", "b", "c")),
        ("\\N,x,y", ("N", "x", "y")),
    ],
)
def test_open_csv_reads_quotes_and_escapes_within_a_line(
    estate: Estate, line: str, fields: tuple[str, ...]
) -> None:
    body = f"header\r\n{line}\r\n".encode()

    assert read(estate, "a STRING, b STRING, c STRING", {"f": body}, OPEN_CSV, HEADER) == [fields]


def test_open_csv_takes_other_characters(estate: Estate) -> None:
    row_format = (
        f"{OPEN_CSV} WITH SERDEPROPERTIES ('separatorChar'='\\t', 'quoteChar'='\\'', 'escapeChar'='\\\\')"
    )

    assert read(estate, "a STRING, b STRING", {"f": b"'a\tb'\t\"c\"\n"}, row_format) == [("a\tb", '"c"')]


def test_open_csv_casts_what_it_read_as_text(estate: Estate) -> None:
    body = b'"7","1.50","19723","true","x"\n'

    found = read(estate, "n INT, p DECIMAL(10,2), d DATE, b BOOLEAN, s VARCHAR(5)", {"f": body}, OPEN_CSV)

    assert found == [("7", "1.50", "2024-01-01", "true", "x")]


@pytest.mark.parametrize(
    ("kind", "text"), [("INT", '""'), ("INT", "x"), ("DECIMAL(10,2)", ""), ("DATE", "2024-01-01")]
)
def test_open_csv_fails_where_a_value_does_not_cast_an_empty_number_too(
    estate: Estate, kind: str, text: str
) -> None:
    prefix = next(prefixes)
    table = estate.table(f"s STRING, v {kind}", prefix, OPEN_CSV)
    estate.put(f"{prefix}f.csv", f"a,{text}\n")

    assert "HIVE_BAD_DATA" in estate.refused(f"SELECT v FROM {table}")
    assert estate.one(f"SELECT s FROM {table}") == ("a",)


def test_open_csv_knows_no_line_break_within_quotes(estate: Estate) -> None:
    prefix = next(prefixes)
    table = estate.table("a STRING, b STRING", prefix, OPEN_CSV)
    estate.put(f"{prefix}f.csv", 'x,"one\ntwo",y\n')

    assert estate.select(f"SELECT a, b FROM {table}") == [("x", None), (None, None)]


SERDE = "ROW FORMAT SERDE 'org.apache.hadoop.hive.serde2.lazy.LazySimpleSerDe' WITH SERDEPROPERTIES"


@pytest.mark.parametrize(
    ("row_format", "tail"),
    [
        ("", "TBLPROPERTIES ('skip.footer.line.count'='1')"),
        ("", "TBLPROPERTIES ('skip.footer.line.count'='01')"),
        ("", "TBLPROPERTIES ('serialization.null.format'='-')"),
        ("", "TBLPROPERTIES ('of.no.known.meaning'='1')"),
        (f"{SERDE} ('field.delim'=',', 'serialization.encoding'='SJIS')", ""),
        (f"{SERDE} ('field.delim'=',', 'line.delim'=';')", ""),
        (f"{SERDE} ('field.delim'=',', 'serialization.last.column.takes.rest'='true')", ""),
        (f"{OPEN_CSV} WITH SERDEPROPERTIES ('field.delim'=',')", ""),
    ],
    ids=[
        "footer",
        "a value that only begins well",
        "null of the table",
        "unknown",
        "encoding",
        "line",
        "rest",
        "of another SerDe",
    ],
)
def test_a_property_that_would_not_be_heeded_is_refused(estate: Estate, row_format: str, tail: str) -> None:
    prefix = next(prefixes)
    table = estate.table("a STRING, n INT", prefix, row_format, tail)
    estate.put(f"{prefix}f.csv", "a,1\nend,2\n")

    for select in ("*", "count(*)"):
        assert "NOT_SUPPORTED: the property " in estate.refused(f"SELECT {select} FROM {table}")


def test_a_property_that_changes_nothing_is_let_be(estate: Estate) -> None:
    row_format = f"{SERDE} ('field.delim'=',', 'line.delim'='\\n', 'serialization.encoding'='UTF-8')"
    tail = (
        "TBLPROPERTIES ('classification'='csv', 'compressionType'='none', 'typeOfData'='file', 'delimiter'=',', "
        "'skip.footer.line.count'='0', 'projection.enabled'='false', 'projection.year.type'='integer')"
    )

    assert read(estate, "a STRING, n INT", {"f": b"a,1\n"}, row_format, tail) == [("a", "1")]


@pytest.mark.parametrize(
    "parameters",
    [
        {"Parameters": {"projection.enabled": "true"}},
        {"Parameters": {"use.null.for.invalid.data": "TRUE"}},
        {"Serde": "org.openx.data.jsonserde.JsonSerDe"},
        {"InputFormat": "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"},
    ],
)
def test_a_table_of_another_kind_is_not_read(estate: Estate, parameters: dict[str, object]) -> None:
    glue = estate.account.client("glue")
    name = estate.table("a STRING", next(prefixes)).removeprefix("d.")
    found = glue.get_table(DatabaseName="d", Name=name)["Table"]
    storage = found["StorageDescriptor"]
    storage["InputFormat"] = parameters.get("InputFormat", storage["InputFormat"])
    storage["SerdeInfo"]["SerializationLibrary"] = parameters.get(
        "Serde", storage["SerdeInfo"]["SerializationLibrary"]
    )
    table = {"Name": name, "StorageDescriptor": storage, "Parameters": parameters.get("Parameters", {})}
    glue.update_table(DatabaseName="d", TableInput=table)

    assert "NOT_SUPPORTED" in estate.refused(f"SELECT * FROM {name}")
