"""Files that are made to hurt whoever reads them: refused at once, in a few lines, and nothing is run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from sightline.errors import SettingsError
from sightline.settings import load_settings
from sightline.settings.document import LARGEST_FILE
from sightline.settings.loading import MOST_ACCOUNTS
from tests.support.settings_files import ANALYTICS, accounts


def aliases(count: int) -> str:
    """A billion laughs: each line stands for ten of the one before."""
    lines = [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 10) if i else 'lol'}]" for i in range(count)]
    return "\n".join([*lines, ANALYTICS, f"workload_accounts: *a{count - 1}", ""])


BOMBS: dict[str, tuple[str | bytes, str]] = {
    "lists in lists": ("a: " + "[" * 100_000, "nested too deeply"),
    "dashes": ("- " * 100_000 + "a\n", "nested too deeply"),
    "mappings in mappings": ("a: " + "{a: " * 100_000 + "1" + "}" * 100_000, "nested too deeply"),
    "indented mappings": ("".join(" " * depth + "a:\n" for depth in range(1_500)), "nested too deeply"),
    "keys of keys": ("? " * 100_000 + "a\n", "nested too deeply"),
    "mappings as keys of mappings": ("a: " + "{? " * 100_000 + "a" + "}" * 100_000, "nested too deeply"),
    "a billion laughs": (aliases(20), "*a0 is an alias"),
    "an anchor in itself": (ANALYTICS + "workload_accounts: &a [*a]\n", "*a is an alias"),
    "merged mappings": (accounts("one") + "    <<: {database: other}\n", "<<: is not a setting here"),
    "a Python object": (
        ANALYTICS + "workload_accounts: !!python/object/apply:os.system [exit 1]\n",
        "is a tag",
    ),
    "a number of a million digits": (
        accounts("one").replace("database: one_data", "retries: " + "9" * 10**6),
        "Allowed: a whole number",
    ),
    "a text of a million letters": (
        accounts("one").replace("one_data", "x" * 10**6),
        "lower-case letters, digits and _",
    ),
    "a name of a million letters": (
        accounts("one").replace("database: one_data", "? " + "x" * 10**6 + "\n    : 1"),
        "is not a setting here",
    ),
    "many unknown sections": (
        ANALYTICS + "".join(f"x{i}: 1\n" for i in range(30_000)),
        "29,900 more",
    ),
    "too many accounts": (
        ANALYTICS + "workload_accounts:\n" + "- {}\n" * (MOST_ACCOUNTS + 1),
        "has 5,001 accounts",
    ),
    "a file beyond the limit": (ANALYTICS + "#" * LARGEST_FILE, "is larger than 4,000,000 bytes"),
    "UTF-16": (accounts("one").encode("utf-16"), "is not UTF-8 text"),
    "UTF-32": (accounts("one").encode("utf-32"), "is not UTF-8 text"),
    "Shift_JIS": (f"# 在庫\n{accounts('one')}".encode("shift_jis"), "is not UTF-8 text"),
    "Latin-1": (f"# Größe\n{accounts('one')}".encode("latin-1"), "is not UTF-8 text"),
    "UTF-16 without its mark": (accounts("one").encode("utf-16-le"), "is not YAML"),
    "a NUL byte": (accounts("one").replace("one_data", "one\x00data"), "is not YAML"),
    "a half of a pair": (b"analytics: \xed\xa0\x80\n", "is not UTF-8 text"),
    "two documents": (accounts("one") + "---\n" + accounts("two"), "a second document starts"),
    "a directive of another YAML": ("%YAML 9.9\n---\n" + accounts("one"), "is not YAML"),
}


READ_ALL = """
import resource, sys
from pathlib import Path
from sightline.errors import SettingsError
from sightline.settings import load_settings

resource.setrlimit(resource.RLIMIT_CPU, (60, 60))
resource.setrlimit(resource.RLIMIT_AS, (512 * 2**20, 512 * 2**20))
files = sorted(Path(sys.argv[1]).glob("*/accounts.yaml"))
for file in files:
    try:
        load_settings(file)
    except SettingsError:
        pass
print(len(files))
"""


def written(folder: Path, content: str | bytes) -> Path:
    file = folder / "accounts.yaml"
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    return file


def refusal(file: Path) -> str:
    """What is said of the file's mistakes, or of those of the account that is left out."""
    try:
        return str(SettingsError(load_settings(file).problems))
    except SettingsError as error:
        return str(error)


@pytest.mark.parametrize("name", BOMBS)
def test_a_bomb_is_refused_with_a_short_message(tmp_path: Path, name: str) -> None:
    content, says = BOMBS[name]

    message = refusal(written(tmp_path, content))

    assert says in message
    assert len(message) < 30_000
    assert all(line.isprintable() for line in message.splitlines())


def test_no_bomb_takes_much_time_or_memory(tmp_path: Path) -> None:
    """In a process of its own, which the system ends beyond 60 s of CPU for all of them, or 512 MiB of memory."""
    for number, (content, _) in enumerate(BOMBS.values()):
        (tmp_path / str(number)).mkdir()
        written(tmp_path / str(number), content)

    read = subprocess.run(
        [sys.executable, "-c", READ_ALL, str(tmp_path)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
    )

    assert (read.returncode, read.stdout.strip()) == (0, str(len(BOMBS))), read.stderr[-2_000:]


def test_a_byte_order_mark_is_no_mistake(tmp_path: Path) -> None:
    file = written(tmp_path, accounts("one").encode("utf-8-sig"))

    assert not load_settings(file).problems


def test_a_good_account_beside_a_bad_one_is_loaded(tmp_path: Path) -> None:
    file = written(tmp_path, accounts("one", "two").replace("one_data", "one'; DROP TABLE x; --"))

    settings = load_settings(file)

    assert [account.name for account in settings.workload_accounts] == ["two"]
    assert len(settings.problems) == 1
