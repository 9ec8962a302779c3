"""Expressions of the supported subset, bottom up: Trino's type of each, and DuckDB's words for it.

A node of sqlglot's tree without a rule here is not supported; so is an argument of a node that no rule looks at.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_aws.athena import arithmetic, functions
from local_aws.athena.aggregates import AGGREGATES, aggregated
from local_aws.athena.arithmetic import Typed, compared, unexpected
from local_aws.athena.casts import cast_sql
from local_aws.athena.failures import QueryError, not_supported
from local_aws.athena.functions import alike, literal, shifted, unit_of
from local_aws.athena.scan import text_name
from local_aws.athena.types import BIGINT, BOOLEAN, DATE, TIMESTAMP, UNKNOWN, VARCHAR, Type, parse_type
from local_aws.athena.windows import windowed

if TYPE_CHECKING:
    from collections.abc import Callable

    from local_aws.athena.scope import Relation, Scope

ARITHMETIC = {exp.Add: "+", exp.Sub: "-", exp.Mul: "*", exp.Div: "/"}
COMPARISONS = {
    exp.EQ: "=",
    exp.NEQ: "<>",
    exp.LT: "<",
    exp.LTE: "<=",
    exp.GT: ">",
    exp.GTE: ">=",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM",
    exp.NullSafeNEQ: "IS DISTINCT FROM",
}
KNOWN_ARGUMENTS = {
    *(
        "this",
        "expression",
        "expressions",
        "true",
        "false",
        "ifs",
        "default",
        "low",
        "high",
        "query",
        "to",
        "unit",
    ),
    *("decimals", "start", "length", "position", "substr", "replacement", "negate", "is_string", "table"),
    *("big_int", "typed", "safe", "db", "catalog", "quoted", "group", "partition_by", "order", "over"),
    "null_if_pos_overflow",
}


class Expressions:
    """Translates expressions; `relation` translates the queries in them."""

    def __init__(self, relation: Callable[[exp.Expression, Scope], Relation]) -> None:
        self._relation = relation

    def typed(self, node: exp.Expression, scope: Scope) -> Typed:
        """One expression."""
        if unknown := {name for name, value in node.args.items() if value} - KNOWN_ARGUMENTS:
            raise not_supported(f"{', '.join(sorted(unknown))} of {node.key}")
        kind = type(node)
        if kind in ARITHMETIC:
            return self._arithmetic(node, scope)
        if kind in COMPARISONS:
            return self._compared(COMPARISONS[kind], node, scope)
        if kind in AGGREGATES:
            return self.aggregate(node, scope)
        if kind is exp.Window:
            return windowed(self, node, scope)
        if kind in functions.RULES:
            return functions.RULES[kind](node, lambda part: self.typed(part, scope))
        rule = RULES.get(kind)
        if not rule:
            raise not_supported(f"{node.key} ({node.sql('athena')[:80]})")
        found: Typed = rule(self, node, scope)
        return found

    def boolean(self, node: exp.Expression, scope: Scope, what: str) -> str:
        """An expression that must be a condition."""
        found = self.typed(node, scope)
        if found.type not in (BOOLEAN, UNKNOWN):
            raise QueryError(
                f"TYPE_MISMATCH: {what} must evaluate to a boolean (actual: {found.type.display})"
            )
        return found.sql if found.type == BOOLEAN else "CAST(NULL AS BOOLEAN)"

    def _arithmetic(self, node: Any, scope: Scope) -> Typed:
        operator = ARITHMETIC[type(node)]
        if isinstance(node.expression, exp.Interval):
            return self._shifted(node.this, operator, node.expression, scope)
        if isinstance(node.this, exp.Interval) and operator == "+":
            return self._shifted(node.expression, operator, node.this, scope)
        return arithmetic.calculate(
            operator, self.typed(node.this, scope), self.typed(node.expression, scope)
        )

    def _shifted(self, instant: exp.Expression, sign: str, interval: exp.Interval, scope: Scope) -> Typed:
        value, amount = self.typed(instant, scope), str(interval.name)
        if value.type not in (DATE, TIMESTAMP) or not amount.removeprefix("-").isdigit() or sign not in "+-":
            raise not_supported(f"the interval {interval.sql('athena')} {sign} {value.type.display}")
        return shifted(value, sign, amount, unit_of(interval))

    def _compared(self, operator: str, node: Any, scope: Scope) -> Typed:
        left, right = self.typed(node.this, scope), self.typed(node.expression, scope)
        return compared(operator, *self._comparable(operator, left, right))

    def _comparable(self, operator: str, *values: Typed) -> list[Typed]:
        try:
            return alike(operator, list(values))
        except QueryError:
            kinds = f" {operator} ".join(value.type.display for value in values)
            raise QueryError(f"TYPE_MISMATCH: Cannot apply operator: {kinds}") from None

    def ordered(self, item: Any, scope: Scope) -> str:
        """One item of an ORDER BY."""
        if unknown := {name for name, value in item.args.items() if value} - {"this", "desc", "nulls_first"}:
            raise not_supported(f"{', '.join(sorted(unknown))} in ORDER BY")
        direction = "DESC" if item.args.get("desc") else "ASC"
        nulls = "FIRST" if item.args.get("nulls_first") else "LAST"
        return f"{self.typed(item.this, scope).sql} {direction} NULLS {nulls}"

    def aggregate(self, node: Any, scope: Scope, suffix: str = "") -> Typed:
        """An aggregate; `suffix` is its FILTER clause or its window."""
        if not isinstance(node, AGGREGATES):
            raise not_supported(f"{node.key} over a window")
        argument, distinct = node.this, ""
        if isinstance(node, exp.Count) and isinstance(argument, exp.Star):
            return Typed(f"count(*){suffix}", BIGINT)
        if argument is None:
            raise not_supported(f"{node.key} of nothing")
        if node.expressions:
            raise not_supported(f"{node.key} of several values")
        if isinstance(argument, exp.Distinct):
            if len(argument.expressions) != 1 or argument.args.get("on"):
                raise not_supported(f"{node.key} of several distinct values")
            argument, distinct = argument.expressions[0], "DISTINCT "
        return aggregated(node, self.typed(argument, scope), suffix, distinct)

    def _filter(self, node: Any, scope: Scope) -> Typed:
        if not isinstance(node.this, AGGREGATES):
            raise not_supported("FILTER of what is no aggregate")
        condition = self.boolean(node.expression.this, scope, "FILTER expression")
        return self.aggregate(node.this, scope, f" FILTER (WHERE {condition})")

    def _column(self, node: Any, scope: Scope) -> Typed:
        if node.args.get("db"):
            raise not_supported(f"the column reference {node.sql('athena')}")
        kind = scope.column(node.table, node.name)
        return Typed(".".join(text_name(part) for part in (node.table, node.name) if part), kind)

    def _cast(self, node: Any, scope: Scope) -> Typed:
        value, target = self.typed(node.this, scope), _cast_type(node.args["to"])
        if (
            value.type == TIMESTAMP
            and target.name == "varchar"
            and any(map(_has_its_own_scale, node.find_all(exp.Literal)))
        ):
            raise not_supported("a timestamp of other than three digits after the point as a text")
        return Typed(cast_sql(value.sql, value.type, target, safe=isinstance(node, exp.TryCast)), target)

    def _both(self, node: Any, scope: Scope) -> Typed:
        word = "AND" if isinstance(node, exp.And) else "OR"
        sides = [
            self.boolean(side, scope, f"Logical expression term ({word})") for side in (node.left, node.right)
        ]
        return Typed(f"({sides[0]} {word} {sides[1]})", BOOLEAN)

    def _not(self, node: Any, scope: Scope) -> Typed:
        return Typed(f"(NOT {self.boolean(node.this, scope, 'Value of logical NOT expression')})", BOOLEAN)

    def _is(self, node: Any, scope: Scope) -> Typed:
        if not isinstance(node.expression, exp.Null):
            raise not_supported("IS, other than IS NULL")
        return Typed(f"({self.typed(node.this, scope).sql} IS NULL)", BOOLEAN)

    def _between(self, node: Any, scope: Scope) -> Typed:
        parts = [self.typed(node.args[part], scope) for part in ("this", "low", "high")]
        value, low, high = self._comparable("BETWEEN", *parts)
        return Typed(f"({compared('>=', value, low).sql} AND {compared('<=', value, high).sql})", BOOLEAN)

    def _in(self, node: Any, scope: Scope) -> Typed:
        value = self.typed(node.this, scope)
        if query := node.args.get("query"):
            relation = self._one_column(query.this, scope)
            one, other = self._comparable("IN", value, Typed('s."v"', relation.columns[0][1]))
            if one.type.is_floating:
                raise not_supported("IN a query's floating point numbers")
            return Typed(f'({one.sql} IN (SELECT {other.sql} FROM ({relation.sql}) s("v")))', BOOLEAN)
        value, *items = self._comparable("IN", value, *(self.typed(item, scope) for item in node.expressions))
        if value.type.is_floating:
            equal = [compared("=", value, item).sql for item in items]
            return Typed(f"({' OR '.join(equal)})", BOOLEAN)
        return Typed(f"({value.sql} IN ({', '.join(item.sql for item in items)}))", BOOLEAN)

    def _like(self, node: Any, scope: Scope) -> Typed:
        escape = node if isinstance(node, exp.Escape) else None
        like = node.this if escape else node
        if not isinstance(like, exp.Like):
            raise not_supported("ESCAPE of what is no LIKE")
        value, pattern = self.typed(like.this, scope), self.typed(like.expression, scope)
        functions.text("LIKE", value, pattern)
        suffix = f" ESCAPE {self.typed(escape.expression, scope).sql}" if escape else ""
        word = "NOT LIKE" if like.args.get("negate") else "LIKE"
        return Typed(f"({value.sql} {word} {pattern.sql}{suffix})", BOOLEAN)

    def _joined(self, node: Any, scope: Scope) -> Typed:
        one, other = self.typed(node.this, scope), self.typed(node.expression, scope)
        functions.text("||", one, other)
        return Typed(f"({one.sql} || {other.sql})", VARCHAR)

    def _negative(self, node: Any, scope: Scope) -> Typed:
        value = self.typed(node.this, scope)
        if not value.type.is_number:
            raise unexpected("-", value)
        return Typed(f"(-{value.sql})", value.type)

    def _case(self, node: Any, scope: Scope) -> Typed:
        conditions = [self._when(node, branch, scope) for branch in node.args["ifs"]]
        results = [self.typed(branch.args["true"], scope) for branch in node.args["ifs"]]
        default = node.args.get("default")
        results.append(self.typed(default, scope) if default else Typed("NULL", UNKNOWN))
        *branches, last = alike("CASE", results)
        whens = " ".join(f"WHEN {c} THEN {b.sql}" for c, b in zip(conditions, branches, strict=True))
        return Typed(f"CASE {whens} ELSE {last.sql} END", last.type)

    def _when(self, node: Any, branch: Any, scope: Scope) -> str:
        if not node.this:
            return self.boolean(branch.this, scope, "CASE WHEN clause")
        one, other = self._comparable("=", self.typed(node.this, scope), self.typed(branch.this, scope))
        return compared("=", one, other).sql

    def _if(self, node: Any, scope: Scope) -> Typed:
        otherwise = node.args.get("false")
        results = [
            self.typed(node.args["true"], scope),
            self.typed(otherwise, scope) if otherwise else Typed("NULL", UNKNOWN),
        ]
        then, last = alike("IF", results)
        condition = self.boolean(node.this, scope, "IF condition")
        return Typed(f"CASE WHEN {condition} THEN {then.sql} ELSE {last.sql} END", then.type)

    def _scalar(self, node: Any, scope: Scope) -> Typed:
        relation = self._one_column(node.this, scope)
        return Typed(f"({relation.sql})", relation.columns[0][1])

    def _exists(self, node: Any, scope: Scope) -> Typed:
        return Typed(f"EXISTS ({self._relation(node.this, scope).sql})", BOOLEAN)

    def _one_column(self, query: exp.Expression, scope: Scope) -> Relation:
        relation = self._relation(query, scope)
        if len(relation.columns) != 1:
            raise QueryError("SYNTAX_ERROR: Multiple columns returned by subquery are not yet supported.")
        return relation

    def _date(self, node: Any, scope: Scope) -> Typed:
        value = self.typed(node.this, scope)
        return Typed(cast_sql(value.sql, value.type, DATE), DATE)


def _has_its_own_scale(literal: Any) -> bool:
    """Whether `TIMESTAMP '…'` is no timestamp(3), as columns are: Trino writes as many digits as it has."""
    return literal.is_string and not re.search(r"\.\d{3}\s*$", literal.this)


def _cast_type(declared: Any) -> Type:
    if declared.this == exp.DataType.Type.TEXT:
        raise QueryError("TYPE_NOT_FOUND: Unknown type: string")
    written = declared.sql("athena").lower().replace(" ", "")
    return TIMESTAMP if re.fullmatch(r"timestamp\([0-3]\)", written) else parse_type(written)


RULES: dict[type[exp.Expression], Callable[[Expressions, Any, Scope], Typed]] = {
    exp.Column: Expressions._column,
    exp.Literal: lambda _, node, __: literal(node),
    exp.Boolean: lambda _, node, __: Typed("true" if node.this else "false", BOOLEAN),
    exp.Null: lambda *_: Typed("NULL", UNKNOWN),
    exp.Paren: lambda self, node, scope: self.typed(node.this, scope),
    exp.CurrentDate: lambda *_: Typed("CAST(now() AT TIME ZONE 'UTC' AS DATE)", DATE),
    exp.Filter: Expressions._filter,
    exp.Cast: Expressions._cast,
    exp.TryCast: Expressions._cast,
    exp.And: Expressions._both,
    exp.Or: Expressions._both,
    exp.Not: Expressions._not,
    exp.Is: Expressions._is,
    exp.Between: Expressions._between,
    exp.In: Expressions._in,
    exp.Like: Expressions._like,
    exp.Escape: Expressions._like,
    exp.DPipe: Expressions._joined,
    exp.Neg: Expressions._negative,
    exp.Case: Expressions._case,
    exp.If: Expressions._if,
    exp.Subquery: Expressions._scalar,
    exp.Exists: Expressions._exists,
    exp.Date: Expressions._date,
}
