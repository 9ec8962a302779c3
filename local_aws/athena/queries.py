"""Queries of the supported subset, clause by clause: SELECT, set operations, WITH, joins, and what WHERE prunes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_aws.athena.casts import coerced
from local_aws.athena.expressions import Expressions
from local_aws.athena.failures import QueryError, not_supported
from local_aws.athena.scan import text_name
from local_aws.athena.scope import Relation, Scan, Scope
from local_aws.athena.types import Type, common_type, parse_type

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from local_aws.athena.arithmetic import Typed
    from local_aws.athena.glue_catalog import Table

SELECT_CLAUSES = {
    *(
        "expressions",
        "from_",
        "joins",
        "where",
        "group",
        "having",
        "order",
        "limit",
        "offset",
        "distinct",
        "with_",
    ),
}
SET_CLAUSES = {"this", "expression", "distinct", "order", "limit", "offset", "with_"}
SET_WORDS = {exp.Union: "UNION", exp.Except: "EXCEPT", exp.Intersect: "INTERSECT"}


def column_types(table: Table) -> dict[str, Type]:
    """A table's columns, partition keys last, with their types."""
    return {column.name: parse_type(column.type) for column in (*table.columns, *table.partition_keys)}


class Queries:
    """Translates queries and remembers the tables that they mention."""

    def __init__(self, tables: Mapping[tuple[str, str], Table]) -> None:
        self._tables, self.scans = tables, list[Scan]()
        self._expressions = Expressions(self.relation)

    def relation(self, node: exp.Expression, scope: Scope) -> Relation:
        """Translate a query within a scope: of common tables, and of the query around it."""
        if isinstance(node, exp.Subquery):
            inner = self.relation(node.this, scope)
            _only(node, {"this", "alias", "order", "limit", "offset"})
            tail = self._tail(node, Scope(outputs=dict(inner.columns)))
            return Relation(f"({inner.sql}){tail}", inner.columns) if tail else inner
        if isinstance(node, exp.SetOperation):
            return self._set_operation(node, scope)
        if isinstance(node, exp.Select):
            return self._select(node, scope)
        raise not_supported(f"{node.key} as a query")

    def _with(self, node: exp.Expression, scope: Scope) -> tuple[str, Scope]:
        clause = node.args.get("with_")
        if not clause:
            return "", scope
        ctes, texts = dict(scope.ctes), []
        for cte in clause.expressions:
            found = self.relation(cte.this, Scope(ctes=ctes))
            ctes[cte.alias] = found
            texts.append(f"{text_name(cte.alias)} AS ({found.sql})")
        return f"WITH {', '.join(texts)} ", Scope(ctes=ctes, parent=scope.parent)

    def _set_operation(self, node: Any, outer: Scope) -> Relation:
        _only(node, SET_CLAUSES)
        prefix, scope = self._with(node, outer)
        left, right = self.relation(node.this, scope), self.relation(node.expression, scope)
        word = SET_WORDS[type(node)]
        if len(left.columns) != len(right.columns):
            raise QueryError(f"SYNTAX_ERROR: {word} query has different number of fields")
        columns = []
        for (name, one), (_, other) in zip(left.columns, right.columns, strict=True):
            kind = common_type(one, other)
            if kind is None:
                kinds = f"{one.display}, {other.display}"
                raise QueryError(
                    f"TYPE_MISMATCH: column {name} in {word} query has incompatible types: {kinds}"
                )
            columns.append((name, kind))
        word += "" if node.args.get("distinct") else " ALL"
        body = f"({_widened(left, columns)}) {word} ({_widened(right, columns)})"
        return Relation(f"{prefix}{body}{self._tail(node, Scope(outputs=dict(columns)))}", columns)

    def _select(self, node: Any, outer: Scope) -> Relation:
        _only(node, SELECT_CLAUSES)
        prefix, around = self._with(node, outer)
        scope = Scope(ctes=around.ctes, parent=_enclosing(around))
        sources = self._sources(node, scope)
        where = node.args.get("where")
        if where:
            self._prune(node, scope)
        chosen = [
            (each.alias_or_name, self._expressions.typed(_value(each), scope)) for each in node.expressions
        ]
        columns = [(name, value.type) for name, value in chosen]
        projections = ", ".join(f"{value.sql} AS {text_name(name)}" for name, value in chosen)
        text = f"{prefix}SELECT {self._distinct(node)}{projections}{sources}"
        text += f" WHERE {self._expressions.boolean(where.this, scope, 'WHERE clause')}" if where else ""
        text += self._grouped(node, scope)
        scope.outputs = dict(columns)
        self._check_order(node, scope, chosen)
        return Relation(text + self._tail(node, scope), columns)

    def _check_order(self, node: Any, scope: Scope, chosen: Sequence[tuple[str, Typed]]) -> None:
        """ORDER BY's names are clear, and with DISTINCT it says nothing that the select list does not."""
        order = node.args.get("order")
        for item in order.expressions if order else ():
            name = item.this.name if isinstance(item.this, exp.Column) and not item.this.table else None
            meant = {value.sql for output, value in chosen if output == name}
            if len(meant) > 1:
                raise QueryError(f"AMBIGUOUS_NAME: '{name}' in ORDER BY is ambiguous")
            listed = meant or self._expressions.typed(item.this, scope).sql in {v.sql for _, v in chosen}
            if node.args.get("distinct") and not listed:
                raise QueryError(
                    "EXPRESSION_NOT_IN_DISTINCT: For SELECT DISTINCT, ORDER BY expressions must appear in select list"
                )

    def _distinct(self, node: Any) -> str:
        distinct = node.args.get("distinct")
        if distinct and any(distinct.args.values()):
            raise not_supported("DISTINCT ON")
        return "DISTINCT " if distinct else ""

    def _sources(self, node: Any, scope: Scope) -> str:
        first = node.args.get("from_")
        if not first:
            return ""
        text = f" FROM {self._source(first.this, scope)}"
        for join in node.args.get("joins") or ():
            _only(join, {"this", "on", "side", "kind"})
            side, kind, on = join.side, join.kind, join.args.get("on")
            if side not in ("", "LEFT", "RIGHT", "FULL") or kind not in ("", "INNER", "CROSS", "OUTER"):
                raise not_supported(f"{side} {kind} JOIN".strip())
            if on and kind == "CROSS":
                raise not_supported("joins within joins")
            source = self._source(join.this, scope)
            condition = f" ON {self._expressions.boolean(on, scope, 'JOIN ON clause')}" if on else ""
            text += f" {side or ('INNER' if on else 'CROSS')} JOIN {source}{condition}"
        return text

    def _source(self, node: Any, scope: Scope) -> str:
        _only(node, {"this", "db", "catalog", "alias"})
        if (alias := node.args.get("alias")) and alias.args.get("columns"):
            raise not_supported("lists of column aliases")
        name = node.alias_or_name
        if isinstance(node, exp.Table) and node.db:
            table = self._tables.get((node.db, node.name))
            if not table:
                raise not_supported(f"the table {node.name} under the name of a common table expression")
            scan = Scan(f"scan_{len(self.scans)}", name, table)
            self.scans.append(scan)
            scope.scans[name] = scan
            scope.sources[name] = column_types(table)
            return f"{scan.view} AS {text_name(name)}"
        if isinstance(node, exp.Table):
            scope.sources[name] = dict(scope.ctes[node.name].columns)
            return f"{text_name(node.name)} AS {text_name(name)}"
        found = self.relation(node.this, Scope(ctes=scope.ctes, parent=scope.parent))
        scope.sources[name] = dict(found.columns)
        return f"({found.sql}) AS {text_name(name)}"

    def _grouped(self, node: Any, scope: Scope) -> str:
        text, group, having = "", node.args.get("group"), node.args.get("having")
        if group:
            _only(group, {"expressions"})
            text += f" GROUP BY {', '.join(self._expressions.typed(e, scope).sql for e in group.expressions)}"
        if having:
            text += f" HAVING {self._expressions.boolean(having.this, scope, 'HAVING clause')}"
        return text

    def _tail(self, node: Any, scope: Scope) -> str:
        text = ""
        if order := node.args.get("order"):
            text += (
                f" ORDER BY {', '.join(self._expressions.ordered(item, scope) for item in order.expressions)}"
            )
        for word in ("limit", "offset"):
            clause = node.args.get(word)
            if clause and not (
                isinstance(clause.expression, exp.Literal) and clause.expression.this.isdigit()
            ):
                raise not_supported(f"{word.upper()} other than a number")
            text += f" {word.upper()} {clause.expression.this}" if clause else ""
        return text

    def _prune(self, node: Any, scope: Scope) -> None:
        """Note for each table which conditions on its partition keys every row of the result must meet."""
        sides = {join.side for join in node.args.get("joins") or ()}
        first = node.args["from_"].this.alias_or_name if node.args.get("from_") else ""
        names = set(scope.sources) if sides <= {""} else {first} if sides <= {"", "LEFT"} else set()
        condition = node.args["where"].this
        conditions = list(condition.flatten()) if isinstance(condition, exp.And) else [condition]
        for alias in names & set(scope.scans):
            scan = scope.scans[alias]
            scan.conditions += [
                self._expressions.boolean(each, scope, "WHERE clause")
                for each in conditions
                if _of_keys(each, scan)
            ]


