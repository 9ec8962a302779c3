"""Aggregates as Trino types and rounds them."""

from __future__ import annotations

from typing import Any

from sqlglot import exp

from local_aws.athena.arithmetic import Typed, divided, unexpected
from local_aws.athena.types import BIGINT, BOOLEAN, DOUBLE, UNKNOWN, decimal

AGGREGATES = (
    exp.Count,
    exp.CountIf,
    exp.Sum,
    exp.Avg,
    exp.Min,
    exp.Max,
    exp.AnyValue,
    exp.LogicalAnd,
    exp.LogicalOr,
)


def aggregated(node: Any, argument: Typed, suffix: str, distinct: str) -> Typed:
    """An aggregate of a typed argument; `suffix` is its FILTER clause, `distinct` the word or nothing."""
    if isinstance(node, exp.Sum):
        return _summed(argument, suffix, distinct)
    if isinstance(node, exp.Avg):
        return _averaged(argument, suffix, distinct)
    if isinstance(node, exp.Count):
        return Typed(f"count({distinct}{argument.sql}){suffix}", BIGINT)
    if isinstance(node, (exp.Min, exp.Max, exp.AnyValue)):
        name = {exp.Min: "min", exp.Max: "max", exp.AnyValue: "any_value"}[type(node)]
        return Typed(f"{name}({argument.sql}){suffix}", argument.type)
    if argument.type not in (BOOLEAN, UNKNOWN):
        raise unexpected(node.key, argument)
    if isinstance(node, exp.CountIf):
        return Typed(f"CAST(count_if({argument.sql}){suffix} AS BIGINT)", BIGINT)
    name = "bool_and" if isinstance(node, exp.LogicalAnd) else "bool_or"
    return Typed(f"{name}({argument.sql}){suffix}", BOOLEAN)


def _summed(argument: Typed, suffix: str, distinct: str) -> Typed:
    """sum(x): integers to bigint, decimals to decimal(38,s), exactly."""
    if argument.type.is_decimal:
        kind = decimal(38, argument.type.scale)
    elif argument.type.is_integer:
        kind = BIGINT
    elif argument.type.is_floating:
        kind = argument.type
    else:
        raise unexpected("sum", argument)
    return Typed(f"CAST(sum({distinct}{argument.sql}){suffix} AS {kind.duckdb})", kind)


def _averaged(argument: Typed, suffix: str, distinct: str) -> Typed:
    """avg(x): a decimal stays what it is, rounded half up; other numbers to double."""
    if argument.type.is_decimal:
        total = f"sum({distinct}{argument.sql}){suffix}"
        count = f"nullif(count({distinct}{argument.sql}){suffix}, 0)"
        return divided(total, count, shift=0, kind=argument.type)
    if not argument.type.is_number:
        raise unexpected("avg", argument)
    kind = argument.type if argument.type.name == "real" else DOUBLE
    return Typed(f"CAST(avg({distinct}{argument.sql}){suffix} AS {kind.duckdb})", kind)
