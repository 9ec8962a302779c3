"""Ask the real LazySimpleSerDe (hive-serde 2.3.9, in pyspark 3.5.8, Java 17) what it reads; write the golden answers.

Not run by the tests: `pip install pyspark==3.5.8` in an environment of its own, then
`python tests/local_aws/golden/lazy_simple_serde.py`. Spark ignores skip.header.line.count: no table has a header.
"""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any

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
LINES = [
    *[
        "a,1,x",
        "",
        ",,",
        "a",
        "a,1",
        "a,1,x,extra",
        '"a,b",1,x',
        " a , 1 , x ",
        "\\N,\\N,\\N",
        "a,,",
        ",1,x",
        "\\,1,x",
        "a\\,b,1,x",
    ],
    *["a\tb,1,x", '"', "#a,1,x", "日本,1,x"],
]


def ask(spark: Any, name: str, columns: list[str], text: str, delimiter: str) -> list[list[str | None]]:
    """Return a table's rows over one text file, every value as a string."""
    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "file.txt").write_bytes(text.encode())
        declared = ", ".join(f"c{i} {t}" for i, t in enumerate(columns))
        spark.sql(
            f"CREATE EXTERNAL TABLE {name} ({declared}) ROW FORMAT DELIMITED FIELDS TERMINATED BY '{delimiter}' "
            f"STORED AS TEXTFILE LOCATION 'file://{folder}'"
        )
        chosen = ", ".join(f"CAST(c{i} AS STRING)" for i in range(len(columns)))
        return [list(row) for row in spark.sql(f"SELECT {chosen} FROM {name}").collect()]


def main() -> None:
    """Write the golden file."""
    from pyspark.sql import SparkSession

    with tempfile.TemporaryDirectory() as home:
        spark = (
            SparkSession.builder.master("local[1]")
            .config("spark.sql.warehouse.dir", home)
            .config("spark.hadoop.javax.jdo.option.ConnectionURL", "jdbc:derby:memory:metastore;create=true")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .enableHiveSupport()
            .getOrCreate()
        )
        value_rows = ask(spark, "v", TYPES, "".join("|".join([v] * len(TYPES)) + "\n" for v in VALUES), "|")
        string_first = ask(
            spark, "s", ["string", "int", "string"], "".join(f"{line}\n" for line in LINES), ","
        )
        int_first = ask(spark, "i", ["int", "string"], "\n1,x\n\n,\n", ",")
        line_ends = {
            name: ask(spark, f"e{i}", ["string", "int"], text, ",")
            for i, (name, text) in enumerate(LINE_ENDS.items())
        }
    golden = {
        "types": TYPES,
        "values": dict(zip(VALUES, value_rows, strict=True)),
        "lines": dict(zip(LINES, string_first, strict=True)),
        "blank_lines_int_first": int_first,
        "line_ends": [[text, line_ends[name]] for name, text in LINE_ENDS.items()],
    }
    GOLDEN.write_text(json.dumps(golden, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


LINE_ENDS = {
    "lf": "a,1\nb,2\n",
    "crlf": "a,1\r\nb,2\r\n",
    "cr": "a,1\rb,2\r",
    "mixed": "a,1\nb,2\r\nc,3\rd,4",
    "blank": "a,1\n\n\r\n\rb,2\n\n",
    "no_end": "a,1\nb,2",
    "empty": "",
}

if __name__ == "__main__":
    main()
