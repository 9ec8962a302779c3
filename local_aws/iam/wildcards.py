"""`*` and `?` as IAM reads them: in actions, in texts and, segment by segment, in ARNs."""

from __future__ import annotations

import re
from functools import lru_cache

ARN_SEGMENTS = 6


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
    return re.compile(escaped, re.DOTALL)
