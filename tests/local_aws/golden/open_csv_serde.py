"""OpenCSVSerde: quotes, escapes and separators, in lines of three columns; it has texts only."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests.local_aws.golden.hive import CSV_SERDE, Hive, save

GOLDEN = Path(__file__).with_suffix(".json")
# The lines below are written for `,`, `"` and `\`; each variant puts its own characters there.
VARIANTS: dict[str, dict[str, str]] = {
    "as it is": {},
    "tab": {"separatorChar": "\t"},
    "single quotes": {"separatorChar": ";", "quoteChar": "'"},
    "another escape": {"separatorChar": "|", "quoteChar": '"', "escapeChar": "/"},
    "quote as escape": {"separatorChar": ",", "quoteChar": '"', "escapeChar": '"'},
    "long values": {"separatorChar": ";,", "quoteChar": "'x", "escapeChar": "\\x"},
}
LINES = [
    *[
        "",
        ",",
        ",,",
        ",,,",
        "a",
        "a,",
        "a,b",
        "a,b,c",
        "a,b,c,",
        "a,b,c,d",
        " a , b , c ",
        "日本,é,😀",
        "\\N,\\N,\\N",
    ],
    *[
        '"a","b","c"',
        '"a,b",c,d',
        '"",b,c',
        '"","",""',
        '""',
        '"',
        '"a',
        'a,"b',
        'a,b,"c',
        'a,b,"c,d',
        '"a,b,c',
        'a",b,c',
    ],
    *[
        '"say ""x""",b,c',
        '""""',
        '"""",b,c',
        '"""a""",b,c',
        'a""b,c,d',
        '""a"",b,c',
        '"a""",b,c',
        '"a"",b,c',
        '"a"b",c,d',
    ],
    *[
        'a"b"c,d,e',
        'a,bc"d"ef,g',
        'abc"d,e"f,g',
        'a "b" c,d,e',
        ' "a",b,c',
        'a, "b",c',
        'a,  "b, c" ,d',
        'a,"b" ,c',
        '"a" ,b,c',
    ],
    *[
        'x"y,z',
        'xy"z,w',
        'xyz"w,v',
        'xyz"w"v,u',
        'ab"',
        'abc"',
        '"ab"c',
        '"abc"d,e',
        'a,"b"c"d",e',
        'a,"b,"c",d',
        '"a"",""b"',
    ],
    *[
        r"a\,b,c",
        r'"a\"b",c,d',
        r'"a \"q\" b",c,d',
        r"a\\b,c,d",
        r'"a\\b",c,d',
        r"\a,b,c",
        r"a\b,c,d",
        r'"a\b",c,d',
        r"a,b,c\ ".strip(),
    ],
    *[
        r'"a\\",b,c',
        r'"a\",b,c',
        r"\,a,b",
        r"\\,a,b",
        r"\"a\",b,c",
        r"a\"b,c,d",
        r"a\\\b,c",
        r'"\\\"",b,c',
        r'"a\n",b,c',
        "\\",
    ],
    *[
        "'a,b',c,d",
        "'a''b',c,d",
        '"a\tb","c;d","e|f"',
        "#a,b,c",
        "a\x00b,c,d",
        "a\x1fb,c",
        " ",
        "   ,",
        '" a "," b ",c',
        '" ",b,c',
    ],
]


def spelled(line: str, variant: Mapping[str, str]) -> str:
    """A line with a variant's characters in place of the usual ones, and the usual ones in place of its own."""
    separator, quote, escape = (
        variant.get(name, usual)[0]
        for name, usual in (("separatorChar", ","), ("quoteChar", '"'), ("escapeChar", "\\"))
    )
    escape = "\\" if escape == '"' else escape
    return line.translate(str.maketrans(f',"\\{separator}{quote}{escape}', f'{separator}{quote}{escape},"\\'))


def row_format(variant: Mapping[str, str]) -> str:
    """A variant's ROW FORMAT."""
    if not variant:
        return CSV_SERDE
    listed = ", ".join(f"'{name}'='{_literal(value)}'" for name, value in variant.items())
    return f"{CSV_SERDE} WITH SERDEPROPERTIES ({listed})"


def _literal(value: str) -> str:
    return value.replace("\\", "\\\\").replace("'", "\\'").replace("\t", "\\t")


def write(hive: Hive) -> None:
    """Ask, and write the golden file."""
    answers = {}
    for name, variant in VARIANTS.items():
        lines = list(dict.fromkeys(spelled(line, variant) for line in LINES))
        body = "".join(f"{line}\n" for line in lines).encode()
        rows = hive.rows(["string"] * 3, body, row_format(variant))
        answers[name] = [[line, row] for line, row in zip(lines, rows, strict=True)]
    save(GOLDEN, **{name: dict(found) for name, found in answers.items()})
