"""Guards of the local Athena's SQL: what is no Trino SQL is refused, however DuckDB would read it."""

from __future__ import annotations

from tests.guards.guard import Guard

_SELECT = "local_aws/athena/select_text.py"
_REASONS = (
    "tests/local_aws/test_athena_expressions.py::"
    "test_what_is_wrong_or_not_done_fails_with_athenas_kind_of_reason"
)

TRINO = (
    Guard(
        "Trino: words that it does not have",
        _SELECT,
        'return token.word in NO_TRINO and before.kind != QUOTED and before.text != "."',
        "return False",
        (f"{_REASONS}[SELECT n FROM d.t1 QUALIFY 1 = 1-mismatched input 'QUALIFY']",),
    ),
    Guard(
        "Trino: one equals sign",
        _SELECT,
        'if token.text == "=" and after.text == "=" and after.position == token.position + 1:',
        "if False:",
        (f"{_REASONS}[SELECT n FROM d.t1 WHERE n == 7-mismatched input '=']",),
    ),
    Guard(
        "Trino: OFFSET before LIMIT",
        _SELECT,
        'if token.word == "OFFSET" and before.kind == NUMBER:',
        "if False:",
        (f"{_REASONS}[SELECT n FROM d.t1 LIMIT 1 OFFSET 1-mismatched input 'OFFSET']",),
    ),
    Guard(
        "Trino: LIMIT has one number",
        _SELECT,
        'return before.word == "LIMIT" and token.kind == NUMBER and after.text == ","',
        "return False",
        (f"{_REASONS}[SELECT n FROM d.t1 LIMIT 1, 2-line 1:27: mismatched input ',']",),
    ),
    Guard(
        "Trino: an interval is a text",
        _SELECT,
        'if token.word == "INTERVAL" and after.kind == NUMBER:',
        "if False:",
        (f"{_REASONS}[SELECT \"date\" + INTERVAL 1 DAY FROM d.t1-mismatched input '1']",),
    ),
    Guard(
        "Trino: a number is not grown together with a word",
        _SELECT,
        "if token.kind == NUMBER and after.kind == WORD and after.position == token.position + len(token.text):",
        "if False:",
        (f"{_REASONS}[SELECT 1x-mismatched input 'x']",),
    ),
    Guard(
        "Trino: no name in single quotes",
        _SELECT,
        ' or before.text in (")", ".") or _is_name(before)',
        "",
        (f"{_REASONS}[SELECT * FROM '/etc/passwd'-mismatched input]",),
    ),
    Guard(
        "Trino: no backquotes",
        _SELECT,
        "        if token.kind == BACKTICKED:\n",
        "        if False:\n",
        (f"{_REASONS}[SELECT `n` FROM d.t1-backquoted identifiers]",),
    ),
    Guard(
        "Trino: no function of DuckDB's",
        _SELECT,
        "    raise QueryError(f\"FUNCTION_NOT_FOUND: Function '{name}' not registered\")",
        "    return",
        (f"{_REASONS}[SELECT list_value(1)-FUNCTION_NOT_FOUND]",),
    ),
    Guard(
        "Trino: what is not done is not guessed",
        _SELECT,
        'elif token.word in NOT_DONE and before.text != "." and before.word != "AS":',
        "elif False:",
        (f"{_REASONS}[SELECT * FROM d.t1 NATURAL JOIN d.t1-NOT_SUPPORTED]",),
    ),
)
