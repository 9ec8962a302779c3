"""Objects for DuckDB: read as the caller, metered, opened where they lie if they are plain, else copied."""

from __future__ import annotations

from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO

from local_aws.athena import text
from local_aws.athena.failures import QueryCancelledError, QueryError, not_supported
from local_aws.athena.plain import KEPT, NEVER_IN_TEXT, Look, look_at, path_of
from local_aws.calls import AwsError

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from local_aws.athena.locations import Location
    from local_aws.calls import Caller
    from local_aws.s3_access import S3Access

    Rewrite = Callable[[Iterator[bytes]], Iterator[bytes]]

LINE_BEFORE = b"\n"  # the first line of every copy, which is to be skipped
LINE_END_OF_DUCKDB = "\\x02\\x1f\\x02\\x1f"
MOST_HELD = 64  # files at a time, for one statement


@dataclass
class Meter:
    """Bytes scanned by one statement; past the workgroup's cutoff, or once stopped, the statement is cancelled."""

    stop: threading.Event
    cutoff: int | None = None
    scanned: int = 0

    def count(self, size: int) -> None:
        """Count bytes that were read."""
        self.scanned += size
        self.check()

    def check(self) -> None:
        """Cancel the statement if it must not go on."""
        if self.stop.is_set():
            raise QueryCancelledError("Query was cancelled by user")
        if self.cutoff is not None and self.scanned > self.cutoff:
            raise QueryCancelledError("Bytes scanned limit was exceeded")


@dataclass(frozen=True)
class TextFile:
    """A file of lines that end in LF: the first `skipped` are no rows; `doubtful` is None unless it is plain."""

    path: str
    skipped: int
    doubtful: frozenset[int] | None


@dataclass
class ObjectReader:
    """Reads a caller's objects for one statement; what it copies lies below `folder`, what it opens it closes."""

    s3: S3Access
    caller: Caller
    meter: Meter
    folder: Path
    trusting: bool = True  # that plain texts have as many fields in each line as they should have
    _copies: int = field(default=0)
    _held: int = field(default=0)
    _closing: ExitStack = field(default_factory=ExitStack)

    def close(self) -> None:
        """Close what was opened."""
        self._held = 0
        self._closing.close()

    def distrust(self) -> None:
        """Begin anew: read everything line by line."""
        self.close()
        self.trusting, self.meter.scanned = False, 0

    def keys(self, location: Location) -> list[str]:
        """The keys below a location that Athena reads: no hidden ones."""
        try:
            found = self.s3.list_objects(self.caller, location.bucket, location.prefix)
        except AwsError as error:
            raise _unreadable(error, location.uri) from error
        return [o.key for o in found if not location.is_hidden(o.key)]

    def files(self, location: Location, rewrite: Rewrite, skipped: int | None) -> list[TextFile]:
        """The lines of all objects below a location: plain files as they lie, the others in one copy.

        `skipped` says how many lines are an object's header; None: none may be read as it lies.
        """
        self._copies += 1
        path = self.folder / f"{self._copies}.txt"
        found, copied = list[TextFile](), Look()
        with path.open("wb") as copy:
            copy.write(LINE_BEFORE)
            for key in self.keys(location):
                uri = f"s3://{location.bucket}/{key}"
                source = self._opened(location.bucket, key)
                compressed = key.lower().endswith(".gz")
                look = None if compressed or skipped is None else self._look(source)
                if look and look.plain:
                    found.append(self._as_it_lies(source, skipped or 0, look))
                    continue
                with closing(source):
                    pieces = text.chunks(
                        source, compressed=compressed, count=_ignore if look else self.meter.count
                    )
                    for piece in _checked(rewrite(pieces), uri):
                        copied.at(piece)
                        copy.write(piece)
            empty = copy.tell() == len(LINE_BEFORE)
        doubtful = frozenset(copied.doubtful) if copied.plain and self.trusting else None
        return found if empty else [*found, TextFile(str(path), 1, doubtful)]

    def _opened(self, bucket: str, key: str) -> BinaryIO:
        try:
            return self.s3.open(self.caller, bucket, key)
        except AwsError as error:
            raise _unreadable(error, f"s3://{bucket}/{key}") from error

    def _look(self, source: BinaryIO) -> Look | None:
        """Look at a file that can be opened again; at an object that is held in memory nobody needs to."""
        if not self.trusting or self._held >= MOST_HELD or path_of(source) is None:
            return None
        return look_at(source, self.meter.count)

    def _as_it_lies(self, source: BinaryIO, skipped: int, look: Look) -> TextFile:
        self._held += 1
        self._closing.enter_context(closing(source))
        return TextFile(path_of(source) or "", skipped, frozenset(look.doubtful))


def _ignore(size: int) -> None:
    """Count nothing: it was counted."""


def _checked(pieces: Iterator[bytes], uri: str) -> Iterator[bytes]:
    end = b""
    for piece in pieces:
        if NEVER_IN_TEXT in piece or NEVER_IN_TEXT in end + piece[:KEPT]:
            raise not_supported(f"the bytes {LINE_END_OF_DUCKDB} in {uri}")
        end = (end + piece[-KEPT:])[-KEPT:]
        yield piece


def _unreadable(error: AwsError, uri: str) -> QueryError:
    if error.code in ("AccessDenied", "AccessDeniedException"):
        return QueryError(f"Permission denied on S3 path: {uri}")
    if error.code == "NoSuchBucket":
        return QueryError(f"HIVE_METASTORE_ERROR: The specified bucket does not exist (S3 path: {uri})")
    if error.code == "NoSuchKey":
        return QueryError(
            f"HIVE_CANNOT_OPEN_SPLIT: Error opening Hive split {uri}: The specified key does not exist."
        )
    return QueryError(f"HIVE_CANNOT_OPEN_SPLIT: {error}")
