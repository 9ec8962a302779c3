"""Name every mistake of the settings (check), or write what is generated from their types (schema, docs)."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from sightline.errors import SettingsError
from sightline.settings.document import name_of
from sightline.settings.loading import load_settings, settings_path
from sightline.settings.reference import reference_text, schema_text


def check(path: Path | None) -> int:
    """Print every mistake of the settings; 1 when there is one."""
    try:
        settings = load_settings(path)
    except SettingsError as error:
        sys.stdout.write(f"{error}\n")
        return 1
    for problem in settings.problems:
        sys.stdout.write(f"{problem}\n")
    names = ", ".join(account.name for account in settings.workload_accounts) or "none"
    sys.stdout.write(f"{name_of(path or settings_path())}: accounts without mistakes: {names}\n")
    return 1 if settings.problems else 0


def main(arguments: list[str] | None = None) -> int:
    """Run a command; the exit code is 1 when the settings have mistakes."""
    parser = argparse.ArgumentParser(prog="python -m sightline.settings", description=__doc__)
    parser.add_argument("command", choices=("check", "schema", "docs"))
    parser.add_argument(
        "file", nargs="?", type=Path, help="check: the settings; schema, docs: where to write it"
    )
    chosen = parser.parse_args(arguments)
    if chosen.command == "check":
        return check(chosen.file)
    text = schema_text() if chosen.command == "schema" else reference_text()
    if chosen.file:
        chosen.file.write_text(text, encoding="utf-8")
    else:
        sys.stdout.write(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
