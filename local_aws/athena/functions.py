"""The functions of the supported subset: for each, what Trino's types make of it and how DuckDB is asked."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_aws.athena import arithmetic, regexps
from local_aws.athena.arithmetic import Typed, unexpected
from local_aws.athena.casts import coerced
from local_aws.athena.failures import not_supported
from local_aws.athena.text import quoted
from local_aws.athena.types import (
    BIGINT,
    BOOLEAN,
    DATE,
    DOUBLE,
    INTEGER,
    TIMESTAMP,
    VARCHAR,
    Type,
    common_type,
    decimal,
)

if TYPE_CHECKING:
    from collections.abc import Callable

BLANKS = "chr(32) || chr(9) || chr(10) || chr(11) || chr(12) || chr(13)"
DATE_UNITS = ("DAY", "WEEK", "MONTH", "QUARTER", "YEAR")


def text(function: str, *values: Typed) -> None:
    """Refuse arguments that are not texts."""
    if any(value.type.name not in ("varchar", "unknown") for value in values):
        raise unexpected(function, *values)


def _simple(name: str, kind: Type, *parts: str) -> Callable[[Any, Any], Typed]:
    """A function of texts that both engines have under one name."""

    def rule(node: exp.Expression, typed: Callable[[Any], Typed]) -> Typed:
        values = [typed(node.args[part]) for part in parts]
        text(name, *values)
        return Typed(f"{name}({', '.join(value.sql for value in values)})", kind)

    return rule


def _trim(node: exp.Trim, typed: Callable[[Any], Typed]) -> Typed:
    if node.args.get("expression"):
        raise not_supported("trim of other characters than blanks")
    value = typed(node.this)
    text("trim", value)
    name = {"LEADING": "ltrim", "TRAILING": "rtrim", None: "trim"}[node.args.get("position")]
    return Typed(f"{name}({value.sql}, {BLANKS})", VARCHAR)


def _substring(node: exp.Substring, typed: Callable[[Any], Typed]) -> Typed:
    start = node.args.get("start")
    if not isinstance(start, exp.Literal) or start.is_string or int(start.this) < 1:
        raise not_supported("substr from a place that is no positive literal")
    values = [typed(node.args[part]) for part in ("this", "start", "length") if node.args.get(part)]
    text("substr", values[0])
    if not all(value.type.is_integer for value in values[1:]):
        raise unexpected("substr", *values)
    return Typed(f"substr({', '.join(value.sql for value in values)})", VARCHAR)


def _concat(node: exp.Concat, typed: Callable[[Any], Typed]) -> Typed:
    values = [typed(part) for part in node.expressions]
    text("concat", *values)
    return Typed("(" + " || ".join(value.sql for value in values) + ")", VARCHAR)


def _nullable_extreme(name: str) -> Callable[[Any, Any], Typed]:
    """Trino's greatest and least are NULL where one value is; DuckDB's leave NULLs out."""

    def rule(node: exp.Expression, typed: Callable[[Any], Typed]) -> Typed:
        values = alike(name, [typed(part) for part in (node.this, *node.expressions)])
        nulls = " OR ".join(f"{value.sql} IS NULL" for value in values)
        called = f"{name}({', '.join(value.sql for value in values)})"
        return Typed(f"CASE WHEN {nulls} THEN NULL ELSE {called} END", values[0].type)

    return rule


def alike(what: str, values: list[Typed]) -> list[Typed]:
    """Bring values to their common type."""
    kind = values[0].type
    for value in values[1:]:
        found = common_type(kind, value.type)
        if found is None:
            raise unexpected(what, *values)
        kind = found
    return [Typed(coerced(value.sql, value.type, kind), kind) for value in values]


def _abs(node: exp.Abs, typed: Callable[[Any], Typed]) -> Typed:
    value = _number("abs", typed(node.this))
    return Typed(f"abs({value.sql})", value.type)


def _number(function: str, value: Typed) -> Typed:
    if not value.type.is_number:
        raise unexpected(function, value)
    return value


def _whole(name: str) -> Callable[[Any, Any], Typed]:
    """floor, ceil, round without places."""

    def rule(node: exp.Expression, typed: Callable[[Any], Typed]) -> Typed:
        value = _number(name, typed(node.this))
        if node.args.get("decimals"):
            return _round_to(node, value)
        if value.type.is_integer:
            return value
        kind = value.type
        if kind.is_decimal:
            kind = decimal(kind.precision - kind.scale + min(kind.scale, 1), 0)
        return Typed(f"CAST({name}({value.sql}) AS {kind.duckdb})", kind)

    return rule


def _round_to(node: exp.Expression, value: Typed) -> Typed:
    places, kind = node.args["decimals"], value.type
    if (
        not isinstance(places, exp.Literal)
        or places.is_string
        or not kind.is_decimal
        or int(places.this) > kind.scale
    ):
        raise not_supported("round to places, other than a decimal's to a literal number of its own")
    result = decimal(kind.precision + 1, kind.scale)
    rounded = decimal(kind.precision + 1, int(places.this))
    return Typed(f"CAST(CAST({value.sql} AS {rounded.duckdb}) AS {result.duckdb})", result)


def _part_of_date(name: str) -> Callable[[Any, Any], Typed]:
    def rule(node: exp.Expression, typed: Callable[[Any], Typed]) -> Typed:
        return Typed(f"{name}({_instant(name, typed(node.this)).sql})", BIGINT)

    return rule


def _instant(function: str, value: Typed) -> Typed:
    if value.type not in (DATE, TIMESTAMP):
        raise unexpected(function, value)
    return value


def unit_of(node: exp.Expression) -> str:
    """The unit of a date function or interval; only days and longer."""
    unit = node.args.get("unit")
    name = str(unit.this).upper() if unit is not None else ""
    if name not in DATE_UNITS:
        raise not_supported(f"the unit {name or '(none)'}")
    return name


def _date_trunc(node: exp.Expression, typed: Callable[[Any], Typed]) -> Typed:
    value = _instant("date_trunc", typed(node.this))
    return Typed(f"CAST(date_trunc('{unit_of(node)}', {value.sql}) AS {value.type.duckdb})", value.type)


def _date_add(node: exp.DateAdd, typed: Callable[[Any], Typed]) -> Typed:
    value, amount = _instant("date_add", typed(node.this)), typed(node.expression)
    if not amount.type.is_integer:
        raise unexpected("date_add", amount, value)
    return shifted(value, "+", amount.sql, unit_of(node))


def shifted(value: Typed, sign: str, amount: str, unit: str) -> Typed:
    """A date or timestamp, some days, months … later or earlier; a month's end stays within the month."""
    step = f"(({amount}) * INTERVAL 1 {unit if unit != 'QUARTER' else 'MONTH'})"
    step = f"(3 * {step})" if unit == "QUARTER" else step
    return Typed(f"CAST(({value.sql} {sign} {step}) AS {value.type.duckdb})", value.type)


