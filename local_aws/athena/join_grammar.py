"""Which joins Trino's grammar has: CROSS JOIN without a condition, every other JOIN with one; sqlglot takes all."""

from __future__ import annotations

from typing import TYPE_CHECKING

from local_aws.athena.lexer import END, Token, words

if TYPE_CHECKING:
    from collections.abc import Sequence

ENDS_JOINS = words("WHERE GROUP HAVING ORDER LIMIT OFFSET UNION EXCEPT INTERSECT")


def misplaced(found: Sequence[Token]) -> Token | None:
    """The first token that stands where a JOIN still lacks its condition, or an ON or USING that no JOIN waits for."""
    waiting = [0]  # JOINs without a condition yet, for each open bracket
    for before, token in zip([Token(END, "", 0), *found], found, strict=False):
        if token.word == "JOIN" and before.word not in ("CROSS", "NATURAL"):
            waiting[-1] += 1
        elif token.word in ("ON", "USING") and before.word != "DISTINCT" and before.text != ".":
            waiting[-1] -= 1
        elif token.text == "(":
            waiting.append(0)
        elif waiting[-1] and (token.kind == END or token.text in (")", ",") or token.word in ENDS_JOINS):
            return token
        elif token.text == ")" and len(waiting) > 1:
            waiting.pop()
        if waiting[-1] < 0:
            return token
    return None
