"""What is refused in a SELECT's text before sqlglot reads it: sqlglot takes more than Trino's grammar has."""

from __future__ import annotations

from local_aws.athena import join_grammar
from local_aws.athena.failures import QueryError, not_supported
from local_aws.athena.function_names import ALLOWED, OTHER_TRINO
from local_aws.athena.lexer import (
    BACKTICKED,
    NUMBER,
    QUOTED,
    STRING,
    WORD,
    Token,
    syntax_error,
    tokens,
    words,
)

# Words that a bracket may follow though they are no functions.
BEFORE_BRACKET = words(
    """
    SELECT FROM JOIN WHERE HAVING BY ON USING AND OR NOT IN AS EXISTS WHEN THEN ELSE CASE BETWEEN LIKE ESCAPE
    UNION ALL EXCEPT INTERSECT DISTINCT LIMIT OFFSET DECIMAL VARCHAR FILTER IS OVER
    """
)
# Words that a string may follow; after any other it would be a name, which Trino does not write in single quotes.
BEFORE_STRING = words(
    """
    SELECT WHERE HAVING BY ON AND OR NOT WHEN THEN ELSE CASE BETWEEN LIKE ESCAPE DISTINCT ALL DATE TIMESTAMP
    INTERVAL DECIMAL IN
    """
)
NOT_DONE = {
    "OVER": "named windows",
    "WITHIN": "WITHIN GROUP",
    "RECURSIVE": "WITH RECURSIVE",
    "UNNEST": "UNNEST",
    "LATERAL": "LATERAL",
    "TABLESAMPLE": "TABLESAMPLE",
    "NATURAL": "NATURAL JOIN",
    "ROLLUP": "ROLLUP",
    "CUBE": "CUBE",
    "GROUPING": "GROUPING SETS",
    "ARRAY": "arrays",
    "ROW": "rows",
    "MAP": "maps",
    "VALUES": "VALUES",
    "FETCH": "FETCH FIRST",
    "EXTRACT": "EXTRACT",
    "MATCH_RECOGNIZE": "MATCH_RECOGNIZE",
    "CURRENT_TIMESTAMP": "CURRENT_TIMESTAMP",
    "LOCALTIMESTAMP": "LOCALTIMESTAMP",
    "CURRENT_TIME": "CURRENT_TIME",
}
OTHER_STATEMENTS = words("INSERT UNLOAD VALUES TABLE")
NO_TRINO = words("EXCLUDE ILIKE RLIKE REGEXP QUALIFY PIVOT UNPIVOT SEMI ANTI ASOF GLOB TOP")


def check(sql: str) -> None:
    """Refuse what is no Trino SQL, and what is but is not done here."""
    found = tokens(sql, ddl=False)
    if found[0].word in OTHER_STATEMENTS:
        raise not_supported(f"the statement {found[0].word}")
    if found[0].word not in ("SELECT", "WITH") and found[0].text != "(":
        raise syntax_error(sql, found[0].position, found[0].text)
    if wrong := join_grammar.misplaced(found):
        raise syntax_error(sql, wrong.position, wrong.text)
    for before, token, after in zip([Token(WORD, "", 0), *found], found, found[1:], strict=False):
        if token.kind == BACKTICKED:
            raise QueryError(
                "Queries of this type are not supported: backquoted identifiers are not supported; "
                "use double quotes to quote identifiers"
            )
        if _breaks_grammar(before, token, after):
            raise syntax_error(sql, token.position, token.text)
        if _cannot_follow(before, token, after):
            raise syntax_error(sql, after.position, after.text)
        if after.text == "(" and token.kind in (WORD, QUOTED):
            _check_function(before, token)
        elif token.word in NOT_DONE and before.text != "." and before.word != "AS":
            raise not_supported(NOT_DONE[token.word])


def _breaks_grammar(before: Token, token: Token, after: Token) -> bool:
    if token.kind == STRING:
        return before.kind in (QUOTED, NUMBER, STRING) or before.text in (")", ".") or _is_name(before)
    if token.text == "=" and after.text == "=" and after.position == token.position + 1:
        return True
    if token.word == "OFFSET" and before.kind == NUMBER:  # Trino says OFFSET before LIMIT
        return True
    return token.word in NO_TRINO and before.kind != QUOTED and before.text != "."


def _cannot_follow(before: Token, token: Token, after: Token) -> bool:
    if token.kind == NUMBER and after.kind == WORD and after.position == token.position + len(token.text):
        return True  # 1_000, 1a
    if token.word == "INTERVAL" and after.kind == NUMBER:  # Trino's amount is a text: INTERVAL '1' DAY
        return True
    return before.word == "LIMIT" and token.kind == NUMBER and after.text == ","


def _is_name(token: Token) -> bool:
    return token.kind == WORD and token.word not in BEFORE_STRING


def _check_function(before: Token, token: Token) -> None:
    name = token.text.strip('"').lower()
    if token.word in BEFORE_BRACKET or name in ALLOWED:
        return
    if token.word in NOT_DONE:
        raise not_supported(NOT_DONE[token.word])
    if before.word in ("AS", "WITH") or before.text == ")" or token.kind == QUOTED:
        raise not_supported("lists of column aliases")
    if name in OTHER_TRINO:
        raise not_supported(f"the function {name}")
    raise QueryError(f"FUNCTION_NOT_FOUND: Function '{name}' not registered")
