"""+ - * / % as Trino types and rounds them, and comparisons."""

from __future__ import annotations

from dataclasses import dataclass

from local_aws.athena.casts import coerced
from local_aws.athena.failures import QueryError, not_supported
from local_aws.athena.types import BOOLEAN, DATE, TIMESTAMP, Type, common_type, decimal

# Comparisons of floating point numbers: the macro, and what it is of NaN.
FLOATING = {
    "=": ("floats_equal", "false"),
    "<>": ("floats_differ", "true"),
    "<": ("float_less", "false"),
    "<=": ("float_at_most", "false"),
    ">": ("float_greater", "false"),
    ">=": ("float_at_least", "false"),
}
# Exact division: decimals as whole numbers (HUGEINT), rounded half away from zero, written back with their scale.
MACROS = (
    "CREATE MACRO unscaled(d) AS CAST(replace(CAST(d AS VARCHAR), '.', '') AS HUGEINT)",
    "CREATE MACRO rounded_quotient(n, d) AS "
    "CASE WHEN (n < 0) <> (d < 0) THEN -1 ELSE 1 END * ((2 * abs(n) + abs(d)) // (2 * abs(d)))",
    "CREATE MACRO digits(n, s) AS "
    "lpad(CAST(abs(n) AS VARCHAR), CAST(greatest(length(CAST(abs(n) AS VARCHAR)), s + 1) AS INTEGER), '0')",
    "CREATE MACRO scaled(n, s) AS CASE WHEN n < 0 THEN '-' ELSE '' END || "
    "left(digits(n, s), length(digits(n, s)) - s) || '.' || right(digits(n, s), s)",
    # Nothing is equal to NaN, less or greater; DuckDB has it equal to itself and greater than everything.
    *(
        f"CREATE MACRO {name}(a, b) AS CASE WHEN a IS NULL OR b IS NULL THEN NULL "
        f"WHEN isnan(a) OR isnan(b) THEN {of_nan} ELSE a {operator} b END"
        for operator, (name, of_nan) in FLOATING.items()
    ),
)


@dataclass(frozen=True)
class Typed:
    """An expression in DuckDB's words, with its Trino type."""

    sql: str
    type: Type


def calculate(operator: str, left: Typed, right: Typed) -> Typed:
    """Apply one of `+ - * / %`."""
    common = common_type(left.type, right.type)
    if operator == "-" and common in (DATE, TIMESTAMP):
        raise not_supported("intervals as values")
    if common is None or not common.is_number:
        raise QueryError(
            f"TYPE_MISMATCH: Cannot apply operator: {left.type.display} {operator} {right.type.display}"
        )
    if common.is_decimal:
        return _decimals(operator, _as_decimal(left), _as_decimal(right))
    if common.is_floating and operator == "%":
        raise not_supported("% of floating point numbers")
    word = "//" if operator == "/" and common.is_integer else operator
    one, other = coerced(left.sql, left.type, common), coerced(right.sql, right.type, common)
    return Typed(f"CAST(({one} {word} {other}) AS {common.duckdb})", common)


def compared(operator: str, left: Typed, right: Typed) -> Typed:
    """Compare two values of one type."""
    if left.type.is_floating and operator in FLOATING:
        return Typed(f"{FLOATING[operator][0]}({left.sql}, {right.sql})", BOOLEAN)
    return Typed(f"({left.sql} {operator} {right.sql})", BOOLEAN)


def _as_decimal(value: Typed) -> Typed:
    kind = value.type.as_decimal() if value.type.is_exact else Type("decimal", 1, 0)
    return Typed(coerced(value.sql, value.type, kind), kind)


def _decimals(operator: str, left: Typed, right: Typed) -> Typed:
    a, b = left.type, right.type
    scale = a.scale + b.scale if operator == "*" else max(a.scale, b.scale)
    if operator in "+-":
        kind = decimal(max(a.precision - a.scale, b.precision - b.scale) + scale + 1, scale)
    elif operator == "*":
        kind = decimal(a.precision + b.precision, scale)
    elif operator == "%":
        kind = decimal(min(b.precision - b.scale, a.precision - a.scale) + scale, scale)
    else:
        kind = decimal(a.precision + b.scale + max(b.scale - a.scale, 0), scale)
        return divided(left.sql, right.sql, shift=b.scale - a.scale + scale, kind=kind)
    if operator in "+-":  # DuckDB's own result type leaves no room for a carry
        return Typed(
            f"(CAST({left.sql} AS {kind.duckdb}) {operator} CAST({right.sql} AS {kind.duckdb}))", kind
        )
    return Typed(f"CAST(({left.sql} {operator} {right.sql}) AS {kind.duckdb})", kind)


def divided(dividend: str, divisor: str, *, shift: int, kind: Type) -> Typed:
    """The quotient of two decimals' whole numbers, the first one times 10^shift, as a decimal type."""
    quotient = f"rounded_quotient(unscaled({dividend}) * {10**shift}, unscaled({divisor}))"
    text = f"scaled({quotient}, {kind.scale})" if kind.scale else quotient
    return Typed(f"CAST({text} AS {kind.duckdb})", kind)


# They look like functions, and are expressions of the grammar: of these, Trino says that their types do not match.
NO_FUNCTIONS = ("CASE", "IF", "LIKE", "-", "coalesce", "nullif")


def unexpected(function: str, *arguments: Typed) -> QueryError:
    """What Trino says to arguments of a wrong type: it knows no such function of these types."""
    kinds = ", ".join(argument.type.display for argument in arguments)
    kind = "TYPE_MISMATCH" if function in NO_FUNCTIONS else "FUNCTION_NOT_FOUND"
    name = "concat" if function == "||" else function
    return QueryError(f"{kind}: Unexpected parameters ({kinds}) for function {name}")
