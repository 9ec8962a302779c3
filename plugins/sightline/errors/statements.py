"""Statements that are not made."""

from __future__ import annotations

from dataclasses import dataclass

from sightline.errors.base import Refusal


@dataclass(eq=False)
class UnsafeStatement(Refusal):
    """A text that must not become part of a statement, even though the settings let it through."""

    what: str
    text: object
    MESSAGE = "{what} {text!r} cannot be part of a statement. Correct it in accounts.yaml; nothing was run."
