"""YAML with line numbers, and without what YAML does behind one's back.

Plain words stay as they are written (`yes`, `on`, a date); only true, false, null and ordinary numbers are more than
text. Doubled keys, anchors, aliases and tags are flaws: they hide what is meant, and a few lines of aliases can stand
for gigabytes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import yaml

from sightline.errors import one_line

Location = tuple[str | int, ...]

# The parser in C reads a hundred accounts ten times as fast; not every installation of PyYAML has it.
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_DEEPEST = 20
_WORDS = {"": None, "~": None, "null": None, "true": True, "false": False}


@dataclass
class Node:
    """A value of the file and the line that it stands on; `key_lines` are those of a mapping's keys."""

    content: Any
    line: int
    key_lines: dict[str, int] = field(default_factory=dict)

    def plain(self) -> Any:
        """The value without its lines."""
        if isinstance(self.content, dict):
            return {key: node.plain() for key, node in self.content.items()}
        if isinstance(self.content, list):
            return [node.plain() for node in self.content]
        return self.content


@dataclass(frozen=True)
class Flaw:
    """A mistake that has nothing to do with what the settings mean."""

    location: Location
    line: int
    message: str


def read_yaml(text: str) -> tuple[Node, list[Flaw]]:
    """Read a file of one document.

    Raises:
        yaml.YAMLError: the text is not YAML.
    """
    reader = _Reader(text)
    return reader.document(), reader.flaws


class _Reader:
    """Builds nodes from the parser's events, so that an alias is never followed."""

    def __init__(self, text: str) -> None:
        self.flaws: list[Flaw] = []
        self._events: Iterator[Any] = iter(yaml.parse(text, Loader=_LOADER))

    def document(self) -> Node:
        events = self._events
        next(events)  # the start of the stream
        if isinstance(next(events), yaml.StreamEndEvent):
            return Node(None, 1)
        root = self._node(next(events), ())
        next(events)  # the end of the document
        if not isinstance(after := next(events), yaml.StreamEndEvent):
            raise yaml.MarkedYAMLError(problem="a second document starts", problem_mark=after.start_mark)
        return root

    def _node(self, event: Any, location: Location) -> Node:
        if len(location) > _DEEPEST:
            raise yaml.MarkedYAMLError(problem="nested too deeply", problem_mark=event.start_mark)
        node = Node(None, event.start_mark.line + 1)
        if isinstance(event, yaml.AliasEvent):
            self._flaw(node, location, f"*{event.anchor} is an alias. Allowed: the value itself.")
            return node
        if event.anchor:
            self._flaw(node, location, f"&{event.anchor} is an anchor. Allowed: the value without it.")
        if event.tag:
            self._flaw(node, location, f"{one_line(event.tag, 80)} is a tag. Allowed: the value without it.")
        if isinstance(event, yaml.MappingStartEvent):
            self._mapping(node, location)
        elif isinstance(event, yaml.SequenceStartEvent):
            node.content = []
            while not isinstance(item := next(self._events), yaml.SequenceEndEvent):
                node.content.append(self._node(item, (*location, len(node.content))))
        else:
            node.content = self._scalar(event, node, location)
        return node

    def _mapping(self, node: Node, location: Location) -> None:
        node.content = {}
        while not isinstance(event := next(self._events), yaml.MappingEndEvent):
            key = self._key(event, location)
            at = (*location, key)
            value = self._node(next(self._events), at)
            if key in node.content:
                line = event.start_mark.line + 1
                first = node.key_lines[key]
                self.flaws.append(Flaw(at, line, f"is set twice, first in line {first}. Allowed: once."))
                continue
            node.content[key], node.key_lines[key] = value, event.start_mark.line + 1

    def _key(self, event: Any, location: Location) -> str:
        """Keys are text, whatever YAML would make of them: a column may be called `no` or `2024`."""
        if isinstance(event, yaml.ScalarEvent):
            return str(event.value)
        # One level deeper: keys of keys of keys are nested too.
        node = self._node(event, (*location, "(key)"))
        self._flaw(node, location, "has a key that is not text. Allowed: the name of a setting.")
        return f"(key in line {node.line})"

    def _scalar(self, event: Any, node: Node, location: Location) -> object:
        text: str = event.value
        if not event.implicit[0]:  # quoted
            return text
        if re.fullmatch(r"[-+]?0[0-9_]+", text):
            lost = f"{text} without quotes is a number to YAML, and not this one. Allowed: in quotes."
            self._flaw(node, location, lost)
            return text
        if re.fullmatch(r"[-+]?[0-9]{1,30}", text):
            return int(text)
        if re.fullmatch(r"[-+]?[0-9]{1,30}\.[0-9]{1,30}", text):
            return float(text)
        return _WORDS.get(text.lower(), text)

    def _flaw(self, node: Node, location: Location, message: str) -> None:
        self.flaws.append(Flaw(location, node.line, message))
