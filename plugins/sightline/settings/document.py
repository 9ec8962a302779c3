"""A settings file that could be read: its sections, the lines of its mistakes, and its entries as models."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

import yaml
from pydantic import BaseModel, ValidationError

from sightline.errors import Problem, SettingsError
from sightline.settings.mistakes import place, problems_of
from sightline.settings.reading import Flaw, Location, Node, read_yaml

ROOT = Path(__file__).parents[3]
LARGEST_FILE = 4_000_000
"""In bytes: some thousand tables. Airflow reads the settings for every Dag file, again and again."""

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Document:
    """The content of a settings file; `file` is its name in messages."""

    file: str
    root: Node
    flaws: tuple[Flaw, ...]

    @classmethod
    def read(cls, path: Path) -> Document:
        """Read a file of YAML.

        Raises:
            SettingsError: there is no such file, or it is not YAML.
        """
        file = name_of(path)
        try:
            text = _text(path, file)
            root, flaws = read_yaml(text)
        except yaml.YAMLError as error:
            mark = getattr(error, "problem_mark", None)
            what = getattr(error, "problem", None) or str(error).splitlines()[0]
            hint = _hint(what, text.splitlines()[mark.line : mark.line + 1] if mark else [])
            problem = Problem(file, mark.line + 1 if mark else 1, "", f"is not YAML: {what}. {hint}")
            raise SettingsError([problem]) from error
        return cls(file, root, tuple(flaws))

    def problem(self, location: Location, message: str) -> Problem:
        """A mistake of the setting at `location`."""
        line, path = place(self.root, location)
        return Problem(self.file, line, path, message)

    def flaws_outside(self, owners: Collection[Location]) -> list[Problem]:
        """The flaws of the YAML that are in none of these sections or entries."""
        return [
            self._as_problem(flaw) for flaw in self.flaws if not any(_is_in(flaw, owner) for owner in owners)
        ]

    def _as_problem(self, flaw: Flaw) -> Problem:
        return Problem(self.file, flaw.line, place(self.root, flaw.location)[1], flaw.message)

    def section(self, name: str) -> Node | None:
        """A part of the file by its name; None when it is not there."""
        return self.root.content.get(name) if isinstance(self.root.content, dict) else None

    def node(self, location: Location) -> Node:
        """The part of the file at a location that is known to be there."""
        node = self.root
        for piece in location:
            node = node.content[piece]
        return node

    def validated(
        self, model: type[Model], node: Node, location: Location, **defaults: str
    ) -> tuple[Model | None, list[Problem]]:
        """The settings at `location` as a model, and every mistake in them; with mistakes there may be no model."""
        flaws = [self._as_problem(flaw) for flaw in self.flaws if _is_in(flaw, location)]
        data = node.plain()
        try:
            settings = {**defaults, **data} if isinstance(data, dict) else data
            return model.model_validate(settings, by_name=False, by_alias=True), flaws
        except ValidationError as error:
            found = [self.problem((*location, *at), message) for at, message in problems_of(error, model)]
            flawed = {flaw.path for flaw in flaws}
            return None, [*flaws, *(problem for problem in found if problem.path not in flawed)]


def name_of(path: Path) -> str:
    """A settings file as messages name it: one of the project from its folder on."""
    return str(path.relative_to(ROOT) if path.is_relative_to(ROOT) else path)


def _is_in(flaw: Flaw, owner: Location) -> bool:
    return flaw.location[: len(owner)] == owner


def _text(path: Path, file: str) -> str:
    def refused(what: str) -> SettingsError:
        return SettingsError([Problem(file, 1, "", what)])

    try:
        if path.stat().st_size > LARGEST_FILE:
            raise refused(f"is larger than {LARGEST_FILE:,} bytes. Is it the right file?")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise refused(f"is not UTF-8 text (byte {error.start}). Is it the right file?") from error
    except OSError as error:
        raise refused(
            f"cannot be read: {error.strerror}. SIGHTLINE_ACCOUNTS can name another file."
        ) from error


def _hint(what: str, line: list[str]) -> str:
    """What most likely has to be mended where YAML's own words help little; nothing else of the file was looked at."""
    if line and "\t" in line[0][: len(line[0]) - len(line[0].lstrip())]:
        return "Indent by blanks: YAML takes no tabs there."
    if "mapping values are not allowed" in what or "block" in what:
        return "The lines of one mapping start in the same column: look at this line and the one above it."
    return 'Values that start with one of {}[]*&!%@ go in quotes: objects: "{year}/{month}/sales.csv".'
