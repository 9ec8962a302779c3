"""Results and errors as bytes, in the service's own protocol, so that boto3 reads them as it reads AWS's."""

from __future__ import annotations

import json
import uuid
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from moto.core.serialize import SerializationContext, get_serializer_class
from werkzeug.wrappers import Response

from local_aws.operations import protocol_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from local_aws.calls import AwsError
    from local_aws.operations import Asked

JSON_CODES = {
    "AccessDenied": "AccessDeniedException",
    "ExpiredToken": "ExpiredTokenException",
    "InvalidClientTokenId": "UnrecognizedClientException",
    "MissingAuthenticationToken": "MissingAuthenticationTokenException",
}
DENIED_STATUS = {"json": 400, "rest-json": 401}
# A session that is over: S3 answers 400, and QuickSight 403 as its other common errors, not 401 as a denial.
EXPIRED_STATUS = {"rest-xml": 400, "rest-json": 403}
S3_CODES = {"InvalidClientTokenId": "InvalidAccessKeyId", "MissingAuthenticationToken": "AccessDenied"}


def result_answer(service: str, asked: Asked, result: Mapping[str, Any]) -> Response:
    """Write an operation's result, shaped as in the API reference."""
    request_id = str(uuid.uuid4())
    serializer = get_serializer_class(service, protocol_of(service))(
        asked.model, SerializationContext(request_id)
    )
    written = serializer.serialize(result)
    status = _status_member(asked.model, result) or written["status_code"]
    return Response(written["body"], status, {**written["headers"], "x-amzn-RequestId": request_id})


def error_answer(protocol: str, error: AwsError, method: str) -> Response:
    """Write an error in a protocol; a HEAD request gets the status alone, as from S3."""
    request_id = str(uuid.uuid4())
    if error.code == "ExpiredToken":
        error.status = EXPIRED_STATUS.get(protocol, error.status)
    if protocol in ("json", "rest-json"):
        denied = EXPIRED_STATUS if error.code == "ExpiredToken" else DENIED_STATUS
        return _json_error(error, request_id, denied.get(protocol, DENIED_STATUS[protocol]))
    if method == "HEAD":
        return Response(b"", error.status, {"x-amz-request-id": request_id})
    body = _query_error(error, request_id) if protocol == "query" else _s3_error(error, request_id)
    return Response(body, error.status, {"x-amzn-RequestId": request_id}, content_type="text/xml")


def _json_error(error: AwsError, request_id: str, denied_status: int) -> Response:
    code = JSON_CODES.get(error.code, error.code)
    body = {"__type": code, "message": error.message, "Message": error.message, **error.members}
    status = denied_status if error.code in JSON_CODES else error.status
    headers = {"x-amzn-ErrorType": code, "x-amzn-RequestId": request_id}
    return Response(json.dumps(body, default=str), status, headers, content_type="application/json")


def _query_error(error: AwsError, request_id: str) -> str:
    return (
        f"<ErrorResponse><Error><Type>Sender</Type>{_elements({'Code': error.code, 'Message': error.message})}"
        f"</Error><RequestId>{request_id}</RequestId></ErrorResponse>"
    )


def _s3_error(error: AwsError, request_id: str) -> str:
    code = S3_CODES.get(error.code, error.code)
    members = {"Code": code, "Message": error.message, **error.members, "RequestId": request_id}
    return f'<?xml version="1.0" encoding="UTF-8"?>\n<Error>{_elements(members)}</Error>'


def _elements(members: Mapping[str, Any]) -> str:
    return "".join(f"<{name}>{escape(str(value))}</{name}>" for name, value in members.items())


def _status_member(model: Any, result: Mapping[str, Any]) -> int | None:
    """Return the member of a result that is the HTTP status itself (QuickSight's `Status`)."""
    members = model.output_shape.members if model.output_shape is not None else {}
    for name, shape in members.items():
        if shape.serialization.get("location") == "statusCode" and name in result:
            return int(result[name])
    return None
