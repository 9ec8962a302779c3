"""Which text of a query's result is a value of a type; one that is not makes SPICE drop its row."""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

BIGINT = range(-(2**63), 2**63)
FIRST_YEAR = 1400  # SPICE holds dates from 1400 to 9999


class DoesNotConvert(Exception):  # noqa: N818 - named for what it says about the value
    """A value is not of the type that its column declares."""


def converted(text: str | None, type_name: str) -> str | None:
    """Return a value as SPICE keeps it, as text; NULL is a value of every type. Raises DoesNotConvert."""
    return None if text is None else _CONVERTERS[type_name](text)


def _integer(text: str) -> str:
    if not re.fullmatch(r"[+-]?[0-9]+", text) or int(text) not in BIGINT:
        raise DoesNotConvert(text)
    return str(int(text))


def _decimal(text: str) -> str:
    if not re.fullmatch(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?", text):
        raise DoesNotConvert(text)
    return text


def _datetime(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}([ T][0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?)?", text):
        raise DoesNotConvert(text)
    try:
        year = datetime.fromisoformat(text).year
    except ValueError:
        raise DoesNotConvert(text) from None
    if year < FIRST_YEAR:
        raise DoesNotConvert(text)
    return text


def _boolean(text: str) -> str:
    truth = {"true": "1", "1": "1", "false": "0", "0": "0"}
    if text.lower() not in truth:
        raise DoesNotConvert(text)
    return truth[text.lower()]


_CONVERTERS: dict[str, Callable[[str], str]] = {
    "STRING": str,
    "INTEGER": _integer,
    "DECIMAL": _decimal,
    "DATETIME": _datetime,
    "BOOLEAN": _boolean,
    "BIT": _boolean,
}
SUPPORTED_TYPES = frozenset(_CONVERTERS)