def _date_diff(node: exp.DateDiff, typed: Callable[[Any], Typed]) -> Typed:
    later, earlier = typed(node.this), typed(node.expression)
    if unit_of(node) != "DAY" or {later.type, earlier.type} != {DATE}:
        raise not_supported("date_diff, other than of days between dates")
    return Typed(f"date_sub('day', {earlier.sql}, {later.sql})", BIGINT)


def _nullif(node: exp.Nullif, typed: Callable[[Any], Typed]) -> Typed:
    first = typed(node.this)
    one, other = alike("nullif", [first, typed(node.expression)])
    return Typed(
        f"CASE WHEN {arithmetic.compared('=', one, other).sql} THEN NULL ELSE {first.sql} END", first.type
    )


def _coalesce(node: exp.Coalesce, typed: Callable[[Any], Typed]) -> Typed:
    values = alike("coalesce", [typed(part) for part in (node.this, *node.expressions)])
    return Typed(f"coalesce({', '.join(value.sql for value in values)})", values[0].type)


def _mod(node: exp.Mod, typed: Callable[[Any], Typed]) -> Typed:
    return arithmetic.calculate("%", typed(node.this), typed(node.expression))


RULES: dict[type[exp.Expression], Callable[[Any, Any], Typed]] = {
    exp.Lower: _simple("lower", VARCHAR, "this"),
    exp.Upper: _simple("upper", VARCHAR, "this"),
    exp.Length: _simple("length", BIGINT, "this"),
    exp.Replace: _simple("replace", VARCHAR, "this", "expression", "replacement"),
    exp.StrPosition: _simple("strpos", BIGINT, "this", "substr"),
    exp.StartsWith: _simple("starts_with", BOOLEAN, "this", "expression"),
    exp.Trim: _trim,
    exp.Substring: _substring,
    exp.Concat: _concat,
    exp.Greatest: _nullable_extreme("greatest"),
    exp.Least: _nullable_extreme("least"),
    exp.Abs: _abs,
    exp.Round: _whole("round"),
    exp.Floor: _whole("floor"),
    exp.Ceil: _whole("ceil"),
    exp.Year: _part_of_date("year"),
    exp.Month: _part_of_date("month"),
    exp.Day: _part_of_date("day"),
    exp.Quarter: _part_of_date("quarter"),
    exp.TimestampTrunc: _date_trunc,
    exp.DateTrunc: _date_trunc,
    exp.DateAdd: _date_add,
    exp.DateDiff: _date_diff,
    exp.Nullif: _nullif,
    exp.Coalesce: _coalesce,
    exp.Mod: _mod,
    **regexps.RULES,
}


def literal(node: exp.Literal) -> Typed:
    """A literal with its Trino type: `1` integer, `1.50` decimal(3,2), `1e2` double."""
    written = str(node.this)
    if node.is_string:
        return Typed(quoted(written), VARCHAR)
    if "e" in written.lower():
        return Typed(f"CAST('{written}' AS DOUBLE)", DOUBLE)
    if "." in written:
        whole, _, places = written.partition(".")
        kind = decimal(len(whole.lstrip("0")) + len(places), len(places))
        return Typed(f"CAST('{written}' AS {kind.duckdb})", kind)
    number = int(written)
    if number >= 1 << 63:
        raise not_supported(f"the literal {written}")
    kind = INTEGER if number < 1 << 31 else BIGINT
    return Typed(f"CAST({number} AS {kind.duckdb})", kind)
