"""A request to S3 is one operation: moto reads it once more, and must find in it what was authorized."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from moto.core.utils import get_service_model

from local_aws.calls import AwsError, Call
from local_aws.iam.s3_needs import copy_source

if TYPE_CHECKING:
    from moto.core.request import Request

COPY_SOURCE = "HTTP_X_AMZ_COPY_SOURCE"


def refuse_ambiguous(model: Any, request: Request) -> None:
    """Raise InvalidArgument for query keys of another operation than the one that was matched, or of two at once."""
    given = set(request.args)
    foreign = sorted((given & _selecting_keys()) - _keys_of(model))
    repeated = sorted(key for key in given if len(request.args.getlist(key)) > 1)
    if foreign or repeated:
        names = ", ".join(sorted({*foreign, *repeated, *_selecting_keys() & given}))
        raise AwsError("InvalidArgument", f"Conflicting query string parameters: {names}")


def write_copy_source(call: Call, environ: dict[str, Any]) -> None:
    """Write the header of a copy's source anew from what was authorized, so that moto can read nothing else in it."""
    if COPY_SOURCE not in environ:
        return
    if call.operation not in ("CopyObject", "UploadPartCopy"):
        raise AwsError("InvalidArgument", "x-amz-copy-source is not of this operation")
    bucket, key, version = copy_source(call)
    chosen = f"?versionId={quote(version, safe='')}" if version else ""
    environ[COPY_SOURCE] = f"{bucket}/{quote(key)}{chosen}"


@cache
def _selecting_keys() -> frozenset[str]:
    """The keys that tell S3's operations apart; `x-id` repeats an operation's name, and nobody reads it."""
    model = get_service_model("s3")
    operations = [model.operation_model(name) for name in model.operation_names]
    found = {key for operation in operations for key in _uri_keys(operation)}
    return frozenset((found | {"uploadId", "partNumber"}) - {"x-id"})


@cache
def _keys_of(model: Any) -> frozenset[str]:
    shape = model.input_shape
    members = shape.members.values() if shape is not None else ()
    named = {
        str(each.serialization["name"])
        for each in members
        if each.serialization.get("location") == "querystring"
    }
    return frozenset(named | _uri_keys(model))


def _uri_keys(model: Any) -> set[str]:
    return set(model.http_trait.query_args)