def _of_keys(condition: exp.Expression, scan: Scan) -> bool:
    """Whether a condition looks at one table's partition keys, and at nothing else."""
    keys = {key.name for key in scan.table.partition_keys}
    columns = list(condition.find_all(exp.Column))
    alone = all(column.table == scan.alias and column.name in keys for column in columns)
    return bool(columns) and alone and not condition.find(exp.Query)


def _value(projection: exp.Expression) -> Any:
    if isinstance(projection, exp.Subquery):
        projection = projection.copy()
        projection.set("alias", None)
    return projection.this if isinstance(projection, exp.Alias) else projection


def _enclosing(scope: Scope) -> Scope | None:
    return scope if scope.sources else scope.parent


def _widened(relation: Relation, columns: Sequence[tuple[str, Type]]) -> str:
    if [kind for _, kind in relation.columns] == [kind for _, kind in columns]:
        return relation.sql
    names = [f"c{n}" for n in range(len(columns))]
    chosen = ", ".join(
        f"{coerced(name, held, kind)} AS {text_name(output)}"
        for name, (_, held), (output, kind) in zip(names, relation.columns, columns, strict=True)
    )
    return f"SELECT {chosen} FROM ({relation.sql}) s({', '.join(names)})"


def _only(node: exp.Expression, known: set[str]) -> None:
    if unknown := {name for name, value in node.args.items() if value} - known:
        raise not_supported(f"{', '.join(sorted(n.strip('_') for n in unknown))} in {node.key}")
