"""Maestro's projects, predictions, library and process metrics, for notebooks and scripts.

    from maestro import insight, library, metrics, projects

Where Maestro is and what opens it: MAESTRO_URL and MAESTRO_TOKEN, else MLFLOW_TRACKING_URI and MLFLOW_TRACKING_TOKEN, else
the sign-in of `maestro login`; `maestro.connect` says otherwise.
"""

from maestro import insight, library, metrics, projects
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
from maestro.insight import predict

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
    "insight",
    "library",
    "metrics",
    "predict",
    "projects",
]
