"""What mlflow asks for the credential of a request, where MLFLOW_TRACKING_AUTH is `maestro`."""

from mlflow.tracking.request_auth.abstract_request_auth_provider import RequestAuthProvider
from requests import PreparedRequest
from requests.auth import AuthBase

from maestro_mlflow.credentials import access_token_for


class MaestroAuth(AuthBase):
    """Sends the token of `maestro login` to the server that it is of, and to nobody else."""

    def __call__(self, request: PreparedRequest) -> PreparedRequest:
        # MLFLOW_TRACKING_TOKEN, say: who names a credential means it.
        if "Authorization" not in request.headers:
            token = access_token_for(request.url or "")
            if token is not None:
                request.headers["Authorization"] = f"Bearer {token}"
        return request


class MaestroAuthProvider(RequestAuthProvider):
    def get_name(self) -> str:
        return "maestro"

    def get_auth(self) -> MaestroAuth:
        return MaestroAuth()
