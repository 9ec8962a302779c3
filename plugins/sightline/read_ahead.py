"""An object's next bytes are fetched while the last ones are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol


class ReadableStream(Protocol):
    """What is read ahead and inspected: an open file, or the body of an answer of S3."""

    def read(self, size: int, /) -> bytes:
        """Give at most `size` bytes; none at the end."""
        ...


class ReadAhead:
    """A stream that reads one piece ahead of who reads it, of the size that was asked for last."""

    def __init__(self, stream: ReadableStream, pool: ThreadPoolExecutor) -> None:
        self._stream, self._pool = stream, pool
        self._next: Future[bytes] | None = None

    def read(self, size: int, /) -> bytes:
        """Give the next piece; what went wrong while it was fetched is raised here.

        It may be longer than `size`, if more was asked for the time before.
        """
        piece = (self._next or self._fetch(size)).result()
        self._next = self._fetch(size) if piece else None
        return piece

    def _fetch(self, size: int) -> Future[bytes]:
        return self._pool.submit(self._stream.read, size)


@contextmanager
def reading_ahead(stream: ReadableStream) -> Iterator[ReadAhead]:
    """Read a stream ahead in a thread of its own, which has ended when this has."""
    with ThreadPoolExecutor(max_workers=1, thread_name_prefix="read-ahead") as pool:
        yield ReadAhead(stream, pool)
