"""The one lexer: tells words, quoted names, strings, numbers and marks apart, for DDL and for SELECT."""

from __future__ import annotations

import re
from dataclasses import dataclass

from local_aws.athena.failures import QueryError

WORD, BACKTICKED, QUOTED, STRING, NUMBER, MARK, END = (
    "word",
    "`name`",
    '"name"',
    "string",
    "number",
    "mark",
    "end",
)
LEXEME = re.compile(
    r"""(?P<blank>\s+|--[^\n]*|/\*.*?\*/)
    |(?P<word>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<backticked>`(?:[^`]|``)+`)
    |(?P<quoted>"(?:[^"]|"")+")
    |(?P<string>'(?:[^'\\]|\\.|'')*')
    |(?P<number>\d+(?:\.\d*)?(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)
    |(?P<mark><=|>=|<>|!=|\|\||[-=<>+*/%(),.;\[\]])""",
    re.VERBOSE | re.DOTALL,
)
# In a SELECT a backslash in a string is a backslash; in DDL, as in Hive, it escapes.
SELECT_STRING = re.compile(r"'(?:[^']|'')*'", re.DOTALL)
KINDS = {
    "word": WORD,
    "backticked": BACKTICKED,
    "quoted": QUOTED,
    "string": STRING,
    "number": NUMBER,
    "mark": MARK,
}


@dataclass(frozen=True)
class Token:
    """A lexeme: `text` as written, `value` without its quotes (words in upper case)."""

    kind: str
    text: str
    position: int

    @property
    def word(self) -> str:
        """The keyword that this token may be, else an empty text."""
        return self.text.upper() if self.kind == WORD else ""


def tokens(sql: str, *, ddl: bool) -> list[Token]:
    """Split a statement; trailing semicolons are dropped, an END token closes the list."""
    found, at = [], 0
    while at < len(sql):
        match = (not ddl and SELECT_STRING.match(sql, at)) or LEXEME.match(sql, at)
        if not match:
            raise syntax_error(sql, at, sql[at])
        kind = "string" if match.re is SELECT_STRING else match.lastgroup or ""
        if kind != "blank":
            found.append(Token(KINDS[kind], match[0], at))
        at = match.end()
    while found and found[-1].text == ";":
        found.pop()
    if any(token.text == ";" for token in found):
        raise QueryError("Only one sql statement is allowed")
    return [*found, Token(END, "<EOF>", len(sql))]


def syntax_error(sql: str, position: int, text: str) -> QueryError:
    """What Athena answers for a text that is no statement: line and column counted from 1."""
    line = sql.count("\n", 0, position) + 1
    column = position - sql.rfind("\n", 0, position)
    return QueryError(f"line {line}:{column}: mismatched input '{text}'")


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())
