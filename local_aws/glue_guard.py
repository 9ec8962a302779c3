"""What Glue checks beside permissions, and moto does not: names in lower case, sizes of batches, values of partitions.

See "Actions" in the Glue web API reference: each batch has its own limit, and GetPartitions answers in pages.
"""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

from moto.core.utils import get_service_model
from moto.glue.models import glue_backends
from werkzeug.wrappers import Response

from local_aws.calls import AwsError, Call
from local_aws.iam.needs import text
from local_aws.stores import STORE_LOCK

if TYPE_CHECKING:
    from collections.abc import Iterator

LARGEST_BATCH = {
    "PartitionInputList": 100,
    "PartitionsToDelete": 25,
    "PartitionsToGet": 1000,
    "Entries": 100,
    "TablesToDelete": 100,
}
LARGEST_PAGE = 1000
NAMES = ("Name", "DatabaseName", "TableName")
INPUTS = ("DatabaseInput", "TableInput")


def fold_names(environ: dict[str, Any]) -> None:
    """Write the body anew with the names of databases and tables in lower case, as Glue keeps and compares them."""
    asked = _read(environ)
    if asked is None:
        return
    for place in (asked, *(asked[name] for name in INPUTS if isinstance(asked.get(name), dict))):
        place.update({name: _lower(place[name]) for name in NAMES if name in place})
    if environ.get("HTTP_X_AMZ_TARGET") == "AWSGlue.GetTables" and isinstance(asked.get("Expression"), str):
        asked["Expression"] = _whole_name(asked["Expression"])
    if "TablesToDelete" in asked:
        asked["TablesToDelete"] = _lower(asked["TablesToDelete"])
    body = json.dumps(asked).encode()
    environ["wsgi.input"], environ["CONTENT_LENGTH"] = io.BytesIO(body), str(len(body))


def after_authorization(call: Call) -> None:
    """Raise ValidationException for what is missing or too much, InvalidInputException for wrong partition values."""
    model = get_service_model("glue").operation_model(call.operation)
    required = model.input_shape.required_members if model.input_shape is not None else []
    for member in required:
        if member not in call.parameters:
            raise _invalid(f"Value null at '{member}' failed to satisfy constraint: Member must not be null")
    for member, most in LARGEST_BATCH.items():
        if len(call.parameters.get(member) or []) > most:
            raise _invalid(f"Value at '{member}' must have length less than or equal to {most}")
    _check_page(call)
    _check_values(call)


def after_answer(call: Call, answer: Response) -> Response:
    """Return the page of GetPartitions that was asked for; any other answer as it is."""
    if call.operation != "GetPartitions":
        return answer
    found = json.loads(answer.get_data())["Partitions"]
    first = _offset(call)
    behind = first + int(call.parameters.get("MaxResults") or LARGEST_PAGE)
    page = {"Partitions": found[first:behind]}
    if behind < len(found):
        page["NextToken"] = str(behind)
    return Response(json.dumps(page), 200, content_type="application/x-amz-json-1.1")


def _read(environ: dict[str, Any]) -> dict[str, Any] | None:
    try:
        asked = json.loads(environ["wsgi.input"].getvalue())
    except ValueError:
        return None
    return asked if isinstance(asked, dict) else None


def _lower(value: Any) -> Any:
    if isinstance(value, list):
        return [_lower(each) for each in value]
    return value.lower() if isinstance(value, str) else value


def _whole_name(expression: str) -> str:
    """Write GetTables' expression so that moto means it: it rewrites stars, and looks at a name's beginning only.

    A star without a point before it stands for anything, as moto has it; with one it does in any case.
    """
    return f"(?:{expression.replace('.*', '.{0,}')})\\Z"


def _check_page(call: Call) -> None:
    if call.operation != "GetPartitions":
        return
    size = call.parameters.get("MaxResults")
    if size is not None and not 1 <= size <= LARGEST_PAGE:
        raise _invalid(f"Value '{size}' at 'maxResults' must be from 1 to {LARGEST_PAGE}")
    _offset(call)


def _offset(call: Call) -> int:
    token = text(call, "NextToken") or "0"
    if not token.isdecimal():
        raise AwsError("InvalidInputException", f"NextToken {token!r} is none that was given out")
    return int(token)


def _check_values(call: Call) -> None:
    keys = _partition_keys(call)
    if keys is None:
        return
    for values in _values(call):
        if len(values) != keys:
            raise AwsError(
                "InvalidInputException",
                "The number of partition keys do not match the number of partition values: "
                f"{keys} keys, values {values}",
            )


def _partition_keys(call: Call) -> int | None:
    """Return how many partition keys the table has; None when there is no such table, which moto says."""
    with STORE_LOCK:
        databases = glue_backends[call.account_id][call.region].databases
        database = databases.get(text(call, "DatabaseName"))
        table = database.tables.get(text(call, "TableName")) if database is not None else None
        return None if table is None else len(table.as_dict().get("PartitionKeys") or [])


def _values(call: Call) -> Iterator[list[str]]:
    asked = call.parameters
    inputs = [*(asked.get("PartitionInputList") or []), *(asked.get("PartitionsToGet") or [])]
    inputs += asked.get("PartitionsToDelete") or []
    for entry in asked.get("Entries") or []:
        inputs.append(entry.get("PartitionInput") or {})
        yield entry.get("PartitionValueList") or []
    if "PartitionInput" in asked:
        inputs.append(asked["PartitionInput"])
    yield from (each.get("Values") or [] for each in inputs)
    yield from (asked[name] for name in ("PartitionValues", "PartitionValueList") if name in asked)


def _invalid(problem: str) -> AwsError:
    return AwsError("ValidationException", f"1 validation error detected: {problem}")
