"""The one folder below the temporary directory that this process keeps files in, and what others left behind.

Its name tells the process: what was killed is tidied up by the next one that starts.
"""

from __future__ import annotations

import atexit
import os
import re
import shutil
import tempfile
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

PREFIX = "local-aws-"
OURS = re.compile(rf"{PREFIX}(\d+)-\w+")


@cache
def root() -> Path:
    """The folder of this process, made when it is first needed and gone when the interpreter ends."""
    made = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))
    atexit.register(remove, made)
    return made


@contextmanager
def folder() -> Iterator[Path]:
    """A folder for one piece of work, gone after it."""
    with tempfile.TemporaryDirectory(dir=root(), ignore_cleanup_errors=True) as path:
        yield Path(path)


def remove(folder: Path) -> None:
    """Remove a process's folder while its threads may still write there: under another name they cannot."""
    ended = folder.with_name(f"{folder.name}_ended")
    try:
        folder.rename(ended)
    except FileNotFoundError:
        return
    shutil.rmtree(ended, ignore_errors=True)


def remove_left_behind() -> None:
    """Remove the folders of processes of ours that are not there any more."""
    for found in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        ours = OURS.fullmatch(found.name)
        if ours and _is_our_folder(found) and not _is_alive(int(ours[1])):
            shutil.rmtree(found, ignore_errors=True)


def _is_our_folder(path: Path) -> bool:
    try:
        return path.is_dir() and path.lstat().st_uid == os.getuid() and not path.is_symlink()
    except FileNotFoundError:
        return False


def _is_alive(process_id: int) -> bool:
    try:
        os.kill(process_id, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
