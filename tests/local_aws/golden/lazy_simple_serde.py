"""LazySimpleSerDe: values in columns of every type, and lines of too few, too many and odd fields."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path

from tests.local_aws.golden.hive import Hive, delimited, save

GOLDEN = Path(__file__).with_suffix(".json")
TYPES = [
    "string",
    "varchar(3)",
    "boolean",
    "tinyint",
    "smallint",
    "int",
    "bigint",
    "float",
    "double",
    "decimal(10,2)",
    "decimal(5,0)",
    "date",
    "timestamp",
]
VALUES = [
    *[
        "7",
        "-7",
        "+3",
        "1.9",
        "-1.9",
        ".5",
        "-.5",
        "+.5",
        "1.",
        ".",
        "-",
        "+",
        "--1",
        " 5",
        "5 ",
        "1e2",
        "1E2",
        "x7",
        "7x",
        "0x10",
    ],
    *["\\N", "", " ", "NULL", "null", "NaN", "Infinity", "-Infinity", "1_000", "1,5"],
    *[
        "127",
        "128",
        "-128",
        "-129",
        "32767",
        "32768",
        "2147483647",
        "2147483648",
        "-2147483648",
        "9223372036854775807",
    ],
    *[
        "9223372036854775808",
        "007",
        "1.005",
        "1.004",
        "-1.005",
        " 1.005",
        "1.005 ",
        "99999999.99",
        "99999999.995",
        "100000000",
    ],
    *[
        "12345.5",
        "99999.5",
        "1.5.5",
        "1..5",
        "1.5d",
        "1.5f",
        "1e-3",
        "1e400",
        "2599.00",
        "1.x",
        "12345678901234567890.5",
    ],
    *["true", "TRUE", "True", "false", "t", "1", "0", "yes", "true ", " true"],
    *[
        "2024-01-13",
        "2024-1-5",
        "2024-02-30",
        "2024-13-01",
        "24-01-13",
        " 2024-01-13",
        "2024-01-13 ",
        "2024-01-13 10:00:00",
    ],
    *[
        "2024/01/13",
        "20240113",
        "2024-01-13 10:00:00.5",
        "2024-01-13T10:00:00",
        "2024-01-13 10:00",
        "2024-01-13 25:00:00",
    ],
    *[
        "2024-01-13 10:00:00.123456",
        " 2024-01-13 10:00:00",
        "0000-01-01",
        "2024-00-10",
        "2024-01-00",
        "12024-01-01",
        "2024-02-29",
    ],
    *["2023-02-29", "日本語テキスト", '"quoted"'],
]
COLUMNS = ["string", "int", "decimal(10,2)", "date", "string"]
LINES = [
    *["", ",", ",,", ",,,", ",,,,", ",,,,,", "a", "a,", "a,1", "a,1,", "a,1,2.50", "a,1,2.50,2024-01-31"],
    *[
        "a,1,2.50,2024-01-31,z",
        "a,1,2.50,2024-01-31,",
        "a,1,2.50,2024-01-31,z,",
        "a,1,2.50,2024-01-31,z,extra,more",
    ],
    *[
        '"a,b",1,2.50,2024-01-31,z',
        '"a","1","2.50","2024-01-31","z"',
        'a"b,1,2.50,2024-01-31,"',
        '"',
        '""',
        '"""a"""',
    ],
    *[
        "'a,b',1,2.50,2024-01-31,z",
        "a\\,b,1,2.50,2024-01-31,z",
        "a\\\\,1,2.50,2024-01-31,z",
        "\\,1,2.50",
        "a\\nb,1",
    ],
    *[
        "\\N",
        "\\N,\\N,\\N,\\N,\\N",
        "\\n,\\n,\\n",
        " \\N,1",
        "\\N ,1",
        "\\N\\N,1",
        "N,1",
        "NULL,NULL,NULL,NULL,NULL",
    ],
    *[
        " a , 1 , 2.50 , 2024-01-31 , z ",
        "a, 1",
        "a,1 ",
        "\ta\t,1",
        "a,\t1",
        "a,1,2.50\t",
        " ",
        "  ,  ",
        "a\tb,1",
    ],
    *[
        "#a,1",
        "--a,1",
        "//a,1",
        "date,product,quantity,price,x",
        "日本,1,2.50,2024-01-31,語",
        "é,1",
        "😀,1",
        "a\u00a0b,1",
    ],
    *[
        "a\u2028b,1",
        "a\u0085b,1",
        "a\x0bb,1",
        "a\x0cb,1",
        "a\x1fb,1",
        "a\x02\x1fb,1",
        "a\x00b,1,2.50",
        "\ufffd,1",
    ],
    *[
        "1,2,3,4,5",
        "x,y,z,w,v",
        "1;2;3",
        "1|2|3",
        "a=1,1",
        "{},1",
        "[1,2],1",
        "a,1e2,1e2,2024-01-31,z",
        "a,0x1,1",
    ],
    *[
        ",".join(fields)
        for fields in product(["", "a"], ["", "7", "x"], ["", "0.05", "1_0.5", " 1.5"], ["", "2024-1-5"])
    ],
]


def write(hive: Hive) -> None:
    """Ask, and write the golden file."""
    values = hive.rows(TYPES, _lines("|".join([value] * len(TYPES)) for value in VALUES), delimited("|"))
    lines = hive.rows(COLUMNS, _lines(LINES), delimited(","))
    save(
        GOLDEN,
        types=TYPES,
        values=dict(zip(VALUES, values, strict=True)),
        columns=COLUMNS,
        lines=dict(zip(LINES, lines, strict=True)),
        blank_lines_int_first=hive.rows(["int", "string"], b"\n1,x\n\n,\n", delimited(",")),
    )


def _lines(texts: Iterable[str]) -> bytes:
    return "".join(f"{text}\n" for text in texts).encode()
