"""A SELECT in Athena's dialect → DuckDB's, typed as Trino types it; and which partitions of which tables it reads."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import sqlglot
from sqlglot import exp
from sqlglot.errors import OptimizeError, SqlglotError
from sqlglot.optimizer.qualify import qualify
from sqlglot.schema import MappingSchema

from local_aws.athena import select_text
from local_aws.athena.failures import QueryError, not_supported
from local_aws.athena.lexer import syntax_error
from local_aws.athena.queries import Queries, column_types
from local_aws.athena.reserved_words import IN_SELECT
from local_aws.athena.scan import check_readable
from local_aws.athena.scope import Scope

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from local_aws.athena.glue_catalog import Table
    from local_aws.athena.scope import Relation, Scan
    from local_aws.athena.types import Type

CATALOG = "awsdatacatalog"
UNNAMED = "_col$"


@dataclass(frozen=True)
class Translation:
    """What to execute."""

    relation: Relation
    scans: Sequence[Scan]
    written: Sequence[str]

    @property
    def columns(self) -> list[tuple[str, Type]]:
        """The result's columns as Trino names them: as written, `_col0` where the statement gives no name."""
        names = self.written or [name for name, _ in self.relation.columns]
        return [
            (f"_col{n}" if name.startswith(UNNAMED) else name, kind)
            for n, (name, (_, kind)) in enumerate(zip(names, self.relation.columns, strict=True))
        ]


def translate(sql: str, database: str, table_of: Callable[[str, str], Table]) -> Translation:
    """Read a SELECT; `table_of(database, name)` looks a table up, or raises QueryError."""
    select_text.check(sql)
    tree = _parse(sql)
    _check_places(tree)
    for number, projection in enumerate(_unnamed(tree)):
        projection.replace(exp.alias_(projection.copy(), f"{UNNAMED}{number}", quoted=True))
    written, tables = _written_names(tree), _tables(tree, database, table_of)
    qualified = _qualified(tree, database, tables)
    queries = Queries(tables)
    return Translation(queries.relation(qualified, Scope()), queries.scans, written)


def _parse(sql: str) -> exp.Expression:
    try:
        statements = sqlglot.parse(sql, dialect="athena")
    except SqlglotError as error:
        place = (getattr(error, "errors", None) or [{}])[0]
        where = f"line {place.get('line', 1)}:{place.get('col', 1)}"
        raise QueryError(f"{where}: mismatched input '{place.get('highlight', '')}'") from error
    tree = statements[0]
    _check_names(tree, sql)
    if not isinstance(tree, exp.Query) or (isinstance(tree, exp.Select) and not tree.expressions):
        raise not_supported("a statement that is no SELECT")
    return tree


def _check_names(tree: exp.Expression | None, sql: str) -> None:
    """Refuse a reserved word as a name without quotes: `SELECT a AS from`."""
    for name in tree.find_all(exp.Identifier) if tree else ():
        if not name.args.get("quoted") and name.name.upper() in IN_SELECT:
            raise syntax_error(sql, name.meta.get("start", 0), name.name)


def _check_places(tree: exp.Expression) -> None:
    """Refuse ORDER BY and GROUP BY a place that the select list does not have: sqlglot counts 0 from its end."""
    for select in tree.find_all(exp.Select):
        listed = {"ORDER BY": select.args.get("order"), "GROUP BY": select.args.get("group")}
        for words, clause in listed.items():
            for item in clause.expressions if clause else ():
                place = item.this if isinstance(item, exp.Ordered) else item
                if isinstance(place, exp.Literal) and place.is_int and not _is_place(int(place.this), select):
                    raise QueryError(f"SYNTAX_ERROR: {words} position {place.this} is not in select list")


def _is_place(number: int, select: exp.Select) -> bool:
    return number > 0 and (select.is_star or number <= len(select.expressions))


def _unnamed(tree: exp.Expression) -> list[exp.Expression]:
    found = []
    for select in tree.find_all(exp.Select):
        for projection in select.expressions:
            if isinstance(projection, exp.Paren) and isinstance(projection.this, exp.Column):
                projection.replace(projection.this)
            elif not isinstance(projection, (exp.Alias, exp.Column, exp.Star)):
                found.append(projection)
            if isinstance(projection, exp.Star) and any(projection.args.values()):
                raise not_supported("* with EXCEPT or REPLACE")
    return found


def _written_names(tree: exp.Expression) -> list[str]:
    """The result's names with their capitals; none where a `*` stands for some of them."""
    while not isinstance(tree, exp.Select):
        tree = tree.this
    return [] if tree.is_star else [projection.alias_or_name for projection in tree.expressions]


def _tables(
    tree: exp.Expression, database: str, table_of: Callable[[str, str], Table]
) -> Mapping[tuple[str, str], Table]:
    ctes = {cte.alias.lower() for cte in tree.find_all(exp.CTE)}
    found = {}
    for node in tree.find_all(exp.Table):
        if node.catalog.lower() not in ("", CATALOG):
            raise QueryError(f"CATALOG_NOT_FOUND: Catalog '{node.catalog}' does not exist")
        if not isinstance(node.this, exp.Identifier):
            raise not_supported(f"a table function ({node.sql('athena')})")
        if node.db or node.name.lower() not in ctes:
            key = (node.db.lower() or database, node.name.lower())
            found[key] = table_of(*key)
            check_readable(found[key])
    return found


def _qualified(
    tree: exp.Expression, database: str, tables: Mapping[tuple[str, str], Table]
) -> exp.Expression:
    schema: dict[str, dict[str, dict[str, dict[str, str]]]] = {CATALOG: {}}
    for (db, name), table in tables.items():
        schema[CATALOG].setdefault(db, {})[name] = dict.fromkeys(column_types(table), "VARCHAR")
    try:
        qualified: exp.Expression = qualify(
            tree,
            schema=MappingSchema(schema, dialect="athena") if tables else None,
            catalog=CATALOG,
            db=database,
            dialect="athena",
            expand_alias_refs=False,
        )
    except OptimizeError as error:
        raise _unresolved(str(error), tree, tables.values()) from error
    except SqlglotError as error:
        raise not_supported(str(error).splitlines()[0]) from error
    return qualified


def _unresolved(message: str, tree: exp.Expression, tables: Iterable[Table]) -> QueryError:
    name = message.split("'")[1] if "'" in message else ""
    holding = {table.name for table in tables if name in column_types(table)}
    if sum(node.name.lower() in holding for node in tree.find_all(exp.Table)) > 1:
        return QueryError(f"AMBIGUOUS_NAME: Column '{name}' is ambiguous")
    if "could not be resolved" in message or "Unknown column" in message:
        return QueryError(
            f"COLUMN_NOT_FOUND: Column '{name}' cannot be resolved or requester is not authorized to access "
            "requested resources"
        )
    if "nknown table" in message:
        return QueryError(f"TABLE_NOT_FOUND: Table '{name}' does not exist")
    return QueryError(f"SYNTAX_ERROR: {message.splitlines()[0]}")
