"""`*` and `?` as IAM reads them: in actions, in texts and, segment by segment, in ARNs."""

from __future__ import annotations

import re
from functools import lru_cache

ARN_SEGMENTS = 6
# What a policy variable stands for is no pattern: its stars and question marks are written so in a resolved text.
LITERAL = {"*": "\x01", "?": "\x02"}


def literal(text: str) -> str:
    """Return a text as part of a pattern that matches only itself."""
    return text.replace("*", LITERAL["*"]).replace("?", LITERAL["?"])


def plain(pattern: str) -> str:
    """Return a resolved text as it is compared where there are no patterns."""
    return pattern.replace(LITERAL["*"], "*").replace(LITERAL["?"], "?")


def matches_text(pattern: str, text: str) -> bool:
    """Whether a text matches a pattern, upper and lower case told apart."""
    return _compiled(pattern).fullmatch(text) is not None


def matches_action(pattern: str, action: str) -> bool:
    """Whether an action (`s3:GetObject`) matches a pattern; case does not matter."""
    return matches_text(pattern.lower(), action.lower())


def matches_arn(pattern: str, arn: str) -> bool:
    """Whether an ARN matches a pattern; a wildcard stays within one of the six segments between colons."""
    if pattern == "*":
        return True
    wanted, given = (text.split(":", ARN_SEGMENTS - 1) for text in (pattern, arn))
    if len(wanted) != ARN_SEGMENTS or len(given) != ARN_SEGMENTS:
        return False
    return all(matches_text(part, text) for part, text in zip(wanted, given, strict=True))


@lru_cache(maxsize=4096)
def _compiled(pattern: str) -> re.Pattern[str]:
    escaped = re.escape(pattern).replace(r"\*", ".*").replace(r"\?", ".")
    literals = escaped.replace(LITERAL["*"], r"\*").replace(LITERAL["?"], r"\?")
    return re.compile(literals, re.DOTALL)
