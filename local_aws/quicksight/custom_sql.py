"""What QuickSight runs of a data set's SQL: one query, which it puts into a query of its own, and nothing else."""

from __future__ import annotations

import re

from local_aws.quicksight.causes import IngestionFailed

COMMENT = r"--[^\n]*|/\*.*?\*/"
OPAQUE = re.compile(rf"(?P<comment>{COMMENT})|'(?:[^']|'')*'|\"(?:[^\"]|\"\")*\"", re.DOTALL)
QUERY_WORDS = ("SELECT", "WITH")


def require_query(sql: str) -> None:
    """Refuse a statement that is no query, and more than one statement: IngestionFailed, before it runs."""
    bare = OPAQUE.sub(lambda found: " " if found["comment"] else "?", sql)
    first = (bare.split() or [""])[0]
    if re.split(r"\W", first, maxsplit=1)[0].upper() not in QUERY_WORDS:
        raise IngestionFailed(
            "SQL_EXCEPTION", f"Custom SQL is a SELECT, with or without WITH; it begins {first!r}."
        )
    if ";" in bare:
        raise IngestionFailed(
            "SQL_EXCEPTION", "Custom SQL is a part of another query: it may hold no semicolon."
        )
