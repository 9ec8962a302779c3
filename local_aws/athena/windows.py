"""Window functions: row_number, rank, dense_rank and the aggregates, over partitions and orders, without frames."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_aws.athena.arithmetic import Typed
from local_aws.athena.failures import not_supported
from local_aws.athena.types import BIGINT

if TYPE_CHECKING:
    from local_aws.athena.expressions import Expressions
    from local_aws.athena.scope import Scope

RANKS = {exp.RowNumber: "row_number", exp.Rank: "rank", exp.DenseRank: "dense_rank"}


def windowed(expressions: Expressions, node: Any, scope: Scope) -> Typed:
    """A function with its OVER (…)."""
    if node.args.get("spec") or node.args.get("alias") or node.args.get("first") is False:
        raise not_supported("window functions with a frame or a named window")
    over = f" OVER ({_partitions(expressions, node, scope)}{_order(expressions, node, scope)})"
    if name := RANKS.get(type(node.this)):
        if node.this.expressions:
            raise not_supported(f"{name} of something")
        return Typed(f"{name}(){over}", BIGINT)
    if isinstance(getattr(node.this, "this", None), exp.Distinct):
        raise not_supported("DISTINCT in a window function")
    return expressions.aggregate(node.this, scope, over)


def _partitions(expressions: Expressions, node: Any, scope: Scope) -> str:
    listed = [expressions.typed(each, scope).sql for each in node.args.get("partition_by") or ()]
    return f"PARTITION BY {', '.join(listed)}" if listed else ""


def _order(expressions: Expressions, node: Any, scope: Scope) -> str:
    order = node.args.get("order")
    if not order:
        return ""
    if any(isinstance(item.this, exp.Literal) for item in order.expressions):
        raise not_supported("a window in the order of a literal")
    return f" ORDER BY {', '.join(expressions.ordered(item, scope) for item in order.expressions)}"
