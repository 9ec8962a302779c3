"""A reader over DDL tokens: takes keywords, names, strings and lists, and knows where it stands when it does not."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, TypeVar

from local_aws.athena.failures import QueryError
from local_aws.athena.lexer import BACKTICKED, END, NUMBER, STRING, WORD, syntax_error, tokens
from local_aws.athena.reserved_words import IN_DDL

if TYPE_CHECKING:
    from collections.abc import Callable

T = TypeVar("T")
# varchar has a length in DDL; real is Trino's name of a float, and unknown that of NULL's type.
NO_PLAIN_HIVE_TYPES = ("varchar", "real", "unknown")
ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "0": "\0"}
ESCAPE = re.compile(r"''|\\(?:u([0-9a-fA-F]{4})|([0-7]{3})|(.))", re.DOTALL)


class Reader:
    """A statement's tokens and a position in them."""

    def __init__(self, sql: str) -> None:
        self._sql, self._tokens, self._at = sql, tokens(sql, ddl=True), 0

    def unexpected(self) -> QueryError:
        """The syntax error at this position."""
        token = self._tokens[self._at]
        return syntax_error(self._sql, token.position, token.text)

    def at_end(self) -> bool:
        """Whether all is read."""
        return self._tokens[self._at].kind == END

    def end(self) -> None:
        """Refuse what is left over."""
        if not self.at_end():
            raise self.unexpected()

    def take(self, *words: str) -> bool:
        """Read these keywords or marks if they are next, else stay."""
        ahead = self._tokens[self._at : self._at + len(words)]
        if [token.word or token.text for token in ahead] != list(words):
            return False
        self._at += len(words)
        return True

    def expect(self, *words: str) -> None:
        """Read these keywords or marks, which must be next."""
        if not self.take(*words):
            raise self.unexpected()

    def _next(self, *kinds: str) -> str:
        token = self._tokens[self._at]
        if token.kind not in kinds:
            raise self.unexpected()
        self._at += 1
        return token.text

    def name(self, unquoted: frozenset[str] = frozenset()) -> str:
        """Read an identifier, in backticks or not: lower case, as Glue keeps it.

        A reserved word needs the backticks, unless it is one of `unquoted`.
        """
        if self._tokens[self._at].word in IN_DDL - unquoted:
            raise self.unexpected()
        text = self._next(WORD, BACKTICKED)
        return (text[1:-1].replace("``", "`") if text.startswith("`") else text).lower()

    def string(self) -> str:
        """Read a string with Hive's escapes."""
        return ESCAPE.sub(_unescaped, self._next(STRING)[1:-1])

    def constant(self) -> str | None:
        """Read a partition's value: a number or a string; NULL is None."""
        if self.take("NULL"):
            return None
        sign = "-" if self.take("-") else ""
        if self._tokens[self._at].kind == STRING and not sign:
            return self.string()
        return sign + self._next(NUMBER)

    def listed(self, read: Callable[[], T]) -> tuple[T, ...]:
        """Read `( item, … )`."""
        self.expect("(")
        items = [read()]
        while self.take(","):
            items.append(read())
        self.expect(")")
        return tuple(items)

    def properties(self) -> tuple[tuple[str, str], ...]:
        """Read `('key'='value', …)`."""
        return self.listed(self._property)

    def _property(self) -> tuple[str, str]:
        key = self.string()
        self.expect("=")
        return key, self.string()

    def type_text(self) -> str:
        """Read a type, kept as Glue keeps it: lower case, no blanks, `int` for INTEGER."""
        name = self._next(WORD).lower()
        name = {"integer": "int", "dec": "decimal", "numeric": "decimal"}.get(name, name)
        if self.take("<"):
            raise QueryError(f"NOT_SUPPORTED: the type {name}<…>")
        if self._tokens[self._at].text != "(":
            if name in NO_PLAIN_HIVE_TYPES:
                raise self.unexpected()
            return "decimal(10,0)" if name == "decimal" else name
        return f"{name}({','.join(self.listed(lambda: self._next(NUMBER)))})"


def _unescaped(found: re.Match[str]) -> str:
    if found[0] == "''":
        return "'"
    if found[1] or found[2]:
        return chr(int(found[1], 16) if found[1] else int(found[2], 8))
    return ESCAPES.get(found[3], found[3])
