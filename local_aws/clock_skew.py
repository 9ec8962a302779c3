"""A request that was signed by a clock too far from this one is refused, as AWS does, in each service's own words.

S3 allows 15 minutes. For the others AWS documents five, and their answers name five or fifteen: here all have fifteen.
A presigned URL of S3 is good for as long as it says itself.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from local_aws.calls import AwsError
from local_aws.operations import protocol_of_request

if TYPE_CHECKING:
    from werkzeug.wrappers import Request

ALLOWED = timedelta(minutes=15)
FORM = "%Y%m%dT%H%M%SZ"
ISO = "%Y-%m-%dT%H:%M:%SZ"
LONGEST_SECONDS = 7 * 24 * 3600


def refuse_skewed(service: str, request: Request, now: datetime | None = None) -> None:
    """Compare the time of a signature with ours; a request that states none (its signature is not read) is let be.

    Raises AwsError: RequestTimeTooSkewed of S3, SignatureDoesNotMatch of STS and IAM, InvalidSignatureException else;
    AccessDenied for a presigned URL that has expired, or is not valid yet.
    """
    now = now or datetime.now(UTC)
    in_query = not request.headers.get("Authorization") and "X-Amz-Credential" in request.args
    if in_query and service == "s3":
        _refuse_expired(request, now)
        return
    signed = _time((request.args if in_query else request.headers).get("X-Amz-Date", ""))
    if signed is None or abs(now - signed) <= ALLOWED:
        return
    if service == "s3":
        members = {"RequestTime": signed.strftime(FORM), "ServerTime": now.isoformat()}
        message = "The difference between the request time and the current time is too large."
        raise AwsError("RequestTimeTooSkewed", message, 403, **members)
    is_query = protocol_of_request(service, request) == "query"
    code = "SignatureDoesNotMatch" if is_query else "InvalidSignatureException"
    raise AwsError(code, _message(signed, now), 403 if is_query or service == "quicksight" else 400)


def _refuse_expired(request: Request, now: datetime) -> None:
    """Compare a presigned URL's own time, and how long it is good for, with ours."""
    signed, given = _time(request.args.get("X-Amz-Date", "")), request.args.get("X-Amz-Expires", "")
    if signed is None or not (given.isascii() and given.isdigit() and 1 <= int(given) <= LONGEST_SECONDS):
        message = "X-Amz-Date must be a time, and X-Amz-Expires a number of seconds from 1 to 604800."
        raise AwsError("AuthorizationQueryParametersError", message)
    expires = signed + timedelta(seconds=int(given))
    if now > expires:
        members = {"X-Amz-Expires": given, "Expires": f"{expires:{ISO}}", "ServerTime": f"{now:{ISO}}"}
        raise AwsError("AccessDenied", "Request has expired", 403, **members)
    if signed - now > ALLOWED:
        raise AwsError("AccessDenied", "Request is not valid yet", 403)


def _time(text: str) -> datetime | None:
    try:
        return datetime.strptime(text, FORM).replace(tzinfo=UTC)
    except ValueError:
        return None


def _message(signed: datetime, now: datetime) -> str:
    if signed < now:
        limit = (now - ALLOWED).strftime(FORM)
        return f"Signature expired: {signed:{FORM}} is now earlier than {limit} ({now:{FORM}} - 15 min.)"
    limit = (now + ALLOWED).strftime(FORM)
    return f"Signature not yet current: {signed:{FORM}} is still later than {limit} ({now:{FORM}} + 15 min.)"
