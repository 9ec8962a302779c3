"""Source objects that are not there, or not what the settings declare."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from sightline.errors.base import Refusal, Transient

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime


class SourceRefused(Refusal):
    """A source is not what the settings declare; nothing of it was loaded."""


@dataclass(eq=False)
class LateSource(SourceRefused):
    """A source object that is not there although its due day has passed.

    `month` is a Month, `others` a sentence about what lies there instead, if anything does.
    """

    account: str
    bucket: str
    key: str
    month: object
    due: datetime
    others: str = ""
    MESSAGE = (
        "{account}: s3://{bucket}/{key} for {month} was due by {due:%Y-%m-%d %H:%M %Z} and is not there.{others} Ask "
        "the account's owner for it, or look whether the month is the right one. Daily runs look again as long as the "
        "month is within look_back_months; clear this task once the file is there."
    )


@dataclass(eq=False)
class StrayObject(SourceRefused):
    """Objects under a partition's location that Athena would read although no pattern matches them."""

    uris: Sequence[str]
    location: str
    pattern: str
    MESSAGE = (
        "Objects under {location} do not match the pattern {pattern}, but Athena would read them: {uris}. "
        "Have them moved away, or widen `objects` in accounts.yaml."
    )


@dataclass(eq=False)
class SourceChangedMeanwhile(Transient):
    """A source object was written again between its inspection and its check."""

    uris: Sequence[str]
    MESSAGE = "Written again while being loaded: {uris}. A retry loads the new content."
