"""The connection to one Maestro: credentials, retries, pages."""

import os
import time
from collections.abc import Iterator, Mapping
from typing import IO, Any
from urllib.parse import quote

import requests

from maestro.errors import NotSignedIn, error_of
from maestro_mlflow.credentials import access_token_for, current_server

#: Seconds to connect, and between two pieces of an answer.
_TIMEOUT_SECONDS = (10, 60)
_RETRIES_MAX = 4
_BACKOFF_SECONDS = 0.2
#: Longer than this nobody waits in a notebook: the refusal is raised instead.
_WAIT_SECONDS_MAX = 30.0
#: A gateway's too.
_UNAVAILABLE = (502, 503, 504)
_REPEATABLE = ("GET", "PUT", "DELETE")


def path_of(*segments: str) -> str:
    """A path below /api/v1; what a segment holds does not change where it leads."""
    for segment in segments:
        if segment in ("", ".", ".."):
            raise ValueError(f"expected a name or an id, got {segment!r}")
    return "/" + "/".join(quote(segment, safe="") for segment in segments)


def given(**fields: Any) -> dict[str, Any]:
    """What was said; None says nothing."""
    return {name: value for name, value in fields.items() if value is not None}


class _Token(requests.auth.AuthBase):
    """Sends the token, and so keeps requests from sending the password that .netrc has for the host."""

    def __init__(self, token: str):
        self._token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self._token}"
        return request


class Client:
    """One Maestro, as one caller. Safe to use by one thread at a time.

    `url` and `token` are found as the package says where they are not given; `tenant` is the slug of the tenant to act
    in, among the caller's (MLFLOW_WORKSPACE, else their own).
    """

    def __init__(self, url: str | None = None, token: str | None = None, tenant: str | None = None):
        found_url, found_token = _found()
        self.url = (url or found_url).rstrip("/")
        # What the environment has is for the address that it names, and is sent to no other.
        self._token = token or (found_token if self.url == found_url.rstrip("/") else None)
        self._tenant = tenant or os.environ.get("MLFLOW_WORKSPACE")
        if not self.url.startswith(("http://", "https://")):
            raise NotSignedIn(
                "Where is Maestro? Set MAESTRO_URL and MAESTRO_TOKEN, or run maestro login.", status=401
            )
        self._session = requests.Session()

    def _auth(self) -> _Token:
        token = self._token or access_token_for(self.url)
        if token is None:
            raise NotSignedIn(
                f"Nobody is signed in at {self.url}: set MAESTRO_TOKEN, or run maestro login --url {self.url}", status=401
            )
        return _Token(token)

    def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, Any] | None = None,
        body: Any = None,
        content: IO[bytes] | None = None,
        repeatable: bool | None = None,
        stream: bool = False,
    ) -> requests.Response:
        """Sends a request and gives its answer; raises MaestroError for a refusal.

        429 is repeated, for nothing was done. A broken connection and a server that is away (502, 503, 504) are repeated
        only where doing it twice is as doing it once: GET, PUT and DELETE, and what says `repeatable`.
        """
        safe = method in _REPEATABLE if repeatable is None else repeatable
        headers = {} if self._tenant is None else {"X-MLFLOW-WORKSPACE": self._tenant}
        if content is not None:
            headers["Content-Type"] = "application/octet-stream"
        begin = content.tell() if content is not None and content.seekable() else None
        attempt = 0
        while True:
            last = attempt == _RETRIES_MAX or (content is not None and begin is None)
            wait = _BACKOFF_SECONDS * 2**attempt
            attempt += 1
            try:
                response = self._session.request(
                    method,
                    f"{self.url}/api/v1{path}",
                    params=_texts(query or {}),
                    json=body,
                    data=content,
                    headers=headers,
                    auth=self._auth(),
                    # A redirect would carry the credential somewhere else.
                    allow_redirects=False,
                    timeout=_TIMEOUT_SECONDS,
                    verify=os.environ.get("MLFLOW_TRACKING_SERVER_CERT_PATH") or True,
                    stream=stream,
                )
            except (requests.ConnectionError, requests.Timeout):
                if last or not safe:
                    raise
            else:
                if 200 <= response.status_code < 300:
                    return response
                error = error_of(response.status_code, _json_in(response))
                after = _seconds_in(response.headers.get("Retry-After"))
                again = response.status_code == 429 or (safe and response.status_code in _UNAVAILABLE)
                # A 429 that names no time is a quota: waiting gives nothing.
                if last or not again or (response.status_code == 429 and after is None):
                    raise error
                wait = wait if after is None else after
                if wait > _WAIT_SECONDS_MAX:
                    raise error
            time.sleep(wait)
            if content is not None and begin is not None:
                content.seek(begin)

    def call(self, method: str, path: str, **request: Any) -> Any:
        """The JSON of an answer; None where it has no body."""
        response = self.send(method, path, **request)
        if response.status_code == 204 or not response.content:
            return None
        return response.json()

    def pages(self, method: str, path: str, fields: Mapping[str, Any], limit: int | None) -> Iterator[dict[str, Any]]:
        """The items of a list, a page at a time as they are asked for, up to `limit`."""
        left = limit
        token: str | None = None
        place = "query" if method == "GET" else "body"
        while left is None or left > 0:
            asked = {**fields, **given(page_token=token), "limit": 100 if left is None else min(left, 100)}
            page = self.call(method, path, repeatable=True, **{place: asked})
            yield from page["items"]
            token = page["next_page_token"]
            if token is None:
                return
            left = None if left is None else left - len(page["items"])


def _texts(query: Mapping[str, Any]) -> dict[str, Any]:
    return {name: str(value).lower() if isinstance(value, bool) else value for name, value in query.items()}


def _json_in(response: requests.Response) -> Any:
    try:
        return response.json()
    except ValueError:
        return None


def _seconds_in(text: str | None) -> float | None:
    """Retry-After in seconds; a date, which Maestro does not send, counts as none."""
    return float(text) if text is not None and text.isascii() and text.isdigit() else None


def _found() -> tuple[str, str | None]:
    """An address and its token belong together: the first that is named wins."""
    for url, token in (("MAESTRO_URL", "MAESTRO_TOKEN"), ("MLFLOW_TRACKING_URI", "MLFLOW_TRACKING_TOKEN")):
        if address := os.environ.get(url, "").strip():
            return address, os.environ.get(token) or None
    return current_server() or "", None


_client: Client | None = None


def connect(url: str | None = None, token: str | None = None, tenant: str | None = None) -> Client:
    """Chooses the Maestro that `maestro.projects` and the others use from here on."""
    global _client
    _client = Client(url, token, tenant)
    return _client


def client() -> Client:
    """The Maestro that is used; the environment's where none was chosen."""
    return _client or connect()
