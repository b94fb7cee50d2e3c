"""Makes `maestro` the request auth of mlflow where nothing else is chosen and somebody has signed in."""

import os

from mlflow.tracking.context.abstract_context import RunContextProvider

from maestro_mlflow.credentials import credentials_path


class SignInAsDefault(RunContextProvider):
    """Of all that plug-ins can be, mlflow makes these when it is imported. It adds nothing to any run.

    mlflow asks for MLFLOW_TRACKING_AUTH at each request, and knows no default of a plug-in's. Servers that nobody signed in
    to are none the wiser: MaestroAuth sends them nothing.
    """

    def __init__(self) -> None:
        if "MLFLOW_TRACKING_TOKEN" not in os.environ and credentials_path().exists():
            os.environ.setdefault("MLFLOW_TRACKING_AUTH", "maestro")

    def in_context(self) -> bool:
        return False

    def tags(self) -> dict[str, str]:
        return {}
