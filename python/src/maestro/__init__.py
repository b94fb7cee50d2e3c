"""Maestro's projects, library and process metrics, for notebooks and scripts.

    from maestro import library, metrics, projects

Where Maestro is and what opens it: MAESTRO_URL and MAESTRO_TOKEN, else MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN, else
the sign-in of `maestro login`; `maestro.connect` says otherwise.
"""

from maestro import library, metrics, projects
from maestro.client import Client, connect
from maestro.errors import (
    AlreadyExists,
    ContentMismatch,
    InvalidParameter,
    LimitExceeded,
    MaestroError,
    NotFound,
    NotSignedIn,
    PermissionDenied,
    Unavailable,
)

__all__ = [
    "AlreadyExists",
    "Client",
    "ContentMismatch",
    "InvalidParameter",
    "LimitExceeded",
    "MaestroError",
    "NotFound",
    "NotSignedIn",
    "PermissionDenied",
    "Unavailable",
    "connect",
    "library",
    "metrics",
    "projects",
]
