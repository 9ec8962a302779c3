"""CAST as Trino does it, in DuckDB's words; what DuckDB would read more generously is guarded, or not supported."""

from __future__ import annotations

from local_aws.athena.failures import QueryError, not_supported
from local_aws.athena.text import quoted
from local_aws.athena.types import UNKNOWN, Type

# What Trino accepts as the text of each type.
TEXTS = {
    "integer": r"[+-]?\d+",
    "decimal": r"[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?",
    "double": r"\s*[+-]?((\d+(\.\d*)?|\.\d+)([eE][+-]?\d+)?|NaN|Infinity)\s*",
    "date": r"\s*\d{4}-\d{1,2}-\d{1,2}\s*",
    "timestamp": r"\s*\d{4}-\d{1,2}-\d{1,2}( \d{1,2}:\d{1,2}(:\d{1,2}(\.\d{1,12})?)?)?\s*",
    "boolean": r"(?i)true|false|t|f|1|0",
}
INSTANTS = ("date", "timestamp")


def cast_sql(value: str, source: Type, target: Type, *, safe: bool = False) -> str:
    """The expression `value` of type `source` as `target`; `safe`: NULL where it does not cast (TRY_CAST)."""
    word = "TRY_CAST" if safe else "CAST"
    if source == target:
        return value
    if source == UNKNOWN:
        return f"CAST(NULL AS {target.duckdb})"
    if source.name == "varchar":
        return _from_text(value, target, word)
    if target.name == "varchar":
        return _to_text(value, source, target)
    if source.is_floating and target.is_exact:
        if target.is_decimal:
            raise not_supported(f"CAST of {source.display} as {target.display}")
        return f"{word}(round({value}) AS {target.duckdb})"
    if source.is_number and target.is_number:
        return f"{word}({value} AS {target.duckdb})"
    if {source.name, target.name} == set(INSTANTS):
        return f"CAST({value} AS {target.duckdb})"
    if source.name == "boolean" and target.is_number:
        return f"{word}(CAST({value} AS INTEGER) AS {target.duckdb})"
    if source.is_number and target.name == "boolean":
        return f"({value} <> 0)"
    raise QueryError(f"TYPE_MISMATCH: Cannot cast {source.display} to {target.display}")


def _from_text(value: str, target: Type, word: str) -> str:
    if target.name == "varchar":
        return value if target.length is None else f"left({value}, {target.length})"
    kind = "integer" if target.is_integer else "double" if target.is_floating else target.name
    matches = f"regexp_full_match({value}, {quoted(TEXTS[kind])})"
    cast = f"{word}(trim({value}) AS {target.duckdb})"
    message = f"'INVALID_CAST_ARGUMENT: Cannot cast ''' || {value} || ''' to {target.display}'"
    otherwise = "NULL" if word == "TRY_CAST" else f"error({message})"
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {matches} THEN {cast} ELSE {otherwise} END"


def _to_text(value: str, source: Type, target: Type) -> str:
    if source.is_floating or target.length is not None:
        raise not_supported(f"CAST of {source.display} as {target.display}")
    if source.name == "timestamp":
        return f"strftime({value}, '%Y-%m-%d %H:%M:%S.%g')"
    written = f"CAST({value} AS VARCHAR)"
    return f"regexp_replace({written}, '^(-?)[.]', '\\10.')" if source.is_fraction else written


def coerced(value: str, source: Type, target: Type) -> str:
    """An implicit widening."""
    return value if source == target else f"CAST({value} AS {target.duckdb})"
