"""The errors that QuickSight answers, with the status codes of its API."""

from __future__ import annotations

from local_aws.calls import AwsError

WORDS = {"DATA_SOURCE": "Data source", "DATA_SET": "Data set", "INGESTION": "Ingestion"}


def access_denied(message: str) -> AwsError:
    """Return the refusal of a caller without the right."""
    return AwsError("AccessDeniedException", message, 401)


def invalid(message: str) -> AwsError:
    """Return the refusal of a parameter's value."""
    return AwsError("InvalidParameterValueException", message, 400)


def unsupported(what: str) -> AwsError:
    """Return the refusal of what QuickSight could do and the local AWS does not emulate."""
    return invalid(f"{what} is not supported by the local AWS: it refuses what it cannot do as AWS does.")


def not_found(resource_type: str, name: str) -> AwsError:
    """Return the refusal for a missing resource of a type (DATA_SOURCE, DATA_SET or INGESTION)."""
    message = f"{WORDS[resource_type]} {name} is not found"
    return AwsError("ResourceNotFoundException", message, 404, ResourceType=resource_type)


def exists(resource_type: str, name: str) -> AwsError:
    """Return the refusal of an id that is taken."""
    message = f"{WORDS[resource_type]} {name} already exists"
    return AwsError("ResourceExistsException", message, 409, ResourceType=resource_type)


def conflict(message: str) -> AwsError:
    """Return the refusal of a change while another one is under way."""
    return AwsError("ConflictException", message, 409)


def limit_exceeded(resource_type: str, message: str) -> AwsError:
    """Return the refusal of what would exceed a quota."""
    return AwsError("LimitExceededException", message, 409, ResourceType=resource_type)


def bad_next_token() -> AwsError:
    """Return the refusal of a token that no earlier page gave out."""
    return AwsError("InvalidNextTokenException", "The NextToken is not valid.", 400)
