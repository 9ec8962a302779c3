"""What S3 checks of a request's body and headers, and moto does not: digests, XML, ACLs."""

from __future__ import annotations

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.parsers import expat

from moto.core.utils import get_service_model

from local_aws.calls import AwsError, Call

if TYPE_CHECKING:
    from collections.abc import Mapping

# Of S3's bodies these are an object's bytes, or no XML.
NO_XML = frozenset({"PutObject", "UploadPart", "PutBucketPolicy"})
BODY_MAY_BE_EMPTY = frozenset({"CreateBucket"})
GRANTS = ("GrantFullControl", "GrantRead", "GrantReadACP", "GrantWrite", "GrantWriteACP")
OWNERS_ACL = "bucket-owner-full-control"
DIGESTS: dict[str, tuple[str, Callable[[bytes], bytes]]] = {
    "HTTP_CONTENT_MD5": ("Content-MD5", lambda body: hashlib.md5(body, usedforsecurity=False).digest()),
    "HTTP_X_AMZ_CHECKSUM_CRC32": ("CRC32", lambda body: zlib.crc32(body).to_bytes(4, "big")),
    "HTTP_X_AMZ_CHECKSUM_SHA1": (
        "SHA1",
        lambda body: hashlib.sha1(body, usedforsecurity=False).digest(),
    ),
    "HTTP_X_AMZ_CHECKSUM_SHA256": ("SHA256", lambda body: hashlib.sha256(body).digest()),
}


def check_body(call: Call, environ: Mapping[str, Any]) -> None:
    """Raise BadDigest for a body that is not what its headers say, and MalformedXML for one that is no XML."""
    body = environ["wsgi.input"].getvalue()
    if not _is_chunked(environ) and call.operation != "CompleteMultipartUpload":
        for name, (digest, digest_of) in DIGESTS.items():
            if name in environ and _decoded(environ[name]) != digest_of(body):
                raise AwsError("BadDigest", f"The {digest} you specified did not match what we received.")
    if is_xml(call) and (body or call.operation not in BODY_MAY_BE_EMPTY):
        _check_xml(call, body)


def is_xml(call: Call) -> bool:
    """Whether an operation's body is XML."""
    shape = get_service_model("s3").operation_model(call.operation).input_shape
    return call.operation not in NO_XML and shape is not None and "payload" in shape.serialization


def malformed_xml() -> AwsError:
    """Return the refusal of a body that S3 cannot read."""
    problem = "The XML you provided was not well-formed or did not validate against our published schema"
    return AwsError("MalformedXML", problem)


def check_acl(call: Call, *, acls_enabled: bool) -> None:
    """Raise AccessControlListNotSupported: unless they were enabled, a bucket has no ACLs but its owner's."""
    acl = str(call.parameters.get("ACL") or "")
    granted = any(call.parameters.get(name) for name in GRANTS)
    if call.operation == "CreateBucket":
        if (granted or acl not in ("", "private")) and "ObjectOwnership" not in call.parameters:
            problem = "Bucket cannot have ACLs set with ObjectOwnership's BucketOwnerEnforced setting"
            raise AwsError("InvalidBucketAclWithObjectOwnership", problem)
    elif not acls_enabled and (granted or acl not in ("", OWNERS_ACL)):
        raise AwsError("AccessControlListNotSupported", "The bucket does not allow ACLs")


def _is_chunked(environ: Mapping[str, Any]) -> bool:
    """Whether the body is sent in signed pieces, with its checksum behind them."""
    return str(environ.get("HTTP_X_AMZ_CONTENT_SHA256", "")).startswith("STREAMING-")


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError) as error:
        raise AwsError("InvalidDigest", f"The digest {value!r} is not valid.") from error


def _check_xml(call: Call, body: bytes) -> None:
    """The body is a document of the element that the operation's model names, with something in it."""
    names: list[str] = []
    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler = lambda name, _: names.append(name.rpartition(" ")[2])
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        raise malformed_xml() from error
    shape = get_service_model("s3").operation_model(call.operation).input_shape
    payload = shape.members[shape.serialization["payload"]].serialization
    if len(names) < 2 or names[0] != payload.get("name", names[0]):
        raise malformed_xml()
