r"""Regular expressions where RE2, DuckDB's, answers what Java's syntax means in Trino; all else is refused.

A pattern is a text in the statement, made of what both know: characters, classes, `\d \w \s`, groups, alternatives,
quantifiers, `^ $ \b`. It is asked of printable ASCII only: beyond it the two differ in what a letter, a digit or the
end of a line is.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from sqlglot import exp

from local_aws.athena.arithmetic import Typed, unexpected
from local_aws.athena.failures import not_supported
from local_aws.athena.text import quoted
from local_aws.athena.types import BOOLEAN, VARCHAR

if TYPE_CHECKING:
    from collections.abc import Callable

QUANTIFIER = r"(?:[*+?]|\{\d{1,3}(?:,\d{0,3})?\})\??"
TOKEN = re.compile(
    rf"""(?P<quantifier>{QUANTIFIER})|(?P<open>\((?:\?:)?(?!\?))|(?P<close>\))|(?P<either>\|)
    |(?P<atom>[^\\\[\]{{}}()*+?|]|\\[dDwWsSb]|\\[^\w\s]|\[\^?(?:[^\\\[\]&^]|\\[dws]|\\[^\w\s])+\])""",
    re.VERBOSE,
)
PRINTABLE = "'[ -~]*'"
REPLACEMENT = re.compile(r"(?:[^$\\]|\$\d)*")
BEYOND = "error('NOT_SUPPORTED: a regular expression on a text of other than printable ASCII characters')"


def _pattern(function: str, node: Any) -> str:
    if not isinstance(node, exp.Literal) or not node.is_string:
        raise not_supported(f"{function} with a pattern that is no text in the statement")
    pattern, at, opened, repeatable = str(node.this), 0, list[int](), False
    refused = not_supported(f"the pattern {pattern!r} in {function}")
    while at < len(pattern):
        found = TOKEN.match(pattern, at)
        if not found or (found["quantifier"] and not repeatable):
            raise refused
        repeatable = bool(found["atom"] or found["close"])
        if found["open"]:
            opened.append(at)
        at = found.end()
        if found["close"] and (not opened or _may_loop_on_nothing(pattern, opened.pop(), at)):
            raise refused
    try:
        re.compile(pattern)
    except re.error:
        raise refused from None
    return pattern


def _may_loop_on_nothing(pattern: str, start: int, end: int) -> bool:
    """Whether a quantifier follows a group that may be empty: the engines disagree about such loops."""
    try:
        return bool(re.match(QUANTIFIER, pattern[end:]) and re.fullmatch(pattern[start:end], ""))
    except re.error:
        return True


def _asked(node: Any, typed: Callable[[Any], Typed], function: str) -> tuple[str, str]:
    """The text that is asked, and the pattern, both as SQL."""
    value = typed(node.this)
    if value.type.name not in ("varchar", "unknown"):
        raise unexpected(function, value)
    return value.sql, quoted(_pattern(function, node.expression))


def _of_printable(value: str, answer: str) -> str:
    printable = f"regexp_full_match({value}, {PRINTABLE})"
    return f"CASE WHEN {value} IS NULL THEN NULL WHEN {printable} THEN {answer} ELSE {BEYOND} END"


def _like(node: Any, typed: Callable[[Any], Typed]) -> Typed:
    value, pattern = _asked(node, typed, "regexp_like")
    return Typed(_of_printable(value, f"regexp_matches({value}, {pattern})"), BOOLEAN)


def _extract(node: Any, typed: Callable[[Any], Typed]) -> Typed:
    value, pattern = _asked(node, typed, "regexp_extract")
    group = node.args.get("group")
    number = (
        int(group.this) if isinstance(group, exp.Literal) and not group.is_string else 0 if not group else -1
    )
    if number < 0 or number > re.compile(_pattern("regexp_extract", node.expression)).groups:
        raise not_supported("regexp_extract of a group that the pattern does not have")
    if number and re.search(rf"\||\){QUANTIFIER}", str(node.expression.this)):
        raise not_supported("regexp_extract of a group that may have no part in the match")
    found = (
        f"CASE WHEN regexp_matches({value}, {pattern}) THEN regexp_extract({value}, {pattern}, {number}) END"
    )
    return Typed(_of_printable(value, found), VARCHAR)


def _replace(node: Any, typed: Callable[[Any], Typed]) -> Typed:
    value, pattern = _asked(node, typed, "regexp_replace")
    with_text = node.args.get("replacement")
    replacement = "" if with_text is None else str(with_text.this)
    is_text = with_text is None or (isinstance(with_text, exp.Literal) and with_text.is_string)
    if not is_text or not REPLACEMENT.fullmatch(replacement):
        raise not_supported("regexp_replace with other than a text, with $1 for a group")
    compiled = re.compile(_pattern("regexp_replace", node.expression))
    groups = {int(digit) for digit in re.findall(r"\$(\d)", replacement)}
    if (
        compiled.search("")
        or max(groups, default=0) > compiled.groups
        or (groups and "|" in compiled.pattern)
    ):
        raise not_supported(f"regexp_replace of {compiled.pattern!r} by {replacement!r}")
    by = quoted(re.sub(r"\$(\d)", r"\\\1", replacement))
    return Typed(_of_printable(value, f"regexp_replace({value}, {pattern}, {by}, 'g')"), VARCHAR)


RULES: dict[type[exp.Expression], Callable[[Any, Any], Typed]] = {
    exp.RegexpLike: _like,
    exp.RegexpExtract: _extract,
    exp.RegexpReplace: _replace,
}
