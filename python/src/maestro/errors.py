"""Refusals of Maestro, by the code of their problem details (RFC 9457)."""

from typing import Any

_PREFIX = "urn:maestro:error:"


class MaestroError(Exception):
    """What Maestro refused; `str` of it is the problem's detail."""

    def __init__(self, detail: str, *, status: int, code: str = "", field: str | None = None, request_id: str = ""):
        super().__init__(detail)
        self.status = status
        #: Such as `not_found`; empty where a proxy answered instead of Maestro.
        self.code = code
        #: The input field at fault, where there is one.
        self.field = field
        #: Names the request in the server's log.
        self.request_id = request_id


class InvalidParameter(MaestroError):
    """Something given is not what was expected; `field` names it."""


class NotSignedIn(MaestroError):
    """No credential, or one that is not good any more."""


class PermissionDenied(MaestroError):
    """The caller's role does not include it."""


class NotFound(MaestroError):
    """It does not exist, or the caller may not see it."""


class AlreadyExists(MaestroError):
    """There is one already, or it has content that stays."""


class LimitExceeded(MaestroError):
    """Too many requests, or more than the tenant may have."""


class Unavailable(MaestroError):
    """The server cannot answer now."""


class ContentMismatch(MaestroError):
    """What arrived is not the content that the version has: its SHA-256 is another one. Try again."""


_KINDS: dict[str, type[MaestroError]] = {
    "invalid_parameter": InvalidParameter,
    "unauthenticated": NotSignedIn,
    "permission_denied": PermissionDenied,
    "fresh_sign_in_required": PermissionDenied,
    "not_found": NotFound,
    "already_exists": AlreadyExists,
    "limit_exceeded": LimitExceeded,
    "unavailable": Unavailable,
}


def error_of(status: int, problem: Any) -> MaestroError:
    """The error of an answer; `problem` is its JSON, or anything else where a proxy answered."""
    said: dict[str, Any] = problem if isinstance(problem, dict) else {}
    kind = str(said.get("type", ""))
    code = kind[len(_PREFIX) :] if kind.startswith(_PREFIX) else ""
    return _KINDS.get(code, MaestroError)(
        str(said.get("detail") or f"Maestro answered with status {status}."),
        status=status,
        code=code,
        field=said.get("field"),
        request_id=str(said.get("request_id", "")),
    )
