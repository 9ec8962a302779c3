"""A guard, and how to break it: one text of one file, and the tests that must not let that pass."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Guard:
    """One mutation.

    Attributes:
        name: what is guarded, in a few words; `--only` takes a part of it.
        file: of the product or the local AWS.
        find: a text that is in the file exactly once.
        put: what breaks the guard when it stands there instead.
        tests: pytest's ids of tests that must fail then, each of them; without a parameter, for at least one.
    """

    name: str
    file: str
    find: str
    put: str
    tests: tuple[str, ...]

    def is_stale(self, root: Path = ROOT) -> bool:
        """Tell whether the file no longer holds the text exactly once."""
        file = root / self.file
        return not file.is_file() or file.read_text(encoding="utf-8").count(self.find) != 1

    def broken(self, root: Path) -> str:
        """Give the file's content with the guard broken."""
        return (root / self.file).read_text(encoding="utf-8").replace(self.find, self.put)
