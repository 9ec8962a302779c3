"""Values for the grammar's files: of each type good ones, and those of which Athena makes something else, by kind."""

from __future__ import annotations

from decimal import Decimal

from hypothesis import strategies as st

# Between them all that a line reader, a splitter or a cast may stumble over, but no sign of the format itself.
TEXTS = (
    "Widget A", "a", "é", "テスト", "🙂", "' OR 1=1 --", " ", " a", "a ", "0", "null", "NULL", "N", "#", "/* */",
    "a\u00a0b", "x\ufeffy", "e\u0301", "\u2028", "\x85", "\x0b", "\x0c", "\x1c", "\x01", "\x7f", "{{ 1 }}", "$path",
)  # fmt: skip
NO_LINE_ENDS = tuple(f"a{sign}b" for sign in "\u2028\u2029\x85\v\f\x1c\x1d\x1e")
"""Python's splitlines ends a line at these; neither csv nor a SerDe does."""

UNIT_SEPARATORS = ("a\x1fb", "\x1f", "a\x1e\x1fb")
NOT_SUPPORTED = {"lazy_simple": ("a\x02\x1f\x02\x1fb",), "open_csv": ("a\x02\x1f\x02\x1fb", *UNIT_SEPARATORS)}
"""What the local AWS itself puts between lines or fields. It refuses a query that meets them (docs/local_aws.md)."""

QUOTABLE = ('a "b" c', '"', "a,b;c|d", '""', "5 inch", ",", ";", "\t|", ' "a"')
EDGES = {
    "tinyint": ("0", "-128", "127", "+3", "007", "-0"),
    "smallint": ("-32768", "32767", "0"),
    "int": ("2147483647", "-2147483648", "0", "100", "+1", "000000000000000000000000000000001"),
    "bigint": ("9223372036854775807", "-9223372036854775808", "1"),
    "decimal(10,2)": ("25.99", "2599.00", "-0.01", "99999999.99", "-99999999.99", ".5", "5.", "1.500", "+1", "0"),
    "decimal(38,10)": ("9" * 25 + "." + "9" * 10, "-" + "9" * 25 + "." + "9" * 10, "0.0000000001", "7"),
    "decimal(38,38)": ("0.0" + "9" * 37, "-.0" + "3" * 37, "0"),
    "decimal(1,0)": ("9", "-9", "0"),
    "float": ("1.5", "-3.4028234e38", "1e-45", "0.1", "1e5", "16777217"),
    "double": ("1.7976931348623157e308", "-2.5e-324", "0.1", "1E5", "1e-400", ".5"),
    "boolean": ("true", "false", "TRUE", "False"),
    "date": ("2024-01-31", "2024-02-29", "0001-01-01", "9999-12-31", "1970-01-01", "1582-10-10"),
    "timestamp": ("2024-01-31 23:59:59", "2024-02-29 00:00:00.5", "1970-01-01 00:00:00.001", "9999-12-31 23:59:59.999"),
}  # fmt: skip
RANGES = {"tinyint": 7, "smallint": 15, "int": 31, "bigint": 63}
TYPES = ("string", "varchar(8)", *EDGES)
DAYS = ("date", "timestamp")

WHOLE = ("tinyint", "smallint", "int", "bigint")
NUMBERS = (*WHOLE, "decimal", "float", "double")
BAD: dict[str, dict[str, tuple[str, ...]]] = {
    "a word in a number": dict.fromkeys(NUMBERS, ("x7", "7x", "n/a", "-", "1-2")),
    "an exponent in a number": dict.fromkeys((*WHOLE, "decimal"), ("1e2", "1E2", "2e0", "100e-2")),
    "a fraction in a whole number": dict.fromkeys(WHOLE, ("1.9", "1.0", "-.5", "5.", ".")),
    "a day that does not exist": {
        "date": (
            "2024-13-01",
            "2024-02-30",
            "2023-02-29",
            "0000-01-01",
            "2024-1-5",
            "20240101",
            "31.01.2024",
        ),
        "timestamp": ("2024-02-30 00:00:00", "2024-01-31 24:00:00", "2024-01-31T00:00:00", "2024-01-31"),
    },
    "a number too large": {
        "tinyint": ("128", "-129"),
        "smallint": ("32768",),
        "int": ("2147483648", "99999999999999999999"),
        "bigint": ("9223372036854775808", "9" * 40),
        "decimal": ("1" + "0" * 39, "123456789012345678901234567890123456789.1"),
        "float": ("3.5e38", "1e400"),
        "double": ("1.8e308", "-1e400"),
    },
    "too many places": {"decimal": ("1." + "0" * 40 + "5", "0.1" + "0" * 40 + "1", "1.00" + "5" * 39)},
    "a blank at a value": {
        **dict.fromkeys(NUMBERS, (" 1.5", " 1", "1 ", "1\u00a0", "\v1")),
        **dict.fromkeys(("boolean", *DAYS), (" true", "2024-01-31 ", " 2024-01-31 00:00:00")),
    },
    "a thousands separator": dict.fromkeys(NUMBERS, ("1,234", "1,234.56", "1.234,56", "1'234")),
    "other notations": dict.fromkeys(
        NUMBERS,
        ("0x1F", "1_000", "\uff11", "\u0663", "NaN", "Infinity", "-inf", "1f", "5d", "1L", "€5", "(5)"),
    ),
    "another word for true": {"boolean": ("1", "0", "t", "yes", "wahr", "\uff34RUE")},
    "a text too long": {"varchar": ("123456789", "テスト" * 3, "🙂" * 9)},
    "no value": dict.fromkeys((*NUMBERS, "boolean"), ("",)),
}
"""Kind → type → values that are no value of the type, or whose form Athena does not read."""


def good(kind: str, serde: str, delimiter: str) -> st.SearchStrategy[str]:
    """A strategy for values that must be read as they are."""
    if kind in ("string", "varchar(8)"):
        texts = [*TEXTS, *(QUOTABLE if serde == "open_csv" else ()), ""]
        limit = 8 if kind != "string" else 99
        values = [t for t in texts if len(t) <= limit and (serde == "open_csv" or delimiter not in t)]
    else:
        values = list(EDGES[kind])
    values += ["", "\\N"] if serde == "lazy_simple" else []
    chosen = st.sampled_from(values)
    return st.one_of(chosen, _drawn(kind)) if kind in RANGES or kind == "decimal(10,2)" else chosen


def _drawn(kind: str) -> st.SearchStrategy[str]:
    if kind in RANGES:
        return st.integers(-(2 ** RANGES[kind]), 2 ** RANGES[kind] - 1).map(str)
    return st.integers(-(10**10) + 1, 10**10 - 1).map(lambda cents: f"{Decimal(cents).scaleb(-2):f}")


def types_of(kind: str) -> tuple[str, ...]:
    """The types for which there are bad values of a kind."""
    return tuple(name for name in TYPES if name.partition("(")[0] in BAD[kind])
