"""Which operation is this request: the signature's service, then the operation and its parameters by botocore's models.

Signatures are read, not verified: whoever knows a user's access key, or a session's key and token, is its owner.
Requests are matched as the service's protocol says: X-Amz-Target (Athena, Glue, KMS), Action (STS, IAM), method and URI
template with query keys (S3, QuickSight). Buckets are addressed by path only.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs

from moto.core.parse import PROTOCOL_PARSERS, RequestParserError
from moto.core.routing import get_service_router
from moto.core.utils import get_service_model
from werkzeug.exceptions import NotFound

from local_aws.calls import AwsError

if TYPE_CHECKING:
    from moto.core.request import Request

SERVICES = ("s3", "sts", "iam", "athena", "glue", "kms", "quicksight")
SCOPE = re.compile(r"Credential=([^/,\s]+)/\d{8}/([^/]+)/([^/]+)/aws4_request")
SESSION_HEADER = "X-Amz-Security-Token"
TARGETS = {"AmazonAthena": "athena", "AWSGlue": "glue", "TrentService": "kms"}
UNKNOWN = "(unknown)"

# Of S3's requests only these have a body that says what is asked for; an object's bytes are left where they are.
S3_BODIES = frozenset({"DeleteObjects", "PutBucketPolicy"})


@dataclass(frozen=True)
class Signature:
    """What a request's credential scope says."""

    access_key: str
    region: str
    service: str
    token: str = ""


@dataclass(frozen=True)
class Asked:
    """An operation of a service's model with the parameters of this request, named as in the API reference."""

    model: Any
    parameters: dict[str, Any]

    @property
    def operation(self) -> str:
        """The operation's name as in the API reference."""
        return str(self.model.name)


def signature_of(request: Request) -> Signature | None:
    """Read the credential scope of the Authorization header or of a presigned URL; None for an unsigned request."""
    text, token = request.headers.get("Authorization", ""), request.headers.get(SESSION_HEADER, "")
    if not text and "X-Amz-Credential" in request.args:
        text, token = (
            f"Credential={request.args['X-Amz-Credential']}",
            request.args.get(SESSION_HEADER, ""),
        )
    scope = SCOPE.search(text)
    return Signature(scope[1], scope[2], scope[3], token) if scope else None


def not_signed(request: Request) -> AwsError:
    """Return the refusal of a request without a signature; Signature Version 2 is none for buckets of today."""
    if "AWSAccessKeyId" in request.args or request.headers.get("Authorization", "").startswith("AWS "):
        message = (
            "The authorization mechanism you have provided is not supported. Please use AWS4-HMAC-SHA256."
        )
        return AwsError("InvalidRequest", message)
    return AwsError("MissingAuthenticationToken", "Request is missing Authentication Token", 403)


def service_of_unsigned(request: Request) -> str:
    """Guess which service an unsigned request is for, so that it is refused in that service's protocol."""
    if target := request.headers.get("X-Amz-Target"):
        return next((name for prefix, name in TARGETS.items() if target.startswith(prefix)), "athena")
    if (request.content_type or "").startswith("application/x-www-form-urlencoded"):
        return "sts"
    return "quicksight" if request.path.startswith("/accounts/") else "s3"


def read_request(service: str, request: Request) -> Asked:
    """Match a request to the service's operation and parse its parameters; AwsError("NotImplemented") if none fits."""
    if service not in SERVICES:
        raise not_supported(service, _named_operation(request))
    _refuse_ambiguous(service, request)
    try:
        model, uri_parameters = get_service_router(service).match(request)
    except (NotFound, NotImplementedError) as error:
        raise not_supported(service, _named_operation(request)) from error
    return Asked(model, _parameters(service, model, uri_parameters, request))


def _refuse_ambiguous(service: str, request: Request) -> None:
    """Refuse what moto could read as another operation than the one that is authorized here.

    moto takes an `Action` from the query string, or from a body that looks like a form, before it looks elsewhere.
    """
    protocol = protocol_of(service)
    if protocol not in ("json", "query"):
        return
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    hidden_action = protocol == "json" and b"Action" in request.get_data() and "Action" in _as_form(request)
    if request.method != "POST" or request.query_string or is_form != (protocol == "query") or hidden_action:
        raise not_supported(service, f"{UNKNOWN}: not a plain request of the {protocol} protocol")


def _as_form(request: Request) -> dict[str, list[str]]:
    return parse_qs(request.get_data(as_text=True), keep_blank_values=True)


def not_supported(service: str, operation: str) -> AwsError:
    """Return the refusal of an operation that the local AWS does not know."""
    return AwsError("NotImplemented", f"The local AWS does not know {service}:{operation}", 501)


def protocol_of(service: str) -> str:
    """Return the wire protocol of a service that is here: json, query, rest-json or rest-xml."""
    return str(get_service_model(service).protocol)


def protocol_of_request(service: str, request: Request) -> str:
    """Return the protocol that a request is refused in, also when its service is not here."""
    if service in SERVICES:
        return protocol_of(service)
    return "query" if request.mimetype.endswith("form-urlencoded") else "json"


def _parameters(service: str, model: Any, uri_parameters: dict[str, Any], request: Request) -> dict[str, Any]:
    is_s3 = service == "s3"
    parser = PROTOCOL_PARSERS[protocol_of(service)](model)
    try:
        parsed: dict[str, Any] = parser.parse(
            {
                "method": request.method,
                "values": request.args if is_s3 else request.values,
                "headers": request.headers,
                "body": b"" if is_s3 and model.name not in S3_BODIES else request.get_data(),
                "url_path": request.path,
                "url_params": uri_parameters,
            }
        )
    except (RequestParserError, ValueError) as error:
        code = "MalformedXML" if is_s3 else "SerializationException"
        raise AwsError(code, f"{model.name}: {error}") from error
    return {name: value for name, value in parsed.items() if value is not None}


def _named_operation(request: Request) -> str:
    target = request.headers.get("X-Amz-Target", "")
    action = request.values.get("Action", "") if request.mimetype.endswith("form-urlencoded") else ""
    return target.rsplit(".", 1)[-1] or action or f"{request.method} {request.path}"
