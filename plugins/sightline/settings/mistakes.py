"""What pydantic found wrong, as problems that a person can act on: line, path, what is wrong, what is allowed."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, get_args

from pydantic import BaseModel

from sightline.errors import did_you_mean, one_line
from sightline.settings.rules import shown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydantic import ValidationError

    from sightline.settings.reading import Location, Node

_LONGEST_NAME = 80
_WANTED = {
    "string_type": "text, in quotes if it looks like a number",
    "int_type": "a whole number",
    "int_parsing": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "model_type": "settings of its own, one a line below it",
    "model_attributes_type": "settings of its own, one a line below it",
    "tuple_type": 'a list, each entry with "- "',
    "list_type": 'a list, each entry with "- "',
    "date_from_datetime_parsing": "a day such as 2024-01-31",
    "date_parsing": "a day such as 2024-01-31",
}


def place(root: Node, location: Location) -> tuple[int, str]:
    """The line of a setting, or of what it is missing in, and its path as messages write it."""
    node, line, path = root, root.line, ""
    for piece in location:
        content = node.content
        if isinstance(content, dict) and isinstance(
            piece, int
        ):  # columns: written as a mapping, kept in order
            piece = list(content)[piece]
        if isinstance(content, list) and isinstance(piece, int) and piece < len(content):
            node = content[piece]
            line = node.line
            path += f"[{_entry(node, piece) if path == 'workload_accounts' else piece}]"
        elif isinstance(content, dict):
            name = one_line(str(piece), _LONGEST_NAME)
            path += f".{name}" if path else name
            if piece not in content:
                break
            line, node = node.key_lines[str(piece)], content[piece]
    return line, path


def _entry(node: Node, index: int) -> str:
    """A workload account goes by its name, once it has one."""
    name = node.content.get("name") if isinstance(node.content, dict) else None
    named = name and isinstance(name.content, str) and name.content
    return one_line(named, _LONGEST_NAME) if named else str(index)


def problems_of(error: ValidationError, model: type[BaseModel]) -> Iterator[tuple[Location, str]]:
    """Every mistake in settings that were to become a `model`: where in them, and what to say."""
    for found in error.errors(include_url=False):
        if found["type"] == "default_factory_not_called" or (found["type"] == "too_short" and found["input"]):
            continue  # they only follow from another mistake
        context: dict[str, Any] = found.get("ctx", {})
        at = (*found["loc"], *context.get("at", ()))
        yield at, _message(found["type"], found["msg"], found["input"], context, model, at)


def _message(
    kind: str, message: str, value: object, context: dict[str, Any], model: type[BaseModel], at: Location
) -> str:
    if kind == "mistake":
        return str(context["message"])
    if kind == "missing":
        return f"is missing. Wanted: {_description(model, at)}."
    if kind == "extra_forbidden":
        known = _settings_of(_model_at(model, at[:-1]))
        return f"is not a setting here.{did_you_mean(at[-1], known)} Allowed: {', '.join(known)}."
    if value is None or kind == "too_short":
        return f"is empty. Wanted: {_description(model, at)}."
    if kind == "literal_error":
        allowed = str(context["expected"]).replace("'", "")
        words = allowed.replace(" or ", ", ").split(", ")
        return f"{shown(value)} is not allowed.{did_you_mean(value, words)} Allowed: {allowed}."
    if kind in _WANTED:
        return f"{_kind(value)} is not allowed. Allowed: {_WANTED[kind]}."
    return f"{_kind(value)} is not allowed. Allowed: {message.removeprefix('Input should be ')}."


def _kind(value: object) -> str:
    if isinstance(value, dict):
        return "a mapping"
    return "a list" if isinstance(value, list | tuple) else shown(value)


def _settings_of(model: type[BaseModel]) -> dict[str, Any]:
    """The settings of a model by the names that the file gives them."""
    return {str(field.validation_alias or name): field for name, field in model.model_fields.items()}


def _model_at(model: type[BaseModel], location: Location) -> type[BaseModel]:
    for piece in location:
        field = _settings_of(model).get(str(piece))
        if field is None:
            continue
        inner = [field.annotation, *get_args(field.annotation)]
        model = next((t for t in inner if isinstance(t, type) and issubclass(t, BaseModel)), model)
    return model


def _description(model: type[BaseModel], at: Location) -> str:
    field = _settings_of(_model_at(model, at[:-1])).get(str(at[-1])) if at else None
    return (field.description if field else "") or "a value"
